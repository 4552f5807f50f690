//! FF-4, FF-5 and FF-7: what must be on paper. Each gap is a finding that stands until the paper is there.

use recoup_sdk::rules::wire::{Day, Milestone};
use recoup_sdk::rules::{Case, Fault, Verdict, arg};

use crate::clauses::{FF4, FF5, FF7};
use crate::messages::Say;
use crate::parameters::Parameters;

/// The debt is handed over to the recovery office.
const HANDED_OVER: &str = "handed-over";
/// The papers of an evidence file, and what is said when one is missing.
const PAPERS: [(&str, Say); 4] =
    [("contract-paper", Say::NoContract), ("settlement-paper", Say::NoSettlement), ("completion-paper", Say::NoCompletion), ("vouchers", Say::NoVouchers)];
/// The debtor was visited.
const VISIT: &str = "visit";
/// What the debtor said and promised, signed by the debtor's receptionist.
const RECORD: &str = "return-visit-record";
/// The debt is a key one.
const KEY_DEBT: &str = "key-debt";
/// It has a plan of its own.
const PLAN: &str = "recovery-plan";

/// Writes the findings of one agreement.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    for (_, handed) in case.happened(HANDED_OVER) {
        for (paper, gap) in PAPERS {
            if !of_debt(case, paper, debt(case, handed)?) {
                out.finding(FF4, gap.index(), handed.day, None, &[arg::receivable(handed.receivable), arg::day(handed.day)]);
            }
        }
    }
    for (_, key) in case.happened(KEY_DEBT) {
        if !of_debt(case, PLAN, debt(case, key)?) {
            out.finding(FF7, Say::NoPlan.index(), key.day, None, &[arg::receivable(key.receivable)]);
        }
    }
    visits(case, parameters, out)
}

/// The claim that a milestone happened to.
fn debt(case: &Case<'_>, milestone: &Milestone) -> Result<u32, Fault> {
    let debt = milestone.receivable;
    let unclear = || Fault::new(Say::NoDebt.index(), &[arg::day(milestone.day)]);
    case.receivables.get(debt as usize).map(|_| debt).ok_or_else(unclear)
}

fn of_debt(case: &Case<'_>, kind: &str, debt: u32) -> bool {
    case.happened(kind).any(|(_, milestone)| milestone.receivable == debt)
}

/// Each visit has a record of its own, made in time: the first one of that debt from its day on that no earlier visit has.
fn visits(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let mut records: Vec<(u32, Day)> = case.happened(RECORD).map(|(_, record)| (record.receivable, record.day)).collect();
    for (_, visit) in case.happened(VISIT) {
        let debt = debt(case, visit)?;
        let last = visit.day.saturating_add_unsigned(*parameters.record_days.on(visit.day)?);
        let found = records.iter().position(|&(of, on)| of == debt && on >= visit.day).map(|at| records.remove(at));
        if found.is_none() {
            // The last day is in time.
            let late = last.saturating_add(1);
            out.finding(FF5, Say::NoRecord.index(), late, None, &[arg::receivable(debt), arg::day(visit.day), arg::day(last)]);
            out.recheck(late);
        }
    }
    Ok(())
}
