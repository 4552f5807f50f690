//! The executable specifications: each holds on both databases, notices a change of every parameter it covers, and
//! together they leave no clause and no parameter uncovered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use recoup_engine::scenario::{Scenario, mutations, run, run_mutated};
use recoup_store::testing::{TestDb, postgres, sqlite};
use recoup_tests::{paths, plugins};
use serde_json::Value;

/// Each pack with the clauses that it computes.
const PACKS: [(&str, &[&str]); 9] = [
    ("legacy-construction", &["LC-1", "LC-2", "LC-3", "LC-4", "LC-5", "LC-6", "LC-7", "LC-8", "LC-9", "LC-10", "LC-11"]),
    ("group-incentive", &["GI-1", "GI-2", "GI-3", "GI-4", "GI-5", "GI-6"]),
    ("annual-contract", &["AC-1", "AC-2", "AC-3", "AC-4", "AC-5", "AC-6", "AC-7"]),
    ("counsel-fees", &["LF-1", "LF-2", "LF-3"]),
    ("four-fixed", &["FF-2", "FF-3", "FF-4", "FF-5", "FF-7"]),
    ("overdue-interest", &["OI-1", "OI-2", "OI-3"]),
    ("project-wages", &["PW-1", "PW-2", "PW-3", "PW-4"]),
    ("dealer-credit", &["DC-2", "DC-7", "DC-8", "DC-9"]),
    ("rural-credit", &["RC-1", "RC-2", "RC-3", "RC-4", "RC-5", "RC-6", "RC-7", "RC-8"]),
];

fn files(pack: &str) -> Vec<PathBuf> {
    let folder = paths::scenarios().join(pack);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    assert!(!files.is_empty(), "no scenarios in {}", folder.display());
    files
}

fn scenarios(pack: &str) -> Vec<Scenario> {
    files(pack).iter().map(|path| Scenario::read(path).unwrap_or_else(|e| panic!("{e}"))).collect()
}

/// Fails with every problem, each under its scenario.
fn all_hold(what: &str, problems: Vec<(String, Vec<String>)>) {
    let failed: Vec<_> = problems.into_iter().filter(|(_, found)| !found.is_empty()).collect();
    let list: Vec<String> = failed.iter().map(|(name, found)| format!("  {name}\n    {}", found.join("\n    "))).collect();
    assert!(failed.is_empty(), "{} scenarios {what}:\n{}", failed.len(), list.join("\n"));
}

fn hold_on(db: &TestDb) {
    let mut store = db.store();
    for (pack, _) in PACKS {
        let rules = plugins::rules(pack);
        let found = scenarios(pack).iter().map(|s| (s.name.clone(), run(&mut store, &rules, s).unwrap_or_else(|e| vec![e.to_string()]))).collect();
        all_hold(&format!("of {pack} do not hold"), found);
    }
}

fn mutated_on(db: &TestDb) {
    let mut store = db.store();
    for (pack, _) in PACKS {
        let (rules, mut tried) = (plugins::rules(pack), 0);
        let scenarios = scenarios(pack);
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
        all_hold(&format!("of {pack} do not notice a mutation"), found.collect());
        assert!(tried > 0, "no scenario of {pack} covers a parameter");
    }
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
    for (pack, path) in PACKS.iter().flat_map(|(pack, _)| files(pack).into_iter().map(move |path| (*pack, path))) {
        let scenario = Scenario::read(&path).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(path.file_stem().unwrap().to_str(), Some(scenario.name.as_str()));
        assert_eq!(scenario.pack, pack);
        assert!(!scenario.covers.clauses.is_empty(), "{} covers no clause", scenario.name);
    }
}

#[test]
fn every_clause_has_a_scenario() {
    for (pack, clauses) in PACKS {
        let covered: BTreeSet<String> = scenarios(pack).into_iter().flat_map(|s| s.covers.clauses).collect();
        let wanted: BTreeSet<String> = clauses.iter().map(|c| (*c).to_owned()).collect();
        assert_eq!(wanted.difference(&covered).collect::<Vec<_>>(), Vec::<&String>::new(), "clauses of {pack} without a scenario");
        let described: BTreeSet<String> = plugins::rules(pack).description().clauses.iter().map(|c| c.id.clone()).collect();
        assert_eq!(described, wanted, "what {pack} says of itself");
        let unknown: Vec<_> = covered.difference(&described).collect();
        assert!(unknown.is_empty(), "scenarios cover clauses that {pack} does not have: {unknown:?}");
    }
}

/// Where a clause is computed: the pack's modules that name it, its description and texts aside.
fn code(pack: &str, clause: &str) -> Vec<String> {
    let folder = paths::root().join("plugins/rules").join(pack).join("src");
    let word = clause.replace('-', "");
    let names = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| w == word);
    let files = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let files = files.filter(|p| !["clauses.rs", "messages.rs"].contains(&p.file_name().unwrap().to_str().unwrap()));
    let mut found: Vec<String> =
        files.filter(|p| names(&std::fs::read_to_string(p).unwrap())).map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

/// The table that `docs/coverage.md` holds: made from what packs say of themselves, what scenarios cover, and the code.
fn coverage() -> String {
    let mut table = String::from(COVERAGE);
    for (pack, _) in PACKS {
        let (rules, scenarios) = (plugins::rules(pack), scenarios(pack));
        writeln!(table, "\n## {pack}\n\n| clause | | scenarios | code |\n|---|---|---|---|").unwrap();
        for clause in &rules.description().clauses {
            let covering: Vec<&str> = scenarios.iter().filter(|s| s.covers.clauses.contains(&clause.id)).map(|s| s.name.as_str()).collect();
            let code = code(pack, &clause.id);
            assert!(!covering.is_empty() && !code.is_empty(), "{} of {pack}: {covering:?}, {code:?}", clause.id);
            writeln!(table, "| {} | {} | {} | {} |", clause.id, clause.title.en, covering.join(", "), code.join(", ")).unwrap();
        }
    }
    table
}

const COVERAGE: &str = "# What is covered by what\n\n\
    Each clause that a pack computes, the scenarios of `tests/scenarios` that cover it, and the modules of `plugins/rules` that name it. A test makes this \
    table and fails when it differs; `RECOUP_UPDATE=1 cargo nextest run -E 'test(coverage)'` writes it anew.\n";

#[test]
fn the_table_of_coverage_is_the_committed_one() {
    let (path, table) = (paths::root().join("docs/coverage.md"), coverage());
    if std::env::var_os("RECOUP_UPDATE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), table, "docs/coverage.md: write it anew with RECOUP_UPDATE=1");
}

/// The value of a parameter; the day from which it holds is the dated list's, not the regulation's. What the regulation leaves
/// open has no default: the values that scenarios state for it are covered instead.
#[test]
fn every_figure_and_choice_is_covered() {
    for (pack, _) in PACKS {
        let rules = plugins::rules(pack);
        let (defaults, scenarios) = (&rules.description().default_parameters, scenarios(pack));
        let covered: BTreeSet<String> = scenarios.iter().flat_map(|s| s.covers.parameters.clone()).collect();
        let mut wanted = BTreeSet::new();
        leaves(defaults, "", &mut wanted);
        wanted.retain(|pointer| !is_first_day(pointer));
        for pointer in &wanted {
            mutations(defaults, &rules.description().parameter_schema, pointer).unwrap_or_else(|e| panic!("{e}"));
        }
        let mut known = wanted.clone();
        for (name, stated) in scenarios.iter().flat_map(|s| &s.parameters) {
            leaves(stated, &format!("/{name}"), &mut known);
            if defaults.get(name).is_none() {
                leaves(stated, &format!("/{name}"), &mut wanted);
            }
        }
        wanted.retain(|pointer| !is_first_day(pointer));
        let missing: Vec<_> = wanted.difference(&covered).collect();
        assert!(missing.is_empty(), "parameters of {pack} that no scenario covers: {missing:#?}");
        let stray: Vec<_> = covered.difference(&known).collect();
        assert!(stray.is_empty(), "scenarios of {pack} cover what is no parameter: {stray:#?}");
    }
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
