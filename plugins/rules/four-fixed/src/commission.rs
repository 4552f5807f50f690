//! FF-2: a commission on cash, by completed years overdue and the grade of the debts.

use std::collections::BTreeMap;

use recoup_sdk::rules::date::Month;
use recoup_sdk::rules::params::BandGap;
use recoup_sdk::rules::rate::{Rate, split};
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, Entry, LineState, Minor};
use recoup_sdk::rules::{Case, DueUnknown, Fault, Key, Overdue, Standing, Uncited, Verdict, arg};

use crate::clauses::{FF2, GRADE};
use crate::messages::Say;
use crate::parameters::Parameters;
use crate::too_large;

/// What each person earned in each month, less what of it went back within it.
pub(crate) type Earned = BTreeMap<(u32, Month), i128>;

/// Writes a line per receipt and per reversal of one.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<Earned, Fault> {
    let standing = Standing::of(case);
    let weights: Vec<i64> = case.shares.iter().map(|share| share.weight).collect();
    let mut earned = Earned::new();
    for (index, entry) in case.indexed() {
        let root = case.root(index);
        let Some(receipt) = cash_of(case, root)? else { continue };
        let Some((overdue, rate)) = rate(case, parameters, receipt)? else { continue };
        let whole = receipt.amount.checked_neg().ok_or_else(too_large)?;
        let (before, after) = if index == root { (0, whole) } else { standing.around(index, whole) };
        let commission = |base: Minor| rate.of(base).ok_or_else(too_large);
        let amounts = (commission(before)?, commission(after)?);
        // What an earlier month's money takes back is owed by itself, and is no pay of this month.
        if Month::of(entry.day) == Month::of(receipt.day) {
            add(&mut earned, case, &weights, Month::of(entry.day), amounts)?;
        }
        let key = Key { clause: FF2, to: Beneficiary::Person(0), basis: BasisKind::Entry, index, part: 0 };
        let written = out.shared(case, key, amounts, &[(entry.day, LineState::Payable)], |trace, share, part| {
            let age = [arg::receivable(receipt.receivable), arg::day(overdue.due), arg::day(receipt.day), arg::count(overdue.years.into())];
            let trace = trace.step(FF2, Say::Age.index(), &age);
            let trace = match overdue.paused(receipt.day) {
                Some(args) => trace.step(FF2, Say::Paused.index(), &args),
                None => trace,
            };
            let trace = if index == root { trace } else { trace.step(FF2, Say::Reverses.index(), &[arg::day(receipt.day), arg::money(after)]) };
            let trace = trace.step(FF2, Say::Commission.index(), &[arg::money(after), arg::decimal(rate), arg::money(amounts.1)]);
            trace.step(FF2, Say::Share.index(), &[arg::count(share.weight), arg::money(part)]);
        });
        written.ok_or_else(too_large)?;
    }
    Ok(earned)
}

/// The receipt behind an entry, where it is cash of the agreement's days: only cash earns, and a reversal is of the day that it reverses.
fn cash_of<'a>(case: &Case<'a>, root: u32) -> Result<Option<&'a Entry>, Fault> {
    case.cash_of(root, days(case)).map_err(uncited)
}

/// The agreement's days.
pub(crate) fn days(case: &Case<'_>) -> (Day, Day) {
    (case.from, case.to.unwrap_or(Day::MAX))
}

pub(crate) fn uncited(Uncited { receivable, day }: Uncited) -> Fault {
    Fault::new(Say::UncitedReversal.index(), &[arg::receivable(receivable), arg::day(day)])
}

/// None while the debt is younger than every band.
fn rate(case: &Case<'_>, parameters: &Parameters, receipt: &Entry) -> Result<Option<(Overdue, Rate)>, Fault> {
    let on = receipt.day;
    let table = match case.word(GRADE) {
        Some("easy") => &parameters.easy,
        Some("ordinary") => &parameters.ordinary,
        Some("hard") => &parameters.hard,
        _ => return Err(Fault::new(Say::GradeUnknown.index(), &[])),
    };
    let unknown = |DueUnknown| Fault::new(Say::DueUnknown.index(), &[arg::receivable(receipt.receivable)]);
    let Some(overdue) = case.overdue(receipt.receivable, on, *parameters.pauses.on(on)?).map_err(unknown)? else { return Ok(None) };
    let gap = |BandGap(years)| Fault::new(Say::BandGap.index(), &[arg::count(years.into()), arg::day(on)]);
    Ok(table.on(on)?.rate(overdue.years).map_err(gap)?.map(|rate| (overdue, rate)))
}

fn add(earned: &mut Earned, case: &Case<'_>, weights: &[i64], month: Month, (before, after): (Minor, Minor)) -> Result<(), Fault> {
    let (mut parts_before, mut parts_after) = (Vec::new(), Vec::new());
    split(before, weights, &mut parts_before).ok_or_else(too_large)?;
    split(after, weights, &mut parts_after).ok_or_else(too_large)?;
    for ((share, before), after) in case.shares.iter().zip(parts_before).zip(parts_after) {
        *earned.entry((share.person, month)).or_default() += i128::from(after) - i128::from(before);
    }
    Ok(())
}
