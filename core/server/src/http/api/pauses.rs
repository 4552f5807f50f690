//! Pauses of claims' clocks.

use chrono::NaiveDate;
use recoup_model::access::Permission;
use recoup_model::id::ReceivableId;
use recoup_model::pause::{Pause, PauseKind};
use recoup_store::{Listed, Page, PauseFilter, Sort};
use uuid::Uuid;

use crate::http::export::cell::row;
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::{filter, words};

words! {
    /// Why a clock stands.
    Kind {
        /// The claim is disputed.
        Dispute = "dispute",
        /// It is before a court or a tribunal.
        Litigation = "litigation",
        /// What nobody could avert keeps the debtor from paying.
        ForceMajeure = "force-majeure",
    } "write dispute, litigation or force-majeure"
}

impl From<Kind> for PauseKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Dispute => Self::Dispute,
            Kind::Litigation => Self::Litigation,
            Kind::ForceMajeure => Self::ForceMajeure,
        }
    }
}

row! {
    /// A pause (中止计龄): days on which the clock by which a claim ages stands.
    PauseRow {
        /// Its id.
        id: Uuid,
        /// Key.
        code: String,
        /// Of which receivable.
        receivable: Uuid,
        /// dispute, litigation or force-majeure.
        kind: &'static str,
        /// First day.
        from: NaiveDate,
        /// Last day, which is inside; it goes on when absent.
        until: Option<NaiveDate>,
        /// What it rests on.
        why: String,
        /// Whether the clock stands because of it on the day asked about.
        in_force: bool,
        /// Position that recorded this version.
        position: i64,
    }
}

filter! {
    /// Which pauses.
    PausesFilter {
        /// Only those of this kind.
        kind: Kind,
        /// Only those of this receivable.
        receivable: Uuid,
        /// Only those in force on the day (true), or only those that are not (false).
        in_force: bool,
    }
}

/// The list of pauses.
pub(crate) struct Pauses;

impl List for Pauses {
    type Row = PauseRow;
    type Filter = PausesFilter;
    const PATH: &'static str = "/pauses";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Pauses (中止计龄): days on which the clocks by which receivables age stand, and why. Withdrawn ones are not among them.";
    const AS_OF: &'static str = "Those that began by the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("from", Sort::PAUSE_FROM)];

    fn page(read: &mut Read<'_, '_>, filter: &PausesFilter, page: &Page) -> Result<Rows<PauseRow>, Problem> {
        let as_of = read.moment.as_of;
        let which = PauseFilter { kind: filter.kind.map(Into::into), receivable: filter.receivable.map(ReceivableId), in_force: filter.in_force };
        let found = read.view.pauses_page(which, &and_one(page), as_of, read.moment.known_at)?;
        Rows::listed(found, page, |l| l.leaf, |l| Ok(pause_row(l, as_of)))
    }
}

/// The pauses of a receivable, by first day.
pub(super) fn pauses_of(read: &mut Read<'_, '_>, receivable: ReceivableId) -> Result<Vec<PauseRow>, Problem> {
    let as_of = read.moment.as_of;
    let which = PauseFilter { receivable: Some(receivable), ..PauseFilter::default() };
    let found = read.view.pauses_page(which, &Page { sort: Sort::PAUSE_FROM, ..Page::ALL }, as_of, read.moment.known_at)?;
    Ok(found.into_iter().map(|l| pause_row(l, as_of)).collect())
}

fn pause_row(Listed { record: p, position, .. }: Listed<Pause>, as_of: NaiveDate) -> PauseRow {
    PauseRow {
        in_force: p.is_in_force(as_of),
        id: p.id.0,
        code: p.code,
        receivable: p.receivable.0,
        kind: p.kind.word(),
        from: p.from,
        until: p.until,
        why: p.why,
        position,
    }
}
