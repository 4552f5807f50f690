//! Long lists a page at a time.
//!
//! A page begins after a row that is named by its leaf alone: rows never change, so the leaf leads to the value that the
//! list is sorted by. Pages that are read as known at one position are pages of one state, whatever is appended between.

use diesel::sql_types::{BigInt, Binary, Nullable};
use recoup_model::Date;
use recoup_model::access::{Disclosure, User};
use recoup_model::id::{BatchId, ContractId, LedgerId, PartyId, PersonId, ReceiptId, ReceivableId, UserId};
use recoup_model::import::Issue;
use recoup_model::party::{Contract, Party, Person, Personal};
use recoup_model::receivable::{Entry, Receipt, Receivable, Stage, StageChange};
use serde::de::DeserializeOwned;

use super::records::personal_part;
use super::{View, last};
use crate::StoreError;
use crate::log::unsigned;
use crate::sql::{Sql, sql};
use crate::store::decode;
use crate::types::Id;

/// What a list is sorted by; rows that are equal in it stand in the order of recording.
#[derive(Debug, Clone, Copy)]
pub struct Sort {
    up: &'static str,
    down: &'static str,
    after: &'static str,
    before: &'static str,
}

macro_rules! sort {
    ($(#[$doc:meta] $name:ident = $table:literal, $key:literal;)+) => {$(
        #[$doc]
        pub const $name: Sort = Sort {
            up: concat!(" ORDER BY ", $key, ", t.leaf LIMIT ?"),
            down: concat!(" ORDER BY ", $key, " DESC, t.leaf DESC LIMIT ?"),
            after: concat!(" AND (", $key, ", t.leaf) > (SELECT ", $key, ", t.leaf FROM ", $table, " t WHERE t.ledger = ? AND t.leaf = ?)"),
            before: concat!(" AND (", $key, ", t.leaf) < (SELECT ", $key, ", t.leaf FROM ", $table, " t WHERE t.ledger = ? AND t.leaf = ?)"),
        };
    )+};
}

impl Sort {
    /// In the order of recording.
    pub const RECORDED: Self = Self {
        up: " ORDER BY t.leaf LIMIT ?",
        down: " ORDER BY t.leaf DESC LIMIT ?",
        after: " AND t.ledger = ? AND t.leaf > ?",
        before: " AND t.ledger = ? AND t.leaf < ?",
    };

    /// Postings in the order of recording; of one leaf, by their numbers.
    pub const POSTING_RECORDED: Self = Self {
        up: " ORDER BY p.leaf, p.number LIMIT ?",
        down: " ORDER BY p.leaf DESC, p.number DESC LIMIT ?",
        after: " AND p.ledger = ? AND (p.leaf, p.number) > (?, ?)",
        before: " AND p.ledger = ? AND (p.leaf, p.number) < (?, ?)",
    };

    /// Postings by effective date.
    pub const POSTING_ON: Self = Self {
        up: " ORDER BY p.effective, p.leaf, p.number LIMIT ?",
        down: " ORDER BY p.effective DESC, p.leaf DESC, p.number DESC LIMIT ?",
        after: " AND (p.effective, p.leaf, p.number) > \
            (SELECT p.effective, p.leaf, p.number FROM posting p WHERE p.ledger = ? AND p.leaf = ? AND p.number = ?)",
        before: " AND (p.effective, p.leaf, p.number) < \
            (SELECT p.effective, p.leaf, p.number FROM posting p WHERE p.ledger = ? AND p.leaf = ? AND p.number = ?)",
    };

    sort! {
        /// Parties by their key in the source.
        PARTY_CODE = "party", "COALESCE(t.key, '')";
        /// People by staff number.
        PERSON_CODE = "person", "t.code";
        /// Contracts by number.
        CONTRACT_CODE = "contract", "t.code";
        /// Receivables by due date; by document date where there is none.
        RECEIVABLE_DUE = "receivable", "COALESCE(t.due, t.document_date)";
        /// Receivables by document date.
        RECEIVABLE_DATE = "receivable", "t.document_date";
        /// Receivables by document number.
        RECEIVABLE_DOCUMENT = "receivable", "t.document";
        /// Receivables by amount in the ledger's currency.
        RECEIVABLE_AMOUNT = "receivable", "t.ledger_gross";
        /// Receipts by the day of booking.
        RECEIPT_BOOKED = "receipt", "t.booked";
        /// Receipts by amount in the ledger's currency.
        RECEIPT_AMOUNT = "receipt", "t.ledger_amount";
        /// Stage changes by effective date.
        STAGE_ON = "stage_change", "t.effective";
        /// Pauses by first day.
        PAUSE_FROM = "pause", "t.first_day";
        /// Entries by effective date.
        ENTRY_ON = "entry", "t.effective";
        /// Imports by the file's name.
        BATCH_FILE = "batch", "t.file_name";
        /// Evaluations by their day.
        EVALUATED_ON = "evaluated", "t.as_of";
        /// Lines by clause.
        LINE_CLAUSE = "line", "t.clause";
        /// Units by code.
        UNIT_CODE = "unit", "t.code";
        /// Letters by number.
        LETTER_CODE = "letter", "t.code";
        /// Letters by deadline.
        LETTER_DEADLINE = "letter", "t.deadline";
        /// Agreements by number.
        AGREEMENT_CODE = "agreement", "t.code";
        /// Agreements by first day.
        AGREEMENT_FROM = "agreement", "t.first_day";
        /// Milestones by day.
        MILESTONE_ON = "milestone", "t.effective";
        /// False reports by the day of the finding.
        FALSE_REPORT_ON = "false_report", "t.effective";
        /// Sanctions by first day.
        SANCTION_FROM = "sanction", "t.first_day";
        /// Roles by first day.
        ROLE_FROM = "role", "t.first_day";
        /// Wage months by month.
        WAGE_MONTH = "wage_month", "t.month";
        /// Payout runs by month.
        PAYOUT_MONTH = "payout", "t.month";
        /// Findings by the day they arose.
        FINDING_ON = "finding", "t.effective";
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// What it is sorted by.
    pub sort: Sort,
    /// Whether the last comes first.
    pub descending: bool,
    /// The leaf of the row that it begins after; from the beginning when absent.
    pub after: Option<u64>,
    /// How many rows at most.
    pub limit: u32,
}

impl Page {
    /// The first row alone: where an id is asked for, there is no other.
    pub const FIRST: Self = Self { sort: Sort::RECORDED, descending: false, after: None, limit: 1 };

    /// Every row, in the order of recording.
    pub const ALL: Self = Self { limit: u32::MAX, ..Self::FIRST };

    /// What of its sort stands in a statement: the condition that a row is beyond the one that it begins after, and the order.
    pub(super) const fn texts(&self) -> (&'static str, &'static str) {
        if self.descending { (self.sort.before, self.sort.down) } else { (self.sort.after, self.sort.up) }
    }
}

/// Between which positions something was recorded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recorded {
    /// After this one.
    pub after: Option<i64>,
    /// Up to this one.
    pub until: Option<i64>,
}

impl Recorded {
    /// Adds the two conditions to a statement.
    pub(super) fn of<ST>(self, all: Sql<ST>, after: &'static str, until: &'static str) -> Sql<ST> {
        all.when(after, self.after).when(until, self.until)
    }
}

/// Who saw what is sensitive, and when.
#[derive(Debug, Clone, Copy, Default)]
pub struct DisclosureFilter<'a> {
    /// Only what this user saw.
    pub reader: Option<UserId>,
    /// Only what was seen of this ledger.
    pub books: Option<LedgerId>,
    /// Only this, such as `wage-months`.
    pub what: Option<&'a str>,
    /// Only what was recorded then.
    pub recorded: Recorded,
}

/// A record of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Index of its leaf.
    pub leaf: u64,
    /// The position that recorded it.
    pub position: i64,
    /// The record.
    pub record: T,
    /// Its personal part, where it has one that was not erased.
    pub personal: Option<Personal>,
}

/// Which receivables.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReceivableFilter<'a> {
    /// Only this one.
    pub id: Option<ReceivableId>,
    /// Whose.
    pub party: Option<PartyId>,
    /// Of which contract.
    pub contract: Option<ContractId>,
    /// With this document number.
    pub document: Option<&'a str>,
    /// Of this kind.
    pub kind: Option<&'a str>,
    /// In this stage at the end of the day.
    pub stage: Option<Stage>,
    /// Due on this day or later; by document date where there is no due date.
    pub due_from: Option<Date>,
    /// Due on this day or earlier, likewise.
    pub due_to: Option<Date>,
    /// Only those with something open at the end of the day, or only those without.
    pub open: Option<bool>,
}

/// Which receipts.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReceiptFilter<'a> {
    /// Only this one.
    pub id: Option<ReceiptId>,
    /// Whose.
    pub party: Option<PartyId>,
    /// With this reference.
    pub reference: Option<&'a str>,
    /// Booked on this day or later.
    pub booked_from: Option<Date>,
    /// Booked on this day or earlier.
    pub booked_to: Option<Date>,
    /// Only those with something unapplied at the end of the day, or only those without.
    pub unapplied: Option<bool>,
}

/// Which entries.
#[derive(Debug, Clone, Copy, Default)]
pub struct MovementFilter<'a> {
    /// Of which receivable.
    pub receivable: Option<ReceivableId>,
    /// Of which receipt.
    pub receipt: Option<ReceiptId>,
    /// Only this kind.
    pub kind: Option<&'a str>,
    /// Only applications and what took them back.
    pub applications: bool,
    /// Effective on this day or later.
    pub from: Option<Date>,
    /// Effective on this day or earlier.
    pub to: Option<Date>,
}

/// Which issues.
#[derive(Debug, Clone, Copy, Default)]
pub struct IssueFilter<'a> {
    /// Of which batch.
    pub batch: Option<BatchId>,
    /// Only this kind.
    pub kind: Option<&'a str>,
    /// Only those with this code.
    pub code: Option<&'a str>,
    /// Only those of files whose keys belong to this system.
    pub system: Option<&'a str>,
}

/// Leaf, position, record, and its commitment with the salt and body of the personal part.
type Row = (i64, i64, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);
pub(super) type Columns = (BigInt, BigInt, Binary, Nullable<Binary>, Nullable<Binary>, Nullable<Binary>);

macro_rules! select {
    ($table:literal) => {
        concat!(
            "SELECT l.leaf, l.position, l.body, l.commitment, p.salt, p.body FROM ",
            $table,
            " t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf",
            " LEFT JOIN personal p ON p.ledger = t.ledger AND p.leaf = t.leaf"
        )
    };
}

pub(super) use select;

/// The condition that entries of a record known before a leaf leave something at the end of a day (bound: leaf, day).
macro_rules! left {
    ($side:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM entry e WHERE e.ledger = t.ledger AND e.",
            $side,
            " = t.id AND +e.leaf < ? AND e.effective <= ? GROUP BY e.",
            $side,
            " HAVING SUM(e.ledger_amount) <> 0 OR SUM(e.amount) <> 0)"
        )
    };
}

/// The last versions known before a leaf.
macro_rules! versions {
    ($table:literal) => {
        concat!(select!($table), last!($table, "id"))
    };
}
pub(super) use versions;

impl View<'_> {
    /// Parties; a natural person's name is in the personal part.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn parties_page(&mut self, id: Option<PartyId>, code: Option<&str>, page: &Page, known_at: i64) -> Result<Vec<Listed<Party>>, StoreError> {
        let all = self.versions(versions!("party"), known_at)?.when(" AND t.id = ?", id.map(|p| Id(p.0)));
        self.page(all.when(" AND t.key = ?", code), page)
    }

    /// People; names are in the personal parts.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn persons_page(&mut self, id: Option<PersonId>, code: Option<&str>, page: &Page, known_at: i64) -> Result<Vec<Listed<Person>>, StoreError> {
        let all = self.versions(versions!("person"), known_at)?.when(" AND t.id = ?", id.map(|p| Id(p.0)));
        self.page(all.when(" AND t.code = ?", code), page)
    }

    /// Contracts.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn contracts_page(&mut self, party: Option<PartyId>, code: Option<&str>, page: &Page, known_at: i64) -> Result<Vec<Listed<Contract>>, StoreError> {
        let all = self.versions(versions!("contract"), known_at)?;
        self.page(all.when(" AND t.party = ?", party.map(|p| Id(p.0))).when(" AND t.code = ?", code), page)
    }

    /// Claims whose document existed by a day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn receivables_page(&mut self, filter: ReceivableFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Receivable>>, StoreError> {
        const OPEN: &str = concat!(" AND ", left!("receivable"));
        const NOT_OPEN: &str = concat!(" AND NOT ", left!("receivable"));
        // Of two changes for the same day, the later recorded one holds; without any, what the claim itself says.
        const IN_STAGE: &str = " AND COALESCE((SELECT s.stage FROM stage_change s WHERE s.ledger = t.ledger AND s.receivable = t.id \
            AND s.effective <= ? AND +s.leaf < ? ORDER BY s.effective DESC, s.leaf DESC LIMIT 1), t.stage) = ?";
        let known = self.known(known_at)?;
        let all =
            self.versions(versions!("receivable"), known_at)?.push(" AND t.document_date <= ?").bind(as_of).when(" AND t.id = ?", filter.id.map(|r| Id(r.0)));
        let all = all.when(" AND t.party = ?", filter.party.map(|p| Id(p.0))).when(" AND t.contract = ?", filter.contract.map(|c| Id(c.0)));
        let all = all.when(" AND t.document = ?", filter.document).when(" AND t.kind = ?", filter.kind);
        let all = match filter.stage {
            Some(stage) => all.push(IN_STAGE).bind(as_of).bind(known).bind(stage.word()),
            None => all,
        };
        let all = all.when(" AND COALESCE(t.due, t.document_date) >= ?", filter.due_from);
        let all = all.when(" AND COALESCE(t.due, t.document_date) <= ?", filter.due_to);
        let all = match filter.open {
            None => all,
            Some(open) => all.push(if open { OPEN } else { NOT_OPEN }).bind(known).bind(as_of),
        };
        self.page(all, page)
    }

    /// Every version of a claim, in the order of recording: what was known of it from the position of one to that of the next.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn receivable_versions(&mut self, id: ReceivableId, known_at: i64) -> Result<Vec<Listed<Receivable>>, StoreError> {
        const VERSIONS: &str = concat!(select!("receivable"), " WHERE t.ledger = ? AND +t.leaf < ? AND t.id = ?");
        let all = self.up_to(VERSIONS, known_at)?.bind(Id(id.0));
        self.page(all, &Page::ALL)
    }

    /// Stage changes of a claim by a day, in the order of their days; of two for the same day, the later recorded one.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn stages_of(&mut self, id: ReceivableId, as_of: Date, known_at: i64) -> Result<Vec<Listed<StageChange>>, StoreError> {
        const CHANGES: &str = concat!(select!("stage_change"), last!("stage_change", "receivable", "effective"), " AND t.receivable = ? AND t.effective <= ?");
        let all = self.versions(CHANGES, known_at)?.bind(Id(id.0)).bind(as_of);
        self.page(all, &Page { sort: Sort::STAGE_ON, ..Page::ALL })
    }

    /// Receipts booked by a day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn receipts_page(&mut self, filter: ReceiptFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Receipt>>, StoreError> {
        const UNAPPLIED: &str = concat!(" AND ", left!("receipt"));
        const APPLIED: &str = concat!(" AND NOT ", left!("receipt"));
        let known = self.known(known_at)?;
        let all = self.versions(versions!("receipt"), known_at)?.push(" AND t.booked <= ?").bind(as_of).when(" AND t.id = ?", filter.id.map(|r| Id(r.0)));
        let all = all.when(" AND t.party = ?", filter.party.map(|p| Id(p.0))).when(" AND t.reference = ?", filter.reference);
        let all = all.when(" AND t.booked >= ?", filter.booked_from).when(" AND t.booked <= ?", filter.booked_to);
        let all = match filter.unapplied {
            None => all,
            Some(unapplied) => all.push(if unapplied { UNAPPLIED } else { APPLIED }).bind(known).bind(as_of),
        };
        self.page(all, page)
    }

    /// Entries effective by a day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn entries_page(&mut self, filter: MovementFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Entry>>, StoreError> {
        const ENTRIES: &str = concat!(select!("entry"), " WHERE t.ledger = ? AND t.leaf < ? AND t.effective <= ?");
        let all = self.up_to(ENTRIES, known_at)?.bind(as_of);
        let all = all.when(" AND t.receivable = ?", filter.receivable.map(|r| Id(r.0))).when(" AND t.receipt = ?", filter.receipt.map(|r| Id(r.0)));
        let all = all.when(" AND t.kind = ?", filter.kind).when(" AND t.effective >= ?", filter.from);
        let all = all.when(" AND t.effective <= ?", filter.to);
        let all = if filter.applications { all.push(" AND t.kind IN ('applied', 'reversed')") } else { all };
        let found = self.page(all, page)?;
        Ok(found.into_iter().map(|listed| Listed { record: self.in_sight(listed.record), ..listed }).collect())
    }

    /// Issues of imports.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn issues_page(&mut self, filter: IssueFilter<'_>, page: &Page, known_at: i64) -> Result<Vec<Listed<Issue>>, StoreError> {
        const ISSUES: &str = concat!(select!("issue"), " WHERE t.ledger = ? AND t.leaf < ?");
        const OF_SYSTEM: &str = " AND EXISTS (SELECT 1 FROM batch b WHERE b.ledger = t.ledger AND b.id = t.batch AND b.system = ?)";
        let all = self.up_to(ISSUES, known_at)?.when(" AND t.batch = ?", filter.batch.map(|b| Id(b.0))).when(" AND t.kind = ?", filter.kind);
        let all = all.when(" AND t.code = ?", filter.code).when(OF_SYSTEM, filter.system);
        let mut found: Vec<Listed<Issue>> = self.page(all, page)?;
        found.iter_mut().for_each(|listed| listed.record.unseal(listed.personal.as_ref()));
        Ok(found)
    }

    /// Users of the installation; their names and passwords are in the personal parts.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn users_page(&mut self, page: &Page, known_at: i64) -> Result<Vec<Listed<User>>, StoreError> {
        let all = self.versions(versions!("user_account"), known_at)?;
        self.page(all, page)
    }

    /// Who saw what is sensitive.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn disclosures_page(&mut self, filter: DisclosureFilter<'_>, page: &Page, known_at: i64) -> Result<Vec<Listed<Disclosure>>, StoreError> {
        const DISCLOSURES: &str = concat!(select!("disclosure"), " WHERE t.ledger = ? AND t.leaf < ?");
        let all = self.up_to(DISCLOSURES, known_at)?.when(" AND t.reader = ?", filter.reader.map(|u| Id(u.0)));
        let all = all.when(" AND t.books = ?", filter.books.map(|l| Id(l.0))).when(" AND t.what = ?", filter.what);
        self.page(filter.recorded.of(all, " AND t.position > ?", " AND t.position <= ?"), page)
    }

    pub(super) fn versions(&mut self, statement: &'static str, known_at: i64) -> Result<Sql<Columns>, StoreError> {
        let known = self.known(known_at)?;
        Ok(sql(statement).bind(self.ledger).bind(known).bind(known))
    }

    pub(super) fn page<T: DeserializeOwned>(&mut self, all: Sql<Columns>, page: &Page) -> Result<Vec<Listed<T>>, StoreError> {
        let (beyond, order) = page.texts();
        let all = match page.after {
            Some(leaf) => all.push(beyond).bind(self.ledger).bind(i64::try_from(leaf).map_err(|_| StoreError::Overflow)?),
            None => all,
        };
        let rows: Vec<Row> = self.db.load(all.push(order).bind(i64::from(page.limit)))?;
        rows.into_iter()
            .map(|(leaf, position, body, commitment, salt, personal)| {
                let personal = salt.zip(personal).map(|(salt, part)| personal_part(commitment.as_deref(), &salt, &part)).transpose()?;
                Ok(Listed { leaf: unsigned(leaf)?, position, record: decode(&body)?, personal })
            })
            .collect()
    }
}
