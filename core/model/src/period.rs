//! Accounting periods: the calendar's months, each open or closed.

use std::collections::BTreeSet;

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

/// The periods of a ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Periods {
    closed: BTreeSet<Month>,
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
        Self { closed: closed.into_iter().collect() }
    }

    /// State of a month.
    #[must_use]
    pub fn state(&self, month: Month) -> PeriodState {
        if self.closed.contains(&month) { PeriodState::Closed } else { PeriodState::Open }
    }

    /// The period that a movement of this day enters: its own month, or the first open one after it.
    #[must_use]
    pub fn posting_period(&self, effective: Date) -> Month {
        let mut month = Month::of(effective);
        while self.closed.contains(&month) {
            month = month.next();
        }
        month
    }

    /// Closes a month, after every earlier one that has anything in it; the first close of a ledger may be any month.
    ///
    /// # Errors
    /// It is closed, or the month before it is open although an earlier one was closed.
    pub fn close(&mut self, month: Month) -> Result<PeriodClosed, CloseFault> {
        if self.closed.contains(&month) {
            return Err(CloseFault::AlreadyClosed(month));
        }
        if let Some(last) = self.closed.last().filter(|last| last.next() != month) {
            return Err(CloseFault::OutOfOrder { later: month, earlier: last.next() });
        }
        self.closed.insert(month);
        Ok(PeriodClosed { month })
    }
}
