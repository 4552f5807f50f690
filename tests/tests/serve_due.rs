//! The demonstration's letter over HTTP: who gets what, why, since when, and the proof that the log says so. The figures
//! are those of the policy: a debt four years overdue earns 3 % of what came in, 1,200,000.00 first, split 60 to 40.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::Digest;
use recoup_model::log::{leaf_hash, root_of_path};
use recoup_tests::{Serving, Site, paths};
use serde_json::Value;

const FACTS: &str = r#"
[people.wang]
name = "王强"
wages = { 2024 = "15000.00" }
[people.li]
name = "李梅"
wages = { 2024 = "12500.00" }
[letters.Q-2024-01]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["u8:26/AR-2019-0001"]
shares = { wang = 60, li = 40 }
[[roles]]
person = "wang"
role = "responsible"
letter = "Q-2024-01"
from = "2024-01-01"
"#;

const BOUNCE: &str = "[[events]]\non = \"2024-12-05\"\nbounce = \"u8:48/SK-2024-0102\"\n";

const BASE: &str = "/api/v1/ledgers/main";

fn record(site: &Site, text: &str) {
    let file = site.write("facts.toml", text);
    let _ = site.run(["record", file.to_str().unwrap()]).exits(0);
}

fn evaluate(site: &Site, day: &str) {
    let _ = site.run(["evaluate", "--as-of", day]).exits(0);
}

/// Imports the ledger of Yonyou U8 and records the letter.
fn recorded(site: &Site) {
    let _ = site.import(&paths::export("u8-ar-detail-selfmade.csv"), "u8-ar-detail", &["--system", "u8"]).exits(0);
    record(site, FACTS);
}

/// Likewise, and evaluates before the clearing, after it, and after the bounce.
fn evaluated(site: &Site) {
    recorded(site);
    evaluate(site, "2024-11-19");
    evaluate(site, "2024-11-20");
    record(site, BOUNCE);
    evaluate(site, "2024-12-05");
}

fn cells(rows: &[Value], keys: &[&str]) -> Vec<String> {
    let mut cells: Vec<String> = rows.iter().map(|r| keys.iter().map(|k| r[k].as_str().unwrap_or("-")).collect::<Vec<_>>().join(" ")).collect();
    cells.sort();
    cells
}

/// Every figure of the API is the one that the command line prints.
fn agrees_with_the_command_line(site: &Site, server: &Serving) {
    for day in ["2024-11-19", "2024-11-20", "2024-12-05"] {
        let printed = |report: &str| site.run(["--format", "json", "report", report, "--as-of", day]).exits(0);
        let lines = server.rows(&format!("{BASE}/lines?as_of={day}&limit=1000"));
        let keys = ["clause", "amount", "state", "since"];
        assert!(!lines.is_empty());
        assert_eq!(cells(&lines, &keys), cells(&printed("lines").table("lines"), &keys), "{day}");
        let keys = ["clause", "balance", "amount", "on", "period"];
        let postings = server.rows(&format!("{BASE}/postings?as_of={day}&limit=1000"));
        assert_eq!(cells(&postings, &keys), cells(&printed("postings").table("postings"), &keys), "{day}");
        let findings = server.rows(&format!("{BASE}/findings?as_of={day}&limit=1000"));
        assert_eq!(cells(&findings, &["clause", "on", "code"]), cells(&printed("findings").table("findings"), &["clause", "on", "code"]), "{day}");
    }
}

#[test]
fn who_gets_what_and_why_and_who_answered() {
    for site in Site::both() {
        evaluated(&site);
        let server = site.serve();
        agrees_with_the_command_line(&site, &server);

        let day = "as_of=2024-11-20";
        let line = server.rows(&format!("{BASE}/lines?{day}")).into_iter().find(|l| l["amount"] == "14400.00").unwrap();
        assert_eq!((line["person_code"].as_str(), line["state"].as_str(), line["since"].as_str()), (Some("li"), Some("payable"), Some("2024-11-20")));
        let id = line["id"].as_str().unwrap();
        let (zh, en) = (server.get(&format!("{BASE}/lines/{id}?{day}&language=zh")), server.get(&format!("{BASE}/lines/{id}?{day}&language=en")));
        let steps = |body: Value| -> Vec<String> { body["trace"].as_array().unwrap().iter().map(|s| s["text"].as_str().unwrap().to_owned()).collect() };
        let (zh, en) = (steps(zh.is(200).json()), steps(en.is(200).json()));
        assert!(!zh.is_empty() && zh.len() == en.len());
        assert!(zh.concat().chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{zh:?}");
        assert_eq!(en[1..3], ["1200000.00 recovered × 0.03 = 36000.00.", "40 of 100 shares: 14400.00."]);
        let body = server.get(&format!("{BASE}/lines/{id}?as_of=2024-12-05")).is(200).json();
        let sum: i64 = body["postings"].as_array().unwrap().iter().filter(|p| p["balance"] == "payable").map(minor).sum();
        assert_eq!(sum, 0, "the bounce took the payable amount back: {body}");

        let claim = server.rows(&format!("{BASE}/receivables?document=AR-2019-0001&{day}")).remove(0);
        let history = server.get(&format!("{BASE}/receivables/{}?as_of=2024-12-05", claim["id"].as_str().unwrap())).is(200).json();
        let answered = cells(history["responsible"].as_array().unwrap(), &["person_code", "role", "through", "from"]);
        assert_eq!(answered, ["li - letter 2024-01-01", "wang - letter 2024-01-01", "wang responsible letter 2024-01-01"]);
        let taken_back: Vec<&Value> = history["applications"].as_array().unwrap().iter().filter(|a| a["taken_back_on"] == "2024-12-05").collect();
        assert_eq!(taken_back.iter().map(|a| minor(a)).sum::<i64>(), 80_000_000);
        assert_eq!(cells(history["letters"].as_array().unwrap(), &["code", "deadline"]), ["Q-2024-01 2024-12-31"]);
        // 60 % and 40 % of 36,000.00, of 32,000.00, and of what the bounce takes back: all of it waits until the debt is cleared again.
        let earned = ["-12800.00 li", "-19200.00 wang", "12800.00 li", "14400.00 li", "19200.00 wang", "21600.00 wang"].map(|l| format!("contingent LC-1 {l}"));
        assert_eq!(cells(history["lines"].as_array().unwrap(), &["state", "clause", "amount", "person_code"]), earned);
        assert_eq!(history["postings"].as_array().unwrap().len(), 18);
        let cleared = server.get(&format!("{BASE}/receivables/{}?{day}", claim["id"].as_str().unwrap())).is(200).json();
        assert!(cleared["lines"].as_array().unwrap().iter().all(|l| l["state"] == "payable"), "{cleared}");
        assert_eq!((cleared["lines"].as_array().unwrap().len(), cleared["postings"].as_array().unwrap().len()), (4, 8));
        assert_eq!(claim["open"], "0.00");
        assert_eq!(history["receivable"]["open"], "800000.00");

        let letters = server.rows(&format!("{BASE}/letters?{day}"));
        let letter = server.get(&format!("{BASE}/letters/{}", letters[0]["id"].as_str().unwrap())).is(200).json();
        assert_eq!(letter["receivables"][0]["document"], "AR-2019-0001");
        assert_eq!(server.rows(&format!("{BASE}/letters?as_of=2023-12-31")), Vec::<Value>::new());
        assert_eq!(server.rows(&format!("{BASE}/roles?{day}&in_force=true")).len(), 1);
        assert_eq!(server.rows(&format!("{BASE}/roles?as_of=2023-12-31")).len(), 0);
        assert_eq!(server.rows(&format!("{BASE}/evaluations?as_of=2024-12-31")).len(), 3);
        assert_eq!(cells(&server.rows(&format!("{BASE}/plugins")), &["kind", "plugin"]), ["adapter table", "rules legacy-construction"]);
        assert_eq!(server.rows(&format!("{BASE}/policies"))[0]["in_force"], true);
    }
}

/// What is claimed from a party is read with the party, and is nobody's.
#[test]
fn what_a_party_owes_is_the_partys() {
    for site in Site::both() {
        site.recorded(
            r#"
[debtors]
jianan = "甲建安公司"
[agreements.P-1]
kind = "project"
from = "2024-01-01"
obligors = { jianan = "contractor" }
terms = { penalty = { money = "50000.00" } }
[[events]]
on = "2024-02-05"
milestone = { id = "m1", kind = "paid-on-behalf", agreement = "P-1", amount = "386000.00" }
"#,
        );
        let _ = site.run(["evaluate", "--pack", "project-wages", "--as-of", "2024-02-29"]).exits(0);
        let printed = site.run(["--format", "json", "report", "lines", "--pack", "project-wages", "--as-of", "2024-02-29"]).exits(0).table("lines");
        assert_eq!(cells(&printed, &["person", "amount"]), ["jianan -386000.00", "jianan -50000.00"]);
        let server = site.serve();
        let day = "as_of=2024-02-29";
        let lines = server.rows(&format!("{BASE}/lines?{day}"));
        assert_eq!(cells(&lines, &["clause", "amount", "state"]), ["PW-1 -386000.00 payable", "PW-1 -50000.00 payable"]);
        let party = lines[0]["party"].as_str().unwrap();
        assert!(lines.iter().all(|l| l["party"] == party && l["person"].is_null() && l["person_code"].is_null()));
        let found = |what: &str, of: &str| server.rows(&format!("{BASE}/{what}?{day}&{of}={party}")).len();
        assert_eq!([found("lines", "party"), found("postings", "party"), found("lines", "person"), found("postings", "person")], [2, 2, 0, 0]);
        let agreement = &server.rows(&format!("{BASE}/agreements?{day}"))[0];
        assert_eq!((&agreement["holders"], &agreement["obligors"]), (&0.into(), &1.into()));
        let agreement = server.get(&format!("{BASE}/agreements/{}?{day}", agreement["id"].as_str().unwrap())).is(200).json();
        assert_eq!((agreement["obligors"][0]["party"].as_str(), agreement["obligors"][0]["role"].as_str()), (Some(party), Some("contractor")));
    }
}

fn days(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|r| r["on"].as_str().unwrap()).collect()
}

/// Of 36,000.00 and 32,000.00, Wang has 60 %: 21,600.00 and 19,200.00; Li 14,400.00 and 12,800.00. On 15 March the first is
/// contingent (2 postings). On 20 November both of it turn payable, and the second is payable (6). The bounce of 5 December makes
/// contingent what was payable, and takes the second back (2 × 5).
#[test]
fn postings_are_chosen_by_what_a_question_about_a_month_names() {
    for site in Site::both() {
        evaluated(&site);
        let server = site.serve();
        let found = |query: &str| server.rows(&format!("{BASE}/postings?limit=1000&{query}"));
        let count = |query: &str| found(query).len();
        assert_eq!(["2024-03-14", "2024-03-15", "2024-11-20", "2024-12-05"].map(|day| count(&format!("as_of={day}"))), [0, 2, 8, 18]);
        assert_eq!(
            (count("from=2024-03-16&as_of=2024-11-20"), count("from=2024-11-20&as_of=2024-11-20"), count("from=2024-12-06&as_of=2024-12-31")),
            (6, 6, 0)
        );
        let shown = ["person_code", "balance", "amount", "on"];
        let march = cells(&found("period=2024-03&as_of=2024-12-31"), &shown);
        assert_eq!(march, ["li contingent 14400.00 2024-03-15", "wang contingent 21600.00 2024-03-15"]);
        let person = |code: &str| server.rows(&format!("{BASE}/people?code={code}"))[0]["id"].as_str().unwrap().to_owned();
        let li = cells(&found(&format!("person={}&balance=payable&period=2024-11&as_of=2024-12-31", person("li"))), &shown);
        assert_eq!(li, ["li payable 12800.00 2024-11-20", "li payable 14400.00 2024-11-20"]);
        assert_eq!((count("as_of=2024-12-31&clause=LC-1"), count("as_of=2024-12-31&clause=LC-4")), (18, 0));

        let line = server.rows(&format!("{BASE}/lines?as_of=2024-12-05&limit=1000")).into_iter().find(|l| l["amount"] == "14400.00").unwrap();
        let of_line = format!("line={}&as_of=2024-12-05", line["id"].as_str().unwrap());
        let moved = ["contingent 14400.00 2024-03-15", "contingent -14400.00 2024-11-20", "payable 14400.00 2024-11-20"];
        let moved: Vec<&str> = moved.into_iter().chain(["payable -14400.00 2024-12-05", "contingent 14400.00 2024-12-05"]).collect();
        let mut told = cells(&found(&of_line), &shown[1..]);
        told.sort();
        let mut expected = moved.clone();
        expected.sort_unstable();
        assert_eq!(told, expected);

        let claim = |document: &str| server.rows(&format!("{BASE}/receivables?document={document}&as_of=2024-12-31"))[0]["id"].as_str().unwrap().to_owned();
        let (debt, other) = (claim("AR-2019-0001"), claim("AR-2021-0107"));
        assert_eq!([&debt, &other].map(|id| count(&format!("as_of=2024-12-31&receivable={id}"))), [18, 0]);

        // The bounce was recorded last: what was known before it holds no posting of it.
        let before = server.rows(&format!("{BASE}/evaluations?as_of=2024-11-20"))[1]["position"].as_i64().unwrap();
        assert_eq!(count(&format!("as_of=2024-12-31&known_at={before}")), 8);
        for wrong in ["from=May", "period=2024-13", "balance=paid", "person=li", "sort=amount"] {
            let _ = server.get(&format!("{BASE}/postings?{wrong}")).is(400);
        }
        lines_are_chosen_by_what_earned_them(&server, [&debt, &other]);
    }
}

/// Two lines each of 15 March, of 20 November, and of the bounce.
fn lines_are_chosen_by_what_earned_them(server: &Serving, [debt, other]: [&str; 2]) {
    let count = |query: &str| server.pages(&format!("{BASE}/lines?as_of=2024-12-31&limit=1&{query}")).concat().len();
    assert_eq!((count("earned_to=2024-03-14"), count("earned_to=2024-03-15"), count("earned_from=2024-03-16&earned_to=2024-12-04")), (0, 2, 2));
    assert_eq!((count("earned_from=2024-11-20"), count("earned_from=2024-12-05"), count("earned_from=2024-12-06")), (4, 2, 0));
    assert_eq!((count(&format!("receivable={debt}")), count(&format!("receivable={other}"))), (6, 0));
    for state in ["contingent", "payable", "lapsed"] {
        let all = server.rows(&format!("{BASE}/lines?as_of=2024-12-31&limit=1000"));
        let expected: Vec<Value> = all.into_iter().filter(|l| l["state"] == state).collect();
        assert_eq!(server.pages(&format!("{BASE}/lines?as_of=2024-12-31&limit=1&state={state}")).concat(), expected, "{state}");
    }
}

/// One evaluation on 5 December: each line's postings stand together in the log, and the days of all do not rise with it.
#[test]
fn postings_by_their_days_are_the_same_list_page_by_page() {
    for site in Site::both() {
        recorded(&site);
        record(&site, BOUNCE);
        evaluate(&site, "2024-12-05");
        let server = site.serve();
        let path = format!("{BASE}/postings?as_of=2024-12-31");
        let recorded = server.rows(&format!("{path}&limit=1000"));
        assert_eq!(recorded, server.rows(&format!("{path}&limit=1000&sort=recorded")));
        let mut rising = days(&recorded);
        rising.sort_unstable();
        assert!(recorded.len() == 18 && days(&recorded) != rising, "{recorded:?}");
        let by_day = server.rows(&format!("{path}&limit=1000&sort=on"));
        assert_eq!(days(&by_day), rising);
        for (sort, whole) in [("recorded", &recorded), ("on", &by_day)] {
            let mut back = server.rows(&format!("{path}&limit=1000&sort=-{sort}"));
            back.reverse();
            assert_eq!(back, **whole, "{sort}");
            for limit in [1, 4, 18] {
                assert_eq!(server.pages(&format!("{path}&limit={limit}&sort={sort}")).concat(), **whole, "{sort} by {limit}");
                let back = server.pages(&format!("{path}&limit={limit}&sort=-{sort}")).concat();
                assert_eq!(back.into_iter().rev().collect::<Vec<_>>(), **whole, "-{sort} by {limit}");
            }
            let last = server.pages(&format!("{path}&limit=2&sort={sort}&from=2024-11-20&period=2024-11")).concat();
            assert_eq!(last, whole.iter().filter(|p| p["on"] == "2024-11-20").cloned().collect::<Vec<_>>(), "{sort}");
        }
    }
}

/// Nobody knows when the debt fell due, so its letter cannot be judged from the receipt of 15 March on. A due date that is stated
/// later mends it.
#[test]
fn a_case_that_is_set_aside_is_listed_with_its_reason_until_it_is_mended() {
    const HEAD: &str = "document no,customer code,customer name,document date,due date,amount,currency\n";
    const LETTER: &str = r#"
[people.wang]
name = "王强"
[letters.Q-7]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["books:A-1"]
shares = { wang = 1 }
[[events]]
on = "2024-03-15"
receive = { id = "M-1", amount = "40.00", apply = { "books:A-1" = "40.00" } }
"#;
    for site in Site::both() {
        let import = |due: &str| {
            let file = site.write("a.csv", format!("{HEAD}A-1,C1,One,2020-01-10,{due},100.00,CNY\n"));
            let _ = site.import(&file, "receivables-simple", &["--system", "books"]).exits(0);
        };
        import("");
        record(&site, LETTER);
        evaluate(&site, "2024-02-29");
        evaluate(&site, "2024-06-30");
        let aside = site.position("main");
        import("2020-02-10");
        evaluate(&site, "2024-07-31");
        let server = site.serve();
        let list = format!("{BASE}/cases/set-aside");
        let found = |query: &str| server.rows(&format!("{list}?{query}"));
        let keys = ["pack", "scope", "subject_code", "since", "code"];
        let expected = ["legacy-construction letter Q-7 2024-06-30 lc.due_unknown"];
        for then in ["as_of=2024-06-30".to_owned(), "as_of=2024-07-30".to_owned(), format!("as_of=2024-12-31&known_at={aside}")] {
            assert_eq!(cells(&found(&then), &keys), expected, "{then}");
        }
        for mended in ["as_of=2024-07-31", "as_of=2024-06-29", "as_of=2024-06-30&code=lc.other", "as_of=2024-06-30&pack=other"] {
            assert_eq!(found(mended), Vec::<Value>::new(), "{mended}");
        }
        let row = found("as_of=2024-06-30&language=en").remove(0);
        assert_eq!(row["position"], aside);
        let letter = &server.rows(&format!("{BASE}/letters?as_of=2024-06-30"))[0]["id"];
        assert_eq!(row["subject"], *letter);
        assert_eq!(found(&format!("as_of=2024-06-30&subject={}", letter.as_str().unwrap())).len(), 1);
        let said = |language: &str| found(&format!("as_of=2024-06-30&language={language}"))[0]["reason"].as_str().unwrap().to_owned();
        assert!(said("en").contains("A-1") && said("zh").contains("A-1") && said("en") != said("zh"), "{} {}", said("en"), said("zh"));
        let csv = server.get(&format!("{list}?as_of=2024-06-30&format=csv&language=en")).is(200);
        assert!(csv.header("content-disposition").contains("main-cases-set-aside-2024-06-30.csv") && csv.text().contains("lc.due_unknown"), "{}", csv.text());
    }
}

/// The deadline passes with the debt open, and nobody states the wages that are to be withheld: each month says so of Wang.
#[test]
fn findings_are_chosen_by_person_and_day() {
    for site in Site::both() {
        let _ = site.import(&paths::export("u8-ar-detail-selfmade.csv"), "u8-ar-detail", &["--system", "u8"]).exits(0);
        record(&site, &FACTS.replace("wages = { 2024 = \"15000.00\" }", "").replace("2024-12-31", "2024-08-31"));
        evaluate(&site, "2024-10-31");
        let server = site.serve();
        let found = |query: &str| server.pages(&format!("{BASE}/findings?as_of=2024-12-31&limit=1&{query}")).concat();
        let all = found("");
        let wang = server.rows(&format!("{BASE}/people?code=wang"))[0]["id"].as_str().unwrap().to_owned();
        let of_wang: Vec<Value> = all.iter().filter(|f| f["person_code"] == "wang").cloned().collect();
        assert!(of_wang.len() >= 2, "{all:?}");
        assert_eq!(found(&format!("person={wang}")), of_wang);
        let late: Vec<Value> = all.iter().filter(|f| f["on"].as_str().unwrap() >= "2024-10-01").cloned().collect();
        assert!(!late.is_empty() && late.len() < all.len(), "{all:?}");
        assert_eq!(found("from=2024-10-01"), late);
    }
}

/// The texts of messages are a pack's own: one that may not be loaded lends none.
#[test]
fn what_a_refused_pack_said_is_told_by_its_codes() {
    for site in Site::both() {
        evaluated(&site);
        let texts = |unsigned: &str| -> Vec<(String, String)> {
            let server = site.serve_with(&[("RECOUP__PLUGINS__UNSIGNED", unsigned)]);
            let line = server.rows(&format!("{BASE}/lines?as_of=2024-11-20"))[0]["id"].as_str().unwrap().to_owned();
            let body = server.get(&format!("{BASE}/lines/{line}?as_of=2024-11-20")).is(200).json();
            let text = |step: &Value, key: &str| step[key].as_str().unwrap().to_owned();
            body["trace"].as_array().unwrap().iter().map(|step| (text(step, "code"), text(step, "text"))).collect()
        };
        assert!(texts("allow").iter().all(|(code, text)| code != text));
        assert!(texts("refuse").iter().all(|(code, text)| code == text));
    }
}

/// Minor units of a row's amount.
fn minor(row: &Value) -> i64 {
    row["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

/// What was due on 20 November as it was known before the bounce was recorded.
#[test]
fn edge_20_what_was_due_is_told_as_it_was_known() {
    for site in Site::both() {
        evaluated(&site);
        let server = site.serve();
        let before = server.rows(&format!("{BASE}/evaluations?as_of=2024-11-20"))[1]["position"].as_i64().unwrap();
        let payable = |query: &str| -> usize { server.rows(&format!("{BASE}/lines?{query}")).iter().filter(|l| l["state"] == "payable").count() };
        assert!(payable(&format!("as_of=2024-12-05&known_at={before}")) > 0, "known before the bounce, it stood");
        assert_eq!(payable("as_of=2024-12-05"), 0, "the bounce took it back");
    }
}

/// Whoever has the leaf's bytes and the root proves the leaf without us.
#[test]
fn edge_49_every_leaf_is_proved_by_its_path() {
    for site in Site::both() {
        evaluated(&site);
        let server = site.serve();
        let digest = |v: &Value| -> Digest { v.as_str().unwrap().parse().unwrap() };
        let commands = server.pages(&format!("{BASE}/log")).concat();
        let leaves = server.pages(&format!("{BASE}/leaves?limit=1000")).concat();
        assert_eq!(commands.iter().map(|c| c["leaves"].as_u64().unwrap()).sum::<u64>(), u64::try_from(leaves.len()).unwrap());
        for command in [&commands[1], commands.last().unwrap()] {
            let position = command["position"].as_i64().unwrap();
            let size = command["size"].as_u64().unwrap();
            for leaf in leaves.iter().take(usize::try_from(size).unwrap()).step_by(13) {
                let index = leaf["leaf"].as_u64().unwrap();
                let proof = server.get(&format!("{BASE}/leaves/{index}?known_at={position}")).is(200).json();
                let commitment = proof["leaf"]["commitment"].as_str().map(|c| c.parse::<Digest>().unwrap());
                let hash = leaf_hash(proof["leaf"]["body"].as_str().unwrap().as_bytes(), commitment.as_ref());
                assert_eq!((hash, proof["size"].as_u64()), (digest(&leaf["hash"]), Some(size)));
                let path: Vec<Digest> = proof["path"].as_array().unwrap().iter().map(digest).collect();
                assert_eq!(root_of_path(hash, index, size, &path), Some(digest(&command["root"])));
                assert_eq!(proof["root"], command["root"]);
            }
            let _ = server.get(&format!("{BASE}/leaves/{size}?known_at={position}")).is(404);
            let whole = server.get(&format!("{BASE}/log/{position}")).is(200).json();
            assert_eq!(whole["command"], *command);
            assert_eq!(whole["leaves"][0], leaves[usize::try_from(command["first_leaf"].as_u64().unwrap()).unwrap()]);
        }
        let head = server.get(BASE).is(200).json();
        assert_eq!((&head["root"], &head["size"]), (&commands.last().unwrap()["root"], &commands.last().unwrap()["size"]));
    }
}
