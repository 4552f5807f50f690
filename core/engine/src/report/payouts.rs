//! The registers of payouts and of withheld wages: what payroll was to settle and did, run by run; and what of each withheld
//! month is kept. Both are made of the settlements themselves, so their sums are theirs.

use std::collections::BTreeMap;

use recoup_model::calendar::{Date, Month};
use recoup_model::id::PayoutId;
use recoup_model::payout::PayoutState;
use recoup_model::settlement::{Account, Purpose, Way};
use recoup_store::View;

use super::accounts::{self, Which};
use super::{add, due};
use crate::EngineError;
use crate::settlement::{Subjects, runs};

/// What of an account a run was to settle, and what was settled of it; or the sum of several. Amounts are minor units of the
/// ledger's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Which run; none of a sum, and of what was settled before there were runs.
    pub payout: Option<PayoutId>,
    /// The month whose wages settle.
    pub month: Option<Month>,
    /// How the run stands.
    pub state: Option<PayoutState>,
    /// Staff number.
    pub person: String,
    /// Number of the case's letter or agreement, or code of its contract.
    pub subject: String,
    /// What for; none of a sum.
    pub purpose: Option<Purpose>,
    /// To be paid (+) or taken (−) by the run, where it was not cancelled.
    pub planned: i64,
    /// Paid, less what came back.
    pub paid: i64,
    /// Set off, likewise.
    pub set_off: i64,
    /// Taken from the wage, likewise; zero or less.
    pub taken: i64,
}

/// What payroll was to settle and did by the end of a day, by run and person, and the sum.
///
/// # Errors
/// The store fails; an amount beyond 64 bits.
pub fn register(view: &mut View<'_>, as_of: Date, known_at: i64) -> Result<(Vec<Row>, Row), EngineError> {
    let mut all: BTreeMap<(u64, Account), Row> = BTreeMap::new();
    let mut places: BTreeMap<PayoutId, (u64, Month, PayoutState)> = BTreeMap::new();
    for run in runs(view, None, known_at)? {
        let payout = run.payout();
        places.insert(payout.id, (run.stored.leaf, payout.month, run.progress.state));
        if payout.as_of > as_of {
            continue;
        }
        for item in &payout.rows {
            let row = all.entry((run.stored.leaf, item.account.clone())).or_default();
            row.planned = if run.progress.state == PayoutState::Cancelled { 0 } else { item.cash() };
            (row.payout, row.month, row.state) = (Some(payout.id), Some(payout.month), Some(run.progress.state));
        }
    }
    for s in view.settlements(Month::of(Date::MAX), known_at)?.into_iter().filter(|s| s.on <= as_of) {
        let place = s.payout.and_then(|payout| places.get(&payout).copied());
        let row = all.entry((place.map_or(0, |(leaf, ..)| leaf), s.account)).or_default();
        (row.payout, row.month, row.state) = (s.payout, Some(s.month), place.map(|(.., state)| state));
        let sum = match s.way {
            Way::Paid => &mut row.paid,
            Way::SetOff => &mut row.set_off,
            Way::Taken => &mut row.taken,
        };
        *sum = add(*sum, s.amount)?;
    }
    let (letters, agreements, contracts) = (view.letters(None, known_at)?, view.agreements(None, known_at)?, view.contracts(None, known_at)?);
    let (names, people) = (Subjects::of(&letters, &agreements, contracts), due::codes(view, known_at)?);
    let mut total = Row { person: "total".to_owned(), ..Row::default() };
    let mut rows = Vec::with_capacity(all.len());
    for ((_, account), row) in all {
        for (sum, n) in [(&mut total.planned, row.planned), (&mut total.paid, row.paid), (&mut total.set_off, row.set_off), (&mut total.taken, row.taken)] {
            *sum = add(*sum, n)?;
        }
        let person = people.get(&account.person).cloned().unwrap_or_default();
        rows.push(Row { person, subject: names.code(&account.case), purpose: Some(account.purpose), ..row });
    }
    Ok((rows, total))
}

/// A withheld month of somebody, or the sum of several. Amounts are minor units of the ledger's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Staff number.
    pub person: String,
    /// The month whose wage is withheld; none of a sum.
    pub month: Option<Month>,
    /// To be withheld by what the policies say; zero or less.
    pub due: i64,
    /// To be paid back by what they say.
    pub due_back: i64,
    /// Withheld; zero or less.
    pub withheld: i64,
    /// Paid back.
    pub paid_back: i64,
    /// What is kept of it: withheld and not paid back.
    pub kept: i64,
}

/// What of each wage month was withheld and paid back by the end of a day, and the sum.
///
/// # Errors
/// As [`accounts::register`].
pub fn withheld(view: &mut View<'_>, as_of: Date, known_at: i64) -> Result<(Vec<Withheld>, Withheld), EngineError> {
    let (rows, _) = accounts::register(view, Which::Withholding, as_of, known_at)?;
    let mut months: BTreeMap<(String, Option<Month>), Withheld> = BTreeMap::new();
    let mut total = Withheld { person: "total".to_owned(), ..Withheld::default() };
    for row in rows {
        let month = row.purpose.and_then(Purpose::withheld);
        let own = months.entry((row.person.clone(), month)).or_insert_with(|| Withheld { person: row.person.clone(), month, ..Withheld::default() });
        for sum in [own, &mut total] {
            sum.due = add(sum.due, row.from_person)?;
            sum.due_back = add(sum.due_back, row.to_person)?;
            sum.withheld = add(sum.withheld, row.taken)?;
            sum.paid_back = add(sum.paid_back, row.paid)?;
            sum.kept = -add(sum.withheld, sum.paid_back)?;
        }
    }
    Ok((months.into_values().collect(), total))
}
