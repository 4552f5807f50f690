//! A scenario's facts as a batch, up to a day.

use recoup_sdk::rules::date::Month;
use recoup_sdk::rules::wire::{Cases, Day, Entry, EntryKind, Pause, Receivable, RoleSpan, Scope, Share, Span, StageFrom, Subject, WageMonth};
use recoup_sdk::rules::{NONE_DAY, NONE_INDEX};

use crate::format::{Event, On, Paused, Role, Scenario};

/// An entry of the whole scenario; `receipt` names the event whose application it is.
struct Fact<'a> {
    receivable: &'a str,
    day: Day,
    amount: i64,
    kind: EntryKind,
    receipt: &'a str,
    reverses: bool,
}

fn span<T>(list: &[T], start: usize) -> Span {
    Span { start: start as u32, count: (list.len() - start) as u32 }
}

/// The pauses of a receivable, by what was said of each last.
fn pauses(known: &[&Event], receivable: &str) -> Vec<Pause> {
    let stated = || known.iter().filter_map(|event| Some((event.on, event.pause.as_ref().filter(|pause| pause.receivable == receivable)?)));
    let last = |at: usize, id: &str| stated().skip(at + 1).all(|(_, later)| later.id != id);
    let holding = stated().enumerate().filter(|(at, (_, pause))| last(*at, &pause.id) && !pause.withdrawn);
    let pause = |(_, (from, pause)): (usize, (On, &Paused))| Pause { kind: pause.kind.into(), from: from.0, to: pause.until.map_or(NONE_DAY, |to| to.0) };
    holding.map(pause).collect()
}

/// Everything known and effective at the end of `as_of`. Wages of months that have not
/// ended are known ahead only if asked for: both must lead to the same figures.
pub fn batch(scenario: &Scenario, parameters: &str, as_of: Day, wages_ahead: bool) -> Cases {
    let mut cases = Cases {
        as_of,
        currency: scenario.ledger.currency.clone(),
        parameters: parameters.into(),
        symbols: Vec::new(),
        subjects: Vec::new(),
        receivables: Vec::new(),
        pauses: Vec::new(),
        stages: Vec::new(),
        entries: Vec::new(),
        roles: Vec::new(),
        shares: Vec::new(),
        wages: Vec::new(),
        terms: Vec::new(),
        milestones: Vec::new(),
        false_reports: Vec::new(),
        sanctions: Vec::new(),
        supervised: Vec::new(),
        recoveries: Vec::new(),
        applied: Vec::new(),
        obligors: Vec::new(),
    };
    let known: Vec<&Event> = scenario.events.iter().filter(|event| event.on.0 <= as_of && event.recorded.unwrap_or(event.on).0 <= as_of).collect();
    let facts = facts(scenario, &known, as_of);
    for (name, letter) in &scenario.letters.0 {
        let names: Vec<&str> = letter.receivables.iter().map(String::as_str).collect();
        let shares = cases.shares.len();
        for (person, weight) in &letter.shares.0 {
            let person = scenario.people.position(person) as u32;
            cases.shares.push(Share { person, weight: *weight });
        }
        let shares = span(&cases.shares, shares);
        let roles: Vec<&Role> = scenario.roles.iter().filter(|role| role.letter.as_ref() == Some(name)).collect();
        let case = (Scope::Letter, letter.from.0, letter.deadline.0, shares);
        subject(scenario, &mut cases, &known, &facts, &names, &roles, case, wages_ahead);
    }
    for event in &known {
        let Some(close) = &event.close else { continue };
        let names: Vec<&str> =
            scenario.receivables.0.iter().filter(|(_, claim)| claim.contract.as_ref() == Some(&close.contract)).map(|(name, _)| name.as_str()).collect();
        let roles: Vec<&Role> = scenario.roles.iter().filter(|role| role.contract.as_ref() == Some(&close.contract)).collect();
        let to = close.recover_by.map_or(NONE_DAY, |by| by.0);
        let case = (Scope::Contract, event.on.0, to, Span { start: 0, count: 0 });
        subject(scenario, &mut cases, &known, &facts, &names, &roles, case, wages_ahead);
    }
    cases
}

fn facts<'a>(scenario: &'a Scenario, known: &[&'a Event], as_of: Day) -> Vec<Fact<'a>> {
    let mut facts = Vec::new();
    for (name, claim) in &scenario.receivables.0 {
        let (day, amount) = (claim.document_date.0, claim.amount.0);
        if day <= as_of {
            let kind = EntryKind::Gross;
            facts.push(Fact { receivable: name, day, amount, kind, receipt: "", reverses: false });
        }
    }
    for event in known {
        let day = event.on.0;
        if let Some(receive) = &event.receive {
            for (receivable, amount) in &receive.apply.0 {
                let (amount, kind) = (-amount.0, receive.means.into());
                let receipt = &receive.id;
                facts.push(Fact { receivable, day, amount, kind, receipt, reverses: false });
            }
        }
        if let Some(receipt) = &event.bounce {
            let bounced: Vec<_> =
                facts.iter().filter(|fact| fact.receipt == receipt && !fact.reverses).map(|fact| (fact.receivable, -fact.amount, fact.kind)).collect();
            for (receivable, amount, kind) in bounced {
                facts.push(Fact { receivable, day, amount, kind, receipt, reverses: true });
            }
        }
        if let Some(write_off) = &event.write_off {
            let (receivable, amount) = (&write_off.receivable, -write_off.amount.0);
            let kind = EntryKind::WriteOff;
            facts.push(Fact { receivable, day, amount, kind, receipt: "", reverses: false });
        }
    }
    facts.sort_by_key(|fact| fact.day);
    facts
}

#[allow(clippy::too_many_arguments, reason = "one caller per scope, nothing to reuse")]
fn subject(
    scenario: &Scenario,
    cases: &mut Cases,
    known: &[&Event],
    facts: &[Fact<'_>],
    names: &[&str],
    roles: &[&Role],
    (scope, from, to, shares): (Scope, Day, Day, Span),
    wages_ahead: bool,
) {
    let receivables = cases.receivables.len();
    let stages = cases.stages.len();
    for (index, name) in (0u32..).zip(names) {
        let claim = scenario.receivables.get(name);
        let first_pause = cases.pauses.len();
        cases.pauses.extend(pauses(known, name));
        cases.receivables.push(Receivable {
            document_day: claim.document_date.0,
            due_day: claim.due.map_or(NONE_DAY, |due| due.0),
            expected_day: NONE_DAY,
            gross: claim.amount.0,
            party: 0,
            pauses: span(&cases.pauses, first_pause),
        });
        let first = (claim.document_date, claim.stage);
        let later = known.iter().flat_map(|event| {
            let named = event.stage.0.iter().filter(|(receivable, _)| receivable == name);
            named.map(|(_, stage)| (event.on, *stage))
        });
        for (from, stage) in std::iter::once(first).chain(later) {
            cases.stages.push(StageFrom { receivable: index, from: from.0, stage: stage.into() });
        }
    }
    let entries = cases.entries.len();
    let mine: Vec<_> = facts.iter().filter(|fact| names.contains(&fact.receivable)).collect();
    for fact in &mine {
        let cited = mine.iter().position(|other| fact.reverses && !other.reverses && other.receipt == fact.receipt && other.receivable == fact.receivable);
        cases.entries.push(Entry {
            receivable: names.iter().position(|name| *name == fact.receivable).unwrap() as u32,
            day: fact.day,
            amount: fact.amount,
            kind: fact.kind,
            cites: cited.map_or(NONE_INDEX, |at| at as u32),
        });
    }
    let first_role = cases.roles.len();
    for role in roles.iter().filter(|role| role.confirmed) {
        let symbol = cases.symbols.iter().position(|symbol| *symbol == role.role);
        let symbol = symbol.unwrap_or_else(|| {
            cases.symbols.push(role.role.clone());
            cases.symbols.len() - 1
        });
        cases.roles.push(RoleSpan {
            person: scenario.people.position(&role.person) as u32,
            role: symbol as u32,
            from: role.from.0,
            to: role.to.map_or(NONE_DAY, |to| to.0),
        });
    }
    let wages = cases.wages.len();
    push_wages(scenario, cases, wages_ahead);
    cases.subjects.push(Subject {
        scope,
        from,
        to,
        receivables: span(&cases.receivables, receivables),
        stages: span(&cases.stages, stages),
        entries: span(&cases.entries, entries),
        roles: span(&cases.roles, first_role),
        shares,
        wages: span(&cases.wages, wages),
        kind: NONE_INDEX,
        terms: Span { start: 0, count: 0 },
        milestones: Span { start: 0, count: 0 },
        obligors: Span { start: 0, count: 0 },
        false_reports: Span { start: 0, count: 0 },
        sanctions: Span { start: 0, count: 0 },
        supervised: Span { start: 0, count: 0 },
    });
}

/// A year stands for its twelve months, a month of its own wins.
fn push_wages(scenario: &Scenario, cases: &mut Cases, ahead: bool) {
    for (person, (_, someone)) in (0u32..).zip(&scenario.people.0) {
        let mut months: Vec<((i32, u8), i64)> = Vec::new();
        let by_length = |length: usize| {
            let wages = someone.wages.0.iter();
            wages.filter(move |(key, _)| key.len() == length)
        };
        for (key, wage) in by_length(7) {
            let (year, month) = key.split_once('-').unwrap();
            months.push(((year.parse().unwrap(), month.parse().unwrap()), wage.0));
        }
        for (key, wage) in by_length(4) {
            for month in 1..=12 {
                let at = (key.parse().unwrap(), month);
                if !months.iter().any(|(other, _)| *other == at) {
                    months.push((at, wage.0));
                }
            }
        }
        months.sort_unstable();
        for ((year, month), gross) in months {
            if ahead || Month::new(year, month).last_day() <= cases.as_of {
                cases.wages.push(WageMonth { person, year, month, gross });
            }
        }
    }
}
