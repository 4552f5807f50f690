//! Laws of accounting periods: the legal moves, and where a late fact is booked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_model::calendar::{Date, Month};
use recoup_model::period::{Close, CloseFault, Late, Move, PeriodState, Periods, ReopenFault};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn hard(months: impl IntoIterator<Item = Month>) -> Periods {
    Periods::after(months.into_iter().map(|m| (m, Move::Close(Close::Hard))))
}

/// Moves as `+soft 2024-03`, `+hard 2024-03`, `-2024-03`.
fn after(moves: &[&str]) -> Periods {
    Periods::after(moves.iter().map(|text| match text.split_once(' ') {
        Some(("+soft", m)) => (month(m), Move::Close(Close::Soft)),
        Some((_, m)) => (month(m), Move::Close(Close::Hard)),
        None => (month(&text[1..]), Move::Reopen),
    }))
}

#[test]
fn periods_close_in_order_and_once() {
    let open = Periods::default();
    assert_eq!(open.state(month("2024-03")), PeriodState::Open);
    // A ledger may begin with any month.
    open.may_close(month("2024-03"), Close::Hard).unwrap();
    let closed = hard([month("2024-03")]);
    assert_eq!(closed.state(month("2024-03")), PeriodState::HardClosed);
    assert_eq!(closed.may_close(month("2024-03"), Close::Hard), Err(CloseFault::AlreadyClosed(month("2024-03"))));
    assert_eq!(closed.may_close(month("2024-05"), Close::Hard), Err(CloseFault::OutOfOrder { later: month("2024-05"), earlier: month("2024-04") }));
    closed.may_close(month("2024-04"), Close::Hard).unwrap();
    hard(["2024-03", "2024-04"].map(month)).may_close(month("2024-05"), Close::Soft).unwrap();
}

#[test]
fn a_month_before_the_first_closed_one_is_closed_with_it() {
    let periods = hard([month("2024-03")]);
    assert_eq!(periods.state(month("2024-02")), PeriodState::HardClosed);
    assert_eq!(periods.may_close(month("2024-02"), Close::Hard), Err(CloseFault::AlreadyClosed(month("2024-02"))));
}

#[test]
fn a_soft_closed_month_closes_for_good_in_its_turn_and_not_softly_again() {
    let periods = after(&["+soft 2024-03", "+soft 2024-04"]);
    assert_eq!([periods.state(month("2024-03")), periods.state(month("2024-05"))], [PeriodState::SoftClosed, PeriodState::Open]);
    assert_eq!(periods.may_close(month("2024-04"), Close::Soft), Err(CloseFault::AlreadyClosed(month("2024-04"))));
    assert_eq!(periods.may_close(month("2024-04"), Close::Hard), Err(CloseFault::OutOfOrder { later: month("2024-04"), earlier: month("2024-03") }));
    periods.may_close(month("2024-03"), Close::Hard).unwrap();
    let periods = after(&["+soft 2024-03", "+soft 2024-04", "+hard 2024-03"]);
    assert_eq!([periods.state(month("2024-03")), periods.state(month("2024-04"))], [PeriodState::HardClosed, PeriodState::SoftClosed]);
    periods.may_close(month("2024-04"), Close::Hard).unwrap();
}

#[test]
fn the_last_closed_month_is_opened_again_and_so_back() {
    let periods = after(&["+hard 2024-03", "+soft 2024-04"]);
    assert_eq!(periods.may_reopen(month("2024-05")), Err(ReopenFault::Open(month("2024-05"))));
    assert_eq!(periods.may_reopen(month("2024-03")), Err(ReopenFault::LaterClosed { month: month("2024-03"), last: month("2024-04") }));
    assert_eq!(periods.may_reopen(month("2024-04")), Ok(Close::Soft));
    let periods = after(&["+hard 2024-03", "+soft 2024-04", "-2024-04"]);
    assert_eq!([periods.state(month("2024-03")), periods.state(month("2024-04"))], [PeriodState::HardClosed, PeriodState::Open]);
    assert_eq!(periods.may_reopen(month("2024-03")), Ok(Close::Hard));
    // The first close, opened again: what was closed with it stays closed, and it has to close before a later one.
    let periods = after(&["+hard 2024-03", "+soft 2024-04", "-2024-04", "-2024-03"]);
    assert_eq!([periods.state(month("2024-02")), periods.state(month("2024-03"))], [PeriodState::HardClosed, PeriodState::Open]);
    assert_eq!(periods.closed().count(), 0);
    for close in [Close::Soft, Close::Hard] {
        assert_eq!(periods.may_close(month("2024-04"), close), Err(CloseFault::OutOfOrder { later: month("2024-04"), earlier: month("2024-03") }));
        periods.may_close(month("2024-03"), close).unwrap();
    }
    let again = after(&["+hard 2024-03", "+hard 2024-04", "-2024-04"]);
    again.may_close(month("2024-04"), Close::Hard).unwrap();
}

#[test]
fn edge_18_a_late_day_is_posted_in_the_first_open_period() {
    let periods = hard(["2023-11", "2023-12", "2024-01"].map(month));
    for (on, period) in [
        ("2023-10-31", "2024-02"),
        ("2023-11-01", "2024-02"),
        ("2023-12-31", "2024-02"),
        ("2024-01-31", "2024-02"),
        ("2024-02-01", "2024-02"),
        ("2024-03-01", "2024-03"),
    ] {
        assert_eq!(periods.posting_period(day(on)), month(period), "{on}");
    }
}

/// Open: it enters. Soft-closed: it needs approval, or goes to the open period. Hard-closed: it goes to the open period.
#[test]
fn edge_18_a_late_fact_enters_needs_approval_or_is_forwarded() {
    let periods = after(&["+hard 2024-01", "+soft 2024-02"]);
    let booked = |on: &str, late| periods.booking(day(on), late).map(|m| m.to_string()).map_err(|refused| refused.month.to_string());
    for late in [Late::Forward, Late::Refuse, Late::Admit] {
        assert_eq!(booked("2024-03-31", late).unwrap(), "2024-03");
        assert_eq!(booked("2024-01-31", late).unwrap(), "2024-03");
    }
    assert_eq!(booked("2024-02-29", Late::Forward).unwrap(), "2024-03");
    assert_eq!(booked("2024-02-29", Late::Admit).unwrap(), "2024-02");
    assert_eq!(booked("2024-02-29", Late::Refuse).unwrap_err(), "2024-02");
}

fn any_month() -> impl Strategy<Value = Month> {
    (1990_i32 * 12..2100 * 12).prop_map(|n| Month::from_number(n).unwrap())
}

proptest! {
    #[test]
    fn edge_18_the_posting_period_is_the_first_open_one(first in any_month(), closed in 0_i32..40, offset in -60_i32..60) {
        let periods = hard((0..closed).map(|i| Month::from_number(first.number() + i).unwrap()));
        let d = Month::from_number(first.number() + offset).unwrap().last_day();
        let period = periods.posting_period(d);
        prop_assert_eq!(periods.state(period), PeriodState::Open);
        prop_assert!(period >= Month::of(d));
        let mut m = Month::of(d);
        while m < period {
            prop_assert_eq!(periods.state(m), PeriodState::HardClosed, "{} is open and earlier than {}", m, period);
            m = m.next();
        }
    }

    #[test]
    fn only_the_month_after_the_last_closed_one_closes(first in any_month(), closed in 1_i32..24, asked in -30_i32..60) {
        let nth = |i: i32| Month::from_number(first.number() + i).unwrap();
        let periods = hard((0..closed).map(nth));
        prop_assert_eq!(periods.may_close(nth(asked), Close::Hard).is_ok(), asked == closed);
        prop_assert_eq!(periods.may_reopen(nth(asked)).is_ok(), asked == closed - 1);
    }

    /// Whatever is legally done, closed months are one stretch without a hole, the hard-closed ones first.
    #[test]
    fn legal_moves_leave_no_hole(moves in proptest::collection::vec((0_i32..6, 0_u8..3), 0..40)) {
        let nth = |i: i32| Month::new(2024, 1).map(|m| Month::from_number(m.number() + i).unwrap()).unwrap();
        let mut made = Vec::new();
        for (i, kind) in moves {
            let periods = Periods::after(made.iter().copied());
            let step = match kind {
                0 => periods.may_close(nth(i), Close::Soft).ok().map(|()| Move::Close(Close::Soft)),
                1 => periods.may_close(nth(i), Close::Hard).ok().map(|()| Move::Close(Close::Hard)),
                _ => periods.may_reopen(nth(i)).ok().map(|_| Move::Reopen),
            };
            made.extend(step.map(|step| (nth(i), step)));
        }
        let periods = Periods::after(made.iter().copied());
        let rank = |m: Month| match periods.state(m) { PeriodState::HardClosed => 0, PeriodState::SoftClosed => 1, PeriodState::Open => 2 };
        let ranks: Vec<i32> = (0..8).map(|i| rank(nth(i))).collect();
        prop_assert!(ranks.is_sorted(), "{:?} after {:?}", ranks, made);
        // The last move of each month says what it is.
        for (m, _) in &made {
            let wanted = match made.iter().rfind(|(of, _)| of == m).unwrap().1 {
                Move::Close(Close::Soft) => PeriodState::SoftClosed,
                Move::Close(Close::Hard) => PeriodState::HardClosed,
                Move::Reopen => PeriodState::Open,
            };
            prop_assert_eq!(periods.state(*m), wanted, "{} after {:?}", m, made);
        }
    }
}
