//! Words and names that rows show beside ids.

use std::collections::HashMap;

use recoup_model::id::{PartyId, PersonId, ReceivableId};
use recoup_model::party::{Party, Source};
use recoup_model::{Currency, Money};
use serde::Serialize;

use crate::http::export::cell::{Amount, Moment};
use crate::http::moment::Read;
use crate::http::problem::Problem;

/// The word of a closed set, as the log writes it.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(tagged)) => tagged.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// Minor units as an amount.
pub(super) const fn amount(minor: i64, currency: Currency) -> Amount {
    Amount(Money::new(minor, currency))
}

/// Where a record was read, as `system:key`.
pub(super) fn source(source: Option<&Source>) -> Option<String> {
    source.map(|s| format!("{}:{}", s.system, s.key))
}

/// The key of a party in its source.
pub(super) fn party_code(party: &Party) -> Option<String> {
    party.source.as_ref().map(|s| s.key.clone())
}

impl Read<'_, '_> {
    /// Codes and public names of some parties.
    pub(super) fn parties(&mut self, ids: impl Iterator<Item = PartyId>) -> Result<HashMap<PartyId, Party>, Problem> {
        let ids: Vec<PartyId> = ids.collect();
        let found = self.view.parties(Some(&ids), self.moment.known_at)?;
        Ok(found.into_iter().map(|(party, _)| (party.id, party)).collect())
    }

    /// Staff numbers of some people.
    pub(super) fn staff(&mut self, ids: impl Iterator<Item = PersonId>) -> Result<HashMap<PersonId, String>, Problem> {
        let ids: Vec<PersonId> = ids.collect();
        let found = self.view.persons(Some(&ids), self.moment.known_at)?;
        Ok(found.into_iter().map(|(person, _)| (person.id, person.code)).collect())
    }

    /// Keys of some parties in their sources.
    pub(super) fn debtors(&mut self, ids: &[PartyId]) -> Result<HashMap<PartyId, String>, Problem> {
        let found = self.view.parties(Some(ids), self.moment.known_at)?;
        Ok(found.into_iter().filter_map(|(party, _)| Some((party.id, party.source?.key))).collect())
    }

    /// Document numbers of some receivables.
    pub(super) fn documents(&mut self, ids: impl Iterator<Item = ReceivableId>) -> Result<HashMap<ReceivableId, String>, Problem> {
        let ids: Vec<ReceivableId> = ids.collect();
        let found = self.view.receivables(Some(&ids), self.moment.known_at)?;
        Ok(found.into_iter().map(|r| (r.id, r.document)).collect())
    }

    /// When a position was recorded; only for those who see the ledger whole.
    pub(super) fn recorded_at(&mut self, position: i64) -> Result<Option<Moment>, Problem> {
        let command = self.view.commands(position - 1, 1, self.moment.known_at)?.into_iter().next();
        Ok(command.map(|c| Moment(c.recorded_at)))
    }

    /// An amount of the ledger's currency, unless it tells a wage to somebody who may not see wages.
    pub(super) fn figure(&self, minor: i64, sensitive: bool) -> Option<Amount> {
        (self.sensitive || !sensitive).then(|| self.amount(minor))
    }

    /// An amount of the ledger's currency.
    pub(super) const fn amount(&self, minor: i64) -> Amount {
        amount(minor, self.ledger.currency)
    }
}
