//! LC-6: the wage withheld after a missed deadline, and its release.
//!
//! A withheld month is one negative line from the month's last day, lapsed on the day of
//! recovery: what was withheld comes back to the fen. A month once released stays so; a
//! debt that opens again withholds the months at whose end it is open.

use recoup_sdk::rules::date::Month;
use recoup_sdk::rules::rate::{Rate, ratio};
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Fault, Key, Verdict, arg};

use crate::clauses::LC6;
use crate::letter::{Letter, too_large};
use crate::messages::Say;
use crate::open::{Open, amount};
use crate::parameters::{Parameters, PartialRecovery, WithholdFrom};
use crate::roles::RESPONSIBLE;

/// Writes the lines of every month that a missed letter withholds.
pub(crate) fn evaluate(letter: &Letter<'_>, open: &Open, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = letter.case;
    let mut month = Month::of(letter.breach);
    while month.last_day() <= case.as_of {
        if is_withheld(letter, parameters, month)? {
            withhold(letter, open, parameters, month, out)?;
        }
        month = month.plus(1);
    }
    // The next month's end may withhold another wage, if the debt is still open by then.
    if !letter.cleared.at(case.as_of) {
        if !starts(letter, parameters, month)? {
            month = month.plus(1);
        }
        out.recheck(month.last_day());
    }
    Ok(())
}

/// A month is withheld when a debt was still open at its end.
fn is_withheld(letter: &Letter<'_>, parameters: &Parameters, month: Month) -> Result<bool, Fault> {
    Ok(!letter.cleared.at(month.last_day()) && starts(letter, parameters, month)?)
}

/// Whether withholding has begun by that month.
fn starts(letter: &Letter<'_>, parameters: &Parameters, month: Month) -> Result<bool, Fault> {
    Ok(match parameters.withhold_from.on(month.last_day())? {
        WithholdFrom::MonthOfBreach => true,
        WithholdFrom::NextMonth => month > Month::of(letter.breach),
    })
}

fn withhold(letter: &Letter<'_>, open: &Open, parameters: &Parameters, month: Month, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = letter.case;
    let end = month.last_day();
    let share = *parameters.withheld_share.on(end)?;
    let pro_rata = *parameters.partial_recovery.on(end)? == PartialRecovery::ReleasesProRata;
    let mut persons: Vec<u32> = case.holders(RESPONSIBLE, end).collect();
    if persons.is_empty() {
        persons.extend(case.shares.iter().filter(|share| share.weight > 0).map(|share| share.person));
    }
    if persons.is_empty() {
        // What other months withheld must not be frozen by this one.
        out.finding(LC6, Say::WithheldFromNobody.index(), end, None, &[arg::month(month)]);
    }
    for person in persons {
        let Some((index, wage)) = case.wage(person, month) else {
            // Nothing can be held back of a wage that is not known; the rest of the letter
            // can be judged, so this is a finding and not a fault.
            let args = [arg::person(person), arg::month(month)];
            out.finding(LC6, Say::WageMissing.index(), end, Some(person), &args);
            continue;
        };
        let held = Held { letter, person, index, end, released: letter.cleared.turns(true, end) };
        let amount = share.of(wage).ok_or_else(too_large)?;
        held.write(out, month, wage, share, amount)?;
        if pro_rata {
            held.release_parts(open, out, amount)?;
        }
    }
    Ok(())
}

/// One withheld wage month.
struct Held<'a> {
    letter: &'a Letter<'a>,
    person: u32,
    index: u32,
    /// The month's last day.
    end: Day,
    /// When all debts were recovered after it.
    released: Option<Day>,
}

impl Held<'_> {
    fn key(&self, part: u32) -> Key {
        let Self { person, index, .. } = *self;
        Key { clause: LC6, to: Beneficiary::Person(person), basis: BasisKind::WageMonth, index, part }
    }

    fn states(&self, from: Day) -> impl Iterator<Item = (Day, LineState)> + use<> {
        let released = self.released.map(|day| (day, LineState::Lapsed));
        std::iter::once((from, LineState::Payable)).chain(released)
    }

    fn write(&self, out: &mut Verdict<'_>, month: Month, wage: Minor, share: Rate, amount: Minor) -> Result<(), Fault> {
        let due = amount.checked_neg().ok_or_else(too_large)?;
        if let Some(trace) = out.line(self.key(0), due, self.states(self.end)) {
            let args = [arg::month(month), arg::money(wage), arg::decimal(share)];
            let trace = trace.step(LC6, Say::Withheld.index(), &args);
            if let Some(day) = self.released {
                trace.step(LC6, Say::Released.index(), &[arg::day(day)]);
            }
        }
        Ok(())
    }

    /// Pays back part of the month: the part of what was open when the debt became open
    /// that has come in by the month's end, and what has come in since. What was released
    /// stays released.
    fn release_parts(&self, open: &Open, out: &mut Verdict<'_>, withheld: Minor) -> Result<(), Fault> {
        let Letter { deadline, ref cleared, .. } = *self.letter;
        // The spell at whose end the month is withheld: since the deadline, or since the
        // debt opened again after a late clearance.
        let since = cleared.latest(self.end).map_or(deadline, |(day, _)| day.max(deadline));
        let whole = open.at(since)?;
        if whole == 0 {
            return Ok(());
        }
        let at_end = (self.end, open.at(self.end)?.into());
        let mut paid = 0;
        for (day, still) in std::iter::once(at_end).chain(open.after(self.end)) {
            if self.released.is_some_and(|released| released <= day) {
                break;
            }
            let recovered = whole - amount(still.min(whole.into()))?;
            let back = ratio(withheld, recovered, whole).ok_or_else(too_large)?;
            if back <= paid {
                continue;
            }
            // Counted by days, so that an entry recorded late shifts no other part.
            let part = day.abs_diff(self.end) + 1;
            if let Some(trace) = out.line(self.key(part), back - paid, self.states(day)) {
                let args = [arg::money(recovered), arg::money(whole), arg::money(back)];
                trace.step(LC6, Say::ReleasedPart.index(), &args);
            }
            paid = back;
        }
        Ok(())
    }
}
