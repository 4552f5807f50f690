//! What the pack says about itself: its clauses and their order, and the agreements that it judges.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::{messages, parameters};

/// FF-2, the commission.
pub(crate) const FF2: u32 = 0;
/// FF-3, a collector's pay.
pub(crate) const FF3: u32 = 1;
/// FF-4, the evidence file of a hand-over.
pub(crate) const FF4: u32 = 2;
/// FF-5, the record of a visit.
pub(crate) const FF5: u32 = 3;
/// FF-7, key debts.
pub(crate) const FF7: u32 = 4;

/// Debts that people are to collect for a commission.
const TASK: &str = "task";
/// The pay of a full-time collector.
pub(crate) const COLLECTOR: &str = "collector";

/// How difficult the debts are.
pub(crate) const GRADE: &str = "grade";
/// What is to be collected.
pub(crate) const INDICATOR: &str = "task";
/// The whole pay (base, performance, allowances) for the agreement's days.
pub(crate) const PAY: &str = "pay";
/// The local minimum wage of a month.
pub(crate) const MINIMUM: &str = "minimum-wage";

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn clause(id: &str, title: Text, bases: &[&str]) -> Clause {
    let earns = !bases.is_empty();
    let lines = LineShape { bases: bases.iter().map(|&basis| basis.into()).collect(), positive: true, negative: true };
    Clause {
        id: id.into(),
        title,
        family: if earns { Family::Commission } else { Family::Condition },
        restricted: None,
        scopes: vec!["agreement".into()],
        sensitive: false,
        lines: earns.then_some(lines),
    }
}

fn clauses() -> Vec<Clause> {
    vec![
        clause("FF-2", text("Commission on cash by age of the debt and its grade", "按账龄和清收难度等级对现金清回提成"), &["entry"]),
        // With the ratio, or with the commission, the line tells the pay.
        Clause {
            sensitive: true,
            ..clause("FF-3", text("A full-time collector's whole pay follows the task done", "专职清收人员薪酬与任务完成挂钩"), &["close", "wage-month"])
        },
        clause("FF-4", text("A debt is handed over with its evidence file complete", "移交清收须证据资料齐全"), &[]),
        clause("FF-5", text("After each visit a signed record", "走访后须有对方签收的回访记录"), &[]),
        clause("FF-7", text("A key debt has a plan of its own", "重点欠款须有专项方案"), &[]),
    ]
}

fn agreements() -> Vec<AgreementShape> {
    let term = |name: &str, kind: TermType, required: bool| TermShape { name: name.into(), kind, required };
    let agreement = |kind: &str, terms: Vec<TermShape>| AgreementShape { kind: kind.into(), terms, holders: true };
    let collector = vec![
        term(PAY, TermType::Money, false),
        term(INDICATOR, TermType::Money, false),
        term(GRADE, TermType::Word, false),
        term(MINIMUM, TermType::Money, false),
    ];
    vec![agreement(TASK, vec![term(GRADE, TermType::Word, true)]), agreement(COLLECTOR, collector)]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    RulesDescription {
        id: "four-fixed".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("The four fixed: person, indicator, task, reward", "清欠四定：定人员、定指标、定任务、定奖惩"),
        scopes: vec!["agreement".into()],
        agreements: agreements(),
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
