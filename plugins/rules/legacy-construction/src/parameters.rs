//! The pack's parameters: names, defaults, JSON Schema, and how they are read.

use recoup_sdk::rules::Pauses;
use recoup_sdk::rules::params::{Bands, Parameter, Reader, schema};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::Problem;
use serde_json::{Value, json};

use crate::messages::no_value;
use crate::roles::ROLES;

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($value:ident $text:literal)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($value),* }

        impl $name {
            const OPTIONS: &[(&str, Self)] = &[$(($text, Self::$value)),*];
        }
    )*};
}

choices! {
    /// LC-1: how years overdue are counted.
    AgeReading { CompletedYears "completed-years" YearBegun "year-begun" }
    /// LC-3: when a bonus becomes payable.
    Vest { OnFullClearance "on-full-clearance" OnReceipt "on-receipt" }
    /// LC-3: what vested on receipt, after a missed deadline.
    VestedAfterMiss { Keep "keep" Lapse "lapse" }
    /// LC-4: which twelve months are the base of a fine.
    WageBase { CalendarYear "calendar-year" PriorTwelveMonths "prior-12-months" }
    /// LC-5: when a fine is given back.
    Refund { OnFullRecovery "on-full-recovery" ProRata "pro-rata" }
    /// LC-6: the first month that is withheld.
    WithholdFrom { MonthOfBreach "month-of-breach" NextMonth "next-month" }
    /// LC-6: what a partial recovery releases.
    PartialRecovery { ReleasesNothing "releases-nothing" ReleasesProRata "releases-pro-rata" }
    /// LC-7: which bonus a missed deadline forfeits.
    Forfeit { AgeBased "age-based" All "all" }
    /// LC-7: a debt cleared in time whose receipt bounces after the deadline.
    Reopened { Suspend "suspend" Forfeit "forfeit" Keep "keep" }
}

/// All names, in the order of the numbers.
pub(crate) const NAMES: [&str; 15] = [
    "age-reading",
    "settled-bonus",
    "unsettled-bonus",
    "vest",
    "vested-after-miss",
    "fines",
    "wage-base",
    "refund",
    "withhold-from",
    "withheld-share",
    "partial-recovery",
    "forfeit",
    "reopened-after-deadline",
    "booking-days",
    "pauses",
];

/// Everything that may be set.
#[derive(Debug)]
pub struct Parameters {
    pub(crate) age_reading: Parameter<AgeReading>,
    pub(crate) settled_bonus: Parameter<Bands>,
    pub(crate) unsettled_bonus: Parameter<Rate>,
    pub(crate) vest: Parameter<Vest>,
    pub(crate) vested_after_miss: Parameter<VestedAfterMiss>,
    pub(crate) fines: Parameter<[Rate; ROLES.len()]>,
    pub(crate) wage_base: Parameter<WageBase>,
    pub(crate) refund: Parameter<Refund>,
    pub(crate) withhold_from: Parameter<WithholdFrom>,
    pub(crate) withheld_share: Parameter<Rate>,
    pub(crate) partial_recovery: Parameter<PartialRecovery>,
    pub(crate) forfeit: Parameter<Forfeit>,
    pub(crate) reopened_after_deadline: Parameter<Reopened>,
    pub(crate) booking_days: Parameter<u32>,
    pub(crate) pauses: Parameter<Pauses>,
}

/// Reads a parameter set; what it leaves out holds its default.
pub(crate) fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
    let mut reader = Reader::new(json, defaults())?;
    let mut number = 0;
    macro_rules! read {
        ($method:ident $(, $more:expr)*) => {{
            let parameter = Parameter::new(no_value(number), reader.$method(NAMES[number as usize] $(, $more)*));
            number += 1;
            parameter
        }};
    }
    #[allow(clippy::indexing_slicing, reason = "fifteen reads of fifteen names")]
    let parameters = Parameters {
        age_reading: read!(choice, AgeReading::OPTIONS),
        settled_bonus: read!(bands),
        unsettled_bonus: read!(share),
        vest: read!(choice, Vest::OPTIONS),
        vested_after_miss: read!(choice, VestedAfterMiss::OPTIONS),
        fines: read!(shares, ROLES.map(|role| role.name)),
        wage_base: read!(choice, WageBase::OPTIONS),
        refund: read!(choice, Refund::OPTIONS),
        withhold_from: read!(choice, WithholdFrom::OPTIONS),
        withheld_share: read!(share),
        partial_recovery: read!(choice, PartialRecovery::OPTIONS),
        forfeit: read!(choice, Forfeit::OPTIONS),
        reopened_after_deadline: read!(choice, Reopened::OPTIONS),
        booking_days: read!(count),
        pauses: read!(pauses),
    };
    debug_assert_eq!(number as usize, NAMES.len());
    reader.finish(parameters)
}

/// The figures of the regulation.
pub(crate) fn defaults() -> Value {
    let always = |value: Value| schema::always(&value);
    json!({
        "age-reading": always(json!("completed-years")),
        "settled-bonus": always(json!([
            {"from": 1, "to": 3, "rate": "0.01"},
            {"from": 3, "to": 4, "rate": "0.02"},
            {"from": 4, "to": 5, "rate": "0.03"},
            {"from": 5, "rate": "0.04"},
        ])),
        "unsettled-bonus": always(json!("0.005")),
        "vest": always(json!("on-full-clearance")),
        "vested-after-miss": always(json!("keep")),
        "fines": always(json!({
            "project-manager": "0.20",
            "project-secretary": "0.10",
            "planning-lead": "0.05",
            "finance-lead": "0.05",
        })),
        "wage-base": always(json!("calendar-year")),
        "refund": always(json!("on-full-recovery")),
        "withhold-from": always(json!("month-of-breach")),
        "withheld-share": always(json!("1")),
        "partial-recovery": always(json!("releases-nothing")),
        "forfeit": always(json!("age-based")),
        "reopened-after-deadline": always(json!("suspend")),
        "booking-days": always(json!(0)),
        "pauses": always(json!([])),
    })
}

/// JSON Schema of a parameter set.
pub(crate) fn schema() -> Value {
    let fines = json!({
        "type": "object",
        "properties": ROLES.iter().map(|role| (role.name.to_owned(), schema::rate())).collect::<serde_json::Map<_, _>>(),
        "required": ROLES.map(|role| role.name),
        "additionalProperties": false,
    });
    let rate = schema::rate;
    macro_rules! options {
        ($name:ident) => {
            schema::choice($name::OPTIONS)
        };
    }
    let dated = |en: &str, zh: &str, value: Value| schema::dated(en, zh, &value);
    let properties = [
        ("age-reading", dated("LC-1: how years overdue are counted", "LC-1：逾期年数的计法", options!(AgeReading))),
        ("settled-bonus", dated("LC-1: bonus by years overdue", "LC-1：按逾期年数的奖励比例", schema::bands())),
        ("unsettled-bonus", dated("LC-2: bonus on unsettled projects", "LC-2：未结算项目奖励比例", rate())),
        ("vest", dated("LC-3: when a bonus becomes payable", "LC-3：奖励何时可兑现", options!(Vest))),
        (
            "vested-after-miss",
            dated("LC-3: what vested on receipt, after a missed deadline", "LC-3：到账即兑现的奖励在逾期后如何处理", options!(VestedAfterMiss)),
        ),
        ("fines", dated("LC-4: fine by role, as a part of the year's wage", "LC-4：各岗位罚款占年工资的比例", fines)),
        ("wage-base", dated("LC-4: which twelve months are the base", "LC-4：罚款的工资基数", options!(WageBase))),
        ("refund", dated("LC-5: when a fine is given back", "LC-5：罚款何时退还", options!(Refund))),
        ("withhold-from", dated("LC-6: the first month that is withheld", "LC-6：从哪个月开始停发", options!(WithholdFrom))),
        ("withheld-share", dated("LC-6: which part of the wage is withheld", "LC-6：停发工资的比例", rate())),
        ("partial-recovery", dated("LC-6: what a partial recovery releases", "LC-6：部分收回时的补发", options!(PartialRecovery))),
        ("forfeit", dated("LC-7: which bonus a missed deadline forfeits", "LC-7：逾期取消哪些奖励", options!(Forfeit))),
        ("reopened-after-deadline", dated("LC-7: cleared in time, bounced after the deadline", "LC-7：按期清回后又退回的处理", options!(Reopened))),
        ("booking-days", dated("LC-11: days after its arrival by which money is booked", "LC-11：款项到账后入账的天数", schema::count())),
        ("pauses", dated("LC-1: pauses that stop the clock of an age", "LC-1：中止计龄的事由", schema::pauses())),
    ];
    schema::set(properties, &defaults())
}
