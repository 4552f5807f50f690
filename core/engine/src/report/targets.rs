//! Targets against what was recovered (指标完成情况): each part of a target tree, and the cash that counts for it.
//!
//! Cash counts for a target when its application lies in the target's days; a reversal counts for the day of what it reverses, from its
//! own day on. It counts for the unit and the people of the newest letter that had begun by that day: whoever held a confirmed role for
//! the letter in equal parts, else its sharers by their weights. So people's parts sum to their unit's, but for what nobody answers for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use recoup_model::Money;
use recoup_model::agreement::Supervision;
use recoup_model::calendar::Date;
use recoup_model::case::CaseUnit;
use recoup_model::id::{EntryId, PersonId, TargetId, UnitId};
use recoup_model::party::Unit;
use recoup_model::receivable::{Entry, EntryKind, Means};
use recoup_model::record::Ledger;
use recoup_model::target::{Part, Target, Whose};
use recoup_store::{EntryFilter, View};
use rust_decimal::Decimal;

use super::recovery::rate;
use super::responsible::Answering;
use super::{add, due};
use crate::EngineError;

/// One part of a target; amounts are minor units of the ledger's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number of the target.
    pub target: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Code of the unit, staff number of the person; empty for the whole.
    pub whose: String,
    /// How deep it lies: the whole at 0.
    pub depth: usize,
    /// What is to be recovered.
    pub target_amount: i64,
    /// Cash recovered, reversals taken off.
    pub recovered: i64,
    /// What is left to recover; zero when the target is met.
    pub left: i64,
    /// Completion in per cent with two decimals, half away from zero.
    pub completion: Option<Decimal>,
}

impl Row {
    /// Whether the target is met. The exact amounts are compared, not the rounded rate.
    #[must_use]
    pub const fn is_met(&self) -> bool {
        self.recovered >= self.target_amount
    }
}

/// Every target that has begun by a day, part by part.
///
/// # Errors
/// The store, or a sum out of range.
pub fn targets(view: &mut View<'_>, ledger: &Ledger, as_of: Date, known_at: i64) -> Result<Vec<Row>, EngineError> {
    let mut all: Vec<Target> = view.targets(None, known_at)?;
    all.retain(|target| target.from <= as_of);
    all.sort_by(|a, b| (a.from, &a.code).cmp(&(b.from, &b.code)));
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let cash = Cash::of(view, as_of, known_at)?;
    let answering = Answering::of(view, known_at)?;
    let people = due::codes(view, known_at)?;
    let organisation = view.units(known_at)?;
    let units: HashMap<UnitId, String> = organisation.iter().map(|u| (u.id, u.code.clone())).collect();
    let mut rows = Vec::new();
    for target in &all {
        let sums = cash.by_whom(&answering, ledger, target)?;
        let parts = target.tree.parts();
        let mut depths: Vec<usize> = Vec::with_capacity(parts.len());
        for (at, part) in (0_u32..).zip(parts) {
            let depth = part.of.and_then(|of| depths.get(of as usize)).map_or(0, |above| above + 1);
            depths.push(depth);
            let recovered = recovered(&sums, target, (at, part), &organisation)?;
            let whose = match part.whose {
                Whose::Ledger => String::new(),
                Whose::Unit(unit) => units.get(&unit).cloned().unwrap_or_default(),
                Whose::Person(person) => people.get(&person).cloned().unwrap_or_default(),
            };
            let left = part.amount.saturating_sub(recovered).max(0);
            let completion = rate(recovered, part.amount);
            let (code, from, to) = (target.code.clone(), target.from, target.to);
            rows.push(Row { target: code, from, to, whose, depth, target_amount: part.amount, recovered, left, completion });
        }
    }
    Ok(rows)
}

/// What agreements that follow units are told of them, from one reading of the ledger.
pub(crate) struct Followed {
    cash: Cash,
    answering: Answering,
    organisation: Vec<Unit>,
    targets: HashMap<TargetId, Target>,
}

impl Followed {
    /// # Errors
    /// The store.
    pub(crate) fn of(view: &mut View<'_>, as_of: Date, known_at: i64) -> Result<Self, EngineError> {
        let targets = view.targets(None, known_at)?.into_iter().map(|target| (target.id, target)).collect();
        Ok(Self { cash: Cash::of(view, as_of, known_at)?, answering: Answering::of(view, known_at)?, organisation: view.units(known_at)?, targets })
    }

    /// Of each unit: its code, its part of the target, and what changed the amount recovered for it by rising day.
    ///
    /// # Errors
    /// A sum out of range.
    pub(crate) fn units(&self, supervision: &Supervision) -> Result<Vec<CaseUnit>, EngineError> {
        let Some(target) = self.targets.get(&supervision.target) else { return Ok(Vec::new()) };
        supervision.units.iter().map(|unit| self.unit(target, *unit)).collect()
    }

    fn unit(&self, target: &Target, id: UnitId) -> Result<CaseUnit, EngineError> {
        let unit = self.organisation.iter().find(|u| u.id == id).map(|u| u.code.clone()).unwrap_or_default();
        let Some((at, part)) = (0_u32..).zip(target.tree.parts()).find(|(_, part)| part.whose == Whose::Unit(id)) else {
            return Ok(CaseUnit { unit, target: None, recovered: Vec::new() });
        };
        let units = with_those_below(target, at, &self.organisation);
        let mut recovered: Vec<(Date, i64)> = Vec::new();
        for (entry, root) in self.cash.of_days(target) {
            let counts = entry.receivable.and_then(|claim| self.answering.accountable(claim, root.on).0).is_some_and(|unit| units.contains(&unit));
            if counts {
                recovered.push((entry.on, entry.ledger_amount.checked_neg().ok_or(recoup_model::MoneyError::Overflow)?));
            }
        }
        Ok(CaseUnit { unit, target: Some(part.amount), recovered })
    }
}

/// Sums by unit and person; none where nobody answers.
type Sums = BTreeMap<(Option<UnitId>, Option<PersonId>), i64>;

fn recovered(sums: &Sums, target: &Target, (at, part): (u32, &Part), organisation: &[Unit]) -> Result<i64, EngineError> {
    let units = with_those_below(target, at, organisation);
    let within = target.tree.unit_of(at);
    let counts = |unit: &Option<UnitId>, person: &Option<PersonId>| match part.whose {
        Whose::Ledger => true,
        Whose::Unit(_) => unit.is_some_and(|unit| units.contains(&unit)),
        Whose::Person(who) => *person == Some(who) && (within.is_none() || *unit == within),
    };
    sums.iter().filter(|((unit, person), _)| counts(unit, person)).try_fold(0, |sum, (_, amount)| add(sum, *amount))
}

/// The units of a part, and those below them in the organisation that have no part of their own.
fn with_those_below(target: &Target, at: u32, organisation: &[Unit]) -> BTreeSet<UnitId> {
    let own = target.tree.units_under(0);
    let mut units = target.tree.units_under(at);
    loop {
        let below = organisation.iter().filter(|u| u.parent.is_some_and(|above| units.contains(&above)) && !own.contains(&u.id));
        let more: Vec<UnitId> = below.map(|u| u.id).filter(|id| !units.contains(id)).collect();
        if more.is_empty() {
            return units;
        }
        units.extend(more);
    }
}

/// Cash that was applied, and what of it was taken back.
struct Cash {
    /// Entries with the application that each is of.
    applied: Vec<(Entry, Entry)>,
}

impl Cash {
    fn of(view: &mut View<'_>, as_of: Date, known_at: i64) -> Result<Self, EngineError> {
        let entries = view.entries(EntryFilter::default(), Some(as_of), known_at)?;
        let by_id: HashMap<EntryId, &Entry> = entries.iter().map(|e| (e.id, e)).collect();
        let root = |entry: &Entry| {
            let mut at = entry;
            // A reversal may be reversed in turn.
            while let Some(cited) = at.cites.and_then(|id| by_id.get(&id)) {
                at = cited;
            }
            at.clone()
        };
        let applied = entries.iter().filter(|e| matches!(e.kind, EntryKind::Applied | EntryKind::Reversed));
        let applied = applied.map(|e| (e.clone(), root(e))).filter(|(_, root)| root.means.unwrap_or(Means::Cash) == Means::Cash);
        Ok(Self { applied: applied.collect() })
    }

    /// What counts for a target, by rising day.
    fn of_days(&self, target: &Target) -> impl Iterator<Item = &(Entry, Entry)> {
        self.applied.iter().filter(|(_, root)| target.from <= root.on && root.on <= target.to)
    }

    fn by_whom(&self, answering: &Answering, ledger: &Ledger, target: &Target) -> Result<Sums, EngineError> {
        let mut sums = Sums::new();
        for (entry, root) in self.of_days(target) {
            let Some(receivable) = entry.receivable else { continue };
            let cash = entry.ledger_amount.checked_neg().ok_or(recoup_model::MoneyError::Overflow)?;
            let (unit, people) = answering.accountable(receivable, root.on);
            let weights: Vec<i64> = people.iter().map(|(_, weight)| *weight).collect();
            if weights.is_empty() {
                let sum = sums.entry((unit, None)).or_default();
                *sum = add(*sum, cash)?;
                continue;
            }
            // A reversal is split like what it reverses, mirrored, so that both cancel out person by person.
            for ((person, _), part) in people.iter().zip(Money::new(cash, ledger.currency).split(&weights)?) {
                let sum = sums.entry((unit, Some(*person))).or_default();
                *sum = add(*sum, part.minor())?;
            }
        }
        Ok(sums)
    }
}
