//! False reports and sanctions.

use chrono::NaiveDate;
use recoup_model::access::Permission;
use recoup_model::id::PersonId;
use recoup_model::sanction::{FalseReport, Sanction};
use recoup_store::{FalseReportFilter, Listed, Page, SanctionFilter, Sort};
use uuid::Uuid;

use crate::http::export::cell::row;
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::filter;

row! {
    /// Results were found to be reported falsely, or concealed (虚报瞒报).
    FalseReportRow {
        /// Its id.
        id: Uuid,
        /// Key.
        code: String,
        /// agreement, receipt or receivable.
        about: &'static str,
        /// The results of which agreement, receipt or receivable.
        subject: Uuid,
        /// Who reported them.
        person: Uuid,
        /// Staff number.
        person_code: Option<String>,
        /// The day of the finding.
        on: NaiveDate,
        /// Only the results of this day or later.
        from: Option<NaiveDate>,
        /// Only the results of this day or earlier.
        to: Option<NaiveDate>,
        /// The sanction that the finding states.
        sanction: Option<&'static str>,
        /// The paper that proves it.
        evidence: Option<String>,
        /// Position that recorded this version.
        position: i64,
    }
}

row! {
    /// A sanction (责任追究): what is done to somebody that is not money.
    SanctionRow {
        /// Its id.
        id: Uuid,
        /// Key.
        code: String,
        /// notice-of-criticism, demerit, removal, no-promotion, no-transfer, no-resignation or no-awards.
        kind: &'static str,
        /// On whom.
        person: Uuid,
        /// Staff number.
        person_code: Option<String>,
        /// agreement, receipt or receivable.
        about: &'static str,
        /// For which agreement, receipt or receivable they answer.
        subject: Uuid,
        /// First day.
        from: NaiveDate,
        /// Last day as it was imposed, which is inside; open when absent.
        until: Option<NaiveDate>,
        /// From this day on it is in force no longer.
        lifted: Option<NaiveDate>,
        /// The decision that imposes it.
        why: String,
        /// Whether it is in force on the day asked about.
        in_force: bool,
        /// Position that recorded this version.
        position: i64,
    }
}

filter! {
    /// Which false reports.
    FalseReportsFilter {
        /// Only those of this person.
        person: Uuid,
        /// Only those about this agreement, receipt or receivable.
        subject: Uuid,
    }
}

filter! {
    /// Which sanctions.
    SanctionsFilter {
        /// Only those of this kind.
        kind: String,
        /// Only those on this person.
        person: Uuid,
        /// Only those for this agreement, receipt or receivable.
        subject: Uuid,
        /// Only those in force on the day (true), or only those that are not (false).
        in_force: bool,
    }
}

/// The list of false reports.
pub(crate) struct FalseReports;

impl List for FalseReports {
    type Row = FalseReportRow;
    type Filter = FalseReportsFilter;
    const PATH: &'static str = "/false-reports";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Results that were found to be reported falsely (虚报瞒报). Withdrawn findings are not among them.";
    const AS_OF: &'static str = "Those that were found by the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("on", Sort::FALSE_REPORT_ON)];

    fn page(read: &mut Read<'_, '_>, filter: &FalseReportsFilter, page: &Page) -> Result<Rows<FalseReportRow>, Problem> {
        let which = FalseReportFilter { person: filter.person.map(PersonId), subject: filter.subject };
        let found = read.view.false_reports_page(which, &and_one(page), read.moment.as_of, read.moment.known_at)?;
        let codes = read.staff(found.iter().map(|l| l.record.person))?;
        let row = |Listed { record: f, position, .. }: Listed<FalseReport>| {
            let (about, subject) = f.about.parts();
            Ok(FalseReportRow {
                id: f.id.0,
                code: f.code,
                about,
                subject,
                person: f.person.0,
                person_code: codes.get(&f.person).cloned(),
                on: f.on,
                from: f.from,
                to: f.to,
                sanction: f.sanction.map(recoup_model::sanction::SanctionKind::word),
                evidence: f.evidence,
                position,
            })
        };
        Rows::listed(found, page, |l| l.leaf, row)
    }
}

/// The list of sanctions.
pub(crate) struct Sanctions;

impl List for Sanctions {
    type Row = SanctionRow;
    type Filter = SanctionsFilter;
    const PATH: &'static str = "/sanctions";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Sanctions (责任追究): what was imposed on whom, from when to when. Withdrawn ones are not among them.";
    const AS_OF: &'static str = "Those that began by the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("from", Sort::SANCTION_FROM)];

    fn page(read: &mut Read<'_, '_>, filter: &SanctionsFilter, page: &Page) -> Result<Rows<SanctionRow>, Problem> {
        let as_of = read.moment.as_of;
        let which = SanctionFilter { kind: filter.kind.as_deref(), person: filter.person.map(PersonId), subject: filter.subject, in_force: filter.in_force };
        let found = read.view.sanctions_page(which, &and_one(page), as_of, read.moment.known_at)?;
        let codes = read.staff(found.iter().map(|l| l.record.person))?;
        let row = |Listed { record: s, position, .. }: Listed<Sanction>| {
            let (about, subject) = s.about.parts();
            Ok(SanctionRow {
                in_force: s.is_in_force(as_of),
                id: s.id.0,
                code: s.code,
                kind: s.kind.word(),
                person: s.person.0,
                person_code: codes.get(&s.person).cloned(),
                about,
                subject,
                from: s.from,
                until: s.until,
                lifted: s.lifted,
                why: s.why,
                position,
            })
        };
        Rows::listed(found, page, |l| l.leaf, row)
    }
}
