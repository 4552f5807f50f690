//! What events state that may be stated anew: milestones, false reports, sanctions and pauses.

use std::collections::HashMap;

use recoup_model::calendar::Date;
use recoup_model::record::Ledger;
use recoup_store::Tx;

use super::{EventFact, FalseReportFact, MilestoneFact, Names, PauseFact, SanctionFact, agreement, conduct, pause};
use crate::EngineError;

/// What an event states that a later statement of the same id replaces.
pub(super) struct Restated<'f> {
    milestone: Option<&'f MilestoneFact>,
    false_report: Option<&'f FalseReportFact>,
    sanction: Option<&'f SanctionFact>,
    pause: Option<&'f PauseFact>,
}

impl<'f> Restated<'f> {
    pub(super) const fn of(event: &'f EventFact) -> Self {
        Self { milestone: event.milestone.as_ref(), false_report: event.false_report.as_ref(), sanction: event.sanction.as_ref(), pause: event.pause.as_ref() }
    }

    /// Records it, as of the event's day.
    pub(super) fn record(&self, tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, on: Date) -> Result<(), EngineError> {
        if let Some(m) = self.milestone {
            agreement::happened(tx, ledger, names, on, m)?;
        }
        if let Some(f) = self.false_report {
            conduct::found(tx, names, on, f)?;
        }
        if let Some(s) = self.sanction {
            conduct::imposed(tx, names, on, s)?;
        }
        self.pause.map_or(Ok(()), |p| pause::stood(tx, names, on, p))
    }
}

/// The place of the last statement of each id: of two statements of one file the last one holds, also when the file is recorded again.
pub(super) struct LastStatements<'f> {
    milestones: HashMap<&'f str, usize>,
    false_reports: HashMap<&'f str, usize>,
    sanctions: HashMap<&'f str, usize>,
    pauses: HashMap<&'f str, usize>,
}

impl<'f> LastStatements<'f> {
    pub(super) fn of(events: &'f [EventFact]) -> Self {
        let mut last = Self { milestones: HashMap::new(), false_reports: HashMap::new(), sanctions: HashMap::new(), pauses: HashMap::new() };
        for (number, event) in events.iter().enumerate() {
            last.milestones.extend(event.milestone.as_ref().map(|m| (m.id.as_str(), number)));
            last.false_reports.extend(event.false_report.as_ref().map(|f| (f.id.as_str(), number)));
            last.sanctions.extend(event.sanction.as_ref().map(|s| (s.id.as_str(), number)));
            last.pauses.extend(event.pause.as_ref().map(|p| (p.id.as_str(), number)));
        }
        last
    }

    /// Of what an event states, what no later event states anew.
    pub(super) fn holding(&self, number: usize, event: &'f EventFact) -> Restated<'f> {
        let Restated { milestone, false_report, sanction, pause } = Restated::of(event);
        Restated {
            milestone: milestone.filter(|m| self.milestones.get(m.id.as_str()) == Some(&number)),
            false_report: false_report.filter(|f| self.false_reports.get(f.id.as_str()) == Some(&number)),
            sanction: sanction.filter(|s| self.sanctions.get(s.id.as_str()) == Some(&number)),
            pause: pause.filter(|p| self.pauses.get(p.id.as_str()) == Some(&number)),
        }
    }
}
