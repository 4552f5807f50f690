//! Lists of who answers, and of what is due, a page at a time.

use recoup_model::accountability::{Letter, RoleAssignment, WageMonth};
use recoup_model::agreement::{Agreement, Milestone};
use recoup_model::due::{CaseJudged, Finding, Line, LineChange};
use recoup_model::id::{AgreementId, BatchId, ContractId, LetterId, LineId, PartyId, PersonId, ReceivableId, UnitId};
use recoup_model::import::Batch;
use recoup_model::party::Unit;
use recoup_model::pause::{Pause, PauseKind};
use recoup_model::record::Evaluated;
use recoup_model::sanction::{FalseReport, Sanction};
use recoup_model::{Date, Month};
use uuid::Uuid;

use super::due::earned_by;
use super::page::{Listed, Page, Recorded, select, versions};
use super::{View, last};
use crate::StoreError;
use crate::types::Id;

/// What has no last day by a day, or a later one; and what has an earlier one (bound: the day).
const UNENDED: &str = " AND (t.last_day IS NULL OR t.last_day >= ?)";
const ENDED: &str = " AND t.last_day < ?";

/// Which letters.
#[derive(Debug, Clone, Copy, Default)]
pub struct LetterFilter {
    /// Only this one.
    pub id: Option<LetterId>,
    /// Only those that name this receivable.
    pub receivable: Option<ReceivableId>,
    /// Only those that name a receivable of this contract.
    pub contract: Option<ContractId>,
    /// Only those that this person has a share of, or held a role for by the day.
    pub person: Option<PersonId>,
    /// Only those that this unit signed.
    pub unit: Option<UnitId>,
    /// Only those whose deadline is this day or later.
    pub deadline_from: Option<Date>,
    /// Only those whose deadline is this day or earlier.
    pub deadline_to: Option<Date>,
    /// Only those that name a receivable with something open at the end of the day, or only those that name none.
    pub open: Option<bool>,
}

/// Which agreements.
#[derive(Debug, Clone, Copy, Default)]
pub struct AgreementFilter<'a> {
    /// Only this one.
    pub id: Option<AgreementId>,
    /// Only those of this kind.
    pub kind: Option<&'a str>,
    /// Only those that cover this receivable.
    pub receivable: Option<ReceivableId>,
    /// Only those that this person holds a part of.
    pub person: Option<PersonId>,
    /// Only those of this unit.
    pub unit: Option<UnitId>,
}

/// Which milestones.
#[derive(Debug, Clone, Copy, Default)]
pub struct MilestoneFilter<'a> {
    /// Only those of this kind.
    pub kind: Option<&'a str>,
    /// Only those of this agreement, receipt or receivable.
    pub subject: Option<Uuid>,
}

/// Which findings of false reports.
#[derive(Debug, Clone, Copy, Default)]
pub struct FalseReportFilter {
    /// Only those of this person.
    pub person: Option<PersonId>,
    /// Only those about this agreement, receipt or receivable.
    pub subject: Option<Uuid>,
}

/// Which sanctions.
#[derive(Debug, Clone, Copy, Default)]
pub struct SanctionFilter<'a> {
    /// Only those of this kind.
    pub kind: Option<&'a str>,
    /// Only those on this person.
    pub person: Option<PersonId>,
    /// Only those for this agreement, receipt or receivable.
    pub subject: Option<Uuid>,
    /// Only those in force on the day, or only those that are not.
    pub in_force: Option<bool>,
}

/// Which pauses.
#[derive(Debug, Clone, Copy, Default)]
pub struct PauseFilter {
    /// Only those of this kind.
    pub kind: Option<PauseKind>,
    /// Only those of this claim.
    pub receivable: Option<ReceivableId>,
    /// Only those in force on the day, or only those that are not.
    pub in_force: Option<bool>,
}

/// Which roles.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoleFilter {
    /// Only those of this person.
    pub person: Option<PersonId>,
    /// Only those for this letter, contract, receivable, unit or agreement.
    pub subject: Option<Uuid>,
    /// Only those in force on the day, or only those that are not.
    pub in_force: Option<bool>,
}

/// Which lines.
#[derive(Debug, Clone, Copy, Default)]
pub struct WhichLines<'a> {
    /// Only this one.
    pub id: Option<LineId>,
    /// Only those of this pack.
    pub pack: Option<&'a str>,
    /// Only those of this clause.
    pub clause: Option<&'a str>,
    /// Only those of this person.
    pub person: Option<PersonId>,
    /// Only those of this party.
    pub party: Option<PartyId>,
    /// Only those of this letter or contract.
    pub subject: Option<Uuid>,
    /// Only those that movements of this receivable earned.
    pub receivable: Option<ReceivableId>,
    /// Only those earned on this day or later: on the day of their basis, the last one of a wage month.
    pub earned_from: Option<Date>,
    /// Only those earned on this day or earlier, likewise.
    pub earned_to: Option<Date>,
}

/// The condition that the basis of a line stands to a day: its entry to the day, its month to a month, its milestone, its contract's closing or its
/// agreement's last day to the day as known (bound: day, month, and three times day and twice the leaves).
macro_rules! earned_on {
    ($day:literal, $month:literal) => {
        concat!(
            " AND CASE t.basis WHEN 'entry' THEN EXISTS (SELECT 1 FROM entry e WHERE e.ledger = t.ledger AND e.id = t.basis_entry AND e.effective ",
            $day,
            " ?) WHEN 'wage-month' THEN t.basis_month ",
            $month,
            " ? WHEN 'milestone' THEN EXISTS (SELECT 1 FROM milestone m WHERE m.ledger = t.ledger AND m.id = t.basis_milestone AND m.effective ",
            $day,
            " ? AND +m.leaf < ? AND NOT EXISTS (SELECT 1 FROM milestone n WHERE n.ledger = m.ledger AND n.id = m.id \
             AND +n.leaf > m.leaf AND +n.leaf < ?)) ELSE EXISTS (SELECT 1 FROM contract_closed c WHERE c.ledger = t.ledger \
             AND c.contract = t.subject AND c.effective ",
            $day,
            " ? AND +c.leaf < ? AND NOT EXISTS (SELECT 1 FROM contract_closed n WHERE n.ledger = c.ledger AND n.contract = c.contract \
             AND +n.leaf > c.leaf AND +n.leaf < ?)) OR EXISTS (SELECT 1 FROM agreement a WHERE a.ledger = t.ledger \
             AND a.id = t.subject AND a.last_day ",
            $day,
            " ? AND +a.leaf < ? AND NOT EXISTS (SELECT 1 FROM agreement n WHERE n.ledger = a.ledger AND n.id = a.id \
             AND +n.leaf > a.leaf AND +n.leaf < ?)) END"
        )
    };
}

/// Which import batches.
#[derive(Debug, Clone, Copy, Default)]
pub struct BatchFilter<'a> {
    /// Only this one.
    pub id: Option<BatchId>,
    /// Only those whose keys belong to this system.
    pub system: Option<&'a str>,
    /// Only those that were read by this profile.
    pub profile: Option<&'a str>,
    /// Only those of files of this name.
    pub file_name: Option<&'a str>,
    /// Only those that were recorded then.
    pub recorded: Recorded,
}

/// Which findings.
#[derive(Debug, Clone, Copy, Default)]
pub struct FindingFilter<'a> {
    /// Only those of this pack.
    pub pack: Option<&'a str>,
    /// Only those of this clause.
    pub clause: Option<&'a str>,
    /// Only those about this letter or contract.
    pub subject: Option<Uuid>,
    /// Only those with this message code.
    pub code: Option<&'a str>,
    /// Only those that concern this person.
    pub person: Option<PersonId>,
    /// Only those that arose on this day or later.
    pub from: Option<Date>,
}

/// Which cases.
#[derive(Debug, Clone, Copy, Default)]
pub struct CaseFilter<'a> {
    /// Only those of this pack.
    pub pack: Option<&'a str>,
    /// Only those of this letter or contract.
    pub subject: Option<Uuid>,
    /// Only those that are set aside with this code.
    pub code: Option<&'a str>,
}

impl View<'_> {
    /// Units.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn units_page(&mut self, page: &Page, known_at: i64) -> Result<Vec<Listed<Unit>>, StoreError> {
        let all = self.versions(versions!("unit"), known_at)?;
        self.page(all, page)
    }

    /// Letters that began by a day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn letters_page(&mut self, filter: LetterFilter, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Letter>>, StoreError> {
        // By the index of whom letters name: most letters name others.
        const NAMES: &str = " AND t.leaf IN (SELECT r.leaf FROM letter_receivable r WHERE r.ledger = ? AND r.receivable = ?)";
        const OF_CONTRACT: &str = " AND EXISTS (SELECT 1 FROM letter_receivable r JOIN receivable c ON c.ledger = r.ledger AND c.id = r.receivable \
            WHERE r.ledger = t.ledger AND r.leaf = t.leaf AND c.contract = ? AND +c.leaf < ? \
            AND NOT EXISTS (SELECT 1 FROM receivable n WHERE n.ledger = c.ledger AND n.id = c.id AND +n.leaf > c.leaf AND +n.leaf < ?))";
        const OF_PERSON: &str = " AND (EXISTS (SELECT 1 FROM letter_share s WHERE s.ledger = t.ledger AND s.leaf = t.leaf AND s.person = ?) \
            OR EXISTS (SELECT 1 FROM role o WHERE o.ledger = t.ledger AND o.subject = t.id AND o.person = ? AND o.first_day <= ? AND +o.leaf < ? \
            AND NOT EXISTS (SELECT 1 FROM role n WHERE n.ledger = o.ledger AND n.id = o.id AND +n.leaf > o.leaf AND +n.leaf < ?)))";
        const OPEN: &str = " AND EXISTS (SELECT 1 FROM letter_receivable r JOIN entry e ON e.ledger = r.ledger AND e.receivable = r.receivable \
            WHERE r.ledger = t.ledger AND r.leaf = t.leaf AND +e.leaf < ? AND e.effective <= ? \
            GROUP BY r.receivable HAVING SUM(e.ledger_amount) <> 0 OR SUM(e.amount) <> 0)";
        const NOT_OPEN: &str = " AND NOT EXISTS (SELECT 1 FROM letter_receivable r JOIN entry e ON e.ledger = r.ledger AND e.receivable = r.receivable \
            WHERE r.ledger = t.ledger AND r.leaf = t.leaf AND +e.leaf < ? AND e.effective <= ? \
            GROUP BY r.receivable HAVING SUM(e.ledger_amount) <> 0 OR SUM(e.amount) <> 0)";
        let known = self.known(known_at)?;
        let all = self.versions(versions!("letter"), known_at)?.push(" AND t.first_day <= ?").bind(as_of);
        let all = all.when(" AND t.id = ?", filter.id.map(|l| Id(l.0)));
        let all = match filter.receivable {
            Some(receivable) => all.push(NAMES).bind(self.ledger).bind(Id(receivable.0)),
            None => all,
        };
        let all = all.when(" AND t.unit = ?", filter.unit.map(|u| Id(u.0)));
        let all = all.when(" AND t.deadline >= ?", filter.deadline_from).when(" AND t.deadline <= ?", filter.deadline_to);
        let all = match filter.open {
            Some(open) => all.push(if open { OPEN } else { NOT_OPEN }).bind(known).bind(as_of),
            None => all,
        };
        let all = match filter.contract {
            Some(contract) => all.push(OF_CONTRACT).bind(Id(contract.0)).bind(known).bind(known),
            None => all,
        };
        let all = match filter.person {
            Some(person) => all.push(OF_PERSON).bind(Id(person.0)).bind(Id(person.0)).bind(as_of).bind(known).bind(known),
            None => all,
        };
        self.page(all, page)
    }

    /// Agreements that began by a day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn agreements_page(&mut self, filter: AgreementFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Agreement>>, StoreError> {
        const COVERS: &str = " AND EXISTS (SELECT 1 FROM agreement_receivable r WHERE r.ledger = t.ledger AND r.leaf = t.leaf AND r.receivable = ?)";
        const HELD_BY: &str = " AND EXISTS (SELECT 1 FROM agreement_holder h WHERE h.ledger = t.ledger AND h.leaf = t.leaf AND h.person = ?)";
        let all = self.versions(versions!("agreement"), known_at)?.push(" AND t.first_day <= ?").bind(as_of);
        let all = all.when(" AND t.id = ?", filter.id.map(|a| Id(a.0))).when(" AND t.kind = ?", filter.kind);
        let all = all.when(COVERS, filter.receivable.map(|r| Id(r.0))).when(HELD_BY, filter.person.map(|p| Id(p.0)));
        self.page(all.when(" AND t.unit = ?", filter.unit.map(|u| Id(u.0))), page)
    }

    /// Milestones up to a day that were not withdrawn.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn milestones_page(&mut self, filter: MilestoneFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Milestone>>, StoreError> {
        let all = self.versions(versions!("milestone"), known_at)?.push(" AND NOT t.withdrawn AND t.effective <= ?").bind(as_of);
        self.page(all.when(" AND t.kind = ?", filter.kind).when(" AND t.subject = ?", filter.subject.map(Id)), page)
    }

    /// False reports that were found by a day, and not withdrawn.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn false_reports_page(&mut self, filter: FalseReportFilter, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<FalseReport>>, StoreError> {
        let all = self.versions(versions!("false_report"), known_at)?.push(" AND NOT t.withdrawn AND t.effective <= ?").bind(as_of);
        self.page(all.when(" AND t.person = ?", filter.person.map(|p| Id(p.0))).when(" AND t.subject = ?", filter.subject.map(Id)), page)
    }

    /// Sanctions that began by a day, and were not withdrawn.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn sanctions_page(&mut self, filter: SanctionFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Sanction>>, StoreError> {
        let all = self.versions(versions!("sanction"), known_at)?.push(" AND NOT t.withdrawn AND t.first_day <= ?").bind(as_of);
        let all = all.when(" AND t.kind = ?", filter.kind).when(" AND t.person = ?", filter.person.map(|p| Id(p.0)));
        let all = all.when(" AND t.subject = ?", filter.subject.map(Id));
        let all = match filter.in_force {
            None => all,
            Some(in_force) => all.push(if in_force { UNENDED } else { ENDED }).bind(as_of),
        };
        self.page(all, page)
    }

    /// Pauses that began by a day, and were not withdrawn.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn pauses_page(&mut self, filter: PauseFilter, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Pause>>, StoreError> {
        let all = self.versions(versions!("pause"), known_at)?.push(" AND NOT t.withdrawn AND t.first_day <= ?").bind(as_of);
        let all = all.when(" AND t.kind = ?", filter.kind.map(PauseKind::word)).when(" AND t.receivable = ?", filter.receivable.map(|r| Id(r.0)));
        let all = match filter.in_force {
            None => all,
            Some(in_force) => all.push(if in_force { UNENDED } else { ENDED }).bind(as_of),
        };
        self.page(all, page)
    }

    /// Roles that began by a day, unconfirmed ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn roles_page(&mut self, filter: RoleFilter, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<RoleAssignment>>, StoreError> {
        const IN_FORCE: &str = " AND t.confirmed AND (t.last_day IS NULL OR t.last_day >= ?)";
        const NOT_IN_FORCE: &str = " AND NOT (t.confirmed AND (t.last_day IS NULL OR t.last_day >= ?))";
        let all = self.versions(versions!("role"), known_at)?.push(" AND t.first_day <= ?").bind(as_of);
        let all = all.when(" AND t.person = ?", filter.person.map(|p| Id(p.0))).when(" AND t.subject = ?", filter.subject.map(Id));
        let all = match filter.in_force {
            None => all,
            Some(in_force) => all.push(if in_force { IN_FORCE } else { NOT_IN_FORCE }).bind(as_of),
        };
        self.page(all, page)
    }

    /// Months up to one whose wage is known; one that was erased is not. The wage is in the personal part.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn wage_months_page(
        &mut self,
        person: Option<PersonId>,
        month: Option<Month>,
        page: &Page,
        until: Month,
        known_at: i64,
    ) -> Result<Vec<Listed<WageMonth>>, StoreError> {
        const KNOWN: &str = concat!(select!("wage_month"), last!("wage_month", "person", "month"), " AND p.leaf IS NOT NULL AND t.month <= ?");
        let all = self.versions(KNOWN, known_at)?.bind(until.number());
        let all = all.when(" AND t.person = ?", person.map(|p| Id(p.0))).when(" AND t.month = ?", month.map(Month::number));
        self.page(all, page)
    }

    /// Import batches.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn batches_page(&mut self, filter: BatchFilter<'_>, page: &Page, known_at: i64) -> Result<Vec<Listed<Batch>>, StoreError> {
        const BATCHES: &str = concat!(select!("batch"), " WHERE t.ledger = ? AND t.leaf < ?");
        let all = self.up_to(BATCHES, known_at)?.when(" AND t.id = ?", filter.id.map(|b| Id(b.0)));
        let all = all.when(" AND t.system = ?", filter.system).when(" AND t.profile = ?", filter.profile).when(" AND t.file_name = ?", filter.file_name);
        self.page(filter.recorded.of(all, " AND t.position > ?", " AND t.position <= ?"), page)
    }

    /// Evaluations as of a day or earlier.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn evaluations_page(&mut self, pack: Option<&str>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Evaluated>>, StoreError> {
        const EVALUATIONS: &str = concat!(select!("evaluated"), " WHERE t.ledger = ? AND t.leaf < ? AND t.as_of <= ?");
        let all = self.up_to(EVALUATIONS, known_at)?.bind(as_of).when(" AND t.pack = ?", pack);
        self.page(all, page)
    }

    /// Every evaluation, with its position, in order.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn evaluations(&mut self, known_at: i64) -> Result<Vec<(i64, Evaluated)>, StoreError> {
        let all = self.evaluations_page(None, &Page::ALL, Date::MAX, known_at)?;
        Ok(all.into_iter().map(|l| (l.position, l.record)).collect())
    }

    /// Lines that stand.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn lines_page(&mut self, filter: WhichLines<'_>, page: &Page, known_at: i64) -> Result<Vec<Listed<Line>>, StoreError> {
        const LINES: &str = concat!(select!("line"), last!("line", "subject", "id"), " AND NOT t.withdrawn");
        let all = self.versions(LINES, known_at)?.when(" AND t.id = ?", filter.id.map(|l| Id(l.0)));
        let all = all.when(" AND t.pack = ?", filter.pack).when(" AND t.clause = ?", filter.clause);
        let all = all
            .when(" AND t.beneficiary_kind = 'person' AND t.beneficiary = ?", filter.person.map(|p| Id(p.0)))
            .when(" AND t.beneficiary_kind = 'party' AND t.beneficiary = ?", filter.party.map(|p| Id(p.0)));
        let all = all.when(" AND t.subject = ?", filter.subject.map(Id));
        let all = self.earned(all, earned_by!("t"), filter.receivable);
        let known = self.known(known_at)?;
        let all = match filter.earned_from {
            // A month that has a day in it or after it ends on it or later.
            Some(from) => {
                let all = all.push(earned_on!(">=", ">=")).bind(from).bind(Month::of(from).number());
                (0..3).fold(all, |all, _| all.bind(from).bind(known).bind(known))
            }
            None => all,
        };
        let all = match filter.earned_to {
            // A month that is over on a day is one before that of the next day.
            Some(to) => {
                let next = Month::of(to.succ_opt().unwrap_or(to)).number();
                let all = all.push(earned_on!("<=", "<")).bind(to).bind(next);
                (0..3).fold(all, |all, _| all.bind(to).bind(known).bind(known))
            }
            None => all,
        };
        let found: Vec<Listed<LineChange>> = self.page(all, page)?;
        let open = |Listed { leaf, position, mut record, personal }: Listed<LineChange>| {
            let whole = record.unseal(personal.as_ref());
            let record = whole.then_some(record.line).ok_or_else(|| StoreError::corrupt(format!("the figures of line leaf {leaf} are not there")))?;
            Ok(Listed { leaf, position, record, personal })
        };
        found.into_iter().map(open).collect()
    }

    /// Cases that the last judgement as of a day or earlier set aside.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn set_aside_page(&mut self, filter: CaseFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<CaseJudged>>, StoreError> {
        const SET_ASIDE: &str =
            concat!(select!("case_judged"), last!("case_judged", "pack", "scope", "subject"; " AND n.as_of <= ?"), " AND t.as_of <= ? AND t.fault IS NOT NULL");
        let all = self.versions(SET_ASIDE, known_at)?.bind(as_of).bind(as_of).when(" AND t.pack = ?", filter.pack);
        self.page(all.when(" AND t.subject = ?", filter.subject.map(Id)).when(" AND t.fault = ?", filter.code), page)
    }

    /// Findings that stand and arose by a day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn findings_page(&mut self, filter: FindingFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<Listed<Finding>>, StoreError> {
        const FINDINGS: &str = concat!(select!("finding"), last!("finding", "subject", "id"), " AND NOT t.withdrawn AND t.effective <= ?");
        let all = self.versions(FINDINGS, known_at)?.bind(as_of).when(" AND t.pack = ?", filter.pack).when(" AND t.clause = ?", filter.clause);
        let all = all.when(" AND t.subject = ?", filter.subject.map(Id)).when(" AND t.message = ?", filter.code);
        self.page(all.when(" AND t.person = ?", filter.person.map(|p| Id(p.0))).when(" AND t.effective >= ?", filter.from), page)
    }
}
