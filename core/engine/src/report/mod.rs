//! Reports: what the ledger says at any date, as known at any position.

pub mod accounts;
pub mod aging;
pub mod balance;
mod clocks;
pub mod due;
pub mod old_debts;
pub mod payouts;
pub mod provision;
pub mod recovery;
pub mod responsible;
pub mod sanctions;
pub mod targets;

use crate::EngineError;

/// The label of what belongs to none of that which rows stand for.
pub const NONE: &str = "–";

/// A sum of money, which databases and reports hold in 64 bits.
pub(crate) fn add(a: i64, b: i64) -> Result<i64, EngineError> {
    a.checked_add(b).ok_or(EngineError::Money(recoup_model::MoneyError::Overflow))
}
