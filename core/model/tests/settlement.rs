//! The wage guard, by the example of its regulation and by its laws.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use proptest::prelude::*;
use recoup_model::Month;
use recoup_model::calendar::date;
use recoup_model::case::{CaseKey, Scope};
use recoup_model::id::PersonId;
use recoup_model::settlement::{Account, GuardMode, Item, Pay, Purpose, Settled, Standing, TooLarge, Way, settle};
use uuid::Uuid;

/// 10,000 minor units are 100.00.
const WAGE: i64 = 1_200_000;
const MINIMUM: i64 = 226_000;

fn month(number: u32) -> Month {
    Month::new(2025, number).unwrap()
}

fn standing(purpose: Purpose, case: u128, since: u32, due: i64, settled: i64) -> Standing {
    let case = CaseKey { pack: "pack".into(), scope: Scope::Letter, subject: Uuid::from_u128(case) };
    let account = Account { person: PersonId(Uuid::from_u128(1)), case, purpose };
    Standing { subject: format!("L{}", account.case.subject), account, since: date(2025, 1, since).unwrap(), due, settled }
}

fn pay(gross: i64) -> Result<Pay, TooLarge> {
    Ok(Pay { gross, minimum: MINIMUM, ..Pay::default() })
}

/// What is settled, as (account, way, amount).
fn settled(of: Month, standings: &[Standing], pay: Result<Pay, TooLarge>) -> Vec<(usize, &'static str, i64)> {
    settle(of, standings, pay).unwrap().items.into_iter().map(|i| (i.account, i.way.word(), i.amount)).collect()
}

#[test]
fn a_fine_of_36_000_takes_2_400_of_12_000_in_fifteen_months() {
    let mut taken = Vec::new();
    for number in 0..16 {
        let of = Month::from_number(month(1).number() + number).unwrap();
        let so_far: i64 = taken.iter().sum();
        taken.extend(settled(of, &[standing(Purpose::Fine(0), 1, 1, -3_600_000, so_far)], pay(WAGE)).into_iter().map(|(_, _, amount)| amount));
    }
    assert_eq!(taken, [-240_000; 15]);
}

#[test]
fn what_was_taken_of_a_refunded_fine_is_paid_back_at_once_and_the_rest_is_cancelled() {
    let refunded = standing(Purpose::Fine(0), 1, 1, 0, -720_000);
    assert_eq!(settled(month(4), &[refunded], Err(TooLarge)), [(0, "paid", 720_000)]);
    // Half of it refunded: 18,000.00 are still due, and 7,200.00 were taken.
    let half = standing(Purpose::Fine(0), 1, 1, -1_800_000, -720_000);
    assert_eq!(settled(month(4), &[half], pay(WAGE)), [(0, "taken", -240_000)]);
}

#[test]
fn a_withheld_wage_leaves_the_minimum_and_is_never_carried() {
    let january = standing(Purpose::Withholding(month(1)), 1, 31, -WAGE, 0);
    assert_eq!(settled(month(1), std::slice::from_ref(&january), pay(WAGE)), [(0, "taken", -974_000)]);
    assert_eq!(settled(month(2), &[Standing { settled: -974_000, ..january.clone() }], pay(WAGE)), []);
    assert_eq!(settled(month(4), &[Standing { due: 0, settled: -974_000, ..january }], Err(TooLarge)), [(0, "paid", 974_000)]);
}

#[test]
fn fines_come_before_clawbacks_and_these_before_a_withholding_and_the_older_fine_first() {
    let standings = [
        standing(Purpose::Withholding(month(1)), 1, 31, -WAGE, 0),
        standing(Purpose::Bonus, 2, 3, 0, 500_000),
        standing(Purpose::Fine(0), 3, 9, -200_000, 0),
        standing(Purpose::Fine(0), 4, 5, -30_000, 0),
    ];
    // 20 % of 12,000.00 are 2,400.00: 300.00, 2,000.00 and 100.00. Of the rest, 12,000.00 − 2,400.00 − 2,260.00 = 7,340.00.
    let expected = [(3, "taken", -30_000), (2, "taken", -200_000), (1, "taken", -10_000), (0, "taken", -734_000)];
    assert_eq!(settled(month(1), &standings, pay(WAGE)), expected);
}

#[test]
fn statutory_deductions_come_first_and_the_bound_is_of_the_gross_rounded_down() {
    let fine = standing(Purpose::Fine(0), 1, 1, -3_600_000, 0);
    // 20 % of 2,999.99 are 599.998; and 2,999.99 − 500.00 − 2,260.00 leave 239.99.
    assert_eq!(settled(month(1), std::slice::from_ref(&fine), Ok(Pay { gross: 299_999, ..Pay::default() })), [(0, "taken", -59_999)]);
    let pay = Pay { gross: 299_999, deductions: 50_000, minimum: MINIMUM, ..Pay::default() };
    assert_eq!(settled(month(1), std::slice::from_ref(&fine), Ok(pay)), [(0, "taken", -23_999)]);
    // A wage below the minimum is left alone.
    assert_eq!(settled(month(1), &[fine], Ok(Pay { gross: 200_000, minimum: MINIMUM, ..Pay::default() })), []);
}

#[test]
fn a_month_that_two_letters_withhold_is_withheld_once_and_comes_back_when_neither_keeps_it() {
    let held = |due: i64, settled: i64, case: u128| standing(Purpose::Withholding(month(1)), case, 31, due, settled);
    assert_eq!(settled(month(1), &[held(-WAGE, 0, 1), held(-WAGE, 0, 2)], pay(WAGE)), [(0, "taken", -974_000)]);
    for first in [1, 2] {
        let other = 3 - first;
        // Whichever letter is cleared first, the other one keeps the wage.
        assert_eq!(settled(month(2), &[held(0, -974_000, first), held(-WAGE, 0, other)], Err(TooLarge)), []);
        assert_eq!(settled(month(2), &[held(-WAGE, -974_000, first), held(0, 0, other)], Err(TooLarge)), []);
        assert_eq!(settled(month(3), &[held(0, -974_000, first), held(0, 0, other)], Err(TooLarge)), [(0, "paid", 974_000)]);
    }
}

#[test]
fn of_two_equal_fines_the_number_of_the_case_says_which_is_taken_first() {
    let fine = |case: u128, subject: &str| Standing { subject: subject.to_owned(), ..standing(Purpose::Fine(0), case, 1, -3_600_000, 0) };
    assert_eq!(settled(month(1), &[fine(1, "B"), fine(2, "A")], pay(WAGE)), [(1, "taken", -240_000)]);
    assert_eq!(settled(month(1), &[fine(1, "A"), fine(2, "B")], pay(WAGE)), [(0, "taken", -240_000)]);
}

#[test]
fn a_clawback_is_set_off_against_later_bonuses_and_then_taken() {
    let clawed = standing(Purpose::Bonus, 1, 1, 0, 6_800_000);
    let earned = standing(Purpose::Bonus, 2, 9, 5_000_000, 0);
    let expected = [(0, "set-off", -5_000_000), (1, "set-off", 5_000_000), (0, "taken", -240_000)];
    assert_eq!(settled(month(1), &[clawed.clone(), earned], pay(WAGE)), expected);
    let more = standing(Purpose::Bonus, 2, 9, 7_000_000, 0);
    let expected = [(0, "set-off", -6_800_000), (1, "set-off", 6_800_000), (1, "paid", 200_000)];
    assert_eq!(settled(month(1), &[clawed, more], Err(TooLarge)), expected);
}

#[test]
fn expenses_are_paid_back_whatever_else_is_owed_and_those_paid_in_error_are_taken_within_the_bound() {
    let (clawed, laid_out) = (standing(Purpose::Bonus, 1, 1, 0, 6_800_000), standing(Purpose::Expenses, 2, 9, 180_000, 0));
    assert_eq!(settled(month(1), &[clawed, laid_out], pay(WAGE)), [(1, "paid", 180_000), (0, "taken", -240_000)]);
    let (in_error, earned) = (standing(Purpose::Expenses, 1, 1, 0, 300_000), standing(Purpose::Bonus, 2, 9, 5_000_000, 0));
    assert_eq!(settled(month(1), &[in_error, earned], pay(WAGE)), [(1, "paid", 5_000_000), (0, "taken", -240_000)]);
}

#[test]
fn a_wage_that_is_not_known_keeps_from_taking_and_from_nothing_else() {
    let back = standing(Purpose::Fine(0), 1, 1, 0, -720_000);
    assert_eq!(settled(month(1), std::slice::from_ref(&back), Err(TooLarge)), [(0, "paid", 720_000)]);
    let more = settle(month(1), &[back, standing(Purpose::Fine(1), 1, 1, -1, 0)], Err("no wage")).unwrap();
    assert_eq!(more, Settled { items: vec![Item { account: 0, way: Way::Paid, amount: 720_000 }], unknown: Some("no wage") });
}

#[test]
fn a_guard_that_only_reports_takes_up_to_the_wage_after_deductions_and_never_more() {
    let fine = standing(Purpose::Fine(0), 1, 1, -3_600_000, 0);
    let reported = |pay: Pay| settled(month(1), std::slice::from_ref(&fine), Ok(Pay { guard: GuardMode::ReportOnly, minimum: MINIMUM, ..pay }));
    assert_eq!(reported(Pay { gross: WAGE, deductions: 50_000, ..Pay::default() }), [(0, "taken", -1_150_000)]);
    assert_eq!(reported(Pay { gross: WAGE, bounded_taken: 1_000_000, ..Pay::default() }), [(0, "taken", -200_000)]);
    assert_eq!(reported(Pay { gross: WAGE, withheld: WAGE, ..Pay::default() }), []);
}

fn purposes() -> impl Strategy<Value = Purpose> {
    prop_oneof![Just(Purpose::Bonus), (0_u32..2).prop_map(Purpose::Fine), (1_u32..4).prop_map(|m| Purpose::Withholding(month(m)))]
}

prop_compose! {
    fn standings()(all in prop::collection::vec((purposes(), 0_u128..4, 1_u32..28, -2_000_000_i64..2_000_000, -2_000_000_i64..2_000_000), 0..8)) -> Vec<Standing> {
        let mut all: Vec<_> = all.into_iter().map(|(purpose, case, since, due, settled)| standing(purpose, case, since, due, settled)).collect();
        all.sort_by(|a, b| a.account.cmp(&b.account));
        all.dedup_by(|a, b| a.account == b.account);
        all
    }
}

proptest! {
    /// For every wage month the guard holds; nobody is paid or relieved of more than is owed; a set-off moves no money.
    #[test]
    fn the_guard_holds(standings in standings(), gross in 0_i64..2_000_000, deductions in 0_i64..300_000, minimum in 0_i64..400_000) {
        let of = month(2);
        let items = settle(of, &standings, Ok::<_, TooLarge>(Pay { gross, deductions, minimum, ..Pay::default() })).unwrap().items;
        let total = |keep: &dyn Fn(&Item) -> bool| items.iter().filter(|i| keep(i)).map(|i| i.amount).sum::<i64>();
        let purpose = |i: &Item| standings[i.account].account.purpose;
        prop_assert_eq!(total(&|i| i.way == Way::SetOff), 0);
        let bounded = -total(&|i| i.way == Way::Taken && !matches!(purpose(i), Purpose::Withholding(_)));
        prop_assert!(bounded * 5 <= gross);
        let taken = -total(&|i| i.way == Way::Taken);
        prop_assert!(taken == 0 || gross - deductions - taken >= minimum);
        for (number, s) in standings.iter().enumerate() {
            let settled = total(&|i| i.account == number);
            // A withheld month is owed as a whole, and only what was taken of it comes back.
            let (owed, settled) = match s.account.purpose.withheld() {
                None => (s.due - s.settled, settled),
                Some(month) => {
                    prop_assert!(settled <= (-s.settled).max(0));
                    prop_assert!(month == of || settled >= 0);
                    let mine = |other: &&Standing| other.account.purpose.withheld() == Some(month);
                    let owed: i64 = standings.iter().filter(mine).map(|s| s.due - s.settled).sum();
                    let taken: i64 = standings.iter().filter(mine).map(|s| (-s.settled).max(0)).sum();
                    (owed.min(taken), total(&|i| purpose(i).withheld() == Some(month)))
                }
            };
            prop_assert!(settled.signum() * owed.signum() >= 0 && settled.abs() <= owed.abs());
            prop_assert!(owed <= 0 || settled == owed, "what is owed to the person is paid or set off at once");
        }
    }

    /// Settling again at once settles nothing: what the guard left is for another month.
    #[test]
    fn a_second_settlement_of_the_month_finds_nothing(standings in standings(), gross in 0_i64..2_000_000, minimum in 0_i64..400_000) {
        let of = month(2);
        let pay = Pay { gross, minimum, ..Pay::default() };
        let items = settle(of, &standings, Ok::<_, TooLarge>(pay)).unwrap().items;
        let mut after = standings.clone();
        let mut left = pay;
        for item in &items {
            after[item.account].settled += item.amount;
            match (item.way, standings[item.account].account.purpose) {
                (Way::Taken, Purpose::Withholding(_)) => left.withheld -= item.amount,
                (Way::Taken, _) => left.bounded_taken -= item.amount,
                _ => {}
            }
        }
        prop_assert_eq!(settle(of, &after, Ok::<_, TooLarge>(left)).unwrap().items, vec![]);
    }
}
