//! Declarations: people, debtors, contracts, claims, letters, roles.

use recoup_model::accountability::{Letter, RoleAssignment, RoleScope, Share, WageMonth};
use recoup_model::calendar::Month;
use recoup_model::id::{EntryId, PersonId, RoleId};
use recoup_model::party::{Contract, Party, PartyKind, Person, Personal, Source};
use recoup_model::receivable::{DueSource, Entry, EntryKind, Receivable, ReceivableKind, Stage};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::{Digest, Money};
use recoup_store::{EVERYTHING as NOW, Tx};

use super::{Facts, LetterFact, Names, PersonFact, ReceivableFact, RoleFact, fault};
use crate::EngineError;

/// Records every declaration, each kind after those it refers to.
pub(super) fn all(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, facts: &Facts) -> Result<(), EngineError> {
    let mut leaves: Vec<Leaf> = Vec::new();
    for (code, p) in &facts.people {
        let id = names.person(code);
        leaves.push(Leaf::with(Record::Person(Person { id, code: code.clone() }), Personal { name: Some(p.name.clone()), ..Personal::default() }));
        wages(&mut leaves, ledger, id, code, p)?;
    }
    for (code, name) in &facts.debtors {
        let source = source(names, code, name);
        let party = Party { id: names.party(code), kind: PartyKind::Organisation, name: Some(name.clone()), unified_code: None, source: Some(source) };
        leaves.push(Record::Party(party).into());
    }
    for (code, c) in &facts.contracts {
        let name = c.name.clone().unwrap_or_else(|| code.clone());
        let source = source(names, code, &name);
        let contract = Contract { id: names.contract(code), code: code.clone(), name, party: Some(names.party(&c.debtor)), source: Some(source) };
        leaves.push(Record::Contract(contract).into());
    }
    for (key, r) in &facts.receivables {
        receivable(&mut leaves, ledger, names, key, r)?;
    }
    tx.append(&leaves)?;
    leaves.clear();
    for (code, l) in &facts.letters {
        leaves.push(letter(tx, names, code, l)?);
    }
    tx.append(&leaves)?;
    for r in &facts.roles {
        let leaf = role(tx, names, r)?;
        tx.append(&[leaf])?;
    }
    Ok(())
}

fn source(names: Names<'_>, key: &str, content: &str) -> Source {
    Source { system: names.system.to_owned(), key: key.to_owned(), locator: "declared".to_owned(), content: Digest::of(content.as_bytes()) }
}

fn wages(leaves: &mut Vec<Leaf>, ledger: &Ledger, person: PersonId, code: &str, p: &PersonFact) -> Result<(), EngineError> {
    let mend = || "write a year as 2024 or a month as 2024-07, and the gross wage as 12000.00";
    let mut months: std::collections::BTreeMap<Month, &String> = std::collections::BTreeMap::new();
    // A month's own wage stands over that of its year, in whichever order they are written.
    for year_keys in [true, false] {
        for (key, wage) in p.wages.iter().filter(|(k, _)| (k.len() == 4) == year_keys) {
            let named: Option<Vec<Month>> =
                if year_keys { (1..=12).map(|m| Month::new(key.parse().ok()?, m)).collect() } else { key.parse().ok().map(|m| vec![m]) };
            let named = named.ok_or_else(|| fault("wage.month", format!("`{key}` in the wages of {code} is no month"), mend()))?;
            months.extend(named.into_iter().map(|m| (m, wage)));
        }
    }
    for (month, wage) in months {
        let gross = Money::parse(wage, ledger.currency).ok().filter(|m| m.minor() >= 0);
        let gross = gross.ok_or_else(|| fault("wage.amount", format!("`{wage}` in the wages of {code} is no wage"), mend()))?;
        leaves.push(Leaf::with(Record::WageMonth(WageMonth { person, month }), Personal { gross: Some(gross.minor()), ..Personal::default() }));
    }
    Ok(())
}

fn receivable(leaves: &mut Vec<Leaf>, ledger: &Ledger, names: Names<'_>, key: &str, r: &ReceivableFact) -> Result<(), EngineError> {
    let gross = Money::parse(&r.amount, ledger.currency)?;
    if gross.minor() < 0 {
        return Err(fault("receivable.negative", format!("receivable {key} of {gross} is below zero"), "record it as a receipt with `means: credit-note`"));
    }
    let id = names.receivable(key);
    let record = Receivable {
        id,
        party: names.party(&r.debtor),
        contract: r.contract.as_deref().map(|c| names.contract(c)),
        kind: if r.stage == Stage::Retention { ReceivableKind::Retention } else { ReceivableKind::Invoice },
        document: key.to_owned(),
        gross,
        ledger_gross: gross,
        conversion: None,
        document_date: r.document_date,
        due: r.due,
        due_source: if r.due.is_some() { DueSource::Stated } else { DueSource::Unknown },
        stage: r.stage,
        source: Some(source(names, key, &r.amount)),
    };
    leaves.push(Record::Receivable(record).into());
    let entry = Entry {
        id: EntryId::from_parts(&[id.0.as_bytes(), b"gross"]),
        kind: EntryKind::Gross,
        receivable: Some(id),
        receipt: None,
        amount: gross.minor(),
        ledger_amount: gross.minor(),
        on: r.document_date,
        cites: None,
        means: None,
        basis: None,
        source: None,
    };
    leaves.push(Record::Entry(entry).into());
    Ok(())
}

fn letter(tx: &mut Tx<'_>, names: Names<'_>, code: &str, l: &LetterFact) -> Result<Leaf, EngineError> {
    if l.deadline < l.from {
        return Err(fault("letter.dates", format!("letter {code} ends on {} before it begins on {}", l.deadline, l.from), "correct its dates"));
    }
    if !l.shares.is_empty() && (l.shares.values().any(|w| *w < 0) || l.shares.values().all(|w| *w == 0)) {
        return Err(fault(
            "letter.shares",
            format!("the shares of letter {code} are not weights"),
            "give each person a weight of zero or more, and one above zero",
        ));
    }
    let known: std::collections::HashSet<PersonId> = tx.persons(None, NOW)?.into_iter().map(|(p, _)| p.id).collect();
    if let Some(who) = l.shares.keys().find(|who| !known.contains(&names.person(who))) {
        return Err(fault("person.unknown", format!("letter {code} names {who}, who is not recorded"), "record the person first"));
    }
    let receivables: Vec<_> = l.receivables.iter().map(|r| names.receivable(r)).collect();
    let found: std::collections::HashSet<_> = tx.receivables(Some(&receivables), NOW)?.into_iter().map(|r| r.id).collect();
    if let Some((name, _)) = l.receivables.iter().zip(&receivables).find(|(_, id)| !found.contains(id)) {
        return Err(fault(
            "receivable.unknown",
            format!("letter {code} names receivable {name}, which the ledger does not have"),
            "import it first; the key is that of its source",
        ));
    }
    let shares = l.shares.iter().map(|(who, weight)| Share { person: names.person(who), weight: *weight }).collect();
    let letter = Letter { id: names.letter(code), code: code.to_owned(), unit: None, from: l.from, deadline: l.deadline, receivables, shares };
    Ok(Record::Letter(letter).into())
}

fn role(tx: &mut Tx<'_>, names: Names<'_>, r: &RoleFact) -> Result<Leaf, EngineError> {
    let scope = match (&r.letter, &r.contract) {
        (Some(l), None) => RoleScope::Letter(names.letter(l)),
        (None, Some(c)) => RoleScope::Contract(names.contract(c)),
        _ => {
            return Err(fault("role.scope", format!("role {} of {} names no letter or contract, or both", r.role, r.person), "name one of them"));
        }
    };
    if r.to.is_some_and(|to| to < r.from) {
        return Err(fault("role.dates", format!("role {} of {} ends before it begins", r.role, r.person), "correct its dates"));
    }
    let person = names.person(&r.person);
    let mut roles = tx.roles(NOW)?;
    roles.retain(|o| o.scope == scope && o.role == r.role && o.confirmed && r.confirmed);
    let overlaps = |o: &RoleAssignment| o.from <= r.to.unwrap_or(chrono::NaiveDate::MAX) && r.from <= o.to.unwrap_or(chrono::NaiveDate::MAX);
    if let Some(o) = roles.iter().find(|o| overlaps(o)) {
        let what = format!("role {} of {} from {} overlaps one from {}", r.role, r.person, r.from, o.from);
        return Err(fault("role.overlap", what, "end the earlier one the day before"));
    }
    let scope_bytes = match scope {
        RoleScope::Letter(l) => l.0,
        RoleScope::Contract(c) => c.0,
        RoleScope::Receivable(x) => x.0,
        RoleScope::Unit(u) => u.0,
    };
    let id = RoleId::from_parts(&[scope_bytes.as_bytes(), person.0.as_bytes(), r.role.as_bytes(), r.from.to_string().as_bytes()]);
    let role = RoleAssignment { id, person, role: r.role.clone(), scope, from: r.from, to: r.to, lifelong: false, confirmed: r.confirmed };
    Ok(Record::Role(role).into())
}
