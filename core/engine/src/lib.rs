//! What Recoup does: intake, evaluation, reports, scenarios and the commands behind them.
//!
//! The engine joins store and host, which do not know each other. It knows neither HTTP
//! nor SQL nor wasmtime.

pub mod access;
mod application;
pub mod approval;
pub mod error;
pub mod evaluate;
pub mod facts;
pub mod intake;
pub mod known;
pub mod period;
pub mod quarantine;
pub mod report;
pub mod scenario;
pub mod settlement;
pub mod source;
pub mod trace;

pub use error::EngineError;
