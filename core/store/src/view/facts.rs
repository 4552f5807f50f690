//! The facts that cases are made of, in bulk and flat: the caller joins them.

use std::collections::{HashMap, HashSet};

use diesel::sql_types::{BigInt, Binary, Date as SqlDate, Nullable, Text};
use recoup_model::accountability::{ContractClosed, Letter, RoleAssignment};
use recoup_model::agreement::{About, Agreement, Milestone};
use recoup_model::id::{AgreementId, ContractId, EntryId, LetterId, PartyId, PersonId, ReceiptId, ReceivableId};
use recoup_model::pause::Pause;
use recoup_model::receivable::{EntryKind, ExpectedRecovery, Means, Stage, StageChange};
use recoup_model::sanction::{FalseReport, Sanction};
use recoup_model::{Date, Month};
use uuid::Uuid;

use super::View;
use super::balances::kind_of;
use super::records::date_of;
use super::rows::{By, by, latest, rows};
use super::touched::Subjects;
use crate::StoreError;
use crate::sql::Sql;
use crate::types::{Day, Id};

/// A claim, as far as cases need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub id: ReceivableId,
    /// The contract it belongs to.
    pub contract: Option<ContractId>,
    /// Date of the document.
    pub document_date: Date,
    /// When it falls due.
    pub due: Option<Date>,
    /// Minor units of the ledger's currency.
    pub gross: i64,
    /// Who owes it.
    pub party: PartyId,
    /// Stage from the document date on.
    pub stage: Stage,
    /// System and key under which its source knows it.
    pub source: (Option<String>, Option<String>),
}

/// A movement of a claim, as far as cases need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMovement {
    /// Which entry.
    pub id: EntryId,
    /// Of which claim.
    pub receivable: ReceivableId,
    /// What it does.
    pub kind: EntryKind,
    /// Effective date.
    pub on: Date,
    /// Effect on the open amount in minor units of the ledger's currency.
    pub amount: i64,
    /// The entry that it reverses.
    pub cites: Option<EntryId>,
    /// What was applied.
    pub means: Option<Means>,
    /// Of which receipt.
    pub receipt: Option<ReceiptId>,
}

/// Everything that the cases of some subjects need: what took effect up to a day, as known at a position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Letters that have begun.
    pub letters: Vec<Letter>,
    /// Claims in the order of their ids, whether or not they have arisen by then: a letter may name them all.
    pub receivables: Vec<Claim>,
    /// Stage changes in the order of their days.
    pub stages: Vec<StageChange>,
    /// By when claims are expected to be recovered, in the order of the days on which it was said.
    pub expected: Vec<ExpectedRecovery>,
    /// Pauses that have begun, in the order of their first days.
    pub pauses: Vec<Pause>,
    /// Movements in the order of their days, and of recording within a day.
    pub entries: Vec<ClaimMovement>,
    /// Of claims that are known to move on a later day, the first one.
    pub moves_on: HashMap<ReceivableId, Date>,
    /// Roles that have begun, unconfirmed ones too.
    pub roles: Vec<RoleAssignment>,
    /// Known wages, by person and month.
    pub wages: Vec<(PersonId, Month, i64)>,
    /// Closings of contracts.
    pub closings: Vec<ContractClosed>,
    /// Agreements that have begun.
    pub agreements: Vec<Agreement>,
    /// What happened to these agreements, their claims and the receipts applied to them, in the order of days; of one day, of ids.
    pub milestones: Vec<Milestone>,
    /// Results of these that were found to be reported falsely, in the same order.
    pub false_reports: Vec<FalseReport>,
    /// Sanctions for these that have begun, in the same order.
    pub sanctions: Vec<Sanction>,
    /// What came in by the receipts that milestones are about, in minor units of the ledger's currency.
    pub received: HashMap<ReceiptId, i64>,
}

type ClaimRow = (Id, Option<Id>, Day, Option<Day>, i64, Id, String, Option<String>, Option<String>);
type ClaimTypes = (Binary, Nullable<Binary>, SqlDate, Nullable<SqlDate>, BigInt, Binary, Text, Nullable<Text>, Nullable<Text>);
type MovementTypes = (BigInt, Binary, Binary, Text, SqlDate, BigInt, Nullable<Binary>, Nullable<Text>, Nullable<Binary>);
type MovementRow = (i64, Id, Id, String, Day, i64, Option<Id>, Option<String>, Option<Id>);

impl View<'_> {
    /// The facts of some subjects. For [`Subjects::All`], whole tables are read once each.
    ///
    /// # Errors
    /// The database fails or is damaged.
    pub fn facts(&mut self, which: &Subjects, as_of: Date, known_at: i64) -> Result<Facts, StoreError> {
        let (letters, contracts, agreements) = match which {
            Subjects::All => (None, None, None),
            Subjects::Some { letters, contracts, agreements } => (Some(letters.as_slice()), Some(contracts.as_slice()), Some(agreements.as_slice())),
        };
        let mut facts = Facts {
            letters: self.letters(letters, known_at)?,
            closings: self.contract_closings(contracts, known_at)?,
            agreements: self.agreements(agreements, known_at)?,
            ..Facts::default()
        };
        facts.letters.retain(|letter| letter.from <= as_of);
        facts.closings.retain(|closing| closing.on <= as_of);
        facts.agreements.retain(|agreement| agreement.from <= as_of);

        facts.receivables = match contracts {
            None => self.claims(None, known_at)?,
            Some(contracts) => self.claims_of(&facts, contracts, known_at)?,
        };
        // Whichever way they were found, claims come in one order: cases must not depend on it.
        facts.receivables.sort_unstable_by_key(|claim| claim.id);
        let claims: Option<Vec<ReceivableId>> = letters.map(|_| facts.receivables.iter().map(|claim| claim.id).collect());
        facts.stages = self.stage_changes(claims.as_deref(), known_at)?;
        facts.stages.retain(|change| change.on <= as_of);
        facts.expected = self.expected_recoveries(claims.as_deref(), known_at)?;
        facts.expected.retain(|expected| expected.on <= as_of);
        facts.pauses = self.pauses_of(claims.as_deref(), as_of, known_at)?;
        let movements = self.claim_movements(claims.as_deref(), known_at)?;
        let (entries, later) = movements.into_iter().partition::<Vec<_>, _>(|movement| movement.on <= as_of);
        facts.entries = entries;
        // In the order of days: the last one told is the first.
        facts.moves_on = later.into_iter().rev().map(|movement| (movement.receivable, movement.on)).collect();

        self.add_milestones(&mut facts, letters.is_none(), as_of, known_at)?;

        let subjects = letters.map(|_| role_subjects(&facts));
        facts.roles = self.roles_for(subjects, known_at)?;
        facts.roles.retain(|role| role.from <= as_of);
        let persons: Option<Vec<PersonId>> = letters.map(|_| {
            let shares = facts.letters.iter().flat_map(|letter| letter.shares.iter().map(|share| share.person));
            let holders = facts.agreements.iter().flat_map(|agreement| agreement.holders.iter().map(|holder| holder.person));
            shares.chain(holders).chain(facts.roles.iter().map(|role| role.person)).collect()
        });
        facts.wages = self.wages(persons.as_deref(), known_at)?.into_iter().map(|w| (w.person, w.month, w.gross)).collect();
        facts.wages.retain(|(_, month, _)| *month <= Month::of(as_of));
        Ok(facts)
    }

    /// Adds what happened to agreements, to their claims and to the receipts applied to them, and what was found and imposed about them.
    fn add_milestones(&mut self, facts: &mut Facts, all: bool, as_of: Date, known_at: i64) -> Result<(), StoreError> {
        let claims: HashSet<ReceivableId> = facts.agreements.iter().flat_map(|agreement| agreement.receivables.iter().copied()).collect();
        let subjects = || {
            let agreements = facts.agreements.iter().map(|agreement| agreement.id.0);
            let receipts = facts.entries.iter().filter(|entry| claims.contains(&entry.receivable)).filter_map(|entry| entry.receipt.map(|id| id.0));
            agreements.chain(claims.iter().map(|id| id.0)).chain(receipts).collect()
        };
        let subjects: Option<Vec<Uuid>> = (!all).then(subjects);
        facts.false_reports = self.false_reports_of(subjects.clone(), known_at)?;
        facts.false_reports.retain(|report| !report.withdrawn && report.on <= as_of);
        facts.false_reports.sort_unstable_by_key(|report| (report.on, report.id));
        facts.sanctions = self.sanctions_of(subjects.clone(), known_at)?;
        facts.sanctions.retain(|sanction| !sanction.withdrawn && sanction.from <= as_of);
        facts.sanctions.sort_unstable_by_key(|sanction| (sanction.from, sanction.id));
        facts.milestones = self.milestones_of(subjects, known_at)?;
        facts.milestones.retain(|milestone| !milestone.withdrawn && milestone.on <= as_of);
        // Of one day, by ids: it must not matter which was recorded first.
        facts.milestones.sort_unstable_by_key(|milestone| (milestone.on, milestone.id));
        let receipts = facts.milestones.iter().filter_map(|milestone| match milestone.about {
            About::Receipt(id) => Some(id),
            About::Agreement(_) | About::Receivable(_) => None,
        });
        let receipts: Vec<ReceiptId> = receipts.collect();
        facts.received = self.receipts(Some(&receipts), known_at)?.into_iter().map(|receipt| (receipt.id, receipt.ledger_amount.minor())).collect();
        Ok(())
    }

    /// Claims that letters or agreements name or that belong to contracts.
    fn claims_of(&mut self, facts: &Facts, contracts: &[ContractId], known_at: i64) -> Result<Vec<Claim>, StoreError> {
        let by_letters = facts.letters.iter().flat_map(|letter| letter.receivables.iter().map(|id| id.0));
        let by_agreements = facts.agreements.iter().flat_map(|agreement| agreement.receivables.iter().map(|id| id.0));
        let named = by_letters.chain(by_agreements).collect();
        let contracts = contracts.iter().map(|id| id.0).collect();
        let mut claims = self.claims(Some(("id", named)), known_at)?;
        let known: HashSet<ReceivableId> = claims.iter().map(|claim| claim.id).collect();
        let belonging = self.claims(Some(("contract", contracts)), known_at)?;
        claims.extend(belonging.into_iter().filter(|claim| !known.contains(&claim.id)));
        Ok(claims)
    }

    fn claims(&mut self, by: By, known_at: i64) -> Result<Vec<Claim>, StoreError> {
        const COLUMNS: &str = "SELECT t.id, t.contract, t.document_date, t.due, t.ledger_gross, t.party, t.stage, t.system, t.key";
        let rows: Vec<ClaimRow> = match by {
            None => self.rows::<ClaimTypes, _>(&rows!(COLUMNS, "receivable", "id"), None, known_at, |all| all)?,
            by => {
                let leaves = self.last_leaves_of(latest!("receivable", "id"), by, known_at)?;
                self.at::<ClaimTypes, _>(COLUMNS, "receivable", &leaves)?
            }
        };
        rows.into_iter()
            .map(|(id, contract, document_date, due, gross, party, stage, system, key)| {
                Ok(Claim {
                    id: ReceivableId(id.0),
                    contract: contract.map(|c| ContractId(c.0)),
                    document_date: document_date.date(),
                    due: date_of(due),
                    gross,
                    party: PartyId(party.0),
                    stage: Stage::from_word(&stage).ok_or_else(|| StoreError::corrupt(format!("`{stage}` is no stage")))?,
                    source: (system, key),
                })
            })
            .collect()
    }

    fn claim_movements(&mut self, claims: Option<&[ReceivableId]>, known_at: i64) -> Result<Vec<ClaimMovement>, StoreError> {
        const COLUMNS: &str = "SELECT t.leaf, t.id, t.receivable, t.kind, t.effective, t.ledger_amount, t.cites, t.means, t.receipt";
        let of_claims = |all: Sql<MovementTypes>| all.push(" AND t.receivable IS NOT NULL");
        let mut rows: Vec<MovementRow> = self.rows(&rows!(COLUMNS, "entry"), by!("receivable", claims), known_at, of_claims)?;
        rows.sort_unstable_by_key(|(leaf, _, _, _, on, ..)| (*on, *leaf));
        rows.into_iter()
            .map(|(_, id, receivable, kind, on, amount, cites, means, receipt)| {
                let means = means.map(|word| Means::from_word(&word).ok_or_else(|| StoreError::corrupt(format!("`{word}` is no means"))));
                Ok(ClaimMovement {
                    id: EntryId(id.0),
                    receivable: ReceivableId(receivable.0),
                    kind: kind_of(&kind)?,
                    on: on.date(),
                    amount,
                    cites: cites.map(|c| EntryId(c.0)),
                    means: means.transpose()?,
                    receipt: receipt.map(|r| ReceiptId(r.0)),
                })
            })
            .collect()
    }
}

/// What roles of these facts can be held for.
fn role_subjects(facts: &Facts) -> Vec<Uuid> {
    let letters = facts.letters.iter().flat_map(|letter: &Letter| [Some(letter.id.0), letter.unit.map(|u| u.0)]).flatten();
    let claims = facts.receivables.iter().flat_map(|claim| [Some(claim.id.0), claim.contract.map(|c| c.0)]).flatten();
    let agreements = facts.agreements.iter().map(|agreement| agreement.id.0);
    letters.chain(claims).chain(facts.closings.iter().map(|closing| closing.contract.0)).chain(agreements).collect()
}

/// The subjects of letters, contracts and agreements as plain ids.
pub(super) fn subject_ids(letters: &[LetterId], contracts: &[ContractId], agreements: &[AgreementId]) -> Vec<Uuid> {
    letters.iter().map(|id| id.0).chain(contracts.iter().map(|id| id.0)).chain(agreements.iter().map(|id| id.0)).collect()
}
