//! The Rust side of the contract: what the columns of `next/recoup.wit` mean.
//!
//! Host and SDK both use this crate, so that the packing of items and the shape of
//! `describe` are written once. It knows neither wasmtime nor any guest binding.

pub mod describe;
pub mod item;
pub mod problem;
pub mod record;
#[cfg(not(target_arch = "wasm32"))]
pub mod split;
pub mod text;

/// "There is no day", in every `day` of the contract.
pub const NONE_DAY: i32 = i32::MIN;
/// "There is no index", in every index of the contract.
pub const NONE_INDEX: u32 = u32::MAX;
/// The contract version that this build speaks.
pub const CONTRACT: &str = "next";
