//! Aging by debtor, against one hand-written statement in the same database.

use std::time::Duration;

use recoup_engine::report::aging::{Aging, Buckets, By, Question, aging};
use recoup_model::Date;
use recoup_model::pause::PauseKinds;
use recoup_model::record::Ledger;
use recoup_store::bench::aging_by_hand;
use recoup_store::{AgingBasis, EVERYTHING, Store};

use super::{Line, Setup, data, differ, ledgers, ms, ratio, timed};
use crate::error::CliError;

const CLAIMS: usize = 100_000;
const APPLICATIONS_PER_CLAIM: usize = 3;
/// Interleaved rounds; the best of each side counts.
const ROUNDS: usize = 5;
/// Hundredths.
const RATIO_MAX: u64 = 300;
const BUCKETS: &str = "90d,365d,730d";

pub(super) fn run(bench: &Setup<'_>) -> Result<Vec<Line>, CliError> {
    let claims = bench.size(CLAIMS);
    let mut lines = Vec::new();
    for database in bench.databases() {
        let scratch = database.fresh()?;
        let mut store = scratch.store()?;
        let ledger = ledgers::books(&mut store, claims, APPLICATIONS_PER_CLAIM)?;
        for (when, as_of) in [("today", data::day(2_099) + chrono::Days::new(120)), ("at a past date", data::day(1_000))] {
            let buckets: Buckets = BUCKETS.parse().map_err(|e| CliError::Failed(format!("{e}")))?;
            let thresholds: [Date; 4] = buckets.thresholds(as_of).try_into().map_err(|_| differ("buckets"))?;
            let question = Question { as_of, known_at: EVERYTHING, basis: AgingBasis::Due, buckets, by: By::Debtor, without_paused: PauseKinds::default() };
            let (mut report, mut hand) = (Duration::MAX, Duration::MAX);
            for _ in 0..ROUNDS {
                let (rows, took) = timed(|| Ok(aging_by_hand(&mut store, ledger.id, as_of, thresholds)?))?;
                hand = hand.min(took);
                let (aged, took) = timed(|| ask(&mut store, &ledger, &question))?;
                report = report.min(took);
                if aged.total != rows.iter().map(|(_, _, open)| open).sum::<i64>() || !buckets_agree(&aged, &rows) {
                    return Err(differ("report and statement"));
                }
            }
            let note = format!("the statement alone {}", ms(hand));
            let what = format!("aging {when}, {}, report : statement", database.name());
            lines.push(Line::ratio(what, ms(report), ratio(report, hand), Some(RATIO_MAX)).note(note));
        }
    }
    Ok(lines)
}

fn ask(store: &mut Store, ledger: &Ledger, question: &Question) -> Result<Aging, CliError> {
    Ok(store.read(ledger.id, |view| aging(view, question))?)
}

fn buckets_agree(aged: &Aging, rows: &[(uuid::Uuid, i64, i64)]) -> bool {
    (0_i64..).zip(&aged.totals).all(|(bucket, total)| rows.iter().filter(|(_, b, _)| *b == bucket).map(|(_, _, open)| open).sum::<i64>() == *total)
}
