//! What a component is and asks for, for people who decide whether to trust it.

use recoup_model::Digest;
use serde::Serialize;
use serde_json::Value;

use crate::scan::scan;
use crate::{Host, Plugin, PluginError, PluginName};

/// What `plugin inspect` shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// `adapter` or `rules`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The contract it speaks.
    pub contract: String,
    /// Digest of the component.
    pub digest: Digest,
    /// Size of the component.
    pub bytes: usize,
    /// Interfaces it asks for.
    pub imports: Vec<String>,
    /// Interfaces it offers.
    pub exports: Vec<String>,
    /// What it says of itself.
    pub description: Value,
}

/// Loads a component and says what it is.
///
/// # Errors
/// As [`Host::load`].
pub fn inspect(host: &Host, bytes: &[u8]) -> Result<Inspection, PluginError> {
    let unknown = |what| {
        let plugin = PluginName { id: String::new(), version: String::new(), digest: Digest::of(bytes) };
        PluginError { plugin: Box::new(plugin), place: "loading".into(), what }
    };
    let plugin = host.load(bytes)?;
    let seen = scan(bytes, host.limits()).map_err(unknown)?;
    let (kind, contract, description) = match &plugin {
        Plugin::Adapter(p) => ("adapter", p.description().contract.clone(), serde_json::to_value(p.description())),
        Plugin::Rules(p) => ("rules", p.description().contract.clone(), serde_json::to_value(p.description())),
    };
    let name = plugin.name();
    Ok(Inspection {
        kind,
        id: name.id.clone(),
        version: name.version.clone(),
        contract,
        digest: name.digest,
        bytes: plugin.size(),
        imports: seen.imports,
        exports: seen.exports,
        description: description.unwrap_or_default(),
    })
}
