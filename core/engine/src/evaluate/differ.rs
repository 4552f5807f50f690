//! Verdicts against what stands: lines and findings that changed, and the postings that make up the difference.
//!
//! A line's states amount to dated movements on two balances. What is posted already is
//! subtracted day by day and balance by balance, and the remainder is appended: so a second run
//! posts nothing, and every schedule of evaluation ends in the same net per line and day.

use std::collections::{BTreeMap, HashMap, HashSet};

use recoup_model::calendar::{Date, Month};
use recoup_model::case::CaseKey;
use recoup_model::due::{Balance, CaseJudged, Finding, Line, Movement, Posting};
use recoup_model::id::{FindingId, LineId, PostingId};
use recoup_model::period::Periods;
use recoup_model::record::{Leaf, Record};
use recoup_store::{EVERYTHING as NOW, LineFilter, StoredLine, Tx, View, content_of};

use super::{Judged, Outcome, periods};
use crate::EngineError;

/// What stands in the ledger for the judged cases.
struct Standing {
    lines: HashMap<LineId, StoredLine>,
    posted: HashMap<LineId, BTreeMap<(Date, Balance), i64>>,
    findings: HashMap<FindingId, Finding>,
    judged: HashMap<CaseKey, CaseJudged>,
    periods: Periods,
}

impl Standing {
    /// Whether a line stands in the ledger exactly like this.
    fn holds(&self, id: LineId, record: &Record) -> Result<bool, EngineError> {
        match self.lines.get(&id) {
            Some(stored) => Ok(stored.content == content_of(record)?),
            None => Ok(false),
        }
    }
}

fn standing(view: &mut View<'_>, pack: &str, judged: &Judged) -> Result<Standing, EngineError> {
    let stored = view.lines(LineFilter { pack: Some(pack), subjects: Some(&judged.subjects) }, NOW)?;
    let lines: HashMap<LineId, StoredLine> = stored.into_iter().map(|l| (l.id, l)).collect();
    let ids: Vec<LineId> = lines.keys().copied().collect();
    let mut posted: HashMap<LineId, BTreeMap<(Date, Balance), i64>> = HashMap::new();
    for (line, m) in view.posted(Some(&ids), NOW)? {
        *posted.entry(line).or_default().entry((m.on, m.balance)).or_default() += m.amount;
    }
    Ok(Standing {
        lines,
        posted,
        findings: view.findings(Some(&judged.subjects), NOW)?.into_iter().filter(|f| f.case.pack == pack).map(|f| (f.id, f)).collect(),
        judged: view.cases_judged(Some(&judged.subjects), NOW)?.into_iter().filter(|c| c.case.pack == pack).map(|c| (c.case.clone(), c)).collect(),
        periods: periods(view)?,
    })
}

/// Appends what differs.
pub(super) fn write(tx: &mut Tx<'_>, pack: &str, as_of: Date, judged: &Judged) -> Result<Outcome, EngineError> {
    let mut standing = standing(tx, pack, judged)?;
    let mut outcome = Outcome::default();
    let mut leaves: Vec<Leaf> = Vec::new();
    let mut judged_cases: HashSet<&CaseKey> = HashSet::new();
    let mut faulted: HashSet<&CaseKey> = HashSet::new();
    let mut kept: (HashSet<LineId>, HashSet<FindingId>) = Default::default();
    for verdict in &judged.verdicts {
        judged_cases.insert(&verdict.case);
        let record = |recheck_on, fault| CaseJudged { case: verdict.case.clone(), as_of, recheck_on, fault };
        let judged_now = match &verdict.outcome {
            Ok(due) => {
                for line in &due.lines {
                    kept.0.insert(line.id);
                    move_line(&mut standing, line, judged.known_at, &mut leaves, &mut outcome)?;
                }
                for finding in &due.findings {
                    kept.1.insert(finding.id);
                    if standing.findings.get(&finding.id) != Some(finding) {
                        outcome.findings_changed += 1;
                        leaves.push(Record::Finding(finding.clone()).into());
                    }
                }
                record(due.recheck_on, None)
            }
            // What stands keeps standing: a case that cannot be judged never counts as zero.
            Err(fault) => {
                faulted.insert(&verdict.case);
                outcome.faults.push(fault.clone());
                record(None, Some(fault.clone()))
            }
        };
        let changed = standing.judged.get(&verdict.case).is_none_or(|before| before.recheck_on != judged_now.recheck_on || before.fault != judged_now.fault);
        if changed {
            leaves.push(Record::CaseJudged(judged_now).into());
        }
    }
    // A subject that no longer makes a case is owed nothing, and what set it aside is over.
    let over = standing.judged.values().filter(|c| !judged_cases.contains(&c.case) && (c.fault.is_some() || c.recheck_on.is_some()));
    leaves.extend(over.map(|c| Record::CaseJudged(CaseJudged { as_of, recheck_on: None, fault: None, ..c.clone() }).into()));
    let gone = standing.lines.values().filter(|l| !l.withdrawn && !faulted.contains(&l.key.case) && !kept.0.contains(&l.id));
    let gone: Vec<u64> = gone.map(|l| l.leaf).collect();
    let mut gone: Vec<Line> = tx.line_records(&gone)?.into_iter().map(|l| Line { withdrawn: true, ..l }).collect();
    gone.sort_by_key(|l| l.id);
    for line in &gone {
        move_line(&mut standing, line, judged.known_at, &mut leaves, &mut outcome)?;
    }
    let mut withdrawn: Vec<Finding> = standing
        .findings
        .values()
        .filter(|f| !f.withdrawn && !faulted.contains(&f.case) && !kept.1.contains(&f.id))
        .map(|f| Finding { withdrawn: true, ..f.clone() })
        .collect();
    withdrawn.sort_by_key(|f| f.id);
    outcome.findings_changed += withdrawn.len();
    leaves.extend(withdrawn.into_iter().map(|f| Record::Finding(f).into()));
    // In one go: the store encodes ahead of what it writes.
    tx.append(&leaves)?;
    Ok(outcome)
}

/// Records a line that is new or changed, and posts what its movements lack.
fn move_line(standing: &mut Standing, line: &Line, known_at: i64, leaves: &mut Vec<Leaf>, outcome: &mut Outcome) -> Result<(), EngineError> {
    let record = Record::Line(line.clone());
    if !standing.holds(line.id, &record)? {
        outcome.lines_changed += 1;
        leaves.push(record.into());
    }
    let posted = standing.posted.remove(&line.id).unwrap_or_default();
    for m in missing(line, posted) {
        let period = standing.periods.posting_period(m.on);
        let posting = Posting {
            id: PostingId::from_parts(&[line.id.0.as_bytes(), &m.on.to_epoch_days().to_be_bytes(), m.balance.word().as_bytes(), &known_at.to_be_bytes()]),
            line: line.id,
            clause: line.key.clause.clone(),
            person: line.key.person,
            balance: m.balance,
            amount: m.amount,
            on: m.on,
            period,
            origin: Some(Month::of(m.on)).filter(|origin| *origin != period),
        };
        outcome.postings += 1;
        leaves.push(Record::Posting(posting).into());
    }
    Ok(())
}

/// What a line's movements have that the posted ones have not.
fn missing(line: &Line, posted: BTreeMap<(Date, Balance), i64>) -> Vec<Movement> {
    let mut wanted: BTreeMap<(Date, Balance), i64> = BTreeMap::new();
    for m in line.movements() {
        *wanted.entry((m.on, m.balance)).or_default() += m.amount;
    }
    for (at, amount) in posted {
        *wanted.entry(at).or_default() -= amount;
    }
    wanted.into_iter().filter(|(_, amount)| *amount != 0).map(|((on, balance), amount)| Movement { on, balance, amount }).collect()
}

/// Lines that a write would change or move.
pub(super) fn lines_that_differ(view: &mut View<'_>, pack: &str, judged: &Judged) -> Result<usize, EngineError> {
    let mut standing = standing(view, pack, judged)?;
    let mut kept = HashSet::new();
    let mut differ = 0;
    for line in judged.verdicts.iter().filter_map(|v| v.outcome.as_ref().ok()).flat_map(|d| &d.lines) {
        kept.insert(line.id);
        let posted = standing.posted.remove(&line.id).unwrap_or_default();
        if !standing.holds(line.id, &Record::Line(line.clone()))? || !missing(line, posted).is_empty() {
            differ += 1;
        }
    }
    let faulted: HashSet<&CaseKey> = judged.verdicts.iter().filter(|v| v.outcome.is_err()).map(|v| &v.case).collect();
    Ok(differ + standing.lines.values().filter(|l| !l.withdrawn && !faulted.contains(&l.key.case) && !kept.contains(&l.id)).count())
}
