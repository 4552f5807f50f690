//! Changes of who may do what, and of whose plugins are trusted. Each takes two administrators, who signed in: one asks,
//! another decides.

use actix_web::http::StatusCode;
use chrono::Duration;
use recoup_engine::access::{AccessError, Secret, add_user, decide, issue_token, propose};
use recoup_model::access::{self, Change, Grant, Permission, PublicKey, Role, TrustedKey, User};
use recoup_model::id::{GrantId, KeyId, LedgerId, ProposalId, TokenId, UnitId};
use recoup_store::{EVERYTHING, Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::access::unknown_ledger;
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::Param as _;
use crate::http::write::{Act, Answered, Verb, Write};

/// For how many days a token is accepted at most.
const DAYS_MAX: u32 = 3_650;

/// Somebody who is to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// What they sign in with; no name, because it is never erased.
    login: String,
    /// Their name; personal data.
    name: Option<String>,
}

/// A user who was added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedUser {
    /// Their id.
    id: Uuid,
    /// What they sign in with.
    login: String,
    /// What they change at /api/v1/password before anything else; told once, so null when the request is repeated.
    first_password: Option<String>,
}

/// Adds a user.
pub(crate) struct AddUser;

impl Write for AddUser {
    type Body = NewUser;
    type Answer = AddedUser;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/users";
    const SUMMARY: &'static str = "Adds a user without any right, with a first password that is told once and has to be changed.";
    const NEEDS: Permission = Permission::ManageAccess;
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &["access.crypto", "access.login", "access.login_taken"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewUser) -> Result<i64, Problem> {
        let first = Secret::password()?;
        let (position, is_new) = add_user(store, act.caller, &body.login, body.name.as_deref(), first.reveal(), act.by)?;
        act.secret.set(Some(first).filter(|_| is_new));
        Ok(position)
    }

    fn answer(_: &mut Read<'_, '_>, act: &Act<'_>, body: &NewUser) -> Result<Answered<AddedUser>, Problem> {
        let first_password = act.secret.take().map(|s| s.reveal().to_owned());
        Ok(plainly(AddedUser { id: User::id_of(&body.login).0, login: body.login.clone(), first_password }))
    }
}

/// A token that a program is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// In whose name it acts.
    login: String,
    /// What it is for.
    label: String,
    /// For how many days it is accepted.
    #[schema(minimum = 1, maximum = 3650)]
    days: u32,
}

/// A token that is accepted once its proposal is approved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuedToken {
    /// The token's id.
    token: Uuid,
    /// The token itself; told once, so null when the request is repeated.
    secret: Option<String>,
    /// What another administrator has to approve.
    proposal: Uuid,
}

/// Asks for a token.
pub(crate) struct IssueToken;

impl Write for IssueToken {
    type Body = NewToken;
    type Answer = IssuedToken;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/tokens";
    const SUMMARY: &'static str = "Asks for a token of a program. It is told once, and accepted when another administrator has approved.";
    const NEEDS: Permission = Permission::ManageAccess;
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &["access.crypto", "access.nothing", "access.pending", "access.unknown"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewToken) -> Result<i64, Problem> {
        if !(1..=DAYS_MAX).contains(&body.days) {
            return Err(Problem::new("request.body").detail(format!("/days: write a number from 1 to {DAYS_MAX}")).pointer("/days".to_owned()));
        }
        let expires_at = act.by.at + Duration::days(i64::from(body.days));
        let issued = issue_token(store, act.caller, User::id_of(&body.login), &body.label, expires_at, act.by)?;
        act.secret.set(issued.secret);
        Ok(issued.position)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &NewToken) -> Result<Answered<IssuedToken>, Problem> {
        let proposal = made(read)?;
        let access::Change::IssueToken(token) = proposal.change else { return Err(Problem::new("server.internal")) };
        let secret = act.secret.take().map(|s| s.reveal().to_owned());
        Ok(plainly(IssuedToken { token: token.id.0, secret, proposal: proposal.id.0 }))
    }
}

/// Roles.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RoleWord {
    /// Says who may do what; sees no books.
    Administrator,
    /// Brings exports in.
    Integrator,
    /// Recovers debts.
    Collector,
    /// Pays wages.
    Payroll,
    /// Approves what others made.
    Approver,
    /// Examines everything, changes nothing.
    Auditor,
    /// A program that imports and evaluates by schedule.
    Service,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Administrator => Self::Administrator,
            RoleWord::Integrator => Self::Integrator,
            RoleWord::Collector => Self::Collector,
            RoleWord::Payroll => Self::Payroll,
            RoleWord::Approver => Self::Approver,
            RoleWord::Auditor => Self::Auditor,
            RoleWord::Service => Self::Service,
        }
    }
}

/// A change of who may do what, or of whose plugins are trusted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "change", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum NewProposal {
    /// Give a right.
    Grant {
        /// Whom.
        login: String,
        /// Which role.
        role: RoleWord,
        /// In the ledger with this code; in every one when absent.
        ledger: Option<String>,
        /// For the unit with this code, of that ledger, and those below it; for the whole ledger when absent.
        unit: Option<String>,
    },
    /// Take a right back.
    Revoke {
        /// Which.
        right: Uuid,
    },
    /// Accept a token no longer.
    RevokeToken {
        /// Which.
        token: Uuid,
    },
    /// Shut a user out.
    Disable {
        /// Whom.
        login: String,
    },
    /// Let a user in again.
    Enable {
        /// Whom.
        login: String,
    },
    /// Trust a key's signatures on plugins.
    Trust {
        /// The key, as the second line of minisign's .pub file has it.
        public_key: String,
        /// Whose it is: a publisher or a machine; no person's name, because it is never erased.
        label: String,
    },
    /// Trust a key no longer.
    WithdrawTrust {
        /// Which.
        trusted_key: Uuid,
    },
}

/// A change that waits for another administrator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Proposed {
    /// What another administrator has to approve.
    proposal: Uuid,
}

/// Asks for a change.
pub(crate) struct Propose;

impl Write for Propose {
    type Body = NewProposal;
    type Answer = Proposed;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/proposals";
    const SUMMARY: &'static str = "Asks for a change of who may do what, or of whose plugins are trusted, on which another administrator decides.";
    const NEEDS: Permission = Permission::ManageAccess;
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] =
        &["access.exclusive_roles", "access.nothing", "access.pending", "access.scope", "access.unknown", "store.unknown_ledger"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewProposal) -> Result<i64, Problem> {
        let change = match body {
            NewProposal::Grant { login, role, ledger, unit } => {
                let ledger = ledger.as_deref().map(|code| ledger_of(store, code)).transpose()?;
                let unit = unit.as_deref().map(|code| unit_of(store, ledger, code)).transpose()?;
                Change::Grant(Grant::new(User::id_of(login), (*role).into(), ledger, unit))
            }
            NewProposal::Revoke { right } => Change::Revoke(GrantId(*right)),
            NewProposal::RevokeToken { token } => Change::RevokeToken(TokenId(*token)),
            NewProposal::Disable { login } => Change::Disable(User::id_of(login)),
            NewProposal::Enable { login } => Change::Enable(User::id_of(login)),
            NewProposal::Trust { public_key, label } => {
                let key: PublicKey =
                    public_key.parse().map_err(|e| Problem::new("request.body").detail(format!("/public_key: {e}")).pointer("/public_key".to_owned()))?;
                Change::Trust(TrustedKey::new(key, label))
            }
            NewProposal::WithdrawTrust { trusted_key } => Change::WithdrawTrust(KeyId(*trusted_key)),
        };
        Ok(propose(store, act.caller, change, act.by)?.1)
    }

    fn answer(read: &mut Read<'_, '_>, _: &Act<'_>, _: &NewProposal) -> Result<Answered<Proposed>, Problem> {
        Ok(plainly(Proposed { proposal: made(read)?.id.0 }))
    }
}

fn ledger_of(store: &mut Store, code: &str) -> Result<LedgerId, Problem> {
    Ok(store.ledger(code)?.ok_or_else(|| unknown_ledger(code))?.id)
}

/// A unit of a ledger by its code.
fn unit_of(store: &mut Store, ledger: Option<LedgerId>, code: &str) -> Result<UnitId, Problem> {
    let ledger = ledger.ok_or(AccessError::Scope)?;
    let units = store.read::<_, StoreError>(ledger, |view| view.units(EVERYTHING))?;
    let found = units.into_iter().find(|u| u.code == code);
    Ok(found.ok_or_else(|| Problem::new("access.unknown").detail(format!("the ledger has no unit `{code}`")))?.id)
}

/// What is said to a proposal.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VerdictWord {
    /// It shall be.
    Approve,
    /// It shall not be.
    Reject,
    /// Who asked for it no longer does.
    Withdraw,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDecision {
    /// What is said.
    verdict: VerdictWord,
}

impl NewDecision {
    /// What is said.
    pub(super) const fn verdict(&self) -> access::Verdict {
        match self.verdict {
            VerdictWord::Approve => access::Verdict::Approve,
            VerdictWord::Reject => access::Verdict::Reject,
            VerdictWord::Withdraw => access::Verdict::Withdraw,
        }
    }
}

/// A proposal that was decided.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decided {
    /// Which.
    proposal: Uuid,
    /// approved, rejected or withdrawn.
    state: &'static str,
}

/// Decides a proposal.
pub(crate) struct Decide;

impl Write for Decide {
    type Body = NewDecision;
    type Answer = Decided;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/proposals/{key}/decision";
    const SUMMARY: &'static str = "Decides what another administrator asked for, or withdraws what one asked for oneself.";
    const NEEDS: Permission = Permission::ManageAccess;
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] = &[
        "access.changed",
        "access.decided",
        "access.exclusive_roles",
        "access.expired",
        "access.not_the_maker",
        "access.nothing",
        "access.same_person",
        "access.scope",
        "access.unknown",
    ];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewDecision) -> Result<i64, Problem> {
        Ok(decide(store, act.caller, asked_about(act)?, body.verdict(), act.by)?)
    }

    fn answer(_: &mut Read<'_, '_>, act: &Act<'_>, body: &NewDecision) -> Result<Answered<Decided>, Problem> {
        let state = match body.verdict {
            VerdictWord::Approve => "approved",
            VerdictWord::Reject => "rejected",
            VerdictWord::Withdraw => "withdrawn",
        };
        Ok(plainly(Decided { proposal: asked_about(act)?.0, state }))
    }
}

/// The proposal that the path names.
fn asked_about(act: &Act<'_>) -> Result<ProposalId, Problem> {
    Ok(ProposalId(Uuid::read(act.key).ok_or(AccessError::Unknown("proposal"))?))
}

/// The proposal that the act recorded: the last one in the state that it left.
fn made(read: &mut Read<'_, '_>) -> Result<access::Proposal, Problem> {
    let proposals = read.view.proposals(None, read.moment.known_at)?;
    proposals.into_iter().next_back().map(|(proposal, _)| proposal).ok_or_else(|| Problem::new("server.internal"))
}

fn plainly<T>(body: T) -> Answered<T> {
    Answered { body, location: None, version: None }
}
