//! Laws of identifiers: what a source calls the same is the same, and nothing else is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use recoup_model::calendar::Month;
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Basis, Beneficiary, LineKey};
use recoup_model::id::{ContractId, EntryId, LedgerId, MilestoneId, PartyId, PersonId, ReceiptId, ReceivableId, SourceKey};
use recoup_model::record::Ledger;
use uuid::Uuid;

type Key = (bool, String, String);

/// Short texts of few letters, so that parts often run into each other.
fn any_key() -> impl Strategy<Value = Key> {
    (any::<bool>(), "[ab:]{0,4}", "[ab:\u{4e00}]{0,4}")
}

fn receivable((own, system, key): &Key) -> ReceivableId {
    ReceivableId::of(&SourceKey { ledger: own.then(|| Ledger::id_of("main")), system, key })
}

/// Computed with another implementation: version 8 UUID of the first 16 bytes of
/// SHA-256 over each part behind its length as 8 bytes.
#[test]
fn ids_are_the_ones_that_databases_hold() {
    let main = Ledger::id_of("main");
    assert_eq!(main.to_string(), "a136d881-c568-8703-b930-beab6fb8a1b4");
    let source = SourceKey { ledger: Some(main), system: "u8", key: "2019-0001" };
    assert_eq!(ReceivableId::of(&source).to_string(), "c33e654d-2193-82cf-b1a6-b7add2b8a367");
    assert_eq!(PartyId::of(&SourceKey { ledger: None, ..source }).to_string(), "59f83b7c-9800-8140-8152-cb1dd36ea91d");
}

#[test]
fn ids_of_different_kinds_never_meet() {
    let source = SourceKey { ledger: None, system: "u8", key: "1" };
    let ids = [
        PartyId::of(&source).0,
        PersonId::of(&source).0,
        ContractId::of(&source).0,
        ReceivableId::of(&source).0,
        ReceiptId::of(&source).0,
        EntryId::of(&source).0,
    ];
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
}

#[test]
fn one_key_in_two_ledgers_is_two_claims() {
    let of = |ledger: LedgerId| ReceivableId::of(&SourceKey { ledger: Some(ledger), system: "u8", key: "1" });
    assert_ne!(of(Ledger::id_of("main")), of(Ledger::id_of("branch")));
}

#[test]
fn parts_do_not_run_into_each_other() {
    let id = |parts: &[&[u8]]| EntryId::from_parts(parts);
    assert_ne!(id(&[b"ab", b"c"]), id(&[b"a", b"bc"]));
    assert_ne!(id(&[b"ab"]), id(&[b"ab", b""]));
    assert_ne!(id(&[b"a", b"b"]), id(&[b"b", b"a"]));
}

fn any_line_key() -> impl Strategy<Value = LineKey> {
    let id = || (0_u128..3).prop_map(Uuid::from_u128);
    let to = (id(), any::<bool>()).prop_map(|(u, person)| if person { Beneficiary::Person(PersonId(u)) } else { Beneficiary::Party(PartyId(u)) });
    let basis = prop_oneof![
        id().prop_map(|u| Basis::Entry(EntryId(u))),
        (0..3).prop_map(|n| Basis::WageMonth(Month::from_number(24_000 + n).unwrap())),
        Just(Basis::Close),
        id().prop_map(|u| Basis::Milestone(MilestoneId(u))),
    ];
    let scope = prop::sample::select(vec![Scope::Letter, Scope::Contract, Scope::Agreement]);
    (scope, id(), "LC-[12]", to, basis, 0_u32..3).prop_map(|(scope, subject, clause, to, basis, part)| LineKey {
        case: CaseKey { pack: "p".to_owned(), scope, subject },
        clause,
        to,
        basis,
        part,
    })
}

proptest! {
    #[test]
    fn edge_45_ids_depend_on_the_source_key_alone_and_tell_keys_apart(keys in prop::collection::vec(any_key(), 1..40)) {
        let mut known: HashMap<ReceivableId, Key> = HashMap::new();
        // The order of arrival is no part of an id.
        for key in keys.iter().chain(keys.iter().rev()) {
            let before = known.insert(receivable(key), key.clone());
            prop_assert!(before.is_none_or(|b| b == *key), "{:?} has the id of another key", key);
        }
        prop_assert_eq!(known.len(), keys.iter().collect::<HashSet<_>>().len());
    }

    #[test]
    fn a_line_is_its_key(a in any_line_key(), b in any_line_key()) {
        prop_assert_eq!(a.id() == b.id(), a == b);
    }

    #[test]
    fn an_id_is_written_and_read_back(bytes: u128) {
        let id = EntryId(Uuid::from_u128(bytes));
        prop_assert_eq!(id.to_string().parse::<EntryId>().unwrap(), id);
        let json = serde_json::to_string(&id).unwrap();
        prop_assert_eq!(serde_json::from_str::<EntryId>(&json).unwrap(), id);
    }
}
