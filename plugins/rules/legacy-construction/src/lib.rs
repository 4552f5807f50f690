//! `legacy-construction`: clearing the old debts of a construction company.
//!
//! The modules follow the regulation. A letter's case runs through `letter`, `bonus`
//! with `earning` (LC-1, LC-2), `vesting` (LC-3, LC-7) and `withholding` (LC-6); a closed
//! project's through `project`, `fines` (LC-4) and `refund` (LC-5). An agreement is a trip or
//! another request (`expenses`, LC-8), or a project's recovery team (`team`, LC-9 to LC-11).

mod bonus;
mod clauses;
mod earning;
mod expenses;
mod fines;
mod letter;
mod messages;
mod open;
mod parameters;
mod project;
mod refund;
mod roles;
mod team;
mod vesting;
mod withholding;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::{Problem, Scope};
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct LegacyConstruction;

impl Pack for LegacyConstruction {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        match case.scope {
            Scope::Letter => letter::evaluate(case, parameters, out),
            Scope::Contract => project::evaluate(case, parameters, out),
            Scope::Agreement => match case.agreement_kind() {
                Some(clauses::TRIP) => expenses::trip(case, out),
                Some(clauses::REQUEST) => expenses::request(case, out),
                _ => team::evaluate(case, parameters, out),
            },
        }
    }
}

recoup_sdk::export_rules!(LegacyConstruction);
