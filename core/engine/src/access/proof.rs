//! Proving who one is, and the record of what was shown.

use chrono::{DateTime, Duration, Utc};
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Disclosure, Permission, Sight, User};
use recoup_model::id::{LedgerId, TokenId};
use recoup_model::party::Personal;
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, Store, Tx, View};
use uuid::Uuid;

use super::secret::Secret;
use super::user::user_of;
use super::{AccessError, At, Caller, Proof, command, command_once, password};
use crate::EngineError;

/// Who a login and a password belong to.
///
/// # Errors
/// [`AccessError::Denied`], whichever of the two is wrong, and after the same work; [`AccessError::GivenPassword`].
pub fn authenticate(store: &mut Store, login: &str, password: &str) -> Result<Caller, EngineError> {
    store.read(Ledger::installation(), |view| Ok(owner(view, login, password)?.own()?.caller))
}

/// Who a password belongs to.
pub(super) struct Owner {
    pub caller: Caller,
    user: User,
    personal: Personal,
}

impl Owner {
    /// Unless the password is one that somebody else gave them.
    fn own(self) -> Result<Self, AccessError> {
        if self.user.password_given { Err(AccessError::GivenPassword) } else { Ok(self) }
    }

    /// The user and what is personal about them, under the lock: unless either changed since the password was checked,
    /// which takes too long to be done there.
    pub(super) fn unchanged(self, tx: &mut Tx<'_>) -> Result<(User, Personal), EngineError> {
        let now = user_of(tx, self.user.id)?;
        if now == (self.user, self.personal) { Ok(now) } else { Err(AccessError::Denied.into()) }
    }
}

/// Who a login and a password belong to, also while the password is one that somebody else gave them.
pub(super) fn owner(view: &mut View<'_>, login: &str, password: &str) -> Result<Owner, EngineError> {
    let found = view.users(Some(&[User::id_of(login)]), NOW)?.into_iter().next();
    let hash = found.as_ref().and_then(|(_, personal)| personal.as_ref()?.password.as_deref());
    let right = password::verify(password, hash);
    let Some((user, personal)) = found.filter(|_| right) else { return Err(AccessError::Denied.into()) };
    let caller = Caller::of(view, &user, Proof::Password)?.ok_or(AccessError::Denied)?;
    Ok(Owner { caller, user, personal: personal.unwrap_or_default() })
}

/// What somebody shows after they signed in, instead of their password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The secret of its token.
    pub secret: Secret,
    /// Until when it is accepted.
    pub expires_at: DateTime<Utc>,
}

/// Signs somebody in: their password once, and then a token for a short time. It is a token of the installation's log, so
/// that every process accepts it, and the log says who was signed in when.
///
/// # Errors
/// As [`authenticate`].
pub fn sign_in(store: &mut Store, login: &str, password: &str, lasts: Duration, at: DateTime<Utc>) -> Result<Session, EngineError> {
    let owner = store.read::<_, EngineError>(Ledger::installation(), |view| Ok(owner(view, login, password)?.own()?))?;
    let (user, login) = (owner.caller.user, owner.caller.login.clone());
    let secret = Secret::new()?;
    let expires_at = at + lasts;
    let id = TokenId(Uuid::now_v7());
    let token = ApiToken { id, user, label: "signed in".to_owned(), secret: secret.digest(), expires_at, revoked: false, session: true };
    command(store, &login, "sign-in", &id, at, |tx| {
        owner.unchanged(tx)?;
        Ok(tx.append(&[Record::ApiToken(token).into()])?)
    })?;
    Ok(Session { secret, expires_at })
}

/// Ends a session, by its token. Whoever repeats the request shows a token that is accepted no longer, and is answered alike.
///
/// # Errors
/// [`AccessError::Token`] when it is none that is accepted, [`AccessError::Nothing`] when it is a program's.
pub fn sign_out<'a>(store: &mut Store, secret: &str, at: impl Into<At<'a>>) -> Result<(), EngineError> {
    let (digest, at) = (Digest::of(secret.as_bytes()), at.into());
    let login = store.read::<_, EngineError>(Ledger::installation(), |view| {
        let token = view.token_with(digest)?.ok_or(AccessError::Token)?;
        Ok(user_of(view, token.user)?.0.login)
    })?;
    command_once(store, &login, "sign-out", &digest, at, |tx| {
        let token = tx.token_with(digest)?.filter(|t| t.holds(at.at)).ok_or(AccessError::Token)?;
        if user_of(tx, token.user)?.0.disabled {
            return Err(AccessError::Token.into());
        }
        if !token.session {
            return Err(AccessError::Nothing("a program's token is revoked by two administrators").into());
        }
        Ok(tx.append(&[Record::ApiToken(ApiToken { revoked: true, ..token }).into()])?)
    })?;
    Ok(())
}

/// Who a token acts for. It is looked up by the digest of its secret: how long that takes says nothing of the secret.
///
/// # Errors
/// [`AccessError::Token`] when it is unknown, has expired or was revoked, or its user is shut out.
pub fn authenticate_token(store: &mut Store, secret: &str, at: DateTime<Utc>) -> Result<Caller, EngineError> {
    let digest = Digest::of(secret.as_bytes());
    store.read(Ledger::installation(), |view| {
        let Some(token) = view.token_with(digest)?.filter(|token| token.holds(at)) else { return Err(AccessError::Token.into()) };
        let proof = if token.session { Proof::Password } else { Proof::Token };
        let caller = Caller::known(view, token.user, proof)?.ok_or(AccessError::Token)?;
        Ok(Caller { until: Some(token.expires_at), ..caller })
    })
}

/// A reading of wages: of which ledger, of what, and what for.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Of which ledger.
    pub ledger: LedgerId,
    /// Of what, such as `wage-months`.
    pub what: &'a str,
    /// What for, where it is said.
    pub purpose: Option<&'a str>,
}

impl<'a> Reading<'a> {
    /// A purpose that says something.
    fn stated(self) -> Option<&'a str> {
        self.purpose.map(str::trim).filter(|p| !p.is_empty())
    }

    /// What of the wages is in sight of a caller now.
    fn sight(self, view: &mut View<'_>, caller: &Caller) -> Result<Sight, EngineError> {
        let now = caller.now(view)?.ok_or_else(|| caller.forbidden("read wages"))?;
        let opened = |stated| now.may_for(Permission::ReadSensitive, Some(self.ledger), stated);
        match (opened(self.stated().is_some()), opened(true)) {
            (Some(seen), _) => Ok(seen),
            (None, Some(_)) => Err(AccessError::Purpose.into()),
            (None, None) => Err(caller.forbidden("read wages").into()),
        }
    }
}

/// What of a ledger's wages is in sight of a caller now. What is found there is shown to nobody before [`disclose`] has
/// recorded whose it is.
///
/// # Errors
/// [`AccessError::Purpose`] where one must be stated, [`AccessError::Forbidden`].
pub fn wages_in_sight(store: &mut Store, caller: &Caller, reading: Reading<'_>) -> Result<Sight, EngineError> {
    store.read(Ledger::installation(), |view| reading.sight(view, caller))
}

/// Records that wages of people, by their staff numbers, are about to be shown to a caller, out of what was in their sight.
///
/// # Errors
/// As [`wages_in_sight`]: also when less is in their sight by now.
pub fn disclose(store: &mut Store, caller: &Caller, reading: Reading<'_>, seen: &Sight, persons: Vec<String>, at: DateTime<Utc>) -> Result<(), EngineError> {
    let (what, purpose) = (reading.what.to_owned(), reading.stated().map(str::to_owned));
    let disclosure = Disclosure { user: caller.user, ledger: reading.ledger, what, purpose, persons };
    command(store, &caller.login, "disclose", &disclosure, at, |tx| {
        if !reading.sight(tx, caller)?.covers(seen) {
            return Err(caller.forbidden("read wages").into());
        }
        Ok(tx.append(&[Record::Disclosure(disclosure.clone()).into()])?)
    })?;
    Ok(())
}
