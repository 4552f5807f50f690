//! Pauses of claims' clocks. What stands already is not repeated.

use chrono::NaiveDate;
use recoup_model::calendar::Date;
use recoup_model::pause::{Pause, PauseKind};
use recoup_model::record::Record;
use recoup_store::{EVERYTHING as NOW, Tx};
use schemars::JsonSchema;
use serde::Deserialize;

use super::event::known_receivable;
use super::{Names, fault};
use crate::EngineError;

/// The clock by which a claim ages stands from this day on; a later statement of the same id replaces it, with its last day, for one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseFact {
    /// Key of the pause.
    pub id: String,
    /// Of which claim.
    pub receivable: String,
    /// dispute, litigation or force-majeure.
    #[schemars(with = "String")]
    pub kind: PauseKind,
    /// Last day, which is inside; it goes on when absent.
    pub until: Option<NaiveDate>,
    /// What it rests on, such as the number of a case.
    pub why: String,
    /// It was recorded by mistake, and the clock never stood.
    #[serde(default)]
    pub withdrawn: bool,
}

/// Records that a clock stands, or for how long, or that it never did.
pub(super) fn stood(tx: &mut Tx<'_>, names: Names<'_>, from: Date, p: &PauseFact) -> Result<(), EngineError> {
    if p.until.is_some_and(|until| until < from) {
        return Err(fault("pause.dates", format!("pause {} ends before it begins on {from}", p.id), "correct its dates"));
    }
    let pause = Pause {
        id: names.pause(&p.id),
        code: p.id.clone(),
        receivable: known_receivable(tx, names, &p.receivable)?.id,
        kind: p.kind,
        from,
        until: p.until,
        why: p.why.clone(),
        withdrawn: p.withdrawn,
    };
    match tx.pauses(Some(&[pause.id]), NOW)?.pop() {
        Some(before) if before == pause => Ok(()),
        // Which claim it is of decides who may see it, so it stays the same for every version.
        Some(before) if before.receivable != pause.receivable => {
            let mend = "withdraw it as it is, and record another one with a key of its own";
            Err(fault("pause.moved", format!("pause {} was of another claim", p.id), mend))
        }
        _ => Ok(tx.append(&[Record::Pause(pause).into()])?),
    }
}
