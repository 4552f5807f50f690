//! Pauses are in force from their first day to the last, and stop a debt's clock once, however many there are.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use recoup_model::Date;
use recoup_model::calendar::next_day;
use recoup_model::id::{PauseId, ReceivableId};
use recoup_model::pause::{Clock, Pause, PauseKind, PauseKinds};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn clock(base: &str, on: &str, pauses: &[(&str, Option<&str>)]) -> (String, String, i64, i32) {
    let clock = Clock::at(day(base), day(on), pauses.iter().map(|(from, until)| (day(from), until.map(day))));
    (clock.since.to_string(), clock.on.to_string(), clock.days(), clock.years())
}

fn says(since: &str, on: &str, days: i64, years: i32) -> (String, String, i64, i32) {
    (since.to_owned(), on.to_owned(), days, years)
}

#[test]
fn a_pause_is_in_force_from_its_first_day_to_its_last() {
    let (id, receivable, from) = (PauseId::from_parts(&[b"p"]), ReceivableId::from_parts(&[b"r"]), day("2024-03-01"));
    let open = Pause { id, code: "p".to_owned(), receivable, kind: PauseKind::Dispute, from, until: None, why: "no. 3".to_owned(), withdrawn: false };
    assert!(!open.is_in_force(day("2024-02-29")) && open.is_in_force(from) && open.is_in_force(day("2034-03-01")));
    let ended = Pause { until: Some(day("2024-03-31")), ..open.clone() };
    assert!(ended.is_in_force(day("2024-03-31")) && !ended.is_in_force(day("2024-04-01")));
    assert!(!Pause { withdrawn: true, ..open }.is_in_force(from));
}

/// From 10 to 31 January 2020 are 21 days, February has 29, March 31, April 30: 111 to 30 April, of which 90 are paused.
#[test]
fn edge_16_overlapping_pauses_do_not_subtract_twice() {
    let twice = [("2020-02-01", Some("2020-03-31")), ("2020-03-01", Some("2020-04-30"))];
    assert_eq!(clock("2020-01-10", "2020-05-01", &twice), says("2020-04-09", "2020-05-01", 22, 0));
    let within = [("2020-02-01", Some("2020-04-30")), ("2020-03-10", Some("2020-03-12"))];
    assert_eq!(clock("2020-01-10", "2020-05-01", &within), says("2020-04-09", "2020-05-01", 22, 0));
    // On the last day of April the clock says what it said on 31 January.
    assert_eq!(clock("2020-01-10", "2020-04-30", &twice), says("2020-01-10", "2020-01-31", 21, 0));
    assert_eq!(clock("2020-01-10", "2022-04-08", &twice), says("2020-04-09", "2022-04-08", 729, 1));
    assert_eq!(clock("2020-01-10", "2022-04-09", &twice), says("2020-04-09", "2022-04-09", 730, 2));
}

#[test]
fn edge_16_bounds_of_the_days_that_count() {
    assert_eq!(clock("2020-01-10", "2020-01-20", &[("2019-12-01", Some("2020-01-10"))]), says("2020-01-10", "2020-01-20", 10, 0));
    assert_eq!(clock("2020-01-10", "2020-01-20", &[("2019-12-01", Some("2020-01-12"))]), says("2020-01-12", "2020-01-20", 8, 0));
    assert_eq!(clock("2020-01-10", "2020-01-20", &[("2020-01-20", None)]), says("2020-01-10", "2020-01-19", 9, 0));
    assert_eq!(clock("2020-01-10", "2020-01-20", &[("2020-01-21", None)]), says("2020-01-10", "2020-01-20", 10, 0));
    assert_eq!(clock("2020-01-10", "2020-01-20", &[("2019-12-01", None)]), says("2020-01-10", "2020-01-10", 0, 0));
    assert_eq!(clock("2020-01-10", "2020-01-05", &[("2019-12-01", None)]).2, -5, "before its date there is nothing to pause");
}

#[test]
fn kinds_are_named_by_the_words_of_records() {
    for kind in PauseKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        assert_eq!(PauseKind::from_word(kind.word()), Some(kind));
    }
    let some: PauseKinds = "litigation, dispute".parse().unwrap();
    assert_eq!(PauseKind::ALL.map(|kind| some.has(kind)), [true, true, false]);
    assert_eq!(some.to_string(), "dispute, litigation");
    for wrong in ["", "war", "dispute,", "Dispute"] {
        assert!(wrong.parse::<PauseKinds>().is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn every_day_counts_once_or_is_paused(gap in 0_u64..800, pauses in prop::collection::vec((0_u64..900, prop::option::of(0_u64..300)), 0..6)) {
        let (base, first) = (day("2020-01-10"), day("2019-12-01"));
        let later = |from: Date, days: u64| from + chrono::Days::new(days);
        let on = later(base, gap);
        let pauses: Vec<(Date, Option<Date>)> = pauses.into_iter().map(|(from, days)| (later(first, from), days.map(|days| later(first, from + days)))).collect();
        let stands: BTreeSet<Date> =
            pauses.iter().flat_map(|(from, until)| from.iter_days().take_while(|d| *d <= until.unwrap_or(on) && *d <= on)).collect();
        let counted = next_day(base).iter_days().take_while(|d| *d <= on).filter(|d| !stands.contains(d)).count();
        let clock = Clock::at(base, on, pauses);
        prop_assert_eq!(clock.days(), i64::try_from(counted).unwrap());
        prop_assert!(clock.on == base || !stands.contains(&clock.on));
    }
}
