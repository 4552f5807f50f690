//! The register of accounts (台账): what was ever due to and from each person, for what, and what was settled of it.
//!
//! It is made of the postings and settlements themselves, so its sums are theirs: bonuses and clawbacks, fines and refunds,
//! wages withheld and paid back.

use std::collections::BTreeMap;

use recoup_model::calendar::{Date, Month};
use recoup_model::due::Balance;
use recoup_model::settlement::{Account, Purpose, Way};
use recoup_store::{LineFilter, View};

use super::add;
use crate::EngineError;
use crate::settlement::{Subjects, accounts};

/// An account, or the sum of several; amounts are minor units of the ledger's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Staff number.
    pub person: String,
    /// Number of the case's letter or agreement, or code of its contract.
    pub subject: String,
    /// What for; none of a sum.
    pub purpose: Option<Purpose>,
    /// Not to be settled yet, net.
    pub contingent: i64,
    /// Payable to the person: bonuses, refunds, wages paid back. Zero or more.
    pub to_person: i64,
    /// Payable from the person: clawbacks, fines, withheld wages. Zero or less.
    pub from_person: i64,
    /// Paid out.
    pub paid: i64,
    /// Set off against other accounts of the person.
    pub set_off: i64,
    /// Taken from wages; zero or less.
    pub taken: i64,
    /// What is left to settle: payable less settled.
    pub owed: i64,
}

/// Which accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Bonuses with what was reversed of them.
    Bonus,
    /// Fines with their refunds.
    Fine,
    /// Withheld wages with what was paid back.
    Withholding,
    /// Expenses.
    Expenses,
}

impl Which {
    const fn has(self, purpose: Purpose) -> bool {
        matches!(
            (self, purpose),
            (Self::All, _)
                | (Self::Bonus, Purpose::Bonus)
                | (Self::Fine, Purpose::Fine(_))
                | (Self::Withholding, Purpose::Withholding(_))
                | (Self::Expenses, Purpose::Expenses)
        )
    }
}

/// The accounts at the end of a day, by person, subject and purpose, and their sum.
///
/// # Errors
/// The store; a sum out of range; a clause of which no known policy says what kind of money it deals in.
pub fn register(view: &mut View<'_>, which: Which, as_of: Date, known_at: i64) -> Result<(Vec<Row>, Row), EngineError> {
    let of_line = accounts(view, known_at)?;
    let mut all: BTreeMap<Account, Row> = BTreeMap::new();
    for (line, m) in view.posted(LineFilter::default(), known_at)?.into_iter().filter(|(_, m)| m.on <= as_of) {
        let Some(account) = of_line.get(&line).filter(|a| which.has(a.purpose)) else { continue };
        let row = all.entry(account.clone()).or_default();
        match m.balance {
            Balance::Contingent => row.contingent = add(row.contingent, m.amount)?,
            Balance::Payable => {
                let side = if m.amount > 0 { &mut row.to_person } else { &mut row.from_person };
                *side = add(*side, m.amount)?;
                row.owed = add(row.owed, m.amount)?;
            }
        }
    }
    for s in view.settlements(Month::of(Date::MAX), known_at)?.into_iter().filter(|s| s.on <= as_of && which.has(s.account.purpose)) {
        let row = all.entry(s.account).or_default();
        let way = match s.way {
            Way::Paid => &mut row.paid,
            Way::SetOff => &mut row.set_off,
            Way::Taken => &mut row.taken,
        };
        *way = add(*way, s.amount)?;
        row.owed = row.owed.checked_sub(s.amount).ok_or(recoup_model::MoneyError::Overflow)?;
    }
    let (letters, agreements) = (view.letters(None, known_at)?, view.agreements(None, known_at)?);
    let names = Subjects::of(&letters, &agreements, view.contracts(None, known_at)?);
    let people = super::due::codes(view, known_at)?;
    let mut total = Row { person: "total".to_owned(), ..Row::default() };
    let mut rows = Vec::with_capacity(all.len());
    for (account, row) in all {
        total.sum(&row)?;
        let person = people.get(&account.person).cloned().unwrap_or_default();
        rows.push(Row { person, subject: names.code(&account.case), purpose: Some(account.purpose), ..row });
    }
    rows.sort_by(|a, b| (&a.person, &a.subject, a.purpose).cmp(&(&b.person, &b.subject, b.purpose)));
    Ok((rows, total))
}

impl Row {
    fn sum(&mut self, other: &Self) -> Result<(), EngineError> {
        for (to, n) in [
            (&mut self.contingent, other.contingent),
            (&mut self.to_person, other.to_person),
            (&mut self.from_person, other.from_person),
            (&mut self.paid, other.paid),
            (&mut self.set_off, other.set_off),
            (&mut self.taken, other.taken),
            (&mut self.owed, other.owed),
        ] {
            *to = add(*to, n)?;
        }
        Ok(())
    }
}
