//! PW-2 to PW-4: what a project remits, how much of its wages is cleared, and what they are estimated at. Findings, not money.

use recoup_sdk::rules::rate::{Rate, ratio};
use recoup_sdk::rules::wire::{Day, EntryKind, Milestone, Minor};
use recoup_sdk::rules::{Case, Fault, Verdict, arg};

use crate::clauses::{PW2, PW3, PW4};
use crate::messages::Say;
use crate::parameters::Parameters;

/// The project remitted a management fee.
const MANAGEMENT_FEE: &str = "management-fee";
/// The project is completed.
const COMPLETED: &str = "completed";
/// Wages became owed.
const WAGES_OWED: &str = "wages-owed";
/// Wages were paid.
const WAGES_PAID: &str = "wages-paid";
/// Works of a section were measured.
const MEASURED: &str = "measured";

fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

/// The amount of a milestone. Missing is never zero.
pub(crate) fn amount(milestone: &Milestone) -> Result<Minor, Fault> {
    milestone.amount.ok_or_else(|| Fault::new(Say::AmountUnknown.index(), &[arg::day(milestone.day)]))
}

/// What milestones of a kind come to by the end of a day.
fn sum(case: &Case<'_>, kind: &str, on: Day) -> Result<Minor, Fault> {
    let until = case.happened(kind).take_while(|(_, milestone)| milestone.day <= on);
    until.map(|(_, milestone)| amount(milestone)).try_fold(0, |sum: Minor, amount| sum.checked_add(amount?).ok_or_else(too_large))
}

/// Days on which milestones of some kinds happened, each once.
fn days(case: &Case<'_>, kinds: &[&str]) -> Vec<Day> {
    let mut days: Vec<Day> = kinds.iter().flat_map(|kind| case.happened(kind).map(|(_, milestone)| milestone.day)).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// PW-2: fees before completion are at most a part of the cash received by then. A receipt that bounces may make them too high.
pub(crate) fn fees(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let completed = case.happened(COMPLETED).map(|(_, milestone)| milestone.day).next();
    let mut days = days(case, &[MANAGEMENT_FEE]);
    days.extend(case.entries.iter().map(|entry| entry.day));
    days.sort_unstable();
    days.dedup();
    let mut exceeded = false;
    for day in days.into_iter().filter(|day| completed.is_none_or(|completed| *day < completed)) {
        let fees = sum(case, MANAGEMENT_FEE, day)?;
        let received: i128 = case.balances(day, |kind| kind == EntryKind::Cash).iter().sum();
        let received = Minor::try_from(-received).map_err(|_| too_large())?;
        // The limit of the day on which the last fee was remitted: a later one makes no earlier fee too high.
        let Some(remitted) = case.happened(MANAGEMENT_FEE).map(|(_, fee)| fee.day).take_while(|fee| *fee <= day).last() else { continue };
        let max = *parameters.management_fee_max.on(remitted)?;
        let above = exceeds(fees, max, received);
        if above && !exceeded {
            let allowed = max.of(received).ok_or_else(too_large)?;
            let args = [arg::money(fees), arg::money(received), arg::decimal(max), arg::money(allowed)];
            out.finding(PW2, Say::FeeExceeded.index(), day, None, &args);
        }
        exceeded = above;
    }
    Ok(())
}

/// By the exact product, without rounding.
fn exceeds(fees: Minor, max: Rate, received: Minor) -> bool {
    i128::from(fees) * 10i128.pow(max.scale.into()) > i128::from(received) * i128::from(max.mantissa)
}

/// PW-3: paid ÷ owed in whole per cent, told on each day on which either changes.
pub(crate) fn clearing(case: &Case<'_>, out: &mut Verdict<'_>) -> Result<(), Fault> {
    for day in days(case, &[WAGES_OWED, WAGES_PAID]) {
        let (owed, paid) = (sum(case, WAGES_OWED, day)?, sum(case, WAGES_PAID, day)?);
        if owed > 0 {
            let percent = ratio(100, paid, owed).ok_or_else(too_large)?;
            out.finding(PW3, Say::Cleared.index(), day, None, &[arg::money(paid), arg::money(owed), arg::count(percent)]);
        }
    }
    Ok(())
}

/// PW-4: the wage bill of what was measured on a day.
pub(crate) fn estimates(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let mut before = 0;
    for day in days(case, &[MEASURED]) {
        let until = sum(case, MEASURED, day)?;
        let measured = until - before;
        before = until;
        let share = *parameters.wage_share.on(day)?;
        let wages = share.of(measured).ok_or_else(too_large)?;
        out.finding(PW4, Say::Estimate.index(), day, None, &[arg::money(measured), arg::decimal(share), arg::money(wages)]);
    }
    Ok(())
}
