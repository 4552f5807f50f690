//! Exact decimals as exports write them, and sums that do not overflow. No float anywhere.

use super::Dec;
use std::fmt;

/// More digits than this behind the point are no amount of money.
pub const SCALE_MAX: u8 = 8;

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// It is not a number in this notation.
    Notation,
    /// It has more digits than an amount can have.
    TooLarge,
    /// It has more than [`SCALE_MAX`] digits behind the point.
    TooPrecise,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notation => f.write_str("is not an amount in the notation that the profile states"),
            Self::TooLarge => f.write_str("has too many digits for an amount"),
            Self::TooPrecise => write!(f, "has more than {SCALE_MAX} digits behind the point"),
        }
    }
}

/// How numbers are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notation {
    /// The decimal mark: `.` or `,`.
    pub decimal: char,
    /// The mark between groups of three digits. Spaces and apostrophes are read as well.
    pub thousands: char,
    /// What may stand before or behind a number and says nothing: currency signs.
    pub strip: Vec<String>,
}

impl Default for Notation {
    fn default() -> Self {
        Self { decimal: '.', thousands: ',', strip: ["¥", "￥", "$", "€", "£", "元"].map(String::from).to_vec() }
    }
}

impl Notation {
    /// Reads an amount. The sign may stand in front, behind, or be a pair of parentheses; digits
    /// may be full-width; groups must be of three digits, so that `1,23` is never 123.
    ///
    /// # Errors
    /// Says why the text is no amount; an empty text is none.
    #[inline]
    pub fn read(&self, text: &str) -> Result<Dec, NumberError> {
        self.plain(text).map_or_else(|| self.dressed(text), Ok)
    }

    /// Reads an amount in whatever dress.
    #[inline(never)]
    fn dressed(&self, text: &str) -> Result<Dec, NumberError> {
        let (negative, digits) = self.undress(text);
        let mut number = Dec { mantissa: 0, scale: 0 };
        let (mut whole, mut group, mut behind) = (0_usize, None::<u8>, false);
        for c in digits.chars() {
            if let Some(d) = digit(c) {
                number.mantissa = number.mantissa.checked_mul(10).and_then(|m| m.checked_add(i64::from(d))).ok_or(NumberError::TooLarge)?;
                if behind {
                    number.scale += 1;
                } else {
                    whole += 1;
                    group = group.map(|n| n.saturating_add(1));
                }
            } else if behind {
                return Err(NumberError::Notation);
            } else if c == self.decimal || half_width(c) == Some(self.decimal) {
                if group.is_some_and(|n| n != 3) {
                    return Err(NumberError::Notation);
                }
                behind = true;
            } else if self.separates(c) && whole > 0 && group.is_none_or(|n| n == 3) && (group.is_some() || whole <= 3) {
                group = Some(0);
            } else {
                return Err(NumberError::Notation);
            }
        }
        if !behind && group.is_some_and(|n| n != 3) || whole + usize::from(number.scale) == 0 {
            return Err(NumberError::Notation);
        }
        while number.scale > SCALE_MAX && number.mantissa % 10 == 0 {
            number = Dec { mantissa: number.mantissa / 10, scale: number.scale - 1 };
        }
        if number.scale > SCALE_MAX {
            return Err(NumberError::TooPrecise);
        }
        if negative {
            number.mantissa = -number.mantissa;
        }
        Ok(number)
    }

    /// The quick way for what most cells hold: a minus perhaps, ASCII digits in groups or not, a point and one or two
    /// digits perhaps. It goes by groups, because in a sandbox every round of a loop is dear.
    fn plain(&self, text: &str) -> Option<Dec> {
        let (decimal, thousands) = (u8::try_from(self.decimal).ok()?, u8::try_from(self.thousands).ok()?);
        let bytes = text.as_bytes();
        let (negative, bytes) = bytes.strip_prefix(b"-").map_or((false, bytes), |rest| (true, rest));
        let (mut whole, mut mantissa, mut unit, scale) = match bytes {
            [whole @ .., mark, a, b] if *mark == decimal => (whole, digits([b'0', b'0', *a, *b])?, 100_i64, 2),
            [whole @ .., mark, a] if *mark == decimal => (whole, digits([b'0', b'0', b'0', *a])?, 10, 1),
            whole => (whole, 0, 1, 0),
        };
        // Fifteen digits and two at most, so nothing below can overflow.
        if whole.is_empty() || whole.len() > 15 {
            return None;
        }
        let mut add = |few: [u8; 4], size: i64| {
            mantissa = digits(few)?.wrapping_mul(unit).wrapping_add(mantissa);
            unit = unit.wrapping_mul(size);
            Some(())
        };
        let grouped = matches!(whole, [.., mark, _, _, _] if *mark == thousands);
        if grouped {
            while let [rest @ .., mark, a, b, c] = whole
                && *mark == thousands
            {
                add([b'0', *a, *b, *c], 1_000)?;
                whole = rest;
            }
        } else {
            while let [rest @ .., a, b, c, d] = whole {
                add([*a, *b, *c, *d], 10_000)?;
                whole = rest;
            }
        }
        match whole {
            [] if grouped => return None,
            [] => {}
            [a] => add([b'0', b'0', b'0', *a], 1)?,
            [a, b] => add([b'0', b'0', *a, *b], 1)?,
            [a, b, c] => add([b'0', *a, *b, *c], 1)?,
            _ => return None,
        }
        Some(Dec { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// Takes off signs, parentheses, currency signs and the apostrophe that keeps spreadsheets from counting.
    fn undress<'t>(&self, text: &'t str) -> (bool, &'t str) {
        let mut rest = text.trim();
        rest = rest.strip_prefix('\'').unwrap_or(rest);
        let mut negative = false;
        if let Some(inner) = rest.strip_prefix(['(', '（']).and_then(|r| r.strip_suffix([')', '）'])) {
            (negative, rest) = (true, inner);
        }
        let mut signed = negative;
        loop {
            let before = rest;
            rest = rest.trim();
            for sign in &self.strip {
                rest = rest.strip_prefix(sign.as_str()).unwrap_or(rest);
                rest = rest.strip_suffix(sign.as_str()).unwrap_or(rest);
            }
            if !signed {
                let minus = rest.strip_prefix(MINUS).or_else(|| rest.strip_suffix(MINUS));
                let plus = rest.strip_prefix(['+', '＋']).or_else(|| rest.strip_suffix('+'));
                if let Some(r) = minus.or(plus) {
                    (negative, signed, rest) = (minus.is_some(), true, r);
                }
            }
            if rest.len() == before.len() {
                return (negative, rest);
            }
        }
    }

    fn separates(&self, c: char) -> bool {
        c == self.thousands || half_width(c) == Some(self.thousands) || matches!(c, '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}')
    }
}

const MINUS: [char; 3] = ['-', '−', '－'];

/// The value of an ASCII or full-width digit.
#[must_use]
pub fn digit(c: char) -> Option<u8> {
    let d = match c {
        '0'..='9' => c as u32 - '0' as u32,
        '０'..='９' => c as u32 - '０' as u32,
        _ => return None,
    };
    u8::try_from(d).ok()
}

/// The ASCII form of a full-width character.
#[must_use]
pub fn half_width(c: char) -> Option<char> {
    matches!(c, '！'..='～').then(|| char::from_u32(c as u32 - 0xfee0)).flatten()
}

/// The number of four ASCII digits.
#[inline]
fn digits(few: [u8; 4]) -> Option<i64> {
    let digits = u32::from_le_bytes(few).wrapping_sub(0x3030_3030);
    // Whatever is no digit has its highest bit set, or gets it by this.
    let beyond = (digits | digits.wrapping_add(0x7676_7676)) & 0x8080_8080;
    // Ten times a digit and the one behind it: no byte runs over into the next.
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00ff_00ff;
    let [high, _, low, _] = pairs.to_le_bytes();
    (beyond == 0).then(|| i64::from(high) * 100 + i64::from(low))
}

/// A decimal times 10^`power`, exactly.
#[must_use]
#[inline]
pub fn times_ten(d: Dec, power: u8) -> Option<Dec> {
    if power == 0 { Some(d) } else { shifted(d, power) }
}

fn shifted(d: Dec, power: u8) -> Option<Dec> {
    let shift = power.saturating_sub(d.scale);
    let mantissa = d.mantissa.checked_mul(10_i64.checked_pow(u32::from(shift))?)?;
    Some(Dec { mantissa, scale: d.scale.saturating_sub(power) })
}

/// An exact sum. With at most [`SCALE_MAX`] digits behind the point it holds 10^11 of the
/// largest amounts; beyond that it stays at its end, where it equals no stated figure.
#[derive(Debug, Default, Clone, Copy)]
pub struct Total {
    mantissa: i128,
    scale: u8,
}

impl Total {
    /// Adds an amount.
    #[inline]
    pub fn add(&mut self, d: Dec) {
        self.add_total(d.into());
    }

    /// Takes an amount away.
    pub fn sub(&mut self, d: Dec) {
        self.add_total(Self { mantissa: -i128::from(d.mantissa), scale: d.scale });
    }

    /// Adds another sum.
    #[inline]
    pub fn add_total(&mut self, other: Self) {
        if self.scale == other.scale {
            self.mantissa = self.mantissa.saturating_add(other.mantissa);
        } else {
            self.add_scaled(other);
        }
    }

    #[inline(never)]
    fn add_scaled(&mut self, other: Self) {
        let scale = self.scale.max(other.scale);
        self.mantissa = self.at(scale).saturating_add(other.at(scale));
        self.scale = scale;
    }

    /// Takes another sum away.
    pub fn sub_total(&mut self, other: Self) {
        self.add_total(Self { mantissa: other.mantissa.saturating_neg(), ..other });
    }

    /// Whether the sum is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.mantissa < 0
    }

    /// Whether the sum is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.mantissa == 0
    }

    /// The sum as an item's decimal, if it has so few digits.
    #[must_use]
    pub fn to_dec(self) -> Option<Dec> {
        let mantissa = i64::try_from(self.mantissa).ok().filter(|m| *m != i64::MIN)?; // Which means "none".
        Some(Dec { mantissa, scale: self.scale })
    }

    /// The sum in units of 10^-`scale`; further digits are cut off, which only a weight may do.
    #[must_use]
    pub fn units_of(&self, scale: u8) -> i128 {
        match scale.checked_sub(self.scale) {
            Some(_) => self.at(scale),
            None => self.mantissa / 10_i128.pow(u32::from(self.scale - scale)),
        }
    }

    fn at(&self, scale: u8) -> i128 {
        self.mantissa.saturating_mul(10_i128.saturating_pow(u32::from(scale - self.scale)))
    }
}

impl From<Dec> for Total {
    fn from(d: Dec) -> Self {
        Self { mantissa: i128::from(d.mantissa), scale: d.scale }
    }
}

/// Equal in value: 1.5 is 1.50.
impl PartialEq for Total {
    fn eq(&self, other: &Self) -> bool {
        let scale = self.scale.max(other.scale);
        self.at(scale) == other.at(scale)
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs();
        let unit = 10_u128.pow(u32::from(self.scale));
        let sign = if self.mantissa < 0 { "-" } else { "" };
        write!(f, "{sign}{}", digits / unit)?;
        if self.scale > 0 {
            write!(f, ".{:0width$}", digits % unit, width = usize::from(self.scale))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn dec(mantissa: i64, scale: u8) -> Dec {
        Dec { mantissa, scale }
    }

    #[test]
    fn every_sign_and_dress() {
        let n = Notation::default();
        for text in [
            "-1234.56",
            "1,234.56-",
            "(1,234.56)",
            "（１，２３４．５６）",
            "-¥1,234.56",
            "¥-1,234.56",
            " '-1234.56\t",
            "−1 234.56",
            "1'234.56 元-",
            "-1,234.56元",
        ] {
            assert_eq!(n.read(text), Ok(dec(-123_456, 2)), "{text}");
        }
        assert_eq!(n.read("+600.00"), Ok(dec(60_000, 2)));
        assert_eq!(n.read("0"), Ok(dec(0, 0)));
        assert_eq!(n.read(".5"), Ok(dec(5, 1)));
        assert_eq!(n.read("1.2345"), Ok(dec(12_345, 4)));
    }

    #[test]
    fn the_decimal_comma() {
        let n = Notation { decimal: ',', thousands: '.', ..Notation::default() };
        assert_eq!(n.read("1.234,56-"), Ok(dec(-123_456, 2)));
        assert_eq!(n.read("1,234.56"), Err(NumberError::Notation));
    }

    #[test]
    fn what_is_no_amount() {
        let n = Notation::default();
        for text in ["", "-", "12a", "1.2.3", "1,23", "1,2345", "12,34,567", ",5", "1.234,56", "xx,yyyy.zz", "--5", "(5", "1e5", "-(5)-"] {
            assert_eq!(n.read(text), Err(NumberError::Notation), "{text}");
        }
        assert_eq!(n.read("99999999999999999999"), Err(NumberError::TooLarge));
        assert_eq!(n.read("0.123456789"), Err(NumberError::TooPrecise));
        assert_eq!(n.read("0.1234567800"), Ok(dec(12_345_678, 8)));
    }

    #[test]
    fn the_quick_way_agrees_with_the_other() {
        let n = Notation::default();
        let quick =
            ["0", "7", "-7", "12.5", "1,234", "12,345.67", "123,456,789.00", "1234.5", "-0.10", "12345678.90", "123456789012345.67", "123,456,789,012.34"];
        for text in quick {
            assert_eq!(n.plain(text), Some(n.dressed(text).unwrap()), "{text}");
        }
        for text in ["", "-", "1234,567", "1,23", "1,234,56", ",123", ".5", "1.2.3", "1.234,5", "12a", "1,2345.6", "--1", "1:34.50", "1,234567.00", "12/4"] {
            assert_eq!(n.plain(text), None, "{text}");
        }
        for text in ["5.", "12,345.678", "1234567890123456"] {
            assert_eq!(n.plain(text), None, "{text} is left to the other way");
            assert!(n.dressed(text).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_never_says_anything_else(text in "-?[0-9,. -]{1,20}", grouped in "-?[0-9]{1,3}(,[0-9]{3}){0,5}(\\.[0-9]{0,3})?") {
            let n = Notation::default();
            for text in [text, grouped] {
                if let Some(quick) = n.plain(&text) {
                    prop_assert_eq!(Ok(quick), n.dressed(&text), "{}", text);
                }
            }
        }
    }

    #[test]
    fn sums_are_exact() {
        let mut t = Total::default();
        t.add(dec(22_017_838, 4));
        t.add(dec(2, 1));
        t.sub(dec(1, 0));
        assert_eq!(t.to_string(), "2200.9838");
        t.sub(dec(22_010, 1));
        assert_eq!(t.to_string(), "-0.0162");
        assert_eq!(Total::from(dec(150, 2)), Total::from(dec(15, 1)));
        assert_eq!(times_ten(dec(12_345, 2), 4), Some(dec(1_234_500, 0)));
        assert_eq!(times_ten(dec(12_345, 6), 4), Some(dec(12_345, 2)));
    }
}
