//! A ledger whose periods close: LC example 1 (due 2019-06-30, a letter for 2024).

use chrono::Duration;
use recoup_engine::EngineError;
use recoup_engine::access::{Caller, authenticate_token};
use recoup_engine::evaluate::{Outcome, Request, evaluate};
use recoup_engine::facts::{By, Facts, record};
use recoup_engine::period::{Check, Closing, check, close};
use recoup_host::RulesPlugin;
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Grant, Role, User};
use recoup_model::calendar::Month;
use recoup_model::due::{Balance, Posting};
use recoup_model::id::TokenId;
use recoup_model::period::Close;
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_store::testing::TestDb;
use recoup_store::{CommandMeta, EVERYTHING, Store, StoreError, audit};
use recoup_tests::{ACTOR, day, intake, now, plugins};
use serde_json::{Value, json};

/// The ledger, with its pack.
pub(crate) struct Books {
    pub store: Store,
    pub ledger: Ledger,
    pub rules: RulesPlugin,
    pub parameters: String,
}

impl Books {
    pub(crate) fn new(db: &TestDb) -> Self {
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

    pub(crate) fn know(&mut self, facts: Value) {
        self.state(facts).unwrap();
    }

    pub(crate) fn state(&mut self, facts: Value) -> Result<Option<i64>, EngineError> {
        let text = facts.to_string();
        let facts: Facts = serde_json::from_value(facts).unwrap();
        record(&mut self.store, &self.ledger, "test", &facts, &text, By::new(ACTOR, now()))
    }

    pub(crate) fn evaluate(&mut self, as_of: &str) -> Outcome {
        let request = Request { as_of: day(as_of), parameters: &self.parameters, full: false, batch_cases: 512, actor: ACTOR, recorded_at: now() };
        evaluate(&mut self.store, &self.rules, &self.ledger, &request).unwrap()
    }

    pub(crate) fn close(&mut self, month: &str) -> Result<Option<i64>, EngineError> {
        self.close_as(month, Close::Hard)
    }

    pub(crate) fn close_as(&mut self, month: &str, firmly: Close) -> Result<Option<i64>, EngineError> {
        let Self { store, ledger, rules, parameters } = self;
        close(store, rules, ledger, &closing(month, firmly, parameters))
    }

    pub(crate) fn check(&mut self, month: &str) -> Vec<Check> {
        let Self { store, ledger, rules, parameters } = self;
        check(store, rules, ledger, &closing(month, Close::Hard, parameters)).unwrap()
    }

    pub(crate) fn closed(&mut self) -> Vec<Month> {
        self.store.read::<_, EngineError>(self.ledger.id, |view| Ok(view.periods(EVERYTHING)?.closed().collect())).unwrap()
    }

    pub(crate) fn postings(&mut self) -> Vec<(String, Balance, i64, String, Option<String>)> {
        let row = |p: Posting| (p.on.to_string(), p.balance, p.amount, p.period.to_string(), p.origin.map(|m| m.to_string()));
        self.store.read(self.ledger.id, |view| view.postings(EVERYTHING)).unwrap().into_iter().map(|p| row(p.posting)).collect()
    }

    pub(crate) fn prove(&mut self) {
        let mut scratch = Store::open("sqlite::memory:").unwrap();
        assert!(audit::rebuild(&mut self.store, self.ledger.id, &mut scratch).unwrap().is_proof());
    }
}

/// Somebody who signed in, with one role for everything. What a program shows is no signing in.
pub(crate) fn someone(store: &mut Store, login: &str, role: Role, session: bool) -> Caller {
    let secret = format!("{login} {session}");
    let user = User { id: User::id_of(login), login: login.to_owned(), disabled: false, password_given: false };
    let digest = Digest::of(secret.as_bytes());
    let expires_at = now() + Duration::days(1);
    let id = TokenId::from_parts(&[secret.as_bytes()]);
    let token = ApiToken { id, user: user.id, label: "tests".to_owned(), secret: digest, expires_at, revoked: false, session };
    let grant = Grant::new(user.id, role, None, None);
    let leaves: Vec<Leaf> = [Record::User(user), Record::ApiToken(token), Record::Grant(grant)].map(Leaf::from).into();
    let meta = CommandMeta { kind: "found".into(), input: digest, actor: "tests".into(), recorded_at: now() };
    store.transact::<_, StoreError>(Ledger::installation(), &meta, |tx| tx.append(&leaves)).unwrap();
    authenticate_token(store, &secret, now()).unwrap()
}

/// What closing a month needs.
pub(crate) fn closing<'a>(month: &str, close: Close, parameters: &'a str) -> Closing<'a> {
    Closing { month: month.parse().unwrap(), close, parameters, batch_cases: 512, actor: ACTOR, recorded_at: now() }
}

pub(crate) fn posted(on: &str, balance: Balance, amount: i64, period: &str, origin: Option<&str>) -> (String, Balance, i64, String, Option<String>) {
    (on.to_owned(), balance, amount, period.to_owned(), origin.map(str::to_owned))
}
