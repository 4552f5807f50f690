//! Several processes on one database: what one begins, another finishes, once, whenever the first is killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[allow(dead_code, reason = "some of it is for other tests")]
mod kill;

use std::time::{Duration, Instant};

use kill::{Moments, kills, main_ledger, prove};
use recoup_engine::EngineError;
use recoup_model::Date;
use recoup_store::EVERYTHING;
use recoup_tests::claims::{PROFILE, file, sum};
use recoup_tests::{Serving, Site};

const ROWS: usize = 5_000;

/// A process that is quick to take up what another left.
fn serve(site: &Site) -> Serving {
    site.serve_with(&[("RECOUP__WORK__LEASE_MS", "1000"), ("RECOUP__WORK__POLL_MS", "50"), ("RECOUP__IMPORT__BATCH_ITEMS", "500")])
}

/// What is visible: position, batches, claims, and what is open.
fn visible(site: &Site) -> (i64, usize, usize, i64) {
    let mut store = site.store();
    let ledger = main_ledger(&mut store);
    let seen = store.read(ledger.id, |view| {
        let open = view.open_amounts(Date::MAX, EVERYTHING, None)?;
        let (batches, claims) = (view.batches(EVERYTHING)?.len(), view.receivables(None, EVERYTHING)?.len());
        Ok::<_, EngineError>((view.head().position, batches, claims, open.iter().map(|(_, _, ledger)| ledger).sum()))
    });
    seen.unwrap()
}

/// Sends a file and waits until the process has begun it.
fn begun(server: &Serving, n: usize) -> String {
    let reply = server.upload("ar", &format!("file-{n}"), "a.csv", file(n, ROWS).as_bytes()).is(202);
    let at = reply.json()["state"].as_str().unwrap().to_owned();
    server.job_in(&at, &["running", "done"]);
    at
}

/// Kills the process that works on a file at a moment of each import, and lets another finish it.
fn killed(site: &Site) {
    let _ = site.run(["report", "trial-balance"]).exits(0);
    let mut server = serve(site);
    server.source("ar", PROFILE);
    let start = Instant::now();
    let first = begun(&server, 0);
    assert_eq!(server.job_ended(&first)["state"], "done");
    let run = start.elapsed();
    let mut expected = visible(site);
    assert_eq!((expected.1, expected.2, expected.3), (1, ROWS, sum(ROWS)));
    let (mut moments, mut taken_up) = (Moments::seeded(), 0);
    for n in 1..=kills() {
        let at = begun(&server, usize::try_from(n).unwrap());
        // Every other time the other process is there already; else it comes when the first is gone.
        let beside = (n % 2 == 0).then(|| serve(site));
        std::thread::sleep(moments.moment(n - 1, kills(), run));
        server.kill();
        server = beside.unwrap_or_else(|| serve(site));
        let job = server.job_ended(&at);
        taken_up += usize::from(job["attempts"].as_i64() > Some(1));
        expected = (expected.0 + 1, expected.1 + 1, expected.2 + ROWS, expected.3 + sum(ROWS));
        assert_eq!((job["state"].as_str(), visible(site)), (Some("done"), expected), "kill {n}: something is lost or doubled: {job}");
        let batch = server.get(job["import"]["path"].as_str().unwrap()).is(200).json();
        assert_eq!((job["position"].as_i64(), batch["import"]["position"].as_i64()), (Some(expected.0), Some(expected.0)), "{job}");
    }
    assert!(taken_up > 0, "no process was killed in time");
    prove(site);
    println!("{:?}: an import takes {run:?}; {taken_up} of {} jobs were taken up by another process", site.backend(), kills());
}

#[test]
fn edge_47_another_process_finishes_what_a_killed_one_began_on_postgres() {
    killed(&Site::postgres());
}

#[test]
fn edge_47_another_process_finishes_what_a_killed_one_began_on_sqlite() {
    killed(&Site::sqlite());
}

#[test]
fn any_request_is_answered_by_any_process() {
    for site in Site::both() {
        let _ = site.run(["report", "trial-balance"]).exits(0);
        let (one, other) = (serve(&site), serve(&site));
        one.source("ar", PROFILE);
        let csv = file(1, 100);
        let at = other.upload("ar", "k", "a.csv", csv.as_bytes()).is(202).json()["state"].as_str().unwrap().to_owned();
        assert_eq!(one.upload("ar", "k", "a.csv", csv.as_bytes()).is(202).json()["state"], at.as_str());
        assert_eq!(one.job_ended(&at), other.get(&at).is(200).json());
        assert_eq!(one.rows("/api/v1/ledgers/main/receivables").len(), 100);
    }
}

#[test]
fn processes_that_start_together_migrate_once() {
    for site in Site::both() {
        site.db().revert();
        let servers: Vec<Serving> = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..3).map(|_| scope.spawn(|| serve(&site))).collect();
            starting.into_iter().map(|s| s.join().unwrap()).collect()
        });
        for server in &servers {
            let _ = server.get("/readyz").is(200);
        }
    }
}

#[test]
fn a_process_refuses_a_schema_that_it_does_not_know() {
    for site in Site::both() {
        site.db().execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9000')").unwrap();
        let begun = Instant::now();
        let _ = site.run(["serve", "--bind", "127.0.0.1:0"]).exits(1).says("error [store.schema_newer]").says("9000").says("use the release that made it");
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
