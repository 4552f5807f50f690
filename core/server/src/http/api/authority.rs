//! Who may approve what (审批权限表), and who stands in for whom. The table itself is put in force on the machine.

use actix_web::http::StatusCode;
use chrono::NaiveDate;
use recoup_engine::approval::delegate;
use recoup_model::access::Permission;
use recoup_model::approval::Authority;
use recoup_store::{Page, Sort, Store};
use serde::Deserialize;
use utoipa::ToSchema;

use super::parties::NO_DAY;
use crate::http::export::cell::{Amount, Words, row};
use crate::http::list::{List, Rows};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::{All, filter};
use crate::http::write::{Act, Answered, Verb, Write, written};

row! {
    /// Who may approve requests of a kind.
    AuthorityRow {
        /// The first day of the table.
        from: NaiveDate,
        /// reopen, reopen-hard, exclude, hard-close, correction, payout, payout-reversal or wage-guard.
        kind: &'static str,
        /// Up to which amount; any when absent.
        up_to: Option<Amount>,
        /// Code of the unit; any when absent.
        unit: Option<String>,
        /// Who may, by login.
        approvers: Words,
    }
}

/// The table in force.
pub(crate) struct AuthorityTable;

impl List for AuthorityTable {
    type Row = AuthorityRow;
    type Filter = All;
    const PATH: &'static str = "/authority";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "The table of authority (审批权限表) in force: who may approve what. What no row covers nobody may approve. It is of the \
        ledger whole: whoever sees only some units sees none of it.";
    const AS_OF: &'static str = "The table in force on this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<AuthorityRow>, Problem> {
        let known_at = read.moment.known_at;
        let in_force = Authority::in_force(read.view.authorities(known_at)?, read.moment.as_of);
        let units = read.view.units(known_at)?;
        let rows = in_force.into_iter().flat_map(|table| table.rows.into_iter().map(move |row| (table.from, row)));
        let row = |(from, row): (NaiveDate, recoup_model::approval::AuthorityRow)| AuthorityRow {
            from,
            kind: row.kind.word(),
            up_to: row.up_to.map(|minor| read.amount(minor)),
            unit: row.unit.map(|id| units.iter().find(|unit| unit.id == id).map(|unit| unit.code.clone()).unwrap_or_default()),
            approvers: Words(row.approvers),
        };
        Ok(Rows::of(rows.map(row), page))
    }
}

row! {
    /// Somebody decides in somebody else's place, for a time.
    DelegationRow {
        /// Login of the approver.
        delegator: String,
        /// Login of who has their authority besides.
        to: String,
        /// First day.
        from: NaiveDate,
        /// Last day.
        until: NaiveDate,
    }
}

filter! {
    /// Which delegations.
    DelegationsFilter {
        /// Only those that hold on this day.
        on: NaiveDate,
    }
}

/// The list of delegations.
pub(crate) struct Delegations;

impl List for Delegations {
    type Row = DelegationRow;
    type Filter = DelegationsFilter;
    const PATH: &'static str = "/delegations";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Delegations (授权) of authority: who decides in whose place, from when to when. They are of the ledger whole: whoever sees \
        only some units sees none.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, filter: &DelegationsFilter, page: &Page) -> Result<Rows<DelegationRow>, Problem> {
        let logins = read.view.logins()?;
        let login = |id| logins.get(&id).cloned().unwrap_or_default();
        let all = read.view.delegations(read.moment.known_at)?.into_iter().filter(|d| filter.on.is_none_or(|day| d.holds(day)));
        Ok(Rows::of(all.map(|d| DelegationRow { delegator: login(d.from), to: login(d.to), from: d.first, until: d.last }), page))
    }
}

/// Who is to decide in one's place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDelegation {
    /// Login of the other approver.
    to: String,
    /// First day.
    from: NaiveDate,
    /// Last day.
    until: NaiveDate,
}

/// Delegates one's authority.
pub(crate) struct Delegate;

impl Write for Delegate {
    type Body = NewDelegation;
    type Answer = DelegationRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/delegations";
    const SUMMARY: &'static str = "Has another approver decide in one's place, from one day to another. For the same two and first day again, with another \
        last day, it replaces the former.";
    const NEEDS: Permission = Permission::Approve;
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &["approval.delegation", "approval.unknown_user"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewDelegation) -> Result<i64, Problem> {
        written(delegate(store, act.ledger, act.caller, &body.to, (body.from, body.until), act.by)?)
    }

    fn answer(_: &mut Read<'_, '_>, act: &Act<'_>, NewDelegation { to, from, until }: &NewDelegation) -> Result<Answered<DelegationRow>, Problem> {
        let body = DelegationRow { delegator: act.caller.login().to_owned(), to: to.clone(), from: *from, until: *until };
        Ok(Answered { body, location: None, version: None })
    }
}
