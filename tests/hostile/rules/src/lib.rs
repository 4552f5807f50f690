//! A policy pack that misbehaves on demand.
//!
//! The parameters are the word for a behaviour; a case whose first receivable has a gross
//! amount of 666 gets it, and all others are judged honestly. `describe` is read from the
//! data of the module, so that a test can patch it in the component's bytes.

wit_bindgen::generate!({ world: "rules-plugin", path: "../../../plugins/wit/next", generate_all });

use std::hint::black_box;

use exports::recoup::plugin::rules::*;
use recoup::plugin::log;

const NONE_DAY: i32 = i32::MIN;
const NONE_INDEX: u32 = u32::MAX;
/// Patched by tests: `describe:spin` never answers, `describe:fail` panics.
static DESCRIBE: &str = "describe:good";

struct Pack;
export!(Pack);

impl Guest for Pack {
    fn describe() -> String {
        let how = black_box(DESCRIBE);
        if how.ends_with("spin") {
            spin();
        }
        assert!(!how.ends_with("fail"), "describe fails");
        black_box(include_str!("describe.json")).to_owned()
    }

    fn check(parameters: String) -> Vec<Problem> {
        if parameters == "unfit" { vec![problem()] } else { Vec::new() }
    }

    fn evaluate(cases: Cases) -> Result<Verdicts, Problem> {
        if cases.parameters == "unfit" {
            return Err(problem());
        }
        let mut answer = Answer::default();
        for (i, subject) in cases.subjects.iter().enumerate() {
            answer.judge(&cases, i as u32, subject);
            let receivable = cases.receivables.get(subject.receivables.start as usize);
            if receivable.is_some_and(|r| r.gross == 666) {
                if cases.parameters == "refuse" {
                    return Err(problem());
                }
                answer.misbehave(&cases, i as u32);
            }
        }
        Ok(answer.0)
    }
}

fn problem() -> Problem {
    Problem { code: "h.refused".into(), at: "rate".into(), message: "no such rate".into() }
}

fn spin() {
    let mut n = 0_u64;
    while black_box(n) != u64::MAX {
        n = black_box(n).wrapping_add(2);
    }
}

#[inline(never)]
fn deep(n: u64) -> u64 {
    if black_box(n) == u64::MAX { 0 } else { deep(black_box(n) + 1).wrapping_mul(3) ^ n }
}

struct Answer(Verdicts);

impl Default for Answer {
    fn default() -> Self {
        Self(Verdicts { lines: vec![], states: vec![], steps: vec![], args: vec![], findings: vec![], faults: vec![], recheck_on: vec![] })
    }
}

fn money(value: i64) -> Arg {
    Arg { kind: ArgKind::Money, value, scale: 0 }
}

impl Answer {
    fn states(&mut self, states: &[(i32, LineState)]) -> Span {
        let start = self.0.states.len() as u32;
        self.0.states.extend(states.iter().map(|&(day, state)| DatedState { day, state }));
        Span { start, count: states.len() as u32 }
    }

    fn args(&mut self, args: &[Arg]) -> Span {
        let start = self.0.args.len() as u32;
        self.0.args.extend_from_slice(args);
        Span { start, count: args.len() as u32 }
    }

    fn steps(&mut self, clause: u32, amount: i64) -> Span {
        let args = self.args(&[money(amount)]);
        self.0.steps.push(Step { clause, message: 0, args });
        Span { start: self.0.steps.len() as u32 - 1, count: 1 }
    }

    /// The honest judgement: what was collected is earned by the first person of the letter.
    fn judge(&mut self, cases: &Cases, subject: u32, s: &Subject) {
        let person = cases.shares.get(s.shares.start as usize).map(|share| share.person);
        let entries = &cases.entries[s.entries.start as usize..][..s.entries.count as usize];
        for (index, entry) in (0..).zip(entries) {
            let (EntryKind::Cash, Some(person)) = (entry.kind, person) else { continue };
            let amount = -entry.amount;
            let states = self.states(&[(entry.day, LineState::Contingent), (entry.day + 1, LineState::Payable)]);
            let steps = self.steps(0, amount);
            self.0.lines.push(Line { subject, clause: 0, to: Beneficiary::Person(person), basis: BasisKind::Entry, index, part: 0, amount, states, steps });
        }
        self.0.recheck_on.push(cases.as_of + 1);
    }

    fn line(&mut self) -> &mut Line {
        self.0.lines.last_mut().expect("the case has a line")
    }

    fn finding(&mut self, subject: u32, day: i32) {
        let args = self.args(&[]);
        self.0.findings.push(Finding { subject, clause: 3, message: 1, day, person: NONE_INDEX, args });
    }

    fn misbehave(&mut self, cases: &Cases, subject: u32) {
        use LineState::{Contingent, Payable};
        let as_of = cases.as_of;
        match cases.parameters.as_str() {
            "spin" => spin(),
            "panic" => panic!("as told"),
            "divide" => self.line().amount = 1 / black_box(0),
            "deep" => self.line().amount = deep(0) as i64,
            "memory" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(black_box(Vec::<u8>::with_capacity(1 << 20)));
                }
            }
            "output" => {
                // More than the host takes in one call, well within the guest's own memory.
                self.0.recheck_on = vec![0; 6 << 20];
            }
            "log" => (0..1_000).for_each(|i| log::write(&format!("line {i} {}", "长".repeat(2_000)))),
            "chatter" => loop {
                log::write(&"x".repeat(1 << 16));
            },
            "foreign-person" => self.line().to = Beneficiary::Person(if subject == 0 { 2 } else { 0 }),
            "no-person" => self.line().to = Beneficiary::Person(NONE_INDEX),
            "claimed" => {
                let line = self.line();
                (line.clause, line.to) = (4, Beneficiary::Party(cases.receivables[cases.subjects[subject as usize].receivables.start as usize].party));
            }
            "claimed-from-person" => self.line().clause = 4,
            "party" => self.line().to = Beneficiary::Party(0),
            "foreign-party" => {
                let line = self.line();
                (line.clause, line.to) = (4, Beneficiary::Party(if subject == 0 { 1 } else { 0 }));
            }
            "no-party" => {
                let line = self.line();
                (line.clause, line.to) = (4, Beneficiary::Party(NONE_INDEX));
            }
            "foreign-subject" => self.line().subject = 1_000,
            "negative-span" => self.line().states.start = (-1_i32) as u32,
            "long-span" => self.line().states.count = u32::MAX,
            "far-steps" => self.line().steps.start += 1,
            "overlap" => {
                let span = self.line().states;
                for part in 1..10 {
                    let line = Line { part, states: span, ..*self.line() };
                    self.0.lines.push(line);
                }
            }
            "clause" => self.line().clause = 99,
            "scope" => self.line().clause = 1,
            "condition" => self.line().clause = 3,
            "basis-kind" => self.line().basis = BasisKind::Close,
            "basis-index" => self.line().index = 99,
            "foreign-wage" => {
                let line = self.line();
                (line.clause, line.basis, line.index) = (2, BasisKind::WageMonth, 0);
            }
            "sign" => self.line().amount = -1,
            "zero" => self.line().amount = 0,
            "no-state" => self.line().states.count = 0,
            "same-day" => self.line().states = self.states(&[(as_of, Contingent), (as_of, Payable)]),
            "falling" => self.line().states = self.states(&[(as_of, Contingent), (as_of - 1, Payable)]),
            "repeated" => self.line().states = self.states(&[(as_of - 1, Payable), (as_of, Payable)]),
            "future" => self.line().states = self.states(&[(as_of + 1, Payable)]),
            "no-calendar" => self.line().states = self.states(&[(i32::MIN, Payable)]),
            "before-basis" => self.line().states = self.states(&[(as_of - 10_000, Payable)]),
            "message" => self.0.steps.last_mut().expect("a step").message = 99,
            "step-clause" => self.0.steps.last_mut().expect("a step").clause = 1,
            "too-few-args" => self.0.steps.last_mut().expect("a step").args.count = 0,
            "symbol" => *self.0.args.last_mut().expect("an argument") = Arg { kind: ArgKind::Symbol, value: 99, scale: 0 },
            "negative-receivable" => *self.0.args.last_mut().expect("an argument") = Arg { kind: ArgKind::Receivable, value: -1, scale: 0 },
            "scale" => *self.0.args.last_mut().expect("an argument") = Arg { kind: ArgKind::Decimal, value: 1, scale: 200 },
            "day" => *self.0.args.last_mut().expect("an argument") = Arg { kind: ArgKind::Day, value: i64::MAX, scale: 0 },
            "recheck" => *self.0.recheck_on.last_mut().expect("a day") = as_of,
            "recheck-count" => self.0.recheck_on.push(NONE_DAY),
            "twice" => {
                let line = *self.line();
                let states = self.states(&[(as_of, Payable)]);
                self.0.lines.push(Line { states, steps: Span { start: 0, count: 0 }, ..line });
            }
            "fault-with-lines" => {
                let args = self.args(&[money(1)]);
                self.0.faults.push(Fault { subject, message: 2, args });
            }
            "fault" => {
                self.0.lines.retain(|l| l.subject != subject);
                let args = self.args(&[money(66_600)]);
                self.0.faults.push(Fault { subject, message: 2, args });
            }
            "finding" => self.finding(subject, as_of),
            "late-finding" => self.finding(subject, as_of + 1),
            "finding-twice" => (0..2).for_each(|_| self.finding(subject, as_of)),
            _ => {}
        }
    }
}
