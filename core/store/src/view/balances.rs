//! Balances: open amounts, unapplied amounts, aging and the trial balance, each one set-based statement.
//!
//! Sums are cast to 64 bits in the statement: PostgreSQL would widen them to NUMERIC, and diesel would read SQLite's
//! as a float. Both databases refuse a sum that does not fit.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use recoup_model::Date;
use recoup_model::id::{PartyId, ReceiptId, ReceivableId};
use recoup_model::receivable::EntryKind;
use uuid::Uuid;

use super::{View, chunked, last, uuids};
use crate::StoreError;
use crate::sql::sql;
use crate::types::Id;

/// The date that an item's age counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgingBasis {
    /// The due date; the document date where there is none.
    Due,
    /// The document date.
    Document,
}

/// What an aging is grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgingGroup {
    /// Not at all.
    None,
    /// By who owes.
    Debtor,
    /// By contract.
    Contract,
    /// By claim.
    Receivable,
}

/// What a group has open in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgingRow {
    /// The group; `None` for what has none.
    pub key: Option<Uuid>,
    /// Index of the bucket.
    pub bucket: usize,
    /// Minor units of the ledger's currency.
    pub amount: i64,
    /// Number of open items.
    pub count: i64,
}

/// Movements of claims, in minor units of the ledger's currency with the sign of their effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClaimTotals {
    /// Claims arising.
    pub gross: i64,
    /// Corrections.
    pub corrections: i64,
    /// Applications.
    pub applied: i64,
    /// Applications taken back.
    pub reversed: i64,
    /// Written off.
    pub written_off: i64,
    /// Open: the sum of the others.
    pub open: i64,
}

/// Movements of receipts, likewise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiptTotals {
    /// Money in.
    pub received: i64,
    /// Corrections.
    pub corrections: i64,
    /// Taken back.
    pub bounced: i64,
    /// Applications.
    pub applied: i64,
    /// Applications taken back.
    pub reversed: i64,
    /// Unapplied: the sum of the others.
    pub unapplied: i64,
}

/// What moved for one party.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrialRow {
    /// The party; `None` for receipts whose payer is not known.
    pub party: Option<PartyId>,
    /// Its claims.
    pub claims: ClaimTotals,
    /// Its receipts.
    pub receipts: ReceiptTotals,
}

const OPEN: &str = "SELECT t.receivable, CAST(SUM(t.amount) AS BIGINT), CAST(SUM(t.ledger_amount) AS BIGINT) FROM entry t \
    WHERE t.ledger = ? AND t.leaf < ? AND t.effective <= ? AND t.receivable IS NOT NULL";
const UNAPPLIED: &str = "SELECT t.receipt, CAST(SUM(t.amount) AS BIGINT), CAST(SUM(t.ledger_amount) AS BIGINT) FROM entry t \
    WHERE t.ledger = ? AND t.leaf < ? AND t.effective <= ? AND t.receipt IS NOT NULL";

/// Open items, each with the last known version of its claim `r`. The statement begins with a group key.
const OPEN_ITEMS: &str = concat!(
    " AS bucket, o.open FROM (SELECT t.receivable, CAST(SUM(t.ledger_amount) AS BIGINT) AS open FROM entry t \
     WHERE t.ledger = ? AND t.leaf < ? AND t.effective <= ? AND t.receivable IS NOT NULL \
     GROUP BY t.receivable HAVING SUM(t.ledger_amount) <> 0 OR SUM(t.amount) <> 0) o \
     LEFT JOIN (SELECT t.id, t.party, t.contract, t.due, t.document_date FROM receivable t",
    last!("receivable", "id"),
    ") r ON r.id = o.receivable) i GROUP BY grp, bucket"
);

impl View<'_> {
    /// Open amounts at the end of a day, by claim, in minor units of the document's and of the ledger's currency.
    ///
    /// # Errors
    /// The database fails; a sum overflows.
    pub fn open_amounts(&mut self, as_of: Date, known_at: i64, ids: Option<&[ReceivableId]>) -> Result<Vec<(ReceivableId, i64, i64)>, StoreError> {
        let sums = self.sums(OPEN, " AND t.receivable IN ?", " GROUP BY t.receivable", uuids!(ids), as_of, known_at)?;
        Ok(sums.into_iter().map(|(id, document, ledger)| (ReceivableId(id.0), document, ledger)).collect())
    }

    /// Unapplied amounts at the end of a day, by receipt, likewise.
    ///
    /// # Errors
    /// As [`View::open_amounts`].
    pub fn unapplied(&mut self, as_of: Date, known_at: i64, ids: Option<&[ReceiptId]>) -> Result<Vec<(ReceiptId, i64, i64)>, StoreError> {
        let sums = self.sums(UNAPPLIED, " AND t.receipt IN ?", " GROUP BY t.receipt", uuids!(ids), as_of, known_at)?;
        Ok(sums.into_iter().map(|(id, document, ledger)| (ReceiptId(id.0), document, ledger)).collect())
    }

    fn sums(
        &mut self,
        statement: &'static str,
        within: &'static str,
        group: &'static str,
        ids: Option<Vec<Uuid>>,
        as_of: Date,
        known_at: i64,
    ) -> Result<Vec<(Id, i64, i64)>, StoreError> {
        let known = self.known(known_at)?;
        let mut sums: Vec<(Id, i64, i64)> = chunked(ids, |ids| {
            let all = sql::<(Binary, BigInt, BigInt)>(statement).bind(self.ledger).bind(known).bind(as_of);
            self.db.load(all.within(within, ids).push(group))
        })?;
        sums.sort_unstable();
        Ok(sums)
    }

    /// Open amounts in buckets. An item's bucket is the number of thresholds that lie after its base date: with the
    /// thresholds in falling order, bucket 0 holds base dates on or after the first, bucket 1 those before the first and
    /// on or after the second, and the last bucket those before the last. Items with nothing open are left out.
    ///
    /// # Errors
    /// As [`View::open_amounts`].
    pub fn aging(&mut self, as_of: Date, known_at: i64, basis: AgingBasis, thresholds: &[Date], group: AgingGroup) -> Result<Vec<AgingRow>, StoreError> {
        let known = self.known(known_at)?;
        let mut all = sql::<(Nullable<Binary>, BigInt, BigInt, BigInt)>("SELECT grp, bucket, CAST(SUM(open) AS BIGINT), COUNT(*) FROM (SELECT ")
            .push(match group {
                AgingGroup::None => "NULL",
                AgingGroup::Debtor => "r.party",
                AgingGroup::Contract => "r.contract",
                AgingGroup::Receivable => "o.receivable",
            })
            .push(" AS grp, CAST(0");
        for threshold in thresholds {
            let later = match basis {
                AgingBasis::Due => " + CASE WHEN COALESCE(r.due, r.document_date) < ? THEN 1 ELSE 0 END",
                AgingBasis::Document => " + CASE WHEN r.document_date < ? THEN 1 ELSE 0 END",
            };
            all = all.push(later).bind(*threshold);
        }
        let all = all.push(" AS BIGINT)").push(OPEN_ITEMS);
        let all = all.bind(self.ledger).bind(known).bind(as_of).bind(self.ledger).bind(known).bind(known);
        let rows: Vec<(Option<Id>, i64, i64, i64)> = self.db.load(all)?;
        let mut rows = rows
            .into_iter()
            .map(|(key, bucket, amount, count)| {
                let bucket = usize::try_from(bucket).map_err(|_| StoreError::Overflow)?;
                Ok(AgingRow { key: key.map(|k| k.0), bucket, amount, count })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        rows.sort_unstable_by_key(|row| (row.key, row.bucket));
        Ok(rows)
    }

    /// Movements up to the end of a day by party and kind, in the ledger's currency: what aging and open amounts must add up to.
    ///
    /// The last versions are found once: PostgreSQL takes a table that it has not looked at yet for empty, and found them anew for
    /// each entry.
    ///
    /// # Errors
    /// As [`View::open_amounts`].
    pub fn trial_balance(&mut self, as_of: Date, known_at: i64) -> Result<Vec<TrialRow>, StoreError> {
        const CLAIMS: &str = concat!(
            "SELECT r.party, e.kind, CAST(SUM(e.ledger_amount) AS BIGINT) FROM entry e LEFT JOIN (WITH v AS MATERIALIZED (SELECT t.id, t.party FROM receivable t",
            last!("receivable", "id"),
            ") SELECT id, party FROM v) r ON r.id = e.receivable WHERE e.ledger = ? AND e.leaf < ? AND e.effective <= ? AND e.receivable IS NOT NULL GROUP BY r.party, e.kind"
        );
        const RECEIPTS: &str = concat!(
            "SELECT r.party, e.kind, CAST(SUM(e.ledger_amount) AS BIGINT) FROM entry e LEFT JOIN (WITH v AS MATERIALIZED (SELECT t.id, t.party FROM receipt t",
            last!("receipt", "id"),
            ") SELECT id, party FROM v) r ON r.id = e.receipt WHERE e.ledger = ? AND e.leaf < ? AND e.effective <= ? AND e.receipt IS NOT NULL GROUP BY r.party, e.kind"
        );
        let mut rows: BTreeMap<Option<Id>, TrialRow> = BTreeMap::new();
        for (party, kind, sum) in self.by_party(CLAIMS, as_of, known_at)? {
            let totals = &mut rows.entry(party).or_default().claims;
            let field = match kind {
                EntryKind::Gross => &mut totals.gross,
                EntryKind::Correction => &mut totals.corrections,
                EntryKind::Applied => &mut totals.applied,
                EntryKind::Reversed => &mut totals.reversed,
                EntryKind::WrittenOff => &mut totals.written_off,
                EntryKind::Received | EntryKind::ReceivedCorrection | EntryKind::Bounced => {
                    return Err(StoreError::corrupt(format!("a `{}` entry on a claim", kind.word())));
                }
            };
            *field = sum;
            totals.open = totals.open.checked_add(sum).ok_or(StoreError::Overflow)?;
        }
        for (party, kind, sum) in self.by_party(RECEIPTS, as_of, known_at)? {
            let totals = &mut rows.entry(party).or_default().receipts;
            let field = match kind {
                EntryKind::Received => &mut totals.received,
                EntryKind::ReceivedCorrection => &mut totals.corrections,
                EntryKind::Bounced => &mut totals.bounced,
                EntryKind::Applied => &mut totals.applied,
                EntryKind::Reversed => &mut totals.reversed,
                EntryKind::Gross | EntryKind::Correction | EntryKind::WrittenOff => {
                    return Err(StoreError::corrupt(format!("a `{}` entry on a receipt", kind.word())));
                }
            };
            *field = sum;
            totals.unapplied = totals.unapplied.checked_add(sum).ok_or(StoreError::Overflow)?;
        }
        Ok(rows.into_iter().map(|(party, row)| TrialRow { party: party.map(|p| PartyId(p.0)), ..row }).collect())
    }

    fn by_party(&mut self, statement: &'static str, as_of: Date, known_at: i64) -> Result<Vec<(Option<Id>, EntryKind, i64)>, StoreError> {
        let known = self.known(known_at)?;
        let all = sql::<(Nullable<Binary>, Text, BigInt)>(statement).bind(self.ledger).bind(known).bind(known);
        let rows: Vec<(Option<Id>, String, i64)> = self.db.load(all.bind(self.ledger).bind(known).bind(as_of))?;
        rows.into_iter().map(|(party, kind, sum)| Ok((party, kind_of(&kind)?, sum))).collect()
    }
}

/// The kind of entry of a column.
pub(super) fn kind_of(word: &str) -> Result<EntryKind, StoreError> {
    EntryKind::from_word(word).ok_or_else(|| StoreError::corrupt(format!("`{word}` is no kind of entry")))
}
