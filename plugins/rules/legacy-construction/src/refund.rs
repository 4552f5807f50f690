//! LC-5: fines given back when the debt behind them is recovered.

use recoup_sdk::rules::rate::ratio;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, EntryKind, LineState, Minor};
use recoup_sdk::rules::{Fault, Key, Verdict, arg};

use crate::clauses::LC5;
use crate::fines::Fine;
use crate::letter::too_large;
use crate::messages::Say;
use crate::open::{amount, clears, movements};
use crate::parameters::{Parameters, Refund};
use crate::project::Project;

/// An entry after the closing that moves a debt behind the fines.
struct Movement {
    index: u32,
    day: Day,
    /// How much of what was open at the closing is recovered after it.
    recovered: Minor,
    /// `pro-rata` holds on its day, or on the day of the receipt that it takes back.
    in_part: bool,
    /// `on-full-recovery` holds on its day, and it brought a full recovery.
    in_full: Option<Recovery>,
}

/// A full recovery: the entry that brought it and the day on which it was undone.
#[derive(Clone, Copy)]
struct Recovery {
    basis: u32,
    bounced: Option<Day>,
}

/// Writes the refunds of every fine, by the rule in force on the day of each entry.
pub(crate) fn evaluate(project: &Project<'_>, parameters: &Parameters, fines: &[Fine], out: &mut Verdict<'_>) -> Result<(), Fault> {
    let after_closing = after_closing(project, parameters)?;
    for fine in fines {
        // The sum of the parts so far, and a refund of all the rest while it stands.
        let mut parts = 0;
        let mut rest: Option<(Minor, Recovery)> = None;
        for movement in &after_closing {
            rest = rest.filter(|(_, recovery)| recovery.bounced.is_none_or(|bounced| movement.day < bounced));
            if movement.in_part {
                // Rounded on the running total, so that the parts of a full recovery are the fine.
                let total = ratio(fine.amount, movement.recovered, project.open_sum).ok_or_else(too_large)?;
                let line = total - parts - rest.map_or(0, |(amount, _)| amount);
                parts += line;
                if let Some(trace) = out.line(key(fine, movement.index), line, fine.states(movement.day)) {
                    let args = [arg::money(movement.recovered), arg::money(project.open_sum), arg::money(total), arg::money(fine.amount)];
                    trace.step(LC5, Say::RefundedPart.index(), &args);
                }
            } else if let Some(recovery) = movement.in_full {
                let amount = fine.amount - parts;
                in_full(fine, recovery, movement.day, amount, out);
                rest = Some((amount, recovery));
            }
        }
    }
    Ok(())
}

/// What is recovered follows what is open, whatever brought it in: replacing money that
/// had come in before the closing recovers nothing of what was open then.
fn after_closing(project: &Project<'_>, parameters: &Parameters) -> Result<Vec<Movement>, Fault> {
    let Project { case, closing, open_sum, .. } = *project;
    let mut recoveries = recoveries(project).into_iter().peekable();
    let mut list = Vec::new();
    for (index, entry, open) in movements(case, |receivable| project.is_behind(receivable)) {
        let root = case.root(index);
        if entry.day <= closing {
            continue;
        }
        if index == root && entry.kind == EntryKind::Cash && entry.amount > 0 {
            let args = [arg::receivable(entry.receivable), arg::day(entry.day)];
            return Err(Fault::new(Say::UncitedReversal.index(), &args));
        }
        let receipt = case.entries.get(root as usize).unwrap_or(entry);
        let pro_rata = |day: Day| Ok(*parameters.refund.on(day)? == Refund::ProRata);
        let recovery = recoveries.next_if(|recovery| recovery.basis == index);
        let now = pro_rata(entry.day)?;
        list.push(Movement {
            index,
            day: entry.day,
            recovered: open_sum - amount(open.min(open_sum.into()))?,
            in_part: now || receipt.day > closing && recovery.is_none() && pro_rata(receipt.day)?,
            in_full: recovery.filter(|_| !now),
        });
    }
    Ok(list)
}

/// Every day after the closing on which the last open debt was cleared.
fn recoveries(project: &Project<'_>) -> Vec<Recovery> {
    let Project { case, closing, ref recovered, .. } = *project;
    // The last entry of a day that lowers a debt.
    let lowers = |day: Day| {
        let end = case.entries.partition_point(|entry| entry.day <= day);
        let start = case.entries.partition_point(|entry| entry.day < day);
        let entries = case.indexed().take(end).skip(start);
        let lowering = entries.filter(|&(index, entry)| entry.amount < 0 && project.is_behind(entry.receivable) && case.kind(index).is_some_and(clears));
        lowering.last().map(|(index, _)| index)
    };
    let mut changes = recovered.after(closing).peekable();
    let mut list = Vec::new();
    while let Some((day, holds)) = changes.next() {
        if holds && let Some(basis) = lowers(day) {
            let bounced = changes.peek().map(|&(day, _)| day);
            list.push(Recovery { basis, bounced });
        }
    }
    list
}

/// `on-full-recovery`: all of the fine; a bounce restores the fine, a new recovery earns
/// a new line.
fn in_full(fine: &Fine, recovery: Recovery, day: Day, amount: Minor, out: &mut Verdict<'_>) {
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
    Key { clause: LC5, to: Beneficiary::Person(fine.person), basis: BasisKind::Entry, index, part: fine.part }
}
