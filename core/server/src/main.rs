//! `recoup`: the command line of Recoup. Every write is a command in a ledger's log.

mod cli;
mod commands;
mod component;
mod config;
mod context;
mod error;
mod http;
mod metrics;
mod outbox;
mod output;
mod payroll;
mod simulation;
mod telemetry;
mod work;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(e) => {
            error::print(&e);
            e.exit_code()
        }
    }
}

fn run(cli: cli::Cli) -> Result<ExitCode, error::CliError> {
    let config = config::Config::load(&cli.config)?;
    let _traces = telemetry::start(&config.log, &config.telemetry)?;
    commands::run(cli, config)
}
