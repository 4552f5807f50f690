//! Proof that the tables are what the log adds up to.

use std::borrow::Cow;

use recoup_model::Digest;
use recoup_model::id::LedgerId;
use recoup_model::log::{Salt, leaf_hash};
use recoup_model::record::Record;

use crate::db::Db;
use crate::log::{Encoded, Tip, command_row, is_committed, unsigned};
use crate::project::{kind, projections};
use crate::schema::*;
use crate::types::Id;
use crate::{Store, StoreError};

/// What became of a rebuild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// Each table compared.
    pub tables: Vec<TableResult>,
    /// Whether the root computed from the leaves is the one that the ledger states.
    pub root_equal: bool,
    /// The root computed from the leaves.
    pub root: Digest,
    /// How many leaves were folded.
    pub leaves: u64,
    /// The first leaf whose bytes are not what was hashed, or that does not begin the command which is said to begin there.
    pub bad_leaf: Option<u64>,
}

impl Rebuild {
    /// Whether everything agrees.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        self.root_equal && self.bad_leaf.is_none() && self.tables.iter().all(|t| t.equal)
    }
}

/// One table compared with what the log adds up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableResult {
    /// Its name.
    pub name: &'static str,
    /// How many rows the log adds up to.
    pub rows: u64,
    /// Whether every row is equal.
    pub equal: bool,
    /// The first rows that differ.
    pub first_difference: Option<String>,
}

/// Rows that are read at a time.
const PAGE: i64 = 20_000;

/// Folds the log of a ledger again, command by command, into an empty scratch database, and compares every table row by row.
///
/// # Errors
/// A database fails. Damage is no error: it is what the result says.
pub fn rebuild(source: &mut Store, ledger: LedgerId, scratch: &mut Store) -> Result<Rebuild, StoreError> {
    scratch.migrate()?;
    source.read(ledger, |view| {
        let id = Id(ledger.0);
        let head = view.head();
        let source = view.db();
        let mut folded = None;
        scratch.write_raw(id, |scratch| {
            folded = Some(fold(source, id, head.position, scratch)?);
            Ok(())
        })?;
        let (tip, bad_leaf) = folded.unwrap_or_default();
        let tables = compare_all(source, &mut scratch.db, id, head.position, tip.size()?)?;
        Ok(Rebuild { tables, root_equal: tip.tree.root() == head.root, root: tip.tree.root(), leaves: tip.tree.size(), bad_leaf })
    })
}

/// Folds every command; answers with the tip and the first damaged leaf.
fn fold(source: &mut Db, ledger: Id, head: i64, scratch: &mut Db) -> Result<(Tip, Option<u64>), StoreError> {
    let (mut tip, mut bad_leaf) = (Tip::default(), None);
    let mut from = 1;
    while from <= head {
        let to = head.min(from.saturating_add(PAGE - 1)) + 1;
        for row in CommandRow::range(source, ledger, from, to)? {
            let first = row.first_leaf;
            let (mut leaf, end) = (first, row.first_leaf.saturating_add(row.leaves));
            // A command follows the one before it, begins with its own record, and has no other command in it.
            let follows = row.position == tip.position + 1 && row.first_leaf == tip.size()? && row.leaves > 0;
            let (mut command, mut strays) = (None, false);
            while leaf < end {
                let to = end.min(leaf.saturating_add(PAGE));
                let leaves = LeafRow::range(source, ledger, leaf, to)?;
                let personal = PersonalRow::range(source, ledger, leaf, to)?;
                let mut parts = personal.iter().peekable();
                for row in &leaves {
                    // A part may have been erased; one that is there must be the one committed to.
                    let part = parts.next_if(|part| part.leaf == row.leaf);
                    let commitment = row.commitment.map(|c| c.0);
                    let kept = part.is_none_or(|p| is_committed(commitment.as_ref().map(|c| c.0.as_slice()), &p.salt, &p.body));
                    if bad_leaf.is_none() && (!kept || leaf_hash(&row.body, commitment.as_ref()) != row.hash.0) {
                        bad_leaf = Some(unsigned(row.leaf)?);
                    }
                }
                let mut personal = personal.into_iter().peekable();
                let encoded = leaves.into_iter().map(|row| {
                    let part = personal.next_if(|part| part.leaf == row.leaf).and_then(|part| Some((part.salt.try_into().ok()?, part.body)));
                    let mut record = serde_json::from_slice::<Record>(&row.body).ok();
                    if let Some(found) = record.as_mut().filter(|r| r.is_of_the_books()) {
                        let figures = part.as_ref().and_then(|(_, body): &(Salt, Vec<u8>)| serde_json::from_slice(body).ok());
                        // Without its figures it is not the one in the table, and the comparison says so.
                        let _ = found.unseal_figures(figures.as_ref());
                    }
                    match &record {
                        Some(Record::Command(found)) if row.leaf == first => command = Some(found.clone()),
                        Some(Record::Command(_)) => strays = true,
                        _ => {}
                    }
                    let record = record.map(Cow::Owned);
                    // The kind is what the hashed bytes say, not what the row says.
                    let kind = record.as_ref().map_or(row.kind, |r| kind(r).to_owned());
                    Ok(Encoded { record, kind, body: row.body, commitment: row.commitment.map(|c| c.0), personal: part })
                });
                tip.grow(scratch, ledger, row.position, encoded)?;
                leaf = to;
            }
            if bad_leaf.is_none() && !(follows && command.is_some() && !strays) {
                bad_leaf = Some(unsigned(first)?);
            }
            // Where the command's own record is not to be had, that has been found; the row stands in for it.
            let row = command.map_or_else(|| row.clone(), |c| command_row(ledger, row.position, &c, row.first_leaf, row.leaves));
            tip.seal(scratch, row)?;
        }
        from = to;
    }
    Ok((tip, bad_leaf))
}

fn compare_all(source: &mut Db, scratch: &mut Db, ledger: Id, head: i64, size: i64) -> Result<Vec<TableResult>, StoreError> {
    let mut tables = vec![
        compare::<CommandRow>(source, scratch, ledger, head)?,
        compare::<LeafRow>(source, scratch, ledger, size)?,
        compare::<TreeHeadRow>(source, scratch, ledger, head)?,
    ];
    macro_rules! each {
        ($($table:ident: $row:ident,)+) => {
            $(tables.push(compare::<$row>(source, scratch, ledger, size)?);)+
        };
    }
    projections!(each);
    Ok(tables)
}

/// Compares one table page by page, and what lies beyond the last key in one more.
fn compare<T: Table>(source: &mut Db, scratch: &mut Db, ledger: Id, last: i64) -> Result<TableResult, StoreError> {
    let mut result = TableResult { name: T::NAME, rows: 0, equal: true, first_difference: None };
    let mut from = i64::MIN;
    loop {
        let to = if from > last { i64::MAX } else { from.max(0).saturating_add(PAGE) };
        let (found, wanted) = (T::range(source, ledger, from, to)?, T::range(scratch, ledger, from, to)?);
        result.rows += u64::try_from(wanted.len()).unwrap_or(u64::MAX);
        if result.equal && found != wanted {
            result.equal = false;
            let rows = found.len().max(wanted.len());
            let pairs = (0..rows).map(|i| (found.get(i), wanted.get(i)));
            result.first_difference = pairs.into_iter().find(|(a, b)| a != b).map(|(a, b)| format!("stored {a:?}, the log adds up to {b:?}"));
        }
        if to == i64::MAX {
            return Ok(result);
        }
        from = to;
    }
}
