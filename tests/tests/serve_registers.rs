//! The registers of payouts and of withheld wages over HTTP: those of the command line, at any day and position.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::access::Role;
use recoup_tests::{LIMITLESS, Serving, Site};
use serde_json::Value;

const MAIN: &str = "/api/v1/ledgers/main";

/// Example 5 of LC: the deadline of 31 December is missed, and the wage of each month withheld until the debt is cleared.
const WITHHELD: &str = r#"
[people.chen]
name = "陈立"
place = "苏州"
wages = { 2025 = "12000.00" }
[minimum_wages."苏州"]
2023-01-01 = "2260.00"
[debtors]
best = "乙建筑公司"
[receivables.r1]
debtor = "best"
amount = "500000.00"
document_date = "2021-06-30"
due = "2021-06-30"
[letters.l1]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r1"]
shares = { chen = 1 }
[[roles]]
person = "chen"
role = "responsible"
letter = "l1"
from = "2024-01-01"
"#;

const CLEARED: &str = "[[events]]\non = \"2025-04-10\"\nreceive = { id = \"p1\", debtor = \"best\", amount = \"500000.00\", apply = { r1 = \"500000.00\" } }\n";

/// What is withheld of January, and paid back in April.
fn paid_back(site: &Site) {
    site.recorded(WITHHELD);
    site.evaluated("2025-01-31");
    let settle = |month: &str, day: &str, amount: &str, release: &[&str]| {
        let run = site.handed_out(month, day, release);
        let items = site.run(["--format", "json", "payout", "show", &run]).exits(0).table("rows");
        let item = items[0]["item"].as_str().unwrap();
        let _ = site.returned(&run, &format!("item,confirmed\n{item},{amount}\n"), &[]).exits(0);
    };
    // 12,000.00 less the minimum wage of 2,260.00.
    settle("2025-01", "2025-01-31", "-9740.00", &[]);
    site.recorded(CLEARED);
    site.evaluated("2025-04-30");
    settle("2025-04", "2025-04-30", "9740.00", &["--release", "chen"]);
}

/// Rows with the sum as the command line prints them: what is null is empty, and the sum is of the person `total`.
fn as_printed(body: &Value) -> Vec<Value> {
    let cell = |value: &Value| Value::String(value.as_str().unwrap_or_default().to_owned());
    let printed = |row: &Value| -> Value {
        let columns = row.as_object().unwrap().iter().map(|(column, value)| match column.as_str() {
            "payout" => ("run".to_owned(), cell(value)),
            "person_code" => ("person".to_owned(), Value::String(value.as_str().unwrap_or("total").to_owned())),
            _ => (column.clone(), cell(value)),
        });
        Value::Object(columns.collect())
    };
    body["rows"].as_array().unwrap().iter().chain([&body["total"]]).map(printed).collect()
}

fn both(site: &Site, server: &Serving, path: &str, report: &str, (day, known_at): (&str, i64)) -> Vec<Value> {
    let at = known_at.to_string();
    let printed = site.run(["--format", "json", "report", report, "--as-of", day, "--known-at", &at]).exits(0).table(report);
    let body = server.get(&format!("{MAIN}/{path}?as_of={day}&known_at={at}")).is(200).json();
    assert_eq!(as_printed(&body), printed, "{path} as of {day}, as known at {at}");
    printed
}

#[test]
fn the_registers_of_payouts_and_withheld_wages_are_those_of_the_command_line_at_any_day_and_position() {
    for site in Site::both() {
        paid_back(&site);
        let mut server = site.serve_with(&LIMITLESS);
        let head = site.position("main");
        let mut told = std::collections::BTreeSet::new();
        for day in ["2024-12-31", "2025-01-31", "2025-04-30", "2030-01-01"] {
            for known_at in 1..=head {
                for (path, report) in [("payout-register", "payouts"), ("withheld", "withheld")] {
                    told.extend(both(&site, &server, path, report, (day, known_at)).into_iter().map(|row| row.to_string()));
                }
            }
        }
        assert!(told.len() > 8, "the registers change: {told:?}");
        let last = ("2030-01-01", head);
        let withheld = both(&site, &server, "withheld", "withheld", last);
        let row = |row: &Value| ["person", "month", "withheld", "paid_back", "kept"].map(|k| row[k].as_str().unwrap().to_owned());
        assert_eq!(row(&withheld[0]), ["chen", "2025-01", "-9740.00", "9740.00", "0.00"]);
        let payouts = both(&site, &server, "payout-register", "payouts", last);
        let row = |row: &Value| ["month", "state", "person", "purpose", "planned", "paid", "taken"].map(|k| row[k].as_str().unwrap().to_owned());
        assert_eq!(row(&payouts[0]), ["2025-01", "settled", "chen", "withholding of 2025-01", "-9740.00", "0.00", "-9740.00"]);
        assert_eq!(row(&payouts[1]), ["2025-04", "settled", "chen", "withholding of 2025-01", "9740.00", "9740.00", "0.00"]);
        for path in ["payout-register", "withheld"] {
            for form in ["csv", "ndjson", "xlsx"] {
                let _ = server.get(&format!("{MAIN}/{path}?as_of=2030-01-01&format={form}")).is(200);
            }
        }

        // They tell wages: whoever examines says what for, and it is recorded.
        let auditor = site.token("aud", &[(Role::Auditor, None, None)]);
        let asked = server.with(&auditor).get(&format!("{MAIN}/withheld"));
        assert_eq!((asked.status, asked.json_code().as_deref()), (403, Some("access.purpose")));
        let _ = server.ask(&format!("{MAIN}/withheld"), &[("recoup-purpose", "audit")]).is(200);
        let shown = server.rows("/api/v1/installation/disclosures?login=aud");
        assert_eq!((&shown[0]["what"], &shown[0]["persons"]), (&"withheld".into(), &serde_json::json!(["chen"])));
    }
}
