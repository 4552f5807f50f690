//! Settlement (结付): what of the dues is paid to somebody, or taken from them, with the wage of a month.
//!
//! What is due and what was settled are added up by *account*: the bonuses of a case, a fine with its refunds, a withheld
//! wage month with what was released of it. Their difference is owed, one way or the other. The wage guard (工资保护, WG)
//! bounds what may be taken; what it does not let through stays owed, except of a wage that is withheld, which is never
//! carried to another month.

use std::cmp::{Ordering, Reverse};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::calendar::{Date, Month};
use crate::case::CaseKey;
use crate::due::{Basis, Family, LineKey};
use crate::id::{AccountId, PayoutId, PersonId, ProposalId};

/// Fines and clawbacks of a month take at most one part in so many of its gross wage: 20 %.
const BOUNDED_PART: i64 = 5;

/// What is settled together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// What was earned, less what was reversed of it.
    Bonus,
    /// A fine, less what is refunded of it: lines of one case, person and part. So a refund has the part of its fine.
    Fine(u32),
    /// The withheld wage of a month, less what is released of it.
    Withholding(Month),
    /// Expenses that are paid back.
    Expenses,
}

impl Purpose {
    /// The word used in reports, scenarios and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bonus => "bonus",
            Self::Fine(_) => "fine",
            Self::Withholding(_) => "withholding",
            Self::Expenses => "expenses",
        }
    }

    /// The month whose wage is withheld.
    #[must_use]
    pub const fn withheld(self) -> Option<Month> {
        match self {
            Self::Withholding(month) => Some(month),
            _ => None,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Withholding(month) => write!(f, "{} of {month}", self.word()),
            _ => f.pad(self.word()),
        }
    }
}

/// Dues of one person, case and purpose.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Account {
    /// To or from whom.
    pub person: PersonId,
    /// The case.
    pub case: CaseKey,
    /// What for.
    pub purpose: Purpose,
}

impl Account {
    /// The account of a line of a clause of that family; none of what is claimed from a party, which is settled with no wages, nor
    /// where wages are withheld that are of no month.
    #[must_use]
    pub fn of(line: &LineKey, family: Family) -> Option<Self> {
        let purpose = match (family, line.basis) {
            (Family::Commission, _) => Purpose::Bonus,
            (Family::Penalty | Family::Refund, _) => Purpose::Fine(line.part),
            (Family::Withholding, Basis::WageMonth(month)) => Purpose::Withholding(month),
            (Family::Reimbursement, _) => Purpose::Expenses,
            (Family::Withholding, _) | (Family::Claim, _) => return None,
        };
        Some(Self { person: line.to.person()?, case: line.case.clone(), purpose })
    }

    /// The account's id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        let number = match self.purpose {
            Purpose::Bonus | Purpose::Expenses => 0,
            Purpose::Fine(part) => i64::from(part),
            Purpose::Withholding(month) => i64::from(month.number()),
        };
        AccountId::from_parts(&[
            self.case.pack.as_bytes(),
            self.case.scope.word().as_bytes(),
            self.case.subject.as_bytes(),
            self.person.0.as_bytes(),
            self.purpose.word().as_bytes(),
            &number.to_be_bytes(),
        ])
    }
}

/// How an amount is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Paid out.
    Paid,
    /// A clawback against a bonus of the same person: the amounts of all such add up to nothing.
    SetOff,
    /// Taken from the wage.
    Taken,
}

impl Way {
    /// The word used in reports and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::SetOff => "set-off",
            Self::Taken => "taken",
        }
    }
}

/// An account as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub account: Account,
    /// Number of the case's letter, contract or agreement.
    pub subject: String,
    /// The first day on which something was payable: older fines are taken first.
    pub since: Date,
    /// Payable, net: above zero to the person.
    pub due: i64,
    /// Settled so far, net: above zero was paid, below zero was taken.
    pub settled: i64,
}

/// The wage that a month's settlement takes from, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pay {
    /// Gross, as recorded.
    pub gross: i64,
    /// Statutory deductions: they come first.
    pub deductions: i64,
    /// The local minimum wage, which no taking goes below.
    pub minimum: i64,
    /// Fines and clawbacks taken from this month's wage already.
    pub bounded_taken: i64,
    /// Withheld of this month's wage already.
    pub withheld: i64,
    /// Whether the guard holds.
    pub guard: GuardMode,
}

/// Whether the wage guard holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardMode {
    /// It bounds what is taken.
    #[default]
    Enforce,
    /// It says what it would not have let through; what is taken is bounded by the wage alone.
    ReportOnly,
}

impl GuardMode {
    /// The word used in reports and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::ReportOnly => "report-only",
        }
    }
}

/// The wage guard holds, or no longer, from a day on until another record says otherwise. It takes two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WageGuard {
    /// First day.
    pub from: Date,
    /// How.
    pub mode: GuardMode,
    /// The request that was approved.
    pub request: ProposalId,
}

impl WageGuard {
    /// How the guard stands on a day: enforced, where nothing else was approved.
    #[must_use]
    pub fn in_force(all: impl IntoIterator<Item = Self>, on: Date) -> GuardMode {
        all.into_iter().filter(|guard| guard.from <= on).max_by_key(|guard| guard.from).map_or(GuardMode::Enforce, |guard| guard.mode)
    }
}

/// An amount to settle, or settled: above zero to the person, below zero from them; a set-off either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Index of the account among those that were given.
    pub account: usize,
    /// How.
    pub way: Way,
    /// Minor units of the ledger's currency.
    pub amount: i64,
}

/// A part of an account was settled with the wage of a month, as payroll confirms. The amount is in the personal part:
/// what the wage guard lets through tells the wage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Which account.
    pub account: Account,
    /// With the wage of which month.
    pub month: Month,
    /// On which day.
    pub on: Date,
    /// How.
    pub way: Way,
    /// Minor units of the ledger's currency, signed as in [`Item`]; against the sign of its way where it takes one back.
    pub amount: i64,
    /// Of which payout run; of none in logs that began before there were runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<PayoutId>,
}

/// The local minimum wage of a place from a day on; a later record of the same place and day replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinimumWage {
    /// Name of the place.
    pub place: String,
    /// First day.
    pub from: Date,
    /// A month's wage in minor units of the ledger's currency.
    pub amount: i64,
}

/// An amount beyond 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount to settle does not fit into 64 bits: check the dues and what was settled")]
pub struct TooLarge;

/// What is to be settled with one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled<E> {
    /// The amounts, none of them zero.
    pub items: Vec<Item>,
    /// What kept the pay from being known, where something was to be taken from it: nothing is.
    pub unknown: Option<E>,
}

/// What is to be settled with one person's wage of a month.
///
/// Money owed to the person is paid at once, but clawbacks are set off against bonuses first. Then fines, the older first,
/// and what is left of clawbacks take at most 20 % of the gross wage, and a withholding of this month takes of the rest; all
/// of them leave the minimum wage. Whatever number of cases withholds a month, its wage is one: it comes back when none of
/// them keeps it. Where the guard only reports, what is taken is bounded by the wage after statutory deductions alone.
///
/// # Errors
/// [`TooLarge`].
pub fn settle<E>(month: Month, standings: &[Standing], pay: Result<Pay, E>) -> Result<Settled<E>, TooLarge> {
    let mut order: Vec<(usize, &Standing)> = standings.iter().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| rank(a, b));
    let open = |(number, s): (usize, &Standing)| Ok((number, s.account.purpose, s.due.checked_sub(s.settled).ok_or(TooLarge)?));
    let mut owed = order.into_iter().map(open).collect::<Result<Vec<(usize, Purpose, i64)>, TooLarge>>()?;
    one_wage_a_month(standings, &mut owed)?;

    let mut items = set_off(&mut owed)?;
    for (account, _, open) in owed.iter_mut().filter(|(.., open)| *open > 0) {
        items.push(Item { account: *account, way: Way::Paid, amount: std::mem::take(open) });
    }
    // What may be taken, in the order in which it is.
    let turn = |purpose: Purpose| match purpose {
        Purpose::Fine(_) => Some(0),
        Purpose::Bonus | Purpose::Expenses => Some(1),
        Purpose::Withholding(of) => (of == month).then_some(2),
    };
    let mut to_take: Vec<(usize, Purpose, i64)> = owed.into_iter().filter(|(_, purpose, open)| *open < 0 && turn(*purpose).is_some()).collect();
    to_take.sort_by_key(|(_, purpose, _)| turn(*purpose));
    let unknown = match pay {
        Ok(pay) => {
            take(&pay, &to_take, &mut items)?;
            None
        }
        Err(why) => Some(why).filter(|_| !to_take.is_empty()),
    };
    items.retain(|item| item.amount != 0);
    Ok(Settled { items, unknown })
}

/// Older accounts first; those of one day by their amounts, and by the number of their case where these are equal too.
fn rank(a: &Standing, b: &Standing) -> Ordering {
    let key = |s: &Standing| (s.since, s.due, Reverse(s.settled));
    key(a).cmp(&key(b)).then_with(|| a.subject.cmp(&b.subject)).then_with(|| a.account.cmp(&b.account))
}

/// What is owed of a withheld month is owed of it as a whole, by however many cases: what is to come back does so from
/// the accounts that took it, and what is to be taken goes to the first.
fn one_wage_a_month(standings: &[Standing], owed: &mut [(usize, Purpose, i64)]) -> Result<(), TooLarge> {
    let mut months: Vec<Month> = owed.iter().filter_map(|(_, purpose, _)| purpose.withheld()).collect();
    months.sort_unstable();
    months.dedup();
    for month in months {
        let of = |owed: &&mut (usize, Purpose, i64)| owed.1.withheld() == Some(month);
        let mut rest = owed.iter().filter(|o| o.1.withheld() == Some(month)).try_fold(0_i64, |sum, o| sum.checked_add(o.2)).ok_or(TooLarge)?;
        for (account, _, open) in owed.iter_mut().filter(of) {
            let taken = standings.get(*account).map_or(0, |s| s.settled.saturating_neg().max(0));
            *open = if rest > 0 { rest.min(taken) } else { rest };
            rest -= *open;
        }
    }
    Ok(())
}

/// Clawbacks against bonuses, the older of each first.
fn set_off(owed: &mut [(usize, Purpose, i64)]) -> Result<Vec<Item>, TooLarge> {
    let bonuses = || owed.iter().filter(|(_, purpose, _)| *purpose == Purpose::Bonus).map(|(.., open)| open);
    let (earned, reversed) = (sum(bonuses().filter(|a| **a > 0))?, sum(bonuses().filter(|a| **a < 0))?);
    let both = earned.min(reversed.checked_neg().ok_or(TooLarge)?);
    let (mut positive, mut negative) = (both, both);
    let mut items = Vec::new();
    for (account, _, open) in owed.iter_mut().filter(|(_, purpose, _)| *purpose == Purpose::Bonus) {
        let side = if *open > 0 { &mut positive } else { &mut negative };
        let amount = (*side).min(open.checked_abs().ok_or(TooLarge)?) * open.signum();
        *side -= amount.abs();
        *open -= amount;
        items.push(Item { account: *account, way: Way::SetOff, amount });
    }
    Ok(items)
}

/// Takes what is owed (below zero) from a wage, in its order.
fn take(pay: &Pay, to_take: &[(usize, Purpose, i64)], items: &mut Vec<Item>) -> Result<(), TooLarge> {
    let (bound, minimum) = match pay.guard {
        GuardMode::Enforce => (pay.gross / BOUNDED_PART, pay.minimum),
        GuardMode::ReportOnly => (pay.gross, 0),
    };
    let mut bounded = bound.saturating_sub(pay.bounded_taken).max(0);
    let before = [pay.deductions, pay.bounded_taken, pay.withheld, minimum];
    let mut rest = before.into_iter().try_fold(pay.gross, i64::checked_sub).ok_or(TooLarge)?.max(0);
    for &(account, purpose, open) in to_take {
        let withheld = purpose.withheld().is_some();
        let taken = open.checked_neg().ok_or(TooLarge)?.min(rest).min(if withheld { i64::MAX } else { bounded });
        rest -= taken;
        if !withheld {
            bounded -= taken;
        }
        items.push(Item { account, way: Way::Taken, amount: -taken });
    }
    Ok(())
}

fn sum<'a>(amounts: impl Iterator<Item = &'a i64>) -> Result<i64, TooLarge> {
    amounts.copied().try_fold(0_i64, i64::checked_add).ok_or(TooLarge)
}
