//! `recoup serve`: the ledger over HTTP.

use std::net::SocketAddr;
use std::process::ExitCode;

use crate::context::Context;
use crate::error::CliError;
use crate::http;

pub(crate) fn run(context: &Context, bind: Option<SocketAddr>) -> Result<ExitCode, CliError> {
    // Migrates once; the connections of requests only check.
    context.store()?;
    http::run(&context.config, context.database(), bind.unwrap_or(context.config.server.bind))?;
    Ok(ExitCode::SUCCESS)
}
