//! Who is answered over HTTP: what proves who one is, what is withheld, what is recorded, and how often one may ask.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::time::{Duration, Instant};

use recoup_model::Digest;
use recoup_model::access::{ApiToken, Role, User};
use recoup_model::record::{Ledger, Record};
use recoup_store::{CommandMeta, EVERYTHING, StoreError};
use recoup_tests::{Reply, Site, now, paths};
use serde_json::Value;

const FACTS: &str = "[people.wang]\nname = \"王强\"\nwages = { 2024 = \"15000.00\" }\n";
const MAIN: &str = "/api/v1/ledgers/main";

fn site_with_wages(site: Site) -> Site {
    let file = site.write("facts.toml", FACTS);
    let _ = site.run(["record", file.to_str().unwrap()]).exits(0);
    site
}

#[track_caller]
fn refused(reply: Reply, status: u16, code: &str) -> Reply {
    let reply = reply.is(status);
    assert_eq!(reply.json_code().as_deref(), Some(code), "{}", reply.text());
    reply
}

#[test]
fn nobody_is_answered_without_a_token_but_about_the_server_itself() {
    let site = Site::sqlite();
    let mut server = site.serve();
    server.with("");
    for path in ["/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/openapi", "/api/v1/problems", "/api/v1/problems/access.token"] {
        let _ = server.get(path).is(200);
    }
    for path in ["/metrics", "/api/v1/ledgers", MAIN, "/api/v1/ledgers/none"] {
        let reply = refused(server.get(path), 401, "access.required");
        assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"recoup\"");
    }
    for header in ["Basic YWRhOng=", "Bearer", "Bearer ", "recoup_0"] {
        refused(server.ask("/api/v1/ledgers", &[("authorization", header)]), 401, "access.required");
    }
    refused(server.ask("/api/v1/ledgers", &[("authorization", "Bearer recoup_0")]), 401, "access.token");
    let scraper = site.token("scraper", &[]);
    let _ = server.with(&scraper).get("/metrics").is(200);
    let open = site.serve_with(&[("RECOUP__SERVER__METRICS_OPEN", "true")]).with("").get("/metrics");
    let _ = open.is(200);
}

/// Revokes a test's token, behind the server's back.
fn revoke(site: &Site, login: &str) {
    let meta = CommandMeta { kind: "revoke".into(), input: Digest::of(b""), actor: "tests".into(), recorded_at: now() };
    let revoked = site.store().transact::<_, StoreError>(Ledger::installation(), &meta, |tx| {
        let tokens = tx.tokens(Some(&[User::id_of(login)]), EVERYTHING)?;
        tx.append(&tokens.into_iter().map(|t| Record::ApiToken(ApiToken { revoked: true, ..t }).into()).collect::<Vec<_>>())
    });
    revoked.unwrap();
}

#[test]
fn a_token_that_another_process_revoked_is_refused_within_the_configured_time() {
    for site in Site::both() {
        let held = Duration::from_millis(1500);
        let mut server = site.serve_with(&[("RECOUP__SERVER__RIGHTS_HELD_MS", "1500")]);
        server.with(&site.token("carol", &[(Role::Collector, None, None)]));
        let _ = server.get("/api/v1/ledgers").is(200);
        revoke(&site, "carol");
        let revoked = Instant::now();
        while server.get("/api/v1/ledgers").status == 200 {
            assert!(revoked.elapsed() < held + Duration::from_secs(1), "still accepted");
            std::thread::sleep(Duration::from_millis(50));
        }
        refused(server.get("/api/v1/ledgers"), 401, "access.token");
        let mut strict = site.serve_with(&[("RECOUP__SERVER__RIGHTS_HELD_MS", "0")]);
        strict.with(&site.token("dan", &[]));
        let _ = strict.get("/api/v1/ledgers").is(200);
        revoke(&site, "dan");
        refused(strict.get("/api/v1/ledgers"), 401, "access.token");
    }
}

#[test]
fn a_token_is_refused_from_the_moment_that_it_expires() {
    let site = Site::sqlite();
    let mut server = site.serve_with(&[("RECOUP__SERVER__RIGHTS_HELD_MS", "600000")]);
    let expires = chrono::Utc::now() + chrono::Duration::seconds(2);
    server.with(&site.token_until("carol", &[], expires));
    let _ = server.get("/api/v1/ledgers").is(200);
    while chrono::Utc::now() < expires {
        std::thread::sleep(Duration::from_millis(50));
    }
    refused(server.get("/api/v1/ledgers"), 401, "access.token");
}

#[test]
fn names_of_people_are_for_those_who_may_see_them() {
    for site in Site::both() {
        let site = site_with_wages(site);
        let mut server = site.serve();
        let name = |rows: &[Value]| rows[0]["name"].clone();
        assert_eq!(name(&server.rows(&format!("{MAIN}/people"))), "王强");
        server.with(&site.token("ines", &[(Role::Integrator, None, None)]));
        let withheld = server.rows(&format!("{MAIN}/people"));
        assert_eq!((withheld[0]["code"].as_str(), name(&withheld)), (Some("wang"), Value::Null));
        for path in ["people", "leaves", "log/2", "leaves/1"] {
            for form in ["json", "csv", "ndjson"] {
                let query = if path.contains('/') { String::new() } else { format!("?format={form}&as_of=2024-12-31") };
                let text = server.get(&format!("{MAIN}/{path}{query}")).is(200).text();
                assert!(!text.contains("王强") && !text.contains("1500000") && !text.contains("15000.00"), "{path}: {text}");
            }
        }
    }
}

/// What the access log says was shown for what.
fn shown(site: &Site) -> Vec<(String, Option<String>)> {
    let found = site.store().read::<_, StoreError>(Ledger::installation(), |view| view.disclosures(EVERYTHING)).unwrap();
    found.into_iter().map(|(_, d)| (d.what, d.purpose)).collect()
}

#[test]
fn wages_are_shown_to_the_payroll_or_for_a_purpose_and_each_reading_is_recorded() {
    for site in Site::both() {
        let site = site_with_wages(site);
        let mut server = site.serve();
        let wages = format!("{MAIN}/wage-months?as_of=2024-12-31&limit=10");
        for (login, role) in [("col", Role::Collector), ("int", Role::Integrator), ("app", Role::Approver), ("ser", Role::Service)] {
            server.with(&site.token(login, &[(role, None, None)]));
            refused(server.ask(&wages, &[("recoup-purpose", "curiosity")]), 403, "access.forbidden");
        }
        server.with(&site.token("aud", &[(Role::Auditor, None, None)]));
        refused(server.get(&wages), 403, "access.purpose");
        refused(server.ask(&wages, &[("recoup-purpose", " ")]), 403, "access.purpose");
        assert_eq!(shown(&site), []);
        let page = server.ask(&wages, &[("recoup-purpose", "audit of May")]).is(200).json();
        assert_eq!((page["items"][0]["gross"].as_str(), page["items"].as_array().unwrap().len()), (Some("15000.00"), 10));
        server.with(&site.token("pay", &[(Role::Payroll, None, None)]));
        assert_eq!(server.pages(&wages).len(), 2);
        let audit = ("wage-months".to_owned(), Some("audit of May".to_owned()));
        let plain = ("wage-months".to_owned(), None);
        assert_eq!(shown(&site), [audit, plain.clone(), plain]);
    }
}

#[test]
fn whoever_asks_too_often_waits() {
    let site = Site::sqlite();
    let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &[]).exits(0);
    let slow = |limit: &str| {
        [(format!("RECOUP__SERVER__LIMITS__{limit}__BURST"), "3".to_owned()), (format!("RECOUP__SERVER__LIMITS__{limit}__REFILL_MS"), "60000".to_owned())]
    };
    let serve = |limit: &str| {
        let set = slow(limit);
        site.serve_with(&set.each_ref().map(|(name, value)| (name.as_str(), value.as_str())))
    };
    // The first request looks the token up, and counts for the peer.
    let server = serve("TOKEN");
    for _ in 0..4 {
        let _ = server.get("/api/v1/ledgers").is(200);
    }
    let wait = refused(server.get("/api/v1/ledgers"), 429, "request.rate").header("retry-after").parse::<u64>().unwrap();
    assert!((30..=61).contains(&wait), "{wait}");
    let mut server = serve("PEER");
    for _ in 0..3 {
        let _ = server.get("/api/v1/problems").is(200);
    }
    refused(server.get("/api/v1/problems"), 429, "request.rate");
    refused(server.with("").get("/api/v1/ledgers"), 429, "request.rate");
    let mut server = serve("GUESS_PEER");
    let token = site.everything();
    for n in 0..3 {
        refused(server.with(&format!("recoup_{n}")).get("/api/v1/ledgers"), 401, "access.token");
    }
    refused(server.with("recoup_4").get("/api/v1/ledgers"), 429, "access.guesses");
    let _ = server.with(&token).get("/api/v1/ledgers").is(200);
}
