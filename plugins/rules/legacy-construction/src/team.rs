//! LC-9, LC-10 and LC-11: a project's recovery team, the debts that it answers for, and the money that it brings in.

use recoup_sdk::rules::wire::{Day, EntryKind, Milestone, Minor, RoleSpan};
use recoup_sdk::rules::{Case, Fault, NONE_DAY, NONE_INDEX, Timeline, Verdict, arg};

use crate::clauses::{LC9, LC10, LC11};
use crate::letter::too_large;
use crate::messages::{self, Say};
use crate::open::clears;
use crate::parameters::Parameters;
use crate::roles::{ProjectRole, TEAM};

/// Money for a debt has arrived.
const ARRIVED: &str = "money-arrived";
/// A plan by which money is paid out was approved.
const PLAN: &str = "payment-plan";
/// Recovered money was paid out.
const PAID_OUT: &str = "paid-out";

/// Writes the findings of one team.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let cleared = case.cleared(|_| true, clears);
    members(case, &cleared, out);
    register(case, out);
    booked(case, parameters, out)?;
    paid_out(case, out)
}

/// LC-9: each role of the team has a holder from the project's start until the last receivable is in.
fn members(case: &Case<'_>, cleared: &Timeline, out: &mut Verdict<'_>) {
    for span in case.roles.iter().filter(|span| span.to != NONE_DAY) {
        // Time alone leaves the role to nobody.
        out.recheck(span.to.saturating_add(1));
    }
    if cleared.at(case.as_of) {
        return;
    }
    // What opened again is answered for again.
    let since = cleared.latest(case.as_of).map_or(case.from, |(day, _)| day.max(case.from));
    for (number, role) in TEAM.iter().enumerate() {
        if let Some(vacant) = vacant(case, role) {
            let day = vacant.max(since);
            out.finding(LC9, messages::team(number), day, None, &[arg::day(day)]);
        }
    }
}

/// Since when nobody has held a role, if nobody holds it.
fn vacant(case: &Case<'_>, role: &ProjectRole) -> Option<Day> {
    if case.holders(role.name, case.as_of).next().is_some() {
        return None;
    }
    let of_role = |span: &&RoleSpan| case.symbols.get(span.role as usize).is_some_and(|symbol| symbol == role.name);
    let ends = case.roles.iter().filter(of_role).map(|span| span.to.saturating_add(1));
    Some(ends.fold(case.from, Day::max))
}

/// LC-10: of each debt that is past due, its age, when it is expected to be recovered, and who answers.
fn register(case: &Case<'_>, out: &mut Verdict<'_>) {
    let open = case.balances(case.as_of, clears);
    // Since the last of them went.
    let nobody = TEAM.iter().map(|role| vacant(case, role)).try_fold(case.from, |since, day| Some(since.max(day?)));
    for ((receivable, claim), open) in (0u32..).zip(case.receivables).zip(open) {
        let debt = arg::receivable(receivable);
        if open <= 0 || case.is_advance(receivable, case.as_of) {
            out.recheck(claim.document_day);
            continue;
        }
        let Some(due) = case.due(receivable) else {
            out.finding(LC10, Say::AgeUnknown.index(), claim.document_day, None, &[debt]);
            continue;
        };
        // The day after is the first on which it is past due.
        let old = due.saturating_add(1);
        out.recheck(old);
        if case.as_of < old {
            continue;
        }
        match case.expected(receivable) {
            None => out.finding(LC10, Say::ExpectedMissing.index(), old, None, &[debt, arg::day(due)]),
            Some(expected) => {
                let passed = expected.saturating_add(1);
                out.finding(LC10, Say::ExpectedPassed.index(), passed, None, &[debt, arg::day(expected)]);
                out.recheck(passed);
            }
        }
        if let Some(since) = nobody {
            out.finding(LC10, Say::NobodyForDebt.index(), old.max(since), None, &[debt]);
        }
    }
}

/// LC-11: money that arrived is booked to its debt at once.
fn booked(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    for receivable in 0..case.receivables.len() as u32 {
        // A bounce takes back what was booked; it was booked all the same.
        let cash = case.of_debt(receivable).filter(|&(index, _)| case.root(index) == index && case.kind(index) == Some(EntryKind::Cash));
        let mut booked: i128 = cash.map(|(_, entry)| -i128::from(entry.amount)).sum();
        for (_, arrived) in case.happened(ARRIVED).filter(|(_, milestone)| milestone.receivable == receivable) {
            let amount = amount_of(arrived)?;
            booked -= i128::from(amount);
            let last = arrived.day.saturating_add_unsigned(*parameters.booking_days.on(arrived.day)?);
            let late = last.saturating_add(1);
            if booked < 0 {
                // Of what is not booked, so much is of this money.
                let missing = Minor::try_from(booked.unsigned_abs().min(amount.unsigned_abs().into())).map_err(|_| too_large())?;
                let args = [arg::receivable(receivable), arg::day(arrived.day), arg::money(missing)];
                out.finding(LC11, Say::NotBooked.index(), late, None, &args);
                out.recheck(late);
            }
        }
    }
    if let Some((_, stray)) = case.happened(ARRIVED).find(|(_, milestone)| milestone.receivable as usize >= case.receivables.len()) {
        return Err(Fault::new(Say::ArrivedForNothing.index(), &[arg::day(stray.day)]));
    }
    Ok(())
}

/// LC-11: what is paid out of recovered money is covered by plans that were approved by then.
fn paid_out(case: &Case<'_>, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let plans = || case.happened(PLAN).filter(|(_, plan)| plan.person != NONE_INDEX);
    let mut used: i128 = 0;
    for (_, paid) in case.happened(PAID_OUT) {
        let amount = i128::from(amount_of(paid)?);
        let mut approved: i128 = 0;
        for (_, plan) in plans().filter(|(_, plan)| plan.day <= paid.day) {
            approved += i128::from(amount_of(plan)?);
        }
        let covered = amount.min(approved - used);
        used += covered;
        if covered < amount {
            let missing = Minor::try_from(amount - covered).map_err(|_| too_large())?;
            out.finding(LC11, Say::PaidWithoutPlan.index(), paid.day, None, &[arg::day(paid.day), arg::money(missing)]);
        }
    }
    Ok(())
}

/// What came in, was planned or was paid: it has an amount.
fn amount_of(milestone: &Milestone) -> Result<Minor, Fault> {
    milestone.amount.ok_or_else(|| Fault::new(Say::AmountMissing.index(), &[arg::day(milestone.day)]))
}
