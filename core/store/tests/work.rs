//! Jobs: asked for once, held by one process at a time, in order, and with one effect whatever happens to their holder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::HashSet;
use std::time::Duration;

use common::{books, day, meta, opened};
use recoup_model::Digest;
use recoup_model::accountability::ContractClosed;
use recoup_model::id::ContractId;
use recoup_model::job::{JobKind, JobState};
use recoup_model::record::Record;
use recoup_store::{Ended, Job, JobFilter, Lease, NewJob, Progress, Renewed, Store, StoreError, testing};
use uuid::Uuid;

const LONG: i64 = 60_000;
const OVER: i64 = -1;

fn new(key: &str) -> NewJob<'_> {
    NewJob { ledger: books().id, kind: JobKind::Import, request: "{}", upload: None, once: (key, Digest::of(key.as_bytes())), actor: "a", trace_context: None }
}

fn submit(store: &mut Store, key: &str) -> Job {
    store.submit(&new(key)).unwrap()
}

fn taken(store: &mut Store, lease_ms: i64) -> Option<(Job, Lease)> {
    store.take_job(lease_ms).unwrap()
}

fn state(store: &mut Store, id: Uuid) -> JobState {
    store.job(books().id, id).unwrap().unwrap().state
}

/// The effect of an import.
fn work(store: &mut Store, lease: Lease) -> Result<i64, StoreError> {
    store.hold(Some(lease));
    let written = store.transact::<_, StoreError>(books().id, &meta("import", "file"), |tx| {
        let closed = ContractClosed { contract: ContractId::from_parts(&[b"c"]), on: day(1), recover_by: None };
        tx.append(&[Record::ContractClosed(closed).into()])
    });
    store.hold(None);
    Ok(written?.1.position)
}

fn done(position: i64) -> Ended {
    Ended { state: JobState::Done, position: Some(position), result: "{}".into(), progress: Progress::default() }
}

#[test]
fn a_job_is_asked_for_once_for_each_key() {
    for db in testing::databases() {
        drop(opened(db.store()));
        let ids: HashSet<Uuid> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| submit(&mut db.store(), "k").id)).collect();
            asked.into_iter().map(|a| a.join().unwrap()).collect()
        });
        assert_eq!(ids.len(), 1);
        let other = NewJob { once: ("k", Digest::of(b"other")), ..new("k") };
        assert_eq!(db.store().submit(&other).unwrap_err().code(), "store.idempotency_conflict");
        assert_eq!(db.store().jobs(books().id, JobFilter::default(), true, None, 10).unwrap().len(), 1);
    }
}

#[test]
fn a_job_is_held_by_one_process_at_a_time_and_in_order() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        assert_eq!(taken(&mut store, LONG), None);
        let first = submit(&mut store, "1").id;
        std::thread::sleep(Duration::from_millis(3));
        let second = submit(&mut store, "2").id;
        let takers: Vec<(Job, Lease)> = std::thread::scope(|scope| {
            let taking: Vec<_> = (0..8).map(|_| scope.spawn(|| taken(&mut db.store(), LONG))).collect();
            taking.into_iter().filter_map(|t| t.join().unwrap()).collect()
        });
        let [(job, lease)] = takers.try_into().unwrap();
        assert_eq!((job.id, job.state, job.attempts), (first, JobState::Running, 1));
        assert_eq!(taken(&mut store, LONG), None, "the second waits for the first");
        let progress = Progress { bytes: 7, records: 2 };
        assert_eq!(store.renew(&lease, progress, LONG).unwrap(), Renewed::Held);
        assert_eq!(store.job(books().id, first).unwrap().unwrap().progress, progress);
        let position = work(&mut store, lease).unwrap();
        store.finish_job(&lease, &done(position)).unwrap();
        let ended = store.job(books().id, first).unwrap().unwrap();
        assert_eq!((ended.state, ended.position, ended.result.as_deref(), ended.ended.is_some()), (JobState::Done, Some(position), Some("{}"), true));
        assert_eq!(taken(&mut store, LONG).unwrap().0.id, second);
    }
}

#[test]
fn what_nobody_renews_is_taken_by_another_and_has_one_effect() {
    for db in testing::databases() {
        let (mut one, mut other) = (opened(db.store()), db.store());
        let id = submit(&mut one, "k").id;
        let (_, lost) = taken(&mut one, OVER).unwrap();
        let (job, lease) = taken(&mut other, LONG).unwrap();
        assert_eq!((job.id, job.attempts), (id, 2));
        assert_eq!(one.renew(&lost, Progress::default(), LONG).unwrap(), Renewed::Lost);
        let refused = work(&mut one, lost).unwrap_err();
        assert_eq!(refused.code(), "store.not_held");
        assert_eq!(other.effect_of(&lease).unwrap(), None);
        let position = work(&mut other, lease).unwrap();
        // It ends without saying so; whoever takes the job up finds its effect.
        one.finish_job(&lost, &done(99)).unwrap();
        assert_eq!(state(&mut one, id), JobState::Running);
        other.renew(&lease, Progress::default(), OVER).unwrap();
        let (_, again) = taken(&mut one, LONG).unwrap();
        assert_eq!(one.effect_of(&again).unwrap(), Some(position));
        assert_eq!(work(&mut one, again).unwrap_err().code(), "store.duplicate");
    }
}

#[test]
fn nobody_can_write_in_a_jobs_name() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let id = submit(&mut store, "k").id;
        // What the keys of requests look like, by whoever has a login that is chosen for it.
        for key in [format!("job {id}"), format!("/job {id}")] {
            let closed = |contract: &[u8]| ContractClosed { contract: ContractId::from_parts(&[contract]), on: day(1), recover_by: None };
            let written = store.transact_once::<_, StoreError>(books().id, &key, &meta("record", &key), |tx| {
                tx.append(&[Record::ContractClosed(closed(key.as_bytes())).into()])
            });
            written.unwrap();
        }
        let (_, lease) = taken(&mut store, LONG).unwrap();
        assert_eq!(store.effect_of(&lease).unwrap(), None);
    }
}

#[test]
fn a_job_that_is_called_off_changes_nothing() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let waiting = submit(&mut store, "1").id;
        assert_eq!(store.cancel_job(books().id, waiting, ("cancel 1", Digest::of(b"cancel 1"))).unwrap().unwrap().state, JobState::Cancelled);
        let running = submit(&mut store, "2").id;
        let (_, lease) = taken(&mut store, LONG).unwrap();
        let told = db.store().cancel_job(books().id, running, ("cancel 2", Digest::of(b"cancel 2"))).unwrap().unwrap();
        assert_eq!((told.state, told.cancel), (JobState::Running, true));
        assert_eq!(store.renew(&lease, Progress::default(), LONG).unwrap(), Renewed::Cancelled);
        assert_eq!(work(&mut store, lease).unwrap_err().code(), "store.not_held");
        store.finish_job(&lease, &Ended { state: JobState::Cancelled, position: None, result: "{}".into(), progress: Progress::default() }).unwrap();
        assert_eq!(store.cancel_job(books().id, running, ("cancel 3", Digest::of(b"cancel 3"))).unwrap().unwrap().state, JobState::Cancelled);
        assert_eq!(store.cancel_job(books().id, Uuid::nil(), ("cancel 4", Digest::of(b"cancel 4"))).unwrap(), None);
        assert_eq!(taken(&mut store, LONG), None);
    }
}

#[test]
fn a_job_that_is_handed_back_waits_again() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let id = submit(&mut store, "k").id;
        let (_, lease) = taken(&mut store, LONG).unwrap();
        store.release(&lease, false).unwrap();
        assert_eq!(state(&mut store, id), JobState::Queued);
        let (job, lease) = taken(&mut store, LONG).unwrap();
        assert_eq!((job.id, job.attempts), (id, 1));
        store.release(&lease, true).unwrap();
        let (job, _) = taken(&mut store, LONG).unwrap();
        assert_eq!((job.id, job.attempts), (id, 2), "an attempt that failed counts");
    }
}

#[test]
fn an_original_is_kept_once_whole_and_in_order() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let ledger = books().id;
        let digest = Digest::of(b"abcdef");
        let upload = |store: &mut Store| {
            let id = store.begin_upload(ledger).unwrap();
            store.upload(ledger, id, 0, b"abc".to_vec()).unwrap();
            store.upload(ledger, id, 1, b"def".to_vec()).unwrap();
            id
        };
        let (one, other) = (upload(&mut store), upload(&mut store));
        let first = store.submit(&NewJob { upload: Some((one, digest)), ..new("1") }).unwrap();
        let second = store.submit(&NewJob { upload: Some((other, digest)), ..new("2") }).unwrap();
        assert_eq!((first.original, second.original), (Some(one), Some(one)));
        assert_eq!(store.original_part(ledger, other, 0).unwrap(), None, "the same bytes are kept once");
        let parts: Vec<_> = (0..3).map(|n| store.original_part(ledger, one, n).unwrap()).collect();
        assert_eq!(parts, [Some(b"abc".to_vec()), Some(b"def".to_vec()), None]);
        let given_up = upload(&mut store);
        store.discard_upload(ledger, given_up).unwrap();
        assert_eq!(store.original_part(ledger, given_up, 0).unwrap(), None);
        // Whoever still sends it, or asks for its import, hears of it: there is no job of a file that is gone.
        assert_eq!(store.upload(ledger, given_up, 2, b"ghi".to_vec()).unwrap_err().code(), "store.upload_gone");
        let digest = Digest::of(b"abcdefghi");
        assert_eq!(store.submit(&NewJob { upload: Some((given_up, digest)), ..new("3") }).unwrap_err().code(), "store.upload_gone");
        assert!(!store.is_asked_for(ledger, "3").unwrap());
        let fresh = upload(&mut store);
        store.sweep_uploads().unwrap();
        assert!(store.original_part(ledger, fresh, 0).unwrap().is_some(), "it may still be finished");
    }
}
