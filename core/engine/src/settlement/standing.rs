//! What is owed on each account, and what the wage guard is told besides.

use std::collections::{BTreeMap, HashMap};

use recoup_model::Date;
use recoup_model::Month;
use recoup_model::due::Balance;
use recoup_model::id::{LineId, PersonId};
use recoup_model::settlement::{Account, GuardMode, Item, MinimumWage, Pay, Settled, Standing, TooLarge, WageGuard, Way, settle};
use recoup_store::{LineFilter, View, Wage};

use super::hold::{Hold, held};
use super::{Question, Row, Subjects};
use crate::EngineError;
use crate::facts::fault;

/// What an account has been.
#[derive(Default)]
struct Sums {
    since: Option<Date>,
    /// Payable at the end of the day that is asked for, and of the last day evaluated.
    due: i64,
    due_last: i64,
    settled: i64,
}

impl Sums {
    fn add(sum: &mut i64, amount: i64) -> Result<(), EngineError> {
        *sum = sum.checked_add(amount).ok_or_else(too_large)?;
        Ok(())
    }

    /// What was payable and still is, beyond what was settled: of an amount that bounced since, nothing is paid, and of a
    /// fine that was refunded since, nothing is taken.
    fn still_due(&self) -> Result<i64, EngineError> {
        let owed = |due: i64| due.checked_sub(self.settled).ok_or_else(too_large);
        let (then, now) = (owed(self.due)?, owed(self.due_last)?);
        let owed = match then.signum() {
            side if side != now.signum() => 0,
            1 => then.min(now),
            _ => then.max(now),
        };
        Ok(self.settled + owed)
    }
}

/// Every account on which something is owed.
pub(super) fn standings(view: &mut View<'_>, accounts: &HashMap<LineId, Account>, facts: &Known, question: Question) -> Result<Vec<Standing>, EngineError> {
    let Question { month, as_of, known_at } = question;
    let mut all: HashMap<Account, Sums> = HashMap::new();
    for (line, movement) in view.posted(LineFilter::default(), known_at)? {
        let Some(account) = accounts.get(&line).filter(|_| movement.balance == Balance::Payable) else { continue };
        let sums = all.entry(account.clone()).or_default();
        Sums::add(&mut sums.due_last, movement.amount)?;
        if movement.on <= as_of {
            sums.since = Some(sums.since.map_or(movement.on, |since| since.min(movement.on)));
            Sums::add(&mut sums.due, movement.amount)?;
        }
    }
    for s in view.settlements(month, known_at)? {
        let sums = all.entry(s.account).or_default();
        sums.since = sums.since.or(Some(s.on));
        Sums::add(&mut sums.settled, s.amount)?;
    }
    let mut standings = Vec::new();
    for (account, sums) in all {
        let due = sums.still_due()?;
        if let Some(since) = sums.since.filter(|_| due != sums.settled) {
            standings.push(Standing { subject: facts.subjects.code(&account.case), account, since, due, settled: sums.settled });
        }
    }
    Ok(standings)
}

pub(super) fn too_large() -> EngineError {
    fault("settlement.too_large", TooLarge.to_string(), "no amount of the books is that high")
}

/// What the guard is told besides the dues.
pub(super) struct Known {
    month: Month,
    wages: HashMap<PersonId, Wage>,
    minimum: Vec<MinimumWage>,
    /// Taken from the month's wage already: fines and clawbacks, and what was withheld.
    taken: HashMap<PersonId, (i64, i64)>,
    codes: HashMap<PersonId, String>,
    /// With whom nothing is settled, and why.
    held: BTreeMap<PersonId, Hold>,
    /// Whether the wage guard holds on the month's last day.
    pub(super) guard: GuardMode,
    subjects: Subjects,
}

impl Known {
    pub(super) fn load(view: &mut View<'_>, accounts: &HashMap<LineId, Account>, question: Question) -> Result<Self, EngineError> {
        let Question { month, known_at, .. } = question;
        let wages = view.wages(None, known_at)?.into_iter().filter(|w| w.month == month);
        let mut taken: HashMap<PersonId, (i64, i64)> = HashMap::new();
        for s in view.settlements(month, known_at)?.into_iter().filter(|s| s.month == month && s.way == Way::Taken) {
            let (bounded, withheld) = taken.entry(s.account.person).or_default();
            let side = if s.account.purpose.withheld().is_some() { withheld } else { bounded };
            *side = side.checked_sub(s.amount).ok_or_else(too_large)?;
        }
        let letters = view.letters(None, known_at)?;
        let agreements = view.agreements(None, known_at)?;
        Ok(Self {
            month,
            wages: wages.map(|w| (w.person, w)).collect(),
            minimum: view.minimum_wages(known_at)?,
            taken,
            codes: view.persons(None, known_at)?.into_iter().map(|(p, _)| (p.id, p.code)).collect(),
            held: held(view, accounts, (&letters, &agreements), known_at)?,
            guard: WageGuard::in_force(view.wage_guards(known_at)?, month.last_day()),
            subjects: Subjects::of(&letters, &agreements, view.contracts(None, known_at)?),
        })
    }

    /// The wage that is taken from, or what of it is not known. Missing is never zero.
    fn pay(&self, person: PersonId) -> Result<Pay, Hold> {
        let wage = self.wages.get(&person).ok_or(Hold::WageUnknown(self.month))?;
        let place = wage.place.as_ref().ok_or(Hold::PlaceUnknown(self.month))?;
        let in_force = self.minimum.iter().filter(|m| m.place == *place && m.from <= self.month.last_day()).max_by_key(|m| m.from);
        let minimum = in_force.ok_or_else(|| Hold::MinimumUnknown(place.clone(), self.month))?.amount;
        let (bounded_taken, withheld) = self.taken.get(&person).copied().unwrap_or_default();
        Ok(Pay { gross: wage.gross, deductions: wage.deductions.unwrap_or(0), minimum, bounded_taken, withheld, guard: self.guard })
    }

    /// Adds a person's rows.
    pub(super) fn settle(&self, person: PersonId, standings: Vec<Standing>, rows: &mut Vec<Row>) -> Result<(), EngineError> {
        let held = self.held.get(&person).cloned();
        let Settled { items, unknown } = match &held {
            Some(_) => Settled { items: Vec::new(), unknown: None },
            None => settle(self.month, &standings, self.pay(person)).map_err(|TooLarge| too_large())?,
        };
        // What would have been taken, had the guard been enforced.
        let guarded = match (self.guard, &held) {
            (GuardMode::ReportOnly, None) => {
                let pay = self.pay(person).map(|pay| Pay { guard: GuardMode::Enforce, ..pay });
                settle(self.month, &standings, pay).map_err(|TooLarge| too_large())?.items
            }
            _ => items.clone(),
        };
        let code = self.codes.get(&person).cloned().unwrap_or_default();
        for (number, Standing { account, subject, since, due, settled }) in standings.into_iter().enumerate() {
            let sum = |items: &[Item], way: Way| items.iter().filter(|i| i.account == number && i.way == way).map(|i| i.amount).sum();
            let (paid, set_off, taken): (i64, i64, i64) = (sum(&items, Way::Paid), sum(&items, Way::SetOff), sum(&items, Way::Taken));
            let within: i64 = sum(&guarded, Way::Taken);
            let other_month = account.purpose.withheld().is_some_and(|of| of != self.month);
            // What is to be taken waits for the wage; what is to be paid does not.
            let waits = unknown.clone().filter(|_| due < settled && !other_month);
            let (beyond_guard, hold) = (taken - within.max(taken), held.clone().or(waits));
            let row = Row { account, person: code.clone(), subject, since, due, settled, paid, set_off, taken, beyond_guard, hold };
            // What the guard kept of another month's withholding is owed no more.
            if row.cash() != 0 || !other_month || (row.hold.is_some() && due > settled) {
                rows.push(row);
            }
        }
        Ok(())
    }
}
