//! A connection to either database, and the few things that the two do differently.

use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::query_dsl::methods::LoadQuery;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

use crate::StoreError;
use crate::sql::{Sql, sql};
use crate::types::Id;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// SQLite, embedded.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// How long a writer waits for another one.
const LOCK_WAIT: Duration = Duration::from_secs(60);

/// From so many leaves on, a command changes what SQLite's planner should know: it has been told what to assume of small tables.
const SQLITE_BULK: u64 = 20_000;

/// Likewise PostgreSQL's, which knows nothing of a table until statistics are gathered.
const POSTGRES_BULK: u64 = 100;

pub(crate) enum Db {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Evaluates one expression on whichever connection it is.
macro_rules! on {
    ($db:expr, $conn:ident => $do:expr) => {
        match $db {
            $crate::db::Db::Sqlite($conn) => $do,
            $crate::db::Db::Postgres($conn) => $do,
        }
    };
}

impl Db {
    pub(crate) fn open(url: &str) -> Result<Self, StoreError> {
        let unreachable = |source| StoreError::Unreachable { url: without_password(url), source };
        let (mut db, settings) = if let Some(path) = url.strip_prefix("sqlite:") {
            // Without recursive triggers, INSERT OR REPLACE would delete behind the append-only triggers' backs.
            let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON;
                 PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";
            (Self::Sqlite(SqliteConnection::establish(path).map_err(unreachable)?), settings)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            // A restricted view's statements are long: compiling one takes longer than running it does.
            let settings = "SET client_min_messages = warning; SET jit = off";
            (Self::Postgres(PgConnection::establish(url).map_err(unreachable)?), settings)
        } else {
            return Err(StoreError::Url(without_password(url)));
        };
        db.limit_waiting(LOCK_WAIT)?;
        db.batch(settings)?;
        Ok(db)
    }

    pub(crate) const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }

    /// Ends statements that take longer, where the database can.
    pub(crate) fn limit_statements(&mut self, limit: Duration) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(c) => Ok(c.batch_execute(&format!("SET statement_timeout = {}", limit.as_millis()))?),
        }
    }

    /// Waits for whoever writes no longer than this.
    pub(crate) fn limit_waiting(&mut self, limit: Duration) -> Result<(), StoreError> {
        let limit = limit.as_millis();
        match self {
            Self::Sqlite(c) => Ok(c.batch_execute(&format!("PRAGMA busy_timeout = {limit}"))?),
            Self::Postgres(c) => Ok(c.batch_execute(&format!("SET lock_timeout = {limit}"))?),
        }
    }

    /// Keeps less of the database in memory: for a connection that looks up much once. (PostgreSQL's pages are the server's.)
    pub(crate) fn keep_little(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => Ok(c.batch_execute("PRAGMA cache_size = -32768")?),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Begins a transaction that sees one state of the database.
    pub(crate) fn begin_read(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?,
            Self::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?,
        }
        Ok(())
    }

    /// Begins a transaction that writes and holds no ledger.
    pub(crate) fn begin_work(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
            // A row that somebody else changed meanwhile must be seen as it is now.
            Self::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")?,
        }
        Ok(())
    }

    /// Begins a transaction that no other writer of the ledger can overlap.
    pub(crate) fn begin_write(&mut self, ledger: Id) -> Result<(), StoreError> {
        // Every statement after the lock must see what the last holder committed: not a snapshot from before it.
        self.begin_work()?;
        // SQLite has one writer per file.
        if let Self::Postgres(c) = self {
            let (high, _) = ledger.0.as_u64_pair();
            lock(c, i64::from_be_bytes(high.to_be_bytes()))?;
        }
        Ok(())
    }

    /// As [`Db::begin_write`], for what concerns the whole database.
    pub(crate) fn begin_migration(&mut self) -> Result<(), StoreError> {
        self.begin_write(Id(uuid::Uuid::from_u128(u128::from_be_bytes(*b"recoup migration"))))
    }

    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        Ok(on!(self, c => AnsiTransactionManager::commit_transaction(c))?)
    }

    /// Rolls back whatever transaction is open; a connection that fails even at that is of no more use, and says so at the next statement.
    pub(crate) fn rollback(&mut self) {
        let rolled_back = on!(self, c => AnsiTransactionManager::rollback_transaction(c));
        if let Err(error) = rolled_back {
            tracing::warn!(%error, "rolling back failed");
        }
    }

    /// Rolls back a transaction that a panic or a lock that was not had left open.
    pub(crate) fn rollback_if_open(&mut self) {
        let depth = on!(self, c => AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth());
        if !matches!(depth, Ok(None)) {
            self.rollback();
        }
    }

    pub(crate) fn load<ST, T>(&mut self, query: Sql<ST>) -> Result<Vec<T>, StoreError>
    where
        Sql<ST>: for<'q> LoadQuery<'q, SqliteConnection, T> + for<'q> LoadQuery<'q, PgConnection, T>,
    {
        Ok(on!(self, c => query.load(c))?)
    }

    pub(crate) fn first<ST, T>(&mut self, query: Sql<ST>) -> Result<Option<T>, StoreError>
    where
        Sql<ST>: for<'q> LoadQuery<'q, SqliteConnection, T> + for<'q> LoadQuery<'q, PgConnection, T>,
    {
        Ok(self.load(query)?.into_iter().next())
    }

    pub(crate) fn execute(&mut self, query: Sql<()>) -> Result<usize, StoreError> {
        Ok(on!(self, c => query.execute(c))?)
    }

    /// Runs statements that answer nothing.
    pub(crate) fn batch(&mut self, statements: &str) -> QueryResult<()> {
        on!(self, c => c.batch_execute(statements))
    }

    /// Fresh statistics after a command of so many leaves, so that joins are planned for the tables' true size.
    pub(crate) fn analyze(&mut self, leaves: u64) {
        let gathered = match self.backend() {
            Backend::Sqlite if leaves >= SQLITE_BULK => self.batch("PRAGMA optimize").map_err(StoreError::from),
            Backend::Postgres if leaves >= POSTGRES_BULK => {
                self.grown().and_then(|tables| if tables.is_empty() { Ok(()) } else { Ok(self.batch(&format!("ANALYZE {}", tables.join(", ")))?) })
            }
            Backend::Sqlite | Backend::Postgres => Ok(()),
        };
        if let Err(error) = gathered {
            tracing::warn!(%error, "gathering statistics failed");
        }
    }

    /// PostgreSQL's tables that are larger by half than when their statistics were gathered: where it knows of no rows, it compares
    /// each with all others.
    fn grown(&mut self) -> Result<Vec<String>, StoreError> {
        const GROWN: &str = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace \
            AND pg_relation_size(oid) / current_setting('block_size')::bigint > relpages * 1.5 + 2";
        self.load(sql::<Text>(GROWN))
    }
}

fn lock(conn: &mut PgConnection, key: i64) -> QueryResult<usize> {
    sql::<()>("SELECT pg_advisory_xact_lock(?)").bind(key).execute(conn)
}

/// Whether a URL has a password in it, which everybody could read who reads where it is written.
#[must_use]
pub fn holds_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let (address, options) = rest.split_once('?').unwrap_or((rest, ""));
    let user = address.split('/').next().unwrap_or_default().rsplit_once('@').map_or("", |(user, _)| user);
    let secret = |option: &str| matches!(option.split_once('='), Some(("password" | "sslpassword", _)));
    user.contains(':') || options.split('&').any(secret)
}

/// The URL as it may be shown: no password, no options.
fn without_password(url: &str) -> String {
    let url = url.split_once('?').map_or(url, |(before, _)| before);
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (user, host))) => format!("{scheme}://{}@{host}", user.split_once(':').map_or(user, |(name, _)| name)),
        None => url.to_owned(),
    }
}
