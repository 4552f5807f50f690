//! `recoup record`: facts that people state.

use std::path::Path;
use std::process::ExitCode;

use recoup_engine::facts::{self, By, Facts};
use recoup_model::record::Ledger;
use recoup_store::Store;

use crate::context::{ACTOR, Context};
use crate::error::CliError;

pub(crate) fn run(context: &Context, file: &Path, system: &str) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    match record(&mut store, &ledger, file, system, By::new(ACTOR, Context::now()))? {
        Some(position) => println!("recorded at position {position}"),
        None => println!("nothing new: the file was recorded before"),
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn record(store: &mut Store, ledger: &Ledger, file: &Path, system: &str, by: By<'_>) -> Result<Option<i64>, CliError> {
    let text = std::fs::read_to_string(file).map_err(|e| CliError::file(file, e))?;
    let facts: Facts = toml::from_str(&text).map_err(|e| CliError::content(file, e))?;
    Ok(facts::record(store, ledger, system, &facts, &text, by)?)
}
