//! What the tests of the table adapter share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]

use recoup_adapter_table::Table;
use recoup_sdk::adapter::date::day;
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::{Control, Dec, Input, Item, ItemKind, Items, Problem, native};

/// A file of `tests/exports`.
pub fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../../tests/exports/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A profile of `config/profiles`, as the JSON that `open` takes.
pub fn profile(name: &str) -> String {
    let path = format!("{}/../../../config/profiles/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    json(&std::fs::read_to_string(path).unwrap())
}

/// TOML as JSON.
pub fn json(toml: &str) -> String {
    serde_json::to_string(&toml.parse::<toml::Table>().unwrap()).unwrap()
}

/// Everything in a file.
pub fn read(bytes: &[u8], profile: &str) -> Result<(Items, Vec<Control>), Problem> {
    native::read_all::<Table>(Input::memory(bytes), profile)
}

/// The items of one kind.
pub fn of(items: &Items, kind: ItemKind) -> Vec<Item<'_>> {
    items.items().filter(|i| i.kind == kind).collect()
}

/// How many items there are of each kind.
pub fn counts(items: &Items) -> Vec<(ItemKind, usize)> {
    let mut counts: Vec<(ItemKind, usize)> = Vec::new();
    for item in items.items() {
        match counts.iter_mut().find(|(k, _)| *k == item.kind) {
            Some((_, n)) => *n += 1,
            None => counts.push((item.kind, 1)),
        }
    }
    counts.sort_by_key(|(k, _)| *k as u8);
    counts
}

/// `(stated, read)` of a control.
pub fn control<'a>(controls: &'a [Control], name: &str, subject: &str) -> (Option<&'a str>, &'a str) {
    let found = controls.iter().find(|c| c.name == name && c.subject == subject);
    let found = found.unwrap_or_else(|| panic!("no control {name} about `{subject}` in {controls:#?}"));
    (found.stated.as_deref(), &found.read)
}

/// The sum of the amounts.
pub fn sum(items: &[Item<'_>]) -> String {
    let mut total = Total::default();
    items.iter().filter_map(|i| i.amount).for_each(|d| total.add(d));
    total.to_string()
}

pub fn dec(mantissa: i64, scale: u8) -> Option<Dec> {
    Some(Dec { mantissa, scale })
}

pub fn on(y: i32, m: u32, d: u32) -> Option<i32> {
    Some(day(y, m, d).unwrap())
}
