//! Delivery: one thread of each server takes webhooks that have something to send, one at a time, by lease.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::Utc;
use recoup_store::{Due, Holder, Store, StoreError, Webhook};
use uuid::Uuid;

use super::egress::Hosts;
use super::event::Event;
use crate::config::Outbox;
use crate::error::CliError;
use crate::metrics::Metrics;

/// The thread that delivers; it ends when this is dropped, after the request that it is at.
pub(crate) struct Deliverer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Deliverer {
    /// Begins to deliver.
    pub(crate) fn start(database: String, hosts: Hosts, outbox: Outbox, metrics: Arc<Metrics>) -> Result<Self, CliError> {
        let (stop, stopped) = channel();
        let work = Work { database, hosts, outbox, owner: Uuid::now_v7().to_string(), stopped, metrics };
        let thread = std::thread::Builder::new().name("outbox".into()).spawn(move || work.run())?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Deliverer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("delivering events ended in a panic");
        }
    }
}

struct Work {
    database: String,
    hosts: Hosts,
    outbox: Outbox,
    owner: String,
    stopped: Receiver<()>,
    metrics: Arc<Metrics>,
}

impl Work {
    fn run(self) {
        let mut store = None;
        loop {
            // A panic of ours must not end delivery: the connection is given up, the lease runs out, and it is tried again.
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn(&mut store)));
            let worked = match turn {
                Ok(Ok(worked)) => worked,
                Err(_) => {
                    tracing::error!("delivering events panicked");
                    store = None;
                    false
                }
                Ok(Err(error)) => {
                    tracing::warn!(code = error.code(), "events cannot be delivered at present");
                    store = None;
                    false
                }
            };
            if self.is_stopped(if worked { Duration::ZERO } else { Duration::from_millis(self.outbox.poll_ms) }) {
                return;
            }
        }
    }

    /// Waits; whether the server ends meanwhile.
    fn is_stopped(&self, wait: Duration) -> bool {
        !matches!(self.stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
    }

    fn lease(&self) -> Holder<'_> {
        Holder { owner: &self.owner, lease_ms: milliseconds(self.outbox.lease_ms) }
    }

    /// Takes a webhook and sends what there is; whether there was one.
    fn turn(&self, store: &mut Option<Store>) -> Result<bool, StoreError> {
        let store = match store {
            Some(store) => store,
            None => store.insert(Store::open(&self.database)?),
        };
        let Some(due) = store.lease_webhook(self.lease())? else { return Ok(false) };
        let Some(ledger) = store.ledgers()?.into_iter().find(|l| l.id == due.webhook.ledger) else { return Ok(false) };
        self.send_all(store, &ledger.code, due)?;
        Ok(true)
    }

    fn send_all(&self, store: &mut Store, ledger: &str, due: Due) -> Result<(), StoreError> {
        let Due { mut webhook, again, next, size } = due;
        // Before each sending the webhook must still be this server's, and not be paused.
        for (dead, happening) in again {
            if self.is_stopped(Duration::ZERO) || !store.renew_webhook(&webhook, self.lease())? {
                return store.release_webhook(&webhook, self.lease());
            }
            let outcome = Event::of(ledger, &happening).map_or(Ok(()), |event| self.send(&webhook, &event));
            store.sent_again(&webhook, dead.leaf, outcome.as_ref().copied().map_err(String::as_str))?;
            if outcome.is_err() {
                // The others wait for another turn: what happens now is not to wait for them.
                break;
            }
        }
        for happening in next {
            if self.is_stopped(Duration::ZERO) || !store.renew_webhook(&webhook, self.lease())? {
                return store.release_webhook(&webhook, self.lease());
            }
            let Some(event) = Event::of(ledger, &happening) else { continue };
            match self.send(&webhook, &event) {
                Ok(()) => {
                    if !store.delivered(&webhook, self.lease(), happening.leaf + 1)? {
                        return Ok(());
                    }
                    (webhook.attempts, webhook.failing_since) = (0, None);
                }
                Err(error) => return self.fail(store, &webhook, happening.leaf, &error),
            }
        }
        if size > webhook.leaf {
            store.delivered(&webhook, self.lease(), size)?;
        }
        store.release_webhook(&webhook, self.lease())
    }

    fn send(&self, webhook: &Webhook, event: &Event) -> Result<(), String> {
        let outcome = self.hosts.send(&webhook.host, event, Utc::now().timestamp());
        self.metrics.delivered(outcome.is_ok());
        match &outcome {
            Ok(()) => tracing::info!(webhook = webhook.name, event = event.id, "event delivered"),
            Err(error) => tracing::warn!(webhook = webhook.name, event = event.id, error, "event not delivered"),
        }
        outcome
    }

    fn fail(&self, store: &mut Store, webhook: &Webhook, leaf: u64, error: &str) -> Result<(), StoreError> {
        let lease = self.lease();
        // Since when it fails is known by the database's clock.
        let now = store.clock()?;
        let fails_for = webhook.failing_since.map_or(0, |since| (now - since).num_milliseconds());
        if fails_for >= milliseconds(self.outbox.dead_after_ms) {
            return store.give_up(webhook, lease, leaf, error);
        }
        let (_, random) = Uuid::now_v7().as_u64_pair();
        store.failed(webhook, lease, error, milliseconds(self.outbox.wait_ms(webhook.attempts, random)))
    }
}

impl Outbox {
    /// Each time twice as late, and never all at once: a random part of the second half is added to the first.
    fn wait_ms(&self, attempts: u32, random: u64) -> u64 {
        let doubled = self.retry_ms.saturating_mul(1_u64.checked_shl(attempts.min(32)).unwrap_or(u64::MAX));
        let half = doubled.min(self.retry_ms_max) / 2;
        half + random % (half + 1)
    }
}

fn milliseconds(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attempt_waits_twice_as_long_up_to_the_longest() {
        let outbox = Outbox { poll_ms: 1, lease_ms: 1, timeout_ms: 1, retry_ms: 1_000, retry_ms_max: 3_600_000, dead_after_ms: 1, plain_loopback: false };
        let after = |attempts, random| outbox.wait_ms(attempts, random);
        assert_eq!([0, 1, 2, 11].map(|attempts| after(attempts, 0)), [500, 1_000, 2_000, 1_024_000], "half of 1 s, 2 s, 4 s, 2,048 s at least");
        assert_eq!([0, 1, 2].map(|attempts| after(attempts, 500 << attempts)), [1_000, 2_000, 4_000], "and all of it at most");
        assert_eq!([12, 40, u32::MAX].map(|attempts| after(attempts, 0)), [1_800_000; 3], "never longer than stated");
    }
}
