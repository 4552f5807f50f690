//! What the ledgers know that the caller may read: the rows of each one's own list, one ledger after the other by its code.
//!
//! Parties and people have one id in the whole installation, but each ledger says of itself what it knows of them, and who may
//! see it. So a row is what one ledger says, and names it.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr as _;

use chrono::{DateTime, NaiveDate, Utc};
use recoup_engine::EngineError;
use recoup_engine::evaluate::business_date;
use recoup_engine::known::KnownAt;
use recoup_model::record::Ledger;
use recoup_store::{Page, Sort, Store};
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::OneOfBuilder;

use super::access::Needs;
use super::beside::{Beside, Part};
use super::list::{List, Rows};
use super::moment::{Moment, Subject};
use super::problem::Problem;
use super::query::{All, Filter, Param as _, Params, by_time, parameter};

/// The rows of a list of every ledger that the caller may read.
pub(crate) struct Across<L>(PhantomData<L>);

/// A list that can be asked for across ledgers.
pub(crate) trait Common: List {
    /// What it is across ledgers, in a sentence.
    const ACROSS: &'static str;
}

/// What a page stands after.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// The day that it is as of; none where it is today.
    as_of: Option<NaiveDate>,
    /// The day or moment that was asked for; none where it is the first page's.
    known_at: Option<String>,
    /// When the first page was asked for: nothing that was recorded later is on another one.
    begun: DateTime<Utc>,
    /// In which ledger the page begins.
    ledger: String,
    /// After which row of it, and of which state of its log; at its beginning when absent.
    after: Option<After>,
}

/// A row of a ledger's list, and how far its log had got.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    row: u64,
    position: i64,
}

/// The filter of a list, as of which day, and when the ledgers knew it.
#[derive(Clone)]
pub(crate) struct When<F> {
    filter: F,
    as_of: Option<NaiveDate>,
    known_at: Option<KnownAt>,
}

/// What a cursor belongs to: it says itself which moment it is about.
impl<F: fmt::Debug> fmt::Debug for When<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(f)
    }
}

/// What the day means for what ledgers have in common.
const AS_OF: &str = "As of the end of this day; today where each ledger keeps its books when absent. Nothing here has a day of its own: what is \
    recorded holds on every day. What was recorded by when is asked by `known_at`.";

impl<F: Filter> Filter for When<F> {
    fn read(params: &mut Params) -> Result<Self, Problem> {
        let (as_of, known_at) = (params.take("as_of")?, params.take("known_at")?);
        if let Some(KnownAt::Position(position)) = known_at {
            let wrong = format!("`known_at` = {position}: a position is one of a single ledger's log; write a day or a moment");
            return Err(Problem::new("request.parameter").detail(wrong));
        }
        Ok(Self { filter: F::read(params)?, as_of, known_at })
    }

    fn describe() -> Vec<Parameter> {
        let known_at = "As known by the end of this day where each ledger keeps its books, or at this moment; when absent, at the moment of the first page.";
        let mut all = F::describe();
        all.push(parameter("as_of", AS_OF, NaiveDate::schema()));
        all.push(parameter("known_at", known_at, by_time(OneOfBuilder::new()).into()));
        all
    }
}

impl<L: Common> Beside for Across<L> {
    type Row = L::Row;
    type Filter = When<L::Filter>;
    type Sort = Sort;
    type Place = Place;
    const NEEDS: Needs = Needs::Known;
    const SUMMARY: &'static str = L::ACROSS;
    const SORTS: &'static [(&'static str, Sort)] = L::SORTS;
    const SORT: &'static str = match L::SORTS {
        [(first, _), ..] => first,
        [] => "",
    };

    fn path() -> String {
        format!("/api/v1{}", L::PATH)
    }

    fn page(store: &mut Store, subject: &Subject, filter: &When<L::Filter>, page: Part<Self>) -> Result<Rows<L::Row, Place>, Problem> {
        let (then, begins, mut after) = filter.place(page.after)?;
        let mut rows: Vec<L::Row> = Vec::new();
        for ledger in store.ledgers()?.into_iter().filter(|l| l.code >= begins) {
            let after = after.take().filter(|_| ledger.code == begins);
            let Some((subject, moment)) = of_ledger(store, subject, &ledger, then, after)? else { continue };
            let left = page.limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            // A full page asks whether there is one more row, which the next page begins with.
            let part = Page { sort: page.sort, descending: page.descending, after: after.map(|a| a.row), limit: left.max(1) };
            let found = subject.again(store, moment, |read| L::page(read, &filter.filter, &part))?;
            let at = |after| then.place(&ledger, after);
            if left == 0 && !found.rows.is_empty() {
                return Ok(Rows { rows, next: Some(at(None)) });
            }
            rows.extend(found.rows);
            if let Some(row) = found.next.filter(|_| left > 0) {
                return Ok(Rows { rows, next: Some(at(Some(After { row, position: moment.known_at }))) });
            }
        }
        Ok(Rows { rows, next: None })
    }
}

/// The ledgers that the caller may see, themselves.
pub(crate) fn ledgers(
    store: &mut Store,
    subject: &Subject,
    filter: &When<All>,
    page: Part<impl Beside<Place = Place>>,
) -> Result<Rows<Ledger, Place>, Problem> {
    let (then, begins, _) = filter.place(page.after)?;
    let mut all = store.ledgers()?;
    if page.descending {
        all.reverse();
    }
    let mut rows = Vec::new();
    for ledger in all.into_iter().skip_while(|l| !begins.is_empty() && l.code != begins) {
        if of_ledger(store, subject, &ledger, then, None)?.is_none() {
            continue;
        }
        if u32::try_from(rows.len()).is_ok_and(|n| n == page.limit) {
            return Ok(Rows { rows, next: Some(then.place(&ledger, None)) });
        }
        rows.push(ledger);
    }
    Ok(Rows { rows, next: None })
}

/// The moment that all pages are about.
#[derive(Clone, Copy)]
struct Then {
    as_of: Option<NaiveDate>,
    known_at: Option<KnownAt>,
    /// When the first page was asked for.
    begun: DateTime<Utc>,
}

impl Then {
    /// What a page stands after that begins in a ledger.
    fn place(self, ledger: &Ledger, after: Option<After>) -> Place {
        Place { as_of: self.as_of, known_at: self.known_at.map(text), begun: self.begun, ledger: ledger.code.clone(), after }
    }
}

impl<F> When<F> {
    /// The moment that is asked about; in which ledger a page begins, and after which row.
    fn place(&self, after: Option<Place>) -> Result<(Then, String, Option<After>), Problem> {
        let Some(Place { as_of, known_at, begun, ledger, after }) = after else {
            return Ok((Then { as_of: self.as_of, known_at: self.known_at, begun: Utc::now() }, String::new(), None));
        };
        let wrong = || Problem::new("request.cursor");
        let after = after.map(|after| i64::try_from(after.row).map(|_| after)).transpose().map_err(|_| wrong())?;
        let known_at = known_at.map(|text| KnownAt::from_str(&text)).transpose().map_err(|_| wrong())?;
        Ok((Then { as_of, known_at, begun }, ledger, after))
    }
}

/// The caller's leave to read a ledger, and what its log had got to; none where they may not, or nothing was recorded by then.
fn of_ledger(
    store: &mut Store,
    subject: &Subject,
    ledger: &Ledger,
    Then { as_of, known_at: asked, begun }: Then,
    after: Option<After>,
) -> Result<Option<(Subject, Moment)>, Problem> {
    let Some(pass) = subject.pass.of_ledger(ledger.id) else { return Ok(None) };
    let first = KnownAt::Moment(begun);
    let found = match (asked, after) {
        // Nothing but the present is asked for, which nobody has to wait for: a ledger's pages are of the state of its first one.
        (None, Some(After { position, .. })) => KnownAt::Position(position).found(store, ledger),
        (None, None) => store.read(ledger.id, |view| first.position(view, ledger)),
        // A day that is not over, or a moment to come, is as it was when the first page was asked for.
        (Some(asked), _) => first.found(store, ledger).and_then(|first| Ok(store.read(ledger.id, |view| asked.position(view, ledger))?.min(first))),
    };
    let known_at = match found {
        Err(EngineError::NotKnown(_)) => return Ok(None),
        found => found?,
    };
    let moment = Moment { as_of: as_of.unwrap_or_else(|| business_date(ledger, Utc::now())), known_at };
    Ok(Some((Subject { ledger: Some(ledger.code.clone()), pass, ..subject.clone() }, moment)))
}

/// A day or a moment, as it is read again.
fn text(known_at: KnownAt) -> String {
    match known_at {
        KnownAt::Position(position) => position.to_string(),
        KnownAt::Moment(moment) => moment.to_rfc3339(),
        KnownAt::Day(day) => day.to_string(),
    }
}
