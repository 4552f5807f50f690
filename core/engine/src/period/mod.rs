//! Closing a period (结账): everything is evaluated, the incremental state must already say the same, and nothing else may
//! stand in the way ([`Check`]).

mod checklist;

use checklist::standing;
pub use checklist::{Check, State};
pub(crate) use checklist::{Checklist, in_the_way};

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use recoup_host::RulesPlugin;
use recoup_model::Digest;
use recoup_model::approval::{Authority, MatterKind};
use recoup_model::calendar::Month;
use recoup_model::id::ProposalId;
use recoup_model::period::{Close, PeriodClosed};
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, Store, View};

use crate::EngineError;
use crate::evaluate::{GoesOn, Request, business_date, drift_while, evaluate_while, to_the_end};
use crate::facts::{By, command};

/// What closing a period needs.
#[derive(Clone, Copy)]
pub struct Closing<'a> {
    /// Which.
    pub month: Month,
    /// How firmly.
    pub close: Close,
    /// Canonical JSON of the pack's parameters.
    pub parameters: &'a str,
    /// Cases per call into the sandbox.
    pub batch_cases: usize,
    /// Who closes.
    pub actor: &'a str,
    /// Now.
    pub recorded_at: DateTime<Utc>,
}

/// Closes a month: evaluates as of its last day (or of the last evaluation, if that is later), demands that every line of
/// the checklist is met or excluded by an approved decision, and records the close with what it excludes.
///
/// # Errors
/// The month is closed or out of order, a line of the checklist is not met, or closing for good takes an approval. Nothing
/// is closed then.
pub fn close(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, closing: &Closing<'_>) -> Result<Option<i64>, EngineError> {
    close_while(store, plugin, ledger, closing, &to_the_end)
}

/// Closes a month, for as long as that is wanted: between batches of cases it asks, and tells how many it judged in both evaluations.
///
/// # Errors
/// As [`close`]; or it was to stop.
pub fn close_while(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, closing: &Closing<'_>, goes_on: &GoesOn<'_>) -> Result<Option<i64>, EngineError> {
    let Closing { month, close, .. } = *closing;
    let pack = plugin.description().id.clone();
    let today = business_date(ledger, closing.recorded_at);
    store.read::<_, EngineError>(ledger.id, |view| {
        view.periods(NOW)?.may_close(month, close)?;
        let takes_approval = close.is_hard() && Authority::in_force(view.authorities(NOW)?, today).is_some_and(|t| t.knows(MatterKind::HardClose));
        if takes_approval { Err(EngineError::CloseNeedsApproval(month)) } else { Ok(()) }
    })?;
    ready(store, plugin, ledger, closing, goes_on)?;
    let by = By::new(closing.actor, closing.recorded_at);
    let input = Digest::of(
        match close {
            Close::Hard => format!("{month}"),
            Close::Soft => format!("{month} {}", close.word()),
        }
        .as_bytes(),
    );
    command(store, ledger, by, "close-period", input, |tx| {
        tx.periods(NOW)?.may_close(month, close)?;
        let closed = closed(tx, ledger, month, close, &pack, None)?;
        Ok(tx.append(&[Record::PeriodClosed(closed).into()])?)
    })
}

/// Evaluates, and demands that the checklist of a month is met.
pub(crate) fn ready(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, closing: &Closing<'_>, goes_on: &GoesOn<'_>) -> Result<(), EngineError> {
    let request = request(store, plugin, ledger, closing)?;
    let evaluated = evaluate_while(store, plugin, ledger, &request, goes_on)?;
    let before = u64::try_from(evaluated.cases).unwrap_or(u64::MAX);
    met(closing.month, check_while(store, plugin, ledger, closing, &|judged| goes_on(before.saturating_add(judged)))?)
}

/// The record of a close that the ledger's state allows, whatever a full evaluation would say: that was asked before.
pub(crate) fn closed(
    view: &mut View<'_>,
    ledger: &Ledger,
    month: Month,
    close: Close,
    pack: &str,
    request: Option<ProposalId>,
) -> Result<PeriodClosed, EngineError> {
    let Checklist { checks, excluded, .. } = standing(view, ledger, month, pack)?;
    // A fact recorded since the evaluation would be closed in unevaluated.
    if checks.iter().any(|c| c.code == checklist::NOT_EVALUATED && c.is_failing()) {
        return Err(EngineError::EvaluationRace(pack.to_owned()));
    }
    let approved = checks.iter().filter_map(|c| if let State::Excluded(request) = c.state { Some(request) } else { None });
    let requests: BTreeSet<ProposalId> = approved.chain(request).collect();
    met(month, checks)?;
    Ok(PeriodClosed { month, close, excluded, requests: requests.into_iter().collect() })
}

/// The checklist of a month as things stand: nothing is evaluated or recorded.
///
/// # Errors
/// The month is not over; the plugin or the store fails.
pub fn check(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, closing: &Closing<'_>) -> Result<Vec<Check>, EngineError> {
    check_while(store, plugin, ledger, closing, &to_the_end)
}

/// The checklist, for as long as it is wanted: between batches of cases it asks.
///
/// # Errors
/// As [`check`]; or it was to stop.
pub fn check_while(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, closing: &Closing<'_>, goes_on: &GoesOn<'_>) -> Result<Vec<Check>, EngineError> {
    let (month, pack) = (closing.month, plugin.description().id.clone());
    let Checklist { mut checks, .. } = store.read(ledger.id, |view| standing(view, ledger, month, &pack))?;
    if checks.iter().all(|c| c.code != checklist::NOT_EVALUATED || !c.is_failing()) {
        let request = request(store, plugin, ledger, closing)?;
        let lines = drift_while(store, plugin, ledger, &request, goes_on)?;
        checks.insert(1, checklist::full_evaluation(month, lines));
    }
    Ok(checks)
}

fn met(month: Month, checks: Vec<Check>) -> Result<(), EngineError> {
    let failing: Vec<Check> = checks.into_iter().filter(Check::is_failing).collect();
    if failing.is_empty() { Ok(()) } else { Err(EngineError::NotReady { month, failing }) }
}

/// As of the month's last day, or of the last evaluation if that is later.
fn request<'a>(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, closing: &Closing<'a>) -> Result<Request<'a>, EngineError> {
    let last = store.read::<_, EngineError>(ledger.id, |view| Ok(view.last_evaluated(&plugin.description().id)?))?;
    let last_day = closing.month.last_day();
    Ok(Request {
        as_of: last.map_or(last_day, |(e, _)| e.as_of.max(last_day)),
        parameters: closing.parameters,
        full: false,
        batch_cases: closing.batch_cases,
        actor: closing.actor,
        recorded_at: closing.recorded_at,
    })
}
