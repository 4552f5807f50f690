//! An evaluation of many subjects goes portion by portion, and is one command all the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::ops::ControlFlow;

use recoup_engine::EngineError;
use recoup_engine::evaluate::{KNOWN_NOW, Outcome, Policy, Request, Span, drift, evaluate, evaluate_while, simulate, simulate_while};
use recoup_engine::facts::{By, Facts, record};
use recoup_host::RulesPlugin;
use recoup_model::record::Ledger;
use recoup_store::testing::{TestDb, databases};
use recoup_store::{EVERYTHING, LineFilter, Store};
use recoup_tests::{ACTOR, day, intake, now, plugins};
use serde_json::{Map, Value, json};

/// Letters: more than three portions of 16, which batches of one case make.
const LETTERS: usize = 50;

struct Books {
    store: Store,
    ledger: Ledger,
    rules: RulesPlugin,
    parameters: String,
}

impl Books {
    /// Each letter has a settled debt of 10,000.00 that is two years overdue when it is cleared on 2024-05-31.
    fn new(db: &TestDb) -> Self {
        let (mut store, rules) = (db.store(), plugins::rules("legacy-construction"));
        let ledger = intake::ledger(&mut store, "main", "CNY");
        let parameters = rules.description().default_parameters.to_string();
        let mut books = Self { store, ledger, rules, parameters };
        let each = |of: &dyn Fn(usize) -> (String, Value)| (0..LETTERS).map(of).collect::<Map<String, Value>>();
        let debt = json!({"debtor": "acme", "amount": "10000.00", "document_date": "2022-02-28", "due": "2022-02-28"});
        let paid = |n: usize| json!({"on": "2024-05-31", "receive": {"id": format!("p{n}"), "debtor": "acme", "amount": "10000.00", "apply": {format!("r{n}"): "10000.00"}}});
        books.know(json!({
            "people": {"wang": {"name": "王强"}},
            "debtors": {"acme": "甲建筑公司"},
            "receivables": each(&|n| (format!("r{n}"), debt.clone())),
            "letters": each(&|n| (format!("l{n}"), json!({"from": "2024-01-01", "deadline": "2024-12-31", "receivables": [format!("r{n}")], "shares": {"wang": 1}}))),
            "events": (0..LETTERS).map(paid).collect::<Vec<_>>(),
        }));
        books
    }

    fn know(&mut self, facts: Value) {
        let text = facts.to_string();
        let facts: Facts = serde_json::from_value(facts).unwrap();
        record(&mut self.store, &self.ledger, "test", &facts, &text, By::new(ACTOR, now())).unwrap();
    }

    fn evaluate(&mut self, as_of: &str, full: bool) -> Outcome {
        let request = Request { as_of: day(as_of), parameters: &self.parameters, full, batch_cases: 1, actor: ACTOR, recorded_at: now() };
        let outcome = evaluate(&mut self.store, &self.rules, &self.ledger, &request).unwrap();
        assert_eq!(outcome.faults, Vec::new());
        assert_eq!(drift(&mut self.store, &self.rules, &self.ledger, &request).unwrap(), 0, "a full evaluation says something else");
        outcome
    }

    fn head(&mut self) -> i64 {
        self.store.head(self.ledger.id).unwrap().unwrap().position
    }

    /// What is posted, in minor units.
    fn posted(&mut self) -> i64 {
        let posted = self.store.read(self.ledger.id, |view| view.posted(LineFilter::default(), EVERYTHING)).unwrap();
        posted.into_iter().map(|(_, movement)| movement.amount).sum()
    }
}

#[test]
fn many_portions_are_one_command_and_judged_once() {
    for db in databases() {
        let mut books = Books::new(&db);
        let before = books.head();
        let outcome = books.evaluate("2024-05-31", false);
        assert_eq!((outcome.cases, outcome.lines_changed, outcome.postings), (LETTERS, LETTERS, LETTERS));
        assert_eq!((outcome.position, books.head()), (Some(before + 1), before + 1));
        // LC-1: 1 % of 10,000.00 is 100.00, 50 times.
        assert_eq!(books.posted(), 500_000);
        let again = books.evaluate("2024-05-31", true);
        assert_eq!((again.cases, again.lines_changed, again.postings), (LETTERS, 0, 0));
        assert_eq!(books.posted(), 500_000);
    }
}

#[test]
fn what_is_called_off_in_a_later_portion_leaves_nothing_of_the_earlier_ones() {
    for db in databases() {
        let mut books = Books::new(&db);
        let before = books.head();
        let request = Request { as_of: day("2024-05-31"), parameters: &books.parameters, full: false, batch_cases: 1, actor: ACTOR, recorded_at: now() };
        let until_forty = |judged| if judged < 40 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        let stopped = evaluate_while(&mut books.store, &books.rules, &books.ledger, &request, &until_forty);
        assert!(matches!(stopped, Err(EngineError::Stopped)), "{stopped:?}");
        assert_eq!((books.head(), books.posted()), (before, 0));
        assert_eq!(books.evaluate("2024-05-31", false).lines_changed, LETTERS);
    }
}

#[test]
fn money_that_is_recorded_before_its_day_is_judged_when_the_day_has_come() {
    for db in databases() {
        let mut books = Books::new(&db);
        books.know(json!({
            "debtors": {"acme": "甲建筑公司"},
            "receivables": {"later": {"debtor": "acme", "amount": "10000.00", "document_date": "2022-02-28", "due": "2022-02-28"}},
            "letters": {"later": {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["later"], "shares": {"wang": 1}}},
            "events": [{"on": "2024-06-10", "receive": {"id": "later", "debtor": "acme", "amount": "10000.00", "apply": {"later": "10000.00"}}}],
        }));
        books.evaluate("2024-05-31", false);
        assert_eq!(books.posted(), 500_000);
        assert_eq!(books.evaluate("2024-06-09", false).lines_changed, 0);
        // Nothing was recorded since: only the day has come.
        assert_eq!(books.evaluate("2024-06-10", false).lines_changed, 1);
        assert_eq!(books.posted(), 510_000);
    }
}

#[test]
fn many_portions_are_simulated_as_one_ledger() {
    for db in databases() {
        let mut books = Books::new(&db);
        books.evaluate("2024-05-31", false);
        let before = books.head();
        let rates = json!([{"from": "1900-01-01", "value": [{"from": 1, "to": 3, "rate": "0.02"}, {"from": 3, "rate": "0.04"}]}]);
        let mut doubled: Value = serde_json::from_str(&books.parameters).unwrap();
        doubled["settled-bonus"] = rates;
        let doubled = doubled.to_string();
        let trial = Policy { plugin: &books.rules, parameters: &doubled };
        let span = Span { from: day("2024-01-01"), to: day("2024-05-31"), known_at: KNOWN_NOW, batch_cases: 1, largest: 3 };
        let found = simulate(&mut books.store, &books.ledger, &books.rules, trial, &span, day("2024-06-01")).unwrap();
        assert_eq!((found.cases, found.differing, found.largest.len(), found.known_at), (LETTERS, LETTERS, 3, before));
        // 100.00 and 200.00, 50 times.
        for sum in [&found.total, &found.clauses["LC-1"], &found.people["wang"], &found.units[""]] {
            assert_eq!((sum.before.payable, sum.after.payable, sum.sensitive), (500_000, 1_000_000, false));
        }
        let whole = simulate(&mut books.store, &books.ledger, &books.rules, trial, &Span { batch_cases: 512, ..span }, day("2024-06-01")).unwrap();
        assert_eq!(found, whole, "one portion or several");
        let until_forty = |judged| if judged < 40 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        let stopped = simulate_while(&mut books.store, &books.ledger, &books.rules, trial, &span, day("2024-06-01"), &until_forty);
        assert!(matches!(stopped, Err(EngineError::Stopped)), "{stopped:?}");
        assert_eq!(books.head(), before, "nothing was written");
    }
}
