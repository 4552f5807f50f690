//! What commands share: the store, the ledger, the sandbox and its plugins.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, Utc};
use recoup_engine::evaluate::business_date;
use recoup_host::{AdapterPlugin, Host, RulesPlugin};
use recoup_model::Digest;
use recoup_model::record::Ledger;
use recoup_store::{CommandMeta, Store, holds_password};
use serde_json::Value;

use crate::cli::SecretRef;
use crate::component::{Component, Trust, of_digest};
use crate::config::Config;
use crate::error::CliError;

/// Who acts from the command line.
pub(crate) const ACTOR: &str = "cli";

/// The session of one command.
#[derive(Clone)]
pub(crate) struct Context {
    pub config: Config,
    database: String,
    named_database: Option<String>,
    ledger: String,
    /// Made when it is first asked for; who asks later finds plugins compiled.
    host: OnceLock<Host>,
}

/// The URL of a database: as it is written, unless it has a password in it, or where a reference says.
fn database_url(written: &str) -> Result<String, CliError> {
    if let Ok(reference) = written.parse::<SecretRef>() {
        return reference.read();
    }
    if holds_password(written) {
        let mend = "leave it to libpq (PGPASSWORD, a password file), or name where the whole URL is: env:NAME or file:PATH";
        return Err(CliError::Config(format!("there is a password in the database's URL (`database.url`, `--database`): {mend}")));
    }
    Ok(written.to_owned())
}

/// What a plugin is loaded for.
pub(crate) enum For<'a> {
    /// Work on the books of a store, whose installation says which keys are trusted.
    Books(&'a mut Store),
    /// A trial in a scratch database: a plugin is tried out before anybody stands for it.
    Trial,
}

/// A profile as its adapter takes it.
pub(crate) struct Profile {
    pub id: String,
    pub adapter: String,
    pub json: String,
}

impl Context {
    pub(crate) fn new(config: Config, database: Option<String>, ledger: Option<String>) -> Result<Self, CliError> {
        let named_database = database.as_deref().map(database_url).transpose()?;
        let database = named_database.clone().map_or_else(|| database_url(&config.database.url), Ok)?;
        let ledger = ledger.unwrap_or_else(|| config.ledger.clone());
        Ok(Self { config, database, named_database, ledger, host: OnceLock::new() })
    }

    pub(crate) fn now() -> DateTime<Utc> {
        Utc::now()
    }

    /// Today, where the ledger's entity keeps its books.
    pub(crate) fn today(ledger: &Ledger) -> NaiveDate {
        business_date(ledger, Utc::now())
    }

    /// Where the data is.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    pub(crate) fn store(&self) -> Result<Store, CliError> {
        let mut store = Store::open(&self.database)?.with_clock(Self::now);
        store.migrate()?;
        Ok(store)
    }

    /// A scratch database: the one named on the command line, else a file in `folder`.
    pub(crate) fn scratch(&self, folder: &Path) -> Result<Store, CliError> {
        let url = self.named_database.clone().unwrap_or_else(|| format!("sqlite:{}", folder.join("scratch.db").display()));
        let mut store = Store::open(&url)?;
        store.migrate()?;
        Ok(store)
    }

    /// The ledger, opened from the configuration when it is new.
    pub(crate) fn ledger(&self, store: &mut Store) -> Result<Ledger, CliError> {
        self.ledger_named(store, &self.ledger)
    }

    pub(crate) fn ledger_named(&self, store: &mut Store, code: &str) -> Result<Ledger, CliError> {
        self.ledger_at(store, code, Self::now())
    }

    /// The ledger, opened at a moment when it is new.
    pub(crate) fn ledger_at(&self, store: &mut Store, code: &str, recorded_at: DateTime<Utc>) -> Result<Ledger, CliError> {
        if let Some(ledger) = store.ledger(code)? {
            return Ok(ledger);
        }
        let Some(c) = self.config.ledgers.get(code) else {
            let known = self.config.ledgers.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(CliError::Usage(format!(
                "ledger `{code}` is neither in the database nor in the configuration, which has: {known}; add [ledgers.{code}]"
            )));
        };
        let ledger =
            Ledger { id: Ledger::id_of(code), code: code.to_owned(), name: c.name.clone(), currency: c.currency, time_zone: c.time_zone.name().to_owned() };
        let meta = CommandMeta { kind: "open-ledger".into(), input: Digest::of(code.as_bytes()), actor: ACTOR.into(), recorded_at };
        store.open_ledger(&ledger, &meta)?;
        Ok(ledger)
    }

    pub(crate) fn host(&self) -> Result<Host, CliError> {
        if let Some(host) = self.host.get() {
            return Ok(host.clone());
        }
        let host = Host::new(self.config.sandbox.clone())?;
        Ok(self.host.get_or_init(|| host).clone())
    }

    fn component(&self, host: &Host, id: &str, what_for: For<'_>) -> Result<recoup_host::Plugin, CliError> {
        let path = self.config.plugins.directory.join(format!("{id}.wasm"));
        if path.exists() { self.component_at(host, path, what_for) } else { Err(CliError::NoPlugin(format!("{id}.wasm"))) }
    }

    fn component_at(&self, host: &Host, path: PathBuf, what_for: For<'_>) -> Result<recoup_host::Plugin, CliError> {
        let component = Component::read(path)?;
        match what_for {
            For::Books(store) => component.load(host, &Trust::now(store, self.config.plugins.unsigned)?),
            For::Trial => component.try_out(host),
        }
    }

    pub(crate) fn adapter(&self, host: &Host, id: &str, what_for: For<'_>) -> Result<AdapterPlugin, CliError> {
        self.component(host, id, what_for)?.into_adapter().ok_or_else(|| CliError::Usage(format!("plugin `{id}` is a policy pack, not an adapter")))
    }

    pub(crate) fn rules(&self, host: &Host, id: Option<&str>, what_for: For<'_>) -> Result<RulesPlugin, CliError> {
        let id = id.unwrap_or(&self.config.evaluate.pack);
        self.component(host, id, what_for)?.into_rules().ok_or_else(|| CliError::Usage(format!("plugin `{id}` is an adapter, not a policy pack")))
    }

    /// A pack whose component lies somewhere else than the installation's plugins.
    pub(crate) fn rules_at(&self, host: &Host, path: &Path, what_for: For<'_>) -> Result<RulesPlugin, CliError> {
        let adapter = || CliError::Usage(format!("{} is an adapter, not a policy pack", path.display()));
        self.component_at(host, path.to_owned(), what_for)?.into_rules().ok_or_else(adapter)
    }

    /// A pack in the component of a digest among the installation's plugins.
    pub(crate) fn rules_of(&self, host: &Host, digest: Digest, what_for: For<'_>) -> Result<RulesPlugin, CliError> {
        let path = of_digest(&self.config.plugins.directory, digest).ok_or_else(|| CliError::NoPlugin(format!("component {digest}")))?;
        self.rules_at(host, &path, what_for)
    }

    /// A pack's parameters: its defaults, with what the policy file sets instead.
    pub(crate) fn parameters(&self, rules: &RulesPlugin) -> Result<String, CliError> {
        let path = self.config.evaluate.policies.join(format!("{}.toml", rules.description().id));
        if path.exists() { Self::parameters_of(rules, &path) } else { Ok(rules.description().default_parameters.to_string()) }
    }

    /// A pack's parameters: its defaults, with what a file sets instead.
    pub(crate) fn parameters_of(rules: &RulesPlugin, path: &Path) -> Result<String, CliError> {
        Ok(Self::with_parameters(rules, read_toml(path)?))
    }

    /// A pack's parameters: its defaults, with what an object sets instead.
    pub(crate) fn with_parameters(rules: &RulesPlugin, set: Value) -> String {
        let mut parameters = rules.description().default_parameters.clone();
        if let (Some(all), Value::Object(set)) = (parameters.as_object_mut(), set) {
            all.extend(set);
        }
        parameters.to_string()
    }

    /// A profile by name or path.
    pub(crate) fn profile(&self, name: &str) -> Result<Profile, CliError> {
        let path = Path::new(name);
        let path = if path.extension().is_some_and(|e| e == "toml") { path.to_owned() } else { self.config.plugins.profiles.join(format!("{name}.toml")) };
        if !path.exists() {
            return Err(CliError::Usage(format!(
                "there is no profile {}: name one of {}, or the path of a .toml file",
                path.display(),
                self.profiles().join(", ")
            )));
        }
        let json = read_toml(&path)?;
        let field = |key: &str| {
            let value = json.get(key).and_then(Value::as_str).map(str::to_owned);
            value.ok_or_else(|| CliError::content(&path, format!("`{key}` is missing: a profile names its id and its adapter")))
        };
        Ok(Profile { id: field("id")?, adapter: field("adapter")?, json: json.to_string() })
    }

    /// Names of the profiles there are.
    fn profiles(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.config.plugins.profiles).into_iter().flatten().flatten();
        let mut names: Vec<String> = files.filter_map(|f| f.file_name().to_str()?.strip_suffix(".toml").map(str::to_owned)).collect();
        names.sort();
        names
    }
}

/// A TOML file as JSON; dates become their text.
pub(crate) fn read_toml(path: &Path) -> Result<Value, CliError> {
    let text = std::fs::read_to_string(path).map_err(|e| CliError::file(path, e))?;
    let value: toml::Value = toml::from_str(&text).map_err(|e| CliError::content(path, e))?;
    Ok(json(value))
}

/// A value of JSON as a TOML file would say it.
pub(crate) fn as_in_toml(value: Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => Value::String(n.to_string()),
        Value::Array(a) => a.into_iter().map(as_in_toml).collect(),
        Value::Object(o) => Value::Object(o.into_iter().map(|(k, v)| (k, as_in_toml(v))).collect()),
        other => other,
    }
}

fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(s) => Value::String(s),
        toml::Value::Integer(n) => Value::from(n),
        // Nothing in Recoup is a float: the text keeps every digit for whoever refuses it.
        toml::Value::Float(f) => Value::String(f.to_string()),
        toml::Value::Boolean(b) => Value::Bool(b),
        toml::Value::Datetime(d) => Value::String(d.to_string()),
        toml::Value::Array(a) => a.into_iter().map(json).collect(),
        toml::Value::Table(t) => Value::Object(t.into_iter().map(|(k, v)| (k, json(v))).collect()),
    }
}
