//! `recoup simulate`: what other parameters, or another component, would have made due over a past span.

use std::collections::BTreeMap;
use std::process::ExitCode;

use recoup_engine::EngineError;
use recoup_engine::evaluate::{Change, to_the_end};
use recoup_engine::trace::Names;
use recoup_host::RulesPlugin;
use recoup_model::due::Line;
use recoup_model::record::Ledger;

use super::report::{engine_language, money, names};
use crate::cli::{Format, Simulate};
use crate::context::{Context, read_toml};
use crate::error::CliError;
use crate::output::{Column, Table, number, print, text};
use crate::simulation::{OnTrial, Question, Simulated, told};

pub(crate) fn run(context: &Context, format: Format, args: &Simulate) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    let question = Question {
        pack: args.pack.as_deref(),
        component: args.component.clone().map(OnTrial::At),
        parameters: args.parameters.as_deref().map(read_toml).transpose()?,
        from: args.from,
        to: args.to,
        known_at: args.known_at,
        largest: args.largest,
    };
    let simulated = question.simulated(context, &mut store, &ledger, &to_the_end)?;
    let names = store.read::<_, EngineError>(ledger.id, |view| names(view, &ledger, simulated.found.known_at))?;
    print(format, &tables(&ledger, &simulated, args, &names))?;
    Ok(ExitCode::SUCCESS)
}

fn trace(plugin: &RulesPlugin, line: Option<&Line>, names: &Names, args: &Simulate) -> String {
    line.map_or_else(|| "no such line".to_owned(), |line| told(Some(plugin.description()), line, names, engine_language(args.language)))
}

fn tables(ledger: &Ledger, Simulated { in_force, on_trial, found }: &Simulated, args: &Simulate, names: &Names) -> Vec<Table> {
    let (from, to) = (args.from, args.to);
    let title = format!(
        "Simulation over {from} to {to} in {} ({}): {} cases, {} lines differ; nothing was written",
        ledger.code, ledger.currency, found.cases, found.differing
    );
    let mut total = Table::new("simulation", title, figures(None));
    total.row(cells(ledger, None, &found.total));
    let by = |name, key: &str, sums: &BTreeMap<String, Change>| {
        let mut table = Table::new(name, format!("By {key}"), figures(Some(key)));
        sums.iter().for_each(|(label, sum)| table.row(cells(ledger, Some(label), sum)));
        table
    };
    let mut tables = vec![total, by("clauses", "clause", &found.clauses), by("people", "person", &found.people), by("units", "unit", &found.units)];
    let mut columns = vec![text("person", "person"), text("subject", "subject"), text("clause", "clause")];
    columns.extend(figures(None));
    columns.extend([text("trace_in_force", "in force"), text("trace_on_trial", "on trial")]);
    let mut largest = Table::new("largest", "Lines that differ most", columns);
    for d in &found.largest {
        let clause = d.after.as_ref().or(d.before.as_ref()).map(|line| line.key.clause.clone()).unwrap_or_default();
        let traces = [trace(in_force, d.before.as_ref(), names, args), trace(on_trial, d.after.as_ref(), names, args)];
        largest.row([vec![d.to.clone(), d.subject.clone(), clause], cells(ledger, None, &d.change), traces.to_vec()].concat());
    }
    tables.push(largest);
    if !found.set_aside.is_empty() {
        let columns = vec![text("subject", "subject"), text("policy", "by"), text("code", "code"), text("detail", "what, and how to mend it")];
        let mut table = Table::new("set_aside", "Cases that are in none of the figures", columns);
        for case in &found.set_aside {
            let policy = if case.on_trial { "on trial" } else { "in force" };
            table.row(vec![case.subject.clone(), policy.to_owned(), case.fault.code.clone(), case.fault.detail.clone()]);
        }
        tables.push(table);
    }
    tables
}

fn figures(by: Option<&str>) -> Vec<Column> {
    let figures = [
        ("payable_in_force", "payable, in force"),
        ("payable_on_trial", "payable, on trial"),
        ("contingent_in_force", "contingent, in force"),
        ("contingent_on_trial", "contingent, on trial"),
    ];
    by.map(|key| text(key, key)).into_iter().chain(figures.map(|(key, heading)| number(key, heading))).collect()
}

fn cells(ledger: &Ledger, label: Option<&str>, change: &Change) -> Vec<String> {
    let figures = [change.before.payable, change.after.payable, change.before.contingent, change.after.contingent];
    label.map(str::to_owned).into_iter().chain(figures.map(|minor| money(minor, ledger))).collect()
}
