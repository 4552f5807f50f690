//! What can be asked for: who may ask, what a request is bound to, and what is done when it is approved.

use recoup_host::RulesPlugin;
use recoup_model::Digest;
use recoup_model::access::Permission;
use recoup_model::approval::{Matter, MatterKind, Request};
use recoup_model::calendar::{Date, Month};
use recoup_model::due::PolicyInForce;
use recoup_model::id::PayoutId;
use recoup_model::payout::{PayoutState, Step};
use recoup_model::period::{Close, Late, PeriodReopened, PeriodState};
use recoup_model::receivable::{Entry, EntryKind};
use recoup_model::record::{Ledger, Record};
use recoup_model::settlement::{GuardMode, WageGuard};
use recoup_model::stacking::{Families, Stacking};
use recoup_store::{CommandMeta, EVERYTHING as NOW, Store, StoreError, Tx, View, content_of};

use super::ApprovalError;
use crate::EngineError;
use crate::evaluate::retroactive::{self, Replaced};
use crate::evaluate::stacking::with_bonuses;
use crate::evaluate::{GoesOn, policy_at};
use crate::facts::{Facts, state};
use crate::period::{Checklist, Closing, closed, in_the_way, ready};
use crate::settlement::{fresh, one, payable, reversible, taken_back};

/// What somebody wants.
pub enum Wanted<'a> {
    /// Open a period again.
    Reopen(Month),
    /// Close a period over what stands in the way of it now.
    Exclude(Month),
    /// Close a period for good.
    HardClose {
        /// The pack that evaluates.
        plugin: &'a RulesPlugin,
        /// Which, and by what.
        closing: &'a Closing<'a>,
        /// Told how many cases are judged; answers whether to go on.
        goes_on: &'a GoesOn<'a>,
    },
    /// State facts of a soft-closed period.
    Correction {
        /// Source system of references without a colon.
        system: &'a str,
        /// The facts, as JSON.
        facts: &'a str,
    },
    /// Hand a payout run to payroll.
    Payout(PayoutId),
    /// Take back what was paid and taken of a payout run.
    PayoutReversal {
        /// Which.
        payout: PayoutId,
        /// Why.
        reason: &'a str,
    },
    /// Have the wage guard hold, or only report, from a day on.
    WageGuard(Date, GuardMode),
    /// Put parameters in force that change the past.
    Parameters {
        /// The pack, in the component that is to judge by them.
        plugin: &'a RulesPlugin,
        /// Canonical JSON of them.
        parameters: &'a str,
    },
    /// Have bonuses of two families earned on one application.
    Stacking {
        /// Which.
        families: [&'a str; 2],
        /// On applications of this day or later.
        from: Date,
        /// On those of this day or earlier, where it has an end.
        to: Option<Date>,
    },
}

/// What a request is about, the amount that decides who may approve, and what it builds on.
type Ground = (Matter, Option<i64>, Digest);

/// Who may ask: whoever may do it where it takes no approval.
pub(super) const fn permission(kind: MatterKind) -> Permission {
    match kind {
        MatterKind::Correction => Permission::Record,
        MatterKind::Payout | MatterKind::PayoutReversal | MatterKind::WageGuard => Permission::Settle,
        // A close evaluates, and so puts policies in force.
        MatterKind::Reopen | MatterKind::ReopenHard | MatterKind::Exclude | MatterKind::HardClose | MatterKind::Parameters | MatterKind::Stacking => {
            Permission::ClosePeriod
        }
    }
}

impl Wanted<'_> {
    pub(super) const fn permission(&self) -> Permission {
        match self {
            Self::Correction { .. } => permission(MatterKind::Correction),
            Self::Payout(_) | Self::PayoutReversal { .. } | Self::WageGuard(..) => Permission::Settle,
            Self::Reopen(_) | Self::Exclude(_) | Self::HardClose { .. } | Self::Parameters { .. } | Self::Stacking { .. } => Permission::ClosePeriod,
        }
    }

    /// Whether a request asks for this.
    pub(super) fn is(&self, matter: &Matter) -> bool {
        match (self, matter) {
            (Self::Reopen(month), Matter::Reopen { month: asked, .. }) | (Self::Exclude(month), Matter::Exclude { month: asked, .. }) => month == asked,
            (Self::HardClose { plugin, closing, .. }, Matter::HardClose { month, pack }) => closing.month == *month && plugin.description().id == *pack,
            (Self::Correction { system, facts }, Matter::Correction { system: of, facts: asked }) => system == of && facts == asked,
            (Self::Payout(payout), Matter::Payout { payout: asked }) => payout == asked,
            (Self::PayoutReversal { payout, reason }, Matter::PayoutReversal { payout: asked, reason: why }) => payout == asked && reason == why,
            (Self::WageGuard(from, mode), Matter::WageGuard { from: asked, mode: how }) => from == asked && mode == how,
            (Self::Parameters { plugin, parameters }, Matter::Parameters { policy, .. }) => {
                (&policy.pack, policy.component, policy.parameters.as_str()) == (&plugin.description().id, plugin.digest(), *parameters)
            }
            (Self::Stacking { families: [one, other], from, to }, Matter::Stacking { families, from: asked, to: until }) => {
                (from, to) == (asked, until) && Families::new(*one, *other).is_ok_and(|both| both == *families)
            }
            _ => false,
        }
    }

    /// What a request for it would be bound to, if it can be done.
    pub(super) fn ground(&self, store: &mut Store, ledger: &Ledger) -> Result<Ground, EngineError> {
        match *self {
            Self::Reopen(month) => store.read(ledger.id, |view| {
                let from = view.periods(NOW)?.may_reopen(month)?;
                Ok((Matter::Reopen { month, from }, None, moves(view)?))
            }),
            Self::Exclude(month) => store.read(ledger.id, |view| {
                let Checklist { open: mut obstacles, .. } = in_the_way(view, month)?;
                if obstacles.is_empty() {
                    let what = format!("nothing stands in the way of closing {month}; to close it");
                    return Err(ApprovalError::NotNeeded { what, mend: "see `recoup period check`" }.into());
                }
                obstacles.sort();
                let basis = content_of(&obstacles)?;
                Ok((Matter::Exclude { month, obstacles }, None, basis))
            }),
            Self::HardClose { plugin, closing, goes_on } => {
                let (month, pack) = (closing.month, plugin.description().id.clone());
                store.read::<_, EngineError>(ledger.id, |view| Ok(view.periods(NOW)?.may_close(month, Close::Hard)?))?;
                ready(store, plugin, ledger, closing, goes_on)?;
                store.read(ledger.id, |view| {
                    let basis = evaluated(view, &pack)?;
                    Ok((Matter::HardClose { month, pack: pack.clone() }, None, basis))
                })
            }
            Self::Correction { system, facts } => {
                let stated = tried(store, ledger, system, facts)?;
                let matter = Matter::Correction { system: system.to_owned(), facts: facts.to_owned() };
                Ok((matter, Some(amount(&stated)?), content_of(&stated)?))
            }
            Self::Payout(payout) => store.read(ledger.id, |view| {
                let run = one(view, payout, NOW)?;
                if run.progress.state != PayoutState::Prepared {
                    run.may(&Step::Exported)?;
                }
                fresh(view, &run)?;
                Ok((Matter::Payout { payout }, run.payout().moved(), run.stored.hash))
            }),
            Self::PayoutReversal { payout, reason } => store.read(ledger.id, |view| {
                let run = reversible(view, payout, reason)?;
                Ok((Matter::PayoutReversal { payout, reason: reason.to_owned() }, run.payout().moved(), settled(&run)?))
            }),
            Self::WageGuard(from, mode) => store.read(ledger.id, |view| {
                let guards = view.wage_guards(NOW)?;
                let basis = content_of(&guards)?;
                if WageGuard::in_force(guards, from) == mode {
                    let what = format!("a wage guard that is on `{}` on {from} already", mode.word());
                    return Err(ApprovalError::NotNeeded { what, mend: "nothing is to be done" }.into());
                }
                Ok((Matter::WageGuard { from, mode }, None, basis))
            }),
            Self::Parameters { plugin, parameters } => {
                let wanted = retroactive::policy(plugin, parameters)?;
                store.read(ledger.id, |view| {
                    let Some(Replaced { position, changes, .. }) = Replaced::by(view, plugin, &wanted)?.filter(Replaced::takes_approval) else {
                        let what = format!("parameters of `{}` that become no other ones on a day that is evaluated", wanted.pack);
                        return Err(ApprovalError::NotNeeded { what, mend: "put them into evaluate.policies, and evaluate" }.into());
                    };
                    Ok((Matter::Parameters { policy: Box::new(wanted), changes }, None, content_of(&Some(position))?))
                })
            }
            Self::Stacking { families: [one, other], from, to } => {
                if let Some(to) = to.filter(|to| *to < from) {
                    return Err(ApprovalError::Days { from, to }.into());
                }
                let families = Families::new(one, other)
                    .map_err(|one| EngineError::from(ApprovalError::Family { what: one.to_string(), mend: "name another one besides" }))?;
                store.read(ledger.id, |view| {
                    let packs = with_bonuses(view, NOW)?;
                    if let Some(name) = families.names().iter().find(|name| packs.iter().all(|policy| policy.pack != **name)) {
                        let what = format!("no pack `{name}` with bonuses was evaluated in the ledger");
                        return Err(ApprovalError::Family { what, mend: "correct its name, or evaluate it first" }.into());
                    }
                    let stackings = stacked(view, &families)?;
                    if Stacking::covers(&stackings, &families, from, to) {
                        let until = to.map_or_else(|| "or later".to_owned(), |to| format!("to {to}"));
                        let what = format!("what {families} earn on applications of {from} {until}");
                        return Err(ApprovalError::NotNeeded { what, mend: "they may stack already: evaluate again" }.into());
                    }
                    Ok((Matter::Stacking { families, from, to }, None, content_of(&stackings)?))
                })
            }
        }
    }
}

/// Does what was approved, if it is still what was asked for.
pub(super) fn carry_out(tx: &mut Tx<'_>, ledger: &Ledger, asked: &Request, today: Date) -> Result<(), EngineError> {
    let unchanged = |basis: Digest| if basis == asked.basis { Ok(()) } else { Err(EngineError::from(ApprovalError::Changed(asked.id))) };
    match &asked.matter {
        Matter::Reopen { month, .. } => {
            unchanged(moves(tx)?)?;
            tx.periods(NOW)?.may_reopen(*month)?;
            Ok(tx.append(&[Record::PeriodReopened(PeriodReopened { month: *month, request: asked.id }).into()])?)
        }
        Matter::Exclude { month, obstacles } => {
            // The close lists what it excludes. Each obstacle must still be what it was; more of them may have come.
            let Checklist { open, excluded, .. } = in_the_way(tx, *month)?;
            let stands = |obstacle| open.contains(obstacle) || excluded.contains(obstacle);
            if obstacles.iter().all(stands) { Ok(()) } else { Err(ApprovalError::Changed(asked.id).into()) }
        }
        Matter::HardClose { month, pack } => {
            unchanged(evaluated(tx, pack)?)?;
            tx.periods(NOW)?.may_close(*month, Close::Hard)?;
            let closed = closed(tx, ledger, *month, Close::Hard, pack, Some(asked.id))?;
            Ok(tx.append(&[Record::PeriodClosed(closed).into()])?)
        }
        Matter::Correction { system, facts } => {
            // Whatever was closed for good meanwhile goes to the open period, with its date.
            match stated(tx, ledger, system, facts) {
                Ok(stated) => unchanged(content_of(&stated)?),
                Err(EngineError::Fact { .. }) => Err(ApprovalError::Changed(asked.id).into()),
                Err(other) => Err(other),
            }
        }
        // The decision itself is what the run needed: there is nothing else to record.
        Matter::Payout { payout } => {
            let run = one(tx, *payout, NOW)?;
            unchanged(run.stored.hash)?;
            payable(&run, today)?;
            run.may(&Step::Exported)?;
            fresh(tx, &run)
        }
        Matter::PayoutReversal { payout, reason } => {
            unchanged(settled(&one(tx, *payout, NOW)?)?)?;
            taken_back(tx, *payout, (reason, Some(asked.id)), today, today)
        }
        Matter::WageGuard { from, mode } => {
            unchanged(content_of(&tx.wage_guards(NOW)?)?)?;
            Ok(tx.append(&[Record::WageGuard(WageGuard { from: *from, mode: *mode, request: asked.id }).into()])?)
        }
        Matter::Stacking { families, from, to } => {
            unchanged(content_of(&stacked(tx, families)?)?)?;
            Ok(tx.append(&[Record::Stacking(Stacking { families: families.clone(), from: *from, to: *to, request: asked.id }).into()])?)
        }
        // The next evaluation judges every case by it.
        Matter::Parameters { policy, .. } => {
            unchanged(content_of(&policy_at(tx, &policy.pack, NOW)?.map(|(position, _)| position))?)?;
            Ok(tx.append(&[Record::Policy(PolicyInForce::clone(policy)).into()])?)
        }
    }
}

/// A run, and how much of it has come back from payroll: by its hash and the number of settlements, which tell no wage.
fn settled(run: &crate::settlement::Run) -> Result<Digest, EngineError> {
    Ok(content_of(&(run.stored.hash, run.settlements.len()))?)
}

/// What is approved of two families.
fn stacked(view: &mut View<'_>, families: &Families) -> Result<Vec<Stacking>, EngineError> {
    Ok(view.stackings(NOW)?.into_iter().filter(|stacking| stacking.families == *families).collect())
}

/// All closes and openings so far.
fn moves(view: &mut View<'_>) -> Result<Digest, EngineError> {
    let moves = view.period_moves(NOW)?;
    let positions: Vec<i64> = moves.iter().map(|(position, _)| *position).collect();
    Ok(content_of(&positions)?)
}

/// All closes, and the evaluation that found a period ready.
fn evaluated(view: &mut View<'_>, pack: &str) -> Result<Digest, EngineError> {
    let last = view.last_evaluated(pack)?.map(|(_, position)| position);
    Ok(content_of(&(moves(view)?, last))?)
}

/// States facts, those of a soft-closed period too; answers with the records that this adds, without the periods that they
/// are booked in: a period that closes for good meanwhile makes it no other correction.
fn stated(tx: &mut Tx<'_>, ledger: &Ledger, system: &str, facts: &str) -> Result<Vec<Record>, EngineError> {
    let facts: Facts = serde_json::from_str(facts).map_err(|e| ApprovalError::Facts(e.to_string()))?;
    if !facts.people.is_empty() || !facts.minimum_wages.is_empty() {
        return Err(ApprovalError::Personal.into());
    }
    tx.set_late(Late::Admit);
    state(tx, ledger, system, &facts)?;
    let first = tx.head().size;
    let leaves = tx.leaves(first, u32::MAX, NOW)?;
    let mut records = Vec::new();
    for leaf in leaves {
        let record = serde_json::from_slice(&leaf.body).map_err(StoreError::Encode)?;
        match record {
            Record::Command(_) | Record::Decision(_) => {}
            Record::Entry(entry) => records.push(Record::Entry(Entry { period: None, ..entry })),
            other => records.push(other),
        }
    }
    Ok(records)
}

/// The records that facts would add, of which one at least lies in a soft-closed period. Nothing is recorded.
fn tried(store: &mut Store, ledger: &Ledger, system: &str, facts: &str) -> Result<Vec<Record>, EngineError> {
    let mut found = None;
    let meta = CommandMeta { kind: "try".to_owned(), input: Digest::of(b""), actor: String::new(), recorded_at: chrono::DateTime::UNIX_EPOCH };
    let tried = store.transact::<(), Tried>(ledger.id, &meta, |tx| {
        let periods = tx.periods(NOW)?;
        let records = stated(tx, ledger, system, facts)?;
        let in_soft = records.iter().filter_map(day).any(|on| periods.state(Month::of(on)) == PeriodState::SoftClosed);
        found = Some((records, in_soft));
        Err(Tried::Enough)
    });
    match (tried, found) {
        (Err(Tried::Enough), Some((records, true))) => Ok(records),
        (Err(Tried::Failed(error)), _) => Err(error),
        _ => Err(ApprovalError::NotNeeded { what: "what does not lie in a soft-closed period".to_owned(), mend: "record it (`recoup record`)" }.into()),
    }
}

/// How a trial ends: it never commits.
enum Tried {
    Enough,
    Failed(EngineError),
}

impl From<StoreError> for Tried {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<EngineError> for Tried {
    fn from(error: EngineError) -> Self {
        Self::Failed(error)
    }
}

/// The day that a record is of.
fn day(record: &Record) -> Option<recoup_model::Date> {
    match record {
        Record::Entry(entry) => Some(entry.on),
        Record::StageChange(change) => Some(change.on),
        Record::ExpectedRecovery(expected) => Some(expected.on),
        Record::Pause(pause) => Some(pause.from),
        Record::ContractClosed(closed) => Some(closed.on),
        Record::Milestone(milestone) => Some(milestone.on),
        Record::FalseReport(report) => Some(report.on),
        Record::Sanction(sanction) => Some(sanction.from),
        _ => None,
    }
}

/// What a correction moves, in minor units of the ledger's currency: of claims or of receipts, whichever is more.
fn amount(records: &[Record]) -> Result<i64, EngineError> {
    let overflow = || EngineError::Money(recoup_model::MoneyError::Overflow);
    let sum = |of_receipts: bool| {
        let is_receipt = |e: &Entry| matches!(e.kind, EntryKind::Received | EntryKind::ReceivedCorrection | EntryKind::Bounced);
        let entries = records.iter().filter_map(|r| if let Record::Entry(e) = r { Some(e) } else { None });
        let mut amounts = entries.filter(|e| is_receipt(e) == of_receipts).map(|e| e.ledger_amount.checked_abs());
        amounts.try_fold(0_i64, |sum, amount| sum.checked_add(amount?)).ok_or_else(overflow)
    };
    Ok(sum(true)?.max(sum(false)?))
}
