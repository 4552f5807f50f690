//! One sales document: an invoice, a debit note, an invoice with its receipt, or a credit note.

use super::Context;
use crate::value::{Fail, Values, date, keep};
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::{BasisTag, Columns, Dec, DueSource, Item, ItemKind, ReceivableTag, issue, skipped};

/// References of one credit note that are kept.
const REFERENCES_MAX: usize = 100;
/// Days on which an invoice with its receipt was paid.
const PAID_DAYS_MAX: usize = 100;

/// One sales document, while it is read.
#[derive(Debug, Default)]
pub(super) struct Document {
    number: String,
    kind: String,
    status: String,
    customer: String,
    date: Option<i32>,
    due: Option<i32>,
    gross: Option<Dec>,
    foreign: Option<Dec>,
    foreign_currency: String,
    references: Vec<String>,
    /// By day, in the order of the file.
    paid: Vec<(i32, Total)>,
    part: Option<Total>,
    pub(super) debit: Total,
    pub(super) credit: Total,
    fault: Option<Fail>,
}

impl Document {
    /// A field ends.
    pub(super) fn field(&mut self, path: &str, text: &str, values: &Values) {
        let amount = |fault: &mut Option<Fail>| keep(fault, values.amount(path, text));
        match path {
            "InvoiceNo" => text.clone_into(&mut self.number),
            "InvoiceType" => text.clone_into(&mut self.kind),
            "DocumentStatus/InvoiceStatus" => text.clone_into(&mut self.status),
            "CustomerID" => text.clone_into(&mut self.customer),
            "InvoiceDate" => self.date = keep(&mut self.fault, date(path, text)),
            "Line/DebitAmount" => {
                if let Some(d) = amount(&mut self.fault) {
                    self.debit.add(d);
                }
            }
            "Line/CreditAmount" => {
                if let Some(d) = amount(&mut self.fault) {
                    self.credit.add(d);
                }
            }
            "Line/References/Reference" if self.references.len() < REFERENCES_MAX && !self.references.iter().any(|r| r == text) => {
                self.references.push(text.to_owned());
            }
            "DocumentTotals/GrossTotal" => self.gross = amount(&mut self.fault),
            "DocumentTotals/Currency/CurrencyCode" => text.clone_into(&mut self.foreign_currency),
            "DocumentTotals/Currency/CurrencyAmount" => self.foreign = amount(&mut self.fault),
            // Free text in some files: a date is a due date, and anything else says nothing.
            "DocumentTotals/Settlement/PaymentTerms" => self.due = self.due.or(date(path, text).ok()),
            "DocumentTotals/Payment/PaymentAmount" => self.part = amount(&mut self.fault).map(Total::from),
            "DocumentTotals/Payment/PaymentDate" => {
                let day = keep(&mut self.fault, date(path, text));
                if let Some((day, part)) = day.zip(self.part.take()) {
                    self.pay(day, part);
                }
            }
            _ => {}
        }
    }

    /// Whether the stated totals count the document: cancelled and billed ones are left out.
    pub(super) fn counts(&self) -> bool {
        self.status != "A" && self.status != "F"
    }

    /// Emits the document.
    pub(super) fn emit(&mut self, context: Context<'_>, row: u64, out: &mut Columns) {
        let locator = format!("/AuditFile/SourceDocuments/SalesInvoices/Invoice[{row}]");
        if let Err(fail) = self.write(context, row, &locator, out) {
            issue(out, row, &locator, &self.number, fail.code, &fail.text);
        }
    }

    fn write(&mut self, context: Context<'_>, row: u64, locator: &str, out: &mut Columns) -> Result<(), Fail> {
        if let Some(fail) = self.fault.take() {
            return Err(fail);
        }
        if self.number.is_empty() {
            return Err(Fail::missing("InvoiceNo"));
        }
        let reason = match self.status.as_str() {
            "A" => Some("cancelled"),
            "F" => Some("billed"),
            _ => None,
        };
        if let Some(reason) = reason {
            let gross = self.gross.map(Total::from).unwrap_or_default();
            let text = format!("{} {} {gross} {}", self.kind, self.number, context.currency);
            skipped(out, row, locator, &self.number, reason, &text);
            return Ok(());
        }
        let kind = match self.kind.as_str() {
            "FT" | "FS" | "FR" | "ND" => ItemKind::Receivable,
            "NC" => ItemKind::CreditNote,
            other => {
                let text = format!("`{other}` is not a document type that is read: FT, FS, FR, ND, NC. Enter the document by hand if it is a claim.");
                return Err(Fail { code: "saft.unknown_type", text });
            }
        };
        if !context.known.has(&self.customer) {
            let text = format!("Customer `{}` is not in the master files. Add it in the source and export again.", self.customer);
            return Err(Fail { code: "saft.unknown_customer", text });
        }
        let day = self.date.ok_or_else(|| Fail::missing("InvoiceDate"))?;
        let gross = self.gross.ok_or_else(|| Fail::missing("DocumentTotals/GrossTotal"))?;
        let (amount, currency, second) = match self.foreign {
            Some(foreign) if !self.foreign_currency.is_empty() => (foreign, self.foreign_currency.as_str(), Some(gross)),
            _ => (gross, context.currency, None),
        };
        let base = Item {
            locator,
            key: &self.number,
            party: &self.customer,
            document: &self.number,
            currency,
            amount: Some(amount),
            second,
            date: Some(day),
            ..Item::new(kind, row)
        };
        if kind == ItemKind::CreditNote {
            let (cites, text) = self.cited(&context);
            out.push(&Item { cites: &cites, text: &text, ..base });
            return Ok(());
        }
        context.invoices.add(&self.number, &self.kind, &self.customer);
        let tag = if self.kind == "ND" { ReceivableTag::DebitNote } else { ReceivableTag::Invoice };
        let text = self.references.join(", ");
        out.push(&Item {
            due: self.due,
            due_source: if self.due.is_some() { DueSource::Terms } else { DueSource::Unknown },
            tag: tag as u8,
            text: &text,
            ..base
        });
        if self.kind == "FR" {
            self.settle(&base, (amount, gross, day), out);
        }
        Ok(())
    }

    /// The invoice that a credit note is against; references that lead nowhere become text.
    fn cited(&self, context: &Context<'_>) -> (String, String) {
        let mut found: Vec<String> = Vec::new();
        for reference in &self.references {
            match context.invoices.resolve(reference, &self.customer) {
                Some(number) if !found.contains(&number) => found.push(number),
                Some(_) => {}
                None => return (String::new(), self.references.join(", ")),
            }
        }
        match <[String; 1]>::try_from(found) {
            Ok([number]) => (number, String::new()),
            Err(_) => (String::new(), self.references.join(", ")),
        }
    }

    /// An invoice with its receipt settles itself: one receipt for each day on which it was paid.
    fn settle(&self, invoice: &Item<'_>, (amount, gross, day): (Dec, Dec, i32), out: &mut Columns) {
        let stated = invoice.second.is_none() && !self.paid.is_empty();
        let whole = [(day, Total::from(amount))];
        let parts = if stated { self.paid.as_slice() } else { &whole };
        let mut left = Total::from(if stated { gross } else { amount });
        for (i, (day, paid)) in parts.iter().enumerate() {
            let key = if i == 0 { self.number.clone() } else { format!("{}#{}", self.number, i + 1) };
            let Some(received) = paid.to_dec() else {
                continue;
            };
            let second = if i == 0 { invoice.second } else { None };
            out.push(&Item { key: &key, amount: Some(received), second, date: Some(*day), ..Item { kind: ItemKind::Receipt, ..invoice.clone() } });
            let mut rest = left;
            rest.sub_total(*paid);
            let applied = if rest.is_negative() { left } else { *paid };
            left.sub_total(applied);
            if let Some(applied) = applied.to_dec().filter(|d| d.mantissa > 0) {
                let link = format!("{key}>{}", self.number);
                out.push(&Item {
                    locator: invoice.locator,
                    key: &link,
                    document: &self.number,
                    cites: &key,
                    currency: invoice.currency,
                    amount: Some(applied),
                    date: Some(*day),
                    tag: if stated { BasisTag::Stated } else { BasisTag::Inferred } as u8,
                    ..Item::new(ItemKind::Allocation, invoice.row)
                });
            }
        }
    }

    fn pay(&mut self, day: i32, part: Total) {
        // More days than any invoice has: the rest is taken to be paid on the last one.
        let full = self.paid.len() >= PAID_DAYS_MAX;
        let at = self.paid.iter().position(|(d, _)| *d == day).or(full.then_some(PAID_DAYS_MAX - 1));
        match at.and_then(|at| self.paid.get_mut(at)) {
            Some((_, sum)) => sum.add_total(part),
            None => self.paid.push((day, part)),
        }
    }
}
