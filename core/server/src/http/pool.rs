//! Connections to the database for requests: so many and no more, each used by one request at a time on a blocking thread.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::web;
use recoup_store::Store;
use tokio::sync::Semaphore;

use super::problem::Problem;
use crate::context::Context;

/// Connections, opened when they are first needed.
pub(crate) struct Pool {
    url: String,
    idle: Mutex<Vec<Store>>,
    permits: Arc<Semaphore>,
    /// For how long a request waits for its answer.
    patience: Duration,
    /// For how long the database works on a statement, where it can be told.
    statement: Option<Duration>,
}

/// For how long a read waits for whoever writes, where it must: others wait for its connection.
const WRITERS_WAIT: Duration = Duration::from_secs(5);

impl Pool {
    pub(crate) fn new(url: String, connections: usize, patience: Duration) -> Arc<Self> {
        Self::with(url, connections, patience, None)
    }

    /// Connections whose statements end when nobody waits for their answer any more.
    pub(crate) fn for_reads(url: String, connections: usize, patience: Duration) -> Arc<Self> {
        Self::with(url, connections, patience, Some(patience))
    }

    fn with(url: String, connections: usize, patience: Duration, statement: Option<Duration>) -> Arc<Self> {
        Arc::new(Self { url, idle: Mutex::new(Vec::new()), permits: Arc::new(Semaphore::new(connections)), patience, statement })
    }

    /// Runs database work on a blocking thread. A request that is given up keeps its connection until its work is done.
    pub(crate) async fn run<T: Send + 'static>(self: &Arc<Self>, work: impl FnOnce(&mut Store) -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
        tokio::time::timeout(self.patience, self.work(work)).await.unwrap_or_else(|_| Err(Problem::new("server.timeout")))
    }

    async fn work<T: Send + 'static>(self: &Arc<Self>, work: impl FnOnce(&mut Store) -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|e| Problem::internal(&e))?;
        let pool = Arc::clone(self);
        let request = tracing::Span::current();
        let done = web::block(move || {
            let (_permit, _request) = (permit, request.enter());
            let mut store = pool.take()?;
            let outcome = work(&mut store);
            // A connection that broke is not used again; the next request opens another.
            if outcome.as_ref().err().is_none_or(|p| p.code() != "store.unreachable") {
                pool.idle().push(store);
            }
            outcome
        });
        done.await.map_err(|e| Problem::internal(&e))?
    }

    fn take(&self) -> Result<Store, Problem> {
        let idle = self.idle().pop();
        match idle {
            Some(store) => Ok(store),
            None => {
                let mut store = Store::open(&self.url)?.with_clock(Context::now);
                if let Some(limit) = self.statement {
                    store.limit_statements(limit)?;
                    store.limit_waiting(limit.min(WRITERS_WAIT))?;
                }
                Ok(store)
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Store>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
