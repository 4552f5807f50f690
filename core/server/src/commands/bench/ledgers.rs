//! Ledgers to measure with: opened, and filled in bulk.

use recoup_model::accountability::{Letter, Share, WageMonth};
use recoup_model::agreement::{Agreement, Holders, Term};
use recoup_model::id::{AgreementId, EntryId, LetterId, PartyId, PersonId, ReceiptId, ReceivableId};
use recoup_model::party::{Party, PartyKind, Person, Personal, Source};
use recoup_model::receivable::{AllocationBasis, DueSource, Entry, EntryKind, Means, Receipt, Receivable, ReceivableKind, Stage};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::{Currency, Date, Digest, Money, Month};
use recoup_store::{CommandMeta, Store, StoreError};
use rust_decimal::Decimal;

use super::data;
use crate::context::{ACTOR, Context};
use crate::error::CliError;

/// Who answers for letters.
const PEOPLE: usize = 300;
/// Leaves of one command.
const COMMAND: usize = 100_000;

fn meta(kind: &str) -> CommandMeta {
    CommandMeta { kind: kind.to_owned(), input: Digest::of(kind.as_bytes()), actor: ACTOR.to_owned(), recorded_at: Context::now() }
}

/// A ledger in Chinese currency.
pub(super) fn open(store: &mut Store) -> Result<Ledger, CliError> {
    let code = "bench";
    let ledger = Ledger { id: Ledger::id_of(code), code: code.into(), name: "Bench".into(), currency: Currency::CNY, time_zone: "Asia/Shanghai".into() };
    store.open_ledger(&ledger, &meta("open-ledger"))?;
    Ok(ledger)
}

/// A ledger with so many claims, as many receipts, and so many applications of each.
pub(super) fn books(store: &mut Store, count: usize, applications: usize) -> Result<Ledger, CliError> {
    let ledger = open(store)?;
    fill(store, &ledger, parties())?;
    fill(store, &ledger, claims(count, data::day))?;
    fill(store, &ledger, receipts(count, applications))?;
    Ok(ledger)
}

/// Appends records in commands of a bounded size.
pub(super) fn fill<R: Into<Leaf>>(store: &mut Store, ledger: &Ledger, records: impl Iterator<Item = R>) -> Result<(), CliError> {
    let mut records = records.map(Into::into).peekable();
    while records.peek().is_some() {
        let part: Vec<Leaf> = records.by_ref().take(COMMAND).collect();
        store.transact::<_, StoreError>(ledger.id, &meta("fill"), |tx| tx.append(&part))?;
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

pub(super) fn claim(n: usize) -> ReceivableId {
    ReceivableId::from_parts(&[&n.to_be_bytes()])
}

fn person(n: usize) -> PersonId {
    PersonId::from_parts(&[&(n % PEOPLE).to_be_bytes()])
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
    Entry { id, kind, receivable, receipt, amount, ledger_amount: amount, on, period: None, cites, means, basis, source: None }
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

/// What has become of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its deadline lies ahead, and half of the debt is in: a bonus that may still lapse.
    Half,
    /// All of the debt is in: a payable bonus.
    Cleared,
    /// Its deadline lies ahead, and nothing is in: nothing is due.
    Untouched,
    /// Its deadline was missed with half of the debt in: a lapsed bonus, and wages withheld.
    Missed,
}

impl Fate {
    /// Of ten letters five are half recovered, three cleared, one is untouched and one missed.
    pub(super) const fn of(n: usize) -> Self {
        match n % 10 {
            0..=4 => Self::Half,
            5..=7 => Self::Cleared,
            8 => Self::Untouched,
            _ => Self::Missed,
        }
    }
}

fn applied(n: usize, part: usize, amount: i64, on: Date) -> Record {
    let applied = entry(EntryId::from_parts(&[b"applied", &n.to_be_bytes(), &part.to_be_bytes()]), EntryKind::Applied, -amount, on);
    let receipt = Some(ReceiptId::from_parts(&[&n.to_be_bytes(), &part.to_be_bytes()]));
    let (means, basis) = (Some(Means::Cash), Some(AllocationBasis::Stated));
    Record::Entry(Entry { receivable: Some(claim(n)), receipt, means, basis, source: source("A", n * 10 + part), ..applied })
}

/// The cash that came in on each claim, in one application; so many eighths of the claim had come in before.
pub(super) fn recovered(count: usize, eighths: usize, day_of: impl Fn(usize) -> Date) -> impl Iterator<Item = Record> {
    (0..count).filter(|n| Fate::of(*n) != Fate::Untouched).map(move |n| {
        let before = (0..eighths).map(|_| data::amount(n) / 8).sum::<i64>();
        let amount = if Fate::of(n) == Fate::Cleared { data::amount(n) - before } else { data::amount(n) / 2 };
        applied(n, 0, amount, day_of(n))
    })
}

/// Applications of a claim from before somebody was set to recover it, an eighth of it each.
pub(super) const EARLY: usize = 2;

/// These applications, one more where nothing came in later; a month and more after the claim's day.
pub(super) fn early(count: usize, day_of: impl Fn(usize) -> Date) -> impl Iterator<Item = Record> {
    (0..count).flat_map(move |n| {
        let (parts, on) = (if Fate::of(n) == Fate::Untouched { EARLY + 1 } else { EARLY }, day_of(n));
        (1..=parts).map(move |part| applied(n, part, data::amount(n) / 8, on + chrono::Days::new(u64::try_from(part).unwrap_or(0) * 30)))
    })
}

/// A little more on so many of the claims of which half is in: of one in a hundred when there are a hundred times as many.
pub(super) fn more(changed: usize, on: Date) -> impl Iterator<Item = Record> {
    (0..changed).map(move |n| applied(n * 100 + n % 10 * 10, 9, data::amount(n * 100 + n % 10 * 10) / 16, on))
}

/// The regulation that a claim is under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Under {
    /// A responsibility letter.
    Letter,
    /// An entrustment.
    Entrustment,
    /// An engagement of counsel.
    Counsel,
}

impl Under {
    /// Of ten claims five are under a letter, four are entrusted, and one is with counsel.
    const fn of(n: usize) -> Self {
        match n / 10 % 10 {
            0..=4 => Self::Letter,
            5..=8 => Self::Entrustment,
            _ => Self::Counsel,
        }
    }
}

/// What regulates a claim: a letter, or an agreement of half a year and more.
pub(super) fn regulated(n: usize, from: Date, ahead: Date, missed: Date) -> Record {
    let agreement = |kind: &str, terms: &[(&str, Term)]| {
        let (id, code) = (AgreementId::from_parts(&[&n.to_be_bytes()]), format!("A-{n:07}"));
        let holders = Holders::one(person(n));
        let terms = terms.iter().map(|(name, term)| ((*name).to_owned(), term.clone())).collect();
        let receivables = vec![claim(n)];
        Record::Agreement(Agreement {
            id,
            code,
            kind: kind.to_owned(),
            unit: None,
            from,
            to: Some(ahead),
            receivables,
            holders,
            obligors: Vec::new(),
            terms,
            supervises: None,
        })
    };
    match Under::of(n) {
        Under::Letter => letter(n, from, ahead, missed),
        Under::Entrustment => agreement("entrustment", &[]),
        Under::Counsel => agreement("counsel", &[("fee", Term::Word("mixed".to_owned())), ("start-rate", Term::Decimal(Decimal::new(3, 2)))]),
    }
}

/// Who answers for letters and agreements.
pub(super) fn people() -> impl Iterator<Item = Record> {
    (0..PEOPLE).map(|n| Record::Person(Person { id: person(n), code: format!("E{n:04}") }))
}

fn letter(n: usize, from: Date, ahead: Date, missed: Date) -> Record {
    let (id, code) = (LetterId::from_parts(&[&n.to_be_bytes()]), format!("L-{n:06}"));
    let shares = vec![Share { person: person(n), weight: 100 }];
    let deadline = if Fate::of(n) == Fate::Missed { missed } else { ahead };
    Record::Letter(Letter { id, code, unit: None, from, deadline, receivables: vec![claim(n)], shares })
}

/// One letter for each claim, with one sharer.
pub(super) fn letters(count: usize, from: Date, ahead: Date, missed: Date) -> impl Iterator<Item = Record> {
    people().chain((0..count).map(move |n| letter(n, from, ahead, missed)))
}

/// Everybody's wage in some months.
pub(super) fn wages(months: &[Month]) -> impl Iterator<Item = Leaf> {
    (0..PEOPLE).flat_map(move |n| {
        let wage = move |month: &Month| {
            let gross = Some(900_000 + i64::try_from(n).unwrap_or(0) * 1_000);
            Leaf::with(Record::WageMonth(WageMonth { person: person(n), month: *month }), Personal { gross, ..Personal::default() })
        };
        months.iter().map(wage)
    })
}
