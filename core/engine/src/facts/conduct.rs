//! What people did: results that they reported falsely, and sanctions on them. What stands already is not repeated.

use std::collections::HashSet;

use recoup_model::calendar::Date;
use recoup_model::id::PersonId;
use recoup_model::record::Record;
use recoup_model::sanction::{FalseReport, Sanction};
use recoup_store::{EVERYTHING as NOW, Tx};

use super::agreement::{about, known_person};
use super::{FalseReportFact, Names, SanctionFact, fault};
use crate::EngineError;

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
