//! What scenario files cannot say: every fault.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_rules_project_wages::ProjectWages;
use recoup_sdk::rules::sample::{Sample, misused};
use recoup_sdk::rules::wire::{Beneficiary, Day, EntryKind, Verdicts};
use recoup_sdk::rules::{Pack, date};
use serde_json::json;

fn d(text: &str) -> Day {
    date::parse(text).unwrap()
}

fn project() -> Sample {
    Sample::agreement("project", (d("2024-01-01"), None), d("2024-12-31"))
}

fn judge(sample: Sample) -> Verdicts {
    let verdicts = sample.judge::<ProjectWages>().unwrap();
    assert_eq!(misused(&ProjectWages::describe(), &verdicts), Vec::<String>::new());
    verdicts
}

fn code(message: u32) -> String {
    ProjectWages::describe().messages[message as usize].code.clone()
}

fn fault(sample: Sample) -> String {
    let verdicts = judge(sample);
    assert!(verdicts.lines.is_empty());
    code(verdicts.faults[0].message)
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    let paid = |sample: Sample, amount| sample.milestone("paid-on-behalf", d("2024-05-10"), amount);
    let bound = || project().obligor(7, "contractor");
    assert_eq!(fault(paid(project().money("penalty", 5_000_000), Some(5))), "pw.no_contractor");
    assert_eq!(fault(paid(bound().obligor(8, "contractor").money("penalty", 5_000_000), Some(5))), "pw.no_contractor");
    assert_eq!(fault(paid(bound(), Some(5))), "pw.penalty_missing");
    assert_eq!(fault(paid(bound().money("penalty", 4_999_999), Some(5))), "pw.penalty_out_of_range");
    assert_eq!(fault(paid(bound().money("penalty", 10_000_001), Some(5))), "pw.penalty_out_of_range");
    assert_eq!(fault(paid(bound().money("penalty", 5_000_000), None)), "pw.amount_unknown");
    assert_eq!(fault(project().milestone("measured", d("2024-05-10"), None)), "pw.amount_unknown");
    assert_eq!(fault(project().milestone("wages-owed", d("2024-05-10"), Some(i64::MAX)).milestone("wages-owed", d("2024-05-10"), Some(1))), "pw.too_large");
    let gap = project().under(&json!({"wage-share": [{"from": "2024-06-01", "value": "0.15"}]}));
    assert_eq!(fault(gap.milestone("measured", d("2024-05-10"), Some(5))), "pw.no_value.wage-share");
    let lines = judge(paid(bound().money("penalty", 5_000_000), Some(500))).lines;
    assert_eq!(lines.iter().map(|line| (line.to, line.amount)).collect::<Vec<_>>(), [(Beneficiary::Party(7), -500), (Beneficiary::Party(7), -5_000_000)]);
}

#[test]
fn a_fee_is_held_against_what_still_counts() {
    let fee = |sample: Sample| sample.milestone("management-fee", d("2024-05-10"), Some(8));
    let found = |sample: Sample| judge(sample).findings.iter().map(|finding| (code(finding.message), finding.day)).collect::<Vec<_>>();
    let paid = || project().debt(d("2024-01-01"), None, 500).receipt(d("2024-04-01"), 100, EntryKind::Cash);
    // Exactly 8 % of 100 is not above it; goods are not what was paid.
    assert_eq!(found(fee(paid())), []);
    assert_eq!(
        found(fee(project().debt(d("2024-01-01"), None, 500).receipt(d("2024-04-01"), 100, EntryKind::InKind))),
        [("pw.fee_exceeded".into(), d("2024-05-10"))]
    );
}
