//! What an import asks: which records are known, and with what content.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use recoup_model::Digest;
use uuid::Uuid;

use super::{View, chunked, last};
use crate::sql::sql;
use crate::types::{Hash, Id};
use crate::{EVERYTHING, StoreError};

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
