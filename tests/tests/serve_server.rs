//! The server itself: where it listens, how it is watched, how it ends, and what it says of itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;

use recoup_tests::{Run, Site, paths};
use serde_json::Value;

#[test]
fn an_address_that_others_reach_needs_names_and_encryption_or_a_proxy() {
    let site = Site::sqlite();
    let serve = |bind: &str, set: &[(&str, &str)]| -> Run {
        let mut command = site.command(["serve", "--bind", bind]);
        command.envs(set.iter().copied()).output().unwrap().into()
    };
    let named = ("RECOUP__SERVER__HOSTS", "recoup.example");
    for bind in ["0.0.0.0:0", "[::]:0"] {
        let _ = serve(bind, &[]).exits(2).says("can be reached from other machines").says("tls_certificate");
        let _ = serve(bind, &[named]).exits(2).says("server.proxies");
        let _ = serve(bind, &[("RECOUP__SERVER__PROXIES", "10.0.0.0/8")]).exits(2).says("server.hosts");
    }
    let _ = serve("0.0.0.0:0", &[named, ("RECOUP__SERVER__PROXIES", "ten")]).exits(1).says("`ten` is no address");
    let server = site.serve_with(&[named, ("RECOUP__SERVER__PROXIES", "10.0.0.0/8,192.0.2.1"), ("RECOUP__SERVER__BIND", "0.0.0.0:0")]);
    let _ = server.get("/readyz").is(200);
}

#[test]
fn it_is_live_ready_and_counted() {
    for site in Site::both() {
        let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &[]).exits(0);
        let server = site.serve();
        assert_eq!(server.get("/healthz").is(200).text(), "live\n");
        assert_eq!(server.get("/readyz").is(200).text(), "ready\nplugins.unsigned = allow\n");
        let _ = server.get("/api/v1/ledgers/main/receipts?reference=secret").is(200);
        let _ = server.get("/api/v1/nothing").is(404);
        let metrics = server.get("/metrics").is(200).text();
        let route = "/api/v1/ledgers/{ledger}/receipts";
        assert!(metrics.contains(&format!("recoup_http_requests_total{{method=\"GET\",route=\"{route}\",status=\"200\"}} 1")), "{metrics}");
        assert!(
            metrics.contains("route=\"none\",status=\"404\"} 1")
                && metrics.contains(&format!("recoup_http_request_seconds_count{{method=\"GET\",route=\"{route}\"}} 1"))
        );
        assert!(metrics.contains("recoup_http_requests_in_flight 1"), "this request itself: {metrics}");
        assert!(!metrics.contains("secret"));
        for state in ["queued", "running", "done", "failed", "cancelled"] {
            assert!(metrics.contains(&format!("recoup_jobs{{state=\"{state}\"}} 0\n")), "{metrics}");
        }
        server.source("claims", recoup_tests::claims::PROFILE);
        let job = server.upload("claims", "k1", "claims.csv", recoup_tests::claims::file(1, 3).as_ref()).is(202).json();
        let _ = server.job_ended(job["state"].as_str().unwrap());
        let metrics = server.get("/metrics").is(200).text();
        assert!(metrics.contains("recoup_jobs{state=\"done\"} 1\n") && metrics.contains("recoup_jobs{state=\"queued\"} 0\n"), "{metrics}");
        assert!(metrics.contains("recoup_outbox_events{state=\"waiting\"} 0\n"), "nobody is to be told: {metrics}");
        assert!(metrics.contains("recoup_job_seconds_count{became=\"done\",kind=\"import\"} 1\n"), "{metrics}");
        assert!(metrics.contains("recoup_build_info{version=") && !metrics.contains("process_resident_memory_bytes 0\n"), "{metrics}");
    }
}

#[test]
fn it_is_not_ready_on_a_schema_that_it_does_not_know() {
    let site = Site::sqlite();
    let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &[]).exits(0);
    let server = site.serve_with(&[("RECOUP__SERVER__METRICS_OPEN", "true")]);
    let _ = server.get("/readyz").is(200);
    site.db().execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99999999999999')").unwrap();
    let reply = server.get("/readyz").is(503);
    assert_eq!((reply.json()["code"].as_str(), reply.header("retry-after")), (Some("store.schema_newer"), "1"));
    assert!(!reply.text().contains("99999999999999"), "a server's fault is the operator's to read");
    // Without the database, what the process counts itself is told, and nothing else.
    let metrics = server.get("/metrics").is(200).text();
    assert!(metrics.contains("recoup_http_requests_total") && !metrics.contains("recoup_jobs{"), "{metrics}");
}

/// A server that was there before a later release changed the schema writes nothing more, also on connections that it had open,
/// and takes no job.
#[test]
fn a_server_that_was_overtaken_by_a_later_release_refuses() {
    for site in Site::both() {
        let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &[]).exits(0);
        let server = site.serve();
        let state = |key: &str| {
            let facts = serde_json::json!({ "system": "manual", "facts": { "debtors": { key: "Debtor" } } });
            server.command("/api/v1/ledgers/main/facts", key, &facts)
        };
        let evaluation = |key: &str| server.command("/api/v1/ledgers/main/evaluations", key, &serde_json::json!({ "as_of": "2024-01-31" }));
        let _ = state("D1").is(201);
        let _ = server.get("/api/v1/ledgers/main/trial-balance").is(200);
        let job = evaluation("e1").is(202).json()["state"].as_str().unwrap().to_owned();
        let _ = server.job_ended(&job);
        let before = site.position("main");
        site.db().execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99999999999999')").unwrap();
        assert_eq!(state("D2").is(503).json()["code"], "store.schema_newer");
        assert_eq!(evaluation("e2").is(503).json()["code"], "store.schema_newer");
        // Reads look once in a second.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        assert_eq!(server.get("/api/v1/ledgers/main/trial-balance?as_of=2020-01-01").is(503).json()["code"], "store.schema_newer");
        site.db().execute("DELETE FROM __diesel_schema_migrations WHERE version = '99999999999999'").unwrap();
        assert_eq!(site.position("main"), before, "nothing was written");
        let _ = state("D2").is(201);
    }
}

/// Serving takes a role that may change no schema: it neither makes tables nor drops the triggers that guard the log.
#[test]
fn it_serves_in_a_role_that_may_not_change_the_schema() {
    let site = Site::postgres();
    let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &[]).exits(0);
    let role = format!("serving_{}", uuid::Uuid::new_v4().simple());
    site.db()
        .execute(&format!(
            "CREATE ROLE {role}; GRANT USAGE ON SCHEMA public TO {role};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
        ))
        .unwrap();
    let joint = if site.db().url().contains('?') { '&' } else { '?' };
    let url = format!("{}{joint}options=-c%20role%3D{role}", site.db().url());
    {
        let server = site.serve_with(&[("TEST_DATABASE", &url)]);
        let facts = serde_json::json!({ "system": "manual", "facts": { "debtors": { "D1": "Debtor" } } });
        let _ = server.command("/api/v1/ledgers/main/facts", "k", &facts).is(201);
        let asked = serde_json::json!({ "as_of": "2024-01-31" });
        let job = server.command("/api/v1/ledgers/main/evaluations", "e", &asked).is(202).json()["state"].as_str().unwrap().to_owned();
        assert_eq!(server.job_ended(&job)["state"], "done");
        assert_eq!(server.rows("/api/v1/ledgers/main/parties").len(), 1);
    }
    let refused = |statement: &str| site.db().execute(&format!("SET ROLE {role}; {statement}")).unwrap_err();
    assert!(refused("CREATE TABLE another (id INTEGER)").contains("permission denied"));
    assert!(refused("DROP TABLE leaf CASCADE").contains("must be owner"));
    // A step is missing: that is for `recoup migrate`, in a role that may.
    site.db().execute("DELETE FROM __diesel_schema_migrations WHERE version = (SELECT MAX(version) FROM __diesel_schema_migrations)").unwrap();
    let mut migrate = site.command(["migrate"]);
    let run: recoup_tests::Run = migrate.env("TEST_DATABASE", &url).output().unwrap().into();
    let _ = run.exits(1).says("store.migration");
    site.db().execute(&format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
}

#[test]
fn it_ends_when_it_is_asked_to() {
    for signal in ["TERM", "INT"] {
        let site = Site::sqlite();
        let server = site.serve();
        let _ = server.get("/healthz").is(200);
        assert_eq!(server.end(signal), 0, "{signal}");
    }
}

#[test]
fn the_description_is_the_committed_one_and_names_every_route() {
    let site = Site::sqlite();
    let server = site.serve();
    let document = server.get("/api/v1/openapi.json").is(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    insta::assert_json_snapshot!("openapi", document);
    // The routes are made from the same descriptions; each one answers, and not as if it were nowhere.
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let filled = path.replace("{ledger}", "main").replace("{key}", "1").replace("{code}", "1");
        for (method, operation) in item.as_object().unwrap() {
            assert!(operations.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path} has the id of another");
            let reply = server.send(&method.to_uppercase(), &filled, &[], b"");
            assert_ne!(reply.json_code(), Some("request.no_route".to_owned()), "{path}");
            assert_ne!(reply.json_code(), Some("request.method".to_owned()), "{path}");
        }
        let refused = server.send("PATCH", &filled, &[], b"").is(405);
        let allowed = item.as_object().unwrap().keys().map(|m| m.to_uppercase());
        assert!(allowed.into_iter().all(|m| refused.header("allow").contains(&m)), "{path}: {}", refused.header("allow"));
    }
    references(&document, &document);
    let page = server.get("/api/v1/openapi").is(200);
    assert!(!page.text().contains("http://") && !page.text().contains("https://"), "no other host");
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
}

/// Every reference of the document leads somewhere.
fn references(document: &Value, at: &Value) {
    match at {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(name.trim_start_matches('#')).is_some(), "{name} leads nowhere");
            }
            fields.values().for_each(|v| references(document, v));
        }
        Value::Array(items) => items.iter().for_each(|v| references(document, v)),
        _ => {}
    }
}
