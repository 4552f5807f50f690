//! Values of elements, and what is noted while a record is read.

use recoup_sdk::adapter::date::iso;
use recoup_sdk::adapter::number::{Notation, Total};
use recoup_sdk::adapter::{Control, Dec};

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fail {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

impl Fail {
    pub(crate) fn missing(element: &str) -> Self {
        Self { code: "saft.missing_field", text: format!("`{element}` is missing. Fill it in the source and export again.") }
    }
}

/// Reads decimals as XML Schema writes them.
#[derive(Debug)]
pub(crate) struct Values(Notation);

impl Values {
    pub(crate) fn new() -> Self {
        Self(Notation { decimal: '.', thousands: '.', strip: Vec::new() })
    }

    /// An amount.
    pub(crate) fn amount(&self, element: &str, text: &str) -> Result<Dec, Fail> {
        let plain = text.strip_prefix(['-', '+']).unwrap_or(text);
        let read = if plain.bytes().all(|b| b.is_ascii_digit() || b == b'.') { self.0.read(text).ok() } else { None };
        read.ok_or_else(|| Fail { code: "saft.bad_amount", text: format!("`{text}` in `{element}` is not a decimal number. Correct it in the source.") })
    }
}

/// A date, without the time that may stand behind it.
pub(crate) fn date(element: &str, text: &str) -> Result<i32, Fail> {
    iso(text).map_err(|error| Fail { code: "saft.bad_date", text: format!("`{text}` in `{element}` {error} YYYY-MM-DD. Correct it in the source.") })
}

/// Keeps the first failure of a record; values that fail are left out.
pub(crate) fn keep<T>(first: &mut Option<Fail>, value: Result<T, Fail>) -> Option<T> {
    value.map_err(|fail| first.get_or_insert(fail)).ok()
}

/// What a file states about a section, and what was read of it.
#[derive(Debug, Default)]
pub(crate) struct Section {
    pub(crate) stated_count: Option<Total>,
    pub(crate) stated_debit: Option<Total>,
    pub(crate) stated_credit: Option<Total>,
    pub(crate) count: u64,
    pub(crate) debit: Total,
    pub(crate) credit: Total,
    pub(crate) present: bool,
}

impl Section {
    /// Its three controls, if the file has the section.
    pub(crate) fn controls(&self, name: &str) -> Vec<Control> {
        if !self.present {
            return Vec::new();
        }
        let stated = |t: Option<Total>| t.map(|t| t.to_string());
        vec![
            Control::new(&format!("{name}.count"), stated(self.stated_count), self.count),
            Control::new(&format!("{name}.debit"), stated(self.stated_debit), self.debit),
            Control::new(&format!("{name}.credit"), stated(self.stated_credit), self.credit),
        ]
    }
}
