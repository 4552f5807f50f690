//! Settlement over the command line: a statement for payroll, payroll's return, and what is refused of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::Site;
use recoup_tests::books::EXAMPLE_1;
use serde_json::Value;

const BOUNCE: &str = "[[events]]\non = \"2024-12-05\"\nbounce = \"p2\"\n";

fn statement(site: &Site, month: &str, more: &[&str]) -> Vec<Value> {
    site.run(["--format", "json", "settle", "statement", month].iter().chain(more)).exits(0).table("settlement")
}

/// The item of the one row of a statement, of which the rest is compared.
fn one_row(rows: &[Value], expected: [&str; 5]) -> String {
    assert_eq!(rows.len(), 1, "{rows:?}");
    let cells = ["due", "settled", "set_off", "cash", "left"].map(|k| rows[0][k].as_str().unwrap());
    assert_eq!(cells, expected, "due, settled before, set off, cash, left");
    rows[0]["item"].as_str().unwrap().to_owned()
}

fn returned(item: &str, amount: &str) -> String {
    format!("item,name,confirmed\n{item},Wang,{amount}\n")
}

#[test]
fn what_payroll_confirms_is_settled_once_and_in_part_and_what_bounced_is_owed_back() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-11-30");
        let rows = statement(&site, "2024-11", &[]);
        let item = one_row(&rows, ["68000.00", "0.00", "0.00", "68000.00", "0.00"]);
        assert_eq!((&rows[0]["person"], &rows[0]["subject"], &rows[0]["purpose"]), (&"wang".into(), &"l1".into(), &"bonus".into()));
        let before = site.position("main");

        let run = site.handed_out("2024-11", "2024-11-30", &[]);
        let before_return = site.position("main");
        let part = returned(&item, "60000.00");
        let _ = site.returned(&run, &part, &[]).exits(0);
        assert_eq!(site.position("main"), before_return + 1);
        let rest = one_row(&statement(&site, "2024-11", &[]), ["68000.00", "60000.00", "0.00", "8000.00", "0.00"]);
        assert_eq!(rest, item, "an account keeps its reference");
        let again = site.returned(&run, &part, &[]).exits(0);
        assert!(again.stdout.starts_with(&format!("nothing changed: the file was recorded at position {}", before_return + 1)), "{}", again.stdout);
        assert_eq!(site.position("main"), before_return + 1);

        // The bounce becomes known after the run was handed out: what payroll paid of it is a fact all the same.
        site.recorded(BOUNCE);
        let stale = site.prepared("2024-11", &[]).exits(1);
        let _ = stale.says("error [settlement.stale]").says("evaluate it as of 2024-11-30 or later (`--pack legacy-construction`)");
        let beyond = site.returned(&run, &returned(&item, "8000.01"), &[]).exits(1);
        let _ = beyond.says("error [settlement.beyond]").says("has 8000.00 left of it");
        let _ = site.returned(&run, &returned(&item, "8000.00"), &[]).exits(0);
        let known = before.to_string();
        let _ = one_row(&statement(&site, "2024-11", &["--known-at", &known]), ["68000.00", "0.00", "0.00", "68000.00", "0.00"]);

        site.evaluated("2024-12-31");
        assert!(statement(&site, "2024-11", &[]).is_empty(), "nothing is taken back with the wages of a month before the bounce");
        // 20 % of 12,000.00 are taken of the 68,000.00.
        let rows = statement(&site, "2024-12", &[]);
        let _ = one_row(&rows, ["0.00", "68000.00", "0.00", "-2400.00", "-65600.00"]);
        let december = site.handed_out("2024-12", "2024-12-31", &[]);
        let _ = site.returned(&december, &returned(&item, "-2400.00"), &[]).exits(0);
        let _ = one_row(&statement(&site, "2024-12", &[]), ["0.00", "65600.00", "0.00", "0.00", "-65600.00"]);
        let early = site.prepared("2024-11", &[]).exits(1);
        let _ = early.says("error [settlement.earlier_month]").says("wages of 2024-12 were settled already");
        site.evaluated("2025-01-31");
        let rows = statement(&site, "2025-01", &[]);
        let _ = one_row(&rows, ["0.00", "65600.00", "0.00", "0.00", "-65600.00"]);
        assert_eq!(rows[0]["hold"], "the wage of 2025-01 is not known: record it");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn a_return_that_does_not_fit_is_refused_whole() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        let _ = site.run(["settle", "statement", "2024-11"]).exits(0);
        site.evaluated("2024-11-20");
        let early = site.run(["settle", "statement", "2024-11"]).exits(1);
        let _ = early.says("error [settlement.not_evaluated]: legacy-construction was evaluated as of 2024-11-20, and not as of 2024-11-30");
        let _ = one_row(&statement(&site, "2024-11", &["--as-of", "2024-11-20"]), ["68000.00", "0.00", "0.00", "68000.00", "0.00"]);
        site.evaluated("2024-11-30");
        let item = one_row(&statement(&site, "2024-11", &[]), ["68000.00", "0.00", "0.00", "68000.00", "0.00"]);
        let run = site.handed_out("2024-11", "2024-11-30", &[]);
        let before = site.position("main");
        let refused = |csv: &str, code: &str, what: &str| {
            let _ = site.returned(&run, csv, &[]).exits(1).says(&format!("error [{code}]")).says(what);
        };
        let beyond = "has 68000.00 left of it: confirm what was paid or taken of it, at most that";
        refused(&returned(&item, "68000.01"), "settlement.beyond", beyond);
        refused(&returned(&item, "-0.01"), "settlement.beyond", beyond);
        refused(&returned(&item, "68000.001"), "file.invalid", "row 2: confirmed `68000.001`");
        refused(&returned("wang", "1.00"), "file.invalid", "row 2: `wang` is no item of a run");
        refused("item,paid\n", "file.invalid", "no column `confirmed`");
        let other = "0190f3a0-0000-7000-8000-000000000000";
        refused(&format!("{}{other},X,1.00\n", returned(&item, "1.00")), "settlement.unknown_item", &format!("item {other} is not in run {run} of 2024-11"));
        refused(&format!("{}{item},X,1.00\n", returned(&item, "1.00")), "settlement.duplicate_item", "stands twice");
        refused(&format!("{}total,,2.00\n", returned(&item, "1.00")), "file.invalid", "the total is 2.00, and its items add up to 1.00");
        for (day, code) in [("2024-10-31", "settlement.paid_on"), ("9999-01-01", "settlement.paid_on"), ("2024-11-30", "payout.notice")] {
            let _ = site.returned(&run, &returned(&item, "1.00"), &["--on", day]).exits(1).says(&format!("error [{code}]"));
        }
        let _ = site.prepared("2024-11", &["--as-of", "2024-12-01"]).exits(1).says("error [settlement.day]");
        assert_eq!(site.position("main"), before, "nothing was recorded");
    }
}

#[test]
fn nothing_is_paid_that_bounced_after_the_day_of_the_statement() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.recorded(BOUNCE);
        site.evaluated("2024-12-10");
        // 68,000.00 were payable on 30 November; since 5 December they are contingent.
        assert!(statement(&site, "2024-11", &[]).is_empty());
        assert!(statement(&site, "2024-12", &["--as-of", "2024-12-10"]).is_empty());
    }
}

/// The letter whose bonus was paid is even on its account; its case cannot be judged, so nothing is paid for another one.
#[test]
fn a_case_set_aside_holds_whoever_it_concerns_on_every_account() {
    const OTHER: &str = r#"
[debtors]
acme = "甲建筑公司"
[receivables.r2]
debtor = "acme"
amount = "250000.00"
document_date = "2019-06-30"
due = "2019-06-30"
[letters.l2]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r2"]
shares = { wang = 1 }
[[events]]
on = "2024-12-02"
receive = { id = "p3", debtor = "acme", amount = "250000.00", apply = { r2 = "250000.00" } }
"#;
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-11-30");
        let item = one_row(&statement(&site, "2024-11", &[]), ["68000.00", "0.00", "0.00", "68000.00", "0.00"]);
        let run = site.handed_out("2024-11", "2024-11-30", &[]);
        let _ = site.returned(&run, &returned(&item, "68000.00"), &[]).exits(0);
        site.recorded(&EXAMPLE_1.split("[[events]]").next().unwrap().replace(
            "shares = { wang = 1 }
",
            "",
        ));
        site.recorded(OTHER);
        site.evaluated("2024-12-31");
        // 4 % of 250,000.00.
        let rows = statement(&site, "2024-12", &[]);
        let _ = one_row(&rows, ["10000.00", "0.00", "0.00", "0.00", "10000.00"]);
        assert!(rows[0]["hold"].as_str().unwrap().starts_with("a case of theirs is set aside (lc.nobody_answers)"), "{rows:?}");
    }
}

#[test]
fn one_return_sent_twice_at_once_settles_once() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-11-30");
        let item = one_row(&statement(&site, "2024-11", &[]), ["68000.00", "0.00", "0.00", "68000.00", "0.00"]);
        let run = site.handed_out("2024-11", "2024-11-30", &[]);
        let file = site.write("return.csv", returned(&item, "30000.00"));
        let runs = site.together((0..4).map(|_| site.command(["settle", "confirm", &run, file.to_str().unwrap()])));
        for run in runs {
            let _ = run.exits(0);
        }
        let _ = one_row(&statement(&site, "2024-11", &[]), ["68000.00", "30000.00", "0.00", "38000.00", "0.00"]);
    }
}

#[test]
fn a_person_with_a_case_set_aside_is_not_paid() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-11-30");
        let item = one_row(&statement(&site, "2024-11", &[]), ["68000.00", "0.00", "0.00", "68000.00", "0.00"]);
        // Nobody answers any more: the letter cannot be judged, and what stands keeps standing.
        site.recorded(&EXAMPLE_1.split("[[events]]").next().unwrap().replace("shares = { wang = 1 }\n", ""));
        site.evaluated("2024-11-30");
        let rows = statement(&site, "2024-11", &[]);
        let _ = one_row(&rows, ["68000.00", "0.00", "0.00", "0.00", "68000.00"]);
        assert!(rows[0]["hold"].as_str().unwrap().starts_with("a case of theirs is set aside (lc.nobody_answers)"), "{rows:?}");
        let held = site.prepared("2024-11", &["--person", "wang"]).exits(1);
        let _ = held.says(&format!("error [settlement.held]: item {item} of wang")).says("mend what it lacks and evaluate again");
        let _ = site.prepared("2024-11", &[]).exits(1).says("error [payout.empty]").says("what is held waits");
    }
}

#[test]
fn wages_are_stated_with_what_the_guard_needs() {
    let site = Site::sqlite();
    let refused = |from: &str, to: &str, code: &str, what: &str| {
        assert!(EXAMPLE_1.contains(from));
        let file = site.write("facts.toml", EXAMPLE_1.replace(from, to));
        let _ = site.run(["record", file.to_str().unwrap()]).exits(1).says(&format!("error [{code}]")).says(what);
    };
    refused("\"2260.00\"", "\"0.00\"", "minimum_wage.amount", "`0.00` is no minimum wage of 苏州 from 2023-01-01: write the wage of a month as 2260.00");
    let more = "wages = { 2024 = \"12000.00\" }\ndeductions = { 2024 = \"12000.01\" }";
    refused("wages = { 2024 = \"12000.00\" }", more, "wage.deductions", "the deductions of wang in 2024-01 are more than the wage");
    let other = "wages = { 2024 = \"12000.00\" }\ndeductions = { 2025-01 = \"1.00\" }";
    refused("wages = { 2024 = \"12000.00\" }", other, "wage.deductions", "wang has deductions in 2025-01 and no wage");
}
