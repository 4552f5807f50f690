//! `recoup serve`: the ledger over HTTP.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use crate::context::Context;
use crate::error::CliError;
use crate::http;
use crate::metrics::Metrics;
use crate::work::{End, Workers};

pub(crate) fn run(context: &Context, bind: Option<SocketAddr>) -> Result<ExitCode, CliError> {
    // Migrates once; the connections of requests only check.
    context.store()?;
    let (context, end) = (Arc::new(context.clone()), Arc::new(End::default()));
    let metrics = Arc::new(Metrics::new().map_err(|e| CliError::Failed(e.to_string()))?);
    let workers = Workers::start(&context, &end, &metrics);
    let served = http::run(&context, bind.unwrap_or(context.config.server.bind), &end, &metrics);
    workers.end();
    served?;
    Ok(ExitCode::SUCCESS)
}
