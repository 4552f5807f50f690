//! The pack's parameters: names, defaults, JSON Schema, and how they are read.

use recoup_sdk::rules::interest::DayBasis;
use recoup_sdk::rules::params::{Parameter, Reader, schema};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::Problem;
use serde_json::{Value, json};

use crate::messages::no_value;

/// All names, in the order of the faults that name them.
pub(crate) const NAMES: [&str; 3] = ["day-basis", "delay-rate", "hold-until"];

const UNTIL: [(&str, Until); 2] = [("reduced", Until::Reduced), ("recovered", Until::Recovered)];

/// How long somebody is held back for a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until a part of it is made good.
    Reduced,
    /// Until all of it is.
    Recovered,
}

/// Everything that may be set.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) day_basis: Parameter<DayBasis>,
    pub(crate) delay_rate: Parameter<Rate>,
    pub(crate) hold_until: Parameter<Until>,
}

/// Reads a parameter set; what it leaves out holds its default.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    let mut reader = Reader::new(json, defaults())?;
    let [day_basis, delay_rate, hold_until] = NAMES;
    let parameters = Parameters {
        day_basis: Parameter::new(no_value(0), reader.choice(day_basis, &DayBasis::OPTIONS)),
        delay_rate: Parameter::new(no_value(1), reader.share(delay_rate)),
        hold_until: Parameter::new(no_value(2), reader.choice(hold_until, &UNTIL)),
    };
    reader.finish(parameters)
}

/// The regulation leaves open at which rate a delay bears interest where none was agreed, and what a year counts.
pub(crate) fn defaults() -> Value {
    json!({"hold-until": schema::always(&json!("reduced"))})
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let properties = [
        ("day-basis", schema::dated("DC-2: days of a year for yearly rates", "DC-2：年利率折算日利率的天数", &schema::choice(&DayBasis::OPTIONS))),
        ("delay-rate", schema::dated("DC-2: yearly rate for a delay where none was agreed", "DC-2：未约定时的逾期年利率", &schema::rate())),
        ("hold-until", schema::dated("DC-7: how much of a loss is made good before holds end", "DC-7：损失挽回到何种程度解除限制", &schema::choice(&UNTIL))),
    ];
    schema::set(properties, &defaults())
}
