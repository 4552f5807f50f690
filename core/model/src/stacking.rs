//! Stacking (叠加): whether bonuses of two families may be earned on one application of money.
//!
//! A pack's clauses of family [`Commission`](crate::due::Family::Commission) are one family of bonuses, which is called by the pack's
//! id: a regulation says itself which of its clauses add up. Of two regulations nobody has said it, until it is approved.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::calendar::Date;
use crate::id::ProposalId;

/// Two families of bonuses, whichever is named first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "[String; 2]", into = "[String; 2]")]
pub struct Families([String; 2]);

/// One family is named twice: there is nothing to stack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is one family and no two")]
pub struct OneFamily(String);

impl Families {
    /// These two.
    ///
    /// # Errors
    /// They are one.
    pub fn new(one: impl Into<String>, other: impl Into<String>) -> Result<Self, OneFamily> {
        Self::try_from([one.into(), other.into()])
    }

    /// Both, in the order of their names.
    #[must_use]
    pub const fn names(&self) -> &[String; 2] {
        &self.0
    }
}

impl TryFrom<[String; 2]> for Families {
    type Error = OneFamily;

    fn try_from(mut names: [String; 2]) -> Result<Self, OneFamily> {
        names.sort();
        let [first, second] = &names;
        if first == second { Err(OneFamily(first.clone())) } else { Ok(Self(names)) }
    }
}

impl From<Families> for [String; 2] {
    fn from(families: Families) -> Self {
        families.0
    }
}

impl fmt::Display for Families {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.0;
        write!(f, "{first} and {second}")
    }
}

/// Two families may be earned on one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stacking {
    /// Which.
    pub families: Families,
    /// On applications of this day or later.
    pub from: Date,
    /// On those of this day or earlier, where it has an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// The approved request.
    pub request: ProposalId,
}

impl Stacking {
    /// Whether one of these has two families stack on a day.
    #[must_use]
    pub fn allows(all: &[Self], families: &Families, on: Date) -> bool {
        Self::until(all, families, on).is_some()
    }

    /// Whether these have two families stack on every day of a span; from a day on, where it has no end.
    #[must_use]
    pub fn covers(all: &[Self], families: &Families, from: Date, to: Option<Date>) -> bool {
        let mut next = Some(from);
        while let Some(day) = next {
            let Some(last) = Self::until(all, families, day) else { return false };
            if to.unwrap_or(Date::MAX) <= last {
                return true;
            }
            next = last.succ_opt();
        }
        true
    }

    /// Until when at least two families stack that do on a day.
    fn until(all: &[Self], families: &Families, on: Date) -> Option<Date> {
        let holds = |stacking: &&Self| stacking.families == *families && stacking.from <= on;
        all.iter().filter(holds).map(|stacking| stacking.to.unwrap_or(Date::MAX)).filter(|last| on <= *last).max()
    }
}
