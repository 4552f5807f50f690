//! Who and what debts are about: parties, persons, units, contracts, and where a record came from.

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::id::{ContractId, PartyId, PersonId, UnitId};

/// Where a record was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The source system, such as `u8`.
    pub system: String,
    /// The key of the record in that system.
    pub key: String,
    /// Sheet, row or XPath in the file of the batch that recorded it.
    pub locator: String,
    /// Digest of what was read: equal content changes nothing.
    pub content: Digest,
}

/// Whether names are personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyKind {
    /// A company or public body.
    Organisation,
    /// A natural person: the name is in the personal part.
    Natural,
}

/// Who owes, pays or guarantees (往来单位).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Installation-wide id.
    pub id: PartyId,
    /// Company or natural person.
    pub kind: PartyKind,
    /// Name of an organisation; a natural person's name is in the personal part.
    pub name: Option<String>,
    /// Unified social credit code or tax id.
    pub unified_code: Option<String>,
    /// Where it was read.
    pub source: Option<Source>,
}

/// A natural person who may answer for debts; the name is in the personal part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Installation-wide id.
    pub id: PersonId,
    /// Staff number or another short code that is not a name.
    pub code: String,
}

/// An organisational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// The unit above.
    pub parent: Option<UnitId>,
}

/// A contract or project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// Number or short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// The debtor.
    pub party: Option<PartyId>,
    /// Where it was read.
    pub source: Option<Source>,
}

/// What may be erased without breaking a proof: it lies outside the hashed public part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// A natural person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Number of a natural person's identity document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// A bank account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// A month's gross wage in minor units of the ledger's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross: Option<i64>,
    /// Statutory deductions of that wage, in minor units of the ledger's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deductions: Option<i64>,
    /// Where that wage is paid: whose minimum wage it is not to go below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// A user's password, as an Argon2id hash in the PHC form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Amounts that tell wages, in minor units: a line's, those of its trace, those of its postings; that of a settlement; or those of a payout run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Vec<i64>>,
    /// Key of a record that an import did not simply take in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What was wrong with that record, which may quote any of its cells; or what somebody says who objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Personal {
    /// Whether there is nothing personal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}
