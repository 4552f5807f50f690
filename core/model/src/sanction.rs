//! False reports (虚报瞒报) and sanctions (责任追究): what was found of somebody, and what follows from it that is not money.

use serde::{Deserialize, Serialize};

use crate::agreement::About;
use crate::calendar::{Date, previous_day};
use crate::id::{FalseReportId, PersonId, SanctionId};

/// Results were found to be reported falsely, or concealed. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalseReport {
    /// Its id.
    pub id: FalseReportId,
    /// Key.
    pub code: String,
    /// The results of what; always the same for one id.
    pub about: About,
    /// Who reported them.
    pub person: PersonId,
    /// The day of the finding.
    pub on: Date,
    /// Only the results of this day or later.
    pub from: Option<Date>,
    /// Only the results of this day or earlier.
    pub to: Option<Date>,
    /// The sanction that the finding states.
    pub sanction: Option<SanctionKind>,
    /// The paper that proves it.
    pub evidence: Option<String>,
    /// It was recorded by mistake, and nothing was found.
    pub withdrawn: bool,
}

/// What is done to somebody that is not money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SanctionKind {
    /// A notice of criticism (通报批评).
    NoticeOfCriticism,
    /// A demerit (记过).
    Demerit,
    /// Removal from office (免职).
    Removal,
    /// No promotion (不得提拔).
    NoPromotion,
    /// No transfer (不得调动).
    NoTransfer,
    /// Resignation is not processed (不予办理离职).
    NoResignation,
    /// No awards (不得评先).
    NoAwards,
}

impl SanctionKind {
    /// The word used in records, databases and packs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoticeOfCriticism => "notice-of-criticism",
            Self::Demerit => "demerit",
            Self::Removal => "removal",
            Self::NoPromotion => "no-promotion",
            Self::NoTransfer => "no-transfer",
            Self::NoResignation => "no-resignation",
            Self::NoAwards => "no-awards",
        }
    }
}

/// A sanction was imposed on somebody. A later record of the same id replaces it: with the day on which it is lifted, for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    /// Its id.
    pub id: SanctionId,
    /// Key.
    pub code: String,
    /// Which.
    pub kind: SanctionKind,
    /// On whom.
    pub person: PersonId,
    /// For what they answer; always the same for one id.
    pub about: About,
    /// First day.
    pub from: Date,
    /// Last day as it was imposed, which is inside; open when absent.
    pub until: Option<Date>,
    /// From this day on it is in force no longer.
    pub lifted: Option<Date>,
    /// The decision that imposes it.
    pub why: String,
    /// It was recorded by mistake, and never imposed.
    pub withdrawn: bool,
}

impl Sanction {
    /// The last day on which it is in force, if there is one yet; before its first day when it was lifted on that.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        let lifted = self.lifted.map(previous_day);
        self.until.map_or(lifted, |until| Some(lifted.map_or(until, |lifted| lifted.min(until))))
    }

    /// Whether it is in force at the end of a day.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        !self.withdrawn && self.from <= day && self.last_day().is_none_or(|last| day <= last)
    }
}
