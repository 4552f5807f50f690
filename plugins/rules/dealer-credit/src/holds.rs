//! DC-7: who is held back for a loss, until it is recovered or reduced. Findings: advice to people, which blocks nothing.

use std::collections::BTreeSet;

use recoup_sdk::rules::wire::{Day, EntryKind, Milestone, Minor};
use recoup_sdk::rules::{Case, Fault, Timeline, Verdict, arg};

use crate::clauses::DC7;
use crate::messages::Say;
use crate::parameters::{Parameters, Until};
use crate::too_large;

/// A loss of so much was established.
const LOSS: &str = "loss";
/// It was reduced by so much otherwise than by a receipt.
const LOSS_REDUCED: &str = "loss-reduced";
/// The head of the unit where the debt arose.
const FIRST: &str = "first";
/// Who handled the contract.
const DIRECT: &str = "direct";

/// What keeps everybody who answers back, and what the directly responsible besides.
const OF_ALL: [(&str, Say); 2] = [("no-promotion", Say::NoPromotion), ("no-transfer", Say::NoTransfer)];
const OF_DIRECT: [(&str, Say); 2] = [("no-resignation", Say::NoResignation), ("no-awards", Say::NoAwards)];

/// Writes the findings of each loss.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let mut subjects = BTreeSet::new();
    for (_, loss) in case.happened(LOSS) {
        if !subjects.insert(loss.receivable) {
            return Err(Fault::new(Say::TwoLosses.index(), &[]));
        }
        let amount = loss.amount.filter(|amount| *amount > 0).ok_or_else(|| Fault::new(Say::LossUnknown.index(), &[arg::day(loss.day)]))?;
        let held = held(case, loss, amount, *parameters.hold_until.on(loss.day)?)?;
        let Some((since, is_held)) = held.latest(case.as_of) else { continue };
        for (kind, say, person) in answering(case, loss.day) {
            if is_held {
                out.finding(DC7, say.index(), since, Some(person), &[arg::person(person), arg::money(amount), arg::day(loss.day)]);
            } else if case.is_sanctioned(person, Some(kind), case.as_of) {
                out.finding(DC7, Say::MayEnd.index(), since, Some(person), &[arg::person(person), arg::money(amount), arg::day(since)]);
            }
        }
    }
    Ok(())
}

/// Who answered on the day of the loss, with each sanction that follows for them.
fn answering(case: &Case<'_>, on: Day) -> Vec<(&'static str, Say, u32)> {
    let direct: BTreeSet<u32> = case.holders(DIRECT, on).collect();
    let all: BTreeSet<u32> = case.holders(FIRST, on).chain(direct.iter().copied()).collect();
    let of = |people: &BTreeSet<u32>, sanctions: [(&'static str, Say); 2]| {
        let each = people.iter().flat_map(move |&person| sanctions.map(|(kind, say)| (kind, say, person)));
        each.collect::<Vec<_>>()
    };
    [of(&all, OF_ALL), of(&direct, OF_DIRECT)].concat()
}

/// Since when the loss stands so that it holds people back: what comes in or reduces it after its day makes it good, and what of that goes back does not.
fn held(case: &Case<'_>, loss: &Milestone, amount: Minor, until: Until) -> Result<Timeline, Fault> {
    let is_of = |receivable: u32| case.receivables.get(loss.receivable as usize).is_none() || loss.receivable == receivable;
    let mut good: Vec<(Day, i128)> = Vec::new();
    for (index, entry) in case.indexed() {
        let after = case.entries.get(case.root(index) as usize).is_some_and(|root| root.day > loss.day);
        let recovers = matches!(case.kind(index), Some(EntryKind::Cash | EntryKind::SetOff | EntryKind::InKind));
        if after && recovers && is_of(entry.receivable) {
            good.push((entry.day, -i128::from(entry.amount)));
        }
    }
    for (_, reduced) in case.happened(LOSS_REDUCED).filter(|(_, reduced)| reduced.day >= loss.day && reduced.receivable == loss.receivable) {
        let by = reduced.amount.ok_or_else(|| Fault::new(Say::ReducedUnknown.index(), &[arg::day(reduced.day)]))?;
        good.push((reduced.day, by.into()));
    }
    good.sort_by_key(|&(day, _)| day);
    let mut held = Timeline::default();
    held.set(loss.day, true);
    let mut sum = 0i128;
    for (day, by) in good {
        sum = sum.checked_add(by).ok_or_else(too_large)?;
        held.set(
            day,
            match until {
                Until::Reduced => sum <= 0,
                Until::Recovered => sum < amount.into(),
            },
        );
    }
    Ok(held)
}
