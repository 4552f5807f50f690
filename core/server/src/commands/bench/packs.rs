//! A ledger of a million receivables under three packs: evaluated from nothing, and again on the next day when one in a hundred has
//! changed. Each receivable is under one regulation and has three applications: two from before, or three where nothing came since.

use std::time::Duration;

use recoup_engine::evaluate::{Outcome, Request, evaluate};
use recoup_host::RulesPlugin;
use recoup_model::record::Ledger;
use recoup_model::{Date, Month};
use recoup_store::Store;
use recoup_store::bench::Scratch;

use super::{Database, Line, Setup, data, differ, grouped, ledgers, ms, per_second, ratio, timed};
use crate::context::{ACTOR, Context, For};
use crate::error::CliError;

const RECEIVABLES: usize = 1_000_000;
const CASES_PER_SECOND: u64 = 25_000;
/// Hundredths of the time from nothing that the next day may take.
const NEXT_DAY: u64 = 5;
/// Hundredths of the memory for a tenth of the receivables that all of them may take.
const FLAT: u64 = 125;

pub(super) fn run(bench: &Setup<'_>) -> Result<Vec<Line>, CliError> {
    let count = bench.size(RECEIVABLES).max(1_000);
    let policies = policies(bench)?;
    let mut lines = Vec::new();
    for database in bench.databases() {
        let name = database.name();
        let tenth = Books::filled(bench, database, &policies, count / 10)?.evaluate()?;
        let mut books = Books::filled(bench, database, &policies, count)?;
        let full = books.evaluate()?;
        let next = books.next_day()?;
        let (applications, lines_of, postings) = (grouped_of(count * 3), grouped_of(full.lines), grouped_of(full.postings));
        let note = format!("{}: {applications} applications, {lines_of} lines, {postings} postings; {}", ms(full.took), full.packs.join(", "));
        lines.push(Line::rate(format!("three packs, {name}"), per_second(full.cases, full.took), "cases", Some(CASES_PER_SECOND)).note(note));
        let note = format!("{} of {} cases judged again: {}", grouped_of(next.cases), grouped_of(full.cases), next.packs.join(", "));
        lines.push(Line::ratio(format!("three packs, the next day, {name}"), ms(next.took), ratio(next.took, full.took), Some(NEXT_DAY)).note(note));
        let figure = format!("{} KiB", grouped(full.memory));
        let flat = full.memory.saturating_mul(100) / tenth.memory.max(1);
        let note = format!("at most so much at a time; {} KiB for a tenth of the receivables", grouped(tenth.memory));
        lines.push(Line::ratio(format!("three packs, memory, {name}"), figure, flat, Some(FLAT)).note(note));
    }
    Ok(lines)
}

fn grouped_of(count: usize) -> String {
    grouped(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A pack with its parameters.
struct Policy {
    plugin: RulesPlugin,
    parameters: String,
}

fn policies(bench: &Setup<'_>) -> Result<Vec<Policy>, CliError> {
    let rates = serde_json::json!([{"from": 1, "to": 3, "rate": "0.02"}, {"from": 3, "rate": "0.04"}]);
    let open = [
        ("legacy-construction", serde_json::json!({})),
        ("group-incentive", serde_json::json!({"cash-rates": rates, "in-kind-rates": rates})),
        ("counsel-fees", serde_json::json!({})),
    ];
    let policy = |(pack, open): (&str, serde_json::Value)| {
        let plugin = bench.context.rules(&bench.host, Some(pack), For::Trial)?;
        let parameters = Context::with_parameters(&plugin, open);
        Ok(Policy { plugin, parameters })
    };
    open.into_iter().map(policy).collect()
}

/// What evaluations came to.
#[derive(Default)]
struct Run {
    took: Duration,
    cases: usize,
    lines: usize,
    postings: usize,
    /// Cases and time of each pack.
    packs: Vec<String>,
    /// The most that this process held, in KiB.
    memory: u64,
}

/// A filled ledger in a database of its own.
struct Books<'a> {
    bench: &'a Setup<'a>,
    policies: &'a [Policy],
    count: usize,
    store: Store,
    ledger: Ledger,
    as_of: Date,
    _scratch: Scratch,
}

impl<'a> Books<'a> {
    fn filled(bench: &'a Setup<'_>, database: Database<'_>, policies: &'a [Policy], count: usize) -> Result<Self, CliError> {
        let scratch = database.fresh()?;
        let mut store = scratch.store()?;
        let ledger = ledgers::open(&mut store)?;
        let (first, missed, as_of) = (data::day(1_500), data::day(2_050), data::day(2_090));
        ledgers::fill(&mut store, &ledger, ledgers::claims(count, |n| data::day(n % 1_400)))?;
        ledgers::fill(&mut store, &ledger, ledgers::people())?;
        let ahead = as_of + chrono::Days::new(200);
        ledgers::fill(&mut store, &ledger, (0..count).map(|n| ledgers::regulated(n, first, ahead, missed)))?;
        ledgers::fill(&mut store, &ledger, ledgers::early(count, |n| data::day(n % 1_400)))?;
        ledgers::fill(&mut store, &ledger, ledgers::recovered(count, ledgers::EARLY, |n| data::day(1_501 + n % 500)))?;
        ledgers::fill(&mut store, &ledger, ledgers::wages(&[Month::of(missed), Month::of(as_of)]))?;
        Ok(Self { bench, policies, count, store, ledger, as_of, _scratch: scratch })
    }

    /// Evaluates every case under its pack.
    fn evaluate(&mut self) -> Result<Run, CliError> {
        let run = self.judged()?;
        if run.cases != self.count || run.lines == 0 {
            return Err(differ("receivables and verdicts"));
        }
        Ok(run)
    }

    /// A day later, when something came in on one receivable of a hundred.
    fn next_day(&mut self) -> Result<Run, CliError> {
        self.as_of = self.as_of + chrono::Days::new(1);
        let (changed, on) = (self.count / 100, self.as_of);
        ledgers::fill(&mut self.store, &self.ledger, ledgers::more(changed, on))?;
        let run = self.judged()?;
        if run.cases < changed || run.lines == 0 {
            return Err(differ("what changed and what was judged"));
        }
        Ok(run)
    }

    fn judged(&mut self) -> Result<Run, CliError> {
        let mut run = Run::default();
        peak::reset()?;
        for Policy { plugin, parameters } in self.policies {
            let batch_cases = self.bench.context.config.evaluate.batch_cases;
            let request = Request { as_of: self.as_of, parameters, full: false, batch_cases, actor: ACTOR, recorded_at: Context::now() };
            let (outcome, took): (Outcome, _) = timed(|| Ok(evaluate(&mut self.store, plugin, &self.ledger, &request)?))?;
            if let Some(fault) = outcome.faults.first() {
                return Err(CliError::Failed(format!("a case was set aside: {fault:?}")));
            }
            run.packs.push(format!("{} {} in {}", grouped_of(outcome.cases), plugin.description().id, ms(took)));
            run.took += took;
            run.cases += outcome.cases;
            run.lines += outcome.lines_changed;
            run.postings += outcome.postings;
        }
        run.memory = peak::kib()?;
        Ok(run)
    }
}

/// The most memory that this process has held since a moment, as Linux counts it.
mod peak {
    use crate::error::CliError;

    /// Counts from what is held now.
    pub(super) fn reset() -> Result<(), CliError> {
        Ok(std::fs::write("/proc/self/clear_refs", "5")?)
    }

    pub(super) fn kib() -> Result<u64, CliError> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        super::super::kib_of(&status, "VmHWM:").ok_or_else(|| CliError::Failed("this system does not tell how much memory was held".to_owned()))
    }
}
