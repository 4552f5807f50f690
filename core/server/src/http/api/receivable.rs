//! One receivable with its whole history: what moved it, its stages, who answered for it, and what was found about it.

use chrono::NaiveDate;
use recoup_engine::report::responsible::{Through, responsible};
use recoup_model::access::Permission;
use recoup_model::case::Scope;
use recoup_model::id::{ContractId, LetterId, ReceiptId, ReceivableId};
use recoup_model::receivable::EntryKind;
use recoup_store::{EntryFilter, Listed, Page, ReceivableFilter, Subjects};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::entries::{EntryRow, entry_row};
use super::findings::{FindingRow, finding_row, names};
use super::names::amount;
use super::receivables::{Beside, ReceivableRow};
use crate::http::export::cell::Amount;
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;

/// From a day on, the claim is in a stage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StageFrom {
    /// First day.
    from: NaiveDate,
    /// settled, unsettled, measured-unpaid or retention.
    stage: String,
}

/// Somebody answers for the claim.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResponsibleRow {
    /// Who.
    person: Uuid,
    /// Staff number.
    person_code: Option<String>,
    /// Role code of the policy; absent for a share of a letter.
    role: Option<String>,
    /// receivable, contract or letter.
    through: &'static str,
    /// The letter.
    letter: Option<Uuid>,
    /// First day.
    from: NaiveDate,
    /// Last day; open when absent.
    to: Option<NaiveDate>,
    /// Whether the duty never ends (终身责任).
    lifelong: bool,
    /// Whether the debtor confirmed the hand-over; an unconfirmed one does not count.
    confirmed: bool,
    /// Whether it holds on the day asked about.
    in_force: bool,
}

/// Part of a receipt applied to the claim (核销).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApplicationOf {
    /// The entry.
    entry: Uuid,
    /// The receipt.
    receipt: Option<Uuid>,
    /// Reference of the receipt.
    reference: Option<String>,
    /// Effective date.
    on: NaiveDate,
    /// How much, in the document's currency.
    amount: Amount,
    /// What was applied.
    means: Option<String>,
    /// The day it was taken back, if it was.
    taken_back_on: Option<NaiveDate>,
}

/// One receivable with its whole history up to the day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceivableHistory {
    /// The claim as it stands on the day.
    receivable: ReceivableRow,
    /// Everything that moved it, in order.
    entries: Vec<EntryRow>,
    /// Its stages, in order; the first is that of the document.
    stages: Vec<StageFrom>,
    /// Who answered for it, by first day.
    responsible: Vec<ResponsibleRow>,
    /// What was applied to it, in order.
    applications: Vec<ApplicationOf>,
    /// What was found about its letters and its contract.
    findings: Vec<FindingRow>,
}

/// One receivable with its history.
pub(crate) struct History;

impl One for History {
    type Key = Uuid;
    type Body = ReceivableHistory;
    const PATH: &'static str = "/receivables/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One receivable with its whole history: entries, stages, responsible people, applications and findings.";
    const AS_OF: &'static str = "What took effect by the end of this day; today in the ledger's time zone when absent.";

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<ReceivableHistory>, Problem> {
        let (as_of, known_at) = (read.moment.as_of, read.moment.known_at);
        let id = ReceivableId(key);
        let which = ReceivableFilter { id: Some(id), ..ReceivableFilter::default() };
        let Some(Listed { record, position, .. }) = read.view.receivables_page(which, &Page::FIRST, as_of, known_at)?.into_iter().next() else {
            return Ok(None);
        };
        let entries = read.view.entries(EntryFilter { receivables: Some(&[id]), receipts: None }, Some(as_of), known_at)?;
        let receipts: Vec<ReceiptId> = entries.iter().filter_map(|e| e.receipt).collect();
        let receipts = read.view.receipts(Some(&receipts), known_at)?;
        let applications = entries.iter().filter(|e| e.kind == EntryKind::Applied).map(|e| ApplicationOf {
            entry: e.id.0,
            receipt: e.receipt.map(|r| r.0),
            reference: receipts.iter().find(|r| Some(r.id) == e.receipt).map(|r| r.reference.clone()),
            on: e.on,
            amount: amount(-e.amount, record.gross.currency()),
            means: e.means.map(|m| m.word().to_owned()),
            taken_back_on: entries.iter().find(|r| r.kind == EntryKind::Reversed && r.cites == Some(e.id)).map(|r| r.on),
        });
        let applications = applications.collect();
        let changes = read.view.stage_changes(Some(&[id]), known_at)?.into_iter().filter(|c| c.on <= as_of);
        let first = StageFrom { from: record.document_date, stage: record.stage.word().to_owned() };
        let stages = std::iter::once(first).chain(changes.map(|c| StageFrom { from: c.on, stage: c.stage.word().to_owned() })).collect();
        let (responsible, letters) = responsible_rows(read, &record)?;
        let findings = findings(read, letters, record.contract)?;
        let beside = Beside::of(read, std::iter::once(&record))?;
        let currency = record.gross.currency();
        let entries = entries.iter().map(|e| entry_row(e, currency, read.ledger.currency, None)).collect();
        Ok(Some(ReceivableHistory { receivable: beside.row(record, position), entries, stages, responsible, applications, findings }))
    }
}

/// Who answered, and the letters through which they did.
fn responsible_rows(read: &mut Read<'_, '_>, record: &recoup_model::receivable::Receivable) -> Result<(Vec<ResponsibleRow>, Vec<LetterId>), Problem> {
    let as_of = read.moment.as_of;
    let found = responsible(read.view, record, as_of, read.moment.known_at)?;
    let codes = read.staff(found.iter().map(|r| r.person))?;
    let letter = |t: Through| if let Through::Letter(id) = t { Some(id) } else { None };
    let letters = found.iter().filter_map(|r| letter(r.through)).collect();
    let row = |r: recoup_engine::report::responsible::Responsible| ResponsibleRow {
        person: r.person.0,
        person_code: codes.get(&r.person).cloned(),
        role: r.role,
        through: match r.through {
            Through::Receivable => "receivable",
            Through::Contract => "contract",
            Through::Letter(_) => "letter",
        },
        letter: letter(r.through).map(|l| l.0),
        from: r.from,
        to: r.to,
        lifelong: r.lifelong,
        confirmed: r.confirmed,
        in_force: r.confirmed && r.to.is_none_or(|to| as_of <= to),
    };
    Ok((found.into_iter().map(row).collect(), letters))
}

/// Findings about letters and a contract.
fn findings(read: &mut Read<'_, '_>, letters: Vec<LetterId>, contract: Option<ContractId>) -> Result<Vec<FindingRow>, Problem> {
    let subjects = Subjects::some(letters, contract);
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let found = read.view.findings(Some(&subjects), read.moment.known_at)?;
    let found = found.into_iter().filter(|f| !f.withdrawn && f.on <= read.moment.as_of && matches!(f.case.scope, Scope::Letter | Scope::Contract));
    let found: Vec<_> = found.collect();
    let names = names(read, found.iter().flat_map(|f| &f.args), found.iter().filter_map(|f| f.person))?;
    Ok(found.into_iter().map(|f| finding_row(read, f, &names)).collect())
}
