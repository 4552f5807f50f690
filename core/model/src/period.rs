//! Accounting periods (会计期间): the calendar's months, each open, soft-closed or hard-closed, and the legal moves between.
//!
//! Everything up to the last closed month is closed, also what lies before the first close. Whatever is booked takes its
//! period from here ([`Periods::booking`]), so that no way into a closed month is left out.

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::calendar::{Date, Month};
use crate::case::CaseKey;
use crate::id::{BatchId, ProposalId};

/// How firmly a period is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Close {
    /// An approved correction may still enter.
    Soft,
    /// Nothing enters.
    #[default]
    Hard,
}

impl Close {
    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }

    /// Whether it is the hard one, which records leave unsaid.
    #[must_use]
    pub const fn is_hard(&self) -> bool {
        matches!(self, Self::Hard)
    }
}

/// What stands in the way of a close, as it was when somebody decided to close over it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Obstacle {
    /// What it is.
    pub what: InTheWay,
    /// Digest of it: what it is otherwise later was not decided on.
    pub content: Digest,
}

/// Which obstacle.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InTheWay {
    /// A case that is set aside.
    Case(CaseKey),
    /// A record in quarantine, or a control total that does not agree: the batch, and the number of its issue.
    Issue(BatchId, u64),
}

/// A period was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodClosed {
    /// Which month.
    pub month: Month,
    /// How firmly.
    #[serde(default, skip_serializing_if = "Close::is_hard")]
    pub close: Close,
    /// What it was closed over, by approved decisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Obstacle>,
    /// The requests that were approved for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<ProposalId>,
}

/// A period was opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodReopened {
    /// Which month.
    pub month: Month,
    /// The request that was approved.
    pub request: ProposalId,
}

/// State of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodState {
    /// Everything enters.
    Open,
    /// An approved correction enters, and nothing else.
    SoftClosed,
    /// Nothing enters.
    HardClosed,
}

impl PeriodState {
    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::SoftClosed => "soft-closed",
            Self::HardClosed => "closed",
        }
    }
}

/// A move of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// It closes.
    Close(Close),
    /// It opens again.
    Reopen,
}

/// What becomes of a fact of a soft-closed period. One of a hard-closed period always goes to the open one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Late {
    /// It is booked in the open period: what files and evaluations bring.
    #[default]
    Forward,
    /// It is refused: somebody states it, and can ask for approval.
    Refuse,
    /// It enters: somebody approved it.
    Admit,
}

/// The periods of a ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Periods {
    /// The first and the last month that are closed.
    closed: Option<(Month, Month)>,
    /// The last month that is hard-closed, not after the last that is closed.
    hard_until: Option<Month>,
}

/// Why a period cannot be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseFault {
    /// It is closed, as firmly as was asked.
    #[error("period {0} is closed already")]
    AlreadyClosed(Month),
    /// One before it is open, or not closed as firmly: periods close in order.
    #[error("period {later} cannot close before {earlier}: close that first")]
    OutOfOrder {
        /// The one asked for.
        later: Month,
        /// The one to close first.
        earlier: Month,
    },
}

/// Why a period cannot be opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReopenFault {
    /// It is open.
    #[error("period {0} is not closed: nothing is to be opened")]
    Open(Month),
    /// A later one is closed.
    #[error("period {month} cannot be opened while {last} is closed: open that first")]
    LaterClosed {
        /// The one asked for.
        month: Month,
        /// The last that is closed.
        last: Month,
    },
}

/// A fact of a soft-closed period that nobody approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{on} lies in {month}, which is soft-closed: ask for approval, or have it booked in {open}")]
pub struct SoftClosed {
    /// The day of the fact.
    pub on: Date,
    /// Its month.
    pub month: Month,
    /// The open period.
    pub open: Month,
}

impl Periods {
    /// From all moves in their order.
    #[must_use]
    pub fn after(moves: impl IntoIterator<Item = (Month, Move)>) -> Self {
        moves.into_iter().fold(Self::default(), |periods, (month, step)| periods.moved(month, step))
    }

    /// After a move, which was legal when it was made.
    fn moved(self, month: Month, step: Move) -> Self {
        match (step, self.closed) {
            (Move::Close(close), closed) => {
                let (first, last) = closed.unwrap_or((month, month));
                Self { closed: Some((first.min(month), last.max(month))), hard_until: if close.is_hard() { Some(month) } else { self.hard_until } }
            }
            // Those before it stay closed, also when it is the first: it has to close again before a later one does.
            (Move::Reopen, closed) => Self {
                closed: closed.map(|(first, _)| (first.min(month), month.previous())),
                hard_until: self.hard_until.map(|hard| hard.min(month.previous())),
            },
        }
    }

    /// State of a month.
    #[must_use]
    pub fn state(&self, month: Month) -> PeriodState {
        let reaches = |until: Option<Month>| until.is_some_and(|until| month <= until);
        match (reaches(self.hard_until), reaches(self.last())) {
            (true, _) => PeriodState::HardClosed,
            (false, true) => PeriodState::SoftClosed,
            (false, false) => PeriodState::Open,
        }
    }

    /// The last month that is closed.
    #[must_use]
    pub fn last(&self) -> Option<Month> {
        self.closed.map(|(_, last)| last)
    }

    /// The months that were closed and are, in order; those before the first close are not named.
    pub fn closed(&self) -> impl Iterator<Item = Month> + use<> {
        let (first, last) = self.closed.unzip();
        std::iter::successors(first, |month| Some(month.next())).take_while(move |month| last.is_some_and(|last| *month <= last))
    }

    /// The period that a movement of this day enters by itself: its own month, or the first open one after it.
    #[must_use]
    pub fn posting_period(&self, effective: Date) -> Month {
        let month = Month::of(effective);
        self.last().map_or(month, |last| month.max(last.next()))
    }

    /// The period that a fact of this day is booked in.
    ///
    /// # Errors
    /// Its own is soft-closed, and nothing was said for that.
    pub fn booking(&self, on: Date, late: Late) -> Result<Month, SoftClosed> {
        let (month, open) = (Month::of(on), self.posting_period(on));
        match (self.state(month), late) {
            (PeriodState::SoftClosed, Late::Refuse) => Err(SoftClosed { on, month, open }),
            (PeriodState::SoftClosed, Late::Admit) => Ok(month),
            (PeriodState::Open | PeriodState::SoftClosed | PeriodState::HardClosed, _) => Ok(open),
        }
    }

    /// Whether a month can close: any month at first, then one after the other; a soft-closed one can close harder.
    ///
    /// # Errors
    /// It is closed, or one before it is not closed as firmly.
    pub fn may_close(&self, month: Month, close: Close) -> Result<(), CloseFault> {
        let due = match close {
            Close::Soft => self.last().map(Month::next),
            Close::Hard => self.hard_until.map(Month::next).or(self.closed.map(|(first, _)| first)),
        };
        match due {
            Some(due) if month < due => Err(CloseFault::AlreadyClosed(month)),
            Some(due) if due < month => Err(CloseFault::OutOfOrder { later: month, earlier: due }),
            _ => Ok(()),
        }
    }

    /// Whether a month can be opened again, and how firmly it is closed: the last that is closed, and so back.
    ///
    /// # Errors
    /// It is open, or a later one is closed.
    pub fn may_reopen(&self, month: Month) -> Result<Close, ReopenFault> {
        match (self.state(month), self.last()) {
            (PeriodState::Open, _) | (_, None) => Err(ReopenFault::Open(month)),
            (_, Some(last)) if last != month => Err(ReopenFault::LaterClosed { month, last }),
            (PeriodState::SoftClosed, _) => Ok(Close::Soft),
            (PeriodState::HardClosed, _) => Ok(Close::Hard),
        }
    }
}
