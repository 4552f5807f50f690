//! Laws of lines: their movements are their states, told as differences.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_model::calendar::from_day_number;
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Balance, Basis, Beneficiary, Line, LineKey, LineState, Movement};
use recoup_model::id::{EntryId, PartyId, PersonId};
use recoup_model::{Date, Month};
use uuid::Uuid;

const STATES: [LineState; 3] = [LineState::Contingent, LineState::Payable, LineState::Lapsed];

fn line(amount: i64, states: Vec<(Date, LineState)>) -> Line {
    let case = CaseKey { pack: "p".to_owned(), scope: Scope::Letter, subject: Uuid::nil() };
    let key = LineKey { case, clause: "LC-1".to_owned(), to: Beneficiary::Person(PersonId(Uuid::nil())), basis: Basis::Close, part: 0 };
    Line { id: key.id(), key, amount, states, steps: Vec::new(), withdrawn: false, sensitive: false }
}

/// Worked out from the rule alone: SHA-256 over the lengths and bytes of `line`, pack, scope, subject, clause, person, tag and value of the basis, part.
const WERE: [&str; 3] = ["df68d0dc-1961-8f83-a1fa-faf7b25ef2e4", "f5b3173f-c247-8198-9179-9c14bd7a0814", "0e2a457d-89ad-806c-9e81-7aca87042a9b"];

/// What is posted of a line stands under its id: a new kind of basis must leave those of the others as they are.
#[test]
fn ids_of_lines_stay_what_they_were() {
    let id = |basis| {
        let case = CaseKey { pack: "p".to_owned(), scope: Scope::Letter, subject: Uuid::from_u128(1) };
        LineKey { case, clause: "LC-1".to_owned(), to: Beneficiary::Person(PersonId(Uuid::from_u128(2))), basis, part: 3 }.id().to_string()
    };
    let entry = Basis::Entry(EntryId(Uuid::from_u128(4)));
    let month = Basis::WageMonth(Month::new(2024, 7).unwrap());
    assert_eq!([id(entry), id(month), id(Basis::Close)], WERE);
}

/// What is hashed stays as it was: a person's key reads as before parties could have lines.
#[test]
fn the_json_of_a_persons_key_stays_what_it_was() {
    let mut key = line(1, Vec::new()).key;
    let nil = "00000000-0000-0000-0000-000000000000";
    let was = format!(r#"{{"case":{{"pack":"p","scope":"letter","subject":"{nil}"}},"clause":"LC-1","person":"{nil}","basis":"close","part":0}}"#);
    assert_eq!(serde_json::to_string(&key).unwrap(), was);
    assert_eq!(serde_json::from_str::<LineKey>(&was).unwrap(), key);
    key.to = Beneficiary::Party(PartyId(Uuid::nil()));
    let is = was.replace("person", "party");
    assert_eq!((serde_json::to_string(&key).unwrap(), serde_json::from_str::<LineKey>(&is).unwrap()), (is, key));
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// States on rising days; the same state may follow itself.
fn any_line() -> impl Strategy<Value = Line> {
    let amount = prop_oneof![Just(0), -1_000_000_i64..1_000_000];
    let states = prop::collection::btree_map(19_000_i32..19_400, prop::sample::select(STATES.to_vec()), 0..8);
    (amount, states).prop_map(|(amount, states)| line(amount, states.into_iter().map(|(d, s)| (from_day_number(d).unwrap(), s)).collect()))
}

fn standing(line: &Line, balance: Balance, at: Date) -> i64 {
    line.movements().filter(|m| m.on <= at && m.balance == balance).map(|m| m.amount).sum()
}

/// LC example 7: earned 2024-03-15, cleared 2024-11-20, bounced 2025-02-05, recovered 2025-03-10.
#[test]
fn a_bonus_moves_from_contingent_to_payable_and_back() {
    let states = [
        ("2024-03-15", LineState::Contingent),
        ("2024-11-20", LineState::Payable),
        ("2025-02-05", LineState::Contingent),
        ("2025-03-10", LineState::Payable),
        ("2025-04-01", LineState::Lapsed),
    ];
    let line = line(3_600_000, states.map(|(d, s)| (day(d), s)).to_vec());
    let moved = |on: &str, balance, amount| Movement { on: day(on), balance, amount };
    let expected = [
        moved("2024-03-15", Balance::Contingent, 3_600_000),
        moved("2024-11-20", Balance::Contingent, -3_600_000),
        moved("2024-11-20", Balance::Payable, 3_600_000),
        moved("2025-02-05", Balance::Payable, -3_600_000),
        moved("2025-02-05", Balance::Contingent, 3_600_000),
        moved("2025-03-10", Balance::Contingent, -3_600_000),
        moved("2025-03-10", Balance::Payable, 3_600_000),
        moved("2025-04-01", Balance::Payable, -3_600_000),
    ];
    assert_eq!(line.movements().collect::<Vec<_>>(), expected);
    assert_eq!(line.state_on(day("2024-03-14")), None);
    assert_eq!(line.state_on(day("2024-11-19")), Some(LineState::Contingent));
    assert_eq!(line.state_on(day("2024-11-20")), Some(LineState::Payable), "the day itself is judged at its end");
}

#[test]
fn a_state_that_goes_on_moves_nothing() {
    let line = line(5, vec![(day("2024-01-01"), LineState::Payable), (day("2024-02-01"), LineState::Payable)]);
    assert_eq!(line.movements().count(), 1);
}

proptest! {
    #[test]
    fn movements_up_to_a_day_are_what_stands_on_that_day(line in any_line(), at in 18_990_i32..19_410) {
        let at = from_day_number(at).unwrap();
        for balance in [Balance::Contingent, Balance::Payable] {
            let stands = line.state_on(at).and_then(LineState::balance) == Some(balance);
            prop_assert_eq!(standing(&line, balance, at), if stands { line.amount } else { 0 });
        }
    }

    #[test]
    fn a_lapsed_line_nets_to_zero(mut line in any_line()) {
        line.states.push((day("2030-01-01"), LineState::Lapsed));
        prop_assert_eq!(line.movements().map(|m| m.amount).sum::<i64>(), 0);
    }

    #[test]
    fn a_withdrawn_line_moves_nothing_and_no_movement_is_empty(line in any_line()) {
        prop_assert!(line.movements().all(|m| m.amount != 0));
        prop_assert_eq!(Line { withdrawn: true, ..line }.movements().count(), 0);
    }
}
