//! Statements of three banks, and self-made ledgers of two accounting systems. The figures are the
//! files' own, or were added up by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;
use common::{control, counts, dec, file, of, on, profile, read, sum};
use recoup_sdk::adapter::{BasisTag, DueSource, ItemKind, ReceivableTag};

#[test]
fn bank_of_china_holds_its_running_balance() {
    let (items, controls) = read(&file("boc-debit.csv"), &profile("boc-debit")).unwrap();
    assert_eq!(counts(&items), [(ItemKind::Receipt, 4), (ItemKind::Skipped, 13)]);
    assert_eq!(control(&controls, "rows", ""), (None, "17"));
    assert_eq!(control(&controls, "net", "CNY"), (None, "426.70"));
    assert_eq!(control(&controls, "running-balance", ""), (Some("16"), "16"));
    // 50.00 + 5,771.00 + 3,000.00 + 1,000.00
    assert_eq!(sum(&of(&items, ItemKind::Receipt)), "9821.00");
    let wage = &of(&items, ItemKind::Receipt)[1];
    assert_eq!((wage.row, wage.amount, wage.date), (14, dec(577_100, 2), on(2025, 8, 5)));
    assert_eq!((wage.name, wage.account, wage.currency), ("美金数据有限公司", "4520******1924", "CNY"));
    // The remark `----------` says nothing.
    assert_eq!(wage.text, "工资");
    let out = &of(&items, ItemKind::Skipped)[0];
    assert_eq!((out.document, out.text), ("money_out", "-71.89 CNY 张三 无卡支付"));
}

#[test]
fn a_broken_running_balance_names_its_row() {
    let text = String::from_utf8(file("boc-debit.csv")).unwrap();
    // Without the row of line 9, the balance above it can no longer be explained.
    let without: String = text.split_inclusive('\n').enumerate().filter(|(i, _)| *i != 8).map(|(_, l)| l).collect();
    let (_, controls) = read(without.as_bytes(), &profile("boc-debit")).unwrap();
    assert_eq!(control(&controls, "running-balance", ""), (Some("15"), "14"));
    assert_eq!(control(&controls, "running-balance.break", "line 9"), (Some("3973.11"), "3904.97"));
}

#[test]
fn icbc_contradicts_its_total_row() {
    let (items, controls) = read(&file("icbc-debit-v2.csv"), &profile("icbc-debit-v2")).unwrap();
    assert_eq!(counts(&items), [(ItemKind::Receipt, 5), (ItemKind::Skipped, 6)]);
    assert_eq!(control(&controls, "rows", ""), (None, "11"));
    assert_eq!(control(&controls, "receipts.amount", "CNY"), (None, "2841.74"));
    assert_eq!(control(&controls, "money-out.amount", "CNY"), (None, "4241.08"));
    assert_eq!(control(&controls, "total.in", "line 20"), (Some("1234.56"), "2841.74"));
    assert_eq!(control(&controls, "total.out", "line 20"), (Some("9876.54"), "4241.08"));
}

#[test]
fn china_merchants_writes_name_and_account_in_one() {
    let (items, controls) = read(&file("cmb-debit.csv"), &profile("cmb-debit")).unwrap();
    assert_eq!(counts(&items), [(ItemKind::Receipt, 1), (ItemKind::Skipped, 4)]);
    assert_eq!(control(&controls, "net", "CNY"), (None, "-779.14"));
    let receipt = &of(&items, ItemKind::Receipt)[0];
    assert_eq!((receipt.name, receipt.account), ("北京住房公积金管理中心", "1111111111"));
    assert_eq!((receipt.amount, receipt.date), (dec(123_400, 2), on(2024, 1, 1)));
}

#[test]
fn keys_of_statements_do_not_depend_on_the_order_of_rows() {
    let text = String::from_utf8(file("boc-debit.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut rows = lines[2..].to_vec();
    rows.push(lines[4]); // One row twice: the same day, time, amount and balance.
    rows.reverse();
    let turned = [&lines[..2], &rows].concat().join("\n");
    let keys = |bytes: &[u8]| {
        let mut keys: Vec<String> = read(bytes, &profile("boc-debit")).unwrap().0.items().map(|i| i.key.to_owned()).collect();
        keys.sort();
        keys
    };
    let (mut straight, turned) = (keys(text.as_bytes()), keys(turned.as_bytes()));
    let twice = turned.iter().find(|k| k.ends_with("-2")).unwrap().clone();
    straight.push(twice.clone());
    straight.sort();
    assert_eq!(straight, turned);
    assert!(turned.contains(&twice.trim_end_matches("-2").to_owned()));
}

#[test]
fn u8_has_claims_receipts_and_their_clearing() {
    let (items, controls) = read(&file("u8-ar-detail-selfmade.csv"), &profile("u8-ar-detail")).unwrap();
    let expected = [
        (ItemKind::Party, 5),
        (ItemKind::Contract, 4),
        (ItemKind::Receivable, 5),
        (ItemKind::Receipt, 4),
        (ItemKind::CreditNote, 1),
        (ItemKind::Allocation, 3),
        (ItemKind::Skipped, 3),
    ];
    assert_eq!(counts(&items), expected);
    assert_eq!(control(&controls, "total.debit_local", "line 20"), (Some("5476000.00"), "5476000.00"));
    assert_eq!(control(&controls, "total.credit_local", "line 20"), (Some("4330000.00"), "4330000.00"));
    assert_eq!(control(&controls, "rows", ""), (None, "16"));

    let claim = &of(&items, ItemKind::Receivable)[0];
    assert_eq!((claim.key, claim.document, claim.party, claim.contract), ("26/AR-2019-0001", "AR-2019-0001", "C001", "HT-2018-017"));
    assert_eq!((claim.amount, claim.currency, claim.cites), (dec(200_000_000, 2), "CNY", "settled"));
    assert_eq!((claim.date, claim.due, claim.due_source), (on(2019, 5, 31), on(2019, 6, 30), DueSource::Stated));
    let cleared: Vec<_> =
        of(&items, ItemKind::Allocation).into_iter().filter(|a| a.document == claim.key).map(|a| (a.cites, a.amount, a.date, a.tag)).collect();
    let stated = BasisTag::Stated as u8;
    assert_eq!(
        cleared,
        [("48/SK-2024-0031", dec(120_000_000, 2), on(2024, 3, 15), stated), ("48/SK-2024-0102", dec(80_000_000, 2), on(2024, 11, 20), stated),]
    );
    assert_eq!(of(&items, ItemKind::Party)[0].name, "中衡八局第三建设有限公司");
}

#[test]
fn u8_due_dates_currencies_and_red_invoices() {
    let (items, _) = read(&file("u8-ar-detail-selfmade.csv"), &profile("u8-ar-detail")).unwrap();
    let claims = of(&items, ItemKind::Receivable);
    // 90 days from 2022-03-01.
    assert_eq!((claims[2].due, claims[2].due_source), (on(2022, 5, 30), DueSource::Terms));
    assert_eq!((claims[3].amount, claims[3].currency, claims[3].second), (dec(5_000_000, 2), "USD", dec(35_500_000, 2)));
    assert_eq!((claims[4].tag, claims[4].cites), (ReceivableTag::Retention as u8, "retention"));
    let red = &of(&items, ItemKind::CreditNote)[0];
    assert_eq!((red.key, red.amount, red.due), ("27/AR-2022-0041", dec(1_245_050, 2), None));
    assert!(of(&items, ItemKind::Skipped).iter().all(|s| s.document == "clearing_mirror"));
}

#[test]
fn kingdee_fills_down_within_a_bill_only() {
    let (items, controls) = read(&file("kingdee-cloud-ar-selfmade.csv"), &profile("kingdee-cloud-ar")).unwrap();
    let expected = [(ItemKind::Party, 5), (ItemKind::Contract, 2), (ItemKind::Receivable, 10), (ItemKind::CreditNote, 1), (ItemKind::Skipped, 1)];
    assert_eq!(counts(&items), expected);
    assert_eq!(control(&controls, "total.amount_local", "line 15"), (Some("2151659.75"), "2151659.75"));
    let claims = of(&items, ItemKind::Receivable);
    let third = &claims[2];
    assert_eq!((third.key, third.party, third.contract), ("AR00000101/3", "K1001", "HT2023-008"));
    assert_eq!((third.amount, third.due), (dec(6_550_000, 2), on(2024, 4, 10)));
    // The next bill has no contract, and does not get that of the bill above.
    assert_eq!((claims[3].key, claims[3].contract), ("AR00000115/1", ""));
    assert_eq!((claims[4].tag, claims[4].amount), (ReceivableTag::Opening as u8, dec(4_726_075, 2)));
    assert_eq!((claims[6].currency, claims[6].amount, claims[6].second), ("USD", dec(1_500_000, 2), dec(10_650_000, 2)));
    assert_eq!((claims[9].due, claims[9].due_source), (None, DueSource::Unknown));
    assert_eq!(of(&items, ItemKind::CreditNote)[0].amount, dec(880_000, 2));
    assert_eq!(of(&items, ItemKind::Skipped)[0].document, "cancelled");
}
