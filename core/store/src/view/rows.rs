//! Rows of a table in the versions that are known at a position: all of a ledger's, or those found by a key.

use std::collections::{HashMap, HashSet};

use diesel::query_dsl::methods::LoadQuery;
use diesel::sql_types::{BigInt, Binary, Nullable};
use diesel::{PgConnection, SqliteConnection};
use recoup_model::party::Personal;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::View;
use super::records::personal_part;
use crate::StoreError;
use crate::sql::{Each, Keys, Sql, sql};
use crate::store::decode;
use crate::types::Id;

/// Keys that one statement is given at a time.
const KEYS_MAX: usize = 8_192;

/// Of a table that has fewer rows than one for so many keys, all are read: most keys have none.
const KEYS_PER_ROW: usize = 4;

/// What is selected of a table's rows `t`, and which of them are meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    pub(super) select: &'static str,
    pub(super) table: &'static str,
    /// The condition on all of a ledger's rows (bound: the ledger and what is known, once or twice).
    pub(super) whole: &'static str,
    /// The condition on rows that a key found (bound: what is known, as often).
    pub(super) found: &'static str,
    /// Whether only the last version of each record is meant: what is known is bound twice then.
    pub(super) last: bool,
    /// The column that alone tells whose versions they are, where one does.
    pub(super) key: Option<&'static str>,
}

/// The only column of a key.
pub(super) const fn alone(key: &[&'static str]) -> Option<&'static str> {
    match key {
        [column] => Some(column),
        _ => None,
    }
}

/// The column by which rows are found, and the ids that it may be; none for all rows.
pub(super) type By = Option<(&'static str, Vec<Uuid>)>;

/// A column and a list of ids, if there is one.
macro_rules! by {
    ($column:literal, $ids:expr) => {
        $crate::view::uuids!($ids).map(|ids| ($column, ids))
    };
}
pub(super) use by;

/// Some columns of every row of a table, or, where the columns of a key follow, of the last version for each key.
macro_rules! rows {
    ($select:expr, $table:literal) => {
        $crate::view::rows::Rows { select: $select, table: $table, whole: " WHERE t.ledger = ? AND +t.leaf < ?", found: " WHERE +t.leaf < ?", last: false, key: None }
    };
    ($select:expr, $table:literal, $($key:literal),+) => {
        $crate::view::rows::Rows {
            select: $select,
            table: $table,
            whole: $crate::view::last!($table, $($key),+),
            // One look at an index; as a join, it would be planned by what the planner takes the table's size to be.
            found: concat!(
                " WHERE +t.leaf < ? AND t.leaf = (SELECT MAX(+n.leaf) FROM ", $table, " n WHERE n.ledger = t.ledger",
                $(" AND n.", $key, " = t.", $key,)+ " AND +n.leaf < ?)"
            ),
            last: true,
            key: $crate::view::rows::alone(&[$($key),+]),
        }
    };
}
pub(super) use rows;

/// The leaf of the last version of every record of a table.
macro_rules! latest {
    ($table:literal, $($key:literal),+) => {
        &$crate::view::rows::rows!("SELECT t.leaf", $table, $($key),+)
    };
}
pub(super) use latest;

impl<ST> Sql<ST> {
    /// Goes on with every row that is meant; what is known is still to be bound.
    fn all(self, rows: &Rows, ledger: Id) -> Self {
        self.push(" FROM ").push(rows.table).push(" t").push(rows.whole).bind(ledger)
    }
}

/// Leaf, record, and its commitment with the salt and body of the personal part, where it has one.
type PersonalRow = (i64, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);
/// Likewise, with the personal part itself.
type WholeRecord = (i64, Vec<u8>, Option<Personal>);
type PersonalTypes = (BigInt, Binary, Nullable<Binary>, Nullable<Binary>, Nullable<Binary>);

impl View<'_> {
    /// Rows whose column is one of some ids, or all, as known at a position; `more` adds to the statement. In no certain order.
    pub(super) fn rows<ST, T>(&mut self, rows: &Rows, by: By, known_at: i64, more: impl Fn(Sql<ST>) -> Sql<ST>) -> Result<Vec<T>, StoreError>
    where
        Sql<ST>: for<'q> LoadQuery<'q, SqliteConnection, T> + for<'q> LoadQuery<'q, PgConnection, T>,
    {
        let known = self.known(known_at)?;
        let bound = |all: Sql<ST>| if rows.last { all.bind(known).bind(known) } else { all.bind(known) };
        let Some((column, ids)) = by else {
            return self.db.load(more(bound(sql(rows.select).all(rows, self.ledger))));
        };
        self.found(rows.table, column, ids, |each| more(bound(sql(rows.select).push(" FROM ?").bind(each).push(rows.found))))
    }

    /// Rows of a statement on the rows that ids find, some ids at a time.
    pub(super) fn found<ST, T>(
        &mut self,
        table: &'static str,
        column: &'static str,
        mut ids: Vec<Uuid>,
        statement: impl Fn(Each) -> Sql<ST>,
    ) -> Result<Vec<T>, StoreError>
    where
        Sql<ST>: for<'q> LoadQuery<'q, SqliteConnection, T> + for<'q> LoadQuery<'q, PgConnection, T>,
    {
        ids.sort_unstable();
        ids.dedup();
        let mut found = Vec::new();
        for part in ids.chunks(KEYS_MAX) {
            found.append(&mut self.db.load(statement(Each { table, column, ledger: self.ledger, keys: Keys::ids(part) }))?);
        }
        Ok(found)
    }

    /// Some columns of the rows at leaves, in no certain order.
    pub(super) fn at<ST, T>(&mut self, select: &'static str, table: &'static str, leaves: &[i64]) -> Result<Vec<T>, StoreError>
    where
        Sql<ST>: for<'q> LoadQuery<'q, SqliteConnection, T> + for<'q> LoadQuery<'q, PgConnection, T>,
    {
        let mut rows = Vec::with_capacity(leaves.len());
        for part in leaves.chunks(KEYS_MAX) {
            let each = Each { table, column: "leaf", ledger: self.ledger, keys: Keys::leaves(part) };
            rows.append(&mut self.db.load(sql(select).push(" FROM ?").bind(each))?);
        }
        Ok(rows)
    }

    /// The last versions of some records or all, in the order of recording.
    pub(super) fn latest<T: DeserializeOwned>(&mut self, latest: &Rows, by: By, known_at: i64) -> Result<Vec<T>, StoreError> {
        if by.is_none() {
            let known = self.known(known_at)?;
            let whole = sql::<(BigInt, Binary)>("SELECT l.leaf, l.body FROM leaf l WHERE l.ledger = ? AND l.leaf IN (").bind(self.ledger);
            return in_order(self.db.load(whole.push(latest.select).all(latest, self.ledger).bind(known).bind(known).push(")"))?);
        }
        let leaves = self.last_leaves_of(latest, by, known_at)?;
        self.records(&leaves)
    }

    /// Likewise, with their personal parts where they have some.
    pub(super) fn with_personal<T: DeserializeOwned>(&mut self, latest: &Rows, by: By, known_at: i64) -> Result<Vec<(T, Option<Personal>)>, StoreError> {
        let leaves = self.last_leaves_of(latest, by, known_at)?;
        self.whole_records(&leaves, None)?.into_iter().map(|(_, body, personal)| Ok((decode(&body)?, personal))).collect()
    }

    /// The leaves of the last versions, in no certain order.
    pub(super) fn last_leaves_of(&mut self, latest: &Rows, by: By, known_at: i64) -> Result<Vec<i64>, StoreError> {
        match by {
            Some((column, ids)) if self.is_sparse(latest.table, ids.len())? => {
                let known = self.known(known_at)?;
                let all = sql::<(BigInt, Binary)>("SELECT t.leaf, t.").push(column).all(latest, self.ledger);
                let rows: Vec<(i64, Id)> = self.db.load(all.bind(known).bind(known))?;
                let wanted: HashSet<Uuid> = ids.into_iter().collect();
                Ok(rows.into_iter().filter(|(_, id)| wanted.contains(&id.0)).map(|(leaf, _)| leaf).collect())
            }
            // Whose key they are is among the ids: so is every version of it.
            Some((column, ids)) if latest.key == Some(column) => {
                let known = self.known(known_at)?;
                let versions =
                    |each| sql::<(Binary, BigInt)>("SELECT t.").push(column).push(", t.leaf FROM ?").bind(each).push(" WHERE +t.leaf < ?").bind(known);
                let mut last: HashMap<Id, i64> = HashMap::with_capacity(ids.len());
                for (id, leaf) in self.found::<_, (Id, i64)>(latest.table, column, ids, versions)? {
                    last.entry(id).and_modify(|known| *known = leaf.max(*known)).or_insert(leaf);
                }
                Ok(last.into_values().collect())
            }
            by => self.rows::<BigInt, i64>(latest, by, known_at, |all| all),
        }
    }

    /// Whether a table has far fewer rows than there are keys to look up in it.
    fn is_sparse(&mut self, table: &'static str, keys: usize) -> Result<bool, StoreError> {
        let enough = keys / KEYS_PER_ROW;
        if enough == 0 {
            return Ok(false);
        }
        let limit = i64::try_from(enough).map_err(|_| StoreError::Overflow)?;
        let some = sql::<BigInt>("SELECT COUNT(*) FROM (SELECT 1 FROM ").push(table).push(" t WHERE t.ledger = ? LIMIT ?) kept");
        Ok(self.db.first(some.bind(self.ledger).bind(limit))?.unwrap_or(0) < limit)
    }

    /// Records of leaves, in the order of recording.
    pub(super) fn records<T: DeserializeOwned>(&mut self, leaves: &[i64]) -> Result<Vec<T>, StoreError> {
        in_order(self.at::<(BigInt, Binary), _>("SELECT t.leaf, t.body", "leaf", leaves)?)
    }

    /// Bytes of leaves, of one kind or any, with their personal parts where they have some, in the order of recording.
    pub(super) fn whole_records(&mut self, leaves: &[i64], kind: Option<&'static str>) -> Result<Vec<WholeRecord>, StoreError> {
        let mut rows: Vec<PersonalRow> = Vec::with_capacity(leaves.len());
        for part in leaves.chunks(KEYS_MAX) {
            let each = Each { table: "leaf", column: "leaf", ledger: self.ledger, keys: Keys::leaves(part) };
            let whole = sql::<PersonalTypes>("SELECT t.leaf, t.body, t.commitment, p.salt, p.body FROM ?").bind(each);
            rows.append(&mut self.db.load(whole.push(" LEFT JOIN personal p ON p.ledger = t.ledger AND p.leaf = t.leaf").when(" WHERE t.kind = ?", kind))?);
        }
        rows.sort_unstable_by_key(|(leaf, ..)| *leaf);
        let read = |(leaf, body, commitment, salt, personal): PersonalRow| {
            let part = salt.zip(personal).map(|(salt, part)| personal_part(commitment.as_deref(), &salt, &part));
            Ok((leaf, body, part.transpose()?))
        };
        rows.into_iter().map(read).collect()
    }
}

/// The records of leaves and their bytes, in the order of recording.
fn in_order<T: DeserializeOwned>(mut rows: Vec<(i64, Vec<u8>)>) -> Result<Vec<T>, StoreError> {
    rows.sort_unstable_by_key(|(leaf, _)| *leaf);
    rows.iter().map(|(_, body)| decode(body)).collect()
}
