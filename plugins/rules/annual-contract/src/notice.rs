//! AC-3: the distribution is published for a notice period, and paid only after it without an open objection.

use recoup_sdk::rules::wire::Day;
use recoup_sdk::rules::{Case, Fault};

use crate::parameters::Parameters;

/// The distribution was published; the last publication counts.
const PUBLISHED: &str = "published";
/// Somebody objects to it.
const OBJECTION: &str = "objection";
/// The objection of a person is settled.
const OBJECTION_CLOSED: &str = "objection-closed";

/// The notice of a distribution.
pub(crate) struct Notice {
    /// Day 0.
    pub(crate) published: Day,
    /// Days of the notice period.
    pub(crate) days: u32,
    /// The last day of it: an objection of this day is in time.
    last: Day,
    /// Objections in time, with the day on which each was settled.
    objections: Vec<(Day, Option<Day>)>,
}

impl Notice {
    /// None while nothing is published.
    pub(crate) fn of(case: &Case<'_>, parameters: &Parameters) -> Result<Option<Self>, Fault> {
        let Some((_, published)) = case.happened(PUBLISHED).last() else { return Ok(None) };
        let published = published.day;
        let days = *parameters.notice_days.on(published)?;
        let last = published.saturating_add_unsigned(days);
        // Each person's objections are settled in the order in which they were raised.
        let mut closed: Vec<(u32, Day)> = case.happened(OBJECTION_CLOSED).map(|(_, m)| (m.person, m.day)).collect();
        let raised = case.happened(OBJECTION).filter(|(_, m)| published <= m.day && m.day <= last);
        let objections = raised.map(|(_, objection)| {
            let settled = closed.iter().position(|&(person, day)| person == objection.person && day >= objection.day);
            (objection.day, settled.map(|at| closed.remove(at).1))
        });
        let objections = objections.collect();
        Ok(Some(Self { published, days, last, objections }))
    }

    /// The first day on which nothing stands in the way of payment, if there is one yet.
    pub(crate) fn over(&self) -> Option<Day> {
        self.objections.iter().try_fold(self.last + 1, |over, &(_, settled)| settled.map(|day| over.max(day)))
    }

    /// The first objection that is open.
    pub(crate) fn open(&self) -> Option<Day> {
        self.objections.iter().find(|(_, settled)| settled.is_none()).map(|&(raised, _)| raised)
    }

    /// The day after the notice period.
    pub(crate) const fn after(&self) -> Day {
        self.last + 1
    }
}
