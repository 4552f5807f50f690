//! Sanctions in force (责任追究台账): on whom, since when, until when, and why.

use std::collections::HashMap;

use recoup_model::agreement::About;
use recoup_model::calendar::Date;
use recoup_model::sanction::{Sanction, SanctionKind};
use recoup_store::View;
use uuid::Uuid;

use super::due;
use crate::EngineError;

/// One sanction that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Staff number.
    pub person: String,
    /// Which.
    pub kind: SanctionKind,
    /// Number of the agreement, document of the claim or reference of the receipt that they answer for.
    pub subject: String,
    /// First day.
    pub from: Date,
    /// Last day, which is inside, if there is one yet.
    pub to: Option<Date>,
    /// The decision that imposes it.
    pub why: String,
}

/// Every sanction that is in force at the end of a day, by person, first day and kind.
///
/// # Errors
/// The store.
pub fn in_force(view: &mut View<'_>, as_of: Date, known_at: i64) -> Result<Vec<Row>, EngineError> {
    let mut all: Vec<Sanction> = view.sanctions(None, known_at)?;
    all.retain(|sanction| sanction.is_in_force(as_of));
    let (people, subjects) = (due::codes(view, known_at)?, subjects(view, &all, known_at)?);
    let row = |sanction: Sanction| Row {
        person: people.get(&sanction.person).cloned().unwrap_or_default(),
        kind: sanction.kind,
        subject: subjects.get(&sanction.about.parts().1).cloned().unwrap_or_default(),
        from: sanction.from,
        to: sanction.last_day(),
        why: sanction.why,
    };
    let mut rows: Vec<Row> = all.into_iter().map(row).collect();
    rows.sort_by(|a, b| (&a.person, a.from, a.kind, &a.subject, &a.why).cmp(&(&b.person, b.from, b.kind, &b.subject, &b.why)));
    Ok(rows)
}

/// What sanctions are for, by id.
fn subjects(view: &mut View<'_>, sanctions: &[Sanction], known_at: i64) -> Result<HashMap<Uuid, String>, EngineError> {
    let (mut agreements, mut receipts, mut receivables) = (Vec::new(), Vec::new(), Vec::new());
    for sanction in sanctions {
        match sanction.about {
            About::Agreement(id) => agreements.push(id),
            About::Receipt(id) => receipts.push(id),
            About::Receivable(id) => receivables.push(id),
        }
    }
    let mut names: HashMap<Uuid, String> = HashMap::new();
    names.extend(view.agreements(Some(&agreements), known_at)?.into_iter().map(|a| (a.id.0, a.code)));
    names.extend(view.receipts(Some(&receipts), known_at)?.into_iter().map(|r| (r.id.0, r.reference)));
    names.extend(view.receivables(Some(&receivables), known_at)?.into_iter().map(|r| (r.id.0, r.document)));
    Ok(names)
}
