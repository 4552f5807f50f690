//! Staging: an adapter's items become records, outside the ledger's lock.
//!
//! Each record is checked by itself here; what needs the ledger (references, balances,
//! what is known already) waits for [`super::commit`]. A bad record becomes an issue and
//! never stops the file.

use std::collections::HashMap;

use recoup_host::item::{DueSource as ItemDue, Item, ItemKind};
use recoup_model::calendar::{Date, date, from_day_number};
use recoup_model::id::{ContractId, EntryId, PartyId, ReceiptId, ReceivableId, SourceKey};
use recoup_model::import::IssueKind;
use recoup_model::party::{Contract, Party, PartyKind, Personal, Source};
use recoup_model::receivable::{AllocationBasis, Conversion, DueSource, Means, Receipt, Receivable, ReceivableKind, Stage};
use recoup_model::record::Ledger;
use recoup_model::{Currency, Digest, Money, MoneyError};
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A record waiting for the commit.
#[derive(Debug, Clone)]
pub(super) struct Staged<T> {
    pub value: T,
    pub personal: Personal,
    pub source: Source,
}

/// Records of one kind, found by id. Records that contradict each other under one key are all refused,
/// so that the order of rows never decides which one wins.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    rows: Vec<Option<Staged<T>>>,
    by_id: HashMap<Uuid, usize>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), by_id: HashMap::new() }
    }
}

impl<T> Shelf<T> {
    /// Whether the file has no record of the kind, refused ones included.
    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The records that stand, with their ids, in the order of the file.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        let mut ids: Vec<(usize, Uuid)> = self.by_id.iter().filter(|(_, i)| self.rows.get(**i).is_some_and(Option::is_some)).map(|(id, i)| (*i, *id)).collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    pub(super) fn get(&self, id: Uuid) -> Option<&Staged<T>> {
        self.by_id.get(&id).and_then(|i| self.rows.get(*i)).and_then(Option::as_ref)
    }

    /// Whether the file had the key at all, refused or not.
    pub(super) fn mentions(&self, id: Uuid) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Staged<T>> {
        self.rows.iter().flatten()
    }

    fn put(&mut self, id: Uuid, row: Staged<T>, issues: &mut Vec<StagedIssue>) {
        let Some(&at) = self.by_id.get(&id) else {
            self.by_id.insert(id, self.rows.len());
            self.rows.push(Some(row));
            return;
        };
        let first = self.rows.get_mut(at).and_then(Option::take);
        match first {
            Some(first) if first.source.content == row.source.content => {
                issues.push(StagedIssue::new(IssueKind::Skipped, "import.duplicate", &row.source, format!("same record as {}", first.source.locator)));
                if let Some(slot) = self.rows.get_mut(at) {
                    *slot = Some(first);
                }
            }
            other => {
                if let Some(first) = other {
                    issues.push(duplicate(&first.source, &row.source.locator));
                    issues.push(duplicate(&row.source, &first.source.locator));
                } else {
                    issues.push(duplicate(&row.source, "other records"));
                }
            }
        }
    }
}

impl Shelf<Party> {
    /// A party named differently by two rows is one party: the longer name stands, the first in order among equals, and
    /// the difference is reported. Money never waits for a name.
    fn put_named(&mut self, id: Uuid, row: Staged<Party>, issues: &mut Vec<StagedIssue>) {
        let standing = self.by_id.get(&id).and_then(|at| self.rows.get_mut(*at)).and_then(Option::as_mut);
        match standing {
            Some(first) if first.source.content != row.source.content => {
                let name = |p: &Staged<Party>| p.value.name.clone().unwrap_or_default();
                let (a, b) = (name(first), name(&row));
                let message = format!("`{}` is called `{}` and `{}`: the longer name is kept; correct the source", row.source.key, (&a).min(&b), (&a).max(&b));
                issues.push(StagedIssue::new(IssueKind::Control, "import.party_names", &row.source, message));
                if (b.chars().count(), &a) > (a.chars().count(), &b) {
                    *first = row;
                }
            }
            // The same party on every row of a ledger is no news.
            Some(_) => {}
            None => self.put(id, row, issues),
        }
    }
}

fn duplicate(source: &Source, other: &str) -> StagedIssue {
    let text =
        format!("key `{}` also stands at {other} with other content: neither is taken; remove one of them, or make the key distinguish them", source.key);
    StagedIssue::new(IssueKind::Refused, "import.duplicate_key", source, text)
}

/// Part of a receipt applied to a receivable, as the file says it.
#[derive(Debug, Clone)]
pub(super) struct Allocation {
    pub receipt: ReceiptId,
    pub receipt_key: String,
    pub receivable: ReceivableId,
    pub receivable_key: String,
    /// Absent: as much as both sides have (a credit note's pointer to its invoice).
    pub amount: Option<Decimal>,
    pub on: Date,
    pub basis: AllocationBasis,
}

/// A receipt taken back.
#[derive(Debug, Clone)]
pub(super) struct Reversal {
    pub receipt: ReceiptId,
    pub receipt_key: String,
    pub on: Date,
}

/// One record's fate before it has a number.
#[derive(Debug, Clone)]
pub(super) struct StagedIssue {
    pub kind: IssueKind,
    pub code: String,
    pub locator: String,
    pub key: String,
    pub message: String,
}

impl StagedIssue {
    pub(super) fn new(kind: IssueKind, code: &str, source: &Source, message: String) -> Self {
        Self { kind, code: code.to_owned(), locator: source.locator.clone(), key: source.key.clone(), message }
    }
}

/// A whole file, record by record.
pub(super) struct Staging<'a> {
    pub ledger: &'a Ledger,
    system: &'a str,
    pub parties: Shelf<Party>,
    pub contracts: Shelf<Contract>,
    pub receivables: Shelf<Receivable>,
    pub receipts: Shelf<Receipt>,
    pub allocations: Shelf<Allocation>,
    pub reversals: Shelf<Reversal>,
    /// Parties whose closing balance the file states.
    pub balances: Vec<(PartyId, String)>,
    pub issues: Vec<StagedIssue>,
    pub read: u64,
}

/// Why a record is refused: code, and what to do about it.
type Refusal = (&'static str, String);

impl<'a> Staging<'a> {
    pub(super) fn new(ledger: &'a Ledger, system: &'a str) -> Self {
        Self {
            ledger,
            system,
            parties: Shelf::default(),
            contracts: Shelf::default(),
            receivables: Shelf::default(),
            receipts: Shelf::default(),
            allocations: Shelf::default(),
            reversals: Shelf::default(),
            balances: Vec::new(),
            issues: Vec::new(),
            read: 0,
        }
    }

    /// The source system that keys belong to.
    pub(super) fn system_name(&self) -> &'a str {
        self.system
    }

    /// Takes one item of the file.
    pub(super) fn take(&mut self, item: &Item<'_>) {
        self.read += 1;
        let source = self.source(item);
        let taken = match item.kind {
            _ if item.has_nul() => Err(("import.control_character", "the record holds a NUL character: export it as plain text".to_owned())),
            ItemKind::Party => self.party(item, &source),
            ItemKind::Contract => self.contract(item, &source),
            ItemKind::Receivable => self.receivable(item, &source),
            ItemKind::Receipt => self.receipt(item, &source, Means::Cash),
            ItemKind::CreditNote => self.credit_note(item, &source),
            ItemKind::Allocation => self.allocation(item, &source),
            ItemKind::Reversal => self.reversal(item, &source),
            ItemKind::Balance => {
                self.balances.push((PartyId::of(&self.shared(item.party)), item.party.to_owned()));
                Ok(())
            }
            ItemKind::Issue => {
                self.issues.push(StagedIssue::new(IssueKind::Refused, item.document, &source, item.text.to_owned()));
                Ok(())
            }
            ItemKind::Skipped => {
                self.issues.push(StagedIssue::new(IssueKind::Skipped, item.document, &source, item.text.to_owned()));
                Ok(())
            }
        };
        if let Err((code, message)) = taken {
            self.issues.push(StagedIssue::new(IssueKind::Refused, code, &source, message));
        }
    }

    /// Ids of this ledger's records.
    fn own<'k>(&'k self, key: &'k str) -> SourceKey<'k> {
        SourceKey { ledger: Some(self.ledger.id), system: self.system, key }
    }

    /// Ids of what is known once per installation.
    fn shared<'k>(&'k self, key: &'k str) -> SourceKey<'k> {
        SourceKey { ledger: None, system: self.system, key }
    }

    fn source(&self, item: &Item<'_>) -> Source {
        let locator = match (item.row, item.locator) {
            (0, "") => "file".to_owned(),
            (0, at) => at.to_owned(),
            (row, "") => format!("row {row}"),
            (row, at) => format!("{at}, row {row}"),
        };
        let key = if item.key.is_empty() && item.kind == ItemKind::Allocation {
            format!("{}>{}>{}", item.cites, item.document, item.date.unwrap_or_default())
        } else {
            item.key.to_owned()
        };
        Source { system: self.system.to_owned(), key, locator, content: content(item) }
    }

    fn party(&mut self, item: &Item<'_>, source: &Source) -> Result<(), Refusal> {
        let id = PartyId::of(&self.shared(required(item.key, "import.missing_key", "the party's key is empty")?));
        let natural = item.tag == 1;
        let value = Party {
            id,
            kind: if natural { PartyKind::Natural } else { PartyKind::Organisation },
            name: Some(item.name.to_owned()).filter(|n| !natural && !n.is_empty()),
            unified_code: some(item.document).filter(|_| !natural),
            source: Some(source.clone()),
        };
        let personal = if natural { Personal { name: some(item.name), identity: some(item.document), ..Personal::default() } } else { Personal::default() };
        self.parties.put_named(id.0, Staged { value, personal, source: source.clone() }, &mut self.issues);
        Ok(())
    }

    fn contract(&mut self, item: &Item<'_>, source: &Source) -> Result<(), Refusal> {
        let id = ContractId::of(&self.own(required(item.key, "import.missing_key", "the contract's key is empty")?));
        let party = Some(item.party).filter(|p| !p.is_empty()).map(|p| PartyId::of(&self.shared(p)));
        let name = if item.name.is_empty() { item.key } else { item.name };
        let value = Contract { id, code: item.key.to_owned(), name: name.to_owned(), party, source: Some(source.clone()) };
        self.contracts.put(id.0, Staged { value, personal: Personal::default(), source: source.clone() }, &mut self.issues);
        Ok(())
    }

    fn receivable(&mut self, item: &Item<'_>, source: &Source) -> Result<(), Refusal> {
        let amounts = self.amounts(item)?;
        if amounts.0.minor() < 0 {
            // A red-letter entry lowers what is owed: it is a credit, not a negative claim.
            return self.credit(item, source, negated(amounts)?);
        }
        let (gross, ledger_gross, conversion) = amounts;
        let id = ReceivableId::of(&self.own(required(item.key, "import.missing_key", "the document has no key")?));
        let party = PartyId::of(&self.shared(required(item.party, "import.missing_party", "the document names no debtor: give its customer code")?));
        let contract = Some(item.contract).filter(|c| !c.is_empty()).map(|c| ContractId::of(&self.own(c)));
        let stage = if item.cites.is_empty() {
            Stage::Settled
        } else {
            let words = || Stage::ALL.map(Stage::word).join(", ");
            Stage::from_word(item.cites).ok_or_else(|| ("import.unknown_stage", format!("`{}` is not a stage: use one of {}", item.cites, words())))?
        };
        let value = Receivable {
            id,
            party,
            contract,
            kind: match item.tag {
                1 => ReceivableKind::DebitNote,
                2 => ReceivableKind::Opening,
                3 => ReceivableKind::Retention,
                _ => ReceivableKind::Invoice,
            },
            document: item.document.to_owned(),
            gross,
            ledger_gross,
            conversion,
            document_date: day(item.date, "document date")?,
            due: item.due.map(|d| day(Some(d), "due date")).transpose()?,
            due_source: match item.due_source {
                ItemDue::Unknown => DueSource::Unknown,
                ItemDue::Stated => DueSource::Stated,
                ItemDue::Terms => DueSource::Terms,
                ItemDue::DocumentDate => DueSource::DocumentDate,
            },
            stage,
            source: Some(source.clone()),
        };
        self.receivables.put(id.0, Staged { value, personal: Personal::default(), source: source.clone() }, &mut self.issues);
        Ok(())
    }

    fn receipt(&mut self, item: &Item<'_>, source: &Source, means: Means) -> Result<(), Refusal> {
        let amounts = self.amounts(item)?;
        if amounts.0.minor() <= 0 {
            let text = format!("a receipt of {} cites nothing that it takes back: import it as the reversal of a receipt, or correct its sign", amounts.0);
            return Err(("import.negative_receipt", text));
        }
        self.put_receipt(item, source, means, amounts)
    }

    fn credit_note(&mut self, item: &Item<'_>, source: &Source) -> Result<(), Refusal> {
        let amounts = self.amounts(item)?;
        let amounts = if amounts.0.minor() < 0 { negated(amounts)? } else { amounts };
        self.credit(item, source, amounts)?;
        if !item.cites.is_empty() {
            let (receipt, receivable) = (ReceiptId::of(&self.own(item.key)), ReceivableId::of(&self.own(item.cites)));
            let value = Allocation {
                receipt,
                receipt_key: item.key.to_owned(),
                receivable,
                receivable_key: item.cites.to_owned(),
                amount: None,
                on: day(item.date, "date")?,
                basis: AllocationBasis::Pointer,
            };
            let source = Source { key: format!("{}>{}", item.key, item.cites), ..source.clone() };
            self.put_allocation(value, source);
        }
        Ok(())
    }

    fn credit(&mut self, item: &Item<'_>, source: &Source, amounts: Amounts) -> Result<(), Refusal> {
        self.put_receipt(item, source, Means::CreditNote, amounts)
    }

    fn put_receipt(&mut self, item: &Item<'_>, source: &Source, means: Means, (amount, ledger_amount, conversion): Amounts) -> Result<(), Refusal> {
        let id = ReceiptId::of(&self.own(required(item.key, "import.missing_key", "the receipt has no key")?));
        let value = Receipt {
            id,
            party: Some(item.party).filter(|p| !p.is_empty()).map(|p| PartyId::of(&self.shared(p))),
            means,
            amount,
            ledger_amount,
            conversion,
            booked: day(item.date, "booking date")?,
            value_date: item.due.map(|d| day(Some(d), "value date")).transpose()?,
            reference: item.document.to_owned(),
            source: Some(source.clone()),
        };
        // Who paid may be a natural person: name and account stay in the personal part.
        let personal = Personal { name: some(item.name), account: some(item.account), ..Personal::default() };
        self.receipts.put(id.0, Staged { value, personal, source: source.clone() }, &mut self.issues);
        Ok(())
    }

    fn allocation(&mut self, item: &Item<'_>, source: &Source) -> Result<(), Refusal> {
        let receipt_key = required(item.cites, "import.unknown_reference", "the allocation names no receipt")?;
        let receivable_key = required(item.document, "import.unknown_reference", "the allocation names no receivable")?;
        let amount = decimal(item.amount).ok_or(("import.missing_amount", "the allocation has no amount".to_owned()))?;
        let value = Allocation {
            receipt: ReceiptId::of(&self.own(receipt_key)),
            receipt_key: receipt_key.to_owned(),
            receivable: ReceivableId::of(&self.own(receivable_key)),
            receivable_key: receivable_key.to_owned(),
            amount: Some(amount),
            on: day(item.date, "date of the allocation")?,
            basis: match item.tag {
                1 => AllocationBasis::Group,
                2 => AllocationBasis::Pointer,
                3 => AllocationBasis::Inferred,
                _ => AllocationBasis::Stated,
            },
        };
        self.put_allocation(value, source.clone());
        Ok(())
    }

    fn put_allocation(&mut self, value: Allocation, source: Source) {
        let id = EntryId::of(&self.own(&source.key)).0;
        self.allocations.put(id, Staged { value, personal: Personal::default(), source }, &mut self.issues);
    }

    fn reversal(&mut self, item: &Item<'_>, source: &Source) -> Result<(), Refusal> {
        let key = required(item.cites, "import.unknown_reference", "the reversal names no receipt")?;
        let value = Reversal { receipt: ReceiptId::of(&self.own(key)), receipt_key: key.to_owned(), on: day(item.date, "date of the reversal")? };
        let own = if source.key.is_empty() { format!("reversal of {key}") } else { source.key.clone() };
        let id = EntryId::of(&self.own(&own)).0;
        self.reversals.put(id, Staged { value, personal: Personal::default(), source: Source { key: own, ..source.clone() } }, &mut self.issues);
        Ok(())
    }

    fn amounts(&self, item: &Item<'_>) -> Result<Amounts, Refusal> {
        let books = self.ledger.currency;
        let currency: Currency = if item.currency.is_empty() { books } else { item.currency.parse().map_err(refusal)? };
        let stated = decimal(item.amount).ok_or(("import.missing_amount", "the record has no amount".to_owned()))?;
        let amount = Money::from_decimal(stated, currency).map_err(refusal)?;
        if currency == books {
            return Ok((amount, amount, None));
        }
        let ledger = decimal(item.second).ok_or_else(|| {
            ("import.missing_rate", format!("the record is in {currency} and states no amount in {books}: export the amount in the ledger's currency too"))
        })?;
        let ledger_amount = Money::from_decimal(ledger, books).map_err(refusal)?;
        if amount.minor() == 0 || ledger_amount.minor().signum() != amount.minor().signum() {
            return Err(("import.missing_rate", format!("{amount} {currency} cannot be {ledger_amount} {books}")));
        }
        let rate = ledger_amount
            .to_decimal()
            .checked_div(amount.to_decimal())
            .map(|r| r.round_dp(10))
            .ok_or(("import.overflow", "amounts out of range".to_owned()))?;
        Ok((amount, ledger_amount, Some(Conversion { rate, source: "amounts stated by the document".to_owned() })))
    }
}

/// Document amount, ledger amount, and how the one became the other.
type Amounts = (Money, Money, Option<Conversion>);

fn negated((amount, ledger, conversion): Amounts) -> Result<Amounts, Refusal> {
    Ok((amount.checked_neg().map_err(refusal)?, ledger.checked_neg().map_err(refusal)?, conversion))
}

pub(super) fn refusal(e: MoneyError) -> Refusal {
    let code = match e {
        MoneyError::UnknownCurrency(_) => "import.unknown_currency",
        MoneyError::BelowMinorUnit { .. } => "import.below_minor_unit",
        MoneyError::Mixed(..) => "import.currency_mismatch",
        MoneyError::NotADecimal(_) | MoneyError::Overflow | MoneyError::Weights => "import.overflow",
    };
    let mend = match e {
        MoneyError::BelowMinorUnit { .. } => "; correct the amount in the source: it is never rounded here",
        _ => "",
    };
    (code, format!("{e}{mend}"))
}

fn required<'k>(value: &'k str, code: &'static str, message: &str) -> Result<&'k str, Refusal> {
    if value.is_empty() { Err((code, message.to_owned())) } else { Ok(value) }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|t| !t.is_empty())
}

fn decimal(d: Option<recoup_host::item::Dec>) -> Option<Decimal> {
    d.and_then(|d| Decimal::try_new(d.mantissa, u32::from(d.scale)).ok())
}

/// A day of the years in which receivables are plausible.
fn day(n: Option<i32>, what: &str) -> Result<Date, Refusal> {
    let d = n.and_then(from_day_number).ok_or(("import.missing_date", format!("the {what} is missing")))?;
    let known = date(1900, 1, 1)..date(2200, 1, 1);
    if known.contains(&Some(d)) { Ok(d) } else { Err(("import.date_out_of_range", format!("the {what} {d} is outside 1900 to 2199"))) }
}

/// Digest of what an item says and the public part of its record keeps. Where it stands in the file is left out, so
/// that moved rows are equal; what is personal is left out, so that nobody can guess it from the digest.
fn content(item: &Item<'_>) -> Digest {
    let mut h = Sha256::new();
    h.update([item.kind as u8, item.tag, item.due_source as u8]);
    let (name, document) = match item.kind {
        ItemKind::Party if item.tag == 1 => ("", ""),
        ItemKind::Party | ItemKind::Contract => (item.name, item.document),
        _ => ("", item.document),
    };
    for t in [item.key, item.party, name, item.currency, document, item.cites, item.contract] {
        h.update(u32::try_from(t.len()).unwrap_or(u32::MAX).to_be_bytes());
        h.update(t);
    }
    for d in [item.amount, item.second] {
        // Equal amounts have one form, however many zeros the file writes.
        let d = decimal(d).map(|d| d.normalize());
        h.update(d.map_or([0; 16], |d| d.mantissa().to_be_bytes()));
        h.update([u8::from(d.is_some()), d.map_or(0, |d| u8::try_from(d.scale()).unwrap_or(u8::MAX))]);
    }
    for d in [item.date, item.due] {
        h.update(d.unwrap_or(i32::MIN).to_be_bytes());
    }
    Digest(h.finalize().into())
}
