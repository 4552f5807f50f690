//! What the pack says about itself: its clauses and their order.

use recoup_sdk::rules::describe::{AgreementShape, Clause, Family, LineShape, RulesDescription, TermShape, TermType, Text};

use crate::{messages, parameters};

/// LC-1, the bonus by age.
pub(crate) const LC1: u32 = 0;
/// LC-2, the flat bonus on unsettled projects.
pub(crate) const LC2: u32 = 1;
/// LC-3, the condition of full clearance.
pub(crate) const LC3: u32 = 2;
/// LC-4, fines on closing with debts open.
pub(crate) const LC4: u32 = 3;
/// LC-5, the refund of those fines.
pub(crate) const LC5: u32 = 4;
/// LC-6, wages withheld.
pub(crate) const LC6: u32 = 5;
/// LC-7, forfeiture.
pub(crate) const LC7: u32 = 6;
/// LC-8, expenses.
pub(crate) const LC8: u32 = 7;
/// LC-9, the recovery team.
pub(crate) const LC9: u32 = 8;
/// LC-10, the list of old debts.
pub(crate) const LC10: u32 = 9;
/// LC-11, money recovered.
pub(crate) const LC11: u32 = 10;

/// A trip to collect debts.
pub(crate) const TRIP: &str = "collection-trip";
/// A request to spend money otherwise.
pub(crate) const REQUEST: &str = "expense-request";
/// Who answers for a project's debts.
const TEAM: &str = "recovery-team";
/// How much is requested.
pub(crate) const REQUESTED: &str = "amount";

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn shape(basis: &str, positive: bool, negative: bool) -> Option<LineShape> {
    Some(LineShape { bases: vec![basis.into()], positive, negative })
}

fn clause(number: u32, scope: &str, family: Family, title: Text, lines: Option<LineShape>) -> Clause {
    // Fines, what is refunded of them and wages withheld are parts of wages: with the rate, each tells the wage.
    let sensitive = matches!(family, Family::Penalty | Family::Refund | Family::Withholding);
    Clause { id: format!("LC-{}", number + 1), title, family, restricted: None, scopes: vec![scope.into()], sensitive, lines }
}

/// The clauses, in the order of their numbers.
fn clauses() -> Vec<Clause> {
    use Family::{Commission, Condition, Penalty, Refund, Reimbursement, Withholding};
    let fines = text(
        "A fine taken from wages is void or limited under labour law in some places: ask counsel before use.",
        "从工资中扣罚在部分地区依劳动法律无效或受限，启用前请咨询律师。",
    );
    let withholding = text(
        "Holding back earned wages is unlawful under labour law in some places, and is bounded by the wage guard: ask counsel before use.",
        "停发已得工资在部分地区违反劳动法律，且受工资保护限额约束，启用前请咨询律师。",
    );
    vec![
        clause(LC1, "letter", Commission, text("Bonus on an old settled debt, by years overdue", "已结算旧欠按逾期年数奖励"), shape("entry", true, true)),
        clause(
            LC2,
            "letter",
            Commission,
            text("Flat bonus on a project completed but not yet settled", "已完工未结算项目按固定比例奖励"),
            shape("entry", true, true),
        ),
        clause(LC3, "letter", Condition, text("Payable when all debts of the letter are cleared by its deadline", "责任状内欠款按期全部清回后兑现"), None),
        Clause {
            restricted: Some(fines),
            ..clause(
                LC4,
                "contract",
                Penalty,
                text("Fine on closing a project with receivables open", "项目关闭时仍有应收款项的罚款"),
                shape("close", false, true),
            )
        },
        clause(LC5, "contract", Refund, text("Refund of the fine when the debt behind it is recovered", "欠款收回后退还罚款"), shape("entry", true, true)),
        Clause {
            restricted: Some(withholding),
            ..clause(
                LC6,
                "letter",
                Withholding,
                text("Wage withheld after a missed deadline, paid back on recovery", "逾期未清回停发工资，清回后补发"),
                shape("wage-month", true, true),
            )
        },
        clause(LC7, "letter", Condition, text("Bonus forfeited when the deadline is missed", "逾期未清回取消奖励"), None),
        clause(
            LC8,
            "agreement",
            Reimbursement,
            text("Expenses reimbursed as they were approved beforehand", "清欠费用事前审批后报销"),
            shape("milestone", true, false),
        ),
        clause(LC9, "agreement", Condition, text("A recovery team answers until the last receivable is in", "清欠小组负责至应收款项全部收回"), None),
        clause(
            LC10,
            "agreement",
            Condition,
            text("Every old debt is listed with age, expected recovery and who answers", "旧欠台账：账龄、预计收回日期和责任人"),
            None,
        ),
        clause(LC11, "agreement", Condition, text("Money is booked at once and paid out under an approved plan", "清欠资金及时入账、按批准计划支付"), None),
    ]
}

fn agreements() -> Vec<AgreementShape> {
    let agreement = |kind: &str, terms: Vec<TermShape>, holders: bool| AgreementShape { kind: kind.into(), terms, holders };
    let requested = TermShape { name: REQUESTED.into(), kind: TermType::Money, required: true };
    vec![agreement(TRIP, vec![], true), agreement(REQUEST, vec![requested], true), agreement(TEAM, vec![], false)]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    RulesDescription {
        id: "legacy-construction".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Legacy construction debts", "工程旧欠清收"),
        scopes: vec!["letter".into(), "contract".into(), "agreement".into()],
        agreements: agreements(),
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
