//! The profile: what a person states about a table, as JSON. [`crate::plan`] turns it into
//! something that can be run. `profile.schema.json` says the same to a console.

use recoup_sdk::adapter::Problem;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a person states about a table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// Its name, for people; not read.
    #[serde(default, rename = "id")]
    _id: String,
    /// Its title, for people; not read.
    #[serde(default, rename = "title")]
    _title: serde_json::Value,
    /// The adapter that reads it; not read.
    #[serde(default, rename = "adapter")]
    _adapter: String,
    /// `utf-8`, `gb18030` or `windows-1252`.
    pub(crate) encoding: String,
    /// One ASCII character.
    #[serde(default = "comma")]
    pub(crate) delimiter: char,
    /// One ASCII character, or empty when the file does not quote.
    #[serde(default = "double_quote")]
    pub(crate) quote: String,
    /// Bytes of UTF-8 that a record may have.
    #[serde(default = "record_max")]
    pub(crate) record_max: usize,
    /// Where the header is.
    #[serde(default)]
    pub(crate) header: Header,
    /// Which rows are well formed.
    #[serde(default)]
    pub(crate) rows: Rows,
    /// How values are written.
    #[serde(default)]
    pub(crate) values: Values,
    /// What the cells mean, by a name that the rules use.
    pub(crate) columns: BTreeMap<String, Column>,
    /// Which columns describe the debtor.
    pub(crate) party: Option<Named>,
    /// Which columns describe the contract.
    pub(crate) contract: Option<Named>,
    /// What a row is; the first rule whose conditions hold decides.
    pub(crate) rules: Vec<Rule>,
    /// Rows that sum up others.
    #[serde(default)]
    pub(crate) totals: Vec<TotalRow>,
    /// The column that carries a running balance.
    pub(crate) balance: Option<Balance>,
}

/// Where the header is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Header {
    /// Rows in which it is searched.
    pub(crate) within: usize,
    /// Rows behind it that are not data.
    pub(crate) skip_after: usize,
    /// `kingdee`: cells read `*(section)field#attribute(Null)`, and only `field#attribute` counts.
    pub(crate) grammar: Option<Grammar>,
}

impl Default for Header {
    fn default() -> Self {
        Self { within: 20, skip_after: 0, grammar: None }
    }
}

/// A grammar of header cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Grammar {
    /// Import templates of Kingdee Cloud.
    Kingdee,
}

/// Which rows are well formed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rows {
    /// Rows with fewer cells than the header.
    pub(crate) short: Short,
    /// Rows with more cells than the header.
    pub(crate) long: Long,
    /// First words of rows that are no data and are dropped.
    pub(crate) footer: Vec<String>,
    /// A column that only the first row of a document fills; rows that leave it empty go on
    /// with that document. Without it, each column that is filled down is filled on its own.
    pub(crate) anchor: Option<String>,
}

/// Rows with fewer cells than the header.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Short {
    /// They cannot be read.
    #[default]
    Issue,
    /// Their missing cells are empty.
    Allow,
}

/// Rows with more cells than the header.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Long {
    /// They cannot be read.
    Issue,
    /// They can be read when the additional cells are blank.
    #[default]
    AllowBlank,
}

/// How values are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Values {
    /// Words that mean "nothing"; dashes always do.
    pub(crate) empty: Vec<String>,
    /// Forms of dates, tried in order.
    pub(crate) dates: Vec<String>,
    /// The decimal mark.
    pub(crate) decimal: char,
    /// The mark between groups of three digits.
    pub(crate) thousands: char,
    /// What stands beside a number and says nothing.
    pub(crate) strip: Option<Vec<String>>,
    /// Label, or labels, above the header of the unit that amounts are in, such as `单位`.
    pub(crate) unit: Option<Columns>,
    /// The currency of rows that state none.
    pub(crate) currency: Option<String>,
    /// Words for currencies, beside the usual ones.
    pub(crate) currencies: BTreeMap<String, String>,
    /// Words for stages, beside the usual ones.
    pub(crate) stages: BTreeMap<String, String>,
}

impl Default for Values {
    fn default() -> Self {
        Self {
            empty: ["无", "N/A", "n/a", "00000000"].map(String::from).to_vec(),
            dates: ["YYYY-MM-DD", "YYYY/MM/DD", "YYYYMMDD", "YYYY年MM月DD日"].map(String::from).to_vec(),
            decimal: '.',
            thousands: ',',
            strip: None,
            unit: None,
            currency: None,
            currencies: BTreeMap::new(),
            stages: BTreeMap::new(),
        }
    }
}

/// Where a value comes from: a column by its header, a constant, or a label above the header.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Column {
    /// What its header may say.
    pub(crate) headers: Vec<String>,
    /// The same value for every row.
    pub(crate) constant: Option<String>,
    /// The label of a value above the header, such as `卡号`.
    pub(crate) preamble: Option<String>,
    /// Whether the file is refused without it.
    pub(crate) required: bool,
    /// Whether an empty cell means the one above it.
    pub(crate) fill_down: bool,
    /// Which of several columns with this header, from 1.
    pub(crate) nth: Option<usize>,
}

/// Columns that describe something with a key and a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    /// The source's key.
    pub(crate) key: String,
    /// Its name.
    pub(crate) name: Option<String>,
    /// Its unified code or tax id.
    pub(crate) id: Option<String>,
}

/// One name or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "the name of a column, or a list of such names")]
pub(crate) enum Columns {
    /// One.
    One(String),
    /// Several, joined.
    Many(Vec<String>),
}

impl Columns {
    /// The names.
    #[must_use]
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

/// What tells a record apart.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "the name of a column, a list of names, or `{ hash = [names] }`")]
pub(crate) enum Key {
    /// Columns, joined with `/`.
    Columns(Columns),
    /// A hash over columns and the amount, for statements without a serial number.
    Hash(Hash),
}

/// A hash over columns, in this order, and the amount.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hash {
    /// The columns.
    pub(crate) hash: Vec<String>,
}

/// How a signed amount is read.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "the name of a column, `{ plus, minus }` for two columns, `{ column, flag, plus = [words], minus = [words] }`, or `{ negate }`")]
pub(crate) enum Amount {
    /// A column with its sign.
    Signed(String),
    /// One column minus another.
    Sides(Sides),
    /// A column without a sign, and a word that says which it is.
    Flagged(Flagged),
    /// A column whose sign is turned.
    Negated(Negated),
}

/// One column minus another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sides {
    /// What counts up.
    pub(crate) plus: String,
    /// What counts down.
    pub(crate) minus: String,
}

/// A column without a sign, and a word that says which it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flagged {
    /// The amount.
    pub(crate) column: String,
    /// The word: 借/贷, S/H, C/D.
    pub(crate) flag: String,
    /// Words that count up.
    pub(crate) plus: Vec<String>,
    /// Words that count down.
    pub(crate) minus: Vec<String>,
}

/// A column whose sign is turned.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Negated {
    /// The amount.
    pub(crate) negate: String,
}

/// What a row is, and which columns say what about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// What it is.
    pub(crate) kind: Kind,
    /// All must hold.
    #[serde(default)]
    pub(crate) when: Vec<When>,
    /// Why it is left out; for `skip`.
    pub(crate) reason: Option<String>,
    /// What tells it apart.
    pub(crate) key: Option<Key>,
    /// Key of the debtor; without it, that of `[party]`.
    pub(crate) party: Option<String>,
    /// The payer's name.
    pub(crate) name: Option<String>,
    /// The payer's account.
    pub(crate) account: Option<String>,
    /// A column with the payer's name and account in one.
    pub(crate) name_account: Option<String>,
    /// Document number or reference; of an allocation, the key of the receivable.
    pub(crate) document: Option<Columns>,
    /// Of an allocation, the key of what is applied; of a credit note, that of the receivable.
    pub(crate) cites: Option<Columns>,
    /// Key of the contract; without it, that of `[contract]`.
    pub(crate) contract: Option<String>,
    /// Currency; without it, `values.currency`.
    pub(crate) currency: Option<String>,
    /// The amount in that currency.
    pub(crate) amount: Option<Amount>,
    /// The amount in the ledger's currency.
    pub(crate) second: Option<Amount>,
    /// Document or booking date.
    pub(crate) date: Option<String>,
    /// Due or value date.
    pub(crate) due: Option<String>,
    /// Payment terms, when no due date is stated.
    pub(crate) terms: Option<Terms>,
    /// Whether the document date stands in for a due date.
    #[serde(default)]
    pub(crate) due_on_document_date: bool,
    /// The stage of the receivable.
    pub(crate) stage: Option<String>,
    /// Free text.
    pub(crate) text: Option<Columns>,
    /// What kind of claim it is.
    #[serde(default)]
    pub(crate) tag: Tag,
    /// How the source expresses an allocation.
    #[serde(default)]
    pub(crate) basis: Basis,
    /// What an amount below zero means.
    #[serde(default)]
    pub(crate) negative: Negative,
}

/// Due so many days after a date.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    /// The date; empty cells mean the document date.
    pub(crate) start: String,
    /// The days.
    pub(crate) days: String,
}

/// A condition on a cell.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct When {
    /// The cell.
    pub(crate) column: String,
    /// It says one of these.
    pub(crate) is: Option<Vec<String>>,
    /// It says none of these.
    pub(crate) not: Option<Vec<String>>,
    /// Whether it is empty.
    pub(crate) empty: Option<bool>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// A claim.
    Receivable,
    /// Money in.
    Receipt,
    /// A credit note.
    CreditNote,
    /// A receipt or credit applied to a receivable.
    Allocation,
    /// A receipt taken back.
    Reversal,
    /// Left out, with a reason.
    Skip,
}

/// What kind of claim a receivable is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tag {
    /// An invoice or any other claim.
    #[default]
    Invoice,
    /// A debit note.
    DebitNote,
    /// An opening balance.
    Opening,
    /// Retention money or a deposit.
    Retention,
}

/// How the source expresses an allocation.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Basis {
    /// Pairwise, with its amount.
    #[default]
    Stated,
    /// By a clearing group.
    Group,
    /// By a pointer without an amount.
    Pointer,
}

/// What an amount below zero means.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Negative {
    /// A row that cannot be read.
    #[default]
    Issue,
    /// A credit note.
    CreditNote,
    /// Money paid out, which is left out.
    MoneyOut,
}

/// A row that sums up others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotalRow {
    /// First words of the row's first filled cell.
    pub(crate) labels: Vec<String>,
    /// The columns that it sums up.
    pub(crate) columns: Vec<String>,
    /// Whether it starts again behind each such row (小计).
    #[serde(default)]
    pub(crate) subtotal: bool,
}

/// A column that carries a running balance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Balance {
    /// The balance behind the row.
    pub(crate) column: String,
    /// What moves it.
    pub(crate) amount: Amount,
    /// Which row comes first.
    pub(crate) order: Order,
}

/// Which row of a statement comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Order {
    /// The latest.
    NewestFirst,
    /// The earliest.
    OldestFirst,
}

impl Profile {
    /// Reads a profile from JSON.
    ///
    /// # Errors
    /// Says which entry is wrong.
    pub(crate) fn read(json: &str) -> Result<Self, Problem> {
        serde_json::from_str(json).map_err(|e| Problem::new("profile.invalid", "profile", format!("The profile cannot be used: {e}.")))
    }
}

fn comma() -> char {
    ','
}

fn double_quote() -> String {
    "\"".to_owned()
}

fn record_max() -> usize {
    64 * 1024
}
