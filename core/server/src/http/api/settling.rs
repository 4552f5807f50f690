//! What becomes of a payout run: prepared, published for its notice, objected to, handed to payroll, returned, cancelled, taken
//! back. Its approval is asked for and decided like any other; its amounts are told by the run.

use actix_web::http::StatusCode;
use chrono::NaiveDate;
use recoup_engine::evaluate::business_date;
use recoup_engine::settlement::{Choice, cancel, export, object, objection_under, prepare, prepared_under, publish, resolve, reverse, runs};
use recoup_model::Month;
use recoup_model::access::Permission;
use recoup_model::id::{ObjectionId, PayoutId};
use recoup_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::payouts::{PayoutRow, payout_row};
use super::settlement::STATEMENT;
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::Param as _;
use crate::http::write::{Act, Answered, Nothing, Verb, Write, written};

/// For whom a run is made, and of what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPayout {
    /// The month whose wages settle, such as `2024-07`.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$")]
    month: Month,
    /// What was payable at the end of this day of the month counts; its last day when absent.
    as_of: Option<NaiveDate>,
    /// Staff numbers of those for whom alone the run is made; everybody when empty.
    #[serde(default)]
    persons: Vec<String>,
    /// Staff numbers of those whose withheld wages are released; nobody's when empty.
    #[serde(default)]
    released: Vec<String>,
}

impl NewPayout {
    fn span(&self) -> (Month, NaiveDate) {
        (self.month, self.as_of.unwrap_or_else(|| self.month.last_day()))
    }

    fn choice(&self) -> Choice<'_> {
        Choice { persons: &self.persons, released: &self.released }
    }
}

/// Prepares a run.
pub(crate) struct Prepare;

impl Write for Prepare {
    type Body = NewPayout;
    type Answer = PayoutRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/payouts";
    const SUMMARY: &'static str = "Prepares a payout run (发放批次): fixes what of a month's statement payroll is to get. What the statement holds is left out \
        of it. The same content again is the run that is there. Who prepares it does not approve it.";
    const NEEDS: Permission = Permission::Settle;
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &["payout.empty", "payout.open", "person.unknown", "settlement.earlier_month", "settlement.held"];
    const ALSO: &'static [&'static [&'static str]] = &[STATEMENT];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewPayout) -> Result<i64, Problem> {
        written(prepare(store, act.ledger, body.span(), body.choice(), Some(act.caller.user()), act.by)?.position)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, body: &NewPayout) -> Result<Answered<PayoutRow>, Problem> {
        let once = act.by.once.ok_or_else(|| Problem::new("server.internal"))?;
        let id = prepared_under(read.view, once, body.span(), body.choice(), read.moment.known_at)?;
        let answered = found(read, id.ok_or_else(|| Problem::new("server.internal"))?)?;
        let location = Some(format!("/api/v1/ledgers/{}/payouts/{}", act.ledger.code, answered.body.id));
        Ok(Answered { location, ..answered })
    }
}

/// A run as a write left it.
fn found(read: &mut Read<'_, '_>, id: PayoutId) -> Result<Answered<PayoutRow>, Problem> {
    let run = runs(read.view, Some(&[id]), read.moment.known_at)?.into_iter().next().ok_or_else(|| Problem::new("server.internal"))?;
    Ok(Answered { body: payout_row(&run), location: None, version: None })
}

/// The id in a path; what cannot be one is the id of nothing.
fn key<T>(act: &Act<'_>, id: fn(Uuid) -> T, code: &str) -> Result<T, Problem> {
    Uuid::read(act.key).map(id).ok_or_else(|| Problem::new(code))
}

fn run_of(act: &Act<'_>) -> Result<PayoutId, Problem> {
    key(act, PayoutId, "payout.unknown")
}

/// The day that is said, or today where the ledger's entity keeps its books.
fn day(act: &Act<'_>, on: Option<NaiveDate>) -> NaiveDate {
    on.unwrap_or_else(|| business_date(act.ledger, act.by.at))
}

/// When something became of a run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnADay {
    /// The day; today in the ledger's time zone when absent.
    on: Option<NaiveDate>,
}

/// Publishes a run.
pub(crate) struct Publish;

impl Write for Publish {
    type Body = OnADay;
    type Answer = PayoutRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/payouts/{key}/publication";
    const SUMMARY: &'static str = "Publishes a run (公示), for the notice of the terms in force. The day of publication is day 0; the run is payable from the \
        day after the last day of its notice, unless an objection that was raised by then is open.";
    const NEEDS: Permission = Permission::Settle;
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] = &["payout.day", "payout.no_terms", "payout.state", "payout.unknown"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &OnADay) -> Result<i64, Problem> {
        written(publish(store, act.ledger, run_of(act)?, day(act, body.on), act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &OnADay) -> Result<Answered<PayoutRow>, Problem> {
        found(read, run_of(act)?)
    }
}

/// Who objects, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewObjection {
    /// Staff number of who objects.
    person: String,
    /// What they say; personal data.
    reason: String,
    /// The day on which they said it; today in the ledger's time zone when absent.
    on: Option<NaiveDate>,
}

/// An objection that was raised.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Objected {
    /// Its id.
    objection: Uuid,
    /// The run, as it stands.
    payout: PayoutRow,
}

/// Records an objection.
pub(crate) struct Object;

impl Write for Object {
    type Body = NewObjection;
    type Answer = Objected;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/payouts/{key}/objections";
    const SUMMARY: &'static str = "Records that somebody objects (异议) to a published run. One that is raised within the notice holds the run up until it is \
        settled.";
    const NEEDS: Permission = Permission::Settle;
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &["payout.day", "payout.reason", "payout.state", "payout.unknown", "person.unknown"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewObjection) -> Result<i64, Problem> {
        let NewObjection { person, reason, on } = body;
        written(object(store, act.ledger, run_of(act)?, person, day(act, *on), reason, act.by)?.1)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &NewObjection) -> Result<Answered<Objected>, Problem> {
        let (run, once) = (run_of(act)?, act.by.once.ok_or_else(|| Problem::new("server.internal"))?);
        let Answered { body: payout, .. } = found(read, run)?;
        Ok(Answered { body: Objected { objection: objection_under(run, once).0, payout }, location: None, version: None })
    }
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// Why, or how it was settled; no person's name, because it is never erased.
    reason: String,
}

/// Settles an objection.
pub(crate) struct Resolve;

impl Write for Resolve {
    type Body = Reason;
    type Answer = PayoutRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/objections/{key}/resolution";
    const SUMMARY: &'static str = "Settles an objection, by its id, with the reason. Where it is right, the run is cancelled instead.";
    const NEEDS: Permission = Permission::Settle;
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] = &["payout.reason", "payout.resolved", "payout.state", "payout.unknown_objection"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &Reason) -> Result<i64, Problem> {
        written(resolve(store, act.ledger, key(act, ObjectionId, "payout.unknown_objection")?, &body.reason, act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &Reason) -> Result<Answered<PayoutRow>, Problem> {
        let objection = key(act, ObjectionId, "payout.unknown_objection")?;
        let all = runs(read.view, None, read.moment.known_at)?;
        let run = all.iter().find(|run| run.progress.objections.iter().any(|o| o.id == objection)).ok_or_else(|| Problem::new("server.internal"))?;
        Ok(Answered { body: payout_row(run), location: None, version: None })
    }
}

/// Hands a run to payroll.
pub(crate) struct HandOut;

impl Write for HandOut {
    type Body = Nothing;
    type Answer = PayoutRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/payouts/{key}/export";
    const SUMMARY: &'static str = "Hands a run to payroll: published and its notice over, approved where the table of authority has a row `payout`, and as \
        the statement still is. Payroll's file is at /payouts/{key}/payroll from then on. Handed out again it is the same.";
    const NEEDS: Permission = Permission::Settle;
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] =
        &["payout.needs_approval", "payout.not_published", "payout.notice", "payout.objection", "payout.stale", "payout.state", "payout.unknown"];
    const ALSO: &'static [&'static [&'static str]] = &[STATEMENT];

    fn perform(store: &mut Store, act: &Act<'_>, _: &Nothing) -> Result<i64, Problem> {
        written(export(store, act.ledger, run_of(act)?, act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &Nothing) -> Result<Answered<PayoutRow>, Problem> {
        found(read, run_of(act)?)
    }
}

/// Cancels a run.
pub(crate) struct Cancel;

impl Write for Cancel {
    type Body = Reason;
    type Answer = PayoutRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/payouts/{key}/cancellation";
    const SUMMARY: &'static str = "Has a run of which nothing was confirmed not be paid: what it held is owed as before.";
    const NEEDS: Permission = Permission::Settle;
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] = &["payout.reason", "payout.state", "payout.unknown"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &Reason) -> Result<i64, Problem> {
        written(cancel(store, act.ledger, run_of(act)?, &body.reason, act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &Reason) -> Result<Answered<PayoutRow>, Problem> {
        found(read, run_of(act)?)
    }
}

/// Why a run is taken back, and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReversal {
    /// Why; no person's name, because it is never erased.
    reason: String,
    /// The day on which it came back; today in the ledger's time zone when absent.
    on: Option<NaiveDate>,
}

/// Takes a run back.
pub(crate) struct Reverse;

impl Write for Reverse {
    type Body = NewReversal;
    type Answer = PayoutRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/payouts/{key}/reversal";
    const SUMMARY: &'static str = "Takes back all that was paid and taken of a run, on a day of the open period. Where the table of authority has a row \
        `payout-reversal` it is asked for instead, and the approval takes it back.";
    const NEEDS: Permission = Permission::Settle;
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] =
        &["payout.day", "payout.needs_approval", "payout.open", "payout.paid_back", "payout.period_closed", "payout.reason", "payout.state", "payout.unknown"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewReversal) -> Result<i64, Problem> {
        written(reverse(store, act.ledger, run_of(act)?, &body.reason, day(act, body.on), act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &NewReversal) -> Result<Answered<PayoutRow>, Problem> {
        found(read, run_of(act)?)
    }
}
