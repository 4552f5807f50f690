//! Units of a ledger's entity: what signs letters and agreements, and what rights, authority and targets are limited to.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;
use recoup_model::id::UnitId;
use recoup_model::party::Unit;
use recoup_model::record::{Leaf, Record};
use recoup_store::{EVERYTHING as NOW, Tx};

use super::{Names, UnitFact, fault};
use crate::EngineError;

/// Adds the units that the ledger does not hold as they are stated.
pub(super) fn declare(tx: &mut Tx<'_>, leaves: &mut Vec<Leaf>, names: Names<'_>, facts: &IndexMap<String, UnitFact>) -> Result<(), EngineError> {
    if facts.is_empty() {
        return Ok(());
    }
    let known: HashMap<UnitId, Unit> = tx.units(NOW)?.into_iter().map(|u| (u.id, u)).collect();
    // Units that others recorded keep their ids: a unit is known by its code.
    let by_code: HashMap<&str, UnitId> = known.values().map(|u| (u.code.as_str(), u.id)).collect();
    let id = |code: &str| by_code.get(code).copied().unwrap_or_else(|| names.unit(code));
    let mut above: HashMap<UnitId, Option<UnitId>> = known.values().map(|u| (u.id, u.parent)).collect();
    above.extend(facts.iter().map(|(code, u)| (id(code), u.parent.as_deref().map(id))));
    for (code, u) in facts {
        let unit = Unit { id: id(code), code: code.clone(), name: u.name.clone(), parent: u.parent.as_deref().map(id) };
        if let Some(parent) = u.parent.as_deref().filter(|parent| !above.contains_key(&id(parent))) {
            return Err(unknown(&format!("unit {code}"), parent));
        }
        let (mut seen, mut at) = (BTreeSet::new(), Some(unit.id));
        while let Some(here) = at {
            if !seen.insert(here) {
                return Err(fault("unit.circle", format!("unit {code} lies above itself"), "correct which unit is above which"));
            }
            at = above.get(&here).copied().flatten();
        }
        if known.get(&unit.id) != Some(&unit) {
            leaves.push(Record::Unit(unit).into());
        }
    }
    Ok(())
}

/// The unit of a code.
pub(super) fn of_code(tx: &mut Tx<'_>, code: Option<&str>, place: &str) -> Result<Option<UnitId>, EngineError> {
    let Some(code) = code else { return Ok(None) };
    let found = tx.units(NOW)?.into_iter().find(|u| u.code == code);
    Ok(Some(found.ok_or_else(|| unknown(place, code))?.id))
}

fn unknown(place: &str, code: &str) -> EngineError {
    fault("unit.unknown", format!("{place} names unit {code}, which is not recorded"), "record the unit first, or in the same file")
}
