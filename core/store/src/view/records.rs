//! Whole records, decoded from the bytes that were hashed.

use diesel::sql_types::{BigInt, Binary};
use recoup_model::accountability::{ContractClosed, Letter, RoleAssignment};
use recoup_model::agreement::{Agreement, Milestone};
use recoup_model::due::PolicyInForce;
use recoup_model::id::{
    AgreementId, BatchId, ContractId, FalseReportId, LetterId, MilestoneId, PartyId, PauseId, PersonId, ReceiptId, ReceivableId, SanctionId, TargetId,
};
use recoup_model::import::{Batch, Issue};
use recoup_model::party::{Contract, Party, Person, Personal, Unit};
use recoup_model::pause::Pause;
use recoup_model::receivable::{Entry, ExpectedRecovery, Receipt, Receivable, StageChange};
use recoup_model::sanction::{FalseReport, Sanction};
use recoup_model::target::Target;
use recoup_model::{Date, Month};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::rows::{by, latest};
use super::{IssueFilter, Page, View, chunked, uuids};
use crate::StoreError;
use crate::log::is_committed;
use crate::sql::sql;
use crate::store::decode;
use crate::types::Day;

/// Which entries.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntryFilter<'a> {
    /// Only those of these receivables.
    pub receivables: Option<&'a [ReceivableId]>,
    /// Only those of these receipts.
    pub receipts: Option<&'a [ReceiptId]>,
}

impl View<'_> {
    /// Parties, with the names to show: an organisation's own, a natural person's from the personal part unless erased.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn parties(&mut self, ids: Option<&[PartyId]>, known_at: i64) -> Result<Vec<(Party, Option<String>)>, StoreError> {
        let known: Vec<(Party, Option<Personal>)> = self.with_personal(latest!("party", "id"), by!("id", ids), known_at)?;
        Ok(known.into_iter().map(|(party, personal)| (party.name.clone().or_else(|| personal?.name), party)).map(|(name, party)| (party, name)).collect())
    }

    /// Persons, with their names unless erased.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn persons(&mut self, ids: Option<&[PersonId]>, known_at: i64) -> Result<Vec<(Person, Option<String>)>, StoreError> {
        let known: Vec<(Person, Option<Personal>)> = self.with_personal(latest!("person", "id"), by!("id", ids), known_at)?;
        Ok(known.into_iter().map(|(person, personal)| (person, personal.and_then(|p| p.name))).collect())
    }

    /// Units.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn units(&mut self, known_at: i64) -> Result<Vec<Unit>, StoreError> {
        self.latest(latest!("unit", "id"), None, known_at)
    }

    /// Contracts.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn contracts(&mut self, ids: Option<&[ContractId]>, known_at: i64) -> Result<Vec<Contract>, StoreError> {
        self.latest(latest!("contract", "id"), by!("id", ids), known_at)
    }

    /// Claims.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn receivables(&mut self, ids: Option<&[ReceivableId]>, known_at: i64) -> Result<Vec<Receivable>, StoreError> {
        self.latest(latest!("receivable", "id"), by!("id", ids), known_at)
    }

    /// Receipts.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn receipts(&mut self, ids: Option<&[ReceiptId]>, known_at: i64) -> Result<Vec<Receipt>, StoreError> {
        self.latest(latest!("receipt", "id"), by!("id", ids), known_at)
    }

    /// Who paid receipts: their personal parts, where they have one.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn payers(&mut self, ids: Option<&[ReceiptId]>, known_at: i64) -> Result<Vec<(ReceiptId, Personal)>, StoreError> {
        let known: Vec<(Receipt, Option<Personal>)> = self.with_personal(latest!("receipt", "id"), by!("id", ids), known_at)?;
        Ok(known.into_iter().filter_map(|(receipt, personal)| Some((receipt.id, personal?))).collect())
    }

    /// Entries up to a day, in the order of their days, and of recording within a day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn entries(&mut self, filter: EntryFilter<'_>, until: Option<Date>, known_at: i64) -> Result<Vec<Entry>, StoreError> {
        const ALL: &str = "SELECT l.leaf, l.body FROM entry t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            WHERE t.ledger = ? AND +t.leaf < ? AND t.effective <= ?";
        let known = self.known(known_at)?;
        let until = until.unwrap_or(Date::MAX);
        let (claims, receipts) = (uuids!(filter.receivables), uuids!(filter.receipts));
        let mut rows: Vec<(i64, Vec<u8>)> = chunked(claims, |claims| {
            chunked(receipts.clone(), |receipts| {
                let all = sql::<(BigInt, Binary)>(ALL).bind(self.ledger).bind(known).bind(until);
                self.db.load(all.within(" AND t.receivable IN ?", claims).within(" AND t.receipt IN ?", receipts))
            })
        })?;
        rows.sort_unstable_by_key(|(leaf, _)| *leaf);
        let mut entries = rows.iter().map(|(_, body)| Ok(self.in_sight(decode(body)?))).collect::<Result<Vec<Entry>, StoreError>>()?;
        entries.sort_by_key(|entry| entry.on);
        Ok(entries)
    }

    /// An entry as it may be seen: who sees some units sees that money came in, not whose it was, nor where that stands.
    pub(super) fn in_sight(&self, entry: Entry) -> Entry {
        if self.db.is_restricted() && entry.receipt.is_some() { Entry { receipt: None, source: None, ..entry } } else { entry }
    }

    /// Stage changes in the order of their days; of two for the same claim and day, the later recorded one.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn stage_changes(&mut self, receivables: Option<&[ReceivableId]>, known_at: i64) -> Result<Vec<StageChange>, StoreError> {
        let mut changes: Vec<StageChange> = self.latest(latest!("stage_change", "receivable", "effective"), by!("receivable", receivables), known_at)?;
        changes.sort_by_key(|change| change.on);
        Ok(changes)
    }

    /// By when claims are expected to be recovered, in the order of the days on which it was said; of two of the same claim and day, the later
    /// recorded one.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn expected_recoveries(&mut self, receivables: Option<&[ReceivableId]>, known_at: i64) -> Result<Vec<ExpectedRecovery>, StoreError> {
        let mut said: Vec<ExpectedRecovery> = self.latest(latest!("expected_recovery", "receivable", "effective"), by!("receivable", receivables), known_at)?;
        said.sort_by_key(|expected| expected.on);
        Ok(said)
    }

    /// Pauses, withdrawn ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn pauses(&mut self, ids: Option<&[PauseId]>, known_at: i64) -> Result<Vec<Pause>, StoreError> {
        self.latest(latest!("pause", "id"), by!("id", ids), known_at)
    }

    /// Pauses of claims that began by a day and were not withdrawn, in the order of their first days; of one day, of ids.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn pauses_of(&mut self, receivables: Option<&[ReceivableId]>, as_of: Date, known_at: i64) -> Result<Vec<Pause>, StoreError> {
        let mut pauses: Vec<Pause> = self.latest(latest!("pause", "id"), by!("receivable", receivables), known_at)?;
        pauses.retain(|pause| !pause.withdrawn && pause.from <= as_of);
        pauses.sort_unstable_by_key(|pause| (pause.from, pause.id));
        Ok(pauses)
    }

    /// Letters, whole.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn letters(&mut self, ids: Option<&[LetterId]>, known_at: i64) -> Result<Vec<Letter>, StoreError> {
        self.latest(latest!("letter", "id"), by!("id", ids), known_at)
    }

    /// Agreements, whole.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn agreements(&mut self, ids: Option<&[AgreementId]>, known_at: i64) -> Result<Vec<Agreement>, StoreError> {
        self.latest(latest!("agreement", "id"), by!("id", ids), known_at)
    }

    /// Target trees, whole.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn targets(&mut self, ids: Option<&[TargetId]>, known_at: i64) -> Result<Vec<Target>, StoreError> {
        self.latest(latest!("target", "id"), by!("id", ids), known_at)
    }

    /// Milestones, withdrawn ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn milestones(&mut self, ids: Option<&[MilestoneId]>, known_at: i64) -> Result<Vec<Milestone>, StoreError> {
        self.latest(latest!("milestone", "id"), by!("id", ids), known_at)
    }

    /// Milestones of certain agreements, receipts and claims.
    pub(super) fn milestones_of(&mut self, subjects: Option<Vec<Uuid>>, known_at: i64) -> Result<Vec<Milestone>, StoreError> {
        self.latest(latest!("milestone", "id"), subjects.map(|ids| ("subject", ids)), known_at)
    }

    /// Findings of false reports, withdrawn ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn false_reports(&mut self, ids: Option<&[FalseReportId]>, known_at: i64) -> Result<Vec<FalseReport>, StoreError> {
        self.latest(latest!("false_report", "id"), by!("id", ids), known_at)
    }

    /// Findings about the results of certain agreements, receipts and claims.
    pub(super) fn false_reports_of(&mut self, subjects: Option<Vec<Uuid>>, known_at: i64) -> Result<Vec<FalseReport>, StoreError> {
        self.latest(latest!("false_report", "id"), subjects.map(|ids| ("subject", ids)), known_at)
    }

    /// Sanctions, withdrawn ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn sanctions(&mut self, ids: Option<&[SanctionId]>, known_at: i64) -> Result<Vec<Sanction>, StoreError> {
        self.latest(latest!("sanction", "id"), by!("id", ids), known_at)
    }

    /// Sanctions for certain agreements, receipts and claims.
    pub(super) fn sanctions_of(&mut self, subjects: Option<Vec<Uuid>>, known_at: i64) -> Result<Vec<Sanction>, StoreError> {
        self.latest(latest!("sanction", "id"), subjects.map(|ids| ("subject", ids)), known_at)
    }

    /// Roles, unconfirmed ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn roles(&mut self, known_at: i64) -> Result<Vec<RoleAssignment>, StoreError> {
        self.roles_for(None, known_at)
    }

    /// Roles held for certain letters, contracts, receivables or units.
    pub(super) fn roles_for(&mut self, subjects: Option<Vec<Uuid>>, known_at: i64) -> Result<Vec<RoleAssignment>, StoreError> {
        self.latest(latest!("role", "id"), subjects.map(|ids| ("subject", ids)), known_at)
    }

    /// The last known closing of each contract.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn contract_closings(&mut self, contracts: Option<&[ContractId]>, known_at: i64) -> Result<Vec<ContractClosed>, StoreError> {
        self.latest(latest!("contract_closed", "contract"), by!("contract", contracts), known_at)
    }

    /// Every policy that was put in force, with its position, in order.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn policies(&mut self, known_at: i64) -> Result<Vec<(i64, PolicyInForce)>, StoreError> {
        const ALL: &str = "SELECT l.position, l.body FROM policy t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            WHERE t.ledger = ? AND t.leaf < ? ORDER BY t.leaf";
        self.with_position(ALL, known_at)
    }

    /// Import batches, with their positions, in order.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn batches(&mut self, known_at: i64) -> Result<Vec<(i64, Batch)>, StoreError> {
        const ALL: &str = "SELECT l.position, l.body FROM batch t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            WHERE t.ledger = ? AND t.leaf < ? ORDER BY t.leaf";
        self.with_position(ALL, known_at)
    }

    /// Issues of one batch or all, in the order of recording.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn issues(&mut self, batch: Option<BatchId>, known_at: i64) -> Result<Vec<Issue>, StoreError> {
        Ok(self.issues_page(IssueFilter { batch, ..IssueFilter::default() }, &Page::ALL, known_at)?.into_iter().map(|listed| listed.record).collect())
    }

    /// Positions and records of a statement.
    pub(super) fn with_position<T: DeserializeOwned>(&mut self, statement: &'static str, known_at: i64) -> Result<Vec<(i64, T)>, StoreError> {
        let all = self.up_to::<(BigInt, Binary)>(statement, known_at)?;
        let rows: Vec<(i64, Vec<u8>)> = self.db.load(all)?;
        rows.into_iter().map(|(position, body)| Ok((position, decode(&body)?))).collect()
    }
}

/// A personal part, if it is the one that was committed to: a wage that somebody altered is never read.
pub(super) fn personal_part(commitment: Option<&[u8]>, salt: &[u8], body: &[u8]) -> Result<Personal, StoreError> {
    if is_committed(commitment, salt, body) { decode(body) } else { Err(StoreError::corrupt("a personal part that is not the one its leaf is committed to")) }
}

/// A month from its number.
pub(super) fn month_of(number: i32) -> Result<Month, StoreError> {
    Month::from_number(number).ok_or_else(|| StoreError::corrupt(format!("{number} numbers no month")))
}

/// A date from a nullable column.
pub(super) fn date_of(day: Option<Day>) -> Option<Date> {
    day.map(Day::date)
}
