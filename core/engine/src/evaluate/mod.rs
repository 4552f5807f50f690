//! Evaluation: facts known at a position become cases, a rules plugin judges them, and what
//! differs from what is posted is appended.
//!
//! Judging goes by what was known at one position. The write then checks that no other evaluation
//! of the pack came in between, so that nothing is posted twice.

mod cases;
mod differ;
mod portions;
pub(crate) mod retroactive;
mod simulate;
pub(crate) mod stacking;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use recoup_host::RulesPlugin;
use recoup_model::calendar::Date;
use recoup_model::case::{Case, CaseUnit, Scope, Setting};
use recoup_model::due::{Fault, Verdict};
use recoup_model::id::AgreementId;
use recoup_model::period::Periods;
use recoup_model::record::{Evaluated, Ledger};
use recoup_store::{EVERYTHING as NOW, Facts, LineFilter, Store, Subjects, View};

use crate::EngineError;
use crate::report::targets::Followed;

use portions::Judge;
pub(crate) use simulate::policy_at;
pub use simulate::{Change, Difference, Figures, Policy, SetAside, Simulation, Span, policy_in_force, simulate, simulate_while};

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
pub const fn to_the_end(_: u64) -> ControlFlow<()> {
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

impl Outcome {
    /// Adds what a further part of an evaluation did.
    fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.faults.extend(other.faults);
        self.lines_changed += other.lines_changed;
        self.postings += other.postings;
        self.findings_changed += other.findings_changed;
        self.fuel = self.fuel.saturating_add(other.fuel);
    }
}

/// What is to be judged, by what was known and stood at one moment.
struct Plan {
    known_at: i64,
    last: Option<(Evaluated, i64)>,
    /// The position that put the policy in force.
    policy: Option<i64>,
    policy_changed: bool,
    full: bool,
    /// Whether nothing was recorded, and no day passed, that may change what any pack says.
    nothing_new: bool,
    periods: Periods,
    portions: Vec<Subjects>,
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
    let plan = planned(store, plugin, ledger, request)?;
    // No verdict is not nothing: what stands for a subject that makes no case any more has to go.
    if plan.nothing_new && plan.last.as_ref().is_some_and(|(e, _)| e.as_of == request.as_of) {
        return Ok(Outcome::default());
    }
    Judge { plugin, ledger, request, plan: &plan, goes_on }.post(store)
}

fn planned(store: &mut Store, plugin: &RulesPlugin, ledger: &Ledger, request: &Request<'_>) -> Result<Plan, EngineError> {
    let today = business_date(ledger, request.recorded_at);
    if request.as_of > today {
        return Err(EngineError::Future { asked: request.as_of, today });
    }
    checked(plugin, request.parameters)?;
    store.read(ledger.id, |view| plan(view, plugin, request))
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
    /// What units recovered is read once for all that follow it.
    fn of(view: &mut View<'_>, which: &Subjects, as_of: Date, known_at: i64, followed: &mut Option<Followed>) -> Result<Self, EngineError> {
        let facts = view.facts(which, as_of, known_at)?;
        let following: Vec<_> = facts.agreements.iter().filter_map(|a| Some((a.id, a.supervises.as_ref()?))).collect();
        let supervised = if following.is_empty() {
            HashMap::new()
        } else {
            let followed = match followed {
                Some(followed) => followed,
                None => followed.insert(Followed::of(view, as_of, known_at)?),
            };
            following.into_iter().map(|(agreement, supervision)| Ok((agreement, followed.units(supervision)?))).collect::<Result<_, EngineError>>()?
        };
        Ok(Self { facts, supervised })
    }
}

/// Scopes of the cases that a pack judges.
fn scopes(plugin: &RulesPlugin) -> Vec<Scope> {
    plugin.description().scopes.iter().filter_map(|s| Scope::from_word(s)).collect()
}

/// Kinds of the agreements that a pack judges.
fn kinds(plugin: &RulesPlugin) -> Vec<&str> {
    plugin.description().agreements.iter().map(|a| a.kind.as_str()).collect()
}

/// The cases that a pack makes of facts.
fn cases_of(plugin: &RulesPlugin, as_of: Date, known: Known) -> cases::Cases {
    cases::build(&cases::Wanted { pack: &plugin.description().id, scopes: scopes(plugin), kinds: kinds(plugin) }, as_of, known)
}

fn plan(view: &mut View<'_>, plugin: &RulesPlugin, request: &Request<'_>) -> Result<Plan, EngineError> {
    let pack = &plugin.description().id;
    let known_at = view.head().position;
    let last = view.last_evaluated(pack)?;
    if let Some((e, _)) = last.as_ref().filter(|(e, _)| e.as_of > request.as_of) {
        return Err(EngineError::Backwards { asked: request.as_of, last: e.as_of });
    }
    let (in_force, wanted) = (policy_at(view, pack, NOW)?, retroactive::of(plugin, request.parameters));
    let policy_changed = in_force.as_ref().is_none_or(|(_, p)| *p != wanted);
    if let (true, Some((_, in_force)), Some((evaluated, _))) = (policy_changed, &in_force, &last) {
        retroactive::refuse(plugin, in_force, &wanted, evaluated.as_of)?;
    }
    let policy = in_force.as_ref().map(|(position, _)| *position);
    // One that was approved since the last evaluation has judged nothing yet.
    let put_since = policy > last.as_ref().map(|(_, position)| *position);
    let full = request.full || policy_changed || put_since || last.is_none();
    let (scopes, incremental) = (scopes(plugin), !full);
    let touched = match &last {
        Some((e, _)) if incremental => view.touched(e.known_at, Some(e.as_of), request.as_of)?.and(view.rechecks(pack, request.as_of)?),
        // What stands of another component may be of subjects that this one does not look at.
        Some((e, _)) if e.component != plugin.digest() => view.subjects(None)?,
        _ => view.subjects(Some(&kinds(plugin)))?.only(&scopes),
    };
    let nothing_new = incremental && touched.is_empty();
    let subjects = if incremental { touched.only(&scopes) } else { touched };
    let portions = portions::of(&subjects, request.batch_cases);
    Ok(Plan { known_at, last, policy, policy_changed, full, nothing_new, periods: view.periods(NOW)?, portions })
}

/// Judges in batches; the order of verdicts is the order of cases. They are added to those judged before.
fn in_batches(
    plugin: &RulesPlugin,
    setting: &Setting,
    cases: &[Case],
    batch: usize,
    judged: &AtomicU64,
    goes_on: &GoesOn<'_>,
) -> Result<(Vec<Verdict>, u64), EngineError> {
    let mut all = (Vec::with_capacity(cases.len()), 0_u64);
    for cases in cases.chunks(batch.max(1)) {
        let evaluation = plugin.evaluate(setting, cases)?;
        all.0.extend(evaluation.verdicts);
        all.1 = all.1.saturating_add(evaluation.fuel);
        let more = count(cases.len());
        if goes_on(judged.fetch_add(more, Ordering::Relaxed).saturating_add(more)).is_break() {
            return Err(EngineError::Stopped);
        }
    }
    Ok(all)
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
    let request = &Request { full: true, ..*request };
    let plan = planned(store, plugin, ledger, request)?;
    let mut lines = 0;
    store.read(ledger.id, |view| {
        Judge { plugin, ledger, request, plan: &plan, goes_on }.judge(view, |portion| {
            lines += portion.outcome.lines_changed;
            ControlFlow::Continue(())
        })
    })?;
    Ok(lines)
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
