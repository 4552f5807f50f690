//! Files that are sent: stored part by part as they arrive, never held whole, and known by the digest of their bytes.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt as _;
use recoup_engine::source;
use recoup_model::Digest;
use recoup_model::id::LedgerId;
use recoup_store::Store;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::access::Pass;
use super::problem::Problem;
use super::query::Params;
use super::submit::{By, answer, ask, key};
use super::write::digest;
use super::{State, subject};
use crate::telemetry::trace_context;
use crate::work::{Import, Request};

/// Where files are sent.
pub(crate) const PATH: &str = "/api/v1/ledgers/{ledger}/sources/{key}/imports";

/// Whether a request sends a file, which may be larger than other bodies.
pub(crate) fn is_one(request: &ServiceRequest) -> bool {
    *request.method() == Method::POST && request.path().ends_with("/imports")
}

/// Bytes of a part.
const PART: usize = 1 << 20;

/// Bytes of a file's name at most.
const NAME_MAX: usize = 255;

/// Answers a file that is sent to a source.
pub(crate) async fn upload(request: HttpRequest, pass: Pass, state: Data<State>, body: Payload) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let actor = pass.caller.login().to_owned();
    let subject = subject(&request, pass, &state, &mut params)?;
    let file_name = name(params.take("file_name")?)?;
    let again: bool = params.take("again")?.unwrap_or(false);
    params.end(|| ["file_name", "again", "language"])?;
    let key = key(&request, &actor)?;
    let from = request.match_info().get("key").unwrap_or_default().to_owned();
    let once = key.clone();
    let begun = state.desk.run(move |store| {
        let ledger = subject.ledger(store)?;
        let asked_before = store.is_asked_for(ledger.id, &once)?;
        let source = store.read(ledger.id, |view| source::for_import(view, &from, asked_before))?;
        Ok((store.begin_upload(ledger.id)?, ledger, source))
    });
    let (upload, ledger, source) = begun.await?;
    let id = ledger.id;
    let asked = Import { file_name, system: source.system, profile: source.profile, bad_records: source.bad_records, coverage: source.coverage, again };
    let accepted = async {
        let bytes = parts(&state, id, upload, body).await?;
        let input = digest(&request, &actor, bytes);
        let trace = trace_context();
        let by = move |store: &mut Store| {
            let by = By { once: (&key, input), actor: &actor, trace_context: trace.as_deref() };
            ask(store, &ledger, &Request::Import(asked), Some((upload, bytes)), &by)
        };
        state.desk.run(by).await
    };
    match accepted.await {
        Ok(accepted) => Ok(answer(accepted)),
        Err(problem) => {
            // What is not asked for is not kept.
            state.desk.run(move |store| Ok(store.discard_upload(id, upload)?)).await?;
            Err(problem)
        }
    }
}

/// The name of a file, without the folders that a client may put before it.
fn name(given: Option<String>) -> Result<String, Problem> {
    let wrong = |what: &str| Problem::new("request.parameter").detail(format!("`file_name` {what}"));
    let given = given.ok_or_else(|| wrong("is missing: say what the file is called"))?;
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default();
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(wrong(&format!("is no name of a file, or has more than {NAME_MAX} bytes")));
    }
    Ok(name.to_owned())
}

/// Stores the parts of a body; answers with the digest of all its bytes.
async fn parts(state: &Data<State>, ledger: LedgerId, upload: Uuid, mut body: Payload) -> Result<Digest, Problem> {
    let (mut part, mut hash) = (Vec::with_capacity(PART), Sha256::new());
    let (mut size, mut number) = (0_u64, 0);
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|e| Problem::new("request.malformed").detail(format!("the file did not arrive whole: {e}")))?;
        size += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > state.file_bytes_max {
            return Err(Problem::new("import.file_too_large").detail(format!("a file may have {} bytes", state.file_bytes_max)));
        }
        hash.update(&bytes);
        part.extend_from_slice(&bytes);
        if part.len() >= PART {
            store(state, ledger, upload, number, std::mem::replace(&mut part, Vec::with_capacity(PART))).await?;
            number += 1;
        }
    }
    if !part.is_empty() {
        store(state, ledger, upload, number, part).await?;
    }
    Ok(Digest(hash.finalize().into()))
}

async fn store(state: &Data<State>, ledger: LedgerId, upload: Uuid, number: i64, part: Vec<u8>) -> Result<(), Problem> {
    state.desk.run(move |store| Ok(store.upload(ledger, upload, number, part)?)).await
}
