//! Errors of the command line: a code, what is wrong, how to mend it.

use recoup_engine::EngineError;
use recoup_host::build::BuildError;
use recoup_host::{HostError, PluginError};
use recoup_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("configuration: {0}")]
    Config(String),
    #[error("{path}: {why}")]
    File { path: String, why: String },
    #[error("{0}")]
    Usage(String),
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
    #[error("{0}")]
    Failed(String),
}

impl CliError {
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Engine(e) => e.code(),
            Self::Store(e) => e.code(),
            Self::Plugin(e) => e.code(),
            Self::Host(_) => "plugin.host",
            Self::Build(_) => "plugin.build",
            Self::Config(_) => "config.invalid",
            Self::File { .. } => "file.unreadable",
            Self::Usage(_) => "usage",
            Self::Output(_) => "output.failed",
            Self::Failed(_) => "failed",
        }
    }

    pub(crate) fn file(path: &std::path::Path, why: impl std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), why: why.to_string() }
    }
}

/// Prints an error with its causes, once.
pub(crate) fn print(e: &CliError) {
    eprintln!("error [{}]: {e}", e.code());
    let mut cause = std::error::Error::source(e);
    // A transparent variant's source is already what was printed.
    let mut last = e.to_string();
    while let Some(c) = cause {
        let text = c.to_string();
        if text != last {
            eprintln!("  because: {text}");
        }
        last = text;
        cause = c.source();
    }
}
