//! What scenario files cannot say: faults, rechecks, chains of reversals, and laws.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, unreachable_pub, reason = "tests")]

mod fixture;
mod laws;

use std::collections::BTreeMap;

use fixture::*;
use recoup_rules_legacy_construction::LegacyConstruction;
use recoup_sdk::rules::sample::{Sample, misused};
use recoup_sdk::rules::wire::{Cases, Entry, EntryKind, LineState, Stage, StageFrom};
use recoup_sdk::rules::{NONE_DAY, Pack, check};
use serde_json::{Value, json};

fn fault(cases: &Cases) -> String {
    let verdicts = run(cases);
    assert!(verdicts.lines.is_empty() && verdicts.findings.is_empty());
    let pack = LegacyConstruction::describe();
    pack.messages[verdicts.faults[0].message as usize].code.clone()
}

#[test]
fn a_case_that_cannot_be_judged_says_why() {
    let receipt = || vec![gross(0, 200_000_000), cash(d("2024-03-15"), 1_000_000)];
    let plain = || letter("2024-03-15", receipt());
    assert_eq!(fault(&plain()), "lc.nobody_answers");
    let handed = [(0, "2024-01-01", "2024-03-14"), (1, "2024-03-16", "")];
    assert_eq!(fault(&responsible(plain(), &handed)), "lc.nobody_answers");
    let both = [(0, "2024-01-01", ""), (1, "2024-01-01", "")];
    assert_eq!(fault(&responsible(plain(), &both)), "lc.several_answer");
    assert_eq!(fault(&share(plain(), &[0, 0])), "lc.bad_shares");
    assert_eq!(fault(&share(plain(), &[2, -1])), "lc.bad_shares");

    let mut stageless = share(plain(), &[1]);
    stageless.stages[0].from = d("2024-03-16");
    assert_eq!(fault(&stageless), "lc.stage_unknown");
    let mut dateless = share(plain(), &[1]);
    dateless.receivables[0].due_day = NONE_DAY;
    assert_eq!(fault(&dateless), "lc.due_unknown");
    let mut endless = share(plain(), &[1]);
    endless.subjects[0].to = NONE_DAY;
    assert_eq!(fault(&endless), "lc.no_deadline");

    // A negative receipt that cites none is refused.
    let uncited = vec![gross(0, 200_000_000), cash(d("2024-03-15"), -1_000_000)];
    assert_eq!(fault(&share(letter("2024-03-15", uncited), &[1])), "lc.uncited_reversal");
    let huge = vec![gross(0, 200_000_000), cash(d("2024-03-15"), i64::MAX), cash(d("2024-03-15"), -i64::MAX)];
    assert_eq!(fault(&share(letter("2024-03-15", huge), &[1])), "lc.uncited_reversal");

    // A gap is an error, never zero (edge case 44).
    let later = json!({"unsettled-bonus": "0.01", "settled-bonus": [{"from": "2024-03-16", "value": [{"from": 1, "rate": "0.01"}]}]});
    assert_eq!(fault(&with(share(plain(), &[1]), &later)), "lc.no_value.settled-bonus");
}

#[test]
fn an_agreement_that_cannot_be_judged_says_why() {
    let fault = |sample: Sample| {
        let verdicts = sample.judge::<LegacyConstruction>().unwrap();
        assert!(verdicts.lines.is_empty() && verdicts.findings.is_empty());
        LegacyConstruction::describe().messages[verdicts.faults[0].message as usize].code.clone()
    };
    let agreement = |kind: &str| Sample::agreement(kind, (d("2024-01-01"), None), d("2024-12-31"));
    for (kind, what) in [("collection-trip", "travel"), ("collection-trip", "other-spending"), ("expense-request", "other-spending")] {
        let sample = agreement(kind).holder(1_000_000).money("amount", 5);
        assert_eq!(fault(sample.milestone(what, d("2024-05-01"), None)), "lc.amount_missing", "{kind} {what}");
    }
    let team = || agreement("recovery-team").debt(d("2024-01-01"), Some(d("2025-01-01")), 1_000);
    assert_eq!(fault(team().milestone("paid-out", d("2024-05-01"), None)), "lc.amount_missing");
    assert_eq!(fault(team().milestone("money-arrived", d("2024-05-01"), None).of_debt()), "lc.amount_missing");
    assert_eq!(fault(team().milestone("money-arrived", d("2024-05-01"), Some(5))), "lc.arrived_for_nothing");
}

#[test]
fn time_alone_makes_a_debt_old_its_expected_day_pass_and_money_late() {
    let team = |as_of: &str| Sample::agreement("recovery-team", (d("2024-01-01"), None), d(as_of)).debt(d("2024-02-01"), Some(d("2024-06-30")), 1_000);
    let recheck = |sample: Sample| {
        let verdicts = sample.judge::<LegacyConstruction>().unwrap();
        assert_eq!(misused(&LegacyConstruction::describe(), &verdicts), Vec::<String>::new());
        verdicts.recheck_on[0]
    };
    assert_eq!(recheck(team("2024-02-01")), d("2024-07-01"), "past due");
    assert_eq!(recheck(team("2024-07-01")), NONE_DAY);
    assert_eq!(recheck(team("2024-07-01").expected(d("2024-08-31"))), d("2024-09-01"), "the expected day");
    assert_eq!(recheck(team("2024-05-01").milestone("money-arrived", d("2024-05-01"), Some(5)).of_debt()), d("2024-05-02"), "the money's day");
}

#[test]
fn a_letter_asks_to_be_seen_again_when_time_alone_changes_it() {
    let recheck = |as_of: &str, entries: Vec<Entry>| run(&wages(share(letter(as_of, entries), &[1]), 1)).recheck_on[0];
    let open = || vec![gross(0, 200_000_000)];
    let cleared = |day: &str| vec![gross(0, 200_000_000), cash(d(day), 200_000_000)];
    assert_eq!(recheck("2024-05-01", open()), d("2025-01-01"));
    assert_eq!(recheck("2024-12-31", open()), d("2025-01-01"));
    assert_eq!(recheck("2025-01-01", open()), d("2025-01-31"));
    assert_eq!(recheck("2025-01-31", open()), d("2025-02-28"));
    assert_eq!(recheck("2024-05-01", cleared("2024-05-01")), NONE_DAY);
    assert_eq!(recheck("2025-02-01", cleared("2025-02-01")), NONE_DAY);

    let next_month = json!({"withhold-from": "next-month"});
    let cases = with(wages(share(letter("2025-01-01", open()), &[1]), 1), &next_month);
    assert_eq!(run(&cases).recheck_on, [d("2025-02-28")]);
}

#[test]
fn an_advance_on_a_whole_claim_clears_it_when_the_claim_is_booked() {
    let mut cases = share(letter("2024-03-15", vec![cash(d("2024-03-15"), 200_000_000)]), &[1]);
    cases.receivables[0].document_day = d("2024-08-01");
    cases.stages[0] = StageFrom { receivable: 0, from: d("2024-08-01"), stage: Stage::Unsettled };
    let early = run(&cases);
    // Unsettled: 0.5 %, whatever the age.
    assert_eq!((early.lines[0].amount, states(&early, &early.lines[0])), (1_000_000, vec![(d("2024-03-15"), LineState::Contingent)]));
    assert_eq!(early.recheck_on, [d("2024-08-01")]);
    cases.as_of = d("2024-08-01");
    cases.entries.push(Entry { day: d("2024-08-01"), ..gross(0, 200_000_000) });
    cases.subjects[0].entries.count = 2;
    let late = run(&cases);
    assert_eq!(states(&late, &late.lines[0]), [(d("2024-03-15"), LineState::Contingent), (d("2024-08-01"), LineState::Payable)]);
    // Settled, it is not overdue: nothing.
    cases.stages[0].stage = Stage::Settled;
    assert!(run(&cases).lines.is_empty());
}

#[test]
fn passing_the_deadline_of_a_cleared_letter_says_nothing_new() {
    let entries = vec![gross(0, 200_000_000), cash(d("2024-03-15"), 200_000_000)];
    for vest in ["on-receipt", "on-full-clearance"] {
        let parameters = json!({"vest": vest, "vested-after-miss": "lapse"});
        let before = run(&with(share(letter("2024-12-31", entries.clone()), &[1]), &parameters));
        let after = run(&with(share(letter("2025-01-15", entries.clone()), &[1]), &parameters));
        assert_eq!(before.recheck_on, [NONE_DAY]);
        assert_eq!(before, after);
    }
}

#[test]
fn a_released_part_keeps_its_key_when_an_earlier_receipt_becomes_known() {
    let parameters = json!({"partial-recovery": "releases-pro-rata"});
    let parts = |entries: Vec<Entry>| -> Vec<_> {
        let verdicts = run(&with(wages(share(letter("2025-02-15", entries), &[1]), 1), &parameters));
        verdicts.lines.iter().map(|line| (line.part, line.amount)).collect()
    };
    let (known, late) = (cash(d("2025-02-10"), 50_000_000), cash(d("2025-02-05"), 50_000_000));
    assert_eq!(parts(vec![gross(0, 200_000_000), known]), [(0, -1_200_000), (11, 300_000)]);
    assert_eq!(parts(vec![gross(0, 200_000_000), late, known]), [(0, -1_200_000), (6, 300_000), (11, 300_000)]);
}

#[test]
fn a_bounce_under_either_refund_rule_leaves_what_is_recovered() {
    // 2,000,000.00 open at closing, fine 28,800.00; half comes in under each rule.
    let parameters = |first: &str, second: &str| json!({"refund": [{"from": "1900-01-01", "value": first}, {"from": "2024-09-01", "value": second}]});
    let history = |bounced: u32| {
        let (early, late) = (cash(d("2024-08-10"), 100_000_000), cash(d("2024-09-10"), 100_000_000));
        vec![gross(0, 200_000_000), early, late, reversal(d("2024-10-10"), 100_000_000, bounced)]
    };
    let refunded = |parameters: &Value, entries: Vec<Entry>, as_of: &str| -> i64 {
        let entries = entries.into_iter().filter(|entry| entry.day <= d(as_of)).collect();
        let verdicts = run(&with(project(as_of, entries), parameters));
        let live = verdicts.lines.iter().filter(|line| line.clause == 4 && states(&verdicts, line).last().unwrap().1 != LineState::Lapsed);
        live.map(|line| line.amount).sum()
    };
    for bounced in [1, 2] {
        let to_parts = parameters("on-full-recovery", "pro-rata");
        assert_eq!(refunded(&to_parts, history(bounced), "2024-08-31"), 0);
        assert_eq!(refunded(&to_parts, history(bounced), "2024-09-30"), 2_880_000);
        assert_eq!(refunded(&to_parts, history(bounced), "2024-10-31"), 1_440_000);
        let to_full = parameters("pro-rata", "on-full-recovery");
        assert_eq!(refunded(&to_full, history(bounced), "2024-08-31"), 1_440_000);
        assert_eq!(refunded(&to_full, history(bounced), "2024-09-30"), 2_880_000);
        assert_eq!(refunded(&to_full, history(bounced), "2024-10-31"), 1_440_000);
    }
}

#[test]
fn a_project_asks_to_be_seen_again_when_time_alone_changes_it() {
    let open = || vec![gross(0, 200_000_000)];
    let recheck = |cases: &Cases| run(cases).recheck_on[0];
    assert_eq!(recheck(&project("2024-06-29", open())), d("2024-06-30"));
    assert_eq!(recheck(&project("2024-06-30", open())), d("2024-12-31"));
    assert_eq!(recheck(&project("2024-12-31", open())), d("2025-04-01"));
    assert_eq!(recheck(&project("2025-04-01", open())), NONE_DAY);
    let mut missing = project("2024-06-30", open());
    missing.wages.retain(|wage| wage.year != 2024 || wage.month <= 6);
    missing.subjects[0].wages.count = missing.wages.len() as u32;
    let verdicts = run(&missing);
    // The next wage month makes the finding count one less.
    assert_eq!(verdicts.recheck_on, [d("2024-07-31")]);
    assert!(verdicts.lines.is_empty());
}

#[test]
fn a_fine_known_ahead_is_contingent_and_its_refund_with_it() {
    let entries = vec![gross(0, 200_000_000), cash(d("2024-09-10"), 200_000_000)];
    let verdicts = run(&project("2024-09-10", entries));
    let seen: Vec<_> = verdicts.lines.iter().map(|line| (line.amount, states(&verdicts, line))).collect();
    // 20 % of 12 × 12,000.00.
    assert_eq!(seen, [(-2_880_000, vec![(d("2024-06-30"), LineState::Contingent)]), (2_880_000, vec![(d("2024-09-10"), LineState::Contingent)]),]);
}

#[test]
fn a_bounce_before_the_fine_is_payable_leaves_the_refund_lapsed() {
    let entries = vec![gross(0, 200_000_000), cash(d("2024-09-10"), 200_000_000), reversal(d("2024-10-01"), 200_000_000, 1)];
    let verdicts = run(&project("2025-01-31", entries));
    let refund = &verdicts.lines[1];
    assert_eq!(states(&verdicts, refund), [(d("2024-09-10"), LineState::Contingent), (d("2024-10-01"), LineState::Lapsed)]);
}

#[test]
fn a_reversal_in_parts_takes_back_what_was_earned_to_the_fen() {
    // Edge case 25. 1,000.01 at 4 years, 3 %: 30.0003 → 30.00, in thirds.
    let entries = vec![gross(0, 200_000_000), cash(d("2024-03-15"), 100_001), reversal(d("2024-04-01"), 33_333, 1), reversal(d("2024-05-01"), 66_668, 1)];
    let verdicts = run(&share(letter("2024-05-01", entries), &[1, 1, 1]));
    let mut sums = BTreeMap::new();
    for line in &verdicts.lines {
        *sums.entry(line.to.person()).or_insert(0) += line.amount;
    }
    assert_eq!(sums.into_values().collect::<Vec<_>>(), [0, 0, 0]);
    // 666.68 still counted: 20.0004 → 20.00 = 6.67 + 6.67 + 6.66, from three times 10.00.
    let first: Vec<_> = verdicts.lines[3..6].iter().map(|line| line.amount).collect();
    assert_eq!(first, [-333, -333, -334]);
}

#[test]
fn a_re_presented_receipt_earns_again_what_its_reversal_took() {
    // Edge case 7.
    let entries =
        vec![gross(0, 200_000_000), cash(d("2024-03-15"), 200_000_000), reversal(d("2024-07-20"), 200_000_000, 1), reversal(d("2024-08-01"), -200_000_000, 2)];
    let verdicts = run(&share(letter("2024-08-01", entries), &[1]));
    let amounts: Vec<_> = verdicts.lines.iter().map(|line| line.amount).collect();
    // At 4 years, though the fifth was complete when it came in again.
    assert_eq!(amounts, [6_000_000, -6_000_000, 6_000_000]);
    let payable = states(&verdicts, &verdicts.lines[2]);
    assert_eq!(payable, [(d("2024-08-01"), LineState::Payable)]);
}

#[test]
fn a_replacement_earns_no_more_than_what_bounced() {
    // A correction made the debt larger after it had bounced.
    let entries = vec![
        gross(0, 200_000_000),
        cash(d("2024-03-15"), 200_000_000),
        reversal(d("2025-02-05"), 200_000_000, 1),
        Entry { kind: EntryKind::Correction, day: d("2025-02-06"), ..gross(0, 50_000_000) },
        cash(d("2025-02-10"), 250_000_000),
        reversal(d("2025-02-20"), 250_000_000, 4),
        cash(d("2025-02-25"), 250_000_000),
    ];
    let verdicts = run(&share(letter("2025-02-25", entries), &[1]));
    let amounts: Vec<_> = verdicts.lines.iter().map(|line| line.amount).collect();
    // 2,000,000.00 at 3 %, then twice at 5 years and 4 %.
    assert_eq!(amounts, [6_000_000, -6_000_000, 8_000_000, -8_000_000, 8_000_000]);
}

#[test]
fn a_letter_that_names_no_debt_misses_nothing() {
    let mut cases = letter("2025-06-30", vec![]);
    cases.subjects[0].receivables.count = 0;
    cases.subjects[0].stages.count = 0;
    let verdicts = run(&cases);
    assert!(verdicts.lines.is_empty() && verdicts.findings.is_empty());
    assert_eq!(verdicts.recheck_on, [NONE_DAY]);
}

#[test]
fn parameters_are_checked_by_path() {
    let problems = |parameters: Value| -> Vec<String> {
        let problems = check::<LegacyConstruction>(&parameters.to_string());
        problems.into_iter().map(|p| format!("{} {}", p.code, p.at)).collect()
    };
    let defaults = LegacyConstruction::describe().default_parameters;
    assert!(problems(defaults).is_empty());
    assert!(problems(json!({})).is_empty());
    assert_eq!(problems(json!({"vets": "on-receipt"})), ["parameters.unknown /vets"]);
    assert_eq!(
        problems(json!({
            "fines": [{"from": "2024-01-01", "value": {"project-manager": "0.2", "project-secretary": "x", "planning-lead": "0", "cook": "0.1"}}],
            "vest": "sometime",
            "settled-bonus": [{"from": 1, "to": 2, "rate": "0.01"}, {"from": 3, "rate": "0.02"}],
        })),
        [
            "parameters.band_gap /settled-bonus/1/from",
            "parameters.not_a_choice /vest",
            "parameters.unknown /fines/0/value/cook",
            "parameters.not_a_rate /fines/0/value/project-secretary",
            "parameters.missing /fines/0/value/finance-lead",
        ]
    );
}

#[test]
fn the_description_is_complete_in_both_languages() {
    let pack = LegacyConstruction::describe();
    let ids: Vec<_> = pack.clauses.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(ids, ["LC-1", "LC-2", "LC-3", "LC-4", "LC-5", "LC-6", "LC-7", "LC-8", "LC-9", "LC-10", "LC-11"]);
    let restricted: Vec<_> = pack.clauses.iter().filter(|clause| clause.restricted.is_some()).map(|clause| clause.id.as_str()).collect();
    assert_eq!(restricted, ["LC-4", "LC-6"]);
    let slots = |text: &str| -> Vec<bool> { (0..6).map(|slot| text.contains(&format!("{{{slot}}}"))).collect() };
    let mut codes = std::collections::BTreeSet::new();
    for message in &pack.messages {
        assert!(codes.insert(message.code.clone()), "{} twice", message.code);
        assert_eq!(slots(&message.en), slots(&message.zh), "{}", message.code);
    }
    let names: Vec<_> = pack.default_parameters.as_object().unwrap().keys().collect();
    let schema = pack.parameter_schema["properties"].as_object().unwrap();
    assert_eq!(names, schema.keys().collect::<Vec<_>>());
}
