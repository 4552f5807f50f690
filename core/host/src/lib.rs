//! The plugin host: loads, limits, calls and validates plugins, and converts between the contract and the model.
//!
//! A plugin is a WebAssembly component that sees nothing but what it is passed. Nothing
//! above this crate knows wasmtime, and this crate knows neither the store nor HTTP. No
//! output of a plugin is trusted: what leaves this crate was checked against the input it
//! answers and against what the plugin says of itself.

mod adapter;
mod bindings;
pub mod build;
mod describe;
mod engine;
mod error;
mod host;
mod input;
mod inspect;
mod instance;
mod limits;
mod records;
mod rules;
mod scan;
mod signature;

pub use adapter::{AdapterPlugin, AdapterSession, Control};
pub use error::{HostError, PluginError, PluginName, Problem, What};
pub use host::{Host, Plugin};
pub use input::Input;
pub use inspect::{Inspection, inspect};
pub use limits::Limits;
pub use recoup_wit::describe::{AdapterDescription, RulesDescription};
pub use recoup_wit::item;
pub(crate) use recoup_wit::item::Columns;
pub use recoup_wit::item::{Item, ItemKind, Items};
pub use rules::{Evaluation, RulesPlugin};
pub use signature::{Signature, SignatureError, Unsigned, Verified};
