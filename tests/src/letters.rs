//! Letters of responsibility in any number, each with a claim that was recovered in full: what an evaluation of some length judges.

use chrono::{Days, NaiveDate};
use recoup_engine::EngineError;
use recoup_model::accountability::{Letter, Share};
use recoup_model::id::{EntryId, LetterId, PartyId, PersonId, ReceiptId, ReceivableId};
use recoup_model::party::{Party, PartyKind, Person};
use recoup_model::receivable::{AllocationBasis, DueSource, Entry, EntryKind, Means, Receipt, Receivable, ReceivableKind, Stage};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::{Currency, Digest, Money};
use recoup_store::{CommandMeta, Store};

use crate::{ACTOR, Site, day, intake, now};

/// Waves of letters are recovered a day apart, and evaluated on that day.
pub fn recovered_on(wave: usize) -> NaiveDate {
    day("2024-03-01") + Days::new(u64::try_from(wave).expect("numbers of a test fit"))
}

/// Letter `n` of every wave: 1,000.00 and n yuan, all of it recovered at four completed years.
fn amount(n: usize) -> i64 {
    i64::try_from(100_000 + n * 100).expect("numbers of a test fit")
}

/// 3 % of each: 30.00 and 3 fen a letter, times 0 + 1 + … + (letters − 1).
pub fn bonus(letters: usize) -> i64 {
    i64::try_from(letters * 3_000 + letters * (letters - 1) / 2 * 3).expect("it fits")
}

/// One claim, one letter for it, and the receipt that clears it: paid in time, so the bonus is payable at once.
fn letter(wave: usize, n: usize) -> Vec<Record> {
    let key = format!("{wave}-{n}");
    let (claim, money) = (ReceivableId::from_parts(&[key.as_bytes()]), ReceiptId::from_parts(&[key.as_bytes()]));
    let (due, on, gross) = (day("2020-01-31"), recovered_on(wave), Money::new(amount(n), Currency::CNY));
    let party = PartyId::from_parts(&[b"acme"]);
    let entry = |kind: EntryKind, receivable, receipt, amount: i64, on| Entry {
        id: EntryId::from_parts(&[key.as_bytes(), kind.word().as_bytes()]),
        kind,
        receivable,
        receipt,
        amount,
        ledger_amount: amount,
        on,
        period: None,
        cites: None,
        means: (kind != EntryKind::Gross).then_some(Means::Cash),
        basis: (kind == EntryKind::Applied).then_some(AllocationBasis::Stated),
        source: None,
    };
    let receivable = Receivable {
        id: claim,
        party,
        contract: None,
        kind: ReceivableKind::Invoice,
        document: key.clone(),
        gross,
        ledger_gross: gross,
        conversion: None,
        document_date: due,
        due: Some(due),
        due_source: DueSource::Stated,
        stage: Stage::Settled,
        source: None,
    };
    let receipt = Receipt {
        id: money,
        party: Some(party),
        means: Means::Cash,
        amount: gross,
        ledger_amount: gross,
        conversion: None,
        booked: on,
        value_date: None,
        reference: key.clone(),
        source: None,
    };
    let letter = Letter {
        id: LetterId::from_parts(&[key.as_bytes()]),
        code: key.clone(),
        unit: None,
        from: day("2024-01-01"),
        deadline: day("2024-12-31"),
        receivables: vec![claim],
        shares: vec![Share { person: PersonId::from_parts(&[b"wang"]), weight: 1 }],
    };
    vec![
        Record::Receivable(receivable),
        Record::Entry(entry(EntryKind::Gross, Some(claim), None, gross.minor(), due)),
        Record::Receipt(receipt),
        Record::Entry(entry(EntryKind::Received, None, Some(money), gross.minor(), on)),
        Record::Entry(entry(EntryKind::Applied, Some(claim), Some(money), -gross.minor(), on)),
        Record::Letter(letter),
    ]
}

fn main(store: &mut Store) -> Ledger {
    store.ledger("main").expect("the store answers").expect("the ledger is open")
}

fn append(store: &mut Store, records: Vec<Record>) {
    let ledger = main(store);
    let meta = CommandMeta { kind: "fill".into(), input: Digest::of(b""), actor: ACTOR.into(), recorded_at: now() };
    let leaves: Vec<Leaf> = records.into_iter().map(Into::into).collect();
    store.transact::<_, EngineError>(ledger.id, &meta, |tx| Ok(tx.append(&leaves)?)).expect("records are recorded");
}

/// Opens `main`, with the debtor and the person who answers for the debts.
pub fn open(site: &Site) {
    let mut store = site.store();
    intake::ledger(&mut store, "main", "CNY");
    let party =
        Party { id: PartyId::from_parts(&[b"acme"]), kind: PartyKind::Organisation, name: Some("甲建筑公司".into()), unified_code: None, source: None };
    let person = Person { id: PersonId::from_parts(&[b"wang"]), code: "wang".into() };
    append(&mut store, vec![Record::Party(party), Record::Person(person)]);
}

/// Adds a wave of so many letters.
pub fn fill(site: &Site, wave: usize, letters: usize) {
    append(&mut site.store(), (0..letters).flat_map(|n| letter(wave, n)).collect());
}
