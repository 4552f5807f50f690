//! What scenario files cannot say: every fault, when a case is looked at again, and that no message is misused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_rules_dealer_credit::DealerCredit;
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

fn agreement(kind: &str, to: Option<&str>, as_of: &str) -> Sample {
    Sample::agreement(kind, (d("2024-01-01"), to.map(d)), d(as_of)).under(&json!({"day-basis": "actual-365", "delay-rate": "0.0365"}))
}

/// 3,650.00 that fell due on the last day of 2023.
fn dealer(as_of: &str) -> Sample {
    agreement("dealer-credit", None, as_of).debt(d("2023-06-30"), Some(d("2023-12-31")), 365_000)
}

fn target(as_of: &str) -> Sample {
    agreement("sales-target", Some("2024-12-31"), as_of).debt(d("2023-06-30"), None, 9_000_000).holder(1_000_000)
}

fn judge(sample: Sample) -> Verdicts {
    let verdicts = sample.judge::<DealerCredit>().unwrap();
    assert_eq!(misused(&DealerCredit::describe(), &verdicts), Vec::<String>::new());
    verdicts
}

fn code(message: u32) -> String {
    DealerCredit::describe().messages[message as usize].code.clone()
}

fn fault(sample: Sample) -> String {
    let verdicts = judge(sample);
    assert!(verdicts.lines.is_empty() && verdicts.findings.is_empty());
    code(verdicts.faults[0].message)
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    let late = || dealer("2024-01-31");
    assert_eq!(fault(late().decimal("annual-rate", rate("0.06")).decimal("daily-rate", rate("0.0005"))), "dc.two_rates");
    assert_eq!(fault(late().decimal("annual-rate", rate("1.01"))), "dc.rate_out_of_range");
    assert_eq!(fault(late().debt(d("2023-06-30"), None, 5)), "dc.due_unknown");
    assert_eq!(fault(late().decimal("daily-rate", rate("1")).debt(d("2023-06-30"), Some(d("2023-07-01")), i64::MAX)), "dc.too_large");
    assert_eq!(fault(late().under(&json!({"day-basis": "actual-365", "delay-rate": [{"from": "2024-01-02", "value": "0.05"}]}))), "dc.no_value.delay-rate");
    assert_eq!(fault(late().milestone("loss", d("2024-01-10"), None)), "dc.loss_unknown");
    assert_eq!(fault(late().milestone("loss", d("2024-01-10"), Some(0))), "dc.loss_unknown");
    let lost = || late().milestone("loss", d("2024-01-10"), Some(5));
    assert_eq!(fault(lost().milestone("loss", d("2024-01-11"), Some(5))), "dc.two_losses");
    assert_eq!(fault(lost().milestone("loss-reduced", d("2024-01-11"), None)), "dc.reduced_unknown");
    // One of the agreement and one of a debt are two things.
    assert!(judge(lost().milestone("loss", d("2024-01-11"), Some(5)).of_debt()).faults.is_empty());

    let aim = || target("2025-01-31").money("target", 5);
    assert_eq!(fault(target("2025-01-31").money("target", 0)), "dc.target_zero");
    assert_eq!(fault(agreement("sales-target", None, "2025-01-31").holder(1_000_000).money("target", 5)), "dc.no_end");
    assert_eq!(fault(aim().decimal("commission-rate", rate("1.01"))), "dc.rate_out_of_range");
    assert_eq!(fault(aim().money("year-end-bonus", -1)), "dc.bonus_below_zero");
    let negative = Entry { receivable: 0, day: d("2024-05-01"), amount: 5, kind: EntryKind::Cash, cites: NONE_INDEX };
    assert_eq!(fault(aim().entry(negative)), "dc.uncited_reversal");
}

#[test]
fn a_case_is_looked_at_again_while_interest_runs_and_when_its_target_ends() {
    let recheck = |sample: Sample| judge(sample).recheck_on;
    assert_eq!(recheck(agreement("dealer-credit", None, "2023-12-15").debt(d("2023-06-30"), Some(d("2024-02-29")), 5)), [d("2024-03-01")]);
    assert_eq!(recheck(dealer("2024-01-31")), [d("2024-02-01")]);
    assert_eq!(recheck(dealer("2024-01-31").receipt(d("2024-01-10"), 365_000, EntryKind::Cash)), [NONE_DAY]);
    assert_eq!(recheck(target("2024-06-30").money("target", 5)), [d("2025-01-01")]);
    assert_eq!(recheck(target("2025-01-01").money("target", 5)), [NONE_DAY]);
}

#[test]
fn arrears_are_what_is_open_and_the_interest_so_far() {
    // 0.365 a day: 10 days make 3.65, and the 21 days after half of it is paid, at 0.1825 a day, 3.83 (3.8325).
    let verdicts = judge(dealer("2024-01-31").receipt(d("2024-01-10"), 182_500, EntryKind::Cash));
    let told: Vec<Vec<i64>> = verdicts
        .steps
        .iter()
        .filter(|step| code(step.message) == "dc.arrears")
        .map(|step| verdicts.args[step.args.start as usize..][2..5].iter().map(|arg| arg.value).collect())
        .collect();
    assert_eq!(told, [[182_500, 365, 182_865], [182_500, 748, 183_248]]);
}

#[test]
fn what_came_in_after_a_finding_is_no_part_of_it() {
    let sales = || target("2025-01-31").money("target", 5).decimal("commission-rate", rate("0.01"));
    let found =
        sales().receipt(d("2024-05-01"), 1_000, EntryKind::Cash).receipt(d("2024-05-03"), 2_000, EntryKind::Cash).false_report(0, d("2024-05-02"), None);
    let verdicts = judge(found);
    let last = |line: usize| {
        let states = verdicts.lines[line].states;
        verdicts.states[(states.start + states.count - 1) as usize]
    };
    assert_eq!((last(0).day, last(0).state), (d("2024-05-02"), LineState::Lapsed));
    assert_eq!((last(1).day, last(1).state), (d("2025-01-01"), LineState::Payable));
}

#[test]
fn a_sanction_that_ended_before_the_finding_is_not_for_it() {
    let said = |until: &str| {
        let sales = target("2024-06-30").money("target", 5).false_report(0, d("2024-05-02"), Some("demerit"));
        let verdicts = judge(sales.sanction(0, "demerit", d("2024-01-01"), Some(d(until))));
        verdicts.findings.iter().map(|finding| code(finding.message)).collect::<Vec<_>>()
    };
    assert_eq!(said("2024-05-02"), ["dc.false_report", "dc.sanction"]);
    assert_eq!(said("2024-05-01"), ["dc.false_report", "dc.sanction", "dc.not_imposed"]);
}
