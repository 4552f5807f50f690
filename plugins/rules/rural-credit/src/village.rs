//! RC-6: what a unit is measured by: its non-performing balance and ratio must both fall; at or below a ratio it is a credit village.

use recoup_sdk::rules::rate::{Rate, ratio};
use recoup_sdk::rules::wire::{Day, Minor};
use recoup_sdk::rules::{Case, Fault, Verdict, arg};

use crate::clauses::RC6;
use crate::interest::too_large;
use crate::messages::Say;
use crate::parameters::Parameters;

/// All loans of the unit on a day.
const LOANS: &str = "loans";
/// Those that do not perform, on the same day.
const NON_PERFORMING: &str = "non-performing";

/// What was stated of one day.
#[derive(Debug, Clone, Copy)]
struct Stated {
    day: Day,
    bad: Minor,
    all: Minor,
}

/// Compares each statement with the one before.
pub(crate) fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
    let mut before: Option<Stated> = None;
    for (_, bad) in case.happened(NON_PERFORMING) {
        let day = bad.day;
        let incomplete = || Fault::new(Say::Incomplete.index(), &[arg::day(day)]);
        let all = case.happened(LOANS).find(|(_, loans)| loans.day == day).and_then(|(_, loans)| loans.amount).ok_or_else(incomplete)?;
        let now = Stated { day, bad: bad.amount.ok_or_else(incomplete)?, all };
        if all <= 0 || now.bad > all {
            return Err(Fault::new(Say::NotARatio.index(), &[arg::money(now.bad), arg::money(all)]));
        }
        // In per cent with two digits, to be read; comparisons are exact.
        let percent = Rate { mantissa: ratio(10_000, now.bad, all).ok_or_else(too_large)?, scale: 2 };
        let max = *parameters.credit_village_max.on(day)?;
        if i128::from(now.bad) * 10i128.pow(max.scale.into()) <= i128::from(all) * i128::from(max.mantissa) {
            out.finding(RC6, Say::CreditVillage.index(), day, None, &[arg::decimal(percent), arg::decimal(max)]);
        }
        if let Some(before) = before {
            let (balance, ratio) = (now.bad < before.bad, i128::from(now.bad) * i128::from(before.all) < i128::from(before.bad) * i128::from(all));
            if !(balance && ratio) {
                out.finding(
                    RC6,
                    Say::NotFalling.index(),
                    day,
                    None,
                    &[arg::day(before.day), arg::money(before.bad), arg::money(now.bad), arg::decimal(percent)],
                );
            }
        }
        before = Some(now);
    }
    Ok(())
}
