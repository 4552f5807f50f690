//! Edge 47: a program that is killed at any moment of an evaluation leaves all of its postings or none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod kill;

use std::process::Command;

use chrono::{Days, NaiveDate};
use kill::{End, Moments, kill_after, kills, main_ledger, prove, timed};
use recoup_engine::EngineError;
use recoup_model::accountability::{Letter, Share};
use recoup_model::id::{EntryId, LetterId, PartyId, PersonId, ReceiptId, ReceivableId};
use recoup_model::party::{Party, PartyKind, Person};
use recoup_model::receivable::{AllocationBasis, DueSource, Entry, EntryKind, Means, Receipt, Receivable, ReceivableKind, Stage};
use recoup_model::record::{Leaf, Record};
use recoup_model::{Currency, Digest, Money};
use recoup_store::{CommandMeta, EVERYTHING, Store};
use recoup_tests::{ACTOR, Site, day, intake, now};

/// Letters that one evaluation judges.
const LETTERS: usize = 800;

/// Waves of letters are recovered a day apart, and evaluated on that day.
fn recovered_on(wave: usize) -> NaiveDate {
    day("2024-03-01") + Days::new(u64::try_from(wave).unwrap())
}

/// Letter `n` of every wave: 1,000.00 and n yuan, all of it recovered at four completed years.
fn amount(n: usize) -> i64 {
    i64::try_from(100_000 + n * 100).unwrap()
}

/// 3 % of each: 30.00 and 3 fen a letter, times 0 + 1 + … + (letters − 1).
fn bonus() -> i64 {
    i64::try_from(LETTERS * 3_000 + LETTERS * (LETTERS - 1) / 2 * 3).unwrap()
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

fn append(store: &mut Store, records: Vec<Record>) {
    let ledger = main_ledger(store);
    let meta = CommandMeta { kind: "fill".into(), input: Digest::of(b""), actor: ACTOR.into(), recorded_at: now() };
    let leaves: Vec<Leaf> = records.into_iter().map(Into::into).collect();
    store.transact::<_, EngineError>(ledger.id, &meta, |tx| Ok(tx.append(&leaves)?)).unwrap();
}

fn open(site: &Site) {
    let mut store = site.store();
    intake::ledger(&mut store, "main", "CNY");
    let party =
        Party { id: PartyId::from_parts(&[b"acme"]), kind: PartyKind::Organisation, name: Some("甲建筑公司".into()), unified_code: None, source: None };
    let person = Person { id: PersonId::from_parts(&[b"wang"]), code: "wang".into() };
    append(&mut store, vec![Record::Party(party), Record::Person(person)]);
}

fn fill(site: &Site, wave: usize) {
    append(&mut site.store(), (0..LETTERS).flat_map(|n| letter(wave, n)).collect());
}

fn evaluate(site: &Site, wave: usize) -> Command {
    let mut command = site.command(["--format", "json", "evaluate", "--as-of"]);
    command.arg(recovered_on(wave).to_string());
    command
}

/// What is visible of evaluations: the last one's day, lines, postings, and their sum.
type Visible = (Option<NaiveDate>, usize, usize, i64);

fn visible(site: &Site) -> Visible {
    let mut store = site.store();
    let ledger = main_ledger(&mut store);
    let seen = store.read(ledger.id, |view| {
        let last = view.last_evaluated("legacy-construction")?.map(|(e, _)| e.as_of);
        let postings = view.postings(EVERYTHING)?;
        let sum = postings.iter().map(|p| p.posting.amount).sum();
        let lines = view.lines(recoup_store::LineFilter::default(), EVERYTHING)?;
        Ok::<_, EngineError>((last, lines.len(), postings.len(), sum))
    });
    seen.unwrap()
}

/// After so many whole waves.
fn whole(waves: usize) -> Visible {
    let all = waves * LETTERS;
    (waves.checked_sub(1).map(recovered_on), all, all, bonus() * i64::try_from(waves).unwrap())
}

/// Every posting: line, day, balance, amount, period.
fn postings(site: &Site) -> Vec<String> {
    let mut store = site.store();
    let ledger = main_ledger(&mut store);
    let read = store.read(ledger.id, |view| view.postings(EVERYTHING)).unwrap();
    let mut rows: Vec<String> =
        read.into_iter().map(|p| (p.line, p.posting)).map(|(line, p)| format!("{line} {} {} {} {}", p.on, p.balance, p.amount, p.period)).collect();
    rows.sort();
    rows
}

fn killed_evaluations(site: &Site, clean: &Site) {
    for site in [site, clean] {
        open(site);
        fill(site, 0);
    }
    // The first evaluation brings the policy into force; the second is like those that are killed.
    timed(&mut evaluate(clean, 0));
    fill(clean, 1);
    let run = timed(&mut evaluate(clean, 1));
    timed(&mut evaluate(site, 0));
    assert_eq!(visible(site), whole(1), "{LETTERS} letters, one line and one posting each");

    let mut moments = Moments::seeded();
    let (mut waves, mut torn) = (1, 0);
    fill(site, waves);
    for n in 0..kills() {
        let end = kill_after(&mut evaluate(site, waves), moments.moment(n, kills(), run * 11 / 10));
        let after = visible(site);
        assert!(after == whole(waves) || after == whole(waves + 1), "kill {n}: {after:?} is neither {:?} nor {:?}", whole(waves), whole(waves + 1));
        assert!(end == End::Killed || after == whole(waves + 1), "kill {n}: an acknowledged evaluation is lost");
        if after == whole(waves) {
            torn += 1;
        } else {
            waves += 1;
            fill(site, waves);
        }
    }
    assert!(torn > 0, "no kill came before the commit");

    timed(&mut evaluate(site, waves));
    timed(&mut evaluate(site, waves));
    assert_eq!(visible(site), whole(waves + 1), "to completion, and once more");
    prove(site);

    for wave in 2..=waves {
        fill(clean, wave);
        timed(&mut evaluate(clean, wave));
    }
    assert_eq!(postings(site), postings(clean), "the postings are not those of a clean run");
    println!("{:?}: an evaluation takes {run:?}; {torn} kills left nothing, {} left all", site.backend(), waves - 1);
}

#[test]
fn edge_47_a_killed_evaluation_leaves_all_or_nothing_on_sqlite() {
    killed_evaluations(&Site::sqlite(), &Site::sqlite());
}

#[test]
fn edge_47_a_killed_evaluation_leaves_all_or_nothing_on_postgres() {
    killed_evaluations(&Site::postgres(), &Site::postgres());
}
