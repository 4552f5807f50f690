//! Control totals in three columns: what the file states, what was read, what the ledger holds.

use std::collections::HashMap;

use recoup_host::Control;
use recoup_model::Money;
use recoup_model::calendar::Date;
use recoup_model::id::PartyId;
use recoup_model::import::{ControlTotal, IssueKind};
use recoup_model::receivable::EntryKind;
use recoup_store::EVERYTHING as NOW;
use rust_decimal::Decimal;

use super::commit::Commit;
use super::stage::StagedIssue;
use crate::EngineError;
use crate::quarantine::CONTROL_TOTAL;

/// The batch's control totals; each that does not agree becomes a finding with its figures.
pub(super) fn totals(c: &mut Commit<'_, '_, '_>, stated: &[Control]) -> Result<Vec<ControlTotal>, EngineError> {
    let mut all: Vec<ControlTotal> =
        stated.iter().map(|s| ControlTotal { name: s.name.clone(), subject: s.subject.clone(), stated: s.stated, read: Some(s.read), stored: None }).collect();
    closing_balances(c, &mut all)?;
    own_totals(c, &mut all)?;
    for t in all.iter().filter(|t| !t.agrees()) {
        let figure = |d: Option<Decimal>| d.map_or_else(|| "–".to_owned(), |d| d.to_string());
        let of = if t.subject.is_empty() { String::new() } else { format!(" of `{}`", t.subject) };
        let message = format!(
            "control total `{}`{of}: stated {}, read {}, stored {}; the figures contradict each other: compare the export with its source",
            t.name,
            figure(t.stated),
            figure(t.read),
            figure(t.stored)
        );
        let locator = if t.subject.is_empty() { "file".to_owned() } else { t.subject.clone() };
        c.issues.push(StagedIssue { kind: IssueKind::Control, code: CONTROL_TOTAL.to_owned(), locator, key: t.name.clone(), message });
    }
    Ok(all)
}

/// Closing balances stated per party, against what the ledger holds of that party.
fn closing_balances(c: &mut Commit<'_, '_, '_>, all: &mut [ControlTotal]) -> Result<(), EngineError> {
    if c.staging.balances.is_empty() {
        return Ok(());
    }
    let by_key: HashMap<&str, PartyId> = c.staging.balances.iter().map(|(id, key)| (key.as_str(), *id)).collect();
    let held: HashMap<PartyId, i64> = {
        let rows = c.tx.trial_balance(Date::MAX, NOW)?.into_iter();
        rows.filter_map(|r| r.party.map(|p| (p, r.claims.open - r.receipts.unapplied))).collect()
    };
    let currency = c.staging.ledger.currency;
    for t in all.iter_mut() {
        if let Some(party) = by_key.get(t.subject.as_str()) {
            t.stored = Some(Money::new(held.get(party).copied().unwrap_or(0), currency).to_decimal());
        }
    }
    Ok(())
}

/// What Recoup sums itself: records as read, against what stood before plus what this batch stored.
fn own_totals(c: &mut Commit<'_, '_, '_>, all: &mut Vec<ControlTotal>) -> Result<(), EngineError> {
    let currency = c.staging.ledger.currency;
    let position = c.tx.position();
    let mut stored: HashMap<EntryKind, i64> = HashMap::new();
    for (kind, sum, _) in c.tx.position_sums(position)? {
        *stored.entry(kind).or_default() += sum;
    }
    let stored = |kinds: &[EntryKind]| kinds.iter().filter_map(|k| stored.get(k)).try_fold(0_i64, |a, b| a.checked_add(*b));
    let overflow = || EngineError::Money(recoup_model::MoneyError::Overflow);
    let sums = [
        ("ledger.receivables", c.claims, stored(&[EntryKind::Gross, EntryKind::Correction])),
        ("ledger.receipts", c.cash, stored(&[EntryKind::Received, EntryKind::ReceivedCorrection])),
    ];
    for (name, sums, stored) in sums {
        let read = sums.read;
        let stored = stored.and_then(|s| s.checked_add(sums.before)).ok_or_else(overflow)?;
        if read == 0 && stored == 0 {
            continue;
        }
        let decimal = |minor| Some(Money::new(minor, currency).to_decimal());
        all.push(ControlTotal { name: name.to_owned(), subject: String::new(), stated: None, read: decimal(read), stored: decimal(stored) });
    }
    Ok(())
}
