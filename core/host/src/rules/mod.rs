//! Policy packs: cases in, verdicts out, a fresh instance per batch.

mod lift;
mod lower;
mod render;
mod terms;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use recoup_model::Digest;
use recoup_model::case::{Case, Setting};
use recoup_model::due::{Due, Family, Fault, Verdict};

use crate::bindings::rules::wit;
use crate::bindings::rules::{RulesPlugin as Bindings, RulesPluginPre};
use crate::host::Common;
use crate::instance::{Instance, State};
use crate::{PluginError, PluginName, Problem, RulesDescription, What, describe};

/// Facts of a batch per case that it may have: large cases make small batches.
const FACTS_PER_CASE: usize = 16;
/// Problems taken from one `check`.
const PROBLEMS_MAX: usize = 1_000;

/// A policy pack. Cheap to clone.
#[derive(Clone)]
pub struct RulesPlugin(Arc<Inner>);

struct Inner {
    common: Common<RulesPluginPre<State>>,
    description: RulesDescription,
    shape: describe::Shape,
}

/// The judgement on some cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// One verdict per case, in the order of the cases.
    pub verdicts: Vec<Verdict>,
    /// Fuel used: the same cases and plugin use the same.
    pub fuel: u64,
}

impl fmt::Debug for RulesPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RulesPlugin").field(self.name()).finish()
    }
}

impl RulesPlugin {
    /// Asks the component what it is.
    pub(crate) fn describe(mut common: Common<RulesPluginPre<State>>) -> Result<Self, PluginError> {
        let asked = instance(&common).and_then(|mut i| i.call(0, async |b, s| b.recoup_plugin_rules().call_describe(s).await));
        let described = asked.and_then(|json| describe::rules(&json));
        let (description, shape) = described.map_err(|what| common.error("describe", what))?;
        common.name.id.clone_from(&description.id);
        common.name.version.clone_from(&description.version);
        Ok(Self(Arc::new(Inner { common, description, shape })))
    }

    /// Which plugin this is.
    #[must_use]
    pub fn name(&self) -> &PluginName {
        &self.0.common.name
    }

    /// Digest of the component.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.name().digest
    }

    /// Bytes of the component.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.common.size
    }

    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> &RulesDescription {
        &self.0.description
    }

    /// Which kind of money each clause with lines deals in, by clause id.
    #[must_use]
    pub fn families(&self) -> BTreeMap<String, Family> {
        let of = |clause: &describe::Clause| Some((clause.id.clone(), describe::family(clause.family)?));
        self.0.description.clauses.iter().filter(|c| c.lines.is_some()).filter_map(of).collect()
    }

    /// What it says of taxes in the traces of lines, by message code: the messages whose own name begins with `tax`.
    #[must_use]
    pub fn tax_notes(&self) -> BTreeMap<String, String> {
        let own = |code: &str| code.rsplit('.').next().is_some_and(|name| name.starts_with("tax"));
        self.0.description.messages.iter().filter(|m| own(&m.code)).map(|m| (m.code.clone(), m.en.clone())).collect()
    }

    /// Every problem of a parameter set; none when it may be used.
    ///
    /// # Errors
    /// [`PluginError`] when the plugin fails.
    pub fn check(&self, parameters: &str) -> Result<Vec<Problem>, PluginError> {
        let asked = instance(&self.0.common).and_then(|mut i| i.call(0, async |b, s| b.recoup_plugin_rules().call_check(s, parameters).await));
        let problems = asked.map_err(|what| self.0.common.error("check", what))?;
        Ok(problems.into_iter().take(PROBLEMS_MAX).map(problem).collect())
    }

    /// Judges cases, in batches within the limits.
    ///
    /// A batch that fails is judged again case by case, so that only the case to blame is
    /// set aside, as a verdict with a fault. A case's verdict does not depend on its neighbours.
    ///
    /// # Errors
    /// [`PluginError`] when the clock stops the plugin or the engine fails, which is no result;
    /// and when the plugin refuses the parameters.
    pub fn evaluate(&self, setting: &Setting, cases: &[Case]) -> Result<Evaluation, PluginError> {
        let scopes = &self.0.shape.scopes;
        if let Some(case) = cases.iter().find(|c| c.key.pack != self.name().id || !scopes.contains(&c.key.scope)) {
            let why = format!("case {} of pack `{}` and scope `{}` is not for it", case.key.subject, case.key.pack, case.key.scope.word());
            return Err(self.0.common.error("evaluate", What::Incompatible(why)));
        }
        let mut evaluation = Evaluation { verdicts: Vec::with_capacity(cases.len()), fuel: 0 };
        let limit = self.0.common.runtime.limits.batch_records_max.max(1);
        let mut rest = cases;
        let mut number = 0_u64;
        while !rest.is_empty() {
            number += 1;
            let len = lower::batch_len(rest, limit, limit.saturating_mul(FACTS_PER_CASE));
            let unfit = rest.iter().take(len).enumerate().find_map(|(at, case)| Some((at, terms::unfit(self.description(), case)?)));
            let (batch, after) = rest.split_at(unfit.as_ref().map_or(len, |(at, _)| *at));
            rest = after;
            // An agreement that lacks what the pack has to know is not shown to it.
            let aside = unfit.and_then(|(_, fault)| rest.split_first().map(|(case, after)| (case, after, fault)));
            match self.judge(setting, batch, &mut evaluation.fuel) {
                Ok(dues) => evaluation.verdicts.extend(batch.iter().zip(dues).map(|(case, outcome)| Verdict { case: case.key.clone(), outcome })),
                Err(what) if what.is_transient() => {
                    return Err(self.0.common.error(format!("batch {number}"), what));
                }
                Err(what) => self.one_by_one(setting, batch, number, what, &mut evaluation)?,
            }
            if let Some((case, after, fault)) = aside {
                evaluation.verdicts.push(Verdict { case: case.key.clone(), outcome: Err(fault) });
                rest = after;
            }
        }
        Ok(evaluation)
    }

    /// Judges the cases of a failed batch alone.
    fn one_by_one(&self, setting: &Setting, batch: &[Case], number: u64, failed: What, evaluation: &mut Evaluation) -> Result<(), PluginError> {
        let error = |what| self.0.common.error(format!("batch {number}"), what);
        // Parameters are wrong for all cases alike: that is no fault of one of them.
        if matches!(failed, What::Rejected(_))
            && let Some(problem) = self.check(&setting.parameters)?.into_iter().next()
        {
            return Err(error(What::Rejected(problem)));
        }
        tracing::warn!(plugin = %self.name(), code = failed.code(), batch = number, "judged case by case: {failed}");
        for (i, case) in batch.iter().enumerate() {
            let outcome = match self.judge(setting, std::slice::from_ref(case), &mut evaluation.fuel) {
                Ok(mut dues) => dues.pop().unwrap_or_else(|| Ok(Due::default())),
                Err(what) if what.is_transient() => return Err(error(what)),
                Err(what) => {
                    let place = format!("batch {number}, item {}, case {} {}", i + 1, case.key.scope.word(), case.key.subject);
                    let error = self.0.common.error(place, what);
                    Err(Fault { code: error.code().to_owned(), args: Vec::new(), detail: error.to_string() })
                }
            };
            evaluation.verdicts.push(Verdict { case: case.key.clone(), outcome });
        }
        Ok(())
    }

    /// One call over some cases.
    fn judge(&self, setting: &Setting, batch: &[Case], fuel: &mut u64) -> Result<Vec<Result<Due, Fault>>, What> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let lowered = lower::lower(self.description(), setting, batch)?;
        let mut instance = instance(&self.0.common)?;
        let answer = instance.call(lowered.facts, async |b, s| b.recoup_plugin_rules().call_evaluate(s, &lowered.cases).await);
        *fuel = fuel.saturating_add(instance.fuel_used());
        let verdicts = answer?.map_err(|p| What::Rejected(problem(p)))?;
        lift::lift(&self.0.description, &self.0.shape, setting, batch, &lowered, &verdicts).map_err(What::BadOutput)
    }
}

fn instance(common: &Common<RulesPluginPre<State>>) -> Result<Instance<Bindings>, What> {
    Instance::new(&common.runtime, common.name.to_string(), None, async |store| common.pre.instantiate_async(store).await)
}

fn problem(problem: wit::Problem) -> Problem {
    Problem { code: problem.code, at: problem.at, message: problem.message }
}
