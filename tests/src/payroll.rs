//! Payroll: runs that are prepared, published, handed out and returned over the command line.

use crate::{Run, Site};

/// A run is payable on the day after its publication.
const TERMS: &str = "[payout_terms.2020-01-01]\nnotice_days = 0\n";

impl Site {
    /// Prepares a run of a month, which says so with the run's id.
    pub fn prepared(&self, month: &str, more: &[&str]) -> Run {
        self.run(["payout", "prepare", month].iter().chain(more))
    }

    /// Prepares a run of a month, publishes it on a day with no more notice than that, and hands it to payroll; its id.
    pub fn handed_out(&self, month: &str, on: &str, more: &[&str]) -> String {
        self.recorded(TERMS);
        let run = self.prepared(month, more).exits(0).run_id();
        let _ = self.run(["payout", "publish", &run, "--on", on]).exits(0);
        let _ = self.run(["payout", "export", &run, "--format", "csv"]).exits(0);
        run
    }

    /// Payroll returns a file for a run.
    pub fn returned(&self, run: &str, csv: &str, more: &[&str]) -> Run {
        let file = self.write("return.csv", csv);
        self.run(["settle", "confirm", run, file.to_str().expect("a path")].iter().chain(more))
    }
}

impl Run {
    /// The id of the payout run or the objection that the program speaks of.
    pub fn run_id(&self) -> String {
        self.stdout.split_whitespace().nth(1).unwrap_or_else(|| panic!("no id:\n{}{}", self.stdout, self.stderr)).to_owned()
    }
}
