//! The year of a company, from an empty database to its registers: how long it takes, against the minute that is stated for it.

use std::time::Duration;

use super::{Database, Line, Setup, ms, ratio};
use crate::commands::demo::year;
use crate::error::CliError;

const MINUTE: Duration = Duration::from_mins(1);

pub(super) fn run(bench: &Setup<'_>) -> Result<Vec<Line>, CliError> {
    let claims = bench.size(year::CLAIMS).max(year::LEAST);
    let one = |database: Database<'_>| {
        let scratch = database.fresh()?;
        let took = year::timed(bench.context.config.clone(), scratch.url(), claims)?;
        Ok(Line::ratio(format!("a year, {}", database.name()), ms(took), ratio(took, MINUTE), Some(100)).note(format!("{claims} claims")))
    };
    bench.databases().into_iter().map(one).collect()
}
