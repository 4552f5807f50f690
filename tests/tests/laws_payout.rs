//! Laws of payout runs over random histories: claims that are cleared and bounce, runs that payroll returns in part, and runs
//! that are taken back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[allow(dead_code, reason = "each test uses what it needs")]
mod books;

use std::collections::BTreeMap;

use books::Books;
use proptest::prelude::*;
use recoup_engine::EngineError;
use recoup_engine::facts::By;
use recoup_engine::report::payouts;
use recoup_engine::settlement::{Choice, PayrollReturn, Question, Run, confirm, export, one, prepare, publish, reverse, statement};
use recoup_model::calendar::next_day;
use recoup_model::id::{AccountId, PayoutId, PersonId};
use recoup_model::payout::PayoutState;
use recoup_model::settlement::{Account, Settlement, Way};
use recoup_model::{Date, Month};
use recoup_store::EVERYTHING;
use recoup_store::testing::{TestDb, postgres, sqlite};
use recoup_tests::{ACTOR, day, now};
use serde_json::{Value, json};

/// Gross wage, statutory deductions and minimum wage, in minor units.
const WANG: (i64, i64) = (1_200_000, 0);
const LI: (i64, i64) = (900_000, 100_000);
const MINIMUM: i64 = 226_000;

/// What happens in a month.
#[derive(Debug, Clone, Copy)]
struct Act {
    /// Of the two debts, one is cleared, or its receipt bounces.
    debt: Option<bool>,
    /// The last run that was settled is taken back first.
    reverses: bool,
    /// Whose withheld wages are released: wang's, li's.
    releases: [bool; 2],
    /// How many thirds of each item payroll confirms; it never gets the run when absent.
    thirds: Option<i64>,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = (prop::option::weighted(0.6, any::<bool>()), prop::bool::weighted(0.2), any::<[bool; 2]>(), prop::option::weighted(0.9, 0_i64..=3));
    prop::collection::vec(act.prop_map(|(debt, reverses, releases, thirds)| Act { debt, reverses, releases, thirds }), 9)
}

struct Payroll {
    books: Books,
    /// The receipts that clear the two debts, while they do.
    cleared: [Option<String>; 2],
    settled: Vec<PayoutId>,
    numbers: u32,
}

impl Payroll {
    fn new(db: &TestDb) -> Self {
        let mut books = Books::new(db);
        let person = |name: &str, (gross, deductions): (i64, i64)| {
            let yuan = |minor: i64| json!({"2024": format!("{}.00", minor / 100)});
            json!({"name": name, "place": "苏州", "wages": yuan(gross), "deductions": yuan(deductions)})
        };
        // l1 earns a bonus when it is cleared, l2 missed its deadline: the wages of July and later are withheld until it is.
        books.know(json!({
            "people": {"wang": person("王强", WANG), "li": person("李敏", LI)},
            "minimum_wages": {"苏州": {"2023-01-01": "2260.00"}},
            "payout_terms": {"2024-01-01": {"notice_days": 0}},
            "receivables": {"r2": {"debtor": "acme", "amount": "500000.00", "document_date": "2019-06-30", "due": "2019-06-30"}},
            "letters": {
                "l1": {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["r1"], "shares": {"wang": 2, "li": 1}},
                "l2": {"from": "2024-01-01", "deadline": "2024-06-30", "receivables": ["r2"]},
            },
            "roles": [
                {"person": "wang", "role": "responsible", "letter": "l2", "from": "2024-01-01", "to": "2024-09-15"},
                {"person": "li", "role": "responsible", "letter": "l2", "from": "2024-09-16"},
            ],
        }));
        Self { books, cleared: [None, None], settled: Vec::new(), numbers: 0 }
    }

    fn by() -> By<'static> {
        By::new(ACTOR, now())
    }

    /// Clears a debt, or has the receipt that cleared it bounce.
    fn happens(&mut self, debt: bool, on: Date) {
        let (at, claim, amount) = if debt { (1, "r2", "500000.00") } else { (0, "r1", "800000.00") };
        let facts: Value = match self.cleared[at].take() {
            Some(receipt) => json!({"events": [{"on": on, "bounce": receipt}]}),
            None => {
                self.numbers += 1;
                let key = format!("x{}", self.numbers);
                self.cleared[at] = Some(key.clone());
                json!({"events": [{"on": on, "receive": {"id": key, "amount": amount, "apply": {claim: amount}}}]})
            }
        };
        self.books.know(facts);
    }

    fn settlements(&mut self) -> Vec<Settlement> {
        self.books.store.read::<_, EngineError>(self.books.ledger.id, |view| Ok(view.settlements(Month::of(Date::MAX), EVERYTHING)?)).unwrap()
    }

    /// What is owed on each account.
    fn owed(&mut self, as_of: Date) -> BTreeMap<Account, i64> {
        let question = Question { month: Month::of(as_of), as_of, known_at: EVERYTHING };
        let rows = self.books.store.read(self.books.ledger.id, |view| statement(view, question)).unwrap().rows;
        rows.into_iter().map(|row| (row.account, row.due - row.settled)).collect()
    }

    fn run(&mut self, id: PayoutId) -> Run {
        self.books.store.read(self.books.ledger.id, |view| one(view, id, EVERYTHING)).unwrap()
    }

    fn position(&mut self) -> i64 {
        self.books.store.read::<_, EngineError>(self.books.ledger.id, |view| Ok(view.head().position)).unwrap()
    }

    fn month(&mut self, month: Month, act: Act) {
        let as_of = month.last_day();
        if let Some(debt) = act.debt {
            self.happens(debt, month.first_day());
        }
        self.books.evaluate(&as_of.to_string());
        let Books { store, ledger, .. } = &mut self.books;
        if act.reverses
            && let Some(last) = self.settled.pop()
        {
            reverse(store, ledger, last, "a mistake", next_day(as_of), Self::by()).unwrap().unwrap();
            assert_eq!(reverse(store, ledger, last, "again", next_day(as_of), Self::by()).unwrap_err().code(), "payout.state");
            let run = self.run(last);
            assert_eq!(run.progress.state, PayoutState::Reversed);
            assert!(run.payout().rows.iter().all(|row| run.settled(row.item(), &[Way::Paid, Way::SetOff, Way::Taken]) == 0), "as if it had not been");
        }
        let released: Vec<String> = ["wang", "li"].iter().zip(act.releases).filter(|(_, chosen)| *chosen).map(|(p, _)| (*p).to_owned()).collect();
        let choice = Choice { persons: &[], released: &released };
        let Books { store, ledger, .. } = &mut self.books;
        let id = match prepare(store, ledger, (month, as_of), choice, None, Self::by()) {
            Ok(prepared) => prepared.run,
            Err(refused) => {
                assert_eq!(refused.code(), "payout.empty");
                return;
            }
        };
        let position = self.position();
        let Books { store, ledger, .. } = &mut self.books;
        let again = prepare(store, ledger, (month, as_of), choice, None, Self::by()).unwrap();
        assert_eq!((again.run, again.position), (id, None), "prepared again it is the same run");
        assert_eq!(self.position(), position);
        let Books { store, ledger, .. } = &mut self.books;
        publish(store, ledger, id, as_of, Self::by()).unwrap();
        let Some(thirds) = act.thirds else {
            recoup_engine::settlement::cancel(store, ledger, id, "not this month", Self::by()).unwrap().unwrap();
            return;
        };
        export(store, ledger, id, Self::by()).unwrap();
        let run = store.read(ledger.id, |view| one(view, id, EVERYTHING)).unwrap();
        let before = self.owed(as_of);
        let confirmed: Vec<(AccountId, i64)> = run.payout().rows.iter().map(|row| (row.item(), row.cash() * thirds / 3)).collect();
        let Books { store, ledger, .. } = &mut self.books;
        confirm(store, ledger, &PayrollReturn { payout: id, on: next_day(as_of), confirmed: &confirmed, file: run.digest().unwrap() }, Self::by()).unwrap();
        self.settled.push(id);
        // Nobody is paid or relieved of more than was owed.
        let after = self.owed(as_of);
        for (account, left) in &after {
            let was = before.get(account).copied().unwrap_or_default();
            assert!(left.signum() * was.signum() >= 0 && left.abs() <= was.abs(), "{account:?}: {was} became {left}");
        }
        for row in &run.payout().rows {
            assert!(before.contains_key(&row.account), "only what was owed is settled");
            assert!(
                row.account.purpose.withheld().is_none() || row.paid == 0 || run.payout().released.contains(&row.account.person),
                "an empty choice releases nobody"
            );
        }
    }

    /// For every wage month the guard holds, and of a withheld wage no more comes back than was withheld.
    fn is_within_the_guard(&mut self) {
        let mut months: BTreeMap<(PersonId, Month), (i64, i64)> = BTreeMap::new();
        let mut withheld: BTreeMap<Account, i64> = BTreeMap::new();
        for s in self.settlements() {
            let held = s.account.purpose.withheld().is_some();
            if held {
                *withheld.entry(s.account.clone()).or_default() += s.amount;
            }
            if s.way == Way::Taken {
                let (bounded, whole) = months.entry((s.account.person, s.month)).or_default();
                *whole -= s.amount;
                *bounded -= if held { 0 } else { s.amount };
            }
        }
        let wang = recoup_engine::facts::person_id("wang");
        for ((person, month), (bounded, whole)) in months {
            let (gross, deductions) = if person == wang { WANG } else { LI };
            assert!(0 <= bounded && bounded * 5 <= gross, "{month}: fines and clawbacks of {bounded}");
            assert!(bounded <= whole && whole <= gross - deductions - MINIMUM, "{month}: {whole} is taken");
        }
        assert!(withheld.values().all(|kept| *kept <= 0), "back-pay is at most what was withheld: {withheld:?}");
    }

    /// The registers say what the settlements add up to, at any day and position.
    fn registers_equal_the_ledger(&mut self, as_of: Date, known_at: i64) {
        let (settlements, (rows, total), (months, held)) = self
            .books
            .store
            .read::<_, EngineError>(self.books.ledger.id, |view| {
                let all: Vec<Settlement> = view.settlements(Month::of(Date::MAX), known_at)?.into_iter().filter(|s| s.on <= as_of).collect();
                Ok((all, payouts::register(view, as_of, known_at)?, payouts::withheld(view, as_of, known_at)?))
            })
            .unwrap();
        let sum = |way: Way| settlements.iter().filter(|s| s.way == way).map(|s| s.amount).sum::<i64>();
        assert_eq!((total.paid, total.set_off, total.taken), (sum(Way::Paid), sum(Way::SetOff), sum(Way::Taken)));
        assert_eq!(total.paid, rows.iter().map(|row| row.paid).sum::<i64>());
        let kept: i64 = settlements.iter().filter(|s| s.account.purpose.withheld().is_some()).map(|s| -s.amount).sum();
        assert_eq!((held.kept, months.iter().map(|m| m.kept).sum::<i64>()), (kept, kept));
        assert_eq!(total.set_off, 0, "a set-off moves no money");
    }
}

fn laws(db: &TestDb, acts: &[Act]) {
    let mut payroll = Payroll::new(db);
    for (number, act) in (4..).zip(acts) {
        payroll.month(Month::new(2024, number).unwrap(), *act);
        payroll.is_within_the_guard();
    }
    let last = payroll.position();
    for as_of in ["2024-06-30", "2024-09-01", "2024-12-31", "2025-01-02"] {
        for known_at in [EVERYTHING, last / 2] {
            payroll.registers_equal_the_ledger(day(as_of), known_at);
        }
    }
    payroll.books.evaluate("2024-12-31");
    assert_eq!(payroll.position(), last, "evaluating again changes nothing");
    payroll.books.prove();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn what_is_taken_is_due_within_the_guard_and_registers_equal_the_ledger(acts in acts()) {
        laws(&sqlite(), &acts);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]
    #[test]
    fn the_other_database_says_the_same(acts in acts()) {
        laws(&postgres(), &acts);
    }
}
