//! Work that takes long: jobs that any process may take, each held for a time that its holder must renew, and the original
//! files that they read. This is the state of operations: rows change, and the log says what came of them.
//!
//! What a job does to a ledger happens once. The command that is its effect carries the job's key, so that whoever takes the
//! job up after a crash finds it done; and every write of its holder first demands that the job still is theirs and is not
//! called off, in the same transaction ([`Store::hold`]).

use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use recoup_model::Digest;
use recoup_model::id::LedgerId;
use recoup_model::job::{JobKind, JobState};
use uuid::Uuid;

use crate::db::{Backend, Db};
use crate::log::unsigned;
use crate::sql::sql;
use crate::types::{Hash, Id};
use crate::{Store, StoreError};

/// A job as it is asked for.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// The ledger that it concerns.
    pub ledger: LedgerId,
    /// What it does.
    pub kind: JobKind,
    /// How, as JSON.
    pub request: &'a str,
    /// Which upload it reads, with the digest of its bytes.
    pub upload: Option<(Uuid, Digest)>,
    /// The key of the request that asks for it, and the digest of that request.
    pub once: (&'a str, Digest),
    /// Who asks.
    pub actor: &'a str,
    /// The W3C trace context (`traceparent`) of the request, where requests are traced.
    pub trace_context: Option<&'a str>,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The ledger that it concerns.
    pub ledger: LedgerId,
    /// Its id.
    pub id: Uuid,
    /// What it does.
    pub kind: JobKind,
    /// How, as JSON.
    pub request: String,
    /// Which original it reads.
    pub original: Option<Uuid>,
    /// Who asked for it.
    pub actor: String,
    /// When, in milliseconds since 1970.
    pub submitted: i64,
    /// Where it has got to.
    pub state: JobState,
    /// How often a process took it.
    pub attempts: i64,
    /// Whether somebody called it off.
    pub cancel: bool,
    /// How far it has read.
    pub progress: Progress,
    /// The position that holds its effect.
    pub position: Option<i64>,
    /// What came of it, as JSON; of a simulation that is done it may be long, and is read by itself ([`Store::job_result`]).
    pub result: Option<String>,
    /// When it ended, in milliseconds since 1970.
    pub ended: Option<i64>,
    /// The W3C trace context of the request that asked for it.
    pub trace_context: Option<String>,
}

/// Which jobs.
#[derive(Debug, Clone, Copy, Default)]
pub struct JobFilter<'a> {
    /// Only those that do this.
    pub kind: Option<JobKind>,
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only those that somebody asked for.
    pub actor: Option<&'a str>,
    /// Only those asked for at this time or later, in milliseconds since 1970.
    pub from: Option<i64>,
    /// Only those asked for before this time, likewise.
    pub until: Option<i64>,
}

/// When a job was asked for, and its id: where it stands among a ledger's jobs.
pub type JobPlace = (i64, Uuid);

/// How far a job has read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes.
    pub bytes: i64,
    /// Records.
    pub records: i64,
}

/// A job that a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    ledger: LedgerId,
    job: Uuid,
    holder: Uuid,
    kind: JobKind,
}

impl Lease {
    /// The key of the command that is the job's effect.
    fn key(&self) -> String {
        // No login begins so, and the keys of requests begin with a login: nobody can ask in a job's name.
        format!("/job {}", self.job)
    }

    /// The key, for a command of the kind that is the job's effect.
    pub(crate) fn key_of(&self, ledger: LedgerId, kind: &str) -> Option<String> {
        (self.ledger == ledger && self.kind.command() == Some(kind)).then(|| self.key())
    }
}

/// What became of a lease that was to be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// The job is held on.
    Held,
    /// Somebody called it off.
    Cancelled,
    /// Another process has it.
    Lost,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Done, failed or cancelled.
    pub state: JobState,
    /// The position that holds its effect.
    pub position: Option<i64>,
    /// What came of it, as JSON.
    pub result: String,
    /// How far it read.
    pub progress: Progress,
}

/// An upload that nobody finished within this time is given up.
const UPLOAD_MS: i64 = 24 * 60 * 60 * 1000;

type Columns = (
    (Binary, Binary, Text, Text, Nullable<Binary>, Text, BigInt, Nullable<Text>),
    (Text, BigInt, Bool, BigInt, BigInt, Nullable<BigInt>, Nullable<Text>, Nullable<BigInt>),
);
type Row = ((Id, Id, String, String, Option<Id>, String, i64, Option<String>), (String, i64, bool, i64, i64, Option<i64>, Option<String>, Option<i64>));

macro_rules! jobs {
    ($rest:literal) => {
        concat!(
            "SELECT j.ledger, j.id, j.kind, j.request, j.original, j.actor, j.submitted, j.trace_context, j.state, j.attempts, j.cancel, j.bytes_read, \
             j.records_read, j.position, CASE WHEN j.kind = 'simulation' AND j.state = 'done' THEN NULL ELSE j.result END, j.ended FROM job j ",
            $rest
        )
    };
}

fn job(
    ((ledger, id, kind, request, original, actor, submitted, trace_context), (state, attempts, cancel, bytes, records, position, result, ended)): Row,
) -> Result<Job, StoreError> {
    Ok(Job {
        ledger: LedgerId(ledger.0),
        id: id.0,
        kind: JobKind::from_word(&kind).ok_or_else(|| StoreError::corrupt(format!("a job of kind `{kind}`")))?,
        request,
        original: original.map(|o| o.0),
        actor,
        submitted,
        state: JobState::from_word(&state).ok_or_else(|| StoreError::corrupt(format!("a job in state `{state}`")))?,
        attempts,
        cancel,
        progress: Progress { bytes, records },
        position,
        result,
        ended,
        trace_context,
    })
}

impl Store {
    /// Begins an upload.
    ///
    /// # Errors
    /// The database fails; so for all that follows.
    pub fn begin_upload(&mut self, ledger: LedgerId) -> Result<Uuid, StoreError> {
        let id = Uuid::new_v4();
        self.work(|db| {
            let begun = now(db)?;
            db.execute(sql("INSERT INTO original (ledger, id, begun) VALUES (?, ?, ?)").bind(Id(ledger.0)).bind(Id(id)).bind(begun))?;
            Ok(id)
        })
    }

    /// Stores the next part of an upload.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn upload(&mut self, ledger: LedgerId, upload: Uuid, number: i64, body: Vec<u8>) -> Result<(), StoreError> {
        self.work(|db| {
            // One that was given up gets no more parts: nobody would take them away again.
            let part = sql("INSERT INTO original_part (ledger, original, number, body) SELECT o.ledger, o.id, ?, ? FROM original o \
                WHERE o.ledger = ? AND o.id = ? AND o.digest IS NULL");
            let part = part.bind(number).bind(body).bind(Id(ledger.0)).bind(Id(upload));
            // SQLite has one writer at a time.
            let part = if db.backend() == Backend::Postgres { part.push(" FOR KEY SHARE") } else { part };
            match db.execute(part)? {
                0 => Err(StoreError::UploadGone(upload)),
                _ => Ok(()),
            }
        })
    }

    /// Gives an upload up.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn discard_upload(&mut self, ledger: LedgerId, upload: Uuid) -> Result<(), StoreError> {
        self.work(|db| discard(db, Id(ledger.0), Id(upload)))
    }

    /// Gives up the uploads that nobody finished.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn sweep_uploads(&mut self) -> Result<(), StoreError> {
        self.work(|db| {
            let before = now(db)? - UPLOAD_MS;
            let stale: Vec<(Id, Id)> = db.load(sql::<(Binary, Binary)>("SELECT ledger, id FROM original WHERE digest IS NULL AND begun < ?").bind(before))?;
            stale.into_iter().try_for_each(|(ledger, id)| discard(db, ledger, id))
        })
    }

    /// A part of an original; none after the last.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn original_part(&mut self, ledger: LedgerId, original: Uuid, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
        self.ready()?;
        let part = "SELECT body FROM original_part WHERE ledger = ? AND original = ? AND number = ?";
        self.db.first(sql::<Binary>(part).bind(Id(ledger.0)).bind(Id(original)).bind(number))
    }

    /// Asks for a job, once for each key: the same request again is answered with the job that it asked for first.
    ///
    /// # Errors
    /// Likewise; [`StoreError::IdempotencyConflict`].
    pub fn submit(&mut self, new: &NewJob<'_>) -> Result<Job, StoreError> {
        match self.work(|db| submit(db, new)) {
            // The same bytes were finished by another at the same moment: now they are there.
            Err(StoreError::Duplicate(_)) => self.work(|db| submit(db, new)),
            other => other,
        }
    }

    /// A job.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn job(&mut self, ledger: LedgerId, id: Uuid) -> Result<Option<Job>, StoreError> {
        self.ready()?;
        find(&mut self.db, ledger, id)
    }

    /// What came of a job that is done, as JSON.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn job_result(&mut self, ledger: LedgerId, id: Uuid) -> Result<Option<String>, StoreError> {
        self.ready()?;
        let result = "SELECT j.result FROM job j WHERE j.ledger = ? AND j.id = ? AND j.state = 'done'";
        let found: Option<Option<String>> = self.db.first(sql::<Nullable<Text>>(result).bind(Id(ledger.0)).bind(Id(id)))?;
        Ok(found.flatten())
    }

    /// Whether a job was asked for under an idempotency key.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn is_asked_for(&mut self, ledger: LedgerId, key: &str) -> Result<bool, StoreError> {
        self.ready()?;
        let found: Option<Id> = self.db.first(sql::<Binary>("SELECT id FROM job WHERE ledger = ? AND idempotency = ?").bind(Id(ledger.0)).bind(key))?;
        Ok(found.is_some())
    }

    /// How many jobs are in which state, of all ledgers.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn jobs_by_state(&mut self) -> Result<Vec<(JobState, u64)>, StoreError> {
        self.ready()?;
        let rows: Vec<(String, i64)> = self.db.load(sql::<(Text, BigInt)>("SELECT j.state, COUNT(*) FROM job j GROUP BY j.state"))?;
        let count = |state: JobState| rows.iter().find(|(word, _)| word == state.word()).map_or(Ok(0), |(_, n)| unsigned(*n));
        JobState::ALL.into_iter().map(|state| Ok((state, count(state)?))).collect()
    }

    /// A ledger's jobs in the order in which they were asked for, or the latest first; from the beginning, or after one of them.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn jobs(&mut self, ledger: LedgerId, filter: JobFilter<'_>, latest_first: bool, after: Option<JobPlace>, limit: u32) -> Result<Vec<Job>, StoreError> {
        self.ready()?;
        let (beyond, order) = if latest_first {
            (" AND (j.submitted, j.id) < (?, ?)", " ORDER BY j.submitted DESC, j.id DESC LIMIT ?")
        } else {
            (" AND (j.submitted, j.id) > (?, ?)", " ORDER BY j.submitted, j.id LIMIT ?")
        };
        let all = sql::<Columns>(jobs!("WHERE j.ledger = ?")).bind(Id(ledger.0)).when(" AND j.kind = ?", filter.kind.map(JobKind::word));
        let all = all.when(" AND j.state = ?", filter.state.map(JobState::word)).when(" AND j.actor = ?", filter.actor);
        let all = all.when(" AND j.submitted >= ?", filter.from).when(" AND j.submitted < ?", filter.until);
        let all = match after {
            Some((submitted, id)) => all.push(beyond).bind(submitted).bind(Id(id)),
            None => all,
        };
        self.db.load(all.push(order).bind(i64::from(limit)))?.into_iter().map(job).collect()
    }

    /// Takes the next job that nobody holds, for a time. Jobs of one ledger run one after the other, in the order in which
    /// they were asked for.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn take_job(&mut self, lease_ms: i64) -> Result<Option<(Job, Lease)>, StoreError> {
        self.ready()?;
        // Looking costs no lock.
        let at = now(&mut self.db)?;
        if self.db.first::<_, Row>(next(at))?.is_none() {
            return Ok(None);
        }
        self.work(|db| {
            let now = now(db)?;
            let next = match db.backend() {
                // Who writes has SQLite's file alone.
                Backend::Sqlite => next(now),
                Backend::Postgres => next(now).push(" FOR UPDATE OF j SKIP LOCKED"),
            };
            let Some(found) = db.first(next)? else { return Ok(None) };
            let found = job(found)?;
            let holder = Uuid::new_v4();
            let take = sql("UPDATE job SET state = 'running', attempts = attempts + 1, holder = ?, held_until = ? WHERE ledger = ? AND id = ?");
            db.execute(take.bind(Id(holder)).bind(now + lease_ms).bind(Id(found.ledger.0)).bind(Id(found.id)))?;
            let lease = Lease { ledger: found.ledger, job: found.id, holder, kind: found.kind };
            Ok(Some((Job { state: JobState::Running, attempts: found.attempts + 1, ..found }, lease)))
        })
    }

    /// Holds a job on, and says how far it has read.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn renew(&mut self, lease: &Lease, progress: Progress, lease_ms: i64) -> Result<Renewed, StoreError> {
        self.work(|db| {
            let until = now(db)? + lease_ms;
            let renew = sql("UPDATE job SET held_until = ?, bytes_read = ?, records_read = ?").bind(until).bind(progress.bytes).bind(progress.records);
            if db.execute(theirs(renew, lease))? == 0 {
                return Ok(Renewed::Lost);
            }
            let cancel = sql::<Bool>("SELECT cancel FROM job WHERE ledger = ? AND id = ?").bind(Id(lease.ledger.0)).bind(Id(lease.job));
            Ok(if db.first(cancel)? == Some(true) { Renewed::Cancelled } else { Renewed::Held })
        })
    }

    /// Hands a job back: it waits again. The attempt counts if it failed.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn release(&mut self, lease: &Lease, failed: bool) -> Result<(), StoreError> {
        self.work(|db| {
            let back = i64::from(!failed);
            let release = sql("UPDATE job SET state = 'queued', holder = NULL, held_until = NULL, attempts = attempts - ?").bind(back);
            db.execute(theirs(release, lease)).map(drop)
        })
    }

    /// Ends a job, unless another process has it by now.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn finish_job(&mut self, lease: &Lease, ended: &Ended) -> Result<(), StoreError> {
        self.work(|db| {
            let now = now(db)?;
            let end = sql("UPDATE job SET holder = NULL, held_until = NULL, state = ?, result = ?, bytes_read = ?, records_read = ?, ended = ?");
            let end = end.bind(ended.state.word()).bind(ended.result.as_str()).bind(ended.progress.bytes).bind(ended.progress.records);
            let end = end.bind(now).when(", position = ?", ended.position);
            db.execute(theirs(end, lease)).map(drop)
        })
    }

    /// Calls a job off, once for each key: one that waits never begins, one that runs is told, and one that ended stays as it is.
    ///
    /// # Errors
    /// As above; [`StoreError::IdempotencyConflict`].
    pub fn cancel_job(&mut self, ledger: LedgerId, id: Uuid, once: (&str, Digest)) -> Result<Option<Job>, StoreError> {
        self.work(|db| {
            let now = now(db)?;
            let (key, input) = once;
            let asked = sql("INSERT INTO job_cancel (ledger, idempotency, input) VALUES (?, ?, ?) ON CONFLICT (ledger, idempotency) DO NOTHING");
            if db.execute(asked.bind(Id(ledger.0)).bind(key).bind(Hash(input)))? == 0 {
                let first = sql::<Binary>("SELECT input FROM job_cancel WHERE ledger = ? AND idempotency = ?").bind(Id(ledger.0)).bind(key);
                return match db.first::<_, Hash>(first)? {
                    Some(first) if first.0 == input => find(db, ledger, id),
                    _ => Err(StoreError::IdempotencyConflict(key.to_owned())),
                };
            }
            let waiting = sql("UPDATE job SET state = 'cancelled', cancel = TRUE, ended = ? WHERE state = 'queued' AND ledger = ? AND id = ?");
            if db.execute(waiting.bind(now).bind(Id(ledger.0)).bind(Id(id)))? == 0 {
                let running = sql("UPDATE job SET cancel = TRUE WHERE state = 'running' AND ledger = ? AND id = ?");
                db.execute(running.bind(Id(ledger.0)).bind(Id(id)))?;
            }
            find(db, ledger, id)
        })
    }

    /// The position of a job's effect, if it has had it.
    #[expect(clippy::missing_errors_doc, reason = "as above")]
    pub fn effect_of(&mut self, lease: &Lease) -> Result<Option<i64>, StoreError> {
        let Some(command) = lease.kind.command() else { return Ok(None) };
        self.ready()?;
        let effect = sql::<BigInt>("SELECT position FROM command WHERE ledger = ? AND idempotency = ? AND kind = ?");
        self.db.first(effect.bind(Id(lease.ledger.0)).bind(lease.key().as_str()).bind(command))
    }

    /// From here on every write of this connection demands that the job is held and not called off, and the command that is
    /// the job's effect carries its key.
    pub const fn hold(&mut self, lease: Option<Lease>) {
        self.lease = lease;
    }

    /// A transaction of the state of operations: it holds no ledger.
    fn work<T>(&mut self, f: impl FnOnce(&mut Db) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.ready()?;
        self.db.begin_work()?;
        let outcome = self.still_known().and_then(|()| f(&mut self.db));
        self.finish(outcome)
    }
}

/// Demands that a job is held and not called off; nobody else can take it or call it off before the transaction ends.
pub(crate) fn demand(db: &mut Db, lease: &Lease) -> Result<(), StoreError> {
    let held = theirs(sql::<Bool>("SELECT cancel FROM job"), lease);
    let held = match db.backend() {
        Backend::Sqlite => held,
        Backend::Postgres => held.push(" FOR UPDATE"),
    };
    match db.first(held)? {
        Some(false) => Ok(()),
        _ => Err(StoreError::NotHeld(lease.job.to_string())),
    }
}

/// Limits a statement to a job while its holder has it.
fn theirs<ST>(statement: crate::sql::Sql<ST>, lease: &Lease) -> crate::sql::Sql<ST> {
    let statement = statement.push(" WHERE state = 'running' AND ledger = ? AND id = ? AND holder = ?");
    statement.bind(Id(lease.ledger.0)).bind(Id(lease.job)).bind(Id(lease.holder))
}

/// The first job that can be taken at a moment: it waits, or nobody renewed it, and no earlier one of its ledger is left.
fn next(now: i64) -> crate::sql::Sql<Columns> {
    sql::<Columns>(jobs!(
        "WHERE (j.state = 'queued' OR (j.state = 'running' AND j.held_until < ?)) AND NOT EXISTS (SELECT 1 FROM job e \
         WHERE e.ledger = j.ledger AND e.state IN ('queued', 'running') AND (e.submitted < j.submitted \
         OR (e.submitted = j.submitted AND e.id < j.id))) ORDER BY j.submitted, j.id LIMIT 1"
    ))
    .bind(now)
}

fn find(db: &mut Db, ledger: LedgerId, id: Uuid) -> Result<Option<Job>, StoreError> {
    db.first(sql::<Columns>(jobs!("WHERE j.ledger = ? AND j.id = ?")).bind(Id(ledger.0)).bind(Id(id)))?.map(job).transpose()
}

fn discard(db: &mut Db, ledger: Id, upload: Id) -> Result<(), StoreError> {
    // What is whole is read by jobs.
    let parts = "DELETE FROM original_part WHERE original IN (SELECT id FROM original WHERE digest IS NULL AND ledger = ? AND id = ?) AND ledger = ?";
    db.execute(sql(parts).bind(ledger).bind(upload).bind(ledger))?;
    db.execute(sql("DELETE FROM original WHERE digest IS NULL AND ledger = ? AND id = ?").bind(ledger).bind(upload)).map(drop)
}

fn submit(db: &mut Db, new: &NewJob<'_>) -> Result<Job, StoreError> {
    let (ledger, (key, input)) = (Id(new.ledger.0), new.once);
    let original = new.upload.map(|(upload, digest)| whole(db, ledger, Id(upload), digest)).transpose()?;
    let (id, now) = (Uuid::now_v7(), now(db)?);
    let insert = match original {
        Some(original) => sql("INSERT INTO job (original, ledger, id, kind, request, idempotency, input, actor, submitted, trace_context, state, attempts, \
            cancel, bytes_read, records_read) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, ''), 'queued', 0, FALSE, 0, 0) ON CONFLICT (ledger, idempotency) DO NOTHING")
        .bind(original),
        None => sql("INSERT INTO job (ledger, id, kind, request, idempotency, input, actor, submitted, trace_context, state, attempts, cancel, \
            bytes_read, records_read) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, ''), 'queued', 0, FALSE, 0, 0) ON CONFLICT (ledger, idempotency) DO NOTHING"),
    };
    let insert = insert.bind(ledger).bind(Id(id)).bind(new.kind.word()).bind(new.request).bind(key).bind(Hash(input)).bind(new.actor).bind(now);
    let insert = insert.bind(new.trace_context.unwrap_or_default());
    db.execute(insert)?;
    let asked = sql::<(Binary, Binary)>("SELECT id, input FROM job WHERE ledger = ? AND idempotency = ?").bind(ledger).bind(key);
    let found: Option<(Id, Hash)> = db.first(asked)?;
    match found {
        Some((id, first)) if first.0 == input => find(db, new.ledger, id.0)?.ok_or_else(|| StoreError::corrupt("a job that is gone")),
        _ => Err(StoreError::IdempotencyConflict(key.to_owned())),
    }
}

/// The original with these bytes: the upload itself, or the one that had them first.
fn whole(db: &mut Db, ledger: Id, upload: Id, digest: Digest) -> Result<Id, StoreError> {
    let known = sql::<Binary>("SELECT id FROM original WHERE ledger = ? AND digest = ?").bind(ledger).bind(Hash(digest));
    if let Some(first) = db.first::<_, Id>(known)? {
        if first != upload {
            discard(db, ledger, upload)?;
        }
        return Ok(first);
    }
    match db.execute(sql("UPDATE original SET digest = ? WHERE ledger = ? AND id = ?").bind(Hash(digest)).bind(ledger).bind(upload))? {
        0 => Err(StoreError::UploadGone(upload.0)),
        _ => Ok(upload),
    }
}

/// The database's clock: processes on several machines hold jobs by one.
pub(crate) fn now(db: &mut Db) -> Result<i64, StoreError> {
    let now = sql::<BigInt>(match db.backend() {
        Backend::Sqlite => "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
        Backend::Postgres => "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    });
    db.first(now)?.ok_or_else(|| StoreError::corrupt("a database without a clock"))
}
