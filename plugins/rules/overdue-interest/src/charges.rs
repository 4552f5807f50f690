//! OI-1 to OI-3 of each claim: interest or penalty, month by month on what is open.

use recoup_sdk::rules::interest::{Accrued, Charge, Figure, Interval};
use recoup_sdk::rules::wire::{Arg, BasisKind, Beneficiary, Day, EntryKind, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Verdict, arg};

use crate::clauses::{OI1, OI2, OI3};
use crate::messages::Say;
use crate::parameters::Parameters;
use crate::terms::{Asked, INTEREST_CHOSEN, Interest, PENALTY_CHOSEN, Penalty};

fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

/// Writes what each claim of the agreement bears.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let asked = Asked::of(case)?;
    for (claim, receivable) in case.receivables.iter().zip(0u32..) {
        let due = case.due(receivable).ok_or_else(|| Fault::new(Say::DueUnknown.index(), &[arg::receivable(receivable)]))?;
        // From the day after the due date, within the days of the agreement.
        let first = due.saturating_add(1).max(case.from);
        let last = case.to.map_or(case.as_of, |to| to.min(case.as_of));
        out.recheck(first);
        let charges = Charges { case, parameters, receivable, party: claim.party, due };
        let intervals = case.bearing(receivable, (first, last)).ok_or_else(too_large)?;
        for interval in &intervals {
            charges.write(interval, asked, out)?;
        }
        // What is open bears interest on the next day, also where none has borne any yet.
        let open = case.balances(case.as_of, |kind| kind != EntryKind::WriteOff);
        let is_open = open.get(receivable as usize).is_some_and(|open| *open > 0);
        if is_open && case.as_of.saturating_add(1) >= first && case.to.is_none_or(|to| case.as_of < to) {
            out.recheck(case.as_of.saturating_add(1));
        }
        if let Asked::Penalty(Penalty::Fixed(amount)) | Asked::Both(_, Penalty::Fixed(amount)) = asked {
            charges.fixed(amount, asked, out);
        }
        let chosen = case.happened(INTEREST_CHOSEN).chain(case.happened(PENALTY_CHOSEN)).next().is_some();
        if let (Asked::Both(..), Some(began), false) = (asked, intervals.first(), chosen) {
            out.finding(OI2, Say::ChooseOne.index(), began.first, None, &[arg::receivable(receivable)]);
        }
    }
    Ok(())
}

/// One claim.
struct Charges<'a> {
    case: &'a Case<'a>,
    parameters: &'a Parameters,
    receivable: u32,
    party: u32,
    due: Day,
}

/// An exact sum, and how it came about in the days added last.
#[derive(Default)]
struct Sum {
    accrued: Accrued,
    said: Vec<(u32, u32, Vec<Arg>)>,
}

impl Sum {
    fn add(&mut self, balance: Minor, (first, last): (Day, Day), charge: Charge) -> Result<(), Fault> {
        self.accrued = self.accrued.plus(balance, charge, (first, last)).ok_or_else(too_large)?;
        let (say, rate) = match charge {
            Charge::Daily(rate) => (Say::Daily, rate),
            Charge::Yearly(rate, _) => (Say::Yearly, rate),
        };
        let days = i64::from(last) - i64::from(first) + 1;
        self.said.push((OI3, say.index(), vec![arg::money(balance), arg::count(days), arg::day(first), arg::day(last), arg::decimal(rate)]));
        Ok(())
    }

    fn total(&self) -> Result<Minor, Fault> {
        self.accrued.rounded().ok_or_else(too_large)
    }
}

impl Charges<'_> {
    fn interest(&self, interest: Interest, balance: Minor, days: (Day, Day), sum: &mut Sum) -> Result<(), Fault> {
        interest.charges(self.parameters, days)?.into_iter().try_for_each(|(run, charge)| sum.add(balance, run, charge))
    }

    fn write(&self, interval: &Interval, asked: Asked, out: &mut Verdict<'_>) -> Result<(), Fault> {
        let balance = interval.balance;
        let (interest, penalty) = match asked {
            Asked::Interest(interest) => (Some(interest), None),
            Asked::Penalty(penalty) => (None, Some(penalty)),
            Asked::Both(interest, penalty) => (Some(interest), Some(penalty)),
        };
        if let Some(interest) = interest {
            self.line(OI1, interval, asked, out, |days, sum| self.interest(interest, balance, days, sum))?;
        }
        if let Some(Penalty::Daily(rate)) = penalty {
            self.line(OI2, interval, asked, out, |days, sum| sum.add(balance, days, Charge::Daily(rate)))?;
        }
        Ok(())
    }

    /// Lines of one clause for an interval; where both are asked for, the trace shows what the two come to.
    fn line(
        &self,
        clause: u32,
        interval: &Interval,
        asked: Asked,
        out: &mut Verdict<'_>,
        mut add: impl FnMut((Day, Day), &mut Sum) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut sum = Sum::default();
        let figure = |days: (Day, Day)| {
            add(days, &mut sum)?;
            let mut said = std::mem::take(&mut sum.said);
            if interval.made_up_on.is_some() {
                said.insert(0, (OI3, Say::MadeUp.index(), vec![arg::day(interval.first), arg::day(interval.last)]));
            }
            if let Asked::Both(interest, penalty) = asked {
                said.push(self.both(interest, penalty, interval.balance, days)?);
            }
            Ok(Figure { total: sum.total()?, said })
        };
        out.accrue((clause, self.party, 0), interval, figure, |on| self.states(clause, asked, on))
    }

    /// In which states a line is from its day on: of both, neither is due until one is chosen, and then the other lapses.
    fn states(&self, clause: u32, asked: Asked, on: Day) -> Vec<(Day, LineState)> {
        if !matches!(asked, Asked::Both(..)) {
            return vec![(on, LineState::Payable)];
        }
        let mut choices: Vec<(Day, LineState)> = Vec::new();
        for (kind, chosen) in [(INTEREST_CHOSEN, OI1), (PENALTY_CHOSEN, OI2)] {
            let state = if chosen == clause { LineState::Payable } else { LineState::Lapsed };
            choices.extend(self.case.happened(kind).map(|(_, milestone)| (milestone.day.max(on), state)));
        }
        choices.sort_by_key(|(day, _)| *day);
        std::iter::once((on, LineState::Contingent)).chain(choices).collect()
    }

    /// What interest and penalty of some days come to.
    fn both(&self, interest: Interest, penalty: Penalty, balance: Minor, days: (Day, Day)) -> Result<(u32, u32, Vec<Arg>), Fault> {
        let mut sum = Sum::default();
        self.interest(interest, balance, days, &mut sum)?;
        let penalty = match penalty {
            Penalty::Daily(rate) => Accrued::default().plus(balance, Charge::Daily(rate), days).and_then(Accrued::rounded).ok_or_else(too_large)?,
            Penalty::Fixed(amount) => amount,
        };
        Ok((OI2, Say::Both.index(), vec![arg::money(sum.total()?), arg::money(penalty)]))
    }

    /// A fixed penalty is due once, the day after the due date, if something is open then; if a receipt in time goes back later, on that day.
    fn fixed(&self, amount: Minor, asked: Asked, out: &mut Verdict<'_>) {
        let Some((entry, day)) = self.late() else {
            // The due date itself is in time.
            return;
        };
        if day < self.case.from || self.case.to.is_some_and(|to| day > to) {
            return;
        }
        let key = Key { clause: OI2, to: Beneficiary::Party(self.party), basis: BasisKind::Entry, index: entry, part: 0 };
        if let Some(trace) = amount.checked_neg().and_then(|owed| out.line(key, owed, self.states(OI2, asked, day))) {
            let trace = trace.step(OI3, Say::Late.index(), &[arg::receivable(self.receivable), arg::day(self.due)]);
            trace.step(OI2, Say::Fixed.index(), &[arg::money(amount), arg::day(day)]);
        }
    }

    /// The entry after which the claim is late, and since when.
    fn late(&self) -> Option<(u32, Day)> {
        let after = self.due.saturating_add(1);
        if after > self.case.as_of {
            return None;
        }
        // What came in by the due date, less what of it went back by a later day.
        let in_time = |index: u32| self.case.entries.get(self.case.root(index) as usize).is_some_and(|root| root.day <= self.due);
        let mut open = 0i128;
        let mut last = None;
        for (index, entry) in self.case.of_debt(self.receivable).filter(|(index, _)| in_time(*index)) {
            if entry.day > self.due && last.is_some() && open > 0 {
                break;
            }
            open += i128::from(entry.amount);
            last = Some((index, entry.day.max(after)));
        }
        last.filter(|_| open > 0)
    }
}
