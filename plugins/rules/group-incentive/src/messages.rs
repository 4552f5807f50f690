//! What the pack has to say, in both languages.

use recoup_sdk::rules::describe::Message;
use recoup_sdk::rules::no_values;

use crate::parameters::NAMES;

recoup_sdk::messages! {
    Age "gi.age"
        "Debt {0} was due on {1}; on {2} it was {3} full years overdue."
        "债权{0}于{1}到期，截至{2}逾期满{3}年。"
    Vintage "gi.vintage"
        "Debt {0} arose in {1}: its vintage decides the rate."
        "债权{0}形成于{1}年：按形成年度确定比例。"
    Decided "gi.decided"
        "A recorded decision sets the rate {0} for this entrustment."
        "本次委托经决定适用比例{0}。"
    Ruled "gi.ruled"
        "The ruling of {0} values the goods at {1}; {2} of it falls to this debt."
        "{0}生效的裁判确认实物价值{1}，其中{2}归于本债权。"
    Averted "gi.averted"
        "The ruling of {0} averted a claim of {1}."
        "{0}生效的裁判避免损失{1}。"
    Incentive "gi.incentive"
        "{0} × {1} = {2}."
        "{0} × {1} = {2}。"
    Reverses "gi.reverses"
        "Reverses the receipt of {0} at its rate and shares; {1} of it still counts."
        "按原比例和原份额冲回{0}的收款，尚有{1}有效。"
    Share "gi.share"
        "{0} millionths of it: {1}."
        "占百万分之{0}：{1}。"
    Designated "gi.designated"
        "The money was in the designated account on {0}: payable."
        "款项于{0}进入指定账户：可兑现。"
    Waiting "gi.waiting"
        "Contingent until the money is in the designated account."
        "款项进入指定账户前待兑现。"
    InForce "gi.ruling_in_force"
        "The ruling of {0} is in force: payable."
        "裁判于{0}生效：可兑现。"
    TaxOfPayee "gi.tax_of_payee"
        "Gross amount: income tax is the payee's."
        "税前金额：个人所得税由本人承担。"
    DueUnknown "gi.due_unknown"
        "The due date of debt {0} is not known."
        "债权{0}的到期日未知。"
    UncitedReversal "gi.uncited_reversal"
        "Money on debt {0} was taken back on {1} without naming the receipt it reverses."
        "债权{0}在{1}有负数收款，但未指明所冲回的收款。"
    BandGap "gi.band_gap"
        "No band of the rates holds for {0} on {1}."
        "比例表在{1}没有适用于{0}的档次。"
    RateOutOfRange "gi.rate_out_of_range"
        "The rate {0} of the decision is not from 0 to 1."
        "决定的比例{0}不在0到1之间。"
    NoDecision "gi.no_decision"
        "A loss was averted on {0}, and the entrustment states no `rate` of a decision for it."
        "{0}避免了损失，但委托未注明决定的比例`rate`。"
    NoValue "gi.ruling_value_unknown"
        "The value of the goods in the ruling of {0} is not stated."
        "{0}生效的裁判未注明实物价值。"
    NoDebt "gi.averted_on_no_debt"
        "The loss averted on {0} names no debt of the entrustment, or no amount."
        "{0}避免的损失未指明委托内的债权或金额。"
    TooLarge "gi.too_large"
        "An amount is too large to be computed."
        "金额过大，无法计算。"
}

/// Every message, in the order of its number.
pub(crate) fn all() -> Vec<Message> {
    fixed_messages().chain(no_values("gi", &NAMES)).collect()
}
