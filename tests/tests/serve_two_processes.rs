//! Several processes on one database: what one begins, another finishes, once, whenever the first is killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[allow(dead_code, reason = "some of it is for other tests")]
mod kill;

use std::fmt::Debug;
use std::time::Instant;

use chrono::Months;
use kill::{Moments, kills, main_ledger, prove};
use recoup_model::Date;
use recoup_model::calendar::Month;
use recoup_store::{EVERYTHING, StoreError, View};
use recoup_tests::claims::{PROFILE, file, sum};
use recoup_tests::{Reply, Serving, Site, day, letters};
use serde_json::json;

const ROWS: usize = 5_000;
const LETTERS: usize = 1_500;

/// A process that is quick to take up what another left.
fn serve(site: &Site) -> Serving {
    let batches = [("RECOUP__IMPORT__BATCH_ITEMS", "500"), ("RECOUP__EVALUATE__BATCH_CASES", "10")];
    // On a slow machine a lease may run out under a process that lives.
    let batches = [&batches[..], &[("RECOUP__WORK__ATTEMPTS_MAX", "100")]].concat();
    site.serve_with(&[&[("RECOUP__WORK__LEASE_MS", "1000"), ("RECOUP__WORK__POLL_MS", "50")][..], &batches].concat())
}

/// Work that is killed: what the n-th piece of it begins, and what is visible when n pieces are done.
struct Work<'a, V> {
    /// Asks for it, and answers with where the job is.
    begin: &'a dyn Fn(&Serving, usize) -> String,
    visible: &'a dyn Fn(&Site) -> V,
    done: &'a dyn Fn(usize) -> V,
}

/// Kills the process that works at a moment of each piece of work, and lets another finish it.
fn killed<V: PartialEq + Debug>(site: &Site, what: &str, work: &Work<'_, V>) {
    let mut server = serve(site);
    let begun = |server: &Serving, n: usize| {
        let at = (work.begin)(server, n);
        server.job_in(&at, &["running", "done"]);
        at
    };
    let start = Instant::now();
    let first = begun(&server, 0);
    assert_eq!(server.job_ended(&first)["state"], "done");
    let run = start.elapsed();
    assert_eq!((work.visible)(site), (work.done)(1));
    let (mut moments, mut taken_up) = (Moments::seeded(), 0);
    for n in 1..=kills() {
        let pieces = usize::try_from(n).unwrap();
        let at = begun(&server, pieces);
        // Every other time the other process is there already; else it comes when the first is gone.
        let beside = (n % 2 == 0).then(|| serve(site));
        std::thread::sleep(moments.moment(n - 1, kills(), run));
        server.kill();
        server = beside.unwrap_or_else(|| serve(site));
        let job = server.job_ended(&at);
        taken_up += usize::from(job["attempts"].as_i64() > Some(1));
        let expected = (Some("done"), (work.done)(pieces + 1));
        assert_eq!((job["state"].as_str(), (work.visible)(site)), expected, "kill {n}: something is lost or doubled: {job}");
        assert_eq!(job["position"].as_i64(), Some(site.position("main")), "{job}");
    }
    assert!(taken_up > 0, "no process was killed in time");
    prove(site);
    println!("{:?}: {what} takes {run:?}; {taken_up} of {} jobs were taken up by another process", site.backend(), kills());
}

fn read<T>(site: &Site, what: impl FnOnce(&mut View<'_>) -> Result<T, StoreError>) -> T {
    let mut store = site.store();
    let ledger = main_ledger(&mut store);
    store.read(ledger.id, what).unwrap()
}

/// Where a job is that was accepted.
fn accepted(reply: &Reply) -> String {
    reply.json()["state"].as_str().unwrap().to_owned()
}

fn killed_imports(site: &Site) {
    let _ = site.run(["report", "trial-balance"]).exits(0);
    serve(site).source("ar", PROFILE);
    let before = site.position("main");
    let begin = |server: &Serving, n: usize| accepted(&server.upload("ar", &format!("file-{n}"), "a.csv", file(n, ROWS).as_bytes()).is(202));
    // Position, batches, claims, and what is open.
    let visible = |site: &Site| {
        read(site, |view| {
            let open: i64 = view.open_amounts(Date::MAX, EVERYTHING, None)?.iter().map(|(_, _, ledger)| ledger).sum();
            let (batches, claims) = (view.batches(EVERYTHING)?.len(), view.receivables(None, EVERYTHING)?.len());
            Ok((view.head().position, batches, claims, open))
        })
    };
    let done = |n: usize| (before + i64::try_from(n).unwrap(), n, ROWS * n, sum(ROWS) * i64::try_from(n).unwrap());
    killed(site, "an import", &Work { begin: &begin, visible: &visible, done: &done });
}

fn killed_evaluations(site: &Site) {
    letters::open(site);
    let begin = |server: &Serving, n: usize| {
        letters::fill(site, n, LETTERS);
        let asked = json!({"as_of": letters::recovered_on(n)});
        accepted(&server.command("/api/v1/ledgers/main/evaluations", &format!("evaluation-{n}"), &asked).is(202))
    };
    // Evaluations, postings, and their sum.
    let visible = |site: &Site| {
        read(site, |view| {
            let postings = view.postings(EVERYTHING)?;
            let sum: i64 = postings.iter().map(|p| p.posting.amount).sum();
            Ok((view.evaluations(EVERYTHING)?.len(), postings.len(), sum))
        })
    };
    let done = |n: usize| (n, LETTERS * n, letters::bonus(LETTERS) * i64::try_from(n).unwrap());
    killed(site, "an evaluation", &Work { begin: &begin, visible: &visible, done: &done });
}

fn killed_closes(site: &Site) {
    letters::open(site);
    letters::fill(site, 0, LETTERS);
    // The last month that is closed is December 2024, so that March, in which the letters earn, is among them.
    let month = |n: usize| {
        Month::of(day("2024-12-31").checked_sub_months(Months::new(kills())).unwrap().checked_add_months(Months::new(u32::try_from(n).unwrap())).unwrap())
    };
    let begin = |server: &Serving, n: usize| {
        accepted(&server.command("/api/v1/ledgers/main/periods", &format!("close-{n}"), &json!({"month": month(n).to_string()})).is(202))
    };
    // Every close, and evaluations: one for each.
    let visible = |site: &Site| read(site, |view| Ok((view.period_moves(EVERYTHING)?.len(), view.evaluations(EVERYTHING)?.len())));
    killed(site, "a close", &Work { begin: &begin, visible: &visible, done: &|n| (n, n) });
    let postings = read(site, |view| view.postings(EVERYTHING));
    let sum: i64 = postings.iter().map(|p| p.posting.amount).sum();
    assert_eq!((postings.len(), sum), (LETTERS, letters::bonus(LETTERS)));
    assert!(postings.iter().all(|p| p.posting.period == Month::of(letters::recovered_on(0))), "what is earned in March is booked in March");
}

#[test]
fn edge_47_another_process_finishes_an_import_that_a_killed_one_began_on_postgres() {
    killed_imports(&Site::postgres());
}

#[test]
fn edge_47_another_process_finishes_an_import_that_a_killed_one_began_on_sqlite() {
    killed_imports(&Site::sqlite());
}

#[test]
fn edge_47_another_process_finishes_an_evaluation_that_a_killed_one_began_on_postgres() {
    killed_evaluations(&Site::postgres());
}

#[test]
fn edge_47_another_process_finishes_an_evaluation_that_a_killed_one_began_on_sqlite() {
    killed_evaluations(&Site::sqlite());
}

#[test]
fn edge_47_another_process_finishes_a_close_that_a_killed_one_began_on_postgres() {
    killed_closes(&Site::postgres());
}

#[test]
fn edge_47_another_process_finishes_a_close_that_a_killed_one_began_on_sqlite() {
    killed_closes(&Site::sqlite());
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
        let _ = site.run(["serve", "--bind", "127.0.0.1:0"]).exits(1).says("error [store.schema_newer]").says("9000").says("use the release that made it");
    }
}
