//! Long work: what it is, and which moves its state may make.

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
}

impl JobKind {
    const ALL: [Self; 3] = [Self::Import, Self::Evaluation, Self::PeriodClose];

    /// The word used in databases and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Evaluation => "evaluation",
            Self::PeriodClose => "period-close",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind of the command that is its effect.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Evaluation => "evaluate",
            Self::PeriodClose => "close-period",
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
    /// Somebody called it off; it changed nothing.
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

    /// Whether a job in this state may get into another one. A running job that nobody renews is taken by another process,
    /// and one that is handed back waits again.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Queued => matches!(next, Self::Running | Self::Cancelled),
            Self::Running => true,
            Self::Done | Self::Failed | Self::Cancelled => false,
        }
    }

    /// Whether it stays so.
    #[must_use]
    pub fn is_final(self) -> bool {
        Self::ALL.into_iter().all(|next| !self.may_become(next))
    }
}
