//! Target trees (FF-1): parts that sum exactly, and what was recovered of each, as of any day and as known at any position.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site};
use serde_json::Value;

const BOOKS: &str = r#"
[units.head]
name = "总部"
[units.north]
name = "北方公司"
parent = "head"
[units.south]
name = "南方公司"
parent = "head"
[people.wang]
name = "王强"
[people.li]
name = "李敏"
[people.zhao]
name = "赵刚"
[debtors]
acme = "甲建筑公司"
[receivables]
r1 = { debtor = "acme", amount = "3000000.00", document_date = "2022-02-28", due = "2022-02-28" }
r2 = { debtor = "acme", amount = "2000000.00", document_date = "2022-02-28", due = "2022-02-28" }
r3 = { debtor = "acme", amount = "1000000.01", document_date = "2023-02-28", due = "2023-12-30" }
r4 = { debtor = "acme", amount = "7000000.00", document_date = "2023-02-28", due = "2023-12-31" }
[letters.l-north]
unit = "north"
from = "2022-01-01"
deadline = "2026-12-31"
receivables = ["r1"]
shares = { wang = 2, li = 1 }
[letters.l-south]
unit = "south"
from = "2022-01-01"
deadline = "2026-12-31"
receivables = ["r2"]
shares = { zhao = 1 }
[[events]]
on = "2023-12-31"
receive = { id = "p0", amount = "1000.00", apply = { r1 = "1000.00" } }
[[events]]
on = "2024-03-15"
receive = { id = "p1", amount = "1000000.00", apply = { r1 = "1000000.00" } }
[[events]]
on = "2024-04-01"
receive = { id = "p2", amount = "900000.00", apply = { r2 = "900000.00" } }
[[events]]
on = "2024-04-02"
receive = { id = "g1", means = "in-kind", amount = "50000.00", apply = { r2 = "50000.00" } }
[[events]]
on = "2024-12-31"
receive = { id = "p3", amount = "100000.00", apply = { r3 = "100000.00" } }
"#;

const TARGET: &str = r#"
[targets.2024]
from = "2024-01-01"
to = "2024-12-31"
amount = "5000000.00"
[targets.2024.units.north]
percent = "60"
people = { wang = { amount = "2000000.00" }, li = { amount = "1000000.00" } }
[targets.2024.units.south]
percent = "40"
"#;

fn record(site: &Site, facts: &str) -> Run {
    let file = site.write("facts.toml", facts);
    site.run(["record", file.to_str().unwrap()])
}

/// Whose, to recover, recovered, left, completion.
fn told(site: &Site, as_of: &str, known_at: Option<i64>) -> Vec<[String; 5]> {
    let position = known_at.map(|p| p.to_string());
    let known_at = position.iter().flat_map(|p| ["--known-at", p.as_str()]);
    let args: Vec<&str> = ["--format", "json", "report", "targets", "--as-of", as_of].into_iter().chain(known_at).collect();
    let rows = site.run(args).exits(0).table("targets");
    let cell = |row: &Value, key: &str| row[key].as_str().map_or_else(|| row[key].to_string(), str::to_owned);
    rows.iter().map(|row| ["whose", "amount", "recovered", "left", "completion"].map(|key| cell(row, key))).collect()
}

fn row(cells: [&str; 5]) -> [String; 5] {
    cells.map(str::to_owned)
}

#[test]
fn what_was_recovered_counts_for_the_unit_and_the_people_who_answered() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let _ = record(&site, TARGET).exits(0);
        let before = site.position("main");
        let _ = record(&site, TARGET).exits(0);
        assert_eq!(site.position("main"), before, "what stands is not repeated");
        assert_eq!(told(&site, "2023-12-31", None), Vec::<[String; 5]>::new(), "it has not begun");
        // Cash of the year: 1,000,000.00 of north, split 2 : 1, so 666,666.67 and 333,333.33; 900,000.00 of south; goods do not count;
        // 100,000.00 that nobody answers for count for the whole alone.
        let at_end = [
            row(["", "5000000.00", "2000000.00", "3000000.00", "40.00"]),
            row(["north", "3000000.00", "1000000.00", "2000000.00", "33.33"]),
            row(["south", "2000000.00", "900000.00", "1100000.00", "45.00"]),
            row(["wang", "2000000.00", "666666.67", "1333333.33", "33.33"]),
            row(["li", "1000000.00", "333333.33", "666666.67", "33.33"]),
        ];
        assert_eq!(told(&site, "2024-12-31", None), at_end);
        // A receipt of the year that bounces later counts no more from that day on, for whom it had counted.
        let _ = record(&site, "[[events]]\non = \"2025-02-01\"\nbounce = \"p1\"\n").exits(0);
        assert_eq!(told(&site, "2025-01-31", None), at_end);
        let after = [
            row(["", "5000000.00", "1000000.00", "4000000.00", "20.00"]),
            row(["north", "3000000.00", "0.00", "3000000.00", "0.00"]),
            row(["south", "2000000.00", "900000.00", "1100000.00", "45.00"]),
            row(["wang", "2000000.00", "0.00", "2000000.00", "0.00"]),
            row(["li", "1000000.00", "0.00", "1000000.00", "0.00"]),
        ];
        assert_eq!(told(&site, "2025-02-01", None), after);
        assert_eq!(told(&site, "2025-02-01", Some(before)), at_end, "as known before the bounce was recorded");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn edge_39_a_target_that_changes_is_what_it_was_as_known_before() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let _ = record(&site, TARGET).exits(0);
        let before = site.position("main");
        let whole = "[targets.2024]\nfrom = \"2024-01-01\"\nto = \"2024-12-31\"\namount = \"2000000.00\"\n";
        let _ = record(&site, whole).exits(0);
        assert_eq!(told(&site, "2024-12-31", None), [row(["", "2000000.00", "2000000.00", "0.00", "100.00"])]);
        assert_eq!(told(&site, "2024-12-31", Some(before)).len(), 5);
    }
}

#[test]
fn a_target_is_a_part_of_what_was_past_due() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        // Past due on 31 December 2023: 3,000,000.00 − 1,000.00 + 2,000,000.00 + 1,000,000.01; what falls due on that day is not.
        // 30 % of 5,999,000.01 is 1,799,700.003.
        let facts = "[targets.2024]\nfrom = \"2024-01-01\"\nto = \"2024-12-31\"\nof_arrears = { percent = \"30\", on = \"2023-12-31\" }\n";
        let _ = record(&site, facts).exits(0);
        assert_eq!(told(&site, "2024-01-01", None), [row(["", "1799700.00", "0.00", "1799700.00", "0.00"])]);
    }
}

#[test]
fn a_target_that_does_not_sum_is_refused() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let before = site.position("main");
        let target = |rest: &str| format!("[targets.2024]\nfrom = \"2024-01-01\"\nto = \"2024-12-31\"\n{rest}");
        let parts = |north: &str, south: &str| target(&format!("amount = \"500.00\"\nunits = {{ north = {{ {north} }}, south = {{ {south} }} }}\n"));
        for (facts, code, says) in [
            (parts("amount = \"300.00\"", "amount = \"199.99\""), "target.sum", "come to 499.99"),
            (parts("percent = \"60\"", "percent = \"39.99\""), "target.percent", "exactly 100"),
            (parts("percent = \"60\"", "amount = \"200.00\""), "target.percent", "exactly 100"),
            (parts("percent = \"60\"", ""), "target.amount", "state one of them"),
            (parts("amount = \"500.00\"", "amount = \"0.00\""), "target.amount", "above zero"),
            (target("amount = \"0.00\"\n"), "target.amount", "above zero"),
            (target(""), "target.amount", "state one of them"),
            (target("amount = \"5.00\"\nof_arrears = { percent = \"30\", on = \"2023-12-31\" }\n"), "target.amount", "state one of them"),
            (target("of_arrears = { percent = \"101\", on = \"2023-12-31\" }\n"), "target.percent", "more than the whole"),
            (target("amount = \"5.00\"\nunits = { west = { amount = \"5.00\" } }\n"), "unit.unknown", "west"),
            (target("amount = \"5.00\"\npeople = { sun = { amount = \"5.00\" } }\n"), "person.unknown", "sun"),
            (target("amount = \"5.00\"\npeople = { li = { amount = \"5.00\", people = { wang = { amount = \"5.00\" } } } }\n"), "target.parts", "no parts"),
            ("[targets.2024]\nfrom = \"2024-01-02\"\nto = \"2024-01-01\"\namount = \"5.00\"\n".to_owned(), "target.dates", "correct its dates"),
        ] {
            let _ = record(&site, &facts).exits(1).says(&format!("error [{code}]")).says(says);
        }
        assert_eq!(site.position("main"), before);
    }
}
