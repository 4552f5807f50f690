//! The door to the database: open, migrate, write a command, read a state.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Text};
use recoup_model::Digest;
use recoup_model::access::Sight;
use recoup_model::id::LedgerId;
use recoup_model::record::{Command, Leaf, Ledger, Record};

use crate::db::{Backend, Db};
use crate::log::{Appended, CommandMeta, Tip, replay, unsigned};
use crate::migrations;
use crate::schema::tree_heads;
use crate::sql::sql;
use crate::tx::{Tx, Written};
use crate::types::{Hash, Id};
use crate::view::{Head, IDS_MAX, LEDGERS, View};
use crate::work::{Lease, demand};
use crate::{EVERYTHING, StoreError};

/// One connection to the database. To work in parallel, open another: it is cheap.
pub struct Store {
    pub(crate) db: Db,
    /// What it was opened by.
    url: String,
    /// When the schema was last found to be this release's.
    checked: Option<Instant>,
    /// The job that this connection works for.
    pub(crate) lease: Option<Lease>,
    /// What time it is, where commands are recorded when they are.
    clock: Option<fn() -> DateTime<Utc>>,
}

/// For how long reads trust that the schema is still this release's. Whatever writes looks within its own transaction.
const TRUSTED: Duration = Duration::from_secs(1);

impl Store {
    /// Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Url`], [`StoreError::Unreachable`].
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self { db: Db::open(url)?, url: url.to_owned(), checked: None, lease: None, clock: None })
    }

    /// Another connection to the same database, to read beside this one; none where the database is gone with this connection.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`].
    pub fn another(&self) -> Result<Option<Self>, StoreError> {
        match self.url.strip_prefix("sqlite:") {
            // Neither is anywhere but in the connection that opened it.
            Some("" | ":memory:") => Ok(None),
            _ => {
                let mut another = Self::open(&self.url)?;
                another.db.keep_little()?;
                Ok(Some(another))
            }
        }
    }

    /// Records commands at the moment at which they are recorded, if that is later than the one at which they began: what
    /// took long was not known before it was done.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> DateTime<Utc>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// Brings the schema to this release's; does nothing when it is there.
    ///
    /// # Errors
    /// [`StoreError::SchemaNewer`] where a later release was, [`StoreError::Migration`].
    pub fn migrate(&mut self) -> Result<(), StoreError> {
        self.db.rollback_if_open();
        // Nothing is missing: then it takes no role that may change a schema.
        if migrations::check(&mut self.db).is_err() {
            self.db.begin_migration()?;
            let outcome = migrations::run(&mut self.db);
            self.finish(outcome)?;
        }
        self.checked = Some(Instant::now());
        Ok(())
    }

    /// The database answers, and its schema is this release's.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`], [`StoreError::SchemaOlder`], [`StoreError::SchemaNewer`].
    pub fn check(&mut self) -> Result<(), StoreError> {
        self.db.rollback_if_open();
        self.still_known()
    }

    /// Ends every statement of this connection that takes longer: [`StoreError::TooLong`]. SQLite works in this process,
    /// and ends its statements by itself.
    ///
    /// # Errors
    /// The database fails.
    pub fn limit_statements(&mut self, limit: std::time::Duration) -> Result<(), StoreError> {
        self.db.limit_statements(limit)
    }

    /// Waits for whoever writes no longer than this: [`StoreError::Busy`].
    ///
    /// # Errors
    /// The database fails.
    pub fn limit_waiting(&mut self, limit: std::time::Duration) -> Result<(), StoreError> {
        self.db.limit_waiting(limit)
    }

    /// Which database it is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.db.backend()
    }

    /// Opens a ledger: its first command. Opening an equal one again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::LedgerDiffers`] when the code is taken by other books.
    pub fn open_ledger(&mut self, ledger: &Ledger, meta: &CommandMeta) -> Result<Appended, StoreError> {
        self.open_ledger_once(ledger, None, meta)
    }

    /// As [`Store::open_ledger`], under an idempotency key, where there is one.
    ///
    /// # Errors
    /// Likewise, and [`StoreError::IdempotencyConflict`].
    pub fn open_ledger_once(&mut self, ledger: &Ledger, key: Option<&str>, meta: &CommandMeta) -> Result<Appended, StoreError> {
        let opened = self.locked(Id(ledger.id.0), |db, id| {
            if let Some(outcome) = key.map(|key| replay(db, id, key, meta.input)).transpose()?.flatten() {
                return Ok(((), outcome));
            }
            let tip = Tip::load(db, id)?;
            if tip.position == 0 {
                let mut tx = Tx::new(db, id, tip, meta.record(key))?;
                tx.append(&[Leaf::from(Record::Ledger(ledger.clone()))])?;
                return Ok(((), tx.close()?));
            }
            match find(db, &ledger.code)? {
                Some(known) if known == *ledger => Ok(((), tip.nothing())),
                _ => Err(StoreError::LedgerDiffers(ledger.code.clone())),
            }
        })?;
        Ok(opened.1)
    }

    /// The ledger with a code.
    ///
    /// # Errors
    /// The database fails.
    pub fn ledger(&mut self, code: &str) -> Result<Option<Ledger>, StoreError> {
        self.ready()?;
        find(&mut self.db, code)
    }

    /// Every ledger, by code.
    ///
    /// # Errors
    /// The database fails.
    pub fn ledgers(&mut self) -> Result<Vec<Ledger>, StoreError> {
        self.ready()?;
        let bodies: Vec<Vec<u8>> = self.db.load(sql::<Binary>(LEDGERS))?;
        in_order_of_codes(&bodies)
    }

    /// Where a ledger's log has got to; none when it has no command.
    ///
    /// # Errors
    /// The database fails.
    pub fn head(&mut self, ledger: LedgerId) -> Result<Option<Head>, StoreError> {
        self.ready()?;
        // By diesel's own words, so that the statement stays prepared: this is asked for every request. A limit would be an
        // argument, for which PostgreSQL plans anew each time.
        let heads = diesel::alias!(tree_heads as heads);
        let newest = heads.filter(heads.field(tree_heads::ledger).eq(Id(ledger.0))).select(max(heads.field(tree_heads::position)));
        let last = tree_heads::table.filter(tree_heads::ledger.eq(Id(ledger.0))).filter(tree_heads::position.nullable().eq(newest.single_value())).select((
            tree_heads::position,
            tree_heads::size,
            tree_heads::root,
        ));
        let last: Option<(i64, i64, Hash)> = match &mut self.db {
            Db::Sqlite(c) => last.get_result(c),
            Db::Postgres(c) => last.get_result(c),
        }
        .optional()?;
        last.map(|(position, size, root)| Ok(Head { position, size: unsigned(size)?, root: root.0 })).transpose()
    }

    /// Runs `build` inside a write transaction, under the ledger's lock; what it appends is one command. An error, or
    /// nothing appended, rolls back.
    ///
    /// # Errors
    /// Those of `build`; [`StoreError::UnknownLedger`], [`StoreError::Busy`].
    pub fn transact<T, E: From<StoreError>>(
        &mut self,
        ledger: LedgerId,
        meta: &CommandMeta,
        build: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<(T, Appended), E> {
        let key = self.lease.and_then(|lease| lease.key_of(ledger, &meta.kind));
        let clock = self.clock;
        self.locked(Id(ledger.0), |db, id| run(db, id, meta.record(key.as_deref()), clock, build))
    }

    /// As [`Store::transact`], once for each idempotency key: a request whose key was seen with the same input is answered
    /// with where the first one stands, and `build` does not run.
    ///
    /// # Errors
    /// Likewise, and [`StoreError::IdempotencyConflict`].
    pub fn transact_once<T, E: From<StoreError>>(
        &mut self,
        ledger: LedgerId,
        key: &str,
        meta: &CommandMeta,
        build: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<Written<T>, E> {
        let clock = self.clock;
        let written = self.locked(Id(ledger.0), |db, id| match replay(db, id, key, meta.input)? {
            Some(outcome) => Ok::<_, E>((None, outcome)),
            // Also a request that recorded nothing is remembered: its key stands for it from now on.
            None => run(db, id, meta.record(Some(key)), clock, |tx| build(tx).and_then(|answer| Ok(tx.begin().map(|()| answer)?)))
                .map(|(answer, appended)| (Some(answer), appended)),
        })?;
        Ok(match written {
            (Some(answer), appended) => Written::Done(answer, appended),
            (None, appended) => Written::Replayed(appended),
        })
    }

    /// The position of a request whose key was seen, for what has to be looked at before its command.
    ///
    /// # Errors
    /// The database fails; [`StoreError::IdempotencyConflict`].
    pub fn seen(&mut self, ledger: LedgerId, key: &str, input: Digest) -> Result<Option<i64>, StoreError> {
        self.ready()?;
        Ok(replay(&mut self.db, Id(ledger.0), key, input)?.map(|appended| appended.position))
    }

    /// Reads one consistent state of a ledger, whatever others write meanwhile.
    ///
    /// # Errors
    /// Those of `f`; [`StoreError::UnknownLedger`].
    pub fn read<T, E: From<StoreError>>(&mut self, ledger: LedgerId, f: impl FnOnce(&mut View<'_>) -> Result<T, E>) -> Result<T, E> {
        self.read_in_sight(ledger, &Sight::Everything, EVERYTHING, f)
    }

    /// As [`Store::read`], for somebody who may see only some units: what is in sight by the letters and units known at
    /// a position is all there is.
    ///
    /// # Errors
    /// Likewise.
    pub fn read_in_sight<T, E: From<StoreError>>(
        &mut self,
        ledger: LedgerId,
        sight: &Sight,
        known_at: i64,
        f: impl FnOnce(&mut View<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.ready()?;
        self.db.begin_read()?;
        let id = Id(ledger.0);
        let outcome = in_sight(&mut self.db, id, sight, known_at).map_err(E::from).and_then(|mut view| f(&mut view));
        self.finish(outcome)
    }

    /// Erases the personal parts of leaves, as a command without other records. What was committed to stays provable by
    /// whoever kept it; the log's hashes do not change. Figures of lines, settlements and payout runs stay: what was withheld or fined is an entry of the
    /// books, and balances are sums of them.
    ///
    /// # Errors
    /// As [`Store::transact`]; [`StoreError::PartOfTheBooks`].
    pub fn erase(&mut self, ledger: LedgerId, meta: &CommandMeta, leaves: &[u64]) -> Result<Appended, StoreError> {
        let leaves = leaves.iter().map(|l| i64::try_from(*l)).collect::<Result<Vec<_>, _>>().map_err(|_| StoreError::Overflow)?;
        let erased = self.transact::<_, StoreError>(ledger, meta, |tx| {
            for part in leaves.chunks(IDS_MAX) {
                let lines = sql::<diesel::sql_types::BigInt>(
                    "SELECT leaf FROM leaf WHERE ledger = ? AND leaf IN ? AND kind IN ('line', 'settlement', 'payout') ORDER BY leaf",
                );
                if let Some(line) = tx.db().first::<_, i64>(lines.bind(Id(ledger.0)).bind(part))? {
                    return Err(StoreError::PartOfTheBooks { leaf: line });
                }
                if tx.db().execute(sql("DELETE FROM personal WHERE ledger = ? AND leaf IN ?").bind(Id(ledger.0)).bind(part))? > 0 {
                    tx.begin()?;
                }
            }
            Ok(())
        })?;
        Ok(erased.1)
    }

    /// Waits until whoever writes to a ledger has committed or given up.
    ///
    /// # Errors
    /// The database fails, or they take too long.
    pub fn settle(&mut self, ledger: LedgerId) -> Result<(), StoreError> {
        self.exclusively(Id(ledger.0), |_| Ok(()))
    }

    /// A transaction that folds a log again.
    pub(crate) fn write_raw(&mut self, ledger: Id, f: impl FnOnce(&mut Db) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.exclusively(ledger, f)
    }

    /// Runs a write that is no command, alone under a lock.
    pub(crate) fn exclusively<T>(&mut self, lock: Id, f: impl FnOnce(&mut Db) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.ready()?;
        self.db.begin_write(lock)?;
        let outcome = f(&mut self.db);
        self.finish(outcome)
    }

    /// Runs a write under a ledger's lock and reports for how long it was held.
    fn locked<T, E: From<StoreError>>(&mut self, ledger: Id, f: impl FnOnce(&mut Db, Id) -> Result<(T, Appended), E>) -> Result<(T, Appended), E> {
        self.ready()?;
        self.db.begin_write(ledger)?;
        let held = Instant::now();
        let lease = self.lease;
        let demanded = self.still_known().and_then(|()| lease.map_or(Ok(()), |lease| demand(&mut self.db, &lease)));
        let outcome = demanded.map_err(E::from).and_then(|()| f(&mut self.db, ledger));
        let (answer, mut appended) = self.finish(outcome)?;
        appended.lock_ms = u64::try_from(held.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.db.analyze(appended.leaves);
        Ok((answer, appended))
    }

    /// Commits what went well and rolls back what did not.
    pub(crate) fn finish<T, E: From<StoreError>>(&mut self, outcome: Result<T, E>) -> Result<T, E> {
        match outcome {
            Ok(value) => {
                self.db.commit()?;
                Ok(value)
            }
            Err(error) => {
                self.db.rollback();
                Err(error)
            }
        }
    }

    /// The schema is this release's, and no transaction is open.
    pub(crate) fn ready(&mut self) -> Result<(), StoreError> {
        self.db.rollback_if_open();
        if self.checked.is_some_and(|at| at.elapsed() < TRUSTED) { Ok(()) } else { self.still_known() }
    }

    /// The schema is this release's now: a connection may be older than a release that was started beside it.
    pub(crate) fn still_known(&mut self) -> Result<(), StoreError> {
        self.checked = None;
        migrations::check(&mut self.db)?;
        self.checked = Some(Instant::now());
        Ok(())
    }
}

/// Runs one command.
fn run<T, E: From<StoreError>>(
    db: &mut Db,
    ledger: Id,
    mut command: Command,
    clock: Option<fn() -> DateTime<Utc>>,
    build: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<(T, Appended), E> {
    let tip = known_tip(db, ledger)?;
    if let Some(clock) = clock {
        command.recorded_at = command.recorded_at.max(clock());
    }
    let command = in_order(db, ledger, command)?;
    let mut tx = Tx::new(db, ledger, tip, command)?;
    let answer = build(&mut tx)?;
    Ok((answer, tx.close()?))
}

/// A command is never recorded before the one that it follows, whatever clock it was begun by: so what was known at a moment
/// is a beginning of the log.
fn in_order(db: &mut Db, ledger: Id, command: Command) -> Result<Command, StoreError> {
    let last = sql::<Text>("SELECT recorded_at FROM command WHERE ledger = ? ORDER BY position DESC LIMIT 1").bind(ledger);
    let Some(last) = db.first::<_, String>(last)? else { return Ok(command) };
    let last = DateTime::parse_from_rfc3339(&last).map_err(|_| StoreError::corrupt(format!("`{last}` is no moment")))?.to_utc();
    Ok(Command { recorded_at: command.recorded_at.max(last), ..command })
}

/// The tip of an open ledger. The installation's own log is no set of books: nobody opens it, and it begins empty.
fn known_tip(db: &mut Db, ledger: Id) -> Result<Tip, StoreError> {
    let tip = Tip::load(db, ledger)?;
    if tip.position == 0 && ledger.0 != Ledger::installation().0 { Err(StoreError::UnknownLedger(ledger.0.to_string())) } else { Ok(tip) }
}

fn in_sight<'a>(db: &'a mut Db, ledger: Id, sight: &Sight, known_at: i64) -> Result<View<'a>, StoreError> {
    let tip = known_tip(db, ledger)?;
    let mut view = View::new(db, ledger, &tip)?;
    view.restrict(sight, known_at)?;
    Ok(view)
}

fn find(db: &mut Db, code: &str) -> Result<Option<Ledger>, StoreError> {
    let body = "SELECT l.body FROM ledger t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf WHERE t.code = ?";
    let body: Option<Vec<u8>> = db.first(sql::<Binary>(body).bind(code))?;
    body.map(|body| decode(&body)).transpose()
}

/// Ledgers by the bytes of their codes, whatever order the database has for texts.
pub(crate) fn in_order_of_codes(bodies: &[Vec<u8>]) -> Result<Vec<Ledger>, StoreError> {
    let mut ledgers = bodies.iter().map(|body| decode(body)).collect::<Result<Vec<Ledger>, _>>()?;
    ledgers.sort_unstable_by(|a, b| a.code.cmp(&b.code));
    Ok(ledgers)
}

/// A record of a known kind from its stored bytes.
pub(crate) fn decode<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(body).map_err(|e| StoreError::corrupt(format!("a leaf that is not what its table says: {e}")))
}
