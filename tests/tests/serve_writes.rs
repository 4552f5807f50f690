//! Writes over HTTP: once for each key, exactly as described, and on the version that they name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;

use recoup_tests::{Reply, Serving, Site};
use serde_json::{Value, json};

const FACTS: &str = "/api/v1/ledgers/main/facts";

/// A site whose ledger `main` is open.
fn open(site: &Site) {
    let file = site.write("facts.toml", "[debtors]\nD0 = \"Zeroth\"\n");
    let _ = site.run(["record", file.to_str().unwrap()]).exits(0);
}

fn debtor(code: &str) -> Value {
    json!({"system": "manual", "facts": {"debtors": {code: "Somebody"}}})
}

fn parties(server: &Serving) -> usize {
    server.rows("/api/v1/ledgers/main/parties").len()
}

#[track_caller]
fn problem(reply: Reply, status: u16, code: &str) -> Value {
    let body = reply.is(status).json();
    assert_eq!((body["code"].as_str(), body["status"].as_u64()), (Some(code), Some(status.into())), "{body}");
    body
}

#[test]
fn edge_10_a_repeated_request_is_answered_as_the_first_and_has_one_effect() {
    for site in Site::both() {
        open(&site);
        let server = site.serve();
        let before = site.position("main");
        let first = server.command(FACTS, "k1", &debtor("D1")).is(201);
        assert_eq!(first.json()["records"], 1);
        assert_eq!(first.header("recoup-known-at"), (before + 1).to_string());
        assert_eq!(first.header("location"), format!("/api/v1/ledgers/main/log/{}", before + 1));
        let _ = server.command(FACTS, "k2", &debtor("D2")).is(201);
        let again = server.command(FACTS, "k1", &debtor("D1")).is(201);
        assert_eq!((again.body.clone(), again.header("recoup-known-at")), (first.body.clone(), first.header("recoup-known-at")));
        assert_eq!((site.position("main"), parties(&server)), (before + 2, 3));
        // A process that begins later gives the same answer: it is in the log.
        drop(server);
        let later = site.serve();
        assert_eq!(later.command(FACTS, "k1", &debtor("D1")).is(201).body, first.body);
        assert_eq!(site.position("main"), before + 2);
    }
}

#[test]
fn edge_10_ten_identical_requests_at_once_have_one_effect() {
    for site in Site::both() {
        open(&site);
        let servers = [site.serve(), site.serve()];
        let before = site.position("main");
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..10)
                .map(|n| {
                    scope.spawn({
                        let server = &servers[n % 2];
                        move || server.command(FACTS, "same", &debtor("D1"))
                    })
                })
                .collect();
            asked.into_iter().map(|a| a.join().unwrap()).collect()
        });
        let bodies: BTreeSet<Vec<u8>> = replies.into_iter().map(|r| r.is(201).body).collect();
        assert_eq!((bodies.len(), site.position("main"), parties(&servers[0])), (1, before + 1, 2));
    }
}

#[test]
fn edge_10_a_key_stands_for_one_request() {
    for site in Site::both() {
        open(&site);
        let server = site.serve();
        let _ = server.command(FACTS, "k1", &debtor("D1")).is(201);
        let before = site.position("main");
        problem(server.command(FACTS, "k1", &debtor("D2")), 409, "store.idempotency_conflict");
        for key in ["", "two words", &"x".repeat(201), "Schlüssel"] {
            problem(server.command(FACTS, key, &debtor("D2")), 400, "request.idempotency_key");
        }
        problem(server.send("POST", FACTS, &[("content-type", "application/json")], debtor("D2").to_string().as_bytes()), 400, "request.idempotency_key");
        // A request that failed did nothing, and its key is free.
        let bad = json!({"system": "manual", "facts": {"letters": {"L1": {"from": "2024-02-01", "deadline": "2024-01-01", "receivables": []}}}});
        problem(server.command(FACTS, "k3", &bad), 422, "letter.dates");
        assert_eq!(site.position("main"), before);
        let _ = server.command(FACTS, "k3", &debtor("D3")).is(201);
    }
}

#[test]
fn a_body_is_exactly_as_described() {
    let site = Site::sqlite();
    open(&site);
    let server = site.serve();
    let before = site.position("main");
    let wrong = |body: &str| {
        problem(server.send("POST", FACTS, &[("idempotency-key", "k"), ("content-type", "application/json")], body.as_bytes()), 422, "request.body")
    };
    for (body, pointer) in [
        (r#"{"system": "manual", "facts": {}, "more": 1}"#, "/more"),
        (r#"{"system": 7, "facts": {}}"#, "/system"),
        (r#"{"facts": {}}"#, ""),
        (r#"{"system": "manual", "facts": {"people": {"w": {"name": "W", "wages": {"2024": 15000}}}}}"#, "/facts/people/w/wages/2024"),
        (r#"{"system": "manual", "facts": {"roles": [{"person": "w", "role": "r", "from": "2024-13-01"}]}}"#, "/facts/roles/0/from"),
        (r#"{"system": "manual", "facts": {"debtor": {}}}"#, "/facts/debtor"),
    ] {
        let problem = wrong(body);
        assert_eq!(problem["pointer"], pointer, "{problem}");
    }
    let json = [("idempotency-key", "k"), ("content-type", "application/json; charset=utf-8")];
    problem(server.send("POST", FACTS, &json, b"{\"system\""), 400, "request.malformed");
    problem(server.send("POST", FACTS, &json, b"\xff"), 400, "request.malformed");
    problem(server.send("POST", FACTS, &[("idempotency-key", "k"), ("content-type", "text/plain")], b"{}"), 415, "request.media_type");
    problem(server.send("POST", &format!("{FACTS}?as_of=2024-01-01"), &json, b"{}"), 400, "request.parameter");
    problem(server.send("POST", "/api/v1/ledgers/none/facts", &json, debtor("D").to_string().as_bytes()), 404, "store.unknown_ledger");
    assert_eq!(site.position("main"), before);
}
