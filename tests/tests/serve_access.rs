//! Who is answered over HTTP: what proves who one is, what is withheld, what is recorded, and how often one may ask.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::time::{Duration, Instant};

use recoup_model::Digest;
use recoup_model::access::{ApiToken, Role, User};
use recoup_model::record::{Ledger, Record};
use recoup_store::{CommandMeta, EVERYTHING, StoreError};
use recoup_tests::{PASSWORD, Reply, Serving, Site, now, paths};
use serde_json::{Value, json};

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
            assert!(revoked.elapsed() < held + Duration::from_secs(20), "still accepted");
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
    let expires = chrono::Utc::now() + chrono::Duration::seconds(6);
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
                let query = if path.contains('/') { String::new() } else { format!("?format={form}") };
                let text = server.get(&format!("{MAIN}/{path}{query}")).is(200).text();
                assert!(!text.contains("王强") && !text.contains("1500000") && !text.contains("15000.00"), "{path}: {text}");
            }
        }
    }
}

/// What the access log says was shown for what, and whose.
fn shown(site: &Site) -> Vec<(String, Option<String>, Vec<String>)> {
    let found = site.store().read::<_, StoreError>(Ledger::installation(), |view| view.disclosures(EVERYTHING)).unwrap();
    found.into_iter().map(|(_, d)| (d.what, d.purpose, d.persons)).collect()
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
        let wang = || vec!["wang".to_owned()];
        let audit = ("wage-months".to_owned(), Some("audit of May".to_owned()), wang());
        let plain = ("wage-months".to_owned(), None, wang());
        assert_eq!(shown(&site), [audit, plain.clone(), plain]);
    }
}

/// Wages of two people, from one of whom some are withheld: the letter was missed by the end of August.
const WITHHELD: &str = r#"
[people.li]
name = "李娜"
place = "苏州"
wages = { 2024 = "9000.00" }
[people.wang]
name = "王强"
place = "苏州"
wages = { 2024 = "15000.00" }
[minimum_wages."苏州"]
2023-01-01 = "2260.00"
[letters.Q-2024-01]
from = "2024-01-01"
deadline = "2024-08-31"
receivables = ["u8:26/AR-2019-0001"]
[[roles]]
person = "wang"
role = "responsible"
letter = "Q-2024-01"
from = "2024-01-01"
"#;

/// Staff numbers in an answer, wherever they stand.
fn staff(answer: &Value, found: &mut std::collections::BTreeSet<String>) {
    match answer {
        Value::Object(members) => {
            found.extend(members.get("person_code").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|v| staff(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| staff(v, found)),
        _ => {}
    }
}

#[test]
fn the_access_log_says_whose_wages_were_shown() {
    for site in Site::both() {
        let _ = site.import(&paths::export("u8-ar-detail-selfmade.csv"), "u8-ar-detail", &["--system", "u8"]).exits(0);
        let file = site.write("facts.toml", WITHHELD);
        let _ = site.run(["record", file.to_str().unwrap()]).exits(0);
        let _ = site.run(["evaluate", "--as-of", "2024-10-31"]).exits(0);
        let _ = site.handed_out("2024-10", "2024-10-31", &[]);
        let mut server = site.serve();
        let payroll = site.token("pay", &[(Role::Payroll, None, None)]);
        server.with(&payroll);
        let last = || shown(&site).pop().unwrap();
        let people = server.rows(&format!("{MAIN}/people"));
        let id = |code: &str| people.iter().find(|p| p["code"] == code).unwrap()["id"].as_str().unwrap().to_owned();

        // Of one, of both a page at a time, of both at once, of nobody.
        let months = format!("{MAIN}/wage-months?as_of=2024-12-31");
        let whose = |ask: &str| {
            let reply = server.get(&format!("{months}{ask}")).is(200);
            (reply, last().2)
        };
        assert_eq!(whose(&format!("&person={}", id("li"))).1, ["li"]);
        for page in server.pages(&format!("{months}&limit=1")).iter().zip(shown(&site).iter().skip(1)) {
            assert_eq!(page.0[0]["person_code"].as_str(), page.1.2.first().map(String::as_str), "not the row after it");
        }
        assert_eq!(shown(&site).len(), 1 + 24);
        assert_eq!(whose("&format=csv").1, ["li", "wang"]);
        let before = shown(&site).len();
        assert_eq!(whose("&month=2019-01").1, [""; 0]);
        assert_eq!(shown(&site).len(), before + 1, "that nothing was found is a reading too");
        // What the client has already is shown by no second answer.
        let (known, _) = whose("&limit=5");
        let before = shown(&site).len();
        let _ = server.ask(&format!("{months}&limit=5"), &[("if-none-match", known.header("etag"))]).is(304);
        assert_eq!(shown(&site).len(), before);

        // Everything that shows wages says so: what the log names is what the answer names.
        let document = server.get("/api/v1/openapi.json").is(200).json();
        let purposes = |item: &Value| item["get"]["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == "recoup-purpose"));
        let sensitive = document["paths"].as_object().unwrap().iter().filter(|(_, item)| purposes(item)).map(|(path, _)| path.replace("{ledger}", "main"));
        // What is simulated is of a job, and has a test of its own.
        let sensitive: Vec<String> = sensitive.filter(|path| !path.contains("/jobs/")).collect();
        assert_eq!(sensitive.len(), 10, "{sensitive:?}");
        for path in sensitive {
            let path = match path.split_once("/{key}") {
                Some((list, rest)) => format!("{list}/{}{rest}", server.rows(&format!("{list}?as_of=2024-10-31"))[0]["id"].as_str().unwrap()),
                None => path,
            };
            let answer = server.get(&format!("{path}?as_of=2024-10-31")).is(200).json();
            let mut named = std::collections::BTreeSet::new();
            staff(&answer, &mut named);
            assert!(!named.is_empty(), "{path} names nobody: {answer}");
            let (what, _, persons) = last();
            assert_eq!((path.ends_with(&what), persons), (true, named.into_iter().collect()), "{path}");
        }

        // Whoever examines finds by person who read what.
        let auditor = site.token("aud", &[(Role::Auditor, None, None)]);
        let all = server.with(&auditor).rows("/api/v1/installation/disclosures?limit=1000").len();
        let of = |query: &str| server.rows(&format!("/api/v1/installation/disclosures?limit=1000&{query}"));
        let li = of("person=li");
        assert!(!li.is_empty() && li.len() < all && li.iter().all(|d| d["persons"].as_array().unwrap().contains(&"li".into()) && d["login"] == "pay"));
        assert_eq!((of("login=pay").len(), of("login=aud").len(), of("person=nobody").len()), (all, 0, 0));
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

/// Signs somebody in.
fn sign_in(server: &mut Serving, login: &str, password: &str) -> Reply {
    let body = json!({ "login": login, "password": password }).to_string();
    server.with("").send("POST", "/api/v1/sign-in", &[JSON], body.as_bytes())
}

fn change_password(server: &mut Serving, login: &str, old: &str, new: &str) -> Reply {
    let body = json!({ "login": login, "old": old, "new": new }).to_string();
    server.with("").send("POST", "/api/v1/password", &[JSON], body.as_bytes())
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// An installation with the administrators `ada` and `bob`, whom its machine appointed.
fn founded(site: Site) -> Site {
    site.found();
    site
}

/// Generous to attempts, for tests that sign in a lot.
const PATIENT: [(&str, &str); 2] = [("RECOUP__SERVER__LIMITS__GUESS_LOGIN__BURST", "0"), ("RECOUP__SERVER__LIMITS__GUESS_PEER__BURST", "0")];

fn token(server: &mut Serving, login: &str) -> String {
    sign_in(server, login, PASSWORD).is(200).json()["token"].as_str().unwrap().to_owned()
}

#[test]
fn two_administrators_who_signed_in_make_a_user_a_right_and_a_token() {
    for site in Site::both().map(|site| founded(site_with_wages(site))) {
        let mut server = site.serve_with(&[PATIENT[0], PATIENT[1], ("RECOUP__SERVER__RIGHTS_HELD_MS", "600000")]);
        let base = "/api/v1/installation";
        let (ada, bob) = (token(&mut server, "ada"), token(&mut server, "bob"));
        let command = |server: &mut Serving, who: &str, path: &str, key: &str, body: Value| server.with(who).command(&format!("{base}{path}"), key, &body);

        // A first password is told once, and opens nothing but its own change.
        let added = command(&mut server, &ada, "/users", "u1", json!({ "login": "carol", "name": "卡罗" })).is(201).json();
        let first = added["first_password"].as_str().unwrap().to_owned();
        let again = command(&mut server, &ada, "/users", "u1", json!({ "login": "carol", "name": "卡罗" })).is(201).json();
        assert_eq!((&again["id"], &again["first_password"]), (&added["id"], &Value::Null));
        refused(command(&mut server, &ada, "/users", "u1", json!({ "login": "dan" })), 409, "store.idempotency_conflict");
        refused(command(&mut server, &ada, "/users", "u2", json!({ "login": "carol" })), 409, "access.login_taken");
        refused(sign_in(&mut server, "carol", &first), 403, "access.given_password");
        refused(change_password(&mut server, "carol", "wrong horse battery", PASSWORD), 401, "access.denied");
        let _ = change_password(&mut server, "carol", &first, PASSWORD).is(200);
        refused(sign_in(&mut server, "carol", &first), 401, "access.denied");
        let carol = token(&mut server, "carol");

        // A right takes both, and comes at once to whoever is signed in.
        let grant = json!({ "change": "grant", "login": "carol", "role": "collector", "ledger": "main" });
        refused(server.with(&carol).get(MAIN), 404, "store.unknown_ledger");
        refused(command(&mut server, &carol, "/proposals", "p0", grant.clone()), 403, "access.forbidden");
        let asked = command(&mut server, &ada, "/proposals", "p1", grant.clone()).is(201).json();
        assert_eq!(command(&mut server, &ada, "/proposals", "p1", grant.clone()).is(201).json(), asked);
        refused(command(&mut server, &ada, "/proposals", "p2", grant.clone()), 409, "access.pending");
        let decision = format!("/proposals/{}/decision", asked["proposal"].as_str().unwrap());
        let approve = json!({ "verdict": "approve" });
        refused(command(&mut server, &ada, &decision, "d0", approve.clone()), 409, "access.same_person");
        refused(command(&mut server, &carol, &decision, "d0", approve.clone()), 403, "access.forbidden");
        for _ in 0..2 {
            assert_eq!(command(&mut server, &bob, &decision, "d1", approve.clone()).is(200).json()["state"], "approved");
        }
        refused(command(&mut server, &bob, &decision, "d2", approve.clone()), 409, "access.decided");
        let _ = server.with(&carol).get(MAIN).is(200);
        refused(server.get("/api/v1/ledgers/pt"), 404, "store.unknown_ledger");

        // A token takes both, is told once, and changes no rights, whoever's it is.
        let wanted = json!({ "login": "bob", "label": "scripts", "days": 30 });
        let issued = command(&mut server, &ada, "/tokens", "t1", wanted.clone()).is(201).json();
        let again = command(&mut server, &ada, "/tokens", "t1", wanted).is(201).json();
        assert_eq!((&again["token"], &again["proposal"], &again["secret"]), (&issued["token"], &issued["proposal"], &Value::Null));
        let program = issued["secret"].as_str().unwrap().to_owned();
        refused(server.with(&program).get("/api/v1/ledgers"), 401, "access.token");
        let _ = command(&mut server, &bob, &format!("/proposals/{}/decision", issued["proposal"].as_str().unwrap()), "d3", approve.clone()).is(200);
        let _ = server.with(&program).get(&format!("{base}/users")).is(200);
        let revoke = json!({ "change": "revoke-token", "token": issued["token"] });
        refused(command(&mut server, &program, "/proposals", "p3", revoke.clone()), 403, "access.forbidden");

        // What is revoked stops at once, here for as long as rights are held in the other process.
        let asked = command(&mut server, &ada, "/proposals", "p4", revoke).is(201).json();
        let _ = command(&mut server, &bob, &format!("/proposals/{}/decision", asked["proposal"].as_str().unwrap()), "d4", approve).is(200);
        refused(server.with(&program).get("/api/v1/ledgers"), 401, "access.token");

        // The lists say so, to whoever may read them.
        refused(server.with(&carol).get(&format!("{base}/users")), 403, "access.forbidden");
        server.with(&ada);
        let logins = |rows: &[Value]| rows.iter().map(|r| r["login"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(logins(&server.rows(&format!("{base}/users"))), ["ada", "bob", "everything", "carol"]);
        assert!(!server.get(&format!("{base}/users?format=csv")).is(200).text().contains("卡罗"), "administrators see no names");
        let rights = server.rows(&format!("{base}/rights?login=carol"));
        assert_eq!((rights[0]["role"].as_str(), rights[0]["ledger"].as_str()), (Some("collector"), Some("main")));
        let tokens = server.rows(&format!("{base}/tokens?login=bob"));
        assert!(tokens.iter().any(|t| t["label"] == "scripts" && t["revoked"] == true) && tokens.iter().any(|t| t["session"] == true));
        let proposals = server.rows(&format!("{base}/proposals"));
        let said: Vec<_> =
            proposals.iter().map(|p| format!("{} {} {}", p["change"].as_str().unwrap(), p["by"].as_str().unwrap(), p["state"].as_str().unwrap())).collect();
        assert_eq!(said, ["grant ada approved", "issue-token ada approved", "revoke-token ada approved"]);
        assert_eq!(server.rows(&format!("{base}/proposals?pending=true")), Vec::<Value>::new());
        let log = server.rows(&format!("{base}/log?limit=1000"));
        assert!(log.iter().any(|c| c["kind"] == "decide" && c["actor"] == "bob"));
        let leaf = server.get(&format!("{base}/leaves/1")).is(200).json();
        assert_eq!(leaf["root"], log.last().unwrap()["root"]);
        for secret in [&first, &program, PASSWORD] {
            assert!(!server.get(&format!("{base}/leaves?limit=1000")).is(200).text().contains(secret));
        }

        // Signing out ends the session at once; a program's token is not signed out.
        let sign_out = |server: &Serving, key: &str| server.send("POST", "/api/v1/sign-out", &[JSON, ("idempotency-key", key)], b"{}");
        refused(server.with(&carol).send("POST", "/api/v1/sign-out", &[JSON], b"{}"), 400, "request.idempotency_key");
        let _ = server.get("/api/v1/ledgers").is(200);
        let position = || site.store().read::<_, StoreError>(Ledger::installation(), |view| Ok(view.head().position)).unwrap();
        let _ = sign_out(&server, "o1").is(200);
        let ended = position();
        refused(server.get("/api/v1/ledgers"), 401, "access.token");
        // Whoever has not heard the answer asks again; another request with the token is refused.
        let _ = sign_out(&server, "o1").is(200);
        refused(sign_out(&server, "o2"), 401, "access.token");
        refused(server.send("POST", "/api/v1/sign-out", &[JSON], b"{}"), 401, "access.token");
        assert_eq!(position(), ended);
        let two = token(&mut server, "carol");
        let _ = change_password(&mut server, "carol", PASSWORD, "staple battery horse").is(200);
        refused(server.with(&two).get("/api/v1/ledgers"), 401, "access.token");
        let everything = site.everything();
        refused(sign_out(server.with(&everything), "o1"), 409, "access.nothing");
    }
}

#[test]
fn the_access_log_is_read_by_whoever_examines() {
    for site in Site::both().map(site_with_wages) {
        let mut server = site.serve();
        let auditor = site.token("aud", &[(Role::Auditor, None, None)]);
        let _ = server.with(&auditor).ask(&format!("{MAIN}/wage-months"), &[("recoup-purpose", "audit of May")]).is(200);
        let shown = server.rows("/api/v1/installation/disclosures");
        assert_eq!(shown.len(), 1);
        let cell = |name: &str| shown[0][name].as_str().unwrap().to_owned();
        assert_eq!([cell("login"), cell("ledger"), cell("what"), cell("purpose")], ["aud", "main", "wage-months", "audit of May"]);
        assert!(cell("recorded_at").starts_with("20"));
        let _ = server.get("/api/v1/installation/disclosures?format=xlsx").is(200);
    }
}

#[test]
fn guesses_are_slow_by_login_and_by_peer_and_do_not_tell_who_there_is() {
    let site = founded(Site::sqlite());
    let mut server = site.serve_with(&[("RECOUP__SERVER__LIMITS__GUESS_LOGIN__BURST", "3"), ("RECOUP__SERVER__LIMITS__GUESS_PEER__BURST", "8")]);
    let body = |reply: &Reply| {
        let mut body = reply.json();
        body.as_object_mut().unwrap().remove("request_id");
        body
    };
    let (known, unknown) = (sign_in(&mut server, "ada", "wrong horse battery"), sign_in(&mut server, "nobody", "wrong horse battery"));
    assert_eq!((known.status, body(&known)), (401, body(&unknown)));
    for _ in 0..2 {
        refused(sign_in(&mut server, "ada", "wrong horse battery"), 401, "access.denied");
    }
    // The right password does not help either, nor does the other way to try it.
    let reply = refused(sign_in(&mut server, "ada", PASSWORD), 429, "access.guesses");
    assert!((30..=61).contains(&reply.header("retry-after").parse::<u64>().unwrap()));
    refused(change_password(&mut server, "ada", PASSWORD, "staple battery horse"), 429, "access.guesses");
    // Another login is not held up, until the peer is.
    let _ = sign_in(&mut server, "bob", PASSWORD).is(200);
    refused(sign_in(&mut server, "cyn", PASSWORD), 401, "access.denied");
    refused(sign_in(&mut server, "bob", PASSWORD), 429, "access.guesses");
    // Whoever is known already goes on.
    let everything = site.everything();
    let _ = server.with(&everything).get("/api/v1/ledgers").is(200);
}
