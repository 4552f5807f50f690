//! Edge 43: a component that takes another's place while a run is active, and two packs that claim the same receipt.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;

use recoup_engine::EngineError;
use recoup_engine::evaluate::{Outcome, Request, evaluate, evaluate_while, policy_in_force};
use recoup_engine::facts::{By, Facts, record};
use recoup_host::RulesPlugin;
use recoup_model::record::Ledger;
use recoup_store::testing::{TestDb, databases};
use recoup_store::{EVERYTHING, LineFilter, Store};
use recoup_tests::{ACTOR, day, intake, now, paths, plugins};
use serde_json::{Value, json};

const LEGACY: &str = "legacy-construction";

/// A receipt of 333,333.33 on a debt that a letter and an entrustment cover.
fn books(db: &TestDb, code: &str) -> (Store, Ledger) {
    let mut store = db.store();
    let ledger = intake::ledger(&mut store, code, "CNY");
    let facts = json!({
        "people": {"wang": {"name": "王强"}, "li": {"name": "李敏"}},
        "debtors": {"acme": "甲建筑公司"},
        "receivables": {"r1": {"debtor": "acme", "amount": "500000.00", "document_date": "2022-02-28", "due": "2022-02-28"}},
        "letters": {"l1": {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["r1"], "shares": {"wang": 1}}},
        "agreements": {"e1": {"kind": "entrustment", "from": "2024-01-01", "receivables": ["r1"], "holders": {"li": "100"}}},
        "events": [
            {"on": "2024-05-31", "receive": {"id": "p1", "debtor": "acme", "amount": "333333.33", "apply": {"r1": "333333.33"}}},
            {"on": "2024-05-31", "milestone": {"id": "m1", "kind": "designated-account", "receipt": "p1"}},
        ],
    });
    let text = facts.to_string();
    let facts: Facts = serde_json::from_value(facts).unwrap();
    record(&mut store, &ledger, "test", &facts, &text, By { actor: ACTOR, at: now(), once: None }).unwrap();
    (store, ledger)
}

fn parameters(rules: &RulesPlugin, stated: &Value) -> String {
    let mut all = rules.description().default_parameters.clone();
    all.as_object_mut().unwrap().extend(stated.as_object().unwrap().clone());
    all.to_string()
}

fn request(parameters: &str) -> Request<'_> {
    Request { as_of: day("2024-05-31"), parameters, full: false, batch_cases: 1, actor: ACTOR, recorded_at: now() }
}

/// What stands, in minor units, by pack and clause.
fn standing(store: &mut Store, ledger: &Ledger) -> BTreeMap<(String, String), i64> {
    let lines = store.read(ledger.id, |view| view.lines(LineFilter::default(), EVERYTHING)).unwrap();
    lines.into_iter().map(|line| ((line.key.case.pack, line.key.clause), line.amount)).collect()
}

/// The same component under another digest: a section that says nothing is at its end.
fn upgraded() -> RulesPlugin {
    let mut bytes = std::fs::read(paths::component(LEGACY)).unwrap();
    bytes.extend([0, 5, 4, b'n', b'o', b't', b'e']);
    plugins::host().load(&bytes).unwrap().into_rules().unwrap()
}

#[test]
fn edge_43_a_run_under_a_component_that_was_replaced_meanwhile_writes_nothing() {
    for db in databases() {
        let (mut store, ledger) = books(&db, "main");
        let (old, new) = (plugins::rules(LEGACY), upgraded());
        assert_ne!(old.digest(), new.digest());
        let parameters = parameters(&old, &json!({}));
        let other = Mutex::new(db.store());
        let won: Mutex<Option<Outcome>> = Mutex::new(None);
        let meanwhile = |_: u64| {
            let outcome = evaluate(&mut other.lock().unwrap(), &new, &ledger, &request(&parameters)).unwrap();
            *won.lock().unwrap() = Some(outcome);
            ControlFlow::Continue(())
        };
        let lost = evaluate_while(&mut store, &old, &ledger, &request(&parameters), &meanwhile);
        assert!(matches!(lost, Err(EngineError::EvaluationRace(_))), "{lost:?}");
        let position = won.into_inner().unwrap().unwrap().position.unwrap();
        let (head, in_force) = store.read(ledger.id, |view| Ok::<_, EngineError>((view.head().position, policy_in_force(view, LEGACY, EVERYTHING)?))).unwrap();
        assert_eq!(head, position, "the run that lost wrote nothing");
        assert_eq!(in_force.unwrap().component, new.digest());
        // 333,333.33 × 1 % at 2 years.
        assert_eq!(standing(&mut store, &ledger), [((LEGACY.to_owned(), "LC-1".to_owned()), 333_333)].into());
    }
}

#[test]
fn edge_43_two_packs_that_claim_a_receipt_stand_beside_each_other_in_whichever_order_they_run() {
    let bands = json!([{"from": 1, "to": 3, "rate": "0.02"}, {"from": 3, "rate": "0.04"}]);
    let packs = [(plugins::rules(LEGACY), json!({})), (plugins::rules("group-incentive"), json!({"cash-rates": bands, "in-kind-rates": bands}))];
    let packs = packs.map(|(rules, stated)| (parameters(&rules, &stated), rules));
    // 333,333.33 × 1 %, and × 2 %.
    let wanted = [((LEGACY.to_owned(), "LC-1".to_owned()), 333_333), (("group-incentive".to_owned(), "GI-2".to_owned()), 666_667)];
    for db in databases() {
        for (code, order) in [("one", [0, 1]), ("two", [1, 0])] {
            let (mut store, ledger) = books(&db, code);
            for at in order {
                let (parameters, rules) = &packs[at];
                let outcome = evaluate(&mut store, rules, &ledger, &request(parameters)).unwrap();
                assert_eq!((outcome.lines_changed, outcome.faults.len()), (1, 0), "{code}");
            }
            assert_eq!(standing(&mut store, &ledger), wanted.clone().into(), "{code}");
            let again = evaluate(&mut store, &packs[0].1, &ledger, &request(&packs[0].0)).unwrap();
            assert_eq!(again.position, None, "what another pack wrote touches no case of this one");
        }
    }
}
