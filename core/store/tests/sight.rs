//! A restricted reader's answers hold nothing of another unit's, sums least of all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{
    History, acts, agreement, agreement_id, books, claim, claim_id, contract_id, day, entry, entry_id, false_report, letter, letter_id, milestone,
    milestone_id, obligor, one_of_each, opened, party_id, pause, person_id, put, receipt_id, record, sanction,
};
use proptest::prelude::*;
use recoup_model::Month;
use recoup_model::access::Sight;
use recoup_model::accountability::{ContractClosed, Letter, RoleAssignment, RoleScope, WageMonth};
use recoup_model::agreement::{About, Agreement};
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Balance, Basis, Beneficiary, CaseJudged, Fault, Finding, Line, LineChange, LineKey, LineState, Posting};
use recoup_model::id::{AgreementId, ContractId, FindingId, LetterId, MilestoneId, ReceivableId, RoleId, UnitId};
use recoup_model::party::{Contract, Party, PartyKind, Person, Personal, Unit};
use recoup_model::receivable::{EntryKind, ExpectedRecovery, Stage, StageChange};
use recoup_model::record::{Leaf, Record};
use recoup_model::settlement::{Account, Purpose, Settlement, Way};
use recoup_store::{
    AgingBasis, AgingGroup, CaseFilter, EVERYTHING, EntryFilter, LineFilter, LoggedLeaf, MovementFilter, Page, Store, StoreError, View, testing,
};
use uuid::Uuid;

fn unit_id(n: u8) -> UnitId {
    UnitId::from_parts(&[&[n]])
}

fn units(of: &[u8]) -> Sight {
    Sight::Units(of.iter().map(|n| unit_id(*n)).collect())
}

const NORTH: u8 = 1;
/// Below the north.
const NORTH_WEST: u8 = 2;
const SOUTH: u8 = 3;

fn three_units() -> Vec<Leaf> {
    let unit = |n: u8, parent: Option<u8>| {
        record(Record::Unit(Unit { id: unit_id(n), code: format!("U{n}"), name: format!("Unit {n}"), parent: parent.map(unit_id) }))
    };
    vec![unit(NORTH_WEST, Some(NORTH)), unit(NORTH, None), unit(SOUTH, None)]
}

fn letter_of(n: usize, unit: u8, claims: &[usize], persons: &[u32]) -> Leaf {
    record(Record::Letter(Letter { unit: Some(unit_id(unit)), ..letter(n, claims, persons, day(0)) }))
}

fn seen<T>(store: &mut Store, sight: &Sight, f: impl FnOnce(&mut View<'_>) -> Result<T, StoreError>) -> T {
    store.read_in_sight(books().id, sight, EVERYTHING, f).unwrap()
}

/// Open amount of claims, and of aging and trial balance, however grouped.
fn totals(view: &mut View<'_>, on: u32) -> Result<(BTreeSet<ReceivableId>, i64), StoreError> {
    let open = view.open_amounts(day(on), EVERYTHING, None)?;
    let total: i64 = open.iter().map(|(_, _, ledger)| ledger).sum();
    for group in [AgingGroup::None, AgingGroup::Debtor, AgingGroup::Contract, AgingGroup::Receivable] {
        let aging = view.aging(day(on), EVERYTHING, AgingBasis::Due, &[day(on), day(on / 2)], group)?;
        assert_eq!(total, aging.iter().map(|row| row.amount).sum::<i64>(), "{group:?}");
    }
    let trial = view.trial_balance(day(on), EVERYTHING)?;
    assert_eq!(total, trial.iter().map(|row| row.claims.open).sum::<i64>());
    let entries = view.entries(EntryFilter::default(), Some(day(on)), EVERYTHING)?;
    assert_eq!(total, entries.iter().filter(|e| e.receivable.is_some()).map(|e| e.ledger_amount).sum::<i64>());
    Ok((view.receivables(None, EVERYTHING)?.into_iter().map(|r| r.id).collect(), total))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Edge case 50. Debtors and contracts of a random history overlap the units; its claims do not.
    #[test]
    fn the_sums_of_disjoint_units_and_of_what_is_no_units_are_the_whole(acts in acts(), on in prop_oneof![Just(60_u32), Just(200), Just(400)]) {
        let history = History::of(&acts);
        let of = |rest: usize| (0..history.claims).filter(|n| n % 4 == rest).collect::<Vec<usize>>();
        for db in testing::databases() {
            let mut store = opened(db.store());
            history.write(&mut store);
            put(&mut store, three_units());
            put(&mut store, vec![letter_of(0, NORTH, &of(0), &[]), letter_of(1, NORTH_WEST, &of(1), &[]), letter_of(2, SOUTH, &of(2), &[])]);
            let ids = |rests: &[usize]| rests.iter().flat_map(|rest| of(*rest)).map(claim_id).collect::<BTreeSet<_>>();
            let whole = seen(&mut store, &Sight::Everything, |view| totals(view, on));
            let open = seen(&mut store, &Sight::Everything, |view| view.open_amounts(day(on), EVERYTHING, None));
            let sum = |of: &BTreeSet<ReceivableId>| open.iter().filter(|(id, ..)| of.contains(id)).map(|(_, _, ledger)| ledger).sum::<i64>();
            let mut parts = sum(&ids(&[3]));
            for (sight, rests, disjoint) in [
                (units(&[NORTH]), &[0, 1][..], true),
                (units(&[SOUTH]), &[2], true),
                (units(&[NORTH_WEST]), &[1], false),
                (units(&[NORTH_WEST, SOUTH]), &[1, 2], false),
                (units(&[]), &[], false),
            ] {
                let (claims, total) = seen(&mut store, &sight, |view| {
                    let trial = view.trial_balance(day(on), EVERYTHING)?;
                    assert!(trial.iter().all(|row| row.receipts == Default::default()), "receipts are no unit's: {trial:?}");
                    assert!(view.receipts(None, EVERYTHING)?.is_empty() && view.unapplied(day(on), EVERYTHING, None)?.is_empty());
                    totals(view, on)
                });
                prop_assert_eq!(&claims, &ids(rests));
                prop_assert_eq!(total, sum(&claims));
                if disjoint {
                    parts += total;
                }
            }
            prop_assert_eq!(parts, whole.1);
        }
    }
}

fn case(scope: Scope, subject: Uuid) -> CaseKey {
    CaseKey { pack: "pack".into(), scope, subject }
}

/// A case with a line of an amount, its posting, a finding and a judgement.
fn judged(case: &CaseKey, person: u32, amount: i64) -> Vec<Leaf> {
    let key = LineKey { case: case.clone(), clause: "LC-1".into(), to: Beneficiary::Person(person_id(person)), basis: Basis::Close, part: 0 };
    let line = Line { id: key.id(), key, amount, states: vec![(day(3), LineState::Payable)], steps: vec![], withdrawn: false, sensitive: false };
    let account = Account { person: person_id(person), case: case.clone(), purpose: Purpose::Bonus };
    let settlement = Settlement { account, month: Month::of(day(3)), on: day(3), way: Way::Paid, amount, payout: None };
    let posting = Posting { balance: Balance::Payable, amount, on: day(3), period: Month::of(day(3)), origin: None };
    let fault = Fault { code: "lc.fault".into(), args: vec![], detail: amount.to_string() };
    let finding = Finding {
        id: FindingId::from_parts(&[case.subject.as_bytes()]),
        case: case.clone(),
        clause: "LC-9".into(),
        message: amount.to_string(),
        on: day(2),
        person: None,
        args: vec![],
        withdrawn: false,
    };
    vec![
        record(Record::Line(LineChange { line, postings: vec![posting] })),
        record(Record::Settlement(settlement)),
        record(Record::Finding(finding)),
        record(Record::CaseJudged(CaseJudged { case: case.clone(), as_of: day(9), recheck_on: None, fault: Some(fault) })),
    ]
}

fn role(n: u32, person: u32, scope: RoleScope) -> Leaf {
    let id = RoleId::from_parts(&[&n.to_be_bytes()]);
    let (role, from) = ("responsible".into(), day(0));
    record(Record::Role(RoleAssignment { id, person: person_id(person), role, scope, from, to: None, lifelong: false, confirmed: true }))
}

/// Debtor 1 and its contract owe claim 0 to the north and claim 1 to the south; claim 2 with its contract is the north's
/// alone; claim 3 with its contract is the south's.
fn two_units(store: &mut Store) {
    put(store, three_units());
    let mut leaves = Vec::new();
    for (n, party) in [(0, 1), (1, 1), (2, 2), (3, 3)] {
        leaves.push(record(Record::Receivable(claim(n, party, 100, day(0), None))));
        leaves.push(record(Record::Entry(entry(n, EntryKind::Gross, Some(n), None, 100, day(0), None))));
        leaves.push(record(Record::StageChange(StageChange { receivable: claim_id(n), stage: Stage::Retention, on: day(5) })));
        leaves.push(record(Record::ExpectedRecovery(ExpectedRecovery { receivable: claim_id(n), on: day(5), by: day(90) })));
        leaves.push(record(Record::Pause(pause(n, n, (day(6), Some(day(7 + u32::try_from(n).unwrap())))))));
    }
    leaves.push(record(Record::Entry(entry(10, EntryKind::Received, None, Some(0), 300, day(1), None))));
    leaves.push(record(Record::Entry(entry(11, EntryKind::Applied, Some(0), Some(0), -30, day(2), None))));
    leaves.push(record(Record::Entry(entry(12, EntryKind::Applied, Some(1), Some(0), -50, day(2), None))));
    for n in 1..=3 {
        let kind = PartyKind::Organisation;
        leaves.push(record(Record::Party(Party { id: party_id(n), kind, name: Some(format!("P{n}")), unified_code: None, source: None })));
        leaves.push(record(Record::Contract(Contract { id: contract_id(n), code: format!("C{n}"), name: String::new(), party: None, source: None })));
        leaves.push(record(Record::ContractClosed(ContractClosed { contract: contract_id(n), on: day(4), recover_by: None })));
    }
    for n in 1..=6 {
        leaves.push(record(Record::Person(Person { id: person_id(n), code: format!("S{n}") })));
        let wage = Personal { gross: Some(i64::from(n)), ..Personal::default() };
        leaves.push(Leaf::with(Record::WageMonth(WageMonth { person: person_id(n), month: Month::of(day(0)) }), wage));
    }
    leaves.push(letter_of(0, NORTH, &[0, 2], &[1]));
    leaves.push(letter_of(1, SOUTH, &[1], &[2]));
    leaves.push(role(1, 3, RoleScope::Unit(unit_id(NORTH))));
    leaves.push(role(2, 4, RoleScope::Receivable(claim_id(1))));
    // Handed over from the north to the south: what was is not the north's to see either.
    leaves.push(role(3, 5, RoleScope::Letter(letter_id(0))));
    leaves.push(role(3, 5, RoleScope::Letter(letter_id(1))));
    // Claim 3 is the south's by an agreement that binds party 4, with person 6 and what happened to it.
    let guarantor = Party { id: party_id(4), kind: PartyKind::Organisation, name: Some("P4".into()), unified_code: None, source: None };
    leaves.push(record(Record::Party(guarantor)));
    let bound = Agreement { unit: Some(unit_id(SOUTH)), obligors: vec![obligor(4)], ..agreement(1, &[3], 6, day(0)) };
    leaves.push(record(Record::Agreement(bound)));
    leaves.push(record(Record::Milestone(milestone(1, About::Agreement(agreement_id(1)), day(3)))));
    leaves.push(record(Record::Milestone(milestone(2, About::Receivable(claim_id(0)), day(3)))));
    leaves.push(record(Record::Milestone(milestone(3, About::Receipt(receipt_id(0)), day(3)))));
    leaves.push(record(Record::FalseReport(false_report(1, About::Agreement(agreement_id(1)), day(3)))));
    leaves.push(record(Record::Sanction(sanction(1, About::Receivable(claim_id(0)), (day(3), None)))));
    leaves.extend(judged(&case(Scope::Agreement, agreement_id(1).0), 6, 50_000_000));
    leaves.extend(judged(&case(Scope::Letter, letter_id(0).0), 1, 1_000));
    leaves.extend(judged(&case(Scope::Letter, letter_id(1).0), 2, 20_000));
    leaves.extend(judged(&case(Scope::Contract, contract_id(1).0), 6, 300_000));
    leaves.extend(judged(&case(Scope::Contract, contract_id(2).0), 1, 4_000_000));
    put(store, leaves);
}

#[derive(Debug, PartialEq)]
struct Seen {
    letters: Vec<LetterId>,
    agreements: Vec<AgreementId>,
    milestones: Vec<MilestoneId>,
    false_reports: usize,
    sanctions: usize,
    contracts: BTreeSet<ContractId>,
    closings: usize,
    parties: BTreeSet<String>,
    persons: BTreeSet<String>,
    wages: i64,
    roles: usize,
    units: BTreeSet<String>,
    stages: usize,
    expected: usize,
    pauses: BTreeSet<String>,
    entries: i64,
    lines: i64,
    records: i64,
    postings: i64,
    posted: i64,
    settled: i64,
    findings: BTreeSet<String>,
    judged: usize,
    set_aside: BTreeSet<String>,
    batches: usize,
    issues: usize,
    policies: usize,
}

fn everything_asked(view: &mut View<'_>, leaves: &[u64]) -> Result<Seen, StoreError> {
    let now = EVERYTHING;
    let entries = view.entries(EntryFilter::default(), None, now)?;
    assert!(view.entries(EntryFilter { receivables: None, receipts: Some(&[receipt_id(0)]) }, None, now)?.len() <= entries.len());
    Ok(Seen {
        letters: view.letters(None, now)?.into_iter().map(|l| l.id).collect(),
        agreements: view.agreements(None, now)?.into_iter().map(|a| a.id).collect(),
        milestones: view.milestones(None, now)?.into_iter().map(|m| m.id).collect(),
        false_reports: view.false_reports(None, now)?.len(),
        sanctions: view.sanctions(None, now)?.len(),
        contracts: view.contracts(None, now)?.into_iter().map(|c| c.id).collect(),
        closings: view.contract_closings(None, now)?.len(),
        parties: view.parties(None, now)?.into_iter().filter_map(|(_, name)| name).collect(),
        persons: view.persons(None, now)?.into_iter().map(|(p, _)| p.code).collect(),
        wages: view.wages(None, now)?.into_iter().map(|w| w.gross).sum(),
        roles: view.roles(now)?.len(),
        units: view.units(now)?.into_iter().map(|u| u.code).collect(),
        stages: view.stage_changes(None, now)?.len(),
        expected: view.expected_recoveries(None, now)?.len(),
        pauses: view.pauses(None, now)?.into_iter().map(|p| p.code).collect(),
        entries: entries.iter().map(|e| e.amount).sum(),
        lines: view.lines(LineFilter::default(), now)?.into_iter().map(|l| l.amount).sum(),
        records: view.line_records(leaves)?.into_iter().map(|l| l.amount).sum(),
        postings: view.postings(now)?.into_iter().map(|p| p.posting.amount).sum(),
        posted: view.posted(LineFilter::default(), now)?.into_iter().map(|(_, m)| m.amount).sum(),
        settled: view.settlements(Month::of(day(9)), now)?.into_iter().map(|s| s.amount).sum(),
        findings: view.findings(None, now)?.into_iter().map(|f| f.message).collect(),
        judged: view.cases_judged(None, now)?.len(),
        set_aside: view.set_aside_page(CaseFilter::default(), &Page::ALL, day(9), now)?.into_iter().filter_map(|l| Some(l.record.fault?.detail)).collect(),
        batches: view.batches(now)?.len(),
        issues: view.issues(None, now)?.len(),
        policies: view.policies(now)?.len(),
    })
}

fn names(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|s| (*s).to_owned()).collect()
}

#[test]
fn a_unit_sees_its_own_letters_claims_people_and_dues_and_no_others() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        two_units(&mut store);
        let batch_and_more: Vec<Leaf> =
            one_of_each().into_iter().filter(|l| matches!(l.record, Record::Batch(_) | Record::Issue(_) | Record::Policy(_))).collect();
        put(&mut store, batch_and_more);
        // The numbers of every leaf, as somebody could guess them.
        let size = seen(&mut store, &Sight::Everything, |view| Ok(view.head().size));
        let leaves: Vec<u64> = (0..size).collect();
        let mut ask = |sight: &Sight| seen(&mut store, sight, |view| everything_asked(view, &leaves));
        let north = ask(&units(&[NORTH]));
        let expected = Seen {
            letters: vec![letter_id(0)],
            agreements: vec![],
            milestones: vec![milestone_id(2)],
            false_reports: 0,
            sanctions: 1,
            contracts: [contract_id(1), contract_id(2)].into(),
            closings: 2,
            parties: names(&["P1", "P2"]),
            persons: names(&["S1", "S3"]),
            wages: 4,
            roles: 1,
            units: names(&["U1", "U2"]),
            stages: 2,
            expected: 2,
            pauses: names(&["H0", "H2"]),
            entries: 170,
            lines: 4_001_000,
            records: 4_001_000,
            postings: 4_001_000,
            posted: 4_001_000,
            settled: 4_001_000,
            findings: names(&["1000", "4000000"]),
            judged: 2,
            set_aside: names(&["1000", "4000000"]),
            batches: 0,
            issues: 0,
            policies: 1,
        };
        assert_eq!(north, expected);
        let south = ask(&units(&[SOUTH]));
        let expected = Seen {
            letters: vec![letter_id(1)],
            agreements: vec![agreement_id(1)],
            milestones: vec![milestone_id(1)],
            false_reports: 1,
            sanctions: 0,
            contracts: [contract_id(1), contract_id(3)].into(),
            closings: 2,
            parties: names(&["P1", "P3", "P4"]),
            persons: names(&["S2", "S4", "S5", "S6"]),
            wages: 17,
            roles: 2,
            units: names(&["U3"]),
            stages: 2,
            expected: 2,
            pauses: names(&["H1", "H3"]),
            entries: 150,
            lines: 50_020_000,
            records: 50_020_000,
            postings: 50_020_000,
            posted: 50_020_000,
            settled: 50_020_000,
            findings: names(&["20000", "50000000"]),
            judged: 2,
            set_aside: names(&["20000", "50000000"]),
            batches: 0,
            issues: 0,
            policies: 1,
        };
        assert_eq!(south, expected);
        // Only both together see every claim of the contract that they share.
        assert_eq!(ask(&units(&[NORTH, SOUTH])).lines, 54_321_000);
        let whole = ask(&Sight::Everything);
        assert_eq!((whole.lines, whole.batches, whole.persons.len()), (54_321_000, 1, 6));
    }
}

#[test]
fn an_entry_in_sight_does_not_lead_to_its_receipt() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        two_units(&mut store);
        let of_receipt = EntryFilter { receivables: None, receipts: Some(&[receipt_id(0)]) };
        assert_eq!(seen(&mut store, &Sight::Everything, |view| view.entries(of_receipt, None, EVERYTHING)).len(), 3);
        assert!(seen(&mut store, &units(&[NORTH]), |view| view.entries(of_receipt, None, EVERYTHING)).is_empty());
        let own = seen(&mut store, &units(&[NORTH]), |view| view.entries(EntryFilter::default(), None, EVERYTHING));
        assert_eq!(own.iter().map(|e| e.id).collect::<Vec<_>>(), [entry_id(0), entry_id(2), entry_id(11)]);
        // Money was applied to a claim of the north: that is seen, and not which.
        let paged = |store: &mut Store, sight: &Sight| {
            let found = seen(store, sight, |view| view.entries_page(MovementFilter::default(), &Page { limit: 100, ..Page::FIRST }, day(9), EVERYTHING));
            found.into_iter().map(|l| (l.record.id, l.record.receipt)).collect::<Vec<_>>()
        };
        assert!(paged(&mut store, &Sight::Everything).contains(&(entry_id(11), Some(receipt_id(0)))));
        assert!(own.iter().all(|e| e.receipt.is_none() && e.source.is_none()));
        assert_eq!(paged(&mut store, &units(&[NORTH])), [(entry_id(0), None), (entry_id(2), None), (entry_id(11), None)]);
    }
}

#[test]
fn the_log_shows_a_unit_its_own_leaves_and_proves_no_others() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        two_units(&mut store);
        let ours = |kind: &str| !matches!(kind, "ledger" | "command" | "receipt" | "batch" | "issue");
        let all = seen(&mut store, &Sight::Everything, |view| view.leaves(0, 1_000, EVERYTHING));
        let north = seen(&mut store, &units(&[NORTH]), |view| {
            assert!(view.commands(0, 1_000, EVERYTHING)?.is_empty());
            view.leaves(0, 1_000, EVERYTHING)
        });
        assert!(!north.is_empty() && north.len() < all.len());
        assert!(north.iter().all(|leaf| ours(&leaf.kind)));
        // The bytes of an application, and of a milestone of it, name its receipt, and no part of them can be left out of what is hashed.
        let names = |leaf: &LoggedLeaf| String::from_utf8_lossy(&leaf.body).contains(&receipt_id(0).0.to_string());
        assert_eq!((all.iter().filter(|l| names(l)).count(), north.iter().filter(|l| names(l)).count()), (4, 0));
        assert_eq!(north.iter().filter(|l| l.kind == "entry").count(), 2, "what the claims themselves were");
        for leaf in &all {
            let proof = seen(&mut store, &units(&[NORTH]), |view| view.inclusion(leaf.leaf, EVERYTHING));
            assert_eq!(proof.is_some(), north.contains(leaf), "{} {}", leaf.leaf, leaf.kind);
            if let Some(proof) = proof {
                assert_eq!(proof.finish().1, seen(&mut store, &Sight::Everything, |view| Ok(view.head().root)));
            }
        }
    }
}

#[test]
fn a_letter_that_changes_its_unit_or_claims_takes_them_along() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        two_units(&mut store);
        let before = seen(&mut store, &Sight::Everything, |view| Ok(view.head().position));
        put(&mut store, vec![letter_of(0, SOUTH, &[0], &[1])]);
        let claims = |store: &mut Store, unit: u8, known_at: i64| {
            let mut ids = store.read_in_sight(books().id, &units(&[unit]), known_at, |view| view.receivables(None, known_at)).unwrap();
            ids.sort_by_key(|r| r.document.clone());
            ids.into_iter().map(|r| r.id).collect::<Vec<_>>()
        };
        assert_eq!(claims(&mut store, NORTH, EVERYTHING), []);
        assert_eq!(claims(&mut store, SOUTH, EVERYTHING), [claim_id(0), claim_id(1), claim_id(3)]);
        assert_eq!(claims(&mut store, NORTH, before), [claim_id(0), claim_id(2)]);
        assert_eq!(claims(&mut store, SOUTH, before), [claim_id(1), claim_id(3)]);
        assert!(seen(&mut store, &units(&[NORTH]), |view| view.letters(None, EVERYTHING)).is_empty());
    }
}
