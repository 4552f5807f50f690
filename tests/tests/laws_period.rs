//! Closing a period: in order, only when every case is judged, and nothing enters it afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[allow(dead_code, reason = "each test uses what it needs")]
mod books;

use std::ops::ControlFlow;

use books::{Books, closing, posted};
use recoup_engine::EngineError;
use recoup_engine::evaluate::{Request, evaluate};
use recoup_engine::period::close_while;
use recoup_model::calendar::Month;
use recoup_model::due::Balance;
use recoup_model::period::{Close, CloseFault};
use recoup_store::Store;
use recoup_store::testing::databases;
use recoup_tests::{ACTOR, day, now};
use serde_json::json;

#[test]
fn a_close_that_is_to_stop_closes_nothing() {
    for db in databases() {
        let mut books = Books::new(&db);
        let Books { store, ledger, rules, parameters } = &mut books;
        let closing = closing("2024-03", Close::Hard, parameters);
        let position = |store: &mut Store| store.read::<_, EngineError>(ledger.id, |view| Ok(view.head().position)).unwrap();
        let before = position(store);
        let stopped = close_while(store, rules, ledger, &closing, &|_| ControlFlow::Break(())).unwrap_err();
        assert_eq!((stopped.code(), position(store)), ("job.stopped", before), "stopped while it judges what changed");
        // One case is judged for what changed, and one again for the full evaluation.
        let stops_at_second = |judged| if judged < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        assert_eq!(close_while(store, rules, ledger, &closing, &stops_at_second).unwrap_err().code(), "job.stopped");
        assert_eq!(books.closed(), []);
        books.close("2024-03").unwrap().unwrap();
        assert_eq!(books.postings(), [posted("2024-03-15", Balance::Contingent, 3_600_000, "2024-03", None)]);
    }
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
        assert!(matches!(&refused, EngineError::NotReady { failing, .. } if failing.len() == 1), "{refused}");
        assert!(refused.to_string().contains("lc.due_unknown"), "{refused}");
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
