//! The vocabulary of Recoup: types, invariants and arithmetic.
//!
//! No I/O, no async, no framework, no clock: every date and every identifier comes in
//! as an argument. Records derive `Serialize`, because the log stores and hashes their
//! canonical JSON; wire forms of the faces are separate types elsewhere.

pub mod access;
pub mod accountability;
pub mod agreement;
pub mod approval;
pub mod calendar;
pub mod case;
pub mod due;
pub mod id;
pub mod import;
pub mod job;
pub mod log;
pub mod money;
pub mod parameter;
pub mod party;
pub mod pause;
pub mod payout;
pub mod period;
pub mod receivable;
pub mod record;
pub mod sanction;
pub mod settlement;
pub mod stacking;
pub mod target;

pub use calendar::{Date, Month};
pub use id::Digest;
pub use money::{Currency, Money, MoneyError, Rate};
