//! What payroll confirms: its return file becomes settlements, none of which goes beyond the statement.

use std::collections::{HashMap, HashSet};

use recoup_model::id::{AccountId, PersonId};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::settlement::{Settlement, Way};
use recoup_model::{Date, Digest, Money, Month};
use recoup_store::{CommandMeta, EVERYTHING as NOW, Store, Tx, Written};

use super::{Question, Row, up_to_date, with_settled_by};
use crate::EngineError;
use crate::evaluate::business_date;
use crate::facts::{By, fault};

/// What payroll says it paid and took.
#[derive(Debug, Clone, Copy)]
pub struct PayrollReturn<'a> {
    /// The month whose wages settled.
    pub month: Month,
    /// The day as of which its statement was made.
    pub as_of: Date,
    /// The position at which the statement was known that payroll acted on; now, if nothing that concerns it changed since.
    pub known_at: i64,
    /// The day on which it was paid and taken.
    pub on: Date,
    /// By item, what was paid (+) or taken (−), in minor units; what is not named was not settled.
    pub confirmed: &'a [(AccountId, i64)],
}

/// What became of a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It is recorded at this position.
    Recorded(i64),
    /// It was recorded before, at this position.
    Before(i64),
}

/// Records what payroll confirms: all of it or nothing. Of a person who is named, the set-offs of the statement are
/// recorded too.
///
/// What payroll did on a statement stays a fact when the ledger has changed since: with the statement's position, the
/// return is held against what was due then, less what was settled by now.
///
/// # Errors
/// A later month was settled already; the ledger changed since its last evaluation; an item that is not in the statement,
/// stands twice or is held; an amount beyond the statement's; the store.
pub fn confirm(store: &mut Store, ledger: &Ledger, payroll: &PayrollReturn<'_>, by: By<'_>) -> Result<Confirmed, EngineError> {
    let &PayrollReturn { month, as_of, known_at, on, confirmed } = payroll;
    let today = business_date(ledger, by.at);
    if on > today || on < month.first_day() {
        return Err(fault(
            "settlement.paid_on",
            format!("{on} is not between the first day of {month} and today, {today}"),
            "state the day on which it was paid",
        ));
    }
    let said: String = confirmed.iter().map(|(item, amount)| format!("{item}:{amount};")).collect();
    let input = by.once.map_or_else(|| Digest::of(format!("{month} {as_of} {on} {said}").as_bytes()), |once| once.input);
    let meta = CommandMeta { kind: "settle".to_owned(), input, actor: by.actor.to_owned(), recorded_at: by.at };
    let build = |tx: &mut Tx<'_>| {
        if let Some(last) = tx.last_settled()?.filter(|last| *last > month) {
            let what = format!("wages of {last} were settled already, with what was owed from {month}");
            return Err(fault("settlement.earlier_month", what, "confirm months in their order; correct it with the next one"));
        }
        if known_at == NOW {
            up_to_date(tx)?;
        }
        let rows = with_settled_by(tx, Question { month, as_of, known_at }, NOW)?.rows;
        let leaves = settlements(ledger, payroll, &rows)?;
        tx.append(&leaves)?;
        Ok(())
    };
    Ok(match by.once {
        None => Confirmed::Recorded(store.transact(ledger.id, &meta, build)?.1.position),
        Some(once) => match store.transact_once(ledger.id, once.key, &meta, build)? {
            Written::Done((), appended) => Confirmed::Recorded(appended.position),
            Written::Replayed(appended) => Confirmed::Before(appended.position),
        },
    })
}

fn settlements(ledger: &Ledger, payroll: &PayrollReturn<'_>, rows: &[Row]) -> Result<Vec<Leaf>, EngineError> {
    let &PayrollReturn { month, on, confirmed, .. } = payroll;
    let mut leaves = Vec::new();
    let mut record = |row: &Row, way: Way, amount: i64| {
        if amount != 0 {
            leaves.push(Record::Settlement(Settlement { account: row.account.clone(), month, on, way, amount }).into());
        }
    };
    let by_item: HashMap<AccountId, &Row> = rows.iter().map(|row| (row.item(), row)).collect();
    let mut seen: HashSet<AccountId> = HashSet::new();
    let mut named: HashSet<PersonId> = HashSet::new();
    for (item, amount) in confirmed {
        let Some(row) = by_item.get(item) else {
            let what = format!("item {item} is not in the statement of {month}");
            return Err(fault("settlement.unknown_item", what, "confirm the items of this month's statement; what is settled already is there no more"));
        };
        if !seen.insert(*item) {
            return Err(fault("settlement.duplicate_item", format!("item {item} of {} stands twice", row.person), "state what was settled of it in one row"));
        }
        if let Some(hold) = &row.hold {
            return Err(fault("settlement.held", format!("item {item} of {} is held", row.person), hold.to_string()));
        }
        let within = if row.cash() < 0 { row.cash()..=0 } else { 0..=row.cash() };
        if !within.contains(amount) {
            let shown = |minor: i64| Money::new(minor, ledger.currency).to_string();
            let what = format!("item {item} of {} is {}, and the statement has {}", row.person, shown(*amount), shown(row.cash()));
            return Err(fault("settlement.beyond", what, "confirm what was paid or taken of it, at most that"));
        }
        named.insert(row.account.person);
        record(row, if *amount > 0 { Way::Paid } else { Way::Taken }, *amount);
    }
    rows.iter().filter(|row| named.contains(&row.account.person)).for_each(|row| record(row, Way::SetOff, row.set_off));
    Ok(leaves)
}
