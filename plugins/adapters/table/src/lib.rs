//! Reads delimited text by a profile: receivables, receipts and their clearing out of the
//! tables that accounting systems and banks export.
//!
//! Whatever a row says about itself is taken as it stands: amounts keep all their digits, and
//! two rows with one key are both handed over, because only the engine sees every file of a
//! source. Memory does not grow with the file, with one stated exception: of a statement without
//! serial numbers 16 bytes per row are remembered, and rows beyond half a million are issues.

mod emit;
mod header;
mod plan;
mod profile;
mod quick;
mod row;
mod stated;
mod tally;

use emit::Emitter;
use header::{Head, Source};
use plan::Plan;
use profile::{Long, Profile, Short};
use recoup_sdk::adapter::record::{Defect, Next, RECORD_CELLS_MAX, RecordReader};
use recoup_sdk::adapter::{Adapter, AdapterDescription, CONTRACT, Columns, Control, Input, Problem, Text, issue};
use row::{Fail, Parsed, Row};
use tally::Tally;

/// Reads one table.
#[derive(Debug)]
pub struct Table {
    reader: RecordReader,
    plan: Plan,
    head: Head,
    filled: Vec<String>,
    amounts: Vec<Parsed>,
    emitter: Emitter,
    tally: Tally,
}

recoup_sdk::export_adapter!(Table);

impl Adapter for Table {
    fn describe() -> AdapterDescription {
        AdapterDescription {
            id: "table".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: CONTRACT.to_owned(),
            title: Text { en: "Tables of delimited text, read by a profile".to_owned(), zh: "按列映射配置读取的分隔文本表格".to_owned() },
            formats: ["csv", "tsv", "txt"].map(String::from).to_vec(),
            profile_schema: serde_json::from_str(include_str!("profile.schema.json")).unwrap_or_default(),
        }
    }

    fn probe(name: &str, head: &[u8]) -> u8 {
        let name = name.to_ascii_lowercase();
        let named = [".csv", ".tsv", ".txt"].iter().any(|end| name.ends_with(end));
        let first = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
        let binary = head.contains(&0) || head.starts_with(b"%PDF");
        let markup = first.trim_ascii_start().starts_with(b"<");
        match (head.is_empty() || binary || markup, named) {
            (true, _) => 0,
            (false, true) => 60,
            (false, false) => u8::from(head.iter().any(|b| matches!(b, b',' | b';' | b'\t'))) * 20,
        }
    }

    fn open(input: Input, profile: &str) -> Result<Self, Problem> {
        let mut plan = Plan::new(Profile::read(profile)?)?;
        let mut reader = RecordReader::open(input, plan.encoding, plan.dialect)?;
        let head = header::read(&mut reader, &plan)?;
        plan.leave_out(|id| matches!(head.sources.get(id), Some(Source::Absent)));
        Ok(Self {
            filled: vec![String::new(); plan.columns.len()],
            amounts: Vec::with_capacity(plan.amounts.len()),
            emitter: Emitter::default(),
            tally: Tally::new(&plan),
            reader,
            plan,
            head,
        })
    }

    fn read(&mut self, out: &mut Columns) -> Result<bool, Problem> {
        match self.reader.advance()? {
            Next::End => return Ok(false),
            Next::Defect(defect) => {
                self.tally.defect();
                let fail = self.explain(defect);
                issue(out, self.reader.line(), "", "", fail.code, &fail.text);
            }
            Next::Record => {
                if let Err(fail) = self.row(out) {
                    self.tally.issue();
                    issue(out, self.reader.line(), "", self.emitter.key(), fail.code, &fail.text);
                }
            }
        }
        Ok(true)
    }

    fn finish(&mut self) -> Result<Vec<Control>, Problem> {
        Ok(self.tally.controls(self.plan.balance.is_some()))
    }
}

impl Table {
    fn row(&mut self, out: &mut Columns) -> Result<(), Fail> {
        let (reader, plan, head) = (&self.reader, &self.plan, &self.head);
        self.emitter.forget_key();
        let bare = Row { reader, plan, head, above: &[], amounts: &[] };
        let first = bare.first_filled();
        let Some(initial) = first.bytes().next() else { return Ok(()) };
        if plan.begins_label(initial) {
            let starts = |labels: &[String]| labels.iter().any(|l| first.starts_with(l.as_str()));
            if starts(&plan.footer) {
                return Ok(());
            }
            if let Some(at) = plan.totals.iter().position(|t| starts(&t.labels)) {
                return self.tally.total(reader, plan, head, at);
            }
        }
        if plan.fills_down {
            fill_down(reader, plan, head, &mut self.filled);
        }
        let row = Row { reader, plan, head, above: &self.filled, amounts: &[] };
        row::read_amounts(row, &mut self.amounts);
        let row = Row { amounts: &self.amounts, ..row };
        self.tally.row(row);
        ragged(reader, plan, head)?;
        let Some(rule) = plan.rules.iter().find(|rule| rule.when.iter().all(|c| row.holds(c))) else {
            return Err(no_rule(row));
        };
        self.emitter.emit(row, rule, &mut self.tally, out)
    }

    fn explain(&self, defect: Defect) -> Fail {
        let (code, text) = match defect {
            Defect::TooLong => (
                "table.record_too_long",
                format!(
                    "The record is longer than {} bytes. Is a quote not closed? Reading goes on at the next line; a larger `record_max` may be stated.",
                    self.plan.dialect.record_max
                ),
            ),
            Defect::TooWide => (
                "table.record_too_wide",
                format!(
                    "The record has more than {RECORD_CELLS_MAX} cells, more than a spreadsheet has columns. Is the delimiter stated as the file has it? \
                     Reading goes on at the next line."
                ),
            ),
            Defect::OpenQuote => (
                "table.open_quote",
                "The quote that opens in this record is never closed: the file was cut off, or a quote inside a cell is not doubled. Export it again."
                    .to_owned(),
            ),
            Defect::BadQuote => (
                "table.bad_quote",
                "Text follows a closing quote: a quote inside a cell is not doubled. Correct the cell, or state an empty `quote` if the file does not quote."
                    .to_owned(),
            ),
            Defect::Encoding(offset) => (
                "table.bad_encoding",
                format!(
                    "The bytes from byte {offset} are not {}: a character was cut in half, or another encoding is meant. Correct the cell, or state the encoding.",
                    self.plan.encoding.name()
                ),
            ),
        };
        Fail { code, text }
    }
}

/// Keeps what the rows below leave out.
fn fill_down(reader: &RecordReader, plan: &Plan, head: &Head, filled: &mut [String]) {
    let cell = |id: usize| head.sources.get(id).and_then(Source::cell).map_or("", |at| reader.cell(at));
    let begins = plan.anchor.is_some_and(|id| !cell(id).is_empty());
    for ((id, column), kept) in plan.columns.iter().enumerate().zip(filled) {
        if column.fill_down && (begins || !cell(id).is_empty()) {
            kept.clear();
            kept.push_str(cell(id));
        }
    }
}

fn ragged(reader: &RecordReader, plan: &Plan, head: &Head) -> Result<(), Fail> {
    let cells = reader.len();
    let too_short = cells < head.width && plan.short == Short::Issue;
    let too_long = cells > head.width
        && match plan.long {
            Long::Issue => true,
            Long::AllowBlank => (head.width..cells).any(|i| !reader.cell(i).is_empty()),
        };
    if !too_short && !too_long {
        return Ok(());
    }
    let mend = if too_short {
        "Was the row cut off? If such rows are normal here, state `rows.short = \"allow\"`."
    } else {
        "Is a delimiter inside a cell that is not quoted? Quote the cell in the source."
    };
    Err(Fail { code: "table.ragged", text: format!("The row has {cells} cells where the header has {}. {mend}", head.width) })
}

#[cold]
fn no_rule(row: Row<'_>) -> Fail {
    let mut said: Vec<String> = Vec::new();
    for condition in row.plan.rules.iter().flat_map(|r| &r.when) {
        let cell = format!("`{}` in column `{}`", row.value(condition.column), row.label(condition.column));
        if !said.contains(&cell) {
            said.push(cell);
        }
    }
    let text = format!("No rule of the profile covers {}. Add one, or one of kind `skip`.", said.join(", "));
    Fail { code: "table.unknown_type", text }
}
