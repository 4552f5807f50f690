//! What an evaluation that looks only at what was touched must get right: the same cases in the same order as a full
//! one, and subjects that make no case any more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use recoup_engine::evaluate::{Outcome, Request, drift, evaluate};
use recoup_engine::facts::{By, Facts, record};
use recoup_host::RulesPlugin;
use recoup_model::due::Basis;
use recoup_model::record::Ledger;
use recoup_store::testing::{TestDb, databases};
use recoup_store::{EVERYTHING, LineFilter, Store};
use recoup_tests::{ACTOR, day, intake, now, plugins};
use serde_json::{Value, json};

struct Books {
    store: Store,
    ledger: Ledger,
    rules: RulesPlugin,
    parameters: String,
    as_of: &'static str,
}

impl Books {
    fn new(db: &TestDb, facts: Value, as_of: &'static str) -> Self {
        let (mut store, rules) = (db.store(), plugins::rules("legacy-construction"));
        let ledger = intake::ledger(&mut store, "main", "CNY");
        let parameters = rules.description().default_parameters.to_string();
        let mut books = Self { store, ledger, rules, parameters, as_of };
        books.know(facts);
        books
    }

    fn know(&mut self, facts: Value) {
        let text = facts.to_string();
        let facts: Facts = serde_json::from_value(facts).unwrap();
        record(&mut self.store, &self.ledger, "test", &facts, &text, By { actor: ACTOR, at: now(), once: None }).unwrap();
    }

    /// Evaluates what was touched (the first time, everything), and demands that a full evaluation would say the same.
    fn evaluate(&mut self) -> Outcome {
        let request = Request { as_of: day(self.as_of), parameters: &self.parameters, full: false, batch_cases: 512, actor: ACTOR, recorded_at: now() };
        let outcome = evaluate(&mut self.store, &self.rules, &self.ledger, &request).unwrap();
        assert_eq!(outcome.faults, Vec::new());
        assert_eq!(drift(&mut self.store, &self.rules, &self.ledger, &request).unwrap(), 0, "a full evaluation says something else");
        outcome
    }

    /// What is posted net per clause and receipt, in minor units, where it is not zero.
    fn nets(&mut self) -> BTreeMap<String, i64> {
        let read = self.store.read(self.ledger.id, |view| {
            let lines = view.lines(LineFilter::default(), EVERYTHING)?;
            let entries = view.entries(recoup_store::EntryFilter { receivables: None, receipts: None }, None, EVERYTHING)?;
            let receipts = view.receipts(None, EVERYTHING)?;
            let receipt_of = |basis: &Basis| match basis {
                Basis::Entry(id) => {
                    let entry = entries.iter().find(|e| e.id == *id).unwrap();
                    receipts.iter().find(|r| Some(r.id) == entry.receipt).map_or_else(String::new, |r| r.reference.clone())
                }
                _ => String::new(),
            };
            let named: Vec<_> = lines.iter().map(|l| (l.id, format!("{} {}", l.key.clause, receipt_of(&l.key.basis)))).collect();
            let mut nets = BTreeMap::new();
            for (line, movement) in view.posted(LineFilter::default(), EVERYTHING)? {
                let name = named.iter().find(|(id, _)| *id == line).map(|(_, name)| name.clone()).unwrap();
                *nets.entry(name).or_insert(0) += movement.amount;
            }
            Ok::<_, recoup_engine::EngineError>(nets)
        });
        read.unwrap()
    }
}

/// A project closed on 2023-12-31 with six debts of 10,000.00 open, and its two people.
fn project() -> Value {
    let claim = || json!({"debtor": "acme", "amount": "10000.00", "document_date": "2022-01-10", "due": "2023-01-10", "contract": "c1"});
    let claims: serde_json::Map<String, Value> = (1..=6).map(|n| (format!("r{n}"), claim())).collect();
    json!({
        "people": {"wang": {"name": "王强", "wages": {"2023": "12000.00"}}, "li": {"name": "李敏", "wages": {"2023": "9000.00"}}},
        "debtors": {"acme": "甲建筑公司"},
        "contracts": {"c1": {"debtor": "acme"}},
        "receivables": claims,
        "roles": [
            {"person": "wang", "role": "project-manager", "contract": "c1", "from": "2022-01-01"},
            {"person": "li", "role": "finance-lead", "contract": "c1", "from": "2022-01-01"},
        ],
        "events": [{"on": "2023-12-31", "close": {"contract": "c1", "recover_by": "2024-06-30"}}],
    })
}

/// The six debts are paid on one day, in an order that is neither that of their keys nor of their ids.
fn paid() -> Vec<Value> {
    let pay = |n: u32| json!({"on": "2024-05-20", "receive": {"id": format!("p{n}"), "amount": "10000.00", "apply": {format!("r{n}"): "10000.00"}}});
    [4, 1, 6, 3, 5, 2].map(pay).to_vec()
}

/// LC-5 gives the fine back on the application that clears the last debt: of several on one day, it must be the same
/// one whichever way the case was found.
#[test]
fn debts_cleared_on_one_day_are_judged_in_one_order_however_the_case_was_found() {
    for db in databases() {
        let mut books = Books::new(&db, project(), "2024-07-10");
        books.know(json!({"events": paid()}));
        books.evaluate();
        let expected = books.nets();
        // 20 % of 144,000.00 and 5 % of 108,000.00, given back whole on one application.
        let sums = |clause: &str| expected.iter().filter(|(k, _)| k.starts_with(clause)).map(|(_, n)| *n).collect::<Vec<_>>();
        assert_eq!((sums("LC-4"), sums("LC-5")), (vec![-3_420_000], vec![3_420_000]), "{expected:?}");
        // Found again by a person's role, by a wage, and by a claim: nothing changes.
        for touch in [
            json!({"roles": [{"person": "wang", "role": "collector", "contract": "c1", "from": "2024-06-01"}]}),
            json!({"people": {"li": {"name": "李敏", "wages": {"2024-06": "9100.00"}}}}),
            json!({"events": [{"on": "2024-07-01", "stage": {"r5": "settled"}}]}),
        ] {
            books.know(touch.clone());
            let outcome = books.evaluate();
            assert_eq!((outcome.cases > 0, outcome.postings, outcome.lines_changed), (true, 0, 0), "{touch}");
        }
        assert_eq!(books.nets(), expected);
    }
}

/// A letter that begins only after the day of evaluation makes no case: what it was worth before goes, on the same day.
#[test]
fn what_a_subject_was_worth_goes_when_it_makes_no_case_any_more() {
    let letter = |from: &str| json!({"letters": {"l1": {"from": from, "deadline": "2024-12-31", "receivables": ["r1"], "shares": {"wang": 1}}}});
    for db in databases() {
        let facts = json!({
            "people": {"wang": {"name": "王强"}},
            "debtors": {"acme": "甲建筑公司"},
            "receivables": {"r1": {"debtor": "acme", "amount": "2000000.00", "document_date": "2019-06-30", "due": "2019-06-30"}},
            "events": [{"on": "2024-03-15", "receive": {"id": "p1", "amount": "1200000.00", "apply": {"r1": "1200000.00"}}}],
        });
        let mut books = Books::new(&db, facts, "2024-06-30");
        books.know(letter("2024-01-01"));
        books.evaluate();
        // LC-1, 4 years: 3 % of 1,200,000.00.
        assert_eq!(books.nets(), BTreeMap::from([("LC-1 p1".to_owned(), 3_600_000)]));
        books.know(letter("2024-09-01"));
        let outcome = books.evaluate();
        assert!(outcome.postings > 0, "{outcome:?}");
        assert_eq!(books.nets(), BTreeMap::new());
    }
}

/// A hand-over at the end of a month: whoever held the role holds it on its last day, which is the day evaluated.
#[test]
fn a_role_or_a_sanction_that_ends_on_the_day_evaluated_leaves_nothing_to_evaluate() {
    for db in databases() {
        let role = |person: &str, from: &str, to: Option<&str>| json!({"person": person, "role": "responsible", "letter": "l1", "from": from, "to": to});
        let facts = json!({
            "people": {"wang": {"name": "王强"}, "li": {"name": "李敏"}},
            "debtors": {"acme": "甲建筑公司"},
            "receivables": {"r1": {"debtor": "acme", "amount": "1000000.00", "document_date": "2019-06-30", "due": "2019-06-30"}},
            "letters": {"l1": {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["r1"]}},
            "roles": [role("wang", "2024-01-01", Some("2024-04-30")), role("li", "2024-05-01", None)],
            "agreements": {"a1": {"kind": "sales-target", "from": "2024-01-01", "to": "2024-12-31", "receivables": ["r1"], "holders": {"li": "100"},
                "terms": {"target": {"money": "100.00"}}}},
            "events": [{"on": "2024-03-01", "sanction": {"id": "s1", "kind": "demerit", "person": "li", "agreement": "a1", "until": "2024-04-30", "why": "w"}}],
        });
        let mut books = Books::new(&db, facts, "2024-04-30");
        books.evaluate();
        let touched = |books: &mut Books, as_of: &str| {
            let last = books.store.read(books.ledger.id, |view| view.last_evaluated("legacy-construction")).unwrap().unwrap().0;
            books.store.read(books.ledger.id, |view| view.touched(last.known_at, Some(last.as_of), day(as_of))).unwrap()
        };
        assert!(touched(&mut books, "2024-04-30").is_empty());
        let next = touched(&mut books, "2024-05-01");
        assert!(!next.is_empty(), "on the next day somebody else answers");
    }
}
