//! Scenarios: executable specifications of a policy pack.
//!
//! A scenario runs through the real store, host and plugin, in a ledger of its own. What it
//! finds other than expected is a list of differences; none means that it passes.

mod format;
mod mutate;
mod run;

pub use format::{BalanceCheck, Check, Covers, FindingCheck, LineCheck, PostingCheck, Scenario, json_schema};
pub use mutate::{Form, Mutation, mutations};
pub use run::{Report, run, run_mutated};
