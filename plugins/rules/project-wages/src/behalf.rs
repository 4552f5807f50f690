//! PW-1: what the owner pays to a contractor's workers is deducted from the contractor, with a penalty.

use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Verdict, arg};

use crate::clauses::{PENALTY, PW1};
use crate::measures::amount;
use crate::messages::Say;
use crate::parameters::Parameters;

/// The owner paid workers; the amount is what they got.
const PAID_ON_BEHALF: &str = "paid-on-behalf";
/// Whom the agreement binds.
const CONTRACTOR: &str = "contractor";

/// What is deducted, and its penalty, are lines of their own.
const DEDUCTION: u32 = 0;
const PENALTY_PART: u32 = 1;

/// Writes two lines for each payment.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    for (index, paid) in case.happened(PAID_ON_BEHALF) {
        let contractor = contractor(case)?;
        let (min, max) = bounds(parameters, paid.day)?;
        let (deducted, penalty) = (amount(paid)?, penalty(case, (min, max))?);
        let key = |part: u32| Key { clause: PW1, to: Beneficiary::Party(contractor), basis: BasisKind::Milestone, index, part };
        let states = [(paid.day, LineState::Payable)];
        // Amounts that are stated are not below zero, so their opposites fit.
        if let Some(trace) = out.line(key(DEDUCTION), deducted.saturating_neg(), states) {
            trace.step(PW1, Say::Paid.index(), &[arg::money(deducted), arg::day(paid.day)]);
        }
        if let Some(trace) = out.line(key(PENALTY_PART), penalty.saturating_neg(), states) {
            trace.step(PW1, Say::Penalty.index(), &[arg::money(penalty), arg::money(min), arg::money(max)]);
        }
    }
    Ok(())
}

fn contractor(case: &Case<'_>) -> Result<u32, Fault> {
    let mut bound = case.bound(CONTRACTOR);
    match (bound.next(), bound.next()) {
        (Some(contractor), None) => Ok(contractor),
        _ => Err(Fault::new(Say::NoContractor.index(), &[])),
    }
}

fn bounds(parameters: &Parameters, on: Day) -> Result<(Minor, Minor), Fault> {
    Ok((i64::from(*parameters.penalty_min.on(on)?), i64::from(*parameters.penalty_max.on(on)?)))
}

/// What was agreed, inside the regulation's range.
fn penalty(case: &Case<'_>, (min, max): (Minor, Minor)) -> Result<Minor, Fault> {
    let penalty = case.money(PENALTY).ok_or_else(|| Fault::new(Say::NoPenalty.index(), &[]))?;
    let outside = || Fault::new(Say::PenaltyOutOfRange.index(), &[arg::money(penalty), arg::money(min), arg::money(max)]);
    (min..=max).contains(&penalty).then_some(penalty).ok_or_else(outside)
}
