//! The list of old debts (LC-10): each with debtor, age, amount, expected recovery and who answers, as of any day and as known at any position.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site};
use serde_json::Value;

const FACTS: &str = r#"
[people]
wang = { name = "王强" }
chen = { name = "陈立" }
li = { name = "李敏" }
[debtors]
acme = "甲建筑公司"
best = "乙建筑公司"
[contracts.c1]
debtor = "best"
[receivables]
r1 = { debtor = "acme", amount = "2000000.00", document_date = "2019-06-30", due = "2019-06-30" }
r2 = { debtor = "best", amount = "300.00", document_date = "2024-01-31" }
r3 = { debtor = "best", contract = "c1", amount = "50000.00", document_date = "2022-05-31", due = "2023-02-28" }
r4 = { debtor = "best", amount = "70000.00", document_date = "2022-05-31", due = "2024-03-30" }
r5 = { debtor = "best", amount = "9000.00", document_date = "2022-05-31", due = "2024-03-31" }
r6 = { debtor = "acme", amount = "100.00", document_date = "2020-01-31", due = "2020-01-31" }
[letters.l1]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r1"]
shares = { wang = 1 }
[agreements.g1]
kind = "recovery-team"
from = "2024-01-01"
receivables = ["r4", "r5"]
obligors = { best = "owner" }
[[roles]]
person = "chen"
role = "project-manager"
contract = "c1"
from = "2022-01-01"
[[roles]]
person = "li"
role = "finance-lead"
agreement = "g1"
from = "2024-01-01"
to = "2024-03-31"
[[roles]]
person = "chen"
role = "planning-lead"
agreement = "g1"
from = "2024-01-01"
confirmed = false
[[events]]
on = "2024-01-10"
expect = { r1 = "2024-06-30", r3 = "2024-03-30", r4 = "2024-03-31" }
[[events]]
on = "2024-03-15"
receive = { id = "p1", debtor = "acme", amount = "1200100.00", apply = { r1 = "1200000.00", r6 = "100.00" } }
"#;

fn record(site: &Site, facts: &str) -> Run {
    let file = site.write("facts.toml", facts);
    site.run(["record", file.to_str().unwrap()])
}

fn listed(site: &Site, args: &[&str]) -> Vec<Value> {
    site.run(["--format", "json", "report", "old-debts"].iter().chain(args)).exits(0).table("old-debts")
}

/// Document, days, years, open, expected, who answers, what is lacking.
fn told(rows: &[Value]) -> Vec<[String; 7]> {
    let cell = |row: &Value, key: &str| row[key].as_str().map_or_else(|| row[key].to_string(), str::to_owned);
    rows.iter().map(|row| ["document", "days", "years", "open", "expected", "responsible", "lacks"].map(|key| cell(row, key))).collect()
}

fn row(cells: [&str; 7]) -> [String; 7] {
    cells.map(str::to_owned)
}

#[test]
fn every_old_debt_is_listed_with_what_is_known_and_what_is_lacking() {
    for site in Site::both() {
        let _ = record(&site, FACTS).exits(0);
        let before = site.position("main").to_string();
        // 31 March 2024: r5 falls due on it and r6 is paid, so both are not old.
        let march = [
            // From 30 June 2019: 366 + 365 + 365 + 365 days to 30 June 2023, 1,461 in all, and 275 more.
            row(["r1", "1736", "4", "800000.00", "2024-06-30", "wang", ""]),
            row(["r3", "397", "1", "50000.00", "2024-03-30", "chen", "expected"]),
            row(["r2", "60", "0", "300.00", "", "", "due, expected, responsible"]),
            row(["r4", "1", "0", "70000.00", "2024-03-31", "li", ""]),
        ];
        let rows = listed(&site, &["--as-of", "2024-03-31"]);
        assert_eq!(told(&rows), march);
        assert_eq!((rows[0]["debtor"].as_str(), rows[1]["contract"].as_str()), (Some("acme 甲建筑公司"), Some("c1")));
        assert_eq!((rows[0]["due"].as_str(), rows[2]["due"].as_str()), (Some("2019-06-30"), Some("")));

        // The next day: the role and the expected day of r4 are over, r5 is old, and a new day was said for r3.
        let _ = record(&site, "[[events]]\non = \"2024-04-01\"\nexpect = { r3 = \"2024-09-30\" }\n").exits(0);
        let april = told(&listed(&site, &["--as-of", "2024-04-01"]));
        assert_eq!(april[1], row(["r3", "398", "1", "50000.00", "2024-09-30", "chen", ""]));
        assert_eq!(april[3], row(["r4", "2", "0", "70000.00", "2024-03-31", "", "expected, responsible"]));
        assert_eq!(april[4], row(["r5", "1", "0", "9000.00", "", "", "expected, responsible"]));
        // The server says what the command line prints.
        let server = site.serve();
        for (args, query) in [(vec![], String::new()), (vec!["--known-at", before.as_str()], format!("&known_at={before}"))] {
            let found = server.get(&format!("/api/v1/ledgers/main/old-debts?as_of=2024-04-01{query}")).is(200).json();
            let cell = |row: &Value, key: &str| match &row[key] {
                Value::Array(words) => words.iter().map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(", "),
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            let keys = ["debtor", "contract", "document", "due", "days", "years", "open", "expected", "responsible", "lacks"];
            let answered: Vec<_> = found["rows"].as_array().unwrap().iter().map(|row| keys.map(|key| cell(row, key))).collect();
            let printed = listed(&site, &[vec!["--as-of", "2024-04-01"], args].concat());
            assert_eq!(answered, printed.iter().map(|row| keys.map(|key| cell(row, key))).collect::<Vec<_>>(), "{query}");
            assert_eq!(answered.len(), 5);
        }
        drop(server);
        let known = told(&listed(&site, &["--as-of", "2024-04-01", "--known-at", &before]));
        assert_eq!(known[1], row(["r3", "398", "1", "50000.00", "2024-03-30", "chen", "expected"]));
        assert_eq!(told(&listed(&site, &["--as-of", "2024-03-31"])), march, "what was said later changes no day before");
        // Before the receipt, all of the 2,000,000.00 and of the 100.00.
        let open: Vec<String> =
            told(&listed(&site, &["--as-of", "2024-03-14"])).into_iter().map(|[document, _, _, open, ..]| format!("{document} {open}")).collect();
        assert_eq!(open, ["r1 2000000.00", "r6 100.00", "r3 50000.00", "r2 300.00"]);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn what_is_listed_is_what_the_aging_has_past_due() {
    for site in Site::both() {
        let _ = record(&site, FACTS).exits(0);
        for day in ["2020-01-31", "2023-03-01", "2024-03-14", "2024-04-01"] {
            let minor = |amount: &Value| amount.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
            let listed: i64 = listed(&site, &["--as-of", day]).iter().map(|row| minor(&row["open"])).sum();
            let aging = site.run(["--format", "json", "report", "aging", "--by", "debtor", "--buckets", "30d", "--as-of", day]).exits(0).table("aging");
            let total = aging.iter().find(|row| row["debtor"] == "total").unwrap();
            assert_eq!(listed, minor(&total["open"]) - minor(&total["not due"]), "{day}");
        }
    }
}

#[test]
fn a_day_that_is_past_when_it_is_said_is_refused() {
    for site in Site::both() {
        let _ = record(&site, FACTS).exits(0);
        let late = "[[events]]\non = \"2024-04-01\"\nexpect = { r3 = \"2024-03-31\" }\n";
        let _ = record(&site, late).exits(1).says("error [expected_recovery.dates]");
        let unknown = "[[events]]\non = \"2024-04-01\"\nexpect = { r9 = \"2024-04-30\" }\n";
        let _ = record(&site, unknown).exits(1).says("error [receivable.unknown]");
    }
}
