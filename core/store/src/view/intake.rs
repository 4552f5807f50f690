//! What an import asks: which records are known, and with what content.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use recoup_model::Digest;
use recoup_model::import::{Dismissal, ImportSource};
use uuid::Uuid;

use super::{View, chunked, last};
use crate::log::unsigned;
use crate::sql::sql;
use crate::store::decode;
use crate::types::{Hash, Id};
use crate::{EVERYTHING, StoreError};

const DISMISSED: &str = "SELECT l.position, l.body FROM dismissal t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
    WHERE t.ledger = ? AND t.leaf < ? ORDER BY t.leaf";

/// Kinds of records that come from sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sourced {
    /// Parties.
    Party,
    /// Contracts.
    Contract,
    /// Claims.
    Receivable,
    /// Receipts.
    Receipt,
    /// Entries.
    Entry,
}

impl View<'_> {
    /// Where exports come from, retired ones too, each with the position that its last version stands at, by name.
    ///
    /// # Errors
    /// The database fails.
    pub fn sources(&mut self, known_at: i64) -> Result<Vec<(i64, ImportSource)>, StoreError> {
        const ALL: &str = concat!(
            "SELECT t.position, l.body FROM import_source t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf",
            last!("import_source", "id"),
            " ORDER BY t.name"
        );
        let known = self.known(known_at)?;
        let rows: Vec<(i64, Vec<u8>)> = self.db.load(sql::<(BigInt, Binary)>(ALL).bind(self.ledger).bind(known).bind(known))?;
        rows.into_iter().map(|(position, body)| Ok((position, decode(&body)?))).collect()
    }

    /// Refused records that were dismissed.
    ///
    /// # Errors
    /// The database fails.
    pub fn dismissals(&mut self, known_at: i64) -> Result<Vec<Dismissal>, StoreError> {
        Ok(self.with_position(DISMISSED, known_at)?.into_iter().map(|(_, dismissal)| dismissal).collect())
    }

    /// The last leaf of each of the ids that is known at a position.
    ///
    /// # Errors
    /// The database fails.
    pub fn last_leaves(&mut self, table: Sourced, ids: &[Uuid], known_at: i64) -> Result<HashMap<Uuid, u64>, StoreError> {
        let known = self.known(known_at)?;
        let rows: Vec<(Id, i64)> = chunked(Some(ids.to_vec()), |ids| {
            let last = sql::<(Binary, BigInt)>(match table {
                Sourced::Party => "SELECT id, MAX(leaf) FROM party WHERE ledger = ? AND +leaf < ?",
                Sourced::Contract => "SELECT id, MAX(leaf) FROM contract WHERE ledger = ? AND +leaf < ?",
                Sourced::Receivable => "SELECT id, MAX(leaf) FROM receivable WHERE ledger = ? AND +leaf < ?",
                Sourced::Receipt => "SELECT id, MAX(leaf) FROM receipt WHERE ledger = ? AND +leaf < ?",
                Sourced::Entry => "SELECT id, MAX(leaf) FROM entry WHERE ledger = ? AND +leaf < ?",
            });
            self.db.load(last.bind(self.ledger).bind(known).within(" AND id IN ?", ids).push(" GROUP BY id"))
        })?;
        rows.into_iter().map(|(id, leaf)| Ok((id.0, unsigned(leaf)?))).collect()
    }

    /// Digests of what was last read, of those among the ids that are known and came from a source.
    ///
    /// # Errors
    /// The database fails.
    pub fn contents(&mut self, table: Sourced, ids: &[Uuid]) -> Result<HashMap<Uuid, Digest>, StoreError> {
        let known = self.known(EVERYTHING)?;
        let mut rows: Vec<(Id, i64, Option<Hash>)> = chunked(Some(ids.to_vec()), |ids| {
            let versions = sql::<(Binary, BigInt, Nullable<Binary>)>(match table {
                Sourced::Party => "SELECT id, leaf, content FROM party WHERE ledger = ? AND +leaf < ?",
                Sourced::Contract => "SELECT id, leaf, content FROM contract WHERE ledger = ? AND +leaf < ?",
                Sourced::Receivable => "SELECT id, leaf, content FROM receivable WHERE ledger = ? AND +leaf < ?",
                Sourced::Receipt => "SELECT id, leaf, content FROM receipt WHERE ledger = ? AND +leaf < ?",
                Sourced::Entry => "SELECT id, leaf, content FROM entry WHERE ledger = ? AND +leaf < ?",
            });
            self.db.load(versions.bind(self.ledger).bind(known).within(" AND id IN ?", ids))
        })?;
        // Every version is fetched and the last one wins: cheaper than asking for the last one of each.
        rows.sort_unstable_by_key(|(_, leaf, _)| *leaf);
        let mut contents = HashMap::with_capacity(rows.len());
        for (id, _, content) in rows {
            match content {
                Some(content) => contents.insert(id.0, content.0),
                None => contents.remove(&id.0),
            };
        }
        Ok(contents)
    }

    /// Ids and keys of everything that a source system is known to hold, by key.
    ///
    /// # Errors
    /// The database fails.
    pub fn source_keys(&mut self, table: Sourced, system: &str) -> Result<Vec<(Uuid, String)>, StoreError> {
        let known = self.known(EVERYTHING)?;
        let all = sql::<(Binary, Nullable<Text>)>(match table {
            Sourced::Party => concat!("SELECT t.id, t.key FROM party t", last!("party", "id")),
            Sourced::Contract => concat!("SELECT t.id, t.key FROM contract t", last!("contract", "id")),
            Sourced::Receivable => concat!("SELECT t.id, t.key FROM receivable t", last!("receivable", "id")),
            Sourced::Receipt => concat!("SELECT t.id, t.key FROM receipt t", last!("receipt", "id")),
            Sourced::Entry => concat!("SELECT t.id, t.key FROM entry t", last!("entry", "id")),
        });
        let all = all.bind(self.ledger).bind(known).bind(known);
        let rows: Vec<(Id, Option<String>)> = self.db.load(all.push(" AND t.system = ?").bind(system))?;
        let mut keys: Vec<(Uuid, String)> = rows.into_iter().filter_map(|(id, key)| Some((id.0, key?))).collect();
        keys.sort_unstable_by(|a, b| a.1.cmp(&b.1));
        Ok(keys)
    }
}
