//! Traces of requests, as a collector receives them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Receiver, Site};

/// Whether bytes hold others.
fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|part| part == what)
}

fn telemetry(site: &Site, endpoint: &str, sampled: i64) {
    site.configure(|config| {
        let table = config["telemetry"].as_table_mut().unwrap();
        table.insert("otlp_endpoint".into(), endpoint.into());
        table.insert("service_name".into(), "recoup-under-test".into());
        table.insert("sampled_per_mille".into(), sampled.into());
    });
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The trace and the span that it names.
const TRACE: [u8; 16] = [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c];
const SPAN: [u8; 8] = [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31];

#[test]
fn a_request_is_a_span_of_its_callers_trace_with_its_route_and_nothing_of_its_path() {
    let site = Site::sqlite();
    let collector = Receiver::start();
    telemetry(&site, &collector.url("/v1/traces"), 1000);
    let server = site.serve();
    let _ = server.ask("/api/v1/problems/request.parameter?language=zh", &[("traceparent", PARENT), ("x-request-id", "an-id-of-mine")]).is(200);
    assert_eq!(server.end("TERM"), 0);
    let sent = collector.wait_for(1);
    assert!(sent.iter().all(|r| r.path == "/v1/traces" && r.header("content-type") == "application/x-protobuf"));
    let bytes: Vec<u8> = sent.into_iter().flat_map(|r| r.body).collect();
    for what in [b"recoup-under-test".as_slice(), b"GET /api/v1/problems/{code}", b"an-id-of-mine", b"http.response.status_code", &TRACE, &SPAN] {
        assert!(holds(&bytes, what), "{}", String::from_utf8_lossy(what));
    }
    assert!(!holds(&bytes, b"request.parameter") && !holds(&bytes, b"language=zh"), "paths and queries may name somebody");
}

/// A job goes on after its request was answered: it is a trace of its own, known by the job's id.
#[test]
fn a_job_is_a_span_with_its_id_and_nothing_of_its_file() {
    let site = Site::sqlite();
    let _ = site.run(["report", "trial-balance"]).exits(0);
    let collector = Receiver::start();
    telemetry(&site, &collector.url("/v1/traces"), 1000);
    let server = site.serve();
    server.source("sales", recoup_tests::claims::PROFILE);
    let sent = server.upload("sales", "a-key", "secret-name.csv", recoup_tests::claims::file(1, 3).as_bytes()).is(202).json();
    let job = server.job_ended(sent["state"].as_str().unwrap());
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(server.end("TERM"), 0);
    let bytes: Vec<u8> = collector.wait_for(1).into_iter().flat_map(|r| r.body).collect();
    for what in ["job", "import", job["id"].as_str().unwrap()] {
        assert!(holds(&bytes, what.as_bytes()), "no `{what}` in {}", String::from_utf8_lossy(&bytes));
    }
    assert!(!holds(&bytes, b"secret-name"), "names of files may name somebody");
}

/// Where bytes stand in others.
fn at(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

/// Whoever asks for a job is answered before it is done, perhaps by another process: the job keeps whose trace it comes from.
#[test]
fn a_job_leads_to_the_request_that_asked_for_it_whoever_does_it() {
    for site in Site::both() {
        let _ = site.run(["report", "trial-balance"]).exits(0);
        let (asked, done) = (Receiver::start(), Receiver::start());
        telemetry(&site, &asked.url("/v1/traces"), 1000);
        let server = site.serve_with(&[("RECOUP__WORK__WORKERS", "0")]);
        let headers = [("traceparent", PARENT), ("idempotency-key", "k1"), ("content-type", "application/json")];
        let job = server.send("POST", "/api/v1/ledgers/main/evaluations", &headers, br#"{"as_of": "2024-01-31"}"#).is(202).json();
        assert_eq!(server.end("TERM"), 0);
        telemetry(&site, &done.url("/v1/traces"), 1000);
        let server = site.serve();
        assert_eq!(server.job_ended(job["state"].as_str().unwrap())["state"], "done");
        assert_eq!(server.end("TERM"), 0);

        // The request's span, as OTLP writes one: field 1 its trace, field 2 its id, field 4 its parent, which is the caller's.
        let bytes: Vec<u8> = asked.wait_for(1).into_iter().flat_map(|r| r.body).collect();
        let (head, parent) = ([&[0x0a, 16][..], &TRACE, &[0x12, 8]].concat(), [&[0x22, 8][..], &SPAN].concat());
        let own =
            bytes.windows(head.len() + 8 + parent.len()).find(|part| part.starts_with(&head) && part.ends_with(&parent)).expect("a span of the caller's trace");
        let own = &own[head.len()..head.len() + 8];
        // The job's span has a link, field 13, to it, and is of another trace.
        let bytes: Vec<u8> = done.wait_for(1).into_iter().flat_map(|r| r.body).collect();
        let link = at(&bytes, &[&head, own].concat()).expect("the job's span names the request's");
        assert_eq!(bytes[link - 2], 13 << 3 | 2, "as a link");
        assert_eq!(bytes.windows(TRACE.len()).filter(|part| **part == TRACE).count(), 1, "and in no other way");
        assert!(holds(&bytes, job["job"].as_str().unwrap().as_bytes()), "of the job");
    }
}

#[test]
fn of_what_is_not_sampled_nothing_is_sent() {
    let site = Site::sqlite();
    let collector = Receiver::start();
    telemetry(&site, &collector.url("/v1/traces"), 0);
    let server = site.serve();
    let _ = server.ask("/healthz", &[("traceparent", PARENT)]).is(200);
    assert_eq!(server.end("TERM"), 0);
    assert_eq!(collector.connections(), 0, "the client's flag alone does not have it traced");
}
