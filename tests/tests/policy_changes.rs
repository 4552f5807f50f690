//! Parameters that change while a ledger is in use: from a day to come at once, of the past by approval alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[allow(dead_code, reason = "each test uses what it needs")]
mod books;

use std::ops::ControlFlow;

use books::{Books, closing, posted, someone};
use recoup_engine::EngineError;
use recoup_engine::access::Caller;
use recoup_engine::approval::{Asked, AuthorityFile, Wanted, ask, decide, put_in_force};
use recoup_engine::evaluate::{Outcome, Request, evaluate, evaluate_while, policy_in_force};
use recoup_engine::facts::By;
use recoup_model::access::{Role, Verdict};
use recoup_model::due::Balance::Contingent;
use recoup_model::due::PolicyInForce;
use recoup_model::id::ProposalId;
use recoup_model::period::Close;
use recoup_store::testing::{TestDb, databases};
use recoup_store::{EVERYTHING, Store};
use recoup_tests::books::EXAMPLE_1;
use recoup_tests::{ACTOR, Site, day, now, paths, plugins};
use serde_json::{Value, json};

/// Rates of the regulation, or twice them.
fn bands(twice: bool) -> Value {
    let [a, b, c, d] = if twice { ["0.02", "0.04", "0.06", "0.08"] } else { ["0.01", "0.02", "0.03", "0.04"] };
    json!([{"from": 1, "to": 3, "rate": a}, {"from": 3, "to": 4, "rate": b}, {"from": 4, "to": 5, "rate": c}, {"from": 5, "rate": d}])
}

/// The ledger of [`Books`], 1,200,000.00 of which came in on 15 March at 3 %, with carol and dora, who approve.
struct Office {
    books: Books,
    carol: Caller,
    dora: Caller,
}

impl Office {
    fn on(db: &TestDb) -> Self {
        let mut books = Books::new(db);
        let [carol, dora] = ["carol", "dora"].map(|login| someone(&mut books.store, login, Role::Approver, true));
        let table: AuthorityFile =
            serde_json::from_value(json!({"from": "2024-01-01", "row": [{"kind": "parameters", "approvers": ["carol", "dora"]}]})).unwrap();
        put_in_force(&mut books.store, &books.ledger, &table, By::new(ACTOR, now())).unwrap();
        Self { books, carol, dora }
    }

    /// From a day on, rates are doubled.
    fn doubled_from(&self, from: &str) -> String {
        let mut all = self.books.rules.description().default_parameters.clone();
        all["settled-bonus"] = json!([{"from": "1900-01-01", "value": bands(false)}, {"from": from, "value": bands(true)}]);
        all.to_string()
    }

    fn evaluate(&mut self, as_of: &str, parameters: &str) -> Result<Outcome, EngineError> {
        let Books { store, ledger, rules, .. } = &mut self.books;
        evaluate(store, rules, ledger, &request(as_of, parameters))
    }

    fn receives(&mut self, id: &str, on: &str) {
        self.books.know(json!({"events": [{"on": on, "receive": {"id": id, "amount": "100000.00", "apply": {"r1": "100000.00"}}}]}));
    }

    fn asks(&mut self, who: &Caller, parameters: &str) -> Result<Asked, EngineError> {
        let Books { store, ledger, rules, .. } = &mut self.books;
        ask(store, ledger, who, &Wanted::Parameters { plugin: rules, parameters }, None, By::new(who.login(), now()))
    }

    fn approves(&mut self, who: &Caller, request: ProposalId) -> Result<Option<i64>, EngineError> {
        decide(&mut self.books.store, &self.books.ledger, who, request, Verdict::Approve, By::new(who.login(), now()))
    }

    fn in_force(&mut self) -> PolicyInForce {
        self.books.store.read(self.books.ledger.id, |view| policy_in_force(view, "legacy-construction", EVERYTHING)).unwrap().unwrap()
    }

    fn position(&mut self) -> i64 {
        self.books.store.read::<_, EngineError>(self.books.ledger.id, |view| Ok(view.head().position)).unwrap()
    }
}

fn request<'a>(as_of: &str, parameters: &'a str) -> Request<'a> {
    Request { as_of: day(as_of), parameters, full: false, batch_cases: 512, actor: ACTOR, recorded_at: now() }
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, EngineError>) -> String {
    result.unwrap_err().code().to_owned()
}

#[test]
fn edge_40_a_rule_effective_in_july_leaves_june_as_it_was_even_when_computed_in_august() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (regulation, doubled) = (office.books.parameters.clone(), office.doubled_from("2024-07-01"));
        office.evaluate("2024-06-30", &regulation).unwrap();
        // Both become known in August: at 4 years 3 %, at 5 years 4 %, doubled from July on.
        office.receives("p2", "2024-06-20");
        office.receives("p3", "2024-07-10");
        office.evaluate("2024-08-31", &doubled).unwrap();
        assert_eq!(
            office.books.postings(),
            [
                posted("2024-03-15", Contingent, 3_600_000, "2024-03", None),
                posted("2024-06-20", Contingent, 300_000, "2024-06", None),
                posted("2024-07-10", Contingent, 800_000, "2024-07", None),
            ]
        );
        assert_eq!(office.in_force().parameters, doubled, "what changes no day that is evaluated takes no approval");
        let carol = office.carol.clone();
        let later = office.doubled_from("2024-09-01");
        assert_eq!(code(office.evaluate("2024-08-31", &later)), "policy.retroactive", "what was in force from July on is taken back");
        assert_eq!(code(office.asks(&carol, &doubled)), "approval.not_needed");
        office.books.prove();
    }
}

#[test]
fn edge_40_a_retroactive_rule_takes_an_approval_and_posts_its_difference_in_the_open_period() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (carol, dora, regulation) = (office.carol.clone(), office.dora.clone(), office.books.parameters.clone());
        let doubled = office.doubled_from("2024-03-01");
        assert_eq!(code(office.asks(&carol, &doubled)), "approval.not_needed", "the first policy of a pack changes nothing");
        for month in ["2024-03", "2024-04"] {
            office.books.close(month).unwrap();
        }
        office.evaluate("2024-05-31", &regulation).unwrap();
        let (before, position) = (office.books.postings(), office.position());
        assert_eq!(before, [posted("2024-03-15", Contingent, 3_600_000, "2024-03", None)]);

        let refused = office.evaluate("2024-06-30", &doubled).unwrap_err();
        assert_eq!(refused.code(), "policy.retroactive");
        let text = refused.to_string();
        let named = ["`legacy-construction`", "up to 2024-05-31", "`settled-bonus` from 2024-03-01 on", r#""rate":"0.03""#, r#""rate":"0.06""#];
        assert!(named.iter().all(|part| text.contains(part)), "{text}");
        assert!(text.contains("date the change after 2024-05-31") && text.contains("recoup approval ask parameters"), "{text}");
        let Books { store, ledger, rules, .. } = &mut office.books;
        let closed = recoup_engine::period::close(store, rules, ledger, &closing("2024-05", Close::Soft, &doubled));
        assert_eq!(code(closed), "policy.retroactive");
        assert_eq!(office.position(), position, "nothing is recorded");

        let asked = office.asks(&carol, &doubled).unwrap();
        let again = office.asks(&dora, &doubled).unwrap();
        assert_eq!((asked.position, again.position, again.request), (Some(position + 1), None, asked.request), "while it waits it is one request");
        assert_eq!(code(office.evaluate("2024-05-31", &doubled)), "policy.retroactive", "it waits");
        assert_eq!(code(office.approves(&carol, asked.request)), "access.same_person");
        assert_eq!(office.approves(&dora, asked.request).unwrap(), Some(position + 2));
        assert_eq!(office.in_force().parameters, doubled, "what is approved is done by the deciding command");
        assert_eq!(office.books.postings(), before, "the next evaluation posts");
        assert!(office.books.check("2024-05")[0].to_string().contains("another policy was put in force since"), "{:?}", office.books.check("2024-05")[0]);
        assert_eq!(code(office.evaluate("2024-05-31", &regulation)), "policy.retroactive", "the way back is no other way");

        // 1,200,000.00 × (6 % − 3 %).
        let done = office.evaluate("2024-05-31", &doubled).unwrap();
        assert_eq!((done.lines_changed, done.postings), (1, 1));
        assert_eq!(office.books.postings()[1..], [posted("2024-03-15", Contingent, 3_600_000, "2024-05", Some("2024-03"))]);
        assert_eq!(office.evaluate("2024-05-31", &doubled).unwrap().position, None);
        let Books { store, ledger, rules, .. } = &mut office.books;
        recoup_engine::period::close(store, rules, ledger, &closing("2024-05", Close::Hard, &doubled)).unwrap().unwrap();
        office.books.prove();
    }
}

#[test]
fn a_request_is_stale_when_another_policy_came_in_force_meanwhile() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (carol, dora, regulation) = (office.carol.clone(), office.dora.clone(), office.books.parameters.clone());
        office.evaluate("2024-05-31", &regulation).unwrap();
        let [march, april] = ["2024-03-01", "2024-04-01"].map(|from| office.doubled_from(from));
        let [first, second] = [&march, &april].map(|parameters| office.asks(&carol, parameters).unwrap());
        // Other days that are evaluated change nothing of what was asked for.
        office.evaluate("2024-06-30", &regulation).unwrap();
        office.approves(&dora, first.request).unwrap();
        assert_eq!(code(office.approves(&dora, second.request)), "approval.changed");
        assert_eq!(office.in_force().parameters, march);
        let anew = office.asks(&carol, &april).unwrap();
        assert_ne!(anew.request, second.request, "in the place of another policy it is another change");
        office.approves(&dora, anew.request).unwrap();
        assert_eq!(office.in_force().parameters, april);
        office.books.prove();
    }
}

/// The same component under another digest: a section that says nothing is at its end.
fn upgraded() -> recoup_host::RulesPlugin {
    let mut bytes = std::fs::read(paths::component("legacy-construction")).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    plugins::host().load(&bytes).unwrap().into_rules().unwrap()
}

#[test]
fn another_component_with_equal_parameters_is_taken_at_once() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (regulation, doubled, upgraded) = (office.books.parameters.clone(), office.doubled_from("2024-03-01"), upgraded());
        office.evaluate("2024-05-31", &regulation).unwrap();
        let Books { store, ledger, .. } = &mut office.books;
        assert_eq!(code(evaluate(store, &upgraded, ledger, &request("2024-05-31", &doubled))), "policy.retroactive");
        let outcome = evaluate(store, &upgraded, ledger, &request("2024-05-31", &regulation)).unwrap();
        assert_eq!((outcome.cases, outcome.lines_changed), (1, 0), "every case is judged by it, to the same end");
        assert_eq!(office.in_force().component, upgraded.digest());
        office.books.prove();
    }
}

#[test]
fn an_evaluation_during_which_a_policy_is_approved_writes_nothing() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (carol, dora, regulation) = (office.carol.clone(), office.dora.clone(), office.books.parameters.clone());
        office.evaluate("2024-05-31", &regulation).unwrap();
        let doubled = office.doubled_from("2024-03-01");
        let asked = office.asks(&carol, &doubled).unwrap();
        office.receives("p2", "2024-05-20");
        let other = std::sync::Mutex::new(db.store());
        let Books { store, ledger, rules, .. } = &mut office.books;
        let meanwhile = |_: u64| {
            let mut other: std::sync::MutexGuard<'_, Store> = other.lock().unwrap();
            decide(&mut other, ledger, &dora, asked.request, Verdict::Approve, By::new("dora", now())).unwrap();
            ControlFlow::Continue(())
        };
        let lost = evaluate_while(store, rules, ledger, &request("2024-05-31", &regulation), &meanwhile);
        assert_eq!(code(lost), "evaluate.race");
        // 1,200,000.00 and 100,000.00 at 6 %.
        office.evaluate("2024-05-31", &doubled).unwrap();
        assert_eq!(office.books.postings().iter().map(|p| p.2).sum::<i64>(), 7_200_000 + 600_000);
        office.books.prove();
    }
}

#[test]
fn over_the_command_line_a_retroactive_change_is_refused_asked_for_and_decided() {
    for site in Site::both() {
        let policies = site.folder().join("policies");
        std::fs::create_dir_all(&policies).unwrap();
        site.configure(|config| drop(config["evaluate"].as_table_mut().unwrap().insert("policies".to_owned(), policies.display().to_string().into())));
        site.found();
        for login in ["carol", "dora"] {
            site.joins(login, Role::Approver);
        }
        site.write("table.toml", "from = 2024-01-01\n[[row]]\nkind = \"parameters\"\napprovers = [\"dora\"]\n");
        let _ = site.signed("approval authority table.toml").exits(0);
        site.recorded(EXAMPLE_1);
        site.evaluated("2024-12-31");
        let file = site.write("policies/legacy-construction.toml", "vest = [{ from = \"1900-01-01\", value = \"on-receipt\" }]\n");
        let evaluate = "evaluate --as-of 2024-12-31";
        let _ = site.signed(evaluate).exits(1).says("error [policy.retroactive]").says("\"on-full-clearance\" becomes \"on-receipt\"");
        let ask = format!("approval ask parameters {} --as carol --as-password env:SECRET", file.display());
        let request = site.signed(&ask).exits(0).stdout.split_whitespace().nth(1).unwrap().to_owned();
        assert!(site.signed(&ask).exits(0).stdout.contains("already"));
        let row = site.signed("--format json approval list").exits(0).row("requests", &[("request", &request)]);
        assert_eq!(row["kind"], "parameters");
        assert_eq!(row["about"], "legacy-construction: `vest` from 1900-01-01 on: \"on-full-clearance\" becomes \"on-receipt\"");
        let _ = site.signed(&format!("approval decide {request} approve --as dora --as-password env:SECRET")).exits(0);
        let _ = site.signed(evaluate).exits(0);
        let _ = site.signed("audit rebuild").exits(0);
    }
}
