//! Edge case 45 where it is hardest: documents that are corrected after a credit was applied to them, and pointers
//! whose document comes later. The state in the end is that of one clean import of the final content.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::Date;
use recoup_store::testing::{databases, sqlite};
use recoup_store::{EVERYTHING, StoreError};
use recoup_tests::State;
use recoup_tests::intake::{Intake, ledger};

const HEADER: &str = "customer code,document no,document date,amount,currency,credits document\n";
const CREDIT: &str = "C1,CN-1,2024-04-20,-400.00,CNY,A-1\n";

fn invoice(amount: &str) -> String {
    format!("C1,A-1,2024-01-10,{amount},CNY,\n")
}

fn both(amount: &str) -> String {
    format!("{HEADER}{}{CREDIT}", invoice(amount))
}

#[track_caller]
fn converges(files: &[String], content: &str) {
    let intake = Intake::new("receivables-simple");
    let expected = {
        let db = sqlite();
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        intake.text(&mut store, &ledger, content).unwrap();
        State::of(&mut store, ledger.id)
    };
    for db in databases() {
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        for file in files {
            intake.text(&mut store, &ledger, file).unwrap();
        }
        assert_eq!(State::of(&mut store, ledger.id), expected, "{:?}", db.backend());
    }
}

/// The credit was capped by an invoice of 300.00 that is corrected to 1,000.00: all 400.00 of it apply.
#[test]
fn edge_45_an_invoice_corrected_upwards_after_a_capped_credit() {
    converges(&[both("300.00"), both("1000.00")], &both("1000.00"));
}

/// 400.00 were applied to an invoice that is corrected to 300.00: 300.00 stay applied, nothing is open below zero.
#[test]
fn edge_45_an_invoice_corrected_below_what_is_applied_to_it() {
    converges(&[both("1000.00"), both("300.00")], &both("300.00"));
}

/// The message says "import it first": after that, the same file brings the pointer in.
#[test]
fn edge_45_a_refused_pointer_enters_once_its_document_has_come() {
    let (credit, document) = (format!("{HEADER}{CREDIT}"), format!("{HEADER}{}", invoice("1000.00")));
    converges(&[credit.clone(), document, credit], &both("1000.00"));
}

/// A document that was a credit is a claim now: what the credit had paid is open for the file's other credits.
#[test]
fn edge_45_a_credit_that_became_a_claim_makes_room_for_another_one() {
    let invoice = "C1,A-1,2024-01-10,100.00,CNY,\n";
    let before = format!("{HEADER}{invoice}C1,B-1,2024-02-01,-40.00,CNY,A-1\n");
    let after = format!("{HEADER}{invoice}C1,B-1,2024-02-01,40.00,CNY,\nC1,D-1,2024-03-01,-100.00,CNY,A-1\n");
    // A-1 is paid by D-1; of 140.00 claimed, 40.00 are open.
    open_after(&before, &after, 4_000);
}

/// The other way round: what was applied to the claim is unapplied again before the file's credits are applied.
#[test]
fn edge_45_a_claim_that_became_a_credit_frees_what_was_applied_to_it() {
    let before = format!("{HEADER}C1,A-1,2024-01-10,100.00,CNY,\nC1,B-1,2024-01-10,40.00,CNY,\nC1,D-1,2024-03-01,-100.00,CNY,B-1\n");
    let after = format!("{HEADER}C1,A-1,2024-01-10,100.00,CNY,\nC1,B-1,2024-01-10,-40.00,CNY,A-1\nC1,D-1,2024-03-01,-100.00,CNY,A-1\n");
    // 100.00 claimed, and 140.00 of credits: nothing is open.
    open_after(&before, &after, 0);
}

/// What is open after one file and then another, whose control totals agree.
#[track_caller]
fn open_after(before: &str, after: &str, expected: i64) {
    for db in databases() {
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        let intake = Intake::new("receivables-simple");
        intake.text(&mut store, &ledger, before).unwrap();
        let imported = intake.text(&mut store, &ledger, after).unwrap();
        assert!(imported.batch.controls.iter().all(|c| c.agrees()), "{:?}", imported.batch.controls);
        let amounts = store.read::<_, StoreError>(ledger.id, |view| view.open_amounts(Date::MAX, EVERYTHING, None)).unwrap();
        let open: i64 = amounts.iter().map(|(_, _, open)| open).sum();
        assert_eq!(open, expected, "{:?}", db.backend());
    }
}
