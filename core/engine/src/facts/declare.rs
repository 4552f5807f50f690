//! Declarations: people, units, debtors, contracts, claims, letters, roles. What stands already is not repeated.

use std::collections::{BTreeMap, HashMap};

use indexmap::IndexMap;
use recoup_model::Money;
use recoup_model::accountability::{Letter, RoleAssignment, RoleScope, Share, WageMonth};
use recoup_model::calendar::{Date, Month};
use recoup_model::id::{EntryId, PersonId, RoleId};
use recoup_model::party::{Contract, Party, PartyKind, Person, Personal};
use recoup_model::payout::PayoutTerms;
use recoup_model::receivable::{DueSource, Entry, EntryKind, Receivable, ReceivableKind, Stage};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::settlement::MinimumWage;
use recoup_store::{EVERYTHING as NOW, Tx, Wage};

use super::agreement::agreed;
use super::event::declared;
use super::{Facts, LetterFact, Names, PersonFact, ReceivableFact, RoleFact, fault, target, unit};
use crate::EngineError;

/// Records every declaration, each kind after those it refers to.
pub(super) fn all(tx: &mut Tx<'_>, ledger: &Ledger, names: Names<'_>, facts: &Facts) -> Result<(), EngineError> {
    let mut leaves: Vec<Leaf> = Vec::new();
    let known: HashMap<PersonId, Option<String>> = tx.persons(None, NOW)?.into_iter().map(|(p, name)| (p.id, name)).collect();
    let ids: Vec<PersonId> = facts.people.keys().map(|code| names.person(code)).collect();
    let paid: HashMap<(PersonId, Month), Wage> = tx.wages(Some(&ids), NOW)?.into_iter().map(|w| ((w.person, w.month), w)).collect();
    for (code, p) in &facts.people {
        let id = names.person(code);
        if known.get(&id) != Some(&Some(p.name.clone())) {
            leaves.push(Leaf::with(Record::Person(Person { id, code: code.clone() }), Personal { name: Some(p.name.clone()), ..Personal::default() }));
        }
        wages(&mut leaves, ledger, id, code, p, &paid)?;
    }
    unit::declare(tx, &mut leaves, names, &facts.units)?;
    minimum_wages(tx, &mut leaves, ledger, facts)?;
    payout_terms(tx, &mut leaves, facts)?;
    for (code, name) in &facts.debtors {
        let source = declared(names, code, name);
        let party = Party { id: names.party(code), kind: PartyKind::Organisation, name: Some(name.clone()), unified_code: None, source: Some(source) };
        if tx.parties(Some(&[party.id]), NOW)?.iter().all(|(known, _)| *known != party) {
            leaves.push(Record::Party(party).into());
        }
    }
    for (code, c) in &facts.contracts {
        let name = c.name.clone().unwrap_or_else(|| code.clone());
        let source = declared(names, code, &name);
        let contract = Contract { id: names.contract(code), code: code.clone(), name, party: Some(names.party(&c.debtor)), source: Some(source) };
        if !tx.contracts(Some(&[contract.id]), NOW)?.contains(&contract) {
            leaves.push(Record::Contract(contract).into());
        }
    }
    for (key, r) in &facts.receivables {
        receivable(tx, &mut leaves, ledger, names, key, r)?;
    }
    tx.append(&leaves)?;
    leaves.clear();
    for (code, l) in &facts.letters {
        let letter = letter(tx, names, code, l)?;
        if !tx.letters(Some(&[letter.id]), NOW)?.contains(&letter) {
            leaves.push(Record::Letter(letter).into());
        }
    }
    tx.append(&leaves)?;
    for (code, t) in &facts.targets {
        target::stated(tx, ledger, names, code, t)?;
    }
    for (code, a) in &facts.agreements {
        agreed(tx, ledger, names, code, a)?;
    }
    for r in &facts.roles {
        if let Some(role) = role(tx, names, r)? {
            tx.append(&[Record::Role(role).into()])?;
        }
    }
    Ok(())
}

fn wages(
    leaves: &mut Vec<Leaf>,
    ledger: &Ledger,
    person: PersonId,
    code: &str,
    p: &PersonFact,
    paid: &HashMap<(PersonId, Month), Wage>,
) -> Result<(), EngineError> {
    let mut deductions = by_month(ledger, &p.deductions, &format!("the deductions of {code}"))?;
    for (month, gross) in by_month(ledger, &p.wages, &format!("the wages of {code}"))? {
        let wage = Wage { person, month, gross, deductions: deductions.remove(&month), place: p.place.clone() };
        if wage.deductions.is_some_and(|less| less > gross) {
            let what = format!("the deductions of {code} in {month} are more than the wage");
            return Err(fault("wage.deductions", what, "state the gross wage, and what the law deducts of it"));
        }
        if paid.get(&(person, month)) == Some(&wage) {
            continue;
        }
        let personal = Personal { gross: Some(gross), deductions: wage.deductions, place: wage.place, ..Personal::default() };
        leaves.push(Leaf::with(Record::WageMonth(WageMonth { person, month }), personal));
    }
    match deductions.keys().next() {
        Some(month) => Err(fault("wage.deductions", format!("{code} has deductions in {month} and no wage"), "state the wage of the month beside them")),
        None => Ok(()),
    }
}

/// Amounts by month, in minor units. A month's own amount stands over that of its year, in whichever order they are written.
fn by_month(ledger: &Ledger, stated: &IndexMap<String, String>, of: &str) -> Result<BTreeMap<Month, i64>, EngineError> {
    let mend = "write a year as 2024 or a month as 2024-07, and the amount as 12000.00";
    let mut months = BTreeMap::new();
    for year_keys in [true, false] {
        for (key, amount) in stated.iter().filter(|(k, _)| (k.len() == 4) == year_keys) {
            let named: Option<Vec<Month>> =
                if year_keys { (1..=12).map(|m| Month::new(key.parse().ok()?, m)).collect() } else { key.parse().ok().map(|m| vec![m]) };
            let named = named.ok_or_else(|| fault("wage.month", format!("`{key}` in {of} is no month"), mend))?;
            let minor = amount_of(ledger, amount).ok_or_else(|| fault("wage.amount", format!("`{amount}` in {of} is no wage"), mend))?;
            months.extend(named.into_iter().map(|m| (m, minor)));
        }
    }
    Ok(months)
}

/// An amount that is not below zero, in minor units.
fn amount_of(ledger: &Ledger, text: &str) -> Option<i64> {
    Money::parse(text, ledger.currency).ok().map(Money::minor).filter(|minor| *minor >= 0)
}

fn minimum_wages(tx: &mut Tx<'_>, leaves: &mut Vec<Leaf>, ledger: &Ledger, facts: &Facts) -> Result<(), EngineError> {
    if facts.minimum_wages.is_empty() {
        return Ok(());
    }
    let known = tx.minimum_wages(NOW)?;
    for (place, table) in &facts.minimum_wages {
        for (from, amount) in table {
            let minor = amount_of(ledger, amount).filter(|minor| *minor > 0);
            let minor = minor.ok_or_else(|| {
                let what = format!("`{amount}` is no minimum wage of {place} from {from}");
                fault("minimum_wage.amount", what, "write the wage of a month as 2260.00")
            })?;
            let stated = MinimumWage { place: place.clone(), from: *from, amount: minor };
            if !known.contains(&stated) {
                leaves.push(Record::MinimumWage(stated).into());
            }
        }
    }
    Ok(())
}

fn payout_terms(tx: &mut Tx<'_>, leaves: &mut Vec<Leaf>, facts: &Facts) -> Result<(), EngineError> {
    let known = tx.payout_terms(NOW)?;
    let stated = facts.payout_terms.iter().map(|(from, t)| PayoutTerms { from: *from, notice_days: t.notice_days, tax_note: t.tax_note.clone() });
    leaves.extend(stated.filter(|terms| !known.contains(terms)).map(|terms| Record::PayoutTerms(terms).into()));
    Ok(())
}

fn receivable(tx: &mut Tx<'_>, leaves: &mut Vec<Leaf>, ledger: &Ledger, names: Names<'_>, key: &str, r: &ReceivableFact) -> Result<(), EngineError> {
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
        source: Some(declared(names, key, &format!("{} {:?} {} {}", r.document_date, r.due, r.amount, r.stage.word()))),
    };
    match tx.receivables(Some(&[id]), NOW)?.pop() {
        Some(known) if known == record => return Ok(()),
        Some(known) => {
            let what = format!("receivable {key} is in the ledger already, with {} of {}", known.gross, known.document_date);
            return Err(fault("receivable.duplicate", what, "correct it in its source, or give the new one another key"));
        }
        None => leaves.push(Record::Receivable(record).into()),
    }
    let entry = Entry {
        id: EntryId::from_parts(&[id.0.as_bytes(), b"gross"]),
        kind: EntryKind::Gross,
        receivable: Some(id),
        receipt: None,
        amount: gross.minor(),
        ledger_amount: gross.minor(),
        on: r.document_date,
        period: None,
        cites: None,
        means: None,
        basis: None,
        source: None,
    };
    leaves.push(Record::Entry(entry).into());
    Ok(())
}

fn letter(tx: &mut Tx<'_>, names: Names<'_>, code: &str, l: &LetterFact) -> Result<Letter, EngineError> {
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
    let unit = unit::of_code(tx, l.unit.as_deref(), &format!("letter {code}"))?;
    Ok(Letter { id: names.letter(code), code: code.to_owned(), unit, from: l.from, deadline: l.deadline, receivables, shares })
}

/// The role as it is to stand, or nothing when it stands so. The same person's role from the same day is the same role:
/// stating it with an end ends it, as a hand-over needs.
fn role(tx: &mut Tx<'_>, names: Names<'_>, r: &RoleFact) -> Result<Option<RoleAssignment>, EngineError> {
    let (scope, subject, found) = match (&r.letter, &r.contract, &r.agreement) {
        (Some(l), None, None) => {
            let id = names.letter(l);
            (RoleScope::Letter(id), id.0, !tx.letters(Some(&[id]), NOW)?.is_empty())
        }
        (None, None, Some(a)) => {
            let id = names.agreement(a);
            (RoleScope::Agreement(id), id.0, !tx.agreements(Some(&[id]), NOW)?.is_empty())
        }
        (None, Some(c), None) => {
            let id = names.contract(c);
            (RoleScope::Contract(id), id.0, !tx.contracts(Some(&[id]), NOW)?.is_empty())
        }
        _ => {
            return Err(fault("role.scope", format!("role {} of {} names no letter, contract or agreement, or several", r.role, r.person), "name one of them"));
        }
    };
    if !found {
        return Err(fault(
            "role.unknown_scope",
            format!("role {} of {} names a letter, contract or agreement that is not recorded", r.role, r.person),
            "record it first",
        ));
    }
    let person = names.person(&r.person);
    if tx.persons(Some(&[person]), NOW)?.is_empty() {
        return Err(fault("person.unknown", format!("role {} names {}, who is not recorded", r.role, r.person), "record the person first"));
    }
    if r.to.is_some_and(|to| to < r.from) {
        return Err(fault("role.dates", format!("role {} of {} ends before it begins", r.role, r.person), "correct its dates"));
    }
    let id = RoleId::from_parts(&[subject.as_bytes(), person.0.as_bytes(), r.role.as_bytes(), r.from.to_string().as_bytes()]);
    let role = RoleAssignment { id, person, role: r.role.clone(), scope, from: r.from, to: r.to, lifelong: false, confirmed: r.confirmed };
    let mut others = tx.roles(NOW)?;
    if others.contains(&role) {
        return Ok(None);
    }
    others.retain(|o| o.id != id && o.scope == scope && o.role == r.role && o.confirmed && r.confirmed);
    let overlaps = |o: &RoleAssignment| o.from <= r.to.unwrap_or(Date::MAX) && r.from <= o.to.unwrap_or(Date::MAX);
    if let Some(o) = others.iter().find(|o| overlaps(o)) {
        let what = format!("role {} of {} from {} overlaps one from {}", r.role, r.person, r.from, o.from);
        return Err(fault("role.overlap", what, "end the earlier one the day before: state it again with its last day"));
    }
    Ok(Some(role))
}
