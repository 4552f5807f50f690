//! Who answers for a receivable, since when and through what.

use std::collections::{BTreeSet, HashMap};

use recoup_model::accountability::{Letter, RoleAssignment, RoleScope};
use recoup_model::calendar::Date;
use recoup_model::id::{AgreementId, LetterId, PersonId, ReceivableId, UnitId};
use recoup_model::receivable::Receivable;
use recoup_store::{AgreementFilter, LetterFilter, Page, View};

use crate::EngineError;

/// Through what somebody answers for a receivable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// The receivable itself.
    Receivable,
    /// Its contract.
    Contract,
    /// A letter that names it.
    Letter(LetterId),
    /// An agreement that covers it.
    Agreement(AgreementId),
}

/// Somebody answers for a receivable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responsible {
    /// Who.
    pub person: PersonId,
    /// In which role; `None` for a share of a letter.
    pub role: Option<String>,
    /// Through what.
    pub through: Through,
    /// First day.
    pub from: Date,
    /// Last day; open when absent.
    pub to: Option<Date>,
    /// Whether the duty never ends.
    pub lifelong: bool,
    /// Whether the hand-over is confirmed; an unconfirmed one does not count.
    pub confirmed: bool,
}

/// Who answers for claims through letters, on any day.
pub(super) struct Answering {
    letters: Vec<Letter>,
    /// Indices of the letters that name a claim.
    naming: HashMap<ReceivableId, Vec<usize>>,
    roles: HashMap<LetterId, Vec<RoleAssignment>>,
    people: HashMap<PersonId, String>,
    units: HashMap<UnitId, String>,
}

impl Answering {
    pub(super) fn of(view: &mut View<'_>, known_at: i64) -> Result<Self, EngineError> {
        let letters = view.letters(None, known_at)?;
        let mut naming: HashMap<ReceivableId, Vec<usize>> = HashMap::new();
        for (at, letter) in letters.iter().enumerate() {
            for receivable in &letter.receivables {
                naming.entry(*receivable).or_default().push(at);
            }
        }
        let mut roles: HashMap<LetterId, Vec<RoleAssignment>> = HashMap::new();
        for role in view.roles(known_at)?.into_iter().filter(|r| r.confirmed) {
            if let RoleScope::Letter(letter) = role.scope {
                roles.entry(letter).or_default().push(role);
            }
        }
        let units = view.units(known_at)?.into_iter().map(|u| (u.id, u.code)).collect();
        Ok(Self { letters, naming, roles, people: super::due::codes(view, known_at)?, units })
    }

    /// The letters that named a claim on a day.
    fn on(&self, receivable: ReceivableId, day: Date) -> impl Iterator<Item = &Letter> {
        let naming = self.naming.get(&receivable).into_iter().flatten();
        naming.filter_map(|at| self.letters.get(*at)).filter(move |letter| letter.from <= day)
    }

    /// Staff numbers of those who answered on a day: holders of a confirmed role for a letter, else the letter's sharers.
    pub(super) fn codes(&self, receivable: ReceivableId, day: Date) -> BTreeSet<&str> {
        let holders = |letter: &Letter| -> Vec<PersonId> {
            let held = self.holding(letter, day);
            if held.is_empty() { letter.shares.iter().map(|s| s.person).collect() } else { held }
        };
        self.on(receivable, day).flat_map(holders).filter_map(|p| self.people.get(&p).map(String::as_str)).collect()
    }

    /// The same in a word.
    pub(super) fn people(&self, receivable: ReceivableId, day: Date) -> String {
        let who = self.codes(receivable, day);
        if who.is_empty() { "nobody".to_owned() } else { Vec::from_iter(who).join(", ") }
    }

    /// The unit and the people, with weights, that the newest letter makes accountable for a claim on a day.
    pub(super) fn accountable(&self, receivable: ReceivableId, day: Date) -> (Option<UnitId>, Vec<(PersonId, i64)>) {
        let Some(letter) = self.on(receivable, day).max_by(|a, b| (a.from, &a.code).cmp(&(b.from, &b.code))) else { return (None, Vec::new()) };
        let held = self.holding(letter, day);
        if held.is_empty() {
            return (letter.unit, letter.shares.iter().filter(|s| s.weight > 0).map(|s| (s.person, s.weight)).collect());
        }
        // Somebody who holds two roles answers once.
        let once: BTreeSet<PersonId> = held.into_iter().collect();
        (letter.unit, once.into_iter().map(|person| (person, 1)).collect())
    }

    /// Who holds a confirmed role for a letter on a day.
    fn holding(&self, letter: &Letter, day: Date) -> Vec<PersonId> {
        let held = self.roles.get(&letter.id).into_iter().flatten().filter(|r| r.from <= day && r.to.is_none_or(|to| day <= to));
        held.map(|r| r.person).collect()
    }

    /// Codes of the units that signed for a claim by a day; none where no letter of a unit names it.
    pub(super) fn units(&self, receivable: ReceivableId, day: Date) -> Option<String> {
        let units: BTreeSet<&str> = self.on(receivable, day).filter_map(|l| self.units.get(&l.unit?).map(String::as_str)).collect();
        (!units.is_empty()).then(|| Vec::from_iter(units).join(", "))
    }
}

/// Through what a role answers for a receivable, which these letters name and these agreements cover.
pub(super) fn through(scope: RoleScope, receivable: &Receivable, letters: &[LetterId], agreements: &[AgreementId]) -> Option<Through> {
    match scope {
        RoleScope::Receivable(id) => (id == receivable.id).then_some(Through::Receivable),
        RoleScope::Contract(id) => (Some(id) == receivable.contract).then_some(Through::Contract),
        RoleScope::Letter(id) => letters.contains(&id).then_some(Through::Letter(id)),
        RoleScope::Agreement(id) => agreements.contains(&id).then_some(Through::Agreement(id)),
        RoleScope::Unit(_) => None,
    }
}

/// Everybody who began to answer for a receivable by a day, in the order of their first days.
///
/// # Errors
/// The store.
pub fn responsible(view: &mut View<'_>, receivable: &Receivable, as_of: Date, known_at: i64) -> Result<Vec<Responsible>, EngineError> {
    let naming = LetterFilter { receivable: Some(receivable.id), ..LetterFilter::default() };
    let letters: Vec<Letter> = view.letters_page(naming, &Page::ALL, as_of, known_at)?.into_iter().map(|l| l.record).collect();
    let covering = AgreementFilter { receivable: Some(receivable.id), ..AgreementFilter::default() };
    let agreements: Vec<AgreementId> = view.agreements_page(covering, &Page::ALL, as_of, known_at)?.into_iter().map(|a| a.record.id).collect();
    let naming: Vec<LetterId> = letters.iter().map(|l| l.id).collect();
    let held = |r: RoleAssignment| {
        let through = through(r.scope, receivable, &naming, &agreements).filter(|_| r.from <= as_of)?;
        Some(Responsible { person: r.person, role: Some(r.role), through, from: r.from, to: r.to, lifelong: r.lifelong, confirmed: r.confirmed })
    };
    let mut all: Vec<Responsible> = view.roles(known_at)?.into_iter().filter_map(held).collect();
    let shared = letters.iter().flat_map(|l| {
        l.shares.iter().map(|s| Responsible {
            person: s.person,
            role: None,
            through: Through::Letter(l.id),
            from: l.from,
            to: None,
            lifelong: false,
            confirmed: true,
        })
    });
    all.extend(shared);
    all.sort_by_key(|r| r.from);
    Ok(all)
}
