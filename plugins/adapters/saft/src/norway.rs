//! Norway: a general ledger. Claims and receipts are the lines on a receivables account that
//! carry a customer; what a customer owed before the period is an opening balance. The file
//! says nothing of which receipt pays which claim.

use crate::missing_element;
use crate::value::{Fail, Section, Values, date, keep};
use crate::xml::Xml;
use recoup_sdk::adapter::date::day;
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::{Columns, Control, Dec, DueSource, Item, ItemKind, Problem, ReceivableTag, issue};
use std::collections::{BTreeMap, BTreeSet};

/// Customers whose balances are followed.
const CUSTOMERS_MAX: usize = 100_000;
/// Customers whose closing balance gets a control of its own, those that differ first.
const NAMED_MAX: usize = 5_000;
/// Versions of the format that are read.
const VERSIONS: [&str; 6] = ["1.0", "1.00", "1.10", "1.20", "1.3", "1.30"];

/// A file of Norway.
#[derive(Debug)]
pub(crate) struct Norway {
    values: Values,
    version: String,
    currency: String,
    period: Period,
    customer: Customer,
    customers: BTreeMap<String, Balance>,
    count: u64,
    /// Accounts on which customers' balances stand.
    accounts: BTreeSet<String>,
    journals: u64,
    /// Transactions of the journal, and lines of the transaction.
    at: (u64, u64),
    journal: String,
    transaction: String,
    transaction_day: Option<i32>,
    transaction_fault: Option<Fail>,
    line: Line,
    ledger: Section,
}

/// The span that the file is about.
#[derive(Debug, Default)]
struct Period {
    start: (Option<i32>, Option<u32>),
    end: (Option<i32>, Option<u32>),
    first: Option<i32>,
    last: Option<i32>,
}

#[derive(Debug, Default)]
struct Customer {
    id: String,
    name: String,
    number: String,
    opening: Option<Total>,
    closing: Option<Total>,
    fault: Option<Fail>,
}

#[derive(Debug)]
struct Balance {
    closing: Option<Total>,
    /// Opening + debit − credit.
    read: Total,
}

#[derive(Debug, Default)]
struct Line {
    record: String,
    account: String,
    customer: String,
    document: String,
    reference: String,
    payment_id: String,
    text: String,
    currency: String,
    value_day: Option<i32>,
    due: Option<i32>,
    amount: Total,
    foreign: Option<Total>,
    fault: Option<Fail>,
}

impl Default for Norway {
    fn default() -> Self {
        Self {
            values: Values::new(),
            version: String::new(),
            currency: String::new(),
            period: Period::default(),
            customer: Customer::default(),
            customers: BTreeMap::new(),
            count: 0,
            accounts: BTreeSet::new(),
            journals: 0,
            at: (0, 0),
            journal: String::new(),
            transaction: String::new(),
            transaction_day: None,
            transaction_fault: None,
            line: Line::default(),
            ledger: Section::default(),
        }
    }
}

impl Norway {
    /// An element begins.
    pub(crate) fn open(&mut self, path: &str) {
        match path {
            "AuditFile/MasterFiles/Customers/Customer" => self.customer = Customer::default(),
            "AuditFile/GeneralLedgerEntries" => self.ledger.present = true,
            "AuditFile/GeneralLedgerEntries/Journal" => {
                self.journals += 1;
                self.at = (0, 0);
                self.journal.clear();
            }
            "AuditFile/GeneralLedgerEntries/Journal/Transaction" => {
                self.at = (self.at.0 + 1, 0);
                self.ledger.count += 1;
                self.transaction.clear();
                (self.transaction_day, self.transaction_fault) = (None, None);
            }
            "AuditFile/GeneralLedgerEntries/Journal/Transaction/Line" => {
                self.at.1 += 1;
                self.line = Line::default();
            }
            _ => {}
        }
    }

    /// An element ends.
    pub(crate) fn close(&mut self, xml: &Xml, out: &mut Columns) -> Result<(), Problem> {
        let (path, text) = (xml.path(), xml.text());
        let Some(path) = path.strip_prefix("AuditFile/") else {
            return Ok(());
        };
        if let Some(path) = path.strip_prefix("GeneralLedgerEntries/Journal/Transaction/") {
            if path == "Line" {
                self.write_line(out);
            } else {
                self.field(path, text);
            }
            Ok(())
        } else if let Some(path) = path.strip_prefix("GeneralLedgerEntries/") {
            self.section(path, text, xml, out);
            Ok(())
        } else if let Some(path) = path.strip_prefix("MasterFiles/Customers/Customer") {
            if path.is_empty() {
                return self.write_customer(xml, out);
            }
            self.customer_field(path.trim_start_matches('/'), text);
            Ok(())
        } else if let Some(path) = path.strip_prefix("Header") {
            self.header(path.trim_start_matches('/'), text, xml)
        } else {
            Ok(())
        }
    }

    /// The control totals.
    pub(crate) fn controls(&mut self) -> Vec<Control> {
        let mut all = vec![Control::new("customers.count", None, self.count)];
        all.extend(self.ledger.controls("gl"));
        let stated = self.customers.iter().filter_map(|(id, b)| Some((id, b.closing?, b.read)));
        let (hold, differ): (Vec<_>, Vec<_>) = stated.partition(|(_, closing, read)| closing == read);
        if !hold.is_empty() || !differ.is_empty() {
            let customers = (hold.len() + differ.len()).to_string();
            all.push(Control::new("customers.closing", Some(customers), hold.len()));
        }
        for (id, closing, read) in differ.into_iter().chain(hold).take(NAMED_MAX) {
            all.push(Control::new("customer.closing", Some(closing.to_string()), read).about(id));
        }
        all
    }

    fn header(&mut self, field: &str, text: &str, xml: &Xml) -> Result<(), Problem> {
        let period = &mut self.period;
        match field {
            "AuditFileVersion" => text.clone_into(&mut self.version),
            "DefaultCurrencyCode" => text.clone_into(&mut self.currency),
            "SelectionCriteria/PeriodStart" => period.start.1 = text.parse().ok(),
            "SelectionCriteria/PeriodStartYear" => period.start.0 = text.parse().ok(),
            "SelectionCriteria/PeriodEnd" => period.end.1 = text.parse().ok(),
            "SelectionCriteria/PeriodEndYear" => period.end.0 = text.parse().ok(),
            "SelectionCriteria/SelectionStartDate" => period.first = date(field, text).ok(),
            "SelectionCriteria/SelectionEndDate" => period.last = date(field, text).ok(),
            "" => {
                period.resolve();
                let needed = [
                    ("AuditFileVersion", self.version.is_empty()),
                    ("DefaultCurrencyCode", self.currency.is_empty()),
                    ("SelectionCriteria", period.first.is_none() || period.last.is_none()),
                ];
                let missing: Vec<&str> = needed.iter().filter(|(_, lacks)| *lacks).map(|(name, _)| *name).collect();
                if !missing.is_empty() {
                    return Err(missing_element("/AuditFile/Header", &missing, "SAF-T Financial of Norway"));
                }
                if !VERSIONS.contains(&self.version.as_str()) {
                    let what = format!(
                        "Version `{}` of the SAF-T Financial of Norway is not read; read are {}. Export the file in one of these.",
                        self.version,
                        VERSIONS.join(", ")
                    );
                    return Err(xml.problem("saft.version", &what));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn customer_field(&mut self, path: &str, text: &str) {
        let customer = &mut self.customer;
        // Version 1.30 moved account and balances into `BalanceAccount`, of which there may be several.
        let path = path.strip_prefix("BalanceAccount/").unwrap_or(path);
        let (slot, credit) = match path {
            "CustomerID" => return text.clone_into(&mut customer.id),
            "Name" => return text.clone_into(&mut customer.name),
            "RegistrationNumber" => return text.clone_into(&mut customer.number),
            "AccountID" => {
                if self.accounts.len() < CUSTOMERS_MAX {
                    self.accounts.insert(text.to_owned());
                }
                return;
            }
            "OpeningDebitBalance" => (&mut customer.opening, false),
            "OpeningCreditBalance" => (&mut customer.opening, true),
            "ClosingDebitBalance" => (&mut customer.closing, false),
            "ClosingCreditBalance" => (&mut customer.closing, true),
            _ => return,
        };
        if let Some(amount) = keep(&mut customer.fault, self.values.amount(path, text)) {
            let total = slot.get_or_insert_default();
            if credit {
                total.sub(amount);
            } else {
                total.add(amount);
            }
        }
    }

    fn write_customer(&mut self, xml: &Xml, out: &mut Columns) -> Result<(), Problem> {
        self.count += 1;
        let locator = format!("/AuditFile/MasterFiles/Customers/Customer[{}]", self.count);
        let customer = std::mem::take(&mut self.customer);
        let id = customer.id.as_str();
        let fault = customer.fault.or_else(|| id.is_empty().then(|| Fail::missing("CustomerID")));
        if let Some(fail) = fault {
            issue(out, self.count, &locator, id, fail.code, &fail.text);
            return Ok(());
        }
        if self.customers.len() >= CUSTOMERS_MAX {
            let what = format!("The file has more than {CUSTOMERS_MAX} customers. Export it in parts.");
            return Err(xml.problem("saft.too_many_customers", &what));
        }
        let row = self.count;
        let base = |kind| Item { locator: &locator, ..Item::new(kind, row) };
        out.push(&Item { key: id, name: &customer.name, document: &customer.number, ..base(ItemKind::Party) });
        let before = self.period.first.map(|first| first - 1);
        let opening = customer.opening.unwrap_or_default();
        if let Some(amount) = opening.to_dec().filter(|d| d.mantissa != 0) {
            let key = format!("opening/{id}");
            let owed = amount.mantissa > 0;
            let kind = if owed { ItemKind::Receivable } else { ItemKind::Receipt };
            out.push(&Item {
                key: &key,
                party: id,
                currency: &self.currency,
                amount: Some(Dec { mantissa: amount.mantissa.saturating_abs(), scale: amount.scale }),
                date: before,
                tag: if owed { ReceivableTag::Opening as u8 } else { 0 },
                text: if owed { "" } else { "Opening balance in credit" },
                ..base(kind)
            });
        }
        if customer.closing.is_some() {
            out.push(&Item {
                party: id,
                currency: &self.currency,
                amount: opening.to_dec(),
                second: customer.closing.and_then(Total::to_dec),
                date: self.period.last,
                ..base(ItemKind::Balance)
            });
        }
        self.customers.insert(customer.id, Balance { closing: customer.closing, read: opening });
        Ok(())
    }

    fn section(&mut self, path: &str, text: &str, xml: &Xml, out: &mut Columns) {
        let slot = match path {
            "NumberOfEntries" => &mut self.ledger.stated_count,
            "TotalDebit" => &mut self.ledger.stated_debit,
            "TotalCredit" => &mut self.ledger.stated_credit,
            "Journal/JournalID" => return text.clone_into(&mut self.journal),
            _ => return,
        };
        match self.values.amount(path, text) {
            Ok(amount) => *slot = Some(Total::from(amount)),
            Err(fail) => issue(out, 0, &format!("/{}", xml.path()), "", fail.code, &fail.text),
        }
    }

    fn field(&mut self, path: &str, text: &str) {
        let line = &mut self.line;
        let side = match path {
            "TransactionID" => return text.clone_into(&mut self.transaction),
            "TransactionDate" => {
                self.transaction_day = keep(&mut self.transaction_fault, date(path, text));
                return;
            }
            "Line/RecordID" => return text.clone_into(&mut line.record),
            "Line/AccountID" => return text.clone_into(&mut line.account),
            "Line/CustomerID" => return text.clone_into(&mut line.customer),
            "Line/SourceDocumentID" => return text.clone_into(&mut line.document),
            "Line/ReferenceNumber" => return text.clone_into(&mut line.reference),
            "Line/CID" => return text.clone_into(&mut line.payment_id),
            "Line/Description" => return text.clone_into(&mut line.text),
            "Line/ValueDate" => {
                line.value_day = keep(&mut line.fault, date(path, text));
                return;
            }
            "Line/DueDate" => {
                line.due = keep(&mut line.fault, date(path, text));
                return;
            }
            "Line/DebitAmount/CurrencyCode" | "Line/CreditAmount/CurrencyCode" => {
                return text.clone_into(&mut line.currency);
            }
            "Line/DebitAmount/Amount" | "Line/CreditAmount/Amount" => &mut line.amount,
            "Line/DebitAmount/CurrencyAmount" | "Line/CreditAmount/CurrencyAmount" => line.foreign.get_or_insert_default(),
            _ => return,
        };
        let Some(amount) = keep(&mut line.fault, self.values.amount(path, text)) else {
            return;
        };
        let debit = path.starts_with("Line/Debit");
        if debit {
            side.add(amount);
        } else {
            side.sub(amount);
        }
        if path.ends_with("/Amount") {
            let total = if debit { &mut self.ledger.debit } else { &mut self.ledger.credit };
            total.add(amount);
        }
    }

    fn write_line(&mut self, out: &mut Columns) {
        let line = std::mem::take(&mut self.line);
        let on_account = self.accounts.is_empty() || self.accounts.contains(&line.account);
        if line.customer.is_empty() || !on_account {
            return;
        }
        let row = self.ledger.count;
        let locator = format!("/AuditFile/GeneralLedgerEntries/Journal[{}]/Transaction[{}]/Line[{}]", self.journals, self.at.0, self.at.1);
        let key = format!("{}/{}/{}", self.journal, self.transaction, line.record);
        if let Err(fail) = self.movement(line, (row, &locator, &key), out) {
            issue(out, row, &locator, &key, fail.code, &fail.text);
        }
    }

    fn movement(&mut self, line: Line, (row, locator, key): (u64, &str, &str), out: &mut Columns) -> Result<(), Fail> {
        if let Some(fail) = line.fault {
            return Err(fail);
        }
        let Some(balance) = self.customers.get_mut(&line.customer) else {
            let text = format!("Customer `{}` is not in the master files. Add it in the source and export again.", line.customer);
            return Err(Fail { code: "saft.unknown_customer", text });
        };
        balance.read.add_total(line.amount);
        if let Some(fail) = &self.transaction_fault {
            return Err(fail.clone());
        }
        if self.transaction.is_empty() || line.record.is_empty() {
            return Err(Fail::missing(if line.record.is_empty() { "RecordID" } else { "TransactionID" }));
        }
        let day = self.transaction_day.ok_or_else(|| Fail::missing("TransactionDate"))?;
        let (amount, currency, second) = match line.foreign {
            Some(foreign) if !line.currency.is_empty() => (foreign, line.currency.as_str(), Some(line.amount)),
            _ => (line.amount, self.currency.as_str(), None),
        };
        let too_large = || Fail { code: "saft.bad_amount", text: "The amount has too many digits. Correct it in the source.".to_owned() };
        let unsigned = |t: Total| t.to_dec().map(|d| Dec { mantissa: d.mantissa.saturating_abs(), scale: d.scale }).ok_or_else(too_large);
        if line.amount.is_zero() {
            return Ok(());
        }
        let base = Item {
            locator,
            key,
            party: &line.customer,
            currency,
            text: &line.text,
            amount: Some(unsigned(amount)?),
            second: second.map(unsigned).transpose()?,
            date: Some(day),
            ..Item::new(ItemKind::Receivable, row)
        };
        if line.amount.is_negative() {
            let document = [&line.payment_id, &line.reference, &line.document].into_iter().find(|t| !t.is_empty());
            out.push(&Item { kind: ItemKind::Receipt, document: document.map_or("", |d| d), due: line.value_day, ..base });
        } else {
            let document = [&line.reference, &line.document].into_iter().find(|t| !t.is_empty());
            out.push(&Item {
                document: document.map_or("", |d| d),
                due: line.due,
                due_source: if line.due.is_some() { DueSource::Stated } else { DueSource::Unknown },
                ..base
            });
        }
        Ok(())
    }
}

impl Period {
    /// Periods are months, unless days are stated.
    fn resolve(&mut self) {
        let month = |(year, period): (Option<i32>, Option<u32>)| year.zip(period).map(|(y, p)| (y, p.clamp(1, 12)));
        self.first = self.first.or_else(|| month(self.start).and_then(|(y, m)| day(y, m, 1)));
        self.last = self.last.or_else(|| {
            let (y, m) = month(self.end)?;
            let next = if m == 12 { day(y + 1, 1, 1) } else { day(y, m + 1, 1) };
            next.map(|d| d - 1)
        });
    }
}
