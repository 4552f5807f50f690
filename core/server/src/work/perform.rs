//! What a job does: the engine's own functions, with what the process has of plugins and settings.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;

use chrono::NaiveDate;
use recoup_engine::EngineError;
use recoup_engine::access::asker;
use recoup_engine::approval::{Asked, Wanted, ask, unit_of};
use recoup_engine::evaluate::{self, evaluate_while};
use recoup_engine::facts::By;
use recoup_engine::intake::{self, import_open};
use recoup_engine::known::NotWhen;
use recoup_engine::period::{Closing, close_while};
use recoup_model::Digest;
use recoup_model::import::{Batch, Issue};
use recoup_model::period::Close;
use recoup_model::record::Ledger;
use recoup_store::{EVERYTHING, Job, Page, Store};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::request::{Evaluation, HardClose, Import, PeriodClose, Request, Simulation};
use super::watch::Watch;
use crate::context::{Context, For};
use crate::error::CliError;
use crate::simulation::{OnTrial, Question};

/// What came of a job that is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// A file is imported.
    Import {
        /// The batch.
        batch: Uuid,
        /// Whether the file had been imported before: then this is the first result.
        imported_before: bool,
        /// How many records met which fate.
        counts: Counts,
    },
    /// A pack is evaluated.
    Evaluation {
        /// Cases judged.
        cases: u64,
        /// Cases set aside.
        faults: u64,
    },
    /// A period is closed.
    PeriodClose {},
    /// Its close is asked for.
    Asked {
        /// The request, which waits for another person.
        request: Uuid,
    },
    /// Something is simulated.
    Simulation(Box<Simulated>),
}

/// What was simulated, by which components, and what was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Simulated {
    pub pack: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub in_force: Digest,
    pub on_trial: Digest,
    pub found: evaluate::Simulation,
}

/// How many records met which fate.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportCounts)]
pub(crate) struct Counts {
    /// Handed over by the adapter.
    read: u64,
    /// New to the ledger.
    added: u64,
    /// Known with other content: corrected.
    corrected: u64,
    /// Known with equal content.
    unchanged: u64,
    /// Left out on purpose.
    skipped: u64,
    /// Refused with a reason: in quarantine.
    refused: u64,
    /// Known from this source, and not in a snapshot.
    missing: u64,
}

/// Why a job cannot be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The code of the catalogue.
    pub code: String,
    /// What is wrong.
    pub detail: String,
    /// Records that refuse the file, the first of them.
    #[serde(default)]
    pub issues: Vec<Refusal>,
}

/// A record that refuses a file.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct Refusal {
    /// Stable code.
    code: String,
    /// Row, sheet or XPath.
    locator: String,
    /// Key of the record, when known.
    key: String,
    /// What is wrong and how to mend it.
    message: String,
}

/// Refusing records that a failure shows.
const REFUSALS_MAX: usize = 200;

impl Failure {
    pub(super) fn of(error: &CliError) -> Self {
        let refusal = |i: &Issue| Refusal { code: i.code.clone(), locator: i.locator.clone(), key: i.key.clone(), message: i.message.clone() };
        let issues = match error {
            CliError::Engine(EngineError::Refused { issues, .. }) => {
                intake::of_kind(issues, recoup_model::import::IssueKind::Refused).take(REFUSALS_MAX).map(refusal).collect()
            }
            _ => Vec::new(),
        };
        Self { code: error.code().to_owned(), detail: error.to_string(), issues }
    }

    pub(super) fn gave_up() -> Self {
        Self {
            code: "job.gave_up".to_owned(),
            detail: "every process that took the job ended without finishing it: see their logs, and ask for it again".to_owned(),
            issues: Vec::new(),
        }
    }
}

impl From<&Batch> for Counts {
    fn from(batch: &Batch) -> Self {
        let recoup_model::import::Counts { read, added, corrected, unchanged, skipped, refused, missing } = batch.counts;
        Self { read, added, corrected, unchanged, skipped, refused, missing }
    }
}

fn imported(batch: &Batch, imported_before: bool) -> Outcome {
    Outcome::Import { batch: batch.id.0, imported_before, counts: batch.into() }
}

/// Does a job; answers with the position that holds its effect, if it had one.
pub(super) fn perform(context: &Context, store: &mut Store, job: &Job, watch: &Watch) -> Result<(Option<i64>, Outcome), CliError> {
    let ledger = ledger(store, job)?;
    match request(job)? {
        Request::Import(what) => import(context, store, &ledger, job, &what, watch),
        Request::Evaluation(Evaluation { pack, as_of, full }) => {
            let rules = context.rules(&context.host()?, pack.as_deref(), For::Books(store))?;
            let parameters = context.parameters(&rules)?;
            let batch_cases = context.config.evaluate.batch_cases;
            let request = evaluate::Request { as_of, parameters: &parameters, full, batch_cases, actor: &job.actor, recorded_at: Context::now() };
            let outcome = evaluate_while(store, &rules, &ledger, &request, &|judged| watch.goes_on(0, judged))?;
            let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            Ok((outcome.position, Outcome::Evaluation { cases: count(outcome.cases), faults: count(outcome.faults.len()) }))
        }
        Request::PeriodClose(PeriodClose { month, pack, close: firmly }) => {
            let rules = context.rules(&context.host()?, pack.as_deref(), For::Books(store))?;
            let parameters = context.parameters(&rules)?;
            let batch_cases = context.config.evaluate.batch_cases;
            let closing = Closing { month, close: firmly, parameters: &parameters, batch_cases, actor: &job.actor, recorded_at: Context::now() };
            Ok((close_while(store, &rules, &ledger, &closing, &|judged| watch.goes_on(0, judged))?, Outcome::PeriodClose {}))
        }
        Request::HardClose(HardClose { month, pack, unit }) => {
            let caller = asker(store, &job.actor)?;
            let unit = unit.map(|code| store.read(ledger.id, |view| unit_of(view, &code))).transpose()?;
            let rules = context.rules(&context.host()?, pack.as_deref(), For::Books(store))?;
            let parameters = context.parameters(&rules)?;
            let (batch_cases, recorded_at) = (context.config.evaluate.batch_cases, Context::now());
            let closing = Closing { month, close: Close::Hard, parameters: &parameters, batch_cases, actor: &job.actor, recorded_at };
            let wanted = Wanted::HardClose { plugin: &rules, closing: &closing, goes_on: &|judged| watch.goes_on(0, judged) };
            let Asked { request, position } = ask(store, &ledger, &caller, &wanted, unit, By::new(&job.actor, recorded_at))?;
            Ok((position, Outcome::Asked { request: request.0 }))
        }
        Request::Simulation(Simulation { pack, from, to, parameters, component, known_at, largest }) => {
            let known_at = known_at.map(|text| text.parse()).transpose().map_err(|e: NotWhen| CliError::Failed(e.to_string()))?;
            let question = Question { pack: pack.as_deref(), component: component.map(OnTrial::Of), parameters, from, to, known_at, largest };
            let simulated = question.simulated(context, store, &ledger, &|judged| watch.goes_on(0, judged))?;
            let (in_force, on_trial) = (simulated.in_force.digest(), simulated.on_trial.digest());
            let pack = simulated.in_force.description().id.clone();
            Ok((None, Outcome::Simulation(Box::new(Simulated { pack, from, to, in_force, on_trial, found: simulated.found }))))
        }
    }
}

/// What came of a job whose effect is at a position.
pub(super) fn found(store: &mut Store, job: &Job, position: i64) -> Result<Outcome, CliError> {
    store.read(job.ledger, |view| {
        let missing = || CliError::Failed(format!("position {position} holds nothing of the job"));
        match request(job)? {
            Request::Import(_) => {
                let batch = view.batches(EVERYTHING)?.into_iter().find(|(at, _)| *at == position);
                batch.map(|(_, batch)| imported(&batch, false)).ok_or_else(missing)
            }
            Request::Evaluation(_) => {
                let evaluated = view.evaluations(EVERYTHING)?.into_iter().find(|(at, _)| *at == position);
                evaluated.map(|(_, e)| Outcome::Evaluation { cases: e.cases, faults: e.faults }).ok_or_else(missing)
            }
            Request::PeriodClose(_) => Ok(Outcome::PeriodClose {}),
            Request::HardClose(_) => {
                let asked = view.requests_page(&Page::ALL, EVERYTHING)?.into_iter().find(|asked| asked.position == position);
                asked.map(|asked| Outcome::Asked { request: asked.record.id.0 }).ok_or_else(missing)
            }
            Request::Simulation(_) => Err(missing()),
        }
    })
}

fn request(job: &Job) -> Result<Request, CliError> {
    serde_json::from_str(&job.request).map_err(|e| CliError::Failed(format!("the job {} cannot be read: {e}", job.id)))
}

fn ledger(store: &mut Store, job: &Job) -> Result<Ledger, CliError> {
    let found = store.ledgers()?.into_iter().find(|l| l.id == job.ledger);
    found.ok_or_else(|| CliError::Failed(format!("the job {} is of no ledger", job.id)))
}

fn import(context: &Context, store: &mut Store, ledger: &Ledger, job: &Job, what: &Import, watch: &Watch) -> Result<(Option<i64>, Outcome), CliError> {
    let profile = context.profile(&what.profile)?;
    let adapter = context.adapter(&context.host()?, &profile.adapter, For::Books(store))?;
    let Some(file) = spooled(store, job, watch)? else { return Err(EngineError::Stopped.into()) };
    let request = intake::Request {
        path: Path::new(&what.file_name),
        system: &what.system,
        profile: &profile.id,
        profile_json: &profile.json,
        bad_records: what.bad_records,
        coverage: what.coverage,
        again: what.again,
        file_bytes_max: context.config.import.file_bytes_max,
        batch_items: context.config.import.batch_items,
        actor: &job.actor,
        recorded_at: Context::now(),
    };
    let goes_on = &mut |bytes, records| watch.goes_on(bytes, records);
    let done = import_open(store, &adapter, ledger, file, &request, goes_on)?;
    Ok((Some(done.position), imported(&done.batch, done.replayed)))
}

/// The original as a file that has no name and is gone with the process; nothing where the work is to stop.
fn spooled(store: &mut Store, job: &Job, watch: &Watch) -> Result<Option<File>, CliError> {
    let original = job.original.ok_or_else(|| CliError::Failed(format!("the job {} has no file", job.id)))?;
    let mut file = tempfile::tempfile()?;
    for number in 0.. {
        if watch.goes_on(0, 0).is_break() {
            return Ok(None);
        }
        match store.original_part(job.ledger, original, number)? {
            Some(part) => file.write_all(&part)?,
            None => break,
        }
    }
    file.rewind()?;
    Ok(Some(file))
}
