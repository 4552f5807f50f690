//! RC-3: whoever is on the public payroll and borrowed or guaranteed has the month's wage withheld from the month in which the term
//! is missed until the loan is repaid. What is withheld is a receipt on the loan, which is recorded when the employer pays it over, after
//! the month: until it is, the next months withhold that much less of what is open.

use std::collections::BTreeSet;

use recoup_sdk::rules::date::Month;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, LineState, Minor};
use recoup_sdk::rules::{Fault, Key, Verdict, arg};

use crate::clauses::RC3;
use crate::interest::too_large;
use crate::loan::Loan;
use crate::messages::Say;
use crate::parameters::Parameters;

/// Roles of an agreement whose holders' wages are withheld: borrowers before guarantors.
const DEBTORS: [&str; 2] = ["borrower", "guarantor"];

/// Writes a line for each month at whose end the loan is overdue.
pub(crate) fn evaluate(loan: &Loan<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let case = loan.case;
    let mut month = Month::of(loan.due.saturating_add(1));
    // What was withheld since the end of the first such month.
    let (mut so_far, mut since): (Minor, Option<Day>) = (0, None);
    while month.last_day() <= case.as_of {
        let end = month.last_day();
        let share = *parameters.withheld_share.on(end)?;
        let received = since.map_or(0, |since| loan.open(since).saturating_sub(loan.open(end)));
        let on_its_way = (i128::from(so_far) - received).max(0);
        let mut open = Minor::try_from(loan.open(end) - on_its_way).map_err(|_| too_large())?;
        let mut once = BTreeSet::new();
        for person in DEBTORS.iter().flat_map(|role| case.holders(role, end)).filter(|person| once.insert(*person)) {
            if open <= 0 {
                break;
            }
            let Some((index, wage)) = case.wage(person, month) else {
                // Missing is never zero.
                out.finding(RC3, Say::WageMissing.index(), end, Some(person), &[arg::person(person), arg::month(month)]);
                continue;
            };
            let withheld = share.of(wage).ok_or_else(too_large)?.min(open);
            open -= withheld;
            so_far = so_far.checked_add(withheld).ok_or_else(too_large)?;
            since = since.or(Some(end));
            let key = Key { clause: RC3, to: Beneficiary::Person(person), basis: BasisKind::WageMonth, index, part: 0 };
            if let Some(trace) = out.line(key, withheld.saturating_neg(), [(end, LineState::Payable)]) {
                let trace = trace.step(RC3, Say::Overdue.index(), &[arg::day(loan.due), arg::money(open + withheld), arg::day(end)]);
                trace.step(RC3, Say::Withheld.index(), &[arg::decimal(share), arg::money(wage), arg::month(month), arg::money(withheld)]);
            }
        }
        month = month.plus(1);
    }
    Ok(())
}
