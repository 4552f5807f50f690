//! Long work over HTTP: files are sent, followed, mended and called off; jobs end once, whatever becomes of their process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::access::Role;
use recoup_tests::claims::{PROFILE, file, row, rows};
use recoup_tests::{Reply, Serving, Site, letters};
use serde_json::{Value, json};

const MAIN: &str = "/api/v1/ledgers/main";
/// Sizes of work, of which the last is long enough to be met before it ends, on however fast a machine.
const SIZES: [usize; 4] = [2_000, 16_000, 64_000, 256_000];

/// Does something to work while it runs: to ever more of it, until it is met before it ends.
#[track_caller]
fn met<T>(attempt: impl FnMut(usize) -> Option<T>) -> T {
    SIZES.into_iter().find_map(attempt).expect("all of it ended before it was met")
}

/// The ledger `main` is open; it has nothing.
fn open(site: &Site) {
    let _ = site.run(["report", "trial-balance"]).exits(0);
}

#[track_caller]
fn problem(reply: Reply, status: u16, code: &str) -> Value {
    let body = reply.is(status).json();
    assert_eq!((body["code"].as_str(), body["status"].as_u64()), (Some(code), Some(status.into())), "{body}");
    body
}

/// Where a job is that was accepted.
#[track_caller]
fn accepted(reply: Reply) -> String {
    let reply = reply.is(202);
    let at = reply.json()["state"].as_str().unwrap().to_owned();
    assert_eq!(reply.header("location"), at);
    at
}

fn claims(server: &Serving) -> usize {
    server.pages(&format!("{MAIN}/receivables?limit=1000")).iter().map(Vec::len).sum()
}

fn quarantine(server: &Serving, state: &str) -> Vec<(String, String)> {
    let rows = server.rows(&format!("{MAIN}/quarantine?state={state}"));
    rows.iter().map(|r| (r["key"].as_str().unwrap().to_owned(), r["state"].as_str().unwrap().to_owned())).collect()
}

/// A job is of no log; what it is asked for again by is its own state.
#[test]
fn the_tag_of_a_job_holds_until_it_gets_on() {
    for site in Site::both() {
        open(&site);
        let server = site.serve_with(&[("RECOUP__WORK__WORKERS", "0")]);
        let at = accepted(server.command(&format!("{MAIN}/evaluations"), "k1", &json!({ "as_of": "2024-01-31" })));
        let queued = server.get(&at).is(200);
        let tag = queued.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        for given in [tag.clone(), tag.trim_start_matches("W/").to_owned(), format!("\"other\", {tag}"), "*".to_owned()] {
            let reply = server.ask(&at, &[("if-none-match", &given)]).is(304);
            assert!(reply.body.is_empty() && reply.header("etag") == tag, "{given}");
        }
        let _ = server.send("POST", &format!("{at}/cancel"), &[("idempotency-key", "k2")], b"").is(202);
        let cancelled = server.ask(&at, &[("if-none-match", &tag)]).is(200);
        assert_eq!((queued.json()["state"].as_str(), cancelled.json()["state"].as_str()), (Some("queued"), Some("cancelled")));
        assert_ne!(cancelled.header("etag"), tag);
        let _ = server.ask(&format!("{MAIN}/jobs/0190a1b2-0000-8000-8000-000000000000"), &[("if-none-match", "*")]).is(404);
    }
}

#[test]
fn a_file_is_sent_followed_mended_and_dismissed() {
    for site in Site::both() {
        open(&site);
        let server = site.serve();
        server.source("ar", PROFILE);
        let csv = rows(&[row("INV-1", "1000.00"), row("INV-2", "much"), row("INV-3", "12.345")]);
        let at = accepted(server.upload("ar", "k1", "%E5%BA%94%E6%94%B6.csv", csv.as_bytes()));
        let events = server.events(&format!("{at}/events"));
        let (last, job) = events.last().unwrap();
        assert_eq!((last.as_str(), job["state"].as_str(), job["attempts"].as_i64()), ("end", Some("done"), Some(1)), "{job}");
        assert_eq!(server.get(&at).is(200).json(), *job);
        let (import, counts) = (&job["import"], &job["import"]["counts"]);
        assert_eq!((counts["read"].as_u64(), counts["added"].as_u64(), counts["refused"].as_u64()), (Some(4), Some(2), Some(2)), "the party is a record too");
        let batch = server.get(import["path"].as_str().unwrap()).is(200).json();
        assert_eq!((batch["import"]["file_name"].as_str(), batch["import"]["position"].clone()), (Some("应收.csv"), job["position"].clone()));
        assert_eq!(server.rows(import["issues"].as_str().unwrap()).len(), 2);
        let open = |key: &str| (key.to_owned(), "open".to_owned());
        assert_eq!(quarantine(&server, "open"), [open("INV-2"), open("INV-3")]);

        // The mended file holds what was refused, and nothing is doubled.
        let mended = rows(&[row("INV-1", "1000.00"), row("INV-2", "2000.00")]);
        let job = server.job_ended(&accepted(server.upload("ar", "k2", "mended.csv", mended.as_bytes())));
        assert_eq!((job["import"]["counts"]["added"].as_u64(), job["import"]["counts"]["unchanged"].as_u64()), (Some(1), Some(2)), "{job}");
        assert_eq!((quarantine(&server, "open"), quarantine(&server, "mended")), (vec![open("INV-3")], vec![("INV-2".to_owned(), "mended".to_owned())]));
        assert_eq!(claims(&server), 2);

        let left = &server.rows(&format!("{MAIN}/quarantine?state=open"))[0];
        let dismissal = json!({"import": left["import"], "number": left["number"], "reason": "issued by mistake"});
        let path = format!("{MAIN}/quarantine/dismissals");
        problem(server.command(&path, "d0", &json!({"import": left["import"], "number": left["number"], "reason": " "})), 422, "quarantine.reason");
        problem(server.command(&path, "d0", &json!({"import": left["import"], "number": 99, "reason": "x"})), 404, "quarantine.unknown");
        let dismissed = server.command(&path, "d1", &dismissal).is(201);
        assert_eq!(server.command(&path, "d1", &dismissal).is(201).body, dismissed.body);
        problem(server.command(&path, "d2", &dismissal), 409, "quarantine.dismissed");
        assert_eq!((quarantine(&server, "open").len(), quarantine(&server, "dismissed").len(), quarantine(&server, "mended").len()), (0, 1, 1));
        // As it was known before.
        let before = dismissed.json()["position"].as_i64().unwrap() - 1;
        assert_eq!(server.rows(&format!("{MAIN}/quarantine?state=open&known_at={before}")).len(), 1);
        let ledger = site.store().ledger("main").unwrap().unwrap();
        let mut scratch = recoup_store::Store::open("sqlite::memory:").unwrap();
        assert!(recoup_store::audit::rebuild(&mut site.store(), ledger.id, &mut scratch).unwrap().is_proof());
    }
}

#[test]
fn edge_10_a_file_that_is_sent_again_is_one_job() {
    for site in Site::both() {
        open(&site);
        let server = site.serve();
        server.source("ar", PROFILE);
        let csv = file(1, 50);
        let jobs: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
            let sent: Vec<_> = (0..10).map(|_| scope.spawn(|| accepted(server.upload("ar", "same", "a.csv", csv.as_bytes())))).collect();
            sent.into_iter().map(|s| s.join().unwrap()).collect()
        });
        let [at] = <[String; 1]>::try_from(jobs.into_iter().collect::<Vec<_>>()).unwrap();
        let job = server.job_ended(&at);
        assert_eq!((job["state"].as_str(), claims(&server)), (Some("done"), 50));
        problem(server.upload("ar", "same", "a.csv", file(2, 50).as_bytes()), 409, "store.idempotency_conflict");
        problem(server.upload("ar", "same", "b.csv", csv.as_bytes()), 409, "store.idempotency_conflict");
        // The same file under another key is a job of its own, which is answered with the first result.
        let again = server.job_ended(&accepted(server.upload("ar", "other", "a.csv", csv.as_bytes())));
        assert_eq!((again["import"]["imported_before"].as_bool(), again["position"].clone()), (Some(true), job["position"].clone()), "{again}");
        assert_eq!(server.rows(&format!("{MAIN}/jobs")).len(), 2);
    }
}

#[test]
fn a_file_that_cannot_be_imported_changes_nothing_and_says_why() {
    for site in Site::both() {
        open(&site);
        let server = site.serve_with(&[("RECOUP__IMPORT__FILE_BYTES_MAX", "100000")]);
        let strict = json!({"name": "strict", "profile": PROFILE, "bad_records": "all-or-nothing"});
        let _ = server.command(&format!("{MAIN}/sources"), "s", &strict).is(201);
        let before = site.position("main");
        let failed = |key: &str, bytes: &[u8], code: &str| {
            let job = server.job_ended(&accepted(server.upload("strict", key, "a.csv", bytes)));
            assert_eq!((job["state"].as_str(), job["problem"]["code"].as_str()), (Some("failed"), Some(code)), "{job}");
            let _ = server.get(&format!("/api/v1/problems/{code}")).is(200);
            job
        };
        let job = failed("k1", rows(&[row("INV-1", "1000.00"), row("INV-2", "much")]).as_bytes(), "import.refused");
        assert_eq!(job["problem"]["issues"][0]["code"], "table.bad_amount", "{job}");
        failed("k2", b"", "import.empty_file");
        problem(server.upload("strict", "k3", "a.csv", &[b'x'; 100_001]), 413, "import.file_too_large");
        problem(server.upload("none", "k4", "a.csv", b"x"), 404, "source.unknown");
        problem(server.send("POST", &format!("{MAIN}/sources/strict/imports"), &[("idempotency-key", "k")], b"x"), 400, "request.parameter");
        problem(server.send("POST", &format!("{MAIN}/sources/strict/imports?file_name=a.csv"), &[], b"x"), 400, "request.idempotency_key");
        assert_eq!((site.position("main"), claims(&server)), (before, 0));
        problem(server.get(&format!("{MAIN}/jobs/0190a1b2-0000-8000-8000-000000000000")), 404, "request.not_found");
        problem(server.get(&format!("{MAIN}/jobs/x/events")), 404, "request.not_found");
    }
}

#[test]
fn what_is_called_off_leaves_nothing() {
    for site in Site::both() {
        open(&site);
        // Nobody works here: the job waits.
        let idle = site.serve_with(&[("RECOUP__WORK__WORKERS", "0")]);
        idle.source("ar", PROFILE);
        let waiting = accepted(idle.upload("ar", "k1", "a.csv", file(1, 10).as_bytes()));
        assert_eq!(idle.get(&waiting).is(200).json()["state"], "queued");
        let ask = |server: &Serving, at: &str, key: &str| server.send("POST", &format!("{at}/cancel"), &[("idempotency-key", key)], b"");
        let cancel = |server: &Serving, at: &str| ask(server, at, &format!("c-{}", at.rsplit('/').next().unwrap())).is(202).json();
        assert_eq!(cancel(&idle, &waiting)["state"], "cancelled");
        assert_eq!(cancel(&idle, &waiting)["state"], "cancelled", "the same again");
        drop(idle);

        let server = site.serve_with(&[("RECOUP__IMPORT__BATCH_ITEMS", "500")]);
        let left = met(|rows| {
            let (before, held) = (site.position("main"), claims(&server));
            let running = accepted(server.upload("ar", &format!("k-{rows}"), "b.csv", file(rows, rows).as_bytes()));
            server.job_in(&running, &["running", "done"]);
            let used = format!("c-{}", waiting.rsplit('/').next().unwrap());
            problem(ask(&server, &running, &used), 409, "store.idempotency_conflict");
            assert_eq!(cancel(&server, &running)["id"], running.rsplit('/').next().unwrap());
            let job = server.job_ended(&running);
            // It was done before it heard.
            let heard = job["state"] != "done";
            assert!(heard || claims(&server) == held + rows, "{job}");
            heard.then(|| {
                assert_eq!((job["state"].as_str(), job["position"].clone(), &job["cancel_asked"]), (Some("cancelled"), Value::Null, &json!(true)), "{job}");
                assert_eq!((site.position("main"), claims(&server)), (before, held));
                held
            })
        });
        // What is over stays as it is.
        let done = accepted(server.upload("ar", "k3", "c.csv", file(3, 10).as_bytes()));
        server.job_ended(&done);
        assert_eq!(cancel(&server, &done)["state"], "done");
        assert_eq!(claims(&server), left + 10);
    }
}

#[test]
fn an_evaluation_and_a_close_that_are_called_off_leave_nothing() {
    for site in Site::both() {
        letters::open(&site);
        let server = site.serve_with(&[("RECOUP__EVALUATE__BATCH_CASES", "1")]);
        let mut wave = 0;
        let months = ["2024-03", "2024-04", "2024-05", "2024-06"].iter().map(|month| ("periods", json!({"month": month})));
        let days = SIZES.iter().map(|_| ("evaluations", json!({"as_of": "2024-03-31"})));
        let mut asked: [Box<dyn Iterator<Item = (&str, Value)>>; 2] = [Box::new(days), Box::new(months)];
        for asked in &mut asked {
            let (path, body, letters) = met(|letters| {
                letters::fill(&site, wave, letters);
                wave += 1;
                let before = site.position("main");
                let (path, body) = asked.next().unwrap();
                let at = accepted(server.command(&format!("{MAIN}/{path}"), &format!("off-{path}-{letters}"), &body));
                server.job_in(&at, &["running", "done"]);
                let _ = server.send("POST", &format!("{at}/cancel"), &[("idempotency-key", &format!("c-{path}-{letters}"))], b"").is(202);
                let job = server.job_ended(&at);
                (job["state"] != "done").then(|| {
                    assert_eq!((job["state"].as_str(), job["position"].clone()), (Some("cancelled"), Value::Null), "{job}");
                    assert_eq!(site.position("main"), before);
                    (path, body, letters)
                })
            });
            // What was called off can be asked for anew.
            let job = server.job_ended(&accepted(server.command(&format!("{MAIN}/{path}"), &format!("done-{path}"), &body)));
            assert_eq!(job["state"], "done", "{job}");
            assert!(job["records_read"].as_u64() >= u64::try_from(letters).ok(), "{job}");
        }
    }
}

#[test]
fn an_evaluation_tells_how_far_it_has_got() {
    for site in Site::both() {
        letters::open(&site);
        let server = site.serve_with(&[("RECOUP__EVALUATE__BATCH_CASES", "1")]);
        let mut wave = 0;
        met(|letters| {
            letters::fill(&site, wave, letters);
            wave += 1;
            let at = accepted(server.command(&format!("{MAIN}/evaluations"), &format!("e-{letters}"), &json!({"as_of": "2024-03-31"})));
            let told = server.events(&format!("{at}/events"));
            let counts: Vec<u64> = told.iter().map(|(_, job)| job["records_read"].as_u64().unwrap()).collect();
            // Those of earlier waves have been judged.
            let all = u64::try_from(letters).unwrap();
            assert!(counts.is_sorted(), "{counts:?}");
            assert_eq!((told.last().unwrap().1["state"].as_str(), counts.last()), (Some("done"), Some(&all)));
            counts.iter().any(|n| (1..all).contains(n)).then_some(())
        });
    }
}

#[test]
fn a_server_that_ends_hands_its_job_back() {
    for site in Site::both() {
        open(&site);
        let mut held = 0;
        let (at, rows) = met(|rows| {
            let first = site.serve_with(&[("RECOUP__IMPORT__BATCH_ITEMS", "500")]);
            if held == 0 {
                first.source("ar", PROFILE);
            }
            let at = accepted(first.upload("ar", &format!("k-{rows}"), "a.csv", file(rows, rows).as_bytes()));
            first.job_in(&at, &["running", "done"]);
            assert_eq!(first.end("TERM"), 0);
            let mut store = site.store();
            let ledger = store.ledger("main").unwrap().unwrap();
            let [job] = <[recoup_store::Job; 1]>::try_from(store.jobs(ledger.id, recoup_store::JobFilter::default(), true, None, 1).unwrap()).unwrap();
            if job.state.word() == "done" {
                held += rows;
                return None;
            }
            assert_eq!((job.state.word(), job.attempts), ("queued", 0), "it need not run out");
            Some((at, rows))
        });
        let second = site.serve();
        let job = second.job_ended(&at);
        assert_eq!((job["state"].as_str(), job["attempts"].as_i64(), claims(&second)), (Some("done"), Some(1), held + rows), "{job}");
    }
}

#[test]
fn progress_is_followed_while_the_job_runs_and_on_another_process() {
    for site in Site::both() {
        open(&site);
        let worker = site.serve_with(&[("RECOUP__IMPORT__BATCH_ITEMS", "500")]);
        let other = site.serve_with(&[("RECOUP__WORK__WORKERS", "0")]);
        other.source("ar", PROFILE);
        met(|rows| {
            let csv = file(rows, rows);
            let at = accepted(other.upload("ar", &format!("k-{rows}"), "a.csv", csv.as_bytes()));
            let events = other.events(&format!("{at}/events"));
            let (ends, progress): (Vec<_>, Vec<_>) = events.iter().partition(|(name, _)| name == "end");
            assert_eq!((ends.len(), ends[0].1["state"].as_str()), (1, Some("done")));
            let records: Vec<i64> = events.iter().map(|(_, job)| job["records_read"].as_i64().unwrap()).collect();
            assert!(records.is_sorted(), "{records:?}");
            let job = worker.get(&at).is(200).json();
            assert_eq!((job["records_read"].as_u64(), job["bytes_read"].as_u64()), (job["import"]["counts"]["read"].as_u64(), u64::try_from(csv.len()).ok()));
            (!progress.is_empty()).then_some(())
        });
    }
}

/// Two files enter, and an evaluation as of a day to come fails.
#[test]
fn jobs_are_chosen_and_come_page_by_page() {
    for site in Site::both() {
        open(&site);
        let server = site.serve();
        server.source("ar", PROFILE);
        let ended = |reply| server.job_ended(&accepted(reply))["id"].as_str().unwrap().to_owned();
        let first = ended(server.upload("ar", "k1", "a.csv", file(1, 5).as_bytes()));
        let second = ended(server.upload("ar", "k2", "b.csv", file(2, 5).as_bytes()));
        let third = ended(server.command(&format!("{MAIN}/evaluations"), "k3", &json!({"as_of": "2999-01-31"})));
        let ids = |rows: Vec<serde_json::Value>| -> Vec<String> { rows.iter().map(|j| j["id"].as_str().unwrap().to_owned()).collect() };
        let found = |query: &str| ids(server.rows(&format!("{MAIN}/jobs?{query}")));
        let rising = [first.clone(), second.clone(), third.clone()];
        let falling = [third.clone(), second.clone(), first.clone()];
        assert_eq!((found(""), found("sort=-submitted"), found("sort=submitted")), (falling.to_vec(), falling.to_vec(), rising.to_vec()));
        for limit in [1, 2, 3] {
            assert_eq!(ids(server.pages(&format!("{MAIN}/jobs?limit={limit}")).concat()), falling, "by {limit}");
            assert_eq!(ids(server.pages(&format!("{MAIN}/jobs?limit={limit}&sort=submitted")).concat()), rising, "by {limit}");
        }
        assert_eq!((found("kind=import"), found("kind=evaluation"), found("kind=period-close")), (falling[1..].to_vec(), vec![third.clone()], vec![]));
        assert_eq!((found("state=failed"), found("state=done&sort=submitted"), found("state=queued")), (vec![third], vec![first, second], vec![]));
        assert_eq!((found("actor=everything").len(), found("actor=somebody").len()), (3, 0));
        // What is asked for meanwhile stands before the first page, and not on the next.
        let next = server.get(&format!("{MAIN}/jobs?limit=1")).is(200).json()["next"].as_str().unwrap().to_owned();
        let _ = ended(server.upload("ar", "k4", "c.csv", file(3, 5).as_bytes()));
        assert_eq!(ids(server.pages(&next).concat()), falling[1..]);
        let csv = server.get(&format!("{MAIN}/jobs?format=csv&kind=import")).is(200).text();
        assert_eq!(csv.lines().count(), 4, "{csv}");
        for wrong in ["kind=report", "state=late", "sort=id", "limit=1001", "cursor=x", "as_of=2024-01-01"] {
            let _ = server.get(&format!("{MAIN}/jobs?{wrong}")).is(400);
        }
    }
}

#[test]
fn evaluations_and_closes_are_jobs() {
    for site in Site::both() {
        open(&site);
        let mut server = site.serve();
        let facts = json!({"system": "manual", "facts": {
            "people": {"wang": {"name": "王强", "wages": {"2024": "15000.00"}}},
            "debtors": {"D1": "Debtor"},
            "receivables": {"R1": {"debtor": "D1", "amount": "1000.00", "document_date": "2019-01-10", "due": "2019-02-10"}},
            "letters": {"L1": {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["R1"], "shares": {"wang": 1}}},
        }});
        let _ = server.command(&format!("{MAIN}/facts"), "f", &facts).is(201);
        let evaluations = format!("{MAIN}/evaluations");
        let asked = json!({"as_of": "2024-01-31"});
        let at = accepted(server.command(&evaluations, "e1", &asked));
        assert_eq!(accepted(server.command(&evaluations, "e1", &asked)), at, "once for each key");
        let job = server.job_ended(&at);
        assert_eq!((job["state"].as_str(), job["evaluation"]["cases"].as_u64()), (Some("done"), Some(1)), "{job}");
        assert_eq!(job["position"].as_i64(), Some(site.position("main")));
        let job = server.job_ended(&accepted(server.command(&evaluations, "e2", &json!({"as_of": "2999-01-31"}))));
        assert_eq!(job["problem"]["code"], "evaluate.future", "{job}");
        problem(server.command(&evaluations, "e3", &json!({"as_of": "2024-01-31", "pack": "../x"})), 422, "request.body");
        let job = server.job_ended(&accepted(server.command(&format!("{MAIN}/periods"), "p1", &json!({"month": "2024-01"}))));
        assert_eq!(job["state"], "done", "{job}");
        assert_eq!(server.rows(&format!("{MAIN}/periods?as_of=2024-12-31")).len(), 1);
        let job = server.job_ended(&accepted(server.command(&format!("{MAIN}/periods"), "p2", &json!({"month": "2024-01"}))));
        assert_eq!(job["problem"]["code"], "period.close", "{job}");
        problem(server.command(&format!("{MAIN}/periods"), "p3", &json!({"month": "2024-13"})), 422, "request.body");
        // Who may not ask for an evaluation may not call one off.
        server.with(&site.token("integrator", &[(Role::Integrator, None, None)]));
        let _ = server.get(&at).is(200);
        problem(server.send("POST", &format!("{at}/cancel"), &[("idempotency-key", "c")], b""), 403, "access.forbidden");
    }
}
