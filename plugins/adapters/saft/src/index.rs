//! Which customers and invoices the file has, as hashes: eight to sixteen bytes each.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Customers and invoices that are remembered; references to later ones stay unlinked.
const REMEMBERED_MAX: usize = 400_000;

/// Series codes of one seller; invoices of further ones are found by their exact number only.
const CODES_MAX: usize = 4_096;

type Fixed = BuildHasherDefault<DefaultHasher>;

/// Customers that the master files name.
#[derive(Debug, Default)]
pub(crate) struct Known(HashSet<u64, Fixed>);

impl Known {
    /// Remembers a key; `false` when there is no room.
    pub(crate) fn add(&mut self, key: &str) -> bool {
        let room = self.0.len() < REMEMBERED_MAX;
        if room {
            self.0.insert(hash(&[key]));
        }
        room
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains(&hash(&[key]))
    }
}

/// Invoices by the ways in which other documents spell their numbers.
///
/// An invoice number reads `<code> <series>/<number>`, and the code is the seller's own: the
/// demo file's `1T 1/2` is an invoice of type FT. Credit notes cite it as `FT 1/2`, which is
/// taken to mean it only when it is the same customer's.
#[derive(Debug, Default)]
pub(crate) struct Invoices {
    exact: HashSet<u64, Fixed>,
    /// From type, series and customer to the code, or to nothing when two invoices share them.
    by_type: HashMap<u64, Option<u32>, Fixed>,
    codes: Vec<String>,
}

impl Invoices {
    /// Remembers an invoice.
    pub(crate) fn add(&mut self, number: &str, kind: &str, customer: &str) {
        if self.exact.len() >= REMEMBERED_MAX || !self.exact.insert(hash(&[number])) {
            return;
        }
        let Some((code, series)) = number.split_once(' ').filter(|_| self.codes.len() < CODES_MAX) else {
            return;
        };
        let at = self.codes.iter().position(|c| c == code).unwrap_or_else(|| {
            self.codes.push(code.to_owned());
            self.codes.len() - 1
        });
        let code = u32::try_from(at).ok();
        self.by_type.entry(hash(&[kind, series, customer])).and_modify(|known| *known = None).or_insert(code);
    }

    /// The number of the invoice that a reference means, if it means exactly one.
    pub(crate) fn resolve(&self, reference: &str, customer: &str) -> Option<String> {
        let reference = reference.trim();
        if self.exact.contains(&hash(&[reference])) {
            return Some(reference.to_owned());
        }
        let (kind, series) = reference.split_once(' ')?;
        let code = self.by_type.get(&hash(&[kind, series, customer])).copied().flatten()?;
        Some(format!("{} {series}", self.codes.get(code as usize)?))
    }
}

fn hash(parts: &[&str]) -> u64 {
    Fixed::default().hash_one(parts)
}
