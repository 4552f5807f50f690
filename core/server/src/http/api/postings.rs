//! Evaluations and postings: when policies were applied, and what moved by it.

use chrono::NaiveDate;
use recoup_engine::report::due;
use recoup_model::access::Permission;
use recoup_store::{Page, Sort};
use uuid::Uuid;

use crate::http::export::cell::{Amount, Hash, Period, row};
use crate::http::list::{List, Rows};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::{All, filter};

row! {
    /// That an evaluation ran, and on what.
    EvaluationRow {
        /// Position that recorded it.
        position: i64,
        /// Policy pack.
        pack: String,
        /// As of which day.
        as_of: NaiveDate,
        /// The last position whose facts it saw.
        known_at: i64,
        /// Whether every case was judged, or only those that may have changed.
        full: bool,
        /// Digest of the component.
        component: Hash,
        /// Cases judged.
        cases: u64,
        /// Cases set aside.
        faults: u64,
    }
}

row! {
    /// An appended movement of a line (入账).
    PostingRow {
        /// Position that recorded it.
        position: i64,
        /// The line that it moves.
        line: Uuid,
        /// Clause.
        clause: String,
        /// Staff number.
        person_code: String,
        /// contingent or payable.
        balance: &'static str,
        /// How much.
        amount: Amount,
        /// Effective date.
        on: NaiveDate,
        /// The period that it is booked in.
        period: Period,
        /// The closed period that it belongs to by date.
        origin: Option<Period>,
    }
}

filter! {
    /// Which evaluations.
    PackFilter {
        /// Only those of this policy pack.
        pack: String,
    }
}

/// The list of evaluations.
pub(crate) struct Evaluations;

impl List for Evaluations {
    type Row = EvaluationRow;
    type Filter = PackFilter;
    const PATH: &'static str = "/evaluations";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Evaluations: when policies were applied to what was known.";
    const AS_OF: &'static str = "Evaluations as of this day or earlier; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, filter: &PackFilter, page: &Page) -> Result<Rows<EvaluationRow>, Problem> {
        let all = read.view.evaluations()?.into_iter().filter(|(position, e)| *position <= read.moment.known_at && e.as_of <= read.moment.as_of);
        let rows = all.filter(|(_, e)| filter.pack.as_ref().is_none_or(|p| *p == e.pack)).map(|(position, e)| EvaluationRow {
            position,
            pack: e.pack,
            as_of: e.as_of,
            known_at: e.known_at,
            full: e.full,
            component: Hash(e.component),
            cases: e.cases,
            faults: e.faults,
        });
        Ok(Rows::of(rows, page))
    }
}

pub(super) fn posting_row(read: &Read<'_, '_>, p: due::PostingRow) -> PostingRow {
    PostingRow {
        position: p.position,
        line: p.line.0,
        clause: p.clause,
        person_code: p.person,
        balance: p.balance.word(),
        amount: read.amount(p.amount),
        on: p.on,
        period: Period(p.period),
        origin: p.origin.map(Period),
    }
}

/// The list of postings.
pub(crate) struct Postings;

impl List for Postings {
    type Row = PostingRow;
    type Filter = All;
    const PATH: &'static str = "/postings";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Postings (入账): appended movements of lines, in the order of the log.";
    const AS_OF: &'static str = "Postings effective by the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<PostingRow>, Problem> {
        let all = due::postings(read.view, read.moment.as_of, read.moment.known_at)?;
        Ok(Rows::of(all.into_iter().map(|p| posting_row(read, p)), page))
    }
}
