//! The operator's log, on standard error. No field of it carries personal data.

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};
use crate::error::CliError;

pub(crate) fn start(log: &Log) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| CliError::Config(format!("`log.level` = `{}`: {e}", log.level)))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Human => subscriber.init(),
        LogFormat::Json => subscriber.json().init(),
    }
    Ok(())
}
