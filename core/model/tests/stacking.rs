//! Which families of bonuses may be earned on one application.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use recoup_model::calendar::date;
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

#[test]
fn what_is_approved_holds_from_its_day_on_for_these_two() {
    let families = |one, other| Families::new(one, other).unwrap();
    let on = |day| date(2024, 6, day).unwrap();
    let approved = [Stacking { families: families("a", "b"), from: on(10), request: ProposalId::from_parts(&[b"request"]) }];
    assert!(Stacking::allows(&approved, &families("b", "a"), on(10)));
    assert!(!Stacking::allows(&approved, &families("a", "b"), on(9)));
    assert!(!Stacking::allows(&approved, &families("a", "c"), on(10)));
}
