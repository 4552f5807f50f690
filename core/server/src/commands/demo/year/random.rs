//! Numbers that look like chance and are the same in every run (SplitMix64).

/// A stream of them.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// One of so many, from 0.
    pub(super) fn below(&mut self, many: usize) -> usize {
        let many = u64::try_from(many).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % many).unwrap_or(0)
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

#[cfg(test)]
mod tests {
    use super::Random;

    /// The first numbers of the published generator with the seed 1234567.
    #[test]
    fn the_stream_is_the_published_one() {
        let mut random = Random::new(1_234_567);
        let first: [u64; 3] = std::array::from_fn(|_| random.next());
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
