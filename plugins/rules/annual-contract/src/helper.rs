//! AC-7: the one-off reward of an outside helper for a receipt that meets the agreed condition; a bounce withdraws it.

use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Case, Fault, Key, Standing, Verdict, arg};

use crate::clauses::{AC7, AMOUNT, AT_LEAST, RATE};
use crate::messages::Say;
use crate::year::{too_large, uncited};

/// Writes the reward for the first receipt that meets the condition, or for the next one after its bounce.
pub(crate) fn evaluate(case: &Case<'_>, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let (amount, rate) = (case.money(AMOUNT), case.decimal(RATE));
    if amount.is_some() == rate.is_some() || rate.is_some_and(|rate| !rate.is_share()) {
        return Err(Fault::new(Say::HelperTerms.index(), &[]));
    }
    let at_least = case.money(AT_LEAST).unwrap_or(1).max(1);
    let reward = |counts: Minor| -> Result<Minor, Fault> {
        match (amount, rate) {
            _ if counts < at_least => Ok(0),
            (Some(amount), _) => Ok(amount),
            (None, rate) => rate.and_then(|rate| rate.of(counts)).ok_or_else(too_large),
        }
    };
    let standing = Standing::of(case);
    // The receipt that earned the reward, while the reward stands.
    let mut earned_by: Option<u32> = None;
    for (index, entry) in case.indexed() {
        let root = case.root(index);
        let Some(receipt) = case.cash_of(index, (case.from, case.to.unwrap_or(Day::MAX))).map_err(uncited)? else { continue };
        let is_new = index == root && earned_by.is_none();
        if !is_new && earned_by != Some(root) {
            continue;
        }
        let whole = receipt.amount.checked_neg().ok_or_else(too_large)?;
        let (before, after) = if index == root { (0, whole) } else { standing.around(index, whole) };
        let (paid, due) = (reward(before)?, reward(after)?);
        earned_by = (due != 0).then_some(root);
        let key = Key { clause: AC7, to: Beneficiary::Person(0), basis: BasisKind::Entry, index, part: 0 };
        let written = out.shared(case, key, (paid, due), &[(entry.day, LineState::Payable)], |trace, share, part| {
            let trace = match index == root {
                true => trace.step(AC7, Say::Helped.index(), &[arg::day(receipt.day), arg::money(after), arg::money(due)]),
                false => trace.step(AC7, Say::Withdrawn.index(), &[arg::day(receipt.day), arg::money(after), arg::money(paid - due)]),
            };
            trace.step(AC7, Say::Share.index(), &[arg::count(share.weight), arg::money(part)]).step(AC7, Say::TaxWithheld.index(), &[]);
        });
        written.ok_or_else(too_large)?;
    }
    Ok(())
}
