//! `group-incentive`: a group is rewarded for old debts that it was entrusted with.
//!
//! A case is an agreement of kind `entrustment`. `incentive` follows it through GI-1 to GI-5: which money earns, at which
//! rate, and when it is payable.

mod clauses;
mod incentive;
mod messages;
mod parameters;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::Problem;
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct GroupIncentive;

impl Pack for GroupIncentive {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        incentive::evaluate(case, parameters, out)
    }
}

recoup_sdk::export_rules!(GroupIncentive);
