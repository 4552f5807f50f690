//! A simulation as somebody asks for it, for the command line and HTTP alike: of which components, with which parameters, as
//! known when; and how what it found is told.

use std::path::PathBuf;

use chrono::NaiveDate;
use recoup_engine::EngineError;
use recoup_engine::evaluate::{GoesOn, Policy, Simulation, Span, policy_in_force, simulate_while};
use recoup_engine::known::KnownAt;
use recoup_engine::trace::{self, Language, Names};
use recoup_host::{RulesDescription, RulesPlugin};
use recoup_model::Digest;
use recoup_model::due::Line;
use recoup_model::record::Ledger;
use recoup_store::Store;
use serde_json::Value;

use crate::context::{Context, For};
use crate::error::CliError;

/// A component on trial.
#[derive(Debug, Clone)]
pub(crate) enum OnTrial {
    /// A file.
    At(PathBuf),
    /// The one of this digest among the installation's plugins.
    Of(Digest),
}

/// What is asked.
pub(crate) struct Question<'a> {
    /// Policy pack; the configured one when absent.
    pub pack: Option<&'a str>,
    /// Component on trial; the one in force when absent.
    pub component: Option<OnTrial>,
    /// What differs from the pack's defaults on trial; the parameters in force when absent.
    pub parameters: Option<Value>,
    /// The first day whose movements count.
    pub from: NaiveDate,
    /// The last one.
    pub to: NaiveDate,
    /// As known then; everything when absent.
    pub known_at: Option<KnownAt>,
    /// So many of the lines that differ most are told.
    pub largest: usize,
}

/// What was found, and by whom.
pub(crate) struct Simulated {
    /// The component in force.
    pub in_force: RulesPlugin,
    /// The one on trial.
    pub on_trial: RulesPlugin,
    /// What they differ in.
    pub found: Simulation,
}

impl Question<'_> {
    /// Simulates, for as long as that is wanted.
    pub(crate) fn simulated(self, context: &Context, store: &mut Store, ledger: &Ledger, goes_on: &GoesOn<'_>) -> Result<Simulated, CliError> {
        let host = context.host()?;
        let in_force = context.rules(&host, self.pack, For::Books(store))?;
        let on_trial = match self.component {
            Some(OnTrial::At(path)) => context.rules_at(&host, &path, For::Books(store))?,
            Some(OnTrial::Of(digest)) => context.rules_of(&host, digest, For::Books(store))?,
            None => in_force.clone(),
        };
        // One position, so that the policy and the cases are of one state.
        let known_at = match self.known_at {
            Some(asked) => asked.found(store, ledger)?,
            None => store.read::<_, EngineError>(ledger.id, |view| Ok(view.head().position))?,
        };
        let parameters = match self.parameters {
            Some(set) => Context::with_parameters(&on_trial, set),
            None => {
                let in_force = store.read(ledger.id, |view| policy_in_force(view, &in_force.description().id, known_at))?;
                in_force.map_or_else(|| context.parameters(&on_trial), |policy| Ok(policy.parameters))?
            }
        };
        let span = Span { from: self.from, to: self.to, known_at, batch_cases: context.config.evaluate.batch_cases, largest: self.largest };
        let trial = Policy { plugin: &on_trial, parameters: &parameters };
        let found = simulate_while(store, ledger, &in_force, trial, &span, Context::today(ledger), goes_on)?;
        Ok(Simulated { in_force, on_trial, found })
    }
}

/// How a line came about, and its states; steps by their codes where the pack's words are not at hand.
pub(crate) fn told(description: Option<&RulesDescription>, line: &Line, names: &Names, language: Language) -> String {
    let states = line.states.iter().map(|(day, state)| format!("{} from {day}", state.word()));
    let steps = line.steps.iter().map(|step| {
        let sentence = description.map_or_else(|| step.message.clone(), |d| trace::render(d, step, names, language));
        format!("{}: {sentence}", step.clause)
    });
    steps.chain(states).collect::<Vec<_>>().join("\n")
}
