//! Items: what an adapter hands over, packed into the columns of `items`.
//!
//! All kinds share one set of fields, because they overlap almost wholly; a field
//! that a kind does not use is empty. Packing costs one copy of the text and eight
//! integers per item, and unpacking borrows from the arena.

/// Integers per item.
pub const NUMBERS: usize = 8;
/// Texts per item.
pub const TEXTS: usize = 10;
/// "No decimal", "no date" in a number column.
const NONE: i64 = i64::MIN;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ItemKind {
    /// A debtor: `key`, `name`, `document` = unified code or tax id, `tag` = 1 for a natural person.
    Party = 1,
    /// A contract or project: `key`, `name`, `party`.
    Contract = 2,
    /// A claim: `key`, `party`, `document` (number), `contract`, `amount`, `currency`,
    /// `second` (ledger amount), `date` (document), `due`, `tag` (a [`ReceivableTag`]),
    /// `due_source`, `cites` = stage (`settled`, `unsettled`, `measured-unpaid`, `retention`) or empty.
    Receivable = 3,
    /// Money in: `key`, `party`, `document` (reference), `amount`, `currency`, `second`,
    /// `date` (booking), `due` (value date), `name` (payer), `account`.
    Receipt = 4,
    /// A credit note: as a receipt; `cites` = key of the receivable it is against, or empty.
    CreditNote = 5,
    /// `cites` (receipt or credit key) applied to `document` (receivable key): `amount`, `date`, `tag` (an [`BasisTag`]).
    Allocation = 6,
    /// The receipt `cites` is taken back (bounce): `key`, `date`, `amount` (positive).
    Reversal = 7,
    /// The source's own balance of a party: `party`, `amount` = opening, `second` = closing, `date` = cut-off.
    Balance = 8,
    /// A record that cannot be read: `document` = code, `text` = what and how to mend, `key` = the record's key when known.
    Issue = 9,
    /// A record left out on purpose: `document` = reason code, `text` = what it was.
    Skipped = 10,
}

impl ItemKind {
    /// The kind with this number.
    #[must_use]
    pub fn from_u8(n: u8) -> Option<Self> {
        use ItemKind::{Allocation, Balance, Contract, CreditNote, Issue, Party, Receipt, Receivable, Reversal, Skipped};
        [Party, Contract, Receivable, Receipt, CreditNote, Allocation, Reversal, Balance, Issue, Skipped].into_iter().find(|k| *k as u8 == n)
    }
}

/// `tag` of a receivable: what kind of claim it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ReceivableTag {
    /// An invoice or any other claim.
    Invoice = 0,
    /// A debit note.
    DebitNote = 1,
    /// An opening balance.
    Opening = 2,
    /// Retention money or a deposit.
    Retention = 3,
}

/// `tag` of an allocation: how the source expresses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum BasisTag {
    /// Pairwise, with its amount.
    Stated = 0,
    /// By a clearing group.
    Group = 1,
    /// By a pointer without an amount.
    Pointer = 2,
    /// Inferred by the adapter.
    Inferred = 3,
}

/// How a due date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum DueSource {
    /// Not known.
    Unknown = 0,
    /// Stated on the record.
    Stated = 1,
    /// From payment terms.
    Terms = 2,
    /// The document date stands in, as the profile says.
    DocumentDate = 3,
}

/// An exact decimal: mantissa × 10^-scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dec {
    /// The digits.
    pub mantissa: i64,
    /// How many of them stand behind the point, 0 to 18.
    pub scale: u8,
}

/// One item; texts borrow from whoever holds the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// What it is.
    pub kind: ItemKind,
    /// 1-based line or record number in the file; 0 when there is none.
    pub row: u64,
    /// Where in the file, when a row number is not enough (sheet, XPath).
    pub locator: &'a str,
    /// The source's key of the record.
    pub key: &'a str,
    /// The source's key of the party.
    pub party: &'a str,
    /// A name: of the party, the contract or the payer.
    pub name: &'a str,
    /// ISO 4217 code.
    pub currency: &'a str,
    /// Document number; see [`ItemKind`].
    pub document: &'a str,
    /// The key of another record; see [`ItemKind`].
    pub cites: &'a str,
    /// The source's key of the contract.
    pub contract: &'a str,
    /// Free text of the record.
    pub text: &'a str,
    /// The payer's account.
    pub account: &'a str,
    /// See [`ItemKind`].
    pub amount: Option<Dec>,
    /// See [`ItemKind`].
    pub second: Option<Dec>,
    /// Days from 1970-01-01.
    pub date: Option<i32>,
    /// Days from 1970-01-01.
    pub due: Option<i32>,
    /// See [`ItemKind`].
    pub tag: u8,
    /// How `due` is known.
    pub due_source: DueSource,
}

impl Item<'_> {
    /// Whether a text holds a NUL character, which no export means and not every database keeps.
    #[must_use]
    pub fn has_nul(&self) -> bool {
        let texts = [self.locator, self.key, self.party, self.name, self.currency, self.document, self.cites, self.contract, self.text, self.account];
        texts.iter().any(|t| t.contains('\0'))
    }

    /// An empty item of a kind.
    #[must_use]
    pub fn new(kind: ItemKind, row: u64) -> Self {
        Self {
            kind,
            row,
            locator: "",
            key: "",
            party: "",
            name: "",
            currency: "",
            document: "",
            cites: "",
            contract: "",
            text: "",
            account: "",
            amount: None,
            second: None,
            date: None,
            due: None,
            tag: 0,
            due_source: DueSource::Unknown,
        }
    }
}

/// A batch of items as an adapter packs it: nobody has checked yet that the columns belong together.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Columns {
    /// One [`ItemKind`] per item.
    pub kinds: Vec<u8>,
    /// [`NUMBERS`] per item.
    pub numbers: Vec<i64>,
    /// [`TEXTS`] per item: where each text ends in `text`.
    pub ends: Vec<u32>,
    /// All texts in UTF-8, one after the other.
    pub text: Vec<u8>,
}

/// A batch of items that [`Columns::check`] accepted.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Items {
    kinds: Vec<u8>,
    numbers: Vec<i64>,
    ends: Vec<u32>,
    text: String,
}

/// Columns that do not add up to items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl Columns {
    /// How many items the batch has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether the batch has no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Appends an item.
    ///
    /// # Panics
    /// When the batch holds more than 4 GiB of text, which no memory limit of a guest allows.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "every item of a file passes here, and in a sandbox to pass it on costs as much as to pack it")]
    pub fn push(&mut self, item: &Item<'_>) {
        let (amount, second) = (item.amount, item.second);
        self.kinds.push(item.kind as u8);
        self.numbers.extend_from_slice(&[
            i64::try_from(item.row).unwrap_or(i64::MAX),
            amount.map_or(NONE, |d| d.mantissa),
            second.map_or(NONE, |d| d.mantissa),
            i64::from(amount.map_or(0, |d| d.scale)) | i64::from(second.map_or(0, |d| d.scale)) << 8,
            item.date.map_or(NONE, i64::from),
            item.due.map_or(NONE, i64::from),
            i64::from(item.tag),
            item.due_source as i64,
        ]);
        let texts = [item.locator, item.key, item.party, item.name, item.currency, item.document, item.cites, item.contract, item.text, item.account];
        let mut ends = [0; TEXTS];
        for (end, text) in ends.iter_mut().zip(texts) {
            // Even a copy of nothing would leave the sandbox.
            if !text.is_empty() {
                self.text.extend_from_slice(text.as_bytes());
            }
            #[allow(clippy::expect_used, reason = "a guest's memory limit is far below 4 GiB")]
            let length = u32::try_from(self.text.len()).expect("text arena below 4 GiB");
            *end = length;
        }
        self.ends.extend_from_slice(&ends);
    }

    /// Checks that the columns belong together, once, before items are read.
    ///
    /// # Errors
    /// [`Malformed`] says which column is wrong at which item.
    pub fn check(self) -> Result<Items, Malformed> {
        let Self { kinds, numbers, ends, text } = self;
        let text = String::from_utf8(text).map_err(|e| Malformed(format!("the text is not UTF-8 at byte {}", e.utf8_error().valid_up_to())))?;
        let items = Items { kinds, numbers, ends, text };
        items.check()?;
        Ok(items)
    }
}

impl Items {
    /// How many items the batch has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether the batch has no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    fn check(&self) -> Result<(), Malformed> {
        let n = self.kinds.len();
        if self.numbers.len() != n * NUMBERS || self.ends.len() != n * TEXTS {
            return Err(Malformed(format!("{n} kinds, {} numbers, {} texts", self.numbers.len(), self.ends.len())));
        }
        let mut start = 0;
        for (i, &end) in self.ends.iter().enumerate() {
            let end = end as usize;
            if end < start || !self.text.is_char_boundary(end) {
                return Err(Malformed(format!("item {}, text {}: ends at {end} after {start} of {}", i / TEXTS, i % TEXTS, self.text.len())));
            }
            start = end;
        }
        if start != self.text.len() {
            return Err(Malformed(format!("{} bytes of text behind the last item", self.text.len() - start)));
        }
        for i in 0..n {
            self.read(i).map_err(|what| Malformed(format!("item {i}: {what}")))?;
        }
        Ok(())
    }

    /// The items, in their order.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        (0..self.len()).map_while(|i| self.read(i).ok())
    }

    /// Every day of the batch, with the index of its item.
    pub fn days(&self) -> impl Iterator<Item = (usize, i32)> {
        let rows = self.numbers.as_chunks::<NUMBERS>().0.iter().enumerate();
        rows.flat_map(|(i, [_, _, _, _, date, due, _, _])| [*date, *due].into_iter().filter_map(move |d| i32::try_from(d).ok().map(|d| (i, d))))
    }

    fn read(&self, i: usize) -> Result<Item<'_>, String> {
        let kind = self.kinds.get(i).copied().and_then(ItemKind::from_u8).ok_or("unknown kind")?;
        let Some(&[row, amount, second, scales, date, due, tag, source]) = self.numbers.get(i * NUMBERS..(i + 1) * NUMBERS) else {
            return Err("numbers missing".into());
        };
        let first = i * TEXTS;
        let start = if first == 0 { 0 } else { *self.ends.get(first - 1).ok_or("texts missing")? };
        let ends = self.ends.get(first..first + TEXTS).ok_or("texts missing")?;
        let mut texts = [""; TEXTS];
        let mut from = start as usize;
        for (slot, &end) in texts.iter_mut().zip(ends) {
            *slot = self.text.get(from..end as usize).ok_or("text out of range")?;
            from = end as usize;
        }
        let [locator, key, party, name, currency, document, cites, contract, text, account] = texts;
        let dec = |mantissa: i64, scale: i64| -> Result<Option<Dec>, String> {
            if mantissa == NONE {
                return Ok(None);
            }
            let scale = u8::try_from(scale & 0xff).ok().filter(|s| *s <= 18).ok_or("scale above 18")?;
            Ok(Some(Dec { mantissa, scale }))
        };
        let day = |d: i64| -> Result<Option<i32>, String> {
            if d == NONE { Ok(None) } else { i32::try_from(d).map(Some).map_err(|_| "day out of range".to_owned()) }
        };
        Ok(Item {
            kind,
            row: u64::try_from(row).map_err(|_| "negative row")?,
            locator,
            key,
            party,
            name,
            currency,
            document,
            cites,
            contract,
            text,
            account,
            amount: dec(amount, scales)?,
            second: dec(second, scales >> 8)?,
            date: day(date)?,
            due: day(due)?,
            tag: u8::try_from(tag).map_err(|_| "tag out of range")?,
            due_source: match source {
                0 => DueSource::Unknown,
                1 => DueSource::Stated,
                2 => DueSource::Terms,
                3 => DueSource::DocumentDate,
                _ => return Err("unknown due source".into()),
            },
        })
    }
}
