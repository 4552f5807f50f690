//! Cases into the flat lists of the contract.
//!
//! What a case looks like must not depend on its neighbours. So every case has its own range
//! of person handles, in the order in which the case names the persons, and words are
//! sorted. A handle of another case is out of the range, and is found out.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use recoup_model::Date;
use recoup_model::agreement::Term;
use recoup_model::calendar::day_number;
use recoup_model::case::{Case, CaseEntryKind, Scope, Setting};
use recoup_model::id::{PartyId, PersonId};
use recoup_model::pause::PauseKind;
use recoup_model::receivable::{Means, Stage};
use recoup_wit::{NONE_DAY, NONE_INDEX};

use crate::bindings::rules::wit;
use crate::{RulesDescription, What};

/// Cases as a plugin sees them, with what is needed to read the answer.
pub(super) struct Lowered {
    pub(super) cases: wit::Cases,
    /// Cases and facts: what fuel is given for.
    pub(super) facts: usize,
    /// Whom handles mean.
    pub(super) persons: Vec<PersonId>,
    /// Per case, its handles.
    pub(super) handles: Vec<Range<usize>>,
    /// The same of parties.
    pub(super) parties: Vec<PartyId>,
    pub(super) party_handles: Vec<Range<usize>>,
}

/// How many of the first cases make a batch: at least one, at most so many cases and facts.
pub(super) fn batch_len(cases: &[Case], cases_max: usize, facts_max: usize) -> usize {
    let mut facts = 0_usize;
    let fitting = cases.iter().take(cases_max).take_while(|case| {
        facts = facts.saturating_add(weight(case));
        facts <= facts_max
    });
    fitting.count().max(1)
}

fn weight(case: &Case) -> usize {
    let agreed = case.agreed.as_ref().map_or(0, |a| a.terms.len() + a.obligors.len() + a.supervised.iter().map(|s| 1 + s.recovered.len()).sum::<usize>())
        + case.milestones.len()
        + case.false_reports.len()
        + case.sanctions.len();
    let pauses = case.receivables.iter().map(|r| r.pauses.len()).sum::<usize>();
    1 + agreed + pauses + case.receivables.len() + case.stages.len() + case.entries.len() + case.roles.len() + case.shares.len() + case.wages.len()
}

pub(super) fn lower(description: &RulesDescription, setting: &Setting, cases: &[Case]) -> Result<Lowered, What> {
    let symbols: BTreeSet<&str> = cases.iter().flat_map(|case| words(description, case)).collect();
    let symbol_of: HashMap<&str, u32> = symbols.iter().copied().zip(0..).collect();
    let mut lists = Lists {
        cases: empty(setting, &symbols),
        persons: Vec::new(),
        handles: Vec::with_capacity(cases.len()),
        parties: Vec::new(),
        party_handles: Vec::with_capacity(cases.len()),
    };
    for case in cases {
        lists.push(description, case, &symbol_of).ok_or_else(|| What::Incompatible(format!("case {} is larger than a batch can be", case.key.subject)))?;
    }
    let facts = cases.iter().map(weight).sum();
    let Lists { cases, persons, handles, parties, party_handles } = lists;
    Ok(Lowered { cases, facts, persons, handles, parties, party_handles })
}

/// The terms of a case's agreement that the pack reads, in the order in which it names them. They are of the types that it
/// names: a case of another is not lowered.
fn terms<'a>(description: &'a RulesDescription, case: &'a Case) -> impl Iterator<Item = (&'a str, &'a Term)> {
    let agreed = case.agreed.as_ref();
    let shape = agreed.and_then(|agreed| description.agreements.iter().find(|a| a.kind == agreed.kind));
    shape.into_iter().flat_map(|shape| &shape.terms).filter_map(move |term| Some((term.name.as_str(), agreed?.terms.get(&term.name)?)))
}

/// Every word that a case has.
fn words<'a>(description: &'a RulesDescription, case: &'a Case) -> impl Iterator<Item = &'a str> {
    let of_term = |(name, value): (&'a str, &'a Term)| {
        let word = if let Term::Word(word) = value { Some(word.as_str()) } else { None };
        std::iter::once(name).chain(word)
    };
    let kinds = case.agreed.iter().map(|a| a.kind.as_str()).chain(case.milestones.iter().map(|m| m.kind.as_str()));
    let obligors = case.agreed.iter().flat_map(|a| a.obligors.iter().map(|(_, role)| role.as_str()));
    let sanctions = case.false_reports.iter().filter_map(|f| f.sanction).chain(case.sanctions.iter().map(|s| s.kind));
    let sanctions = sanctions.map(|kind| -> &'a str { kind.word() });
    let supervised = case.agreed.iter().flat_map(|a| a.supervised.iter().map(|s| s.unit.as_str()));
    case.roles.iter().map(|r| r.role.as_str()).chain(obligors).chain(supervised).chain(kinds).chain(sanctions).chain(terms(description, case).flat_map(of_term))
}

fn empty(setting: &Setting, symbols: &BTreeSet<&str>) -> wit::Cases {
    wit::Cases {
        as_of: day_number(setting.as_of),
        currency: setting.currency.code().to_owned(),
        parameters: setting.parameters.clone(),
        symbols: symbols.iter().map(|s| (*s).to_owned()).collect(),
        subjects: Vec::new(),
        receivables: Vec::new(),
        pauses: Vec::new(),
        stages: Vec::new(),
        entries: Vec::new(),
        roles: Vec::new(),
        shares: Vec::new(),
        wages: Vec::new(),
        terms: Vec::new(),
        milestones: Vec::new(),
        applied: Vec::new(),
        obligors: Vec::new(),
        false_reports: Vec::new(),
        sanctions: Vec::new(),
        supervised: Vec::new(),
        recoveries: Vec::new(),
    }
}

struct Lists {
    cases: wit::Cases,
    persons: Vec<PersonId>,
    handles: Vec<Range<usize>>,
    parties: Vec<PartyId>,
    party_handles: Vec<Range<usize>>,
}

/// Numbers whom a case names, each once, in the order in which it names them.
struct Numbers<'a, T> {
    all: &'a mut Vec<T>,
    known: HashMap<T, u32>,
}

impl<'a, T: Copy + Eq + std::hash::Hash> Numbers<'a, T> {
    fn new(all: &'a mut Vec<T>) -> Self {
        Self { all, known: HashMap::new() }
    }

    /// `None` when there are more than an index can say.
    fn handle(&mut self, one: T) -> Option<u32> {
        if let Some(handle) = self.known.get(&one) {
            return Some(*handle);
        }
        let handle = u32::try_from(self.all.len()).ok()?;
        self.all.push(one);
        self.known.insert(one, handle);
        Some(handle)
    }
}

impl Lists {
    /// `None` when a list becomes longer than an index can say.
    fn push(&mut self, description: &RulesDescription, case: &Case, symbol_of: &HashMap<&str, u32>) -> Option<()> {
        let first = self.persons.len();
        let first_party = self.parties.len();
        let mut persons = Numbers::new(&mut self.persons);
        let mut handle = |person: PersonId| persons.handle(person);
        let mut parties = Numbers::new(&mut self.parties);
        let c = &mut self.cases;
        let pauses = &mut c.pauses;
        let receivables = append(&mut c.receivables, &case.receivables, |r| {
            Some(wit::Receivable {
                document_day: day_number(r.document_date),
                due_day: day(r.due),
                expected_day: day(r.expected),
                gross: r.gross,
                party: parties.handle(r.party)?,
                pauses: append(pauses, &r.pauses, |p| Some(wit::Pause { kind: pause(p.kind), from: day_number(p.from), to: day(p.to) }))?,
            })
        })?;
        let stages = append(&mut c.stages, &case.stages, |s| {
            Some(wit::StageFrom { receivable: u32::try_from(s.receivable).ok()?, from: day_number(s.from), stage: stage(s.stage) })
        })?;
        let entries = append(&mut c.entries, &case.entries, |e| {
            Some(wit::Entry {
                receivable: u32::try_from(e.receivable).ok()?,
                day: day_number(e.on),
                amount: e.amount,
                kind: kind(e.kind),
                cites: e.cites.map_or(Some(NONE_INDEX), |i| u32::try_from(i).ok())?,
            })
        })?;
        let shares = append(&mut c.shares, &case.shares, |(person, weight)| Some(wit::Share { person: handle(*person)?, weight: *weight }))?;
        let roles = append(&mut c.roles, &case.roles, |r| {
            Some(wit::RoleSpan { person: handle(r.person)?, role: *symbol_of.get(r.role.as_str())?, from: day_number(r.from), to: day(r.to) })
        })?;
        let wages = append(&mut c.wages, &case.wages, |w| {
            let month = u8::try_from(w.month.month()).ok()?;
            Some(wit::WageMonth { person: handle(w.person)?, year: w.month.year(), month, gross: w.gross })
        })?;
        let scope = match case.key.scope {
            Scope::Letter => wit::Scope::Letter,
            Scope::Contract => wit::Scope::Contract,
            Scope::Agreement => wit::Scope::Agreement,
        };
        let kind = case.agreed.as_ref().map_or(Some(NONE_INDEX), |a| symbol_of.get(a.kind.as_str()).copied())?;
        let agreed: Vec<(&str, &Term)> = terms(description, case).collect();
        let terms = append(&mut c.terms, &agreed, |(name, value)| term(*symbol_of.get(name)?, value, symbol_of))?;
        let bound = case.agreed.as_ref().map_or(&[][..], |a| &a.obligors);
        let obligors =
            append(&mut c.obligors, bound, |(party, role)| Some(wit::Obligor { party: parties.handle(*party)?, role: *symbol_of.get(role.as_str())? }))?;
        let applied = &mut c.applied;
        let milestones = append(&mut c.milestones, &case.milestones, |m| {
            let (entries, received) = m.receipt.as_ref().map_or((&[][..], 0), |r| (&r.entries[..], r.received));
            Some(wit::Milestone {
                kind: *symbol_of.get(m.kind.as_str())?,
                day: day_number(m.on),
                amount: m.amount,
                person: m.person.map_or(Some(NONE_INDEX), &mut handle)?,
                receivable: m.receivable.map_or(Some(NONE_INDEX), |i| u32::try_from(i).ok())?,
                applied: append(applied, entries, |i| u32::try_from(*i).ok())?,
                received,
            })
        })?;
        let false_reports = append(&mut c.false_reports, &case.false_reports, |f| {
            Some(wit::FalseReport {
                day: day_number(f.on),
                person: handle(f.person)?,
                from: day(f.from),
                to: day(f.to),
                sanction: f.sanction.map_or(Some(NONE_INDEX), |kind| symbol_of.get(kind.word()).copied())?,
                receivable: f.receivable.map_or(Some(NONE_INDEX), |i| u32::try_from(i).ok())?,
                applied: append(applied, &f.entries, |i| u32::try_from(*i).ok())?,
            })
        })?;
        let sanctions = append(&mut c.sanctions, &case.sanctions, |s| {
            Some(wit::Sanction { person: handle(s.person)?, kind: *symbol_of.get(s.kind.word())?, from: day_number(s.from), to: day(s.to) })
        })?;
        let followed = case.agreed.as_ref().map_or(&[][..], |a| &a.supervised);
        let recoveries = &mut c.recoveries;
        let supervised = append(&mut c.supervised, followed, |s| {
            let recovered = append(recoveries, &s.recovered, |(on, amount)| Some(wit::Recovery { day: day_number(*on), amount: *amount }))?;
            Some(wit::SupervisedUnit { unit: *symbol_of.get(s.unit.as_str())?, target: s.target, recovered })
        })?;
        c.subjects.push(wit::Subject {
            scope,
            from: day_number(case.from),
            to: day(case.to),
            receivables,
            stages,
            entries,
            roles,
            shares,
            wages,
            kind,
            terms,
            milestones,
            obligors,
            false_reports,
            sanctions,
            supervised,
        });
        self.handles.push(first..self.persons.len());
        self.party_handles.push(first_party..self.parties.len());
        Some(())
    }
}

/// Appends what items become, and says where they are.
fn append<A, B>(list: &mut Vec<B>, items: &[A], mut to: impl FnMut(&A) -> Option<B>) -> Option<wit::Span> {
    let span = wit::Span { start: u32::try_from(list.len()).ok()?, count: u32::try_from(items.len()).ok()? };
    list.reserve(items.len());
    for item in items {
        list.push(to(item)?);
    }
    Some(span)
}

/// `None` where a decimal has more digits than the contract carries, which the host finds out before.
fn term(name: u32, value: &Term, symbol_of: &HashMap<&str, u32>) -> Option<wit::Term> {
    let (kind, value, scale) = match value {
        Term::Money(minor) => (wit::TermKind::Money, *minor, 0),
        Term::Decimal(decimal) => {
            let decimal = decimal.normalize();
            (wit::TermKind::Decimal, i64::try_from(decimal.mantissa()).ok()?, u8::try_from(decimal.scale()).ok()?)
        }
        Term::Day(day) => (wit::TermKind::Day, i64::from(day_number(*day)), 0),
        Term::Word(word) => (wit::TermKind::Word, i64::from(*symbol_of.get(word.as_str())?), 0),
    };
    Some(wit::Term { name, kind, value, scale })
}

fn day(date: Option<Date>) -> i32 {
    date.map_or(NONE_DAY, day_number)
}

const fn stage(stage: Stage) -> wit::Stage {
    match stage {
        Stage::Settled => wit::Stage::Settled,
        Stage::Unsettled => wit::Stage::Unsettled,
        Stage::MeasuredUnpaid => wit::Stage::MeasuredUnpaid,
        Stage::Retention => wit::Stage::Retention,
    }
}

const fn pause(kind: PauseKind) -> wit::PauseKind {
    match kind {
        PauseKind::Dispute => wit::PauseKind::Dispute,
        PauseKind::Litigation => wit::PauseKind::Litigation,
        PauseKind::ForceMajeure => wit::PauseKind::ForceMajeure,
    }
}

const fn kind(kind: CaseEntryKind) -> wit::EntryKind {
    match kind {
        CaseEntryKind::Gross => wit::EntryKind::Gross,
        CaseEntryKind::Correction => wit::EntryKind::Correction,
        CaseEntryKind::Applied(Means::Cash) => wit::EntryKind::Cash,
        CaseEntryKind::Applied(Means::CreditNote) => wit::EntryKind::CreditNote,
        CaseEntryKind::Applied(Means::SetOff) => wit::EntryKind::SetOff,
        CaseEntryKind::Applied(Means::InKind) => wit::EntryKind::InKind,
        CaseEntryKind::WrittenOff => wit::EntryKind::WriteOff,
    }
}
