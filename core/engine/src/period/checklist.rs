//! The checklist of a close: what has to be so, what is not, and what an approved decision excludes.

use std::collections::HashMap;
use std::fmt;

use recoup_model::Money;
use recoup_model::Month;
use recoup_model::access::Verdict;
use recoup_model::approval::Matter;
use recoup_model::id::{BatchId, ProposalId};
use recoup_model::import::{Issue, IssueKind};
use recoup_model::period::{InTheWay, Obstacle};
use recoup_model::record::Ledger;
use recoup_store::{EVERYTHING as NOW, View, content_of};

use crate::EngineError;
use crate::evaluate::policy_at;
use crate::quarantine::waiting;

/// Not evaluated up to the month's end, or something changed since.
pub(super) const NOT_EVALUATED: &str = "period.not_evaluated";
const INCIDENT: &str = "period.incident";
const FAULTS: &str = "period.faults";
const QUARANTINE: &str = "period.quarantine";
const CONTROLS: &str = "period.control_totals";
const TRIAL_BALANCE: &str = "period.trial_balance";

/// A line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its stable code: what is wrong when it is not met.
    pub code: &'static str,
    /// What it is about.
    pub subject: String,
    /// How it stands.
    pub state: State,
}

/// How a line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is met.
    Met,
    /// It is not, and a request to close over it was approved.
    Excluded(ProposalId),
    /// It is not.
    Failing {
        /// What is wrong.
        what: String,
        /// How to mend it.
        mend: String,
    },
}

impl State {
    /// How it stands, in a word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Excluded(_) => "excluded",
            Self::Failing { .. } => "failing",
        }
    }
}

impl Check {
    /// Whether it is not met.
    #[must_use]
    pub const fn is_failing(&self) -> bool {
        matches!(self.state, State::Failing { .. })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Met => write!(f, "{} is in order", self.subject),
            State::Excluded(request) => write!(f, "{} is excluded by request {request}", self.subject),
            State::Failing { what, mend } => write!(f, "[{}] {}: {what}: {mend}", self.code, self.subject),
        }
    }
}

/// The checklist without the full evaluation, which takes the plugin.
pub(crate) struct Checklist {
    pub(crate) checks: Vec<Check>,
    /// What stands in the way and is excluded.
    pub(crate) excluded: Vec<Obstacle>,
    /// What stands in the way and is not.
    pub(crate) open: Vec<Obstacle>,
}

/// Whether a full evaluation changes nothing.
pub(super) fn full_evaluation(month: Month, lines: usize) -> Check {
    let failing = (lines > 0).then(|| {
        let what = format!("a full evaluation differs from the state before it in {lines} lines");
        (what, "this is an incident: tell the operator, and keep the database as it is".to_owned())
    });
    line(INCIDENT, format!("the full evaluation of {month}"), failing)
}

fn line(code: &'static str, subject: String, failing: Option<(String, String)>) -> Check {
    Check { code, subject, state: failing.map_or(State::Met, |(what, mend)| State::Failing { what, mend }) }
}

/// The checklist of a month as the ledger stands.
pub(super) fn standing(view: &mut View<'_>, ledger: &Ledger, month: Month, pack: &str) -> Result<Checklist, EngineError> {
    let mut list = in_the_way(view, month)?;
    list.checks.insert(0, evaluated(view, month, pack)?);
    list.checks.push(trial_balance(view, ledger, month)?);
    Ok(list)
}

/// What an approved decision may exclude.
pub(crate) fn in_the_way(view: &mut View<'_>, month: Month) -> Result<Checklist, EngineError> {
    let mut list = Checklist { checks: Vec::new(), excluded: Vec::new(), open: Vec::new() };
    let approved = approved(view, month)?;
    let mend = format!("or ask to close over it (`recoup approval ask exclude {month}`)");
    let cases = view.cases_judged(None, NOW)?.into_iter().filter_map(|c| Some((c.case, c.fault?)));
    let mut found = Vec::new();
    for (case, fault) in cases {
        let subject = format!("{} {} of {}", case.scope.word(), case.subject, case.pack);
        let what = format!("the case is set aside ({}: {})", fault.code, fault.detail);
        let obstacle = Obstacle { what: InTheWay::Case(case), content: content_of(&fault)? };
        found.push((obstacle, subject, what, format!("mend what it lacks and evaluate again, {mend}")));
    }
    list.judge(FAULTS, "cases", found, &approved);
    let waiting = waiting(view)?;
    let refused = issues(view, &waiting, IssueKind::Refused)?;
    let found = refused.into_iter().map(|(obstacle, subject, what)| (obstacle, subject, what, format!("import it mended, dismiss it with a reason, {mend}")));
    list.judge(QUARANTINE, "the quarantine", found.collect(), &approved);
    let totals = issues(view, &waiting, IssueKind::Control)?;
    let found = totals
        .into_iter()
        .map(|(obstacle, subject, what)| (obstacle, subject, what, format!("compare the export with its source, dismiss it with a reason, {mend}")));
    list.judge(CONTROLS, "control totals", found.collect(), &approved);
    Ok(list)
}

/// What stands in the way: itself, what it is called, what is wrong, how to mend it.
type Found = (Obstacle, String, String, String);

impl Checklist {
    /// One line for each thing that stands in the way, or one that nothing does.
    fn judge(&mut self, code: &'static str, all: &str, found: Vec<Found>, approved: &HashMap<Obstacle, ProposalId>) {
        if found.is_empty() {
            self.checks.push(line(code, all.to_owned(), None));
        }
        for (obstacle, subject, what, mend) in found {
            match approved.get(&obstacle) {
                Some(request) => {
                    self.checks.push(Check { code, subject, state: State::Excluded(*request) });
                    self.excluded.push(obstacle);
                }
                None => {
                    self.checks.push(line(code, subject, Some((what, mend))));
                    self.open.push(obstacle);
                }
            }
        }
    }
}

fn evaluated(view: &mut View<'_>, month: Month, pack: &str) -> Result<Check, EngineError> {
    let last_day = month.last_day();
    let mend = format!("evaluate (`recoup evaluate --as-of {last_day} --pack {pack}`, or as of a later day)");
    let failing = match view.last_evaluated(pack)? {
        Some((last, position)) if last.as_of >= last_day => {
            let replaced = policy_at(view, pack, NOW)?.is_some_and(|(since, _)| since > position);
            let news = if replaced {
                Some("another policy was put in force")
            } else {
                let touched = !view.touched(last.known_at, Some(last.as_of), last.as_of)?.is_empty();
                touched.then_some("facts were recorded")
            };
            news.map(|news| format!("{news} since it was evaluated as of {}", last.as_of))
        }
        Some((last, _)) => Some(format!("it was evaluated as of {}, which lies before {last_day}", last.as_of)),
        None => Some("it was never evaluated".to_owned()),
    };
    Ok(line(NOT_EVALUATED, format!("the evaluation under {pack}"), failing.map(|what| (what, mend))))
}

/// What approved requests exclude from the close of a month.
fn approved(view: &mut View<'_>, month: Month) -> Result<HashMap<Obstacle, ProposalId>, EngineError> {
    let requests = view.requests(None, NOW)?.into_iter().filter(|(_, decision)| decision.as_ref().is_some_and(|d| d.verdict == Verdict::Approve));
    let excluded = requests.filter_map(|(request, _)| match request.matter {
        Matter::Exclude { month: of, obstacles } if of == month => Some(obstacles.into_iter().map(move |obstacle| (obstacle, request.id))),
        _ => None,
    });
    Ok(excluded.flatten().collect())
}

/// Refused records that wait, or control totals that do not agree, of all batches: a refused record has no month.
fn issues(view: &mut View<'_>, waiting: &[Issue], kind: IssueKind) -> Result<Vec<(Obstacle, String, String)>, EngineError> {
    let files: HashMap<BatchId, String> = view.batches(NOW)?.into_iter().map(|(_, b)| (b.id, b.file_name)).collect();
    let described = waiting.iter().filter(|issue| issue.kind == kind).map(|issue| {
        let file = files.get(&issue.batch).map_or("", String::as_str);
        let subject = format!("number {} of import {} ({file}, {})", issue.number, issue.batch, issue.locator);
        // Key and message may name somebody: no digest of them is public.
        let content = content_of(&(&issue.code, &issue.locator))?;
        Ok((Obstacle { what: InTheWay::Issue(issue.batch, issue.number), content }, subject, issue.code.clone()))
    });
    described.collect()
}

/// What is applied to claims is what is applied of receipts, and what is open by claim is what is open by debtor.
fn trial_balance(view: &mut View<'_>, ledger: &Ledger, month: Month) -> Result<Check, EngineError> {
    let overflow = || EngineError::Money(recoup_model::MoneyError::Overflow);
    let mut off = 0_i64;
    let mut open = 0_i64;
    for row in view.trial_balance(month.last_day(), NOW)? {
        let claims = row.claims.applied.checked_add(row.claims.reversed).ok_or_else(overflow)?;
        let receipts = row.receipts.applied.checked_add(row.receipts.reversed).ok_or_else(overflow)?;
        off = off.checked_add(claims).and_then(|n| n.checked_sub(receipts)).ok_or_else(overflow)?;
        open = open.checked_add(row.claims.open).ok_or_else(overflow)?;
    }
    for (_, _, amount) in view.open_amounts(month.last_day(), NOW, None)? {
        open = open.checked_sub(amount).ok_or_else(overflow)?;
    }
    let shown = |minor: i64| Money::new(minor, ledger.currency).to_string();
    let failing = (off != 0 || open != 0).then(|| {
        let what = format!("applications of claims and of receipts differ by {}, open amounts by {}", shown(off), shown(open));
        (what, "run `recoup audit rebuild`, which finds the damage, and tell the operator".to_owned())
    });
    Ok(line(TRIAL_BALANCE, format!("the trial balance of {}", month.last_day()), failing))
}
