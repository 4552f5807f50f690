//! Agreements and milestones.

use chrono::NaiveDate;
use recoup_model::access::Permission;
use recoup_model::agreement::{Agreement, Milestone, Term};
use recoup_model::id::{AgreementId, PersonId, ReceivableId, UnitId};
use recoup_store::{AgreementFilter, Listed, MilestoneFilter, Page, Sort};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::export::cell::{Amount, row};
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::filter;

row! {
    /// An agreement (协议) about recovering claims.
    AgreementRow {
        /// Its id.
        id: Uuid,
        /// Number.
        code: String,
        /// A word that policy packs know, such as entrustment.
        kind: String,
        /// The unit that agreed.
        unit: Option<Uuid>,
        /// First day.
        from: NaiveDate,
        /// Last day, which is inside; open when absent.
        to: Option<NaiveDate>,
        /// How many claims it covers.
        receivables: u64,
        /// How many people hold it.
        holders: u64,
        /// How many parties it binds.
        obligors: u64,
        /// Position that recorded this version.
        position: i64,
    }
}

row! {
    /// Something that happened (节点) to an agreement, a receipt or a claim.
    MilestoneRow {
        /// Its id.
        id: Uuid,
        /// A word that policy packs know, such as ruling.
        kind: String,
        /// agreement, receipt or receivable.
        about: &'static str,
        /// Which agreement, receipt or receivable.
        subject: Uuid,
        /// On which day.
        on: NaiveDate,
        /// How much.
        amount: Option<Amount>,
        /// Whom it concerns.
        person: Option<Uuid>,
        /// Staff number.
        person_code: Option<String>,
        /// The paper that proves it.
        evidence: Option<String>,
        /// Position that recorded this version.
        position: i64,
    }
}

filter! {
    /// Which agreements.
    AgreementsFilter {
        /// Only those of this kind.
        kind: String,
        /// Only those that cover this receivable.
        receivable: Uuid,
        /// Only those that this person holds a part of.
        person: Uuid,
        /// Only those of this unit.
        unit: Uuid,
    }
}

filter! {
    /// Which milestones.
    MilestonesFilter {
        /// Only those of this kind.
        kind: String,
        /// Only those of this agreement, receipt or receivable.
        subject: Uuid,
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn agreement_row(Listed { record: a, position, .. }: &Listed<Agreement>) -> AgreementRow {
    let (receivables, holders, obligors) = (count(a.receivables.len()), count(a.holders.iter().count()), count(a.obligors.len()));
    let (code, kind, unit) = (a.code.clone(), a.kind.clone(), a.unit.map(|u| u.0));
    AgreementRow { id: a.id.0, code, kind, unit, from: a.from, to: a.to, receivables, holders, obligors, position: *position }
}

fn milestone_row(read: &Read<'_, '_>, Listed { record: m, position, .. }: Listed<Milestone>, person_code: Option<String>) -> MilestoneRow {
    let (about, subject) = m.about.parts();
    let (amount, person) = (m.amount.map(|minor| read.amount(minor)), m.person.map(|p| p.0));
    MilestoneRow { id: m.id.0, kind: m.kind, about, subject, on: m.on, amount, person, person_code, evidence: m.evidence, position }
}

/// Agreements that cover a receivable.
pub(super) fn agreements_of(read: &mut Read<'_, '_>, receivable: ReceivableId) -> Result<Vec<AgreementRow>, Problem> {
    let which = AgreementFilter { receivable: Some(receivable), ..AgreementFilter::default() };
    let found = read.view.agreements_page(which, &Page::ALL, read.moment.as_of, read.moment.known_at)?;
    Ok(found.iter().map(agreement_row).collect())
}

/// The list of agreements.
pub(crate) struct Agreements;

impl List for Agreements {
    type Row = AgreementRow;
    type Filter = AgreementsFilter;
    const PATH: &'static str = "/agreements";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Agreements (协议): who holds what was agreed, over which claims.";
    const AS_OF: &'static str = "Those that began by the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("code", Sort::AGREEMENT_CODE), ("from", Sort::AGREEMENT_FROM)];

    fn page(read: &mut Read<'_, '_>, filter: &AgreementsFilter, page: &Page) -> Result<Rows<AgreementRow>, Problem> {
        let which = AgreementFilter {
            id: None,
            kind: filter.kind.as_deref(),
            receivable: filter.receivable.map(ReceivableId),
            person: filter.person.map(PersonId),
            unit: filter.unit.map(UnitId),
        };
        let found = read.view.agreements_page(which, &and_one(page), read.moment.as_of, read.moment.known_at)?;
        Rows::listed(found, page, |l| l.leaf, |l| Ok(agreement_row(&l)))
    }
}

/// The list of milestones.
pub(crate) struct Milestones;

impl List for Milestones {
    type Row = MilestoneRow;
    type Filter = MilestonesFilter;
    const PATH: &'static str = "/milestones";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Milestones (节点): what happened to agreements, receipts and claims. Withdrawn ones are not among them.";
    const AS_OF: &'static str = "Those up to the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("on", Sort::MILESTONE_ON)];

    fn page(read: &mut Read<'_, '_>, filter: &MilestonesFilter, page: &Page) -> Result<Rows<MilestoneRow>, Problem> {
        let which = MilestoneFilter { kind: filter.kind.as_deref(), subject: filter.subject };
        let found = read.view.milestones_page(which, &and_one(page), read.moment.as_of, read.moment.known_at)?;
        let codes = read.staff(found.iter().filter_map(|l| l.record.person))?;
        let row = |l: Listed<Milestone>| {
            let code = l.record.person.and_then(|p| codes.get(&p).cloned());
            Ok(milestone_row(read, l, code))
        };
        Rows::listed(found, page, |l| l.leaf, row)
    }
}

/// One person's part of an agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartOf {
    /// Who.
    person: Uuid,
    /// Staff number.
    person_code: Option<String>,
    /// In per cent; all parts sum to exactly 100.
    #[schema(pattern = r"^\d+(\.\d+)?$", example = "33.34")]
    percent: String,
}

/// Somebody whom an agreement binds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BoundBy {
    /// Which party.
    party: Uuid,
    /// As what, such as guarantor.
    role: String,
}

/// An agreed value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TermOf {
    /// Its name.
    name: String,
    /// money, decimal, day or word.
    r#type: &'static str,
    /// Its value as text.
    value: String,
}

/// A claim that an agreement covers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoveredBy {
    /// Which receivable.
    receivable: Uuid,
    /// Its document number.
    document: Option<String>,
}

/// Units whose completion of a target an agreement follows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupervisionOf {
    /// The target.
    target: Uuid,
    /// The units.
    units: Vec<Uuid>,
}

/// An agreement with all that it says, and what happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgreementBody {
    /// The agreement.
    agreement: AgreementRow,
    /// The claims that it covers.
    receivables: Vec<CoveredBy>,
    /// Who holds it.
    holders: Vec<PartOf>,
    /// Whom it binds.
    obligors: Vec<BoundBy>,
    /// What was agreed.
    terms: Vec<TermOf>,
    /// The units whose completion it follows.
    supervises: Option<SupervisionOf>,
    /// What happened to the agreement itself.
    milestones: Vec<MilestoneRow>,
}

/// One agreement.
pub(crate) struct OneAgreement;

impl One for OneAgreement {
    type Key = Uuid;
    type Body = AgreementBody;
    const PATH: &'static str = "/agreements/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One agreement with its claims, holders and terms, and what happened to it.";
    const AS_OF: &'static str = "If it began by the end of this day; today in the ledger's time zone when absent.";

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<AgreementBody>, Problem> {
        let (as_of, known_at) = (read.moment.as_of, read.moment.known_at);
        let which = AgreementFilter { id: Some(AgreementId(key)), ..AgreementFilter::default() };
        let found = read.view.agreements_page(which, &Page::FIRST, as_of, known_at)?;
        let Some(listed) = found.into_iter().next() else { return Ok(None) };
        let a = &listed.record;
        let documents = read.documents(a.receivables.iter().copied())?;
        let which = MilestoneFilter { kind: None, subject: Some(key) };
        let happened = read.view.milestones_page(which, &Page::ALL, as_of, known_at)?;
        let codes = read.staff(a.holders.iter().map(|h| h.person).chain(happened.iter().filter_map(|l| l.record.person)))?;
        let part = |h: &recoup_model::agreement::Holder| PartOf {
            person: h.person.0,
            person_code: codes.get(&h.person).cloned(),
            percent: rust_decimal::Decimal::from(h.share).to_string(),
        };
        let term = |(name, term): (&String, &Term)| {
            let (r#type, value) = match term {
                Term::Money(minor) => ("money", read.amount(*minor).to_string()),
                Term::Decimal(decimal) => ("decimal", decimal.to_string()),
                Term::Day(day) => ("day", day.to_string()),
                Term::Word(word) => ("word", word.clone()),
            };
            TermOf { name: name.clone(), r#type, value }
        };
        let milestones = happened.into_iter().map(|l| {
            let code = l.record.person.and_then(|p| codes.get(&p).cloned());
            milestone_row(read, l, code)
        });
        Ok(Some(AgreementBody {
            receivables: a.receivables.iter().map(|r| CoveredBy { receivable: r.0, document: documents.get(r).cloned() }).collect(),
            holders: a.holders.iter().map(part).collect(),
            obligors: a.obligors.iter().map(|o| BoundBy { party: o.party.0, role: o.role.clone() }).collect(),
            terms: a.terms.iter().map(term).collect(),
            supervises: a.supervises.as_ref().map(|s| SupervisionOf { target: s.target.0, units: s.units.iter().map(|u| u.0).collect() }),
            milestones: milestones.collect(),
            agreement: agreement_row(&listed),
        }))
    }
}
