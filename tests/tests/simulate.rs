//! Simulation over the command line: other parameters over a past span, told by clause, person and line; nothing is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::books::EXAMPLE_1;
use recoup_tests::{Run, Site, paths};
use serde_json::Value;

/// Example 8: rates doubled from 1 July.
const DOUBLED: &str = r#"
[[settled-bonus]]
from = "1900-01-01"
value = [{ from = 1, to = 3, rate = "0.01" }, { from = 3, to = 4, rate = "0.02" }, { from = 4, to = 5, rate = "0.03" }, { from = 5, rate = "0.04" }]
[[settled-bonus]]
from = "2024-07-01"
value = [{ from = 1, to = 3, rate = "0.02" }, { from = 3, to = 4, rate = "0.04" }, { from = 4, to = 5, rate = "0.06" }, { from = 5, rate = "0.08" }]
"#;

const YEAR: [&str; 4] = ["--from", "2024-01-01", "--to", "2024-12-31"];

fn books(site: &Site) {
    site.recorded(EXAMPLE_1);
    site.write("doubled.toml", DOUBLED);
    site.write("same.toml", "");
}

fn simulated(site: &Site, args: &[&str]) -> Run {
    site.run(["--format", "json", "simulate"].iter().chain(args))
}

/// Payable in force and on trial, contingent in force and on trial.
fn figures(row: &Value) -> [&str; 4] {
    ["payable_in_force", "payable_on_trial", "contingent_in_force", "contingent_on_trial"].map(|key| row[key].as_str().unwrap())
}

#[test]
fn doubled_rates_are_told_by_clause_person_and_line_and_nothing_is_written() {
    for site in Site::both() {
        books(&site);
        site.evaluated("2024-12-31");
        let before = site.position("main");
        let run = simulated(&site, &[&YEAR[..], &["--parameters", "doubled.toml"]].concat()).exits(0);
        // 36,000.00 + 32,000.00, and 36,000.00 + 64,000.00; what was contingent in the year is no more at its end.
        let expected = ["68000.00", "100000.00", "0.00", "0.00"];
        assert_eq!(figures(&run.table("simulation")[0]), expected);
        for (table, label) in [("clauses", "LC-1"), ("people", "wang"), ("units", "")] {
            let rows = run.table(table);
            assert_eq!((rows.len(), figures(&rows[0])), (1, expected), "{table}");
            assert!(rows[0].as_object().unwrap().values().any(|v| v == label), "{table}: {rows:?}");
        }
        let largest = run.table("largest");
        assert_eq!(largest.len(), 1, "the receipt before July earns what it earned: {largest:?}");
        assert_eq!(figures(&largest[0]), ["32000.00", "64000.00", "0.00", "0.00"]);
        let trace = |key: &str| largest[0][key].as_str().unwrap().to_owned();
        assert!(trace("trace_in_force").contains("32000.00") && trace("trace_in_force").contains("payable from 2024-11-20"));
        assert!(trace("trace_on_trial").contains("64000.00") && trace("trace_on_trial").contains("LC-1"));

        let same = simulated(&site, &[&YEAR[..], &["--parameters", "same.toml"]].concat()).exits(0);
        assert_eq!(figures(&same.table("simulation")[0]), ["68000.00", "68000.00", "0.00", "0.00"]);
        assert!(same.table("largest").is_empty());
        assert_eq!(site.position("main"), before, "nothing was written");
    }
}

#[test]
fn a_span_has_what_moved_in_it() {
    for site in Site::both() {
        books(&site);
        site.evaluated("2024-12-31");
        let of = |from, to| {
            let run = simulated(&site, &["--from", from, "--to", to, "--parameters", "doubled.toml"]).exits(0);
            figures(&run.table("simulation")[0]).map(str::to_owned)
        };
        assert_eq!(of("2024-01-01", "2024-06-30"), ["0.00", "0.00", "36000.00", "36000.00"]);
        // The first line leaves the contingent balance when the debt is cleared.
        assert_eq!(of("2024-07-01", "2024-12-31"), ["68000.00", "100000.00", "-36000.00", "-36000.00"]);
    }
}

#[test]
fn of_a_pack_that_was_never_evaluated_nothing_was_due() {
    for site in Site::both() {
        books(&site);
        let run = simulated(&site, &[&YEAR[..], &["--parameters", "same.toml"]].concat()).exits(0);
        assert_eq!(figures(&run.table("simulation")[0]), ["0.00", "68000.00", "0.00", "0.00"]);
        assert_eq!(run.table("largest")[0]["trace_in_force"], "no such line");
    }
}

/// The component with an empty custom section behind it: another digest, the same judgement.
fn other_component(site: &Site) -> String {
    let mut bytes = std::fs::read(paths::components().join("legacy-construction.wasm")).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    site.write("other.wasm", bytes).to_str().unwrap().to_owned()
}

#[test]
fn a_component_on_trial_is_compared_with_the_one_in_force() {
    for site in Site::both() {
        books(&site);
        site.evaluated("2024-12-31");
        let other = other_component(&site);
        let run = simulated(&site, &[&YEAR[..], &["--component", &other]].concat()).exits(0);
        assert_eq!(figures(&run.table("simulation")[0]), ["68000.00", "68000.00", "0.00", "0.00"]);

        // Another component in the place of the one in force: its differences would pass for those of the parameters.
        std::fs::create_dir(site.folder().join("plugins")).unwrap();
        std::fs::copy(&other, site.folder().join("plugins/legacy-construction.wasm")).unwrap();
        site.configure(|config| {
            let folder = site.folder().join("plugins").display().to_string();
            config["plugins"].as_table_mut().unwrap().insert("directory".into(), folder.into());
        });
        let refused = simulated(&site, &[&YEAR[..], &["--parameters", "doubled.toml"]].concat()).exits(1);
        let _ = refused.says("error [simulation.component]").says("put the component in force into plugins.directory");
    }
}

#[test]
fn what_cannot_be_simulated_is_refused() {
    let site = Site::sqlite();
    books(&site);
    site.write("wrong.toml", "vest = \"never\"\n");
    let _ = simulated(&site, &[&YEAR[..], &["--parameters", "wrong.toml"]].concat()).exits(1).says("error [policy.parameters]").says("vest");
    let _ = simulated(&site, &["--from", "2024-01-01", "--to", "2999-12-31", "--parameters", "same.toml"]).exits(1).says("error [evaluate.future]");
    let nothing = simulated(&site, &YEAR).exits(2);
    assert!(nothing.stderr.contains("--parameters"), "{}", nothing.stderr);
}
