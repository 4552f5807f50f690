//! Lists over HTTP: pages of one state, filters, sorts, entity tags, and whole lists in every form.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::io::{Cursor, Read as _, Write as _};
use std::net::TcpStream;

use recoup_tests::{Site, paths};
use serde_json::Value;

const HEAD: &str = "document no,customer code,customer name,document date,due date,amount,currency\n";

/// Invoices `D-0000` and so on; amounts and due dates repeat, so that order within equals matters.
fn invoices(from: usize, to: usize) -> String {
    let row = |n: usize| format!("D-{n:04},C{},Customer {},2024-01-{:02},2024-0{}-15,{}.00,CNY\n", n % 3, n % 3, n % 28 + 1, n % 9 + 1, n % 5 + 1);
    HEAD.to_owned() + &(from..to).map(row).collect::<String>()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|r| r["document"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn pages_are_the_whole_list_even_while_something_is_recorded() {
    for site in Site::both() {
        let file = site.write("a.csv", invoices(0, 57));
        let _ = site.import(&file, "receivables-simple", &[]).exits(0);
        let server = site.serve();
        for sort in ["recorded", "-recorded", "due", "-due", "document", "-document", "ledger_gross", "-ledger_gross", "document_date"] {
            let path = format!("/api/v1/ledgers/main/receivables?as_of=2024-12-31&sort={sort}");
            let whole = ids(&server.rows(&format!("{path}&limit=1000")));
            assert_eq!(whole.len(), 57, "{sort}");
            for limit in [1, 10, 19, 57] {
                let pages = server.pages(&format!("{path}&limit={limit}"));
                assert_eq!(pages.concat().iter().map(|r| r["document"].as_str().unwrap()).collect::<Vec<_>>(), whole, "{sort} by {limit}");
                assert_eq!(pages.len(), usize::div_ceil(57, limit), "{sort} by {limit}");
            }
        }
        // Between the first page and the second, another file enters: the list stays what it was.
        let first = server.get("/api/v1/ledgers/main/receivables?sort=-due&limit=20&as_of=2024-12-31").is(200).json();
        let before = ids(&server.rows("/api/v1/ledgers/main/receivables?sort=-due&limit=1000&as_of=2024-12-31"));
        let more = site.write("b.csv", invoices(50, 90));
        let _ = site.import(&more, "receivables-simple", &[]).exits(0);
        let mut seen = ids(first["items"].as_array().unwrap());
        for page in server.pages(first["next"].as_str().unwrap()) {
            seen.extend(ids(&page));
        }
        assert_eq!(seen, before);
        assert_eq!(server.rows("/api/v1/ledgers/main/receivables?limit=1000&as_of=2024-12-31").len(), 90);
        for list in ["log", "leaves", "entries", "parties", "imports"] {
            let pages = server.pages(&format!("/api/v1/ledgers/main/{list}?limit=7")).concat();
            assert_eq!(pages, server.pages(&format!("/api/v1/ledgers/main/{list}?limit=1000")).concat(), "{list}");
        }
    }
}

#[test]
fn filters_choose_and_do_not_leak_into_each_other() {
    for site in Site::both() {
        let file = site.write("a.csv", invoices(0, 30));
        let _ = site.import(&file, "receivables-simple", &[]).exits(0);
        let server = site.serve();
        let count = |query: &str| server.rows(&format!("/api/v1/ledgers/main/receivables?limit=1000&as_of=2024-12-31&{query}")).len();
        let party = server.rows("/api/v1/ledgers/main/parties?code=C1")[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(count(&format!("party={party}")), 10);
        assert_eq!(count("document=D-0007"), 1);
        assert_eq!(count("due_from=2024-09-15"), 3);
        assert_eq!(count("due_to=2024-01-15"), 4);
        assert_eq!(count(&format!("party={party}&document=D-0007")), 1);
        assert_eq!(count(&format!("party={party}&document=D-0008")), 0);
        assert_eq!((count("open=true"), count("open=false")), (30, 0));
        let own = server.get("/api/v1/ledgers/main/receivables?limit=5&document=D-0007").is(200).json();
        assert_eq!(own["next"], Value::Null);
    }
}

/// Every list of a ledger, in every order that the description names: page by page it is the whole list, turned around it is the
/// other way round, and by a column of its rows it is sorted by that.
#[test]
fn every_list_is_whole_in_each_of_its_orders() {
    for site in Site::both().map(Site::divided) {
        let _ = site.run(["evaluate", "--as-of", "2025-01-31"]).exits(0);
        let server = site.serve();
        let document = server.get("/api/v1/openapi.json").is(200).json();
        let mut by_column = std::collections::BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
            let Some(sort) = parameters.iter().find(|p| p["name"] == "sort") else { continue };
            let Some(list) = path.strip_prefix("/api/v1/ledgers/{ledger}/").filter(|list| !list.contains('{')) else { continue };
            // Long work is of no day.
            let day = if list == "jobs" { "" } else { "as_of=2025-01-31" };
            let path = format!("/api/v1/ledgers/main/{list}?{day}");
            let whole = server.rows(&format!("{path}&limit=1000"));
            let all: std::collections::BTreeSet<String> = whole.iter().map(Value::to_string).collect();
            for order in sort["schema"]["enum"].as_array().unwrap().iter().map(|o| o.as_str().unwrap()).filter(|o| !o.starts_with('-')) {
                let up = server.pages(&format!("{path}&sort={order}&limit=3")).concat();
                let mut down = server.pages(&format!("{path}&sort=-{order}&limit=3")).concat();
                down.reverse();
                assert_eq!((up.len(), &up), (whole.len(), &down), "{list} by {order}");
                assert_eq!(up.iter().map(Value::to_string).collect::<std::collections::BTreeSet<_>>(), all, "{list} by {order}");
                let column: Vec<&str> = up.iter().filter_map(|row| row[order].as_str()).collect();
                // Amounts are texts of numbers, and have tests of their own.
                if column.len() == up.len() && up.len() > 1 && order != "recorded" && !order.starts_with("ledger_") {
                    assert!(column.is_sorted(), "{list} by {order}: {column:?}");
                    by_column.insert(format!("{list} {order}"));
                }
            }
        }
        for seen in ["lines clause", "evaluations as_of", "letters deadline", "findings on"] {
            assert!(by_column.contains(seen), "{seen} is not among {by_column:?}");
        }
    }
}

/// Files of two systems, and facts: what was recorded is chosen by what it is, by whom, and by the day in Shanghai.
#[test]
fn imports_and_the_log_are_chosen_by_what_and_when() {
    for site in Site::both() {
        for (name, system, from) in [("a.csv", "books", 0), ("b.csv", "other", 10)] {
            let _ = site.import(&site.write(name, invoices(from, from + 5)), "receivables-simple", &["--system", system]).exits(0);
        }
        let facts = site.write("facts.toml", "[people.wang]\nname = \"王强\"\n");
        let _ = site.run(["record", facts.to_str().unwrap()]).exits(0);
        let server = site.serve();
        let found = |path: &str| server.rows(&format!("/api/v1/ledgers/main/{path}"));
        let files = |query: &str| -> Vec<String> { found(&format!("imports?{query}")).iter().map(|i| i["file_name"].as_str().unwrap().to_owned()).collect() };
        assert_eq!((files("system=books"), files("file_name=b.csv"), files("profile=boc-debit")), (vec!["a.csv".into()], vec!["b.csv".into()], vec![]));
        assert_eq!((files("profile=receivables-simple"), files("sort=-recorded&limit=1")), (vec!["a.csv".into(), "b.csv".into()], vec!["b.csv".to_owned()]));
        assert_eq!((files("sort=file_name&limit=1"), files("sort=-file_name&limit=1")), (vec!["a.csv".to_owned()], vec!["b.csv".to_owned()]));

        let day = |days: i64| (chrono::Utc::now() + chrono::Duration::days(days)).date_naive().to_string();
        let (before, after) = (day(-2), day(2));
        let log = found("log?limit=1000");
        for (query, all) in [
            (format!("from={before}"), true),
            (format!("to={after}"), true),
            (format!("from={before}&to={after}"), true),
            (format!("from={after}"), false),
            (format!("to={before}"), false),
            ("to=0001-01-01".to_owned(), false),
        ] {
            assert_eq!(found(&format!("log?limit=1000&{query}")), if all { log.clone() } else { vec![] }, "{query}");
            assert_eq!(files(&query).len(), if all { 2 } else { 0 }, "{query}");
        }
        for kind in log.iter().map(|c| c["kind"].as_str().unwrap()) {
            let of_kind: Vec<Value> = log.iter().filter(|c| c["kind"] == kind).cloned().collect();
            assert_eq!(server.pages(&format!("/api/v1/ledgers/main/log?limit=1&kind={kind}")).concat(), of_kind, "{kind}");
        }
        assert_eq!(found(&format!("log?actor={}", log[1]["actor"].as_str().unwrap())).len(), log.iter().filter(|c| c["actor"] == log[1]["actor"]).count());
        assert_eq!(found("log?actor=nobody"), Vec::<Value>::new());
        let mut back = server.pages("/api/v1/ledgers/main/log?limit=2&sort=-recorded").concat();
        back.reverse();
        assert_eq!(back, log);
        let leaves = server.pages("/api/v1/ledgers/main/leaves?limit=3&kind=receivable").concat();
        assert!(leaves.len() == 10 && leaves.iter().all(|l| l["kind"] == "receivable"), "{leaves:?}");
        assert_eq!(found(&format!("leaves?kind=receivable&from={}", leaves[9]["leaf"])), leaves[9..]);
    }
}

/// Q-1 names the claim of the project, and Wang has a share of it; Q-2 names the other one, and Li answers from March on.
#[test]
fn letters_are_chosen_by_person_contract_and_claim() {
    const FACTS: &str = r#"
[people.wang]
name = "王强"
[people.li]
name = "李梅"
[debtors]
D1 = "甲建筑公司"
[contracts.P1]
debtor = "D1"
[receivables.R1]
debtor = "D1"
contract = "P1"
amount = "100.00"
document_date = "2020-01-10"
[receivables.R2]
debtor = "D1"
amount = "200.00"
document_date = "2020-01-10"
[letters.Q-1]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["R1"]
shares = { wang = 1 }
[letters.Q-2]
from = "2024-01-01"
deadline = "2024-06-30"
receivables = ["R2"]
[[roles]]
person = "li"
role = "responsible"
letter = "Q-2"
from = "2024-03-01"
"#;
    for site in Site::both() {
        let _ = site.run(["record", site.write("facts.toml", FACTS).to_str().unwrap()]).exits(0);
        let server = site.serve();
        let codes = |query: &str| -> Vec<String> {
            let letters = server.rows(&format!("/api/v1/ledgers/main/letters?as_of=2024-12-31&{query}"));
            letters.iter().map(|l| l["code"].as_str().unwrap().to_owned()).collect()
        };
        let id = |list: &str| server.rows(&format!("/api/v1/ledgers/main/{list}"))[0]["id"].as_str().unwrap().to_owned();
        let (wang, li, contract) = (id("people?code=wang"), id("people?code=li"), id("contracts?code=P1"));
        assert_eq!((codes(&format!("person={wang}")), codes(&format!("person={li}"))), (vec!["Q-1".to_owned()], vec!["Q-2".to_owned()]));
        let then = server.rows(&format!("/api/v1/ledgers/main/letters?as_of=2024-02-29&person={li}"));
        assert_eq!(then, Vec::<Value>::new(), "the role begins in March");
        assert_eq!((codes(&format!("contract={contract}")), codes(&format!("contract={contract}&person={li}"))), (vec!["Q-1".to_owned()], vec![]));
        assert_eq!(codes(&format!("receivable={}", id("receivables?document=R2&as_of=2024-12-31"))), ["Q-2"]);
        assert_eq!(codes(&format!("unit={wang}")), Vec::<String>::new(), "no unit signed");
        assert_eq!((codes("sort=deadline"), codes("sort=-code&limit=1")), (vec!["Q-2".to_owned(), "Q-1".to_owned()], vec!["Q-2".to_owned()]));
        for sort in ["code", "deadline", "-deadline", "-recorded"] {
            let path = format!("/api/v1/ledgers/main/letters?as_of=2024-12-31&sort={sort}");
            assert_eq!(server.pages(&format!("{path}&limit=1")).concat(), server.rows(&path), "{sort}");
        }
    }
}

#[test]
fn an_entity_tag_holds_until_the_ledger_grows() {
    let site = Site::sqlite();
    let file = site.write("a.csv", invoices(0, 3));
    let _ = site.import(&file, "receivables-simple", &[]).exits(0);
    let server = site.serve();
    let path = "/api/v1/ledgers/main/receivables?as_of=2024-12-31";
    let tag = server.get(path).is(200).header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    for given in [tag.clone(), tag.trim_start_matches("W/").to_owned(), format!("\"other\", {tag}"), "*".to_owned()] {
        let reply = server.ask(path, &[("if-none-match", &given)]).is(304);
        assert!(reply.body.is_empty() && reply.header("etag") == tag);
    }
    let _ = server.ask(&format!("{path}&sort=due"), &[("if-none-match", &tag)]).is(200);
    let _ = server.ask(path, &[("if-none-match", &tag), ("accept", "text/csv")]).is(200);
    let past = format!("{path}&known_at={}", site.position("main"));
    let fixed = server.get(&past).is(200).header("etag").to_owned();
    let more = site.write("b.csv", invoices(3, 4));
    let _ = site.import(&more, "receivables-simple", &[]).exits(0);
    let _ = server.ask(path, &[("if-none-match", &tag)]).is(200);
    let _ = server.ask(&past, &[("if-none-match", &fixed)]).is(304);
}

/// 2,345 rows are more than two parts of a stream.
#[test]
fn whole_lists_come_in_every_form() {
    for site in Site::both() {
        let file = site.write("a.csv", invoices(0, 2345));
        let _ = site.import(&file, "receivables-simple", &[]).exits(0);
        let server = site.serve();
        let path = "/api/v1/ledgers/main/receivables?as_of=2024-12-31&sort=document";
        let rows: Vec<Value> = server.pages(&format!("{path}&limit=1000")).concat();
        assert_eq!(rows.len(), 2345);

        let ndjson = server.ask(path, &[("accept", "application/x-ndjson")]).is(200);
        assert_eq!(ndjson.header("content-type"), "application/x-ndjson");
        let lines: Vec<Value> = ndjson.text().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines, rows);

        let csv = server.get(&format!("{path}&format=csv")).is(200);
        assert!(csv.header("content-type").starts_with("text/csv") && csv.header("content-disposition").contains("main-receivables-2024-12-31.csv"));
        let lines: Vec<String> = csv.text().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2346);
        assert!(lines[0].starts_with("id,document,kind,party,"), "{}", lines[0]);
        assert!(lines[1].contains(",D-0000,invoice,") && lines[2345].contains(",D-2344,invoice,"));
        let marked = server.get(&format!("{path}&format=csv&bom=true")).is(200);
        assert_eq!((&marked.body[..3], &marked.body[3..]), (&b"\xEF\xBB\xBF"[..], &csv.body[..]));

        let sheet = sheet(&server.get(&format!("{path}&format=xlsx")).is(200).body);
        assert_eq!(sheet.matches("<row ").count(), 2346);
    }
}

/// The first sheet of a spreadsheet.
fn sheet(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn what_a_spreadsheet_would_run_is_neutralised() {
    let site = Site::sqlite();
    let evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)"];
    let rows = evil.iter().enumerate().map(|(n, e)| format!("\"{e}\",C{n},\"{e}\",2024-01-01,2024-02-01,{n}1.50,CNY\n"));
    let file = site.write("a.csv", format!("{HEAD}{}", rows.collect::<String>()));
    let _ = site.import(&file, "receivables-simple", &[]).exits(0);
    let server = site.serve();
    let csv = server.get("/api/v1/ledgers/main/receivables?format=csv&as_of=2024-12-31").is(200).text();
    let book = sheet(&server.get("/api/v1/ledgers/main/receivables?format=xlsx&as_of=2024-12-31").is(200).body);
    for text in evil {
        let json = server.rows("/api/v1/ledgers/main/receivables?as_of=2024-12-31");
        assert!(json.iter().any(|r| r["document"] == text), "JSON has the text as it is");
        assert!(csv.contains(&format!(",'{text},")), "{csv}");
        assert!(!csv.contains(&format!(",{text},")), "{csv}");
    }
    assert!(!book.contains("<f>"), "no formula");
    assert!(book.contains("<v>11.5</v>"), "amounts are numbers: {book}");
    let report = server.get("/api/v1/ledgers/main/trial-balance?format=csv&as_of=2024-12-31").is(200).text();
    assert!(report.contains("C1 +1+1,11.50,0.00,0.00,11.50,0.00,0.00"), "{report}");
    assert!(report.ends_with("total,66.00,0.00,0.00,66.00,0.00,0.00,\r\n"), "{report}");
}

#[test]
fn answers_are_compressed_for_whoever_accepts_it() {
    let site = Site::sqlite();
    let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &[]).exits(0);
    let server = site.serve();
    let token = site.everything();
    let head = |accepts: &str| {
        let mut stream = TcpStream::connect(server.address().trim_start_matches("http://")).unwrap();
        write!(stream, "GET /api/v1/ledgers/main/receipts HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\naccept-encoding: {accepts}\r\nconnection: close\r\n\r\n").unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).to_ascii_lowercase().split("\r\n\r\n").next().unwrap().to_owned()
    };
    assert!(head("gzip").contains("content-encoding: gzip"));
    assert!(!head("identity").contains("content-encoding: gzip"));
}

#[test]
fn lists_beside_the_log_come_in_every_form_too() {
    for site in Site::both() {
        let file =
            site.write("a.csv", "customer,customer name,document no,document date,due date,amount,currency\nC1,One,A-1,2024-01-10,2024-02-10,1.00,CNY\n");
        let _ = site.import(&file, "receivables-simple", &[]).exits(0);
        let server = site.serve();
        server.source("ar", "receivables-simple");
        let sent = server.upload("ar", "k", "b.csv", b"customer,document no,document date,amount,currency\nC2,A-2,2024-01-10,2.00,CNY\n").is(202).json();
        let job = server.job_ended(sent["state"].as_str().unwrap());
        let id = job["id"].as_str().unwrap().to_owned();
        for (path, says) in [("/api/v1/ledgers", "main"), ("/api/v1/ledgers/main/jobs", id.as_str())] {
            let body = server.get(path).is(200).json();
            assert!(body[0].is_object() || body["items"][0].is_object(), "{body}");
            let csv = server.get(&format!("{path}?format=csv&bom=true")).is(200);
            assert!(csv.header("content-disposition").contains(".csv\"") && csv.text().starts_with("\u{feff}id,"), "{}", csv.text());
            let lines = server.get(&format!("{path}?format=ndjson")).is(200).text();
            assert!(csv.text().contains(says) && lines.contains(says) && lines.ends_with("}\n"), "{lines}");
            assert!(server.ask(path, &[("accept", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]).is(200).body.starts_with(b"PK"));
            // A position is one of a single log, and jobs are of none.
            for wrong in ["known_at=1", "format=pdf"].into_iter().chain(path.ends_with("/jobs").then_some("as_of=2024-01-01")) {
                let _ = server.get(&format!("{path}?{wrong}")).is(400);
            }
        }
    }
}

/// Ledgers come page by page, either way round, and as they were known by a day.
#[test]
fn ledgers_are_listed_by_pages_and_as_known() {
    for site in Site::both() {
        let file = site.write("facts.toml", "[debtors]\nD1 = \"Debtor\"\n");
        for ledger in ["pt", "main"] {
            let _ = site.run(["--ledger", ledger, "record", file.to_str().unwrap()]).exits(0);
        }
        let server = site.serve();
        let codes = |path: &str| server.rows(path).iter().map(|l| l["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let all = codes("/api/v1/ledgers");
        assert_eq!(all, ["main", "pt"]);
        for sort in ["code", "-code"] {
            let (mut path, mut paged) = (format!("/api/v1/ledgers?limit=1&sort={sort}"), Vec::new());
            loop {
                paged.extend(codes(&path));
                let Some(next) = server.get(&path).is(200).json()["next"].as_str().map(str::to_owned) else { break };
                path = next;
            }
            let wanted: Vec<String> = if sort == "code" { all.clone() } else { all.iter().rev().cloned().collect() };
            assert_eq!(paged, wanted);
        }
        assert!(codes("/api/v1/ledgers?known_at=2000-01-01").is_empty(), "none was open then");
        assert_eq!(codes("/api/v1/ledgers?known_at=2999-12-31"), all);
    }
}

/// The catalogue of problems is a list as well, in every form.
#[test]
fn the_catalogue_comes_in_every_form() {
    let site = Site::sqlite();
    let _ = site.run(["report", "trial-balance"]).exits(0);
    let server = site.serve();
    let catalogue = server.get("/api/v1/problems").is(200).json();
    let csv = server.get("/api/v1/problems?format=csv").is(200).text();
    assert!(csv.starts_with("code,status,title_en,") && csv.contains("\r\nrequest.not_found,404,"), "{csv}");
    assert_eq!(server.get("/api/v1/problems?format=ndjson").is(200).text().lines().count(), catalogue.as_array().unwrap().len());
    assert!(server.get("/api/v1/problems?format=xlsx").is(200).body.starts_with(b"PK"));
}

/// A-1 is Wang's and Li's, A-2 is Li's from March on; the ruling was recorded by mistake.
#[test]
fn agreements_and_milestones_are_read_as_of_a_day() {
    const FACTS: &str = r#"
[people.wang]
name = "王强"
[people.li]
name = "李梅"
[debtors]
D1 = "甲建筑公司"
[receivables.R1]
debtor = "D1"
amount = "100.00"
document_date = "2020-01-10"
[agreements.A-1]
kind = "entrustment"
from = "2024-01-01"
to = "2024-12-31"
receivables = ["R1"]
holders = { wang = "66.66", li = "33.34" }
terms = { rate = { decimal = "0.08" }, target = { money = "5000000.00" }, until = { day = "2024-06-30" }, fee = { word = "fixed" } }
[agreements.A-2]
kind = "counsel"
from = "2024-03-01"
holders = { li = "100" }
[[events]]
on = "2024-04-10"
milestone = { id = "m1", kind = "filed", agreement = "A-2", amount = "1000000.00", person = "li", evidence = "（2024）民初字第81号" }
[[events]]
on = "2024-05-10"
milestone = { id = "m2", kind = "ruling", receivable = "R1", withdrawn = true }
"#;
    for site in Site::both() {
        let _ = site.run(["record", site.write("facts.toml", FACTS).to_str().unwrap()]).exits(0);
        let server = site.serve();
        let base = "/api/v1/ledgers/main";
        let codes = |query: &str| -> Vec<String> {
            let found = server.rows(&format!("{base}/agreements?{query}"));
            found.iter().map(|a| a["code"].as_str().unwrap().to_owned()).collect()
        };
        let id = |list: &str| server.rows(&format!("{base}/{list}"))[0]["id"].as_str().unwrap().to_owned();
        let (wang, li) = (id("people?code=wang"), id("people?code=li"));
        let day = "as_of=2024-12-31";
        assert_eq!((codes("as_of=2024-02-29"), codes(&format!("{day}&sort=-from"))), (vec!["A-1".to_owned()], vec!["A-2".to_owned(), "A-1".to_owned()]));
        assert_eq!(
            (codes(&format!("{day}&person={wang}")), codes(&format!("{day}&person={li}&kind=counsel"))),
            (vec!["A-1".to_owned()], vec!["A-2".to_owned()])
        );
        assert_eq!(codes(&format!("{day}&receivable={}", id("receivables?as_of=2024-12-31"))), ["A-1"]);
        assert_eq!(codes(&format!("{day}&unit={wang}")), Vec::<String>::new(), "no unit agreed");

        let one = server.get(&format!("{base}/agreements/{}?{day}", id("agreements?as_of=2024-02-29"))).is(200).json();
        let holders: std::collections::BTreeMap<_, _> =
            one["holders"].as_array().unwrap().iter().map(|h| (h["person_code"].as_str().unwrap(), h["percent"].as_str().unwrap())).collect();
        assert_eq!(holders, [("wang", "66.66"), ("li", "33.34")].into());
        let terms: Vec<String> =
            one["terms"].as_array().unwrap().iter().map(|t| format!("{} {} {}", t["name"], t["type"], t["value"]).replace('"', "")).collect();
        assert_eq!(terms, ["fee word fixed", "rate decimal 0.08", "target money 5000000.00", "until day 2024-06-30"]);
        assert_eq!((one["receivables"][0]["document"].as_str(), one["milestones"].as_array().unwrap().len()), (Some("R1"), 0));

        let milestones = server.rows(&format!("{base}/milestones?{day}"));
        assert_eq!(milestones.len(), 1, "what was withdrawn never happened");
        let told = ["kind", "about", "on", "amount", "person_code", "evidence"].map(|c| milestones[0][c].as_str().unwrap().to_owned());
        assert_eq!(told, ["filed", "agreement", "2024-04-10", "1000000.00", "li", "（2024）民初字第81号"]);
        assert_eq!(server.rows(&format!("{base}/milestones?as_of=2024-04-09")), Vec::<Value>::new());
        let counsel = milestones[0]["subject"].as_str().unwrap();
        assert_eq!(server.get(&format!("{base}/agreements/{counsel}?{day}")).is(200).json()["milestones"], Value::Array(milestones.clone()));
        assert_eq!(server.rows(&format!("{base}/milestones?{day}&subject={counsel}&kind=ruling")), Vec::<Value>::new());
        let _ = server.get(&format!("{base}/agreements/{counsel}?as_of=2024-02-29")).is(404);
    }
}
