//! Edge 43: a component that takes another's place while a run is active, and two packs that claim the same receipt.
//! Bonuses of both are earned only where somebody approved that they stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[allow(dead_code, reason = "each test uses what it needs")]
mod books;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;

use books::someone;
use recoup_engine::EngineError;
use recoup_engine::access::Caller;
use recoup_engine::approval::{Asked, Wanted, ask, asked_under, decide, put_in_force};
use recoup_engine::evaluate::{Outcome, Policy, Request, Simulation, Span, drift, evaluate, evaluate_while, policy_in_force, simulate};
use recoup_engine::facts::{By, Facts, Once, record};
use recoup_host::RulesPlugin;
use recoup_model::Digest;
use recoup_model::access::{Role, Verdict};
use recoup_model::record::Ledger;
use recoup_store::testing::{TestDb, databases};
use recoup_store::{EVERYTHING, LineFilter, Store, audit};
use recoup_tests::{ACTOR, day, intake, now, paths, plugins};
use serde_json::{Value, json};

const LEGACY: &str = "legacy-construction";

/// A receipt of 333,333.33 on a debt that a letter and an entrustment cover.
fn claimed_twice(db: &TestDb, code: &str) -> (Store, Ledger) {
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
    know(&mut store, &ledger, facts);
    (store, ledger)
}

fn know(store: &mut Store, ledger: &Ledger, facts: Value) {
    let text = facts.to_string();
    let facts: Facts = serde_json::from_value(facts).unwrap();
    record(store, ledger, "test", &facts, &text, By::new(ACTOR, now())).unwrap();
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

/// What is earned: what stands and was not withdrawn.
fn earned(store: &mut Store, ledger: &Ledger) -> Vec<(String, i64)> {
    let lines = store.read(ledger.id, |view| view.lines(LineFilter::default(), EVERYTHING)).unwrap();
    let mut earned: Vec<_> = lines.into_iter().filter(|line| !line.withdrawn).map(|line| (line.key.clause, line.amount)).collect();
    earned.sort();
    earned
}

fn clause(id: &str, amount: i64) -> (String, i64) {
    (id.to_owned(), amount)
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
        let (mut store, ledger) = claimed_twice(&db, "main");
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

/// Both packs with the rates that make 333,333.33 earn 1 % = 3,333.33 under LC-1, and 2 % = 6,666.67 under GI-2.
struct Packs([(String, RulesPlugin); 2]);

const LC: usize = 0;
const GI: usize = 1;

impl Packs {
    fn load() -> Self {
        let bands = json!([{"from": 1, "to": 3, "rate": "0.02"}, {"from": 3, "rate": "0.04"}]);
        let packs = [(plugins::rules(LEGACY), json!({})), (plugins::rules("group-incentive"), json!({"cash-rates": bands, "in-kind-rates": bands}))];
        Self(packs.map(|(rules, stated)| (parameters(&rules, &stated), rules)))
    }

    fn evaluate(&self, which: usize, (store, ledger): (&mut Store, &Ledger), as_of: &str) -> Outcome {
        let (parameters, rules) = &self.0[which];
        let request = Request { as_of: day(as_of), ..request(parameters) };
        let outcome = evaluate(store, rules, ledger, &request).unwrap();
        assert_eq!(drift(store, rules, ledger, &request).unwrap(), 0, "a full evaluation says the same");
        outcome
    }
}

impl Packs {
    /// What a pack would come to over May, as known at a position.
    fn simulate(&self, which: usize, (store, ledger): (&mut Store, &Ledger), known_at: i64) -> Simulation {
        let (parameters, rules) = &self.0[which];
        let span = Span { from: day("2024-05-01"), to: day("2024-05-31"), known_at, batch_cases: 1, largest: 10 };
        simulate(store, ledger, rules, Policy { plugin: rules, parameters }, &span, day("2024-06-01")).unwrap()
    }
}

/// Carol and dora, who approve what stacks.
fn approvers(store: &mut Store, ledger: &Ledger) -> [Caller; 2] {
    let table = serde_json::from_value(json!({"from": "2024-01-01", "row": [{"kind": "stacking", "approvers": ["carol", "dora"]}]})).unwrap();
    let approvers = ["carol", "dora"].map(|login| someone(store, login, Role::Approver, true));
    put_in_force(store, ledger, &table, By::new(ACTOR, now())).unwrap();
    approvers
}

fn asks(store: &mut Store, ledger: &Ledger, who: &Caller, families: [&str; 2], (from, to): (&str, Option<&str>)) -> Result<Asked, EngineError> {
    ask(store, ledger, who, &Wanted::Stacking { families, from: day(from), to: to.map(day) }, None, By::new(who.login(), now()))
}

fn approves(store: &mut Store, ledger: &Ledger, who: &Caller, asked: Asked) -> Result<Option<i64>, EngineError> {
    decide(store, ledger, who, asked.request, Verdict::Approve, By::new(who.login(), now()))
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.faults.iter().map(|fault| fault.code.as_str()).collect()
}

fn proves(store: &mut Store, ledger: &Ledger) {
    let mut scratch = Store::open("sqlite::memory:").unwrap();
    assert!(audit::rebuild(store, ledger.id, &mut scratch).unwrap().is_proof());
}

const BOTH: [&str; 2] = ["group-incentive", LEGACY];

#[test]
fn edge_43_of_two_packs_that_claim_a_receipt_the_later_is_set_aside_until_they_are_approved_to_stack() {
    let packs = Packs::load();
    let lines = [clause("LC-1", 333_333), clause("GI-2", 666_667)];
    for db in databases() {
        for (code, [first, second]) in [("one", [LC, GI]), ("two", [GI, LC])] {
            let (mut store, ledger) = claimed_twice(&db, code);
            let store = &mut store;
            assert_eq!(packs.evaluate(first, (store, &ledger), "2024-05-31").lines_changed, 1, "{code}");
            let outcome = packs.evaluate(second, (store, &ledger), "2024-05-31");
            assert_eq!((outcome.lines_changed, codes(&outcome)), (0, vec!["stacking.not_approved"]), "{code}");
            let detail = &outcome.faults[0].detail;
            let named = [
                "LC-1 of `legacy-construction`",
                "GI-2 of `group-incentive`",
                "application of 2024-05-31",
                "recoup approval ask stacking",
                "--from 2024-05-31",
            ];
            assert!(named.iter().all(|part| detail.contains(part)), "{detail}");
            assert_eq!(earned(store, &ledger), [lines[first].clone()], "what stands keeps standing");
            let again = packs.evaluate(first, (store, &ledger), "2024-05-31");
            assert_eq!(again.position, None, "what another pack is refused touches no case of this one");

            let [carol, dora] = approvers(store, &ledger);
            let asked = asks(store, &ledger, &carol, BOTH, ("2024-05-31", None)).unwrap();
            approves(store, &ledger, &dora, asked).unwrap().unwrap();
            assert_eq!(earned(store, &ledger), [lines[first].clone()], "the next evaluation judges it");
            let outcome = packs.evaluate(second, (store, &ledger), "2024-05-31");
            assert_eq!((outcome.lines_changed, codes(&outcome)), (1, vec![]), "{code}");
            assert_eq!(earned(store, &ledger), [lines[GI].clone(), lines[LC].clone()], "{code}");
            for which in [first, second] {
                assert_eq!(packs.evaluate(which, (store, &ledger), "2024-05-31").position, None, "{code}");
            }
            proves(store, &ledger);
        }
    }
}

#[test]
fn only_the_case_in_question_is_set_aside_and_it_is_judged_again_when_the_other_bonus_goes() {
    let packs = Packs::load();
    for db in databases() {
        let (mut store, ledger) = claimed_twice(&db, "main");
        let store = &mut store;
        know(
            store,
            &ledger,
            json!({
                "receivables": {
                    "r2": {"debtor": "acme", "amount": "200000.00", "document_date": "2022-02-28", "due": "2022-02-28"},
                    "r3": {"debtor": "acme", "amount": "10000.00", "document_date": "2022-02-28", "due": "2022-02-28"},
                },
                "agreements": {"e2": {"kind": "entrustment", "from": "2024-01-01", "receivables": ["r2"], "holders": {"li": "100"}}},
                "events": [
                    {"on": "2024-05-20", "receive": {"id": "p2", "debtor": "acme", "amount": "100000.00", "apply": {"r2": "100000.00"}}},
                    {"on": "2024-05-20", "milestone": {"id": "m2", "kind": "designated-account", "receipt": "p2"}},
                ],
            }),
        );
        packs.evaluate(LC, (store, &ledger), "2024-05-31");
        let outcome = packs.evaluate(GI, (store, &ledger), "2024-05-31");
        assert_eq!((outcome.cases, codes(&outcome)), (2, vec!["stacking.not_approved"]));
        // 100,000.00 × 2 % beside 333,333.33 × 1 %.
        let before = [clause("GI-2", 200_000), clause("LC-1", 333_333)];
        assert_eq!(earned(store, &ledger), before);
        // Another receipt on the other claim is judged as ever.
        know(
            store,
            &ledger,
            json!({"events": [
                {"on": "2024-05-31", "receive": {"id": "p3", "debtor": "acme", "amount": "50000.00", "apply": {"r2": "50000.00"}}},
                {"on": "2024-05-31", "milestone": {"id": "m3", "kind": "designated-account", "receipt": "p3"}},
            ]}),
        );
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), ["stacking.not_approved"]);
        assert_eq!(earned(store, &ledger), [clause("GI-2", 100_000), clause("GI-2", 200_000), clause("LC-1", 333_333)]);

        // The letter covers the claim no more: what it earned goes, and the entrustment earns.
        know(store, &ledger, json!({"letters": {"l1": {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["r3"], "shares": {"wang": 1}}}}));
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), ["stacking.not_approved"], "it stands until its pack is evaluated");
        packs.evaluate(LC, (store, &ledger), "2024-05-31");
        let outcome = packs.evaluate(GI, (store, &ledger), "2024-05-31");
        assert_eq!((outcome.cases, codes(&outcome)), (1, vec![]), "it alone is judged again");
        assert_eq!(earned(store, &ledger), [clause("GI-2", 100_000), clause("GI-2", 200_000), clause("GI-2", 666_667)]);
        proves(store, &ledger);
    }
}

#[test]
fn a_receipt_that_bounced_is_earned_by_neither_and_sets_nothing_aside() {
    let packs = Packs::load();
    for db in databases() {
        let (mut store, ledger) = claimed_twice(&db, "main");
        let store = &mut store;
        packs.evaluate(LC, (store, &ledger), "2024-05-31");
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), ["stacking.not_approved"]);
        know(store, &ledger, json!({"events": [{"on": "2024-06-05", "bounce": "p1"}]}));
        for which in [LC, GI] {
            assert_eq!(codes(&packs.evaluate(which, (store, &ledger), "2024-06-30")), Vec::<&str>::new());
        }
        let nets = store.read::<_, EngineError>(ledger.id, |view| Ok(view.posted(LineFilter::default(), EVERYTHING)?)).unwrap();
        assert_eq!(nets.iter().map(|(_, m)| m.amount).sum::<i64>(), 0);
        proves(store, &ledger);
    }
}

#[test]
fn what_stacks_is_asked_for_once_decided_by_another_and_holds_from_its_day_on() {
    let packs = Packs::load();
    for db in databases() {
        let (mut store, ledger) = claimed_twice(&db, "main");
        let store = &mut store;
        let [carol, dora] = approvers(store, &ledger);
        packs.evaluate(LC, (store, &ledger), "2024-05-31");
        let refused = |asked: Result<Asked, EngineError>| asked.unwrap_err().code().to_owned();
        assert_eq!(refused(asks(store, &ledger, &carol, BOTH, ("2024-05-31", None))), "approval.family", "nothing was evaluated under the other");
        packs.evaluate(GI, (store, &ledger), "2024-05-31");
        assert_eq!(refused(asks(store, &ledger, &carol, [LEGACY, LEGACY], ("2024-05-31", None))), "approval.family", "one family stacks with none");
        let asked = asks(store, &ledger, &carol, BOTH, ("2024-06-01", None)).unwrap();
        let again = asks(store, &ledger, &dora, [LEGACY, "group-incentive"], ("2024-06-01", None)).unwrap();
        assert_eq!((again.request, again.position), (asked.request, None), "whichever is named first");
        let once = Once { key: "of the one who asked again", input: Digest::of(b"stacking") };
        let mut told = |from: &str| {
            let wanted = Wanted::Stacking { families: [LEGACY, "group-incentive"], from: day(from), to: None };
            store.read(ledger.id, |view| asked_under(view, once, (&wanted, None), EVERYTHING)).unwrap()
        };
        assert_eq!([told("2024-06-01"), told("2024-06-02")], [Some(asked.request), None], "a repetition is told of the one that waits");
        let earlier = asks(store, &ledger, &carol, BOTH, ("2024-05-31", None)).unwrap();
        assert_eq!(approves(store, &ledger, &carol, asked).unwrap_err().code(), "access.same_person");
        approves(store, &ledger, &dora, asked).unwrap().unwrap();
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), ["stacking.not_approved"], "the application is of the day before");
        assert_eq!(refused(asks(store, &ledger, &carol, BOTH, ("2024-06-01", None))), "approval.not_needed");
        assert_eq!(approves(store, &ledger, &dora, earlier).unwrap_err().code(), "approval.changed", "it was asked for when nothing stacked");
        decide(store, &ledger, &dora, earlier.request, Verdict::Reject, By::new("dora", now())).unwrap();
        let asked = asks(store, &ledger, &carol, BOTH, ("2024-05-31", None)).unwrap();
        approves(store, &ledger, &dora, asked).unwrap().unwrap();
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), Vec::<&str>::new());
        assert_eq!(earned(store, &ledger), [clause("GI-2", 666_667), clause("LC-1", 333_333)]);
        proves(store, &ledger);
    }
}

/// A simulation earns nothing that an evaluation would set aside, by what was earned and approved as known then.
#[test]
fn edge_43_what_may_not_stack_is_set_aside_in_a_simulation_as_well() {
    let packs = Packs::load();
    for db in databases() {
        let (mut store, ledger) = claimed_twice(&db, "main");
        let store = &mut store;
        let head = |store: &mut Store| store.head(ledger.id).unwrap().unwrap().position;
        let (recorded, alone) = (head(store), packs.simulate(GI, (store, &ledger), EVERYTHING));
        assert_eq!((alone.cases, alone.clauses["GI-2"].after.payable), (1, 666_667), "nobody else earns");

        packs.evaluate(LC, (store, &ledger), "2024-05-31");
        let claimed = head(store);
        let beside = packs.simulate(GI, (store, &ledger), EVERYTHING);
        let aside: Vec<_> = beside.set_aside.iter().map(|s| (s.subject.as_str(), s.on_trial, s.fault.code.as_str())).collect();
        assert_eq!(aside, [("e1", true, "stacking.not_approved")]);
        assert_eq!((beside.cases, beside.differing, beside.total), (0, 0, Default::default()), "it is in no figure");
        assert_eq!(packs.simulate(GI, (store, &ledger), recorded), Simulation { known_at: recorded, ..alone.clone() }, "before, nothing was earned");
        assert_eq!(packs.simulate(LC, (store, &ledger), EVERYTHING).clauses["LC-1"].after.contingent, 333_333, "what stands is not set aside");

        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), ["stacking.not_approved"]);
        let [carol, dora] = approvers(store, &ledger);
        let asked = asks(store, &ledger, &carol, BOTH, ("2024-05-01", Some("2024-05-31"))).unwrap();
        approves(store, &ledger, &dora, asked).unwrap().unwrap();
        let stacked = packs.simulate(GI, (store, &ledger), EVERYTHING);
        assert_eq!((stacked.set_aside, stacked.clauses["GI-2"].after.payable), (Vec::new(), 666_667));
        assert_eq!(packs.simulate(GI, (store, &ledger), claimed).set_aside.len(), 1, "it was not approved then");
    }
}

#[test]
fn what_stacks_up_to_a_day_takes_another_approval_after_it() {
    let packs = Packs::load();
    for db in databases() {
        let (mut store, ledger) = claimed_twice(&db, "main");
        let store = &mut store;
        let [carol, dora] = approvers(store, &ledger);
        packs.evaluate(LC, (store, &ledger), "2024-05-31");
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), ["stacking.not_approved"]);
        let refused = |asked: Result<Asked, EngineError>| asked.unwrap_err().code().to_owned();
        assert_eq!(refused(asks(store, &ledger, &carol, BOTH, ("2024-05-31", Some("2024-05-30")))), "approval.days");

        // Up to the day before the application, and then up to its day.
        let asked = asks(store, &ledger, &carol, BOTH, ("2024-05-01", Some("2024-05-30"))).unwrap();
        approves(store, &ledger, &dora, asked).unwrap().unwrap();
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), ["stacking.not_approved"], "the application is of the day after");
        assert_eq!(refused(asks(store, &ledger, &carol, BOTH, ("2024-05-10", Some("2024-05-30")))), "approval.not_needed");
        let asked = asks(store, &ledger, &carol, BOTH, ("2024-05-01", Some("2024-05-31"))).unwrap();
        approves(store, &ledger, &dora, asked).unwrap().unwrap();
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-05-31")), Vec::<&str>::new());
        assert_eq!(earned(store, &ledger), [clause("GI-2", 666_667), clause("LC-1", 333_333)]);

        // 100,000.00 of June needs another one.
        know(
            store,
            &ledger,
            json!({"events": [
                {"on": "2024-06-10", "receive": {"id": "p2", "debtor": "acme", "amount": "100000.00", "apply": {"r1": "100000.00"}}},
                {"on": "2024-06-10", "milestone": {"id": "m2", "kind": "designated-account", "receipt": "p2"}},
            ]}),
        );
        packs.evaluate(LC, (store, &ledger), "2024-06-30");
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-06-30")), ["stacking.not_approved"]);
        let asked = asks(store, &ledger, &carol, BOTH, ("2024-06-01", None)).unwrap();
        approves(store, &ledger, &dora, asked).unwrap().unwrap();
        assert_eq!(codes(&packs.evaluate(GI, (store, &ledger), "2024-06-30")), Vec::<&str>::new());
        // 100,000.00 × 1 % and × 2 %.
        assert_eq!(earned(store, &ledger), [clause("GI-2", 200_000), clause("GI-2", 666_667), clause("LC-1", 100_000), clause("LC-1", 333_333)]);
        proves(store, &ledger);
    }
}
