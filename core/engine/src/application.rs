//! Applying receipts to receivables and taking that back: one place for intake and for commands.
//!
//! Neither side ever goes below zero, on no day: an application takes effect when both sides
//! exist, and takes at most what is free from that day on, whatever happens later. In the
//! ledger's currency an application is valued at the receivable's own rate, and the last one
//! takes what is left, so that a cleared receivable is zero in both.

use std::collections::{HashMap, HashSet};

use recoup_model::calendar::Date;
use recoup_model::id::{EntryId, ReceiptId, ReceivableId};
use recoup_model::party::Source;
use recoup_model::receivable::{AllocationBasis, Entry, EntryKind, Receipt, Receivable};
use recoup_model::{Money, MoneyError};
use recoup_store::{EVERYTHING as NOW, EntryFilter, StoreError, View};

/// Why an application is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApplyFault {
    #[error("a receipt in {receipt} cannot be applied to a receivable in {receivable}: export both in one currency, or apply it by hand")]
    Currency { receipt: String, receivable: String },
    #[error("{0} is not above zero: correct the amount")]
    NotPositive(Money),
    #[error("it would take effect on {on}, before {earliest}, when receipt and document both exist: correct the date")]
    Early { on: Date, earliest: Date },
    #[error("{amount} exceeds the {open} open on the receivable from {on} on: correct the amount or the earlier applications")]
    Open { amount: Money, open: Money, on: Date },
    #[error("{amount} exceeds the {unapplied} of the receipt that is not applied from {on} on: correct the amount or the earlier applications")]
    Unapplied { amount: Money, unapplied: Money, on: Date },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl ApplyFault {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Currency { .. } => "import.currency_mismatch",
            Self::NotPositive(_) => "import.negative_allocation",
            Self::Early { .. } => "import.early_application",
            Self::Open { .. } | Self::Unapplied { .. } => "import.over_application",
            Self::Money(_) => "import.overflow",
        }
    }
}

/// Document and ledger minor units.
type Pair = (i64, i64);

/// A balance over time, by the days on which it changes: few, so a list is smaller than a tree.
#[derive(Debug, Default)]
struct Timeline(Vec<(Date, Pair)>);

impl Timeline {
    fn book(&mut self, on: Date, (document, ledger): Pair) -> Result<(), MoneyError> {
        let at = self.0.partition_point(|(day, _)| *day < on);
        match self.0.get_mut(at).filter(|(day, _)| *day == on) {
            Some((_, day)) => *day = (day.0.checked_add(document).ok_or(MoneyError::Overflow)?, day.1.checked_add(ledger).ok_or(MoneyError::Overflow)?),
            None => self.0.insert(at, (on, (document, ledger))),
        }
        Ok(())
    }

    /// The balance at the end of time.
    fn last(&self) -> Pair {
        self.0.iter().fold((0, 0), |a, (_, b)| (a.0 + b.0, a.1 + b.1))
    }

    /// The least document balance from a day on: what can be taken then without overdrawing a later day.
    fn free_from(&self, on: Date) -> i64 {
        let (until, later) = self.0.split_at(self.0.partition_point(|(day, _)| *day <= on));
        let before: i64 = until.iter().map(|(_, p)| p.0).sum();
        later
            .iter()
            .scan(before, |balance, (_, p)| {
                *balance += p.0;
                Some(*balance)
            })
            .fold(before, i64::min)
    }
}

/// What is open and what is unapplied over time, while entries are being made.
#[derive(Debug, Default)]
pub(crate) struct Book {
    open: HashMap<ReceivableId, Timeline>,
    unapplied: HashMap<ReceiptId, Timeline>,
    /// The entries that were there, in the order of effect.
    pub entries: Vec<Entry>,
}

/// What an application says besides its sides and its amount.
pub(crate) struct Act {
    pub id: EntryId,
    pub on: Date,
    pub basis: AllocationBasis,
    pub source: Option<Source>,
}

impl Book {
    /// Everything known now about some receivables and receipts.
    pub(crate) fn load(view: &mut View<'_>, receivables: &[ReceivableId], receipts: &[ReceiptId]) -> Result<Self, StoreError> {
        let mut book = Self::default();
        let of_receivables = view.entries(EntryFilter { receivables: Some(receivables), receipts: None }, None, NOW)?;
        let of_receipts = view.entries(EntryFilter { receivables: None, receipts: Some(receipts) }, None, NOW)?;
        for e in &of_receivables {
            if let Some(id) = e.receivable {
                book.open.entry(id).or_default().book(e.on, (e.amount, e.ledger_amount)).map_err(|_| StoreError::Overflow)?;
            }
        }
        for e in &of_receipts {
            if let Some(id) = e.receipt {
                book.unapplied.entry(id).or_default().book(e.on, (e.amount, e.ledger_amount)).map_err(|_| StoreError::Overflow)?;
            }
        }
        let mut seen = HashSet::new();
        book.entries = of_receivables.into_iter().chain(of_receipts).filter(|e| seen.insert(e.id)).collect();
        Ok(book)
    }

    pub(crate) fn open(&self, id: ReceivableId) -> Pair {
        self.open.get(&id).map(Timeline::last).unwrap_or_default()
    }

    pub(crate) fn unapplied(&self, id: ReceiptId) -> Pair {
        self.unapplied.get(&id).map(Timeline::last).unwrap_or_default()
    }

    /// Least open amount of a receivable from a day on.
    pub(crate) fn open_from(&self, id: ReceivableId, on: Date) -> i64 {
        self.open.get(&id).map_or(0, |t| t.free_from(on))
    }

    /// Least unapplied amount of a receipt from a day on.
    pub(crate) fn unapplied_from(&self, id: ReceiptId, on: Date) -> i64 {
        self.unapplied.get(&id).map_or(0, |t| t.free_from(on))
    }

    /// Applies `amount`, or as much as both sides have; nothing when that is nothing.
    pub(crate) fn apply(&mut self, receipt: &Receipt, receivable: &Receivable, amount: Option<Money>, act: Act) -> Result<Option<Entry>, ApplyFault> {
        let currency = receivable.gross.currency();
        if receipt.amount.currency() != currency {
            return Err(ApplyFault::Currency { receipt: receipt.amount.currency().to_string(), receivable: currency.to_string() });
        }
        let on = act.on;
        let earliest = earliest(receipt, receivable);
        if on < earliest {
            return Err(ApplyFault::Early { on, earliest });
        }
        let open = self.open_from(receivable.id, on);
        let unapplied = self.unapplied_from(receipt.id, on);
        let amount = match amount {
            Some(a) if a.minor() <= 0 => return Err(ApplyFault::NotPositive(a)),
            Some(a) => a,
            None => match open.min(unapplied) {
                ..=0 => return Ok(None),
                n => Money::new(n, currency),
            },
        };
        if amount.minor() > open {
            return Err(ApplyFault::Open { amount, open: Money::new(open, currency), on });
        }
        if amount.minor() > unapplied {
            return Err(ApplyFault::Unapplied { amount, unapplied: Money::new(unapplied, currency), on });
        }
        let entry = Entry {
            id: act.id,
            kind: EntryKind::Applied,
            receivable: Some(receivable.id),
            receipt: Some(receipt.id),
            amount: -amount.minor(),
            ledger_amount: -self.ledger_part(receivable, amount)?,
            on,
            period: None,
            cites: None,
            means: Some(receipt.means),
            basis: Some(act.basis),
            source: act.source,
        };
        self.book(&entry)?;
        Ok(Some(entry))
    }

    /// What a part of a receivable is worth in the ledger's currency.
    fn ledger_part(&self, receivable: &Receivable, amount: Money) -> Result<i64, MoneyError> {
        let books = receivable.ledger_gross.currency();
        if amount.currency() == books {
            return Ok(amount.minor());
        }
        let (open, ledger_open) = self.open(receivable.id);
        let rest = open.checked_sub(amount.minor()).ok_or(MoneyError::Overflow)?;
        let parts = Money::new(ledger_open, books).split(&[amount.minor(), rest])?;
        Ok(parts.first().map_or(0, |p| p.minor()))
    }

    /// Writes part of a receivable off.
    pub(crate) fn write_off(&mut self, receivable: &Receivable, amount: Money, id: EntryId, on: Date) -> Result<Entry, ApplyFault> {
        if amount.minor() <= 0 {
            return Err(ApplyFault::NotPositive(amount));
        }
        if on < receivable.document_date {
            return Err(ApplyFault::Early { on, earliest: receivable.document_date });
        }
        let open = self.open_from(receivable.id, on);
        if amount.minor() > open {
            return Err(ApplyFault::Open { amount, open: Money::new(open, amount.currency()), on });
        }
        let entry = Entry {
            id,
            kind: EntryKind::WrittenOff,
            receivable: Some(receivable.id),
            receipt: None,
            amount: -amount.minor(),
            ledger_amount: -self.ledger_part(receivable, amount)?,
            on,
            period: None,
            cites: None,
            means: None,
            basis: None,
            source: None,
        };
        self.book(&entry)?;
        Ok(entry)
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
            period: None,
            cites: Some(cites),
            means: Some(receipt.means),
            basis: None,
            source,
        };
        self.book(&entry)?;
        Ok(entry)
    }

    /// Whether it has the balance of a receivable.
    pub(crate) fn has_receivable(&self, id: ReceivableId) -> bool {
        self.open.contains_key(&id)
    }

    /// Whether it has the balance of a receipt.
    pub(crate) fn has_receipt(&self, id: ReceiptId) -> bool {
        self.unapplied.contains_key(&id)
    }

    /// Adds the balances of a book about other receivables and receipts.
    pub(crate) fn join(&mut self, other: Self) {
        self.open.extend(other.open);
        self.unapplied.extend(other.unapplied);
        self.entries.extend(other.entries);
    }

    /// Adds what an entry does to the balances.
    pub(crate) fn book(&mut self, e: &Entry) -> Result<(), MoneyError> {
        if let Some(id) = e.receivable {
            self.open.entry(id).or_default().book(e.on, (e.amount, e.ledger_amount))?;
        }
        if let Some(id) = e.receipt {
            self.unapplied.entry(id).or_default().book(e.on, (e.amount, e.ledger_amount))?;
        }
        Ok(())
    }
}

/// The first day on which both sides of an application exist.
pub(crate) fn earliest(receipt: &Receipt, receivable: &Receivable) -> Date {
    receipt.booked.max(receivable.document_date)
}

fn neg(n: i64) -> Result<i64, MoneyError> {
    n.checked_neg().ok_or(MoneyError::Overflow)
}

/// Applications among `entries` that nothing has taken back, in their order.
pub(crate) fn live_applications(entries: &[Entry]) -> Vec<&Entry> {
    let reversed: HashSet<EntryId> = entries.iter().filter(|e| e.kind == EntryKind::Reversed).filter_map(|e| e.cites).collect();
    entries.iter().filter(|e| e.kind == EntryKind::Applied && !reversed.contains(&e.id)).collect()
}
