//! Every write with a real body: whoever may not is refused and changes nothing, whoever may succeeds.

use recoup_model::access::Role;
use recoup_model::record::Ledger;
use recoup_tests::{LIMITLESS, Reply, Serving, Site, paths};
use serde_json::{Value, json};

use super::{ENDPOINTS, Yes, answer, table};

/// The test that takes a month's money through every step.
const MONTH: &str = "a_month_is_settled_wholly_over_http_as_by_the_command_line";

/// Writes whose success another test proves: the file and the test.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("/api/v1/ledgers/{ledger}/jobs/{key}/cancel", "serve_matrix", "a_job_is_called_off_by_whoever_may_ask_for_it"),
    ("/api/v1/ledgers/{ledger}/approvals", "serve_approvals", "each_kind_is_asked_for_by_whoever_may_do_it_and_by_nobody_else"),
    ("/api/v1/ledgers/{ledger}/approvals/{key}/decision", "serve_approvals", "edge_48_a_correction_is_asked_for_and_another_person_decides_it_over_http"),
    ("/api/v1/ledgers/{ledger}/approvals/hard-closes", "serve_approvals", "a_period_is_closed_for_good_by_a_job_that_asks_and_somebody_who_decides"),
    ("/api/v1/ledgers/{ledger}/delegations", "serve_approvals", "edge_48_a_correction_is_asked_for_and_another_person_decides_it_over_http"),
    ("/api/v1/ledgers/{ledger}/payouts", "serve_settlement", MONTH),
    ("/api/v1/ledgers/{ledger}/payouts/{key}/publication", "serve_settlement", MONTH),
    ("/api/v1/ledgers/{ledger}/payouts/{key}/objections", "serve_settlement", MONTH),
    ("/api/v1/ledgers/{ledger}/objections/{key}/resolution", "serve_settlement", MONTH),
    ("/api/v1/ledgers/{ledger}/payouts/{key}/export", "serve_settlement", MONTH),
    ("/api/v1/ledgers/{ledger}/payouts/{key}/returns", "serve_settlement", MONTH),
    (
        "/api/v1/ledgers/{ledger}/payouts/{key}/cancellation",
        "serve_settlement",
        "a_run_is_cancelled_or_taken_back_by_whoever_pays_wages_where_it_takes_no_approval",
    ),
    (
        "/api/v1/ledgers/{ledger}/payouts/{key}/reversal",
        "serve_settlement",
        "a_run_is_cancelled_or_taken_back_by_whoever_pays_wages_where_it_takes_no_approval",
    ),
    ("/api/v1/ledgers", "serve_matrix", "who_may_do_what_is_changed_by_administrators_who_signed_in"),
    ("/api/v1/installation/users", "serve_matrix", "who_may_do_what_is_changed_by_administrators_who_signed_in"),
    ("/api/v1/installation/tokens", "serve_matrix", "who_may_do_what_is_changed_by_administrators_who_signed_in"),
    ("/api/v1/installation/proposals", "serve_matrix", "who_may_do_what_is_changed_by_administrators_who_signed_in"),
    ("/api/v1/installation/proposals/{key}/decision", "serve_matrix", "who_may_do_what_is_changed_by_administrators_who_signed_in"),
    ("/api/v1/sign-in", "serve_access", "two_administrators_who_signed_in_make_a_user_a_right_and_a_token"),
    ("/api/v1/sign-out", "serve_access", "two_administrators_who_signed_in_make_a_user_a_right_and_a_token"),
    ("/api/v1/password", "serve_access", "two_administrators_who_signed_in_make_a_user_a_right_and_a_token"),
];

/// A write of `main`: where, by what version, with what, and the status of success.
struct Real {
    path: &'static str,
    version: Option<&'static str>,
    body: Vec<u8>,
    status: u16,
}

fn json_of(path: &'static str, body: &Value, status: u16) -> Real {
    Real { path, version: None, body: body.to_string().into_bytes(), status }
}

/// What is really asked of an endpoint, of books with a source and a refused record.
fn real(method: &str, path: &str, refused: &Value) -> Option<Real> {
    const CLAIM: &[u8] = b"customer code,customer name,document no,document date,due date,amount,currency\nC9,Nine,Z-1,2024-01-10,2024-02-10,9.00,CNY\n";
    let terms = json!({ "profile": "receivables-simple", "coverage": "snapshot" });
    Some(match (method, path.strip_prefix("/api/v1/ledgers/{ledger}")?) {
        ("post", "/sources") => json_of("/sources", &json!({ "name": "made", "profile": "receivables-simple" }), 201),
        ("put", "/sources/{key}") => Real { version: Some("*"), ..json_of("/sources/made", &terms, 200) },
        ("post", "/sources/{key}/retire") => Real { path: "/sources/made/retire", version: None, body: Vec::new(), status: 200 },
        ("post", "/sources/{key}/imports") => Real { path: "/sources/south-books/imports?file_name=z.csv", version: None, body: CLAIM.to_vec(), status: 202 },
        ("post", "/quarantine/dismissals") => {
            json_of("/quarantine/dismissals", &json!({ "import": refused["import"], "number": refused["number"], "reason": "no day of that month" }), 201)
        }
        ("post", "/evaluations") => json_of("/evaluations", &json!({ "as_of": "2025-01-31" }), 202),
        ("post", "/simulations") => json_of("/simulations", &json!({ "from": "2024-01-01", "to": "2024-12-31", "parameters": {} }), 202),
        ("post", "/periods") => json_of("/periods", &json!({ "month": "2018-01" }), 202),
        ("post", "/facts") => json_of("/facts", &json!({ "system": "manual", "facts": { "debtors": { "D9": "Ninth" } } }), 201),
        _ => return None,
    })
}

fn send(server: &Serving, method: &str, key: &str, real: &Real) -> Reply {
    let kind = if real.path.contains("file_name") { "application/octet-stream" } else { "application/json" };
    let headers = [("idempotency-key", key), ("content-type", kind)];
    let version = real.version.map(|version| ("if-match", version));
    let headers: Vec<(&str, &str)> = headers.into_iter().chain(version).collect();
    server.send(&method.to_uppercase(), &format!("/api/v1/ledgers/main{}", real.path), &headers, &real.body)
}

#[test]
fn every_write_succeeds_for_a_role_that_may_and_changes_nothing_for_one_that_may_not() {
    for site in Site::both().map(Site::divided) {
        let mut server = site.serve_with(&LIMITLESS);
        let everything = site.everything();
        let _ = server.with(&everything).shared();
        let refused = server.rows("/api/v1/ledgers/main/quarantine").remove(0);
        let main = Some(Ledger::id_of("main"));
        let by: Vec<(Role, String)> =
            super::ROLES.into_iter().map(|role| (role, site.token(&format!("{}-of-main", role.word()), &[(role, main, None)]))).collect();
        for (method, path, kind) in ENDPOINTS.iter().filter(|(method, ..)| *method != "get") {
            let Some(real) = real(method, path, &refused) else {
                let (_, file, test) = ELSEWHERE.iter().find(|(of, ..)| of == path).unwrap_or_else(|| panic!("which test proves {method} {path}?"));
                let text = std::fs::read_to_string(paths::root().join(format!("tests/tests/{file}.rs"))).unwrap();
                assert!(text.contains(&format!("fn {test}()")), "{file} has no {test}");
                continue;
            };
            // Each path once, and each by a login of its own.
            let key = format!("key-{}", real.path.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
            let before = (site.position("main"), jobs(server.with(&everything)));
            for (role, token) in by.iter().filter(|(role, _)| table(*kind, *role)[1] != Yes) {
                let reply = send(server.with(token), method, &key, &real);
                assert_eq!(answer(&reply), table(*kind, *role)[1], "{method} {path} by {role:?}: {}", reply.text());
            }
            assert_eq!((site.position("main"), jobs(server.with(&everything))), before, "{method} {path}: whoever may not changes nothing");
            let (role, token) = by.iter().find(|(role, _)| table(*kind, *role)[1] == Yes).unwrap_or_else(|| panic!("nobody may {method} {path}"));
            let reply = send(server.with(token), method, &key, &real);
            assert_eq!(reply.status, real.status, "{method} {path} by {role:?}: {}", reply.text());
            let reached = if reply.status == 202 {
                let job = server.with(&everything).job_ended(reply.json()["state"].as_str().unwrap());
                // A period whose cases are not all judged stays open: what was asked for was asked, and says why.
                assert!(job["state"] == "done" || job["problem"]["code"].as_str().is_some_and(|code| code.starts_with("period.")), "{method} {path}: {job}");
                jobs(&server) == before.1 + 1
            } else {
                site.position("main") > before.0
            };
            assert!(reached, "{method} {path} by {role:?} had its effect");
        }
    }
}

fn jobs(server: &Serving) -> usize {
    server.rows("/api/v1/ledgers/main/jobs?limit=1000").len()
}
