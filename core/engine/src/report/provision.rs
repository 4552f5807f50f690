//! The register of provisions (坏账准备) by age: of what is open in each bucket of the aging, the part that its rate says.
//!
//! The rates are the organisation's own, so there are none unless it says them: a missing one is never zero.

use std::str::FromStr;

use recoup_model::record::Ledger;
use recoup_model::{Money, Rate};
use recoup_store::View;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::add;
use super::aging::{Question, aging};
use crate::EngineError;

/// Rates in per cent, one for each bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates(Vec<Decimal>);

/// Rates that are none, or are not as many as the buckets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRates {
    /// They cannot be read.
    #[error("`{0}` are no rates of provision: write a per cent from 0 to 100 for each bucket, such as 0,5,10,30,50,100")]
    Unreadable(String),
    /// Nobody said any.
    #[error("there are no rates of provision for these buckets: write one for each, or configure them in `report.provision_rates` and leave out the buckets")]
    Missing,
    /// There are too few of them, or too many.
    #[error("there are {rates} rates and {buckets} buckets ({labels}): write one rate for each bucket")]
    Count {
        /// How many rates there are.
        rates: usize,
        /// How many buckets.
        buckets: usize,
        /// What the buckets are called.
        labels: String,
    },
}

impl FromStr for Rates {
    type Err = NotRates;
    fn from_str(text: &str) -> Result<Self, NotRates> {
        let per_cent = |rate: &str| Decimal::from_str_exact(rate.trim()).ok().filter(|rate| *rate >= Decimal::ZERO && *rate <= Decimal::ONE_HUNDRED);
        text.split(',').map(per_cent).collect::<Option<_>>().map(Self).ok_or_else(|| NotRates::Unreadable(text.to_owned()))
    }
}

impl Rates {
    /// Those that are asked for; else those that are configured, which are of the configured buckets only.
    ///
    /// # Errors
    /// [`NotRates::Missing`].
    pub fn of(asked: Option<Self>, other_buckets: bool, configured: Option<Self>) -> Result<Self, NotRates> {
        asked.or_else(|| configured.filter(|_| !other_buckets)).ok_or(NotRates::Missing)
    }
}

/// What to provide for: an aging of which every bucket has a rate.
#[derive(Debug, Clone)]
pub struct Scale {
    aging: Question,
    rates: Vec<Decimal>,
}

impl Scale {
    /// Puts a rate to each bucket of an aging.
    ///
    /// # Errors
    /// [`NotRates::Count`] when there is not one for each.
    pub fn new(aging: Question, Rates(rates): Rates) -> Result<Self, NotRates> {
        let labels = aging.buckets.labels();
        if rates.len() == labels.len() {
            return Ok(Self { aging, rates });
        }
        Err(NotRates::Count { rates: rates.len(), buckets: labels.len(), labels: labels.join(", ") })
    }
}

/// What is open and provided for; amounts are minor units of the ledger's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub label: String,
    /// Id of the debtor, contract or receivable; none where it has none, and of people, who may be several.
    pub id: Option<Uuid>,
    /// Open amount per bucket.
    pub amounts: Vec<i64>,
    /// Their sum.
    pub open: i64,
    /// Provided for: of each bucket's amount the part that its rate says, rounded half away from zero. Of a bucket in which less
    /// than nothing is open, nothing.
    pub provision: i64,
}

/// A register of provisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    /// A label per bucket.
    pub buckets: Vec<String>,
    /// The rate of each bucket in per cent.
    pub rates: Vec<Decimal>,
    /// Rows by label.
    pub rows: Vec<Row>,
    /// Their sum; what is open in it is what the aging says.
    pub total: Row,
}

/// Provides for what is open, row by row of the aging.
///
/// # Errors
/// As [`aging`].
pub fn provision(view: &mut View<'_>, ledger: &Ledger, Scale { aging: question, rates }: &Scale) -> Result<Provision, EngineError> {
    let aged = aging(view, question)?;
    let mut total = Row { label: "total".to_owned(), amounts: aged.totals, open: aged.total, ..Row::default() };
    let mut rows = Vec::with_capacity(aged.rows.len());
    for row in aged.rows {
        let mut provision = 0;
        for (amount, rate) in row.amounts.iter().zip(rates) {
            let rate = Rate(rate.checked_div(Decimal::ONE_HUNDRED).ok_or(recoup_model::MoneyError::Overflow)?);
            provision = add(provision, Money::new((*amount).max(0), ledger.currency).at_rate(rate)?.minor())?;
        }
        total.provision = add(total.provision, provision)?;
        rows.push(Row { label: row.label, id: row.id, amounts: row.amounts, open: row.total, provision });
    }
    Ok(Provision { buckets: aged.buckets, rates: rates.clone(), rows, total })
}

#[cfg(test)]
mod tests {
    use super::Rates;

    #[test]
    fn rates_are_per_cents_from_nothing_to_all() {
        assert!("0, 5,10.5,100".parse::<Rates>().is_ok());
        for text in ["", "5,,10", "-1", "100.01", "5%", "1e2"] {
            assert!(text.parse::<Rates>().is_err(), "{text}");
        }
    }
}
