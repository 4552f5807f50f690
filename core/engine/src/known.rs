//! As known when: at a position of the log, or by a moment or the end of a day, which stand for the last position by then.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use recoup_model::Date;
use recoup_model::record::Ledger;
use recoup_store::{Store, StoreError, View};

use crate::EngineError;

/// When something was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownAt {
    /// When the log had got to this position.
    Position(i64),
    /// At this moment.
    Moment(DateTime<Utc>),
    /// At the end of this day, where the ledger's entity keeps its books.
    Day(Date),
}

/// Later than whatever is recorded, and the latest moment that the log can order.
const LAST: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 0) {
    Some(last) => last,
    None => DateTime::<Utc>::MAX_UTC,
};

/// What a text must be, for people.
pub const EXPECTED: &str = "write a position of the log such as 17, a day such as 2025-01-15, or a moment such as 2025-01-15T18:00:00Z";

/// A text says no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{EXPECTED}")]
pub struct NotWhen;

/// The log has nothing that is as it was known then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotKnown {
    /// There is no such position.
    #[error("asked for what was known at position {position}, and the log of {ledger} has the positions 1 to {last}: ask for one of them")]
    Position {
        /// The position.
        position: i64,
        /// Code of the ledger.
        ledger: String,
        /// Its last position.
        last: i64,
    },
    /// The log begins later.
    #[error("asked for what was known at {asked}, and nothing of {ledger} was recorded by then: ask for a later day or moment")]
    By {
        /// The day or moment.
        asked: KnownAt,
        /// Code of the ledger.
        ledger: String,
    },
}

impl FromStr for KnownAt {
    type Err = NotWhen;

    fn from_str(text: &str) -> Result<Self, NotWhen> {
        let moment = || DateTime::parse_from_rfc3339(text).map(|moment| Self::Moment(moment.to_utc()));
        let day = || text.parse().map(Self::Day);
        text.parse().map(Self::Position).or_else(|_| moment()).or_else(|_| day()).map_err(|_| NotWhen)
    }
}

impl fmt::Display for KnownAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(position) => write!(f, "position {position}"),
            Self::Moment(moment) => write!(f, "{}", moment.to_rfc3339()),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

impl KnownAt {
    /// The position of a ledger's log that it stands for, now and whenever it is asked again: a command that was begun by
    /// then and is not committed yet is waited for.
    ///
    /// # Errors
    /// As [`KnownAt::position`]; or whoever writes takes too long.
    pub fn found(self, store: &mut Store, ledger: &Ledger) -> Result<i64, EngineError> {
        let look = |view: &mut View<'_>| {
            let found = self.position(view, ledger);
            Ok::<_, StoreError>((found, view.head().position))
        };
        match store.read(ledger.id, look)? {
            // The end of the log stands for it, or nothing does yet: a command that comes next may have been begun by then.
            (found, last) if !matches!(self, Self::Position(_)) && found.as_ref().map_or(true, |position| *position == last) => {
                store.settle(ledger.id)?;
                store.read(ledger.id, |view| self.position(view, ledger))
            }
            (found, _) => found,
        }
    }

    /// The position of a ledger's log that it stands for, as one state of the database says.
    ///
    /// # Errors
    /// The log has no such position; the database fails.
    pub fn position(self, view: &mut View<'_>, ledger: &Ledger) -> Result<i64, EngineError> {
        let last = view.head().position;
        let before = match self {
            Self::Position(position) if (1..=last).contains(&position) => return Ok(position),
            Self::Position(position) => return Err(NotKnown::Position { position, ledger: ledger.code.clone(), last }.into()),
            // The log says when in microseconds.
            Self::Moment(moment) => moment.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(LAST),
            Self::Day(day) => end_of(ledger, day),
        };
        match view.position_before(before.min(LAST))? {
            0 => Err(NotKnown::By { asked: self, ledger: ledger.code.clone() }.into()),
            position => Ok(position),
        }
    }
}

/// The moment at which a day is over where the ledger's entity keeps its books; there, a midnight that clocks leave out is
/// when they are put forward. Where the zone is unknown, days are those that [`business_date`](crate::evaluate::business_date) tells.
#[must_use]
pub fn end_of(ledger: &Ledger, day: Date) -> DateTime<Utc> {
    let Some(midnight) = day.checked_add_days(Days::new(1)).map(|next| next.and_time(NaiveTime::MIN)) else {
        return LAST;
    };
    match ledger.time_zone.parse::<Tz>() {
        Ok(zone) => {
            let local = (0..24).find_map(|hours| zone.from_local_datetime(&(midnight + TimeDelta::hours(hours))).earliest());
            local.map_or_else(|| midnight.and_utc(), |local| local.to_utc())
        }
        Err(_) => midnight.and_utc() - TimeDelta::hours(14),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use recoup_model::Currency;

    fn ledger(zone: &str) -> Ledger {
        Ledger { id: Ledger::id_of("main"), code: "main".to_owned(), name: String::new(), currency: Currency::CNY, time_zone: zone.to_owned() }
    }

    #[test]
    fn a_position_a_moment_and_a_day_are_told_apart() {
        let day = Date::from_ymd_opt(2025, 1, 15).unwrap();
        let moment = day.and_hms_opt(10, 0, 0).unwrap().and_utc();
        for (text, expected) in [
            ("17", Ok(KnownAt::Position(17))),
            ("2025-01-15", Ok(KnownAt::Day(day))),
            ("2025-01-15T18:00:00+08:00", Ok(KnownAt::Moment(moment))),
            ("2025-01-15T10:00:00Z", Ok(KnownAt::Moment(moment))),
            ("2025-02-30", Err(NotWhen)),
            ("2025-01-15T10:00:00", Err(NotWhen)),
            ("yesterday", Err(NotWhen)),
            ("", Err(NotWhen)),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }

    #[test]
    fn edge_21_a_day_ends_where_the_books_are_kept() {
        for (zone, day, expected) in [
            ("Asia/Shanghai", "2025-01-15", "2025-01-15T16:00:00+00:00"),
            ("Europe/Lisbon", "2025-01-15", "2025-01-16T00:00:00+00:00"),
            // Clocks are put forward at midnight here: the day after begins at one.
            ("Africa/Cairo", "2023-04-27", "2023-04-27T22:00:00+00:00"),
            // The latest day on Earth.
            ("Nowhere/Else", "2025-01-15", "2025-01-15T10:00:00+00:00"),
        ] {
            assert_eq!(end_of(&ledger(zone), day.parse().unwrap()).to_rfc3339(), expected, "{zone} {day}");
        }
    }
}
