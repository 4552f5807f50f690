//! Who answers for a debt, from when to when, and what they earn.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::calendar::{Date, Month};
use crate::id::{AgreementId, ContractId, LetterId, PersonId, ReceivableId, RoleId, UnitId};

/// What a role is held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleScope {
    /// A responsibility letter.
    Letter(LetterId),
    /// A contract or project.
    Contract(ContractId),
    /// One receivable.
    Receivable(ReceivableId),
    /// A unit.
    Unit(UnitId),
    /// An agreement.
    Agreement(AgreementId),
}

impl RoleScope {
    /// The word used in databases and answers, and the id of what the role is held for.
    #[must_use]
    pub const fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Letter(id) => ("letter", id.0),
            Self::Contract(id) => ("contract", id.0),
            Self::Receivable(id) => ("receivable", id.0),
            Self::Unit(id) => ("unit", id.0),
            Self::Agreement(id) => ("agreement", id.0),
        }
    }
}

/// Somebody answers for something in a role, from one day to another. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAssignment {
    /// Its id.
    pub id: RoleId,
    /// Who.
    pub person: PersonId,
    /// Role code of the policy, such as `responsible` or `project-manager`.
    pub role: String,
    /// For what.
    pub scope: RoleScope,
    /// First day.
    pub from: Date,
    /// Last day; open when absent.
    pub to: Option<Date>,
    /// Whether the duty never ends (终身责任).
    pub lifelong: bool,
    /// Whether the debtor confirmed the hand-over; an unconfirmed one does not count.
    pub confirmed: bool,
}

/// One person's weight in a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Who.
    pub person: PersonId,
    /// Weight; the weights together are the whole.
    pub weight: i64,
}

/// A responsibility letter (清欠责任状): who recovers what by when. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// Number.
    pub code: String,
    /// The unit that signed.
    pub unit: Option<UnitId>,
    /// First day.
    pub from: Date,
    /// Last day; the day itself is in time.
    pub deadline: Date,
    /// The debts to recover.
    pub receivables: Vec<ReceivableId>,
    /// How the bonus is split; when empty, it is due to whoever answers on the day.
    pub shares: Vec<Share>,
}

/// The wage of a month is known; the amount is in the personal part (`gross`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WageMonth {
    /// Whose.
    pub person: PersonId,
    /// Which month.
    pub month: Month,
}

/// A project was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractClosed {
    /// Which.
    pub contract: ContractId,
    /// On which day.
    pub on: Date,
    /// By when what is still open must be recovered.
    pub recover_by: Option<Date>,
}
