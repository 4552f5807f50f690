//! Target trees (清欠指标分解): what is to be recovered in a span of days, from the whole to units and people (FF-1).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::agreement::Percent;
use crate::calendar::Date;
use crate::id::{PersonId, TargetId, UnitId};

/// A target with its parts. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// Number, such as the year.
    pub code: String,
    /// First day.
    pub from: Date,
    /// Last day, which is inside.
    pub to: Date,
    /// What the whole was derived from, where it was stated as a part of all arrears.
    pub arrears: Option<Arrears>,
    /// The whole and its parts.
    pub tree: Tree,
}

/// The arrears that a target is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrears {
    /// Which part.
    pub percent: Percent,
    /// Past due at the end of this day.
    pub on: Date,
    /// How much that was, in minor units of the ledger's currency.
    pub amount: i64,
}

/// Whose a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// The whole ledger's.
    Ledger,
    /// A unit's.
    Unit(UnitId),
    /// A person's.
    Person(PersonId),
}

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Whose.
    pub whose: Whose,
    /// Index of the part that it is a part of; the whole has none.
    pub of: Option<u32>,
    /// How much, in minor units of the ledger's currency; above zero.
    pub amount: i64,
}

/// Why parts are no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeFault {
    /// The first part is the whole, and no other is.
    #[error("a target has one whole, which is the ledger's and comes first")]
    Whole,
    /// A part of nothing, or less.
    #[error("a target of zero or less")]
    NotAboveZero(u32),
    /// A part of what comes later, or of a person's.
    #[error("a part is of the whole or of a unit's part before it")]
    Of(u32),
    /// A unit stands twice, or a person twice under the same part.
    #[error("the same unit or person stands twice")]
    Twice(u32),
    /// The parts of one are not it.
    #[error("parts that sum to {sum}, where {amount} is to be decomposed")]
    Sum {
        /// The index of what is decomposed.
        part: u32,
        /// What its parts come to.
        sum: i64,
        /// What it is.
        amount: i64,
    },
}

/// The whole, then its parts, each behind what it is a part of. The parts of one sum to it exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Part>", into = "Vec<Part>")]
pub struct Tree(Vec<Part>);

impl Tree {
    /// The whole, and its parts behind it.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The units whose parts lie under a part, and its own.
    #[must_use]
    pub fn units_under(&self, index: u32) -> BTreeSet<UnitId> {
        let mut under = BTreeSet::from([index]);
        let mut units = BTreeSet::new();
        for (at, part) in (0_u32..).zip(&self.0) {
            if part.of.is_some_and(|of| under.contains(&of)) {
                under.insert(at);
            }
            if let (Whose::Unit(unit), true) = (part.whose, under.contains(&at)) {
                units.insert(unit);
            }
        }
        units
    }

    /// The unit that a part lies under, or is of.
    #[must_use]
    pub fn unit_of(&self, index: u32) -> Option<UnitId> {
        let part = self.0.get(index as usize)?;
        match part.whose {
            Whose::Unit(unit) => Some(unit),
            Whose::Ledger | Whose::Person(_) => self.unit_of(part.of?),
        }
    }
}

impl TryFrom<Vec<Part>> for Tree {
    type Error = TreeFault;

    fn try_from(parts: Vec<Part>) -> Result<Self, TreeFault> {
        let mut seen = BTreeSet::new();
        let mut sums: Vec<Option<i128>> = vec![None; parts.len()];
        for (at, part) in (0_u32..).zip(&parts) {
            let is_whole = at == 0;
            if is_whole != (part.whose == Whose::Ledger) || is_whole != part.of.is_none() {
                return Err(TreeFault::Whole);
            }
            if part.amount <= 0 {
                return Err(TreeFault::NotAboveZero(at));
            }
            let under = match part.whose {
                // A person may have parts in several units.
                Whose::Person(_) => part.of,
                Whose::Ledger | Whose::Unit(_) => None,
            };
            if !seen.insert((part.whose, under)) {
                return Err(TreeFault::Twice(at));
            }
            if let Some(of) = part.of {
                let above = parts.get(of as usize).filter(|above| of < at && !matches!(above.whose, Whose::Person(_)));
                let sum = above.and_then(|_| sums.get_mut(of as usize)).ok_or(TreeFault::Of(at))?;
                *sum = Some(sum.unwrap_or_default() + i128::from(part.amount));
            }
        }
        if parts.is_empty() {
            return Err(TreeFault::Whole);
        }
        for (at, (part, sum)) in (0_u32..).zip(parts.iter().zip(sums)) {
            if let Some(sum) = sum.filter(|sum| *sum != i128::from(part.amount)) {
                return Err(TreeFault::Sum { part: at, sum: i64::try_from(sum).unwrap_or(i64::MAX), amount: part.amount });
            }
        }
        Ok(Self(parts))
    }
}

impl From<Tree> for Vec<Part> {
    fn from(tree: Tree) -> Self {
        tree.0
    }
}
