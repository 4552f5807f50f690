//! Results as tables for people, or JSON and CSV for machines.

use std::io::Write;

use actix_web::web::Bytes;
use comfy_table::{CellAlignment, ContentLineStyle, LineStyle, TableStyle};
use serde_json::{Map, Value};

use crate::cli::Format;
use crate::error::CliError;
use crate::http::export::cell::Cell;
use crate::http::export::xlsx::Workbook;
use crate::http::problem::Problem;

/// A horizontal rule.
const RULE: LineStyle = LineStyle::new('─', '─', '─', '─');
/// Nothing but space between columns.
const BLANK: ContentLineStyle = ContentLineStyle::new(' ', ' ', ' ');

/// A table. Machine forms use its name and its columns' keys, people see the title and the headings.
pub(crate) struct Table {
    name: &'static str,
    title: String,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// A column: its key, its heading, and whether it holds numbers.
pub(crate) struct Column {
    key: String,
    heading: String,
    number: bool,
}

/// A column of text.
pub(crate) fn text(key: &str, heading: &str) -> Column {
    Column { key: key.to_owned(), heading: heading.to_owned(), number: false }
}

/// A column of numbers.
pub(crate) fn number(key: &str, heading: &str) -> Column {
    Column { key: key.to_owned(), heading: heading.to_owned(), number: true }
}

impl Table {
    pub(crate) fn new(name: &'static str, title: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { name, title: title.into(), columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Leaves the first rows and the last one, which is the sum of a register.
    pub(crate) fn shorten(&mut self, first: usize) {
        let Some(hidden) = self.rows.len().checked_sub(first + 1).filter(|hidden| *hidden > 0) else { return };
        self.rows.drain(first..first + hidden);
        self.title.push_str(&format!(" (the first {first}, and {hidden} more)"));
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().map(|r| {
            let fields = self.columns.iter().zip(r).map(|(c, v)| (c.key.clone(), Value::String(v.clone())));
            Value::Object(fields.collect::<Map<_, _>>())
        });
        rows.collect()
    }
}

/// Prints tables in the chosen format: JSON as one object of lists by name, CSV one after the other.
pub(crate) fn print(format: Format, tables: &[Table]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match format {
        Format::Table => {
            for t in tables {
                writeln!(out, "\n{}", t.title)?;
                if t.rows.is_empty() {
                    writeln!(out, "  (none)")?;
                } else {
                    writeln!(out, "{}", pretty(t))?;
                }
            }
        }
        Format::Json => {
            let mut all: Map<String, Value> = Map::new();
            for t in tables {
                // Tables of one name (a demonstration prints several) join into one list.
                match (all.get_mut(t.name).and_then(Value::as_array_mut), t.json()) {
                    (Some(rows), Value::Array(more)) => rows.extend(more),
                    (_, rows) => drop(all.insert(t.name.to_owned(), rows)),
                }
            }
            serde_json::to_writer_pretty(&mut out, &Value::Object(all)).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Xlsx => {
            out.write_all(&workbook(tables)?)?;
        }
        Format::Csv => {
            for t in tables {
                let mut csv = csv::Writer::from_writer(&mut out);
                csv.write_record(t.columns.iter().map(|c| c.key.as_str())).map_err(std::io::Error::from)?;
                for r in &t.rows {
                    csv.write_record(t.columns.iter().zip(r).map(|(c, v)| if c.number { v.clone() } else { neutral(v) })).map_err(std::io::Error::from)?;
                }
                csv.flush()?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// Tables as a spreadsheet, each on a sheet of its own.
fn workbook(tables: &[Table]) -> Result<Bytes, CliError> {
    let failed = |problem: Problem| CliError::Failed(problem.to_string());
    let mut book = Workbook::new();
    for t in tables {
        let columns: Vec<&str> = t.columns.iter().map(|c| c.key.as_str()).collect();
        book.sheet(&columns).map_err(failed)?;
        let cell = |(c, v): (&Column, &String)| if c.number { Cell::Number(v.clone()) } else { Cell::Text(v.clone()) };
        book.rows(t.rows.iter().map(|r| t.columns.iter().zip(r).map(cell).collect())).map_err(failed)?;
    }
    book.bytes().map_err(failed)
}

fn pretty(t: &Table) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    // Rules above, below and under the heading; none between rows.
    table
        .load_style(TableStyle::new().top_border(RULE).header_lines(BLANK).header_separator(RULE).content_lines(BLANK).bottom_border(RULE))
        .set_header(t.columns.iter().map(|c| c.heading.as_str()));
    for (i, c) in t.columns.iter().enumerate() {
        if let Some(column) = table.column_mut(i).filter(|_| c.number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for r in &t.rows {
        table.add_row(r);
    }
    table
}

/// A text that a spreadsheet would run as a formula gets an apostrophe in front.
pub(crate) fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::neutral;

    #[test]
    fn formulas_are_neutralised_and_plain_text_is_left_alone() {
        assert_eq!(neutral("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(neutral("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(neutral("＝SUM(A1)"), "'＝SUM(A1)");
        assert_eq!(neutral("\n=SUM(A1)"), "'\n=SUM(A1)");
        assert_eq!(neutral("中衡八局"), "中衡八局");
    }
}
