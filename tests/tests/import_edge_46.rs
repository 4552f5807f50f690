//! Edge case 46: what sources do to their documents and to their bytes, end to end on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::import::{Coverage, IssueKind};
use recoup_store::testing::databases;
use recoup_tests::intake::{Intake, ledger};
use recoup_tests::{Site, State};

const HEADER: &str = "customer code,document no,document date,amount,currency,credits document";

fn csv(rows: &[&str]) -> String {
    [&[HEADER], rows].concat().join("\n") + "\n"
}

#[track_caller]
fn total(site: &Site) -> [String; 4] {
    let report = site.run(["--format", "json", "report", "trial-balance"]).exits(0);
    let row = report.row("trial_balance", &[("debtor", "total")]);
    ["claims", "applied", "open", "unapplied"].map(|k| row[k].as_str().unwrap().to_owned())
}

/// A full snapshot without a document that was there: told with its key, and nothing is deleted.
#[test]
fn edge_46_a_document_gone_from_a_snapshot_is_reported_and_kept() {
    for site in Site::both() {
        let first = site.write("1.csv", csv(&["C1,A-1,2024-01-10,100.00,CNY,", "C1,A-2,2024-01-11,20.00,CNY,"]));
        let second = site.write("2.csv", csv(&["C1,A-1,2024-01-10,100.00,CNY,"]));
        let _ = site.import(&first, "receivables-simple", &["--snapshot"]).exits(0);
        let before = site.state("main");
        let run = site.import(&second, "receivables-simple", &["--snapshot"]).exits(0);
        let missing = run.row("missing", &[("key", "A-2"), ("code", "import.missing_from_snapshot")]);
        assert!(missing["message"].as_str().unwrap().contains("reverse it in the source, or import the file as a delta"));
        assert_eq!(run.count("missing"), 1);
        assert_eq!(site.state("main"), before);
    }
}

/// The same bytes, first as a part and then as the whole: the second question is another one.
#[test]
fn edge_46_the_same_file_as_a_snapshot_still_reports_what_is_missing() {
    for db in databases() {
        let mut intake = Intake::new("receivables-simple");
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        let part = csv(&["C1,A-1,2024-01-10,100.00,CNY,"]);
        intake.text(&mut store, &ledger, &part).unwrap();
        intake.text(&mut store, &ledger, &csv(&["C1,A-2,2024-01-11,20.00,CNY,"])).unwrap();
        intake.coverage = Coverage::Snapshot;
        let whole = intake.text(&mut store, &ledger, &part).unwrap();
        let missing: Vec<_> = whole.issues.iter().filter(|i| i.kind == IssueKind::Missing).map(|i| i.key.as_str()).collect();
        assert_eq!(missing, ["A-2"]);
    }
}

/// A number that the next year uses again is the same document to a profile whose key is the number alone: the import says that
/// it corrected one, and how much is claimed is what the later file says.
#[test]
fn edge_46_a_number_used_again_is_told_as_a_correction() {
    for site in Site::both() {
        let first = site.write("2023.csv", csv(&["C1,A-1,2023-01-10,100.00,CNY,", "C1,A-2,2023-01-11,20.00,CNY,"]));
        let next = site.write("2024.csv", csv(&["C1,A-1,2024-01-10,70.00,CNY,"]));
        let _ = site.import(&first, "receivables-simple", &[]).exits(0);
        let run = site.import(&next, "receivables-simple", &[]).exits(0);
        assert_eq!((run.count("added"), run.count("corrected")), (0, 1));
        // 70.00 + 20.00.
        assert_eq!(total(&site), ["90.00", "0.00", "90.00", "0.00"]);
    }
}

/// A profile whose key has the date in it tells the years apart: both documents stand, a corrected one of either year is
/// corrected there, and a repeated file changes nothing.
#[test]
fn edge_46_a_key_with_the_date_tells_the_years_apart() {
    let simple = std::fs::read_to_string(recoup_tests::paths::root().join("config/profiles/receivables-simple.toml")).unwrap();
    let dated = simple.replace("id = \"receivables-simple\"", "id = \"dated\"").replace("\nkey = \"number\"\n", "\nkey = [\"number\", \"date\"]\n");
    for site in Site::both() {
        let profile = site.write("dated.toml", &dated);
        let profile = profile.to_str().unwrap();
        let first = site.write("2023.csv", csv(&["C1,A-1,2023-01-10,100.00,CNY,"]));
        let next = site.write("2024.csv", csv(&["C1,A-1,2024-01-10,70.00,CNY,"]));
        let mended = site.write("mended.csv", csv(&["C1,A-1,2023-01-10,110.00,CNY,"]));
        let counts = |run: recoup_tests::Run| ["added", "corrected"].map(|c| run.count(c));
        // The debtor and the claim; then the claim of the next year alone.
        assert_eq!(counts(site.import(&first, profile, &["--system", "erp"]).exits(0)), [2, 0]);
        assert_eq!(counts(site.import(&next, profile, &["--system", "erp"]).exits(0)), [1, 0]);
        assert_eq!(total(&site), ["170.00", "0.00", "170.00", "0.00"]);
        assert_eq!(counts(site.import(&mended, profile, &["--system", "erp"]).exits(0)), [0, 1]);
        assert_eq!(total(&site), ["180.00", "0.00", "180.00", "0.00"]);
        assert_eq!(site.state("main").receivables.len(), 2);
    }
}

/// A renumbered document is a new one beside the old, which the snapshot reports.
#[test]
fn edge_46_a_renumbered_document_is_new_and_the_old_one_is_reported() {
    for db in databases() {
        let mut intake = Intake::new("receivables-simple");
        intake.coverage = Coverage::Snapshot;
        let mut store = db.store();
        let ledger = ledger(&mut store, "main", "CNY");
        intake.text(&mut store, &ledger, &csv(&["C1,A-1,2024-01-10,100.00,CNY,"])).unwrap();
        let second = intake.text(&mut store, &ledger, &csv(&["C1,A-0001,2024-01-10,100.00,CNY,"])).unwrap();
        assert_eq!((second.batch.counts.added, second.batch.counts.missing), (1, 1));
        assert_eq!(State::of(&mut store, ledger.id).receivables.len(), 2);
    }
}

/// A red-letter entry of −30.00 against A-1: a credit of 30.00 that is applied to it, never a negative claim.
#[test]
fn edge_46_a_red_letter_entry_becomes_a_credit() {
    for site in Site::both() {
        let file = site.write("red.csv", csv(&["C1,A-1,2024-01-10,100.00,CNY,", "C1,R-1,2024-02-10,-30.00,CNY,A-1", "C1,R-2,2024-02-11,-5.00,CNY,"]));
        let _ = site.import(&file, "receivables-simple", &[]).exits(0);
        assert_eq!(total(&site), ["100.00", "30.00", "70.00", "5.00"]);
        let state = site.state("main");
        assert!(state.receipts.iter().all(|r| r.contains(" credit-note ")), "{:?}", state.receipts);
    }
}

/// More credit than the invoice has: as much as is open is applied, and the rest stays visible.
#[test]
fn edge_46_a_credit_above_its_invoice_leaves_the_rest_unapplied() {
    for site in Site::both() {
        let file = site.write("red.csv", csv(&["C1,A-1,2024-01-10,100.00,CNY,", "C1,R-1,2024-02-10,-130.00,CNY,A-1"]));
        let _ = site.import(&file, "receivables-simple", &[]).exits(0);
        assert_eq!(total(&site), ["100.00", "100.00", "0.00", "30.00"]);
    }
}

/// The same two documents as spreadsheets and accounting systems write them: state by state the same.
#[test]
fn edge_46_bytes_of_all_kinds_say_the_same() {
    let plain = "客户编码,客户名称,单据编号,单据日期,金额,币种\nC1,中衡八局,A-1,2024-01-10,1234567.80,CNY\nC1,中衡八局,A-2,2024-02-29,-7.05,CNY\n";
    let grouped = plain.replace("1234567.80", "\"1,234,567.80\"");
    let full_width = plain.replace("1234567.80", "１２３４５６７．８０").replace("2024-01-10", "２０２４－０１－１０");
    let chinese_dates = plain.replace("2024-01-10", "2024年01月10日").replace("2024-02-29", "2024/2/29");
    let crlf = plain.replace('\n', "\r\n");
    let gb = std::fs::read_to_string(recoup_tests::paths::root().join("config/profiles/receivables-simple.toml")).unwrap();
    let gb = gb.replace("encoding = \"utf-8\"", "encoding = \"gb18030\"");
    for site in Site::both() {
        let profile = site.write("gb.toml", gb.as_bytes());
        let profile = profile.to_str().unwrap();
        let bom = [b"\xef\xbb\xbf", plain.as_bytes()].concat();
        let texts: [(&str, &[u8], &str); 6] = [
            ("bom", &bom, "receivables-simple"),
            ("grouped", grouped.as_bytes(), "receivables-simple"),
            ("full-width", full_width.as_bytes(), "receivables-simple"),
            ("chinese dates", chinese_dates.as_bytes(), "receivables-simple"),
            ("crlf", crlf.as_bytes(), "receivables-simple"),
            ("gb18030", &encoding_rs::GB18030.encode(plain).0, profile),
        ];
        let file = site.write("plain.csv", plain);
        let _ = site.import(&file, "receivables-simple", &["--system", "erp"]).exits(0);
        let expected = site.state("main");
        for (what, bytes, profile) in texts {
            let file = site.write("same.csv", bytes);
            let run = site.import(&file, profile, &["--system", "erp"]).exits(0);
            assert_eq!((run.count("added"), run.count("corrected"), run.count("refused")), (0, 0, 0), "{what}");
            assert_eq!(site.state("main"), expected, "{what}");
        }
    }
}

/// A header without lines is a file with nothing in it: imported, and it changes nothing.
#[test]
fn edge_46_a_header_without_lines() {
    for site in Site::both() {
        let file = site.write("none.csv", csv(&[]));
        let run = site.import(&file, "receivables-simple", &[]).exits(0);
        assert_eq!((run.count("read"), run.count("added")), (0, 0));
        assert_eq!(site.state("main").receivables.len(), 0);
    }
}

/// A receipt and an invoice may have the same number in one source: neither takes the other's place, in either order, and a
/// file without names takes none away.
#[test]
fn edge_46_a_receipt_and_a_claim_of_one_number_are_two_things() {
    const CLAIMS: &str = "customer code,customer name,document no,document date,amount,currency\nC1,Alpha Ltd,1001,2024-01-10,120000.00,CNY\nC1,Alpha Ltd,1002,2024-01-10,5000.00,CNY\n";
    const RECEIPTS: &str = "customer code,receipt no,booking date,amount,currency\nC1,1001,2024-02-01,700.00,CNY\n";
    for claims_first in [true, false] {
        for site in Site::both() {
            let claims = (site.write("claims.csv", CLAIMS), "receivables-simple");
            let receipts = (site.write("receipts.csv", RECEIPTS), "receipts-simple");
            let order = if claims_first { [&claims, &receipts, &claims, &receipts] } else { [&receipts, &claims, &receipts, &claims] };
            for (file, profile) in order {
                let _ = site.import(file, profile, &["--system", "books"]).exits(0);
            }
            let report = site.run(["--format", "json", "report", "trial-balance", "--as-of", "2024-12-31"]).exits(0);
            let row = report.row("trial_balance", &[("claims", "125000.00"), ("open", "125000.00"), ("received", "700.00"), ("debtor", "C1 Alpha Ltd")]);
            assert_eq!(row["unapplied"], "700.00", "claims first: {claims_first}");
        }
    }
}

/// A spreadsheet that is saved as text may leave days as the numbers that it counts them by, from an epoch that has a leap day too
/// many: such a number is no day to a profile that states how days are written. The row is refused with what to do, never guessed.
#[test]
fn edge_46_the_number_of_a_day_is_no_day() {
    for site in Site::both() {
        let numbers = ["45301", "60", "61", "1"];
        let rows: Vec<String> = numbers.iter().map(|n| format!("C1,A-{n},{n},100.00,CNY,")).collect();
        let mut rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        rows.push("C1,A-0,2024-01-10,20.00,CNY,");
        let file = site.write("serial.csv", csv(&rows));
        let run = site.import(&file, "receivables-simple", &["--bad-records", "quarantine"]).exits(3);
        for n in numbers {
            let refused = run.row("refused", &[("key", &format!("A-{n}"))]);
            assert!(refused["message"].as_str().unwrap().contains(n), "{refused}");
        }
        assert_eq!(total(&site)[0], "20.00");
    }
}
