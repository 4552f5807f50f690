//! What a plugin author needs: `adapter` for "bytes in, items out", `rules` for
//! "history in, lines out". The bindings to the contract stay behind them.

pub mod adapter;
pub mod rules;
