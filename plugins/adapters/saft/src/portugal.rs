//! Portugal: customers, sales documents and receipts. Working documents, movements of goods
//! and suppliers are passed over.
//!
//! Control totals are sums of net lines, without cancelled and billed documents; the debt is the gross.

use crate::index::{Invoices, Known};
use crate::missing_element;
use crate::portugal::document::Document;
use crate::portugal::payment::Payment;
use crate::value::{Section, Values};
use crate::xml::Xml;
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::{Columns, Control, Item, ItemKind, Problem, issue};

mod document;
mod payment;

/// What the schema demands of a header, and what is used or identifies the file.
const HEADER: [&str; 10] = [
    "AuditFileVersion",
    "CompanyID",
    "TaxRegistrationNumber",
    "TaxAccountingBasis",
    "CompanyName",
    "FiscalYear",
    "StartDate",
    "EndDate",
    "CurrencyCode",
    "DateCreated",
];
/// Receipts that get a control of their own because their figures differ.
const NAMED_MAX: usize = 1_000;
/// Tax id of customers who did not give one.
const NO_TAX_ID: &str = "999999990";

/// A file of Portugal.
#[derive(Debug)]
pub(crate) struct Portugal {
    values: Values,
    header: [bool; HEADER.len()],
    currency: String,
    known: Known,
    invoices: Invoices,
    customer: Customer,
    document: Document,
    payment: Payment,
    sales: Section,
    payments: Section,
    /// Gross of all receipts, and what was received for them.
    methods: Option<(Total, Total)>,
    /// Receipts whose gross is not what was received.
    differ: Vec<Control>,
    customers: u64,
}

impl Default for Portugal {
    fn default() -> Self {
        Self {
            values: Values::new(),
            header: [false; HEADER.len()],
            currency: String::new(),
            known: Known::default(),
            invoices: Invoices::default(),
            customer: Customer::default(),
            document: Document::default(),
            payment: Payment::default(),
            sales: Section::default(),
            payments: Section::default(),
            methods: None,
            differ: Vec::new(),
            customers: 0,
        }
    }
}

#[derive(Debug, Default)]
struct Customer {
    id: String,
    tax_id: String,
    name: String,
}

/// What documents and receipts need to know of the rest of the file.
struct Context<'a> {
    currency: &'a str,
    known: &'a Known,
    invoices: &'a mut Invoices,
}

impl Portugal {
    /// An element begins.
    pub(crate) fn open(&mut self, path: &str) {
        match path {
            "AuditFile/MasterFiles/Customer" => self.customer = Customer::default(),
            "AuditFile/SourceDocuments/SalesInvoices" => self.sales.present = true,
            "AuditFile/SourceDocuments/Payments" => self.payments.present = true,
            "AuditFile/SourceDocuments/SalesInvoices/Invoice" => self.document = Document::default(),
            "AuditFile/SourceDocuments/Payments/Payment" => self.payment = Payment::default(),
            "AuditFile/SourceDocuments/Payments/Payment/Line" => self.payment.line(),
            _ => {}
        }
    }

    /// An element ends.
    pub(crate) fn close(&mut self, xml: &Xml, out: &mut Columns) -> Result<(), Problem> {
        let (path, text) = (xml.path(), xml.text());
        let Some(path) = path.strip_prefix("AuditFile/") else {
            return Ok(());
        };
        if let Some(path) = path.strip_prefix("SourceDocuments/SalesInvoices/") {
            self.sales(path, text, xml, out)
        } else if let Some(path) = path.strip_prefix("SourceDocuments/Payments/") {
            self.receipts(path, text, xml, out)
        } else if let Some(path) = path.strip_prefix("MasterFiles/Customer") {
            match path {
                "" => self.party(out),
                "/CustomerID" => text.clone_into(&mut self.customer.id),
                "/CustomerTaxID" => text.clone_into(&mut self.customer.tax_id),
                "/CompanyName" => text.clone_into(&mut self.customer.name),
                _ => {}
            }
            Ok(())
        } else if let Some(path) = path.strip_prefix("Header") {
            self.header(path.trim_start_matches('/'), text, xml)
        } else {
            Ok(())
        }
    }

    /// The control totals.
    pub(crate) fn controls(&mut self) -> Vec<Control> {
        let mut all = vec![Control::new("customers.count", None, self.customers)];
        all.extend(self.sales.controls("sales-invoices"));
        all.extend(self.payments.controls("payments"));
        if let Some((gross, received)) = self.methods {
            all.push(Control::new("payments.methods", Some(gross.to_string()), received));
        }
        all.append(&mut self.differ);
        all
    }

    fn header(&mut self, field: &str, text: &str, xml: &Xml) -> Result<(), Problem> {
        if field.is_empty() {
            let missing: Vec<&str> = HEADER.iter().zip(self.header).filter(|(_, there)| !there).map(|(name, _)| *name).collect();
            return if missing.is_empty() { Ok(()) } else { Err(missing_element("/AuditFile/Header", &missing, "SAF-T of Portugal")) };
        }
        if let Some(there) = HEADER.iter().position(|h| *h == field).and_then(|i| self.header.get_mut(i)) {
            *there = !text.is_empty();
        }
        if field == "AuditFileVersion" && text != "1.04_01" {
            return Err(
                xml.problem("saft.version", &format!("Version `{text}` of the SAF-T of Portugal is not read; 1.04_01 is. Export the file in that version."))
            );
        }
        if field == "CurrencyCode" {
            text.clone_into(&mut self.currency);
        }
        Ok(())
    }

    fn party(&mut self, out: &mut Columns) {
        self.customers += 1;
        let Customer { id, tax_id, name } = &self.customer;
        let locator = format!("/AuditFile/MasterFiles/Customer[{}]", self.customers);
        if id.is_empty() {
            let text = "`CustomerID` is missing. Fill it in the source and export again.";
            return issue(out, self.customers, &locator, "", "saft.missing_field", text);
        }
        if !self.known.add(id) {
            let text = "The file has more than 400,000 customers. Export it in parts.";
            return issue(out, self.customers, &locator, id, "saft.too_many_customers", text);
        }
        let document = if tax_id == NO_TAX_ID { "" } else { tax_id };
        out.push(&Item { locator: &locator, key: id, name, document, ..Item::new(ItemKind::Party, self.customers) });
    }

    fn sales(&mut self, path: &str, text: &str, xml: &Xml, out: &mut Columns) -> Result<(), Problem> {
        if stated(&mut self.sales, &self.values, path, text, xml, out) {
            return Ok(());
        }
        if path != "Invoice" {
            self.document.field(path.trim_start_matches("Invoice/"), text, &self.values);
            return Ok(());
        }
        self.sales.count += 1;
        let invoices = &mut self.invoices;
        let context = Context { currency: &self.currency, known: &self.known, invoices };
        self.document.emit(context, self.sales.count, out);
        if self.document.counts() {
            self.sales.debit.add_total(self.document.debit);
            self.sales.credit.add_total(self.document.credit);
        }
        Ok(())
    }

    fn receipts(&mut self, path: &str, text: &str, xml: &Xml, out: &mut Columns) -> Result<(), Problem> {
        if stated(&mut self.payments, &self.values, path, text, xml, out) {
            return Ok(());
        }
        if path != "Payment" {
            return self.payment.field(path.trim_start_matches("Payment/"), text, &self.values, xml);
        }
        self.payments.count += 1;
        let invoices = &mut self.invoices;
        let context = Context { currency: &self.currency, known: &self.known, invoices };
        if let Some(settled) = self.payment.emit(context, self.payments.count, out) {
            let (gross, received) = self.methods.get_or_insert_default();
            gross.add_total(settled.gross);
            received.add_total(settled.received);
            if settled.gross != settled.received && self.differ.len() < NAMED_MAX {
                let stated = Some(settled.gross.to_string());
                self.differ.push(Control::new("payment.methods", stated, settled.received).about(settled.reference));
            }
        }
        if self.payment.counts() {
            self.payments.debit.add_total(self.payment.debit);
            self.payments.credit.add_total(self.payment.credit);
        }
        Ok(())
    }
}

/// Notes a stated total of a section; `false` when the element is something else.
fn stated(section: &mut Section, values: &Values, path: &str, text: &str, xml: &Xml, out: &mut Columns) -> bool {
    let slot = match path {
        "NumberOfEntries" => &mut section.stated_count,
        "TotalDebit" => &mut section.stated_debit,
        "TotalCredit" => &mut section.stated_credit,
        _ => return false,
    };
    match values.amount(path, text) {
        Ok(amount) => *slot = Some(Total::from(amount)),
        Err(fail) => issue(out, 0, &format!("/{}", xml.path()), "", fail.code, &fail.text),
    }
    true
}
