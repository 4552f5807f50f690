//! Who may do what, on both databases: two people for every change, and proofs that end when they should.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;
use std::thread;

use chrono::Duration;
use recoup_engine::EngineError;
use recoup_engine::access::{
    Caller, Reading, add_user, appoint, authenticate, authenticate_token, change_password, decide, disclose, issue_token, propose, sign_in, sign_out,
    wages_in_sight,
};
use recoup_model::access::{Change, Grant, Permission, Role, Sight, TrustedKey, User, Verdict};
use recoup_model::id::{LedgerId, ProposalId, UnitId, UserId};
use recoup_model::record::Ledger;
use recoup_store::testing::{TestDb, databases, sqlite};
use recoup_store::{EVERYTHING, Store, StoreError, View, audit};
use recoup_tests::now;

const PASSWORD: &str = "correct horse battery";
/// What an administrator gives a new user.
const FIRST: &str = "first horse battery";

/// An installation with the administrators `ada` and `bob`, and `carol`, who has no right.
struct Office {
    store: Store,
    ada: Caller,
    bob: Caller,
}

impl Office {
    fn on(db: &TestDb) -> Self {
        let mut store = db.store();
        for login in ["ada", "bob"] {
            appoint(&mut store, login, Some("A Name"), PASSWORD, "machine", now()).unwrap();
        }
        let [ada, bob] = ["ada", "bob"].map(|login| authenticate(&mut store, login, PASSWORD).unwrap());
        let mut office = Self { store, ada, bob };
        office.join("carol");
        office
    }

    /// A user without any right, who changed the password that they were given.
    fn join(&mut self, login: &str) -> UserId {
        add_user(&mut self.store, &self.ada, login, None, FIRST, now()).unwrap();
        change_password(&mut self.store, login, FIRST, PASSWORD, now()).unwrap();
        User::id_of(login)
    }

    fn propose(&mut self, change: Change) -> Result<ProposalId, EngineError> {
        Ok(propose(&mut self.store, &self.ada, change, now())?.0)
    }

    fn approve(&mut self, proposal: ProposalId) -> Result<i64, EngineError> {
        decide(&mut self.store, &self.bob, proposal, Verdict::Approve, now())
    }

    /// Both agree.
    fn change(&mut self, change: Change) {
        let proposal = self.propose(change).unwrap();
        self.approve(proposal).unwrap();
    }

    fn carol(&mut self) -> Caller {
        authenticate(&mut self.store, "carol", PASSWORD).unwrap()
    }

    fn read<T>(&mut self, f: impl FnOnce(&mut View<'_>) -> Result<T, StoreError>) -> T {
        self.store.read(Ledger::installation(), f).unwrap()
    }
}

fn main_ledger() -> Option<LedgerId> {
    Some(Ledger::id_of("main"))
}

fn to_carol(role: Role) -> Grant {
    Grant::new(User::id_of("carol"), role, main_ledger(), None)
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, EngineError>, code: &str) {
    assert_eq!(outcome.unwrap_err().code(), code);
}

#[test]
fn the_machine_appoints_two_administrators_and_no_third_even_in_a_race() {
    for db in databases() {
        let outcomes: Vec<_> = thread::scope(|scope| {
            let race = ["ada", "bob", "cyn", "dan"].map(|login| scope.spawn(|| appoint(&mut db.store(), login, None, PASSWORD, "machine", now())));
            race.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 2);
        for outcome in outcomes.into_iter().filter(Result::is_err) {
            refused(outcome, "access.appointed");
        }
        let users = db.store().read(Ledger::installation(), |view| view.users(None, EVERYTHING)).unwrap();
        assert_eq!(users.len(), 2);
    }
}

#[test]
fn a_login_is_had_once_and_a_password_is_long() {
    for db in databases() {
        let mut office = Office::on(&db);
        let mut add = |login: &str, password: &str| add_user(&mut office.store, &office.ada, login, None, password, now());
        refused(add("carol", PASSWORD), "access.login_taken");
        refused(add("dan", "short"), "access.password");
        refused(add("d n", PASSWORD), "access.login");
        let carol = office.carol();
        refused(add_user(&mut office.store, &carol, "dan", None, PASSWORD, now()), "access.forbidden");
        for (login, password) in [("ada", "wrong horse battery"), ("nobody", PASSWORD), ("", "")] {
            refused(authenticate(&mut office.store, login, password), "access.denied");
        }
    }
}

#[test]
fn a_user_changes_the_password_that_somebody_else_gave_them() {
    for db in databases() {
        let mut office = Office::on(&db);
        let new = "staple battery horse";
        refused(change_password(&mut office.store, "carol", new, new, now()), "access.denied");
        refused(change_password(&mut office.store, "carol", PASSWORD, PASSWORD, now()), "access.nothing");
        refused(change_password(&mut office.store, "carol", PASSWORD, "short", now()), "access.password");
        change_password(&mut office.store, "carol", PASSWORD, new, now()).unwrap();
        refused(authenticate(&mut office.store, "carol", PASSWORD), "access.denied");
        assert_eq!(authenticate(&mut office.store, "carol", new).unwrap().login(), "carol");
        let ada = office.read(|view| view.users(Some(&[User::id_of("ada")]), EVERYTHING));
        assert_eq!(ada[0].1.clone().unwrap().name.as_deref(), Some("A Name"));
    }
}

#[test]
fn a_password_that_somebody_else_chose_opens_nothing() {
    for db in databases() {
        let mut office = Office::on(&db);
        add_user(&mut office.store, &office.ada, "dan", None, FIRST, now()).unwrap();
        refused(authenticate(&mut office.store, "dan", FIRST), "access.given_password");
        refused(sign_in(&mut office.store, "dan", FIRST, Duration::hours(1), now()), "access.given_password");
        refused(authenticate(&mut office.store, "dan", PASSWORD), "access.denied");
        refused(change_password(&mut office.store, "dan", FIRST, FIRST, now()), "access.nothing");
        change_password(&mut office.store, "dan", FIRST, PASSWORD, now()).unwrap();
        assert_eq!(authenticate(&mut office.store, "dan", PASSWORD).unwrap().login(), "dan");
    }
}

#[test]
fn whoever_signed_in_is_known_for_a_time_until_they_leave_or_change_their_password() {
    for db in databases() {
        let mut office = Office::on(&db);
        refused(sign_in(&mut office.store, "carol", FIRST, Duration::hours(1), now()), "access.denied");
        let sign_in = |office: &mut Office, login: &str| sign_in(&mut office.store, login, PASSWORD, Duration::hours(1), now()).unwrap();
        let known = |office: &mut Office, secret: &str, at| authenticate_token(&mut office.store, secret, at);
        let (one, two) = (sign_in(&mut office, "carol"), sign_in(&mut office, "carol"));
        assert_eq!(known(&mut office, one.secret.reveal(), now()).unwrap().login(), "carol");
        refused(known(&mut office, one.secret.reveal(), one.expires_at), "access.token");
        // One's own session ends, nobody else's, and no program's token.
        let ada = office.ada.clone();
        let carol = office.carol();
        sign_out(&mut office.store, one.secret.reveal(), now()).unwrap();
        refused(known(&mut office, one.secret.reveal(), now()), "access.token");
        assert!(known(&mut office, two.secret.reveal(), now()).is_ok());
        let program = issue_token(&mut office.store, &ada, carol.user(), "scripts", now() + Duration::days(1), now()).unwrap();
        office.approve(program.proposal).unwrap();
        refused(sign_out(&mut office.store, program.secret.as_ref().unwrap().reveal(), now()), "access.nothing");
        change_password(&mut office.store, "carol", PASSWORD, FIRST, now()).unwrap();
        refused(known(&mut office, two.secret.reveal(), now()), "access.token");
        assert!(known(&mut office, program.secret.as_ref().unwrap().reveal(), now()).is_ok(), "a program goes on");
    }
}

/// Whoever has a token issued for another administrator has its secret, and would be two people.
#[test]
fn an_administrator_s_token_is_no_second_person_and_their_session_is() {
    for db in databases() {
        let mut office = Office::on(&db);
        appoint_third(&mut office);
        let issued = issue_token(&mut office.store, &office.ada, User::id_of("dan"), "scripts", now() + Duration::days(1), now()).unwrap();
        office.approve(issued.proposal).unwrap();
        let program = authenticate_token(&mut office.store, issued.secret.as_ref().unwrap().reveal(), now()).unwrap();
        assert!(program.may(Permission::ManageAccess, None).is_none() && program.may(Permission::ReadAccessLog, None).is_some());
        let change = Change::Grant(to_carol(Role::Collector));
        let proposal = office.propose(change.clone()).unwrap();
        refused(decide(&mut office.store, &program, proposal, Verdict::Approve, now()), "access.forbidden");
        refused(propose(&mut office.store, &program, Change::Disable(User::id_of("bob")), now()), "access.forbidden");
        refused(add_user(&mut office.store, &program, "eve", None, FIRST, now()), "access.forbidden");
        let session = sign_in(&mut office.store, "dan", PASSWORD, Duration::hours(1), now()).unwrap();
        let dan = authenticate_token(&mut office.store, session.secret.reveal(), now()).unwrap();
        decide(&mut office.store, &dan, proposal, Verdict::Approve, now()).unwrap();
    }
}

#[test]
fn what_somebody_was_when_they_proved_who_they_are_does_not_count() {
    for db in databases() {
        let mut office = Office::on(&db);
        appoint_third(&mut office);
        let dan = authenticate(&mut office.store, "dan", PASSWORD).unwrap();
        office.change(Change::Grant(to_carol(Role::Payroll)));
        let carol = office.carol();
        let reading = Reading { ledger: Ledger::id_of("main"), what: "wage-months", purpose: None };
        let see = |office: &mut Office| {
            let seen = wages_in_sight(&mut office.store, &carol, reading)?;
            disclose(&mut office.store, &carol, reading, &seen, vec!["wang".to_owned()], now())
        };
        see(&mut office).unwrap();
        office.change(Change::Disable(User::id_of("carol")));
        refused(see(&mut office), "access.forbidden");
        office.change(Change::Enable(User::id_of("carol")));
        office.change(Change::Revoke(to_carol(Role::Payroll).id));
        refused(see(&mut office), "access.forbidden");
        office.change(Change::Revoke(Grant::new(User::id_of("dan"), Role::Administrator, None, None).id));
        refused(add_user(&mut office.store, &dan, "eve", None, FIRST, now()), "access.forbidden");
        refused(propose(&mut office.store, &dan, Change::Disable(User::id_of("bob")), now()), "access.forbidden");
        assert_eq!(office.read(|view| view.disclosures(EVERYTHING)).len(), 1);
    }
}

/// Edge case 48.
#[test]
fn a_change_takes_two_administrators_and_is_decided_once() {
    for db in databases() {
        let mut office = Office::on(&db);
        let change = Change::Grant(to_carol(Role::Collector));
        let before = office.read(|view| Ok(view.head().position));
        let proposal = office.propose(change.clone()).unwrap();
        assert!(office.carol().may(Permission::Read, main_ledger()).is_none());
        refused(office.propose(change.clone()), "access.pending");
        refused(propose(&mut office.store, &office.bob, change.clone(), now()), "access.pending");
        refused(decide(&mut office.store, &office.ada, proposal, Verdict::Approve, now()), "access.same_person");
        refused(decide(&mut office.store, &office.bob, proposal, Verdict::Withdraw, now()), "access.not_the_maker");
        let carol = office.carol();
        refused(decide(&mut office.store, &carol, proposal, Verdict::Approve, now()), "access.forbidden");
        refused(propose(&mut office.store, &carol, change.clone(), now()), "access.forbidden");
        office.approve(proposal).unwrap();
        refused(office.approve(proposal), "access.decided");
        refused(decide(&mut office.store, &office.ada, proposal, Verdict::Reject, now()), "access.decided");
        refused(office.propose(change), "access.nothing");
        assert_eq!(office.carol().may(Permission::Read, main_ledger()), Some(Sight::Everything));
        assert!(office.carol().may(Permission::Read, Some(Ledger::id_of("other"))).is_none());

        // Who had which right when is known for ever.
        assert_eq!(office.read(|view| view.grants(Some(&[User::id_of("carol")]), EVERYTHING)).len(), 1);
        assert_eq!(office.read(|view| view.grants(Some(&[User::id_of("carol")]), before)).len(), 0);
        office.change(Change::Revoke(to_carol(Role::Collector).id));
        assert!(office.carol().may(Permission::Read, main_ledger()).is_none());
        let rebuilt = audit::rebuild(&mut office.store, Ledger::installation(), &mut sqlite().store()).unwrap();
        assert!(rebuilt.is_proof(), "{rebuilt:#?}");
    }
}

/// Edge case 48.
#[test]
fn whose_plugins_are_trusted_takes_two_administrators() {
    for db in databases() {
        let mut office = Office::on(&db);
        let key = TrustedKey::new("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse().unwrap(), "vendor");
        let listed = |office: &mut Office, known_at| office.read(|view| view.trusted_keys(None, known_at));
        refused(office.propose(Change::WithdrawTrust(key.id)), "access.unknown");
        let proposal = office.propose(Change::Trust(key.clone())).unwrap();
        refused(propose(&mut office.store, &office.bob, Change::Trust(key.clone()), now()), "access.pending");
        refused(decide(&mut office.store, &office.ada, proposal, Verdict::Approve, now()), "access.same_person");
        let carol = office.carol();
        refused(decide(&mut office.store, &carol, proposal, Verdict::Approve, now()), "access.forbidden");
        refused(propose(&mut office.store, &carol, Change::Trust(key.clone()), now()), "access.forbidden");
        assert_eq!(listed(&mut office, EVERYTHING), []);
        // Asked for under another name as well: whichever is approved first, the other was asked for something else.
        let renamed = office.propose(Change::Trust(TrustedKey { label: "other".to_owned(), ..key.clone() })).unwrap();
        let trusted = office.approve(proposal).unwrap();
        assert_eq!(listed(&mut office, EVERYTHING), std::slice::from_ref(&key));
        refused(office.approve(renamed), "access.changed");
        refused(office.approve(proposal), "access.decided");
        refused(office.propose(Change::Trust(key.clone())), "access.nothing");

        let withdrawal = office.propose(Change::WithdrawTrust(key.id)).unwrap();
        refused(decide(&mut office.store, &office.ada, withdrawal, Verdict::Approve, now()), "access.same_person");
        assert_eq!(listed(&mut office, EVERYTHING), std::slice::from_ref(&key));
        office.approve(withdrawal).unwrap();
        assert_eq!(listed(&mut office, EVERYTHING), [TrustedKey { revoked: true, ..key.clone() }]);
        refused(office.propose(Change::WithdrawTrust(key.id)), "access.nothing");
        // Who was trusted when is known for ever, and whoever was may be again.
        assert_eq!(listed(&mut office, trusted), std::slice::from_ref(&key));
        office.change(Change::Trust(key.clone()));
        assert_eq!(listed(&mut office, EVERYTHING), [key]);
        let rebuilt = audit::rebuild(&mut office.store, Ledger::installation(), &mut sqlite().store()).unwrap();
        assert!(rebuilt.is_proof(), "{rebuilt:#?}");
    }
}

/// Edge case 48.
#[test]
fn two_who_decide_at_once_decide_once() {
    for db in databases() {
        let mut office = Office::on(&db);
        appoint_third(&mut office);
        let proposal = office.propose(Change::Grant(to_carol(Role::Collector))).unwrap();
        let dan = authenticate(&mut office.store, "dan", PASSWORD).unwrap();
        let outcomes: Vec<_> = thread::scope(|scope| {
            let race = [&office.bob, &dan].map(|who| scope.spawn(|| decide(&mut db.store(), who, proposal, Verdict::Approve, now())));
            race.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1);
        outcomes.into_iter().filter(Result::is_err).for_each(|o| refused(o, "access.decided"));
    }
}

/// `dan`, a third administrator, by the decision of the two.
fn appoint_third(office: &mut Office) {
    let dan = office.join("dan");
    office.change(Change::Grant(Grant::new(dan, Role::Administrator, None, None)));
}

/// Edge case 48.
#[test]
fn a_proposal_lapses_when_what_it_builds_on_changes() {
    for db in databases() {
        let mut office = Office::on(&db);
        appoint_third(&mut office);
        // The user is shut out in between.
        let grant = office.propose(Change::Grant(to_carol(Role::Collector))).unwrap();
        office.change(Change::Disable(User::id_of("carol")));
        refused(office.approve(grant), "access.changed");
        refused(office.propose(Change::Grant(to_carol(Role::Payroll))), "access.nothing");
        office.change(Change::Enable(User::id_of("carol")));
        // Who asked is no administrator any more.
        let dan = authenticate(&mut office.store, "dan", PASSWORD).unwrap();
        let (asked, _) = propose(&mut office.store, &dan, Change::Grant(to_carol(Role::Payroll)), now()).unwrap();
        office.change(Change::Revoke(Grant::new(User::id_of("dan"), Role::Administrator, None, None).id));
        refused(office.approve(asked), "access.changed");
        refused(propose(&mut office.store, &dan, Change::Enable(User::id_of("carol")), now()), "access.forbidden");
        // A rejection needs no basis.
        decide(&mut office.store, &office.bob, asked, Verdict::Reject, now()).unwrap();
        assert!(office.carol().may(Permission::Read, main_ledger()).is_none());
    }
}

#[test]
fn nobody_comes_to_two_roles_that_exclude_each_other() {
    for db in databases() {
        let mut office = Office::on(&db);
        // Both asked for while neither is had: the second is refused when it is decided.
        let first = office.propose(Change::Grant(to_carol(Role::Integrator))).unwrap();
        let second = office.propose(Change::Grant(to_carol(Role::Approver))).unwrap();
        office.approve(first).unwrap();
        refused(office.approve(second), "access.exclusive_roles");
        let elsewhere = Grant::new(User::id_of("carol"), Role::Auditor, Some(Ledger::id_of("other")), None);
        refused(office.propose(Change::Grant(elsewhere)), "access.exclusive_roles");
        office.change(Change::Revoke(to_carol(Role::Integrator).id));
        office.approve(second).unwrap();
        let everywhere = Grant::new(User::id_of("carol"), Role::Collector, None, Some(UnitId::from_parts(&[b"north"])));
        refused(office.propose(Change::Grant(everywhere)), "access.scope");
    }
}

#[test]
fn a_right_for_a_unit_opens_what_belongs_to_it() {
    for db in databases() {
        let mut office = Office::on(&db);
        let unit = UnitId::from_parts(&[b"north"]);
        office.change(Change::Grant(Grant::new(User::id_of("carol"), Role::Collector, main_ledger(), Some(unit))));
        let carol = office.carol();
        assert_eq!(carol.may(Permission::Read, main_ledger()), Some(Sight::Units(BTreeSet::from([unit]))));
        assert_eq!(carol.may(Permission::Record, main_ledger()), None);
        assert_eq!(carol.may(Permission::ManageAccess, None), None);
    }
}

#[test]
fn a_token_is_accepted_from_its_approval_until_it_expires_is_revoked_or_its_user_is_shut_out() {
    for db in databases() {
        let mut office = Office::on(&db);
        let carol = User::id_of("carol");
        let in_a_day = now() + Duration::days(1);
        refused(issue_token(&mut office.store, &office.ada, carol, "late", now(), now()), "access.expired");
        let issued = issue_token(&mut office.store, &office.ada, carol, "scripts", in_a_day, now()).unwrap();
        refused(issue_token(&mut office.store, &office.bob, carol, "scripts", in_a_day, now()), "access.pending");
        let secret = issued.secret.as_ref().unwrap().reveal().to_owned();
        assert!(!format!("{issued:?}").contains(&secret));
        refused(authenticate_token(&mut office.store, &secret, now()), "access.token");
        office.approve(issued.proposal).unwrap();
        assert_eq!(authenticate_token(&mut office.store, &secret, now()).unwrap().login(), "carol");
        refused(authenticate_token(&mut office.store, &secret, in_a_day), "access.token");
        refused(authenticate_token(&mut office.store, &secret[..secret.len() - 1], now()), "access.token");

        office.change(Change::Disable(carol));
        refused(authenticate_token(&mut office.store, &secret, now()), "access.token");
        refused(authenticate(&mut office.store, "carol", PASSWORD), "access.denied");
        office.change(Change::Enable(carol));
        assert_eq!(office.carol().login(), "carol");
        assert!(authenticate_token(&mut office.store, &secret, now()).is_ok());

        office.change(Change::RevokeToken(issued.token));
        refused(authenticate_token(&mut office.store, &secret, now()), "access.token");
        refused(office.propose(Change::RevokeToken(issued.token)), "access.nothing");
    }
}

#[test]
fn wages_are_shown_to_the_payroll_or_for_a_purpose_and_the_showing_is_recorded() {
    for db in databases() {
        let mut office = Office::on(&db);
        let ledger = Ledger::id_of("main");
        let show = |office: &mut Office, purpose| {
            let carol = office.carol();
            let reading = Reading { ledger, what: "wage-months", purpose };
            let seen = wages_in_sight(&mut office.store, &carol, reading)?;
            disclose(&mut office.store, &carol, reading, &seen, vec!["wang".to_owned()], now())?;
            Ok(seen)
        };
        refused(show(&mut office, None), "access.forbidden");
        office.change(Change::Grant(to_carol(Role::Auditor)));
        refused(show(&mut office, None), "access.purpose");
        refused(show(&mut office, Some("  ")), "access.purpose");
        assert_eq!(office.read(|view| view.disclosures(EVERYTHING)), []);
        assert_eq!(show(&mut office, Some("audit of May")).unwrap(), Sight::Everything);
        office.change(Change::Revoke(to_carol(Role::Auditor).id));
        office.change(Change::Grant(to_carol(Role::Payroll)));
        show(&mut office, None).unwrap();
        let recorded =
            |office: &mut Office| -> Vec<_> { office.read(|view| view.disclosures(EVERYTHING)).into_iter().map(|(_, d)| (d.purpose, d.persons)).collect() };
        let wang = || vec!["wang".to_owned()];
        assert_eq!(recorded(&mut office), [(Some("audit of May".to_owned()), wang()), (None, wang())]);

        // Rights that end, or shrink, between the look and the showing: nothing is shown.
        let reading = Reading { ledger, what: "wage-months", purpose: None };
        let carol = office.carol();
        let seen = wages_in_sight(&mut office.store, &carol, reading).unwrap();
        office.change(Change::Revoke(to_carol(Role::Payroll).id));
        let north = Some(UnitId::from_parts(&[b"north"]));
        office.change(Change::Grant(Grant::new(User::id_of("carol"), Role::Payroll, main_ledger(), north)));
        refused(disclose(&mut office.store, &carol, reading, &seen, wang(), now()), "access.forbidden");
        assert_eq!(recorded(&mut office).len(), 2);
    }
}
