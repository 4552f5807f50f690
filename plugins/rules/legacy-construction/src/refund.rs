//! LC-5: fines given back when the debt behind them is recovered.

use recoup_sdk::rules::rate::ratio;
use recoup_sdk::rules::wire::{BasisKind, Day, EntryKind, LineState, Minor};
use recoup_sdk::rules::{Fault, Key, Verdict, arg};

use crate::bonus::{money_in, remaining};
use crate::clauses::LC5;
use crate::fines::Fine;
use crate::letter::{clears, too_large};
use crate::messages::Say;
use crate::parameters::{Parameters, Refund};
use crate::project::Project;

/// A full recovery: the entry that brought it and the day on which it was undone.
struct Recovery {
    basis: u32,
    bounced: Option<Day>,
}

/// Writes the refunds of every fine, by the rule in force on the day of each entry.
pub(crate) fn evaluate(project: &Project<'_>, parameters: &Parameters, fines: &[Fine], out: &mut Verdict<'_>) -> Result<(), Fault> {
    let recoveries = recoveries(project);
    for fine in fines {
        let mut parts = Parts { project, fine, of_entry: vec![0; project.case.entries.len()], refunded: 0, recovered: 0 };
        for (index, entry) in project.case.indexed() {
            if entry.day <= project.closing || !project.is_behind(entry.receivable) {
                continue;
            }
            parts.entry(parameters, index, out)?;
            let recovery = recoveries.iter().find(|recovery| recovery.basis == index);
            if let Some(recovery) = recovery
                && *parameters.refund.on(entry.day)? == Refund::OnFullRecovery
            {
                in_full(fine, recovery, entry.day, fine.amount - parts.refunded, out);
            }
        }
    }
    Ok(())
}

/// Every day after the closing on which the last open debt was cleared.
fn recoveries(project: &Project<'_>) -> Vec<Recovery> {
    let lowers = |day: Day| {
        let entries = project.case.indexed().filter(|&(index, entry)| {
            entry.day == day && entry.amount < 0 && project.is_behind(entry.receivable) && project.case.kind(index).is_some_and(clears)
        });
        entries.map(|(index, _)| index).last()
    };
    project
        .recovered
        .after(project.closing)
        .filter(|&(_, recovered)| recovered)
        .filter_map(|(day, _)| {
            let bounced = project.recovered.turns(false, day);
            lowers(day).map(|basis| Recovery { basis, bounced })
        })
        .collect()
}

/// `on-full-recovery`: all of the fine; a bounce restores the fine, a new recovery earns
/// a new line.
fn in_full(fine: &Fine, recovery: &Recovery, day: Day, amount: Minor, out: &mut Verdict<'_>) {
    let bounced = recovery.bounced;
    let states =
        fine.states(day).into_iter().filter(|&(day, _)| bounced.is_none_or(|bounced| day < bounced)).chain(bounced.map(|day| (day, LineState::Lapsed)));
    if let Some(trace) = out.line(key(fine, recovery.basis), amount, states) {
        let args = [arg::day(day), arg::money(amount)];
        let trace = trace.step(LC5, Say::Refunded.index(), &args);
        if let Some(day) = bounced {
            trace.step(LC5, Say::Restored.index(), &[arg::day(day)]);
        }
    }
}

fn key(fine: &Fine, index: u32) -> Key {
    Key { clause: LC5, person: fine.person, basis: BasisKind::Entry, index, part: fine.part }
}

/// `pro-rata`: what each receipt gave back so far.
struct Parts<'a> {
    project: &'a Project<'a>,
    fine: &'a Fine,
    /// The line of each receipt.
    of_entry: Vec<Minor>,
    /// The sum of all lines so far, never above the fine.
    refunded: Minor,
    /// Cash recovered since the closing, less what bounced.
    recovered: Minor,
}

impl Parts<'_> {
    /// The refund that one application of cash, or its reversal, brings.
    fn entry(&mut self, parameters: &Parameters, index: u32, out: &mut Verdict<'_>) -> Result<(), Fault> {
        let Self { project, fine, .. } = *self;
        let case = project.case;
        let root = case.root(index);
        let slots = (case.entries.get(index as usize), case.entries.get(root as usize));
        let (Some(entry), Some(receipt)) = slots else {
            return Ok(());
        };
        // The reversal of what came in before the closing was never a recovery.
        if receipt.kind != EntryKind::Cash || receipt.day <= project.closing || *parameters.refund.on(receipt.day)? != Refund::ProRata {
            return Ok(());
        }
        let amount = money_in(receipt.amount)?;
        if amount < 0 {
            let args = [arg::receivable(receipt.receivable), arg::day(receipt.day)];
            return Err(Fault::new(Say::UncitedReversal.index(), &args));
        }
        if amount == 0 {
            return Ok(());
        }
        let slot = self.of_entry.get_mut(root as usize).ok_or_else(too_large)?;
        let line = if index == root {
            self.recovered = self.recovered.checked_add(amount).ok_or_else(too_large)?;
            // Rounded on the running total, so that the parts of a full recovery are the fine.
            let counted = self.recovered.min(project.open_sum);
            let total = ratio(fine.amount, counted, project.open_sum).ok_or_else(too_large)?;
            *slot = (total - self.refunded).max(0);
            *slot
        } else {
            let before = remaining(case, root, amount, index);
            let after = remaining(case, root, amount, index + 1);
            self.recovered = self.recovered.saturating_add(after - before);
            let kept = ratio(*slot, after, amount).ok_or_else(too_large)?;
            let was = ratio(*slot, before, amount).ok_or_else(too_large)?;
            (kept - was).min(fine.amount - self.refunded)
        };
        self.refunded += line;
        if let Some(trace) = out.line(key(fine, index), line, fine.states(entry.day)) {
            let args = [arg::money(self.recovered), arg::money(project.open_sum), arg::money(self.refunded), arg::money(fine.amount)];
            trace.step(LC5, Say::RefundedPart.index(), &args);
        }
        Ok(())
    }
}
