//! What is open on a set of debts, over time.

use recoup_sdk::rules::wire::{Day, Entry, EntryKind, Minor};
use recoup_sdk::rules::{Case, Fault};

use crate::letter::too_large;

/// Only a write-off leaves a debt as uncleared as it was.
pub(crate) fn clears(kind: EntryKind) -> bool {
    kind != EntryKind::WriteOff
}

/// A sum of open balances as an amount.
pub(crate) fn amount(sum: i128) -> Result<Minor, Fault> {
    Minor::try_from(sum).map_err(|_| too_large())
}

/// Every entry that moves one of the debts, with what is open on all of them after it.
/// A credit balance on one debt does not pay another.
pub(crate) fn movements<'a>(case: &'a Case<'a>, debts: impl Fn(u32) -> bool + 'a) -> impl Iterator<Item = (u32, &'a Entry, i128)> + 'a {
    let mut balances = vec![0i128; case.receivables.len()];
    let mut sum = 0;
    case.indexed().filter_map(move |(index, entry)| {
        let counts = debts(entry.receivable) && case.kind(index).is_some_and(clears);
        let balance = balances.get_mut(entry.receivable as usize).filter(|_| counts)?;
        sum -= (*balance).max(0);
        *balance += i128::from(entry.amount);
        sum += (*balance).max(0);
        Some((index, entry, sum))
    })
}

/// What is open at the end of every day: read off once, looked up by every month.
pub(crate) struct Open(Vec<(Day, i128)>);

impl Open {
    /// Of the debts of a case.
    pub(crate) fn of(case: &Case<'_>, debts: impl Fn(u32) -> bool) -> Self {
        let mut days: Vec<(Day, i128)> = Vec::new();
        for (_, entry, sum) in movements(case, debts) {
            match days.last_mut() {
                Some(last) if last.0 == entry.day => last.1 = sum,
                _ => days.push((entry.day, sum)),
            }
        }
        Self(days)
    }

    fn first_after(&self, day: Day) -> usize {
        self.0.partition_point(|&(on, _)| on <= day)
    }

    /// At the end of a day.
    pub(crate) fn at(&self, day: Day) -> Result<Minor, Fault> {
        let last = self.first_after(day).checked_sub(1).and_then(|last| self.0.get(last));
        amount(last.map_or(0, |&(_, sum)| sum))
    }

    /// At the end of every later day on which a debt moved.
    pub(crate) fn after(&self, day: Day) -> impl Iterator<Item = (Day, i128)> + '_ {
        self.0.iter().skip(self.first_after(day)).copied()
    }
}
