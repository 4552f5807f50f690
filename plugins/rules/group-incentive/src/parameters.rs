//! The pack's parameters: names, defaults, JSON Schema, and how they are read. The rates are open in the regulation, so they
//! have no default.

use recoup_sdk::rules::Pauses;
use recoup_sdk::rules::params::{Bands, Dated, Parameter, Reader, schema};
use recoup_sdk::rules::wire::Problem;
use serde_json::{Value, json};

use crate::messages::no_value;

/// What the bands of a rate table count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RatesBy {
    /// Completed years overdue.
    Age,
    /// The year of the debt's document.
    Vintage,
}

impl RatesBy {
    const OPTIONS: &[(&str, Self)] = &[("age", Self::Age), ("vintage", Self::Vintage)];
}

/// All names, in the order of the faults that name them.
pub(crate) const NAMES: [&str; 5] = ["years-overdue-min", "rates-by", "cash-rates", "in-kind-rates", "pauses"];

/// Everything that may be set.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) years_overdue_min: Parameter<u32>,
    pub(crate) rates_by: Parameter<RatesBy>,
    pub(crate) cash_rates: Parameter<Bands>,
    pub(crate) in_kind_rates: Parameter<Bands>,
    pub(crate) pauses: Parameter<Pauses>,
}

/// Reads a parameter set; what it leaves out holds its default.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    fn numbered<T>(number: u32, values: Dated<T>) -> Parameter<T> {
        Parameter::new(no_value(number), values)
    }
    let mut reader = Reader::new(json, defaults())?;
    let [years, by, cash, in_kind, pauses] = NAMES;
    let parameters = Parameters {
        years_overdue_min: numbered(0, reader.count(years)),
        rates_by: numbered(1, reader.choice(by, RatesBy::OPTIONS)),
        cash_rates: numbered(2, reader.bands(cash)),
        in_kind_rates: numbered(3, reader.bands(in_kind)),
        pauses: numbered(4, reader.pauses(pauses)),
    };
    reader.finish(parameters)
}

/// The figures of the regulation.
pub(crate) fn defaults() -> Value {
    json!({
        "years-overdue-min": schema::always(&json!(1)),
        "rates-by": schema::always(&json!("age")),
        "pauses": schema::always(&json!([])),
    })
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let properties = [
        ("years-overdue-min", schema::dated("GI-1: full years from which a debt counts", "GI-1：计奖的最低逾期满年数", &schema::count())),
        ("rates-by", schema::dated("GI-2: what the bands count", "GI-2：比例档次的依据", &schema::choice(RatesBy::OPTIONS))),
        ("cash-rates", schema::dated("GI-2: rates on cash, by years overdue or year of the debt", "GI-2：现金清回的比例", &schema::bands())),
        ("in-kind-rates", schema::dated("GI-2: rates on goods, likewise", "GI-2：实物清回的比例", &schema::bands())),
        ("pauses", schema::dated("GI-1: pauses that stop the clock of an age", "GI-1：中止计龄的事由", &schema::pauses())),
    ];
    schema::set(properties, &defaults())
}
