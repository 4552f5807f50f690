//! The list of jobs: chosen by what they do, where they have got to and who asked, the latest first.

use chrono::NaiveDate;
use recoup_engine::known::end_of;
use recoup_model::access::{Permission, Sight};
use recoup_model::job::{JobKind, JobState};
use recoup_store::{JobFilter, JobPlace, Store};

use super::jobs::{JobBody, body};
use crate::http::access::Needs;
use crate::http::beside::{Beside, Part};
use crate::http::list::Rows;
use crate::http::moment::Subject;
use crate::http::problem::Problem;
use crate::http::query::{filter, words};

words! {
    /// What jobs do.
    KindWord {
        /// Import a file.
        Import = "import",
        /// Evaluate a pack.
        Evaluation = "evaluation",
        /// Close a period.
        PeriodClose = "period-close",
        /// Find a period ready, and ask that it be closed for good.
        HardClose = "hard-close",
        /// Simulate other parameters, or another component.
        Simulation = "simulation",
    } "write import, evaluation, period-close, hard-close or simulation"
}

impl From<KindWord> for JobKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Import => Self::Import,
            KindWord::Evaluation => Self::Evaluation,
            KindWord::PeriodClose => Self::PeriodClose,
            KindWord::HardClose => Self::HardClose,
            KindWord::Simulation => Self::Simulation,
        }
    }
}

words! {
    /// Where jobs have got to.
    StateWord {
        /// Nobody has it yet.
        Queued = "queued",
        /// A process has it.
        Running = "running",
        /// It had its effect.
        Done = "done",
        /// It says why, and had no effect; a close that failed has evaluated the ledger first, which stands.
        Failed = "failed",
        /// It was called off before it had its effect; likewise.
        Cancelled = "cancelled",
    } "write queued, running, done, failed or cancelled"
}

impl From<StateWord> for JobState {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Queued => Self::Queued,
            StateWord::Running => Self::Running,
            StateWord::Done => Self::Done,
            StateWord::Failed => Self::Failed,
            StateWord::Cancelled => Self::Cancelled,
        }
    }
}

filter! {
    /// Which jobs.
    JobsFilter {
        /// Only those that do this.
        kind: KindWord,
        /// Only those in this state.
        state: StateWord,
        /// Only those that this user asked for.
        actor: String,
        /// Only those asked for on this day or later, where the ledger's books are kept.
        from: NaiveDate,
        /// Only those asked for on this day or earlier, likewise.
        to: NaiveDate,
    }
}

/// The list of jobs.
pub(super) struct Jobs;

impl Beside for Jobs {
    type Row = JobBody;
    type Filter = JobsFilter;
    type Sort = ();
    type Place = JobPlace;
    const NEEDS: Needs = Needs::Leave(Permission::Read);
    const SUMMARY: &'static str = "Jobs: long work that was asked for, how far it is, and what came of it. They are known now.";
    const SORTS: &'static [(&'static str, ())] = &[("submitted", ())];
    const SORT: &'static str = "-submitted";

    fn path() -> String {
        "/api/v1/ledgers/{ledger}/jobs".to_owned()
    }

    fn page(store: &mut Store, subject: &Subject, filter: &JobsFilter, page: Part<Self>) -> Result<Rows<JobBody, JobPlace>, Problem> {
        let ledger = subject.ledger(store)?;
        if subject.pass.sight != Sight::Everything {
            return Ok(Rows { rows: Vec::new(), next: None });
        }
        let end = |day| end_of(&ledger, day).timestamp_millis();
        let which = JobFilter {
            kind: filter.kind.map(Into::into),
            state: filter.state.map(Into::into),
            actor: filter.actor.as_deref(),
            // A day begins when the one before is over; before the first there is nothing.
            from: filter.from.and_then(|day| day.pred_opt()).map(end),
            until: filter.to.map(end),
        };
        let found = store.jobs(ledger.id, which, page.descending, page.after, page.limit + 1)?;
        Rows::cut(found, page.limit, |job| (job.submitted, job.id), |job| Ok(body(&ledger.code, job)))
    }
}
