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

/// Claims of 500.00 named `A1` to `A5`, and for each two receipts of 500.00 that nobody has applied.
fn claims_of_500(server: &Serving) {
    let claims: serde_json::Map<String, Value> =
        (1..=5).map(|n| (format!("A{n}"), json!({"debtor": "D0", "amount": "500.00", "document_date": "2024-01-10"}))).collect();
    let receipts: Vec<Value> = (1..=5)
        .flat_map(|n| ["x", "y"].map(|which| json!({"on": "2024-02-01", "receive": {"id": format!("P{n}{which}"), "debtor": "D0", "amount": "500.00"}})))
        .collect();
    let body = json!({"system": "manual", "facts": {"debtors": {"D0": "Zeroth"}, "receivables": claims, "events": receipts}});
    let _ = server.command(FACTS, "claims", &body).is(201);
}

fn applied(receipt: &str, claim: &str) -> Value {
    json!({"system": "manual", "facts": {"events": [{"on": "2024-02-02", "apply": {"receipt": receipt, "to": {claim: "500.00"}}}]}})
}

/// The last 500.00 of each invoice are asked for twice at once, by two processes and from two receipts.
#[test]
fn edge_10_of_two_applications_at_once_on_the_last_500_one_succeeds() {
    for site in Site::both() {
        open(&site);
        let servers = [site.serve(), site.serve()];
        claims_of_500(&servers[0]);
        for n in 1..=5 {
            let claim = format!("A{n}");
            let start = std::sync::Barrier::new(2);
            let replies: Vec<Reply> = std::thread::scope(|scope| {
                let asked: Vec<_> = ["x", "y"]
                    .into_iter()
                    .zip(&servers)
                    .map(|(which, server)| {
                        let (claim, start) = (&claim, &start);
                        scope.spawn(move || {
                            start.wait();
                            server.command(FACTS, &format!("{claim}-{which}"), &applied(&format!("P{n}{which}"), claim))
                        })
                    })
                    .collect();
                asked.into_iter().map(|a| a.join().unwrap()).collect()
            });
            let (made, other): (Vec<_>, Vec<_>) = ["x", "y"].into_iter().zip(replies).partition(|(_, reply)| reply.status == 201);
            assert_eq!((made.len(), other.len()), (1, 1), "{claim}");
            problem(other[0].1.clone(), 422, "application.refused");
            // Whoever repeats is told the same as before.
            for ((which, reply), server) in made.iter().chain(&other).zip(servers.iter().rev()) {
                let again = server.command(FACTS, &format!("{claim}-{which}"), &applied(&format!("P{n}{which}"), &claim));
                assert_eq!((again.status, again.json()["records"].clone()), (reply.status, reply.json()["records"].clone()));
            }
        }
        let applications = servers[0].rows("/api/v1/ledgers/main/applications?as_of=2024-12-31");
        assert_eq!(applications.len(), 5);
        let total = site.run(["--format", "json", "report", "trial-balance", "--as-of", "2024-12-31"]).row("trial_balance", &[("debtor", "total")]);
        // 5 × 500.00 of claims are paid by five of the ten receipts; the other five are not applied.
        assert_eq!(["claims", "applied", "open", "unapplied"].map(|c| total[c].as_str().unwrap()), ["2500.00", "2500.00", "0.00", "2500.00"]);
    }
}

#[test]
fn edge_10_ten_identical_applications_at_once_apply_once() {
    for site in Site::both() {
        open(&site);
        let servers = [site.serve(), site.serve()];
        claims_of_500(&servers[0]);
        let before = site.position("main");
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..10)
                .map(|n| {
                    scope.spawn({
                        let server = &servers[n % 2];
                        move || server.command(FACTS, "same", &applied("P1x", "A1"))
                    })
                })
                .collect();
            asked.into_iter().map(|a| a.join().unwrap()).collect()
        });
        let bodies: BTreeSet<Vec<u8>> = replies.into_iter().map(|r| r.is(201).body).collect();
        assert_eq!((bodies.len(), site.position("main")), (1, before + 1));
        assert_eq!(servers[0].rows("/api/v1/ledgers/main/applications?as_of=2024-12-31").len(), 1);
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

/// A text with a NUL in it, which one of the databases cannot hold, is the same refusal on both.
#[test]
fn a_text_with_a_nul_is_refused_on_either_database() {
    for site in Site::both() {
        open(&site);
        let server = site.serve();
        let before = site.position("main");
        for (body, pointer) in
            [(json!({"system": "manual", "facts": {"debtors": {"D": "a\u{0}b"}}}), "/facts/debtors/D"), (json!({"system": "m\u{0}", "facts": {}}), "/system")]
        {
            assert_eq!(problem(server.command(FACTS, "k", &body), 422, "request.body")["pointer"], pointer);
        }
        assert_eq!(site.position("main"), before);
        // A backslash before the same letters is a backslash.
        let _ = server.command(FACTS, "k", &json!({"system": "manual", "facts": {"debtors": {"D": "a\\u0000"}}})).is(201);
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

#[test]
fn a_source_is_created_changed_on_its_version_and_retired() {
    for site in Site::both() {
        open(&site);
        let server = site.serve();
        let sources = "/api/v1/ledgers/main/sources";
        let one = format!("{sources}/books");
        let terms = json!({"profile": "receivables-simple", "system": "books", "bad_records": "all-or-nothing", "coverage": "snapshot"});
        let new = json!({"name": "books", "profile": "receivables-simple"});
        let created = server.command(sources, "s1", &new).is(201);
        assert_eq!(
            (created.header("location"), created.json()["adapter"].as_str(), created.json()["system"].as_str()),
            (one.as_str(), Some("table"), Some("receivables-simple"))
        );
        let first = created.header("etag").to_owned();
        assert_eq!(server.get(&one).is(200).header("etag"), first);
        problem(server.command(sources, "s2", &new), 409, "source.taken");
        problem(server.command(sources, "s3", &json!({"name": "a b", "profile": "receivables-simple"})), 422, "source.name");
        problem(server.command(sources, "s3", &json!({"name": "b", "profile": "none"})), 422, "source.profile");
        problem(server.command(sources, "s3", &json!({"name": "b", "profile": "../profiles/saft"})), 422, "source.profile");
        problem(server.command(sources, "s3", &json!({"name": "b", "profile": "saft", "bad_records": "some"})), 422, "request.body");
        problem(server.get(&format!("{sources}/none")), 404, "request.not_found");

        let put = |version: &[(&str, &str)]| {
            let headers = [&[("content-type", "application/json")], version].concat();
            server.send("PUT", &one, &headers, terms.to_string().as_bytes())
        };
        problem(put(&[]), 428, "request.precondition_required");
        problem(put(&[("if-match", "W/\"x\"")]), 412, "request.precondition_failed");
        let changed = put(&[("if-match", &first), ("idempotency-key", "c1")]).is(200);
        assert_eq!((changed.json()["coverage"].as_str(), changed.header("etag") == first), (Some("snapshot"), false));
        // The same request again is answered, although its version is not there any more; another one is refused.
        assert_eq!(put(&[("if-match", &first), ("idempotency-key", "c1")]).is(200).body, changed.body);
        problem(put(&[("if-match", &first)]), 412, "source.changed");
        // As it was known before.
        let before = created.header("recoup-known-at");
        assert_eq!(server.get(&format!("{one}?known_at={before}")).is(200).json()["coverage"], "delta");

        // What a file sent on the command line is read by.
        let good = site.write("good.csv", recoup_tests::claims::file(1, 3));
        let _ = site.run(["import", good.to_str().unwrap(), "--source", "books"]).exits(0);
        let batch = &server.rows("/api/v1/ledgers/main/imports")[0];
        assert_eq!(
            (batch["system"].as_str(), batch["bad_records"].as_str(), batch["coverage"].as_str()),
            (Some("books"), Some("all-or-nothing"), Some("snapshot"))
        );
        let _ = site.run(["import", good.to_str().unwrap(), "--source", "none"]).exits(1).says("source.unknown");
        let _ = site.run(["import", good.to_str().unwrap(), "--source", "books", "--profile", "saft"]).exits(2);
        let _ = site.run(["import", good.to_str().unwrap()]).exits(2).says("--profile");

        // Of several tags one has to be right, and `*` is whichever is there; a weak tag is none.
        let now = changed.header("etag").to_owned();
        problem(put(&[("if-match", &format!("{first}, W/{now}"))]), 412, "source.changed");
        let again = put(&[("if-match", &format!("{first}, {now}"))]).is(200);
        assert_ne!(again.header("etag"), now);
        let last = put(&[("if-match", "*")]).is(200).header("etag").to_owned();
        problem(
            server.send("PUT", &format!("{sources}/none"), &[("if-match", "*"), ("content-type", "application/json")], terms.to_string().as_bytes()),
            404,
            "source.unknown",
        );

        // What is retired may be named by its version too.
        let retire = |key: &str, version: &[(&str, &str)]| server.send("POST", &format!("{one}/retire"), &[&[("idempotency-key", key)], version].concat(), b"");
        problem(retire("r0", &[("if-match", &first)]), 412, "source.changed");
        problem(retire("r0", &[("if-match", "\"x\"")]), 412, "request.precondition_failed");
        assert_eq!(server.get(&one).is(200).json()["retired"], false);
        let sent = server.upload("books", "u0", "a.csv", recoup_tests::claims::file(1, 3).as_bytes()).is(202);
        let retired = retire("r1", &[("if-match", &last)]).is(200);
        // What was asked for before is answered as it was then.
        assert_eq!(server.upload("books", "u0", "a.csv", recoup_tests::claims::file(1, 3).as_bytes()).is(202).body, sent.body);
        problem(server.upload("books", "u0", "a.csv", b"x"), 409, "store.idempotency_conflict");
        assert_eq!(retire("r1", &[("if-match", &last)]).is(200).body, retired.body, "the same request again");
        let _ = retire("r2", &[]).is(200);
        assert_eq!(retired.json()["retired"], true);
        problem(put(&[("if-match", retired.header("etag"))]), 409, "source.retired");
        problem(server.upload("books", "u", "a.csv", b"x"), 409, "source.retired");
        assert_eq!(server.rows(sources).len(), 1);
    }
}

#[test]
fn a_ledger_is_opened_by_an_administrator_who_signed_in() {
    for site in Site::both() {
        open(&site);
        let mut add = site.command(["user", "add", "ada", "--administrator", "--password", "env:ADA"]);
        let added: recoup_tests::Run = add.env("ADA", "correct horse battery").output().unwrap().into();
        let _ = added.exits(0);
        let mut server = site.serve();
        let books = json!({"code": "branch", "name": "Branch", "currency": "EUR", "time_zone": "Europe/Lisbon"});
        problem(server.command("/api/v1/ledgers", "l0", &books), 403, "access.forbidden");
        let password = json!({"login": "ada", "password": "correct horse battery"}).to_string();
        let session = server.with("").send("POST", "/api/v1/sign-in", &[("content-type", "application/json")], password.as_bytes()).is(200).json();
        server.with(session["token"].as_str().unwrap());
        let opened = server.command("/api/v1/ledgers", "l1", &books).is(201);
        assert_eq!((opened.header("location"), opened.json()["currency"].as_str()), ("/api/v1/ledgers/branch", Some("EUR")));
        assert_eq!(server.command("/api/v1/ledgers", "l1", &books).is(201).body, opened.body);
        assert_eq!(site.position("branch"), 1);
        let others = json!({"code": "branch", "name": "Other", "currency": "EUR", "time_zone": "Europe/Lisbon"});
        problem(server.command("/api/v1/ledgers", "l1", &others), 409, "store.idempotency_conflict");
        problem(server.command("/api/v1/ledgers", "l2", &others), 409, "store.ledger_differs");
        for (place, value) in [("code", "Two Words"), ("currency", "XQX"), ("time_zone", "Nowhere")] {
            let mut wrong = books.clone();
            wrong[place] = value.into();
            assert_eq!(problem(server.command("/api/v1/ledgers", "l3", &wrong), 422, "request.body")["pointer"], format!("/{place}"));
        }
    }
}
