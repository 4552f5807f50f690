//! Settlement: what is to be settled with the wages of a month, and what payroll gets of a run. Both are of the ledger whole, for
//! what may be taken of a wage depends on everything that is owed: whoever sees only some units sees none.

use chrono::NaiveDate;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::settlement::{Question, Row, runs, statement};
use recoup_model::Month;
use recoup_model::access::Permission;
use recoup_model::id::PayoutId;
use recoup_model::payout::Step;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::export::cell::{Amount, Cell, Hash, Period, row, table};
use crate::http::moment::Read;
use crate::http::one::{Report, Settings};
use crate::http::problem::Problem;
use crate::http::query::{All, InPath, Param as _};
use crate::payroll::{Handed, TOTAL, handed};

/// Codes of problems of a statement.
pub(super) const STATEMENT: &[&str] =
    &["money.invalid", "settlement.clause", "settlement.day", "settlement.not_evaluated", "settlement.stale", "settlement.too_large"];

row! {
    /// What is owed on an account, and what of it is to be settled with the month's wage.
    StatementRow {
        /// Staff number.
        person_code: String,
        /// Number of the letter or agreement, or code of the contract.
        subject: String,
        /// What for.
        purpose: String,
        /// Since when something was payable.
        since: NaiveDate,
        /// Payable, net; above zero to the person.
        due: Amount,
        /// Settled before, net.
        settled: Amount,
        /// To be set off against the person's other accounts.
        set_off: Amount,
        /// To be paid, gross.
        paid: Amount,
        /// To be taken from the wage; zero or less.
        taken: Amount,
        /// What payroll is to pay (+) or take (−).
        cash: Amount,
        /// What stays owed after the month.
        left: Amount,
        /// What of that the wage guard would not have let through, where it only reports; zero or less.
        beyond_guard: Amount,
        /// Code of why nothing is settled here.
        hold: Option<&'static str>,
        /// How to mend that.
        mend: Option<String>,
        /// The item, by which payroll files name it.
        item: Uuid,
    }
}

/// What is to be settled with the wages of a month (结付表).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatementBody {
    /// The month whose wages settle: that of the day.
    month: Period,
    /// What was payable at the end of this day counts.
    day: NaiveDate,
    /// Whether the wage guard holds: enforce or report-only; null for whoever sees some units only.
    guard: Option<&'static str>,
    /// Currency of all amounts.
    currency: String,
    /// Rows by person and day.
    rows: Vec<StatementRow>,
}

/// The statement of a month.
pub(crate) struct StatementReport;

impl Report for StatementReport {
    type Filter = All;
    type Body = StatementBody;
    const PATH: &'static str = "/settlement";
    const NEEDS: Permission = Permission::ReadSensitive;
    const SUMMARY: &'static str = "The statement of a month (结付表): what is owed to and from each person, and what of it is to be paid, set off or taken \
        with the month's wages inside the wage guard: what a payout run would fix. It is of the ledger whole: whoever sees only some units sees no rows.";
    const AS_OF: &'static str = "What was payable at the end of this day, with the wages of its month; today in the ledger's time zone when absent.";
    const PROBLEMS: &'static [&'static str] = STATEMENT;

    fn make(read: &mut Read<'_, '_>, _: &All, _: &Settings) -> Result<StatementBody, Problem> {
        let (as_of, currency) = (read.moment.as_of, read.ledger.currency.to_string());
        let month = Month::of(as_of);
        if !read.view.is_whole() {
            return Ok(StatementBody { month: Period(month), day: as_of, guard: None, currency, rows: Vec::new() });
        }
        // At the log's head it must be up to date, as where it is made for a run.
        let known_at = if read.moment.known_at == read.view.head().position { KNOWN_NOW } else { read.moment.known_at };
        let found = statement(read.view, Question { month, as_of, known_at })?;
        let rows = found.rows.into_iter().map(|row| statement_row(read, row)).collect();
        Ok(StatementBody { month: Period(month), day: as_of, guard: Some(found.guard.word()), currency, rows })
    }

    fn table(body: &StatementBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.rows.iter())
    }
}

fn statement_row(read: &Read<'_, '_>, row: Row) -> StatementRow {
    StatementRow {
        due: read.amount(row.due),
        settled: read.amount(row.settled),
        set_off: read.amount(row.set_off),
        paid: read.amount(row.paid),
        taken: read.amount(row.taken),
        cash: read.amount(row.cash()),
        left: read.amount(row.left()),
        beyond_guard: read.amount(row.beyond_guard),
        hold: row.hold.as_ref().map(recoup_engine::settlement::Hold::code),
        mend: row.hold.as_ref().map(ToString::to_string),
        item: row.item().0,
        purpose: row.account.purpose.to_string(),
        since: row.since,
        person_code: row.person,
        subject: row.subject,
    }
}

row! {
    /// What payroll is to pay or take: an item, or the sum of all.
    PayrollRow {
        /// The item, by which payroll returns it; `total` for the sum.
        item: String,
        /// Staff number; null in the sum.
        person_code: Option<String>,
        /// Number of the letter or agreement, or code of the contract; null in the sum.
        subject: Option<String>,
        /// What for; null in the sum.
        purpose: Option<String>,
        /// To be paid, gross.
        paid: Amount,
        /// To be taken from the wage; zero or less.
        taken: Amount,
        /// The two together.
        cash: Amount,
        /// What is said of taxes.
        tax_note: Option<String>,
        /// The month whose wages settle.
        month: Period,
        /// Whether the wage guard held: enforce or report-only.
        guard: &'static str,
        /// The run.
        run: Uuid,
        /// Digest of what the run settles.
        digest: Hash,
    }
}

/// What payroll gets of a run (工资代发文件).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PayrollBody {
    /// The run.
    run: Uuid,
    /// The month whose wages settle.
    month: Period,
    /// Digest of what the run settles.
    digest: Hash,
    /// Currency of all amounts.
    currency: String,
    /// The items.
    items: Vec<PayrollRow>,
    /// Their sum.
    total: PayrollRow,
}

/// What payroll gets of a run.
pub(crate) struct PayrollFile;

impl Report for PayrollFile {
    type Filter = InPath;
    type Body = PayrollBody;
    const PATH: &'static str = "/payouts/{key}/payroll";
    const NEEDS: Permission = Permission::ReadSensitive;
    const SUMMARY: &'static str = "What payroll gets of a payout run that was handed out: an item a row, and the totals, with the run's digest. Payroll \
        returns `item` with `confirmed`.";
    const AS_OF: &'static str = "The run, if its month is not after that of this day; today in the ledger's time zone when absent.";
    const PROBLEMS: &'static [&'static str] = &["payout.not_exported"];

    fn make(read: &mut Read<'_, '_>, InPath(key): &InPath, _: &Settings) -> Result<PayrollBody, Problem> {
        let missing = || Problem::new("request.not_found").detail("there is no such payout run");
        let id = Uuid::read(key).map(PayoutId).ok_or_else(missing)?;
        let found = runs(read.view, Some(&[id]), read.moment.known_at)?.into_iter().next();
        let run = found.filter(|run| run.payout().month <= Month::of(read.moment.as_of)).ok_or_else(missing)?;
        if !run.steps.iter().any(|(step, _)| step.step == Step::Exported) {
            return Err(Problem::new("payout.not_exported").detail(format!("payroll never got run {key}: hand it out first (POST …/export)")));
        }
        let codes = read.staff(run.payout().rows.iter().map(|item| item.account.person))?;
        let (month, guard, digest) = (Period(run.payout().month), run.payout().guard.word(), Hash(run.digest()?));
        let row = |handed: Handed| {
            let Handed { item, person, subject, purpose, paid, taken, cash, tax_note } = handed;
            let of_item = |text: String| Some(text).filter(|_| item.is_some());
            PayrollRow {
                item: item.map_or_else(|| TOTAL.to_owned(), |item| item.to_string()),
                person_code: of_item(person),
                subject: of_item(subject),
                purpose: of_item(purpose),
                paid: read.amount(paid),
                taken: read.amount(taken),
                cash: read.amount(cash),
                tax_note,
                month,
                guard,
                run: id.0,
                digest,
            }
        };
        let (items, total) = handed(&run, &codes);
        let currency = read.ledger.currency.to_string();
        Ok(PayrollBody { run: id.0, month, digest, currency, items: items.into_iter().map(row).collect(), total: row(total) })
    }

    fn table(body: &PayrollBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.items.iter().chain([&body.total]))
    }
}
