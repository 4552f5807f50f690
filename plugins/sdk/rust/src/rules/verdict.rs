//! Writing verdicts: lines with their dated states and trace, findings, faults.
//!
//! Everything goes straight into the flat lists that cross the border.

use recoup_wit::{NONE_DAY, NONE_INDEX};

use super::case::slice;
use super::date::Month;
use super::rate::Rate;
use super::wire::{Arg, ArgKind, BasisKind, Beneficiary, DatedState, Day, Finding, Line, LineState, Minor, Span, Step, Verdicts};

/// Why a case cannot be judged: a message of the pack with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Index into the messages of `describe`.
    pub message: u32,
    /// What the message speaks of.
    pub args: Vec<Arg>,
}

impl Fault {
    /// A fault with its arguments.
    #[must_use]
    pub fn new(message: u32, args: &[Arg]) -> Self {
        Self { message, args: args.to_vec() }
    }
}

/// Typed arguments of messages.
pub mod arg {
    use super::{Arg, ArgKind, Day, Minor, Month, Rate};

    const fn plain(kind: ArgKind, value: i64) -> Arg {
        Arg { kind, value, scale: 0 }
    }

    /// An amount in minor units of the case's currency.
    #[must_use]
    pub const fn money(amount: Minor) -> Arg {
        plain(ArgKind::Money, amount)
    }

    /// A day.
    #[must_use]
    pub fn day(day: Day) -> Arg {
        plain(ArgKind::Day, day.into())
    }

    /// A whole number.
    #[must_use]
    pub const fn count(number: i64) -> Arg {
        plain(ArgKind::Count, number)
    }

    /// A rate.
    #[must_use]
    pub const fn decimal(rate: Rate) -> Arg {
        Arg { kind: ArgKind::Decimal, value: rate.mantissa, scale: rate.scale }
    }

    /// A person.
    #[must_use]
    pub fn person(person: u32) -> Arg {
        plain(ArgKind::Person, person.into())
    }

    /// A debtor or an obligor of the case.
    #[must_use]
    pub fn party(party: u32) -> Arg {
        plain(ArgKind::Party, party.into())
    }

    /// A receivable of the case.
    #[must_use]
    pub fn receivable(index: u32) -> Arg {
        plain(ArgKind::Receivable, index.into())
    }

    /// A name of the batch.
    #[must_use]
    pub fn symbol(index: u32) -> Arg {
        plain(ArgKind::Symbol, index.into())
    }

    /// A month.
    #[must_use]
    pub fn month(month: Month) -> Arg {
        plain(ArgKind::Month, month.ordinal().into())
    }
}

impl Beneficiary {
    /// The person, when it is one.
    #[must_use]
    pub const fn person(self) -> Option<u32> {
        match self {
            Self::Person(person) => Some(person),
            Self::Party(_) => None,
        }
    }
}

/// What identifies a line: clause, beneficiary and the one dated fact that earned it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Index into the clauses of `describe`.
    pub clause: u32,
    /// To or from whom.
    pub to: Beneficiary,
    /// What kind of fact `index` points to.
    pub basis: BasisKind,
    /// Index of the fact in the case.
    pub index: u32,
    /// Tells apart lines that share all of the above. A refund has the part of the fine that it gives back: they are settled together.
    pub part: u32,
}

/// The verdict on one case, written into the batch's lists.
#[derive(Debug)]
pub struct Verdict<'a> {
    lists: &'a mut Verdicts,
    subject: u32,
    as_of: Day,
    recheck_on: Day,
}

/// Lengths of the lists before a case, to take its output back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark([usize; 5]);

impl<'a> Verdict<'a> {
    pub(super) fn begin(lists: &'a mut Verdicts, subject: u32, as_of: Day) -> (Self, Mark) {
        let mark = Mark([lists.lines.len(), lists.states.len(), lists.steps.len(), lists.args.len(), lists.findings.len()]);
        (Self { lists, subject, as_of, recheck_on: NONE_DAY }, mark)
    }

    /// Ends the case: a fault takes back everything that was written before it.
    pub(super) fn end(self, mark: Mark, outcome: Result<(), Fault>) {
        let Self { lists, subject, recheck_on, .. } = self;
        let Err(fault) = outcome else {
            lists.recheck_on.push(recheck_on);
            return;
        };
        let Mark([lines, states, steps, args, findings]) = mark;
        lists.lines.truncate(lines);
        lists.states.truncate(states);
        lists.steps.truncate(steps);
        lists.args.truncate(args);
        lists.findings.truncate(findings);
        let args = append(&mut lists.args, &fault.args);
        lists.faults.push(super::wire::Fault { subject, message: fault.message, args });
        lists.recheck_on.push(NONE_DAY);
    }

    /// Writes a line and returns the writer of its trace. A line of zero is absent, and so
    /// is one that has no state yet on the as-of day.
    ///
    /// States are given by rising day. Days after as-of and states that change nothing are
    /// left out; of two states on one day the later one holds.
    pub fn line(&mut self, key: Key, amount: Minor, states: impl IntoIterator<Item = (Day, LineState)>) -> Option<Trace<'_>> {
        if amount == 0 {
            return None;
        }
        let start = self.lists.states.len();
        for (day, state) in states {
            if day > self.as_of {
                break;
            }
            let written = &mut self.lists.states;
            if written.len() > start && written.last().is_some_and(|last| last.day == day) {
                written.pop();
            }
            let same = written.len() > start && written.last().is_some_and(|l| l.state == state);
            if !same {
                written.push(DatedState { day, state });
            }
        }
        let states = since(start, self.lists.states.len());
        if states.count == 0 {
            return None;
        }
        let steps = since(self.lists.steps.len(), self.lists.steps.len());
        let Key { clause, to, basis, index, part } = key;
        let subject = self.subject;
        self.lists.lines.push(Line { subject, clause, to, basis, index, part, amount, states, steps });
        Some(Trace { lists: self.lists })
    }

    /// Reports something that is not money; not before its day, and once: what says the same of the same day is one finding.
    pub fn finding(&mut self, clause: u32, message: u32, day: Day, person: Option<u32>, args: &[Arg]) {
        let (person, subject) = (person.unwrap_or(NONE_INDEX), self.subject);
        if day > self.as_of {
            return;
        }
        let all = &self.lists.args;
        let said = |f: &Finding| slice(all, f.args).is_some_and(|said| said == args);
        let mut mine = self.lists.findings.iter().rev().take_while(|f| f.subject == subject);
        if mine.any(|f| (f.clause, f.message, f.day, f.person) == (clause, message, day, person) && said(f)) {
            return;
        }
        let args = append(&mut self.lists.args, args);
        self.lists.findings.push(Finding { subject, clause, message, day, person, args });
    }

    /// Asks to be called again on that day, if it lies ahead; the earliest asked for counts.
    pub fn recheck(&mut self, day: Day) {
        if day > self.as_of && (self.recheck_on == NONE_DAY || day < self.recheck_on) {
            self.recheck_on = day;
        }
    }
}

/// Writes the trace of the line just written.
#[derive(Debug)]
pub struct Trace<'a> {
    lists: &'a mut Verdicts,
}

impl Trace<'_> {
    /// Adds one step of the reasoning.
    pub fn step(self, clause: u32, message: u32, args: &[Arg]) -> Self {
        let args = append(&mut self.lists.args, args);
        self.lists.steps.push(Step { clause, message, args });
        if let Some(line) = self.lists.lines.last_mut() {
            line.steps.count += 1;
        }
        self
    }
}

fn append(list: &mut Vec<Arg>, args: &[Arg]) -> Span {
    let start = list.len();
    list.extend_from_slice(args);
    since(start, list.len())
}

/// A batch holds fewer than 2^32 records, as its indices are 32 bits wide.
const fn since(start: usize, end: usize) -> Span {
    Span { start: start as u32, count: (end - start) as u32 }
}
