//! Small files made for one question each; every expected figure is worked out by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;
use common::{check, dec, of, on, one, read};
use recoup_sdk::adapter::{BasisTag, DueSource, ItemKind};

/// A file of Portugal with these sales documents and receipts.
fn portugal(sales: &str, payments: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><Header><AuditFileVersion>1.04_01</AuditFileVersion>
<CompanyID>1</CompanyID><TaxRegistrationNumber>1</TaxRegistrationNumber><TaxAccountingBasis>F</TaxAccountingBasis>
<CompanyName>A</CompanyName><FiscalYear>2020</FiscalYear><StartDate>2020-01-01</StartDate><EndDate>2020-12-31</EndDate>
<CurrencyCode>EUR</CurrencyCode><DateCreated>2021-01-01</DateCreated></Header>
<MasterFiles><Customer><CustomerID>C1</CustomerID><CompanyName>Um</CompanyName></Customer></MasterFiles>
<SourceDocuments><SalesInvoices>{sales}</SalesInvoices><Payments>{payments}</Payments></SourceDocuments></AuditFile>"#
    )
}

fn invoice(number: &str, kind: &str, customer: &str, gross: &str, more: &str) -> String {
    format!(
        "<Invoice><InvoiceNo>{number}</InvoiceNo><DocumentStatus><InvoiceStatus>N</InvoiceStatus></DocumentStatus><InvoiceDate>2020-05-04</InvoiceDate><InvoiceType>{kind}</InvoiceType><CustomerID>{customer}</CustomerID><DocumentTotals><GrossTotal>{gross}</GrossTotal>{more}</DocumentTotals></Invoice>"
    )
}

fn receipt(lines: &str, methods: &str, gross: &str, more: &str) -> String {
    format!(
        "<Payment><PaymentRefNo>RG 1/1</PaymentRefNo><TransactionDate>2020-06-01</TransactionDate><DocumentStatus><PaymentStatus>N</PaymentStatus></DocumentStatus>{methods}<CustomerID>C1</CustomerID>{lines}<DocumentTotals><GrossTotal>{gross}</GrossTotal></DocumentTotals>{more}</Payment>"
    )
}

fn line(number: &str, side: &str, net: &str) -> String {
    format!("<Line><SourceDocumentID><OriginatingON>{number}</OriginatingON></SourceDocumentID><{side}>{net}</{side}></Line>")
}

#[test]
fn an_unknown_customer_is_an_issue_and_the_others_are_read() {
    let sales = invoice("FT 1/1", "FT", "C9", "10.00", "") + &invoice("FT 1/2", "FT", "C1", "20.00", "");
    let (items, _) = read(portugal(&sales, "").as_bytes()).unwrap();
    let issue = one(&items, ItemKind::Issue, "FT 1/1");
    assert_eq!((issue.document, issue.row), ("saft.unknown_customer", 1));
    assert!(issue.text.contains("`C9`"));
    assert_eq!(issue.locator, "/AuditFile/SourceDocuments/SalesInvoices/Invoice[1]");
    assert_eq!(one(&items, ItemKind::Receivable, "FT 1/2").amount, dec(2_000, 2));
}

#[test]
fn bad_values_are_issues_with_their_element() {
    let date = invoice("FT 1/1", "FT", "C1", "10.00", "").replace("2020-05-04", "2020-09-31");
    let amount = invoice("FT 1/2", "FT", "C1", "1O.00", "");
    let kind = invoice("XX 1/3", "XX", "C1", "10.00", "");
    let (items, _) = read(portugal(&(date + &amount + &kind), "").as_bytes()).unwrap();
    let codes: Vec<&str> = of(&items, ItemKind::Issue).iter().map(|i| i.document).collect();
    assert_eq!(codes, ["saft.bad_date", "saft.bad_amount", "saft.unknown_type"]);
    assert!(one(&items, ItemKind::Issue, "FT 1/1").text.contains("`2020-09-31` in `InvoiceDate` is no day of the calendar"));
    assert!(one(&items, ItemKind::Issue, "FT 1/2").text.contains("`1O.00` in `DocumentTotals/GrossTotal`"));
}

#[test]
fn a_receipt_for_several_invoices_is_divided_by_their_net() {
    // 100.00 gross over nets of 1 : 2 : 3 gives 16.67, 33.33, 50.00: the largest remainder is the first's.
    let lines = line("FT 1/1", "CreditAmount", "10") + &line("FT 1/2", "CreditAmount", "20") + &line("FT 1/3", "CreditAmount", "30");
    let method = "<PaymentMethod><PaymentAmount>100.00</PaymentAmount><PaymentDate>2020-05-31</PaymentDate></PaymentMethod>";
    let (items, controls) = read(portugal("", &receipt(&lines, method, "100.00", "")).as_bytes()).unwrap();
    let parts: Vec<_> = of(&items, ItemKind::Allocation).iter().map(|a| (a.document.to_owned(), a.amount, a.tag)).collect();
    let inferred = BasisTag::Inferred as u8;
    let expected = [("FT 1/1", 1_667), ("FT 1/2", 3_333), ("FT 1/3", 5_000)].map(|(n, m)| (n.to_owned(), dec(m, 2), inferred));
    assert_eq!(parts, expected);
    check(&controls, "payments.credit", "", None, "60");
    check(&controls, "payments.methods", "", Some("100.00"), "100.00");
}

#[test]
fn withheld_tax_is_no_money_and_a_difference_is_a_control() {
    // 950 by bank and 150 withheld settle 1100; what can be applied is the money.
    let lines = line("FT 1/1", "CreditAmount", "900");
    let method = "<PaymentMethod><PaymentAmount>950.00</PaymentAmount></PaymentMethod>";
    let withheld = "<WithholdingTax><WithholdingTaxAmount>150.00</WithholdingTaxAmount></WithholdingTax>";
    let (items, controls) = read(portugal("", &receipt(&lines, method, "1100.00", withheld)).as_bytes()).unwrap();
    assert_eq!(one(&items, ItemKind::Receipt, "RG 1/1").amount, dec(95_000, 2));
    assert_eq!(one(&items, ItemKind::Allocation, "RG 1/1>FT 1/1").amount, dec(95_000, 2));
    check(&controls, "payments.methods", "", Some("1100.00"), "1100.00");
    let (_, controls) = read(portugal("", &receipt(&lines, method, "1000.00", "")).as_bytes()).unwrap();
    check(&controls, "payment.methods", "RG 1/1", Some("1000.00"), "950.00");
}

#[test]
fn totals_that_contradict_the_documents_come_out_as_they_are() {
    let stated = "<NumberOfEntries>7</NumberOfEntries><TotalDebit>1</TotalDebit><TotalCredit>2.5</TotalCredit>";
    let sales = stated.to_owned()
        + &invoice("FT 1/1", "FT", "C1", "10.00", "").replace("<DocumentTotals>", "<Line><CreditAmount>8.13</CreditAmount></Line><DocumentTotals>");
    let (_, controls) = read(portugal(&sales, "").as_bytes()).unwrap();
    check(&controls, "sales-invoices.count", "", Some("7"), "1");
    check(&controls, "sales-invoices.debit", "", Some("1"), "0");
    check(&controls, "sales-invoices.credit", "", Some("2.5"), "8.13");
}

#[test]
fn an_invoice_receipt_paid_on_two_days_has_two_receipts() {
    let pay = |amount: &str, day: &str| format!("<Payment><PaymentAmount>{amount}</PaymentAmount><PaymentDate>2020-05-{day}</PaymentDate></Payment>");
    let more = pay("70.00", "04") + &pay("50.00", "09");
    let (items, _) = read(portugal(&invoice("FR 1/1", "FR", "C1", "120.00", &more), "").as_bytes()).unwrap();
    assert_eq!(one(&items, ItemKind::Receipt, "FR 1/1").amount, dec(7_000, 2));
    let second = one(&items, ItemKind::Receipt, "FR 1/1#2");
    assert_eq!((second.amount, second.date), (dec(5_000, 2), on(2020, 5, 9)));
    assert_eq!(one(&items, ItemKind::Allocation, "FR 1/1#2>FR 1/1").amount, dec(5_000, 2));
    // Without stated payments its type alone says that it is paid, and the adapter infers the rest.
    let (items, _) = read(portugal(&invoice("FR 1/1", "FR", "C1", "120.00", ""), "").as_bytes()).unwrap();
    assert_eq!(one(&items, ItemKind::Allocation, "FR 1/1>FR 1/1").tag, BasisTag::Inferred as u8);
}

const NORWAY: &str = r#"<?xml version="1.0"?><s:AuditFile xmlns:s="urn:StandardAuditFile-Taxation-Financial:NO"><s:Header>
<s:AuditFileVersion>1.30</s:AuditFileVersion><s:DefaultCurrencyCode>NOK</s:DefaultCurrencyCode><s:SelectionCriteria>
<s:SelectionStartDate>2025-01-01</s:SelectionStartDate><s:SelectionEndDate>2025-06-30</s:SelectionEndDate></s:SelectionCriteria></s:Header>
<s:MasterFiles><s:Customers>
<s:Customer><s:Name>En</s:Name><s:CustomerID>1001</s:CustomerID><s:BalanceAccount><s:AccountID>1500</s:AccountID>
<s:OpeningDebitBalance>100.00</s:OpeningDebitBalance><s:ClosingDebitBalance>250.00</s:ClosingDebitBalance></s:BalanceAccount></s:Customer>
<s:Customer><s:Name>To</s:Name><s:CustomerID>1003</s:CustomerID><s:BalanceAccount><s:AccountID>1500</s:AccountID>
<s:OpeningCreditBalance>40.00</s:OpeningCreditBalance><s:ClosingCreditBalance>40.00</s:ClosingCreditBalance></s:BalanceAccount></s:Customer>
</s:Customers></s:MasterFiles><s:GeneralLedgerEntries><s:NumberOfEntries>2</s:NumberOfEntries><s:TotalDebit>350</s:TotalDebit><s:TotalCredit>350</s:TotalCredit>
<s:Journal><s:JournalID>S</s:JournalID><s:Transaction><s:TransactionID>7</s:TransactionID><s:TransactionDate>2025-02-03</s:TransactionDate>
<s:Line><s:RecordID>1</s:RecordID><s:AccountID>1500</s:AccountID><s:CustomerID>1001</s:CustomerID><s:Description>Faktura 55</s:Description><s:DebitAmount><s:Amount>250</s:Amount></s:DebitAmount><s:ReferenceNumber>55</s:ReferenceNumber><s:DueDate>2025-03-05</s:DueDate></s:Line>
<s:Line><s:RecordID>2</s:RecordID><s:AccountID>3000</s:AccountID><s:CustomerID>1001</s:CustomerID><s:CreditAmount><s:Amount>250</s:Amount></s:CreditAmount></s:Line>
</s:Transaction><s:Transaction><s:TransactionID>8</s:TransactionID><s:TransactionDate>2025-03-10</s:TransactionDate>
<s:Line><s:RecordID>1</s:RecordID><s:AccountID>1920</s:AccountID><s:DebitAmount><s:Amount>100</s:Amount></s:DebitAmount></s:Line>
<s:Line><s:RecordID>2</s:RecordID><s:AccountID>1500</s:AccountID><s:ValueDate>2025-03-09</s:ValueDate><s:CustomerID>1001</s:CustomerID><s:CreditAmount><s:Amount>100</s:Amount></s:CreditAmount><s:CID>001234</s:CID></s:Line>
</s:Transaction></s:Journal></s:GeneralLedgerEntries></s:AuditFile>"#;

#[test]
fn norway_1_30_reads_balance_accounts_and_customer_lines() {
    let (items, controls) = read(NORWAY.as_bytes()).unwrap();
    // 100 + 250 − 100 = 250.
    check(&controls, "customer.closing", "1001", Some("250.00"), "250.00");
    check(&controls, "customer.closing", "1003", Some("-40.00"), "-40.00");
    check(&controls, "customers.closing", "", Some("2"), "2");
    check(&controls, "gl.debit", "", Some("350"), "350");
    check(&controls, "gl.credit", "", Some("350"), "350");
    let claim = one(&items, ItemKind::Receivable, "S/7/1");
    assert_eq!((claim.amount, claim.party, claim.document, claim.text), (dec(250, 0), "1001", "55", "Faktura 55"));
    assert_eq!((claim.date, claim.due, claim.due_source), (on(2025, 2, 3), on(2025, 3, 5), DueSource::Stated));
    let receipt = one(&items, ItemKind::Receipt, "S/8/2");
    assert_eq!((receipt.amount, receipt.document, receipt.due), (dec(100, 0), "001234", on(2025, 3, 9)));
    // An opening balance in credit is money that was received and not applied.
    let opening = one(&items, ItemKind::Receipt, "opening/1003");
    assert_eq!((opening.amount, opening.date), (dec(4_000, 2), on(2024, 12, 31)));
    // The line on the revenue account carries the customer too, but is no claim.
    assert_eq!(of(&items, ItemKind::Receivable).len(), 2);
}

#[test]
fn a_norwegian_line_of_an_unknown_customer_is_an_issue() {
    let file = NORWAY.replacen("<s:CustomerID>1001</s:CustomerID><s:Description>", "<s:CustomerID>9</s:CustomerID><s:Description>", 1);
    let (items, _) = read(file.as_bytes()).unwrap();
    let issue = one(&items, ItemKind::Issue, "S/7/1");
    assert_eq!(issue.document, "saft.unknown_customer");
    assert_eq!(issue.locator, "/AuditFile/GeneralLedgerEntries/Journal[1]/Transaction[1]/Line[1]");
}
