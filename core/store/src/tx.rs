//! A command being written: what it appends is read back by its own reads at once.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use diesel::sql_types::{BigInt, Text};
use recoup_model::Month;
use recoup_model::period::{Late, PeriodState, Periods};
use recoup_model::receivable::{Entry, EntryKind};
use recoup_model::record::{Command, Leaf, Record};

use crate::db::Db;
use crate::log::{Appended, Encoded, Tip};
use crate::prepared::Prepared;
use crate::sql::sql;
use crate::types::Id;
use crate::view::View;
use crate::{EVERYTHING, StoreError};

/// A write transaction under a ledger's lock. It reads like a [`View`], and sees what it has appended.
pub struct Tx<'a> {
    view: View<'a>,
    tip: Tip,
    first_leaf: i64,
    command: Command,
    /// What becomes of facts of a soft-closed period.
    late: Late,
    /// The periods as they were before the command.
    periods: Option<Periods>,
}

/// How a command with an idempotency key ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written<T> {
    /// It ran: what it answered, and where it stands in the log.
    Done(T, Appended),
    /// The same request had run before: where that stands.
    Replayed(Appended),
}

impl<'a> Deref for Tx<'a> {
    type Target = View<'a>;
    fn deref(&self) -> &View<'a> {
        &self.view
    }
}

impl<'a> DerefMut for Tx<'a> {
    fn deref_mut(&mut self) -> &mut View<'a> {
        &mut self.view
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(db: &'a mut Db, ledger: Id, tip: Tip, command: Command) -> Result<Self, StoreError> {
        Ok(Self { first_leaf: tip.size()?, view: View::new(db, ledger, &tip)?, tip, command, late: Late::default(), periods: None })
    }

    /// The position that this command takes.
    #[must_use]
    pub const fn position(&self) -> i64 {
        self.tip.position + 1
    }

    /// From here on, this becomes of facts of a soft-closed period.
    pub const fn set_late(&mut self, late: Late) {
        self.late = late;
    }

    /// Appends leaves to the command. Its own record goes before the first of them. What is dated in a closed period is booked
    /// in the open one, whatever appends it: the lock is here, where everything passes.
    ///
    /// # Errors
    /// The database refuses a row; a fact of a soft-closed period that needs approval; a posting into a closed period.
    pub fn append(&mut self, leaves: &[Leaf]) -> Result<(), StoreError> {
        if leaves.is_empty() {
            return Ok(());
        }
        self.begin()?;
        let booked = self.booked(leaves)?;
        self.grow(&booked)
    }

    /// Appends what verdicts say to the command, under the same lock.
    ///
    /// # Errors
    /// As [`Tx::append`].
    pub fn append_prepared(&mut self, prepared: Prepared) -> Result<(), StoreError> {
        if prepared.is_empty() {
            return Ok(());
        }
        self.begin()?;
        let periods = self.periods_before()?;
        if let Some(locked) = prepared.periods.iter().find(|period| periods.state(**period) != PeriodState::Open) {
            return Err(StoreError::PeriodClosed(*locked));
        }
        let position = self.position();
        for chunk in prepared.chunks {
            self.tip.append(self.view.db(), position, chunk)?;
        }
        self.view.grown(self.tip.size()?);
        Ok(())
    }

    fn periods_before(&mut self) -> Result<Periods, StoreError> {
        match self.periods {
            Some(periods) => Ok(periods),
            None => Ok(*self.periods.insert(self.view.periods(EVERYTHING)?)),
        }
    }

    /// The leaves with the periods that they are booked in.
    fn booked<'l>(&mut self, leaves: &'l [Leaf]) -> Result<Cow<'l, [Leaf]>, StoreError> {
        let is_dated = |leaf: &Leaf| {
            matches!(
                leaf.record,
                Record::Entry(_)
                    | Record::StageChange(_)
                    | Record::ExpectedRecovery(_)
                    | Record::Pause(_)
                    | Record::ContractClosed(_)
                    | Record::Milestone(_)
                    | Record::FalseReport(_)
                    | Record::Sanction(_)
                    | Record::Line(_)
            )
        };
        if !leaves.iter().any(is_dated) {
            return Ok(Cow::Borrowed(leaves));
        }
        let periods = self.periods_before()?;
        let mut leaves = Cow::Borrowed(leaves);
        for at in 0..leaves.len() {
            let Some(leaf) = leaves.get(at) else { break };
            match &leaf.record {
                Record::Entry(entry) => {
                    let period = Some(periods.booking(entry.on, self.late)?).filter(|period| *period != Month::of(entry.on));
                    if entry.period != period {
                        let booked = Record::Entry(Entry { period, ..entry.clone() });
                        leaves.to_mut().iter_mut().skip(at).take(1).for_each(|leaf| leaf.record = booked.clone());
                    }
                }
                Record::StageChange(change) => drop(periods.booking(change.on, self.late)?),
                Record::ExpectedRecovery(expected) => drop(periods.booking(expected.on, self.late)?),
                Record::Pause(pause) => drop(periods.booking(pause.from, self.late)?),
                Record::ContractClosed(closed) => drop(periods.booking(closed.on, self.late)?),
                Record::Milestone(milestone) => drop(periods.booking(milestone.on, self.late)?),
                Record::FalseReport(report) => drop(periods.booking(report.on, self.late)?),
                Record::Sanction(sanction) => drop(periods.booking(sanction.from, self.late)?),
                Record::Line(change) => {
                    if let Some(locked) = change.postings.iter().find(|p| periods.state(p.period) != PeriodState::Open) {
                        return Err(StoreError::PeriodClosed(locked.period));
                    }
                }
                _ => {}
            }
        }
        Ok(leaves)
    }

    /// Records the command itself, unless that is done.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        if self.tip.size()? > self.first_leaf {
            return Ok(());
        }
        let command = Leaf::from(Record::Command(self.command.clone()));
        self.grow(&[command])
    }

    fn grow(&mut self, leaves: &[Leaf]) -> Result<(), StoreError> {
        let (ledger, position) = (Id(self.view.ledger().0), self.position());
        self.tip.grow(self.view.db(), ledger, position, leaves.iter().map(Encoded::new))?;
        self.view.grown(self.tip.size()?);
        Ok(())
    }

    /// Sums of the entries that a command recorded, in minor units of the ledger's currency, and their number, by kind.
    ///
    /// # Errors
    /// The database fails.
    pub fn position_sums(&mut self, position: i64) -> Result<Vec<(EntryKind, i64, i64)>, StoreError> {
        let sums = "SELECT kind, CAST(SUM(ledger_amount) AS BIGINT), COUNT(*) FROM entry WHERE ledger = ? AND position = ? GROUP BY kind";
        let ledger = Id(self.view.ledger().0);
        let rows: Vec<(String, i64, i64)> = self.view.db().load(sql::<(Text, BigInt, BigInt)>(sums).bind(ledger).bind(position))?;
        let kinds = rows.into_iter().map(|(word, sum, count)| {
            let kind = EntryKind::from_word(&word).ok_or_else(|| StoreError::corrupt(format!("an entry of kind `{word}`")))?;
            Ok((kind, sum, count))
        });
        kinds.collect()
    }

    /// Ends the command; without a leaf there is none, and the outcome is the head.
    pub(crate) fn close(mut self) -> Result<Appended, StoreError> {
        if self.tip.size()? == self.first_leaf {
            return Ok(self.tip.nothing());
        }
        let ledger = Id(self.view.ledger().0);
        self.tip.close(self.view.db(), ledger, &self.command, self.first_leaf)
    }
}
