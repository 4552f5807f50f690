//! What each option of a profile does to a table, and what the table says without it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;
use common::{control, counts, dec, json, of, on, read, sum};
use recoup_sdk::adapter::{Control, DueSource, ItemKind, Items};

/// A small ledger: a bill, its day, its debtor and its amount. Options are put before, within and behind it.
const LEDGER: &str = r#"encoding = "utf-8"
[values]
currency = "CNY"
[columns]
bill = { headers = ["bill"], required = true }
date = { headers = ["date"], required = true }
customer = { headers = ["customer"], required = true }
amount = { headers = ["amount"], required = true }
[party]
key = "customer"
[[rules]]
kind = "receivable"
key = "bill"
date = "date"
amount = "amount"
"#;

/// The profile with some of its lines written otherwise.
fn ledger(changes: &[(&str, &str)]) -> String {
    let mut toml = LEDGER.to_owned();
    for (from, to) in changes {
        assert_eq!(toml.matches(from).count(), 1, "{from}");
        toml = toml.replace(from, to);
    }
    json(&toml)
}

/// Entries at the head of the profile, before its tables.
fn with(entries: &str) -> String {
    ledger(&[("encoding = \"utf-8\"\n", &format!("encoding = \"utf-8\"\n{entries}\n"))])
}

fn table(text: &str, profile: &str) -> (Items, Vec<Control>) {
    read(text.as_bytes(), profile).unwrap()
}

/// Line, code and text of each issue.
fn issues(items: &Items) -> Vec<(u64, &str, &str)> {
    of(items, ItemKind::Issue).iter().map(|i| (i.row, i.document, i.text)).collect()
}

/// A statement as the China Construction Bank writes it: five rows of labels above the header, dates without marks,
/// and a last row that says the branch's own books count.
const CCB: &str = "中国建设银行账户明细信息,,,,,,,,,,
卡号/账号:,6227000000001234,,,,,,,,,
客户名称:,沧澜建工有限公司,,,,,,,,,
起始日期:,20240501,,,,,,,,,
结束日期:,20240531,,,,,,,,,
记账日,交易日期,交易时间,支出,收入,账户余额,币种,摘要,对方账号,对方户名,交易地点
20240506,20240506,09:30:00,0.00,1000.00,1500.00,人民币元,收工程款,4367001,甲公司,网点
20240508,20240508,10:00:00,20.00,0.00,1480.00,人民币元,手续费,,,网点
20240520,20240520,15:12:09,0.00,250.50,1730.50,人民币元,收工程款,4367002,乙公司,网点
以上数据仅供参考,具体内容请以柜台为准,,,,,,,,,
";

fn ccb(footer: &str) -> String {
    json(&format!(
        r#"encoding = "utf-8"
[rows]
{footer}
[columns]
account = {{ preamble = "卡号/账号", required = true }}
date = {{ headers = ["记账日"], required = true }}
time = {{ headers = ["交易时间"], required = true }}
out = {{ headers = ["支出"], required = true }}
in = {{ headers = ["收入"], required = true }}
balance = {{ headers = ["账户余额"], required = true }}
currency = {{ headers = ["币种"], required = true }}
memo = {{ headers = ["摘要"] }}
payer_account = {{ headers = ["对方账号"] }}
payer = {{ headers = ["对方户名"] }}
[[rules]]
kind = "receipt"
key = {{ hash = ["account", "time", "balance"] }}
date = "date"
currency = "currency"
amount = {{ plus = "in", minus = "out" }}
negative = "money-out"
name = "payer"
account = "payer_account"
text = "memo"
[balance]
column = "balance"
amount = {{ plus = "in", minus = "out" }}
order = "oldest-first"
"#
    ))
}

#[test]
fn a_footer_is_neither_a_row_nor_an_issue() {
    let (items, controls) = table(CCB, &ccb("footer = [\"以上数据仅供参考\"]"));
    assert_eq!(counts(&items), [(ItemKind::Receipt, 2), (ItemKind::Skipped, 1)]);
    // 1,000.00 + 250.50
    assert_eq!(sum(&of(&items, ItemKind::Receipt)), "1250.50");
    assert_eq!(control(&controls, "rows", ""), (None, "3"));
    assert_eq!(control(&controls, "issues", ""), (None, "0"));
    // 1,500.00 - 20.00 = 1,480.00, and 1,480.00 + 250.50 = 1,730.50.
    assert_eq!(control(&controls, "running-balance", ""), (Some("2"), "2"));
    let last = &of(&items, ItemKind::Receipt)[1];
    assert_eq!((last.row, last.name, last.account, last.amount, last.date), (9, "乙公司", "4367002", dec(25_050, 2), on(2024, 5, 20)));
}

/// It is found by its first words, in whichever cell they stand, with one cell or with many.
#[test]
fn a_footer_is_known_by_its_first_words() {
    let profile = ccb("footer = [\"以上数据仅供参考\"]");
    let rows = CCB.split_once("以上").unwrap().0;
    for footer in ["以上数据仅供参考|具体内容请以柜台为准", ",,以上数据仅供参考,,", "\"以上数据仅供参考，\n具体内容请以柜台为准\"\n"]
    {
        let (items, controls) = table(&format!("{rows}{footer}"), &profile);
        assert_eq!(counts(&items), [(ItemKind::Receipt, 2), (ItemKind::Skipped, 1)], "{footer}");
        assert_eq!(control(&controls, "rows", ""), (None, "3"), "{footer}");
    }
}

/// Nothing is dropped in silence: a footer that no profile names is a row that cannot be read.
#[test]
fn a_footer_that_the_profile_does_not_name_is_an_issue() {
    let (items, controls) = table(CCB, &ccb(""));
    let [(row, code, text)] = issues(&items)[..] else { panic!("{items:?}") };
    assert_eq!((row, code), (10, "table.missing_field"));
    assert!(text.contains("Column `币种`"), "{text}");
    assert_eq!(control(&controls, "rows", ""), (None, "4"));
}

/// A second row of headers, in another language, is no data.
#[test]
fn rows_behind_the_header_can_be_skipped() {
    let file = "bill,date,customer,amount\n单据,日期,客户,金额\nB1,2024-01-31,C1,5\n";
    let (items, controls) = table(file, &with("[header]\nskip_after = 1"));
    assert_eq!(counts(&items), [(ItemKind::Party, 1), (ItemKind::Receivable, 1)]);
    assert_eq!(of(&items, ItemKind::Receivable)[0].row, 3);
    assert_eq!(control(&controls, "rows", ""), (None, "1"));
    let (items, _) = table(file, &with(""));
    assert_eq!(issues(&items).iter().map(|i| (i.0, i.1)).collect::<Vec<_>>(), [(2, "table.bad_date")]);
    // More than there are is no error: the file has no data.
    let (items, _) = table(file, &with("[header]\nskip_after = 9"));
    assert_eq!(counts(&items), []);
}

/// The amount in the document's currency, then in the ledger's: two columns under one header.
#[test]
fn one_of_several_columns_with_one_header_is_named_by_its_number() {
    let file = "bill,date,customer,amount,amount\nB1,2024-01-31,C1,50,355\n";
    let column = "amount = { headers = [\"amount\"], required = true }";
    let nth = |n: u8| ledger(&[(column, &column.replace(" }", &format!(", nth = {n} }}")))]);
    for (n, amount) in [(1, 50), (2, 355)] {
        let (items, _) = table(file, &nth(n));
        assert_eq!(of(&items, ItemKind::Receivable)[0].amount, dec(amount, 0), "column {n}");
    }
    let problem = read(file.as_bytes(), &with("")).unwrap_err();
    assert_eq!(problem.code, "table.header_ambiguous");
    assert!(problem.to_string().contains("columns 4 and 5. Say with `columns.amount.nth`"), "{problem}");
}

/// A measure in inches and a name in quotes are text like any other, and a quote may stand alone.
#[test]
fn without_quotes_a_quote_is_a_character_of_its_cell() {
    let file = "bill,date,customer,amount\n3\" pipe,2024-01-31,\"Alpha\" Ltd,5\nB2,2024-01-31,\"Beta,7\n";
    let (items, _) = table(file, &with("quote = \"\""));
    let claims: Vec<_> = of(&items, ItemKind::Receivable).iter().map(|c| (c.row, c.key, c.party)).collect();
    assert_eq!(claims, [(2, "3\" pipe", "\"Alpha\" Ltd"), (3, "B2", "\"Beta")]);
    assert_eq!(sum(&of(&items, ItemKind::Receivable)), "12");
    let (items, _) = table(file, &with(""));
    assert_eq!(issues(&items).iter().map(|i| (i.0, i.1)).collect::<Vec<_>>(), [(2, "table.bad_quote"), (3, "table.open_quote")]);
}

/// The delimiter of such a file cannot be hidden: a cell that holds one makes its row too long.
#[test]
fn without_quotes_a_delimiter_always_ends_its_cell() {
    let (items, _) = table("bill,date,customer,amount\nB1,2024-01-31,\"Alpha, Ltd\",5\n", &with("quote = \"\""));
    assert_eq!(issues(&items).iter().map(|i| (i.0, i.1)).collect::<Vec<_>>(), [(2, "table.ragged")]);
}

/// Blank cells behind the last header are usual, and usually allowed.
#[test]
fn a_row_with_blank_cells_too_many_is_an_issue_only_where_the_profile_says_so() {
    let file = "bill,date,customer,amount\nB1,2024-01-31,C1,5,,\nB2,2024-01-31,C1,7\nB3,2024-01-31,C1,9,x\n";
    for entries in ["", "[rows]\nlong = \"allow-blank\""] {
        let (items, _) = table(file, &with(entries));
        // 5 + 7
        assert_eq!(sum(&of(&items, ItemKind::Receivable)), "12");
        assert_eq!(issues(&items).iter().map(|i| (i.0, i.1)).collect::<Vec<_>>(), [(4, "table.ragged")]);
    }
    let (items, _) = table(file, &with("[rows]\nlong = \"issue\""));
    assert_eq!(sum(&of(&items, ItemKind::Receivable)), "7");
    let said = issues(&items);
    assert_eq!(said.iter().map(|i| (i.0, i.1)).collect::<Vec<_>>(), [(2, "table.ragged"), (4, "table.ragged")]);
    assert_eq!(said[0].2, "The row has 6 cells where the header has 4. Is a delimiter inside a cell that is not quoted? Quote the cell in the source.");
}

/// A stated due date counts, then terms. Only then does the document date stand in, and it says that it does.
#[test]
fn the_document_date_is_a_due_date_only_where_the_profile_says_so() {
    let columns = "amount = { headers = [\"amount\"], required = true }\ndue = { headers = [\"due\"] }\ndays = { headers = [\"days\"] }";
    let rule = "amount = \"amount\"\ndue = \"due\"\nterms = { start = \"date\", days = \"days\" }";
    let profile = |more: &str| {
        let rule = format!("{rule}\n{more}");
        ledger(&[("amount = { headers = [\"amount\"], required = true }", columns), ("amount = \"amount\"", &rule)])
    };
    let file = "bill,date,customer,amount,due,days\nB1,2024-01-31,C1,5,2024-03-01,30\nB2,2024-01-31,C1,5,,30\nB3,2024-01-31,C1,5,,\n";
    let due = |profile: &str| -> Vec<_> { of(&table(file, profile).0, ItemKind::Receivable).iter().map(|c| (c.due, c.due_source)).collect() };
    // 30 days from 31 January 2024: 29 in February, and one in March.
    let first = [(on(2024, 3, 1), DueSource::Stated), (on(2024, 3, 1), DueSource::Terms)];
    let with = |last| [&first[..], &[last]].concat();
    assert_eq!(due(&profile("due_on_document_date = true")), with((on(2024, 1, 31), DueSource::DocumentDate)));
    assert_eq!(due(&profile("due_on_document_date = false")), with((None, DueSource::Unknown)));
    assert_eq!(due(&profile("")), with((None, DueSource::Unknown)));
}

/// Each column takes the cell above it, whichever document that belongs to. An anchor keeps one document's
/// contract out of the next; without one, a dash must say that there is none.
#[test]
fn without_an_anchor_each_column_is_filled_down_on_its_own() {
    let filled = |column: &str| format!("{column} = {{ headers = [\"{column}\"], required = true, fill_down = true }}");
    let plain = |column: &str| filled(column).replace(", fill_down = true", "");
    let columns = format!("{}\n{}", filled("customer"), filled("contract"));
    let (bill, date) = (plain("bill"), plain("date"));
    let changes = [
        (bill.as_str(), filled("bill") + "\nline = { headers = [\"line\"], required = true }"),
        (date.as_str(), filled("date")),
        ("customer = { headers = [\"customer\"], required = true }", columns),
        ("[party]\n", "[contract]\nkey = \"contract\"\n[party]\n".to_owned()),
        ("key = \"bill\"", "key = [\"bill\", \"line\"]".to_owned()),
    ];
    let changes: Vec<(&str, &str)> = changes.iter().map(|(from, to)| (*from, to.as_str())).collect();
    let alone = ledger(&changes);
    let anchored = ledger(&[&changes[..], &[("encoding = \"utf-8\"\n", "encoding = \"utf-8\"\n[rows]\nanchor = \"bill\"\n")]].concat());
    let file =
        "bill,line,date,customer,contract,amount\nB1,1,2024-01-31,C1,HT-1,5\n,2,,,,6\nB2,1,2024-02-29,C2,,7\n,2,2024-03-31,,,8\nB3,1,2024-04-30,C3,-,9\n";
    let read = |profile: &str| -> Vec<(String, String, String, Option<i32>)> {
        let (items, _) = table(file, profile);
        assert_eq!(issues(&items), []);
        of(&items, ItemKind::Receivable).iter().map(|c| (c.key.into(), c.party.into(), c.contract.into(), c.date)).collect()
    };
    let claim = |key: &str, party: &str, contract: &str, date| (key.to_owned(), party.to_owned(), contract.to_owned(), date);
    let first = [claim("B1/1", "C1", "HT-1", on(2024, 1, 31)), claim("B1/2", "C1", "HT-1", on(2024, 1, 31))];
    let last = claim("B3/1", "C3", "", on(2024, 4, 30));
    let of_the_second = |contract: &str| [claim("B2/1", "C2", contract, on(2024, 2, 29)), claim("B2/2", "C2", contract, on(2024, 3, 31))];
    assert_eq!(read(&alone), [&first[..], &of_the_second("HT-1"), std::slice::from_ref(&last)].concat());
    assert_eq!(read(&anchored), [&first[..], &of_the_second(""), std::slice::from_ref(&last)].concat());
}
