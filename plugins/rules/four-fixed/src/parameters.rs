//! The pack's parameters: names, JSON Schema, and how they are read. The regulation leaves every figure open, so all
//! are required; of pauses it says nothing, so none stops a clock until somebody says so.

use recoup_sdk::rules::Pauses;
use recoup_sdk::rules::params::{Bands, Dated, Parameter, Reader, schema};
use recoup_sdk::rules::wire::Problem;
use serde_json::{Value, json};

use crate::messages::no_value;

/// How a full-time collector is paid (FF-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayBy {
    /// The commission is the whole pay, never below the minimum wage.
    PureCommission,
    /// The pay follows what is done of the task.
    CompletionRatio,
}

impl PayBy {
    const OPTIONS: &[(&str, Self)] = &[("pure-commission", Self::PureCommission), ("completion-ratio", Self::CompletionRatio)];
}

/// All names, in the order of the faults that name them.
pub(crate) const NAMES: [&str; 8] = ["rates-easy", "rates-ordinary", "rates-hard", "collector-pay", "cap-percent", "floor-percent", "record-days", "pauses"];

/// Everything that may be set.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) easy: Parameter<Bands>,
    pub(crate) ordinary: Parameter<Bands>,
    pub(crate) hard: Parameter<Bands>,
    pub(crate) collector_pay: Parameter<PayBy>,
    pub(crate) cap_percent: Parameter<u32>,
    pub(crate) floor_percent: Parameter<u32>,
    pub(crate) record_days: Parameter<u32>,
    pub(crate) pauses: Parameter<Pauses>,
}

/// Reads a parameter set.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    fn numbered<T>(number: u32, values: Dated<T>) -> Parameter<T> {
        Parameter::new(no_value(number), values)
    }
    let mut reader = Reader::new(json, defaults())?;
    let [easy, ordinary, hard, pay, cap, floor, days, pauses] = NAMES;
    let parameters = Parameters {
        easy: numbered(0, reader.bands(easy)),
        ordinary: numbered(1, reader.bands(ordinary)),
        hard: numbered(2, reader.bands(hard)),
        collector_pay: numbered(3, reader.choice(pay, PayBy::OPTIONS)),
        cap_percent: numbered(4, reader.count(cap)),
        floor_percent: numbered(5, reader.count(floor)),
        record_days: numbered(6, reader.count(days)),
        pauses: numbered(7, reader.pauses(pauses)),
    };
    reader.finish(parameters)
}

/// The regulation states no figure, and no pause.
pub(crate) fn defaults() -> Value {
    json!({"pauses": schema::always(&json!([]))})
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let rates = |en: &str, zh: &str| schema::dated(en, zh, &schema::bands());
    let properties = [
        ("rates-easy", rates("FF-2: rates on cash of easy debts, by years overdue", "FF-2：易收欠款的提成比例")),
        ("rates-ordinary", rates("FF-2: of ordinary debts", "FF-2：一般欠款的提成比例")),
        ("rates-hard", rates("FF-2: of hard debts", "FF-2：难收欠款的提成比例")),
        ("collector-pay", schema::dated("FF-3: what the pay follows", "FF-3：专职人员计酬方式", &schema::choice(PayBy::OPTIONS))),
        ("cap-percent", schema::dated("FF-3: the highest part of the pay, in per cent", "FF-3：薪酬兑现上限（百分比）", &schema::count())),
        ("floor-percent", schema::dated("FF-3: the least part of the pay, in per cent", "FF-3：薪酬兑现下限（百分比）", &schema::count())),
        ("record-days", schema::dated("FF-5: days in which a visit is recorded", "FF-5：走访后提交记录的天数", &schema::count())),
        ("pauses", schema::dated("FF-2: pauses that stop the clock of an age", "FF-2：中止计龄的事由", &schema::pauses())),
    ];
    schema::set(properties, &defaults())
}
