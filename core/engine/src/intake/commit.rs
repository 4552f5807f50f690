//! The commit: staged records against what the ledger knows, under its lock.
//!
//! Equal content changes nothing; other content is a dated correction; what is gone from a
//! snapshot is reported and never deleted.

use std::collections::{HashMap, HashSet};

use recoup_host::Control;
use recoup_model::Digest;
use recoup_model::id::{BatchId, PartyId, ReceiptId, ReceivableId};
use recoup_model::import::{BadRecords, Batch, Coverage, Issue, IssueKind};
use recoup_model::party::Source;
use recoup_model::receivable::{Entry, Receipt, Receivable};
use recoup_model::record::{Leaf, Record};
use recoup_store::{EVERYTHING as NOW, Sourced, Tx};
use uuid::Uuid;

use super::stage::{Shelf, StagedIssue, Staging};
use super::{apply, controls, correct};
use crate::EngineError;
use crate::application::Book;

/// Leaves handed to the store at once: the store encodes ahead of what it writes, within one call.
const APPEND_LEAVES: usize = 100_000;

/// A commit under way.
pub(super) struct Commit<'s, 't, 'c> {
    pub tx: &'t mut Tx<'c>,
    pub staging: &'s Staging<'s>,
    pub batch: Batch,
    pub issues: Vec<StagedIssue>,
    leaves: Vec<Leaf>,
    /// Receivables and receipts of the file, and those whose balance it needs, as they stand after it.
    pub receivables: HashMap<ReceivableId, Receivable>,
    pub receipts: HashMap<ReceiptId, Receipt>,
    /// Those whose amount or date is other than before: their applications must still fit.
    pub corrected: (Vec<ReceivableId>, Vec<ReceiptId>),
    /// Those that changed sides and are zero now: what was applied to them is free for what the file applies.
    pub retired: (Vec<ReceivableId>, Vec<ReceiptId>),
    /// Balances of the file's new records. The ledger holds nothing of them but what this commit has put there, so nobody
    /// needs to ask it.
    pub fresh: Book,
    /// Sums in minor units of the ledger's currency, for the control totals.
    pub claims: Sums,
    pub cash: Sums,
}

/// What the good records of one kind amount to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sums {
    /// As read.
    pub read: i64,
    /// As the ledger held the same records before this batch.
    pub before: i64,
}

impl Sums {
    pub(super) fn add(&mut self, read: i64, before: i64) -> Result<(), EngineError> {
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or(EngineError::Money(recoup_model::MoneyError::Overflow));
        *self = Self { read: sum(self.read, read)?, before: sum(self.before, before)? };
        Ok(())
    }
}

/// How a commit ended.
pub(super) enum Outcome {
    /// A batch was recorded.
    Recorded(Batch, Vec<Issue>),
    /// An earlier import of the same file had said everything.
    Known(i64, Batch, Vec<Issue>),
}

/// Writes what differs. A file that was imported before, and of which nothing is new, is answered with its first result;
/// one whose records were corrected since is refused unless `again`.
pub(super) fn commit(tx: &mut Tx<'_>, staging: &Staging<'_>, batch: Batch, controls: &[Control], again: bool) -> Result<Outcome, EngineError> {
    let earlier: Vec<(i64, Batch)> = tx.batches(NOW)?.into_iter().filter(|(_, b)| same_file(b, &batch)).collect();
    let id = BatchId::from_parts(&[batch.id.0.as_bytes(), &earlier.len().to_be_bytes()]);
    let mut c = Commit {
        tx,
        staging,
        batch: Batch { id, ..batch },
        issues: Vec::new(),
        leaves: Vec::new(),
        receivables: HashMap::new(),
        receipts: HashMap::new(),
        corrected: Default::default(),
        retired: Default::default(),
        fresh: Book::default(),
        claims: Sums::default(),
        cash: Sums::default(),
    };
    c.batch.counts.read = staging.read;
    c.parties()?;
    c.contracts()?;
    correct::receivables(&mut c)?;
    correct::receipts(&mut c)?;
    let retired = std::mem::take(&mut c.retired);
    correct::refit(&mut c, retired)?;
    apply::allocations(&mut c)?;
    apply::reversals(&mut c)?;
    let corrected = std::mem::take(&mut c.corrected);
    correct::refit(&mut c, corrected)?;
    let counts = c.batch.counts;
    if let Some((position, _)) = earlier.last().filter(|_| counts.corrected > 0 && !again) {
        return Err(EngineError::Superseded { position: *position, records: counts.corrected });
    }
    let same_way = |b: &Batch| b.bad_records == c.batch.bad_records && b.coverage == c.batch.coverage;
    if let Some((position, first)) = earlier.iter().find(|(_, b)| same_way(b)).filter(|_| counts.added + counts.corrected == 0) {
        let issues = c.tx.issues(Some(first.id), NOW)?;
        return Ok(Outcome::Known(*position, first.clone(), issues));
    }
    c.flush()?;
    if c.batch.coverage == Coverage::Snapshot {
        c.missing()?;
    }
    c.batch.controls = controls::totals(&mut c, controls)?;
    c.finish()
}

fn same_file(a: &Batch, b: &Batch) -> bool {
    (a.file, a.profile_digest, &a.system) == (b.file, b.profile_digest, &b.system)
}

/// What the ledger makes of a staged record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    New,
    Changed,
    Equal,
}

impl Commit<'_, '_, '_> {
    pub(super) fn push(&mut self, leaf: impl Into<Leaf>) -> Result<(), EngineError> {
        self.leaves.push(leaf.into());
        if self.leaves.len() >= APPEND_LEAVES { self.flush() } else { Ok(()) }
    }

    /// Appends the entry that a new record begins with.
    pub(super) fn begin(&mut self, entry: Entry) -> Result<(), EngineError> {
        if !self.staging.allocations.is_empty() {
            self.fresh.book(&entry)?;
        }
        self.push(Record::Entry(entry))
    }

    pub(super) fn flush(&mut self) -> Result<(), EngineError> {
        if !self.leaves.is_empty() {
            self.tx.append(&self.leaves)?;
            self.leaves.clear();
        }
        Ok(())
    }

    pub(super) fn issue(&mut self, kind: IssueKind, source: &Source, code: &str, message: String) {
        self.issues.push(StagedIssue::new(kind, code, source, message));
    }

    pub(super) fn refuse(&mut self, source: &Source, code: &str, message: String) {
        self.issue(IssueKind::Refused, source, code, message);
    }

    /// What becomes of a record with this content, by what is known of its id.
    pub(super) fn fate(known: &HashMap<Uuid, Digest>, id: Uuid, source: &Source) -> Fate {
        match known.get(&id) {
            None => Fate::New,
            Some(content) if *content == source.content => Fate::Equal,
            Some(_) => Fate::Changed,
        }
    }

    pub(super) fn count(&mut self, fate: Fate) {
        let counts = &mut self.batch.counts;
        match fate {
            Fate::New => counts.added += 1,
            Fate::Changed => counts.corrected += 1,
            Fate::Equal => counts.unchanged += 1,
        }
    }

    pub(super) fn known<T>(&mut self, table: Sourced, shelf: &Shelf<T>) -> Result<HashMap<Uuid, Digest>, EngineError> {
        Ok(self.tx.contents(table, &shelf.ids())?)
    }

    fn parties(&mut self) -> Result<(), EngineError> {
        let staging = self.staging;
        let known = self.known(Sourced::Party, &staging.parties)?;
        for row in staging.parties.iter() {
            let fate = Self::fate(&known, row.value.id.0, &row.source);
            // A file that has no names takes none away.
            let nameless = row.value.name.is_none() && row.value.unified_code.is_none() && row.personal.is_empty();
            let fate = if nameless && known.contains_key(&row.value.id.0) { Fate::Equal } else { fate };
            self.count(fate);
            if fate != Fate::Equal {
                self.push(Leaf::with(Record::Party(row.value.clone()), row.personal.clone()))?;
            }
        }
        Ok(())
    }

    fn contracts(&mut self) -> Result<(), EngineError> {
        let staging = self.staging;
        let known = self.known(Sourced::Contract, &staging.contracts)?;
        for row in staging.contracts.iter() {
            let fate = Self::fate(&known, row.value.id.0, &row.source);
            self.count(fate);
            if fate != Fate::Equal {
                self.push(Record::Contract(row.value.clone()))?;
            }
        }
        Ok(())
    }

    /// The parties named that are neither in the file nor in the ledger.
    pub(super) fn unknown_parties(&mut self, named: impl Iterator<Item = PartyId>) -> Result<HashSet<Uuid>, EngineError> {
        let staging = self.staging;
        let foreign: HashSet<Uuid> = named.map(|p| p.0).filter(|p| staging.parties.get(*p).is_none()).collect();
        let foreign: Vec<Uuid> = foreign.into_iter().collect();
        let known = self.tx.contents(Sourced::Party, &foreign)?;
        Ok(foreign.into_iter().filter(|p| !known.contains_key(p)).collect())
    }

    /// What the source knew before and a full snapshot no longer has: reported, never deleted. Only kinds of record that
    /// the file has at all can be missing from it.
    fn missing(&mut self) -> Result<(), EngineError> {
        let staging = self.staging;
        let has = [(Sourced::Receivable, !staging.receivables.is_empty()), (Sourced::Receipt, !staging.receipts.is_empty())];
        for (table, _) in has.into_iter().filter(|(_, has)| *has) {
            for (id, key) in self.tx.source_keys(table, &self.batch.system)? {
                let mentioned = if table == Sourced::Receivable { staging.receivables.mentions(id) } else { staging.receipts.mentions(id) };
                if !mentioned {
                    self.batch.counts.missing += 1;
                    self.issues.push(StagedIssue {
                        kind: IssueKind::Missing,
                        code: "import.missing_from_snapshot".to_owned(),
                        locator: "ledger".to_owned(),
                        key,
                        message: "an earlier file had this record and this snapshot has not: reverse it in the source, or import the file as a delta"
                            .to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Outcome, EngineError> {
        let batch = self.batch.id;
        let found = std::mem::take(&mut self.issues);
        let issues: Vec<Issue> = self
            .staging
            .issues
            .iter()
            .cloned()
            .chain(found)
            .zip(1..)
            .map(|(i, number)| Issue { batch, number, kind: i.kind, code: i.code, locator: i.locator, key: i.key, message: i.message })
            .collect();
        let count = |kind| super::of_kind(&issues, kind).fold(0, |n, _| n + 1);
        self.batch.counts.refused = count(IssueKind::Refused);
        self.batch.counts.skipped = count(IssueKind::Skipped);
        if self.batch.bad_records == BadRecords::AllOrNothing && self.batch.counts.refused > 0 {
            return Err(EngineError::Refused { refused: self.batch.counts.refused, read: self.batch.counts.read, issues });
        }
        let records = std::iter::once(Record::Batch(self.batch.clone())).chain(issues.iter().cloned().map(Record::Issue));
        for record in records {
            self.push(record)?;
        }
        self.flush()?;
        Ok(Outcome::Recorded(self.batch, issues))
    }
}
