//! Evaluation: facts known at a position become cases, a rules plugin judges them, and what
//! differs from what is posted is appended.
//!
//! Judging happens outside the ledger's lock, on one snapshot. The write then checks that no
//! other evaluation of the pack came in between, so that nothing is posted twice.

mod cases;
mod differ;
mod simulate;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use recoup_host::RulesPlugin;
use recoup_model::Digest;
use recoup_model::calendar::Date;
use recoup_model::case::{Case, CaseUnit, Scope, Setting};
use recoup_model::due::{Fault, PolicyInForce, Verdict};
use recoup_model::id::AgreementId;
use recoup_model::record::{Evaluated, Ledger, Record};
use recoup_store::{CommandMeta, EVERYTHING as NOW, Facts, LineFilter, Store, Subjects, Tx, View};

use crate::EngineError;
use crate::report::targets::Followed;

pub use simulate::{Change, Difference, Figures, Policy, SetAside, Simulation, Span, policy_in_force, simulate};

/// What to evaluate, and as of when.
pub struct Request<'a> {
    /// Judged at the end of this day.
    pub as_of: Date,
    /// Canonical JSON of the pack's parameters.
    pub parameters: &'a str,
    /// Every case, or only those that something touched.
    pub full: bool,
    /// Cases per call into the sandbox.
    pub batch_cases: usize,
    /// Who evaluates.
    pub actor: &'a str,
    /// Now.
    pub recorded_at: DateTime<Utc>,
}

/// Told how many cases are judged by now; answers whether to go on.
pub type GoesOn<'a> = dyn Fn(u64) -> ControlFlow<()> + Sync + 'a;

/// Goes on to the end.
pub(crate) const fn to_the_end(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// What an evaluation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Cases judged.
    pub cases: usize,
    /// Cases set aside, with their reasons.
    pub faults: Vec<Fault>,
    /// Lines that are new or other than before.
    pub lines_changed: usize,
    /// Postings appended.
    pub postings: usize,
    /// Findings that are new or gone.
    pub findings_changed: usize,
    /// The position that holds it; `None` when there was nothing to record.
    pub position: Option<i64>,
    /// Fuel the plugin used.
    pub fuel: u64,
}

/// Verdicts on one snapshot of the ledger, not yet written.
pub(crate) struct Judged {
    pub(crate) known_at: i64,
    last: Option<(Evaluated, i64)>,
    policy_changed: bool,
    full: bool,
    subjects: Subjects,
    verdicts: Vec<Verdict>,
    fuel: u64,
}

/// Evaluates a ledger under a pack.
///
/// # Errors
/// The parameters are refused, the day lies before the last evaluation, a plugin fault of the
/// infrastructure, or the store. Nothing is written then.
pub fn evaluate(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, request: &Request<'_>) -> Result<Outcome, EngineError> {
    evaluate_while(store, plugin, ledger, request, &to_the_end)
}

/// Evaluates a ledger under a pack, for as long as that is wanted: between batches of cases it asks.
///
/// # Errors
/// As [`evaluate`]; or it was to stop.
pub fn evaluate_while(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, request: &Request<'_>, goes_on: &GoesOn<'_>) -> Result<Outcome, EngineError> {
    let judged = judge(store, plugin, ledger, request, goes_on)?;
    let pack = plugin.description().id.clone();
    // No verdict is not nothing: what stands for a subject that makes no case any more has to go.
    if judged.subjects.is_empty() && !judged.policy_changed && judged.last.as_ref().is_some_and(|(e, _)| e.as_of == request.as_of) {
        return Ok(Outcome::default());
    }
    let meta = CommandMeta {
        kind: "evaluate".into(),
        input: Digest::of(format!("{pack}:{}:{}", request.as_of, judged.known_at).as_bytes()),
        actor: request.actor.to_owned(),
        recorded_at: request.recorded_at,
    };
    let (outcome, appended) = store.transact(ledger.id, &meta, |tx| {
        if tx.last_evaluated(&pack)?.map(|(_, p)| p) != judged.last.as_ref().map(|(_, p)| *p) {
            return Err(EngineError::EvaluationRace(pack));
        }
        record(tx, plugin, request, judged)
    })?;
    Ok(Outcome { position: Some(appended.position), ..outcome })
}

/// Judges on one snapshot, without writing.
pub(crate) fn judge(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, request: &Request<'_>, goes_on: &GoesOn<'_>) -> Result<Judged, EngineError> {
    let today = business_date(ledger, request.recorded_at);
    if request.as_of > today {
        return Err(EngineError::Future { asked: request.as_of, today });
    }
    checked(plugin, request.parameters)?;
    let (judged, cases) = store.read(ledger.id, |view| snapshot(view, plugin, request))?;
    let setting = Setting { as_of: request.as_of, currency: ledger.currency, parameters: request.parameters.to_owned() };
    let (verdicts, fuel) = in_batches(plugin, &setting, &cases, request.batch_cases, goes_on)?;
    Ok(Judged { verdicts, fuel, ..judged })
}

/// Refuses parameters that the pack refuses.
fn checked(plugin: &RulesPlugin, parameters: &str) -> Result<(), EngineError> {
    let problems = plugin.check(parameters)?;
    if problems.is_empty() {
        return Ok(());
    }
    let problems = problems.iter().map(|p| format!("{}: {}", p.at, p.message)).collect::<Vec<_>>().join("; ");
    Err(EngineError::Parameters { pack: plugin.description().id.clone(), problems })
}

/// Facts of subjects, with what the core derives from others for them.
#[derive(Clone)]
struct Known {
    facts: Facts,
    /// Of agreements that follow what units recover, these units.
    supervised: HashMap<AgreementId, Vec<CaseUnit>>,
}

impl Known {
    fn of(view: &mut View<'_>, which: &Subjects, as_of: Date, known_at: i64) -> Result<Self, EngineError> {
        let facts = view.facts(which, as_of, known_at)?;
        let following: Vec<_> = facts.agreements.iter().filter_map(|a| Some((a.id, a.supervises.as_ref()?))).collect();
        let supervised = if following.is_empty() {
            HashMap::new()
        } else {
            let followed = Followed::of(view, as_of, known_at)?;
            following.into_iter().map(|(agreement, supervision)| Ok((agreement, followed.units(supervision)?))).collect::<Result<_, EngineError>>()?
        };
        Ok(Self { facts, supervised })
    }
}

/// The cases that a pack makes of facts.
fn cases_of(plugin: &RulesPlugin, as_of: Date, known: Known) -> Vec<Case> {
    let description = plugin.description();
    let scopes: Vec<Scope> = description.scopes.iter().filter_map(|s| Scope::from_word(s)).collect();
    let wanted = cases::Wanted { pack: &description.id, scopes, kinds: description.agreements.iter().map(|a| a.kind.as_str()).collect() };
    cases::build(&wanted, as_of, known)
}

fn snapshot(view: &mut View<'_>, plugin: &RulesPlugin, request: &Request<'_>) -> Result<(Judged, Vec<Case>), EngineError> {
    let pack = &plugin.description().id;
    let known_at = view.head().position;
    let last = view.last_evaluated(pack)?;
    if let Some((e, _)) = last.as_ref().filter(|(e, _)| e.as_of > request.as_of) {
        return Err(EngineError::Backwards { asked: request.as_of, last: e.as_of });
    }
    let policy_changed = policy_in_force(view, pack, NOW)?.is_none_or(|p| p != policy(plugin, request));
    let full = request.full || policy_changed || last.is_none();
    let subjects = match (&last, full) {
        (Some((e, _)), false) => view.touched(e.known_at, Some(e.as_of), request.as_of)?.and(view.rechecks(pack, request.as_of)?),
        _ => Subjects::All,
    };
    let known = Known::of(view, &subjects, request.as_of, known_at)?;
    let cases = cases_of(plugin, request.as_of, known);
    Ok((Judged { known_at, last, policy_changed, full, subjects, verdicts: Vec::new(), fuel: 0 }, cases))
}

fn policy(plugin: &RulesPlugin, request: &Request<'_>) -> PolicyInForce {
    let d = plugin.description();
    PolicyInForce {
        pack: d.id.clone(),
        version: d.version.clone(),
        component: plugin.digest(),
        parameters: request.parameters.to_owned(),
        families: plugin.families(),
        tax_notes: plugin.tax_notes(),
    }
}

/// Judges in batches on every core; the order of verdicts is the order of cases.
fn in_batches(plugin: &RulesPlugin, setting: &Setting, cases: &[Case], batch: usize, goes_on: &GoesOn<'_>) -> Result<(Vec<Verdict>, u64), EngineError> {
    let judged = &AtomicU64::new(0);
    let batches: Vec<&[Case]> = cases.chunks(batch.max(1)).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(batches.len()).max(1);
    let share = batches.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = batches
            .chunks(share)
            .map(|mine| {
                scope.spawn(move || {
                    let mut verdicts = Vec::new();
                    let mut fuel = 0_u64;
                    for cases in mine {
                        let e = plugin.evaluate(setting, cases)?;
                        verdicts.extend(e.verdicts);
                        fuel = fuel.saturating_add(e.fuel);
                        let more = count(cases.len());
                        if goes_on(judged.fetch_add(more, Ordering::Relaxed).saturating_add(more)).is_break() {
                            return Err(EngineError::Stopped);
                        }
                    }
                    Ok::<_, EngineError>((verdicts, fuel))
                })
            })
            .collect();
        let mut all = (Vec::with_capacity(cases.len()), 0_u64);
        for worker in workers {
            // A panic of ours in a worker goes on in the caller.
            let (verdicts, fuel) = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            all.0.extend(verdicts);
            all.1 = all.1.saturating_add(fuel);
        }
        Ok(all)
    })
}

/// Appends what differs.
fn record(tx: &mut Tx<'_>, plugin: &RulesPlugin, request: &Request<'_>, judged: Judged) -> Result<Outcome, EngineError> {
    let pack = &plugin.description().id;
    if judged.policy_changed {
        tx.append(&[Record::Policy(policy(plugin, request)).into()])?;
    }
    let outcome = differ::write(tx, pack, request.as_of, &judged.subjects, judged.verdicts)?;
    let evaluated = Evaluated {
        pack: pack.clone(),
        as_of: request.as_of,
        known_at: judged.known_at,
        full: judged.full,
        component: plugin.digest(),
        cases: count(outcome.cases),
        faults: count(outcome.faults.len()),
    };
    tx.append(&[Record::Evaluated(evaluated).into()])?;
    Ok(Outcome { fuel: judged.fuel, ..outcome })
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// How many lines of a pack a full evaluation would change: zero unless the incremental state is wrong.
///
/// # Errors
/// As [`evaluate`].
pub fn drift(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, request: &Request<'_>) -> Result<usize, EngineError> {
    drift_while(store, plugin, ledger, request, &to_the_end)
}

/// [`drift`], for as long as that is wanted.
pub(crate) fn drift_while(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, request: &Request<'_>, goes_on: &GoesOn<'_>) -> Result<usize, EngineError> {
    let judged = judge(store, plugin, ledger, &Request { full: true, ..*request }, goes_on)?;
    store.read(ledger.id, |view| differ::lines_that_differ(view, &plugin.description().id, &judged))
}

/// Lines of a pack as they stand, for reports.
pub(crate) fn standing_lines(view: &mut View<'_>, pack: &str, known_at: i64) -> Result<Vec<recoup_model::due::Line>, EngineError> {
    let stored = view.lines(LineFilter { pack: Some(pack), subjects: None }, known_at)?;
    let leaves: Vec<u64> = stored.iter().map(|l| l.leaf).collect();
    Ok(view.line_records(&leaves)?)
}

/// The day it is where the ledger's entity keeps its books; the latest day on Earth where its zone is unknown.
#[must_use]
pub fn business_date(ledger: &Ledger, now: DateTime<Utc>) -> Date {
    match ledger.time_zone.parse::<chrono_tz::Tz>() {
        Ok(zone) => now.with_timezone(&zone).date_naive(),
        Err(_) => (now + chrono::TimeDelta::hours(14)).date_naive(),
    }
}

/// Everything known.
pub const KNOWN_NOW: i64 = NOW;
