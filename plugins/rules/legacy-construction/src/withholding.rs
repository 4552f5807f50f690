//! LC-6: the wage withheld after a missed deadline, and its release.
//!
//! A withheld month is one negative line from the month's last day, lapsed on the day of
//! recovery: what was withheld comes back to the fen. A month once released stays so; a
//! debt that opens again withholds the months at whose end it is open.

use recoup_sdk::rules::date::Month;
use recoup_sdk::rules::rate::{Rate, ratio};
use recoup_sdk::rules::wire::{BasisKind, Day, LineState, Minor};
use recoup_sdk::rules::{Fault, Key, Verdict, arg};

use crate::clauses::LC6;
use crate::letter::{Letter, clears, open, too_large};
use crate::messages::Say;
use crate::parameters::{Parameters, PartialRecovery, WithholdFrom};
use crate::roles::RESPONSIBLE;

/// Writes the lines of every month that is withheld.
pub(crate) fn evaluate(letter: &Letter<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = letter.case;
    if !letter.missed {
        return Ok(());
    }
    let mut month = Month::of(letter.breach);
    while month.last_day() <= case.as_of {
        if is_withheld(letter, parameters, month)? {
            withhold(letter, parameters, month, out)?;
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

fn withhold(letter: &Letter<'_>, parameters: &Parameters, month: Month, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = letter.case;
    let end = month.last_day();
    let share = *parameters.withheld_share.on(end)?;
    let pro_rata = *parameters.partial_recovery.on(end)? == PartialRecovery::ReleasesProRata;
    let mut persons: Vec<u32> = case.holders(RESPONSIBLE, end).collect();
    if persons.is_empty() {
        persons.extend(case.shares.iter().map(|share| share.person));
    }
    if persons.is_empty() {
        return Err(Fault::new(Say::NobodyAnswers.index(), &[arg::day(end)]));
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
            held.release_parts(out, amount)?;
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
        Key { clause: LC6, person, basis: BasisKind::WageMonth, index, part }
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

    /// Pays back part of the month with each recovery: the part of what was open when the
    /// debt became open that has come in since. What was released stays released.
    fn release_parts(&self, out: &mut Verdict<'_>, amount: Minor) -> Result<(), Fault> {
        let Letter { case, deadline, ref cleared, .. } = *self.letter;
        // The spell at whose end the month is withheld: since the deadline, or since the
        // debt opened again after a late clearance.
        let since = cleared.latest(self.end).map_or(deadline, |(day, _)| day.max(deadline));
        let whole = open(&case.balances(since, clears))?;
        let mut paid = 0;
        for (index, entry) in case.indexed().filter(|(_, entry)| entry.day > since) {
            if whole == 0 || self.released.is_some_and(|day| day <= entry.day) {
                break;
            }
            // A day is judged at its end.
            let next = case.entries.get(index as usize + 1);
            if next.is_some_and(|next| next.day == entry.day) {
                continue;
            }
            let still = open(&case.balances(entry.day, clears))?.min(whole);
            let back = ratio(amount, whole - still, whole).ok_or_else(too_large)?;
            if back <= paid {
                continue;
            }
            let states = self.states(entry.day.max(self.end));
            if let Some(trace) = out.line(self.key(index + 1), back - paid, states) {
                let args = [arg::money(whole - still), arg::money(whole), arg::money(back)];
                trace.step(LC6, Say::ReleasedPart.index(), &args);
            }
            paid = back;
        }
        Ok(())
    }
}
