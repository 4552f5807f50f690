//! One row of the table, as the profile's columns see it.

use crate::header::{Head, Source};
use crate::plan::{AmountPlan, Condition, FlagPlan, Id, Plan, Slot};
use crate::quick::same;
use recoup_sdk::adapter::Dec;
use recoup_sdk::adapter::date::DateError;
use recoup_sdk::adapter::number::{NumberError, Total, times_ten};
use recoup_sdk::adapter::record::RecordReader;

/// Why a row cannot be read.
#[derive(Debug)]
pub(crate) struct Fail {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

/// A cell read as an amount: empty, a number, or neither.
pub(crate) type Parsed = Result<Option<Dec>, NumberError>;

/// One row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) reader: &'a RecordReader,
    pub(crate) plan: &'a Plan,
    pub(crate) head: &'a Head,
    /// The latest filled cell of columns that are filled down.
    pub(crate) above: &'a [String],
    /// By slot.
    pub(crate) amounts: &'a [Parsed],
}

impl<'a> Row<'a> {
    /// The line that the row starts on.
    pub(crate) fn line(&self) -> u64 {
        self.reader.line()
    }

    /// What a column says; words that mean "nothing" are empty.
    #[inline]
    pub(crate) fn value(&self, id: Id) -> &'a str {
        match self.head.sources.get(id) {
            Some(Source::Cell(at)) => value_of(self.plan, self.reader.cell(*at)),
            source => self.other_value(id, source),
        }
    }

    /// What a column says that is no cell of this row.
    fn other_value(&self, id: Id, source: Option<&'a Source>) -> &'a str {
        match source {
            Some(Source::Fixed(text)) => text,
            Some(Source::Filled(_)) => value_of(self.plan, self.above.get(id).map_or("", String::as_str)),
            Some(Source::Cell(_) | Source::Absent) | None => "",
        }
    }

    /// What an optional column says.
    #[inline]
    pub(crate) fn maybe(&self, id: Option<Id>) -> &'a str {
        id.map_or("", |id| self.value(id))
    }

    /// What a column says that must say something.
    #[inline]
    pub(crate) fn filled(&self, id: Id) -> Result<&'a str, Fail> {
        let text = self.value(id);
        if text.is_empty() { Err(self.missing(id)) } else { Ok(text) }
    }

    /// That a column says nothing.
    #[cold]
    pub(crate) fn missing(&self, id: Id) -> Fail {
        let name = self.plan.columns.get(id).map_or("", |c| c.name.as_str());
        Fail { code: "table.missing_field", text: format!("Column `{}` ({name}) is empty. Fill it in the source.", self.label(id)) }
    }

    /// What the header calls a column.
    pub(crate) fn label(&self, id: Id) -> &'a str {
        self.head.labels.get(id).map_or("", String::as_str)
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: &Condition) -> bool {
        let value = self.value(condition.column);
        condition.is.as_ref().is_none_or(|words| words.iter().any(|w| same(w, value)))
            && condition.not.as_ref().is_none_or(|words| words.iter().all(|w| !same(w, value)))
            && condition.empty.is_none_or(|empty| empty == value.is_empty())
    }

    /// A date, if its cell is filled.
    #[inline]
    pub(crate) fn date(&self, id: Id) -> Result<Option<i32>, Fail> {
        let text = self.value(id);
        match self.plan.dates.first().and_then(|form| form.quick(text)) {
            Some(day) => Ok(Some(day)),
            None if text.is_empty() => Ok(None),
            None => self.other_date(id, text),
        }
    }

    /// A date in any of the stated forms.
    #[inline(never)]
    fn other_date(&self, id: Id, text: &str) -> Result<Option<i32>, Fail> {
        let mut worst = DateError::Form;
        for form in &self.plan.dates {
            match form.read(text) {
                Ok(day) => return Ok(Some(day)),
                Err(DateError::NoSuchDay) => worst = DateError::NoSuchDay,
                Err(DateError::Form) => {}
            }
        }
        let mend = match worst {
            DateError::NoSuchDay => "Correct it in the source.".to_owned(),
            DateError::Form => format!("The profile states {}: add the form of this file to `values.dates`.", self.plan.date_words),
        };
        Err(Fail { code: "table.bad_date", text: format!("`{text}` in column `{}` {worst}. {mend}", self.label(id)) })
    }

    /// A signed amount, if one of its cells is filled.
    #[inline]
    pub(crate) fn amount(&self, amount: &AmountPlan) -> Result<Option<Dec>, Fail> {
        let plus = self.side(amount.plus)?;
        let minus = self.side(amount.minus)?;
        let sum = match (plus, minus) {
            (None, None) => return Ok(None),
            (Some(d), None) => d,
            (None, Some(d)) => negated(d),
            (Some(p), Some(m)) => {
                let mut total = Total::from(p);
                total.sub(m);
                total.to_dec().ok_or_else(|| self.too_large(amount))?
            }
        };
        match &amount.flag {
            None => Ok(Some(sum)),
            Some(flag) => self.flagged(flag, sum),
        }
    }

    /// The sum with the sign that its flag gives it.
    fn flagged(&self, flag: &FlagPlan, sum: Dec) -> Result<Option<Dec>, Fail> {
        let word = self.value(flag.column);
        let says = |words: &[String]| words.iter().any(|w| w == word);
        if says(&flag.plus) {
            Ok(Some(sum))
        } else if says(&flag.minus) {
            Ok(Some(negated(sum)))
        } else {
            let known = [&flag.plus[..], &flag.minus[..]].concat().join("`, `");
            let text = format!("`{word}` in column `{}` does not say the direction; known are `{known}`. Add it to the profile.", self.label(flag.column));
            Err(Fail { code: "table.unknown_direction", text })
        }
    }

    #[inline]
    fn side(&self, slot: Option<Slot>) -> Result<Option<Dec>, Fail> {
        let Some(slot) = slot else { return Ok(None) };
        match self.amounts.get(slot) {
            Some(Ok(amount)) => Ok(*amount),
            Some(Err(error)) => Err(self.bad_amount(slot, *error)),
            None => Ok(None),
        }
    }

    #[cold]
    fn bad_amount(&self, slot: Slot, error: NumberError) -> Fail {
        let id = self.plan.amounts.get(slot).copied().unwrap_or_default();
        let text = format!(
            "`{}` in column `{}` {error}. Correct it, or state `values.decimal` and `values.thousands` as the file has them.",
            self.value(id),
            self.label(id)
        );
        Fail { code: "table.bad_amount", text }
    }

    #[cold]
    fn too_large(&self, amount: &AmountPlan) -> Fail {
        self.bad_amount(amount.plus.unwrap_or_default(), NumberError::TooLarge)
    }

    /// The first cell that is filled.
    pub(crate) fn first_filled(&self) -> &'a str {
        (0..self.reader.len()).map(|i| self.reader.cell(i)).find(|c| !c.is_empty()).unwrap_or_default()
    }
}

/// A cell without the apostrophe that keeps spreadsheets from counting, and empty if it says so.
#[inline]
pub(crate) fn value_of<'t>(plan: &Plan, text: &'t str) -> &'t str {
    match text.bytes().next() {
        Some(first) if plan.begins_special(first) => special(plan, text),
        _ => text,
    }
}

#[cold]
fn special<'t>(plan: &Plan, text: &'t str) -> &'t str {
    let text = text.strip_prefix('\'').unwrap_or(text);
    if text.bytes().all(|b| b == b'-') || plan.empty.iter().any(|word| word == text) { "" } else { text }
}

/// Reads the amounts of a row, once.
pub(crate) fn read_amounts(row: Row<'_>, into: &mut Vec<Parsed>) {
    into.clear();
    for id in &row.plan.amounts {
        into.push(read_amount(row.plan, row.head, row.value(*id)));
    }
}

/// Reads one amount in the unit of the file.
pub(crate) fn read_amount(plan: &Plan, head: &Head, text: &str) -> Parsed {
    if text.is_empty() {
        return Ok(None);
    }
    let amount = plan.notation.read(text)?;
    times_ten(amount, head.unit).map(Some).ok_or(NumberError::TooLarge)
}

/// The same amount with the other sign.
pub(crate) fn negated(d: Dec) -> Dec {
    Dec { mantissa: -d.mantissa, scale: d.scale }
}
