//! Edge case 45 as a law: whatever small receivables files come, in whatever order, twice or corrected, the state in
//! the end is that of one clean import of the final content.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use recoup_store::testing::{TestDb, postgres, sqlite};
use recoup_tests::State;
use recoup_tests::intake::{Intake, ledger};

const HEADER: &str = "customer code,customer name,document no,document date,due date,amount,currency,ledger amount,contract";

/// What one document says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Document {
    customer: u8,
    day: u8,
    due: Option<u8>,
    cents: i64,
    foreign: bool,
    contract: bool,
}

impl Document {
    fn row(&self, number: u8) -> String {
        let Self { customer, day, due, cents, foreign, contract } = self;
        let money = |c: i64| format!("{}{}.{:02}", if c < 0 { "-" } else { "" }, c.abs() / 100, c.abs() % 100);
        let due = due.map_or_else(String::new, |d| format!("2024-05-{d:02}"));
        let (currency, local) = if *foreign { ("USD", money(cents * 7)) } else { ("CNY", String::new()) };
        let contract = if *contract { format!("HT-{customer}") } else { String::new() };
        format!("C{customer},Customer {customer},D-{number},2024-03-{day:02},{due},{},{currency},{local},{contract}", money(*cents))
    }
}

/// Documents by number: a file says each at most once. Sign, currency, debtor and contract belong to the number: a
/// claim does not turn into a credit or another currency, and debtors and contracts once known stay known.
fn documents() -> impl Strategy<Value = BTreeMap<u8, Document>> {
    let document = (1..29_u8, prop::option::of(1..29_u8), 1..2_000_000_i64);
    prop::collection::btree_map(0..12_u8, document, 1..8).prop_map(|all| {
        let fix = |(number, (day, due, cents)): (u8, (u8, Option<u8>, i64))| {
            let cents = if number % 4 == 3 { -cents } else { cents };
            (number, Document { customer: number % 5, day, due, cents, foreign: number % 3 == 1, contract: number % 2 == 0 })
        };
        all.into_iter().map(fix).collect()
    })
}

/// Files in the order in which they come, each with its rows in an order of its own, some of them more than once.
fn history() -> impl Strategy<Value = Vec<(BTreeMap<u8, Document>, Vec<u8>, bool)>> {
    prop::collection::vec((documents(), Just((0..12).collect::<Vec<u8>>()).prop_shuffle(), any::<bool>()), 1..5)
}

fn csv(documents: &BTreeMap<u8, Document>, order: &[u8]) -> String {
    let rows = order.iter().filter_map(|n| documents.get(n).map(|d| d.row(*n)));
    std::iter::once(HEADER.to_owned()).chain(rows).map(|r| r + "\n").collect()
}

fn law(db: &TestDb, intake: &Intake, number: u32, files: &[(BTreeMap<u8, Document>, Vec<u8>, bool)]) -> Result<(), TestCaseError> {
    let mut store = db.store();
    let bit_by_bit = ledger(&mut store, &format!("bits-{number}"), "CNY");
    let mut last = BTreeMap::new();
    for (documents, order, twice) in files {
        last.extend(documents.clone());
        for _ in 0..=u8::from(*twice) {
            let imported = intake.text(&mut store, &bit_by_bit, &csv(documents, order)).unwrap();
            prop_assert_eq!(imported.batch.counts.refused, 0, "{:?}", imported.issues);
            prop_assert!(imported.batch.controls.iter().all(|t| t.agrees()), "{:?}", imported.batch.controls);
        }
    }
    let clean = ledger(&mut store, &format!("clean-{number}"), "CNY");
    let order: Vec<u8> = (0..12).collect();
    intake.text(&mut store, &clean, &csv(&last, &order)).unwrap();
    prop_assert_eq!(State::of(&mut store, bit_by_bit.id), State::of(&mut store, clean.id));
    Ok(())
}

fn holds(db: &TestDb, cases: u32) {
    let mut intake = Intake::new("receivables-simple");
    // An old file that comes back means what it says.
    intake.again = true;
    let number = std::cell::Cell::new(0);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&history(), |files| {
            number.set(number.get() + 1);
            law(db, &intake, number.get(), &files)
        })
        .unwrap();
}

#[test]
fn edge_45_any_history_of_files_equals_one_clean_import_on_sqlite() {
    holds(&sqlite(), 64);
}

#[test]
fn edge_45_any_history_of_files_equals_one_clean_import_on_postgresql() {
    holds(&postgres(), 16);
}
