//! Registers, over the command line and over HTTP: accounts, recovery and targets, each equal to the ledger at any day and position.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::Site;
use serde_json::Value;

/// Example 1 of LC, and a debt whose letter is missed: example 5.
const FACTS: &str = r#"
[people.wang]
name = "王强"
place = "苏州"
wages = { 2024 = "12000.00" }
[people.chen]
name = "陈立"
place = "苏州"
wages = { 2025 = "12000.00" }
[minimum_wages."苏州"]
2023-01-01 = "2260.00"
[debtors]
acme = "甲建筑公司"
best = "乙建筑公司"
[contracts.c1]
debtor = "acme"
[receivables.r1]
debtor = "acme"
contract = "c1"
amount = "2000000.00"
document_date = "2019-06-30"
due = "2019-06-30"
[receivables.r2]
debtor = "best"
amount = "500000.00"
document_date = "2021-06-30"
due = "2021-06-30"
[letters.l1]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r1"]
shares = { wang = 1 }
[letters.l2]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r2"]
shares = { chen = 1 }
[[roles]]
person = "chen"
role = "responsible"
letter = "l2"
from = "2024-01-01"
[[events]]
on = "2024-03-15"
receive = { id = "p1", debtor = "acme", amount = "1200000.00", apply = { r1 = "1200000.00" } }
[[events]]
on = "2024-11-20"
receive = { id = "p2", debtor = "acme", amount = "800000.00", apply = { r1 = "800000.00" } }
"#;

const BOUNCE: &str = "[[events]]\non = \"2024-12-05\"\nbounce = \"p2\"\n";
const CLEARED: &str = "[[events]]\non = \"2025-04-10\"\nreceive = { id = \"p3\", debtor = \"best\", amount = \"500000.00\", apply = { r2 = \"500000.00\" } }\n";

fn accounts(site: &Site, args: &[&str]) -> Vec<Value> {
    site.run(["--format", "json", "report", "accounts"].iter().chain(args)).exits(0).table("accounts")
}

/// A row's person, purpose, contingent, payable to them, by them, paid, set off, taken, left to settle.
fn told(row: &Value) -> [&str; 9] {
    ["person", "purpose", "contingent", "to_person", "from_person", "paid", "set_off", "taken", "owed"].map(|key| row[key].as_str().unwrap())
}

fn minor(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The register's sums are those of the postings on the day.
fn equals_the_ledger(site: &Site, day: &str, known_at: Option<&str>) {
    let when: Vec<&str> = ["--as-of", day].into_iter().chain(known_at.into_iter().flat_map(|at| ["--known-at", at])).collect();
    let postings = site.run(["--format", "json", "report", "postings"].iter().chain(&when)).exits(0).table("postings");
    let posted = |balance: &str| -> i64 { postings.iter().filter(|p| p["balance"] == balance).map(|p| minor(&p["amount"])).sum() };
    let rows = accounts(site, &when);
    let total = rows.last().unwrap();
    assert_eq!(minor(&total["contingent"]), posted("contingent"), "{day}");
    assert_eq!(minor(&total["to_person"]) + minor(&total["from_person"]), posted("payable"), "{day}");
    let settled = minor(&total["paid"]) + minor(&total["set_off"]) + minor(&total["taken"]);
    assert_eq!(minor(&total["owed"]), posted("payable") - settled, "{day}");
}

#[test]
fn accounts_tell_what_was_due_what_was_settled_and_what_is_left() {
    for site in Site::both() {
        site.recorded(FACTS);
        site.evaluated("2024-11-30");
        let rows = accounts(&site, &["--as-of", "2024-11-19"]);
        assert_eq!(told(&rows[0]), ["wang", "bonus", "36000.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00"]);
        let rows = accounts(&site, &["--as-of", "2024-11-30"]);
        assert_eq!((rows.len(), rows[0]["subject"].as_str()), (2, Some("l1")));
        assert_eq!(told(&rows[0]), ["wang", "bonus", "0.00", "68000.00", "0.00", "0.00", "0.00", "0.00", "68000.00"]);
        assert_eq!(told(&rows[1])[2..], told(&rows[0])[2..], "the sum of one row");

        let statement = site.run(["--format", "json", "settle", "statement", "2024-11"]).exits(0).table("settlement");
        let item = statement[0]["item"].as_str().unwrap();
        let run = site.handed_out("2024-11", "2024-11-30", &[]);
        let _ = site.returned(&run, &format!("item,confirmed\n{item},68000.00\n"), &["--on", "2024-12-01"]).exits(0);
        let paid = site.position("main").to_string();
        site.recorded(BOUNCE);
        site.evaluated("2024-12-31");
        // Example 6: 32,000.00 are reversed and the other 36,000.00 lapse with the year, but 68,000.00 were paid.
        let rows = accounts(&site, &["--as-of", "2024-12-05"]);
        assert_eq!(told(&rows[0]), ["wang", "bonus", "36000.00", "68000.00", "-68000.00", "68000.00", "0.00", "0.00", "-68000.00"]);
        let rows = accounts(&site, &["--as-of", "2024-12-31", "--known-at", &paid]);
        assert_eq!(told(&rows[0]), ["wang", "bonus", "0.00", "68000.00", "0.00", "68000.00", "0.00", "0.00", "0.00"], "the bounce was not known");
        for day in ["2024-03-14", "2024-11-19", "2024-11-30", "2024-12-05", "2024-12-31"] {
            equals_the_ledger(&site, day, None);
            equals_the_ledger(&site, day, Some(&paid));
        }
    }
}

#[test]
fn withheld_wages_stand_apart_with_what_was_paid_back() {
    for site in Site::both() {
        site.recorded(FACTS);
        site.evaluated("2025-03-31");
        let rows = accounts(&site, &["--of", "withholding", "--as-of", "2025-03-31"]);
        let months: Vec<&str> = rows.iter().map(|r| r["purpose"].as_str().unwrap()).collect();
        assert_eq!(months, ["withholding of 2025-01", "withholding of 2025-02", "withholding of 2025-03", ""]);
        assert_eq!(told(&rows[0])[2..], ["0.00", "0.00", "-12000.00", "0.00", "0.00", "0.00", "-12000.00"]);
        assert_eq!(rows[3]["owed"], "-36000.00");
        site.recorded(CLEARED);
        site.evaluated("2025-04-30");
        let rows = accounts(&site, &["--of", "withholding", "--as-of", "2025-04-10"]);
        assert_eq!((told(&rows[3])[3], told(&rows[3])[4], told(&rows[3])[8]), ("36000.00", "-36000.00", "0.00"));
        let bonuses = accounts(&site, &["--of", "bonus", "--as-of", "2025-04-10"]);
        assert!(bonuses.iter().all(|r| r["person"] != "chen"), "the bonus by age is forfeited: {bonuses:?}");
        assert_eq!(accounts(&site, &["--of", "fine", "--as-of", "2025-04-10"]).len(), 1, "no fine, but their sum");
        equals_the_ledger(&site, "2025-02-28", None);
        equals_the_ledger(&site, "2025-04-10", None);
    }
}

#[test]
fn recovery_is_told_month_by_month_by_who_answered_and_as_part_of_what_was_owed() {
    for site in Site::both() {
        site.recorded(FACTS);
        site.recorded(BOUNCE);
        let report = |by: &str, known_at: &[&str]| {
            let args = ["--format", "json", "report", "recovery", "--from", "2024-02", "--to", "2024-12", "--by", by];
            site.run(args.iter().chain(known_at)).exits(0)
        };
        let found = report("responsible", &[]);
        let row = |r: &Value, label: &str| ["month", label, "receipts", "debts", "cash", "otherwise"].map(|key| r[key].as_str().unwrap().to_owned());
        let rows: Vec<_> = found.table("recovery").iter().map(|r| row(r, "responsible")).collect();
        assert_eq!(
            rows,
            [
                ["2024-03", "wang", "1", "1", "1200000.00", "0.00"],
                ["2024-11", "wang", "1", "1", "800000.00", "0.00"],
                ["2024-12", "wang", "0", "0", "-800000.00", "0.00"],
            ]
        );
        let months = found.table("months");
        let rates: Vec<_> = months.iter().map(|m| (m["month"].as_str().unwrap(), m["owed"].as_str().unwrap(), m["rate"].as_str().unwrap())).collect();
        assert_eq!(rates.len(), 11);
        assert_eq!(rates[0], ("2024-02", "2500000.00", "0.00"));
        // 1,200,000.00 of 2,500,000.00; 800,000.00 of 1,300,000.00; what bounces was not owed when December began.
        assert_eq!(rates[1], ("2024-03", "2500000.00", "48.00"));
        assert_eq!(rates[9], ("2024-11", "1300000.00", "61.54"));
        assert_eq!(rates[10], ("2024-12", "500000.00", "-160.00"));
        for (by, label) in [("debtor", "acme 甲建筑公司"), ("contract", "c1"), ("unit", "–")] {
            let rows = report(by, &[]).table("recovery");
            assert_eq!(row(&rows[0], by), ["2024-03", label, "1", "1", "1200000.00", "0.00"]);
        }
        let before = report("responsible", &["--known-at", &(site.position("main") - 1).to_string()]);
        assert_eq!(before.table("recovery").len(), 2, "the bounce was not known");
    }
}

/// Of 3.01 (1 % of 301.00) each of two has the half: the odd fen is the first's whom the file names, not the first's by code.
#[test]
fn a_tie_goes_to_the_person_whom_the_file_names_first() {
    for site in Site::both() {
        site.recorded(
            r#"
[people]
chen = { name = "陈立" }
zhao = { name = "赵敏" }
[debtors]
acme = "甲建筑公司"
[receivables.r1]
debtor = "acme"
amount = "301.00"
document_date = "2022-06-30"
due = "2022-06-30"
[letters.l1]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r1"]
shares = { zhao = 1, chen = 1 }
[[events]]
on = "2024-03-15"
receive = { id = "p1", debtor = "acme", amount = "301.00", apply = { r1 = "301.00" } }
"#,
        );
        site.evaluated("2024-03-31");
        let rows = accounts(&site, &["--as-of", "2024-03-31"]);
        let paid = |person: &str| rows.iter().find(|r| r["person"] == person).unwrap()["to_person"].as_str().unwrap().to_owned();
        assert_eq!((paid("zhao"), paid("chen")), ("1.51".to_owned(), "1.50".to_owned()));
    }
}

/// Money of the two letters, to be recovered within the year.
const TARGET: &str = "[targets.t1]\nfrom = \"2024-01-01\"\nto = \"2024-12-31\"\namount = \"2500000.00\"\n";

#[test]
fn registers_over_http_are_those_of_the_command_line_at_any_day_and_position() {
    const MAIN: &str = "/api/v1/ledgers/main";
    const FIGURES: [&str; 7] = ["contingent", "to_person", "from_person", "paid", "set_off", "taken", "owed"];
    for site in Site::both() {
        site.recorded(FACTS);
        site.recorded(TARGET);
        site.evaluated("2025-03-31");
        let before = site.position("main");
        site.recorded(BOUNCE);
        site.evaluated("2025-03-31");
        let everything = site.everything();
        let mut server = site.serve();
        server.with(&everything);

        for (day, known_at) in [("2024-11-30", None), ("2024-12-05", None), ("2025-03-31", None), ("2025-03-31", Some(before))] {
            for of in [None, Some("bonus"), Some("withholding")] {
                let position = known_at.map(|at| at.to_string());
                let args = of.iter().flat_map(|of| ["--of", *of]).chain(position.iter().flat_map(|at| ["--known-at", at.as_str()]));
                let printed = accounts(&site, &["--as-of", day].into_iter().chain(args).collect::<Vec<_>>());
                let query: Vec<String> = of.map(|of| format!("&of={of}")).into_iter().chain(position.iter().map(|at| format!("&known_at={at}"))).collect();
                let found = server.ask(&format!("{MAIN}/accounts?as_of={day}{}", query.concat()), &[("recoup-purpose", "audit of the year")]).is(200).json();
                let rows: Vec<&Value> = found["rows"].as_array().unwrap().iter().chain([&found["total"]]).collect();
                assert_eq!(rows.len(), printed.len(), "{day} {of:?}");
                for (row, printed) in rows.iter().zip(&printed) {
                    assert_eq!(FIGURES.map(|key| &row[key]), FIGURES.map(|key| &printed[key]), "{day} {of:?}");
                    assert_eq!((row["person_code"].as_str().unwrap_or("total"), row["purpose"].as_str().unwrap_or_default()), {
                        (printed["person"].as_str().unwrap(), printed["purpose"].as_str().unwrap())
                    });
                }
            }
        }

        let recovery = |query: &str| server.get(&format!("{MAIN}/recovery?{query}")).is(200).json();
        let year = recovery("from=2024-02&to=2024-12&as_of=2024-12-31");
        let rows: Vec<_> = year["rows"].as_array().unwrap().iter().map(|r| ["month", "label", "cash"].map(|key| r[key].as_str().unwrap())).collect();
        assert_eq!(rows, [["2024-03", "wang", "1200000.00"], ["2024-11", "wang", "800000.00"], ["2024-12", "wang", "-800000.00"]]);
        assert_eq!(year["months"].as_array().unwrap().len(), 11);
        assert_eq!(recovery("from=2024-02&to=2024-12&as_of=2024-12-04")["rows"].as_array().unwrap().len(), 2, "it has not bounced yet");
        assert_eq!(recovery(&format!("from=2024-02&to=2024-12&known_at={before}&as_of=2024-12-31"))["rows"].as_array().unwrap().len(), 2);
        // Without months, that of the day: 800,000.00 of 1,300,000.00.
        let november = recovery("as_of=2024-11-30&by=unit");
        assert_eq!((&november["rows"][0]["label"], november["rows"].as_array().unwrap().len()), (&Value::Null, 1), "of no unit");
        assert_eq!(["month", "owed", "rate"].map(|key| november["months"][0][key].as_str().unwrap()), ["2024-11", "1300000.00", "61.54"]);
        let csv = server.get(&format!("{MAIN}/recovery?as_of=2024-11-30&format=csv")).is(200).text();
        assert_eq!(csv.lines().next(), Some("month,label,receipts,debts,cash,otherwise,owed,rate"));
        assert_eq!(csv.lines().count(), 3, "a person and the month: {csv}");
        let refused = server.get(&format!("{MAIN}/recovery?from=1974-11&as_of=2024-11-30")).is(400);
        assert_eq!(refused.json_code().as_deref(), Some("request.parameter"), "601 months");

        // 1,200,000.00 of 2,500,000.00 in June; in December 800,000.00 came and bounced.
        let target = |day: &str| {
            let found = server.get(&format!("{MAIN}/targets?as_of={day}")).is(200).json();
            ["amount", "recovered", "left", "completion"].map(|key| found["rows"][0][key].as_str().unwrap().to_owned())
        };
        assert_eq!(target("2024-06-30"), ["2500000.00", "1200000.00", "1300000.00", "48.00"]);
        assert_eq!(target("2024-11-30"), ["2500000.00", "2000000.00", "500000.00", "80.00"]);
        assert_eq!(target("2024-12-31"), ["2500000.00", "1200000.00", "1300000.00", "48.00"]);
    }
}
