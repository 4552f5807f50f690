//! `recoup period`: closing months.

use std::process::ExitCode;

use recoup_engine::period::{Closing, close};

use crate::cli::Period;
use crate::context::{ACTOR, Context, For};
use crate::error::CliError;

pub(crate) fn run(context: &Context, what: &Period) -> Result<ExitCode, CliError> {
    let Period::Close { month, pack } = what;
    let mut store = context.store()?;
    let rules = context.rules(&context.host()?, pack.as_deref(), For::Books(&mut store))?;
    let ledger = context.ledger(&mut store)?;
    let parameters = context.parameters(&rules)?;
    let closing =
        Closing { month: *month, parameters: &parameters, batch_cases: context.config.evaluate.batch_cases, actor: ACTOR, recorded_at: Context::now() };
    if let Some(position) = close(&mut store, &rules, &ledger, &closing)? {
        println!("{month} is closed at position {position}");
    }
    Ok(ExitCode::SUCCESS)
}
