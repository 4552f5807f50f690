//! Ledgers and their periods.

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use recoup_model::access::Permission;
use recoup_model::calendar::Month;
use recoup_model::record::Ledger;
use recoup_store::{Page, Sort};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, Ref};
use uuid::Uuid;

use crate::http::State;
use crate::http::access::{Needs, Pass};
use crate::http::export::cell::{Hash, Period, row};
use crate::http::list::{List, Rows};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::{All, Params};
use crate::http::route::{Route, plain, schemas};

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
    /// A period that was closed (结账).
    PeriodRow {
        /// Which month.
        month: Period,
        /// Its state: closed.
        state: &'static str,
    }
}

fn ledger_row(l: Ledger) -> LedgerRow {
    LedgerRow { id: l.id.0, currency: l.currency.to_string(), code: l.code, name: l.name, time_zone: l.time_zone }
}

/// The route of all ledgers.
pub(super) fn list() -> Route {
    let all = Array::new(Ref::from_schema_name("LedgerRow"));
    let summary = "Ledgers (账套) that the caller may see. They are known now: `as_of` and `known_at` are of no effect and refused.";
    let route = plain("/api/v1/ledgers", Needs::Known, summary, Vec::new(), &[("application/json", all.into())], || web::route().to(answer));
    Route { schemas: schemas::<LedgerRow>(), ..route }
}

async fn answer(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    Params::of(request.query_string())?.end(std::iter::empty())?;
    let ledgers = state.pool.run(|store| Ok(store.ledgers()?)).await?;
    let rows: Vec<LedgerRow> = ledgers.into_iter().filter(|l| pass.caller.may(Permission::Read, Some(l.id)).is_some()).map(ledger_row).collect();
    Ok(HttpResponse::Ok().json(rows))
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
    const SUMMARY: &'static str = "Periods that were closed (结账); every later one is open.";
    const AS_OF: &'static str = "Months up to that of this day; today's in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<PeriodRow>, Problem> {
        let last = Month::of(read.moment.as_of);
        let months = read.view.periods_closed(read.moment.known_at)?.into_iter().filter(|m| *m <= last);
        Ok(Rows::of(months.map(|m| PeriodRow { month: Period(m), state: "closed" }), page))
    }
}
