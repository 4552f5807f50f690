//! What jobs are asked to do, as it is kept with them.

use chrono::NaiveDate;
use recoup_model::import::{BadRecords, Coverage};
use recoup_model::job::JobKind;
use recoup_model::period::Close;
use recoup_model::{Digest, Month};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a job is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "kebab-case")]
pub(crate) enum Request {
    /// Import a file.
    Import(Import),
    /// Evaluate a pack.
    Evaluation(Evaluation),
    /// Close a period.
    PeriodClose(PeriodClose),
    /// Find a period ready, and ask that it be closed for good.
    HardClose(HardClose),
    /// Simulate other parameters, or another component.
    Simulation(Simulation),
}

/// A file to import, as its source had it imported when it was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Import {
    pub file_name: String,
    pub system: String,
    pub profile: String,
    pub bad_records: BadRecords,
    pub coverage: Coverage,
    pub again: bool,
}

/// A pack to evaluate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Evaluation {
    pub pack: Option<String>,
    pub as_of: NaiveDate,
    pub full: bool,
}

/// A period to close.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PeriodClose {
    pub month: Month,
    pub pack: Option<String>,
    /// How firmly; for good where a job of an earlier release does not say.
    #[serde(default)]
    pub close: Close,
}

/// A period of which somebody asks that it be closed for good.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HardClose {
    pub month: Month,
    pub pack: Option<String>,
    /// Code of the unit that it concerns, where it concerns one alone.
    pub unit: Option<String>,
}

/// What to simulate, as in [`crate::simulation::Question`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Simulation {
    pub pack: Option<String>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub parameters: Option<Value>,
    pub component: Option<Digest>,
    /// As somebody wrote it.
    pub known_at: Option<String>,
    pub largest: usize,
}

impl Request {
    /// What kind of job it is.
    pub(crate) const fn kind(&self) -> JobKind {
        match self {
            Self::Import(_) => JobKind::Import,
            Self::Evaluation(_) => JobKind::Evaluation,
            Self::PeriodClose(_) => JobKind::PeriodClose,
            Self::HardClose(_) => JobKind::HardClose,
            Self::Simulation(_) => JobKind::Simulation,
        }
    }
}
