//! Letters, roles and wage months.

use chrono::NaiveDate;
use recoup_model::access::Permission;
use recoup_model::accountability::{Letter, RoleAssignment};
use recoup_model::calendar::Month;
use recoup_model::id::{ContractId, LetterId, PersonId, ReceivableId, UnitId};
use recoup_store::{LetterFilter, Listed, Page, RoleFilter, Sort};
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
    /// A responsibility letter (清欠责任状).
    LetterRow {
        /// Its id.
        id: Uuid,
        /// Number.
        code: String,
        /// The unit that signed.
        unit: Option<Uuid>,
        /// First day.
        from: NaiveDate,
        /// Last day; the day itself is in time.
        deadline: NaiveDate,
        /// How many debts it names.
        receivables: u64,
        /// How many people share its bonus.
        shares: u64,
        /// Position that recorded this version.
        position: i64,
    }
}

row! {
    /// Somebody answers for something in a role.
    RoleRow {
        /// Its id.
        id: Uuid,
        /// Who.
        person: Uuid,
        /// Staff number.
        person_code: Option<String>,
        /// Role code of the policy.
        role: String,
        /// letter, contract, receivable, unit or agreement.
        scope: &'static str,
        /// Which letter, contract, receivable, unit or agreement.
        subject: Uuid,
        /// First day.
        from: NaiveDate,
        /// Last day; open when absent.
        to: Option<NaiveDate>,
        /// Whether the duty never ends (终身责任).
        lifelong: bool,
        /// Whether the debtor confirmed the hand-over; an unconfirmed one does not count.
        confirmed: bool,
        /// Whether it holds on the day asked about.
        in_force: bool,
    }
}

row! {
    /// A month whose wage is known.
    WageMonthRow {
        /// Whose.
        person: Uuid,
        /// Staff number.
        person_code: Option<String>,
        /// Which month.
        month: Period,
        /// Gross wage.
        gross: Amount,
    }
}

filter! {
    /// Which letters.
    LettersFilter {
        /// Only those that name this receivable.
        receivable: Uuid,
        /// Only those that name a receivable of this contract or project.
        contract: Uuid,
        /// Only those that this person has a share of, or held a role for by the day.
        person: Uuid,
        /// Only those that this unit signed.
        unit: Uuid,
        /// Only those whose deadline is this day or later.
        deadline_from: NaiveDate,
        /// Only those whose deadline is this day or earlier.
        deadline_to: NaiveDate,
        /// Only those that name a receivable with something open on the day (true), or only those that name none (false).
        open: bool,
    }
}

filter! {
    /// Which roles.
    RolesFilter {
        /// Only those of this person.
        person: Uuid,
        /// Only those for this letter, contract, receivable, unit or agreement.
        subject: Uuid,
        /// Only those in force on the day (true), or only those that are not (false).
        in_force: bool,
    }
}

filter! {
    /// Which wage months.
    WageFilter {
        /// Only those of this person.
        person: Uuid,
        /// Only this month.
        month: Month,
    }
}

const BEGUN: &str = "Those that began by the end of this day; today in the ledger's time zone when absent.";

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn letter_row(Listed { record: l, position, .. }: &Listed<Letter>) -> LetterRow {
    let (receivables, shares, position) = (count(l.receivables.len()), count(l.shares.len()), *position);
    LetterRow { id: l.id.0, code: l.code.clone(), unit: l.unit.map(|u| u.0), from: l.from, deadline: l.deadline, receivables, shares, position }
}

/// Letters that name a receivable.
pub(super) fn letters_of(read: &mut Read<'_, '_>, receivable: ReceivableId) -> Result<Vec<LetterRow>, Problem> {
    let which = LetterFilter { receivable: Some(receivable), ..LetterFilter::default() };
    let found = read.view.letters_page(which, &Page::ALL, read.moment.as_of, read.moment.known_at)?;
    Ok(found.iter().map(letter_row).collect())
}

/// The list of letters.
pub(crate) struct Letters;

impl List for Letters {
    type Row = LetterRow;
    type Filter = LettersFilter;
    const PATH: &'static str = "/letters";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Responsibility letters (清欠责任状): who recovers what by when.";
    const AS_OF: &'static str = BEGUN;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("code", Sort::LETTER_CODE), ("deadline", Sort::LETTER_DEADLINE)];

    fn page(read: &mut Read<'_, '_>, filter: &LettersFilter, page: &Page) -> Result<Rows<LetterRow>, Problem> {
        let which = LetterFilter {
            id: None,
            receivable: filter.receivable.map(ReceivableId),
            contract: filter.contract.map(ContractId),
            person: filter.person.map(PersonId),
            unit: filter.unit.map(UnitId),
            deadline_from: filter.deadline_from,
            deadline_to: filter.deadline_to,
            open: filter.open,
        };
        let found = read.view.letters_page(which, &and_one(page), read.moment.as_of, read.moment.known_at)?;
        Rows::listed(found, page, |l| l.leaf, |l| Ok(letter_row(&l)))
    }
}

/// One person's share of a letter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareOf {
    /// Who.
    person: Uuid,
    /// Staff number.
    person_code: Option<String>,
    /// Weight; the weights together are the whole.
    weight: i64,
}

/// A debt that a letter names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DebtOf {
    /// Which receivable.
    receivable: Uuid,
    /// Its document number.
    document: Option<String>,
}

/// A letter with the debts and people that it names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LetterBody {
    /// The letter.
    letter: LetterRow,
    /// The debts to recover.
    receivables: Vec<DebtOf>,
    /// How the bonus is split; when empty, it is due to whoever answers on the day.
    shares: Vec<ShareOf>,
}

/// One letter.
pub(crate) struct OneLetter;

impl One for OneLetter {
    type Key = Uuid;
    type Body = LetterBody;
    const PATH: &'static str = "/letters/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One letter with the debts and people that it names.";
    const AS_OF: &'static str = BEGUN;

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<LetterBody>, Problem> {
        let which = LetterFilter { id: Some(LetterId(key)), ..LetterFilter::default() };
        let found = read.view.letters_page(which, &Page::FIRST, read.moment.as_of, read.moment.known_at)?;
        let Some(listed) = found.into_iter().next() else { return Ok(None) };
        let l = &listed.record;
        let documents = read.documents(l.receivables.iter().copied())?;
        let codes = read.staff(l.shares.iter().map(|s| s.person))?;
        Ok(Some(LetterBody {
            receivables: l.receivables.iter().map(|r| DebtOf { receivable: r.0, document: documents.get(r).cloned() }).collect(),
            shares: l.shares.iter().map(|s| ShareOf { person: s.person.0, person_code: codes.get(&s.person).cloned(), weight: s.weight }).collect(),
            letter: letter_row(&listed),
        }))
    }
}

/// The list of roles.
pub(crate) struct Roles;

impl List for Roles {
    type Row = RoleRow;
    type Filter = RolesFilter;
    const PATH: &'static str = "/roles";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Roles: who answers for what, from when to when.";
    const AS_OF: &'static str = BEGUN;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("from", Sort::ROLE_FROM)];

    fn page(read: &mut Read<'_, '_>, filter: &RolesFilter, page: &Page) -> Result<Rows<RoleRow>, Problem> {
        let as_of = read.moment.as_of;
        let which = RoleFilter { person: filter.person.map(PersonId), subject: filter.subject, in_force: filter.in_force };
        let found = read.view.roles_page(which, &and_one(page), as_of, read.moment.known_at)?;
        let codes = read.staff(found.iter().map(|l| l.record.person))?;
        let row = |r: RoleAssignment| {
            let (scope, subject) = r.scope.parts();
            RoleRow {
                id: r.id.0,
                person: r.person.0,
                person_code: codes.get(&r.person).cloned(),
                role: r.role,
                scope,
                subject,
                from: r.from,
                to: r.to,
                lifelong: r.lifelong,
                confirmed: r.confirmed,
                in_force: r.confirmed && r.to.is_none_or(|to| as_of <= to),
            }
        };
        Rows::listed(found, page, |l| l.leaf, |l| Ok(row(l.record)))
    }
}

/// The list of wage months.
pub(crate) struct WageMonths;

impl List for WageMonths {
    type Row = WageMonthRow;
    type Filter = WageFilter;
    const PATH: &'static str = "/wage-months";
    const NEEDS: Permission = Permission::ReadSensitive;
    const SUMMARY: &'static str = "Wage months, which are sensitive: each reading is recorded, and an auditor says what for.";
    const AS_OF: &'static str = "Months up to that of this day; today's in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("month", Sort::WAGE_MONTH)];

    fn page(read: &mut Read<'_, '_>, filter: &WageFilter, page: &Page) -> Result<Rows<WageMonthRow>, Problem> {
        let last = Month::of(read.moment.as_of);
        let found = read.view.wage_months_page(filter.person.map(PersonId), filter.month, &and_one(page), last, read.moment.known_at)?;
        let codes = read.staff(found.iter().map(|l| l.record.person))?;
        Rows::listed(
            found,
            page,
            |l| l.leaf,
            |l| {
                // One that was erased is not in the list.
                let gross = l.personal.and_then(|p| p.gross).ok_or_else(|| Problem::new("server.internal"))?;
                Ok(WageMonthRow {
                    person: l.record.person.0,
                    person_code: codes.get(&l.record.person).cloned(),
                    month: Period(l.record.month),
                    gross: read.amount(gross),
                })
            },
        )
    }
}
