//! One consistent state of one ledger, and what can be asked of it.
//!
//! Records are never changed, so what was known at a position is the last version recorded up to it. Positions and
//! leaf indexes rise together: a position is looked up once as the number of leaves known at it, and every statement
//! compares leaf indexes, which are the tables' keys.

mod access;
mod approval;
mod balances;
mod due;
mod facts;
mod intake;
mod log;
mod page;
mod page_due;
mod payout;
mod records;
mod rows;
mod settlement;
mod touched;

pub(crate) use access::LEDGERS;
pub use approval::PeriodMove;
pub use balances::{AgingBasis, AgingGroup, AgingRow, ClaimTotals, ReceiptTotals, TrialRow};
pub use due::{LineFilter, PostingFilter, StoredLine, StoredPosting};
pub use facts::{Claim, ClaimMovement, Facts};
pub use intake::Sourced;
pub use log::{CommandFilter, LoggedCommand, LoggedLeaf};
pub use page::{DisclosureFilter, IssueFilter, Listed, MovementFilter, Page, ReceiptFilter, ReceivableFilter, Recorded, Sort};
pub use page_due::{
    AgreementFilter, BatchFilter, CaseFilter, FalseReportFilter, FindingFilter, LetterFilter, MilestoneFilter, PauseFilter, RoleFilter, SanctionFilter,
    WhichLines,
};
pub use payout::StoredPayout;
pub use records::EntryFilter;
pub use settlement::Wage;
pub use touched::Subjects;

use std::collections::BTreeSet;

use diesel::sql_types::BigInt;
use recoup_model::Digest;
use recoup_model::access::Sight;
use recoup_model::id::{LedgerId, UnitId};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Db;
use crate::log::Tip;
use crate::sight::Sighted;
use crate::sql::{Sql, sql};
use crate::types::Id;

/// Where a ledger's log has got to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the last command.
    pub position: i64,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
}

/// Reads of one ledger in one transaction.
pub struct View<'a> {
    db: Sighted<'a>,
    ledger: Id,
    head: Head,
    /// The head's size as databases carry it.
    size: i64,
}

/// Ids that one list of a condition has at a time: so few that PostgreSQL looks each of them up by its key. For many it takes reading
/// the whole table to be less work, which it is not.
pub(crate) const IDS_MAX: usize = 1_000;

/// The condition that a row `t` is the last version known before a leaf (bound: ledger, leaf, leaf), among those that meet a further condition.
macro_rules! last {
    ($table:literal, $($key:literal),+) => {
        $crate::view::last!($table, $($key),+; "")
    };
    ($table:literal, $($key:literal),+; $among:literal) => {
        concat!(
            " WHERE t.ledger = ? AND +t.leaf < ? AND NOT EXISTS (SELECT 1 FROM ", $table, " n WHERE n.ledger = t.ledger",
            $(" AND n.", $key, " = t.", $key,)+ " AND +n.leaf > t.leaf AND +n.leaf < ?", $among, ")"
        )
    };
}
use last;

/// The plain UUIDs of a list of ids.
macro_rules! uuids {
    ($ids:expr) => {
        $ids.map(|ids| ids.iter().map(|id| id.0).collect::<Vec<uuid::Uuid>>())
    };
}
use uuids;

impl<'a> View<'a> {
    pub(crate) fn new(db: &'a mut Db, ledger: Id, tip: &Tip) -> Result<Self, StoreError> {
        let head = Head { position: tip.position, size: tip.tree.size(), root: tip.tree.root() };
        Ok(Self { db: Sighted::everything(db), ledger, head, size: tip.size()? })
    }

    /// The ledger that is read.
    #[must_use]
    pub const fn ledger(&self) -> LedgerId {
        LedgerId(self.ledger.0)
    }

    /// Where its log has got to.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Leaves were appended in the view's own transaction.
    pub(crate) const fn grown(&mut self, size: i64) {
        self.size = size;
    }

    /// The connection itself: what goes through it is not limited to what is in sight.
    pub(crate) const fn db(&mut self) -> &mut Db {
        self.db.whole()
    }

    /// From here on only what is in sight is there, by the letters and units known at a position.
    pub(crate) fn restrict(&mut self, sight: &Sight, known_at: i64) -> Result<(), StoreError> {
        let Sight::Units(units) = sight else { return Ok(()) };
        let known = self.known(known_at)?;
        let all = self.units(known_at)?;
        let mut within: BTreeSet<UnitId> = units.clone();
        // Level by level, until no unit has one of these above it.
        loop {
            let below: Vec<UnitId> = all.iter().filter(|u| !within.contains(&u.id) && u.parent.is_some_and(|p| within.contains(&p))).map(|u| u.id).collect();
            if below.is_empty() {
                break;
            }
            within.extend(below);
        }
        let within: Vec<Uuid> = within.into_iter().map(|u| u.0).collect();
        self.db.restrict(self.ledger, known, &within);
        Ok(())
    }

    /// The number of leaves known at a position.
    fn known(&mut self, known_at: i64) -> Result<i64, StoreError> {
        if known_at >= self.head.position {
            return Ok(self.size);
        }
        let size = "SELECT size FROM tree_head WHERE ledger = ? AND position <= ? ORDER BY position DESC LIMIT 1";
        Ok(self.db.whole().first(sql::<BigInt>(size).bind(self.ledger).bind(known_at))?.unwrap_or(0))
    }

    /// A statement whose first values are the ledger and the number of leaves known.
    fn up_to<ST>(&mut self, statement: &'static str, known_at: i64) -> Result<Sql<ST>, StoreError> {
        let known = self.known(known_at)?;
        Ok(sql(statement).bind(self.ledger).bind(known))
    }
}

/// Asks for a list of ids in parts that a statement can hold, or once without a list.
fn chunked<T>(ids: Option<Vec<Uuid>>, mut ask: impl FnMut(Option<&[Uuid]>) -> Result<Vec<T>, StoreError>) -> Result<Vec<T>, StoreError> {
    let Some(mut ids) = ids else { return ask(None) };
    ids.sort_unstable();
    ids.dedup();
    let mut all = Vec::new();
    for part in ids.chunks(IDS_MAX) {
        all.append(&mut ask(Some(part))?);
    }
    Ok(all)
}
