//! However often a ledger is evaluated, the same is due in the end; and what stands is what the log adds up to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod history;

use history::{History, histories, rules, schedules};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use recoup_store::Store;
use recoup_store::testing::postgres;

/// Histories of a run: 12, or a tenth of `PROPTEST_CASES` where that is more, as a history takes far longer than a simple case.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse::<u32>().ok()).map_or(12, |n| (n / 10).max(12))
}

fn memory() -> Store {
    let mut store = Store::open("sqlite::memory:").unwrap();
    store.migrate().unwrap();
    store
}

/// Plays a history on every schedule, and demands of each what must hold.
fn holds(history: &History, mut store: impl FnMut() -> Store) -> Result<(), TestCaseError> {
    let rules = rules();
    let mut first = None;
    for (schedule, days) in schedules() {
        let mut store = store();
        let played = history.play(&mut store, &rules, &days);
        let nets = played.nets(&mut store);
        prop_assert_eq!(played.drift(&mut store, &rules), 0, "{}: incremental and full evaluation differ", schedule);
        let (again, full) = (played.evaluate(&mut store, &rules, false).unwrap(), played.evaluate(&mut store, &rules, true).unwrap());
        prop_assert_eq!([again.postings, again.lines_changed, full.postings, full.lines_changed], [0; 4], "{}: a second run changes something", schedule);
        prop_assert_eq!(&played.nets(&mut store), &nets);
        prop_assert!(played.is_proved(&mut store), "{}: the tables are not what the log adds up to", schedule);
        let (other, expected) = first.get_or_insert_with(|| (schedule, nets.clone()));
        let differ: Vec<_> = nets.iter().filter(|(k, v)| expected.get(*k) != Some(v)).chain(expected.iter().filter(|(k, _)| !nets.contains_key(*k))).collect();
        prop_assert!(differ.is_empty(), "{} and {} end differently: {:#?}", other, schedule, differ);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edge_20_every_schedule_ends_in_the_same_net_per_line_day_and_balance(history in histories()) {
        holds(&history, memory)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_facts_of_the_same_dates_arrive_changes_no_due(history in histories(), ranks in prop::collection::vec(any::<u32>(), 30)) {
        let (rules, mut stores) = (rules(), [memory(), memory()]);
        let as_known = history.play(&mut stores[0], &rules, &[history::window().1]).nets(&mut stores[0]);
        let shuffled = history.play_by_rank(&mut stores[1], &rules, &ranks).nets(&mut stores[1]);
        prop_assert_eq!(as_known, shuffled);
    }
}

#[test]
fn edge_20_so_it_is_on_postgres() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..2 {
        let history = histories().new_tree(&mut runner).unwrap().current();
        let mut databases = Vec::new();
        let fresh = || {
            let db = postgres();
            let store = db.store();
            databases.push(db);
            store
        };
        holds(&history, fresh).unwrap();
    }
}

/// Without this the laws above might hold because nothing is ever due.
#[test]
fn the_histories_make_bonuses_fines_and_withholdings_due() {
    let (rules, mut runner) = (rules(), TestRunner::deterministic());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60 {
        let history = histories().new_tree(&mut runner).unwrap().current();
        let mut store = memory();
        let played = history.play(&mut store, &rules, &schedules()[2].1);
        seen.extend(played.nets(&mut store).into_keys().filter_map(|k| k.split(' ').nth(1).map(str::to_owned)));
    }
    let wanted = ["LC-1", "LC-2", "LC-4", "LC-6"];
    assert!(wanted.iter().all(|c| seen.contains(*c)), "only {seen:?}");
}
