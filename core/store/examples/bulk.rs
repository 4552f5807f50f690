//! How fast bulk writes and reads are on both databases.
//!
//! `tests/db/postgres.sh run cargo run -p recoup-store --features testing --example bulk [CLAIMS]`

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement")]

use std::collections::BTreeSet;
use std::time::Instant;

use chrono::DateTime;
use recoup_model::access::Sight;
use recoup_model::accountability::{Letter, Share};
use recoup_model::calendar::date;
use recoup_model::id::{ContractId, EntryId, LetterId, PartyId, PersonId, ReceivableId, UnitId};
use recoup_model::party::Source;
use recoup_model::receivable::{DueSource, Entry, EntryKind, Receivable, ReceivableKind, Stage};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::{Currency, Digest, Money};
use recoup_store::{AgingBasis, AgingGroup, CommandMeta, EVERYTHING, EntryFilter, LineFilter, Sourced, Store, StoreError, Subjects, testing};

fn meta(key: &str) -> CommandMeta {
    let recorded_at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    CommandMeta { kind: "bulk".into(), input: Digest::of(key.as_bytes()), actor: "bench".into(), recorded_at }
}

fn unit(n: u32) -> UnitId {
    UnitId::from_parts(&[&n.to_be_bytes()])
}

fn timed<T>(what: &str, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = f();
    println!("  {what:<46} {:>7} ms", start.elapsed().as_millis());
    value
}

fn main() {
    let n: u32 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(200_000);
    let books = Ledger { id: Ledger::id_of("bulk"), code: "bulk".into(), name: "Bulk".into(), currency: Currency::CNY, time_zone: "Asia/Shanghai".into() };
    let source = |key: String| Source { content: Digest::of(key.as_bytes()), locator: format!("row {key}"), system: "u8".into(), key };
    let start = date(2019, 1, 1).unwrap();
    let claim = |i: u32| ReceivableId::from_parts(&[&i.to_be_bytes()]);
    let mut leaves = Vec::new();
    for i in 0..n {
        let on = start + chrono::Days::new(u64::from(i % 2000));
        let money = Money::new(i64::from(i) * 100 + 1, Currency::CNY);
        leaves.push(Leaf::from(Record::Receivable(Receivable {
            id: claim(i),
            party: PartyId::from_parts(&[&(i % 5000).to_be_bytes()]),
            contract: Some(ContractId::from_parts(&[&(i % 5000).to_be_bytes()])),
            kind: ReceivableKind::Invoice,
            document: format!("INV-{i:08}"),
            gross: money,
            ledger_gross: money,
            conversion: None,
            document_date: on,
            due: Some(on + chrono::Days::new(30)),
            due_source: DueSource::Terms,
            stage: Stage::Settled,
            source: Some(source(format!("R{i}"))),
        })));
        leaves.push(Leaf::from(Record::Entry(Entry {
            id: EntryId::from_parts(&[&i.to_be_bytes()]),
            kind: EntryKind::Gross,
            receivable: Some(claim(i)),
            receipt: None,
            amount: money.minor(),
            ledger_amount: money.minor(),
            on,
            period: None,
            cites: None,
            means: None,
            basis: None,
            source: Some(source(format!("E{i}"))),
        })));
    }
    let letters: Vec<Leaf> = (0..n / 2)
        .map(|i| {
            Leaf::from(Record::Letter(Letter {
                id: LetterId::from_parts(&[&i.to_be_bytes()]),
                code: format!("L{i}"),
                unit: Some(unit(i % 10)),
                from: start,
                deadline: date(2025, 12, 31).unwrap(),
                receivables: vec![claim(i * 2), claim(i * 2 + 1)],
                shares: vec![Share { person: PersonId::from_parts(&[&(i % 300).to_be_bytes()]), weight: 1 }],
            }))
        })
        .collect();
    for db in testing::databases() {
        println!("{:?}: {} claims, as many entries, {} letters", db.backend(), n, n / 2);
        let mut store = db.store();
        store.open_ledger(&books, &meta("open")).unwrap();
        let mut write = |what: &str, leaves: &[Leaf]| {
            let ((), done) = timed(what, || store.transact::<_, StoreError>(books.id, &meta(what), |tx| tx.append(leaves)).unwrap());
            println!("    {} leaves, lock {} ms", done.leaves, done.lock_ms);
        };
        write("append claims and entries", &leaves);
        write("append letters", &letters);
        reads(&mut store, &books, n);
        println!("  one unit of ten:");
        reads_of_a_unit(&mut store, &books);
    }
}

fn reads(store: &mut Store, books: &Ledger, n: u32) {
    let as_of = date(2025, 1, 1).unwrap();
    let ids: Vec<_> = (0..n).map(|i| ReceivableId::from_parts(&[&i.to_be_bytes()]).0).collect();
    store
        .read::<(), StoreError>(books.id, |view| {
            timed("contents of every id", || view.contents(Sourced::Receivable, &ids))?;
            timed("source keys", || view.source_keys(Sourced::Receivable, "u8"))?;
            timed("open amounts", || view.open_amounts(as_of, EVERYTHING, None))?;
            timed("aging by debtor", || view.aging(as_of, EVERYTHING, AgingBasis::Due, &[as_of, as_of - chrono::Days::new(365)], AgingGroup::Debtor))?;
            timed("trial balance", || view.trial_balance(as_of, EVERYTHING))?;
            timed("receivables, whole", || view.receivables(None, EVERYTHING))?;
            timed("entries, whole", || view.entries(EntryFilter::default(), None, EVERYTHING))?;
            timed("facts of all", || view.facts(&Subjects::All, as_of, EVERYTHING))?;
            timed("touched by the letters", || view.touched(2, Some(as_of), as_of))?;
            timed("touched by nothing", || view.touched(3, Some(as_of), as_of))?;
            let some = Subjects::some((0..10_000_u32).map(|i| LetterId::from_parts(&[&i.to_be_bytes()])), [], []);
            timed("facts of 10,000 letters", || view.facts(&some, as_of, EVERYTHING))?;
            timed("lines", || view.lines(LineFilter::default(), EVERYTHING))?;
            Ok(())
        })
        .unwrap();
}

fn reads_of_a_unit(store: &mut Store, books: &Ledger) {
    let as_of = date(2025, 1, 1).unwrap();
    let sight = Sight::Units(BTreeSet::from([unit(3)]));
    let claims = store
        .read_in_sight::<_, StoreError>(books.id, &sight, EVERYTHING, |view| {
            timed("open amounts", || view.open_amounts(as_of, EVERYTHING, None))?;
            timed("aging by debtor", || view.aging(as_of, EVERYTHING, AgingBasis::Due, &[as_of, as_of - chrono::Days::new(365)], AgingGroup::Debtor))?;
            timed("trial balance", || view.trial_balance(as_of, EVERYTHING))?;
            timed("letters, whole", || view.letters(None, EVERYTHING))?;
            timed("receivables, whole", || view.receivables(None, EVERYTHING))?;
            timed("entries, whole", || view.entries(EntryFilter::default(), None, EVERYTHING))?;
            timed("contracts, whole", || view.contracts(None, EVERYTHING))?;
            timed("lines", || view.lines(LineFilter::default(), EVERYTHING))?;
            Ok(view.open_amounts(as_of, EVERYTHING, None)?.into_iter().map(|(id, ..)| id).collect::<Vec<_>>())
        })
        .unwrap();
    let some: Vec<_> = claims.into_iter().take(10).collect();
    store
        .read_in_sight::<(), StoreError>(books.id, &sight, EVERYTHING, |view| {
            timed("ten receivables, by id", || view.receivables(Some(&some), EVERYTHING))?;
            timed("entries of one receivable", || view.entries(EntryFilter { receivables: Some(&some[..1]), receipts: None }, None, EVERYTHING))?;
            Ok(())
        })
        .unwrap();
}
