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
    let trace = [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c];
    let parent = [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31];
    for what in [b"recoup-under-test".as_slice(), b"GET /api/v1/problems/{code}", b"an-id-of-mine", b"http.response.status_code", &trace, &parent] {
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
