//! `overdue-interest`: what a debtor owes for paying late.
//!
//! A case is an agreement of kind `late-payment`: what was agreed about some claims, and what is asked for. Each claim is judged
//! by itself. `terms` reads the agreement, `charges` follows OI-1 to OI-3.

mod charges;
mod clauses;
mod messages;
mod parameters;
mod terms;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::Problem;
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct OverdueInterest;

impl Pack for OverdueInterest {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        charges::evaluate(case, parameters, out)
    }
}

recoup_sdk::export_rules!(OverdueInterest);
