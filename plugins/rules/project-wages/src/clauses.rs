//! What the pack says about itself: its clauses and their order, and the agreement that it judges.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::{messages, parameters};

/// PW-1, what was paid on behalf is deducted, with a penalty.
pub(crate) const PW1: u32 = 0;
/// PW-2, the management fee before completion.
pub(crate) const PW2: u32 = 1;
/// PW-3, the clearing rate.
pub(crate) const PW3: u32 = 2;
/// PW-4, the estimated wage bill.
pub(crate) const PW4: u32 = 3;

/// The penalty for each payment on behalf.
pub(crate) const PENALTY: &str = "penalty";

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn clauses() -> Vec<Clause> {
    let clause = |number: u32, title: Text, claims: bool| Clause {
        id: format!("PW-{}", number + 1),
        title,
        family: if claims { Family::Claim } else { Family::Condition },
        restricted: None,
        scopes: vec!["agreement".into()],
        sensitive: false,
        lines: claims.then(|| LineShape { bases: vec!["milestone".into()], positive: false, negative: true }),
    };
    vec![
        clause(PW1, text("Wages paid on behalf are deducted from the contractor, with a penalty", "代付工资从施工单位扣回并处违约金"), true),
        clause(PW2, text("Management fee remitted before completion", "竣工前上缴管理费上限"), false),
        clause(PW3, text("Clearing rate of wages", "工资清欠率"), false),
        clause(PW4, text("Estimated wage bill of measured works", "按计量产值估算工资"), false),
    ]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    let terms = vec![TermShape { name: PENALTY.into(), kind: TermType::Money, required: false }];
    RulesDescription {
        id: "project-wages".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Wages paid on behalf", "代付工资与项目工资"),
        scopes: vec!["agreement".into()],
        agreements: vec![AgreementShape { kind: "project".into(), terms, holders: false }],
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
