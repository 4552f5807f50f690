//! A full evaluation of letters that were never judged before, in the mix that [`ledgers::Fate`] states.

use std::time::Duration;

use recoup_engine::evaluate::{Outcome, Request, evaluate};
use recoup_host::RulesPlugin;
use recoup_model::Month;

use super::{Database, Line, Setup, data, differ, ledgers, ms, per_second, timed};
use crate::context::{ACTOR, Context, For};
use crate::error::CliError;

const CASES: usize = 100_000;
/// Each in a fresh database; the best counts.
const ROUNDS: usize = 3;
const CASES_PER_SECOND: u64 = 20_000;

pub(super) fn run(bench: &Setup<'_>) -> Result<Vec<Line>, CliError> {
    let plugin = bench.context.rules(&bench.host, Some("legacy-construction"), For::Trial)?;
    let parameters = bench.context.parameters(&plugin)?;
    let cases = bench.size(CASES);
    let mut lines = Vec::new();
    for database in bench.databases() {
        let mut best: Option<(Outcome, Duration)> = None;
        for _ in 0..ROUNDS {
            let (outcome, took) = judge(bench, database, &plugin, &parameters, cases)?;
            if outcome.cases != cases || !outcome.faults.is_empty() || outcome.lines_changed == 0 {
                return Err(differ("letters and verdicts"));
            }
            if best.as_ref().is_none_or(|(_, b)| took < *b) {
                best = Some((outcome, took));
            }
        }
        let Some((outcome, took)) = best else { continue };
        let note = format!("{}: {} lines, {} postings and {} findings", ms(took), outcome.lines_changed, outcome.postings, outcome.findings_changed);
        lines.push(Line::rate(format!("evaluation, {}", database.name()), per_second(cases, took), "cases", Some(CASES_PER_SECOND)).note(note));
    }
    Ok(lines)
}

fn judge(bench: &Setup<'_>, database: Database<'_>, plugin: &RulesPlugin, parameters: &str, cases: usize) -> Result<(Outcome, Duration), CliError> {
    let scratch = database.fresh()?;
    let mut store = scratch.store()?;
    let ledger = ledgers::open(&mut store)?;
    ledgers::fill(&mut store, &ledger, ledgers::claims(cases, |n| data::day(n % 1_400)))?;
    // Of the missed letters, two month ends have passed since.
    let (first, missed, as_of) = (data::day(1_500), data::day(2_050), data::day(2_099));
    ledgers::fill(&mut store, &ledger, ledgers::letters(cases, first, as_of + chrono::Days::new(200), missed))?;
    ledgers::fill(&mut store, &ledger, ledgers::recovered(cases, 0, |n| data::day(1_501 + n % 500)))?;
    ledgers::fill(&mut store, &ledger, ledgers::wages(&[Month::of(missed), Month::of(as_of)]))?;
    let request = Request { as_of, parameters, full: true, batch_cases: bench.context.config.evaluate.batch_cases, actor: ACTOR, recorded_at: Context::now() };
    timed(|| Ok(evaluate(&mut store, plugin, &ledger, &request)?))
}
