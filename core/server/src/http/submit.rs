//! Asking for long work: the answer says where the job is, and any process does it.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use recoup_model::Digest;
use recoup_model::access::Permission;
use recoup_model::record::Ledger;
use recoup_store::{NewJob, Store};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::Pass;
use super::body;
use super::problem::Problem;
use super::query::Params;
use super::write::{digest, idempotency_key};
use super::{State, subject};
use crate::telemetry::trace_context;
use crate::work::Request;

/// Long work that a body asks for.
pub(crate) trait Submit: 'static {
    /// What the request says.
    type Body: DeserializeOwned + ToSchema + Send + 'static;
    /// Where it is, under the ledger.
    const PATH: &'static str;
    /// What it does, in a sentence.
    const SUMMARY: &'static str;
    /// What whoever asks must be allowed to do.
    const NEEDS: Permission;
    /// The job; a body that asks for none is a problem.
    fn request(body: Self::Body) -> Result<Request, Problem>;
}

/// That work was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// The job's id.
    job: Uuid,
    /// Where its state is.
    state: String,
    /// Where its progress is, as server-sent events.
    events: String,
    /// Where it can be called off.
    cancel: String,
}

/// Answers a request for long work.
pub(crate) async fn submit<S: Submit>(request: HttpRequest, pass: Pass, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let actor = pass.caller.login().to_owned();
    let subject = subject(&request, pass, &state, &mut params)?;
    params.end(|| ["language"])?;
    let key = key(&request, &actor)?;
    let input = digest(&request, &actor, Digest::of(&bytes));
    let asked = S::request(body::read(&request, &bytes)?)?;
    let trace = trace_context();
    let accepted = state.desk.run(move |store| {
        let ledger = subject.ledger(store)?;
        ask(store, &ledger, &asked, None, &By { once: (&key, input), actor: &actor, trace_context: trace.as_deref() })
    });
    Ok(answer(accepted.await?))
}

/// The key of a request, as the job keeps it.
pub(crate) fn key(request: &HttpRequest, actor: &str) -> Result<String, Problem> {
    Ok(format!("{actor} {}", idempotency_key(request, true)?.unwrap_or_default()))
}

/// The request that asks for a job.
pub(crate) struct By<'a> {
    /// Its key, and its digest.
    pub once: (&'a str, Digest),
    /// Whose it is.
    pub actor: &'a str,
    /// Its trace's context.
    pub trace_context: Option<&'a str>,
}

/// Asks for a job.
pub(crate) fn ask(store: &mut Store, ledger: &Ledger, asked: &Request, upload: Option<(Uuid, Digest)>, by: &By<'_>) -> Result<Accepted, Problem> {
    let text = serde_json::to_string(asked).map_err(|e| Problem::internal(&e))?;
    let By { once, actor, trace_context } = *by;
    let job = store.submit(&NewJob { ledger: ledger.id, kind: asked.kind(), request: &text, upload, once, actor, trace_context })?;
    let at = format!("/api/v1/ledgers/{}/jobs/{}", ledger.code, job.id);
    Ok(Accepted { job: job.id, events: format!("{at}/events"), cancel: format!("{at}/cancel"), state: at })
}

/// The answer: accepted, and where.
pub(crate) fn answer(accepted: Accepted) -> HttpResponse {
    HttpResponse::build(StatusCode::ACCEPTED).insert_header((LOCATION, accepted.state.as_str())).json(accepted)
}
