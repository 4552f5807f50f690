//! The batch as a whole: what is refused, what is taken back, what is written.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use recoup_wit::describe::{RulesDescription, Text};
use recoup_wit::{CONTRACT, NONE_DAY, NONE_INDEX};

use super::wire::{BasisKind, Beneficiary, Cases, Entry, EntryKind, LineState, Receivable, RoleSpan, Scope, Span, Stage, StageFrom, Subject};
use super::{Case, Fault, Key, Pack, Verdict, arg, evaluate, wire};

/// Pays the amount of each cash entry to person 7, and faults on an amount of 13.
struct Echo;

impl Pack for Echo {
    type Parameters = ();

    fn describe() -> RulesDescription {
        let text = Text { en: "echo".into(), zh: "回声".into() };
        RulesDescription {
            id: "echo".into(),
            version: "1".into(),
            contract: CONTRACT.into(),
            title: text,
            scopes: vec![],
            agreements: vec![],
            clauses: vec![],
            messages: vec![],
            parameter_schema: serde_json::Value::Null,
            default_parameters: serde_json::Value::Null,
        }
    }

    fn parse(json: &str) -> Result<(), Vec<wire::Problem>> {
        super::params::Reader::new(json, serde_json::Value::Null)?.finish(())
    }

    fn evaluate(case: &Case<'_>, (): &(), out: &mut Verdict<'_>) -> Result<(), Fault> {
        for (index, entry) in case.indexed() {
            let key = Key { clause: 0, to: Beneficiary::Person(7), basis: BasisKind::Entry, index, part: 0 };
            let states =
                [(entry.day, LineState::Contingent), (entry.day, LineState::Payable), (entry.day + 1, LineState::Payable), (entry.day + 2, LineState::Lapsed)];
            if let Some(trace) = out.line(key, -entry.amount, states) {
                trace.step(0, 1, &[arg::day(entry.day)]).step(0, 2, &[]);
            }
            out.recheck(entry.day + 2);
            if entry.amount == -13 {
                return Err(Fault::new(9, &[arg::money(13)]));
            }
        }
        Ok(())
    }
}

fn entry(day: i32, amount: i64) -> Entry {
    Entry { receivable: 0, day, amount, kind: EntryKind::Cash, cites: NONE_INDEX }
}

fn batch(entries: Vec<Entry>, subjects: &[Span]) -> Cases {
    let none = Span { start: 0, count: 0 };
    let subject = |&entries: &Span| Subject {
        scope: Scope::Letter,
        from: 0,
        to: NONE_DAY,
        receivables: Span { start: 0, count: 1 },
        stages: none,
        entries,
        roles: none,
        shares: none,
        wages: none,
        kind: NONE_INDEX,
        terms: none,
        milestones: none,
        false_reports: none,
        sanctions: none,
        supervised: none,
        obligors: none,
    };
    Cases {
        as_of: 100,
        currency: "CNY".into(),
        parameters: "{}".into(),
        symbols: vec!["responsible".into(), "other".into()],
        subjects: subjects.iter().map(subject).collect(),
        receivables: vec![Receivable { document_day: 0, due_day: NONE_DAY, expected_day: NONE_DAY, gross: 0, party: 0, pauses: none }],
        pauses: vec![],
        stages: vec![],
        entries,
        roles: vec![],
        shares: vec![],
        wages: vec![],
        terms: vec![],
        milestones: vec![],
        false_reports: vec![],
        sanctions: vec![],
        supervised: vec![],
        recoveries: vec![],
        applied: vec![],
        obligors: vec![],
    }
}

const fn span(start: u32, count: u32) -> Span {
    Span { start, count }
}

#[test]
fn states_change_something_and_end_on_the_as_of_day() {
    let cases = batch(vec![entry(99, -5), entry(100, 0)], &[span(0, 2)]);
    let verdicts = evaluate::<Echo>(&cases).unwrap();
    // The entry of zero earned no line.
    assert_eq!(verdicts.lines.len(), 1);
    assert_eq!(verdicts.states.len(), 1);
    assert_eq!((verdicts.states[0].day, verdicts.states[0].state), (99, LineState::Payable));
    assert_eq!(verdicts.lines[0].steps, span(0, 2));
    assert_eq!(verdicts.recheck_on, [101]);
}

#[test]
fn a_fault_takes_back_its_case_and_no_other() {
    let entries = vec![entry(10, -5), entry(20, -6), entry(30, -13)];
    let verdicts = evaluate::<Echo>(&batch(entries, &[span(0, 1), span(1, 2), span(0, 1)])).unwrap();
    let subjects: Vec<_> = verdicts.lines.iter().map(|line| line.subject).collect();
    assert_eq!(subjects, [0, 2]);
    assert_eq!(verdicts.faults.len(), 1);
    assert_eq!((verdicts.faults[0].subject, verdicts.faults[0].message), (1, 9));
    let args = verdicts.faults[0].args;
    assert_eq!(verdicts.args[args.start as usize], arg::money(13));
    // One answer per subject, and equal input gives equal output (edge case 41).
    assert_eq!(verdicts.recheck_on, [NONE_DAY; 3]);
    let entries = vec![entry(10, -5), entry(20, -6), entry(30, -13)];
    let again = evaluate::<Echo>(&batch(entries, &[span(0, 1), span(1, 2), span(0, 1)])).unwrap();
    assert_eq!(verdicts, again);
}

#[test]
fn a_batch_that_breaks_the_contract_is_refused() {
    let refused = |cases: &Cases| evaluate::<Echo>(cases).unwrap_err().at;
    assert_eq!(refused(&batch(vec![], &[span(0, 1)])), "/subjects/0/entries");
    assert_eq!(refused(&batch(vec![], &[span(u32::MAX, u32::MAX)])), "/subjects/0/entries");
    let falling = batch(vec![entry(2, -1), entry(1, -1)], &[span(0, 2)]);
    assert_eq!(refused(&falling), "/subjects/0/entries");
    let late = batch(vec![entry(101, -1)], &[span(0, 1)]);
    assert_eq!(refused(&late), "/subjects/0/entries");
    let own = Entry { cites: 0, ..entry(1, -1) };
    assert_eq!(refused(&batch(vec![own], &[span(0, 1)])), "/subjects/0/entries");
    let mut parameters = batch(vec![], &[]);
    parameters.parameters = r#"{"x": 1}"#.into();
    assert_eq!(refused(&parameters), "/x");
}

#[test]
fn a_case_answers_who_what_and_how_much() {
    let mut cases = batch(
        vec![
            Entry { kind: EntryKind::Gross, ..entry(5, 100) },
            entry(10, -60),
            entry(20, -40),
            Entry { cites: 2, ..entry(30, 40) },
            Entry { cites: 3, ..entry(40, -40) },
        ],
        &[span(0, 5)],
    );
    let role = |person, role, from, to| RoleSpan { person, role, from, to };
    cases.roles = vec![role(1, 0, 0, 9), role(2, 0, 10, NONE_DAY), role(3, 1, 0, NONE_DAY), role(2, 0, 15, NONE_DAY)];
    cases.stages = vec![StageFrom { receivable: 0, from: 1, stage: Stage::Unsettled }, StageFrom { receivable: 0, from: 8, stage: Stage::Settled }];
    cases.subjects[0].roles = span(0, 4);
    cases.subjects[0].stages = span(0, 2);
    let case = Case::new(&cases, 0, &cases.subjects[0]).unwrap();
    assert_eq!(case.holders("responsible", 9).collect::<Vec<_>>(), [1]);
    assert_eq!(case.holders("responsible", 20).collect::<Vec<_>>(), [2]);
    assert_eq!(case.holders("nobody", 20).count(), 0);
    assert_eq!(case.stage(0, 0), None);
    assert_eq!(case.stage(0, 7), Some(Stage::Unsettled));
    assert_eq!(case.stage(0, 8), Some(Stage::Settled));
    assert_eq!((case.root(4), case.root(1)), (2, 1));
    assert_eq!(case.balances(35, |_| true), [40]);
    // Edge cases 6 and 7: a reversal opens the debt again, its own reversal clears it.
    let cleared: Vec<_> = case.cleared(|_| true, |_| true).after(0).collect();
    assert_eq!(cleared, [(20, true), (30, false), (40, true)]);
    // Without a booked claim nothing is cleared.
    let none = case.cleared(|_| true, |kind| kind == EntryKind::WriteOff);
    assert_eq!(none.after(0).count(), 0);
}

#[test]
fn an_advance_clears_nothing_before_the_document_date() {
    let mut cases = batch(vec![entry(10, -60), Entry { kind: EntryKind::Gross, ..entry(30, 60) }], &[span(0, 2)]);
    cases.receivables[0].document_day = 30;
    cases.stages = vec![StageFrom { receivable: 0, from: 40, stage: Stage::Settled }, StageFrom { receivable: 0, from: 30, stage: Stage::Unsettled }];
    cases.subjects[0].stages = span(0, 2);
    let cleared = |cases: &Cases| Case::new(cases, 0, &cases.subjects[0]).unwrap().cleared(|_| true, |_| true).after(0).collect::<Vec<_>>();
    assert_eq!(cleared(&cases), [(30, true)]);
    let case = Case::new(&cases, 0, &cases.subjects[0]).unwrap();
    assert_eq!((case.stage(0, 10), case.stage(0, 40)), (Some(Stage::Unsettled), Some(Stage::Settled)));
    assert!(case.is_advance(0, 29) && !case.is_advance(0, 30));

    // A document date moved on: the balance passes through zero before it.
    let gross = |day, amount| Entry { kind: EntryKind::Gross, ..entry(day, amount) };
    let mut moved = batch(vec![gross(5, 60), gross(5, -60), gross(30, 60), entry(50, -60)], &[span(0, 4)]);
    moved.receivables[0].document_day = 30;
    assert_eq!(cleared(&moved), [(50, true)]);
    // Not yet on the as-of day.
    moved.receivables[0].document_day = 101;
    assert_eq!(cleared(&moved), []);
}
