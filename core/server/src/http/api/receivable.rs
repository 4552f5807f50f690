//! One receivable with its whole history: what was known of it when, what moved it, its stages, who answered for it, and what is due
//! and was found because of it.

use chrono::NaiveDate;
use recoup_engine::report::responsible::{Through, responsible};
use recoup_model::access::Permission;
use recoup_model::id::{AgreementId, LetterId, ReceiptId, ReceivableId};
use recoup_model::receivable::{EntryKind, Receivable};
use recoup_store::{Listed, MovementFilter, Page, ReceivableFilter, Sort, Subjects};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::accountability::{LetterRow, letters_of};
use super::agreements::{AgreementRow, agreements_of};
use super::entries::{EntryRow, entry_row};
use super::findings::{FindingRow, finding_row, names};
use super::lines::{LineRow, earned_by};
use super::names::{amount, source, word};
use super::pauses::{PauseRow, pauses_of};
use super::postings::PostingRow;
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
    /// Position that recorded it.
    position: i64,
}

/// A version of the claim: what was known of it from one position to another. What a version says holds from the date of the
/// document on: a corrected document always was what it is now known to be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionOf {
    /// Position that recorded it.
    position: i64,
    /// Position that recorded the next version; the last one stands.
    replaced_at: Option<i64>,
    /// Document number.
    document: String,
    /// invoice, debit-note, opening or retention.
    kind: String,
    /// Who owes.
    party: Uuid,
    /// The contract it belongs to.
    contract: Option<Uuid>,
    /// Date of the document, from which on it is effective.
    document_date: NaiveDate,
    /// When it falls due.
    due: Option<NaiveDate>,
    /// How the due date is known: stated, terms, document-date or unknown.
    due_source: String,
    /// Stage of the document.
    stage: String,
    /// Currency of the document.
    currency: String,
    /// Amount of the document.
    gross: Amount,
    /// Amount of the document in the ledger's currency.
    ledger_gross: Amount,
    /// Source system and key.
    source: Option<String>,
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
    /// receivable, contract, letter or agreement.
    through: &'static str,
    /// The letter.
    letter: Option<Uuid>,
    /// The agreement.
    agreement: Option<Uuid>,
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
    /// Everything that was recorded of the claim itself, in order, whatever its dates.
    versions: Vec<VersionOf>,
    /// Everything that moved it, in order.
    entries: Vec<EntryRow>,
    /// Its stages, in order; the first is that of the document.
    stages: Vec<StageFrom>,
    /// Days on which its clock stands.
    pauses: Vec<PauseRow>,
    /// The letters that name it.
    letters: Vec<LetterRow>,
    /// The agreements that cover it.
    agreements: Vec<AgreementRow>,
    /// Who answered for it, by first day.
    responsible: Vec<ResponsibleRow>,
    /// What was applied to it, in order.
    applications: Vec<ApplicationOf>,
    /// Lines that its movements earned, as they stand on the day. What a wage month or a closing earns is of its whole letter or contract.
    lines: Vec<LineRow>,
    /// What was posted of such lines.
    postings: Vec<PostingRow>,
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
    const SUMMARY: &'static str = "One receivable with its whole history: its versions, entries, stages, pauses, letters, responsible people, applications, and what is due and was found because of it.";
    const AS_OF: &'static str = "What took effect by the end of this day; today in the ledger's time zone when absent.";

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<ReceivableHistory>, Problem> {
        let (as_of, known_at) = (read.moment.as_of, read.moment.known_at);
        let id = ReceivableId(key);
        let which = ReceivableFilter { id: Some(id), ..ReceivableFilter::default() };
        let Some(Listed { record, position, .. }) = read.view.receivables_page(which, &Page::FIRST, as_of, known_at)?.into_iter().next() else {
            return Ok(None);
        };
        let of_claim = MovementFilter { receivable: Some(id), ..MovementFilter::default() };
        let listed = read.view.entries_page(of_claim, &Page { sort: Sort::ENTRY_ON, ..Page::ALL }, as_of, known_at)?;
        let entries = || listed.iter().map(|l| &l.record);
        let receipts: Vec<ReceiptId> = entries().filter_map(|e| e.receipt).collect();
        let receipts = read.view.receipts(Some(&receipts), known_at)?;
        let applications = entries().filter(|e| e.kind == EntryKind::Applied).map(|e| ApplicationOf {
            entry: e.id.0,
            receipt: e.receipt.map(|r| r.0),
            reference: receipts.iter().find(|r| Some(r.id) == e.receipt).map(|r| r.reference.clone()),
            on: e.on,
            amount: amount(-e.amount, record.gross.currency()),
            means: e.means.map(|m| m.word().to_owned()),
            taken_back_on: entries().find(|r| r.kind == EntryKind::Reversed && r.cites == Some(e.id)).map(|r| r.on),
        });
        let applications = applications.collect();
        let first = StageFrom { from: record.document_date, stage: record.stage.word().to_owned(), position };
        let changes = read.view.stages_of(id, as_of, known_at)?.into_iter();
        let changes = changes.map(|c| StageFrom { from: c.record.on, stage: c.record.stage.word().to_owned(), position: c.position });
        let stages = std::iter::once(first).chain(changes).collect();
        let (pauses, versions) = (pauses_of(read, id)?, versions(read, id)?);
        let (lines, postings) = earned_by(read, id)?;
        let letters = letters_of(read, id)?;
        let responsible = responsible_rows(read, &record)?;
        let agreements = agreements_of(read, id)?;
        let subjects = Subjects::some(letters.iter().map(|l| LetterId(l.id)), record.contract, agreements.iter().map(|a| AgreementId(a.id)));
        let findings = findings(read, &subjects)?;
        let beside = Beside::of(read, std::iter::once(&record))?;
        let currency = record.gross.currency();
        let entries = listed.iter().map(|l| entry_row(&l.record, currency, read.ledger.currency, l.position)).collect();
        let receivable = beside.row(record, position);
        Ok(Some(ReceivableHistory { receivable, versions, entries, stages, pauses, letters, agreements, responsible, applications, lines, postings, findings }))
    }
}

/// Every version that is known.
fn versions(read: &mut Read<'_, '_>, id: ReceivableId) -> Result<Vec<VersionOf>, Problem> {
    let known = read.view.receivable_versions(id, read.moment.known_at)?;
    let replaced: Vec<i64> = known.iter().skip(1).map(|l| l.position).collect();
    let replaced = replaced.into_iter().map(Some).chain([None]);
    let version = |(Listed { record: r, position, .. }, replaced_at): (Listed<Receivable>, Option<i64>)| VersionOf {
        position,
        replaced_at,
        kind: word(&r.kind),
        party: r.party.0,
        contract: r.contract.map(|c| c.0),
        document_date: r.document_date,
        due: r.due,
        due_source: word(&r.due_source),
        stage: r.stage.word().to_owned(),
        currency: r.gross.currency().to_string(),
        gross: Amount(r.gross),
        ledger_gross: Amount(r.ledger_gross),
        source: source(r.source.as_ref()),
        document: r.document,
    };
    Ok(known.into_iter().zip(replaced).map(version).collect())
}

/// Who answered.
fn responsible_rows(read: &mut Read<'_, '_>, record: &Receivable) -> Result<Vec<ResponsibleRow>, Problem> {
    let as_of = read.moment.as_of;
    let found = responsible(read.view, record, as_of, read.moment.known_at)?;
    let codes = read.staff(found.iter().map(|r| r.person))?;
    let letter = |t: Through| if let Through::Letter(id) = t { Some(id.0) } else { None };
    let agreement = |t: Through| if let Through::Agreement(id) = t { Some(id.0) } else { None };
    let row = |r: recoup_engine::report::responsible::Responsible| ResponsibleRow {
        person: r.person.0,
        person_code: codes.get(&r.person).cloned(),
        role: r.role,
        through: match r.through {
            Through::Receivable => "receivable",
            Through::Contract => "contract",
            Through::Letter(_) => "letter",
            Through::Agreement(_) => "agreement",
        },
        letter: letter(r.through),
        agreement: agreement(r.through),
        from: r.from,
        to: r.to,
        lifelong: r.lifelong,
        confirmed: r.confirmed,
        in_force: r.confirmed && r.to.is_none_or(|to| as_of <= to),
    };
    Ok(found.into_iter().map(row).collect())
}

/// Findings about what the claim belongs to.
fn findings(read: &mut Read<'_, '_>, subjects: &Subjects) -> Result<Vec<FindingRow>, Problem> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let found = read.view.findings(Some(subjects), read.moment.known_at)?;
    let found = found.into_iter().filter(|f| !f.withdrawn && f.on <= read.moment.as_of);
    let found: Vec<_> = found.collect();
    let names = names(read, found.iter().flat_map(|f| &f.args), found.iter().filter_map(|f| f.person))?;
    Ok(found.into_iter().map(|f| finding_row(read, f, &names)).collect())
}
