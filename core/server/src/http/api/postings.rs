//! Evaluations and postings: when policies were applied, and what moved by it.

use chrono::NaiveDate;
use recoup_model::Month;
use recoup_model::access::Permission;
use recoup_model::due::{Balance, Posting};
use recoup_model::id::{LineId, PartyId, PersonId, ReceivableId};
use recoup_model::record::Evaluated;
use recoup_store::{Listed, Page, PostingFilter, Sort, StoredPosting};
use uuid::Uuid;

use crate::http::export::cell::{Amount, Hash, Period, row};
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::{Moment, Read};
use crate::http::problem::Problem;
use crate::http::query::{filter, words};

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
        /// Staff number, when the line is a person's.
        person_code: Option<String>,
        /// The debtor or other party, when it is theirs.
        party: Option<Uuid>,
        /// contingent or payable.
        balance: &'static str,
        /// How much; only for those who may see wages where it is computed from them.
        amount: Option<Amount>,
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

words! {
    /// The two balances of what is due.
    BalanceWord {
        /// Not to be paid yet.
        Contingent = "contingent",
        /// To be settled.
        Payable = "payable",
    } "write contingent or payable"
}

impl From<BalanceWord> for Balance {
    fn from(word: BalanceWord) -> Self {
        match word {
            BalanceWord::Contingent => Self::Contingent,
            BalanceWord::Payable => Self::Payable,
        }
    }
}

filter! {
    /// Which postings.
    PostingsFilter {
        /// Only those effective on this day or later; `as_of` is the last day.
        from: NaiveDate,
        /// Only those booked in this period.
        period: Month,
        /// Only those of this person.
        person: Uuid,
        /// Only those of this party.
        party: Uuid,
        /// Only those of this line.
        line: Uuid,
        /// Only those of this clause.
        clause: String,
        /// Only those of lines that movements of this receivable earned.
        receivable: Uuid,
        /// Only those on this balance.
        balance: BalanceWord,
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
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("as_of", Sort::EVALUATED_ON)];

    fn page(read: &mut Read<'_, '_>, filter: &PackFilter, page: &Page) -> Result<Rows<EvaluationRow>, Problem> {
        let Moment { as_of, known_at } = read.moment;
        let found = read.view.evaluations_page(filter.pack.as_deref(), &and_one(page), as_of, known_at)?;
        let row = |Listed { position, record: e, .. }: Listed<Evaluated>| EvaluationRow {
            position,
            pack: e.pack,
            as_of: e.as_of,
            known_at: e.known_at,
            full: e.full,
            component: Hash(e.component),
            cases: e.cases,
            faults: e.faults,
        };
        Rows::listed(found, page, |l| l.leaf, |l| Ok(row(l)))
    }
}

pub(super) fn posting_row(read: &Read<'_, '_>, p: StoredPosting, person_code: Option<String>) -> PostingRow {
    let Posting { balance, amount, on, period, origin } = p.posting;
    PostingRow {
        position: p.position,
        line: p.line.0,
        clause: p.clause,
        person_code,
        party: p.to.party().map(|p| p.0),
        balance: balance.word(),
        amount: read.figure(amount, p.sensitive),
        on,
        period: Period(period),
        origin: origin.map(Period),
    }
}

/// The list of postings; with the amounts that tell wages, or without.
pub(crate) struct Postings<const SENSITIVE: bool>;

impl<const SENSITIVE: bool> List for Postings<SENSITIVE> {
    type Row = PostingRow;
    type Filter = PostingsFilter;
    const PATH: &'static str = if SENSITIVE { "/sensitive/postings" } else { "/postings" };
    const NEEDS: Permission = if SENSITIVE { Permission::ReadSensitive } else { Permission::Read };
    const SUMMARY: &'static str = if SENSITIVE {
        "Postings with the amounts that are computed from wages; who read them is recorded."
    } else {
        "Postings (入账): appended movements of lines. Amounts that are computed from wages are withheld."
    };
    const AS_OF: &'static str = "Postings effective by the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::POSTING_RECORDED), ("on", Sort::POSTING_ON)];

    fn page(read: &mut Read<'_, '_>, filter: &PostingsFilter, page: &Page) -> Result<Rows<PostingRow>, Problem> {
        let Moment { as_of, known_at } = read.moment;
        let which = PostingFilter {
            line: filter.line.map(LineId),
            clause: filter.clause.as_deref(),
            person: filter.person.map(PersonId),
            party: filter.party.map(PartyId),
            receivable: filter.receivable.map(ReceivableId),
            balance: filter.balance.map(Balance::from),
            period: filter.period,
            from: filter.from,
        };
        let found = read.view.postings_page(which, &and_one(page), as_of, known_at)?;
        let codes = read.staff(found.iter().filter_map(|p| p.to.person()))?;
        Rows::listed(found, page, StoredPosting::place, |p| {
            let code = p.to.person().and_then(|person| codes.get(&person).cloned());
            Ok(posting_row(read, p, code))
        })
    }
}
