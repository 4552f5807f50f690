//! How much was recovered in a span of days, by what counts at the end of any day.

use super::Case;
use super::case::slice;
use super::wire::{Day, Entry, EntryKind, Minor, SupervisedUnit};

/// A receipt below zero that cites nothing that it takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncited {
    /// Of which debt.
    pub receivable: u32,
    /// When.
    pub day: Day,
}

impl<'a> Case<'a> {
    /// The receipt behind an entry, where it is cash of these days, both inside: a reversal has the day of what it reverses.
    ///
    /// # Errors
    /// A receipt below zero that cites none.
    pub fn cash_of(&self, entry: u32, (first, last): (Day, Day)) -> Result<Option<&'a Entry>, Uncited> {
        let Some(receipt) = self.entries.get(self.root(entry) as usize).filter(|receipt| receipt.kind == EntryKind::Cash) else { return Ok(None) };
        if receipt.amount > 0 {
            return Err(Uncited { receivable: receipt.receivable, day: receipt.day });
        }
        Ok(Some(receipt).filter(|receipt| first <= receipt.day && receipt.day <= last))
    }
}

/// What changes the amount recovered, by rising day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered(Vec<(Day, i128)>);

impl Recovered {
    /// Of the changes of each day, in any order.
    #[must_use]
    pub fn of(mut moves: Vec<(Day, i128)>) -> Self {
        moves.sort_by_key(|&(day, _)| day);
        Self(moves)
    }

    /// The cash of these days, both inside.
    ///
    /// # Errors
    /// A receipt below zero that cites none.
    pub fn cash(case: &Case<'_>, days: (Day, Day)) -> Result<Vec<(Day, i128)>, Uncited> {
        let moved = |(index, entry): (u32, &Entry)| Ok(case.cash_of(index, days)?.map(|_| (entry.day, -i128::from(entry.amount))));
        case.indexed().filter_map(|of| moved(of).transpose()).collect()
    }

    /// What counts for the units that an agreement follows, all together.
    #[must_use]
    pub fn of_units(case: &Case<'_>) -> Self {
        let of_unit = |unit: &SupervisedUnit| slice(case.recoveries, unit.recovered).unwrap_or_default();
        let moves = case.supervised.iter().flat_map(of_unit);
        Self::of(moves.map(|moved| (moved.day, moved.amount.into())).collect())
    }

    /// By what counted at the end of a day. None when it does not fit.
    #[must_use]
    pub fn by(&self, day: Day) -> Option<Minor> {
        let sum: i128 = self.0.iter().take_while(|&&(moved, _)| moved <= day).map(|&(_, amount)| amount).sum();
        Minor::try_from(sum).ok()
    }

    /// Days after one on which something that had counted no longer does, or does again; each once.
    #[must_use]
    pub fn changes_after(&self, day: Day) -> Vec<Day> {
        let mut days: Vec<Day> = self.0.iter().map(|&(moved, _)| moved).filter(|&moved| moved > day).collect();
        days.dedup();
        days
    }
}
