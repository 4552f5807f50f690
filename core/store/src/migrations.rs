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
    match db {
        Db::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop),
        Db::Postgres(c) => c.run_pending_migrations(POSTGRES).map(drop),
    }
    .map_err(StoreError::Migration)
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
