//! Reads over HTTP against figures of the files themselves, at any day and as known at any position.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::access::Role;
use recoup_tests::{Site, paths};
use serde_json::{Value, json};

fn text<'v>(row: &'v Value, key: &str) -> &'v str {
    row[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {row}"))
}

fn find<'v>(rows: &'v [Value], key: &str, value: &str) -> &'v Value {
    rows.iter().find(|r| r[key] == value).unwrap_or_else(|| panic!("no `{key}` = `{value}`"))
}

/// The receipt of 7,000.00 settles invoice 1T 1/6; 13 documents count. One record waits in quarantine.
#[test]
fn the_portuguese_file_is_read_as_it_states_itself() {
    for site in Site::both() {
        let _ = site.import(&paths::export("saft_idemo599999999.xml"), "saft", &["--ledger", "pt"]).exits(3);
        let server = site.serve();

        let receivables = server.rows("/api/v1/ledgers/pt/receivables?limit=1000");
        assert_eq!(receivables.len(), 13);
        let invoice = find(&receivables, "source", "saft:1T 1/6");
        assert_eq!((text(invoice, "gross"), text(invoice, "open"), text(invoice, "currency")), ("7000.00", "0.00", "EUR"));

        let receipts = server.rows("/api/v1/ledgers/pt/receipts?unapplied=false");
        let receipt = find(&receipts, "source", "saft:PGT 1T1/1");
        assert_eq!((text(receipt, "amount"), text(receipt, "unapplied")), ("7000.00", "0.00"));

        let history = server.get(&format!("/api/v1/ledgers/pt/receivables/{}", text(invoice, "id"))).is(200).json();
        assert_eq!(history["receivable"], *invoice);
        let kinds: Vec<&str> = history["entries"].as_array().unwrap().iter().map(|e| text(e, "kind")).collect();
        assert_eq!(kinds, ["gross", "applied"]);
        let application = &history["applications"][0];
        assert_eq!((text(application, "amount"), application["receipt"].clone()), ("7000.00", receipt["id"].clone()));
        assert_eq!(application["taken_back_on"], Value::Null);

        // The day before the receipt, the invoice was open.
        let before = chrono::NaiveDate::parse_from_str(text(receipt, "booked"), "%Y-%m-%d").unwrap().pred_opt().unwrap();
        let then = server.get(&format!("/api/v1/ledgers/pt/receivables/{}?as_of={before}", text(invoice, "id"))).is(200).json();
        assert_eq!(then["receivable"]["open"], "7000.00");
        assert_eq!(then["applications"], json!([]));

        let quarantine = server.rows("/api/v1/ledgers/pt/issues?kind=refused");
        assert_eq!(quarantine.len(), 1);
        assert_eq!((text(&quarantine[0], "key"), text(&quarantine[0], "code")), ("2T A/1>1T 1/2", "import.currency_mismatch"));

        let import = &server.rows("/api/v1/ledgers/pt/imports")[0];
        assert_eq!((import["refused"].clone(), text(import, "adapter")), (json!(1), "saft"));
        let controls = server.get(&format!("/api/v1/ledgers/pt/imports/{}", text(import, "id"))).is(200).json();
        let debit = find(controls["controls"].as_array().unwrap(), "name", "sales-invoices.debit").clone();
        assert_eq!((text(&debit, "stated"), text(&debit, "read"), debit["agrees"].clone()), ("2201.7838", "2201.7838", json!(true)));
    }
}

/// 50.00 + 5,771.00 + 3,000.00 + 1,000.00 came in and is applied to nothing.
#[test]
fn the_chinese_statement_adds_up() {
    for site in Site::both() {
        let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &["--ledger", "main"]).exits(0);
        let server = site.serve();
        let balance = server.get("/api/v1/ledgers/main/trial-balance").is(200).json();
        assert_eq!((text(&balance["total"], "received"), text(&balance["total"], "unapplied"), text(&balance, "currency")), ("9821.00", "9821.00", "CNY"));
        let aging = server.get("/api/v1/ledgers/main/aging?buckets=12m,24m").is(200).json();
        assert_eq!((text(&aging, "open"), text(&aging, "unapplied")), ("0.00", "9821.00"));
        assert_eq!(aging["buckets"], json!(["not due", "≤12m", "≤24m", ">24m"]));
        let mut amounts: Vec<String> = server.rows("/api/v1/ledgers/main/receipts?sort=-ledger_amount").iter().map(|r| text(r, "amount").to_owned()).collect();
        assert_eq!(amounts, ["5771.00", "3000.00", "1000.00", "50.00"]);
        amounts.reverse();
        let rising = server.rows("/api/v1/ledgers/main/receipts?sort=ledger_amount");
        assert_eq!(rising.iter().map(|r| text(r, "amount").to_owned()).collect::<Vec<_>>(), amounts);
    }
}

const INVOICES: &str = "document no,customer code,customer name,document date,due date,amount,currency\n";

/// A claim is imported, corrected in amount and due date, and named by a letter; each says at which position it was recorded.
#[test]
fn a_receivable_tells_every_version_of_itself_and_where_the_log_has_it() {
    const FACTS: &str = r#"
[people.wang]
name = "王强"
[letters.Q-1]
from = "2024-02-01"
deadline = "2024-12-31"
receivables = ["books:A-1"]
shares = { wang = 1 }
[[events]]
on = "2024-03-01"
stage = { "books:A-1" = "retention" }
"#;
    for site in Site::both() {
        let row = |due: &str, amount: &str| format!("{INVOICES}A-1,C1,One,2024-01-10,{due},{amount},CNY\n");
        let import = |name: &str, text: String| {
            let _ = site.import(&site.write(name, text), "receivables-simple", &["--system", "books"]).exits(0);
            site.position("main")
        };
        let first = import("a.csv", row("2024-02-10", "100.00"));
        let second = import("b.csv", row("2024-03-10", "130.00"));
        let _ = site.run(["record", site.write("facts.toml", FACTS).to_str().unwrap()]).exits(0);
        let third = site.position("main");
        let server = site.serve();
        let id = text(&server.rows("/api/v1/ledgers/main/receivables?as_of=2024-12-31")[0], "id").to_owned();
        let history = |query: &str| server.get(&format!("/api/v1/ledgers/main/receivables/{id}?{query}")).is(200).json();
        let table = |body: &Value, list: &str, keys: &[&str]| -> Vec<String> {
            let cell = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            body[list].as_array().unwrap().iter().map(|r| keys.iter().map(|k| cell(&r[*k])).collect::<Vec<_>>().join(" ")).collect()
        };
        let version = ["position", "replaced_at", "gross", "document_date", "due"];

        let now = history("as_of=2024-12-31");
        let versions = [format!("{first} {second} 100.00 2024-01-10 2024-02-10"), format!("{second} null 130.00 2024-01-10 2024-03-10")];
        assert_eq!(table(&now, "versions", &version), versions);
        assert_eq!(now["receivable"]["position"], second);
        let entries = [format!("gross 100.00 2024-01-10 {first}"), format!("correction 30.00 2024-01-10 {second}")];
        assert_eq!(table(&now, "entries", &["kind", "amount", "on", "position"]), entries);
        assert_eq!(table(&now, "letters", &["code", "from", "position"]), [format!("Q-1 2024-02-01 {third}")]);
        let stages = [format!("2024-01-10 settled {second}"), format!("2024-03-01 retention {third}")];
        assert_eq!(table(&now, "stages", &["from", "stage", "position"]), stages);

        let then = history(&format!("as_of=2024-12-31&known_at={first}"));
        assert_eq!(table(&then, "versions", &version), [format!("{first} null 100.00 2024-01-10 2024-02-10")]);
        assert_eq!((then["letters"].clone(), table(&then, "entries", &["position"])), (json!([]), vec![first.to_string()]));
        let january = history("as_of=2024-01-31");
        assert_eq!((january["letters"].clone(), table(&january, "stages", &["stage"])), (json!([]), vec!["settled".to_owned()]));
        assert_eq!(table(&january, "versions", &version), versions, "what is known does not depend on the day");
        assert_eq!(server.rows(&format!("/api/v1/ledgers/main/letters?receivable={id}&as_of=2024-12-31")).len(), 1);
        let other = "0190a1b2-0000-8000-8000-000000000000";
        assert_eq!(server.rows(&format!("/api/v1/ledgers/main/letters?receivable={other}&as_of=2024-12-31")), Vec::<Value>::new());
    }
}

/// What an entry of today says of last year is known from its position on, and not before.
#[test]
fn edge_13_the_past_is_told_as_it_was_known() {
    for site in Site::both() {
        let first = site.write("a.csv", format!("{INVOICES}A-1,C1,One,2024-01-10,2024-02-10,100.00,CNY\n"));
        let _ = site.import(&first, "receivables-simple", &[]).exits(0);
        let known = site.position("main");
        let second = site.write("b.csv", format!("{INVOICES}A-1,C1,One,2024-01-10,2024-02-10,130.00,CNY\nA-2,C1,One,2024-01-11,2024-02-11,5.00,CNY\n"));
        let _ = site.import(&second, "receivables-simple", &[]).exits(0);
        let server = site.serve();
        let open = |query: &str| -> Vec<(String, String)> {
            let rows = server.rows(&format!("/api/v1/ledgers/main/receivables?sort=document&{query}"));
            rows.iter().map(|r| (text(r, "document").to_owned(), text(r, "open").to_owned())).collect()
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(open("as_of=2024-12-31"), [pair("A-1", "130.00"), pair("A-2", "5.00")]);
        assert_eq!(open(&format!("as_of=2024-12-31&known_at={known}")), [pair("A-1", "100.00")]);
        assert_eq!(open("as_of=2024-01-10"), [pair("A-1", "130.00")]);
        assert_eq!(open("as_of=2024-01-09"), []);
        for path in ["receivables", "trial-balance", "aging", "entries", "roles", "findings", "periods", "evaluations"] {
            let reply = server.get(&format!("/api/v1/ledgers/main/{path}?as_of=2024-05-06&known_at={known}")).is(200);
            assert_eq!((reply.header("recoup-as-of"), reply.header("recoup-known-at")), ("2024-05-06", known.to_string().as_str()), "{path}");
        }
        // What has no day holds on every day: it is the same as of each, and the answer names the day that was asked about. (It used
        // to be refused; but then whoever reads the whole of a ledger as of a day had to know which lists not to ask so.)
        let dayless = ["log", "leaves", "leaves/1", "log/1", "imports", "issues", "quarantine", "parties", "people", "units", "sources", "policies", "plugins"];
        let of_ledger = dayless.map(|path| format!("/api/v1/ledgers/main/{path}"));
        let installation = ["users", "rights", "tokens", "trusted-keys", "proposals", "disclosures", "log", "leaves"];
        let auditor = site.token("aud", &[(Role::Auditor, None, None)]);
        let mut server = server;
        server.with(&auditor);
        let mut told = 0;
        for path in of_ledger.into_iter().chain(installation.map(|path| format!("/api/v1/installation/{path}"))) {
            let position = server.get(&path).is(200).header("recoup-known-at").to_owned();
            let of_day = |day: &str| {
                let reply = server.get(&format!("{path}?as_of={day}&known_at={position}")).is(200);
                assert_eq!((reply.header("recoup-as-of"), reply.header("recoup-known-at")), (day, position.as_str()), "{path}");
                let mut body = reply.json();
                body.as_object_mut().unwrap().remove("as_of");
                body
            };
            assert_eq!(of_day("0001-01-01"), of_day("2024-05-06"), "{path}");
            told += usize::from(of_day("2024-05-06")["items"].as_array().is_none_or(|items| !items.is_empty()));
        }
        assert!(told >= 12, "what is compared has rows: {told}");
        server.with(&site.everything());
        let total = |query: &str| server.get(&format!("/api/v1/ledgers/main/trial-balance?{query}")).is(200).json()["total"]["open"].clone();
        assert_eq!(total("as_of=2024-12-31"), "135.00");
        assert_eq!(total(&format!("as_of=2024-12-31&known_at={known}")), "100.00");
        // By when it was recorded instead of where; both ends of today hold all that the test wrote.
        let recorded = server.get(&format!("/api/v1/ledgers/main/log/{known}")).is(200).json()["command"]["recorded_at"].as_str().unwrap().to_owned();
        assert_eq!(total(&format!("as_of=2024-12-31&known_at={recorded}")), "100.00");
        for day in [1, 2] {
            let tomorrow = chrono::Utc::now().date_naive() + chrono::Days::new(day);
            assert_eq!(total(&format!("as_of=2024-12-31&known_at={tomorrow}")), "135.00");
        }
        for by in ["2020-01-01", "2020-01-01T00:00:00Z"] {
            let refused = server.get(&format!("/api/v1/ledgers/main/trial-balance?known_at={by}")).is(400).json();
            assert_eq!(refused["code"], "request.known_at");
            assert!(text(&refused, "detail").contains("nothing of main was recorded by then"), "{refused}");
        }
        let _ = server.get("/api/v1/ledgers/main/trial-balance?known_at=yesterday").is(400);
        for (by, says) in [("2020-01-01", "nothing of main was recorded by then"), ("0", "positions 1 to"), ("999", "positions 1 to")] {
            let _ = site.run(["report", "trial-balance", "--known-at", by]).exits(1).says("error [request.known_at]").says(says);
        }
        let report = site.run(["report", "trial-balance", "--as-of", "2024-12-31", "--known-at", &recorded]).exits(0);
        assert!(report.stdout.contains("100.00") && !report.stdout.contains("135.00"), "{}", report.stdout);
    }
}
