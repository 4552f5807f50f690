//! RC-2: interest at the contract rate on what is open, and what the penalty rate adds to it from the day after the due date, which
//! is waived when the loan is repaid by the cut-off and the waiver is approved.

use recoup_sdk::rules::interest::{Accrued, Charge, Figure, Interval, runs};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{Arg, Day, LineState, Minor};
use recoup_sdk::rules::{Fault, Verdict, arg};

use crate::clauses::{CUT_OFF, RC2, RC7};
use crate::loan::Loan;
use crate::messages::Say;
use crate::parameters::Parameters;

/// The waiver is approved.
const WAIVER_APPROVED: &str = "waiver-approved";
/// The waiver is refused.
const WAIVER_REFUSED: &str = "waiver-refused";

/// Series of lines for one interval: interest, and what the penalty rate adds.
const INTEREST: u32 = 0;
const PENALTY: u32 = 1;

pub(crate) fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

/// Writes both series for each claim of the loan.
pub(crate) fn evaluate(loan: &Loan<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = loan.case;
    // The day on which the money is paid out bears none.
    let (first, late) = (case.from.saturating_add(1), loan.due.saturating_add(1));
    out.recheck(first);
    out.recheck(loan.due);
    // What is open bears interest on the next day, also where none has borne any yet.
    if loan.open(case.as_of) > 0 {
        out.recheck(case.as_of.saturating_add(1));
    }
    for receivable in (0u32..).zip(case.receivables).map(|(receivable, _)| receivable) {
        let bearing = |first: Day| case.bearing(receivable, (first, case.as_of)).ok_or_else(too_large);
        for interval in bearing(first)? {
            let figure = contract(loan, parameters, &interval);
            // Not due before the term is over.
            out.accrue((RC2, loan.debtor, INTEREST), &interval, figure, |on| vec![(on, LineState::Contingent), (on.max(loan.due), LineState::Payable)])?;
        }
        for interval in bearing(late)? {
            let figure = surcharge(loan, parameters, &interval);
            out.accrue((RC2, loan.debtor, PENALTY), &interval, figure, |on| waiver(loan, on))?;
        }
    }
    if let Some(cut_off) = case.agreed_day(CUT_OFF) {
        out.recheck(cut_off.saturating_add(1));
    }
    Ok(())
}

/// Adds some days at a yearly rate.
fn add(accrued: &mut Accrued, parameters: &Parameters, rate: Rate, balance: Minor, days: (Day, Day)) -> Result<(), Fault> {
    for run in runs(days, parameters.day_basis.changes()) {
        let charge = Charge::Yearly(rate, *parameters.day_basis.on(run.0)?);
        *accrued = accrued.plus(balance, charge, run).ok_or_else(too_large)?;
    }
    Ok(())
}

fn days_of(balance: Minor, (first, last): (Day, Day), rate: Rate) -> Vec<Arg> {
    let days = i64::from(last) - i64::from(first) + 1;
    vec![arg::money(balance), arg::count(days), arg::day(first), arg::day(last), arg::decimal(rate)]
}

fn contract(loan: &Loan<'_>, parameters: &Parameters, interval: &Interval) -> impl FnMut((Day, Day)) -> Result<Figure, Fault> {
    let mut accrued = Accrued::default();
    move |days| {
        add(&mut accrued, parameters, loan.contract, interval.balance, days)?;
        let mut said = vec![(RC2, Say::Interest.index(), days_of(interval.balance, days, loan.contract))];
        if loan.by_term {
            said.push((RC7, Say::ByTerm.index(), vec![arg::decimal(loan.contract), arg::day(loan.case.from), arg::day(loan.due)]));
        }
        Ok(Figure { total: accrued.rounded().ok_or_else(too_large)?, said })
    }
}

/// The rounded penalty figure less the rounded contract figure.
fn surcharge(loan: &Loan<'_>, parameters: &Parameters, interval: &Interval) -> impl FnMut((Day, Day)) -> Result<Figure, Fault> {
    let (mut penalty, mut contract) = (Accrued::default(), Accrued::default());
    move |days| {
        add(&mut penalty, parameters, loan.penalty, interval.balance, days)?;
        add(&mut contract, parameters, loan.contract, interval.balance, days)?;
        let (high, low) = (penalty.rounded().ok_or_else(too_large)?, contract.rounded().ok_or_else(too_large)?);
        let total = high.checked_sub(low).ok_or_else(too_large)?;
        let said = vec![
            (RC2, Say::Penalty.index(), days_of(interval.balance, days, loan.penalty)),
            (RC2, Say::Surcharge.index(), vec![arg::day(interval.first), arg::money(high), arg::money(low), arg::money(total)]),
        ];
        Ok(Figure { total, said })
    }
}

/// What becomes of penalty interest that accrued by a day: open until the cut-off; then due, unless the loan was repaid by it.
fn waiver(loan: &Loan<'_>, on: Day) -> Vec<(Day, LineState)> {
    let Some(cut_off) = loan.case.agreed_day(CUT_OFF) else { return vec![(on, LineState::Payable)] };
    let mut states = vec![(on, LineState::Contingent)];
    if !loan.repaid.at(cut_off) {
        states.push((cut_off.saturating_add(1).max(on), LineState::Payable));
        return states;
    }
    let decided = [(WAIVER_APPROVED, LineState::Lapsed), (WAIVER_REFUSED, LineState::Payable)];
    let reopened = loan.repaid.turns(false, cut_off);
    let decisions = decided.into_iter().flat_map(|(kind, state)| loan.case.happened(kind).map(move |(_, milestone)| (milestone.day, state)));
    // What is decided after the loan is open again is not about a loan that was repaid in time.
    let decisions = decisions.filter(|(day, _)| reopened.is_none_or(|reopened| *day < reopened));
    let repaid = loan.repaid.latest(cut_off).map_or(on, |(day, _)| day);
    states.extend(decisions.map(|(day, state)| (day.max(repaid).max(on), state)));
    // A receipt that goes back counts for nothing from then on, and another one is not in time.
    states.extend(reopened.map(|day| (day.max(on), LineState::Payable)));
    states.sort_by_key(|(day, _)| *day);
    states
}
