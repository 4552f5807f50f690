//! Lines and postings as reports.

use std::collections::{BTreeSet, HashMap};

use recoup_model::calendar::{Date, Month};
use recoup_model::due::{Balance, Beneficiary, Line, LineState};
use recoup_model::id::{LineId, PartyId, PersonId};
use recoup_store::View;

use crate::EngineError;
use crate::evaluate::standing_lines;

/// A line on a day.
#[derive(Debug, Clone)]
pub struct LineRow {
    /// Staff number of the person, or the party's key in its source.
    pub to: String,
    /// The line itself.
    pub line: Line,
    /// Its state on the day.
    pub state: LineState,
    /// Since when.
    pub since: Date,
}

/// Lines of a pack that stand on a day, by beneficiary, clause and date.
///
/// # Errors
/// The store.
pub fn lines(view: &mut View<'_>, pack: &str, as_of: Date, known_at: i64) -> Result<Vec<LineRow>, EngineError> {
    let codes = Codes::of(view, known_at)?;
    let mut rows: Vec<LineRow> = standing_lines(view, pack, known_at)?
        .into_iter()
        .filter(|l| !l.withdrawn)
        .filter_map(|line| {
            let (since, state) = line.states.iter().take_while(|(d, _)| *d <= as_of).last().copied()?;
            Some(LineRow { to: codes.beneficiary(line.key.to), state, since, line })
        })
        .collect();
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(rows)
}

fn order(r: &LineRow) -> (&str, &str, Option<Date>, u32, i64, LineId) {
    (&r.to, &r.line.key.clause, r.line.states.first().map(|(d, _)| *d), r.line.key.part, r.line.amount, r.line.id)
}

/// A posting, with whom it concerns by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingRow {
    /// Log position.
    pub position: i64,
    /// To or from whom.
    pub beneficiary: Beneficiary,
    /// Staff number of the person, or the party's key in its source.
    pub to: String,
    /// Clause id.
    pub clause: String,
    /// Which balance.
    pub balance: Balance,
    /// Minor units, signed.
    pub amount: i64,
    /// Effective date.
    pub on: Date,
    /// Period it is booked in.
    pub period: Month,
    /// The closed period it belongs to by date.
    pub origin: Option<Month>,
    /// The line it moves.
    pub line: LineId,
}

/// Postings with an effective date up to `as_of`, in the order of the log.
///
/// # Errors
/// The store.
pub fn postings(view: &mut View<'_>, as_of: Date, known_at: i64) -> Result<Vec<PostingRow>, EngineError> {
    let codes = Codes::of(view, known_at)?;
    let rows = view.postings(known_at)?.into_iter().filter(|p| p.posting.on <= as_of);
    Ok(rows
        .map(|p| PostingRow {
            position: p.position,
            beneficiary: p.to,
            to: codes.beneficiary(p.to),
            clause: p.clause,
            balance: p.posting.balance,
            amount: p.posting.amount,
            on: p.posting.on,
            period: p.posting.period,
            origin: p.posting.origin,
            line: p.line,
        })
        .collect())
}

/// What beneficiaries are called.
pub(crate) struct Codes {
    persons: HashMap<PersonId, String>,
    parties: HashMap<PartyId, String>,
}

impl Codes {
    pub(crate) fn of(view: &mut View<'_>, known_at: i64) -> Result<Self, EngineError> {
        let key = |(party, _): (recoup_model::party::Party, Option<String>)| Some((party.id, party.source?.key));
        Ok(Self { persons: codes(view, known_at)?, parties: view.parties(None, known_at)?.into_iter().filter_map(key).collect() })
    }

    /// Of these alone.
    pub(crate) fn of_these(view: &mut View<'_>, whose: &BTreeSet<Beneficiary>, known_at: i64) -> Result<Self, EngineError> {
        let persons: Vec<PersonId> = whose.iter().copied().filter_map(Beneficiary::person).collect();
        let parties: Vec<PartyId> = whose.iter().copied().filter_map(Beneficiary::party).collect();
        Ok(Self {
            persons: view.persons(Some(&persons), known_at)?.into_iter().map(|(p, _)| (p.id, p.code)).collect(),
            parties: view.parties(Some(&parties), known_at)?.into_iter().filter_map(|(p, _)| Some((p.id, p.source?.key))).collect(),
        })
    }

    /// Staff number of a person, key of a party; an id where there is none.
    pub(crate) fn beneficiary(&self, to: Beneficiary) -> String {
        match to {
            Beneficiary::Person(id) => self.persons.get(&id).cloned().unwrap_or_default(),
            Beneficiary::Party(id) => self.parties.get(&id).cloned().unwrap_or_else(|| id.to_string()),
        }
    }
}

/// Staff numbers.
pub(crate) fn codes(view: &mut View<'_>, known_at: i64) -> Result<HashMap<PersonId, String>, EngineError> {
    Ok(view.persons(None, known_at)?.into_iter().map(|(p, _)| (p.id, p.code)).collect())
}
