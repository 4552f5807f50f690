//! Jobs: long work that was asked for, how far it is, and what came of it.

use std::time::{Duration, Instant};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY};
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::stream;
use recoup_model::access::{Permission, Sight};
use recoup_model::id::LedgerId;
use recoup_model::job::{JobKind, JobState};
use recoup_model::{Digest, Month};
use recoup_store::{Job, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder};
use utoipa::openapi::schema::{Object, Ref, Type};
use utoipa::openapi::{RefOr, Required, Schema};
use uuid::Uuid;

use crate::http::access::{Needs, Pass};
use crate::http::export::Form;
use crate::http::export::cell::{Cell, Moment, Row, ToCell as _};
use crate::http::list::{KEPT, VARIES, not_modified};
use crate::http::moment::{has, weak};
use crate::http::problem::Problem;
use crate::http::query::{Param, Params};
use crate::http::route::{Posted, Route, in_path, of_beside, plain, posted, tagged};
use crate::http::submit::{Submit, key};
use crate::http::write::digest;
use crate::http::{State, upload};
use crate::work::{Counts, Evaluation, Failure, Outcome, PeriodClose, Refusal, Request};

/// How often a job is looked at for whoever follows it.
const LOOK: Duration = Duration::from_millis(300);
/// After how long without news a sign of life is sent.
const QUIET: Duration = Duration::from_secs(10);
/// For how long a job is followed at a time: whoever asks again shows anew that they may.
const LIFE: Duration = Duration::from_secs(600);

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobBody {
    /// Its id.
    id: Uuid,
    /// What it does: import, evaluation, period-close, hard-close or simulation.
    kind: &'static str,
    /// queued, running, done, failed or cancelled; the last three stay.
    state: &'static str,
    /// Whether somebody called it off.
    cancel_asked: bool,
    /// Who asked for it.
    actor: String,
    /// When.
    submitted_at: Moment,
    /// When it ended.
    ended_at: Option<Moment>,
    /// How often a process took it.
    attempts: i64,
    /// Bytes read so far; zero where no file is read.
    bytes_read: i64,
    /// Records read so far; of an evaluation, a close or a simulation, cases judged. (A close judges twice: what changed, then everything; a simulation does by each policy.)
    records_read: i64,
    /// The position of the log that holds its effect.
    position: Option<i64>,
    /// Of an import: what was imported.
    import: Option<ImportOutcome>,
    /// Of an evaluation: what was judged.
    evaluation: Option<EvaluationOutcome>,
    /// Of a close that is asked for: the request, which waits for another person.
    request: Option<Uuid>,
    /// Of a simulation: where what it found is.
    simulation: Option<SimulationOutcome>,
    /// Why it failed.
    problem: Option<JobProblem>,
}

/// As a row of a table: what came of it is where its position and its paths lead.
impl Row for JobBody {
    const COLUMNS: &'static [&'static str] =
        &["id", "kind", "state", "cancel_asked", "actor", "submitted_at", "ended_at", "attempts", "bytes_read", "records_read", "position", "problem"];

    fn cells(&self) -> Vec<Cell> {
        let Self { id, kind, state, cancel_asked, actor, submitted_at, ended_at, attempts, bytes_read, records_read, position, problem, .. } = self;
        let problem = problem.as_ref().map(|p| p.code.clone());
        vec![
            id.cell(),
            kind.cell(),
            state.cell(),
            cancel_asked.cell(),
            actor.cell(),
            submitted_at.cell(),
            ended_at.cell(),
            attempts.cell(),
            bytes_read.cell(),
            records_read.cell(),
            position.cell(),
            problem.cell(),
        ]
    }
}

/// What was imported.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportOutcome {
    /// The import's id.
    id: Uuid,
    /// Where it is, with its control totals.
    path: String,
    /// Where its issues are.
    issues: String,
    /// Where its refused records are.
    quarantine: String,
    /// Whether the file had been imported before: then this is the first result.
    imported_before: bool,
    /// How many records met which fate.
    counts: Counts,
}

/// What was judged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvaluationOutcome {
    /// Cases judged.
    cases: u64,
    /// Cases set aside.
    faults: u64,
}

/// Where what was simulated is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulationOutcome {
    /// What it found, without the figures that are computed from wages.
    path: String,
    /// With them, for whoever may see wages.
    sensitive: String,
}

/// Why a job failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobProblem {
    /// Stable code of the catalogue.
    code: String,
    /// What is wrong.
    detail: String,
    /// The first records that refuse the file.
    issues: Vec<Refusal>,
}

fn moment(ms: i64) -> Moment {
    Moment(DateTime::<Utc>::from_timestamp_millis(ms).unwrap_or_default())
}

/// A job on the wire.
pub(super) fn body(code: &str, job: Job) -> JobBody {
    let (mut import, mut evaluation, mut request, mut simulation, mut problem) = (None, None, None, None, None);
    let result = job.result.as_deref().unwrap_or_default();
    match job.state {
        JobState::Done if job.kind == JobKind::Simulation => {
            let at = |part: &str| format!("/api/v1/ledgers/{code}{part}/jobs/{}/simulation", job.id);
            simulation = Some(SimulationOutcome { path: at(""), sensitive: at("/sensitive") });
        }
        JobState::Done => match serde_json::from_str(result) {
            Ok(Outcome::Import { batch, imported_before, counts }) => {
                let at = format!("/api/v1/ledgers/{code}");
                import = Some(ImportOutcome {
                    id: batch,
                    path: format!("{at}/imports/{batch}"),
                    issues: format!("{at}/issues?import={batch}"),
                    quarantine: format!("{at}/quarantine?import={batch}"),
                    imported_before,
                    counts,
                });
            }
            Ok(Outcome::Evaluation { cases, faults }) => evaluation = Some(EvaluationOutcome { cases, faults }),
            Ok(Outcome::Asked { request: asked }) => request = Some(asked),
            Ok(Outcome::PeriodClose {} | Outcome::Simulation(_)) | Err(_) => {}
        },
        JobState::Failed => {
            let failure: Option<Failure> = serde_json::from_str(result).ok();
            problem = failure.map(|Failure { code, detail, issues }| {
                let told = Problem::told(&code, detail);
                JobProblem { code: told.code().to_owned(), detail: told.to_string(), issues }
            });
        }
        JobState::Queued | JobState::Running | JobState::Cancelled => {}
    }
    JobBody {
        id: job.id,
        kind: job.kind.word(),
        state: job.state.word(),
        cancel_asked: job.cancel,
        actor: job.actor,
        submitted_at: moment(job.submitted),
        ended_at: job.ended.map(moment),
        attempts: job.attempts,
        bytes_read: job.progress.bytes,
        records_read: job.progress.records,
        position: job.position,
        import,
        evaluation,
        request,
        simulation,
        problem,
    }
}

/// A ledger whose jobs are asked for, and one of them.
pub(super) struct Asked {
    ledger: String,
    /// Jobs concern a ledger whole, like imports and the log.
    whole: bool,
    id: Option<Uuid>,
}

impl Asked {
    fn of(request: &HttpRequest, pass: &Pass) -> Result<Self, Problem> {
        Params::of(request.query_string())?.end(std::iter::empty::<String>)?;
        Ok(Self::at(request, pass))
    }

    pub(super) fn at(request: &HttpRequest, pass: &Pass) -> Self {
        let part = |name| request.match_info().get(name).unwrap_or_default();
        Self { ledger: part("ledger").to_owned(), whole: pass.sight == Sight::Everything, id: part("key").parse().ok() }
    }

    fn ledger(&self, store: &mut Store) -> Result<LedgerId, Problem> {
        let found = store.ledger(&self.ledger)?;
        found.map(|l| l.id).ok_or_else(|| Problem::new("store.unknown_ledger").detail(format!("there is no ledger `{}`", self.ledger)))
    }

    pub(super) fn find(&self, store: &mut Store) -> Result<Job, Problem> {
        let ledger = self.ledger(store)?;
        let found = self.id.filter(|_| self.whole).map(|id| store.job(ledger, id)).transpose()?.flatten();
        found.ok_or_else(|| Problem::new("request.not_found").detail("there is no such job"))
    }
}

/// What one job is.
const ONE: &str = "One job, as it is now: it is of no log, so neither `as_of` nor `known_at` is asked of it. Its entity tag changes when it gets on.";

/// Every route of jobs.
pub(super) fn routes() -> Vec<Route> {
    let path = |rest: &str| format!("/api/v1/ledgers/{{ledger}}/jobs{rest}");
    let job = || -> RefOr<Schema> { Ref::from_schema_name("Job").into() };
    let text = || -> RefOr<Schema> { Object::with_type(Type::String).into() };
    let needs = Needs::Leave(Permission::Read);
    let events = "The job's progress as server-sent events: `progress` with the job whenever it changed, `end` with the job when it ended.";
    let cancel = Posted {
        path: &path("/{key}/cancel"),
        needs,
        summary: "Calls a job off: one that waits never begins, one that runs changes nothing if it has not yet, one that ended stays as it is. \
            Needs the permission that asking for the job does.",
        parameters: parameters(),
        body: None,
        status: "202",
        answer: "Job",
        problems: &["access.forbidden", "request.not_found"],
    };
    vec![
        of_beside::<super::job_list::Jobs>(),
        tagged(plain(&path("/{key}"), needs, ONE, parameters(), &[("application/json", job())], || web::route().to(one))),
        plain(&path("/{key}/events"), needs, events, parameters(), &[("text/event-stream", text())], || web::route().to(follow)),
        posted(cancel, || web::route().to(call_off)),
        sent(),
    ]
}

/// The route that takes files.
fn sent() -> Route {
    let mut parameters = parameters();
    let file_name = crate::http::query::parameter("file_name", "What the file is called.", <String as Param>::schema());
    parameters.push(ParameterBuilder::from(file_name).required(Required::True).build());
    let again = "Whether the ledger is to say again what later files corrected.";
    parameters.push(crate::http::query::parameter("again", again, <bool as Param>::schema()));
    let file: RefOr<Schema> = Object::builder().schema_type(Type::String).content_media_type("application/octet-stream").build().into();
    posted(
        Posted {
            path: upload::PATH,
            needs: Needs::Leave(Permission::Import),
            summary: "Sends a file to a source. Its bytes are kept, and a job imports them.",
            parameters,
            body: Some(("application/octet-stream", file)),
            status: "202",
            answer: "Accepted",
            problems: &["source.retired", "source.unknown"],
        },
        || web::route().to(upload::upload),
    )
}

pub(super) fn parameters() -> Vec<Parameter> {
    [("ledger", "Code of the ledger."), ("key", "Which one.")].map(|(name, doc)| in_path(name, doc, <String as Param>::schema())).into()
}

async fn one(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let asked = Asked::of(&request, &pass)?;
    let job = state.pool.run(move |store| Ok(body(&asked.ledger, asked.find(store)?)));
    let text = serde_json::to_string(&job.await?).map_err(|e| Problem::internal(&e))?;
    let tag = weak(text.as_bytes());
    let known = request.headers().get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if known.is_some_and(|known| known.trim() == "*" || has(known, &tag)) {
        return Ok(not_modified(&tag));
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((ETAG, tag)).insert_header((VARY, VARIES)).insert_header((CACHE_CONTROL, KEPT));
    Ok(response.content_type(Form::Json.media()).body(text))
}

/// What somebody needs to ask for a job, and to call it off.
const fn needed(kind: JobKind) -> Permission {
    match kind {
        JobKind::Import => Permission::Import,
        JobKind::Evaluation | JobKind::Simulation => Permission::Evaluate,
        JobKind::PeriodClose | JobKind::HardClose => Permission::ClosePeriod,
    }
}

async fn call_off(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let asked = Asked::of(&request, &pass)?;
    let actor = pass.caller.login();
    let (key, input) = (key(&request, actor)?, digest(&request, actor, Digest::of(b"")));
    let job = state.desk.run(move |store| {
        let job = asked.find(store)?;
        if pass.caller.may(needed(job.kind), Some(job.ledger)).is_none() {
            return Err(Problem::new("access.forbidden"));
        }
        let job = store.cancel_job(job.ledger, job.id, (&key, input))?.unwrap_or(job);
        Ok(body(&asked.ledger, job))
    });
    Ok(HttpResponse::Accepted().json(job.await?))
}

/// Whoever follows a job.
struct Follower {
    state: Data<State>,
    asked: std::sync::Arc<Asked>,
    begun: Instant,
    said: Option<String>,
    at: Instant,
    ended: bool,
}

impl Follower {
    /// The next thing to say; nothing at the end.
    async fn next(mut self) -> Option<(Result<Bytes, Problem>, Self)> {
        while !self.ended {
            if self.state.end.is_asked() || self.begun.elapsed() > LIFE {
                return None;
            }
            let asked = std::sync::Arc::clone(&self.asked);
            let job = self.state.pool.run(move |store| {
                let job = asked.find(store)?;
                Ok((job.state.is_final(), serde_json::to_string(&body(&asked.ledger, job)).map_err(|e| Problem::internal(&e))?))
            });
            let (ended, text) = match job.await {
                Ok(found) => found,
                Err(problem) => {
                    self.ended = true;
                    return Some((Err(problem), self));
                }
            };
            if self.said.as_ref() != Some(&text) {
                let event = format!("event: {}\ndata: {text}\n\n", if ended { "end" } else { "progress" });
                (self.said, self.at, self.ended) = (Some(text), Instant::now(), ended);
                return Some((Ok(event.into()), self));
            }
            if self.at.elapsed() > QUIET {
                self.at = Instant::now();
                return Some((Ok(Bytes::from_static(b": still there\n\n")), self));
            }
            tokio::time::sleep(LOOK).await;
        }
        None
    }
}

async fn follow(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let asked = std::sync::Arc::new(Asked::of(&request, &pass)?);
    let first = std::sync::Arc::clone(&asked);
    // A job that is not there is a problem, not a stream.
    state.pool.run(move |store| first.find(store)).await?;
    let follower = Follower { state, asked, begun: Instant::now(), said: None, at: Instant::now(), ended: false };
    let mut response = HttpResponse::Ok();
    // Each event is to arrive when it is sent: nothing may gather them.
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((CONTENT_ENCODING, "identity")).insert_header(("x-accel-buffering", "no"));
    Ok(response.content_type("text/event-stream").streaming(stream::unfold(follower, Follower::next)))
}

/// What to evaluate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEvaluation {
    /// Judged at the end of this day.
    as_of: NaiveDate,
    /// The policy pack; the configured one when absent.
    pack: Option<String>,
    /// Every case, or only those that something touched.
    #[serde(default)]
    full: bool,
}

/// Asks for an evaluation.
pub(crate) struct Evaluate;

impl Submit for Evaluate {
    type Body = NewEvaluation;
    const PATH: &'static str = "/evaluations";
    const NEEDS: Permission = Permission::Evaluate;
    const SUMMARY: &'static str = "Asks for an evaluation (核算): what is due as of a day, posted as the difference.";

    fn request(NewEvaluation { as_of, pack, full }: NewEvaluation) -> Result<Request, Problem> {
        Ok(Request::Evaluation(Evaluation { pack: pack.map(plain_name).transpose()?, as_of, full }))
    }
}

/// Which period to close.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPeriodClose {
    /// The month, such as `2024-07`.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$")]
    month: String,
    /// The policy pack; the configured one when absent.
    pack: Option<String>,
    /// Close it softly: what is dated in it needs an approval, or goes to the open month. Otherwise nothing enters it any more.
    #[serde(default)]
    soft: bool,
}

/// Asks for the close of a period.
pub(crate) struct Close;

impl Submit for Close {
    type Body = NewPeriodClose;
    const PATH: &'static str = "/periods";
    const NEEDS: Permission = Permission::ClosePeriod;
    const SUMMARY: &'static str =
        "Asks for the close of a period (结账): everything is evaluated, the state before must already say the same, and nothing else may stand in the way.";

    fn request(NewPeriodClose { month, pack, soft }: NewPeriodClose) -> Result<Request, Problem> {
        let wrong = || Problem::new("request.body").detail(format!("/month: `{month}` is no month such as 2024-07")).pointer("/month".to_owned());
        let month: Month = month.parse().map_err(|_| wrong())?;
        let close = if soft { recoup_model::period::Close::Soft } else { recoup_model::period::Close::Hard };
        Ok(Request::PeriodClose(PeriodClose { month, pack: pack.map(plain_name).transpose()?, close }))
    }
}

/// Whether a pack's name leads to no other folder.
pub(super) fn is_plain(pack: &str) -> bool {
    !pack.is_empty() && pack.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A pack's name that a body gives.
pub(super) fn plain_name(pack: String) -> Result<String, Problem> {
    if is_plain(&pack) {
        return Ok(pack);
    }
    Err(Problem::new("request.body").detail(format!("/pack: `{pack}` is no name of a pack")).pointer("/pack".to_owned()))
}
