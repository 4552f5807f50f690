//! Approvals (审批) of a ledger: one person asks, another decides within the authority matrix, and what was approved is done by
//! the same command. What is asked for and decided is in the ledger's own log.

mod authority;
mod matter;

pub use authority::{AuthorityFile, Table, delegate, put_in_force};
pub use matter::Wanted;

use std::cell::Cell;

use recoup_model::Digest;
use recoup_model::access::{Decision, DecisionFault, Permission, ProposalState, Verdict};
use recoup_model::approval::{Acting, Authority, Matter, MatterKind, NoAuthority, Request, acting};
use recoup_model::calendar::{Date, Month};
use recoup_model::id::{LedgerId, ProposalId, UnitId, UserId};
use recoup_model::period::PeriodState;
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, Store, View, content_of};
use uuid::Uuid;

use crate::EngineError;
use crate::access::{AccessError, Caller, demand, still_may};
use crate::evaluate::business_date;
use crate::facts::{By, Once, command, fault};

/// Why a request, a decision or an authority is refused.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// No such request.
    #[error("there is no request {0}: look it up in the list")]
    Unknown(ProposalId),
    /// A gap of the table.
    #[error("no row gives anybody authority over `{}`{of}: have one put in force (`recoup approval authority FILE`)", .kind.word())]
    NoAuthority {
        /// What is asked for.
        kind: MatterKind,
        /// Of which amount and unit.
        of: String,
    },
    /// Others have authority.
    #[error("`{login}` has no authority over request {request}: let one of the approvers that the table names decide, or delegate to them")]
    NotNamed {
        /// Who.
        login: String,
        /// Which.
        request: ProposalId,
    },
    /// A delegate in the place of whoever asked.
    #[error("request {0} was made by whoever delegated their authority: let another approver decide")]
    DelegatorMadeIt(ProposalId),
    /// It is no longer what was asked for.
    #[error("what request {0} builds on has changed since: reject it and ask again")]
    Changed(ProposalId),
    /// Nothing that takes an approval.
    #[error("{what} takes no approval: {mend}")]
    NotNeeded {
        /// What.
        what: String,
        /// What to do instead.
        mend: &'static str,
    },
    /// What is personal must not be in a public leaf.
    #[error("a correction states no people and wages, which are personal: record them by themselves (`recoup record`), and ask for the rest")]
    Personal,
    /// Facts that are none.
    #[error("the facts cannot be read: {0}: correct them")]
    Facts(String),
    /// A table that says nothing, or the same twice.
    #[error("the authority table is refused: {what}: {mend}")]
    Table {
        /// What is wrong.
        what: String,
        /// How to mend it.
        mend: &'static str,
    },
    /// A delegation that is none.
    #[error("the delegation is refused: {0}")]
    Delegation(&'static str),
    /// Families of bonuses that are none.
    #[error("{what}: {mend}")]
    Family {
        /// What is wrong.
        what: String,
        /// How to mend it.
        mend: &'static str,
    },
    /// A span that ends before it begins.
    #[error("the last day, {to}, lies before the first, {from}: correct one of them")]
    Days {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// It concerns every unit.
    #[error("`{}` concerns the whole ledger, and no unit decides it: leave the unit out", .0.word())]
    OfTheLedger(MatterKind),
    /// Nobody of that login.
    #[error("there is no user `{0}`: add them first, or correct the login")]
    UnknownUser(String),
}

impl ApprovalError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "approval.unknown",
            Self::NoAuthority { .. } => "approval.no_authority",
            Self::NotNamed { .. } => "approval.not_named",
            Self::DelegatorMadeIt(_) => "approval.delegator_made_it",
            Self::Changed(_) => "approval.changed",
            Self::NotNeeded { .. } => "approval.not_needed",
            Self::Personal => "approval.personal",
            Self::Facts(_) => "approval.facts",
            Self::Table { .. } => "approval.table",
            Self::Delegation(_) => "approval.delegation",
            Self::Family { .. } => "approval.family",
            Self::Days { .. } => "approval.days",
            Self::OfTheLedger(_) => "approval.of_the_ledger",
            Self::UnknownUser(_) => "approval.unknown_user",
        }
    }
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The request, which waits for another person.
    pub request: ProposalId,
    /// The position that recorded the asking; none when it waited already and the asking has no key.
    pub position: Option<i64>,
}

/// Asks for something. The same while it waits is one request.
///
/// # Errors
/// The caller may not ask for it, nobody has authority over it, or it could not be done.
pub fn ask(store: &mut Store, ledger: &Ledger, caller: &Caller, wanted: &Wanted<'_>, unit: Option<UnitId>, by: By<'_>) -> Result<Asked, EngineError> {
    demand(store, caller, wanted.permission(), ledger.id, "ask for this")?;
    // What was asked for may have been done since: a repetition is not held against it.
    if let Some(once) = by.once
        && let Some(position) = store.seen(ledger.id, once.key, once.input)?
        && let Some(request) = store.read(ledger.id, |view| asked_under(view, once, (wanted, unit), position))?
    {
        return Ok(Asked { request, position: Some(position) });
    }
    let (matter, amount, basis) = wanted.ground(store, ledger)?;
    if unit.is_some() && matter.is_of_the_ledger() {
        return Err(ApprovalError::OfTheLedger(matter.kind()).into());
    }
    let today = business_date(ledger, by.at);
    let input = content_of(&matter)?;
    let id = by.once.map_or_else(|| ProposalId(Uuid::now_v7()), |once| id_of(ledger.id, once));
    let pending = Cell::new(None);
    let position = command(store, ledger, by, "ask-approval", input, |tx| {
        let waits = tx.requests(None, NOW)?.into_iter().find(|(r, decision)| decision.is_none() && r.matter == matter && r.unit == unit);
        match waits {
            Some((request, _)) if request.basis != basis => return Err(ApprovalError::Changed(request.id).into()),
            Some((request, _)) => {
                pending.set(Some(request.id));
                return Ok(());
            }
            None => {}
        }
        let kind = matter.kind();
        if approvers(tx, kind, amount, unit, today)?.is_empty() {
            return Err(no_authority(ledger, &matter, amount, unit).into());
        }
        // What a run moves may tell a wage: it is read from the run.
        let amount = amount.filter(|_| matter.payout().is_none());
        let request = Request { id, matter: matter.clone(), amount, unit, maker: caller.user(), basis };
        Ok(tx.append(&[Record::Request(request).into()])?)
    })?;
    Ok(Asked { request: pending.get().unwrap_or(id), position })
}

/// The unit of a code, which a request concerns alone.
///
/// # Errors
/// The ledger has none of that code; the store.
pub fn unit_of(view: &mut View<'_>, code: &str) -> Result<UnitId, EngineError> {
    let found = view.units(NOW)?.into_iter().find(|unit| unit.code == code);
    Ok(found.ok_or_else(|| fault("unit.unknown", format!("the ledger has no unit `{code}`"), "correct its code, or record it first"))?.id)
}

/// The id of the request that a key asks for.
fn id_of(ledger: LedgerId, once: Once<'_>) -> ProposalId {
    ProposalId::from_parts(&[ledger.0.as_bytes(), once.key.as_bytes()])
}

/// What asking under a key came to, as known at the position that recorded the asking: its own request, or the last of the same
/// that waited already.
///
/// # Errors
/// The store fails.
pub fn asked_under(
    view: &mut View<'_>,
    once: Once<'_>,
    (wanted, unit): (&Wanted<'_>, Option<UnitId>),
    known_at: i64,
) -> Result<Option<ProposalId>, EngineError> {
    let own = id_of(view.ledger(), once);
    let all = view.requests(None, known_at)?;
    let same = |request: &Request, decision: Option<&Decision>| decision.is_none() && request.unit == unit && wanted.is(&request.matter);
    let found = all.iter().find(|(request, _)| request.id == own).or_else(|| all.iter().rfind(|(request, decision)| same(request, decision.as_ref())));
    Ok(found.map(|(request, _)| request.id))
}

/// Decides a request; what is approved is done by the same command. Answers with the position that recorded it.
///
/// # Errors
/// The caller has no authority over it or made it, it was decided, or what it builds on has changed.
pub fn decide(store: &mut Store, ledger: &Ledger, caller: &Caller, request: ProposalId, verdict: Verdict, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let asked = store.read::<_, EngineError>(ledger.id, |view| Ok(one(view, request)?.0))?;
    if verdict != Verdict::Withdraw {
        demand(store, caller, Permission::Approve, ledger.id, "decide what others ask for")?;
    }
    // What one of two people wanted counts only while they may still want it.
    let maker_may = still_may(store, asked.maker, matter::permission(asked.matter.kind()), ledger.id)?;
    let today = business_date(ledger, by.at);
    let input: Digest = content_of(&(request, caller.user(), verdict))?;
    command(store, ledger, by, "decide-approval", input, |tx| {
        let (asked, earlier) = one(tx, request)?;
        let state = earlier.map_or(ProposalState::Pending, |d| ProposalState::Decided(d.verdict));
        state.decide(asked.maker, caller.user(), verdict).map_err(AccessError::from)?;
        let for_whom = match verdict {
            Verdict::Withdraw => None,
            Verdict::Approve | Verdict::Reject => in_place_of(tx, ledger, caller, &asked, today)?,
        };
        let decision = Decision { proposal: request, by: caller.user(), verdict, for_whom };
        // Nor does a delegate in their place.
        let deciding = [Some(caller.user()), for_whom];
        if verdict == Verdict::Approve && prepared_by(tx, &asked)?.is_some_and(|maker| deciding.contains(&Some(maker))) {
            return Err(AccessError::from(DecisionFault::SamePerson).into());
        }
        tx.append(&[Record::Decision(decision).into()])?;
        if verdict == Verdict::Approve {
            if !maker_may {
                return Err(ApprovalError::Changed(request).into());
            }
            matter::carry_out(tx, ledger, &asked, today)?;
        }
        Ok(())
    })
}

fn one(view: &mut View<'_>, request: ProposalId) -> Result<(Request, Option<Decision>), EngineError> {
    Ok(requests(view, Some(&[request]), NOW)?.into_iter().next().ok_or(ApprovalError::Unknown(request))?)
}

/// What was asked for, with what was said to it, in the order of asking; a request about a payout run with what the run moves.
///
/// # Errors
/// The store fails.
pub fn requests(view: &mut View<'_>, ids: Option<&[ProposalId]>, known_at: i64) -> Result<Vec<(Request, Option<Decision>)>, EngineError> {
    let mut all = view.requests(ids, known_at)?;
    for (request, _) in &mut all {
        if let Some(payout) = request.matter.payout() {
            request.amount = view.payouts(Some(&[payout]), known_at)?.first().and_then(|run| run.payout.moved());
        }
    }
    Ok(all)
}

/// Who prepared the run that a request is about, where somebody had signed in: they do not approve it, whoever asks for it.
fn prepared_by(view: &mut View<'_>, asked: &Request) -> Result<Option<UserId>, EngineError> {
    let Matter::Payout { payout } = asked.matter else { return Ok(None) };
    Ok(view.payouts(Some(&[payout]), NOW)?.first().and_then(|run| run.payout.maker))
}

/// In whose place somebody decides; nobody's but their own where the table names them.
fn in_place_of(view: &mut View<'_>, ledger: &Ledger, caller: &Caller, asked: &Request, today: Date) -> Result<Option<UserId>, EngineError> {
    let Request { id, ref matter, amount, unit, maker, .. } = *asked;
    let approvers = approvers(view, matter.kind(), amount, unit, today)?;
    match acting(&approvers, &view.delegations(NOW)?, maker, caller.user(), today) {
        Ok(Acting::Own) => Ok(None),
        Ok(Acting::For(whom)) => Ok(Some(whom)),
        Err(NoAuthority::Gap) => Err(no_authority(ledger, matter, amount, unit).into()),
        Err(NoAuthority::NotNamed) => Err(ApprovalError::NotNamed { login: caller.login().to_owned(), request: id }.into()),
        Err(NoAuthority::DelegatorMadeIt) => Err(ApprovalError::DelegatorMadeIt(id).into()),
    }
}

/// Who may approve such a request on a day. Where no table is in force that is nobody.
fn approvers(view: &mut View<'_>, kind: MatterKind, amount: Option<i64>, unit: Option<UnitId>, today: Date) -> Result<Vec<UserId>, EngineError> {
    let table = Authority::in_force(view.authorities(NOW)?, today);
    Ok(table.map(|table| table.approvers(kind, amount, unit)).unwrap_or_default())
}

fn no_authority(ledger: &Ledger, matter: &Matter, amount: Option<i64>, unit: Option<UnitId>) -> ApprovalError {
    // What a run moves may tell a wage.
    let amount = amount.filter(|_| matter.payout().is_none());
    let amount = amount.map(|minor| format!(" of {}", recoup_model::Money::new(minor, ledger.currency))).unwrap_or_default();
    let unit = unit.map(|unit| format!(" in unit {unit}")).unwrap_or_default();
    ApprovalError::NoAuthority { kind: matter.kind(), of: format!("{amount}{unit}") }
}

/// A period as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Which month.
    pub month: Month,
    /// Its state.
    pub state: PeriodState,
    /// What was asked about it and said to that, in the order of asking: the kind, the request, and how it stands.
    pub requests: Vec<String>,
}

/// Periods that are closed, or that something was asked about, in order.
///
/// # Errors
/// The store fails.
pub fn periods(view: &mut View<'_>, known_at: i64) -> Result<Vec<Period>, EngineError> {
    let periods = view.periods(known_at)?;
    let requests = view.requests(None, known_at)?;
    let mut months: Vec<Month> = periods.closed().chain(requests.iter().filter_map(|(request, _)| request.matter.month())).collect();
    months.sort_unstable();
    months.dedup();
    let period = |month: Month| {
        let concern = requests.iter().filter(|(request, _)| request.matter.month() == Some(month));
        let said = concern.map(|(Request { id, matter, .. }, decision)| format!("{} {id} {}", matter.kind().word(), stands(decision.as_ref())));
        Period { month, state: periods.state(month), requests: said.collect() }
    };
    Ok(months.into_iter().map(period).collect())
}

/// How a request stands, in a word.
#[must_use]
pub fn stands(decision: Option<&Decision>) -> &'static str {
    match decision.map(|decision| decision.verdict) {
        None => "waits",
        Some(Verdict::Approve) => "approved",
        Some(Verdict::Reject) => "rejected",
        Some(Verdict::Withdraw) => "withdrawn",
    }
}
