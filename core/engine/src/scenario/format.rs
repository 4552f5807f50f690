//! The scenario file: YAML, with a published JSON Schema.

use std::path::Path;

use chrono::NaiveDate;
use indexmap::IndexMap;
use recoup_model::Currency;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::EngineError;
use crate::facts::{AgreementFact, ContractFact, EventFact, Facts, LetterFact, PayoutTermsFact, PersonFact, ReceivableFact, RoleFact, TargetFact, UnitFact};

/// One scenario.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Short name, the file's own.
    pub name: String,
    /// What it shows, in a sentence.
    pub summary: String,
    /// What of the specification it covers.
    pub covers: Covers,
    /// Pack id.
    pub pack: String,
    /// The books.
    #[serde(default)]
    pub ledger: Books,
    /// Parameters that differ from the pack's defaults: a value, or a list of `{from, value}`.
    #[serde(default)]
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// People by code.
    #[serde(default)]
    pub people: IndexMap<String, PersonFact>,
    /// Units by code.
    #[serde(default)]
    pub units: IndexMap<String, UnitFact>,
    /// Minimum wages of a month, by place and first day.
    #[serde(default)]
    pub minimum_wages: IndexMap<String, IndexMap<NaiveDate, String>>,
    /// Debtors by code, and their names.
    #[serde(default)]
    pub debtors: IndexMap<String, String>,
    /// Contracts or projects by code.
    #[serde(default)]
    pub contracts: IndexMap<String, ContractFact>,
    /// Claims by key.
    #[serde(default)]
    pub receivables: IndexMap<String, ReceivableFact>,
    /// Responsibility letters by number.
    #[serde(default)]
    pub letters: IndexMap<String, LetterFact>,
    /// Agreements by number.
    #[serde(default)]
    pub agreements: IndexMap<String, AgreementFact>,
    /// What is to be recovered, by number.
    #[serde(default)]
    pub targets: IndexMap<String, TargetFact>,
    /// Roles.
    #[serde(default)]
    pub roles: Vec<RoleFact>,
    /// What happened.
    #[serde(default)]
    pub events: Vec<EventFact>,
    /// What must be true when.
    pub checks: Vec<Check>,
}

/// The ledger of a scenario.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Books {
    /// ISO 4217 code.
    #[schemars(with = "String")]
    pub currency: Currency,
}

impl Default for Books {
    fn default() -> Self {
        Self { currency: Currency::CNY }
    }
}

/// What of the specification a scenario covers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    /// Clause ids.
    pub clauses: Vec<String>,
    /// Numbers of edge cases.
    #[serde(default)]
    pub edge_cases: Vec<u32>,
    /// JSON pointers into the parameters, the pack's defaults with what the scenario states: `--mutate` changes each in a way that the pack accepts, and the scenario must then fail.
    #[serde(default)]
    pub parameters: Vec<String>,
}

/// What must be true at the end of a day.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Everything recorded up to this day is evaluated as of it.
    pub on: NaiveDate,
    /// Posted balances of persons and debtors; those not named are not compared.
    #[serde(default)]
    pub balances: IndexMap<String, BalanceCheck>,
    /// All lines that stand; absent: not compared.
    pub lines: Option<Vec<LineCheck>>,
    /// All postings with an effective date after the check before and up to this one; absent: not compared.
    pub postings: Option<Vec<PostingCheck>>,
    /// Findings that must stand; there may be others.
    pub findings: Option<Vec<FindingCheck>>,
    /// Whether there are no findings but those.
    #[serde(default)]
    pub no_other_findings: bool,
    /// Codes of the cases that cannot be judged, one each; when absent, every case can.
    #[serde(default)]
    pub set_aside: Vec<String>,
    /// Everything that is owed and to be settled with the wages of the day's month; absent: not compared.
    pub settlement: Option<Vec<SettlementCheck>>,
    /// What payroll confirms when all of this is compared.
    #[serde(default)]
    pub payroll: Payroll,
}

/// What payroll confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Payroll {
    /// Nothing: there was no payroll.
    #[default]
    None,
    /// Everything that the statement of the day's month has, in a run that is published for that day alone.
    ConfirmsAll,
}

/// What is owed on one account, and what of it is to be settled.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementCheck {
    /// Whose.
    pub person: String,
    /// bonus, fine, withholding or expenses.
    pub purpose: String,
    /// Owed, signed: to the person above zero, by the person below.
    pub owed: String,
    /// To be paid out; 0.00 when absent.
    pub paid: Option<String>,
    /// To be set off, signed; 0.00 when absent.
    pub set_off: Option<String>,
    /// To be taken from the wage, below zero; 0.00 when absent.
    pub taken: Option<String>,
    /// Code of what holds it, if anything does.
    pub hold: Option<String>,
}

/// Posted balances of one person or debtor.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BalanceCheck {
    /// Not to be paid yet.
    pub contingent: Option<String>,
    /// To be settled.
    pub payable: Option<String>,
}

/// One line.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineCheck {
    /// Clause id.
    pub clause: String,
    /// Whose, if a person's.
    pub person: Option<String>,
    /// Whose, if a debtor's or an obligor's.
    pub party: Option<String>,
    /// Signed amount.
    pub amount: String,
    /// contingent, payable or lapsed.
    pub state: String,
    /// First day of that state.
    pub from: Option<NaiveDate>,
}

/// One posting.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostingCheck {
    /// Clause id.
    pub clause: String,
    /// Whose, if a person's.
    pub person: Option<String>,
    /// Whose, if a debtor's or an obligor's.
    pub party: Option<String>,
    /// Effective date.
    pub on: NaiveDate,
    /// contingent or payable.
    pub balance: String,
    /// Signed amount.
    pub amount: String,
}

/// One finding.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingCheck {
    /// Message code.
    pub code: String,
    /// The day it arose; any when absent.
    pub on: Option<NaiveDate>,
    /// What it says in English; anything when absent.
    pub says: Option<String>,
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// The file cannot be read, or is no scenario: the message says where.
    pub fn read(path: &Path) -> Result<Self, EngineError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| EngineError::File { path: name.clone(), source })?;
        Self::parse(&name, &text)
    }

    /// Parses the text of a scenario file.
    ///
    /// # Errors
    /// It is no scenario: the message says where.
    pub fn parse(path: &str, text: &str) -> Result<Self, EngineError> {
        let invalid = |what: String| EngineError::Scenario { path: path.to_owned(), what };
        let scenario: Self = serde_saphyr::from_str(text).map_err(|e| invalid(e.to_string()))?;
        if scenario.checks.windows(2).any(|w| matches!(w, [a, b] if a.on >= b.on)) {
            return Err(invalid("checks must stand in rising order of `on`".to_owned()));
        }
        if scenario.checks.is_empty() {
            return Err(invalid("a scenario without checks proves nothing".to_owned()));
        }
        Ok(scenario)
    }

    /// Its declarations, without the events.
    pub(super) fn facts(&self) -> Facts {
        Facts {
            late: false,
            people: self.people.clone(),
            units: self.units.clone(),
            minimum_wages: self.minimum_wages.clone(),
            // Payroll pays on the day after the statement's.
            payout_terms: IndexMap::from([(NaiveDate::default(), PayoutTermsFact { notice_days: 0, tax_note: None })]),
            debtors: self.debtors.clone(),
            contracts: self.contracts.clone(),
            receivables: self.receivables.clone(),
            letters: self.letters.clone(),
            agreements: self.agreements.clone(),
            targets: self.targets.clone(),
            roles: self.roles.clone(),
            events: Vec::new(),
        }
    }
}

/// The JSON Schema of scenario files.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Scenario).to_value()
}
