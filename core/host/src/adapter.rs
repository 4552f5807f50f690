//! Adapters: the bytes of an export in, canonical items out, one session per file.

use std::fmt;
use std::sync::Arc;

use recoup_model::Digest;
use recoup_model::calendar::is_day_number;
use rust_decimal::Decimal;

use crate::bindings::adapter::wit;
use crate::bindings::adapter::{AdapterPlugin as Bindings, AdapterPluginPre};
use crate::host::Common;
use crate::instance::{Instance, State};
use crate::{AdapterDescription, Columns, Input, Items, PluginError, PluginName, Problem, What, describe};

/// Control totals of one file.
const CONTROLS_MAX: usize = 10_000;

/// An adapter. Cheap to clone.
#[derive(Clone)]
pub struct AdapterPlugin(Arc<Inner>);

struct Inner {
    common: Common<AdapterPluginPre<State>>,
    description: AdapterDescription,
}

/// A figure that the file states about itself, beside what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Such as `documents` or `debit`.
    pub name: String,
    /// As the file states it.
    pub stated: Option<Decimal>,
    /// As summed from what was read.
    pub read: Decimal,
    /// What it is about when not the whole file.
    pub subject: String,
}

impl fmt::Debug for AdapterPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AdapterPlugin").field(self.name()).finish()
    }
}

impl AdapterPlugin {
    /// Asks the component what it is.
    pub(crate) fn describe(mut common: Common<AdapterPluginPre<State>>) -> Result<Self, PluginError> {
        let asked = instance(&common, None).and_then(|mut i| i.call(0, async |b, s| b.recoup_plugin_adapter().call_describe(s).await));
        let description = asked.and_then(|json| describe::adapter(&json)).map_err(|what| common.error("describe", what))?;
        common.name.id.clone_from(&description.id);
        common.name.version.clone_from(&description.version);
        Ok(Self(Arc::new(Inner { common, description })))
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
    pub fn description(&self) -> &AdapterDescription {
        &self.0.description
    }

    /// How sure the adapter is, 0 to 100, that it reads a file of this name and with these first bytes.
    ///
    /// # Errors
    /// [`PluginError`] when the plugin fails.
    pub fn probe(&self, name: &str, head: &[u8]) -> Result<u8, PluginError> {
        let asked = instance(&self.0.common, None).and_then(|mut i| i.call(0, async |b, s| b.recoup_plugin_adapter().call_probe(s, name, head).await));
        let sure = asked.and_then(|sure| if sure <= 100 { Ok(sure) } else { Err(What::BadOutput(format!("it is {sure} % sure"))) });
        sure.map_err(|what| self.0.common.error("probe", what))
    }

    /// Starts reading a file with a profile. The session holds an instance until it is dropped.
    ///
    /// # Errors
    /// [`PluginError`] when the plugin fails, or refuses file or profile.
    pub fn session(&self, input: Arc<dyn Input>, profile: &str) -> Result<AdapterSession, PluginError> {
        let opened = instance(&self.0.common, Some(input)).and_then(|mut instance| {
            let opened = instance.call(0, async |b, s| b.recoup_plugin_adapter().call_open(s, profile).await)?;
            opened.map_err(rejected)?;
            Ok(instance)
        });
        let instance = opened.map_err(|what| self.0.common.error("open", what))?;
        Ok(AdapterSession { plugin: self.clone(), instance, batches: 0, items: 0, phase: Phase::Reading })
    }
}

fn instance(common: &Common<AdapterPluginPre<State>>, input: Option<Arc<dyn Input>>) -> Result<Instance<Bindings>, What> {
    Instance::new(&common.runtime, common.name.to_string(), input, async |store| common.pre.instantiate_async(store).await)
}

fn rejected(problem: wit::Problem) -> What {
    What::Rejected(Problem { code: problem.code, at: problem.at, message: problem.message })
}

/// One file being read.
pub struct AdapterSession {
    plugin: AdapterPlugin,
    instance: Instance<Bindings>,
    batches: u64,
    items: u64,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Reading,
    Read,
    Over,
}

impl AdapterSession {
    /// The next items, at most `limit` and at most as many as the host's limits allow; `None` after the last one.
    ///
    /// # Errors
    /// [`PluginError`] when the plugin fails, refuses what it reads, or answers with what are no items.
    /// The session is over then.
    pub fn next(&mut self, limit: usize) -> Result<Option<Items>, PluginError> {
        match self.phase {
            Phase::Reading => {}
            Phase::Read => return Ok(None),
            Phase::Over => return Err(self.over()),
        }
        let limit = limit.clamp(1, self.plugin.0.common.runtime.limits.batch_records_max.max(1));
        let items = self.read(limit).map_err(|what| {
            self.phase = Phase::Over;
            self.plugin.0.common.error(format!("batch {}, after item {}", self.batches + 1, self.items), what)
        })?;
        if items.is_empty() {
            self.phase = Phase::Read;
            return Ok(None);
        }
        self.batches += 1;
        self.items = self.items.saturating_add(u64::try_from(items.len()).unwrap_or(u64::MAX));
        Ok(Some(items))
    }

    fn read(&mut self, limit: usize) -> Result<Items, What> {
        let wanted = u32::try_from(limit).unwrap_or(u32::MAX);
        let answer = self.instance.call(limit, async |b, s| b.recoup_plugin_adapter().call_next(s, wanted).await)?;
        let wit::Items { kinds, numbers, ends, text } = answer.map_err(rejected)?;
        if kinds.len() > limit {
            return Err(What::BadOutput(format!("{} items where {limit} were asked for", kinds.len())));
        }
        let items = Columns { kinds, numbers, ends, text }.check().map_err(|e| What::BadOutput(e.0))?;
        if let Some((i, _)) = items.days().find(|(_, day)| !is_day_number(*day)) {
            return Err(What::BadOutput(format!("item {i}: a day that the calendar does not have")));
        }
        Ok(items)
    }

    /// The file's control totals, after the last item. Ends the session.
    ///
    /// # Errors
    /// [`PluginError`] when items are left, the plugin fails, or a figure is no decimal.
    pub fn finish(&mut self) -> Result<Vec<Control>, PluginError> {
        if self.phase != Phase::Read {
            return Err(self.over());
        }
        self.phase = Phase::Over;
        self.controls().map_err(|what| self.plugin.0.common.error("finish", what))
    }

    fn controls(&mut self) -> Result<Vec<Control>, What> {
        let answer = self.instance.call(0, async |b, s| b.recoup_plugin_adapter().call_finish(s).await)?;
        let controls = answer.map_err(rejected)?;
        if controls.len() > CONTROLS_MAX {
            return Err(What::BadOutput(format!("{} control totals, at most {CONTROLS_MAX} are taken", controls.len())));
        }
        let exact =
            |name: &str, text: &str| Decimal::from_str_exact(text).map_err(|_| What::BadOutput(format!("control total `{name}`: `{text}` is not a decimal")));
        controls
            .into_iter()
            .map(|c| {
                if c.name.is_empty() {
                    return Err(What::BadOutput("a control total without a name".into()));
                }
                let stated = c.stated.as_deref().map(|text| exact(&c.name, text)).transpose()?;
                let read = exact(&c.name, &c.read)?;
                Ok(Control { name: c.name, stated, read, subject: c.subject })
            })
            .collect()
    }

    /// Fuel used so far: the same file and plugin use the same.
    #[must_use]
    pub const fn fuel_used(&self) -> u64 {
        self.instance.fuel_used()
    }

    fn over(&self) -> PluginError {
        let why = if self.phase == Phase::Over { "the session is over" } else { "items are left to read" };
        self.plugin.0.common.error("", What::Incompatible(why.into()))
    }
}
