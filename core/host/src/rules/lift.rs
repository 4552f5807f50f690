//! The lists of an answer into verdicts. Nothing in them is believed: every index, span, day,
//! person, clause, sign and state is checked against the cases and against `describe`.

use std::collections::HashSet;
use std::ops::Range;

use recoup_model::Date;
use recoup_model::calendar::{Month, day_number, from_day_number};
use recoup_model::case::{Case, Setting};
use recoup_model::due::{Arg, Basis, Beneficiary, Due, Fault, Finding, Line, LineKey, LineState, Step};
use recoup_model::id::{FindingId, PartyId, PersonId};
use recoup_wit::{NONE_DAY, NONE_INDEX};
use rust_decimal::Decimal;

use super::lower::Lowered;
use super::render::render;
use crate::RulesDescription;
use crate::bindings::rules::wit;
use crate::describe::{BasisWord, ClauseShape, Shape};

/// Digits behind the point of an argument.
const SCALE_MAX: u8 = 18;

/// What is wrong with the answer, in words.
type Checked<T> = Result<T, String>;

/// One outcome per case.
pub(super) fn lift(
    description: &RulesDescription,
    shape: &Shape,
    setting: &Setting,
    batch: &[Case],
    lowered: &Lowered,
    answer: &wit::Verdicts,
) -> Checked<Vec<Result<Due, Fault>>> {
    if answer.recheck_on.len() != batch.len() {
        return Err(format!("{} recheck days for {} subjects", answer.recheck_on.len(), batch.len()));
    }
    let mut reader = Reader {
        description,
        shape,
        setting,
        lowered,
        answer,
        states: Arena::new("states", answer.states.len()),
        steps: Arena::new("steps", answer.steps.len()),
        args: Arena::new("args", answer.args.len()),
    };
    let mut outcomes = Vec::with_capacity(batch.len());
    for (case, recheck) in batch.iter().zip(&answer.recheck_on) {
        outcomes.push(Ok(Due { recheck_on: reader.recheck(case, *recheck)?, ..Due::default() }));
    }
    for (i, fault) in answer.faults.iter().enumerate() {
        let place = |why: String| format!("fault {i}: {why}");
        let (subject, case) = subject(batch, fault.subject).map_err(place)?;
        let fault = reader.fault(case, subject, fault).map_err(place)?;
        match outcomes.get_mut(subject) {
            Some(outcome @ Ok(_)) => *outcome = Err(fault),
            _ => return Err(format!("fault {i}: subject {subject} has one already")),
        }
    }
    let mut seen = HashSet::with_capacity(answer.lines.len());
    for (i, line) in answer.lines.iter().enumerate() {
        let place = |why: String| format!("line {i}: {why}");
        let (subject, case) = subject(batch, line.subject).map_err(place)?;
        let line = reader.line(case, subject, line).map_err(place)?;
        if !seen.insert(line.id.0) {
            return Err(format!("line {i}: clause, beneficiary, basis and part are those of an earlier line"));
        }
        due(&mut outcomes, subject).ok_or_else(|| format!("line {i}: subject {subject} has a fault"))?.lines.push(line);
    }
    seen.clear();
    for (i, finding) in answer.findings.iter().enumerate() {
        let place = |why: String| format!("finding {i}: {why}");
        let (subject, case) = subject(batch, finding.subject).map_err(place)?;
        let finding = reader.finding(case, subject, finding).map_err(place)?;
        if !seen.insert(finding.id.0) {
            return Err(format!("finding {i}: it says what an earlier one says"));
        }
        due(&mut outcomes, subject).ok_or_else(|| format!("finding {i}: subject {subject} has a fault"))?.findings.push(finding);
    }
    Ok(outcomes)
}

fn subject(batch: &[Case], index: u32) -> Checked<(usize, &Case)> {
    let i = usize::try_from(index).unwrap_or(usize::MAX);
    batch.get(i).map(|case| (i, case)).ok_or_else(|| format!("subject {index} of {}", batch.len()))
}

fn due(outcomes: &mut [Result<Due, Fault>], subject: usize) -> Option<&mut Due> {
    outcomes.get_mut(subject)?.as_mut().ok()
}

/// One of the answer's lists. Every entry of it belongs to one owner: a shared one would mean
/// that cases were mixed up, and many owners of a long span would make a small answer a huge one here.
struct Arena {
    name: &'static str,
    taken: Vec<bool>,
}

impl Arena {
    fn new(name: &'static str, len: usize) -> Self {
        Self { name, taken: vec![false; len] }
    }

    fn take(&mut self, span: wit::Span) -> Checked<Range<usize>> {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        let count = usize::try_from(span.count).unwrap_or(usize::MAX);
        let range = start..start.saturating_add(count);
        let len = self.taken.len();
        let entries = self.taken.get_mut(range.clone()).ok_or_else(|| format!("span of {count} from {start} in {len} {}", self.name))?;
        if entries.contains(&true) {
            return Err(format!("spans overlap in {}", self.name));
        }
        entries.fill(true);
        Ok(range)
    }
}

struct Reader<'a> {
    description: &'a RulesDescription,
    shape: &'a Shape,
    setting: &'a Setting,
    lowered: &'a Lowered,
    answer: &'a wit::Verdicts,
    states: Arena,
    steps: Arena,
    args: Arena,
}

impl Reader<'_> {
    fn recheck(&self, case: &Case, day: i32) -> Checked<Option<Date>> {
        if day == NONE_DAY {
            return Ok(None);
        }
        match from_day_number(day) {
            Some(date) if date > self.setting.as_of => Ok(Some(date)),
            _ => Err(format!("case {}: recheck on day {day}, which is not after the as-of day", case.key.subject)),
        }
    }

    fn line(&mut self, case: &Case, subject: usize, line: &wit::Line) -> Checked<Line> {
        let (clause, shape) = self.clause(case, line.clause)?;
        let (clause, sensitive, claims) = (clause.to_owned(), shape.sensitive, shape.claims);
        let lines = shape.lines.as_ref().ok_or_else(|| format!("clause `{clause}` has no lines"))?;
        let to = match line.to {
            wit::Beneficiary::Person(handle) if !claims => Beneficiary::Person(self.person(subject, handle)?),
            wit::Beneficiary::Party(handle) if claims => Beneficiary::Party(self.party(subject, handle)?),
            wit::Beneficiary::Person(_) => return Err(format!("clause `{clause}` is claimed from parties, and the line is a person's")),
            wit::Beneficiary::Party(_) => return Err(format!("clause `{clause}` is no claim, and the line is a party's")),
        };
        let allowed = if line.amount > 0 { lines.positive } else { lines.negative };
        if line.amount == 0 || !allowed {
            return Err(format!("amount {} is not allowed for clause `{clause}`", line.amount));
        }
        let (basis, earliest) = basis(case, &lines.bases, line, to)?;
        let states = self.states(line.states, earliest)?;
        let steps = self.steps(case, subject, line.steps)?;
        let key = LineKey { case: case.key.clone(), clause, to, basis, part: line.part };
        Ok(Line { id: key.id(), key, amount: line.amount, states, steps, withdrawn: false, sensitive })
    }

    fn states(&mut self, span: wit::Span, earliest: Option<Date>) -> Checked<Vec<(Date, LineState)>> {
        let range = self.states.take(span)?;
        let mut states: Vec<(Date, LineState)> = Vec::with_capacity(range.len());
        for dated in self.answer.states.get(range).unwrap_or_default() {
            let day = self.past_day(dated.day)?;
            let state = match dated.state {
                wit::LineState::Contingent => LineState::Contingent,
                wit::LineState::Payable => LineState::Payable,
                wit::LineState::Lapsed => LineState::Lapsed,
            };
            match states.last() {
                None if earliest.is_some_and(|e| day < e) => {
                    return Err(format!("it begins on {day}, before its basis"));
                }
                Some((before, _)) if *before >= day => {
                    return Err(format!("state days do not rise: {before}, {day}"));
                }
                Some((_, before)) if *before == state => {
                    return Err(format!("it becomes {} twice", state.word()));
                }
                _ => states.push((day, state)),
            }
        }
        if states.is_empty() { Err("it has no state".into()) } else { Ok(states) }
    }

    fn steps(&mut self, case: &Case, subject: usize, span: wit::Span) -> Checked<Vec<Step>> {
        let range = self.steps.take(span)?;
        let answer = self.answer;
        let read = |step: &wit::Step| {
            let clause = self.clause(case, step.clause)?.0.to_owned();
            let (message, _, args) = self.message(case, subject, step.message, step.args)?;
            Ok(Step { clause, message, args })
        };
        answer.steps.get(range).unwrap_or_default().iter().map(read).collect()
    }

    fn finding(&mut self, case: &Case, subject: usize, finding: &wit::Finding) -> Checked<Finding> {
        let clause = self.clause(case, finding.clause)?.0.to_owned();
        let on = self.past_day(finding.day)?;
        let person = if finding.person == NONE_INDEX { None } else { Some(self.person(subject, finding.person)?) };
        let (message, _, args) = self.message(case, subject, finding.message, finding.args)?;
        let said = serde_json::to_vec(&args).map_err(|e| e.to_string())?;
        let id = FindingId::from_parts(&[
            case.key.pack.as_bytes(),
            case.key.scope.word().as_bytes(),
            case.key.subject.as_bytes(),
            clause.as_bytes(),
            message.as_bytes(),
            &day_number(on).to_be_bytes(),
            person.as_ref().map_or(&[], |p| p.0.as_bytes().as_slice()),
            &said,
        ]);
        Ok(Finding { id, case: case.key.clone(), clause, message, on, person, args, withdrawn: false })
    }

    fn fault(&mut self, case: &Case, subject: usize, fault: &wit::Fault) -> Checked<Fault> {
        let (code, template, args) = self.message(case, subject, fault.message, fault.args)?;
        let detail = render(&template, &args, self.setting.currency);
        Ok(Fault { code, args, detail })
    }

    /// The clause with this index, if it judges cases of this scope.
    fn clause(&self, case: &Case, index: u32) -> Checked<(&str, &ClauseShape)> {
        let i = usize::try_from(index).unwrap_or(usize::MAX);
        let (clause, shape) = self.description.clauses.get(i).zip(self.shape.clauses.get(i)).ok_or_else(|| format!("clause {index} is not described"))?;
        if !shape.scopes.contains(&case.key.scope) {
            return Err(format!("clause `{}` does not judge scope `{}`", clause.id, case.key.scope.word()));
        }
        Ok((&clause.id, shape))
    }

    fn person(&self, subject: usize, handle: u32) -> Checked<PersonId> {
        let i = usize::try_from(handle).unwrap_or(usize::MAX);
        let own = self.lowered.handles.get(subject).is_some_and(|handles| handles.contains(&i));
        let person = self.lowered.persons.get(i).filter(|_| own).copied();
        person.ok_or_else(|| format!("person {handle} does not belong to subject {subject}"))
    }

    fn party(&self, subject: usize, handle: u32) -> Checked<PartyId> {
        let i = usize::try_from(handle).unwrap_or(usize::MAX);
        let own = self.lowered.party_handles.get(subject).is_some_and(|handles| handles.contains(&i));
        let party = self.lowered.parties.get(i).filter(|_| own).copied();
        party.ok_or_else(|| format!("party {handle} does not belong to subject {subject}"))
    }

    fn past_day(&self, day: i32) -> Checked<Date> {
        let date = from_day_number(day).filter(|d| *d <= self.setting.as_of);
        date.ok_or_else(|| format!("day {day} is after the as-of day {}, or in no calendar", day_number(self.setting.as_of)))
    }

    /// Code, English template and arguments.
    fn message(&mut self, case: &Case, subject: usize, index: u32, span: wit::Span) -> Checked<(String, String, Vec<Arg>)> {
        let i = usize::try_from(index).unwrap_or(usize::MAX);
        let described = self.description.messages.get(i).zip(self.shape.args.get(i));
        let (message, takes) = described.ok_or_else(|| format!("message {index} is not described"))?;
        let range = self.args.take(span)?;
        if range.len() != *takes {
            return Err(format!("message `{}` takes {takes} arguments, not {}", message.code, range.len()));
        }
        let args = self.answer.args.get(range).unwrap_or_default();
        let args = args.iter().map(|arg| self.arg(case, subject, *arg)).collect::<Checked<_>>();
        let args = args.map_err(|why| format!("message `{}`: {why}", message.code))?;
        Ok((message.code.clone(), message.en.clone(), args))
    }

    fn arg(&self, case: &Case, subject: usize, arg: wit::Arg) -> Checked<Arg> {
        let value = arg.value;
        let read = match arg.kind {
            wit::ArgKind::Money => Some(Arg::Money(value)),
            wit::ArgKind::Count => Some(Arg::Count(value)),
            wit::ArgKind::Day => i32::try_from(value).ok().and_then(from_day_number).map(Arg::Day),
            wit::ArgKind::Decimal => (arg.scale <= SCALE_MAX).then(|| Arg::Decimal(Decimal::new(value, u32::from(arg.scale)))),
            wit::ArgKind::Person => u32::try_from(value).ok().and_then(|handle| self.person(subject, handle).ok()).map(Arg::Person),
            wit::ArgKind::Party => u32::try_from(value).ok().and_then(|handle| self.party(subject, handle).ok()).map(Arg::Party),
            wit::ArgKind::Receivable => usize::try_from(value).ok().and_then(|i| case.receivables.get(i)).map(|r| Arg::Receivable(r.id)),
            wit::ArgKind::Symbol => usize::try_from(value).ok().and_then(|i| self.lowered.cases.symbols.get(i)).map(|s| Arg::Symbol(s.clone())),
            wit::ArgKind::Month => i32::try_from(value).ok().and_then(Month::from_number).map(Arg::Month),
        };
        read.ok_or_else(|| format!("argument {:?} {value} (scale {}) means nothing in this case", arg.kind, arg.scale))
    }
}

/// The fact behind a line, and the first day on which the line can have a state.
fn basis(case: &Case, allowed: &[BasisWord], line: &wit::Line, to: Beneficiary) -> Checked<(Basis, Option<Date>)> {
    let i = usize::try_from(line.index).unwrap_or(usize::MAX);
    let word = match line.basis {
        wit::BasisKind::Entry => BasisWord::Entry,
        wit::BasisKind::WageMonth => BasisWord::WageMonth,
        wit::BasisKind::Close => BasisWord::Close,
        wit::BasisKind::Milestone => BasisWord::Milestone,
    };
    let found = match word {
        BasisWord::Entry => case.entries.get(i).map(|e| (Basis::Entry(e.id), Some(e.on))),
        BasisWord::WageMonth => case.wages.get(i).filter(|w| to.person() == Some(w.person)).map(|w| (Basis::WageMonth(w.month), None)),
        // An agreement without a last day never ends.
        BasisWord::Close => (i == 0 && (case.agreed.is_none() || case.to.is_some())).then_some((Basis::Close, None)),
        BasisWord::Milestone => case.milestones.get(i).map(|m| (Basis::Milestone(m.id), Some(m.on))),
    };
    found
        .filter(|_| allowed.contains(&word))
        .ok_or_else(|| format!("basis {:?} {} is not one that its clause allows, or not in the case", line.basis, line.index))
}
