//! Payout runs: what payroll gets of a month's statement, and what became of it. A run is of the ledger whole: whoever sees
//! some units only sees none.

use std::collections::HashMap;

use chrono::NaiveDate;
use recoup_engine::settlement::{Run, runs};
use recoup_model::access::Permission;
use recoup_model::calendar::Month;
use recoup_model::id::{PayoutId, PersonId};
use recoup_model::payout::{PayoutRow as Item, PayoutState, Step};
use recoup_model::settlement::Way;
use recoup_store::{Listed, Page, Sort};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::export::cell::{Amount, Period, row};
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::filter;

row! {
    /// A payout run (发放批次).
    PayoutRow {
        /// Its id.
        id: Uuid,
        /// The month whose wages settle.
        month: Period,
        /// What was payable at the end of this day counts.
        as_of: NaiveDate,
        /// The last position whose facts it saw.
        known_at: i64,
        /// prepared, published, exported, settled, cancelled or reversed.
        state: &'static str,
        /// Whether the wage guard held: enforce or report-only.
        guard: &'static str,
        /// The last day on which an objection counts; absent before publication.
        notice_until: Option<NaiveDate>,
        /// The request by which it was approved.
        approved: Option<Uuid>,
        /// Position that recorded it.
        position: i64,
    }
}

filter! {
    /// Which runs.
    PayoutsFilter {
        /// Only those of this month.
        month: Month,
    }
}

/// What of an account is to be settled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PayoutItem {
    /// The item, by which payroll names it.
    item: Uuid,
    /// Whose.
    person: Uuid,
    /// Staff number.
    person_code: Option<String>,
    /// Number of the letter or agreement, or code of the contract.
    subject: String,
    /// What for.
    purpose: String,
    /// To be paid, gross.
    paid: Amount,
    /// To be set off against the person's other accounts.
    set_off: Amount,
    /// To be taken from the wage; zero or less.
    taken: Amount,
    /// What of that the wage guard would not have let through.
    beyond_guard: Amount,
    /// What payroll confirmed, less what came back.
    confirmed: Amount,
    /// What is said of taxes.
    tax_note: Option<String>,
    /// The lines that the amounts rest on.
    rests_on: Vec<Ground>,
}

/// A line that an amount rests on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ground {
    /// Which line.
    line: Uuid,
    /// The leaf that holds it as it stood.
    leaf: u64,
}

/// Something that became of a run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PayoutStepOf {
    /// On which day.
    on: NaiveDate,
    /// published, objected, resolved, exported, returned, cancelled or reversed.
    step: &'static str,
    /// The objection that it is about.
    objection: Option<Uuid>,
    /// Who objects.
    person: Option<Uuid>,
    /// Their staff number.
    person_code: Option<String>,
    /// The reason that was given; what an objection says may have been erased.
    reason: Option<String>,
}

/// A payout run with its items, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PayoutBody {
    /// The run.
    payout: PayoutRow,
    /// To be paid, gross.
    paid: Amount,
    /// To be taken from wages; zero or less.
    taken: Amount,
    /// What payroll confirmed, less what came back.
    confirmed: Amount,
    /// Digest of what it settles.
    digest: String,
    /// What is to be settled.
    items: Vec<PayoutItem>,
    /// What became of it, in order.
    steps: Vec<PayoutStepOf>,
}

pub(super) fn payout_row(run: &Run) -> PayoutRow {
    let payout = run.payout();
    PayoutRow {
        id: payout.id.0,
        month: Period(payout.month),
        as_of: payout.as_of,
        known_at: payout.known_at,
        state: PayoutState::word(run.progress.state),
        guard: payout.guard.word(),
        notice_until: run.progress.notice_until(),
        approved: run.approved.map(|request| request.0),
        position: run.stored.position,
    }
}

/// The list of runs.
pub(crate) struct Payouts;

impl List for Payouts {
    type Row = PayoutRow;
    type Filter = PayoutsFilter;
    const PATH: &'static str = "/payouts";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Payout runs (发放批次) and how they stand; their amounts, which tell wages, are told of each run.";
    const AS_OF: &'static str = "Runs of months up to that of this day; today's in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("month", Sort::PAYOUT_MONTH)];

    fn page(read: &mut Read<'_, '_>, filter: &PayoutsFilter, page: &Page) -> Result<Rows<PayoutRow>, Problem> {
        let known_at = read.moment.known_at;
        let found = read.view.payouts_page(filter.month, &and_one(page), Month::of(read.moment.as_of), known_at)?;
        let ids: Vec<PayoutId> = found.iter().map(|l| l.record.id).collect();
        let runs: HashMap<PayoutId, Run> = runs(read.view, Some(&ids), known_at)?.into_iter().map(|run| (run.payout().id, run)).collect();
        let row = |l: Listed<recoup_model::payout::Payout>| runs.get(&l.record.id).map(payout_row).ok_or_else(|| Problem::new("server.internal"));
        Rows::listed(found, page, |l| l.leaf, row)
    }
}

/// One run.
pub(crate) struct OnePayout;

impl One for OnePayout {
    type Key = Uuid;
    type Body = PayoutBody;
    const PATH: &'static str = "/payouts/{key}";
    const NEEDS: Permission = Permission::ReadSensitive;
    const SUMMARY: &'static str = "One payout run with its items, what each rests on, and what became of it; it tells wages, and each reading is recorded.";
    const AS_OF: &'static str = "The run, if its month is not after that of this day; today in the ledger's time zone when absent.";

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<PayoutBody>, Problem> {
        let found = runs(read.view, Some(&[PayoutId(key)]), read.moment.known_at)?.into_iter().next();
        let Some(run) = found.filter(|run| run.payout().month <= Month::of(read.moment.as_of)) else { return Ok(None) };
        let objecting = run.progress.objections.iter().map(|o| o.person);
        let codes = read.staff(run.payout().rows.iter().map(|item| item.account.person).chain(objecting))?;
        let code = |person: PersonId| codes.get(&person).cloned();
        let item = |item: &Item| PayoutItem {
            item: item.item().0,
            person: item.account.person.0,
            person_code: code(item.account.person),
            subject: item.subject.clone(),
            purpose: item.account.purpose.to_string(),
            paid: read.amount(item.paid),
            set_off: read.amount(item.set_off),
            taken: read.amount(item.taken),
            beyond_guard: read.amount(item.beyond_guard),
            confirmed: read.amount(run.settled(item.item(), &[Way::Paid, Way::Taken])),
            tax_note: item.tax_note.clone(),
            rests_on: item.rests_on.iter().map(|r| Ground { line: r.line.0, leaf: r.leaf }).collect(),
        };
        let items = run.payout().rows.iter().map(item).collect();
        let steps = run.steps.iter().map(|(step, said)| {
            let (objection, person, reason) = match &step.step {
                Step::Published { .. } | Step::Exported | Step::Returned => (None, None, None),
                Step::Objected { objection, person } => (Some(objection.0), Some(*person), said.clone()),
                Step::Resolved { objection, reason } => (Some(objection.0), None, Some(reason.clone())),
                Step::Cancelled { reason } | Step::Reversed { reason, .. } => (None, None, Some(reason.clone())),
            };
            PayoutStepOf { on: step.on, step: step.step.word(), objection, person: person.map(|p| p.0), person_code: person.and_then(code), reason }
        });
        let sum = |of: &dyn Fn(&Item) -> i64| read.amount(run.payout().rows.iter().map(of).sum());
        Ok(Some(PayoutBody {
            payout: payout_row(&run),
            paid: sum(&|item| item.paid),
            taken: sum(&|item| item.taken),
            confirmed: sum(&|item| run.settled(item.item(), &[Way::Paid, Way::Taken])),
            digest: run.digest()?.to_string(),
            items,
            steps: steps.collect(),
        }))
    }
}
