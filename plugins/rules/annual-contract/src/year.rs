//! The contract's year: what of a case counts for it, and how much was recovered at the end of any day.

use recoup_sdk::rules::date::{civil, day};
use recoup_sdk::rules::wire::{Day, Entry, EntryKind, Milestone, Minor};
use recoup_sdk::rules::{Case, Fault, Recovered, Uncited, arg};

use crate::clauses::TARGET;
use crate::messages::Say;
use crate::parameters::{Parameters, YearIs};

/// Goods that were taken are sold or otherwise turned into cash; the amount is what they brought.
const REALISED: &str = "realised";

/// The fault of an amount that 64 bits do not hold.
pub(crate) fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

/// The fault of a receipt below zero that cites none.
pub(crate) fn uncited(Uncited { receivable, day }: Uncited) -> Fault {
    Fault::new(Say::UncitedReversal.index(), &[arg::receivable(receivable), arg::day(day)])
}

/// The year of a case, with its target.
pub(crate) struct Year<'a> {
    pub(crate) case: &'a Case<'a>,
    pub(crate) first: Day,
    /// The last day, which is inside.
    pub(crate) last: Day,
    pub(crate) target: Minor,
    /// Cash, and goods as they are realised.
    recovered: Recovered,
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
        let mut year = Self { case, first, last, target, recovered: Recovered::default() };
        let mut moves = Recovered::cash(case, (first, last)).map_err(uncited)?;
        for realised in year.realised()? {
            let mut before = 0;
            for (day, worth) in realised.worth {
                moves.push((day, i128::from(worth) - before));
                before = worth.into();
            }
        }
        year.recovered = Recovered::of(moves);
        Ok(year)
    }

    fn has(&self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// The receipt behind an entry, where it is cash of the year: a reversal has the year of what it reverses.
    pub(crate) fn cash_of(&self, index: u32) -> Result<Option<&'a Entry>, Fault> {
        self.case.cash_of(index, (self.first, self.last)).map_err(uncited)
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
        self.recovered.by(on).ok_or_else(too_large)
    }

    /// Whether the target was met, by what counted at the end of a day.
    pub(crate) fn is_met(&self, on: Day) -> Result<bool, Fault> {
        Ok(self.recovered(on)? >= self.target)
    }

    /// Days after the year on which something that had counted no longer does, or does again.
    pub(crate) fn changes_after(&self) -> Vec<Day> {
        self.recovered.changes_after(self.last)
    }
}
