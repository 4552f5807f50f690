//! The contract's bindings on `wasm32`, and what turns a [`Session`] into their calls.

use super::{Adapter, Session};
use recoup_wit::record::{Batch, Defect, Dialect};
use recoup_wit::text::Encoding;
use std::cell::RefCell;

pub use bindings::export;
pub use bindings::exports::recoup::plugin::adapter::{Control, Guest, Items, Problem};

/// Generated from the contract.
#[allow(unsafe_code, reason = "the canonical ABI passes pointers")]
#[allow(missing_docs, unreachable_pub, reason = "generated")]
#[allow(clippy::all, clippy::indexing_slicing, clippy::allow_attributes_without_reason, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/next",
        world: "adapter-plugin",
        pub_export_macro: true,
    });
}

/// Where the exported plugin keeps its one session.
pub type Cell<A> = RefCell<Option<Session<A>>>;

impl From<super::Problem> for Problem {
    fn from(p: super::Problem) -> Self {
        Self { code: p.code, at: p.at, message: p.message }
    }
}

/// The description as JSON.
pub fn describe<A: Adapter>() -> String {
    serde_json::to_string(&A::describe()).unwrap_or_default()
}

/// Starts the session over the host's input.
pub fn open<A: Adapter>(cell: &Cell<A>, profile: &str) -> Result<(), Problem> {
    *cell.borrow_mut() = Some(Session::open(super::Input::host(), profile)?);
    Ok(())
}

/// The next items of the session.
pub fn next<A: Adapter>(cell: &Cell<A>, limit: u32) -> Result<Items, Problem> {
    let columns = with(cell, |s| s.next(limit as usize))?;
    Ok(Items { kinds: columns.kinds, numbers: columns.numbers, ends: columns.ends, text: columns.text })
}

/// The control totals of the session, which ends with them.
pub fn finish<A: Adapter>(cell: &Cell<A>) -> Result<Vec<Control>, Problem> {
    let controls = with(cell, Session::finish)?;
    cell.borrow_mut().take();
    Ok(controls.into_iter().map(|c| Control { name: c.name, stated: c.stated, read: c.read, subject: c.subject }).collect())
}

/// Size of the input.
pub(super) fn size() -> u64 {
    bindings::recoup::plugin::input::size()
}

/// Bytes of the input.
pub(super) fn read_at(offset: u64, length: u32) -> Vec<u8> {
    bindings::recoup::plugin::input::read_at(offset, length)
}

/// Has the host split the input into records.
pub(super) fn open_records(encoding: Encoding, dialect: Dialect) -> Result<(), super::Problem> {
    use bindings::recoup::plugin::records as host;
    let encoding = match encoding {
        Encoding::Utf8 => host::Encoding::Utf8,
        Encoding::Gb18030 => host::Encoding::Gb18030,
        Encoding::Windows1252 => host::Encoding::Windows1252,
    };
    let Dialect { delimiter, quote, record_max } = dialect;
    host::open(host::Dialect { encoding, delimiter, quote, record_max: u32::try_from(record_max).unwrap_or(u32::MAX) }).map_err(problem)
}

/// The next records of the input.
pub(super) fn next_records() -> Result<Batch, super::Problem> {
    use bindings::recoup::plugin::records as host;
    let host::Batch { text, ends, cells, lines, defects, ended } = host::next().map_err(problem)?;
    let defects = defects.into_iter().map(|(record, defect)| {
        let defect = match defect {
            host::Defect::TooLong => Defect::TooLong,
            host::Defect::TooWide => Defect::TooWide,
            host::Defect::OpenQuote => Defect::OpenQuote,
            host::Defect::BadQuote => Defect::BadQuote,
            host::Defect::Encoding(at) => Defect::Encoding(at),
        };
        (record, defect)
    });
    Ok(Batch { text, ends, cells, lines, defects: defects.collect(), ended })
}

fn problem(p: Problem) -> super::Problem {
    super::Problem { code: p.code, at: p.at, message: p.message }
}

/// A line for the operator.
pub(super) fn log(message: &str) {
    bindings::recoup::plugin::log::write(message);
}

fn with<A: Adapter, T>(cell: &Cell<A>, act: impl FnOnce(&mut Session<A>) -> Result<T, super::Problem>) -> Result<T, Problem> {
    match cell.borrow_mut().as_mut() {
        Some(session) => act(session).map_err(Into::into),
        None => Err(super::Problem::new("session.closed", "", "Call `open` first.").into()),
    }
}
