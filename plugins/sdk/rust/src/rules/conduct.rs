//! What people did: results that they reported falsely, and sanctions on them.

use recoup_wit::NONE_DAY;

use super::Case;
use super::case::slice;
use super::wire::{Day, FalseReport};

impl Case<'_> {
    /// Whether what an entry brought is among the results that were reported falsely: what came in after the finding is not. A reversal is of
    /// the day of what it reverses.
    #[must_use]
    pub fn rests_on(&self, report: &FalseReport, entry: u32) -> bool {
        let root = self.root(entry);
        let Some(brought) = self.entries.get(root as usize) else { return false };
        let entries = slice(self.applied, report.applied).unwrap_or_default();
        let concerned = match self.receivables.get(report.receivable as usize) {
            Some(_) => brought.receivable == report.receivable,
            None => entries.is_empty() || entries.contains(&root),
        };
        let inside = (report.from == NONE_DAY || report.from <= brought.day) && (report.to == NONE_DAY || brought.day <= report.to);
        concerned && inside && brought.day <= report.day
    }

    /// The first day on which it was found that what an entry brought was reported falsely.
    #[must_use]
    pub fn discredited(&self, entry: u32) -> Option<Day> {
        self.false_reports.iter().filter(|report| self.rests_on(report, entry)).map(|report| report.day).min()
    }

    /// Whether a sanction on a person is in force on a day or later; of that kind, where one is named.
    #[must_use]
    pub fn is_sanctioned(&self, person: u32, kind: Option<&str>, on: Day) -> bool {
        let is_kind = |symbol: u32| kind.is_none_or(|kind| self.symbols.get(symbol as usize).is_some_and(|symbol| symbol == kind));
        self.sanctions.iter().any(|s| s.person == person && is_kind(s.kind) && (s.to == NONE_DAY || (on <= s.to && s.from <= s.to)))
    }
}
