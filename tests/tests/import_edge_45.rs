//! Edge case 45: the same file twice, with one corrected row, with rows in another order, overlapping files, two
//! importers at once. The state in the end is that of one clean import of the final content, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::record::Ledger;
use recoup_store::Store;
use recoup_store::testing::{databases, sqlite};
use recoup_tests::intake::{Intake, ledger};
use recoup_tests::{Site, State};

const HEADER: &str = "customer code,customer name,document no,document date,due date,amount,currency,ledger amount,contract,credits document";
const A1: &str = "C1,Alpha,A-1,2024-01-10,2024-02-10,1000.00,CNY,,HT-1,";
const A2: &str = "C1,Alpha,A-2,2024-02-15,2024-03-15,2500.50,CNY,,HT-1,";
const B1: &str = "C2,Beta,B-1,2024-03-01,,300.00,USD,2130.00,,";
const B2: &str = "C2,Beta,B-2,2024-04-01,2024-05-01,77.70,CNY,,,";
/// A red-letter entry against A-2.
const CN: &str = "C1,Alpha,CN-1,2024-04-20,,-400.00,CNY,,,A-2";

fn csv(rows: &[&str]) -> String {
    [&[HEADER], rows].concat().join("\n") + "\n"
}

/// What a fresh ledger says after one import of the content.
fn clean(intake: &Intake, content: &str) -> State {
    let db = sqlite();
    let mut store = db.store();
    let ledger = ledger(&mut store, "main", "CNY");
    let imported = intake.text(&mut store, &ledger, content).unwrap();
    assert_eq!(imported.batch.counts.refused, 0, "{:?}", imported.issues);
    State::of(&mut store, ledger.id)
}

/// Imports files one after the other on both databases; in the end the state is that of `content`.
#[track_caller]
fn converges(files: &[String], content: &str) {
    let intake = Intake::new("receivables-simple");
    let expected = clean(&intake, content);
    for db in databases() {
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        for file in files {
            let imported = intake.text(&mut store, &ledger, file).unwrap();
            assert!(imported.batch.controls.iter().all(|t| t.agrees()), "{:?}", imported.batch.controls);
        }
        assert_eq!(State::of(&mut store, ledger.id), expected, "{:?}", db.backend());
    }
}

fn counts(intake: &Intake, store: &mut Store, ledger: &Ledger, text: &str) -> (u64, u64, u64, bool) {
    let i = intake.text(store, ledger, text).unwrap();
    (i.batch.counts.added, i.batch.counts.corrected, i.batch.counts.unchanged, i.replayed)
}

#[test]
fn edge_45_the_same_file_twice() {
    let file = csv(&[A1, A2, B1, CN]);
    converges(&[file.clone(), file.clone(), file.clone()], &file);
}

/// The second time is answered with the first result, and the log does not grow.
#[test]
fn edge_45_the_same_file_twice_is_answered_alike() {
    let intake = Intake::new("receivables-simple");
    for db in databases() {
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        let file = csv(&[A1, A2, B1, CN]);
        let first = intake.text(&mut store, &ledger, &file).unwrap();
        let position = State::position(&mut store, ledger.id);
        let again = intake.text(&mut store, &ledger, &file).unwrap();
        assert_eq!((first.replayed, again.replayed), (false, true));
        assert_eq!((first.batch, first.issues, first.position), (again.batch, again.issues, again.position));
        assert_eq!(State::position(&mut store, ledger.id), position);
    }
}

#[test]
fn edge_45_one_corrected_row() {
    let amount = A2.replace("2500.50", "2600.00");
    let day = B2.replace("2024-04-01", "2024-03-20");
    let ledger_amount = B1.replace("2130.00", "2160.00");
    converges(&[csv(&[A1, A2, B1, B2]), csv(&[A1, &amount, B1, B2])], &csv(&[A1, &amount, B1, B2]));
    converges(&[csv(&[A1, A2, B1, B2]), csv(&[A1, A2, B1, &day])], &csv(&[A1, A2, B1, &day]));
    converges(&[csv(&[A1, A2, B1, B2]), csv(&[A1, A2, &ledger_amount, B2])], &csv(&[A1, A2, &ledger_amount, B2]));
}

/// The file of the first day again would set a correction back: it is refused by name, unless that is said to be meant.
#[test]
fn edge_45_an_old_file_does_not_silently_undo_a_correction() {
    let (old, new) = (csv(&[A1, A2]), csv(&[A1, &A2.replace("2500.50", "2600.00")]));
    let mut intake = Intake::new("receivables-simple");
    for db in databases() {
        intake.again = false;
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        intake.text(&mut store, &ledger, &old).unwrap();
        intake.text(&mut store, &ledger, &new).unwrap();
        let before = (State::position(&mut store, ledger.id), State::of(&mut store, ledger.id));
        let refused = intake.text(&mut store, &ledger, &old).unwrap_err();
        assert_eq!(refused.code(), "import.superseded");
        assert!(refused.to_string().contains("1 of its records were corrected since: export it anew"), "{refused}");
        assert_eq!((State::position(&mut store, ledger.id), State::of(&mut store, ledger.id)), before);
        intake.again = true;
        assert!(!intake.text(&mut store, &ledger, &old).unwrap().replayed);
        assert_eq!(State::of(&mut store, ledger.id), clean(&intake, &old));
    }
}

/// Corrected, and corrected back by a later export.
#[test]
fn edge_45_a_correction_taken_back() {
    let amount = A2.replace("2500.50", "2600.00");
    converges(&[csv(&[A1, A2]), csv(&[A1, &amount]), csv(&[A1, A2, B1])], &csv(&[A1, A2, B1]));
}

#[test]
fn edge_45_a_corrected_credit_follows_its_pointer() {
    let smaller = CN.replace("-400.00", "-150.00");
    converges(&[csv(&[A1, A2, CN]), csv(&[A1, A2, &smaller])], &csv(&[A1, A2, &smaller]));
}

#[test]
fn edge_45_rows_in_another_order() {
    let turned = csv(&[CN, B1, A2, A1]);
    converges(&[csv(&[A1, A2, B1, CN]), turned.clone()], &turned);
    converges(std::slice::from_ref(&turned), &csv(&[A1, A2, B1, CN]));
}

#[test]
fn edge_45_two_overlapping_files() {
    let whole = csv(&[A1, A2, B1, B2, CN]);
    converges(&[csv(&[A1, A2, CN]), csv(&[A2, B1, B2])], &whole);
    converges(&[csv(&[A2, B1, B2]), csv(&[A1, A2, CN])], &whole);
    let intake = Intake::new("receivables-simple");
    for db in databases() {
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        // Two customers, one contract, two documents; then one customer and two documents more.
        assert_eq!(counts(&intake, &mut store, &ledger, &csv(&[A1, A2])), (4, 0, 0, false));
        assert_eq!(counts(&intake, &mut store, &ledger, &csv(&[A2, B1, B2])), (3, 0, 3, false));
    }
}

/// Two programs import the same file at the same moment, and the same two overlapping files.
#[test]
fn edge_45_two_importers_at_once() {
    let intake = Intake::new("receivables-simple");
    let whole = csv(&[A1, A2, B1, B2, CN]);
    let expected = clean(&intake, &whole);
    for site in Site::both() {
        let _ = site.run(["report", "trial-balance"]).exits(0);
        let names = [("one.csv", csv(&[A1, A2, CN])), ("two.csv", csv(&[A2, B1, B2]))];
        let files = names.map(|(name, text)| site.write(name, text));
        let import = |i: usize| site.import_command(&files[i], "receivables-simple", &[]);
        let runs = site.together([import(0), import(1), import(0), import(1)]);
        let runs: Vec<_> = runs.into_iter().map(|r| r.exits(0)).collect();
        assert_eq!(site.state("main"), expected, "{:?}", site.backend());
        // Two files, two batches, after the opening of the ledger.
        assert_eq!(site.position("main"), 3);
        for pair in [(0, 2), (1, 3)] {
            assert_eq!(runs[pair.0].count("position"), runs[pair.1].count("position"));
        }
        let proof = site.run(["audit", "rebuild"]);
        let _ = proof.exits(0);
    }
}
