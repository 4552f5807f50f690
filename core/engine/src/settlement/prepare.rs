//! Preparing a payout run: what of a month's statement payroll is to get, fixed, with what each amount rests on.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use recoup_model::due::Balance;
use recoup_model::id::{LedgerId, LineId, PayoutId, PersonId, UserId};
use recoup_model::payout::{Payout, PayoutRow, PayoutTerms, RestsOn};
use recoup_model::record::{Ledger, Record};
use recoup_model::settlement::{Account, GuardMode};
use recoup_model::{Date, Digest, Month};
use recoup_store::{EVERYTHING as NOW, LineFilter, Store, View, content_of};
use uuid::Uuid;

use super::run::{Run, runs};
use super::{Question, Row, accounts, statement};
use crate::EngineError;
use crate::facts::{By, Once, command, fault};

/// For whom a run is made, by staff number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// For whom alone; for everybody when empty.
    pub persons: &'a [String],
    /// Whose withheld wages are released; an empty choice releases nobody's.
    pub released: &'a [String],
}

/// A run that is prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Which.
    pub run: PayoutId,
    /// The position that recorded the preparing; none where the same run was there and the preparing has no key.
    pub position: Option<i64>,
    /// Who is left out, and why: rows of the statement that are held.
    pub held: Vec<Row>,
}

/// Prepares a run of a month's statement. One of the same content that is still open is that run.
///
/// # Errors
/// As [`statement`]; a later month was settled already; nothing is to be settled; somebody is chosen who is held, or is in
/// another open run.
pub fn prepare(
    store: &mut Store,
    ledger: &Ledger,
    (month, as_of): (Month, Date),
    choice: Choice<'_>,
    maker: Option<UserId>,
    by: By<'_>,
) -> Result<Prepared, EngineError> {
    let id = by.once.map_or_else(|| PayoutId(Uuid::now_v7()), |once| id_of(ledger.id, once));
    let input = content_of(&(month, as_of, choice.persons, choice.released))?;
    let found = RefCell::new((id, Vec::new()));
    let position = command(store, ledger, by, "prepare-payout", input, |tx| {
        if let Some(last) = tx.last_settled()?.filter(|last| *last > month) {
            let what = format!("wages of {last} were settled already, with what was owed from {month}");
            return Err(fault("settlement.earlier_month", what, "prepare months in their order; correct it with the next one"));
        }
        let (chosen, released) = (ids(tx, choice.persons)?, ids(tx, choice.released)?);
        let Content { rows, held, guard, known_at } = content(tx, (month, as_of), &chosen, &released)?;
        if let Some(row) = held.iter().find(|row| chosen.contains(&row.account.person)) {
            let why = row.hold.as_ref().map(ToString::to_string).unwrap_or_default();
            return Err(fault("settlement.held", format!("item {} of {} is held", row.item(), row.person), why));
        }
        if rows.is_empty() {
            let mut what = format!("nothing is to be settled with the wages of {month}");
            if !held.is_empty() {
                what += ", and what is held waits";
            }
            return Err(fault("payout.empty", what, "see `recoup settle statement`; whose withheld wages are released is chosen (`--release`)"));
        }
        let payout = Payout { id, month, as_of, known_at, guard, maker, chosen, released, rows };
        *found.borrow_mut() = (id, held);
        for run in runs(tx, None, NOW)?.into_iter().filter(|run| run.progress.state.is_open()) {
            if run.payout().is_of_one_content(&payout) {
                found.borrow_mut().0 = run.payout().id;
                return Ok(());
            }
            if let Some(common) = run.has_one_of(&payout) {
                return Err(open(&run, &Run::code(tx, common)?));
            }
        }
        Ok(tx.append(&[Record::Payout(payout).into()])?)
    })?;
    let (mut run, held) = found.into_inner();
    // A repetition finds nothing anew: it is told what the first one came to.
    if let (Some(once), Some(at)) = (by.once, position) {
        run = store.read(ledger.id, |view| prepared_under(view, once, (month, as_of), choice, at))?.unwrap_or(run);
    }
    Ok(Prepared { run, position, held })
}

/// The id of the run that a key prepares.
fn id_of(ledger: LedgerId, once: Once<'_>) -> PayoutId {
    PayoutId::from_parts(&[ledger.0.as_bytes(), once.key.as_bytes()])
}

/// What preparing under a key came to, as known at the position that recorded it: its own run, or the one of the same content that
/// was open already.
///
/// # Errors
/// The store; somebody of the choice is not recorded.
pub fn prepared_under(
    view: &mut View<'_>,
    once: Once<'_>,
    (month, as_of): (Month, Date),
    choice: Choice<'_>,
    known_at: i64,
) -> Result<Option<PayoutId>, EngineError> {
    let own = id_of(view.ledger(), once);
    let all = runs(view, None, known_at)?;
    if all.iter().any(|run| run.payout().id == own) {
        return Ok(Some(own));
    }
    // Of one content is a run of the same month and day with the same people, and nobody is in two open ones.
    let chosen = ids(view, choice.persons)?;
    let concerns = |p: &Payout| chosen.is_empty() || p.rows.iter().any(|row| chosen.contains(&row.account.person));
    let same = |p: &Payout| (p.month, p.as_of) == (month, as_of) && concerns(p);
    Ok(all.iter().rfind(|run| run.progress.state.is_open() && same(run.payout())).map(|run| run.payout().id))
}

/// Somebody is in a run that is not over.
pub(super) fn open(run: &Run, person: &str) -> EngineError {
    let Payout { id, month, .. } = run.payout();
    let what = format!("{person} is in run {id} of {month}, which is {}", run.progress.state);
    fault("payout.open", what, "have payroll return it, or cancel it (`recoup payout cancel`)")
}

/// People by staff number, each once, in the order of their ids: a choice has no order.
fn ids(view: &mut View<'_>, codes: &[String]) -> Result<Vec<PersonId>, EngineError> {
    let all: HashMap<String, PersonId> = view.persons(None, NOW)?.into_iter().map(|(p, _)| (p.code, p.id)).collect();
    let known = |code: &String| all.get(code).copied().ok_or_else(|| fault("person.unknown", format!("{code} is not recorded"), "correct the staff number"));
    Ok(codes.iter().map(known).collect::<Result<BTreeSet<_>, _>>()?.into_iter().collect())
}

/// What a run would hold.
pub(super) struct Content {
    pub(super) rows: Vec<PayoutRow>,
    pub(super) guard: GuardMode,
    known_at: i64,
    held: Vec<Row>,
}

/// What of the statement as it is now payroll would get.
pub(super) fn content(view: &mut View<'_>, (month, as_of): (Month, Date), chosen: &[PersonId], released: &[PersonId]) -> Result<Content, EngineError> {
    let statement = statement(view, Question { month, as_of, known_at: NOW })?;
    let wanted = statement.rows.into_iter().filter(|row| chosen.is_empty() || chosen.contains(&row.account.person));
    let (held, rows): (Vec<Row>, Vec<Row>) = wanted.partition(Row::waits);
    let kept = |row: &Row| row.account.purpose.withheld().is_some() && row.paid > 0 && !released.contains(&row.account.person);
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.is_settled_now() && !kept(row)).collect();
    let mut grounds = grounds(view, &rows)?;
    let mut notes = notes(view, &grounds)?;
    let general = PayoutTerms::in_force(view.payout_terms(NOW)?, as_of).and_then(|terms| terms.tax_note);
    let row = |row: Row| {
        let rests_on = grounds.remove(&row.account).unwrap_or_default();
        let own = rests_on.iter().find_map(|r| notes.remove(&r.line));
        let tax_note = own.or_else(|| general.clone()).filter(|_| row.paid > 0);
        let Row { account, subject, paid, set_off, taken, beyond_guard, .. } = row;
        PayoutRow { account, subject, paid, set_off, taken, beyond_guard, rests_on, tax_note }
    };
    Ok(Content { rows: rows.into_iter().map(row).collect(), guard: statement.guard, known_at: statement.known_at, held })
}

/// The lines with payable postings of each account.
fn grounds(view: &mut View<'_>, rows: &[Row]) -> Result<HashMap<Account, Vec<RestsOn>>, EngineError> {
    let accounts = accounts(view, NOW)?;
    let leaves: HashMap<LineId, u64> = view.lines(LineFilter::default(), NOW)?.into_iter().map(|line| (line.id, line.leaf)).collect();
    let mut all: HashMap<Account, BTreeSet<RestsOn>> = rows.iter().map(|row| (row.account.clone(), BTreeSet::new())).collect();
    for (line, movement) in view.posted(LineFilter::default(), NOW)? {
        if movement.balance == Balance::Payable
            && let Some((rests_on, leaf)) = accounts.get(&line).and_then(|account| all.get_mut(account)).zip(leaves.get(&line))
        {
            rests_on.insert(RestsOn { line, leaf: *leaf });
        }
    }
    Ok(all.into_iter().map(|(account, rests_on)| (account, rests_on.into_iter().collect())).collect())
}

/// What the packs say of taxes, by line.
fn notes(view: &mut View<'_>, grounds: &HashMap<Account, Vec<RestsOn>>) -> Result<HashMap<LineId, String>, EngineError> {
    let said: BTreeMap<String, BTreeMap<String, String>> = view.policies(NOW)?.into_iter().map(|(_, p)| (p.pack, p.tax_notes)).collect();
    let leaves: Vec<u64> = grounds.values().flatten().map(|r| r.leaf).collect();
    let note = |line: recoup_model::due::Line| {
        let of_pack = said.get(&line.key.case.pack)?;
        Some((line.id, line.steps.iter().find_map(|step| of_pack.get(&step.message))?.clone()))
    };
    Ok(view.line_records(&leaves)?.into_iter().filter_map(note).collect())
}

/// Digest of what a run settles: that of its canonical rows, by which payroll's file is known to be this run's.
///
/// # Errors
/// The store fails.
pub(super) fn digest(payout: &Payout) -> Result<Digest, EngineError> {
    Ok(content_of(&(payout.id, payout.month, payout.as_of, payout.guard, &payout.rows))?)
}
