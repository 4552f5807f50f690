//! Parties, people, units and contracts.

use recoup_model::access::Permission;
use recoup_model::id::{PartyId, PersonId};
use recoup_model::party::{Party, Person, Unit};
use recoup_store::{Listed, Page, Sort};
use uuid::Uuid;

use super::names::{party_code, source, word};
use crate::http::across::Common;
use crate::http::export::cell::row;
use crate::http::list::{List, Rows, and_one, sifted};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::{All, filter};

/// What the day means where records have none.
pub(super) const NO_DAY: &str = "As of the end of this day; today where the books are kept when absent. Nothing here has a day of its own: what is \
    recorded holds on every day, so this only says which day the answer is about. What was recorded by when is asked by `known_at`.";

row! {
    /// Who owes, pays or guarantees (往来单位).
    PartyRow {
        /// Installation-wide id.
        id: Uuid,
        /// Key in the source.
        code: Option<String>,
        /// organisation, or natural for a natural person.
        kind: String,
        /// Name; that of a natural person only for those who may see it.
        name: Option<String>,
        /// Unified social credit code or tax id.
        unified_code: Option<String>,
        /// Source system and key.
        source: Option<String>,
        /// Code of the ledger that knows it so.
        ledger: String,
        /// Position of that ledger's log that recorded this version.
        position: i64,
    }
}

row! {
    /// Somebody who may answer for debts.
    PersonRow {
        /// Installation-wide id.
        id: Uuid,
        /// Staff number.
        code: String,
        /// Name; only for those who may see it.
        name: Option<String>,
        /// Code of the ledger that knows them so.
        ledger: String,
        /// Position of that ledger's log that recorded this version.
        position: i64,
    }
}

row! {
    /// An organisational unit.
    UnitRow {
        /// Its id.
        id: Uuid,
        /// Short code.
        code: String,
        /// Name.
        name: String,
        /// The unit above.
        parent: Option<Uuid>,
    }
}

row! {
    /// A contract or project.
    ContractRow {
        /// Its id.
        id: Uuid,
        /// Number.
        code: String,
        /// Name.
        name: String,
        /// The debtor.
        party: Option<Uuid>,
        /// The day it was closed, if it was closed by the day asked about.
        closed_on: Option<chrono::NaiveDate>,
        /// By when what was open then must be recovered.
        recover_by: Option<chrono::NaiveDate>,
        /// Source system and key.
        source: Option<String>,
        /// Position that recorded this version.
        position: i64,
    }
}

filter! {
    /// Which parties or people.
    WhoFilter {
        /// Only the one with this code.
        code: String,
        /// Only those whose name has this in it, in capitals or not; natural persons only for those who may see their names.
        name: String,
        /// Only the one with this id.
        id: Uuid,
    }
}

filter! {
    /// Which contracts.
    ContractFilter {
        /// Only those of this party.
        party: Uuid,
        /// Only the one with this number.
        code: String,
    }
}

/// The name of a party as far as it is shown.
fn party_name(Listed { record, personal, .. }: &Listed<Party>, shown: bool) -> Option<&str> {
    record.name.as_deref().or_else(|| personal.as_ref().filter(|_| shown)?.name.as_deref())
}

/// The name of somebody, likewise.
fn person_name(Listed { personal, .. }: &Listed<Person>, shown: bool) -> Option<&str> {
    personal.as_ref().filter(|_| shown)?.name.as_deref()
}

/// Whether a name has a part in it, in capitals or not. A name that is not shown has none: else the part would tell it.
fn has_part(name: Option<&str>, part: &str) -> bool {
    name.is_some_and(|name| name.to_lowercase().contains(&part.to_lowercase()))
}

fn party_row(listed: Listed<Party>, read: &Read<'_, '_>) -> PartyRow {
    let name = party_name(&listed, read.personal).map(str::to_owned);
    let Listed { record: party, position, .. } = listed;
    PartyRow {
        id: party.id.0,
        code: party_code(&party),
        kind: word(&party.kind),
        name,
        source: source(party.source.as_ref()),
        unified_code: party.unified_code,
        ledger: read.ledger.code.clone(),
        position,
    }
}

/// The list of parties.
pub(crate) struct Parties;

impl List for Parties {
    type Row = PartyRow;
    type Filter = WhoFilter;
    const PATH: &'static str = "/parties";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Parties: who owes, pays or guarantees (往来单位).";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("code", Sort::PARTY_CODE)];

    fn page(read: &mut Read<'_, '_>, filter: &WhoFilter, page: &Page) -> Result<Rows<PartyRow>, Problem> {
        let (known_at, shown) = (read.moment.known_at, read.personal);
        let mut part = |page: &Page| Ok::<_, Problem>(read.view.parties_page(filter.id.map(PartyId), filter.code.as_deref(), page, known_at)?);
        let found = match &filter.name {
            None => part(&and_one(page))?,
            // Names are in no column where they are personal.
            Some(name) => sifted(page, part, |l| l.leaf, |l| has_part(party_name(l, shown), name))?,
        };
        Rows::listed(found, page, |l| l.leaf, |l| Ok(party_row(l, read)))
    }
}

impl Common for Parties {
    const ACROSS: &'static str = "Parties (往来单位) of every ledger that the caller may read: what each ledger knows of them, one ledger after the other.";
}

/// One party.
pub(crate) struct OneParty;

impl One for OneParty {
    type Key = Uuid;
    type Body = PartyRow;
    const PATH: &'static str = "/parties/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One party.";
    const AS_OF: &'static str = NO_DAY;

    fn find(read: &mut Read<'_, '_>, key: Uuid) -> Result<Option<PartyRow>, Problem> {
        let found = read.view.parties_page(Some(PartyId(key)), None, &Page::FIRST, read.moment.known_at)?;
        Ok(found.into_iter().next().map(|l| party_row(l, read)))
    }
}

/// The list of people.
pub(crate) struct People;

impl List for People {
    type Row = PersonRow;
    type Filter = WhoFilter;
    const PATH: &'static str = "/people";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "People who may answer for debts.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("code", Sort::PERSON_CODE)];

    fn page(read: &mut Read<'_, '_>, filter: &WhoFilter, page: &Page) -> Result<Rows<PersonRow>, Problem> {
        let (known_at, shown) = (read.moment.known_at, read.personal);
        let mut part = |page: &Page| Ok::<_, Problem>(read.view.persons_page(filter.id.map(PersonId), filter.code.as_deref(), page, known_at)?);
        let found = match &filter.name {
            None => part(&and_one(page))?,
            Some(name) => sifted(page, part, |l| l.leaf, |l| has_part(person_name(l, shown), name))?,
        };
        let row = |l: Listed<Person>| {
            let name = person_name(&l, shown).map(str::to_owned);
            Ok(PersonRow { id: l.record.id.0, code: l.record.code, name, ledger: read.ledger.code.clone(), position: l.position })
        };
        Rows::listed(found, page, |l| l.leaf, row)
    }
}

impl Common for People {
    const ACROSS: &'static str = "People of every ledger that the caller may read: what each ledger knows of them, one ledger after the other.";
}

/// The list of units.
pub(crate) struct Units;

impl List for Units {
    type Row = UnitRow;
    type Filter = All;
    const PATH: &'static str = "/units";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Organisational units.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("code", Sort::UNIT_CODE)];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<UnitRow>, Problem> {
        let found = read.view.units_page(&and_one(page), read.moment.known_at)?;
        let row = |u: Unit| UnitRow { id: u.id.0, code: u.code, name: u.name, parent: u.parent.map(|p| p.0) };
        Rows::listed(found, page, |l| l.leaf, |l| Ok(row(l.record)))
    }
}

/// The list of contracts.
pub(crate) struct Contracts;

impl List for Contracts {
    type Row = ContractRow;
    type Filter = ContractFilter;
    const PATH: &'static str = "/contracts";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Contracts and projects.";
    const AS_OF: &'static str = "Closings by the end of this day; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED), ("code", Sort::CONTRACT_CODE)];

    fn page(read: &mut Read<'_, '_>, filter: &ContractFilter, page: &Page) -> Result<Rows<ContractRow>, Problem> {
        let known_at = read.moment.known_at;
        let party = filter.party.map(PartyId);
        let found = read.view.contracts_page(party, filter.code.as_deref(), &and_one(page), known_at)?;
        let ids: Vec<_> = found.iter().map(|l| l.record.id).collect();
        let mut closings = read.view.contract_closings(Some(&ids), known_at)?;
        closings.retain(|c| c.on <= read.moment.as_of);
        let row = |Listed { record: c, position, .. }: Listed<recoup_model::party::Contract>| {
            let closing = closings.iter().find(|closing| closing.contract == c.id);
            Ok(ContractRow {
                id: c.id.0,
                source: source(c.source.as_ref()),
                code: c.code,
                name: c.name,
                party: c.party.map(|p| p.0),
                closed_on: closing.map(|c| c.on),
                recover_by: closing.and_then(|c| c.recover_by),
                position,
            })
        };
        Rows::listed(found, page, |l| l.leaf, row)
    }
}
