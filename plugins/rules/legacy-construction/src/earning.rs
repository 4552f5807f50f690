//! Which money earns a bonus under LC-1 and LC-2.

use recoup_sdk::rules::wire::{Day, EntryKind, Minor};
use recoup_sdk::rules::{Case, Fault, Standing, arg};

use crate::bonus::clause;
use crate::letter::{Letter, too_large};
use crate::messages::Say;
use crate::parameters::{Parameters, Reopened};
use crate::vesting::forfeits;

/// How much of each entry's money earns; zero for everything but receipts.
///
/// Only receipts within the letter's dates earn. When the letter was cleared in time, a
/// receipt that replaces money that bounced after the deadline earns too, as far as what
/// bounced had earned.
pub(crate) fn earning(letter: &Letter<'_>, standing: &Standing<'_>, parameters: &Parameters) -> Result<Vec<Minor>, Fault> {
    let case = letter.case;
    let mut earning = vec![0; case.entries.len()];
    let mut bounced = vec![0i64; case.receivables.len()];
    for (index, entry) in case.indexed() {
        if case.kind(index) != Some(EntryKind::Cash) {
            continue;
        }
        let Some(bounced) = bounced.get_mut(entry.receivable as usize) else {
            continue;
        };
        let late = letter.in_time && entry.day > letter.deadline;
        let root = case.root(index);
        if root != index {
            if late {
                let earned = earning.get(root as usize).copied().unwrap_or(0);
                let (before, after) = standing.around(index, earned);
                *bounced = bounced.saturating_add(before - after).max(0);
            }
            continue;
        }
        let amount = money_in(entry.amount)?;
        if amount < 0 {
            // Money taken back that cites no receipt is refused.
            let args = [arg::receivable(entry.receivable), arg::day(entry.day)];
            return Err(Fault::new(Say::UncitedReversal.index(), &args));
        }
        let base = if entry.day < case.from {
            0
        } else if entry.day <= letter.deadline {
            amount
        } else if late && *bounced > 0 && replaces(case, parameters, entry.receivable, entry.day)? {
            let base = amount.min(*bounced);
            *bounced -= base;
            base
        } else {
            0
        };
        if let Some(slot) = earning.get_mut(index as usize) {
            *slot = base;
        }
    }
    Ok(earning)
}

/// Whether a receipt after the deadline earns for what it replaces. Under `forfeit` a bonus
/// that is not forfeited is suspended.
fn replaces(case: &Case<'_>, parameters: &Parameters, receivable: u32, day: Day) -> Result<bool, Fault> {
    Ok(match parameters.reopened_after_deadline.on(day)? {
        Reopened::Suspend => true,
        Reopened::Keep => false,
        Reopened::Forfeit => !forfeits(parameters, clause(case, receivable, day)?, day)?,
    })
}

/// A receipt lowers the balance; what came in is the opposite.
fn money_in(amount: Minor) -> Result<Minor, Fault> {
    amount.checked_neg().ok_or_else(too_large)
}
