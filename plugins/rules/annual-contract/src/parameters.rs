//! The pack's parameters: names, defaults, JSON Schema, and how they are read. The notice period is open in the regulation, so
//! it has no default.

use recoup_sdk::rules::params::{Dated, Parameter, Reader, schema};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::Problem;
use serde_json::{Value, json};

use crate::messages::no_value;

/// Which days are the contract's year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum YearIs {
    /// The calendar year of its first day.
    CalendarYear,
    /// From its first to its last day.
    Term,
}

impl YearIs {
    const OPTIONS: &[(&str, Self)] = &[("calendar-year", Self::CalendarYear), ("term", Self::Term)];
}

/// All names, in the order of the faults that name them.
pub(crate) const NAMES: [&str; 6] = ["year", "rate-min", "rate-max", "notice-days", "salary-cap", "performance-cap"];

/// Everything that may be set.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) year: Parameter<YearIs>,
    pub(crate) rate_min: Parameter<Rate>,
    pub(crate) rate_max: Parameter<Rate>,
    pub(crate) notice_days: Parameter<u32>,
    pub(crate) salary_cap: Parameter<Rate>,
    pub(crate) performance_cap: Parameter<Rate>,
}

/// Reads a parameter set; what it leaves out holds its default.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    fn numbered<T>(number: u32, values: Dated<T>) -> Parameter<T> {
        Parameter::new(no_value(number), values)
    }
    let mut reader = Reader::new(json, defaults())?;
    let [year, min, max, days, salary, performance] = NAMES;
    let parameters = Parameters {
        year: numbered(0, reader.choice(year, YearIs::OPTIONS)),
        rate_min: numbered(1, reader.share(min)),
        rate_max: numbered(2, reader.share(max)),
        notice_days: numbered(3, reader.count(days)),
        salary_cap: numbered(4, reader.share(salary)),
        performance_cap: numbered(5, reader.share(performance)),
    };
    reader.finish(parameters)
}

/// The figures of the regulation.
pub(crate) fn defaults() -> Value {
    json!({
        "year": schema::always(&json!("calendar-year")),
        "rate-min": schema::always(&json!("0.05")),
        "rate-max": schema::always(&json!("0.10")),
        "salary-cap": schema::always(&json!("1")),
        "performance-cap": schema::always(&json!("1")),
    })
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let properties = [
        ("year", schema::dated("Which days are the contract year", "合同年度的起止", &schema::choice(YearIs::OPTIONS))),
        ("rate-min", schema::dated("AC-1: the least rate that a contract may state", "AC-1：合同奖励比例下限", &schema::rate())),
        ("rate-max", schema::dated("AC-1: the highest rate that a contract may state", "AC-1：合同奖励比例上限", &schema::rate())),
        ("notice-days", schema::dated("AC-3: days of the notice period", "AC-3：公示天数", &schema::count())),
        ("salary-cap", schema::dated("AC-4: the highest part of the salary", "AC-4：年薪兑现比例上限", &schema::rate())),
        ("performance-cap", schema::dated("AC-6: the highest part of the performance pay", "AC-6：绩效薪酬兑现比例上限", &schema::rate())),
    ];
    schema::set(properties, &defaults())
}
