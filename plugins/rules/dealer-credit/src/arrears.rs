//! DC-2: arrears include the interest owed for the delay, at the agreed rate, else at the parameters' one.

use recoup_sdk::rules::interest::{Accrued, Charge, Figure, Interval, runs};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{Arg, Day, EntryKind, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Verdict, arg};

use crate::clauses::{ANNUAL_RATE, DAILY_RATE, DC2};
use crate::messages::Say;
use crate::parameters::Parameters;
use crate::too_large;

/// Days that cost the same each.
type Run = ((Day, Day), Charge);

/// At which rate a delay bears interest.
#[derive(Debug, Clone, Copy)]
enum Delay {
    Yearly(Rate),
    Daily(Rate),
    /// Without agreement.
    Open,
}

impl Delay {
    fn of(case: &Case<'_>) -> Result<Self, Fault> {
        let rate = |name: &str| match case.decimal(name) {
            Some(rate) if !rate.is_share() => Err(Fault::new(Say::RateOutOfRange.index(), &[arg::decimal(rate)])),
            rate => Ok(rate),
        };
        match (rate(ANNUAL_RATE)?, rate(DAILY_RATE)?) {
            (Some(_), Some(_)) => Err(Fault::new(Say::TwoRates.index(), &[])),
            (Some(yearly), None) => Ok(Self::Yearly(yearly)),
            (None, Some(daily)) => Ok(Self::Daily(daily)),
            (None, None) => Ok(Self::Open),
        }
    }

    /// What each of some days costs, in runs of one charge.
    fn charges(self, parameters: &Parameters, days: (Day, Day)) -> Result<Vec<Run>, Fault> {
        let charge = |day: Day| -> Result<Charge, Fault> {
            Ok(match self {
                Self::Daily(rate) => Charge::Daily(rate),
                Self::Yearly(rate) => Charge::Yearly(rate, *parameters.day_basis.on(day)?),
                Self::Open => Charge::Yearly(*parameters.delay_rate.on(day)?, *parameters.day_basis.on(day)?),
            })
        };
        let changes = parameters.day_basis.changes().chain(parameters.delay_rate.changes());
        runs(days, changes).into_iter().map(|run| Ok((run, charge(run.0)?))).collect()
    }
}

/// Writes what each claim bears, a line per month and balance.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let delay = Delay::of(case)?;
    for (claim, receivable) in case.receivables.iter().zip(0u32..) {
        let due = case.due(receivable).ok_or_else(|| Fault::new(Say::DueUnknown.index(), &[arg::receivable(receivable)]))?;
        // From the day after the due date, within the days of the agreement.
        let first = due.saturating_add(1).max(case.from);
        let last = case.to.map_or(case.as_of, |to| to.min(case.as_of));
        out.recheck(first);
        let mut owed: Minor = 0;
        for interval in case.bearing(receivable, (first, last)).ok_or_else(too_large)? {
            let (mut accrued, mut total) = (Accrued::default(), 0);
            let figure = |days: (Day, Day)| -> Result<Figure, Fault> {
                let mut said = Vec::new();
                if interval.made_up_on.is_some() {
                    said.push((DC2, Say::MadeUp.index(), vec![arg::day(interval.first), arg::day(interval.last)]));
                }
                for (run, charge) in delay.charges(parameters, days)? {
                    accrued = accrued.plus(interval.balance, charge, run).ok_or_else(too_large)?;
                    said.push(bears(&interval, run, charge));
                }
                total = accrued.rounded().ok_or_else(too_large)?;
                said.push(arrears(case, receivable, &interval, days.1, owed.checked_add(total).ok_or_else(too_large)?)?);
                Ok(Figure { total, said })
            };
            out.accrue((DC2, claim.party, 0), &interval, figure, |on| vec![(on, LineState::Payable)])?;
            owed = owed.checked_add(total).ok_or_else(too_large)?;
        }
        // What is open bears interest on the next day, also where none has borne any yet.
        if open(case, receivable, case.as_of) > 0 && case.as_of.saturating_add(1) >= first && case.to.is_none_or(|to| case.as_of < to) {
            out.recheck(case.as_of.saturating_add(1));
        }
    }
    Ok(())
}

fn open(case: &Case<'_>, receivable: u32, on: Day) -> i128 {
    case.balances(on, |kind| kind != EntryKind::WriteOff).get(receivable as usize).copied().unwrap_or_default()
}

fn bears(interval: &Interval, (first, last): (Day, Day), charge: Charge) -> (u32, u32, Vec<Arg>) {
    let (say, rate) = match charge {
        Charge::Daily(rate) => (Say::Daily, rate),
        Charge::Yearly(rate, _) => (Say::Yearly, rate),
    };
    let days = i64::from(last) - i64::from(first) + 1;
    (DC2, say.index(), vec![arg::money(interval.balance), arg::count(days), arg::day(first), arg::day(last), arg::decimal(rate)])
}

/// What the arrears of a claim come to on the day of a line: what is open, and the interest owed so far.
fn arrears(case: &Case<'_>, receivable: u32, interval: &Interval, last: Day, interest: Minor) -> Result<(u32, u32, Vec<Arg>), Fault> {
    let on = interval.made_up_on.unwrap_or(last);
    let principal = Minor::try_from(open(case, receivable, on)).map_err(|_| too_large())?;
    let sum = principal.checked_add(interest).ok_or_else(too_large)?;
    let args = vec![arg::receivable(receivable), arg::day(on), arg::money(principal), arg::money(interest), arg::money(sum)];
    Ok((DC2, Say::Arrears.index(), args))
}
