//! Laws that hold for every history and every parameter set.

use std::collections::BTreeMap;

use proptest::prelude::*;
use recoup_sdk::rules::NONE_INDEX;
use recoup_sdk::rules::wire::{Cases, Day, Entry, EntryKind, LineState, Verdicts};
use serde_json::{Value, json};

use crate::fixture::*;

/// A random history of one letter: receipts, full reversals, and set-offs, in 2024 and
/// the first half of 2025.
fn history() -> impl Strategy<Value = Vec<Entry>> {
    let step = (0i32..500, 1i64..90_000_000, 0u8..4, any::<prop::sample::Index>());
    prop::collection::vec(step, 1..14).prop_map(|mut steps| {
        steps.sort_by_key(|step| step.0);
        let mut entries = vec![gross(0, 200_000_000)];
        let mut standing: Vec<u32> = Vec::new();
        let mut open = 200_000_000;
        for (offset, amount, what, pick) in steps {
            let day = d("2024-01-20") + offset;
            if what == 0 && !standing.is_empty() {
                let cites = standing.remove(pick.index(standing.len()));
                let amount = -entries[cites as usize].amount;
                entries.push(reversal(day, amount, cites));
                open += amount;
            } else if open > 0 {
                let amount = amount.min(open);
                let kind = if what == 1 { EntryKind::SetOff } else { EntryKind::Cash };
                if kind == EntryKind::Cash {
                    standing.push(entries.len() as u32);
                }
                entries.push(Entry { kind, ..cash(day, amount) });
                open -= amount;
            }
        }
        entries
    })
}

fn parameters() -> impl Strategy<Value = Value> {
    let pick = |options: &'static [&'static str]| prop::sample::select(options);
    (
        pick(&["on-full-clearance", "on-receipt"]),
        pick(&["keep", "lapse"]),
        pick(&["age-based", "all"]),
        pick(&["suspend", "forfeit", "keep"]),
        pick(&["releases-nothing", "releases-pro-rata"]),
        pick(&["on-full-recovery", "pro-rata"]),
    )
        .prop_map(|(vest, miss, forfeit, reopened, partial, refund)| {
            json!({
                "vest": vest,
                "vested-after-miss": miss,
                "forfeit": forfeit,
                "reopened-after-deadline": reopened,
                "partial-recovery": partial,
                "refund": refund,
            })
        })
}

/// The same case with what is known up to a day.
fn until(cases: &Cases, as_of: Day) -> Cases {
    let mut cut = cases.clone();
    cut.as_of = as_of;
    cut.entries.retain(|entry| entry.day <= as_of);
    cut.subjects[0].entries.count = cut.entries.len() as u32;
    cut
}

type LineKey = (u32, u32, u32, u32);

fn by_key(verdicts: &Verdicts) -> BTreeMap<LineKey, (i64, Vec<(Day, LineState)>)> {
    let lines = verdicts.lines.iter();
    let keyed: Vec<_> = lines
        .map(|line| {
            let key = (line.clause, line.to.person().unwrap(), line.index, line.part);
            (key, (line.amount, states(verdicts, line)))
        })
        .collect();
    let count = keyed.len();
    let keyed: BTreeMap<_, _> = keyed.into_iter().collect();
    assert_eq!(keyed.len(), count, "two lines with one key");
    keyed
}

proptest! {
    /// What was said about a day stays said: a later evaluation only adds to it.
    #[test]
    fn the_schedule_of_evaluation_does_not_matter(entries in history(), parameters in parameters(), cut in 0i32..540, contract: bool) {
        let cases = if contract {
            project("2025-07-31", entries)
        } else {
            wages(share(letter("2025-07-31", entries), &[50, 30, 20]), 3)
        };
        let cases = with(cases, &parameters);
        let day = d("2024-01-15") + cut;
        let (early, late) = (by_key(&run(&until(&cases, day))), by_key(&run(&cases)));
        for (key, (amount, states)) in &late {
            let known: Vec<_> = states.iter().copied().filter(|(from, _)| *from <= day).collect();
            match early.get(key) {
                Some((then, said)) => {
                    prop_assert_eq!(then, amount);
                    prop_assert_eq!(said, &known);
                }
                None => prop_assert!(known.is_empty()),
            }
        }
        prop_assert!(early.keys().all(|key| late.contains_key(key)));
    }

    /// A reversal is the mirror of what it reverses, and both are always in one state.
    #[test]
    fn a_reversal_mirrors_its_receipt(entries in history(), parameters in parameters()) {
        let cases = with(wages(share(letter("2025-07-31", entries.clone()), &[50, 30, 20]), 3), &parameters);
        let lines = by_key(&run(&cases));
        for (&(clause, person, index, part), (amount, states)) in lines.iter().filter(|(key, _)| key.0 == 0) {
            let cites = entries[index as usize].cites;
            if cites != NONE_INDEX {
                let (earned, since) = &lines[&(clause, person, cites, part)];
                prop_assert_eq!(*amount, -earned);
                let day = entries[index as usize].day;
                let on = since.iter().rev().find(|(from, _)| *from <= day).unwrap().1;
                prop_assert_eq!(states[0], (day, on));
                prop_assert_eq!(states.last().unwrap().1, since.last().unwrap().1);
            }
        }
    }

    /// What is held back is never negative, never above the wage, and nothing is held
    /// once the debt is recovered. Edge case 38.
    #[test]
    fn back_pay_equals_what_was_withheld(entries in history(), parameters in parameters(), cut in 0i32..540) {
        let cases = with(wages(share(letter("2025-07-31", entries), &[1]), 1), &parameters);
        let cases = until(&cases, d("2024-01-15") + cut);
        let open: i64 = cases.entries.iter().map(|entry| entry.amount).sum();
        let mut held = BTreeMap::new();
        for ((clause, _, month, _), (amount, states)) in by_key(&run(&cases)) {
            if clause == 5 && states.last().unwrap().1 == LineState::Payable {
                *held.entry(month).or_insert(0) += amount;
            }
        }
        prop_assert!(held.values().all(|sum| (-1_200_000..=0).contains(sum)), "{held:?}");
        if open == 0 {
            prop_assert!(held.is_empty(), "{held:?}");
        }
    }

    /// Refunds lie between nothing and the fine; recovered in cash, they are the fine. Edge case 37.
    #[test]
    fn refunds_never_exceed_the_fine(entries in history(), parameters in parameters()) {
        // Before the closing nothing has happened, so that everything was open.
        let entries: Vec<_> = entries
            .into_iter()
            .map(|entry| match entry.kind {
                EntryKind::Gross => entry,
                EntryKind::SetOff => Entry { kind: EntryKind::Cash, day: entry.day + 180, ..entry },
                _ => Entry { day: entry.day + 180, ..entry },
            })
            .collect();
        let open: i64 = entries.iter().map(|entry| entry.amount).sum();
        let lines = by_key(&run(&with(project("2026-07-31", entries), &parameters)));
        let payable = |wanted: u32| -> i64 {
            let lines = lines.iter().filter(|((clause, ..), _)| *clause == wanted);
            lines.filter(|(_, (_, states))| states.last().unwrap().1 == LineState::Payable).map(|(_, (amount, _))| amount).sum()
        };
        let (fine, refund) = (payable(3), payable(4));
        prop_assert_eq!(fine, -2_880_000);
        prop_assert!((0..=-fine).contains(&refund), "{refund}");
        if open == 0 {
            prop_assert_eq!(refund, -fine);
        }
    }
}
