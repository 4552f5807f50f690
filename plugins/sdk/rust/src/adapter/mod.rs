//! Adapters: bytes of an export in, canonical items out.
//!
//! An adapter implements [`Adapter`] and says `recoup_sdk::export_adapter!(MyAdapter);`.
//! Built for `wasm32-unknown-unknown` it becomes a plugin; built for the machine it is a
//! plain library that [`native::open`] runs, byte for byte the same.
//!
//! What most formats need is here too: text in a stated encoding ([`text`]), delimited
//! records in constant memory ([`record`]), exact decimals and sums ([`number`]), and
//! dates in the forms that exports use ([`date`]).

pub mod date;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;
mod input;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
pub mod number;
pub mod record;
mod session;

pub use input::Input;
pub use recoup_wit::CONTRACT;
pub use recoup_wit::describe::{AdapterDescription, Text};
pub use recoup_wit::item::{BasisTag, Columns, Dec, DueSource, Item, ItemKind, Items, ReceivableTag};
pub use recoup_wit::problem::Problem;
pub use recoup_wit::text;
pub use session::Session;

/// A figure that the file states about itself, or that the adapter summed while reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Such as `rows`, `gl.debit`, `running-balance`.
    pub name: String,
    /// Exact decimal as the file states it; `None` when the file states none.
    pub stated: Option<String>,
    /// Exact decimal as summed from what was read.
    pub read: String,
    /// What it is about when it is not the whole file: a customer key, a row.
    pub subject: String,
}

impl Control {
    /// A figure about the whole file.
    pub fn new(name: &str, stated: Option<String>, read: impl ToString) -> Self {
        Self { name: name.to_owned(), stated, read: read.to_string(), subject: String::new() }
    }

    /// The same figure, but about one customer, section or row.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }
}

/// One format family: bytes in, items out, in memory that does not grow with the file.
pub trait Adapter: Sized {
    /// Id, version, formats and the schema of the profile.
    fn describe() -> AdapterDescription;

    /// How sure the adapter is, 0 to 100, that it can read a file with this name and these first bytes.
    fn probe(name: &str, head: &[u8]) -> u8;

    /// Starts over a file, with a profile as JSON.
    ///
    /// # Errors
    /// The profile is wrong, or the file is not what the profile says.
    fn open(input: Input, profile: &str) -> Result<Self, Problem>;

    /// Reads one record of the file and appends what it holds: any number of items, or none.
    /// `false` says that the file has ended. A record that cannot be read is an item too
    /// (see [`issue`]); only what makes the rest of the file unreadable is an error.
    ///
    /// # Errors
    /// Nothing that follows can be trusted.
    fn read(&mut self, out: &mut Columns) -> Result<bool, Problem>;

    /// The control totals, once, after the last record.
    ///
    /// # Errors
    /// The file ended in a way that makes its figures meaningless.
    fn finish(&mut self) -> Result<Vec<Control>, Problem>;
}

/// Appends a record that cannot be read: where it is, its key if that much is known, a
/// stable code, and what is wrong and how to mend it.
pub fn issue(out: &mut Columns, row: u64, locator: &str, key: &str, code: &str, text: &str) {
    out.push(&Item { locator, key, document: code, text, ..Item::new(ItemKind::Issue, row) });
}

/// Appends a record that is left out on purpose: its key, a reason code and what it was.
pub fn skipped(out: &mut Columns, row: u64, locator: &str, key: &str, reason: &str, text: &str) {
    out.push(&Item { locator, key, document: reason, text, ..Item::new(ItemKind::Skipped, row) });
}

/// Writes a line to the operator's log; in a native build nobody listens.
pub fn log(message: &str) {
    #[cfg(target_arch = "wasm32")]
    guest::log(message);
    let _ = message;
}

/// Exports a type that implements [`Adapter`](crate::adapter::Adapter) as the plugin of its
/// crate. Only a build for `wasm32` exports anything, so that several adapters can be
/// linked into one native binary.
#[macro_export]
macro_rules! export_adapter {
    ($adapter:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::adapter::guest::{self, export};

            ::std::thread_local! {
                static SESSION: guest::Cell<$adapter> = const { guest::Cell::new(None) };
            }

            struct Plugin;

            impl guest::Guest for Plugin {
                fn describe() -> String {
                    guest::describe::<$adapter>()
                }
                fn probe(name: String, head: Vec<u8>) -> u8 {
                    <$adapter as $crate::adapter::Adapter>::probe(&name, &head)
                }
                fn open(profile: String) -> Result<(), guest::Problem> {
                    SESSION.with(|s| guest::open(s, &profile))
                }
                fn next(limit: u32) -> Result<guest::Items, guest::Problem> {
                    SESSION.with(|s| guest::next(s, limit))
                }
                fn finish() -> Result<Vec<guest::Control>, guest::Problem> {
                    SESSION.with(guest::finish)
                }
            }

    export!(Plugin with_types_in guest::bindings);
        };
    };
}
