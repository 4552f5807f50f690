//! The civil calendar on plain numbers: days, months, completed years.
//!
//! Every function is total, so that a pack never has to say what an impossible
//! date would mean. The SDK refuses days outside the years 1 to 9999 before a
//! pack sees them.

use super::wire::Day;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT: i64 = 719_468;
/// Days in 400 years.
const ERA: i64 = 146_097;

/// The day of a civil date; the month is 1 to 12.
#[must_use]
pub fn day(year: i32, month: u8, day_of_month: u8) -> Day {
    // Years that begin in March put the leap day last, so month lengths follow one formula.
    let shifted_year = i64::from(year) - i64::from(month < 3);
    let shifted_month = (i64::from(month) + 9) % 12;
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day_of_month) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    saturate(era * ERA + day_of_era - EPOCH_SHIFT)
}

/// Year, month and day of the month.
#[must_use]
pub fn civil(day: Day) -> (i32, u8, u8) {
    let shifted = i64::from(day) + EPOCH_SHIFT;
    let era = shifted.div_euclid(ERA);
    let day_of_era = shifted.rem_euclid(ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month < 3);
    // A day is 1 to 31 and a month 1 to 12 by construction.
    (saturate(year), month as u8, day_of_month as u8)
}

fn saturate(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN + 1 } else { i32::MAX })
}

/// Whether 29 February exists in that year.
#[must_use]
pub const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The same date in another year; 29 February becomes 28 February in a common year.
#[must_use]
pub fn anniversary(of: Day, year: i32) -> Day {
    match civil(of) {
        (_, 2, 29) if !is_leap(year) => day(year, 2, 28),
        (_, month, day_of_month) => day(year, month, day_of_month),
    }
}

/// Whole years from the due date to a day, by calendar anniversary; none before the due date.
#[must_use]
pub fn completed_years(due: Day, on: Day) -> Option<u32> {
    if on < due {
        return None;
    }
    let (year, ..) = civil(on);
    let years = year - civil(due).0 - i32::from(on < anniversary(due, year));
    u32::try_from(years).ok()
}

/// In which year overdue a day lies, counted from one; zero on the due date, none before.
///
/// A year overdue begins on the day after an anniversary, as the first begins on
/// the day after the due date. So a day that completes two years is the last of the
/// second year, and two years and five months is in the third.
#[must_use]
pub fn years_begun(due: Day, on: Day) -> Option<u32> {
    match on.checked_sub(1).and_then(|eve| completed_years(due, eve)) {
        Some(completed) => completed.checked_add(1),
        None => completed_years(due, on),
    }
}

/// Reads `YYYY-MM-DD`.
#[must_use]
pub fn parse(text: &str) -> Option<Day> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return None;
    }
    let year = text.get(0..4)?.parse().ok()?;
    let month = text.get(5..7)?.parse().ok()?;
    let day_of_month = text.get(8..10)?.parse().ok()?;
    let parsed = day(year, month, day_of_month);
    // A date that does not exist lands on another one.
    ((1..=12).contains(&month) && civil(parsed) == (year, month, day_of_month)).then_some(parsed)
}

/// A calendar month, counted as year × 12 + month − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(i32);

impl Month {
    /// The month 1 to 12 of a year.
    #[must_use]
    pub fn new(year: i32, month: u8) -> Self {
        Self(year.saturating_mul(12).saturating_add(i32::from(month) - 1))
    }

    /// The month that a day lies in.
    #[must_use]
    pub fn of(day: Day) -> Self {
        let (year, month, _) = civil(day);
        Self::new(year, month)
    }

    /// This month moved by a number of months.
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// Its year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// Its number in the year, 1 to 12.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.rem_euclid(12) as u8 + 1
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        day(self.year(), self.number(), 1)
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Day {
        self.plus(1).first_day().saturating_sub(1)
    }

    /// Year × 12 + month − 1, as a message argument counts it.
    #[must_use]
    pub const fn ordinal(self) -> i32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    fn d(text: &str) -> Day {
        parse(text).unwrap()
    }

    #[test]
    fn completed_years_turn_on_the_anniversary() {
        // LC example 2.
        assert_eq!(completed_years(d("2022-02-28"), d("2024-02-28")), Some(2));
        assert_eq!(completed_years(d("2022-02-28"), d("2025-02-27")), Some(2));
        assert_eq!(completed_years(d("2022-02-28"), d("2025-02-28")), Some(3));
        assert_eq!(completed_years(d("2022-02-28"), d("2022-02-28")), Some(0));
        assert_eq!(completed_years(d("2022-02-28"), d("2022-02-27")), None);
    }

    #[test]
    fn an_anniversary_of_29_february_falls_on_28_february() {
        assert_eq!(completed_years(d("2020-02-29"), d("2023-02-27")), Some(2));
        assert_eq!(completed_years(d("2020-02-29"), d("2023-02-28")), Some(3));
        assert_eq!(completed_years(d("2020-02-29"), d("2024-02-28")), Some(3));
        assert_eq!(completed_years(d("2020-02-29"), d("2024-02-29")), Some(4));
    }

    #[test]
    fn a_year_begins_on_the_day_after_the_anniversary() {
        assert_eq!(years_begun(d("2022-02-28"), d("2022-02-27")), None);
        assert_eq!(years_begun(d("2022-02-28"), d("2022-02-28")), Some(0));
        assert_eq!(years_begun(d("2022-02-28"), d("2022-03-01")), Some(1));
        assert_eq!(years_begun(d("2022-02-28"), d("2024-02-28")), Some(2));
        assert_eq!(years_begun(d("2022-02-28"), d("2024-02-29")), Some(3));
        // "2 years 5 months is in its third year".
        assert_eq!(years_begun(d("2022-02-28"), d("2024-07-28")), Some(3));
    }

    #[test]
    fn only_real_dates_are_read() {
        for text in ["2023-02-29", "2023-13-01", "2023-00-10", "2023-1-01", "x", "20230101"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(d("1970-01-01"), 0);
    }

    #[test]
    fn months_know_their_ends() {
        assert_eq!(Month::of(d("2024-02-10")).last_day(), d("2024-02-29"));
        assert_eq!(Month::new(2024, 12).plus(1), Month::new(2025, 1));
        assert_eq!(Month::new(2024, 1).plus(-1).number(), 12);
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(number in -700_000i32..2_900_000) {
            let theirs = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::TimeDelta::days(number.into());
            let (year, month, day_of_month) = civil(number);
            prop_assert_eq!((year, u32::from(month), u32::from(day_of_month)), (theirs.year(), theirs.month(), theirs.day()));
            prop_assert_eq!(day(year, month, day_of_month), number);
        }

        #[test]
        fn age_never_falls_and_begun_is_completed_or_one_more(due in -20_000i32..40_000, gap in 0i32..20_000) {
            let on = due + gap;
            let completed = completed_years(due, on).unwrap();
            let begun = years_begun(due, on).unwrap();
            prop_assert!(begun == completed || begun == completed + 1);
            prop_assert!(completed_years(due, on + 1).unwrap() >= completed);
            prop_assert!(years_begun(due, on + 1).unwrap() >= begun);
        }
    }
}
