//! The published JSON Schema of scenario files: committed, and every scenario of the repository is valid under it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::path::{Path, PathBuf};

use recoup_tests::{Site, paths};
use serde_json::Value;

fn schema() -> String {
    Site::sqlite().run(["scenario", "schema"]).exits(0).stdout
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut all: Vec<PathBuf> = entries.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect();
    all.retain(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml"));
    all.sort();
    all
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// config/scenario.schema.json is what editors and other programs read.
#[test]
fn the_published_schema_is_the_committed_one() {
    let committed = std::fs::read_to_string(paths::root().join("config/scenario.schema.json")).unwrap();
    assert!(schema() == committed, "config/scenario.schema.json is stale: run `recoup scenario schema > config/scenario.schema.json`");
    insta::assert_snapshot!(committed);
}

#[test]
fn every_scenario_is_valid_under_the_schema() {
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema()).unwrap()).unwrap();
    let all = files(&paths::scenarios());
    assert!(all.len() > 10, "{all:?}");
    for file in all {
        let scenario = yaml(&std::fs::read_to_string(&file).unwrap());
        let errors: Vec<String> = validator.iter_errors(&scenario).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
}

/// The schema refuses what the program refuses: an unknown key.
#[test]
fn an_unknown_key_is_refused_by_schema_and_program() {
    let file = files(&paths::scenarios()).remove(0);
    let text = std::fs::read_to_string(file).unwrap() + "\nnosuch: 1\n";
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema()).unwrap()).unwrap();
    assert!(!validator.is_valid(&yaml(&text)));
    let site = Site::sqlite();
    let path = site.write("wrong.yaml", &text);
    let _ = site.run(["scenario", "run", path.to_str().unwrap()]).exits(1).says("nosuch");
}
