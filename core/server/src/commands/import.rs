//! `recoup import`: an export becomes records of a ledger.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use recoup_engine::EngineError;
use recoup_engine::intake::{self, Imported, Request, of_kind};
use recoup_engine::source::in_use;
use recoup_host::Host;
use recoup_model::import::{BadRecords, ControlTotal, Coverage, Issue, IssueKind};
use recoup_model::record::Ledger;
use recoup_store::Store;
use rust_decimal::Decimal;

use crate::cli::{self, Format, Import};
use crate::context::{ACTOR, Context, For};
use crate::error::CliError;
use crate::output::{Table, number, print, text};

/// Issues shown to people; machines get all.
const SHOWN: usize = 50;

pub(crate) fn run(context: &Context, format: Format, args: &Import) -> Result<ExitCode, CliError> {
    let host = context.host()?;
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    let source = args.source.as_deref().map(|name| store.read(ledger.id, |view| in_use(view, name))).transpose()?;
    let file = match &source {
        Some(source) => File {
            path: &args.file,
            profile: &source.profile,
            system: Some(&source.system),
            bad_records: Some(match source.bad_records {
                BadRecords::AllOrNothing => cli::BadRecords::AllOrNothing,
                BadRecords::Quarantine => cli::BadRecords::Quarantine,
            }),
            snapshot: source.coverage == Coverage::Snapshot,
            again: args.again,
        },
        None => File {
            path: &args.file,
            profile: args.profile.as_deref().unwrap_or_default(),
            system: args.system.as_deref(),
            bad_records: args.bad_records,
            snapshot: args.snapshot,
            again: args.again,
        },
    };
    match import(context, &host, &mut store, &ledger, &file, Context::now()) {
        Ok(imported) => {
            print(format, &tables(&imported, format))?;
            let quarantined = imported.batch.counts.refused > 0;
            Ok(if quarantined { ExitCode::from(super::QUARANTINED) } else { ExitCode::SUCCESS })
        }
        Err(CliError::Engine(EngineError::Refused { refused, read, issues })) => {
            print(format, &[issue_table("refused", "Refused records", &issues.iter().filter(|i| i.kind == IssueKind::Refused).collect::<Vec<_>>(), format)])?;
            Err(EngineError::Refused { refused, read, issues }.into())
        }
        Err(e) => Err(e),
    }
}

/// One file to import.
pub(crate) struct File<'a> {
    pub path: &'a Path,
    pub profile: &'a str,
    pub system: Option<&'a str>,
    pub bad_records: Option<cli::BadRecords>,
    pub snapshot: bool,
    pub again: bool,
}

/// Imports a file with a progress bar.
pub(crate) fn import(
    context: &Context,
    host: &Host,
    store: &mut Store,
    ledger: &Ledger,
    file: &File<'_>,
    recorded_at: DateTime<Utc>,
) -> Result<Imported, CliError> {
    let profile = context.profile(file.profile)?;
    let adapter = context.adapter(host, &profile.adapter, For::Books(store))?;
    let bad_records = match file.bad_records.unwrap_or(context.config.import.bad_records) {
        cli::BadRecords::AllOrNothing => BadRecords::AllOrNothing,
        cli::BadRecords::Quarantine => BadRecords::Quarantine,
    };
    let request = Request {
        path: file.path,
        system: file.system.unwrap_or(&profile.id),
        profile: &profile.id,
        profile_json: &profile.json,
        bad_records,
        coverage: if file.snapshot { Coverage::Snapshot } else { Coverage::Delta },
        again: file.again,
        file_bytes_max: context.config.import.file_bytes_max,
        batch_items: context.config.import.batch_items,
        actor: ACTOR,
        recorded_at,
    };
    let size = std::fs::metadata(file.path).map_or(0, |m| m.len());
    // Hidden by itself where standard error is not a terminal.
    let bar = ProgressBar::new(size);
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}  {msg}  {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let imported = intake::import(store, &adapter, ledger, &request, &mut |bytes, rows| {
        bar.set_position(bytes);
        bar.set_message(format!("{rows} records"));
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let imported = imported?;
    tracing::info!(
        batch.id = %imported.batch.id,
        batch.position = imported.position,
        batch.records_read = imported.batch.counts.read,
        batch.records_refused = imported.batch.counts.refused,
        staging_ms = u64::try_from(imported.staging.as_millis()).unwrap_or(u64::MAX),
        ledger_locked_ms = u64::try_from(imported.locked.as_millis()).unwrap_or(u64::MAX),
        "imported"
    );
    Ok(imported)
}

/// What became of the file, as tables.
pub(crate) fn tables(imported: &Imported, format: Format) -> Vec<Table> {
    let b = &imported.batch;
    let name = &b.file_name;
    let again = if imported.replayed { " (imported before: this is the first result)" } else { "" };
    let mut counts = Table::new(
        "batch",
        format!("Batch {name}{again}"),
        vec![
            number("position", "position"),
            number("read", "read"),
            number("added", "added"),
            number("corrected", "corrected"),
            number("unchanged", "unchanged"),
            number("skipped", "left out"),
            number("refused", "refused"),
            number("missing", "missing"),
            number("staging_ms", "read in ms"),
            number("ledger_locked_ms", "ledger locked ms"),
            text("file", "file digest"),
        ],
    );
    let c = b.counts;
    let times = [imported.staging, imported.locked].map(|t| if imported.replayed { String::new() } else { t.as_millis().to_string() });
    let cells = [c.read, c.added, c.corrected, c.unchanged, c.skipped, c.refused, c.missing].map(|n| n.to_string());
    counts.row([imported.position.to_string()].into_iter().chain(cells).chain(times).chain([b.file.short()]).collect());
    let mut tables = vec![counts, controls(&b.controls)];
    let refused: Vec<&Issue> = of_kind(&imported.issues, IssueKind::Refused).collect();
    let missing: Vec<&Issue> = of_kind(&imported.issues, IssueKind::Missing).collect();
    let findings: Vec<&Issue> = of_kind(&imported.issues, IssueKind::Control).collect();
    tables.push(left_out(&imported.issues));
    for (name, title, issues) in
        [("refused", "Refused records", refused), ("missing", "Missing from the snapshot", missing), ("findings", "Findings", findings)]
    {
        if !issues.is_empty() {
            tables.push(issue_table(name, title, &issues, format));
        }
    }
    tables
}

fn controls(controls: &[ControlTotal]) -> Table {
    let columns = vec![
        text("name", "control total"),
        text("subject", "of"),
        number("stated", "stated"),
        number("read", "read"),
        number("stored", "stored"),
        text("agrees", "agrees"),
    ];
    let mut table = Table::new("control_totals", "Control totals", columns);
    let figure = |d: Option<Decimal>| d.map_or_else(String::new, |d| d.to_string());
    for t in controls {
        let agrees = if t.agrees() { "yes" } else { "NO" };
        table.row(vec![t.name.clone(), t.subject.clone(), figure(t.stated), figure(t.read), figure(t.stored), agrees.to_owned()]);
    }
    table
}

/// Left-out records by reason.
fn left_out(issues: &[Issue]) -> Table {
    let mut reasons: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    for i in of_kind(issues, IssueKind::Skipped) {
        reasons.entry(&i.code).or_insert((0, &i.locator)).0 += 1;
    }
    let mut table = Table::new("left_out", "Left out on purpose", vec![text("reason", "reason"), number("records", "records"), text("first", "first at")]);
    for (reason, (count, first)) in reasons {
        table.row(vec![reason.to_owned(), count.to_string(), first.to_owned()]);
    }
    table
}

pub(crate) fn issue_table(name: &'static str, title: &str, issues: &[&Issue], format: Format) -> Table {
    let shown = if format == Format::Table { SHOWN } else { usize::MAX };
    let more = issues.len().saturating_sub(shown);
    let title = if more > 0 { format!("{title} (the first {shown}; {more} more)") } else { title.to_owned() };
    let mut table = Table::new(name, title, vec![text("at", "where"), text("key", "key"), text("code", "code"), text("message", "what, and how to mend it")]);
    for i in issues.iter().take(shown) {
        table.row(vec![i.locator.clone(), i.key.clone(), i.code.clone(), i.message.clone()]);
    }
    table
}
