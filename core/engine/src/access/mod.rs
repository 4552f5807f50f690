//! Who may do what. Rights are records of the installation's log, so that who got which, when and from whom, is hashed and
//! read as known at any position like everything else.
//!
//! A [`Caller`] is somebody who proved who they are: only this module makes one. What they may see comes out of
//! [`Caller::may`] as a [`Sight`], which the store limits every statement to.

mod change;
mod password;
mod proof;
mod secret;
mod user;

pub use change::{Issued, decide, issue_token, propose};
pub use proof::{Reading, Session, authenticate, authenticate_token, disclose, sign_in, sign_out, wages_in_sight};
pub use secret::Secret;
pub use user::{add_user, appoint, change_password, reset_password};

use chrono::{DateTime, Utc};
use recoup_model::Digest;
use recoup_model::access::{DecisionFault, Grant, Permission, Role, Sight, User, sight};
use recoup_model::id::{LedgerId, UserId};
use recoup_model::record::Ledger;
use recoup_store::{Appended, CommandMeta, EVERYTHING as NOW, Store, StoreError, Tx, View, Written};
use serde::Serialize;

use crate::EngineError;
use crate::facts::{By, Once};

/// Why access, or a change of it, is refused.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Wrong login or password; which of them is not said.
    #[error("login and password do not belong together, or the user is shut out: try again, or ask an administrator")]
    Denied,
    /// Their first password, which somebody else knows.
    #[error("somebody else gave you this password: change it before anything else")]
    GivenPassword,
    /// No such token.
    #[error("the token is not known, has expired or was revoked: ask an administrator for a new one")]
    Token,
    /// Not their right.
    #[error("`{login}` may not {what}: ask two administrators for the right")]
    Forbidden {
        /// Who.
        login: String,
        /// What.
        what: &'static str,
    },
    /// A purpose that says nothing.
    #[error("wages are shown to you for a stated purpose only: say what for")]
    Purpose,
    /// The machine appoints no more.
    #[error("there are two administrators, who decide from here on: let one of them add the user and propose the right")]
    Appointed,
    /// A login that is none.
    #[error("`{0}` is no login: use up to 64 letters, digits, dots, hyphens and underscores")]
    Login(String),
    /// Somebody has it.
    #[error("the login `{0}` is taken: choose another one")]
    LoginTaken(String),
    /// A password that is soon guessed.
    #[error("a password needs at least {min} characters: choose a longer one")]
    Password {
        /// How many.
        min: usize,
    },
    /// Nothing of that id.
    #[error("there is no such {0}: look it up in the list")]
    Unknown(&'static str),
    /// Two roles that one person must not have.
    #[error("whoever is {held} cannot be {wanted} as well: choose another person, or have the other right revoked first")]
    Exclusive {
        /// What they are.
        held: &'static str,
        /// What they shall be.
        wanted: &'static str,
    },
    /// A right for something that it cannot be for.
    #[error("an administrator is one for the whole installation, and a unit is one of a ledger: name neither, or both")]
    Scope,
    /// A change that changes nothing.
    #[error("nothing would change: {0}")]
    Nothing(&'static str),
    /// Asked twice.
    #[error("the same change is asked for already: decide on proposal {0}")]
    Pending(recoup_model::id::ProposalId),
    /// It is no longer what was asked for.
    #[error("what the proposal builds on has changed since: reject it and ask again")]
    Changed,
    /// A date that has passed.
    #[error("the token would expire at {0}, which has passed: choose a later moment")]
    Expired(DateTime<Utc>),
    /// A move that is not legal.
    #[error(transparent)]
    Decision(#[from] DecisionFault),
    /// The system gives no random numbers, or the hash cannot be computed.
    #[error("the password or token could not be made: {0}; try again")]
    Crypto(String),
}

impl AccessError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied => "access.denied",
            Self::GivenPassword => "access.given_password",
            Self::Token => "access.token",
            Self::Forbidden { .. } => "access.forbidden",
            Self::Purpose => "access.purpose",
            Self::Appointed => "access.appointed",
            Self::Login(_) => "access.login",
            Self::LoginTaken(_) => "access.login_taken",
            Self::Password { .. } => "access.password",
            Self::Unknown(_) => "access.unknown",
            Self::Exclusive { .. } => "access.exclusive_roles",
            Self::Scope => "access.scope",
            Self::Nothing(_) => "access.nothing",
            Self::Pending(_) => "access.pending",
            Self::Changed => "access.changed",
            Self::Expired(_) => "access.expired",
            Self::Decision(fault) => fault.code(),
            Self::Crypto(_) => "access.crypto",
        }
    }
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// By their password, now or when they signed in.
    Password,
    /// By a token that was issued for a program.
    Token,
}

/// Somebody who proved who they are, with the rights they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    user: UserId,
    login: String,
    grants: Vec<Grant>,
    proof: Proof,
    until: Option<DateTime<Utc>>,
}

impl Caller {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// As the log names actors.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }

    /// Whether their proof still holds at a moment, for all that is known of it.
    #[must_use]
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| at < until)
    }

    /// What of a ledger the permission is had for; what concerns the installation is asked for without a ledger. Wages need
    /// [`disclose`], which asks for the purpose and records the reading.
    #[must_use]
    pub fn may(&self, permission: Permission, ledger: Option<LedgerId>) -> Option<Sight> {
        self.may_for(permission, ledger, false)
    }

    /// Likewise, with or without a stated purpose. Rights are changed and requests decided by people, never by a program in
    /// their name: whoever had a token issued for another one knows its secret, and would be two.
    #[must_use]
    pub fn may_for(&self, permission: Permission, ledger: Option<LedgerId>, purpose: bool) -> Option<Sight> {
        match (permission, self.proof) {
            (Permission::ManageAccess | Permission::Approve, Proof::Token) => None,
            _ => sight(&self.grants, permission, ledger, purpose),
        }
    }

    /// The same caller with the rights known now: what they were a moment ago does not count. None when shut out.
    fn now(&self, view: &mut View<'_>) -> Result<Option<Self>, StoreError> {
        Ok(Self::known(view, self.user, self.proof)?.map(|known| Self { until: self.until, ..known }))
    }

    /// A user with the rights known now, unless shut out.
    fn of(view: &mut View<'_>, user: &User, proof: Proof) -> Result<Option<Self>, StoreError> {
        if user.disabled {
            return Ok(None);
        }
        let grants = view.grants(Some(&[user.id]), NOW)?;
        Ok(Some(Self { user: user.id, login: user.login.clone(), grants, proof, until: None }))
    }

    /// The user with an id, likewise.
    fn known(view: &mut View<'_>, id: UserId, proof: Proof) -> Result<Option<Self>, StoreError> {
        match view.users(Some(&[id]), NOW)?.into_iter().next() {
            Some((user, _)) => Self::of(view, &user, proof),
            None => Ok(None),
        }
    }

    fn forbidden(&self, what: &'static str) -> AccessError {
        AccessError::Forbidden { login: self.login.clone(), what }
    }
}

/// Demands that the caller is an administrator now.
fn administrator(view: &mut View<'_>, caller: &Caller, what: &'static str) -> Result<(), EngineError> {
    let now = caller.now(view)?.and_then(|c| c.may(Permission::ManageAccess, None));
    now.map(drop).ok_or_else(|| caller.forbidden(what).into())
}

/// Demands that a caller has a permission for all of a ledger now.
pub(crate) fn demand(store: &mut Store, caller: &Caller, permission: Permission, ledger: LedgerId, what: &'static str) -> Result<(), EngineError> {
    let now = store.read::<_, StoreError>(Ledger::installation(), |view| caller.now(view))?;
    let sight = now.and_then(|caller| caller.may(permission, Some(ledger)));
    if sight == Some(Sight::Everything) { Ok(()) } else { Err(caller.forbidden(what).into()) }
}

/// Whoever asked for long work, with the rights they have when it is done. As with a token, nothing is decided in their name.
///
/// # Errors
/// They are shut out by now; the store fails.
pub fn asker(store: &mut Store, login: &str) -> Result<Caller, EngineError> {
    let found = store.read::<_, StoreError>(Ledger::installation(), |view| Caller::known(view, User::id_of(login), Proof::Token))?;
    Ok(found.ok_or_else(|| AccessError::Forbidden { login: login.to_owned(), what: "have long work done" })?)
}

/// Whether a user still has a permission for all of a ledger.
pub(crate) fn still_may(store: &mut Store, user: UserId, permission: Permission, ledger: LedgerId) -> Result<bool, EngineError> {
    let known = store.read::<_, StoreError>(Ledger::installation(), |view| Caller::known(view, user, Proof::Password))?;
    Ok(known.and_then(|caller| caller.may(permission, Some(ledger))) == Some(Sight::Everything))
}

/// The first of some logins that nobody has.
pub(crate) fn unknown_login(store: &mut Store, logins: impl Iterator<Item = impl AsRef<str>>) -> Result<Option<String>, EngineError> {
    let users = store.read::<_, StoreError>(Ledger::installation(), |view| view.users(None, NOW))?;
    let logins = logins.map(|login| login.as_ref().to_owned());
    Ok(logins.into_iter().find(|login| !users.iter().any(|(user, _)| user.login == *login)))
}

/// How many administrators are not shut out.
fn administrators(view: &mut View<'_>) -> Result<usize, StoreError> {
    let users = view.users(None, NOW)?;
    let grants = view.grants(None, NOW)?;
    let holds = |user: &User| grants.iter().any(|g| g.user == user.id && g.role == Role::Administrator && !g.revoked);
    Ok(users.iter().filter(|(user, _)| !user.disabled && holds(user)).count())
}

/// When something is done, and under which key, where a repetition must have no effect of its own.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    at: DateTime<Utc>,
    once: Option<Once<'a>>,
}

impl From<DateTime<Utc>> for At<'_> {
    fn from(at: DateTime<Utc>) -> Self {
        Self { at, once: None }
    }
}

impl<'a> From<By<'a>> for At<'a> {
    fn from(by: By<'a>) -> Self {
        Self { at: by.at, once: by.once }
    }
}

/// Runs one command of the installation's log, once for each key: its position, and what came of it unless it is repeated.
fn command_once<T>(
    store: &mut Store,
    actor: &str,
    kind: &str,
    input: &impl Serialize,
    at: At<'_>,
    build: impl FnOnce(&mut Tx<'_>) -> Result<T, EngineError>,
) -> Result<(Option<T>, i64), EngineError> {
    let Some(Once { key, input }) = at.once else {
        let (done, appended) = command(store, actor, kind, input, at.at, build)?;
        return Ok((Some(done), appended.position));
    };
    let meta = CommandMeta { kind: kind.to_owned(), input, actor: actor.to_owned(), recorded_at: at.at };
    Ok(match store.transact_once(Ledger::installation(), key, &meta, build)? {
        Written::Done(done, appended) => (Some(done), appended.position),
        Written::Replayed(appended) => (None, appended.position),
    })
}

/// Runs one command of the installation's log.
fn command<T>(
    store: &mut Store,
    actor: &str,
    kind: &str,
    input: &impl Serialize,
    at: DateTime<Utc>,
    build: impl FnOnce(&mut Tx<'_>) -> Result<T, EngineError>,
) -> Result<(T, Appended), EngineError> {
    let input: Digest = recoup_store::content_of(input)?;
    let meta = CommandMeta { kind: kind.to_owned(), input, actor: actor.to_owned(), recorded_at: at };
    store.transact(Ledger::installation(), &meta, build)
}
