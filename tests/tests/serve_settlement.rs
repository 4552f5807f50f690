//! A month's money over HTTP: the statement, the payout run with its notice, objection and approval, payroll's file and what it
//! returns of it, and taking it back. The registers then are those of the same acts by the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::access::Role;
use recoup_tests::books::EXAMPLE_1;
use recoup_tests::{LIMITLESS, Reply, Serving, Site};
use serde_json::{Value, json};

const MAIN: &str = "/api/v1/ledgers/main";
const NOWHERE: &str = "0190a1b2-0000-8000-8000-000000000000";

/// Objections count until the fifth day after publication.
const TERMS: &str = "[payout_terms.2024-01-01]\nnotice_days = 5\ntax_note = \"tax is the payee's\"\n";

const TABLE: &str = "from = 2024-01-01\n\
    [[row]]\nkind = \"payout\"\napprovers = [\"carol\"]\n\
    [[row]]\nkind = \"payout-reversal\"\napprovers = [\"dora\"]\n";

const BY_PAULA: &str = "--as paula --as-password env:SECRET";

/// paula pays wages; carol and dora approve.
fn people(site: &Site) {
    site.found();
    for (login, role) in [("paula", Role::Payroll), ("carol", Role::Approver), ("dora", Role::Approver)] {
        site.joins(login, role);
    }
}

fn authority(site: &Site) {
    site.write("table.toml", TABLE);
    let _ = site.run(["approval", "authority", "table.toml"]).exits(0);
}

#[track_caller]
fn refused(reply: Reply, status: u16, code: &str) -> Value {
    let body = reply.is(status).json();
    assert_eq!(body["code"], code, "{body}");
    body
}

fn post(server: &Serving, path: &str, key: &str, body: &Value) -> Reply {
    server.command(&format!("{MAIN}/{path}"), key, body)
}

/// States facts, which are written as a facts file is.
fn state(server: &Serving, key: &str, facts: &str) {
    let facts: Value = toml::from_str(facts).unwrap();
    let _ = post(server, "facts", key, &json!({ "system": "manual", "facts": facts })).is(201);
}

fn evaluate(server: &Serving, day: &str) {
    let sent = post(server, "evaluations", &format!("evaluate-{day}"), &json!({ "as_of": day })).is(202).json();
    assert_eq!(server.job_ended(sent["state"].as_str().unwrap())["state"], "done");
}

/// Payroll's file.
fn returned(server: &Serving, run: &str, key: &str, on: &str, csv: &str) -> Reply {
    let headers = [("idempotency-key", key), ("content-type", "text/csv")];
    server.send("POST", &format!("{MAIN}/payouts/{run}/returns?on={on}"), &headers, csv.as_bytes())
}

fn run_of(reply: Reply) -> String {
    reply.is(201).json()["id"].as_str().unwrap().to_owned()
}

/// The registers, as the command line prints them; runs have ids of their own.
fn registers(site: &Site, run: &str) -> String {
    let print = |report: &str| site.run(["--format", "json", "report", report, "--as-of", "2030-01-01"]).exits(0).stdout;
    ["accounts", "payouts", "withheld"].map(print).concat().replace(run, "RUN")
}

/// Example 1 of LC. 3 % of 1,200,000.00 and 4 % of 800,000.00 are 36,000.00 and 32,000.00, together 68,000.00, of which payroll pays
/// 60,000.00; then all of it is taken back.
#[test]
fn a_month_is_settled_wholly_over_http_as_by_the_command_line() {
    for (site, twin) in Site::both().into_iter().zip(Site::both()) {
        people(&site);
        authority(&site);
        let mut server = site.serve_with(&LIMITLESS);
        let [paula, carol, dora] = ["paula", "carol", "dora"].map(|login| server.signed_in(login));
        server.with(&site.everything());
        state(&server, "facts", EXAMPLE_1);
        state(&server, "terms", TERMS);
        evaluate(&server, "2024-11-30");

        // The statement.
        server.with(&paula);
        let statement = server.get(&format!("{MAIN}/settlement?as_of=2024-11-30")).is(200).json();
        assert_eq!([&statement["month"], &statement["guard"], &statement["currency"]], ["2024-11", "enforce", "CNY"]);
        let row = &statement["rows"][0];
        let figures = ["person_code", "due", "settled", "paid", "taken", "cash", "left"].map(|k| row[k].as_str().unwrap());
        assert_eq!(figures, ["wang", "68000.00", "0.00", "68000.00", "0.00", "68000.00", "0.00"]);
        assert_eq!((statement["rows"].as_array().unwrap().len(), &row["hold"]), (1, &Value::Null));
        for (form, begins) in
            [("csv", b"person_code,subject".as_slice()), ("ndjson", b"{\"person_code\":\"wang\"".as_slice()), ("xlsx", b"PK\x03\x04".as_slice())]
        {
            let reply = server.get(&format!("{MAIN}/settlement?as_of=2024-11-30&format={form}")).is(200);
            assert!(reply.body.starts_with(begins) || form == "ndjson" && reply.text().contains("68000.00"), "{form}: {}", reply.text());
        }
        refused(server.get(&format!("{MAIN}/settlement?as_of=2025-01-31")), 409, "settlement.not_evaluated");

        // The run: prepared once, published, objected to.
        let prepare = json!({ "month": "2024-11" });
        let first = post(&server, "payouts", "p1", &prepare).is(201);
        let run = first.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(first.header("location"), format!("{MAIN}/payouts/{run}"));
        assert_eq!(["state", "guard", "as_of"].map(|k| first.json()[k].as_str().unwrap().to_owned()), ["prepared", "enforce", "2024-11-30"]);
        assert_eq!(post(&server, "payouts", "p1", &prepare).is(201).body, first.body);
        assert_eq!(run_of(post(&server, "payouts", "p2", &prepare)), run, "the same content is the same run");
        assert_eq!(run_of(post(&server, "payouts", "p2", &prepare)), run, "and a repetition is told so too");
        refused(post(&server, "payouts", "p1", &json!({ "month": "2024-10" })), 409, "store.idempotency_conflict");
        let at = |what: &str| format!("payouts/{run}/{what}");
        refused(post(&server, &at("export"), "e0", &json!({})), 409, "payout.not_published");
        refused(server.get(&format!("{MAIN}/{}", at("payroll"))), 409, "payout.not_exported");
        let published = post(&server, &at("publication"), "b1", &json!({ "on": "2024-12-01" })).is(200).json();
        assert_eq!((&published["state"], &published["notice_until"]), (&"published".into(), &"2024-12-06".into()));
        let said = json!({ "person": "wang", "reason": "the rate is 4 %", "on": "2024-12-06" });
        let objected = post(&server, &at("objections"), "o1", &said).is(201);
        assert_eq!(post(&server, &at("objections"), "o1", &said).is(201).body, objected.body);
        let objection = objected.json()["objection"].as_str().unwrap().to_owned();
        refused(post(&server, &at("export"), "e1", &json!({})), 409, "payout.objection");
        let resolution = format!("objections/{objection}/resolution");
        refused(post(&server, &resolution, "s0", &json!({ "reason": " " })), 422, "payout.reason");
        let settled = post(&server, &resolution, "s1", &json!({ "reason": "3 % until March" })).is(200).json();
        assert_eq!(settled["id"], run.as_str());
        refused(post(&server, &resolution, "s2", &json!({ "reason": "again" })), 409, "payout.resolved");

        // Approved by another person, whose list tells no wage.
        refused(post(&server, &at("export"), "e2", &json!({})), 409, "payout.needs_approval");
        let asked = post(&server, "approvals", "a1", &json!({ "kind": "payout", "payout": run })).is(201).json();
        assert_eq!((&asked["payout"], &asked["amount"]), (&run.as_str().into(), &Value::Null));
        let decision = |request: &Value| format!("approvals/{}/decision", request["id"].as_str().unwrap());
        refused(post(&server, &decision(&asked), "d0", &json!({ "verdict": "approve" })), 403, "access.forbidden");
        refused(post(server.with(&dora), &decision(&asked), "d1", &json!({ "verdict": "approve" })), 403, "approval.not_named");
        let _ = post(server.with(&carol), &decision(&asked), "d2", &json!({ "verdict": "approve" })).is(200);

        // Payroll's file.
        server.with(&paula);
        let exported = post(&server, &at("export"), "e3", &json!({})).is(200).json();
        assert_eq!((&exported["state"], &exported["approved"]), (&"exported".into(), &asked["id"]));
        let file = server.get(&format!("{MAIN}/{}", at("payroll"))).is(200).json();
        let shown = server.get(&format!("{MAIN}/payouts/{run}")).is(200).json();
        assert_eq!((&file["digest"], &file["items"][0]["item"]), (&shown["digest"], &shown["items"][0]["item"]));
        let item = file["items"][0]["item"].as_str().unwrap().to_owned();
        assert_eq!((&file["items"][0]["person_code"], &file["items"][0]["tax_note"]), (&"wang".into(), &"tax is the payee's".into()));
        assert_eq!(["item", "paid", "taken", "cash"].map(|k| file["total"][k].as_str().unwrap()), ["total", "68000.00", "0.00", "68000.00"]);
        let csv = server.get(&format!("{MAIN}/{}?format=csv", at("payroll"))).is(200);
        assert!(csv.header("content-disposition").contains(&run), "{}", csv.header("content-disposition"));
        let lines: Vec<String> = csv.text().lines().map(str::to_owned).collect();
        assert!(lines.len() == 3 && lines[0].starts_with("item,person_code,") && lines[2].starts_with("total,,,,68000.00,0.00,68000.00,"), "{lines:?}");
        let printed = site.run(["payout", "export", &run, "--format", "csv"]).exits(0).stdout;
        assert_eq!(lines[1..], printed.lines().skip(1).collect::<Vec<_>>(), "what the command line hands out");
        refused(server.get(&format!("{MAIN}/payouts/{NOWHERE}/payroll")), 404, "request.not_found");
        assert!(server.get(&format!("{MAIN}/{}?format=xlsx", at("payroll"))).is(200).body.starts_with(b"PK\x03\x04"));

        // Payroll's return: in part, and once for each file.
        for (csv, status, code) in [
            ("item,paid\n".to_owned(), 422, "settlement.file"),
            (format!("item,confirmed\n{item},60000.00\ntotal,68000.00\n"), 422, "settlement.file"),
            (format!("item,confirmed\n{item},68000.01\n"), 422, "settlement.beyond"),
            (format!("item,confirmed\n{NOWHERE},1.00\n"), 422, "settlement.unknown_item"),
            (format!("item,confirmed\n{item},1.00\n{item},1.00\n"), 422, "settlement.duplicate_item"),
        ] {
            refused(returned(&server, &run, "r0", "2024-12-07", &csv), status, code);
        }
        let csv = format!("item,confirmed\n{item},60000.00\ntotal,60000.00\n");
        refused(returned(&server, &run, "r0", "2024-12-06", &csv), 409, "payout.notice");
        refused(post(&server, &at("returns"), "r0", &json!({})), 415, "request.media_type");
        let taken = returned(&server, &run, "r1", "2024-12-07", &csv).is(201);
        assert_eq!(taken.json()["payout"]["state"], "settled");
        let before = site.position("main");
        assert_eq!(returned(&server, &run, "r1", "2024-12-07", &csv).is(201).body, taken.body);
        assert_eq!(site.position("main"), before);
        assert_eq!(returned(&server, &run, "r2", "2024-12-08", &csv).is(201).json()["position"], taken.json()["position"], "the file stands for the request");
        refused(returned(&server, &run, "r1", "2024-12-07", &format!("item,confirmed\n{item},1.00\n")), 409, "store.idempotency_conflict");
        let again = site.returned(&run, &csv, &["--on", "2024-12-07"]).exits(0);
        assert!(again.stdout.contains("nothing changed"), "nor does the command line record it again: {}", again.stdout);
        let row = server.get(&format!("{MAIN}/settlement?as_of=2024-11-30")).is(200).json()["rows"][0].clone();
        assert_eq!(["settled", "cash"].map(|k| row[k].as_str().unwrap()), ["60000.00", "8000.00"]);

        // Taken back, which takes two people as well.
        let reason = json!({ "reason": "paid to the wrong account" });
        refused(post(&server, &at("reversal"), "v0", &reason), 409, "payout.needs_approval");
        let wish = json!({ "kind": "payout-reversal", "payout": run, "reason": "paid to the wrong account" });
        let asked = post(&server, "approvals", "a2", &wish).is(201).json();
        let _ = post(server.with(&dora), &decision(&asked), "d3", &json!({ "verdict": "approve" })).is(200);
        server.with(&paula);
        let shown = server.get(&format!("{MAIN}/payouts/{run}")).is(200).json();
        assert_eq!((&shown["payout"]["state"], &shown["confirmed"]), (&"reversed".into(), &"0.00".into()));
        let steps: Vec<&str> = shown["steps"].as_array().unwrap().iter().map(|s| s["step"].as_str().unwrap()).collect();
        assert_eq!(steps, ["published", "objected", "resolved", "exported", "returned", "reversed"]);
        let total = server.get(&format!("{MAIN}/accounts?as_of=2030-01-01")).is(200).json()["total"].clone();
        assert_eq!(["to_person", "paid", "owed"].map(|k| total[k].as_str().unwrap()), ["68000.00", "0.00", "68000.00"]);

        let by_command = by_the_command_line(&twin);
        assert_eq!(registers(&site, &run), registers(&twin, &by_command));
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// The same acts; answers with the run.
fn by_the_command_line(twin: &Site) -> String {
    people(twin);
    authority(twin);
    twin.recorded(EXAMPLE_1);
    twin.recorded(TERMS);
    twin.evaluated("2024-11-30");
    let run = twin.signed(&format!("payout prepare 2024-11 {BY_PAULA}")).exits(0).run_id();
    let _ = twin.signed(&format!("payout publish {run} --on 2024-12-01")).exits(0);
    let objects = ["payout", "object", &run, "--person", "wang", "--reason", "the rate is 4 %", "--on", "2024-12-06"];
    let objection = twin.run(objects).exits(0).run_id();
    let _ = twin.run(["payout", "resolve", &objection, "--reason", "3 % until March"]).exits(0);
    let approved = |ask: &str, by: &str| {
        let request = twin.signed(&format!("approval ask {ask} {BY_PAULA}")).exits(0).run_id();
        let _ = twin.signed(&format!("approval decide {request} approve --as {by} --as-password env:SECRET")).exits(0);
    };
    approved(&format!("payout {run}"), "carol");
    let _ = twin.run(["payout", "export", &run]).exits(0);
    let shown = twin.run(["--format", "json", "payout", "show", &run]).exits(0);
    let item = shown.table("rows")[0]["item"].as_str().unwrap().to_owned();
    let _ = twin.returned(&run, &format!("item,confirmed\n{item},60000.00\ntotal,60000.00\n"), &["--on", "2024-12-07"]).exits(0);
    approved(&format!("payout-reversal {run} --reason wrong"), "dora");
    run
}

#[test]
fn a_run_is_cancelled_or_taken_back_by_whoever_pays_wages_where_it_takes_no_approval() {
    for site in Site::both() {
        people(&site);
        site.recorded(EXAMPLE_1);
        site.recorded(&TERMS.replace("= 5", "= 0"));
        site.evaluated("2024-11-30");
        let mut server = site.serve_with(&LIMITLESS);
        let (paula, everything) = (server.signed_in("paula"), site.everything());
        server.with(&paula);
        refused(post(&server, "payouts", "p0", &json!({ "month": "2024-11", "persons": ["nobody"] })), 422, "person.unknown");
        refused(post(&server, "payouts", "p0", &json!({ "month": "2024-11", "as_of": "2024-12-01" })), 422, "settlement.day");
        let run = run_of(post(&server, "payouts", "p1", &json!({ "month": "2024-11", "persons": ["wang"], "released": ["wang"] })));
        assert_eq!(run_of(post(&server, "payouts", "p2", &json!({ "month": "2024-11" }))), run, "there is nobody else, so it is the same content");
        refused(post(&server, "payouts", "p3", &json!({ "month": "2024-11", "as_of": "2024-11-25" })), 409, "payout.open");
        let reason = |why: &str| json!({ "reason": why });
        refused(post(&server, &format!("payouts/{run}/cancellation"), "c0", &reason(" ")), 422, "payout.reason");
        let cancelled = post(&server, &format!("payouts/{run}/cancellation"), "c1", &reason("for everybody")).is(200).json();
        assert_eq!(cancelled["state"], "cancelled");
        refused(post(&server, &format!("payouts/{run}/cancellation"), "c2", &reason("again")), 409, "payout.state");

        let run = run_of(post(&server, "payouts", "p4", &json!({ "month": "2024-11" })));
        let at = |what: &str| format!("payouts/{run}/{what}");
        refused(post(&server, &at("publication"), "b0", &json!({ "on": "2024-11-29" })), 422, "payout.day");
        let _ = post(&server, &at("publication"), "b1", &json!({ "on": "2024-11-30" })).is(200);
        // What came since the statement: it has to be evaluated, and then it is another one.
        server.with(&everything);
        state(&server, "bounced", "[[events]]\non = \"2024-12-05\"\nbounce = \"p2\"\n");
        refused(post(server.with(&paula), &at("export"), "e1", &json!({})), 409, "settlement.stale");
        refused(server.get(&format!("{MAIN}/settlement?as_of=2024-11-30")), 409, "settlement.stale");
        evaluate(server.with(&everything), "2024-12-05");
        refused(post(server.with(&paula), &at("export"), "e2", &json!({})), 409, "payout.stale");
        let _ = post(&server, &at("cancellation"), "c3", &reason("it bounced")).is(200);
        server.with(&everything);
        state(
            &server,
            "again",
            "[[events]]\non = \"2024-12-20\"\nreceive = { id = \"p3\", debtor = \"acme\", amount = \"800000.00\", apply = { r1 = \"800000.00\" } }\n",
        );
        evaluate(&server, "2024-12-31");

        server.with(&paula);
        let run = run_of(post(&server, "payouts", "p5", &json!({ "month": "2024-12" })));
        let at = |what: &str| format!("payouts/{run}/{what}");
        let _ = post(&server, &at("publication"), "b2", &json!({ "on": "2024-12-31" })).is(200);
        let _ = post(&server, &at("export"), "e3", &json!({})).is(200);
        refused(post(&server, &at("reversal"), "v0", &reason("nothing came back yet")), 409, "payout.state");
        let item = server.get(&format!("{MAIN}/{}", at("payroll"))).is(200).json()["items"][0]["item"].as_str().unwrap().to_owned();
        let _ = returned(&server, &run, "r1", "2025-01-05", &format!("item,confirmed\n{item},68000.00\n")).is(201);
        refused(post(&server, &at("reversal"), "v1", &json!({ "reason": "twice", "on": "2025-01-04" })), 422, "payout.day");
        let reversed = post(&server, &at("reversal"), "v2", &json!({ "reason": "twice", "on": "2025-01-20" })).is(200);
        assert_eq!(reversed.json()["state"], "reversed");
        assert_eq!(post(&server, &at("reversal"), "v2", &json!({ "reason": "twice", "on": "2025-01-20" })).is(200).body, reversed.body);
        let paid = |day: &str| server.get(&format!("{MAIN}/accounts?of=bonus&as_of={day}")).is(200).json()["total"]["paid"].as_str().unwrap().to_owned();
        assert_eq!(["2025-01-04", "2025-01-05", "2025-01-19", "2025-01-20"].map(paid), ["0.00", "68000.00", "68000.00", "0.00"]);

        for what in ["publication", "export", "cancellation", "reversal", "objections"] {
            let body = if what == "objections" { json!({ "person": "wang", "reason": "why" }) } else { reason("why") };
            let body = if ["publication", "export"].contains(&what) { json!({}) } else { body };
            for key in [NOWHERE, "none"] {
                refused(post(&server, &format!("payouts/{key}/{what}"), &format!("{what}-{key}"), &body), 404, "payout.unknown");
            }
        }
        refused(returned(&server, "none", "none", "2025-01-05", "item,confirmed\n"), 404, "payout.unknown");
        refused(post(&server, &format!("objections/{NOWHERE}/resolution"), "none", &reason("why")), 404, "payout.unknown_objection");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}
