//! Holding a job on while it is worked on, and hearing whether to go on.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use recoup_store::{Lease, Progress, Renewed, Store, StoreError};

use super::End;
use crate::context::Context;

/// How often progress is told, and a call to stop heard.
const BEAT: Duration = Duration::from_millis(250);

/// What the thread that works and the thread that holds the job on tell each other.
#[derive(Debug)]
pub(super) struct Watch {
    end: Arc<End>,
    bytes: AtomicI64,
    records: AtomicI64,
    cancelled: AtomicBool,
    lost: AtomicBool,
    over: Mutex<bool>,
    wake: Condvar,
}

impl Watch {
    pub(super) fn new(end: &Arc<End>) -> Self {
        Self {
            end: Arc::clone(end),
            bytes: AtomicI64::new(0),
            records: AtomicI64::new(0),
            cancelled: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            over: Mutex::new(false),
            wake: Condvar::new(),
        }
    }

    /// Says how far the work has got, from whichever of its threads; answers whether it is to go on.
    pub(super) fn goes_on(&self, bytes: u64, records: u64) -> ControlFlow<()> {
        self.bytes.fetch_max(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.records.fetch_max(i64::try_from(records).unwrap_or(i64::MAX), Ordering::Relaxed);
        if self.is_cancelled() || self.is_lost() || self.end.is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// How far the work has got.
    pub(super) fn progress(&self) -> Progress {
        Progress { bytes: self.bytes.load(Ordering::Relaxed), records: self.records.load(Ordering::Relaxed) }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    /// The work is over when this is dropped: nothing is to be held on any more.
    pub(super) const fn until_dropped(&self) -> Over<'_> {
        Over(self)
    }

    /// Holds the job on until the work is over.
    pub(super) fn hold_on(&self, context: &Context, lease: &Lease) {
        let mut store = None;
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        while !*over {
            drop(over);
            match self.renew(&mut store, context, lease) {
                Ok(Renewed::Held) => {}
                Ok(Renewed::Cancelled) => self.cancelled.store(true, Ordering::SeqCst),
                Ok(Renewed::Lost) => self.lost.store(true, Ordering::SeqCst),
                // While the work writes, its own transaction holds the job; and a database that is gone may come back in time.
                Err(error) => {
                    tracing::warn!(code = error.code(), %error, "the job could not be held on");
                    store = None;
                }
            }
            over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
            if !*over {
                over = self.wake.wait_timeout(over, BEAT).map_or_else(|poisoned| poisoned.into_inner().0, |(over, _)| over);
            }
        }
    }

    fn renew(&self, store: &mut Option<Store>, context: &Context, lease: &Lease) -> Result<Renewed, StoreError> {
        let store = match store {
            Some(store) => store,
            None => store.insert(Store::open(context.database())?),
        };
        store.renew(lease, self.progress(), context.config.work.lease_ms)
    }
}

/// Work that goes on, also by a panic no longer than this lives.
pub(super) struct Over<'a>(&'a Watch);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        *self.0.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.wake.notify_all();
    }
}
