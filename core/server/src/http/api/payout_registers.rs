//! Registers (台账) of what payroll was to settle and did: run by run, and of each withheld month.

use recoup_engine::report::payouts;
use recoup_model::access::Permission;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::export::cell::{Amount, Cell, Period, row, table};
use crate::http::moment::Read;
use crate::http::one::{Report, Settings};
use crate::http::problem::Problem;
use crate::http::query::All;

row! {
    /// What of an account a run was to settle and what was settled of it, or the sum of all.
    PayoutRegisterRow {
        /// The run; null in the sum, and of what was settled before there were runs.
        payout: Option<Uuid>,
        /// The month whose wages settle; null in the sum.
        month: Option<Period>,
        /// How the run stands; null where there is none.
        state: Option<String>,
        /// Staff number; null in the sum.
        person_code: Option<String>,
        /// Number of the letter or agreement, or code of the contract; null in the sum.
        subject: Option<String>,
        /// What for; null in the sum.
        purpose: Option<String>,
        /// To be paid (+) or taken (−) by the run; zero where it was cancelled.
        planned: Amount,
        /// Paid, less what came back.
        paid: Amount,
        /// Set off, likewise.
        set_off: Amount,
        /// Taken from the wage, likewise; zero or less.
        taken: Amount,
    }
}

/// What payroll was to settle and did (发放台账).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PayoutRegisterBody {
    /// Currency of all amounts.
    currency: String,
    /// Rows by run and person.
    rows: Vec<PayoutRegisterRow>,
    /// Their sum.
    total: PayoutRegisterRow,
}

/// The register of payouts.
pub(crate) struct PayoutRegister;

impl Report for PayoutRegister {
    type Filter = All;
    type Body = PayoutRegisterBody;
    const PATH: &'static str = "/payout-register";
    const NEEDS: Permission = Permission::ReadSensitive;
    const SUMMARY: &'static str = "The register of payouts (发放台账): what payroll was to settle and did, run by run. A run is of the ledger whole: whoever \
        sees only some units sees no rows.";
    const AS_OF: &'static str = "Runs of this day or earlier, and what was settled by its end; today in the ledger's time zone when absent.";

    fn make(read: &mut Read<'_, '_>, _: &All, _: &Settings) -> Result<PayoutRegisterBody, Problem> {
        let (rows, total) = if read.view.is_whole() { payouts::register(read.view, read.moment.as_of, read.moment.known_at)? } else { Default::default() };
        let row = |r: payouts::Row| {
            // The sum is of no purpose.
            let named = r.purpose.is_some();
            PayoutRegisterRow {
                payout: r.payout.map(|payout| payout.0),
                month: r.month.map(Period),
                state: r.state.map(|state| state.to_string()),
                person_code: Some(r.person).filter(|_| named),
                subject: Some(r.subject).filter(|_| named),
                purpose: r.purpose.map(|purpose| purpose.to_string()),
                planned: read.amount(r.planned),
                paid: read.amount(r.paid),
                set_off: read.amount(r.set_off),
                taken: read.amount(r.taken),
            }
        };
        Ok(PayoutRegisterBody { currency: read.ledger.currency.to_string(), rows: rows.into_iter().map(row).collect(), total: row(total) })
    }

    fn table(body: &PayoutRegisterBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.rows.iter().chain([&body.total]))
    }
}

row! {
    /// A withheld month of somebody, or the sum of all.
    WithheldRow {
        /// Staff number; null in the sum.
        person_code: Option<String>,
        /// The month whose wage is withheld; null in the sum.
        month: Option<Period>,
        /// To be withheld by what the policies say; zero or less.
        due: Amount,
        /// To be paid back by what they say.
        due_back: Amount,
        /// Withheld; zero or less.
        withheld: Amount,
        /// Paid back.
        paid_back: Amount,
        /// What is kept of it: withheld and not paid back.
        kept: Amount,
    }
}

/// What of each wage month was withheld and paid back (停发与补发台账).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WithheldBody {
    /// Currency of all amounts.
    currency: String,
    /// Rows by person and month.
    rows: Vec<WithheldRow>,
    /// Their sum.
    total: WithheldRow,
}

/// The register of withheld wages.
pub(crate) struct WithheldRegister;

impl Report for WithheldRegister {
    type Filter = All;
    type Body = WithheldBody;
    const PATH: &'static str = "/withheld";
    const NEEDS: Permission = Permission::ReadSensitive;
    const SUMMARY: &'static str = "The register of withheld wages (停发与补发台账): what of each wage month was withheld, paid back and is kept.";
    const AS_OF: &'static str = "What was posted and settled by the end of this day; today in the ledger's time zone when absent.";

    fn make(read: &mut Read<'_, '_>, _: &All, _: &Settings) -> Result<WithheldBody, Problem> {
        let (rows, total) = payouts::withheld(read.view, read.moment.as_of, read.moment.known_at)?;
        let row = |r: payouts::Withheld, person_code: Option<String>| WithheldRow {
            person_code,
            month: r.month.map(Period),
            due: read.amount(r.due),
            due_back: read.amount(r.due_back),
            withheld: read.amount(r.withheld),
            paid_back: read.amount(r.paid_back),
            kept: read.amount(r.kept),
        };
        let named = |r: payouts::Withheld| {
            let person = r.person.clone();
            row(r, Some(person))
        };
        Ok(WithheldBody { currency: read.ledger.currency.to_string(), rows: rows.into_iter().map(named).collect(), total: row(total, None) })
    }

    fn table(body: &WithheldBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.rows.iter().chain([&body.total]))
    }
}
