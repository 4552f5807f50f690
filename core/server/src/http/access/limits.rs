//! How often: requests of a token, of a peer that no token vouches for, and attempts to prove who one is.
//!
//! Each process counts by itself and forgets when it ends. What is guessed is counted by the login, so that many peers
//! together are as slow as one, and by the peer, so that one peer does not try many logins.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use recoup_model::Digest;

use crate::config::{self, Allowance};
use crate::http::problem::Problem;

/// After so many requests, those who have been away long enough are forgotten.
const SWEEP: u32 = 4_096;

pub(super) struct Limits {
    token: Limit<Digest>,
    peer: Limit<IpAddr>,
    guess_login: Limit<Digest>,
    guess_peer: Limit<IpAddr>,
}

impl Limits {
    pub(super) fn new(limits: &config::Limits) -> Self {
        Self {
            token: Limit::new(limits.token),
            peer: Limit::new(limits.peer),
            guess_login: Limit::new(limits.guess_login),
            guess_peer: Limit::new(limits.guess_peer),
        }
    }

    /// A request with a token that is known.
    pub(super) fn token(&self, secret: &str) -> Result<(), Problem> {
        self.token.check("request.rate", || Digest::of(secret.as_bytes()))
    }

    /// A request that no known token vouches for.
    pub(super) fn peer(&self, peer: IpAddr) -> Result<(), Problem> {
        self.peer.check("request.rate", || site(peer))
    }

    /// An attempt to sign in.
    pub(super) fn guess(&self, login: &str, peer: IpAddr) -> Result<(), Problem> {
        self.stranger(peer)?;
        self.guess_login.check("access.guesses", || Digest::of(login.as_bytes()))
    }

    /// A token that nobody has.
    pub(super) fn stranger(&self, peer: IpAddr) -> Result<(), Problem> {
        self.guess_peer.check("access.guesses", || site(peer))
    }
}

/// So much at once, and then one at a time.
struct Limit<K: Clone + Hash + Eq> {
    limiter: Option<DefaultKeyedRateLimiter<K>>,
    checked: AtomicU32,
}

impl<K: Clone + Hash + Eq> Limit<K> {
    fn new(allowance: Allowance) -> Self {
        let quota = Quota::with_period(Duration::from_millis(allowance.refill_ms)).zip(NonZeroU32::new(allowance.burst));
        Self { limiter: quota.map(|(quota, burst)| RateLimiter::keyed(quota.allow_burst(burst))), checked: AtomicU32::new(0) }
    }

    fn check(&self, code: &str, key: impl FnOnce() -> K) -> Result<(), Problem> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.checked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
        }
        let wait = |until: governor::NotUntil<_>| Problem::new(code).wait(until.wait_time_from(DefaultClock::default().now()));
        limiter.check_key(&key()).map_err(wait)
    }
}

/// Whose a peer's address is: a site has 2^64 of version 6.
fn site(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}
