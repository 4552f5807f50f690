//! The quarantine: refused records, and what has become of them since. A later file of the same system that has the record
//! in order mends it; one that nobody will mend is dismissed, with a reason, and so is a control total that does not agree.

use std::collections::{HashMap, HashSet};

use recoup_model::Digest;
use recoup_model::id::{BatchId, ContractId, EntryId, PartyId, ReceiptId, ReceivableId, SourceKey};
use recoup_model::import::{Dismissal, Issue, IssueKind, Standing};
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, IssueFilter, Listed, Page, Sourced, Store, View};
use uuid::Uuid;

use crate::EngineError;
use crate::facts::{By, command, fault};

/// The code of a control total that does not agree.
pub(crate) const CONTROL_TOTAL: &str = "import.control_total";

/// What a record's key would be the id of, in each table that it may have gone to.
type Ids = [(Sourced, Uuid); 5];

/// What has become of each of some refused records, as known at a position.
///
/// # Errors
/// The store fails.
pub fn standings(view: &mut View<'_>, issues: &[Listed<Issue>], known_at: i64) -> Result<Vec<Standing>, EngineError> {
    let dismissed: HashSet<(BatchId, u64)> = view.dismissals(known_at)?.into_iter().map(|d| (d.batch, d.number)).collect();
    let systems: HashMap<BatchId, String> = view.batches(known_at)?.into_iter().map(|(_, b)| (b.id, b.system)).collect();
    let ledger = view.ledger();
    let ids: Vec<Option<Ids>> = issues
        .iter()
        .map(|l| {
            let system = systems.get(&l.record.batch).filter(|_| !l.record.key.is_empty())?;
            let own = SourceKey { ledger: Some(ledger), system, key: &l.record.key };
            let shared = SourceKey { ledger: None, ..own.clone() };
            Some([
                (Sourced::Receivable, ReceivableId::of(&own).0),
                (Sourced::Receipt, ReceiptId::of(&own).0),
                (Sourced::Entry, EntryId::of(&own).0),
                (Sourced::Contract, ContractId::of(&own).0),
                (Sourced::Party, PartyId::of(&shared).0),
            ])
        })
        .collect();
    let mut last: HashMap<Uuid, u64> = HashMap::new();
    for table in [Sourced::Receivable, Sourced::Receipt, Sourced::Entry, Sourced::Contract, Sourced::Party] {
        let asked: Vec<Uuid> = ids.iter().flatten().flatten().filter(|(t, _)| *t == table).map(|(_, id)| *id).collect();
        last.extend(view.last_leaves(table, &asked, known_at)?);
    }
    let standing = |(listed, ids): (&Listed<Issue>, &Option<Ids>)| {
        if dismissed.contains(&(listed.record.batch, listed.record.number)) {
            return Standing::Dismissed;
        }
        let later = |id: &Uuid| last.get(id).is_some_and(|leaf| *leaf > listed.leaf);
        if ids.iter().flatten().any(|(_, id)| later(id)) { Standing::Mended } else { Standing::Open }
    };
    Ok(issues.iter().zip(&ids).map(standing).collect())
}

/// Refused records that wait, and control totals that do not agree.
///
/// # Errors
/// The store fails.
pub fn waiting(view: &mut View<'_>) -> Result<Vec<Issue>, EngineError> {
    let refused = view.issues_page(IssueFilter { kind: Some("refused"), ..IssueFilter::default() }, &Page::ALL, NOW)?;
    let standings = standings(view, &refused, NOW)?;
    let mut waiting: Vec<Issue> = refused.into_iter().zip(standings).filter(|(_, s)| *s == Standing::Open).map(|(listed, _)| listed.record).collect();
    let dismissed: HashSet<(BatchId, u64)> = view.dismissals(NOW)?.into_iter().map(|d| (d.batch, d.number)).collect();
    let totals = view.issues_page(IssueFilter { kind: Some("control"), code: Some(CONTROL_TOTAL), ..IssueFilter::default() }, &Page::ALL, NOW)?;
    waiting.extend(totals.into_iter().map(|listed| listed.record).filter(|i| !dismissed.contains(&(i.batch, i.number))));
    Ok(waiting)
}

/// Dismisses a refused record, or a control total that does not agree.
///
/// # Errors
/// The batch refused no such record, it was dismissed before, there is no reason, or the store fails.
pub fn dismiss(store: &mut Store, ledger: &Ledger, batch: BatchId, number: u64, reason: &str, by: By<'_>) -> Result<Option<i64>, EngineError> {
    if reason.trim().is_empty() {
        return Err(fault("quarantine.reason", "a refused record is dismissed without a reason", "say why nobody will mend it"));
    }
    let input = Digest::of(format!("{batch} {number} {reason}").as_bytes());
    command(store, ledger, by, "dismiss-record", input, |tx| {
        let waits = |i: &Issue| i.kind == IssueKind::Refused || (i.kind == IssueKind::Control && i.code == CONTROL_TOTAL);
        if !tx.issues(Some(batch), NOW)?.iter().any(|i| i.number == number && waits(i)) {
            return Err(fault(
                "quarantine.unknown",
                format!("import {batch} refused no record {number}, and no control total of it with that number disagrees"),
                "name one of the quarantine",
            ));
        }
        if tx.dismissals(NOW)?.iter().any(|d| (d.batch, d.number) == (batch, number)) {
            return Err(fault("quarantine.dismissed", format!("record {number} of import {batch} was dismissed before"), "nothing is to be done"));
        }
        let dismissal = Dismissal { batch, number, reason: reason.to_owned() };
        Ok(tx.append(&[Record::Dismissal(dismissal).into()])?)
    })
}
