//! A made-up agreement, for the tests of packs: what scenario files cannot say, such as faults and laws over random histories.

use recoup_wit::describe::RulesDescription;
use recoup_wit::{NONE_DAY, NONE_INDEX};

use super::rate::Rate;
use super::wire::{
    Cases, Day, Entry, EntryKind, FalseReport, Milestone, Minor, Obligor, Pause, PauseKind, Problem, Receivable, Recovery, RoleSpan, Sanction, Scope, Share,
    Span, Subject, SupervisedUnit, Term, TermKind, Verdicts, WageMonth,
};
use super::{Pack, evaluate};

/// One agreement as the only case of a batch.
#[derive(Debug, Clone)]
pub struct Sample(Cases);

const fn span(count: usize) -> Span {
    Span { start: 0, count: count as u32 }
}

impl Sample {
    /// An agreement of a kind, without debts, holders and terms.
    #[must_use]
    pub fn agreement(kind: &str, (from, to): (Day, Option<Day>), as_of: Day) -> Self {
        let none = span(0);
        let subject = Subject {
            scope: Scope::Agreement,
            from,
            to: to.unwrap_or(NONE_DAY),
            receivables: none,
            stages: none,
            entries: none,
            roles: none,
            shares: none,
            wages: none,
            kind: 0,
            terms: none,
            milestones: none,
            false_reports: none,
            sanctions: none,
            supervised: none,
            obligors: none,
        };
        Self(Cases {
            as_of,
            currency: "CNY".into(),
            parameters: "{}".into(),
            symbols: vec![kind.into()],
            subjects: vec![subject],
            receivables: vec![],
            pauses: vec![],
            stages: vec![],
            entries: vec![],
            roles: vec![],
            shares: vec![],
            wages: vec![],
            terms: vec![],
            milestones: vec![],
            false_reports: vec![],
            sanctions: vec![],
            supervised: vec![],
            recoveries: vec![],
            applied: vec![],
            obligors: vec![],
        })
    }

    /// With these parameters, as JSON.
    #[must_use]
    pub fn under(mut self, parameters: &impl ToString) -> Self {
        self.0.parameters = parameters.to_string();
        self
    }

    /// With one more debt, which is booked on the day of its document.
    #[must_use]
    pub fn debt(mut self, document_day: Day, due: Option<Day>, gross: Minor) -> Self {
        let receivable = self.0.receivables.len() as u32;
        self.0.receivables.push(Receivable { document_day, due_day: due.unwrap_or(NONE_DAY), expected_day: NONE_DAY, gross, party: 0, pauses: span(0) });
        self.entry(Entry { receivable, day: document_day, amount: gross, kind: EntryKind::Gross, cites: NONE_INDEX })
    }

    /// The last debt is expected to be recovered by a day.
    #[must_use]
    pub fn expected(mut self, by: Day) -> Self {
        if let Some(last) = self.0.receivables.last_mut() {
            last.expected_day = by;
        }
        self
    }

    /// The clock of the last debt stands from a day to another one, or from it on; pauses stand in the order of their first days.
    #[must_use]
    pub fn paused(mut self, kind: PauseKind, from: Day, to: Option<Day>) -> Self {
        let start = self.0.pauses.len() as u32;
        if let Some(last) = self.0.receivables.last_mut() {
            self.0.pauses.push(Pause { kind, from, to: to.unwrap_or(NONE_DAY) });
            last.pauses = Span { start: if last.pauses.count == 0 { start } else { last.pauses.start }, count: last.pauses.count + 1 };
        }
        self
    }

    /// With money or goods on the first debt.
    #[must_use]
    pub fn receipt(self, day: Day, amount: Minor, kind: EntryKind) -> Self {
        self.entry(Entry { receivable: 0, day, amount: amount.saturating_neg(), kind, cites: NONE_INDEX })
    }

    /// With one more movement; movements stand in the order of their days.
    #[must_use]
    pub fn entry(mut self, entry: Entry) -> Self {
        self.0.entries.push(entry);
        self
    }

    /// With one more holder, in millionths.
    #[must_use]
    pub fn holder(mut self, weight: i64) -> Self {
        let person = self.0.shares.len() as u32;
        self.0.shares.push(Share { person, weight });
        self
    }

    fn symbol(&mut self, word: &str) -> u32 {
        let symbols = &mut self.0.symbols;
        let at = symbols.iter().position(|symbol| symbol == word).unwrap_or_else(|| {
            symbols.push(word.into());
            symbols.len() - 1
        });
        at as u32
    }

    fn term(mut self, name: &str, kind: TermKind, value: i64, scale: u8) -> Self {
        let name = self.symbol(name);
        self.0.terms.push(Term { name, kind, value, scale });
        self
    }

    /// With somebody whom it binds; the debtor is party 0.
    #[must_use]
    pub fn obligor(mut self, party: u32, role: &str) -> Self {
        let role = self.symbol(role);
        self.0.obligors.push(Obligor { party, role });
        self
    }

    /// With somebody who holds a role of it from a day on.
    #[must_use]
    pub fn role(mut self, person: u32, role: &str, from: Day) -> Self {
        let role = self.symbol(role);
        self.0.roles.push(RoleSpan { person, role, from, to: NONE_DAY });
        self
    }

    /// With a wage month of somebody.
    #[must_use]
    pub fn wage(mut self, person: u32, (year, month): (i32, u8), gross: Minor) -> Self {
        self.0.wages.push(WageMonth { person, year, month, gross });
        self
    }

    /// With an agreed amount.
    #[must_use]
    pub fn money(self, name: &str, amount: Minor) -> Self {
        self.term(name, TermKind::Money, amount, 0)
    }

    /// With an agreed decimal.
    #[must_use]
    pub fn decimal(self, name: &str, rate: Rate) -> Self {
        self.term(name, TermKind::Decimal, rate.mantissa, rate.scale)
    }

    /// With an agreed day.
    #[must_use]
    pub fn day(self, name: &str, day: Day) -> Self {
        self.term(name, TermKind::Day, day.into(), 0)
    }

    /// With an agreed word.
    #[must_use]
    pub fn word(mut self, name: &str, word: &str) -> Self {
        let value = self.symbol(word);
        self.term(name, TermKind::Word, value.into(), 0)
    }

    /// With something that happened to the agreement; milestones stand in the order of their days.
    #[must_use]
    pub fn milestone(mut self, kind: &str, day: Day, amount: Option<Minor>) -> Self {
        let kind = self.symbol(kind);
        self.0.milestones.push(Milestone { kind, day, amount, person: NONE_INDEX, receivable: NONE_INDEX, applied: span(0), received: 0 });
        self
    }

    /// The last milestone happened to the first debt.
    #[must_use]
    pub fn of_debt(mut self) -> Self {
        if let Some(last) = self.0.milestones.last_mut() {
            last.receivable = 0;
        }
        self
    }

    /// The last milestone happened to the receipt of these entries, by which so much came in.
    #[must_use]
    pub fn of_receipt(mut self, entries: &[u32], received: Minor) -> Self {
        let start = self.0.applied.len() as u32;
        self.0.applied.extend_from_slice(entries);
        if let Some(last) = self.0.milestones.last_mut() {
            (last.applied, last.received) = (Span { start, count: entries.len() as u32 }, received);
        }
        self
    }

    /// With results of the agreement that somebody reported falsely; findings stand in the order of their days.
    #[must_use]
    pub fn false_report(mut self, person: u32, day: Day, sanction: Option<&str>) -> Self {
        let sanction = sanction.map_or(NONE_INDEX, |word| self.symbol(word));
        let report = FalseReport { day, person, from: NONE_DAY, to: NONE_DAY, sanction, receivable: NONE_INDEX, applied: span(0) };
        self.0.false_reports.push(report);
        self
    }

    /// With a sanction on somebody from a day on.
    #[must_use]
    pub fn sanction(mut self, person: u32, kind: &str, from: Day, to: Option<Day>) -> Self {
        let kind = self.symbol(kind);
        self.0.sanctions.push(Sanction { person, kind, from, to: to.unwrap_or(NONE_DAY) });
        self
    }

    /// With a supervised unit, its part of the target, and what changed the amount recovered for it, in the order of days.
    #[must_use]
    pub fn supervised(mut self, unit: &str, target: Option<Minor>, recovered: &[(Day, Minor)]) -> Self {
        let unit = self.symbol(unit);
        let span = Span { start: self.0.recoveries.len() as u32, count: recovered.len() as u32 };
        self.0.recoveries.extend(recovered.iter().map(|&(day, amount)| Recovery { day, amount }));
        self.0.supervised.push(SupervisedUnit { unit, target, recovered: span });
        self
    }

    /// What a pack judges.
    ///
    /// # Errors
    /// The parameters are refused, or the sample breaks the contract.
    pub fn judge<P: Pack>(mut self) -> Result<Verdicts, Problem> {
        let cases = &mut self.0;
        let lengths = [cases.receivables.len(), cases.entries.len(), cases.shares.len(), cases.terms.len(), cases.milestones.len()].map(span);
        let conduct = [cases.false_reports.len(), cases.sanctions.len(), cases.supervised.len()].map(span);
        let people = [cases.obligors.len(), cases.roles.len(), cases.wages.len()].map(span);
        if let Some(subject) = cases.subjects.first_mut() {
            [subject.receivables, subject.entries, subject.shares, subject.terms, subject.milestones] = lengths;
            [subject.obligors, subject.roles, subject.wages] = people;
            [subject.false_reports, subject.sanctions, subject.supervised] = conduct;
        }
        evaluate::<P>(cases)
    }
}

/// Codes of messages that a verdict gives more or fewer arguments than both of their sentences take.
#[must_use]
pub fn misused(pack: &RulesDescription, verdicts: &Verdicts) -> Vec<String> {
    let said = verdicts.steps.iter().map(|step| (step.message, step.args.count));
    let found = verdicts.findings.iter().map(|finding| (finding.message, finding.args.count));
    let faults = verdicts.faults.iter().map(|fault| (fault.message, fault.args.count));
    let fits = |text: &str, count: u32| (0..count).all(|n| text.contains(&format!("{{{n}}}"))) && !text.contains(&format!("{{{count}}}"));
    let misused = said.chain(found).chain(faults).filter_map(|(number, count)| {
        let Some(message) = pack.messages.get(number as usize) else { return Some(format!("message {number}")) };
        (!fits(&message.en, count) || !fits(&message.zh, count)).then(|| message.code.clone())
    });
    misused.collect()
}
