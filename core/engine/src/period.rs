//! Closing a period: everything is evaluated, and the incremental state must already say the same.

use chrono::{DateTime, Utc};
use recoup_host::RulesPlugin;
use recoup_model::Digest;
use recoup_model::calendar::Month;
use recoup_model::due::{CaseJudged, Fault};
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, Store};

use crate::EngineError;
use crate::evaluate::{Request, drift, evaluate, periods};
use crate::facts::{By, command};

/// What closing a period needs.
pub struct Closing<'a> {
    /// Which.
    pub month: Month,
    /// Canonical JSON of the pack's parameters.
    pub parameters: &'a str,
    /// Cases per call into the sandbox.
    pub batch_cases: usize,
    /// Who closes.
    pub actor: &'a str,
    /// Now.
    pub recorded_at: DateTime<Utc>,
}

/// Closes a month: evaluates as of its last day (or of the last evaluation, if that is later), demands
/// that a full evaluation changes nothing and that no case is set aside, and records the close.
///
/// # Errors
/// The month is closed or out of order, a case is set aside, or the two evaluations differ. Nothing is closed then.
pub fn close(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, closing: &Closing<'_>) -> Result<Option<i64>, EngineError> {
    let pack = plugin.description().id.clone();
    let (mut open, last) = store.read(ledger.id, |view| Ok::<_, EngineError>((periods(view)?, view.last_evaluated(&pack)?)))?;
    open.close(closing.month)?;
    let last_day = closing.month.last_day();
    let request = Request {
        as_of: last.map_or(last_day, |(e, _)| e.as_of.max(last_day)),
        parameters: closing.parameters,
        full: false,
        batch_cases: closing.batch_cases,
        actor: closing.actor,
        recorded_at: closing.recorded_at,
    };
    evaluate(store, plugin, ledger, &request)?;
    let aside = store.read(ledger.id, |view| Ok::<_, EngineError>(faults(view.cases_judged(None, NOW)?)))?;
    refuse_faults(closing.month, &aside)?;
    let lines = drift(store, plugin, ledger, &request)?;
    if lines > 0 {
        return Err(EngineError::CloseDiffers { month: closing.month, lines });
    }
    let by = By::new(closing.actor, closing.recorded_at);
    let input = Digest::of(format!("{}", closing.month).as_bytes());
    command(store, ledger, by, "close-period", input, |tx| {
        // A fact recorded since the evaluation would be closed in unevaluated.
        let evaluated = tx.last_evaluated(&pack)?.map(|(e, _)| (e.known_at, e.as_of));
        let (known_at, as_of) = evaluated.ok_or_else(|| EngineError::EvaluationRace(pack.clone()))?;
        if !tx.touched(known_at, Some(as_of), as_of)?.is_empty() {
            return Err(EngineError::EvaluationRace(pack.clone()));
        }
        refuse_faults(closing.month, &faults(tx.cases_judged(None, NOW)?))?;
        let closed = periods(tx)?.close(closing.month)?;
        tx.append(&[Record::PeriodClosed(closed).into()])?;
        Ok(())
    })
}

fn faults(judged: Vec<CaseJudged>) -> Vec<Fault> {
    judged.into_iter().filter_map(|c| c.fault).collect()
}

fn refuse_faults(month: Month, faults: &[Fault]) -> Result<(), EngineError> {
    match faults.first() {
        None => Ok(()),
        Some(first) => Err(EngineError::CloseFaults { month, count: faults.len(), first: format!("{}: {}", first.code, first.detail) }),
    }
}
