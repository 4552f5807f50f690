//! Fresh databases for tests: one of each kind, migrated, and gone when dropped.
//!
//! PostgreSQL comes from `RECOUP_TEST_POSTGRES`, the URL of a server where databases may be created, such as
//! `tests/db/postgres.sh` starts. A test never passes because a database was missing: without it, this panics.

#![allow(clippy::expect_used, reason = "for tests")]

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use diesel_migrations::MigrationHarness as _;
use tempfile::TempDir;
use uuid::Uuid;

use crate::db::Db;
use crate::migrations::{POSTGRES, SQLITE};
use crate::{Backend, Store};

/// A database of a test's own.
pub struct TestDb {
    url: String,
    backend: Backend,
    place: Place,
}

enum Place {
    Directory(#[expect(dead_code, reason = "removed when dropped")] TempDir),
    Server { url: String, database: String },
}

/// One SQLite and one PostgreSQL database, both migrated.
///
/// # Panics
/// `RECOUP_TEST_POSTGRES` is not set, or a database cannot be made.
#[must_use]
pub fn databases() -> [TestDb; 2] {
    [sqlite(), postgres()]
}

/// A SQLite database.
///
/// # Panics
/// It cannot be made.
#[must_use]
pub fn sqlite() -> TestDb {
    let dir = tempfile::Builder::new().prefix("recoup-test-").tempdir().expect("a directory for a test database");
    let url = format!("sqlite:{}", dir.path().join("recoup.sqlite").display());
    TestDb { url, backend: Backend::Sqlite, place: Place::Directory(dir) }.migrated()
}

/// A PostgreSQL database.
///
/// # Panics
/// `RECOUP_TEST_POSTGRES` is not set, or the database cannot be made.
#[must_use]
pub fn postgres() -> TestDb {
    let server = std::env::var("RECOUP_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("RECOUP_TEST_POSTGRES is not set: run the tests through `tests/db/postgres.sh run`, or set it to the URL of a PostgreSQL server")
    });
    let database = format!("recoup_test_{}", Uuid::new_v4().simple());
    on_server(&server, &format!("CREATE DATABASE {database} TEMPLATE template0"));
    let (address, options) = server.split_once('?').map_or((server.as_str(), String::new()), |(a, o)| (a, format!("?{o}")));
    let (address, _) = address.rsplit_once('/').expect("RECOUP_TEST_POSTGRES names a database");
    let url = format!("{address}/{database}{options}");
    TestDb { url, backend: Backend::Postgres, place: Place::Server { url: server, database } }.migrated()
}

fn on_server(url: &str, statement: &str) {
    let mut conn = PgConnection::establish(url).expect("the server of RECOUP_TEST_POSTGRES answers");
    conn.batch_execute(statement).expect("databases may be created on the server of RECOUP_TEST_POSTGRES");
}

impl TestDb {
    fn migrated(self) -> Self {
        Store::open(&self.url).expect("the test database opens").migrate().expect("the test database migrates");
        self
    }

    /// What [`Store::open`] takes.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which kind it is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// One more connection.
    ///
    /// # Panics
    /// It does not open.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::open(&self.url).expect("the test database opens")
    }

    /// Runs statements behind the store's back, on a connection set up as the store's are.
    ///
    /// # Errors
    /// What the database says.
    pub fn execute(&self, statements: &str) -> Result<(), String> {
        let mut db = Db::open(&self.url).map_err(|e| e.to_string())?;
        db.batch(statements).map_err(|e| e.to_string())
    }

    /// Takes every migration back.
    ///
    /// # Panics
    /// One cannot be reverted.
    pub fn revert(&self) {
        match &mut self.store().db {
            Db::Sqlite(c) => c.revert_all_migrations(SQLITE).map(drop),
            Db::Postgres(c) => c.revert_all_migrations(POSTGRES).map(drop),
        }
        .expect("every migration can be reverted");
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Place::Server { url, database } = &self.place {
            // A failure here must not hide the test's own.
            if let Ok(mut conn) = PgConnection::establish(url) {
                let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"));
            }
        }
    }
}
