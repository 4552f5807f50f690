//! Running a scenario: declare, then for each check record what happened, evaluate, compare.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use recoup_host::{RulesDescription, RulesPlugin};
use recoup_model::calendar::next_day;
use recoup_model::due::{Balance, Beneficiary, Finding};
use recoup_model::record::Ledger;
use recoup_model::{Digest, Money, Month};
use recoup_store::{CommandMeta, EVERYTHING as NOW, Store, View};
use serde_json::Value;

use super::format::{Check, Payroll, Scenario};
use super::mutate::{Mutation, mutations};
use crate::facts::{By, EventFact, record_declarations, record_event};
use crate::report::due;
use crate::settlement::{Hold, Question};
use crate::trace::{self, Language, Names};
use crate::{EngineError, evaluate, settlement};

/// The source system of a scenario's own records.
const SYSTEM: &str = "scenario";

/// What a run found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What is other than expected; empty when the scenario passes.
    pub differences: Vec<String>,
    /// Mutations that the scenario did not notice, or that could not be tried.
    pub unnoticed: Vec<String>,
    /// Mutations tried.
    pub mutations: usize,
}

/// Runs a scenario with its parameters in a ledger of its own.
///
/// # Errors
/// The scenario cannot be run at all: facts are refused, the parameters are, the store fails.
pub fn run(store: &mut Store, plugin: &RulesPlugin, scenario: &Scenario) -> Result<Vec<String>, EngineError> {
    run_with(store, plugin, scenario, &parameters(plugin, scenario))
}

/// Runs a scenario, then again for each mutation of the parameters it covers.
///
/// # Errors
/// As [`run`], for the unchanged scenario.
pub fn run_mutated(store: &mut Store, plugin: &RulesPlugin, scenario: &Scenario) -> Result<Report, EngineError> {
    let mut report = Report { differences: run(store, plugin, scenario)?, ..Report::default() };
    let stated = parameters(plugin, scenario);
    for pointer in &scenario.covers.parameters {
        let tried = mutations(&stated, &plugin.description().parameter_schema, pointer);
        match tried {
            Err(why) => report.unnoticed.push(why),
            Ok(all) => {
                for m in all {
                    report.mutations += 1;
                    if let Some(why) = unnoticed(&m, |parameters| run_with(store, plugin, scenario, &parameters))? {
                        report.unnoticed.push(why);
                    }
                }
            }
        }
    }
    Ok(report)
}

/// Why a mutation proves nothing, or `None` when the scenario notices it.
fn unnoticed(m: &Mutation, mut run: impl FnMut(Value) -> Result<Vec<String>, EngineError>) -> Result<Option<String>, EngineError> {
    let Mutation { pointer, was, forms } = m;
    for form in forms {
        match run(form.parameters.clone()) {
            Ok(differences) if differences.is_empty() => return Ok(Some(format!("passes although {pointer}: {was} → {}", form.is))),
            Ok(_) => return Ok(None),
            // A refusal says nothing about the scenario, whatever it checks.
            Err(EngineError::Parameters { .. }) => {}
            Err(e) => return Err(e),
        }
    }
    let tried: Vec<String> = forms.iter().map(|f| f.is.to_string()).collect();
    let why = format!("{pointer}: {was} could not be changed: the pack refuses {}; take it out of `covers.parameters`", tried.join(" and "));
    Ok(Some(why))
}

/// The pack's defaults, and what the scenario states instead of them or because there is none.
fn parameters(plugin: &RulesPlugin, scenario: &Scenario) -> Value {
    let mut parameters = plugin.description().default_parameters.clone();
    if let Some(all) = parameters.as_object_mut() {
        all.extend(scenario.parameters.clone());
    }
    parameters
}

fn run_with(store: &mut Store, plugin: &RulesPlugin, scenario: &Scenario, parameters: &Value) -> Result<Vec<String>, EngineError> {
    if scenario.pack != plugin.description().id {
        let what = format!("it is for pack `{}`, and the plugin is `{}`", scenario.pack, plugin.description().id);
        return Err(EngineError::Scenario { path: scenario.name.clone(), what });
    }
    let parameters = parameters.to_string();
    let code = format!("scenario-{}-{}", scenario.name, uuid::Uuid::now_v7());
    let ledger =
        Ledger { id: Ledger::id_of(&code), code, name: scenario.name.clone(), currency: scenario.ledger.currency, time_zone: "Asia/Shanghai".to_owned() };
    let first = scenario.checks.first().map_or(NaiveDate::MIN, |c| c.on);
    let opened = CommandMeta { kind: "open-ledger".into(), input: Digest::of(ledger.code.as_bytes()), actor: "scenario".into(), recorded_at: midnight(first) };
    store.open_ledger(&ledger, &opened)?;
    record_declarations(store, &ledger, SYSTEM, &scenario.facts(), by(first))?;

    let mut events: Vec<&EventFact> = scenario.events.iter().collect();
    events.sort_by_key(|e| e.recorded.unwrap_or(e.on));
    let mut events = events.into_iter().peekable();
    let mut differences = Vec::new();
    let mut before = NaiveDate::MIN;
    for check in &scenario.checks {
        while let Some(event) = events.next_if(|e| e.recorded.unwrap_or(e.on) <= check.on) {
            record_event(store, &ledger, SYSTEM, event, by(event.recorded.unwrap_or(event.on)))?;
        }
        let request =
            evaluate::Request { as_of: check.on, parameters: &parameters, full: false, batch_cases: 512, actor: "scenario", recorded_at: midnight(check.on) };
        let outcome = evaluate::evaluate(store, plugin, &ledger, &request)?;
        let mut wanted = check.set_aside.clone();
        for f in &outcome.faults {
            match wanted.iter().position(|code| *code == f.code) {
                Some(at) => drop(wanted.swap_remove(at)),
                None => differences.push(format!("{}: a case is set aside: {} {}", check.on, f.code, f.detail)),
            }
        }
        differences.extend(wanted.into_iter().map(|code| format!("{}: no case is set aside with {code}", check.on)));
        differences.extend(store.read(ledger.id, |view| compare(view, &ledger, plugin.description(), check, before))?);
        if check.payroll == Payroll::ConfirmsAll {
            payroll(store, &ledger, check.on)?;
        }
        before = check.on;
    }
    Ok(differences)
}

/// Payroll pays and takes all that the day's statement has, on the next day.
fn payroll(store: &mut Store, ledger: &Ledger, on: NaiveDate) -> Result<(), EngineError> {
    settlement::in_full(store, ledger, on, by(next_day(on))).map(drop)
}

fn by(day: NaiveDate) -> By<'static> {
    By::new("scenario", midnight(day))
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

fn compare(view: &mut View<'_>, ledger: &Ledger, description: &RulesDescription, check: &Check, before: NaiveDate) -> Result<Vec<String>, EngineError> {
    let mut out = Vec::new();
    let show = |minor: i64| Money::new(minor, ledger.currency).to_string();
    let postings = due::postings(view, check.on, NOW)?;
    let mut balances: BTreeMap<(&str, Balance), i64> = BTreeMap::new();
    for p in &postings {
        *balances.entry((&p.to, p.balance)).or_default() += p.amount;
    }
    for (person, wanted) in &check.balances {
        for (balance, wanted) in [(Balance::Contingent, &wanted.contingent), (Balance::Payable, &wanted.payable)] {
            let found = balances.get(&(person.as_str(), balance)).copied().unwrap_or(0);
            match wanted.as_ref().map(|w| Money::parse(w, ledger.currency)).transpose()? {
                Some(wanted) if wanted.minor() != found => {
                    out.push(format!("{}: {person} {balance}: expected {wanted}, found {}", check.on, show(found)));
                }
                _ => {}
            }
        }
    }
    if let Some(wanted) = &check.lines {
        let wanted = wanted.iter().map(|l| (format!("{} {} {} {}", l.clause, stated(l.person.as_ref(), l.party.as_ref()), plain(&l.amount), l.state), l.from));
        let found = due::lines(view, &description.id, check.on, NOW)?;
        let found = found
            .iter()
            .map(|r| (format!("{} {} {} {}", r.line.key.clause, found_with(r.line.key.to, &r.to), show(r.line.amount), r.state.word()), Some(r.since)));
        unmatched(&mut out, check.on, "line", wanted.collect(), found.collect());
    }
    if let Some(wanted) = &check.postings {
        let wanted =
            wanted.iter().map(|p| (format!("{} {} {} {} {}", p.clause, stated(p.person.as_ref(), p.party.as_ref()), p.on, p.balance, plain(&p.amount)), None));
        let found = postings.iter().filter(|p| p.on > before);
        let found = found.map(|p| (format!("{} {} {} {} {}", p.clause, found_with(p.beneficiary, &p.to), p.on, p.balance, show(p.amount)), None));
        unmatched(&mut out, check.on, "posting", wanted.collect(), found.collect());
    }
    if let Some(wanted) = &check.settlement {
        let or_nothing = |amount: &Option<String>| amount.as_deref().map_or_else(|| show(0), plain);
        let wanted = wanted.iter().map(|s| {
            let amounts = [plain(&s.owed), or_nothing(&s.paid), or_nothing(&s.set_off), or_nothing(&s.taken)].join(" ");
            (format!("{} {} {amounts} {}", s.person, s.purpose, s.hold.as_deref().unwrap_or_default()), None)
        });
        let found = settlement::statement(view, Question { month: Month::of(check.on), as_of: check.on, known_at: NOW })?.rows;
        let found = found.iter().map(|r| {
            let amounts = [r.due - r.settled, r.paid, r.set_off, r.taken].map(show).join(" ");
            (format!("{} {} {amounts} {}", r.person, r.account.purpose.word(), r.hold.as_ref().map_or("", Hold::code)), None)
        });
        unmatched(&mut out, check.on, "settlement (owed, paid, set off, taken)", wanted.collect(), found.collect());
    }
    out.extend(findings(view, ledger, description, check)?);
    Ok(out)
}

/// Those that must stand, each once, and where it is asked for no others.
fn findings(view: &mut View<'_>, ledger: &Ledger, description: &RulesDescription, check: &Check) -> Result<Vec<String>, EngineError> {
    let names = Names {
        currency: ledger.currency,
        persons: due::codes(view, NOW)?,
        parties: view.parties(None, NOW)?.into_iter().filter_map(|(p, _)| Some((p.id, p.source?.key))).collect(),
        receivables: view.receivables(None, NOW)?.into_iter().map(|r| (r.id, r.document)).collect(),
        amounts: true,
    };
    let standing = view.findings(None, NOW)?.into_iter().filter(|f| !f.withdrawn && f.on <= check.on);
    let said = |f: Finding| {
        let says = trace::message(description, &f.message, &f.args, &names, Language::En);
        (f, says)
    };
    let mut standing: Vec<(Finding, String)> = standing.map(said).collect();
    let told = |standing: &[(Finding, String)]| standing.iter().map(|(f, says)| format!("{} on {}: {says}", f.message, f.on)).collect::<Vec<_>>().join("; ");
    let mut out = Vec::new();
    for wanted in check.findings.iter().flatten() {
        let fits = |(f, says): &(Finding, String)| {
            f.message == wanted.code && wanted.on.is_none_or(|on| on == f.on) && wanted.says.as_ref().is_none_or(|wanted| wanted == says)
        };
        match standing.iter().position(fits) {
            Some(at) => drop(standing.swap_remove(at)),
            None => out.push(format!("{}: no finding {} {}; found: {}", check.on, wanted.code, wanted.says.as_deref().unwrap_or_default(), told(&standing))),
        }
    }
    if check.no_other_findings && !standing.is_empty() {
        out.push(format!("{}: findings that are not expected: {}", check.on, told(&standing)));
    }
    Ok(out)
}

/// Whose a line or posting is to be: `person li`, `party acme`.
fn stated(person: Option<&String>, party: Option<&String>) -> String {
    let said = [("person", person), ("party", party)].into_iter().filter_map(|(word, code)| Some(format!("{word} {}", code?)));
    said.collect::<Vec<_>>().join(" and ")
}

/// Whose it is, likewise.
fn found_with(to: Beneficiary, code: &str) -> String {
    format!("{} {code}", to.parts().0)
}

/// Amounts are compared as written out in full.
fn plain(amount: &str) -> String {
    amount.trim().to_owned()
}

/// Compares two lists without order; a date that is not stated matches any.
fn unmatched(out: &mut Vec<String>, on: NaiveDate, what: &str, wanted: Vec<(String, Option<NaiveDate>)>, mut found: Vec<(String, Option<NaiveDate>)>) {
    let dated = |d: Option<NaiveDate>| d.map_or_else(String::new, |d| format!(" from {d}"));
    // Those that state their date choose first.
    let mut wanted = wanted;
    wanted.sort_by_key(|(_, d)| d.is_none());
    for (text, date) in wanted {
        match found.iter().position(|(t, d)| *t == text && (date.is_none() || *d == date)) {
            Some(i) => {
                found.swap_remove(i);
            }
            None => out.push(format!("{on}: {what} expected and not found: {text}{}", dated(date))),
        }
    }
    out.extend(found.into_iter().map(|(t, d)| format!("{on}: {what} found and not expected: {t}{}", dated(d))));
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::unnoticed;
    use crate::EngineError;
    use crate::scenario::mutations;

    /// What is said of the share 1 doubled to 2, or else halved to 0.5, when runs with it end so.
    fn said(run: impl FnMut(Value) -> Result<Vec<String>, EngineError>) -> Option<String> {
        let all = mutations(&json!({"share": "1"}), &Value::Null, "/share").unwrap_or_default();
        all.first().map(|m| unnoticed(m, run)).transpose().ok().flatten().flatten()
    }

    fn refused() -> EngineError {
        EngineError::Parameters { pack: "pack".to_owned(), problems: String::new() }
    }

    #[test]
    fn a_form_that_the_pack_refuses_gives_way_to_the_next_one() {
        let halved = |figures: &[&str]| {
            let figures: Vec<String> = figures.iter().map(|f| (*f).to_owned()).collect();
            move |parameters: Value| if parameters == json!({"share": "2"}) { Err(refused()) } else { Ok(figures.clone()) }
        };
        assert_eq!(said(halved(&["another figure"])), None);
        assert_eq!(said(halved(&[])).as_deref(), Some(r#"passes although /share: "1" → "0.5""#));
    }

    #[test]
    fn a_mutation_that_the_pack_refuses_in_every_form_is_not_taken_for_noticed() {
        let why = said(|_| Err(refused()));
        assert_eq!(why.as_deref(), Some(r#"/share: "1" could not be changed: the pack refuses "2" and "0.5"; take it out of `covers.parameters`"#));
    }
}
