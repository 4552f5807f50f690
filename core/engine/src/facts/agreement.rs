//! Agreements, and what happens to them, to receipts and to claims. What stands already is not repeated.

use std::collections::{BTreeMap, HashSet};

use recoup_model::Money;
use recoup_model::agreement::{About, Agreement, Holder, Holders, Milestone, Obligor, Percent, SharesFault, Supervision, Term};
use recoup_model::calendar::Date;
use recoup_model::id::{PartyId, PersonId, UnitId};
use recoup_model::record::{Ledger, Record};
use recoup_model::target::Whose;
use recoup_store::{EVERYTHING as NOW, Tx};
use rust_decimal::Decimal;

use super::{AgreementFact, MilestoneFact, Names, SupervisionFact, TermFact, fault, unit};
use crate::EngineError;

/// Records an agreement as it is stated.
pub(super) fn agreed(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, code: &str, a: &AgreementFact) -> Result<(), EngineError> {
    if a.to.is_some_and(|to| to < a.from) {
        return Err(fault("agreement.dates", format!("agreement {code} ends before it begins on {}", a.from), "correct its dates"));
    }
    if !is_word(&a.kind) {
        return Err(fault("agreement.kind", format!("`{}`, the kind of agreement {code}, is no word", a.kind), WORD));
    }
    let receivables: Vec<_> = a.receivables.iter().map(|r| names.receivable(r)).collect();
    let found: HashSet<_> = tx.receivables(Some(&receivables), NOW)?.into_iter().map(|r| r.id).collect();
    if let Some((name, _)) = a.receivables.iter().zip(&receivables).find(|(_, id)| !found.contains(id)) {
        let what = format!("agreement {code} names receivable {name}, which the ledger does not have");
        return Err(fault("receivable.unknown", what, "import it first; the key is that of its source"));
    }
    let agreement = Agreement {
        id: names.agreement(code),
        code: code.to_owned(),
        kind: a.kind.clone(),
        unit: unit::of_code(tx, a.unit.as_deref(), &format!("agreement {code}"))?,
        from: a.from,
        to: a.to,
        receivables,
        holders: holders(tx, names, code, a)?,
        obligors: obligors(tx, names, code, a)?,
        terms: a.terms.iter().map(|(name, stated)| Ok((name.clone(), term(ledger, code, name, stated)?))).collect::<Result<BTreeMap<_, _>, EngineError>>()?,
        supervises: a.supervises.as_ref().map(|s| supervision(tx, names, code, a, s)).transpose()?,
    };
    if !tx.agreements(Some(&[agreement.id]), NOW)?.contains(&agreement) {
        tx.append(&[Record::Agreement(agreement).into()])?;
    }
    Ok(())
}

fn holders(tx: &mut Tx<'_>, names: Names<'_>, code: &str, a: &AgreementFact) -> Result<Holders, EngineError> {
    if a.holders.is_empty() && !a.obligors.is_empty() {
        return Ok(Holders::default());
    }
    let known: HashSet<PersonId> = tx.persons(None, NOW)?.into_iter().map(|(p, _)| p.id).collect();
    let refused = |why: SharesFault| {
        let mend = "give each person a share above zero, in per cent, so that together they are exactly 100";
        fault("agreement.shares", format!("agreement {code}: {why}"), mend)
    };
    let mut holders = Vec::with_capacity(a.holders.len());
    for (who, share) in &a.holders {
        let person = known_person(&known, names, who, &format!("agreement {code}"))?;
        let percent = Decimal::from_str_exact(share);
        let percent = percent.map_err(|_| fault("agreement.shares", format!("`{share}` of {who} in agreement {code} is no per cent"), "write it as 33.34"))?;
        holders.push(Holder { person, share: Percent::try_from(percent).map_err(refused)? });
    }
    Holders::try_from(holders).map_err(refused)
}

/// The units that are supervised: the target has a part for each, and what one recovers counts once.
fn supervision(tx: &mut Tx<'_>, names: Names<'_>, code: &str, a: &AgreementFact, s: &SupervisionFact) -> Result<Supervision, EngineError> {
    let refused = |what: String, mend: &str| fault("agreement.supervises", format!("agreement {code} {what}"), mend);
    if a.unit.is_some() {
        // Who sees that unit alone would see what others recovered.
        return Err(refused("is of a unit, and follows what several recover".to_owned(), "leave out its `unit`"));
    }
    let Some(target) = tx.targets(Some(&[names.target(&s.target)]), NOW)?.pop() else {
        return Err(refused(format!("follows target {}, which is not recorded", s.target), "record the target first"));
    };
    if target.from < a.from || a.to.is_none_or(|to| to < target.to) {
        return Err(refused(format!("does not cover the days of target {}", s.target), "let it begin with the target or before, and end with it or after"));
    }
    let mut units: Vec<UnitId> = Vec::with_capacity(s.units.len());
    let mut counted: HashSet<UnitId> = HashSet::new();
    for name in &s.units {
        let unit = unit::of_code(tx, Some(name), &format!("agreement {code}"))?;
        let part = (0_u32..).zip(target.tree.parts()).find(|(_, part)| unit.is_some_and(|unit| part.whose == Whose::Unit(unit)));
        let (Some(unit), Some((at, _))) = (unit, part) else {
            return Err(refused(format!("supervises unit {name}, for which target {} has no part", s.target), "name units that the target is decomposed to"));
        };
        let under = target.tree.units_under(at);
        if !counted.is_disjoint(&under.iter().copied().collect()) {
            return Err(refused(
                format!("supervises unit {name}, whose part is counted with that of another"),
                "name each unit once, and none that lies under another",
            ));
        }
        counted.extend(under);
        units.push(unit);
    }
    if units.is_empty() {
        return Err(refused("supervises no unit".to_owned(), "name the units, or leave `supervises` out"));
    }
    Ok(Supervision { target: target.id, units })
}

fn obligors(tx: &mut Tx<'_>, names: Names<'_>, code: &str, a: &AgreementFact) -> Result<Vec<Obligor>, EngineError> {
    let of = |(who, role): (&String, &String)| {
        if !is_word(role) {
            return Err(fault("agreement.obligors", format!("`{role}`, as which agreement {code} binds {who}, is no word"), WORD));
        }
        Ok(Obligor { party: names.party(who), role: role.clone() })
    };
    let obligors: Vec<Obligor> = a.obligors.iter().map(of).collect::<Result<_, _>>()?;
    let ids: Vec<PartyId> = obligors.iter().map(|o| o.party).collect();
    let known: HashSet<PartyId> = tx.parties(Some(&ids), NOW)?.into_iter().map(|(p, _)| p.id).collect();
    match a.obligors.keys().zip(&ids).find(|(_, id)| !known.contains(id)) {
        Some((who, _)) => {
            Err(fault("agreement.obligors", format!("agreement {code} binds {who}, whom the ledger does not know"), "record them among the debtors first"))
        }
        None => Ok(obligors),
    }
}

pub(super) fn known_person(known: &HashSet<PersonId>, names: Names<'_>, who: &str, place: &str) -> Result<PersonId, EngineError> {
    let person = names.person(who);
    let unknown = || fault("person.unknown", format!("{place} names {who}, who is not recorded"), "record the person first");
    known.contains(&person).then_some(person).ok_or_else(unknown)
}

fn term(ledger: &Ledger, code: &str, name: &str, stated: &TermFact) -> Result<Term, EngineError> {
    let place = format!("term {name} of agreement {code}");
    let no_word = |word: &str| fault("agreement.terms", format!("`{word}`, of {place}, is no word"), WORD);
    if !is_word(name) {
        return Err(no_word(name));
    }
    Ok(match stated {
        TermFact::Money(text) => Term::Money(Money::parse(text, ledger.currency)?.minor()),
        TermFact::Decimal(text) => {
            let decimal = Decimal::from_str_exact(text);
            Term::Decimal(decimal.map_err(|_| fault("agreement.terms", format!("`{text}`, {place}, is no decimal"), "write it as 0.05"))?)
        }
        TermFact::Day(day) => Term::Day(*day),
        TermFact::Word(word) if is_word(word) => Term::Word(word.clone()),
        TermFact::Word(word) => return Err(no_word(word)),
    })
}

const WORD: &str = "use small letters, digits and `-`, as the policy pack's README does";

/// Words are compared by packs: one spelling, so that none is missed for a capital or a blank.
fn is_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Records that something happened, or that it did so otherwise, or not at all.
pub(super) fn happened(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, on: Date, m: &MilestoneFact) -> Result<(), EngineError> {
    let place = format!("milestone {}", m.id);
    if !is_word(&m.kind) {
        return Err(fault("milestone.kind", format!("`{}`, the kind of {place}, is no word", m.kind), WORD));
    }
    let about = about(tx, names, ("milestone.about", &place), [&m.agreement, &m.receipt, &m.receivable])?;
    let amount = m.amount.as_ref().map(|text| Money::parse(text, ledger.currency)).transpose()?.map(Money::minor);
    if amount.is_some_and(|minor| minor < 0) {
        return Err(fault("milestone.amount", format!("the amount of {place} is below zero"), "write what it came to, or withdraw what it takes back"));
    }
    let known: HashSet<PersonId> = tx.persons(None, NOW)?.into_iter().map(|(p, _)| p.id).collect();
    let person = m.person.as_ref().map(|who| known_person(&known, names, who, &place)).transpose()?;
    let id = names.milestone(&m.id);
    let milestone = Milestone { id, kind: m.kind.clone(), about, on, amount, person, evidence: m.evidence.clone(), withdrawn: m.withdrawn };
    match tx.milestones(Some(&[id]), NOW)?.pop() {
        Some(before) if before == milestone => Ok(()),
        // What it is about decides who may see it, so it stays the same for every version.
        Some(before) if before.about != about => {
            Err(fault("milestone.moved", format!("{place} happened to something else"), "withdraw it as it is, and record another one with a key of its own"))
        }
        _ => Ok(tx.append(&[Record::Milestone(milestone).into()])?),
    }
}

/// The one of an agreement, a receipt and a claim that is named, if it is recorded.
pub(super) fn about(tx: &mut Tx<'_>, names: Names<'_>, (code, place): (&'static str, &str), named: [&Option<String>; 3]) -> Result<About, EngineError> {
    let (about, found) = match named {
        [Some(code), None, None] => {
            let id = names.agreement(code);
            (About::Agreement(id), !tx.agreements(Some(&[id]), NOW)?.is_empty())
        }
        [None, Some(key), None] => {
            let id = names.receipt(key);
            (About::Receipt(id), !tx.receipts(Some(&[id]), NOW)?.is_empty())
        }
        [None, None, Some(key)] => {
            let id = names.receivable(key);
            (About::Receivable(id), !tx.receivables(Some(&[id]), NOW)?.is_empty())
        }
        _ => return Err(fault(code, format!("{place} names no agreement, receipt or receivable, or several"), "name one of them")),
    };
    let unknown = || fault(code, format!("{place} names an agreement, receipt or receivable that is not recorded"), "record it first");
    found.then_some(about).ok_or_else(unknown)
}
