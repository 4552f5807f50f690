//! `recoup evaluate`: what is due as of a day, posted as the difference.

use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, Utc};
use recoup_engine::evaluate::{Outcome, Request, evaluate};
use recoup_host::RulesPlugin;
use recoup_model::record::Ledger;
use recoup_store::Store;

use crate::cli::{Evaluate, Format};
use crate::context::{ACTOR, Context, For};
use crate::error::CliError;
use crate::output::{Table, number, print, text};

pub(crate) fn run(context: &Context, format: Format, args: &Evaluate) -> Result<ExitCode, CliError> {
    let host = context.host()?;
    let mut store = context.store()?;
    let rules = context.rules(&host, args.pack.as_deref(), For::Books(&mut store))?;
    let ledger = context.ledger(&mut store)?;
    let outcome = as_of(context, &mut store, &rules, &ledger, (args.as_of, args.full), Context::now())?;
    print(format, &tables(args.as_of, &outcome))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn as_of(
    context: &Context,
    store: &mut Store,
    rules: &RulesPlugin,
    ledger: &Ledger,
    (as_of, full): (NaiveDate, bool),
    recorded_at: DateTime<Utc>,
) -> Result<Outcome, CliError> {
    let parameters = context.parameters(rules)?;
    let request = Request { as_of, parameters: &parameters, full, batch_cases: context.config.evaluate.batch_cases, actor: ACTOR, recorded_at };
    Ok(evaluate(store, rules, ledger, &request)?)
}

pub(crate) fn tables(day: NaiveDate, o: &Outcome) -> Vec<Table> {
    let mut table = Table::new(
        "evaluation",
        format!("Evaluation as of {day}"),
        vec![
            number("cases", "cases judged"),
            number("faults", "set aside"),
            number("lines_changed", "lines changed"),
            number("postings", "postings"),
            number("findings_changed", "findings changed"),
            text("position", "position"),
        ],
    );
    let numbers = [o.cases, o.faults.len(), o.lines_changed, o.postings, o.findings_changed].map(|n| n.to_string());
    table.row(numbers.into_iter().chain([o.position.map_or_else(|| "nothing to record".to_owned(), |p| p.to_string())]).collect());
    let mut tables = vec![table];
    if !o.faults.is_empty() {
        let mut faults = Table::new("faults", "Cases set aside", vec![text("code", "code"), text("detail", "what, and how to mend it")]);
        for f in &o.faults {
            faults.row(vec![f.code.clone(), f.detail.clone()]);
        }
        tables.push(faults);
    }
    tables
}
