//! Simulation (试算): what other parameters, or another component, would have made due over a past span. Nothing is written.
//!
//! The same cases are judged twice on one snapshot: by the policy in force, and by the one on trial. A line has one id under
//! both, so what differs is told line by line, and added up by clause, person and unit. A case that either of them cannot
//! judge is left out of every figure and named: it never counts as zero. Nor may either earn what another pack has earned
//! ([`stacking`]). Subjects are judged portion by portion, and of each portion only sums and the largest differences are kept.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::AtomicU64;

use recoup_host::RulesPlugin;
use recoup_model::calendar::Date;
use recoup_model::case::{CaseKey, Scope, Setting};
use recoup_model::due::{Balance, Beneficiary, Fault, Line, PolicyInForce, Verdict};
use recoup_model::id::{AgreementId, ContractId, LetterId, LineId, UnitId};
use recoup_model::record::Ledger;
use recoup_store::{Store, View};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{GoesOn, Known, cases_of, checked, in_batches, kinds, portions, scopes, stacking, to_the_end};
use crate::EngineError;
use crate::report::add;
use crate::report::due::Codes;
use crate::settlement::Subjects;

/// A component with parameters that its pack accepts.
#[derive(Clone, Copy)]
pub struct Policy<'a> {
    /// The component.
    pub plugin: &'a RulesPlugin,
    /// Canonical JSON of the parameters.
    pub parameters: &'a str,
}

/// What to simulate.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The first day whose movements count.
    pub from: Date,
    /// The last one; cases are judged at its end.
    pub to: Date,
    /// As known at this position.
    pub known_at: i64,
    /// Cases per call into the sandbox.
    pub batch_cases: usize,
    /// So many of the lines that differ most are told one by one.
    pub largest: usize,
}

/// What moved on the two balances within the span, in minor units of the ledger's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// On the payable balance.
    pub payable: i64,
    /// On the contingent balance.
    pub contingent: i64,
}

/// Figures under the policy in force and under the one on trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// In force.
    pub before: Figures,
    /// On trial.
    pub after: Figures,
    /// Whether a line among them is computed from wages, so that whoever reads the figures may learn a wage.
    pub sensitive: bool,
}

/// A line that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// As it is in force; none where only the trial has it.
    pub before: Option<Line>,
    /// As it is on trial; none where it is no more.
    pub after: Option<Line>,
    /// Staff number of the person, or the party's key in its source.
    pub to: String,
    /// Number of the letter or agreement, or code of the contract.
    pub subject: String,
    /// What it moves.
    pub change: Change,
}

impl Difference {
    /// What the line is, in words.
    fn told(&self) -> impl Ord + '_ {
        let line = self.after.as_ref().or(self.before.as_ref());
        let line = line.map(|line| (line.key.clause.as_str(), line.states.first().map(|(day, _)| *day), line.key.part));
        (&self.to, &self.subject, line)
    }
}

/// A case that one of the two cannot judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Number of the letter or agreement, or code of the contract.
    pub subject: String,
    /// Whether it is the policy on trial that cannot.
    pub on_trial: bool,
    /// Why.
    pub fault: Fault,
}

/// What a simulation found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// As known at this position.
    pub known_at: i64,
    /// Cases judged by both.
    pub cases: usize,
    /// Lines that differ: in amount, states or being there.
    pub differing: usize,
    /// Of all lines.
    pub total: Change,
    /// By clause id.
    pub clauses: BTreeMap<String, Change>,
    /// By staff number, or the party's key.
    pub people: BTreeMap<String, Change>,
    /// By the code of the unit that signed or agreed; what is of no unit stands under an empty one.
    pub units: BTreeMap<String, Change>,
    /// The lines that differ most, by what they move.
    pub largest: Vec<Difference>,
    /// Cases that are in none of the figures.
    pub set_aside: Vec<SetAside>,
}

/// Judges a span twice. With no policy in force at the position, nothing was due before.
///
/// # Errors
/// The span's end lies in the future, or parameters are refused; `simulation.component` when the loaded component is not the
/// one in force, so that its difference would pass for that of the parameters; `simulation.pack` when the two are of different packs.
pub fn simulate(store: &mut Store, ledger: &Ledger, loaded: &RulesPlugin, trial: Policy<'_>, span: &Span, today: Date) -> Result<Simulation, EngineError> {
    simulate_while(store, ledger, loaded, trial, span, today, &to_the_end)
}

/// Judges a span twice, for as long as that is wanted: between batches of cases it asks, and tells how many both judged.
///
/// # Errors
/// As [`simulate`]; or it was to stop.
pub fn simulate_while(
    store: &mut Store,
    ledger: &Ledger,
    loaded: &RulesPlugin,
    trial: Policy<'_>,
    span: &Span,
    today: Date,
    goes_on: &GoesOn<'_>,
) -> Result<Simulation, EngineError> {
    if span.to < span.from {
        return Err(EngineError::Fact {
            code: "simulation.span",
            what: format!("the span ends on {}, before it begins on {}", span.to, span.from),
            mend: "turn the two days around".to_owned(),
        });
    }
    if span.to > today {
        return Err(EngineError::Future { asked: span.to, today });
    }
    let (pack, tried) = (&loaded.description().id, &trial.plugin.description().id);
    if pack != tried {
        return Err(EngineError::Fact {
            code: "simulation.pack",
            what: format!("the component on trial is pack `{tried}`, and `{pack}` is what it is compared with"),
            mend: format!("name a component of `{pack}`, or simulate `{tried}`"),
        });
    }
    checked(trial.plugin, trial.parameters)?;
    store.read(ledger.id, |view| {
        let in_force = in_force(view, loaded, span.known_at)?;
        let before = in_force.as_ref().map(|p| Policy { plugin: loaded, parameters: &p.parameters });
        let units: HashMap<UnitId, String> = view.units(span.known_at)?.into_iter().map(|u| (u.id, u.code)).collect();
        let mut found = Simulation { known_at: span.known_at.min(view.head().position), ..Simulation::default() };
        let (judged, mut followed) = (AtomicU64::new(0), None);
        let subjects = subjects(view, loaded)?.and(subjects(view, trial.plugin)?);
        for portion in portions::of(&subjects, span.batch_cases) {
            let known = Known::of(view, &portion, span.to, span.known_at, &mut followed)?;
            let mut judge = |policy: Policy<'_>, known: Known| -> Result<Vec<Verdict>, EngineError> {
                let setting = Setting { as_of: span.to, currency: ledger.currency, parameters: policy.parameters.to_owned() };
                // Each its own cases: another component may look at other subjects.
                let (cases, _) = cases_of(policy.plugin, span.to, known);
                let (mut verdicts, _) = in_batches(policy.plugin, &setting, &cases, span.batch_cases, &judged, goes_on)?;
                stacking::set_aside(view, policy.plugin, (span.to, span.known_at), &cases, &mut verdicts)?;
                Ok(verdicts)
            };
            let before = before.map(|policy| judge(policy, known.clone())).transpose()?.unwrap_or_default();
            let after = judge(trial, known)?;
            let labels = Labels::of(view, &units, before.iter().chain(&after), span.known_at)?;
            found.compare(before, after, &labels, span)?;
        }
        Ok(found)
    })
}

/// What a component may make cases of.
fn subjects(view: &mut View<'_>, plugin: &RulesPlugin) -> Result<recoup_store::Subjects, EngineError> {
    Ok(view.subjects(Some(&kinds(plugin)))?.only(&scopes(plugin)))
}

/// The policy of a pack at a position, which the loaded component must be able to judge by.
fn in_force(view: &mut View<'_>, loaded: &RulesPlugin, known_at: i64) -> Result<Option<PolicyInForce>, EngineError> {
    let pack = &loaded.description().id;
    match policy_in_force(view, pack, known_at)? {
        Some(p) if p.component != loaded.digest() => Err(EngineError::Fact {
            code: "simulation.component",
            what: format!("the policy of `{pack}` in force is that of component {}, and the one here is {}", p.component.short(), loaded.digest().short()),
            mend: "put the component in force into plugins.directory, and name the other one as the component on trial".to_owned(),
        }),
        found => Ok(found),
    }
}

/// The policy of a pack as known at a position; none when it was never evaluated.
///
/// # Errors
/// The store.
pub fn policy_in_force(view: &mut View<'_>, pack: &str, known_at: i64) -> Result<Option<PolicyInForce>, EngineError> {
    Ok(policy_at(view, pack, known_at)?.map(|(_, p)| p))
}

/// Likewise, with the position that put it in force.
pub(crate) fn policy_at(view: &mut View<'_>, pack: &str, known_at: i64) -> Result<Option<(i64, PolicyInForce)>, EngineError> {
    Ok(view.policies(known_at)?.into_iter().rfind(|(_, p)| p.pack == pack))
}

/// What ids of a portion are called.
struct Labels {
    codes: Codes,
    subjects: Subjects,
    /// Of letters and agreements that a unit signed.
    units: HashMap<(Scope, Uuid), String>,
}

impl Labels {
    fn of<'v>(
        view: &mut View<'_>,
        units: &HashMap<UnitId, String>,
        verdicts: impl Iterator<Item = &'v Verdict> + Clone,
        known_at: i64,
    ) -> Result<Self, EngineError> {
        let of = |scope: Scope| -> BTreeSet<Uuid> { verdicts.clone().map(|v| &v.case).filter(|c| c.scope == scope).map(|c| c.subject).collect() };
        let letters: Vec<_> = of(Scope::Letter).into_iter().map(LetterId).collect();
        let agreements: Vec<_> = of(Scope::Agreement).into_iter().map(AgreementId).collect();
        let contracts: Vec<_> = of(Scope::Contract).into_iter().map(ContractId).collect();
        let (letters, agreements) = (view.letters(Some(&letters), known_at)?, view.agreements(Some(&agreements), known_at)?);
        let signed = letters.iter().map(|l| ((Scope::Letter, l.id.0), l.unit));
        let signed = signed.chain(agreements.iter().map(|a| ((Scope::Agreement, a.id.0), a.unit)));
        let units = signed.filter_map(|(case, unit)| Some((case, units.get(&unit?)?.clone()))).collect();
        let lines = verdicts.clone().filter_map(|v| v.outcome.as_ref().ok()).flat_map(|due| &due.lines);
        let whose: BTreeSet<Beneficiary> = lines.map(|line| line.key.to).collect();
        let subjects = Subjects::of(&letters, &agreements, view.contracts(Some(&contracts), known_at)?);
        Ok(Self { codes: Codes::of_these(view, &whose, known_at)?, subjects, units })
    }

    fn unit(&self, key: &CaseKey) -> String {
        self.units.get(&(key.scope, key.subject)).cloned().unwrap_or_default()
    }
}

impl Simulation {
    /// Adds what a portion of the subjects comes to.
    fn compare(&mut self, before: Vec<Verdict>, after: Vec<Verdict>, labels: &Labels, span: &Span) -> Result<(), EngineError> {
        let mut left_out: HashSet<CaseKey> = HashSet::new();
        for (on_trial, verdict) in before.iter().map(|v| (false, v)).chain(after.iter().map(|v| (true, v))) {
            if let Err(fault) = &verdict.outcome {
                left_out.insert(verdict.case.clone());
                self.set_aside.push(SetAside { subject: labels.subjects.code(&verdict.case), on_trial, fault: fault.clone() });
            }
        }
        let judged = |verdicts: Vec<Verdict>| -> BTreeMap<LineId, Line> {
            let kept = verdicts.into_iter().filter(|v| !left_out.contains(&v.case)).filter_map(|v| v.outcome.ok());
            kept.flat_map(|due| due.lines).map(|line| (line.id, line)).collect()
        };
        self.cases += after.iter().filter(|v| !left_out.contains(&v.case)).count();
        let (mut before, after) = (judged(before), judged(after));
        let mut pairs: Vec<(Option<Line>, Option<Line>)> = after.into_iter().map(|(id, line)| (before.remove(&id), Some(line))).collect();
        pairs.extend(before.into_values().map(|line| (Some(line), None)));
        for (before, after) in pairs {
            let Some(key) = before.as_ref().or(after.as_ref()).map(|line| line.key.clone()) else { continue };
            let sensitive = before.iter().chain(&after).any(|line| line.sensitive);
            let change = Change { before: moved(before.as_ref(), span)?, after: moved(after.as_ref(), span)?, sensitive };
            let (to, subject, unit) = (labels.codes.beneficiary(key.to), labels.subjects.code(&key.case), labels.unit(&key.case));
            let sums = [self.clauses.entry(key.clause).or_default(), self.people.entry(to.clone()).or_default(), self.units.entry(unit).or_default()];
            for sum in sums.into_iter().chain([&mut self.total]) {
                sum.add(change)?;
            }
            if change.before != change.after {
                self.differing += 1;
                self.largest.push(Difference { before, after, to, subject, change });
            }
        }
        self.largest.sort_by(|a, b| b.change.size().cmp(&a.change.size()).then_with(|| a.told().cmp(&b.told())));
        self.largest.truncate(span.largest);
        Ok(())
    }
}

/// What a line moves within the span.
fn moved(line: Option<&Line>, span: &Span) -> Result<Figures, EngineError> {
    let mut sum = Figures::default();
    for m in line.into_iter().flat_map(Line::movements).filter(|m| (span.from..=span.to).contains(&m.on)) {
        let balance = match m.balance {
            Balance::Payable => &mut sum.payable,
            Balance::Contingent => &mut sum.contingent,
        };
        *balance = add(*balance, m.amount)?;
    }
    Ok(sum)
}

impl Figures {
    fn plus(self, other: Self) -> Result<Self, EngineError> {
        Ok(Self { payable: add(self.payable, other.payable)?, contingent: add(self.contingent, other.contingent)? })
    }
}

impl Change {
    fn add(&mut self, other: Self) -> Result<(), EngineError> {
        let sensitive = self.sensitive || other.sensitive;
        *self = Self { before: self.before.plus(other.before)?, after: self.after.plus(other.after)?, sensitive };
        Ok(())
    }

    /// By how much the two differ, whichever way, on both balances.
    fn size(&self) -> u128 {
        let apart = |a: i64, b: i64| u128::from(a.abs_diff(b));
        apart(self.before.payable, self.after.payable) + apart(self.before.contingent, self.after.contingent)
    }
}
