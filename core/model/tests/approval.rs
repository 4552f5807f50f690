//! Laws of approvals: who may decide what somebody asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_model::access::User;
use recoup_model::approval::{Acting, Authority, AuthorityRow, Delegation, MatterKind, NoAuthority, acting};
use recoup_model::calendar::Date;
use recoup_model::id::{UnitId, UserId};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn user(login: &str) -> UserId {
    User::id_of(login)
}

fn unit(n: u8) -> UnitId {
    UnitId::from_parts(&[&[n]])
}

fn row(kind: MatterKind, up_to: Option<i64>, unit: Option<UnitId>, approvers: &[&str]) -> AuthorityRow {
    AuthorityRow { kind, up_to, unit, approvers: approvers.iter().map(ToString::to_string).collect() }
}

/// Corrections up to 100.00 by carol, in the north by nora, any by dora.
fn table() -> Authority {
    let rows = vec![
        row(MatterKind::Correction, Some(10_000), None, &["carol"]),
        row(MatterKind::Correction, None, Some(unit(1)), &["nora"]),
        row(MatterKind::Correction, None, None, &["dora"]),
    ];
    Authority { from: day("2024-01-01"), rows }
}

#[test]
fn kind_amount_and_unit_say_who_may_approve() {
    let may = |kind, amount, unit| table().approvers(kind, amount, unit);
    let users = |logins: &[&str]| logins.iter().map(|l| user(l)).collect::<Vec<_>>();
    assert_eq!(may(MatterKind::Correction, Some(10_000), None), users(&["carol", "dora"]), "the limit is inside");
    assert_eq!(may(MatterKind::Correction, Some(10_001), None), users(&["dora"]));
    assert_eq!(may(MatterKind::Correction, Some(10_001), Some(unit(1))), users(&["nora", "dora"]));
    assert_eq!(may(MatterKind::Correction, Some(10_001), Some(unit(2))), users(&["dora"]));
    assert_eq!(may(MatterKind::Correction, None, None), users(&["dora"]), "an amount that is missing is below no limit");
    assert_eq!(may(MatterKind::Reopen, None, None), [], "a gap is a gap");
}

#[test]
fn the_table_that_began_last_is_in_force() {
    let from = |text: &str| Authority { from: day(text), ..table() };
    let tables = [from("2024-06-01"), from("2024-01-01"), from("2025-01-01")];
    let in_force = |on: &str| Authority::in_force(tables.clone(), day(on)).map(|t| t.from.to_string());
    assert_eq!(in_force("2023-12-31"), None);
    assert_eq!(in_force("2024-01-01").as_deref(), Some("2024-01-01"));
    assert_eq!(in_force("2024-12-31").as_deref(), Some("2024-06-01"));
}

#[test]
fn a_delegate_decides_from_the_first_day_to_the_last_and_never_what_either_made() {
    let lent = [Delegation { from: user("dora"), to: user("eve"), first: day("2024-05-01"), last: day("2024-05-31") }];
    let approvers = [user("dora")];
    let may = |maker: &str, by: &str, on: &str| acting(&approvers, &lent, user(maker), user(by), day(on));
    assert_eq!(may("mo", "dora", "2024-05-10"), Ok(Acting::Own));
    for on in ["2024-05-01", "2024-05-31"] {
        assert_eq!(may("mo", "eve", on), Ok(Acting::For(user("dora"))));
    }
    for on in ["2024-04-30", "2024-06-01"] {
        assert_eq!(may("mo", "eve", on), Err(NoAuthority::NotNamed));
    }
    assert_eq!(may("dora", "eve", "2024-05-10"), Err(NoAuthority::DelegatorMadeIt));
    assert_eq!(may("mo", "fay", "2024-05-10"), Err(NoAuthority::NotNamed));
    assert_eq!(acting(&[], &lent, user("mo"), user("eve"), day("2024-05-10")), Err(NoAuthority::Gap));
    // Authority that was lent is not lent again.
    let chain = [lent[0].clone(), Delegation { from: user("eve"), to: user("fay"), ..lent[0].clone() }];
    assert_eq!(acting(&approvers, &chain, user("mo"), user("fay"), day("2024-05-10")), Err(NoAuthority::NotNamed));
}
