//! `recoup webhook`: who is told of what happens in a ledger.

use std::process::ExitCode;

use recoup_model::record::Ledger;
use recoup_store::{Store, Webhook as Hook};

use crate::cli::{Format, Webhook};
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Table, number, print, text};

pub(crate) fn run(context: &Context, format: Format, what: &Webhook) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    match what {
        Webhook::Add { name, host } => {
            let hosts = &context.config.egress;
            if !hosts.contains_key(host) {
                let known: Vec<&str> = hosts.keys().map(String::as_str).collect();
                return Err(CliError::Usage(format!("[egress] of the configuration names no host `{host}`; it names: {}", known.join(", "))));
            }
            let id = store.add_webhook(ledger.id, name, host)?;
            println!("{id} is told of what happens in {} from now on", ledger.code);
        }
        Webhook::List => print(format, &[webhooks(&store.webhooks(ledger.id)?)])?,
        Webhook::Pause { name } => set(&mut store, &ledger, name, false)?,
        Webhook::Resume { name } => set(&mut store, &ledger, name, true)?,
        Webhook::Remove { name } => {
            let hook = named(&mut store, &ledger, name)?;
            store.remove_webhook(ledger.id, hook.id)?;
            println!("{name} is told nothing more");
        }
        Webhook::DeadLetters { name } => {
            let hook = named(&mut store, &ledger, name)?;
            let columns = vec![
                number("leaf", "Leaf"),
                number("attempts", "Attempts"),
                text("died_at", "Given up"),
                text("again", "To be sent again"),
                text("error", "Last error"),
            ];
            let mut table = Table::new("dead_letters", format!("Events given up for {name}"), columns);
            for dead in store.dead_letters(ledger.id, hook.id)? {
                table.row(vec![dead.leaf.to_string(), dead.attempts.to_string(), dead.died_at.to_rfc3339(), dead.again.to_string(), dead.error]);
            }
            print(format, &[table])?;
        }
        Webhook::SendAgain { name, leaf } => {
            let hook = named(&mut store, &ledger, name)?;
            println!("{} to be sent again", store.send_again(ledger.id, hook.id, *leaf)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn webhooks(hooks: &[Hook]) -> Table {
    let columns = vec![
        text("name", "Name"),
        text("host", "Host"),
        text("active", "Active"),
        number("leaf", "Next leaf"),
        number("attempts", "Failed attempts"),
        text("error", "Last error"),
    ];
    let mut table = Table::new("webhooks", "Webhooks", columns);
    for h in hooks {
        table.row(vec![h.name.clone(), h.host.clone(), h.active.to_string(), h.leaf.to_string(), h.attempts.to_string(), h.error.clone()]);
    }
    table
}

fn named(store: &mut Store, ledger: &Ledger, name: &str) -> Result<Hook, CliError> {
    let found = store.webhooks(ledger.id)?.into_iter().find(|h| h.name == name);
    found.ok_or_else(|| CliError::Usage(format!("ledger `{}` has no webhook `{name}`", ledger.code)))
}

fn set(store: &mut Store, ledger: &Ledger, name: &str, active: bool) -> Result<(), CliError> {
    let hook = named(store, ledger, name)?;
    store.set_webhook(ledger.id, hook.id, active)?;
    println!("{name} is {}", if active { "told again, from where it stood" } else { "paused" });
    Ok(())
}
