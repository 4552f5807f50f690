//! The table adapter in the sandbox against the very same crate compiled native.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recoup_adapter_table::Table;
use recoup_host::{AdapterPlugin, Input, Items};
use recoup_sdk::adapter::native;

use super::{Line, Setup, data, differ, grouped, per_second, ratio};
use crate::context::For;
use crate::error::CliError;

/// Rows of the file.
const ROWS: usize = 200_000;
/// Items per batch.
const BATCH: usize = 10_000;
/// Interleaved rounds; the best of each side counts.
const ROUNDS: usize = 7;
/// Hundredths.
const RATIO_MAX: u64 = 200;

pub(super) fn run(bench: &Setup<'_>) -> Result<Vec<Line>, CliError> {
    let rows = bench.size(ROWS);
    let files = [
        ("u8-ar-detail, GB18030", "u8-ar-detail", data::u8_ledger(rows)),
        ("receivables-simple, UTF-8", "receivables-simple", { data::receivables_csv(&data::receivables(rows)) }),
    ];
    let mut lines = Vec::new();
    for (what, profile, bytes) in files {
        let profile = bench.context.profile(profile)?;
        let adapter = bench.context.adapter(&bench.host, &profile.adapter, For::Trial)?;
        let file: Arc<[u8]> = bytes.into();
        let (mut inside, mut outside) = (Duration::MAX, Duration::MAX);
        let same = sandboxed(&adapter, &file, &profile.json, true)?.1 == natively(&file, &profile.json, true)?.1;
        if !same {
            return Err(differ("the items of sandbox and native build"));
        }
        for _ in 0..ROUNDS {
            outside = outside.min(natively(&file, &profile.json, false)?.0);
            inside = inside.min(sandboxed(&adapter, &file, &profile.json, false)?.0);
        }
        let figure = format!("{} rows/s", grouped(per_second(rows, inside)));
        let note = format!("native {} rows/s; batches of {}", grouped(per_second(rows, outside)), grouped(BATCH as u64));
        lines.push(Line::ratio(format!("adapter, {what}, sandbox : native"), figure, ratio(inside, outside), Some(RATIO_MAX)).note(note));
    }
    Ok(lines)
}

/// Reads the file through the sandbox, with fuel; keeps the batches when asked to.
fn sandboxed(adapter: &AdapterPlugin, file: &Arc<[u8]>, profile: &str, keep: bool) -> Result<(Duration, Vec<Items>), CliError> {
    let mut kept = Vec::new();
    let input: Arc<dyn Input> = Arc::new(Arc::clone(file));
    let start = Instant::now();
    let mut session = adapter.session(input, profile)?;
    while let Some(items) = session.next(BATCH)? {
        if keep {
            kept.push(items);
        }
    }
    session.finish()?;
    Ok((start.elapsed(), kept))
}

/// Reads the file through the native build of the same crate, to the same checked columns.
fn natively(file: &Arc<[u8]>, profile: &str, keep: bool) -> Result<(Duration, Vec<Items>), CliError> {
    let failed = |problem: recoup_sdk::adapter::Problem| CliError::Failed(problem.to_string());
    let mut kept = Vec::new();
    let start = Instant::now();
    let mut session = native::open::<Table>(Arc::clone(file), profile).map_err(failed)?;
    loop {
        let items = session.next(BATCH).map_err(failed)?;
        if items.is_empty() {
            break;
        }
        let items = items.check().map_err(|e| CliError::Failed(e.0))?;
        if keep {
            kept.push(items);
        }
    }
    session.finish().map_err(failed)?;
    Ok((start.elapsed(), kept))
}
