//! The commit: staged records against what the ledger knows, under its lock.
//!
//! Equal content changes nothing; other content is a dated correction; what is gone from a
//! snapshot is reported and never deleted.

use std::collections::{HashMap, HashSet};

use recoup_host::Control;
use recoup_model::Digest;
use recoup_model::id::{EntryId, PartyId, ReceiptId, ReceivableId};
use recoup_model::import::{BadRecords, Batch, Coverage, Issue, IssueKind};
use recoup_model::party::Source;
use recoup_model::receivable::{Entry, EntryKind, Receipt, Receivable};
use recoup_model::record::{Leaf, Record};
use recoup_store::{EVERYTHING as NOW, Sourced, Tx};
use uuid::Uuid;

use super::stage::{Shelf, Staged, StagedIssue, Staging};
use super::{apply, controls};
use crate::EngineError;

/// Leaves handed to the store at once.
const APPEND_LEAVES: usize = 20_000;

/// A commit under way.
pub(super) struct Commit<'s, 't, 'c> {
    pub tx: &'t mut Tx<'c>,
    pub staging: &'s Staging<'s>,
    pub batch: Batch,
    pub issues: Vec<StagedIssue>,
    leaves: Vec<Leaf>,
    /// Receivables and receipts that this batch changes or whose balance it needs, as they stand after it.
    pub receivables: HashMap<ReceivableId, Receivable>,
    pub receipts: HashMap<ReceiptId, Receipt>,
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
    fn add(&mut self, read: i64, before: i64) -> Result<(), EngineError> {
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or(EngineError::Money(recoup_model::MoneyError::Overflow));
        *self = Self { read: sum(self.read, read)?, before: sum(self.before, before)? };
        Ok(())
    }
}

/// Writes what differs; returns the batch as recorded and what became of its other records.
pub(super) fn commit(tx: &mut Tx<'_>, staging: &Staging<'_>, batch: Batch, controls: &[Control]) -> Result<(Batch, Vec<Issue>), EngineError> {
    let mut c = Commit {
        tx,
        staging,
        batch,
        issues: Vec::new(),
        leaves: Vec::new(),
        receivables: HashMap::new(),
        receipts: HashMap::new(),
        claims: Sums::default(),
        cash: Sums::default(),
    };
    c.batch.counts.read = staging.read;
    c.parties()?;
    c.contracts()?;
    c.receivables()?;
    c.receipts()?;
    apply::allocations(&mut c)?;
    apply::reversals(&mut c)?;
    c.flush()?;
    if c.batch.coverage == Coverage::Snapshot {
        c.missing()?;
    }
    c.batch.controls = controls::totals(&mut c, controls)?;
    c.finish()
}

/// What the ledger makes of a staged record.
enum Fate {
    New,
    Changed,
    Equal,
}

impl Commit<'_, '_, '_> {
    pub(super) fn push(&mut self, leaf: impl Into<Leaf>) -> Result<(), EngineError> {
        self.leaves.push(leaf.into());
        if self.leaves.len() >= APPEND_LEAVES { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<(), EngineError> {
        if !self.leaves.is_empty() {
            self.tx.append(&self.leaves)?;
            self.leaves.clear();
        }
        Ok(())
    }

    pub(super) fn refuse(&mut self, source: &Source, code: &str, message: String) {
        self.issues.push(StagedIssue::new(IssueKind::Refused, code, source, message));
    }

    fn fate(&mut self, known: &HashMap<Uuid, Digest>, id: Uuid, source: &Source) -> Fate {
        let counts = &mut self.batch.counts;
        match known.get(&id) {
            None => {
                counts.added += 1;
                Fate::New
            }
            Some(content) if *content == source.content => {
                counts.unchanged += 1;
                Fate::Equal
            }
            Some(_) => {
                counts.corrected += 1;
                Fate::Changed
            }
        }
    }

    fn known<T>(&mut self, table: Sourced, shelf: &Shelf<T>) -> Result<HashMap<Uuid, Digest>, EngineError> {
        Ok(self.tx.contents(table, &shelf.ids())?)
    }

    fn parties(&mut self) -> Result<(), EngineError> {
        let staging = self.staging;
        let known = self.known(Sourced::Party, &staging.parties)?;
        for row in staging.parties.iter() {
            if !matches!(self.fate(&known, row.value.id.0, &row.source), Fate::Equal) {
                self.push(Leaf::with(Record::Party(row.value.clone()), row.personal.clone()))?;
            }
        }
        Ok(())
    }

    fn contracts(&mut self) -> Result<(), EngineError> {
        let staging = self.staging;
        let known = self.known(Sourced::Contract, &staging.contracts)?;
        for row in staging.contracts.iter() {
            if !matches!(self.fate(&known, row.value.id.0, &row.source), Fate::Equal) {
                self.push(Record::Contract(row.value.clone()))?;
            }
        }
        Ok(())
    }

    /// Whether each party named by a receivable or receipt is in the file or in the ledger.
    fn known_parties(&mut self, named: impl Iterator<Item = PartyId>) -> Result<HashSet<Uuid>, EngineError> {
        let staging = self.staging;
        let foreign: HashSet<Uuid> = named.map(|p| p.0).filter(|p| staging.parties.get(*p).is_none()).collect();
        let foreign: Vec<Uuid> = foreign.into_iter().collect();
        let unknown = self.tx.contents(Sourced::Party, &foreign)?;
        Ok(foreign.into_iter().filter(|p| !unknown.contains_key(p)).collect())
    }

    fn receivables(&mut self) -> Result<(), EngineError> {
        let staging = self.staging;
        let unknown = self.known_parties(staging.receivables.iter().map(|r| r.value.party))?;
        let known = self.known(Sourced::Receivable, &staging.receivables)?;
        let changed: Vec<ReceivableId> =
            staging.receivables.iter().filter(|r| known.get(&r.value.id.0).is_some_and(|c| *c != r.source.content)).map(|r| r.value.id).collect();
        let before: HashMap<ReceivableId, Receivable> = self.tx.receivables(Some(&changed), NOW)?.into_iter().map(|r| (r.id, r)).collect();
        for row in staging.receivables.iter() {
            if unknown.contains(&row.value.party.0) {
                self.refuse(&row.source, "import.unknown_party", "its debtor is neither in the file nor in the ledger: import the customers first".to_owned());
                continue;
            }
            let r = &row.value;
            match self.fate(&known, r.id.0, &row.source) {
                Fate::Equal => {}
                Fate::New => {
                    self.push(Record::Receivable(r.clone()))?;
                    let entry = entry(row, EntryKind::Gross, r.gross.minor(), r.ledger_gross.minor());
                    self.push(Record::Entry(Entry {
                        id: EntryId::from_parts(&[r.id.0.as_bytes(), b"gross"]),
                        receivable: Some(r.id),
                        on: r.document_date,
                        ..entry
                    }))?;
                }
                Fate::Changed => {
                    if !self.correct_receivable(row, before.get(&r.id))? {
                        continue;
                    }
                }
            }
            let held = match (known.get(&r.id.0), before.get(&r.id)) {
                (None, _) => 0,
                (Some(_), Some(before)) => before.ledger_gross.minor(),
                (Some(_), None) => r.ledger_gross.minor(),
            };
            self.claims.add(r.ledger_gross.minor(), held)?;
            self.receivables.insert(r.id, r.clone());
        }
        Ok(())
    }

    fn correct_receivable(&mut self, row: &Staged<Receivable>, before: Option<&Receivable>) -> Result<bool, EngineError> {
        let r = &row.value;
        let Some(before) = before else {
            return Ok(false);
        };
        if before.gross.currency() != r.gross.currency() {
            self.batch.counts.corrected -= 1;
            let text =
                format!("the document was in {} and is now in {}: reverse it in the source and issue it anew", before.gross.currency(), r.gross.currency());
            self.refuse(&row.source, "import.currency_mismatch", text);
            return Ok(false);
        }
        self.push(Record::Receivable(r.clone()))?;
        // The document always was what it is now known to be: a change of amount takes effect on its date.
        let document = checked_sub(r.gross.minor(), before.gross.minor())?;
        let ledger = checked_sub(r.ledger_gross.minor(), before.ledger_gross.minor())?;
        if before.document_date != r.document_date {
            // Taken out on the old date, put in on the new one.
            let out = entry(row, EntryKind::Correction, -before.gross.minor(), -before.ledger_gross.minor());
            self.correction(row, r.id, Entry { on: before.document_date, ..out }, "out")?;
            let into = entry(row, EntryKind::Correction, r.gross.minor(), r.ledger_gross.minor());
            self.correction(row, r.id, Entry { on: r.document_date, ..into }, "in")?;
        } else {
            let e = entry(row, EntryKind::Correction, document, ledger);
            self.correction(row, r.id, Entry { on: r.document_date, ..e }, "by")?;
        }
        Ok(true)
    }

    fn correction(&mut self, row: &Staged<Receivable>, id: ReceivableId, entry: Entry, part: &str) -> Result<(), EngineError> {
        if entry.amount == 0 {
            return Ok(());
        }
        let entry_id = EntryId::from_parts(&[id.0.as_bytes(), &self.tx.position().to_be_bytes(), part.as_bytes(), &row.source.content.0]);
        self.push(Record::Entry(Entry { id: entry_id, receivable: Some(id), ..entry }))
    }

    fn receipts(&mut self) -> Result<(), EngineError> {
        let staging = self.staging;
        let unknown = self.known_parties(staging.receipts.iter().filter_map(|r| r.value.party))?;
        let known = self.known(Sourced::Receipt, &staging.receipts)?;
        let changed: Vec<ReceiptId> =
            staging.receipts.iter().filter(|r| known.get(&r.value.id.0).is_some_and(|c| *c != r.source.content)).map(|r| r.value.id).collect();
        let before: HashMap<ReceiptId, Receipt> = self.tx.receipts(Some(&changed), NOW)?.into_iter().map(|r| (r.id, r)).collect();
        for row in staging.receipts.iter() {
            let r = &row.value;
            if r.party.is_some_and(|p| unknown.contains(&p.0)) {
                self.refuse(&row.source, "import.unknown_party", "its payer is neither in the file nor in the ledger: import the customers first".to_owned());
                continue;
            }
            let leaf = || Leaf::with(Record::Receipt(r.clone()), row.personal.clone());
            match self.fate(&known, r.id.0, &row.source) {
                Fate::Equal => {}
                Fate::New => {
                    self.push(leaf())?;
                    let entry = entry(row, EntryKind::Received, r.amount.minor(), r.ledger_amount.minor());
                    self.push(Record::Entry(Entry { id: EntryId::from_parts(&[r.id.0.as_bytes(), b"received"]), receipt: Some(r.id), on: r.booked, ..entry }))?;
                }
                Fate::Changed => {
                    let Some(before) = before.get(&r.id) else {
                        continue;
                    };
                    if before.amount.currency() != r.amount.currency() {
                        self.batch.counts.corrected -= 1;
                        let text =
                            format!("the receipt was in {} and is now in {}: take it back and book it anew", before.amount.currency(), r.amount.currency());
                        self.refuse(&row.source, "import.currency_mismatch", text);
                        continue;
                    }
                    self.push(leaf())?;
                    let same_day = before.booked == r.booked;
                    let out = if same_day { (0, 0) } else { (before.amount.minor(), before.ledger_amount.minor()) };
                    let base = if same_day { (before.amount.minor(), before.ledger_amount.minor()) } else { (0, 0) };
                    let parts = [
                        (-out.0, -out.1, before.booked, "out"),
                        (checked_sub(r.amount.minor(), base.0)?, checked_sub(r.ledger_amount.minor(), base.1)?, r.booked, "in"),
                    ];
                    for (amount, ledger, on, part) in parts.into_iter().filter(|p| p.0 != 0) {
                        let id = EntryId::from_parts(&[r.id.0.as_bytes(), &self.tx.position().to_be_bytes(), part.as_bytes(), &row.source.content.0]);
                        let e = entry(row, EntryKind::ReceivedCorrection, amount, ledger);
                        self.push(Record::Entry(Entry { id, receipt: Some(r.id), on, ..e }))?;
                    }
                }
            }
            let held = match (known.get(&r.id.0), before.get(&r.id)) {
                (None, _) => 0,
                (Some(_), Some(before)) => before.ledger_amount.minor(),
                (Some(_), None) => r.ledger_amount.minor(),
            };
            self.cash.add(r.ledger_amount.minor(), held)?;
            self.receipts.insert(r.id, r.clone());
        }
        Ok(())
    }

    /// What the source knew before and a full snapshot no longer has: reported, never deleted.
    fn missing(&mut self) -> Result<(), EngineError> {
        let staging = self.staging;
        let tables: [(Sourced, &dyn Fn(Uuid) -> bool); 2] =
            [(Sourced::Receivable, &|id| staging.receivables.mentions(id)), (Sourced::Receipt, &|id| staging.receipts.mentions(id))];
        for (table, mentioned) in tables {
            for (id, key) in self.tx.source_keys(table, &self.batch.system)? {
                if !mentioned(id) {
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

    fn finish(mut self) -> Result<(Batch, Vec<Issue>), EngineError> {
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
        Ok((self.batch, issues))
    }
}

/// An entry of a staged record, its sides still open.
pub(super) fn entry<T>(row: &Staged<T>, kind: EntryKind, amount: i64, ledger_amount: i64) -> Entry {
    Entry {
        id: EntryId(Uuid::nil()),
        kind,
        receivable: None,
        receipt: None,
        amount,
        ledger_amount,
        on: recoup_model::Date::MIN,
        cites: None,
        means: None,
        basis: None,
        source: Some(row.source.clone()),
    }
}

pub(super) fn checked_sub(a: i64, b: i64) -> Result<i64, EngineError> {
    a.checked_sub(b).ok_or(EngineError::Money(recoup_model::MoneyError::Overflow))
}
