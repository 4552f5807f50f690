//! Approvals and periods from the command line: who asks, who decides, and what each period's list says of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::access::Role;
use recoup_tests::Site;

const FACTS: &str = r#"
[debtors]
acme = "甲建筑公司"
[receivables.r1]
debtor = "acme"
amount = "2000000.00"
document_date = "2019-06-30"
due = "2019-06-30"
"#;

const LATE: &str = "[[events]]\non = \"2024-03-20\"\nreceive = { id = \"p2\", debtor = \"acme\", amount = \"5000.00\", apply = { r1 = \"5000.00\" } }\n";

const TABLE: &str = "from = 2024-01-01\n\
    [[row]]\nkind = \"correction\"\nup_to = \"10000.00\"\napprovers = [\"carol\"]\n\
    [[row]]\nkind = \"reopen\"\napprovers = [\"carol\"]\n";

#[test]
fn a_late_receipt_enters_a_soft_closed_month_by_approval_and_the_month_is_opened_again() {
    for site in Site::both() {
        site.found();
        site.joins("mo", Role::Collector);
        site.joins("carol", Role::Approver);
        site.joins("dora", Role::Approver);
        site.write("facts.toml", FACTS);
        site.write("late.toml", LATE);
        site.write("table.toml", TABLE);
        let _ = site.signed("record facts.toml").exits(0);
        let open = site.signed("--format json period check 2024-03").exits(1);
        assert_eq!(open.row("checklist", &[("code", "period.not_evaluated")])["state"], "failing");
        let _ = site.signed("period close 2024-03 --soft").exits(0);
        let _ = site.signed("period check 2024-03").exits(0);
        let _ = site.signed("record late.toml").exits(1).says("error [period.soft_closed]");
        let ask = "approval ask correction late.toml --as mo --as-password env:SECRET";
        let _ = site.signed(ask).exits(1).says("error [approval.no_authority]");
        let _ = site.signed("approval authority table.toml").exits(0);
        assert_eq!(site.signed("--format json approval authority").exits(0).table("authority").len(), 2);

        let first = site.signed(ask).exits(0);
        let again = site.signed(ask).exits(0);
        let request = first.stdout.split_whitespace().nth(1).unwrap().to_owned();
        assert!(again.stdout.contains(&request) && again.stdout.contains("already"), "{}", again.stdout);
        let _ = site.signed(&format!("approval decide {request} approve --as dora --as-password env:SECRET")).exits(1).says("error [approval.not_named]");
        let _ = site.signed(&format!("approval decide {request} approve --as carol --as-password env:SECRET")).exits(0);
        let row = site.signed("--format json approval list").exits(0).row("requests", &[("request", &request)]);
        assert_eq!([&row["kind"], &row["amount"], &row["by"], &row["state"], &row["decided_by"]], ["correction", "5000.00", "mo", "approved", "carol"]);

        let asked = site.signed("approval ask reopen 2024-03 --as dora --as-password env:SECRET").exits(0);
        let request = asked.stdout.split_whitespace().nth(1).unwrap().to_owned();
        let _ = site.signed(&format!("approval decide {request} approve --as dora --as-password env:SECRET")).exits(1).says("error [access.same_person]");
        let periods = |site: &Site| site.signed("--format json period list").exits(0).row("periods", &[("month", "2024-03")]);
        assert_eq!((periods(&site)["state"].as_str(), periods(&site)["requests"].as_str()), (Some("soft-closed"), Some(&*format!("reopen {request} waits"))));
        let _ = site.signed(&format!("approval decide {request} approve --as carol --as-password env:SECRET")).exits(0);
        assert_eq!((periods(&site)["state"].as_str(), periods(&site)["requests"].as_str()), (Some("open"), Some(&*format!("reopen {request} approved"))));
        assert!(site.signed("--format json approval list --waiting").exits(0).table("requests").is_empty());
        let _ = site.signed("audit rebuild").exits(0);
    }
}

#[test]
fn what_waits_in_quarantine_holds_up_the_close_until_it_is_dismissed() {
    let site = Site::sqlite();
    let file = site.write(
        "bad.csv",
        "customer code,customer name,invoice no,invoice date,due date,amount,currency,stage\nC1,Harbour,I-2,2024-02-31,2024-04-05,50.00,CNY,settled\n",
    );
    let _ = site.import(&file, "receivables-simple", &[]).exits(3);
    let _ = site.signed("period close 2024-03").exits(1).says("error [period.quarantine]").says("dismiss it with a reason");
    let waiting = site.signed("--format json quarantine list").exits(0).table("quarantine");
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let (import, number) = (waiting[0]["import"].as_str().unwrap(), waiting[0]["number"].as_str().unwrap());
    let dismissed = site.run(["quarantine", "dismiss", import, number, "--reason", "never an invoice"]);
    let _ = dismissed.exits(0);
    let _ = site.signed("period close 2024-03").exits(0);
}

#[test]
fn the_example_of_a_table_is_one() {
    let site = Site::sqlite();
    site.found();
    site.joins("carol", Role::Approver);
    site.joins("dora", Role::Approver);
    let example = recoup_tests::paths::root().join("config/policies/authority.example.toml");
    let _ = site.run(["approval".as_ref(), "authority".as_ref(), example.as_os_str()]).exits(0);
    let rows = site.signed("--format json approval authority").exits(0).table("authority");
    assert_eq!(rows.len(), 12, "{rows:?}");
}
