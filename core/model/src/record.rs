//! Records: what the log is made of. One record is one leaf; its canonical JSON is what is hashed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::access::{ApiToken, Decision, Disclosure, Grant, Proposal, TrustedKey, User};
use crate::accountability::{ContractClosed, Letter, RoleAssignment, WageMonth};
use crate::agreement::{Agreement, Milestone};
use crate::approval::{Authority, Delegation, Request};
use crate::calendar::Date;
use crate::due::{CaseJudged, Finding, LineChange, PolicyInForce};
use crate::id::LedgerId;
use crate::import::{Batch, Dismissal, ImportSource, Issue};
use crate::money::Currency;
use crate::party::{Contract, Party, Person, Personal, Unit};
use crate::pause::Pause;
use crate::payout::{Payout, PayoutStep, PayoutTerms};
use crate::period::{PeriodClosed, PeriodReopened};
use crate::receivable::{Entry, ExpectedRecovery, Receipt, Receivable, StageChange};
use crate::sanction::{FalseReport, Sanction};
use crate::settlement::{MinimumWage, Settlement, WageGuard};
use crate::stacking::Stacking;
use crate::target::Target;

/// A set of books (账套).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Its id, from its code.
    pub id: LedgerId,
    /// Short code, such as `main`.
    pub code: String,
    /// Legal entity.
    pub name: String,
    /// Currency of the books.
    pub currency: Currency,
    /// IANA time zone of its business days.
    pub time_zone: String,
}

impl Ledger {
    /// The id of the ledger with a code.
    #[must_use]
    pub fn id_of(code: &str) -> LedgerId {
        LedgerId::from_parts(&[code.as_bytes()])
    }

    /// The log of the installation itself: who may do what. It is no set of books, so no code leads to it.
    #[must_use]
    pub fn installation() -> LedgerId {
        LedgerId::from_parts(&[])
    }
}

/// That an evaluation ran, and on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluated {
    /// Pack id.
    pub pack: String,
    /// As of which day.
    pub as_of: Date,
    /// The last position whose facts it saw.
    pub known_at: i64,
    /// Whether every case was judged, or only the dirty ones.
    pub full: bool,
    /// Digest of the component.
    pub component: Digest,
    /// Cases judged.
    pub cases: u64,
    /// Cases set aside.
    pub faults: u64,
}

/// Who did what to a ledger, and when: the first record of every command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// What kind of command, such as `import`.
    pub kind: String,
    /// The key under which a repeated request is answered with the first outcome.
    pub idempotency: Option<String>,
    /// Digest of the request: the same key with another input is refused.
    pub input: Digest,
    /// Who asked.
    pub actor: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// One record of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// A command begins.
    Command(Command),
    /// The ledger is opened.
    Ledger(Ledger),
    /// A party.
    Party(Party),
    /// A person.
    Person(Person),
    /// A unit.
    Unit(Unit),
    /// A contract.
    Contract(Contract),
    /// A claim.
    Receivable(Receivable),
    /// Its stage changes.
    StageChange(StageChange),
    /// When it is expected to be recovered.
    ExpectedRecovery(ExpectedRecovery),
    /// Its clock stands for some days.
    Pause(Pause),
    /// Money in.
    Receipt(Receipt),
    /// A movement.
    Entry(Entry),
    /// A responsibility letter.
    Letter(Letter),
    /// An agreement.
    Agreement(Agreement),
    /// Something happened to one, to a receipt or to a claim.
    Milestone(Milestone),
    /// What is to be recovered.
    Target(Target),
    /// Results were found to be reported falsely.
    FalseReport(FalseReport),
    /// A sanction was imposed.
    Sanction(Sanction),
    /// A role.
    Role(RoleAssignment),
    /// A wage month.
    WageMonth(WageMonth),
    /// A project closes.
    ContractClosed(ContractClosed),
    /// A file was imported.
    Batch(Batch),
    /// What became of one of its records.
    Issue(Issue),
    /// Where exports come from, as it now stands.
    ImportSource(ImportSource),
    /// A refused record is dismissed.
    Dismissal(Dismissal),
    /// A policy is in force.
    Policy(PolicyInForce),
    /// An evaluation ran.
    Evaluated(Evaluated),
    /// A case was judged.
    CaseJudged(CaseJudged),
    /// A line as it now stands, with its postings.
    Line(LineChange),
    /// A finding, as it now stands.
    Finding(Finding),
    /// A part of a due was settled.
    Settlement(Settlement),
    /// A local minimum wage.
    MinimumWage(MinimumWage),
    /// A payout run was prepared.
    Payout(Payout),
    /// Something became of it.
    PayoutStep(PayoutStep),
    /// For how long runs are published, and what is said of taxes.
    PayoutTerms(PayoutTerms),
    /// Whether the wage guard holds.
    WageGuard(WageGuard),
    /// Two families may be earned on one application.
    Stacking(Stacking),
    /// A period was closed.
    PeriodClosed(PeriodClosed),
    /// It was opened again.
    PeriodReopened(PeriodReopened),
    /// Something is asked for that another person decides.
    Request(Request),
    /// Who may approve what.
    Authority(Authority),
    /// Somebody decides in somebody else's place.
    Delegation(Delegation),
    /// Somebody who may sign in.
    User(User),
    /// A token.
    ApiToken(ApiToken),
    /// A right.
    Grant(Grant),
    /// A key whose signatures on plugins are trusted.
    TrustedKey(TrustedKey),
    /// A change of rights is asked for.
    Proposal(Proposal),
    /// It is decided, or a ledger's request is.
    Decision(Decision),
    /// Somebody saw what is sensitive.
    Disclosure(Disclosure),
}

/// A record with its personal part, on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// What is hashed as it is.
    pub record: Record,
    /// What is only committed to.
    pub personal: Option<Personal>,
}

impl From<Record> for Leaf {
    fn from(record: Record) -> Self {
        Self { record, personal: None }
    }
}

impl Leaf {
    /// A record with a personal part, unless that is empty.
    #[must_use]
    pub fn with(record: Record, personal: Personal) -> Self {
        Self { record, personal: Some(personal).filter(|p| !p.is_empty()) }
    }
}

impl Record {
    /// The record without what only a personal part may hold, and that part; `None` when all of it is public.
    #[must_use]
    pub fn sealed(&self) -> Option<(Self, Personal)> {
        match self {
            Self::Line(change) if change.line.sensitive => {
                let mut public = change.clone();
                let figures = Some(public.take_figures());
                Some((Self::Line(public), Personal { figures, ..Personal::default() }))
            }
            Self::Settlement(settlement) => {
                let personal = Personal { figures: Some(vec![settlement.amount]), ..Personal::default() };
                Some((Self::Settlement(Settlement { amount: 0, ..settlement.clone() }), personal))
            }
            Self::Payout(payout) => {
                let mut public = payout.clone();
                let figures = Some(public.figures().map(std::mem::take).collect());
                Some((Self::Payout(public), Personal { figures, ..Personal::default() }))
            }
            Self::Issue(issue) => {
                let said = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
                let personal = Personal { key: said(&issue.key), message: said(&issue.message), ..Personal::default() };
                Some((Self::Issue(Issue { key: String::new(), message: String::new(), ..issue.clone() }), personal))
            }
            _ => None,
        }
    }

    /// Whether its figures are entries of the books: tables hold them, and they are never erased, although they may tell wages.
    #[must_use]
    pub const fn is_of_the_books(&self) -> bool {
        matches!(self, Self::Line(_) | Self::Settlement(_) | Self::Payout(_))
    }

    /// Puts figures of the books back; `false` when the personal part is not there, or not this record's.
    #[must_use]
    pub fn unseal_figures(&mut self, personal: Option<&Personal>) -> bool {
        match self {
            Self::Line(change) => change.unseal(personal),
            Self::Settlement(settlement) => {
                let Some([amount]) = personal.and_then(|p| p.figures.as_deref()) else { return false };
                settlement.amount = *amount;
                true
            }
            Self::Payout(payout) => payout.unseal(personal),
            _ => true,
        }
    }
}

impl LineChange {
    /// Puts back what [`Record::sealed`] took out; `false` when the personal part is not there, or not this line's.
    #[must_use]
    pub fn unseal(&mut self, personal: Option<&Personal>) -> bool {
        !self.line.sensitive || personal.and_then(|p| p.figures.as_ref()).is_some_and(|figures| self.put_figures(figures))
    }
}

impl Payout {
    /// Puts back what [`Record::sealed`] took out; `false` when the personal part is not there, or not this run's.
    #[must_use]
    pub fn unseal(&mut self, personal: Option<&Personal>) -> bool {
        personal.and_then(|p| p.figures.as_ref()).is_some_and(|figures| self.put_figures(figures))
    }
}

impl Issue {
    /// Puts back what [`Record::sealed`] took out, unless it was erased.
    pub fn unseal(&mut self, personal: Option<&Personal>) {
        let Some(personal) = personal else { return };
        self.key.extend(personal.key.as_deref());
        self.message.extend(personal.message.as_deref());
    }
}
