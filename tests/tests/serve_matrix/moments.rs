//! Whatever is read of a log is asked for as of a day and as known then; the table says which endpoints that are.

use recoup_model::access::Role;
use recoup_tests::{ALL_ROLES, LIMITLESS, Site};
use serde_json::Value;

use super::{AccessLog, ENDPOINTS, Known, Open, Read, Wages, site};

/// What tells nothing of a log: figures of the process, jobs, which are known now, and what a period needs to be closed now.
const OF_NO_LOG: [&str; 7] = [
    "/metrics",
    "/api/v1/ledgers/{ledger}/periods/{key}/checklist",
    "/api/v1/ledgers/{ledger}/jobs",
    "/api/v1/ledgers/{ledger}/jobs/{key}",
    "/api/v1/ledgers/{ledger}/jobs/{key}/events",
    "/api/v1/ledgers/{ledger}/jobs/{key}/simulation",
    "/api/v1/ledgers/{ledger}/sensitive/jobs/{key}/simulation",
];
/// What is of several logs: a moment is one of each, and no answer can name them all.
const OF_SEVERAL: [&str; 3] = ["/api/v1/ledgers", "/api/v1/parties", "/api/v1/people"];

#[test]
fn every_read_of_a_log_takes_a_day_and_a_moment_and_names_both() {
    for site in Site::both().map(site) {
        let mut server = site.serve_with(&LIMITLESS);
        let document = server.get("/api/v1/openapi.json").is(200).json();
        let books = site.token("books", &ALL_ROLES.map(|role| (role, None, None)));
        let examiner = site.token("examiner", &[(Role::Auditor, None, None)]);
        let tomorrow = chrono::Utc::now().date_naive() + chrono::Days::new(2);
        let (mut answered, mut without) = (0, Vec::new());
        for (_, path, kind) in ENDPOINTS.iter().filter(|(method, _, kind)| *method == "get" && *kind != Open) {
            let parameters = document["paths"][path]["get"]["parameters"].as_array().map_or([].as_slice(), Vec::as_slice);
            let described: Vec<&Value> = parameters.iter().filter(|p| ["as_of", "known_at"].contains(&p["name"].as_str().unwrap())).collect();
            if OF_NO_LOG.contains(path) {
                assert!(described.is_empty(), "{path}");
                without.push(*path);
                continue;
            }
            assert!(described.len() == 2 && described.iter().all(|p| p["description"].as_str().is_some_and(|d| d.len() > 20)), "{path}: {described:?}");
            server.with(match kind {
                AccessLog => &examiner,
                Known | Read | Wages => &books,
                other => panic!("who reads {path}, which is of {other:?}?"),
            });
            // Rates of provision are for whoever asks to say.
            let rates = if path.ends_with("/provision") { "&rates=0,1,3,5,10,20,50,80,100" } else { "" };
            let reply = server.get(&format!("{}?as_of=2024-05-06&known_at={tomorrow}{rates}", path.replace("{ledger}", "main").replace("{key}", "1")));
            // Nothing is called `1` but the first leaf and the first command.
            assert!(
                reply.status == 200 || (reply.json_code().as_deref(), path.contains("{key}")) == (Some("request.not_found"), true),
                "{path}: {}",
                reply.text()
            );
            if reply.status == 200 && !OF_SEVERAL.contains(path) {
                let position: i64 = reply.header("recoup-known-at").parse().unwrap();
                assert!(reply.header("recoup-as-of") == "2024-05-06" && position > 0, "{path}");
                answered += 1;
            }
        }
        assert_eq!(without, OF_NO_LOG, "each is in the table");
        assert!(answered > 40, "{answered}");
    }
}
