//! Recovery month by month (清收月报, FF-6): how many receipts on how many debts, how much, and what part of what was owed.
//!
//! An application counts in the month of its own effective date, a reversal in that of its own. Who recovered is whoever
//! answered for the debt on that day.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use recoup_model::calendar::{Date, Month, previous_day};
use recoup_model::id::{ContractId, EntryId, PartyId, ReceiptId, ReceivableId};
use recoup_model::receivable::{Entry, EntryKind, Means, Receivable};
use recoup_store::{EntryFilter, View};
use rust_decimal::{Decimal, RoundingStrategy};

use super::responsible::Answering;
use super::{NONE, add};
use crate::EngineError;

/// What rows stand for, besides their month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Debtors.
    Debtor,
    /// Contracts.
    Contract,
    /// Whoever answered on the day.
    Responsible,
    /// The unit that signed the letter that was in force on the day.
    Unit,
}

/// What was recovered in a month; amounts are minor units of the ledger's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The month.
    pub month: Month,
    /// Of whom.
    pub label: String,
    /// Receipts of which something was applied.
    pub receipts: usize,
    /// Debts on which something was applied.
    pub debts: usize,
    /// Cash applied, reversals taken off.
    pub cash: i64,
    /// Applied otherwise (credit notes, set-off, goods), likewise.
    pub otherwise: i64,
}

/// All that was recovered in a month, of all that was owed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The figures; their label is empty.
    pub row: Row,
    /// Open at the month's beginning, and what arose in it, corrections included.
    pub owed: i64,
    /// Clearing rate in per cent with two decimals, half away from zero: cash ÷ owed. None where nothing was owed.
    pub rate: Option<Decimal>,
}

/// Months of a span: what each group recovered, and the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// By month and label.
    pub rows: Vec<Row>,
    /// By month, also those in which nothing was recovered.
    pub totals: Vec<Total>,
}

/// What was recovered from one month to another by the end of a day, as known at a position.
///
/// # Errors
/// The store, or a sum out of range.
pub fn recovery(view: &mut View<'_>, by: By, (from, to): (Month, Month), as_of: Date, known_at: i64) -> Result<Recovery, EngineError> {
    let until = to.last_day().min(as_of);
    let entries = view.entries(EntryFilter::default(), Some(until), known_at)?;
    let labels = Labels::of(view, by, known_at)?;
    let means: HashMap<EntryId, Means> = entries.iter().filter_map(|e| Some((e.id, e.means?))).collect();
    let mut open = open_before(&entries, from)?;
    let mut found = Recovery::default();
    let mut rest = entries.iter().filter(|e| e.on >= from.first_day()).peekable();
    let mut month = from;
    while month <= to {
        let (mut groups, mut all): (BTreeMap<String, Sum>, Sum) = Default::default();
        let mut owed = open;
        while let Some(entry) = rest.next_if(|e| e.on <= month.last_day()) {
            let Some(receivable) = entry.receivable else { continue };
            open = add(open, entry.ledger_amount)?;
            match entry.kind {
                EntryKind::Gross | EntryKind::Correction => owed = add(owed, entry.ledger_amount)?,
                EntryKind::Applied | EntryKind::Reversed => {
                    let of = entry.means.or_else(|| means.get(&entry.cites?).copied()).unwrap_or(Means::Cash);
                    for sum in [groups.entry(labels.of_debt(receivable, entry.on)).or_default(), &mut all] {
                        sum.count(entry, receivable, of)?;
                    }
                }
                EntryKind::WrittenOff | EntryKind::Received | EntryKind::ReceivedCorrection | EntryKind::Bounced => {}
            }
        }
        found.rows.extend(groups.into_iter().map(|(label, sum)| sum.row(month, label)));
        let row = all.row(month, String::new());
        found.totals.push(Total { rate: rate(row.cash, owed), owed, row });
        month = month.next();
    }
    Ok(found)
}

/// Open at the end of the day before a month.
fn open_before(entries: &[Entry], month: Month) -> Result<i64, EngineError> {
    let last = previous_day(month.first_day());
    entries.iter().filter(|e| e.on <= last && e.receivable.is_some()).try_fold(0, |sum, e| add(sum, e.ledger_amount))
}

/// Per cent with two decimals.
pub(super) fn rate(part: i64, whole: i64) -> Option<Decimal> {
    let exact = Decimal::from(part).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(Decimal::from(whole)).filter(|_| whole > 0)?;
    let mut rate = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rate.rescale(2);
    Some(rate)
}

#[derive(Default)]
struct Sum {
    receipts: BTreeSet<ReceiptId>,
    debts: BTreeSet<ReceivableId>,
    cash: i64,
    otherwise: i64,
}

impl Sum {
    fn count(&mut self, entry: &Entry, receivable: ReceivableId, means: Means) -> Result<(), EngineError> {
        if entry.kind == EntryKind::Applied {
            self.receipts.extend(entry.receipt);
            self.debts.insert(receivable);
        }
        let side = if means == Means::Cash { &mut self.cash } else { &mut self.otherwise };
        *side = side.checked_sub(entry.ledger_amount).ok_or(recoup_model::MoneyError::Overflow)?;
        Ok(())
    }

    fn row(self, month: Month, label: String) -> Row {
        Row { month, label, receipts: self.receipts.len(), debts: self.debts.len(), cash: self.cash, otherwise: self.otherwise }
    }
}

/// What debts are counted under.
enum Labels {
    Debtors(HashMap<ReceivableId, PartyId>, HashMap<PartyId, String>),
    Contracts(HashMap<ReceivableId, ContractId>, HashMap<ContractId, String>),
    People(Answering),
    Units(Answering),
}

impl Labels {
    fn of(view: &mut View<'_>, by: By, known_at: i64) -> Result<Self, EngineError> {
        let mut claims = || -> Result<Vec<Receivable>, EngineError> { Ok(view.receivables(None, known_at)?) };
        Ok(match by {
            By::Debtor => {
                let claims = claims()?.into_iter().map(|r| (r.id, r.party)).collect();
                Self::Debtors(claims, view.parties(None, known_at)?.into_iter().map(|(p, _)| (p.id, super::aging::party_label(&p))).collect())
            }
            By::Contract => {
                let claims = claims()?.into_iter().filter_map(|r| Some((r.id, r.contract?))).collect();
                Self::Contracts(claims, view.contracts(None, known_at)?.into_iter().map(|c| (c.id, c.code)).collect())
            }
            By::Responsible => Self::People(Answering::of(view, known_at)?),
            By::Unit => Self::Units(Answering::of(view, known_at)?),
        })
    }

    fn of_debt(&self, receivable: ReceivableId, day: Date) -> String {
        let found = match self {
            Self::Debtors(claims, names) => claims.get(&receivable).and_then(|p| names.get(p)).cloned(),
            Self::Contracts(claims, codes) => claims.get(&receivable).and_then(|c| codes.get(c)).cloned(),
            Self::People(answering) => Some(answering.people(receivable, day)),
            Self::Units(answering) => answering.units(receivable, day),
        };
        found.unwrap_or_else(|| NONE.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn a_rate_has_two_decimals_half_away_from_zero() {
        let told = |part, whole| rate(part, whole).map(|r| r.to_string());
        assert_eq!(told(1, 3).as_deref(), Some("33.33"));
        assert_eq!(told(1, 800).as_deref(), Some("0.13"), "0.125");
        assert_eq!(told(-1, 800).as_deref(), Some("-0.13"));
        assert_eq!(told(14_700_000_000, 23_000_000_000).as_deref(), Some("63.91"), "PW-3 says 64 in whole per cent");
        assert_eq!((told(1, 0), told(0, -5)), (None, None), "nothing was owed");
    }
}
