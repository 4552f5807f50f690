//! DC-8: commission and year-end bonus, if the target is met by what was really paid; DC-9: what rests on a false report counts for
//! nothing from the day of the finding, and earns nothing.

use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Recovered, Standing, Trace, Uncited, Verdict, arg};

use crate::clauses::{BONUS, COMMISSION_RATE, DC8, DC9, TARGET};
use crate::messages::Say;
use crate::too_large;

fn uncited(Uncited { receivable, day }: Uncited) -> Fault {
    Fault::new(Say::UncitedReversal.index(), &[arg::receivable(receivable), arg::day(day)])
}

/// What sellers are to bring in, and what was brought in.
struct Sales<'a> {
    case: &'a Case<'a>,
    /// The last day, which is inside.
    last: Day,
    target: Minor,
    recovered: Recovered,
}

/// Writes the lines of one target.
pub(crate) fn evaluate(case: &Case<'_>, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let sales = Sales::of(case)?;
    let (rate, bonus) = (case.decimal(COMMISSION_RATE), case.money(BONUS));
    if let Some(rate) = rate {
        sales.commission(rate, out)?;
    }
    if let Some(bonus) = bonus {
        sales.bonus(bonus, out)?;
    }
    let after = sales.last.saturating_add(1);
    out.recheck(after);
    if case.as_of >= after && !sales.is_met(sales.last)? {
        let args = [arg::day(sales.last), arg::money(sales.by(sales.last)?), arg::money(sales.target)];
        out.finding(DC8, Say::TargetMissed.index(), after, None, &args);
    }
    Ok(())
}

impl<'a> Sales<'a> {
    fn of(case: &'a Case<'a>) -> Result<Self, Fault> {
        let last = case.to.ok_or_else(|| Fault::new(Say::NoEnd.index(), &[]))?;
        let target = case.money(TARGET).unwrap_or_default();
        if target <= 0 {
            return Err(Fault::new(Say::TargetZero.index(), &[arg::money(target)]));
        }
        let mut moves = Vec::new();
        for (index, entry) in case.indexed() {
            if case.cash_of(index, (case.from, last)).map_err(uncited)?.is_none() {
                continue;
            }
            let brought = -i128::from(entry.amount);
            match case.discredited(index) {
                None => moves.push((entry.day, brought)),
                // It counted until the finding.
                Some(found) if entry.day < found => moves.extend([(entry.day, brought), (found, -brought)]),
                Some(_) => {}
            }
        }
        Ok(Self { case, last, target, recovered: Recovered::of(moves) })
    }

    fn by(&self, on: Day) -> Result<Minor, Fault> {
        self.recovered.by(on).ok_or_else(too_large)
    }

    fn is_met(&self, on: Day) -> Result<bool, Fault> {
        Ok(self.by(on)? >= self.target)
    }

    /// A line per receipt and per reversal of one.
    fn commission(&self, rate: Rate, out: &mut Verdict<'_>) -> Result<(), Fault> {
        if !rate.is_share() {
            return Err(Fault::new(Say::RateOutOfRange.index(), &[arg::decimal(rate)]));
        }
        let case = self.case;
        let standing = Standing::of(case);
        let earned = |base: Minor| rate.of(base).ok_or_else(too_large);
        for (index, entry) in case.indexed() {
            let Some(receipt) = case.cash_of(index, (case.from, self.last)).map_err(uncited)? else { continue };
            let is_new = index == case.root(index);
            let whole = receipt.amount.checked_neg().ok_or_else(too_large)?;
            let (before, after) = if is_new { (0, whole) } else { standing.around(index, whole) };
            let amounts = (earned(before)?, earned(after)?);
            let key = Key { clause: DC8, to: Beneficiary::Person(0), basis: BasisKind::Entry, index, part: 0 };
            self.write(out, key, entry.day, amounts, case.discredited(index), |trace| {
                let trace = trace.step(DC8, Say::Cash.index(), &[arg::day(receipt.day), arg::day(case.from), arg::day(self.last)]);
                let trace = if is_new { trace } else { trace.step(DC8, Say::Reverses.index(), &[arg::day(receipt.day), arg::money(after)]) };
                trace.step(DC8, Say::Commission.index(), &[arg::money(after), arg::decimal(rate), arg::money(amounts.1)])
            })?;
        }
        Ok(())
    }

    fn bonus(&self, bonus: Minor, out: &mut Verdict<'_>) -> Result<(), Fault> {
        if bonus < 0 {
            return Err(Fault::new(Say::BonusBelowZero.index(), &[arg::money(bonus)]));
        }
        let key = Key { clause: DC8, to: Beneficiary::Person(0), basis: BasisKind::Close, index: 0, part: 0 };
        let first = self.last.saturating_add(1);
        self.write(out, key, first, (0, bonus), None, |trace| trace.step(DC8, Say::Bonus.index(), &[arg::money(bonus)]))
    }

    fn write(
        &self,
        out: &mut Verdict<'_>,
        key: Key,
        first: Day,
        amounts: (Minor, Minor),
        found: Option<Day>,
        explain: impl Fn(Trace<'_>) -> Trace<'_>,
    ) -> Result<(), Fault> {
        let case = self.case;
        let mut days = self.recovered.changes_after(self.last);
        days.extend([first, self.last.saturating_add(1)].into_iter().chain(found));
        days.retain(|&day| day >= first);
        days.sort_unstable();
        days.dedup();
        let states = days.into_iter().map(|day| Ok((day, self.on(day, found)?.0))).collect::<Result<Vec<_>, Fault>>()?;
        let (_, reason) = self.on(case.as_of, found)?;
        let recovered = self.by(case.as_of)?;
        let written = out.shared(case, key, amounts, &states, |trace, share, part| {
            let trace = explain(trace).step(DC8, Say::Share.index(), &[arg::count(share.weight), arg::money(part)]).step(
                DC8,
                Say::Completion.index(),
                &[arg::money(recovered), arg::money(self.target)],
            );
            let _ = match (reason, found) {
                (Say::Withdrawn, Some(found)) => trace.step(DC9, reason.index(), &[arg::day(found)]),
                (Say::Open, _) => trace.step(DC8, reason.index(), &[arg::day(self.last)]),
                _ => trace.step(DC8, reason.index(), &[]),
            };
        });
        written.ok_or_else(too_large)
    }

    /// The state at the end of a day, and the reason for it. A line and what reverses it share them.
    fn on(&self, day: Day, found: Option<Day>) -> Result<(LineState, Say), Fault> {
        Ok(match found {
            Some(found) if found <= day => (LineState::Lapsed, Say::Withdrawn),
            _ if day <= self.last => (LineState::Contingent, Say::Open),
            _ if self.is_met(day)? => (LineState::Payable, Say::Met),
            _ => (LineState::Lapsed, Say::Missed),
        })
    }
}
