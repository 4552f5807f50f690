//! Laws over random histories, on both databases, at every sampled day and position.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::{History, acts, books, day, opened};
use proptest::prelude::*;
use recoup_model::receivable::{Entry, EntryKind};
use recoup_store::{AgingBasis, AgingGroup, AgingRow, EVERYTHING, EntryFilter, StoreError, TrialRow, View, testing};
use uuid::Uuid;

/// Everything that is asked at one day and position.
#[derive(Debug, PartialEq)]
struct Answers {
    open: Vec<(Uuid, i64, i64)>,
    unapplied: Vec<(Uuid, i64, i64)>,
    aging: Vec<Vec<AgingRow>>,
    trial: Vec<TrialRow>,
    entries: Vec<Entry>,
    receivables: Vec<recoup_model::receivable::Receivable>,
}

fn ask(view: &mut View<'_>, on: u32, known_at: i64) -> Result<Answers, StoreError> {
    let as_of = day(on);
    let thresholds = [as_of, day(on.saturating_sub(30)), day(on.saturating_sub(90))];
    let mut aging = Vec::new();
    for group in [AgingGroup::None, AgingGroup::Debtor, AgingGroup::Contract, AgingGroup::Receivable] {
        for basis in [AgingBasis::Due, AgingBasis::Document] {
            aging.push(view.aging(as_of, known_at, basis, &thresholds, group)?);
        }
    }
    Ok(Answers {
        open: view.open_amounts(as_of, known_at, None)?.into_iter().map(|(id, a, b)| (id.0, a, b)).collect(),
        unapplied: view.unapplied(as_of, known_at, None)?.into_iter().map(|(id, a, b)| (id.0, a, b)).collect(),
        aging,
        trial: view.trial_balance(as_of, known_at)?,
        entries: view.entries(EntryFilter::default(), Some(as_of), known_at)?,
        receivables: view.receivables(None, known_at)?,
    })
}

/// Sums by plain arithmetic.
fn sums(history: &History, on: u32, known_at: i64, side: impl Fn(&Entry) -> Option<Uuid>) -> Vec<(Uuid, i64, i64)> {
    let mut sums: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for (position, entry) in &history.entries {
        if let Some(id) = side(entry).filter(|_| *position <= known_at && entry.on <= day(on)) {
            let sum = sums.entry(id).or_default();
            *sum = (sum.0 + entry.amount, sum.1 + entry.ledger_amount);
        }
    }
    sums.into_iter().map(|(id, (a, b))| (id, a, b)).collect()
}

fn hold(history: &History, answers: &Answers, on: u32, known_at: i64) {
    // open = gross + Σ entries, unapplied + applied = received.
    assert_eq!(answers.open, sums(history, on, known_at, |e| e.receivable.map(|id| id.0)));
    assert_eq!(answers.unapplied, sums(history, on, known_at, |e| e.receipt.map(|id| id.0)));
    for (id, unapplied, _) in &answers.unapplied {
        let of = |kinds: &[EntryKind]| -> i64 {
            answers.entries.iter().filter(|e| e.receipt.is_some_and(|r| r.0 == *id) && kinds.contains(&e.kind)).map(|e| e.amount).sum()
        };
        let received = of(&[EntryKind::Received, EntryKind::ReceivedCorrection, EntryKind::Bounced]);
        let applied = -of(&[EntryKind::Applied, EntryKind::Reversed]);
        assert_eq!(applied + unapplied, received);
    }
    // As-of = trial balance = aging, however it is grouped.
    let open: i64 = answers.open.iter().map(|(_, _, ledger)| ledger).sum();
    let unapplied: i64 = answers.unapplied.iter().map(|(_, _, ledger)| ledger).sum();
    assert_eq!(open, answers.trial.iter().map(|row| row.claims.open).sum::<i64>());
    assert_eq!(unapplied, answers.trial.iter().map(|row| row.receipts.unapplied).sum::<i64>());
    let items = i64::try_from(answers.open.iter().filter(|(_, a, b)| (*a, *b) != (0, 0)).count()).unwrap();
    for aging in &answers.aging {
        assert_eq!(open, aging.iter().map(|row| row.amount).sum::<i64>());
        assert_eq!(items, aging.iter().map(|row| row.count).sum::<i64>());
        assert!(aging.iter().all(|row| row.bucket <= 3));
    }
    // By debtor too.
    for row in &answers.trial {
        let of = |aging: &[AgingRow]| aging.iter().filter(|a| a.key == row.party.map(|p| p.0)).map(|a| a.amount).sum::<i64>();
        assert_eq!(row.claims.open, of(&answers.aging[2]));
    }
    // Entries in the order of effect, and of recording within a day.
    let mut expected: Vec<&(i64, Entry)> = history.entries.iter().filter(|(p, e)| *p <= known_at && e.on <= day(on)).collect();
    expected.sort_by_key(|(_, e)| e.on);
    assert_eq!(answers.entries, expected.into_iter().map(|(_, e)| e.clone()).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edge_14_balances_hold_at_every_day_and_position_on_both_databases(acts in acts()) {
        let history = History::of(&acts);
        let head = i64::try_from(history.commands.len()).unwrap() + 1;
        let answers = testing::databases().map(|db| {
            let mut store = opened(db.store());
            history.write(&mut store);
            store.read(books().id, |view| -> Result<_, StoreError> {
                let mut answers = Vec::new();
                for on in [0, 45, 120, 200, 300, 364, 600] {
                    for known_at in [1, 2, head / 2, head - 1, head, EVERYTHING] {
                        let asked = ask(view, on, known_at)?;
                        hold(&history, &asked, on, known_at);
                        answers.push(asked);
                    }
                }
                Ok(answers)
            }).unwrap()
        });
        prop_assert_eq!(&answers[0], &answers[1]);
    }
}
