//! Settlement: what is to be paid and taken with the wages of a month, and what payroll confirms of it.
//!
//! The statement of a month is computed from what is posted as payable, what was settled before and the wages, inside
//! the wage guard ([`recoup_model::settlement`]). A payout run fixes it for payroll: prepared, published for its notice,
//! approved, exported. Nothing is settled until payroll says so: its return is recorded, account by account, and never goes
//! beyond the run.

mod hold;
mod payroll;
mod prepare;
mod reverse;
mod run;
mod standing;
mod whole;

pub use hold::Hold;
pub use payroll::{Confirmed, PayrollReturn, confirm};
pub use prepare::{Choice, Prepared, prepare, prepared_under};
pub use reverse::reverse;
pub(crate) use reverse::{reversible, taken_back};
pub use run::{Run, cancel, export, object, objection_under, one, publish, resolve, runs};
pub(crate) use run::{fresh, payable};
pub use whole::in_full;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use recoup_model::accountability::Letter;
use recoup_model::agreement::Agreement;
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::Family;
use recoup_model::id::{AccountId, LineId, PersonId};
use recoup_model::party::Contract;
use recoup_model::settlement::{Account, GuardMode, Standing};
use recoup_model::{Date, Month};
use recoup_store::{EVERYTHING as NOW, LineFilter, StoredLine, View};
use uuid::Uuid;

use self::standing::{Known, standings};
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
    /// What of it the wage guard would not have let through, where it only reports; zero or less.
    pub beyond_guard: i64,
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

    /// Whether all of it waits. What is set off needs no wage, so it waits for none.
    #[must_use]
    pub const fn waits(&self) -> bool {
        self.hold.is_some() && self.set_off == 0
    }

    /// Whether payroll is to pay or take something of it, or something is set off.
    #[must_use]
    pub const fn is_settled_now(&self) -> bool {
        self.cash() != 0 || self.set_off != 0
    }

    /// What stays owed after this month. Of a withheld wage nothing is carried.
    #[must_use]
    pub const fn left(&self) -> i64 {
        let left = self.due - self.settled - self.cash() - self.set_off;
        if left < 0 && self.account.purpose.withheld().is_some() { 0 } else { left }
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
    /// Whether the wage guard holds.
    pub guard: GuardMode,
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
    let Question { month, as_of, known_at } = question;
    if known_at == NOW {
        up_to_date(view)?;
    }
    if Month::of(as_of) != month {
        return Err(fault("settlement.day", format!("{as_of} is no day of {month}"), "take a day of the month whose wages settle, such as its last"));
    }
    let accounts = accounts(view, known_at)?;
    evaluated(view, &accounts, month, as_of, known_at)?;
    let facts = Known::load(view, &accounts, question)?;
    let mut by_person: BTreeMap<PersonId, Vec<Standing>> = BTreeMap::new();
    for standing in standings(view, &accounts, &facts, question)? {
        by_person.entry(standing.account.person).or_default().push(standing);
    }
    let mut rows = Vec::new();
    for (person, standings) in by_person {
        facts.settle(person, standings, &mut rows)?;
    }
    rows.sort_by(|a, b| (&a.person, a.since, &a.subject, &a.account).cmp(&(&b.person, b.since, &b.subject, &b.account)));
    Ok(Statement { month, as_of, known_at: known_at.min(view.head().position), guard: facts.guard, rows })
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

/// The account of every line of a person. What is claimed from a party is settled with nobody's wages.
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
    view.lines(LineFilter::default(), known_at)?.into_iter().filter(|line| line.key.to.person().is_some()).map(of).collect()
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
