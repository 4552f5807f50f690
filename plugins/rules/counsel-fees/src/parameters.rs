//! The pack's parameters: names, defaults, JSON Schema, and how they are read.

use recoup_sdk::rules::params::{Dated, Parameter, Reader, schema};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::Problem;
use serde_json::{Value, json};

use crate::messages::no_value;

/// All names, in the order of the faults that name them.
pub(crate) const NAMES: [&str; 4] = ["fixed-rate", "start-rate-min", "start-rate-max", "success-rate"];

/// Everything that may be set.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) fixed_rate: Parameter<Rate>,
    pub(crate) start_rate_min: Parameter<Rate>,
    pub(crate) start_rate_max: Parameter<Rate>,
    pub(crate) success_rate: Parameter<Rate>,
}

/// Reads a parameter set; what it leaves out holds its default.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    fn numbered(number: u32, values: Dated<Rate>) -> Parameter<Rate> {
        Parameter::new(no_value(number), values)
    }
    let mut reader = Reader::new(json, defaults())?;
    let [fixed, min, max, success] = NAMES;
    let parameters = Parameters {
        fixed_rate: numbered(0, reader.share(fixed)),
        start_rate_min: numbered(1, reader.share(min)),
        start_rate_max: numbered(2, reader.share(max)),
        success_rate: numbered(3, reader.share(success)),
    };
    reader.finish(parameters)
}

/// The figures of the regulation.
pub(crate) fn defaults() -> Value {
    json!({
        "fixed-rate": schema::always(&json!("0.05")),
        "start-rate-min": schema::always(&json!("0.02")),
        "start-rate-max": schema::always(&json!("0.05")),
        "success-rate": schema::always(&json!("0.10")),
    })
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let properties = [
        ("fixed-rate", schema::dated("LF-1: fixed fee, as a part of the claim", "LF-1：固定收费占标的额的比例", &schema::rate())),
        ("start-rate-min", schema::dated("LF-2: the least start fee that may be agreed", "LF-2：前期费用比例下限", &schema::rate())),
        ("start-rate-max", schema::dated("LF-2: the highest start fee that may be agreed", "LF-2：前期费用比例上限", &schema::rate())),
        ("success-rate", schema::dated("LF-2: success fee, as a part of what is recovered", "LF-2：按清回额收费的比例", &schema::rate())),
    ];
    schema::set(properties, &defaults())
}
