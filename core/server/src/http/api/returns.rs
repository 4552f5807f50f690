//! Payroll's return file: what was paid and taken of a payout run.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{NaiveDate, Utc};
use recoup_engine::EngineError;
use recoup_engine::evaluate::business_date;
use recoup_engine::facts::{By, Once};
use recoup_engine::known::KnownAt;
use recoup_engine::settlement::{Confirmed, PayrollReturn, confirm, one};
use recoup_model::Digest;
use recoup_model::access::Permission;
use recoup_model::id::PayoutId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use super::payouts::{PayoutRow, payout_row};
use crate::http::access::{Needs, Pass};
use crate::http::moment::Asked;
use crate::http::problem::Problem;
use crate::http::query::{Param, Params, parameter};
use crate::http::route::{LEDGER, Posted, Route, in_path, posted, schemas};
use crate::http::write::{digest, idempotency_key};
use crate::http::{State, subject};
use crate::payroll;

/// The media type of a return file.
const CSV: &str = "text/csv";

/// A return that is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Returned {
    /// The run, as the return left it.
    payout: PayoutRow,
    /// The position that recorded the file: of a file that was recorded before, that of the first time.
    position: i64,
}

/// The route that takes return files.
pub(super) fn route() -> Route {
    let path = format!("{LEDGER}/payouts/{{key}}/returns");
    let file: RefOr<Schema> = Object::builder().schema_type(Type::String).content_media_type(CSV).build().into();
    let mut parameters: Vec<_> =
        [("ledger", "Code of the ledger."), ("key", "Which run.")].map(|(name, doc)| in_path(name, doc, <String as Param>::schema())).into();
    parameters.push(parameter("on", "The day on which it was paid and taken; today in the ledger's time zone when absent.", NaiveDate::schema()));
    let what = Posted {
        path: &path,
        needs: Needs::Leave(Permission::Settle),
        summary: "Records what payroll confirms of a payout run, all of it or nothing: a CSV file with the columns `item` and `confirmed`, which is what \
            was paid (12000.00) or taken (-2400.00), at most what is left of the item. What the file does not name was not settled; a row whose item is \
            `total` must be the sum of the others. The same file of the same run is recorded once, under whichever key it is sent.",
        parameters,
        body: Some((CSV, file)),
        status: "201",
        answer: "Returned",
        problems: &[
            "payout.not_exported",
            "payout.not_published",
            "payout.notice",
            "payout.objection",
            "payout.state",
            "payout.taken_up",
            "payout.unknown",
            "request.media_type",
            "settlement.beyond",
            "settlement.duplicate_item",
            "settlement.file",
            "settlement.paid_on",
            "settlement.unknown_item",
        ],
    };
    Route { schemas: schemas::<Returned>(), ..posted(what, || web::route().to(returned)) }
}

/// What is left of an item tells a wage, and no reading of it would be recorded: the run and payroll's file tell it.
fn without_amounts(error: EngineError) -> Problem {
    let problem = Problem::from(error);
    if problem.code() == "settlement.beyond" {
        return Problem::new("settlement.beyond").detail("an item is confirmed beyond what the run has left of it: compare the file with the run");
    }
    problem
}

async fn returned(request: HttpRequest, pass: Pass, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let actor = pass.caller.login().to_owned();
    let subject = subject(&request, pass, &state, &mut params)?;
    let on: Option<NaiveDate> = params.take("on")?;
    params.end(|| ["on", "language"])?;
    let key = format!("{actor} {}", idempotency_key(&request, true)?.unwrap_or_default());
    let media = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(CSV) {
        return Err(Problem::new("request.media_type").detail(format!("the body is `{media}`, and is taken as {CSV}")));
    }
    let unknown = || Problem::new("payout.unknown").detail("there is no such payout run");
    let payout = request.match_info().get("key").and_then(Uuid::read).map(PayoutId).ok_or_else(unknown)?;
    let input = digest(&request, &actor, Digest::of(&bytes));
    let answered = state.writers.run(move |store| {
        let ledger = subject.ledger(store)?;
        let confirmed = payroll::returned(&bytes, ledger.currency).map_err(|why| Problem::new("settlement.file").detail(why))?;
        let by = By { actor: &actor, at: Utc::now(), once: Some(Once { key: &key, input }) };
        let on = on.unwrap_or_else(|| business_date(&ledger, by.at));
        let payroll = PayrollReturn { payout, on, confirmed: &confirmed, file: Digest::of(&bytes) };
        let (Confirmed::Recorded(position) | Confirmed::Before(position)) = confirm(store, &ledger, &payroll, by).map_err(without_amounts)?;
        let moment = store.read(ledger.id, |view| Asked { as_of: None, known_at: Some(KnownAt::Position(position)) }.resolve(view, &ledger))?;
        let payout = subject.left(store, moment, |read| Ok(payout_row(&one(read.view, payout, position)?)))?;
        Ok(Returned { payout, position })
    });
    let returned = answered.await?;
    Ok(HttpResponse::Created().insert_header(("recoup-known-at", returned.position.to_string())).json(returned))
}
