//! Allocations and reversals of a file, once its receivables and receipts stand.
//!
//! What the source says of a receipt's use is compared with what the ledger holds of it from the
//! same source: what is not restated is taken back where the file is entitled to say so (a credit
//! note states its own use; a full snapshot states every clearing), changed ones are applied anew.

use std::collections::{HashMap, HashSet};

use recoup_model::Money;
use recoup_model::id::{EntryId, ReceiptId, ReceivableId};
use recoup_model::import::{Coverage, IssueKind};
use recoup_model::receivable::{Entry, EntryKind, Means};
use recoup_model::record::Record;
use recoup_store::{EVERYTHING as NOW, EntryFilter};

use super::commit::Commit;
use super::stage::{Allocation, Staged, refusal};
use crate::EngineError;
use crate::application::{Act, Book, earliest, live_applications};

/// Makes the file's allocations true.
pub(super) fn allocations(c: &mut Commit<'_, '_, '_>) -> Result<(), EngineError> {
    c.flush()?;
    let mut rows: Vec<&Staged<Allocation>> = resolve(c)?;
    // An order that the file's row order does not influence; pointers take what stated amounts leave.
    rows.sort_by(|a, b| (a.value.amount.is_none(), a.value.on, &a.source.key).cmp(&(b.value.amount.is_none(), b.value.on, &b.source.key)));
    let owners = owners(c);
    if rows.is_empty() && owners.is_empty() {
        return Ok(());
    }
    let mut book = std::mem::take(&mut c.fresh);
    let receipts = rows.iter().map(|r| r.value.receipt).chain(owners.iter().copied());
    let receipts: Vec<ReceiptId> = distinct(receipts.filter(|id| !book.has_receipt(*id)));
    let known = c.tx.entries(EntryFilter { receivables: None, receipts: Some(&receipts) }, None, NOW)?;
    let receivables = known.iter().filter_map(|e| e.receivable).chain(rows.iter().map(|r| r.value.receivable));
    let receivables: Vec<ReceivableId> = distinct(receivables.filter(|id| !book.has_receivable(*id)));
    book.join(Book::load(c.tx, &receivables, &receipts)?);
    let held = Held::of(&known, c.staging.system_name());

    // First what is taken back, so that a changed allocation finds its own amount free again.
    let stated: HashSet<&str> = rows.iter().map(|r| r.source.key.as_str()).collect();
    let unstated: Vec<Entry> = held
        .live
        .values()
        .filter(|e| e.receipt.is_some_and(|r| owners.contains(&r)) && e.source.as_ref().is_some_and(|s| !stated.contains(s.key.as_str())))
        .map(|e| (*e).clone())
        .collect();
    for e in sorted(unstated) {
        take_back(c, &mut book, &e)?;
        c.batch.counts.corrected += 1;
        if let Some(source) = &e.source {
            let text =
                format!("the file no longer states this use of {}: it is taken back as of {}", Money::new(-e.ledger_amount, c.staging.ledger.currency), e.on);
            c.issue(IssueKind::Missing, source, "import.application_withdrawn", text);
        }
    }
    let mut wanted = Vec::new();
    for row in rows {
        let key = row.source.key.as_str();
        let same = |e: &Entry| e.source.as_ref().is_some_and(|s| s.content == row.source.content);
        match (held.live.get(key), held.last.get(key)) {
            // A pointer without an amount takes as much as there is, also when there is more now.
            (Some(e), _) if same(e) && (row.value.amount.is_some() || grown(&book, e) <= 0) => c.batch.counts.unchanged += 1,
            (Some(e), _) => {
                take_back(c, &mut book, e)?;
                wanted.push((row, true));
            }
            // The source has not heard of the bounce yet: what bounced stays taken back.
            (None, Some(e)) if same(e) && e.receipt.is_some_and(|r| held.bounced.contains(&r)) => c.batch.counts.unchanged += 1,
            (None, _) => wanted.push((row, false)),
        }
    }
    for (row, corrects) in wanted {
        let version = held.versions.get(row.source.key.as_str()).copied().unwrap_or(0);
        apply(c, &mut book, row, corrects, version)?;
    }
    Ok(())
}

/// How much more of an application's receipt could be applied to its receivable now.
fn grown(book: &Book, e: &Entry) -> i64 {
    let open = e.receivable.map_or(0, |id| book.open_from(id, e.on));
    let unapplied = e.receipt.map_or(0, |id| book.unapplied_from(id, e.on));
    open.min(unapplied)
}

/// What the ledger holds from a source system, by the source's key of the application.
struct Held<'e> {
    live: HashMap<&'e str, &'e Entry>,
    last: HashMap<&'e str, &'e Entry>,
    versions: HashMap<&'e str, u64>,
    bounced: HashSet<ReceiptId>,
}

impl<'e> Held<'e> {
    fn of(entries: &'e [Entry], system: &str) -> Self {
        let key = |e: &'e Entry| e.source.as_ref().filter(|s| s.system == system).map(|s| s.key.as_str());
        let applied = || entries.iter().filter(|e| e.kind == EntryKind::Applied).filter_map(|e| Some((key(e)?, e)));
        let mut versions: HashMap<&str, u64> = HashMap::new();
        applied().for_each(|(k, _)| *versions.entry(k).or_default() += 1);
        Self {
            live: live_applications(entries).into_iter().filter_map(|e| Some((key(e)?, e))).collect(),
            last: applied().collect(),
            versions,
            bounced: entries.iter().filter(|e| e.kind == EntryKind::Bounced).filter_map(|e| e.receipt).collect(),
        }
    }
}

/// Receipts whose whole use the file states: its credit notes, and in a snapshot all of its receipts, if it states any use at all.
fn owners(c: &Commit<'_, '_, '_>) -> HashSet<ReceiptId> {
    let states_use = c.batch.coverage == Coverage::Snapshot && !c.staging.allocations.is_empty();
    let of_file = c.receipts.values().filter(|r| c.staging.receipts.get(r.id.0).is_some());
    of_file.filter(|r| states_use || r.means == Means::CreditNote).map(|r| r.id).collect()
}

fn take_back(c: &mut Commit<'_, '_, '_>, book: &mut Book, e: &Entry) -> Result<(), EngineError> {
    let id = EntryId::from_parts(&[e.id.0.as_bytes(), b"reversed", &c.tx.position().to_be_bytes()]);
    let entry = book.reverse(e, id, e.on, e.source.clone())?;
    c.push(Record::Entry(entry))
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| (a.on, a.source.as_ref().map(|s| &s.key)).cmp(&(b.on, b.source.as_ref().map(|s| &s.key))));
    entries
}

fn apply(c: &mut Commit<'_, '_, '_>, book: &mut Book, row: &Staged<Allocation>, corrects: bool, version: u64) -> Result<(), EngineError> {
    let a = &row.value;
    let (Some(receipt), Some(receivable)) = (c.receipts.get(&a.receipt).cloned(), c.receivables.get(&a.receivable).cloned()) else { return Ok(()) };
    let amount = match a.amount.map(|d| Money::from_decimal(d, receipt.amount.currency())).transpose() {
        Ok(amount) => amount,
        Err(e) => {
            let (code, message) = refusal(e);
            c.refuse(&row.source, code, message);
            return Ok(());
        }
    };
    let id = EntryId::from_parts(&[a.receipt.0.as_bytes(), a.receivable.0.as_bytes(), row.source.key.as_bytes(), &version.to_be_bytes()]);
    // A prepayment is cleared when the document it pays exists.
    let on = a.on.max(earliest(&receipt, &receivable));
    let act = Act { id, on, basis: a.basis, source: Some(row.source.clone()) };
    match book.apply(&receipt, &receivable, amount, act) {
        Ok(Some(entry)) => {
            let counts = &mut c.batch.counts;
            *(if corrects { &mut counts.corrected } else { &mut counts.added }) += 1;
            c.push(Record::Entry(entry))
        }
        Ok(None) => {
            let text = format!("nothing of `{}` is open: the credit stays unapplied", a.receivable_key);
            c.issue(IssueKind::Skipped, &row.source, "import.nothing_to_apply", text);
            Ok(())
        }
        Err(fault) => {
            c.refuse(&row.source, fault.code(), fault.to_string());
            Ok(())
        }
    }
}

/// Finds both sides of each allocation in the file or in the ledger.
fn resolve<'s>(c: &mut Commit<'s, '_, '_>) -> Result<Vec<&'s Staged<Allocation>>, EngineError> {
    let allocations = &c.staging.allocations;
    let (mut receipts, mut receivables) = (Vec::new(), Vec::new());
    for row in allocations.iter() {
        if !c.receipts.contains_key(&row.value.receipt) {
            receipts.push(row.value.receipt);
        }
        if !c.receivables.contains_key(&row.value.receivable) {
            receivables.push(row.value.receivable);
        }
    }
    let receipts = c.tx.receipts(Some(&distinct(receipts.into_iter())), NOW)?;
    c.receipts.extend(receipts.into_iter().map(|r| (r.id, r)));
    let receivables = c.tx.receivables(Some(&distinct(receivables.into_iter())), NOW)?;
    c.receivables.extend(receivables.into_iter().map(|r| (r.id, r)));
    let mut found = Vec::new();
    for row in allocations.iter() {
        let a = &row.value;
        let unknown = if !c.receipts.contains_key(&a.receipt) {
            Some(("receipt", &a.receipt_key))
        } else if !c.receivables.contains_key(&a.receivable) {
            Some(("receivable", &a.receivable_key))
        } else {
            None
        };
        match unknown {
            Some((what, key)) => {
                let text = format!("{what} `{key}` is neither among the good records of the file nor in the ledger: import it, then this file again");
                c.refuse(&row.source, "import.unknown_reference", text);
            }
            None => found.push(row),
        }
    }
    Ok(found)
}

/// Takes receipts back: their applications first, each citing what it reverses, then the receipt.
pub(super) fn reversals(c: &mut Commit<'_, '_, '_>) -> Result<(), EngineError> {
    let staging = c.staging;
    for row in staging.reversals.iter() {
        c.flush()?;
        let r = &row.value;
        let entries = c.tx.entries(EntryFilter { receivables: None, receipts: Some(&[r.receipt]) }, None, NOW)?;
        let receipt = c.tx.receipts(Some(&[r.receipt]), NOW)?.pop();
        let received = entries.iter().find(|e| e.kind == EntryKind::Received);
        let (Some(receipt), Some(received)) = (receipt, received) else {
            let text = format!("receipt `{}` is neither among the good records of the file nor in the ledger: import it, then this file again", r.receipt_key);
            c.refuse(&row.source, "import.unknown_reference", text);
            continue;
        };
        if let Some(bounced) = entries.iter().find(|e| e.kind == EntryKind::Bounced) {
            if bounced.on == r.on {
                c.batch.counts.unchanged += 1;
            } else {
                let text = format!("receipt `{}` was taken back on {}, and this says {}: correct the source", r.receipt_key, bounced.on, r.on);
                c.refuse(&row.source, "import.already_reversed", text);
            }
            continue;
        }
        if let Some(late) = entries.iter().filter(|e| e.on > r.on).max_by_key(|e| e.on) {
            let text =
                format!("receipt `{}` would be taken back on {}, before it came in or was applied on {}: correct the date", r.receipt_key, r.on, late.on);
            c.refuse(&row.source, "import.early_reversal", text);
            continue;
        }
        let mut book = Book::load(c.tx, &[], &[r.receipt])?;
        for e in live_applications(&entries) {
            let id = EntryId::from_parts(&[e.id.0.as_bytes(), b"bounced"]);
            let entry = book.reverse(e, id, r.on, Some(row.source.clone()))?;
            c.push(Record::Entry(entry))?;
        }
        let id = EntryId::from_parts(&[r.receipt.0.as_bytes(), b"bounced"]);
        let entry = book.bounce(&receipt, received.id, id, r.on, Some(row.source.clone()))?;
        c.push(Record::Entry(entry))?;
        c.batch.counts.added += 1;
    }
    Ok(())
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
