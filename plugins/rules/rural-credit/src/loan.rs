//! A loan: who answers for it, at which rates, and since when it is repaid.

use recoup_sdk::rules::date::{anniversary, civil};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{Day, EntryKind};
use recoup_sdk::rules::{Case, Fault, Timeline, arg};

use crate::clauses::{PENALTY_RATE, RATE};
use crate::messages::Say;
use crate::parameters::Parameters;

/// Whoever used the money.
const USER: &str = "user";
/// Whoever borrowed it.
const BORROWER: &str = "borrower";

/// One loan; all its claims fall due on one day.
#[derive(Debug)]
pub(crate) struct Loan<'a> {
    pub(crate) case: &'a Case<'a>,
    /// The last day of its term.
    pub(crate) due: Day,
    /// RC-1: from whom interest is due.
    pub(crate) debtor: u32,
    /// At which rate, and whether by RC-7.
    pub(crate) contract: Rate,
    pub(crate) by_term: bool,
    pub(crate) penalty: Rate,
    /// When all of it is repaid. A write-off repays nothing.
    pub(crate) repaid: Timeline,
}

impl<'a> Loan<'a> {
    /// Of an agreement.
    pub(crate) fn of(case: &'a Case<'a>, parameters: &Parameters) -> Result<Self, Fault> {
        let mut dues = (0u32..).zip(case.receivables).map(|(receivable, _)| case.due(receivable));
        let unknown = || Fault::new(Say::DueUnknown.index(), &[]);
        let due = dues.next().flatten().ok_or_else(unknown)?;
        if dues.any(|other| other != Some(due)) {
            return Err(Fault::new(Say::SeveralDues.index(), &[arg::day(due)]));
        }
        let share = |rate: Rate| if rate.is_share() { Ok(rate) } else { Err(Fault::new(Say::RateOutOfRange.index(), &[arg::decimal(rate)])) };
        let agreed = case.decimal(RATE).map(share).transpose()?;
        let contract = agreed.map_or_else(|| by_term(parameters, case.from, due), Ok)?;
        let penalty = share(case.decimal(PENALTY_RATE).ok_or_else(|| Fault::new(Say::NoPenaltyRate.index(), &[]))?)?;
        if penalty.compare(contract).is_lt() {
            return Err(Fault::new(Say::PenaltyBelowContract.index(), &[arg::decimal(penalty), arg::decimal(contract)]));
        }
        let debtor = case.bound(USER).chain(case.bound(BORROWER)).chain(case.receivables.iter().map(|claim| claim.party)).next().ok_or_else(unknown)?;
        let repaid = case.cleared(|_| true, |kind| kind != EntryKind::WriteOff);
        Ok(Self { case, due, debtor, contract, by_term: agreed.is_none(), penalty, repaid })
    }

    /// The principal that is open at the end of a day.
    pub(crate) fn open(&self, on: Day) -> i128 {
        self.case.balances(on, |kind| kind != EntryKind::WriteOff).iter().sum()
    }
}

/// RC-7: the rate in force on the loan's first day. Each bound belongs to its own band.
fn by_term(parameters: &Parameters, first: Day, due: Day) -> Result<Rate, Fault> {
    let [to_180_days, to_1_year, to_3_years, to_5_years, above] = *parameters.term_rates.on(first)?;
    let within = |years: i32| due <= anniversary(first, civil(first).0.saturating_add(years));
    let bands = [(due.saturating_sub(first) <= 180, to_180_days), (within(1), to_1_year), (within(3), to_3_years), (within(5), to_5_years)];
    Ok(bands.into_iter().find(|(inside, _)| *inside).map_or(above, |(_, rate)| rate))
}
