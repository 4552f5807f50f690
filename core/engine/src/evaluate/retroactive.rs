//! Parameters that change the past. A policy takes the place of the one in force at once, unless one of its parameters becomes
//! another one on a day that is evaluated already: that takes an approval, which puts it in force.
//!
//! Another component with equal parameters is taken at once: what it judges otherwise is posted as the difference.

use recoup_host::RulesPlugin;
use recoup_model::calendar::Date;
use recoup_model::due::PolicyInForce;
use recoup_model::parameter::{ParameterChange, changes};
use recoup_store::{EVERYTHING as NOW, View};
use serde_json::Value;

use super::{checked, policy_at};
use crate::EngineError;

/// The policy that a component with parameters is, if its pack accepts them.
///
/// # Errors
/// It does not, or the plugin fails.
pub(crate) fn policy(plugin: &RulesPlugin, parameters: &str) -> Result<PolicyInForce, EngineError> {
    checked(plugin, parameters)?;
    Ok(of(plugin, parameters))
}

pub(super) fn of(plugin: &RulesPlugin, parameters: &str) -> PolicyInForce {
    let d = plugin.description();
    PolicyInForce {
        pack: d.id.clone(),
        version: d.version.clone(),
        component: plugin.digest(),
        parameters: parameters.to_owned(),
        families: plugin.families(),
        tax_notes: plugin.tax_notes(),
    }
}

/// The policy in force that another one is to replace, and what that changes.
pub(crate) struct Replaced {
    /// The position that put it in force.
    pub(crate) position: i64,
    /// All that becomes other than it says, days to come included.
    pub(crate) changes: Vec<ParameterChange>,
    /// The last day that was evaluated by it.
    pub(crate) evaluated: Date,
}

impl Replaced {
    /// By this one; none where the pack was not evaluated yet.
    ///
    /// # Errors
    /// The store.
    pub(crate) fn by(view: &mut View<'_>, plugin: &RulesPlugin, policy: &PolicyInForce) -> Result<Option<Self>, EngineError> {
        let Some((evaluated, _)) = view.last_evaluated(&policy.pack)? else { return Ok(None) };
        let Some((position, in_force)) = policy_at(view, &policy.pack, NOW)? else { return Ok(None) };
        Ok(Some(Self { position, changes: differing(plugin, &in_force, policy), evaluated: evaluated.as_of }))
    }

    /// Whether a value becomes another one on a day that is evaluated.
    pub(crate) fn takes_approval(&self) -> bool {
        self.changes.iter().any(|change| change.from <= self.evaluated)
    }
}

/// Refuses a policy in the place of the one in force, where that takes an approval.
pub(super) fn refuse(plugin: &RulesPlugin, in_force: &PolicyInForce, wanted: &PolicyInForce, evaluated: Date) -> Result<(), EngineError> {
    let past: Vec<ParameterChange> = differing(plugin, in_force, wanted).into_iter().filter(|change| change.from <= evaluated).collect();
    if past.is_empty() { Ok(()) } else { Err(EngineError::Retroactive { pack: wanted.pack.clone(), evaluated, changes: past }) }
}

fn differing(plugin: &RulesPlugin, in_force: &PolicyInForce, wanted: &PolicyInForce) -> Vec<ParameterChange> {
    if in_force.parameters == wanted.parameters {
        return Vec::new();
    }
    // A pack has accepted both.
    let read = |policy: &PolicyInForce| serde_json::from_str(&policy.parameters).unwrap_or(Value::Null);
    changes(&read(in_force), &read(wanted), &plugin.description().default_parameters)
}
