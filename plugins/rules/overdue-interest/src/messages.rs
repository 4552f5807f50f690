//! What the pack has to say, in both languages.

use recoup_sdk::rules::describe::Message;
use recoup_sdk::rules::no_values;

use crate::parameters::NAMES;

recoup_sdk::messages! {
    Daily "oi.daily"
        "{0} open for {1} days, {2} to {3}, at {4} a day."
        "未收余额{0}，{2}至{3}共{1}天，日利率{4}。"
    Yearly "oi.yearly"
        "{0} open for {1} days, {2} to {3}, at {4} a year."
        "未收余额{0}，{2}至{3}共{1}天，年利率{4}。"
    MadeUp "oi.made_up"
        "A reversed receipt never stopped interest: the days from {0} to {1} are made up for."
        "被冲回的收款不曾停息：补计{0}至{1}。"
    Both "oi.both"
        "Both were asked for, and only one may be claimed: interest comes to {0}, the penalty to {1}."
        "利息与违约金只能择一：利息{0}，违约金{1}。"
    ChooseOne "oi.choose_one"
        "Interest and penalty are both asked for on debt {0}: record which one is chosen."
        "债权{0}同时主张利息与违约金：请登记所选的一项。"
    Late "oi.late"
        "Debt {0} was open at the end of its due date, {1}."
        "债权{0}在到期日{1}日终仍未结清。"
    Fixed "oi.fixed"
        "The agreed penalty of {0} is due once, on {1}."
        "约定违约金{0}，于{1}一次性计收。"
    ClaimUnknown "oi.claim_unknown"
        "The agreement's `claim` is none of `interest`, `penalty` and `both`."
        "协议的`claim`不是`interest`、`penalty`或`both`。"
    TwoRates "oi.two_rates"
        "The agreement has a yearly and a daily rate of interest: leave one of them."
        "协议同时约定年利率与日利率：请只保留一项。"
    TwoPenalties "oi.two_penalties"
        "The agreement has a daily and a fixed penalty: leave one of them."
        "协议同时约定按日与定额违约金：请只保留一项。"
    NoPenalty "oi.no_penalty"
        "A penalty is asked for, and none was agreed."
        "主张违约金，但协议未约定违约金。"
    RateOutOfRange "oi.rate_out_of_range"
        "The agreed rate {0} is not from 0 to 1."
        "约定利率{0}不在0至1之间。"
    PenaltyBelowZero "oi.penalty_below_zero"
        "The agreed penalty {0} is below zero."
        "约定违约金{0}小于零。"
    DueUnknown "oi.due_unknown"
        "It is not known when debt {0} fell due."
        "债权{0}的到期日未知。"
    TooLarge "oi.too_large"
        "An amount is too large to be computed."
        "金额过大，无法计算。"
}

/// Every message, in the order of its number.
pub(crate) fn all() -> Vec<Message> {
    fixed_messages().chain(no_values("oi", &NAMES)).collect()
}
