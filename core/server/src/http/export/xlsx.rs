//! Tables as a spreadsheet.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use actix_web::body::SizedStream;
use actix_web::web::{self, Bytes};
use futures_util::{Stream, stream};
use rust_xlsxwriter::{Format, XlsxError};

use super::cell::Cell;
use crate::http::problem::Problem;

/// Rows that a sheet can have, its heading among them.
const ROWS_MAX: u32 = 1_048_576;
/// Characters that a cell can have.
const CELL_CHARS: usize = 32_767;
/// Significant digits that a spreadsheet keeps; a number with more is written as text.
const DIGITS_MAX: usize = 15;

/// Bytes of a file that are sent at a time.
const PIECE: usize = 64 * 1024;

/// A spreadsheet being written; rows go to a temporary file, so that its size costs no memory.
pub(crate) struct Workbook {
    book: rust_xlsxwriter::Workbook,
    sheets: usize,
    row: u32,
}

impl Workbook {
    pub(crate) fn new() -> Self {
        Self { book: rust_xlsxwriter::Workbook::new(), sheets: 0, row: 0 }
    }

    /// One of a single table.
    pub(crate) fn of(columns: &[impl AsRef<str>]) -> Result<Self, Problem> {
        let mut book = Self::new();
        book.sheet(columns)?;
        Ok(book)
    }

    /// Begins a sheet: rows that follow are its.
    pub(crate) fn sheet(&mut self, columns: &[impl AsRef<str>]) -> Result<(), Problem> {
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(failed)?;
        let bold = Format::new().set_bold();
        for (column, name) in (0_u16..).zip(columns) {
            sheet.write_string_with_format(0, column, name.as_ref(), &bold).map_err(failed)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        (self.sheets, self.row) = (self.sheets + 1, 1);
        Ok(())
    }

    pub(crate) fn rows(&mut self, rows: impl Iterator<Item = Vec<Cell>>) -> Result<(), Problem> {
        let sheet = self.book.worksheet_from_index(self.sheets.saturating_sub(1)).map_err(failed)?;
        for row in rows {
            if self.row == ROWS_MAX {
                return Err(Problem::new("export.too_long"));
            }
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Empty => {}
                    Cell::Number(number) => match (exact(&number), number.split_once('.')) {
                        (Some(value), Some((_, digits))) => {
                            let format = Format::new().set_num_format(format!("0.{}", "0".repeat(digits.len())));
                            sheet.write_number_with_format(self.row, column, value, &format).map_err(failed)?;
                        }
                        (Some(value), None) => drop(sheet.write_number(self.row, column, value).map_err(failed)?),
                        (None, _) => drop(sheet.write_string(self.row, column, number).map_err(failed)?),
                    },
                    text => {
                        sheet.write_string(self.row, column, fitting(text.into_text())).map_err(failed)?;
                    }
                }
            }
            self.row += 1;
        }
        Ok(())
    }

    /// The spreadsheet in memory: a report's, which is kept as an answer.
    pub(crate) fn bytes(mut self) -> Result<Bytes, Problem> {
        Ok(Bytes::from(self.book.save_to_buffer().map_err(failed)?))
    }

    /// The spreadsheet as a temporary file, sent piece by piece.
    pub(crate) async fn stream(mut self) -> Result<SizedStream<impl Stream<Item = Result<Bytes, Problem>>>, Problem> {
        let (file, size) = on_disk(move || {
            let mut file = tempfile::tempfile().map_err(|e| Problem::internal(&e))?;
            self.book.save_to_writer(&file).map_err(failed)?;
            let size = file.seek(SeekFrom::End(0)).and_then(|size| file.rewind().map(|()| size)).map_err(|e| Problem::internal(&e))?;
            Ok((file, size))
        })
        .await?;
        Ok(SizedStream::new(size, stream::try_unfold(file, piece)))
    }
}

/// The next piece of a file, and the file.
async fn piece(mut file: File) -> Result<Option<(Bytes, File)>, Problem> {
    on_disk(move || {
        let mut piece = vec![0; PIECE];
        let length = file.read(&mut piece).map_err(|e| Problem::internal(&e))?;
        piece.truncate(length);
        Ok((length > 0).then(|| (Bytes::from(piece), file)))
    })
    .await
}

/// Does on a blocking thread what waits for the disk.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    web::block(work).await.map_err(|e| Problem::internal(&e))?
}

/// The text, or as much of it as a cell can have, which then says so.
fn fitting(text: String) -> String {
    let count = text.chars().count();
    if count <= CELL_CHARS {
        return text;
    }
    let said = format!("… [{count} characters; a spreadsheet's cell holds {CELL_CHARS}: take CSV or NDJSON for the rest]");
    text.chars().take(CELL_CHARS - said.chars().count()).chain(said.chars()).collect()
}

/// The number as spreadsheets hold it, when they hold every digit of it.
fn exact(number: &str) -> Option<f64> {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    number.parse().ok().filter(|_| digits <= DIGITS_MAX)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: XlsxError) -> Problem {
    Problem::internal(&error)
}

#[cfg(test)]
mod tests {
    use super::{CELL_CHARS, fitting};

    #[test]
    fn a_text_that_is_cut_says_so_and_fits() {
        let whole = "清".repeat(CELL_CHARS);
        assert_eq!(fitting(whole.clone()), whole);
        let cut = fitting(format!("{whole}欠"));
        assert_eq!(cut.chars().count(), CELL_CHARS);
        assert!(cut.ends_with("take CSV or NDJSON for the rest]") && cut.contains("32768 characters"));
    }
}
