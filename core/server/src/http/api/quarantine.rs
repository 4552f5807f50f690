//! The quarantine: refused records, what has become of them, and their dismissal.

use actix_web::http::StatusCode;
use recoup_engine::quarantine::{dismiss, standings};
use recoup_model::access::Permission;
use recoup_model::id::BatchId;
use recoup_model::import::{Issue, Standing};
use recoup_store::{IssueFilter, Listed, Page, Sort, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::parties::NO_DAY;
use crate::http::export::cell::row;
use crate::http::list::{LIMIT_MAX, List, Rows};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::{Word as _, filter, words};
use crate::http::write::{Act, Answered, Verb, Write, written};

row! {
    /// A refused record.
    QuarantineRow {
        /// The import that refused it.
        import: Uuid,
        /// Order within the import.
        number: u64,
        /// open, mended or dismissed.
        state: &'static str,
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
    /// What has become of a refused record.
    StandingWord {
        /// It waits.
        Open = "open",
        /// A later file had it in order.
        Mended = "mended",
        /// Nobody will mend it.
        Dismissed = "dismissed",
    } "write open, mended or dismissed"
}

impl From<Standing> for StandingWord {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Open => Self::Open,
            Standing::Mended => Self::Mended,
            Standing::Dismissed => Self::Dismissed,
        }
    }
}

filter! {
    /// Which refused records.
    QuarantineFilter {
        /// Only those of this import.
        import: Uuid,
        /// Only those of files whose keys belong to this source system.
        system: String,
        /// Only those with this code.
        code: String,
        /// Only those in this state.
        state: StandingWord,
    }
}

/// The list of refused records.
pub(crate) struct Quarantine;

impl List for Quarantine {
    type Row = QuarantineRow;
    type Filter = QuarantineFilter;
    const PATH: &'static str = "/quarantine";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "The quarantine (隔离区): refused records, and whether a later file mended them or somebody dismissed them.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED)];

    fn page(read: &mut Read<'_, '_>, filter: &QuarantineFilter, page: &Page) -> Result<Rows<QuarantineRow>, Problem> {
        let known_at = read.moment.known_at;
        let which = IssueFilter { batch: filter.import.map(BatchId), kind: Some("refused"), code: filter.code.as_deref(), system: filter.system.as_deref() };
        let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let (mut rows, mut after) = (Vec::new(), page.after);
        loop {
            let part = Page { after, limit: LIMIT_MAX, ..*page };
            let issues = read.view.issues_page(which, &part, known_at)?;
            let standings = standings(read.view, &issues, known_at)?;
            after = issues.last().map(|l| l.leaf);
            let states = standings.into_iter().map(StandingWord::from);
            rows.extend(issues.into_iter().zip(states).filter(|(_, state)| filter.state.is_none_or(|s| s == *state)));
            if rows.len() > wanted || after.is_none() {
                break;
            }
        }
        Rows::listed(rows, page, |(l, _)| l.leaf, |(l, state)| Ok(quarantine_row(l, state, read.quotes)))
    }
}

fn quarantine_row(l: Listed<Issue>, state: StandingWord, quotes: bool) -> QuarantineRow {
    let Listed { record: i, position, .. } = l;
    let (key, message) = (Some(i.key).filter(|_| quotes), Some(i.message).filter(|_| quotes));
    QuarantineRow { import: i.batch.0, number: i.number, state: state.word(), code: i.code, locator: i.locator, key, message, position }
}

/// Which refused record is dismissed, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDismissal)]
pub(crate) struct DismissalBody {
    /// The import that refused it.
    import: Uuid,
    /// Its number within the import.
    number: u64,
    /// Why nobody will mend it.
    reason: String,
}

/// That a refused record is dismissed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dismissed {
    /// The import that refused it.
    import: Uuid,
    /// Its number within the import.
    number: u64,
    /// Why nobody will mend it.
    reason: String,
    /// The position that recorded it.
    position: i64,
}

/// Dismisses a refused record.
pub(crate) struct Dismiss;

impl Write for Dismiss {
    type Body = DismissalBody;
    type Answer = Dismissed;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/quarantine/dismissals";
    const NEEDS: Permission = Permission::Import;
    const SUMMARY: &'static str = "Dismisses a refused record that nobody will mend, with the reason.";
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &["quarantine.dismissed", "quarantine.reason", "quarantine.unknown"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &DismissalBody) -> Result<i64, Problem> {
        let position = dismiss(store, act.ledger, BatchId(body.import), body.number, &body.reason, act.by)?;
        written(position)
    }

    fn answer(read: &mut Read<'_, '_>, _: &Act<'_>, body: &DismissalBody) -> Result<Answered<Dismissed>, Problem> {
        let DismissalBody { import, number, reason } = body;
        let dismissed = Dismissed { import: *import, number: *number, reason: reason.clone(), position: read.moment.known_at };
        Ok(Answered { body: dismissed, location: None, version: None })
    }
}
