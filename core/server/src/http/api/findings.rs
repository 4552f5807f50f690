//! Findings, and what a pack's messages say in sentences.

use chrono::NaiveDate;
use recoup_engine::trace::{self, Names};
use recoup_host::RulesDescription;
use recoup_model::access::Permission;
use recoup_model::due::{Arg, Finding};
use recoup_model::id::PersonId;
use recoup_store::{FindingFilter, Page, Sort};
use uuid::Uuid;

use crate::http::export::cell::row;
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::filter;

row! {
    /// Something that is not money: an alert, a sanction, a measure (结论事项).
    FindingRow {
        /// Its id.
        id: Uuid,
        /// Policy pack.
        pack: String,
        /// letter or contract.
        scope: &'static str,
        /// Which letter or contract.
        subject: Uuid,
        /// Clause.
        clause: String,
        /// Message code of the pack.
        code: String,
        /// The day it arose.
        on: NaiveDate,
        /// Whom it concerns.
        person: Option<Uuid>,
        /// Staff number.
        person_code: Option<String>,
        /// The finding as a sentence; its code when the pack is not installed.
        message: String,
    }
}

filter! {
    /// Which findings.
    FindingsFilter {
        /// Only those of this policy pack.
        pack: String,
        /// Only those of this clause.
        clause: String,
        /// Only those about this letter or contract.
        subject: Uuid,
        /// Only those with this message code.
        code: String,
        /// Only those that concern this person.
        person: Uuid,
        /// Only those that arose on this day or later; `as_of` is the last day.
        from: NaiveDate,
    }
}

/// What arguments of messages refer to.
pub(super) fn names<'a>(
    read: &mut Read<'_, '_>,
    args: impl Iterator<Item = &'a Arg> + Clone,
    persons: impl Iterator<Item = PersonId>,
) -> Result<Names, Problem> {
    let named = args.clone().filter_map(|arg| if let Arg::Person(id) = arg { Some(*id) } else { None });
    let persons = read.staff(named.chain(persons))?;
    let receivables = read.documents(args.clone().filter_map(|arg| if let Arg::Receivable(id) = arg { Some(*id) } else { None }))?;
    let parties = args.clone().filter_map(|arg| if let Arg::Party(id) = arg { Some(*id) } else { None }).collect::<Vec<_>>();
    let parties = read.debtors(&parties)?;
    Ok(Names { currency: read.ledger.currency, persons, parties, receivables, amounts: true })
}

/// A message as a sentence; its code when the pack is not installed.
pub(super) fn sentence(description: Option<&RulesDescription>, code: &str, args: &[Arg], names: &Names, read: &Read<'_, '_>) -> String {
    description.map_or_else(|| code.to_owned(), |d| trace::message(d, code, args, names, read.language))
}

pub(super) fn finding_row(read: &Read<'_, '_>, f: Finding, names: &Names) -> FindingRow {
    let description = read.packs.get(&f.case.pack);
    FindingRow {
        id: f.id.0,
        message: sentence(description.as_deref(), &f.message, &f.args, names, read),
        pack: f.case.pack,
        scope: f.case.scope.word(),
        subject: f.case.subject,
        clause: f.clause,
        code: f.message,
        on: f.on,
        person: f.person.map(|p| p.0),
        person_code: f.person.and_then(|p| names.persons.get(&p).cloned()),
    }
}

/// The list of findings.
pub(crate) struct Findings;

impl List for Findings {
    type Row = FindingRow;
    type Filter = FindingsFilter;
    const PATH: &'static str = "/findings";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Findings (结论事项): alerts, sanctions and measures, by the day they arose.";
    const AS_OF: &'static str = "Findings that arose by the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("on", Sort::FINDING_ON), ("recorded", Sort::RECORDED)];

    fn page(read: &mut Read<'_, '_>, filter: &FindingsFilter, page: &Page) -> Result<Rows<FindingRow>, Problem> {
        let which = FindingFilter {
            pack: filter.pack.as_deref(),
            clause: filter.clause.as_deref(),
            subject: filter.subject,
            code: filter.code.as_deref(),
            person: filter.person.map(PersonId),
            from: filter.from,
        };
        let found = read.view.findings_page(which, &and_one(page), read.moment.as_of, read.moment.known_at)?;
        let names = names(read, found.iter().flat_map(|l| &l.record.args), found.iter().filter_map(|l| l.record.person))?;
        Rows::listed(found, page, |l| l.leaf, |l| Ok(finding_row(read, l.record, &names)))
    }
}
