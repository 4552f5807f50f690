//! Events: receipts, applications, bounces, changes of stage, closings, write-offs.

use indexmap::IndexMap;
use recoup_model::Money;
use recoup_model::accountability::ContractClosed;
use recoup_model::calendar::Date;
use recoup_model::id::{EntryId, ReceiptId, ReceivableId};
use recoup_model::receivable::{AllocationBasis, Entry, EntryKind, Receipt, Receivable, StageChange};
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, EntryFilter, Tx};

use super::{EventFact, Names, ReceiveFact, WriteOffFact, fault};
use crate::EngineError;
use crate::application::{Act, Book, live_applications};

/// Records one event.
pub(super) fn record(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, event: &EventFact) -> Result<(), EngineError> {
    let on = event.on;
    if let Some(r) = &event.receive {
        receive(tx, ledger, names, on, r)?;
    }
    if let Some(a) = &event.apply {
        apply(tx, ledger, names, on, names.receipt(&a.receipt), &a.to)?;
    }
    if let Some(key) = &event.bounce {
        bounce(tx, names.receipt(key), key, on)?;
    }
    for (key, stage) in event.stage.iter().flatten() {
        known_receivable(tx, names, key)?;
        tx.append(&[Record::StageChange(StageChange { receivable: names.receivable(key), stage: *stage, on }).into()])?;
    }
    if let Some(c) = &event.close {
        let closed = ContractClosed { contract: names.contract(&c.contract), on, recover_by: c.recover_by };
        if c.recover_by.is_some_and(|by| by < on) {
            return Err(fault("contract.dates", format!("{} is to be recovered before it closes", c.contract), "correct its dates"));
        }
        tx.append(&[Record::ContractClosed(closed).into()])?;
    }
    if let Some(w) = &event.write_off {
        write_off(tx, ledger, names, on, w)?;
    }
    Ok(())
}

fn receive(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, on: Date, r: &ReceiveFact) -> Result<(), EngineError> {
    let amount = Money::parse(&r.amount, ledger.currency)?;
    if amount.minor() <= 0 {
        return Err(fault(
            "receipt.negative",
            format!("receipt {} of {amount} cites nothing that it takes back", r.id),
            "record it as the bounce of a receipt",
        ));
    }
    let id = names.receipt(&r.id);
    if !tx.receipts(Some(&[id]), NOW)?.is_empty() {
        return Err(fault("receipt.duplicate", format!("receipt {} is recorded already", r.id), "give the new one another key"));
    }
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
        source: None,
    };
    let received = Entry {
        id: EntryId::from_parts(&[id.0.as_bytes(), b"received"]),
        kind: EntryKind::Received,
        receivable: None,
        receipt: Some(id),
        amount: amount.minor(),
        ledger_amount: amount.minor(),
        on,
        cites: None,
        means: Some(r.means),
        basis: None,
        source: None,
    };
    tx.append(&[Record::Receipt(receipt).into(), Record::Entry(received).into()])?;
    apply(tx, ledger, names, on, id, &r.apply)
}

fn apply(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, on: Date, receipt: ReceiptId, to: &IndexMap<String, String>) -> Result<(), EngineError> {
    if to.is_empty() {
        return Ok(());
    }
    let Some(receipt) = tx.receipts(Some(&[receipt]), NOW)?.pop() else {
        return Err(fault("receipt.unknown", "the receipt to apply is not recorded", "record it first"));
    };
    let ids: Vec<ReceivableId> = to.keys().map(|k| names.receivable(k)).collect();
    let mut book = Book::load(tx, &ids, &[receipt.id])?;
    for (key, amount) in to {
        let receivable = known_receivable(tx, names, key)?;
        let amount = Money::parse(amount, ledger.currency)?;
        // The log position tells apart two applications of one receipt to one receivable.
        let id = EntryId::from_parts(&[receipt.id.0.as_bytes(), receivable.id.0.as_bytes(), &tx.position().to_be_bytes(), on.to_string().as_bytes()]);
        let act = Act { id, on, basis: AllocationBasis::Stated, source: None };
        let entry = book.apply(&receipt, &receivable, Some(amount), act);
        let entry =
            entry.map_err(|f| fault("application.refused", format!("{} to {key}: {f}", receipt.reference), "record what the bank and the debtor say"))?;
        if let Some(entry) = entry {
            tx.append(&[Record::Entry(entry).into()])?;
        }
    }
    Ok(())
}

fn bounce(tx: &mut Tx<'_>, id: ReceiptId, key: &str, on: Date) -> Result<(), EngineError> {
    let entries = tx.entries(EntryFilter { receivables: None, receipts: Some(&[id]) }, None, NOW)?;
    let received = entries.iter().find(|e| e.kind == EntryKind::Received);
    let (Some(receipt), Some(received)) = (tx.receipts(Some(&[id]), NOW)?.pop(), received) else {
        return Err(fault("receipt.unknown", format!("receipt {key} is not recorded"), "record it before its bounce"));
    };
    if entries.iter().any(|e| e.kind == EntryKind::Bounced) {
        return Err(fault("receipt.bounced", format!("receipt {key} was taken back already"), "a re-presented cheque is a new receipt"));
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

fn write_off(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, on: Date, w: &WriteOffFact) -> Result<(), EngineError> {
    let receivable = known_receivable(tx, names, &w.receivable)?;
    let amount = Money::parse(&w.amount, ledger.currency)?;
    let (open, _) = Book::load(tx, &[receivable.id], &[])?.open(receivable.id);
    if amount.minor() <= 0 || amount.minor() > open {
        let what = format!("{amount} of {} cannot be written off: {} is open", w.receivable, Money::new(open, ledger.currency));
        return Err(fault("write_off.amount", what, "write off at most what is open"));
    }
    let entry = Entry {
        id: EntryId::from_parts(&[receivable.id.0.as_bytes(), b"written-off", &tx.position().to_be_bytes()]),
        kind: EntryKind::WrittenOff,
        receivable: Some(receivable.id),
        receipt: None,
        amount: -amount.minor(),
        ledger_amount: -amount.minor(),
        on,
        cites: None,
        means: None,
        basis: None,
        source: None,
    };
    tx.append(&[Record::Entry(entry).into()])?;
    Ok(())
}

fn known_receivable(tx: &mut Tx<'_>, names: Names<'_>, key: &str) -> Result<Receivable, EngineError> {
    let found = tx.receivables(Some(&[names.receivable(key)]), NOW)?.pop();
    found.ok_or_else(|| fault("receivable.unknown", format!("receivable {key} is not in the ledger"), "import or declare it first"))
}
