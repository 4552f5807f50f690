//! The contract's year: what of a case counts for it, and how much was recovered at the end of any day.

use recoup_sdk::rules::date::{civil, day};
use recoup_sdk::rules::wire::{Day, EntryKind, Milestone, Minor};
use recoup_sdk::rules::{Case, Fault, arg};

use crate::clauses::TARGET;
use crate::messages::Say;
use crate::parameters::{Parameters, YearIs};

/// Goods that were taken are sold or otherwise turned into cash; the amount is what they brought.
const REALISED: &str = "realised";

/// The fault of an amount that 64 bits do not hold.
pub(crate) fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

/// The year of a case, with its target.
pub(crate) struct Year<'a> {
    pub(crate) case: &'a Case<'a>,
    pub(crate) first: Day,
    /// The last day, which is inside.
    pub(crate) last: Day,
    pub(crate) target: Minor,
    /// What changes the amount recovered for the year, by rising day.
    moves: Vec<(Day, i128)>,
}

/// Goods realised in the year, and what they are worth to the case over time.
pub(crate) struct Realised<'a> {
    pub(crate) index: u32,
    pub(crate) milestone: &'a Milestone,
    /// From each day on; a reversal of the goods lowers it.
    pub(crate) worth: Vec<(Day, Minor)>,
}

impl<'a> Year<'a> {
    pub(crate) fn of(case: &'a Case<'a>, parameters: &Parameters) -> Result<Self, Fault> {
        let (first, last) = match parameters.year.on(case.from)? {
            YearIs::CalendarYear => {
                let (year, ..) = civil(case.from);
                (day(year, 1, 1), day(year, 12, 31))
            }
            YearIs::Term => (case.from, case.to.ok_or_else(|| Fault::new(Say::NoEnd.index(), &[]))?),
        };
        let target = case.money(TARGET).unwrap_or_default();
        if target <= 0 {
            return Err(Fault::new(Say::TargetZero.index(), &[arg::money(target)]));
        }
        let mut year = Self { case, first, last, target, moves: Vec::new() };
        let mut moves: Vec<(Day, i128)> = Vec::new();
        for (index, entry) in case.indexed() {
            if year.counts(index)? {
                moves.push((entry.day, -i128::from(entry.amount)));
            }
        }
        for realised in year.realised()? {
            let mut before = 0;
            for (day, worth) in realised.worth {
                moves.push((day, i128::from(worth) - before));
                before = worth.into();
            }
        }
        moves.sort_by_key(|&(day, _)| day);
        year.moves = moves;
        Ok(year)
    }

    fn has(&self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// Whether an entry is cash of the year: a reversal has the year of what it reverses.
    pub(crate) fn counts(&self, index: u32) -> Result<bool, Fault> {
        let case = self.case;
        let root = case.root(index);
        let Some(receipt) = case.entries.get(root as usize).filter(|receipt| receipt.kind == EntryKind::Cash) else { return Ok(false) };
        if receipt.amount > 0 {
            let args = [arg::receivable(receipt.receivable), arg::day(receipt.day)];
            return Err(Fault::new(Say::UncitedReversal.index(), &args));
        }
        Ok(self.has(receipt.day))
    }

    /// AC-2: goods count on each day of realisation, at what they brought.
    pub(crate) fn realised(&self) -> Result<Vec<Realised<'a>>, Fault> {
        let in_year = self.case.happened(REALISED).filter(|(_, milestone)| self.has(milestone.day));
        in_year
            .map(|(index, milestone)| {
                let unknown = || Fault::new(Say::ProceedsUnknown.index(), &[arg::day(milestone.day)]);
                // Cash counts as it comes in: what is realised is goods.
                let is_goods = milestone.received > 0 && self.case.applied(milestone).all(|(index, _)| self.case.kind(index) == Some(EntryKind::InKind));
                let proceeds = milestone.amount.filter(|_| is_goods).ok_or_else(unknown)?;
                let worth = self.case.worth(milestone, proceeds).ok_or_else(too_large)?;
                Ok(Realised { index, milestone, worth })
            })
            .collect()
    }

    /// What was recovered for the year, by what counted at the end of a day.
    pub(crate) fn recovered(&self, on: Day) -> Result<Minor, Fault> {
        let sum: i128 = self.moves.iter().take_while(|&&(day, _)| day <= on).map(|&(_, amount)| amount).sum();
        Minor::try_from(sum).map_err(|_| too_large())
    }

    /// Whether the target was met, by what counted at the end of a day.
    pub(crate) fn is_met(&self, on: Day) -> Result<bool, Fault> {
        Ok(self.recovered(on)? >= self.target)
    }

    /// Days after the year on which something that had counted no longer does, or does again.
    pub(crate) fn changes_after(&self) -> Vec<Day> {
        let mut days: Vec<Day> = self.moves.iter().map(|&(day, _)| day).filter(|&day| day > self.last).collect();
        days.dedup();
        days
    }
}
