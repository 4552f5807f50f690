//! `recoup approval`: what one person asks for and another decides, and who may.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use recoup_engine::access::Caller;
use recoup_engine::approval;
use recoup_engine::approval::{Asked, AuthorityFile, Wanted, ask, decide, delegate, put_in_force, stands, unit_of};
use recoup_engine::evaluate::to_the_end;
use recoup_engine::facts::By;
use recoup_engine::period::Closing;
use recoup_model::access;
use recoup_model::approval::{Authority, Matter, Request};
use recoup_model::id::{UnitId, UserId};
use recoup_model::period::Close;
use recoup_model::record::Ledger;
use recoup_model::settlement::GuardMode;
use recoup_model::{Date, Money};
use recoup_store::{EVERYTHING, Store, StoreError};

use super::access::sign_in;
use crate::cli::{Approval, Format, Guard, Verdict, Wish};
use crate::context::{ACTOR, Context, For, read_toml};
use crate::error::CliError;
use crate::output::{Table, number, print, text};

pub(crate) fn run(context: &Context, format: Format, what: &Approval) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    match what {
        Approval::Ask { what, unit } => {
            let unit = unit.as_deref().map(|code| store.read(ledger.id, |view| unit_of(view, code))).transpose()?;
            let Asked { request, position } = asked(context, &mut store, &ledger, what, unit)?;
            match position {
                Some(_) => println!("request {request} waits for another person"),
                None => println!("request {request} waits for another person already"),
            }
        }
        Approval::List { waiting } => print(format, &[requests(&mut store, &ledger, *waiting)?])?,
        Approval::Decide { request, verdict, acting } => {
            let caller = sign_in(&mut store, acting)?;
            let (verdict, done) = match verdict {
                Verdict::Approve => (access::Verdict::Approve, "approved"),
                Verdict::Reject => (access::Verdict::Reject, "rejected"),
                Verdict::Withdraw => (access::Verdict::Withdraw, "withdrawn"),
            };
            decide(&mut store, &ledger, &caller, *request, verdict, by(&caller))?;
            println!("request {request} is {done}");
        }
        Approval::Delegate { to, from, until, acting } => {
            let caller = sign_in(&mut store, acting)?;
            delegate(&mut store, &ledger, &caller, to, (*from, *until), by(&caller))?;
            println!("{to} decides in the place of {} from {from} to {until}", caller.login());
        }
        Approval::Authority { file: Some(file) } => {
            let stated = authority_file(file)?;
            match put_in_force(&mut store, &ledger, &stated, By::new(ACTOR, Context::now()))? {
                Some(position) => println!("the table is in force from {} on, at position {position}", stated.from),
                None => println!("nothing new: the table is in force already"),
            }
        }
        Approval::Authority { file: None } => print(format, &[authority(&mut store, &ledger, Context::today(&ledger))?])?,
    }
    Ok(ExitCode::SUCCESS)
}

fn by(caller: &Caller) -> By<'_> {
    By::new(caller.login(), Context::now())
}

fn asked(context: &Context, store: &mut Store, ledger: &Ledger, what: &Wish, unit: Option<UnitId>) -> Result<Asked, CliError> {
    let (Wish::Reopen { acting, .. }
    | Wish::Exclude { acting, .. }
    | Wish::HardClose { acting, .. }
    | Wish::Payout { acting, .. }
    | Wish::PayoutReversal { acting, .. }
    | Wish::WageGuard { acting, .. }
    | Wish::Parameters { acting, .. }
    | Wish::Stacking { acting, .. }
    | Wish::Correction { acting, .. }) = what;
    let caller = sign_in(store, acting)?;
    Ok(match what {
        Wish::Reopen { month, .. } => ask(store, ledger, &caller, &Wanted::Reopen(*month), unit, by(&caller))?,
        Wish::Exclude { month, .. } => ask(store, ledger, &caller, &Wanted::Exclude(*month), unit, by(&caller))?,
        Wish::HardClose { month, pack, .. } => {
            let plugin = context.rules(&context.host()?, pack.as_deref(), For::Books(store))?;
            let parameters = context.parameters(&plugin)?;
            let batch_cases = context.config.evaluate.batch_cases;
            let closing =
                Closing { month: *month, close: Close::Hard, parameters: &parameters, batch_cases, actor: caller.login(), recorded_at: Context::now() };
            ask(store, ledger, &caller, &Wanted::HardClose { plugin: &plugin, closing: &closing, goes_on: &to_the_end }, unit, by(&caller))?
        }
        Wish::Payout { run, .. } => ask(store, ledger, &caller, &Wanted::Payout(*run), unit, by(&caller))?,
        Wish::PayoutReversal { run, reason, .. } => ask(store, ledger, &caller, &Wanted::PayoutReversal { payout: *run, reason }, unit, by(&caller))?,
        Wish::WageGuard { mode, from, .. } => {
            let mode = match mode {
                Guard::Enforce => GuardMode::Enforce,
                Guard::ReportOnly => GuardMode::ReportOnly,
            };
            ask(store, ledger, &caller, &Wanted::WageGuard(*from, mode), unit, by(&caller))?
        }
        Wish::Parameters { file, pack, .. } => {
            let plugin = context.rules(&context.host()?, pack.as_deref(), For::Books(store))?;
            let parameters = Context::parameters_of(&plugin, file)?;
            ask(store, ledger, &caller, &Wanted::Parameters { plugin: &plugin, parameters: &parameters }, unit, by(&caller))?
        }
        Wish::Stacking { one, other, from, to, .. } => {
            ask(store, ledger, &caller, &Wanted::Stacking { families: [one, other], from: *from, to: *to }, unit, by(&caller))?
        }
        Wish::Correction { file, system, .. } => {
            let facts = read_toml(file)?.to_string();
            ask(store, ledger, &caller, &Wanted::Correction { system, facts: &facts }, unit, by(&caller))?
        }
    })
}

fn authority_file(file: &Path) -> Result<AuthorityFile, CliError> {
    serde_json::from_value(read_toml(file)?).map_err(|e| CliError::content(file, e))
}

/// What a request is about, for people.
fn about(matter: &Matter) -> String {
    match matter {
        Matter::Reopen { month, .. } | Matter::HardClose { month, .. } => month.to_string(),
        Matter::Exclude { month, obstacles } => format!("{month}, over {} obstacles", obstacles.len()),
        Matter::Correction { system, facts } => format!("{system}: {facts}"),
        Matter::Payout { payout } => format!("run {payout}"),
        Matter::PayoutReversal { payout, reason } => format!("run {payout}: {reason}"),
        Matter::WageGuard { from, mode } => format!("{} from {from} on", mode.word()),
        Matter::Stacking { families, from, to: None } => format!("{families} from {from} on"),
        Matter::Stacking { families, from, to: Some(to) } => format!("{families} from {from} to {to}"),
        Matter::Parameters { policy, changes } => {
            format!("{}: {}", policy.pack, changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
    }
}

fn requests(store: &mut Store, ledger: &Ledger, waiting: bool) -> Result<Table, CliError> {
    let logins: HashMap<UserId, String> =
        store.read::<_, StoreError>(Ledger::installation(), |view| view.users(None, EVERYTHING))?.into_iter().map(|(u, _)| (u.id, u.login)).collect();
    let login = |id: UserId| logins.get(&id).cloned().unwrap_or_default();
    let all = store.read(ledger.id, |view| approval::requests(view, None, EVERYTHING))?;
    let columns = vec![
        text("request", "request"),
        text("kind", "kind"),
        text("about", "about"),
        number("amount", "amount"),
        text("by", "by"),
        text("state", "state"),
        text("decided_by", "decided by"),
        text("for", "in the place of"),
    ];
    let mut table = Table::new("requests", format!("Requests of {}", ledger.code), columns);
    for (Request { id, matter, amount, maker, .. }, decision) in all.into_iter().filter(|(_, decision)| !waiting || decision.is_none()) {
        let amount = amount.map(|minor| Money::new(minor, ledger.currency).to_string()).unwrap_or_default();
        let state = stands(decision.as_ref());
        let (decided_by, for_whom) = decision.map(|d| (login(d.by), d.for_whom.map(login).unwrap_or_default())).unwrap_or_default();
        let kind = matter.kind().word().to_owned();
        table.row(vec![id.to_string(), kind, about(&matter), amount, login(maker), state.to_owned(), decided_by, for_whom]);
    }
    Ok(table)
}

fn authority(store: &mut Store, ledger: &Ledger, today: Date) -> Result<Table, CliError> {
    let (tables, units) = store.read::<_, StoreError>(ledger.id, |view| Ok((view.authorities(EVERYTHING)?, view.units(EVERYTHING)?)))?;
    let columns = vec![text("kind", "kind"), number("up_to", "up to"), text("unit", "unit"), text("approvers", "approvers")];
    let in_force = Authority::in_force(tables, today);
    let since = in_force.as_ref().map_or_else(|| "nobody: no table is in force".to_owned(), |t| format!("from {} on", t.from));
    let mut table = Table::new("authority", format!("Who may approve what in {}, {since}", ledger.code), columns);
    for row in in_force.into_iter().flat_map(|t| t.rows) {
        let up_to = row.up_to.map_or_else(|| "any".to_owned(), |minor| Money::new(minor, ledger.currency).to_string());
        let code = row.unit.map_or_else(|| "any".to_owned(), |id| units.iter().find(|u| u.id == id).map(|u| u.code.clone()).unwrap_or_default());
        table.row(vec![row.kind.word().to_owned(), up_to, code, row.approvers.join(", ")]);
    }
    Ok(table)
}
