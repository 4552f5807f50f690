//! Interest on what is open, day by day: exact until it is rounded.
//!
//! Interest of day d is on the balance at the end of d − 1. An [`Interval`] is a run of days on one balance, with the entry that
//! began it; what it comes to is rounded once, and is told month by month so that a month's figure does not depend on when it is asked for.

use super::date::{Month, civil, is_leap};
use super::rate::{Rate, SCALE_MAX, rounded};
use super::wire::{Arg, BasisKind, Beneficiary, Day, LineState, Minor};
use super::{Case, Fault, Key, Verdict};

/// How many days a year has for a yearly rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayBasis {
    /// 360, whatever the calendar says.
    Days360,
    /// 365, also in leap years.
    Days365,
    /// Those of the calendar year that the day is in.
    Actual,
}

impl DayBasis {
    /// The words of a parameter.
    pub const OPTIONS: [(&'static str, Self); 3] = [("actual-360", Self::Days360), ("actual-365", Self::Days365), ("actual-actual", Self::Actual)];
}

/// What one day costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// A rate by the day.
    Daily(Rate),
    /// A rate by the year, of so many days.
    Yearly(Rate, DayBasis),
}

/// Parts of a minor unit that any rate of any day is a whole number of: 10^12 for its digits, and the least common multiple of 360, 365 and 366.
const PARTS: i128 = 10i128.pow(SCALE_MAX as u32) * YEAR;
const YEAR: i128 = 1_603_080;

/// Interest so far, exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accrued(i128);

impl Accrued {
    /// Adds the interest of some days, both of them inside, on one balance. None when it does not fit.
    #[must_use]
    pub fn plus(self, balance: Minor, charge: Charge, (first, last): (Day, Day)) -> Option<Self> {
        let (rate, days) = match charge {
            Charge::Daily(rate) => (rate, count(first, last).checked_mul(YEAR)?),
            Charge::Yearly(rate, DayBasis::Days360) => (rate, count(first, last).checked_mul(YEAR / 360)?),
            Charge::Yearly(rate, DayBasis::Days365) => (rate, count(first, last).checked_mul(YEAR / 365)?),
            Charge::Yearly(rate, DayBasis::Actual) => (rate, of_years(first, last)),
        };
        let digits = 10i128.pow(u32::from(SCALE_MAX - rate.scale.min(SCALE_MAX)));
        let parts = i128::from(balance).checked_mul(i128::from(rate.mantissa))?.checked_mul(digits)?.checked_mul(days)?;
        self.0.checked_add(parts).map(Self)
    }

    /// To the minor unit, half away from zero.
    #[must_use]
    pub fn rounded(self) -> Option<Minor> {
        rounded(self.0, PARTS)
    }
}

fn count(first: Day, last: Day) -> i128 {
    (i128::from(last) - i128::from(first) + 1).max(0)
}

/// Days in parts of their own years.
fn of_years(first: Day, last: Day) -> i128 {
    let (mut parts, mut first) = (0, first);
    while first <= last {
        let (year, ..) = civil(first);
        let end = Month::new(year, 12).last_day().min(last);
        parts += count(first, end) * (YEAR / if is_leap(year) { 366 } else { 365 });
        first = end.saturating_add(1);
    }
    parts
}

/// A run of days that bear interest on one balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The entry that began it; or the reversal that brings the days it is of.
    pub entry: u32,
    /// The balance; what a reversal added to it, or took from it.
    pub balance: Minor,
    /// Its first day.
    pub first: Day,
    /// Its last day, which is inside.
    pub last: Day,
    /// The day of the reversal, where it makes up for days between a receipt and its reversal, as if the receipt had never been.
    pub made_up_on: Option<Day>,
}

impl Case<'_> {
    /// The days from `first` to `last` on which a receivable bears interest. A write-off clears nothing, so it changes no balance here. None when a balance does not fit.
    ///
    /// A reversed receipt never stopped interest: what its reversal adds to the balance bears interest for the days between, too;
    /// and the other way round where a reversal is itself reversed.
    #[must_use]
    pub fn bearing(&self, receivable: u32, (first, last): (Day, Day)) -> Option<Vec<Interval>> {
        let mut found = Vec::new();
        let mut open = Open { balance: 0, entry: 0, since: first };
        for (index, entry) in self.of_debt(receivable) {
            open.close(entry.day.min(last), &mut found)?;
            open.balance += i128::from(entry.amount);
            open.entry = index;
            let root = self.root(index);
            let between = self.entries.get(root as usize).filter(|_| root != index).map(|reversed| reversed.day.saturating_add(1).max(first));
            if let Some(since) = between.filter(|since| *since <= entry.day.min(last)) {
                found.push(Interval { entry: index, balance: entry.amount, first: since, last: entry.day.min(last), made_up_on: Some(entry.day) });
            }
        }
        open.close(last, &mut found)?;
        Some(found)
    }
}

struct Open {
    balance: i128,
    entry: u32,
    since: Day,
}

impl Open {
    /// The day of an entry still bears interest on the balance before it.
    fn close(&mut self, last: Day, found: &mut Vec<Interval>) -> Option<()> {
        if self.since <= last {
            if self.balance > 0 {
                let balance = Minor::try_from(self.balance).ok()?;
                found.push(Interval { entry: self.entry, balance, first: self.since, last, made_up_on: None });
            }
            self.since = last.saturating_add(1);
        }
        Some(())
    }
}

/// Runs of days inside of which none of the changes falls, which need not be in order.
#[must_use]
pub fn runs((first, last): (Day, Day), changes: impl IntoIterator<Item = Day>) -> Vec<(Day, Day)> {
    let mut starts: Vec<Day> = changes.into_iter().filter(|day| first < *day && *day <= last).collect();
    starts.push(first);
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([last]).collect::<Vec<_>>();
    starts.into_iter().zip(ends).filter(|(first, last)| first <= last).collect()
}

/// Bits of a line's part that tell its month: year × 12 + month − 1 of the years 1 to 9999.
const SERIES: u32 = 21;

/// What an interval comes to by the end of some of its days, rounded, and how.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    /// From the interval's first day on.
    pub total: Minor,
    /// Clauses and messages with their arguments, of these days.
    pub said: Vec<(u32, u32, Vec<Arg>)>,
}

impl Verdict<'_> {
    /// Writes what a party owes for an interval: a line per calendar month, dated on the last of its days in it; one line
    /// where it makes up for days that are past. The lines add up to the figure at its end.
    ///
    /// Several series of one clause for one interval have numbers below 2048. `figure` is asked for the days of each line in order; `states` says from the day of a line on, in which states it is.
    ///
    /// # Errors
    /// As `figure`.
    pub fn accrue(
        &mut self,
        (clause, party, series): (u32, u32, u32),
        interval: &Interval,
        mut figure: impl FnMut((Day, Day)) -> Result<Figure, Fault>,
        states: impl Fn(Day) -> Vec<(Day, LineState)>,
    ) -> Result<(), Fault> {
        let key = Key { clause, to: Beneficiary::Party(party), basis: BasisKind::Entry, index: interval.entry, part: 0 };
        let mut before: Minor = 0;
        let mut first = interval.first;
        while first <= interval.last {
            let month = Month::of(first);
            let (last, on, part) = match interval.made_up_on {
                Some(on) => (interval.last, on, 0),
                None => {
                    let last = month.last_day().min(interval.last);
                    (last, last, month.ordinal().unsigned_abs())
                }
            };
            let Figure { total, said } = figure((first, last))?;
            // Due from the party. Totals rise or fall one way, so their differences fit as they do.
            let amount = before.saturating_sub(total);
            before = total;
            if let Some(trace) = self.line(Key { part: series << SERIES | part, ..key }, amount, states(on)) {
                said.iter().fold(trace, |trace, (clause, message, args)| trace.step(*clause, *message, args));
            }
            first = last.saturating_add(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::rules::date::parse;

    fn d(text: &str) -> Day {
        parse(text).unwrap()
    }

    fn rate(text: &str) -> Rate {
        Rate::parse(text).unwrap()
    }

    fn interest(balance: Minor, charge: Charge, first: &str, last: &str) -> Minor {
        Accrued::default().plus(balance, charge, (d(first), d(last))).unwrap().rounded().unwrap()
    }

    #[test]
    fn the_published_examples() {
        // OI: 40 days × 250.00 + 113 days × 150.00 = 26,950.00.
        let daily = Charge::Daily(rate("0.0005"));
        assert_eq!(interest(50_000_000, daily, "2023-04-01", "2023-05-10"), 1_000_000);
        assert_eq!(interest(30_000_000, daily, "2023-05-11", "2023-08-31"), 1_695_000);
        // RC: 47,000.00 at 6 % and 9 %, 182 days.
        let of = |text| interest(4_700_000, Charge::Yearly(rate(text), DayBasis::Days365), "2012-01-02", "2012-07-01");
        assert_eq!((of("0.06"), of("0.09"), of("0.09") - of("0.06")), (140_614, 210_921, 70_307));
    }

    #[test]
    fn a_year_has_the_days_of_its_basis() {
        let of = |basis, first, last| interest(3_660_000, Charge::Yearly(Rate::ONE, basis), first, last);
        // 36,600.00 × 366 ÷ 360, ÷ 365, ÷ 366 in a leap year.
        assert_eq!(of(DayBasis::Days360, "2024-01-01", "2024-12-31"), 3_721_000);
        assert_eq!(of(DayBasis::Days365, "2024-01-01", "2024-12-31"), 3_670_027);
        assert_eq!(of(DayBasis::Actual, "2024-01-01", "2024-12-31"), 3_660_000);
        // A day of each year: 36,600.00 ÷ 365 + 36,600.00 ÷ 366 = 100.27397… + 100.
        assert_eq!(of(DayBasis::Actual, "2023-12-31", "2024-01-01"), 20_027);
    }

    #[test]
    fn runs_end_before_each_change() {
        assert_eq!(runs((10, 20), [15, 5, 10, 21, 15]), [(10, 14), (15, 20)]);
        assert_eq!(runs((10, 10), []), [(10, 10)]);
        assert_eq!(runs((11, 10), []), []);
    }

    proptest! {
        /// However days are cut into runs, they come to the same.
        #[test]
        fn parts_of_days_add_up(balance in 0i64..1_000_000_000_000, mantissa in 0i64..1_000_000, first in 18_000i32..20_000, len in 0i32..2_000, cut in 0i32..2_000) {
            let (last, middle) = (first + len, first + cut.min(len));
            for basis in [DayBasis::Days360, DayBasis::Days365, DayBasis::Actual] {
                let charge = Charge::Yearly(Rate { mantissa, scale: 6 }, basis);
                let whole = Accrued::default().plus(balance, charge, (first, last));
                let parts = Accrued::default().plus(balance, charge, (first, middle)).and_then(|a| a.plus(balance, charge, (middle + 1, last)));
                prop_assert_eq!(whole, parts);
                prop_assert!(whole.is_some_and(|a| a.rounded().is_some()));
            }
        }
    }
}
