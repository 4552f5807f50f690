//! What can go wrong in the engine, each with a stable code.

use recoup_host::PluginError;
use recoup_model::MoneyError;
use recoup_model::calendar::{Date, Month};
use recoup_model::parameter::ParameterChange;
use recoup_model::period::{CloseFault, ReopenFault};
use recoup_store::StoreError;

use crate::access::AccessError;
use crate::approval::ApprovalError;
use crate::known::NotKnown;
use crate::period::Check;

/// An operation that did not happen; the ledger is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A plugin.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A file that cannot be read.
    #[error("cannot read {path}: check that it exists and may be read")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file with nothing in it.
    #[error("{0} is empty: export it again")]
    EmptyFile(String),
    /// A file beyond the configured size.
    #[error("{path} has {size} bytes, more than the {limit} that `import.file_bytes_max` allows: split the export or raise the limit")]
    FileTooLarge {
        /// Which.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The adapter does not recognise the file.
    #[error("adapter `{adapter}` does not recognise {path}: choose another profile")]
    NotThisFormat {
        /// Which file.
        path: String,
        /// Which adapter.
        adapter: String,
    },
    /// Whoever asked for it wants it no more.
    #[error("the work was stopped; nothing was changed")]
    Stopped,
    /// One bad record refuses an all-or-nothing file.
    #[error("{refused} of {read} records are refused, and the file is imported whole or not at all: mend them, or import with `--bad-records quarantine`")]
    Refused {
        /// How many are refused.
        refused: u64,
        /// How many were read.
        read: u64,
        /// Why, record by record.
        issues: Vec<recoup_model::import::Issue>,
    },
    /// The file was imported before, and later files corrected what it says.
    #[error(
        "this file was imported at position {position}, and {records} of its records were corrected since: export it anew, or import it with --again to make the ledger say this"
    )]
    Superseded {
        /// Where its import stands.
        position: i64,
        /// How many records it would set back.
        records: u64,
    },
    /// A day that is not over.
    #[error("{asked} lies in the future: evaluate as of {today} or earlier")]
    Future {
        /// The day asked for.
        asked: Date,
        /// The business date.
        today: Date,
    },
    /// Parameters that the pack refuses.
    #[error("the parameters of `{pack}` cannot be used: {problems}")]
    Parameters {
        /// Which pack.
        pack: String,
        /// Each problem with its path.
        problems: String,
    },
    /// Parameters that become other ones on days that are evaluated.
    #[error(
        "the parameters of `{pack}` change what was in force on days that are evaluated, up to {evaluated}: {}: date the change after {evaluated}, or have it approved (`recoup approval ask parameters FILE --pack {pack}`)",
        one_after_another(.changes)
    )]
    Retroactive {
        /// Which pack.
        pack: String,
        /// The last day that is evaluated.
        evaluated: Date,
        /// Each of them.
        changes: Vec<ParameterChange>,
    },
    /// Time does not run backwards.
    #[error("the ledger was evaluated as of {last}: {asked} lies before it; evaluate as of {last} or later, and read the past with `--as-of`")]
    Backwards {
        /// The day asked for.
        asked: Date,
        /// The last evaluation's day.
        last: Date,
    },
    /// Somebody else evaluated in between.
    #[error("another evaluation of `{0}` finished meanwhile: run it again")]
    EvaluationRace(String),
    /// A period that does not close.
    #[error(transparent)]
    Close(#[from] CloseFault),
    /// A period whose checklist is not met.
    #[error("{month} does not close: {}", one_after_another(.failing))]
    NotReady {
        /// Which period.
        month: Month,
        /// Each line that is not met.
        failing: Vec<Check>,
    },
    /// Closing for good is a matter of the authority table.
    #[error("closing {0} for good takes an approval: ask for it (`recoup approval ask hard-close {0}`), and the approval closes it")]
    CloseNeedsApproval(Month),
    /// A period that cannot be opened again.
    #[error(transparent)]
    Reopen(#[from] ReopenFault),
    /// A request, a decision or an authority is refused.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// A fact that cannot be recorded.
    #[error("{what}: {mend}")]
    Fact {
        /// Stable code.
        code: &'static str,
        /// What is wrong.
        what: String,
        /// How to mend it.
        mend: String,
    },
    /// What was known at a time that the log does not have.
    #[error(transparent)]
    NotKnown(#[from] NotKnown),
    /// Access, or a change of it, is refused.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Arithmetic beyond its range.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A scenario file that is none.
    #[error("{path}: {what}")]
    Scenario {
        /// Which file.
        path: String,
        /// What is wrong.
        what: String,
    },
}

impl EngineError {
    /// Stable machine-readable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Store(e) => e.code(),
            Self::Plugin(e) => e.code(),
            Self::File { .. } => "import.unreadable",
            Self::EmptyFile(_) => "import.empty_file",
            Self::FileTooLarge { .. } => "import.file_too_large",
            Self::NotThisFormat { .. } => "import.not_this_format",
            Self::Stopped => "job.stopped",
            Self::Refused { .. } => "import.refused",
            Self::Superseded { .. } => "import.superseded",
            Self::Future { .. } => "evaluate.future",
            Self::Parameters { .. } => "policy.parameters",
            Self::Retroactive { .. } => "policy.retroactive",
            Self::Backwards { .. } => "evaluate.backwards",
            Self::EvaluationRace(_) => "evaluate.race",
            Self::Close(_) => "period.close",
            Self::NotReady { failing, .. } => failing.first().map_or("period.close", |check| check.code),
            Self::CloseNeedsApproval(_) => "period.needs_approval",
            Self::Reopen(_) => "period.reopen",
            Self::Approval(e) => e.code(),
            Self::Fact { code, .. } => code,
            Self::NotKnown(_) => "request.known_at",
            Self::Access(e) => e.code(),
            Self::Money(_) => "money.invalid",
            Self::Scenario { .. } => "scenario.invalid",
        }
    }
}

/// All that is in the way, one after the other.
fn one_after_another<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
