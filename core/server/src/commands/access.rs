//! `recoup user`, `recoup token` and `recoup trust`: who may do what, and whose plugins are trusted.

use std::collections::HashMap;
use std::process::ExitCode;

use chrono::Duration;
use recoup_engine::access::{Caller, Secret, add_user, appoint, authenticate, change_password, decide, issue_token, propose, reset_password};
use recoup_model::access::{self, Change, Grant, TrustedKey};
use recoup_model::id::{LedgerId, UserId};
use recoup_model::record::Ledger;
use recoup_store::{EVERYTHING, Store, StoreError, View};

use crate::cli::{Acting, Asked, Format, SecretRef, Token, Trust, User, Verdict};
use crate::component::trusted_keys;
use crate::context::{ACTOR, Context};
use crate::error::CliError;
use crate::output::{Table, print, text};

pub(crate) fn user(context: &Context, format: Format, what: &User) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    match what {
        User::Add { login, name, password, administrator: _, acting } => {
            let acting = acting.as_ref().map(|acting| sign_in(&mut store, acting)).transpose()?;
            let password = secret(password.as_ref(), login)?;
            match acting {
                Some(caller) => drop(add_user(&mut store, &caller, login, name.as_deref(), &password, Context::now())?),
                None => drop(appoint(&mut store, login, name.as_deref(), &password, ACTOR, Context::now())?),
            }
            println!("{login} is added");
        }
        User::Password { login, old, new } => {
            let (old, new) = (secret(old.as_ref(), login)?, secret(new.as_ref(), &format!("{login}, the new one"))?);
            change_password(&mut store, login, &old, &new, Context::now())?;
            println!("the password of {login} is changed");
        }
        User::Reset { login, password } => {
            let password = secret(password.as_ref(), &format!("{login}, a first one"))?;
            reset_password(&mut store, login, &password, ACTOR, Context::now())?;
            println!("{login} changes this password before anything else (`recoup user password {login}`), and is signed in nowhere");
        }
        User::List => print(format, &lists(&mut store)?)?,
        User::Propose { acting, change } => {
            let caller = sign_in(&mut store, acting)?;
            let change = wanted(&mut store, change)?;
            ask(&mut store, &caller, change)?;
        }
        User::Decide { proposal, verdict, acting } => {
            let caller = sign_in(&mut store, acting)?;
            let (verdict, done) = match verdict {
                Verdict::Approve => (access::Verdict::Approve, "approved"),
                Verdict::Reject => (access::Verdict::Reject, "rejected"),
                Verdict::Withdraw => (access::Verdict::Withdraw, "withdrawn"),
            };
            decide(&mut store, &caller, *proposal, verdict, Context::now())?;
            println!("proposal {proposal} is {done}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn token(context: &Context, format: Format, what: &Token) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    match what {
        Token::Issue { login, label, days, acting } => {
            let caller = sign_in(&mut store, acting)?;
            let expires_at = Context::now() + Duration::days(i64::from(*days));
            let issued = issue_token(&mut store, &caller, access::User::id_of(login), label, expires_at, Context::now())?;
            println!("{}", issued.secret.as_ref().map(Secret::reveal).unwrap_or_default());
            eprintln!("this is shown once; proposal {} waits for another administrator", issued.proposal);
        }
        Token::List => print(format, &[read(&mut store, tokens)?])?,
        Token::Revoke { token, acting } => {
            let caller = sign_in(&mut store, acting)?;
            ask(&mut store, &caller, Change::RevokeToken(*token))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn trust(context: &Context, format: Format, what: &Trust) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    match what {
        Trust::Add { key, label, acting } => {
            let caller = sign_in(&mut store, acting)?;
            ask(&mut store, &caller, Change::Trust(TrustedKey::new(*key, label)))?;
        }
        Trust::List => print(format, &[keys(&trusted_keys(&mut store)?)])?,
        Trust::Withdraw { key, acting } => {
            let caller = sign_in(&mut store, acting)?;
            ask(&mut store, &caller, Change::WithdrawTrust(*key))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(store: &mut Store, caller: &Caller, change: Change) -> Result<(), CliError> {
    let (proposal, _) = propose(store, caller, change, Context::now())?;
    println!("proposal {proposal} waits for another administrator");
    Ok(())
}

pub(super) fn sign_in(store: &mut Store, acting: &Acting) -> Result<Caller, CliError> {
    let password = secret(acting.by_password.as_ref(), &acting.by)?;
    Ok(authenticate(store, &acting.by, &password)?)
}

/// The password that a reference leads to, or that is typed on the terminal.
fn secret(reference: Option<&SecretRef>, login: &str) -> Result<String, CliError> {
    match reference {
        Some(reference) => reference.read(),
        None => rpassword::prompt_password(format!("Password of {login}: "))
            .map_err(|e| CliError::Usage(format!("the password cannot be asked for ({e}): say where it is, env:NAME or file:PATH"))),
    }
}

/// What was asked for, with codes as ids.
fn wanted(store: &mut Store, asked: &Asked) -> Result<Change, CliError> {
    Ok(match asked {
        Asked::Grant { login, role, books, unit } => {
            let ledger = books.as_deref().map(|code| open_ledger(store, code)).transpose()?;
            let unit = match (ledger, unit) {
                (Some(ledger), Some(code)) => {
                    let units = store.read::<_, StoreError>(ledger, |view| view.units(EVERYTHING))?;
                    let found = units.into_iter().find(|u| u.code == *code);
                    Some(found.ok_or_else(|| CliError::Usage(format!("the ledger has no unit `{code}`: record it first")))?.id)
                }
                _ => None,
            };
            Change::Grant(Grant::new(access::User::id_of(login), *role, ledger, unit))
        }
        Asked::Revoke { right } => Change::Revoke(*right),
        Asked::Disable { login } => Change::Disable(access::User::id_of(login)),
        Asked::Enable { login } => Change::Enable(access::User::id_of(login)),
    })
}

fn open_ledger(store: &mut Store, code: &str) -> Result<LedgerId, CliError> {
    let ledger = store.ledger(code)?;
    Ok(ledger.ok_or_else(|| CliError::Usage(format!("there is no ledger `{code}`: open it first, by an import or a record")))?.id)
}

fn read<T>(store: &mut Store, f: impl FnOnce(&mut View<'_>) -> Result<T, StoreError>) -> Result<T, CliError> {
    Ok(store.read(Ledger::installation(), f)?)
}

fn logins(view: &mut View<'_>) -> Result<HashMap<UserId, String>, StoreError> {
    Ok(view.users(None, EVERYTHING)?.into_iter().map(|(user, _)| (user.id, user.login)).collect())
}

fn lists(store: &mut Store) -> Result<[Table; 3], CliError> {
    let ledgers: HashMap<LedgerId, String> = store.ledgers()?.into_iter().map(|l| (l.id, l.code)).collect();
    read(store, |view| {
        let logins = logins(view)?;
        let login = |id: UserId| logins.get(&id).cloned().unwrap_or_default();
        let books = |grant: &Grant| grant.ledger.map_or_else(|| "every one".to_owned(), |id| ledgers.get(&id).cloned().unwrap_or_default());
        let mut users = Table::new("users", "Users", vec![text("login", "login"), text("state", "state")]);
        for (user, _) in view.users(None, EVERYTHING)? {
            let state = match (user.disabled, user.password_given) {
                (true, _) => "shut out",
                (_, true) => "to change the password",
                (_, false) => "active",
            };
            users.row(vec![user.login, state.to_owned()]);
        }
        let columns = ["right", "login", "role", "ledger", "unit"].map(|name| text(name, name));
        let mut rights = Table::new("rights", "Rights", columns.into());
        for grant in view.grants(None, EVERYTHING)?.into_iter().filter(|g| !g.revoked) {
            let unit = grant.unit.map_or_else(|| "all".to_owned(), |u| u.to_string());
            rights.row(vec![grant.id.to_string(), login(grant.user), grant.role.word().to_owned(), books(&grant), unit]);
        }
        let columns = ["proposal", "by", "change"].map(|name| text(name, name));
        let mut pending = Table::new("proposals", "Waiting for another administrator", columns.into());
        for (proposal, _) in view.proposals(None, EVERYTHING)?.into_iter().filter(|(_, decision)| decision.is_none()) {
            let change = match &proposal.change {
                Change::Grant(g) => format!("{} becomes {} in {}", login(g.user), g.role.word(), books(g)),
                Change::Revoke(id) => format!("revoke the right {id}"),
                Change::IssueToken(t) => format!("a token `{}` for {} until {}", t.label, login(t.user), t.expires_at.date_naive()),
                Change::RevokeToken(id) => format!("revoke the token {id}"),
                Change::Disable(id) => format!("shut {} out", login(*id)),
                Change::Enable(id) => format!("let {} in again", login(*id)),
                Change::Trust(k) => format!("trust the key {} of `{}`: {}", k.key.number(), k.label, k.key),
                Change::WithdrawTrust(id) => format!("trust the key {id} no longer"),
            };
            pending.row(vec![proposal.id.to_string(), login(proposal.maker), change]);
        }
        Ok([users, rights, pending])
    })
}

fn tokens(view: &mut View<'_>) -> Result<Table, StoreError> {
    let logins = logins(view)?;
    let columns = ["token", "login", "label", "expires", "state"].map(|name| text(name, name));
    let mut table = Table::new("tokens", "Tokens", columns.into());
    let now = Context::now();
    for token in view.tokens(None, EVERYTHING)?.into_iter().filter(|t| !t.session) {
        let state = match (token.revoked, token.holds(now)) {
            (true, _) => "revoked",
            (_, true) => "accepted",
            (_, false) => "expired",
        };
        let login = logins.get(&token.user).cloned().unwrap_or_default();
        table.row(vec![token.id.to_string(), login, token.label, token.expires_at.to_rfc3339(), state.to_owned()]);
    }
    Ok(table)
}

fn keys(keys: &[TrustedKey]) -> Table {
    let columns = ["id", "number", "label", "state", "key"].map(|name| text(name, name));
    let mut table = Table::new("keys", "Keys that plugins are trusted by", columns.into());
    for key in keys {
        let state = if key.revoked { "withdrawn" } else { "trusted" };
        table.row(vec![key.id.to_string(), key.key.number().to_string(), key.label.clone(), state.to_owned(), key.key.to_string()]);
    }
    table
}
