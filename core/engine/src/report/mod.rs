//! Reports: what the ledger says at any date, as known at any position.

pub mod aging;
pub mod balance;
pub mod due;
pub mod responsible;
