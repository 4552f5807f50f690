//! Rules calls through the sandbox against the same pack compiled native.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use recoup_host::RulesPlugin;
use recoup_model::calendar::day_number;
use recoup_model::case::{Case, CaseEntry, CaseEntryKind, CaseKey, CaseReceivable, CaseStage, Scope, Setting};
use recoup_model::id::{EntryId, LetterId, PartyId, PersonId, ReceivableId};
use recoup_model::receivable::{Means, Stage};
use recoup_model::{Currency, Date};
use recoup_rules_legacy_construction::LegacyConstruction;
use recoup_sdk::rules::wire::{self, Cases, Span};
use recoup_sdk::rules::{NONE_DAY, NONE_INDEX};

use super::{Line, Setup, data, differ, grouped, per_second, ratio};
use crate::context::For;
use crate::error::CliError;

const CASES: usize = 100_000;
const BATCH: usize = 512;
const ROUNDS: usize = 5;

pub(super) fn run(bench: &Setup<'_>) -> Result<Vec<Line>, CliError> {
    let plugin = bench.context.rules(&bench.host, Some("legacy-construction"), For::Trial)?;
    let count = bench.size(CASES);
    let cases: Vec<Case> = (0..count).map(|n| case(&plugin.description().id, n)).collect();
    let as_of = data::day(2_099);
    let setting = Setting { as_of, currency: Currency::CNY, parameters: bench.context.parameters(&plugin)? };
    if sandboxed(&plugin, &setting, &cases)?.1 != natively(&setting, &cases)?.1 {
        return Err(differ("the lines of sandbox and native build"));
    }
    let (mut inside, mut outside) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        outside = outside.min(natively(&setting, &cases)?.0);
        inside = inside.min(sandboxed(&plugin, &setting, &cases)?.0);
    }
    let figure = format!("{} cases/s", grouped(per_second(count, inside)));
    let note = format!("native {} cases/s, unchecked; batches of {BATCH}, one core", grouped(per_second(count, outside)));
    Ok(vec![Line::ratio("rules, legacy-construction, sandbox : native", figure, ratio(inside, outside), None).note(note)])
}

/// A letter about one claim, half of which was recovered by its one sharer.
fn case(pack: &str, n: usize) -> Case {
    let id = n.to_be_bytes();
    let (document_date, gross) = (data::day(n % 1_400), data::amount(n));
    let receivable = CaseReceivable {
        id: ReceivableId::from_parts(&[&id]),
        document_date,
        due: Some(document_date + chrono::Days::new(60)),
        expected: None,
        gross,
        party: PartyId::from_parts(&[&id]),
        pauses: Vec::new(),
    };
    let entry = |part: &[u8], on: Date, amount: i64, kind| CaseEntry { id: EntryId::from_parts(&[&id, part]), receivable: 0, on, amount, kind, cites: None };
    Case {
        key: CaseKey { pack: pack.to_owned(), scope: Scope::Letter, subject: LetterId::from_parts(&[&id]).0 },
        from: data::day(1_500),
        to: Some(data::day(2_050)),
        receivables: vec![receivable],
        stages: vec![CaseStage { receivable: 0, from: document_date, stage: Stage::Settled }],
        entries: vec![
            entry(b"gross", document_date, gross, CaseEntryKind::Gross),
            entry(b"cash", data::day(1_501 + n % 500), -gross / 2, CaseEntryKind::Applied(Means::Cash)),
        ],
        roles: Vec::new(),
        shares: vec![(PersonId::from_parts(&[&(n % 300).to_be_bytes()]), 100)],
        wages: Vec::new(),
        agreed: None,
        milestones: Vec::new(),
        false_reports: Vec::new(),
        sanctions: Vec::new(),
    }
}

/// Lines and the sum of their amounts: the same on both sides.
type Outcome = (usize, i64);

/// As the engine calls a pack: cases in, checked verdicts out.
fn sandboxed(plugin: &RulesPlugin, setting: &Setting, cases: &[Case]) -> Result<(Duration, Outcome), CliError> {
    let start = Instant::now();
    let mut outcome = (0, 0);
    for batch in cases.chunks(BATCH) {
        for verdict in plugin.evaluate(setting, batch)?.verdicts {
            let due = verdict.outcome.map_err(|fault| CliError::Failed(fault.detail))?;
            outcome.0 += due.lines.len();
            outcome.1 += due.lines.iter().map(|l| l.amount).sum::<i64>();
        }
    }
    Ok((start.elapsed(), outcome))
}

/// The same cases into the same flat batches, judged by the pack as a library.
fn natively(setting: &Setting, cases: &[Case]) -> Result<(Duration, Outcome), CliError> {
    let start = Instant::now();
    let mut outcome = (0, 0);
    for batch in cases.chunks(BATCH) {
        let verdicts = recoup_sdk::rules::evaluate::<LegacyConstruction>(&flat(setting, batch)).map_err(|p| CliError::Failed(p.message))?;
        if let Some(fault) = verdicts.faults.first() {
            return Err(CliError::Failed(format!("case {} cannot be judged", fault.subject)));
        }
        outcome.0 += verdicts.lines.len();
        outcome.1 += verdicts.lines.iter().map(|l| l.amount).sum::<i64>();
    }
    Ok((start.elapsed(), outcome))
}

fn flat(setting: &Setting, cases: &[Case]) -> Cases {
    let mut flat = Cases {
        as_of: day_number(setting.as_of),
        currency: setting.currency.code().to_owned(),
        parameters: setting.parameters.clone(),
        symbols: Vec::new(),
        subjects: Vec::with_capacity(cases.len()),
        receivables: Vec::new(),
        pauses: Vec::new(),
        stages: Vec::new(),
        entries: Vec::new(),
        roles: Vec::new(),
        shares: Vec::new(),
        wages: Vec::new(),
        terms: Vec::new(),
        milestones: Vec::new(),
        false_reports: Vec::new(),
        supervised: Vec::new(),
        recoveries: Vec::new(),
        sanctions: Vec::new(),
        applied: Vec::new(),
        obligors: Vec::new(),
    };
    let mut persons: HashMap<PersonId, u32> = HashMap::new();
    let none = Span { start: 0, count: 0 };
    for (case, party) in cases.iter().zip(0..) {
        let receivables = case.receivables.iter().map(|r| wire::Receivable {
            party,
            document_day: day_number(r.document_date),
            due_day: r.due.map_or(NONE_DAY, day_number),
            expected_day: NONE_DAY,
            gross: r.gross,
            pauses: none,
        });
        let receivables = append(&mut flat.receivables, receivables);
        let stages = case.stages.iter().map(|s| wire::StageFrom { receivable: small(s.receivable), from: day_number(s.from), stage: wire::Stage::Settled });
        let stages = append(&mut flat.stages, stages);
        let entries = case.entries.iter().map(|e| wire::Entry {
            receivable: small(e.receivable),
            day: day_number(e.on),
            amount: e.amount,
            kind: if e.kind == CaseEntryKind::Gross { wire::EntryKind::Gross } else { wire::EntryKind::Cash },
            cites: e.cites.map_or(NONE_INDEX, small),
        });
        let entries = append(&mut flat.entries, entries);
        let shares = case.shares.iter().map(|(person, weight)| {
            let next = small(persons.len());
            wire::Share { person: *persons.entry(*person).or_insert(next), weight: *weight }
        });
        let shares = append(&mut flat.shares, shares);
        let (from, to) = (day_number(case.from), case.to.map_or(NONE_DAY, day_number));
        let (roles, wages, terms, milestones, obligors, kind) = (none, none, none, none, none, NONE_INDEX);
        let (false_reports, sanctions, supervised) = (none, none, none);
        let scope = wire::Scope::Letter;
        flat.subjects.push(wire::Subject {
            scope,
            from,
            to,
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
    }
    flat
}

fn append<T>(list: &mut Vec<T>, items: impl Iterator<Item = T>) -> Span {
    let start = list.len();
    list.extend(items);
    Span { start: small(start), count: small(list.len() - start) }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
