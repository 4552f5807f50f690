//! Receivables and receipts of a file: new ones, corrections, and what corrections do to applications.
//!
//! A document always was what it is now known to be, so a correction takes effect on the
//! document's date. Where a corrected document no longer carries what was applied to it, the
//! latest applications give way, and that is reported.

use std::collections::{HashMap, HashSet};

use recoup_model::calendar::Date;
use recoup_model::id::{EntryId, ReceiptId, ReceivableId, SourceKey};
use recoup_model::import::IssueKind;
use recoup_model::receivable::{AllocationBasis, Entry, EntryKind, Means, Receipt, Receivable};
use recoup_model::record::{Leaf, Record};
use recoup_model::{Digest, Money, MoneyError};
use recoup_store::{EVERYTHING as NOW, EntryFilter, Sourced};
use uuid::Uuid;

use super::commit::{Commit, Fate};
use super::stage::Staged;
use crate::EngineError;
use crate::application::{Act, Book, earliest, live_applications};

const NO_DEBTOR: &str = "its debtor is neither among the good records of the file nor in the ledger: import the customers first";

/// Receivables of the file.
pub(super) fn receivables(c: &mut Commit<'_, '_, '_>) -> Result<(), EngineError> {
    let staging = c.staging;
    let unknown = c.unknown_parties(staging.receivables.iter().map(|r| r.value.party))?;
    let known = c.known(Sourced::Receivable, &staging.receivables)?;
    let changed = staging.receivables.iter().filter(|r| known.get(&r.value.id.0).is_some_and(|k| *k != r.source.content)).map(|r| r.value.id);
    let changed: Vec<ReceivableId> = changed.collect();
    let before: HashMap<ReceivableId, Receivable> = c.tx.receivables(Some(&changed), NOW)?.into_iter().map(|r| (r.id, r)).collect();
    retire_credits(c, &unknown)?;
    for row in staging.receivables.iter() {
        let r = &row.value;
        let fate = Commit::fate(&known, r.id.0, &row.source);
        let held = match (fate, before.get(&r.id)) {
            _ if unknown.contains(&r.party.0) => {
                c.refuse(&row.source, "import.unknown_party", NO_DEBTOR.to_owned());
                continue;
            }
            (Fate::New, _) => {
                c.push(Record::Receivable(r.clone()))?;
                let id = EntryId::from_parts(&[r.id.0.as_bytes(), b"gross"]);
                c.begin(of_receivable(row, EntryKind::Gross, id, (r.gross.minor(), r.ledger_gross.minor()), r.document_date))?;
                0
            }
            (Fate::Changed, Some(before)) if before.gross.currency() != r.gross.currency() => {
                let text =
                    format!("the document was in {} and is now in {}: reverse it in the source and issue it anew", before.gross.currency(), r.gross.currency());
                c.refuse(&row.source, "import.currency_mismatch", text);
                continue;
            }
            (Fate::Changed, Some(before)) => {
                c.push(Record::Receivable(r.clone()))?;
                let old = (before.gross.minor(), before.ledger_gross.minor(), before.document_date);
                for (amount, ledger, on, part) in steps(old, (r.gross.minor(), r.ledger_gross.minor(), r.document_date))? {
                    let id = correction_id(c, r.id.0, part, &row.source.content);
                    c.push(Record::Entry(of_receivable(row, EntryKind::Correction, id, (amount, ledger), on)))?;
                }
                c.corrected.0.push(r.id);
                before.ledger_gross.minor()
            }
            (Fate::Equal | Fate::Changed, _) => r.ledger_gross.minor(),
        };
        c.count(fate);
        c.claims.add(r.ledger_gross.minor(), held)?;
        c.receivables.insert(r.id, r.clone());
    }
    Ok(())
}

/// Receipts and credit notes of the file.
pub(super) fn receipts(c: &mut Commit<'_, '_, '_>) -> Result<(), EngineError> {
    let staging = c.staging;
    let unknown = c.unknown_parties(staging.receipts.iter().filter_map(|r| r.value.party))?;
    let known = c.known(Sourced::Receipt, &staging.receipts)?;
    let changed = staging.receipts.iter().filter(|r| known.get(&r.value.id.0).is_some_and(|k| *k != r.source.content)).map(|r| r.value.id);
    let changed: Vec<ReceiptId> = changed.collect();
    let before: HashMap<ReceiptId, Receipt> = c.tx.receipts(Some(&changed), NOW)?.into_iter().map(|r| (r.id, r)).collect();
    let bounced: HashSet<ReceiptId> = {
        let entries = c.tx.entries(EntryFilter { receivables: None, receipts: Some(&changed) }, None, NOW)?;
        entries.into_iter().filter(|e| e.kind == EntryKind::Bounced).filter_map(|e| e.receipt).collect()
    };
    retire_claims(c, &unknown)?;
    for row in staging.receipts.iter() {
        let r = &row.value;
        let fate = Commit::fate(&known, r.id.0, &row.source);
        let leaf = || Leaf::with(Record::Receipt(r.clone()), row.personal.clone());
        let held = match (fate, before.get(&r.id)) {
            _ if r.party.is_some_and(|p| unknown.contains(&p.0)) => {
                c.refuse(&row.source, "import.unknown_party", NO_DEBTOR.to_owned());
                continue;
            }
            (Fate::New, _) if r.amount.minor() == 0 => {
                c.issue(IssueKind::Skipped, &row.source, "import.zero_amount", "a credit of zero changes nothing".to_owned());
                continue;
            }
            (Fate::New, _) => {
                c.push(leaf())?;
                let id = EntryId::from_parts(&[r.id.0.as_bytes(), b"received"]);
                c.begin(of_receipt(row, EntryKind::Received, id, (r.amount.minor(), r.ledger_amount.minor()), r.booked))?;
                0
            }
            (Fate::Changed, Some(before)) if before.amount.currency() != r.amount.currency() => {
                let text = format!("the receipt was in {} and is now in {}: take it back and book it anew", before.amount.currency(), r.amount.currency());
                c.refuse(&row.source, "import.currency_mismatch", text);
                continue;
            }
            (Fate::Changed, Some(_)) if bounced.contains(&r.id) => {
                let text = "the receipt was taken back, and is corrected now: book what came in later as a new receipt".to_owned();
                c.refuse(&row.source, "import.corrected_after_bounce", text);
                continue;
            }
            (Fate::Changed, Some(before)) => {
                c.push(leaf())?;
                let old = (before.amount.minor(), before.ledger_amount.minor(), before.booked);
                for (amount, ledger, on, part) in steps(old, (r.amount.minor(), r.ledger_amount.minor(), r.booked))? {
                    let id = correction_id(c, r.id.0, part, &row.source.content);
                    c.push(Record::Entry(of_receipt(row, EntryKind::ReceivedCorrection, id, (amount, ledger), on)))?;
                }
                c.corrected.1.push(r.id);
                before.ledger_amount.minor()
            }
            (Fate::Equal | Fate::Changed, _) => r.ledger_amount.minor(),
        };
        c.count(fate);
        c.cash.add(r.ledger_amount.minor(), held)?;
        c.receipts.insert(r.id, r.clone());
    }
    Ok(())
}

/// Document minor units, ledger minor units, effective date.
type Stand = (i64, i64, Date);

/// The movements from one stand to another: by the difference, or out on the old day and in on the new one.
fn steps(old: Stand, new: Stand) -> Result<Vec<(i64, i64, Date, &'static str)>, EngineError> {
    let sub = |a: i64, b: i64| a.checked_sub(b).ok_or(EngineError::Money(MoneyError::Overflow));
    let all = if old.2 == new.2 {
        vec![(sub(new.0, old.0)?, sub(new.1, old.1)?, new.2, "by")]
    } else {
        vec![(sub(0, old.0)?, sub(0, old.1)?, old.2, "out"), (new.0, new.1, new.2, "in")]
    };
    Ok(all.into_iter().filter(|(document, ledger, ..)| (*document, *ledger) != (0, 0)).collect())
}

fn correction_id(c: &Commit<'_, '_, '_>, id: Uuid, part: &str, content: &Digest) -> EntryId {
    EntryId::from_parts(&[id.as_bytes(), &c.tx.position().to_be_bytes(), part.as_bytes(), &content.0])
}

fn of_receivable(row: &Staged<Receivable>, kind: EntryKind, id: EntryId, (amount, ledger_amount): (i64, i64), on: Date) -> Entry {
    let receivable = Some(row.value.id);
    Entry {
        id,
        kind,
        receivable,
        receipt: None,
        amount,
        ledger_amount,
        on,
        period: None,
        cites: None,
        means: None,
        basis: None,
        source: Some(row.source.clone()),
    }
}

fn of_receipt(row: &Staged<Receipt>, kind: EntryKind, id: EntryId, (amount, ledger_amount): (i64, i64), on: Date) -> Entry {
    let receipt = Some(row.value.id);
    Entry {
        id,
        kind,
        receivable: None,
        receipt,
        amount,
        ledger_amount,
        on,
        period: None,
        cites: None,
        means: None,
        basis: None,
        source: Some(row.source.clone()),
    }
}

/// A document that was a credit and is a claim now: the credit becomes zero. Money that came in under the same number is
/// another thing, and stays.
fn retire_credits(c: &mut Commit<'_, '_, '_>, refused: &HashSet<Uuid>) -> Result<(), EngineError> {
    let staging = c.staging;
    let good = staging.receivables.iter().filter(|r| !refused.contains(&r.value.party.0));
    let ids: Vec<ReceiptId> = good.map(|r| ReceiptId::of(&own(c, &r.source.key))).collect();
    let known = c.tx.contents(Sourced::Receipt, &ids.iter().map(|i| i.0).collect::<Vec<_>>())?;
    let gone: Vec<ReceiptId> = ids.into_iter().filter(|i| known.contains_key(&i.0) && !staging.receipts.mentions(i.0)).collect();
    for r in c.tx.receipts(Some(&gone), NOW)?.into_iter().filter(|r| r.means == Means::CreditNote && r.amount.minor() != 0) {
        let entry = Entry {
            id: correction_id(c, r.id.0, "sign", &Digest([0; 32])),
            kind: EntryKind::ReceivedCorrection,
            receivable: None,
            receipt: Some(r.id),
            amount: -r.amount.minor(),
            ledger_amount: -r.ledger_amount.minor(),
            on: r.booked,
            period: None,
            cites: None,
            means: None,
            basis: None,
            source: r.source.clone(),
        };
        let zero = |m: Money| Money::new(0, m.currency());
        let retired = Receipt { amount: zero(r.amount), ledger_amount: zero(r.ledger_amount), source: r.source.clone().map(retired), ..r };
        c.cash.add(0, r.ledger_amount.minor())?;
        c.retired.1.push(retired.id);
        c.receipts.insert(retired.id, retired.clone());
        c.push(Record::Receipt(retired))?;
        c.push(Record::Entry(entry))?;
    }
    Ok(())
}

/// A document that was a claim and is a credit now: the claim becomes zero. Money that comes in under its number is another
/// thing.
fn retire_claims(c: &mut Commit<'_, '_, '_>, refused: &HashSet<Uuid>) -> Result<(), EngineError> {
    let staging = c.staging;
    let good = staging.receipts.iter().filter(|r| r.value.means == Means::CreditNote && r.value.party.is_none_or(|p| !refused.contains(&p.0)));
    let ids: Vec<ReceivableId> = good.map(|r| ReceivableId::of(&own(c, &r.source.key))).collect();
    let known = c.tx.contents(Sourced::Receivable, &ids.iter().map(|i| i.0).collect::<Vec<_>>())?;
    let gone: Vec<ReceivableId> = ids.into_iter().filter(|i| known.contains_key(&i.0) && !staging.receivables.mentions(i.0)).collect();
    for r in c.tx.receivables(Some(&gone), NOW)?.into_iter().filter(|r| r.gross.minor() != 0) {
        let entry = Entry {
            id: correction_id(c, r.id.0, "sign", &Digest([0; 32])),
            kind: EntryKind::Correction,
            receivable: Some(r.id),
            receipt: None,
            amount: -r.gross.minor(),
            ledger_amount: -r.ledger_gross.minor(),
            on: r.document_date,
            period: None,
            cites: None,
            means: None,
            basis: None,
            source: r.source.clone(),
        };
        let zero = |m: Money| Money::new(0, m.currency());
        let retired = Receivable { gross: zero(r.gross), ledger_gross: zero(r.ledger_gross), source: r.source.clone().map(retired), ..r };
        c.claims.add(0, r.ledger_gross.minor())?;
        c.retired.0.push(retired.id);
        c.receivables.insert(retired.id, retired.clone());
        c.push(Record::Receivable(retired))?;
        c.push(Record::Entry(entry))?;
    }
    Ok(())
}

/// Content of its own, so that the record counts as changed should its source take it up again.
fn retired(source: recoup_model::party::Source) -> recoup_model::party::Source {
    recoup_model::party::Source { content: Digest::of(b"retired"), ..source }
}

fn own<'k>(c: &'k Commit<'_, '_, '_>, key: &'k str) -> SourceKey<'k> {
    SourceKey { ledger: Some(c.staging.ledger.id), system: c.staging.system_name(), key }
}

/// After corrections: applications that came too early are dated anew, and where more is applied than
/// there is, the latest applications give way. Each is reported with its figures.
pub(super) fn refit(c: &mut Commit<'_, '_, '_>, (receivables, receipts): (Vec<ReceivableId>, Vec<ReceiptId>)) -> Result<(), EngineError> {
    if receivables.is_empty() && receipts.is_empty() {
        return Ok(());
    }
    c.flush()?;
    let touched = Book::load(c.tx, &receivables, &receipts)?;
    let live: Vec<Entry> = live_applications(&touched.entries).into_iter().cloned().collect();
    // Both sides of each application count, also the one that was not corrected.
    let all_receivables: Vec<ReceivableId> = live.iter().filter_map(|e| e.receivable).chain(receivables).collect();
    let all_receipts: Vec<ReceiptId> = live.iter().filter_map(|e| e.receipt).chain(receipts).collect();
    c.receivables.extend(c.tx.receivables(Some(&all_receivables), NOW)?.into_iter().map(|r| (r.id, r)));
    c.receipts.extend(c.tx.receipts(Some(&all_receipts), NOW)?.into_iter().map(|r| (r.id, r)));
    let mut book = Book::load(c.tx, &all_receivables, &all_receipts)?;
    let live: Vec<Entry> = live_applications(&book.entries).into_iter().cloned().collect();
    for e in live.iter().rev() {
        let (Some(receivable), Some(receipt)) =
            (e.receivable.and_then(|id| c.receivables.get(&id)).cloned(), e.receipt.and_then(|id| c.receipts.get(&id)).cloned())
        else {
            continue;
        };
        let short = book.open_from(receivable.id, e.on).min(book.unapplied_from(receipt.id, e.on)).min(0);
        let on = e.on.max(earliest(&receipt, &receivable));
        if short == 0 && on == e.on {
            continue;
        }
        let position = c.tx.position().to_be_bytes();
        let reversal = book.reverse(e, EntryId::from_parts(&[e.id.0.as_bytes(), b"refit", &position]), e.on, e.source.clone())?;
        c.push(Record::Entry(reversal))?;
        let free = book.open_from(receivable.id, on).min(book.unapplied_from(receipt.id, on)).max(0);
        let amount = Money::new(free.min(-e.amount), receivable.gross.currency());
        let act = Act {
            id: EntryId::from_parts(&[e.id.0.as_bytes(), b"refitted", &position]),
            on,
            basis: e.basis.unwrap_or(AllocationBasis::Stated),
            source: e.source.clone(),
        };
        if amount.minor() > 0 {
            let entry = book.apply(&receipt, &receivable, Some(amount), act).map_err(|f| crate::facts::fault(f.code(), f.to_string(), "correct the source"))?;
            entry.map_or(Ok(()), |entry| c.push(Record::Entry(entry)))?;
        }
        let source = e.source.clone().or_else(|| receivable.source.clone()).unwrap_or_else(|| declared(&receivable.document));
        let was = Money::new(-e.amount, receivable.gross.currency());
        let text = format!("{was} were applied on {}; after the correction {amount} are, on {on}: compare the source's clearing", e.on);
        c.issue(IssueKind::Control, &source, "import.application_refitted", text);
    }
    Ok(())
}

fn declared(key: &str) -> recoup_model::party::Source {
    recoup_model::party::Source { system: String::new(), key: key.to_owned(), locator: "ledger".to_owned(), content: Digest([0; 32]) }
}
