//! Approvals (审批): what was asked for, what it is bound to, and what somebody else said to it. Requests are of the ledger whole.

use std::collections::HashMap;

use chrono::NaiveDate;
use recoup_engine::approval::stands;
use recoup_model::access::{Decision, Permission};
use recoup_model::approval::{Matter, MatterKind, Request};
use recoup_model::id::{ProposalId, UserId};
use recoup_model::parameter::ParameterChange;
use recoup_model::period::InTheWay;
use recoup_store::{Listed, Page, Sort};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::{Object, RefOr, Schema, Type};
use uuid::Uuid;

use super::parties::NO_DAY;
use crate::http::export::cell::{Amount, Hash, Moment, Period, row};
use crate::http::list::{List, Rows, sifted};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::{Param, filter};

row! {
    /// Something that one person asks for and another decides (审批申请).
    ApprovalRow {
        /// Its id.
        id: Uuid,
        /// reopen, reopen-hard, exclude, hard-close, correction, payout, payout-reversal, wage-guard, parameters or stacking.
        kind: &'static str,
        /// waits, approved, rejected or withdrawn.
        state: &'static str,
        /// The period that it is about.
        month: Option<Period>,
        /// The payout run that it is about.
        payout: Option<Uuid>,
        /// From which day on, of the wage guard and of stacking.
        from: Option<NaiveDate>,
        /// Up to which day, of stacking that has an end.
        to: Option<NaiveDate>,
        /// enforce or report-only, of the wage guard.
        mode: Option<&'static str>,
        /// Why, where that had to be said.
        reason: Option<String>,
        /// What a correction moves, by which it is found who may approve; that of a payout run tells wages, and the run has it.
        amount: Option<Amount>,
        /// The unit that it concerns, where it concerns one alone.
        unit: Option<Uuid>,
        /// Login of who asks.
        by: String,
        /// When.
        asked_at: Option<Moment>,
        /// Digest of what it builds on: where that has changed since, nobody can approve it.
        basis: Hash,
        /// Login of who decided.
        decided_by: Option<String>,
        /// Login of the approver in whose place they did.
        in_place_of: Option<String>,
        /// When.
        decided_at: Option<Moment>,
        /// The position of the decision, and of what it had done.
        decided: Option<i64>,
        /// The position that recorded the request.
        position: i64,
    }
}

impl Param for MatterKind {
    const EXPECTED: &'static str = "write reopen, reopen-hard, exclude, hard-close, correction, payout, payout-reversal, wage-guard, parameters or stacking";
    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == text)
    }
    fn schema() -> RefOr<Schema> {
        Object::builder().schema_type(Type::String).enum_values(Some(Self::ALL.map(Self::word))).into()
    }
}

filter! {
    /// Which requests.
    ApprovalsFilter {
        /// Only those that nobody has decided (true), or only those that somebody has (false).
        waiting: bool,
        /// Only those of this kind.
        kind: MatterKind,
        /// Only those of the user with this login.
        by: String,
        /// Only those about this payout run.
        payout: Uuid,
    }
}

/// What was said to requests, and what users are called.
struct Said {
    decisions: HashMap<ProposalId, (i64, Decision)>,
    logins: HashMap<UserId, String>,
}

impl Said {
    fn of(read: &mut Read<'_, '_>) -> Result<Self, Problem> {
        Ok(Self { decisions: read.view.decided(read.moment.known_at)?, logins: read.view.logins()? })
    }

    fn login(&self, id: UserId) -> String {
        self.logins.get(&id).cloned().unwrap_or_default()
    }

    fn row(&self, read: &mut Read<'_, '_>, Listed { record: asked, position, .. }: Listed<Request>) -> Result<ApprovalRow, Problem> {
        let Request { id, matter, amount, unit, maker, basis } = asked;
        let (decided, decision) = self.decisions.get(&id).map(|(at, decision)| (*at, decision)).unzip();
        let (from, to, mode) = match &matter {
            Matter::WageGuard { from, mode } => (Some(*from), None, Some(mode.word())),
            Matter::Stacking { from, to, .. } => (Some(*from), *to, None),
            _ => (None, None, None),
        };
        Ok(ApprovalRow {
            id: id.0,
            kind: matter.kind().word(),
            state: stands(decision),
            month: matter.month().map(Period),
            payout: matter.payout().map(|payout| payout.0),
            from,
            to,
            mode,
            reason: if let Matter::PayoutReversal { reason, .. } = matter { Some(reason) } else { None },
            amount: amount.map(|minor| read.amount(minor)),
            unit: unit.map(|unit| unit.0),
            by: self.login(maker),
            asked_at: read.recorded_at(position)?,
            basis: Hash(basis),
            decided_by: decision.map(|decision| self.login(decision.by)),
            in_place_of: decision.and_then(|decision| decision.for_whom).map(|whom| self.login(whom)),
            decided_at: decided.map(|at| read.recorded_at(at)).transpose()?.flatten(),
            decided,
            position,
        })
    }
}

/// A request by its id.
pub(super) fn approval(read: &mut Read<'_, '_>, id: ProposalId) -> Result<Option<(ApprovalRow, Matter)>, Problem> {
    let Some(found) = read.view.requests_page(&Page::ALL, read.moment.known_at)?.into_iter().find(|asked| asked.record.id == id) else { return Ok(None) };
    let matter = found.record.matter.clone();
    Ok(Some((Said::of(read)?.row(read, found)?, matter)))
}

/// The list of requests.
pub(crate) struct Approvals;

impl List for Approvals {
    type Row = ApprovalRow;
    type Filter = ApprovalsFilter;
    const PATH: &'static str = "/approvals";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Approvals (审批): what one person asked for, what it is bound to, and what another decided. They are of the ledger whole: whoever sees only \
        some units sees none.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED)];

    fn page(read: &mut Read<'_, '_>, filter: &ApprovalsFilter, page: &Page) -> Result<Rows<ApprovalRow>, Problem> {
        let (said, known_at) = (Said::of(read)?, read.moment.known_at);
        let maker = filter.by.as_deref().map(recoup_model::access::User::id_of);
        let wanted = |Request { id, matter, maker: by, .. }: &Request| {
            filter.waiting.is_none_or(|waiting| waiting != said.decisions.contains_key(id))
                && filter.kind.is_none_or(|kind| kind == matter.kind())
                && maker.is_none_or(|maker| maker == *by)
                && filter.payout.is_none_or(|payout| matter.payout().is_some_and(|of| of.0 == payout))
        };
        let found = sifted(page, |part| Ok(read.view.requests_page(part, known_at)?), |l| l.leaf, |l| wanted(&l.record))?;
        Rows::listed(found, page, |l| l.leaf, |l| said.row(read, l))
    }
}

/// What stands in the way of closing a period, and would be closed over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObstacleBody {
    /// case or issue.
    what: &'static str,
    /// Of a case: its policy pack.
    pack: Option<String>,
    /// Of a case: its letter, contract or agreement.
    subject: Option<Uuid>,
    /// Of an issue: its import.
    import: Option<Uuid>,
    /// Of an issue: its number within the import.
    number: Option<u64>,
    /// Digest of it: what it is otherwise later was not asked about.
    content: Hash,
}

/// What a parameter becomes on some days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeBody {
    /// Which parameter.
    parameter: String,
    /// The first of these days.
    from: NaiveDate,
    /// The last of them; open when null.
    to: Option<NaiveDate>,
    /// What was in force.
    #[schema(value_type = Object)]
    was: Value,
    /// What is in force instead; nothing any more when null.
    #[schema(value_type = Option<Object>)]
    becomes: Option<Value>,
}

/// A request with what it is about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalBody {
    /// The request.
    approval: ApprovalRow,
    /// Of the close of a period: the policy pack by which it was found to be ready; of parameters: the pack whose they are.
    pack: Option<String>,
    /// Of stacking: the two packs whose bonuses would be earned on one application.
    packs: Vec<String>,
    /// Of parameters: all that they change, days to come included.
    changes: Vec<ChangeBody>,
    /// Of a correction: the system that names without a colon belong to.
    system: Option<String>,
    /// Of a correction: the facts that would be recorded.
    #[schema(value_type = Option<Object>)]
    facts: Option<Value>,
    /// Of a close over obstacles: these.
    obstacles: Vec<ObstacleBody>,
}

/// One request.
pub(crate) struct OneApproval;

impl One for OneApproval {
    type Key = Uuid;
    type Body = ApprovalBody;
    const PATH: &'static str = "/approvals/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One request with what would be done: the facts of a correction, what a period would be closed over.";
    const AS_OF: &'static str = NO_DAY;

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<ApprovalBody>, Problem> {
        let Some((approval, matter)) = approval(read, ProposalId(key))? else { return Ok(None) };
        let (mut pack, mut system, mut facts, mut obstacles, mut packs, mut changes) = (None, None, None, Vec::new(), Vec::new(), Vec::new());
        match matter {
            Matter::HardClose { pack: by, .. } => pack = Some(by),
            Matter::Correction { system: of, facts: stated } => {
                system = Some(of);
                facts = Some(serde_json::from_str(&stated).map_err(|e| Problem::internal(&e))?);
            }
            Matter::Exclude { obstacles: over, .. } => {
                obstacles = over.into_iter().map(|obstacle| obstacle_body(obstacle.what, Hash(obstacle.content))).collect();
            }
            Matter::Stacking { families, .. } => packs = families.names().to_vec(),
            Matter::Parameters { policy, changes: all } => {
                pack = Some(policy.pack);
                let change = |ParameterChange { parameter, from, to, was, becomes }| ChangeBody { parameter, from, to, was, becomes };
                changes = all.into_iter().map(change).collect();
            }
            Matter::Reopen { .. } | Matter::Payout { .. } | Matter::PayoutReversal { .. } | Matter::WageGuard { .. } => {}
        }
        Ok(Some(ApprovalBody { approval, pack, packs, changes, system, facts, obstacles }))
    }
}

fn obstacle_body(what: InTheWay, content: Hash) -> ObstacleBody {
    match what {
        InTheWay::Case(case) => ObstacleBody { what: "case", pack: Some(case.pack), subject: Some(case.subject), import: None, number: None, content },
        InTheWay::Issue(batch, number) => ObstacleBody { what: "issue", pack: None, subject: None, import: Some(batch.0), number: Some(number), content },
    }
}
