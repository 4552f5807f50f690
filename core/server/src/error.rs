//! Errors of the command line: a code, what is wrong, how to mend it.

use std::process::ExitCode;

use recoup_engine::EngineError;
use recoup_host::build::BuildError;
use recoup_host::{HostError, PluginError, SignatureError};
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
    Signature(#[from] SignatureError),
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("configuration: {0}")]
    Config(String),
    #[error("there is no {0} in plugins.directory: correct the plugin's name, build the plugin with `recoup plugin build`, or set plugins.directory")]
    NoPlugin(String),
    #[error("{path}: {why}")]
    File { path: String, why: String },
    #[error("{path}: {why}")]
    Content { path: String, why: String },
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
            Self::Signature(e) => e.code(),
            Self::Host(_) => "plugin.host",
            Self::Build(_) => "plugin.build",
            Self::NoPlugin(_) => "plugin.unknown",
            Self::Config(_) => "config.invalid",
            Self::File { .. } => "file.unreadable",
            Self::Content { .. } => "file.invalid",
            Self::Usage(_) => "usage",
            Self::Output(_) => "output.failed",
            Self::Failed(_) => "failed",
        }
    }

    pub(crate) fn file(path: &std::path::Path, why: impl std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), why: why.to_string() }
    }

    /// A file that can be read and does not say what it should.
    pub(crate) fn content(path: &std::path::Path, why: impl std::fmt::Display) -> Self {
        Self::Content { path: path.display().to_string(), why: why.to_string() }
    }

    /// 0 where whoever read the output has gone, as `head` does; 2 for a wrong command line, as the parser has it; else 1.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Output(e) if e.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Self::Usage(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Prints an error with its causes, once.
pub(crate) fn print(e: &CliError) {
    if e.exit_code() == ExitCode::SUCCESS {
        return;
    }
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
