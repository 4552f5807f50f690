//! AC-1, AC-2 and AC-5: the reward on cash and on goods realised, if the target is met.

use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Standing, Trace, Verdict, arg};

use crate::clauses::{AC1, AC2, AC3, AC5, RATE};
use crate::messages::Say;
use crate::notice::Notice;
use crate::parameters::Parameters;
use crate::year::{Year, too_large};

/// A contract as the clauses see it.
struct Contract<'a> {
    year: Year<'a>,
    rate: Rate,
    notice: Option<Notice>,
    notice_days: u32,
}

/// Writes the lines of one contract.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let year = Year::of(case, parameters)?;
    let notice = Notice::of(case, parameters)?;
    let notice_days = notice.as_ref().map_or_else(|| parameters.notice_days.on(year.last).copied(), |notice| Ok(notice.days))?;
    let contract = Contract { rate: rate(case, parameters, year.last)?, notice, notice_days, year };
    contract.cash(out)?;
    contract.goods(out)?;
    contract.findings(out)?;
    out.recheck(contract.year.last + 1);
    if let Some(notice) = &contract.notice {
        out.recheck(notice.after());
    }
    Ok(())
}

/// What the contract fixed, inside the regulation's range.
fn rate(case: &Case<'_>, parameters: &Parameters, on: Day) -> Result<Rate, Fault> {
    let rate = case.decimal(RATE).unwrap_or(Rate::ZERO);
    let (min, max) = (*parameters.rate_min.on(on)?, *parameters.rate_max.on(on)?);
    let inside = rate.is_share() && min.compare(rate).is_le() && rate.compare(max).is_le();
    let outside = || Fault::new(Say::RateOutOfRange.index(), &[arg::decimal(rate), arg::decimal(min), arg::decimal(max)]);
    inside.then_some(rate).ok_or_else(outside)
}

impl Contract<'_> {
    fn of(&self, base: Minor) -> Result<Minor, Fault> {
        self.rate.of(base).ok_or_else(too_large)
    }

    /// AC-1: a line per receipt of the year and per reversal of one.
    fn cash(&self, out: &mut Verdict<'_>) -> Result<(), Fault> {
        let year = &self.year;
        let case = year.case;
        let standing = Standing::of(case);
        for (index, entry) in case.indexed() {
            let Some(receipt) = year.cash_of(index)? else { continue };
            let root = case.root(index);
            let whole = receipt.amount.checked_neg().ok_or_else(too_large)?;
            let (before, after) = if index == root { (0, whole) } else { standing.around(index, whole) };
            let key = Key { clause: AC1, to: Beneficiary::Person(0), basis: BasisKind::Entry, index, part: 0 };
            self.write(out, key, entry.day, (before, after), |trace| {
                let trace = trace.step(AC1, Say::Cash.index(), &[arg::day(receipt.day), arg::day(year.first), arg::day(year.last)]);
                if index == root { trace } else { trace.step(AC1, Say::Reverses.index(), &[arg::day(receipt.day), arg::money(after)]) }
            })?;
        }
        Ok(())
    }

    /// AC-2: a line per realisation, and one more for each later change of what it is worth.
    fn goods(&self, out: &mut Verdict<'_>) -> Result<(), Fault> {
        for realised in self.year.realised()? {
            let sold = realised.milestone;
            let mut before = 0;
            for (day, worth) in realised.worth {
                let key = Key { clause: AC2, to: Beneficiary::Person(0), basis: BasisKind::Milestone, index: realised.index, part: day.abs_diff(sold.day) };
                let args = [arg::day(sold.day), arg::money(sold.amount.unwrap_or_default()), arg::money(worth)];
                self.write(out, key, day, (before, worth), |trace| trace.step(AC2, Say::Realised.index(), &args))?;
                before = worth;
            }
        }
        Ok(())
    }

    fn write(
        &self,
        out: &mut Verdict<'_>,
        key: Key,
        first: Day,
        (before, after): (Minor, Minor),
        explain: impl Fn(Trace<'_>) -> Trace<'_>,
    ) -> Result<(), Fault> {
        let rewards = (self.of(before)?, self.of(after)?);
        let states = self.states(first)?;
        let case = self.year.case;
        let (state, reason) = self.on(case.as_of)?;
        let recovered = self.year.recovered(case.as_of)?;
        let written = out.shared(case, key, rewards, &states, |trace, share, part| {
            let trace = explain(trace)
                .step(key.clause, Say::Reward.index(), &[arg::money(after), arg::decimal(self.rate), arg::money(rewards.1)])
                .step(key.clause, Say::Share.index(), &[arg::count(share.weight), arg::money(part)])
                .step(AC5, Say::Completion.index(), &[arg::money(recovered), arg::money(self.year.target)]);
            self.explain_state(trace, state, reason);
        });
        written.ok_or_else(too_large)
    }

    /// The state at the end of a day, and the reason for it.
    fn on(&self, day: Day) -> Result<(LineState, Say), Fault> {
        Ok(match &self.notice {
            _ if day <= self.year.last => (LineState::Contingent, Say::YearOpen),
            _ if !self.year.is_met(day)? => (LineState::Lapsed, Say::Missed),
            None => (LineState::Contingent, Say::NotPublished),
            Some(notice) if notice.over().is_some_and(|over| over <= day) => (LineState::Payable, Say::NoticeOver),
            Some(_) => (LineState::Contingent, Say::NoticeRuns),
        })
    }

    /// The dated states of a line that begins on `first`. A line and what reverses it share them.
    fn states(&self, first: Day) -> Result<Vec<(Day, LineState)>, Fault> {
        let mut days = self.year.changes_after();
        days.extend([first, self.year.last + 1]);
        days.extend(self.notice.as_ref().and_then(Notice::over));
        days.retain(|&day| day >= first);
        days.sort_unstable();
        days.dedup();
        days.into_iter().map(|day| Ok((day, self.on(day)?.0))).collect()
    }

    fn explain_state(&self, trace: Trace<'_>, state: LineState, reason: Say) {
        let published = self.notice.as_ref().map_or(self.year.last, |notice| notice.published);
        let index = reason.index();
        match (state, reason) {
            (LineState::Lapsed, _) => trace.step(AC5, index, &[]),
            (_, Say::YearOpen) => trace.step(AC5, index, &[arg::day(self.year.last)]),
            (LineState::Payable, _) => {
                let over = self.notice.as_ref().and_then(Notice::over).unwrap_or(published).max(self.year.last + 1);
                trace.step(AC3, index, &[arg::day(published), arg::day(over)])
            }
            (_, Say::NotPublished) => trace.step(AC3, index, &[arg::count(self.notice_days.into())]),
            _ => trace.step(AC3, index, &[arg::day(published), arg::count(self.notice_days.into())]),
        };
    }

    fn findings(&self, out: &mut Verdict<'_>) -> Result<(), Fault> {
        let Year { case, last, target, .. } = self.year;
        if case.as_of > last && !self.year.is_met(last)? {
            let args = [arg::day(last), arg::money(self.year.recovered(last)?), arg::money(target)];
            out.finding(AC5, Say::TargetMissed.index(), last + 1, None, &args);
        }
        if let Some((notice, raised)) = self.notice.as_ref().and_then(|notice| Some((notice, notice.open()?))) {
            out.finding(AC3, Say::ObjectionOpen.index(), notice.after(), None, &[arg::day(raised)]);
        }
        Ok(())
    }
}
