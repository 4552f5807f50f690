//! The clock by which a debt ages, and the pauses that stop it.
//!
//! The days after the due date count, each once, but those of a pause: two pauses of one day stop the clock once. On a day of a
//! pause it says what it said on the last day that counted. So a pause that begins before the due date stops the clock from the day
//! after that date on, and one that begins on the very day asked about stops it on that day.

use recoup_wit::NONE_DAY;

use super::Case;
use super::case::slice;
use super::date::completed_years;
use super::wire::{Day, PauseKind};

/// Kinds of pauses that stop a clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pauses {
    dispute: bool,
    litigation: bool,
    force_majeure: bool,
}

impl Pauses {
    /// None stops it.
    pub const NONE: Self = Self { dispute: false, litigation: false, force_majeure: false };

    /// The kinds by the words that parameters have for them.
    pub const OPTIONS: [(&str, PauseKind); 3] =
        [("dispute", PauseKind::Dispute), ("litigation", PauseKind::Litigation), ("force-majeure", PauseKind::ForceMajeure)];

    /// These, and pauses of one more kind.
    #[must_use]
    pub const fn and(self, kind: PauseKind) -> Self {
        match kind {
            PauseKind::Dispute => Self { dispute: true, ..self },
            PauseKind::Litigation => Self { litigation: true, ..self },
            PauseKind::ForceMajeure => Self { force_majeure: true, ..self },
        }
    }

    /// Whether those of a kind stop it.
    #[must_use]
    pub const fn has(self, kind: PauseKind) -> bool {
        match kind {
            PauseKind::Dispute => self.dispute,
            PauseKind::Litigation => self.litigation,
            PauseKind::ForceMajeure => self.force_majeure,
        }
    }
}

/// What a debt's clock says at the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// From this day on the debt would be as old without any pause: its due date, later by the paused days up to `on`.
    pub since: Day,
    /// The last day that counted: the day asked about, unless the clock stands on it.
    pub on: Day,
}

impl Clock {
    fn at(due: Day, day: Day, pauses: impl Iterator<Item = (Day, Day)>) -> Self {
        let mut spans: Vec<(Day, Day)> = pauses.map(|(from, to)| (from.max(due.saturating_add(1)), to.min(day))).collect();
        spans.sort_unstable();
        // Up to `reached`, `stood` days were paused; the last `unbroken` of them without a day between them that counted.
        let (mut reached, mut stood, mut unbroken) = (due, 0, 0);
        for (from, to) in spans {
            let next = reached.saturating_add(1);
            let first = from.max(next);
            if first > to {
                continue;
            }
            let days = to - first + 1;
            unbroken = if first == next { unbroken + days } else { days };
            (reached, stood) = (to, stood + days);
        }
        let waits = if reached == day { unbroken } else { 0 };
        Self { since: due.saturating_add(stood - waits), on: day.saturating_sub(waits) }
    }

    /// Whole years that it has counted; none before the due date.
    #[must_use]
    pub fn years(self) -> Option<u32> {
        completed_years(self.since, self.on)
    }
}

impl Case<'_> {
    /// The clock of a receivable that was due on a day.
    pub(super) fn clock(&self, receivable: u32, due: Day, on: Day, stopped_by: Pauses) -> Clock {
        let pauses = self.receivables.get(receivable as usize).and_then(|claim| slice(self.pauses, claim.pauses)).unwrap_or_default();
        if pauses.is_empty() {
            return Clock { since: due, on };
        }
        let stopping = pauses.iter().filter(|pause| stopped_by.has(pause.kind));
        Clock::at(due, on, stopping.map(|pause| (pause.from, if pause.to == NONE_DAY { Day::MAX } else { pause.to })))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::rules::date::{civil, parse};

    fn d(text: &str) -> Day {
        parse(text).unwrap()
    }

    /// From when to when the age of a debt that was due on a day counts on another one, and its whole years.
    fn clock(due: &str, on: &str, pauses: &[(&str, &str)]) -> (String, String, u32) {
        let pauses = pauses.iter().map(|&(from, to)| (d(from), if to.is_empty() { Day::MAX } else { d(to) }));
        let clock = Clock::at(d(due), d(on), pauses);
        let text = |day| {
            let (year, month, day) = civil(day);
            format!("{year}-{month:02}-{day:02}")
        };
        (text(clock.since), text(clock.on), clock.years().unwrap())
    }

    fn says(since: &str, on: &str, years: u32) -> (String, String, u32) {
        (since.into(), on.into(), years)
    }

    /// February to April 2020 are 29 + 31 + 30 = 90 days, and 90 days after 10 January are 9 April. The two pauses by themselves
    /// would be 60 + 61 = 121 days, and 10 May.
    #[test]
    fn edge_16_overlapping_pauses_stop_the_clock_once() {
        let wanted = ("2020-01-10", "2022-04-09", says("2020-04-09", "2022-04-09", 2));
        let (due, on, says) = wanted;
        assert_eq!(clock(due, on, &[("2020-02-01", "2020-03-31"), ("2020-03-01", "2020-04-30")]), says);
        assert_eq!(clock(due, on, &[("2020-03-01", "2020-04-30"), ("2020-02-01", "2020-03-31")]), says, "whichever comes first");
        assert_eq!(clock(due, on, &[("2020-02-01", "2020-04-30"), ("2020-03-10", "2020-03-12")]), says, "a pause within a pause");
        assert_eq!(clock(due, on, &[("2020-02-01", "2020-04-30"), ("2020-02-01", "2020-04-30")]), says, "the same twice");
        assert_eq!(clock(due, on, &[("2020-02-01", "2020-02-29"), ("2020-03-01", "2020-04-30")]), says, "one after the other");
        assert_eq!(clock(due, "2022-04-08", &[("2020-02-01", "2020-04-30")]).2, 1);
        assert_eq!(clock(due, "2022-01-10", &[]).2, 2);
    }

    #[test]
    fn edge_16_an_open_pause_stops_the_clock_until_it_ends() {
        // A year would be complete on 10 January 2021; the clock stands on the eve's eve for ever.
        for on in ["2021-01-09", "2021-01-10", "2034-01-10"] {
            assert_eq!(clock("2020-01-10", on, &[("2021-01-09", "")]), says("2020-01-10", "2021-01-08", 0));
        }
        // Ten days, 9 to 18 January: ten days after 10 January 2020 are the 20th.
        assert_eq!(clock("2020-01-10", "2021-01-19", &[("2021-01-09", "2021-01-18")]), says("2020-01-20", "2021-01-19", 0));
        assert_eq!(clock("2020-01-10", "2021-01-20", &[("2021-01-09", "2021-01-18")]), says("2020-01-20", "2021-01-20", 1));
    }

    #[test]
    fn edge_16_days_up_to_the_due_date_and_after_the_day_do_not_matter() {
        let (due, on) = ("2020-01-10", "2022-01-10");
        assert_eq!(clock(due, on, &[("2019-12-01", "2020-01-10")]), says("2020-01-10", on, 2), "it ends on the due date");
        assert_eq!(clock(due, on, &[("2019-12-01", "2020-01-11")]), says("2020-01-11", on, 1));
        // From the day after the due date to the 20th are ten days.
        assert_eq!(clock(due, on, &[("2019-12-01", "2020-01-20")]), says("2020-01-20", on, 1));
        assert_eq!(clock(due, on, &[("2022-01-11", "")]), says("2020-01-10", on, 2), "it begins on the day after");
        assert_eq!(clock(due, on, &[("2022-01-10", "")]), says("2020-01-10", "2022-01-09", 1), "it begins on the day itself");
        assert_eq!(clock(due, due, &[("2019-12-01", "")]), says("2020-01-10", "2020-01-10", 0), "nothing has counted by the due date");
        assert_eq!(Clock::at(d(due), d("2020-01-09"), [(d("2019-12-01"), Day::MAX)].into_iter()).years(), None);
    }

    #[test]
    fn edge_16_pauses_around_29_february() {
        // 29 days of February; an anniversary of 29 February falls on the 28th.
        assert_eq!(clock("2020-01-31", "2021-02-27", &[("2020-02-01", "2020-02-29")]), says("2020-02-29", "2021-02-27", 0));
        assert_eq!(clock("2020-01-31", "2021-02-28", &[("2020-02-01", "2020-02-29")]), says("2020-02-29", "2021-02-28", 1));
        // The year from 1 March 2020 to 28 February 2021 has 365 days.
        assert_eq!(clock("2020-02-29", "2022-02-27", &[("2020-03-01", "2021-02-28")]), says("2021-02-28", "2022-02-27", 0));
        assert_eq!(clock("2020-02-29", "2022-02-28", &[("2020-03-01", "2021-02-28")]), says("2021-02-28", "2022-02-28", 1));
        // Two years are complete on 28 February. From 1 March 2022 to the 29th they would not be, but the clock does not run backwards.
        assert_eq!(clock("2022-02-28", "2024-02-28", &[("2024-02-29", "2024-02-29")]), says("2022-02-28", "2024-02-28", 2));
        assert_eq!(clock("2022-02-28", "2024-02-29", &[("2024-02-29", "2024-02-29")]), says("2022-02-28", "2024-02-28", 2));
        assert_eq!(clock("2022-02-28", "2024-03-01", &[("2024-02-29", "2024-02-29")]), says("2022-03-01", "2024-03-01", 2));
    }

    proptest! {
        #[test]
        fn every_day_counts_once_or_is_paused_and_the_clock_never_runs_backwards(
            due in 2_000i32..40_000,
            gap in 0i32..3_000,
            pauses in prop::collection::vec((-200i32..3_000, 0i32..500), 0..6),
        ) {
            let pauses: Vec<(Day, Day)> = pauses.into_iter().map(|(from, days)| (due + from, due + from + days)).collect();
            let stands: BTreeSet<Day> = pauses.iter().flat_map(|&(from, to)| from..=to).collect();
            let at = |day| Clock::at(due, day, pauses.iter().copied());
            let clock = at(due + gap);
            let counted = (due + 1..=due + gap).filter(|day| !stands.contains(day)).count();
            prop_assert_eq!(usize::try_from(clock.on - clock.since).unwrap(), counted);
            prop_assert!(clock.on == due || !stands.contains(&clock.on));
            prop_assert!(at(due + gap + 1).years() >= clock.years());
        }
    }
}
