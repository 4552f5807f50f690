//! Proving who one is, and the record of what was shown.

use chrono::{DateTime, Utc};
use recoup_model::Digest;
use recoup_model::access::{Disclosure, Permission, Sight, User, sight};
use recoup_model::id::LedgerId;
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, Store};

use super::{AccessError, Caller, command, password};
use crate::EngineError;

/// Who a login and a password belong to.
///
/// # Errors
/// [`AccessError::Denied`], whichever of the two is wrong, and after the same work.
pub fn authenticate(store: &mut Store, login: &str, password: &str) -> Result<Caller, EngineError> {
    store.read(Ledger::installation(), |view| {
        let found = view.users(Some(&[User::id_of(login)]), NOW)?.into_iter().next();
        let hash = found.as_ref().and_then(|(_, personal)| personal.as_ref()?.password.as_deref());
        let right = password::verify(password, hash);
        let caller = match found.filter(|_| right) {
            Some((user, _)) => Caller::of(view, &user)?,
            None => None,
        };
        caller.ok_or_else(|| AccessError::Denied.into())
    })
}

/// Who a token acts for. It is looked up by the digest of its secret: how long that takes says nothing of the secret.
///
/// # Errors
/// [`AccessError::Token`] when it is unknown, has expired or was revoked, or its user is shut out.
pub fn authenticate_token(store: &mut Store, secret: &str, at: DateTime<Utc>) -> Result<Caller, EngineError> {
    let digest = Digest::of(secret.as_bytes());
    store.read(Ledger::installation(), |view| {
        let caller = match view.token_with(digest)?.filter(|token| token.holds(at)) {
            Some(token) => Caller::known(view, token.user)?,
            None => None,
        };
        caller.ok_or_else(|| AccessError::Token.into())
    })
}

/// Lets a caller see wages of a ledger: records who sees what and what for, and only then says what is in sight.
///
/// # Errors
/// [`AccessError::Purpose`] where one must be stated, [`AccessError::Forbidden`].
pub fn disclose(store: &mut Store, caller: &Caller, ledger: LedgerId, what: &str, purpose: Option<&str>, at: DateTime<Utc>) -> Result<Sight, EngineError> {
    let purpose = purpose.map(str::trim).filter(|p| !p.is_empty());
    let opened = |stated| sight(&caller.grants, Permission::ReadSensitive, Some(ledger), stated);
    let Some(seen) = opened(purpose.is_some()) else {
        return Err(match opened(true) {
            Some(_) => AccessError::Purpose.into(),
            None => AccessError::Forbidden { login: caller.login.clone(), what: "read wages" }.into(),
        });
    };
    let disclosure = Disclosure { user: caller.user, ledger, what: what.to_owned(), purpose: purpose.map(str::to_owned) };
    command(store, &caller.login, "disclose", &disclosure, at, |tx| Ok(tx.append(&[Record::Disclosure(disclosure.clone()).into()])?))?;
    Ok(seen)
}
