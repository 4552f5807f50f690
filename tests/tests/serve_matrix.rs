//! Who is answered what: every endpoint of the description, every role, every scope of a right. The tables are written by
//! hand from what the roles are for; an endpoint that none of them has makes the test fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;

use chrono::{Duration, Utc};
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Role, User};
use recoup_model::id::UnitId;
use recoup_model::record::{Ledger, Record};
use recoup_store::{CommandMeta, EVERYTHING, StoreError};
use recoup_tests::{Reply, Right, Serving, Site, now};

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
}

use Kind::{Access, AccessLog, Close, Evaluate, Import, Known, Open, Password, Read, State, Wages};

const ENDPOINTS: &[(&str, &str, Kind)] = &[
    ("get", "/healthz", Open),
    ("get", "/readyz", Open),
    ("get", "/metrics", Known),
    ("get", "/api/v1/openapi.json", Open),
    ("get", "/api/v1/openapi", Open),
    ("get", "/api/v1/problems", Open),
    ("get", "/api/v1/problems/{code}", Open),
    ("get", "/api/v1/ledgers", Known),
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
    ("get", "/api/v1/ledgers/{ledger}/letters", Read),
    ("get", "/api/v1/ledgers/{ledger}/letters/{key}", Read),
    ("get", "/api/v1/ledgers/{ledger}/roles", Read),
    ("get", "/api/v1/ledgers/{ledger}/wage-months", Wages),
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
    ("get", "/api/v1/ledgers/{ledger}/periods", Read),
    ("get", "/api/v1/ledgers/{ledger}/aging", Read),
    ("get", "/api/v1/ledgers/{ledger}/trial-balance", Read),
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
    // Beyond reading it, a job is called off by whoever may ask for it.
    ("post", "/api/v1/ledgers/{ledger}/jobs/{key}/cancel", Read),
    ("post", "/api/v1/ledgers/{ledger}/sources", Import),
    ("put", "/api/v1/ledgers/{ledger}/sources/{key}", Import),
    ("post", "/api/v1/ledgers/{ledger}/sources/{key}/retire", Import),
    ("post", "/api/v1/ledgers/{ledger}/sources/{key}/imports", Import),
    ("post", "/api/v1/ledgers/{ledger}/quarantine/dismissals", Import),
    ("post", "/api/v1/ledgers/{ledger}/evaluations", Evaluate),
    ("post", "/api/v1/ledgers/{ledger}/periods", Close),
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
        (State | Import | Evaluate | Close, Role::Administrator) => [Hidden; 4],
        (Import, Role::Integrator | Role::Service) | (Evaluate, Role::Service) | (Close, Role::Approver) => [Yes, Yes, No, Hidden],
        (Import, Role::Collector | Role::Payroll | Role::Approver | Role::Auditor)
        | (Evaluate, Role::Integrator | Role::Collector | Role::Payroll | Role::Approver | Role::Auditor)
        | (Close, Role::Integrator | Role::Collector | Role::Payroll | Role::Auditor | Role::Service) => [No, No, No, Hidden],
        (State, Role::Collector) => [Yes, Yes, No, Hidden],
        (State, Role::Integrator | Role::Payroll | Role::Approver | Role::Auditor | Role::Service) => [No, No, No, Hidden],
        // Also an administrator, for a token is a program's: whoever changes rights signs in.
        (Access, _) => [No; 4],
    }
}

/// Somebody with one role for one scope.
fn callers(site: &Site) -> Vec<(Role, usize, String)> {
    let (here, there) = (Ledger::id_of("main"), Ledger::id_of("pt"));
    let mut callers = Vec::new();
    for role in ROLES {
        for (at, scope) in SCOPES.into_iter().enumerate() {
            let right: Right = match scope {
                Scope::Whole => (role, None, None),
                Scope::Ledger => (role, Some(here), None),
                Scope::Unit => (role, Some(here), Some(UnitId::from_parts(&[b"north"]))),
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

/// No limits: the matrix asks more than anybody.
const LIMITLESS: [(&str, &str); 4] = [
    ("RECOUP__SERVER__LIMITS__TOKEN__BURST", "0"),
    ("RECOUP__SERVER__LIMITS__PEER__BURST", "0"),
    ("RECOUP__SERVER__LIMITS__GUESS_LOGIN__BURST", "0"),
    ("RECOUP__SERVER__LIMITS__GUESS_PEER__BURST", "0"),
];

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
        for (role, at, token) in callers(&site) {
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
                Read | Wages | State | Import | Evaluate | Close => Hidden,
                AccessLog | Access => No,
            };
            assert_eq!(answer(&ask(&server, method, path)), expected, "{method} {path} without a right");
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
        assert_eq!(ledgers.as_array().unwrap().iter().map(|l| l["code"].as_str().unwrap()).collect::<Vec<_>>(), ["pt"]);
    }
}
