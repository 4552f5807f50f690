//! Facts of cases, which subjects they touch, and what was found to be due.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{
    agreement, agreement_id, books, claim, claim_id, contract_id, day, entry, entry_id, false_report, letter, letter_id, milestone, milestone_id, one_of_each,
    opened, party_id, pause, person_id, put, receipt, receipt_id, record, sanction, source, target,
};
use recoup_model::Month;
use recoup_model::accountability::{ContractClosed, RoleAssignment, RoleScope, WageMonth};
use recoup_model::agreement::{About, Agreement, Milestone, Supervision};
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Balance, Basis, Beneficiary, CaseJudged, Line, LineChange, LineKey, LineState, Movement, Posting};
use recoup_model::id::{LetterId, RoleId, UnitId};
use recoup_model::party::{Party, PartyKind, Personal, Unit};
use recoup_model::receivable::{EntryKind, ExpectedRecovery, Means, Stage, StageChange};
use recoup_model::record::{Leaf, Record};
use recoup_model::sanction::FalseReport;
use recoup_store::{EVERYTHING, EntryFilter, LineFilter, Page, PeriodMove, Sourced, Store, StoreError, Subjects, View, WhichLines, content_of, testing};

fn read<T>(store: &mut Store, f: impl FnOnce(&mut View<'_>) -> Result<T, StoreError>) -> T {
    store.read(books().id, f).unwrap()
}

fn letters(ids: impl IntoIterator<Item = usize>) -> Subjects {
    Subjects::some(ids.into_iter().map(letter_id), [], [])
}

fn role(n: u32, person: u32, scope: RoleScope) -> Leaf {
    let id = RoleId::from_parts(&[&n.to_be_bytes()]);
    record(Record::Role(RoleAssignment {
        id,
        person: person_id(person),
        role: "responsible".into(),
        scope,
        from: day(0),
        to: None,
        lifelong: false,
        confirmed: true,
    }))
}

fn wage(person: u32, month: u32, gross: i64) -> Leaf {
    let month = Month::of(day(month * 31));
    Leaf::with(Record::WageMonth(WageMonth { person: person_id(person), month }), Personal { gross: Some(gross), ..Personal::default() })
}

/// Ten letters of two claims each, persons 0 and 1 in turns; contract 3 is closed.
fn ten_letters(store: &mut Store) {
    let mut leaves = Vec::new();
    for n in 0..20_usize {
        let party = u32::try_from(n % 5).unwrap();
        leaves.push(record(Record::Receivable(claim(n, party, 100, day(10), Some(day(40))))));
        leaves.push(record(Record::Entry(entry(n, EntryKind::Gross, Some(n), None, 100, day(10), None))));
        leaves.push(record(Record::Entry(entry(100 + n, EntryKind::Applied, Some(n), Some(n), -60, day(100), None))));
    }
    for n in 0..10_usize {
        leaves.push(record(Record::Letter(letter(n, &[2 * n, 2 * n + 1], &[u32::try_from(n % 2).unwrap()], day(50)))));
    }
    leaves.push(record(Record::StageChange(StageChange { receivable: claim_id(4), stage: Stage::Unsettled, on: day(60) })));
    leaves.push(record(Record::Pause(pause(50, 4, (day(60), Some(day(70)))))));
    leaves.push(record(Record::ContractClosed(ContractClosed { contract: contract_id(3), on: day(90), recover_by: Some(day(300)) })));
    leaves.push(role(1, 7, RoleScope::Letter(letter_id(4))));
    leaves.push(role(2, 8, RoleScope::Contract(contract_id(3))));
    leaves.extend([wage(0, 1, 1_000), wage(1, 1, 2_000), wage(7, 1, 3_000), wage(8, 1, 4_000), wage(9, 1, 5_000)]);
    put(store, leaves);
}

#[test]
fn facts_of_some_subjects_are_those_facts_of_all_that_concern_them() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        ten_letters(&mut store);
        let all = read(&mut store, |view| view.facts(&Subjects::All, day(200), EVERYTHING));
        assert_eq!((all.letters.len(), all.receivables.len(), all.entries.len()), (10, 20, 40));
        assert_eq!((all.stages.len(), all.roles.len(), all.wages.len(), all.closings.len()), (1, 2, 5, 1));
        assert!(all.entries.is_sorted_by_key(|e| e.on));
        assert!(all.entries.iter().filter(|e| e.kind == EntryKind::Applied).all(|e| e.means == Some(Means::Cash) && e.amount == -420));

        let some = read(&mut store, |view| view.facts(&Subjects::some([letter_id(2)], [contract_id(3)], []), day(200), EVERYTHING));
        assert_eq!(some.letters, [letter(2, &[4, 5], &[0], day(50))]);
        let ids: BTreeSet<_> = some.receivables.iter().map(|c| c.id).collect();
        assert_eq!(ids, [4, 5, 3, 8, 13, 18].map(claim_id).into());
        let among = |id: &_| ids.contains(id);
        assert_eq!(some.receivables.len(), ids.len());
        assert_eq!(some.entries, all.entries.iter().filter(|e| among(&e.receivable)).cloned().collect::<Vec<_>>());
        assert_eq!(some.stages, all.stages);
        assert_eq!((&some.pauses, all.pauses.len()), (&all.pauses, 1));
        assert_eq!(some.closings, all.closings);
        // Letter 2 has person 0, contract 3 has person 8 in a role.
        assert_eq!(some.roles.iter().map(|r| r.person).collect::<Vec<_>>(), [person_id(8)]);
        let wages: BTreeSet<_> = some.wages.iter().map(|(person, _, gross)| (*person, *gross)).collect();
        assert_eq!(wages, [(person_id(0), 1_000), (person_id(8), 4_000)].into());

        // Nothing that takes effect after the day, nothing that was recorded after the position.
        let early = read(&mut store, |view| view.facts(&Subjects::All, day(55), EVERYTHING));
        assert_eq!((early.letters.len(), early.entries.len(), early.stages.len(), early.closings.len()), (10, 20, 0, 0));
        assert!(early.pauses.is_empty());
        let unknown = read(&mut store, |view| view.facts(&Subjects::All, day(200), 1));
        assert_eq!(unknown, recoup_store::Facts::default());
    }
}

#[test]
fn new_facts_touch_their_subjects() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        ten_letters(&mut store);
        let mut touched_by = |leaves: Vec<Leaf>| {
            let since = read(&mut store, |view| Ok(view.head().position));
            put(&mut store, leaves);
            read(&mut store, |view| view.touched(since, Some(day(200)), day(200)))
        };
        assert_eq!(
            touched_by(vec![record(Record::Entry(entry(500, EntryKind::Correction, Some(6), None, 5, day(20), None)))]),
            Subjects::some([letter_id(3)], [], [])
        );
        // Claim 8 is in letter 4, and belongs to the closed contract 3.
        let written_off = entry(501, EntryKind::WrittenOff, Some(8), None, -5, day(20), None);
        assert_eq!(touched_by(vec![record(Record::Entry(written_off))]), Subjects::some([letter_id(4)], [contract_id(3)], []));
        assert_eq!(touched_by(vec![record(Record::StageChange(StageChange { receivable: claim_id(0), stage: Stage::Retention, on: day(5) }))]), letters([0]));
        let expected = ExpectedRecovery { receivable: claim_id(0), on: day(5), by: day(90) };
        assert_eq!(touched_by(vec![record(Record::ExpectedRecovery(expected))]), letters([0]));
        // Claim 8 is in letter 4, and belongs to the closed contract 3.
        assert_eq!(touched_by(vec![record(Record::Pause(pause(1, 8, (day(5), None))))]), Subjects::some([letter_id(4)], [contract_id(3)], []));
        assert_eq!(touched_by(vec![record(Record::Pause(pause(1, 8, (day(5), Some(day(9))))))]), Subjects::some([letter_id(4)], [contract_id(3)], []));
        assert_eq!(touched_by(vec![record(Record::Receivable(claim(2, 2, 100, day(10), None)))]), letters([1]));
        assert_eq!(touched_by(vec![wage(1, 2, 9)]), letters([1, 3, 5, 7, 9]));
        assert_eq!(touched_by(vec![wage(8, 2, 9)]), Subjects::some([], [contract_id(3)], []));
        assert_eq!(touched_by(vec![role(9, 9, RoleScope::Receivable(claim_id(2)))]), letters([1]));
        // A role that moves touches what it leaves.
        assert_eq!(touched_by(vec![role(1, 7, RoleScope::Letter(letter_id(5)))]), letters([4, 5]));
        assert_eq!(touched_by(vec![record(Record::Letter(letter(20, &[19], &[], day(50))))]), letters([20]));
        let receipt_only = entry(502, EntryKind::Received, None, Some(1), 5, day(20), None);
        assert!(touched_by(vec![record(Record::Entry(receipt_only))]).is_empty());
        let closed = ContractClosed { contract: contract_id(1), on: day(91), recover_by: None };
        assert_eq!(touched_by(vec![record(Record::ContractClosed(closed))]), Subjects::some([], [contract_id(1)], []));
    }
}

#[test]
fn the_passing_of_days_touches_what_takes_effect_in_them() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        ten_letters(&mut store);
        let mut between = |last: Option<u32>, as_of: u32| read(&mut store, |view| view.touched(2, last.map(day), day(as_of)));
        assert_eq!(between(None, 10), Subjects::All);
        assert!(between(Some(101), 120).is_empty());
        // Stage of claim 4 on day 60, in letter 2 and (party 4) no closed contract.
        assert_eq!(between(Some(59), 60), letters([2]));
        // Backwards: what had taken effect has not, yet.
        assert_eq!(between(Some(60), 59), letters([2]));
        assert_eq!(between(Some(89), 90), Subjects::some([], [contract_id(3)], []));
        // The claims move on day 100: their cases, which know it on the day before, ask to be seen again.
        assert!(between(Some(99), 100).is_empty());
        let mut moves_on = |on: u32| read(&mut store, |view| view.facts(&Subjects::All, day(on), EVERYTHING)).moves_on;
        assert_eq!(moves_on(99), (0..20).map(|n| (claim_id(n), day(100))).collect());
        assert!(moves_on(100).is_empty());
        put(&mut store, vec![record(Record::Pause(pause(1, 6, (day(110), Some(day(115))))))]);
        let mut between = |last: u32, as_of: u32| read(&mut store, |view| view.touched(EVERYTHING, Some(day(last)), day(as_of)));
        assert_eq!((between(109, 110), between(115, 116)), (letters([3]), letters([3])), "a pause begins, and is over on the day after its last");
        assert!(between(110, 115).is_empty() && between(116, 120).is_empty());
    }
}

/// Agreement 1 covers claims 0 and 1, agreement 2 claim 2, which receipt 0 pays as well as claim 0.
fn two_agreements(store: &mut Store) {
    let mut leaves = Vec::new();
    for n in 0..4_usize {
        leaves.push(record(Record::Receivable(claim(n, 1, 100, day(10), Some(day(40))))));
        leaves.push(record(Record::Entry(entry(n, EntryKind::Gross, Some(n), None, 100, day(10), None))));
    }
    leaves.push(record(Record::Receipt(receipt(0, 500))));
    leaves.push(record(Record::Entry(entry(10, EntryKind::Applied, Some(0), Some(0), -60, day(20), None))));
    leaves.push(record(Record::Entry(entry(11, EntryKind::Applied, Some(2), Some(0), -40, day(20), None))));
    leaves.push(record(Record::Agreement(agreement(1, &[0, 1], 1, day(0)))));
    leaves.push(record(Record::Agreement(agreement(2, &[2], 2, day(50)))));
    leaves.extend([wage(1, 1, 1_000), wage(2, 1, 2_000)]);
    leaves.push(record(Record::Milestone(milestone(1, About::Agreement(agreement_id(1)), day(30)))));
    leaves.push(record(Record::Milestone(milestone(2, About::Receipt(receipt_id(0)), day(60)))));
    leaves.push(record(Record::Milestone(milestone(3, About::Receivable(claim_id(3)), day(61)))));
    put(store, leaves);
}

#[test]
fn an_agreement_brings_its_claims_their_milestones_and_what_their_receipts_brought() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        two_agreements(&mut store);
        let all = read(&mut store, |view| view.facts(&Subjects::All, day(200), EVERYTHING));
        assert_eq!((all.agreements.len(), all.milestones.len()), (2, 3));
        assert_eq!(all.received, [(receipt_id(0), 500)].into());
        let mut of = |n: usize, on: u32| read(&mut store, |view| view.facts(&Subjects::some([], [], [agreement_id(n)]), day(on), EVERYTHING));
        let first = of(1, 200);
        assert_eq!(first.agreements, [agreement(1, &[0, 1], 1, day(0))]);
        assert_eq!(first.receivables.iter().map(|c| c.id).collect::<BTreeSet<_>>(), [0, 1].map(claim_id).into());
        assert_eq!(first.milestones.iter().map(|m| m.id).collect::<Vec<_>>(), [milestone_id(1), milestone_id(2)]);
        assert_eq!((first.received.len(), first.wages.len()), (1, 1));
        // The second begins on day 50; nothing happened to it, and the receipt's milestone is on day 60.
        assert_eq!(of(2, 49), recoup_store::Facts::default());
        assert_eq!((of(2, 59).milestones.len(), of(2, 60).milestones.len()), (0, 1));
        put(&mut store, vec![record(Record::FalseReport(false_report(1, About::Receivable(claim_id(2)), day(70))))]);
        put(&mut store, vec![record(Record::Sanction(sanction(1, About::Agreement(agreement_id(1)), (day(80), None))))]);
        let mut found = |n: usize, on: u32| {
            let facts = read(&mut store, |view| view.facts(&Subjects::some([], [], [agreement_id(n)]), day(on), EVERYTHING));
            (facts.false_reports.len(), facts.sanctions.len())
        };
        assert_eq!((found(1, 79), found(1, 80), found(2, 69), found(2, 70)), ((0, 0), (0, 1), (0, 0), (1, 0)));
        put(&mut store, vec![record(Record::FalseReport(FalseReport { withdrawn: true, ..false_report(1, About::Receivable(claim_id(2)), day(70)) }))]);
        put(&mut store, vec![record(Record::Milestone(Milestone { withdrawn: true, ..milestone(2, About::Receipt(receipt_id(0)), day(60)) }))]);
        let mut after = |n: usize| read(&mut store, |view| view.facts(&Subjects::some([], [], [agreement_id(n)]), day(200), EVERYTHING));
        assert_eq!((after(1).milestones.len(), after(2).milestones.len(), after(2).false_reports.len()), (1, 0, 0), "withdrawn, it never happened");
    }
}

#[test]
fn new_facts_and_passing_days_touch_their_agreements() {
    let agreements = |ids: &[usize]| Subjects::some([], [], ids.iter().map(|n| agreement_id(*n)));
    for db in testing::databases() {
        let mut store = opened(db.store());
        two_agreements(&mut store);
        let mut touched_by = |leaf: Record| {
            let since = read(&mut store, |view| Ok(view.head().position));
            put(&mut store, vec![record(leaf)]);
            read(&mut store, |view| view.touched(since, Some(day(200)), day(200)))
        };
        assert_eq!(touched_by(Record::Agreement(agreement(2, &[3], 2, day(50)))), agreements(&[2]));
        assert_eq!(touched_by(Record::Entry(entry(20, EntryKind::Correction, Some(1), None, 5, day(20), None))), agreements(&[1]));
        // Claim 2 was the second's once: too many is allowed.
        assert_eq!(touched_by(Record::Entry(entry(21, EntryKind::Correction, Some(2), None, 5, day(20), None))), agreements(&[2]));
        assert_eq!(touched_by(Record::Milestone(milestone(4, About::Agreement(agreement_id(1)), day(70)))), agreements(&[1]));
        assert_eq!(touched_by(Record::Milestone(milestone(5, About::Receivable(claim_id(1)), day(70)))), agreements(&[1]));
        assert_eq!(touched_by(Record::Milestone(milestone(6, About::Receipt(receipt_id(0)), day(70)))), agreements(&[1, 2]));
        assert_eq!(touched_by(Record::FalseReport(false_report(1, About::Receipt(receipt_id(0)), day(210)))), agreements(&[1, 2]));
        assert_eq!(touched_by(Record::Sanction(sanction(1, About::Agreement(agreement_id(1)), (day(220), Some(day(231)))))), agreements(&[1]));
        // What came in by a receipt is part of what its milestones say.
        assert_eq!(touched_by(Record::Receipt(receipt(0, 600))), agreements(&[1, 2]));
        assert!(touched_by(Record::Receipt(receipt(1, 600))).is_empty());
        let since = read(&mut store, |view| Ok(view.head().position));
        put(&mut store, vec![wage(2, 2, 9)]);
        assert_eq!(read(&mut store, |view| view.touched(since, Some(day(200)), day(200))), agreements(&[2]));
        let mut between = |last: u32, as_of: u32| read(&mut store, |view| view.touched(EVERYTHING, Some(day(last)), day(as_of)));
        assert_eq!(between(29, 30), agreements(&[1]));
        assert_eq!(between(49, 50), agreements(&[2]), "the second begins");
        assert_eq!(between(59, 60), agreements(&[1, 2]));
        assert_eq!(between(60, 61), agreements(&[2]), "claim 3 is the second's by then");
        assert_eq!(between(209, 210), agreements(&[1, 2]), "a false report is found");
        assert_eq!((between(219, 220), between(230, 231)), (agreements(&[1]), agreements(&[1])), "a sanction begins, and is lifted");
        assert_eq!(between(71, 199), agreements(&[2]), "a wage is known when its month is over");
    }
}

#[test]
fn a_case_comes_back_on_its_day_or_with_its_fault() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let judged = |subject: LetterId, recheck: Option<u32>| {
            let case = CaseKey { pack: "pack".into(), scope: Scope::Letter, subject: subject.0 };
            record(Record::CaseJudged(CaseJudged { case, as_of: day(1), recheck_on: recheck.map(day), fault: None }))
        };
        put(&mut store, one_of_each());
        put(&mut store, vec![judged(letter_id(1), Some(50)), judged(letter_id(2), Some(40)), judged(letter_id(3), None)]);
        put(&mut store, vec![judged(letter_id(2), Some(70))]);
        let mut rechecks = |on: u32| read(&mut store, |view| view.rechecks("pack", day(on)));
        assert_eq!(rechecks(49), letters([900]));
        assert_eq!(rechecks(50), letters([1, 900]));
        assert_eq!(rechecks(70), letters([1, 2, 900]));
        put(&mut store, vec![judged(letter_id(900), None)]);
        assert!(read(&mut store, |view| view.rechecks("pack", day(49))).is_empty());
        assert!(read(&mut store, |view| view.rechecks("other", day(99))).is_empty());
        assert_eq!(read(&mut store, |view| view.cases_judged(None, EVERYTHING)).len(), 4);
    }
}

#[test]
fn lines_are_known_by_their_last_version_and_postings_by_their_net() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let key = |n: usize, basis| {
            let case = CaseKey { pack: "pack".into(), scope: Scope::Letter, subject: letter_id(n).0 };
            LineKey { case, clause: "LC-1".into(), to: Beneficiary::Person(person_id(1)), basis, part: 0 }
        };
        let line = |key: &LineKey, amount| Line {
            id: key.id(),
            key: key.clone(),
            amount,
            states: vec![(day(3), LineState::Contingent)],
            steps: vec![],
            withdrawn: false,
            sensitive: false,
        };
        let keys = [key(1, Basis::Entry(entry_id(1))), key(1, Basis::WageMonth(Month::of(day(0)))), key(2, Basis::Close)];
        let posting = |balance, amount| Posting { balance, amount, on: day(3), period: Month::of(day(3)), origin: None };
        let change = |line: Line, postings: Vec<Posting>| record(Record::Line(LineChange { line, postings }));
        put(
            &mut store,
            vec![change(line(&keys[0], 100), vec![posting(Balance::Contingent, 100)]), change(line(&keys[1], 40), vec![posting(Balance::Payable, 40)])],
        );
        put(&mut store, vec![change(line(&keys[2], 7), vec![])]);
        let second = line(&keys[0], 0);
        put(&mut store, vec![change(second.clone(), vec![posting(Balance::Contingent, -100)]), change(line(&keys[1], 42), vec![posting(Balance::Payable, 2)])]);

        let all = read(&mut store, |view| view.lines(LineFilter::default(), EVERYTHING));
        assert_eq!(all.iter().map(|l| (&l.key, l.amount, l.position)).collect::<Vec<_>>(), [(&keys[2], 7, 3), (&keys[0], 0, 4), (&keys[1], 42, 4)]);
        assert!(all.iter().all(|l| l.id == l.key.id()));
        assert_eq!(all[1].content, content_of(&second).unwrap());
        assert_eq!(read(&mut store, |view| view.line_records(&[all[1].leaf])), [second]);
        let of_first = letters([1]);
        let firsts = LineFilter { pack: Some("pack"), subjects: Some(&of_first) };
        let some = read(&mut store, |view| view.lines(firsts, 3));
        assert_eq!(some.iter().map(|l| (&l.key, l.amount)).collect::<Vec<_>>(), [(&keys[0], 100), (&keys[1], 40)]);
        let others = LineFilter { pack: Some("other"), subjects: None };
        assert!(read(&mut store, |view| view.lines(others, EVERYTHING)).is_empty());

        let posted = |line: &LineKey, balance, amount| (line.id(), Movement { on: day(3), balance, amount });
        assert_eq!(read(&mut store, |view| view.posted(LineFilter::default(), EVERYTHING)), [posted(&keys[1], Balance::Payable, 42)]);
        let mut before = vec![posted(&keys[0], Balance::Contingent, 100), posted(&keys[1], Balance::Payable, 40)];
        before.sort_unstable();
        assert_eq!(read(&mut store, |view| view.posted(firsts, 3)), before);
        assert!(read(&mut store, |view| view.posted(others, EVERYTHING)).is_empty());
        let postings = read(&mut store, |view| view.postings(EVERYTHING));
        let brief: Vec<_> = postings.iter().map(|p| (p.position, p.line, p.number, p.posting.amount)).collect();
        assert_eq!(brief, [(2, keys[0].id(), 0, 100), (2, keys[1].id(), 0, 40), (4, keys[0].id(), 0, -100), (4, keys[1].id(), 0, 2)]);
        assert!(postings.iter().all(|p| (p.clause.as_str(), p.to) == ("LC-1", Beneficiary::Person(person_id(1)))));
    }
}

/// A closing is corrected from day 90 to day 95: position 2 records the first, position 3 the second.
#[test]
fn a_line_of_a_closing_is_chosen_by_the_day_that_is_known_of_it() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let closed = |n: u32| record(Record::ContractClosed(ContractClosed { contract: contract_id(1), on: day(n), recover_by: None }));
        let case = CaseKey { pack: "pack".into(), scope: Scope::Contract, subject: contract_id(1).0 };
        let key = LineKey { case, clause: "LC-4".into(), to: Beneficiary::Person(person_id(1)), basis: Basis::Close, part: 0 };
        let states = vec![(day(90), LineState::Payable)];
        let line = Line { id: key.id(), key, amount: -5, states, steps: vec![], withdrawn: false, sensitive: false };
        put(&mut store, vec![closed(90), record(Record::Line(LineChange { line, postings: vec![] }))]);
        put(&mut store, vec![closed(95)]);
        let mut count = |from: Option<u32>, to: Option<u32>, known_at: i64| {
            let which = WhichLines { earned_from: from.map(day), earned_to: to.map(day), ..WhichLines::default() };
            read(&mut store, |view| view.lines_page(which, &Page { limit: 10, ..Page::FIRST }, known_at)).len()
        };
        assert_eq!((count(Some(90), Some(90), 2), count(Some(91), None, 2), count(None, Some(89), 2)), (1, 0, 0));
        assert_eq!((count(None, Some(94), EVERYTHING), count(Some(95), Some(95), EVERYTHING), count(Some(96), None, EVERYTHING)), (0, 1, 0));
    }
}

/// A milestone moves from day 30 to day 31, and an agreement's last day from 300 to 301.
#[test]
fn a_line_of_an_agreement_is_chosen_by_its_milestone_or_its_last_day() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let happened = |n: u32| record(Record::Milestone(milestone(1, About::Agreement(agreement_id(1)), day(n))));
        let agreed = |n: u32| record(Record::Agreement(recoup_model::agreement::Agreement { to: Some(day(n)), ..agreement(1, &[], 1, day(0)) }));
        let case = CaseKey { pack: "pack".into(), scope: Scope::Agreement, subject: agreement_id(1).0 };
        let key = |basis| LineKey { case: case.clone(), clause: "AC-2".into(), to: Beneficiary::Person(person_id(1)), basis, part: 0 };
        let change = |key: LineKey, amount| {
            let states = vec![(day(302), LineState::Payable)];
            let line = Line { id: key.id(), key, amount, states, steps: vec![], withdrawn: false, sensitive: false };
            record(Record::Line(LineChange { line, postings: vec![] }))
        };
        put(&mut store, vec![agreed(300), happened(30), change(key(Basis::Milestone(milestone_id(1))), 1), change(key(Basis::Close), 2)]);
        put(&mut store, vec![agreed(301), happened(31)]);
        let mut amounts = |from: u32, to: u32, known_at: i64| {
            let which = WhichLines { earned_from: Some(day(from)), earned_to: Some(day(to)), ..WhichLines::default() };
            let found = read(&mut store, |view| view.lines_page(which, &Page { limit: 10, ..Page::FIRST }, known_at));
            found.iter().map(|l| (l.record.amount, l.record.key.basis)).collect::<Vec<_>>()
        };
        let (by_milestone, by_end) = ((1, Basis::Milestone(milestone_id(1))), (2, Basis::Close));
        assert_eq!((amounts(30, 30, 2), amounts(31, 31, 2), amounts(300, 300, 2)), (vec![by_milestone], vec![], vec![by_end]));
        assert_eq!((amounts(30, 30, 3), amounts(31, 31, 3), amounts(300, 300, 3), amounts(301, 301, 3)), (vec![], vec![by_milestone], vec![], vec![by_end]));
        assert_eq!(read(&mut store, |view| view.lines(LineFilter::default(), EVERYTHING)).len(), 2);
    }
}

#[test]
fn an_import_learns_what_is_known_and_with_what_content() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let first = (0..50).map(|n| record(Record::Receivable(claim(n, 1, 100, day(1), None)))).collect();
        put(&mut store, first);
        put(&mut store, vec![record(Record::Receivable(claim(7, 1, 200, day(1), None)))]);
        let ids: Vec<_> = (0..30_000).map(|n| claim_id(n).0).collect();
        let contents = read(&mut store, |view| view.contents(Sourced::Receivable, &ids));
        assert_eq!(contents.len(), 50);
        assert_eq!(contents[&claim_id(7).0], source("", "R7 200").content);
        assert_eq!(contents[&claim_id(8).0], source("", "R8 100").content);
        assert!(read(&mut store, |view| view.contents(Sourced::Entry, &ids)).is_empty());
        let keys = read(&mut store, |view| view.source_keys(Sourced::Receivable, "u8"));
        assert_eq!((keys.len(), keys[0].clone()), (50, (claim_id(0).0, "R0".into())));
        assert!(read(&mut store, |view| view.source_keys(Sourced::Receivable, "k3")).is_empty());
        for table in [Sourced::Party, Sourced::Contract, Sourced::Receipt, Sourced::Entry] {
            assert!(read(&mut store, |view| view.source_keys(table, "u8")).is_empty());
        }
    }
}

#[test]
fn what_units_recover_touches_the_agreements_that_follow_it() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        ten_letters(&mut store);
        let unit = UnitId::from_parts(&[b"unit"]);
        let supervises = Some(Supervision { target: target(unit).id, units: vec![unit] });
        put(
            &mut store,
            vec![record(Record::Agreement(Agreement { supervises, ..agreement(1, &[], 1, day(0)) })), record(Record::Agreement(agreement(2, &[], 1, day(0))))],
        );
        let mut touched_by = |leaf: Leaf| {
            let since = read(&mut store, |view| Ok(view.head().position));
            put(&mut store, vec![leaf]);
            read(&mut store, |view| view.touched(since, Some(day(200)), day(200)))
        };
        let following = Subjects::some([], [], [agreement_id(1)]);
        assert_eq!(touched_by(record(Record::Target(target(unit)))), following);
        assert_eq!(touched_by(record(Record::Unit(Unit { id: unit, code: "U".into(), name: "Unit".into(), parent: None }))), following);
        // Claim 6 is in letter 3.
        let money = entry(500, EntryKind::Correction, Some(6), None, 5, day(20), None);
        assert_eq!(touched_by(record(Record::Entry(money))), Subjects::some([letter_id(3)], [], [agreement_id(1)]));
        assert_eq!(touched_by(record(Record::Letter(letter(20, &[19], &[], day(50))))), Subjects::some([letter_id(20)], [], [agreement_id(1)]));
        let receipt_only = entry(502, EntryKind::Received, None, Some(1), 5, day(20), None);
        assert!(touched_by(record(Record::Entry(receipt_only))).is_empty());
    }
}

#[test]
fn every_record_is_read_back_as_it_was_written() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        put(&mut store, one_of_each());
        let back = read(&mut store, |view| {
            let mut back = Vec::new();
            back.extend(view.parties(Some(&[party_id(900)]), EVERYTHING)?.into_iter().map(|(p, _)| Record::Party(p)));
            back.extend(view.persons(None, EVERYTHING)?.into_iter().map(|(p, _)| Record::Person(p)));
            back.extend(view.units(EVERYTHING)?.into_iter().map(Record::Unit));
            back.extend(view.contracts(None, EVERYTHING)?.into_iter().map(Record::Contract));
            back.extend(view.receivables(Some(&[claim_id(900)]), EVERYTHING)?.into_iter().map(Record::Receivable));
            back.extend(view.stage_changes(None, EVERYTHING)?.into_iter().map(Record::StageChange));
            back.extend(view.expected_recoveries(None, EVERYTHING)?.into_iter().map(Record::ExpectedRecovery));
            back.extend(view.pauses(None, EVERYTHING)?.into_iter().map(Record::Pause));
            back.extend(view.receipts(Some(&[receipt_id(900)]), EVERYTHING)?.into_iter().map(Record::Receipt));
            let filter = EntryFilter { receivables: Some(&[claim_id(900)]), receipts: None };
            back.extend(view.entries(filter, None, EVERYTHING)?.into_iter().map(Record::Entry));
            back.extend(view.letters(None, EVERYTHING)?.into_iter().map(Record::Letter));
            back.extend(view.agreements(None, EVERYTHING)?.into_iter().map(Record::Agreement));
            back.extend(view.milestones(None, EVERYTHING)?.into_iter().map(Record::Milestone));
            back.extend(view.targets(None, EVERYTHING)?.into_iter().map(Record::Target));
            back.extend(view.false_reports(None, EVERYTHING)?.into_iter().map(Record::FalseReport));
            back.extend(view.sanctions(None, EVERYTHING)?.into_iter().map(Record::Sanction));
            back.extend(view.roles(EVERYTHING)?.into_iter().map(Record::Role));
            back.extend(view.contract_closings(None, EVERYTHING)?.into_iter().map(Record::ContractClosed));
            back.extend(view.batches(EVERYTHING)?.into_iter().map(|(_, b)| Record::Batch(b)));
            back.extend(view.issues(None, EVERYTHING)?.into_iter().map(Record::Issue));
            back.extend(view.sources(EVERYTHING)?.into_iter().map(|(_, s)| Record::ImportSource(s)));
            back.extend(view.dismissals(EVERYTHING)?.into_iter().map(Record::Dismissal));
            back.extend(view.policies(EVERYTHING)?.into_iter().map(|(_, p)| Record::Policy(p)));
            back.extend(view.evaluations(EVERYTHING)?.into_iter().map(|(_, e)| Record::Evaluated(e)));
            back.extend(view.cases_judged(None, EVERYTHING)?.into_iter().map(Record::CaseJudged));
            let leaves: Vec<u64> = view.lines(LineFilter::default(), EVERYTHING)?.iter().map(|l| l.leaf).collect();
            let mut postings = view.postings(EVERYTHING)?;
            back.extend(view.line_records(&leaves)?.into_iter().map(|line| {
                let mine = postings.extract_if(.., |p| p.line == line.id).map(|p| p.posting).collect();
                Record::Line(LineChange { line, postings: mine })
            }));
            back.extend(view.findings(None, EVERYTHING)?.into_iter().map(Record::Finding));
            back.extend(view.settlements(Month::of(day(0)), EVERYTHING)?.into_iter().map(Record::Settlement));
            back.extend(view.minimum_wages(EVERYTHING)?.into_iter().map(Record::MinimumWage));
            back.extend(view.payouts(None, EVERYTHING)?.into_iter().map(|run| Record::Payout(run.payout)));
            back.extend(view.payout_steps(EVERYTHING)?.into_iter().map(|(step, _)| Record::PayoutStep(step)));
            back.extend(view.payout_terms(EVERYTHING)?.into_iter().map(Record::PayoutTerms));
            back.extend(view.wage_guards(EVERYTHING)?.into_iter().map(Record::WageGuard));
            back.extend(view.stackings(EVERYTHING)?.into_iter().map(Record::Stacking));
            back.extend(view.period_moves(EVERYTHING)?.into_iter().map(|(_, step)| match step {
                PeriodMove::Closed(closed) => Record::PeriodClosed(closed),
                PeriodMove::Reopened(reopened) => Record::PeriodReopened(reopened),
            }));
            back.extend(view.requests(None, EVERYTHING)?.into_iter().map(|(request, _)| Record::Request(request)));
            back.extend(view.authorities(EVERYTHING)?.into_iter().map(Record::Authority));
            back.extend(view.delegations(EVERYTHING)?.into_iter().map(Record::Delegation));
            back.extend(view.users(None, EVERYTHING)?.into_iter().map(|(user, _)| Record::User(user)));
            back.extend(view.tokens(None, EVERYTHING)?.into_iter().map(Record::ApiToken));
            back.extend(view.grants(None, EVERYTHING)?.into_iter().map(Record::Grant));
            back.extend(view.trusted_keys(None, EVERYTHING)?.into_iter().map(Record::TrustedKey));
            for (proposal, decision) in view.proposals(None, EVERYTHING)? {
                back.extend([Record::Proposal(proposal), Record::Decision(decision.unwrap())]);
            }
            back.extend(view.disclosures(EVERYTHING)?.into_iter().map(|(_, disclosure)| Record::Disclosure(disclosure)));
            assert_eq!(view.last_evaluated("pack")?.unwrap().1, 2);
            assert!(view.last_evaluated("other")?.is_none());
            Ok(back)
        });
        let unread = |r: &Record| matches!(r, Record::WageMonth(_));
        let written: Vec<Record> = one_of_each().into_iter().map(|leaf| leaf.record).filter(|r| !unread(r)).collect();
        assert_eq!(back, written);
    }
}

#[test]
fn a_later_version_replaces_an_earlier_one_even_within_a_command() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let named = |name: &str| {
            let party = Party { id: party_id(1), kind: PartyKind::Organisation, name: Some(name.into()), unified_code: None, source: None };
            record(Record::Party(party))
        };
        put(&mut store, vec![named("one"), named("two")]);
        put(&mut store, vec![named("three")]);
        let mut name = |known_at| read(&mut store, |view| view.parties(None, known_at)).into_iter().map(|(p, _)| p.name.unwrap()).collect::<Vec<_>>();
        assert_eq!(name(2), ["two"]);
        assert_eq!(name(3), ["three"]);
        assert!(name(1).is_empty() && name(-1).is_empty());
    }
}
