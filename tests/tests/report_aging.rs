//! Aging by who answers, by contract and by either date, at any day and as known at any position; over HTTP as on the
//! command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Serving, Site};

const FACTS: &str = r#"
[people]
wang = { name = "王强" }
li = { name = "李梅" }
zhou = { name = "周宁" }
[debtors]
acme = "甲建筑公司"
[contracts.bridge]
debtor = "acme"
name = "New bridge"
[receivables]
r1 = { debtor = "acme", contract = "bridge", amount = "100.00", document_date = "2024-01-10", due = "2024-03-10" }
r2 = { debtor = "acme", contract = "bridge", amount = "250.00", document_date = "2024-02-01", due = "2024-05-31" }
r3 = { debtor = "acme", amount = "40.00", document_date = "2024-02-15", due = "2024-06-30" }
r4 = { debtor = "acme", amount = "60.00", document_date = "2024-04-01", due = "2024-04-15" }
[letters.held]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r1", "r2"]
[letters.shared]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r4"]
shares = { zhou = 1, li = 1 }
[[roles]]
person = "wang"
role = "responsible"
letter = "held"
from = "2024-01-01"
"#;

const HAND_OVER: &str = r#"
[[roles]]
person = "wang"
role = "responsible"
letter = "held"
from = "2024-01-01"
to = "2024-06-30"
[[roles]]
person = "li"
role = "responsible"
letter = "held"
from = "2024-07-01"
"#;

fn record(site: &Site, name: &str, text: &str) {
    let file = site.write(name, text);
    let _ = site.run(["record", file.to_str().unwrap()]).exits(0);
}

/// Rows and then the total, each as: label, not due, up to 30 days overdue, up to 90, more; and all that is open. The
/// server says what the command line prints.
fn aging(site: &Site, server: &Serving, question: &[(&str, &str)]) -> Vec<String> {
    let mut asked = vec!["--format".to_owned(), "json".to_owned(), "report".to_owned(), "aging".to_owned(), "--buckets".to_owned(), "30d,90d".to_owned()];
    let mut path = "/api/v1/ledgers/main/aging?buckets=30d,90d".to_owned();
    for (name, value) in question {
        asked.extend([format!("--{}", name.replace('_', "-")), (*value).to_owned()]);
        path += &format!("&{name}={value}");
    }
    let by = question.iter().find(|(name, _)| *name == "by").map_or("debtor", |(_, by)| by);
    let columns = [by, "not due", "≤30d", "≤90d", ">90d", "open"];
    let table = site.run(&asked).exits(0).table("aging");
    let printed = table.iter().map(|row| columns.map(|c| row[c].as_str().unwrap()).join(" "));
    let mut printed: Vec<String> = printed.collect();
    assert!(printed.pop().unwrap().starts_with("received, not applied"));

    let body = server.get(&path).is(200).json();
    let line = |label: &str, amounts: &serde_json::Value, open: &serde_json::Value| {
        let amounts: Vec<&str> = amounts.as_array().unwrap().iter().chain([open]).map(|a| a.as_str().unwrap()).collect();
        format!("{label} {}", amounts.join(" "))
    };
    let rows = body["rows"].as_array().unwrap().iter().map(|r| line(r["label"].as_str().unwrap(), &r["amounts"], &r["open"]));
    let answered: Vec<String> = rows.chain([line("total", &body["totals"], &body["open"])]).collect();
    assert_eq!((answered.as_slice(), &body["buckets"]), (printed.as_slice(), &serde_json::json!(["not due", "≤30d", "≤90d", ">90d"])));
    answered
}

/// Days overdue on 2024-06-30, and one more on 2024-07-01: r1 112 (21 + 30 + 31 + 30), r2 30, r3 0, r4 76 (15 + 31 + 30).
/// wang, and from July li, answers for r1 and r2: 100.00 + 250.00 = 350.00. li and zhou share r4; nobody answers for r3.
#[test]
fn a_debt_is_aged_under_whoever_answered_for_it_on_that_day() {
    for site in Site::both() {
        record(&site, "facts.toml", FACTS);
        let before_hand_over = site.position("main").to_string();
        record(&site, "hand-over.toml", HAND_OVER);
        let server = site.serve();
        let by_responsible = |as_of: &str, known_at: Option<&str>| {
            let question = [("by", "responsible"), ("as_of", as_of)].into_iter().chain(known_at.map(|at| ("known_at", at)));
            aging(&site, &server, &question.collect::<Vec<_>>())
        };

        let last_day_of_wang = [
            "li, zhou 0.00 0.00 60.00 0.00 60.00",
            "nobody 40.00 0.00 0.00 0.00 40.00",
            "wang 0.00 250.00 0.00 100.00 350.00",
            "total 40.00 250.00 60.00 100.00 450.00",
        ];
        assert_eq!(by_responsible("2024-06-30", None), last_day_of_wang);
        assert_eq!(by_responsible("2024-06-30", Some(&before_hand_over)), last_day_of_wang);

        // A day later r2 is overdue for 31 days, and r3 for one.
        let first_day_of_li = [
            "li 0.00 0.00 250.00 100.00 350.00",
            "li, zhou 0.00 0.00 60.00 0.00 60.00",
            "nobody 0.00 40.00 0.00 0.00 40.00",
            "total 0.00 40.00 310.00 100.00 450.00",
        ];
        assert_eq!(by_responsible("2024-07-01", None), first_day_of_li);

        // Before the hand-over was recorded, wang was known to answer on that day too.
        let as_known_before = [
            "li, zhou 0.00 0.00 60.00 0.00 60.00",
            "nobody 0.00 40.00 0.00 0.00 40.00",
            "wang 0.00 0.00 250.00 100.00 350.00",
            "total 0.00 40.00 310.00 100.00 450.00",
        ];
        assert_eq!(by_responsible("2024-07-01", Some(&before_hand_over)), as_known_before);
    }
}

/// wang no longer answers from July on, li has not confirmed, and the letter has no shares: nobody answers for r1 and r2.
#[test]
fn whoever_has_not_confirmed_does_not_answer_yet() {
    for site in Site::both() {
        record(&site, "facts.toml", FACTS);
        record(&site, "hand-over.toml", &format!("{HAND_OVER}confirmed = false\n"));
        let rows = aging(&site, &site.serve(), &[("by", "responsible"), ("as_of", "2024-07-01")]);
        // r1, r2 and r3: 100.00 + 250.00 + 40.00 = 390.00.
        assert_eq!(rows[..2], ["li, zhou 0.00 0.00 60.00 0.00 60.00", "nobody 0.00 40.00 250.00 100.00 390.00"]);
        assert_eq!(rows.len(), 3);
    }
}

/// r1 and r2 belong to the contract `bridge`, r3 and r4 to none.
#[test]
fn a_debt_is_aged_under_the_code_of_its_contract() {
    for site in Site::both() {
        record(&site, "facts.toml", FACTS);
        let rows = aging(&site, &site.serve(), &[("by", "contract"), ("as_of", "2024-06-30")]);
        assert_eq!(rows, ["bridge 0.00 250.00 0.00 100.00 350.00", "– 40.00 0.00 60.00 0.00 100.00", "total 40.00 250.00 60.00 100.00 450.00"]);
    }
}

/// Days since the document on 2024-06-30: r1 172, r2 150, r3 136, and r4 90 (29 + 31 + 30); 100.00 + 250.00 + 40.00 = 390.00.
#[test]
fn edge_11_aging_counts_from_the_due_date_or_from_the_document() {
    for site in Site::both() {
        record(&site, "facts.toml", FACTS);
        let server = site.serve();
        let total = |basis: &str| aging(&site, &server, &[("basis", basis), ("as_of", "2024-06-30")]).pop().unwrap();
        assert_eq!(total("due"), "total 40.00 250.00 60.00 100.00 450.00");
        assert_eq!(total("document"), "total 0.00 0.00 60.00 390.00 450.00");
    }
}

/// wang's 250.00 are overdue for 30 days and 100.00 for 112; li and zhou's 60.00 for 76; nobody's 40.00 are not due yet.
/// At 0 %, 1 %, 10.5 % and 50 %: 2.50 + 50.00 = 52.50; 6.30; 0.00.
#[test]
fn what_is_open_is_provided_for_by_its_age_at_rates_that_are_never_guessed() {
    const PATH: &str = "/api/v1/ledgers/main/provision?as_of=2024-06-30&by=responsible";
    for site in Site::both() {
        record(&site, "facts.toml", FACTS);
        let server = site.serve();
        let printed = |args: &[&str]| site.run(["--format", "json", "report", "provision", "--as-of", "2024-06-30"].iter().chain(args));
        let table = printed(&["--by", "responsible", "--buckets", "30d,90d", "--rates", "0,1,10.5,50"]).exits(0).table("provision");
        let cells = |row: &serde_json::Value| ["responsible", "open", "provision"].map(|c| row[c].as_str().unwrap().to_owned());
        let told: Vec<_> = table.iter().map(cells).collect();
        assert_eq!(told, [["li, zhou", "60.00", "6.30"], ["nobody", "40.00", "0.00"], ["wang", "350.00", "52.50"], ["total", "450.00", "58.80"]]);

        let body = server.get(&format!("{PATH}&buckets=30d,90d&rates=0,1,10.5,50")).is(200).json();
        let rows = body["rows"].as_array().unwrap().iter().chain([&body["total"]]);
        let answered: Vec<_> = rows.map(|row| ["label", "open", "provision"].map(|key| row[key].as_str().unwrap().to_owned())).collect();
        assert_eq!((answered, &body["rates"]), (told, &serde_json::json!(["0", "1", "10.5", "50"])));
        let csv = server.get(&format!("{PATH}&buckets=30d,90d&rates=0,1,10.5,50&format=csv")).is(200).text();
        assert_eq!(csv.lines().last(), Some("total,40.00,250.00,60.00,100.00,450.00,58.80"));

        // A third of a per cent of 250.00 is 0.8325: rounded once, row by row.
        let third = printed(&["--by", "receivable", "--buckets", "30d,90d", "--rates", "0,0.333,0,0"]).exits(0).table("provision");
        assert_eq!(third.iter().map(|row| row["provision"].as_str().unwrap()).collect::<Vec<_>>(), ["0.00", "0.83", "0.00", "0.00", "0.83"]);

        // None is zero for want of a rate.
        for (args, query, why) in [
            (&[] as &[&str], "", "there are no rates of provision"),
            (&["--buckets", "30d,90d"], "&buckets=30d,90d", "there are no rates of provision"),
            (&["--buckets", "30d,90d", "--rates", "0,1,10"], "&buckets=30d,90d&rates=0,1,10", "3 rates and 4 buckets"),
            (&["--rates", "0,1,10,101"], "&rates=0,1,10,101", "a per cent from 0 to 100"),
        ] {
            let _ = printed(args).exits(2).says(why);
            let refused = server.get(&format!("{PATH}{query}")).is(400).json();
            assert!(refused["code"] == "request.parameter" && refused["detail"].as_str().is_some_and(|d| d.contains(why)), "{refused}");
        }
        // Configured rates are of the configured buckets.
        let configured = site.serve_with(&[("RECOUP__REPORT__BUCKETS", "30d,90d"), ("RECOUP__REPORT__PROVISION_RATES", "0,1,10.5,50")]);
        assert_eq!(configured.get(PATH).is(200).json()["total"]["provision"], "58.80");
        let _ = configured.get(&format!("{PATH}&buckets=60d,90d")).is(400);
    }
}
