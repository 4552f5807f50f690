//! What the pack has to say, in both languages.

use recoup_sdk::rules::describe::Message;
use recoup_sdk::rules::no_values;

use crate::parameters::NAMES;

recoup_sdk::messages! {
    Filed "lf.filed"
        "A claim of {0} was filed on {1}."
        "{1}立案标的额{0}。"
    Fee "lf.fee"
        "{0} × {1} = {2}."
        "{0} × {1} = {2}。"
    Cash "lf.cash"
        "Cash of {0}, since the engagement of {1}."
        "{1}委托后，{0}收回现金。"
    Reverses "lf.reverses"
        "Reverses the receipt of {0}; {1} of it still counts."
        "冲回{0}的收款，尚有{1}有效。"
    Disbursed "lf.disbursed"
        "Disbursed on {0}, at cost: {1}."
        "{0}垫付，按实际支出：{1}。"
    Share "lf.share"
        "{0} millionths of it: {1}."
        "占百万分之{0}：{1}。"
    FeeUnknown "lf.fee_unknown"
        "The agreement's `fee` is neither `fixed` nor `mixed`."
        "协议的`fee`既非`fixed`也非`mixed`。"
    NoStartRate "lf.start_rate_missing"
        "A mixed fee needs the term `start-rate`."
        "风险代理须注明`start-rate`。"
    StartRateOutOfRange "lf.start_rate_out_of_range"
        "The start fee's rate {0} is not from {1} to {2}."
        "前期费用比例{0}不在{1}至{2}之间。"
    ClaimUnknown "lf.claim_unknown"
        "The claim that was filed on {0} has no amount."
        "{0}立案未注明标的额。"
    FiledTwice "lf.filed_twice"
        "The claim was filed on {0} and again on {1}: correct the first record, or withdraw one."
        "{0}与{1}重复立案：请更正首条记录或撤销其一。"
    CostUnknown "lf.cost_unknown"
        "The disbursement of {0} has no amount."
        "{0}的垫付费用未注明金额。"
    UncitedReversal "lf.uncited_reversal"
        "Money on debt {0} was taken back on {1} without naming the receipt it reverses."
        "债权{0}在{1}有负数收款，但未指明所冲回的收款。"
    TooLarge "lf.too_large"
        "An amount is too large to be computed."
        "金额过大，无法计算。"
}

/// Every message, in the order of its number.
pub(crate) fn all() -> Vec<Message> {
    fixed_messages().chain(no_values("lf", &NAMES)).collect()
}
