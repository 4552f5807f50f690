//! Approvals of a ledger, and what takes them: periods that are closed softly, closed over something, and opened again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[allow(dead_code, reason = "each test uses what it needs")]
mod books;

use books::{Books, closing, posted, someone};
use recoup_engine::EngineError;
use recoup_engine::access::Caller;
use recoup_engine::approval::{Asked, AuthorityFile, Wanted, ask, decide, delegate, put_in_force};
use recoup_engine::evaluate::to_the_end;
use recoup_engine::facts::By;
use recoup_engine::period::State;
use recoup_engine::quarantine::{dismiss, waiting};
use recoup_model::access::{Role, User, Verdict};
use recoup_model::due::Balance;
use recoup_model::id::ProposalId;
use recoup_model::period::{Close, PeriodState};
use recoup_model::receivable::{Entry, EntryKind};
use recoup_model::record::Record;
use recoup_model::{Digest, Month};
use recoup_store::testing::{TestDb, databases};
use recoup_store::{CommandMeta, EVERYTHING, EntryFilter, PeriodMove, StoreError};
use recoup_tests::{ACTOR, day, intake, now};
use serde_json::{Value, json};

/// Today is 2025-01-02. Corrections up to 10,000.00 by carol, any by dora; hard closes take no approval.
const TABLE: &str = r#"{"from": "2024-01-01", "row": [
    {"kind": "correction", "up_to": "10000.00", "approvers": ["carol"]},
    {"kind": "correction", "approvers": ["dora"]},
    {"kind": "reopen", "approvers": ["carol", "dora"]},
    {"kind": "reopen-hard", "approvers": ["dora"]},
    {"kind": "exclude", "approvers": ["dora"]}
]}"#;

/// The ledger of [`Books`] with people: mo states facts; carol, dora and eve approve.
struct Office {
    books: Books,
    mo: Caller,
    carol: Caller,
    dora: Caller,
    eve: Caller,
}

impl Office {
    fn on(db: &TestDb) -> Self {
        let mut books = Books::new(db);
        let mo = someone(&mut books.store, "mo", Role::Collector, true);
        let [carol, dora, eve] = ["carol", "dora", "eve"].map(|login| someone(&mut books.store, login, Role::Approver, true));
        let mut office = Self { books, mo, carol, dora, eve };
        office.authority(TABLE).unwrap();
        office
    }

    fn authority(&mut self, table: &str) -> Result<Option<i64>, EngineError> {
        let file: AuthorityFile = serde_json::from_str(table).unwrap();
        put_in_force(&mut self.books.store, &self.books.ledger, &file, By::new(ACTOR, now()))
    }

    fn ask(&mut self, who: &Caller, wanted: &Wanted<'_>) -> Result<Asked, EngineError> {
        ask(&mut self.books.store, &self.books.ledger, who, wanted, None, By::new(who.login(), now()))
    }

    fn correction(&mut self, facts: &Value) -> Result<Asked, EngineError> {
        let (mo, facts) = (self.mo.clone(), facts.to_string());
        self.ask(&mo, &Wanted::Correction { system: "test", facts: &facts })
    }

    fn reopen(&mut self, who: &Caller, month: &str) -> Result<Asked, EngineError> {
        self.ask(who, &Wanted::Reopen(month.parse().unwrap()))
    }

    fn says(&mut self, who: &Caller, request: ProposalId, verdict: Verdict) -> Result<Option<i64>, EngineError> {
        decide(&mut self.books.store, &self.books.ledger, who, request, verdict, By::new(who.login(), now()))
    }

    fn approves(&mut self, who: &Caller, request: ProposalId) -> Result<Option<i64>, EngineError> {
        self.says(who, request, Verdict::Approve)
    }

    fn state_of(&mut self, month: &str) -> PeriodState {
        let month: Month = month.parse().unwrap();
        self.books.store.read::<_, EngineError>(self.books.ledger.id, |view| Ok(view.periods(EVERYTHING)?.state(month))).unwrap()
    }

    fn position(&mut self) -> i64 {
        self.books.store.read::<_, EngineError>(self.books.ledger.id, |view| Ok(view.head().position)).unwrap()
    }

    /// Entries of a kind, by their days, with the periods that they are booked in where those are others.
    fn entries(&mut self, kind: EntryKind) -> Vec<(String, i64, Option<String>)> {
        let filter = EntryFilter { receivables: None, receipts: None };
        let all = self.books.store.read(self.books.ledger.id, |view| view.entries(filter, None, EVERYTHING)).unwrap();
        let row = |e: Entry| (e.on.to_string(), e.amount, e.period.map(|m| m.to_string()));
        all.into_iter().filter(|e| e.kind == kind).map(row).collect()
    }

    fn moves(&mut self) -> Vec<PeriodMove> {
        let moves = self.books.store.read(self.books.ledger.id, |view| view.period_moves(EVERYTHING)).unwrap();
        moves.into_iter().map(|(_, step)| step).collect()
    }
}

/// 5,000.00 that came in on 20 March, by the key.
fn in_march(id: &str) -> Value {
    json!({"events": [{"on": "2024-03-20", "receive": {"id": id, "amount": "5000.00", "apply": {"r1": "5000.00"}}}]})
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, EngineError>) -> String {
    result.unwrap_err().code().to_owned()
}

#[test]
fn edge_18_a_fact_of_a_soft_closed_period_enters_by_approval_and_in_the_same_command() {
    for db in databases() {
        let mut office = Office::on(&db);
        office.books.close_as("2024-03", Close::Soft).unwrap().unwrap();
        assert_eq!(office.state_of("2024-03"), PeriodState::SoftClosed);
        let before = office.position();
        let refused = office.books.state(in_march("p2")).unwrap_err();
        assert_eq!(refused.code(), "period.soft_closed");
        assert!(refused.to_string().contains("2024-03-20 lies in 2024-03") && refused.to_string().contains("booked in 2024-04"), "{refused}");
        assert_eq!(office.position(), before, "nothing is recorded");

        let asked = office.correction(&in_march("p2")).unwrap();
        assert_eq!(asked.position, Some(before + 1), "the trial leaves nothing behind");
        assert_eq!(office.entries(EntryKind::Received).len(), 1);
        let carol = office.carol.clone();
        let position = office.approves(&carol, asked.request).unwrap().unwrap();
        assert_eq!(position, before + 2, "the decision and what it approves are one command");
        assert!(office.entries(EntryKind::Received).contains(&("2024-03-20".to_owned(), 500_000, None)), "it is booked in March itself");
        assert_eq!(code(office.approves(&carol, asked.request)), "access.decided");
        office.books.prove();
    }
}

/// What happened in a soft-closed month is a fact of it like any movement, although it is no amount of the books.
#[test]
fn edge_18_a_milestone_of_a_soft_closed_period_takes_approval_too() {
    for db in databases() {
        let mut office = Office::on(&db);
        office.books.close_as("2024-03", Close::Soft).unwrap();
        let filed = json!({"events": [{"on": "2024-03-20", "milestone": {"id": "m1", "kind": "ruling", "receivable": "r1"}}]});
        assert_eq!(office.books.state(filed.clone()).unwrap_err().code(), "period.soft_closed");
        let asked = office.correction(&filed).unwrap();
        let carol = office.carol.clone();
        let position = office.approves(&carol, asked.request).unwrap().unwrap();
        assert_eq!(office.position(), position);
        assert_eq!(office.books.state(filed).unwrap(), None, "it is known now");
        office.books.prove();
    }
}

#[test]
fn edge_18_what_is_stated_as_late_is_booked_in_the_open_period_with_its_date() {
    for db in databases() {
        let mut office = Office::on(&db);
        office.books.close_as("2024-03", Close::Soft).unwrap();
        let mut late = in_march("p2");
        late["late"] = json!(true);
        office.books.state(late.clone()).unwrap().unwrap();
        assert_eq!(office.books.state(late).unwrap(), None, "stated again it is nothing new");
        assert!(office.entries(EntryKind::Received).contains(&("2024-03-20".to_owned(), 500_000, Some("2024-04".to_owned()))));
        let not_soft = json!({"events": [{"on": "2024-04-02", "receive": {"id": "p3", "amount": "1.00"}}]});
        assert_eq!(code(office.correction(&not_soft)), "approval.not_needed");
        office.books.prove();
    }
}

/// Nothing enters a closed period, whatever brings it: a cancel, a correction and a re-allocation of a file, and the rows of
/// an evaluation.
#[test]
fn edge_19_locks_hold_for_cancels_reposts_reallocations_and_engine_made_rows() {
    for firmly in [Close::Soft, Close::Hard] {
        for db in databases() {
            let mut office = Office::on(&db);
            let intake = intake::Intake::new("receivables-simple");
            let file = |amount: &str| {
                format!(
                    "customer code,customer name,invoice no,invoice date,due date,amount,currency,stage\nC1,Harbour,I-1,2024-03-05,2024-04-05,{amount},CNY,settled\n"
                )
            };
            let Books { store, ledger, .. } = &mut office.books;
            intake.text(store, ledger, &file("700.00")).unwrap();
            office.books.close_as("2024-03", firmly).unwrap().unwrap();
            let entered = office.books.postings();
            // A file corrects an invoice of March.
            let Books { store, ledger, .. } = &mut office.books;
            intake.text(store, ledger, &file("650.00")).unwrap();
            assert_eq!(office.entries(EntryKind::Correction), [("2024-03-05".to_owned(), -5_000, Some("2024-04".to_owned()))]);
            // The receipt of March is cancelled as of March; its application is taken back.
            let cancel = json!({"events": [{"on": "2024-03-31", "bounce": "p1"}], "late": true});
            office.books.know(cancel);
            let april = Some("2024-04".to_owned());
            assert_eq!(office.entries(EntryKind::Bounced), [("2024-03-31".to_owned(), -120_000_000, april.clone())]);
            assert_eq!(office.entries(EntryKind::Reversed), [("2024-03-31".to_owned(), 120_000_000, april)]);
            // What the evaluation makes of it.
            office.books.evaluate("2024-04-30");
            let after = office.books.postings();
            assert_eq!(after[..entered.len()], entered, "what is posted stays posted");
            let made = &after[entered.len()..];
            assert!(made.contains(&posted("2024-03-31", Balance::Contingent, -3_600_000, "2024-04", Some("2024-03"))), "{made:?}");
            assert!(made.iter().all(|p| p.3 == "2024-04"), "{made:?}");
            // Nor does anything that would post into it by itself.
            let Books { store, ledger, .. } = &mut office.books;
            let line = store.read(ledger.id, |view| {
                let leaves: Vec<u64> = view.lines(Default::default(), EVERYTHING)?.iter().map(|l| l.leaf).collect();
                view.line_records(&leaves)
            });
            let posting =
                recoup_model::due::Posting { balance: Balance::Payable, amount: 1, on: day("2024-03-31"), period: "2024-03".parse().unwrap(), origin: None };
            let change = recoup_model::due::LineChange { line: line.unwrap().remove(0), postings: vec![posting] };
            let meta = CommandMeta { kind: "stray".into(), input: Digest::of(b""), actor: ACTOR.into(), recorded_at: now() };
            let stray = store.transact::<_, StoreError>(ledger.id, &meta, |tx| tx.append(&[Record::Line(change.clone()).into()]));
            assert_eq!(stray.unwrap_err().code(), "store.period_closed");
            office.books.prove();
        }
    }
}

#[test]
fn edge_48_the_maker_never_decides_and_others_only_within_their_authority() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (mo, carol, dora, eve) = (office.mo.clone(), office.carol.clone(), office.dora.clone(), office.eve.clone());
        office.books.close_as("2024-03", Close::Soft).unwrap();
        assert_eq!(code(office.reopen(&mo, "2024-03")), "access.forbidden", "who states facts closes no periods");
        let asked = office.reopen(&carol, "2024-03").unwrap();
        assert_eq!(code(office.approves(&carol, asked.request)), "access.same_person");
        assert_eq!(code(office.says(&dora, asked.request, Verdict::Withdraw)), "access.not_the_maker");
        assert_eq!(code(office.approves(&eve, asked.request)), "approval.not_named");
        assert_eq!(code(office.approves(&mo, asked.request)), "access.forbidden");
        let program = someone(&mut office.books.store, "dora", Role::Approver, false);
        assert_eq!(code(office.approves(&program, asked.request)), "access.forbidden", "a program's token approves nothing");
        assert_eq!(code(office.approves(&dora, ProposalId::from_parts(&[b"none"]))), "approval.unknown");
        assert_eq!(office.state_of("2024-03"), PeriodState::SoftClosed);
        office.approves(&dora, asked.request).unwrap();
        assert_eq!(office.state_of("2024-03"), PeriodState::Open);

        // 12,000.00 is beyond carol; what she rejects is rejected all the same only within her authority.
        office.books.close_as("2024-03", Close::Soft).unwrap();
        let large = json!({"events": [{"on": "2024-03-21", "receive": {"id": "p3", "amount": "12000.00"}}]});
        let asked = office.correction(&large).unwrap();
        assert_eq!(code(office.approves(&carol, asked.request)), "approval.not_named");
        assert_eq!(code(office.says(&carol, asked.request, Verdict::Reject)), "approval.not_named");
        office.says(&dora, asked.request, Verdict::Reject).unwrap();
        assert_eq!(office.entries(EntryKind::Received).len(), 1);
        let asked = office.correction(&large).unwrap();
        office.says(&mo, asked.request, Verdict::Withdraw).unwrap();
        office.books.prove();
    }
}

#[test]
fn edge_48_the_same_change_while_it_waits_is_one_request() {
    for db in databases() {
        let mut office = Office::on(&db);
        office.books.close_as("2024-03", Close::Soft).unwrap();
        let first = office.correction(&in_march("p2")).unwrap();
        let position = office.position();
        let again = office.correction(&in_march("p2")).unwrap();
        assert_eq!(again, Asked { request: first.request, position: None });
        assert_eq!(office.position(), position);
        let other = office.correction(&in_march("p3")).unwrap();
        assert_ne!(other.request, first.request);
        let carol = office.carol.clone();
        office.says(&carol, first.request, Verdict::Reject).unwrap();
        assert_ne!(office.correction(&in_march("p2")).unwrap().request, first.request, "a rejected one can be asked for anew");
    }
}

#[test]
fn edge_48_a_record_that_changed_between_request_and_approval_makes_it_stale() {
    for db in databases() {
        let mut office = Office::on(&db);
        let carol = office.carol.clone();
        office.books.close_as("2024-03", Close::Soft).unwrap();
        let asked = office.correction(&in_march("p2")).unwrap();
        // Somebody books the same receipt with another amount, as late.
        office.books.know(json!({"late": true, "events": [{"on": "2024-03-20", "receive": {"id": "p2", "amount": "4000.00"}}]}));
        let before = office.position();
        let stale = office.approves(&carol, asked.request).unwrap_err();
        assert_eq!(stale.code(), "approval.changed");
        assert!(stale.to_string().contains("reject it and ask again"), "{stale}");
        assert_eq!(office.position(), before, "neither decision nor effect");
        office.says(&carol, asked.request, Verdict::Reject).unwrap();

        // A period that moved: April was closed meanwhile, and March is no longer the last.
        let asked = office.reopen(&carol, "2024-03").unwrap();
        office.books.close_as("2024-04", Close::Soft).unwrap();
        let dora = office.dora.clone();
        assert_eq!(code(office.approves(&dora, asked.request)), "approval.changed");
    }
}

#[test]
fn edge_48_what_is_approved_after_the_period_closed_for_good_goes_to_the_open_one() {
    for db in databases() {
        let mut office = Office::on(&db);
        let carol = office.carol.clone();
        office.books.close_as("2024-03", Close::Soft).unwrap();
        let asked = office.correction(&in_march("p2")).unwrap();
        office.books.close("2024-03").unwrap().unwrap();
        office.approves(&carol, asked.request).unwrap();
        assert!(office.entries(EntryKind::Received).contains(&("2024-03-20".to_owned(), 500_000, Some("2024-04".to_owned()))));
        office.books.prove();
    }
}

#[test]
fn a_gap_of_the_table_is_refused_and_a_table_that_is_none() {
    for db in databases() {
        let mut office = Office::on(&db);
        office.books.close_as("2024-03", Close::Soft).unwrap();
        let dora = office.dora.clone();
        let only_reopen = r#"{"from": "2025-01-01", "row": [{"kind": "reopen", "approvers": ["dora"]}]}"#;
        office.authority(only_reopen).unwrap().unwrap();
        assert_eq!(office.authority(only_reopen).unwrap(), None, "stated again it is nothing new");
        let refused = office.correction(&in_march("p2")).unwrap_err();
        assert_eq!(refused.code(), "approval.no_authority");
        assert!(refused.to_string().contains("no row gives anybody authority over `correction` of 5000.00"), "{refused}");
        // One that begins tomorrow is not in force, and the one of today stays.
        office.authority(r#"{"from": "2025-01-03", "row": [{"kind": "correction", "approvers": ["dora"]}]}"#).unwrap();
        assert_eq!(code(office.correction(&in_march("p2"))), "approval.no_authority");
        office.reopen(&dora, "2024-03").unwrap();
        for (table, code_of, says) in [
            (r#"{"from": "2025-01-01", "row": []}"#, "approval.table", "no row"),
            (r#"{"from": "2025-01-01", "row": [{"kind": "reopen", "approvers": []}]}"#, "approval.table", "names no approvers"),
            (r#"{"from": "2025-01-01", "row": [{"kind": "reopen", "up_to": "1.00", "approvers": ["dora"]}]}"#, "approval.table", "has no amount"),
            (r#"{"from": "2025-01-01", "row": [{"kind": "correction", "up_to": "0.001", "approvers": ["dora"]}]}"#, "approval.table", "`0.001`"),
            (r#"{"from": "2025-01-01", "row": [{"kind": "correction", "unit": "x", "approvers": ["dora"]}]}"#, "approval.table", "no unit `x`"),
            (
                r#"{"from": "2025-01-01", "row": [{"kind": "reopen", "approvers": ["dora"]}, {"kind": "reopen", "approvers": ["eve"]}]}"#,
                "approval.table",
                "two rows of `reopen`",
            ),
            (r#"{"from": "2025-01-01", "row": [{"kind": "reopen", "approvers": ["dorra"]}]}"#, "approval.unknown_user", "`dorra`"),
        ] {
            let refused = office.authority(table).unwrap_err();
            assert_eq!(refused.code(), code_of, "{table}");
            assert!(refused.to_string().contains(says), "{refused}");
        }
    }
}

#[test]
fn a_delegate_decides_while_the_delegation_lasts_and_never_what_the_delegator_made() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (dora, eve) = (office.dora.clone(), office.eve.clone());
        office.books.close_as("2024-03", Close::Soft).unwrap();
        let lend = |office: &mut Office, to: &str, first: &str, last: &str| {
            delegate(&mut office.books.store, &office.books.ledger, &dora, to, (day(first), day(last)), By::new("dora", now()))
        };
        assert_eq!(code(lend(&mut office, "dora", "2025-01-01", "2025-01-05")), "approval.delegation");
        assert_eq!(code(lend(&mut office, "eve", "2025-01-05", "2025-01-01")), "approval.delegation");
        assert_eq!(code(lend(&mut office, "nobody", "2025-01-01", "2025-01-05")), "approval.unknown_user");
        // Over before today, 2025-01-02.
        lend(&mut office, "eve", "2024-12-01", "2025-01-01").unwrap().unwrap();
        let large = json!({"events": [{"on": "2024-03-21", "receive": {"id": "p3", "amount": "12000.00"}}]});
        let asked = office.correction(&large).unwrap();
        assert_eq!(code(office.approves(&eve, asked.request)), "approval.not_named");
        // Stated again with another last day it lasts longer.
        lend(&mut office, "eve", "2024-12-01", "2025-01-02").unwrap().unwrap();
        let own = office.reopen(&dora, "2024-03").unwrap();
        assert_eq!(code(office.approves(&eve, own.request)), "approval.delegator_made_it");
        office.approves(&eve, asked.request).unwrap();
        let requests = office.books.store.read(office.books.ledger.id, |view| view.requests(Some(&[asked.request]), EVERYTHING)).unwrap();
        let (request, decision) = requests.into_iter().next().unwrap();
        assert_eq!((request.amount, decision.unwrap().for_whom), (Some(1_200_000), Some(User::id_of("dora"))), "in whose place is on record");
    }
}

#[test]
fn periods_open_again_by_approval_the_hard_closed_one_by_its_own() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (carol, dora, eve) = (office.carol.clone(), office.dora.clone(), office.eve.clone());
        assert_eq!(code(office.reopen(&carol, "2024-03")), "period.reopen");
        office.books.close("2024-03").unwrap();
        office.books.close_as("2024-04", Close::Soft).unwrap();
        assert_eq!(code(office.reopen(&carol, "2024-03")), "period.reopen", "April first");
        let asked = office.reopen(&carol, "2024-04").unwrap();
        office.approves(&dora, asked.request).unwrap();
        let asked = office.reopen(&eve, "2024-03").unwrap();
        assert_eq!(code(office.approves(&carol, asked.request)), "approval.not_named", "carol may open soft-closed ones only");
        office.approves(&dora, asked.request).unwrap();
        assert_eq!(office.state_of("2024-03"), PeriodState::Open);
        office.books.know(in_march("p2"));
        assert!(office.entries(EntryKind::Received).contains(&("2024-03-20".to_owned(), 500_000, None)));
        office.books.evaluate("2024-04-30");
        // 5,000.00 at 4 years, 3 %: it is posted in March, which is open.
        assert!(office.books.postings().contains(&posted("2024-03-20", Balance::Contingent, 15_000, "2024-03", None)));
        office.books.close("2024-03").unwrap();
        office.books.prove();
    }
}

#[test]
fn a_period_closes_over_a_case_only_by_an_approved_decision_which_the_close_lists() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (carol, dora) = (office.carol.clone(), office.dora.clone());
        let exclude = Wanted::Exclude("2024-03".parse().unwrap());
        office.books.evaluate("2024-03-31");
        assert_eq!(code(office.ask(&carol, &exclude)), "approval.not_needed", "nothing stands in the way");
        let unknown_due = |key: &str, letter: &str| {
            json!({
                "receivables": {key: {"debtor": "acme", "amount": "5000.00", "document_date": "2020-01-10"}},
                "letters": {letter: {"from": "2024-01-01", "deadline": "2024-12-31", "receivables": [key], "shares": {"wang": 1}}},
                "events": [{"on": "2024-03-20", "receive": {"id": format!("of {key}"), "amount": "1000.00", "apply": {key: "1000.00"}}}],
            })
        };
        office.books.know(unknown_due("r2", "l2"));
        assert_eq!(code(office.books.close("2024-03")), "period.faults");
        let asked = office.ask(&carol, &exclude).unwrap();
        assert_eq!(code(office.books.close("2024-03")), "period.faults", "a request is no decision");
        // A second case is set aside meanwhile: it was not decided on.
        office.books.know(unknown_due("r3", "l3"));
        office.books.evaluate("2024-03-31");
        office.approves(&dora, asked.request).unwrap();
        let refused = office.books.close("2024-03").unwrap_err();
        assert!(matches!(&refused, EngineError::NotReady { failing, .. } if failing.len() == 1), "{refused}");
        let second = office.ask(&carol, &exclude).unwrap();
        office.approves(&dora, second.request).unwrap();
        let states: Vec<State> = office.books.check("2024-03").into_iter().filter(|c| c.code == "period.faults").map(|c| c.state).collect();
        assert_eq!(states.len(), 2);
        assert!(states.contains(&State::Excluded(asked.request)) && states.contains(&State::Excluded(second.request)), "{states:?}");
        office.books.close("2024-03").unwrap().unwrap();
        let PeriodMove::Closed(closed) = office.moves().remove(0) else { panic!("a close") };
        let mut requests = vec![asked.request, second.request];
        requests.sort();
        assert_eq!((closed.excluded.len(), closed.requests), (2, requests), "the close lists what it leaves out, and who said so");
        assert_eq!(code(office.books.close("2024-04")), "period.faults", "another month is another decision");
        office.books.prove();
    }
}

#[test]
fn where_the_table_says_so_a_period_is_closed_for_good_by_approval_alone() {
    for db in databases() {
        let mut office = Office::on(&db);
        let (carol, dora) = (office.carol.clone(), office.dora.clone());
        office.authority(r#"{"from": "2025-01-01", "row": [{"kind": "hard-close", "approvers": ["dora"]}]}"#).unwrap();
        let refused = office.books.close("2024-03").unwrap_err();
        assert_eq!(refused.code(), "period.needs_approval");
        assert!(refused.to_string().contains("recoup approval ask hard-close 2024-03"), "{refused}");
        let ask_for_close = |office: &mut Office| {
            let Books { store, ledger, rules, parameters } = &mut office.books;
            let closing = closing("2024-03", Close::Hard, parameters);
            ask(store, ledger, &carol, &Wanted::HardClose { plugin: rules, closing: &closing, goes_on: &to_the_end }, None, By::new("carol", now()))
        };
        let asked = ask_for_close(&mut office).unwrap();
        // What came since was not asked about.
        office.books.know(in_march("p2"));
        assert_eq!(code(office.approves(&dora, asked.request)), "evaluate.race");
        office.books.evaluate("2024-03-31");
        assert_eq!(code(office.approves(&dora, asked.request)), "approval.changed");
        office.says(&dora, asked.request, Verdict::Reject).unwrap();
        let asked = ask_for_close(&mut office).unwrap();
        office.approves(&dora, asked.request).unwrap();
        assert_eq!(office.state_of("2024-03"), PeriodState::HardClosed);
        let PeriodMove::Closed(closed) = office.moves().remove(0) else { panic!("a close") };
        assert_eq!(closed.requests, [asked.request]);
        office.books.close_as("2024-04", Close::Soft).unwrap();
        office.books.prove();
    }
}

#[test]
fn every_line_of_the_checklist_that_fails_is_named_with_how_to_mend_it() {
    for db in databases() {
        let mut office = Office::on(&db);
        let never = office.books.check("2024-03");
        assert!(never[0].is_failing() && never[0].code == "period.not_evaluated" && never[0].to_string().contains("recoup evaluate --as-of 2024-03-31"));
        let intake = intake::Intake::new("receivables-simple");
        let file = "customer code,customer name,invoice no,invoice date,due date,amount,currency,stage\n\
                    C1,Harbour,I-1,2024-03-05,2024-04-05,700.00,CNY,settled\nC1,Harbour,I-2,2024-02-31,2024-04-05,50.00,CNY,settled\ntotal,,,,,751.00,,\n";
        let Books { store, ledger, .. } = &mut office.books;
        intake.text(store, ledger, file).unwrap();
        let refused = office.books.close("2024-03").unwrap_err();
        let EngineError::NotReady { failing, .. } = &refused else { panic!("{refused}") };
        assert_eq!(failing.iter().map(|c| c.code).collect::<Vec<_>>(), ["period.quarantine", "period.control_totals"]);
        assert!(refused.to_string().contains("table.bad_date") && refused.to_string().contains("dismiss it with a reason"), "{refused}");
        assert_eq!(office.books.closed(), []);
        let Books { store, ledger, .. } = &mut office.books;
        for issue in store.read::<_, EngineError>(ledger.id, waiting).unwrap() {
            dismiss(store, ledger, issue.batch, issue.number, "a sample", By::new(ACTOR, now())).unwrap();
        }
        let lines = office.books.check("2024-03");
        assert_eq!(
            lines.iter().map(|c| (c.code, c.is_failing())).collect::<Vec<_>>(),
            ["period.not_evaluated", "period.incident", "period.faults", "period.quarantine", "period.control_totals", "period.trial_balance"]
                .map(|line| (line, false))
        );
        office.books.close("2024-03").unwrap().unwrap();
        office.books.prove();
    }
}

#[test]
fn a_correction_holds_nothing_personal() {
    let [db, _] = databases();
    let mut office = Office::on(&db);
    office.books.close_as("2024-03", Close::Soft).unwrap();
    let mut with_people = in_march("p2");
    with_people["people"] = json!({"li": {"name": "李敏"}});
    assert_eq!(code(office.correction(&with_people)), "approval.personal");
    assert_eq!(code(office.correction(&json!({"evnts": []}))), "approval.facts");
}
