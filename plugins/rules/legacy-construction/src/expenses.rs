//! LC-8: what a collection trip or another request costs whoever laid it out, and on which conditions it is paid back.
//!
//! A `collection-trip` is approved by the chief accountant before its first day; travel and lodging of its days are then checked by
//! finance and approved by a leader. Other spending has an `expense-request` of its own, approved before the money is spent.

use recoup_sdk::rules::wire::{Arg, BasisKind, Beneficiary, Day, LineState, Milestone, Minor};
use recoup_sdk::rules::{Case, Fault, Key, NONE_INDEX, Verdict, arg};

use crate::clauses::{LC8, REQUESTED};
use crate::letter::too_large;
use crate::messages::Say;

/// What a trip is reimbursed for.
const TRIP_COSTS: [&str; 2] = ["travel", "lodging"];
/// Anything else that was spent.
const OTHER: &str = "other-spending";
/// The chief accountant approved the trip, or the request.
const APPROVED: &str = "approved-by-chief-accountant";
/// Finance checked what was claimed until then.
const CHECKED: &str = "checked-by-finance";
/// A leader approved what was checked.
const SIGNED: &str = "approved-by-leader";

/// The first day on which somebody did so on or after one day; whose claim it is does not count.
fn by_another(case: &Case<'_>, kind: &str, from: Day) -> Option<Day> {
    let own = |milestone: &Milestone| case.shares.iter().any(|share| share.person == milestone.person);
    let mut done = case.happened(kind).map(|(_, milestone)| milestone);
    done.find(|milestone| milestone.day >= from && milestone.person != NONE_INDEX && !own(milestone)).map(|milestone| milestone.day)
}

/// Whether the chief accountant had approved on an earlier day.
fn approved_before(case: &Case<'_>, day: Day) -> Option<Day> {
    by_another(case, APPROVED, Day::MIN).filter(|&approved| approved < day)
}

/// What was spent: it has an amount.
fn spent(milestone: &Milestone) -> Result<Minor, Fault> {
    milestone.amount.ok_or_else(|| Fault::new(Say::AmountMissing.index(), &[arg::day(milestone.day)]))
}

/// One voucher, and what becomes of it.
fn write(
    case: &Case<'_>,
    (index, amount): (u32, Minor),
    states: &[(Day, LineState)],
    (reason, args): (Say, &[Arg]),
    out: &mut Verdict<'_>,
) -> Result<(), Fault> {
    // Each of those who share the claim gets their part.
    let key = Key { clause: LC8, to: Beneficiary::Person(0), basis: BasisKind::Milestone, index, part: 0 };
    let written = out.shared(case, key, (0, amount), states, |trace, share, part| {
        let trace = trace.step(LC8, reason.index(), args);
        trace.step(LC8, Say::ExpenseShare.index(), &[arg::count(share.weight), arg::money(part)]);
    });
    written.ok_or_else(too_large)
}

/// A collection trip: its travel and lodging.
pub(crate) fn trip(case: &Case<'_>, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let approved = approved_before(case, case.from);
    if approved.is_none() {
        out.finding(LC8, Say::TripNotApproved.index(), case.from, None, &[arg::day(case.from)]);
    }
    for (index, cost) in TRIP_COSTS.into_iter().flat_map(|kind| case.happened(kind)) {
        let (day, amount) = (cost.day, spent(cost)?);
        let lapsed = [(day, LineState::Lapsed)];
        let Some(approved) = approved else {
            write(case, (index, amount), &lapsed, (Say::TripNotApproved, &[arg::day(case.from)]), out)?;
            continue;
        };
        if day < case.from || case.to.is_some_and(|last| day > last) {
            out.finding(LC8, Say::OutsideTrip.index(), day, None, &[arg::day(day), arg::money(amount)]);
            write(case, (index, amount), &lapsed, (Say::OutsideTrip, &[arg::day(day), arg::money(amount)]), out)?;
            continue;
        }
        let waiting = [(day, LineState::Contingent)];
        let Some(checked) = by_another(case, CHECKED, day) else {
            write(case, (index, amount), &waiting, (Say::ExpenseUnchecked, &[arg::day(approved)]), out)?;
            continue;
        };
        let Some(signed) = by_another(case, SIGNED, checked) else {
            write(case, (index, amount), &waiting, (Say::ExpenseUnsigned, &[arg::day(approved), arg::day(checked)]), out)?;
            continue;
        };
        let args = [arg::day(approved), arg::day(checked), arg::day(signed)];
        write(case, (index, amount), &[(day, LineState::Contingent), (signed, LineState::Payable)], (Say::ExpensePayable, &args), out)?;
    }
    for (index, other) in case.happened(OTHER) {
        let args = [arg::day(other.day), arg::money(spent(other)?)];
        out.finding(LC8, Say::OtherWithoutRequest.index(), other.day, None, &args);
        write(case, (index, spent(other)?), &[(other.day, LineState::Lapsed)], (Say::OtherWithoutRequest, &args), out)?;
    }
    Ok(())
}

/// A request for other spending: what is spent after its approval, up to what was requested.
pub(crate) fn request(case: &Case<'_>, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let requested = case.money(REQUESTED).unwrap_or_default();
    let mut left = requested;
    for (index, other) in case.happened(OTHER) {
        let (day, amount) = (other.day, spent(other)?);
        let Some(approved) = approved_before(case, day) else {
            let args = [arg::day(day), arg::money(amount)];
            out.finding(LC8, Say::OtherWithoutRequest.index(), day, None, &args);
            write(case, (index, amount), &[(day, LineState::Lapsed)], (Say::OtherWithoutRequest, &args), out)?;
            continue;
        };
        let within = amount.min(left);
        left -= within;
        if within < amount {
            let args = [arg::day(day), arg::money(amount - within), arg::money(requested)];
            out.finding(LC8, Say::OverRequest.index(), day, None, &args);
        }
        let args = [arg::day(approved), arg::money(requested)];
        write(case, (index, within), &[(day, LineState::Payable)], (Say::RequestApproved, &args), out)?;
    }
    Ok(())
}
