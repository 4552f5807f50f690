//! Claims, what was received, and the movements between them.
//!
//! Amounts live in [`Entry`] alone. An entry's amount is its effect on the balance of every
//! side it names: a gross of 100 raises the receivable's open amount, a receipt of 60 raises the
//! receipt's unapplied amount, an application of 60 is −60 on both. So, at every moment and for
//! every knowledge of it: open = gross + Σ entries, and applied + unapplied = received.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::{Date, Month};
use crate::id::{ContractId, EntryId, PartyId, ReceiptId, ReceivableId};
use crate::money::Money;
use crate::party::Source;

/// How far the final account of the works has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The final account is agreed (已结算).
    Settled,
    /// Completed, the final account not yet agreed (未结算).
    Unsettled,
    /// Measured works not yet paid.
    MeasuredUnpaid,
    /// A deposit or retention money.
    Retention,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Settled, Self::Unsettled, Self::MeasuredUnpaid, Self::Retention];

    /// The word used in files and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Unsettled => "unsettled",
            Self::MeasuredUnpaid => "measured-unpaid",
            Self::Retention => "retention",
        }
    }

    /// The stage of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// What kind of claim a receivable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceivableKind {
    /// An invoice or another claim for performance.
    Invoice,
    /// A debit note.
    DebitNote,
    /// A balance brought forward.
    Opening,
    /// Retention money or a deposit.
    Retention,
}

/// How a due date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DueSource {
    /// The record states it.
    Stated,
    /// Computed from payment terms.
    Terms,
    /// The document date stands in for it.
    DocumentDate,
    /// It is not known.
    Unknown,
}

/// Why the ledger amount of a foreign document is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// Ledger amount ÷ document amount, as the source states it.
    pub rate: Decimal,
    /// Who said so, such as `stated by the document`.
    pub source: String,
}

/// One claim, as far as it is not an amount (应收款项). A later record of the same id replaces it from its log position on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receivable {
    /// Its id.
    pub id: ReceivableId,
    /// Who owes.
    pub party: PartyId,
    /// The contract it belongs to.
    pub contract: Option<ContractId>,
    /// What kind of claim.
    pub kind: ReceivableKind,
    /// Document number, as printed.
    pub document: String,
    /// Document amount; entries hold it too, this is what the document says.
    pub gross: Money,
    /// In the ledger's currency.
    pub ledger_gross: Money,
    /// How the ledger amount came about; absent when both currencies are one.
    pub conversion: Option<Conversion>,
    /// Date of the document.
    pub document_date: Date,
    /// When it falls due.
    pub due: Option<Date>,
    /// How the due date is known.
    pub due_source: DueSource,
    /// Stage from the document date on, until a [`StageChange`].
    pub stage: Stage,
    /// Where it was read.
    pub source: Option<Source>,
}

/// From this day on, a receivable is in another stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageChange {
    /// Which receivable.
    pub receivable: ReceivableId,
    /// The new stage.
    pub stage: Stage,
    /// First day of it.
    pub on: Date,
}

/// From this day on, a receivable is expected to be recovered by a day (预计收回日期).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedRecovery {
    /// Which receivable.
    pub receivable: ReceivableId,
    /// The day on which it was said.
    pub on: Date,
    /// The day by which it is expected, which is inside.
    pub by: Date,
}

/// What a receipt consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Money.
    Cash,
    /// A credit note: the claim is lowered.
    CreditNote,
    /// Debts cancelled against each other.
    SetOff,
    /// Goods.
    InKind,
}

impl Means {
    /// Every means.
    pub const ALL: [Self; 4] = [Self::Cash, Self::CreditNote, Self::SetOff, Self::InKind];

    /// The word used in files and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::CreditNote => "credit-note",
            Self::SetOff => "set-off",
            Self::InKind => "in-kind",
        }
    }

    /// The means of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// Money in, or a credit that counts like it, as far as it is not an amount (收款). The payer is in the personal part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// Who paid, when known.
    pub party: Option<PartyId>,
    /// What it consists of.
    pub means: Means,
    /// Amount received.
    pub amount: Money,
    /// In the ledger's currency.
    pub ledger_amount: Money,
    /// How the ledger amount came about; absent when both currencies are one.
    pub conversion: Option<Conversion>,
    /// When it was booked; also its effective date.
    pub booked: Date,
    /// Value date, when stated.
    pub value_date: Option<Date>,
    /// Reference, as printed.
    pub reference: String,
    /// Where it was read.
    pub source: Option<Source>,
}

/// What an entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// The claim arises. Receivable only, +.
    Gross,
    /// A claim is corrected. Receivable only, ±.
    Correction,
    /// Money arrives. Receipt only, +.
    Received,
    /// A receipt is corrected. Receipt only, ±.
    ReceivedCorrection,
    /// A receipt is taken back. Receipt only, −; cites what it takes back.
    Bounced,
    /// Part of a receipt is applied. Both sides, −.
    Applied,
    /// An application is taken back. Both sides, +; cites it.
    Reversed,
    /// The claim is written off. Receivable only, −.
    WrittenOff,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 8] =
        [Self::Gross, Self::Correction, Self::Received, Self::ReceivedCorrection, Self::Bounced, Self::Applied, Self::Reversed, Self::WrittenOff];

    /// The word used in databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gross => "gross",
            Self::Correction => "correction",
            Self::Received => "received",
            Self::ReceivedCorrection => "received-correction",
            Self::Bounced => "bounced",
            Self::Applied => "applied",
            Self::Reversed => "reversed",
            Self::WrittenOff => "written-off",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// How the source expresses an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AllocationBasis {
    /// Pairwise, with its amount.
    Stated,
    /// By a clearing group.
    Group,
    /// By a pointer without an amount.
    Pointer,
    /// Inferred.
    Inferred,
}

/// One movement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// What it does.
    pub kind: EntryKind,
    /// The receivable whose open amount it moves.
    pub receivable: Option<ReceivableId>,
    /// The receipt whose unapplied amount it moves.
    pub receipt: Option<ReceiptId>,
    /// Effect on each named side, in minor units of the document currency.
    pub amount: i64,
    /// The same in minor units of the ledger's currency.
    pub ledger_amount: i64,
    /// Effective date.
    pub on: Date,
    /// The period that it is booked in, where that of its date was closed when it became known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Month>,
    /// The entry that it reverses.
    pub cites: Option<EntryId>,
    /// For applications: what was applied.
    pub means: Option<Means>,
    /// For applications: how the source expresses it.
    pub basis: Option<AllocationBasis>,
    /// Where it was read.
    pub source: Option<Source>,
}

/// Why an entry is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// The sides do not fit the kind.
    #[error("a `{}` entry does not name these sides", .0.word())]
    Sides(EntryKind),
    /// The sign does not fit the kind.
    #[error("a `{}` entry cannot have this sign", .0.word())]
    Sign(EntryKind),
    /// A reversal cites nothing, or something else does.
    #[error("a `{}` entry must cite the entry that it takes back, and only such an entry cites", .0.word())]
    Cites(EntryKind),
}

impl Entry {
    /// Whether sides, sign and citation fit the kind.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self) -> Result<(), EntryFault> {
        use EntryKind::{Applied, Bounced, Correction, Gross, Received, ReceivedCorrection, Reversed, WrittenOff};
        let sides = (self.receivable.is_some(), self.receipt.is_some());
        let wanted = match self.kind {
            Gross | Correction | WrittenOff => (true, false),
            Received | ReceivedCorrection | Bounced => (false, true),
            Applied | Reversed => (true, true),
        };
        if sides != wanted {
            return Err(EntryFault::Sides(self.kind));
        }
        let sign = match self.kind {
            // A correction of the ledger amount alone leaves the document amount as it is.
            Correction | ReceivedCorrection => self.amount != 0 || self.ledger_amount != 0,
            Gross => self.amount >= 0,
            Received | Reversed => self.amount > 0,
            Bounced | Applied | WrittenOff => self.amount < 0,
        };
        if !sign {
            return Err(EntryFault::Sign(self.kind));
        }
        if self.cites.is_some() != matches!(self.kind, Bounced | Reversed) {
            return Err(EntryFault::Cites(self.kind));
        }
        Ok(())
    }
}
