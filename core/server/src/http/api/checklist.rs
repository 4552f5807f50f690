//! What a period needs to be closed (结账检查清单), line by line: as `recoup period check` prints it.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use recoup_engine::EngineError;
use recoup_engine::period::{Check, Closing, State as Stands, check_while};
use recoup_model::Month;
use recoup_model::access::Permission;
use recoup_model::period::Close;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Ref, Schema, Type};
use uuid::Uuid;

use super::jobs::is_plain;
use crate::context::{Context, For};
use crate::http::access::{Needs, Pass};
use crate::http::problem::Problem;
use crate::http::problems::PLUGIN;
use crate::http::query::{Param, Params, parameter};
use crate::http::route::{LEDGER, Route, in_path, plain, schemas};
use crate::http::{State, subject};

/// A line of the checklist.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckBody {
    /// Its stable code: what is wrong when it is not met.
    code: &'static str,
    /// What it is about.
    subject: String,
    /// met, excluded or failing.
    state: &'static str,
    /// Where it is excluded: the approved request to close over it.
    request: Option<Uuid>,
    /// Where it is failing: what is wrong.
    what: Option<String>,
    /// Where it is failing: how to mend it.
    mend: Option<String>,
}

/// What a period needs to be closed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChecklistBody {
    /// The month.
    month: String,
    /// The policy pack.
    pack: String,
    /// Whether no line is failing.
    ready: bool,
    /// The lines.
    checks: Vec<CheckBody>,
}

impl From<Check> for CheckBody {
    fn from(Check { code, subject, state }: Check) -> Self {
        let word = state.word();
        let (request, what, mend) = match state {
            Stands::Met => (None, None, None),
            Stands::Excluded(request) => (Some(request.0), None, None),
            Stands::Failing { what, mend } => (None, Some(what), Some(mend)),
        };
        Self { code, subject, state: word, request, what, mend }
    }
}

/// A pack, by its name.
struct Pack(String);

impl Param for Pack {
    const EXPECTED: &'static str = "write the name of a policy pack";
    fn read(text: &str) -> Option<Self> {
        Some(Self(text.to_owned())).filter(|Self(pack)| is_plain(pack))
    }
    fn schema() -> RefOr<Schema> {
        Object::builder().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]+$")).into()
    }
}

/// The checklist's route.
pub(super) fn route() -> Route {
    let parameters = vec![
        in_path("ledger", "Code of the ledger.", <String as Param>::schema()),
        in_path("key", "The month, such as `2024-07`.", <Month as Param>::schema()),
        parameter("pack", "The policy pack; the configured one when absent.", Pack::schema()),
    ];
    let summary = "What a period needs to be closed (结账检查清单), line by line, as things stand now: it is asked of the ledger's present, so neither \
        `as_of` nor `known_at` is. Where the pack is evaluated up to date, everything is judged for it and compared with what is posted; nothing is \
        recorded. Where that takes longer than a request may, `server.timeout` says so, and the close itself names what fails.";
    let answer = [("application/json", Ref::from_schema_name("ChecklistBody").into())];
    let needs = Needs::Leave(Permission::ClosePeriod);
    let route = plain(&format!("{LEDGER}/periods/{{key}}/checklist"), needs, summary, parameters, &answer, || web::route().to(checklist));
    let problems = [PLUGIN, &["money.invalid", "policy.parameters", "policy.retroactive"]].concat();
    Route { problems, schemas: schemas::<ChecklistBody>(), ..route }
}

async fn checklist(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let pack: Option<Pack> = params.take("pack")?;
    let actor = pass.caller.login().to_owned();
    let subject = subject(&request, pass, &state, &mut params)?;
    params.end(|| ["pack", "language"])?;
    let month = request.match_info().get("key").and_then(<Month as Param>::read);
    let month = month.ok_or_else(|| Problem::new("request.not_found").detail("there is no such month: write one such as 2024-07"))?;
    let context = std::sync::Arc::clone(&state.context);
    let body = state.judges.run(move |store| {
        let patience = Duration::from_millis(context.config.server.request_timeout_ms);
        let begun = Instant::now();
        // Nobody waits any more for what takes longer.
        let goes_on = |_| if begun.elapsed() < patience { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        let ledger = subject.ledger(store)?;
        let rules = context.rules(&context.host()?, pack.as_ref().map(|Pack(id)| id.as_str()), For::Books(store))?;
        let (parameters, batch_cases) = (context.parameters(&rules)?, context.config.evaluate.batch_cases);
        let closing = Closing { month, close: Close::Hard, parameters: &parameters, batch_cases, actor: &actor, recorded_at: Context::now() };
        let checks = check_while(store, &rules, &ledger, &closing, &goes_on).map_err(|error| match error {
            EngineError::Stopped => Problem::new("server.timeout"),
            other => other.into(),
        })?;
        let ready = !checks.iter().any(Check::is_failing);
        let pack = rules.description().id.clone();
        Ok(ChecklistBody { month: month.to_string(), pack, ready, checks: checks.into_iter().map(Into::into).collect() })
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body.await?))
}
