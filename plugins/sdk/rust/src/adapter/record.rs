//! Delimited records (RFC 4180) in constant memory.
//!
//! A record is never longer than a stated limit. A quote that nobody closes cannot swallow
//! the file: the record is given up, and reading goes on at the line behind the one it began on.

use super::Problem;
use super::text::TextReader;
use memchr::{memchr2, memchr3};

/// Records given up before the whole file is.
const GIVEN_UP_MAX: usize = 1_000;

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
    /// A quote was not closed before the end of the file.
    OpenQuote,
    /// There is text between a closing quote and the next delimiter.
    BadQuote,
    /// It holds bytes that are no text, at this byte of the file.
    Encoding(u64),
}

/// What comes next in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A record, which [`RecordReader::cell`] reads.
    Record,
    /// A record that cannot be read.
    Defect(Defect),
    /// The end.
    End,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    start: usize,
    end: usize,
    /// The range is in `unquoted`, without its doubled quotes.
    moved: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    QuoteSeen,
}

/// Reads a file record by record.
#[derive(Debug)]
pub struct RecordReader {
    text: TextReader,
    dialect: Dialect,
    buffer: String,
    /// Where in `buffer` the current record starts.
    start: usize,
    /// How long it is, with its line end.
    length: usize,
    /// Where in the decoded text `buffer` starts.
    base: u64,
    /// Lines before the current record, and in it.
    lines: (u64, u64),
    cells: Vec<Cell>,
    unquoted: String,
    given_up: usize,
    /// The current record was given up, and its line is still to be left out.
    skip: bool,
    drained: bool,
}

impl RecordReader {
    /// Starts at the beginning of a text.
    #[must_use]
    pub fn new(text: TextReader, dialect: Dialect) -> Self {
        Self {
            text,
            dialect,
            buffer: String::new(),
            start: 0,
            length: 0,
            base: 0,
            lines: (0, 0),
            cells: Vec::new(),
            unquoted: String::new(),
            given_up: 0,
            skip: false,
            drained: false,
        }
    }

    /// The line on which the current record starts, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.lines.0 + 1
    }

    /// How many cells the current record has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no current record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A cell of the current record, trimmed; empty when the record is shorter.
    #[must_use]
    #[inline]
    pub fn cell(&self, index: usize) -> &str {
        let Some(cell) = self.cells.get(index) else {
            return "";
        };
        let from = if cell.moved { self.unquoted.get(cell.start..cell.end) } else { self.buffer.get(self.start + cell.start..self.start + cell.end) };
        from.unwrap_or_default()
    }

    /// The text under the reader, for what it knows of the encoding.
    #[must_use]
    pub fn text(&self) -> &TextReader {
        &self.text
    }

    /// Goes on to the next record.
    ///
    /// # Errors
    /// The file is binary, in another encoding, or hardly has a readable record.
    pub fn advance(&mut self) -> Result<Next, Problem> {
        if std::mem::take(&mut self.skip) {
            self.skip_line()?;
        }
        self.start += self.length;
        self.length = 0;
        self.lines = (self.lines.0 + self.lines.1, 0);
        let defect = match self.scan()? {
            None => return Ok(Next::End),
            Some(defect) => defect,
        };
        let fault = self.text.fault_before(self.base + (self.start + self.length) as u64);
        let defect = defect.or(fault.map(|f| Defect::Encoding(f.offset)));
        let Some(defect) = defect else {
            return Ok(Next::Record);
        };
        self.given_up += 1;
        if self.given_up > GIVEN_UP_MAX {
            let what = format!("More than {GIVEN_UP_MAX} records cannot be read. Are delimiter, quotes and encoding stated as the file has them?");
            return Err(Problem::new("file.unreadable", format!("line {}", self.line()), what));
        }
        Ok(Next::Defect(defect))
    }

    /// Finds the cells of the next record: `None` at the end of the file, else what is wrong.
    fn scan(&mut self) -> Result<Option<Option<Defect>>, Problem> {
        self.cells.clear();
        self.unquoted.clear();
        let Dialect { delimiter, quote, record_max } = self.dialect;
        // Where a plain cell may end, and a quoted one.
        let behind = |from: usize, found: Option<usize>, bytes: &[u8]| found.map_or(bytes.len(), |at| from + at);
        let plain = |bytes: &[u8], from| behind(from, memchr3(delimiter, b'\n', b'\r', bytes.get(from..).unwrap_or_default()), bytes);
        let quoted = |bytes: &[u8], from| behind(from, memchr2(quote.unwrap_or(b'\n'), b'\n', bytes.get(from..).unwrap_or_default()), bytes);
        let (mut i, mut cell, mut state) = (0, 0, State::CellStart);
        let (mut doubled, mut bad) = (false, false);
        loop {
            let bytes = self.buffer.as_bytes().get(self.start..).unwrap_or_default();
            while let Some(&b) = bytes.get(i) {
                match state {
                    State::CellStart if Some(b) == quote => state = State::Quoted,
                    State::CellStart | State::Plain | State::QuoteSeen if b == delimiter => {
                        push_cell(&mut self.cells, &mut self.unquoted, bytes, (cell, i), (state == State::QuoteSeen, doubled));
                        (cell, state, doubled) = (i + 1, State::CellStart, false);
                    }
                    State::CellStart | State::Plain | State::QuoteSeen if b == b'\n' || b == b'\r' => {
                        if b == b'\r' && i + 1 == bytes.len() && !self.drained {
                            break; // The line feed may be in the next piece.
                        }
                        push_cell(&mut self.cells, &mut self.unquoted, bytes, (cell, i), (state == State::QuoteSeen, doubled));
                        self.length = i + if b == b'\r' && bytes.get(i + 1) == Some(&b'\n') { 2 } else { 1 };
                        self.lines.1 += 1;
                        if i > record_max {
                            return Ok(self.give_up(Defect::TooLong));
                        }
                        return Ok(Some(bad.then_some(Defect::BadQuote)));
                    }
                    State::CellStart | State::Plain => {
                        (state, i) = (State::Plain, plain(bytes, i + 1));
                        // As most cells end: seen to here, because going round once more is dear in a sandbox.
                        if bytes.get(i) == Some(&delimiter) {
                            push_plain(&mut self.cells, bytes, (cell, i));
                            (cell, state, doubled) = (i + 1, State::CellStart, false);
                            i += 1;
                        }
                        continue;
                    }
                    State::Quoted if Some(b) == quote => state = State::QuoteSeen,
                    State::Quoted if b == b'\n' => {
                        if i > record_max {
                            return Ok(self.give_up(Defect::TooLong));
                        }
                        self.lines.1 += 1;
                    }
                    State::Quoted => {
                        i = quoted(bytes, i + 1);
                        continue;
                    }
                    State::QuoteSeen if Some(b) == quote => (state, doubled) = (State::Quoted, true),
                    State::QuoteSeen if b == b' ' || b == b'\t' => {}
                    State::QuoteSeen => (state, bad) = (State::Plain, true),
                }
                i += 1;
            }
            if i > record_max {
                return Ok(self.give_up(Defect::TooLong));
            }
            if self.refill()? {
                continue;
            }
            let bytes = self.buffer.as_bytes().get(self.start..).unwrap_or_default();
            if i < bytes.len() {
                continue; // A carriage return that turned out to be the last byte.
            }
            if bytes.is_empty() {
                return Ok(None);
            }
            if state == State::Quoted {
                return Ok(self.give_up(Defect::OpenQuote));
            }
            push_cell(&mut self.cells, &mut self.unquoted, bytes, (cell, i), (state == State::QuoteSeen, doubled));
            self.length = i;
            self.lines.1 += 1;
            return Ok(Some(bad.then_some(Defect::BadQuote)));
        }
    }

    /// Gives a record up; its first line is left out with the next step.
    fn give_up(&mut self, defect: Defect) -> Option<Option<Defect>> {
        self.cells.clear();
        self.lines.1 = 0;
        self.skip = true;
        Some(Some(defect))
    }

    /// Leaves out the line on which the record that was given up starts.
    fn skip_line(&mut self) -> Result<(), Problem> {
        self.lines.1 = 1;
        loop {
            let rest = self.buffer.get(self.start..).unwrap_or_default();
            if let Some(end) = rest.find(['\n', '\r']) {
                let pair = rest.get(end..end + 2) == Some("\r\n");
                if pair || end + 1 < rest.len() || self.drained || rest.ends_with('\n') {
                    self.length = end + if pair { 2 } else { 1 };
                    break;
                }
            } else if self.drained {
                self.length = rest.len();
                break;
            } else {
                self.start = self.buffer.len(); // Nothing of this is needed any more.
            }
            self.refill()?;
        }
        self.text.fault_before(self.base + (self.start + self.length) as u64);
        Ok(())
    }

    fn refill(&mut self) -> Result<bool, Problem> {
        if self.drained {
            return Ok(false);
        }
        self.base += self.start as u64;
        self.buffer.drain(..self.start);
        self.start = 0;
        self.drained = !self.text.fill(&mut self.buffer)?;
        Ok(!self.drained)
    }
}

/// Notes a cell; `quoted` cells lose their quotes, and doubled quotes inside become one.
#[inline]
fn push_cell(cells: &mut Vec<Cell>, unquoted: &mut String, bytes: &[u8], (start, end): (usize, usize), (quoted, doubled): (bool, bool)) {
    if !quoted {
        return push_plain(cells, bytes, (start, end));
    }
    // Behind the closing quote only blanks can stand.
    let raw = bytes.get(start..end).unwrap_or_default();
    let length = if raw.last().is_some_and(u8::is_ascii_graphic) { raw.len() } else { raw.trim_ascii_end().len() };
    let inner = (start + 1, (start + length).saturating_sub(1).max(start + 1));
    if doubled {
        push_undoubled(cells, unquoted, raw, bytes.get(inner.0..inner.1).unwrap_or_default());
    } else {
        push_plain(cells, bytes, inner);
    }
}

/// Notes a cell in which quotes are doubled.
#[inline(never)]
fn push_undoubled(cells: &mut Vec<Cell>, unquoted: &mut String, raw: &[u8], inner: &[u8]) {
    let Some((quote, text)) = raw.first().zip(std::str::from_utf8(inner).ok()) else {
        return;
    };
    let moved_from = unquoted.len();
    let quote = char::from(*quote);
    let mut seen = false;
    for c in text.chars() {
        seen = c == quote && !seen;
        if !seen {
            unquoted.push(c);
        }
    }
    let (start, end) = trimmed(unquoted.as_bytes(), (moved_from, unquoted.len()));
    cells.push(Cell { start, end, moved: true });
}

/// Notes a cell that stands in the text as it is meant.
#[inline]
fn push_plain(cells: &mut Vec<Cell>, bytes: &[u8], range: (usize, usize)) {
    let (start, end) = trimmed(bytes, range);
    cells.push(Cell { start, end, moved: false });
}

/// The range without the blanks, tabs and ideographic spaces that cells are padded with.
#[inline(always)]
#[allow(clippy::inline_always, reason = "every cell of a file passes here, and a call costs more than it does")]
fn trimmed(bytes: &[u8], (start, end): (usize, usize)) -> (usize, usize) {
    // From this lead byte on, where Chinese characters begin, no character is a blank.
    const NO_BLANK: u8 = 0xe4;
    match bytes.get(start..end) {
        None | Some([]) => (start, end),
        Some([first]) if first.is_ascii_graphic() => (start, end),
        Some([first, last] | [first, _, last]) if first.is_ascii_graphic() && last.is_ascii_graphic() => (start, end),
        Some([first, .., lead, _, last]) if (first.is_ascii_graphic() || *first >= NO_BLANK) && (last.is_ascii_graphic() || *lead >= NO_BLANK) => (start, end),
        Some(cell) => trimmed_blanks(cell, start),
    }
}

#[cold]
fn trimmed_blanks(cell: &[u8], start: usize) -> (usize, usize) {
    let cell = std::str::from_utf8(cell).unwrap_or_default();
    let from = start + cell.len() - cell.trim_start().len();
    (from, from + cell.trim().len())
}
