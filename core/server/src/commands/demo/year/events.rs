//! What happened in the year, counted from what the ledger holds: each money event of the catalogue has to be there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use recoup_engine::EngineError;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::report::accounts::{Which, register};
use recoup_engine::settlement::runs;
use recoup_model::access::Verdict;
use recoup_model::approval::MatterKind;
use recoup_model::id::ReceivableId;
use recoup_model::import::IssueKind;
use recoup_model::payout::{PayoutState, Step};
use recoup_model::receivable::{EntryKind, Means};
use recoup_model::settlement::{Purpose, Way};
use recoup_model::{Date, Month};
use recoup_store::{EntryFilter, PeriodMove, View};

/// Kinds of events and how often each happened, in the order of the catalogue.
pub(super) fn counted(view: &mut View<'_>) -> Result<Vec<(&'static str, usize)>, EngineError> {
    let mut all = money(view)?;
    all.extend(people(view)?);
    all.extend(payroll(view)?);
    all.extend(approvals(view)?);
    Ok(all)
}

/// What moved claims and receipts.
fn money(view: &mut View<'_>) -> Result<Vec<(&'static str, usize)>, EngineError> {
    let entries = view.entries(EntryFilter::default(), None, KNOWN_NOW)?;
    let mut open: HashMap<ReceivableId, i64> = HashMap::new();
    let (mut full, mut part, mut again) = (0, 0, 0);
    let mut reopened: HashSet<ReceivableId> = HashSet::new();
    for entry in &entries {
        let Some(claim) = entry.receivable else { continue };
        let left = open.entry(claim).or_default();
        *left += entry.ledger_amount;
        match entry.kind {
            EntryKind::Applied if entry.means == Some(Means::Cash) => {
                *(if *left == 0 { &mut full } else { &mut part }) += 1;
                again += usize::from(reopened.remove(&claim));
            }
            EntryKind::Reversed => drop(reopened.insert(claim)),
            _ => {}
        }
    }
    let of = |kind: EntryKind| entries.iter().filter(|e| e.kind == kind).count();
    let applied = |means: Means| entries.iter().filter(|e| e.kind == EntryKind::Applied && e.means == Some(means)).count();
    let later = entries.iter().filter(|e| matches!(e.kind, EntryKind::Received | EntryKind::Bounced) && e.period.is_some()).count();
    let refused: Vec<_> = view.issues(None, KNOWN_NOW)?.into_iter().filter(|issue| issue.kind == IssueKind::Refused).collect();
    let dismissed = view.dismissals(KNOWN_NOW)?.len();
    Ok(vec![
        ("debt cleared by cash", full),
        ("receipt in part", part),
        ("receipt bounced", of(EntryKind::Bounced)),
        ("received again", again),
        ("payment in kind", applied(Means::InKind)),
        ("set-off", applied(Means::SetOff)),
        ("credit note", applied(Means::CreditNote)),
        ("write-off", of(EntryKind::WrittenOff)),
        ("claim corrected by a file", of(EntryKind::Correction)),
        ("late fact in the open month", later),
        ("row refused and mended", refused.len() - dismissed),
        ("row refused and dismissed", dismissed),
    ])
}

/// What became of those who answer.
fn people(view: &mut View<'_>) -> Result<Vec<(&'static str, usize)>, EngineError> {
    let roles = view.roles(KNOWN_NOW)?;
    let milestones = view.milestones(None, KNOWN_NOW)?;
    let milestone = |kind: &str| milestones.iter().filter(|m| m.kind == kind).count();
    let sanctions = view.sanctions(None, KNOWN_NOW)?;
    let to_parties = view.postings(KNOWN_NOW)?.into_iter().filter(|p| p.to.person().is_none()).count();
    Ok(vec![
        ("stage of works settled", view.stage_changes(None, KNOWN_NOW)?.len()),
        ("project closed", view.contract_closings(None, KNOWN_NOW)?.len()),
        ("hand-over confirmed", roles.iter().filter(|r| r.confirmed && r.to.is_some()).count()),
        ("hand-over not confirmed", roles.iter().filter(|r| !r.confirmed).count()),
        ("money in the designated account", milestone("designated-account")),
        ("ruling on goods", milestone("ruling")),
        ("false report", view.false_reports(None, KNOWN_NOW)?.len()),
        ("sanction", sanctions.len()),
        ("sanction lifted", sanctions.iter().filter(|s| s.lifted.is_some()).count()),
        ("interest claimed from a dealer", to_parties),
    ])
}

/// What payroll settled.
fn payroll(view: &mut View<'_>) -> Result<Vec<(&'static str, usize)>, EngineError> {
    let settlements = view.settlements(Month::of(Date::MAX), KNOWN_NOW)?;
    let of = |way: Way, purpose: fn(Purpose) -> bool, sign: i64| {
        settlements.iter().filter(|s| s.way == way && purpose(s.account.purpose) && s.amount.signum() == sign).count()
    };
    let bonus = |p: Purpose| p == Purpose::Bonus;
    let fine = |p: Purpose| matches!(p, Purpose::Fine(_));
    let withheld = |p: Purpose| p.withheld().is_some();
    let mut taken: BTreeMap<_, BTreeSet<Month>> = BTreeMap::new();
    for s in settlements.iter().filter(|s| s.way == Way::Taken && !withheld(s.account.purpose)) {
        taken.entry(&s.account).or_default().insert(s.month);
    }
    let owing = register(view, Which::All, Date::MAX, KNOWN_NOW)?.0.into_iter().filter(|row| row.owed < 0 && !row.purpose.is_some_and(withheld)).count();
    let runs = runs(view, None, KNOWN_NOW)?;
    let steps = |which: fn(&Step) -> bool| runs.iter().flat_map(|run| &run.steps).filter(|(step, _)| which(&step.step)).count();
    let in_part = runs.iter().filter(|run| run.progress.state == PayoutState::Settled);
    let in_part = in_part.filter(|run| run.payout().rows.iter().any(|row| run.settled(row.item(), &[Way::Paid, Way::Taken]) != row.cash())).count();
    Ok(vec![
        ("bonus paid", of(Way::Paid, bonus, 1)),
        ("clawback set off against a bonus", of(Way::SetOff, bonus, -1)),
        ("clawback taken from a wage", of(Way::Taken, bonus, -1)),
        ("fine taken", of(Way::Taken, fine, -1)),
        ("fine refunded", of(Way::Paid, fine, 1)),
        ("wage withheld", of(Way::Taken, withheld, -1)),
        ("withheld wage paid back", of(Way::Paid, withheld, 1)),
        ("taking spread over months", taken.values().filter(|months| months.len() > 1).count()),
        ("negative balance carried", owing),
        ("payout run published", steps(|s| matches!(s, Step::Published { .. }))),
        ("objection in the notice", steps(|s| matches!(s, Step::Objected { .. }))),
        ("objection resolved", steps(|s| matches!(s, Step::Resolved { .. }))),
        ("run cancelled", steps(|s| matches!(s, Step::Cancelled { .. }))),
        ("run returned in part", in_part),
        ("run taken back", steps(|s| matches!(s, Step::Reversed { .. }))),
    ])
}

/// What took two people, and what became of months.
fn approvals(view: &mut View<'_>) -> Result<Vec<(&'static str, usize)>, EngineError> {
    let requests = view.requests(None, KNOWN_NOW)?;
    let decided = requests.iter().filter_map(|(request, decision)| Some((request, decision.as_ref().filter(|d| d.verdict == Verdict::Approve)?)));
    let decided: Vec<_> = decided.collect();
    let of = |kind: MatterKind| decided.iter().filter(|(request, _)| request.matter.kind() == kind).count();
    let moves = view.period_moves(KNOWN_NOW)?;
    let closed = moves.iter().filter(|(_, m)| matches!(m, PeriodMove::Closed(closed) if closed.close.is_hard())).count();
    Ok(vec![
        ("run approved", of(MatterKind::Payout)),
        ("approved by a delegate", decided.iter().filter(|(_, decision)| decision.for_whom.is_some()).count()),
        ("correction approved", of(MatterKind::Correction)),
        ("month opened again", of(MatterKind::Reopen)),
        ("month closed for good", closed),
    ])
}
