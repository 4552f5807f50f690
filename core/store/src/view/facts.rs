//! The facts that cases are made of, in bulk and flat: the caller joins them.

use std::collections::HashSet;

use diesel::sql_types::{BigInt, Binary, Date as SqlDate, Nullable, Text};
use recoup_model::accountability::{ContractClosed, Letter, RoleAssignment};
use recoup_model::id::{ContractId, EntryId, LetterId, PersonId, ReceivableId};
use recoup_model::receivable::{EntryKind, Means, Stage, StageChange};
use recoup_model::{Date, Month};
use uuid::Uuid;

use super::balances::kind_of;
use super::records::date_of;
use super::touched::Subjects;
use super::{View, chunked, last};
use crate::StoreError;
use crate::sql::sql;
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
    /// Movements in the order of their days, and of recording within a day.
    pub entries: Vec<ClaimMovement>,
    /// Roles that have begun, unconfirmed ones too.
    pub roles: Vec<RoleAssignment>,
    /// Known wages, by person and month.
    pub wages: Vec<(PersonId, Month, i64)>,
    /// Closings of contracts.
    pub closings: Vec<ContractClosed>,
}

type ClaimRow = (Id, Option<Id>, Day, Option<Day>, i64, String, Option<String>, Option<String>);
type MovementRow = (i64, Id, Id, String, Day, i64, Option<Id>, Option<String>);

impl View<'_> {
    /// The facts of some subjects. For [`Subjects::All`], whole tables are read once each.
    ///
    /// # Errors
    /// The database fails or is damaged.
    pub fn facts(&mut self, which: &Subjects, as_of: Date, known_at: i64) -> Result<Facts, StoreError> {
        let (letters, contracts) = match which {
            Subjects::All => (None, None),
            Subjects::Some { letters, contracts } => (Some(letters.as_slice()), Some(contracts.as_slice())),
        };
        let mut facts = Facts { letters: self.letters(letters, known_at)?, closings: self.contract_closings(contracts, known_at)?, ..Facts::default() };
        facts.letters.retain(|letter| letter.from <= as_of);
        facts.closings.retain(|closing| closing.on <= as_of);

        facts.receivables = match contracts {
            None => self.claims("", None, known_at)?,
            Some(contracts) => self.claims_of(&facts.letters, contracts, known_at)?,
        };
        // Whichever way they were found, claims come in one order: cases must not depend on it.
        facts.receivables.sort_unstable_by_key(|claim| claim.id);
        let claims: Option<Vec<ReceivableId>> = letters.map(|_| facts.receivables.iter().map(|claim| claim.id).collect());
        facts.stages = self.stage_changes(claims.as_deref(), known_at)?;
        facts.stages.retain(|change| change.on <= as_of);
        facts.entries = self.claim_movements(claims.as_deref(), as_of, known_at)?;

        let subjects = letters.map(|_| role_subjects(&facts));
        facts.roles = self.roles_for(subjects, known_at)?;
        facts.roles.retain(|role| role.from <= as_of);
        let persons: Option<Vec<PersonId>> = letters.map(|_| {
            let shares = facts.letters.iter().flat_map(|letter| letter.shares.iter().map(|share| share.person));
            shares.chain(facts.roles.iter().map(|role| role.person)).collect()
        });
        facts.wages = self.wages(persons.as_deref(), known_at)?.into_iter().map(|w| (w.person, w.month, w.gross)).collect();
        facts.wages.retain(|(_, month, _)| *month <= Month::of(as_of));
        Ok(facts)
    }

    /// Claims that letters name or that belong to contracts.
    fn claims_of(&mut self, letters: &[Letter], contracts: &[ContractId], known_at: i64) -> Result<Vec<Claim>, StoreError> {
        let named = letters.iter().flat_map(|letter| letter.receivables.iter().map(|id| id.0)).collect();
        let contracts = contracts.iter().map(|id| id.0).collect();
        let mut claims = self.claims(" AND t.id IN ?", Some(named), known_at)?;
        let known: HashSet<ReceivableId> = claims.iter().map(|claim| claim.id).collect();
        let belonging = self.claims(" AND t.contract IN ?", Some(contracts), known_at)?;
        claims.extend(belonging.into_iter().filter(|claim| !known.contains(&claim.id)));
        Ok(claims)
    }

    fn claims(&mut self, within: &'static str, ids: Option<Vec<Uuid>>, known_at: i64) -> Result<Vec<Claim>, StoreError> {
        const CLAIMS: &str =
            concat!("SELECT t.id, t.contract, t.document_date, t.due, t.ledger_gross, t.stage, t.system, t.key FROM receivable t", last!("receivable", "id"));
        let known = self.known(known_at)?;
        let rows: Vec<ClaimRow> = chunked(ids, |ids| {
            let all = sql::<(Binary, Nullable<Binary>, SqlDate, Nullable<SqlDate>, BigInt, Text, Nullable<Text>, Nullable<Text>)>(CLAIMS);
            self.db.load(all.bind(self.ledger).bind(known).bind(known).within(within, ids))
        })?;
        rows.into_iter()
            .map(|(id, contract, document_date, due, gross, stage, system, key)| {
                Ok(Claim {
                    id: ReceivableId(id.0),
                    contract: contract.map(|c| ContractId(c.0)),
                    document_date: document_date.date(),
                    due: date_of(due),
                    gross,
                    stage: Stage::from_word(&stage).ok_or_else(|| StoreError::corrupt(format!("`{stage}` is no stage")))?,
                    source: (system, key),
                })
            })
            .collect()
    }

    fn claim_movements(&mut self, claims: Option<&[ReceivableId]>, as_of: Date, known_at: i64) -> Result<Vec<ClaimMovement>, StoreError> {
        const MOVEMENTS: &str = "SELECT t.leaf, t.id, t.receivable, t.kind, t.effective, t.ledger_amount, t.cites, t.means FROM entry t \
            WHERE t.ledger = ? AND t.leaf < ? AND t.effective <= ? AND t.receivable IS NOT NULL";
        let known = self.known(known_at)?;
        let claims = claims.map(|ids| ids.iter().map(|id| id.0).collect());
        let mut rows: Vec<MovementRow> = chunked(claims, |claims| {
            let all = sql::<(BigInt, Binary, Binary, Text, SqlDate, BigInt, Nullable<Binary>, Nullable<Text>)>(MOVEMENTS);
            self.db.load(all.bind(self.ledger).bind(known).bind(as_of).within(" AND t.receivable IN ?", claims))
        })?;
        rows.sort_unstable_by_key(|(leaf, _, _, _, on, ..)| (*on, *leaf));
        rows.into_iter()
            .map(|(_, id, receivable, kind, on, amount, cites, means)| {
                let means = means.map(|word| Means::from_word(&word).ok_or_else(|| StoreError::corrupt(format!("`{word}` is no means"))));
                Ok(ClaimMovement {
                    id: EntryId(id.0),
                    receivable: ReceivableId(receivable.0),
                    kind: kind_of(&kind)?,
                    on: on.date(),
                    amount,
                    cites: cites.map(|c| EntryId(c.0)),
                    means: means.transpose()?,
                })
            })
            .collect()
    }
}

/// What roles of these facts can be held for.
fn role_subjects(facts: &Facts) -> Vec<Uuid> {
    let letters = facts.letters.iter().flat_map(|letter: &Letter| [Some(letter.id.0), letter.unit.map(|u| u.0)]).flatten();
    let claims = facts.receivables.iter().flat_map(|claim| [Some(claim.id.0), claim.contract.map(|c| c.0)]).flatten();
    letters.chain(claims).chain(facts.closings.iter().map(|closing| closing.contract.0)).collect()
}

/// The subjects of letters and contracts as plain ids.
pub(super) fn subject_ids(letters: &[LetterId], contracts: &[ContractId]) -> Vec<Uuid> {
    letters.iter().map(|id| id.0).chain(contracts.iter().map(|id| id.0)).collect()
}
