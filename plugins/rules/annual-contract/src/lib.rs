//! `annual-contract`: a year's recovery target, and what follows from meeting it.
//!
//! A case is an agreement: a `recovery-contract` runs through `year` (what counts, AC-2), `reward` (AC-1, AC-2, AC-5) and
//! `notice` (AC-3); an `executive` through `year` and `executive` (AC-4); a `supervising-leader` through
//! `leader` (AC-6); a `helper` through `helper` (AC-7).

mod clauses;
mod executive;
mod helper;
mod leader;
mod messages;
mod notice;
mod parameters;
mod reward;
mod year;

use recoup_sdk::rules::describe::RulesDescription;
use recoup_sdk::rules::wire::Problem;
use recoup_sdk::rules::{Case, Fault, Pack, Verdict};

pub use parameters::Parameters;

/// The pack.
#[derive(Debug)]
pub struct AnnualContract;

impl Pack for AnnualContract {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        clauses::describe()
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        parameters::parse(json)
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        match case.agreement_kind() {
            Some(clauses::EXECUTIVE) => executive::evaluate(case, parameters, out),
            Some(clauses::HELPER) => helper::evaluate(case, out),
            Some(clauses::LEADER) => leader::evaluate(case, parameters, out),
            _ => reward::evaluate(case, parameters, out),
        }
    }
}

recoup_sdk::export_rules!(AnnualContract);
