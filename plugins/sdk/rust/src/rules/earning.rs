//! What money earns: how much of a receipt still counts, how old a debt was, and what falls to each of those who share.

use super::clock::{Clock, Pauses};
use super::date::completed_years;
use super::rate::split;
use super::wire::{Arg, Beneficiary, Day, Entry, LineState, Minor, Share};
use super::{Case, Key, Trace, Verdict, arg};

/// After each entry, what its receipt still brings: the receipt less its reversals, plus
/// what of those was reversed in turn.
#[derive(Debug)]
pub struct Standing<'a> {
    case: &'a Case<'a>,
    after: Vec<i128>,
}

impl<'a> Standing<'a> {
    /// Of every entry of a case.
    #[must_use]
    pub fn of(case: &'a Case<'a>) -> Self {
        let mut nets = vec![0i128; case.entries.len()];
        let net_after = |(index, entry): (u32, &Entry)| {
            nets.get_mut(case.root(index) as usize).map_or(0, |net| {
                *net -= i128::from(entry.amount);
                *net
            })
        };
        Self { case, after: case.indexed().map(net_after).collect() }
    }

    /// How much of `base` still counts before and after an entry.
    #[must_use]
    pub fn around(&self, index: u32, base: Minor) -> (Minor, Minor) {
        let after = self.after.get(index as usize).copied().unwrap_or(0);
        let moved = self.case.entries.get(index as usize).map_or(0, |entry| i128::from(entry.amount));
        // The result lies between zero and the base.
        let bounded = |net: i128| Minor::try_from(net.clamp(0, base.max(0).into())).unwrap_or(base);
        (bounded(after + moved), bounded(after))
    }
}

/// Since when a debt is overdue on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// Its due date.
    pub due: Day,
    /// Whole years since, as its clock says.
    pub years: u32,
    /// Its clock.
    pub clock: Clock,
}

impl Overdue {
    /// Where pauses stopped the clock by the day asked about: what a trace says of it. Days that it stood, up to which day, from
    /// which day to which its age counts, and the whole years without pauses.
    #[must_use]
    pub fn paused(&self, on: Day) -> Option<[Arg; 5]> {
        let stood = on.saturating_sub(self.due) - self.clock.on.saturating_sub(self.clock.since);
        if stood == 0 {
            return None;
        }
        let original = completed_years(self.due, on)?;
        Some([arg::count(stood.into()), arg::day(on), arg::day(self.clock.since), arg::day(self.clock.on), arg::count(original.into())])
    }
}

/// The due date of a debt is not known, and so is its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueUnknown;

impl Case<'_> {
    /// Since when a receivable is overdue on a day, by a clock that pauses of some kinds stop; not at all before its due date, nor
    /// before its document date: an advance is not overdue.
    ///
    /// # Errors
    /// Its due date is not known.
    pub fn overdue(&self, receivable: u32, on: Day, pauses: Pauses) -> Result<Option<Overdue>, DueUnknown> {
        if self.is_advance(receivable, on) {
            return Ok(None);
        }
        let due = self.due(receivable).ok_or(DueUnknown)?;
        let clock = self.clock(receivable, due, on, pauses);
        Ok(clock.years().map(|years| Overdue { due, years, clock }))
    }
}

impl Verdict<'_> {
    /// Writes what a total changes by, one line for each of those who share, by largest remainder: a receipt earns from
    /// nothing to what it is worth, its reversal takes it back to the fen. `explain` says how a line came about. None when an amount does not fit.
    pub fn shared(
        &mut self,
        case: &Case<'_>,
        key: Key,
        (before, after): (Minor, Minor),
        states: &[(Day, LineState)],
        mut explain: impl FnMut(Trace<'_>, &Share, Minor),
    ) -> Option<()> {
        let weights: Vec<i64> = case.shares.iter().map(|share| share.weight).collect();
        let (mut parts_before, mut parts_after) = (Vec::new(), Vec::new());
        split(before, &weights, &mut parts_before)?;
        split(after, &weights, &mut parts_after)?;
        for ((share, part_before), part_after) in case.shares.iter().zip(parts_before).zip(parts_after) {
            let amount = part_after.checked_sub(part_before)?;
            if let Some(trace) = self.line(Key { to: Beneficiary::Person(share.person), ..key }, amount, states.iter().copied()) {
                explain(trace, share, part_after);
            }
        }
        Some(())
    }
}
