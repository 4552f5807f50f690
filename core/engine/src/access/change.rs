//! Changes of rights, and of the keys that plugins are trusted by: one administrator asks, another decides, and what was
//! asked for is what is done.

use chrono::{DateTime, Utc};
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Change, Decision, Grant, Permission, Proposal, ProposalState, TrustedKey, User, Verdict, exclusive};
use recoup_model::id::{GrantId, KeyId, ProposalId, TokenId, UserId};
use recoup_model::record::{Leaf, Record};
use recoup_store::{EVERYTHING as NOW, Store, View, content_of};
use uuid::Uuid;

use super::secret::Secret;
use super::user::user_of;
use super::{AccessError, At, Caller, Proof, administrator, command_once};
use crate::EngineError;

/// What callers are told that they may not do.
const CHANGE: &str = "change rights";

/// A token that is accepted once its proposal is approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The token.
    pub token: TokenId,
    /// Its secret; none when the request is repeated, for it is kept nowhere.
    pub secret: Option<Secret>,
    /// What another administrator has to approve.
    pub proposal: ProposalId,
    /// The position that recorded it.
    pub position: i64,
}

/// Asks for a token for a user.
///
/// # Errors
/// As [`propose`].
pub fn issue_token<'a>(
    store: &mut Store,
    caller: &Caller,
    user: UserId,
    label: &str,
    expires_at: DateTime<Utc>,
    at: impl Into<At<'a>>,
) -> Result<Issued, EngineError> {
    let (secret, at) = (Secret::new()?, at.into());
    let token = at.once.map_or_else(|| TokenId(Uuid::now_v7()), |once| TokenId::from_parts(&[once.key.as_bytes()]));
    let issued = ApiToken { id: token, user, label: label.to_owned(), secret: secret.digest(), expires_at, revoked: false, session: false };
    let (proposal, is_new, position) = ask(store, caller, Change::IssueToken(issued), at)?;
    Ok(Issued { token, secret: is_new.then_some(secret), proposal, position })
}

/// Asks for a change of rights; answers with what another administrator has to approve, and the position that recorded it.
///
/// # Errors
/// The caller is no administrator, the change is asked for already, or it could not be made.
pub fn propose<'a>(store: &mut Store, caller: &Caller, change: Change, at: impl Into<At<'a>>) -> Result<(ProposalId, i64), EngineError> {
    let (id, _, position) = ask(store, caller, change, at.into())?;
    Ok((id, position))
}

/// Likewise, and whether the request is not repeated. What has a key gets its id from that, so that a repetition finds it.
fn ask(store: &mut Store, caller: &Caller, change: Change, at: At<'_>) -> Result<(ProposalId, bool, i64), EngineError> {
    let id = at.once.map_or_else(|| ProposalId(Uuid::now_v7()), |once| ProposalId::from_parts(&[once.key.as_bytes()]));
    let (done, position) = command_once(store, &caller.login, "propose", &change, at, |tx| {
        administrator(tx, caller, CHANGE)?;
        let pending = tx.proposals(None, NOW)?.into_iter().find(|(p, decision)| decision.is_none() && is_same(&p.change, &change));
        if let Some((pending, _)) = pending {
            return Err(AccessError::Pending(pending.id).into());
        }
        effect(tx, &change, at.at)?;
        let basis = basis(tx, &change)?;
        Ok(tx.append(&[Record::Proposal(Proposal { id, change: change.clone(), maker: caller.user, basis }).into()])?)
    })?;
    Ok((id, done.is_some(), position))
}

/// Decides a proposal; an approved change is made by the same command. Answers with the position that recorded it.
///
/// # Errors
/// The caller is no administrator or not another one, the proposal is decided, or what it builds on has changed.
pub fn decide<'a>(store: &mut Store, caller: &Caller, proposal: ProposalId, verdict: Verdict, at: impl Into<At<'a>>) -> Result<i64, EngineError> {
    let (at, decision) = (at.into(), Decision { proposal, by: caller.user, verdict, for_whom: None });
    let (_, position) = command_once(store, &caller.login, "decide", &decision, at, |tx| {
        administrator(tx, caller, CHANGE)?;
        let (asked, earlier) = tx.proposals(Some(&[proposal]), NOW)?.into_iter().next().ok_or(AccessError::Unknown("proposal"))?;
        let state = earlier.map_or(ProposalState::Pending, |d| ProposalState::Decided(d.verdict));
        state.decide(asked.maker, caller.user, verdict).map_err(AccessError::from)?;
        let mut leaves = vec![Leaf::from(Record::Decision(decision.clone()))];
        if verdict == Verdict::Approve {
            // What one of two people wanted counts only while both may still want it.
            let maker = Caller::known(tx, asked.maker, Proof::Password)?;
            maker.filter(|m| m.may(Permission::ManageAccess, None).is_some()).ok_or(AccessError::Changed)?;
            if basis(tx, &asked.change)? != asked.basis {
                return Err(AccessError::Changed.into());
            }
            leaves.push(effect(tx, &asked.change, at.at)?);
        }
        Ok(tx.append(&leaves)?)
    })?;
    Ok(position)
}

/// Whether two changes come to the same; a token's secret makes it no other one.
fn is_same(a: &Change, b: &Change) -> bool {
    match (a, b) {
        (Change::IssueToken(a), Change::IssueToken(b)) => (a.user, &a.label) == (b.user, &b.label),
        _ => a == b,
    }
}

/// Digest of what a change builds on: the record that it replaces, and the user who gains by it.
fn basis(view: &mut View<'_>, change: &Change) -> Result<Digest, EngineError> {
    Ok(match change {
        Change::Grant(grant) => content_of(&(user_of(view, grant.user)?.0, grant_of(view, grant.id)?))?,
        Change::Revoke(id) => content_of(&grant_of(view, *id)?)?,
        Change::IssueToken(token) => content_of(&user_of(view, token.user)?.0)?,
        Change::RevokeToken(id) => content_of(&token_of(view, *id)?)?,
        Change::Disable(id) | Change::Enable(id) => content_of(&user_of(view, *id)?.0)?,
        Change::Trust(TrustedKey { id, .. }) | Change::WithdrawTrust(id) => content_of(&key_of(view, *id)?)?,
    })
}

/// The record that a change makes, if the laws allow it.
fn effect(view: &mut View<'_>, change: &Change, at: DateTime<Utc>) -> Result<Leaf, EngineError> {
    Ok(match change {
        Change::Grant(grant) => {
            active(view, grant.user)?;
            if !grant.is_sound() {
                return Err(AccessError::Scope.into());
            }
            let held = view.grants(Some(&[grant.user]), NOW)?;
            if held.contains(grant) {
                return Err(AccessError::Nothing("the user has this right").into());
            }
            if let Some(other) = exclusive(&held, grant.role) {
                return Err(AccessError::Exclusive { held: other.role.word(), wanted: grant.role.word() }.into());
            }
            Record::Grant(grant.clone()).into()
        }
        Change::Revoke(id) => match grant_of(view, *id)? {
            None => return Err(AccessError::Unknown("right").into()),
            Some(grant) if grant.revoked => return Err(AccessError::Nothing("the right is revoked").into()),
            Some(grant) => Record::Grant(Grant { revoked: true, ..grant }).into(),
        },
        Change::IssueToken(token) => {
            active(view, token.user)?;
            if !token.holds(at) {
                return Err(AccessError::Expired(token.expires_at).into());
            }
            // What two administrators issue is for a program, whatever they were asked for.
            Record::ApiToken(ApiToken { session: false, ..token.clone() }).into()
        }
        Change::RevokeToken(id) => match token_of(view, *id)? {
            None => return Err(AccessError::Unknown("token").into()),
            Some(token) if token.revoked => return Err(AccessError::Nothing("the token is revoked").into()),
            Some(token) => Record::ApiToken(ApiToken { revoked: true, ..token }).into(),
        },
        Change::Disable(id) => shut(view, *id, true)?,
        Change::Enable(id) => shut(view, *id, false)?,
        Change::Trust(TrustedKey { key, label, .. }) => {
            let key = TrustedKey::new(*key, label);
            if key_of(view, key.id)?.as_ref() == Some(&key) {
                return Err(AccessError::Nothing("the key is trusted").into());
            }
            Record::TrustedKey(key).into()
        }
        Change::WithdrawTrust(id) => match key_of(view, *id)? {
            None => return Err(AccessError::Unknown("trusted key").into()),
            Some(key) if key.revoked => return Err(AccessError::Nothing("the key is not trusted").into()),
            Some(key) => Record::TrustedKey(TrustedKey { revoked: true, ..key }).into(),
        },
    })
}

/// The user shut out, or let in again, with what is personal about them.
fn shut(view: &mut View<'_>, id: UserId, disabled: bool) -> Result<Leaf, EngineError> {
    let (user, personal) = user_of(view, id)?;
    if user.disabled == disabled {
        return Err(AccessError::Nothing(if disabled { "the user is shut out" } else { "the user is not shut out" }).into());
    }
    Ok(Leaf::with(Record::User(User { disabled, ..user }), personal))
}

fn active(view: &mut View<'_>, id: UserId) -> Result<(), EngineError> {
    if user_of(view, id)?.0.disabled { Err(AccessError::Nothing("the user is shut out").into()) } else { Ok(()) }
}

fn grant_of(view: &mut View<'_>, id: GrantId) -> Result<Option<Grant>, EngineError> {
    Ok(view.grants(None, NOW)?.into_iter().find(|g| g.id == id))
}

fn key_of(view: &mut View<'_>, id: KeyId) -> Result<Option<TrustedKey>, EngineError> {
    Ok(view.trusted_keys(Some(&[id]), NOW)?.into_iter().next())
}

fn token_of(view: &mut View<'_>, id: TokenId) -> Result<Option<ApiToken>, EngineError> {
    Ok(view.tokens(None, NOW)?.into_iter().find(|t| t.id == id))
}
