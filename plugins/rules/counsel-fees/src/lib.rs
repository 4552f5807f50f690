//! `counsel-fees`: what outside counsel is due.
//!
//! A case is an agreement of kind `counsel`. `fees` follows LF-1 to LF-3: by the claim as filed, by cash since engagement, at cost.

mod clauses;
mod fees;
mod messages;
mod parameters;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::Problem;
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct CounselFees;

impl Pack for CounselFees {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        fees::evaluate(case, parameters, out)
    }
}

recoup_sdk::export_rules!(CounselFees);
