//! The schema's steps, and whether a database has taken exactly those that this release knows.

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use crate::StoreError;
use crate::db::Db;
use crate::sql::sql;

pub(crate) const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
pub(crate) const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Versions that this release knows, in order.
fn known(db: &Db) -> Result<Vec<String>, StoreError> {
    fn versions<DB: diesel::backend::Backend>(steps: Vec<Box<dyn Migration<DB>>>) -> Vec<String> {
        steps.iter().map(|m| m.name().version().to_string()).collect()
    }
    let mut known = match db {
        Db::Sqlite(_) => MigrationSource::<Sqlite>::migrations(&SQLITE).map(versions),
        Db::Postgres(_) => MigrationSource::<Pg>::migrations(&POSTGRES).map(versions),
    }
    .map_err(StoreError::Migration)?;
    known.sort();
    Ok(known)
}

/// Refuses a database that took a step this release does not know.
fn refuse_newer(known: &[String], applied: &[String]) -> Result<(), StoreError> {
    match applied.iter().find(|version| !known.contains(version)) {
        Some(unknown) => Err(StoreError::SchemaNewer { unknown: unknown.clone() }),
        None => Ok(()),
    }
}

/// Takes the steps that are missing.
pub(crate) fn run(db: &mut Db) -> Result<(), StoreError> {
    let known = known(db)?;
    let applied = match db {
        Db::Sqlite(c) => c.applied_migrations(),
        Db::Postgres(c) => c.applied_migrations(),
    }
    .map_err(StoreError::Migration)?;
    refuse_newer(&known, &applied.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let taken = match db {
        Db::Sqlite(c) => c.run_pending_migrations(SQLITE),
        Db::Postgres(c) => c.run_pending_migrations(POSTGRES),
    }
    .map_err(StoreError::Migration)?
    .len();
    match db {
        Db::Sqlite(_) if taken > 0 => assume(db),
        Db::Sqlite(_) | Db::Postgres(_) => Ok(()),
    }
}

/// Tells SQLite what to assume of indexes of which it has no statistics: a ledger has many rows, and a key few of them. Without
/// that it takes the rows of a ledger for ten, and looks for each claim among all of them, until a large import has them counted.
/// Whoever wants all of them is to read the table and not an index of it, so there they are taken for fewer.
fn assume(db: &mut Db) -> Result<(), StoreError> {
    const ASSUMED: &str = "INSERT INTO sqlite_stat1 (tbl, idx, stat) \
        SELECT t.name, CASE WHEN i.origin = 'pk' AND t.wr THEN t.name ELSE i.name END AS named, '1000000 ' || group_concat( \
            CASE WHEN c.seqno = 0 AND w.width > 1 THEN iif(i.origin = 'pk' AND t.wr, 10000, 100000) WHEN i.\"unique\" AND c.seqno = w.width - 1 THEN 1 ELSE 10 END, ' ' ORDER BY c.seqno) \
        FROM pragma_table_list t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c \
        JOIN (SELECT t.name AS tbl, i.name, COUNT(*) AS width FROM pragma_table_list t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c \
            WHERE t.schema = 'main' GROUP BY t.name, i.name) w ON w.tbl = t.name AND w.name = i.name \
        WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' \
        AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 s WHERE s.tbl = t.name) GROUP BY t.name, named";
    // The first makes the table of statistics, and the last has it read.
    db.batch("ANALYZE sqlite_schema")?;
    db.batch(ASSUMED)?;
    Ok(db.batch("ANALYZE sqlite_schema")?)
}

/// Refuses a database that is not exactly at this release's last step.
pub(crate) fn check(db: &mut Db) -> Result<(), StoreError> {
    let known = known(db)?;
    let applied: Vec<String> = match db.load(sql::<Text>("SELECT version FROM __diesel_schema_migrations")) {
        Err(StoreError::Database(error)) if error.to_string().contains("__diesel_schema_migrations") => Vec::new(),
        other => other?,
    };
    refuse_newer(&known, &applied)?;
    match known.into_iter().find(|version| !applied.contains(version)) {
        Some(missing) => Err(StoreError::SchemaOlder { missing }),
        None => Ok(()),
    }
}
