//! Import of a file into a fresh database, against a plain bulk insert of the same rows.

use std::time::Duration;

use recoup_engine::intake::{self, Imported, Request};
use recoup_model::import::{BadRecords, Coverage};
use recoup_store::bench::Scratch;

use super::{Database, Line, Setup, data, differ, ledgers, ms, per_second, ratio, timed};
use crate::context::{ACTOR, Context, For};
use crate::error::CliError;

const ROWS: usize = 200_000;
/// Each into a fresh database; the best counts.
const ROUNDS: usize = 3;
const ROWS_PER_SECOND: u64 = 20_000;

pub(super) fn run(bench: &Setup<'_>) -> Result<Vec<Line>, CliError> {
    let rows = bench.size(ROWS);
    let plain = data::receivables(rows);
    let path = bench.folder.path().join("receivables.csv");
    std::fs::write(&path, data::receivables_csv(&plain))?;
    let ledger_path = bench.folder.path().join("u8.csv");
    std::fs::write(&ledger_path, data::u8_ledger(rows))?;
    let mut lines = Vec::new();
    for database in bench.databases() {
        let name = database.name();
        let (mut best, mut insert): (Option<(Imported, Duration)>, _) = (None, Duration::MAX);
        for _ in 0..ROUNDS {
            let scratch = database.fresh()?;
            insert = insert.min(timed(|| Ok(scratch.plain_insert(&plain)?))?.1);
            drop(scratch);
            let (imported, took) = import(bench, database, &path, "receivables-simple")?;
            if imported.batch.counts.refused > 0 || imported.batch.counts.read < u64::try_from(rows).unwrap_or(u64::MAX) {
                return Err(differ("the rows of file and ledger"));
            }
            if best.as_ref().is_none_or(|(_, b)| took < *b) {
                best = Some((imported, took));
            }
        }
        let Some((imported, took)) = best else { continue };
        let note = format!("{} staging, {} locked; ratio to a plain bulk insert ({})", ms(imported.staging), ms(imported.locked), ms(insert));
        let line = Line::rate(format!("import, receivables, {name}"), per_second(rows, took), "rows", Some(ROWS_PER_SECOND));
        lines.push(line.with_ratio(ratio(took, insert)).note(note));

        let (imported, took) = import(bench, database, &ledger_path, "u8-ar-detail")?;
        if imported.batch.counts.refused > 0 {
            return Err(differ("the rows of file and ledger"));
        }
        let note = format!("{} staging, {} locked; invoices, receipts and clearing", ms(imported.staging), ms(imported.locked));
        lines.push(Line::rate(format!("import, U8 ledger, {name}"), per_second(rows, took), "rows", Some(ROWS_PER_SECOND)).note(note));
    }
    Ok(lines)
}

/// Imports a file into a ledger of a database of its own.
fn import(bench: &Setup<'_>, database: Database<'_>, path: &std::path::Path, profile: &str) -> Result<(Imported, Duration), CliError> {
    let scratch: Scratch = database.fresh()?;
    let mut store = scratch.store()?;
    let ledger = ledgers::open(&mut store)?;
    let profile = bench.context.profile(profile)?;
    let adapter = bench.context.adapter(&bench.host, &profile.adapter, For::Trial)?;
    let request = Request {
        path,
        system: &profile.id,
        profile: &profile.id,
        profile_json: &profile.json,
        bad_records: BadRecords::Quarantine,
        coverage: Coverage::Delta,
        again: false,
        file_bytes_max: bench.context.config.import.file_bytes_max,
        batch_items: bench.context.config.import.batch_items,
        actor: ACTOR,
        recorded_at: Context::now(),
    };
    timed(|| Ok(intake::import(&mut store, &adapter, &ledger, &request, &mut |_, _| std::ops::ControlFlow::Continue(()))?))
}
