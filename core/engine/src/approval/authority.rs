//! Who may approve what: the authority matrix (审批权限表) as a dated table, and delegations of authority.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use recoup_model::Money;
use recoup_model::access::{Permission, User};
use recoup_model::approval::{Authority, AuthorityRow, Delegation, MatterKind};
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, Store, View, content_of};
use serde::Deserialize;

use super::ApprovalError;
use crate::EngineError;
use crate::access::{Caller, demand, unknown_login};
use crate::facts::{By, command};

/// A table as its file states it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityFile {
    /// First day.
    pub from: NaiveDate,
    /// Its rows.
    #[serde(rename = "row")]
    pub rows: Vec<Table>,
}

/// One row of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Of which kind.
    pub kind: MatterKind,
    /// Up to which amount in the ledger's currency; any when absent.
    pub up_to: Option<String>,
    /// Code of the unit; any when absent.
    pub unit: Option<String>,
    /// Who may approve, by login.
    pub approvers: Vec<String>,
}

fn table(what: impl Into<String>, mend: &'static str) -> EngineError {
    ApprovalError::Table { what: what.into(), mend }.into()
}

/// Puts a table in force from its first day on; its position, or none where it says what is in force already. A gap of it
/// is a gap: what no row covers nobody may approve.
///
/// # Errors
/// It has no row, the same row twice, a row without approvers, a limit for what has no amount, or names a user or a unit
/// that there is not.
pub fn put_in_force(store: &mut Store, ledger: &Ledger, file: &AuthorityFile, by: By<'_>) -> Result<Option<i64>, EngineError> {
    if file.rows.is_empty() {
        return Err(table("it has no row", "give it one `[[row]]` for each kind of request"));
    }
    if let Some(login) = unknown_login(store, file.rows.iter().flat_map(|row| &row.approvers))? {
        return Err(ApprovalError::UnknownUser(login).into());
    }
    let input = content_of(&(file.from, file.rows.iter().map(|r| (r.kind, &r.up_to, &r.unit, &r.approvers)).collect::<Vec<_>>()))?;
    command(store, ledger, by, "put-authority-in-force", input, |tx| {
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        for stated in &file.rows {
            let row = row(tx, ledger, stated)?;
            if !seen.insert((row.kind, row.up_to, row.unit)) {
                return Err(table(format!("two rows of `{}` have the same limit and unit", row.kind.word()), "name all their approvers in one"));
            }
            rows.push(row);
        }
        let authority = Authority { from: file.from, rows };
        if tx.authorities(NOW)?.contains(&authority) {
            return Ok(());
        }
        Ok(tx.append(&[Record::Authority(authority).into()])?)
    })
}

fn row(view: &mut View<'_>, ledger: &Ledger, stated: &Table) -> Result<AuthorityRow, EngineError> {
    let Table { kind, up_to, unit, approvers } = stated;
    if approvers.is_empty() {
        return Err(table(format!("a row of `{}` names no approvers", kind.word()), "name at least one login"));
    }
    if up_to.is_some() && !kind.has_amount() {
        return Err(table(format!("`{}` has no amount, and a row limits it", kind.word()), "leave `up_to` out"));
    }
    let up_to = match up_to {
        None => None,
        Some(text) => match Money::parse(text, ledger.currency) {
            Ok(limit) if limit.minor() > 0 => Some(limit.minor()),
            _ => return Err(table(format!("`{text}` is no limit"), "write an amount above zero, such as 10000.00")),
        },
    };
    let unit = match unit {
        None => None,
        Some(code) => {
            let found = view.units(NOW)?.into_iter().find(|u| u.code == *code);
            Some(found.ok_or_else(|| table(format!("the ledger has no unit `{code}`"), "correct its code, or record it first"))?.id)
        }
    };
    Ok(AuthorityRow { kind: *kind, up_to, unit, approvers: approvers.clone() })
}

/// Delegates the caller's authority to another approver, from one day to another. The same two and first day again, with another
/// last day, replaces it.
///
/// # Errors
/// The caller approves nothing, there is no such user, or the days are in the wrong order.
pub fn delegate(
    store: &mut Store,
    ledger: &Ledger,
    caller: &Caller,
    to: &str,
    (first, last): (NaiveDate, NaiveDate),
    by: By<'_>,
) -> Result<Option<i64>, EngineError> {
    demand(store, caller, Permission::Approve, ledger.id, "delegate authority")?;
    if let Some(login) = unknown_login(store, [to].into_iter())? {
        return Err(ApprovalError::UnknownUser(login).into());
    }
    let delegation = Delegation { from: caller.user(), to: User::id_of(to), first, last };
    if delegation.from == delegation.to {
        return Err(ApprovalError::Delegation("nobody delegates to themselves: name another approver").into());
    }
    if last < first {
        return Err(ApprovalError::Delegation("it ends before it begins: correct its days").into());
    }
    command(store, ledger, by, "delegate", content_of(&delegation)?, |tx| {
        if tx.delegations(NOW)?.contains(&delegation) {
            return Ok(());
        }
        Ok(tx.append(&[Record::Delegation(delegation.clone()).into()])?)
    })
}
