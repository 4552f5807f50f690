//! Edge case 45 where it is hardest: documents that are corrected after a credit was applied to them, and pointers
//! whose document comes later. The state in the end is that of one clean import of the final content.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_store::testing::{databases, sqlite};
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
