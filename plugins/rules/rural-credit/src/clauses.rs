//! What the pack says about itself: its clauses and their order, and the agreements that it judges.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::{messages, parameters};

/// RC-1, who answers.
pub(crate) const RC1: u32 = 0;
/// RC-2, interest, and penalty interest that is waived in time.
pub(crate) const RC2: u32 = 1;
/// RC-3, wages withheld.
pub(crate) const RC3: u32 = 2;
/// RC-4, instalments.
pub(crate) const RC4: u32 = 3;
/// RC-5, phases of a campaign.
pub(crate) const RC5: u32 = 4;
/// RC-6, what units are measured by.
pub(crate) const RC6: u32 = 5;
/// RC-7, reference rates by term.
pub(crate) const RC7: u32 = 6;
/// RC-8, whoever introduced or granted the loan collects it.
pub(crate) const RC8: u32 = 7;

/// One loan.
const LOAN: &str = "loan";
/// A unit whose loans are measured.
pub(crate) const VILLAGE: &str = "village";

/// The contract rate; by RC-7 where none is stated.
pub(crate) const RATE: &str = "rate";
/// The rate of a loan that is overdue.
pub(crate) const PENALTY_RATE: &str = "penalty-rate";
/// By when a loan is repaid voluntarily.
pub(crate) const CUT_OFF: &str = "cut-off";
/// What is paid each month under a plan.
pub(crate) const INSTALMENT: &str = "instalment";
/// When the first instalment is due.
pub(crate) const FIRST_INSTALMENT: &str = "first-instalment";

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn clauses() -> Vec<Clause> {
    let clause = |number: u32, title: Text| Clause {
        id: format!("RC-{}", number + 1),
        title,
        family: Family::Condition,
        restricted: None,
        scopes: vec!["agreement".into()],
        sensitive: false,
        lines: None,
    };
    let interest = LineShape { bases: vec!["entry".into()], positive: true, negative: true };
    let withheld = LineShape { bases: vec!["wage-month".into()], positive: false, negative: true };
    let challenge = text(
        "Withholding a month's whole wage, and keeping somebody from post and duty for a private debt, is open to challenge under labour law; ask counsel.",
        "因个人债务扣发全部工资、停职停岗，在劳动法上存在争议，请咨询律师。",
    );
    vec![
        clause(
            RC1,
            text("Who borrowed or used the money repays, the actual user first; a guarantor answers jointly", "谁借谁用谁还，实际用款人优先；担保人连带"),
        ),
        Clause {
            family: Family::Claim,
            lines: Some(interest),
            ..clause(
                RC2,
                text(
                    "Interest at the contract rate; penalty interest is waived when repaid in time and approved",
                    "按合同利率计息，限期内还清并经批准免收罚息",
                ),
            )
        },
        Clause {
            family: Family::Withholding,
            restricted: Some(challenge),
            sensitive: true,
            lines: Some(withheld),
            ..clause(
                RC3,
                text("Whoever is on the public payroll has the month's wage withheld until the loan is repaid", "财政供养人员逾期不还的扣发当月工资直至还清"),
            )
        },
        clause(RC4, text("By instalments under a signed plan", "按签订的计划分期归还")),
        clause(RC5, text("Phases of a campaign go only forward, except by approval", "清收阶段只进不退，经批准除外")),
        clause(RC6, text("Non-performing balance and ratio must both fall; a credit village", "不良余额与占比双降；信用村")),
        clause(RC7, text("Reference rates by term", "各期限参考利率")),
        clause(RC8, text("Whoever introduced or granted the loan collects it within a term", "谁介绍、谁发放，谁限期收回")),
    ]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    let term = |name: &str, kind: TermType, required: bool| TermShape { name: name.into(), kind, required };
    let terms = vec![
        term(RATE, TermType::Decimal, false),
        term(PENALTY_RATE, TermType::Decimal, true),
        term(CUT_OFF, TermType::Day, false),
        term(INSTALMENT, TermType::Money, false),
        term(FIRST_INSTALMENT, TermType::Day, false),
    ];
    RulesDescription {
        id: "rural-credit".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Rural credit", "农村信用贷款清收"),
        scopes: vec!["agreement".into()],
        agreements: vec![AgreementShape { kind: LOAN.into(), terms, holders: false }, AgreementShape { kind: VILLAGE.into(), terms: vec![], holders: false }],
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
