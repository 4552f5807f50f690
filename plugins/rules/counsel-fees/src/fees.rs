//! LF-1 to LF-3 of one engagement: by the claim as filed, by cash since engagement, and at cost.

use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, EntryKind, LineState, Milestone, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Standing, Trace, Verdict, arg};

use crate::clauses::{FEE, LF1, LF2, LF3, START_RATE};
use crate::messages::Say;
use crate::parameters::Parameters;

/// The claim is filed; the amount is the claim.
const FILED: &str = "filed";
/// Counsel laid out money; the amount is the cost.
const DISBURSEMENT: &str = "disbursement";

fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

/// Writes the lines of one engagement.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    match case.word(FEE) {
        Some("fixed") => {
            if let Some(filed) = Filed::of(case)? {
                filed.fee(case, LF1, *parameters.fixed_rate.on(filed.day)?, out)?;
            }
        }
        Some("mixed") => {
            if let Some(filed) = Filed::of(case)? {
                filed.fee(case, LF2, start_rate(case, parameters, filed.day)?, out)?;
            }
            success(case, parameters, out)?;
        }
        _ => return Err(Fault::new(Say::FeeUnknown.index(), &[])),
    }
    disbursements(case, out)
}

/// The claim as filed.
struct Filed {
    index: u32,
    day: Day,
    claim: Minor,
}

impl Filed {
    fn of(case: &Case<'_>) -> Result<Option<Self>, Fault> {
        let mut all = case.happened(FILED);
        let Some((index, filed)) = all.next() else { return Ok(None) };
        if let Some((_, again)) = all.next() {
            return Err(Fault::new(Say::FiledTwice.index(), &[arg::day(filed.day), arg::day(again.day)]));
        }
        let unknown = || Fault::new(Say::ClaimUnknown.index(), &[arg::day(filed.day)]);
        Ok(Some(Self { index, day: filed.day, claim: filed.amount.ok_or_else(unknown)? }))
    }

    fn fee(&self, case: &Case<'_>, clause: u32, rate: Rate, out: &mut Verdict<'_>) -> Result<(), Fault> {
        let fee = rate.of(self.claim).ok_or_else(too_large)?;
        let key = Key { clause, to: Beneficiary::Person(0), basis: BasisKind::Milestone, index: self.index, part: 0 };
        write(case, out, key, self.day, (0, fee), |trace| {
            let trace = trace.step(clause, Say::Filed.index(), &[arg::money(self.claim), arg::day(self.day)]);
            trace.step(clause, Say::Fee.index(), &[arg::money(self.claim), arg::decimal(rate), arg::money(fee)])
        })
    }
}

/// What was agreed, inside the regulation's range.
fn start_rate(case: &Case<'_>, parameters: &Parameters, on: Day) -> Result<Rate, Fault> {
    let rate = case.decimal(START_RATE).ok_or_else(|| Fault::new(Say::NoStartRate.index(), &[]))?;
    let (min, max) = (*parameters.start_rate_min.on(on)?, *parameters.start_rate_max.on(on)?);
    let inside = rate.is_share() && min.compare(rate).is_le() && rate.compare(max).is_le();
    let outside = || Fault::new(Say::StartRateOutOfRange.index(), &[arg::decimal(rate), arg::decimal(min), arg::decimal(max)]);
    inside.then_some(rate).ok_or_else(outside)
}

/// LF-2: a part of the cash since engagement, less what is taken back of it.
fn success(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let standing = Standing::of(case);
    for (index, entry) in case.indexed() {
        let root = case.root(index);
        let Some(receipt) = case.entries.get(root as usize).filter(|receipt| receipt.kind == EntryKind::Cash) else { continue };
        if receipt.amount > 0 {
            let args = [arg::receivable(receipt.receivable), arg::day(receipt.day)];
            return Err(Fault::new(Say::UncitedReversal.index(), &args));
        }
        if receipt.day < case.from || case.to.is_some_and(|to| receipt.day > to) {
            continue;
        }
        let rate = *parameters.success_rate.on(receipt.day)?;
        let whole = receipt.amount.checked_neg().ok_or_else(too_large)?;
        let (before, after) = if index == root { (0, whole) } else { standing.around(index, whole) };
        let fee = |base: Minor| rate.of(base).ok_or_else(too_large);
        let (fee_before, fee_after) = (fee(before)?, fee(after)?);
        let key = Key { clause: LF2, to: Beneficiary::Person(0), basis: BasisKind::Entry, index, part: 0 };
        write(case, out, key, entry.day, (fee_before, fee_after), |trace| {
            let trace = match index == root {
                true => trace.step(LF2, Say::Cash.index(), &[arg::day(receipt.day), arg::day(case.from)]),
                false => trace.step(LF2, Say::Reverses.index(), &[arg::day(receipt.day), arg::money(after)]),
            };
            trace.step(LF2, Say::Fee.index(), &[arg::money(after), arg::decimal(rate), arg::money(fee_after)])
        })?;
    }
    Ok(())
}

/// LF-3: what counsel laid out.
fn disbursements(case: &Case<'_>, out: &mut Verdict<'_>) -> Result<(), Fault> {
    case.happened(DISBURSEMENT).try_for_each(|(index, &Milestone { day, amount, .. })| {
        let cost = amount.ok_or_else(|| Fault::new(Say::CostUnknown.index(), &[arg::day(day)]))?;
        let key = Key { clause: LF3, to: Beneficiary::Person(0), basis: BasisKind::Milestone, index, part: 0 };
        write(case, out, key, day, (0, cost), |trace| trace.step(LF3, Say::Disbursed.index(), &[arg::day(day), arg::money(cost)]))
    })
}

/// A fee is payable on the day that earns it.
fn write(case: &Case<'_>, out: &mut Verdict<'_>, key: Key, on: Day, fee: (Minor, Minor), explain: impl Fn(Trace<'_>) -> Trace<'_>) -> Result<(), Fault> {
    let written = out.shared(case, key, fee, &[(on, LineState::Payable)], |trace, share, part| {
        explain(trace).step(key.clause, Say::Share.index(), &[arg::count(share.weight), arg::money(part)]);
    });
    written.ok_or_else(too_large)
}
