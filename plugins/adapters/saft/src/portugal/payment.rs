//! One receipt, and the invoices that it pays.
//!
//! Its lines are net of tax and the debt is gross, so only the receipt as a whole says what was
//! paid: for one invoice all of it, for several it is divided in proportion to the lines.

use super::Context;
use crate::value::{Fail, Values, date, keep};
use crate::xml::Xml;
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::{BasisTag, Columns, Dec, Item, ItemKind, Problem, issue, skipped};

/// Invoices that one receipt pays.
const PAID_MAX: usize = 10_000;

/// What a receipt says it is worth, and what its payment methods add up to.
pub(super) struct Settled {
    pub(super) reference: String,
    pub(super) gross: Total,
    pub(super) received: Total,
}

/// One receipt, while it is read.
#[derive(Debug, Default)]
pub(super) struct Payment {
    reference: String,
    status: String,
    customer: String,
    description: String,
    date: Option<i32>,
    value_date: Option<i32>,
    gross: Option<Dec>,
    foreign: Option<Dec>,
    foreign_currency: String,
    /// Money by all methods, and tax that the customer withheld.
    received: Option<Total>,
    withheld: Total,
    /// Net amounts by invoice, in the order of the file.
    paid: Vec<(String, Total)>,
    /// Which of `paid` the current line is about.
    line: Option<usize>,
    line_net: Total,
    pub(super) debit: Total,
    pub(super) credit: Total,
    fault: Option<Fail>,
}

impl Payment {
    /// A line begins.
    pub(super) fn line(&mut self) {
        self.line = None;
        self.line_net = Total::default();
    }

    /// A field, or a line, ends.
    pub(super) fn field(&mut self, path: &str, text: &str, values: &Values, xml: &Xml) -> Result<(), Problem> {
        let amount = |fault: &mut Option<Fail>| keep(fault, values.amount(path, text));
        match path {
            "PaymentRefNo" => text.clone_into(&mut self.reference),
            "DocumentStatus/PaymentStatus" => text.clone_into(&mut self.status),
            "CustomerID" => text.clone_into(&mut self.customer),
            "Description" => text.clone_into(&mut self.description),
            "TransactionDate" => self.date = keep(&mut self.fault, date(path, text)),
            "PaymentMethod/PaymentAmount" => {
                if let Some(d) = amount(&mut self.fault) {
                    self.received.get_or_insert_default().add(d);
                }
            }
            "PaymentMethod/PaymentDate" => self.value_date = self.value_date.max(keep(&mut self.fault, date(path, text))),
            "WithholdingTax/WithholdingTaxAmount" => {
                if let Some(d) = amount(&mut self.fault) {
                    self.withheld.add(d);
                }
            }
            "Line/SourceDocumentID/OriginatingON" => {
                let known = self.paid.iter().position(|(number, _)| number == text);
                if known.is_none() && self.paid.len() >= PAID_MAX {
                    let what = format!("The receipt pays more than {PAID_MAX} invoices. Export it in parts.");
                    return Err(xml.problem("saft.too_many_lines", &what));
                }
                self.line = Some(known.unwrap_or_else(|| {
                    self.paid.push((text.to_owned(), Total::default()));
                    self.paid.len() - 1
                }));
            }
            "Line/CreditAmount" => {
                if let Some(d) = amount(&mut self.fault) {
                    self.credit.add(d);
                    self.line_net.add(d);
                }
            }
            "Line/DebitAmount" => {
                if let Some(d) = amount(&mut self.fault) {
                    self.debit.add(d);
                    self.line_net.sub(d);
                }
            }
            "Line" => {
                if let Some((_, net)) = self.line.and_then(|at| self.paid.get_mut(at)) {
                    net.add_total(self.line_net);
                }
            }
            "DocumentTotals/GrossTotal" => self.gross = amount(&mut self.fault),
            "DocumentTotals/Currency/CurrencyCode" => text.clone_into(&mut self.foreign_currency),
            "DocumentTotals/Currency/CurrencyAmount" => self.foreign = amount(&mut self.fault),
            _ => {}
        }
        Ok(())
    }

    /// Whether the stated totals count the receipt: cancelled ones are left out.
    pub(super) fn counts(&self) -> bool {
        self.status != "A"
    }

    /// Emits the receipt and what it pays. Returned are its gross and what was received for it,
    /// withheld tax included.
    pub(super) fn emit(&mut self, context: Context<'_>, row: u64, out: &mut Columns) -> Option<Settled> {
        let locator = format!("/AuditFile/SourceDocuments/Payments/Payment[{row}]");
        match self.write(&context, row, &locator, out) {
            Ok(settled) => settled,
            Err(fail) => {
                issue(out, row, &locator, &self.reference, fail.code, &fail.text);
                None
            }
        }
    }

    fn write(&mut self, context: &Context<'_>, row: u64, locator: &str, out: &mut Columns) -> Result<Option<Settled>, Fail> {
        if let Some(fail) = self.fault.take() {
            return Err(fail);
        }
        if self.reference.is_empty() {
            return Err(Fail::missing("PaymentRefNo"));
        }
        let gross = self.gross.ok_or_else(|| Fail::missing("DocumentTotals/GrossTotal"))?;
        if !self.counts() {
            let text = format!("{} {} {}", self.description, Total::from(gross), context.currency);
            skipped(out, row, locator, &self.reference, "cancelled", &text);
            return Ok(None);
        }
        if !context.known.has(&self.customer) {
            let text = format!("Customer `{}` is not in the master files. Add it in the source and export again.", self.customer);
            return Err(Fail { code: "saft.unknown_customer", text });
        }
        let day = self.date.ok_or_else(|| Fail::missing("TransactionDate"))?;
        // Withheld tax settles a debt without being money in.
        let money = self.received.unwrap_or(Total::from(gross)).to_dec();
        let money = money.ok_or_else(|| Fail::missing("PaymentMethod/PaymentAmount"))?;
        let (amount, currency, second) = match self.foreign {
            Some(foreign) if !self.foreign_currency.is_empty() => (foreign, self.foreign_currency.as_str(), Some(money)),
            _ => (money, context.currency, None),
        };
        out.push(&Item {
            locator,
            key: &self.reference,
            party: &self.customer,
            document: &self.reference,
            currency,
            text: &self.description,
            amount: Some(amount),
            second,
            date: Some(day),
            due: self.value_date,
            ..Item::new(ItemKind::Receipt, row)
        });
        let most = if second.is_none() && exceeds(amount, gross) { gross } else { amount };
        let paid: Vec<&(String, Total)> = self.paid.iter().filter(|(_, net)| !net.is_negative() && !net.is_zero()).collect();
        let weights: Vec<Total> = paid.iter().map(|(_, net)| *net).collect();
        let basis = if paid.len() == 1 { BasisTag::Stated } else { BasisTag::Inferred };
        for ((number, _), share) in paid.iter().zip(divide(most, &weights).unwrap_or_default()) {
            let document = context.invoices.resolve(number, &self.customer).unwrap_or_else(|| number.clone());
            let key = format!("{}>{document}", self.reference);
            out.push(&Item {
                locator,
                key: &key,
                document: &document,
                cites: &self.reference,
                currency,
                amount: Some(share),
                date: Some(day),
                tag: basis as u8,
                ..Item::new(ItemKind::Allocation, row)
            });
        }
        Ok(self.received.map(|mut received| {
            received.add_total(self.withheld);
            Settled { reference: self.reference.clone(), gross: Total::from(gross), received }
        }))
    }
}

fn exceeds(amount: Dec, limit: Dec) -> bool {
    let mut rest = Total::from(limit);
    rest.sub(amount);
    rest.is_negative()
}

/// Divides an amount in proportion to weights above zero; the cents that are left over go to the
/// largest remainders, so the parts sum to the whole.
fn divide(whole: Dec, weights: &[Total]) -> Option<Vec<Dec>> {
    let scale = whole.scale.max(2);
    let units = Total::from(whole).units_of(scale);
    let weights: Vec<i128> = weights.iter().map(|w| w.units_of(2)).collect();
    let sum = weights.iter().try_fold(0_i128, |sum, w| sum.checked_add(*w)).filter(|sum| *sum > 0)?;
    let shares = weights.iter().map(|w| units.checked_mul(*w).map(|product| (product / sum, product % sum)));
    let mut parts: Vec<(i128, i128)> = shares.collect::<Option<_>>()?;
    let left = units - parts.iter().map(|(share, _)| share).sum::<i128>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(parts.get(*i).map(|(_, rest)| *rest)));
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some((share, _)) = parts.get_mut(at) {
            *share += 1;
        }
    }
    parts.into_iter().map(|(share, _)| Some(Dec { mantissa: i64::try_from(share).ok()?, scale })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_gives_the_whole() {
        let weights = [1, 1, 1].map(|m| Total::from(Dec { mantissa: m, scale: 0 }));
        let cents: Vec<i64> = divide(Dec { mantissa: 100, scale: 0 }, &weights).unwrap_or_default().iter().map(|d| d.mantissa).collect();
        assert_eq!(cents, [3334, 3333, 3333]);
    }
}
