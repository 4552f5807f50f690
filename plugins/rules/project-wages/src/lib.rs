//! `project-wages`: what an owner pays to a contractor's workers, and what a project remits and owes.
//!
//! A case is an agreement of kind `project`. `behalf` follows PW-1, `measures` PW-2 to PW-4.

mod behalf;
mod clauses;
mod measures;
mod messages;
mod parameters;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::Problem;
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct ProjectWages;

impl Pack for ProjectWages {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        behalf::evaluate(case, parameters, out)?;
        measures::fees(case, parameters, out)?;
        measures::clearing(case, out)?;
        measures::estimates(case, parameters, out)
    }
}

recoup_sdk::export_rules!(ProjectWages);
