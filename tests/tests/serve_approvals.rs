//! Approvals over HTTP: who is signed in asks, another person decides, and what is approved is done by the request that decides.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::access::Role;
use recoup_model::id::UnitId;
use recoup_model::record::Ledger;
use recoup_tests::{LIMITLESS, Reply, Serving, Site};
use serde_json::{Value, json};

const MAIN: &str = "/api/v1/ledgers/main";

const FACTS: &str = r#"
[units.north]
name = "North"
[debtors]
acme = "甲建筑公司"
[receivables.r1]
debtor = "acme"
amount = "2000000.00"
document_date = "2019-06-30"
due = "2019-06-30"
"#;

/// Corrections up to 10,000.00 by carol, any by dora; and periods by both.
const TABLE: &str = "from = 2024-01-01\n\
    [[row]]\nkind = \"correction\"\nup_to = \"10000.00\"\napprovers = [\"carol\"]\n\
    [[row]]\nkind = \"correction\"\napprovers = [\"dora\"]\n\
    [[row]]\nkind = \"reopen\"\napprovers = [\"carol\", \"dora\"]\n\
    [[row]]\nkind = \"exclude\"\napprovers = [\"dora\"]\n\
    [[row]]\nkind = \"wage-guard\"\napprovers = [\"dora\"]\n";

/// A row more: nobody closes a period for good alone.
const CLOSING: &str = "[[row]]\nkind = \"hard-close\"\napprovers = [\"dora\"]\n";

/// Books of one claim, with people: mo states facts, paula pays wages; carol, dora and eve approve by the table.
fn office(site: Site, table: &str) -> Site {
    site.found();
    for (login, role) in [("mo", Role::Collector), ("paula", Role::Payroll), ("carol", Role::Approver), ("dora", Role::Approver), ("eve", Role::Approver)] {
        site.joins(login, role);
    }
    site.recorded(FACTS);
    site.write("table.toml", table);
    let _ = site.run(["approval", "authority", "table.toml"]).exits(0);
    site
}

/// 5,000.00 that came in on 20 March.
fn in_march(id: &str) -> Value {
    json!({"events": [{"on": "2024-03-20", "receive": {"id": id, "debtor": "acme", "amount": "5000.00", "apply": {"r1": "5000.00"}}}]})
}

fn correction(id: &str) -> Value {
    json!({"kind": "correction", "system": "manual", "facts": in_march(id)})
}

fn ask(server: &Serving, key: &str, body: &Value) -> Reply {
    server.command(&format!("{MAIN}/approvals"), key, body)
}

fn decide(server: &Serving, key: &str, request: &str, verdict: &str) -> Reply {
    server.command(&format!("{MAIN}/approvals/{request}/decision"), key, &json!({ "verdict": verdict }))
}

#[track_caller]
fn refused(reply: Reply, status: u16, code: &str) -> Value {
    let body = reply.is(status).json();
    assert_eq!(body["code"], code, "{body}");
    body
}

fn id(reply: Reply) -> String {
    reply.is(201).json()["id"].as_str().unwrap().to_owned()
}

/// Closes a month; answers with the job.
fn close(server: &Serving, month: &str, soft: bool) -> Value {
    let sent = server.command(&format!("{MAIN}/periods"), &format!("close-{month}-{soft}"), &json!({ "month": month, "soft": soft })).is(202).json();
    server.job_ended(sent["state"].as_str().unwrap())
}

fn received(server: &Serving) -> Vec<Value> {
    server.rows(&format!("{MAIN}/entries?as_of=2024-12-31&limit=1000")).into_iter().filter(|e| e["kind"] == "received").collect()
}

#[test]
fn edge_48_a_correction_is_asked_for_and_another_person_decides_it_over_http() {
    for site in Site::both().map(|site| office(site, TABLE)) {
        let mut server = site.serve_with(&LIMITLESS);
        let [mo, carol, dora, eve] = ["mo", "carol", "dora", "eve"].map(|login| server.signed_in(login));
        server.with(&carol);
        assert_eq!(close(&server, "2024-03", true)["state"], "done");
        let stated = json!({ "system": "manual", "facts": in_march("p1") });
        refused(server.with(&mo).command(&format!("{MAIN}/facts"), "stated", &stated), 409, "period.soft_closed");

        let asked = ask(&server, "a1", &correction("p1")).is(201);
        let row = asked.json();
        let request = row["id"].as_str().unwrap().to_owned();
        assert_eq!(["kind", "state", "amount", "by"].map(|k| row[k].as_str().unwrap()), ["correction", "waits", "5000.00", "mo"]);
        assert_eq!(asked.header("location"), format!("{MAIN}/approvals/{request}"));
        assert_eq!(ask(&server, "a1", &correction("p1")).is(201).body, asked.body, "the same request is answered alike");
        refused(ask(&server, "a1", &correction("p2")), 409, "store.idempotency_conflict");
        assert_eq!(id(ask(&server, "a2", &correction("p1"))), request, "the same while it waits is one");
        assert_eq!(server.rows(&format!("{MAIN}/approvals")).len(), 1);
        let told = server.get(&format!("{MAIN}/approvals/{request}")).is(200);
        assert_eq!((&told.json()["facts"], &told.json()["system"], &told.json()["approval"]), (&in_march("p1"), &"manual".into(), &row));
        assert!(received(&server).is_empty(), "nothing is done yet");

        // Not by whoever may not, not by the table's others, and not by a program in an approver's name.
        refused(decide(&server, "d0", &request, "approve"), 403, "access.forbidden");
        refused(decide(server.with(&eve), "d1", &request, "approve"), 403, "approval.not_named");
        let program = site.token("a-program", &[(Role::Approver, None, None)]);
        refused(decide(server.with(&program), "d2", &request, "approve"), 403, "access.forbidden");
        refused(decide(server.with(&dora), "d3", &request, "withdraw"), 409, "access.not_the_maker");
        refused(decide(&server, "d4", "0190a1b2-0000-8000-8000-000000000000", "approve"), 404, "approval.unknown");
        refused(decide(&server, "d4", "nothing", "approve"), 404, "approval.unknown");

        // carol is away: eve stands in for her.
        let delegations = format!("{MAIN}/delegations");
        refused(server.with(&mo).command(&delegations, "l0", &json!({ "to": "eve", "from": "2024-01-01", "until": "2999-12-31" })), 403, "access.forbidden");
        let body = json!({ "to": "eve", "from": "2024-01-01", "until": "2999-12-31" });
        refused(
            server.with(&carol).command(&delegations, "l1", &json!({ "to": "nobody", "from": "2024-01-01", "until": "2024-01-02" })),
            422,
            "approval.unknown_user",
        );
        refused(server.command(&delegations, "l2", &json!({ "to": "eve", "from": "2024-01-02", "until": "2024-01-01" })), 422, "approval.delegation");
        let lent = server.command(&delegations, "l3", &body).is(201).json();
        assert_eq!(server.rows(&delegations), std::slice::from_ref(&lent));
        assert_eq!((&lent["delegator"], &lent["to"]), (&"carol".into(), &"eve".into()));
        assert_eq!((server.rows(&format!("{delegations}?on=2023-12-31")).len(), server.rows(&format!("{delegations}?on=2024-06-30")).len()), (0, 1));

        let before = site.position("main");
        let tag = server.get(&format!("{MAIN}/approvals?waiting=true")).is(200).header("etag").to_owned();
        let _ = server.ask(&format!("{MAIN}/approvals?waiting=true"), &[("if-none-match", &tag)]).is(304);
        let done = decide(server.with(&eve), "d5", &request, "approve").is(200);
        let row = done.json();
        assert_eq!(["state", "decided_by", "in_place_of"].map(|k| row[k].as_str().unwrap()), ["approved", "eve", "carol"]);
        assert_eq!((row["decided"].as_i64(), site.position("main")), (Some(before + 1), before + 1), "the decision and what it approves are one command");
        assert_eq!(decide(&server, "d5", &request, "approve").is(200).body, done.body);
        refused(decide(server.with(&dora), "d6", &request, "reject"), 409, "access.decided");
        let entries = received(&server);
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert_eq!((&entries[0]["on"], &entries[0]["ledger_amount"], &entries[0]["period"]), (&"2024-03-20".into(), &"5000.00".into(), &Value::Null));

        // As it was known before; and what was answered first is answered again, though it was decided since.
        let waiting = |at: &str| server.rows(&format!("{MAIN}/approvals?waiting=true{at}")).len();
        assert_eq!((waiting(""), waiting(&format!("&known_at={before}"))), (0, 1));
        let _ = server.ask(&format!("{MAIN}/approvals?waiting=true"), &[("if-none-match", &tag)]).is(200);
        assert_eq!(ask(server.with(&mo), "a1", &correction("p1")).is(201).body, asked.body);
        assert_eq!(site.run(["--format", "json", "approval", "list"]).exits(0).table("requests").len(), 1);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn requests_are_found_by_what_they_are_and_who_made_them_a_page_at_a_time() {
    for site in Site::both().map(|site| office(site, TABLE)) {
        let mut server = site.serve_with(&LIMITLESS);
        let [mo, paula, carol, dora] = ["mo", "paula", "carol", "dora"].map(|login| server.signed_in(login));
        server.with(&carol);
        assert_eq!(close(&server, "2024-03", true)["state"], "done");
        let reopen = id(ask(&server, "r1", &json!({ "kind": "reopen", "month": "2024-03" })));
        refused(decide(&server, "d1", &reopen, "approve"), 409, "access.same_person");
        let corrections = ["p1", "p2"].map(|name| id(ask(server.with(&mo), name, &correction(name))));
        let guard = id(ask(server.with(&paula), "g1", &json!({ "kind": "wage-guard", "mode": "report-only", "from": "2025-01-01" })));
        // A unit has no row of its own: its corrections are whoever's any are, up to the same limit.
        let mut of_unit = correction("p3");
        of_unit["unit"] = "south".into();
        refused(ask(server.with(&mo), "u0", &of_unit), 422, "unit.unknown");
        of_unit["unit"] = "north".into();
        let row = ask(&server, "u1", &of_unit).is(201).json();
        assert_eq!(row["unit"], UnitId::from_parts(&[Ledger::id_of("main").0.as_bytes(), b"north"]).to_string());
        let of_the_north = row["id"].as_str().unwrap().to_owned();

        let found = |query: &str| -> Vec<String> {
            let rows = server.rows(&format!("{MAIN}/approvals?{query}"));
            rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
        };
        let all = vec![reopen.clone(), corrections[0].clone(), corrections[1].clone(), guard.clone(), of_the_north.clone()];
        assert_eq!(found(""), all);
        assert_eq!(found("kind=correction"), [corrections[0].clone(), corrections[1].clone(), of_the_north.clone()]);
        assert_eq!((found("by=carol"), found("by=nobody")), (vec![reopen.clone()], vec![]));
        assert_eq!(found("payout=0190a1b2-0000-8000-8000-000000000000"), Vec::<String>::new());
        refused(server.get(&format!("{MAIN}/approvals?kind=holiday")), 400, "request.parameter");
        let pages = server.pages(&format!("{MAIN}/approvals?limit=2&sort=-recorded"));
        let ids: Vec<Vec<&str>> = pages.iter().map(|page| page.iter().map(|row| row["id"].as_str().unwrap()).collect()).collect();
        assert_eq!(ids, [vec![&*of_the_north, &*guard], vec![&*corrections[1], &*corrections[0]], vec![&*reopen]]);
        for (form, rows) in [("csv", 6), ("ndjson", 5)] {
            assert_eq!(server.get(&format!("{MAIN}/approvals?format={form}")).is(200).text().lines().count(), rows, "{form}");
        }

        // One is rejected, one withdrawn; the guard is as it was approved.
        let _ = decide(server.with(&dora), "d2", &corrections[0], "reject").is(200);
        let _ = decide(server.with(&mo), "d3", &corrections[1], "withdraw").is(200);
        let _ = decide(server.with(&dora), "d4", &guard, "approve").is(200);
        let states = |server: &Serving| -> Vec<String> {
            let rows = server.rows(&format!("{MAIN}/approvals"));
            rows.iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(states(&server), ["waits", "rejected", "withdrawn", "approved", "waits"]);
        let row = server.get(&format!("{MAIN}/approvals/{guard}")).is(200).json()["approval"].clone();
        assert_eq!(["mode", "from", "by", "decided_by"].map(|k| row[k].as_str().unwrap()), ["report-only", "2025-01-01", "paula", "dora"]);
        refused(ask(server.with(&paula), "g2", &json!({ "kind": "wage-guard", "mode": "report-only", "from": "2025-01-01" })), 409, "approval.not_needed");

        // The table says who may.
        let rows = server.rows(&format!("{MAIN}/authority?as_of=2024-06-30"));
        let told: Vec<_> = rows.iter().map(|r| (r["kind"].as_str().unwrap(), r["up_to"].as_str(), r["approvers"].to_string())).collect();
        let (carol, dora, both) = (r#"["carol"]"#, r#"["dora"]"#, r#"["carol","dora"]"#);
        let expected =
            [("correction", Some("10000.00"), carol), ("correction", None, dora), ("reopen", None, both), ("exclude", None, dora), ("wage-guard", None, dora)];
        assert_eq!(told, expected.map(|(kind, up_to, who)| (kind, up_to, who.to_owned())));
        assert!(server.rows(&format!("{MAIN}/authority?as_of=2023-12-31")).is_empty(), "no table was in force");
    }
}

/// Each kind by each role, and by somebody who has the role for a unit alone.
#[test]
fn each_kind_is_asked_for_by_whoever_may_do_it_and_by_nobody_else() {
    let nothing = "0190a1b2-0000-8000-8000-000000000000";
    let kinds = [
        (json!({ "kind": "reopen", "month": "2024-03" }), Role::Approver, "period.reopen"),
        (json!({ "kind": "exclude", "month": "2024-03" }), Role::Approver, "approval.not_needed"),
        (correction("p1"), Role::Collector, "approval.not_needed"),
        (json!({ "kind": "payout", "payout": nothing }), Role::Payroll, "payout.unknown"),
        (json!({ "kind": "payout-reversal", "payout": nothing, "reason": "twice" }), Role::Payroll, "payout.unknown"),
        (json!({ "kind": "wage-guard", "mode": "enforce", "from": "2025-01-01" }), Role::Payroll, "approval.not_needed"),
        (json!({ "kind": "parameters", "parameters": { "settled-bonus": [] } }), Role::Approver, "policy.parameters"),
        (json!({ "kind": "stacking", "packs": ["group-incentive", "legacy-construction"], "from": "2025-01-01" }), Role::Approver, "approval.family"),
    ];
    for site in Site::both().map(|site| office(site, TABLE)) {
        let mut server = site.serve_with(&LIMITLESS);
        let document = server.get("/api/v1/openapi.json").is(200).json();
        let described = document["components"]["schemas"]["NewApproval"]["oneOf"].as_array().unwrap().iter();
        let described: Vec<&str> = described.map(|one| one["properties"]["kind"]["enum"][0].as_str().unwrap()).collect();
        assert_eq!(described, kinds.each_ref().map(|(body, ..)| body["kind"].as_str().unwrap()), "each kind is tried");
        let ledger = Ledger::id_of("main");
        let north = UnitId::from_parts(&[ledger.0.as_bytes(), b"north"]);
        let before = site.position("main");
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Administrator) {
            for (scope, unit) in [("whole", None), ("unit", Some(north))] {
                let token = site.token(&format!("{}-{scope}", role.word()), &[(role, Some(ledger), unit)]);
                server.with(&token);
                for (body, may, code) in &kinds {
                    let key = format!("{role:?}-{scope}-{}", body["kind"].as_str().unwrap());
                    let reply = ask(&server, &key, body);
                    // Nothing of it can be done in these books, which is said to whoever may ask for it.
                    let expected = if role == *may && unit.is_none() { *code } else { "access.forbidden" };
                    assert_eq!(reply.json_code().as_deref(), Some(expected), "{key}: {}", reply.text());
                }
                let decided = decide(&server, &format!("{role:?}-{scope}-decides"), nothing, "approve");
                assert_eq!(decided.json_code().as_deref(), Some(if unit.is_none() { "approval.unknown" } else { "access.forbidden" }));
            }
        }
        assert_eq!(site.position("main"), before, "nothing was recorded");
        let wrong = json!({ "kind": "payout", "payout": nothing, "unit": "north" });
        assert_eq!(refused(ask(&server, "wrong", &wrong), 422, "request.body")["code"], "request.body", "a run is of no unit");
    }
}

/// What came between asking and deciding was not asked about.
#[test]
fn a_request_is_stale_where_what_it_builds_on_has_changed() {
    for site in Site::both().map(|site| office(site, TABLE)) {
        let mut server = site.serve_with(&LIMITLESS);
        let [mo, carol, dora] = ["mo", "carol", "dora"].map(|login| server.signed_in(login));
        server.with(&carol);
        assert_eq!(close(&server, "2024-03", true)["state"], "done");
        let reopen = json!({ "kind": "reopen", "month": "2024-03" });
        let first = id(ask(&server, "r1", &reopen));
        assert_eq!(close(&server, "2024-04", true)["state"], "done");
        let before = site.position("main");
        let stale = refused(decide(server.with(&dora), "d1", &first, "approve"), 409, "approval.changed");
        assert!(stale["mend"].as_str().unwrap().contains("Reject it and ask again"), "{stale}");
        assert_eq!(site.position("main"), before, "nothing is decided");
        let _ = decide(&server, "d2", &first, "reject").is(200);
        let april = id(ask(server.with(&carol), "r2", &json!({ "kind": "reopen", "month": "2024-04" })));
        let _ = decide(server.with(&dora), "d3", &april, "approve").is(200);
        let state = |month: &str| server.rows(&format!("{MAIN}/periods")).into_iter().find(|p| p["month"] == month).unwrap()["state"].clone();
        assert_eq!((state("2024-04"), state("2024-03")), ("open".into(), "soft-closed".into()));

        // After the month is closed for good, what is approved goes to the open one, with its date.
        let late = id(ask(server.with(&mo), "c1", &correction("p1")));
        server.with(&carol);
        assert_eq!(close(&server, "2024-03", false)["state"], "done");
        let _ = decide(&server, "d4", &late, "approve").is(200);
        let entries = received(&server);
        assert_eq!((entries.len(), &entries[0]["on"], &entries[0]["period"]), (1, &"2024-03-20".into(), &"2024-04".into()), "{entries:?}");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn a_period_is_closed_for_good_by_a_job_that_asks_and_somebody_who_decides() {
    for site in Site::both().map(|site| office(site, &format!("{TABLE}{CLOSING}"))) {
        let mut server = site.serve_with(&LIMITLESS);
        let [mo, carol, dora] = ["mo", "carol", "dora"].map(|login| server.signed_in(login));
        server.with(&carol);
        let failed = close(&server, "2024-03", false);
        assert_eq!((&failed["state"], &failed["problem"]["code"]), (&"failed".into(), &"period.needs_approval".into()));
        let path = format!("{MAIN}/approvals/hard-closes");
        let submitted = |server: &Serving, key: &str| {
            let at = server.command(&path, key, &json!({ "month": "2024-03" })).is(202).json()["state"].as_str().unwrap().to_owned();
            server.job_ended(&at)
        };
        refused(server.with(&mo).command(&path, "h0", &json!({ "month": "2024-03" })), 403, "access.forbidden");
        let job = submitted(server.with(&carol), "h1");
        assert_eq!((&job["kind"], &job["state"], &job["actor"]), (&"hard-close".into(), &"done".into(), &"carol".into()), "{job}");
        let request = job["request"].as_str().unwrap().to_owned();
        let told = server.get(&format!("{MAIN}/approvals/{request}")).is(200).json();
        assert_eq!((&told["pack"], &told["approval"]["month"], &told["approval"]["by"]), (&"legacy-construction".into(), &"2024-03".into(), &"carol".into()));
        assert_eq!(told["approval"]["position"], job["position"], "the position of the job is that of the request");
        assert_eq!(submitted(&server, "h1")["id"], job["id"], "the same key is one job");
        assert_eq!(submitted(&server, "h2")["request"], request.as_str(), "and the same while it waits is one request");
        refused(decide(&server, "d1", &request, "approve"), 409, "access.same_person");
        // What came since was not asked about: it is evaluated, and asked for anew.
        let letter = json!({ "from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["r1"], "shares": { "wang": 1 } });
        let facts = json!({ "people": { "wang": { "name": "王强" } }, "letters": { "l1": letter }, "events": in_march("p1")["events"] });
        let _ = server.with(&mo).command(&format!("{MAIN}/facts"), "f1", &json!({ "system": "manual", "facts": facts })).is(201);
        refused(decide(server.with(&dora), "d2", &request, "approve"), 409, "evaluate.race");
        let _ = decide(&server, "d3", &request, "reject").is(200);
        let again = submitted(server.with(&carol), "h3");
        let request = again["request"].as_str().unwrap().to_owned();
        let _ = decide(server.with(&dora), "d4", &request, "approve").is(200);
        let period = server.rows(&format!("{MAIN}/periods")).remove(0);
        assert_eq!((&period["month"], &period["state"]), (&"2024-03".into(), &"closed".into()), "{period}");
        assert_eq!(server.rows(&format!("{MAIN}/jobs?kind=hard-close")).len(), 3);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// Books in which LC pays 3 % of 1,200,000.00, evaluated up to the end of May.
const EARNED: &str = r#"
[people.wang]
name = "王强"
[letters.l1]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r1"]
shares = { wang = 1 }
[[events]]
on = "2024-03-15"
receive = { id = "p1", debtor = "acme", amount = "1200000.00", apply = { r1 = "1200000.00" } }
"#;

/// Rates doubled from 1 March.
const DOUBLED: &str = r#"
[[settled-bonus]]
from = "1900-01-01"
value = [{ from = 1, to = 3, rate = "0.01" }, { from = 3, to = 4, rate = "0.02" }, { from = 4, to = 5, rate = "0.03" }, { from = 5, rate = "0.04" }]
[[settled-bonus]]
from = "2024-03-01"
value = [{ from = 1, to = 3, rate = "0.02" }, { from = 3, to = 4, rate = "0.04" }, { from = 4, to = 5, rate = "0.06" }, { from = 5, rate = "0.08" }]
"#;

/// What is asked for over HTTP is what the command line asks for: the same request while it waits.
#[test]
fn parameters_that_change_the_past_are_asked_for_and_decided_over_http() {
    for site in Site::both().map(|site| office(site, &format!("{TABLE}[[row]]\nkind = \"parameters\"\napprovers = [\"carol\", \"dora\"]\n"))) {
        site.recorded(EARNED);
        site.evaluated("2024-05-31");
        site.write("doubled.toml", DOUBLED);
        let mut server = site.serve_with(&LIMITLESS);
        let [carol, dora] = ["carol", "dora"].map(|login| server.signed_in(login));
        let parameters: Value = toml::from_str(DOUBLED).unwrap();
        let wish = json!({ "kind": "parameters", "pack": "legacy-construction", "parameters": parameters });
        server.with(&carol);
        let wrong = |key: &str, field: &str, value: Value, status: u16, code: &str| {
            let mut body = wish.clone();
            body[field] = value;
            refused(ask(&server, key, &body), status, code)
        };
        wrong("w1", "pack", json!("no-such-pack"), 422, "plugin.unknown");
        wrong("w2", "pack", json!("../secret"), 422, "request.body");
        wrong("w3", "parameters", json!({ "vest": "never" }), 422, "policy.parameters");
        wrong("w4", "parameters", json!([]), 422, "request.body");
        // As a TOML file, where no number with a point is one.
        let told = wrong("w5", "parameters", json!({ "vest": 0.5 }), 422, "policy.parameters");
        site.write("half.toml", "vest = 0.5\n");
        let _ = site.signed("approval ask parameters half.toml --as carol --as-password env:SECRET").exits(1).says(told["detail"].as_str().unwrap());
        wrong("w6", "parameters", json!({}), 409, "approval.not_needed");

        let asked = ask(&server, "a1", &wish).is(201);
        let request = id(asked.clone());
        assert_eq!(ask(&server, "a1", &wish).is(201).body, asked.body, "the same request is answered alike");
        assert_eq!(id(ask(&server, "a2", &wish)), request, "the same while it waits is one");
        let by_command = site.signed("approval ask parameters doubled.toml --as carol --as-password env:SECRET").exits(0);
        assert!(by_command.stdout.contains(&request) && by_command.stdout.contains("already"), "{}", by_command.stdout);
        let told = server.get(&format!("{MAIN}/approvals/{request}")).is(200).json();
        assert_eq!(
            (&told["pack"], &told["approval"]["kind"], &told["changes"][0]["parameter"]),
            (&"legacy-construction".into(), &"parameters".into(), &"settled-bonus".into())
        );
        assert_eq!((&told["changes"][0]["from"], &told["changes"][0]["becomes"]), (&"2024-03-01".into(), &parameters["settled-bonus"][1]["value"]));
        refused(decide(&server, "d1", &request, "approve"), 409, "access.same_person");
        let _ = decide(server.with(&dora), "d2", &request, "approve").is(200);
        assert_eq!(ask(server.with(&carol), "a1", &wish).is(201).body, asked.body, "a repetition is told what was asked, though it is decided");
        let policies = server.rows(&format!("{MAIN}/policies"));
        assert_eq!(policies.iter().map(|p| p["in_force"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true]);
        // 1,200,000.00 × 6 % at 4 years, where the policy file says what was approved.
        std::fs::create_dir(site.folder().join("policies")).unwrap();
        site.write("policies/legacy-construction.toml", DOUBLED);
        site.configure(|config| {
            let folder = site.folder().join("policies").display().to_string();
            config["evaluate"].as_table_mut().unwrap().insert("policies".into(), folder.into());
        });
        site.evaluated("2024-05-31");
        assert_eq!(server.rows(&format!("{MAIN}/lines?as_of=2024-05-31"))[0]["amount"], "72000.00");
    }
}

/// What a period would be closed over is named one by one.
#[test]
fn a_period_is_closed_over_what_stands_in_its_way_by_approval() {
    const UNJUDGED: &str = r#"
[people.wang]
name = "王强"
[receivables.r2]
debtor = "acme"
amount = "5000.00"
document_date = "2020-01-10"
[letters.l2]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r2"]
shares = { wang = 1 }
[[events]]
on = "2024-03-20"
receive = { id = "p2", debtor = "acme", amount = "1000.00", apply = { r2 = "1000.00" } }
"#;
    for site in Site::both().map(|site| office(site, TABLE)) {
        site.recorded(UNJUDGED);
        site.evaluated("2024-03-31");
        let mut server = site.serve_with(&LIMITLESS);
        let [carol, dora] = ["carol", "dora"].map(|login| server.signed_in(login));
        server.with(&carol);
        same_checklist(&site, &server, "2024-03", &[("period.not_evaluated", "met"), ("period.incident", "met"), ("period.faults", "failing")]);
        same_checklist(&site, &server, "2024-04", &[("period.not_evaluated", "failing"), ("period.faults", "failing")]);
        assert_eq!(close(&server, "2024-03", false)["problem"]["code"], "period.faults");
        let asked = id(ask(&server, "e1", &json!({ "kind": "exclude", "month": "2024-03" })));
        let told = server.get(&format!("{MAIN}/approvals/{asked}")).is(200).json();
        let obstacles = told["obstacles"].as_array().unwrap();
        assert_eq!((obstacles.len(), &obstacles[0]["what"], &obstacles[0]["pack"]), (1, &"case".into(), &"legacy-construction".into()), "{told}");
        let set_aside = server.rows(&format!("{MAIN}/cases/set-aside?as_of=2024-12-31"));
        assert_eq!(obstacles[0]["subject"], set_aside[0]["subject"]);
        let _ = decide(server.with(&dora), "d1", &asked, "approve").is(200);
        let body = same_checklist(&site, &server, "2024-03", &[("period.not_evaluated", "met"), ("period.incident", "met"), ("period.faults", "excluded")]);
        assert_eq!(body["checks"][2]["request"], asked.as_str());
        let sent = server.with(&carol).command(&format!("{MAIN}/periods"), "again", &json!({ "month": "2024-03" })).is(202).json();
        assert_eq!(server.job_ended(sent["state"].as_str().unwrap())["state"], "done");
    }
}

/// Two packs with bonuses may stack over a span: the same request by the command line is the one that waits.
#[test]
fn stacking_with_an_end_is_asked_for_and_decided_over_http() {
    for site in Site::both().map(|site| office(site, &format!("{TABLE}[[row]]\nkind = \"stacking\"\napprovers = [\"carol\", \"dora\"]\n"))) {
        std::fs::create_dir(site.folder().join("policies")).unwrap();
        site.write("policies/annual-contract.toml", "notice-days = 7\n");
        site.configure(|config| {
            let folder = site.folder().join("policies").display().to_string();
            config["evaluate"].as_table_mut().unwrap().insert("policies".into(), folder.into());
        });
        for pack in ["legacy-construction", "annual-contract"] {
            let _ = site.run(["evaluate", "--pack", pack, "--as-of", "2024-05-31"]).exits(0);
        }
        let mut server = site.serve_with(&LIMITLESS);
        let [carol, dora] = ["carol", "dora"].map(|login| server.signed_in(login));
        let wish = |from: &str, to: &str| json!({ "kind": "stacking", "packs": ["legacy-construction", "annual-contract"], "from": from, "to": to });
        server.with(&carol);
        refused(ask(&server, "s0", &wish("2024-06-30", "2024-06-01")), 422, "approval.days");
        let asked = ask(&server, "s1", &wish("2024-06-01", "2024-06-30")).is(201);
        let row = asked.json();
        assert_eq!([&row["kind"], &row["from"], &row["to"], &row["state"]], ["stacking", "2024-06-01", "2024-06-30", "waits"]);
        let request = id(asked);
        let by_command = |from: &str, to: &str| {
            let args = format!("approval ask stacking annual-contract legacy-construction --from {from} --to {to} --as carol --as-password env:SECRET");
            site.signed(&args)
        };
        let again = by_command("2024-06-01", "2024-06-30").exits(0).stdout;
        assert!(again.contains(&request) && again.contains("already"), "{again}");
        let listed = site.signed("--format json approval list").exits(0).row("requests", &[("request", &request)]);
        assert_eq!(listed["about"], "annual-contract and legacy-construction from 2024-06-01 to 2024-06-30");
        let _ = decide(server.with(&dora), "d1", &request, "approve").is(200);
        server.with(&carol);
        refused(ask(&server, "s2", &wish("2024-06-10", "2024-06-30")), 409, "approval.not_needed");
        let _ = by_command("2024-06-10", "2024-06-20").exits(1).says("error [approval.not_needed]").says("2024-06-10 to 2024-06-20");
        let further = ask(&server, "s3", &json!({ "kind": "stacking", "packs": ["legacy-construction", "annual-contract"], "from": "2024-07-01" })).is(201);
        assert_eq!((&further.json()["from"], &further.json()["to"]), (&"2024-07-01".into(), &Value::Null));
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// The checklist of a month, which is what the command line prints of it and begins with these lines.
#[track_caller]
fn same_checklist(site: &Site, server: &Serving, month: &str, begins: &[(&str, &str)]) -> Value {
    let before = site.position("main");
    let body = server.get(&format!("{MAIN}/periods/{month}/checklist")).is(200).json();
    let checks = body["checks"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |c: &Value| ["code", "subject", "state", "what", "mend"].map(|k| text(&c[k]));
    let found: Vec<_> = checks.iter().map(told).collect();
    let printed = site.run(["--format", "json", "period", "check", month]).exits(i32::from(!body["ready"].as_bool().unwrap()));
    let mut expected: Vec<_> = printed.table("checklist").iter().map(told).collect();
    // There the request is a part of the words.
    for (line, check) in expected.iter_mut().zip(checks).filter(|(_, check)| check["state"] == "excluded") {
        assert_eq!(line[3], format!("by request {}", text(&check["request"])));
        line[3].clear();
    }
    assert_eq!(found, expected, "{month}");
    let codes: Vec<_> = found.iter().map(|line| (line[0].as_str(), line[2].as_str())).collect();
    assert_eq!(codes[..begins.len()], *begins, "{month}");
    assert_eq!((&body["month"], &body["pack"], site.position("main")), (&month.into(), &"legacy-construction".into(), before));
    body
}

#[test]
fn a_checklist_is_for_whoever_closes_periods() {
    for site in Site::both().map(|site| office(site, TABLE)) {
        let mut server = site.serve_with(&LIMITLESS);
        let [mo, carol] = ["mo", "carol"].map(|login| server.signed_in(login));
        let path = format!("{MAIN}/periods/2024-03/checklist");
        refused(server.with(&mo).get(&path), 403, "access.forbidden");
        let north = UnitId::from_parts(&[Ledger::id_of("main").0.as_bytes(), b"north"]);
        let of_a_unit = site.token("of-a-unit", &[(Role::Approver, Some(Ledger::id_of("main")), Some(north))]);
        refused(server.with(&of_a_unit).get(&path), 403, "access.forbidden");
        server.with(&carol);
        same_checklist(&site, &server, "2024-03", &[("period.not_evaluated", "failing"), ("period.faults", "met")]);
        assert_eq!(close(&server, "2024-03", true)["state"], "done");
        let body = same_checklist(&site, &server, "2024-03", &[("period.not_evaluated", "met"), ("period.incident", "met"), ("period.faults", "met")]);
        assert_eq!(body["ready"], true);
        refused(server.get(&format!("{path}?pack=none")), 422, "plugin.unknown");
        refused(server.get(&format!("{path}?pack=../none")), 400, "request.parameter");
        refused(server.get(&format!("{path}?as_of=2024-03-31")), 400, "request.parameter");
        refused(server.get(&format!("{MAIN}/periods/2024-13/checklist")), 404, "request.not_found");
    }
}
