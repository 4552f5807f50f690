//! What is due: lines with dated states, findings, and the postings that follow from them.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Digest;
use crate::calendar::{Date, Month};
use crate::case::CaseKey;
use crate::id::{EntryId, FindingId, LineId, MilestoneId, PartyId, PersonId, ReceivableId};

/// The one dated fact that earned a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// An application, or its reversal.
    Entry(EntryId),
    /// A wage month of the beneficiary.
    WageMonth(Month),
    /// The closing of the case's contract, or the last day of its agreement.
    Close,
    /// A milestone of the case's agreement.
    Milestone(MilestoneId),
}

/// State of a line from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineState {
    /// The vesting condition is open: never paid (待兑现).
    Contingent,
    /// The condition is met (可兑现).
    Payable,
    /// Nothing is due any more.
    Lapsed,
}

impl LineState {
    /// The word used in reports and scenarios.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contingent => "contingent",
            Self::Payable => "payable",
            Self::Lapsed => "lapsed",
        }
    }

    /// The balance that a line in this state stands in.
    #[must_use]
    pub const fn balance(self) -> Option<Balance> {
        match self {
            Self::Contingent => Some(Balance::Contingent),
            Self::Payable => Some(Balance::Payable),
            Self::Lapsed => None,
        }
    }
}

/// The two balances of what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// Not to be paid yet.
    Contingent,
    /// To be settled.
    Payable,
}

impl Balance {
    /// The word used in reports and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contingent => "contingent",
            Self::Payable => "payable",
        }
    }

    /// The balance of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Contingent, Self::Payable].into_iter().find(|b| b.word() == word)
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A typed argument of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arg {
    /// Minor units of the ledger's currency.
    Money(i64),
    /// A day.
    Day(Date),
    /// A whole number.
    Count(i64),
    /// A rate or another decimal.
    Decimal(Decimal),
    /// Somebody.
    Person(PersonId),
    /// A claim.
    Receivable(ReceivableId),
    /// A word of the case, such as a role code.
    Symbol(String),
    /// A month.
    Month(Month),
    /// A debtor, or somebody else on the other side.
    Party(PartyId),
}

/// One step of a trace: a message of the pack with its arguments; rendered only when someone looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Clause id.
    pub clause: String,
    /// Message code of the pack.
    pub message: String,
    /// Arguments in the message's order.
    pub args: Vec<Arg>,
}

/// To or from whom a line is due. What is due from a party, such as a debtor, is a claim on it and no wage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beneficiary {
    /// Somebody who recovers debts, or answers for them.
    Person(PersonId),
    /// Who owes, used, guaranteed or performs: somebody on the other side.
    Party(PartyId),
}

impl Beneficiary {
    /// The person, when it is one.
    #[must_use]
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(id) => Some(id),
            Self::Party(_) => None,
        }
    }

    /// The party, when it is one.
    #[must_use]
    pub const fn party(self) -> Option<PartyId> {
        match self {
            Self::Person(_) => None,
            Self::Party(id) => Some(id),
        }
    }

    /// The word used in databases and answers, and the id of whom it means.
    #[must_use]
    pub const fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Person(id) => ("person", id.0),
            Self::Party(id) => ("party", id.0),
        }
    }

    /// The beneficiary of a word and an id.
    #[must_use]
    pub fn from_parts(word: &str, id: Uuid) -> Option<Self> {
        [Self::Person(PersonId(id)), Self::Party(PartyId(id))].into_iter().find(|b| b.parts().0 == word)
    }
}

/// What a line is: the same key is the same line whenever it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LineKey {
    /// The case.
    pub case: CaseKey,
    /// Clause id, such as `LC-1`.
    pub clause: String,
    /// To or from whom: `person` or `party` in JSON.
    #[serde(flatten)]
    pub to: Beneficiary,
    /// What earned it.
    pub basis: Basis,
    /// Tells apart lines that share the rest (one per role held). A refund has the part of its fine.
    pub part: u32,
}

impl LineKey {
    /// The line's id.
    #[must_use]
    pub fn id(&self) -> LineId {
        let mut basis = [0_u8; 17];
        let (tag, value): (u8, [u8; 16]) = match self.basis {
            Basis::Entry(e) => (1, *e.0.as_bytes()),
            Basis::WageMonth(m) => (2, i128::from(m.number()).to_be_bytes()),
            Basis::Close => (3, [0; 16]),
            Basis::Milestone(m) => (4, *m.0.as_bytes()),
        };
        if let Some((first, rest)) = basis.split_first_mut() {
            *first = tag;
            rest.copy_from_slice(&value);
        }
        let to = match self.to {
            Beneficiary::Person(id) => id.0.as_bytes().to_vec(),
            // A party's is told by its word, so that it is never the id of a person's line.
            Beneficiary::Party(id) => [b"party", id.0.as_bytes().as_slice()].concat(),
        };
        LineId::from_parts(&[
            self.case.pack.as_bytes(),
            self.case.scope.word().as_bytes(),
            self.case.subject.as_bytes(),
            self.clause.as_bytes(),
            &to,
            &basis,
            &self.part.to_be_bytes(),
        ])
    }
}

/// What a clause says is due (+) or owed (−) for one basis, with its dated states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its id: that of its key.
    pub id: LineId,
    /// What it is.
    pub key: LineKey,
    /// Minor units of the ledger's currency.
    pub amount: i64,
    /// From each day on, the state; days rise strictly.
    pub states: Vec<(Date, LineState)>,
    /// How the amount came about.
    pub steps: Vec<Step>,
    /// Whether a later evaluation no longer yields the line.
    pub withdrawn: bool,
    /// Whether its amounts are computed from wages, so that whoever reads them learns a wage.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A movement on one of the two balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Movement {
    /// When it takes effect.
    pub on: Date,
    /// Which balance.
    pub balance: Balance,
    /// Minor units, signed.
    pub amount: i64,
}

impl Line {
    /// The dated movements that the states amount to: into a balance when a state begins, out of it when it ends.
    pub fn movements(&self) -> impl Iterator<Item = Movement> + '_ {
        let amount = if self.withdrawn { 0 } else { self.amount };
        let before = std::iter::once(None).chain(self.states.iter().map(|(_, s)| s.balance()));
        self.states
            .iter()
            .zip(before)
            .flat_map(move |((on, state), before)| {
                let after = state.balance();
                let moved = before != after;
                let out = before.filter(|_| moved).map(|balance| Movement { on: *on, balance, amount: -amount });
                let into = after.filter(|_| moved).map(|balance| Movement { on: *on, balance, amount });
                [out, into].into_iter().flatten()
            })
            .filter(|m| m.amount != 0)
    }

    /// Whether something is to be had by it, now or when its condition is met.
    #[must_use]
    pub fn is_earned(&self) -> bool {
        !self.withdrawn && self.amount > 0 && self.states.last().is_some_and(|(_, state)| state.balance().is_some())
    }

    /// The state at the end of a day.
    #[must_use]
    pub fn state_on(&self, day: Date) -> Option<LineState> {
        self.states.iter().take_while(|(d, _)| *d <= day).last().map(|(_, s)| *s)
    }
}

/// An appended movement of a line (入账).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Which balance.
    pub balance: Balance,
    /// Minor units of the ledger's currency, signed.
    pub amount: i64,
    /// When it takes effect.
    pub on: Date,
    /// The accounting period it is booked in.
    pub period: Month,
    /// The closed period it belongs to by date, when that differs.
    pub origin: Option<Month>,
}

/// A line as it stands from here on, and the postings that bring what is posted to what it says.
///
/// One record, because neither is right without the other: the amount and how it came about are proved together with
/// the movements that it caused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    /// The line.
    pub line: Line,
    /// What its movements lacked; none when only the trace or a withdrawn state without amount changed.
    pub postings: Vec<Posting>,
}

impl LineChange {
    /// Every amount of it: the line's, those of its trace, those of its postings.
    fn figures(&mut self) -> impl Iterator<Item = &mut i64> {
        let args = self.line.steps.iter_mut().flat_map(|s| &mut s.args).filter_map(|arg| match arg {
            Arg::Money(amount) => Some(amount),
            _ => None,
        });
        std::iter::once(&mut self.line.amount).chain(args).chain(self.postings.iter_mut().map(|p| &mut p.amount))
    }

    /// Takes the amounts out: zeros stand in their places.
    #[must_use]
    pub fn take_figures(&mut self) -> Vec<i64> {
        self.figures().map(std::mem::take).collect()
    }

    /// Puts amounts back where they were taken out; `false` when they are not as many.
    #[must_use]
    pub fn put_figures(&mut self, figures: &[i64]) -> bool {
        let places: Vec<&mut i64> = self.figures().collect();
        let fits = places.len() == figures.len();
        places.into_iter().zip(figures).for_each(|(place, figure)| *place = *figure);
        fits
    }
}

/// Something that is not money: an alert, a sanction, a measure (结论事项).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its id: what it says about what.
    pub id: FindingId,
    /// The case.
    pub case: CaseKey,
    /// Clause id.
    pub clause: String,
    /// Message code of the pack.
    pub message: String,
    /// The day it arose.
    pub on: Date,
    /// Whom it concerns.
    pub person: Option<PersonId>,
    /// Arguments of the message.
    pub args: Vec<Arg>,
    /// Whether a later evaluation no longer finds it.
    pub withdrawn: bool,
}

/// Why a case is set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Stable code: a message of the pack, or `plugin.…`.
    pub code: String,
    /// Arguments of the message.
    pub args: Vec<Arg>,
    /// What happened, for people.
    pub detail: String,
}

/// The judgement on one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Which case.
    pub case: CaseKey,
    /// What is due, or why the case is set aside.
    pub outcome: Result<Due, Fault>,
}

/// What a case amounts to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Lines.
    pub lines: Vec<Line>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// The next day on which time alone changes the verdict.
    pub recheck_on: Option<Date>,
}

/// That a case was judged, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseJudged {
    /// Which case.
    pub case: CaseKey,
    /// As of which day.
    pub as_of: Date,
    /// The next day on which time alone changes the verdict.
    pub recheck_on: Option<Date>,
    /// Why it is set aside, if it is.
    pub fault: Option<Fault>,
}

/// Which kind of money a clause deals in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Earned by collecting.
    Commission,
    /// A fine.
    Penalty,
    /// A fine given back.
    Refund,
    /// Wages held back.
    Withholding,
    /// Expenses paid back: no pay, so nothing that somebody owes is set off against them.
    Reimbursement,
    /// What a party owes besides its debts: interest, a penalty, a deduction. It is claimed from them and never settled with wages.
    Claim,
}

/// The policy that judged: pack, plugin and parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyInForce {
    /// Pack id.
    pub pack: String,
    /// Plugin version.
    pub version: String,
    /// Digest of the component.
    pub component: Digest,
    /// Canonical JSON of the parameters.
    pub parameters: String,
    /// Family of each clause that has lines, by clause id.
    #[serde(default)]
    pub families: BTreeMap<String, Family>,
    /// What the pack says of taxes in the traces of lines, by message code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tax_notes: BTreeMap<String, String>,
}

impl PolicyInForce {
    /// Whether lines of a clause are bonuses: of those of one pack [`crate::stacking`] makes a family.
    #[must_use]
    pub fn is_bonus(&self, clause: &str) -> bool {
        self.families.get(clause) == Some(&Family::Commission)
    }

    /// Whether it has any.
    #[must_use]
    pub fn has_bonuses(&self) -> bool {
        self.families.values().any(|family| *family == Family::Commission)
    }
}

/// Subject of a case as an id of its kind.
pub type Subject = Uuid;
