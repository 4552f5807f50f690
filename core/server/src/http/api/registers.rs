//! Registers (台账): what was recovered month by month, targets against it, what is past due, and what is due to and from people with what was settled of it.

use chrono::NaiveDate;
use recoup_engine::report::{NONE, accounts, old_debts, recovery, targets};
use recoup_model::Month;
use recoup_model::access::Permission;
use recoup_model::pause::{Clock, PauseKinds};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::export::cell::{Amount, Cell, Period, Words, row, table};
use crate::http::moment::Read;
use crate::http::one::{Report, Settings};
use crate::http::problem::Problem;
use crate::http::query::{All, Word as _, filter, words};

/// Months that a report may be about.
const MONTHS_MAX: i32 = 600;

words! {
    /// What rows of a recovery stand for.
    By {
        /// Whoever was responsible on the day.
        Responsible = "responsible",
        /// The unit of the letter in force on the day.
        Unit = "unit",
        /// Debtors.
        Debtor = "debtor",
        /// Contracts.
        Contract = "contract",
    } "write responsible, unit, debtor or contract"
}

words! {
    /// Which accounts.
    Of {
        /// Bonuses with what was taken back of them.
        Bonus = "bonus",
        /// Fines with their refunds.
        Fine = "fine",
        /// Withheld wages with what was paid back.
        Withholding = "withholding",
        /// Expenses that are paid back.
        Expenses = "expenses",
    } "write bonus, fine, withholding or expenses"
}

filter! {
    /// Which months, and by whom.
    RecoveryQuestion {
        /// The first month; that of the last one when absent.
        from: Month,
        /// The last month; that of the day when absent.
        to: Month,
        /// What rows stand for; people who were responsible when absent.
        by: By,
    }
}

row! {
    /// What was recovered in a month, for one group.
    RecoveryRow {
        /// The month.
        month: Period,
        /// For whom; `nobody` where no person was responsible, null where it is of no unit or contract, and for the whole month.
        label: Option<String>,
        /// Receipts of which something was applied.
        receipts: u64,
        /// Debts on which something was applied.
        debts: u64,
        /// Cash applied, reversals taken off.
        cash: Amount,
        /// Applied otherwise (credit notes, set-off, goods), likewise.
        otherwise: Amount,
        /// Of a whole month: open at its beginning, and what arose in it.
        owed: Option<Amount>,
        /// Of a whole month: cash ÷ owed in per cent with two decimals; null where nothing was owed.
        rate: Option<String>,
    }
}

/// What was recovered month by month (清收月报).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoveryBody {
    /// What rows stand for.
    by: &'static str,
    /// Currency of all amounts.
    currency: String,
    /// Rows by month and label.
    rows: Vec<RecoveryRow>,
    /// Each month as a whole, also those in which nothing was recovered.
    months: Vec<RecoveryRow>,
}

/// Recovery.
pub(crate) struct RecoveryReport;

impl Report for RecoveryReport {
    type Filter = RecoveryQuestion;
    type Body = RecoveryBody;
    const PATH: &'static str = "/recovery";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Recovery (清收月报): receipts, debts and amounts month by month, with the clearing rate.";
    const AS_OF: &'static str = "What took effect by the end of this day counts; today in the ledger's time zone when absent.";

    fn make(read: &mut Read<'_, '_>, filter: &RecoveryQuestion, _: &Settings) -> Result<RecoveryBody, Problem> {
        let to = filter.to.unwrap_or_else(|| Month::of(read.moment.as_of));
        let from = filter.from.unwrap_or(to);
        if to.number() - from.number() >= MONTHS_MAX {
            return Err(Problem::new("request.parameter").detail(format!("`from` = {from}: a report is about {MONTHS_MAX} months at most")));
        }
        let asked = filter.by.unwrap_or(By::Responsible);
        let by = match asked {
            By::Responsible => recovery::By::Responsible,
            By::Unit => recovery::By::Unit,
            By::Debtor => recovery::By::Debtor,
            By::Contract => recovery::By::Contract,
        };
        let found = recovery::recovery(read.view, by, (from, to), read.moment.as_of, read.moment.known_at)?;
        let row = |r: recovery::Row, whole: bool| RecoveryRow {
            month: Period(r.month),
            label: Some(r.label).filter(|label| !whole && label != NONE),
            receipts: r.receipts as u64,
            debts: r.debts as u64,
            cash: read.amount(r.cash),
            otherwise: read.amount(r.otherwise),
            owed: None,
            rate: None,
        };
        let month =
            |total: recovery::Total| RecoveryRow { owed: Some(read.amount(total.owed)), rate: total.rate.map(|rate| rate.to_string()), ..row(total.row, true) };
        Ok(RecoveryBody {
            by: asked.word(),
            currency: read.ledger.currency.to_string(),
            rows: found.rows.into_iter().map(|r| row(r, false)).collect(),
            months: found.totals.into_iter().map(month).collect(),
        })
    }

    fn table(body: &RecoveryBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.rows.iter().chain(&body.months))
    }
}

row! {
    /// One part of a target, and the cash that counts for it.
    TargetRow {
        /// Number of the target.
        target: String,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// Code of the unit, staff number of the person; null for the whole.
        whose: Option<String>,
        /// How deep it lies: the whole at 0, its parts at 1.
        depth: u64,
        /// What is to be recovered.
        amount: Amount,
        /// Cash recovered, reversals taken off.
        recovered: Amount,
        /// What is left to recover; zero when the target is met.
        left: Amount,
        /// Completion in per cent with two decimals; null for a target of zero.
        completion: Option<String>,
        /// Whether the target is met, by the exact amounts.
        met: bool,
    }
}

/// Targets against what was recovered (指标完成情况).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetsBody {
    /// Currency of all amounts.
    currency: String,
    /// Each target from the whole to its parts.
    rows: Vec<TargetRow>,
}

/// Targets.
pub(crate) struct TargetsReport;

impl Report for TargetsReport {
    type Filter = All;
    type Body = TargetsBody;
    const PATH: &'static str = "/targets";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str =
        "Targets (指标完成情况): each part of a target, and what was recovered of it. Targets are of several units: whoever sees only some sees none.";
    const AS_OF: &'static str = "Targets that have begun by this day, and what was recovered by its end; today in the ledger's time zone when absent.";

    fn make(read: &mut Read<'_, '_>, _: &All, _: &Settings) -> Result<TargetsBody, Problem> {
        let found = targets::targets(read.view, read.ledger, read.moment.as_of, read.moment.known_at)?;
        let row = |r: targets::Row| TargetRow {
            met: r.is_met(),
            target: r.target,
            from: r.from,
            to: r.to,
            whose: Some(r.whose).filter(|whose| !whose.is_empty()),
            depth: r.depth as u64,
            amount: read.amount(r.target_amount),
            recovered: read.amount(r.recovered),
            left: read.amount(r.left),
            completion: r.completion.map(|rate| rate.to_string()),
        };
        Ok(TargetsBody { currency: read.ledger.currency.to_string(), rows: found.into_iter().map(row).collect() })
    }

    fn table(body: &TargetsBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.rows.iter())
    }
}

filter! {
    /// Which pauses stop clocks.
    OldDebtsQuestion {
        /// Tell beside the age what the debts' clocks say without the days of pauses of these kinds, with commas between them.
        without_paused: PauseKinds,
    }
}

row! {
    /// A debt that is past due.
    OldDebtRow {
        /// Code and name of the debtor.
        debtor: String,
        /// Code of the contract; null where it belongs to none.
        contract: Option<String>,
        /// Document number.
        document: String,
        /// When it fell due; null where that is not known, and it is as old as its document.
        due: Option<NaiveDate>,
        /// Days overdue.
        days: i64,
        /// Whole years overdue.
        years: i64,
        /// Of the days overdue, those that counted; null unless pauses were named.
        counted_days: Option<i64>,
        /// Whole years that they make; null unless pauses were named.
        counted_years: Option<i64>,
        /// Open.
        open: Amount,
        /// By when it is expected to be recovered, as was last said.
        expected: Option<NaiveDate>,
        /// Staff numbers of those who answer for it.
        responsible: Words,
        /// What the list has to say of it and does not: due, expected, responsible.
        lacks: Words,
    }
}

/// Debts that are past due (旧欠台账).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OldDebtsBody {
    /// Currency of all amounts.
    currency: String,
    /// The debts.
    rows: Vec<OldDebtRow>,
}

/// Old debts.
pub(crate) struct OldDebtsReport;

impl Report for OldDebtsReport {
    type Filter = OldDebtsQuestion;
    type Body = OldDebtsBody;
    const PATH: &'static str = "/old-debts";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Old debts (旧欠台账, LC-10): each with its debtor, age, amount, expected recovery and who answers for it.";
    const AS_OF: &'static str = "What was open at the end of this day, and who answered on it; today in the ledger's time zone when absent.";

    fn make(read: &mut Read<'_, '_>, filter: &OldDebtsQuestion, _: &Settings) -> Result<OldDebtsBody, Problem> {
        let without_paused = filter.without_paused.clone().unwrap_or_default();
        let found = old_debts::old_debts(read.view, read.moment.as_of, read.moment.known_at, &without_paused)?;
        let row = |r: old_debts::Row| OldDebtRow {
            debtor: r.debtor,
            contract: Some(r.contract).filter(|contract| !contract.is_empty()),
            document: r.document,
            due: r.due,
            days: r.days,
            years: r.years.into(),
            counted_days: r.clock.map(Clock::days),
            counted_years: r.clock.map(|clock| clock.years().into()),
            open: read.amount(r.open),
            expected: r.expected,
            responsible: Words(r.responsible.into_iter().collect()),
            lacks: Words(r.lacks.iter().map(|lacks| lacks.word().to_owned()).collect()),
        };
        Ok(OldDebtsBody { currency: read.ledger.currency.to_string(), rows: found.into_iter().map(row).collect() })
    }

    fn table(body: &OldDebtsBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.rows.iter())
    }
}

filter! {
    /// Which accounts.
    AccountsQuestion {
        /// Only those of this kind of money.
        of: Of,
    }
}

row! {
    /// An account of a person, or the sum of all.
    AccountRow {
        /// Staff number; null in the sum.
        person_code: Option<String>,
        /// Number of the letter or agreement, or code of the contract; null in the sum.
        subject: Option<String>,
        /// What for: bonus, fine, withholding of a month, or expenses; null in the sum.
        purpose: Option<String>,
        /// Not to be settled yet (待兑现), net.
        contingent: Amount,
        /// Payable to the person: bonuses, refunds, wages and expenses paid back.
        to_person: Amount,
        /// Payable by the person: clawbacks, fines, withheld wages; zero or less.
        from_person: Amount,
        /// Paid out.
        paid: Amount,
        /// Set off against other accounts of the person.
        set_off: Amount,
        /// Taken from wages; zero or less.
        taken: Amount,
        /// What is left to settle.
        owed: Amount,
    }
}

/// What was ever due to and from people, and what was settled of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountsBody {
    /// Currency of all amounts.
    currency: String,
    /// Rows by person, subject and purpose.
    rows: Vec<AccountRow>,
    /// Their sum.
    total: AccountRow,
}

/// Accounts.
pub(crate) struct AccountsReport;

impl Report for AccountsReport {
    type Filter = AccountsQuestion;
    type Body = AccountsBody;
    const PATH: &'static str = "/accounts";
    // Fines and withheld wages are computed from wages.
    const NEEDS: Permission = Permission::ReadSensitive;
    const SUMMARY: &'static str =
        "Accounts (台账): bonuses, fines with their refunds, withheld wages with what was paid back, by person, and what was settled.";
    const AS_OF: &'static str = "What was posted and settled by the end of this day; today in the ledger's time zone when absent.";

    fn make(read: &mut Read<'_, '_>, filter: &AccountsQuestion, _: &Settings) -> Result<AccountsBody, Problem> {
        let which = match filter.of {
            None => accounts::Which::All,
            Some(Of::Bonus) => accounts::Which::Bonus,
            Some(Of::Fine) => accounts::Which::Fine,
            Some(Of::Withholding) => accounts::Which::Withholding,
            Some(Of::Expenses) => accounts::Which::Expenses,
        };
        let (rows, total) = accounts::register(read.view, which, read.moment.as_of, read.moment.known_at)?;
        let row = |r: accounts::Row| {
            // The sum is of no purpose.
            let named = r.purpose.is_some();
            AccountRow {
                person_code: Some(r.person).filter(|_| named),
                subject: Some(r.subject).filter(|_| named),
                purpose: r.purpose.map(|purpose| purpose.to_string()),
                contingent: read.amount(r.contingent),
                to_person: read.amount(r.to_person),
                from_person: read.amount(r.from_person),
                paid: read.amount(r.paid),
                set_off: read.amount(r.set_off),
                taken: read.amount(r.taken),
                owed: read.amount(r.owed),
            }
        };
        Ok(AccountsBody { currency: read.ledger.currency.to_string(), rows: rows.into_iter().map(row).collect(), total: row(total) })
    }

    fn table(body: &AccountsBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.rows.iter().chain([&body.total]))
    }
}
