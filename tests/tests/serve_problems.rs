//! Problems over HTTP: each from the catalogue, in the client's language, and every code of the crates is in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;

use recoup_tests::{Reply, Serving, Site, paths};
use serde_json::Value;

fn site() -> Site {
    let site = Site::sqlite();
    let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &[]).exits(0);
    site
}

#[track_caller]
fn problem(reply: Reply, status: u16, code: &str, says: &str) -> Value {
    let reply = reply.is(status);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let body = reply.json();
    assert_eq!((body["code"].as_str().unwrap(), body["status"].as_u64().unwrap()), (code, u64::from(status)), "{body}");
    assert!(body["type"] == format!("/api/v1/problems/{code}") && body["title"].is_string() && body["mend"].is_string(), "{body}");
    assert!(body["detail"].as_str().unwrap_or_default().contains(says), "{body}");
    assert_eq!(body["request_id"].as_str().unwrap(), reply.header("x-request-id"));
    body
}

#[test]
fn a_wrong_request_is_told_what_is_wrong() {
    let site = site();
    let server = site.serve();
    let wrong = |path: &str, status, code, says| problem(server.get(path), status, code, says);
    wrong("/api/v1/nothing", 404, "request.no_route", "/api/v1/nothing");
    wrong("/", 404, "request.no_route", "");
    wrong("/api/v1/ledgers/none/receivables", 404, "store.unknown_ledger", "`none`");
    wrong("/api/v1/ledgers/main/receivables/0190a1b2-0000-8000-8000-000000000000", 404, "request.not_found", "");
    wrong("/api/v1/ledgers/main/receivables/x", 404, "request.not_found", "");
    let list = "/api/v1/ledgers/main/receivables";
    for (query, says) in [
        ("as_of=2024-02-30", "`as_of` = `2024-02-30`"),
        ("as_of=today", "2024-12-31"),
        ("known_at=one", "`known_at` = `one`"),
        ("limit=0", "`limit` = 0"),
        ("limit=1001", "1 to 1000"),
        ("limit=-1", "`limit`"),
        ("partey=1", "there is no parameter `partey`; there are: as_of, known_at, language, limit, cursor, sort, format, bom, party,"),
        ("party=1", "`party` = `1`"),
        ("open=maybe", "true or false"),
        ("sort=colour", "recorded, due, document_date, document, ledger_gross"),
        ("format=pdf", "json, ndjson, csv or xlsx"),
        ("as_of=2024-01-01&as_of=2024-01-02", "`as_of` is given twice"),
    ] {
        wrong(&format!("{list}?{query}"), 400, "request.parameter", says);
    }
    for known_at in ["0", "-1", "999"] {
        wrong(&format!("{list}?known_at={known_at}"), 400, "request.known_at", "positions 1 to 2");
    }
    wrong(&format!("{list}?cursor=!!"), 400, "request.cursor", "");
    let next = server.get("/api/v1/ledgers/main/receipts?limit=1").is(200).json()["next"].as_str().unwrap().to_owned();
    let cursor = next.split("cursor=").nth(1).unwrap();
    wrong(&format!("/api/v1/ledgers/main/receipts?limit=1&sort=booked&cursor={cursor}"), 400, "request.cursor", "another list");
    wrong(&format!("{list}?cursor={cursor}"), 400, "request.cursor", "another list");
    problem(server.ask(list, &[("accept", "image/png")]), 406, "request.not_acceptable", "image/png");
    wrong("/api/v1/ledgers/main/aging?buckets=60d,30d", 400, "request.parameter", "rising bounds");
    wrong("/api/v1/ledgers?day=2024-01-01", 400, "request.parameter", "there is no parameter `day`; there are: language, ");
    wrong("/api/v1/ledgers/main/policies?day=2024-01-01", 400, "request.parameter", "there is no parameter `day`; there are: as_of, known_at, language");
    // A job is of no log.
    wrong("/api/v1/ledgers/main/jobs?as_of=2024-01-01", 400, "request.parameter", "there is no parameter `as_of`");
    wrong("/api/v1/problems/none", 404, "request.not_found", "`none`");
}

#[test]
fn other_methods_large_bodies_and_foreign_hosts_are_refused() {
    let site = site();
    let server = site.serve_with(&[("RECOUP__SERVER__BODY_BYTES_MAX", "1000")]);
    let reply = server.post("/api/v1/ledgers/main/receivables", b"{}");
    assert_eq!(reply.header("allow"), "GET, HEAD");
    problem(reply, 405, "request.method", "POST");
    problem(server.post("/api/v1/ledgers/main/receivables", &[b' '; 1001]), 413, "request.too_large", "1000 bytes");
    problem(server.ask("/api/v1/ledgers", &[("host", "evil.example")]), 421, "access.host", "evil.example");
    problem(server.ask("/api/v1/ledgers", &[("host", "evil.example"), ("x-forwarded-host", "localhost")]), 421, "access.host", "evil.example");
    problem(server.ask("/api/v1/ledgers", &[("sec-fetch-site", "cross-site")]), 403, "access.cross_site", "");
    let _ = server.ask("/api/v1/ledgers", &[("sec-fetch-site", "same-origin")]).is(200);
}

#[test]
fn a_problem_speaks_the_client_s_language_and_has_its_id() {
    let site = site();
    let server = site.serve();
    let reply = server.ask("/api/v1/ledgers/none", &[("accept-language", "zh-CN,zh;q=0.9,en;q=0.8"), ("x-request-id", "auditor-7")]);
    let body = problem(reply, 404, "store.unknown_ledger", "none");
    assert_eq!((body["title"].as_str(), body["request_id"].as_str()), (Some("没有这个账套"), Some("auditor-7")));
    let reply = server.ask("/api/v1/ledgers/none", &[("x-request-id", "no spaces, please")]);
    assert_eq!(reply.header("x-request-id").len(), 36, "an id of ours instead");
}

/// Codes that no request is answered with: they are what a job comes to, what the command line says, or why a statement holds an item.
const OF_JOBS_AND_COMMANDS: &[&str] = &[
    "access.appointed",
    "approval.table",
    "evaluate.backwards",
    "evaluate.future",
    "import.empty_file",
    "import.not_this_format",
    "import.refused",
    "import.superseded",
    "import.unreadable",
    "job.gave_up",
    "job.stopped",
    "period.needs_approval",
    "request.method",
    "request.no_route",
    "scenario.invalid",
    "settlement.approval_open",
    "settlement.case_set_aside",
    "settlement.minimum_wage_unknown",
    "settlement.place_unknown",
    "settlement.wage_unknown",
    "simulation.",
    "store.migration",
    "store.not_held",
    "store.part_of_the_books",
    "store.period_closed",
    "store.url",
];

/// The description names, for each operation, every problem that it can be answered with; tests hold every answer that they get
/// against that. Here: no operation leaves it open, codes have the status of the catalogue, and every code is some operation's.
#[test]
fn each_operation_names_its_problems_by_status() {
    let site = site();
    let server = site.serve();
    let status: std::collections::BTreeMap<String, u64> =
        catalogue(&server).iter().map(|e| (e["code"].as_str().unwrap().to_owned(), e["status"].as_u64().unwrap())).collect();
    let document = server.get("/api/v1/openapi.json").is(200).json();
    let mut named = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(!responses.contains_key("default") && responses.contains_key("429") && responses.contains_key("500"), "{method} {path}");
            for (at, response) in responses.iter().filter(|(at, _)| at.as_str() >= "400") {
                assert!(response["content"]["application/problem+json"].is_object(), "{method} {path} {at}");
                for code in response["x-problems"].as_array().unwrap() {
                    let code = code.as_str().unwrap();
                    assert_eq!(status.get(code).map(u64::to_string).as_ref(), Some(at), "{method} {path}: {code}");
                    named.insert(code.to_owned());
                }
            }
        }
    }
    let others = |code: &&String| !OF_JOBS_AND_COMMANDS.iter().any(|c| code.as_str() == *c || (c.ends_with('.') && code.starts_with(c)));
    let unnamed: Vec<_> = status.keys().filter(|code| !named.contains(*code)).filter(others).collect();
    assert!(unnamed.is_empty(), "no operation names {unnamed:?}");
    let both: Vec<_> = named.iter().filter(|code| !others(code)).collect();
    assert!(both.is_empty(), "{both:?}");
}

/// Codes that the crates' errors can give, read from their sources.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    for file in [
        "store/src/error.rs",
        "engine/src/error.rs",
        "engine/src/access/mod.rs",
        "engine/src/approval/mod.rs",
        "host/src/error.rs",
        "host/src/signature.rs",
        "model/src/access/change.rs",
    ] {
        let text = read(&paths::root().join("core").join(file));
        codes.extend(text.split("=> \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).filter(|c| is_code(c)));
    }
    for file in [
        "facts.rs",
        "facts/declare.rs",
        "facts/event.rs",
        "facts/agreement.rs",
        "source.rs",
        "quarantine.rs",
        "settlement/mod.rs",
        "settlement/payroll.rs",
        "settlement/prepare.rs",
        "settlement/reverse.rs",
        "settlement/run.rs",
        "settlement/standing.rs",
    ] {
        let text = read(&paths::root().join("core/engine/src").join(file));
        for call in ["fault(", "refused("] {
            let first = text.split(call).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
            codes.extend(first.map(str::to_owned).filter(|c| is_code(c)));
        }
    }
    let http = paths::root().join("core/server/src/http");
    for folder in ["", "access", "api", "export"] {
        let files = std::fs::read_dir(http.join(folder)).unwrap().map(|f| f.unwrap().path()).filter(|f| f.extension().is_some_and(|e| e == "rs"));
        for text in files.map(|f| read(&f)) {
            codes.extend(text.split("Problem::new(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    codes
}

fn is_code(word: &str) -> bool {
    word.split('.').count() == 2 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.')
}

fn catalogue(server: &Serving) -> Vec<Value> {
    server.get("/api/v1/problems").is(200).json().as_array().unwrap().clone()
}

#[test]
fn every_code_is_in_the_catalogue_with_a_way_to_mend_it() {
    let site = site();
    let server = site.serve_with(&recoup_tests::LIMITLESS);
    let entries = catalogue(&server);
    let listed: BTreeSet<String> = entries.iter().map(|e| e["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed.len(), entries.len(), "no code stands twice");
    let codes = codes();
    assert!(codes.len() > 60, "{codes:?}");
    let missing: Vec<_> = codes.difference(&listed).collect();
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
    for entry in &entries {
        let code = entry["code"].as_str().unwrap();
        assert!((400..600).contains(&entry["status"].as_u64().unwrap()), "{entry}");
        for (title, mend) in [("title_en", "mend_en"), ("title_zh", "mend_zh")] {
            assert!(!entry[title].as_str().unwrap().is_empty() && entry[mend].as_str().unwrap().ends_with(['.', '。']), "{entry}");
        }
        assert_eq!(server.get(&format!("/api/v1/problems/{code}")).is(200).json(), *entry);
    }
    // A code that a client may decide by does not change silently.
    let stable: Vec<String> = entries.iter().map(|e| format!("{} {}", e["code"].as_str().unwrap(), e["status"])).collect();
    insta::assert_snapshot!(stable.join("\n"));
}

/// A body that is sent slowly does not hold its request open.
#[test]
fn a_body_that_does_not_arrive_in_time_is_refused() {
    use std::io::{Read as _, Write as _};
    let site = Site::sqlite();
    let server = site.serve_with(&[("RECOUP__SERVER__REQUEST_TIMEOUT_MS", "3000")]);
    let begun = std::time::Instant::now();
    let mut stream = std::net::TcpStream::connect(server.address().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(200))).unwrap();
    let head = "POST /api/v1/sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 40\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(b"{\"login\":").unwrap();
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told);
    let told = String::from_utf8_lossy(&told);
    assert!(told.starts_with("HTTP/1.1 400") && told.contains("request.malformed") && told.contains("too long to arrive"), "{told}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(150));
}
