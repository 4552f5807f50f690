//! Intake: the bytes of an export become records of the ledger.
//!
//! One file is one batch, known by its content. Rows are read, validated and staged in
//! memory outside the ledger's lock; the commit compares them with what the ledger
//! knows and writes what differs in one transaction, so that a crash at any moment leaves
//! either the whole batch or nothing.

mod apply;
mod commit;
mod controls;
mod correct;
mod stage;

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use recoup_host::{AdapterPlugin, Input};
use recoup_model::Digest;
use recoup_model::id::BatchId;
use recoup_model::import::{BadRecords, Batch, Coverage, Issue, IssueKind};
use recoup_model::record::Ledger;
use recoup_store::{CommandMeta, Store};
use sha2::{Digest as _, Sha256};

use crate::EngineError;
use stage::Staging;

/// What to import, and how.
pub struct Request<'a> {
    /// The file.
    pub path: &'a Path,
    /// The source system that its keys belong to, such as `u8`.
    pub system: &'a str,
    /// Name of the profile.
    pub profile: &'a str,
    /// The profile as JSON, for the adapter.
    pub profile_json: &'a str,
    /// What to do about bad records.
    pub bad_records: BadRecords,
    /// Whether the file holds everything.
    pub coverage: Coverage,
    /// Let the file say again what later files corrected.
    pub again: bool,
    /// Largest file, in bytes.
    pub file_bytes_max: u64,
    /// Items per call into the sandbox.
    pub batch_items: usize,
    /// Who imports.
    pub actor: &'a str,
    /// Now.
    pub recorded_at: DateTime<Utc>,
}

/// What became of a file.
#[derive(Debug)]
pub struct Imported {
    /// The batch as recorded.
    pub batch: Batch,
    /// Records that did not simply enter: refused, left out, missing, control totals.
    pub issues: Vec<Issue>,
    /// The log position that holds the batch.
    pub position: i64,
    /// The file had been imported before: this is the first result.
    pub replayed: bool,
    /// Time reading, validating and staging took.
    pub staging: Duration,
    /// Time the ledger was locked.
    pub locked: Duration,
    /// Fuel the adapter used.
    pub fuel: u64,
}

/// Progress: bytes the adapter has asked for so far, and items read. A break stops the import, which then changed nothing.
pub type Progress<'a> = dyn FnMut(u64, u64) -> ControlFlow<()> + 'a;

/// Bytes read at once to hash a file.
const HASH_CHUNK: u32 = 1 << 20;
/// Bytes shown to `probe`.
const HEAD: u32 = 64 * 1024;

/// Imports a file.
///
/// # Errors
/// The file cannot be read, is empty or too large; the adapter refuses it; a bad record refuses
/// an all-or-nothing file; the store fails. In each case nothing of it is in the ledger.
pub fn import(
    store: &mut Store,
    adapter: &AdapterPlugin,
    ledger: &Ledger,
    request: &Request<'_>,
    progress: &mut Progress<'_>,
) -> Result<Imported, EngineError> {
    let file = File::open(request.path).map_err(|source| EngineError::File { path: request.path.display().to_string(), source })?;
    import_open(store, adapter, ledger, file, request, progress)
}

/// Imports a file that is open already; its path only names it.
///
/// # Errors
/// As [`import`].
pub fn import_open(
    store: &mut Store,
    adapter: &AdapterPlugin,
    ledger: &Ledger,
    file: File,
    request: &Request<'_>,
    progress: &mut Progress<'_>,
) -> Result<Imported, EngineError> {
    let started = Instant::now();
    let path = request.path.display().to_string();
    let unreadable = |source| EngineError::File { path: path.clone(), source };
    let size = file.metadata().map_err(unreadable)?.len();
    if size == 0 {
        return Err(EngineError::EmptyFile(path));
    }
    if size > request.file_bytes_max {
        return Err(EngineError::FileTooLarge { path, size, limit: request.file_bytes_max });
    }
    let counting = Arc::new(Counting { file, furthest: AtomicU64::new(0) });
    let input: Arc<dyn Input> = counting.clone();
    let digest = hash(&*input, size).map_err(unreadable)?;
    let profile_digest = Digest::of(request.profile_json.as_bytes());
    let id = BatchId::from_parts(&[ledger.id.0.as_bytes(), request.system.as_bytes(), &digest.0, &profile_digest.0, &adapter.digest().0]);

    let name = request.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let head = input.read_at(0, HEAD).map_err(unreadable)?;
    if adapter.probe(&name, &head)? == 0 {
        return Err(EngineError::NotThisFormat { path, adapter: adapter.description().id.clone() });
    }
    let mut staging = Staging::new(ledger, request.system);
    let mut session = adapter.session(input, request.profile_json)?;
    while let Some(items) = session.next(request.batch_items)? {
        for item in items.items() {
            staging.take(&item);
        }
        if progress(counting.furthest.load(Ordering::Relaxed).min(size), staging.read).is_break() {
            return Err(EngineError::Stopped);
        }
    }
    let controls = session.finish()?;
    let fuel = session.fuel_used();
    let staged_in = started.elapsed();

    let batch = Batch {
        id,
        file_name: name,
        file: digest,
        system: request.system.to_owned(),
        adapter: adapter.description().id.clone(),
        adapter_version: adapter.description().version.clone(),
        component: adapter.digest(),
        profile: request.profile.to_owned(),
        profile_digest,
        bad_records: request.bad_records,
        coverage: request.coverage,
        counts: recoup_model::import::Counts::default(),
        controls: Vec::new(),
    };
    let meta = CommandMeta { kind: "import".into(), input: digest, actor: request.actor.to_owned(), recorded_at: request.recorded_at };
    // No idempotency key: the difference to the ledger is what makes a repeated import harmless.
    let (outcome, appended) = store.transact(ledger.id, &meta, |tx| commit::commit(tx, &staging, batch, &controls, request.again))?;
    let (position, batch, issues, replayed) = match outcome {
        commit::Outcome::Recorded(batch, issues) => (appended.position, batch, issues, false),
        commit::Outcome::Known(position, batch, issues) => (position, batch, issues, true),
    };
    Ok(Imported { batch, issues, position, replayed, staging: staged_in, locked: Duration::from_millis(appended.lock_ms), fuel })
}

/// The file, and how far the adapter has read.
struct Counting {
    file: File,
    furthest: AtomicU64,
}

impl Input for Counting {
    fn size(&self) -> u64 {
        Input::size(&self.file)
    }

    fn read_at(&self, offset: u64, length: u32) -> std::io::Result<Vec<u8>> {
        self.furthest.fetch_max(offset.saturating_add(u64::from(length)), Ordering::Relaxed);
        Input::read_at(&self.file, offset, length)
    }
}

fn hash(input: &dyn Input, size: u64) -> std::io::Result<Digest> {
    let mut h = Sha256::new();
    let mut at = 0;
    while at < size {
        let chunk = input.read_at(at, HASH_CHUNK)?;
        if chunk.is_empty() {
            return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the file shrank while it was read"));
        }
        at += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        h.update(&chunk);
    }
    Ok(Digest(h.finalize().into()))
}

/// Issues of one kind.
pub fn of_kind(issues: &[Issue], kind: IssueKind) -> impl Iterator<Item = &Issue> {
    issues.iter().filter(move |i| i.kind == kind)
}
