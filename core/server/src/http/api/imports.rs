//! Imports: what was read, and what became of records that did not simply enter the ledger.

use chrono::NaiveDate;
use recoup_model::access::Permission;
use recoup_model::id::BatchId;
use recoup_model::import::{Batch, Issue};
use recoup_store::{BatchFilter, IssueFilter, Listed, Page, Sort};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::names::word;
use super::parties::NO_DAY;
use crate::http::export::cell::{Hash, row};
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::{Word as _, filter, words};

row! {
    /// A file that was imported (导入批次).
    ImportRow {
        /// Its id.
        id: Uuid,
        /// Position that recorded it.
        position: i64,
        /// Name of the file.
        file_name: String,
        /// Digest of its bytes.
        file: Hash,
        /// The source system that its keys belong to.
        system: String,
        /// Adapter.
        adapter: String,
        /// Version of the adapter.
        adapter_version: String,
        /// Digest of the adapter's component.
        component: Hash,
        /// Profile.
        profile: String,
        /// quarantine or all-or-nothing.
        bad_records: String,
        /// snapshot or delta.
        coverage: String,
        /// Records handed over by the adapter.
        read: u64,
        /// New to the ledger.
        added: u64,
        /// Known with other content: corrected.
        corrected: u64,
        /// Known with equal content.
        unchanged: u64,
        /// Left out on purpose.
        skipped: u64,
        /// Refused with a reason: in quarantine.
        refused: u64,
        /// Known from this source, and not in a snapshot.
        missing: u64,
        /// Whether every control total agrees.
        controls_agree: bool,
    }
}

row! {
    /// What became of a record that did not simply enter the ledger.
    IssueRow {
        /// The import.
        import: Uuid,
        /// Order within the import.
        number: u64,
        /// refused (in quarantine), skipped, missing or control.
        kind: String,
        /// Stable code.
        code: String,
        /// Row, sheet or XPath.
        locator: String,
        /// Key of the record, when known; only for those who bring files in or may see personal data, for it may name somebody.
        key: Option<String>,
        /// What is wrong and how to mend it; only for those who bring files in or may see personal data, for it quotes the record.
        message: Option<String>,
        /// Position that recorded it.
        position: i64,
    }
}

words! {
    /// Kinds of issues.
    IssueWord {
        /// In quarantine until mended.
        Refused = "refused",
        /// Left out on purpose.
        Skipped = "skipped",
        /// Not in a snapshot.
        Missing = "missing",
        /// A control total that does not agree.
        Control = "control",
    } "write refused, skipped, missing or control"
}

filter! {
    /// Which issues.
    IssuesFilter {
        /// Only those of this import.
        import: Uuid,
        /// Only those of files whose keys belong to this source system.
        system: String,
        /// Only those of this kind; `refused` is the quarantine.
        kind: IssueWord,
        /// Only those with this code.
        code: String,
    }
}

filter! {
    /// Which imports.
    ImportFilter {
        /// Only those whose keys belong to this source system.
        system: String,
        /// Only those that were read by this profile.
        profile: String,
        /// Only those of files of this name.
        file_name: String,
        /// Only those recorded on this day or later, where the ledger's books are kept.
        from: NaiveDate,
        /// Only those recorded on this day or earlier, likewise.
        to: NaiveDate,
    }
}

fn import_row(position: i64, b: Batch) -> ImportRow {
    ImportRow {
        id: b.id.0,
        position,
        file_name: b.file_name,
        file: Hash(b.file),
        system: b.system,
        adapter: b.adapter,
        adapter_version: b.adapter_version,
        component: Hash(b.component),
        profile: b.profile,
        bad_records: word(&b.bad_records),
        coverage: word(&b.coverage),
        read: b.counts.read,
        added: b.counts.added,
        corrected: b.counts.corrected,
        unchanged: b.counts.unchanged,
        skipped: b.counts.skipped,
        refused: b.counts.refused,
        missing: b.counts.missing,
        controls_agree: b.controls.iter().all(recoup_model::import::ControlTotal::agrees),
    }
}

fn issue_row(l: Listed<Issue>, quotes: bool) -> IssueRow {
    let Listed { record: i, position, .. } = l;
    let (key, message) = (Some(i.key).filter(|_| quotes), Some(i.message).filter(|_| quotes));
    IssueRow { import: i.batch.0, number: i.number, kind: word(&i.kind), code: i.code, locator: i.locator, key, message, position }
}

/// The list of imports.
pub(crate) struct Imports;

impl List for Imports {
    type Row = ImportRow;
    type Filter = ImportFilter;
    const PATH: &'static str = "/imports";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Imports (导入批次): files, with how many records met which fate.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("file_name", Sort::BATCH_FILE)];

    fn page(read: &mut Read<'_, '_>, filter: &ImportFilter, page: &Page) -> Result<Rows<ImportRow>, Problem> {
        let which = BatchFilter {
            id: None,
            system: filter.system.as_deref(),
            profile: filter.profile.as_deref(),
            file_name: filter.file_name.as_deref(),
            recorded: read.recorded(filter.from, filter.to)?,
        };
        let found = read.view.batches_page(which, &and_one(page), read.moment.known_at)?;
        Rows::listed(found, page, |l| l.leaf, |l| Ok(import_row(l.position, l.record)))
    }
}

/// A control total in its three columns (控制合计).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ControlTotalOf {
    /// Such as `ledger.receivables`.
    name: String,
    /// What it is about when not the whole file.
    subject: String,
    /// As the file states it.
    stated: Option<String>,
    /// As summed from what was read.
    read: Option<String>,
    /// As summed from what the ledger holds after the import.
    stored: Option<String>,
    /// Whether every column that has a figure has the same one.
    agrees: bool,
}

/// An import with its control totals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportBody {
    /// The import.
    import: ImportRow,
    /// Its control totals.
    controls: Vec<ControlTotalOf>,
}

/// One import.
pub(crate) struct OneImport;

impl One for OneImport {
    type Key = Uuid;
    type Body = ImportBody;
    const PATH: &'static str = "/imports/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One import with its control totals. Its issues are in the list of issues, with `import`.";
    const AS_OF: &'static str = NO_DAY;

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<ImportBody>, Problem> {
        let which = BatchFilter { id: Some(BatchId(key)), ..BatchFilter::default() };
        let found = read.view.batches_page(which, &Page::FIRST, read.moment.known_at)?;
        let Some(Listed { position, record: batch, .. }) = found.into_iter().next() else { return Ok(None) };
        let controls = batch.controls.iter().map(|c| ControlTotalOf {
            name: c.name.clone(),
            subject: c.subject.clone(),
            stated: c.stated.map(|d| d.to_string()),
            read: c.read.map(|d| d.to_string()),
            stored: c.stored.map(|d| d.to_string()),
            agrees: c.agrees(),
        });
        Ok(Some(ImportBody { controls: controls.collect(), import: import_row(position, batch) }))
    }
}

/// The list of issues.
pub(crate) struct Issues;

impl List for Issues {
    type Row = IssueRow;
    type Filter = IssuesFilter;
    const PATH: &'static str = "/issues";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Issues of imports: the quarantine (隔离区), what was left out, what is missing, totals that do not agree.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED)];

    fn page(read: &mut Read<'_, '_>, filter: &IssuesFilter, page: &Page) -> Result<Rows<IssueRow>, Problem> {
        let which = IssueFilter {
            batch: filter.import.map(BatchId),
            kind: filter.kind.map(IssueWord::word),
            code: filter.code.as_deref(),
            system: filter.system.as_deref(),
        };
        let found = read.view.issues_page(which, &and_one(page), read.moment.known_at)?;
        Rows::listed(found, page, |l| l.leaf, |l| Ok(issue_row(l, read.quotes)))
    }
}
