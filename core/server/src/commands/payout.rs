//! `recoup payout`: what payroll gets of a month's statement, from preparing it to taking it back.

use std::collections::HashMap;
use std::process::ExitCode;

use recoup_engine::EngineError;
use recoup_engine::access::Caller;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::facts::By;
use recoup_engine::known::KnownAt;
use recoup_engine::settlement::{Choice, Run, cancel, export, object, one, prepare, publish, resolve, reverse, runs};
use recoup_model::Money;
use recoup_model::id::{AccountId, PersonId};
use recoup_model::payout::Step;
use recoup_model::record::Ledger;
use recoup_model::settlement::Way;
use recoup_store::Store;

use super::access::sign_in;
use crate::cli::{Acting, Format, Payout};
use crate::context::{ACTOR, Context};
use crate::error::CliError;
use crate::output::{Table, number, print, text};
use crate::payroll::{self, Handed};

pub(crate) fn run(context: &Context, format: Format, what: &Payout) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    let by = By::new(ACTOR, Context::now());
    let today = Context::today(&ledger);
    match what {
        Payout::Prepare { month, as_of, persons, released, maker, password } => {
            let acting = maker.clone().map(|by| Acting { by, by_password: password.clone() });
            let caller = acting.as_ref().map(|acting| sign_in(&mut store, acting)).transpose()?;
            let by = caller.as_ref().map_or(by, |caller| By::new(caller.login(), Context::now()));
            let choice = Choice { persons, released };
            let as_of = as_of.unwrap_or_else(|| month.last_day());
            let prepared = prepare(&mut store, &ledger, (*month, as_of), choice, caller.as_ref().map(Caller::user), by)?;
            match prepared.position {
                Some(_) => println!("run {} of {month} is prepared", prepared.run),
                None => println!("run {} of {month} has the same content, and is prepared already", prepared.run),
            }
            for row in &prepared.held {
                println!("left out: item {} of {}: {}", row.item(), row.person, row.hold.as_ref().map(ToString::to_string).unwrap_or_default());
            }
        }
        Payout::Publish { run, on } => {
            let on = on.unwrap_or(today);
            publish(&mut store, &ledger, *run, on, by)?;
            let until = store.read(ledger.id, |view| one(view, *run, KNOWN_NOW))?.progress.notice_until().unwrap_or(on);
            println!("run {run} is published; objections that are raised by {until} count");
        }
        Payout::Object { run, person, reason, on } => {
            let (objection, _) = object(&mut store, &ledger, *run, person, on.unwrap_or(today), reason, by)?;
            println!("objection {objection} of {person} is open");
        }
        Payout::Resolve { objection, reason } => {
            resolve(&mut store, &ledger, *objection, reason, by)?;
            println!("objection {objection} is closed");
        }
        Payout::Export { run } => {
            export(&mut store, &ledger, *run, by)?;
            let run = store.read(ledger.id, |view| one(view, *run, KNOWN_NOW))?;
            let codes = codes(&mut store, &ledger, KNOWN_NOW)?;
            let rows = for_payroll(&ledger, &run, &codes)?;
            // A table is read by a program where it is the only one: payroll's has a row of totals instead of a head.
            let tables = if format == Format::Json || format == Format::Table { vec![heads(&ledger, std::slice::from_ref(&run))?, rows] } else { vec![rows] };
            print(format, &tables)?;
        }
        Payout::Cancel { run, reason } => {
            cancel(&mut store, &ledger, *run, reason, by)?;
            println!("run {run} is cancelled: what it held is owed as before");
        }
        Payout::Reverse { run, reason, on } => {
            reverse(&mut store, &ledger, *run, reason, on.unwrap_or(today), by)?;
            println!("run {run} is taken back: what was settled of it is owed anew");
        }
        Payout::List { known_at } => {
            let known_at = position(&mut store, &ledger, *known_at)?;
            let found = store.read(ledger.id, |view| runs(view, None, known_at))?;
            print(format, &[heads(&ledger, &found)?])?;
        }
        Payout::Show { run, known_at } => {
            let known_at = position(&mut store, &ledger, *known_at)?;
            let run = store.read(ledger.id, |view| one(view, *run, known_at))?;
            let codes = codes(&mut store, &ledger, known_at)?;
            print(format, &[heads(&ledger, std::slice::from_ref(&run))?, rows(&ledger, &run, &codes), steps(&run, &codes)])?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn position(store: &mut Store, ledger: &Ledger, known_at: Option<KnownAt>) -> Result<i64, EngineError> {
    known_at.map_or(Ok(KNOWN_NOW), |asked| asked.found(store, ledger))
}

type Codes = HashMap<PersonId, String>;

fn codes(store: &mut Store, ledger: &Ledger, known_at: i64) -> Result<Codes, EngineError> {
    store.read(ledger.id, |view| Ok(view.persons(None, known_at)?.into_iter().map(|(p, _)| (p.id, p.code)).collect()))
}

fn code(codes: &Codes, person: PersonId) -> String {
    codes.get(&person).cloned().unwrap_or_default()
}

fn money(ledger: &Ledger, minor: i64) -> String {
    Money::new(minor, ledger.currency).to_string()
}

/// What was paid or taken of an item, net of what was taken back.
fn confirmed(run: &Run, item: AccountId) -> i64 {
    run.settled(item, &[Way::Paid, Way::Taken])
}

/// Runs, one a line.
fn heads(ledger: &Ledger, runs: &[Run]) -> Result<Table, CliError> {
    let columns = vec![
        text("run", "run"),
        text("month", "month"),
        text("as_of", "as of"),
        text("state", "state"),
        text("guard", "wage guard"),
        text("notice_until", "objections until"),
        text("approved", "approved by request"),
        number("paid", "to pay"),
        number("taken", "to take"),
        number("confirmed", "confirmed"),
        number("known_at", "known at"),
        text("digest", "digest"),
    ];
    let mut table = Table::new("payouts", format!("Payout runs of {} in {}", ledger.code, ledger.currency), columns);
    for run in runs {
        let payout = run.payout();
        let sum = |of: &dyn Fn(&recoup_model::payout::PayoutRow) -> i64| money(ledger, payout.rows.iter().map(of).sum());
        table.row(vec![
            payout.id.to_string(),
            payout.month.to_string(),
            payout.as_of.to_string(),
            run.progress.state.to_string(),
            payout.guard.word().to_owned(),
            run.progress.notice_until().map(|d| d.to_string()).unwrap_or_default(),
            run.approved.map(|r| r.to_string()).unwrap_or_default(),
            sum(&|row| row.paid),
            sum(&|row| row.taken),
            sum(&|row| confirmed(run, row.item())),
            payout.known_at.to_string(),
            run.digest()?.to_string(),
        ]);
    }
    Ok(table)
}

/// What payroll gets: an item a line, and the totals.
fn for_payroll(ledger: &Ledger, run: &Run, codes: &Codes) -> Result<Table, CliError> {
    let columns = vec![
        text("item", "item"),
        text("person", "person"),
        text("subject", "letter, contract or agreement"),
        text("purpose", "purpose"),
        number("paid", "to pay"),
        number("taken", "to take"),
        number("cash", "to pay (+) or take (-)"),
        text("tax_note", "taxes"),
        text("month", "month"),
        text("guard", "wage guard"),
        text("run", "run"),
        text("digest", "digest"),
    ];
    let payout = run.payout();
    let title = format!("For payroll, of {} in {}, with the wages of {}", ledger.code, ledger.currency, payout.month);
    let mut table = Table::new("items", title, columns);
    let digest = run.digest()?.to_string();
    let tail = [payout.month.to_string(), payout.guard.word().to_owned(), payout.id.to_string(), digest];
    let (items, total) = payroll::handed(run, codes);
    for Handed { item, person, subject, purpose, paid, taken, cash, tax_note } in items.into_iter().chain([total]) {
        let item = item.map_or_else(|| payroll::TOTAL.to_owned(), |item| item.to_string());
        let amounts = [paid, taken, cash].map(|minor| money(ledger, minor));
        table.row([item, person, subject, purpose].into_iter().chain(amounts).chain([tax_note.unwrap_or_default()]).chain(tail.clone()).collect());
    }
    Ok(table)
}

/// The items of a run with what each rests on.
fn rows(ledger: &Ledger, run: &Run, codes: &Codes) -> Table {
    let columns = vec![
        text("person", "person"),
        text("subject", "letter, contract or agreement"),
        text("purpose", "purpose"),
        number("paid", "to pay"),
        number("set_off", "set off"),
        number("taken", "to take"),
        number("beyond_guard", "beyond the guard"),
        number("confirmed", "confirmed"),
        text("tax_note", "taxes"),
        text("rests_on", "rests on lines (leaf)"),
        text("item", "item"),
    ];
    let mut table = Table::new("rows", "Items", columns);
    for row in &run.payout().rows {
        let rests_on: Vec<String> = row.rests_on.iter().map(|r| format!("{} ({})", r.line, r.leaf)).collect();
        let amounts = [row.paid, row.set_off, row.taken, row.beyond_guard, confirmed(run, row.item())].map(|minor| money(ledger, minor));
        let head = [code(codes, row.account.person), row.subject.clone(), row.account.purpose.to_string()];
        let tail = [row.tax_note.clone().unwrap_or_default(), rests_on.join(" "), row.item().to_string()];
        table.row(head.into_iter().chain(amounts).chain(tail).collect());
    }
    table
}

/// What became of a run.
fn steps(run: &Run, codes: &Codes) -> Table {
    let columns = vec![text("on", "on"), text("step", "step"), text("objection", "objection"), text("person", "person"), text("said", "said")];
    let mut table = Table::new("steps", "What became of it", columns);
    for (step, said) in &run.steps {
        let (objection, person, said) = match &step.step {
            Step::Published { notice_days } => (None, None, format!("{notice_days} days of notice")),
            Step::Objected { objection, person } => (Some(*objection), Some(*person), said.clone().unwrap_or_default()),
            Step::Resolved { objection, reason } => (Some(*objection), None, reason.clone()),
            Step::Cancelled { reason } | Step::Reversed { reason, .. } => (None, None, reason.clone()),
            Step::Exported | Step::Returned => (None, None, String::new()),
        };
        let (objection, person) = (objection.map(|o| o.to_string()).unwrap_or_default(), person.map(|p| code(codes, p)).unwrap_or_default());
        table.row(vec![step.on.to_string(), step.step.word().to_owned(), objection, person, said]);
    }
    table
}
