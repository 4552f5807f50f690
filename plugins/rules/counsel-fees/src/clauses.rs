//! What the pack says about itself: its clauses and their order, and the agreement that it judges.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::{messages, parameters};

/// LF-1, the fixed fee.
pub(crate) const LF1: u32 = 0;
/// LF-2, start fee and success fee.
pub(crate) const LF2: u32 = 1;
/// LF-3, disbursements.
pub(crate) const LF3: u32 = 2;

/// How counsel is paid: `fixed` or `mixed`.
pub(crate) const FEE: &str = "fee";
/// The start fee of a mixed fee, as a part of the claim.
pub(crate) const START_RATE: &str = "start-rate";

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn clause(number: u32, title: Text, bases: &[&str]) -> Clause {
    let lines = LineShape { bases: bases.iter().map(|&basis| basis.into()).collect(), positive: true, negative: true };
    Clause {
        id: format!("LF-{}", number + 1),
        title,
        family: Family::Commission,
        restricted: None,
        scopes: vec!["agreement".into()],
        sensitive: false,
        lines: Some(lines),
    }
}

fn clauses() -> Vec<Clause> {
    vec![
        clause(LF1, text("Fixed fee on the claim", "按标的额固定收费"), &["milestone"]),
        clause(LF2, text("Start fee on the claim, success fee on what is recovered", "前期费用加按清回额收取的风险代理费"), &["milestone", "entry"]),
        clause(LF3, text("Disbursements at cost", "垫付费用按实际支出"), &["milestone"]),
    ]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    let term = |name: &str, kind: TermType, required: bool| TermShape { name: name.into(), kind, required };
    let terms = vec![term(FEE, TermType::Word, true), term(START_RATE, TermType::Decimal, false)];
    RulesDescription {
        id: "counsel-fees".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Outside counsel", "外聘律师费用"),
        scopes: vec!["agreement".into()],
        agreements: vec![AgreementShape { kind: "counsel".into(), terms, holders: true }],
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
