//! A bad record says what is wrong, where, and how to mend it. All or nothing: exit code 1 and nothing changed.
//! Quarantine: exit code 3 and exactly the good records. On both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site, State, paths};

const HEADER: &str = "customer code,customer name,document no,document date,due date,amount,currency,ledger amount,stage,credits document";
/// The good record of every file: 1,000.00 of C1.
const GOOD: &str = "C1,Alpha,INV-1,2024-01-10,2024-02-10,1000.00,CNY,,,";

/// One refused record: where it stands, its code, and parts of its message.
struct Refused<'a> {
    at: &'a str,
    code: &'a str,
    says: &'a [&'a str],
}

impl Refused<'_> {
    #[track_caller]
    fn is_in(&self, run: &Run) {
        let row = run.row("refused", &[("at", self.at), ("code", self.code)]);
        let message = row["message"].as_str().unwrap();
        for part in self.says {
            assert!(message.contains(part), "`{message}` lacks `{part}`");
        }
    }
}

/// The good record and what follows it, imported both ways on both databases.
#[track_caller]
fn refused(rows: &[&str], expected: &[Refused<'_>]) {
    let text = [&[HEADER, GOOD], rows].concat().join("\n") + "\n";
    for site in Site::both() {
        let file = site.write("export.csv", &text);
        let before = opened(&site);
        let whole = site.import(&file, "receivables-simple", &["--bad-records", "all-or-nothing"]).exits(1);
        let whole = whole.says("error [import.refused]").says("--bad-records quarantine");
        assert_eq!(whole.table("refused").len(), expected.len(), "{}", whole.stdout);
        expected.iter().for_each(|e| e.is_in(&whole));
        assert_eq!((site.position("main"), site.state("main")), before);

        let good = site.import(&file, "receivables-simple", &["--bad-records", "quarantine"]).exits(3);
        expected.iter().for_each(|e| e.is_in(&good));
        assert_eq!(good.count("refused"), u64::try_from(expected.len()).unwrap());
        only_the_good_record(&site);
    }
}

/// Opens the ledger, so that from now on nothing but the import can change its log.
fn opened(site: &Site) -> (i64, State) {
    let _ = site.run(["report", "trial-balance"]).exits(0);
    (site.position("main"), site.state("main"))
}

#[track_caller]
fn only_the_good_record(site: &Site) {
    let state = site.state("main");
    assert_eq!((state.receivables.len(), state.receipts.len()), (1, 0), "{state:#?}");
    let report = site.run(["--format", "json", "report", "trial-balance"]).exits(0);
    let total = report.row("trial_balance", &[("debtor", "total")]);
    assert_eq!((&total["claims"], &total["open"], &total["received"]), (&"1000.00".into(), &"1000.00".into(), &"0.00".into()));
}

#[test]
fn the_31st_of_september() {
    let says = ["`2024-09-31` in column `document date`", "no day of the calendar", "Correct it in the source"];
    refused(&["C1,Alpha,INV-2,2024-09-31,,500.00,CNY,,,"], &[Refused { at: "row 3", code: "table.bad_date", says: &says }]);
}

#[test]
fn an_unknown_currency() {
    let says = ["unknown currency `XQX`", "use an ISO 4217 code such as CNY"];
    refused(&["C1,Alpha,INV-2,2024-09-30,,500.00,XQX,500.00,,"], &[Refused { at: "row 3", code: "import.unknown_currency", says: &says }]);
}

#[test]
fn a_third_decimal() {
    let says = ["500.005 has digits below the minor unit of CNY, which has 2 decimals", "correct the amount in the source", "never rounded"];
    refused(&["C1,Alpha,INV-2,2024-09-30,,500.005,CNY,,,"], &[Refused { at: "row 3", code: "import.below_minor_unit", says: &says }]);
}

#[test]
fn a_foreign_amount_without_its_rate() {
    let says = ["the record is in USD and states no amount in CNY", "export the amount in the ledger's currency too"];
    refused(&["C1,Alpha,INV-2,2024-09-30,,500.00,USD,,,"], &[Refused { at: "row 3", code: "import.missing_rate", says: &says }]);
}

/// Neither record is taken: the order of rows never decides which one wins.
#[test]
fn a_duplicate_key_inside_one_file() {
    let rows = ["C1,Alpha,INV-2,2024-09-30,,500.00,CNY,,,", "C1,Alpha,INV-2,2024-09-30,,501.00,CNY,,,"];
    let first = ["key `INV-2` also stands at row 4", "neither is taken", "remove one of them"];
    let second = ["key `INV-2` also stands at row 3", "neither is taken", "remove one of them"];
    let code = "import.duplicate_key";
    refused(&rows, &[Refused { at: "row 3", code, says: &first }, Refused { at: "row 4", code, says: &second }]);
}

#[test]
fn an_amount_that_is_none_and_one_beyond_64_bits() {
    let rows = ["C1,Alpha,INV-2,2024-09-30,,about 500,CNY,,,", "C1,Alpha,INV-3,2024-09-30,,99999999999999999999.00,CNY,,,"];
    let none = ["`about 500` in column `amount` is not an amount", "Correct it"];
    let beyond = ["`99999999999999999999.00` in column `amount` has too many digits", "Correct it"];
    refused(&rows, &[Refused { at: "row 3", code: "table.bad_amount", says: &none }, Refused { at: "row 4", code: "table.bad_amount", says: &beyond }]);
}

#[test]
fn an_empty_debtor_an_empty_key_and_an_unknown_stage() {
    let rows = [",Alpha,INV-2,2024-09-30,,500.00,CNY,,,", "C1,Alpha,,2024-09-30,,500.00,CNY,,,", "C1,Alpha,INV-4,2024-09-30,,500.00,CNY,,half-done,"];
    let debtor = ["Column `customer code`", "is empty", "Fill it in the source"];
    let key = ["Column `document no`", "is empty", "Fill it in the source"];
    let stage = ["`half-done` is not a stage", "settled, unsettled, measured-unpaid or retention"];
    let expected = [
        Refused { at: "row 3", code: "table.missing_field", says: &debtor },
        Refused { at: "row 4", code: "table.missing_field", says: &key },
        Refused { at: "row 5", code: "table.unknown_stage", says: &stage },
    ];
    refused(&rows, &expected);
}

#[test]
fn a_record_without_end_and_a_quote_that_is_never_closed() {
    // The second is longer than anything that is read at once, the third wider than any sheet.
    let long = |bytes: usize| format!("C1,{},INV-2,2024-09-30,,500.00,CNY,,,", "x".repeat(bytes));
    let (long, longer, wide) = (long(70_000), long(2_000_000), ",".repeat(20_000));
    let rows = [long.as_str(), longer.as_str(), wide.as_str(), "C1,\"Alpha,INV-3,2024-09-30,,500.00,CNY,,,"];
    let length = ["longer than 65536 bytes", "Is a quote not closed?", "`record_max`"];
    let width = ["more than 16384 cells", "Is the delimiter stated as the file has it?"];
    let quote = ["The quote that opens in this record is never closed", "Export it again"];
    let expected = [
        Refused { at: "row 3", code: "table.record_too_long", says: &length },
        Refused { at: "row 4", code: "table.record_too_long", says: &length },
        Refused { at: "row 5", code: "table.record_too_wide", says: &width },
        Refused { at: "row 6", code: "table.open_quote", says: &quote },
    ];
    refused(&rows, &expected);
}

/// The credit itself is good and enters, unapplied; only its pointer is refused.
#[test]
fn a_credit_note_against_an_unknown_document() {
    let says = ["receivable `INV-9` is neither among the good records of the file nor in the ledger", "import it"];
    let expected = Refused { at: "row 3", code: "import.unknown_reference", says: &says };
    let text = [HEADER, GOOD, "C1,Alpha,CN-2,2024-09-30,,-500.00,CNY,,,INV-9"].join("\n");
    for site in Site::both() {
        let file = site.write("export.csv", &text);
        let before = opened(&site);
        let whole = site.import(&file, "receivables-simple", &["--bad-records", "all-or-nothing"]).exits(1);
        expected.is_in(&whole);
        assert_eq!((site.position("main"), site.state("main")), before);
        let good = site.import(&file, "receivables-simple", &[]).exits(3);
        expected.is_in(&good);
        let total = site.run(["--format", "json", "report", "trial-balance"]).row("trial_balance", &[("debtor", "total")]);
        assert_eq!((&total["open"], &total["received"], &total["unapplied"]), (&"1000.00".into(), &"500.00".into(), &"500.00".into()));
    }
}

/// A cash book may hold one. Without the receipt that it takes back it means nothing.
#[test]
fn a_negative_receipt_that_cites_nothing() {
    let rows = "customer code,receipt no,booking date,amount,currency\nC1,R-1,2024-03-01,100.00,CNY\nC1,R-2,2024-03-02,-40.00,CNY\n";
    let says = ["The amount -40.00 is below zero", "Correct it"];
    let expected = Refused { at: "row 3", code: "table.negative_amount", says: &says };
    for site in Site::both() {
        let file = site.write("export.csv", rows);
        let before = opened(&site);
        let whole = site.import(&file, "receipts-simple", &["--bad-records", "all-or-nothing"]).exits(1);
        expected.is_in(&whole);
        assert_eq!((site.position("main"), site.state("main")), before);
        let good = site.import(&file, "receipts-simple", &["--bad-records", "quarantine"]).exits(3);
        expected.is_in(&good);
        assert_eq!((good.count("refused"), good.table("left_out").len()), (1, 0), "{}", good.stdout);
        let total = site.run(["--format", "json", "report", "trial-balance"]).row("trial_balance", &[("debtor", "total")]);
        assert_eq!((&total["received"], &total["unapplied"]), (&"100.00".into(), &"100.00".into()));
    }
}

/// U8 writes a red receipt as a credit below zero, or as a debit. Neither says which receipt it takes back. The
/// ledger's receipts are 150,000.00 + 1,200,000.00 + 30,000.00 + 800,000.00, and the third of them is the bad one.
#[test]
fn a_red_receipt_of_u8_that_cites_nothing() {
    let bytes = std::fs::read(paths::export("u8-ar-detail-selfmade.csv")).unwrap();
    let (text, _, broken) = encoding_rs::GB18030.decode(&bytes);
    assert!(!broken);
    let receipt = "0.00,\"30,000.00\",0.00,\"30,000.00\"";
    assert_eq!(text.matches(receipt).count(), 1);
    let expected = Refused { at: "row 16", code: "table.negative_amount", says: &["The amount -30000.00 is below zero", "Correct it"] };
    for red in ["0.00,\"-30,000.00\",0.00,\"-30,000.00\"", "\"30,000.00\",0.00,\"30,000.00\",0.00"] {
        for site in Site::both() {
            let file = site.write("u8.csv", encoding_rs::GB18030.encode(&text.replacen(receipt, red, 1)).0);
            let before = opened(&site);
            let whole = site.import(&file, "u8-ar-detail", &["--bad-records", "all-or-nothing"]).exits(1);
            expected.is_in(&whole);
            assert_eq!((site.position("main"), site.state("main")), before);
            let good = site.import(&file, "u8-ar-detail", &["--bad-records", "quarantine"]).exits(3);
            expected.is_in(&good);
            assert_eq!(good.row("refused", &[("at", "row 16")])["key"], "48/SK-2024-0077");
            assert_eq!(good.count("refused"), 1);
            let total = site.run(["--format", "json", "report", "trial-balance"]).row("trial_balance", &[("debtor", "total")]);
            // All other receipts are applied; the red invoice of 12,450.50 is a credit that is not.
            // Received: 150,000.00 + 1,200,000.00 + 800,000.00 + 12,450.50.
            assert_eq!((&total["applied"], &total["received"]), (&"2150000.00".into(), &"2162450.50".into()));
            assert_eq!(total["unapplied"], "12450.50");
        }
    }
}

/// C002 owes 560,000.00, and its receipt of 150,000.00 is said to clear 900,000.00 of it; the clearing of C001 names
/// an invoice that nobody has. Everything else of the ledger is good: 3,338,450.50 claimed, 800,000.00 applied.
#[test]
fn an_allocation_beyond_its_receipt_and_one_of_an_unknown_invoice() {
    let bytes = std::fs::read(paths::export("u8-ar-detail-selfmade.csv")).unwrap();
    let (text, _, broken) = encoding_rs::GB18030.decode(&bytes);
    assert!(!broken);
    let over = ["\"150,000.00\",0.00,\"150,000.00\",R0,AR-2021-0107,9P", "\"900,000.00\",0.00,\"900,000.00\",R0,AR-2021-0107,9P"];
    let unknown = ["\"1,200,000.00\",26,AR-2019-0001,9P", "\"1,200,000.00\",26,AR-1999-0001,9P"];
    let changed = text.replacen(over[0], over[1], 1).replacen(unknown[0], unknown[1], 1);
    let reference = ["receivable `26/AR-1999-0001` is neither among the good records of the file nor in the ledger"];
    let expected = [
        Refused { at: "row 11", code: "import.over_application", says: &["900000.00", "560000.00"] },
        Refused { at: "row 14", code: "import.unknown_reference", says: &reference },
    ];
    for site in Site::both() {
        let file = site.write("u8.csv", encoding_rs::GB18030.encode(&changed).0);
        let before = opened(&site);
        let whole = site.import(&file, "u8-ar-detail", &["--bad-records", "all-or-nothing"]).exits(1);
        expected.iter().for_each(|e| e.is_in(&whole));
        assert_eq!((site.position("main"), site.state("main")), before);
        let good = site.import(&file, "u8-ar-detail", &[]).exits(3);
        expected.iter().for_each(|e| e.is_in(&good));
        let total = site.run(["--format", "json", "report", "trial-balance"]).row("trial_balance", &[("debtor", "total")]);
        assert_eq!((&total["claims"], &total["applied"]), (&"3338450.50".into(), &"800000.00".into()));
    }
}
