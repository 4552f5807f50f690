//! Real exports through the program on both databases. Every figure is the file's own or was added up by hand from
//! it, never taken from what the program said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site, paths};

#[track_caller]
fn import(site: &Site, file: &str, profile: &str, ledger: &str) -> Run {
    site.import(&paths::export(file), profile, &["--ledger", ledger])
}

/// Cells of a trial balance row: claims, applied, open, received, unapplied.
#[track_caller]
fn balance(site: &Site, ledger: &str, debtor: &str) -> [String; 5] {
    let report = site.run(["--format", "json", "--ledger", ledger, "report", "trial-balance"]).exits(0);
    let row = report.row("trial_balance", &[("debtor", debtor)]);
    ["claims", "applied", "open", "received", "unapplied"].map(|k| row[k].as_str().unwrap().to_owned())
}

/// 24 documents, seven of them or of their receipts cancelled; the totals are those that the file states.
/// One credit note in euro names an invoice in dollars: it enters, its pointer waits.
#[test]
fn portugal_agrees_with_its_totals_and_allocates_its_receipt() {
    for site in Site::both() {
        let run = import(&site, "saft_idemo599999999.xml", "saft", "pt").exits(3);
        assert_eq!(run.control("sales-invoices.count", "")[..2], ["24", "24"]);
        assert_eq!(run.control("sales-invoices.debit", "")[..2], ["2201.7838", "2201.7838"]);
        let credit = run.control("sales-invoices.credit", "");
        assert_eq!((credit[0].trim_end_matches('0'), credit[1].as_str(), credit[3].as_str()), ("14918.709", "14918.7090", "yes"));
        assert_eq!(run.control("payments.methods", "")[3], "yes");
        assert_eq!(run.count("refused"), 1);
        let pointer = run.row("refused", &[("key", "2T A/1>1T 1/2"), ("code", "import.currency_mismatch")]);
        assert!(pointer["message"].as_str().unwrap().contains("EUR cannot be applied to a receivable in USD"));
        let cancelled = run.row("left_out", &[("reason", "cancelled")]);
        assert_eq!(cancelled["records"], "7");

        let state = site.state("pt");
        let line = |lines: &[String], key: &str| lines.iter().find(|l| l.starts_with(key)).unwrap().clone();
        let receipt = line(&state.receipts, "saft:PGT 1T1/1 ");
        assert!(receipt.contains("7000.00 EUR") && receipt.ends_with("unapplied Some((0, 0))"), "{receipt}");
        let invoice = line(&state.receivables, "saft:1T 1/6 ");
        assert!(invoice.contains("7000.00 EUR") && invoice.ends_with("open Some((0, 0))"), "{invoice}");
        let applied = line(&state.applications, "Some(\"saft:PGT 1T1/1\") to Some(\"saft:1T 1/6\")");
        assert!(applied.ends_with(": 700000"), "{applied}");
        // 13 documents count, none of them cancelled; the cancelled receipt is not there.
        assert_eq!(state.receivables.len(), 13);
        assert!(!state.receipts.iter().any(|l| l.starts_with("saft:PGT 1T1/2 ")));
    }
}

/// The receipt states two means of payment, 5,500 and 1,500, which make its 7,000.00.
#[test]
fn portugal_receipt_is_the_sum_of_its_means() {
    let bytes = std::fs::read(paths::export("saft_idemo599999999.xml")).unwrap();
    let text = encoding_rs::WINDOWS_1252.decode(&bytes).0;
    for site in Site::both() {
        let file = site.write("wrong.xml", encoding_rs::WINDOWS_1252.encode(&text.replacen(">5500<", ">5400<", 1)).0);
        let run = site.import(&file, "saft", &["--ledger", "pt"]);
        let [stated, read, _, agrees] = run.control("payments.methods", "");
        assert_eq!((stated.as_str(), read.trim_end_matches(".00"), agrees.as_str()), ("7000.00", "6900", "NO"));
        let finding = run.row("findings", &[("key", "payments.methods")]);
        assert!(finding["message"].as_str().unwrap().contains("compare the export with its source"));
    }
}

/// The ledger lines make 25,000 on either side as stated. Customer 12000 closes at 12,345.67 by the file's word, and
/// at its opening 1,234.56 by the file's lines.
#[test]
fn norway_balances_and_contradicts_itself_for_customer_12000() {
    for site in Site::both() {
        let run = import(&site, "saft-no-example.xml", "saft", "no").exits(0);
        assert_eq!(run.control("gl.debit", ""), ["25000", "25000", "", "yes"]);
        assert_eq!(run.control("gl.credit", ""), ["25000", "25000", "", "yes"]);
        assert_eq!(run.control("customer.closing", "12000"), ["12345.67", "1234.56", "1234.56", "NO"]);
        let finding = run.row("findings", &[("at", "12000")]);
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains("12345.67") && message.contains("1234.56"), "{message}");
        assert_eq!(balance(&site, "no", "12000 Kunden AS"), ["1234.56", "0.00", "1234.56", "0.00", "0.00"]);
    }
}

/// 50.00 + 5,771.00 + 3,000.00 + 1,000.00 came in.
#[test]
fn bank_of_china_holds_its_running_balance() {
    for site in Site::both() {
        let run = import(&site, "boc-debit.csv", "boc-debit", "main").exits(0);
        assert_eq!(run.control("running-balance", ""), ["16", "16", "", "yes"]);
        assert_eq!(run.control("rows", "")[1], "17");
        assert_eq!(run.control("receipts", "CNY")[1], "4");
        assert_eq!(run.control("net", "CNY")[1], "426.70");
        assert_eq!(run.control("ledger.receipts", ""), ["", "9821.00", "9821.00", "yes"]);
        assert_eq!((run.count("added"), run.count("skipped")), (4, 13));
        assert_eq!(balance(&site, "main", "total"), ["0.00", "0.00", "0.00", "9821.00", "9821.00"]);
    }
}

#[test]
fn icbc_contradicts_its_total_row() {
    for site in Site::both() {
        for how in ["quarantine", "all-or-nothing"] {
            let run = site.import(&paths::export("icbc-debit-v2.csv"), "icbc-debit-v2", &["--bad-records", how, "--system", how]).exits(0);
            assert_eq!(run.control("total.in", "line 20"), ["1234.56", "2841.74", "", "NO"]);
            assert_eq!(run.control("total.out", "line 20"), ["9876.54", "4241.08", "", "NO"]);
            for (key, stated, read) in [("total.in", "1234.56", "2841.74"), ("total.out", "9876.54", "4241.08")] {
                let finding = run.row("findings", &[("at", "line 20"), ("key", key)]);
                let message = finding["message"].as_str().unwrap();
                assert!(message.contains(&format!("stated {stated}, read {read}")), "{message}");
                assert!(message.contains("compare the export with its source"), "{message}");
            }
            assert_eq!(run.count("added"), 5);
        }
        // Twice, as two sources: 2 × 2,841.74.
        assert_eq!(balance(&site, "main", "total"), ["0.00", "0.00", "0.00", "5683.48", "5683.48"]);
    }
}

#[test]
fn china_merchants_nets_to_minus_779_14() {
    for site in Site::both() {
        let run = import(&site, "cmb-debit.csv", "cmb-debit", "main").exits(0);
        assert_eq!(run.control("rows", "")[1], "5");
        assert_eq!(run.control("net", "CNY")[1], "-779.14");
        assert_eq!(balance(&site, "main", "total"), ["0.00", "0.00", "0.00", "1234.00", "1234.00"]);
    }
}

/// 2,000,000.00 + 560,000.00 + 328,450.50 + 95,000.00 in CNY and 50,000.00 USD for 355,000.00; a red invoice of
/// 12,450.50; receipts of 150,000 + 1,200,000 + 30,000 + 800,000, of which all but 30,000.00 clear invoices.
#[test]
fn u8_claims_receipts_and_clearing() {
    for site in Site::both() {
        let run = import(&site, "u8-ar-detail-selfmade.csv", "u8-ar-detail", "main").exits(0);
        assert_eq!(run.control("total.debit_local", "line 20"), ["5476000.00", "5476000.00", "", "yes"]);
        assert_eq!(run.control("total.credit_local", "line 20"), ["4330000.00", "4330000.00", "", "yes"]);
        assert_eq!(run.control("receivables.amount", "USD")[1], "50000.00");
        assert_eq!(run.control("ledger.receivables", ""), ["", "3338450.50", "3338450.50", "yes"]);
        assert_eq!(run.count("refused"), 0);
        // 2,180,000.00 of money and the red invoice as a credit; 1,200,000 + 800,000 + 150,000 applied.
        assert_eq!(balance(&site, "main", "total"), ["3338450.50", "2150000.00", "1188450.50", "2192450.50", "42450.50"]);
        let owed = balance(&site, "main", "C002 江岭路桥工程有限公司");
        assert_eq!(owed, ["560000.00", "150000.00", "410000.00", "180000.00", "30000.00"]);
        assert_eq!(balance(&site, "main", "C001 中衡八局第三建设有限公司")[2], "0.00");
        // 90 days from 2022-03-01.
        let terms = site.state("main").receivables.into_iter().find(|l| l.starts_with("u8-ar-detail:27/AR-2022-0033 ")).unwrap();
        assert!(terms.contains("due Some(2022-05-30) Terms"), "{terms}");
    }
}

/// Heads are filled down, instalments are receivables: 665,500.00 of K1001 is 300,000 + 300,000 + 65,500. The total
/// 2,151,659.75 holds the cancelled bill of 9,999.00, which is left out, and the red one of −8,800.00.
#[test]
fn kingdee_instalments_and_a_cancelled_bill() {
    for site in Site::both() {
        let run = import(&site, "kingdee-cloud-ar-selfmade.csv", "kingdee-cloud-ar", "main").exits(0);
        assert_eq!(run.control("total.amount_local", "line 15"), ["2151659.75", "2151659.75", "", "yes"]);
        assert_eq!(run.row("left_out", &[("reason", "cancelled")])["records"], "1");
        // 2,151,659.75 − 9,999.00 + 8,800.00
        assert_eq!(run.control("ledger.receivables", ""), ["", "2150460.75", "2150460.75", "yes"]);
        assert_eq!(balance(&site, "main", "total"), ["2150460.75", "0.00", "2150460.75", "8800.00", "8800.00"]);
        // 665,500.00 and the 36,400.00 of AR00000163.
        assert_eq!(balance(&site, "main", "K1001 沅泽重工集团股份有限公司")[0], "701900.00");
        // 20,000 + 15,000 USD at 7.1.
        assert_eq!(balance(&site, "main", "K1004 云舸进出口有限公司")[0], "248500.00");
        assert_eq!(site.state("main").receivables.len(), 10);
    }
}
