//! Delimited records (RFC 4180) in memory that does not grow with the file.
//!
//! A record is never longer or wider than stated limits. A quote that nobody closes cannot swallow
//! the file: the record is given up, and reading goes on at the line behind the one it began on.
//!
//! Built for the machine only: the host splits the file, whatever language an adapter is written in.

use crate::problem::Problem;
use crate::record::{Batch, Defect, Dialect, RECORD_CELLS_MAX};
use crate::text::{CHUNK, Encoding, FileBytes, TextReader};
use memchr::{memchr2, memchr3};

/// Records given up before the whole file is.
const GIVEN_UP_MAX: usize = 1_000;

/// A batch ends when it has so many records, so many cells, about a piece of text, or when so many bytes were looked at
/// for it: whoever asks for the next one may be stopped between two.
const BATCH_RECORDS_MAX: usize = 4_096;
const BATCH_CELLS_MAX: usize = 32_768;
const BATCH_WORK_MAX: u64 = 256 * 1024;

/// The longest line of which the rest is still looked for after its record was given up.
const LINE_MAX: u64 = 64 * 1024 * 1024;

/// What comes next in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Record,
    Defect(Defect),
    /// The line of a record that was given up goes on.
    Unfinished,
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
pub struct RecordReader<B> {
    text: TextReader<B>,
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
    /// Bytes of that line that were left out so far.
    skipped: u64,
    /// Bytes that were looked at for the current batch.
    worked: u64,
    drained: bool,
    /// Why the file cannot be read on, for the batch after the records that could be.
    ended: Option<Problem>,
}

impl<B: FileBytes> RecordReader<B> {
    /// Starts at the beginning of a file.
    ///
    /// # Errors
    /// The file is empty, binary, or begins with the mark of another encoding.
    pub fn open(bytes: B, encoding: Encoding, dialect: Dialect) -> Result<Self, Problem> {
        Ok(Self {
            text: TextReader::open(bytes, encoding)?,
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
            skipped: 0,
            worked: 0,
            drained: false,
            ended: None,
        })
    }

    /// Bytes that were looked at for the last batch, again and again where records were given up.
    #[must_use]
    pub fn worked(&self) -> u64 {
        self.worked
    }

    /// The next records, if there are any: about as much text as is read at once, or one long record. The batch says
    /// whether it ends the file.
    ///
    /// # Errors
    /// The file is binary, in another encoding, or hardly has a readable record.
    pub fn batch(&mut self) -> Result<Batch, Problem> {
        if let Some(problem) = &self.ended {
            return Err(problem.clone());
        }
        let mut batch = Batch::default();
        let enough = CHUNK as usize;
        batch.text.reserve(enough + enough / 8);
        self.worked = 0;
        while batch.text.len() < enough && batch.lines.len() < BATCH_RECORDS_MAX && batch.ends.len() < BATCH_CELLS_MAX && self.worked < BATCH_WORK_MAX {
            match self.advance() {
                Ok(Next::End) => {
                    batch.ended = true;
                    break;
                }
                Ok(Next::Unfinished) => break,
                Ok(Next::Record) => {}
                Ok(Next::Defect(defect)) => batch.defects.push((index(batch.lines.len()), defect)),
                Err(problem) if batch.lines.is_empty() => return Err(self.ended.insert(problem).clone()),
                Err(problem) => {
                    self.ended = Some(problem);
                    break;
                }
            }
            for cell in &self.cells {
                batch.text.push_str(self.cell(cell));
                batch.ends.push(index(batch.text.len()));
            }
            batch.cells.push(index(batch.ends.len()));
            batch.lines.push(self.line());
        }
        Ok(batch)
    }

    /// The line on which the current record starts, from 1.
    fn line(&self) -> u64 {
        self.lines.0 + 1
    }

    /// A cell of the current record, trimmed.
    fn cell(&self, cell: &Cell) -> &str {
        let from = if cell.moved { self.unquoted.get(cell.start..cell.end) } else { self.buffer.get(self.start + cell.start..self.start + cell.end) };
        from.unwrap_or_default()
    }

    /// Goes on to the next record.
    fn advance(&mut self) -> Result<Next, Problem> {
        if self.skip && !self.skip_line()? {
            return Ok(Next::Unfinished);
        }
        self.skip = false;
        self.start += self.length;
        self.length = 0;
        self.lines = (self.lines.0 + self.lines.1, 0);
        let defect = match self.scan()? {
            None => return Ok(Next::End),
            Some(defect) => defect,
        };
        // A record that was given up may have been looked at to the end of what is there.
        self.worked += if self.skip { self.buffer.len() - self.start } else { self.length } as u64;
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
                        if self.cells.len() >= RECORD_CELLS_MAX {
                            return Ok(self.give_up(Defect::TooWide));
                        }
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
        // What follows its first line is read again, with its faults.
        self.length = 0;
        self.lines.1 = 0;
        (self.skip, self.skipped) = (true, 0);
        Some(Some(defect))
    }

    /// Leaves out the line on which the record that was given up starts; `false` while it goes on.
    fn skip_line(&mut self) -> Result<bool, Problem> {
        self.lines.1 = 1;
        loop {
            let rest = self.buffer.get(self.start..).unwrap_or_default();
            let found = memchr2(b'\n', b'\r', rest.as_bytes());
            let looked = found.unwrap_or(rest.len()) as u64;
            self.worked += looked;
            self.skipped += looked;
            if let Some(end) = found {
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
            if self.skipped > LINE_MAX {
                let what = format!("This line is longer than {} MiB: the file is no table, or its line ends were lost. Export it again.", LINE_MAX >> 20);
                return Err(Problem::new("file.unreadable", format!("line {}", self.line()), what));
            }
            self.refill()?;
            if self.worked >= BATCH_WORK_MAX {
                return Ok(false);
            }
        }
        self.text.fault_before(self.base + (self.start + self.length) as u64);
        Ok(true)
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

/// A place in a batch, whose text is far below 4 GiB.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use std::io;

    struct File(Vec<u8>, u32);

    impl FileBytes for File {
        fn size(&self) -> u64 {
            self.0.len() as u64
        }

        fn chunk(&self) -> u32 {
            self.1
        }

        fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
            let from = usize::try_from(offset).unwrap().min(self.0.len());
            Ok(self.0[from..(from + length as usize).min(self.0.len())].to_vec())
        }
    }

    const COMMA: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), record_max: 64 };

    /// Every batch, and why there are no more if it is not the file's end.
    fn read(bytes: &[u8], chunk: u32, encoding: Encoding) -> (Vec<Batch>, Option<Problem>) {
        let mut batches = Vec::new();
        let mut reader = match RecordReader::open(File(bytes.to_vec(), chunk), encoding, COMMA) {
            Ok(reader) => reader,
            Err(problem) => return (batches, Some(problem)),
        };
        loop {
            match reader.batch() {
                Ok(batch) => {
                    assert!(batch.ends.len() < BATCH_CELLS_MAX + RECORD_CELLS_MAX && batch.lines.len() <= BATCH_RECORDS_MAX);
                    assert!(batch.text.len() <= CHUNK as usize + COMMA.record_max, "{}", batch.text.len());
                    let ended = batch.ended;
                    batches.push(batch);
                    if ended {
                        return (batches, None);
                    }
                }
                Err(problem) => {
                    assert_eq!(reader.batch(), Err(problem.clone()), "what cannot be read stays so");
                    return (batches, Some(problem));
                }
            }
        }
    }

    #[test]
    fn cells_are_trimmed_and_unquoted_and_lines_are_counted() {
        let text = "a, b ,\"c,\"\"d\"\"\"\r\n\r\n\"two\nlines\",\u{3000}x\u{3000}\n\"bad\" quote,y\n\"open";
        let (batches, problem) = read(text.as_bytes(), 7, Encoding::Utf8);
        assert_eq!(problem, None);
        let [batch] = batches.as_slice() else { panic!("one batch") };
        assert_eq!(batch.text, "abc,\"d\"two\nlinesx\"bad\" quotey");
        assert_eq!(batch.ends, [1, 2, 7, 7, 16, 17, 28, 29]);
        assert_eq!(batch.cells, [3, 4, 6, 8, 8]);
        assert_eq!(batch.lines, [1, 2, 3, 5, 6]);
        assert_eq!(batch.defects, [(3, Defect::BadQuote), (4, Defect::OpenQuote)]);
    }

    /// The records of all batches: what they say of each does not depend on where one batch ends.
    fn records(batches: &[Batch]) -> Vec<(u64, Vec<&str>, Option<Defect>)> {
        let mut all = Vec::new();
        for batch in batches {
            let (mut from, mut start) = (0, 0);
            for (i, (line, to)) in batch.lines.iter().zip(&batch.cells).enumerate() {
                let ends = &batch.ends[from..*to as usize];
                let cells = ends.iter().map(|end| &batch.text[std::mem::replace(&mut start, *end as usize)..*end as usize]).collect();
                all.push((*line, cells, batch.defects.iter().find(|(at, _)| *at as usize == i).map(|(_, defect)| *defect)));
                from = *to as usize;
            }
        }
        all
    }

    #[test]
    fn a_record_is_no_wider_than_a_sheet_and_those_behind_it_are_read() {
        let wide = |cells: usize| ",".repeat(cells - 1);
        let text = format!("a,b\n{}\n{}\nc,d\n", wide(RECORD_CELLS_MAX), wide(RECORD_CELLS_MAX + 1));
        let dialect = Dialect { record_max: 1024 * 1024, ..COMMA };
        let mut reader = RecordReader::open(File(text.into_bytes(), CHUNK), Encoding::Utf8, dialect).unwrap();
        let mut batches = Vec::new();
        while batches.last().is_none_or(|b: &Batch| !b.ended) {
            batches.push(reader.batch().unwrap());
        }
        let seen: Vec<(u64, usize, Option<Defect>)> = records(&batches).into_iter().map(|(line, cells, defect)| (line, cells.len(), defect)).collect();
        assert_eq!(seen, [(1, 2, None), (2, RECORD_CELLS_MAX, None), (3, 0, Some(Defect::TooWide)), (4, 2, None)]);
    }

    #[test]
    fn a_line_without_end_is_left_out_piece_by_piece_and_not_for_ever() {
        let long = |mib: usize| [b"a,b\n".as_slice(), &vec![b'x'; mib << 20], b"\nc,d\n"].concat();
        let (batches, problem) = read(&long(2), CHUNK, Encoding::Utf8);
        assert_eq!(problem, None);
        assert_eq!(records(&batches), [(1, vec!["a", "b"], None), (2, vec![], Some(Defect::TooLong)), (3, vec!["c", "d"], None)]);
        assert!(batches.len() >= 8, "2 MiB are looked at in pieces of 256 KiB: {}", batches.len());
        let (batches, problem) = read(&long(65), CHUNK, Encoding::Utf8);
        assert_eq!((records(&batches).len(), problem.unwrap().code.as_str()), (2, "file.unreadable"));
    }

    proptest! {
        /// Whatever the bytes: reading ends, says the same in pieces of any size, and what it says holds together.
        #[test]
        fn any_bytes_are_split_alike_in_pieces_of_any_size(
            pieces in proptest::collection::vec(
                prop_oneof![
                    4 => "[a-z0-9 ]{0,9}".prop_map(String::into_bytes),
                    4 => prop_oneof![Just(","), Just("\""), Just("\n"), Just("\r\n"), Just("\r"), Just("，"), Just("债务"), Just("\u{3000}")].prop_map(|s| s.as_bytes().to_vec()),
                    1 => proptest::collection::vec(any::<u8>(), 1..6),
                ],
                0..120,
            ),
            chunk in 1_u32..90,
        ) {
            let bytes = pieces.concat();
            for encoding in [Encoding::Utf8, Encoding::Gb18030, Encoding::Windows1252] {
                let (whole, pieces) = (read(&bytes, CHUNK, encoding), read(&bytes, chunk, encoding));
                prop_assert_eq!(&whole.1, &pieces.1);
                // A file that cannot be read is refused whole, however much was read before that showed.
                prop_assert!(whole.1.is_some() || records(&whole.0) == records(&pieces.0), "{whole:?} {pieces:?}");
                for batch in &whole.0 {
                    prop_assert_eq!(batch.cells.len(), batch.lines.len());
                    prop_assert!(batch.cells.is_sorted() && batch.ends.is_sorted() && batch.lines.is_sorted());
                    prop_assert_eq!(batch.cells.last().copied().unwrap_or_default() as usize, batch.ends.len());
                    prop_assert_eq!(batch.ends.last().copied().unwrap_or_default() as usize, batch.text.len());
                    prop_assert!(batch.ends.iter().all(|end| batch.text.is_char_boundary(*end as usize)));
                    prop_assert!(batch.defects.iter().all(|(record, _)| (*record as usize) < batch.len()));
                }
            }
        }
    }
}
