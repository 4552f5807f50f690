//! The pack's scenarios, run natively: the figures are right before a sandbox, a store
//! or a ledger has anything to do with them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, unreachable_pub, reason = "tests")]

mod batch;
mod format;

use std::path::PathBuf;

use format::{Check, Scenario};
use recoup_rules_legacy_construction::LegacyConstruction;
use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::{Day, Line, LineState, Verdicts};
use recoup_sdk::rules::{Pack, date, evaluate};
use serde_json::{Map, Value};

fn scenarios() -> Vec<(PathBuf, Scenario)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/scenarios/legacy-construction");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario: Scenario = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(Some(scenario.name.as_str()), path.file_stem().and_then(|stem| stem.to_str()));
        assert_eq!(scenario.pack, "legacy-construction");
        assert!(scenario.summary.ends_with('.'), "{}: a sentence", scenario.name);
        assert!(!scenario.covers.clauses.is_empty(), "{}: covers", scenario.name);
        for (_, claim) in &scenario.receivables.0 {
            scenario.debtors.get(&claim.debtor);
            claim.contract.iter().for_each(|contract| {
                assert_eq!(scenario.contracts.get(contract).debtor, claim.debtor);
            });
        }
        for receive in scenario.events.iter().filter_map(|event| event.receive.as_ref()) {
            scenario.debtors.get(&receive.debtor);
            let applied: i64 = receive.apply.0.iter().map(|(_, amount)| amount.0).sum();
            assert!(applied <= receive.amount.0, "{}: {}", scenario.name, receive.id);
        }
        (path, scenario)
    };
    paths.into_iter().map(read).collect()
}

/// What a scenario's checks find wrong under a set of defaults.
fn run(scenario: &Scenario, pack: &RulesDescription, defaults: &Value) -> Vec<String> {
    let mut parameters = defaults.as_object().unwrap().clone();
    parameters.extend(scenario.parameters.clone());
    let parameters = Value::Object(parameters).to_string();
    let mut wrong = Vec::new();
    let mut before = Day::MIN;
    for check in &scenario.checks {
        for ahead in [false, true] {
            let cases = batch::batch(scenario, &parameters, check.on.0, ahead);
            match evaluate::<LegacyConstruction>(&cases) {
                Ok(verdicts) => compare(scenario, pack, check, before, &verdicts, &mut wrong),
                Err(problem) => wrong.push(format!("{problem:?}")),
            }
        }
        before = check.on.0;
    }
    wrong
}

fn day(day: Day) -> String {
    let (year, month, day) = date::civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

fn money(amount: i64) -> String {
    let size = amount.unsigned_abs();
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

fn state(state: LineState) -> &'static str {
    match state {
        LineState::Contingent => "contingent",
        LineState::Payable => "payable",
        LineState::Lapsed => "lapsed",
    }
}

fn states(verdicts: &Verdicts, line: &Line) -> Vec<(Day, LineState)> {
    let start = line.states.start as usize;
    let states = &verdicts.states[start..start + line.states.count as usize];
    states.iter().map(|dated| (dated.day, dated.state)).collect()
}

fn same(what: &str, on: Day, mut got: Vec<String>, mut want: Vec<String>, wrong: &mut Vec<String>) {
    got.sort_unstable();
    want.sort_unstable();
    if got != want {
        wrong.push(format!("{} {what}\n    got  {got:#?}\n    want {want:#?}", day(on)));
    }
}

fn compare(scenario: &Scenario, pack: &RulesDescription, check: &Check, before: Day, verdicts: &Verdicts, wrong: &mut Vec<String>) {
    let on = check.on.0;
    for fault in &verdicts.faults {
        wrong.push(format!("{} fault {}", day(on), pack.messages[fault.message as usize].code));
    }
    let told = verdicts.steps.iter().map(|step| (step.message, step.args.count));
    let found = verdicts.findings.iter().map(|found| (found.message, found.args.count));
    for (message, count) in told.chain(found) {
        let message = &pack.messages[message as usize];
        if message.en.matches('{').count() < count as usize
            || !message.en.contains(&format!("{{{}}}", count.wrapping_sub(1))) && count > 0
            || message.en.contains(&format!("{{{count}}}"))
        {
            wrong.push(format!("{} is given {count} arguments", message.code));
        }
    }
    let name = |person: u32| scenario.people.0[person as usize].0.as_str();
    let clause = |line: &Line| pack.clauses[line.clause as usize].id.as_str();

    for (person, balances) in &check.balances.0 {
        let sum = |wanted: LineState| -> i64 {
            let lines = verdicts.lines.iter().filter(|line| name(line.to.person().unwrap()) == person);
            lines.filter(|line| states(verdicts, line).last().unwrap().1 == wanted).map(|line| line.amount).sum()
        };
        let got = [sum(LineState::Contingent), sum(LineState::Payable)];
        let want = [balances.contingent.0, balances.payable.0];
        if got != want {
            let got = got.map(money);
            let want = want.map(money);
            wrong.push(format!("{} {person} (contingent, payable) {got:?}, not {want:?}", day(on)));
        }
    }
    if let Some(lines) = &check.lines {
        // A line whose check names no first day is compared without it.
        let text = |clause: &str, person: &str, amount: i64, state: &str, from: Option<Day>| {
            let from = from.map_or("-".into(), day);
            format!("{clause} {person} {} {state} {from}", money(amount))
        };
        let want: Vec<_> = lines.iter().map(|l| text(&l.clause, &l.person, l.amount.0, &l.state, l.from.map(|from| from.0))).collect();
        let got = verdicts.lines.iter().map(|line| {
            let (from, last) = *states(verdicts, line).last().unwrap();
            let dated = text(clause(line), name(line.to.person().unwrap()), line.amount, state(last), Some(from));
            if want.contains(&dated) { dated } else { text(clause(line), name(line.to.person().unwrap()), line.amount, state(last), None) }
        });
        same("lines", on, got.collect(), want.clone(), wrong);
    }
    if let Some(postings) = &check.postings {
        let text = |clause: &str, person: &str, on: Day, balance: &str, amount: i64| format!("{clause} {person} {} {balance} {}", day(on), money(amount));
        let want = postings.iter().map(|p| text(&p.clause, &p.person, p.on.0, &p.balance, p.amount.0)).collect();
        let mut got = Vec::new();
        for line in &verdicts.lines {
            let mut was = LineState::Lapsed;
            for (from, now) in states(verdicts, line) {
                if before < from && from <= on {
                    for (of, sign) in [(was, -1), (now, 1)] {
                        if of != LineState::Lapsed {
                            let amount = sign * line.amount;
                            got.push(text(clause(line), name(line.to.person().unwrap()), from, state(of), amount));
                        }
                    }
                }
                was = now;
            }
        }
        same("postings", on, got, want, wrong);
    }
    for wanted in &check.findings {
        let found = verdicts.findings.iter().any(|finding| pack.messages[finding.message as usize].code == wanted.code && finding.day == wanted.on.0);
        if !found {
            wrong.push(format!("{} no finding {} on {}", day(on), wanted.code, day(wanted.on.0)));
        }
    }
}

#[test]
fn every_scenario_holds() {
    let pack = LegacyConstruction::describe();
    let mut wrong = Vec::new();
    for (_, scenario) in scenarios().into_iter().filter(|(_, scenario)| scenario.agreements.0.is_empty()) {
        for problem in run(&scenario, &pack, &pack.default_parameters) {
            wrong.push(format!("{}: {problem}", scenario.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Pointers to every figure of the defaults; the date from which it holds is none.
fn leaves(at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let dated = object.contains_key("value");
            for (name, value) in object.iter().filter(|(name, _)| !dated || *name != "from") {
                leaves(&format!("{at}/{name}"), value, found);
            }
        }
        Value::Array(list) => {
            for (number, value) in list.iter().enumerate() {
                leaves(&format!("{at}/{number}"), value, found);
            }
        }
        _ => found.push(at.into()),
    }
}

#[test]
fn every_figure_and_every_choice_is_covered() {
    let pack = LegacyConstruction::describe();
    let scenarios = scenarios();
    let mut all = Vec::new();
    leaves("", &pack.default_parameters, &mut all);
    let covered = |pointer: &String| scenarios.iter().any(|(_, scenario)| scenario.covers.parameters.contains(pointer));
    all.retain(|pointer| !covered(pointer));
    assert!(all.is_empty(), "covered by no scenario: {all:#?}");

    let mut unused = Vec::new();
    let properties: &Map<String, Value> = pack.parameter_schema["properties"].as_object().unwrap();
    for (name, schema) in properties {
        for option in schema["anyOf"][0]["enum"].as_array().into_iter().flatten() {
            let default = &pack.default_parameters[name][0]["value"];
            let used = option == default || scenarios.iter().any(|(_, s)| s.parameters.get(name) == Some(option));
            if !used {
                unused.push(format!("{name}: {option}"));
            }
        }
    }
    assert!(unused.is_empty(), "used by no scenario: {unused:#?}");
    for clause in &pack.clauses {
        let covers = |scenario: &Scenario| scenario.covers.clauses.contains(&clause.id);
        assert!(scenarios.iter().any(|(_, scenario)| covers(scenario)), "{}", clause.id);
    }
    let edge_cases: Vec<u32> = scenarios.iter().flat_map(|(_, s)| s.covers.edge_cases.clone()).collect();
    for number in [24, 25, 28, 32, 33, 34, 35, 36, 37, 38, 40, 44] {
        assert!(edge_cases.contains(&number), "edge case {number}");
    }
}
