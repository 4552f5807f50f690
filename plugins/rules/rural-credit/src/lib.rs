//! `rural-credit`: what borrowers and guarantors owe, and what follows when they do not pay.
//!
//! A case is an agreement of kind `loan` (one loan and its claims), or of kind `village` (what a unit is measured by). `interest`
//! follows RC-2 and RC-7, `payroll` RC-3, `duties` RC-1, RC-4, RC-5 and RC-8, `village` RC-6.

mod clauses;
mod duties;
mod interest;
mod loan;
mod messages;
mod parameters;
mod payroll;
mod village;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::Problem;
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct RuralCredit;

impl Pack for RuralCredit {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        if case.agreement_kind() == Some(clauses::VILLAGE) {
            return village::evaluate(case, parameters, out);
        }
        let loan = loan::Loan::of(case, parameters)?;
        interest::evaluate(&loan, parameters, out)?;
        payroll::evaluate(&loan, parameters, out)?;
        duties::evaluate(&loan, parameters, out)
    }
}

recoup_sdk::export_rules!(RuralCredit);
