//! `recoup settle`: what is to be settled with a month's wages, and what payroll confirms of a payout run.

use std::path::Path;
use std::process::ExitCode;

use chrono::NaiveDate;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::facts::{By, Once};
use recoup_engine::settlement::{self, Confirmed, PayrollReturn, Question, Statement, confirm, statement};
use recoup_model::id::{AccountId, PayoutId};
use recoup_model::record::Ledger;
use recoup_model::{Digest, Money};
use recoup_store::Store;

use crate::cli::{Format, Settle};
use crate::context::{ACTOR, Context};
use crate::error::CliError;
use crate::output::{Table, number, print, text};

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
    let confirmed = payroll_return(file, &bytes, ledger)?;
    // The file stands for the request: one that was recorded is not recorded again, on whichever day it is sent again.
    let input = Digest::of(&bytes);
    let key = format!("payroll:{run}:{input}");
    let payroll = PayrollReturn { payout: run, on, confirmed: &confirmed };
    Ok(confirm(store, ledger, &payroll, By { once: Some(Once { key: &key, input }), ..by })?)
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

/// Reads `item` and `confirmed` of a CSV file with a header row; other columns are payroll's own.
fn payroll_return(file: &Path, bytes: &[u8], ledger: &Ledger) -> Result<Vec<(AccountId, i64)>, CliError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|e| CliError::content(file, e))?.clone();
    let column = |name: &str| {
        let missing = || CliError::content(file, format!("no column `{name}`: the file needs `item` and `confirmed`, as the run names them"));
        header.iter().position(|h| h == name).ok_or_else(missing)
    };
    let (item, confirmed) = (column("item")?, column("confirmed")?);
    let mut all = Vec::new();
    let mut total = None;
    for (row, record) in (2_u64..).zip(reader.records()) {
        let record = record.map_err(|e| CliError::content(file, e))?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let amount = match cell(confirmed) {
            "" => None,
            said => Some(
                Money::parse(said, ledger.currency)
                    .map_err(|e| CliError::content(file, format!("row {row}: confirmed `{said}`: {e}; write 12000.00 or -2400.00")))?
                    .minor(),
            ),
        };
        if cell(item) == "total" {
            total = amount.or(total);
            continue;
        }
        let id: AccountId = cell(item).parse().map_err(|_| CliError::content(file, format!("row {row}: `{}` is no item of a run", cell(item))))?;
        all.push((id, amount.unwrap_or(0)));
    }
    let sum = all.iter().try_fold(0_i64, |sum, (_, amount)| sum.checked_add(*amount));
    if let Some(total) = total.filter(|total| Some(*total) != sum) {
        let sum = sum.map_or_else(|| "beyond 64 bits".to_owned(), |sum| Money::new(sum, ledger.currency).to_string());
        let stated = Money::new(total, ledger.currency);
        return Err(CliError::content(file, format!("the total is {stated}, and its items add up to {sum}: have payroll correct the file")));
    }
    Ok(all)
}
