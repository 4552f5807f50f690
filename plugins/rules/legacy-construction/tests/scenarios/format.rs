//! The scenario file as data.

use std::fmt;
use std::marker::PhantomData;

use recoup_sdk::rules::date;
use recoup_sdk::rules::wire::{Day, EntryKind, Minor, PauseKind, Stage};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// A map that keeps the order of the file.
#[derive(Debug)]
pub struct Ordered<V>(pub Vec<(String, V)>);

impl<V> Default for Ordered<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> Ordered<V> {
    pub fn position(&self, key: &str) -> usize {
        let found = self.0.iter().position(|(name, _)| name == key);
        found.unwrap_or_else(|| panic!("`{key}` is not declared"))
    }

    pub fn get(&self, key: &str) -> &V {
        &self.0[self.position(key)].1
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Ordered<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<V>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// A day, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct On(pub Day);

impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        date::parse(&text).map(On).ok_or_else(|| D::Error::custom(format!("no date: {text}")))
    }
}

/// An amount, written with two decimals in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money(pub Minor);

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.replace('.', "");
        match text.rsplit_once('.') {
            Some((_, fen)) if fen.len() == 2 => digits.parse().map(Money).map_err(D::Error::custom),
            _ => Err(D::Error::custom(format!("no amount with two decimals: {text}"))),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub name: String,
    pub summary: String,
    pub covers: Covers,
    pub pack: String,
    pub ledger: Ledger,
    #[serde(default)]
    pub parameters: serde_json::Map<String, Value>,
    #[serde(default)]
    pub people: Ordered<Person>,
    /// Settlement is none of a pack's business.
    #[serde(default, rename = "minimum_wages")]
    pub _minimum_wages: IgnoredAny,
    pub debtors: Ordered<String>,
    #[serde(default)]
    pub contracts: Ordered<Contract>,
    pub receivables: Ordered<Claim>,
    #[serde(default)]
    pub letters: Ordered<Letter>,
    /// Their cases are run by the engine alone.
    #[serde(default)]
    pub agreements: Ordered<IgnoredAny>,
    #[serde(default)]
    pub roles: Vec<Role>,
    #[serde(default)]
    pub events: Vec<Event>,
    pub checks: Vec<Check>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    pub clauses: Vec<String>,
    #[serde(default)]
    pub edge_cases: Vec<u32>,
    #[serde(default)]
    pub parameters: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    pub currency: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    #[serde(rename = "name")]
    pub _name: String,
    #[serde(default, rename = "place")]
    pub _place: IgnoredAny,
    #[serde(default, rename = "deductions")]
    pub _deductions: IgnoredAny,
    #[serde(default)]
    pub wages: Ordered<Money>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    pub debtor: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    pub debtor: String,
    pub contract: Option<String>,
    pub amount: Money,
    pub document_date: On,
    pub due: Option<On>,
    #[serde(default)]
    pub stage: StageName,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageName {
    #[default]
    Settled,
    Unsettled,
    MeasuredUnpaid,
    Retention,
}

impl From<StageName> for Stage {
    fn from(name: StageName) -> Self {
        match name {
            StageName::Settled => Self::Settled,
            StageName::Unsettled => Self::Unsettled,
            StageName::MeasuredUnpaid => Self::MeasuredUnpaid,
            StageName::Retention => Self::Retention,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    pub from: On,
    pub deadline: On,
    pub receivables: Vec<String>,
    #[serde(default)]
    pub shares: Ordered<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub person: String,
    pub role: String,
    pub letter: Option<String>,
    pub contract: Option<String>,
    #[serde(default, rename = "agreement")]
    pub _agreement: IgnoredAny,
    pub from: On,
    pub to: Option<On>,
    #[serde(default = "yes")]
    pub confirmed: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub on: On,
    pub recorded: Option<On>,
    pub receive: Option<Receive>,
    pub bounce: Option<String>,
    #[serde(default)]
    pub stage: Ordered<StageName>,
    pub close: Option<Close>,
    pub write_off: Option<WriteOff>,
    pub pause: Option<Paused>,
    #[serde(default, rename = "milestone")]
    pub _milestone: IgnoredAny,
    #[serde(default, rename = "expect")]
    pub _expect: IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paused {
    pub id: String,
    pub receivable: String,
    pub kind: PauseName,
    pub until: Option<On>,
    #[serde(rename = "why")]
    pub _why: String,
    #[serde(default)]
    pub withdrawn: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PauseName {
    Dispute,
    Litigation,
    ForceMajeure,
}

impl From<PauseName> for PauseKind {
    fn from(name: PauseName) -> Self {
        match name {
            PauseName::Dispute => Self::Dispute,
            PauseName::Litigation => Self::Litigation,
            PauseName::ForceMajeure => Self::ForceMajeure,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receive {
    pub id: String,
    pub debtor: String,
    pub amount: Money,
    #[serde(default)]
    pub means: Means,
    pub apply: Ordered<Money>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    #[default]
    Cash,
    CreditNote,
    SetOff,
    InKind,
}

impl From<Means> for EntryKind {
    fn from(means: Means) -> Self {
        match means {
            Means::Cash => Self::Cash,
            Means::CreditNote => Self::CreditNote,
            Means::SetOff => Self::SetOff,
            Means::InKind => Self::InKind,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    pub contract: String,
    pub recover_by: Option<On>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteOff {
    pub receivable: String,
    pub amount: Money,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub on: On,
    #[serde(default)]
    pub balances: Ordered<Balances>,
    pub lines: Option<Vec<Line>>,
    pub postings: Option<Vec<Posting>>,
    #[serde(default)]
    pub findings: Vec<Finding>,
    #[serde(default, rename = "no_other_findings")]
    pub _no_other_findings: IgnoredAny,
    #[serde(default, rename = "set_aside")]
    pub _set_aside: IgnoredAny,
    #[serde(default, rename = "settlement")]
    pub _settlement: IgnoredAny,
    #[serde(default, rename = "payroll")]
    pub _payroll: IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balances {
    pub contingent: Money,
    pub payable: Money,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub clause: String,
    pub person: String,
    pub amount: Money,
    pub state: String,
    pub from: Option<On>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    pub clause: String,
    pub person: String,
    pub on: On,
    pub balance: String,
    pub amount: Money,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub code: String,
    pub on: On,
    #[serde(default, rename = "says")]
    pub _says: IgnoredAny,
}
