//! `four-fixed`: the four fixed (四定): person, indicator, task, reward.
//!
//! A case is an agreement: a `task` earns by age and grade (`commission`, FF-2); a `collector` is paid by what they get done (`pay`, FF-3).
//! Of both, `evidence` looks at the papers of a hand-over, at records of visits and at plans of key debts (FF-4, FF-5, FF-7).

mod clauses;
mod commission;
mod evidence;
mod messages;
mod parameters;
mod pay;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::Problem;
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

use messages::Say;
pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct FourFixed;

impl Pack for FourFixed {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        match case.agreement_kind() {
            Some(clauses::COLLECTOR) => pay::evaluate(case, parameters, out)?,
            _ => drop(commission::evaluate(case, parameters, out)?),
        }
        evidence::evaluate(case, parameters, out)
    }
}

/// The fault of an amount that 64 bits do not hold.
fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

recoup_sdk::export_rules!(FourFixed);
