//! Exports as an ERP and a bank would write them.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};
use recoup_model::{Currency, Money};

/// A claim as the ERP has it.
#[derive(Debug, Clone)]
pub(super) struct Invoice {
    pub debtor: Debtor,
    pub number: String,
    pub date: NaiveDate,
    pub due: NaiveDate,
    pub amount: i64,
    pub contract: String,
    pub stage: String,
}

/// A customer.
#[derive(Debug, Clone, Default)]
pub(super) struct Debtor {
    pub code: String,
    pub name: String,
}

/// So long before it is due a claim arises.
pub(super) const CREDIT: Days = Days::new(60);

/// Minor units as they are written.
pub(super) fn decimal(minor: i64) -> String {
    Money::new(minor, Currency::CNY).to_string()
}

/// A receivables ledger for the profile `u8-ar-detail`: invoices, receipts, and which cleared which.
pub(super) struct Ledger {
    rows: String,
    until: NaiveDate,
    debit: i64,
    credit: i64,
    clearings: usize,
}

impl Ledger {
    pub(super) const fn new(until: NaiveDate) -> Self {
        Self { rows: String::new(), until, debit: 0, credit: 0, clearings: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// An invoice, or one that is stated anew.
    pub(super) fn invoice(&mut self, i: &Invoice) {
        self.dated(i, &i.date.to_string());
    }

    /// An invoice of a day that there is not, which every reader has to refuse.
    pub(super) fn spoilt(&mut self, i: &Invoice) {
        self.dated(i, &format!("{}-31-31", i.date.format("%Y")));
    }

    fn dated(&mut self, i: &Invoice, date: &str) {
        let Debtor { code, name } = &i.debtor;
        let (amount, number, due) = (decimal(i.amount), &i.number, i.due);
        self.debit += i.amount;
        let project = if i.contract.is_empty() { String::new() } else { format!("{}标段", i.contract) };
        let _ = write!(
            self.rows,
            "{code},{name},26,{number},{date},{date},{due},,,人民币,{amount},0.00,{amount},0.00,,,,,{},{project},{},工程结算款\r\n",
            i.contract, i.stage
        );
    }

    /// A receipt that clears an invoice, or a part of it.
    pub(super) fn receipt(&mut self, debtor: &Debtor, number: &str, on: NaiveDate, minor: i64, invoice: &str) {
        let Debtor { code, name } = debtor;
        let amount = decimal(minor);
        self.clearings += 1;
        let batch = format!("HX-{}-{}", self.until.format("%Y%m"), self.clearings);
        // The receipt, its side of the clearing, and the invoice's, which mirrors it.
        self.credit += 2 * minor;
        self.debit += minor;
        let _ = write!(
            self.rows,
            "{code},{name},48,{number},{on},{on},,,,人民币,0.00,{amount},0.00,{amount},,,,,,,,银行回款\r\n\
             {code},{name},48,{number},{on},{on},,,,人民币,0.00,{amount},0.00,{amount},26,{invoice},9P,{batch},,,,核销\r\n\
             {code},{name},26,{invoice},{on},{on},,,,人民币,{amount},0.00,{amount},0.00,48,{number},9P,{batch},,,,核销\r\n"
        );
    }

    /// The file, in the encoding of the ERP.
    pub(super) fn bytes(self) -> Vec<u8> {
        let head = "客户编码,客户名称,单据类型,单据编号,单据日期,记账日期,到期日,信用起算日,信用天数,币种,借方原币,贷方原币,借方本币,贷方本币,\
                    对应单据类型,对应单据编号,处理方式,核销批号,合同号,项目名称,结算状态,摘要";
        let (debit, credit) = (decimal(self.debit), decimal(self.credit));
        let text = format!(
            "应收明细账\r\n核算单位：示例工程集团有限公司,,单位：元,,截止日期：{}\r\n{head}\r\n{}合计,,,,,,,,,,,,{debit},{credit},,,,,,,,\r\n",
            self.until, self.rows
        );
        encoding_rs::GB18030.encode(&text).0.into_owned()
    }
}

/// A list of receipts for the profile `receipts-simple`: money that the bank shows and nobody has claimed yet.
pub(super) struct Statement {
    rows: String,
    total: i64,
}

impl Statement {
    pub(super) const fn new() -> Self {
        Self { rows: String::new(), total: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn row(&mut self, debtor: &Debtor, number: &str, on: NaiveDate, minor: i64) {
        self.line(&debtor.code, number, &on.to_string(), minor);
    }

    /// A row of a day that there is not.
    pub(super) fn spoilt(&mut self, debtor: &Debtor, number: &str, minor: i64) {
        self.line(&debtor.code, number, "2025-31-31", minor);
    }

    fn line(&mut self, customer: &str, number: &str, on: &str, minor: i64) {
        self.total += minor;
        let _ = write!(self.rows, "{customer},{number},{on},{},CNY\r\n", decimal(minor));
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        format!("customer code,receipt no,booking date,amount,currency\r\n{}total,,,{},\r\n", self.rows, decimal(self.total)).into_bytes()
    }
}
