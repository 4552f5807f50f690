//! Money: whole minor units of an ISO 4217 currency, and the few operations on it.
//!
//! There is no float and no silent rounding. A decimal becomes money only when it has
//! no digit below the minor unit; a rate is applied with one stated rounding.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What can be wrong with money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The code is not in ISO 4217's list of active currencies.
    #[error("unknown currency `{0}`: use an ISO 4217 code such as CNY")]
    UnknownCurrency(String),
    /// More digits than the currency has.
    #[error("{amount} has digits below the minor unit of {currency}, which has {digits} decimals")]
    BelowMinorUnit {
        /// The amount as given.
        amount: Decimal,
        /// Its currency.
        currency: Currency,
        /// Decimals of that currency.
        digits: u8,
    },
    /// Two currencies met.
    #[error("cannot combine {0} with {1}")]
    Mixed(Currency, Currency),
    /// Beyond what 64 bits of minor units hold.
    #[error("amount out of range")]
    Overflow,
    /// Not a decimal number.
    #[error("`{0}` is not a decimal number")]
    NotADecimal(String),
    /// A split needs at least one weight above zero and none below.
    #[error("weights must not be negative and must not all be zero")]
    Weights,
}

/// An active ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Active currencies whose minor unit is not a hundredth: ISO 4217 list one.
const ODD_DIGITS: &[(&str, u8)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Active currencies with two decimals: ISO 4217 list one, funds and metals left out.
const TWO_DIGITS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY \
    COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD \
    KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR \
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP \
    TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

impl Currency {
    /// The renminbi, the usual currency of a ledger here.
    pub const CNY: Self = Self(*b"CNY");

    /// What ISO 4217 writes where there is no currency; no amount is in it.
    pub const NONE: Self = Self(*b"XXX");

    /// The alphabetic code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Decimals of the minor unit.
    #[must_use]
    pub fn digits(self) -> u8 {
        ODD_DIGITS.iter().find(|(c, _)| *c == self.code()).map_or(2, |(_, d)| *d)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(s: &str) -> Result<Self, MoneyError> {
        let known = s.len() == 3 && (TWO_DIGITS.split_ascii_whitespace().any(|c| c == s) || ODD_DIGITS.iter().any(|(c, _)| *c == s));
        match s.as_bytes() {
            &[a, b, c] if known => Ok(Self([a, b, c])),
            _ => Err(MoneyError::UnknownCurrency(s.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(s: String) -> Result<Self, MoneyError> {
        s.parse()
    }
}

impl From<Currency> for String {
    fn from(c: Currency) -> Self {
        c.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in whole minor units of its currency. JSON: `{"minor": 6800000, "currency": "CNY"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// An exact decimal as money.
    ///
    /// # Errors
    /// [`MoneyError::BelowMinorUnit`] when a digit would be lost, [`MoneyError::Overflow`].
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let digits = currency.digits();
        let amount = amount.normalize();
        if amount.scale() > u32::from(digits) {
            return Err(MoneyError::BelowMinorUnit { amount, currency, digits });
        }
        let scaled = amount.mantissa().checked_mul(10_i128.pow(u32::from(digits) - amount.scale())).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor: i64::try_from(scaled).map_err(|_| MoneyError::Overflow)?, currency })
    }

    /// A text such as `68000.00`.
    ///
    /// # Errors
    /// As [`Money::from_decimal`], and [`MoneyError::NotADecimal`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let amount = Decimal::from_str_exact(text).map_err(|_| MoneyError::NotADecimal(text.to_owned()))?;
        Self::from_decimal(amount, currency)
    }

    /// Minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The exact decimal.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, u32::from(self.currency.digits()))
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Mixed`], [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed(self.currency, other.currency));
        }
        Ok(Self { minor: self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?, ..self })
    }

    /// The opposite amount.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        Ok(Self { minor: self.minor.checked_neg().ok_or(MoneyError::Overflow)?, ..self })
    }

    /// Amount × rate, rounded half away from zero to the minor unit, once.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn at_rate(self, rate: Rate) -> Result<Self, MoneyError> {
        // A decimal's own product rounds beyond 28 digits, which would be a second rounding: the digits of the rate are
        // multiplied in two halves, exactly.
        const HALF: i128 = 10_i128.pow(14);
        let rate = rate.0.normalize();
        let (size, digits) = (i128::from(self.minor).abs(), rate.mantissa().abs());
        let low = size * (digits % HALF);
        let high = size * (digits / HALF) + low / HALF;
        let (whole, twice_rest, unit) = match rate.scale().checked_sub(14) {
            Some(scale) => {
                let unit = 10_i128.pow(scale);
                (high / unit, (high % unit * HALF + low % HALF) * 2, unit * HALF)
            }
            None => {
                let unit = 10_i128.pow(rate.scale());
                let product = high.checked_mul(HALF).and_then(|p| p.checked_add(low % HALF)).ok_or(MoneyError::Overflow)?;
                (product / unit, product % unit * 2, unit)
            }
        };
        let rounded = whole + i128::from(twice_rest >= unit);
        let sign = i128::from(self.minor.signum()) * rate.mantissa().signum();
        Ok(Self { minor: i64::try_from(rounded * sign).map_err(|_| MoneyError::Overflow)?, ..self })
    }

    /// Splits by weights so that the parts sum to the whole: largest remainder, ties to the
    /// earlier part; a negative amount is split as the mirror image of the positive one.
    ///
    /// # Errors
    /// [`MoneyError::Weights`], [`MoneyError::Overflow`].
    pub fn split(self, weights: &[i64]) -> Result<Vec<Self>, MoneyError> {
        let whole: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if whole <= 0 || weights.iter().any(|w| *w < 0) {
            return Err(MoneyError::Weights);
        }
        let size = i128::from(self.minor).abs();
        let mut parts: Vec<(i128, i128)> = weights.iter().map(|w| size * i128::from(*w)).map(|x| (x / whole, x % whole)).collect();
        let left = size - parts.iter().map(|(q, _)| q).sum::<i128>();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        // A stable sort keeps ties in the order of the weights.
        order.sort_by_key(|i| std::cmp::Reverse(parts.get(*i).map_or(0, |(_, r)| *r)));
        for i in order.into_iter().take(usize::try_from(left).map_err(|_| MoneyError::Overflow)?) {
            if let Some((q, _)) = parts.get_mut(i) {
                *q += 1;
            }
        }
        parts
            .into_iter()
            .map(|(q, _)| i64::try_from(q * i128::from(self.minor.signum())).map(|minor| Self { minor, ..self }).map_err(|_| MoneyError::Overflow))
            .collect()
    }
}

/// `68000.00`, with as many decimals as the currency has and no currency code.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_decimal().to_string())
    }
}

/// An exact rate: 0.03 is three per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rate(pub Decimal);

impl FromStr for Rate {
    type Err = MoneyError;
    fn from_str(s: &str) -> Result<Self, MoneyError> {
        Decimal::from_str_exact(s).map(Rate).map_err(|_| MoneyError::NotADecimal(s.to_owned()))
    }
}
