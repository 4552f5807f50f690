//! What events state that may be stated anew: milestones, false reports and sanctions.

use std::collections::HashMap;

use recoup_model::calendar::Date;
use recoup_model::record::Ledger;
use recoup_store::Tx;

use super::{EventFact, FalseReportFact, MilestoneFact, Names, SanctionFact, agreement, conduct};
use crate::EngineError;

/// What an event states that a later statement of the same id replaces.
pub(super) struct Restated<'f> {
    milestone: Option<&'f MilestoneFact>,
    false_report: Option<&'f FalseReportFact>,
    sanction: Option<&'f SanctionFact>,
}

impl<'f> Restated<'f> {
    pub(super) const fn of(event: &'f EventFact) -> Self {
        Self { milestone: event.milestone.as_ref(), false_report: event.false_report.as_ref(), sanction: event.sanction.as_ref() }
    }

    /// Records it, as of the event's day.
    pub(super) fn record(&self, tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, on: Date) -> Result<(), EngineError> {
        if let Some(m) = self.milestone {
            agreement::happened(tx, ledger, names, on, m)?;
        }
        if let Some(f) = self.false_report {
            conduct::found(tx, names, on, f)?;
        }
        self.sanction.map_or(Ok(()), |s| conduct::imposed(tx, names, on, s))
    }
}

/// The place of the last statement of each id: of two statements of one file the last one holds, also when the file is recorded again.
pub(super) struct LastStatements<'f> {
    milestones: HashMap<&'f str, usize>,
    false_reports: HashMap<&'f str, usize>,
    sanctions: HashMap<&'f str, usize>,
}

impl<'f> LastStatements<'f> {
    pub(super) fn of(events: &'f [EventFact]) -> Self {
        let (mut milestones, mut false_reports, mut sanctions) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (number, event) in events.iter().enumerate() {
            milestones.extend(event.milestone.as_ref().map(|m| (m.id.as_str(), number)));
            false_reports.extend(event.false_report.as_ref().map(|f| (f.id.as_str(), number)));
            sanctions.extend(event.sanction.as_ref().map(|s| (s.id.as_str(), number)));
        }
        Self { milestones, false_reports, sanctions }
    }

    /// Of what an event states, what no later event states anew.
    pub(super) fn holding(&self, number: usize, event: &'f EventFact) -> Restated<'f> {
        let Restated { milestone, false_report, sanction } = Restated::of(event);
        Restated {
            milestone: milestone.filter(|m| self.milestones.get(m.id.as_str()) == Some(&number)),
            false_report: false_report.filter(|f| self.false_reports.get(f.id.as_str()) == Some(&number)),
            sanction: sanction.filter(|s| self.sanctions.get(s.id.as_str()) == Some(&number)),
        }
    }
}
