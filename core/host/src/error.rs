//! What can go wrong with a plugin, each with a stable code and what to do about it.

use std::fmt;

use recoup_model::Digest;

/// The host itself cannot start.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The WebAssembly engine refuses its configuration.
    #[error("the plugin engine cannot start: {0}; check the `limits` in the configuration")]
    Engine(String),
    /// The thread that watches over timeouts cannot start.
    #[error("the plugin clock cannot start: {0}")]
    Clock(#[from] std::io::Error),
}

/// Which plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginName {
    /// Its id, empty while it is not known.
    pub id: String,
    /// Its version, empty while it is not known.
    pub version: String,
    /// Digest of its component.
    pub digest: Digest,
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id.is_empty() {
            write!(f, "plugin ({})", self.digest.short())
        } else {
            write!(f, "plugin `{}` {} ({})", self.id, self.version, self.digest.short())
        }
    }
}

/// What a plugin says is wrong with a file, a profile or a parameter set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable code of the plugin, such as `table.header_missing`.
    pub code: String,
    /// Where: a row, an XPath, the path of a parameter.
    pub at: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "" } else { " at " };
        write!(f, "{}{at}{}: {}", self.code, self.at, self.message)
    }
}

/// A plugin that cannot be loaded, or a call that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{plugin}{}: {what}", Place(place))]
pub struct PluginError {
    /// Which plugin.
    pub plugin: Box<PluginName>,
    /// Which call, batch or item, as far as it is known.
    pub place: String,
    /// What went wrong.
    pub what: What,
}

struct Place<'a>(&'a str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " in {}", self.0) }
    }
}

/// The ways in which a plugin fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// It used all its fuel: the same input ends the same way everywhere.
    #[error("used its {budget} units of fuel without an answer; mend its loop, or raise `fuel_per_record` if the work is honest")]
    OutOfFuel {
        /// What the call was given.
        budget: u64,
    },
    /// It was stopped by the clock. No result: the same call may succeed on an idle machine.
    #[error("no answer within {after_ms} ms; try again, or raise `batch_timeout_ms`")]
    Timeout {
        /// The time it had.
        after_ms: u64,
    },
    /// All instances are in use.
    #[error("no free instance within {after_ms} ms; try again, or raise `pool_size`")]
    Busy {
        /// How long the call waited.
        after_ms: u64,
    },
    /// It asked for more memory or tables than it may have.
    #[error("asked for {asked} {unit} and may have {allowed}; pass it less at once, or raise the limit")]
    Memory {
        /// What it asked for.
        asked: u64,
        /// What it may have.
        allowed: u64,
        /// Bytes or table elements.
        unit: &'static str,
    },
    /// It stopped itself or broke a rule of WebAssembly.
    #[error("panicked ({0}); its log may say why, and its author must mend it")]
    Panicked(String),
    /// Its calls are nested too deeply.
    #[error("ran out of stack; mend its recursion, or raise `stack_bytes_max`")]
    StackOverflow,
    /// What it answered breaks the contract.
    #[error("its answer breaks the contract: {0}; its author must mend it")]
    BadOutput(String),
    /// The plugin's own judgement on its input: not a fault of the plugin.
    #[error("refused its input: {0}")]
    Rejected(Problem),
    /// It speaks another contract, or is used for what it does not do.
    #[error("does not fit: {0}")]
    Incompatible(String),
    /// It wants more of its host than a plugin gets.
    #[error("asks for {}, which no plugin gets; build it without them (no WASI: target wasm32-unknown-unknown)", .0.join(", "))]
    ImportRefused(Vec<String>),
    /// It is no component.
    #[error("cannot be read: {0}")]
    Malformed(String),
    /// A file, an answer or a request beyond its limit.
    #[error("{what} has {size} bytes and may have {limit}")]
    TooLarge {
        /// Of what.
        what: String,
        /// How large it is, at least.
        size: u64,
        /// How large it may be.
        limit: u64,
    },
    /// Reading the input file failed on this side.
    #[error("the input cannot be read: {0}")]
    Input(String),
    /// The engine failed where the plugin is not to blame.
    #[error("the plugin engine failed: {0}")]
    Engine(String),
}

impl What {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfFuel { .. } => "plugin.out_of_fuel",
            Self::Timeout { .. } => "plugin.timeout",
            Self::Busy { .. } => "plugin.busy",
            Self::Memory { .. } => "plugin.memory",
            Self::Panicked(_) => "plugin.panicked",
            Self::StackOverflow => "plugin.stack_overflow",
            Self::BadOutput(_) => "plugin.bad_output",
            Self::Rejected(_) => "plugin.rejected_input",
            Self::Incompatible(_) => "plugin.incompatible",
            Self::ImportRefused(_) => "plugin.import_refused",
            Self::Malformed(_) => "plugin.malformed",
            Self::TooLarge { .. } => "plugin.too_large",
            Self::Input(_) => "plugin.input_unreadable",
            Self::Engine(_) => "plugin.engine",
        }
    }

    /// Whether the failure says nothing about the input: the call may be tried again.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Busy { .. } | Self::Input(_) | Self::Engine(_))
    }
}

impl PluginError {
    /// The stable code, such as `plugin.out_of_fuel`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.what.code()
    }

    /// Whether the failure says nothing about the input: the call may be tried again.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        self.what.is_transient()
    }

    /// The plugin's own judgement on its input, if that is what this is.
    #[must_use]
    pub const fn rejected(&self) -> Option<&Problem> {
        match &self.what {
            What::Rejected(problem) => Some(problem),
            _ => None,
        }
    }
}
