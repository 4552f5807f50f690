//! False reports and sanctions (DC-7, DC-9): recorded once, told as of any day and as known at any position, and refused when they are wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site};
use serde_json::Value;

const BOOKS: &str = r#"
[people.wang]
name = "王强"
[people.li]
name = "李敏"
[debtors]
acme = "甲经销公司"
[receivables]
r1 = { debtor = "acme", amount = "900000.00", document_date = "2023-06-30", due = "2023-12-31" }
[agreements.s1]
kind = "sales-target"
from = "2024-01-01"
to = "2024-12-31"
receivables = ["r1"]
holders = { wang = "60", li = "40" }
terms = { target = { money = "1000000.00" } }
[[events]]
on = "2024-03-15"
receive = { id = "p1", amount = "600000.00", apply = { r1 = "600000.00" } }
[[events]]
on = "2024-09-01"
false_report = { id = "f1", person = "li", receipt = "p1", sanction = "demerit", evidence = "查办4号" }
[[events]]
on = "2024-09-05"
sanction = { id = "n1", kind = "demerit", person = "li", receipt = "p1", until = "2025-03-04", why = "处分2号" }
[[events]]
on = "2024-09-05"
sanction = { id = "n2", kind = "no-transfer", person = "wang", receivable = "r1", why = "清欠9号" }
[[events]]
on = "2024-10-01"
sanction = { id = "n3", kind = "no-awards", person = "li", agreement = "s1", why = "清欠10号" }
"#;

const LIFTED: &str = r#"
[[events]]
on = "2024-09-05"
sanction = { id = "n2", kind = "no-transfer", person = "wang", receivable = "r1", lifted = "2024-11-01", why = "清欠9号" }
[[events]]
on = "2024-10-01"
sanction = { id = "n3", kind = "no-awards", person = "li", agreement = "s1", why = "清欠10号", withdrawn = true }
"#;

fn record(site: &Site, facts: &str) -> Run {
    let file = site.write("facts.toml", facts);
    site.run(["record", file.to_str().unwrap()])
}

/// Person, sanction, what for, from, to and why.
fn told(site: &Site, as_of: &str, known_at: Option<i64>) -> Vec<String> {
    let position = known_at.map(|p| p.to_string());
    let known_at = position.iter().flat_map(|p| ["--known-at", p.as_str()]);
    let args: Vec<&str> = ["--format", "json", "report", "sanctions", "--as-of", as_of].into_iter().chain(known_at).collect();
    let rows = site.run(args).exits(0).table("sanctions");
    rows.iter().map(|row| ["person", "sanction", "subject", "from", "to", "why"].map(|key| row[key].as_str().unwrap()).join(" ")).collect()
}

#[test]
fn the_register_tells_what_is_in_force_on_any_day_as_known_at_any_position() {
    let (demerit, transfer) = ("li demerit p1 2024-09-05 2025-03-04 处分2号", "wang no-transfer r1 2024-09-05  清欠9号");
    let awards = "li no-awards s1 2024-10-01  清欠10号";
    let lifted = "wang no-transfer r1 2024-09-05 2024-10-31 清欠9号";
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let before = site.position("main");
        let _ = record(&site, BOOKS).exits(0);
        assert_eq!(site.position("main"), before, "what stands is not repeated");
        assert_eq!(told(&site, "2024-09-04", None), Vec::<String>::new());
        assert_eq!(told(&site, "2024-09-05", None), [demerit, transfer]);
        assert_eq!(told(&site, "2024-12-31", None), [demerit, awards, transfer]);
        assert_eq!(told(&site, "2025-03-05", None), [awards, transfer], "the last day of the demerit is over");
        let _ = record(&site, LIFTED).exits(0);
        assert_eq!(told(&site, "2024-10-31", None), [demerit, lifted], "no awards was recorded by mistake");
        assert_eq!(told(&site, "2024-11-01", None), [demerit]);
        assert_eq!(told(&site, "2024-11-01", Some(before)), [demerit, awards, transfer], "as known before");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn both_are_read_over_rest() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let _ = record(&site, LIFTED).exits(0);
        let server = site.serve();
        let base = "/api/v1/ledgers/main";
        let cells = |row: &Value, keys: &[&str]| -> Vec<String> {
            keys.iter().map(|key| row[*key].as_str().map_or_else(|| row[*key].to_string(), str::to_owned)).collect()
        };
        let reports = server.rows(&format!("{base}/false-reports?as_of=2024-09-01"));
        let keys = ["code", "about", "person_code", "on", "from", "sanction", "evidence"];
        assert_eq!(reports.iter().map(|r| cells(r, &keys)).collect::<Vec<_>>(), [["f1", "receipt", "li", "2024-09-01", "null", "demerit", "查办4号"]]);
        assert_eq!(server.rows(&format!("{base}/false-reports?as_of=2024-08-31")), Vec::<Value>::new());
        let sanctions = |query: &str| -> Vec<Vec<String>> {
            let found = server.rows(&format!("{base}/sanctions?sort=from&{query}"));
            found.iter().map(|s| cells(s, &["code", "kind", "person_code", "lifted", "in_force"])).collect()
        };
        let demerit = ["n1", "demerit", "li", "null"];
        let transfer = ["n2", "no-transfer", "wang", "2024-11-01"];
        let row = |of: [&str; 4], in_force: &str| of.into_iter().chain([in_force]).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(sanctions("as_of=2024-10-31"), [row(demerit, "true"), row(transfer, "true")]);
        assert_eq!(sanctions("as_of=2024-11-01&in_force=false"), [row(transfer, "false")]);
        assert_eq!(sanctions("as_of=2024-11-01&in_force=true"), [row(demerit, "true")]);
        assert_eq!(sanctions("as_of=2024-11-01&kind=demerit"), [row(demerit, "true")]);
        let li = server.rows(&format!("{base}/people?code=li"))[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(sanctions(&format!("as_of=2024-11-01&person={li}")), [row(demerit, "true")]);
        assert_eq!(sanctions(&format!("as_of=2024-11-01&subject={}", reports[0]["subject"].as_str().unwrap())), [row(demerit, "true")]);
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let before = site.position("main");
        let event = |on: &str, fact: &str| format!("[[events]]\non = \"{on}\"\n{fact}\n");
        let report = |rest: &str| event("2024-09-01", &format!("false_report = {{ {rest} }}"));
        let sanction = |rest: &str| event("2024-09-05", &format!("sanction = {{ kind = \"demerit\", why = \"x\", {rest} }}"));
        for (facts, code) in [
            (report(r#"id = "f9", person = "li""#), "false_report.about"),
            (report(r#"id = "f9", person = "li", receipt = "p1", receivable = "r1""#), "false_report.about"),
            (report(r#"id = "f9", person = "li", receipt = "p9""#), "false_report.about"),
            (report(r#"id = "f9", person = "sun", receipt = "p1""#), "person.unknown"),
            (report(r#"id = "f9", person = "li", receipt = "p1", from = "2024-03-02", to = "2024-03-01""#), "false_report.dates"),
            (report(r#"id = "f1", person = "li", receivable = "r1""#), "false_report.moved"),
            (sanction(r#"id = "n9", person = "li""#), "sanction.about"),
            (sanction(r#"id = "n9", person = "sun", receipt = "p1""#), "person.unknown"),
            (sanction(r#"id = "n9", person = "li", receipt = "p1", until = "2024-09-04""#), "sanction.dates"),
            (sanction(r#"id = "n9", person = "li", receipt = "p1", lifted = "2024-09-04""#), "sanction.dates"),
            (sanction(r#"id = "n1", person = "wang", receipt = "p1""#), "sanction.moved"),
            (sanction(r#"id = "n1", person = "li", receivable = "r1""#), "sanction.moved"),
        ] {
            let _ = record(&site, &facts).exits(1).says(&format!("error [{code}]"));
        }
        assert_eq!(site.position("main"), before);
    }
}
