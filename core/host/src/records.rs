//! The input as delimited records: split here and not in the sandbox, where that costs thrice as much.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use recoup_wit::problem::Problem;
use recoup_wit::record::{Batch, Defect, Dialect, RECORD_BYTES_MAX};
use recoup_wit::split::RecordReader;
use recoup_wit::text::{Encoding, FileBytes};

use crate::bindings::adapter::records as wit;
use crate::{Input, What};

/// The input of a session, being split.
pub(crate) struct Records {
    reader: RecordReader<Opened>,
    failed: Failed,
}

/// What the medium said when it failed: no matter for the guest.
type Failed = Arc<Mutex<Option<String>>>;

/// The file.
struct Opened {
    input: Arc<dyn Input>,
    failed: Failed,
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
        let record_max = usize::try_from(record_max).unwrap_or(usize::MAX).min(RECORD_BYTES_MAX);
        let failed = Failed::default();
        let opened = Opened { input, failed: Arc::clone(&failed) };
        let reader = RecordReader::open(opened, encoding, Dialect { delimiter, quote, record_max });
        sound(&failed)?;
        Ok(reader.map(|reader| Self { reader, failed }).map_err(problem))
    }

    /// The next records, and how many bytes were looked at for them: so many at most as one long record has, so that
    /// what it costs may be charged behind it.
    pub(crate) fn next(&mut self) -> Result<(Result<wit::Batch, wit::Problem>, u64), What> {
        let batch = self.reader.batch();
        sound(&self.failed)?;
        Ok((batch.map(columns).map_err(problem), self.reader.worked()))
    }
}

/// That the medium has not failed.
fn sound(failed: &Failed) -> Result<(), What> {
    failed.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), |why| Err(What::Input(why)))
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
