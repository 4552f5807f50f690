//! The pack's parameters: names, defaults, JSON Schema, and how they are read.

use recoup_sdk::rules::params::{Parameter, Reader, schema};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::Problem;
use serde_json::{Value, json};

use crate::messages::no_value;

/// All names, in the order of the faults that name them.
pub(crate) const NAMES: [&str; 4] = ["penalty-min", "penalty-max", "management-fee-max", "wage-share"];

/// Everything that may be set. Amounts are minor units.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) penalty_min: Parameter<u32>,
    pub(crate) penalty_max: Parameter<u32>,
    pub(crate) management_fee_max: Parameter<Rate>,
    pub(crate) wage_share: Parameter<Rate>,
}

/// Reads a parameter set; what it leaves out holds its default.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    let mut reader = Reader::new(json, defaults())?;
    let [min, max, fee, share] = NAMES;
    let parameters = Parameters {
        penalty_min: Parameter::new(no_value(0), reader.count(min)),
        penalty_max: Parameter::new(no_value(1), reader.count(max)),
        management_fee_max: Parameter::new(no_value(2), reader.share(fee)),
        wage_share: Parameter::new(no_value(3), reader.share(share)),
    };
    reader.finish(parameters)
}

/// The figures of the regulation.
pub(crate) fn defaults() -> Value {
    json!({
        "penalty-min": schema::always(&json!(5_000_000)),
        "penalty-max": schema::always(&json!(10_000_000)),
        "management-fee-max": schema::always(&json!("0.08")),
        "wage-share": schema::always(&json!("0.15")),
    })
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let properties = [
        ("penalty-min", schema::dated("PW-1: the least penalty that may be agreed, in minor units", "PW-1：违约金下限（分）", &schema::count())),
        ("penalty-max", schema::dated("PW-1: the highest penalty that may be agreed, in minor units", "PW-1：违约金上限（分）", &schema::count())),
        (
            "management-fee-max",
            schema::dated("PW-2: management fee before completion, as a part of what was paid", "PW-2：竣工前管理费占已收款的上限", &schema::rate()),
        ),
        ("wage-share", schema::dated("PW-4: wages as a part of measured works", "PW-4：工资占计量产值的比例", &schema::rate())),
    ];
    schema::set(properties, &defaults())
}
