//! Long work: what it is, and where it has got to.

use serde::{Deserialize, Serialize};

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    /// Imports a file.
    Import,
    /// Evaluates a pack.
    Evaluation,
    /// Closes a period.
    PeriodClose,
    /// Finds a period ready, and asks that it be closed for good.
    HardClose,
    /// Simulates other parameters, or another component.
    Simulation,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Import, Self::Evaluation, Self::PeriodClose, Self::HardClose, Self::Simulation];

    /// The word used in databases and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Evaluation => "evaluation",
            Self::PeriodClose => "period-close",
            Self::HardClose => "hard-close",
            Self::Simulation => "simulation",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind of the command that is its effect; none where it writes nothing.
    #[must_use]
    pub const fn command(self) -> Option<&'static str> {
        match self {
            Self::Import => Some("import"),
            Self::Evaluation => Some("evaluate"),
            Self::PeriodClose => Some("close-period"),
            Self::HardClose => Some("ask-approval"),
            Self::Simulation => None,
        }
    }
}

/// Where a job has got to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits for a process.
    Queued,
    /// A process works on it.
    Running,
    /// It did what it is for.
    Done,
    /// It cannot be done.
    Failed,
    /// Somebody called it off; what it is for did not happen. (A close evaluates first: that may have happened.)
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// The word used in databases and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether it stays so.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}
