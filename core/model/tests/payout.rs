//! Payout runs: the legal moves, and the day from which one is payable (AC-3).
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use recoup_model::Date;
use recoup_model::calendar::date;
use recoup_model::id::{ObjectionId, PayoutId, PersonId};
use recoup_model::payout::{NotPayable, PayoutState, PayoutStep, Progress, Step};

fn may(day: u32) -> Date {
    date(2025, 5, day).unwrap()
}

fn step(on: Date, step: Step) -> PayoutStep {
    PayoutStep { payout: PayoutId::from_parts(&[b"run"]), on, step }
}

fn objected(on: Date, name: &str) -> PayoutStep {
    step(on, Step::Objected { objection: ObjectionId::from_parts(&[name.as_bytes()]), person: PersonId::from_parts(&[b"wang"]) })
}

/// The day of publication is day 0: a notice of n days ends with day n.
#[test]
fn a_run_is_payable_from_the_day_after_day_n() {
    assert_eq!(Progress::default().payable(may(31)), Err(NotPayable::NotPublished));
    for (notice_days, first) in [(0, 2), (1, 3), (5, 7)] {
        let progress = Progress::after(&[step(may(1), Step::Published { notice_days })]);
        assert_eq!(progress.payable(may(first - 1)), Err(NotPayable::Before(may(first))), "{notice_days}");
        assert_eq!(progress.payable(may(first)), Ok(()), "{notice_days}");
    }
}

#[test]
fn an_objection_holds_a_run_up_if_it_was_raised_by_day_n_and_while_it_is_open() {
    let published = step(may(1), Step::Published { notice_days: 5 });
    let id = ObjectionId::from_parts(&[b"one"]);
    let raised = |day: u32| Progress::after(&[published.clone(), objected(may(day), "one")]);
    assert_eq!(raised(6).payable(may(20)), Err(NotPayable::Objection(id)));
    assert_eq!(raised(7).payable(may(20)), Ok(()));
    let resolved = step(may(9), Step::Resolved { objection: id, reason: "heard".into() });
    assert_eq!(Progress::after(&[published, objected(may(6), "one"), resolved]).payable(may(9)), Ok(()));
}

#[test]
fn every_move_of_a_run_is_legal_or_none() {
    let id = ObjectionId::from_parts(&[b"one"]);
    let reason = || String::from("why");
    let steps = [
        Step::Published { notice_days: 1 },
        Step::Objected { objection: id, person: PersonId::from_parts(&[b"wang"]) },
        Step::Resolved { objection: id, reason: reason() },
        Step::Exported,
        Step::Returned,
        Step::Cancelled { reason: reason() },
        Step::Reversed { reason: reason(), request: None },
    ];
    let moves: Vec<String> = PayoutState::ALL
        .iter()
        .map(|state| {
            let legal = steps.iter().filter_map(|step| Some(format!("{} → {}", step.word(), state.after(step)?)));
            format!("{state}: {}", legal.collect::<Vec<_>>().join(", "))
        })
        .collect();
    assert_eq!(
        moves,
        [
            "prepared: published → published, cancelled → cancelled",
            "published: objected → published, resolved → published, exported → exported, cancelled → cancelled",
            "exported: resolved → exported, returned → settled, cancelled → cancelled",
            "settled: returned → settled, reversed → reversed",
            "cancelled: ",
            "reversed: ",
        ]
    );
}
