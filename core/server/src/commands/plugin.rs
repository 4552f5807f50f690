//! `recoup plugin`: build and inspect components.

use std::path::Path;
use std::process::ExitCode;

use recoup_host::{build, inspect};

use crate::cli::{self, Format};
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Table, print, text};

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
    let bytes = std::fs::read(file).map_err(|e| CliError::file(file, e))?;
    let i = inspect(&context.host()?, &bytes)?;
    if format == Format::Json {
        println!("{}", serde_json::to_string_pretty(&i).map_err(std::io::Error::from)?);
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
