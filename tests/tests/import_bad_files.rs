//! A file that is no export, or not the one that was asked for: exit code 1, nothing changed, and a message that says
//! what, where and how to mend it. What to do about bad records makes no difference, but to a delimited file that was
//! cut off: its whole rows are good. On both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Site, paths};

/// A file that must be refused as a whole, under a profile, with what standard error says.
struct Bad<'a> {
    name: &'a str,
    bytes: &'a [u8],
    profile: &'a str,
    says: &'a [&'a str],
}

impl Bad<'_> {
    #[track_caller]
    fn is_refused(&self) {
        for site in Site::both() {
            let _ = site.run(["report", "trial-balance"]).exits(0);
            let before = (site.position("main"), site.state("main"));
            let file = site.write(self.name, self.bytes);
            for how in ["quarantine", "all-or-nothing"] {
                let run = site.import(&file, self.profile, &["--bad-records", how]).exits(1);
                let _ = self.says.iter().fold(run, |run, text| run.says(text));
            }
            assert_eq!((site.position("main"), site.state("main")), before);
        }
    }
}

fn bad(name: &str) -> Vec<u8> {
    std::fs::read(paths::export(&format!("bad/{name}"))).unwrap()
}

#[test]
fn an_empty_file() {
    let says = ["error [import.empty_file]", "empty.csv is empty: export it again"];
    Bad { name: "empty.csv", bytes: &bad("empty.csv"), profile: "receivables-simple", says: &says }.is_refused();
}

#[test]
fn a_spreadsheet_under_the_name_of_a_csv() {
    let says = ["error [import.not_this_format]", "adapter `table` does not recognise", "choose another profile"];
    Bad { name: "ledger.csv", bytes: &bad("zip.csv"), profile: "receivables-simple", says: &says }.is_refused();
}

#[test]
fn binary_rubbish() {
    let says = ["file.encoding at byte 0: The bytes here are not UTF-8", "State its encoding, or export the file again"];
    Bad { name: "rubbish.csv", bytes: &bad("binary.csv"), profile: "receivables-simple", says: &says }.is_refused();
}

#[test]
fn the_headers_of_another_report() {
    let says = ["table.header_missing at header", "hold no header with amount", "Seen was `a`, `b`", "Add the file's own"];
    Bad { name: "other.csv", bytes: b"a,b\n1,2\n", profile: "receivables-simple", says: &says }.is_refused();
}

/// GB18030 bytes under a profile that says UTF-8: the very headers cannot be read.
#[test]
fn a_mis_encoded_file() {
    let text = "客户编码,单据编号,单据日期,金额,币种\nC1,INV-1,2024-01-10,1000.00,CNY\n";
    let bytes = encoding_rs::GB18030.encode(text).0;
    let says = ["file.encoding at byte 0: The bytes here are not UTF-8", "Is it GB18030 or Windows-1252? State its encoding"];
    Bad { name: "gbk.csv", bytes: &bytes, profile: "receivables-simple", says: &says }.is_refused();
}

/// The file declares an encoding that its bytes do not have.
#[test]
fn a_mis_declared_file() {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AuditFile xmlns=\"urn:OECD:StandardAuditFile-Tax:PT_1.04_01\"><Header><CompanyName>Feij\u{e3}o";
    let bytes = encoding_rs::WINDOWS_1252.encode(text).0;
    Bad { name: "latin.xml", bytes: &bytes, profile: "saft", says: &["UTF-8", "byte"] }.is_refused();
}

#[test]
fn a_truncated_audit_file() {
    let whole = std::fs::read(paths::export("saft_idemo599999999.xml")).unwrap();
    let says = ["saft.truncated at /AuditFile/SourceDocuments/SalesInvoices/Invoice/Line/Tax, byte 60000", "cut off", "Export or transfer it again"];
    Bad { name: "cut.xml", bytes: &whole[..60_000], profile: "saft", says: &says }.is_refused();
}

/// Each row of a delimited file stands alone, so a cut costs the row that it went through and no other: between two
/// cells, within a quoted cell, within a character, and in a statement, whose rows must be complete.
#[test]
fn a_truncated_delimited_file_costs_the_row_that_was_cut() {
    let good = "customer code,customer name,document no,document date,amount,currency\nC1,沧澜,INV-1,2024-01-10,1000.00,CNY\n";
    let quoted = [good, "C1,\"沧澜, Lt"].concat();
    let character = [good, "C1,沧澜"].concat();
    let statement = std::fs::read(paths::export("boc-debit.csv")).unwrap();
    // Behind title and header stand -71.89 and -326.00, which are money out, then +50.00, cut behind its amount.
    let text = std::str::from_utf8(&statement).unwrap();
    let cut = text.find("50.00,\"3,638.17\"").unwrap() + "50.00,".len();
    let cases: [(&str, &[u8], [&str; 3], usize); 4] = [
        ("receivables-simple", &[good, "C1,沧澜,INV-2,2024-02-10,500.00"].concat().into_bytes(), ["row 3", "table.missing_field", "Column `currency`"], 1),
        ("receivables-simple", quoted.as_bytes(), ["row 3", "table.open_quote", "is never closed: the file was cut off"], 1),
        ("receivables-simple", &character.as_bytes()[..character.len() - 1], ["row 3", "table.bad_encoding", "a character was cut in half"], 1),
        ("boc-debit", &statement[..cut], ["row 5", "table.ragged", "Was the row cut off?"], 0),
    ];
    for (profile, bytes, [at, code, says], claims) in cases {
        for site in Site::both() {
            let _ = site.run(["report", "trial-balance"]).exits(0);
            let before = (site.position("main"), site.state("main"));
            let file = site.write("cut.csv", bytes);
            let refused = |run: recoup_tests::Run| {
                let row = run.row("refused", &[("at", at), ("code", code)]);
                assert!(row["message"].as_str().unwrap().contains(says), "{row}");
                assert_eq!(run.table("refused").len(), 1, "{}", run.stdout);
            };
            let whole = site.import(&file, profile, &["--bad-records", "all-or-nothing"]).exits(1);
            refused(whole.says("error [import.refused]").says("--bad-records quarantine"));
            assert_eq!((site.position("main"), site.state("main")), before);

            refused(site.import(&file, profile, &["--bad-records", "quarantine"]).exits(3));
            let after = site.state("main");
            assert_eq!((after.receivables.len(), after.receipts.len()), (claims, 0), "{after:#?}");
            assert!(after.receivables.iter().all(|claim| claim.contains("1000.00 CNY")), "{after:#?}");
        }
    }
}

#[test]
fn saft_wrong_schema() {
    let bytes = std::fs::read(paths::export("saft_WRONG_SCHEMA.xml")).unwrap();
    let says =
        ["saft.missing_element at /AuditFile/Header: `TaxRegistrationNumber` is missing", "Export the file again", "fill it in the company's master data"];
    Bad { name: "saft_WRONG_SCHEMA.xml", bytes: &bytes, profile: "saft", says: &says }.is_refused();
}

#[test]
fn a_file_for_another_adapter() {
    let norway = std::fs::read(paths::export("saft-no-example.xml")).unwrap();
    let says = ["error [import.not_this_format]", "adapter `table` does not recognise", "choose another profile"];
    Bad { name: "audit.xml", bytes: &norway, profile: "boc-debit", says: &says }.is_refused();
    let statement = std::fs::read(paths::export("boc-debit.csv")).unwrap();
    let says = ["error [import.not_this_format]", "adapter `saft` does not recognise"];
    Bad { name: "statement.csv", bytes: &statement, profile: "saft", says: &says }.is_refused();
}

/// A statement of one bank under the profile of another.
#[test]
fn a_file_for_another_profile_of_the_same_adapter() {
    let statement = std::fs::read(paths::export("cmb-debit.csv")).unwrap();
    let says = ["table.header_missing at header", "balance (余额)"];
    Bad { name: "cmb.csv", bytes: &statement, profile: "boc-debit", says: &says }.is_refused();
}

/// One byte more than may be: told before anything is read. The limit itself is allowed.
#[test]
fn a_huge_file() {
    let text = "customer code,document no,document date,amount,currency\nC1,INV-1,2024-01-10,1000.00,CNY\n";
    for site in Site::both() {
        let file = site.write("export.csv", text);
        let import = |max: usize| {
            let mut command = site.import_command(&file, "receivables-simple", &[]);
            command.env("RECOUP__IMPORT__FILE_BYTES_MAX", max.to_string());
            recoup_tests::Run::from(command.output().unwrap())
        };
        let _ = site.run(["report", "trial-balance"]).exits(0);
        let before = site.position("main");
        let run = import(text.len() - 1).exits(1).says("error [import.file_too_large]").says("`import.file_bytes_max`");
        let _ = run.says(&format!("has {} bytes, more than the {}", text.len(), text.len() - 1)).says("split the export or raise the limit");
        assert_eq!(site.position("main"), before);
        let _ = import(text.len()).exits(0);
        assert_eq!(site.position("main"), before + 1);
    }
}

#[test]
fn a_file_that_is_not_there_or_is_a_folder() {
    let site = Site::sqlite();
    let missing = site.folder().join("nosuch.csv");
    let run = site.import(&missing, "receivables-simple", &[]).exits(1).says("error [import.unreadable]").says("nosuch.csv");
    let _ = run.says("check that it exists and may be read").says("No such file");
    let run = site.import(site.folder(), "receivables-simple", &[]).exits(1).says("error [import.unreadable]");
    let _ = run.says("check that it exists and may be read");
}

/// A total that does not add up: the records are good and enter, and the contradiction is a finding with its figures.
#[test]
fn a_total_that_does_not_add_up_is_a_finding_with_both_figures() {
    let header = "customer code,customer name,document no,document date,amount,currency";
    let text = format!("{header}\nC1,Alpha,INV-1,2024-01-10,1000.00,CNY\nC1,Alpha,INV-2,2024-02-10,500.00,CNY\ntotal,,,,1600.00,\n");
    for site in Site::both() {
        for (how, system) in [("quarantine", "one"), ("all-or-nothing", "two")] {
            let file = site.write("export.csv", &text);
            let run = site.import(&file, "receivables-simple", &["--bad-records", how, "--system", system]).exits(0);
            let finding = run.row("findings", &[("at", "line 4"), ("code", "import.control_total")]);
            let message = finding["message"].as_str().unwrap();
            assert!(message.contains("stated 1600.00, read 1500.00"), "{message}");
            assert!(message.contains("compare the export with its source"), "{message}");
            assert_eq!(run.control("ledger.receivables", ""), ["", "1500.00", "1500.00", "yes"]);
        }
        assert_eq!(site.state("main").receivables.len(), 4);
    }
}
