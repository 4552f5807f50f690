//! Receipts: money in, and what is not applied of it on a day.

use recoup_model::access::Permission;
use std::collections::HashMap;

use chrono::NaiveDate;
use recoup_model::id::{PartyId, ReceiptId};
use recoup_model::party::Party;
use recoup_model::receivable::Receipt;
use recoup_store::{Listed, MovementFilter, Page, ReceiptFilter, Sort};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::entries::{EntryRow, entry_row};
use super::names::{amount, party_code, source};
use crate::http::export::cell::{Amount, row};
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::filter;

row! {
    /// Money in, or a credit that counts like it (收款), as it stands on a day.
    ReceiptRow {
        /// Its id.
        id: Uuid,
        /// Reference, as printed.
        reference: String,
        /// What it consists of.
        means: String,
        /// Who paid, when known.
        party: Option<Uuid>,
        /// Key of the payer in its source.
        party_code: Option<String>,
        /// Name of the payer, when it is an organisation.
        party_name: Option<String>,
        /// When it was booked; also its effective date.
        booked: NaiveDate,
        /// Value date.
        value_date: Option<NaiveDate>,
        /// Currency of the receipt.
        currency: String,
        /// Amount received.
        amount: Amount,
        /// Not applied on the day, in the receipt's currency (未核销款).
        unapplied: Amount,
        /// Amount received, in the ledger's currency.
        ledger_amount: Amount,
        /// Not applied on the day, in the ledger's currency.
        ledger_unapplied: Amount,
        /// Source system and key.
        source: Option<String>,
        /// Position that recorded this version.
        position: i64,
    }
}

filter! {
    /// Which receipts.
    ReceiptsFilter {
        /// Only those of this payer.
        party: Uuid,
        /// Only those with this reference.
        reference: String,
        /// Only those booked on this day or later.
        booked_from: NaiveDate,
        /// Only those booked on this day or earlier; unlike `as_of`, it leaves what is unapplied as it is on the day.
        booked_to: NaiveDate,
        /// Only those with something unapplied on the day (true), or only those without (false).
        unapplied: bool,
    }
}

/// The list of receipts.
pub(crate) struct Receipts;

impl List for Receipts {
    type Row = ReceiptRow;
    type Filter = ReceiptsFilter;
    const PATH: &'static str = "/receipts";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Receipts (收款), with what is not applied of them on a day.";
    const AS_OF: &'static str = "Receipts booked by the end of this day, with what is unapplied on it; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("booked", Sort::RECEIPT_BOOKED), ("ledger_amount", Sort::RECEIPT_AMOUNT)];

    fn page(read: &mut Read<'_, '_>, filter: &ReceiptsFilter, page: &Page) -> Result<Rows<ReceiptRow>, Problem> {
        let which = ReceiptFilter {
            id: None,
            party: filter.party.map(PartyId),
            reference: filter.reference.as_deref(),
            booked_from: filter.booked_from,
            booked_to: filter.booked_to,
            unapplied: filter.unapplied,
        };
        let found = read.view.receipts_page(which, &and_one(page), read.moment.as_of, read.moment.known_at)?;
        let (unapplied, parties) = beside(read, &found)?;
        Rows::listed(found, page, |l| l.leaf, |l| Ok(receipt_row(l, &unapplied, &parties)))
    }
}

type Unapplied = HashMap<ReceiptId, (i64, i64)>;

fn beside(read: &mut Read<'_, '_>, found: &[Listed<Receipt>]) -> Result<(Unapplied, HashMap<PartyId, Party>), Problem> {
    let ids: Vec<ReceiptId> = found.iter().map(|l| l.record.id).collect();
    let unapplied = read.view.unapplied(read.moment.as_of, read.moment.known_at, Some(&ids))?;
    let unapplied = unapplied.into_iter().map(|(id, document, ledger)| (id, (document, ledger))).collect();
    Ok((unapplied, read.parties(found.iter().filter_map(|l| l.record.party))?))
}

fn receipt_row(listed: Listed<Receipt>, unapplied: &Unapplied, parties: &HashMap<PartyId, Party>) -> ReceiptRow {
    let Listed { record: r, position, .. } = listed;
    let (rest, ledger_rest) = unapplied.get(&r.id).copied().unwrap_or_default();
    let party = r.party.and_then(|p| parties.get(&p));
    ReceiptRow {
        id: r.id.0,
        means: r.means.word().to_owned(),
        party: r.party.map(|p| p.0),
        party_code: party.and_then(party_code),
        party_name: party.and_then(|p| p.name.clone()),
        booked: r.booked,
        value_date: r.value_date,
        currency: r.amount.currency().to_string(),
        unapplied: amount(rest, r.amount.currency()),
        ledger_unapplied: amount(ledger_rest, r.ledger_amount.currency()),
        amount: Amount(r.amount),
        ledger_amount: Amount(r.ledger_amount),
        source: source(r.source.as_ref()),
        reference: r.reference,
        position,
    }
}

/// One receipt with what moved it up to the day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptHistory {
    /// The receipt as it stands on the day.
    receipt: ReceiptRow,
    /// Everything that moved it, in order.
    entries: Vec<EntryRow>,
}

/// One receipt with its history.
pub(crate) struct OneReceipt;

impl One for OneReceipt {
    type Key = Uuid;
    type Body = ReceiptHistory;
    const PATH: &'static str = "/receipts/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One receipt with everything that moved it.";
    const AS_OF: &'static str = "What took effect by the end of this day; today in the ledger's time zone when absent.";

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<ReceiptHistory>, Problem> {
        let (as_of, known_at) = (read.moment.as_of, read.moment.known_at);
        let which = ReceiptFilter { id: Some(ReceiptId(key)), ..ReceiptFilter::default() };
        let found = read.view.receipts_page(which, &Page::FIRST, as_of, known_at)?;
        let (unapplied, parties) = beside(read, &found)?;
        let Some(listed) = found.into_iter().next() else { return Ok(None) };
        let currency = listed.record.amount.currency();
        let of_receipt = MovementFilter { receipt: Some(ReceiptId(key)), ..MovementFilter::default() };
        let entries = read.view.entries_page(of_receipt, &Page { sort: Sort::ENTRY_ON, ..Page::ALL }, as_of, known_at)?;
        let entries = entries.iter().map(|l| entry_row(&l.record, currency, read.ledger.currency, l.position)).collect();
        Ok(Some(ReceiptHistory { receipt: receipt_row(listed, &unapplied, &parties), entries }))
    }
}
