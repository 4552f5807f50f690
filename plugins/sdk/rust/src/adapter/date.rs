//! Dates in the forms that exports use. A day is a number: days from 1970-01-01.

use super::number::digit;
use std::fmt;

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateError {
    /// It has none of the stated forms.
    Form,
    /// It has the form, but there is no such day: 31 September.
    NoSuchDay,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "is not a date in the stated form",
            Self::NoSuchDay => "is no day of the calendar",
        })
    }
}

/// The first year that exports are about, and the first one that they are not.
const YEARS: std::ops::Range<i32> = 1900..2200;

/// Days from 1970-01-01 to the first day of each of [`YEARS`], and of the one behind them.
#[allow(clippy::indexing_slicing, reason = "the compiler itself does this, and would refuse")]
const YEAR_BEGINS: [i32; 301] = {
    let mut begins = [-25_567; 301];
    let (mut i, mut year) = (0, YEARS.start);
    while year < YEARS.end {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        begins[i + 1] = begins[i] + if leap { 366 } else { 365 };
        (i, year) = (i + 1, year + 1);
    }
    begins
};

/// Days before each month of a common year and of a leap year, and before the next year.
const MONTH_BEGINS: [[i32; 13]; 2] =
    [[0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365], [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366]];

/// Days from 1970-01-01, for a day of the Gregorian calendar in the years 1900 to 2199. Tables, because divisions are dear.
#[must_use]
#[inline]
pub fn day(year: i32, month: u32, day: u32) -> Option<i32> {
    let year = usize::try_from(year.wrapping_sub(YEARS.start)).ok()?;
    let (begins, ends) = (*YEAR_BEGINS.get(year)?, *YEAR_BEGINS.get(year + 1)?);
    let [common, leap] = &MONTH_BEGINS;
    let months = if ends.wrapping_sub(begins) == 366 { leap } else { common };
    let month = usize::try_from(month).ok()?;
    let (before, behind) = (*months.get(month.wrapping_sub(1))?, *months.get(month)?);
    let day = i32::try_from(day).ok().filter(|day| *day >= 1 && *day <= behind.wrapping_sub(before))?;
    Some(begins.wrapping_add(before).wrapping_add(day).wrapping_sub(1))
}

/// The day `YYYY-MM-DD`, as XML and most exports write it; a time behind it is left out.
///
/// # Errors
/// Says whether the form or the day is wrong.
pub fn iso(text: &str) -> Result<i32, DateError> {
    let (date, time) = text.split_at_checked(10).ok_or(DateError::Form)?;
    if !is_time(time) {
        return Err(DateError::Form);
    }
    match ten_bytes(date.as_bytes(), b'-') {
        Some(day) => Ok(day),
        None => {
            let form = |(i, b): (usize, u8)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() };
            Err(if date.bytes().enumerate().all(form) { DateError::NoSuchDay } else { DateError::Form })
        }
    }
}

/// The quick way for `YYYY?MM?DD` of ten bytes: they are loaded as two words, and the eight digits dealt with as one.
#[inline]
fn ten_bytes(text: &[u8], mark: u8) -> Option<i32> {
    let (&first, &[g, h]) = text.split_first_chunk::<8>()? else { return None };
    let (first, last) = (u64::from_le_bytes(first), u64::from(u16::from_le_bytes([g, h])));
    let marks = (first >> 32 & 0xff, first >> 56);
    let digits = (first & 0xffff_ffff | first >> 8 & 0xffff_0000_0000 | last << 48).wrapping_sub(0x3030_3030_3030_3030);
    // Whatever is no digit has its highest bit set, or gets it by this.
    let beyond = (digits | digits.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080;
    if marks != (mark.into(), mark.into()) || beyond != 0 {
        return None;
    }
    // Ten times a digit and the one behind it: no byte runs over into the next.
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let [century, _, year, _, month, _, day_of_month, _] = pairs.to_le_bytes();
    day(i32::from(century) * 100 + i32::from(year), month.into(), day_of_month.into())
}

/// Nothing, or a time of day behind a date.
fn is_time(rest: &str) -> bool {
    rest.is_empty()
        || rest.starts_with(['T', ' ', '\t'])
            && rest.contains(':')
            && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, 'T' | ' ' | '\t' | ':' | '.' | '+' | '-' | 'Z'))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
    Literal(char),
}

/// A form such as `YYYY-MM-DD`, `YYYY年MM月DD日`, `DD.MM.YYYY` or `YYYYMMDD`. Where a mark
/// follows, month and day may have one digit. `excel` is the day number of a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateForm {
    parts: Vec<Part>,
    /// The mark of a form that reads `YYYY?MM?DD`, which is read the quick way.
    quick: Option<u8>,
}

impl DateForm {
    /// A form from its pattern; `None` when the pattern lacks or repeats a part.
    #[must_use]
    pub fn new(pattern: &str) -> Option<Self> {
        if pattern == "excel" {
            return Some(Self { parts: Vec::new(), quick: None });
        }
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some(c) = rest.chars().next() {
            let (part, length) = match c {
                'Y' if rest.starts_with("YYYY") => (Part::Year, 4),
                'M' if rest.starts_with("MM") => (Part::Month, 2),
                'D' if rest.starts_with("DD") => (Part::Day, 2),
                'Y' | 'M' | 'D' => return None,
                _ => (Part::Literal(c), c.len_utf8()),
            };
            parts.push(part);
            rest = rest.get(length..)?;
        }
        let once = |p| parts.iter().filter(|q| **q == p).count() == 1;
        let quick = match parts.as_slice() {
            [Part::Year, Part::Literal(a), Part::Month, Part::Literal(b), Part::Day] if a == b => u8::try_from(*a).ok(),
            _ => None,
        };
        (once(Part::Year) && once(Part::Month) && once(Part::Day)).then_some(Self { parts, quick })
    }

    /// The day, if the form is `YYYY?MM?DD` and the text has just these ten characters.
    #[inline]
    #[must_use]
    pub fn quick(&self, text: &str) -> Option<i32> {
        self.quick.and_then(|mark| ten_bytes(text.as_bytes(), mark))
    }

    /// Reads a date; a time of day behind it is left out.
    ///
    /// # Errors
    /// Says whether the form or the day is wrong.
    pub fn read(&self, text: &str) -> Result<i32, DateError> {
        if let Some(day) = self.quick(text) {
            return Ok(day);
        }
        let text = text.trim();
        if self.parts.is_empty() {
            return excel(text);
        }
        let (mut y, mut m, mut d) = (0, 0, 0);
        let mut chars = text.chars();
        for (i, part) in self.parts.iter().enumerate() {
            // A part that no mark ends must have all its digits.
            let marked = self.parts.get(i + 1).is_none_or(|next| matches!(next, Part::Literal(_)));
            let least = if marked && self.parts.len() > 3 { 1 } else { 2 };
            match part {
                Part::Literal(c) => {
                    chars.next().filter(|got| half_width(*got) == *c).ok_or(DateError::Form)?;
                }
                Part::Year => y = digits(&mut chars, 4, 4)?,
                Part::Month => m = digits(&mut chars, least, 2)?,
                Part::Day => d = digits(&mut chars, least, 2)?,
            }
        }
        if !is_time(chars.as_str()) {
            return Err(DateError::Form);
        }
        day(i32::try_from(y).unwrap_or(0), m, d).ok_or(DateError::NoSuchDay)
    }
}

/// `－` and its like as the ASCII character they are a wide form of.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

fn digits(chars: &mut std::str::Chars<'_>, least: u32, most: u32) -> Result<u32, DateError> {
    let (mut n, mut count) = (0, 0);
    while count < most {
        let Some(d) = chars.clone().next().and_then(digit) else {
            break;
        };
        n = n * 10 + u32::from(d);
        count += 1;
        chars.next();
    }
    if count < least { Err(DateError::Form) } else { Ok(n) }
}

/// A spreadsheet's day number: 1 is 1900-01-01, and 60 is the 29 February 1900 that never was.
fn excel(text: &str) -> Result<i32, DateError> {
    let serial = text.strip_suffix(".0").unwrap_or(text).parse::<i32>().map_err(|_| DateError::Form)?;
    match serial {
        1..=59 => Ok(serial - 25_568),
        61..=109_574 => Ok(serial - 25_569),
        _ => Err(DateError::NoSuchDay),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        assert_eq!(day(1970, 1, 1), Some(0));
        assert_eq!(day(2000, 3, 1), Some(11_017));
        assert_eq!(day(2019, 6, 30), Some(18_077));
        assert_eq!(day(1969, 12, 31), Some(-1));
        assert_eq!(day(2024, 2, 29), Some(19_782));
        assert_eq!(day(2100, 2, 29), None);
        assert_eq!(day(2024, 9, 31), None);
    }

    #[test]
    fn every_form_of_one_day() {
        for (form, text) in [
            ("YYYY-MM-DD", "2019-06-30"),
            ("YYYY-MM-DD", "2019-6-30 23:59:59"),
            ("YYYY/MM/DD", "2019/6/30  14:06:51"),
            ("YYYYMMDD", "20190630"),
            ("YYYY年MM月DD日", "2019年6月30日"),
            ("DD.MM.YYYY", "30.06.2019"),
            ("MM/DD/YYYY", "6/30/2019"),
            ("YYYY-MM-DD", "２０１９-０６-３０"),
            ("excel", "43646"),
        ] {
            assert_eq!(DateForm::new(form).unwrap().read(text), Ok(18_077), "{form} {text}");
        }
        assert_eq!(iso("2019-06-30T09:11:34"), Ok(18_077));
    }

    proptest! {
        #[test]
        fn the_quick_way_never_says_anything_else(text in "[0-9/:\\-]{4}-[0-9/:]{2}-[0-9/:]{2}", y in 1890..2210, m in 0..14, d in 0..33) {
            // A blank in front makes it go the other way.
            let form = DateForm::new("YYYY-MM-DD").unwrap();
            for text in [text, format!("{y:04}-{m:02}-{d:02}")] {
                prop_assert_eq!(form.quick(&text), form.read(&format!(" {text}")).ok(), "{}", text);
            }
        }
    }

    #[test]
    fn what_is_no_date() {
        let form = DateForm::new("YYYY-MM-DD").unwrap();
        assert_eq!(form.read("2024-09-31"), Err(DateError::NoSuchDay));
        assert_eq!(form.read("2024-09-30x"), Err(DateError::Form));
        assert_eq!(form.read("24-09-30"), Err(DateError::Form));
        assert_eq!(DateForm::new("YYYYMMDD").unwrap().read("2024930"), Err(DateError::Form));
        assert_eq!(iso("2024-09-31"), Err(DateError::NoSuchDay));
        assert_eq!(iso("2024-9-3"), Err(DateError::Form));
        assert_eq!(DateForm::new("excel").unwrap().read("60"), Err(DateError::NoSuchDay));
        assert_eq!(DateForm::new("YYYY-MM"), None);
        assert_eq!(DateForm::new("YY-MM-DD"), None);
    }
}
