//! Laws of money: it parses or it refuses, it never rounds on its own, and a split loses nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_model::{Currency, Money, MoneyError, Rate};
use rust_decimal::Decimal;

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn any_currency() -> impl Strategy<Value = Currency> {
    // Two, zero, three and four decimals.
    prop::sample::select(vec!["CNY", "EUR", "JPY", "KRW", "KWD", "TND", "CLF"]).prop_map(currency)
}

fn minors(parts: &[Money]) -> Vec<i64> {
    parts.iter().map(|m| m.minor()).collect()
}

fn split(minor: i64, weights: &[i64]) -> Vec<i64> {
    minors(&Money::new(minor, Currency::CNY).split(weights).unwrap())
}

#[test]
fn edge_27_a_currency_has_its_own_number_of_decimals() {
    for (code, digits, minor, text) in [
        ("CNY", 2, 6_800_000, "68000.00"),
        ("CNY", 2, 1, "0.01"),
        ("CNY", 2, -5, "-0.05"),
        ("CNY", 2, 0, "0.00"),
        ("JPY", 0, 68_000, "68000"),
        ("JPY", 0, -1, "-1"),
        ("KWD", 3, 1_234, "1.234"),
        ("KWD", 3, 1, "0.001"),
        ("CLF", 4, 12, "0.0012"),
    ] {
        let money = Money::new(minor, currency(code));
        assert_eq!(currency(code).digits(), digits, "{code}");
        assert_eq!(money.to_string(), text);
        assert_eq!(Money::parse(text, currency(code)), Ok(money));
    }
}

#[test]
fn edge_23_a_digit_below_the_minor_unit_is_refused_and_never_rounded() {
    for (code, text) in [("CNY", "0.001"), ("CNY", "-0.001"), ("CNY", "68000.005"), ("JPY", "0.5"), ("KWD", "0.0001"), ("CLF", "1.00001")] {
        let refused = Money::parse(text, currency(code)).unwrap_err();
        assert!(matches!(refused, MoneyError::BelowMinorUnit { .. }), "{text} {code}: {refused}");
    }
}

#[test]
fn zeros_that_say_nothing_are_allowed() {
    for (code, text, minor) in [("CNY", "1.5", 150), ("CNY", "1.5000", 150), ("CNY", "0068", 6_800), ("JPY", "12.000", 12), ("CNY", "-0.00", 0)] {
        assert_eq!(Money::parse(text, currency(code)).unwrap().minor(), minor, "{text} {code}");
    }
}

#[test]
fn what_is_not_a_plain_decimal_is_refused() {
    for text in ["", " ", "abc", "1,000.00", "1e3", "NaN", "inf", "--1", "1.2.3", "１２", "0x10", "1 000"] {
        assert!(matches!(Money::parse(text, Currency::CNY), Err(MoneyError::NotADecimal(_))), "`{text}` was taken as money");
    }
}

#[test]
fn amounts_end_where_64_bits_end() {
    assert_eq!(Money::parse("92233720368547758.07", Currency::CNY).unwrap().minor(), i64::MAX);
    assert_eq!(Money::parse("-92233720368547758.08", Currency::CNY).unwrap().minor(), i64::MIN);
    assert_eq!(Money::parse("92233720368547758.08", Currency::CNY), Err(MoneyError::Overflow));
    let most = Money::new(i64::MAX, Currency::CNY);
    assert_eq!(most.checked_add(Money::new(1, Currency::CNY)), Err(MoneyError::Overflow));
    assert_eq!(Money::new(i64::MIN, Currency::CNY).checked_neg(), Err(MoneyError::Overflow));
    assert_eq!(most.at_rate("2".parse().unwrap()), Err(MoneyError::Overflow));
}

#[test]
fn edge_26_two_currencies_never_add_up() {
    let (a, b) = (Money::new(1, Currency::CNY), Money::new(1, currency("JPY")));
    assert_eq!(a.checked_add(b), Err(MoneyError::Mixed(Currency::CNY, currency("JPY"))));
}

#[test]
fn an_unknown_currency_is_refused() {
    for code in ["", "CN", "cny", "RMB", "CNYX", "XAU", "DEM", "人民币"] {
        assert!(code.parse::<Currency>().is_err(), "`{code}` was taken as a currency");
    }
}

/// By hand: minor units × rate, then to the nearest whole, halves away from zero.
#[test]
fn edge_25_a_rate_is_applied_with_one_rounding_half_away_from_zero() {
    for (minor, rate, expected, why) in [
        (50, "0.01", 1, "0.5"),
        (-50, "0.01", -1, "-0.5"),
        (49, "0.01", 0, "0.49"),
        (150, "0.01", 2, "1.5"),
        (250, "0.01", 3, "2.5: half to even would give 2"),
        (-250, "0.01", -3, "-2.5"),
        (249, "0.01", 2, "2.49"),
        (-251, "0.01", -3, "-2.51"),
        (33_333_333, "0.005", 166_667, "LC example 3: 166666.665"),
        (-33_333_333, "0.005", -166_667, "its reversal: -166666.665"),
        (33_333_333, "0.02", 666_667, "GI example: 666666.66"),
        (120_000_000, "0.03", 3_600_000, "LC example 1"),
        (80_000_000, "0.04", 3_200_000, "LC example 1"),
        (1, "0", 0, "a rate of zero is a rate"),
        (7, "1", 7, "the whole"),
        (1, "0.4999999999999999999999999999", 0, "just under a half"),
    ] {
        assert_eq!(Money::new(minor, Currency::CNY).at_rate(rate.parse().unwrap()).unwrap().minor(), expected, "{minor} × {rate}: {why}");
    }
}

/// 1000000000039 × 0.4319948060486522025641025641 = 431994806065.4999999999999999999999999999: below the half.
/// Forty digits do not fit a `Decimal`: rounding the product first, to …065.5, would give …066.
#[test]
fn edge_25_a_rate_with_many_digits_is_rounded_once_too() {
    let rate: Rate = "0.4319948060486522025641025641".parse().unwrap();
    assert_eq!(Money::new(1_000_000_000_039, Currency::CNY).at_rate(rate).unwrap().minor(), 431_994_806_065);
    assert_eq!(Money::new(-1_000_000_000_039, Currency::CNY).at_rate(rate).unwrap().minor(), -431_994_806_065);
}

/// 100.00 by three equal weights: 33.33 each, and the fen that is left goes to the first.
#[test]
fn edge_24_three_times_a_third_is_the_whole() {
    assert_eq!(split(10_000, &[3_333, 3_333, 3_333]), [3_334, 3_333, 3_333]);
    assert_eq!(split(10_001, &[3_333, 3_333, 3_333]), [3_334, 3_334, 3_333]);
    assert_eq!(split(-10_000, &[3_333, 3_333, 3_333]), [-3_334, -3_333, -3_333]);
}

/// 6666.67 at 50/30/20: 3333.335, 2000.001, 1333.334; the fen goes to the largest remainder (GI example).
#[test]
fn edge_24_the_largest_remainder_takes_the_fen() {
    assert_eq!(split(666_667, &[50, 30, 20]), [333_334, 200_000, 133_333]);
    assert_eq!(split(666_667, &[20, 30, 50]), [133_333, 200_000, 333_334]);
    // 1.00 at 1/2/4: 14.28…, 28.57…, 57.14…: the middle one has the largest remainder.
    assert_eq!(split(100, &[1, 2, 4]), [14, 29, 57]);
    assert_eq!(split(1, &[1, 1]), [1, 0]);
    assert_eq!(split(-1, &[1, 1]), [-1, 0]);
    assert_eq!(split(5, &[0, 1, 0]), [0, 5, 0]);
}

#[test]
fn a_split_needs_weights() {
    let whole = Money::new(100, Currency::CNY);
    for weights in [&[][..], &[0, 0], &[-1, 2], &[1, -1]] {
        assert_eq!(whole.split(weights), Err(MoneyError::Weights), "{weights:?}");
    }
    assert_eq!(minors(&Money::new(i64::MIN, Currency::CNY).split(&[1]).unwrap()), [i64::MIN]);
    assert_eq!(minors(&Money::new(i64::MAX, Currency::CNY).split(&[i64::MAX, i64::MAX]).unwrap()), [i64::MAX / 2 + 1, i64::MAX / 2]);
}

proptest! {
    #[test]
    fn edge_23_what_is_shown_reads_back_as_the_same_money(minor: i64, currency in any_currency()) {
        let money = Money::new(minor, currency);
        prop_assert_eq!(Money::parse(&money.to_string(), currency), Ok(money));
        prop_assert_eq!(Money::from_decimal(money.to_decimal(), currency), Ok(money));
        let json = serde_json::to_string(&money).unwrap();
        prop_assert_eq!(&json, &format!(r#"{{"minor":{minor},"currency":"{currency}"}}"#), "no fraction, no float");
        prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
    }

    /// Either the decimal is the money, digit for digit, or there is no money.
    #[test]
    fn edge_23_parsing_is_exact_or_refused(mantissa: i64, scale in 0_u32..8, currency in any_currency()) {
        let amount = Decimal::new(mantissa, scale);
        match Money::parse(&amount.to_string(), currency) {
            Ok(money) => prop_assert_eq!(money.to_decimal(), amount),
            Err(MoneyError::BelowMinorUnit { .. }) => prop_assert!(amount.normalize().scale() > u32::from(currency.digits())),
            Err(MoneyError::Overflow) => prop_assert!(scale < u32::from(currency.digits())),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    /// |2·(rounded − exact)| ≤ 1, and a half goes away from zero; computed in whole numbers.
    #[test]
    fn edge_25_at_rate_is_the_nearest_whole(minor in -10_i64.pow(15)..10_i64.pow(15), parts in 0_i64..2_000_000, scale in 0_u32..7) {
        let rounded = Money::new(minor, Currency::CNY).at_rate(Rate(Decimal::new(parts, scale)));
        let unit = 10_i128.pow(scale);
        let exact = i128::from(minor) * i128::from(parts);
        let nearest = (2 * exact.abs() + unit) / (2 * unit) * exact.signum();
        match i64::try_from(nearest) {
            Ok(nearest) => prop_assert_eq!(rounded.unwrap().minor(), nearest),
            Err(_) => prop_assert_eq!(rounded, Err(MoneyError::Overflow)),
        }
    }

    #[test]
    fn edge_24_a_split_sums_to_the_whole_and_strays_less_than_one_unit(minor: i64, weights in prop::collection::vec(0_i64..=1_000_000, 1..12)) {
        prop_assume!(weights.iter().any(|w| *w > 0));
        let parts = split(minor, &weights);
        let whole: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        prop_assert_eq!(parts.iter().map(|p| i128::from(*p)).sum::<i128>(), i128::from(minor));
        for (part, weight) in parts.iter().zip(&weights) {
            let stray = i128::from(*part) * whole - i128::from(minor) * i128::from(*weight);
            prop_assert!(stray.abs() < whole, "part {} of weight {} in {}", part, weight, minor);
        }
    }

    #[test]
    fn edge_24_a_negative_amount_splits_as_the_mirror_image(minor in 0..=i64::MAX, weights in prop::collection::vec(0_i64..=1_000, 1..8)) {
        prop_assume!(weights.iter().any(|w| *w > 0));
        let mirrored: Vec<i64> = split(-minor, &weights).into_iter().map(|p| -p).collect();
        prop_assert_eq!(mirrored, split(minor, &weights));
    }

    #[test]
    fn edge_24_a_tie_goes_to_the_earlier(minor: i64, weight in 1_i64..1_000, people in 1_usize..9) {
        let parts = split(minor, &vec![weight; people]);
        prop_assert!(parts.windows(2).all(|w| w[0].abs() >= w[1].abs()), "{:?}", parts);
    }

    #[test]
    fn adding_and_its_opposite_cancel(a: i64, b: i64) {
        let (a, b) = (Money::new(a, Currency::CNY), Money::new(b, Currency::CNY));
        match a.checked_add(b) {
            Ok(sum) => {
                prop_assert_eq!(b.checked_add(a), Ok(sum));
                if let Ok(back) = b.checked_neg() {
                    prop_assert_eq!(sum.checked_add(back), Ok(a));
                }
            }
            Err(e) => {
                prop_assert_eq!(e, MoneyError::Overflow);
                prop_assert!(a.minor().checked_add(b.minor()).is_none());
            }
        }
    }
}
