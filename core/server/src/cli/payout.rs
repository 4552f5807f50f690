//! What may be asked about payout runs.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;
use recoup_engine::known::KnownAt;
use recoup_model::calendar::Month;
use recoup_model::id::{ObjectionId, PayoutId};

use super::SecretRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Payout {
    /// Fix what of a month's statement payroll is to get: a run. The same content again is the run that is there.
    Prepare {
        /// Such as 2024-12.
        month: Month,
        /// What was payable at the end of this day of the month counts; its last day when absent.
        #[arg(long)]
        as_of: Option<NaiveDate>,
        /// Staff number of somebody for whom alone the run is made; may be given several times. Everybody when absent.
        #[arg(long = "person", value_name = "STAFF-NO")]
        persons: Vec<String>,
        /// Staff number of somebody whose withheld wages are released; may be given several times. Nobody's when absent.
        #[arg(long = "release", value_name = "STAFF-NO")]
        released: Vec<String>,
        /// Login of who prepares it; they do not approve it. Whoever has the machine, when absent.
        #[arg(long = "as", value_name = "LOGIN")]
        maker: Option<String>,
        /// Where their password is, env:NAME or file:PATH; asked for on the terminal when absent.
        #[arg(long = "as-password", value_name = "REFERENCE", requires = "maker")]
        password: Option<SecretRef>,
    },
    /// Publish a run, for the notice of the terms in force. The day of publication is day 0; the run is payable from the day
    /// after the last day of its notice, unless an objection that was raised by then is open.
    Publish {
        /// Which.
        run: PayoutId,
        /// The day of publication; today when absent.
        #[arg(long)]
        on: Option<NaiveDate>,
    },
    /// Record that somebody objects to a published run.
    Object {
        /// To which.
        run: PayoutId,
        /// Staff number of who objects.
        #[arg(long)]
        person: String,
        /// What they say; personal data.
        #[arg(long)]
        reason: String,
        /// The day on which they said it; today when absent.
        #[arg(long)]
        on: Option<NaiveDate>,
    },
    /// Close an objection.
    Resolve {
        /// Which, from `recoup payout show`.
        objection: ObjectionId,
        /// How; no person's name, because it is never erased.
        #[arg(long)]
        reason: String,
    },
    /// Hand a run to payroll: one line for each item, with the run's digest and totals, as `--format csv`, `xlsx` or `json`.
    ///
    /// It must be published and its notice over, approved where the table of authority has a row `payout`, and still what the
    /// statement says.
    Export {
        /// Which.
        run: PayoutId,
    },
    /// Have a run not be paid.
    Cancel {
        /// Which.
        run: PayoutId,
        /// Why; no person's name, because it is never erased.
        #[arg(long)]
        reason: String,
    },
    /// Take back all that was paid and taken of a run, in the open period.
    Reverse {
        /// Which.
        run: PayoutId,
        /// Why; no person's name, because it is never erased.
        #[arg(long)]
        reason: String,
        /// The day on which it came back; today when absent.
        #[arg(long)]
        on: Option<NaiveDate>,
    },
    /// List runs.
    List {
        /// As known at this position of the log, by the end of this day, or at this moment; everything known now when absent.
        #[arg(long)]
        known_at: Option<KnownAt>,
    },
    /// Show a run: its items and what each rests on, and what became of it.
    Show {
        /// Which.
        run: PayoutId,
        /// As known at this position of the log, by the end of this day, or at this moment; everything known now when absent.
        #[arg(long)]
        known_at: Option<KnownAt>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settle {
    /// Print what is owed, and what of it is to be settled with the wages of a month: what a payout run would fix.
    Statement {
        /// Such as 2024-12.
        month: Month,
        /// What was payable at the end of this day of the month counts; its last day when absent.
        #[arg(long)]
        as_of: Option<NaiveDate>,
        /// As known at this position of the log, by the end of this day, or at this moment; everything known now when absent.
        #[arg(long)]
        known_at: Option<KnownAt>,
    },
    /// Record what payroll confirms of a payout run, all of it or nothing: a CSV file with the columns `item` and `confirmed`.
    ///
    /// `item` is that of the run; `confirmed` is what was paid (12000.00) or taken (-2400.00), at most the run's `cash`. What
    /// the file does not name was not settled. A row whose item is `total` must be the sum of the others. The same file again
    /// changes nothing.
    Confirm {
        /// The run.
        run: PayoutId,
        /// Payroll's return file.
        file: PathBuf,
        /// The day on which it was paid and taken; today when absent.
        #[arg(long)]
        on: Option<NaiveDate>,
    },
}
