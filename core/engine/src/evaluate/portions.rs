//! Judging in portions: what is held in memory at a time does not grow with the ledger.
//!
//! Several portions go side by side: other connections read and judge the next ones while this one records the last, as one
//! command. The ledger is locked from the first portion that has something to record.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use recoup_host::RulesPlugin;
use recoup_model::Digest;
use recoup_model::case::Setting;
use recoup_model::due::Verdict;
use recoup_model::record::{Evaluated, Ledger, Record};
use recoup_store::{CommandMeta, EVERYTHING as NOW, Prepared, Said, Store, Subjects, View};

use super::{GoesOn, Known, Outcome, Plan, Request, cases_of, count, differ, in_batches, policy_at, retroactive, stacking};
use crate::EngineError;

/// Calls into the sandbox for a portion: with 512 cases each, some megabytes of facts, cases and verdicts.
const BATCHES: usize = 4;

/// Connections that read and judge side by side; more would wait for the one that records.
const JUDGES_MAX: usize = 4;

/// Verdicts on a portion of the subjects: what they change, and what that comes to.
pub(super) struct Portion {
    said: Vec<Said>,
    pub(super) outcome: Outcome,
}

impl Portion {
    /// Ready to be recorded.
    fn ready(self, ledger: &Ledger) -> Result<(Prepared, Outcome), EngineError> {
        Ok((Prepared::new(ledger.id, self.said)?, self.outcome))
    }
}

/// Who judges what, and by what.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) plugin: &'a RulesPlugin,
    pub(super) ledger: &'a Ledger,
    pub(super) request: &'a Request<'a>,
    pub(super) plan: &'a Plan,
    pub(super) goes_on: &'a GoesOn<'a>,
}

impl Judge<'_> {
    /// Judges every portion, for as long as they are taken.
    pub(super) fn judge(&self, view: &mut View<'_>, take: impl FnMut(Portion) -> ControlFlow<()>) -> Result<(), EngineError> {
        self.judge_some(view, self.plan.portions.iter(), &AtomicU64::new(0), take)
    }

    /// Judges some of the portions; how many cases were judged by then, here and beside, is counted.
    fn judge_some<'p>(
        &self,
        view: &mut View<'_>,
        portions: impl Iterator<Item = &'p Subjects>,
        judged: &AtomicU64,
        mut take: impl FnMut(Portion) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let Self { plugin, request, plan, .. } = *self;
        let setting = Setting { as_of: request.as_of, currency: self.ledger.currency, parameters: request.parameters.to_owned() };
        let mut followed = None;
        for subjects in portions {
            let begun = Instant::now();
            let known = Known::of(view, subjects, request.as_of, plan.known_at, &mut followed)?;
            let (cases, changing) = cases_of(plugin, request.as_of, known);
            let read = begun.elapsed();
            let (mut verdicts, fuel) = in_batches(plugin, &setting, &cases, request.batch_cases, judged, self.goes_on)?;
            let judged_in = begun.elapsed() - read;
            for Verdict { case, outcome } in &mut verdicts {
                if let (Some(on), Ok(due)) = (changing.get(case), outcome) {
                    due.recheck_on = Some(due.recheck_on.map_or(*on, |recheck| recheck.min(*on)));
                }
            }
            stacking::set_aside(view, plugin, (request.as_of, NOW), &cases, &mut verdicts)?;
            let (said, outcome) = differ::differing(view, &plugin.description().id, request.as_of, subjects, verdicts, plan.last.is_none())?;
            tracing::debug!(cases = cases.len(), said = said.len(), ?read, judged = ?judged_in, all = ?begun.elapsed(), "judged a portion");
            if take(Portion { said, outcome: Outcome { fuel, ..outcome } }).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Judges, and posts what differs.
    pub(super) fn post(&self, store: &mut Store) -> Result<Outcome, EngineError> {
        let count = self.plan.portions.len();
        let judges = if count > 1 { std::thread::available_parallelism().map_or(1, usize::from).min(count).min(JUDGES_MAX) } else { 0 };
        let Some(beside) = (0..judges).map(|_| store.another()).collect::<Result<Option<Vec<_>>, _>>()?.filter(|beside| !beside.is_empty()) else {
            let mut all = Vec::new();
            store.read(self.ledger.id, |view| {
                self.judge(view, |portion| {
                    all.push(portion.ready(self.ledger));
                    ControlFlow::Continue(())
                })
            })?;
            return self.record(store, all.into_iter());
        };
        let judged = &AtomicU64::new(0);
        std::thread::scope(|scope| {
            let judge = |(first, mut beside): (usize, Store)| {
                let (send, receive) = sync_channel(1);
                scope.spawn(move || {
                    let take = |portion: Portion| match send.send(portion.ready(self.ledger)) {
                        Ok(()) => ControlFlow::Continue(()),
                        Err(_) => ControlFlow::Break(()),
                    };
                    let mine = self.plan.portions.iter().skip(first).step_by(judges);
                    if let Err(error) = beside.read(self.ledger.id, |view| self.judge_some(view, mine, judged, take)) {
                        // Nobody listens any more where recording failed: that error is told.
                        drop(send.send(Err(error)));
                    }
                });
                receive
            };
            // In the order of the portions: what is recorded does not depend on who was faster.
            let mut turns: VecDeque<_> = beside.into_iter().enumerate().map(judge).collect();
            let in_turn = std::iter::from_fn(move || {
                turns.rotate_left(1);
                turns.back()?.recv().ok()
            });
            self.record(store, in_turn)
        })
    }

    /// Appends what differs, as one command.
    fn record(&self, store: &mut Store, mut portions: impl Iterator<Item = Result<(Prepared, Outcome), EngineError>>) -> Result<Outcome, EngineError> {
        let Self { plugin, request, plan, .. } = *self;
        let pack = &plugin.description().id;
        let mut done = Done::default();
        let mut begun = Prepared::default();
        while begun.is_empty() {
            let Some(portion) = portions.next() else { break };
            begun = done.take(portion?);
        }
        let meta = CommandMeta {
            kind: "evaluate".into(),
            input: Digest::of(format!("{pack}:{}:{}", request.as_of, plan.known_at).as_bytes()),
            actor: request.actor.to_owned(),
            recorded_at: request.recorded_at,
        };
        let (outcome, appended) = store.transact(self.ledger.id, &meta, |tx| {
            let last = tx.last_evaluated(pack)?.map(|(_, position)| position);
            let policy_stands = policy_at(tx, pack, NOW)?.map(|(position, _)| position) == plan.policy;
            let stands = policy_stands && tx.periods(NOW)? == plan.periods && !stacking::earned_since(tx, plugin, plan.known_at)?;
            if last != plan.last.as_ref().map(|(_, position)| *position) || !stands {
                return Err(EngineError::EvaluationRace(pack.clone()));
            }
            if plan.policy_changed {
                tx.append(&[Record::Policy(retroactive::of(plugin, request.parameters)).into()])?;
            }
            tx.append_prepared(begun)?;
            for portion in portions {
                tx.append_prepared(done.take(portion?))?;
            }
            // Whoever judged has gone before the last one.
            if done.portions < plan.portions.len() {
                return Err(EngineError::Stopped);
            }
            let evaluated = Evaluated {
                pack: pack.clone(),
                as_of: request.as_of,
                known_at: plan.known_at,
                full: plan.full,
                component: plugin.digest(),
                cases: count(done.outcome.cases),
                faults: count(done.outcome.faults.len()),
            };
            tx.append(&[Record::Evaluated(evaluated).into()])?;
            Ok(done.outcome)
        })?;
        Ok(Outcome { position: Some(appended.position), ..outcome })
    }
}

/// What portions came to so far.
#[derive(Default)]
struct Done {
    portions: usize,
    outcome: Outcome,
}

impl Done {
    /// Adds a portion up, and answers with what it records.
    fn take(&mut self, (said, outcome): (Prepared, Outcome)) -> Prepared {
        self.portions += 1;
        self.outcome.add(outcome);
        said
    }
}

/// Subjects in portions of some batches of cases.
pub(super) fn of(subjects: &Subjects, batch_cases: usize) -> Vec<Subjects> {
    subjects.portions(batch_cases.saturating_mul(BATCHES))
}
