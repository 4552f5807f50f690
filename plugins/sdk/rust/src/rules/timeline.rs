//! A condition over time: true or false at the end of every day.

use super::wire::Day;

/// The days on which a condition changes; it starts false.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Strictly rising days, values alternating, the first one true.
    changes: Vec<(Day, bool)>,
}

impl Timeline {
    /// States what holds at the end of a day and after it. Days must not fall; a
    /// second statement about the same day replaces the first.
    pub fn set(&mut self, day: Day, holds: bool) {
        if self.changes.last().is_some_and(|&(last, _)| last == day) {
            self.changes.pop();
        }
        if self.changes.last().is_some_and(|&(_, last)| last) != holds {
            self.changes.push((day, holds));
        }
    }

    /// What holds at the end of a day.
    #[must_use]
    pub fn at(&self, day: Day) -> bool {
        self.latest(day).is_some_and(|(_, holds)| holds)
    }

    /// The last change up to a day.
    #[must_use]
    pub fn latest(&self, day: Day) -> Option<(Day, bool)> {
        let next = self.first_after(day);
        next.checked_sub(1).and_then(|last| self.changes.get(last)).copied()
    }

    /// Every change after a day, in order.
    pub fn after(&self, day: Day) -> impl Iterator<Item = (Day, bool)> + '_ {
        self.changes.iter().skip(self.first_after(day)).copied()
    }

    /// Where the changes after a day begin.
    fn first_after(&self, day: Day) -> usize {
        self.changes.partition_point(|&(from, _)| from <= day)
    }

    /// The first day after `day` on which the condition turns to `holds`.
    #[must_use]
    pub fn turns(&self, holds: bool, day: Day) -> Option<Day> {
        self.after(day).find(|&(_, to)| to == holds).map(|(from, _)| from)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_is_judged_at_its_end() {
        let mut cleared = Timeline::default();
        cleared.set(10, false);
        cleared.set(20, true);
        cleared.set(20, false);
        cleared.set(30, true);
        cleared.set(40, false);
        cleared.set(40, true);
        assert_eq!(cleared.after(i32::MIN).collect::<Vec<_>>(), [(30, true)]);
        assert!(!cleared.at(29));
        assert!(cleared.at(30) && cleared.at(99));
        assert_eq!(cleared.turns(true, 10), Some(30));
        assert_eq!(cleared.turns(true, 30), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_last_statement(mut facts in prop::collection::vec((0i32..30, any::<bool>()), 0..20), day in 0i32..30) {
            facts.sort_by_key(|&(day, _)| day);
            let mut timeline = Timeline::default();
            for &(day, holds) in &facts {
                timeline.set(day, holds);
            }
            let last = facts.iter().rev().find(|&&(from, _)| from <= day).is_some_and(|&(_, holds)| holds);
            prop_assert_eq!(timeline.at(day), last);
            let changes: Vec<_> = timeline.after(-1).collect();
            prop_assert!(changes.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1));
        }
    }
}
