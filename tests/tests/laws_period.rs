//! Closing a period: in order, only when every case is judged, and nothing enters it afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_engine::EngineError;
use recoup_engine::evaluate::{Outcome, Request, evaluate};
use recoup_engine::facts::{By, Facts, record};
use recoup_engine::period::{Closing, close};
use recoup_host::RulesPlugin;
use recoup_model::calendar::Month;
use recoup_model::due::{Balance, Posting};
use recoup_model::period::CloseFault;
use recoup_model::record::Ledger;
use recoup_store::testing::{TestDb, databases};
use recoup_store::{EVERYTHING, Store, audit};
use recoup_tests::{ACTOR, day, intake, now, plugins};
use serde_json::{Value, json};

/// A ledger with LC example 1: due 2019-06-30, a letter for 2024.
struct Books {
    store: Store,
    ledger: Ledger,
    rules: RulesPlugin,
    parameters: String,
}

impl Books {
    fn new(db: &TestDb) -> Self {
        let (mut store, rules) = (db.store(), plugins::rules("legacy-construction"));
        let ledger = intake::ledger(&mut store, "main", "CNY");
        let parameters = rules.description().default_parameters.to_string();
        let mut books = Self { store, ledger, rules, parameters };
        books.know(json!({
            "people": {"wang": {"name": "王强"}},
            "debtors": {"acme": "甲建筑公司"},
            "receivables": {"r1": {"debtor": "acme", "amount": "2000000.00", "document_date": "2019-06-30", "due": "2019-06-30"}},
            "letters": {"l1": {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["r1"], "shares": {"wang": 1}}},
        }));
        books.know(json!({"events": [{"on": "2024-03-15", "receive": {"id": "p1", "amount": "1200000.00", "apply": {"r1": "1200000.00"}}}]}));
        books
    }

    fn know(&mut self, facts: Value) {
        let text = facts.to_string();
        let facts: Facts = serde_json::from_value(facts).unwrap();
        record(&mut self.store, &self.ledger, "test", &facts, &text, By::new(ACTOR, now())).unwrap();
    }

    fn evaluate(&mut self, as_of: &str) -> Outcome {
        let request = Request { as_of: day(as_of), parameters: &self.parameters, full: false, batch_cases: 512, actor: ACTOR, recorded_at: now() };
        evaluate(&mut self.store, &self.rules, &self.ledger, &request).unwrap()
    }

    fn close(&mut self, month: &str) -> Result<Option<i64>, EngineError> {
        let closing = Closing { month: month.parse().unwrap(), parameters: &self.parameters, batch_cases: 512, actor: ACTOR, recorded_at: now() };
        close(&mut self.store, &self.rules, &self.ledger, &closing)
    }

    fn closed(&mut self) -> Vec<Month> {
        self.store.read(self.ledger.id, |view| view.periods_closed(EVERYTHING)).unwrap()
    }

    fn postings(&mut self) -> Vec<(String, Balance, i64, String, Option<String>)> {
        let row = |p: Posting| (p.on.to_string(), p.balance, p.amount, p.period.to_string(), p.origin.map(|m| m.to_string()));
        self.store.read(self.ledger.id, |view| view.postings(EVERYTHING)).unwrap().into_iter().map(|p| row(p.posting)).collect()
    }

    fn prove(&mut self) {
        let mut scratch = Store::open("sqlite::memory:").unwrap();
        assert!(audit::rebuild(&mut self.store, self.ledger.id, &mut scratch).unwrap().is_proof());
    }
}

fn posted(on: &str, balance: Balance, amount: i64, period: &str, origin: Option<&str>) -> (String, Balance, i64, String, Option<String>) {
    (on.to_owned(), balance, amount, period.to_owned(), origin.map(str::to_owned))
}

#[test]
fn edge_18_a_late_fact_of_a_closed_period_is_posted_in_the_first_open_one_with_its_origin() {
    for db in databases() {
        let mut books = Books::new(&db);
        books.close("2024-03").unwrap().unwrap();
        books.close("2024-04").unwrap().unwrap();
        // Closing evaluates: 1,200,000.00 at 4 years, 3 % = 36,000.00.
        let first = posted("2024-03-15", Balance::Contingent, 3_600_000, "2024-03", None);
        assert_eq!(books.postings(), std::slice::from_ref(&first));

        // Known in May: 100,000.00 came in March. 3 % = 3,000.00.
        books.know(json!({"events": [{"on": "2024-03-20", "receive": {"id": "p2", "amount": "100000.00", "apply": {"r1": "100000.00"}}}]}));
        books.evaluate("2024-05-10");
        let late = posted("2024-03-20", Balance::Contingent, 300_000, "2024-05", Some("2024-03"));
        assert_eq!(books.postings(), [first.clone(), late.clone()]);

        // It bounces in May: the reversal is of an open period, and stays there.
        books.know(json!({"events": [{"on": "2024-05-11", "bounce": "p2"}]}));
        books.evaluate("2024-05-31");
        books.close("2024-05").unwrap();
        let after = books.postings();
        assert_eq!(after[..2], [first, late], "what is posted stays posted");
        assert_eq!(after[2..].iter().map(|p| p.2).sum::<i64>(), -300_000, "{after:?}");
        assert!(after[2..].iter().all(|p| p.3 == "2024-05" && p.4.is_none()), "{after:?}");
        books.prove();
    }
}

#[test]
fn edge_19_periods_close_in_order_and_once() {
    for db in databases() {
        let mut books = Books::new(&db);
        books.close("2024-03").unwrap().unwrap();
        let position = |books: &mut Books| books.store.read(books.ledger.id, |v| Ok::<_, EngineError>(v.head().position)).unwrap();
        let before = position(&mut books);
        let month = |text: &str| text.parse::<Month>().unwrap();
        let skipped = books.close("2024-05").unwrap_err();
        assert!(matches!(skipped, EngineError::Close(CloseFault::OutOfOrder { later, earlier }) if (later, earlier) == (month("2024-05"), month("2024-04"))));
        let again = books.close("2024-03").unwrap_err();
        assert!(matches!(again, EngineError::Close(CloseFault::AlreadyClosed(m)) if m == month("2024-03")));
        assert_eq!((again.code(), skipped.code()), ("period.close", "period.close"));
        assert_eq!(position(&mut books), before, "a refused close changes nothing");
        assert_eq!(books.closed(), [month("2024-03")]);
    }
}

#[test]
fn a_period_does_not_close_over_a_case_that_is_set_aside() {
    for db in databases() {
        let mut books = Books::new(&db);
        books.know(json!({
            "receivables": {"r2": {"debtor": "acme", "amount": "5000.00", "document_date": "2020-01-10"}},
            "letters": {"l2": {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["r2"], "shares": {"wang": 1}}},
            "events": [{"on": "2024-03-20", "receive": {"id": "p9", "amount": "1000.00", "apply": {"r2": "1000.00"}}}],
        }));
        let outcome = books.evaluate("2024-03-31");
        assert_eq!(outcome.faults.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["lc.due_unknown"]);
        // The other letter is judged all the same (edge 42).
        assert_eq!(books.postings(), [posted("2024-03-15", Balance::Contingent, 3_600_000, "2024-03", None)]);
        let refused = books.close("2024-03").unwrap_err();
        assert!(matches!(&refused, EngineError::CloseFaults { count: 1, first, .. } if first.contains("lc.due_unknown")), "{refused}");
        assert_eq!(refused.code(), "period.faults");
        assert_eq!(books.closed(), []);
    }
}

#[test]
fn edge_20_time_does_not_run_backwards() {
    for db in databases() {
        let mut books = Books::new(&db);
        books.evaluate("2024-05-31");
        let request = Request { as_of: day("2024-05-30"), parameters: &books.parameters, full: false, batch_cases: 512, actor: ACTOR, recorded_at: now() };
        let refused = evaluate(&mut books.store, &books.rules, &books.ledger, &request).unwrap_err();
        assert_eq!(refused.code(), "evaluate.backwards");
        // A close of an earlier month judges as of the last evaluation's day.
        books.close("2024-03").unwrap().unwrap();
    }
}
