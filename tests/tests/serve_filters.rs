//! Filters of lists over HTTP: each chooses what it says, on the day and as known, page by page, and tells nobody what they may
//! not see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::Digest;
use recoup_model::access::Role;
use recoup_model::id::{PartyId, ReceivableId};
use recoup_model::party::{Party, PartyKind, Personal};
use recoup_model::receivable::{DueSource, Receivable, ReceivableKind, Stage};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_model::{Currency, Money};
use recoup_store::{CommandMeta, StoreError};
use recoup_tests::{Serving, Site, claims, day, now};
use serde_json::{Value, json};

const MAIN: &str = "/api/v1/ledgers/main";

const FACTS: &str = r#"
[people.wang]
name = "王强"
[people.ann]
name = "Ann Lee"
[people.bob]
name = "Bob LEES"
[debtors]
D-1 = "Alpha Ltd"
D-2 = "Beta GmbH"
[receivables.R1]
debtor = "D-1"
amount = "100.00"
document_date = "2020-01-10"
due = "2020-02-10"
[receivables.R2]
debtor = "D-1"
amount = "200.00"
document_date = "2020-01-10"
due = "2020-03-10"
stage = "unsettled"
[receivables.R3]
debtor = "D-2"
amount = "300.00"
document_date = "2020-01-10"
stage = "retention"
[letters.Q-1]
from = "2024-01-01"
deadline = "2024-06-30"
receivables = ["R1"]
[letters.Q-2]
from = "2024-01-01"
deadline = "2024-09-30"
receivables = ["R1", "R3"]
[letters.Q-3]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["R2"]
"#;

/// R1 is cleared in May, and 50.00 of R3 comes in in June; R2 is settled in March.
const EVENTS: &str = r#"
[[events]]
on = "2024-03-01"
stage = { R2 = "settled" }
[[events]]
on = "2024-05-10"
receive = { id = "M-1", debtor = "D-1", amount = "100.00", apply = { R1 = "100.00" } }
[[events]]
on = "2024-06-10"
receive = { id = "M-2", debtor = "D-2", amount = "50.00", apply = { R3 = "50.00" } }
"#;

/// What is there of a list, in a column; the same page by page.
fn told(server: &Serving, list: &str, query: &str, column: &str) -> Vec<String> {
    let path = format!("{MAIN}/{list}?{query}");
    let whole = server.rows(&format!("{path}&limit=1000"));
    assert_eq!(server.pages(&format!("{path}&limit=1")).concat(), whole, "{path} page by page");
    whole.iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
}

fn append(site: &Site, leaves: &[Leaf]) {
    let meta = CommandMeta { kind: "fill".into(), input: Digest::of(b""), actor: "tests".into(), recorded_at: now() };
    site.store().transact::<_, StoreError>(Ledger::id_of("main"), &meta, |tx| tx.append(leaves)).unwrap();
}

#[test]
fn parties_and_people_are_found_by_a_part_of_their_names_by_whoever_may_see_them() {
    for site in Site::both() {
        site.recorded(FACTS);
        let eve = Party { id: PartyId::from_parts(&[b"eve"]), kind: PartyKind::Natural, name: None, unified_code: None, source: None };
        append(&site, &[Leaf::with(Record::Party(eve.clone()), Personal { name: Some("Eve Alphason".into()), ..Personal::default() })]);
        let mut server = site.serve();
        let id = eve.id.0;

        let (names, none) = (site.token("names", &[(Role::Collector, None, None)]), site.token("none", &[(Role::Integrator, None, None)]));
        server.with(&names);
        assert_eq!(told(&server, "people", "name=lee&sort=code", "code"), ["ann", "bob"], "in capitals or not");
        assert_eq!(told(&server, "people", "name=%E5%BC%BA", "code"), ["wang"]);
        assert_eq!(told(&server, "people", "name=lee&code=bob", "code"), ["bob"]);
        assert_eq!(told(&server, "people", "name=lee&code=wang", "code"), [""; 0]);
        assert_eq!(told(&server, "parties", "name=ALPHA", "name"), ["Alpha Ltd", "Eve Alphason"]);
        assert_eq!(told(&server, "parties", &format!("name=alpha&id={id}"), "name"), ["Eve Alphason"]);
        assert_eq!(server.rows("/api/v1/people?name=lees").len(), 1, "and across ledgers");

        // Whoever may not see a name cannot ask for it either: whatever they try, the answer is that of a name nobody has.
        server.with(&none);
        assert_eq!(told(&server, "people", "sort=code", "code"), ["ann", "bob", "wang"], "that they are there is known");
        for list in [format!("{MAIN}/people"), "/api/v1/people".to_owned()] {
            for query in ["name=lee", "name=%E5%BC%BA", "name=", "name=lee&code=ann", "name=e"] {
                assert_eq!(server.rows(&format!("{list}?{query}")), Vec::<Value>::new(), "{list}?{query}");
            }
        }
        assert_eq!(told(&server, "parties", "name=alpha", "name"), ["Alpha Ltd"], "an organisation's name is not personal");
        for query in ["name=alphason".to_owned(), "name=eve".to_owned(), format!("name=alpha&id={id}"), format!("name=&id={id}")] {
            assert_eq!(server.rows(&format!("{MAIN}/parties?{query}")), Vec::<Value>::new(), "{query}");
        }
        assert_eq!(server.rows(&format!("{MAIN}/parties?id={id}"))[0]["name"], Value::Null);
    }
}

#[test]
fn receivables_are_chosen_by_kind_and_by_their_stage_and_balance_on_the_day() {
    for site in Site::both() {
        site.recorded(FACTS);
        let facts = site.position("main");
        site.recorded(EVENTS);
        let events = site.position("main");
        // Recorded last for April, and then again: the later word holds.
        site.recorded("[[events]]\non = \"2024-04-01\"\nstage = { R2 = \"retention\" }\n");
        let april = site.position("main");
        site.recorded("[[events]]\non = \"2024-04-01\"\nstage = { R2 = \"measured-unpaid\" }\n");
        let gross = Money::new(7_00, Currency::CNY);
        let note = Receivable {
            id: ReceivableId::from_parts(&[b"note"]),
            party: PartyId::from_parts(&[b"eve"]),
            contract: None,
            kind: ReceivableKind::DebitNote,
            document: "N1".into(),
            gross,
            ledger_gross: gross,
            conversion: None,
            document_date: day("2024-07-01"),
            due: None,
            due_source: DueSource::Unknown,
            stage: Stage::Unsettled,
            source: None,
        };
        append(&site, &[Record::Receivable(note).into()]);
        let server = site.serve();
        let of = |query: &str| told(&server, "receivables", &format!("sort=document&{query}"), "document");
        assert_eq!(
            (of("kind=invoice"), of("kind=retention"), of("kind=debit-note")),
            (vec!["R1".into(), "R2".into()], vec!["R3".into()], vec!["N1".to_owned()])
        );
        assert_eq!(of("kind=opening"), [""; 0]);

        for (moment, settled, unsettled, measured, retention) in [
            ("as_of=2024-02-29".to_owned(), vec!["R1"], vec!["R2"], vec![], vec!["R3"]),
            ("as_of=2024-03-31".to_owned(), vec!["R1", "R2"], vec![], vec![], vec!["R3"]),
            ("as_of=2024-06-30".to_owned(), vec!["R1"], vec![], vec!["R2"], vec!["R3"]),
            ("as_of=2024-12-31".to_owned(), vec!["R1"], vec!["N1"], vec!["R2"], vec!["R3"]),
            (format!("as_of=2024-12-31&known_at={april}"), vec!["R1"], vec![], vec![], vec!["R2", "R3"]),
            (format!("as_of=2024-12-31&known_at={events}"), vec!["R1", "R2"], vec![], vec![], vec!["R3"]),
            (format!("as_of=2024-12-31&known_at={facts}"), vec!["R1"], vec!["R2"], vec![], vec!["R3"]),
        ] {
            for (stage, expected) in [("settled", settled), ("unsettled", unsettled), ("measured-unpaid", measured), ("retention", retention)] {
                assert_eq!(of(&format!("{moment}&stage={stage}")), expected, "{moment} {stage}");
                let shown = server.rows(&format!("{MAIN}/receivables?{moment}&stage={stage}"));
                assert!(shown.iter().all(|row| row["stage"] == stage), "{moment} {stage}: {shown:?}");
            }
        }
        assert_eq!(
            (of("as_of=2024-05-09&open=true").len(), of("as_of=2024-05-10&open=true"), of("as_of=2024-05-10&open=false")),
            (3, vec!["R2".into(), "R3".into()], vec!["R1".into()])
        );
        assert_eq!(of("as_of=2024-03-31&stage=settled&open=true&kind=invoice&due_from=2020-03-01"), ["R2"]);
        assert_eq!(of("as_of=2024-03-31&stage=settled&due_to=2020-02-29"), ["R1"]);
        for wrong in ["kind=bill", "stage=open", "open=yes"] {
            let _ = server.get(&format!("{MAIN}/receivables?{wrong}")).is(400);
        }
    }
}

#[test]
fn receipts_and_entries_are_chosen_by_spans_of_days_and_letters_by_deadline_and_what_is_open() {
    for site in Site::both() {
        site.recorded(FACTS);
        let facts = site.position("main");
        site.recorded(EVENTS);
        let server = site.serve();
        let receipts = |query: &str| told(&server, "receipts", &format!("as_of=2024-12-31&{query}"), "reference");
        let payer = |code: &str| server.rows(&format!("{MAIN}/parties?code={code}"))[0]["id"].as_str().unwrap().to_owned();
        assert_eq!((receipts("booked_from=2024-05-11"), receipts("booked_to=2024-06-09")), (vec!["M-2".to_owned()], vec!["M-1".to_owned()]));
        assert_eq!((receipts("booked_from=2024-05-10&booked_to=2024-06-10").len(), receipts("booked_from=2024-05-11&booked_to=2024-06-09").len()), (2, 0));
        assert_eq!(receipts(&format!("party={}&booked_to=2024-12-31", payer("D-2"))), ["M-2"]);

        let kinds = |list: &str, query: &str| told(&server, list, &format!("as_of=2024-12-31&{query}"), "kind");
        assert_eq!(kinds("entries", "from=2024-05-01&to=2024-05-31"), ["received", "applied"]);
        assert_eq!(kinds("entries", "to=2020-01-10"), ["gross", "gross", "gross"]);
        assert_eq!((kinds("applications", "to=2024-06-09"), kinds("applications", "from=2024-05-11&to=2024-06-09")), (vec!["applied".to_owned()], vec![]));

        let letters = |query: &str| told(&server, "letters", &format!("sort=code&{query}"), "code");
        let day = "as_of=2024-12-31";
        assert_eq!(
            (letters(&format!("{day}&deadline_to=2024-06-30")), letters(&format!("{day}&deadline_from=2024-10-01"))),
            (vec!["Q-1".to_owned()], vec!["Q-3".to_owned()])
        );
        assert_eq!(letters(&format!("{day}&deadline_from=2024-06-30&deadline_to=2024-09-30")), ["Q-1", "Q-2"]);
        assert_eq!(
            (letters(&format!("{day}&open=true")), letters(&format!("{day}&open=false"))),
            (vec!["Q-2".to_owned(), "Q-3".to_owned()], vec!["Q-1".to_owned()])
        );
        assert_eq!(letters(&format!("{day}&open=true&deadline_to=2024-12-30")), ["Q-2"], "overdue");
        assert_eq!((letters("as_of=2024-05-09&open=false"), letters(&format!("{day}&open=false&known_at={facts}"))), (vec![], vec![]), "nothing had come in");
    }
}

/// The books of `main` are kept in Shanghai, eight hours ahead.
#[test]
fn jobs_are_chosen_by_the_day_on_which_they_were_asked_for() {
    for site in Site::both() {
        site.recorded(FACTS);
        let server = site.serve_with(&[("RECOUP__WORK__WORKERS", "0")]);
        let _ = server.command(&format!("{MAIN}/evaluations"), "k1", &json!({ "as_of": "2024-01-31" })).is(202);
        let job = server.rows(&format!("{MAIN}/jobs")).remove(0);
        let asked: chrono::DateTime<chrono::Utc> = job["submitted_at"].as_str().unwrap().parse().unwrap();
        let day = (asked + chrono::TimeDelta::hours(8)).date_naive();
        let (before, after) = (day.pred_opt().unwrap(), day.succ_opt().unwrap());
        for (query, found) in [
            (format!("from={day}&to={day}"), 1),
            (format!("from={before}&to={after}"), 1),
            (format!("to={before}"), 0),
            (format!("from={after}"), 0),
            ("from=0001-01-01&to=9999-12-31".to_owned(), 1),
            (format!("from={day}&kind=evaluation&state=queued"), 1),
            (format!("from={day}&kind=import"), 0),
            (format!("to={day}&state=done"), 0),
        ] {
            assert_eq!(server.rows(&format!("{MAIN}/jobs?{query}")).len(), found, "{query}");
        }
    }
}

#[test]
fn refused_records_are_chosen_by_where_they_came_from() {
    for site in Site::both() {
        for (name, system, amounts) in [("a.csv", "books", ["much", "12.345"]), ("b.csv", "other", ["much", "1.00"])] {
            let text = claims::rows(&[claims::row(&format!("{system}-1"), amounts[0]), claims::row(&format!("{system}-2"), amounts[1])]);
            let _ = site.import(&site.write(name, text), claims::PROFILE, &["--system", system]).exits(3);
        }
        let server = site.serve();
        for list in ["quarantine", "issues"] {
            let keys = |query: &str| told(&server, list, query, "key");
            let all = server.rows(&format!("{MAIN}/{list}"));
            assert_eq!(
                (keys("system=books"), keys("system=other"), keys("system=none")),
                (vec!["books-1".into(), "books-2".into()], vec!["other-1".into()], vec![]),
                "{list}"
            );
            let code = all[0]["code"].as_str().unwrap();
            let of_code: Vec<&str> = all.iter().filter(|row| row["code"] == code).map(|row| row["key"].as_str().unwrap()).collect();
            assert!(of_code.len() < all.len() && of_code.contains(&"other-1"), "{all:?}");
            assert_eq!(keys(&format!("code={code}")), of_code, "{list}");
            assert_eq!(keys(&format!("code={code}&system=other")), ["other-1"], "{list}");
        }
        assert_eq!(told(&server, "quarantine", "system=books&state=open", "key").len(), 2);
        assert_eq!(told(&server, "quarantine", "system=books&state=mended", "key"), [""; 0]);
    }
}
