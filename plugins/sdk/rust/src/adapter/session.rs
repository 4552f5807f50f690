//! One reading of one file: turns an adapter's records into batches of at most so many items.

use super::{Adapter, Columns, Control, Input, Problem};
use recoup_wit::item::{NUMBERS, TEXTS};

/// A batch is handed over when it holds this much text, whatever its limit.
const BATCH_TEXT_MAX: usize = 4 * 1024 * 1024;

/// An adapter that has been opened over a file.
#[derive(Debug)]
pub struct Session<A> {
    adapter: A,
    /// Items of the last record that did not fit into its batch.
    carry: Columns,
    /// Bytes of text of the batch before: the next one will have about as many, and a text that grows is copied.
    text_before: usize,
    ended: bool,
}

impl<A: Adapter> Session<A> {
    /// Opens a file with a profile (JSON).
    ///
    /// # Errors
    /// What [`Adapter::open`] says.
    pub fn open(input: Input, profile: &str) -> Result<Self, Problem> {
        Ok(Self { adapter: A::open(input, profile)?, carry: Columns::default(), text_before: 0, ended: false })
    }

    /// The next items, at most `limit` (at least one); an empty batch ends the file.
    ///
    /// # Errors
    /// What [`Adapter::read`] says.
    pub fn next(&mut self, limit: usize) -> Result<Columns, Problem> {
        let limit = limit.max(1);
        let mut out = std::mem::take(&mut self.carry);
        let room = limit.min(16_384);
        out.kinds.reserve(room);
        out.numbers.reserve(room * NUMBERS);
        out.ends.reserve(room * TEXTS);
        out.text.reserve(self.text_before + self.text_before / 8);
        while !self.ended && out.len() < limit && out.text.len() < BATCH_TEXT_MAX {
            self.ended = !self.adapter.read(&mut out)?;
        }
        if out.len() > limit {
            self.carry = split_off(&mut out, limit);
        }
        self.text_before = out.text.len();
        Ok(out)
    }

    /// The control totals, after the last batch.
    ///
    /// # Errors
    /// What [`Adapter::finish`] says.
    pub fn finish(&mut self) -> Result<Vec<Control>, Problem> {
        self.adapter.finish()
    }
}

fn split_off(batch: &mut Columns, at: usize) -> Columns {
    let mut ends = batch.ends.split_off(at * TEXTS);
    let cut = batch.ends.last().copied().unwrap_or(0);
    ends.iter_mut().for_each(|end| *end -= cut);
    Columns { kinds: batch.kinds.split_off(at), numbers: batch.numbers.split_off(at * NUMBERS), ends, text: batch.text.split_off(cut as usize) }
}
