//! `recoup period` and `recoup quarantine`: closing months, and what stands in the way.

use std::process::ExitCode;

use recoup_engine::approval::{Period, periods};
use recoup_engine::facts::By;
use recoup_engine::period::{Check, Closing, State, check, close};
use recoup_engine::quarantine::{self, waiting};
use recoup_model::Month;
use recoup_model::period::Close;
use recoup_store::EVERYTHING;

use crate::cli::{self, Format, Quarantine};
use crate::context::{ACTOR, Context, For};
use crate::error::CliError;
use crate::output::{Table, number, print, text};

pub(crate) fn run(context: &Context, format: Format, what: &cli::Period) -> Result<ExitCode, CliError> {
    let (month, pack, firmly) = match what {
        cli::Period::List => return list(context, format),
        cli::Period::Close { month, soft, pack } => (*month, pack, Some(if *soft { Close::Soft } else { Close::Hard })),
        cli::Period::Check { month, pack } => (*month, pack, None),
    };
    let mut store = context.store()?;
    let rules = context.rules(&context.host()?, pack.as_deref(), For::Books(&mut store))?;
    let ledger = context.ledger(&mut store)?;
    let parameters = context.parameters(&rules)?;
    let batch_cases = context.config.evaluate.batch_cases;
    let closing = Closing { month, close: firmly.unwrap_or_default(), parameters: &parameters, batch_cases, actor: ACTOR, recorded_at: Context::now() };
    if firmly.is_none() {
        let checks = check(&mut store, &rules, &ledger, &closing)?;
        print(format, &[table(month, &checks)])?;
        return Ok(if checks.iter().any(Check::is_failing) { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    if let Some(position) = close(&mut store, &rules, &ledger, &closing)? {
        let how = if closing.close.is_hard() { "closed" } else { "soft-closed" };
        println!("{month} is {how} at position {position}");
    }
    Ok(ExitCode::SUCCESS)
}

fn table(month: Month, checks: &[Check]) -> Table {
    let columns = ["code", "subject", "state", "what", "mend"].map(|name| text(name, name));
    let mut table = Table::new("checklist", format!("What {month} needs to be closed"), columns.into());
    for Check { code, subject, state } in checks {
        let (what, mend) = match state {
            State::Met => (String::new(), String::new()),
            State::Excluded(request) => (format!("by request {request}"), String::new()),
            State::Failing { what, mend } => (what.clone(), mend.clone()),
        };
        table.row(vec![(*code).to_owned(), subject.clone(), state.word().to_owned(), what, mend]);
    }
    table
}

fn list(context: &Context, format: Format) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    let columns = ["month", "state", "requests"].map(|name| text(name, name));
    let mut table = Table::new("periods", format!("Periods of {}; every later one is open", ledger.code), columns.into());
    for Period { month, state, requests } in store.read(ledger.id, |view| periods(view, EVERYTHING))? {
        table.row(vec![month.to_string(), state.word().to_owned(), requests.join(", ")]);
    }
    print(format, &[table])?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn quarantine(context: &Context, format: Format, what: &Quarantine) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    match what {
        Quarantine::List => {
            let waiting = store.read::<_, recoup_engine::EngineError>(ledger.id, waiting)?;
            let columns = vec![
                text("import", "import"),
                number("number", "number"),
                text("where", "where"),
                text("code", "code"),
                text("message", "what, and how to mend it"),
            ];
            let mut table = Table::new("quarantine", "Refused records that wait, and control totals that do not agree", columns);
            for issue in waiting {
                table.row(vec![issue.batch.to_string(), issue.number.to_string(), issue.locator, issue.code, issue.message]);
            }
            print(format, &[table])?;
        }
        Quarantine::Dismiss { import, number, reason } => {
            quarantine::dismiss(&mut store, &ledger, *import, *number, reason, By::new(ACTOR, Context::now()))?;
            println!("number {number} of import {import} is dismissed");
        }
    }
    Ok(ExitCode::SUCCESS)
}
