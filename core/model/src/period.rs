//! Accounting periods: the calendar's months, each open or closed.

use serde::{Deserialize, Serialize};

use crate::calendar::{Date, Month};

/// A period was closed; nothing is posted into it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodClosed {
    /// Which month.
    pub month: Month,
}

/// State of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodState {
    /// Postings may enter.
    Open,
    /// Nothing enters.
    Closed,
}

/// The periods of a ledger: everything up to the last closed month is closed, also what lies before the first close.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Periods {
    last_closed: Option<Month>,
}

/// Why a period cannot be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseFault {
    /// It is closed.
    #[error("period {0} is closed already")]
    AlreadyClosed(Month),
    /// One before it is open: periods close in order.
    #[error("period {later} cannot close before {earlier}, which is open")]
    OutOfOrder {
        /// The one asked for.
        later: Month,
        /// The one to close first.
        earlier: Month,
    },
}

impl Periods {
    /// From what was closed.
    #[must_use]
    pub fn new(closed: impl IntoIterator<Item = Month>) -> Self {
        Self { last_closed: closed.into_iter().max() }
    }

    /// State of a month.
    #[must_use]
    pub fn state(&self, month: Month) -> PeriodState {
        if self.last_closed.is_some_and(|last| month <= last) { PeriodState::Closed } else { PeriodState::Open }
    }

    /// The period that a movement of this day enters: its own month, or the first open one after it.
    #[must_use]
    pub fn posting_period(&self, effective: Date) -> Month {
        let month = Month::of(effective);
        self.last_closed.map_or(month, |last| month.max(last.next()))
    }

    /// Closes a month: any month at first, then one after the other.
    ///
    /// # Errors
    /// It is closed, or the month before it is open although an earlier one was closed.
    pub fn close(&mut self, month: Month) -> Result<PeriodClosed, CloseFault> {
        if self.state(month) == PeriodState::Closed {
            return Err(CloseFault::AlreadyClosed(month));
        }
        if let Some(last) = self.last_closed.filter(|last| last.next() != month) {
            return Err(CloseFault::OutOfOrder { later: month, earlier: last.next() });
        }
        self.last_closed = Some(month);
        Ok(PeriodClosed { month })
    }
}
