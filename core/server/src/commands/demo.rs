//! `recoup demo`: the main job on real exports, from config/demo.toml, in a fresh database; and a year of a company ([`year`]).

pub(crate) mod year;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use recoup_engine::facts::{self, By, EventFact, Facts};
use recoup_store::Store;
use serde::Deserialize;

use super::{audit, evaluate, import, report, settle};
use crate::cli::{self, Format};
use crate::config::Config;
use crate::context::{ACTOR, Context, For};
use crate::error::CliError;
use crate::output::{Table, print};

/// What the demonstration does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// The database file, when none is named.
    database: PathBuf,
    /// Exports to import, in order.
    imports: Vec<ImportStep>,
    /// The ledger that the facts and evaluations are about.
    ledger: String,
    /// Aging buckets of that ledger.
    buckets: String,
    /// People, letters, roles and wages.
    facts: Facts,
    /// Evaluations, each after some events.
    evaluations: Vec<EvaluationStep>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportStep {
    title: String,
    ledger: String,
    file: PathBuf,
    profile: String,
    system: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvaluationStep {
    title: String,
    as_of: NaiveDate,
    #[serde(default)]
    events: Vec<EventFact>,
    /// Show what is to be settled with the month's wages, and have payroll confirm all of it.
    #[serde(default)]
    settle: bool,
}

pub(crate) fn run(config: Config, format: Format, file: Option<PathBuf>) -> Result<ExitCode, CliError> {
    let script = read(Path::new("config/demo.toml"))?;
    let file = file.unwrap_or_else(|| script.database.clone());
    if file.exists() {
        return Err(CliError::Usage(format!("{} exists: the demonstration wants a fresh database; remove it or name another with --file", file.display())));
    }
    let url = format!("sqlite:{}", file.display());
    let context = Context::new(config, Some(url), Some(script.ledger.clone()))?;
    let host = context.host()?;
    let mut store = context.store()?;
    let mut tables: Vec<Table> = Vec::new();

    for step in &script.imports {
        let ledger = context.ledger_named(&mut store, &step.ledger)?;
        let file = import::File {
            path: &step.file,
            profile: &step.profile,
            system: Some(&step.system),
            bad_records: Some(cli::BadRecords::Quarantine),
            snapshot: false,
            again: false,
        };
        let imported = import::import(&context, &host, &mut store, &ledger, &file, Context::now())?;
        heading(&mut tables, format, &step.title)?;
        tables.extend(import::tables(&imported, format));
    }

    let ledger = context.ledger(&mut store)?;
    let rules = context.rules(&host, None, For::Books(&mut store))?;
    let text = std::fs::read_to_string("config/demo.toml")?;
    facts::record(&mut store, &ledger, "demo", &script.facts, &text, By::new(ACTOR, Context::now()))?;
    for step in &script.evaluations {
        heading(&mut tables, format, &step.title)?;
        let events = Facts { events: step.events.clone(), ..Facts::default() };
        if !events.events.is_empty() {
            facts::record(&mut store, &ledger, "demo", &events, &step.title, By::new(ACTOR, Context::now()))?;
        }
        let outcome = evaluate::as_of(&context, &mut store, &rules, &ledger, (step.as_of, false), Context::now())?;
        tables.extend(evaluate::tables(step.as_of, &outcome));
        let moment = report::Moment::now(step.as_of);
        let buckets: recoup_engine::report::aging::Buckets = script.buckets.parse().map_err(|e| CliError::Config(format!("`buckets`: {e}")))?;
        tables.push(report::aging(&mut store, &ledger, &moment, buckets, &cli::Ages::default())?);
        tables.push(report::lines(&mut store, &ledger, &rules, &moment, true, cli::Language::En)?);
        tables.push(report::postings(&mut store, &ledger, &moment)?);
        if step.settle {
            tables.push(settle::in_full(&mut store, &ledger, step.as_of)?);
        }
    }
    heading(&mut tables, format, "The log proves the tables")?;
    for code in ledgers(&script) {
        tables.push(proof(&context, &mut store, code)?);
    }
    print(format, &tables)?;
    if format == Format::Table {
        println!(
            "\nThe database is {}. Ask it more: recoup --database sqlite:{} --ledger {} report aging --as-of 2024-11-20",
            file.display(),
            file.display(),
            script.ledger
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Script, CliError> {
    let text = std::fs::read_to_string(path).map_err(|e| CliError::file(path, e))?;
    toml::from_str(&text).map_err(|e| CliError::file(path, e))
}

/// Prints what there is so far, then a heading for people.
fn heading(tables: &mut Vec<Table>, format: Format, title: &str) -> Result<(), CliError> {
    if format == Format::Table {
        print(format, tables)?;
        tables.clear();
        println!("\n━━ {title}");
    }
    Ok(())
}

fn ledgers(script: &Script) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for code in script.imports.iter().map(|i| i.ledger.as_str()) {
        if !all.contains(&code) {
            all.push(code);
        }
    }
    all
}

pub(super) fn proof(context: &Context, store: &mut Store, code: &str) -> Result<Table, CliError> {
    let ledger = context.ledger_named(store, code)?;
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("rebuild.db").display());
    let (table, equal) = audit::rebuild(store, ledger.id, code, &url)?;
    if equal { Ok(table) } else { Err(CliError::Failed(format!("the tables of {code} are not what its log adds up to"))) }
}
