//! Delimited records as they cross the border: many at once, as columns.

/// The longest record that may be asked for, in bytes of UTF-8.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// The most cells that a record may have: as many as a spreadsheet has columns.
pub const RECORD_CELLS_MAX: usize = 16_384;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between cells; an ASCII character.
    pub delimiter: u8,
    /// Around cells that hold delimiters or line ends; doubled inside.
    pub quote: Option<u8>,
    /// Bytes of UTF-8 text that a record may have.
    pub record_max: usize,
}

/// Why a record cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// It is longer than the limit.
    TooLong,
    /// It has more cells than a spreadsheet has columns.
    TooWide,
    /// A quote was not closed before the end of the file.
    OpenQuote,
    /// There is text between a closing quote and the next delimiter.
    BadQuote,
    /// It holds bytes that are no text, at this byte of the file.
    Encoding(u64),
}

/// Records in the order of the file. Record `i` begins on line `lines[i]` and has the cells up to `cells[i]`;
/// cell `c` ends at byte `ends[c]` of `text`, and starts where the one before it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The cells, trimmed and without their quotes.
    pub text: String,
    /// Where each cell ends.
    pub ends: Vec<u32>,
    /// How many cells there are up to the end of each record.
    pub cells: Vec<u32>,
    /// The line on which each record starts, from 1.
    pub lines: Vec<u64>,
    /// Which records cannot be read, and why; they have no cells, or such as cannot be trusted.
    pub defects: Vec<(u32, Defect)>,
    /// Whether the file ends with these. A batch may be empty and not the last.
    pub ended: bool,
}

impl Batch {
    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}
