//! Events: receipts, applications, bounces, changes of stage, closings, write-offs.
//!
//! An event is known by what it says and by its place among equal events of one declaration, so
//! that recording a file again after an edit repeats nothing.

use std::collections::HashMap;

use indexmap::IndexMap;
use recoup_model::accountability::ContractClosed;
use recoup_model::calendar::Date;
use recoup_model::id::{EntryId, ReceiptId, ReceivableId};
use recoup_model::party::Source;
use recoup_model::receivable::{AllocationBasis, Entry, EntryKind, ExpectedRecovery, Receipt, Receivable, StageChange};
use recoup_model::record::{Ledger, Record};
use recoup_model::{Digest, Money};
use recoup_store::{EVERYTHING as NOW, EntryFilter, Tx};

use super::{EventFact, Names, ReceiveFact, WriteOffFact, fault};
use crate::EngineError;
use crate::application::{Act, ApplyFault, Book, earliest, live_applications};

/// How many equal acts of each kind a declaration has had so far.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<EntryId, u64>);

impl Seen {
    /// The id of an act: what it says, and its place among equal ones.
    fn id(&mut self, parts: &[&[u8]]) -> EntryId {
        let same = EntryId::from_parts(parts);
        let nth = self.0.entry(same).or_default();
        *nth += 1;
        EntryId::from_parts(&[same.0.as_bytes(), &nth.to_be_bytes()])
    }
}

/// Records one event.
pub(super) fn record(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, event: &EventFact, seen: &mut Seen) -> Result<(), EngineError> {
    let on = event.on;
    if let Some(r) = &event.receive {
        receive(tx, ledger, names, on, r, seen)?;
    }
    if let Some(a) = &event.apply {
        apply(tx, names, on, (names.receipt(&a.receipt), &a.receipt), &a.to, seen)?;
    }
    if let Some(key) = &event.bounce {
        bounce(tx, names.receipt(key), key, on)?;
    }
    for (key, stage) in event.stage.iter().flatten() {
        let change = StageChange { receivable: known_receivable(tx, names, key)?.id, stage: *stage, on };
        if !tx.stage_changes(Some(&[change.receivable]), NOW)?.contains(&change) {
            tx.append(&[Record::StageChange(change).into()])?;
        }
    }
    for (key, by) in event.expect.iter().flatten() {
        let expected = ExpectedRecovery { receivable: known_receivable(tx, names, key)?.id, on, by: *by };
        if *by < on {
            let what = format!("on {on} it is said that receivable {key} is expected by {by}, which is past");
            return Err(fault("expected_recovery.dates", what, "state the day by which it is expected from now on"));
        }
        if !tx.expected_recoveries(Some(&[expected.receivable]), NOW)?.contains(&expected) {
            tx.append(&[Record::ExpectedRecovery(expected).into()])?;
        }
    }
    if let Some(c) = &event.close {
        let closed = ContractClosed { contract: names.contract(&c.contract), on, recover_by: c.recover_by };
        if tx.contracts(Some(&[closed.contract]), NOW)?.is_empty() {
            return Err(fault("contract.unknown", format!("contract {} is not in the ledger", c.contract), "import or declare it first"));
        }
        if c.recover_by.is_some_and(|by| by < on) {
            return Err(fault("contract.dates", format!("{} is to be recovered before it closes", c.contract), "correct its dates"));
        }
        if !tx.contract_closings(Some(&[closed.contract]), NOW)?.contains(&closed) {
            tx.append(&[Record::ContractClosed(closed).into()])?;
        }
    }
    if let Some(w) = &event.write_off {
        write_off(tx, names, on, w, seen)?;
    }
    Ok(())
}

fn receive(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, on: Date, r: &ReceiveFact, seen: &mut Seen) -> Result<(), EngineError> {
    let amount = Money::parse(&r.amount, ledger.currency)?;
    if amount.minor() <= 0 {
        return Err(fault(
            "receipt.negative",
            format!("receipt {} of {amount} cites nothing that it takes back", r.id),
            "record it as the bounce of a receipt",
        ));
    }
    let id = names.receipt(&r.id);
    let receipt = Receipt {
        id,
        party: r.debtor.as_deref().map(|d| names.party(d)),
        means: r.means,
        amount,
        ledger_amount: amount,
        conversion: None,
        booked: on,
        value_date: None,
        reference: r.id.clone(),
        source: Some(declared(names, &r.id, &format!("{on} {amount} {} {:?}", r.means.word(), r.debtor))),
    };
    match tx.receipts(Some(&[id]), NOW)?.pop() {
        Some(known) if known == receipt => {}
        Some(known) => {
            let what = format!("receipt {} is recorded already, with {} on {}", r.id, known.amount, known.booked);
            return Err(fault("receipt.duplicate", what, "give the new one another key, or take the old one back"));
        }
        None => {
            let received = Entry {
                id: EntryId::from_parts(&[id.0.as_bytes(), b"received"]),
                kind: EntryKind::Received,
                receivable: None,
                receipt: Some(id),
                amount: amount.minor(),
                ledger_amount: amount.minor(),
                on,
                period: None,
                cites: None,
                means: Some(r.means),
                basis: None,
                source: None,
            };
            tx.append(&[Record::Receipt(receipt).into(), Record::Entry(received).into()])?;
        }
    }
    apply(tx, names, on, (id, &r.id), &r.apply, seen)
}

/// Where a stated fact comes from.
pub(super) fn declared(names: Names<'_>, reference: &str, content: &str) -> Source {
    let (system, key) = names.split(reference);
    Source { system: system.to_owned(), key: key.to_owned(), locator: "declared".to_owned(), content: Digest::of(content.as_bytes()) }
}

fn apply(
    tx: &mut Tx<'_>,
    names: Names<'_>,
    on: Date,
    (receipt, key): (ReceiptId, &str),
    to: &IndexMap<String, String>,
    seen: &mut Seen,
) -> Result<(), EngineError> {
    if to.is_empty() {
        return Ok(());
    }
    let Some(receipt) = tx.receipts(Some(&[receipt]), NOW)?.pop() else {
        return Err(fault("receipt.unknown", format!("receipt {key} is not recorded"), "record it before it is applied"));
    };
    let ids: Vec<ReceivableId> = to.keys().map(|k| names.receivable(k)).collect();
    let mut book = Book::load(tx, &ids, &[receipt.id])?;
    for (key, amount) in to {
        let receivable = known_receivable(tx, names, key)?;
        let amount = Money::parse(amount, receivable.gross.currency())?;
        let day = on.to_epoch_days().to_be_bytes();
        let id = seen.id(&[b"applied", receipt.id.0.as_bytes(), receivable.id.0.as_bytes(), &day, &amount.minor().to_be_bytes()]);
        if book.entries.iter().any(|e| e.id == id) {
            continue;
        }
        // A prepayment is cleared when the document it pays exists.
        let act = Act { id, on: on.max(earliest(&receipt, &receivable)), basis: AllocationBasis::Stated, source: None };
        let entry = book.apply(&receipt, &receivable, Some(amount), act);
        let entry = entry.map_err(|f| refused("application.refused", &format!("{} to {key}", receipt.reference), &f))?;
        if let Some(entry) = entry {
            tx.append(&[Record::Entry(entry).into()])?;
        }
    }
    Ok(())
}

fn refused(code: &'static str, what: &str, why: &ApplyFault) -> EngineError {
    fault(code, format!("{what}: {why}"), "record what the bank and the debtor say")
}

fn bounce(tx: &mut Tx<'_>, id: ReceiptId, key: &str, on: Date) -> Result<(), EngineError> {
    let entries = tx.entries(EntryFilter { receivables: None, receipts: Some(&[id]) }, None, NOW)?;
    let received = entries.iter().find(|e| e.kind == EntryKind::Received);
    let (Some(receipt), Some(received)) = (tx.receipts(Some(&[id]), NOW)?.pop(), received) else {
        return Err(fault("receipt.unknown", format!("receipt {key} is not recorded"), "record it before its bounce"));
    };
    match entries.iter().find(|e| e.kind == EntryKind::Bounced) {
        Some(bounced) if bounced.on == on => return Ok(()),
        Some(bounced) => {
            let what = format!("receipt {key} was taken back on {} already", bounced.on);
            return Err(fault("receipt.bounced", what, "a re-presented cheque is a new receipt"));
        }
        None => {}
    }
    if entries.iter().any(|e| e.on > on) {
        return Err(fault("receipt.dates", format!("receipt {key} would be taken back on {on}, before it came in or was applied"), "correct the date"));
    }
    let mut book = Book::load(tx, &[], &[id])?;
    for applied in live_applications(&entries) {
        let entry = book.reverse(applied, EntryId::from_parts(&[applied.id.0.as_bytes(), b"bounced"]), on, None)?;
        tx.append(&[Record::Entry(entry).into()])?;
    }
    let entry = book.bounce(&receipt, received.id, EntryId::from_parts(&[id.0.as_bytes(), b"bounced"]), on, None)?;
    tx.append(&[Record::Entry(entry).into()])?;
    Ok(())
}

fn write_off(tx: &mut Tx<'_>, names: Names<'_>, on: Date, w: &WriteOffFact, seen: &mut Seen) -> Result<(), EngineError> {
    let receivable = known_receivable(tx, names, &w.receivable)?;
    let amount = Money::parse(&w.amount, receivable.gross.currency())?;
    let day = on.to_epoch_days().to_be_bytes();
    let id = seen.id(&[b"written-off", receivable.id.0.as_bytes(), &day, &amount.minor().to_be_bytes()]);
    let mut book = Book::load(tx, &[receivable.id], &[])?;
    if book.entries.iter().any(|e| e.id == id) {
        return Ok(());
    }
    let entry = book.write_off(&receivable, amount, id, on).map_err(|f| refused("write_off.refused", &w.receivable, &f))?;
    tx.append(&[Record::Entry(entry).into()])?;
    Ok(())
}

pub(super) fn known_receivable(tx: &mut Tx<'_>, names: Names<'_>, key: &str) -> Result<Receivable, EngineError> {
    let found = tx.receivables(Some(&[names.receivable(key)]), NOW)?.pop();
    found.ok_or_else(|| fault("receivable.unknown", format!("receivable {key} is not in the ledger"), "import or declare it first"))
}
