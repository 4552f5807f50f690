//! `recoup settle`: what is to be settled with a month's wages, and what payroll confirms of a payout run.

use std::path::Path;
use std::process::ExitCode;

use chrono::NaiveDate;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::facts::By;
use recoup_engine::settlement::{self, Confirmed, PayrollReturn, Question, Statement, confirm, statement};
use recoup_model::id::PayoutId;
use recoup_model::record::Ledger;
use recoup_model::{Digest, Money};
use recoup_store::Store;

use crate::cli::{Format, Settle};
use crate::context::{ACTOR, Context};
use crate::error::CliError;
use crate::output::{Table, number, print, text};
use crate::payroll;

pub(crate) fn run(context: &Context, format: Format, what: &Settle) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    match what {
        Settle::Statement { month, as_of, known_at } => {
            let as_of = as_of.unwrap_or_else(|| month.last_day());
            let found = store.read(ledger.id, |view| {
                let known_at = known_at.map_or(Ok(KNOWN_NOW), |asked| asked.position(view, &ledger))?;
                statement(view, Question { month: *month, as_of, known_at })
            })?;
            print(format, &[table(&ledger, &found)])?;
        }
        Settle::Confirm { run, file, on } => {
            let on = on.unwrap_or_else(|| Context::today(&ledger));
            match returned(&mut store, &ledger, (*run, file), on, By::new(ACTOR, Context::now()))? {
                Confirmed::Recorded(position) => println!("settlement of run {run} is recorded at position {position}"),
                Confirmed::Before(position) => println!(
                    "nothing changed: the file was recorded at position {position}; another payment of the same amounts needs a file of its own, such as with its date in a column"
                ),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Records what payroll returned of a run.
pub(crate) fn returned(store: &mut Store, ledger: &Ledger, (run, file): (PayoutId, &Path), on: NaiveDate, by: By<'_>) -> Result<Confirmed, CliError> {
    let bytes = std::fs::read(file).map_err(|e| CliError::file(file, e))?;
    let confirmed = payroll::returned(&bytes, ledger.currency).map_err(|why| CliError::content(file, why))?;
    Ok(confirm(store, ledger, &PayrollReturn { payout: run, on, confirmed: &confirmed, file: Digest::of(&bytes) }, by)?)
}

/// Has payroll confirm all that a day's statement has; the statement as it was before.
pub(crate) fn in_full(store: &mut Store, ledger: &Ledger, as_of: NaiveDate) -> Result<Table, CliError> {
    Ok(table(ledger, &settlement::in_full(store, ledger, as_of, By::new(ACTOR, Context::now()))?))
}

fn table(ledger: &Ledger, statement: &Statement) -> Table {
    let columns = vec![
        text("person", "person"),
        text("subject", "letter or contract"),
        text("purpose", "purpose"),
        text("since", "since"),
        number("due", "due"),
        number("settled", "settled before"),
        number("set_off", "set off"),
        number("cash", "to pay (+) or take (-)"),
        number("left", "left"),
        number("beyond_guard", "beyond the guard"),
        text("hold", "held because"),
        text("item", "item"),
        number("known_at", "known at"),
    ];
    let title =
        format!("Settlement of {} in {}, with the wages of {}, of what was payable as of {}", ledger.code, ledger.currency, statement.month, statement.as_of);
    let mut table = Table::new("settlement", title, columns);
    for row in &statement.rows {
        let amounts = [row.due, row.settled, row.set_off, row.cash(), row.left(), row.beyond_guard].map(|minor| Money::new(minor, ledger.currency).to_string());
        let head = [row.person.clone(), row.subject.clone(), row.account.purpose.to_string(), row.since.to_string()];
        let tail = [row.hold.as_ref().map(ToString::to_string).unwrap_or_default(), row.item().to_string(), statement.known_at.to_string()];
        table.row(head.into_iter().chain(amounts).chain(tail).collect());
    }
    table
}
