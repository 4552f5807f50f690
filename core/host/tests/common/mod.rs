//! Guests and cases for the tests of the host.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use recoup_host::{AdapterPlugin, Host, Limits, RulesPlugin, build};
use recoup_model::calendar::date;
use recoup_model::case::{Case, CaseEntry, CaseEntryKind, CaseKey, CaseReceivable, CaseWage, Scope, Setting};
use recoup_model::id::{EntryId, PartyId, PersonId, ReceivableId};
use recoup_model::receivable::Means;
use recoup_model::{Currency, Date, Month};
use uuid::Uuid;

/// The mark by which the hostile pack knows the case that it mistreats.
pub(crate) const MARKED: i64 = 666;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn guest(kind: &str) -> Vec<u8> {
    let dir = workspace().join("tests/hostile").join(kind);
    let built = build::build_in(&dir, None, Some(workspace().join("target-guests"))).unwrap();
    std::fs::read(built.path).unwrap()
}

pub(crate) static RULES: LazyLock<Vec<u8>> = LazyLock::new(|| guest("rules"));
pub(crate) static ADAPTER: LazyLock<Vec<u8>> = LazyLock::new(|| guest("adapter"));

/// Limits of which a test reaches the end soon.
pub(crate) fn limits() -> Limits {
    Limits { fuel_per_batch: 100_000_000, batch_timeout_ms: 60_000, pool_size: 4, ..Limits::standard() }
}

pub(crate) static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(limits()).unwrap());

pub(crate) fn rules() -> RulesPlugin {
    HOST.load(&RULES).unwrap().into_rules().unwrap()
}

pub(crate) fn adapter() -> AdapterPlugin {
    HOST.load(&ADAPTER).unwrap().into_adapter().unwrap()
}

/// The component's bytes with a text in them replaced by one of the same length.
pub(crate) fn patched(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "{from} and {to}");
    let at = component.windows(from.len()).position(|w| w == from.as_bytes()).unwrap_or_else(|| panic!("no {from}"));
    let mut bytes = component.to_vec();
    bytes.get_mut(at..at + to.len()).unwrap().copy_from_slice(to.as_bytes());
    bytes
}

pub(crate) fn day(n: u32) -> Date {
    date(2024, 11, n).unwrap()
}

pub(crate) fn setting(parameters: &str) -> Setting {
    Setting { as_of: day(20), currency: Currency::CNY, parameters: parameters.to_owned() }
}

pub(crate) fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

pub(crate) fn party(n: u128) -> PartyId {
    PartyId(Uuid::from_u128(n << 8 | 9))
}

/// A letter with one receivable, one payment, one person of its own, and a colleague's wage.
pub(crate) fn case(n: u128, gross: i64) -> Case {
    let id = |kind: u128| Uuid::from_u128(n << 8 | kind);
    let entry = |kind, on, amount, what| CaseEntry { id: EntryId(id(kind)), receivable: 0, on, amount, kind: what, cites: None };
    Case {
        key: CaseKey { pack: "hostile".into(), scope: Scope::Letter, subject: id(0) },
        from: day(1),
        to: Some(day(30)),
        receivables: vec![CaseReceivable { id: ReceivableId(id(1)), document_date: day(1), due: None, expected: None, gross, party: party(n), pauses: vec![] }],
        stages: Vec::new(),
        entries: vec![entry(2, day(1), gross, CaseEntryKind::Gross), entry(3, day(5), -100, CaseEntryKind::Applied(Means::Cash))],
        roles: Vec::new(),
        shares: vec![(person(n), 1)],
        wages: vec![CaseWage { person: person(n + 1_000), month: Month::new(2024, 10).unwrap(), gross: 5 }],
        agreed: None,
        milestones: Vec::new(),
        false_reports: Vec::new(),
        sanctions: Vec::new(),
    }
}

/// Honest cases with a marked one in their midst, and its place.
pub(crate) fn mixed() -> (Vec<Case>, usize) {
    let mut cases: Vec<Case> = (1..=5).map(|n| case(n, 1_000)).collect();
    cases.insert(2, case(9, MARKED));
    (cases, 2)
}
