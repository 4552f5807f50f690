//! Asking for approval, and deciding. Whoever asks or decides is who is signed in; a program's token decides nothing.

use actix_web::http::StatusCode;
use chrono::NaiveDate;
use recoup_engine::EngineError;
use recoup_engine::approval::{Asked, Wanted, ask, decide, unit_of};
use recoup_model::Month;
use recoup_model::access::{Permission, Sight};
use recoup_model::id::{PayoutId, ProposalId, UnitId};
use recoup_model::settlement::GuardMode;
use recoup_store::{Store, View};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::approvals::{ApprovalRow, approval};
use super::facts::{FactsBody, Record};
use super::jobs::plain_name;
use super::rights::NewDecision;
use super::settlement::STATEMENT;
use crate::context::{Context, For, as_in_toml};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::problems::PLUGIN;
use crate::http::query::Param as _;
use crate::http::submit::Submit;
use crate::http::write::{Act, Answered, Verb, Write, written};
use crate::work::{HardClose, Request};

/// Whether the wage guard holds.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GuardWord {
    /// It bounds what is taken.
    Enforce,
    /// It only says what it would not have let through.
    ReportOnly,
}

/// What somebody asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum NewApproval {
    /// Open a closed period again: the last that is closed.
    Reopen {
        /// The month, such as `2024-07`.
        #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$")]
        month: Month,
        /// Code of the unit that it concerns, where it concerns one alone.
        unit: Option<String>,
    },
    /// Close a period over what stands in its way now.
    Exclude {
        /// The month, such as `2024-07`.
        #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$")]
        month: Month,
        /// Code of the unit that it concerns, where it concerns one alone.
        unit: Option<String>,
    },
    /// State facts of a soft-closed period; none of people and wages.
    Correction {
        /// The system that names without a colon belong to, such as `manual`.
        system: String,
        /// The facts.
        #[schema(value_type = FactsBody)]
        facts: Value,
        /// Code of the unit that it concerns, where it concerns one alone.
        unit: Option<String>,
    },
    /// Hand a payout run to payroll.
    Payout {
        /// Which.
        payout: Uuid,
    },
    /// Take back what was paid and taken of a payout run.
    PayoutReversal {
        /// Which.
        payout: Uuid,
        /// Why; no person's name, because it is never erased.
        reason: String,
    },
    /// Have the wage guard bound what is taken, or only report what it would not have let through.
    WageGuard {
        /// How.
        mode: GuardWord,
        /// First day.
        from: NaiveDate,
    },
    /// Put parameters of a pack in force that become other ones on days that are evaluated.
    Parameters {
        /// The policy pack; the configured one when absent.
        pack: Option<String>,
        /// What differs from the pack's defaults, as in its policy file.
        #[schema(value_type = Object)]
        parameters: Map<String, Value>,
    },
    /// Have bonuses of two packs earned on one application.
    Stacking {
        /// The two packs.
        packs: [String; 2],
        /// On applications of this day or later.
        from: NaiveDate,
        /// On those of this day or earlier; without an end when absent.
        to: Option<NaiveDate>,
    },
}

impl NewApproval {
    /// Asks for what is wanted, which the engine takes by reference.
    fn ask(&self, store: &mut Store, act: &Act<'_>) -> Result<Asked, Problem> {
        let unit = store.read(act.ledger.id, |view| self.unit(view))?;
        let asks = |store: &mut Store, wanted: &Wanted<'_>| Ok(ask(store, act.ledger, act.caller, wanted, unit, act.by)?);
        match self {
            Self::Reopen { month, .. } => asks(store, &Wanted::Reopen(*month)),
            Self::Exclude { month, .. } => asks(store, &Wanted::Exclude(*month)),
            Self::Correction { system, facts, .. } => asks(store, &Wanted::Correction { system, facts: &facts.to_string() }),
            Self::Payout { payout } => asks(store, &Wanted::Payout(PayoutId(*payout))),
            Self::PayoutReversal { payout, reason } => asks(store, &Wanted::PayoutReversal { payout: PayoutId(*payout), reason }),
            Self::Parameters { pack, parameters } => {
                let pack = pack.clone().map(plain_name).transpose()?;
                let plugin = act.context.rules(&act.context.host()?, pack.as_deref(), For::Books(store))?;
                let parameters = Context::with_parameters(&plugin, as_in_toml(Value::Object(parameters.clone())));
                asks(store, &Wanted::Parameters { plugin: &plugin, parameters: &parameters })
            }
            Self::Stacking { packs: [one, other], from, to } => asks(store, &Wanted::Stacking { families: [one, other], from: *from, to: *to }),
            Self::WageGuard { mode, from } => {
                let mode = match mode {
                    GuardWord::Enforce => GuardMode::Enforce,
                    GuardWord::ReportOnly => GuardMode::ReportOnly,
                };
                asks(store, &Wanted::WageGuard(*from, mode))
            }
        }
    }

    fn unit(&self, view: &mut View<'_>) -> Result<Option<UnitId>, EngineError> {
        match self {
            Self::Reopen { unit, .. } | Self::Exclude { unit, .. } | Self::Correction { unit, .. } => {
                unit.as_deref().map(|code| unit_of(view, code)).transpose()
            }
            Self::Payout { .. } | Self::PayoutReversal { .. } | Self::WageGuard { .. } | Self::Parameters { .. } | Self::Stacking { .. } => Ok(None),
        }
    }
}

/// Somebody who sees some units only is told nothing of requests: they are of the ledger whole.
fn whole(act: &Act<'_>) -> Result<(), Problem> {
    let sight = act.caller.may(Permission::Read, Some(act.ledger.id));
    if sight == Some(Sight::Everything) { Ok(()) } else { Err(Problem::new("access.forbidden")) }
}

/// Asks for something.
pub(crate) struct Ask;

impl Write for Ask {
    type Body = NewApproval;
    type Answer = ApprovalRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/approvals";
    const SUMMARY: &'static str = "Asks for something that another person decides. Whoever may do it where it takes no approval may ask: `record` for a \
        correction, `settle` for payout runs and the wage guard, `close-period` for periods, parameters and stacking. The same while it waits is one request. The close of a \
        period for good is asked for at /approvals/hard-closes, for everything is evaluated before.";
    // What the kind needs, the engine demands.
    const NEEDS: Permission = Permission::Read;
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &[
        "access.forbidden",
        "approval.changed",
        "approval.days",
        "approval.facts",
        "approval.family",
        "approval.no_authority",
        "approval.not_needed",
        "approval.of_the_ledger",
        "approval.personal",
        "payout.open",
        "payout.paid_back",
        "payout.reason",
        "payout.stale",
        "payout.state",
        "payout.unknown",
        "period.reopen",
        "policy.parameters",
        "settlement.earlier_month",
    ];
    const ALSO: &'static [&'static [&'static str]] = &[Record::PROBLEMS, STATEMENT, PLUGIN];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewApproval) -> Result<i64, Problem> {
        whole(act)?;
        let Asked { request, position } = body.ask(store, act)?;
        act.asked.set(Some(request));
        written(position)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &NewApproval) -> Result<Answered<ApprovalRow>, Problem> {
        let (row, _) = act.asked.get().map(|id| approval(read, id)).transpose()?.flatten().ok_or_else(|| Problem::new("server.internal"))?;
        let location = Some(format!("/api/v1/ledgers/{}/approvals/{}", act.ledger.code, row.id));
        Ok(Answered { body: row, location, version: None })
    }
}

/// Which period to close for good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHardClose {
    /// The month, such as `2024-07`.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$")]
    month: Month,
    /// The policy pack; the configured one when absent.
    pack: Option<String>,
    /// Code of the unit that it concerns, where it concerns one alone.
    unit: Option<String>,
}

/// Asks for the close of a period for good.
pub(crate) struct AskHardClose;

impl Submit for AskHardClose {
    type Body = NewHardClose;
    const PATH: &'static str = "/approvals/hard-closes";
    const NEEDS: Permission = Permission::ClosePeriod;
    const SUMMARY: &'static str = "Asks another person to approve the close of a period for good, where the table of authority has that approved. \
        Everything is evaluated and the checklist demanded first, so it is a job; what came of it names the request.";

    fn request(NewHardClose { month, pack, unit }: NewHardClose) -> Result<Request, Problem> {
        Ok(Request::HardClose(HardClose { month, pack: pack.map(plain_name).transpose()?, unit }))
    }
}

/// Decides a request.
pub(crate) struct Decide;

impl Write for Decide {
    type Body = NewDecision;
    type Answer = ApprovalRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/approvals/{key}/decision";
    const SUMMARY: &'static str = "Decides what somebody else asked for, or withdraws what one asked for oneself. Deciding takes the permission `approve`, \
        a row of the table of authority that names who decides or whom they stand in for, and a person who signed in. What is approved is done at once, in \
        the same command; nothing is decided where that cannot be done, or where what the request builds on has changed.";
    // Whoever withdraws need not be an approver: what deciding needs, the engine demands.
    const NEEDS: Permission = Permission::Read;
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] = &[
        "access.decided",
        "access.forbidden",
        "access.not_the_maker",
        "access.same_person",
        "approval.changed",
        "approval.delegator_made_it",
        "approval.no_authority",
        "approval.not_named",
        "approval.unknown",
        "evaluate.race",
        "payout.day",
        "payout.notice",
        "payout.not_published",
        "payout.objection",
        "payout.open",
        "payout.paid_back",
        "payout.period_closed",
        "payout.stale",
        "payout.state",
        "period.close",
        "period.control_totals",
        "period.faults",
        "period.incident",
        "period.not_evaluated",
        "period.quarantine",
        "period.reopen",
        "period.trial_balance",
    ];
    const ALSO: &'static [&'static [&'static str]] = &[Record::PROBLEMS, STATEMENT];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewDecision) -> Result<i64, Problem> {
        whole(act)?;
        written(decide(store, act.ledger, act.caller, asked_about(act)?, body.verdict(), act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &NewDecision) -> Result<Answered<ApprovalRow>, Problem> {
        let (body, _) = approval(read, asked_about(act)?)?.ok_or_else(|| Problem::new("server.internal"))?;
        Ok(Answered { body, location: None, version: None })
    }
}

/// The request that the path names.
fn asked_about(act: &Act<'_>) -> Result<ProposalId, Problem> {
    let unknown = || Problem::new("approval.unknown").detail("there is no such request: look it up in the list");
    Ok(ProposalId(Uuid::read(act.key).ok_or_else(unknown)?))
}
