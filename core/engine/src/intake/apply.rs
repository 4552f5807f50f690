//! Allocations and reversals of a file, once its receivables and receipts stand.

use std::collections::HashMap;

use recoup_model::Money;
use recoup_model::id::{EntryId, ReceiptId, ReceivableId};
use recoup_model::receivable::{Entry, EntryKind};
use recoup_model::record::Record;
use recoup_store::{EVERYTHING as NOW, EntryFilter};

use super::commit::Commit;
use super::stage::{Allocation, Staged, refusal};
use crate::EngineError;
use crate::application::{Act, Book, live_applications};

/// Makes the file's allocations true: new ones are applied, changed ones are reversed and applied anew.
pub(super) fn allocations(c: &mut Commit<'_, '_, '_>) -> Result<(), EngineError> {
    if c.staging.allocations.iter().next().is_none() {
        return Ok(());
    }
    c.flush()?;
    let mut rows: Vec<&Staged<Allocation>> = resolve(c)?;
    // An order that the file's row order does not influence.
    rows.sort_by(|a, b| (a.value.amount.is_none(), a.value.on, &a.source.key).cmp(&(b.value.amount.is_none(), b.value.on, &b.source.key)));
    let receipts: Vec<ReceiptId> = distinct(rows.iter().map(|r| r.value.receipt));
    let receivables: Vec<ReceivableId> = distinct(rows.iter().map(|r| r.value.receivable));
    let mut book = Book::load(c.tx, &receivables, &receipts)?;
    let known = c.tx.entries(EntryFilter { receivables: None, receipts: Some(&receipts) }, None, NOW)?;
    let mut versions: HashMap<String, u64> = HashMap::new();
    for key in known.iter().filter(|e| e.kind == EntryKind::Applied).filter_map(|e| e.source.as_ref()).map(|s| &s.key) {
        *versions.entry(key.clone()).or_default() += 1;
    }
    let live: HashMap<String, Entry> = live_applications(&known).into_iter().filter_map(|e| e.source.as_ref().map(|s| (s.key.clone(), e.clone()))).collect();

    // First what is taken back, so that a changed allocation finds its own amount free again.
    let mut wanted = Vec::new();
    for row in rows {
        match live.get(&row.source.key) {
            Some(e) if e.source.as_ref().is_some_and(|s| s.content == row.source.content) => c.batch.counts.unchanged += 1,
            Some(e) => {
                let id = EntryId::from_parts(&[e.id.0.as_bytes(), b"reversed", &c.tx.position().to_be_bytes()]);
                let entry = book.reverse(e, id, e.on, Some(row.source.clone()))?;
                c.push(Record::Entry(entry))?;
                wanted.push((row, true));
            }
            // A pointer that found nothing to apply left no entry: the credit itself says whether it is new.
            None => wanted.push((row, false)),
        }
    }
    for (row, corrects) in wanted {
        apply(c, &mut book, row, corrects, versions.get(&row.source.key).copied().unwrap_or(0))?;
    }
    Ok(())
}

fn apply(c: &mut Commit<'_, '_, '_>, book: &mut Book, row: &Staged<Allocation>, corrects: bool, version: u64) -> Result<(), EngineError> {
    let a = &row.value;
    let (Some(receipt), Some(receivable)) = (c.receipts.get(&a.receipt).cloned(), c.receivables.get(&a.receivable).cloned()) else {
        return Ok(());
    };
    let amount = match a.amount.map(|d| Money::from_decimal(d, receipt.amount.currency())).transpose() {
        Ok(amount) => amount,
        Err(e) => {
            let (code, message) = refusal(e);
            c.refuse(&row.source, code, message);
            return Ok(());
        }
    };
    let id = EntryId::from_parts(&[a.receipt.0.as_bytes(), a.receivable.0.as_bytes(), row.source.key.as_bytes(), &version.to_be_bytes()]);
    let act = Act { id, on: a.on, basis: a.basis, source: Some(row.source.clone()) };
    match book.apply(&receipt, &receivable, amount, act) {
        Ok(Some(entry)) => {
            let counts = &mut c.batch.counts;
            *(if corrects { &mut counts.corrected } else { &mut counts.added }) += 1;
            c.push(Record::Entry(entry))
        }
        Ok(None) => Ok(()),
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
                let text = format!("{what} `{key}` is neither among the good records of the file nor in the ledger: import it first, or correct the reference");
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
            let text = format!("receipt `{}` is neither among the good records of the file nor in the ledger: import it first", r.receipt_key);
            c.refuse(&row.source, "import.unknown_reference", text);
            continue;
        };
        if let Some(bounced) = entries.iter().find(|e| e.kind == EntryKind::Bounced) {
            if bounced.source.as_ref().is_some_and(|s| s.key == row.source.key) {
                c.batch.counts.unchanged += 1;
            } else {
                c.refuse(&row.source, "import.already_reversed", format!("receipt `{}` was taken back on {}", r.receipt_key, bounced.on));
            }
            continue;
        }
        let mut book = Book::load(c.tx, &[], &[r.receipt])?;
        for e in live_applications(&entries) {
            let id = EntryId::from_parts(&[e.id.0.as_bytes(), b"bounced"]);
            let entry = book.reverse(e, id, r.on.max(e.on), Some(row.source.clone()))?;
            c.push(Record::Entry(entry))?;
        }
        let id = EntryId::from_parts(&[r.receipt.0.as_bytes(), b"bounced"]);
        let entry = book.bounce(&receipt, received.id, id, r.on.max(received.on), Some(row.source.clone()))?;
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
