//! With whom nothing is settled: while a case of theirs is set aside, or somebody has asked for what concerns them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use recoup_model::Month;
use recoup_model::accountability::Letter;
use recoup_model::agreement::Agreement;
use recoup_model::approval::Matter;
use recoup_model::case::CaseKey;
use recoup_model::id::{LineId, PersonId, ProposalId, ReceivableId};
use recoup_model::settlement::Account;
use recoup_store::{EntryFilter, View};
use uuid::Uuid;

use crate::EngineError;
use crate::facts::{Facts, Names};

/// Why nothing is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// A case of theirs could not be judged; the code says why.
    CaseSetAside(String),
    /// What somebody asked for concerns them, and nobody has decided it yet.
    ApprovalOpen(ProposalId),
    /// Something is to be taken from a wage that is not known.
    WageUnknown(Month),
    /// Nor is it known whose minimum wage guards it.
    PlaceUnknown(Month),
    /// Nor how high that minimum is.
    MinimumUnknown(String, Month),
}

impl Hold {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CaseSetAside(_) => "settlement.case_set_aside",
            Self::ApprovalOpen(_) => "settlement.approval_open",
            Self::WageUnknown(_) => "settlement.wage_unknown",
            Self::PlaceUnknown(_) => "settlement.place_unknown",
            Self::MinimumUnknown(..) => "settlement.minimum_wage_unknown",
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CaseSetAside(code) => write!(f, "a case of theirs is set aside ({code}): mend what it lacks and evaluate again"),
            Self::ApprovalOpen(request) => write!(f, "request {request} concerns them and waits: have it decided (`recoup approval decide`)"),
            Self::WageUnknown(month) => write!(f, "the wage of {month} is not known: record it"),
            Self::PlaceUnknown(month) => write!(f, "no place is stated for the wage of {month}: record it with the `place` whose minimum wage holds"),
            Self::MinimumUnknown(place, month) => write!(f, "no minimum wage of {place} is in force on the last day of {month}: record it"),
        }
    }
}

/// Everybody with whom nothing is settled, and why.
pub(super) fn held(
    view: &mut View<'_>,
    accounts: &HashMap<LineId, Account>,
    (letters, agreements): (&[Letter], &[Agreement]),
    known_at: i64,
) -> Result<BTreeMap<PersonId, Hold>, EngineError> {
    let judged = view.cases_judged(None, known_at)?;
    let cases: BTreeMap<CaseKey, String> = judged.into_iter().filter_map(|c| Some((c.case, c.fault?.code))).collect();
    let (mut subjects, mut all) = asked_for(view, (letters, agreements), known_at)?;
    for (case, code) in &cases {
        // An open approval holds back whoever has anything to do with the subject, under whichever pack.
        subjects.entry(case.subject).or_insert_with(|| Hold::CaseSetAside(code.clone()));
    }
    for account in accounts.values() {
        let set_aside = cases.get(&account.case).map(|code| Hold::CaseSetAside(code.clone()));
        if let Some(hold) = set_aside.or_else(|| subjects.get(&account.case.subject).filter(|hold| matches!(hold, Hold::ApprovalOpen(_))).cloned()) {
            all.insert(account.person, hold);
        }
    }
    for letter in letters {
        if let Some(hold) = subjects.get(&letter.id.0) {
            all.extend(letter.shares.iter().map(|share| (share.person, hold.clone())));
        }
    }
    for agreement in agreements {
        if let Some(hold) = subjects.get(&agreement.id.0) {
            all.extend(agreement.holders.iter().map(|holder| (holder.person, hold.clone())));
        }
    }
    for role in view.roles(known_at)? {
        if let Some(hold) = subjects.get(&role.scope.parts().1) {
            all.insert(role.person, hold.clone());
        }
    }
    Ok(all)
}

/// What requests that wait concern: subjects of cases, and people.
type Concerned = (BTreeMap<Uuid, Hold>, BTreeMap<PersonId, Hold>);

/// A correction concerns the letters, agreements and contracts of the claims that it would move; taking a payout run back
/// concerns everybody in it. A run that waits for its own approval holds nobody up.
fn asked_for(view: &mut View<'_>, (letters, agreements): (&[Letter], &[Agreement]), known_at: i64) -> Result<Concerned, EngineError> {
    let (mut subjects, mut persons) = Concerned::default();
    let waiting = view.requests(None, known_at)?.into_iter().filter(|(_, decision)| decision.is_none());
    for (request, _) in waiting {
        let hold = Hold::ApprovalOpen(request.id);
        match &request.matter {
            Matter::Correction { system, facts } => {
                // What cannot be read concerns nobody: it cannot be approved either.
                let Ok(facts) = serde_json::from_str::<Facts>(facts) else { continue };
                let about = facts.about(Names { ledger: view.ledger(), system });
                let receipts: Vec<_> = about.receipts.into_iter().collect();
                let moved = view.entries(EntryFilter { receivables: None, receipts: Some(&receipts) }, None, known_at)?;
                let claims: BTreeSet<ReceivableId> = about.receivables.into_iter().chain(moved.into_iter().filter_map(|e| e.receivable)).collect();
                let ids: Vec<_> = claims.iter().copied().collect();
                let contracts = view.receivables(Some(&ids), known_at)?.into_iter().filter_map(|r| r.contract).map(|c| c.0);
                let named = |receivables: &[ReceivableId]| receivables.iter().any(|r| claims.contains(r));
                let by_letter = letters.iter().filter(|l| named(&l.receivables)).map(|l| l.id.0);
                let by_agreement = agreements.iter().filter(|a| named(&a.receivables)).map(|a| a.id.0);
                subjects.extend(about.subjects.into_iter().chain(contracts).chain(by_letter).chain(by_agreement).map(|id| (id, hold.clone())));
            }
            Matter::PayoutReversal { payout, .. } => {
                let runs = view.payouts(Some(&[*payout]), known_at)?;
                persons.extend(runs.iter().flat_map(|run| &run.payout.rows).map(|row| (row.account.person, hold.clone())));
            }
            _ => {}
        }
    }
    Ok((subjects, persons))
}
