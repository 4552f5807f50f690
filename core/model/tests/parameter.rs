//! Where two sets of dated parameters differ.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_model::calendar::from_day_number;
use recoup_model::parameter::changes;
use serde_json::{Value, json};

/// Each change in words.
fn told(in_force: &Value, instead: &Value, defaults: &Value) -> Vec<String> {
    changes(in_force, instead, defaults).iter().map(ToString::to_string).collect()
}

fn since(days: &[(&str, &str)]) -> Value {
    json!({ "rate": days.iter().map(|(from, value)| json!({"from": from, "value": value})).collect::<Vec<_>>() })
}

#[test]
fn a_change_names_the_parameter_the_days_and_both_values() {
    let none = json!({});
    let always = since(&[("1900-01-01", "0.01")]);
    assert_eq!(told(&always, &since(&[("1900-01-01", "0.01"), ("2024-05-01", "0.02")]), &none), [r#"`rate` from 2024-05-01 on: "0.01" becomes "0.02""#]);
    let for_a_time = since(&[("1900-01-01", "0.01"), ("2024-05-01", "0.02"), ("2024-07-01", "0.01")]);
    assert_eq!(told(&always, &for_a_time, &none), [r#"`rate` from 2024-05-01 to 2024-06-30: "0.01" becomes "0.02""#]);
    assert_eq!(told(&for_a_time, &always, &none), [r#"`rate` from 2024-05-01 to 2024-06-30: "0.02" becomes "0.01""#]);
    // Two values that become two others are two changes; a day that divides neither divides nothing.
    let (twice, thrice) = (since(&[("2024-01-01", "1"), ("2024-02-01", "2")]), since(&[("2024-01-01", "3"), ("2024-03-01", "3"), ("2024-04-01", "2")]));
    assert_eq!(
        told(&twice, &thrice, &none),
        [r#"`rate` from 2024-01-01 to 2024-01-31: "1" becomes "3""#, r#"`rate` from 2024-02-01 to 2024-03-31: "2" becomes "3""#]
    );
}

#[test]
fn the_same_said_otherwise_is_no_change() {
    let none = json!({});
    let always = since(&[("1900-01-01", "0.01")]);
    for same in [json!({"rate": "0.01"}), since(&[("0001-01-01", "0.01")]), since(&[("1900-01-01", "0.01"), ("2024-05-01", "0.01")])] {
        assert!(told(&always, &same, &none).is_empty() && told(&same, &always, &none).is_empty(), "{same}");
    }
    assert!(told(&json!({}), &always, &always).is_empty(), "what is left out holds its default");
    assert_eq!(told(&json!({}), &json!({"rate": "0.02"}), &always), [r#"`rate` from 1900-01-01 on: "0.01" becomes "0.02""#]);
}

#[test]
fn a_gap_that_is_filled_is_no_change_and_one_that_opens_is() {
    let none = json!({});
    let (late, early) = (since(&[("2024-05-01", "0.01")]), since(&[("2024-01-01", "0.01")]));
    assert!(told(&late, &early, &none).is_empty());
    assert_eq!(told(&early, &late, &none), [r#"`rate` from 2024-01-01 to 2024-04-30: "0.01" is in force no more"#]);
    // A parameter that the component does not know any more is the component's affair.
    assert!(told(&json!({"gone": 1}), &json!({}), &none).is_empty());
}

/// Values of a few days, so that equal ones meet.
fn sets() -> impl Strategy<Value = Vec<(i32, u8)>> {
    prop::collection::btree_map(0..12_i32, 0..3_u8, 1..6).prop_map(|days| days.into_iter().collect())
}

fn stated(days: &[(i32, u8)]) -> Value {
    let day = |n: i32| from_day_number(19_000 + n).unwrap().to_string();
    json!({ "p": days.iter().map(|(n, value)| json!({"from": day(*n), "value": value})).collect::<Vec<_>>() })
}

proptest! {
    #[test]
    fn changes_are_the_days_on_which_a_value_is_another_one(was in sets(), becomes in sets()) {
        let on = |days: &[(i32, u8)], day: i32| days.iter().rev().find(|(from, _)| *from <= day).map(|(_, value)| *value);
        let found = changes(&stated(&was), &stated(&becomes), &json!({}));
        for n in -1..14 {
            let day = from_day_number(19_000 + n).unwrap();
            let of: Vec<_> = found.iter().filter(|c| c.from <= day && c.to.is_none_or(|to| day <= to)).map(|c| (c.was.clone(), c.becomes.clone())).collect();
            let (was, becomes) = (on(&was, n), on(&becomes, n));
            let wanted: Vec<_> = was.filter(|_| was != becomes).map(|was| (json!(was), becomes.map(|b| json!(b)))).into_iter().collect();
            prop_assert_eq!(of, wanted, "{}", day);
        }
    }
}
