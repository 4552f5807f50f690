//! `dealer-credit`: what a dealer's arrears come to, what its sellers earn, and what follows from losses and false reports.
//!
//! A case is an agreement: of a `dealer-credit` `arrears` adds the interest for the delay (DC-2) and `holds` says who is held back for
//! a loss (DC-7); a `sales-target` earns by what was really paid (`target`, DC-8). Of both, `reports` tells of results that were
//! reported falsely (DC-9).

mod arrears;
mod clauses;
mod holds;
mod messages;
mod parameters;
mod reports;
mod target;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::Problem;
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

use messages::Say;
pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct DealerCredit;

impl Pack for DealerCredit {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        reports::evaluate(case, out);
        match case.agreement_kind() {
            Some(clauses::SALES_TARGET) => target::evaluate(case, out),
            _ => {
                arrears::evaluate(case, parameters, out)?;
                holds::evaluate(case, parameters, out)
            }
        }
    }
}

/// The fault of an amount that 64 bits do not hold.
fn too_large() -> Fault {
    Fault::new(Say::TooLarge.index(), &[])
}

recoup_sdk::export_rules!(DealerCredit);
