//! Payout runs as they stand, and what becomes of them before payroll has them: published, objected to, cancelled, exported.

use std::collections::HashMap;

use recoup_model::access::Verdict;
use recoup_model::approval::{Authority, Matter, MatterKind};
use recoup_model::id::{AccountId, ObjectionId, PayoutId, PersonId, ProposalId};
use recoup_model::party::Personal;
use recoup_model::payout::{NotPayable, Payout, PayoutState, PayoutStep, PayoutTerms, Progress, Step};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::settlement::{Settlement, Way};
use recoup_model::{Date, Digest, Month};
use recoup_store::{EVERYTHING as NOW, Store, StoredPayout, Tx, View, content_of};
use uuid::Uuid;

use super::prepare::{content, digest};
use crate::EngineError;
use crate::evaluate::business_date;
use crate::facts::{By, Once, command, fault, person_id};

/// A payout run as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The run, where it stands in the log.
    pub stored: StoredPayout,
    /// What became of it.
    pub progress: Progress,
    /// The steps of that, in their order, each with what an objection says unless that was erased.
    pub steps: Vec<(PayoutStep, Option<String>)>,
    /// What was settled of it, and taken back.
    pub settlements: Vec<Settlement>,
    /// The request by which it was approved.
    pub approved: Option<ProposalId>,
}

impl Run {
    /// The run itself.
    #[must_use]
    pub const fn payout(&self) -> &Payout {
        &self.stored.payout
    }

    /// Digest of what it settles.
    ///
    /// # Errors
    /// It has no JSON.
    pub fn digest(&self) -> Result<Digest, EngineError> {
        digest(self.payout())
    }

    /// What was settled of an account in some ways, net.
    #[must_use]
    pub fn settled(&self, item: AccountId, ways: &[Way]) -> i64 {
        self.settlements.iter().filter(|s| s.account.id() == item && ways.contains(&s.way)).map(|s| s.amount).sum()
    }

    /// The first person of it who is in another one too.
    pub(super) fn has_one_of(&self, other: &Payout) -> Option<PersonId> {
        let persons = || other.rows.iter().map(|row| row.account.person);
        self.payout().rows.iter().map(|row| row.account.person).find(|person| persons().any(|p| p == *person))
    }

    /// Somebody's staff number.
    pub(super) fn code(view: &mut View<'_>, person: PersonId) -> Result<String, EngineError> {
        Ok(view.persons(Some(&[person]), NOW)?.into_iter().next().map(|(p, _)| p.code).unwrap_or_default())
    }

    /// Refuses a step that its state does not allow.
    pub(crate) fn may(&self, step: &Step) -> Result<(), EngineError> {
        let (id, state) = (self.payout().id, self.progress.state);
        let mend = "see what became of it (`recoup payout show`), and prepare another one where one is wanted";
        state.after(step).map(drop).ok_or_else(|| fault("payout.state", format!("run {id} is {state}: it cannot be {}", step.word()), mend))
    }
}

/// Runs, in the order of preparing.
///
/// # Errors
/// The store fails.
pub fn runs(view: &mut View<'_>, ids: Option<&[PayoutId]>, known_at: i64) -> Result<Vec<Run>, EngineError> {
    let mut steps: HashMap<PayoutId, Vec<(PayoutStep, Option<String>)>> = HashMap::new();
    for (step, said) in view.payout_steps(known_at)? {
        steps.entry(step.payout).or_default().push((step, said));
    }
    let mut settlements: HashMap<PayoutId, Vec<Settlement>> = HashMap::new();
    for settlement in view.settlements(Month::of(Date::MAX), known_at)? {
        if let Some(payout) = settlement.payout {
            settlements.entry(payout).or_default().push(settlement);
        }
    }
    let mut approved: HashMap<PayoutId, ProposalId> = HashMap::new();
    for (request, decision) in view.requests(None, known_at)? {
        if let (Matter::Payout { payout }, Some(Verdict::Approve)) = (&request.matter, decision.map(|d| d.verdict)) {
            approved.insert(*payout, request.id);
        }
    }
    let run = |stored: StoredPayout| {
        let id = stored.payout.id;
        let steps = steps.remove(&id).unwrap_or_default();
        let progress = Progress::after(steps.iter().map(|(step, _)| step));
        Run { stored, progress, steps, settlements: settlements.remove(&id).unwrap_or_default(), approved: approved.get(&id).copied() }
    };
    Ok(view.payouts(ids, known_at)?.into_iter().map(run).collect())
}

/// One run.
///
/// # Errors
/// There is none of that id; the store.
pub fn one(view: &mut View<'_>, id: PayoutId, known_at: i64) -> Result<Run, EngineError> {
    let unknown = || fault("payout.unknown", format!("there is no payout run {id}"), "look it up in the list (`recoup payout list`)");
    runs(view, Some(&[id]), known_at)?.into_iter().next().ok_or_else(unknown)
}

/// A day on which something became of a run: not in the future, nor before another one.
pub(super) fn day(on: Date, (first, what): (Date, &str), today: Date) -> Result<Date, EngineError> {
    if on < first || on > today {
        return Err(fault("payout.day", format!("{on} is not between {first}, {what}, and today, {today}"), "state the day on which it was"));
    }
    Ok(on)
}

/// A text for people that is not empty.
pub(super) fn reason(text: &str) -> Result<String, EngineError> {
    let said = text.trim();
    if said.is_empty() { Err(fault("payout.reason", "the reason is empty", "say why")) } else { Ok(said.to_owned()) }
}

pub(super) fn append(tx: &mut Tx<'_>, run: &Run, on: Date, step: Step) -> Result<(), EngineError> {
    run.may(&step)?;
    Ok(tx.append(&[Record::PayoutStep(PayoutStep { payout: run.payout().id, on, step }).into()])?)
}

/// Publishes a run, with the notice of the terms in force on that day: [`Progress::notice_until`] says until when objections count.
///
/// # Errors
/// There are no terms; the day is before that of the statement, or in the future; it was published already.
pub fn publish(store: &mut Store, ledger: &Ledger, id: PayoutId, on: Date, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let today = business_date(ledger, by.at);
    command(store, ledger, by, "publish-payout", content_of(&(id, on))?, |tx| {
        let run = one(tx, id, NOW)?;
        day(on, (run.payout().as_of, "the day of its statement"), today)?;
        let terms = PayoutTerms::in_force(tx.payout_terms(NOW)?, on).ok_or_else(|| {
            let mend =
                "record how many days a run is published before it is paid: `[payout_terms.2024-01-01]` with `notice_days`; 0 has it payable on the next day";
            fault("payout.no_terms", format!("no notice period is stated for {on}"), mend)
        })?;
        append(tx, &run, on, Step::Published { notice_days: terms.notice_days })
    })
}

/// Records that somebody objects to a run. What they say is personal, and can be erased.
///
/// # Errors
/// Nobody of that staff number; no reason; the day is before publication or in the future; the run is not published.
pub fn object(
    store: &mut Store,
    ledger: &Ledger,
    id: PayoutId,
    person: &str,
    on: Date,
    said: &str,
    by: By<'_>,
) -> Result<(ObjectionId, Option<i64>), EngineError> {
    let today = business_date(ledger, by.at);
    let objection = by.once.map_or_else(|| ObjectionId(Uuid::now_v7()), |once| objection_under(id, once));
    let message = reason(said)?;
    let position = command(store, ledger, by, "object-payout", content_of(&(id, on, objection))?, |tx| {
        let who = person_id(person);
        if tx.persons(Some(&[who]), NOW)?.is_empty() {
            return Err(fault("person.unknown", format!("{person} is not recorded"), "correct the staff number"));
        }
        let run = one(tx, id, NOW)?;
        let step = Step::Objected { objection, person: who };
        run.may(&step)?;
        let (published, _) = run.progress.published.unwrap_or((run.payout().as_of, 0));
        day(on, (published, "the day of publication"), today)?;
        let record = Record::PayoutStep(PayoutStep { payout: id, on, step });
        Ok(tx.append(&[Leaf::with(record, Personal { message: Some(message), ..Personal::default() })])?)
    })?;
    Ok((objection, position))
}

/// The id of the objection that is raised under a key.
#[must_use]
pub fn objection_under(id: PayoutId, once: Once<'_>) -> ObjectionId {
    ObjectionId::from_parts(&[id.0.as_bytes(), once.key.as_bytes()])
}

/// Closes an objection. The reason is public and never erased.
///
/// # Errors
/// There is none of that id, or it is closed; no reason.
pub fn resolve(store: &mut Store, ledger: &Ledger, objection: ObjectionId, why: &str, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let (today, why) = (business_date(ledger, by.at), reason(why)?);
    command(store, ledger, by, "resolve-objection", content_of(&(objection, &why))?, |tx| {
        let run = runs(tx, None, NOW)?.into_iter().find(|run| run.progress.objections.iter().any(|o| o.id == objection));
        let unknown = || fault("payout.unknown_objection", format!("there is no objection {objection}"), "look it up with its run (`recoup payout show`)");
        let run = run.ok_or_else(unknown)?;
        if run.progress.objections.iter().any(|o| o.id == objection && o.resolved.is_some()) {
            return Err(fault("payout.resolved", format!("objection {objection} is closed"), "nothing is to be done; a new one is raised by itself"));
        }
        append(tx, &run, today, Step::Resolved { objection, reason: why.clone() })
    })
}

/// Cancels a run of which nothing was confirmed: it is not paid, and what it held is owed as before.
///
/// # Errors
/// It was settled, cancelled or reversed; no reason.
pub fn cancel(store: &mut Store, ledger: &Ledger, id: PayoutId, why: &str, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let (today, why) = (business_date(ledger, by.at), reason(why)?);
    command(store, ledger, by, "cancel-payout", content_of(&(id, &why))?, |tx| {
        let run = one(tx, id, NOW)?;
        append(tx, &run, today, Step::Cancelled { reason: why.clone() })
    })
}

/// Hands a run to payroll: published for its notice, approved where the table of authority knows of it, and as the statement
/// still is. Handed out again it is the same.
///
/// # Errors
/// One of these is not so; it was cancelled or reversed.
pub fn export(store: &mut Store, ledger: &Ledger, id: PayoutId, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let today = business_date(ledger, by.at);
    command(store, ledger, by, "export-payout", content_of(&id)?, |tx| {
        let run = one(tx, id, NOW)?;
        if run.may(&Step::Returned).is_ok() {
            return Ok(());
        }
        if run.progress.state != PayoutState::Prepared {
            run.may(&Step::Exported)?;
        }
        payable(&run, today)?;
        let takes_approval = Authority::in_force(tx.authorities(NOW)?, today).is_some_and(|table| table.knows(MatterKind::Payout));
        if takes_approval && run.approved.is_none() {
            let mend = format!("ask for it (`recoup approval ask payout {id}`), and have it decided");
            return Err(fault("payout.needs_approval", format!("run {id} is not approved"), mend));
        }
        fresh(tx, &run)?;
        append(tx, &run, today, Step::Exported)
    })
}

/// A run may be paid on a day.
pub(crate) fn payable(run: &Run, on: Date) -> Result<(), EngineError> {
    let id = run.payout().id;
    run.progress.payable(on).map_err(|why| match why {
        NotPayable::NotPublished => fault("payout.not_published", format!("run {id} is not published"), format!("publish it (`recoup payout publish {id}`)")),
        NotPayable::Before(first) => {
            fault("payout.notice", format!("run {id} is published, and not payable on {on}"), format!("its notice is over, and it is payable, from {first} on"))
        }
        NotPayable::Objection(objection) => {
            let mend = format!("resolve it (`recoup payout resolve {objection}`), or cancel the run where it is right");
            fault("payout.objection", format!("objection {objection} against run {id} is open"), mend)
        }
    })
}

/// A run is still what the statement has for it.
pub(crate) fn fresh(view: &mut View<'_>, run: &Run) -> Result<(), EngineError> {
    let Payout { id, month, as_of, chosen, released, rows, guard, .. } = run.payout();
    let now = content(view, (*month, *as_of), chosen, released)?;
    if (&now.rows, now.guard) == (rows, *guard) {
        return Ok(());
    }
    Err(fault("payout.stale", format!("the statement of {month} is no longer what run {id} has"), "cancel the run, and prepare another one"))
}
