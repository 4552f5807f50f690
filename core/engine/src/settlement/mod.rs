//! Settlement: what is to be paid and taken with the wages of a month, and what payroll confirms of it.
//!
//! The statement of a month is computed from what is posted as payable, what was settled before and the wages, inside
//! the wage guard ([`recoup_model::settlement`]). Nothing is settled until payroll says so: its return is recorded, account
//! by account, and never goes beyond the statement.

mod payroll;

pub use payroll::{Confirmed, PayrollReturn, confirm};

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Write as _};

use recoup_model::accountability::Letter;
use recoup_model::agreement::Agreement;
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Balance, Family};
use recoup_model::id::{AccountId, LineId, PersonId};
use recoup_model::party::Contract;
use recoup_model::settlement::{Account, MinimumWage, Pay, Settled, Standing, TooLarge, Way, settle};
use recoup_model::{Date, Month};
use recoup_store::{EVERYTHING as NOW, LineFilter, StoredLine, View, Wage};
use uuid::Uuid;

use crate::EngineError;
use crate::facts::fault;

/// What is owed on an account, and what of it is to be settled with a month's wage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which account.
    pub account: Account,
    /// Staff number.
    pub person: String,
    /// Number of the case's letter, contract or agreement.
    pub subject: String,
    /// Since when something was payable.
    pub since: Date,
    /// Payable, net; amounts are minor units of the ledger's currency, above zero to the person.
    pub due: i64,
    /// Settled before, net.
    pub settled: i64,
    /// To be paid out.
    pub paid: i64,
    /// To be set off against the person's other accounts.
    pub set_off: i64,
    /// To be taken from the wage; zero or less.
    pub taken: i64,
    /// Why nothing is to be settled here.
    pub hold: Option<Hold>,
}

impl Row {
    /// The item's reference in payroll files: that of its account.
    #[must_use]
    pub fn item(&self) -> AccountId {
        self.account.id()
    }

    /// What payroll is to pay (+) or take (−).
    #[must_use]
    pub const fn cash(&self) -> i64 {
        self.paid + self.taken
    }

    /// What stays owed after this month. Of a withheld wage nothing is carried.
    #[must_use]
    pub const fn left(&self) -> i64 {
        let left = self.due - self.settled - self.cash() - self.set_off;
        if left < 0 && self.account.purpose.withheld().is_some() { 0 } else { left }
    }
}

/// Why nothing is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// A case of theirs could not be judged; the code says why.
    CaseSetAside(String),
    /// Something is to be taken from a wage that is not known.
    WageUnknown(Month),
    /// Nor is it known whose minimum wage guards it.
    PlaceUnknown(Month),
    /// Nor how high that minimum is.
    MinimumUnknown(String, Month),
}

impl Hold {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CaseSetAside(_) => "settlement.case_set_aside",
            Self::WageUnknown(_) => "settlement.wage_unknown",
            Self::PlaceUnknown(_) => "settlement.place_unknown",
            Self::MinimumUnknown(..) => "settlement.minimum_wage_unknown",
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CaseSetAside(code) => write!(f, "a case of theirs is set aside ({code}): mend what it lacks and evaluate again"),
            Self::WageUnknown(month) => write!(f, "the wage of {month} is not known: record it"),
            Self::PlaceUnknown(month) => write!(f, "no place is stated for the wage of {month}: record it with the `place` whose minimum wage holds"),
            Self::MinimumUnknown(place, month) => write!(f, "no minimum wage of {place} is in force on the last day of {month}: record it"),
        }
    }
}

/// What is to be settled with the wages of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The month.
    pub month: Month,
    /// What was payable at the end of this day counts.
    pub as_of: Date,
    /// As known at this position.
    pub known_at: i64,
    /// Accounts on which something is owed, by person and day.
    pub rows: Vec<Row>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The month whose wages settle.
    pub month: Month,
    /// The day of it at whose end what was payable counts.
    pub as_of: Date,
    /// As known at this position, or now.
    pub known_at: i64,
}

/// The statement of a month, for what was payable at the end of a day of it and, where the ledger was evaluated later,
/// still is.
///
/// # Errors
/// The day is not of the month; the ledger was not evaluated as of it, or changed since; a clause that no known policy
/// has; the store.
pub fn statement(view: &mut View<'_>, question: Question) -> Result<Statement, EngineError> {
    if question.known_at == NOW {
        up_to_date(view)?;
    }
    with_settled_by(view, question, question.known_at)
}

/// The statement with dues and wages as known at one position, and what was settled as known at another.
fn with_settled_by(view: &mut View<'_>, question: Question, settled_at: i64) -> Result<Statement, EngineError> {
    let Question { month, as_of, known_at } = question;
    if Month::of(as_of) != month {
        return Err(fault("settlement.day", format!("{as_of} is no day of {month}"), "take a day of the month whose wages settle, such as its last"));
    }
    let accounts = accounts(view, known_at)?;
    evaluated(view, &accounts, month, as_of, known_at)?;
    let facts = Known::load(view, &accounts, question, settled_at)?;
    let mut by_person: BTreeMap<PersonId, Vec<Standing>> = BTreeMap::new();
    for standing in standings(view, &accounts, &facts, question, settled_at)? {
        by_person.entry(standing.account.person).or_default().push(standing);
    }
    let mut rows = Vec::new();
    for (person, standings) in by_person {
        facts.settle(person, standings, &mut rows)?;
    }
    rows.sort_by(|a, b| (&a.person, a.since, &a.subject, &a.account).cmp(&(&b.person, b.since, &b.subject, &b.account)));
    Ok(Statement { month, as_of, known_at: known_at.min(view.head().position), rows })
}

/// What was recorded after the last evaluation may change what is due.
fn up_to_date(view: &mut View<'_>) -> Result<(), EngineError> {
    let packs: BTreeSet<String> = view.policies(NOW)?.into_iter().map(|(_, p)| p.pack).collect();
    for pack in packs {
        let Some((last, _)) = view.last_evaluated(&pack)? else { continue };
        if !view.touched(last.known_at, Some(last.as_of), last.as_of)?.is_empty() {
            let mend = format!("evaluate it as of {} or later (`--pack {pack}`), and make the statement again", last.as_of);
            return Err(fault("settlement.stale", format!("the ledger changed since {pack} was last evaluated"), mend));
        }
    }
    Ok(())
}

/// The account of every line.
pub(crate) fn accounts(view: &mut View<'_>, known_at: i64) -> Result<HashMap<LineId, Account>, EngineError> {
    let policies = view.policies(known_at)?;
    let families: HashMap<(String, String), Family> =
        policies.into_iter().flat_map(|(_, p)| p.families.into_iter().map(move |(clause, family)| ((p.pack.clone(), clause), family))).collect();
    let of = |line: StoredLine| {
        let family = families.get(&(line.key.case.pack.clone(), line.key.clause.clone())).copied();
        let account = family.and_then(|family| Account::of(&line.key, family)).ok_or_else(|| {
            let what = format!("it is not known what kind of money clause {} of {} deals in", line.key.clause, line.key.case.pack);
            fault("settlement.clause", what, "evaluate with the pack's present version")
        })?;
        Ok((line.id, account))
    };
    view.lines(LineFilter::default(), known_at)?.into_iter().map(of).collect()
}

/// Dues are only posted up to the day that was evaluated.
fn evaluated(view: &mut View<'_>, accounts: &HashMap<LineId, Account>, month: Month, as_of: Date, known_at: i64) -> Result<(), EngineError> {
    let last: HashMap<String, Date> = view.evaluations(known_at)?.into_iter().map(|(_, e)| (e.pack, e.as_of)).collect();
    let packs: BTreeSet<&String> = accounts.values().map(|a| &a.case.pack).collect();
    for pack in packs {
        let day = last.get(pack).copied().filter(|day| *day < as_of);
        if let Some(day) = day {
            let mut mend = format!("evaluate as of that day first (`--pack {pack}`)");
            if Month::of(day) == month {
                let _ = write!(mend, ", or take what was payable on {day} (`--as-of {day}`)");
            }
            return Err(fault("settlement.not_evaluated", format!("{pack} was evaluated as of {day}, and not as of {as_of}"), mend));
        }
    }
    Ok(())
}

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
fn standings(
    view: &mut View<'_>,
    accounts: &HashMap<LineId, Account>,
    facts: &Known,
    question: Question,
    settled_at: i64,
) -> Result<Vec<Standing>, EngineError> {
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
    for s in view.settlements(month, settled_at)? {
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

fn too_large() -> EngineError {
    fault("settlement.too_large", TooLarge.to_string(), "no amount of the books is that high")
}

/// What the guard is told besides the dues.
struct Known {
    month: Month,
    wages: HashMap<PersonId, Wage>,
    minimum: Vec<MinimumWage>,
    /// Taken from the month's wage already: fines and clawbacks, and what was withheld.
    taken: HashMap<PersonId, (i64, i64)>,
    codes: HashMap<PersonId, String>,
    /// Whose case is set aside, and why.
    set_aside: BTreeMap<PersonId, String>,
    subjects: Subjects,
}

impl Known {
    fn load(view: &mut View<'_>, accounts: &HashMap<LineId, Account>, question: Question, settled_at: i64) -> Result<Self, EngineError> {
        let Question { month, known_at, .. } = question;
        let wages = view.wages(None, known_at)?.into_iter().filter(|w| w.month == month);
        let mut taken: HashMap<PersonId, (i64, i64)> = HashMap::new();
        for s in view.settlements(month, settled_at)?.into_iter().filter(|s| s.month == month && s.way == Way::Taken) {
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
            set_aside: set_aside(view, accounts, (&letters, &agreements), known_at)?,
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
        Ok(Pay { gross: wage.gross, deductions: wage.deductions.unwrap_or(0), minimum, bounded_taken, withheld })
    }

    /// Adds a person's rows.
    fn settle(&self, person: PersonId, standings: Vec<Standing>, rows: &mut Vec<Row>) -> Result<(), EngineError> {
        let aside = self.set_aside.get(&person).map(|code| Hold::CaseSetAside(code.clone()));
        let Settled { items, unknown } = match &aside {
            Some(_) => Settled { items: Vec::new(), unknown: None },
            None => settle(self.month, &standings, self.pay(person)).map_err(|TooLarge| too_large())?,
        };
        let code = self.codes.get(&person).cloned().unwrap_or_default();
        for (number, Standing { account, subject, since, due, settled }) in standings.into_iter().enumerate() {
            let of = |way: Way| items.iter().filter(|i| i.account == number && i.way == way).map(|i| i.amount).sum();
            let (paid, set_off, taken): (i64, i64, i64) = (of(Way::Paid), of(Way::SetOff), of(Way::Taken));
            let other_month = account.purpose.withheld().is_some_and(|of| of != self.month);
            // What is to be taken waits for the wage; what is to be paid does not.
            let waits = unknown.clone().filter(|_| due < settled && !other_month);
            let row = Row { account, person: code.clone(), subject, since, due, settled, paid, set_off, taken, hold: aside.clone().or(waits) };
            // What the guard kept of another month's withholding is owed no more.
            if row.cash() != 0 || !other_month || (row.hold.is_some() && due > settled) {
                rows.push(row);
            }
        }
        Ok(())
    }
}

/// What the subjects of cases are called.
pub(crate) struct Subjects(HashMap<(Scope, Uuid), String>);

impl Subjects {
    pub(crate) fn of(letters: &[Letter], agreements: &[Agreement], contracts: Vec<Contract>) -> Self {
        let letters = letters.iter().map(|l| ((Scope::Letter, l.id.0), l.code.clone()));
        let agreements = agreements.iter().map(|a| ((Scope::Agreement, a.id.0), a.code.clone()));
        let contracts = contracts.into_iter().map(|c| ((Scope::Contract, c.id.0), c.code));
        Self(letters.chain(agreements).chain(contracts).collect())
    }

    /// Number of a case's letter or agreement, or code of its contract.
    pub(crate) fn code(&self, case: &CaseKey) -> String {
        self.0.get(&(case.scope, case.subject)).cloned().unwrap_or_default()
    }
}

/// Everybody whom a case concerns that could not be judged: who has a line of it, a share or a role.
fn set_aside(
    view: &mut View<'_>,
    accounts: &HashMap<LineId, Account>,
    (letters, agreements): (&[Letter], &[Agreement]),
    known_at: i64,
) -> Result<BTreeMap<PersonId, String>, EngineError> {
    let judged = view.cases_judged(None, known_at)?;
    let cases: BTreeMap<CaseKey, String> = judged.into_iter().filter_map(|c| Some((c.case, c.fault?.code))).collect();
    let subjects: BTreeMap<Uuid, &String> = cases.iter().map(|(case, code)| (case.subject, code)).collect();
    let mut all = BTreeMap::new();
    for account in accounts.values() {
        if let Some(code) = cases.get(&account.case) {
            all.insert(account.person, code.clone());
        }
    }
    for letter in letters {
        if let Some(code) = subjects.get(&letter.id.0) {
            all.extend(letter.shares.iter().map(|share| (share.person, (*code).clone())));
        }
    }
    for agreement in agreements {
        if let Some(code) = subjects.get(&agreement.id.0) {
            all.extend(agreement.holders.iter().map(|holder| (holder.person, (*code).clone())));
        }
    }
    for role in view.roles(known_at)? {
        if let Some(code) = subjects.get(&role.scope.parts().1) {
            all.insert(role.person, (*code).clone());
        }
    }
    Ok(all)
}
