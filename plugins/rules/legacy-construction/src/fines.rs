//! LC-4: the fine of each project role when a project is closed with debts open.

use recoup_sdk::rules::date::Month;
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Fault, Key, Verdict, arg};

use crate::clauses::LC4;
use crate::letter::too_large;
use crate::messages::{self, Say};
use crate::parameters::{Parameters, WageBase};
use crate::project::Project;
use crate::roles::ROLES;

/// A fine as LC-5 gives it back.
pub(crate) struct Fine {
    /// Who pays it.
    pub(crate) person: u32,
    /// Index of the role.
    pub(crate) part: u32,
    /// How much, above zero.
    pub(crate) amount: Minor,
    /// From when it is payable.
    payable_on: Day,
}

impl Fine {
    /// Contingent until the base is complete. What is refunded follows the fine, so that
    /// nobody is paid back what was not yet due.
    pub(crate) fn states(&self, from: Day) -> [(Day, LineState); 2] {
        [(from, if from < self.payable_on { LineState::Contingent } else { LineState::Payable }), (from.max(self.payable_on), LineState::Payable)]
    }
}

/// Writes one line per role and person, and returns the fines.
pub(crate) fn evaluate(project: &Project<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<Vec<Fine>, Fault> {
    let Project { case, closing, .. } = *project;
    let first = match parameters.wage_base.on(closing)? {
        WageBase::CalendarYear => Month::new(Month::of(closing).year(), 1),
        // The twelve whole months before the month of the closing.
        WageBase::PriorTwelveMonths => Month::of(closing).plus(-12),
    };
    let rates = parameters.fines.on(closing)?;
    let mut fines = Vec::new();
    // One person may have several roles.
    let mut known: Vec<(u32, Option<Minor>)> = Vec::new();
    for (number, (role, &rate)) in ROLES.iter().zip(rates).enumerate() {
        if rate == (Rate { mantissa: 0, ..rate }) {
            continue;
        }
        let mut vacant = true;
        for person in case.holders(role.name, closing) {
            vacant = false;
            let wages = match known.iter().find(|(other, _)| *other == person) {
                Some(&(_, wages)) => wages,
                None => {
                    let wages = wages(project, person, first, out)?;
                    known.push((person, wages));
                    wages
                }
            };
            let Some(wages) = wages else { continue };
            let amount = rate.of(wages).ok_or_else(too_large)?;
            let payable_on = closing.max(first.plus(11).last_day());
            let fine = Fine { person, part: number as u32, amount, payable_on };
            write(project, &fine, first, wages, rate, out)?;
            if amount > 0 {
                fines.push(fine);
            }
        }
        if vacant {
            out.finding(LC4, messages::vacant(number), closing, None, &[arg::day(closing)]);
        }
    }
    Ok(fines)
}

/// The sum of the twelve wage months; none, with a finding, while one is not known.
///
/// A fine is never computed on a part of the year, so until then there is no amount to
/// state and therefore no line.
fn wages(project: &Project<'_>, person: u32, first: Month, out: &mut Verdict<'_>) -> Result<Option<Minor>, Fault> {
    let Project { case, closing, .. } = *project;
    let mut sum: Minor = 0;
    let mut missing = None;
    let mut missing_count = 0;
    for month in (0..12).map(|months| first.plus(months)) {
        match case.wage(person, month) {
            Some((_, wage)) => sum = sum.checked_add(wage).ok_or_else(too_large)?,
            None => {
                missing = missing.or(Some(month));
                missing_count += 1;
                // Its end may bring the wage, and one month less to wait for.
                out.recheck(month.last_day());
            }
        }
    }
    let Some(month) = missing else {
        return Ok(Some(sum));
    };
    let args = [arg::person(person), arg::count(missing_count), arg::month(month)];
    out.finding(LC4, Say::WagesIncomplete.index(), closing, Some(person), &args);
    Ok(None)
}

fn write(project: &Project<'_>, fine: &Fine, first: Month, wages: Minor, rate: Rate, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let Project { case, closing, open_sum, .. } = *project;
    let &Fine { person, part, amount, payable_on } = fine;
    let key = Key { clause: LC4, to: Beneficiary::Person(person), basis: BasisKind::Close, index: 0, part };
    let due = amount.checked_neg().ok_or_else(too_large)?;
    if let Some(trace) = out.line(key, due, fine.states(closing)) {
        let (from, to) = (arg::month(first), arg::month(first.plus(11)));
        let figures = [from, to, arg::money(wages), arg::decimal(rate), arg::money(amount)];
        let trace = trace.step(LC4, Say::OpenAtClose.index(), &[arg::day(closing), arg::money(open_sum)]).step(LC4, Say::Fine.index(), &figures);
        if payable_on > case.as_of {
            trace.step(LC4, Say::FinePending.index(), &[arg::day(payable_on)]);
        }
    }
    out.recheck(payable_on);
    Ok(())
}
