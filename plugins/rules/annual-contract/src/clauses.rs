//! What the pack says about itself: its clauses and their order, and the agreements that it judges.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::{messages, parameters};

/// AC-1, the reward on cash.
pub(crate) const AC1: u32 = 0;
/// AC-2, the reward on goods realised.
pub(crate) const AC2: u32 = 1;
/// AC-3, the notice period.
pub(crate) const AC3: u32 = 2;
/// AC-4, the executive's pay.
pub(crate) const AC4: u32 = 3;
/// AC-5, the target missed.
pub(crate) const AC5: u32 = 4;
/// AC-6, the supervising leader's pay.
pub(crate) const AC6: u32 = 5;
/// AC-7, the outside helper.
pub(crate) const AC7: u32 = 6;

/// The contract of a unit or a team for a year.
pub(crate) const CONTRACT: &str = "recovery-contract";
/// The pay of an executive on annual salary.
pub(crate) const EXECUTIVE: &str = "executive";
/// The performance pay of a leader who supervises units.
pub(crate) const LEADER: &str = "supervising-leader";
/// An outside helper's one-off reward.
pub(crate) const HELPER: &str = "helper";

/// What is to be recovered in the year.
pub(crate) const TARGET: &str = "target";
/// The reward as a part of what is recovered.
pub(crate) const RATE: &str = "rate";
/// The year's salary.
pub(crate) const SALARY: &str = "salary";
/// The year's performance pay.
pub(crate) const PERFORMANCE_PAY: &str = "performance-pay";
/// The reward as an amount.
pub(crate) const AMOUNT: &str = "amount";
/// What a receipt must bring at least for the helper's reward.
pub(crate) const AT_LEAST: &str = "at-least";

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn clause(id: &str, title: Text, basis: Option<&str>) -> Clause {
    let lines = |basis: &str| LineShape { bases: vec![basis.into()], positive: true, negative: true };
    Clause {
        id: id.into(),
        title,
        family: if basis.is_some() { Family::Commission } else { Family::Condition },
        restricted: None,
        scopes: vec!["agreement".into()],
        sensitive: false,
        lines: basis.map(lines),
    }
}

fn clauses() -> Vec<Clause> {
    vec![
        clause("AC-1", text("Target met: reward on the cash of the year", "完成年度指标按当年现金清回额奖励"), Some("entry")),
        clause("AC-2", text("Goods count and earn as they are realised in the year", "抵债实物按当年变现额计入并奖励"), Some("milestone")),
        clause("AC-3", text("Paid after the notice period without an open objection", "公示期满无异议后兑现"), None),
        // With the ratio, the line tells the salary.
        Clause {
            sensitive: true, ..clause("AC-4", text("Executive paid in proportion to the recovery rate", "年薪制负责人按清收率兑现薪酬"), Some("close"))
        },
        clause("AC-5", text("Target missed: no commission", "未完成指标不予奖励"), None),
        // Likewise of the performance pay.
        Clause {
            sensitive: true,
            ..clause("AC-6", text("Supervising leader paid by the completion of the units supervised", "分管领导绩效薪酬与所管单位完成率挂钩"), Some("close"))
        },
        clause("AC-7", text("One-off reward of an outside helper", "外部协助人员一次性奖励"), Some("entry")),
    ]
}

fn agreements() -> Vec<AgreementShape> {
    let term = |name: &str, kind: TermType, required: bool| TermShape { name: name.into(), kind, required };
    let money = |name: &str, required: bool| term(name, TermType::Money, required);
    let agreement = |kind: &str, terms: Vec<TermShape>| AgreementShape { kind: kind.into(), terms, holders: true };
    vec![
        agreement(CONTRACT, vec![money(TARGET, true), term(RATE, TermType::Decimal, true)]),
        agreement(EXECUTIVE, vec![money(TARGET, true), money(SALARY, true)]),
        agreement(LEADER, vec![money(PERFORMANCE_PAY, true)]),
        agreement(HELPER, vec![money(AMOUNT, false), term(RATE, TermType::Decimal, false), money(AT_LEAST, false)]),
    ]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    RulesDescription {
        id: "annual-contract".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Annual recovery contract", "年度清欠承包责任制"),
        scopes: vec!["agreement".into()],
        agreements: agreements(),
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
