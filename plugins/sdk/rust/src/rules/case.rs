//! A case: one subject of a batch with the slices that belong to it.

use recoup_wit::{NONE_DAY, NONE_INDEX};

use super::date::Month;
use super::timeline::Timeline;
use super::wire::{
    Cases, Day, Entry, EntryKind, FalseReport, Milestone, Minor, Obligor, Pause, Problem, Receivable, Recovery, RoleSpan, Sanction, Scope, Share, Span, Stage,
    StageFrom, Subject, SupervisedUnit, Term, WageMonth,
};

/// One subject with everything its scope needs. Indices are those of its own slices.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What the case is about.
    pub scope: Scope,
    /// Letter, agreement: its first day. Contract: the day it was closed.
    pub from: Day,
    /// Letter: its deadline. Contract: the day by which to recover. Agreement: its last day.
    pub to: Option<Day>,
    /// Facts up to the end of this day are here.
    pub as_of: Day,
    /// Names that role spans, kinds and terms refer to.
    pub symbols: &'a [String],
    /// The claims.
    pub receivables: &'a [Receivable],
    /// Their stages.
    pub stages: &'a [StageFrom],
    /// Movements of their balances, by day and in the order of effect.
    pub entries: &'a [Entry],
    /// Who holds which role.
    pub roles: &'a [RoleSpan],
    /// The shares of a letter or an agreement, in the order in which they are named.
    pub shares: &'a [Share],
    /// Wages of the persons involved.
    pub wages: &'a [WageMonth],
    /// An agreement's kind, as an index into `symbols`.
    pub(super) agreement: u32,
    /// An agreement's terms.
    pub(super) terms: &'a [Term],
    /// What happened to an agreement, its claims and the receipts applied to them, in the order of days.
    pub milestones: &'a [Milestone],
    /// Whom an agreement binds, in the order in which they are named.
    pub obligors: &'a [Obligor],
    /// Results that were found to be reported falsely, in the order of the days of the findings.
    pub false_reports: &'a [FalseReport],
    /// Sanctions on those who answer, in the order of their first days.
    pub sanctions: &'a [Sanction],
    /// The units whose completion an agreement follows, in the order in which they are named.
    pub supervised: &'a [SupervisedUnit],
    /// Pauses of the receivables' clocks, all of the batch.
    pub(super) pauses: &'a [Pause],
    /// What counts for these units, all of the batch.
    pub(super) recoveries: &'a [Recovery],
    /// Entries that the milestones and false reports of receipts refer to, all of the batch.
    pub(super) applied: &'a [u32],
}

impl<'a> Case<'a> {
    /// The case of a subject, checked: spans and indices point to something, entries are
    /// in order and cite earlier ones, days are within the years 1 to 9999.
    pub(super) fn new(cases: &'a Cases, number: usize, subject: &Subject) -> Result<Self, Problem> {
        let bad = |what: &str| Problem {
            code: "rules.bad_batch".into(),
            at: format!("/subjects/{number}/{what}"),
            message: format!("`{what}` of the case breaks the contract"),
        };
        let case = Self {
            scope: subject.scope,
            from: subject.from,
            to: Some(subject.to).filter(|&day| day != NONE_DAY),
            as_of: cases.as_of,
            symbols: &cases.symbols,
            receivables: slice(&cases.receivables, subject.receivables).ok_or_else(|| bad("receivables"))?,
            stages: slice(&cases.stages, subject.stages).ok_or_else(|| bad("stages"))?,
            entries: slice(&cases.entries, subject.entries).ok_or_else(|| bad("entries"))?,
            roles: slice(&cases.roles, subject.roles).ok_or_else(|| bad("roles"))?,
            shares: slice(&cases.shares, subject.shares).ok_or_else(|| bad("shares"))?,
            wages: slice(&cases.wages, subject.wages).ok_or_else(|| bad("wages"))?,
            agreement: subject.kind,
            terms: slice(&cases.terms, subject.terms).ok_or_else(|| bad("terms"))?,
            milestones: slice(&cases.milestones, subject.milestones).ok_or_else(|| bad("milestones"))?,
            obligors: slice(&cases.obligors, subject.obligors).ok_or_else(|| bad("obligors"))?,
            false_reports: slice(&cases.false_reports, subject.false_reports).ok_or_else(|| bad("false-reports"))?,
            sanctions: slice(&cases.sanctions, subject.sanctions).ok_or_else(|| bad("sanctions"))?,
            supervised: slice(&cases.supervised, subject.supervised).ok_or_else(|| bad("supervised"))?,
            pauses: &cases.pauses,
            recoveries: &cases.recoveries,
            applied: &cases.applied,
        };
        case.check().map_err(bad)?;
        Ok(case)
    }

    fn check(&self) -> Result<(), &'static str> {
        let known = |receivable: u32| (receivable as usize) < self.receivables.len();
        let demand = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
        demand(is_day(self.as_of), "as-of")?;
        demand(is_day(self.from), "from")?;
        demand(self.to.is_none_or(is_day), "to")?;
        for receivable in self.receivables {
            let due = receivable.due_day;
            demand(is_day(receivable.document_day), "receivables")?;
            demand(due == NONE_DAY || is_day(due), "receivables")?;
            demand(receivable.expected_day == NONE_DAY || is_day(receivable.expected_day), "receivables")?;
            for pause in slice(self.pauses, receivable.pauses).ok_or("pauses")? {
                demand(is_day(pause.from) && (pause.to == NONE_DAY || is_day(pause.to)), "pauses")?;
            }
        }
        for stage in self.stages {
            demand(known(stage.receivable) && is_day(stage.from), "stages")?;
        }
        let mut before = Day::MIN;
        for (at, entry) in self.entries.iter().enumerate() {
            let cites = entry.cites == NONE_INDEX || (entry.cites as usize) < at;
            demand(known(entry.receivable) && cites, "entries")?;
            demand(is_day(entry.day) && before <= entry.day, "entries")?;
            demand(entry.day <= self.as_of, "entries")?;
            before = entry.day;
        }
        for role in self.roles {
            demand(is_day(role.from), "roles")?;
            demand(role.to == NONE_DAY || is_day(role.to), "roles")?;
        }
        let mut before = Day::MIN;
        for milestone in self.milestones {
            demand(is_day(milestone.day) && before <= milestone.day && milestone.day <= self.as_of, "milestones")?;
            demand(milestone.receivable == NONE_INDEX || known(milestone.receivable), "milestones")?;
            let entries = slice(self.applied, milestone.applied).ok_or("milestones")?;
            demand(entries.iter().all(|&entry| (entry as usize) < self.entries.len()), "milestones")?;
            before = milestone.day;
        }
        for report in self.false_reports {
            demand(is_day(report.day) && report.day <= self.as_of, "false-reports")?;
            demand(report.receivable == NONE_INDEX || known(report.receivable), "false-reports")?;
            demand([report.from, report.to].iter().all(|&day| day == NONE_DAY || is_day(day)), "false-reports")?;
            let entries = slice(self.applied, report.applied).ok_or("false-reports")?;
            demand(entries.iter().all(|&entry| (entry as usize) < self.entries.len()), "false-reports")?;
        }
        for sanction in self.sanctions {
            demand(is_day(sanction.from) && (sanction.to == NONE_DAY || is_day(sanction.to)), "sanctions")?;
        }
        for unit in self.supervised {
            let recovered = slice(self.recoveries, unit.recovered).ok_or("supervised")?;
            demand(recovered.iter().all(|moved| is_day(moved.day) && moved.day <= self.as_of), "supervised")?;
        }
        for wage in self.wages {
            demand((1..=12).contains(&wage.month), "wages")?;
            demand((1..=9999).contains(&wage.year), "wages")?;
        }
        Ok(())
    }

    /// The due date of a receivable, when it is known.
    #[must_use]
    pub fn due(&self, receivable: u32) -> Option<Day> {
        let due = self.receivables.get(receivable as usize)?.due_day;
        (due != NONE_DAY).then_some(due)
    }

    /// By when a receivable is expected to be recovered, when that was said.
    #[must_use]
    pub fn expected(&self, receivable: u32) -> Option<Day> {
        let expected = self.receivables.get(receivable as usize)?.expected_day;
        (expected != NONE_DAY).then_some(expected)
    }

    /// Whether a day lies before the document date of a receivable. Money may be applied
    /// to a claim by then, as an advance, but there is nothing yet to be cleared or overdue.
    #[must_use]
    pub fn is_advance(&self, receivable: u32, on: Day) -> bool {
        self.receivables.get(receivable as usize).is_some_and(|claim| on < claim.document_day)
    }

    /// The stage of a receivable at the end of a day, when one is stated; before its
    /// document date the earliest one, if none was stated by then.
    #[must_use]
    pub fn stage(&self, receivable: u32, on: Day) -> Option<Stage> {
        let stages = || self.stages.iter().filter(|stage| stage.receivable == receivable);
        // Of two statements about the same day, the later one in the list holds.
        let stated = stages().filter(|stage| stage.from <= on).max_by_key(|stage| stage.from);
        let first = || stages().min_by_key(|stage| stage.from).filter(|_| self.is_advance(receivable, on));
        stated.or_else(first).map(|stage| stage.stage)
    }

    /// The entry at the bottom of a chain of reversals: the one that was first reversed,
    /// or the entry itself.
    #[must_use]
    pub fn root(&self, index: u32) -> u32 {
        let mut root = index;
        // Every citation points to an earlier entry, so this ends.
        while let Some(entry) = self.entries.get(root as usize) {
            if entry.cites == NONE_INDEX {
                break;
            }
            root = entry.cites;
        }
        root
    }

    /// The kind of an entry; a reversal has the kind of what it reverses.
    #[must_use]
    pub fn kind(&self, index: u32) -> Option<EntryKind> {
        self.entries.get(self.root(index) as usize).map(|entry| entry.kind)
    }

    /// Who holds the role of that name on a day, each person once.
    pub fn holders(&self, name: &str, on: Day) -> impl Iterator<Item = u32> + '_ {
        let role = self.symbols.iter().position(|symbol| symbol == name);
        let holds = move |span: &RoleSpan| role == Some(span.role as usize) && span.from <= on && (span.to == NONE_DAY || on <= span.to);
        self.roles.iter().enumerate().filter_map(move |(at, span)| {
            let earlier = self.roles.iter().take(at);
            let first = !earlier.filter(|other| holds(other)).any(|other| other.person == span.person);
            (holds(span) && first).then_some(span.person)
        })
    }

    /// The wage of a person in a month and its index, when it is known.
    #[must_use]
    pub fn wage(&self, person: u32, month: Month) -> Option<(u32, Minor)> {
        let (year, number) = (month.year(), month.number());
        self.wages
            .iter()
            .zip(0u32..)
            .find(|(wage, _)| wage.person == person && wage.year == year && wage.month == number)
            .map(|(wage, index)| (index, wage.gross))
    }

    /// The entries with their indices.
    pub fn indexed(&self) -> impl Iterator<Item = (u32, &'a Entry)> + '_ {
        (0u32..).zip(self.entries)
    }

    /// The entries of one receivable with their indices, without write-offs, which clear nothing, and what takes them back.
    pub fn of_debt(&self, receivable: u32) -> impl Iterator<Item = (u32, &'a Entry)> + '_ {
        self.indexed().filter(move |(index, entry)| entry.receivable == receivable && self.kind(*index) != Some(EntryKind::WriteOff))
    }

    /// The balance of each receivable at the end of a day, from the entries that count.
    #[must_use]
    pub fn balances(&self, on: Day, counts: impl Fn(EntryKind) -> bool) -> Vec<i128> {
        let mut open = vec![0i128; self.receivables.len()];
        for (index, entry) in self.indexed().take_while(|(_, entry)| entry.day <= on) {
            if self.kind(index).is_some_and(&counts)
                && let Some(open) = open.get_mut(entry.receivable as usize)
            {
                *open += i128::from(entry.amount);
            }
        }
        open
    }

    /// Since when and until when all receivables in `debts` have nothing open, by the
    /// entries that count. A claim that is not yet booked is not cleared, nor is one before
    /// its document date, whatever its balance.
    #[must_use]
    pub fn cleared(&self, debts: impl Fn(u32) -> bool, counts: impl Fn(EntryKind) -> bool) -> Timeline {
        let mut documents: Vec<(Day, u32)> = self
            .receivables
            .iter()
            .zip(0u32..)
            .map(|(claim, receivable)| (claim.document_day, receivable))
            .filter(|&(_, receivable)| debts(receivable))
            .collect();
        documents.sort_unstable();
        let mut documents = documents.into_iter().peekable();
        let mut debt_of = vec![Debt { balance: 0, booked: false, dated: false }; self.receivables.len()];
        let mut open_count = documents.len();
        let mut timeline = Timeline::default();
        let mut change = |day: Day, receivable: u32, by: &dyn Fn(&mut Debt)| {
            if let Some(debt) = debt_of.get_mut(receivable as usize) {
                let was = debt.is_open();
                by(debt);
                open_count = open_count + usize::from(debt.is_open()) - usize::from(was);
                timeline.set(day, open_count == 0);
            }
        };
        for (index, entry) in self.indexed() {
            while let Some((day, receivable)) = documents.next_if(|&(day, _)| day <= entry.day) {
                change(day, receivable, &|debt| debt.dated = true);
            }
            if debts(entry.receivable) && self.kind(index).is_some_and(&counts) {
                change(entry.day, entry.receivable, &|debt| {
                    debt.balance += i128::from(entry.amount);
                    debt.booked = true;
                });
            }
        }
        for (day, receivable) in documents.take_while(|&(day, _)| day <= self.as_of) {
            change(day, receivable, &|debt| debt.dated = true);
        }
        timeline
    }
}

/// What `cleared` knows of a receivable.
#[derive(Debug, Clone, Copy)]
struct Debt {
    balance: i128,
    /// An entry has counted.
    booked: bool,
    /// Its document date has come.
    dated: bool,
}

impl Debt {
    const fn is_open(&self) -> bool {
        !self.booked || !self.dated || self.balance > 0
    }
}

pub(super) fn slice<T>(list: &[T], span: Span) -> Option<&[T]> {
    let start = span.start as usize;
    list.get(start..start.checked_add(span.count as usize)?)
}

/// 0001-01-01.
const FIRST_DAY: Day = -719_162;
/// 9999-12-31.
const LAST_DAY: Day = 2_932_896;

fn is_day(day: Day) -> bool {
    (FIRST_DAY..=LAST_DAY).contains(&day)
}

#[cfg(test)]
#[test]
fn days_are_those_of_the_years_1_to_9999() {
    use super::date;
    assert_eq!(FIRST_DAY, date::day(1, 1, 1));
    assert_eq!(LAST_DAY, date::day(9999, 12, 31));
}
