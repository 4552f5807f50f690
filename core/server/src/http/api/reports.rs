//! Aging and trial balance.

use recoup_engine::report::aging::{self, Buckets};
use recoup_engine::report::balance;
use recoup_engine::report::provision::{self, NotRates, Rates, Scale};
use recoup_model::access::Permission;
use recoup_model::pause::PauseKinds;
use recoup_store::AgingBasis;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::export::cell::{Amount, Cell, ToCell as _, row, table};
use crate::http::moment::Read;
use crate::http::one::{Report, Settings};
use crate::http::problem::Problem;
use crate::http::query::{All, Param, Word as _, filter, words};

words! {
    /// What rows of an aging stand for.
    By {
        /// Debtors.
        Debtor = "debtor",
        /// Contracts.
        Contract = "contract",
        /// Whoever was responsible on the day.
        Responsible = "responsible",
        /// Single receivables.
        Receivable = "receivable",
    } "write debtor, contract, responsible or receivable"
}

words! {
    /// The date that age counts from.
    Basis {
        /// The due date; the document date where there is none.
        Due = "due",
        /// The document date.
        Document = "document",
    } "write due or document"
}

impl Param for Buckets {
    const EXPECTED: &'static str = "write rising bounds in days or months, such as 30d,60d,90d or 12m,24m,36m";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::Object::builder().schema_type(utoipa::openapi::Type::String).pattern(Some(r"^\d+[dm](,\d+[dm])*$")).into()
    }
}

impl Param for PauseKinds {
    const EXPECTED: &'static str = "write one or more of dispute, litigation and force-majeure, with commas between them";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let pattern = r"^(dispute|litigation|force-majeure)(,(dispute|litigation|force-majeure))*$";
        utoipa::openapi::Object::builder().schema_type(utoipa::openapi::Type::String).pattern(Some(pattern)).into()
    }
}

filter! {
    /// How to age.
    AgingQuestion {
        /// What rows stand for; debtors when absent.
        by: By,
        /// The date that age counts from; the due date when absent.
        basis: Basis,
        /// Rising bounds of buckets; as configured when absent.
        buckets: Buckets,
        /// Count ages without the days of pauses of these kinds, with commas between them; all days count when absent.
        without_paused: PauseKinds,
    }
}

fn question(read: &Read<'_, '_>, by: By, basis: Option<Basis>, buckets: &Buckets, without_paused: Option<&PauseKinds>) -> aging::Question {
    aging::Question {
        as_of: read.moment.as_of,
        known_at: read.moment.known_at,
        basis: match basis.unwrap_or(Basis::Due) {
            Basis::Due => AgingBasis::Due,
            Basis::Document => AgingBasis::Document,
        },
        buckets: buckets.clone(),
        without_paused: without_paused.cloned().unwrap_or_default(),
        by: match by {
            By::Debtor => aging::By::Debtor,
            By::Contract => aging::By::Contract,
            By::Responsible => aging::By::Responsible,
            By::Receivable => aging::By::Receivable,
        },
    }
}

/// What is open in a bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgingRowOf {
    /// Whose.
    label: String,
    /// Id of the debtor, contract or receivable; null where it has none, and of people, who may be several.
    id: Option<Uuid>,
    /// Open amount per bucket, in the order of the buckets.
    amounts: Vec<Amount>,
    /// Their sum.
    open: Amount,
}

/// Open amounts by how long they are overdue (账龄).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgingBody {
    /// What rows stand for.
    by: &'static str,
    /// Currency of all amounts.
    currency: String,
    /// Labels of the buckets.
    buckets: Vec<String>,
    /// Rows by label.
    rows: Vec<AgingRowOf>,
    /// Sum of each bucket.
    totals: Vec<Amount>,
    /// Everything open: what the trial balance says too.
    open: Amount,
    /// Received and not applied; never netted with what is open.
    unapplied: Amount,
}

/// Aging.
pub(crate) struct AgingReport;

impl Report for AgingReport {
    type Filter = AgingQuestion;
    type Body = AgingBody;
    const PATH: &'static str = "/aging";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Aging (账龄): open amounts by how long they are overdue.";
    const AS_OF: &'static str = "At the end of this day, payments dated later undone; today in the ledger's time zone when absent.";

    fn make(read: &mut Read<'_, '_>, filter: &AgingQuestion, settings: &Settings) -> Result<AgingBody, Problem> {
        let by = filter.by.unwrap_or(By::Debtor);
        let question = question(read, by, filter.basis, filter.buckets.as_ref().unwrap_or(&settings.buckets), filter.without_paused.as_ref());
        let report = aging::aging(read.view, &question)?;
        let amounts = |all: Vec<i64>| all.into_iter().map(|a| read.amount(a)).collect();
        Ok(AgingBody {
            by: by.word(),
            currency: read.ledger.currency.to_string(),
            buckets: report.buckets,
            rows: report.rows.into_iter().map(|r| AgingRowOf { label: r.label, id: r.id, amounts: amounts(r.amounts), open: read.amount(r.total) }).collect(),
            totals: amounts(report.totals),
            open: read.amount(report.total),
            unapplied: read.amount(report.unapplied),
        })
    }

    fn table(body: &AgingBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        let columns = std::iter::once(body.by.to_owned()).chain(body.buckets.iter().cloned()).chain(["open".to_owned()]).collect();
        let cells = |label: Cell, amounts: &[Amount], open: Amount| -> Vec<Cell> {
            std::iter::once(label).chain(amounts.iter().map(|a| a.cell())).chain([open.cell()]).collect()
        };
        let rows = body.rows.iter().map(|r| cells(r.label.cell(), &r.amounts, r.open));
        let total = cells("total".cell(), &body.totals, body.open);
        let mut unapplied = vec![Cell::Empty; body.totals.len() + 2];
        if let [first, .., last] = unapplied.as_mut_slice() {
            (*first, *last) = ("received, not applied".cell(), body.unapplied.cell());
        }
        (columns, rows.chain([total, unapplied]).collect())
    }
}

impl Param for Rates {
    const EXPECTED: &'static str = "write a per cent from 0 to 100 for each bucket, such as 0,5,10,30,50,100";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::Object::builder().schema_type(utoipa::openapi::Type::String).pattern(Some(r"^\d+(\.\d+)?(,\d+(\.\d+)?)*$")).into()
    }
}

filter! {
    /// What to provide for.
    ProvisionQuestion {
        /// What rows stand for; debtors when absent.
        by: By,
        /// The date that age counts from; the due date when absent.
        basis: Basis,
        /// Rising bounds of buckets; as configured when absent.
        buckets: Buckets,
        /// Per cent of each bucket, from not due to more; as configured for the configured buckets when absent.
        rates: Rates,
        /// Count ages without the days of pauses of these kinds, with commas between them; all days count when absent.
        without_paused: PauseKinds,
    }
}

/// What is open and provided for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvisionRowOf {
    /// Whose.
    label: String,
    /// Id of the debtor, contract or receivable; null where it has none, of people, who may be several, and in the sum.
    id: Option<Uuid>,
    /// Open amount per bucket, in the order of the buckets.
    amounts: Vec<Amount>,
    /// Their sum.
    open: Amount,
    /// Provided for: of each bucket's amount the part that its rate says, rounded half away from zero; of a bucket in which less than
    /// nothing is open, nothing.
    provision: Amount,
}

/// Provisions for bad debts by age (坏账准备).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvisionBody {
    /// What rows stand for.
    by: &'static str,
    /// Currency of all amounts.
    currency: String,
    /// Labels of the buckets.
    buckets: Vec<String>,
    /// Per cent of each bucket.
    rates: Vec<String>,
    /// Rows by label.
    rows: Vec<ProvisionRowOf>,
    /// Their sum; what is open in it is what the aging says.
    total: ProvisionRowOf,
}

/// Provision.
pub(crate) struct ProvisionReport;

impl Report for ProvisionReport {
    type Filter = ProvisionQuestion;
    type Body = ProvisionBody;
    const PATH: &'static str = "/provision";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Provisions for bad debts (坏账准备) by age: of what is open in each bucket of the aging, the part that its rate says.";
    const AS_OF: &'static str = AgingReport::AS_OF;

    fn make(read: &mut Read<'_, '_>, filter: &ProvisionQuestion, settings: &Settings) -> Result<ProvisionBody, Problem> {
        let wrong = |e: NotRates| Problem::new("request.parameter").detail(format!("`rates`: {e}"));
        let rates = Rates::of(filter.rates.clone(), filter.buckets.is_some(), settings.rates.clone()).map_err(wrong)?;
        let by = filter.by.unwrap_or(By::Debtor);
        let aging = question(read, by, filter.basis, filter.buckets.as_ref().unwrap_or(&settings.buckets), filter.without_paused.as_ref());
        let scale = Scale::new(aging, rates).map_err(wrong)?;
        let found = provision::provision(read.view, read.ledger, &scale)?;
        let row = |row: provision::Row| ProvisionRowOf {
            label: row.label,
            id: row.id,
            amounts: row.amounts.into_iter().map(|a| read.amount(a)).collect(),
            open: read.amount(row.open),
            provision: read.amount(row.provision),
        };
        Ok(ProvisionBody {
            by: by.word(),
            currency: read.ledger.currency.to_string(),
            buckets: found.buckets,
            rates: found.rates.iter().map(ToString::to_string).collect(),
            rows: found.rows.into_iter().map(row).collect(),
            total: row(found.total),
        })
    }

    fn table(body: &ProvisionBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        let ends = ["open".to_owned(), "provision".to_owned()];
        let columns = std::iter::once(body.by.to_owned()).chain(body.buckets.iter().cloned()).chain(ends).collect();
        let cells = |row: &ProvisionRowOf| -> Vec<Cell> {
            std::iter::once(row.label.cell()).chain(row.amounts.iter().chain([&row.open, &row.provision]).map(|a| a.cell())).collect()
        };
        (columns, body.rows.iter().chain([&body.total]).map(cells).collect())
    }
}

row! {
    /// What arose, was applied and is open for one debtor.
    TrialBalanceRow {
        /// Code and name of the debtor.
        debtor: String,
        /// Claims as they arose, corrected.
        claims: Amount,
        /// Applied to them, reversals taken off.
        applied: Amount,
        /// Written off.
        written_off: Amount,
        /// Open: claims − applied − written off.
        open: Amount,
        /// Received, bounces taken off.
        received: Amount,
        /// Received and not applied.
        unapplied: Amount,
        /// Id of the debtor; null where nobody is known, and in the sum.
        party: Option<Uuid>,
    }
}

/// Trial balance of receivables at a date.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialBalanceBody {
    /// Currency of all amounts.
    currency: String,
    /// Rows by debtor.
    rows: Vec<TrialBalanceRow>,
    /// Their sum.
    total: TrialBalanceRow,
}

/// Trial balance.
pub(crate) struct TrialBalance;

impl Report for TrialBalance {
    type Filter = All;
    type Body = TrialBalanceBody;
    const PATH: &'static str = "/trial-balance";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Trial balance of receivables: what arose, was applied and is open, by debtor.";
    const AS_OF: &'static str = "At the end of this day; today in the ledger's time zone when absent.";

    fn make(read: &mut Read<'_, '_>, _: &All, _: &Settings) -> Result<TrialBalanceBody, Problem> {
        let (rows, total) = balance::trial_balance(read.view, read.moment.as_of, read.moment.known_at)?;
        let row = |r: balance::Row| TrialBalanceRow {
            debtor: r.label,
            claims: read.amount(r.claims),
            applied: read.amount(r.applied),
            written_off: read.amount(r.written_off),
            open: read.amount(r.open),
            received: read.amount(r.received),
            unapplied: read.amount(r.unapplied),
            party: r.party.map(|p| p.0),
        };
        Ok(TrialBalanceBody { currency: read.ledger.currency.to_string(), rows: rows.into_iter().map(row).collect(), total: row(total) })
    }

    fn table(body: &TrialBalanceBody) -> (Vec<String>, Vec<Vec<Cell>>) {
        table(body.rows.iter().chain([&body.total]))
    }
}
