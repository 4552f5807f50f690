//! LC-1 and LC-2: the bonus on cash recovered.

use recoup_sdk::rules::date::years_begun;
use recoup_sdk::rules::params::BandGap;
use recoup_sdk::rules::rate::{Rate, split};
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, Stage};
use recoup_sdk::rules::{Case, DueUnknown, Fault, Key, Overdue, Standing, Verdict, arg};

use crate::clauses::{LC1, LC2};
use crate::earning::earning;
use crate::letter::{Letter, too_large};
use crate::messages::Say;
use crate::parameters::{AgeReading, Parameters};
use crate::vesting::Vesting;

/// Writes the lines of every receipt that earns and of every reversal of one.
pub(crate) fn evaluate(letter: &Letter<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = letter.case;
    let standing = Standing::of(case);
    let earning = earning(letter, &standing, parameters)?;
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
        let (before, after) = if index == root { (0, base) } else { standing.around(index, base) };
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
            let key = Key { clause: grade.clause, to: Beneficiary::Person(person), basis: BasisKind::Entry, index, part: 0 };
            let states = vesting.states(entry.day);
            let Some(mut trace) = out.line(key, part_after - part_before, states) else {
                continue;
            };
            trace = match grade.age {
                Some((overdue, years)) => {
                    let debt = arg::receivable(receipt.receivable);
                    let (due, day) = (arg::day(overdue.due), arg::day(receipt.day));
                    let args = [debt, due, day, arg::count(years.into())];
                    let trace = trace.step(grade.clause, Say::Age.index(), &args);
                    match overdue.paused(receipt.day) {
                        Some(args) => trace.step(grade.clause, Say::Paused.index(), &args),
                        None => trace,
                    }
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

/// The clause of a receipt, by the stage of its debt.
pub(crate) fn clause(case: &Case<'_>, receivable: u32, day: Day) -> Result<u32, Fault> {
    match case.stage(receivable, day) {
        // Retention money is part of a price that has been settled.
        Some(Stage::Settled | Stage::Retention) => Ok(LC1),
        // Works measured but unpaid are not settled yet.
        Some(Stage::Unsettled | Stage::MeasuredUnpaid) => Ok(LC2),
        None => {
            let args = [arg::receivable(receivable), arg::day(day)];
            Err(Fault::new(Say::StageUnknown.index(), &args))
        }
    }
}

/// Clause and rate of a receipt, by its own effective date.
struct Grade {
    clause: u32,
    rate: Rate,
    /// LC-1: since when the debt was overdue, and the years that count.
    age: Option<(Overdue, u32)>,
}

impl Grade {
    /// None when the debt is too young to earn.
    fn of(case: &Case<'_>, parameters: &Parameters, receivable: u32, day: Day) -> Result<Option<Self>, Fault> {
        if clause(case, receivable, day)? == LC2 {
            let rate = *parameters.unsettled_bonus.on(day)?;
            return Ok(Some(Self { clause: LC2, rate, age: None }));
        }
        let unknown = |DueUnknown| Fault::new(Say::DueUnknown.index(), &[arg::receivable(receivable)]);
        // Before the due date the age is below every band.
        let Some(overdue) = case.overdue(receivable, day, *parameters.pauses.on(day)?).map_err(unknown)? else { return Ok(None) };
        let years = match parameters.age_reading.on(day)? {
            // Below one year there is no bonus, however the years are counted.
            AgeReading::YearBegun if overdue.years > 0 => years_begun(overdue.clock.since, overdue.clock.on).unwrap_or(overdue.years),
            _ => overdue.years,
        };
        let gap = |BandGap(years)| {
            let args = [arg::count(years.into()), arg::day(day)];
            Fault::new(Say::BandGap.index(), &args)
        };
        let rate = parameters.settled_bonus.on(day)?.rate(years).map_err(gap)?;
        Ok(rate.map(|rate| Self { clause: LC1, rate, age: Some((overdue, years)) }))
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
        let sum = |sum: i64, &weight: &i64| sum.checked_add(weight).filter(|_| weight >= 0);
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
