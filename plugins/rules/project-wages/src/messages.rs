//! What the pack has to say, in both languages.

use recoup_sdk::rules::describe::Message;
use recoup_sdk::rules::no_values;

use crate::parameters::NAMES;

recoup_sdk::messages! {
    Paid "pw.paid"
        "{0} was paid to the contractor's workers on {1}, and is deducted."
        "{1}代付施工单位工人工资{0}，予以扣回。"
    Penalty "pw.penalty"
        "The agreed penalty of {0}, within {1} and {2}."
        "约定违约金{0}，在{1}至{2}之间。"
    FeeExceeded "pw.fee_exceeded"
        "Management fees of {0} were remitted out of {1} received: more than {2} of it, {3}."
        "已收款{1}，上缴管理费{0}，超过{2}即{3}。"
    Cleared "pw.cleared"
        "Wages of {0} were paid out of {1} owed: {2} %."
        "应付工资{1}，已付{0}，清欠率{2}%。"
    Estimate "pw.estimate"
        "Of works measured at {0}, wages are estimated at {1}: {2}."
        "计量产值{0}，按{1}估算工资：{2}。"
    NoContractor "pw.no_contractor"
        "The agreement binds no contractor, or several: name one among its obligors."
        "协议未指明唯一的施工单位：请在关联方中指明一家。"
    NoPenalty "pw.penalty_missing"
        "The agreement states no `penalty` for payments on behalf."
        "协议未注明代付的`penalty`。"
    PenaltyOutOfRange "pw.penalty_out_of_range"
        "The penalty {0} is not from {1} to {2}."
        "违约金{0}不在{1}至{2}之间。"
    AmountUnknown "pw.amount_unknown"
        "What happened on {0} has no amount."
        "{0}的事项未注明金额。"
    TooLarge "pw.too_large"
        "An amount is too large to be computed."
        "金额过大，无法计算。"
}

/// Every message, in the order of its number.
pub(crate) fn all() -> Vec<Message> {
    fixed_messages().chain(no_values("pw", &NAMES)).collect()
}
