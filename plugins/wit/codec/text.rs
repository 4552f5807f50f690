//! Text in a stated encoding, decoded piece by piece.
//!
//! An encoding cannot be guessed safely: GB18030 decodes almost any bytes. So the profile (or
//! an XML declaration) states it, and what contradicts it is said with its byte offset.

use crate::problem::Problem;
use encoding_rs::{Decoder, DecoderResult};
use std::collections::VecDeque;
use std::io;

/// How many bytes are asked for at once: enough that calls to the host cost little, and so few
/// that the head of a file can be read with the fuel of one call.
pub const CHUNK: u32 = 32 * 1024;

/// More malformed sequences than this, and the file is not in the stated encoding.
const FAULTS_MAX: usize = 1_000;

/// An encoding that exports are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// GB18030, which GBK and GB2312 are parts of.
    Gb18030,
    /// Windows-1252, and ISO-8859-1 as the web understands it.
    Windows1252,
}

impl Encoding {
    /// The encoding with a label such as `utf-8`, `GBK` or `windows-1252`.
    #[must_use]
    pub fn named(label: &str) -> Option<Self> {
        match label.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Some(Self::Utf8),
            "gb18030" | "gbk" | "gb2312" | "cp936" => Some(Self::Gb18030),
            "windows-1252" | "cp1252" | "iso-8859-1" | "latin1" => Some(Self::Windows1252),
            _ => None,
        }
    }

    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// The problem that a file as a whole has when it holds malformed bytes.
    #[must_use]
    pub fn refuse(self, offset: u64) -> Problem {
        let other = match self {
            Self::Utf8 => "Is it GB18030 or Windows-1252? State its encoding",
            Self::Gb18030 => "Is it UTF-8? State its encoding",
            Self::Windows1252 => "State its encoding",
        };
        mismatch(offset, &format!("The bytes here are not {}. {other}, or export the file again.", self.name()))
    }

    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gb18030 => encoding_rs::GB18030,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        }
        .new_decoder_without_bom_handling()
    }
}

/// Bytes that are no text in the stated encoding; U+FFFD stands in for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Where in the decoded text.
    pub at: u64,
    /// Where in the file.
    pub offset: u64,
}

/// The bytes of a file: the host's, or of a slice of memory.
pub trait FileBytes {
    /// How many there are.
    fn size(&self) -> u64;

    /// How many to ask for at once.
    fn chunk(&self) -> u32 {
        CHUNK
    }

    /// At most `length` bytes from `offset`; fewer only at the end.
    ///
    /// # Errors
    /// What the medium says.
    fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>>;
}

/// A file as text.
#[derive(Debug)]
pub struct TextReader<B> {
    bytes: B,
    /// Where in the file the next piece starts.
    offset: u64,
    encoding: Encoding,
    decoder: Decoder,
    /// Bytes of text handed out so far.
    decoded: u64,
    faults: VecDeque<Fault>,
    ended: bool,
}

impl<B: FileBytes> TextReader<B> {
    /// Opens a file in an encoding. Empty and binary files are refused, and so are files that
    /// begin with the mark of another encoding.
    ///
    /// # Errors
    /// Says what the file is instead, and how to mend it.
    pub fn open(bytes: B, encoding: Encoding) -> Result<Self, Problem> {
        let head = bytes.read_at(0, 4).map_err(unreadable)?;
        if head.is_empty() {
            return Err(Problem::new("file.empty", "byte 0", "The file is empty. Export it again."));
        }
        if let Some(what) = binary(&head) {
            return Err(Problem::new("file.binary", "byte 0", format!("This is {what}, not text. Save it as CSV or XML text first.")));
        }
        let utf8_mark = head.starts_with(&[0xef, 0xbb, 0xbf]);
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Err(mismatch(0, "The file begins with the mark of UTF-16. Save it as UTF-8."));
        }
        if utf8_mark && encoding != Encoding::Utf8 {
            let what = format!("The file begins with the mark of UTF-8, but {} is stated. State utf-8.", encoding.name());
            return Err(mismatch(0, &what));
        }
        let offset = if utf8_mark { 3 } else { 0 };
        Ok(Self { bytes, offset, encoding, decoder: encoding.decoder(), decoded: 0, faults: VecDeque::new(), ended: false })
    }

    /// The stated encoding.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Where in the file the next piece starts.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Appends the next piece of text; `false` at the end of the file.
    ///
    /// # Errors
    /// The file is binary, or has too many bytes that are no text in its encoding.
    pub fn fill(&mut self, text: &mut String) -> Result<bool, Problem> {
        if self.ended {
            return Ok(false);
        }
        let start = self.offset;
        let chunk = self.bytes.read_at(start, self.bytes.chunk()).map_err(unreadable)?;
        self.offset += chunk.len() as u64;
        self.ended = chunk.is_empty();
        if let Some(zero) = memchr::memchr(0, &chunk) {
            let at = start + zero as u64;
            let what = "The file holds a zero byte, so it is not text in a single- or multi-byte encoding. Save it as CSV or XML text in UTF-8.";
            return Err(Problem::new("file.binary", format!("byte {at}"), what));
        }
        let before = text.len();
        self.decode(&chunk, start, text)?;
        self.decoded += (text.len() - before) as u64;
        Ok(!self.ended || text.len() > before)
    }

    /// The first malformed bytes before a place in the text, which are then forgotten.
    pub fn fault_before(&mut self, at: u64) -> Option<Fault> {
        let first = self.faults.front().copied().filter(|f| f.at < at)?;
        while self.faults.front().is_some_and(|f| f.at < at) {
            self.faults.pop_front();
        }
        Some(first)
    }

    fn decode(&mut self, chunk: &[u8], start: u64, text: &mut String) -> Result<(), Problem> {
        let mut rest = chunk;
        let begun = text.len();
        loop {
            text.reserve(self.decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(rest.len() * 3));
            let (result, read) = self.decoder.decode_to_string_without_replacement(rest, text, self.ended);
            rest = rest.get(read..).unwrap_or_default();
            let DecoderResult::Malformed(bad, behind) = result else {
                if result == DecoderResult::InputEmpty {
                    return Ok(());
                } else {
                    continue;
                }
            };
            let consumed = start + (chunk.len() - rest.len()) as u64;
            let at = self.decoded + (text.len() - begun) as u64;
            let fault = Fault { at, offset: consumed.saturating_sub(u64::from(bad) + u64::from(behind)) };
            if self.faults.len() >= FAULTS_MAX {
                return Err(self.encoding.refuse(fault.offset));
            }
            self.faults.push_back(fault);
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

fn unreadable(error: io::Error) -> Problem {
    Problem::new("file.unreadable", "", format!("The file cannot be read: {error}."))
}

fn mismatch(offset: u64, message: &str) -> Problem {
    Problem::new("file.encoding", format!("byte {offset}"), message)
}

/// Files that are often given a wrong name.
fn binary(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'P', b'K', 3, 4] => Some("a ZIP archive, such as an .xlsx workbook"),
        [0xd0, 0xcf, 0x11, 0xe0] => Some("an old Office file, such as an .xls workbook"),
        [b'%', b'P', b'D', b'F'] => Some("a PDF document"),
        [0x1f, 0x8b, ..] => Some("a gzip archive"),
        _ => None,
    }
}
