//! Taking back what was paid and taken of a payout run: settlements of the opposite sign that cite it.

use recoup_model::Date;
use recoup_model::Month;
use recoup_model::approval::{Authority, MatterKind};
use recoup_model::id::{PayoutId, ProposalId};
use recoup_model::payout::Step;
use recoup_model::period::PeriodState;
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::settlement::{Settlement, Way};
use recoup_store::{EVERYTHING as NOW, Store, Tx, View, content_of};

use super::prepare::open;
use super::run::{Run, append, day, one, reason, runs};
use crate::EngineError;
use crate::evaluate::business_date;
use crate::facts::{By, command, fault};

/// Takes back all that was settled of a run, on a day of an open period. What was paid is owed back by nobody and due anew,
/// and what was taken likewise: the accounts are as if the run had not been.
///
/// # Errors
/// It takes an approval; nothing of it was settled, or it was reversed before; somebody of it is in another open run; the day.
pub fn reverse(store: &mut Store, ledger: &Ledger, id: PayoutId, why: &str, on: Date, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let (today, why) = (business_date(ledger, by.at), reason(why)?);
    command(store, ledger, by, "reverse-payout", content_of(&(id, &why, on))?, |tx| {
        if Authority::in_force(tx.authorities(NOW)?, today).is_some_and(|table| table.knows(MatterKind::PayoutReversal)) {
            let mend = format!("ask for it (`recoup approval ask payout-reversal {id}`), and the approval takes it back");
            return Err(fault("payout.needs_approval", format!("taking run {id} back takes an approval"), mend));
        }
        taken_back(tx, id, (&why, None), on, today)
    })
}

/// A run of which something was settled, and that may be taken back.
pub(crate) fn reversible(view: &mut View<'_>, id: PayoutId, why: &str) -> Result<Run, EngineError> {
    let run = one(view, id, NOW)?;
    run.may(&Step::Reversed { reason: reason(why)?, request: None })?;
    let others: Vec<Run> = runs(view, None, NOW)?.into_iter().filter(|other| other.payout().id != id).collect();
    for other in others.iter().filter(|other| other.progress.state.is_open()) {
        if let Some(person) = other.has_one_of(run.payout()) {
            return Err(open(other, &Run::code(view, person)?));
        }
    }
    kept(view, &run)?;
    for other in others.iter().filter(|other| other.stored.leaf > run.stored.leaf && other.progress.state.counts()) {
        unsettled(view, &run, other)?;
    }
    Ok(run)
}

/// What a later run has left of the same account may be confirmed yet, on top of what would be taken back.
fn unsettled(view: &mut View<'_>, run: &Run, other: &Run) -> Result<(), EngineError> {
    for row in &other.payout().rows {
        let is_left = other.settled(row.item(), &[Way::Paid, Way::Taken]) != row.cash();
        if is_left && run.payout().rows.iter().any(|mine| mine.account == row.account) {
            let (person, id) = (Run::code(view, row.account.person)?, other.payout().id);
            let what = format!("run {id} has something left of item {} of {person}, which payroll may confirm yet", row.item());
            return Err(fault("payout.open", what, "have payroll return it, or take that run back first"));
        }
    }
    Ok(())
}

/// What was withheld and paid back since stays so: it would be paid back twice.
fn kept(view: &mut View<'_>, run: &Run) -> Result<(), EngineError> {
    let all = view.settlements(Month::of(Date::MAX), NOW)?;
    for row in run.payout().rows.iter().filter(|row| row.account.purpose.withheld().is_some()) {
        let net: i64 = all.iter().filter(|s| s.account == row.account).map(|s| s.amount).sum();
        if net > run.settled(row.item(), &[Way::Paid, Way::Taken]) {
            let what = format!("the {} that run {} took was paid back since", row.account.purpose, run.payout().id);
            return Err(fault("payout.paid_back", what, "take the run back that paid it, first"));
        }
    }
    Ok(())
}

/// Records the settlements of the opposite sign.
pub(crate) fn taken_back(tx: &mut Tx<'_>, id: PayoutId, (why, request): (&str, Option<ProposalId>), on: Date, today: Date) -> Result<(), EngineError> {
    let run = reversible(tx, id, why)?;
    let last = run.settlements.iter().map(|s| s.on).max().unwrap_or(run.payout().as_of);
    day(on, (last, "the day on which it was paid"), today)?;
    let month = Month::of(on);
    if tx.periods(NOW)?.state(month) != PeriodState::Open {
        let what = format!("{month} is closed, and taking run {id} back on {on} would be booked in it");
        return Err(fault("payout.period_closed", what, "state a day of the open month (`--on`)"));
    }
    let opposite = |s: &Settlement| Leaf::from(Record::Settlement(Settlement { on, amount: s.amount.saturating_neg(), ..s.clone() }));
    let leaves: Vec<Leaf> = run.settlements.iter().map(opposite).collect();
    tx.append(&leaves)?;
    append(tx, &run, on, Step::Reversed { reason: why.to_owned(), request })
}
