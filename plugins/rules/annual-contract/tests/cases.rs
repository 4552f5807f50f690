//! What scenario files cannot say: every fault, rechecks, and the law of completion.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_rules_annual_contract::AnnualContract;
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::sample::{Sample, misused};
use recoup_sdk::rules::wire::{Day, Entry, EntryKind, LineState, Verdicts};
use recoup_sdk::rules::{NONE_DAY, NONE_INDEX, Pack, check, date};
use serde_json::json;

fn d(text: &str) -> Day {
    date::parse(text).unwrap()
}

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

fn agreement(kind: &str, as_of: &str) -> Sample {
    let sample = Sample::agreement(kind, (d("2024-01-01"), Some(d("2024-12-31"))), d(as_of)).under(&json!({"notice-days": 7}));
    sample.debt(d("2022-02-28"), Some(d("2022-02-28")), 500_000_000).holder(1_000_000)
}

/// A contract of 2024 over 100,000.00 at 5 %.
fn contract(as_of: &str) -> Sample {
    agreement("recovery-contract", as_of).money("target", 10_000_000).decimal("rate", rate("0.05"))
}

fn judge(sample: Sample) -> Verdicts {
    let verdicts = sample.judge::<AnnualContract>().unwrap();
    assert_eq!(misused(&AnnualContract::describe(), &verdicts), Vec::<String>::new());
    verdicts
}

fn fault(sample: Sample) -> String {
    let verdicts = judge(sample);
    assert!(verdicts.lines.is_empty());
    AnnualContract::describe().messages[verdicts.faults[0].message as usize].code.clone()
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    let open = Sample::agreement("recovery-contract", (d("2024-01-01"), None), d("2024-12-31")).under(&json!({"notice-days": 7, "year": "term"}));
    assert_eq!(fault(open.money("target", 1).decimal("rate", rate("0.05"))), "ac.no_end");
    let endless = Sample::agreement("executive", (d("2024-01-01"), None), d("2025-12-31")).under(&json!({"notice-days": 7}));
    assert_eq!(fault(endless.money("target", 5).money("salary", 5)), "ac.no_end");
    assert_eq!(fault(agreement("executive", "2024-12-31").money("target", 0).money("salary", 5)), "ac.target_zero");
    let low = agreement("recovery-contract", "2024-12-31").money("target", 5).decimal("rate", rate("0.0499"));
    assert_eq!(fault(low), "ac.rate_out_of_range");
    let goods = contract("2024-12-31").receipt(d("2024-05-31"), 1_000, EntryKind::InKind);
    assert_eq!(fault(goods.clone().milestone("realised", d("2024-06-01"), None).of_receipt(&[1], 1_000)), "ac.proceeds_unknown");
    assert_eq!(fault(goods.milestone("realised", d("2024-06-01"), Some(5))), "ac.proceeds_unknown");
    let cash = contract("2024-12-31").receipt(d("2024-05-31"), 1_000, EntryKind::Cash);
    assert_eq!(fault(cash.milestone("realised", d("2024-06-01"), Some(5)).of_receipt(&[1], 1_000)), "ac.proceeds_unknown");
    for kind in ["recovery-contract", "executive", "helper"] {
        let sample = agreement(kind, "2024-12-31").receipt(d("2024-05-31"), -1_000, EntryKind::Cash);
        let sample = if kind == "helper" { sample.money("amount", 5) } else { sample.money("target", 5).money("salary", 5).decimal("rate", rate("0.05")) };
        assert_eq!(fault(sample), "ac.uncited_reversal", "{kind}");
    }
    let both = agreement("helper", "2024-12-31").money("amount", 5).decimal("rate", rate("0.05"));
    assert_eq!(fault(both), "ac.helper_terms");
    assert_eq!(fault(agreement("helper", "2024-12-31").decimal("rate", rate("1.5"))), "ac.helper_terms");
    let huge = agreement("recovery-contract", "2024-12-31").money("target", 5).decimal("rate", rate("0.05"));
    let huge = huge.receipt(d("2024-05-31"), i64::MAX, EntryKind::Cash).receipt(d("2024-06-01"), i64::MAX, EntryKind::Cash);
    assert_eq!(fault(huge), "ac.too_large");
    let leader = || agreement("supervising-leader", "2025-01-01").money("performance-pay", 5);
    assert_eq!(fault(leader()), "ac.supervises_nobody");
    assert_eq!(fault(leader().supervised("north", Some(5), &[]).supervised("south", None, &[])), "ac.unit_without_target");
    // Edge case 39: nothing is a part of a target of zero.
    assert_eq!(fault(leader().supervised("north", Some(0), &[])), "ac.target_zero");
    assert_eq!(fault(leader().supervised("north", Some(i64::MAX), &[]).supervised("south", Some(1), &[])), "ac.too_large");
    let unended = Sample::agreement("supervising-leader", (d("2024-01-01"), None), d("2024-12-31")).under(&json!({"notice-days": 7}));
    assert_eq!(fault(unended.money("performance-pay", 5).supervised("north", Some(5), &[])), "ac.no_end");
    let missing: Vec<String> = check::<AnnualContract>("{}").into_iter().map(|p| format!("{} {}", p.code, p.at)).collect();
    assert_eq!(missing, ["parameters.missing /notice-days"]);
}

#[test]
fn edge_39_what_is_taken_back_below_nothing_takes_no_pay() {
    let recovered = [(d("2024-05-31"), 30), (d("2024-06-30"), -90), (d("2025-01-02"), 100)];
    let leader = |as_of: &str| {
        let known: Vec<(Day, i64)> = recovered.into_iter().filter(|(day, _)| *day <= d(as_of)).collect();
        agreement("supervising-leader", as_of).money("performance-pay", 1_000).supervised("north", Some(100), &known)
    };
    assert!(judge(leader("2025-01-01")).lines.is_empty());
    // 30 − 90 + 100 are 40 of 100.
    let amounts: Vec<i64> = judge(leader("2025-01-02")).lines.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [400]);
}

#[test]
fn time_alone_ends_the_year_and_the_notice() {
    let recheck = |sample: Sample| judge(sample).recheck_on[0];
    assert_eq!(recheck(contract("2024-12-31")), d("2025-01-01"));
    assert_eq!(recheck(contract("2025-01-20")), NONE_DAY);
    assert_eq!(recheck(contract("2025-01-20").milestone("published", d("2025-01-15"), None)), d("2025-01-23"));
    assert_eq!(recheck(contract("2025-01-23").milestone("published", d("2025-01-15"), None)), NONE_DAY);
    assert_eq!(recheck(agreement("executive", "2024-06-30").money("target", 5).money("salary", 5)), d("2025-01-01"));
    let leader = agreement("supervising-leader", "2024-06-30").money("performance-pay", 5);
    assert_eq!(recheck(leader.supervised("north", Some(5), &[])), d("2025-01-01"));
}

proptest! {
    /// At the end of every day: nothing is payable unless what counts by then meets the target, and all of what counts is
    /// payable once it does, the year is over and so is the notice.
    #[test]
    fn the_reward_follows_the_completion(
        receipts in prop::collection::vec((0_i32..500, 1_i64..8_000_000, prop::option::of(0_i32..300)), 1..7),
        published in 300_i32..600,
        as_of in 0_i32..900,
    ) {
        let first = d("2023-12-01");
        let mut moves: Vec<(i32, usize, bool)> = Vec::new();
        for (n, (day, _, back)) in receipts.iter().enumerate() {
            moves.push((*day, n, false));
            moves.extend(back.map(|after| (day + after, n, true)));
        }
        moves.retain(|&(day, ..)| day <= as_of);
        moves.sort_by_key(|&(day, n, back)| (day, back, n));
        let as_of_day = first + as_of;
        let sample = Sample::agreement("recovery-contract", (d("2024-01-01"), Some(d("2024-12-31"))), as_of_day).under(&json!({"notice-days": 7}));
        let mut sample = sample.debt(d("2022-02-28"), Some(d("2022-02-28")), 500_000_000).holder(1_000_000).money("target", 10_000_000).decimal("rate", rate("0.05"));
        let mut place = vec![0_u32; receipts.len()];
        let mut counts = 0_i64;
        for (at, &(day, n, back)) in (1_u32..).zip(&moves) {
            let amount = receipts[n].1;
            let (moved, cites) = if back { (amount, place[n]) } else { (-amount, NONE_INDEX) };
            if !back {
                place[n] = at;
            }
            let receipt_day = first + receipts[n].0;
            if (d("2024-01-01")..=d("2024-12-31")).contains(&receipt_day) {
                counts -= moved;
            }
            sample = sample.entry(Entry { receivable: 0, day: first + day, amount: moved, kind: EntryKind::Cash, cites });
        }
        if published <= as_of {
            sample = sample.milestone("published", first + published, None);
        }
        let verdicts = judge(sample);
        let sum = |wanted: LineState| -> i64 {
            let last = |line: &&recoup_sdk::rules::wire::Line| verdicts.states[(line.states.start + line.states.count - 1) as usize].state == wanted;
            verdicts.lines.iter().filter(last).map(|line| line.amount).sum()
        };
        let over = as_of_day > d("2024-12-31");
        let free = published <= as_of && as_of > published + 7;
        let payable = over && free && counts >= 10_000_000;
        let rounded: i64 = receipts.iter().enumerate().map(|(n, (day, amount, _))| {
            let stands = moves.iter().any(|m| m.1 == n && !m.2) && !moves.iter().any(|m| m.1 == n && m.2);
            let inside = (d("2024-01-01")..=d("2024-12-31")).contains(&(first + day));
            if stands && inside { rate("0.05").of(*amount).unwrap() } else { 0 }
        }).sum();
        prop_assert_eq!(sum(LineState::Payable), if payable { rounded } else { 0 });
        let waits = !over || (counts >= 10_000_000 && !free);
        prop_assert_eq!(sum(LineState::Contingent), if waits { rounded } else { 0 });
    }
}
