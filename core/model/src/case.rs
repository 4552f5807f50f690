//! Cases: everything a scope needs to be judged, and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::agreement::Term;
use crate::calendar::{Date, Month};
use crate::id::{EntryId, MilestoneId, PartyId, PersonId, ReceivableId};
use crate::money::Currency;
use crate::pause::PauseKind;
use crate::receivable::{Means, Stage};
use crate::sanction::SanctionKind;

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// A responsibility letter.
    Letter,
    /// A closed contract or project.
    Contract,
    /// An agreement of a kind that the pack names.
    Agreement,
}

impl Scope {
    /// The word used in `describe` and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Contract => "contract",
            Self::Agreement => "agreement",
        }
    }

    /// The scope of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Letter, Self::Contract, Self::Agreement].into_iter().find(|s| s.word() == word)
    }
}

/// Which case: a pack's view of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaseKey {
    /// Pack id.
    pub pack: String,
    /// What kind of subject.
    pub scope: Scope,
    /// The letter, contract or agreement.
    pub subject: Uuid,
}

/// One case: the facts known at a position, up to the end of the as-of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Which.
    pub key: CaseKey,
    /// Letter, agreement: its first day. Contract: the day it was closed.
    pub from: Date,
    /// Letter: its deadline. Contract: the day by which to recover. Agreement: its last day.
    pub to: Option<Date>,
    /// The claims in question.
    pub receivables: Vec<CaseReceivable>,
    /// Stages in the order of their days; the first of a receivable holds from its document date.
    pub stages: Vec<CaseStage>,
    /// Movements in the order of effect.
    pub entries: Vec<CaseEntry>,
    /// Confirmed roles.
    pub roles: Vec<CaseRole>,
    /// Weights by person, in the order in which they are named; those of an agreement's holders are millionths.
    pub shares: Vec<(PersonId, i64)>,
    /// Known wages of the persons involved.
    pub wages: Vec<CaseWage>,
    /// What an agreement says of itself.
    pub agreed: Option<CaseAgreement>,
    /// What happened to an agreement, its claims and the receipts applied to them, in the order of days.
    pub milestones: Vec<CaseMilestone>,
    /// Results of these that were found to be reported falsely, in the order of the days of the findings.
    pub false_reports: Vec<CaseFalseReport>,
    /// Sanctions for these, in the order of their first days.
    pub sanctions: Vec<CaseSanction>,
}

/// What an agreement says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseAgreement {
    /// Which kind.
    pub kind: String,
    /// What was agreed, by name.
    pub terms: BTreeMap<String, Term>,
    /// Whom it binds, and as what.
    pub obligors: Vec<(PartyId, String)>,
    /// The units whose completion it follows.
    pub supervised: Vec<CaseUnit>,
}

/// A unit that is supervised under an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseUnit {
    /// Its code.
    pub unit: String,
    /// Its part of the target, in minor units of the ledger's currency; absent where the target has none for it.
    pub target: Option<i64>,
    /// What changed the amount recovered for that part, in the order of days.
    pub recovered: Vec<(Date, i64)>,
}

/// A milestone in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseMilestone {
    /// Which.
    pub id: MilestoneId,
    /// Its kind.
    pub kind: String,
    /// On which day.
    pub on: Date,
    /// Minor units of the ledger's currency.
    pub amount: Option<i64>,
    /// Whom it concerns.
    pub person: Option<PersonId>,
    /// Index of the claim that it is about.
    pub receivable: Option<usize>,
    /// The receipt that it is about.
    pub receipt: Option<CaseReceipt>,
}

/// A receipt that a milestone is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReceipt {
    /// All that came in, in minor units of the ledger's currency.
    pub received: i64,
    /// Indices of the case's entries that it was applied by, reversals included, rising.
    pub entries: Vec<usize>,
}

/// Results in a case that were found to be reported falsely: of a claim, of a receipt, or of the agreement itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFalseReport {
    /// The day of the finding.
    pub on: Date,
    /// Who reported them.
    pub person: PersonId,
    /// Only the results of this day or later.
    pub from: Option<Date>,
    /// Only the results of this day or earlier.
    pub to: Option<Date>,
    /// The sanction that the finding states.
    pub sanction: Option<SanctionKind>,
    /// Index of the claim that it is about.
    pub receivable: Option<usize>,
    /// Indices of the case's entries that the receipt that it is about was applied by, reversals included, rising.
    pub entries: Vec<usize>,
}

/// A sanction in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSanction {
    /// Which.
    pub kind: SanctionKind,
    /// On whom.
    pub person: PersonId,
    /// First day.
    pub from: Date,
    /// Last day; open when absent.
    pub to: Option<Date>,
}

/// A claim in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReceivable {
    /// Which.
    pub id: ReceivableId,
    /// Date of the document.
    pub document_date: Date,
    /// When it falls due, if known.
    pub due: Option<Date>,
    /// By when it is expected to be recovered, as was last said.
    pub expected: Option<Date>,
    /// Minor units of the ledger's currency.
    pub gross: i64,
    /// Who owes it.
    pub party: PartyId,
    /// Days on which its clock stands, in the order of their first days.
    pub pauses: Vec<CasePause>,
}

/// A pause of a claim's clock in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePause {
    /// Why it stands.
    pub kind: PauseKind,
    /// First day.
    pub from: Date,
    /// Last day; it goes on when absent.
    pub to: Option<Date>,
}

/// From a day on, a claim is in a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseStage {
    /// Index into the case's receivables.
    pub receivable: usize,
    /// First day.
    pub from: Date,
    /// The stage.
    pub stage: Stage,
}

/// What a movement in a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseEntryKind {
    /// The claim arises.
    Gross,
    /// It is corrected.
    Correction,
    /// Something was applied to it, or taken back.
    Applied(Means),
    /// It is written off.
    WrittenOff,
}

/// A movement of a claim's open amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEntry {
    /// Which.
    pub id: EntryId,
    /// Index into the case's receivables.
    pub receivable: usize,
    /// Effective date.
    pub on: Date,
    /// Effect on the open amount in minor units of the ledger's currency.
    pub amount: i64,
    /// What it is.
    pub kind: CaseEntryKind,
    /// Index of the case's entry that it reverses.
    pub cites: Option<usize>,
}

/// A role in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRole {
    /// Who.
    pub person: PersonId,
    /// Role code.
    pub role: String,
    /// First day.
    pub from: Date,
    /// Last day; open when absent.
    pub to: Option<Date>,
}

/// A wage month in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseWage {
    /// Whose.
    pub person: PersonId,
    /// Which month.
    pub month: Month,
    /// Minor units of the ledger's currency.
    pub gross: i64,
}

/// What all cases of one evaluation share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Judged at the end of this day.
    pub as_of: Date,
    /// The ledger's currency.
    pub currency: Currency,
    /// Canonical JSON of the pack's parameters.
    pub parameters: String,
}
