//! Agreements and milestones: what is refused, what is not repeated, and that evaluating what is new ends where evaluating everything does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use recoup_engine::EngineError;
use recoup_engine::evaluate::{Request, drift, evaluate};
use recoup_engine::facts::{By, Facts, record};
use recoup_host::RulesPlugin;
use recoup_model::Digest;
use recoup_model::id::ProposalId;
use recoup_model::record::{Ledger, Record};
use recoup_model::stacking::{Families, Stacking};
use recoup_store::testing::postgres;
use recoup_store::{CommandMeta, EVERYTHING, LineFilter, Store, StoreError, audit};
use recoup_tests::{ACTOR, day, intake, now, plugins};
use serde_json::{Value, json};

fn memory() -> Store {
    let mut store = Store::open("sqlite::memory:").unwrap();
    store.migrate().unwrap();
    store
}

fn know(store: &mut Store, ledger: &Ledger, facts: &Value) -> Result<Option<i64>, EngineError> {
    let read: Facts = serde_json::from_value(facts.clone()).unwrap();
    record(store, ledger, "test", &read, &facts.to_string(), By::new(ACTOR, now()))
}

fn books() -> Value {
    let claim = |due: &str| json!({"debtor": "acme", "amount": "100000.00", "document_date": due, "due": due});
    json!({
        "people": {"wang": {"name": "王强"}, "li": {"name": "李敏"}},
        "debtors": {"acme": "甲建筑公司"},
        "receivables": {"r1": claim("2022-03-01"), "r2": claim("2020-12-01"), "r3": claim("2023-01-15")},
    })
}

fn agreement(holders: Value) -> Value {
    json!({"agreements": {"e1": {"kind": "entrustment", "from": "2024-01-01", "receivables": ["r1"], "holders": holders}}})
}

#[test]
fn what_contradicts_itself_is_refused_with_its_code() {
    let mut store = memory();
    let ledger = intake::ledger(&mut store, "main", "CNY");
    know(&mut store, &ledger, &books()).unwrap();
    let mut refused = |facts: Value| {
        let error = know(&mut store, &ledger, &facts).unwrap_err();
        (error.code().to_owned(), error.to_string())
    };
    for (holders, says) in [
        (json!({"wang": "33.33", "li": "66.66"}), "agreement e1: the shares sum to 99.99 %, not to 100 %"),
        (json!({"wang": "100", "li": "0"}), "a share of 0 % is not above zero"),
        (json!({"wang": "150", "li": "-50"}), "a share of -50 % is not above zero"),
        (json!({}), "the shares sum to 0 %"),
        (json!({"wang": "33.33333", "li": "66.66667"}), "more than four digits"),
        (json!({"wang": "half", "li": "50"}), "`half` of wang in agreement e1 is no per cent"),
    ] {
        let (code, message) = refused(agreement(holders));
        assert!(code == "agreement.shares" && message.contains(says), "{code}: {message}");
    }
    let stated = |change: &[(&str, Value)]| {
        let mut facts = agreement(json!({"wang": "100"}));
        facts["agreements"]["e1"].as_object_mut().unwrap().extend(change.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
        facts
    };
    assert_eq!(refused(agreement(json!({"zhao": "100"}))).0, "person.unknown");
    assert_eq!(refused(stated(&[("receivables", json!(["r9"]))])).0, "receivable.unknown");
    assert_eq!(refused(stated(&[("to", json!("2023-12-31"))])).0, "agreement.dates");
    assert_eq!(refused(stated(&[("kind", json!("Entrustment "))])).0, "agreement.kind");
    assert_eq!(refused(stated(&[("terms", json!({"rate": {"decimal": "5 %"}}))])).0, "agreement.terms");
    assert_eq!(refused(stated(&[("terms", json!({"fee": {"word": "Fixed"}}))])).0, "agreement.terms");
    assert_eq!(refused(stated(&[("terms", json!({"Rate": {"decimal": "0.05"}}))])).0, "agreement.terms");
    assert_eq!(refused(stated(&[("obligors", json!({"nobody": "guarantor"}))])).0, "agreement.obligors");
    assert_eq!(refused(stated(&[("obligors", json!({"acme": "Guarantor"}))])).0, "agreement.obligors");
    let role = |scope: Value| json!({"roles": [{"person": "wang", "role": "introducer", "from": "2024-01-01", "agreement": scope["agreement"], "contract": scope["contract"]}]});
    assert_eq!(refused(role(json!({"agreement": "e9"}))).0, "role.unknown_scope");
    assert_eq!(refused(role(json!({"agreement": "e1", "contract": "c1"}))).0, "role.scope");
    let happened = |milestone: Value| json!({"events": [{"on": "2024-05-01", "milestone": milestone}]});
    assert_eq!(refused(happened(json!({"id": "m1", "kind": "ruling"}))).0, "milestone.about");
    assert_eq!(refused(happened(json!({"id": "m1", "kind": "ruling", "receivable": "r1", "agreement": "e1"}))).0, "milestone.about");
    assert_eq!(refused(happened(json!({"id": "m1", "kind": "ruling", "receipt": "p9"}))).0, "milestone.about");
    assert_eq!(refused(happened(json!({"id": "m1", "kind": "ruling!", "receivable": "r1"}))).0, "milestone.kind");
    assert_eq!(refused(happened(json!({"id": "m1", "kind": "ruling", "receivable": "r1", "amount": "-1.00"}))).0, "milestone.amount");
    assert_eq!(refused(happened(json!({"id": "m1", "kind": "ruling", "receivable": "r1", "person": "zhao"}))).0, "person.unknown");
}

#[test]
fn what_stands_is_not_repeated_and_what_is_said_again_holds() {
    let mut store = memory();
    let ledger = intake::ledger(&mut store, "main", "CNY");
    know(&mut store, &ledger, &books()).unwrap();
    let mut facts = agreement(json!({"wang": "50", "li": "50.00"}));
    let milestone = |on: &str, amount: &str| json!({"on": on, "milestone": {"id": "m1", "kind": "ruling", "receivable": "r1", "amount": amount}});
    // Of two statements of one file the last one holds.
    facts["events"] = json!([milestone("2024-05-01", "5.00"), milestone("2024-05-02", "6.00")]);
    assert!(know(&mut store, &ledger, &facts).unwrap().is_some());
    assert_eq!(know(&mut store, &ledger, &facts).unwrap(), None);
    let milestones = |store: &mut Store| store.read(ledger.id, |view| view.milestones(None, EVERYTHING)).unwrap();
    assert_eq!(milestones(&mut store).iter().map(|m| (m.on, m.amount)).collect::<Vec<_>>(), [(day("2024-05-02"), Some(600))]);
    let moved = json!({"events": [{"on": "2024-05-02", "milestone": {"id": "m1", "kind": "ruling", "receivable": "r2", "amount": "6.00"}}]});
    assert_eq!(know(&mut store, &ledger, &moved).unwrap_err().code(), "milestone.moved");
    let agreements = store.read(ledger.id, |view| view.agreements(None, EVERYTHING)).unwrap();
    assert_eq!(agreements[0].holders.iter().map(|h| h.share.to_string()).collect::<Vec<_>>(), ["50 %", "50 %"]);
    // Said again with other shares, it is what it now says.
    know(&mut store, &ledger, &agreement(json!({"li": "100"}))).unwrap();
    let agreements = store.read(ledger.id, |view| view.agreements(None, EVERYTHING)).unwrap();
    assert_eq!((agreements.len(), agreements[0].holders.iter().count()), (1, 1));
    let mut scratch = Store::open("sqlite::memory:").unwrap();
    assert!(audit::rebuild(&mut store, ledger.id, &mut scratch).unwrap().is_proof());
}

#[test]
fn an_agreement_without_holders_binds_somebody_and_people_have_roles_for_it() {
    let mut store = memory();
    let ledger = intake::ledger(&mut store, "main", "CNY");
    know(&mut store, &ledger, &books()).unwrap();
    let bound = json!({
        "agreements": {"d1": {"kind": "loan", "from": "2024-01-01", "receivables": ["r1"], "obligors": {"acme": "borrower"}}},
        "roles": [{"person": "wang", "role": "introducer", "agreement": "d1", "from": "2024-01-01"}],
    });
    assert!(know(&mut store, &ledger, &bound).unwrap().is_some());
    assert_eq!(know(&mut store, &ledger, &bound).unwrap(), None);
    let (agreements, roles) = store.read(ledger.id, |view| Ok::<_, EngineError>((view.agreements(None, EVERYTHING)?, view.roles(EVERYTHING)?))).unwrap();
    assert!(agreements[0].holders.is_empty());
    assert_eq!(agreements[0].obligors.iter().map(|o| o.role.as_str()).collect::<Vec<_>>(), ["borrower"]);
    assert_eq!(roles[0].scope.parts(), ("agreement", agreements[0].id.0));
    let mut scratch = Store::open("sqlite::memory:").unwrap();
    assert!(audit::rebuild(&mut store, ledger.id, &mut scratch).unwrap().is_proof());
}

/// What might happen: what, on which day, known how many days later, to which claim or receipt, how much.
type Raw = (u8, u64, u64, usize, i64);

/// Facts with the day on which they become known.
type Step = (NaiveDate, Value);

fn yuan(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn histories() -> impl Strategy<Value = Vec<Step>> {
    let late = prop_oneof![3 => Just(0_u64), 1 => 1_u64..90];
    prop::collection::vec((0_u8..10, 0_u64..200, late, 0_usize..6, 1_i64..4_000_000), 1..22).prop_map(history)
}

fn history(mut raw: Vec<Raw>) -> Vec<Step> {
    let first = day("2023-08-01");
    raw.sort_by_key(|(_, on, late, ..)| on + late);
    let holders = json!({"wang": "60", "li": "40"});
    let agreed = json!({"agreements": {
        "e1": {"kind": "entrustment", "from": "2023-08-15", "to": "2024-01-31", "receivables": ["r1", "r2"], "holders": holders},
        "k1": {"kind": "recovery-contract", "from": "2023-01-01", "to": "2023-12-31", "receivables": ["r1", "r2", "r3"], "holders": holders,
            "terms": {"target": {"money": "20000.00"}, "rate": {"decimal": "0.05"}}},
        "x1": {"kind": "executive", "from": "2023-01-01", "to": "2023-12-31", "receivables": ["r2", "r3"], "holders": {"li": "100"},
            "terms": {"target": {"money": "60000.00"}, "salary": {"money": "100000.00"}}},
        "i1": {"kind": "late-payment", "from": "2023-01-01", "receivables": ["r1", "r2", "r3"], "obligors": {"acme": "debtor"},
            "terms": {"claim": {"word": "interest"}}},
    }});
    let mut steps = vec![(first, books()), (first, agreed)];
    let mut open = [10_000_000_i64; 3];
    // Receipts with their day, whether they are goods, and whether they were taken back.
    let mut receipts: Vec<(NaiveDate, bool, bool)> = Vec::new();
    for (number, (what, on, late, which, amount)) in raw.into_iter().enumerate() {
        let on = first + Days::new(on);
        let known = on + Days::new(late);
        let claim = which % 3;
        let receipt = (!receipts.is_empty()).then(|| which % receipts.len());
        let of_agreement = |kind: &str, person: &str| json!({"id": format!("m{number}"), "kind": kind, "agreement": "k1", "person": person});
        let event = match (what, receipt) {
            (0..=3, _) => {
                let applied = amount.min(open[claim]);
                open[claim] -= applied;
                receipts.push((on, what == 3, false));
                let (id, means) = (format!("p{}", receipts.len() - 1), if what == 3 { "in-kind" } else { "cash" });
                let to = if applied > 0 { json!({format!("r{}", claim + 1): yuan(applied)}) } else { json!({}) };
                json!({"on": on, "receive": {"id": id, "amount": yuan(amount), "means": means, "apply": to}})
            }
            (4, Some(n)) if !receipts[n].2 && receipts[n].0 <= known => {
                receipts[n].2 = true;
                json!({"on": on.max(receipts[n].0), "bounce": format!("p{n}")})
            }
            (5..=7, Some(n)) if receipts[n].0 <= known && (what == 5 || receipts[n].1) => {
                let kind = ["designated-account", "ruling", "realised"][usize::from(what - 5)];
                // Said twice of one receipt, the later word holds; sometimes that it never happened.
                let withdrawn = amount % 5 == 0;
                json!({"on": on, "milestone": {"id": format!("{kind}-{n}"), "kind": kind, "receipt": format!("p{n}"), "amount": yuan(amount), "withdrawn": withdrawn}})
            }
            (8, _) => json!({"on": on, "milestone": of_agreement("published", "wang")}),
            (9, _) => json!({"on": on, "milestone": of_agreement(if amount % 2 == 0 { "objection" } else { "objection-closed" }, "li")}),
            _ => continue,
        };
        steps.push((known, json!({"events": [event]})));
    }
    steps
}

struct Packs([(RulesPlugin, String); 3]);

impl Packs {
    fn load() -> Self {
        let bands = json!([{"from": 1, "to": 3, "rate": "0.02"}, {"from": 3, "rate": "0.04"}]);
        let with = |pack: &str, stated: Value| {
            let rules = plugins::rules(pack);
            let mut all = rules.description().default_parameters.clone();
            all.as_object_mut().unwrap().extend(stated.as_object().unwrap().clone());
            (rules, all.to_string())
        };
        let rate = |one_year: &str| json!({"one-year": one_year, "over-five-years": "0.05"});
        let rates = json!([{"from": "2020-01-01", "value": rate("0.0365")}, {"from": "2023-11-17", "value": rate("0.0345")}]);
        let interest = json!({"day-basis": "actual-360", "tenor": "one-year", "reference-rates": rates});
        Self([
            with("group-incentive", json!({"cash-rates": bands, "in-kind-rates": bands})),
            with("annual-contract", json!({"notice-days": 7})),
            with("overdue-interest", interest),
        ])
    }
}

/// That the bonuses of both packs are earned on one application, as if two people had agreed on it.
fn stack(store: &mut Store, ledger: &Ledger) {
    let families = Families::new("group-incentive", "annual-contract").unwrap();
    let stacking = Stacking { families, from: day("2020-01-01"), to: None, request: ProposalId::from_parts(&[b"stacking"]) };
    let meta = CommandMeta { kind: "found".into(), input: Digest::of(b"stacking"), actor: ACTOR.into(), recorded_at: now() };
    store.transact::<_, StoreError>(ledger.id, &meta, |tx| tx.append(&[Record::Stacking(stacking.clone()).into()])).unwrap();
}

/// Records what is known by each day and evaluates what is new; what is posted in the end, net.
fn play(store: &mut Store, packs: &Packs, steps: &[Step], days: &[NaiveDate]) -> BTreeMap<String, i64> {
    let ledger = intake::ledger(store, "main", "CNY");
    stack(store, &ledger);
    let mut steps = steps.iter().peekable();
    for today in days {
        while let Some((_, facts)) = steps.next_if(|(known, _)| known <= today) {
            know(store, &ledger, facts).unwrap_or_else(|e| panic!("{e}\n{facts}"));
        }
        for (rules, parameters) in &packs.0 {
            let request = Request { as_of: *today, parameters, full: false, batch_cases: 512, actor: ACTOR, recorded_at: now() };
            let outcome = evaluate(store, rules, &ledger, &request).unwrap();
            assert_eq!(outcome.faults, Vec::new(), "no case is set aside");
            assert_eq!(drift(store, rules, &ledger, &Request { full: true, ..request }).unwrap(), 0, "what is new is all that changed, on {today}");
        }
    }
    assert!(steps.next().is_none());
    let mut scratch = Store::open("sqlite::memory:").unwrap();
    assert!(audit::rebuild(store, ledger.id, &mut scratch).unwrap().is_proof());
    store
        .read(ledger.id, |view| {
            // The id of an application has its place in the log in it: lines are told apart by the rest.
            let lines = view.lines(LineFilter::default(), EVERYTHING)?;
            let names: BTreeMap<_, _> = lines.into_iter().map(|l| (l.id, format!("{} {} {}", l.key.case.subject, l.key.clause, l.key.to.parts().1))).collect();
            let mut nets: BTreeMap<String, i64> = BTreeMap::new();
            for (line, m) in view.posted(LineFilter::default(), EVERYTHING)? {
                *nets.entry(format!("{} on {} {}", names[&line], m.on, m.balance)).or_default() += m.amount;
            }
            nets.retain(|_, amount| *amount != 0);
            Ok::<_, EngineError>(nets)
        })
        .unwrap()
}

/// Every week, every quarter, once.
fn schedules() -> [Vec<NaiveDate>; 3] {
    let (first, last) = (day("2023-08-01"), day("2024-06-30"));
    let every = |n: usize| -> Vec<NaiveDate> { first.iter_days().step_by(n).take_while(|d| *d < last).chain([last]).collect() };
    [every(7), every(91), vec![last]]
}

fn holds(steps: &[Step], fresh: impl Fn() -> Store) -> Result<(), TestCaseError> {
    let packs = Packs::load();
    let [often, seldom, once] = schedules().map(|days| play(&mut fresh(), &packs, steps, &days));
    prop_assert_eq!(&often, &once);
    prop_assert_eq!(&seldom, &once);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edge_20_every_schedule_of_evaluation_ends_in_the_same_and_what_is_new_is_all_that_changes(steps in histories()) {
        holds(&steps, memory)?;
    }
}

#[test]
fn edge_20_so_it_is_on_postgres() {
    let steps = histories().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let databases = [postgres(), postgres(), postgres()];
    let next = std::cell::Cell::new(0);
    let fresh = || {
        let db = &databases[next.replace(next.get() + 1)];
        db.store()
    };
    holds(&steps, fresh).unwrap();
}

/// Without this the law above might hold because nothing is ever due.
#[test]
fn the_histories_make_every_kind_of_line_due() {
    let (packs, mut runner) = (Packs::load(), TestRunner::deterministic());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60 {
        let steps = histories().new_tree(&mut runner).unwrap().current();
        let nets = play(&mut memory(), &packs, &steps, &schedules()[2]);
        seen.extend(nets.into_keys().filter_map(|k| Some((k.split(' ').nth(1)?.to_owned(), k.rsplit(' ').next()?.to_owned()))));
    }
    for wanted in [
        ("GI-2", "contingent"),
        ("GI-2", "payable"),
        ("AC-1", "contingent"),
        ("AC-1", "payable"),
        ("AC-2", "payable"),
        ("AC-4", "payable"),
        ("OI-1", "payable"),
    ] {
        assert!(seen.iter().any(|(c, b)| (c.as_str(), b.as_str()) == wanted), "{wanted:?} is not among {seen:?}");
    }
}
