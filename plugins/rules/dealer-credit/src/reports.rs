//! DC-9: results that were reported falsely, and the sanction on whoever reported them. Findings; what is withdrawn is in `target`.

use recoup_sdk::rules::{Case, Verdict, arg};

use crate::clauses::DC9;
use crate::messages::Say;

/// Writes the findings of each false report.
pub(crate) fn evaluate(case: &Case<'_>, out: &mut Verdict<'_>) {
    for report in case.false_reports {
        let (person, day) = (report.person, report.day);
        let args = [arg::person(person), arg::day(day)];
        out.finding(DC9, Say::FalseReport.index(), day, Some(person), &args);
        match case.symbols.get(report.sanction as usize) {
            Some(kind) => {
                let stated = [arg::person(person), arg::day(day), arg::symbol(report.sanction)];
                out.finding(DC9, Say::Sanction.index(), day, Some(person), &stated);
                if !case.is_sanctioned(person, Some(kind), day) {
                    out.finding(DC9, Say::NotImposed.index(), day, Some(person), &args);
                }
            }
            None if !case.is_sanctioned(person, None, day) => out.finding(DC9, Say::Undecided.index(), day, Some(person), &args),
            None => {}
        }
    }
}
