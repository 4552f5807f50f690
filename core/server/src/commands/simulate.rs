//! `recoup simulate`: what other parameters, or another component, would have made due over a past span.

use std::collections::BTreeMap;
use std::process::ExitCode;

use recoup_engine::EngineError;
use recoup_engine::evaluate::{Change, KNOWN_NOW, Policy, Simulation, Span, policy_in_force, simulate};
use recoup_engine::trace::{self, Names};
use recoup_host::RulesPlugin;
use recoup_model::due::Line;
use recoup_model::record::Ledger;

use super::report::{engine_language, money, names};
use crate::cli::{Format, Language, Simulate};
use crate::context::{Context, For};
use crate::error::CliError;
use crate::output::{Column, Table, number, print, text};

pub(crate) fn run(context: &Context, format: Format, args: &Simulate) -> Result<ExitCode, CliError> {
    let host = context.host()?;
    let mut store = context.store()?;
    let loaded = context.rules(&host, args.pack.as_deref(), For::Books(&mut store))?;
    let on_trial = args.component.as_deref().map(|path| context.rules_at(&host, path, For::Books(&mut store))).transpose()?;
    let on_trial = on_trial.as_ref().unwrap_or(&loaded);
    let ledger = context.ledger(&mut store)?;
    let known_at = match args.known_at {
        Some(asked) => store.read(ledger.id, |view| asked.position(view, &ledger))?,
        None => KNOWN_NOW,
    };
    let parameters = match &args.parameters {
        Some(file) => Context::parameters_of(on_trial, file)?,
        None => {
            let in_force = store.read(ledger.id, |view| policy_in_force(view, &loaded.description().id, known_at))?;
            in_force.map_or_else(|| context.parameters(on_trial), |policy| Ok(policy.parameters))?
        }
    };
    let span = Span { from: args.from, to: args.to, known_at, batch_cases: context.config.evaluate.batch_cases, largest: args.largest };
    let trial = Policy { plugin: on_trial, parameters: &parameters };
    let found = simulate(&mut store, &ledger, &loaded, trial, &span, Context::today(&ledger))?;
    let names = store.read::<_, EngineError>(ledger.id, |view| names(view, &ledger, known_at))?;
    print(format, &tables(&ledger, &found, args, &Told { before: &loaded, after: on_trial, names: &names, language: args.language }))?;
    Ok(ExitCode::SUCCESS)
}

/// What traces are told with.
struct Told<'a> {
    before: &'a RulesPlugin,
    after: &'a RulesPlugin,
    names: &'a Names,
    language: Language,
}

impl Told<'_> {
    fn trace(&self, plugin: &RulesPlugin, line: Option<&Line>) -> String {
        let Some(line) = line else { return "no such line".to_owned() };
        let (description, language) = (plugin.description(), engine_language(self.language));
        let states = line.states.iter().map(|(day, state)| format!("{} from {day}", state.word()));
        let steps = line.steps.iter().map(|step| format!("{}: {}", step.clause, trace::render(description, step, self.names, language)));
        steps.chain(states).collect::<Vec<_>>().join("\n")
    }
}

fn tables(ledger: &Ledger, found: &Simulation, args: &Simulate, told: &Told<'_>) -> Vec<Table> {
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
        let traces = [told.trace(told.before, d.before.as_ref()), told.trace(told.after, d.after.as_ref())];
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
