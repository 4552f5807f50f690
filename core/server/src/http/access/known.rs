//! Callers whose tokens were looked up a moment ago.
//!
//! A token is looked up in the installation's log by its digest, with its user's rights. For a short time, which is
//! configured, the answer is kept: a token that is revoked by this process is refused at once, one that is revoked by
//! another process when that time is over. For somewhat longer it is remembered that the token was somebody's: then it is
//! the token that asks, and not a stranger at its address.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::Utc;
use recoup_engine::access::{Caller, authenticate_token};
use recoup_model::Digest;

use crate::http::pool::Pool;
use crate::http::problem::Problem;

/// How long it is remembered that a token was somebody's.
const REMEMBERED: Duration = Duration::from_secs(600);

/// What is known of a token.
pub(super) enum Found {
    /// Whose it is: it was looked up a moment ago.
    Whose(Arc<Caller>),
    /// It was somebody's when it was looked up last.
    Somebodys,
    /// Nothing.
    Nothing,
}

/// Callers by the digests of their tokens.
pub(super) struct Known {
    held: Duration,
    callers: RwLock<Callers>,
    /// Held while a token is looked up, by its digest: of all who show it at once, one looks.
    looks: [tokio::sync::Mutex<()>; LOOKS],
}

/// Tokens that can be looked up at a time.
const LOOKS: usize = 64;

#[derive(Default)]
struct Callers {
    /// Counts changes of rights: what was looked up before one is not kept after it.
    changes: u64,
    found: HashMap<Digest, (Instant, Arc<Caller>)>,
}

impl Known {
    pub(super) fn new(held_ms: u64) -> Self {
        Self { held: Duration::from_millis(held_ms), callers: RwLock::default(), looks: std::array::from_fn(|_| tokio::sync::Mutex::new(())) }
    }

    /// What is known of a token without looking it up.
    pub(super) fn find(&self, secret: &str) -> Found {
        let callers = self.callers.read().unwrap_or_else(PoisonError::into_inner);
        match callers.found.get(&Digest::of(secret.as_bytes())) {
            Some((since, caller)) if since.elapsed() < self.held && caller.holds(Utc::now()) => Found::Whose(Arc::clone(caller)),
            Some((since, _)) if since.elapsed() < REMEMBERED => Found::Somebodys,
            _ => Found::Nothing,
        }
    }

    /// Looks the caller of a token up.
    pub(super) async fn look_up(&self, pool: &Arc<Pool>, secret: &str) -> Result<Arc<Caller>, Problem> {
        let digest = Digest::of(secret.as_bytes());
        let Digest([first, ..]) = digest;
        let _alone = match self.looks.get(usize::from(first) % LOOKS) {
            Some(look) => Some(look.lock().await),
            None => None,
        };
        if let Found::Whose(caller) = self.find(secret) {
            return Ok(caller);
        }
        let since = Instant::now();
        let changes = self.write().changes;
        let secret = secret.to_owned();
        let found = pool.run(move |store| Ok(authenticate_token(store, &secret, Utc::now())?)).await;
        let mut callers = self.write();
        callers.found.remove(&digest);
        callers.found.retain(|_, (since, _)| since.elapsed() < self.held.max(REMEMBERED));
        let caller = Arc::new(found?);
        if callers.changes == changes {
            callers.found.insert(digest, (since, Arc::clone(&caller)));
        }
        Ok(caller)
    }

    /// Rights have changed.
    pub(super) fn forget(&self) {
        let mut callers = self.write();
        callers.changes += 1;
        callers.found.clear();
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Callers> {
        self.callers.write().unwrap_or_else(PoisonError::into_inner)
    }
}
