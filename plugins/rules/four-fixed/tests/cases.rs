//! What scenario files cannot say: every fault, and that pay and commission follow what stays.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_rules_four_fixed::FourFixed;
use recoup_sdk::rules::Pack;
use recoup_sdk::rules::sample::{Sample, misused};
use recoup_sdk::rules::wire::{Day, Entry, EntryKind, PauseKind, Verdicts};
use recoup_sdk::rules::{NONE_INDEX, date};
use serde_json::{Value, json};

fn d(text: &str) -> Day {
    date::parse(text).unwrap()
}

fn parameters(pay: &str) -> Value {
    let rates = json!([{"from": 0, "rate": "0.03"}]);
    json!({
        "rates-easy": rates, "rates-ordinary": rates, "rates-hard": rates,
        "collector-pay": pay, "cap-percent": 120, "floor-percent": 40, "record-days": 5,
    })
}

fn agreement(kind: &str, to: Option<&str>) -> Sample {
    let sample = Sample::agreement(kind, (d("2024-01-01"), to.map(d)), d("2025-12-31")).under(&parameters("completion-ratio"));
    sample.debt(d("2022-02-28"), Some(d("2022-02-28")), 900_000_000).holder(1_000_000)
}

fn judge(sample: Sample) -> Verdicts {
    let verdicts = sample.judge::<FourFixed>().unwrap();
    assert_eq!(misused(&FourFixed::describe(), &verdicts), Vec::<String>::new());
    verdicts
}

fn fault(sample: Sample) -> String {
    let verdicts = judge(sample);
    assert!(verdicts.lines.is_empty());
    FourFixed::describe().messages[verdicts.faults[0].message as usize].code.clone()
}

#[test]
fn edge_17_a_trace_tells_the_due_date_and_the_age_without_pauses() {
    let mut stopping = parameters("completion-ratio");
    stopping["pauses"] = json!(["litigation"]);
    let task = agreement("task", None).word("grade", "hard").under(&stopping).paused(PauseKind::Litigation, d("2022-03-01"), Some(d("2022-03-31")));
    let verdicts = judge(task.receipt(d("2024-02-28"), 100_000, EntryKind::Cash));
    // Due on 28 February 2022, 31 days of March stood: from 31 March a full year to 28 February 2024, and two without.
    let values: Vec<i64> = verdicts.args[1..9].iter().map(|arg| arg.value).collect();
    let [due, paid, since] = ["2022-02-28", "2024-02-28", "2022-03-31"].map(|day| i64::from(d(day)));
    assert_eq!(values, [due, paid, 1, 31, paid, since, paid, 2]);
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    let paid = |sample: Sample| sample.receipt(d("2024-06-30"), 100_000, EntryKind::Cash);
    assert_eq!(fault(paid(agreement("task", None))), "ff.grade_unknown");
    let taken_back = agreement("task", None).word("grade", "hard").receipt(d("2024-06-30"), -5, EntryKind::Cash);
    assert_eq!(fault(taken_back), "ff.uncited_reversal");
    let no_due = Sample::agreement("task", (d("2024-01-01"), None), d("2025-12-31")).under(&parameters("completion-ratio"));
    assert_eq!(fault(paid(no_due.debt(d("2022-02-28"), None, 5).holder(1_000_000).word("grade", "easy"))), "ff.due_unknown");
    let collector = |to| agreement("collector", to);
    assert_eq!(fault(collector(None)), "ff.no_end");
    assert_eq!(fault(collector(Some("2024-12-31"))), "ff.pay_missing");
    assert_eq!(fault(collector(Some("2024-12-31")).money("pay", 5)), "ff.task_missing");
    let bounds = |floor: u32| {
        let mut all = parameters("completion-ratio");
        all["floor-percent"] = floor.into();
        collector(Some("2024-12-31")).money("pay", 100).money("task", 100).under(&all)
    };
    assert_eq!(fault(bounds(121)), "ff.floor_above_cap");
    assert_eq!(judge(bounds(120)).lines[0].amount, 120);
    let pure = || collector(Some("2024-12-31")).under(&parameters("pure-commission"));
    assert_eq!(fault(pure()), "ff.minimum_wage_missing");
    assert_eq!(fault(paid(pure().money("minimum-wage", 5))), "ff.grade_unknown");
    assert_eq!(fault(agreement("task", None).word("grade", "easy").milestone("visit", d("2024-05-01"), None)), "ff.no_debt");
    let gap = |name: &str| {
        let mut all = parameters("completion-ratio");
        all[name] = json!([{"from": "2026-01-01", "value": all[name]}]);
        all
    };
    assert_eq!(fault(paid(agreement("task", None).word("grade", "hard").under(&gap("rates-hard")))), "ff.no_value.rates-hard");
    assert_eq!(fault(collector(Some("2024-12-31")).under(&gap("collector-pay"))), "ff.no_value.collector-pay");
}

#[test]
fn every_figure_has_to_be_stated() {
    let all = parameters("completion-ratio");
    for name in all.as_object().unwrap().keys() {
        let mut some = all.clone();
        some.as_object_mut().unwrap().remove(name);
        let problems = FourFixed::parse(&some.to_string()).unwrap_err();
        assert_eq!(problems.iter().map(|p| (p.code.as_str(), p.at.clone())).collect::<Vec<_>>(), [("parameters.missing", format!("/{name}"))]);
    }
    assert!(FourFixed::parse(&all.to_string()).is_ok());
}

proptest! {
    /// Whatever comes in and goes back: the commission is that on each receipt that stays, and the pay that on their sum, within its bounds.
    #[test]
    fn commission_and_pay_follow_what_stays(receipts in prop::collection::vec((0_i32..366, 1_i64..90_000_000, any::<bool>()), 1..6)) {
        let mut receipts = receipts;
        receipts.sort_by_key(|(day, ..)| *day);
        let entries = |mut sample: Sample| {
            for (day, amount, _) in &receipts {
                sample = sample.entry(Entry { receivable: 0, day: d("2024-01-01") + day, amount: -amount, kind: EntryKind::Cash, cites: NONE_INDEX });
            }
            for (at, (_, amount, _)) in (1_u32..).zip(&receipts).filter(|(_, (.., back))| *back) {
                sample = sample.entry(Entry { receivable: 0, day: d("2025-03-01"), amount: *amount, kind: EntryKind::Cash, cites: at });
            }
            sample
        };
        let sum = |verdicts: Verdicts| verdicts.lines.iter().map(|line| line.amount).sum::<i64>();
        let stays: Vec<i64> = receipts.iter().filter(|(.., back)| !back).map(|(_, amount, _)| *amount).collect();
        // 3 % with half a fen up: (3 a + 50) ÷ 100, of amounts above zero.
        let commission: i64 = stays.iter().map(|amount| (3 * amount + 50) / 100).sum();
        prop_assert_eq!(sum(judge(entries(agreement("task", None).word("grade", "hard")))), commission);
        let done: i64 = stays.iter().sum();
        let (pay, task) = (12_000_000_i64, 100_000_000_i64);
        let exact = (i128::from(pay) * i128::from(done) * 2 + i128::from(task)) / (i128::from(task) * 2);
        let expected = i64::try_from(exact).unwrap().clamp(pay * 40 / 100, pay * 120 / 100);
        let collector = agreement("collector", Some("2024-12-31")).money("pay", pay).money("task", task);
        prop_assert_eq!(sum(judge(entries(collector))), expected);
    }
}
