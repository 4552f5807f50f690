//! Small tables made for one question each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;
use common::{control, counts, dec, json, of, on, profile, read, sum};
use proptest::prelude::*;
use recoup_adapter_table::Table;
use recoup_sdk::adapter::{Adapter, Input, ItemKind, native};

const HEAD: &str = "customer code,customer name,document no,document date,due date,amount,currency,contract,stage\n";

fn simple(rows: &str) -> Vec<u8> {
    format!("{HEAD}{rows}").into_bytes()
}

/// The codes and rows of the issues of a simple table.
fn issues(rows: &str) -> Vec<(u64, String, String)> {
    let (items, _) = read(&simple(rows), &profile("receivables-simple")).unwrap();
    of(&items, ItemKind::Issue).iter().map(|i| (i.row, i.document.to_owned(), i.text.to_owned())).collect()
}

fn refused(bytes: &[u8], profile: &str, code: &str) -> String {
    let problem = read(bytes, profile).unwrap_err();
    assert_eq!(problem.code, code, "{problem}");
    problem.to_string()
}

#[test]
fn ones_own_csv_in_either_language() {
    let english = simple("C1,Acme,INV-1,2024-01-31,2024-03-31,\"1,000.50\",CNY,HT-1,settled\nC1,Acme,INV-2,2024-02-01,,20,CNY,,\n");
    let (items, _) = read(&english, &profile("receivables-simple")).unwrap();
    assert_eq!(counts(&items), [(ItemKind::Party, 1), (ItemKind::Contract, 1), (ItemKind::Receivable, 2)]);
    let claim = &of(&items, ItemKind::Receivable)[0];
    assert_eq!((claim.key, claim.party, claim.contract, claim.cites), ("INV-1", "C1", "HT-1", "settled"));
    assert_eq!((claim.amount, claim.date, claim.due), (dec(100_050, 2), on(2024, 1, 31), on(2024, 3, 31)));
    let chinese = "\u{feff}应收款项清单\r\n（金额单位：人民币万元）\r\n客户编码,客户名称,单据编号,单据日期,到期日,应收金额,币种,合同号,结算状态\r\nC1,甲公司,YS-1,2024年1月31日,2024/3/31,１２.５,人民币,,已结算\r\n合计,,,,,12.5,,,\r\n";
    let (items, controls) = read(chinese.as_bytes(), &profile("receivables-simple")).unwrap();
    let claim = &of(&items, ItemKind::Receivable)[0];
    // 12.5 of ten thousand yuan.
    assert_eq!((claim.amount, claim.cites, claim.row), (dec(125_000, 0), "settled", 4));
    assert_eq!(control(&controls, "total.amount", "line 5"), (Some("125000"), "125000"));
}

/// A cash book may hold one. It does not name the receipt that it takes back, so nobody can say what it means.
#[test]
fn a_receipt_below_zero_is_refused() {
    let file =
        "receipt no,booking date,customer code,amount,currency,payer,payer account\nR1,2024-05-01,C1,600.00,CNY,Acme,123\nR2,2024-05-02,,(40.00),CNY,,\n";
    let (items, controls) = read(file.as_bytes(), &profile("receipts-simple")).unwrap();
    assert_eq!(counts(&items), [(ItemKind::Party, 1), (ItemKind::Receipt, 1), (ItemKind::Issue, 1)]);
    let issue = &of(&items, ItemKind::Issue)[0];
    assert_eq!((issue.row, issue.key, issue.document), (3, "R2", "table.negative_amount"));
    assert_eq!(issue.text, "The amount -40.00 is below zero. Correct it, or say in the profile what `negative` means.");
    assert_eq!(control(&controls, "receipts.amount", "CNY"), (None, "600.00"));
}

/// On an account money goes out too, and is nobody's receipt. What came in less what went out is stated beside it.
#[test]
fn money_out_of_an_account_is_left_out_and_counted() {
    let statement =
        "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\n2024-05-01,人民币,600.00,600.00,转账,甲公司,\n2024-05-02,人民币,-40.00,560.00,手续费,,\n";
    let (items, controls) = read(statement.as_bytes(), &profile("cmb-debit")).unwrap();
    assert_eq!(counts(&items), [(ItemKind::Receipt, 1), (ItemKind::Skipped, 1)]);
    assert_eq!(control(&controls, "money-out.amount", "CNY"), (None, "40.00"));
    // 600.00 - 40.00
    assert_eq!(control(&controls, "net", "CNY"), (None, "560.00"));
}

#[test]
fn every_bad_row_is_an_issue_and_the_rest_is_read() {
    let rows = "C1,A,N1,2024-09-31,,1,CNY,,\nC1,A,N2,2024-09-30,,12x,CNY,,\nC1,A,,2024-09-30,,1,CNY,,\nC1,A,N4,2024-09-30,,1,Taler,,\nC1,A,N5,2024-09-30,,1,CNY,,lost\n,A,N6,2024-09-30,,1,CNY,,\nC1,A,N7,2024-09-30,,,CNY,,\nC1,A,N8,30/9/24,,1,CNY,,\nC1,A,N9,2024-09-30,,1,CNY,,,more\nC1,A,N10,2024-09-30,,5,CNY,,\n";
    let found = issues(rows);
    let codes: Vec<(u64, &str)> = found.iter().map(|(row, code, _)| (*row, code.as_str())).collect();
    assert_eq!(
        codes,
        [
            (2, "table.bad_date"),
            (3, "table.bad_amount"),
            (4, "table.missing_field"),
            (5, "table.unknown_currency"),
            (6, "table.unknown_stage"),
            (7, "table.missing_field"),
            (8, "table.missing_field"),
            (9, "table.bad_date"),
            (10, "table.ragged"),
        ]
    );
    assert!(found[0].2.contains("`2024-09-31` in column `document date` is no day of the calendar"), "{}", found[0].2);
    assert!(found[1].2.contains("`12x` in column `amount`"), "{}", found[1].2);
    assert!(found[3].2.contains("`Taler`") && found[3].2.contains("values.currencies"), "{}", found[3].2);
    assert!(found[7].2.contains("values.dates"), "{}", found[7].2);
    assert!(found[8].2.contains("10 cells where the header has 9"), "{}", found[8].2);
    let (items, controls) = read(&simple(rows), &profile("receivables-simple")).unwrap();
    assert_eq!(of(&items, ItemKind::Receivable)[0].key, "N10");
    assert_eq!(control(&controls, "rows", ""), (None, "10"));
    assert_eq!(control(&controls, "issues", ""), (None, "9"));
    // The key of a bad row is stated when it is known: a later file mends the record by it.
    let keys: Vec<&str> = of(&items, ItemKind::Issue).iter().map(|i| i.key).collect();
    assert_eq!(keys, ["N1", "N2", "", "N4", "N5", "N6", "N7", "N8", ""]);
}

/// A key that lacks a part would be another record's, which a later file would then seem to mend.
#[test]
fn a_bad_row_without_all_of_its_key_states_none() {
    let profile = json(
        r#"encoding = "utf-8"
[values]
currency = "CNY"
dates = ["YYYY-MM-DD"]
[columns]
bill = { headers = ["bill"], required = true }
line = { headers = ["line"], required = true }
date = { headers = ["date"], required = true }
customer = { constant = "C1" }
amount = { headers = ["amount"], required = true }
[party]
key = "customer"
[[rules]]
kind = "receivable"
key = ["bill", "line"]
date = "date"
amount = "amount"
"#,
    );
    let (items, _) = read(b"bill,line,date,amount\nB1,,2024-01-10,1\nB1,2,2024-02-30,1\nB1,,2024-02-30,1\nB1,3,2024-01-10,1\n", &profile).unwrap();
    let keys: Vec<&str> = of(&items, ItemKind::Issue).iter().map(|i| i.key).collect();
    assert_eq!(keys, ["", "B1/2", ""]);
    assert_eq!(of(&items, ItemKind::Receivable)[0].key, "B1/3");
}

#[test]
fn quotes_and_line_ends() {
    let rows = "C1,\"A \"\"B\"\", Ltd\nSecond line\",N1,2024-09-30,,1,CNY,,\rC2,\"plain\",N2,2024-09-30,,2,CNY,,\r\nC3,say \"hi\",N3,2024-09-30,,3,CNY,,";
    let (items, _) = read(&simple(rows), &profile("receivables-simple")).unwrap();
    let names: Vec<(&str, u64)> = of(&items, ItemKind::Party).iter().map(|p| (p.name, p.row)).collect();
    assert_eq!(names, [("A \"B\", Ltd\nSecond line", 2), ("plain", 4), ("say \"hi\"", 5)]);
    assert_eq!(sum(&of(&items, ItemKind::Receivable)), "6");
}

#[test]
fn quotes_that_do_not_close_cost_one_line() {
    let good = "C1,A,N9,2024-09-30,,1,CNY,,\n";
    let found = issues(&format!("C1,\"A,N1,2024-09-30,,1,CNY,,\n{good}"));
    assert_eq!((found[0].0, found[0].1.as_str(), found.len()), (2, "table.open_quote", 1));
    let found = issues(&format!("C1,\"A\"x,N1,2024-09-30,,1,CNY,,\n{good}"));
    assert_eq!((found[0].0, found[0].1.as_str(), found.len()), (2, "table.bad_quote", 1));
    // Far enough behind the open quote, the limit of a record stops the search.
    let many = good.repeat(5_000);
    let (items, _) = read(&simple(&format!("C1,\"A,N1,2024-09-30,,1,CNY,,\n{many}")), &profile("receivables-simple")).unwrap();
    assert_eq!(of(&items, ItemKind::Issue)[0].document, "table.record_too_long");
    assert_eq!(of(&items, ItemKind::Receivable).len(), 5_000);
}

#[test]
fn a_record_longer_than_the_limit_is_an_issue() {
    let long = format!("C1,{},N1,2024-09-30,,1,CNY,,\nC1,A,N2,2024-09-30,,1,CNY,,\n", "x".repeat(700_000));
    let found = issues(&long);
    assert_eq!((found[0].0, found[0].1.as_str(), found.len()), (2, "table.record_too_long", 1));
    let (items, _) = read(&simple(&long), &profile("receivables-simple")).unwrap();
    assert_eq!((of(&items, ItemKind::Receivable)[0].key, of(&items, ItemKind::Receivable)[0].row), ("N2", 3));
}

#[test]
fn files_that_cannot_be_used_say_why() {
    let p = profile("receivables-simple");
    refused(b"", &p, "file.empty");
    assert!(refused(b"PK\x03\x04....", &p, "file.binary").contains(".xlsx"));
    assert!(refused(b"\xd0\xcf\x11\xe0\xa1\xb1", &p, "file.binary").contains(".xls"));
    assert!(refused(&simple("C1,A\0B\n"), &p, "file.binary").contains(&format!("byte {}", HEAD.len() + 4)));
    assert!(refused(b"\xff\xfec\0", &p, "file.encoding").contains("UTF-16"));
    let text = refused(b"a,b\n1,2\n", &p, "table.header_missing");
    assert!(text.contains("`a`, `b`") && text.contains("customer (customer code / customer / 客户编码"), "{text}");
    // GB18030 bytes where UTF-8 is stated: 应收 is D3 A6 CA D5, of which the first two happen to be UTF-8.
    let text = refused(b"\xd3\xa6\xca\xd5,x\n", &p, "file.encoding");
    assert!(text.contains("byte 2") && text.contains("Is it GB18030"), "{text}");
    // UTF-8 where GB18030 is stated.
    let u8 = profile("u8-ar-detail");
    assert!(refused("\u{feff}客户编码,x\n".as_bytes(), &u8, "file.encoding").contains("State utf-8"));
    assert!(refused("客户编码,客户名称\n".as_bytes(), &u8, "table.header_missing").contains("GB18030 is not the file's encoding"));
    let unit = "单位：文\ncustomer code,document no,document date,amount,currency\n";
    assert!(refused(unit.as_bytes(), &p, "table.unknown_unit").contains("`文`"));
    let twice = "customer code,document no,document date,amount,currency,Amount\n";
    assert!(refused(twice.as_bytes(), &p, "table.header_ambiguous").contains("columns 4 and 6"));
}

#[test]
fn bytes_that_are_no_text_cost_their_row() {
    let mut file = simple("C1,A,N1,2024-09-30,,1,CNY,,\n");
    let at = file.len() + 3;
    file.extend(b"C1,\xff\xfe,N2,2024-09-30,,1,CNY,,\nC1,A,N3,2024-09-30,,1,CNY,,\n");
    let (items, _) = read(&file, &profile("receivables-simple")).unwrap();
    let issue = &of(&items, ItemKind::Issue)[0];
    assert_eq!((issue.row, issue.document), (3, "table.bad_encoding"));
    assert!(issue.text.contains(&format!("byte {at} ")), "{} {at}", issue.text);
    assert_eq!(of(&items, ItemKind::Receivable).len(), 2);
}

#[test]
fn signs_by_flag_two_columns_and_negation() {
    let base = |amount: &str| {
        json(&format!(
            r#"encoding = "windows-1252"
delimiter = ";"
[values]
decimal = ","
thousands = "."
currency = "EUR"
dates = ["DD.MM.YYYY"]
[columns]
no = {{ headers = ["Beleg"], required = true }}
date = {{ headers = ["Datum"], required = true }}
customer = {{ constant = "K1" }}
a = {{ headers = ["Betrag"] }}
s = {{ headers = ["S/H"] }}
[party]
key = "customer"
[[rules]]
kind = "receivable"
key = "no"
date = "date"
amount = {amount}
negative = "credit-note"
[[totals]]
labels = ["Summe"]
columns = ["a"]
subtotal = true
"#
        ))
    };
    let file = b"Beleg;Datum;Betrag;S/H\r\n1;3.2.2024;1.234,56-;S\r\n2;03.02.2024;100,00;H\r\nSumme;;-1.134,56;\r\n3;03.02.2024;5;S\r\nSumme;;5,00;\r\n";
    let (items, controls) = read(file, &base("\"a\"")).unwrap();
    assert_eq!(counts(&items), [(ItemKind::Party, 1), (ItemKind::Receivable, 2), (ItemKind::CreditNote, 1)]);
    assert_eq!(control(&controls, "total.a", "line 4"), (Some("-1134.56"), "-1134.56"));
    assert_eq!(control(&controls, "total.a", "line 6"), (Some("5.00"), "5"));
    let (items, _) = read(file, &base("{ negate = \"a\" }")).unwrap();
    assert_eq!(of(&items, ItemKind::Receivable)[0].amount, dec(123_456, 2));
    let flagged = "{ column = \"a\", flag = \"s\", plus = [\"S\"], minus = [\"H\"] }";
    let (items, _) = read(file, &base(flagged)).unwrap();
    assert_eq!(of(&items, ItemKind::CreditNote).len(), 2);
    let wrong = String::from_utf8_lossy(file).replace(";H", ";X");
    let (items, _) = read(wrong.as_bytes(), &base(flagged)).unwrap();
    assert_eq!(of(&items, ItemKind::Issue)[0].document, "table.unknown_direction");
}

#[test]
fn profiles_that_contradict_themselves_are_refused() {
    let good = "encoding = \"utf-8\"\n[columns]\na = { headers = [\"a\"] }\n[[rules]]\nkind = \"skip\"\n";
    assert!(read(b"a\n1\n", &json(good)).is_ok());
    for (wrong, by) in [("utf-8", "utf-7"), ("\"skip\"", "\"gift\""), ("kind", "kink"), ("\"skip\"", "\"receipt\""), ("[\"a\"]", "[]")] {
        let problem = read(b"a\n1\n", &json(&good.replacen(wrong, by, 1))).unwrap_err();
        assert_eq!(problem.code, "profile.invalid", "{wrong} -> {by}: {problem}");
    }
    let problem = read(b"a\n", &json(&good.replace("\"skip\"", "\"skip\"\ntext = \"b\""))).unwrap_err();
    assert_eq!(problem.at, "rules[0].text");
}

#[test]
fn every_profile_that_is_shipped_can_be_used() {
    let dir = format!("{}/../../../config/profiles", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        let profile = profile(&name);
        if !profile.contains(r#""adapter":"table""#) {
            continue;
        }
        let problem = native::open::<Table>(&b"x"[..], &profile).err().unwrap();
        assert_eq!(problem.code, "table.header_missing", "{name}: {problem}");
        count += 1;
    }
    assert!(count >= 7, "{count} profiles");
    assert_eq!(Table::describe().profile_schema["type"], "object");
    assert_eq!((Table::probe("a.csv", b"a,b"), Table::probe("a.csv", b"<x/>"), Table::probe("a", b"a;b")), (60, 0, 20));
}

#[test]
fn pieces_of_any_size_give_the_same_items() {
    for (file, name) in
        [("icbc-debit-v2.csv", "icbc-debit-v2"), ("u8-ar-detail-selfmade.csv", "u8-ar-detail"), ("kingdee-cloud-ar-selfmade.csv", "kingdee-cloud-ar")]
    {
        let bytes = common::file(file);
        let whole = read(&bytes, &profile(name)).unwrap();
        for chunk in 1..40 {
            let input = Input::memory(&bytes[..]).in_chunks_of(chunk);
            assert_eq!(native::read_all::<Table>(input, &profile(name)).unwrap(), whole, "{file} in pieces of {chunk}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Quotes, line ends, cut characters and long records: the size of the pieces never matters.
    #[test]
    fn pieces_never_matter(cells in prop::collection::vec("[a,\"\r\n é9.x-]{0,6}|,|\n|\r\n|\"|应", 0..60), junk in prop::collection::vec(any::<u8>(), 0..3), chunk in 1_u32..20) {
        let mut profile: serde_json::Value = serde_json::from_str(&profile("receivables-simple")).unwrap();
        profile["record_max"] = 40.into();
        let profile = profile.to_string();
        let mut bytes = simple("C1,A,N1,2024-09-30,,1,CNY,,\n");
        bytes.extend(cells.concat().bytes());
        bytes.extend(junk);
        bytes.extend(b"\nC2,A,N2,2024-09-30,,1,CNY,,\n");
        let whole = native::read_all::<Table>(Input::memory(&bytes[..]), &profile);
        let pieces = native::read_all::<Table>(Input::memory(&bytes[..]).in_chunks_of(chunk), &profile);
        prop_assert_eq!(whole.is_ok(), pieces.is_ok());
        if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
            prop_assert_eq!(whole, pieces);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), name in prop::sample::select(vec!["boc-debit", "u8-ar-detail", "kingdee-cloud-ar", "receivables-simple"])) {
        let _ = read(&bytes, &profile(name));
        let mut inside = simple("C1,A,N1,2024-09-30,,1,CNY,,\n");
        inside.extend(&bytes);
        let _ = read(&inside, &profile("receivables-simple"));
    }

    #[test]
    fn damaged_files_never_panic(at in 0_usize..2_700, bytes in prop::collection::vec(any::<u8>(), 1..30)) {
        let mut damaged = common::file("u8-ar-detail-selfmade.csv");
        let end = (at + bytes.len()).min(damaged.len());
        damaged.splice(at..end, bytes);
        let _ = read(&damaged, &profile("u8-ar-detail"));
    }
}
