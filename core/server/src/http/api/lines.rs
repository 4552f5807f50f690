//! Lines: what clauses say is due, and how each amount came about.

use chrono::NaiveDate;
use recoup_engine::trace::Names;
use recoup_model::access::Permission;
use recoup_model::due::{Basis, Beneficiary, Line, LineState};
use recoup_model::id::{LineId, PartyId, PersonId, ReceivableId};
use recoup_store::{Listed, Page, PostingFilter, Sort, StoredPosting, WhichLines};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::findings::{names, sentence};
use super::names::word;
use super::postings::{PostingRow, posting_row};
use crate::http::export::cell::{Amount, Period, row};
use crate::http::list::{List, Rows, sifted};
use crate::http::moment::{Moment, Read};
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::{filter, words};

row! {
    /// What a clause says is due (+) or owed (−) for one basis, as it stands on a day.
    LineRow {
        /// Its id.
        id: Uuid,
        /// Policy pack.
        pack: String,
        /// letter, contract or agreement.
        scope: &'static str,
        /// Which letter, contract or agreement.
        subject: Uuid,
        /// Clause.
        clause: String,
        /// To or from whom, when it is a person.
        person: Option<Uuid>,
        /// Staff number.
        person_code: Option<String>,
        /// To or from whom, when it is a debtor or another party.
        party: Option<Uuid>,
        /// What earned it: entry, wage-month, close or milestone.
        basis: String,
        /// The application or reversal that earned it.
        basis_entry: Option<Uuid>,
        /// The wage month that earned it.
        basis_month: Option<Period>,
        /// The milestone that earned it.
        basis_milestone: Option<Uuid>,
        /// How much; only for those who may see wages where it is computed from them.
        amount: Option<Amount>,
        /// contingent (待兑现), payable (可兑现) or lapsed, on the day.
        state: &'static str,
        /// Since when.
        since: NaiveDate,
        /// Position that recorded this version.
        position: i64,
    }
}

words! {
    /// The state of a line.
    In {
        /// The vesting condition is open.
        Contingent = "contingent",
        /// It is met.
        Payable = "payable",
        /// Nothing is due any more.
        Lapsed = "lapsed",
    } "write contingent, payable or lapsed"
}

impl From<In> for LineState {
    fn from(state: In) -> Self {
        match state {
            In::Contingent => Self::Contingent,
            In::Payable => Self::Payable,
            In::Lapsed => Self::Lapsed,
        }
    }
}

filter! {
    /// Which lines.
    LinesFilter {
        /// Only those of this policy pack.
        pack: String,
        /// Only those of this clause.
        clause: String,
        /// Only those in this state on the day.
        state: In,
        /// Only those of this person.
        person: Uuid,
        /// Only those of this party.
        party: Uuid,
        /// Only those of this letter, contract or agreement.
        subject: Uuid,
        /// Only those that movements of this receivable earned.
        receivable: Uuid,
        /// Only those earned on this day or later: on the day of the entry, the milestone or the closing, or the last day of the wage month or the agreement.
        earned_from: NaiveDate,
        /// Only those earned on this day or earlier, likewise.
        earned_to: NaiveDate,
    }
}

/// A line in a state, if it has begun by the day and stands.
fn on_the_day(Listed { record: line, position, .. }: Listed<Line>, person_code: Option<String>, read: &Read<'_, '_>) -> Option<LineRow> {
    let (since, state) = standing(&line, read.moment.as_of)?;
    let key = line.key;
    let (basis_entry, basis_month, basis_milestone) = match key.basis {
        Basis::Entry(id) => (Some(id.0), None, None),
        Basis::WageMonth(month) => (None, Some(Period(month)), None),
        Basis::Close => (None, None, None),
        Basis::Milestone(id) => (None, None, Some(id.0)),
    };
    Some(LineRow {
        id: line.id.0,
        pack: key.case.pack,
        scope: key.case.scope.word(),
        subject: key.case.subject,
        clause: key.clause,
        person: key.to.person().map(|p| p.0),
        person_code,
        party: key.to.party().map(|p| p.0),
        basis: word(&key.basis),
        basis_entry,
        basis_month,
        basis_milestone,
        amount: read.figure(line.amount, line.sensitive),
        state: state.word(),
        since,
        position,
    })
}

/// The state that a line has at the end of a day, and since when; none while it has not begun.
fn standing(line: &Line, as_of: NaiveDate) -> Option<(NaiveDate, LineState)> {
    line.states.iter().take_while(|(day, _)| *day <= as_of).last().copied()
}

/// Lines that movements of a receivable earned and that stand on the day, and what was posted of such lines by it.
pub(super) fn earned_by(read: &mut Read<'_, '_>, receivable: ReceivableId) -> Result<(Vec<LineRow>, Vec<PostingRow>), Problem> {
    let Moment { as_of, known_at } = read.moment;
    let which = WhichLines { receivable: Some(receivable), ..WhichLines::default() };
    let lines = read.view.lines_page(which, &Page::ALL, known_at)?;
    let which = PostingFilter { receivable: Some(receivable), ..PostingFilter::default() };
    let postings = read.view.postings_page(which, &StoredPosting::ALL, as_of, known_at)?;
    // Postings of a line that no longer stands are there as well.
    let whose = lines.iter().map(|l| l.record.key.to).chain(postings.iter().map(|p| p.to));
    let codes = read.staff(whose.filter_map(Beneficiary::person))?;
    let code = |to: Beneficiary| codes.get(&to.person()?).cloned();
    let lines = lines.into_iter().filter_map(|l| {
        let code = code(l.record.key.to);
        on_the_day(l, code, read)
    });
    let lines = lines.collect();
    let postings = postings.into_iter().map(|p| {
        let code = code(p.to);
        posting_row(read, p, code)
    });
    Ok((lines, postings.collect()))
}

/// The list of lines; with the amounts that tell wages, or without.
pub(crate) struct Lines<const SENSITIVE: bool>;

impl<const SENSITIVE: bool> List for Lines<SENSITIVE> {
    type Row = LineRow;
    type Filter = LinesFilter;
    const PATH: &'static str = if SENSITIVE { "/sensitive/lines" } else { "/lines" };
    const NEEDS: Permission = if SENSITIVE { Permission::ReadSensitive } else { Permission::Read };
    const SUMMARY: &'static str = if SENSITIVE {
        "Lines with the amounts that are computed from wages; who read them is recorded."
    } else {
        "Lines: what clauses say is due to or from whom. Amounts that are computed from wages are withheld."
    };
    const AS_OF: &'static str = "Lines that stand at the end of this day, with their state on it; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("clause", Sort::LINE_CLAUSE)];

    fn page(read: &mut Read<'_, '_>, filter: &LinesFilter, page: &Page) -> Result<Rows<LineRow>, Problem> {
        let Moment { as_of, known_at } = read.moment;
        let which = WhichLines {
            id: None,
            pack: filter.pack.as_deref(),
            clause: filter.clause.as_deref(),
            person: filter.person.map(PersonId),
            party: filter.party.map(PartyId),
            subject: filter.subject,
            receivable: filter.receivable.map(ReceivableId),
            earned_from: filter.earned_from,
            earned_to: filter.earned_to,
        };
        let state = filter.state.map(LineState::from);
        let stands = |line: &Line| standing(line, as_of).is_some_and(|(_, found)| state.is_none_or(|state| state == found));
        let found = sifted(page, |page| Ok(read.view.lines_page(which, page, known_at)?), |l| l.leaf, |l| stands(&l.record))?;
        let codes = read.staff(found.iter().filter_map(|l| l.record.key.to.person()))?;
        Rows::listed(
            found,
            page,
            |l| l.leaf,
            |l| {
                let code = l.record.key.to.person().and_then(|p| codes.get(&p).cloned());
                on_the_day(l, code, read).ok_or_else(|| Problem::new("server.internal"))
            },
        )
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

/// One line; with the amounts that tell wages, or without.
pub(crate) struct OneLine<const SENSITIVE: bool>;

impl<const SENSITIVE: bool> One for OneLine<SENSITIVE> {
    type Key = Uuid;
    type Body = LineBody;
    const PATH: &'static str = if SENSITIVE { "/sensitive/lines/{key}" } else { "/lines/{key}" };
    const NEEDS: Permission = if SENSITIVE { Permission::ReadSensitive } else { Permission::Read };
    const SUMMARY: &'static str = if SENSITIVE {
        "One line with the amounts that are computed from wages; who read it is recorded."
    } else {
        "One line with its states, its postings, and how its amount came about in Chinese or English."
    };
    const AS_OF: &'static str = "The line as it stands at the end of this day; today in the ledger's time zone when absent.";

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<LineBody>, Problem> {
        let Moment { as_of, known_at } = read.moment;
        let which = WhichLines { id: Some(LineId(key)), ..WhichLines::default() };
        let Some(listed) = read.view.lines_page(which, &Page::FIRST, known_at)?.into_iter().next() else { return Ok(None) };
        let line = &listed.record;
        let person = line.key.to.person();
        let names = names(read, line.steps.iter().flat_map(|s| &s.args), person.into_iter())?;
        let names = Names { amounts: read.sensitive || !line.sensitive, ..names };
        let description = read.packs.get(&line.key.case.pack);
        let trace = line.steps.iter().map(|s| StepOf {
            clause: s.clause.clone(),
            code: s.message.clone(),
            text: sentence(description.as_deref(), &s.message, &s.args, &names, read),
        });
        let trace = trace.collect();
        let of_line = PostingFilter { line: Some(line.id), ..PostingFilter::default() };
        let postings = read.view.postings_page(of_line, &StoredPosting::ALL, as_of, known_at)?;
        let code = person.and_then(|p| names.persons.get(&p).cloned());
        let postings = postings.into_iter().map(|p| posting_row(read, p, code.clone())).collect();
        let states = line.states.iter().map(|(from, state)| StateFrom { from: *from, state: state.word() }).collect();
        Ok(on_the_day(listed, code, read).map(|line| LineBody { line, states, trace, postings }))
    }
}
