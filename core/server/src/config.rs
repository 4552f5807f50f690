//! Configuration: default.toml, local.toml, then `RECOUP__…` variables. A wrong key or value names itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use recoup_engine::report::aging::Buckets;
use recoup_engine::report::provision::Rates;
use recoup_host::{Limits as SandboxLimits, Unsigned};
use recoup_model::Currency;
use serde::Deserialize;

use crate::cli::BadRecords;
use crate::error::CliError;
use crate::http::Network;
use crate::outbox::Egress;

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the data is.
    pub database: Database,
    /// Ledger used when none is named.
    pub ledger: String,
    /// Ledgers by code; one is opened when it is first used.
    pub ledgers: BTreeMap<String, LedgerConfig>,
    /// Where plugins and profiles are.
    pub plugins: Plugins,
    /// Imports.
    pub import: ImportConfig,
    /// Evaluation.
    pub evaluate: EvaluateConfig,
    /// Reports.
    pub report: ReportConfig,
    /// `recoup serve`.
    pub server: Server,
    /// Long work.
    pub work: Work,
    /// Hosts that events may be sent to, by name.
    pub egress: BTreeMap<String, Egress>,
    /// How events are sent.
    pub outbox: Outbox,
    /// Limits of the sandbox.
    pub sandbox: SandboxLimits,
    /// The operator's log.
    pub log: Log,
    /// Traces.
    pub telemetry: Telemetry,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// sqlite:PATH, postgres://… without a password, or where the URL is: env:NAME or file:PATH.
    pub url: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerConfig {
    /// Legal entity.
    pub name: String,
    /// ISO 4217 code.
    pub currency: Currency,
    /// IANA name.
    pub time_zone: Tz,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plugins {
    /// Folder of `<id>.wasm` components.
    pub directory: PathBuf,
    /// Folder of `<name>.toml` profiles.
    pub profiles: PathBuf,
    /// What is done with components that no trusted key stands for.
    pub unsigned: Unsigned,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportConfig {
    /// What to do about bad records.
    pub bad_records: BadRecords,
    /// Largest file in bytes.
    pub file_bytes_max: u64,
    /// Items per call into the sandbox.
    pub batch_items: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvaluateConfig {
    /// Pack used when none is named.
    pub pack: String,
    /// Cases per call into the sandbox; an evaluation holds those of sixteen calls at a time.
    pub batch_cases: usize,
    /// Folder of `<pack>.toml` parameters that differ from the pack's defaults.
    pub policies: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportConfig {
    /// Rising bounds of aging buckets.
    pub buckets: String,
    /// Rates of provision in per cent, one for each bucket; empty for none.
    pub provision_rates: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    /// Address and port; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Threads that talk to clients.
    pub workers: usize,
    /// Connections to the database, each used by one request at a time.
    pub connections: usize,
    /// Connections for writes, likewise; and as many for what waits for no ledger.
    pub write_connections: usize,
    /// Bytes of answers that are kept for those who ask the same of the same state; 0 keeps none.
    pub answers_bytes_max: u64,
    /// Bytes that the body of a request may have.
    pub body_bytes_max: usize,
    /// For how long a request may take to arrive, and its answer to begin.
    pub request_timeout_ms: u64,
    /// For how long requests may go on after the server was asked to end.
    pub shutdown_grace_ms: u64,
    /// The certificate with those that lead to its root, in PEM; empty for no TLS.
    pub tls_certificate: PathBuf,
    /// Its private key, in PEM.
    pub tls_key: PathBuf,
    /// What the server is called by, besides names that only its own machine has.
    pub hosts: Vec<String>,
    /// Addresses or networks of proxies that end TLS and say whom they ask for.
    pub proxies: Vec<Network>,
    /// Whether figures are answered without a token.
    pub metrics_open: bool,
    /// For how long a token's rights are taken for what they were when they were last looked up.
    pub rights_held_ms: u64,
    /// For how long somebody is signed in.
    pub session_minutes: u32,
    /// How often.
    pub limits: Limits,
}

/// How often something may be asked for, each by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// Requests of a token.
    pub token: Allowance,
    /// Requests of a peer that no known token vouches for.
    pub peer: Allowance,
    /// Attempts to sign in with a login.
    pub guess_login: Allowance,
    /// A peer's attempts to sign in, and its tokens that nobody has.
    pub guess_peer: Allowance,
}

/// So many at once, and then one each time that so long has passed.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allowance {
    /// How many at once; 0 for no limit.
    pub burst: u32,
    /// After how long another one.
    pub refill_ms: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Work {
    /// Threads of a process that do long work; none where others do it.
    pub workers: usize,
    /// For how long a job is held without a sign of life of its process.
    pub lease_ms: i64,
    /// How often work is looked for.
    pub poll_ms: u64,
    /// How often a job is begun.
    pub attempts_max: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outbox {
    /// How often to look for events, in the database.
    pub poll_ms: u64,
    /// For how long one request may take.
    pub timeout_ms: u64,
    /// For how long a webhook is one server's; longer than a request takes.
    pub lease_ms: u64,
    /// Wait before the second attempt; each further one is twice as late.
    pub retry_ms: u64,
    /// Longest wait between attempts.
    pub retry_ms_max: u64,
    /// For how long an event is tried before it becomes a dead letter.
    pub dead_after_ms: u64,
    /// Whether `http` to this machine itself is allowed.
    pub plain_loopback: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// Filter such as `info` or `recoup=debug`.
    pub level: String,
    /// For people or for machines.
    pub format: LogFormat,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Telemetry {
    /// Where traces are sent, such as `https://collector.example.com/v1/traces`; empty for nowhere.
    pub otlp_endpoint: String,
    /// What this server is called in them.
    pub service_name: String,
    /// How many requests of a thousand are traced.
    pub sampled_per_mille: u32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    /// For people.
    Human,
    /// One JSON object per line.
    Json,
}

impl ReportConfig {
    /// The buckets that the bounds make.
    pub(crate) fn buckets(&self) -> Result<Buckets, CliError> {
        self.buckets.parse().map_err(|e| CliError::Config(format!("`report.buckets`: {e}")))
    }

    /// The rates of provision, if there are any.
    pub(crate) fn rates(&self) -> Result<Option<Rates>, CliError> {
        let some = Some(&self.provision_rates).filter(|rates| !rates.is_empty());
        some.map(|rates| rates.parse()).transpose().map_err(|e| CliError::Config(format!("`report.provision_rates`: {e}")))
    }
}

impl Config {
    /// Reads the files of a folder, then the environment.
    pub(crate) fn load(folder: &Path) -> Result<Self, CliError> {
        let defaults = folder.join("default.toml");
        let invalid = |e: config::ConfigError| CliError::Config(e.to_string());
        let read = config::Config::builder()
            .add_source(config::File::from(defaults))
            .add_source(config::File::from(folder.join("local.toml")).required(false))
            .add_source(
                config::Environment::with_prefix("RECOUP")
                    .prefix_separator("__")
                    .separator("__")
                    .try_parsing(true)
                    .list_separator(",")
                    .with_list_parse_key("server.hosts")
                    .with_list_parse_key("server.proxies"),
            )
            .build()
            .map_err(invalid)?;
        let config: Self = read.try_deserialize().map_err(invalid)?;
        config.check()?;
        Ok(config)
    }

    /// Values with which nothing would ever be done, or not what they say.
    fn check(&self) -> Result<(), CliError> {
        least("import.batch_items", self.import.batch_items, 1)?;
        least("import.file_bytes_max", self.import.file_bytes_max, 1)?;
        least("evaluate.batch_cases", self.evaluate.batch_cases, 1)?;
        least("server.workers", self.server.workers, 1)?;
        least("server.connections", self.server.connections, 1)?;
        least("server.write_connections", self.server.write_connections, 1)?;
        least("server.body_bytes_max", self.server.body_bytes_max, 1)?;
        least("server.request_timeout_ms", self.server.request_timeout_ms, 1)?;
        least("server.session_minutes", self.server.session_minutes, 1)?;
        least("sandbox.fuel_per_record", self.sandbox.fuel_per_record, 1)?;
        least("sandbox.batch_timeout_ms", self.sandbox.batch_timeout_ms, 1)?;
        least("sandbox.pool_size", self.sandbox.pool_size, 1)?;
        least("sandbox.instances_max", self.sandbox.instances_max, 1)?;
        least("sandbox.memories_max", self.sandbox.memories_max, 1)?;
        least("sandbox.memory_bytes_max", self.sandbox.memory_bytes_max, 1)?;
        least("sandbox.output_bytes_max", self.sandbox.output_bytes_max, 1)?;
        least("sandbox.stack_bytes_max", self.sandbox.stack_bytes_max, 1)?;
        least("sandbox.component_bytes_max", self.sandbox.component_bytes_max, 1)?;
        least("sandbox.batch_records_max", self.sandbox.batch_records_max, 1)?;
        self.work.check()?;
        self.outbox.check()?;
        // Each thread that does long work holds one instance of a plugin at a time, for as long as a file takes to read.
        if self.work.workers > usize::try_from(self.sandbox.pool_size).unwrap_or(usize::MAX) {
            let (workers, pool) = (self.work.workers, self.sandbox.pool_size);
            return Err(CliError::Config(format!("`work.workers` is {workers}: give `sandbox.pool_size`, {pool}, at most, or raise that")));
        }
        Ok(())
    }
}

impl Outbox {
    /// Values with which nothing would ever be delivered, or the same by two servers at once.
    fn check(&self) -> Result<(), CliError> {
        least("outbox.poll_ms", self.poll_ms, 1)?;
        least("outbox.timeout_ms", self.timeout_ms, 1)?;
        least("outbox.lease_ms", self.lease_ms, self.timeout_ms.saturating_add(1))?;
        least("outbox.retry_ms", self.retry_ms, 1)?;
        least("outbox.retry_ms_max", self.retry_ms_max, self.retry_ms)?;
        let most = [("lease_ms", self.lease_ms, DAY_MS), ("retry_ms_max", self.retry_ms_max, 30 * DAY_MS)];
        match most.into_iter().find(|(_, is, most)| is > most) {
            Some((name, is, most)) => Err(CliError::Config(format!("`outbox.{name}` is {is}: give {most} at most"))),
            None => Ok(()),
        }
    }
}

const DAY_MS: u64 = 86_400_000;

impl Work {
    /// A lease must outlive some signs of life, which come four times a second.
    const LEASE_MS_MIN: i64 = 1_000;

    /// Values with which no job would ever be done.
    fn check(&self) -> Result<(), CliError> {
        least("work.lease_ms", self.lease_ms, Self::LEASE_MS_MIN)?;
        least("work.attempts_max", self.attempts_max, 1)?;
        least("work.poll_ms", self.poll_ms, 1)
    }
}

fn least<N: PartialOrd + std::fmt::Display>(key: &str, is: N, least: N) -> Result<(), CliError> {
    if is < least { Err(CliError::Config(format!("`{key}` is {is}: give {least} at least"))) } else { Ok(()) }
}
