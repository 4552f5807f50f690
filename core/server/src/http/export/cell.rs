//! Rows as cells: what a table of a list holds.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use recoup_model::{Digest, Money, Month};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Nothing.
    Empty,
    /// A text, which a spreadsheet must not take for a formula.
    Text(String),
    /// A text of ours that no user wrote: an id, a date, a word of a closed set.
    Plain(String),
    /// A number.
    Number(String),
}

impl Cell {
    /// As a text cell of a file that spreadsheets open: what they would run as a formula gets an apostrophe in front.
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => crate::output::neutral(&text),
            Self::Plain(text) | Self::Number(text) => text,
        }
    }
}

/// What can stand in a cell.
pub(crate) trait ToCell {
    fn cell(&self) -> Cell;
}

impl ToCell for String {
    fn cell(&self) -> Cell {
        Cell::Text(self.clone())
    }
}

impl ToCell for &'static str {
    fn cell(&self) -> Cell {
        Cell::Plain((*self).to_owned())
    }
}

impl<T: ToCell> ToCell for Option<T> {
    fn cell(&self) -> Cell {
        self.as_ref().map_or(Cell::Empty, ToCell::cell)
    }
}

macro_rules! cells {
    ($($type:ty: $cell:ident;)+) => {$(
        impl ToCell for $type {
            fn cell(&self) -> Cell {
                Cell::$cell(self.to_string())
            }
        }
    )+};
}

cells! {
    Uuid: Plain;
    NaiveDate: Plain;
    bool: Plain;
    i64: Number;
    u64: Number;
    u32: Number;
    Amount: Number;
}

impl ToCell for Moment {
    fn cell(&self) -> Cell {
        Cell::Plain(self.text())
    }
}

/// A row of a list: an object on the wire, cells in a table.
pub(crate) trait Row: Serialize + ToSchema + Send + 'static {
    /// Names of its fields, which are the headings of its columns.
    const COLUMNS: &'static [&'static str];
    /// Its fields.
    fn cells(&self) -> Vec<Cell>;
}

/// Rows as a table: the names of their columns, and their cells.
pub(crate) fn table<'a, R: Row>(rows: impl Iterator<Item = &'a R>) -> (Vec<String>, Vec<Vec<Cell>>) {
    (R::COLUMNS.iter().map(|c| (*c).to_owned()).collect(), rows.map(R::cells).collect())
}

/// A row: a struct whose fields are the columns of a table.
macro_rules! row {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
        pub(crate) struct $name { $($(#[$doc])* pub(crate) $field: $type,)+ }

        impl $crate::http::export::cell::Row for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];
            fn cells(&self) -> Vec<$crate::http::export::cell::Cell> {
                vec![$($crate::http::export::cell::ToCell::cell(&self.$field)),+]
            }
        }
    };
}
pub(crate) use row;

/// An amount with all digits of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = r"^-?\d+(\.\d+)?$", example = "68000.00")]
pub(crate) struct Amount(pub Money);

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// A moment in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2024-12-31T16:00:00.000000Z")]
pub(crate) struct Moment(pub DateTime<Utc>);

impl Moment {
    fn text(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Micros, true)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text())
    }
}

/// A SHA-256 digest in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub(crate) struct Hash(pub Digest);

impl ToCell for Hash {
    fn cell(&self) -> Cell {
        Cell::Plain(self.0.to_string())
    }
}

/// Several words; in a table with blanks between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = Vec<String>)]
pub(crate) struct Words(pub Vec<String>);

impl ToCell for Words {
    fn cell(&self) -> Cell {
        Cell::Text(self.0.join(" "))
    }
}

/// A month, such as 2024-07.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, pattern = r"^\d{4}-\d{2}$", example = "2024-07")]
pub(crate) struct Period(pub Month);

impl ToCell for Period {
    fn cell(&self) -> Cell {
        Cell::Plain(self.0.to_string())
    }
}
