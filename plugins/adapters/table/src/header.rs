//! Finds the header row by what its cells say, and reads what stands above it.

use crate::plan::{Column, Id, Plan};
use crate::profile::Grammar;
use recoup_sdk::adapter::Problem;
use recoup_sdk::adapter::number::half_width;
use recoup_sdk::adapter::record::{Defect, Next, RecordReader};
use recoup_sdk::adapter::text::Encoding;

/// Where a column's value comes from in this file.
#[derive(Debug)]
pub(crate) enum Source {
    /// A cell of each row.
    Cell(usize),
    /// A cell that, left empty, means the one above it.
    Filled(usize),
    /// The same for every row.
    Fixed(String),
    /// Nowhere: an optional column that the file lacks.
    Absent,
}

impl Source {
    /// Which cell of a row it is.
    pub(crate) fn cell(&self) -> Option<usize> {
        match self {
            Self::Cell(at) | Self::Filled(at) => Some(*at),
            Self::Fixed(_) | Self::Absent => None,
        }
    }
}

/// What the head of a file says.
#[derive(Debug)]
pub(crate) struct Head {
    /// By column number.
    pub(crate) sources: Vec<Source>,
    /// What the header calls each column, for messages.
    pub(crate) labels: Vec<String>,
    /// Cells of the header, without blank ones at its end.
    pub(crate) width: usize,
    /// The power of ten that amounts are multiplied by.
    pub(crate) unit: u8,
}

/// Powers of ten of the units that title blocks state.
const UNITS: [(&str, u8); 7] = [("元", 0), ("千元", 3), ("万元", 4), ("十万元", 5), ("百万元", 6), ("千万元", 7), ("亿元", 8)];

/// Reads up to and including the header.
///
/// # Errors
/// The header is not found, lacks a required column, or has it twice; or a value that the
/// profile takes from above the header is not there.
pub(crate) fn read(reader: &mut RecordReader, plan: &Plan) -> Result<Head, Problem> {
    let wanted: Vec<Vec<String>> = plan.columns.iter().map(|c| c.headers.iter().map(|h| normal(h, plan.grammar)).collect()).collect();
    let mut above: Vec<Vec<String>> = Vec::new();
    let mut best: (usize, Vec<String>) = (0, Vec::new());
    for _ in 0..plan.within {
        match reader.advance()? {
            Next::End => break,
            Next::Defect(Defect::Encoding(offset)) => {
                return Err(reader.encoding().refuse(offset));
            }
            Next::Defect(Defect::TooLong | Defect::TooWide) => break, // No table begins like this.
            Next::Defect(_) => continue,
            Next::Record => {}
        }
        let cells: Vec<String> = (0..reader.len()).map(|i| reader.cell(i).to_owned()).collect();
        let names: Vec<String> = cells.iter().map(|c| normal(c, plan.grammar)).collect();
        let found: Vec<bool> = wanted.iter().map(|w| w.iter().any(|a| names.contains(a))).collect();
        let complete = plan.columns.iter().zip(&found).all(|(c, f)| *f || !c.required || c.headers.is_empty());
        let count = found.iter().filter(|f| **f).count();
        if complete && count > 0 {
            let head = resolve(plan, &wanted, &cells, &names, &above)?;
            for _ in 0..plan.skip_after {
                reader.advance()?;
            }
            return Ok(head);
        }
        if count >= best.0 && cells.iter().any(|c| !c.is_empty()) && (count > 0 || best.1.is_empty()) {
            best = (count, cells.clone());
        }
        above.push(cells);
    }
    Err(missing(reader, plan, &wanted, &best.1))
}

fn resolve(plan: &Plan, wanted: &[Vec<String>], cells: &[String], names: &[String], above: &[Vec<String>]) -> Result<Head, Problem> {
    let mut head = Head { sources: Vec::new(), labels: Vec::new(), width: 0, unit: 0 };
    head.width = cells.iter().rposition(|c| !c.is_empty()).map_or(0, |i| i + 1);
    for (id, column) in plan.columns.iter().enumerate() {
        let mut label = column.name.clone();
        let source = if let Some(constant) = &column.constant {
            Source::Fixed(constant.clone())
        } else if let Some(wanted) = &column.preamble {
            label.clone_from(wanted);
            match beside(above, wanted) {
                Some(value) => Source::Fixed(value),
                None if column.required => return Err(not_above(column, wanted)),
                None => Source::Absent,
            }
        } else {
            match position(column, wanted.get(id).map_or(&[][..], Vec::as_slice), names)? {
                Some(at) => {
                    label = cells.get(at).cloned().unwrap_or_default();
                    if column.fill_down { Source::Filled(at) } else { Source::Cell(at) }
                }
                None => Source::Absent,
            }
        };
        head.sources.push(source);
        head.labels.push(label);
    }
    let stated = plan.unit.iter().find_map(|label| beside(above, label).map(|stated| (label, stated)));
    if let Some((label, stated)) = stated {
        let stated = stated.trim_start_matches("人民币").trim_end_matches([')', '）']);
        let known = UNITS.iter().find(|(word, _)| *word == stated);
        head.unit = known.map(|(_, power)| *power).ok_or_else(|| {
            let words: Vec<_> = UNITS.iter().map(|(w, _)| *w).collect();
            let what = format!("The unit `{stated}` beside `{label}` is not known; known are {}. Correct the title block.", words.join(", "));
            Problem::new("table.unknown_unit", label.as_str(), what)
        })?;
    }
    Ok(head)
}

/// Which cell of the header is the column: its first alias that is there.
fn position(column: &Column, wanted: &[String], names: &[String]) -> Result<Option<usize>, Problem> {
    for alias in wanted {
        let mut hits = names.iter().enumerate().filter(|(_, n)| *n == alias).map(|(i, _)| i);
        let hits: Vec<usize> = hits.by_ref().collect();
        match (column.nth, hits.as_slice()) {
            (_, []) => {}
            (None, [one]) => return Ok(Some(*one)),
            (None, many) => {
                let at: Vec<String> = many.iter().map(|i| (i + 1).to_string()).collect();
                let what =
                    format!("The header `{alias}` stands above columns {}. Say with `columns.{}.nth` which one is meant.", at.join(" and "), column.name);
                return Err(Problem::new("table.header_ambiguous", format!("columns.{}", column.name), what));
            }
            (Some(nth), many) => {
                if let Some(at) = many.get(nth.saturating_sub(1)) {
                    return Ok(Some(*at));
                }
            }
        }
    }
    Ok(None)
}

/// The value of `label：value`, or of the cell beside a cell that says `label`.
fn beside(above: &[Vec<String>], label: &str) -> Option<String> {
    above.iter().find_map(|row| {
        row.iter().enumerate().find_map(|(i, cell)| {
            let (before, behind) = cell.split_once(label)?;
            // `单位` must not be found in `核算单位`.
            if !before.is_empty() && !before.ends_with([' ', '\t', '(', '（', '\u{3000}']) {
                return None;
            }
            let behind = behind.trim().trim_start_matches([':', '：']).trim();
            let value = if behind.is_empty() { row.get(i + 1..)?.iter().find(|c| !c.is_empty())? } else { behind };
            Some(value.to_owned())
        })
    })
}

fn not_above(column: &Column, label: &str) -> Problem {
    let what = format!("Nothing above the header says `{label}`. Export the file with its title rows, or give `columns.{}` a constant.", column.name);
    Problem::new("table.preamble_missing", format!("columns.{}", column.name), what)
}

fn missing(reader: &RecordReader, plan: &Plan, wanted: &[Vec<String>], seen: &[String]) -> Problem {
    let names: Vec<String> = seen.iter().map(|c| normal(c, plan.grammar)).collect();
    let lacks = |id: Id| !wanted.get(id).is_some_and(|w| w.iter().any(|a| names.contains(a)));
    let required = plan.columns.iter().enumerate().filter(|(id, c)| c.required && !c.headers.is_empty() && lacks(*id));
    let lacking: Vec<String> = required.map(|(_, c)| format!("{} ({})", c.name, c.headers.join(" / "))).collect();
    let headers: Vec<&str> = seen.iter().map(String::as_str).filter(|c| !c.is_empty()).take(40).collect();
    let seen = if headers.is_empty() { "nothing that looks like a header".to_owned() } else { format!("`{}`", headers.join("`, `")) };
    let garbled = if reader.encoding() != Encoding::Utf8 || headers.iter().any(|h| h.contains('\u{fffd}')) {
        format!(" If they look garbled, {} is not the file's encoding.", reader.encoding().name())
    } else {
        String::new()
    };
    let what = format!(
        "The first {} rows hold no header with {}. Seen was {seen}. Add the file's own words to `headers` in the profile, or export these columns.{garbled}",
        plan.within,
        lacking.join(", ")
    );
    Problem::new("table.header_missing", "header", what)
}

/// What counts of a header cell: without blanks, full-width forms and case; in Kingdee's
/// grammar `*(section)field#attribute(Null)` also without mark, section and `(Null)`.
fn normal(cell: &str, grammar: Option<Grammar>) -> String {
    let plain: String = cell.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').map(|c| half_width(c).unwrap_or(c).to_ascii_lowercase()).collect();
    if grammar != Some(Grammar::Kingdee) {
        return plain;
    }
    let field = plain.trim_start_matches('*');
    let field = field.strip_suffix("(null)").unwrap_or(field);
    match field.strip_prefix('(').and_then(|f| f.split_once(')')) {
        Some((_, name)) if !name.is_empty() => name.to_owned(),
        _ => field.to_owned(),
    }
}
