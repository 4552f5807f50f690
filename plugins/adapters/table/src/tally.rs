//! What is counted and summed while reading: the controls of a table.

use crate::header::{Head, Source};
use crate::plan::{Plan, TotalPlan};
use crate::profile::Order;
use crate::quick::same;
use crate::row::{Fail, Parsed, Row, read_amount, value_of};
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::record::RecordReader;
use recoup_sdk::adapter::{Control, Dec};

/// Broken links of a running balance that are named.
const BREAKS_NAMED: usize = 20;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Receivables,
    Receipts,
    CreditNotes,
    Allocations,
    Reversals,
    MoneyOut,
    Skipped,
}

impl Counted {
    fn name(self) -> &'static str {
        match self {
            Self::Receivables => "receivables",
            Self::Receipts => "receipts",
            Self::CreditNotes => "credit-notes",
            Self::Allocations => "allocations",
            Self::Reversals => "reversals",
            Self::MoneyOut => "money-out",
            Self::Skipped => "skipped",
        }
    }
}

#[derive(Debug)]
struct Count {
    of: Counted,
    currency: String,
    count: u64,
    sum: Total,
}

impl Count {
    #[inline]
    fn add(&mut self, amount: Option<Dec>) {
        self.count += 1;
        if let Some(d) = amount {
            self.sum.add(d);
        }
    }
}

/// Counts and sums.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    rows: u64,
    issues: u64,
    counts: Vec<Count>,
    /// By total row of the profile, then by its columns.
    sums: Vec<Vec<Total>>,
    controls: Vec<Control>,
    chain: Chain,
}

#[derive(Debug, Default)]
struct Chain {
    rows: u64,
    held: u64,
    /// Balance and amount of the row above, if both could be read.
    above: Option<(Total, Total)>,
    breaks: Vec<Control>,
}

impl Tally {
    /// Starts with nothing.
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { sums: plan.totals.iter().map(|t| vec![Total::default(); t.columns.len()]).collect(), ..Self::default() }
    }

    /// Counts an emitted item.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "one call of it is made for every row")]
    pub(crate) fn count(&mut self, of: Counted, currency: &str, amount: Option<Dec>) {
        let known = self.counts.iter_mut().find(|c| c.of == of && same(&c.currency, currency));
        match known {
            Some(known) => known.add(amount),
            None => self.first(of, currency, amount),
        }
    }

    #[cold]
    fn first(&mut self, of: Counted, currency: &str, amount: Option<Dec>) {
        let mut count = Count { of, currency: currency.to_owned(), count: 0, sum: Total::default() };
        count.add(amount);
        self.counts.push(count);
    }

    /// Counts a record that cannot be read.
    pub(crate) fn issue(&mut self) {
        self.issues += 1;
    }

    /// Counts a record that cannot be read, whose row is not counted otherwise.
    pub(crate) fn defect(&mut self) {
        self.rows += 1;
        self.issues += 1;
        self.chain.row(None);
    }

    /// Adds a row of data to the sums.
    pub(crate) fn row(&mut self, row: Row<'_>) {
        self.rows += 1;
        for (total, sums) in row.plan.totals.iter().zip(&mut self.sums) {
            for ((_, slot), sum) in total.columns.iter().zip(sums) {
                if let Some(Ok(Some(amount))) = row.amounts.get(*slot) {
                    sum.add(*amount);
                }
            }
        }
        if let Some(plan) = &row.plan.balance {
            let balance = row.amounts.get(plan.slot).and_then(|p| p.ok().flatten());
            let amount = row.amount(&plan.amount).ok().flatten();
            let link = balance.zip(amount).map(|(b, a)| (Total::from(b), Total::from(a)));
            if let Some(broken) = self.chain.row(link.map(|l| (l, plan.order))) {
                self.chain.note(row.line(), broken);
            }
        }
    }

    /// Checks a total row against the sums.
    pub(crate) fn total(&mut self, reader: &RecordReader, plan: &Plan, head: &Head, at: usize) -> Result<(), Fail> {
        let (Some(total), Some(sums)) = (plan.totals.get(at), self.sums.get_mut(at)) else {
            return Ok(());
        };
        let result = check_total(reader, plan, head, (total, sums), &mut self.controls);
        if total.subtotal {
            sums.fill(Total::default());
        }
        result
    }

    /// All controls.
    pub(crate) fn controls(&mut self, has_balance: bool) -> Vec<Control> {
        let mut all = vec![Control::new("rows", None, self.rows), Control::new("issues", None, self.issues)];
        for c in &self.counts {
            all.push(Control::new(c.of.name(), None, c.count).about(&c.currency));
            if !c.currency.is_empty() {
                all.push(Control::new(&format!("{}.amount", c.of.name()), None, c.sum).about(&c.currency));
            }
        }
        for money_out in self.counts.iter().filter(|c| c.of == Counted::MoneyOut) {
            let receipts = self.counts.iter().find(|c| c.of == Counted::Receipts && c.currency == money_out.currency);
            let mut net = receipts.map(|c| c.sum).unwrap_or_default();
            net.sub_total(money_out.sum);
            all.push(Control::new("net", None, net).about(&money_out.currency));
        }
        all.append(&mut self.controls);
        if has_balance {
            let links = self.chain.rows.saturating_sub(1);
            all.push(Control::new("running-balance", Some(links.to_string()), self.chain.held));
            all.append(&mut self.chain.breaks);
        }
        all
    }
}

fn check_total(reader: &RecordReader, plan: &Plan, head: &Head, (total, sums): (&TotalPlan, &[Total]), controls: &mut Vec<Control>) -> Result<(), Fail> {
    for ((id, _), sum) in total.columns.iter().zip(sums) {
        let Some(cell) = head.sources.get(*id).and_then(Source::cell) else {
            continue;
        };
        let text = value_of(plan, reader.cell(cell));
        let stated: Parsed = read_amount(plan, head, text);
        match stated {
            Ok(None) => {}
            Ok(Some(stated)) => {
                let name = plan.columns.get(*id).map_or("", |c| c.name.as_str());
                let stated = Total::from(stated).to_string();
                controls.push(Control::new(&format!("total.{name}"), Some(stated), sum).about(format!("line {}", reader.line())));
            }
            Err(error) => {
                let label = head.labels.get(*id).map_or("", String::as_str);
                let text = format!("The total `{text}` in column `{label}` {error}, so it cannot be checked. Correct it in the source.");
                return Err(Fail { code: "table.bad_total", text });
            }
        }
    }
    Ok(())
}

impl Chain {
    /// Links a row to the one above; a link that does not hold gives the balances that it has and should have.
    fn row(&mut self, row: Option<((Total, Total), Order)>) -> Option<(Total, Total)> {
        self.rows += 1;
        let above = std::mem::replace(&mut self.above, row.map(|(link, _)| link));
        let ((balance, amount), order) = row?;
        let (balance_above, amount_above) = above?;
        let mut expected = balance_above;
        match order {
            Order::NewestFirst => expected.sub_total(amount_above),
            Order::OldestFirst => expected.add_total(amount),
        }
        if expected == balance {
            self.held += 1;
            return None;
        }
        Some((balance, expected))
    }

    fn note(&mut self, line: u64, (stated, expected): (Total, Total)) {
        if self.breaks.len() < BREAKS_NAMED {
            self.breaks.push(Control::new("running-balance.break", Some(stated.to_string()), expected).about(format!("line {line}")));
        }
    }
}
