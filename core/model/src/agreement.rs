//! Agreements (协议) about recovering claims, and milestones (节点): dated facts that earn or unlock what is due under them.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::calendar::Date;
use crate::id::{AgreementId, MilestoneId, PartyId, PersonId, ReceiptId, ReceivableId, TargetId, UnitId};

/// Somebody agreed with somebody to recover claims, on stated terms. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// Number.
    pub code: String,
    /// A word that policy packs know, such as `entrustment`.
    pub kind: String,
    /// The unit that agreed.
    pub unit: Option<UnitId>,
    /// First day.
    pub from: Date,
    /// Last day, which is inside; open when absent.
    pub to: Option<Date>,
    /// The claims that it covers.
    pub receivables: Vec<ReceivableId>,
    /// Whose it is, and how what is due is split; nobody's when it only binds its obligors.
    #[serde(default, skip_serializing_if = "Holders::is_empty")]
    pub holders: Holders,
    /// Whom it binds on the other side, in the order in which they are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obligors: Vec<Obligor>,
    /// What was agreed, by name.
    pub terms: BTreeMap<String, Term>,
    /// The units whose completion of a target it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervises: Option<Supervision>,
}

/// Units that somebody supervises (分管), and the target tree that has a part for each of them. None of the parts lies under another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    /// The target.
    pub target: TargetId,
    /// In the order in which they are named.
    pub units: Vec<UnitId>,
}

/// Somebody whom an agreement binds (债务关联方): a borrower, a guarantor, a contractor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligor {
    /// Who.
    pub party: PartyId,
    /// A word that policy packs know, such as `guarantor`.
    pub role: String,
}

/// One agreed value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// Minor units of the ledger's currency.
    Money(i64),
    /// An exact decimal, such as a rate.
    Decimal(Decimal),
    /// A day.
    Day(Date),
    /// A word that policy packs know.
    Word(String),
}

/// Parts that make the whole of an agreement: millionths, so that a per cent has four digits behind the point.
const WHOLE: i64 = 1_000_000;
/// Millionths of one per cent.
const PER_CENT: i64 = WHOLE / 100;

/// An exact part of an agreement, above zero, written in per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Percent(i64);

impl Percent {
    /// All of it, in millionths.
    pub const WHOLE: i64 = WHOLE;

    /// The part in millionths of the whole.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }
}

impl TryFrom<Decimal> for Percent {
    type Error = SharesFault;

    fn try_from(percent: Decimal) -> Result<Self, SharesFault> {
        let millionths = percent.checked_mul(Decimal::from(PER_CENT)).filter(|m| m.fract().is_zero()).and_then(|m| i64::try_from(m).ok());
        match millionths {
            Some(m) if m > 0 => Ok(Self(m)),
            Some(_) => Err(SharesFault::NotAboveZero(percent)),
            None => Err(SharesFault::TooFine(percent)),
        }
    }
}

impl From<Percent> for Decimal {
    fn from(percent: Percent) -> Self {
        // Four digits behind the point, of which those that say nothing are left out.
        Self::new(percent.0, 4).normalize()
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", Decimal::from(*self))
    }
}

/// One person's part of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// Which part.
    pub share: Percent,
}

/// Why parts are not those of one agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SharesFault {
    /// A part of nothing, or less.
    #[error("a share of {0} % is not above zero")]
    NotAboveZero(Decimal),
    /// More digits than a part has.
    #[error("a share of {0} % has more than four digits behind the point")]
    TooFine(Decimal),
    /// A person stands twice.
    #[error("a person has two shares")]
    Twice,
    /// They are not the whole.
    #[error("the shares sum to {0} %, not to 100 %")]
    NotTheWhole(Decimal),
}

/// Who holds an agreement: nobody, or each person once, with parts that sum to exactly 100 %. Ties of a split go to the earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Holder>", into = "Vec<Holder>")]
pub struct Holders(Vec<Holder>);

impl Holders {
    /// All of it is one person's.
    #[must_use]
    pub fn one(person: PersonId) -> Self {
        Self(vec![Holder { person, share: Percent(WHOLE) }])
    }

    /// In the order in which they are named.
    pub fn iter(&self) -> std::slice::Iter<'_, Holder> {
        self.0.iter()
    }

    /// Whether nobody holds it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<Holder>> for Holders {
    type Error = SharesFault;

    fn try_from(holders: Vec<Holder>) -> Result<Self, SharesFault> {
        let sum: i128 = holders.iter().map(|h| i128::from(h.share.millionths())).sum();
        let people: std::collections::BTreeSet<PersonId> = holders.iter().map(|h| h.person).collect();
        if people.len() < holders.len() {
            return Err(SharesFault::Twice);
        }
        if sum != i128::from(WHOLE) {
            return Err(SharesFault::NotTheWhole(Decimal::from_i128_with_scale(sum, 4).normalize()));
        }
        Ok(Self(holders))
    }
}

impl From<Holders> for Vec<Holder> {
    fn from(holders: Holders) -> Self {
        holders.0
    }
}

/// What a milestone is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// An agreement.
    Agreement(AgreementId),
    /// A receipt, and so the claims that it was applied to.
    Receipt(ReceiptId),
    /// A claim.
    Receivable(ReceivableId),
}

impl About {
    /// The word used in databases and answers, and the id of what it is about.
    #[must_use]
    pub const fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Agreement(id) => ("agreement", id.0),
            Self::Receipt(id) => ("receipt", id.0),
            Self::Receivable(id) => ("receivable", id.0),
        }
    }
}

/// Something happened on a day to an agreement, a receipt or a claim. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Its id.
    pub id: MilestoneId,
    /// A word that policy packs know, such as `ruling`.
    pub kind: String,
    /// To what it happened; always the same for one id.
    pub about: About,
    /// On which day.
    pub on: Date,
    /// How much, in minor units of the ledger's currency.
    pub amount: Option<i64>,
    /// Whom it concerns.
    pub person: Option<PersonId>,
    /// The paper that proves it: a number of a judgment, of a bank slip.
    pub evidence: Option<String>,
    /// It was recorded by mistake, and never happened.
    pub withdrawn: bool,
}
