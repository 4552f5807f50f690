//! LC-1 and LC-2: the bonus on cash recovered.

use recoup_sdk::rules::date::{completed_years, years_begun};
use recoup_sdk::rules::params::BandGap;
use recoup_sdk::rules::rate::{Rate, split};
use recoup_sdk::rules::wire::{BasisKind, Day, EntryKind, Minor, Stage};
use recoup_sdk::rules::{Case, Fault, Key, Verdict, arg};

use crate::clauses::{LC1, LC2};
use crate::letter::{Letter, too_large};
use crate::messages::Say;
use crate::parameters::{AgeReading, Parameters, Reopened};
use crate::vesting::Vesting;

/// Writes the lines of every receipt that earns and of every reversal of one.
pub(crate) fn evaluate(letter: &Letter<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = letter.case;
    let earning = earning(letter, parameters)?;
    let shares = Shares::of(letter);
    let (mut parts_before, mut parts_after) = (Vec::new(), Vec::new());
    for (index, entry) in case.indexed() {
        let root = case.root(index);
        let base = earning.get(root as usize).copied().unwrap_or(0);
        if base == 0 {
            continue;
        }
        let receipt = case.entries.get(root as usize).unwrap_or(entry);
        let Some(grade) = Grade::of(case, parameters, receipt.receivable, receipt.day)? else {
            continue;
        };
        // A line is what the bonus on the money that still counts changes by: the receipt
        // earns it, a reversal takes it back to the fen.
        let (before, after) = if index == root {
            (0, base)
        } else {
            let counted = |end| remaining(case, root, base, end);
            (counted(index), counted(index + 1))
        };
        let bonus_before = grade.rate.of(before).ok_or_else(too_large)?;
        let bonus_after = grade.rate.of(after).ok_or_else(too_large)?;
        if bonus_before == bonus_after {
            continue;
        }
        let answers = shares.check(letter, receipt.day)?;
        split(bonus_before, &shares.weights, &mut parts_before).ok_or_else(too_large)?;
        split(bonus_after, &shares.weights, &mut parts_after).ok_or_else(too_large)?;
        let vesting = Vesting::new(letter, parameters, grade.clause, receipt.day)?;
        for (at, (part_before, part_after)) in parts_before.iter().zip(&parts_after).enumerate() {
            let Some(person) = answers.or_else(|| case.shares.get(at).map(|s| s.person)) else {
                continue;
            };
            let key = Key { clause: grade.clause, person, basis: BasisKind::Entry, index, part: 0 };
            let states = vesting.states(entry.day);
            let Some(mut trace) = out.line(key, part_after - part_before, states) else {
                continue;
            };
            trace = match grade.age {
                Some((due, years)) => {
                    let debt = arg::receivable(receipt.receivable);
                    let (due, day) = (arg::day(due), arg::day(receipt.day));
                    let args = [debt, due, day, arg::count(years.into())];
                    trace.step(grade.clause, Say::Age.index(), &args)
                }
                None => {
                    let args = [arg::receivable(receipt.receivable), arg::day(receipt.day)];
                    trace.step(grade.clause, Say::Unsettled.index(), &args)
                }
            };
            if index != root {
                let args = [arg::day(receipt.day), arg::money(after)];
                trace = trace.step(grade.clause, Say::Reverses.index(), &args);
            } else if receipt.day > letter.deadline {
                trace = trace.step(grade.clause, Say::Replaces.index(), &[arg::money(base)]);
            }
            let args = [arg::money(after), arg::decimal(grade.rate), arg::money(bonus_after)];
            trace = trace.step(grade.clause, Say::Bonus.index(), &args);
            trace = match case.shares.get(at) {
                Some(share) => {
                    let (weight, whole) = (arg::count(share.weight), arg::count(shares.whole));
                    let args = [weight, whole, arg::money(*part_after)];
                    trace.step(grade.clause, Say::Share.index(), &args)
                }
                None => {
                    let args = [arg::person(person), arg::day(receipt.day)];
                    trace.step(grade.clause, Say::Answers.index(), &args)
                }
            };
            vesting.explain(trace);
        }
    }
    Ok(())
}

/// How much of each entry's money earns; zero for everything but receipts.
///
/// Only receipts within the letter's dates earn. Under `suspend` a receipt that replaces
/// one that bounced after the deadline earns too, as far as it replaces it.
fn earning(letter: &Letter<'_>, parameters: &Parameters) -> Result<Vec<Minor>, Fault> {
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
        let root = case.root(index);
        if root != index {
            if let Some(receipt) = case.entries.get(root as usize)
                && letter.reopened.is_some_and(|reopened| reopened <= entry.day)
            {
                let replaced = earning.get(root as usize).copied().unwrap_or(0);
                let late = receipt.day > letter.deadline;
                let size = if late { replaced } else { money_in(receipt.amount)? };
                let change = remaining(case, root, size, index) - remaining(case, root, size, index + 1);
                *bounced = bounced.saturating_add(change).max(0);
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
        } else if letter.reopened.is_some() && *parameters.reopened_after_deadline.on(entry.day)? == Reopened::Suspend {
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

/// A receipt lowers the balance; what came in is the opposite.
pub(crate) fn money_in(amount: Minor) -> Result<Minor, Fault> {
    amount.checked_neg().ok_or_else(too_large)
}

/// How much of `base` still counts before entry `end`: the receipt less its reversals,
/// plus what of those was reversed in turn.
pub(crate) fn remaining(case: &Case<'_>, root: u32, base: Minor, end: u32) -> Minor {
    let entries = (root..).zip(case.entries.iter().take(end as usize).skip(root as usize));
    let net: i128 = entries.filter(|&(index, _)| case.root(index) == root).map(|(_, entry)| -i128::from(entry.amount)).sum();
    // The result lies between zero and the base.
    Minor::try_from(net.clamp(0, base.max(0).into())).unwrap_or(base)
}

/// Clause and rate of a receipt, by its own effective date.
struct Grade {
    clause: u32,
    rate: Rate,
    /// LC-1: the due date and the years overdue.
    age: Option<(Day, u32)>,
}

impl Grade {
    /// None when the debt is too young to earn.
    fn of(case: &Case<'_>, parameters: &Parameters, receivable: u32, day: Day) -> Result<Option<Self>, Fault> {
        match case.stage(receivable, day) {
            // Retention money is part of a price that has been settled.
            Some(Stage::Settled | Stage::Retention) => {}
            // Works measured but unpaid are not settled yet.
            Some(Stage::Unsettled | Stage::MeasuredUnpaid) => {
                let rate = *parameters.unsettled_bonus.on(day)?;
                return Ok(Some(Self { clause: LC2, rate, age: None }));
            }
            None => {
                let args = [arg::receivable(receivable), arg::day(day)];
                return Err(Fault::new(Say::StageUnknown.index(), &args));
            }
        }
        let unknown = || Fault::new(Say::DueUnknown.index(), &[arg::receivable(receivable)]);
        let due = case.due(receivable).ok_or_else(unknown)?;
        let years = match parameters.age_reading.on(day)? {
            AgeReading::CompletedYears => completed_years(due, day),
            AgeReading::YearBegun => years_begun(due, day),
        };
        // Before the due date the age is below every band.
        let Some(years) = years else { return Ok(None) };
        let gap = |BandGap(years)| {
            let args = [arg::count(years.into()), arg::day(day)];
            Fault::new(Say::BandGap.index(), &args)
        };
        let rate = parameters.settled_bonus.on(day)?.rate(years).map_err(gap)?;
        Ok(rate.map(|rate| Self { clause: LC1, rate, age: Some((due, years)) }))
    }
}

/// By what weights a bonus is split.
struct Shares {
    /// The letter's shares, or the whole for the one who answers.
    weights: Vec<i64>,
    /// Their sum; zero when they are no shares.
    whole: i64,
}

impl Shares {
    fn of(letter: &Letter<'_>) -> Self {
        let shares = letter.case.shares;
        if shares.is_empty() {
            return Self { weights: vec![1], whole: 1 };
        }
        let weights: Vec<_> = shares.iter().map(|share| share.weight).collect();
        let sum = |sum: i64, &weight: &i64| sum.checked_add(weight).filter(|_| weight > 0);
        let whole = weights.iter().try_fold(0, sum).unwrap_or(0);
        Self { weights, whole }
    }

    /// That there are shares, or the one person who answers instead.
    fn check(&self, letter: &Letter<'_>, day: Day) -> Result<Option<u32>, Fault> {
        if letter.case.shares.is_empty() {
            return letter.answers(day).map(Some);
        }
        if self.whole == 0 {
            return Err(Fault::new(Say::BadShares.index(), &[]));
        }
        Ok(None)
    }
}
