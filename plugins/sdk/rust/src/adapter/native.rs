//! Runs an adapter natively: in its tests, in benchmarks, or inside another program.
//!
//! ```
//! use recoup_sdk::adapter::{native, Adapter, Control, Problem};
//!
//! fn items<A: Adapter>(bytes: &[u8], profile: &str) -> Result<(usize, Vec<Control>), Problem> {
//!     let mut session = native::open::<A>(bytes, profile)?;
//!     let mut count = 0;
//!     loop {
//!         let batch = session.next(10_000)?;
//!         if batch.is_empty() {
//!             return Ok((count, session.finish()?));
//!         }
//!         count += batch.len();
//!     }
//! }
//! ```

use super::{Adapter, Columns, Control, Input, Items, Problem, Session};
use recoup_wit::item::Malformed;
use std::sync::Arc;

/// Opens a file in memory with a profile (JSON).
///
/// # Errors
/// What [`Adapter::open`] says.
pub fn open<A: Adapter>(bytes: impl Into<Arc<[u8]>>, profile: &str) -> Result<Session<A>, Problem> {
    Session::open(Input::memory(bytes), profile)
}

/// Opens a file in memory and reads all of it: every item in one batch, and the controls.
///
/// # Errors
/// What the adapter says about the file; `items.malformed` when what it packed are no items.
pub fn read_all<A: Adapter>(input: Input, profile: &str) -> Result<(Items, Vec<Control>), Problem> {
    let malformed = |e: Malformed| Problem::new("items.malformed", "", e.0);
    let mut session = Session::<A>::open(input, profile)?;
    let mut all = Columns::default();
    loop {
        let batch = session.next(10_000)?.check().map_err(malformed)?;
        if batch.is_empty() {
            return Ok((all.check().map_err(malformed)?, session.finish()?));
        }
        batch.items().for_each(|item| all.push(&item));
    }
}
