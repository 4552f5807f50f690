//! The file as decoded text for the XML reader, with what an untrusted file must be kept from.

use recoup_sdk::adapter::text::{Encoding, TextReader};
use recoup_sdk::adapter::{Input, Problem};
use std::io::{self, BufRead, Read};

/// Bytes of text between two marks of XML.
const PIECE_MAX: usize = 1024 * 1024;

/// Decoded text, piece by piece.
#[derive(Debug)]
pub(crate) struct Source {
    text: TextReader<Input>,
    buffer: String,
    at: usize,
    /// Where in the file `buffer` starts.
    offset: u64,
    /// Bytes since the last mark.
    since_mark: usize,
    size: u64,
}

impl Source {
    /// Opens a file in the encoding that its XML declaration states.
    pub(crate) fn open(input: Input) -> Result<Self, Problem> {
        let head = input.read_at(0, 256);
        let encoding = declared(&head)?;
        let size = input.size();
        let text = TextReader::open(input, encoding)?;
        let offset = text.offset();
        Ok(Self { text, buffer: String::new(), at: 0, offset, since_mark: 0, size })
    }

    /// Says that a mark of XML ended here.
    pub(crate) fn mark(&mut self) {
        self.since_mark = 0;
    }

    /// Where in the file reading has come to.
    pub(crate) fn position(&self) -> u64 {
        let read = self.buffer.get(..self.at).unwrap_or_default();
        let bytes = if self.text.encoding() == Encoding::Utf8 { read.len() } else { read.chars().count() };
        self.offset + bytes as u64
    }

    /// How long the file is.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    fn fill(&mut self) -> Result<(), Problem> {
        if self.since_mark > PIECE_MAX {
            let what = format!("One piece of text is longer than {PIECE_MAX} bytes, which no field of an audit file is. Export the file again.");
            return Err(Problem::new("saft.too_long", format!("byte {}", self.position()), what));
        }
        while self.at >= self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            self.offset = self.text.offset();
            if !self.text.fill(&mut self.buffer)? {
                return Ok(());
            }
            if let Some(fault) = self.text.fault_before(u64::MAX) {
                return Err(self.text.encoding().refuse(fault.offset));
            }
        }
        Ok(())
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut from = self.fill_buf()?;
        let count = from.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill().map_err(io::Error::other)?;
        Ok(self.buffer.as_bytes().get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
        self.since_mark += count;
    }
}

/// The encoding of the XML declaration; UTF-8 without one.
fn declared(head: &[u8]) -> Result<Encoding, Problem> {
    let text = String::from_utf8_lossy(head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head));
    let declaration = text.strip_prefix("<?xml").and_then(|t| t.split_once("?>")).map_or("", |(d, _)| d);
    let Some((_, behind)) = declaration.split_once("encoding") else {
        return Ok(Encoding::Utf8);
    };
    let label = behind.split(['"', '\'']).nth(1).unwrap_or_default();
    Encoding::named(label).filter(|e| *e != Encoding::Gb18030).ok_or_else(|| {
        let what = format!("The declared encoding `{label}` is not one that audit files use: UTF-8 or Windows-1252. Export the file in UTF-8.");
        Problem::new("saft.encoding", "byte 0", what)
    })
}
