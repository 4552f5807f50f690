//! What scenario files cannot say: every fault, and that interest of a month is the same whenever it is asked for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use recoup_rules_overdue_interest::OverdueInterest;
use recoup_sdk::rules::interest::{Accrued, Charge};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::sample::{Sample, misused};
use recoup_sdk::rules::wire::{Day, Entry, EntryKind, LineState, Verdicts};
use recoup_sdk::rules::{NONE_DAY, NONE_INDEX, Pack, date};
use serde_json::json;

fn d(text: &str) -> Day {
    date::parse(text).unwrap()
}

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

fn agreement(claim: &str, as_of: Day) -> Sample {
    let rates = json!({"day-basis": "actual-365", "tenor": "one-year", "reference-rates": {"one-year": "0.0345", "over-five-years": "0.042"}});
    Sample::agreement("late-payment", (d("2023-01-01"), None), as_of).under(&rates).word("claim", claim)
}

fn overdue(claim: &str, as_of: &str) -> Sample {
    agreement(claim, d(as_of)).debt(d("2023-01-01"), Some(d("2023-03-31")), 50_000_000)
}

fn judge(sample: Sample) -> Verdicts {
    let verdicts = sample.judge::<OverdueInterest>().unwrap();
    assert_eq!(misused(&OverdueInterest::describe(), &verdicts), Vec::<String>::new());
    verdicts
}

fn fault(sample: Sample) -> String {
    let verdicts = judge(sample);
    assert!(verdicts.lines.is_empty());
    OverdueInterest::describe().messages[verdicts.faults[0].message as usize].code.clone()
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    let late = |claim: &str| overdue(claim, "2023-04-30");
    assert_eq!(fault(late("neither")), "oi.claim_unknown");
    assert_eq!(fault(late("penalty")), "oi.no_penalty");
    assert_eq!(fault(late("both")), "oi.no_penalty");
    assert_eq!(fault(late("interest").decimal("annual-rate", rate("0.06")).decimal("daily-rate", rate("0.0005"))), "oi.two_rates");
    assert_eq!(fault(late("penalty").decimal("penalty-daily-rate", rate("0.001")).money("penalty-fixed", 5)), "oi.two_penalties");
    assert_eq!(fault(late("interest").decimal("annual-rate", rate("1.01"))), "oi.rate_out_of_range");
    assert_eq!(fault(late("penalty").decimal("penalty-daily-rate", rate("-0.001"))), "oi.rate_out_of_range");
    assert_eq!(fault(late("penalty").money("penalty-fixed", -5)), "oi.penalty_below_zero");
    let unknown = agreement("interest", d("2023-04-30")).debt(d("2023-01-01"), None, 5);
    assert_eq!(fault(unknown), "oi.due_unknown");
    let huge = late("interest").decimal("daily-rate", rate("1")).debt(d("2023-01-01"), Some(d("2023-01-31")), i64::MAX);
    assert_eq!(fault(huge), "oi.too_large");
    let gap = json!({"day-basis": "actual-365", "tenor": "one-year", "reference-rates": [{"from": "2023-04-02", "value": {"one-year": "0.03", "over-five-years": "0.04"}}]});
    assert_eq!(fault(late("interest").under(&gap)), "oi.no_value.reference-rates");
}

#[test]
fn an_open_balance_is_looked_at_again_every_day_and_a_cleared_one_never() {
    let recheck = |sample: Sample| judge(sample.decimal("daily-rate", rate("0.0005"))).recheck_on;
    assert_eq!(recheck(overdue("interest", "2023-03-15")), [d("2023-04-01")]);
    assert_eq!(recheck(overdue("interest", "2023-04-30")), [d("2023-05-01")]);
    assert_eq!(recheck(overdue("interest", "2023-04-30").receipt(d("2023-04-10"), 50_000_000, EntryKind::Cash)), [NONE_DAY]);
}

#[test]
fn a_write_off_stops_no_interest_and_a_set_off_does() {
    let owed = |kind| {
        let sample = overdue("interest", "2023-04-30").decimal("daily-rate", rate("0.0005")).receipt(d("2023-04-10"), 50_000_000, kind);
        judge(sample).lines.iter().map(|line| line.amount).sum::<i64>()
    };
    // 250.00 a day: 30 days, or 10.
    assert_eq!((owed(EntryKind::WriteOff), owed(EntryKind::SetOff)), (-750_000, -250_000));
}

#[test]
fn a_fixed_penalty_is_due_once() {
    let fixed = |sample: Sample| {
        let verdicts = judge(sample.money("penalty-fixed", 100_000));
        verdicts.lines.iter().map(|line| (line.amount, verdicts.states[line.states.start as usize].day)).collect::<Vec<_>>()
    };
    let paid = |sample: Sample, day: &str| sample.receipt(d(day), 50_000_000, EntryKind::Cash);
    assert_eq!(fixed(overdue("penalty", "2023-03-31")), []);
    assert_eq!(fixed(overdue("penalty", "2023-04-01")), [(-100_000, d("2023-04-01"))]);
    assert_eq!(fixed(paid(overdue("penalty", "2024-12-31"), "2023-04-01")), [(-100_000, d("2023-04-01"))]);
    // The due date itself is in time; a receipt in time that goes back counts from then on for nothing.
    let in_time = || paid(overdue("penalty", "2024-12-31"), "2023-03-31");
    assert_eq!(fixed(in_time()), []);
    let bounced = Entry { receivable: 0, day: d("2023-06-15"), amount: 50_000_000, kind: EntryKind::Cash, cites: 1 };
    assert_eq!(fixed(in_time().entry(bounced)), [(-100_000, d("2023-06-15"))]);
}

#[test]
fn the_last_choice_counts_from_its_day_on() {
    use LineState::{Contingent, Lapsed, Payable};
    let both = overdue("both", "2023-06-30").decimal("daily-rate", rate("0.0005")).money("penalty-fixed", 100_000);
    let chosen = both.milestone("interest-chosen", d("2023-05-10"), None).milestone("penalty-chosen", d("2023-06-10"), None);
    let verdicts = judge(chosen);
    let states = |line: usize| {
        let span = verdicts.lines[line].states;
        verdicts.states[span.start as usize..][..span.count as usize].iter().map(|s| (s.day, s.state)).collect::<Vec<_>>()
    };
    // April, May, June of OI-1, then OI-2.
    assert_eq!(states(0), [(d("2023-04-30"), Contingent), (d("2023-05-10"), Payable), (d("2023-06-10"), Lapsed)]);
    assert_eq!(states(2), [(d("2023-06-30"), Lapsed)]);
    assert_eq!(states(3), [(d("2023-04-01"), Contingent), (d("2023-05-10"), Lapsed), (d("2023-06-10"), Payable)]);
}

#[test]
fn edge_7_a_receipt_that_counts_again_gives_back_what_was_made_up() {
    let bounce = |day: &str, amount, cites| Entry { receivable: 0, day: d(day), amount, kind: EntryKind::Cash, cites };
    let sample = overdue("interest", "2023-07-31").decimal("daily-rate", rate("0.0005")).receipt(d("2023-05-10"), 20_000_000, EntryKind::Cash);
    let sample = sample.entry(bounce("2023-06-10", 20_000_000, 1)).entry(bounce("2023-07-10", -20_000_000, 2));
    // As if it had never bounced: 40 days × 250.00 + 82 days × 150.00.
    assert_eq!(judge(sample).lines.iter().map(|line| line.amount).sum::<i64>(), -2_230_000);
}

/// What each month comes to, by the day on which it stands.
fn months(verdicts: &Verdicts) -> BTreeMap<i32, i64> {
    let mut months = BTreeMap::new();
    for line in &verdicts.lines {
        let state = verdicts.states[line.states.start as usize];
        assert_eq!((line.states.count, state.state), (1, LineState::Payable));
        *months.entry(date::Month::of(state.day).ordinal()).or_insert(0) += line.amount;
    }
    months
}

proptest! {
    /// Months that are over are the same, and the same for every reading of the days before: so is what is posted, for every schedule.
    #[test]
    fn a_month_that_is_over_stays_what_it_is(receipts in prop::collection::vec((0_i32..700, 1_i64..9_000_000, any::<Option<u8>>()), 0..5), early in 90_i32..700) {
        let first = d("2023-01-01");
        let mut entries = vec![];
        for (day, amount, back) in receipts {
            entries.push((first + day, -amount, None));
            let of = entries.len() - 1;
            entries.extend(back.map(|back| (first + day + i32::from(back), amount, Some(of))));
        }
        // In the order of days; what is cited comes first.
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|at| (entries[*at].0, entries[*at].2.is_some()));
        let place = |of: usize| order.iter().position(|at| *at == of).unwrap() as u32 + 1;
        let sample = |as_of: Day| {
            let start = agreement("interest", as_of).debt(first, Some(d("2023-03-31")), 50_000_000);
            order.iter().map(|at| entries[*at]).filter(|(day, ..)| *day <= as_of).fold(start, |sample, (day, amount, of)| {
                sample.entry(Entry { receivable: 0, day, amount, kind: EntryKind::Cash, cites: of.map_or(NONE_INDEX, place) })
            })
        };
        let as_of = first + 729;
        let (then, now) = (judge(sample(first + early)), judge(sample(as_of)));
        let (then, now) = (months(&then), months(&now));
        let open = date::Month::of(first + early).ordinal();
        for (month, owed) in then.iter().filter(|(month, _)| **month < open) {
            prop_assert_eq!(now.get(month), Some(owed));
        }
        // All of it is what a reader would sum up who knows in the end which receipts counted: each from its own day on.
        let charge = Charge::Yearly(rate("0.0345"), recoup_sdk::rules::interest::DayBasis::Days365);
        let mut terms = 1;
        let mut exact = Accrued::default().plus(50_000_000, charge, (d("2023-04-01"), as_of)).unwrap();
        for (at, (day, amount, of)) in entries.iter().enumerate() {
            let taken_back = entries.iter().any(|(back, _, cited)| *back <= as_of && *cited == Some(at));
            if of.is_none() && !taken_back && *day <= as_of {
                exact = exact.plus(*amount, charge, (d("2023-04-01").max(day + 1), as_of)).unwrap();
            }
            terms += 2;
        }
        let owed: i64 = now.values().sum();
        // Each interval is rounded once.
        prop_assert!((-owed - exact.rounded().unwrap()).abs() <= terms, "{} and {}", -owed, exact.rounded().unwrap());
    }
}
