//! Old debts (旧欠台账, LC-10): every debt that is past due, with debtor, age, amount, expected recovery and who answers for it, and what of that is lacking.
//!
//! A debt without a due date is as old as its document, as in the aging: what it lacks is told, and it is never left out.

use std::collections::{BTreeSet, HashMap};

use recoup_model::accountability::RoleAssignment;
use recoup_model::calendar::{Date, completed_years};
use recoup_model::id::{AgreementId, ContractId, PartyId, ReceivableId};
use recoup_model::pause::{Clock, PauseKinds};
use recoup_model::receivable::Receivable;
use recoup_store::View;

use super::clocks::Clocks;
use super::responsible::{Answering, through};
use super::{aging, due};
use crate::EngineError;

/// What a list of old debts must say of each, and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacks {
    /// When it fell due.
    Due,
    /// When it is expected to be recovered, from the day asked about on.
    Expected,
    /// Who answers for it.
    Responsible,
}

impl Lacks {
    /// The word used in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Expected => "expected",
            Self::Responsible => "responsible",
        }
    }
}

/// One old debt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Code and name of the debtor.
    pub debtor: String,
    /// Code of the contract, if it belongs to one.
    pub contract: String,
    /// Document number.
    pub document: String,
    /// When it fell due, if that is known.
    pub due: Option<Date>,
    /// Days overdue.
    pub days: i64,
    /// Whole years overdue.
    pub years: i32,
    /// Where days of pauses are not to count: what the debt's clock says.
    pub clock: Option<Clock>,
    /// Open, in minor units of the ledger's currency.
    pub open: i64,
    /// By when it is expected to be recovered, as was last said.
    pub expected: Option<Date>,
    /// Staff numbers of those who answer for it.
    pub responsible: BTreeSet<String>,
    /// What of this is lacking; an expected day that has passed is none.
    pub lacks: Vec<Lacks>,
}

/// Every debt that is past due and open at the end of a day, the oldest first: by their clocks, where days of pauses of some kinds
/// are not to count. The age since it fell due is told all the same.
///
/// # Errors
/// The store.
pub fn old_debts(view: &mut View<'_>, as_of: Date, known_at: i64, without_paused: &PauseKinds) -> Result<Vec<Row>, EngineError> {
    let open: HashMap<ReceivableId, i64> = view.open_amounts(as_of, known_at, None)?.into_iter().map(|(id, _, ledger)| (id, ledger)).collect();
    let mut old: Vec<(Date, Receivable)> = view.receivables(None, known_at)?.into_iter().map(|r| (r.due.unwrap_or(r.document_date), r)).collect();
    old.retain(|(since, r)| *since < as_of && r.document_date <= as_of && open.get(&r.id).is_some_and(|open| *open > 0));
    let ids: Vec<ReceivableId> = old.iter().map(|(_, r)| r.id).collect();
    let said = view.expected_recoveries(Some(&ids), known_at)?.into_iter().filter(|expected| expected.on <= as_of);
    // In the order of their days: the last one holds.
    let expected: HashMap<ReceivableId, Date> = said.map(|expected| (expected.receivable, expected.by)).collect();
    let clocks = Clocks::of(view, without_paused, as_of, known_at)?;
    let answers = Answers::of(view, as_of, known_at)?;
    let debtors: HashMap<PartyId, String> = view.parties(None, known_at)?.into_iter().map(|(p, _)| (p.id, aging::party_label(&p))).collect();
    let contracts: HashMap<ContractId, String> = view.contracts(None, known_at)?.into_iter().map(|c| (c.id, c.code)).collect();
    let row = |(since, r): (Date, Receivable)| {
        let (expected, responsible) = (expected.get(&r.id).copied(), answers.people(&r));
        let lacks = [(Lacks::Due, r.due.is_none()), (Lacks::Expected, expected.is_none_or(|by| by < as_of)), (Lacks::Responsible, responsible.is_empty())];
        Row {
            debtor: debtors.get(&r.party).cloned().unwrap_or_default(),
            contract: r.contract.and_then(|c| contracts.get(&c)).cloned().unwrap_or_default(),
            due: r.due,
            days: (as_of - since).num_days(),
            years: completed_years(since, as_of),
            clock: (!without_paused.is_empty()).then(|| clocks.at(r.id, since)),
            open: open.get(&r.id).copied().unwrap_or_default(),
            expected,
            responsible,
            lacks: lacks.into_iter().filter(|(_, lacks)| *lacks).map(|(what, _)| what).collect(),
            document: r.document,
        }
    };
    let mut rows: Vec<Row> = old.into_iter().map(row).collect();
    let age = |row: &Row| row.clock.map_or(row.days, Clock::days);
    rows.sort_by(|a, b| (age(b), &a.debtor, &a.document).cmp(&(age(a), &b.debtor, &b.document)));
    Ok(rows)
}

/// Who answers for debts on a day: by their letters, or by a confirmed role for a debt, its contract or an agreement that covers it.
struct Answers {
    letters: Answering,
    roles: Vec<RoleAssignment>,
    covering: HashMap<ReceivableId, Vec<AgreementId>>,
    people: HashMap<recoup_model::id::PersonId, String>,
    on: Date,
}

impl Answers {
    fn of(view: &mut View<'_>, on: Date, known_at: i64) -> Result<Self, EngineError> {
        let mut roles = view.roles(known_at)?;
        roles.retain(|r| r.confirmed && r.from <= on && r.to.is_none_or(|to| on <= to));
        let mut covering: HashMap<ReceivableId, Vec<AgreementId>> = HashMap::new();
        for agreement in view.agreements(None, known_at)? {
            for receivable in &agreement.receivables {
                covering.entry(*receivable).or_default().push(agreement.id);
            }
        }
        Ok(Self { letters: Answering::of(view, known_at)?, roles, covering, people: due::codes(view, known_at)?, on })
    }

    fn people(&self, receivable: &Receivable) -> BTreeSet<String> {
        let covering = self.covering.get(&receivable.id).map(Vec::as_slice).unwrap_or_default();
        // Roles for letters are the letters' own.
        let held = self.roles.iter().filter(|r| through(r.scope, receivable, &[], covering).is_some()).filter_map(|r| self.people.get(&r.person));
        let named = self.letters.codes(receivable.id, self.on).into_iter().map(str::to_owned);
        held.cloned().chain(named).collect()
    }
}
