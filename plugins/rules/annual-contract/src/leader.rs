//! AC-6: the supervising leader's yearly performance pay follows the completion of the units supervised.

use recoup_sdk::rules::rate::ratio;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Recovered, Verdict, arg};

use crate::clauses::{AC6, PERFORMANCE_PAY};
use crate::messages::Say;
use crate::parameters::Parameters;
use crate::year::too_large;

/// Writes the pay for the year, and a line for each later change of what counts for it.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    // The pay is earned by the end of the agreement, so there must be one.
    let last = case.to.ok_or_else(|| Fault::new(Say::NoEnd.index(), &[]))?;
    let ended = last.saturating_add(1);
    out.recheck(ended);
    let target = targets(case)?;
    let recovered = Recovered::of_units(case);
    let performance_pay = case.money(PERFORMANCE_PAY).unwrap_or_default();
    let cap = *parameters.performance_cap.on(last)?;
    let most = cap.of(performance_pay).ok_or_else(too_large)?;
    // The ratio is exact, so the pay is rounded once.
    let pay = |day: Day| -> Result<(Minor, Minor), Fault> {
        let recovered = recovered.by(day).ok_or_else(too_large)?.max(0);
        Ok((recovered, ratio(performance_pay, recovered, target).map_or(most, |pay| pay.min(most))))
    };
    let mut before = 0;
    for day in std::iter::once(ended).chain(recovered.changes_after(ended)) {
        if day > case.as_of {
            break;
        }
        let (recovered, after) = pay(day)?;
        let key = Key { clause: AC6, to: Beneficiary::Person(0), basis: BasisKind::Close, index: 0, part: day.abs_diff(ended) };
        let written = out.shared(case, key, (before, after), &[(day, LineState::Payable)], |trace, share, part| {
            let args = [arg::money(performance_pay), arg::money(recovered), arg::money(target), arg::money(after), arg::decimal(cap)];
            trace.step(AC6, Say::Leader.index(), &args).step(AC6, Say::Share.index(), &[arg::count(share.weight), arg::money(part)]);
        });
        written.ok_or_else(too_large)?;
        before = after;
    }
    Ok(())
}

/// What all units supervised are to recover, together.
fn targets(case: &Case<'_>) -> Result<Minor, Fault> {
    if case.supervised.is_empty() {
        return Err(Fault::new(Say::SupervisesNobody.index(), &[]));
    }
    let mut sum: Minor = 0;
    for unit in case.supervised {
        let target = unit.target.ok_or_else(|| Fault::new(Say::UnitWithoutTarget.index(), &[arg::symbol(unit.unit)]))?;
        sum = sum.checked_add(target).ok_or_else(too_large)?;
    }
    if sum <= 0 {
        return Err(Fault::new(Say::TargetZero.index(), &[arg::money(sum)]));
    }
    Ok(sum)
}
