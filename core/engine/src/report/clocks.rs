//! Clocks of claims, for reports that count ages without the days of some pauses.

use std::collections::HashMap;

use recoup_model::Date;
use recoup_model::id::ReceivableId;
use recoup_model::pause::{Clock, PauseKinds};
use recoup_store::View;

use crate::EngineError;

/// First and last days of the pauses that count, by claim.
pub(super) struct Clocks {
    day: Date,
    pauses: HashMap<ReceivableId, Vec<(Date, Option<Date>)>>,
}

impl Clocks {
    /// Those of a day: of claims without a pause, there is nothing here.
    pub(super) fn of(view: &mut View<'_>, kinds: &PauseKinds, day: Date, known_at: i64) -> Result<Self, EngineError> {
        let mut pauses: HashMap<_, Vec<_>> = HashMap::new();
        if !kinds.is_empty() {
            for pause in view.pauses_of(None, day, known_at)?.into_iter().filter(|pause| kinds.has(pause.kind)) {
                pauses.entry(pause.receivable).or_default().push((pause.from, pause.until));
            }
        }
        Ok(Self { day, pauses })
    }

    /// The claims that have been paused.
    pub(super) fn paused(&self) -> Vec<ReceivableId> {
        let mut ids: Vec<ReceivableId> = self.pauses.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// The clock of a claim whose age counts from a day.
    pub(super) fn at(&self, receivable: ReceivableId, base: Date) -> Clock {
        Clock::at(base, self.day, self.pauses.get(&receivable).into_iter().flatten().copied())
    }
}
