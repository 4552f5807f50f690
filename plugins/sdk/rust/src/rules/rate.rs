//! Exact money arithmetic: rates, one rounding, splits by largest remainder.

use std::cmp::Ordering;

use super::wire::Minor;

/// Most digits a rate may have after the point.
pub const SCALE_MAX: u8 = 12;

/// An exact decimal, mantissa × 10^-scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Digits without the point.
    pub mantissa: i64,
    /// How many of them stand after the point.
    pub scale: u8,
}

impl Rate {
    /// Zero; a rate like any other.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };
    /// The whole.
    pub const ONE: Self = Self { mantissa: 1, scale: 0 };

    /// Reads a plain decimal such as `0.03`: digits, at most one point, an optional minus.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        let scale = u8::try_from(fraction.len()).ok().filter(|&s| s <= SCALE_MAX)?;
        if whole.is_empty() || whole.len() > 6 {
            return None;
        }
        let mut mantissa = 0i64;
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = char::from(byte).to_digit(10)?;
            mantissa = mantissa.checked_mul(10)?.checked_add(digit.into())?;
        }
        Some(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// This rate of an amount, rounded once; none when the result does not fit.
    #[must_use]
    pub fn of(self, amount: Minor) -> Option<Minor> {
        rounded(i128::from(amount) * i128::from(self.mantissa), 10i128.pow(self.scale.min(SCALE_MAX).into()))
    }

    /// How it stands to another rate, however many digits either is written with.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        let scaled = |rate: Self, by: Self| i128::from(rate.mantissa) * 10i128.pow(by.scale.min(SCALE_MAX).into());
        scaled(self, other).cmp(&scaled(other, self))
    }

    /// Whether it is at least zero and at most one.
    #[must_use]
    pub fn is_share(self) -> bool {
        self.mantissa >= 0 && i128::from(self.mantissa) <= 10i128.pow(self.scale.min(SCALE_MAX).into())
    }
}

/// `amount × numerator ÷ denominator`, rounded once; none when the denominator is
/// not above zero or the result does not fit.
#[must_use]
pub fn ratio(amount: Minor, numerator: Minor, denominator: Minor) -> Option<Minor> {
    (denominator > 0).then(|| rounded(i128::from(amount) * i128::from(numerator), denominator.into()))?
}

/// `numerator ÷ denominator`, half away from zero.
pub(super) fn rounded(numerator: i128, denominator: i128) -> Option<Minor> {
    let (whole, rest, denominator) = divided(numerator.unsigned_abs(), denominator.unsigned_abs());
    let size = i128::try_from(whole + u128::from(rest >= denominator - rest)).ok()?;
    Minor::try_from(if numerator < 0 { -size } else { size }).ok()
}

/// Quotient, remainder and the divisor again. Most money fits 64 bits, where a division
/// costs a small part of what it costs in 128.
fn divided(numerator: u128, denominator: u128) -> (u128, u128, u128) {
    match (u64::try_from(numerator), u64::try_from(denominator)) {
        (Ok(n), Ok(d)) => ((n / d).into(), (n % d).into(), denominator),
        _ => (numerator / denominator, numerator % denominator, denominator),
    }
}

/// Splits a total by weights so that the parts sum to it: by largest remainder, ties
/// to the earlier. A negative total is split as the mirror image of the positive one.
/// `parts` is overwritten. None when a weight is negative or all are zero.
#[must_use]
pub fn split(total: Minor, weights: &[i64], parts: &mut Vec<Minor>) -> Option<()> {
    parts.clear();
    let mut whole = 0u128;
    for &weight in weights {
        whole += u128::from(u64::try_from(weight).ok()?);
    }
    if whole == 0 {
        return None;
    }
    let size = u128::from(total.unsigned_abs());
    let exact = |weight: i64| divided(size * u128::from(weight.unsigned_abs()), whole);
    let sign = if total < 0 { -1 } else { 1 };
    let mut left = size;
    for &weight in weights {
        let (part, ..) = exact(weight);
        left -= part;
        // No part is larger than the whole total.
        parts.push(sign * i64::try_from(part).ok()?);
    }
    if left > 0 {
        // Fewer units are left than there are parts with a remainder.
        let rests = weights.iter().map(|&weight| std::cmp::Reverse(exact(weight).1));
        let mut order: Vec<_> = rests.zip(parts.iter_mut()).collect();
        order.sort_by_key(|(rest, _)| *rest);
        for (_, part) in order.into_iter().zip(0..left).map(|(slot, _)| slot) {
            *part += sign;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use std::cmp::Ordering;

    use super::{Rate, ratio};

    fn split(total: i64, weights: &[i64]) -> Option<Vec<i64>> {
        let mut parts = vec![7];
        super::split(total, weights, &mut parts).map(|()| parts)
    }

    fn rate(text: &str) -> Rate {
        Rate::parse(text).unwrap()
    }

    #[test]
    fn rounds_half_away_from_zero() {
        // LC example 3: 333,333.33 × 0.5 % = 1,666.66665.
        assert_eq!(rate("0.005").of(33_333_333), Some(166_667));
        assert_eq!(rate("0.5").of(1), Some(1));
        assert_eq!(rate("0.5").of(-1), Some(-1));
        assert_eq!(rate("0.499").of(1), Some(0));
        assert_eq!(ratio(100, 1, 3), Some(33));
        assert_eq!(ratio(1, 1, 0), None);
        assert_eq!(Rate::ONE.of(i64::MIN), Some(i64::MIN));
        assert_eq!(rate("2").of(i64::MAX), None);
    }

    #[test]
    fn reads_plain_decimals_only() {
        assert_eq!(rate("0.03"), Rate { mantissa: 3, scale: 2 });
        assert_eq!(rate("-1"), Rate { mantissa: -1, scale: 0 });
        for text in ["", ".5", "5.", "1e3", "+1", "1,5", "0.0000000000001", "1234567", " 1"] {
            assert_eq!(Rate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn rates_compare_by_value() {
        assert_eq!(rate("0.10").compare(rate("0.1")), Ordering::Equal);
        assert_eq!(rate("0.0501").compare(rate("0.05")), Ordering::Greater);
        assert_eq!(rate("-1").compare(rate("0.000000000001")), Ordering::Less);
    }

    #[test]
    fn splits_by_largest_remainder_ties_to_the_earlier() {
        // Edge case 24. 6,666.67 at 50/30/20, and a cent among three equals.
        assert_eq!(split(666_667, &[50, 30, 20]), Some(vec![333_334, 200_000, 133_333]));
        assert_eq!(split(-666_667, &[50, 30, 20]), Some(vec![-333_334, -200_000, -133_333]));
        assert_eq!(split(100, &[1, 1, 1]), Some(vec![34, 33, 33]));
        assert_eq!(split(1, &[0, 0]), None);
        assert_eq!(split(1, &[2, -1]), None);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_mirror(total: i64, weights in prop::collection::vec(0i64..1_000_000, 1..8)) {
            prop_assume!(weights.iter().any(|&w| w > 0) && total != i64::MIN);
            let parts = split(total, &weights).unwrap();
            prop_assert_eq!(parts.iter().map(|&p| i128::from(p)).sum::<i128>(), i128::from(total));
            let mirror: Vec<_> = parts.iter().map(|p| -p).collect();
            prop_assert_eq!(split(-total, &weights).unwrap(), mirror);
            let whole: i128 = weights.iter().map(|&w| i128::from(w)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                // Nobody is more than one unit away from the exact share.
                let exact = i128::from(total) * i128::from(*weight);
                prop_assert!((i128::from(*part) * whole - exact).abs() < whole);
            }
        }

        #[test]
        fn rounding_is_odd_and_within_half(amount in -1_000_000_000_000i64..1_000_000_000_000, mantissa in 0i64..100_000, scale in 0u8..8) {
            let rate = Rate { mantissa, scale };
            let rounded = rate.of(amount).unwrap();
            prop_assert_eq!(rate.of(-amount).unwrap(), -rounded);
            let unit = 10i128.pow(scale.into());
            let error = i128::from(rounded) * unit - i128::from(amount) * i128::from(mantissa);
            prop_assert!(error.abs() * 2 <= unit);
        }
    }
}
