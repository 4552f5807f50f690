//! Rules: a history of facts in, lines out.
//!
//! A pack implements [`Pack`] and calls [`export_rules!`](crate::export_rules) once.
//! The same pack runs natively through [`evaluate`], over the same batch types.
//!
//! ```
//! use recoup_sdk::rules::{Case, Fault, Pack, Verdict, wire::Problem};
//! # use recoup_wit::describe::{RulesDescription, Text};
//! struct Nothing;
//!
//! impl Pack for Nothing {
//!     type Parameters = ();
//!     fn describe() -> RulesDescription {
//!         // Id, clauses, messages, parameters …
//! #       RulesDescription { id: "nothing".into(), version: "1".into(), contract: recoup_wit::CONTRACT.into(),
//! #           title: Text { en: String::new(), zh: String::new() }, scopes: vec![], agreements: vec![], clauses: vec![], messages: vec![],
//! #           parameter_schema: Default::default(), default_parameters: Default::default() }
//!     }
//!     fn parse(_: &str) -> Result<(), Vec<Problem>> {
//!         Ok(())
//!     }
//!     fn evaluate(_: &Case<'_>, (): &(), _: &mut Verdict<'_>) -> Result<(), Fault> {
//!         Ok(())
//!     }
//! }
//! recoup_sdk::export_rules!(Nothing);
//! ```

mod agreement;
#[doc(hidden)]
pub mod bindings;
mod case;
pub mod clock;
mod conduct;
pub mod date;
mod earning;
pub mod interest;
mod messages;
pub mod params;
pub mod rate;
mod recovered;
pub mod sample;
#[cfg(test)]
mod tests;
mod timeline;
mod verdict;

pub use case::Case;
pub use clock::{Clock, Pauses};
pub use earning::{DueUnknown, Overdue, Standing};
pub use messages::no_values;
pub use recoup_wit::{CONTRACT, NONE_DAY, NONE_INDEX, describe};
pub use recovered::{Recovered, Uncited};
pub use timeline::Timeline;
pub use verdict::{Fault, Key, Trace, Verdict, arg};

/// The records of the contract, as the batch carries them.
pub mod wire {
    pub use super::bindings::exports::recoup::plugin::rules::{
        Arg, ArgKind, BasisKind, Beneficiary, Cases, DatedState, Entry, EntryKind, FalseReport, Fault, Finding, Line, LineState, Milestone, Obligor, Pause,
        PauseKind, Receivable, Recovery, RoleSpan, Sanction, Scope, Share, Stage, StageFrom, Step, Subject, SupervisedUnit, Term, TermKind, Verdicts,
        WageMonth,
    };
    pub use super::bindings::recoup::plugin::types::{Day, Minor, Problem, Span};
}

use wire::{Cases, Problem, Verdicts};

/// One organisation's regulation.
pub trait Pack {
    /// The parameters as the pack uses them; read once per batch.
    type Parameters;

    /// Id, clauses, messages and parameters, for the host and for people.
    fn describe() -> describe::RulesDescription;

    /// Reads a parameter set, or names everything that is wrong with it.
    ///
    /// # Errors
    /// Every problem, by the path of the parameter.
    fn parse(parameters: &str) -> Result<Self::Parameters, Vec<Problem>>;

    /// Judges one case. What was written before a fault is taken back.
    ///
    /// # Errors
    /// Why the case cannot be judged.
    fn evaluate(case: &Case<'_>, parameters: &Self::Parameters, out: &mut Verdict<'_>) -> Result<(), Fault>;
}

/// Judges a batch of cases.
///
/// # Errors
/// When the parameters are refused or the batch breaks the contract.
pub fn evaluate<P: Pack>(cases: &Cases) -> Result<Verdicts, Problem> {
    let parameters = P::parse(&cases.parameters).map_err(|problems| {
        let first = problems.into_iter().next();
        first.unwrap_or_else(|| Problem { code: "rules.parameters".into(), at: String::new(), message: "the parameters are refused".into() })
    })?;
    let mut verdicts = Verdicts {
        lines: Vec::with_capacity(cases.entries.len()),
        states: Vec::with_capacity(cases.entries.len()),
        steps: Vec::with_capacity(cases.entries.len()),
        args: Vec::with_capacity(cases.entries.len()),
        findings: Vec::new(),
        faults: Vec::new(),
        recheck_on: Vec::with_capacity(cases.subjects.len()),
    };
    for ((number, subject), index) in cases.subjects.iter().enumerate().zip(0u32..) {
        let case = Case::new(cases, number, subject)?;
        let (mut out, mark) = Verdict::begin(&mut verdicts, index, cases.as_of);
        let outcome = P::evaluate(&case, &parameters, &mut out);
        out.end(mark, outcome);
    }
    Ok(verdicts)
}

/// Every problem of a parameter set; empty when it may be used.
#[must_use]
pub fn check<P: Pack>(parameters: &str) -> Vec<Problem> {
    P::parse(parameters).err().unwrap_or_default()
}

impl<P: Pack> bindings::exports::recoup::plugin::rules::Guest for P {
    fn describe() -> String {
        // A description is plain data with text keys, which always serialises.
        serde_json::to_string(&P::describe()).unwrap_or_default()
    }

    fn check(parameters: String) -> Vec<Problem> {
        check::<P>(&parameters)
    }

    fn evaluate(cases: Cases) -> Result<Verdicts, Problem> {
        evaluate::<P>(&cases)
    }
}

/// Makes a pack the rules plugin of this component.
///
/// Nothing is exported on other targets, so that packs can be linked side by side in
/// one native program.
#[macro_export]
macro_rules! export_rules {
    ($pack:ident) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "a component's exports are raw symbols")]
        const _: () = {
    $crate::rules::bindings::export_rules_world!($pack with_types_in $crate::rules::bindings);
        };
    };
}
