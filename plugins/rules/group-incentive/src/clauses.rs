//! What the pack says about itself: its clauses and their order, and the agreement that it judges.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::{messages, parameters};

/// GI-1, the age from which a debt counts.
pub(crate) const GI1: u32 = 0;
/// GI-2, the rate by age.
pub(crate) const GI2: u32 = 1;
/// GI-3, the rate of a decision.
pub(crate) const GI3: u32 = 2;
/// GI-4, when it is payable.
pub(crate) const GI4: u32 = 3;
/// GI-5, the shares.
pub(crate) const GI5: u32 = 4;
/// GI-6, the tax.
pub(crate) const GI6: u32 = 5;

/// The term of an entrustment that holds the rate of a decision (GI-3).
pub(crate) const RATE: &str = "rate";

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn clause(number: u32, title: Text, bases: &[&str]) -> Clause {
    let lines = LineShape { bases: bases.iter().map(|&basis| basis.into()).collect(), positive: true, negative: true };
    let earns = !bases.is_empty();
    Clause {
        id: format!("GI-{}", number + 1),
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
        clause(GI1, text("Only debts at least a full year overdue", "仅限逾期满一年的欠款"), &[]),
        clause(GI2, text("Incentive on what is recovered, by age", "按账龄对清回款项奖励"), &["entry"]),
        clause(GI3, text("Special case: the rate of a recorded decision", "特殊情形按领导决定的比例奖励"), &["entry", "milestone"]),
        clause(GI4, text("Payable when the money is in the designated account, or a ruling gives the goods", "款项进入指定账户或生效裁判取得实物后兑现"), &[]),
        clause(GI5, text("Participants and shares of the decision", "按决定的参与人员和份额分配"), &[]),
        clause(GI6, text("Paid gross: income tax is the payee's", "按税前金额发放，个人所得税由本人承担"), &[]),
    ]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    let rate = TermShape { name: RATE.into(), kind: TermType::Decimal, required: false };
    RulesDescription {
        id: "group-incentive".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Group incentive by age", "集体清欠激励"),
        scopes: vec!["agreement".into()],
        agreements: vec![AgreementShape { kind: "entrustment".into(), terms: vec![rate], holders: true }],
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
