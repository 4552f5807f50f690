//! Who is answered what: every endpoint of the description, every role, every scope of a right. The tables are written by
//! hand from what the roles are for; an endpoint that none of them has makes the test fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[path = "serve_matrix/acts.rs"]
mod acts;
#[path = "serve_matrix/moments.rs"]
mod moments;
#[path = "serve_matrix/world.rs"]
mod world;

use std::collections::BTreeSet;

use chrono::{Duration, Utc};
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Role, User};
use recoup_model::id::UnitId;
use recoup_model::record::{Ledger, Record};
use recoup_store::{CommandMeta, EVERYTHING, StoreError};
use recoup_tests::divided::unit;
use recoup_tests::{LIMITLESS, Reply, Right, Serving, Site, now};
use serde_json::{Value, json};

/// What an endpoint is for; each kind has a table below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Says nothing of what is recorded.
    Open,
    /// Proves a password itself.
    Password,
    /// Asks who one is, and nothing else.
    Known,
    /// Reads books.
    Read,
    /// Reads wages.
    Wages,
    /// Reads who may do what, and who saw wages.
    AccessLog,
    /// Changes who may do what.
    Access,
    /// States facts.
    State,
    /// Brings files in.
    Import,
    /// Evaluates policies.
    Evaluate,
    /// Closes periods.
    Close,
    /// Has payout runs made.
    Settle,
    /// Decides what others ask for, which a program's token never does.
    Approve,
}

use Kind::{Access, AccessLog, Approve, Close, Evaluate, Import, Known, Open, Password, Read, Settle, State, Wages};

const ENDPOINTS: &[(&str, &str, Kind)] = &[
    ("get", "/healthz", Open),
    ("get", "/readyz", Open),
    ("get", "/metrics", Known),
    ("get", "/api/v1/openapi.json", Open),
    ("get", "/api/v1/openapi", Open),
    ("get", "/api/v1/problems", Open),
    ("get", "/api/v1/problems/{code}", Open),
    ("get", "/api/v1/ledgers", Known),
    ("get", "/api/v1/parties", Known),
    ("get", "/api/v1/people", Known),
    ("get", "/api/v1/ledgers/{ledger}", Read),
    ("get", "/api/v1/ledgers/{ledger}/parties", Read),
    ("get", "/api/v1/ledgers/{ledger}/parties/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/people", Read),
    ("get", "/api/v1/ledgers/{ledger}/units", Read),
    ("get", "/api/v1/ledgers/{ledger}/contracts", Read),
    ("get", "/api/v1/ledgers/{ledger}/receivables", Read),
    ("get", "/api/v1/ledgers/{ledger}/receivables/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/receipts", Read),
    ("get", "/api/v1/ledgers/{ledger}/receipts/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/entries", Read),
    ("get", "/api/v1/ledgers/{ledger}/applications", Read),
    ("get", "/api/v1/ledgers/{ledger}/agreements", Read),
    ("get", "/api/v1/ledgers/{ledger}/agreements/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/milestones", Read),
    ("get", "/api/v1/ledgers/{ledger}/false-reports", Read),
    ("get", "/api/v1/ledgers/{ledger}/sanctions", Read),
    ("get", "/api/v1/ledgers/{ledger}/pauses", Read),
    ("get", "/api/v1/ledgers/{ledger}/letters", Read),
    ("get", "/api/v1/ledgers/{ledger}/letters/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/roles", Read),
    ("get", "/api/v1/ledgers/{ledger}/wage-months", Wages),
    ("get", "/api/v1/ledgers/{ledger}/payouts", Read),
    ("get", "/api/v1/ledgers/{ledger}/payouts/{key}", Wages),
    ("get", "/api/v1/ledgers/{ledger}/payouts/{key}/payroll", Wages),
    ("get", "/api/v1/ledgers/{ledger}/settlement", Wages),
    ("post", "/api/v1/ledgers/{ledger}/payouts", Settle),
    ("post", "/api/v1/ledgers/{ledger}/payouts/{key}/publication", Settle),
    ("post", "/api/v1/ledgers/{ledger}/payouts/{key}/objections", Settle),
    ("post", "/api/v1/ledgers/{ledger}/objections/{key}/resolution", Settle),
    ("post", "/api/v1/ledgers/{ledger}/payouts/{key}/export", Settle),
    ("post", "/api/v1/ledgers/{ledger}/payouts/{key}/returns", Settle),
    ("post", "/api/v1/ledgers/{ledger}/payouts/{key}/cancellation", Settle),
    ("post", "/api/v1/ledgers/{ledger}/payouts/{key}/reversal", Settle),
    ("get", "/api/v1/ledgers/{ledger}/imports", Read),
    ("get", "/api/v1/ledgers/{ledger}/imports/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/issues", Read),
    ("get", "/api/v1/ledgers/{ledger}/evaluations", Read),
    ("get", "/api/v1/ledgers/{ledger}/lines", Read),
    ("get", "/api/v1/ledgers/{ledger}/lines/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/postings", Read),
    ("get", "/api/v1/ledgers/{ledger}/sensitive/lines", Wages),
    ("get", "/api/v1/ledgers/{ledger}/sensitive/lines/{key}", Wages),
    ("get", "/api/v1/ledgers/{ledger}/sensitive/postings", Wages),
    ("get", "/api/v1/ledgers/{ledger}/findings", Read),
    ("get", "/api/v1/ledgers/{ledger}/cases/set-aside", Read),
    ("get", "/api/v1/ledgers/{ledger}/periods", Read),
    ("get", "/api/v1/ledgers/{ledger}/periods/{key}/checklist", Close),
    ("get", "/api/v1/ledgers/{ledger}/aging", Read),
    ("get", "/api/v1/ledgers/{ledger}/trial-balance", Read),
    ("get", "/api/v1/ledgers/{ledger}/provision", Read),
    ("get", "/api/v1/ledgers/{ledger}/recovery", Read),
    ("get", "/api/v1/ledgers/{ledger}/targets", Read),
    ("get", "/api/v1/ledgers/{ledger}/old-debts", Read),
    ("get", "/api/v1/ledgers/{ledger}/accounts", Wages),
    ("get", "/api/v1/ledgers/{ledger}/payout-register", Wages),
    ("get", "/api/v1/ledgers/{ledger}/withheld", Wages),
    ("get", "/api/v1/ledgers/{ledger}/policies", Read),
    ("get", "/api/v1/ledgers/{ledger}/plugins", Read),
    ("get", "/api/v1/ledgers/{ledger}/log", Read),
    ("get", "/api/v1/ledgers/{ledger}/log/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/leaves", Read),
    ("get", "/api/v1/ledgers/{ledger}/leaves/{key}", Read),
    ("get", "/api/v1/installation/users", AccessLog),
    ("get", "/api/v1/installation/rights", AccessLog),
    ("get", "/api/v1/installation/tokens", AccessLog),
    ("get", "/api/v1/installation/trusted-keys", AccessLog),
    ("get", "/api/v1/installation/proposals", AccessLog),
    ("get", "/api/v1/installation/disclosures", AccessLog),
    ("get", "/api/v1/installation/log", AccessLog),
    ("get", "/api/v1/installation/log/{key}", AccessLog),
    ("get", "/api/v1/installation/leaves", AccessLog),
    ("get", "/api/v1/installation/leaves/{key}", AccessLog),
    ("get", "/api/v1/ledgers/{ledger}/sources", Read),
    ("get", "/api/v1/ledgers/{ledger}/sources/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/quarantine", Read),
    ("get", "/api/v1/ledgers/{ledger}/jobs", Read),
    ("get", "/api/v1/ledgers/{ledger}/jobs/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/jobs/{key}/events", Read),
    ("get", "/api/v1/ledgers/{ledger}/jobs/{key}/simulation", Read),
    ("get", "/api/v1/ledgers/{ledger}/sensitive/jobs/{key}/simulation", Wages),
    // Beyond reading it, a job is called off by whoever may ask for it.
    ("post", "/api/v1/ledgers/{ledger}/jobs/{key}/cancel", Read),
    ("post", "/api/v1/ledgers/{ledger}/sources", Import),
    ("put", "/api/v1/ledgers/{ledger}/sources/{key}", Import),
    ("post", "/api/v1/ledgers/{ledger}/sources/{key}/retire", Import),
    ("post", "/api/v1/ledgers/{ledger}/sources/{key}/imports", Import),
    ("post", "/api/v1/ledgers/{ledger}/quarantine/dismissals", Import),
    ("post", "/api/v1/ledgers/{ledger}/evaluations", Evaluate),
    ("post", "/api/v1/ledgers/{ledger}/simulations", Evaluate),
    ("post", "/api/v1/ledgers/{ledger}/periods", Close),
    ("get", "/api/v1/ledgers/{ledger}/approvals", Read),
    ("get", "/api/v1/ledgers/{ledger}/approvals/{key}", Read),
    // Beyond reading the ledger, what is asked for says who may ask, and the table of authority who may decide.
    ("post", "/api/v1/ledgers/{ledger}/approvals", Read),
    ("post", "/api/v1/ledgers/{ledger}/approvals/{key}/decision", Read),
    ("post", "/api/v1/ledgers/{ledger}/approvals/hard-closes", Close),
    ("get", "/api/v1/ledgers/{ledger}/authority", Read),
    ("get", "/api/v1/ledgers/{ledger}/delegations", Read),
    ("post", "/api/v1/ledgers/{ledger}/delegations", Approve),
    ("post", "/api/v1/ledgers", Access),
    ("post", "/api/v1/ledgers/{ledger}/facts", State),
    ("post", "/api/v1/installation/users", Access),
    ("post", "/api/v1/installation/tokens", Access),
    ("post", "/api/v1/installation/proposals", Access),
    ("post", "/api/v1/installation/proposals/{key}/decision", Access),
    ("post", "/api/v1/sign-in", Password),
    ("post", "/api/v1/sign-out", Known),
    ("post", "/api/v1/password", Password),
];

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The handler answers, whatever it says of the request.
    Yes,
    /// 403: it is known to be there, and not theirs.
    No,
    /// 404, as for a ledger that is not there.
    Hidden,
    /// 403: what for has to be said.
    Purpose,
    /// 401: no token.
    Token,
    /// 401: one that is not accepted.
    Refused,
}

use Answer::{Hidden, No, Purpose, Refused, Token, Yes};

/// Where a right may be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Every ledger, and the installation.
    Whole,
    /// The ledger that is asked about.
    Ledger,
    /// A unit of it.
    Unit,
    /// Another ledger.
    Other,
}

const SCOPES: [Scope; 4] = [Scope::Whole, Scope::Ledger, Scope::Unit, Scope::Other];
const ROLES: [Role; 7] = [Role::Administrator, Role::Integrator, Role::Collector, Role::Payroll, Role::Approver, Role::Auditor, Role::Service];

/// What a role is answered, with a right for everything, for the ledger, for a unit of it, for another ledger. Nobody can
/// be an administrator of less than everything.
const fn table(kind: Kind, role: Role) -> [Answer; 4] {
    match (kind, role) {
        (Open | Password | Known, _) => [Yes; 4],
        // Who says who may do what sees no books.
        (Read | Wages, Role::Administrator) => [Hidden; 4],
        (Read, Role::Integrator | Role::Collector | Role::Payroll | Role::Approver | Role::Auditor | Role::Service) => [Yes, Yes, Yes, Hidden],
        (Wages, Role::Payroll) => [Yes, Yes, Yes, Hidden],
        (Wages, Role::Auditor) => [Purpose, Purpose, Purpose, Hidden],
        (Wages, Role::Integrator | Role::Collector | Role::Approver | Role::Service) => [No, No, No, Hidden],
        (AccessLog, Role::Administrator | Role::Auditor) => [Yes, No, No, No],
        (AccessLog, Role::Integrator | Role::Collector | Role::Payroll | Role::Approver | Role::Service) => [No; 4],
        (State | Import | Evaluate | Close | Settle | Approve, Role::Administrator) => [Hidden; 4],
        (Import, Role::Integrator | Role::Service) | (Evaluate, Role::Service) | (Close, Role::Approver) => [Yes, Yes, No, Hidden],
        (Import, Role::Collector | Role::Payroll | Role::Approver | Role::Auditor)
        | (Evaluate, Role::Integrator | Role::Collector | Role::Payroll | Role::Approver | Role::Auditor)
        | (Close, Role::Integrator | Role::Collector | Role::Payroll | Role::Auditor | Role::Service) => [No, No, No, Hidden],
        (State, Role::Collector) => [Yes, Yes, No, Hidden],
        (State, Role::Integrator | Role::Payroll | Role::Approver | Role::Auditor | Role::Service) => [No, No, No, Hidden],
        (Settle, Role::Payroll) => [Yes, Yes, No, Hidden],
        (Settle, Role::Integrator | Role::Collector | Role::Approver | Role::Auditor | Role::Service) => [No, No, No, Hidden],
        // Also an approver, for a token is a program's.
        (Approve, Role::Integrator | Role::Collector | Role::Payroll | Role::Approver | Role::Auditor | Role::Service) => [No, No, No, Hidden],
        // Also an administrator, for a token is a program's: whoever changes rights signs in. What they are answered then has
        // a test of its own.
        (Access, _) => [No; 4],
    }
}

/// Somebody with one role for one scope.
fn callers(site: &Site, unit: UnitId) -> Vec<(Role, usize, String)> {
    let (here, there) = (Ledger::id_of("main"), Ledger::id_of("pt"));
    let mut callers = Vec::new();
    for role in ROLES {
        for (at, scope) in SCOPES.into_iter().enumerate() {
            let right: Right = match scope {
                Scope::Whole => (role, None, None),
                Scope::Ledger => (role, Some(here), None),
                Scope::Unit => (role, Some(here), Some(unit)),
                Scope::Other => (role, Some(there), None),
            };
            callers.push((role, at, site.token(&format!("{}-{at}", role.word()), &[right])));
        }
    }
    callers
}

fn ask(server: &Serving, method: &str, path: &str) -> Reply {
    let path = path.replace("{ledger}", "main").replace("{key}", "1").replace("{code}", "access.token");
    match method {
        "get" => server.get(&path),
        "post" | "put" => server.send(&method.to_uppercase(), &path, &[], b""),
        other => panic!("the matrix does not know {other}"),
    }
}

fn answer(reply: &Reply) -> Answer {
    let code = reply.json_code().unwrap_or_default();
    match (reply.status, code.as_str()) {
        (401, "access.required") => Token,
        (401, "access.token") => Refused,
        (403, "access.forbidden") => No,
        (403, "access.purpose") => Purpose,
        (404, "store.unknown_ledger") => Hidden,
        (401 | 403 | 421 | 429 | 500.., _) => panic!("{}", reply.text()),
        _ => Yes,
    }
}

fn site(site: Site) -> Site {
    for ledger in ["main", "pt"] {
        let file = site.write("facts.toml", "[people.wang]\nname = \"王强\"\nwages = { 2024 = \"15000.00\" }\n");
        let _ = site.run(["--ledger", ledger, "record", file.to_str().unwrap()]).exits(0);
    }
    site
}

/// Revokes a user's tokens, or shuts them out.
fn end(site: &Site, login: &str, shut_out: bool) {
    let meta = CommandMeta { kind: "end".into(), input: Digest::of(b""), actor: "tests".into(), recorded_at: now() };
    let ended = site.store().transact::<_, StoreError>(Ledger::installation(), &meta, |tx| {
        let id = [User::id_of(login)];
        let users = tx.users(Some(&id), EVERYTHING)?.into_iter().filter(|_| shut_out).map(|(user, _)| Record::User(User { disabled: true, ..user }));
        let tokens = tx.tokens(Some(&id), EVERYTHING)?.into_iter().filter(|_| !shut_out).map(|t| Record::ApiToken(ApiToken { revoked: true, ..t }));
        tx.append(&users.chain(tokens).map(Into::into).collect::<Vec<_>>())
    });
    ended.unwrap();
}

#[test]
fn every_endpoint_answers_every_role_in_every_scope_as_the_tables_say() {
    for site in Site::both().map(site) {
        let mut server = site.serve_with(&LIMITLESS);
        let document = server.get("/api/v1/openapi.json").is(200).json();
        let described: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())).collect::<Vec<_>>())
            .collect();
        let tabled: BTreeSet<(String, String)> = ENDPOINTS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
        assert_eq!(described, tabled, "endpoints that only one of them has");
        for (role, at, token) in callers(&site, unit("north")) {
            server.with(&token);
            for (method, path, kind) in ENDPOINTS {
                let expected = table(*kind, role)[at];
                let found = answer(&ask(&server, method, path));
                assert_eq!(found, expected, "{method} {path} for {role:?} of {:?}", SCOPES[at]);
            }
        }
        let strangers = [
            (String::new(), Token),
            ("recoup_nobody".to_owned(), Refused),
            (site.token_until("expired", &[(Role::Collector, None, None)], Utc::now() - Duration::seconds(1)), Refused),
            (site.token("revoked", &[(Role::Collector, None, None)]), Refused),
            (site.token("shut-out", &[(Role::Collector, None, None)]), Refused),
        ];
        end(&site, "revoked", false);
        end(&site, "shut-out", true);
        for (token, refusal) in &strangers {
            server.with(token);
            for (method, path, kind) in ENDPOINTS {
                let expected = if matches!(kind, Open | Password) { Yes } else { *refusal };
                assert_eq!(answer(&ask(&server, method, path)), expected, "{method} {path} with `{token}`");
            }
        }
        // Somebody known, without any right.
        server.with(&site.token("nobody", &[]));
        for (method, path, kind) in ENDPOINTS {
            let expected = match kind {
                Open | Password | Known => Yes,
                Read | Wages | State | Import | Evaluate | Close | Settle | Approve => Hidden,
                AccessLog | Access => No,
            };
            assert_eq!(answer(&ask(&server, method, path)), expected, "{method} {path} without a right");
        }
    }
}

/// A job is called off by whoever may ask for one like it: each kind by each role in each scope.
#[test]
fn a_job_is_called_off_by_whoever_may_ask_for_it() {
    for site in Site::both().map(site) {
        // Nobody takes the jobs, so that they are there to be called off.
        let idle: Vec<(&str, &str)> = LIMITLESS.into_iter().chain([("RECOUP__WORK__WORKERS", "0")]).collect();
        let mut server = site.serve_with(&idle);
        server.source("ar", "receivables-simple");
        for (role, at, token) in callers(&site, unit("north")) {
            let everything = site.token("everything-else", &[(Role::Integrator, None, None), (Role::Service, None, None), (Role::Approver, None, None)]);
            for (kind, asked) in [(Import, "sources/ar/imports?file_name=a.csv"), (Evaluate, "evaluations"), (Close, "periods")] {
                let name = format!("{role:?}-{at}-{kind:?}");
                server.with(&everything);
                let sent = match kind {
                    Import => server.upload("ar", &name, "a.csv", name.as_bytes()),
                    Evaluate => server.command(&format!("/api/v1/ledgers/main/{asked}"), &name, &json!({ "as_of": "2024-01-31" })),
                    _ => server.command(&format!("/api/v1/ledgers/main/{asked}"), &name, &json!({ "month": "2024-01" })),
                };
                let job = sent.is(202).json()["state"].as_str().unwrap().to_owned();
                server.with(&token);
                let reply = server.send("POST", &format!("{job}/cancel"), &[("idempotency-key", &name)], b"");
                // Who sees some units only sees no job: it is of no unit.
                let expected = match table(kind, role)[at] {
                    No if SCOPES[at] == Scope::Unit => Yes,
                    other => other,
                };
                assert_eq!(answer(&reply), expected, "{name}: {}", reply.text());
                let done = if expected == Yes && SCOPES[at] != Scope::Unit { "cancelled" } else { "queued" };
                server.with(&everything);
                assert_eq!(server.get(&job).is(200).json()["state"], done, "{name}");
            }
        }
    }
}

/// A ledger that somebody may not see and one that is not there are told in the same words.
#[test]
fn what_may_not_be_seen_is_answered_as_if_it_were_not_there() {
    for site in Site::both().map(site) {
        let mut server = site.serve();
        server.with(&site.token("elsewhere", &[(Role::Collector, Some(Ledger::id_of("pt")), None)]));
        let told = |code: &str| {
            let mut body = server.get(&format!("/api/v1/ledgers/{code}/receivables?limit=wrong")).is(404).json();
            body.as_object_mut().unwrap().remove("request_id");
            body.to_string().replace(code, "LEDGER")
        };
        assert_eq!(told("main"), told("none"));
        let ledgers = server.get("/api/v1/ledgers").is(200).json();
        assert_eq!(ledgers["items"].as_array().unwrap().iter().map(|l| l["code"].as_str().unwrap()).collect::<Vec<_>>(), ["pt"]);
    }
}

/// What an administrator who signed in asks of an endpoint, besides the changes below, and the status of success. `{proposal}`
/// is one that the other administrator made.
fn asked(method: &str, path: &str) -> Option<(Value, u16)> {
    Some(match (method, path) {
        ("post", "/api/v1/ledgers") => (json!({ "code": "new", "name": "New", "currency": "CNY", "time_zone": "Asia/Shanghai" }), 201),
        ("post", "/api/v1/installation/users") => (json!({ "login": "carol" }), 201),
        ("post", "/api/v1/installation/tokens") => (json!({ "login": "carol", "label": "scripts", "days": 1 }), 201),
        ("post", "/api/v1/installation/proposals") => (json!({ "change": "grant", "login": "carol", "role": "collector", "ledger": "main" }), 201),
        ("post", "/api/v1/installation/proposals/{key}/decision") => (json!({ "verdict": "approve" }), 200),
        _ => return None,
    })
}

/// The endpoints of access are for administrators who signed in, and nobody else: each says yes to them.
#[test]
fn who_may_do_what_is_changed_by_administrators_who_signed_in() {
    for site in Site::both().map(site) {
        site.found();
        let mut server = site.serve_with(&LIMITLESS);
        let (ada, bob) = (server.signed_in("ada"), server.signed_in("bob"));
        let collector = site.token("col", &[(Role::Collector, None, None)]);
        let mut proposal = String::new();
        for (method, path, _) in ENDPOINTS.iter().filter(|(_, _, kind)| *kind == Access) {
            let (body, status) = asked(method, path).unwrap_or_else(|| panic!("what does an administrator ask of {method} {path}?"));
            assert_eq!(*method, "post");
            let decides = path.ends_with("/decision");
            let (one, path) = (if decides { &bob } else { &ada }, path.replace("{key}", &proposal));
            assert_eq!(server.with(&collector).command(&path, path.as_str(), &body).status, 403, "{path} by a collector");
            let reply = server.with(one).command(&path, path.as_str(), &body).is(status).json();
            if let Some(made) = reply["proposal"].as_str() {
                made.clone_into(&mut proposal);
            }
        }
        let rights = server.rows("/api/v1/installation/rights?login=carol");
        assert_eq!((rights.len(), rights[0]["role"].as_str()), (1, Some("collector")));
    }
}

/// Every kind of change, in an order in which each has something to change: nothing of it is so until the other administrator
/// has approved, and then it is.
#[test]
fn every_change_of_access_takes_the_second_person_and_then_is_so() {
    const BASE: &str = "/api/v1/installation";
    let key = minisign::KeyPair::generate_unencrypted_keypair().unwrap().pk.to_base64();
    for site in Site::both().map(site) {
        site.found();
        let mut server = site.serve_with(&LIMITLESS);
        let (ada, bob) = (server.signed_in("ada"), server.signed_in("bob"));
        let _ = server.with(&ada).command(&format!("{BASE}/users"), "carol", &json!({ "login": "carol" })).is(201);
        let mut done = BTreeSet::new();
        let mut subject = Value::Null;
        // The change, the list that shows it, the column, and what it holds once the change is made.
        let changes: [(&str, Value, &str, &str, Value); 8] = [
            ("grant", json!({ "login": "carol", "role": "collector", "ledger": "main" }), "rights?login=carol", "revoked", json!(false)),
            ("revoke", json!({ "right": null }), "rights?login=carol", "revoked", json!(true)),
            ("issue-token", json!({ "login": "carol", "label": "scripts", "days": 1 }), "tokens?login=carol", "revoked", json!(false)),
            ("revoke-token", json!({ "token": null }), "tokens?login=carol", "revoked", json!(true)),
            ("disable", json!({ "login": "carol" }), "users", "disabled", json!(true)),
            ("enable", json!({ "login": "carol" }), "users", "disabled", json!(false)),
            ("trust", json!({ "public_key": key, "label": "vendor" }), "trusted-keys", "revoked", json!(false)),
            ("withdraw-trust", json!({ "trusted_key": null }), "trusted-keys", "revoked", json!(true)),
        ];
        for (change, mut body, list, column, expected) in changes {
            // What takes something back names what the change before it made.
            for named in ["right", "token", "trusted_key"] {
                if body.get(named) == Some(&Value::Null) {
                    body[named] = subject.clone();
                }
            }
            let path = if change == "issue-token" { format!("{BASE}/tokens") } else { format!("{BASE}/proposals") };
            if change != "issue-token" {
                body["change"] = change.into();
            }
            let row = |server: &Serving| server.rows(&format!("{BASE}/{list}")).into_iter().rfind(|row| list != "users" || row["login"] == "carol");
            let before = row(server.with(&ada)).map(|row| row[column].clone());
            assert_ne!(before, Some(expected.clone()), "{change}");
            let proposal = server.command(&path, change, &body).is(201).json();
            let decision = format!("{BASE}/proposals/{}/decision", proposal["proposal"].as_str().unwrap());
            assert_eq!(row(&server).map(|row| row[column].clone()), before, "{change} before it is approved");
            assert_eq!(
                server.with(&ada).command(&decision, &format!("{change}-own"), &json!({ "verdict": "approve" })).is(409).json()["code"],
                "access.same_person"
            );
            let _ = server.with(&bob).command(&decision, &format!("{change}-other"), &json!({ "verdict": "approve" })).is(200);
            let after = row(&server).unwrap();
            assert_eq!(after[column], expected, "{change} once it is approved");
            subject = after["id"].clone();
            done.insert(change.to_owned());
        }
        let listed = server.rows(&format!("{BASE}/proposals"));
        assert!(listed.iter().all(|p| (&p["by"], &p["decided_by"], &p["state"]) == (&"ada".into(), &"bob".into(), &"approved".into())), "{listed:?}");
        // Every change that the description knows has a row above; a token is asked for at an address of its own.
        let document = server.get("/api/v1/openapi.json").is(200).json();
        let described = document["components"]["schemas"]["NewProposal"]["oneOf"].as_array().unwrap();
        let described: BTreeSet<String> = described.iter().map(|one| one["properties"]["change"]["enum"][0].as_str().unwrap().to_owned()).collect();
        done.remove("issue-token");
        assert_eq!(done, described);
    }
}
