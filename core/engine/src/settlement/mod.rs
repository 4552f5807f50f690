//! Settlement: what is to be paid and taken with the wages of a month, and what payroll confirms of it.
//!
//! The statement of a month is computed from what is posted as payable, what was settled before and the wages, inside
//! the wage guard ([`recoup_model::settlement`]). Nothing is settled until payroll says so: its return is recorded, account
//! by account, and never goes beyond the statement.

mod payroll;

pub use payroll::{PayrollReturn, confirm};

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Balance, Family};
use recoup_model::id::{AccountId, ContractId, LetterId, LineId, PersonId};
use recoup_model::settlement::{Account, MinimumWage, Pay, Purpose, Standing, TooLarge, Way, settle};
use recoup_model::{Date, Month};
use recoup_store::{LineFilter, View, Wage};

use crate::EngineError;
use crate::facts::fault;

/// What is owed on an account, and what of it is to be settled with a month's wage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which account.
    pub account: Account,
    /// Staff number.
    pub person: String,
    /// Number of the case's letter or contract.
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
    /// Why nothing is to be settled with this person.
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
        match self.account.purpose {
            Purpose::Withholding(_) => 0,
            _ => self.due - self.settled - self.cash() - self.set_off,
        }
    }
}

/// Why nothing is settled with a person.
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
    /// Accounts on which something is owed, by person and day.
    pub rows: Vec<Row>,
}

/// Why a person's items cannot be computed.
enum Stop {
    Hold(Hold),
    TooLarge(TooLarge),
}

impl From<TooLarge> for Stop {
    fn from(e: TooLarge) -> Self {
        Self::TooLarge(e)
    }
}

/// The statement of a month, for what was payable at the end of a day of it.
///
/// # Errors
/// The day is not of the month; the ledger was not evaluated as of it; a clause that no known policy has; the store.
pub fn statement(view: &mut View<'_>, month: Month, as_of: Date, known_at: i64) -> Result<Statement, EngineError> {
    if Month::of(as_of) != month {
        return Err(fault("settlement.day", format!("{as_of} is no day of {month}"), "take a day of the month whose wages settle, such as its last"));
    }
    let policies = view.policies(known_at)?;
    let families: BTreeMap<(String, String), Family> =
        policies.into_iter().flat_map(|(_, p)| p.families.into_iter().map(move |(clause, family)| ((p.pack.clone(), clause), family))).collect();
    evaluated(view, &families, as_of, known_at)?;

    let facts = Known::load(view, month, known_at)?;
    let mut by_person: BTreeMap<PersonId, Vec<Standing>> = BTreeMap::new();
    for standing in standings(view, &families, month, as_of, known_at)? {
        by_person.entry(standing.account.person).or_default().push(standing);
    }
    let mut rows = Vec::new();
    for (person, standings) in by_person {
        facts.settle(person, standings, &mut rows)?;
    }
    rows.sort_by(|a, b| (&a.person, a.since, &a.subject, &a.account).cmp(&(&b.person, b.since, &b.subject, &b.account)));
    Ok(Statement { month, as_of, rows })
}

/// Dues are only posted up to the day that was evaluated.
fn evaluated(view: &mut View<'_>, families: &BTreeMap<(String, String), Family>, as_of: Date, known_at: i64) -> Result<(), EngineError> {
    let last: HashMap<String, Date> = view.evaluations(known_at)?.into_iter().map(|(_, e)| (e.pack, e.as_of)).collect();
    let packs: HashSet<&String> = families.keys().map(|(pack, _)| pack).collect();
    match packs.into_iter().find(|pack| last.get(*pack).is_none_or(|day| *day < as_of)) {
        Some(pack) => Err(fault("settlement.not_evaluated", format!("{pack} was not evaluated as of {as_of}"), "evaluate as of that day first")),
        None => Ok(()),
    }
}

/// Every account with what is payable and what was settled.
fn standings(
    view: &mut View<'_>,
    families: &BTreeMap<(String, String), Family>,
    month: Month,
    as_of: Date,
    known_at: i64,
) -> Result<Vec<Standing>, EngineError> {
    let mut accounts: HashMap<LineId, Account> = HashMap::new();
    for line in view.lines(LineFilter::default(), known_at)? {
        let family = families.get(&(line.key.case.pack.clone(), line.key.clause.clone())).copied();
        let account = family.and_then(|family| Account::of(&line.key, family)).ok_or_else(|| {
            let what = format!("it is not known what kind of money clause {} of {} deals in", line.key.clause, line.key.case.pack);
            fault("settlement.clause", what, "evaluate with the pack's present version")
        })?;
        accounts.insert(line.id, account);
    }
    let mut all: HashMap<Account, Standing> = HashMap::new();
    let mut add = |account: Account, on: Date, due: i64, settled: i64| {
        let standing = all.entry(account).or_insert_with_key(|account| Standing { account: account.clone(), since: on, due: 0, settled: 0 });
        standing.since = standing.since.min(on);
        standing.due = standing.due.checked_add(due).ok_or_else(too_large)?;
        standing.settled = standing.settled.checked_add(settled).ok_or_else(too_large)?;
        Ok::<_, EngineError>(())
    };
    for (line, movement) in view.posted(LineFilter::default(), known_at)? {
        if let Some(account) = accounts.get(&line).filter(|_| movement.balance == Balance::Payable && movement.on <= as_of) {
            add(account.clone(), movement.on, movement.amount, 0)?;
        }
    }
    for s in view.settlements(month, known_at)? {
        add(s.account, s.on, 0, s.amount)?;
    }
    // What the guard kept of another month's withholding is owed no more.
    let is_owed = |s: &Standing| match s.account.purpose {
        Purpose::Withholding(of) if of != month => s.due > s.settled,
        _ => s.due != s.settled,
    };
    Ok(all.into_values().filter(is_owed).collect())
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
    set_aside: HashMap<CaseKey, String>,
    letters: HashMap<LetterId, String>,
    contracts: HashMap<ContractId, String>,
}

impl Known {
    fn load(view: &mut View<'_>, month: Month, known_at: i64) -> Result<Self, EngineError> {
        let wages = view.wages(None, known_at)?.into_iter().filter(|w| w.month == month);
        let mut taken: HashMap<PersonId, (i64, i64)> = HashMap::new();
        for s in view.settlements(month, known_at)?.into_iter().filter(|s| s.month == month && s.way == Way::Taken) {
            let (bounded, withheld) = taken.entry(s.account.person).or_default();
            let side = if matches!(s.account.purpose, Purpose::Withholding(_)) { withheld } else { bounded };
            *side = side.checked_sub(s.amount).ok_or_else(too_large)?;
        }
        let judged = view.cases_judged(None, known_at)?;
        Ok(Self {
            month,
            wages: wages.map(|w| (w.person, w)).collect(),
            minimum: view.minimum_wages(known_at)?,
            taken,
            codes: view.persons(None, known_at)?.into_iter().map(|(p, _)| (p.id, p.code)).collect(),
            set_aside: judged.into_iter().filter_map(|c| Some((c.case, c.fault?.code))).collect(),
            letters: view.letters(None, known_at)?.into_iter().map(|l| (l.id, l.code)).collect(),
            contracts: view.contracts(None, known_at)?.into_iter().map(|c| (c.id, c.code)).collect(),
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
        standings.iter().try_for_each(|s| s.due.checked_sub(s.settled).map(drop).ok_or_else(too_large))?;
        let aside = standings.iter().find_map(|s| self.set_aside.get(&s.account.case));
        let settled = match aside {
            Some(code) => Err(Stop::Hold(Hold::CaseSetAside(code.clone()))),
            None => settle(self.month, &standings, self.pay(person).map_err(Stop::Hold)),
        };
        let (items, hold) = match settled {
            Ok(items) => (items, None),
            Err(Stop::Hold(hold)) => (Vec::new(), Some(hold)),
            Err(Stop::TooLarge(_)) => return Err(too_large()),
        };
        let person = self.codes.get(&person).cloned().unwrap_or_default();
        for (number, Standing { account, since, due, settled }) in standings.into_iter().enumerate() {
            let of = |way: Way| items.iter().filter(|i| i.account == number && i.way == way).map(|i| i.amount).sum();
            rows.push(Row {
                person: person.clone(),
                subject: self.subject(&account.case),
                paid: of(Way::Paid),
                set_off: of(Way::SetOff),
                taken: of(Way::Taken),
                hold: hold.clone(),
                account,
                since,
                due,
                settled,
            });
        }
        Ok(())
    }

    fn subject(&self, case: &CaseKey) -> String {
        let code = match case.scope {
            Scope::Letter => self.letters.get(&LetterId(case.subject)),
            Scope::Contract => self.contracts.get(&ContractId(case.subject)),
        };
        code.cloned().unwrap_or_default()
    }
}
