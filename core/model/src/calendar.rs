//! Business dates, months and the ages that regulations count in.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// A business date of a ledger: no time of day, no zone.
pub type Date = NaiveDate;

/// A date from its parts; `None` for a day that the calendar does not have.
#[must_use]
pub fn date(year: i32, month: u32, day: u32) -> Option<Date> {
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Days from 1970-01-01.
#[must_use]
pub fn day_number(d: Date) -> i32 {
    d.to_epoch_days()
}

/// The date of a day number; `None` outside the calendar.
#[must_use]
pub fn from_day_number(n: i32) -> Option<Date> {
    NaiveDate::from_epoch_days(n)
}

/// Whether the calendar has the day of a number.
#[must_use]
pub fn is_day_number(n: i32) -> bool {
    const FIRST: i32 = Date::MIN.to_epoch_days();
    const LAST: i32 = Date::MAX.to_epoch_days();
    (FIRST..=LAST).contains(&n)
}

/// The day after; the calendar's last day stays itself.
#[must_use]
pub fn next_day(d: Date) -> Date {
    d.checked_add_days(Days::new(1)).unwrap_or(Date::MAX)
}

/// The day before; the calendar's first day stays itself.
#[must_use]
pub fn previous_day(d: Date) -> Date {
    d.checked_sub_days(Days::new(1)).unwrap_or(Date::MIN)
}

/// The date `n` months later, clamped to the month's end (31 January + 1 month = 28 or 29 February).
#[must_use]
pub fn plus_months(d: Date, n: u32) -> Date {
    d.checked_add_months(Months::new(n)).unwrap_or(Date::MAX)
}

/// Whole years from `due` to `at` by calendar anniversary; negative before the due date.
/// An anniversary of 29 February falls on 28 February in a common year (policies: shared definitions).
#[must_use]
pub fn completed_years(due: Date, at: Date) -> i32 {
    let years = at.year() - due.year();
    let anniversary = u32::try_from(years * 12).ok().and_then(|m| due.checked_add_months(Months::new(m)));
    match anniversary {
        Some(a) if at < a => years - 1,
        Some(_) => years,
        None => years.min(-1),
    }
}

/// A calendar month; the accounting period of a ledger. Written `2024-07`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(i32);

impl Month {
    /// The month of a year, 1 to 12.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        date(year, month, 1).map(Self::of)
    }

    /// The month that a date lies in.
    #[must_use]
    pub fn of(d: Date) -> Self {
        Self(d.year() * 12 + i32::try_from(d.month0()).unwrap_or(0))
    }

    /// Months since year 0: the number that databases and plugins carry.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The month with this number, within the years that dates can have.
    #[must_use]
    pub fn from_number(n: i32) -> Option<Self> {
        date(n.div_euclid(12), 1, 1).map(|_| Self(n))
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// 1 to 12.
    #[must_use]
    pub fn month(self) -> u32 {
        u32::try_from(self.0.rem_euclid(12)).unwrap_or(0) + 1
    }

    /// The month after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The month before.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    /// First day.
    #[must_use]
    pub fn first_day(self) -> Date {
        date(self.year(), self.month(), 1).unwrap_or(Date::MIN)
    }

    /// Last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        previous_day(self.next().first_day())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month: write it as 2024-07")]
pub struct NotAMonth(pub String);

impl FromStr for Month {
    type Err = NotAMonth;
    fn from_str(s: &str) -> Result<Self, NotAMonth> {
        let parsed = s.split_once('-').filter(|(y, m)| y.len() == 4 && m.len() == 2 && [y, m].iter().all(|d| d.bytes().all(|b| b.is_ascii_digit())));
        parsed.and_then(|(y, m)| Self::new(y.parse().ok()?, m.parse().ok()?)).ok_or_else(|| NotAMonth(s.to_owned()))
    }
}

impl TryFrom<String> for Month {
    type Error = NotAMonth;
    fn try_from(s: String) -> Result<Self, NotAMonth> {
        s.parse()
    }
}

impl From<Month> for String {
    fn from(m: Month) -> Self {
        m.to_string()
    }
}
