//! What may be asked about periods, what stands in the way of closing them, and approvals.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};
use recoup_model::calendar::Month;
use recoup_model::id::{BatchId, PayoutId, ProposalId};

use super::{Acting, Verdict};

#[derive(Debug, Subcommand)]
pub(crate) enum Period {
    /// Close a month for good: nothing is booked in it any more.
    Close {
        /// Such as 2024-12.
        month: Month,
        /// Close it softly: what is dated in it needs an approval, or goes to the open month.
        #[arg(long)]
        soft: bool,
        /// Policy pack; the configured one when absent.
        #[arg(long)]
        pack: Option<String>,
    },
    /// Print what a month needs to be closed, line by line; exit code 1 when a line is not met.
    Check {
        /// Such as 2024-12.
        month: Month,
        /// Policy pack; the configured one when absent.
        #[arg(long)]
        pack: Option<String>,
    },
    /// List months that are closed, and what was asked for and decided about months.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Quarantine {
    /// List refused records that wait, and control totals that do not agree.
    List,
    /// Say that nobody will mend one of them, and why.
    Dismiss {
        /// The import, from the list.
        import: BatchId,
        /// Its number in it.
        number: u64,
        /// Why nobody will mend it; no person's name, because it is never erased.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Approval {
    /// Ask for something that another person decides.
    Ask {
        #[command(subcommand)]
        what: Wish,
        /// Code of the unit that it concerns, where it concerns one alone.
        #[arg(long, global = true)]
        unit: Option<String>,
    },
    /// List what was asked for and decided.
    List {
        /// Only what waits.
        #[arg(long)]
        waiting: bool,
    },
    /// Decide what somebody else asked for, or withdraw what one asked for oneself; what is approved is done at once.
    Decide {
        /// Which, from the list.
        request: ProposalId,
        /// How.
        #[arg(value_enum)]
        verdict: Verdict,
        #[command(flatten)]
        acting: Acting,
    },
    /// Have another approver decide in one's place, from one day to another.
    Delegate {
        /// Login of the other approver.
        to: String,
        /// First day.
        #[arg(long)]
        from: NaiveDate,
        /// Last day.
        #[arg(long)]
        until: NaiveDate,
        #[command(flatten)]
        acting: Acting,
    },
    /// Put a table of who may approve what in force, from a TOML file; print the table in force when no file is named.
    Authority {
        /// The file, such as config/policies/authority.example.toml.
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Wish {
    /// Open a closed month again: the last that is closed.
    Reopen {
        /// Such as 2024-12.
        month: Month,
        #[command(flatten)]
        acting: Acting,
    },
    /// Close a month over what stands in its way now, as `recoup period check` lists it.
    Exclude {
        /// Such as 2024-12.
        month: Month,
        #[command(flatten)]
        acting: Acting,
    },
    /// Close a month for good, where the table of authority has that approved.
    HardClose {
        /// Such as 2024-12.
        month: Month,
        /// Policy pack; the configured one when absent.
        #[arg(long)]
        pack: Option<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Hand a payout run to payroll, where the table of authority has that approved.
    Payout {
        /// Which.
        run: PayoutId,
        #[command(flatten)]
        acting: Acting,
    },
    /// Take back what was paid and taken of a payout run, where the table of authority has that approved.
    PayoutReversal {
        /// Which.
        run: PayoutId,
        /// Why; no person's name, because it is never erased.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Have the wage guard bound what is taken, or only report what it would not have let through.
    WageGuard {
        /// How.
        #[arg(value_enum)]
        mode: Guard,
        /// First day.
        #[arg(long)]
        from: NaiveDate,
        #[command(flatten)]
        acting: Acting,
    },
    /// Put parameters of a pack in force that become other ones on days that are evaluated.
    Parameters {
        /// What differs from the pack's defaults, a TOML file as in config/policies.
        file: PathBuf,
        /// Policy pack; the configured one when absent.
        #[arg(long)]
        pack: Option<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Have bonuses of two policy packs earned on one application of money.
    Stacking {
        /// A pack, whose bonuses are one family.
        one: String,
        /// Another one.
        other: String,
        /// On applications of this day or later.
        #[arg(long)]
        from: NaiveDate,
        /// On those of this day or earlier; without an end when absent.
        #[arg(long)]
        to: Option<NaiveDate>,
        #[command(flatten)]
        acting: Acting,
    },
    /// State facts of a soft-closed month, from a TOML file as `recoup record` takes it.
    Correction {
        /// The facts file; it holds no people or wages.
        file: PathBuf,
        /// Source system of references without a colon.
        #[arg(long, default_value = "manual")]
        system: String,
        #[command(flatten)]
        acting: Acting,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Guard {
    Enforce,
    ReportOnly,
}
