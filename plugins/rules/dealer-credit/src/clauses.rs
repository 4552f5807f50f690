//! What the pack says about itself: its clauses and their order, and the agreements that it judges.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::{messages, parameters};

/// DC-2, interest for the delay.
pub(crate) const DC2: u32 = 0;
/// DC-7, sanctions.
pub(crate) const DC7: u32 = 1;
/// DC-8, commission and year-end bonus.
pub(crate) const DC8: u32 = 2;
/// DC-9, false reports.
pub(crate) const DC9: u32 = 3;

/// What a dealer owes.
const DEALER_CREDIT: &str = "dealer-credit";
/// What sellers are to bring in.
pub(crate) const SALES_TARGET: &str = "sales-target";

/// Interest for the delay by the year, as agreed.
pub(crate) const ANNUAL_RATE: &str = "annual-rate";
/// Or by the day.
pub(crate) const DAILY_RATE: &str = "daily-rate";
/// What is to be brought in.
pub(crate) const TARGET: &str = "target";
/// The commission as a part of what is brought in.
pub(crate) const COMMISSION_RATE: &str = "commission-rate";
/// The year-end bonus.
pub(crate) const BONUS: &str = "year-end-bonus";

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn clauses() -> Vec<Clause> {
    let clause = |id: &str, title: Text| Clause {
        id: id.into(),
        title,
        family: Family::Condition,
        restricted: None,
        scopes: vec!["agreement".into()],
        sensitive: false,
        lines: None,
    };
    let lines = |bases: &[&str]| Some(LineShape { bases: bases.iter().map(|&basis| basis.into()).collect(), positive: true, negative: true });
    let challenge = text(
        "Refusing to process a resignation, and keeping somebody from promotion, transfer or awards for a loss, is open to challenge under labour law. It is advice, and blocks nothing in another system; ask counsel.",
        "因损失不予办理离职、限制提拔、调动或评先，在劳动法上存在争议。本条仅作建议，不在其他系统中限制任何操作，请咨询律师。",
    );
    vec![
        // Owed by the dealer; what a reversal of a reversal gives back goes to it.
        Clause {
            family: Family::Claim,
            lines: lines(&["entry"]),
            ..clause("DC-2", text("Arrears include the interest owed for the delay", "欠款包括逾期应付利息"))
        },
        Clause {
            restricted: Some(challenge),
            ..clause("DC-7", text("Sanctions that are not money, until the loss is recovered or reduced", "造成损失的责任追究，直至损失挽回或减少"))
        },
        Clause {
            family: Family::Commission,
            lines: lines(&["entry", "close"]),
            ..clause("DC-8", text("Target missed: no commission and no year-end bonus; only cash counts", "未完成指标不发提成和年终奖，仅以实际回款计算"))
        },
        clause("DC-9", text("What rests on a false report is withdrawn, and its reporter sanctioned", "虚报瞒报的，追究责任人并取消相应奖励")),
    ]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    let term = |name: &str, kind: TermType, required: bool| TermShape { name: name.into(), kind, required };
    let dealer = vec![term(ANNUAL_RATE, TermType::Decimal, false), term(DAILY_RATE, TermType::Decimal, false)];
    let target = vec![term(TARGET, TermType::Money, true), term(COMMISSION_RATE, TermType::Decimal, false), term(BONUS, TermType::Money, false)];
    RulesDescription {
        id: "dealer-credit".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Dealer credit and accountability", "经销商信用与清欠责任"),
        scopes: vec!["agreement".into()],
        agreements: vec![
            AgreementShape { kind: DEALER_CREDIT.into(), terms: dealer, holders: false },
            AgreementShape { kind: SALES_TARGET.into(), terms: target, holders: true },
        ],
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
