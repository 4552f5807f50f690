//! LC-3 and LC-7: when a bonus is contingent, payable or forfeited.
//!
//! A line and the line that reverses it always share one state, so that from the
//! reversal on they add up to nothing in every balance.

use recoup_sdk::rules::wire::{Day, LineState};
use recoup_sdk::rules::{Fault, Trace, arg};

use crate::clauses::{LC1, LC3, LC7};
use crate::letter::Letter;
use crate::messages::Say;
use crate::parameters::{Forfeit, Parameters, Reopened, Vest, VestedAfterMiss};

/// Whether a missed deadline forfeits the bonus of `clause` earned on `day`.
pub(crate) fn forfeits(parameters: &Parameters, clause: u32, day: Day) -> Result<bool, Fault> {
    Ok(clause == LC1 || *parameters.forfeit.on(day)? == Forfeit::All)
}

/// The condition on one bonus, by the parameters of the day that earned it.
pub(crate) struct Vesting<'a> {
    letter: &'a Letter<'a>,
    vest: Vest,
    /// What vested on receipt stays, whatever becomes of the letter: it was set to be kept,
    /// or a missed deadline does not forfeit it.
    stays: bool,
    /// A missed deadline forfeits this clause's bonus.
    forfeits: bool,
    reopened: Reopened,
}

impl<'a> Vesting<'a> {
    /// The condition on a bonus of `clause` earned on `day`.
    pub(crate) fn new(letter: &'a Letter<'a>, parameters: &Parameters, clause: u32, day: Day) -> Result<Self, Fault> {
        let vest = *parameters.vest.on(day)?;
        let keeps = *parameters.vested_after_miss.on(day)? == VestedAfterMiss::Keep;
        let forfeits = forfeits(parameters, clause, day)?;
        Ok(Self { letter, vest, stays: vest == Vest::OnReceipt && (keeps || !forfeits), forfeits, reopened: *parameters.reopened_after_deadline.on(day)? })
    }

    /// The state at the end of a day, and the reason for it.
    fn on(&self, day: Day) -> (LineState, Say) {
        let letter = self.letter;
        let receipt = (LineState::Payable, Say::OnReceipt);
        if self.stays || (self.vest == Vest::OnReceipt && day <= letter.deadline) {
            return receipt;
        }
        let cleared = letter.cleared.at(day);
        if day <= letter.deadline {
            return match cleared {
                true => (LineState::Payable, Say::Vested),
                false => (LineState::Contingent, Say::Waiting),
            };
        }
        if letter.missed {
            return match self.forfeits {
                true => (LineState::Lapsed, Say::Forfeited),
                // Not forfeited, but LC-3 can no longer be met.
                false => (LineState::Contingent, Say::NeverVests),
            };
        }
        let reopened = letter.reopened.is_some_and(|reopened| reopened <= day);
        match self.reopened {
            // The deadline alone changes nothing.
            _ if !reopened && self.vest == Vest::OnReceipt => receipt,
            Reopened::Keep if reopened => (LineState::Payable, Say::Kept),
            Reopened::Forfeit if reopened && self.forfeits => (LineState::Lapsed, Say::ForfeitedReopened),
            _ if cleared && reopened => (LineState::Payable, Say::Again),
            _ if cleared => (LineState::Payable, Say::Vested),
            _ => (LineState::Contingent, Say::Suspended),
        }
    }

    /// The dated states of a line that begins on `first`.
    pub(crate) fn states(&self, first: Day) -> impl Iterator<Item = (Day, LineState)> + '_ {
        let breach = self.letter.breach;
        let changes = || self.letter.cleared.after(first).map(|(day, _)| day);
        let before = changes().take_while(move |&day| day < breach);
        let after = changes().filter(move |&day| day > breach);
        let at_breach = (breach > first).then_some(breach);
        std::iter::once(first).chain(before).chain(at_breach).chain(after).map(|day| (day, self.on(day).0))
    }

    /// Says why the line is in the state that it has now.
    pub(crate) fn explain(&self, trace: Trace<'_>) {
        let letter = self.letter;
        let (_, reason) = self.on(letter.case.as_of);
        let deadline = arg::day(letter.deadline);
        let clause = match reason {
            Say::OnReceipt | Say::Vested | Say::Waiting => LC3,
            _ => LC7,
        };
        let index = reason.index();
        let since = letter.cleared.latest(letter.case.as_of);
        let since = arg::day(since.map_or(letter.deadline, |(day, _)| day));
        match reason {
            Say::Vested => trace.step(clause, index, &[since, deadline]),
            Say::Again => trace.step(clause, index, &[since]),
            Say::OnReceipt => trace.step(clause, index, &[]),
            Say::Waiting | Say::Forfeited | Say::NeverVests => trace.step(clause, index, &[deadline]),
            _ => {
                let day = letter.reopened.unwrap_or(letter.breach);
                trace.step(clause, index, &[arg::day(day)])
            }
        };
    }
}
