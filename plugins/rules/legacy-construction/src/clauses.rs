//! What the pack says about itself: its clauses and their order.

use recoup_sdk::rules::describe::{Clause, Family, LineShape, RulesDescription, Text};

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
    use Family::{Commission, Condition, Penalty, Refund, Withholding};
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
    ]
}

/// The description of the pack.
pub(crate) fn describe() -> RulesDescription {
    RulesDescription {
        id: "legacy-construction".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        contract: recoup_sdk::rules::CONTRACT.into(),
        title: text("Legacy construction debts", "工程旧欠清收"),
        scopes: vec!["letter".into(), "contract".into()],
        agreements: vec![],
        clauses: clauses(),
        messages: messages::all(),
        parameter_schema: parameters::schema(),
        default_parameters: parameters::defaults(),
    }
}
