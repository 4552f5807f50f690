//! The arrows between crates, and what holds for every source file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use recoup_tests::paths::root;
use serde_json::Value;

/// A dependency that ships: neither for tests alone nor behind a feature.
#[derive(Debug)]
struct Needs {
    name: String,
    features: Vec<String>,
    optional: bool,
}

/// What each crate of the workspace needs, from `cargo metadata`.
fn metadata() -> BTreeMap<String, Vec<Needs>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(["metadata", "--offline", "--no-deps", "--format-version", "1"]).current_dir(root()).output().expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let needs = |d: &Value| Needs {
        name: text(&d["name"]),
        features: d["features"].as_array().unwrap().iter().map(text).collect(),
        optional: d["optional"].as_bool().unwrap(),
    };
    let crates = json["packages"].as_array().unwrap().iter();
    crates.map(|p| (text(&p["name"]), p["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"] != "dev").map(needs).collect())).collect()
}

fn ours(needs: &[Needs], optional: bool) -> BTreeSet<&str> {
    needs.iter().filter(|n| n.name.starts_with("recoup-") && n.optional == optional).map(|n| n.name.as_str()).collect()
}

#[test]
fn dependencies_point_one_way() {
    let crates = metadata();
    for (name, allowed) in [
        ("recoup-model", &[][..]),
        ("recoup-store", &["recoup-model"]),
        ("recoup-host", &["recoup-model", "recoup-wit"]),
        ("recoup-engine", &["recoup-model", "recoup-store", "recoup-host"]),
        ("recoup", &["recoup-model", "recoup-store", "recoup-host", "recoup-engine"]),
        ("recoup-wit", &[]),
        ("recoup-sdk", &["recoup-wit"]),
        ("recoup-adapter-table", &["recoup-sdk", "recoup-wit"]),
        ("recoup-adapter-saft", &["recoup-sdk", "recoup-wit"]),
        ("recoup-rules-legacy-construction", &["recoup-sdk", "recoup-wit"]),
        ("recoup-rules-group-incentive", &["recoup-sdk"]),
        ("recoup-rules-annual-contract", &["recoup-sdk"]),
        ("recoup-rules-counsel-fees", &["recoup-sdk"]),
        ("recoup-rules-four-fixed", &["recoup-sdk"]),
        ("recoup-rules-overdue-interest", &["recoup-sdk"]),
        ("recoup-rules-project-wages", &["recoup-sdk"]),
        ("recoup-rules-dealer-credit", &["recoup-sdk"]),
        ("recoup-rules-rural-credit", &["recoup-sdk"]),
    ] {
        let found = ours(&crates[name], false);
        let extra: Vec<_> = found.iter().filter(|n| !allowed.contains(n)).collect();
        assert!(extra.is_empty(), "{name} must not know {extra:?}");
    }
    // The server joins the parts; only its measurements may be behind a feature and know a plugin's native build.
    for (name, needs) in crates.iter().filter(|(n, _)| *n != "recoup" && *n != "recoup-tests") {
        assert!(ours(needs, true).is_empty(), "{name} has optional parts of ours: {:?}", ours(needs, true));
    }
    let engine = ours(&crates["recoup-engine"], false);
    assert!(engine.contains("recoup-store") && engine.contains("recoup-host"), "the engine joins store and host");
    assert!(ours(&crates["recoup"], false).contains("recoup-engine"), "the server drives the engine");
}

#[test]
fn each_library_has_one_home() {
    let crates = metadata();
    for (library, homes) in [
        ("diesel", &["recoup-store"][..]),
        ("diesel_migrations", &["recoup-store"]),
        ("libsqlite3-sys", &["recoup-store"]),
        ("wasmtime", &["recoup-host"]),
        ("wasmparser", &["recoup-host"]),
        ("wit-component", &["recoup-host"]),
        ("minisign-verify", &["recoup-host"]),
        ("wit-bindgen", &["recoup-sdk"]),
        ("config", &["recoup"]),
        ("clap", &["recoup"]),
        ("actix-web", &["recoup"]),
        ("utoipa", &["recoup"]),
        ("rust_xlsxwriter", &["recoup"]),
    ] {
        let users: Vec<_> = crates.iter().filter(|(_, needs)| needs.iter().any(|n| n.name == library)).map(|(name, _)| name.as_str()).collect();
        let strangers: Vec<_> = users.iter().filter(|u| !homes.contains(u)).collect();
        assert!(strangers.is_empty(), "{library} is known to {strangers:?} besides {homes:?}");
    }
}

#[test]
fn the_model_has_no_clock_no_io_and_no_framework() {
    let crates = metadata();
    let model = &crates["recoup-model"];
    let known: BTreeSet<&str> = model.iter().map(|n| n.name.as_str()).collect();
    let allowed = BTreeSet::from(["base64", "chrono", "rust_decimal", "serde", "serde_json", "sha2", "thiserror", "uuid"]);
    assert!(known.is_subset(&allowed), "the model may not need {:?}", known.difference(&allowed));
    for need in model {
        for feature in ["clock", "now", "v4", "v7", "rng", "rand", "tokio", "default"] {
            assert!(!need.features.iter().any(|f| f == feature), "the model has {} with `{feature}`", need.name);
        }
    }
    for (path, text) in sources(&["core/model/src"]) {
        for word in ["Utc::now", "Local::now", "SystemTime", "Instant", "now_v7", "new_v4", "std::fs", "std::net", "std::env", "async fn", ".await", "rand::"] {
            assert!(!code(&text).contains(word), "{} has `{word}`", path.display());
        }
    }
}

#[test]
fn words_of_a_layer_stay_in_it() {
    for (word, homes) in [("diesel::", &["core/store"][..]), ("wasmtime::", &["core/host"]), ("actix_web::", &["core/server"]), ("SELECT ", &["core/store"])] {
        for (path, text) in sources(&["core", "plugins"]) {
            let at_home = homes.iter().any(|h| path.starts_with(root().join(h)));
            assert!(at_home || !without_comments(&text).contains(word), "{} has `{word}`, which belongs to {homes:?}", path.display());
        }
    }
}

/// Whatever loads a component elsewhere would not have looked at its signature.
#[test]
fn components_are_loaded_for_work_in_one_place() {
    for (path, text) in sources(&["core/engine/src", "core/server/src"]) {
        let at_home = path.ends_with("core/server/src/component.rs");
        assert_eq!(code(&text).contains("host.load("), at_home, "{}", path.display());
        let tried_out = ["component.rs", "context.rs"].iter().any(|f| path.ends_with(f));
        assert!(tried_out || !code(&text).contains(".try_out("), "{}", path.display());
        let may_try = ["context.rs", "commands/scenario.rs"].iter().any(|f| path.ends_with(f)) || path.to_string_lossy().contains("/commands/bench/");
        assert!(may_try || !code(&text).contains("For::Trial"), "{}", path.display());
    }
}

#[test]
fn edge_23_nothing_that_counts_money_knows_floats() {
    let folders = ["core/model/src", "core/engine/src", "core/store/src", "plugins/wit", "plugins/rules"];
    for (path, text) in sources(&folders) {
        for (number, line) in code(&text).lines().enumerate() {
            let float = line.split(|c: char| !c.is_alphanumeric() && c != '_').find(|w| matches!(*w, "f32" | "f64"));
            assert!(float.is_none(), "{}:{}: {line}", path.display(), number + 1);
        }
    }
}

#[test]
fn no_source_file_is_long_or_unfinished() {
    for (path, text) in sources(&["core", "plugins", "tests", "examples"]) {
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines: split it", path.display());
        for word in ["todo!(", "unimplemented!(", "dbg!("] {
            assert!(!code(&text).contains(word), "{} has `{word}`", path.display());
        }
    }
}

#[test]
fn both_dialects_have_the_same_migrations_up_and_down() {
    let steps = |dialect: &str| -> BTreeSet<String> {
        let folder = root().join("migrations").join(dialect);
        let names = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.inspect(|n| assert!(["up.sql", "down.sql"].iter().all(|f| folder.join(n).join(f).is_file()), "{dialect}/{n} lacks a direction")).collect()
    };
    assert_eq!(steps("sqlite"), steps("postgres"));
    let numbers: Vec<String> = steps("sqlite").iter().map(|s| s[..4].to_owned()).collect();
    assert_eq!(numbers, (1..=numbers.len()).map(|n| format!("{n:04}")).collect::<Vec<_>>(), "steps are numbered without gaps");
}

#[test]
fn these_checks_see_what_they_should() {
    let text = "let a = \"f64 // no comment\"; // f32\nlet b: f64 = 'x'; /* todo!( */ let c = r#\"dbg!(\"#;\n";
    assert_eq!(code(text), "let a = \"\"; \nlet b: f64 = 'x';  let c = r#\"\"#;\n");
    assert_eq!(without_comments(text), "let a = \"f64 // no comment\"; \nlet b: f64 = 'x';  let c = r#\"dbg!(\"#;\n");
    assert!(sources(&["core/model/src"]).len() > 5);
}

/// Rust sources below some folders, what is built left out.
fn sources(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut open: Vec<PathBuf> = folders.iter().map(|f| root().join(f)).collect();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let skip = |p: &Path| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("target"));
            open.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()).filter(|p| !skip(p)));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no sources below {folders:?}");
    found
}

fn without_comments(text: &str) -> String {
    strip(text, true)
}

/// The code without comments and without what is in strings.
fn code(text: &str) -> String {
    strip(text, false)
}

fn strip(text: &str, keep_strings: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else if let Some(hashes) = raw_string(&out, rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = &rest[1..];
            let end = body.find(&close).unwrap_or(body.len());
            out.push('"');
            out.push_str(if keep_strings { &body[..end] } else { "" });
            rest = &body[end..];
            let end = close.len().min(rest.len());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if c == '"' {
            let body = &rest[1..];
            let mut escaped = false;
            let end = body.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = end.unwrap_or(body.len());
            out.push('"');
            out.push_str(if keep_strings { &body[..end] } else { "" });
            out.push('"');
            rest = body.get(end + 1..).unwrap_or("");
        } else if c == '\'' && quoted_char(rest) > 0 {
            let end = quoted_char(rest);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// The number of hashes when a raw string's quote comes next.
fn raw_string(before: &str, rest: &str) -> Option<usize> {
    let hashes = before.len() - before.trim_end_matches('#').len();
    let word = before[..before.len() - hashes].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (rest.starts_with('"') && matches!(word, "r" | "br")).then_some(hashes)
}

/// Length of a character literal; zero for a lifetime.
fn quoted_char(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(0, |end| 3 + end + 1),
        Some(_) => chars.next().filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}
