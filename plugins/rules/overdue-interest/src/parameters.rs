//! The pack's parameters: names, JSON Schema, and how they are read. The regulation leaves all of them open, so none has a default.

use recoup_sdk::rules::Fault;
use recoup_sdk::rules::interest::DayBasis;
use recoup_sdk::rules::params::{Parameter, Reader, schema};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{Day, Problem};
use serde_json::{Value, json};

use crate::messages::no_value;

/// All names, in the order of the faults that name them.
pub(crate) const NAMES: [&str; 3] = ["day-basis", "tenor", "reference-rates"];

/// Tenors of the reference table.
const TENORS: [&str; 2] = ["one-year", "over-five-years"];
const TENOR_OPTIONS: [(&str, Tenor); 2] = [("one-year", Tenor::OneYear), ("over-five-years", Tenor::OverFiveYears)];

/// Which column of the reference table counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenor {
    OneYear,
    OverFiveYears,
}

/// Everything that may be set.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) day_basis: Parameter<DayBasis>,
    pub(crate) tenor: Parameter<Tenor>,
    pub(crate) reference_rates: Parameter<[Rate; TENORS.len()]>,
}

impl Parameters {
    /// The reference rate of a day.
    pub(crate) fn reference(&self, day: Day) -> Result<Rate, Fault> {
        let [one_year, over_five_years] = *self.reference_rates.on(day)?;
        Ok(match self.tenor.on(day)? {
            Tenor::OneYear => one_year,
            Tenor::OverFiveYears => over_five_years,
        })
    }
}

/// Reads a parameter set.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    let mut reader = Reader::new(json, defaults())?;
    let [day_basis, tenor, reference_rates] = NAMES;
    let parameters = Parameters {
        day_basis: Parameter::new(no_value(0), reader.choice(day_basis, &DayBasis::OPTIONS)),
        tenor: Parameter::new(no_value(1), reader.choice(tenor, &TENOR_OPTIONS)),
        reference_rates: Parameter::new(no_value(2), reader.shares(reference_rates, TENORS)),
    };
    reader.finish(parameters)
}

/// The regulation leaves open what a year counts, which rate is the reference, and how high it was.
pub(crate) fn defaults() -> Value {
    json!({})
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let rates = json!({
        "type": "object",
        "properties": {"one-year": schema::rate(), "over-five-years": schema::rate()},
        "required": TENORS,
        "additionalProperties": false,
    });
    let properties = [
        ("day-basis", schema::dated("OI-1: days of a year for yearly rates", "OI-1：年利率折算日利率的天数", &schema::choice(&DayBasis::OPTIONS))),
        ("tenor", schema::dated("OI-1: which reference rate counts", "OI-1：参考利率期限", &schema::choice(&TENOR_OPTIONS))),
        ("reference-rates", schema::dated("OI-1: reference lending rates by tenor", "OI-1：各期限贷款参考利率", &rates)),
    ];
    schema::set(properties, &defaults())
}
