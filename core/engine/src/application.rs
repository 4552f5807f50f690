//! Applying receipts to receivables and taking that back: one place for intake and for commands.
//!
//! Neither side ever goes below zero: an application that would overdraw one is refused with
//! both figures. In the ledger's currency an application is valued at the receivable's
//! own rate, and the last one takes what is left, so that a cleared receivable is zero in both.

use std::collections::HashMap;

use recoup_model::calendar::Date;
use recoup_model::id::{EntryId, ReceiptId, ReceivableId};
use recoup_model::party::Source;
use recoup_model::receivable::{AllocationBasis, Entry, EntryKind, Receipt, Receivable};
use recoup_model::{Money, MoneyError};
use recoup_store::{EVERYTHING as NOW, StoreError, View};

/// Why an application is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApplyFault {
    #[error("a receipt in {receipt} cannot be applied to a receivable in {receivable}: export both in one currency, or apply it by hand")]
    Currency { receipt: String, receivable: String },
    #[error("an application of {0} is not above zero")]
    NotPositive(Money),
    #[error("{amount} exceeds the {open} open on the receivable by its document or by earlier applications: correct the allocation")]
    Open { amount: Money, open: Money },
    #[error("{amount} exceeds the {unapplied} of the receipt that is not applied yet: correct the allocation")]
    Unapplied { amount: Money, unapplied: Money },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl ApplyFault {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Currency { .. } => "import.currency_mismatch",
            Self::NotPositive(_) => "import.negative_allocation",
            Self::Open { .. } | Self::Unapplied { .. } => "import.over_application",
            Self::Money(_) => "import.overflow",
        }
    }
}

/// Document and ledger minor units.
type Pair = (i64, i64);

/// What is open and what is unapplied, while entries are being made.
#[derive(Debug, Default)]
pub(crate) struct Book {
    open: HashMap<ReceivableId, Pair>,
    unapplied: HashMap<ReceiptId, Pair>,
}

/// What an application says besides its sides and its amount.
pub(crate) struct Act {
    pub id: EntryId,
    pub on: Date,
    pub basis: AllocationBasis,
    pub source: Option<Source>,
}

impl Book {
    /// Everything known now, whatever its effective date: an application may not overdraw any future either.
    pub(crate) fn load(view: &mut View<'_>, receivables: &[ReceivableId], receipts: &[ReceiptId]) -> Result<Self, StoreError> {
        Ok(Self {
            open: view.open_amounts(Date::MAX, NOW, Some(receivables))?.into_iter().map(|(id, d, l)| (id, (d, l))).collect(),
            unapplied: view.unapplied(Date::MAX, NOW, Some(receipts))?.into_iter().map(|(id, d, l)| (id, (d, l))).collect(),
        })
    }

    pub(crate) fn open(&self, id: ReceivableId) -> Pair {
        self.open.get(&id).copied().unwrap_or_default()
    }

    pub(crate) fn unapplied(&self, id: ReceiptId) -> Pair {
        self.unapplied.get(&id).copied().unwrap_or_default()
    }

    /// Applies `amount`, or as much as both sides have; nothing when that is nothing.
    pub(crate) fn apply(&mut self, receipt: &Receipt, receivable: &Receivable, amount: Option<Money>, act: Act) -> Result<Option<Entry>, ApplyFault> {
        let currency = receivable.gross.currency();
        if receipt.amount.currency() != currency {
            return Err(ApplyFault::Currency { receipt: receipt.amount.currency().to_string(), receivable: currency.to_string() });
        }
        let (open, ledger_open) = self.open(receivable.id);
        let (unapplied, _) = self.unapplied(receipt.id);
        let amount = match amount {
            Some(a) if a.minor() <= 0 => return Err(ApplyFault::NotPositive(a)),
            Some(a) => a,
            None => match open.min(unapplied) {
                ..=0 => return Ok(None),
                n => Money::new(n, currency),
            },
        };
        if amount.minor() > open {
            return Err(ApplyFault::Open { amount, open: Money::new(open, currency) });
        }
        if amount.minor() > unapplied {
            return Err(ApplyFault::Unapplied { amount, unapplied: Money::new(unapplied, currency) });
        }
        let ledger = Money::new(ledger_open, receivable.ledger_gross.currency());
        let parts = ledger.split(&[amount.minor(), open - amount.minor()])?;
        let ledger_amount = if currency == ledger.currency() { amount } else { parts.first().copied().unwrap_or(ledger) };
        let entry = Entry {
            id: act.id,
            kind: EntryKind::Applied,
            receivable: Some(receivable.id),
            receipt: Some(receipt.id),
            amount: -amount.minor(),
            ledger_amount: -ledger_amount.minor(),
            on: act.on,
            cites: None,
            means: Some(receipt.means),
            basis: Some(act.basis),
            source: act.source,
        };
        self.book(&entry)?;
        Ok(Some(entry))
    }

    /// Takes an application back.
    pub(crate) fn reverse(&mut self, applied: &Entry, id: EntryId, on: Date, source: Option<Source>) -> Result<Entry, MoneyError> {
        let (amount, ledger_amount) = (neg(applied.amount)?, neg(applied.ledger_amount)?);
        let entry = Entry { id, kind: EntryKind::Reversed, amount, ledger_amount, on, cites: Some(applied.id), source, ..applied.clone() };
        self.book(&entry)?;
        Ok(entry)
    }

    /// Takes a receipt back: what is left of it after its applications were reversed.
    pub(crate) fn bounce(&mut self, receipt: &Receipt, cites: EntryId, id: EntryId, on: Date, source: Option<Source>) -> Result<Entry, MoneyError> {
        let (amount, ledger_amount) = self.unapplied(receipt.id);
        let entry = Entry {
            id,
            kind: EntryKind::Bounced,
            receivable: None,
            receipt: Some(receipt.id),
            amount: neg(amount)?,
            ledger_amount: neg(ledger_amount)?,
            on,
            cites: Some(cites),
            means: Some(receipt.means),
            basis: None,
            source,
        };
        self.book(&entry)?;
        Ok(entry)
    }

    fn book(&mut self, e: &Entry) -> Result<(), MoneyError> {
        let add = |pair: &mut Pair| -> Result<(), MoneyError> {
            pair.0 = pair.0.checked_add(e.amount).ok_or(MoneyError::Overflow)?;
            pair.1 = pair.1.checked_add(e.ledger_amount).ok_or(MoneyError::Overflow)?;
            Ok(())
        };
        if let Some(id) = e.receivable {
            add(self.open.entry(id).or_default())?;
        }
        if let Some(id) = e.receipt {
            add(self.unapplied.entry(id).or_default())?;
        }
        Ok(())
    }
}

fn neg(n: i64) -> Result<i64, MoneyError> {
    n.checked_neg().ok_or(MoneyError::Overflow)
}

/// Applications among `entries` that nothing has taken back, in their order.
pub(crate) fn live_applications(entries: &[Entry]) -> Vec<&Entry> {
    let reversed: std::collections::HashSet<EntryId> = entries.iter().filter(|e| e.kind == EntryKind::Reversed).filter_map(|e| e.cites).collect();
    entries.iter().filter(|e| e.kind == EntryKind::Applied && !reversed.contains(&e.id)).collect()
}
