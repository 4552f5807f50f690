//! What scenario files cannot say: every fault, the bounds of terms, and what becomes of a waiver.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_rules_rural_credit::RuralCredit;
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::sample::{Sample, misused};
use recoup_sdk::rules::wire::{Day, Entry, EntryKind, LineState, Verdicts};
use recoup_sdk::rules::{Pack, date};
use serde_json::json;

fn d(text: &str) -> Day {
    date::parse(text).unwrap()
}

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

fn loan(as_of: &str) -> Sample {
    Sample::agreement("loan", (d("2011-01-01"), None), d(as_of)).under(&json!({"collect-days": 90})).decimal("penalty-rate", rate("0.09"))
}

/// 47,000.00 lent on 2011-01-01 at 6 %, due on 2012-01-01.
fn year(as_of: &str) -> Sample {
    loan(as_of).decimal("rate", rate("0.06")).debt(d("2011-01-01"), Some(d("2012-01-01")), 4_700_000)
}

fn judge(sample: Sample) -> Verdicts {
    let verdicts = sample.judge::<RuralCredit>().unwrap();
    assert_eq!(misused(&RuralCredit::describe(), &verdicts), Vec::<String>::new());
    verdicts
}

fn code(message: u32) -> String {
    RuralCredit::describe().messages[message as usize].code.clone()
}

fn fault(sample: Sample) -> String {
    let verdicts = judge(sample);
    assert!(verdicts.lines.is_empty());
    code(verdicts.faults[0].message)
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    assert_eq!(fault(loan("2012-01-31")), "rc.due_unknown");
    assert_eq!(fault(loan("2012-01-31").debt(d("2011-01-01"), None, 5)), "rc.due_unknown");
    assert_eq!(fault(year("2012-01-31").debt(d("2011-01-01"), Some(d("2012-01-02")), 5)), "rc.several_dues");
    assert_eq!(fault(loan("2012-01-31").decimal("rate", rate("0.10")).debt(d("2011-01-01"), Some(d("2012-01-01")), 5)), "rc.penalty_below_contract");
    assert_eq!(fault(loan("2012-01-31").decimal("rate", rate("-0.10")).debt(d("2011-01-01"), Some(d("2012-01-01")), 5)), "rc.rate_out_of_range");
    let bare = Sample::agreement("loan", (d("2011-01-01"), None), d("2012-01-31")).under(&json!({"collect-days": 90}));
    assert_eq!(fault(bare.debt(d("2011-01-01"), Some(d("2012-01-01")), 5)), "rc.penalty_rate_missing");
    assert_eq!(fault(year("2012-01-31").money("instalment", 0).day("first-instalment", d("2011-02-01"))), "rc.instalment_amount");
    let village = || Sample::agreement("village", (d("2011-01-01"), None), d("2012-01-31")).under(&json!({"collect-days": 90}));
    assert_eq!(fault(village().milestone("non-performing", d("2011-06-30"), Some(5))), "rc.incomplete");
    let stated = |bad: i64, all: i64| village().milestone("loans", d("2011-06-30"), Some(all)).milestone("non-performing", d("2011-06-30"), Some(bad));
    assert_eq!(fault(stated(6, 5)), "rc.not_a_ratio");
    assert_eq!(fault(stated(0, 0)), "rc.not_a_ratio");
    let gap = json!({"collect-days": 90, "day-basis": [{"from": "2011-01-03", "value": "actual-365"}]});
    assert_eq!(fault(year("2012-01-31").under(&gap)), "rc.no_value.day-basis");
}

#[test]
fn each_bound_of_a_term_belongs_to_its_own_band() {
    // A million for the first day, in a year of 365 days: the rate in parts of 365.
    let charged = |due: &str| {
        let verdicts = judge(loan("2011-01-02").debt(d("2011-01-01"), Some(d(due)), 365_000_000));
        -verdicts.lines[0].amount
    };
    for (due, amount) in [
        ("2011-06-30", 56_000),
        ("2011-07-01", 60_000),
        ("2012-01-01", 60_000),
        ("2012-01-02", 61_500),
        ("2014-01-01", 61_500),
        ("2014-01-02", 64_000),
        ("2016-01-01", 64_000),
        ("2016-01-02", 65_500),
    ] {
        assert_eq!(charged(due), amount, "{due}");
    }
}

/// What becomes of the penalty interest of January 2012.
fn january(sample: Sample) -> Vec<(Day, LineState)> {
    let verdicts = judge(sample);
    let line = verdicts.lines.iter().find(|line| line.part >> 21 == 1).unwrap();
    verdicts.states[line.states.start as usize..][..line.states.count as usize].iter().map(|state| (state.day, state.state)).collect()
}

#[test]
fn penalty_interest_waits_for_the_cut_off_and_the_approval() {
    use LineState::{Contingent, Lapsed, Payable};
    let until = |as_of: &str| year(as_of).day("cut-off", d("2012-07-01"));
    let repaid = |as_of: &str, on: &str| until(as_of).receipt(d(on), 4_700_000, EntryKind::Cash);
    let began = (d("2012-01-31"), Contingent);
    assert_eq!(january(year("2012-12-31")), [(d("2012-01-31"), Payable)]);
    assert_eq!(january(until("2012-07-01")), [began]);
    assert_eq!(january(until("2012-07-02")), [began, (d("2012-07-02"), Payable)]);
    // The cut-off day itself is in time; without a decision it stays open.
    assert_eq!(january(repaid("2012-12-31", "2012-07-01")), [began]);
    assert_eq!(january(repaid("2012-12-31", "2012-07-02")), [began, (d("2012-07-02"), Payable)]);
    let decided = |kind: &str, on: &str| repaid("2012-12-31", "2012-07-01").milestone(kind, d(on), None);
    assert_eq!(january(decided("waiver-approved", "2012-06-01")), [began, (d("2012-07-01"), Lapsed)]);
    assert_eq!(january(decided("waiver-approved", "2012-08-01")), [began, (d("2012-08-01"), Lapsed)]);
    assert_eq!(january(decided("waiver-refused", "2012-08-01")), [began, (d("2012-08-01"), Payable)]);
    // Edge case 6: the receipt goes back, and another one is not in time.
    let back = Entry { receivable: 0, day: d("2012-09-01"), amount: 4_700_000, kind: EntryKind::Cash, cites: 1 };
    assert_eq!(january(decided("waiver-approved", "2012-07-01").entry(back)), [began, (d("2012-07-01"), Lapsed), (d("2012-09-01"), Payable)]);
}

#[test]
fn nobody_is_withheld_more_than_is_open() {
    let verdicts = judge(year("2012-01-31").role(0, "borrower", d("2011-01-01")).role(1, "guarantor", d("2011-01-01")).wage(0, (2012, 1), 4_000_000).wage(
        1,
        (2012, 1),
        4_000_000,
    ));
    let withheld: Vec<_> = verdicts.lines.iter().filter_map(|line| Some((line.to.person()?, line.amount))).collect();
    assert_eq!(withheld, [(0, -4_000_000), (1, -700_000)]);
}

#[test]
fn the_actual_user_comes_first() {
    use recoup_sdk::rules::wire::Beneficiary;
    let debtor = |sample: Sample| judge(sample).lines[0].to;
    assert_eq!(debtor(year("2011-01-31").obligor(3, "borrower").obligor(4, "user")), Beneficiary::Party(4));
    assert_eq!(debtor(year("2011-01-31").obligor(3, "borrower")), Beneficiary::Party(3));
    assert_eq!(debtor(year("2011-01-31")), Beneficiary::Party(0));
}
