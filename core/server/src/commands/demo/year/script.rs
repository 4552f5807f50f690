//! What the year plays, as config/demo-year/script.toml says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use recoup_model::{Currency, Money};
use serde::Deserialize;
use toml::Table;

use crate::error::CliError;

/// The whole script.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// The database file, when none is named.
    pub database: PathBuf,
    /// The ledger.
    pub ledger: String,
    /// Policy packs; the first one closes periods.
    pub packs: Vec<String>,
    /// Bounds of the aging.
    pub buckets: String,
    /// Units by code.
    pub units: BTreeMap<String, Unit>,
    /// Terms of payout runs and minimum wages, as facts.
    pub terms: Table,
    /// The people of the stories, by unit: staff number and name.
    pub people: BTreeMap<String, BTreeMap<String, String>>,
    /// Everybody else.
    pub crowd: BTreeMap<String, BTreeMap<String, String>>,
    /// What there is before the year begins.
    pub opening: Opening,
    /// Its months, from January on.
    pub months: Vec<MonthScript>,
}

/// A unit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unit {
    pub name: String,
    /// Where its wages are paid.
    pub place: String,
    /// Its part of the year's target, in per cent.
    pub target: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    pub claims: Vec<Claim>,
    /// Letters, agreements, roles and what happened already.
    pub facts: Table,
}

/// A claim of the opening export; its debtor is `D-` and its number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    pub number: String,
    pub amount: String,
    #[serde(default = "long_ago")]
    pub due: NaiveDate,
    pub contract: Option<String>,
    /// As the ERP writes it.
    #[serde(default = "settled")]
    pub stage: String,
}

fn long_ago() -> NaiveDate {
    recoup_model::calendar::date(2019, 6, 30).unwrap_or_default()
}

fn settled() -> String {
    "已结算".to_owned()
}

/// A receipt of a month's export, and the claim that it clears or reduces.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Receipt {
    pub on: NaiveDate,
    pub number: String,
    pub claim: String,
    pub amount: String,
}

/// A month.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MonthScript {
    /// What the month's export has.
    pub receipts: Vec<Receipt>,
    /// Invoices that the month's export states anew.
    pub corrected: Vec<Corrected>,
    /// A row of the month's files is refused, and mended by another file or dismissed.
    pub refused: Option<Refused>,
    /// What people state.
    pub facts: Table,
    /// What they state when the month is soft-closed, to be booked in the next one.
    pub late: Option<Table>,
    /// What they state then, and somebody else approves.
    pub correction: Option<Table>,
    /// What they state in the month, which is opened again for it.
    pub reopened: Option<Table>,
    /// Somebody objects to the month's payout run.
    pub objection: Option<Objection>,
    /// Whose withheld wages are released, besides those of the crowd.
    pub released: Vec<String>,
    /// Of whose item payroll confirms half.
    pub half_confirmed: Option<String>,
    /// The approver is away: a delegate approves the run.
    pub delegated: bool,
    /// Why the run is taken back once it is settled, and paid anew.
    pub taken_back: Option<String>,
}

/// An invoice's amount as it is now known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Corrected {
    pub number: String,
    pub amount: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Refused {
    Mended,
    Dismissed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Objection {
    pub person: String,
    pub reason: String,
    /// Why it is not right; where it is right, the run is cancelled and made anew for everybody else.
    pub resolved: Option<String>,
}

/// An amount of the script, in minor units.
pub(super) fn minor(amount: &str) -> Result<i64, CliError> {
    let money = Money::parse(amount, Currency::CNY);
    money.map(Money::minor).map_err(|e| CliError::Config(format!("`{amount}` in the script: {e}")))
}
