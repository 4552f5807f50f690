//! A month settled in full, as scenarios and demonstrations have it: payroll pays and takes all that it may.

use recoup_model::calendar::next_day;
use recoup_model::id::AccountId;
use recoup_model::record::Ledger;
use recoup_model::{Date, Month};
use recoup_store::{EVERYTHING as NOW, Store};

use super::{Choice, PayrollReturn, Question, Statement, confirm, export, one, prepare, publish, statement};
use crate::EngineError;
use crate::facts::By;

/// Prepares a run of a day's statement with every withheld wage that is due back, publishes it on that day, and has payroll
/// confirm all of it on the next; answers with the statement as it was before.
///
/// # Errors
/// As those; the terms of the ledger ask for a longer notice.
pub fn in_full(store: &mut Store, ledger: &Ledger, as_of: Date, by: By<'_>) -> Result<Statement, EngineError> {
    let month = Month::of(as_of);
    let before = store.read(ledger.id, |view| statement(view, Question { month, as_of, known_at: NOW }))?;
    if before.rows.iter().all(|row| row.waits() || !row.is_settled_now()) {
        return Ok(before);
    }
    let released: Vec<String> = before.rows.iter().filter(|row| row.account.purpose.withheld().is_some()).map(|row| row.person.clone()).collect();
    let run = prepare(store, ledger, (month, as_of), Choice { persons: &[], released: &released }, None, by)?.run;
    publish(store, ledger, run, as_of, by)?;
    export(store, ledger, run, by)?;
    let exported = store.read(ledger.id, |view| one(view, run, NOW))?;
    let confirmed: Vec<(AccountId, i64)> = exported.payout().rows.iter().map(|row| (row.item(), row.cash())).collect();
    confirm(store, ledger, &PayrollReturn { payout: run, on: next_day(as_of), confirmed: &confirmed, file: exported.digest()? }, by)?;
    Ok(before)
}
