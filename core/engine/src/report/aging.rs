//! Aging (账龄): open amounts by how long they are overdue, at any past date and any past position.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use recoup_model::calendar::{Date, next_day, plus_months, previous_day};
use recoup_model::id::ReceivableId;
use recoup_model::pause::PauseKinds;
use recoup_store::{AgingBasis, AgingGroup, AgingRow, View};
use uuid::Uuid;

use super::clocks::Clocks;
use super::responsible::Answering;
use super::{NONE, add};
use crate::EngineError;

/// The upper bound of a bucket: so long overdue, and no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Days.
    Days(u32),
    /// Calendar months.
    Months(u32),
}

impl Bound {
    /// The earliest base date that is overdue for no longer than the bound at `as_of`.
    #[must_use]
    pub fn threshold(self, as_of: Date) -> Date {
        match self {
            Self::Days(n) => as_of.checked_sub_days(chrono::Days::new(u64::from(n))).unwrap_or(Date::MIN),
            Self::Months(n) => {
                // Month ends clamp, so the inverse is searched from the nearest guess.
                let mut d = as_of.checked_sub_months(chrono::Months::new(n)).unwrap_or(Date::MIN);
                while plus_months(d, n) < as_of {
                    d = next_day(d);
                }
                while d > Date::MIN && plus_months(previous_day(d), n) >= as_of {
                    d = previous_day(d);
                }
                d
            }
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(n) => write!(f, "{n}d"),
            Self::Months(n) => write!(f, "{n}m"),
        }
    }
}

/// Buckets that are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` are no aging buckets: write at most {BOUNDS_MAX} rising bounds in days or months, such as 30d,60d,90d or 12m,24m,36m")]
pub struct NotBuckets(pub String);

/// Rising bounds; before the first lies "not due", behind the last "more".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets(Vec<Bound>);

/// A statement has a sum for each bucket, and databases limit how long one may be.
const BOUNDS_MAX: usize = 50;

impl FromStr for Buckets {
    type Err = NotBuckets;
    fn from_str(s: &str) -> Result<Self, NotBuckets> {
        let bad = || NotBuckets(s.to_owned());
        let bounds: Vec<Bound> = s
            .split(',')
            .map(|b| {
                let b = b.trim();
                let number = |n: &str| n.parse::<u32>().ok().filter(|n| (1..=36_500).contains(n));
                match (b.strip_suffix('d').and_then(number), b.strip_suffix('m').and_then(number)) {
                    (Some(days), _) => Ok(Bound::Days(days)),
                    (_, Some(months)) => Ok(Bound::Months(months)),
                    _ => Err(bad()),
                }
            })
            .collect::<Result<_, _>>()?;
        // Rising on an arbitrary day is not rising on every day when units mix; the longest and shortest months decide.
        let length = |b: &Bound| match *b {
            Bound::Days(n) => (n, n),
            Bound::Months(n) => (n * 28, n * 31),
        };
        let unit = |b: &Bound| matches!(b, Bound::Days(_));
        let rising = bounds.windows(2).all(|w| match w {
            [a, b] if unit(a) == unit(b) => length(a).0 < length(b).0,
            [a, b] => length(a).1 < length(b).0,
            _ => false,
        });
        if rising && bounds.len() <= BOUNDS_MAX { Ok(Self(bounds)) } else { Err(bad()) }
    }
}

impl Buckets {
    /// A label per bucket: `not due`, `1–30d`, …, `>90d`.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let mut labels = vec!["not due".to_owned()];
        labels.extend(self.0.iter().map(|b| format!("≤{b}")));
        labels.extend(self.0.last().map(|b| format!(">{b}")));
        labels
    }

    /// Base dates on or after the i-th threshold, and before the one in front, lie in bucket i.
    #[must_use]
    pub fn thresholds(&self, as_of: Date) -> Vec<Date> {
        std::iter::once(as_of).chain(self.0.iter().map(|b| b.threshold(as_of))).collect()
    }
}

/// What to age, and how.
#[derive(Debug, Clone)]
pub struct Question {
    /// At the end of this day.
    pub as_of: Date,
    /// As known at this position.
    pub known_at: i64,
    /// Due or document date.
    pub basis: AgingBasis,
    /// Into which buckets.
    pub buckets: Buckets,
    /// By what.
    pub by: By,
    /// Ages are counted without the days of pauses of these kinds.
    pub without_paused: PauseKinds,
}

/// What rows of an aging report stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Debtors.
    Debtor,
    /// Contracts.
    Contract,
    /// Whoever was responsible on the day.
    Responsible,
    /// Single receivables.
    Receivable,
}

/// An aging report; amounts are minor units of the ledger's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aging {
    /// A label per bucket.
    pub buckets: Vec<String>,
    /// Rows by label.
    pub rows: Vec<Row>,
    /// Sum of each bucket.
    pub totals: Vec<i64>,
    /// Sum of everything open: equal to the ledger.
    pub total: i64,
    /// Received and not applied, shown apart and never netted.
    pub unapplied: i64,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub label: String,
    /// Id of the debtor, contract or receivable; none where it has none, and of people, who may be several.
    pub id: Option<Uuid>,
    /// Open amount per bucket.
    pub amounts: Vec<i64>,
    /// Their sum.
    pub total: i64,
}

/// Ages what was open.
///
/// # Errors
/// The store, or a sum out of range.
pub fn aging(view: &mut View<'_>, q: &Question) -> Result<Aging, EngineError> {
    let thresholds = q.buckets.thresholds(q.as_of);
    let group = match q.by {
        By::Debtor => AgingGroup::Debtor,
        By::Contract => AgingGroup::Contract,
        By::Responsible | By::Receivable => AgingGroup::Receivable,
    };
    let mut cells = view.aging(q.as_of, q.known_at, q.basis, &thresholds, group)?;
    cells.extend(moved(view, q, group)?);
    let labels = labels(view, q, cells.iter().filter_map(|c| c.key))?;
    let width = thresholds.len() + 1;
    let mut rows: BTreeMap<(String, Option<Uuid>), Vec<i64>> = BTreeMap::new();
    let mut totals = vec![0_i64; width];
    for cell in cells {
        let label = cell.key.and_then(|k| labels.get(&k).cloned()).unwrap_or_else(|| NONE.to_owned());
        // Two that are called the same are two rows.
        let id = cell.key.filter(|_| q.by != By::Responsible);
        let row = rows.entry((label, id)).or_insert_with(|| vec![0; width]);
        for sums in [row, &mut totals] {
            if let Some(slot) = sums.get_mut(cell.bucket) {
                *slot = add(*slot, cell.amount)?;
            }
        }
    }
    let rows = rows.into_iter().map(|((label, id), amounts)| Ok(Row { label, id, total: sum(&amounts)?, amounts })).collect::<Result<Vec<_>, EngineError>>()?;
    let unapplied: Vec<i64> = view.unapplied(q.as_of, q.known_at, None)?.into_iter().map(|(_, _, ledger)| ledger).collect();
    Ok(Aging { buckets: q.buckets.labels(), total: sum(&totals)?, rows, totals, unapplied: sum(&unapplied)? })
}

/// What pauses move: out of the bucket of all days since a claim's base date, into the one of the days that its clock counted.
fn moved(view: &mut View<'_>, q: &Question, group: AgingGroup) -> Result<Vec<AgingRow>, EngineError> {
    let clocks = Clocks::of(view, &q.without_paused, q.as_of, q.known_at)?;
    let ids = clocks.paused();
    let open: HashMap<ReceivableId, i64> = view.open_amounts(q.as_of, q.known_at, Some(&ids))?.into_iter().map(|(id, _, ledger)| (id, ledger)).collect();
    let bucket = |base: Date, day: Date| q.buckets.thresholds(day).iter().filter(|threshold| base < **threshold).count();
    let mut moved = Vec::new();
    for r in view.receivables(Some(&ids), q.known_at)? {
        let base = match q.basis {
            AgingBasis::Due => r.due.unwrap_or(r.document_date),
            AgingBasis::Document => r.document_date,
        };
        let clock = clocks.at(r.id, base);
        let (all, counted) = (bucket(base, q.as_of), bucket(clock.since, clock.on));
        let amount = open.get(&r.id).copied().unwrap_or_default();
        if all == counted || amount == 0 {
            continue;
        }
        let key = match group {
            AgingGroup::None => None,
            AgingGroup::Debtor => Some(r.party.0),
            AgingGroup::Contract => r.contract.map(|contract| contract.0),
            AgingGroup::Receivable => Some(r.id.0),
        };
        moved.push(AgingRow { key, bucket: all, amount: -amount, count: -1 });
        moved.push(AgingRow { key, bucket: counted, amount, count: 1 });
    }
    Ok(moved)
}

fn labels(view: &mut View<'_>, q: &Question, keys: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, String>, EngineError> {
    Ok(match q.by {
        By::Debtor => view.parties(None, q.known_at)?.into_iter().map(|(p, _)| (p.id.0, party_label(&p))).collect(),
        By::Contract => view.contracts(None, q.known_at)?.into_iter().map(|c| (c.id.0, c.code)).collect(),
        By::Receivable => view.receivables(None, q.known_at)?.into_iter().map(|r| (r.id.0, r.document)).collect(),
        By::Responsible => {
            let answering = Answering::of(view, q.known_at)?;
            keys.map(|key| (key, answering.people(ReceivableId(key), q.as_of))).collect()
        }
    })
}

pub(super) fn party_label(p: &recoup_model::party::Party) -> String {
    let code = p.source.as_ref().map(|s| s.key.as_str()).unwrap_or_default();
    match &p.name {
        Some(name) => format!("{code} {name}"),
        None => code.to_owned(),
    }
}

fn sum(amounts: &[i64]) -> Result<i64, EngineError> {
    amounts.iter().try_fold(0, |a, b| add(a, *b))
}

#[cfg(test)]
mod tests {
    use super::{BOUNDS_MAX, Buckets};

    #[test]
    fn buckets_have_so_many_bounds_and_no_more() {
        let days = |n: usize| (1..=n).map(|d| format!("{d}d")).collect::<Vec<_>>().join(",");
        assert!(days(BOUNDS_MAX).parse::<Buckets>().is_ok());
        let refused = days(BOUNDS_MAX + 1).parse::<Buckets>().err().map(|e| e.to_string());
        assert!(refused.is_some_and(|e| e.contains("at most 50 rising bounds")));
    }
}
