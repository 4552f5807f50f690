//! `recoup scenario`: executable specifications.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use recoup_engine::scenario::{Scenario, json_schema, run as run_one, run_mutated};
use recoup_host::RulesPlugin;

use crate::cli;
use crate::context::{Context, For};
use crate::error::CliError;

pub(crate) fn run(context: &Context, what: &cli::Scenario) -> Result<ExitCode, CliError> {
    match what {
        cli::Scenario::Schema => {
            println!("{}", serde_json::to_string_pretty(&json_schema()).map_err(std::io::Error::from)?);
            Ok(ExitCode::SUCCESS)
        }
        cli::Scenario::Run { files, mutate } => run_files(context, files, *mutate),
    }
}

fn run_files(context: &Context, files: &[PathBuf], mutate: bool) -> Result<ExitCode, CliError> {
    let scratch = tempfile::tempdir()?;
    // A database named on the command line serves as scratch: each run opens a ledger of its own in it.
    let mut store = context.scratch(scratch.path())?;
    let host = context.host()?;
    let mut packs: Vec<RulesPlugin> = Vec::new();
    let (mut passed, mut failed) = (0, 0);
    for file in expand(files)? {
        let scenario = Scenario::read(&file)?;
        let at = match packs.iter().position(|p| p.description().id == scenario.pack) {
            Some(at) => at,
            None => {
                packs.push(context.rules(&host, Some(&scenario.pack), For::Trial)?);
                packs.len() - 1
            }
        };
        let Some(pack) = packs.get(at) else { continue };
        let (problems, mutations) = if mutate {
            let report = run_mutated(&mut store, pack, &scenario)?;
            (report.differences.into_iter().chain(report.unnoticed).collect::<Vec<_>>(), report.mutations)
        } else {
            (run_one(&mut store, pack, &scenario)?, 0)
        };
        let tried = if mutate { format!(" ({mutations} mutations)") } else { String::new() };
        if problems.is_empty() {
            passed += 1;
            println!("pass  {}{tried}", scenario.name);
        } else {
            failed += 1;
            println!("FAIL  {}{tried}", scenario.name);
            problems.iter().for_each(|p| println!("      {p}"));
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Files as named, and the YAML files of folders in the order of their names.
fn expand(files: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut all = Vec::new();
    for f in files {
        if f.is_dir() {
            let mut found = entries(f)?;
            found.sort();
            all.extend(found);
        } else {
            all.push(f.clone());
        }
    }
    Ok(all)
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, CliError> {
    let read = std::fs::read_dir(dir).map_err(|e| CliError::file(dir, e))?;
    let paths = read.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
    Ok(paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "yaml")).collect())
}
