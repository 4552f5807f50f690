//! Wages and what quotes somebody's record: in no public leaf, and over HTTP only for those who may see them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::access::Role;
use recoup_model::record::Ledger;
use recoup_store::{CommandMeta, EVERYTHING, StoreError};
use recoup_tests::{Site, now, paths};
use serde_json::Value;

/// The letter was missed by the end of August, and is cleared on 20 November.
const FACTS: &str = r#"
[people.wang]
name = "王强"
place = "苏州"
wages = { 2024 = "15873.42" }
[minimum_wages."苏州"]
2023-01-01 = "2260.00"
[letters.Q-2024-01]
from = "2024-01-01"
deadline = "2024-08-31"
receivables = ["u8:26/AR-2019-0001"]
[[roles]]
person = "wang"
role = "responsible"
letter = "Q-2024-01"
from = "2024-01-01"
"#;

const BASE: &str = "/api/v1/ledgers/main";

fn withheld(site: &Site) {
    let _ = site.import(&paths::export("u8-ar-detail-selfmade.csv"), "u8-ar-detail", &["--system", "u8"]).exits(0);
    let facts = site.write("facts.toml", FACTS);
    let _ = site.run(["record", facts.to_str().unwrap()]).exits(0);
    let _ = site.run(["evaluate", "--as-of", "2024-10-31"]).exits(0);
    // Payroll withholds 15,873.42 − 2,260.00 = 13,613.42 of October.
    let row = site.run(["--format", "json", "settle", "statement", "2024-10"]).exits(0).row("settlement", &[("cash", "-13613.42")]);
    let run = site.handed_out("2024-10", "2024-10-31", &[]);
    let _ = site.returned(&run, &format!("item,confirmed\n{},-13613.42\n", row["item"].as_str().unwrap()), &[]).exits(0);
    let _ = site.run(["evaluate", "--as-of", "2024-12-31"]).exits(0);
}

/// The wage as texts of people, of machines, and of the log write it.
fn tells(text: &str) -> bool {
    ["15873.42", "1587342", "15,873.42", "13613.42", "1361342"].iter().any(|figure| text.contains(figure))
}

#[test]
fn a_wage_is_in_no_public_leaf_and_in_no_answer_to_who_may_not_see_it() {
    for site in Site::both() {
        withheld(&site);
        let mut server = site.serve();
        let all = server.pages(&format!("{BASE}/sensitive/lines?clause=LC-6&as_of=2024-10-31&limit=1")).concat();
        assert!(all.len() >= 2 && all.iter().all(|l| l["amount"] == "-15873.42"), "the payroll sees wages: {all:?}");
        let one = format!("{BASE}/sensitive/lines/{}?as_of=2024-10-31&language=en", all[0]["id"].as_str().unwrap());
        let one = server.get(&one).is(200).json();
        assert!(tells(&one["trace"].to_string()) && one["postings"][0]["amount"] == "-15873.42", "{one}");
        let moved = server.rows(&format!("{BASE}/sensitive/postings?as_of=2024-10-31&limit=1000"));
        assert!(moved.iter().any(|p| p["amount"] == "-15873.42"));
        let read = site.store().read::<_, StoreError>(Ledger::installation(), |view| view.disclosures(EVERYTHING)).unwrap();
        assert!(read.len() >= 3, "each reading is recorded: {read:?}");
        let payroll = site.everything();
        server.with(&site.token("anna", &[(Role::Auditor, None, None)]));
        let shown = |query: &str| server.pages(&format!("/api/v1/installation/disclosures?limit=1&{query}")).concat();
        let tomorrow = chrono::Utc::now().date_naive() + chrono::Days::new(2);
        assert_eq!(
            (shown("").len(), shown("login=everything&ledger=main").len(), shown(&format!("to={tomorrow}")).len()),
            (read.len(), read.len(), read.len())
        );
        assert_eq!((shown("login=anna"), shown("ledger=pt"), shown(&format!("from={tomorrow}"))), (vec![], vec![], vec![]));
        let of_postings = shown("what=sensitive/postings");
        assert!(of_postings.len() == 1 && of_postings[0]["what"] == "sensitive/postings", "{:?}", shown(""));
        server.with(&payroll);

        server.with(&site.token("ines", &[(Role::Integrator, None, None)]));
        for path in ["sensitive/lines", "sensitive/postings"] {
            let _ = server.get(&format!("{BASE}/{path}")).is(403);
        }
        let lines = server.pages(&format!("{BASE}/lines?clause=LC-6&as_of=2024-10-31&limit=1")).concat();
        assert!(lines.len() >= 2, "September and October are withheld: {lines:?}");
        assert!(lines.iter().all(|l| l["amount"].is_null()), "{lines:?}");
        let postings = server.pages(&format!("{BASE}/postings?as_of=2024-12-31&limit=1")).concat();
        let hidden: Vec<&Value> = postings.iter().filter(|p| p["clause"] == "LC-6").collect();
        assert!(!hidden.is_empty() && hidden.iter().all(|p| p["amount"].is_null()));

        let mut said = vec![server.get(&format!("{BASE}/findings?as_of=2024-12-31")).is(200).text()];
        for line in &lines {
            let one = server.get(&format!("{BASE}/lines/{}?as_of=2024-10-31&language=en", line["id"].as_str().unwrap())).is(200);
            let trace = one.json()["trace"].to_string();
            assert!(trace.contains("•••"), "{trace}");
            said.push(one.text());
        }
        for form in ["json", "ndjson", "csv"] {
            for list in ["lines", "postings", "leaves", "log"] {
                let day = if matches!(list, "leaves" | "log") { "" } else { "as_of=2024-12-31&" };
                said.push(server.get(&format!("{BASE}/{list}?{day}limit=1000&format={form}")).is(200).text());
            }
        }
        let commands = server.pages(&format!("{BASE}/log")).concat();
        said.extend(commands.iter().map(|c| server.get(&format!("{BASE}/log/{}", c["position"])).is(200).text()));
        for text in said {
            assert!(!tells(&text), "{text}");
        }

        // Whoever works on the machine is told, and the log with its personal parts adds up to the same tables.
        let printed = site.run(["--format", "json", "report", "lines", "--as-of", "2024-10-31"]).exits(0);
        assert!(printed.stdout.contains("-15873.42"), "{}", printed.stdout);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

/// September and October are withheld. A month is earned when it is over.
#[test]
fn a_line_of_a_wage_month_is_chosen_by_the_last_day_of_the_month() {
    for site in Site::both() {
        withheld(&site);
        let server = site.serve();
        let months = |query: &str| -> Vec<String> {
            let lines = server.rows(&format!("{BASE}/lines?clause=LC-6&as_of=2024-10-31&{query}"));
            let mut months: Vec<String> = lines.iter().map(|l| l["basis_month"].as_str().unwrap().to_owned()).collect();
            months.sort();
            months
        };
        assert_eq!(months(""), ["2024-09", "2024-10"]);
        assert_eq!(months("earned_from=2024-09-30"), ["2024-09", "2024-10"]);
        assert_eq!(months("earned_from=2024-10-01"), ["2024-10"]);
        assert_eq!((months("earned_to=2024-09-29"), months("earned_to=2024-09-30")), (vec![], vec!["2024-09".to_owned()]));
        assert_eq!((months("earned_to=2024-10-30"), months("earned_to=2024-10-31").len()), (vec!["2024-09".to_owned()], 2));
        assert_eq!(months("earned_from=2024-11-01"), Vec::<String>::new());
    }
}

/// A project closes with 5,000.00 open, and its manager is fined 20 % of twelve wages of 10,000.00 = 24,000.00; the recovery
/// gives it back, so that the claim's own history has a line that tells the wage.
#[test]
fn a_receivables_history_withholds_what_tells_a_wage() {
    const PROJECT: &str = r#"
[people.wang]
name = "王强"
wages = { 2023 = "10000.00" }
[debtors]
D1 = "甲建筑公司"
[contracts.P1]
debtor = "D1"
[receivables.R1]
debtor = "D1"
contract = "P1"
amount = "5000.00"
document_date = "2022-01-10"
due = "2023-01-10"
[[roles]]
person = "wang"
role = "project-manager"
contract = "P1"
from = "2022-01-01"
[[events]]
on = "2023-12-31"
close = { contract = "P1" }
[[events]]
on = "2024-05-20"
receive = { id = "M1", debtor = "D1", amount = "5000.00", apply = { R1 = "5000.00" } }
"#;
    for site in Site::both() {
        let _ = site.run(["record", site.write("facts.toml", PROJECT).to_str().unwrap()]).exits(0);
        let _ = site.run(["evaluate", "--as-of", "2024-06-30"]).exits(0);
        let server = site.serve();
        let lines = |query: &str| -> Vec<String> {
            let lines = server.rows(&format!("{BASE}/sensitive/lines?as_of=2024-06-30&{query}"));
            lines.iter().map(|l| format!("{} {}", l["clause"].as_str().unwrap(), l["amount"].as_str().unwrap())).collect()
        };
        assert_eq!(lines("earned_to=2023-12-31"), ["LC-4 -24000.00"]);
        assert_eq!(lines("earned_from=2024-05-20"), ["LC-5 24000.00"]);
        let claim = server.rows(&format!("{BASE}/receivables?as_of=2024-06-30"))[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(lines(&format!("receivable={claim}")), ["LC-5 24000.00"]);
        let history = server.get(&format!("{BASE}/receivables/{claim}?as_of=2024-06-30")).is(200);
        let body = history.json();
        assert_eq!((&body["lines"][0]["clause"], &body["lines"][0]["amount"]), (&"LC-5".into(), &Value::Null));
        let postings = body["postings"].as_array().unwrap();
        assert!(!postings.is_empty() && postings.iter().all(|p| p["clause"] == "LC-5" && p["amount"].is_null()), "{body}");
        assert!(!history.text().contains("24000.00"), "{body}");
    }
}

#[test]
fn what_was_withheld_outlives_the_wage_that_it_came_from() {
    for site in Site::both() {
        withheld(&site);
        let mut store = site.store();
        let ledger = store.ledger("main").unwrap().unwrap().id;
        let leaves = store.read::<_, StoreError>(ledger, |view| view.leaves(0, 10_000, i64::MAX)).unwrap();
        let of = |kind: &str| -> Vec<u64> { leaves.iter().filter(|l| l.kind == kind && l.commitment.is_some()).map(|l| l.leaf).collect() };
        let meta = CommandMeta { kind: "erase".into(), input: recoup_model::Digest::of(b"wages"), actor: "test".into(), recorded_at: now() };
        for of_the_books in ["line", "settlement", "payout"] {
            assert!(!of(of_the_books).is_empty());
            assert_eq!(store.erase(ledger, &meta, &of(of_the_books)).unwrap_err().code(), "store.part_of_the_books");
        }
        store.erase(ledger, &meta, &of("wage-month")).unwrap();
        let printed = site.run(["--format", "json", "report", "lines", "--as-of", "2024-10-31"]).exits(0);
        assert!(printed.stdout.contains("-15873.42"), "{}", printed.stdout);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn what_was_refused_is_quoted_to_whoever_mends_it_and_in_no_public_leaf() {
    const FILE: &str = "customer,customer name,document no,document date,due date,amount,currency\n\
        C1,Alpha Ltd,A-1,2024-01-05,2024-02-05,100.00,CNY\n\
        C2,张三丰,张三丰-7,2024-13-45,2024-02-05,200.00,CNY\n";
    for site in Site::both() {
        let file = site.write("claims.csv", FILE);
        let imported = site.import(&file, "receivables-simple", &[]).exits(3);
        assert!(imported.stdout.contains("张三丰-7"), "whoever imports is told: {}", imported.stdout);
        let mut server = site.serve();
        let told = server.rows(&format!("{BASE}/issues?kind=refused"));
        assert!(told[0]["message"].as_str().is_some_and(|m| m.contains("2024-13-45")), "{told:?}");
        server.with(&site.token("ines", &[(Role::Integrator, None, None)]));
        assert_eq!(server.rows(&format!("{BASE}/issues?kind=refused")), told, "whoever brings files in has to mend them");
        let leaves = server.get(&format!("{BASE}/leaves?limit=1000")).is(200).text();
        assert!(leaves.contains("\"issue\"") && !leaves.contains("张三丰-7") && !leaves.contains("2024-13-45"), "{leaves}");
        // The same file again is answered with what was said the first time.
        let again = site.import(&file, "receivables-simple", &[]).exits(3);
        assert!(again.stdout.contains("张三丰-7"), "{}", again.stdout);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}
