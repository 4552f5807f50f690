//! The real host and the real components, compiled once per process.

use std::sync::OnceLock;

use recoup_host::{AdapterPlugin, Host, Limits, Plugin, RulesPlugin};
use serde_json::Value;

use crate::paths;

/// config/default.toml.
pub fn defaults() -> toml::Table {
    let path = paths::root().join("config").join("default.toml");
    let text = std::fs::read_to_string(&path).expect("config/default.toml");
    toml::from_str(&text).expect("config/default.toml is TOML")
}

/// The sandbox limits of config/default.toml.
pub fn limits() -> Limits {
    let table = defaults().remove("sandbox").expect("config/default.toml has [sandbox]");
    table.try_into().expect("[sandbox] holds limits")
}

/// A host with the limits of config/default.toml.
pub fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::new(limits()).expect("a host"))
}

/// A component by its id, loaded into a host.
pub fn load(host: &Host, id: &str) -> Plugin {
    let bytes = std::fs::read(paths::component(id)).expect("a component can be read");
    host.load(&bytes).expect("a component loads")
}

/// An adapter by its id: `table` or `saft`.
pub fn adapter(id: &str) -> AdapterPlugin {
    load(host(), id).into_adapter().expect("an adapter")
}

/// A policy pack by its id, such as `legacy-construction`.
pub fn rules(id: &str) -> RulesPlugin {
    load(host(), id).into_rules().expect("a policy pack")
}

/// A profile of config/profiles as the adapter takes it.
pub fn profile(name: &str) -> Value {
    let path = paths::root().join("config").join("profiles").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).expect("a profile of config/profiles");
    let table: toml::Table = toml::from_str(&text).expect("a profile is TOML");
    serde_json::to_value(table).expect("a profile is JSON too")
}
