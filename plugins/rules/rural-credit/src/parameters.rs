//! The pack's parameters: names, defaults, JSON Schema, and how they are read.

use recoup_sdk::rules::interest::DayBasis;
use recoup_sdk::rules::params::{Parameter, Reader, schema};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::Problem;
use serde_json::{Value, json};

use crate::messages::no_value;

/// All names, in the order of the faults that name them.
pub(crate) const NAMES: [&str; 5] = ["day-basis", "term-rates", "withheld-share", "credit-village-max", "collect-days"];

/// Terms of loans, each with its own bound inside.
const TERMS: [&str; 5] = ["to-180-days", "to-1-year", "to-3-years", "to-5-years", "above"];

/// Everything that may be set.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) day_basis: Parameter<DayBasis>,
    pub(crate) term_rates: Parameter<[Rate; TERMS.len()]>,
    pub(crate) withheld_share: Parameter<Rate>,
    pub(crate) credit_village_max: Parameter<Rate>,
    pub(crate) collect_days: Parameter<u32>,
}

/// Reads a parameter set; what it leaves out holds its default.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    let mut reader = Reader::new(json, defaults())?;
    let [basis, rates, withheld, village, collect] = NAMES;
    let parameters = Parameters {
        day_basis: Parameter::new(no_value(0), reader.choice(basis, &DayBasis::OPTIONS)),
        term_rates: Parameter::new(no_value(1), reader.shares(rates, TERMS)),
        withheld_share: Parameter::new(no_value(2), reader.share(withheld)),
        credit_village_max: Parameter::new(no_value(3), reader.share(village)),
        collect_days: Parameter::new(no_value(4), reader.count(collect)),
    };
    reader.finish(parameters)
}

/// The figures of the regulation. It leaves open within how many days whoever introduced or granted a loan collects it.
pub(crate) fn defaults() -> Value {
    let rates = json!({"to-180-days": "0.056", "to-1-year": "0.06", "to-3-years": "0.0615", "to-5-years": "0.064", "above": "0.0655"});
    json!({
        "day-basis": schema::always(&json!("actual-365")),
        "term-rates": schema::always(&rates),
        "withheld-share": schema::always(&json!("1")),
        "credit-village-max": schema::always(&json!("0.10")),
    })
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let rate_of: serde_json::Map<String, Value> = TERMS.iter().map(|term| ((*term).to_owned(), schema::rate())).collect();
    let rates = json!({"type": "object", "properties": rate_of, "required": TERMS, "additionalProperties": false});
    let properties = [
        ("day-basis", schema::dated("RC-2: days of a year", "RC-2：年利率折算日利率的天数", &schema::choice(&DayBasis::OPTIONS))),
        ("term-rates", schema::dated("RC-7: reference rates by term", "RC-7：各期限参考利率", &rates)),
        ("withheld-share", schema::dated("RC-3: part of the month's wage that is withheld", "RC-3：扣发当月工资的比例", &schema::rate())),
        ("credit-village-max", schema::dated("RC-6: highest non-performing ratio of a credit village", "RC-6：信用村不良占比上限", &schema::rate())),
        ("collect-days", schema::dated("RC-8: days after the due date by which to collect", "RC-8：到期后限期收回的天数", &schema::count())),
    ];
    schema::set(properties, &defaults())
}
