//! What payroll confirms: its return file becomes settlements, none of which goes beyond the payout run that it cites.

use std::collections::{HashMap, HashSet};

use recoup_model::id::{AccountId, PayoutId, PersonId};
use recoup_model::payout::{Payout, PayoutRow, Step};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::settlement::{Settlement, Way};
use recoup_model::{Date, Digest, Money};
use recoup_store::{CommandFilter, CommandMeta, EVERYTHING as NOW, Store, Tx, View, Written};

use super::run::{Run, append, one, payable, runs};
use crate::EngineError;
use crate::evaluate::business_date;
use crate::facts::{By, fault};

/// What payroll says it paid and took.
#[derive(Debug, Clone, Copy)]
pub struct PayrollReturn<'a> {
    /// Of which run.
    pub payout: PayoutId,
    /// The day on which it was paid and taken.
    pub on: Date,
    /// By item, what was paid (+) or taken (−), in minor units; what is not named was not settled.
    pub confirmed: &'a [(AccountId, i64)],
    /// Digest of the file that says so.
    pub file: Digest,
}

/// What became of a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It is recorded at this position.
    Recorded(i64),
    /// It was recorded before, at this position.
    Before(i64),
}

/// Records what payroll confirms of a run: all of it or nothing. The file stands for the request, whichever key it comes under: one
/// that was recorded is not recorded again, on whichever day it is sent again. Of a person who is named, the set-offs of the run are
/// recorded too. What payroll did is a fact, whatever the ledger has come to know since it got the run; the rest of a run may
/// be confirmed until another one takes the person up.
///
/// # Errors
/// Payroll never got the run; it was not payable on the day; an item that is not in the run or stands twice; an amount beyond
/// what is left of it; the store.
pub fn confirm(store: &mut Store, ledger: &Ledger, payroll: &PayrollReturn<'_>, by: By<'_>) -> Result<Confirmed, EngineError> {
    let &PayrollReturn { payout, on, file, .. } = payroll;
    let today = business_date(ledger, by.at);
    let input = Digest::of(format!("{payout} {file}").as_bytes());
    let own_key = format!("payroll:{payout}:{file}");
    let key = by.once.map_or(own_key.as_str(), |once| once.key);
    let meta = CommandMeta { kind: SETTLE.to_owned(), input, actor: by.actor.to_owned(), recorded_at: by.at };
    let build = |tx: &mut Tx<'_>| {
        if first(tx, input)?.is_some() {
            return Ok(());
        }
        let run = one(tx, payout, NOW)?;
        let month = run.payout().month;
        if on > today || on < month.first_day() {
            return Err(fault(
                "settlement.paid_on",
                format!("{on} is not between the first day of {month} and today, {today}"),
                "state the day on which it was paid",
            ));
        }
        if run.may(&Step::Returned).is_err() && run.progress.state.is_open() {
            let what = format!("payroll never got run {payout}");
            return Err(fault("payout.not_exported", what, format!("hand it out first (`recoup payout export {payout}`)")));
        }
        run.may(&Step::Returned)?;
        payable(&run, on)?;
        let leaves = settlements(tx, ledger, &run, payroll)?;
        tx.append(&leaves)?;
        append(tx, &run, on, Step::Returned)
    };
    let (is_new, appended) = match store.transact_once::<_, EngineError>(ledger.id, key, &meta, build)? {
        Written::Done((), appended) => (true, appended),
        Written::Replayed(appended) => (false, appended),
    };
    let first = store.read(ledger.id, |view| first(view, input))?.unwrap_or(appended.position);
    Ok(if is_new && first == appended.position { Confirmed::Recorded(first) } else { Confirmed::Before(first) })
}

/// The command that records what payroll confirms.
const SETTLE: &str = "settle";

/// The position that recorded a file of a run first.
fn first(view: &mut View<'_>, input: Digest) -> Result<Option<i64>, EngineError> {
    let which = CommandFilter { kind: Some(SETTLE), ..CommandFilter::default() };
    let all = view.commands_page(which, false, u32::MAX, NOW)?;
    Ok(all.into_iter().find(|command| command.input == input).map(|command| command.position))
}

fn settlements(view: &mut View<'_>, ledger: &Ledger, run: &Run, payroll: &PayrollReturn<'_>) -> Result<Vec<Leaf>, EngineError> {
    let &PayrollReturn { on, confirmed, .. } = payroll;
    let Payout { id, month, rows, .. } = run.payout();
    let taken_up = taken_up(view, run)?;
    let codes: HashMap<PersonId, String> = view.persons(None, NOW)?.into_iter().map(|(p, _)| (p.id, p.code)).collect();
    let mut leaves = Vec::new();
    let mut record = |row: &PayoutRow, way: Way, amount: i64| {
        if amount != 0 {
            leaves.push(Record::Settlement(Settlement { account: row.account.clone(), month: *month, on, way, amount, payout: Some(*id) }).into());
        }
    };
    let by_item: HashMap<AccountId, &PayoutRow> = rows.iter().map(|row| (row.item(), row)).collect();
    let mut seen: HashSet<AccountId> = HashSet::new();
    let mut named: HashSet<PersonId> = HashSet::new();
    for (item, amount) in confirmed {
        let Some(row) = by_item.get(item) else {
            let what = format!("item {item} is not in run {id} of {month}");
            return Err(fault("settlement.unknown_item", what, "confirm the items of this run"));
        };
        let person = codes.get(&row.account.person).map_or("", String::as_str);
        if !seen.insert(*item) {
            return Err(fault("settlement.duplicate_item", format!("item {item} of {person} stands twice"), "state what was settled of it in one row"));
        }
        if let Some(later) = taken_up.get(&row.account.person).filter(|_| *amount != 0) {
            let what = format!("what is left of item {item} of {person} is in run {later}");
            return Err(fault("payout.taken_up", what, "confirm it of that run, or cancel that one first"));
        }
        let left = row.cash().saturating_sub(run.settled(*item, &[Way::Paid, Way::Taken]));
        let within = if left < 0 { left..=0 } else { 0..=left };
        if !within.contains(amount) {
            let shown = |minor: i64| Money::new(minor, ledger.currency).to_string();
            let what = format!("item {item} of {person} is {}, and run {id} has {} left of it", shown(*amount), shown(left));
            return Err(fault("settlement.beyond", what, "confirm what was paid or taken of it, at most that"));
        }
        named.insert(row.account.person);
        record(row, if *amount > 0 { Way::Paid } else { Way::Taken }, *amount);
    }
    // What a later run took up of a person it took up with their set-offs.
    for row in rows.iter().filter(|row| named.contains(&row.account.person) && !taken_up.contains_key(&row.account.person)) {
        record(row, Way::SetOff, row.set_off.saturating_sub(run.settled(row.item(), &[Way::SetOff])));
    }
    Ok(leaves)
}

/// Who is in a run that was prepared later and counts: with what is left of this one.
fn taken_up(view: &mut View<'_>, run: &Run) -> Result<HashMap<PersonId, PayoutId>, EngineError> {
    let later = runs(view, None, NOW)?.into_iter().filter(|other| other.stored.leaf > run.stored.leaf && other.progress.state.counts());
    Ok(later.flat_map(|other| other.payout().rows.iter().map(|row| (row.account.person, other.payout().id)).collect::<Vec<_>>()).collect())
}
