//! Helpers of the whole-system tests: the binary as a user runs it ([`Site`], [`Run`]) or asks it over
//! HTTP ([`Serving`], [`Reply`]), the engine with real plugins
//! in this process ([`plugins`], [`intake`]), and what a ledger says in the end ([`State`]).
//!
//! Helpers panic, with what is missing and how to make it: a test never passes because something was not there.

#![allow(clippy::expect_used, clippy::missing_panics_doc, clippy::must_use_candidate, reason = "helpers of tests")]

pub mod books;
pub mod claims;
mod described;
pub mod divided;
pub mod intake;
pub mod letters;
mod office;
pub mod paths;
mod payroll;
pub mod plugins;
mod receiver;
mod run;
mod serve;
mod site;
mod state;

pub use office::{ALL_ROLES, LIMITLESS, PASSWORD, Right};
pub use receiver::{Answer, Arrived, Receiver};
pub use run::Run;
pub use serve::{Reply, Serving};
pub use site::Site;
pub use state::State;

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};

/// Who acts in tests.
pub const ACTOR: &str = "test";

/// The moment at which tests record: the log never reads a clock.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 1, 2, 3, 4, 5).single().expect("a moment")
}

/// A day.
pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day such as 2024-12-31")
}
