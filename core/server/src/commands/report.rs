//! `recoup report`: what the ledger says, at any date and as known at any position.

use std::fmt;
use std::process::ExitCode;

use chrono::NaiveDate;
use recoup_engine::EngineError;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::known::KnownAt;
use recoup_engine::report::provision::{NotRates, Rates, Scale};
use recoup_engine::report::{accounts, aging, balance, due, old_debts, payouts as payout_register, provision, recovery, sanctions, targets};
use recoup_engine::trace::{self, Language, Names};
use recoup_host::RulesDescription;
use recoup_host::RulesPlugin;
use recoup_model::pause::PauseKinds;
use recoup_model::record::Ledger;
use recoup_model::{Money, Month};
use recoup_store::{AgingBasis, Store, View};

use crate::cli::{self, Format, Report, When};
use crate::context::{Context, For};
use crate::error::CliError;
use crate::output::{Table, number, print, text};

pub(crate) fn run(context: &Context, format: Format, report: &Report) -> Result<ExitCode, CliError> {
    let mut store = context.store()?;
    let ledger = context.ledger(&mut store)?;
    let rules = |store: &mut Store, pack: &Option<String>| context.rules(&context.host()?, pack.as_deref(), For::Books(store));
    let moment = match report {
        Report::Aging { when, .. }
        | Report::Provision { when, .. }
        | Report::TrialBalance { when }
        | Report::Lines { when, .. }
        | Report::Postings { when }
        | Report::Accounts { when, .. }
        | Report::Targets { when }
        | Report::OldDebts { when, .. }
        | Report::Sanctions { when }
        | Report::Payouts { when }
        | Report::Withheld { when }
        | Report::Findings { when, .. } => Moment::of(&mut store, &ledger, when)?,
        Report::Recovery { to, known_at, .. } => Moment::of(&mut store, &ledger, &When { as_of: Some(to.last_day()), known_at: *known_at })?,
    };
    let moment = &moment;
    let table = match report {
        Report::Aging { buckets, ages, .. } => {
            let buckets = buckets.clone().map_or_else(|| context.config.report.buckets(), Ok)?;
            aging(&mut store, &ledger, moment, buckets, ages)?
        }
        Report::Provision { buckets, rates, ages, .. } => {
            let wrong = |e: NotRates| CliError::Usage(e.to_string());
            let rates = Rates::of(rates.clone(), buckets.is_some(), context.config.report.rates()?).map_err(wrong)?;
            let buckets = buckets.clone().map_or_else(|| context.config.report.buckets(), Ok)?;
            let scale = Scale::new(question(moment, buckets, ages), rates).map_err(wrong)?;
            provision(&mut store, &ledger, moment, &scale, ages)?
        }
        Report::TrialBalance { .. } => trial_balance(&mut store, &ledger, moment)?,
        Report::Lines { pack, trace, language, .. } => {
            let rules = rules(&mut store, pack)?;
            lines(&mut store, &ledger, &rules, moment, *trace, *language)?
        }
        Report::Postings { .. } => postings(&mut store, &ledger, moment)?,
        Report::Targets { .. } => targets(&mut store, &ledger, moment)?,
        Report::OldDebts { without_paused, .. } => old(&mut store, &ledger, moment, without_paused.as_ref())?,
        Report::Sanctions { .. } => in_force(&mut store, &ledger, moment)?,
        Report::Accounts { of, .. } => accounts(&mut store, &ledger, moment, *of)?,
        Report::Payouts { .. } => payouts(&mut store, &ledger, moment)?,
        Report::Withheld { .. } => withheld(&mut store, &ledger, moment)?,
        Report::Recovery { from, to, by, .. } => {
            print(format, &recovery(&mut store, &ledger, moment, (*from, *to), *by)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        Report::Findings { pack, language, .. } => {
            let rules = rules(&mut store, pack)?;
            findings(&mut store, &ledger, &rules, moment, *language)?
        }
    };
    print(format, &[table])?;
    Ok(ExitCode::SUCCESS)
}

/// What a report is about: the end of a day, as known at a position.
pub(crate) struct Moment {
    as_of: NaiveDate,
    known_at: i64,
    asked: Option<KnownAt>,
}

impl Moment {
    /// The end of a day, as known now.
    pub(crate) const fn now(as_of: NaiveDate) -> Self {
        Self { as_of, known_at: KNOWN_NOW, asked: None }
    }

    fn of(store: &mut Store, ledger: &Ledger, when: &When) -> Result<Self, CliError> {
        let now = Self::now(when.as_of.unwrap_or_else(|| Context::today(ledger)));
        let Some(asked) = when.known_at else { return Ok(now) };
        Ok(Self { known_at: asked.found(store, ledger)?, asked: Some(asked), ..now })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "as of {}", self.as_of)?;
        match self.asked {
            None => Ok(()),
            Some(KnownAt::Position(position)) => write!(f, ", as known at position {position}"),
            Some(asked) => write!(f, ", as known on {asked} (position {})", self.known_at),
        }
    }
}

pub(super) fn money(minor: i64, ledger: &Ledger) -> String {
    Money::new(minor, ledger.currency).to_string()
}

pub(crate) fn aging(store: &mut Store, ledger: &Ledger, moment: &Moment, buckets: aging::Buckets, ages: &cli::Ages) -> Result<Table, CliError> {
    let question = question(moment, buckets, ages);
    let report = store.read(ledger.id, |view| aging::aging(view, &question))?;
    let label = aged_by(ages.by);
    let mut columns = vec![text(label, label)];
    columns.extend(report.buckets.iter().map(|b| number(b, b)));
    columns.push(number("open", "open"));
    let mut table =
        Table::new("aging", format!("Aging of {} in {}, {}{}", ledger.code, ledger.currency, moment, without(ages.without_paused.as_ref())), columns);
    for row in &report.rows {
        table.row(cells(&row.label, &row.amounts, row.total, ledger));
    }
    table.row(cells("total", &report.totals, report.total, ledger));
    let none = vec![String::new(); report.totals.len()];
    table.row([vec!["received, not applied".to_owned()], none, vec![money(report.unapplied, ledger)]].concat());
    Ok(table)
}

/// What a title says of the days that ages are counted without.
fn without(paused: Option<&PauseKinds>) -> String {
    paused.map(|kinds| format!(", without days of {kinds}")).unwrap_or_default()
}

const fn aged_by(by: cli::By) -> &'static str {
    match by {
        cli::By::Debtor => "debtor",
        cli::By::Contract => "contract",
        cli::By::Responsible => "responsible",
        cli::By::Receivable => "receivable",
    }
}

fn question(moment: &Moment, buckets: aging::Buckets, ages: &cli::Ages) -> aging::Question {
    aging::Question {
        as_of: moment.as_of,
        known_at: moment.known_at,
        basis: match ages.basis {
            cli::Basis::Due => AgingBasis::Due,
            cli::Basis::Document => AgingBasis::Document,
        },
        buckets,
        without_paused: ages.without_paused.clone().unwrap_or_default(),
        by: match ages.by {
            cli::By::Debtor => aging::By::Debtor,
            cli::By::Contract => aging::By::Contract,
            cli::By::Responsible => aging::By::Responsible,
            cli::By::Receivable => aging::By::Receivable,
        },
    }
}

fn provision(store: &mut Store, ledger: &Ledger, moment: &Moment, scale: &Scale, ages: &cli::Ages) -> Result<Table, CliError> {
    let found = store.read(ledger.id, |view| provision::provision(view, ledger, scale))?;
    let label = aged_by(ages.by);
    let mut columns = vec![text(label, label)];
    let rated = found.buckets.iter().zip(&found.rates).map(|(bucket, rate)| number(bucket, &format!("{bucket} at {rate} %")));
    columns.extend(rated.chain([number("open", "open"), number("provision", "provision")]));
    let title = format!("Provision of {} in {}, {}{}", ledger.code, ledger.currency, moment, without(ages.without_paused.as_ref()));
    let mut table = Table::new("provision", title, columns);
    for row in found.rows.iter().chain([&found.total]) {
        table.row([cells(&row.label, &row.amounts, row.open, ledger), vec![money(row.provision, ledger)]].concat());
    }
    Ok(table)
}

fn cells(label: &str, amounts: &[i64], total: i64, ledger: &Ledger) -> Vec<String> {
    let amounts = amounts.iter().map(|a| money(*a, ledger));
    std::iter::once(label.to_owned()).chain(amounts).chain([money(total, ledger)]).collect()
}

pub(crate) fn trial_balance(store: &mut Store, ledger: &Ledger, moment: &Moment) -> Result<Table, CliError> {
    let (rows, total) = store.read(ledger.id, |view| balance::trial_balance(view, moment.as_of, moment.known_at))?;
    let columns = vec![
        text("debtor", "debtor"),
        number("claims", "claims"),
        number("applied", "applied"),
        number("written_off", "written off"),
        number("open", "open"),
        number("received", "received"),
        number("unapplied", "not applied"),
    ];
    let mut table = Table::new("trial_balance", format!("Trial balance of {} in {}, {}", ledger.code, ledger.currency, moment), columns);
    for r in rows.iter().chain([&total]) {
        let amounts = [r.claims, r.applied, r.written_off, r.open, r.received, r.unapplied].map(|a| money(a, ledger));
        table.row(std::iter::once(r.label.clone()).chain(amounts).collect());
    }
    Ok(table)
}

/// What trace arguments refer to.
pub(super) fn names(view: &mut View<'_>, ledger: &Ledger, known_at: i64) -> Result<Names, EngineError> {
    Ok(Names {
        currency: ledger.currency,
        persons: view.persons(None, known_at)?.into_iter().map(|(p, _)| (p.id, p.code)).collect(),
        parties: view.parties(None, known_at)?.into_iter().filter_map(|(p, _)| Some((p.id, p.source?.key))).collect(),
        receivables: view.receivables(None, known_at)?.into_iter().map(|r| (r.id, r.document)).collect(),
        amounts: true,
    })
}

pub(super) fn engine_language(language: cli::Language) -> Language {
    match language {
        cli::Language::En => Language::En,
        cli::Language::Zh => Language::Zh,
    }
}

pub(crate) fn lines(store: &mut Store, ledger: &Ledger, rules: &RulesPlugin, moment: &Moment, trace: bool, language: cli::Language) -> Result<Table, CliError> {
    let description: &RulesDescription = rules.description();
    let (rows, names) = store.read(ledger.id, |view| {
        Ok::<_, EngineError>((due::lines(view, &description.id, moment.as_of, moment.known_at)?, names(view, ledger, moment.known_at)?))
    })?;
    let mut columns = vec![text("person", "person"), text("clause", "clause"), number("amount", "amount"), text("state", "state"), text("since", "since")];
    if trace {
        columns.push(text("trace", "how it came about"));
    }
    let mut table = Table::new("lines", format!("Lines of {} in {}, {}", description.id, ledger.currency, moment), columns);
    for r in rows {
        let mut cells = vec![r.to, r.line.key.clause.clone(), money(r.line.amount, ledger), r.state.word().to_owned(), r.since.to_string()];
        if trace {
            let steps = r.line.steps.iter().map(|s| format!("{}: {}", s.clause, trace::render(description, s, &names, engine_language(language))));
            cells.push(steps.collect::<Vec<_>>().join("\n"));
        }
        table.row(cells);
    }
    Ok(table)
}

pub(crate) fn postings(store: &mut Store, ledger: &Ledger, moment: &Moment) -> Result<Table, CliError> {
    let rows = store.read(ledger.id, |view| due::postings(view, moment.as_of, moment.known_at))?;
    let columns = vec![
        number("position", "position"),
        text("person", "person"),
        text("clause", "clause"),
        text("on", "effective"),
        text("balance", "balance"),
        number("amount", "amount"),
        text("period", "period"),
        text("origin", "belongs to"),
    ];
    let mut table = Table::new("postings", format!("Postings of {} in {}, {}", ledger.code, ledger.currency, moment), columns);
    for p in rows {
        table.row(vec![
            p.position.to_string(),
            p.to,
            p.clause,
            p.on.to_string(),
            p.balance.to_string(),
            money(p.amount, ledger),
            p.period.to_string(),
            p.origin.map(|m| m.to_string()).unwrap_or_default(),
        ]);
    }
    Ok(table)
}

pub(crate) fn accounts(store: &mut Store, ledger: &Ledger, moment: &Moment, of: cli::Accounts) -> Result<Table, CliError> {
    let which = match of {
        cli::Accounts::All => accounts::Which::All,
        cli::Accounts::Bonus => accounts::Which::Bonus,
        cli::Accounts::Fine => accounts::Which::Fine,
        cli::Accounts::Withholding => accounts::Which::Withholding,
        cli::Accounts::Expenses => accounts::Which::Expenses,
    };
    let (rows, total) = store.read(ledger.id, |view| accounts::register(view, which, moment.as_of, moment.known_at))?;
    let columns = vec![
        text("person", "person"),
        text("subject", "letter, contract or agreement"),
        text("purpose", "purpose"),
        number("contingent", "contingent"),
        number("to_person", "payable to them"),
        number("from_person", "payable by them"),
        number("paid", "paid"),
        number("set_off", "set off"),
        number("taken", "taken"),
        number("owed", "left to settle"),
    ];
    let mut table = Table::new("accounts", format!("Accounts of {} in {}, {}", ledger.code, ledger.currency, moment), columns);
    for row in rows.iter().chain([&total]) {
        let amounts = [row.contingent, row.to_person, row.from_person, row.paid, row.set_off, row.taken, row.owed].map(|minor| money(minor, ledger));
        let head = [row.person.clone(), row.subject.clone(), row.purpose.map(|p| p.to_string()).unwrap_or_default()];
        table.row(head.into_iter().chain(amounts).collect());
    }
    Ok(table)
}

pub(crate) fn payouts(store: &mut Store, ledger: &Ledger, moment: &Moment) -> Result<Table, CliError> {
    let (rows, total) = store.read(ledger.id, |view| payout_register::register(view, moment.as_of, moment.known_at))?;
    let columns = vec![
        text("run", "run"),
        text("month", "wages of"),
        text("state", "state"),
        text("person", "person"),
        text("subject", "letter, contract or agreement"),
        text("purpose", "purpose"),
        number("planned", "to pay (+) or take (-)"),
        number("paid", "paid"),
        number("set_off", "set off"),
        number("taken", "taken"),
    ];
    let mut table = Table::new("payouts", format!("Payouts of {} in {}, {}", ledger.code, ledger.currency, moment), columns);
    for row in rows.iter().chain([&total]) {
        let head = [
            row.payout.map(|run| run.to_string()).unwrap_or_default(),
            row.month.map(|month| month.to_string()).unwrap_or_default(),
            row.state.map(|state| state.to_string()).unwrap_or_default(),
            row.person.clone(),
            row.subject.clone(),
            row.purpose.map(|purpose| purpose.to_string()).unwrap_or_default(),
        ];
        table.row(head.into_iter().chain([row.planned, row.paid, row.set_off, row.taken].map(|minor| money(minor, ledger))).collect());
    }
    Ok(table)
}

pub(crate) fn withheld(store: &mut Store, ledger: &Ledger, moment: &Moment) -> Result<Table, CliError> {
    let (rows, total) = store.read(ledger.id, |view| payout_register::withheld(view, moment.as_of, moment.known_at))?;
    let columns = vec![
        text("person", "person"),
        text("month", "wage of"),
        number("due", "to withhold"),
        number("due_back", "to pay back"),
        number("withheld", "withheld"),
        number("paid_back", "paid back"),
        number("kept", "kept"),
    ];
    let mut table = Table::new("withheld", format!("Withheld wages of {} in {}, {}", ledger.code, ledger.currency, moment), columns);
    for row in rows.iter().chain([&total]) {
        let head = [row.person.clone(), row.month.map(|month| month.to_string()).unwrap_or_default()];
        table.row(head.into_iter().chain([row.due, row.due_back, row.withheld, row.paid_back, row.kept].map(|minor| money(minor, ledger))).collect());
    }
    Ok(table)
}

pub(crate) fn recovery(store: &mut Store, ledger: &Ledger, moment: &Moment, (from, to): (Month, Month), by: cli::RecoveredBy) -> Result<[Table; 2], CliError> {
    let (by, label) = match by {
        cli::RecoveredBy::Responsible => (recovery::By::Responsible, "responsible"),
        cli::RecoveredBy::Unit => (recovery::By::Unit, "unit"),
        cli::RecoveredBy::Debtor => (recovery::By::Debtor, "debtor"),
        cli::RecoveredBy::Contract => (recovery::By::Contract, "contract"),
    };
    let found = store.read(ledger.id, |view| recovery::recovery(view, by, (from, to), moment.as_of, moment.known_at))?;
    let figures = || [number("receipts", "receipts"), number("debts", "debts"), number("cash", "cash"), number("otherwise", "otherwise")];
    let cells = |row: &recovery::Row| [row.receipts.to_string(), row.debts.to_string(), money(row.cash, ledger), money(row.otherwise, ledger)];
    let title = format!("Recovered in {} from {from} to {to}, in {}, {moment}", ledger.code, ledger.currency);
    let mut rows = Table::new("recovery", title, [text("month", "month"), text(label, label)].into_iter().chain(figures()).collect());
    found.rows.iter().for_each(|row| rows.row([row.month.to_string(), row.label.clone()].into_iter().chain(cells(row)).collect()));
    let rate = [number("owed", "owed"), number("rate", "clearing rate, %")];
    let mut totals = Table::new("months", "Whole months", std::iter::once(text("month", "month")).chain(figures()).chain(rate).collect());
    for total in &found.totals {
        let rate = [money(total.owed, ledger), total.rate.map_or_else(|| "–".to_owned(), |rate| rate.to_string())];
        totals.row(std::iter::once(total.row.month.to_string()).chain(cells(&total.row)).chain(rate).collect());
    }
    Ok([rows, totals])
}

pub(crate) fn targets(store: &mut Store, ledger: &Ledger, moment: &Moment) -> Result<Table, CliError> {
    let rows = store.read(ledger.id, |view| targets::targets(view, ledger, moment.as_of, moment.known_at))?;
    let columns = vec![
        text("target", "target"),
        text("from", "from"),
        text("to", "to"),
        text("whose", "whose"),
        number("depth", "depth"),
        number("amount", "to recover"),
        number("recovered", "recovered"),
        number("left", "left"),
        number("completion", "completion, %"),
        text("met", "met"),
    ];
    let mut table = Table::new("targets", format!("Targets of {} in {}, {}", ledger.code, ledger.currency, moment), columns);
    for row in rows {
        let met = if row.is_met() { "yes" } else { "no" };
        let completion = row.completion.map_or_else(|| "–".to_owned(), |rate| rate.to_string());
        let amounts = [row.target_amount, row.recovered, row.left].map(|minor| money(minor, ledger));
        let head = [row.target, row.from.to_string(), row.to.to_string(), row.whose, row.depth.to_string()];
        table.row(head.into_iter().chain(amounts).chain([completion, met.to_owned()]).collect());
    }
    Ok(table)
}

fn old(store: &mut Store, ledger: &Ledger, moment: &Moment, paused: Option<&PauseKinds>) -> Result<Table, CliError> {
    let none = PauseKinds::default();
    let rows = store.read(ledger.id, |view| old_debts::old_debts(view, moment.as_of, moment.known_at, paused.unwrap_or(&none)))?;
    let mut columns = vec![
        text("debtor", "debtor"),
        text("contract", "contract"),
        text("document", "document"),
        text("due", "due"),
        number("days", "days overdue"),
        number("years", "years"),
    ];
    columns.extend(paused.iter().flat_map(|_| [number("counted_days", "of them counted"), number("counted_years", "years by them")]));
    columns.extend([number("open", "open"), text("expected", "expected by"), text("responsible", "who answers"), text("lacks", "lacks")]);
    let title = format!("Old debts of {} in {}, {}{}", ledger.code, ledger.currency, moment, without(paused));
    let mut table = Table::new("old-debts", title, columns);
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    for row in rows {
        let lacks: Vec<&str> = row.lacks.iter().map(|lacks| lacks.word()).collect();
        let (responsible, age) = (Vec::from_iter(row.responsible).join(", "), [row.days.to_string(), row.years.to_string()]);
        let counted = row.clock.iter().flat_map(|clock| [clock.days().to_string(), clock.years().to_string()]);
        let debt = [row.debtor, row.contract, row.document, day(row.due)].into_iter().chain(age).chain(counted);
        table.row(debt.chain([money(row.open, ledger), day(row.expected), responsible, lacks.join(", ")]).collect());
    }
    Ok(table)
}

pub(crate) fn in_force(store: &mut Store, ledger: &Ledger, moment: &Moment) -> Result<Table, CliError> {
    let rows = store.read(ledger.id, |view| sanctions::in_force(view, moment.as_of, moment.known_at))?;
    let columns = vec![
        text("person", "person"),
        text("sanction", "sanction"),
        text("subject", "agreement, claim or receipt"),
        text("from", "from"),
        text("to", "to"),
        text("why", "why"),
    ];
    let mut table = Table::new("sanctions", format!("Sanctions in force in {}, {}", ledger.code, moment), columns);
    for row in rows {
        let to = row.to.map(|to| to.to_string()).unwrap_or_default();
        table.row(vec![row.person, row.kind.word().to_owned(), row.subject, row.from.to_string(), to, row.why]);
    }
    Ok(table)
}

pub(crate) fn findings(store: &mut Store, ledger: &Ledger, rules: &RulesPlugin, moment: &Moment, language: cli::Language) -> Result<Table, CliError> {
    let description = rules.description();
    let (mut found, names) =
        store.read(ledger.id, |view| Ok::<_, EngineError>((view.findings(None, moment.known_at)?, names(view, ledger, moment.known_at)?)))?;
    found.retain(|f| f.case.pack == description.id && !f.withdrawn && f.on <= moment.as_of);
    found.sort_by(|a, b| (a.on, &a.clause, &a.message, a.id).cmp(&(b.on, &b.clause, &b.message, b.id)));
    let columns = vec![text("on", "on"), text("clause", "clause"), text("person", "person"), text("code", "code"), text("message", "finding")];
    let mut table = Table::new("findings", format!("Findings of {}, {}", description.id, moment), columns);
    for f in found {
        let person = f.person.and_then(|p| names.persons.get(&p).cloned()).unwrap_or_default();
        let sentence = trace::message(description, &f.message, &f.args, &names, engine_language(language));
        table.row(vec![f.on.to_string(), f.clause, person, f.message, sentence]);
    }
    Ok(table)
}
