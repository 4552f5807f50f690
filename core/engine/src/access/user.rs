//! Users, and the administrators that the machine appoints.

use chrono::{DateTime, Utc};
use recoup_model::access::{ApiToken, Grant, Role, User};
use recoup_model::id::UserId;
use recoup_model::party::Personal;
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_store::{EVERYTHING as NOW, Store, Tx, View};

use super::proof::owner;
use super::{AccessError, At, Caller, administrator, administrators, command, command_once, password};
use crate::EngineError;

/// Every change of rights takes two administrators, so whoever has the machine appoints the first two, and nobody after.
const APPOINTED_MAX: usize = 2;

/// Adds a user who is an administrator: only on the machine, and only while there are fewer than two.
///
/// # Errors
/// [`AccessError::Appointed`]; otherwise as [`add_user`].
pub fn appoint(store: &mut Store, login: &str, name: Option<&str>, secret: &str, actor: &str, at: DateTime<Utc>) -> Result<UserId, EngineError> {
    let hash = password::hash(secret)?;
    let ((id, ()), _) = command(store, actor, "appoint-administrator", &login, at, |tx| {
        if administrators(tx)? >= APPOINTED_MAX {
            return Err(AccessError::Appointed.into());
        }
        let id = add(tx, login, name, hash, false)?;
        Ok((id, tx.append(&[Record::Grant(Grant::new(id, Role::Administrator, None, None)).into()])?))
    })?;
    Ok(id)
}

/// Adds a user without any right, who has to change their password before anything else. Answers with the position that
/// recorded it, and whether the request is not repeated.
///
/// # Errors
/// The caller is no administrator, the login is none or taken, the password too short.
pub fn add_user<'a>(
    store: &mut Store,
    caller: &Caller,
    login: &str,
    name: Option<&str>,
    secret: &str,
    at: impl Into<At<'a>>,
) -> Result<(i64, bool), EngineError> {
    let hash = password::hash(secret)?;
    let (done, position) = command_once(store, &caller.login, "add-user", &login, at.into(), |tx| {
        administrator(tx, caller, "add users")?;
        add(tx, login, name, hash, true)
    })?;
    Ok((position, done.is_some()))
}

/// Gives oneself another password: whoever added a user knows the first one. Whoever is signed in by the old one no longer is.
///
/// # Errors
/// The old password is wrong, or the new one too short or the old one.
pub fn change_password(store: &mut Store, login: &str, old: &str, new: &str, at: DateTime<Utc>) -> Result<(), EngineError> {
    let owner = store.read(Ledger::installation(), |view| owner(view, login, old))?;
    if old == new {
        return Err(AccessError::Nothing("the new password is the old one").into());
    }
    let hash = password::hash(new)?;
    let login = owner.caller.login.clone();
    command(store, &login, "change-password", &login, at, |tx| {
        let (user, personal) = owner.unchanged(tx)?;
        give(tx, User { password_given: false, ..user }, personal, hash, at)
    })?;
    Ok(())
}

/// Gives somebody who lost theirs a first password again, which they have to change before anything else: only on the machine.
/// Whoever is signed in as them no longer is. The installation's log says that it was done.
///
/// # Errors
/// There is no such user, or the password is too short.
pub fn reset_password(store: &mut Store, login: &str, secret: &str, actor: &str, at: DateTime<Utc>) -> Result<(), EngineError> {
    let hash = password::hash(secret)?;
    command(store, actor, "reset-password", &login, at, |tx| {
        let (user, personal) = user_of(tx, User::id_of(login))?;
        give(tx, User { password_given: true, ..user }, personal, hash, at)
    })?;
    Ok(())
}

/// A user has another password, and is signed in nowhere.
fn give(tx: &mut Tx<'_>, user: User, personal: Personal, hash: String, at: DateTime<Utc>) -> Result<(), EngineError> {
    let sessions = tx.tokens(Some(&[user.id]), NOW)?.into_iter().filter(|t| t.session && t.holds(at));
    let ended: Vec<Leaf> = sessions.map(|t| Record::ApiToken(ApiToken { revoked: true, ..t }).into()).collect();
    tx.append(&[Leaf::with(Record::User(user), Personal { password: Some(hash), ..personal })])?;
    Ok(tx.append(&ended)?)
}

/// A user as they are now, and what is personal about them.
pub(super) fn user_of(view: &mut View<'_>, id: UserId) -> Result<(User, Personal), EngineError> {
    let (user, personal) = view.users(Some(&[id]), NOW)?.into_iter().next().ok_or(AccessError::Unknown("user"))?;
    Ok((user, personal.unwrap_or_default()))
}

fn add(tx: &mut Tx<'_>, login: &str, name: Option<&str>, hash: String, password_given: bool) -> Result<UserId, EngineError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if login.is_empty() || login.len() > 64 || !login.chars().all(fits) {
        return Err(AccessError::Login(login.to_owned()).into());
    }
    let user = User { id: User::id_of(login), login: login.to_owned(), disabled: false, password_given };
    if !tx.users(Some(&[user.id]), NOW)?.is_empty() {
        return Err(AccessError::LoginTaken(login.to_owned()).into());
    }
    let personal = Personal { name: name.map(str::to_owned), password: Some(hash), ..Personal::default() };
    let id = user.id;
    tx.append(&[Leaf::with(Record::User(user), personal)])?;
    Ok(id)
}
