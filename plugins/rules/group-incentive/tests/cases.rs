//! What scenario files cannot say: every fault, and laws over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_rules_group_incentive::GroupIncentive;
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::sample::{Sample, misused};
use recoup_sdk::rules::wire::{Day, Entry, EntryKind, PauseKind, Verdicts};
use recoup_sdk::rules::{NONE_INDEX, Pack, check, date};
use serde_json::{Value, json};

fn d(text: &str) -> Day {
    date::parse(text).unwrap()
}

fn parameters() -> Value {
    let bands = json!([{"from": 1, "to": 3, "rate": "0.02"}, {"from": 3, "rate": "0.04"}]);
    json!({"cash-rates": bands, "in-kind-rates": bands})
}

/// An entrustment of 2024 with a debt of 5,000.00 due in February 2022.
fn entrustment() -> Sample {
    let sample = Sample::agreement("entrustment", (d("2024-01-01"), Some(d("2024-12-31"))), d("2027-12-31"));
    sample.under(&parameters()).debt(d("2022-02-28"), Some(d("2022-02-28")), 500_000).holder(500_000).holder(300_000).holder(200_000)
}

fn judge(sample: Sample) -> Verdicts {
    let verdicts = sample.judge::<GroupIncentive>().unwrap();
    assert_eq!(misused(&GroupIncentive::describe(), &verdicts), Vec::<String>::new());
    verdicts
}

fn fault(sample: Sample) -> String {
    let verdicts = judge(sample);
    assert!(verdicts.lines.is_empty());
    GroupIncentive::describe().messages[verdicts.faults[0].message as usize].code.clone()
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    let cash = |sample: Sample| sample.receipt(d("2024-05-31"), 1_000, EntryKind::Cash);
    let dateless = Sample::agreement("entrustment", (d("2024-01-01"), None), d("2024-12-31")).under(&parameters());
    assert_eq!(fault(cash(dateless.debt(d("2022-02-28"), None, 500_000).holder(1_000_000))), "gi.due_unknown");
    assert_eq!(fault(entrustment().receipt(d("2024-05-31"), -1_000, EntryKind::Cash)), "gi.uncited_reversal");
    assert_eq!(fault(entrustment().receipt(d("2024-05-31"), -1_000, EntryKind::InKind)), "gi.uncited_reversal");
    assert_eq!(fault(cash(entrustment().decimal("rate", Rate::parse("1.5").unwrap()))), "gi.rate_out_of_range");
    let goods = entrustment().receipt(d("2024-05-31"), 1_000, EntryKind::InKind);
    assert_eq!(fault(goods.milestone("ruling", d("2024-06-01"), None).of_receipt(&[1], 1_000)), "gi.ruling_value_unknown");
    let averted = |amount: Option<i64>| entrustment().decimal("rate", Rate::ONE).milestone("loss-averted", d("2024-06-01"), amount);
    assert_eq!(fault(averted(Some(5))), "gi.averted_on_no_debt");
    assert_eq!(fault(averted(None).of_debt()), "gi.averted_on_no_debt");
    assert_eq!(fault(entrustment().milestone("loss-averted", d("2024-06-01"), Some(5)).of_debt()), "gi.no_decision");
    // A debt that is old enough has a rate: a table that begins later has a gap, which is not zero (edge case 44).
    let late = json!({"cash-rates": [{"from": 3, "rate": "0.04"}], "in-kind-rates": [{"from": 3, "rate": "0.04"}]});
    assert_eq!(fault(cash(entrustment().under(&late))), "gi.band_gap");
    let mut undated = parameters();
    undated["cash-rates"] = json!([{"from": "2024-06-01", "value": [{"from": 1, "rate": "0.02"}]}]);
    assert_eq!(fault(cash(entrustment().under(&undated))), "gi.no_value.cash-rates");
    let huge = entrustment().receipt(d("2024-05-31"), i64::MAX, EntryKind::InKind);
    assert_eq!(fault(huge.milestone("ruling", d("2024-06-01"), Some(i64::MAX)).of_receipt(&[1], 1)), "gi.too_large");
}

/// What the first line's trace says, step by step, by its codes.
fn steps(verdicts: &Verdicts) -> Vec<String> {
    let span = verdicts.lines[0].steps;
    let steps = &verdicts.steps[span.start as usize..(span.start + span.count) as usize];
    steps.iter().map(|step| GroupIncentive::describe().messages[step.message as usize].code.clone()).collect()
}

#[test]
fn edge_17_the_due_date_and_the_age_without_pauses_stay_told() {
    let mut stopping = parameters();
    stopping["pauses"] = json!(["dispute"]);
    let paid = |sample: Sample| judge(sample.receipt(d("2024-05-31"), 10_000, EntryKind::Cash));
    let paused = || entrustment().under(&stopping).paused(PauseKind::Dispute, d("2022-03-01"), Some(d("2022-03-10")));
    let verdicts = paid(paused());
    assert_eq!(steps(&verdicts)[..2], ["gi.age", "gi.paused"]);
    let args = &verdicts.args[verdicts.steps[0].args.start as usize..];
    // Due on 28 February 2022, two full years old; ten days stood: from 10 March 2022 to 31 May 2024. Without pauses two years, too.
    let values: Vec<i64> = args[1..9].iter().map(|arg| arg.value).collect();
    let [due, paid_on, since] = ["2022-02-28", "2024-05-31", "2022-03-10"].map(|day| i64::from(d(day)));
    assert_eq!(values, [due, paid_on, 2, 10, paid_on, since, paid_on, 2]);
    // Another kind, or none that the parameters name, or one that is over before the due date, is no matter of the age.
    let other = entrustment().under(&stopping).paused(PauseKind::Litigation, d("2022-03-01"), None);
    let unnamed = entrustment().paused(PauseKind::Dispute, d("2022-03-01"), None);
    let before = entrustment().under(&stopping).paused(PauseKind::Dispute, d("2022-02-01"), Some(d("2022-02-28")));
    for sample in [other, unnamed, before] {
        assert!(!steps(&paid(sample)).contains(&"gi.paused".to_owned()));
    }
    // An open one of the second day leaves a day: too young.
    assert!(paid(entrustment().under(&stopping).paused(PauseKind::Dispute, d("2022-03-02"), None)).lines.is_empty());
}

#[test]
fn the_open_rates_must_be_stated() {
    let missing: Vec<String> = check::<GroupIncentive>("{}").into_iter().map(|p| format!("{} {}", p.code, p.at)).collect();
    assert_eq!(missing, ["parameters.missing /cash-rates", "parameters.missing /in-kind-rates"]);
    assert_eq!(GroupIncentive::describe().parameter_schema["required"], json!(["cash-rates", "in-kind-rates"]));
    assert_eq!(check::<GroupIncentive>(&parameters().to_string()).len(), 0);
}

proptest! {
    /// Whatever comes in and goes back, the lines are the rate of what still counts, split to the fen, in one balance each.
    #[test]
    fn what_is_left_is_what_still_counts_earns(
        receipts in prop::collection::vec((0_i32..700, 1_i64..50_000_000, prop::option::of(0_i32..400)), 1..8),
        designated in prop::option::of(0_i32..900),
    ) {
        let first = d("2023-10-01");
        let mut moves: Vec<(i32, usize, bool)> = Vec::new();
        for (n, (day, _, back)) in receipts.iter().enumerate() {
            moves.push((*day, n, false));
            moves.extend(back.map(|after| (day + after, n, true)));
        }
        moves.sort_by_key(|&(day, n, back)| (day, back, n));
        let mut sample = entrustment().under(&json!({"cash-rates": [{"from": 1, "rate": "0.0333"}], "in-kind-rates": [{"from": 1, "rate": "0"}]}));
        let mut place = vec![0_u32; receipts.len()];
        for (at, &(day, n, back)) in (1_u32..).zip(&moves) {
            let (amount, cites) = if back { (receipts[n].1, place[n]) } else { (-receipts[n].1, NONE_INDEX) };
            if !back {
                place[n] = at;
            }
            sample = sample.entry(Entry { receivable: 0, day: first + day, amount, kind: EntryKind::Cash, cites });
        }
        if let Some(day) = designated {
            sample = sample.milestone("designated-account", first + day, None).of_receipt(&place, 1);
        }
        let verdicts = judge(sample);
        let mut left = 0_i64;
        for (day, amount, back) in &receipts {
            let inside = (d("2024-01-01")..=d("2024-12-31")).contains(&(first + day));
            if inside && back.is_none() {
                left += Rate::parse("0.0333").unwrap().of(*amount).unwrap();
            }
        }
        prop_assert_eq!(verdicts.lines.iter().map(|line| line.amount).sum::<i64>(), left);
        // What comes in and goes back nets to nothing for each person.
        for person in 0..3 {
            let all_back = receipts.iter().all(|(.., back)| back.is_some());
            let sum: i64 = verdicts.lines.iter().filter(|line| line.to.person() == Some(person)).map(|line| line.amount).sum();
            prop_assert!(!all_back || sum == 0);
        }
    }
}
