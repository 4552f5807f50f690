//! `recoup plugin`: build and inspect components.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use recoup_host::{Inspection, build, inspect};
use serde::Serialize;

use crate::cli::{self, Format};
use crate::component::{Component, trusted_keys};
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Table, print, text};

/// What is shown of a component.
#[derive(Serialize)]
struct Inspected<'a> {
    #[serde(flatten)]
    plugin: &'a Inspection,
    signature: Signed<'a>,
}

/// What is shown of its signature.
#[derive(Serialize)]
struct Signed<'a> {
    /// signed, modified, unknown-key, revoked, invalid or unsigned.
    state: &'static str,
    /// Number of the key that signed, or is said to have.
    key: Option<String>,
    /// Whose it is, where it is known.
    label: Option<&'a str>,
}

impl fmt::Display for Signed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.state)?;
        match (&self.key, self.label) {
            (Some(key), Some(label)) => write!(f, " (key {key}, {label})"),
            (Some(key), None) => write!(f, " (key {key})"),
            (None, _) => Ok(()),
        }
    }
}

pub(crate) fn run(context: &Context, format: Format, what: &cli::Plugin) -> Result<ExitCode, CliError> {
    match what {
        cli::Plugin::Build { dir, out } => build_one(context, dir, out.as_deref()),
        cli::Plugin::Inspect { file } => inspect_one(context, format, file),
    }
}

fn build_one(context: &Context, dir: &Path, out: Option<&Path>) -> Result<ExitCode, CliError> {
    let built = build::build(dir, out)?;
    let path = match out {
        Some(_) => built.path,
        None => {
            // The component itself says what it is called.
            let bytes = std::fs::read(&built.path).map_err(|e| CliError::file(&built.path, e))?;
            let id = inspect(&context.host()?, &bytes)?.id;
            let folder = &context.config.plugins.directory;
            std::fs::create_dir_all(folder).map_err(|e| CliError::file(folder, e))?;
            let path = folder.join(format!("{id}.wasm"));
            // Written beside and renamed, so that a running import never reads half a file.
            let partial = folder.join(format!("{id}.wasm.partial"));
            std::fs::write(&partial, &bytes).map_err(|e| CliError::file(&partial, e))?;
            std::fs::rename(&partial, &path).map_err(|e| CliError::file(&path, e))?;
            path
        }
    };
    println!("{}  {} bytes  sha256 {}", path.display(), built.bytes, built.digest);
    Ok(ExitCode::SUCCESS)
}

fn inspect_one(context: &Context, format: Format, file: &Path) -> Result<ExitCode, CliError> {
    let component = Component::read(file.to_owned())?;
    // Without a signature, nothing is asked of the trust list, and no database is needed.
    let keys = if component.claims_a_signature() { trusted_keys(&mut context.store()?)? } else { Vec::new() };
    let signature = component.signature(&keys);
    let signature = Signed { state: signature.word(), key: signature.number().map(|n| n.to_string()), label: signature.label() };
    let i = inspect(&context.host()?, component.bytes())?;
    if format == Format::Json {
        println!("{}", serde_json::to_string_pretty(&Inspected { plugin: &i, signature }).map_err(std::io::Error::from)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new("plugin", format!("Plugin {}", i.id), vec![text("what", "what"), text("value", "value")]);
    let limits = &context.config.sandbox;
    for (what, value) in [
        ("kind", i.kind.to_string()),
        ("version", i.version.clone()),
        ("contract", i.contract.clone()),
        ("digest", i.digest.to_string()),
        ("bytes", i.bytes.to_string()),
        ("signature", signature.to_string()),
        ("imports", i.imports.join("\n")),
        ("exports", i.exports.join("\n")),
        ("memory limit", format!("{} bytes", limits.memory_bytes_max)),
        ("fuel limit", format!("{} a batch and {} a record", limits.fuel_per_batch, limits.fuel_per_record)),
        ("description", serde_json::to_string_pretty(&i.description).map_err(std::io::Error::from)?),
    ] {
        table.row(vec![what.to_owned(), value]);
    }
    print(format, &[table])?;
    Ok(ExitCode::SUCCESS)
}
