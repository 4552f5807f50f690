//! Receivables: what is owed, and what is open of it on a day.

use recoup_model::access::Permission;
use std::collections::HashMap;

use chrono::NaiveDate;
use recoup_model::id::{ContractId, PartyId, ReceivableId};
use recoup_model::receivable::{Receivable, Stage};
use recoup_store::{Listed, Page, ReceivableFilter, Sort};
use uuid::Uuid;

use super::names::{amount, party_code, source, word};
use crate::http::export::cell::{Amount, row};
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::{Word as _, filter, words};

row! {
    /// A claim (应收款项) as it stands on a day.
    ReceivableRow {
        /// Its id.
        id: Uuid,
        /// Document number.
        document: String,
        /// invoice, debit-note, opening or retention.
        kind: String,
        /// Who owes.
        party: Uuid,
        /// Key of the debtor in its source.
        party_code: Option<String>,
        /// Name of the debtor, when it is an organisation.
        party_name: Option<String>,
        /// The contract it belongs to.
        contract: Option<Uuid>,
        /// Date of the document.
        document_date: NaiveDate,
        /// When it falls due.
        due: Option<NaiveDate>,
        /// How the due date is known: stated, terms, document-date or unknown.
        due_source: String,
        /// By when it is expected to be recovered, as was last said by the day.
        expected: Option<NaiveDate>,
        /// Stage on the day: settled, unsettled, measured-unpaid or retention.
        stage: String,
        /// Currency of the document.
        currency: String,
        /// Amount of the document.
        gross: Amount,
        /// Open on the day, in the document's currency.
        open: Amount,
        /// Amount of the document in the ledger's currency.
        ledger_gross: Amount,
        /// Open on the day, in the ledger's currency.
        ledger_open: Amount,
        /// Source system and key.
        source: Option<String>,
        /// Position that recorded this version.
        position: i64,
    }
}

words! {
    /// Kinds of claims.
    KindWord {
        /// An invoice or another claim for performance.
        Invoice = "invoice",
        /// A debit note.
        DebitNote = "debit-note",
        /// A balance brought forward.
        Opening = "opening",
        /// Retention money or a deposit.
        Retention = "retention",
    } "write invoice, debit-note, opening or retention"
}

words! {
    /// Stages of claims.
    StageWord {
        /// The final account is agreed.
        Settled = "settled",
        /// It is not yet agreed.
        Unsettled = "unsettled",
        /// Measured works not yet paid.
        MeasuredUnpaid = "measured-unpaid",
        /// A deposit or retention money.
        Retention = "retention",
    } "write settled, unsettled, measured-unpaid or retention"
}

impl From<StageWord> for Stage {
    fn from(word: StageWord) -> Self {
        match word {
            StageWord::Settled => Self::Settled,
            StageWord::Unsettled => Self::Unsettled,
            StageWord::MeasuredUnpaid => Self::MeasuredUnpaid,
            StageWord::Retention => Self::Retention,
        }
    }
}

filter! {
    /// Which receivables.
    Filter {
        /// Only those of this debtor.
        party: Uuid,
        /// Only those of this contract.
        contract: Uuid,
        /// Only those with this document number.
        document: String,
        /// Only those of this kind.
        kind: KindWord,
        /// Only those in this stage on the day.
        stage: StageWord,
        /// Only those due on this day or later; by document date where there is no due date.
        due_from: NaiveDate,
        /// Only those due on this day or earlier, likewise.
        due_to: NaiveDate,
        /// Only those with something open on the day (true), or only those without (false).
        open: bool,
    }
}

/// The list of receivables.
pub(crate) struct Receivables;

impl List for Receivables {
    type Row = ReceivableRow;
    type Filter = Filter;
    const PATH: &'static str = "/receivables";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Receivables (应收款项): claims, with what is open of them on a day.";
    const AS_OF: &'static str =
        "Claims whose document existed at the end of this day, with stage and open amount on it; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[
        ("recorded", Sort::RECORDED),
        ("due", Sort::RECEIVABLE_DUE),
        ("document_date", Sort::RECEIVABLE_DATE),
        ("document", Sort::RECEIVABLE_DOCUMENT),
        ("ledger_gross", Sort::RECEIVABLE_AMOUNT),
    ];

    fn page(read: &mut Read<'_, '_>, filter: &Filter, page: &Page) -> Result<Rows<ReceivableRow>, Problem> {
        let moment = read.moment;
        let which = ReceivableFilter {
            id: None,
            party: filter.party.map(PartyId),
            contract: filter.contract.map(ContractId),
            document: filter.document.as_deref(),
            kind: filter.kind.map(KindWord::word),
            stage: filter.stage.map(Into::into),
            due_from: filter.due_from,
            due_to: filter.due_to,
            open: filter.open,
        };
        let found = read.view.receivables_page(which, &and_one(page), moment.as_of, moment.known_at)?;
        let beside = Beside::of(read, found.iter().map(|l| &l.record))?;
        Rows::listed(found, page, |l| l.leaf, |Listed { record, position, .. }| Ok(beside.row(record, position)))
    }
}

/// What stands beside claims in their rows.
pub(super) struct Beside {
    open: HashMap<ReceivableId, (i64, i64)>,
    stages: HashMap<ReceivableId, Stage>,
    expected: HashMap<ReceivableId, NaiveDate>,
    parties: HashMap<PartyId, recoup_model::party::Party>,
}

impl Beside {
    pub(super) fn of<'r>(read: &mut Read<'_, '_>, claims: impl Iterator<Item = &'r Receivable> + Clone) -> Result<Self, Problem> {
        let moment = read.moment;
        let ids: Vec<ReceivableId> = claims.clone().map(|r| r.id).collect();
        let open = read.view.open_amounts(moment.as_of, moment.known_at, Some(&ids))?;
        let changes = read.view.stage_changes(Some(&ids), moment.known_at)?;
        let expected = read.view.expected_recoveries(Some(&ids), moment.known_at)?;
        Ok(Self {
            open: open.into_iter().map(|(id, document, ledger)| (id, (document, ledger))).collect(),
            // In the order of their days: the last one by the day holds.
            stages: changes.into_iter().filter(|c| c.on <= moment.as_of).map(|c| (c.receivable, c.stage)).collect(),
            expected: expected.into_iter().filter(|e| e.on <= moment.as_of).map(|e| (e.receivable, e.by)).collect(),
            parties: read.parties(claims.map(|r| r.party))?,
        })
    }

    pub(super) fn row(&self, r: Receivable, position: i64) -> ReceivableRow {
        let (open, ledger_open) = self.open.get(&r.id).copied().unwrap_or_default();
        let party = self.parties.get(&r.party);
        ReceivableRow {
            id: r.id.0,
            kind: word(&r.kind),
            party: r.party.0,
            party_code: party.and_then(party_code),
            party_name: party.and_then(|p| p.name.clone()),
            contract: r.contract.map(|c| c.0),
            document_date: r.document_date,
            due: r.due,
            due_source: word(&r.due_source),
            expected: self.expected.get(&r.id).copied(),
            stage: self.stages.get(&r.id).unwrap_or(&r.stage).word().to_owned(),
            currency: r.gross.currency().to_string(),
            open: amount(open, r.gross.currency()),
            ledger_open: amount(ledger_open, r.ledger_gross.currency()),
            gross: Amount(r.gross),
            ledger_gross: Amount(r.ledger_gross),
            source: source(r.source.as_ref()),
            document: r.document,
            position,
        }
    }
}
