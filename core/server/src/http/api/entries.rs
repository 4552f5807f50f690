//! Entries and applications: every movement of receivables and receipts.

use recoup_model::access::Permission;
use std::collections::HashMap;

use chrono::NaiveDate;
use recoup_model::Currency;
use recoup_model::id::{ReceiptId, ReceivableId};
use recoup_model::receivable::Entry;
use recoup_store::{Listed, MovementFilter, Page, Sort};
use uuid::Uuid;

use super::names::{amount, source, word};
use crate::http::export::cell::{Amount, Period, row};
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::{Word as _, filter, words};

row! {
    /// A movement; its amount is its effect on every side that it names.
    EntryRow {
        /// Its id.
        id: Uuid,
        /// gross, correction, received, received-correction, bounced, applied, reversed or written-off.
        kind: String,
        /// Effective date.
        on: NaiveDate,
        /// The receivable whose open amount it moves.
        receivable: Option<Uuid>,
        /// The receipt whose unapplied amount it moves.
        receipt: Option<Uuid>,
        /// Currency of the document.
        currency: String,
        /// Effect in the document's currency.
        amount: Amount,
        /// Effect in the ledger's currency.
        ledger_amount: Amount,
        /// The entry that it takes back.
        cites: Option<Uuid>,
        /// For applications: what was applied.
        means: Option<String>,
        /// For applications: how the source expresses it.
        basis: Option<String>,
        /// Source system and key.
        source: Option<String>,
        /// The month that it is booked in, where that of its day was closed.
        period: Option<Period>,
        /// Position that recorded it.
        position: i64,
    }
}

words! {
    /// Kinds of entries.
    Kind {
        /// A claim arises.
        Gross = "gross",
        /// A claim is corrected.
        Correction = "correction",
        /// Money arrives.
        Received = "received",
        /// A receipt is corrected.
        ReceivedCorrection = "received-correction",
        /// A receipt is taken back.
        Bounced = "bounced",
        /// Part of a receipt is applied.
        Applied = "applied",
        /// An application is taken back.
        Reversed = "reversed",
        /// A claim is written off.
        WrittenOff = "written-off",
    } "write a kind of entry, such as applied"
}

filter! {
    /// Which entries.
    EntriesFilter {
        /// Only those of this receivable.
        receivable: Uuid,
        /// Only those of this receipt.
        receipt: Uuid,
        /// Only those of this kind.
        kind: Kind,
        /// Only those effective on this day or later.
        from: NaiveDate,
        /// Only those effective on this day or earlier.
        to: NaiveDate,
    }
}

filter! {
    /// Which applications.
    ApplicationsFilter {
        /// Only those to this receivable.
        receivable: Uuid,
        /// Only those of this receipt.
        receipt: Uuid,
        /// Only those effective on this day or later.
        from: NaiveDate,
        /// Only those effective on this day or earlier.
        to: NaiveDate,
    }
}

/// An entry's row; its document has a currency.
pub(super) fn entry_row(e: &Entry, currency: Currency, books: Currency, position: i64) -> EntryRow {
    EntryRow {
        id: e.id.0,
        kind: e.kind.word().to_owned(),
        on: e.on,
        receivable: e.receivable.map(|r| r.0),
        receipt: e.receipt.map(|r| r.0),
        currency: currency.to_string(),
        amount: amount(e.amount, currency),
        ledger_amount: amount(e.ledger_amount, books),
        cites: e.cites.map(|c| c.0),
        means: e.means.map(|m| m.word().to_owned()),
        basis: e.basis.as_ref().map(word),
        source: source(e.source.as_ref()),
        period: e.period.map(Period),
        position,
    }
}

/// A page of entries.
fn entries(read: &mut Read<'_, '_>, which: MovementFilter<'_>, page: &Page) -> Result<Rows<EntryRow>, Problem> {
    let known_at = read.moment.known_at;
    let found = read.view.entries_page(which, &and_one(page), read.moment.as_of, known_at)?;
    let claims: Vec<ReceivableId> = found.iter().filter_map(|l| l.record.receivable).collect();
    let monies: Vec<ReceiptId> = found.iter().filter(|l| l.record.receivable.is_none()).filter_map(|l| l.record.receipt).collect();
    let claims: HashMap<ReceivableId, Currency> = read.view.receivables(Some(&claims), known_at)?.into_iter().map(|r| (r.id, r.gross.currency())).collect();
    let monies: HashMap<ReceiptId, Currency> = read.view.receipts(Some(&monies), known_at)?.into_iter().map(|r| (r.id, r.amount.currency())).collect();
    let books = read.ledger.currency;
    let row = |l: Listed<Entry>| {
        let currency = l.record.receivable.and_then(|r| claims.get(&r)).or_else(|| monies.get(&l.record.receipt?));
        Ok(entry_row(&l.record, *currency.unwrap_or(&books), books, l.position))
    };
    Rows::listed(found, page, |l| l.leaf, row)
}

const EFFECTIVE: &str = "Entries effective by the end of this day; today in the ledger's time zone when absent.";

/// The list of entries.
pub(crate) struct Entries;

impl List for Entries {
    type Row = EntryRow;
    type Filter = EntriesFilter;
    const PATH: &'static str = "/entries";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Entries: every movement of receivables and receipts.";
    const AS_OF: &'static str = EFFECTIVE;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("on", Sort::ENTRY_ON)];

    fn page(read: &mut Read<'_, '_>, filter: &EntriesFilter, page: &Page) -> Result<Rows<EntryRow>, Problem> {
        let which = MovementFilter {
            receivable: filter.receivable.map(ReceivableId),
            receipt: filter.receipt.map(ReceiptId),
            kind: filter.kind.map(Kind::word),
            applications: false,
            from: filter.from,
            to: filter.to,
        };
        entries(read, which, page)
    }
}

/// The list of applications.
pub(crate) struct Applications;

impl List for Applications {
    type Row = EntryRow;
    type Filter = ApplicationsFilter;
    const PATH: &'static str = "/applications";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Applications (核销): entries that apply receipts to receivables, and those that take applications back.";
    const AS_OF: &'static str = EFFECTIVE;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("on", Sort::ENTRY_ON)];

    fn page(read: &mut Read<'_, '_>, filter: &ApplicationsFilter, page: &Page) -> Result<Rows<EntryRow>, Problem> {
        let which = MovementFilter {
            receivable: filter.receivable.map(ReceivableId),
            receipt: filter.receipt.map(ReceiptId),
            kind: None,
            applications: true,
            from: filter.from,
            to: filter.to,
        };
        entries(read, which, page)
    }
}
