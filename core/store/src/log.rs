//! The log: commands, their leaves, and the head of the tree they grow.

use std::borrow::Cow;
use std::sync::mpsc::sync_channel;

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::sql_types::{BigInt, Binary};
use recoup_model::Digest;
use recoup_model::log::{Salt, Tree, commitment, leaf_hash};
use recoup_model::record::{Command, Leaf, Record};
use serde::Serialize;
use uuid::Uuid;

use crate::StoreError;
use crate::db::Db;
use crate::project::{At, Rows, kind};
use crate::schema::{CommandRow, LeafRow, PersonalRow, Table as _, TreeHeadRow};
use crate::sql::sql;
use crate::types::{Hash, Id};

/// What a caller says of a command besides what it records.
#[derive(Debug, Clone)]
pub struct CommandMeta {
    /// What kind of command, such as `import`.
    pub kind: String,
    /// Digest of the request.
    pub input: Digest,
    /// Who asked.
    pub actor: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

impl CommandMeta {
    /// The command's own record.
    pub(crate) fn record(&self, idempotency: Option<&str>) -> Command {
        Command {
            kind: self.kind.clone(),
            idempotency: idempotency.map(ToOwned::to_owned),
            input: self.input,
            actor: self.actor.clone(),
            recorded_at: self.recorded_at,
        }
    }
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Its position in the log; the head's, when nothing was written.
    pub position: i64,
    /// Index of its first leaf: that of the command itself.
    pub first_leaf: u64,
    /// How many leaves it has, its own among them; 0 when nothing was written.
    pub leaves: u64,
    /// Root of the tree after it.
    pub root: Digest,
    /// For how long the ledger was locked.
    pub lock_ms: u64,
}

/// Leaves that are encoded, hashed and written at a time.
const CHUNK: usize = 10_000;

/// The digest by which what is stored is compared with what is new.
///
/// # Errors
/// The content has no JSON.
pub fn content_of(content: &impl Serialize) -> Result<Digest, StoreError> {
    Ok(Digest::of(&serde_json::to_vec(content).map_err(StoreError::Encode)?))
}

/// Whether a stored personal part is the one that its leaf is committed to.
pub(crate) fn is_committed(commitment_bytes: Option<&[u8]>, salt: &[u8], body: &[u8]) -> bool {
    match (commitment_bytes, Salt::try_from(salt)) {
        (Some(expected), Ok(salt)) => commitment(&salt, body).0 == *expected,
        _ => false,
    }
}

/// A leaf as it is stored, with its record unless the bytes are damaged.
pub(crate) struct Encoded<'a> {
    pub(crate) record: Option<Cow<'a, Record>>,
    pub(crate) kind: String,
    pub(crate) body: Vec<u8>,
    pub(crate) commitment: Option<Digest>,
    pub(crate) personal: Option<(Salt, Vec<u8>)>,
}

impl<'a> Encoded<'a> {
    pub(crate) fn new(leaf: &'a Leaf) -> Result<Self, StoreError> {
        let sealed = leaf.record.sealed();
        let (public, hidden) = sealed.as_ref().map_or((&leaf.record, None), |(public, hidden)| (public, Some(hidden)));
        let body = serde_json::to_vec(public).map_err(StoreError::Encode)?;
        let personal = match leaf.personal.as_ref().or(hidden).filter(|p| !p.is_empty()) {
            // 122 random bits of the operating system hide a wage or a name well enough from guessing.
            Some(p) => Some((Uuid::new_v4().into_bytes(), serde_json::to_vec(p).map_err(StoreError::Encode)?)),
            None => None,
        };
        let commitment = personal.as_ref().map(|(salt, bytes)| commitment(salt, bytes));
        let kind = kind(&leaf.record).to_owned();
        // Tables hold the figures of the books; of everything else that is sealed, what is public.
        let record = match sealed {
            Some((public, _)) if !leaf.record.is_of_the_books() => Cow::Owned(public),
            _ => Cow::Borrowed(&leaf.record),
        };
        Ok(Self { kind, record: Some(record), body, commitment, personal })
    }
}

/// Leaves and the rows they mean, encoded and hashed before it is known where in the log they will stand: counted from nought.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    log: Vec<LeafRow>,
    personal: Vec<PersonalRow>,
    rows: Rows,
}

impl Chunk {
    /// The next leaves.
    pub(crate) fn of<'a>(ledger: Id, leaves: &mut impl Iterator<Item = Result<Encoded<'a>, StoreError>>) -> Result<Self, StoreError> {
        let (mut chunk, position) = (Self::default(), 0);
        for (leaf, encoded) in (0..).zip(leaves.take(CHUNK)) {
            let Encoded { record, kind, body, commitment, personal } = encoded?;
            let hash = Hash(leaf_hash(&body, commitment.as_ref()));
            if let Some(record) = &record {
                chunk.rows.add(At { ledger, leaf, position }, record)?;
            }
            if let Some((salt, body)) = personal {
                chunk.personal.push(PersonalRow { ledger, leaf, salt: salt.to_vec(), body });
            }
            chunk.log.push(LeafRow { ledger, leaf, position, kind, body, commitment: commitment.map(Hash), hash });
        }
        Ok(chunk)
    }

    fn insert(&self, db: &mut Db) -> Result<(), StoreError> {
        LeafRow::insert(db, &self.log)?;
        PersonalRow::insert(db, &self.personal)?;
        self.rows.insert(db)
    }
}

/// The last command and the tree after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tip {
    pub(crate) position: i64,
    pub(crate) tree: Tree,
}

impl Tip {
    /// The tip of a ledger; position 0 and the empty tree where there is none.
    pub(crate) fn load(db: &mut Db, ledger: Id) -> Result<Self, StoreError> {
        let last = "SELECT position, size, frontier FROM tree_head WHERE ledger = ? ORDER BY position DESC LIMIT 1";
        let Some((position, size, frontier)): Option<(i64, i64, Vec<u8>)> = db.first(sql::<(BigInt, BigInt, Binary)>(last).bind(ledger))? else {
            return Ok(Self::default());
        };
        let size = u64::try_from(size).map_err(|_| StoreError::corrupt("a tree head of negative size"))?;
        let tree = Tree::from_frontier(size, &frontier).map_err(|e| StoreError::corrupt(e.to_string()))?;
        Ok(Self { position, tree })
    }

    /// The outcome of a command that records nothing.
    pub(crate) fn nothing(&self) -> Appended {
        Appended { position: self.position, first_leaf: self.tree.size(), leaves: 0, root: self.tree.root(), lock_ms: 0 }
    }

    pub(crate) fn size(&self) -> Result<i64, StoreError> {
        i64::try_from(self.tree.size()).map_err(|_| StoreError::Overflow)
    }

    /// Appends leaves and the rows they mean.
    pub(crate) fn grow<'a>(
        &mut self,
        db: &mut Db,
        ledger: Id,
        position: i64,
        leaves: impl ExactSizeIterator<Item = Result<Encoded<'a>, StoreError>> + Send,
    ) -> Result<(), StoreError> {
        let mut leaves = leaves.peekable();
        if leaves.len() <= CHUNK {
            return self.append(db, position, Chunk::of(ledger, &mut leaves)?);
        }
        // One thread encodes and hashes the next chunk while this one waits for the database.
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(1);
            scope.spawn(move || {
                while leaves.peek().is_some() {
                    let chunk = Chunk::of(ledger, &mut leaves);
                    let failed = chunk.is_err();
                    if send.send(chunk).is_err() || failed {
                        return;
                    }
                }
            });
            receive.into_iter().try_for_each(|chunk| self.append(db, position, chunk?))
        })
    }

    /// Appends what was encoded: it stands where the log has got to.
    pub(crate) fn append(&mut self, db: &mut Db, position: i64, mut chunk: Chunk) -> Result<(), StoreError> {
        let first = self.size()?;
        for row in &mut chunk.log {
            (row.leaf, row.position) = (first + row.leaf, position);
            self.tree.push(row.hash.0);
        }
        for part in &mut chunk.personal {
            part.leaf += first;
        }
        chunk.rows.place(first, position);
        chunk.insert(db)
    }

    /// Ends a command that began at a leaf.
    pub(crate) fn close(mut self, db: &mut Db, ledger: Id, command: &Command, first_leaf: i64) -> Result<Appended, StoreError> {
        let row = command_row(ledger, self.position + 1, command, first_leaf, self.size()? - first_leaf);
        let (position, leaves) = (row.position, unsigned(row.leaves)?);
        self.seal(db, row)?;
        Ok(Appended { position, first_leaf: unsigned(first_leaf)?, leaves, root: self.tree.root(), lock_ms: 0 })
    }

    /// Writes a command's row, and the tree head after it.
    pub(crate) fn seal(&mut self, db: &mut Db, command: CommandRow) -> Result<(), StoreError> {
        let head = TreeHeadRow {
            ledger: command.ledger,
            position: command.position,
            size: self.size()?,
            root: Hash(self.tree.root()),
            frontier: self.tree.frontier_bytes(),
        };
        self.position = command.position;
        CommandRow::insert(db, &[command])?;
        TreeHeadRow::insert(db, &[head])
    }
}

/// A moment as it is stored: in one form, whose order as text is that of the moments up to the year 9999.
pub(crate) fn moment_text(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// What a command's own record, and the leaves that follow it, mean as a row.
pub(crate) fn command_row(ledger: Id, position: i64, command: &Command, first_leaf: i64, leaves: i64) -> CommandRow {
    CommandRow {
        ledger,
        position,
        kind: command.kind.clone(),
        idempotency: command.idempotency.clone(),
        input: Hash(command.input),
        actor: command.actor.clone(),
        recorded_at: moment_text(command.recorded_at),
        first_leaf,
        leaves,
    }
}

/// The outcome of an earlier request with this key.
pub(crate) fn replay(db: &mut Db, ledger: Id, key: &str, input: Digest) -> Result<Option<Appended>, StoreError> {
    let earlier = "SELECT c.position, c.input, c.first_leaf, c.leaves, h.root FROM command c \
        JOIN tree_head h ON h.ledger = c.ledger AND h.position = c.position WHERE c.ledger = ? AND c.idempotency = ?";
    let found: Option<(i64, Hash, i64, i64, Hash)> = db.first(sql::<(BigInt, Binary, BigInt, BigInt, Binary)>(earlier).bind(ledger).bind(key))?;
    match found {
        None => Ok(None),
        Some((_, first, ..)) if first.0 != input => Err(StoreError::IdempotencyConflict(key.to_owned())),
        Some((position, _, first_leaf, leaves, root)) => {
            Ok(Some(Appended { position, first_leaf: unsigned(first_leaf)?, leaves: unsigned(leaves)?, root: root.0, lock_ms: 0 }))
        }
    }
}

pub(crate) fn unsigned(n: i64) -> Result<u64, StoreError> {
    u64::try_from(n).map_err(|_| StoreError::corrupt(format!("{n} counts nothing")))
}
