//! Laws of dates, months and ages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use recoup_model::calendar::{Month, completed_years, date, day_number, from_day_number, next_day, plus_months, previous_day};
use recoup_model::{Date, Digest};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// 1900-01-01 to 2199-12-31.
fn any_day() -> impl Strategy<Value = Date> {
    (day_number(day("1900-01-01"))..=day_number(day("2199-12-31"))).prop_map(|n| from_day_number(n).unwrap())
}

fn any_month() -> impl Strategy<Value = Month> {
    any_day().prop_map(Month::of)
}

/// The anniversary as policies define it: the same day, 29 February on 28 February of a common year.
fn anniversary(due: Date, years: i32) -> Date {
    let year = due.year() + years;
    date(year, due.month(), due.day()).unwrap_or_else(|| date(year, 2, 28).unwrap())
}

#[test]
fn edge_15_completed_years_turn_on_the_anniversary() {
    for (due, at, years) in [
        // LC example 1: due 2019-06-30.
        ("2019-06-30", "2024-03-15", 4),
        ("2019-06-30", "2024-11-20", 5),
        ("2019-06-30", "2024-06-29", 4),
        ("2019-06-30", "2024-06-30", 5),
        // LC example 2.
        ("2022-02-28", "2024-02-28", 2),
        ("2022-02-28", "2025-02-27", 2),
        ("2022-02-28", "2025-02-28", 3),
        ("2020-02-29", "2023-02-28", 3),
        ("2020-02-29", "2023-02-27", 2),
        // In a leap year the anniversary is the 29th again.
        ("2020-02-29", "2024-02-28", 3),
        ("2020-02-29", "2024-02-29", 4),
        // 28 February is not the last day of February in 2024, and stays its own anniversary.
        ("2023-02-28", "2024-02-28", 1),
        // 1900 was no leap year, 2000 was one.
        ("1896-02-29", "1900-02-28", 4),
        ("1996-02-29", "2000-02-28", 3),
        ("1996-02-29", "2000-02-29", 4),
        // The day itself.
        ("2024-07-01", "2024-07-01", 0),
        ("2023-12-31", "2024-12-30", 0),
        ("2023-12-31", "2024-12-31", 1),
    ] {
        assert_eq!(completed_years(day(due), day(at)), years, "due {due}, at {at}");
    }
}

#[test]
fn before_the_due_date_the_age_is_below_every_band() {
    for (due, at) in [("2024-07-01", "2024-06-30"), ("2024-01-01", "2023-12-31"), ("2024-07-01", "2023-07-01"), ("2024-02-29", "2024-02-28")] {
        assert!(completed_years(day(due), day(at)) < 0, "due {due}, at {at}");
    }
}

#[test]
fn edge_15_a_month_later_is_clamped_to_the_months_end() {
    for (from, months, to) in [
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-08-31", 6, "2025-02-28"),
        ("2024-05-15", 0, "2024-05-15"),
    ] {
        assert_eq!(plus_months(day(from), months), day(to), "{from} + {months}");
    }
}

#[test]
fn a_month_is_written_in_one_way() {
    assert_eq!(month("2024-07"), Month::new(2024, 7).unwrap());
    assert_eq!(month("2024-07").to_string(), "2024-07");
    for text in ["", "2024", "2024-7", "2024-13", "2024-00", "24-07", "2024/07", "2024-07-01", "2024-+7", "+024-07", "２０２４-07"] {
        assert!(text.parse::<Month>().is_err(), "`{text}` was taken as a month");
    }
}

#[test]
fn a_digest_is_written_in_one_way() {
    // SHA-256 of no bytes, as FIPS 180-4 has it.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Digest::of(b"").to_string(), empty);
    assert_eq!(empty.parse::<Digest>().unwrap(), Digest::of(b""));
    let signed = format!("+3{}", &empty[2..]);
    for text in ["", "e3b0", &empty[1..], &format!("{empty}0"), &empty.replace('e', "g"), &signed] {
        assert!(text.parse::<Digest>().is_err(), "`{text}` was taken as a digest");
    }
}

proptest! {
    #[test]
    fn edge_15_completed_years_is_the_last_anniversary_that_was_reached(due in any_day(), days in 0_i32..40_000) {
        let at = from_day_number(day_number(due) + days).unwrap();
        let years = completed_years(due, at);
        prop_assert!(anniversary(due, years) <= at && at < anniversary(due, years + 1), "{} years from {} to {}", years, due, at);
    }

    #[test]
    fn age_never_falls(due in any_day(), at in any_day()) {
        prop_assert!(completed_years(due, at) <= completed_years(due, next_day(at)));
        prop_assert_eq!(completed_years(due, at) < 0, at < due);
    }

    #[test]
    fn edge_22_every_day_is_in_exactly_one_month(d in any_day()) {
        let m = Month::of(d);
        let holds = |m: Month| m.first_day() <= d && d <= m.last_day();
        prop_assert_eq!([m.previous(), m, m.next()].map(holds), [false, true, false]);
        prop_assert_eq!((m.year(), m.month()), (d.year(), d.month()));
    }

    #[test]
    fn edge_22_months_follow_each_other_without_gap_or_overlap(m in any_month()) {
        prop_assert_eq!(next_day(m.last_day()), m.next().first_day());
        prop_assert_eq!(previous_day(m.first_day()), m.previous().last_day());
        prop_assert_eq!(m.next().previous(), m);
        prop_assert_eq!(m.previous().next(), m);
        prop_assert!(m < m.next());
        prop_assert_eq!(Month::from_number(m.number()), Some(m));
        prop_assert_eq!(m.next().number(), m.number() + 1);
        prop_assert_eq!(m.to_string().parse::<Month>().unwrap(), m);
    }

    #[test]
    fn days_count_without_gap(n in -700_000_i32..700_000) {
        let d = from_day_number(n).unwrap();
        prop_assert_eq!(day_number(d), n);
        prop_assert_eq!(day_number(next_day(d)), n + 1);
        prop_assert_eq!(previous_day(next_day(d)), d);
    }
}

#[test]
fn the_calendar_ends_without_a_panic() {
    assert_eq!(next_day(NaiveDate::MAX), NaiveDate::MAX);
    assert_eq!(previous_day(NaiveDate::MIN), NaiveDate::MIN);
    assert_eq!(date(2023, 2, 29), None);
    assert_eq!(Month::new(2024, 13), None);
    assert_eq!(Month::from_number(i32::MAX), None);
}
