//! What the tests of the SAF-T adapter share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]

use recoup_adapter_saft::Saft;
use recoup_sdk::adapter::date::day;
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::{Control, Dec, Input, Item, ItemKind, Items, Problem, native};

/// A file of `tests/exports`.
pub fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../../tests/exports/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Everything in a file.
pub fn read(bytes: &[u8]) -> Result<(Items, Vec<Control>), Problem> {
    native::read_all::<Saft>(Input::memory(bytes), "{}")
}

/// The items of one kind.
pub fn of(items: &Items, kind: ItemKind) -> Vec<Item<'_>> {
    items.items().filter(|i| i.kind == kind).collect()
}

/// The one item of a kind with a key.
pub fn one<'a>(items: &'a Items, kind: ItemKind, key: &str) -> Item<'a> {
    let mut found = of(items, kind).into_iter().filter(|i| i.key == key);
    let item = found.next().unwrap_or_else(|| panic!("no {kind:?} {key}"));
    assert!(found.next().is_none(), "two {kind:?} {key}");
    item
}

/// Stated and read figure of a control, equal in value to these.
pub fn check(controls: &[Control], name: &str, subject: &str, stated: Option<&str>, read: &str) {
    let found = controls.iter().find(|c| c.name == name && c.subject == subject);
    let found = found.unwrap_or_else(|| panic!("no control {name} about `{subject}` in {controls:#?}"));
    assert_eq!(found.stated.as_deref().map(total), stated.map(total), "{name} stated");
    assert_eq!(total(&found.read), total(read), "{name} read");
}

fn total(text: &str) -> Total {
    let notation = recoup_sdk::adapter::number::Notation::default();
    Total::from(notation.read(text).unwrap())
}

pub fn dec(mantissa: i64, scale: u8) -> Option<Dec> {
    Some(Dec { mantissa, scale })
}

pub fn on(y: i32, m: u32, d: u32) -> Option<i32> {
    Some(day(y, m, d).unwrap())
}
