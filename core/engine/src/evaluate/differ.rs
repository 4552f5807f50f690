//! Verdicts against what stands: lines and findings that changed, and the postings that make up the difference.
//! Nothing is written here: what differs is told, and whoever asked appends or counts it.
//!
//! A line's states amount to dated movements on two balances. What is posted already is
//! subtracted day by day and balance by balance, and the remainder is appended: so a second run
//! posts nothing, and every schedule of evaluation ends in the same net per line and day.

use std::collections::{BTreeMap, HashMap, HashSet};

use recoup_model::calendar::{Date, Month};
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Balance, CaseJudged, Finding, Line, LineChange, Movement, Posting, Verdict};
use recoup_model::id::{FindingId, LineId};
use recoup_model::period::Periods;
use recoup_store::{EVERYTHING as NOW, LineFilter, Said, StoredLine, Subjects, View, content_of};
use uuid::Uuid;

use super::Outcome;
use crate::EngineError;

/// What stands in the ledger for the judged cases.
#[derive(Default)]
struct Standing {
    lines: HashMap<LineId, StoredLine>,
    posted: HashMap<LineId, BTreeMap<(Date, Balance), i64>>,
    findings: HashMap<FindingId, Finding>,
    judged: HashMap<CaseKey, CaseJudged>,
    periods: Periods,
}

impl Standing {
    /// Whether a line stands in the ledger exactly like this.
    fn holds(&self, line: &Line) -> Result<bool, EngineError> {
        match self.lines.get(&line.id) {
            Some(stored) => Ok(stored.content == content_of(line)?),
            None => Ok(false),
        }
    }

    /// Whether a case's last judgement says the same as this one. Never to have been judged says: nothing to look at again.
    fn says(&self, judged: &CaseJudged) -> bool {
        match self.judged.get(&judged.case) {
            Some(before) => (before.recheck_on, &before.fault) == (judged.recheck_on, &judged.fault),
            None => (judged.recheck_on, &judged.fault) == (None, &None),
        }
    }
}

fn standing(view: &mut View<'_>, pack: &str, subjects: &Subjects, first: bool) -> Result<Standing, EngineError> {
    let periods = view.periods(NOW)?;
    // Nothing stands of a pack that was never evaluated.
    if first {
        return Ok(Standing { periods, ..Standing::default() });
    }
    let mine = LineFilter { pack: Some(pack), subjects: Some(subjects) };
    let lines: HashMap<LineId, StoredLine> = view.lines(mine, NOW)?.into_iter().map(|l| (l.id, l)).collect();
    let mut posted: HashMap<LineId, BTreeMap<(Date, Balance), i64>> = HashMap::new();
    for (line, m) in view.posted(mine, NOW)? {
        *posted.entry(line).or_default().entry((m.on, m.balance)).or_default() += m.amount;
    }
    Ok(Standing {
        lines,
        posted,
        findings: view.findings(Some(subjects), NOW)?.into_iter().filter(|f| f.case.pack == pack).map(|f| (f.id, f)).collect(),
        judged: view.cases_judged(Some(subjects), NOW)?.into_iter().filter(|c| c.case.pack == pack).map(|c| (c.case.clone(), c)).collect(),
        periods,
    })
}

/// A case among those of one pack.
type Subject = (Scope, Uuid);

const fn subject(case: &CaseKey) -> Subject {
    (case.scope, case.subject)
}

/// What has to be appended so that these verdicts stand for their subjects, and what that comes to. The first evaluation of a pack finds nothing.
pub(super) fn differing(
    view: &mut View<'_>,
    pack: &str,
    as_of: Date,
    subjects: &Subjects,
    verdicts: Vec<Verdict>,
    first: bool,
) -> Result<(Vec<Said>, Outcome), EngineError> {
    let mut standing = standing(view, pack, subjects, first)?;
    let mut outcome = Outcome { cases: verdicts.len(), ..Outcome::default() };
    let mut said: Vec<Said> = Vec::new();
    let mut judged: HashSet<Subject> = HashSet::new();
    let mut faulted: HashSet<Subject> = HashSet::new();
    let mut kept: (HashSet<LineId>, HashSet<FindingId>) = Default::default();
    for Verdict { case, outcome: verdict } in verdicts {
        judged.insert(subject(&case));
        let judgement = match verdict {
            Ok(due) => {
                for line in due.lines {
                    kept.0.insert(line.id);
                    move_line(&mut standing, line, &mut said, &mut outcome)?;
                }
                for finding in due.findings {
                    kept.1.insert(finding.id);
                    if standing.findings.get(&finding.id) != Some(&finding) {
                        outcome.findings_changed += 1;
                        said.push(Said::Finding(finding));
                    }
                }
                CaseJudged { case, as_of, recheck_on: due.recheck_on, fault: None }
            }
            // What stands keeps standing: a case that cannot be judged never counts as zero.
            Err(fault) => {
                faulted.insert(subject(&case));
                outcome.faults.push(fault.clone());
                CaseJudged { case, as_of, recheck_on: None, fault: Some(fault) }
            }
        };
        if !standing.says(&judgement) {
            said.push(Said::Judged(judgement));
        }
    }
    // A subject that no longer makes a case is owed nothing, and what set it aside is over.
    let over = standing.judged.values().filter(|c| !judged.contains(&subject(&c.case)) && (c.fault.is_some() || c.recheck_on.is_some()));
    let mut over: Vec<CaseJudged> = over.map(|c| CaseJudged { as_of, recheck_on: None, fault: None, ..c.clone() }).collect();
    over.sort_by(|a, b| a.case.cmp(&b.case));
    said.extend(over.into_iter().map(Said::Judged));
    let gone = standing.lines.values().filter(|l| !l.withdrawn && !faulted.contains(&subject(&l.key.case)) && !kept.0.contains(&l.id));
    let gone: Vec<u64> = gone.map(|l| l.leaf).collect();
    let mut gone: Vec<Line> = view.line_records(&gone)?.into_iter().map(|l| Line { withdrawn: true, ..l }).collect();
    gone.sort_by_key(|l| l.id);
    for line in gone {
        move_line(&mut standing, line, &mut said, &mut outcome)?;
    }
    let mut withdrawn: Vec<Finding> = standing
        .findings
        .values()
        .filter(|f| !f.withdrawn && !faulted.contains(&subject(&f.case)) && !kept.1.contains(&f.id))
        .map(|f| Finding { withdrawn: true, ..f.clone() })
        .collect();
    withdrawn.sort_by_key(|f| f.id);
    outcome.findings_changed += withdrawn.len();
    said.extend(withdrawn.into_iter().map(Said::Finding));
    Ok((said, outcome))
}

/// Records a line that is new or changed, with the postings that its movements lack.
fn move_line(standing: &mut Standing, line: Line, said: &mut Vec<Said>, outcome: &mut Outcome) -> Result<(), EngineError> {
    let lacking = missing(&line, standing.posted.remove(&line.id).unwrap_or_default());
    if lacking.is_empty() && standing.holds(&line)? {
        return Ok(());
    }
    let postings: Vec<Posting> = lacking
        .into_iter()
        .map(|Movement { on, balance, amount }| {
            let period = standing.periods.posting_period(on);
            Posting { balance, amount, on, period, origin: Some(Month::of(on)).filter(|origin| *origin != period) }
        })
        .collect();
    outcome.lines_changed += 1;
    outcome.postings += postings.len();
    said.push(Said::Line(LineChange { line, postings }));
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
