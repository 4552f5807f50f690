//! Import batches: what was read, what was refused and why, and what the file says of itself.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::id::{BatchId, LedgerId, SourceId};

/// What to do when a file has bad records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadRecords {
    /// One bad record refuses the whole file.
    AllOrNothing,
    /// Good records enter, bad ones wait in quarantine with their reason.
    Quarantine,
}

/// Whether a file holds everything its source knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// Everything: what is missing is reported.
    Snapshot,
    /// A part: nothing follows from what is missing.
    Delta,
}

/// Where exports of one kind come from (来源), and how they are imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSource {
    /// Its id, from its name.
    pub id: SourceId,
    /// Short name, such as `u8-ar`.
    pub name: String,
    /// The source system that its keys belong to, such as `u8`.
    pub system: String,
    /// Profile name: which adapter reads its files, and how.
    pub profile: String,
    /// The adapter that the profile names.
    pub adapter: String,
    /// What is done about bad records.
    pub bad_records: BadRecords,
    /// Whether a file holds everything.
    pub coverage: Coverage,
    /// Whether nothing more is imported from it.
    pub retired: bool,
}

impl ImportSource {
    /// The id of the source with a name.
    #[must_use]
    pub fn id_of(ledger: LedgerId, name: &str) -> SourceId {
        SourceId::from_parts(&[ledger.0.as_bytes(), name.as_bytes()])
    }
}

/// That nobody will mend a refused record, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    /// The batch that refused it.
    pub batch: BatchId,
    /// Order of its issue within the batch.
    pub number: u64,
    /// Why.
    pub reason: String,
}

/// What has become of a refused record since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It waits.
    Open,
    /// A later file had it in order.
    Mended,
    /// Nobody will mend it.
    Dismissed,
}

/// How many records met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Handed over by the adapter, issues and left-out ones included.
    pub read: u64,
    /// New to the ledger.
    pub added: u64,
    /// Known with other content: a dated correction.
    pub corrected: u64,
    /// Known with equal content.
    pub unchanged: u64,
    /// Left out on purpose (cancelled, money out).
    pub skipped: u64,
    /// Refused with a reason.
    pub refused: u64,
    /// Known from this source, and not in a snapshot.
    pub missing: u64,
}

/// A control total in its three columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlTotal {
    /// Such as `ledger.receivables`.
    pub name: String,
    /// What it is about when not the whole file.
    pub subject: String,
    /// As the file states it.
    pub stated: Option<Decimal>,
    /// As summed from what was read.
    pub read: Option<Decimal>,
    /// As summed from what the ledger holds after the batch.
    pub stored: Option<Decimal>,
}

impl ControlTotal {
    /// Whether every column that has a figure has the same one.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let mut figures = [self.stated, self.read, self.stored].into_iter().flatten();
        let first = figures.next();
        figures.all(|f| Some(f) == first)
    }
}

/// A file that was imported. One file is one batch, known by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its id, from ledger, system and content.
    pub id: BatchId,
    /// Name of the file.
    pub file_name: String,
    /// Digest of its bytes.
    pub file: Digest,
    /// The source system its keys belong to.
    pub system: String,
    /// Adapter id, such as `table`.
    pub adapter: String,
    /// Adapter version.
    pub adapter_version: String,
    /// Digest of the adapter's component.
    pub component: Digest,
    /// Profile name.
    pub profile: String,
    /// Digest of the profile.
    pub profile_digest: Digest,
    /// What was done about bad records.
    pub bad_records: BadRecords,
    /// Whether the file was a full snapshot.
    pub coverage: Coverage,
    /// How many records met which fate.
    pub counts: Counts,
    /// Control totals.
    pub controls: Vec<ControlTotal>,
}

/// What became of a record that did not simply enter the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueKind {
    /// In quarantine until mended.
    Refused,
    /// Left out on purpose.
    Skipped,
    /// Known, and missing from a snapshot.
    Missing,
    /// A control total that does not agree.
    Control,
}

/// One record's fate: where, what and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The batch.
    pub batch: BatchId,
    /// Order within the batch.
    pub number: u64,
    /// What became of the record.
    pub kind: IssueKind,
    /// Stable code, such as `table.bad_date`.
    pub code: String,
    /// Row, sheet or XPath.
    pub locator: String,
    /// Key of the record, when known. Like the message it may name a natural person, and is in the personal part.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// What is wrong and how to mend it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}
