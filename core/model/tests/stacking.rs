//! Which families of bonuses may be earned on one application.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use recoup_model::calendar::{Date, date};
use recoup_model::id::ProposalId;
use recoup_model::stacking::{Families, Stacking};

#[test]
fn two_families_are_the_same_two_whichever_is_named_first_and_one_is_no_two() {
    let two = Families::new("b", "a").unwrap();
    assert_eq!(two, Families::new("a", "b").unwrap());
    assert_eq!(serde_json::to_string(&two).unwrap(), r#"["a","b"]"#);
    assert_eq!(serde_json::from_str::<Families>(r#"["b","a"]"#).unwrap(), two);
    assert_eq!(Families::new("a", "a").unwrap_err().to_string(), "`a` is one family and no two");
    assert!(serde_json::from_str::<Families>(r#"["a","a"]"#).is_err());
}

fn on(day: u32) -> Date {
    date(2024, 6, day).unwrap()
}

fn stacking(from: u32, to: Option<u32>) -> Stacking {
    let request = ProposalId::from_parts(&[b"request"]);
    Stacking { families: Families::new("a", "b").unwrap(), from: on(from), to: to.map(on), request }
}

#[test]
fn what_is_approved_holds_from_its_day_on_for_these_two() {
    let families = |one, other| Families::new(one, other).unwrap();
    let approved = [stacking(10, None)];
    assert!(Stacking::allows(&approved, &families("b", "a"), on(10)));
    assert!(!Stacking::allows(&approved, &families("a", "b"), on(9)));
    assert!(!Stacking::allows(&approved, &families("a", "c"), on(10)));
}

#[test]
fn what_has_an_end_holds_up_to_it_and_a_span_may_be_covered_by_several() {
    let two = Families::new("a", "b").unwrap();
    let approved = [stacking(10, Some(14)), stacking(12, Some(20))];
    let held = (1..=30).filter(|day| Stacking::allows(&approved, &two, on(*day))).collect::<Vec<_>>();
    assert_eq!(held, (10..=20).collect::<Vec<_>>());
    let covers = |from, to: Option<u32>| Stacking::covers(&approved, &two, on(from), to.map(on));
    assert!(covers(10, Some(20)) && covers(14, Some(15)) && covers(20, Some(20)));
    assert!(!covers(9, Some(12)) && !covers(10, Some(21)) && !covers(12, None) && !covers(21, Some(21)));
    let adjacent = [stacking(10, Some(14)), stacking(15, None)];
    assert!(Stacking::covers(&adjacent, &two, on(10), None) && !Stacking::covers(&adjacent, &two, on(9), None));
}

/// Records of earlier releases have no last day, and are hashed as they were.
#[test]
fn what_has_no_end_is_written_as_ever() {
    let open = stacking(10, None);
    let text = serde_json::to_string(&open).unwrap();
    assert!(!text.contains("\"to\""), "{text}");
    assert_eq!(serde_json::from_str::<Stacking>(&text).unwrap(), open);
    let ended = stacking(10, Some(14));
    assert_eq!(serde_json::from_str::<Stacking>(&serde_json::to_string(&ended).unwrap()).unwrap(), ended);
}
