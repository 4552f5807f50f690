//! One module per command.

mod access;
mod approval;
mod audit;
#[cfg(feature = "bench")]
mod bench;
mod demo;
mod evaluate;
mod import;
mod payout;
mod period;
mod plugin;
mod record;
mod report;
mod scenario;
mod serve;
mod settle;
mod simulate;
mod webhook;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;

/// Exit code of an import that left records in quarantine.
pub(crate) const QUARANTINED: u8 = 3;

pub(crate) fn run(cli: Cli, config: Config) -> Result<ExitCode, CliError> {
    let format = cli.format;
    if let Command::Demo { file, year: true, scale } = cli.command {
        return demo::year::run(config, format, file, cli.database, scale);
    }
    let context = Context::new(config, cli.database, cli.ledger)?;
    match cli.command {
        Command::Import(args) => import::run(&context, format, &args),
        Command::Record { file, system } => record::run(&context, &file, &system),
        Command::Evaluate(args) => evaluate::run(&context, format, &args),
        Command::Simulate(args) => simulate::run(&context, format, &args),
        Command::Report(report) => report::run(&context, format, &report),
        Command::Scenario(what) => scenario::run(&context, &what),
        Command::Plugin(what) => plugin::run(&context, format, &what),
        Command::Audit(what) => audit::run(&context, format, &what),
        Command::User(what) => access::user(&context, format, &what),
        Command::Token(what) => access::token(&context, format, &what),
        Command::Trust(what) => access::trust(&context, format, &what),
        Command::Period(what) => period::run(&context, format, &what),
        Command::Quarantine(what) => period::quarantine(&context, format, &what),
        Command::Approval(what) => approval::run(&context, format, &what),
        Command::Settle(what) => settle::run(&context, format, &what),
        Command::Payout(what) => payout::run(&context, format, &what),
        Command::Migrate => {
            context.store()?;
            println!("the database has the schema of this release");
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve { bind } => serve::run(&context, bind),
        Command::Webhook(what) => webhook::run(&context, format, &what),
        Command::Demo { file, .. } => demo::run(context.config, format, file),
        #[cfg(feature = "bench")]
        Command::Bench(args) => bench::run(&context, format, &args),
    }
}
