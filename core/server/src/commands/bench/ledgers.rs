//! Ledgers to measure with: opened, and filled in bulk.

use recoup_model::accountability::{Letter, Share};
use recoup_model::id::{EntryId, LetterId, PartyId, PersonId, ReceiptId, ReceivableId};
use recoup_model::party::{Party, PartyKind, Person, Source};
use recoup_model::receivable::{AllocationBasis, DueSource, Entry, EntryKind, Means, Receipt, Receivable, ReceivableKind, Stage};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::{Currency, Date, Digest, Money};
use recoup_store::{CommandMeta, Store, StoreError};

use super::data;
use crate::context::{ACTOR, Context};
use crate::error::CliError;

/// Leaves of one command.
const COMMAND: usize = 100_000;

fn meta(kind: &str) -> CommandMeta {
    CommandMeta { kind: kind.to_owned(), idempotency: None, input: Digest::of(kind.as_bytes()), actor: ACTOR.to_owned(), recorded_at: Context::now() }
}

/// A ledger in Chinese currency.
pub(super) fn open(store: &mut Store) -> Result<Ledger, CliError> {
    let code = "bench";
    let ledger = Ledger { id: Ledger::id_of(code), code: code.into(), name: "Bench".into(), currency: Currency::CNY, time_zone: "Asia/Shanghai".into() };
    store.open_ledger(&ledger, &meta("open-ledger"))?;
    Ok(ledger)
}

/// Appends records in commands of a bounded size.
pub(super) fn fill(store: &mut Store, ledger: &Ledger, records: impl Iterator<Item = Record>) -> Result<(), CliError> {
    let mut records = records.map(Leaf::from).peekable();
    while records.peek().is_some() {
        let part: Vec<Leaf> = records.by_ref().take(COMMAND).collect();
        store.write::<StoreError>(ledger.id, &meta("fill"), |_| Ok(part))?;
    }
    Ok(())
}

fn source(kind: &str, n: usize) -> Option<Source> {
    let key = format!("{kind}-{n:07}");
    Some(Source { system: "u8".into(), locator: format!("row {n}"), content: Digest::of(key.as_bytes()), key })
}

pub(super) fn party(n: usize) -> PartyId {
    PartyId::from_parts(&[data::customer(n).0.as_bytes()])
}

fn claim(n: usize) -> ReceivableId {
    ReceivableId::from_parts(&[&n.to_be_bytes()])
}

fn person(n: usize) -> PersonId {
    PersonId::from_parts(&[&(n % 300).to_be_bytes()])
}

/// Every debtor.
pub(super) fn parties() -> impl Iterator<Item = Record> {
    (0..2_000).map(|n| {
        let name = Some(data::customer(n).1);
        Record::Party(Party { id: party(n), kind: PartyKind::Organisation, name, unified_code: None, source: source("C", n) })
    })
}

fn entry(id: EntryId, kind: EntryKind, amount: i64, on: Date) -> Entry {
    let (receivable, receipt, cites, means, basis) = (None, None, None, None, None);
    Entry { id, kind, receivable, receipt, amount, ledger_amount: amount, on, cites, means, basis, source: None }
}

/// A claim and the entry by which it arises, sixty days before it is due.
pub(super) fn claims(count: usize, day_of: impl Fn(usize) -> Date) -> impl Iterator<Item = Record> {
    (0..count).flat_map(move |n| {
        let (on, gross) = (day_of(n), Money::new(data::amount(n), Currency::CNY));
        let receivable = Receivable {
            id: claim(n),
            party: party(n.wrapping_mul(7_919)),
            contract: None,
            kind: ReceivableKind::Invoice,
            document: format!("INV-{n:07}"),
            gross,
            ledger_gross: gross,
            conversion: None,
            document_date: on,
            due: Some(on + chrono::Days::new(60)),
            due_source: DueSource::Stated,
            stage: Stage::Settled,
            source: source("R", n),
        };
        let arises = entry(EntryId::from_parts(&[b"gross", &n.to_be_bytes()]), EntryKind::Gross, gross.minor(), on);
        [Record::Receivable(receivable), Record::Entry(Entry { receivable: Some(claim(n)), source: source("R", n), ..arises })]
    })
}

/// As many receipts as claims, each applied in parts to as many claims that follow each other.
pub(super) fn receipts(count: usize, parts: usize) -> impl Iterator<Item = Record> {
    (0..count).flat_map(move |n| {
        let (id, on) = (ReceiptId::from_parts(&[&n.to_be_bytes()]), data::day(n) + chrono::Days::new(90));
        let part = data::amount(n) / 8;
        let amount = Money::new(part * 4, Currency::CNY);
        let receipt = Receipt {
            id,
            party: Some(party(n.wrapping_mul(7_919))),
            means: Means::Cash,
            amount,
            ledger_amount: amount,
            conversion: None,
            booked: on,
            value_date: None,
            reference: format!("SK-{n:07}"),
            source: source("S", n),
        };
        let received = entry(EntryId::from_parts(&[b"received", &n.to_be_bytes()]), EntryKind::Received, amount.minor(), on);
        let received = Entry { receipt: Some(id), source: source("S", n), ..received };
        let applied = (0..parts).map(move |p| {
            let claim = claim((n + p) % count);
            let applied = entry(EntryId::from_parts(&[b"applied", &n.to_be_bytes(), &p.to_be_bytes()]), EntryKind::Applied, -part, on);
            let (means, basis) = (Some(Means::Cash), Some(AllocationBasis::Stated));
            Record::Entry(Entry { receivable: Some(claim), receipt: Some(id), means, basis, source: source("A", n * parts + p), ..applied })
        });
        [Record::Receipt(receipt), Record::Entry(received)].into_iter().chain(applied)
    })
}

/// One cash application to each claim.
pub(super) fn recovered(count: usize, day_of: impl Fn(usize) -> Date) -> impl Iterator<Item = Record> {
    (0..count).map(move |n| {
        let applied = entry(EntryId::from_parts(&[b"applied", &n.to_be_bytes()]), EntryKind::Applied, -data::amount(n) / 2, day_of(n));
        let receipt = Some(ReceiptId::from_parts(&[&n.to_be_bytes()]));
        let (means, basis) = (Some(Means::Cash), Some(AllocationBasis::Stated));
        Record::Entry(Entry { receivable: Some(claim(n)), receipt, means, basis, source: source("A", n), ..applied })
    })
}

/// One letter for each claim, with one sharer.
pub(super) fn letters(count: usize, from: Date, deadline: Date) -> impl Iterator<Item = Record> {
    let people = (0..300).map(|n| Record::Person(Person { id: person(n), code: format!("E{n:04}") }));
    let letters = (0..count).map(move |n| {
        let (id, code) = (LetterId::from_parts(&[&n.to_be_bytes()]), format!("L-{n:06}"));
        let shares = vec![Share { person: person(n), weight: 100 }];
        Record::Letter(Letter { id, code, unit: None, from, deadline, receivables: vec![claim(n)], shares })
    });
    people.chain(letters)
}
