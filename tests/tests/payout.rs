//! Payout runs over the command line: prepared, published for their notice, approved, handed out, returned, taken back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_engine::evaluate::{Request, evaluate};
use recoup_engine::facts::{By, Facts, record};
use recoup_engine::settlement::{Choice, one, prepare};
use recoup_model::access::Role;
use recoup_store::EVERYTHING;
use recoup_store::testing::databases;
use recoup_tests::books::EXAMPLE_1;
use recoup_tests::{ACTOR, Run, Site, day, intake, now, plugins};
use serde_json::{Value, json};

const BOUNCE: &str = "[[events]]\non = \"2024-12-05\"\nbounce = \"p2\"\n";

/// Example 5 of LC: the deadline of 31 December is missed, and the wage of each month withheld until the debt is cleared.
const WITHHELD: &str = r#"
[people.wang]
name = "王强"
place = "苏州"
wages = { 2024 = "12000.00", 2025 = "12000.00" }
[people.chen]
name = "陈立"
place = "苏州"
wages = { 2024 = "12000.00", 2025 = "12000.00" }
[minimum_wages."苏州"]
2023-01-01 = "2260.00"
[debtors]
acme = "甲建筑公司"
[receivables.r1]
debtor = "acme"
amount = "2000000.00"
document_date = "2019-06-30"
due = "2019-06-30"
[receivables.r2]
debtor = "acme"
amount = "500000.00"
document_date = "2019-06-30"
due = "2019-06-30"
[letters.l1]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r1"]
[letters.l2]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["r2"]
[[roles]]
person = "wang"
role = "responsible"
letter = "l1"
from = "2024-01-01"
[[roles]]
person = "chen"
role = "responsible"
letter = "l2"
from = "2024-01-01"
"#;

const CLEARED: &str = r#"
[[events]]
on = "2025-04-10"
receive = { id = "p1", debtor = "acme", amount = "2500000.00", apply = { r1 = "2000000.00", r2 = "500000.00" } }
"#;

const TABLE: &str = "from = 2024-01-01\n\
    [[row]]\nkind = \"payout\"\nup_to = \"10000.00\"\napprovers = [\"carol\"]\n\
    [[row]]\nkind = \"payout\"\napprovers = [\"carol\", \"dora\"]\n\
    [[row]]\nkind = \"payout-reversal\"\napprovers = [\"dora\"]\n\
    [[row]]\nkind = \"correction\"\napprovers = [\"dora\"]\n\
    [[row]]\nkind = \"wage-guard\"\napprovers = [\"dora\"]\n";

const BY_MO: &str = "--as mo --as-password env:SECRET";

fn asked(site: &Site, args: &[&str]) -> Run {
    site.run(["--format", "json"].iter().chain(args)).exits(0)
}

fn items(site: &Site, run: &str) -> Vec<Value> {
    asked(site, &["payout", "show", run]).table("rows")
}

fn state(site: &Site, run: &str) -> String {
    asked(site, &["payout", "list"]).row("payouts", &[("run", run)])["state"].as_str().unwrap().to_owned()
}

/// The item of the one row of a run, of which person, cash and what was confirmed are compared.
fn one_item(site: &Site, run: &str, expected: [&str; 4]) -> String {
    let rows = items(site, run);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(["person", "paid", "taken", "confirmed"].map(|k| rows[0][k].as_str().unwrap()), expected);
    rows[0]["item"].as_str().unwrap().to_owned()
}

fn confirmed(items: &[(&str, &str)]) -> String {
    items.iter().fold("item,confirmed\n".to_owned(), |file, (item, amount)| format!("{file}{item},{amount}\n"))
}

/// Example 1 with 68,000.00 payable to wang, and a notice of five days.
fn paying(site: &Site) -> String {
    site.recorded(EXAMPLE_1);
    site.recorded("[payout_terms.2024-01-01]\nnotice_days = 5\ntax_note = \"tax is the payee's\"\n");
    site.evaluated("2024-11-30");
    site.prepared("2024-11", &[]).exits(0).run_id()
}

#[test]
fn edge_35_a_run_is_paid_after_its_notice_ended_without_an_open_objection() {
    for site in Site::both() {
        let run = paying(&site);
        let rows = items(&site, &run);
        assert_eq!((&rows[0]["paid"], &rows[0]["tax_note"]), (&"68000.00".into(), &"tax is the payee's".into()));
        assert_eq!(rows[0]["rests_on"].as_str().unwrap().matches('(').count(), 2, "two receipts earned it: {rows:?}");
        let before = site.position("main");
        let again = site.prepared("2024-11", &[]).exits(0);
        assert!(again.run_id() == run && again.stdout.contains("is prepared already"), "{}", again.stdout);
        assert_eq!(site.position("main"), before, "a run of the same content is the same run");

        let export = |code: &str, what: &str| drop(site.run(["payout", "export", &run]).exits(1).says(&format!("error [{code}]")).says(what));
        export("payout.not_published", "publish it");
        let _ = site.run(["payout", "publish", &run, "--on", "2024-11-29"]).exits(1).says("error [payout.day]");
        let published = site.run(["payout", "publish", &run, "--on", "2024-12-01"]).exits(0);
        assert!(published.stdout.contains("raised by 2024-12-06 count"), "day 0 is that of publication: {}", published.stdout);
        let _ = site.run(["payout", "publish", &run]).exits(1).says("error [payout.state]").says("is published: it cannot be published");
        let objects = |on: &str| site.run(["payout", "object", &run, "--person", "wang", "--reason", "the rate is 4 %", "--on", on]);
        let _ = objects("2024-11-30").exits(1).says("error [payout.day]");
        let in_time = objects("2024-12-06").exits(0).run_id();
        let too_late = objects("2024-12-07").exits(0).run_id();
        export("payout.objection", &format!("objection {in_time} against run {run} is open"));
        let _ = site.run(["payout", "resolve", &in_time, "--reason", " "]).exits(1).says("error [payout.reason]");
        let _ = site.run(["payout", "resolve", &in_time, "--reason", "3 % until March"]).exits(0);
        let _ = site.run(["payout", "resolve", &in_time, "--reason", "again"]).exits(1).says("error [payout.resolved]");
        let _ = site.run(["payout", "resolve", &run, "--reason", "none"]).exits(1).says("error [payout.unknown_objection]");

        // The other one was raised after the notice: it holds nothing up.
        let handed = asked(&site, &["payout", "export", &run]);
        assert_eq!(state(&site, &run), "exported");
        let item = one_item(&site, &run, ["wang", "68000.00", "0.00", "0.00"]);
        let total = handed.row("items", &[("item", "total")]);
        assert_eq!((&total["paid"], &total["taken"], &total["cash"]), (&"68000.00".into(), &"0.00".into(), &"68000.00".into()));
        assert_eq!(total["digest"], handed.table("payouts")[0]["digest"]);
        // On the last day of the notice it was not payable yet.
        let _ = site.returned(&run, &confirmed(&[(&item, "1.00")]), &["--on", "2024-12-06"]).exits(1).says("error [payout.notice]").says("from 2024-12-07 on");
        let _ = site.returned(&run, &confirmed(&[(&item, "68000.00")]), &["--on", "2024-12-07"]).exits(0);
        assert_eq!(state(&site, &run), "settled");
        assert_ne!(too_late, in_time, "each objection is one");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn a_run_waits_for_terms_and_payroll_for_a_run() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-11-30");
        let run = site.prepared("2024-11", &[]).exits(0).run_id();
        let _ = site.run(["payout", "publish", &run]).exits(1).says("error [payout.no_terms]").says("`notice_days`");
        let item = one_item(&site, &run, ["wang", "68000.00", "0.00", "0.00"]);
        assert_eq!(items(&site, &run)[0]["tax_note"], "", "nothing is said of taxes");
        let _ = site.returned(&run, &confirmed(&[(&item, "1.00")]), &[]).exits(1).says("error [payout.not_exported]");
        // A notice of no days is a statement too: it is payable on the day after.
        site.recorded("[payout_terms.2024-01-01]\nnotice_days = 0\n");
        let _ = site.run(["payout", "publish", &run]).exits(0);
        let _ = site.run(["payout", "export", &run]).exits(1).says("error [payout.notice]");
        let unknown = "0190f3a0-0000-7000-8000-000000000000";
        for args in [["export", unknown], ["publish", unknown], ["show", unknown]] {
            let _ = site.run(["payout"].iter().chain(&args)).exits(1).says("error [payout.unknown]");
        }
        let _ = site.prepared("2024-11", &["--person", "nobody"]).exits(1).says("error [person.unknown]");
    }
}

#[test]
fn an_export_is_one_table_in_each_form_and_says_the_same() {
    let site = Site::sqlite();
    site.recorded(EXAMPLE_1);
    site.evaluated("2024-11-30");
    let run = site.handed_out("2024-11", "2024-11-30", &[]);
    let csv = site.run(["payout", "export", &run, "--format", "csv"]).exits(0).stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(lines[0].starts_with("item,person,subject,purpose,paid,taken,cash,") && lines[2].starts_with("total,,,,68000.00,0.00,68000.00,"), "{csv}");
    let digest = asked(&site, &["payout", "show", &run]).table("payouts")[0]["digest"].as_str().unwrap().to_owned();
    assert!(lines[1..].iter().all(|line| line.ends_with(&format!("{run},{digest}"))), "{csv}");
    let book = site.command(["payout", "export", &run, "--format", "xlsx"]).output().unwrap();
    assert!(book.status.success() && book.stdout.starts_with(b"PK\x03\x04"), "a workbook");
    // Payroll's file with the column filled in is a return: its total is held against its items.
    let filled = |amount: &str, total: &str| {
        csv.replace(",cash,", ",confirmed,").replace("68000.00,0.00,68000.00,", &format!("68000.00,0.00,{amount},")).replacen(
            &format!("total,,,,68000.00,0.00,{amount},"),
            &format!("total,,,,68000.00,0.00,{total},"),
            1,
        )
    };
    let _ = site.returned(&run, &filled("60000.00", "68000.00"), &[]).exits(1).says("its items add up to 60000.00");
    let _ = site.returned(&run, &filled("60000.00", "60000.00"), &[]).exits(0);
}

#[test]
fn a_run_of_which_the_statement_changed_is_stale_and_gives_way_to_another_one() {
    for site in Site::both() {
        let run = paying(&site);
        let _ = site.run(["payout", "publish", &run, "--on", "2024-12-01"]).exits(0);
        site.recorded(BOUNCE);
        let _ = site.run(["payout", "export", &run]).exits(1).says("error [settlement.stale]");
        site.evaluated("2024-12-10");
        let _ = site.run(["payout", "export", &run]).exits(1).says("error [payout.stale]").says("cancel the run, and prepare another one");
        // The bounced receipt is followed by another one: 4 % of it, and the run is still open.
        site.recorded(
            "[[events]]\non = \"2024-12-20\"\nreceive = { id = \"p3\", debtor = \"acme\", amount = \"800000.00\", apply = { r1 = \"800000.00\" } }\n",
        );
        site.evaluated("2024-12-31");
        let _ = site.prepared("2024-12", &[]).exits(1).says("error [payout.open]").says(&format!("wang is in run {run} of 2024-11, which is published"));
        let _ = site.run(["payout", "cancel", &run, "--reason", "the statement changed"]).exits(0);
        let _ = site.run(["payout", "cancel", &run, "--reason", "again"]).exits(1).says("error [payout.state]").says("is cancelled: it cannot be cancelled");
        let next = site.prepared("2024-12", &[]).exits(0).run_id();
        let _ = one_item(&site, &next, ["wang", "68000.00", "0.00", "0.00"]);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// 9,740.00 of each of two months is withheld of two people; what is paid back is that, and only to whoever is chosen.
#[test]
fn edge_38_withheld_wages_are_released_for_chosen_persons_and_an_empty_choice_releases_nobody() {
    for site in Site::both() {
        site.recorded(WITHHELD);
        for (month, day) in [("2025-01", "2025-01-31"), ("2025-02", "2025-02-28")] {
            site.evaluated(day);
            let run = site.handed_out(month, day, &[]);
            let rows = items(&site, &run);
            assert_eq!(rows.iter().map(|r| r["taken"].as_str().unwrap()).collect::<Vec<_>>(), ["-9740.00", "-9740.00"], "the minimum wage is left");
            let all: Vec<(&str, &str)> = rows.iter().map(|r| (r["item"].as_str().unwrap(), "-9740.00")).collect();
            let _ = site.returned(&run, &confirmed(&all), &[]).exits(0);
        }
        site.recorded(CLEARED);
        site.evaluated("2025-04-30");
        let _ = site.prepared("2025-04", &[]).exits(1).says("error [payout.empty]").says("whose withheld wages are released is chosen");
        let _ = site.prepared("2025-04", &["--person", "wang"]).exits(1).says("error [payout.empty]");
        let run = site.handed_out("2025-04", "2025-04-30", &["--release", "chen"]);
        let rows = items(&site, &run);
        let told = |r: &Value| ["person", "purpose", "paid"].map(|k| r[k].as_str().unwrap().to_owned());
        let released: Vec<_> = rows.iter().map(told).collect();
        assert_eq!(released, [["chen", "withholding of 2025-01", "9740.00"], ["chen", "withholding of 2025-02", "9740.00"]]);
        let all: Vec<(&str, &str)> = rows.iter().map(|r| (r["item"].as_str().unwrap(), "9740.00")).collect();
        let _ = site.returned(&run, &confirmed(&all), &["--on", "2025-05-05"]).exits(0);

        let register = |day: &str| asked(&site, &["report", "withheld", "--as-of", day]);
        let kept = |day: &str, person: &str, month: &str| {
            let row = register(day).row("withheld", &[("person", person), ("month", month)]);
            ["withheld", "paid_back", "kept"].map(|k| row[k].as_str().unwrap().to_owned())
        };
        // What was withheld and has come back is not given back again.
        let january = asked(&site, &["payout", "list"]).table("payouts")[0]["run"].as_str().unwrap().to_owned();
        let twice = site.run(["payout", "reverse", &january, "--reason", "withheld by mistake"]).exits(1);
        let _ = twice.says("error [payout.paid_back]: the withholding of 2025-01").says("take the run back that paid it, first");
        let today = "2030-01-01";
        assert_eq!(kept(today, "chen", "2025-01"), ["-9740.00", "9740.00", "0.00"], "back-pay equals what was withheld");
        assert_eq!(kept(today, "wang", "2025-02"), ["-9740.00", "0.00", "9740.00"], "nobody chose wang");
        assert_eq!(register(today).row("withheld", &[("person", "total")])["kept"], "19480.00");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// What a later run has left to pay back may still be confirmed: until it is, or is taken back, the run that withheld it stays.
#[test]
fn edge_38_a_run_that_withheld_stays_while_its_back_pay_may_be_confirmed_yet() {
    for site in Site::both() {
        site.recorded(WITHHELD);
        site.evaluated("2025-01-31");
        let january = site.handed_out("2025-01", "2025-01-31", &[]);
        let all: Vec<String> = items(&site, &january).iter().map(|r| r["item"].as_str().unwrap().to_owned()).collect();
        let all: Vec<(&str, &str)> = all.iter().map(|item| (item.as_str(), "-9740.00")).collect();
        let _ = site.returned(&january, &confirmed(&all), &[]).exits(0);
        site.recorded(CLEARED);
        site.evaluated("2025-04-30");
        let april = site.handed_out("2025-04", "2025-04-30", &["--release", "chen"]);
        // Payroll paid nothing of it, as yet.
        let _ = site.returned(&april, "item,confirmed\n", &["--on", "2025-05-05"]).exits(0);
        let reverse = |run: &str| site.run(["payout", "reverse", run, "--reason", "withheld by mistake"]);
        let _ = reverse(&january).exits(1).says("error [payout.open]").says("take that run back first");
        let _ = reverse(&april).exits(0);
        let _ = reverse(&january).exits(0);
        let total = asked(&site, &["report", "withheld", "--as-of", "2030-01-01"]).row("withheld", &[("person", "total")]);
        assert_eq!(["withheld", "paid_back", "kept"].map(|k| total[k].as_str().unwrap()), ["0.00", "0.00", "0.00"]);
    }
}

/// Both sides of a set-off are in a run, also where a wage is not known, and it is recorded once.
#[test]
fn edge_36_a_clawback_is_set_off_whole_and_once_also_where_the_wage_is_not_known() {
    const LATER: &str = r#"
[receivables.r2]
debtor = "acme"
amount = "500000.00"
document_date = "2019-06-30"
due = "2019-06-30"
[letters.l2]
from = "2024-01-01"
deadline = "2025-12-31"
receivables = ["r2"]
shares = { wang = 1 }
[[events]]
on = "2024-12-20"
receive = { id = "p9", debtor = "acme", amount = "500000.00", apply = { r2 = "500000.00" } }
"#;
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-11-30");
        let november = site.handed_out("2024-11", "2024-11-30", &[]);
        let item = one_item(&site, &november, ["wang", "68000.00", "0.00", "0.00"]);
        let _ = site.returned(&november, &confirmed(&[(&item, "68000.00")]), &[]).exits(0);
        site.recorded(BOUNCE);
        // 500,000.00 at five years: 4 % = 20,000.00.
        site.recorded(LATER);
        site.evaluated("2025-01-31");
        let set_offs = |run: &str| {
            let mut found: Vec<String> = items(&site, run).iter().map(|r| r["set_off"].as_str().unwrap().to_owned()).collect();
            found.sort();
            found
        };
        let accounts = || asked(&site, &["report", "accounts", "--of", "bonus", "--as-of", "2030-01-01"]);
        let first = site.handed_out("2025-01", "2025-01-31", &[]);
        assert_eq!(set_offs(&first), ["-20000.00", "20000.00"], "the wage of January is not known, and none is taken");
        let _ = site.returned(&first, "item,confirmed\n", &["--on", "2025-02-05"]).exits(0);
        // Nobody was named, so a second run takes wang up with all of it.
        let second = site.handed_out("2025-01", "2025-01-31", &[]);
        let all: Vec<String> = items(&site, &second).iter().map(|r| r["item"].as_str().unwrap().to_owned()).collect();
        let nothing: Vec<(&str, &str)> = all.iter().map(|item| (item.as_str(), "0.00")).collect();
        let _ = site.returned(&second, &confirmed(&nothing), &["--on", "2025-02-06"]).exits(0);
        assert_eq!(accounts().row("accounts", &[("person", "total")])["owed"], "-48000.00", "68,000.00 less 20,000.00");
        let before = accounts().table("accounts");
        let _ = site.returned(&first, &confirmed(&nothing), &["--on", "2025-02-07"]);
        assert_eq!(accounts().table("accounts"), before, "what the second run set off, the first does not set off again");
    }
}

/// 68,000.00 were paid; the bounce leaves nothing due. 2,400.00 a month are taken, and what is left is carried.
#[test]
fn edge_36_a_payout_exceeded_by_a_clawback_is_carried_and_capped_per_month() {
    for site in Site::both() {
        site.recorded(&EXAMPLE_1.replace("{ 2024 = \"12000.00\" }", "{ 2024 = \"12000.00\", 2025 = \"12000.00\" }"));
        site.evaluated("2024-11-30");
        let november = site.handed_out("2024-11", "2024-11-30", &[]);
        let item = one_item(&site, &november, ["wang", "68000.00", "0.00", "0.00"]);
        let _ = site.returned(&november, &confirmed(&[(&item, "68000.00")]), &[]).exits(0);
        site.recorded(BOUNCE);
        let owed = || asked(&site, &["report", "accounts", "--of", "bonus", "--as-of", "2030-01-01"]).row("accounts", &[("person", "total")])["owed"].clone();
        site.evaluated("2024-12-31");
        let run = site.handed_out("2024-12", "2024-12-31", &[]);
        let item = one_item(&site, &run, ["wang", "0.00", "-2400.00", "0.00"]);
        // Payroll takes a part of it; what it did not take stays owed, within the same month's bound.
        let _ = site.returned(&run, &confirmed(&[(&item, "-1000.00")]), &[]).exits(0);
        let rest = site.handed_out("2024-12", "2024-12-31", &[]);
        let _ = one_item(&site, &rest, ["wang", "0.00", "-1400.00", "0.00"]);
        let late = site.returned(&run, &confirmed(&[(&item, "-1400.00")]), &[]).exits(1);
        let _ = late.says("error [payout.taken_up]").says(&format!("is in run {rest}"));
        let _ = site.returned(&rest, &confirmed(&[(&item, "-1400.00")]), &[]).exits(0);
        let _ = site.prepared("2024-12", &[]).exits(1).says("error [payout.empty]");
        assert_eq!(owed(), "-65600.00", "the negative balance is carried");
        site.evaluated("2025-01-31");
        let january = site.handed_out("2025-01", "2025-01-31", &[]);
        let item = items(&site, &january)[0]["item"].as_str().unwrap().to_owned();
        let _ = site.returned(&january, &confirmed(&[(&item, "-2400.00")]), &[]).exits(0);
        assert_eq!(owed(), "-63200.00");
    }
}

/// What was paid to the old person comes back from them, and the new one is paid, once.
#[test]
fn edge_30_a_run_taken_back_leaves_the_accounts_as_if_it_had_not_been_and_is_taken_back_once() {
    for site in Site::both() {
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-11-30");
        let run = site.handed_out("2024-11", "2024-11-30", &[]);
        let item = one_item(&site, &run, ["wang", "68000.00", "0.00", "0.00"]);
        let reverse = |more: &[&str]| site.run(["payout", "reverse", &run, "--reason", "paid to the wrong person"].iter().chain(more));
        let _ = reverse(&[]).exits(1).says("error [payout.state]").says("is exported: it cannot be reversed");
        let _ = site.returned(&run, &confirmed(&[(&item, "68000.00")]), &["--on", "2024-12-01"]).exits(0);
        let paid = site.position("main").to_string();
        // The letter was another person's all along.
        site.recorded(&format!(
            "{}\n[people.chen]\nname = \"陈立\"\n",
            EXAMPLE_1.split("[[events]]").next().unwrap().replace("shares = { wang = 1 }", "shares = { chen = 1 }")
        ));
        site.evaluated("2024-12-31");
        let _ = reverse(&["--on", "2024-11-30"]).exits(1).says("error [payout.day]").says("2024-12-01, the day on which it was paid");
        let _ = reverse(&["--on", "2024-12-20"]).exits(0);
        let _ = reverse(&[]).exits(1).says("error [payout.state]").says("is reversed: it cannot be reversed");
        let _ = one_item(&site, &run, ["wang", "68000.00", "0.00", "0.00"]);
        let next = site.handed_out("2024-12", "2024-12-31", &[]);
        let for_chen = one_item(&site, &next, ["chen", "68000.00", "0.00", "0.00"]);
        let _ = site.returned(&next, &confirmed(&[(&for_chen, "68000.00")]), &["--on", "2025-01-05"]).exits(0);
        let _ = site.prepared("2024-12", &[]).exits(1).says("error [payout.empty]");

        let register = |args: &[&str]| {
            let total = asked(&site, &[&["report", "payouts"], args].concat()).row("payouts", &[("person", "total")]);
            ["planned", "paid", "set_off", "taken"].map(|k| total[k].as_str().unwrap().to_owned())
        };
        assert_eq!(register(&["--as-of", "2024-11-30"]), ["68000.00", "0.00", "0.00", "0.00"]);
        assert_eq!(register(&["--as-of", "2024-12-19"]), ["68000.00", "68000.00", "0.00", "0.00"]);
        assert_eq!(register(&["--as-of", "2024-12-20"]), ["68000.00", "0.00", "0.00", "0.00"]);
        assert_eq!(register(&["--as-of", "2025-01-05"]), ["136000.00", "68000.00", "0.00", "0.00"]);
        assert_eq!(register(&["--as-of", "2025-01-05", "--known-at", &paid]), ["68000.00", "68000.00", "0.00", "0.00"]);
        assert_eq!(asked(&site, &["payout", "list", "--known-at", &paid]).table("payouts")[0]["state"], "settled");
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// A reversal is dated: none enters a closed month.
#[test]
fn a_run_is_not_taken_back_in_a_closed_period() {
    let site = Site::sqlite();
    site.recorded(EXAMPLE_1);
    site.evaluated("2024-11-30");
    let run = site.handed_out("2024-11", "2024-11-30", &[]);
    let item = one_item(&site, &run, ["wang", "68000.00", "0.00", "0.00"]);
    let _ = site.returned(&run, &confirmed(&[(&item, "68000.00")]), &["--on", "2024-12-01"]).exits(0);
    let _ = site.run(["period", "close", "2024-12"]).exits(0);
    let reverse = |on: &str| site.run(["payout", "reverse", &run, "--reason", "twice", "--on", on]);
    let _ = reverse("2024-12-31").exits(1).says("error [payout.period_closed]").says("state a day of the open month");
    let _ = reverse("2025-01-02").exits(0);
}

#[test]
fn edge_48_a_run_is_approved_by_another_person_for_exactly_what_it_holds() {
    for site in Site::both() {
        site.found();
        for (login, role) in [("mo", Role::Payroll), ("carol", Role::Approver), ("dora", Role::Approver)] {
            site.joins(login, role);
        }
        site.recorded(EXAMPLE_1);
        site.recorded("[payout_terms.2024-01-01]\nnotice_days = 0\n");
        site.evaluated("2024-11-30");
        site.write("table.toml", TABLE);
        let _ = site.signed("approval authority table.toml").exits(0);
        let run = site.signed(&format!("payout prepare 2024-11 {BY_MO}")).exits(0).run_id();
        let ask = format!("approval ask payout {run} {BY_MO}");
        let request = site.signed(&ask).exits(0).run_id();
        assert!(site.signed(&ask).exits(0).stdout.contains("already"), "the same run while it waits is one request");
        let decides = |login: &str, request: &str| site.signed(&format!("approval decide {request} approve --as {login} --as-password env:SECRET"));
        let _ = decides("carol", &request).exits(1).says("error [payout.not_published]");
        let _ = site.run(["payout", "publish", &run, "--on", "2024-11-30"]).exits(0);
        let _ = site.run(["payout", "export", &run]).exits(1).says("error [payout.needs_approval]").says(&format!("recoup approval ask payout {run}"));
        let _ = decides("mo", &request).exits(1);
        // The amount of the run is in no public leaf, and decides who may approve.
        assert_eq!(asked(&site, &["approval", "list"]).row("requests", &[("request", &request)])["amount"], "68000.00");

        // What is known changes between the request and its approval.
        site.recorded(BOUNCE);
        site.evaluated("2024-12-10");
        let _ = decides("carol", &request).exits(1).says("error [payout.stale]");
        let _ = site.signed(&format!("approval decide {request} reject --as carol --as-password env:SECRET")).exits(0);
        let _ = site.run(["payout", "cancel", &run, "--reason", "bounced"]).exits(0);
        site.recorded(
            "[[events]]\non = \"2024-12-20\"\nreceive = { id = \"p3\", debtor = \"acme\", amount = \"800000.00\", apply = { r1 = \"800000.00\" } }\n",
        );
        site.evaluated("2024-12-31");
        let run = site.signed(&format!("payout prepare 2024-12 {BY_MO}")).exits(0).run_id();
        let _ = site.run(["payout", "publish", &run, "--on", "2024-12-31"]).exits(0);
        let request = site.signed(&format!("approval ask payout {run} {BY_MO}")).exits(0).run_id();
        let _ = decides("carol", &request).exits(0);
        let _ = site.run(["payout", "export", &run]).exits(0);
        assert_eq!(asked(&site, &["payout", "show", &run]).table("payouts")[0]["approved"], request);
        let item = one_item(&site, &run, ["wang", "68000.00", "0.00", "0.00"]);
        let _ = site.returned(&run, &confirmed(&[(&item, "68000.00")]), &["--on", "2025-01-05"]).exits(0);

        // Taking it back takes two people as well.
        let _ = site.run(["payout", "reverse", &run, "--reason", "twice"]).exits(1).says("error [payout.needs_approval]");
        let request = site.signed(&format!("approval ask payout-reversal {run} --reason twice {BY_MO}")).exits(0).run_id();
        let held = site.prepared("2024-12", &[]).exits(1);
        let _ = held.says("error [payout.empty]");
        let _ = decides("carol", &request).exits(1).says("error [approval.not_named]");
        let _ = decides("dora", &request).exits(0);
        assert_eq!(state(&site, &run), "reversed");
        let _ = one_item(&site, &run, ["wang", "68000.00", "0.00", "0.00"]);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// Whoever prepared a run does not approve it, although somebody else asked for the approval.
#[test]
fn edge_48_who_prepared_a_run_does_not_approve_it() {
    let site = Site::sqlite();
    site.found();
    site.joins("mo", Role::Payroll);
    site.joins("carol", Role::Approver);
    site.joins("dora", Role::Approver);
    site.recorded(EXAMPLE_1);
    site.recorded("[units.north]\nname = \"北方公司\"\n[payout_terms.2024-01-01]\nnotice_days = 0\n");
    site.evaluated("2024-11-30");
    site.write("table.toml", TABLE);
    let _ = site.signed("approval authority table.toml").exits(0);
    let run = site.signed("payout prepare 2024-11 --as carol --as-password env:SECRET").exits(0).run_id();
    let _ = site.run(["payout", "publish", &run, "--on", "2024-11-30"]).exits(0);
    // The table has rows of units for other matters; a run is of the whole ledger, whoever asks.
    let of_unit = site.signed(&format!("approval ask payout {run} --unit north {BY_MO}")).exits(1);
    let _ = of_unit.says("error [approval.of_the_ledger]").says("leave the unit out");
    let request = site.signed(&format!("approval ask payout {run} {BY_MO}")).exits(0).run_id();
    let _ = site.signed(&format!("approval decide {request} approve --as carol --as-password env:SECRET")).exits(1).says("error [access.same_person]");
    // Nor does somebody in their place.
    site.joins("eve", Role::Approver);
    let _ = site.signed("approval delegate eve --from 2000-01-01 --until 2999-12-31 --as carol --as-password env:SECRET").exits(0);
    let _ = site.signed(&format!("approval decide {request} approve --as eve --as-password env:SECRET")).exits(1).says("error [access.same_person]");
    let _ = site.signed(&format!("approval decide {request} approve --as dora --as-password env:SECRET")).exits(0);
    let _ = site.run(["payout", "export", &run]).exits(0);
}

/// While a correction that would move the claim behind it waits, nothing is settled with whoever answers for the claim.
#[test]
fn edge_48_nothing_is_paid_while_an_approval_behind_it_is_open() {
    for site in Site::both() {
        site.found();
        site.joins("mo", Role::Collector);
        site.joins("carol", Role::Approver);
        site.joins("dora", Role::Approver);
        site.recorded(EXAMPLE_1);
        site.recorded("[payout_terms.2024-01-01]\nnotice_days = 0\n");
        site.evaluated("2024-11-30");
        site.write("table.toml", "from = 2024-01-01\n[[row]]\nkind = \"correction\"\napprovers = [\"dora\"]\n");
        let _ = site.signed("approval authority table.toml").exits(0);
        let run = site.prepared("2024-11", &[]).exits(0).run_id();
        let _ = site.run(["payout", "publish", &run, "--on", "2024-11-30"]).exits(0);
        let _ = site.run(["period", "close", "2024-11", "--soft"]).exits(0);
        site.write("late.toml", "[[events]]\non = \"2024-11-25\"\nbounce = \"p2\"\n");
        let request = site.signed(&format!("approval ask correction late.toml --system manual {BY_MO}")).exits(0).run_id();
        let rows = asked(&site, &["settle", "statement", "2024-11"]).table("settlement");
        assert!(rows[0]["hold"].as_str().unwrap().starts_with(&format!("request {request} concerns them and waits")), "{rows:?}");
        let _ = site.run(["payout", "export", &run]).exits(1).says("error [payout.stale]");
        let _ = site.signed(&format!("approval decide {request} reject --as dora --as-password env:SECRET")).exits(0);
        let _ = site.run(["payout", "export", &run]).exits(0);
    }
}

/// `report-only` takes up to the month's wage, never more, by two people, and every payout shows what the guard would have kept.
#[test]
fn a_wage_guard_that_only_reports_takes_two_people_and_shows_on_every_payout() {
    for site in Site::both() {
        site.found();
        site.joins("mo", Role::Payroll);
        site.joins("carol", Role::Approver);
        site.joins("dora", Role::Approver);
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-11-30");
        let run = site.handed_out("2024-11", "2024-11-30", &[]);
        let item = one_item(&site, &run, ["wang", "68000.00", "0.00", "0.00"]);
        let _ = site.returned(&run, &confirmed(&[(&item, "68000.00")]), &[]).exits(0);
        site.recorded(BOUNCE);
        site.evaluated("2024-12-31");
        let ask = format!("approval ask wage-guard report-only --from 2024-12-01 {BY_MO}");
        let _ = site.signed(&ask).exits(1).says("error [approval.no_authority]");
        site.write("table.toml", TABLE);
        let _ = site.signed("approval authority table.toml").exits(0);
        let request = site.signed(&ask).exits(0).run_id();
        let taken = || asked(&site, &["settle", "statement", "2024-12"]).table("settlement")[0]["cash"].clone();
        assert_eq!(taken(), "-2400.00", "one person's wish changes nothing");
        let _ = site.signed(&format!("approval decide {request} approve --as mo --as-password env:SECRET")).exits(1);
        let _ = site.signed(&format!("approval decide {request} approve --as dora --as-password env:SECRET")).exits(0);
        assert_eq!(taken(), "-12000.00", "the month's wage, and never more");
        let _ = site.signed(&ask).exits(1).says("error [approval.not_needed]");
        let run = site.prepared("2024-12", &[]).exits(0).run_id();
        let shown = asked(&site, &["payout", "show", &run]);
        assert_eq!(shown.table("payouts")[0]["guard"], "report-only");
        let row = &shown.table("rows")[0];
        assert_eq!((&row["taken"], &row["beyond_guard"]), (&"-12000.00".into(), &"-9600.00".into()));
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// GI-6: what the pack says of taxes stands on what is paid by it, before what the ledger says in general.
#[test]
fn a_payout_carries_the_note_on_taxes_of_the_pack() {
    for db in databases() {
        let (mut store, rules) = (db.store(), plugins::rules("group-incentive"));
        let ledger = intake::ledger(&mut store, "main", "CNY");
        let facts = json!({
            "people": {"wang": {"name": "王强"}},
            "payout_terms": {"2024-01-01": {"notice_days": 0, "tax_note": "in general"}},
            "debtors": {"acme": "甲建筑公司"},
            "receivables": {"r1": {"debtor": "acme", "amount": "500000.00", "document_date": "2022-02-28", "due": "2022-02-28"}},
            "agreements": {"e1": {"kind": "entrustment", "from": "2024-01-01", "receivables": ["r1"], "holders": {"wang": "100"}}},
            "events": [
                {"on": "2024-05-31", "receive": {"id": "p1", "debtor": "acme", "amount": "100000.00", "apply": {"r1": "100000.00"}}},
                {"on": "2024-06-03", "milestone": {"id": "m1", "kind": "designated-account", "receipt": "p1"}},
            ],
        });
        let stated: Facts = serde_json::from_value(facts.clone()).unwrap();
        record(&mut store, &ledger, "test", &stated, &facts.to_string(), By::new(ACTOR, now())).unwrap();
        let mut parameters = rules.description().default_parameters.clone();
        parameters["cash-rates"] = json!([{"from": 1, "to": 3, "rate": "0.02"}, {"from": 3, "rate": "0.04"}]);
        parameters["in-kind-rates"] = json!([{"from": 1, "rate": "0.01"}]);
        let request =
            Request { as_of: day("2024-06-30"), parameters: &parameters.to_string(), full: false, batch_cases: 512, actor: ACTOR, recorded_at: now() };
        assert_eq!(evaluate(&mut store, &rules, &ledger, &request).unwrap().faults, []);
        let month = "2024-06".parse().unwrap();
        let prepared = prepare(&mut store, &ledger, (month, day("2024-06-30")), Choice::default(), None, By::new(ACTOR, now())).unwrap();
        let run = store.read(ledger.id, |view| one(view, prepared.run, EVERYTHING)).unwrap();
        let rows: Vec<_> = run.payout().rows.iter().map(|row| (row.paid, row.tax_note.as_deref())).collect();
        assert_eq!(rows, [(200_000, Some("Gross amount: income tax is the payee's."))]);
    }
}
