//! What the pack has to say, in both languages; a message's number is its index here.

use recoup_sdk::rules::describe::Message;
use recoup_sdk::rules::no_values;

use crate::parameters::NAMES;
use crate::roles::ROLES;

recoup_sdk::messages! {
    // Steps of LC-1 and LC-2.
    Age "lc.age"
        "Debt {0} was due on {1}; on {2} it counts {3} years overdue."
        "债权{0}于{1}到期，截至{2}逾期按{3}年计。"
    Unsettled "lc.unsettled"
        "Debt {0} was completed but not yet settled on {1}: the flat rate applies."
        "债权{0}在{1}已完工未结算，适用固定比例。"
    Bonus "lc.bonus"
        "{0} recovered × {1} = {2}."
        "收回{0} × {1} = {2}。"
    Replaces "lc.replaces"
        "Replaces money that bounced after the deadline: {0} of it earns."
        "替补期限后退回的款项，其中{0}计奖。"
    Reverses "lc.reverses"
        "Reverses the receipt of {0} at its rate and shares; {1} of it still counts."
        "按原比例和原份额冲回{0}的收款，尚有{1}有效。"
    Share "lc.share"
        "{0} of {1} shares: {2}."
        "占{1}份中的{0}份：{2}。"
    Answers "lc.answers"
        "{0} answered under the letter on {1}."
        "{1}由{0}承担责任状责任。"
    // Steps of LC-3 and LC-7: why a bonus has the state that it has.
    OnReceipt "lc.vest_on_receipt"
        "Payable on receipt."
        "到账即可兑现。"
    Vested "lc.vested"
        "All debts of the letter were cleared on {0}, by its deadline {1}: payable."
        "责任状内欠款于{0}全部清回，未超过期限{1}：可兑现。"
    Waiting "lc.waiting"
        "Contingent until all debts of the letter are cleared, by {0} at the latest."
        "责任状内欠款全部清回前待兑现，最迟期限{0}。"
    Forfeited "lc.forfeited"
        "The deadline {0} was missed: the bonus is forfeited for good."
        "超过期限{0}未清回：奖励永久取消。"
    NeverVests "lc.never_vests"
        "The deadline {0} was missed: the bonus is not forfeited, but it cannot vest."
        "超过期限{0}未清回：奖励不取消，但不能兑现。"
    Suspended "lc.suspended"
        "A receipt bounced on {0}, after the deadline: contingent until recovered again."
        "期限后{0}有款项退回：重新收回前待兑现。"
    Again "lc.recovered_again"
        "What bounced after the deadline was recovered again on {0}: payable."
        "期限后退回的款项已于{0}重新收回：可兑现。"
    ForfeitedReopened "lc.forfeited_reopened"
        "A receipt bounced on {0}, after the deadline: the bonus is forfeited."
        "期限后{0}有款项退回：奖励取消。"
    Kept "lc.kept"
        "A receipt bounced on {0}, after the deadline: what was vested is kept."
        "期限后{0}有款项退回：已兑现条件的奖励保留。"
    // Steps of LC-6.
    Withheld "lc.withheld"
        "Debts of the letter were open at the end of {0}: {1} × {2} is withheld."
        "{0}末责任状内仍有欠款：停发{1} × {2}。"
    Released "lc.released"
        "The debts were recovered on {0}: all of it is paid back."
        "欠款于{0}清回：全部补发。"
    ReleasedPart "lc.released_part"
        "{0} of the {1} that was open is recovered: {2} of this month is paid back so far."
        "欠款{1}已收回{0}：本月累计补发{2}。"
    // Steps of LC-4 and LC-5.
    OpenAtClose "lc.open_at_close"
        "The project was closed on {0} with {1} still open."
        "项目于{0}关闭时仍有应收{1}。"
    Fine "lc.fine"
        "Wages from {0} to {1}: {2} × {3} = {4}."
        "{0}至{1}工资合计{2} × {3} = {4}。"
    FinePending "lc.fine_pending"
        "Contingent until the year's wages are complete on {0}, then payable."
        "{0}全年工资确定前待执行，之后执行。"
    Refunded "lc.refunded"
        "The debt behind the fine was recovered in full on {0}: {1} is refunded."
        "罚款所涉欠款于{0}全部收回：退还{1}。"
    RefundedPart "lc.refunded_part"
        "{0} of {1} open at closing is recovered: {2} of the fine of {3} is refunded so far."
        "关闭时应收{1}已收回{0}：罚款{3}累计退还{2}。"
    Restored "lc.restored"
        "The recovered amount bounced on {0}: the fine stands again."
        "收回的款项于{0}退回：罚款恢复。"
    // Findings.
    DeadlineMissed "lc.deadline_missed"
        "The deadline {0} was missed with {1} still open."
        "超过期限{0}，仍欠{1}。"
    Reopened "lc.reopened_after_deadline"
        "Cleared by the deadline {0}, but a receipt bounced on {1}."
        "在期限{0}内清回，但{1}有款项退回。"
    WageMissing "lc.wage_missing"
        "The wage of {0} for {1} is to be withheld, but is not known."
        "应停发{0}的{1}工资，但工资数据缺失。"
    WithheldFromNobody "lc.withheld_from_nobody"
        "Nobody answered under the letter at the end of {0}: that month is withheld from nobody."
        "{0}末无人承担责任状责任：该月不停发任何人工资。"
    WagesIncomplete "lc.wages_incomplete"
        "The fine of {0} waits for {1} wage months, the first of them {2}."
        "{0}的罚款尚缺{1}个月工资，首个缺失月份{2}。"
    RecoverByMissed "lc.recover_by_missed"
        "The date by which to recover, {0}, has passed with {1} still open."
        "超过限收日期{0}，仍欠{1}。"
    RecoverByAbsent "lc.recover_by_absent"
        "The project was closed with {0} still open, and no date was set by which to recover."
        "项目关闭时仍有应收{0}，但未设定限收日期。"
    // Faults.
    NoDeadline "lc.no_deadline"
        "The letter has no deadline."
        "责任状没有期限。"
    StageUnknown "lc.stage_unknown"
        "Whether debt {0} was settled on {1} is not known."
        "债权{0}在{1}是否已结算未知。"
    DueUnknown "lc.due_unknown"
        "The due date of debt {0} is not known."
        "债权{0}的到期日未知。"
    NobodyAnswers "lc.nobody_answers"
        "Nobody answered under the letter on {0}, and it has no shares."
        "{0}无人承担责任状责任，且责任状没有份额。"
    SeveralAnswer "lc.several_answer"
        "Several persons answered under the letter on {0}, and it has no shares."
        "{0}有多人承担责任状责任，但责任状没有份额。"
    BadShares "lc.bad_shares"
        "Of the letter's shares none is above zero, or one is below it."
        "责任状份额均不大于零，或有负数份额。"
    UncitedReversal "lc.uncited_reversal"
        "Money on debt {0} was taken back on {1} without naming the receipt it reverses."
        "债权{0}在{1}有负数收款，但未指明所冲回的收款。"
    BandGap "lc.band_gap"
        "No band of `settled-bonus` holds for {0} years on {1}."
        "`settled-bonus`在{1}没有适用于{0}年的档次。"
    TooLarge "lc.too_large"
        "An amount is too large to be computed."
        "金额过大，无法计算。"
}

/// The finding of a project role that nobody held.
pub(crate) const fn vacant(role: usize) -> u32 {
    (FIXED.len() + NAMES.len() + role) as u32
}

/// Every message, in the order of its number.
pub(crate) fn all() -> Vec<Message> {
    let vacant = ROLES.iter().map(|role| Message {
        code: format!("lc.role_vacant.{}", role.name),
        en: format!("The project had no {} on {{0}}: that fine falls on nobody.", role.en),
        zh: format!("{{0}}项目没有{}：该项罚款无人承担。", role.zh),
    });
    fixed_messages().chain(no_values("lc", &NAMES)).chain(vacant).collect()
}
