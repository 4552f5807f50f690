//! Writes: each is one command of the engine, once for each `Idempotency-Key`.
//!
//! The key goes into the ledger's log with the digest of the request, in the transaction that does the work. So a repeated
//! request is answered with where the first one stands, also after a crash between the work and its answer, also by another
//! process; and of several at once one does the work while the others wait for the ledger. The answer is read from the
//! state that the command left: a repeated request gets the first answer.

use std::cell::Cell;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderName, IF_MATCH, LOCATION};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::Utc;
use recoup_engine::access::{Caller, Secret};
use recoup_engine::facts::{By, Once};
use recoup_engine::known::KnownAt;
use recoup_engine::source::Versions;
use recoup_model::Digest;
use recoup_model::access::Permission;
use recoup_model::id::ProposalId;
use recoup_model::record::Ledger;
use recoup_store::Store;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::Pass;
use super::body;
use super::moment::{Asked, Read};
use super::problem::Problem;
use super::query::Params;
use super::{State, subject};
use crate::context::Context;

/// Where a client puts the key of its request.
pub(crate) static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Characters of a key at most.
const KEY_MAX: usize = 200;

/// How a write asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Makes something, or lets something happen: needs a key.
    Post,
    /// Lets something happen to what is there: needs a key, and may name the version that it is to happen to.
    Amend,
    /// Changes what is there: needs the version that it is to change.
    Put,
}

/// A write to a ledger.
pub(crate) trait Write: 'static {
    /// What the request says.
    type Body: DeserializeOwned + ToSchema + Send + 'static;
    /// What it is answered with.
    type Answer: Serialize + ToSchema + Send + 'static;
    /// How it asks.
    const VERB: Verb;
    /// Where it is, under the ledger; `{key}` stands for what it is about.
    const PATH: &'static str;
    /// What it does, in a sentence.
    const SUMMARY: &'static str;
    /// What whoever asks must be allowed to do.
    const NEEDS: Permission;
    /// The status of success.
    const STATUS: StatusCode;
    /// Codes of problems that do not follow from what it is: what it does may be refused.
    const PROBLEMS: &'static [&'static str];
    /// Those of other operations that it does as well.
    const ALSO: &'static [&'static [&'static str]] = &[];
    /// Does it, as one command of the engine; answers with its position.
    fn perform(store: &mut Store, act: &Act<'_>, body: &Self::Body) -> Result<i64, Problem>;
    /// What is said of it, from the state that the command left.
    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, body: &Self::Body) -> Result<Answered<Self::Answer>, Problem>;
}

/// The position of a command that a write cannot do without.
pub(crate) fn written(position: Option<i64>) -> Result<i64, Problem> {
    position.ok_or_else(|| Problem::new("server.internal"))
}

/// Who writes what to which ledger.
pub(crate) struct Act<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Who asks, with their rights.
    pub caller: &'a Caller,
    /// What can be said only now: a secret that the act made, and that is kept nowhere.
    pub secret: Cell<Option<Secret>>,
    /// The request for approval that the act came to.
    pub asked: Cell<Option<ProposalId>>,
    /// What the path names.
    pub key: &'a str,
    /// Who, when, and under which key.
    pub by: By<'a>,
    /// The versions that a change may be of.
    pub versions: Versions,
    /// What the process has of plugins and settings.
    pub context: &'a Context,
}

/// An answer to a write.
pub(crate) struct Answered<T> {
    /// What is said.
    pub body: T,
    /// Where what was made is.
    pub location: Option<String>,
    /// The version of what was made or changed.
    pub version: Option<i64>,
}

/// Answers a write.
pub(crate) async fn write<W: Write>(request: HttpRequest, pass: Pass, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let (caller, actor) = (Arc::clone(&pass.caller), pass.caller.login().to_owned());
    let subject = subject(&request, pass, &state, &mut params)?;
    params.end(|| ["language"])?;
    let key = idempotency_key(&request, W::VERB != Verb::Put)?.map(|key| format!("{actor} {key}"));
    let versions = match W::VERB {
        Verb::Post => Versions::Any,
        Verb::Amend => if_match(&request)?.unwrap_or(Versions::Any),
        Verb::Put => if_match(&request)?.ok_or_else(|| Problem::new("request.precondition_required"))?,
    };
    let body: W::Body = body::read(&request, &bytes)?;
    let input = digest(&request, &actor, Digest::of(&bytes));
    let about = request.match_info().get("key").unwrap_or_default().to_owned();
    let (context, shared) = (Arc::clone(&state.context), Data::clone(&state));
    let answered = state.writers.run(move |store| {
        let ledger = subject.ledger(store)?;
        let by = By { actor: &actor, at: Utc::now(), once: key.as_deref().map(|key| Once { key, input }) };
        let act = Act { ledger: &ledger, caller: &caller, secret: Cell::new(None), asked: Cell::new(None), key: &about, by, versions, context: &context };
        let position = W::perform(store, &act, &body)?;
        if W::NEEDS.is_of_installation() {
            shared.gate.forget();
        }
        let moment = store.read(ledger.id, |view| Asked { as_of: None, known_at: Some(KnownAt::Position(position)) }.resolve(view, &ledger))?;
        Ok((position, subject.left(store, moment, |read| W::answer(read, &act, &body))?))
    });
    let (position, answered) = answered.await?;
    let mut response = HttpResponse::build(W::STATUS);
    response.insert_header(("recoup-known-at", position.to_string()));
    if let Some(location) = answered.location {
        response.insert_header((LOCATION, location));
    }
    if let Some(version) = answered.version {
        response.insert_header((ETAG, tag(version)));
    }
    Ok(response.json(answered.body))
}

/// The entity tag of a version: the position that recorded it.
pub(crate) fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The versions that a change may be of, if it names any: one of several tags, or `*` for whichever is there.
fn if_match(request: &HttpRequest) -> Result<Option<Versions>, Problem> {
    let given: Vec<&str> = request.headers().get_all(IF_MATCH).filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).map(str::trim).collect();
    if given.is_empty() {
        return Ok(None);
    }
    if given == ["*"] {
        return Ok(Some(Versions::Any));
    }
    // A tag that is none of ours is no version's; a weak one is none, for versions differ in every byte.
    let version = |tag: &&str| tag.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse().ok());
    let versions: Vec<i64> = given.iter().filter_map(version).collect();
    if versions.is_empty() {
        return Err(Problem::new("request.precondition_failed").detail(format!("`If-Match: {}` is not the tag of a version", given.join(", "))));
    }
    Ok(Some(Versions::These(versions)))
}

/// The key of a request.
pub(crate) fn idempotency_key(request: &HttpRequest, is_needed: bool) -> Result<Option<&str>, Problem> {
    let wrong = |what: String| Err(Problem::new("request.idempotency_key").detail(what));
    let Some(key) = request.headers().get(&IDEMPOTENCY_KEY) else {
        return if is_needed { wrong("the header `Idempotency-Key` is missing".to_owned()) } else { Ok(None) };
    };
    match key.to_str() {
        Ok(key) if (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => Ok(Some(key)),
        _ => wrong(format!("a key has 1 to {KEY_MAX} visible characters and no space")),
    }
}

/// What a key stands for: method, path with its parameters, caller and body.
pub(crate) fn digest(request: &HttpRequest, actor: &str, body: Digest) -> Digest {
    Digest::of(format!("{} {} {actor}\n{body}", request.method(), request.uri()).as_bytes())
}

/// A body that says nothing.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}
