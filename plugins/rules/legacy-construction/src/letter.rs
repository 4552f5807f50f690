//! A responsibility letter: whether and when its debts were cleared, and who answers.

use recoup_sdk::rules::wire::Day;
use recoup_sdk::rules::{Case, Fault, Timeline, Verdict, arg};

use crate::clauses::LC7;
use crate::messages::Say;
use crate::open::{Open, clears};
use crate::parameters::Parameters;
use crate::roles::RESPONSIBLE;
use crate::{bonus, withholding};

/// The fault of an amount that 64 bits do not hold.
pub(crate) fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

/// A letter as the clauses see it.
pub(crate) struct Letter<'a> {
    /// The facts.
    pub(crate) case: &'a Case<'a>,
    /// The last day on which clearing is in time.
    pub(crate) deadline: Day,
    /// The day after it.
    pub(crate) breach: Day,
    /// Whether every debt is cleared, over time.
    pub(crate) cleared: Timeline,
    /// Every debt was cleared at the end of the deadline.
    pub(crate) in_time: bool,
    /// The deadline has passed and a debt was open at its end.
    pub(crate) missed: bool,
    /// The first day after the deadline on which a letter cleared in time was open again.
    pub(crate) reopened: Option<Day>,
}

impl<'a> Letter<'a> {
    fn read(case: &'a Case<'a>) -> Result<Self, Fault> {
        let deadline = case.to.ok_or_else(|| Fault::new(Say::NoDeadline.index(), &[]))?;
        let cleared = case.cleared(|_| true, clears);
        let passed = case.as_of > deadline;
        let in_time = cleared.at(deadline);
        Ok(Self {
            case,
            deadline,
            // Days end in the year 9999.
            breach: deadline + 1,
            in_time,
            missed: passed && !in_time,
            reopened: if in_time { cleared.turns(false, deadline) } else { None },
            cleared,
        })
    }

    /// The one person who answers on a day, for a letter without shares.
    pub(crate) fn answers(&self, on: Day) -> Result<u32, Fault> {
        let mut holders = self.case.holders(RESPONSIBLE, on);
        match (holders.next(), holders.next()) {
            (Some(person), None) => Ok(person),
            (None, _) => Err(Fault::new(Say::NobodyAnswers.index(), &[arg::day(on)])),
            (Some(_), Some(_)) => Err(Fault::new(Say::SeveralAnswer.index(), &[arg::day(on)])),
        }
    }
}

/// LC-1, LC-2, LC-3, LC-6 and LC-7 of one letter.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let letter = Letter::read(case)?;
    if case.receivables.is_empty() {
        // A letter that names no debt has nothing to earn and nothing to miss.
        return Ok(());
    }
    bonus::evaluate(&letter, parameters, out)?;
    let &Letter { deadline, breach, missed, .. } = &letter;
    if missed {
        let open = Open::of(case, |_| true);
        withholding::evaluate(&letter, &open, parameters, out)?;
        let args = [arg::day(deadline), arg::money(open.at(deadline)?)];
        out.finding(LC7, Say::DeadlineMissed.index(), breach, None, &args);
    }
    if let Some(day) = letter.reopened {
        let args = [arg::day(deadline), arg::day(day)];
        out.finding(LC7, Say::Reopened.index(), day, None, &args);
    }
    if !letter.cleared.at(case.as_of) {
        // Time alone makes an open letter miss its deadline.
        out.recheck(breach);
    }
    for claim in case.receivables {
        // An advance may have paid it in full.
        out.recheck(claim.document_day);
    }
    Ok(())
}
