//! Simulation over HTTP: the same answer as the command line's, read from a job that writes nothing; wages apart, and nothing for
//! whoever sees some units only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::Digest;
use recoup_model::access::Role;
use recoup_tests::books::EXAMPLE_1;
use recoup_tests::divided::rights;
use recoup_tests::{LIMITLESS, Reply, Run, Serving, Site, paths};
use serde_json::{Map, Value, json};

const MAIN: &str = "/api/v1/ledgers/main";

/// Example 8: rates doubled from 1 July.
const DOUBLED: &str = r#"
[[settled-bonus]]
from = "1900-01-01"
value = [{ from = 1, to = 3, rate = "0.01" }, { from = 3, to = 4, rate = "0.02" }, { from = 4, to = 5, rate = "0.03" }, { from = 5, rate = "0.04" }]
[[settled-bonus]]
from = "2024-07-01"
value = [{ from = 1, to = 3, rate = "0.02" }, { from = 3, to = 4, rate = "0.04" }, { from = 4, to = 5, rate = "0.06" }, { from = 5, rate = "0.08" }]
"#;

/// What is on trial over the year 2024.
fn year(what: &Value) -> Value {
    let mut body = json!({ "from": "2024-01-01", "to": "2024-12-31" });
    body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    body
}

fn doubled() -> Value {
    toml::from_str(DOUBLED).unwrap()
}

/// The job that a body asks for, once it has ended.
#[track_caller]
fn ended(server: &Serving, key: &str, body: &Value) -> Value {
    let sent = server.command(&format!("{MAIN}/simulations"), key, body).is(202).json();
    server.job_ended(sent["state"].as_str().unwrap())
}

/// Where what was simulated is: without the figures that tell wages, and with them.
#[track_caller]
fn results(server: &Serving, key: &str, body: &Value) -> [String; 2] {
    let job = ended(server, key, body);
    assert_eq!((&job["kind"], &job["state"], &job["position"]), (&"simulation".into(), &"done".into(), &Value::Null), "{job}");
    ["path", "sensitive"].map(|of| job["simulation"][of].as_str().unwrap().to_owned())
}

#[track_caller]
fn refused(reply: Reply, status: u16, code: &str) -> Value {
    let body = reply.is(status).json();
    assert_eq!(body["code"], code, "{body}");
    body
}

fn simulated(site: &Site, args: &[&str]) -> Run {
    site.run(["--format", "json", "simulate", "--from", "2024-01-01", "--to", "2024-12-31"].iter().chain(args)).exits(0)
}

/// A row as the command line prints it.
fn as_printed(row: &Value) -> Value {
    let columns = row.as_object().unwrap().iter().map(|(column, value)| {
        let value = if value.is_null() { "no such line".into() } else { value.clone() };
        (if column == "person_code" { "person" } else { column }.to_owned(), value)
    });
    Value::Object(columns.collect::<Map<_, _>>())
}

/// That an answer says what the command line says.
#[track_caller]
fn same(body: &Value, printed: &Run) {
    assert_eq!([as_printed(&body["total"])], *printed.table("simulation"));
    for table in ["clauses", "people", "units", "largest", "set_aside"] {
        let rows: Vec<Value> = body[table].as_array().unwrap().iter().map(as_printed).collect();
        assert_eq!(rows, printed.table(table), "{table}");
    }
}

/// The component with an empty custom section behind it: another digest, the same judgement.
fn other_component() -> Vec<u8> {
    let mut bytes = std::fs::read(paths::components().join("legacy-construction.wasm")).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    bytes
}

#[test]
fn what_is_simulated_over_http_is_what_the_command_line_says_and_nothing_is_written() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.write("doubled.toml", DOUBLED);
        let recorded = site.position("main");
        site.evaluated("2024-12-31");
        let before = site.position("main");
        let server = site.serve_with(&LIMITLESS);
        let [path, sensitive] = results(&server, "k1", &year(&json!({ "parameters": doubled() })));
        let body = server.get(&path).is(200).json();
        same(&body, &simulated(&site, &["--parameters", "doubled.toml"]));
        assert_eq!(server.get(&sensitive).is(200).json(), body, "nothing of it tells a wage");
        // 36,000.00 + 32,000.00, and 36,000.00 + 64,000.00.
        let total = ["payable_in_force", "payable_on_trial", "contingent_in_force", "contingent_on_trial"].map(|k| body["total"][k].as_str().unwrap());
        assert_eq!(total, ["68000.00", "100000.00", "0.00", "0.00"]);
        assert_eq!(
            (&body["cases"], &body["differing"], &body["known_at"], &body["pack"]),
            (&1.into(), &1.into(), &before.into(), &"legacy-construction".into())
        );
        let chinese = server.get(&format!("{path}?language=zh")).is(200).json();
        same(&chinese, &simulated(&site, &["--parameters", "doubled.toml", "--language", "zh"]));
        assert_ne!(chinese["largest"], body["largest"], "traces are in the language of whoever reads");

        // As known before the evaluation, when no policy was in force; and so many lines as are asked for.
        let [path, _] = results(&server, "k2", &year(&json!({ "parameters": {}, "known_at": recorded.to_string(), "largest": 1 })));
        let told = server.get(&path).is(200).json();
        site.write("same.toml", "");
        same(&told, &simulated(&site, &["--parameters", "same.toml", "--known-at", &recorded.to_string(), "--largest", "1"]));
        assert_eq!((&told["total"]["payable_in_force"], &told["total"]["payable_on_trial"]), (&"0.00".into(), &"68000.00".into()));
        assert_eq!((&told["largest"][0]["trace_in_force"], &told["known_at"]), (&Value::Null, &recorded.into()));

        // The same request is one job; what it found stays.
        let again = results(&server, "k1", &year(&json!({ "parameters": doubled() })));
        assert_eq!(server.get(&again[0]).is(200).json(), body);
        let jobs = server.rows(&format!("{MAIN}/jobs?kind=simulation"));
        assert_eq!((jobs.len(), jobs.iter().all(|job| job["simulation"]["path"].is_string())), (2, true), "{jobs:?}");
        assert_eq!(site.position("main"), before, "nothing was written");
    }
}

#[test]
fn a_component_on_trial_is_named_by_its_digest() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-12-31");
        std::fs::create_dir(site.folder().join("plugins")).unwrap();
        std::fs::copy(paths::component("legacy-construction"), site.folder().join("plugins/legacy-construction.wasm")).unwrap();
        let other = site.write("plugins/next.wasm", other_component());
        site.configure(|config| {
            let folder = site.folder().join("plugins").display().to_string();
            config["plugins"].as_table_mut().unwrap().insert("directory".into(), folder.into());
        });
        let digest = Digest::of(&other_component()).to_string();
        let server = site.serve_with(&LIMITLESS);
        let [path, _] = results(&server, "k1", &year(&json!({ "component": digest, "parameters": doubled() })));
        let body = server.get(&path).is(200).json();
        site.write("doubled.toml", DOUBLED);
        same(&body, &simulated(&site, &["--component", other.to_str().unwrap(), "--parameters", "doubled.toml"]));
        assert_eq!((body["on_trial"].as_str(), body["in_force"] != body["on_trial"]), (Some(&*digest), true));
        assert!(body["largest"][0]["trace_on_trial"].as_str().unwrap().contains("64000.00"), "{}", body["largest"]);
        let [path, _] = results(&server, "k2", &year(&json!({ "component": digest })));
        assert_eq!(server.get(&path).is(200).json()["differing"], 0, "the parameters in force");
        let job = ended(&server, "k3", &year(&json!({ "component": Digest::of(b"nowhere").to_string() })));
        assert_eq!((&job["state"], &job["problem"]["code"]), (&"failed".into(), &"plugin.unknown".into()), "{job}");
    }
}

#[test]
fn what_cannot_be_simulated_is_refused() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-12-31");
        let server = site.serve_with(&LIMITLESS);
        for (what, pointer) in [
            (json!({}), "/parameters"),
            (json!({ "component": "abc" }), "/component"),
            (json!({ "parameters": {}, "largest": 1001 }), "/largest"),
            (json!({ "parameters": {}, "known_at": "yesterday" }), "/known_at"),
            (json!({ "parameters": {}, "pack": "../other" }), "/pack"),
            (json!({ "parameters": [] }), "/parameters"),
            (json!({ "parameters": {}, "perhaps": 1 }), "/perhaps"),
        ] {
            let told = refused(server.command(&format!("{MAIN}/simulations"), "wrong", &year(&what)), 422, "request.body");
            assert!(pointer == "/perhaps" || told["pointer"] == pointer, "{told}");
        }
        let fails = |key: &str, body: &Value, code: &str| {
            let job = ended(&server, key, body);
            assert_eq!((&job["state"], &job["problem"]["code"], &job["simulation"]), (&"failed".into(), &code.into(), &Value::Null), "{job}");
            let at = job["id"].as_str().unwrap();
            refused(server.get(&format!("{MAIN}/jobs/{at}/simulation")), 404, "request.not_found");
        };
        fails("f1", &year(&json!({ "parameters": { "vest": "never" } })), "policy.parameters");
        fails("f2", &json!({ "from": "2024-01-01", "to": "2999-12-31", "parameters": {} }), "evaluate.future");
        fails("f3", &json!({ "from": "2024-12-31", "to": "2024-01-01", "parameters": {} }), "simulation.span");
        fails("f4", &year(&json!({ "parameters": {}, "pack": "none" })), "plugin.unknown");
        fails("f5", &year(&json!({ "parameters": {}, "known_at": "99999" })), "request.known_at");
        let evaluated = server.command(&format!("{MAIN}/evaluations"), "e1", &json!({ "as_of": "2024-12-31" })).is(202).json();
        server.job_ended(evaluated["state"].as_str().unwrap());
        refused(server.get(&format!("{}/simulation", evaluated["state"].as_str().unwrap())), 404, "request.not_found");
    }
}

/// Both units have a bonus by age and a wage that is withheld.
#[test]
fn edge_50_what_was_simulated_is_of_the_ledger_whole_and_tells_no_wage_to_who_may_not_see_one() {
    for site in Site::both().map(Site::divided) {
        let mut server = site.serve_with(&LIMITLESS);
        let asks = |server: &Serving, key: &str| server.command(&format!("{MAIN}/simulations"), key, &year(&json!({ "parameters": {} })));
        for role in [Role::Collector, Role::Payroll, Role::Approver, Role::Auditor] {
            server.with(&site.token(role.word(), &[(role, None, None)]));
            refused(asks(&server, role.word()), 403, "access.forbidden");
        }
        let of_the_north = site.token("north", &rights("NORTH"));
        refused(asks(server.with(&of_the_north), "north"), 403, "access.forbidden");
        let service = site.token("service", &[(Role::Service, None, None)]);
        let [path, sensitive] = results(server.with(&service), "k1", &year(&json!({ "parameters": {} })));
        refused(server.get(&sensitive), 403, "access.forbidden");
        let body = server.get(&path).is(200).json();

        // What tells wages, and every sum that has some of it, is withheld; what does not is told.
        let everything = site.everything();
        let whole = server.with(&everything).get(&sensitive).is(200).json();
        site.write("same.toml", "");
        same(&whole, &simulated(&site, &["--parameters", "same.toml"]));
        let withheld = |row: &Value| row["payable_in_force"].is_null() && row["payable_on_trial"].is_null() && row["contingent_in_force"].is_null();
        let (mut hidden, mut shown) = (0, 0);
        for (row, all) in body["clauses"].as_array().unwrap().iter().zip(whole["clauses"].as_array().unwrap()) {
            assert!(!withheld(all), "{all}");
            match withheld(row) {
                true => hidden += 1,
                false => {
                    assert_eq!(row, all);
                    shown += 1;
                }
            }
        }
        assert!(hidden > 0 && shown > 0, "{body}");
        assert!(withheld(&body["total"]) && !withheld(&whole["total"]), "{body}");
        assert_eq!(server.get(&path).is(200).json(), body, "nor does whoever may see wages see them there");

        // Whoever sees some units only finds no job, by whichever path.
        server.with(&of_the_north);
        for path in [&path, &sensitive] {
            refused(server.get(path), 404, "request.not_found");
        }
        // Whoever examines says what for, and each reading is recorded.
        let auditor = site.token("examiner", &[(Role::Auditor, None, None)]);
        refused(server.with(&auditor).get(&sensitive), 403, "access.purpose");
        assert_eq!(server.ask(&sensitive, &[("recoup-purpose", "trial rates")]).is(200).json(), whole);
        let shown = server.rows("/api/v1/installation/disclosures?login=examiner");
        assert_eq!((shown.len(), &shown[0]["purpose"]), (1, &"trial rates".into()));
        assert!(sensitive.ends_with(shown[0]["what"].as_str().unwrap()) && shown[0]["persons"].to_string().contains("SOUTH"), "{shown:?}");
    }
}
