//! `recoup bench`: each stated performance limit, measured against its yardstick in the same run.

mod adapter;
mod aging;
mod data;
mod evaluate;
mod http;
mod import;
mod ledgers;
mod packs;
mod rules;
mod year;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use recoup_host::Host;
use recoup_store::bench::Scratch;
use tempfile::TempDir;

use crate::cli::{Bench, BenchKind, Format};
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Table, number, print, text};

/// Everything, in the order in which it is measured.
const ALL: [BenchKind; 8] =
    [BenchKind::Adapter, BenchKind::Rules, BenchKind::Import, BenchKind::Evaluate, BenchKind::Packs, BenchKind::Aging, BenchKind::Http, BenchKind::Year];

pub(crate) fn run(context: &Context, format: Format, args: &Bench) -> Result<ExitCode, CliError> {
    let bench = Setup { context, host: context.host()?, folder: tempfile::tempdir()?, postgres: args.postgres.as_deref(), scale: args.scale };
    let columns =
        vec![text("what", "what"), number("figure", "figure"), number("limit", "limit"), number("ratio", "ratio"), text("ok", "ok"), text("note", "note")];
    let mut table = Table::new("bench", "Benchmarks", columns);
    let mut met = true;
    for kind in ALL.into_iter().filter(|k| args.what.is_empty() || args.what.contains(k)) {
        let lines = match kind {
            BenchKind::Adapter => adapter::run(&bench)?,
            BenchKind::Rules => rules::run(&bench)?,
            BenchKind::Import => import::run(&bench)?,
            BenchKind::Evaluate => evaluate::run(&bench)?,
            BenchKind::Packs => packs::run(&bench)?,
            BenchKind::Aging => aging::run(&bench)?,
            BenchKind::Http => http::run(&bench)?,
            BenchKind::Year => year::run(&bench)?,
        };
        for line in lines {
            met &= line.ok != Some(false);
            table.row(line.cells());
        }
    }
    print(format, &[table])?;
    let needs_database = |k: &BenchKind| !matches!(k, BenchKind::Adapter | BenchKind::Rules);
    if bench.postgres.is_none() && (args.what.is_empty() || args.what.iter().any(needs_database)) {
        eprintln!("PostgreSQL is left out: name a server with --postgres or RECOUP_TEST_POSTGRES to measure it too.");
    }
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What every bench needs.
struct Setup<'a> {
    context: &'a Context,
    host: Host,
    folder: TempDir,
    postgres: Option<&'a str>,
    scale: Option<usize>,
}

impl Setup<'_> {
    /// How many rows or cases: the stated number, or the one asked for.
    fn size(&self, stated: usize) -> usize {
        self.scale.map_or(stated, |n| n.max(10))
    }

    /// The databases to measure.
    fn databases(&self) -> Vec<Database<'_>> {
        let server = self.postgres.map(Database::Postgres);
        std::iter::once(Database::Sqlite(&self.folder)).chain(server).collect()
    }
}

/// A kind of database, of which fresh ones can be had.
#[derive(Clone, Copy)]
enum Database<'a> {
    Sqlite(&'a TempDir),
    Postgres(&'a str),
}

impl Database<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// A fresh, migrated database.
    fn fresh(self) -> Result<Scratch, CliError> {
        Ok(match self {
            Self::Sqlite(folder) => {
                let place = tempfile::Builder::new().prefix("bench-").suffix(".db").tempfile_in(folder.path())?.into_temp_path();
                let path = place.to_path_buf();
                // The file itself is SQLite's to make; the folder goes with everything in it.
                place.close()?;
                Scratch::sqlite(&path)?
            }
            Self::Postgres(server) => Scratch::postgres(server)?,
        })
    }
}

/// One figure against its limit.
struct Line {
    what: String,
    figure: String,
    limit: String,
    ratio: String,
    /// `None` where no limit is stated.
    ok: Option<bool>,
    note: String,
}

impl Line {
    /// A rate that must be reached.
    fn rate(what: impl Into<String>, per_second: u64, unit: &str, least: Option<u64>) -> Self {
        Self {
            what: what.into(),
            figure: format!("{} {unit}/s", grouped(per_second)),
            limit: least.map_or_else(String::new, |l| format!("at least {}", grouped(l))),
            ratio: String::new(),
            ok: least.map(|l| per_second >= l),
            note: String::new(),
        }
    }

    /// How many times as long as something else, in hundredths.
    fn ratio(what: impl Into<String>, figure: String, hundredths: u64, most: Option<u64>) -> Self {
        Self {
            what: what.into(),
            figure,
            limit: most.map_or_else(String::new, |m| format!("at most {}", decimal(m))),
            ratio: decimal(hundredths),
            ok: most.map(|m| hundredths <= m),
            note: String::new(),
        }
    }

    fn with_ratio(self, hundredths: u64) -> Self {
        Self { ratio: decimal(hundredths), ..self }
    }

    fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    fn cells(self) -> Vec<String> {
        let ok = match self.ok {
            Some(true) => "ok",
            Some(false) => "NOT MET",
            None => "reported",
        };
        vec![self.what, self.figure, self.limit, self.ratio, ok.to_owned(), self.note]
    }
}

/// Runs something and says how long it took.
fn timed<T>(f: impl FnOnce() -> Result<T, CliError>) -> Result<(T, Duration), CliError> {
    let start = Instant::now();
    let value = f()?;
    Ok((value, start.elapsed()))
}

/// So many things in so long, per second.
fn per_second(count: usize, took: Duration) -> u64 {
    let count = u128::try_from(count).unwrap_or(u128::MAX);
    u64::try_from(count.saturating_mul(1_000_000_000) / took.as_nanos().max(1)).unwrap_or(u64::MAX)
}

/// How many hundredths of the second duration the first one is.
fn ratio(of: Duration, to: Duration) -> u64 {
    u64::try_from(of.as_nanos().saturating_mul(100) / to.as_nanos().max(1)).unwrap_or(u64::MAX)
}

/// `162` as `1.62`.
fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// `1234567` as `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A figure of a process's status, in KiB.
fn kib_of(status: &str, figure: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(figure))?.trim().trim_end_matches(" kB").parse().ok()
}

fn ms(took: Duration) -> String {
    format!("{} ms", grouped(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)))
}

/// Two ways that must come to the same did not.
fn differ(what: &str) -> CliError {
    CliError::Failed(format!("{what} differ: what is measured is not the same work"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_without_floats() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(decimal(205), "2.05");
        assert_eq!(ratio(Duration::from_millis(330), Duration::from_millis(200)), 165);
        assert_eq!(per_second(200_000, Duration::from_secs(8)), 25_000);
    }

    #[test]
    fn a_limit_is_met_up_to_itself_and_not_beyond() {
        assert_eq!(Line::ratio("r", String::new(), 200, Some(200)).ok, Some(true));
        assert_eq!(Line::ratio("r", String::new(), 201, Some(200)).ok, Some(false));
        assert_eq!(Line::rate("r", 19_999, "rows", Some(20_000)).ok, Some(false));
        assert_eq!(Line::rate("r", 5, "rows", None).ok, None);
    }
}
