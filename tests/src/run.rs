//! What a run of the program left behind.

use std::process::Output;

use serde_json::Value;

/// Exit code and output of one run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { code: output.status.code().expect("the program was not killed"), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Run {
    /// Demands an exit code.
    #[must_use]
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert!(self.code == code, "exit code {} instead of {code}\n{}\n{}", self.code, self.stdout, self.stderr);
        self
    }

    /// Demands a text on standard error.
    #[must_use]
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "standard error lacks `{text}`:\n{}", self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("no JSON ({e}):\n{}\n{}", self.stdout, self.stderr))
    }

    /// Rows of a table of the JSON output; none when there is no such table.
    #[track_caller]
    pub fn table(&self, name: &str) -> Vec<Value> {
        self.json().get(name).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// The one row of a table whose cells have these values.
    #[track_caller]
    pub fn row(&self, table: &str, cells: &[(&str, &str)]) -> Value {
        let rows = self.table(table);
        let fits = |r: &&Value| cells.iter().all(|(k, v)| cell(r, k) == *v);
        let found: Vec<&Value> = rows.iter().filter(fits).collect();
        assert!(found.len() == 1, "{} rows instead of one in `{table}` with {cells:?}:\n{}", found.len(), self.stdout);
        (*found.first().expect("one row")).clone()
    }

    /// A count of the import, such as `added`.
    #[track_caller]
    pub fn count(&self, what: &str) -> u64 {
        let batch = self.table("batch");
        let row = batch.first().expect("the import printed its counts");
        cell(row, what).parse().expect("a number")
    }

    /// A control total as `[stated, read, stored, agrees]`.
    #[track_caller]
    pub fn control(&self, name: &str, subject: &str) -> [String; 4] {
        let row = self.row("control_totals", &[("name", name), ("subject", subject)]);
        ["stated", "read", "stored", "agrees"].map(|k| cell(&row, k).to_owned())
    }
}

/// A cell of a row.
fn cell<'v>(row: &'v Value, key: &str) -> &'v str {
    row.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no cell `{key}` in {row}"))
}
