//! Pauses of debts' clocks: recorded once, told as of any day and as known at any position, and left out of ages where that is asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Serving, Site};
use serde_json::Value;

/// A cell as text.
fn cell(row: &Value, key: &str) -> String {
    row[key].as_str().map_or_else(|| row[key].to_string(), str::to_owned)
}

const BOOKS: &str = r#"
[people.wang]
name = "王强"
[debtors]
acme = "甲建筑公司"
best = "乙建筑公司"
[contracts.c1]
debtor = "acme"
[receivables]
r1 = { debtor = "acme", contract = "c1", amount = "100000.00", document_date = "2020-01-10", due = "2020-01-10" }
r2 = { debtor = "acme", amount = "50000.00", document_date = "2020-01-10", due = "2020-01-10" }
r3 = { debtor = "best", amount = "7000.00", document_date = "2020-03-01" }
[letters.l1]
from = "2020-01-01"
deadline = "2022-12-31"
receivables = ["r1"]
shares = { wang = 1 }
[[events]]
on = "2020-02-01"
pause = { id = "d1", receivable = "r1", kind = "dispute", until = "2020-03-31", why = "质量争议1号" }
[[events]]
on = "2020-03-01"
pause = { id = "s1", receivable = "r1", kind = "litigation", until = "2020-04-30", why = "(2020)苏01民初8号" }
[[events]]
on = "2020-04-20"
pause = { id = "f1", receivable = "r1", kind = "force-majeure", until = "2020-05-10", why = "疫情封控" }
[[events]]
on = "2020-05-01"
pause = { id = "s2", receivable = "r3", kind = "litigation", why = "(2020)苏01民初9号" }
"#;

const ENDED: &str = r#"
[[events]]
on = "2020-04-20"
pause = { id = "f1", receivable = "r1", kind = "force-majeure", until = "2020-05-10", why = "疫情封控", withdrawn = true }
[[events]]
on = "2020-05-01"
pause = { id = "s2", receivable = "r3", kind = "litigation", until = "2020-06-30", why = "(2020)苏01民初9号" }
"#;

fn record(site: &Site, facts: &str) -> Run {
    let file = site.write("facts.toml", facts);
    site.run(["record", file.to_str().unwrap()])
}

/// What the aging says of 1 May 2020, label by label: not due, up to 30 days overdue, up to 90, more, and all that is open. The server says
/// what the command line prints.
fn aging(site: &Site, server: &Serving, by: &str, more: &[(&str, &str)]) -> Vec<String> {
    let mut asked = ["--format", "json", "report", "aging", "--as-of", "2020-05-01", "--buckets", "30d,90d", "--by", by].map(str::to_owned).to_vec();
    let mut path = format!("/api/v1/ledgers/main/aging?as_of=2020-05-01&buckets=30d,90d&by={by}");
    for (name, value) in more {
        asked.extend([format!("--{}", name.replace('_', "-")), (*value).to_owned()]);
        path += &format!("&{name}={value}");
    }
    let mut printed: Vec<Vec<String>> = Vec::new();
    for row in site.run(&asked).exits(0).table("aging") {
        printed.push([by, "not due", "≤30d", "≤90d", ">90d", "open"].map(|column| row[column].as_str().unwrap().to_owned()).to_vec());
    }
    assert_eq!(printed.pop().unwrap()[0], "received, not applied");
    let body = server.get(&path).is(200).json();
    let cells = |label: &Value, amounts: &Value, open: &Value| -> Vec<String> {
        let amounts = amounts.as_array().unwrap().iter();
        std::iter::once(label).chain(amounts).chain([open]).map(|cell| cell.as_str().unwrap().to_owned()).collect()
    };
    let rows = body["rows"].as_array().unwrap().iter().map(|row| cells(&row["label"], &row["amounts"], &row["open"]));
    let answered: Vec<Vec<String>> = rows.chain([cells(&"total".into(), &body["totals"], &body["open"])]).collect();
    assert_eq!(answered, printed, "{more:?}");
    printed.into_iter().map(|row| row.join(" ")).collect()
}

/// From 10 January to 1 May 2020 are 21 + 29 + 31 + 30 + 1 = 112 days. February to April are 90 of them, February and March 60.
#[test]
fn edge_16_ages_without_paused_days_leave_each_day_out_once() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let server = site.serve();
        let before = site.position("main").to_string();
        let of = |by: &str, more: &[(&str, &str)]| aging(&site, &server, by, more);
        // r3 has no due date: from 1 March, its document's, to 1 May are 61 days.
        let all_days = ["r1 0.00 0.00 0.00 100000.00 100000.00", "r2 0.00 0.00 0.00 50000.00 50000.00", "r3 0.00 0.00 7000.00 0.00 7000.00"];
        assert_eq!(of("receivable", &[])[..3], all_days);
        let kinds = |kinds: &'static str| [("without_paused", kinds)];
        let r1 = |kinds: &[(&str, &str)]| of("receivable", kinds)[0].clone();
        assert_eq!(r1(&kinds("dispute")), "r1 0.00 0.00 100000.00 0.00 100000.00", "52 days");
        assert_eq!(r1(&kinds("dispute,litigation")), "r1 0.00 100000.00 0.00 0.00 100000.00", "22 days; 60 and 61 by themselves would be none");
        assert_eq!(r1(&kinds("force-majeure")), "r1 0.00 0.00 0.00 100000.00 100000.00", "100 days: from 20 April on there are twelve");
        assert_eq!(of("receivable", &kinds("dispute,litigation"))[1..3], all_days[1..3]);
        // Sums move with the claim, and everything open stays what it is.
        let both = kinds("dispute,litigation");
        assert_eq!(of("debtor", &both)[0], "acme 甲建筑公司 0.00 100000.00 0.00 50000.00 150000.00");
        assert_eq!(of("contract", &both)[..2], ["c1 0.00 100000.00 0.00 0.00 100000.00", "– 0.00 0.00 7000.00 50000.00 57000.00"]);
        assert_eq!(of("responsible", &both)[1], "wang 0.00 100000.00 0.00 0.00 100000.00");
        assert_eq!(of("debtor", &both).last().unwrap(), "total 0.00 100000.00 7000.00 50000.00 157000.00");
        let by_document = [both[0], ("basis", "document")];
        assert_eq!(of("receivable", &by_document)[0], "r1 0.00 100000.00 0.00 0.00 100000.00");
        // By months: since 10 January; or since 9 April, 90 days later.
        let months = |more: &[&str]| {
            let asked = ["--format", "json", "report", "aging", "--as-of", "2020-05-01", "--buckets", "1m,3m", "--by", "receivable"];
            let row = &site.run(asked.iter().chain(more)).exits(0).table("aging")[0];
            ["not due", "≤1m", "≤3m", ">3m"].map(|bucket| row[bucket].as_str().unwrap().to_owned())
        };
        assert_eq!(months(&[]), ["0.00", "0.00", "0.00", "100000.00"]);
        assert_eq!(months(&["--without-paused", "dispute,litigation"]), ["0.00", "100000.00", "0.00", "0.00"]);
        // What was withdrawn never was, but for what was known before. 112 less 12 days, and 112.
        let _ = record(&site, ENDED).exits(0);
        let counted = |known_at: &[&str]| {
            let asked = ["--format", "json", "report", "old-debts", "--as-of", "2020-05-01", "--without-paused", "force-majeure"];
            let rows = site.run(asked.iter().chain(known_at)).exits(0).table("old-debts");
            cell(rows.iter().find(|row| row["document"] == "r1").unwrap(), "counted_days")
        };
        assert_eq!((counted(&[]), counted(&["--known-at", &before])), ("112".to_owned(), "100".to_owned()));
        for wrong in ["war", "dispute,,litigation", ""] {
            let _ = site.run(["report", "aging", "--without-paused", wrong]).exits(2);
            let refused = server.get(&format!("/api/v1/ledgers/main/aging?without_paused={wrong}"));
            assert_eq!((refused.status, refused.json_code().as_deref()), (400, Some("request.parameter")), "{wrong}");
        }
    }
}

/// Due on 10 January 2020, and 8 April 2022: to 10 January 2022 are 731 days, and 21 + 28 + 31 + 8 = 88 more. 90 of them are paused,
/// so the second year is complete on 9 April. r3 is of 1 March 2020, and its clock stands from 1 May on: 60 days.
#[test]
fn edge_17_the_age_since_the_due_date_is_told_beside_what_the_clock_says() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let server = site.serve();
        let listed = |as_of: &str, kinds: &str| -> Vec<String> {
            let args = ["--format", "json", "report", "old-debts", "--as-of", as_of, "--without-paused", kinds];
            let keys = ["document", "due", "days", "years", "counted_days", "counted_years"];
            let printed: Vec<String> = site.run(args).exits(0).table("old-debts").iter().map(|row| keys.map(|key| cell(row, key)).join(" ")).collect();
            let body = server.get(&format!("/api/v1/ledgers/main/old-debts?as_of={as_of}&without_paused={kinds}")).is(200).json();
            let answered: Vec<String> =
                body["rows"].as_array().unwrap().iter().map(|row| keys.map(|key| cell(row, key)).join(" ").replace("null", "")).collect();
            assert_eq!(answered, printed);
            printed
        };
        let wanted = ["r2 2020-01-10 819 2 819 2", "r1 2020-01-10 819 2 729 1", "r3  768 2 60 0"];
        assert_eq!(listed("2022-04-08", "dispute,litigation"), wanted, "the oldest first, as their clocks say");
        assert_eq!(listed("2022-04-09", "litigation,dispute")[1], "r1 2020-01-10 820 2 730 2");
        let rows = site.run(["--format", "json", "report", "old-debts", "--as-of", "2022-04-08"]).exits(0).table("old-debts");
        assert!(rows.iter().all(|row| row.get("counted_days").is_none()));
        assert_eq!(rows[0]["document"], "r1");
        let body = server.get("/api/v1/ledgers/main/old-debts?as_of=2022-04-08").is(200).json();
        assert_eq!((&body["rows"][0]["days"], &body["rows"][0]["counted_days"]), (&819.into(), &Value::Null));
    }
}

/// 50 % of what is older than 90 days, 10 % of what is older than 30, and 1 % of what is past due.
#[test]
fn a_provision_by_age_leaves_paused_days_out_where_that_is_asked_for() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let server = site.serve();
        let provided = |paused: Option<&str>| -> String {
            let mut args = vec!["--format", "json", "report", "provision", "--as-of", "2020-05-01", "--buckets", "30d,90d", "--rates", "0,1,10,50"];
            args.extend(paused.iter().flat_map(|kinds| ["--without-paused", kinds]));
            let printed = site.run(args).exits(0).table("provision").last().unwrap()["provision"].as_str().unwrap().to_owned();
            let query = paused.map(|kinds| format!("&without_paused={kinds}")).unwrap_or_default();
            let body = server.get(&format!("/api/v1/ledgers/main/provision?as_of=2020-05-01&buckets=30d,90d&rates=0,1,10,50{query}")).is(200).json();
            assert_eq!(body["total"]["provision"], printed.as_str());
            printed
        };
        // 150,000.00 × 50 % + 7,000.00 × 10 %; or 100,000.00 × 1 % + 50,000.00 × 50 % + 7,000.00 × 10 %.
        assert_eq!(provided(None), "75700.00");
        assert_eq!(provided(Some("dispute,litigation")), "26700.00");
    }
}

#[test]
fn pauses_are_recorded_once_and_read_over_rest() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let before = site.position("main");
        let _ = record(&site, BOOKS).exits(0);
        assert_eq!(site.position("main"), before, "what stands is not repeated");
        let _ = record(&site, ENDED).exits(0);
        let server = site.serve();
        let base = "/api/v1/ledgers/main";
        let found = |query: &str| -> Vec<String> {
            let rows = server.rows(&format!("{base}/pauses?sort=from&{query}"));
            rows.iter().map(|row| ["code", "kind", "from", "until", "why", "in_force"].map(|key| cell(row, key)).join(" ")).collect()
        };
        let dispute = |in_force: &str| format!("d1 dispute 2020-02-01 2020-03-31 质量争议1号 {in_force}");
        let lawsuit = |in_force: &str| format!("s1 litigation 2020-03-01 2020-04-30 (2020)苏01民初8号 {in_force}");
        let other = |in_force: &str| format!("s2 litigation 2020-05-01 2020-06-30 (2020)苏01民初9号 {in_force}");
        assert_eq!(found("as_of=2020-01-31"), Vec::<String>::new());
        assert_eq!(found("as_of=2020-03-31"), [dispute("true"), lawsuit("true")]);
        assert_eq!(found("as_of=2020-05-01"), [dispute("false"), lawsuit("false"), other("true")], "the third one is withdrawn");
        assert_eq!(found("as_of=2020-05-01&in_force=true"), [other("true")]);
        assert_eq!(found("as_of=2020-06-30&in_force=false"), [dispute("false"), lawsuit("false")]);
        assert_eq!(found("as_of=2020-05-01&kind=dispute"), [dispute("false")]);
        let r3 = server.rows(&format!("{base}/receivables?as_of=2020-05-01&document=r3"))[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(found(&format!("as_of=2020-07-01&receivable={r3}")), [other("false")]);
        let history = server.get(&format!("{base}/receivables/{r3}?as_of=2020-05-01")).is(200).json();
        assert_eq!(history["pauses"].as_array().unwrap().iter().map(|row| cell(row, "code")).collect::<Vec<_>>(), ["s2"]);
        let known = found(&format!("as_of=2020-05-01&known_at={before}"));
        assert_eq!(known[2..], ["f1 force-majeure 2020-04-20 2020-05-10 疫情封控 true", "s2 litigation 2020-05-01 null (2020)苏01民初9号 true"]);
        let _ = site.run(["audit", "rebuild"]).exits(0);
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    for site in Site::both() {
        let _ = record(&site, BOOKS).exits(0);
        let before = site.position("main");
        let pause = |rest: &str| format!("[[events]]\non = \"2020-06-01\"\npause = {{ kind = \"dispute\", why = \"x\", {rest} }}\n");
        for (facts, code) in [
            (pause(r#"id = "d9", receivable = "r9""#), "receivable.unknown"),
            (pause(r#"id = "d9", receivable = "r1", until = "2020-05-31""#), "pause.dates"),
            (pause(r#"id = "d1", receivable = "r2""#), "pause.moved"),
        ] {
            let _ = record(&site, &facts).exits(1).says(&format!("error [{code}]"));
        }
        let _ = record(&site, &pause(r#"id = "d9", receivable = "r1""#).replace("dispute", "war")).exits(1);
        assert_eq!(site.position("main"), before);
    }
}

/// What a trace tells, and that the next evaluation judges the letter again when its pause is known, and again when it is withdrawn.
#[test]
fn edge_16_a_bonus_follows_its_debts_pauses_and_its_trace_names_them() {
    for site in Site::both() {
        let policies = site.folder().join("policies");
        std::fs::create_dir_all(&policies).unwrap();
        site.write("policies/legacy-construction.toml", "pauses = [\"dispute\", \"litigation\"]\n");
        site.configure(|config| drop(config["evaluate"].as_table_mut().unwrap().insert("policies".to_owned(), policies.display().to_string().into())));
        let paid = "[[events]]\non = \"2022-04-08\"\nreceive = { id = \"p1\", debtor = \"acme\", amount = \"40000.00\", apply = { r1 = \"40000.00\" } }\n";
        let (books, pauses) = BOOKS.split_at(BOOKS.find("[[events]]").unwrap());
        let _ = record(&site, &format!("{books}{paid}")).exits(0);
        let bonus = || -> Vec<String> {
            let _ = site.run(["evaluate", "--as-of", "2022-04-08"]).exits(0);
            let lines = site.run(["--format", "json", "report", "lines", "--as-of", "2022-04-08"]).exits(0).table("lines");
            lines.iter().map(|line| line["amount"].as_str().unwrap().to_owned()).collect()
        };
        // Two full years, and one, are in one band: 1 % of 40,000.00.
        assert_eq!(bonus(), ["400.00"]);
        let _ = record(&site, pauses).exits(0);
        assert_eq!(bonus(), ["400.00"]);
        let lines = site.run(["--format", "json", "report", "lines", "--as-of", "2022-04-08", "--trace"]).exits(0).table("lines");
        let told = "Its clock stood on 90 days up to 2022-04-08: the age counts from 2020-04-09 to 2022-04-08. Without pauses: 2 full years.";
        assert!(cell(&lines[0], "trace").contains(told), "{lines:?}");
        let open = "[[events]]\non = \"2020-03-01\"\npause = { id = \"s1\", receivable = \"r1\", kind = \"litigation\", why = \"(2020)苏01民初8号\" }\n";
        let _ = record(&site, open).exits(0);
        assert_eq!(bonus(), Vec::<String>::new(), "it has been going on: 21 days old");
        let withdrawn = open.replace(" }", ", withdrawn = true }");
        let _ = record(&site, &withdrawn).exits(0);
        assert_eq!(bonus(), ["400.00"]);
    }
}
