//! Tables as CSV and NDJSON, a part at a time.

use actix_web::web::Bytes;
use serde::Serialize;

use super::cell::Cell;
use crate::http::problem::Problem;

/// Byte order mark, by which some spreadsheets know UTF-8.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Rows as CSV; the first part begins with the heading.
pub(crate) fn csv(columns: Option<&[&str]>, bom: bool, rows: impl Iterator<Item = Vec<Cell>>) -> Result<Bytes, Problem> {
    let failed = |e: ::csv::Error| Problem::internal(&e);
    let mut bytes = Vec::new();
    if columns.is_some() && bom {
        bytes.extend_from_slice(BOM);
    }
    let mut out = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(bytes);
    if let Some(columns) = columns {
        out.write_record(columns).map_err(failed)?;
    }
    for row in rows {
        out.write_record(row.into_iter().map(Cell::into_text)).map_err(failed)?;
    }
    let bytes = out.into_inner().map_err(|e| Problem::internal(&e))?;
    Ok(Bytes::from(bytes))
}

/// Rows as one JSON object a line.
pub(crate) fn ndjson<R: Serialize>(rows: &[R]) -> Result<Bytes, Problem> {
    let mut out = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut out, row).map_err(|e| Problem::internal(&e))?;
        out.push(b'\n');
    }
    Ok(Bytes::from(out))
}

#[cfg(test)]
mod tests {
    use super::{Cell, csv};

    #[test]
    fn what_a_spreadsheet_would_run_is_neutralised_and_numbers_are_not() {
        let row = |cell: Cell| csv(None, true, [vec![cell]].into_iter()).map(|b| b.to_vec()).unwrap_or_default();
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let written = String::from_utf8_lossy(&row(Cell::Text(text.to_owned()))).into_owned();
            assert!(written.trim_start_matches('"').starts_with('\''), "{written:?}");
        }
        assert_eq!(row(Cell::Number("-12.50".to_owned())), b"-12.50\r\n");
        assert_eq!(row(Cell::Text("中衡八局".to_owned())), "中衡八局\r\n".as_bytes());
    }
}
