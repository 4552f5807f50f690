//! Target trees as they are stated: the whole as an amount or as a part of all arrears, each part as an amount or as a part of what is above it.

use std::collections::HashSet;

use indexmap::IndexMap;
use recoup_model::Money;
use recoup_model::agreement::Percent;
use recoup_model::id::PersonId;
use recoup_model::record::{Ledger, Record};
use recoup_model::target::{Arrears, Part, Target, Tree, TreeFault, Whose};
use recoup_store::{AgingBasis, AgingGroup, EVERYTHING as NOW, Tx};
use rust_decimal::Decimal;

use super::{Names, PartFact, TargetFact, fault, unit};
use crate::EngineError;
use crate::report::add;

/// Records a target as it is stated.
pub(super) fn stated(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, code: &str, t: &TargetFact) -> Result<(), EngineError> {
    if t.to < t.from {
        return Err(fault("target.dates", format!("target {code} ends before it begins on {}", t.from), "correct its dates"));
    }
    let (amount, arrears) = match (&t.amount, &t.of_arrears) {
        (Some(text), None) => (money(ledger, text)?, None),
        (None, Some(part)) => {
            let (percent, amount) = (percent(code, &part.percent)?, past_due(tx, part.on)?);
            let whole = Money::new(amount, ledger.currency).split(&[percent.millionths(), Percent::WHOLE - percent.millionths()])?;
            (whole.first().map_or(0, |m| m.minor()), Some(Arrears { percent, on: part.on, amount }))
        }
        _ => return Err(fault("target.amount", format!("target {code} states no amount, or an amount and a part of arrears"), "state one of them")),
    };
    let known: HashSet<PersonId> = tx.persons(None, NOW)?.into_iter().map(|(p, _)| p.id).collect();
    let mut parts = vec![Part { whose: Whose::Ledger, of: None, amount }];
    let mut labels = vec![format!("target {code}")];
    let mut reading = Reading { tx, ledger, names, known, parts: &mut parts, labels: &mut labels };
    reading.decompose(0, &t.units, &t.people)?;
    let tree = Tree::try_from(parts).map_err(|why| refused(ledger, code, &labels, why))?;
    let target = Target { id: names.target(code), code: code.to_owned(), from: t.from, to: t.to, arrears, tree };
    if !tx.targets(Some(&[target.id]), NOW)?.contains(&target) {
        tx.append(&[Record::Target(target).into()])?;
    }
    Ok(())
}

struct Reading<'a, 'tx> {
    tx: &'a mut Tx<'tx>,
    ledger: &'a Ledger,
    names: Names<'a>,
    known: HashSet<PersonId>,
    parts: &'a mut Vec<Part>,
    labels: &'a mut Vec<String>,
}

impl Reading<'_, '_> {
    /// Adds the parts of a part, units first, and behind them what they are decomposed to.
    fn decompose(&mut self, of: u32, units: &IndexMap<String, PartFact>, people: &IndexMap<String, PartFact>) -> Result<(), EngineError> {
        let place = self.labels.get(of as usize).cloned().unwrap_or_default();
        let amounts = self.amounts(of, &place, units.values().chain(people.values()))?;
        let mut behind = Vec::new();
        for ((code, part), amount) in units.iter().zip(&amounts) {
            let label = format!("{place}, unit {code}");
            let unit = unit::of_code(self.tx, Some(code), &place)?;
            behind.push((self.add(unit.map_or(Whose::Ledger, Whose::Unit), of, *amount, label), part));
        }
        for ((code, part), amount) in people.iter().zip(amounts.iter().skip(units.len())) {
            let person = self.names.person(code);
            if !self.known.contains(&person) {
                return Err(fault("person.unknown", format!("{place} names {code}, who is not recorded"), "record the person first"));
            }
            let at = self.add(Whose::Person(person), of, *amount, format!("{place}, {code}"));
            behind.push((at, part));
        }
        behind.into_iter().try_for_each(|(at, part)| self.decompose(at, &part.units, &part.people))
    }

    fn add(&mut self, whose: Whose, of: u32, amount: i64, label: String) -> u32 {
        let at = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.parts.push(Part { whose, of: Some(of), amount });
        self.labels.push(label);
        at
    }

    /// What parts come to: all stated as amounts, or all as per cents that together are exactly 100.
    fn amounts<'f>(&self, of: u32, place: &str, parts: impl Iterator<Item = &'f PartFact>) -> Result<Vec<i64>, EngineError> {
        let (mut amounts, mut weights) = (Vec::new(), Vec::new());
        for part in parts {
            match (&part.amount, &part.percent) {
                (Some(text), None) => amounts.push(money(self.ledger, text)?),
                (None, Some(text)) => weights.push(percent(place, text)?.millionths()),
                _ => return Err(fault("target.amount", format!("a part of {place} states no amount, or an amount and a per cent"), "state one of them")),
            }
        }
        match (amounts.is_empty(), weights.is_empty()) {
            (_, true) => Ok(amounts),
            (true, false) if weights.iter().sum::<i64>() == Percent::WHOLE => {
                let whole = self.parts.get(of as usize).map_or(0, |part| part.amount);
                Ok(Money::new(whole, self.ledger.currency).split(&weights)?.into_iter().map(Money::minor).collect())
            }
            _ => Err(fault(
                "target.percent",
                format!("the parts of {place} are not 100 % together"),
                "state all of them in per cent that sum to exactly 100, or as amounts",
            )),
        }
    }
}

fn money(ledger: &Ledger, text: &str) -> Result<i64, EngineError> {
    Ok(Money::parse(text, ledger.currency)?.minor())
}

fn percent(place: &str, text: &str) -> Result<Percent, EngineError> {
    let wrong = |why: String| fault("target.percent", format!("`{text}` in {place}: {why}"), "write a per cent above zero, such as 33.34");
    let decimal = Decimal::from_str_exact(text).map_err(|_| wrong("it is no per cent".to_owned()))?;
    let percent = Percent::try_from(decimal).map_err(|why| wrong(why.to_string()))?;
    if percent.millionths() > Percent::WHOLE { Err(wrong("it is more than the whole".to_owned())) } else { Ok(percent) }
}

/// What is past due at the end of a day, as known now.
fn past_due(tx: &mut Tx<'_>, on: recoup_model::Date) -> Result<i64, EngineError> {
    let cells = tx.aging(on, NOW, AgingBasis::Due, &[on], AgingGroup::Debtor)?;
    cells.into_iter().filter(|cell| cell.bucket > 0).try_fold(0, |sum, cell| add(sum, cell.amount))
}

fn refused(ledger: &Ledger, code: &str, labels: &[String], why: TreeFault) -> EngineError {
    let label = |at: u32| labels.get(at as usize).cloned().unwrap_or_else(|| format!("target {code}"));
    let shown = |minor: i64| Money::new(minor, ledger.currency).to_string();
    match why {
        TreeFault::Sum { part, sum, amount } => {
            let what = format!("the parts of {} come to {}, not to {}", label(part), shown(sum), shown(amount));
            fault("target.sum", what, "correct the parts so that they sum to it exactly, or leave all of them out")
        }
        TreeFault::NotAboveZero(at) => fault("target.amount", format!("{}: {why}", label(at)), "a target is above zero: correct it, or leave the part out"),
        TreeFault::Twice(at) | TreeFault::Of(at) => fault("target.parts", format!("{}: {why}", label(at)), "name each unit once, and let people have no parts"),
        TreeFault::Whole => fault("target.parts", format!("target {code}: {why}"), "state its amount"),
    }
}
