//! What people did: results that they reported falsely, and sanctions on them. What stands already is not repeated.

use std::collections::HashSet;

use chrono::NaiveDate;
use recoup_model::calendar::Date;
use recoup_model::id::PersonId;
use recoup_model::record::Record;
use recoup_model::sanction::{FalseReport, Sanction, SanctionKind};
use recoup_store::{EVERYTHING as NOW, Tx};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agreement::{about, known_person};
use super::{Names, fault};
use crate::EngineError;

/// A false report was found; a later statement of the same id replaces it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FalseReportFact {
    /// Key of the finding.
    pub id: String,
    /// Who reported falsely.
    pub person: String,
    /// Results of which agreement.
    pub agreement: Option<String>,
    /// Or of which receipt.
    pub receipt: Option<String>,
    /// Or of which claim.
    pub receivable: Option<String>,
    /// Only the results of this day or later.
    pub from: Option<NaiveDate>,
    /// Only the results of this day or earlier.
    pub to: Option<NaiveDate>,
    /// The sanction that the finding states: notice-of-criticism, demerit, removal, no-promotion, no-transfer, no-resignation or no-awards.
    #[schemars(with = "Option<String>")]
    pub sanction: Option<SanctionKind>,
    /// The paper that proves it.
    pub evidence: Option<String>,
    /// It was recorded by mistake, and nothing was found.
    #[serde(default)]
    pub withdrawn: bool,
}

/// A sanction; a later statement of the same id replaces it, with the day on which it is lifted, for one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SanctionFact {
    /// Key of the sanction.
    pub id: String,
    /// notice-of-criticism, demerit, removal, no-promotion, no-transfer, no-resignation or no-awards.
    #[schemars(with = "String")]
    pub kind: SanctionKind,
    /// On whom.
    pub person: String,
    /// For which agreement they answer.
    pub agreement: Option<String>,
    /// Or for which receipt.
    pub receipt: Option<String>,
    /// Or for which claim.
    pub receivable: Option<String>,
    /// Last day, which is inside; open when absent.
    pub until: Option<NaiveDate>,
    /// From this day on it is in force no longer.
    pub lifted: Option<NaiveDate>,
    /// The decision that imposes it.
    pub why: String,
    /// It was recorded by mistake, and never imposed.
    #[serde(default)]
    pub withdrawn: bool,
}

const APART: &str = "withdraw it as it is, and record another one with a key of its own";

fn person(tx: &mut Tx<'_>, names: Names<'_>, who: &str, place: &str) -> Result<PersonId, EngineError> {
    let known: HashSet<PersonId> = tx.persons(None, NOW)?.into_iter().map(|(p, _)| p.id).collect();
    known_person(&known, names, who, place)
}

/// Records that results were reported falsely, or that they were so otherwise, or not at all.
pub(super) fn found(tx: &mut Tx<'_>, names: Names<'_>, on: Date, f: &FalseReportFact) -> Result<(), EngineError> {
    let place = format!("false report {}", f.id);
    if f.from.zip(f.to).is_some_and(|(from, to)| to < from) {
        return Err(fault("false_report.dates", format!("the results of {place} end before they begin"), "correct its dates"));
    }
    let report = FalseReport {
        id: names.false_report(&f.id),
        code: f.id.clone(),
        about: about(tx, names, ("false_report.about", &place), [&f.agreement, &f.receipt, &f.receivable])?,
        person: person(tx, names, &f.person, &place)?,
        on,
        from: f.from,
        to: f.to,
        sanction: f.sanction,
        evidence: f.evidence.clone(),
        withdrawn: f.withdrawn,
    };
    match tx.false_reports(Some(&[report.id]), NOW)?.pop() {
        Some(before) if before == report => Ok(()),
        // What it is about decides who may see it, so it stays the same for every version.
        Some(before) if before.about != report.about => Err(fault("false_report.moved", format!("{place} was about something else"), APART)),
        _ => Ok(tx.append(&[Record::FalseReport(report).into()])?),
    }
}

/// Records that a sanction is imposed, or lifted, or that it never was one.
pub(super) fn imposed(tx: &mut Tx<'_>, names: Names<'_>, from: Date, s: &SanctionFact) -> Result<(), EngineError> {
    let place = format!("sanction {}", s.id);
    if [s.until, s.lifted].into_iter().flatten().any(|day| day < from) {
        return Err(fault("sanction.dates", format!("{place} ends or is lifted before it begins on {from}"), "correct its dates"));
    }
    let sanction = Sanction {
        id: names.sanction(&s.id),
        code: s.id.clone(),
        kind: s.kind,
        person: person(tx, names, &s.person, &place)?,
        about: about(tx, names, ("sanction.about", &place), [&s.agreement, &s.receipt, &s.receivable])?,
        from,
        until: s.until,
        lifted: s.lifted,
        why: s.why.clone(),
        withdrawn: s.withdrawn,
    };
    match tx.sanctions(Some(&[sanction.id]), NOW)?.pop() {
        Some(before) if before == sanction => Ok(()),
        Some(before) if before.about != sanction.about || before.person != sanction.person => {
            Err(fault("sanction.moved", format!("{place} was for something or on somebody else"), APART))
        }
        _ => Ok(tx.append(&[Record::Sanction(sanction).into()])?),
    }
}
