//! Delimited records (RFC 4180): the host splits the file, and an adapter reads cells.
//!
//! In a sandbox, finding cells costs thrice what it costs outside, and more in languages that are interpreted there.

use super::{Input, Problem};
use recoup_wit::record::Batch;
pub use recoup_wit::record::{Defect, Dialect, RECORD_BYTES_MAX, RECORD_CELLS_MAX};
use recoup_wit::text::Encoding;

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

/// Reads a file record by record.
#[derive(Debug)]
pub struct RecordReader {
    source: Source,
    encoding: Encoding,
    batch: Batch,
    /// The current record of the batch, one behind if there is none.
    record: usize,
    /// Where the current record's cells begin and end.
    cells: (usize, usize),
    /// The next of the batch's defects.
    defect: usize,
}

#[derive(Debug)]
enum Source {
    #[cfg(target_arch = "wasm32")]
    Host,
    #[cfg(not(target_arch = "wasm32"))]
    Native(recoup_wit::split::RecordReader<Input>),
}

impl Source {
    fn open(input: Input, encoding: Encoding, dialect: Dialect) -> Result<Self, Problem> {
        #[cfg(target_arch = "wasm32")]
        {
            drop(input);
            super::guest::open_records(encoding, dialect)?;
            Ok(Self::Host)
        }
        #[cfg(not(target_arch = "wasm32"))]
        recoup_wit::split::RecordReader::open(input, encoding, dialect).map(Self::Native)
    }

    fn batch(&mut self) -> Result<Batch, Problem> {
        match self {
            #[cfg(target_arch = "wasm32")]
            Self::Host => super::guest::next_records(),
            #[cfg(not(target_arch = "wasm32"))]
            Self::Native(reader) => reader.batch(),
        }
    }
}

impl RecordReader {
    /// Starts at the beginning of a file.
    ///
    /// # Errors
    /// The file is empty, binary, or begins with the mark of another encoding.
    pub fn open(input: Input, encoding: Encoding, dialect: Dialect) -> Result<Self, Problem> {
        let source = Source::open(input, encoding, dialect)?;
        Ok(Self { source, encoding, batch: Batch::default(), record: 0, cells: (0, 0), defect: 0 })
    }

    /// The line on which the current record starts, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.batch.lines.get(self.record).copied().unwrap_or_default()
    }

    /// How many cells the current record has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.1 - self.cells.0
    }

    /// Whether there is no current record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A cell of the current record, trimmed; empty when the record is shorter.
    #[must_use]
    #[inline]
    pub fn cell(&self, index: usize) -> &str {
        let at = self.cells.0 + index;
        if at >= self.cells.1 {
            return "";
        }
        let start = if at == 0 { 0 } else { self.batch.ends.get(at - 1).copied().unwrap_or_default() };
        let end = self.batch.ends.get(at).copied().unwrap_or_default();
        self.batch.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The encoding that is stated for the file.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Goes on to the next record.
    ///
    /// # Errors
    /// The file is binary, in another encoding, or hardly has a readable record.
    #[inline]
    pub fn advance(&mut self) -> Result<Next, Problem> {
        self.record += 1;
        if self.record >= self.batch.len() && !self.refill()? {
            return Ok(Next::End);
        }
        let end = self.batch.cells.get(self.record).copied().unwrap_or_default();
        self.cells = (self.cells.1, end as usize);
        match self.batch.defects.get(self.defect) {
            Some((at, defect)) if *at as usize == self.record => {
                self.defect += 1;
                Ok(Next::Defect(*defect))
            }
            _ => Ok(Next::Record),
        }
    }

    #[inline(never)]
    fn refill(&mut self) -> Result<bool, Problem> {
        loop {
            self.batch = self.source.batch()?;
            (self.record, self.cells, self.defect) = (0, (0, 0), 0);
            if !self.batch.is_empty() || self.batch.ended {
                return Ok(!self.batch.is_empty());
            }
        }
    }
}
