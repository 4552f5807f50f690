//! GI-1 to GI-5 of one entrustment: cash and goods recovered, and losses averted.

use recoup_sdk::rules::date::civil;
use recoup_sdk::rules::params::BandGap;
use recoup_sdk::rules::rate::{Rate, ratio};
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, Entry, EntryKind, LineState, Milestone, Minor};
use recoup_sdk::rules::{Case, DueUnknown, Fault, Key, Overdue, Standing, Trace, Verdict, arg};

use crate::clauses::{GI1, GI2, GI3, GI4, GI5, GI6, RATE};
use crate::messages::Say;
use crate::parameters::{Parameters, RatesBy};

/// The money is in the account that the company named for it.
const DESIGNATED: &str = "designated-account";
/// An effective ruling or judgment gives the goods, at the value that it states.
const RULING: &str = "ruling";
/// An effective ruling or judgment averted a claim.
const LOSS_AVERTED: &str = "loss-averted";

fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

/// Writes the lines of one entrustment.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let standing = Standing::of(case);
    for (index, entry) in case.indexed() {
        let root = case.root(index);
        let receipt = case.entries.get(root as usize).unwrap_or(entry);
        let earned = match receipt.kind {
            EntryKind::Cash => Earned::by_cash(case, root, receipt)?,
            EntryKind::InKind => Earned::by_goods(case, root, receipt)?,
            // Set-off and credit notes clear a debt and earn nothing.
            _ => None,
        };
        let Some(earned) = earned.filter(|earned| is_entrusted(case, earned.on)) else { continue };
        let Some(grade) = Grade::of(case, parameters, receipt.receivable, &earned)? else { continue };
        let whole = receipt.amount.checked_neg().ok_or_else(too_large)?;
        let (before, after) = if index == root { (0, whole) } else { standing.around(index, whole) };
        // What the money still counts for: its own amount, or its part of what the ruling says.
        let worth = |net: Minor| earned.worth(net);
        let (before, after) = (worth(before).ok_or_else(too_large)?, worth(after).ok_or_else(too_large)?);
        let bonus = |base: Minor| grade.rate.of(base).ok_or_else(too_large);
        let key = Key { clause: grade.clause, to: Beneficiary::Person(0), basis: BasisKind::Entry, index, part: 0 };
        let states = earned.states(entry.day);
        let bonuses = (bonus(before)?, bonus(after)?);
        write(case, out, key, bonuses, &states, |trace| {
            let mut trace = grade.explain(earned.explain(trace, receipt));
            if index != root {
                trace = trace.step(grade.clause, Say::Reverses.index(), &[arg::day(receipt.day), arg::money(after)]);
            }
            grade.explain_bonus(earned.explain_state(trace, case.as_of), after, bonuses.1)
        })?;
    }
    case.happened(LOSS_AVERTED).try_for_each(|(index, averted)| averted_loss(case, parameters, index, averted, out))
}

/// Only who was entrusted with the debt on the day is eligible (GI-4).
fn is_entrusted(case: &Case<'_>, on: Day) -> bool {
    case.from <= on && case.to.is_none_or(|to| on <= to)
}

/// GI-3: the claim that a ruling averted is the base, at the rate of the decision.
fn averted_loss(case: &Case<'_>, parameters: &Parameters, index: u32, averted: &Milestone, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let on = averted.day;
    if !is_entrusted(case, on) {
        return Ok(());
    }
    let unclear = || Fault::new(Say::NoDebt.index(), &[arg::day(on)]);
    let base = averted.amount.ok_or_else(unclear)?;
    if averted.receivable as usize >= case.receivables.len() {
        return Err(unclear());
    }
    if decided(case)?.is_none() {
        return Err(Fault::new(Say::NoDecision.index(), &[arg::day(on)]));
    }
    let earned = Earned { on, payable: Some(on), ruled: None };
    let Some(grade) = Grade::of(case, parameters, averted.receivable, &earned)? else { return Ok(()) };
    let bonus = grade.rate.of(base).ok_or_else(too_large)?;
    let key = Key { clause: GI3, to: Beneficiary::Person(0), basis: BasisKind::Milestone, index, part: 0 };
    let states = earned.states(on);
    write(case, out, key, (0, bonus), &states, |trace| {
        let trace = grade.explain(trace.step(GI3, Say::Averted.index(), &[arg::day(on), arg::money(base)]));
        grade.explain_bonus(trace.step(GI4, Say::InForce.index(), &[arg::day(on)]), base, bonus)
    })
}

/// Writes a line for each participant.
fn write(
    case: &Case<'_>,
    out: &mut Verdict<'_>,
    key: Key,
    bonuses: (Minor, Minor),
    states: &[(Day, LineState)],
    explain: impl Fn(Trace<'_>) -> Trace<'_>,
) -> Result<(), Fault> {
    let written = out.shared(case, key, bonuses, states, |trace, share, part| {
        explain(trace).step(GI5, Say::Share.index(), &[arg::count(share.weight), arg::money(part)]).step(GI6, Say::TaxOfPayee.index(), &[]);
    });
    written.ok_or_else(too_large)
}

/// What a receipt is worth, and when it counts.
struct Earned {
    /// The day that counts for its age: the receipt's, or that of the ruling.
    on: Day,
    /// From when it is payable (GI-4).
    payable: Option<Day>,
    /// Goods: the value in the ruling, and all that was taken for it.
    ruled: Option<(Minor, Minor)>,
}

impl Earned {
    fn by_cash(case: &Case<'_>, root: u32, receipt: &Entry) -> Result<Option<Self>, Fault> {
        if receipt.amount > 0 {
            let args = [arg::receivable(receipt.receivable), arg::day(receipt.day)];
            return Err(Fault::new(Say::UncitedReversal.index(), &args));
        }
        Ok(Some(Self { on: receipt.day, payable: case.receipt_milestone(DESIGNATED, root).map(|m| m.day), ruled: None }))
    }

    /// Goods earn nothing before a ruling gives them.
    fn by_goods(case: &Case<'_>, root: u32, receipt: &Entry) -> Result<Option<Self>, Fault> {
        if receipt.amount > 0 {
            return Self::by_cash(case, root, receipt);
        }
        let Some(ruling) = case.receipt_milestone(RULING, root) else { return Ok(None) };
        let value = ruling.amount.ok_or_else(|| Fault::new(Say::NoValue.index(), &[arg::day(ruling.day)]))?;
        Ok(Some(Self { on: ruling.day, payable: Some(ruling.day), ruled: Some((value, ruling.received)) }))
    }

    fn worth(&self, net: Minor) -> Option<Minor> {
        self.ruled.map_or(Some(net), |(value, received)| ratio(value, net, received))
    }

    /// Contingent from the day that earned it until it is payable; a line and what reverses it are always in one state.
    fn states(&self, first: Day) -> Vec<(Day, LineState)> {
        let first = first.max(self.on);
        let at_first = if self.payable.is_some_and(|day| day <= first) { LineState::Payable } else { LineState::Contingent };
        let later = self.payable.filter(|&day| day > first).map(|day| (day, LineState::Payable));
        std::iter::once((first, at_first)).chain(later).collect()
    }

    fn explain<'t>(&self, trace: Trace<'t>, receipt: &Entry) -> Trace<'t> {
        let Some((value, _)) = self.ruled else { return trace };
        let part = self.worth(receipt.amount.saturating_neg()).unwrap_or(value);
        trace.step(GI4, Say::Ruled.index(), &[arg::day(self.on), arg::money(value), arg::money(part)])
    }

    fn explain_state<'t>(&self, trace: Trace<'t>, as_of: Day) -> Trace<'t> {
        match self.payable.filter(|&day| day <= as_of) {
            None => trace.step(GI4, Say::Waiting.index(), &[]),
            Some(day) if self.ruled.is_some() => trace.step(GI4, Say::InForce.index(), &[arg::day(day)]),
            Some(day) => trace.step(GI4, Say::Designated.index(), &[arg::day(day)]),
        }
    }
}

/// The rate that a decision set for this entrustment, if there is one (GI-3).
fn decided(case: &Case<'_>) -> Result<Option<Rate>, Fault> {
    let decided = case.decimal(RATE);
    match decided.filter(|rate| !rate.is_share()) {
        Some(rate) => Err(Fault::new(Say::RateOutOfRange.index(), &[arg::decimal(rate)])),
        None => Ok(decided),
    }
}

/// Clause and rate of what was recovered.
struct Grade {
    clause: u32,
    rate: Rate,
    receivable: u32,
    on: Day,
    overdue: Overdue,
    /// The year of the debt, where it decided the rate.
    vintage: Option<u32>,
}

impl Grade {
    /// None when the debt is too young (GI-1), which no decision mends.
    fn of(case: &Case<'_>, parameters: &Parameters, receivable: u32, earned: &Earned) -> Result<Option<Self>, Fault> {
        let on = earned.on;
        let unknown = |DueUnknown| Fault::new(Say::DueUnknown.index(), &[arg::receivable(receivable)]);
        let Some(overdue) = case.overdue(receivable, on, *parameters.pauses.on(on)?).map_err(unknown)? else { return Ok(None) };
        if overdue.years < *parameters.years_overdue_min.on(on)? {
            return Ok(None);
        }
        if let Some(rate) = decided(case)? {
            return Ok(Some(Self { clause: GI3, rate, receivable, on, overdue, vintage: None }));
        }
        let arose = case.receivables.get(receivable as usize).map_or(0, |claim| civil(claim.document_day).0);
        let vintage = match parameters.rates_by.on(on)? {
            RatesBy::Age => None,
            RatesBy::Vintage => Some(arose.unsigned_abs()),
        };
        let table = if earned.ruled.is_some() { &parameters.in_kind_rates } else { &parameters.cash_rates };
        let band = vintage.unwrap_or(overdue.years);
        let gap = || Fault::new(Say::BandGap.index(), &[arg::count(band.into()), arg::day(on)]);
        // A debt that is old enough has a rate, if only one of zero.
        let rate = table.on(on)?.rate(band).map_err(|BandGap(_)| gap())?.ok_or_else(gap)?;
        Ok(Some(Self { clause: GI2, rate, receivable, on, overdue, vintage }))
    }

    fn explain<'t>(&self, trace: Trace<'t>) -> Trace<'t> {
        let debt = arg::receivable(self.receivable);
        let args = [debt, arg::day(self.overdue.due), arg::day(self.on), arg::count(self.overdue.years.into())];
        let trace = trace.step(GI1, Say::Age.index(), &args);
        let trace = match self.overdue.paused(self.on) {
            Some(args) => trace.step(GI1, Say::Paused.index(), &args),
            None => trace,
        };
        match self.vintage {
            _ if self.clause == GI3 => trace.step(GI3, Say::Decided.index(), &[arg::decimal(self.rate)]),
            Some(year) => trace.step(GI2, Say::Vintage.index(), &[debt, arg::count(year.into())]),
            None => trace,
        }
    }

    fn explain_bonus<'t>(&self, trace: Trace<'t>, base: Minor, bonus: Minor) -> Trace<'t> {
        trace.step(self.clause, Say::Incentive.index(), &[arg::money(base), arg::decimal(self.rate), arg::money(bonus)])
    }
}
