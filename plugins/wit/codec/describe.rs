//! What a plugin says about itself: the JSON that `describe` returns.

use serde::{Deserialize, Serialize};

/// A text in the two languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// An adapter's description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdapterDescription {
    /// Stable id, such as `table`.
    pub id: String,
    /// Version of the plugin.
    pub version: String,
    /// Contract version, such as `next`.
    pub contract: String,
    /// What it reads.
    pub title: Text,
    /// Names of the formats it reads.
    pub formats: Vec<String>,
    /// JSON Schema of the profile that `open` takes.
    pub profile_schema: serde_json::Value,
}

/// A policy pack's description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesDescription {
    /// Stable id, such as `legacy-construction`.
    pub id: String,
    /// Version of the plugin.
    pub version: String,
    /// Contract version, such as `next`.
    pub contract: String,
    /// The regulation.
    pub title: Text,
    /// Scopes that the pack wants cases of: `letter`, `contract`, `agreement`.
    pub scopes: Vec<String>,
    /// Which agreements it wants cases of; none unless `agreement` is among the scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<AgreementShape>,
    /// Its clauses, in the order of the indices in lines.
    pub clauses: Vec<Clause>,
    /// Its messages, in the order of the indices in steps, findings and faults.
    pub messages: Vec<Message>,
    /// JSON Schema of the parameters.
    pub parameter_schema: serde_json::Value,
    /// The parameters that hold when nothing else is set.
    pub default_parameters: serde_json::Value,
}

/// A kind of agreement that a pack judges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementShape {
    /// The word, such as `entrustment`.
    pub kind: String,
    /// The terms that the pack reads. Others are not shown to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<TermShape>,
    /// Whether it must have holders, who share what is due; otherwise the pack does without them.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub holders: bool,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_yes(flag: &bool) -> bool {
    *flag
}

/// A term of an agreement. Where it is wanted and missing, or of another type, the case is set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermShape {
    /// Its name.
    pub name: String,
    /// What its value is.
    #[serde(rename = "type")]
    pub kind: TermType,
    /// Whether the case cannot be judged without it.
    #[serde(default)]
    pub required: bool,
}

/// What the value of a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TermType {
    /// An amount in the ledger's currency.
    Money,
    /// An exact decimal.
    Decimal,
    /// A day.
    Day,
    /// A word.
    Word,
}

/// One clause of a regulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Such as `LC-1`.
    pub id: String,
    /// What it says, in a line.
    pub title: Text,
    /// Which kind of money the clause deals in.
    pub family: Family,
    /// Why the clause is open to challenge in some places; activation must acknowledge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted: Option<Text>,
    /// The scopes whose cases the clause judges, of those of the pack.
    pub scopes: Vec<String>,
    /// Whether amounts of its lines are computed from wages, so that only those who may see wages may see them.
    #[serde(default)]
    pub sensitive: bool,
    /// Sign and basis its lines may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<LineShape>,
}

/// Which kind of money a clause deals in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Earned by collecting.
    Commission,
    /// A fine.
    Penalty,
    /// A fine given back.
    Refund,
    /// Wages held back.
    Withholding,
    /// Expenses paid back.
    Reimbursement,
    /// What a party owes besides its debts: its lines are due from parties, and no other clause's are.
    Claim,
    /// A condition on other clauses; it has no lines of its own.
    Condition,
}

/// What the host checks of a clause's lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineShape {
    /// What earns it, any of these: `entry`, `wage-month`, `close`, `milestone`.
    pub bases: Vec<String>,
    /// Whether a line may be above zero.
    pub positive: bool,
    /// Whether a line may be below zero.
    pub negative: bool,
}

/// A message with typed arguments; `{0}` stands for the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Stable code, such as `lc.band`.
    pub code: String,
    /// The sentence in English.
    pub en: String,
    /// The sentence in Chinese.
    pub zh: String,
}
