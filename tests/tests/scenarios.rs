//! The executable specifications: each holds on both databases, notices a change of every parameter it covers, and
//! together they leave no clause and no parameter uncovered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use recoup_engine::scenario::{Scenario, mutations, run, run_mutated};
use recoup_store::testing::{TestDb, postgres, sqlite};
use recoup_tests::{paths, plugins};
use serde_json::Value;

const PACK: &str = "legacy-construction";

fn files() -> Vec<PathBuf> {
    let folder = paths::scenarios().join(PACK);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    assert!(!files.is_empty(), "no scenarios in {}", folder.display());
    files
}

fn scenarios() -> Vec<Scenario> {
    files().iter().map(|path| Scenario::read(path).unwrap_or_else(|e| panic!("{e}"))).collect()
}

/// Fails with every problem, each under its scenario.
fn all_hold(what: &str, problems: Vec<(String, Vec<String>)>) {
    let failed: Vec<_> = problems.into_iter().filter(|(_, found)| !found.is_empty()).collect();
    let list: Vec<String> = failed.iter().map(|(name, found)| format!("  {name}\n    {}", found.join("\n    "))).collect();
    assert!(failed.is_empty(), "{} scenarios {what}:\n{}", failed.len(), list.join("\n"));
}

fn hold_on(db: &TestDb) {
    let (mut store, rules) = (db.store(), plugins::rules(PACK));
    let found = scenarios().iter().map(|s| (s.name.clone(), run(&mut store, &rules, s).unwrap_or_else(|e| vec![e.to_string()]))).collect();
    all_hold("do not hold", found);
}

fn mutated_on(db: &TestDb) {
    let (mut store, rules) = (db.store(), plugins::rules(PACK));
    let mut tried = 0;
    let scenarios = scenarios();
    let found = scenarios.iter().map(|s| {
        let found = match run_mutated(&mut store, &rules, s) {
            Ok(report) => {
                tried += report.mutations;
                [report.differences, report.unnoticed].concat()
            }
            Err(e) => vec![e.to_string()],
        };
        (s.name.clone(), found)
    });
    all_hold("do not notice a mutation", found.collect());
    assert!(tried > 0, "no scenario covers a parameter");
}

#[test]
fn every_scenario_holds_on_sqlite() {
    hold_on(&sqlite());
}

#[test]
fn every_scenario_holds_on_postgres() {
    hold_on(&postgres());
}

#[test]
fn every_scenario_notices_its_parameters_changed_on_sqlite() {
    mutated_on(&sqlite());
}

#[test]
fn every_scenario_notices_its_parameters_changed_on_postgres() {
    mutated_on(&postgres());
}

#[test]
fn every_file_is_named_after_its_scenario() {
    for path in files() {
        let scenario = Scenario::read(&path).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(path.file_stem().unwrap().to_str(), Some(scenario.name.as_str()));
        assert_eq!(scenario.pack, PACK);
        assert!(!scenario.covers.clauses.is_empty(), "{} covers no clause", scenario.name);
    }
}

#[test]
fn every_clause_has_a_scenario() {
    let covered: BTreeSet<String> = scenarios().into_iter().flat_map(|s| s.covers.clauses).collect();
    let wanted = (1..=7).map(|n| format!("LC-{n}")).collect::<BTreeSet<_>>();
    assert_eq!(wanted.difference(&covered).collect::<Vec<_>>(), Vec::<&String>::new(), "clauses without a scenario");
    let described: BTreeSet<String> = plugins::rules(PACK).description().clauses.iter().map(|c| c.id.clone()).collect();
    let unknown: Vec<_> = covered.difference(&described).collect();
    assert!(unknown.is_empty(), "scenarios cover clauses that the pack does not have: {unknown:?}");
}

/// The value of a parameter; the day from which it holds is the dated list's, not the regulation's.
#[test]
fn every_figure_and_choice_of_the_defaults_is_covered() {
    let rules = plugins::rules(PACK);
    let defaults = &rules.description().default_parameters;
    let covered: BTreeSet<String> = scenarios().into_iter().flat_map(|s| s.covers.parameters).collect();
    let mut wanted = BTreeSet::new();
    leaves(defaults, "", &mut wanted);
    wanted.retain(|pointer| !is_first_day(pointer));
    for pointer in &wanted {
        mutations(defaults, &rules.description().parameter_schema, pointer).unwrap_or_else(|e| panic!("{e}"));
    }
    let missing: Vec<_> = wanted.difference(&covered).collect();
    assert!(missing.is_empty(), "default parameters that no scenario covers: {missing:#?}");
    let stray: Vec<_> = covered.difference(&wanted).collect();
    assert!(stray.is_empty(), "scenarios cover what is no default parameter: {stray:#?}");
}

/// `/name/0/from`, and not the `from` of a band, `/name/0/value/2/from`.
fn is_first_day(pointer: &str) -> bool {
    pointer.split('/').count() == 4 && pointer.ends_with("/from")
}

fn leaves(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(all) => all.iter().for_each(|(key, v)| leaves(v, &format!("{at}/{key}"), found)),
        Value::Array(all) => all.iter().enumerate().for_each(|(i, v)| leaves(v, &format!("{at}/{i}"), found)),
        _ => {
            found.insert(at.to_owned());
        }
    }
}
