//! Laws of who may do what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use recoup_model::access::{DecisionFault, Grant, Leave, Permission, ProposalState, Role, Sight, User, Verdict, exclusive, sight};
use recoup_model::id::{LedgerId, UnitId, UserId};
use recoup_model::record::Ledger;

fn user() -> UserId {
    User::id_of("ada")
}

fn unit(n: u8) -> UnitId {
    UnitId::from_parts(&[&[n]])
}

fn grant(role: Role, ledger: Option<LedgerId>, unit: Option<UnitId>) -> Grant {
    Grant::new(user(), role, ledger, unit)
}

proptest! {
    #[test]
    fn whoever_is_given_roles_one_by_one_never_has_two_that_exclude_each_other(wanted in subsequence(Role::ALL.to_vec(), 0..=7).prop_shuffle()) {
        let mut held: Vec<Grant> = Vec::new();
        for role in wanted {
            if exclusive(&held, role).is_none() {
                held.push(grant(role, None, None));
            }
        }
        let has = |roles: &[Role]| usize::from(held.iter().any(|g| roles.contains(&g.role)));
        let apart = has(&[Role::Integrator, Role::Service]) + has(&[Role::Approver]) + has(&[Role::Auditor]);
        prop_assert!(apart <= 1, "who brings figures in, who approves and who examines are three people");
        prop_assert!(has(&[Role::Collector]) + has(&[Role::Auditor]) <= 1, "whoever examines states no facts");
    }

    #[test]
    fn exclusion_is_mutual_and_ends_with_the_right(a in select(Role::ALL.to_vec()), b in select(Role::ALL.to_vec())) {
        prop_assert_eq!(a.excludes(b), b.excludes(a));
        prop_assert!(!a.excludes(a));
        let revoked = Grant { revoked: true, ..grant(a, None, None) };
        prop_assert!(exclusive(&[revoked], b).is_none());
    }

    #[test]
    fn one_more_right_never_shows_less(
        roles in subsequence(Role::ALL.to_vec(), 1..=7),
        units in proptest::collection::vec(proptest::option::of(0..3_u8), 7),
        permission in select(Permission::ALL.to_vec()),
        purpose in any::<bool>(),
    ) {
        let ledger = Ledger::id_of("main");
        let all: Vec<Grant> = roles.iter().zip(units).map(|(r, u)| grant(*r, Some(ledger), u.map(unit))).collect();
        let (fewer, more) = (sight(&all[1..], permission, Some(ledger), purpose), sight(&all, permission, Some(ledger), purpose));
        if let Some(fewer) = fewer {
            prop_assert_eq!(fewer.with(more.clone().unwrap()), more.unwrap());
        }
    }
}

#[test]
fn wages_are_for_the_payroll_or_an_auditor_who_says_what_for() {
    for role in Role::ALL {
        let expected = match role {
            Role::Payroll => Leave::Yes,
            Role::Auditor => Leave::ForPurpose,
            _ => Leave::No,
        };
        assert_eq!(role.leave(Permission::ReadSensitive), expected, "{role:?}");
    }
}

#[test]
fn every_permission_is_somebodys_and_only_administrators_change_rights() {
    for permission in Permission::ALL {
        assert!(Role::ALL.iter().any(|role| role.leave(permission) == Leave::Yes), "{permission:?}");
    }
    for role in Role::ALL {
        assert_eq!(role.leave(Permission::ManageAccess) == Leave::Yes, role == Role::Administrator);
        assert_eq!(Role::from_word(role.word()), Some(role));
    }
}

#[test]
fn a_right_opens_its_ledger_and_its_unit_and_nothing_else() {
    let (here, there) = (Ledger::id_of("main"), Ledger::id_of("other"));
    let north = [grant(Role::Collector, Some(here), Some(unit(1)))];
    let units = Some(Sight::Units(BTreeSet::from([unit(1)])));
    assert_eq!(sight(&north, Permission::Read, Some(here), false), units);
    assert_eq!(sight(&north, Permission::Read, Some(there), false), None);
    assert_eq!(sight(&north, Permission::Record, Some(here), false), None, "what concerns a ledger whole is not had by unit");
    let both = [grant(Role::Collector, Some(here), Some(unit(1))), grant(Role::Payroll, None, None)];
    assert_eq!(sight(&both, Permission::Read, Some(here), false), Some(Sight::Everything));
    let auditor = [grant(Role::Auditor, Some(here), None)];
    assert_eq!(sight(&auditor, Permission::ReadSensitive, Some(here), false), None);
    assert_eq!(sight(&auditor, Permission::ReadSensitive, Some(here), true), Some(Sight::Everything));
    assert_eq!(sight(&[grant(Role::Administrator, Some(here), None)], Permission::ManageAccess, None, false), None);
    assert!(!grant(Role::Administrator, Some(here), None).is_sound());
    assert!(!grant(Role::Collector, None, Some(unit(1))).is_sound());
}

#[test]
fn a_proposal_is_decided_once_and_by_another_person() {
    let (maker, other) = (user(), User::id_of("bob"));
    let pending = ProposalState::Pending;
    assert_eq!(pending.decide(maker, other, Verdict::Approve), Ok(ProposalState::Decided(Verdict::Approve)));
    assert_eq!(pending.decide(maker, maker, Verdict::Approve), Err(DecisionFault::SamePerson));
    assert_eq!(pending.decide(maker, maker, Verdict::Reject), Err(DecisionFault::SamePerson));
    assert_eq!(pending.decide(maker, maker, Verdict::Withdraw), Ok(ProposalState::Decided(Verdict::Withdraw)));
    assert_eq!(pending.decide(maker, other, Verdict::Withdraw), Err(DecisionFault::NotTheMaker));
    for first in [Verdict::Approve, Verdict::Reject, Verdict::Withdraw] {
        for second in [Verdict::Approve, Verdict::Reject, Verdict::Withdraw] {
            assert_eq!(ProposalState::Decided(first).decide(maker, other, second), Err(DecisionFault::Decided));
        }
    }
}

#[test]
fn no_code_leads_to_the_log_of_the_installation() {
    for code in ["", "installation", "main"] {
        assert_ne!(Ledger::id_of(code), Ledger::installation());
    }
}
