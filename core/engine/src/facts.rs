//! Facts that people state: who works here, who answers for what, what was agreed, what happened.
//!
//! The same declarations serve the facts file of `recoup record` and the scenario files. A
//! reference such as `u8:2019-0001` names a record of a source system; without a colon it names
//! one of the declaration's own system.

mod about;
mod agreement;
mod conduct;
mod declare;
mod event;
mod pause;
mod restate;
mod target;
mod unit;

use chrono::{DateTime, NaiveDate, Utc};
use indexmap::IndexMap;
use recoup_model::Digest;
use recoup_model::id::{
    AgreementId, ContractId, FalseReportId, LedgerId, LetterId, MilestoneId, PartyId, PauseId, PersonId, ReceiptId, ReceivableId, SanctionId, SourceKey,
    TargetId, UnitId,
};
use recoup_model::period::Late;
use recoup_model::receivable::{Means, Stage};
use recoup_model::record::Ledger;
use recoup_store::{CommandMeta, Store, Tx, Written};
use schemars::JsonSchema;
use serde::Deserialize;

pub use self::conduct::{FalseReportFact, SanctionFact};
pub use self::pause::PauseFact;
use self::restate::{LastStatements, Restated};
use crate::EngineError;

/// A file of declarations and events.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// People by staff number or another short code.
    pub people: IndexMap<String, PersonFact>,
    /// Units of the ledger's entity by code.
    pub units: IndexMap<String, UnitFact>,
    /// Minimum wages of a month, by place and first day.
    pub minimum_wages: IndexMap<String, IndexMap<NaiveDate, String>>,
    /// For how long payout runs are published before they are paid, by first day.
    pub payout_terms: IndexMap<NaiveDate, PayoutTermsFact>,
    /// Debtors by code, and their names.
    pub debtors: IndexMap<String, String>,
    /// Contracts or projects by code.
    pub contracts: IndexMap<String, ContractFact>,
    /// Claims by key.
    pub receivables: IndexMap<String, ReceivableFact>,
    /// Responsibility letters by number.
    pub letters: IndexMap<String, LetterFact>,
    /// Agreements by number.
    pub agreements: IndexMap<String, AgreementFact>,
    /// What is to be recovered, by number.
    pub targets: IndexMap<String, TargetFact>,
    /// Roles.
    pub roles: Vec<RoleFact>,
    /// What happened, in order.
    pub events: Vec<EventFact>,
    /// Book what lies in a soft-closed period in the open one; without it, that is refused.
    pub late: bool,
}

/// Somebody.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonFact {
    /// Name; personal data.
    pub name: String,
    /// Gross wages: a year (`2024`) stands for each of its months, a month (`2024-07`) for itself.
    #[serde(default)]
    pub wages: IndexMap<String, String>,
    /// Statutory deductions of these wages, likewise.
    #[serde(default)]
    pub deductions: IndexMap<String, String>,
    /// Where these wages are paid: the place whose minimum wage guards them.
    pub place: Option<String>,
}

/// A unit, such as a branch or a project department.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitFact {
    /// Its name.
    pub name: String,
    /// Code of the unit above it.
    pub parent: Option<String>,
}

/// Terms of payout runs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PayoutTermsFact {
    /// Days after the day of publication by which objections count; a run is payable from the day after them.
    pub notice_days: u16,
    /// What is said of taxes where the policy pack says nothing.
    pub tax_note: Option<String>,
}

/// A contract or project.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractFact {
    /// Who owes under it.
    pub debtor: String,
    /// Its name; the code when absent.
    pub name: Option<String>,
}

/// A claim.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceivableFact {
    /// Who owes.
    pub debtor: String,
    /// The contract.
    pub contract: Option<String>,
    /// Amount in the ledger's currency.
    pub amount: String,
    /// Date of the document.
    pub document_date: NaiveDate,
    /// When it falls due.
    pub due: Option<NaiveDate>,
    /// settled, unsettled, measured-unpaid or retention.
    #[serde(default = "settled")]
    #[schemars(with = "String")]
    pub stage: Stage,
}

fn settled() -> Stage {
    Stage::Settled
}

/// What is to be recovered in a span of days, decomposed to units and people. The parts of one sum to it exactly.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetFact {
    /// First day.
    pub from: NaiveDate,
    /// Last day, which is inside.
    pub to: NaiveDate,
    /// The whole, in the ledger's currency.
    pub amount: Option<String>,
    /// Or a part of what was past due on a day.
    pub of_arrears: Option<OfArrears>,
    /// Parts of units by code.
    #[serde(default)]
    pub units: IndexMap<String, PartFact>,
    /// Parts of people by staff number.
    #[serde(default)]
    pub people: IndexMap<String, PartFact>,
}

/// A part of all arrears.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfArrears {
    /// Which part, in per cent.
    pub percent: String,
    /// Past due at the end of this day, as known when it is recorded.
    pub on: NaiveDate,
}

/// A part of a target.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartFact {
    /// How much, in the ledger's currency.
    pub amount: Option<String>,
    /// Or in per cent of what it is a part of; then all of its parts are, and together exactly 100.
    pub percent: Option<String>,
    /// Its own parts of units; only a unit's part has any.
    #[serde(default)]
    pub units: IndexMap<String, Self>,
    /// Likewise of people.
    #[serde(default)]
    pub people: IndexMap<String, Self>,
}

/// A responsibility letter.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterFact {
    /// Code of the unit that signed it.
    pub unit: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day; the day itself is in time.
    pub deadline: NaiveDate,
    /// The debts.
    pub receivables: Vec<String>,
    /// Weights by person, in the order in which ties are resolved.
    #[serde(default)]
    pub shares: IndexMap<String, i64>,
}

/// An agreement about recovering claims.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementFact {
    /// Code of the unit that agreed.
    pub unit: Option<String>,
    /// A word that policy packs know, such as `entrustment`.
    pub kind: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day, which is inside.
    pub to: Option<NaiveDate>,
    /// The claims that it covers.
    #[serde(default)]
    pub receivables: Vec<String>,
    /// Who holds it, in per cent that sum to exactly 100, in the order in which ties are resolved; nobody, where it only binds its obligors.
    #[serde(default)]
    pub holders: IndexMap<String, String>,
    /// Whom it binds: debtor → a word that policy packs know, such as `guarantor`.
    #[serde(default)]
    pub obligors: IndexMap<String, String>,
    /// What was agreed, by name.
    #[serde(default)]
    pub terms: IndexMap<String, TermFact>,
    /// The units whose completion of a target it follows; such an agreement is of no unit itself.
    pub supervises: Option<SupervisionFact>,
}

/// Units that somebody supervises.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisionFact {
    /// Number of the target.
    pub target: String,
    /// Codes of the units; the target has a part for each, and none of these lies under another.
    pub units: Vec<String>,
}

/// One agreed value.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TermFact {
    /// An amount in the ledger's currency.
    Money(String),
    /// An exact decimal, such as a rate: `0.05`.
    Decimal(String),
    /// A day.
    Day(NaiveDate),
    /// A word that policy packs know.
    Word(String),
}

/// Somebody answers for something.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleFact {
    /// Who.
    pub person: String,
    /// Role code of the policy.
    pub role: String,
    /// For which letter.
    pub letter: Option<String>,
    /// Or for which contract.
    pub contract: Option<String>,
    /// Or for which agreement.
    pub agreement: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// Whether the debtor confirmed the hand-over.
    #[serde(default = "yes")]
    pub confirmed: bool,
}

fn yes() -> bool {
    true
}

/// Something that happened on a day.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventFact {
    /// Effective date.
    pub on: NaiveDate,
    /// When it became known, if later.
    pub recorded: Option<NaiveDate>,
    /// Money or something else came in.
    pub receive: Option<ReceiveFact>,
    /// An existing receipt is applied: receivable → amount.
    pub apply: Option<ApplyFact>,
    /// A receipt is taken back.
    pub bounce: Option<String>,
    /// Receivable → new stage.
    #[schemars(with = "Option<std::collections::BTreeMap<String, String>>")]
    pub stage: Option<IndexMap<String, Stage>>,
    /// Receivable → the day by which it is expected to be recovered.
    pub expect: Option<IndexMap<String, NaiveDate>>,
    /// The clock by which a claim ages stands from this day on.
    pub pause: Option<PauseFact>,
    /// A project is closed.
    pub close: Option<CloseFact>,
    /// A claim is written off.
    pub write_off: Option<WriteOffFact>,
    /// Something that policy packs know happened to an agreement, a receipt or a claim.
    pub milestone: Option<MilestoneFact>,
    /// Results were found to be reported falsely, or concealed.
    pub false_report: Option<FalseReportFact>,
    /// A sanction is imposed from this day on.
    pub sanction: Option<SanctionFact>,
}

/// A receipt.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiveFact {
    /// Key of the receipt.
    pub id: String,
    /// Who paid.
    pub debtor: Option<String>,
    /// Amount in the ledger's currency.
    pub amount: String,
    /// cash, credit-note, set-off or in-kind.
    #[serde(default = "cash")]
    #[schemars(with = "String")]
    pub means: Means,
    /// What it pays: receivable → amount.
    #[serde(default)]
    pub apply: IndexMap<String, String>,
}

fn cash() -> Means {
    Means::Cash
}

/// An application of a known receipt.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyFact {
    /// The receipt.
    pub receipt: String,
    /// Receivable → amount.
    pub to: IndexMap<String, String>,
}

/// A project is closed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseFact {
    /// Which.
    pub contract: String,
    /// By when what is open must be recovered.
    pub recover_by: Option<NaiveDate>,
}

/// A write-off.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteOffFact {
    /// Which claim.
    pub receivable: String,
    /// How much of it.
    pub amount: String,
}

/// A milestone; a later statement of the same id replaces it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MilestoneFact {
    /// Key of the milestone.
    pub id: String,
    /// A word that policy packs know, such as `ruling`.
    pub kind: String,
    /// To which agreement it happened.
    pub agreement: Option<String>,
    /// Or to which receipt.
    pub receipt: Option<String>,
    /// Or to which claim.
    pub receivable: Option<String>,
    /// How much, in the ledger's currency.
    pub amount: Option<String>,
    /// Whom it concerns.
    pub person: Option<String>,
    /// The paper that proves it, such as the number of a judgment.
    pub evidence: Option<String>,
    /// It was recorded by mistake, and never happened.
    #[serde(default)]
    pub withdrawn: bool,
}

/// References of a declaration, as ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) ledger: LedgerId,
    pub(crate) system: &'a str,
}

impl Names<'_> {
    fn split<'t>(&'t self, text: &'t str) -> (&'t str, &'t str) {
        text.split_once(':').unwrap_or((self.system, text))
    }

    fn own<'t>(&'t self, text: &'t str) -> SourceKey<'t> {
        let (system, key) = self.split(text);
        SourceKey { ledger: Some(self.ledger), system, key }
    }

    pub(crate) fn party(&self, text: &str) -> PartyId {
        let (system, key) = self.split(text);
        PartyId::of(&SourceKey { ledger: None, system, key })
    }

    pub(crate) fn person(&self, code: &str) -> PersonId {
        person_id(code)
    }

    pub(crate) fn contract(&self, text: &str) -> ContractId {
        ContractId::of(&self.own(text))
    }

    pub(crate) fn receivable(&self, text: &str) -> ReceivableId {
        ReceivableId::of(&self.own(text))
    }

    pub(crate) fn receipt(&self, text: &str) -> ReceiptId {
        ReceiptId::of(&self.own(text))
    }

    pub(crate) fn agreement(&self, code: &str) -> AgreementId {
        AgreementId::from_parts(&[self.ledger.0.as_bytes(), code.as_bytes()])
    }

    pub(crate) fn milestone(&self, text: &str) -> MilestoneId {
        MilestoneId::of(&self.own(text))
    }

    pub(crate) fn false_report(&self, text: &str) -> FalseReportId {
        FalseReportId::of(&self.own(text))
    }

    pub(crate) fn sanction(&self, text: &str) -> SanctionId {
        SanctionId::of(&self.own(text))
    }

    pub(crate) fn pause(&self, text: &str) -> PauseId {
        PauseId::of(&self.own(text))
    }

    pub(crate) fn unit(&self, code: &str) -> UnitId {
        UnitId::from_parts(&[self.ledger.0.as_bytes(), code.as_bytes()])
    }

    pub(crate) fn target(&self, code: &str) -> TargetId {
        TargetId::from_parts(&[self.ledger.0.as_bytes(), code.as_bytes()])
    }

    pub(crate) fn letter(&self, code: &str) -> LetterId {
        LetterId::from_parts(&[self.ledger.0.as_bytes(), code.as_bytes()])
    }
}

/// A person is known by code throughout the installation.
#[must_use]
pub fn person_id(code: &str) -> PersonId {
    PersonId::of(&SourceKey { ledger: None, system: "person", key: code })
}

/// Who records, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who.
    pub actor: &'a str,
    /// Now.
    pub at: DateTime<Utc>,
    /// Under which key, where a repetition must have no effect of its own.
    pub once: Option<Once<'a>>,
}

/// The key of a request, and what it stands for: the same key with another input is refused.
#[derive(Debug, Clone, Copy)]
pub struct Once<'a> {
    /// The key.
    pub key: &'a str,
    /// Digest of the request.
    pub input: Digest,
}

impl<'a> By<'a> {
    /// Somebody whose request has no key.
    #[must_use]
    pub const fn new(actor: &'a str, at: DateTime<Utc>) -> Self {
        Self { actor, at, once: None }
    }
}

/// Records a whole declaration in one command: all of it or nothing. What the ledger holds already is not repeated.
///
/// # Errors
/// A fact that contradicts itself or names something unknown, or the store.
pub fn record(store: &mut Store, ledger: &Ledger, system: &str, facts: &Facts, text: &str, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let digest = Digest::of(text.as_bytes());
    command(store, ledger, by, "record", digest, |tx| {
        tx.set_late(if facts.late { Late::Forward } else { Late::Refuse });
        state(tx, ledger, system, facts)
    })
}

/// Appends what a declaration says that the ledger does not hold.
pub(crate) fn state(tx: &mut Tx<'_>, ledger: &Ledger, system: &str, facts: &Facts) -> Result<(), EngineError> {
    let names = Names { ledger: ledger.id, system };
    declare::all(tx, ledger, names, facts)?;
    let mut seen = event::Seen::default();
    let last = LastStatements::of(&facts.events);
    for (number, event) in facts.events.iter().enumerate() {
        event::record(tx, ledger, names, event, &mut seen)?;
        last.holding(number, event).record(tx, ledger, names, event.on)?;
    }
    Ok(())
}

/// Records the declarations alone, without the events.
pub(crate) fn record_declarations(store: &mut Store, ledger: &Ledger, system: &str, facts: &Facts, by: By<'_>) -> Result<Option<i64>, EngineError> {
    command(store, ledger, by, "record", Digest::of(system.as_bytes()), |tx| declare::all(tx, ledger, Names { ledger: ledger.id, system }, facts))
}

/// Records one event.
pub(crate) fn record_event(store: &mut Store, ledger: &Ledger, system: &str, event: &EventFact, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let names = Names { ledger: ledger.id, system };
    command(store, ledger, by, "record", Digest::of(event.on.to_string().as_bytes()), |tx| {
        event::record(tx, ledger, names, event, &mut event::Seen::default())?;
        Restated::of(event).record(tx, ledger, names, event.on)
    })
}

/// Runs one command; its position, or `None` when nothing came of it. A repeated request is answered with where the first
/// one stands.
pub(crate) fn command(
    store: &mut Store,
    ledger: &Ledger,
    by: By<'_>,
    kind: &str,
    input: Digest,
    build: impl FnOnce(&mut Tx<'_>) -> Result<(), EngineError>,
) -> Result<Option<i64>, EngineError> {
    let input = by.once.map_or(input, |once| once.input);
    let meta = CommandMeta { kind: kind.to_owned(), input, actor: by.actor.to_owned(), recorded_at: by.at };
    let appended = match by.once {
        None => store.transact(ledger.id, &meta, build)?.1,
        Some(once) => match store.transact_once(ledger.id, once.key, &meta, build)? {
            Written::Done((), appended) | Written::Replayed(appended) => appended,
        },
    };
    Ok(Some(appended.position).filter(|_| appended.leaves > 0))
}

pub(crate) fn fault(code: &'static str, what: impl Into<String>, mend: impl Into<String>) -> EngineError {
    EngineError::Fact { code, what: what.into(), mend: mend.into() }
}
