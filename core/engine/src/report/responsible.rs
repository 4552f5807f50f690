//! Who answers for a receivable, since when and through what.

use recoup_model::accountability::{Letter, RoleAssignment, RoleScope};
use recoup_model::calendar::Date;
use recoup_model::id::{LetterId, PersonId};
use recoup_model::receivable::Receivable;
use recoup_store::{LetterFilter, Page, View};

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

/// Everybody who began to answer for a receivable by a day, in the order of their first days.
///
/// # Errors
/// The store.
pub fn responsible(view: &mut View<'_>, receivable: &Receivable, as_of: Date, known_at: i64) -> Result<Vec<Responsible>, EngineError> {
    let naming = LetterFilter { receivable: Some(receivable.id), ..LetterFilter::default() };
    let letters: Vec<Letter> = view.letters_page(naming, &Page::ALL, as_of, known_at)?.into_iter().map(|l| l.record).collect();
    let through = |scope: RoleScope| match scope {
        RoleScope::Receivable(id) => (id == receivable.id).then_some(Through::Receivable),
        RoleScope::Contract(id) => (Some(id) == receivable.contract).then_some(Through::Contract),
        RoleScope::Letter(id) => letters.iter().any(|l| l.id == id).then_some(Through::Letter(id)),
        RoleScope::Unit(_) => None,
    };
    let held = |r: RoleAssignment| {
        let through = through(r.scope).filter(|_| r.from <= as_of)?;
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
