//! One-subject batches, written by hand.

use recoup_rules_legacy_construction::LegacyConstruction;
use recoup_sdk::rules::wire::{
    Cases, Day, Entry, EntryKind, Line, LineState, Receivable, RoleSpan, Scope, Share, Span, Stage, StageFrom, Subject, Verdicts, WageMonth,
};
use recoup_sdk::rules::{NONE_DAY, NONE_INDEX, date, evaluate};
use serde_json::Value;

pub(crate) fn d(text: &str) -> Day {
    date::parse(text).unwrap()
}

pub(crate) fn gross(receivable: u32, amount: i64) -> Entry {
    let (day, kind, cites) = (d("2019-06-30"), EntryKind::Gross, NONE_INDEX);
    Entry { receivable, day, amount, kind, cites }
}

/// Money in lowers the balance.
pub(crate) fn cash(day: Day, amount: i64) -> Entry {
    Entry { receivable: 0, day, amount: -amount, kind: EntryKind::Cash, cites: NONE_INDEX }
}

pub(crate) fn reversal(day: Day, amount: i64, cites: u32) -> Entry {
    Entry { receivable: 0, day, amount, kind: EntryKind::Cash, cites }
}

/// A case of its own: one settled debt of 2,000,000.00 due on 2019-06-30, one subject.
pub(crate) fn case(scope: Scope, from: &str, to: &str, as_of: &str, entries: Vec<Entry>) -> Cases {
    let all = |count: usize| Span { start: 0, count: count as u32 };
    Cases {
        as_of: d(as_of),
        currency: "CNY".into(),
        parameters: "{}".into(),
        symbols: vec!["responsible".into(), "project-manager".into()],
        subjects: vec![Subject {
            scope,
            from: d(from),
            to: if to.is_empty() { NONE_DAY } else { d(to) },
            receivables: all(1),
            stages: all(1),
            entries: all(entries.len()),
            roles: all(0),
            shares: all(0),
            wages: all(0),
            kind: NONE_INDEX,
            terms: all(0),
            milestones: all(0),
            obligors: all(0),
            false_reports: all(0),
            sanctions: all(0),
            supervised: all(0),
        }],
        receivables: vec![Receivable {
            document_day: d("2019-06-30"),
            due_day: d("2019-06-30"),
            expected_day: NONE_DAY,
            gross: 200_000_000,
            party: 0,
            pauses: Span { start: 0, count: 0 },
        }],
        pauses: vec![],
        stages: vec![StageFrom { receivable: 0, from: d("2019-06-30"), stage: Stage::Settled }],
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

pub(crate) fn letter(as_of: &str, entries: Vec<Entry>) -> Cases {
    case(Scope::Letter, "2024-01-01", "2024-12-31", as_of, entries)
}

pub(crate) fn share(mut cases: Cases, weights: &[i64]) -> Cases {
    let share = |(person, &weight)| Share { person, weight };
    cases.shares = (0u32..).zip(weights).map(share).collect();
    cases.subjects[0].shares = Span { start: 0, count: weights.len() as u32 };
    cases
}

pub(crate) fn responsible(mut cases: Cases, spans: &[(u32, &str, &str)]) -> Cases {
    let span = |&(person, from, to): &(u32, &str, &str)| {
        let to = if to.is_empty() { NONE_DAY } else { d(to) };
        RoleSpan { person, role: 0, from: d(from), to }
    };
    cases.roles = spans.iter().map(span).collect();
    cases.subjects[0].roles = Span { start: 0, count: spans.len() as u32 };
    cases
}

pub(crate) fn wages(mut cases: Cases, persons: u32) -> Cases {
    for person in 0..persons {
        for (year, month) in (2024..2027).flat_map(|year| (1..=12).map(move |month| (year, month))) {
            cases.wages.push(WageMonth { person, year, month, gross: 1_200_000 });
        }
    }
    cases.subjects[0].wages = Span { start: 0, count: cases.wages.len() as u32 };
    cases
}

pub(crate) fn with(mut cases: Cases, parameters: &Value) -> Cases {
    cases.parameters = parameters.to_string();
    cases
}

pub(crate) fn run(cases: &Cases) -> Verdicts {
    evaluate::<LegacyConstruction>(cases).unwrap()
}

pub(crate) fn states(verdicts: &Verdicts, line: &Line) -> Vec<(Day, LineState)> {
    let start = line.states.start as usize;
    let states = &verdicts.states[start..start + line.states.count as usize];
    states.iter().map(|dated| (dated.day, dated.state)).collect()
}

pub(crate) fn project(as_of: &str, entries: Vec<Entry>) -> Cases {
    let mut cases = case(Scope::Contract, "2024-06-30", "2025-03-31", as_of, entries);
    cases.roles = vec![RoleSpan { person: 0, role: 1, from: d("2020-01-01"), to: NONE_DAY }];
    cases.subjects[0].roles = Span { start: 0, count: 1 };
    wages(cases, 1)
}
