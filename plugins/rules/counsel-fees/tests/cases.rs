//! What scenario files cannot say: every fault, and that a fee on what goes back goes back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_rules_counsel_fees::CounselFees;
use recoup_sdk::rules::Pack;
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::sample::{Sample, misused};
use recoup_sdk::rules::wire::{Day, Entry, EntryKind, Verdicts};
use recoup_sdk::rules::{NONE_INDEX, date};
use serde_json::json;

fn d(text: &str) -> Day {
    date::parse(text).unwrap()
}

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

fn engagement(fee: &str) -> Sample {
    let sample = Sample::agreement("counsel", (d("2024-03-01"), None), d("2025-12-31")).word("fee", fee);
    sample.debt(d("2022-02-28"), None, 100_000_000).holder(1_000_000)
}

fn judge(sample: Sample) -> Verdicts {
    let verdicts = sample.judge::<CounselFees>().unwrap();
    assert_eq!(misused(&CounselFees::describe(), &verdicts), Vec::<String>::new());
    verdicts
}

fn fault(sample: Sample) -> String {
    let verdicts = judge(sample);
    assert!(verdicts.lines.is_empty());
    CounselFees::describe().messages[verdicts.faults[0].message as usize].code.clone()
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    let filed = |sample: Sample, amount: Option<i64>| sample.milestone("filed", d("2024-04-10"), amount);
    assert_eq!(fault(engagement("hourly")), "lf.fee_unknown");
    assert_eq!(fault(filed(engagement("fixed"), None)), "lf.claim_unknown");
    assert_eq!(fault(filed(filed(engagement("fixed"), Some(5)), Some(5))), "lf.filed_twice");
    assert_eq!(fault(filed(engagement("mixed"), Some(5))), "lf.start_rate_missing");
    assert_eq!(fault(filed(engagement("mixed").decimal("start-rate", rate("0.0199")), Some(5))), "lf.start_rate_out_of_range");
    assert_eq!(fault(engagement("fixed").milestone("disbursement", d("2024-04-10"), None)), "lf.cost_unknown");
    assert_eq!(fault(engagement("mixed").receipt(d("2024-04-10"), -5, EntryKind::Cash)), "lf.uncited_reversal");
    let gap = engagement("fixed").under(&json!({"fixed-rate": [{"from": "2024-04-11", "value": "0.05"}]}));
    assert_eq!(fault(filed(gap, Some(5))), "lf.no_value.fixed-rate");
    let much = |sample: Sample, day: &str| sample.milestone("disbursement", d(day), Some(i64::MAX));
    assert_eq!(judge(much(engagement("fixed"), "2024-04-10")).lines[0].amount, i64::MAX);
}

proptest! {
    #[test]
    fn the_success_fee_is_on_what_stays(receipts in prop::collection::vec((0_i32..400, 1_i64..90_000_000, any::<bool>()), 1..6)) {
        let first = d("2024-03-01");
        let mut receipts = receipts;
        receipts.sort_by_key(|(day, ..)| *day);
        let mut sample = engagement("mixed").decimal("start-rate", rate("0.03"));
        for (day, amount, _) in &receipts {
            sample = sample.entry(Entry { receivable: 0, day: first + day, amount: -amount, kind: EntryKind::Cash, cites: NONE_INDEX });
        }
        let mut left = 0;
        for (at, (_, amount, back)) in (1_u32..).zip(&receipts) {
            if *back {
                sample = sample.entry(Entry { receivable: 0, day: first + 400, amount: *amount, kind: EntryKind::Cash, cites: at });
            } else {
                left += rate("0.10").of(*amount).unwrap();
            }
        }
        prop_assert_eq!(judge(sample).lines.iter().map(|line| line.amount).sum::<i64>(), left);
    }
}
