//! AC-4: an executive on annual salary is paid in proportion to the recovery rate reached.

use recoup_sdk::rules::rate::ratio;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Verdict, arg};

use crate::clauses::{AC4, SALARY};
use crate::messages::Say;
use crate::parameters::Parameters;
use crate::year::{Year, too_large};

/// Writes the pay for the year, and a line for each later change of what counts for it.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    // The pay is earned by the end of the agreement, so there must be one.
    case.to.ok_or_else(|| Fault::new(Say::NoEnd.index(), &[]))?;
    let year = Year::of(case, parameters)?;
    let ended = year.last + 1;
    out.recheck(ended);
    let salary = case.money(SALARY).unwrap_or_default();
    let cap = *parameters.salary_cap.on(year.last)?;
    let most = cap.of(salary).ok_or_else(too_large)?;
    // The ratio is exact, so the pay is rounded once.
    let pay = |day: Day| -> Result<(Minor, Minor), Fault> {
        let recovered = year.recovered(day)?.max(0);
        Ok((recovered, ratio(salary, recovered, year.target).map_or(most, |pay| pay.min(most))))
    };
    let mut before = 0;
    for day in std::iter::once(ended).chain(year.changes_after().into_iter().filter(|&day| day > ended)) {
        if day > case.as_of {
            break;
        }
        let (recovered, after) = pay(day)?;
        let key = Key { clause: AC4, to: Beneficiary::Person(0), basis: BasisKind::Close, index: 0, part: day.abs_diff(ended) };
        let written = out.shared(case, key, (before, after), &[(day, LineState::Payable)], |trace, share, part| {
            let args = [arg::money(salary), arg::money(recovered), arg::money(year.target), arg::money(after), arg::decimal(cap)];
            trace.step(AC4, Say::Executive.index(), &args).step(AC4, Say::Share.index(), &[arg::count(share.weight), arg::money(part)]);
        });
        written.ok_or_else(too_large)?;
        before = after;
    }
    Ok(())
}
