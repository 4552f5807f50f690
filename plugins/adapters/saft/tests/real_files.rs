//! The tax authorities' own demo files, with figures that the files state or that were added up by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;
use common::{check, dec, file, of, on, one, read};
use recoup_sdk::adapter::{BasisTag, DueSource, ItemKind, ReceivableTag};

#[test]
fn portugal_agrees_with_its_own_totals() {
    let (items, controls) = read(&file("saft_idemo599999999.xml")).unwrap();
    check(&controls, "customers.count", "", None, "11");
    check(&controls, "sales-invoices.count", "", Some("24"), "24");
    check(&controls, "sales-invoices.debit", "", Some("2201.7838"), "2201.7838");
    check(&controls, "sales-invoices.credit", "", Some("14918.709"), "14918.709");
    check(&controls, "payments.count", "", Some("2"), "2");
    check(&controls, "payments.debit", "", Some("0.00"), "0");
    check(&controls, "payments.credit", "", Some("6000.00"), "6000");
    check(&controls, "payments.methods", "", Some("7000.00"), "7000");
    // FT/N 9, FT/R 1, ND/N 1, FR/N 2; NC/N 5; FT/A 6 and RG/A 1.
    assert_eq!(of(&items, ItemKind::Party).len(), 11);
    assert_eq!(of(&items, ItemKind::Receivable).len(), 13);
    assert_eq!(of(&items, ItemKind::CreditNote).len(), 5);
    assert_eq!(of(&items, ItemKind::Skipped).len(), 7);
    assert_eq!(of(&items, ItemKind::Receipt).len(), 3);
    assert_eq!(of(&items, ItemKind::Allocation).len(), 3);
    assert_eq!(of(&items, ItemKind::Issue).len(), 0);
    assert!(of(&items, ItemKind::Skipped).iter().all(|i| i.document == "cancelled"));
}

#[test]
fn windows_1252_and_entities_are_read() {
    let (items, _) = read(&file("saft_idemo599999999.xml")).unwrap();
    assert_eq!(one(&items, ItemKind::Party, "CA3").name, "Manuel Feijão");
    assert_eq!(one(&items, ItemKind::Party, "CB1").name, "Gomes & Gomes, Lda.");
    assert_eq!(one(&items, ItemKind::Party, "CB1").document, "508650704");
    // 999999990 stands for "no tax id".
    assert_eq!(one(&items, ItemKind::Party, "CA1").document, "");
}

#[test]
fn the_debt_is_the_gross_in_the_currency_of_the_document() {
    let (items, _) = read(&file("saft_idemo599999999.xml")).unwrap();
    let plain = one(&items, ItemKind::Receivable, "1T 1/6");
    assert_eq!((plain.amount, plain.currency, plain.party), (dec(700_000, 2), "EUR", "CA3"));
    assert_eq!((plain.due, plain.due_source), (None, DueSource::Unknown));
    let dollars = one(&items, ItemKind::Receivable, "1T 1/2");
    assert_eq!((dollars.amount, dollars.currency, dollars.second), (dec(31_745, 2), "USD", dec(23_515, 2)));
    let terms = one(&items, ItemKind::Receivable, "1T 1/3");
    assert_eq!((terms.due, terms.due_source), (on(2017, 12, 16), DueSource::Terms));
    let debit_note = one(&items, ItemKind::Receivable, "1N 8/00001");
    assert_eq!((debit_note.tag, debit_note.text), (ReceivableTag::DebitNote as u8, "1T 1/6"));
    assert_eq!(plain.locator, "/AuditFile/SourceDocuments/SalesInvoices/Invoice[6]");
}

#[test]
fn a_receipt_pays_the_gross_and_an_invoice_receipt_pays_itself() {
    let (items, _) = read(&file("saft_idemo599999999.xml")).unwrap();
    let receipt = one(&items, ItemKind::Receipt, "PGT 1T1/1");
    assert_eq!((receipt.amount, receipt.party), (dec(7_000, 0), "CA3"));
    assert_eq!((receipt.date, receipt.due), (on(2017, 10, 22), on(2017, 10, 21)));
    let allocation = one(&items, ItemKind::Allocation, "PGT 1T1/1>1T 1/6");
    assert_eq!((allocation.cites, allocation.document), ("PGT 1T1/1", "1T 1/6"));
    assert_eq!((allocation.amount, allocation.tag), (dec(700_000, 2), BasisTag::Stated as u8));
    // 100.00 and 20.00 by two cards on one day.
    let own = one(&items, ItemKind::Receipt, "1TR R/1");
    assert_eq!((own.amount, own.date), (dec(12_000, 2), on(2017, 12, 3)));
    assert_eq!(one(&items, ItemKind::Allocation, "1TR R/1>1TR R/1").amount, dec(12_000, 2));
    // The cancelled receipt PGT 1T1/2 applies nothing.
    assert!(of(&items, ItemKind::Allocation).iter().all(|a| a.cites != "PGT 1T1/2"));
}

#[test]
fn a_credit_note_cites_what_it_can_be_against() {
    let (items, _) = read(&file("saft_idemo599999999.xml")).unwrap();
    // `FT 1/2` means 1T 1/2, an FT of the same customer; 2T A/2 is another customer's.
    assert_eq!(one(&items, ItemKind::CreditNote, "2T A/1").cites, "1T 1/2");
    let other = one(&items, ItemKind::CreditNote, "2T A/2");
    assert_eq!((other.cites, other.text), ("", "FT 1/2"));
    let unknown = one(&items, ItemKind::CreditNote, "2T A/5");
    assert_eq!((unknown.cites, unknown.text), ("", "FTM V/23, FTM V/24"));
}

#[test]
fn a_header_without_its_tax_number_is_refused() {
    let problem = read(&file("saft_WRONG_SCHEMA.xml")).unwrap_err();
    assert_eq!((problem.code.as_str(), problem.at.as_str()), ("saft.missing_element", "/AuditFile/Header"));
    assert!(problem.message.contains("`TaxRegistrationNumber` is missing"), "{problem}");
    assert!(problem.message.contains("Export the file again"), "{problem}");
}

#[test]
fn norway_says_what_its_customer_owes_and_contradicts_itself() {
    let (items, controls) = read(&file("saft-no-example.xml")).unwrap();
    check(&controls, "gl.count", "", Some("2"), "2");
    check(&controls, "gl.debit", "", Some("25000"), "25000");
    check(&controls, "gl.credit", "", Some("25000"), "25000");
    // No line carries a customer, so opening 1234.56 is all that can be owed at the end.
    check(&controls, "customer.closing", "12000", Some("12345.67"), "1234.56");
    check(&controls, "customers.closing", "", Some("1"), "0");
    let party = one(&items, ItemKind::Party, "12000");
    assert_eq!((party.name, party.document), ("Kunden AS", "999999999"));
    let opening = one(&items, ItemKind::Receivable, "opening/12000");
    assert_eq!((opening.amount, opening.currency, opening.date), (dec(123_456, 2), "NOK", on(2014, 12, 31)));
    assert_eq!((opening.tag, opening.party), (ReceivableTag::Opening as u8, "12000"));
    let balance = one(&items, ItemKind::Balance, "");
    assert_eq!((balance.amount, balance.second, balance.date), (dec(123_456, 2), dec(1_234_567, 2), on(2015, 12, 31)));
    assert_eq!(items.len(), 3);
}
