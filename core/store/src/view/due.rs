//! What was found to be due, and what was posted of it.

use diesel::sql_types::{BigInt, Binary, Bool, Date as SqlDate, Integer, Nullable, Text};
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Balance, Basis, Beneficiary, CaseJudged, Finding, Line, LineChange, LineKey, Movement, Posting};
use recoup_model::id::{EntryId, LineId, MilestoneId, PartyId, PersonId, ReceivableId};
use recoup_model::party::Personal;
use recoup_model::record::Evaluated;
use recoup_model::stacking::Stacking;
use recoup_model::{Date, Digest, Month};

use super::facts::subject_ids;
use super::records::month_of;
use super::rows::{By, Rows, latest, rows};
use super::touched::Subjects;
use super::{Page, Sort, View};
use crate::StoreError;
use crate::log::unsigned;
use crate::sql::{Sql, sql};
use crate::store::decode;
use crate::types::{Day, Hash, Id};

/// Which lines.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineFilter<'a> {
    /// Only those of this pack.
    pub pack: Option<&'a str>,
    /// Only those of these subjects.
    pub subjects: Option<&'a Subjects>,
}

/// Which postings.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostingFilter<'a> {
    /// Only those of this line.
    pub line: Option<LineId>,
    /// Only those of this clause.
    pub clause: Option<&'a str>,
    /// Only those of this person.
    pub person: Option<PersonId>,
    /// Only those of this party.
    pub party: Option<PartyId>,
    /// Only those of lines that movements of this receivable earned.
    pub receivable: Option<ReceivableId>,
    /// Only those on this balance.
    pub balance: Option<Balance>,
    /// Only those booked in this month.
    pub period: Option<Month>,
    /// Only those effective on this day or later.
    pub from: Option<Date>,
}

/// The condition that a line was earned by a movement of a receivable (bound: four times its ledger and its id). Such a line is
/// one of a letter or an agreement that names it, or of its contract, by which lines are found.
macro_rules! earned_by {
    ($line:literal) => {
        concat!(
            " AND ",
            $line,
            ".subject IN (SELECT r.letter FROM letter_receivable r WHERE r.ledger = ? AND r.receivable = ? \
             UNION SELECT a.agreement FROM agreement_receivable a WHERE a.ledger = ? AND a.receivable = ? \
             UNION SELECT c.contract FROM receivable c WHERE c.ledger = ? AND c.id = ?) AND ",
            $line,
            ".basis_entry IN (SELECT e.id FROM entry e WHERE e.ledger = ? AND e.receivable = ?)"
        )
    };
}
pub(super) use earned_by;

/// A line as it is stored; its states and steps are in its leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    /// Its id.
    pub id: LineId,
    /// What it is.
    pub key: LineKey,
    /// Minor units of the ledger's currency.
    pub amount: i64,
    /// Whether a later evaluation no longer yields it.
    pub withdrawn: bool,
    /// Digest of the whole line: [`crate::content_of`] it.
    pub content: Digest,
    /// Index of its leaf.
    pub leaf: u64,
    /// Position that recorded it.
    pub position: i64,
}

type LineTypes =
    (BigInt, BigInt, Binary, Text, Text, Binary, Text, Text, Binary, Text, Nullable<Binary>, Nullable<Integer>, Nullable<Binary>, BigInt, BigInt, Bool, Binary);
type LineTuple = (i64, i64, Id, String, String, Id, String, String, Id, String, Option<Id>, Option<i32>, Option<Id>, i64, i64, bool, Hash);

fn stored_line(row: LineTuple) -> Result<StoredLine, StoreError> {
    let (leaf, position, id, pack, scope, subject, clause, kind, to, basis, entry, month, milestone, part, amount, withdrawn, content) = row;
    let basis = match (basis.as_str(), entry, month, milestone) {
        ("entry", Some(id), None, None) => Basis::Entry(EntryId(id.0)),
        ("wage-month", None, Some(month), None) => Basis::WageMonth(month_of(month)?),
        ("close", None, None, None) => Basis::Close,
        ("milestone", None, None, Some(id)) => Basis::Milestone(MilestoneId(id.0)),
        _ => return Err(StoreError::corrupt(format!("a line of basis `{basis}`"))),
    };
    let scope = Scope::from_word(&scope).ok_or_else(|| StoreError::corrupt(format!("`{scope}` is no scope")))?;
    let part = u32::try_from(part).map_err(|_| StoreError::corrupt("a line's part out of range"))?;
    let case = CaseKey { pack, scope, subject: subject.0 };
    let key = LineKey { case, clause, to: beneficiary(&kind, to)?, basis, part };
    Ok(StoredLine { id: LineId(id.0), key, amount, withdrawn, content: content.0, leaf: unsigned(leaf)?, position })
}

/// A posting as it is stored, with what its line says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPosting {
    /// Index of its leaf: that of its line.
    pub leaf: u64,
    /// Its number in the leaf, from 0.
    pub number: u64,
    /// Position that recorded it.
    pub position: i64,
    /// Which line.
    pub line: LineId,
    /// Clause id.
    pub clause: String,
    /// To or from whom.
    pub to: Beneficiary,
    /// The movement and where it is booked.
    pub posting: Posting,
    /// Whether its amount is computed from wages.
    pub sensitive: bool,
}

/// Postings that a leaf can have, for [`StoredPosting::place`].
const LEAF_POSTINGS: u64 = 1 << 20;

impl StoredPosting {
    /// All of them, in the order of recording.
    pub const ALL: Page = Page { sort: Sort::POSTING_RECORDED, ..Page::ALL };

    /// Its place in the log as one number, which rises as the log does.
    #[must_use]
    pub const fn place(&self) -> u64 {
        self.leaf * LEAF_POSTINGS + self.number
    }
}

type PostingTypes = (BigInt, BigInt, BigInt, Binary, Text, Text, Binary, Text, BigInt, SqlDate, Integer, Nullable<Integer>, Nullable<Binary>);
type PostingTuple = (i64, i64, i64, Id, String, String, Id, String, i64, Day, i32, Option<i32>, Option<Vec<u8>>);

fn stored_posting(row: PostingTuple) -> Result<StoredPosting, StoreError> {
    let (leaf, number, position, line, clause, kind, to, balance, amount, on, period, origin, sealed) = row;
    let (period, origin) = (month_of(period)?, origin.map(month_of).transpose()?);
    let posting = Posting { balance: balance_of(&balance)?, amount, on: on.date(), period, origin };
    let (line, to) = (LineId(line.0), beneficiary(&kind, to)?);
    Ok(StoredPosting { leaf: unsigned(leaf)?, number: unsigned(number)?, position, line, clause, to, posting, sensitive: sealed.is_some() })
}

fn beneficiary(kind: &str, id: Id) -> Result<Beneficiary, StoreError> {
    Beneficiary::from_parts(kind, id.0).ok_or_else(|| StoreError::corrupt(format!("a line of `{kind}`")))
}

fn balance_of(word: &str) -> Result<Balance, StoreError> {
    Balance::from_word(word).ok_or_else(|| StoreError::corrupt(format!("`{word}` is no balance")))
}

impl View<'_> {
    /// The last evaluation of a pack, with its position.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn last_evaluated(&mut self, pack: &str) -> Result<Option<(Evaluated, i64)>, StoreError> {
        const LAST: &str = "SELECT l.position, l.body FROM evaluated t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            WHERE t.ledger = ? AND t.pack = ? ORDER BY t.leaf DESC LIMIT 1";
        let last: Option<(i64, Vec<u8>)> = self.db.first(sql::<(BigInt, Binary)>(LAST).bind(self.ledger).bind(pack))?;
        last.map(|(position, body)| Ok((decode(&body)?, position))).transpose()
    }

    /// The last version of each line, withdrawn ones too, in the order of recording.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn lines(&mut self, filter: LineFilter<'_>, known_at: i64) -> Result<Vec<StoredLine>, StoreError> {
        const COLUMNS: &str = "SELECT t.leaf, t.position, t.id, t.pack, t.scope, t.subject, t.clause, t.beneficiary_kind, t.beneficiary, t.basis, t.basis_entry, \
            t.basis_month, t.basis_milestone, t.part, t.amount, t.withdrawn, t.content";
        let of_pack = |all: Sql<LineTypes>| all.when(" AND t.pack = ?", filter.pack);
        let mut rows: Vec<LineTuple> = self.rows(&rows!(COLUMNS, "line", "subject", "id"), by_subject(filter.subjects), known_at, of_pack)?;
        rows.sort_unstable_by_key(|row| row.0);
        rows.into_iter().map(stored_line).collect()
    }

    /// Whole lines of leaves, in the order of the leaves.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn line_records(&mut self, leaves: &[u64]) -> Result<Vec<Line>, StoreError> {
        let mut leaves = leaves.iter().map(|leaf| i64::try_from(*leaf)).collect::<Result<Vec<_>, _>>().map_err(|_| StoreError::Overflow)?;
        leaves.sort_unstable();
        leaves.dedup();
        self.whole_records(&leaves, Some("line"))?.into_iter().map(|(_, body, figures)| decode_line(&body, figures.as_ref())).collect()
    }

    /// What is posted on the lines of some subjects, net by line, day and balance; nets of zero are left out.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn posted(&mut self, filter: LineFilter<'_>, known_at: i64) -> Result<Vec<(LineId, Movement)>, StoreError> {
        // A cross join keeps SQLite at lines first: of a young table it may think that all postings are fewer.
        const POSTED: Rows = Rows {
            select: "SELECT t.id, p.effective, p.balance, CAST(SUM(p.amount) AS BIGINT)",
            table: "line",
            whole: " CROSS JOIN posting p WHERE p.ledger = t.ledger AND p.leaf = t.leaf AND t.ledger = ? AND +t.leaf < ?",
            found: " CROSS JOIN posting p WHERE p.ledger = t.ledger AND p.leaf = t.leaf AND +t.leaf < ?",
            last: false,
            key: None,
        };
        const NET: &str = " GROUP BY t.id, p.effective, p.balance HAVING SUM(p.amount) <> 0";
        let net = |all: Sql<(Binary, SqlDate, Text, BigInt)>| all.when(" AND t.pack = ?", filter.pack).push(NET);
        let rows: Vec<(Id, Day, String, i64)> = self.rows(&POSTED, by_subject(filter.subjects), known_at, net)?;
        let mut posted = rows
            .into_iter()
            .map(|(line, on, balance, amount)| Ok((LineId(line.0), Movement { on: on.date(), balance: balance_of(&balance)?, amount })))
            .collect::<Result<Vec<_>, StoreError>>()?;
        posted.sort_unstable();
        Ok(posted)
    }

    /// Every posting, in the order of recording.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn postings(&mut self, known_at: i64) -> Result<Vec<StoredPosting>, StoreError> {
        self.postings_page(PostingFilter::default(), &StoredPosting::ALL, Date::MAX, known_at)
    }

    /// Postings effective by a day; a page begins after a [`StoredPosting::place`].
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn postings_page(&mut self, filter: PostingFilter<'_>, page: &Page, as_of: Date, known_at: i64) -> Result<Vec<StoredPosting>, StoreError> {
        const ALL: &str = "SELECT p.leaf, p.number, p.position, n.id, n.clause, n.beneficiary_kind, n.beneficiary, p.balance, p.amount, p.effective, p.period, p.origin, l.commitment \
            FROM posting p JOIN line n ON n.ledger = p.ledger AND n.leaf = p.leaf JOIN leaf l ON l.ledger = p.ledger AND l.leaf = p.leaf \
            WHERE p.ledger = ? AND p.leaf < ? AND p.effective <= ?";
        let all = self.up_to::<PostingTypes>(ALL, known_at)?.bind(as_of).when(" AND n.id = ?", filter.line.map(|l| Id(l.0)));
        let all = all.when(" AND n.clause = ?", filter.clause).when(" AND n.beneficiary_kind = 'person' AND n.beneficiary = ?", filter.person.map(|p| Id(p.0)));
        let all = all.when(" AND n.beneficiary_kind = 'party' AND n.beneficiary = ?", filter.party.map(|p| Id(p.0)));
        let all = all.when(" AND p.balance = ?", filter.balance.map(Balance::word)).when(" AND p.period = ?", filter.period.map(Month::number));
        let all = self.earned(all.when(" AND p.effective >= ?", filter.from), earned_by!("n"), filter.receivable);
        let (beyond, order) = page.texts();
        let all = match page.after {
            Some(place) => {
                let of = |n: u64| i64::try_from(n).map_err(|_| StoreError::Overflow);
                all.push(beyond).bind(self.ledger).bind(of(place / LEAF_POSTINGS)?).bind(of(place % LEAF_POSTINGS)?)
            }
            None => all,
        };
        let rows: Vec<PostingTuple> = self.db.load(all.push(order).bind(i64::from(page.limit)))?;
        rows.into_iter().map(stored_posting).collect()
    }

    /// Adds the condition [`earned_by!`], where there is a receivable.
    pub(super) fn earned<ST>(&self, all: Sql<ST>, condition: &'static str, receivable: Option<ReceivableId>) -> Sql<ST> {
        let Some(receivable) = receivable.map(|r| Id(r.0)) else { return all };
        (0..4).fold(all.push(condition), |all, _| all.bind(self.ledger).bind(receivable))
    }

    /// The last version of each finding, withdrawn ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn findings(&mut self, subjects: Option<&Subjects>, known_at: i64) -> Result<Vec<Finding>, StoreError> {
        self.latest(latest!("finding", "subject", "id"), by_subject(subjects), known_at)
    }

    /// Which families of bonuses may be earned on one application, and since when.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn stackings(&mut self, known_at: i64) -> Result<Vec<Stacking>, StoreError> {
        self.latest(latest!("stacking", "first_family", "second_family", "effective"), None, known_at)
    }

    /// The last judgement on each case.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn cases_judged(&mut self, subjects: Option<&Subjects>, known_at: i64) -> Result<Vec<CaseJudged>, StoreError> {
        self.latest(latest!("case_judged", "pack", "scope", "subject"), by_subject(subjects), known_at)
    }
}

fn by_subject(subjects: Option<&Subjects>) -> By {
    match subjects {
        None | Some(Subjects::All) => None,
        Some(Subjects::Some { letters, contracts, agreements }) => Some(("subject", subject_ids(letters, contracts, agreements))),
    }
}

/// The line of a leaf.
fn decode_line(body: &[u8], figures: Option<&Personal>) -> Result<Line, StoreError> {
    let mut change: LineChange = decode(body)?;
    if change.unseal(figures) { Ok(change.line) } else { Err(StoreError::corrupt("a line whose figures are not there")) }
}
