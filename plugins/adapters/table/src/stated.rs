//! Parties and contracts that a file names in every row are stated once, and again when their names change.

use crate::plan::NamedPlan;
use crate::quick::{Map, hash, same_bytes};
use crate::row::Row;
use recoup_sdk::adapter::{Columns, Item, ItemKind};

/// Memory for what was stated; beyond it everything is forgotten, and stated again.
const STATED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Parties or contracts that were stated, with what was said of them.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    /// By the hash of the key: of two keys with one hash the later counts as new, which only states it again.
    by_key: Map<u64, Said>,
    /// Key, name and id of each, one after the other.
    texts: Vec<u8>,
}

/// Where in the texts something stands that was said: key, name and id end where the next begins.
#[derive(Debug, Clone, Copy)]
struct Said {
    key: usize,
    name: usize,
    id: usize,
    end: usize,
}

impl Stated {
    /// States a party or a contract the first time, and again when its name changes. A contract
    /// stays with the party that named it first.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "nearly every row asks, and in a sandbox to pass so much on costs as much as the answer")]
    pub(crate) fn introduce(&mut self, row: Row<'_>, named: Option<NamedPlan>, (kind, key, party): (ItemKind, &str, &str), out: &mut Columns) {
        let Some(named) = named.filter(|_| !key.is_empty()) else { return };
        let (name, id) = (row.maybe(named.name), row.maybe(named.id));
        let hash = hash(key.as_bytes());
        let said = |from: usize, to: usize, text: &str| same_bytes(self.texts.get(from..to).unwrap_or_default(), text.as_bytes());
        let known = self.by_key.get(&hash);
        if known.is_some_and(|s| said(s.key, s.name, key) && said(s.name, s.id, name) && said(s.id, s.end, id)) {
            return;
        }
        self.remember(hash, [key, name, id]);
        out.push(&Item { key, name, party, document: id, ..Item::new(kind, row.line()) });
    }

    #[inline(never)]
    fn remember(&mut self, hash: u64, [key, name, id]: [&str; 3]) {
        if self.texts.len() + self.by_key.len() * size_of::<(u64, Said)>() > STATED_BYTES_MAX {
            *self = Self::default();
        }
        let from = self.texts.len();
        [key, name, id].iter().for_each(|text| self.texts.extend_from_slice(text.as_bytes()));
        let (name, id) = (from + key.len(), from + key.len() + name.len());
        self.by_key.insert(hash, Said { key: from, name, id, end: self.texts.len() });
    }
}
