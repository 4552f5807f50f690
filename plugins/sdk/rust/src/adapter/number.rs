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
    pub fn read(&self, text: &str) -> Result<Dec, NumberError> {
        if let Some(number) = self.plain(text) {
            return Ok(number);
        }
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

    /// The quick way for what most cells hold: a minus perhaps, ASCII digits, groups, a point.
    fn plain(&self, text: &str) -> Option<Dec> {
        let (decimal, thousands) = (u8::try_from(self.decimal).ok()?, u8::try_from(self.thousands).ok()?);
        let bytes = text.as_bytes();
        let (negative, bytes) = bytes.strip_prefix(b"-").map_or((false, bytes), |rest| (true, rest));
        if bytes.is_empty() || bytes.len() > 18 {
            return None;
        }
        let (mut mantissa, mut point, mut group) = (0_i64, None, None);
        for (i, b) in bytes.iter().enumerate() {
            if b.is_ascii_digit() {
                // Eighteen digits at most, so this cannot overflow.
                mantissa = mantissa.wrapping_mul(10).wrapping_add(i64::from(b - b'0'));
            } else if point.is_some() || i == 0 || group.map_or(*b == thousands && i > 3, |g| i - g != 4) {
                return None;
            } else if *b == decimal {
                point = Some(i);
            } else if *b == thousands {
                group = Some(i);
            } else {
                return None;
            }
        }
        let scale = point.map_or(0, |p| bytes.len() - p - 1);
        if scale > usize::from(SCALE_MAX) || point.is_none() && group.is_some_and(|g| bytes.len() - g != 4) {
            return None;
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        Some(Dec { mantissa, scale: u8::try_from(scale).ok()? })
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

/// A decimal times 10^`power`, exactly.
#[must_use]
pub fn times_ten(d: Dec, power: u8) -> Option<Dec> {
    if power == 0 {
        return Some(d);
    }
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
    pub fn add(&mut self, d: Dec) {
        self.add_total(d.into());
    }

    /// Takes an amount away.
    pub fn sub(&mut self, d: Dec) {
        self.add_total(Self { mantissa: -i128::from(d.mantissa), scale: d.scale });
    }

    /// Adds another sum.
    pub fn add_total(&mut self, other: Self) {
        if self.scale == other.scale {
            self.mantissa = self.mantissa.saturating_add(other.mantissa);
            return;
        }
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
        for text in ["0", "7", "-7", "12.5", "1,234", "12,345.678", "123,456,789.00", "1234.5", "5.", "-0.10"] {
            let other = n.read(&format!(" {text}")).unwrap();
            assert_eq!(n.plain(text), Some(other), "{text}");
        }
        for text in ["", "-", "1234,567", "1,23", "1,234,56", ",123", ".5", "1.2.3", "1.234,5", "12a", "1,2345.6", "--1"] {
            assert_eq!(n.plain(text), None, "{text}");
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
