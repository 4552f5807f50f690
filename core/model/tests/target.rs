//! Target trees: the parts of one sum to it exactly, and what is none is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_model::id::{PersonId, UnitId};
use recoup_model::target::{Part, Tree, TreeFault, Whose};

fn unit(name: &str) -> Whose {
    Whose::Unit(UnitId::from_parts(&[name.as_bytes()]))
}

fn person(name: &str) -> Whose {
    Whose::Person(PersonId::from_parts(&[name.as_bytes()]))
}

fn part(whose: Whose, of: u32, amount: i64) -> Part {
    Part { whose, of: Some(of), amount }
}

fn whole(amount: i64) -> Part {
    Part { whose: Whose::Ledger, of: None, amount }
}

fn fault(parts: Vec<Part>) -> TreeFault {
    Tree::try_from(parts).unwrap_err()
}

#[test]
fn what_is_no_tree_is_refused() {
    assert_eq!(fault(vec![]), TreeFault::Whole);
    assert_eq!(fault(vec![part(unit("n"), 0, 5)]), TreeFault::Whole);
    assert_eq!(fault(vec![whole(5), whole(5)]), TreeFault::Whole);
    assert_eq!(fault(vec![whole(0)]), TreeFault::NotAboveZero(0));
    assert_eq!(fault(vec![whole(5), part(unit("n"), 0, 5), part(unit("n"), 1, 5)]), TreeFault::Twice(2));
    assert_eq!(fault(vec![whole(5), part(person("w"), 0, 5), part(person("l"), 1, 5)]), TreeFault::Of(2));
    assert_eq!(fault(vec![whole(5), part(unit("n"), 1, 5)]), TreeFault::Of(1));
    let short = vec![whole(500), part(unit("n"), 0, 300), part(unit("s"), 0, 199)];
    assert_eq!(fault(short), TreeFault::Sum { part: 0, sum: 499, amount: 500 });
}

#[test]
fn edge_39_a_person_has_targets_in_two_units() {
    let tree = vec![whole(500), part(unit("n"), 0, 300), part(unit("s"), 0, 200), part(person("w"), 1, 300), part(person("w"), 2, 200)];
    let tree = Tree::try_from(tree).unwrap();
    let under = |index| tree.units_under(index).len();
    assert_eq!((under(0), under(1), under(3)), (2, 1, 0));
    let of = |name| UnitId::from_parts(&[str::as_bytes(name)]);
    assert_eq!((tree.unit_of(3), tree.unit_of(4), tree.unit_of(0)), (Some(of("n")), Some(of("s")), None));
    assert_eq!(fault(vec![whole(5), part(person("w"), 0, 2), part(person("w"), 0, 3)]), TreeFault::Twice(2), "under one part she stands once");
}

proptest! {
    /// Whatever is decomposed exactly is a tree, and a fen more or less anywhere is none.
    #[test]
    fn parts_sum_exactly(units in prop::collection::vec(prop::collection::vec(1_i64..1_000_000, 0..4), 1..5), at in any::<prop::sample::Index>(), more in prop_oneof![Just(1), Just(-1)]) {
        let sums: Vec<i64> = units.iter().map(|people| people.iter().sum::<i64>().max(7)).collect();
        let mut parts = vec![whole(sums.iter().sum())];
        for (n, (people, sum)) in units.iter().zip(&sums).enumerate() {
            let of = u32::try_from(parts.len()).unwrap();
            parts.push(part(unit(&n.to_string()), 0, *sum));
            // A unit whose people come to less than the least has none.
            if people.iter().sum::<i64>() == *sum {
                parts.extend(people.iter().enumerate().map(|(p, amount)| part(person(&format!("{n}-{p}")), of, *amount)));
            }
        }
        let tree = Tree::try_from(parts.clone()).unwrap();
        prop_assert_eq!(tree.parts(), &parts[..]);
        if parts.len() > 1 {
            let changed = at.index(parts.len());
            parts[changed].amount += more;
            prop_assert!(Tree::try_from(parts).is_err());
        }
    }
}
