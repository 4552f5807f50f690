//! A closed project: which debts LC-4 and LC-5 are about, and when they were recovered.

use recoup_sdk::rules::wire::{Day, Minor, Stage};
use recoup_sdk::rules::{Case, Fault, Timeline, Verdict, arg};

use crate::clauses::LC5;
use crate::messages::Say;
use crate::open::{Open, amount, clears};
use crate::parameters::Parameters;
use crate::{fines, refund};

/// A project as the clauses see it.
pub(crate) struct Project<'a> {
    /// The facts.
    pub(crate) case: &'a Case<'a>,
    /// The day on which it was closed.
    pub(crate) closing: Day,
    /// What was open at the end of that day, by receivable; zero for what does not count.
    open: Vec<i128>,
    /// The sum of it.
    pub(crate) open_sum: Minor,
    /// Whether all of it is recovered, over time.
    pub(crate) recovered: Timeline,
}

impl<'a> Project<'a> {
    fn read(case: &'a Case<'a>) -> Result<Self, Fault> {
        let closing = case.from;
        let mut open_then = case.balances(closing, clears);
        for (receivable, open) in (0u32..).zip(&mut open_then) {
            if *open <= 0 || !counts(case, receivable, closing)? {
                *open = 0;
            }
        }
        let behind = |receivable: u32| open_then.get(receivable as usize).is_some_and(|&o| o > 0);
        let recovered = case.cleared(behind, clears);
        Ok(Self { case, closing, open_sum: amount(open_then.iter().sum())?, recovered, open: open_then })
    }

    /// Whether a receivable is one of the debts behind the fines.
    pub(crate) fn is_behind(&self, receivable: u32) -> bool {
        self.open.get(receivable as usize).is_some_and(|&open| open > 0)
    }
}

/// Every open receivable counts, retention money not yet due excepted.
fn counts(case: &Case<'_>, receivable: u32, closing: Day) -> Result<bool, Fault> {
    match case.stage(receivable, closing) {
        Some(Stage::Retention) => {
            let unknown = || Fault::new(Say::DueUnknown.index(), &[arg::receivable(receivable)]);
            Ok(case.due(receivable).ok_or_else(unknown)? <= closing)
        }
        Some(_) => Ok(true),
        None => {
            let args = [arg::receivable(receivable), arg::day(closing)];
            Err(Fault::new(Say::StageUnknown.index(), &args))
        }
    }
}

/// LC-4 and LC-5 of one closed project.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    if case.as_of < case.from {
        out.recheck(case.from);
        return Ok(());
    }
    let project = Project::read(case)?;
    if project.open_sum == 0 {
        return Ok(());
    }
    let fines = fines::evaluate(&project, parameters, out)?;
    refund::evaluate(&project, parameters, &fines, out)?;
    let Some(by) = case.to else {
        let args = [arg::money(project.open_sum)];
        out.finding(LC5, Say::RecoverByAbsent.index(), project.closing, None, &args);
        return Ok(());
    };
    // Missing the date is reported; it does not bar the refund.
    if !project.recovered.at(by) {
        let open = Open::of(case, |receivable| project.is_behind(receivable));
        let args = [arg::day(by), arg::money(open.at(by)?)];
        out.finding(LC5, Say::RecoverByMissed.index(), by + 1, None, &args);
    }
    if !project.recovered.at(case.as_of) {
        out.recheck(by + 1);
    }
    Ok(())
}
