//! The command line: what may be asked.

mod access;
mod approval;
mod payout;

pub(crate) use access::{Acting, Asked, SecretRef, Token, Trust, User, Verdict};
pub(crate) use approval::{Approval, Guard, Period, Quarantine, Wish};
pub(crate) use payout::{Payout, Settle};

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use recoup_engine::known::KnownAt;
use recoup_engine::report::aging::Buckets;
use recoup_engine::report::provision::Rates;
use recoup_model::calendar::Month;
use recoup_model::pause::PauseKinds;

/// Recovering receivables: exports in, who owes and who answers and what is due out, each figure with its proof.
///
/// Exit codes: 0 done; 1 refused, nothing changed; 2 wrong usage; 3 imported, with records in quarantine.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    /// Folder of the configuration files (default.toml, then local.toml if present, then RECOUP__… variables).
    #[arg(long, global = true, default_value = "config", env = "RECOUP_CONFIG")]
    pub config: PathBuf,
    /// Database instead of the configured one: sqlite:PATH or postgres://…
    #[arg(long, global = true)]
    pub database: Option<String>,
    /// Ledger, by its code in the configuration.
    #[arg(long, global = true)]
    pub ledger: Option<String>,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for people.
    Table,
    /// JSON; amounts are strings.
    Json,
    /// CSV with a header row; cells that a spreadsheet would run are neutralised.
    Csv,
    /// A spreadsheet, with a sheet for each table; cells that it would run are neutralised. Send it to a file.
    Xlsx,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import an export file under a profile.
    Import(Import),
    /// Record people, letters, roles, wages and events from a TOML file, all or nothing.
    Record {
        /// The facts file.
        file: PathBuf,
        /// Source system of references without a colon.
        #[arg(long, default_value = "manual")]
        system: String,
    },
    /// Evaluate a policy pack and post what differs.
    Evaluate(Evaluate),
    /// Judge a past span again by other parameters or another component, and print what would differ; nothing is written.
    Simulate(Simulate),
    /// Print a report.
    #[command(subcommand)]
    Report(Report),
    /// Executable specifications.
    #[command(subcommand)]
    Scenario(Scenario),
    /// Plugins.
    #[command(subcommand)]
    Plugin(Plugin),
    /// The log.
    #[command(subcommand)]
    Audit(Audit),
    /// Accounting periods.
    #[command(subcommand)]
    Period(Period),
    /// What was refused, and waits to be mended.
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// What one person asks for and another decides, within a table of who may.
    #[command(subcommand)]
    Approval(Approval),
    /// What is to be paid and taken with a month's wages, inside the wage guard, and what payroll confirms of it.
    #[command(subcommand)]
    Settle(Settle),
    /// What payroll gets of it: runs that are published, approved, handed out, and taken back.
    #[command(subcommand)]
    Payout(Payout),
    /// Take the steps that the database's schema lacks, in a role that may change it; serving needs none that may.
    Migrate,
    /// Answer over HTTP: /api/v1 with its description at /api/v1/openapi, /healthz, /readyz, /metrics.
    ///
    /// Whoever asks shows a token, from `recoup token issue` or from signing in. An address that other machines reach needs
    /// TLS, or a proxy that ends it (`[server]` in the configuration). SIGTERM or SIGINT ends it gracefully.
    Serve {
        /// Address and port instead of the configured ones; port 0 takes a free one, and the address is printed.
        #[arg(long)]
        bind: Option<std::net::SocketAddr>,
    },
    /// Who may do what; every change takes two administrators.
    #[command(subcommand)]
    User(User),
    /// Tokens of programs.
    #[command(subcommand)]
    Token(Token),
    /// Keys whose signatures on plugins are trusted; every change takes two administrators.
    #[command(subcommand)]
    Trust(Trust),
    /// Who is told of what happens in a ledger: signed CloudEvents over https, to hosts of `[egress]` in the configuration.
    #[command(subcommand)]
    Webhook(Webhook),
    /// Import the sample exports into a fresh SQLite database, evaluate, and print what comes out.
    Demo {
        /// The database file; it must not exist.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Play a year of a company instead, month by month, with every money event there is, and show its registers beside the
        /// ledger. With `--database` in that one, which must be fresh.
        #[arg(long)]
        year: bool,
        /// So many claims instead of 5,000, for a quick look at the year.
        #[arg(long, requires = "year")]
        scale: Option<usize>,
    },
    /// Measure each stated performance limit; exit code 1 when one is not met.
    #[cfg(feature = "bench")]
    Bench(Bench),
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The export file.
    pub file: PathBuf,
    /// Profile: a name from config/profiles, or the path of a TOML file.
    #[arg(long, required_unless_present = "source")]
    pub profile: Option<String>,
    /// A source of the ledger, which says all of this: profile, system, what to do about bad records, and what a file holds.
    #[arg(long, conflicts_with_all = ["profile", "system", "bad_records", "snapshot"])]
    pub source: Option<String>,
    /// The source system that the file's keys belong to; the profile's id when absent.
    #[arg(long)]
    pub system: Option<String>,
    /// What to do about bad records; as configured when absent.
    #[arg(long, value_enum)]
    pub bad_records: Option<BadRecords>,
    /// The file holds everything its source has: report what is missing.
    #[arg(long)]
    pub snapshot: bool,
    /// Let the file say again what later files corrected.
    #[arg(long)]
    pub again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BadRecords {
    /// One bad record refuses the file.
    AllOrNothing,
    /// Good records enter, bad ones wait with their reason.
    Quarantine,
}

#[derive(Debug, Args)]
pub(crate) struct Evaluate {
    /// Judged at the end of this day.
    #[arg(long)]
    pub as_of: NaiveDate,
    /// Policy pack; the configured one when absent.
    #[arg(long)]
    pub pack: Option<String>,
    /// Judge every case, not only those that something touched.
    #[arg(long)]
    pub full: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The first day whose movements count.
    #[arg(long)]
    pub from: NaiveDate,
    /// The last one; cases are judged at its end.
    #[arg(long)]
    pub to: NaiveDate,
    /// Parameters on trial: a TOML file like the one in config/policies; those in force when absent.
    #[arg(long, required_unless_present = "component")]
    pub parameters: Option<PathBuf>,
    /// Component on trial, of the same pack; the one in force when absent.
    #[arg(long)]
    pub component: Option<PathBuf>,
    /// Policy pack; the configured one when absent.
    #[arg(long)]
    pub pack: Option<String>,
    /// As known at this position of the log, by the end of this day, or at this moment; everything known now when absent.
    #[arg(long)]
    pub known_at: Option<KnownAt>,
    /// How many of the lines that differ most are told with both of their traces.
    #[arg(long, default_value_t = 10)]
    pub largest: usize,
    /// Language of the traces.
    #[arg(long, value_enum, default_value_t = Language::En)]
    pub language: Language,
}

#[derive(Debug, Args, Clone)]
pub(crate) struct When {
    /// At the end of this day; today when absent.
    #[arg(long)]
    pub as_of: Option<NaiveDate>,
    /// As known at this position of the log, by the end of this day, or at this moment; everything known now when absent.
    #[arg(long)]
    pub known_at: Option<KnownAt>,
}

/// Whose ages, and how they are counted.
#[derive(Debug, Args, Clone, Default)]
pub(crate) struct Ages {
    /// What rows stand for.
    #[arg(long, value_enum, default_value_t)]
    pub by: By,
    /// Which date counts.
    #[arg(long, value_enum, default_value_t)]
    pub basis: Basis,
    /// Count ages without the days of these pauses: dispute, litigation, force-majeure, with commas between them.
    #[arg(long, value_name = "PAUSES")]
    pub without_paused: Option<PauseKinds>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// Open amounts by how long they are overdue.
    Aging {
        #[command(flatten)]
        when: When,
        /// Rising bounds in days or months, such as 30d,60d,90d or 12m,24m,36m; as configured when absent.
        #[arg(long)]
        buckets: Option<Buckets>,
        #[command(flatten)]
        ages: Ages,
    },
    /// Provisions for bad debts by age: of what is open in each bucket, the part that its rate says
    Provision {
        #[command(flatten)]
        when: When,
        /// Rising bounds in days or months; as configured when absent.
        #[arg(long)]
        buckets: Option<Buckets>,
        /// Per cent of each bucket, from "not due" to "more", such as 0,5,10,30,50,100; as configured for the configured buckets when absent.
        #[arg(long)]
        rates: Option<Rates>,
        #[command(flatten)]
        ages: Ages,
    },
    /// Claims, applications and open amounts per debtor.
    TrialBalance {
        #[command(flatten)]
        when: When,
    },
    /// What each clause says is due, with its trace.
    Lines {
        #[command(flatten)]
        when: When,
        /// Policy pack; the configured one when absent.
        #[arg(long)]
        pack: Option<String>,
        /// How each amount came about.
        #[arg(long)]
        trace: bool,
        /// Language of the trace.
        #[arg(long, value_enum, default_value_t = Language::En)]
        language: Language,
    },
    /// The movements posted.
    Postings {
        #[command(flatten)]
        when: When,
    },
    /// What was ever due to and from each person, on each account, and what was settled of it: bonuses, fines with their
    /// refunds, withheld wages with what was paid back, expenses.
    Accounts {
        #[command(flatten)]
        when: When,
        /// Which accounts.
        #[arg(long, value_enum, default_value_t = Accounts::All)]
        of: Accounts,
    },
    /// What payroll was to settle and did, run by run, with what was taken back.
    Payouts {
        #[command(flatten)]
        when: When,
    },
    /// What of each wage month was withheld and paid back, and what of it is kept.
    Withheld {
        #[command(flatten)]
        when: When,
    },
    /// What was recovered month by month: receipts, debts, amounts and the clearing rate.
    Recovery {
        /// The first month, such as 2024-01.
        #[arg(long)]
        from: Month,
        /// The last month.
        #[arg(long)]
        to: Month,
        /// What rows stand for.
        #[arg(long, value_enum, default_value_t = RecoveredBy::Responsible)]
        by: RecoveredBy,
        /// As known at this position of the log, by the end of this day, or at this moment; everything known now when absent.
        #[arg(long)]
        known_at: Option<KnownAt>,
    },
    /// Targets against what was recovered, part by part.
    Targets {
        #[command(flatten)]
        when: When,
    },
    /// Every debt that is past due: debtor, age, amount, when it is expected to be recovered, who answers, and what of that is lacking.
    OldDebts {
        #[command(flatten)]
        when: When,
        /// Tell beside it what their clocks say without the days of these pauses: dispute, litigation, force-majeure, with commas between
        /// them.
        #[arg(long, value_name = "PAUSES")]
        without_paused: Option<PauseKinds>,
    },
    /// Sanctions in force: on whom, since when, until when, and why.
    Sanctions {
        #[command(flatten)]
        when: When,
    },
    /// Findings that are not money.
    Findings {
        #[command(flatten)]
        when: When,
        /// Policy pack; the configured one when absent.
        #[arg(long)]
        pack: Option<String>,
        /// Language of the messages.
        #[arg(long, value_enum, default_value_t = Language::En)]
        language: Language,
    },
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    #[default]
    Debtor,
    Contract,
    Responsible,
    Receivable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Accounts {
    All,
    Bonus,
    Fine,
    Withholding,
    Expenses,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecoveredBy {
    Responsible,
    Unit,
    Debtor,
    Contract,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Basis {
    #[default]
    Due,
    Document,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    En,
    Zh,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Scenario {
    /// Run scenario files, each in a ledger of its own.
    Run {
        /// YAML files, or folders of them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Change each covered parameter too, and demand that the scenario notices.
        #[arg(long)]
        mutate: bool,
    },
    /// Print the JSON Schema of scenario files.
    Schema,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Plugin {
    /// Compile a guest crate and make a component of it.
    Build {
        /// The crate's folder.
        dir: PathBuf,
        /// Where to write it; into the configured plugin folder under its own id when absent.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Say what a component is: description, digest, signature, imports, limits.
    Inspect {
        /// The component file.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Fold the log into a scratch database and compare every table.
    Rebuild {
        /// Scratch database; a temporary SQLite file when absent.
        #[arg(long)]
        scratch: Option<String>,
        /// The log of the installation (users, tokens, rights, trusted keys) instead of a ledger's.
        #[arg(long)]
        installation: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    /// Tell a host of what happens from now on.
    Add {
        /// What the webhook is called.
        name: String,
        /// Name of the host in the configuration.
        #[arg(long)]
        host: String,
    },
    /// Every webhook of the ledger, and how it fares.
    List,
    /// Hold events back, from the next one on.
    Pause {
        /// Which.
        name: String,
    },
    /// Tell a webhook nothing more, and forget it with its events that were given up.
    Remove {
        /// Which.
        name: String,
    },
    /// Let events go out again, from where it stood.
    Resume {
        /// Which.
        name: String,
    },
    /// Events that were given up.
    DeadLetters {
        /// Of which webhook.
        name: String,
    },
    /// Send events that were given up again.
    SendAgain {
        /// Of which webhook.
        name: String,
        /// Only the one that this leaf tells of; all when absent.
        #[arg(long)]
        leaf: Option<u64>,
    },
}

#[cfg(feature = "bench")]
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What to measure; everything when absent.
    #[arg(value_enum)]
    pub what: Vec<BenchKind>,
    /// Rows or cases instead of the stated number, for a quick look.
    #[arg(long)]
    pub scale: Option<usize>,
    /// A PostgreSQL server on which databases may be created; left out when absent.
    #[arg(long, env = "RECOUP_TEST_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,
}

#[cfg(feature = "bench")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchKind {
    /// The table adapter in the sandbox against the same code native.
    Adapter,
    /// Rules calls in the sandbox against the same code native.
    Rules,
    /// Import of rows, against a plain bulk insert.
    Import,
    /// Evaluation of cases.
    Evaluate,
    /// A million receivables under three packs, from nothing and on the next day.
    Packs,
    /// Aging, against one hand-written statement.
    Aging,
    /// Requests to `recoup serve`, against a bare handler; needs wrk.
    Http,
    /// The year of `recoup demo --year`.
    Year,
}
