//! Lines: what clauses say is due, and how each amount came about.

use recoup_model::access::Permission;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use recoup_engine::report::due;
use recoup_model::due::{Basis, Line};
use recoup_model::id::LineId;
use recoup_store::{LineFilter, Page, Sort};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::findings::{names, sentence};
use super::names::word;
use super::postings::{PostingRow, posting_row};
use crate::http::export::cell::{Amount, Period, row};
use crate::http::list::{List, Rows};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::filter;

row! {
    /// What a clause says is due (+) or owed (−) for one basis, as it stands on a day.
    LineRow {
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
        /// To or from whom.
        person: Uuid,
        /// Staff number.
        person_code: String,
        /// What earned it: entry, wage-month or close.
        basis: String,
        /// The application or reversal that earned it.
        basis_entry: Option<Uuid>,
        /// The wage month that earned it.
        basis_month: Option<Period>,
        /// How much.
        amount: Amount,
        /// contingent (待兑现), payable (可兑现) or lapsed, on the day.
        state: &'static str,
        /// Since when.
        since: NaiveDate,
    }
}

filter! {
    /// Which lines.
    LinesFilter {
        /// Only those of this policy pack.
        pack: String,
        /// Only those of this clause.
        clause: String,
        /// Only those of this person.
        person: Uuid,
        /// Only those of this letter or contract.
        subject: Uuid,
    }
}

fn line_row(read: &Read<'_, '_>, r: due::LineRow) -> LineRow {
    let key = r.line.key;
    let (basis_entry, basis_month) = match key.basis {
        Basis::Entry(id) => (Some(id.0), None),
        Basis::WageMonth(month) => (None, Some(Period(month))),
        Basis::Close => (None, None),
    };
    LineRow {
        id: r.line.id.0,
        pack: key.case.pack,
        scope: key.case.scope.word(),
        subject: key.case.subject,
        clause: key.clause,
        person: key.person.0,
        person_code: r.person,
        basis: word(&key.basis),
        basis_entry,
        basis_month,
        amount: read.amount(r.line.amount),
        state: r.state.word(),
        since: r.since,
    }
}

/// Packs that were ever in force.
fn packs(read: &mut Read<'_, '_>) -> Result<BTreeSet<String>, Problem> {
    Ok(read.view.policies(read.moment.known_at)?.into_iter().map(|(_, p)| p.pack).collect())
}

/// The list of lines.
pub(crate) struct Lines;

impl List for Lines {
    type Row = LineRow;
    type Filter = LinesFilter;
    const PATH: &'static str = "/lines";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Lines: what clauses say is due to or from whom.";
    const AS_OF: &'static str = "Lines that stand at the end of this day, with their state on it; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, filter: &LinesFilter, page: &Page) -> Result<Rows<LineRow>, Problem> {
        let mut all = Vec::new();
        for pack in packs(read)?.into_iter().filter(|p| filter.pack.as_ref().is_none_or(|f| f == p)) {
            all.extend(due::lines(read.view, &pack, read.moment.as_of, read.moment.known_at)?);
        }
        let wanted = |r: &LineRow| {
            filter.clause.as_ref().is_none_or(|c| *c == r.clause)
                && filter.person.is_none_or(|p| p == r.person)
                && filter.subject.is_none_or(|s| s == r.subject)
        };
        Ok(Rows::of(all.into_iter().map(|r| line_row(read, r)).filter(wanted), page))
    }
}

/// From a day on, a line is in a state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StateFrom {
    /// First day.
    from: NaiveDate,
    /// contingent, payable or lapsed.
    state: &'static str,
}

/// One step of how an amount came about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepOf {
    /// Clause.
    clause: String,
    /// Message code of the pack.
    code: String,
    /// The step as a sentence; its code when the pack is not installed.
    text: String,
}

/// A line with its states, its trace and its postings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineBody {
    /// The line as it stands on the day.
    line: LineRow,
    /// Its states, past and to come.
    states: Vec<StateFrom>,
    /// How the amount came about.
    trace: Vec<StepOf>,
    /// What was posted of it up to the day.
    postings: Vec<PostingRow>,
}

/// One line.
pub(crate) struct OneLine;

impl One for OneLine {
    type Key = Uuid;
    type Body = LineBody;
    const PATH: &'static str = "/lines/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One line with its states, its postings, and how its amount came about in Chinese or English.";
    const AS_OF: &'static str = "The line as it stands at the end of this day; today in the ledger's time zone when absent.";

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<LineBody>, Problem> {
        let (as_of, known_at) = (read.moment.as_of, read.moment.known_at);
        let stored = read.view.lines(LineFilter::default(), known_at)?;
        let Some(stored) = stored.into_iter().find(|l| l.id == LineId(key) && !l.withdrawn) else { return Ok(None) };
        let Some(line): Option<Line> = read.view.line_records(&[stored.leaf])?.into_iter().next() else { return Ok(None) };
        let Some((since, state)) = line.states.iter().take_while(|(day, _)| *day <= as_of).last().copied() else { return Ok(None) };
        let names = names(read)?;
        let description = read.packs.get(&line.key.case.pack);
        let trace = line.steps.iter().map(|s| StepOf {
            clause: s.clause.clone(),
            code: s.message.clone(),
            text: sentence(description.as_deref(), &s.message, &s.args, &names, read),
        });
        let trace = trace.collect();
        let postings = due::postings(read.view, as_of, known_at)?.into_iter().filter(|p| p.line == line.id).map(|p| posting_row(read, p)).collect();
        let states = line.states.iter().map(|(from, state)| StateFrom { from: *from, state: state.word() }).collect();
        let person = names.persons.get(&line.key.person).cloned().unwrap_or_default();
        let line = line_row(read, due::LineRow { person, line, state, since });
        Ok(Some(LineBody { line, states, trace, postings }))
    }
}
