//! What was agreed about paying late, and what is asked for.

use recoup_sdk::rules::interest::{Charge, DayBasis, runs};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{Day, Minor};
use recoup_sdk::rules::{Case, Fault, arg};

use crate::messages::Say;
use crate::parameters::Parameters;

/// What is asked for: `interest`, `penalty` or `both`.
pub(crate) const CLAIM: &str = "claim";
/// Interest by the year.
pub(crate) const ANNUAL_RATE: &str = "annual-rate";
/// Interest by the day.
pub(crate) const DAILY_RATE: &str = "daily-rate";
/// A penalty by the day.
pub(crate) const PENALTY_DAILY_RATE: &str = "penalty-daily-rate";
/// A penalty of one amount.
pub(crate) const PENALTY_FIXED: &str = "penalty-fixed";

/// Of both that are asked for, interest is chosen: a milestone of the agreement.
pub(crate) const INTEREST_CHOSEN: &str = "interest-chosen";
/// Or the penalty.
pub(crate) const PENALTY_CHOSEN: &str = "penalty-chosen";

/// OI-1: at which rate interest runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Interest {
    Yearly(Rate),
    Daily(Rate),
    /// Without agreement.
    Reference,
}

/// OI-2: what was agreed as a penalty.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Penalty {
    Daily(Rate),
    Fixed(Minor),
}

/// What is asked for: of both, neither is due until one is chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked {
    Interest(Interest),
    Penalty(Penalty),
    Both(Interest, Penalty),
}

impl Asked {
    /// Of an agreement.
    pub(crate) fn of(case: &Case<'_>) -> Result<Self, Fault> {
        match case.word(CLAIM) {
            Some("interest") => Ok(Self::Interest(interest(case)?)),
            Some("penalty") => Ok(Self::Penalty(penalty(case)?)),
            Some("both") => Ok(Self::Both(interest(case)?, penalty(case)?)),
            _ => Err(Fault::new(Say::ClaimUnknown.index(), &[])),
        }
    }
}

fn rate(case: &Case<'_>, name: &str) -> Result<Option<Rate>, Fault> {
    match case.decimal(name) {
        Some(rate) if !rate.is_share() => Err(Fault::new(Say::RateOutOfRange.index(), &[arg::decimal(rate)])),
        rate => Ok(rate),
    }
}

fn interest(case: &Case<'_>) -> Result<Interest, Fault> {
    match (rate(case, ANNUAL_RATE)?, rate(case, DAILY_RATE)?) {
        (Some(_), Some(_)) => Err(Fault::new(Say::TwoRates.index(), &[])),
        (Some(yearly), None) => Ok(Interest::Yearly(yearly)),
        (None, Some(daily)) => Ok(Interest::Daily(daily)),
        (None, None) => Ok(Interest::Reference),
    }
}

fn penalty(case: &Case<'_>) -> Result<Penalty, Fault> {
    match (rate(case, PENALTY_DAILY_RATE)?, case.money(PENALTY_FIXED)) {
        (Some(_), Some(_)) => Err(Fault::new(Say::TwoPenalties.index(), &[])),
        (Some(daily), None) => Ok(Penalty::Daily(daily)),
        (None, Some(fixed)) if fixed < 0 => Err(Fault::new(Say::PenaltyBelowZero.index(), &[arg::money(fixed)])),
        (None, Some(fixed)) => Ok(Penalty::Fixed(fixed)),
        (None, None) => Err(Fault::new(Say::NoPenalty.index(), &[])),
    }
}

/// Days that cost the same each.
pub(crate) type Run = ((Day, Day), Charge);

impl Interest {
    /// What each of some days costs, in runs of one charge.
    pub(crate) fn charges(self, parameters: &Parameters, days: (Day, Day)) -> Result<Vec<Run>, Fault> {
        let basis = |day: Day| -> Result<DayBasis, Fault> { parameters.day_basis.on(day).copied() };
        let charge = |day: Day| -> Result<Charge, Fault> {
            Ok(match self {
                Self::Daily(rate) => Charge::Daily(rate),
                Self::Yearly(rate) => Charge::Yearly(rate, basis(day)?),
                Self::Reference => Charge::Yearly(parameters.reference(day)?, basis(day)?),
            })
        };
        let changes = match self {
            Self::Daily(_) => Vec::new(),
            Self::Yearly(_) => parameters.day_basis.changes().collect(),
            Self::Reference => parameters.day_basis.changes().chain(parameters.tenor.changes()).chain(parameters.reference_rates.changes()).collect(),
        };
        runs(days, changes).into_iter().map(|run| Ok((run, charge(run.0)?))).collect()
    }
}
