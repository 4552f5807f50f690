//! Exports as large as one likes, the same every time.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};
use recoup_store::bench::PlainRow;

/// Customers of an export.
const CUSTOMERS: usize = 2_000;

const PLACES: [&str; 12] = ["沧澜", "中衡", "江岭", "青岚", "北屏", "南渡", "海陵", "云麓", "河间", "东皋", "西川", "安平"];
const TRADES: [&str; 8] =
    ["建工集团有限公司", "路桥工程有限公司", "第三建设有限公司", "置业有限公司", "水利工程局", "市政开发有限公司", "物资贸易有限公司", "钢构股份有限公司"];

fn pick<'a>(of: &[&'a str], n: usize) -> &'a str {
    of.get(n % of.len()).copied().unwrap_or_default()
}

/// Code and name of a customer.
pub(super) fn customer(n: usize) -> (String, String) {
    let n = n % CUSTOMERS;
    (format!("C{n:05}"), format!("{}{}{}", pick(&PLACES, n), pick(&TRADES, n / PLACES.len()), n / 96))
}

/// A day of the years 2019 to 2024.
pub(super) fn day(n: usize) -> NaiveDate {
    let days = u64::try_from(n % 2_100).unwrap_or(0);
    NaiveDate::from_ymd_opt(2019, 1, 1).unwrap_or_default() + Days::new(days)
}

/// An amount in minor units, from some hundreds to some millions.
pub(super) fn amount(n: usize) -> i64 {
    10_000 + i64::try_from(n.wrapping_mul(2_654_435_761) % 500_000_000).unwrap_or(0)
}

/// Minor units as exports write them: `2,000,000.00`, in quotes where a comma needs them.
fn written(minor: i64) -> String {
    let whole = super::grouped(minor.unsigned_abs() / 100);
    let text = format!("{whole}.{:02}", minor.unsigned_abs() % 100);
    if text.contains(',') { format!("\"{text}\"") } else { text }
}

/// A list of receivables, one per row.
pub(super) fn receivables(rows: usize) -> Vec<PlainRow> {
    let row = |n: usize| {
        let (customer, name) = customer(n.wrapping_mul(7_919));
        let document_date = day(n);
        PlainRow {
            number: format!("INV-{}-{n:07}", document_date.format("%Y")),
            customer,
            name,
            document_date,
            due: document_date + Days::new(30 + u64::try_from(n % 4).unwrap_or(0) * 30),
            amount: amount(n),
            currency: "CNY".to_owned(),
            text: format!("工程结算款 第{}期", n % 40 + 1),
        }
    };
    (0..rows).map(row).collect()
}

/// The list as a file for the profile `receivables-simple`.
pub(super) fn receivables_csv(rows: &[PlainRow]) -> Vec<u8> {
    let mut csv = String::with_capacity(rows.len() * 130);
    csv.push_str("客户编码,客户名称,单据编号,单据日期,到期日,应收金额,币种,摘要\r\n");
    for r in rows {
        let amount = written(r.amount);
        let _ = write!(csv, "{},{},{},{},{},{amount},{},{}\r\n", r.customer, r.name, r.number, r.document_date, r.due, r.currency, r.text);
    }
    csv.into_bytes()
}

/// A receivables ledger for the profile `u8-ar-detail`, in GB18030: of ten rows four are invoices, two are receipts, two
/// apply a receipt to an invoice, and two mirror that.
pub(super) fn u8_ledger(rows: usize) -> Vec<u8> {
    let mut csv = String::with_capacity(rows * 190);
    csv.push_str("应收明细账\r\n核算单位：沧澜建工有限公司（示例）,,单位：元,,截止日期：2024-12-31\r\n");
    csv.push_str("客户编码,客户名称,单据类型,单据编号,单据日期,记账日期,到期日,信用起算日,信用天数,币种,借方原币,贷方原币,借方本币,贷方本币,");
    csv.push_str("对应单据类型,对应单据编号,处理方式,核销批号,合同号,项目名称,结算状态,摘要\r\n");
    for n in 0..rows {
        let (group, part) = (n / 10, n % 10);
        let (code, name) = customer(group.wrapping_mul(7_919));
        let on = day(group);
        let due = on + Days::new(60);
        let paid = written(amount(group) / 2);
        let contract = group % 500;
        let _ = match part {
            0..=3 => {
                let owed = written(amount(group) + i64::try_from(part).unwrap_or(0) * 100_000);
                write!(
                    csv,
                    "{code},{name},26,AR-{group}-{part},{on},{on},{due},,,人民币,{owed},0.00,{owed},0.00,,,,,HT-{contract:04},滨河大道{contract}标段,已结算,工程结算款\r\n"
                )
            }
            4 | 5 => write!(csv, "{code},{name},48,SK-{group}-{part},{due},{due},,,,人民币,0.00,{paid},0.00,{paid},,,,,,,,银行回款\r\n"),
            6 | 8 => {
                let (receipt, invoice) = (4 + (part - 6) / 2, (part - 6) / 2);
                write!(
                    csv,
                    "{code},{name},48,SK-{group}-{receipt},{due},{due},,,,人民币,0.00,{paid},0.00,{paid},26,AR-{group}-{invoice},9P,H{group},,,,核销\r\n"
                )
            }
            _ => {
                let (receipt, invoice) = (4 + (part - 7) / 2, (part - 7) / 2);
                write!(
                    csv,
                    "{code},{name},26,AR-{group}-{invoice},{due},{due},,,,人民币,{paid},0.00,{paid},0.00,48,SK-{group}-{receipt},9P,H{group},,,,核销\r\n"
                )
            }
        };
    }
    encoding_rs::GB18030.encode(&csv).0.into_owned()
}
