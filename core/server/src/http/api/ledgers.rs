//! Ledgers and their periods.

use actix_web::http::header::LOCATION;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::Utc;
use recoup_engine::approval::periods;
use recoup_model::Digest;
use recoup_model::access::Permission;
use recoup_model::calendar::Month;
use recoup_model::record::Ledger;
use recoup_store::{CommandMeta, Page, Sort, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Ref;
use uuid::Uuid;

use crate::http::State;
use crate::http::access::{Needs, Pass};
use crate::http::across::{self, Place, When};
use crate::http::beside::{Beside, Part};
use crate::http::body;
use crate::http::export::cell::{Hash, Period, Words, row};
use crate::http::list::{List, Rows};
use crate::http::moment::{Read, Subject};
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::{All, Params};
use crate::http::route::{Posted, Route, posted, schemas};
use crate::http::submit::key;
use crate::http::write::digest;

row! {
    /// A set of books (账套).
    LedgerRow {
        /// Its id.
        id: Uuid,
        /// Code, which paths name it by.
        code: String,
        /// Legal entity.
        name: String,
        /// Currency of the books.
        currency: String,
        /// IANA time zone of its business days.
        time_zone: String,
    }
}

row! {
    /// A period that is closed (结账), or that something was asked about.
    PeriodRow {
        /// Which month.
        month: Period,
        /// Its state: closed (for good), soft-closed or open.
        state: &'static str,
        /// What was asked about it and decided (审批): the kind, the request's id, and waits, approved, rejected or withdrawn.
        requests: Words,
    }
}

fn ledger_row(l: Ledger) -> LedgerRow {
    LedgerRow { id: l.id.0, currency: l.currency.to_string(), code: l.code, name: l.name, time_zone: l.time_zone }
}

/// The list of all ledgers.
pub(super) struct Ledgers;

impl Beside for Ledgers {
    type Row = LedgerRow;
    type Filter = When<All>;
    type Sort = ();
    type Place = Place;
    const NEEDS: Needs = Needs::Known;
    const SUMMARY: &'static str = "Ledgers (账套) that the caller may see, by their codes.";
    const SORTS: &'static [(&'static str, ())] = &[("code", ())];
    const SORT: &'static str = "code";

    fn path() -> String {
        "/api/v1/ledgers".to_owned()
    }

    fn page(store: &mut Store, subject: &Subject, filter: &When<All>, page: Part<Self>) -> Result<Rows<LedgerRow, Place>, Problem> {
        let Rows { rows, next } = across::ledgers(store, subject, filter, page)?;
        Ok(Rows { rows: rows.into_iter().map(ledger_row).collect(), next })
    }
}

/// A new set of books.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLedger {
    /// Short code, which paths name it by: lower-case letters, digits and hyphens.
    code: String,
    /// Legal entity.
    name: String,
    /// ISO 4217 code of the currency of its books.
    currency: String,
    /// IANA time zone of its business days.
    time_zone: String,
}

/// Characters of a code at most.
const CODE_MAX: usize = 64;

impl NewLedger {
    fn ledger(self) -> Result<Ledger, Problem> {
        let Self { code, name, currency, time_zone } = self;
        let wrong = |place: &str, what: String| Problem::new("request.body").detail(format!("{place}: {what}")).pointer(place.to_owned());
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=CODE_MAX).contains(&code.len()) || !code.bytes().all(plain) {
            return Err(wrong("/code", format!("`{code}` is no code: write 1 to {CODE_MAX} lower-case letters, digits and hyphens")));
        }
        let currency = currency.parse().map_err(|e: recoup_model::MoneyError| wrong("/currency", e.to_string()))?;
        let zone: chrono_tz::Tz = time_zone.parse().map_err(|_| wrong("/time_zone", format!("`{time_zone}` is no IANA time zone")))?;
        Ok(Ledger { id: Ledger::id_of(&code), code, name, currency, time_zone: zone.name().to_owned() })
    }
}

/// The route that opens ledgers.
pub(super) fn open() -> Route {
    let what = Posted {
        path: "/api/v1/ledgers",
        needs: Needs::Leave(Permission::ManageAccess),
        summary: "Opens a ledger (账套). Opening an equal one again changes nothing.",
        parameters: Vec::new(),
        body: Some(("application/json", Ref::from_schema_name("NewLedger").into())),
        status: "201",
        answer: "LedgerRow",
        problems: &["store.ledger_differs"],
    };
    Route { schemas: schemas::<NewLedger>(), ..posted(what, || web::route().to(answer_open)) }
}

async fn answer_open(request: HttpRequest, pass: Pass, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    Params::of(request.query_string())?.end(std::iter::empty::<String>)?;
    let actor = pass.caller.login().to_owned();
    let key = key(&request, &actor)?;
    let input = digest(&request, &actor, Digest::of(&bytes));
    let ledger = body::read::<NewLedger>(&request, &bytes)?.ledger()?;
    let opened = state.writers.run(move |store| {
        let meta = CommandMeta { kind: "open-ledger".into(), input, actor, recorded_at: Utc::now() };
        store.open_ledger_once(&ledger, Some(&key), &meta)?;
        Ok(ledger)
    });
    let row = ledger_row(opened.await?);
    Ok(HttpResponse::Created().insert_header((LOCATION, format!("/api/v1/ledgers/{}", row.code))).json(row))
}

/// A ledger and where its log has got to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerBody {
    /// The ledger.
    ledger: LedgerRow,
    /// The position that the rest is known at.
    position: i64,
    /// Leaves of the log's tree at it; only for those who see the ledger whole.
    size: Option<u64>,
    /// Root of the tree at it, likewise.
    root: Option<Hash>,
}

/// One ledger with the head of its log.
pub(crate) struct Head;

impl One for Head {
    type Key = String;
    type Body = LedgerBody;
    const PATH: &'static str = "";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One ledger, with size and root of its log at a position.";
    const AS_OF: &'static str = super::parties::NO_DAY;

    fn find(read: &mut Read<'_, '_>, _: String) -> Result<Option<LedgerBody>, Problem> {
        let known_at = read.moment.known_at;
        let command = read.view.commands(known_at - 1, 1, known_at)?.into_iter().next();
        let (size, root) = command.map(|c| (c.size, Hash(c.root))).unzip();
        Ok(Some(LedgerBody { ledger: ledger_row(read.ledger.clone()), position: known_at, size, root }))
    }
}

/// The list of closed periods.
pub(crate) struct Periods;

impl List for Periods {
    type Row = PeriodRow;
    type Filter = All;
    const PATH: &'static str = "/periods";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Periods that are closed (结账), softly or for good, with what was asked about them and decided; every later one is open.";
    const AS_OF: &'static str = "Months up to that of this day; today's in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<PeriodRow>, Problem> {
        let last = Month::of(read.moment.as_of);
        let periods = periods(read.view, read.moment.known_at)?.into_iter().filter(|p| p.month <= last);
        Ok(Rows::of(periods.map(|p| PeriodRow { month: Period(p.month), state: p.state.word(), requests: Words(p.requests) }), page))
    }
}
