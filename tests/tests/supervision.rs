//! AC-6: the pay of a leader follows what the core says of the units supervised, whatever of it changes, and an agreement that it cannot follow is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site};
use serde_json::Value;

const BOOKS: &str = r#"
[units]
head = { name = "总部" }
north = { name = "北方公司", parent = "head" }
north-one = { name = "北方一部", parent = "north" }
south = { name = "南方公司", parent = "head" }
[people]
wang = { name = "王强" }
zhou = { name = "周正" }
[debtors]
acme = "甲建筑公司"
[receivables]
r1 = { debtor = "acme", amount = "3000000.00", document_date = "2022-02-28", due = "2022-02-28" }
r2 = { debtor = "acme", amount = "2000000.00", document_date = "2022-02-28", due = "2022-02-28" }
[letters.l1]
unit = "north-one"
from = "2022-01-01"
deadline = "2026-12-31"
receivables = ["r1"]
shares = { wang = 1 }
[[events]]
on = "2024-03-15"
receive = { id = "p1", amount = "1000000.00", apply = { r1 = "1000000.00" } }
"#;

const LEADER: &str = r#"
[agreements.x1]
kind = "supervising-leader"
from = "2024-01-01"
to = "2024-12-31"
holders = { zhou = "100" }
terms = { performance-pay = { money = "100000.00" } }
supervises = { target = "2024", units = ["north", "south"] }
"#;

fn target(north: &str, south: &str) -> String {
    format!(
        "[targets.2024]\nfrom = \"2024-01-01\"\nto = \"2024-12-31\"\namount = \"5000000.00\"\n\
         units = {{ north = {{ amount = \"{north}\" }}, south = {{ amount = \"{south}\" }} }}\n"
    )
}

fn record(site: &Site, facts: &str) -> Run {
    let file = site.write("facts.toml", facts);
    site.run(["record", file.to_str().unwrap()])
}

fn evaluated(site: &Site, as_of: &str) {
    let _ = site.run(["evaluate", "--pack", "annual-contract", "--as-of", as_of]).exits(0);
}

/// What is payable to the leader.
fn payable(site: &Site, as_of: &str) -> String {
    let rows = site.run(["--format", "json", "report", "accounts", "--as-of", as_of]).exits(0).table("accounts");
    let of_zhou = |row: &&Value| row["person"] == "zhou";
    let row = rows.iter().find(of_zhou);
    row.map_or_else(|| "0.00".to_owned(), |row| format!("{} {}", row["to_person"].as_str().unwrap(), row["from_person"].as_str().unwrap()))
}

fn with_policy(site: &Site) {
    let policies = site.folder().join("policies");
    std::fs::create_dir_all(&policies).unwrap();
    std::fs::write(policies.join("annual-contract.toml"), "notice-days = 7\n").unwrap();
    site.configure(|config| drop(config["evaluate"].as_table_mut().unwrap().insert("policies".to_owned(), policies.display().to_string().into())));
}

#[test]
fn edge_39_a_target_that_changes_and_letters_that_move_units_change_the_pay_of_who_supervises() {
    for site in Site::both() {
        with_policy(&site);
        let _ = record(&site, BOOKS).exits(0);
        let _ = record(&site, &format!("{}{LEADER}", target("3000000.00", "2000000.00"))).exits(0);
        evaluated(&site, "2025-01-01");
        // 100,000.00 × 1,000,000.00 ÷ 5,000,000.00.
        assert_eq!(payable(&site, "2025-01-01"), "20000.00 0.00");
        // A letter of the south was not known, and with it 500,000.00 more count.
        let late = "[letters.l2]\nunit = \"south\"\nfrom = \"2022-01-01\"\ndeadline = \"2026-12-31\"\nreceivables = [\"r2\"]\nshares = { wang = 1 }\n\
                    [[events]]\non = \"2024-06-30\"\nreceive = { id = \"p2\", amount = \"500000.00\", apply = { r2 = \"500000.00\" } }\n";
        let _ = record(&site, late).exits(0);
        evaluated(&site, "2025-01-01");
        assert_eq!(payable(&site, "2025-01-01"), "30000.00 0.00");
        // Half of the south's part becomes a third unit's, which nobody of this agreement supervises: 1,500,000.00 ÷ 4,000,000.00.
        let changed = "[units]\nwest = { name = \"西方公司\", parent = \"head\" }\n[targets.2024]\nfrom = \"2024-01-01\"\nto = \"2024-12-31\"\namount = \"5000000.00\"\n\
                       units = { north = { amount = \"3000000.00\" }, south = { amount = \"1000000.00\" }, west = { amount = \"1000000.00\" } }\n";
        let _ = record(&site, changed).exits(0);
        evaluated(&site, "2025-01-01");
        assert_eq!(payable(&site, "2025-01-01"), "37500.00 0.00");
        // The letter of the north is of the west now, from its first day.
        let _ = record(&site, &BOOKS[BOOKS.find("[letters.l1]").unwrap()..BOOKS.find("[[events]]").unwrap()].replace("north-one", "west")).exits(0);
        evaluated(&site, "2025-01-01");
        // 100,000.00 × 500,000.00 ÷ 4,000,000.00.
        assert_eq!(payable(&site, "2025-01-01"), "12500.00 0.00");
        // What was judged step by step is what judging everything says.
        let _ = site.run(["evaluate", "--pack", "annual-contract", "--as-of", "2025-01-01", "--full"]).exits(0);
        assert_eq!(payable(&site, "2025-01-01"), "12500.00 0.00");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn an_agreement_that_cannot_follow_its_units_is_refused() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let parts = "[targets.2024]\nfrom = \"2024-01-01\"\nto = \"2024-12-31\"\namount = \"500.00\"\n[targets.2024.units]\nsouth = { amount = \"200.00\" }\n\
                     [targets.2024.units.north]\namount = \"300.00\"\nunits = { north-one = { amount = \"300.00\" } }\n";
        let _ = record(&site, parts).exits(0);
        let before = site.position("main");
        let with = |old: &str, new: &str| LEADER.replace(old, new);
        for (facts, says) in [
            (with("kind =", "unit = \"north\"\nkind ="), "is of a unit"),
            (with("target = \"2024\"", "target = \"2025\""), "target 2025, which is not recorded"),
            (with("to = \"2024-12-31\"", "to = \"2024-12-30\""), "does not cover the days"),
            (with("from = \"2024-01-01\"", "from = \"2024-01-02\""), "does not cover the days"),
            (with("\"north\", \"south\"", "\"head\""), "has no part"),
            (with("\"north\", \"south\"", "\"north\", \"north\""), "counted with that of another"),
            (with("\"north\", \"south\"", "\"north-one\", \"north\""), "counted with that of another"),
            (with("\"north\", \"south\"", "\"north\", \"north-one\""), "counted with that of another"),
            (with("\"north\", \"south\"", ""), "supervises no unit"),
        ] {
            let _ = record(&site, &facts).exits(1).says("error [agreement.supervises]").says(says);
        }
        let _ = record(&site, &with("\"south\"", "\"moon\"")).exits(1).says("error [unit.unknown]");
        assert_eq!(site.position("main"), before);
    }
}
