//! FF-3: a full-time collector's whole pay, by what is done of the task, or by commission and never below the minimum wage.

use recoup_sdk::rules::date::Month;
use recoup_sdk::rules::rate::ratio;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Recovered, Verdict, arg};

use crate::clauses::{FF3, INDICATOR, MINIMUM, PAY};
use crate::commission::{self, Earned, days, uncited};
use crate::messages::Say;
use crate::parameters::{Parameters, PayBy};
use crate::too_large;

/// Writes the pay of one collector. How they are paid is decided by the agreement's first day.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    match parameters.collector_pay.on(case.from)? {
        PayBy::CompletionRatio => by_completion(case, parameters, out),
        PayBy::PureCommission => {
            let earned = commission::evaluate(case, parameters, out)?;
            top_up(case, &earned, out)
        }
    }
}

fn stated(case: &Case<'_>, term: &str, missing: Say) -> Result<Minor, Fault> {
    case.money(term).filter(|amount| *amount > 0).ok_or_else(|| Fault::new(missing.index(), &[]))
}

/// pay × min(cap, max(floor, done ÷ task)), with the ratio exact and the pay rounded once; a line for each later change of what is done.
fn by_completion(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let to = case.to.ok_or_else(|| Fault::new(Say::NoEnd.index(), &[]))?;
    let (pay, task) = (stated(case, PAY, Say::PayMissing)?, stated(case, INDICATOR, Say::TaskMissing)?);
    let (cap, floor) = (*parameters.cap_percent.on(to)?, *parameters.floor_percent.on(to)?);
    if floor > cap {
        return Err(Fault::new(Say::FloorAboveCap.index(), &[arg::count(floor.into()), arg::count(cap.into())]));
    }
    let part = |percent: u32| ratio(pay, percent.into(), 100).ok_or_else(too_large);
    let (most, least) = (part(cap)?, part(floor)?);
    let recovered = Recovered::of(Recovered::cash(case, days(case)).map_err(uncited)?);
    let ended = to + 1;
    out.recheck(ended);
    let mut before = 0;
    for day in std::iter::once(ended).chain(recovered.changes_after(ended)).filter(|&day| day <= case.as_of) {
        let done = recovered.by(day).ok_or_else(too_large)?.max(0);
        // A pay that does not fit is above the cap.
        let after = ratio(pay, done, task).unwrap_or(most).clamp(least, most);
        let key = Key { clause: FF3, to: Beneficiary::Person(0), basis: BasisKind::Close, index: 0, part: day.abs_diff(ended) };
        let written = out.shared(case, key, (before, after), &[(day, LineState::Payable)], |trace, share, part| {
            let trace = trace.step(FF3, Say::Completion.index(), &[arg::money(pay), arg::money(done), arg::money(task), arg::money(after)]);
            let trace = trace.step(FF3, Say::Bounds.index(), &[arg::count(floor.into()), arg::count(cap.into())]);
            trace.step(FF3, Say::Share.index(), &[arg::count(share.weight), arg::money(part)]);
        });
        written.ok_or_else(too_large)?;
        before = after;
    }
    Ok(())
}

/// Each whole month of the agreement pays the minimum wage at least: what the commission of the month does not reach. What is taken
/// back of an earlier month is owed by itself, and raises nothing.
fn top_up(case: &Case<'_>, earned: &Earned, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let minimum = stated(case, MINIMUM, Say::MinimumMissing)?;
    let last = case.to.unwrap_or(Day::MAX);
    let mut month = Month::of(case.from);
    if month.first_day() < case.from {
        month = month.plus(1);
    }
    while month.last_day() <= case.as_of.min(last) {
        for person in case.shares.iter().map(|share| share.person) {
            let Some((index, _)) = case.wage(person, month) else {
                out.finding(FF3, Say::WageMissing.index(), month.last_day(), Some(person), &[arg::person(person), arg::month(month)]);
                continue;
            };
            let commission = earned.get(&(person, month)).copied().unwrap_or_default();
            let commission = Minor::try_from(commission).map_err(|_| too_large())?;
            let missing = minimum - commission.clamp(0, minimum);
            let key = Key { clause: FF3, to: Beneficiary::Person(person), basis: BasisKind::WageMonth, index, part: 0 };
            if let Some(trace) = out.line(key, missing, [(month.last_day(), LineState::Payable)]) {
                let args = [arg::month(month), arg::money(commission), arg::money(minimum), arg::money(missing)];
                trace.step(FF3, Say::TopUp.index(), &args);
            }
        }
        month = month.plus(1);
    }
    if month.last_day() <= last {
        out.recheck(month.last_day());
    }
    Ok(())
}
