//! Trial balance of receivables at a date: what arose, what was applied, what is open, per debtor.

use std::collections::HashMap;

use recoup_model::calendar::Date;
use recoup_model::id::PartyId;
use recoup_store::View;

use super::add;
use crate::EngineError;

/// One debtor's figures in minor units of the ledger's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Code and name.
    pub label: String,
    /// The debtor; none of what came from somebody unknown, and of the sum.
    pub party: Option<PartyId>,
    /// Claims as they arose, corrected.
    pub claims: i64,
    /// Applied to them, reversals taken off.
    pub applied: i64,
    /// Written off.
    pub written_off: i64,
    /// Open: claims − applied − written off.
    pub open: i64,
    /// Received, bounces taken off.
    pub received: i64,
    /// Received and not applied.
    pub unapplied: i64,
}

/// The trial balance: rows by label, and their sum.
///
/// # Errors
/// The store, or a sum out of range.
pub fn trial_balance(view: &mut View<'_>, as_of: Date, known_at: i64) -> Result<(Vec<Row>, Row), EngineError> {
    let parties: HashMap<PartyId, String> = view.parties(None, known_at)?.into_iter().map(|(p, _)| (p.id, super::aging::party_label(&p))).collect();
    let mut total = Row { label: "total".to_owned(), ..Row::default() };
    let mut rows = Vec::new();
    for found in view.trial_balance(as_of, known_at)? {
        let (c, r) = (found.claims, found.receipts);
        let row = Row {
            party: found.party,
            label: found.party.and_then(|p| parties.get(&p).cloned()).unwrap_or_else(|| "unidentified".to_owned()),
            claims: add(c.gross, c.corrections)?,
            applied: -add(c.applied, c.reversed)?,
            written_off: -c.written_off,
            open: c.open,
            received: add(add(r.received, r.corrections)?, r.bounced)?,
            unapplied: r.unapplied,
        };
        for (to, n) in [
            (&mut total.claims, row.claims),
            (&mut total.applied, row.applied),
            (&mut total.written_off, row.written_off),
            (&mut total.open, row.open),
            (&mut total.received, row.received),
            (&mut total.unapplied, row.unapplied),
        ] {
            *to = add(*to, n)?;
        }
        rows.push(row);
    }
    rows.sort_by(|a, b| a.label.cmp(&b.label));
    Ok((rows, total))
}
