//! Pauses (中止期间): days on which the clock by which a debt ages stands, such as those of a dispute.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::Days;
use serde::{Deserialize, Serialize};

use crate::calendar::{Date, completed_years, next_day};
use crate::id::{PauseId, ReceivableId};

/// Why a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PauseKind {
    /// The debtor disputes the claim (争议).
    Dispute,
    /// The claim is before a court or a tribunal (诉讼).
    Litigation,
    /// What nobody could avert keeps the debtor from paying (不可抗力).
    ForceMajeure,
}

impl PauseKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Dispute, Self::Litigation, Self::ForceMajeure];

    /// The word used in records, databases and packs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dispute => "dispute",
            Self::Litigation => "litigation",
            Self::ForceMajeure => "force-majeure",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Some kinds of pauses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PauseKinds(BTreeSet<PauseKind>);

impl PauseKinds {
    /// Whether a kind is one of them.
    #[must_use]
    pub fn has(&self, kind: PauseKind) -> bool {
        self.0.contains(&kind)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A text that names no kinds of pauses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` are no kinds of pauses: write one or more of dispute, litigation and force-majeure, with commas between them")]
pub struct NotPauses(pub String);

impl FromStr for PauseKinds {
    type Err = NotPauses;
    fn from_str(text: &str) -> Result<Self, NotPauses> {
        let kinds = text.split(',').map(|word| PauseKind::from_word(word.trim())).collect::<Option<_>>();
        kinds.map(Self).ok_or_else(|| NotPauses(text.to_owned()))
    }
}

impl fmt::Display for PauseKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", "))
    }
}

/// The clock of a claim stands for some days. A later record of the same id replaces it: with its last day, for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Its id.
    pub id: PauseId,
    /// Key.
    pub code: String,
    /// Of which claim; always the same for one id.
    pub receivable: ReceivableId,
    /// Why the clock stands.
    pub kind: PauseKind,
    /// First day.
    pub from: Date,
    /// Last day, which is inside; it goes on when absent.
    pub until: Option<Date>,
    /// What it rests on, such as the number of a case.
    pub why: String,
    /// It was recorded by mistake, and the clock never stood.
    pub withdrawn: bool,
}

impl Pause {
    /// Whether the clock stands on a day because of it.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        !self.withdrawn && self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// What a debt's clock says at the end of a day. The days after the day that age counts from count, each once, unless one pause or
/// more stand on them: two pauses of one day stop it once. On a day of a pause the clock says what it said on the last day that counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// From this day on the debt would be as old without any pause.
    pub since: Date,
    /// The last day that counted; the day that age counts from where none did.
    pub on: Date,
}

impl Clock {
    /// The clock of a debt whose age counts from a day, by the first and last days of its pauses.
    #[must_use]
    pub fn at(base: Date, day: Date, pauses: impl IntoIterator<Item = (Date, Option<Date>)>) -> Self {
        let clipped = |(from, until): (Date, Option<Date>)| (from.max(next_day(base)), until.map_or(day, |until| until.min(day)));
        let mut spans: Vec<(Date, Date)> = pauses.into_iter().map(clipped).collect();
        spans.sort_unstable();
        // Up to `reached`, `stood` days were paused; the last `unbroken` of them without a day between them that counted.
        let (mut reached, mut stood, mut unbroken) = (base, 0, 0);
        for (from, until) in spans {
            let first = from.max(next_day(reached));
            if first > until {
                continue;
            }
            let days = days_between(first, until) + 1;
            unbroken = if first == next_day(reached) { unbroken + days } else { days };
            (reached, stood) = (until, stood + days);
        }
        let waits = if reached == day { unbroken } else { 0 };
        let later = |from: Date, by: u64| from.checked_add_days(Days::new(by)).unwrap_or(Date::MAX);
        Self { since: later(base, stood - waits), on: day.checked_sub_days(Days::new(waits)).unwrap_or(Date::MIN) }
    }

    /// Days that counted.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.on - self.since).num_days()
    }

    /// Whole years that they make, by calendar anniversary.
    #[must_use]
    pub fn years(self) -> i32 {
        completed_years(self.since, self.on)
    }
}

fn days_between(from: Date, to: Date) -> u64 {
    u64::try_from((to - from).num_days()).unwrap_or(0)
}
