//! Long work: threads of this process that take jobs, do them, and hand back what they cannot finish.
//!
//! Each thread has a connection of its own, so that no read waits behind a job; while it works, a second thread with
//! another connection holds the job on and hears whether somebody called it off. What comes of a job is in the ledger's log
//! first and in the job's row second: whoever takes up a job of a process that is gone looks into the log before anything else.

mod perform;
mod request;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use recoup_model::job::JobState;
use recoup_store::{Ended, Job, Lease, Progress, Store, StoreError};

pub(crate) use self::perform::{Counts, Failure, Outcome, Refusal, Simulated};
pub(crate) use self::request::{Evaluation, HardClose, Import, PeriodClose, Request, Simulation};
use self::watch::Watch;
use crate::context::Context;
use crate::error::CliError;
use crate::metrics::{Metrics, Worked};
use crate::telemetry::link;

/// How often uploads that nobody finished are looked for.
const SWEEP: Duration = Duration::from_secs(3600);

/// The threads that do long work.
pub(crate) struct Workers {
    end: Arc<End>,
    threads: Vec<JoinHandle<()>>,
}

/// Whether the process ends.
#[derive(Debug, Default)]
pub(crate) struct End {
    asked: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

impl End {
    /// Whether the process was asked to end.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Asks it to.
    pub(crate) fn ask(&self) {
        let _held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.asked.store(true, Ordering::SeqCst);
        self.wake.notify_all();
    }

    /// Waits for a time, or until the process is asked to end.
    fn wait(&self, time: Duration) {
        let held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_asked() {
            drop(self.wake.wait_timeout(held, time));
        }
    }
}

impl Workers {
    /// Starts the configured number of threads.
    pub(crate) fn start(context: &Arc<Context>, end: &Arc<End>, metrics: &Arc<Metrics>) -> Self {
        let thread = |_| {
            let worker = Worker { context: Arc::clone(context), end: Arc::clone(end), metrics: Arc::clone(metrics) };
            std::thread::spawn(move || worker.run())
        };
        Self { end: Arc::clone(end), threads: (0..context.config.work.workers).map(thread).collect() }
    }

    /// Hands the jobs back, and waits until that is done.
    pub(crate) fn end(self) {
        self.end.ask();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker thread panicked");
            }
        }
    }
}

struct Worker {
    context: Arc<Context>,
    end: Arc<End>,
    metrics: Arc<Metrics>,
}

impl Worker {
    fn run(&self) {
        let pause = Duration::from_millis(self.context.config.work.poll_ms);
        let (mut store, mut swept) = (None, None::<Instant>);
        while !self.end.is_asked() {
            let sweep = swept.is_none_or(|at| at.elapsed() >= SWEEP);
            match self.turn(&mut store, sweep) {
                Ok(true) => {}
                Ok(false) => self.end.wait(pause),
                Err(error) => {
                    tracing::error!(code = error.code(), %error, "looking for work failed");
                    store = None;
                    self.end.wait(pause);
                }
            }
            if sweep {
                swept = Some(Instant::now());
            }
        }
    }

    /// Does one job, if there is one.
    fn turn(&self, kept: &mut Option<Store>, sweep: bool) -> Result<bool, StoreError> {
        let store = match kept {
            Some(store) => store,
            None => kept.insert(Store::open(self.context.database())?.with_clock(Context::now)),
        };
        if sweep {
            store.sweep_uploads()?;
        }
        let Some((job, lease)) = store.take_job(self.context.config.work.lease_ms)? else { return Ok(false) };
        let span = tracing::info_span!("job", id = %job.id, kind = job.kind.word(), attempt = job.attempts);
        // It goes on after its request was answered, perhaps in another process: a trace of its own, which leads to that one's.
        if let Some(asked) = job.trace_context.as_deref() {
            link(&span, asked);
        }
        // A panic of ours must not take the thread with it: the connection is given up with whatever it had begun, the
        // lease runs out, and the job is tried again or given up like that of a process that is gone.
        match catch_unwind(AssertUnwindSafe(|| span.in_scope(|| self.work(store, &job, &lease)))) {
            Ok(worked) => worked?,
            Err(_) => {
                tracing::error!(id = %job.id, "a job panicked");
                *kept = None;
            }
        }
        Ok(true)
    }

    fn work(&self, store: &mut Store, job: &Job, lease: &Lease) -> Result<(), StoreError> {
        if let Some(position) = store.effect_of(lease)? {
            tracing::info!(position, "the job's effect is in the log already");
            let found = perform::found(store, job, position).map_err(|e| Failure::of(&e));
            return store.finish_job(lease, &ended(Some(position), found, job.progress));
        }
        if job.cancel {
            return store.finish_job(lease, &cancelled(job.progress));
        }
        if job.attempts > self.context.config.work.attempts_max {
            return store.finish_job(lease, &ended(None, Err(Failure::gave_up()), job.progress));
        }
        let watch = Watch::new(&self.end);
        let begun = Instant::now();
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| watch.hold_on(&self.context, lease));
            // However the work ends, the thread is told: the scope waits for it.
            let _over = watch.until_dropped();
            store.hold(Some(*lease));
            let outcome = perform::perform(&self.context, store, job, &watch);
            store.hold(None);
            outcome
        });
        let took = begun.elapsed();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let worked = match outcome {
            Ok((position, outcome)) => {
                tracing::info!(duration_ms, position, "the job is done");
                store.finish_job(lease, &ended(position, Ok(outcome), watch.progress()))?;
                Worked::Ended(JobState::Done)
            }
            Err(_) if watch.is_lost() => {
                tracing::warn!(duration_ms, "another process has the job by now");
                Worked::Lost
            }
            Err(_) if watch.is_cancelled() || self.is_called_off(store, job)? => {
                tracing::info!(duration_ms, "the job was called off");
                store.finish_job(lease, &cancelled(watch.progress()))?;
                Worked::Ended(JobState::Cancelled)
            }
            Err(_) if self.end.is_asked() => {
                tracing::info!(duration_ms, "the job is handed back");
                store.release(lease, false)?;
                Worked::HandedBack
            }
            Err(error) if is_passing(&error) && job.attempts < self.context.config.work.attempts_max => {
                tracing::warn!(duration_ms, code = error.code(), %error, "the job is tried again");
                self.end.wait(Duration::from_millis(self.context.config.work.poll_ms));
                store.release(lease, true)?;
                Worked::HandedBack
            }
            Err(error) => {
                tracing::info!(duration_ms, code = error.code(), %error, "the job failed");
                store.finish_job(lease, &ended(None, Err(Failure::of(&error)), watch.progress()))?;
                Worked::Ended(JobState::Failed)
            }
        };
        self.metrics.worked(job.kind, worked, took);
        Ok(())
    }

    fn is_called_off(&self, store: &mut Store, job: &Job) -> Result<bool, StoreError> {
        Ok(store.job(job.ledger, job.id)?.is_some_and(|job| job.cancel))
    }
}

/// Whether an error may be gone when the job is done again.
fn is_passing(error: &CliError) -> bool {
    matches!(error.code(), "store.busy" | "store.unreachable" | "store.not_held" | "evaluate.race" | "plugin.timeout" | "plugin.busy" | "output.failed")
}

fn cancelled(progress: Progress) -> Ended {
    Ended { state: JobState::Cancelled, position: None, result: "{}".to_owned(), progress }
}

fn ended(position: Option<i64>, outcome: Result<Outcome, Failure>, progress: Progress) -> Ended {
    let (state, result) = match outcome {
        Ok(outcome) => (JobState::Done, serde_json::to_string(&outcome)),
        Err(failure) => (JobState::Failed, serde_json::to_string(&failure)),
    };
    Ended { state, position, result: result.unwrap_or_else(|_| "{}".to_owned()), progress }
}
