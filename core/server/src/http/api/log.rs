//! The log: commands, their leaves, and what proves that a leaf is in it.

use chrono::NaiveDate;
use recoup_model::access::Permission;
use recoup_store::{CommandFilter, LoggedCommand, LoggedLeaf, Page, Sort};
use serde::Serialize;
use utoipa::ToSchema;

use super::parties::NO_DAY;
use crate::http::export::cell::{Hash, Moment, row};
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::filter;

/// Leaves that a command's answer shows; the list of leaves has the rest.
const LEAVES_SHOWN: u32 = 100;

row! {
    /// A command of the log.
    CommandRow {
        /// Its position (位置).
        position: i64,
        /// What kind of command.
        kind: String,
        /// Who asked.
        actor: String,
        /// When.
        recorded_at: Moment,
        /// Digest of the request.
        input: Hash,
        /// Index of its first leaf.
        first_leaf: u64,
        /// How many leaves it has.
        leaves: u64,
        /// Leaves of the tree after it.
        size: u64,
        /// Root of the tree after it.
        root: Hash,
    }
}

row! {
    /// A leaf of the log.
    LeafRow {
        /// Its index.
        leaf: u64,
        /// The position that recorded it.
        position: i64,
        /// What kind of record.
        kind: String,
        /// The commitment to its personal part, if it has one.
        commitment: Option<Hash>,
        /// Its hash.
        hash: Hash,
        /// The stored bytes that were hashed, as text.
        body: String,
    }
}

filter! {
    /// Which commands.
    LogFilter {
        /// Only those of this kind.
        kind: String,
        /// Only those that this user or program asked for.
        actor: String,
        /// Only those recorded on this day or later, where the ledger's books are kept.
        from: NaiveDate,
        /// Only those recorded on this day or earlier, likewise.
        to: NaiveDate,
    }
}

filter! {
    /// Which leaves.
    LeafFilter {
        /// Only those from this index on.
        from: i64,
        /// Only those of this kind of record, such as receipt.
        kind: String,
    }
}

fn command_row(c: LoggedCommand) -> CommandRow {
    CommandRow {
        position: c.position,
        kind: c.kind,
        actor: c.actor,
        recorded_at: Moment(c.recorded_at),
        input: Hash(c.input),
        first_leaf: c.first_leaf,
        leaves: c.leaves,
        size: c.size,
        root: Hash(c.root),
    }
}

fn leaf_row(l: LoggedLeaf) -> LeafRow {
    let body = String::from_utf8_lossy(&l.body).into_owned();
    LeafRow { leaf: l.leaf, position: l.position, kind: l.kind, commitment: l.commitment.map(Hash), hash: Hash(l.hash), body }
}

/// Who reads a log: of a ledger, whoever reads the ledger; of the installation, whoever reads who may do what.
const fn reader(installation: bool) -> Permission {
    if installation { Permission::ReadAccessLog } else { Permission::Read }
}

/// The list of commands, of a ledger or of the installation.
pub(crate) struct Log<const INSTALLATION: bool>;

impl<const INSTALLATION: bool> List for Log<INSTALLATION> {
    type Row = CommandRow;
    type Filter = LogFilter;
    const PATH: &'static str = "/log";
    const NEEDS: Permission = reader(INSTALLATION);
    const SUMMARY: &'static str = "The log (日志): every command, in order, with the tree's root after it.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED)];

    fn page(read: &mut Read<'_, '_>, filter: &LogFilter, page: &Page) -> Result<Rows<CommandRow>, Problem> {
        let mut recorded = read.recorded(filter.from, filter.to)?;
        // A command is named by its position.
        if let Some(after) = page.after {
            let after = i64::try_from(after).unwrap_or(i64::MAX);
            if page.descending {
                recorded.until = Some(recorded.until.map_or(after - 1, |until| until.min(after - 1)));
            } else {
                recorded.after = recorded.after.max(Some(after));
            }
        }
        let which = CommandFilter { kind: filter.kind.as_deref(), actor: filter.actor.as_deref(), recorded };
        let found = read.view.commands_page(which, page.descending, and_one(page).limit, read.moment.known_at)?;
        Rows::listed(found, page, |c| u64::try_from(c.position).unwrap_or(0), |c| Ok(command_row(c)))
    }
}

/// A command with its first leaves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommandBody {
    /// The command.
    command: CommandRow,
    /// Its first leaves; the list of leaves has the rest.
    leaves: Vec<LeafRow>,
}

/// One command, likewise.
pub(crate) struct Command<const INSTALLATION: bool>;

impl<const INSTALLATION: bool> One for Command<INSTALLATION> {
    type Key = i64;
    type Body = CommandBody;
    const PATH: &'static str = "/log/{key}";
    const NEEDS: Permission = reader(INSTALLATION);
    const SUMMARY: &'static str = "One command, by its position, with its first hundred leaves.";
    const AS_OF: &'static str = NO_DAY;

    fn find(read: &mut Read<'_, '_>, key: i64) -> Result<Option<CommandBody>, Problem> {
        let known_at = read.moment.known_at;
        let found = read.view.commands(key.saturating_sub(1), 1, known_at)?.into_iter().find(|c| c.position == key);
        let Some(command) = found else { return Ok(None) };
        let shown = u32::try_from(command.leaves).unwrap_or(u32::MAX).min(LEAVES_SHOWN);
        let leaves = read.view.leaves(command.first_leaf, shown, known_at)?.into_iter().map(leaf_row).collect();
        Ok(Some(CommandBody { command: command_row(command), leaves }))
    }
}

/// The list of leaves, likewise.
pub(crate) struct Leaves<const INSTALLATION: bool>;

impl<const INSTALLATION: bool> List for Leaves<INSTALLATION> {
    type Row = LeafRow;
    type Filter = LeafFilter;
    const PATH: &'static str = "/leaves";
    const NEEDS: Permission = reader(INSTALLATION);
    const SUMMARY: &'static str = "Leaves of the log: every record, in order, with its hash.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, filter: &LeafFilter, page: &Page) -> Result<Rows<LeafRow>, Problem> {
        let first = filter.from.and_then(|from| u64::try_from(from).ok()).unwrap_or(0);
        let from = page.after.map_or(first, |after| after + 1);
        let found = read.view.leaves_of(filter.kind.as_deref(), from, and_one(page).limit, read.moment.known_at)?;
        Rows::listed(found, page, |l| l.leaf, |l| Ok(leaf_row(l)))
    }
}

/// A leaf with the proof that it is in the log (包含证明): hash the leaf, then go up the path as RFC 6962 says, and compare with the root.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeafBody {
    /// The leaf. Its hash is SHA-256(00 ‖ length of the body as 8 bytes ‖ body ‖ commitment, if any).
    leaf: LeafRow,
    /// The record itself, as JSON.
    #[schema(value_type = Object)]
    record: serde_json::Value,
    /// Leaves of the tree that the proof is for.
    size: u64,
    /// Hashes beside the way from the leaf up.
    path: Vec<Hash>,
    /// Root of the tree.
    root: Hash,
}

/// One leaf, likewise.
pub(crate) struct Leaf<const INSTALLATION: bool>;

impl<const INSTALLATION: bool> One for Leaf<INSTALLATION> {
    type Key = i64;
    type Body = LeafBody;
    const PATH: &'static str = "/leaves/{key}";
    const NEEDS: Permission = reader(INSTALLATION);
    const SUMMARY: &'static str = "One leaf, by its index, with the proof that it is in the log as known at a position.";
    const AS_OF: &'static str = NO_DAY;

    fn find(read: &mut Read<'_, '_>, key: i64) -> Result<Option<LeafBody>, Problem> {
        let known_at = read.moment.known_at;
        let Ok(index) = u64::try_from(key) else { return Ok(None) };
        let Some(proof) = read.view.inclusion(index, known_at)? else { return Ok(None) };
        let Some(leaf) = read.view.leaves(index, 1, known_at)?.into_iter().next() else { return Ok(None) };
        let record = serde_json::from_slice(&leaf.body).map_err(|e| Problem::internal(&e))?;
        let size = proof.size();
        let (path, root) = proof.finish();
        Ok(Some(LeafBody { leaf: leaf_row(leaf), record, size, path: path.into_iter().map(Hash).collect(), root: Hash(root) }))
    }
}
