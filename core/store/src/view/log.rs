//! The log itself: commands, their leaves, and the proof that a leaf is in the tree.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use recoup_model::Digest;
use recoup_model::log::Inclusion;

use super::View;
use super::page::Recorded;
use crate::StoreError;
use crate::log::{moment_text, unsigned};
use crate::sight::NAMES_NOTHING_ELSE;
use crate::sql::{Sql, sql};
use crate::types::Hash;

/// A command of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedCommand {
    /// Its position.
    pub position: i64,
    /// What kind of command.
    pub kind: String,
    /// Digest of the request.
    pub input: Digest,
    /// Who asked.
    pub actor: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Index of its first leaf.
    pub first_leaf: u64,
    /// How many leaves it has.
    pub leaves: u64,
    /// Leaves of the tree after it.
    pub size: u64,
    /// Root of the tree after it.
    pub root: Digest,
}

/// Which commands.
#[derive(Debug, Clone, Copy, Default)]
pub struct CommandFilter<'a> {
    /// Only those of this kind.
    pub kind: Option<&'a str>,
    /// Only those that somebody asked for.
    pub actor: Option<&'a str>,
    /// Only those that were recorded then.
    pub recorded: Recorded,
}

/// A leaf of the log, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedLeaf {
    /// Its index.
    pub leaf: u64,
    /// The position that recorded it.
    pub position: i64,
    /// What kind of record.
    pub kind: String,
    /// The stored bytes that were hashed: the record's JSON.
    pub body: Vec<u8>,
    /// The commitment to its personal part, if it has one.
    pub commitment: Option<Digest>,
    /// Its hash.
    pub hash: Digest,
}

type CommandTuple = (i64, String, Hash, String, String, i64, i64, i64, Hash);
type LeafTuple = (i64, i64, String, Vec<u8>, Option<Hash>, Hash);

/// Leaf hashes that are fetched at a time.
const HASHES: i64 = 50_000;

impl View<'_> {
    /// Commands after a position, in order.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn commands(&mut self, after: i64, limit: u32, known_at: i64) -> Result<Vec<LoggedCommand>, StoreError> {
        let after = Recorded { after: Some(after), until: None };
        self.commands_page(CommandFilter { recorded: after, ..CommandFilter::default() }, false, limit, known_at)
    }

    /// Commands in order, or the last first.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn commands_page(&mut self, filter: CommandFilter<'_>, last_first: bool, limit: u32, known_at: i64) -> Result<Vec<LoggedCommand>, StoreError> {
        const COMMANDS: &str = "SELECT c.position, c.kind, c.input, c.actor, c.recorded_at, c.first_leaf, c.leaves, h.size, h.root FROM command c \
            JOIN tree_head h ON h.ledger = c.ledger AND h.position = c.position \
            WHERE c.ledger = ? AND c.position <= ?";
        let all = sql::<(BigInt, Text, Binary, Text, Text, BigInt, BigInt, BigInt, Binary)>(COMMANDS).bind(self.ledger).bind(known_at);
        let all = filter.recorded.of(all, " AND c.position > ?", " AND c.position <= ?");
        let all = all.when(" AND c.kind = ?", filter.kind).when(" AND c.actor = ?", filter.actor);
        let all = all.push(if last_first { " ORDER BY c.position DESC LIMIT ?" } else { " ORDER BY c.position LIMIT ?" });
        let rows: Vec<CommandTuple> = self.db.load(all.bind(i64::from(limit)))?;
        rows.into_iter()
            .map(|(position, kind, input, actor, recorded_at, first_leaf, leaves, size, root)| {
                let recorded_at = DateTime::parse_from_rfc3339(&recorded_at).map_err(|_| StoreError::corrupt(format!("`{recorded_at}` is no moment")))?;
                Ok(LoggedCommand {
                    position,
                    kind,
                    input: input.0,
                    actor,
                    recorded_at: recorded_at.to_utc(),
                    first_leaf: unsigned(first_leaf)?,
                    leaves: unsigned(leaves)?,
                    size: unsigned(size)?,
                    root: root.0,
                })
            })
            .collect()
    }

    /// The last position that was recorded before a moment; 0 when there is none.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn position_before(&mut self, moment: DateTime<Utc>) -> Result<i64, StoreError> {
        const LAST: &str = "SELECT c.position FROM command c WHERE c.ledger = ? AND c.recorded_at < ? ORDER BY c.position DESC LIMIT 1";
        let last = sql::<BigInt>(LAST).bind(self.ledger).bind(moment_text(moment).as_str());
        // Positions are no secret of those whom a unit sees nothing of; what they hold is.
        Ok(self.db().first(last)?.unwrap_or(0))
    }

    /// Leaves from an index on, in order.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn leaves(&mut self, from: u64, limit: u32, known_at: i64) -> Result<Vec<LoggedLeaf>, StoreError> {
        self.leaves_of(None, from, limit, known_at)
    }

    /// Leaves of records of one kind or all, likewise.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn leaves_of(&mut self, kind: Option<&str>, from: u64, limit: u32, known_at: i64) -> Result<Vec<LoggedLeaf>, StoreError> {
        const LEAVES: &str = "SELECT t.leaf, t.position, t.kind, t.body, t.commitment, t.hash FROM leaf t \
            WHERE t.ledger = ? AND t.leaf < ? AND t.leaf >= ?";
        // An index beyond what databases can hold is beyond every leaf.
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let all = self.up_to::<(BigInt, BigInt, Text, Binary, Nullable<Binary>, Binary)>(LEAVES, known_at)?;
        let all = self.bytes_in_sight(all.bind(from)).when(" AND t.kind = ?", kind).push(" ORDER BY t.leaf LIMIT ?");
        let rows: Vec<LeafTuple> = self.db.load(all.bind(i64::from(limit)))?;
        rows.into_iter()
            .map(|(leaf, position, kind, body, commitment, hash)| {
                Ok(LoggedLeaf { leaf: unsigned(leaf)?, position, kind, body, commitment: commitment.map(|c| c.0), hash: hash.0 })
            })
            .collect()
    }

    /// Limits leaves `t` to those whose bytes may be seen.
    fn bytes_in_sight<ST>(&self, leaves: Sql<ST>) -> Sql<ST> {
        if self.db.is_restricted() { leaves.push(NAMES_NOTHING_ELSE) } else { leaves }
    }

    /// The proof that a leaf in sight is in the tree as known at a position; none when it is not. Every leaf hash is read.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn inclusion(&mut self, leaf: u64, known_at: i64) -> Result<Option<Inclusion>, StoreError> {
        const CHUNK: &str = "SELECT t.hash FROM leaf t WHERE t.ledger = ? AND t.leaf >= ? AND t.leaf < ? ORDER BY t.leaf";
        let known = self.known(known_at)?;
        // The leaf itself must be in sight; of the others, hashes alone are seen.
        let own = sql::<BigInt>("SELECT t.leaf FROM leaf t WHERE t.ledger = ? AND t.leaf < ? AND t.leaf = ?").bind(self.ledger).bind(known);
        let own = self.bytes_in_sight(own.bind(i64::try_from(leaf).unwrap_or(i64::MAX)));
        let Some(_) = self.db.first::<_, i64>(own)? else { return Ok(None) };
        let mut proof = Inclusion::of(leaf);
        let mut from = 0;
        while from < known {
            let to = known.min(from + HASHES);
            let hashes: Vec<Hash> = self.db.whole().load(sql::<Binary>(CHUNK).bind(self.ledger).bind(from).bind(to))?;
            hashes.iter().for_each(|hash| proof.push(hash.0));
            from = to;
        }
        Ok(Some(proof))
    }
}
