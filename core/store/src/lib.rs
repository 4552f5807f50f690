//! The store: the append-only log of each ledger and the tables it adds up to, over SQLite or PostgreSQL.
//!
//! Every write is a command, which [`Store::transact`] runs under the ledger's lock, appends records as leaves of the
//! ledger's Merkle tree and as table rows, and all of it commits or none. Every read is a [`View`] of one consistent
//! state, and takes the log position up to which it shall know things (`known_at`; [`EVERYTHING`] for all there is).
//! Whole records are decoded from the very bytes that were hashed; tables are there to find, join and add up.
//! Nothing above this crate knows SQL.

pub mod audit;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod db;
mod error;
mod log;
mod migrations;
mod outbox;
mod prepared;
mod project;
mod schema;
mod sight;
mod sql;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod types;
mod view;
mod work;

pub use db::{Backend, holds_password};
pub use error::StoreError;
pub use log::{Appended, CommandMeta, content_of};
pub use outbox::{DeadLetter, Due, Happening, Holder, Undelivered, Webhook};
pub use prepared::{Prepared, Said};
pub use store::Store;
pub use tx::{Tx, Written};
pub use view::{
    AgingBasis, AgingGroup, AgingRow, AgreementFilter, BatchFilter, CaseFilter, Claim, ClaimMovement, ClaimTotals, CommandFilter, DisclosureFilter,
    EntryFilter, Facts, FalseReportFilter, FindingFilter, Head, IssueFilter, LetterFilter, LineFilter, Listed, LoggedCommand, LoggedLeaf, MilestoneFilter,
    MovementFilter, Page, PauseFilter, PeriodMove, PostingFilter, ReceiptFilter, ReceiptTotals, ReceivableFilter, Recorded, RoleFilter, SanctionFilter, Sort,
    Sourced, StoredLine, StoredPayout, StoredPosting, Subjects, TrialRow, View, Wage, WhichLines,
};

pub use work::{Ended, Job, JobFilter, JobPlace, Lease, NewJob, Progress, Renewed};

/// A position after every other: with it, a read knows everything.
pub const EVERYTHING: i64 = i64::MAX;
