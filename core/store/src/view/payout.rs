//! Payout runs, what became of them, and the terms they have.

use diesel::sql_types::{BigInt, Binary, Nullable};
use recoup_model::id::PayoutId;
use recoup_model::payout::{Payout, PayoutStep, PayoutTerms};
use recoup_model::{Digest, Month};

use super::page::{Listed, Page, select};
use super::records::personal_part;
use super::rows::latest;
use super::{View, chunked, uuids};
use crate::StoreError;
use crate::log::unsigned;
use crate::sql::sql;
use crate::store::decode;
use crate::types::Hash;

/// A payout run where it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPayout {
    /// The run.
    pub payout: Payout,
    /// Its leaf.
    pub leaf: u64,
    /// The position that recorded it.
    pub position: i64,
    /// The leaf's hash: by it the log is committed to every amount, and tells none.
    pub hash: Digest,
}

type RunTypes = (BigInt, BigInt, Binary, Binary, Nullable<Binary>, Nullable<Binary>, Nullable<Binary>);
type RunTuple = (i64, i64, Hash, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

type StepTypes = (Binary, Nullable<Binary>, Nullable<Binary>, Nullable<Binary>);
type StepTuple = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

impl View<'_> {
    /// Payout runs, in the order of preparing. Whoever sees only some units sees none: a run is of the ledger whole.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn payouts(&mut self, ids: Option<&[PayoutId]>, known_at: i64) -> Result<Vec<StoredPayout>, StoreError> {
        const RUNS: &str = "SELECT t.leaf, t.position, l.hash, l.body, l.commitment, p.salt, p.body FROM payout t \
            JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf LEFT JOIN personal p ON p.ledger = t.ledger AND p.leaf = t.leaf \
            WHERE t.ledger = ? AND t.leaf < ?";
        let known = self.known(known_at)?;
        let mut rows: Vec<RunTuple> =
            chunked(uuids!(ids), |ids| self.db.load(sql::<RunTypes>(RUNS).bind(self.ledger).bind(known).within(" AND t.id IN ?", ids)))?;
        rows.sort_unstable_by_key(|(leaf, ..)| *leaf);
        let run = |(leaf, position, hash, body, commitment, salt, figures): RunTuple| {
            let mut payout: Payout = decode(&body)?;
            let figures = salt.zip(figures).map(|(salt, part)| personal_part(commitment.as_deref(), &salt, &part)).transpose()?;
            if payout.unseal(figures.as_ref()) {
                Ok(StoredPayout { payout, leaf: unsigned(leaf)?, position, hash: hash.0 })
            } else {
                Err(StoreError::corrupt("a payout run without its amounts"))
            }
        };
        rows.into_iter().map(run).collect()
    }

    /// Payout runs of months up to one, as their leaves have them: without amounts.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn payouts_page(&mut self, month: Option<Month>, page: &Page, until: Month, known_at: i64) -> Result<Vec<Listed<Payout>>, StoreError> {
        const RUNS: &str = concat!(select!("payout"), " WHERE t.ledger = ? AND t.leaf < ? AND t.month <= ?");
        let all = self.up_to(RUNS, known_at)?.bind(until.number()).when(" AND t.month = ?", month.map(Month::number));
        self.page(all, page)
    }

    /// What became of runs, in the order of recording, each with what an objection says unless that was erased.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn payout_steps(&mut self, known_at: i64) -> Result<Vec<(PayoutStep, Option<String>)>, StoreError> {
        const STEPS: &str = "SELECT l.body, l.commitment, p.salt, p.body FROM payout_step t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            LEFT JOIN personal p ON p.ledger = t.ledger AND p.leaf = t.leaf WHERE t.ledger = ? AND t.leaf < ? ORDER BY t.leaf";
        let all = self.up_to::<StepTypes>(STEPS, known_at)?;
        let rows: Vec<StepTuple> = self.db.load(all)?;
        let step = |(body, commitment, salt, said): StepTuple| {
            let said = salt.zip(said).map(|(salt, part)| personal_part(commitment.as_deref(), &salt, &part)).transpose()?;
            Ok((decode(&body)?, said.and_then(|personal| personal.message)))
        };
        rows.into_iter().map(step).collect()
    }

    /// Terms of payout runs, the last word on each day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn payout_terms(&mut self, known_at: i64) -> Result<Vec<PayoutTerms>, StoreError> {
        self.latest(latest!("payout_terms", "effective"), None, known_at)
    }
}
