//! Numbers that look like chance and are the same in every run.

use fastrand::Rng;

/// A stream of them.
pub(super) struct Random(Rng);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// One of so many, from 0.
    pub(super) fn below(&mut self, many: usize) -> usize {
        self.0.usize(..many.max(1))
    }

    /// Whether something that happens so often in a hundred happens now.
    pub(super) fn percent(&mut self, often: usize) -> bool {
        self.below(100) < often
    }

    /// An amount in whole hundreds, from one to another, in minor units.
    pub(super) fn amount(&mut self, from: usize, to: usize) -> i64 {
        i64::try_from(from + self.below(to - from)).unwrap_or(0) * 10_000
    }
}
