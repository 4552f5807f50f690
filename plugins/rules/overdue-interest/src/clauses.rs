//! What the pack says about itself: its clauses and their order, and the agreement that it judges.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::terms::{ANNUAL_RATE, CLAIM, DAILY_RATE, PENALTY_DAILY_RATE, PENALTY_FIXED};
use crate::{messages, parameters};

/// OI-1, interest as agreed or by the reference rate.
pub(crate) const OI1: u32 = 0;
/// OI-2, the agreed penalty instead.
pub(crate) const OI2: u32 = 1;
/// OI-3, how the days run.
pub(crate) const OI3: u32 = 2;

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn clauses() -> Vec<Clause> {
    let clause = |number: u32, title: Text, claims: bool| Clause {
        id: format!("OI-{}", number + 1),
        title,
        family: if claims { Family::Claim } else { Family::Condition },
        restricted: None,
        scopes: vec!["agreement".into()],
        sensitive: false,
        // Owed by the debtor; what a bounced reversal took too much goes back.
        lines: claims.then(|| LineShape { bases: vec!["entry".into()], positive: true, negative: true }),
    };
    vec![
        clause(OI1, text("Interest as agreed, else at the reference lending rate", "按约定计息，无约定的按同期贷款参考利率"), true),
        clause(OI2, text("The agreed penalty for late payment instead", "或按约定收取逾期违约金，二者择一"), true),
        clause(OI3, text("Day by day on what is open, from the day after the due date", "自到期次日起按日以未收余额计算"), false),
    ]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    let term = |name: &str, kind: TermType, required: bool| TermShape { name: name.into(), kind, required };
    let terms = vec![
        term(CLAIM, TermType::Word, true),
        term(ANNUAL_RATE, TermType::Decimal, false),
        term(DAILY_RATE, TermType::Decimal, false),
        term(PENALTY_DAILY_RATE, TermType::Decimal, false),
        term(PENALTY_FIXED, TermType::Money, false),
    ];
    RulesDescription {
        id: "overdue-interest".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Overdue interest and contract penalty", "逾期利息与违约金"),
        scopes: vec!["agreement".into()],
        agreements: vec![AgreementShape { kind: "late-payment".into(), terms, holders: false }],
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
