//! The forms that machines read: committed, so that a change of one is seen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Site, paths};

fn u8_ledger() -> Site {
    let site = Site::sqlite();
    let _ = site.import(&paths::export("u8-ar-detail-selfmade.csv"), "u8-ar-detail", &[]).exits(0);
    site
}

#[test]
fn an_import_as_json_and_csv() {
    let site = Site::sqlite();
    let file = paths::export("icbc-debit-v2.csv");
    let mut json = site.import(&file, "icbc-debit-v2", &[]).exits(0).json();
    for time in ["staging_ms", "ledger_locked_ms"] {
        let taken = json["batch"][0][time].take();
        assert!(taken.as_str().unwrap().parse::<u64>().is_ok(), "{time}: {taken}");
    }
    insta::assert_snapshot!("import_json", serde_json::to_string_pretty(&json).unwrap());
    let mut csv = site.command(["--format", "csv", "import"]);
    let csv: recoup_tests::Run = csv.arg(&file).args(["--profile", "icbc-debit-v2"]).output().unwrap().into();
    insta::assert_snapshot!("import_csv", csv.exits(0).stdout);
}

#[test]
fn an_aging_report_as_json_and_csv() {
    let site = u8_ledger();
    let aging = ["report", "aging", "--as-of", "2024-12-31", "--buckets", "12m,24m,36m"];
    for format in ["json", "csv"] {
        let run = site.run([["--format", format].as_slice(), &aging].concat()).exits(0);
        insta::assert_snapshot!(format!("aging_{format}"), run.stdout);
    }
}

/// Cells that a spreadsheet would run are neutralised; amounts are left as they are.
#[test]
fn a_debtor_that_is_a_formula_does_no_harm() {
    let site = Site::sqlite();
    let text = "customer code,customer name,document no,document date,amount,currency\n=1+1,=HYPERLINK(\"\"x\"\"),A-1,2024-01-10,100.00,CNY\n";
    let file = site.write("evil.csv", text);
    let _ = site.import(&file, "receivables-simple", &[]).exits(0);
    let csv = site.run(["--format", "csv", "report", "trial-balance"]).exits(0).stdout;
    assert!(csv.lines().all(|l| !l.starts_with('=') && !l.starts_with("\"=")), "{csv}");
    assert!(csv.contains("'=1+1"), "{csv}");
}

/// The same history gives the same answer on both databases.
#[test]
fn both_databases_print_the_same() {
    let reports = Site::both().map(|site| {
        let _ = site.import(&paths::export("u8-ar-detail-selfmade.csv"), "u8-ar-detail", &[]).exits(0);
        let report = |what: &[&str]| site.run([["--format", "json", "report"].as_slice(), what].concat()).exits(0).stdout;
        [report(&["trial-balance", "--as-of", "2024-06-30"]), report(&["aging", "--as-of", "2024-06-30", "--by", "receivable"])]
    });
    assert_eq!(reports[0], reports[1]);
}
