//! The input as delimited records: split here and not in the sandbox, where that costs thrice as much.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use recoup_wit::problem::Problem;
use recoup_wit::record::{Batch, Defect, Dialect};
use recoup_wit::split::RecordReader;
use recoup_wit::text::{Encoding, FileBytes};

use crate::bindings::adapter::records as wit;
use crate::{Input, What};

/// The longest record that may be asked for.
const RECORD_BYTES_MAX: u32 = 1024 * 1024;

/// The input of a session, being split.
pub(crate) struct Records(RecordReader<Opened>);

/// The file, and what its medium said when it failed.
struct Opened {
    input: Arc<dyn Input>,
    failed: Mutex<Option<String>>,
}

impl FileBytes for Opened {
    fn size(&self) -> u64 {
        self.input.size()
    }

    fn read_at(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        self.input.read_at(offset, length).inspect_err(|e| *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(e.to_string()))
    }
}

impl Records {
    /// Starts at the beginning of a file; a problem is for the guest to say.
    pub(crate) fn open(input: Arc<dyn Input>, dialect: wit::Dialect) -> Result<Result<Self, wit::Problem>, What> {
        let wit::Dialect { encoding, delimiter, quote, record_max } = dialect;
        let marks = [Some(delimiter), quote];
        if marks.iter().flatten().any(|b| !b.is_ascii() || matches!(b, b'\r' | b'\n')) || quote == Some(delimiter) {
            return Err(What::BadOutput("delimiter and quote must be two characters of ASCII, and no line ends".into()));
        }
        let encoding = match encoding {
            wit::Encoding::Utf8 => Encoding::Utf8,
            wit::Encoding::Gb18030 => Encoding::Gb18030,
            wit::Encoding::Windows1252 => Encoding::Windows1252,
        };
        let record_max = usize::try_from(record_max.min(RECORD_BYTES_MAX)).unwrap_or_default();
        // The first bytes are read at once: a medium that fails is no matter for the guest.
        input.read_at(0, 4).map_err(|e| What::Input(e.to_string()))?;
        let opened = Opened { input, failed: Mutex::new(None) };
        Ok(RecordReader::open(opened, encoding, Dialect { delimiter, quote, record_max }).map(Self).map_err(problem))
    }

    /// The next records, and how many bytes were looked at for them: so many at most as one long record has, so that
    /// what it costs may be charged behind it.
    pub(crate) fn next(&mut self) -> Result<(Result<wit::Batch, wit::Problem>, u64), What> {
        let batch = self.0.batch();
        if let Some(why) = self.0.bytes().failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(What::Input(why));
        }
        Ok((batch.map(columns).map_err(problem), self.0.worked()))
    }
}

fn columns(batch: Batch) -> wit::Batch {
    let Batch { text, ends, cells, lines, defects, ended } = batch;
    let defects = defects.into_iter().map(|(record, defect)| {
        let defect = match defect {
            Defect::TooLong => wit::Defect::TooLong,
            Defect::TooWide => wit::Defect::TooWide,
            Defect::OpenQuote => wit::Defect::OpenQuote,
            Defect::BadQuote => wit::Defect::BadQuote,
            Defect::Encoding(at) => wit::Defect::Encoding(at),
        };
        (record, defect)
    });
    wit::Batch { text, ends, cells, lines, defects: defects.collect(), ended }
}

fn problem(Problem { code, at, message }: Problem) -> wit::Problem {
    wit::Problem { code, at, message }
}
