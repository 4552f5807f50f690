//! Random histories of two responsibility letters and one project, and what is due after them.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use recoup_engine::EngineError;
use recoup_engine::evaluate::{Outcome, Request, drift, evaluate};
use recoup_engine::facts::{By, Facts, record};
use recoup_host::RulesPlugin;
use recoup_model::calendar::Month;
use recoup_model::due::Basis;
use recoup_model::record::Ledger;
use recoup_store::{EVERYTHING, EntryFilter, LineFilter, Store, audit};
use recoup_tests::{ACTOR, day, intake, now, plugins};
use serde_json::{Value, json};

pub(crate) const PACK: &str = "legacy-construction";
const SYSTEM: &str = "history";
const CLAIMS: [&str; 5] = ["r1", "r2", "r3", "r4", "r5"];
const STAGES: [&str; 4] = ["settled", "unsettled", "measured-unpaid", "retention"];

/// First and last day of every history.
pub(crate) fn window() -> (NaiveDate, NaiveDate) {
    (day("2023-09-01"), day("2024-02-15"))
}

/// Facts that become known on a day.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    known: NaiveDate,
    facts: Value,
}

/// Steps in the order in which they become known, and the parameters under which they are judged.
#[derive(Debug, Clone)]
pub(crate) struct History {
    steps: Vec<Step>,
    parameters: Value,
}

/// One thing that might happen: what, on which day, known how many days later, to which claim, how much, which receipt.
type Raw = (u8, u64, u64, usize, i64, usize);

pub(crate) fn histories() -> impl Strategy<Value = History> {
    let late = prop_oneof![3 => Just(0_u64), 1 => 1_u64..70];
    let raw = (0_u8..14, 0_u64..168, late, 0_usize..5, 1_i64..=1_200_000, 0_usize..40);
    let parameters = prop::sample::select(vec![
        json!({}),
        json!({"vest": "on-receipt"}),
        json!({"vest": "on-receipt", "vested-after-miss": "lapse"}),
        json!({"refund": "pro-rata"}),
        json!({"partial-recovery": "releases-pro-rata", "withheld-share": "0.5"}),
        json!({"forfeit": "all", "withhold-from": "next-month"}),
        json!({"reopened-after-deadline": "keep"}),
        json!({"reopened-after-deadline": "forfeit", "age-reading": "year-begun"}),
        json!({"pauses": ["dispute", "litigation"]}),
        json!({"pauses": ["dispute", "force-majeure"], "age-reading": "year-begun", "vest": "on-receipt"}),
    ]);
    (prop::collection::vec(raw, 0..28), parameters).prop_map(|(raw, parameters)| History::of(raw, parameters))
}

/// What the generator has to know so that it states nothing that a ledger refuses.
#[derive(Default)]
struct Books {
    open: [i64; 5],
    receipts: Vec<Receipt>,
    closed: bool,
}

struct Receipt {
    key: String,
    last: NaiveDate,
    unapplied: i64,
    bounced: bool,
}

fn yuan(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

impl History {
    fn of(mut raw: Vec<Raw>, parameters: Value) -> Self {
        let (first, last) = window();
        raw.sort_by_key(|(_, on, late, ..)| on + late);
        let mut books = Books { open: [1_000_000; 5], ..Books::default() };
        let mut steps = vec![Step { known: first, facts: declarations() }];
        for (what, on, late, claim, amount, which) in raw {
            let on = first + Days::new(on);
            let known = (on + Days::new(late)).min(last);
            if let Some(facts) = books.happen(what, on, known, claim, amount, which) {
                steps.push(Step { known, facts });
            }
        }
        Self { steps, parameters }
    }

    /// Records and evaluates, on each of these days what is known by then.
    pub(crate) fn play(&self, store: &mut Store, rules: &RulesPlugin, days: &[NaiveDate]) -> Played {
        let ledger = intake::ledger(store, "main", "CNY");
        let mut played = Played { ledger, parameters: self.parameters(rules), last: window().0 };
        let mut steps = self.steps.iter().peekable();
        for today in days {
            while let Some(step) = steps.next_if(|s| s.known <= *today) {
                let facts: Facts = serde_json::from_value(step.facts.clone()).expect("facts");
                let text = step.facts.to_string() + &step.known.to_string();
                record(store, &played.ledger, SYSTEM, &facts, &text, By::new(ACTOR, now())).unwrap_or_else(|e| panic!("{e}\n{text}"));
            }
            played.last = *today;
            let outcome = played.evaluate(store, rules, false).expect("an evaluation");
            assert_eq!(outcome.faults, Vec::new(), "no case is set aside");
        }
        assert!(steps.next().is_none(), "the last day knows everything");
        played
    }

    /// Records the same facts with money in another order, by rank, and evaluates once. What is said again (a wage, a
    /// stage) keeps its order, for the last word holds; what names a receipt that is not there yet waits for it, and its
    /// bounce for its applications.
    pub(crate) fn play_by_rank(&self, store: &mut Store, rules: &RulesPlugin, ranks: &[u32]) -> Played {
        let ledger = intake::ledger(store, "main", "CNY");
        let is_money = |step: &Step| ["receive", "apply", "bounce", "write_off"].iter().any(|kind| !step.facts["events"][0][kind].is_null());
        let (mut money, said): (Vec<_>, Vec<_>) = self.steps.iter().zip(ranks.iter().chain(std::iter::repeat(&0))).partition(|(step, _)| is_money(step));
        money.sort_by_key(|(_, rank)| **rank);
        let mut waiting: Vec<&Step> = said.into_iter().chain(money).map(|(step, _)| step).collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            let uses: Vec<Value> = waiting.iter().map(|step| step.facts["events"][0]["apply"]["receipt"].clone()).filter(|used| !used.is_null()).collect();
            waiting.retain(|step| {
                if uses.contains(&step.facts["events"][0]["bounce"]) {
                    return true;
                }
                let facts: Facts = serde_json::from_value(step.facts.clone()).expect("facts");
                let text = step.facts.to_string() + &step.known.to_string();
                record(store, &ledger, SYSTEM, &facts, &text, By::new(ACTOR, now())).is_err()
            });
            assert!(waiting.len() < before, "nothing of these can be recorded: {waiting:#?}");
        }
        let played = Played { ledger, parameters: self.parameters(rules), last: window().1 };
        let outcome = played.evaluate(store, rules, false).expect("an evaluation");
        assert_eq!(outcome.faults, Vec::new(), "no case is set aside");
        played
    }

    fn parameters(&self, rules: &RulesPlugin) -> String {
        let mut all = rules.description().default_parameters.clone();
        all.as_object_mut().expect("parameters").extend(self.parameters.as_object().expect("parameters").clone());
        all.to_string()
    }
}

fn declarations() -> Value {
    let claim = |due: &str, stage: &str, contract: Value| json!({"debtor": "acme", "amount": "10000.00", "document_date": "2019-01-10", "due": due, "stage": stage, "contract": contract});
    json!({
        "people": {
            "wang": {"name": "王强", "wages": {"2022": "9000.00", "2023": "12000.00", "2024": "12500.00"}},
            "li": {"name": "李敏", "wages": {"2022": "8000.00", "2023": "9000.01", "2024": "9100.00"}},
            "zhao": {"name": "赵磊", "wages": {"2022": "7000.00", "2023": "7000.00", "2024": "7000.00"}},
        },
        "debtors": {"acme": "甲建筑公司"},
        "contracts": {"c1": {"debtor": "acme"}},
        "receivables": {
            // The second anniversary lies in the window.
            "r1": claim("2021-12-01", "settled", Value::Null),
            "r2": claim("2019-10-15", "settled", Value::Null),
            "r3": claim("2022-09-30", "unsettled", Value::Null),
            "r4": claim("2020-02-29", "settled", json!("c1")),
            "r5": claim("2023-06-01", "measured-unpaid", json!("c1")),
        },
        "letters": {
            "shares": {"from": "2023-09-01", "deadline": "2023-11-15", "receivables": ["r1", "r2"], "shares": {"wang": 2, "li": 1}},
            "roles": {"from": "2023-09-10", "deadline": "2023-12-31", "receivables": ["r3", "r4"]},
        },
        "roles": [
            {"person": "wang", "role": "responsible", "letter": "roles", "from": "2023-01-01", "to": "2023-11-30"},
            {"person": "zhao", "role": "responsible", "letter": "roles", "from": "2023-12-01"},
            {"person": "wang", "role": "project-manager", "contract": "c1", "from": "2022-01-01"},
            {"person": "li", "role": "finance-lead", "contract": "c1", "from": "2022-01-01"},
        ],
    })
}

impl Books {
    fn happen(&mut self, what: u8, on: NaiveDate, known: NaiveDate, claim: usize, amount: i64, which: usize) -> Option<Value> {
        let event = |e: Value| Some(json!({"events": [e]}));
        let name = CLAIMS[claim];
        match what {
            // Money or goods, in part unapplied at first.
            0..=4 => {
                let applied = amount.min(self.open[claim]);
                let key = format!("p{}", self.receipts.len());
                self.open[claim] -= applied;
                self.receipts.push(Receipt { key: key.clone(), last: on, unapplied: amount - applied, bounced: false });
                let to = if applied > 0 { json!({name: yuan(applied)}) } else { json!({}) };
                let means = if what == 4 { "set-off" } else { "cash" };
                event(json!({"on": on, "receive": {"id": key, "debtor": "acme", "amount": yuan(amount), "means": means, "apply": to}}))
            }
            5 => {
                let open = &mut self.open[claim];
                let receipt = self.receipts.get_mut(which).filter(|r| !r.bounced && r.unapplied > 0 && *open > 0)?;
                let applied = receipt.unapplied.min(*open);
                receipt.unapplied -= applied;
                *open -= applied;
                let on = on.max(receipt.last);
                receipt.last = on;
                (on <= known).then_some(())?;
                event(json!({"on": on, "apply": {"receipt": receipt.key, "to": {name: yuan(applied)}}}))
            }
            6 | 7 => {
                let receipt = self.receipts.get_mut(which).filter(|r| !r.bounced && r.last <= known)?;
                receipt.bounced = true;
                // What was applied is open again; the generator forgets it, which is on the safe side.
                event(json!({"on": on.max(receipt.last), "bounce": receipt.key}))
            }
            8 => event(json!({"on": on, "stage": {name: STAGES[which % 4]}})),
            9 => {
                let amount = (amount / 4).min(self.open[claim]);
                self.open[claim] -= amount;
                (amount > 0).then_some(())?;
                event(json!({"on": on, "write_off": {"receivable": name, "amount": yuan(amount)}}))
            }
            10 => {
                (!std::mem::replace(&mut self.closed, true)).then_some(())?;
                event(json!({"on": on, "close": {"contract": "c1", "recover_by": on + Days::new(30)}}))
            }
            // Whichever is said later of the same key moves the pause, ends it, or says that it never was.
            11 | 12 => {
                let from = on - Days::new(15 * u64::try_from(which).expect("few"));
                let until = (amount % 4 > 0).then(|| from + Days::new(amount.unsigned_abs() % 300));
                let kind = ["dispute", "litigation", "force-majeure"][which % 3];
                let pause =
                    json!({"id": format!("{name}-{}", which % 2), "receivable": name, "kind": kind, "until": until, "why": "x", "withdrawn": amount % 5 == 0});
                event(json!({"on": from, "pause": pause}))
            }
            _ => {
                let month = Month::of(on).to_string();
                Some(json!({"people": {"wang": {"name": "王强", "wages": {month: yuan(amount)}}}}))
            }
        }
    }
}

/// A ledger after a history.
pub(crate) struct Played {
    ledger: Ledger,
    parameters: String,
    last: NaiveDate,
}

impl Played {
    fn request(&self, full: bool) -> Request<'_> {
        Request { as_of: self.last, parameters: &self.parameters, full, batch_cases: 512, actor: ACTOR, recorded_at: now() }
    }

    pub(crate) fn evaluate(&self, store: &mut Store, rules: &RulesPlugin, full: bool) -> Result<Outcome, EngineError> {
        evaluate(store, rules, &self.ledger, &self.request(full))
    }

    /// Lines that a full evaluation would change.
    pub(crate) fn drift(&self, store: &mut Store, rules: &RulesPlugin) -> usize {
        drift(store, rules, &self.ledger, &self.request(true)).expect("a full evaluation")
    }

    /// Whether the tables are what the log adds up to.
    pub(crate) fn is_proved(&self, store: &mut Store) -> bool {
        let mut scratch = Store::open("sqlite::memory:").expect("a scratch database");
        audit::rebuild(store, self.ledger.id, &mut scratch).expect("a rebuild").is_proof()
    }

    /// What is posted net per line, day and balance. Lines are told apart by what earned them, since the id of an
    /// application has the log position in it.
    pub(crate) fn nets(&self, store: &mut Store) -> BTreeMap<String, i64> {
        let read = store.read(self.ledger.id, |view| {
            let receipts: HashMap<_, _> = view.receipts(None, EVERYTHING)?.into_iter().map(|r| (r.id, r.reference)).collect();
            let claims: HashMap<_, _> = view.receivables(None, EVERYTHING)?.into_iter().map(|r| (r.id, r.document)).collect();
            let persons: HashMap<_, _> = view.persons(None, EVERYTHING)?.into_iter().map(|(p, _)| (p.id, p.code)).collect();
            let entries = view.entries(EntryFilter { receivables: None, receipts: None }, None, EVERYTHING)?;
            let named = |e: &recoup_model::receivable::Entry| {
                let receipt = e.receipt.and_then(|r| receipts.get(&r));
                let claim = e.receivable.and_then(|r| claims.get(&r));
                (e.id, format!("{} {receipt:?} {claim:?} {} {}", e.kind.word(), e.on, e.amount))
            };
            let entries: HashMap<_, _> = entries.iter().map(named).collect();
            let lines = view.lines(LineFilter::default(), EVERYTHING)?;
            let named = |l: recoup_store::StoredLine| {
                let basis = match l.key.basis {
                    Basis::Entry(e) => entries.get(&e).cloned().unwrap_or_default(),
                    other => format!("{other:?}"),
                };
                (l.id, format!("{} {} {:?} [{basis}] {}", l.key.case.subject, l.key.clause, l.key.to.person().and_then(|p| persons.get(&p)), l.key.part))
            };
            let lines: HashMap<_, _> = lines.into_iter().map(named).collect();
            let mut nets: BTreeMap<String, i64> = BTreeMap::new();
            for (line, m) in view.posted(LineFilter::default(), EVERYTHING)? {
                let line = lines.get(&line).map_or("no line", String::as_str);
                *nets.entry(format!("{line} on {} {}", m.on, m.balance)).or_default() += m.amount;
            }
            nets.retain(|_, amount| *amount != 0);
            Ok::<_, EngineError>(nets)
        });
        read.expect("the ledger can be read")
    }
}

/// Every day of the window; every month's end and the last day; the last day.
pub(crate) fn schedules() -> [(&'static str, Vec<NaiveDate>); 3] {
    let (first, last) = window();
    let days: Vec<NaiveDate> = first.iter_days().take_while(|d| *d <= last).collect();
    let ends = days.iter().copied().filter(|d| Month::of(*d).last_day() == *d || *d == last).collect();
    [("daily", days), ("monthly", ends), ("once", vec![last])]
}

pub(crate) fn rules() -> RulesPlugin {
    plugins::rules(PACK)
}
