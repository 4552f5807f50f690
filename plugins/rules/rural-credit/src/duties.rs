//! RC-1, RC-4, RC-5, RC-8: who answers besides, how instalments are kept, how a campaign goes on, who collects. Findings, not money.

use std::collections::BTreeSet;

use recoup_sdk::rules::date::Month;
use recoup_sdk::rules::wire::{Day, Minor};
use recoup_sdk::rules::{Case, Fault, Verdict, arg};

use crate::clauses::{FIRST_INSTALMENT, INSTALMENT, RC1, RC4, RC5, RC8};
use crate::interest::too_large;
use crate::loan::Loan;
use crate::messages::Say;
use crate::parameters::Parameters;

/// Who guaranteed the loan.
const GUARANTOR: &str = "guarantor";
/// Roles of those who collect it.
const COLLECTORS: [&str; 2] = ["introducer", "grantor"];
/// Phases of a campaign in their order, as milestones of the agreement.
const PHASES: [&str; 6] = ["phase-prepare", "phase-demand", "phase-notice", "phase-administration", "phase-law", "phase-review"];
/// A step back is approved on its day.
const STEP_BACK_APPROVED: &str = "step-back-approved";

/// Writes what follows from the loan besides money.
pub(crate) fn evaluate(loan: &Loan<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    guarantors(loan, out);
    collectors(loan, parameters, out)?;
    instalments(loan, out)?;
    phases(loan.case, out);
    Ok(())
}

/// The first day after the term at whose beginning the loan is not repaid: also one on which a timely repayment goes back.
fn missed(loan: &Loan<'_>) -> Option<Day> {
    if loan.repaid.at(loan.due) { loan.repaid.turns(false, loan.due) } else { Some(loan.due.saturating_add(1)) }
}

/// RC-1: the loan is open after its term.
fn guarantors(loan: &Loan<'_>, out: &mut Verdict<'_>) {
    out.recheck(loan.due.saturating_add(1));
    let Some(after) = missed(loan) else { return };
    out.finding(RC1, Say::Repays.index(), after, None, &[arg::party(loan.debtor), arg::day(loan.due)]);
    for guarantor in loan.case.bound(GUARANTOR) {
        out.finding(RC1, Say::Guarantor.index(), after, None, &[arg::party(guarantor), arg::party(loan.debtor)]);
    }
}

/// RC-8: whoever introduced or granted it collects it within the term, or is off post until it is in.
fn collectors(loan: &Loan<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = loan.case;
    let Some(after) = missed(loan).filter(|after| *after <= case.as_of) else { return Ok(()) };
    // Whoever introduced and granted it answers once.
    let persons: BTreeSet<u32> = COLLECTORS.iter().flat_map(|role| case.holders(role, loan.due)).collect();
    for person in persons {
        let by = after.saturating_sub(1).saturating_add_unsigned(*parameters.collect_days.on(loan.due)?);
        out.finding(RC8, Say::Collects.index(), after, Some(person), &[arg::person(person), arg::day(by)]);
        out.recheck(by.saturating_add(1));
        let at_end = (!loan.repaid.at(by)).then(|| (by.saturating_add(1), false));
        for (day, is_in) in at_end.into_iter().chain(loan.repaid.after(by)) {
            if is_in {
                out.finding(RC8, Say::BackOnPost.index(), day, Some(person), &[arg::person(person), arg::day(day)]);
            } else {
                out.finding(RC8, Say::OffPost.index(), day, Some(person), &[arg::person(person), arg::day(by)]);
            }
        }
    }
    Ok(())
}

/// RC-4: what is left after each instalment, and whether so many were paid by its day. The day itself is in time.
fn instalments(loan: &Loan<'_>, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = loan.case;
    let (Some(each), Some(first)) = (case.money(INSTALMENT), case.agreed_day(FIRST_INSTALMENT)) else { return Ok(()) };
    if each <= 0 {
        return Err(Fault::new(Say::NoInstalment.index(), &[arg::money(each)]));
    }
    let fits = |amount: i128| Minor::try_from(amount).map_err(|_| too_large());
    let whole = fits(loan.open(first.saturating_sub(1)))?;
    let mut planned = whole;
    for number in 1.. {
        let day = monthly(first, number - 1);
        if planned <= 0 || day > case.as_of {
            out.recheck(day);
            break;
        }
        planned = planned.saturating_sub(each).max(0);
        let left = fits(loan.open(day))?;
        out.finding(RC4, Say::Left.index(), day, None, &[arg::count(number.into()), arg::money(left)]);
        if left > planned {
            out.finding(RC4, Say::Behind.index(), day.saturating_add(1), None, &[arg::count(number.into()), arg::money(left - planned)]);
            out.recheck(day.saturating_add(1));
        }
    }
    Ok(())
}

/// The same day of a later month; its last one, where it has no such day.
fn monthly(first: Day, months: i32) -> Day {
    let (.., day) = recoup_sdk::rules::date::civil(first);
    let month = Month::of(first).plus(months);
    month.first_day().saturating_add(i32::from(day) - 1).min(month.last_day())
}

/// RC-5: a step back that is not approved on its day.
fn phases(case: &Case<'_>, out: &mut Verdict<'_>) {
    let approved = |on: Day| case.happened(STEP_BACK_APPROVED).any(|(_, milestone)| milestone.day == on);
    let mut steps: Vec<(Day, usize, u32)> =
        PHASES.iter().enumerate().flat_map(|(rank, phase)| case.happened(phase).map(move |(_, milestone)| (milestone.day, rank, milestone.kind))).collect();
    steps.sort_unstable();
    let mut reached = 0;
    for (day, rank, kind) in steps {
        if rank < reached && !approved(day) {
            out.finding(RC5, Say::StepBack.index(), day, None, &[arg::symbol(kind)]);
        } else {
            reached = rank;
        }
    }
}
