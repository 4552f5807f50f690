//! The host: from bytes to a plugin that may be called.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use recoup_model::Digest;
use wasmtime::component::Component;

use crate::bindings::{adapter::AdapterPluginPre, rules::RulesPluginPre};
use crate::instance::Runtime;
use crate::scan::{World, scan};
use crate::{AdapterPlugin, HostError, Limits, PluginError, PluginName, RulesPlugin, What, engine};

/// Compiled plugins kept at once; beyond that the memory is given back and they are compiled anew.
const COMPILED_MAX: usize = 64;

/// Loads plugins and bounds what they use. Cheap to clone; clones share engine, limits and compiled plugins.
#[derive(Clone)]
pub struct Host {
    runtime: Runtime,
    compiled: Arc<Mutex<HashMap<Digest, Plugin>>>,
}

/// A plugin ready to be called.
#[derive(Debug, Clone)]
pub enum Plugin {
    /// Reads exports.
    Adapter(AdapterPlugin),
    /// Judges cases.
    Rules(RulesPlugin),
}

/// What the two kinds of plugins have in common.
pub(crate) struct Common<Pre> {
    pub(crate) name: PluginName,
    pub(crate) size: usize,
    pub(crate) pre: Pre,
    pub(crate) runtime: Runtime,
}

impl<Pre> Common<Pre> {
    /// A failure of this plugin at a place.
    pub(crate) fn error(&self, place: impl Into<String>, what: What) -> PluginError {
        PluginError { plugin: Box::new(self.name.clone()), place: place.into(), what }
    }
}

impl Host {
    /// A host with an engine of its own.
    ///
    /// # Errors
    /// [`HostError`] when the limits make no engine.
    pub fn new(limits: Limits) -> Result<Self, HostError> {
        let engine = engine::new(&limits)?;
        let runtime = Runtime::new(engine, limits).map_err(|e| HostError::Engine(format!("{e:#}")))?;
        Ok(Self { runtime, compiled: Arc::default() })
    }

    /// The limits that plugins of this host have.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.runtime.limits
    }

    /// Reads, checks and compiles a component, and asks it what it is. The same bytes are compiled once.
    ///
    /// # Errors
    /// [`PluginError`] when it is damaged, too large, asks for more than a plugin gets, or does not fit the contract.
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, PluginError> {
        let digest = Digest::of(bytes);
        let known = |map: &HashMap<Digest, Plugin>| map.get(&digest).cloned();
        if let Some(plugin) = known(&self.compiled.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(plugin);
        }
        let name = PluginName { id: String::new(), version: String::new(), digest };
        let plugin = self.compile(bytes, name.clone()).map_err(|e| match e {
            Failure::Loading(what) => PluginError { plugin: Box::new(name), place: "loading".into(), what },
            Failure::Plugin(error) => error,
        })?;
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if compiled.len() >= COMPILED_MAX {
            compiled.clear();
        }
        compiled.insert(digest, plugin.clone());
        Ok(plugin)
    }

    fn compile(&self, bytes: &[u8], name: PluginName) -> Result<Plugin, Failure> {
        let fits = |e: wasmtime::Error| What::Incompatible(format!("{e:#}; build it with the SDK of this version"));
        let world = scan(bytes, &self.runtime.limits)?.world()?;
        let component = Component::from_binary(&self.runtime.engine, bytes).map_err(fits)?;
        let pre = self.runtime.prepare(&component).map_err(fits)?;
        let (runtime, size) = (self.runtime.clone(), bytes.len());
        Ok(match world {
            World::Adapter => {
                let pre = AdapterPluginPre::new(pre).map_err(fits)?;
                Plugin::Adapter(AdapterPlugin::describe(Common { name, size, pre, runtime })?)
            }
            World::Rules => {
                let pre = RulesPluginPre::new(pre).map_err(fits)?;
                Plugin::Rules(RulesPlugin::describe(Common { name, size, pre, runtime })?)
            }
        })
    }
}

/// Loading fails before or after the plugin can name itself.
enum Failure {
    Loading(What),
    Plugin(PluginError),
}

impl From<What> for Failure {
    fn from(what: What) -> Self {
        Self::Loading(what)
    }
}

impl From<PluginError> for Failure {
    fn from(error: PluginError) -> Self {
        Self::Plugin(error)
    }
}

impl Plugin {
    /// Which plugin this is.
    #[must_use]
    pub fn name(&self) -> &PluginName {
        match self {
            Self::Adapter(plugin) => plugin.name(),
            Self::Rules(plugin) => plugin.name(),
        }
    }

    /// Digest of the component.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.name().digest
    }

    /// Bytes of the component.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Adapter(plugin) => plugin.size(),
            Self::Rules(plugin) => plugin.size(),
        }
    }

    /// The adapter, if that is what it is.
    #[must_use]
    pub fn into_adapter(self) -> Option<AdapterPlugin> {
        match self {
            Self::Adapter(plugin) => Some(plugin),
            Self::Rules(_) => None,
        }
    }

    /// The policy pack, if that is what it is.
    #[must_use]
    pub fn into_rules(self) -> Option<RulesPlugin> {
        match self {
            Self::Rules(plugin) => Some(plugin),
            Self::Adapter(_) => None,
        }
    }
}
