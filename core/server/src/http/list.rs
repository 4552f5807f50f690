//! Lists: filtered, sorted, a page at a time as JSON or whole as NDJSON, CSV or a spreadsheet, always of one state.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, ETAG, HeaderName, LINK, VARY};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use chrono::NaiveDate;
use futures_util::stream;
use recoup_engine::known::KnownAt;
use recoup_model::access::Permission;
use recoup_store::{Page, Sort, Store};
use serde::{Deserialize, Serialize};

use super::access::Pass;
use super::cursor;
use super::export::Form;
use super::export::cell::Row;
use super::export::csv::{csv, ndjson};
use super::export::xlsx::Workbook;
use super::moment::{Answer, Asked, Moment, Read, Subject, Tongue};
use super::one::{keep, kept};
use super::problem::Problem;
use super::query::{Filter, Params};
use super::{State, subject};

/// Rows of a page when nothing is said.
pub(crate) const LIMIT: u32 = 100;
/// Rows of a page at most.
pub(crate) const LIMIT_MAX: u32 = 1_000;
/// Parameters of every list, besides the moment and its own filter.
pub(crate) const PARAMETERS: [&str; 6] = ["language", "limit", "cursor", "sort", "format", "bom"];

/// A list of a ledger.
pub(crate) trait List: 'static {
    /// Its rows.
    type Row: Row;
    /// Its filter.
    type Filter: Filter;
    /// Where it is, under the ledger.
    const PATH: &'static str;
    /// What it needs of whoever asks; one of the installation makes it a resource of the installation.
    const NEEDS: Permission;
    /// What it is, in a sentence.
    const SUMMARY: &'static str;
    /// What the day means for it.
    const AS_OF: &'static str;
    /// What it can be sorted by; the first is how it is sorted when nothing is said.
    const SORTS: &'static [(&'static str, Sort)];
    /// A page of it.
    fn page(read: &mut Read<'_, '_>, filter: &Self::Filter, page: &Page) -> Result<Rows<Self::Row>, Problem>;
}

/// Rows of a page, and after what the next one begins.
#[derive(Serialize)]
pub(crate) struct Rows<R, P = u64> {
    pub rows: Vec<R>,
    pub next: Option<P>,
}

impl<R, P> Rows<R, P> {
    /// A page of which the store read one row more than it holds, if there are more.
    pub(crate) fn cut<T>(mut found: Vec<T>, limit: u32, place: impl Fn(&T) -> P, row: impl FnMut(T) -> Result<R, Problem>) -> Result<Self, Problem> {
        let more = found.len() > to_usize(limit);
        found.truncate(to_usize(limit));
        let next = found.last().filter(|_| more).map(place);
        Ok(Self { rows: found.into_iter().map(row).collect::<Result<_, _>>()?, next })
    }
}

impl<R> Rows<R> {
    /// A page of a list that is short enough to be read whole: the next one begins after so many rows.
    pub(crate) fn of(all: impl IntoIterator<Item = R>, page: &Page) -> Self {
        let (after, limit) = (page.after.unwrap_or(0), u64::from(page.limit));
        let mut rows: Vec<R> = all.into_iter().skip(usize::try_from(after).unwrap_or(usize::MAX)).take(to_usize(page.limit) + 1).collect();
        let more = rows.len() > to_usize(page.limit);
        rows.truncate(to_usize(page.limit));
        Self { rows, next: more.then(|| after.saturating_add(limit)) }
    }

    /// A page of a ledger's list, cut likewise.
    pub(crate) fn listed<T>(found: Vec<T>, page: &Page, leaf: impl Fn(&T) -> u64, row: impl FnMut(T) -> Result<R, Problem>) -> Result<Self, Problem> {
        Self::cut(found, page.limit, leaf, row)
    }
}

/// The page that the store is asked for: one row more, which says whether there are more.
pub(crate) const fn and_one(page: &Page) -> Page {
    Page { limit: page.limit + 1, ..*page }
}

/// Rows of a page, and one more, of a list of which the store cannot tell who is wanted: it is read on until there are enough.
pub(crate) fn sifted<T>(
    page: &Page,
    mut read: impl FnMut(&Page) -> Result<Vec<T>, Problem>,
    leaf: impl Fn(&T) -> u64,
    wanted: impl Fn(&T) -> bool,
) -> Result<Vec<T>, Problem> {
    let enough = to_usize(and_one(page).limit);
    // In large parts, however few are wanted: else a page of few would be a statement for every few that are not.
    let mut at = Page { limit: LIMIT_MAX, ..*page };
    let mut found = Vec::new();
    loop {
        let part = read(&at)?;
        let ends = part.len() < to_usize(LIMIT_MAX);
        at.after = part.last().map(&leaf);
        found.extend(part.into_iter().filter(&wanted));
        if ends || found.len() >= enough {
            found.truncate(enough);
            return Ok(found);
        }
    }
}

fn to_usize(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// What a page of a ledger's list stands after: a row, of the state that the first page was of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    as_of: NaiveDate,
    known_at: i64,
    after: u64,
}

/// What is asked of a list.
struct Question<L: List> {
    subject: Subject,
    list: String,
    filter: L::Filter,
    sort: (Sort, bool),
    asked: Asked,
    after: Option<u64>,
    limit: u32,
    form: Form,
    bom: bool,
}

impl<L: List> Question<L> {
    fn read(request: &HttpRequest, pass: Pass, state: &State) -> Result<Self, Problem> {
        let mut params = Params::of(request.query_string())?;
        let subject = subject(request, pass, state, &mut params)?;
        let filter = L::Filter::read(&mut params)?;
        let sort: Option<String> = params.take("sort")?;
        let asked = Asked::read(&mut params)?;
        let cursor: Option<String> = params.take("cursor")?;
        let limit = limit(&mut params)?;
        let form = Form::asked(request, &mut params)?;
        let bom = params.take("bom")?.unwrap_or(false);
        params.end(|| Asked::NAMES.into_iter().chain(PARAMETERS).map(str::to_owned).chain(L::Filter::describe().into_iter().map(|p| p.name)))?;
        let list = format!("{:?} {} {filter:?} {sort:?}", subject.ledger, L::PATH);
        let (asked, after) = match cursor {
            Some(_) if asked.as_of.is_some() || asked.known_at.is_some() => {
                return Err(Problem::new("request.parameter").detail("`cursor` says of which moment its page is: leave `as_of` and `known_at` out"));
            }
            Some(cursor) => {
                let Place { as_of, known_at, after } = cursor::read(&cursor, &list)?;
                let after = Some(after).filter(|after| i64::try_from(*after).is_ok()).ok_or_else(|| Problem::new("request.cursor"))?;
                (Asked { as_of: Some(as_of), known_at: Some(KnownAt::Position(known_at)) }, Some(after))
            }
            None => (asked, None),
        };
        Ok(Self { subject, list, filter, sort: order::<L>(sort.as_deref())?, asked, after, limit, form, bom })
    }

    fn first(&self, store: &mut Store, limit: u32) -> Result<Answer<Rows<L::Row>>, Problem> {
        let (sort, descending) = self.sort;
        self.subject.read(store, self.asked, |read| L::page(read, &self.filter, &Page { sort, descending, after: self.after, limit }))
    }

    /// The rows after some, of the state that the first ones were of.
    fn more(&self, store: &mut Store, moment: Moment, after: u64) -> Result<Rows<L::Row>, Problem> {
        let (sort, descending) = self.sort;
        self.subject.again(store, moment, |read| L::page(read, &self.filter, &Page { sort, descending, after: Some(after), limit: LIMIT_MAX }))
    }
}

/// The sort that a request names, or the first.
fn order<L: List>(sort: Option<&str>) -> Result<(Sort, bool), Problem> {
    match (sort, L::SORTS.first()) {
        (Some(sort), _) => named(L::SORTS, sort),
        (None, Some((_, first))) => Ok((*first, false)),
        (None, None) => Ok((Sort::RECORDED, false)),
    }
}

/// The sort of a name; a minus in front turns it around.
pub(crate) fn named<S: Copy>(sorts: &[(&'static str, S)], sort: &str) -> Result<(S, bool), Problem> {
    let name = sort.trim_start_matches('-');
    let found = sorts.iter().find(|(n, _)| *n == name);
    let known = || sorts.iter().map(|(n, _)| *n).collect::<Vec<&str>>().join(", ");
    let wrong = || Problem::new("request.parameter").detail(format!("`sort` = `{name}`: this list can be sorted by: {}", known()));
    found.map(|(_, found)| (*found, sort.starts_with('-'))).ok_or_else(wrong)
}

/// How many rows a page has at most.
pub(crate) fn limit(params: &mut Params) -> Result<u32, Problem> {
    let limit = params.take("limit")?.unwrap_or(LIMIT);
    let wrong = || Problem::new("request.parameter").detail(format!("`limit` = {limit}: write a number from 1 to {LIMIT_MAX}"));
    if (1..=LIMIT_MAX).contains(&limit) { Ok(limit) } else { Err(wrong()) }
}

/// A page on the wire.
#[derive(Serialize)]
struct Body<R> {
    as_of: NaiveDate,
    known_at: i64,
    items: Vec<R>,
    next: Option<String>,
}

/// Answers a list.
pub(crate) async fn list<L: List>(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let question = Arc::new(Question::<L>::read(&request, pass, &state)?);
    let now = if question.form == Form::Json { question.subject.tag_now(&state.answers, question.asked).await } else { None };
    if let Some(kept) = kept(&state, &question.subject, now.as_deref()) {
        return Ok(kept);
    }
    let limit = if question.form == Form::Json { question.limit } else { LIMIT_MAX };
    let first = Arc::clone(&question);
    let answer = state.pool.run(move |store| first.first(store, limit)).await?;
    let (tag, moment, first) = match answer {
        Answer::NotModified(tag) => return Ok(not_modified(&tag)),
        Answer::Fresh(tag, moment, rows) => (tag, moment, rows),
    };
    let mut response = fresh(&tag, moment);
    if question.form == Form::Json {
        let Moment { as_of, known_at } = moment;
        let next = first.next.map(|after| next_page(&request, &cursor::text(&question.list, Place { as_of, known_at, after })));
        if let Some(next) = &next {
            response.insert_header((LINK, format!("<{next}>; rel=\"next\"")));
        }
        let page = response.json(Body { as_of: moment.as_of, known_at: moment.known_at, items: first.rows, next });
        return Ok(keep(&state, now, tag, page));
    }
    let name = L::PATH.trim_start_matches('/').replace('/', "-");
    attach(&mut response, question.form, &format!("{}-{name}-{}", question.subject.books(), moment.as_of));
    let (form, bom) = (question.form, question.bom);
    let more = Arc::new(move |store: &mut Store, after| question.more(store, moment, after));
    if form == Form::Xlsx {
        return Ok(response.body(sheet(&state, first, more).await?));
    }
    Ok(response.streaming(parts(state, form, bom, first, more)))
}

/// A list as a spreadsheet, given its first rows and how those after some are read. It is sent when it is complete.
pub(crate) async fn sheet<R: Row, P: Send + 'static>(
    state: &State,
    first: Rows<R, P>,
    more: Arc<impl Fn(&mut Store, P) -> Result<Rows<R, P>, Problem> + Send + Sync + 'static>,
) -> Result<impl MessageBody + 'static, Problem> {
    let (mut book, mut part) = (Workbook::of(R::COLUMNS)?, Some(first));
    // Part by part, so that a long list takes no longer than a request may for any of them.
    while let Some(Rows { rows, next }) = part {
        let more = Arc::clone(&more);
        let work = move |store: &mut Store| {
            book.rows(rows.iter().map(Row::cells))?;
            Ok((book, next.map(|after| more(store, after)).transpose()?))
        };
        (book, part) = state.pool.run(work).await?;
    }
    book.stream().await
}

/// A list that is no part of a ledger's log, in the form that is asked for.
pub(crate) fn table<R: Row>(request: &HttpRequest, mut params: Params, name: &str, rows: &[R]) -> Result<HttpResponse, Problem> {
    let form = Form::asked(request, &mut params)?;
    let bom = params.take("bom")?.unwrap_or(false);
    // Nothing of it is in sentences.
    let _ = params.take::<Tongue>("language")?;
    params.end(|| ["format", "bom", "language"])?;
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, VARIES)).insert_header((CACHE_CONTROL, KEPT));
    if form == Form::Json {
        return Ok(response.json(rows));
    }
    attach(&mut response, form, name);
    let cells = rows.iter().map(Row::cells);
    Ok(response.body(match form {
        Form::Csv => csv(Some(R::COLUMNS), bom, cells)?,
        Form::Xlsx => {
            let mut book = Workbook::of(R::COLUMNS)?;
            book.rows(cells)?;
            book.bytes()?
        }
        Form::Json | Form::Ndjson => ndjson(rows)?,
    }))
}

/// What a stream sends next.
enum Part<R, P> {
    /// These rows.
    Rows(Rows<R, P>),
    /// Those after a row.
    After(P),
}

/// A list as a stream, likewise: each part is read when the client has taken the one before.
pub(crate) fn parts<R: Row, P: Send + 'static>(
    state: Data<State>,
    form: Form,
    bom: bool,
    first: Rows<R, P>,
    more: Arc<impl Fn(&mut Store, P) -> Result<Rows<R, P>, Problem> + Send + Sync + 'static>,
) -> impl futures_util::Stream<Item = Result<Bytes, Problem>> {
    stream::try_unfold((Some(Part::Rows(first)), true), move |(part, begins)| {
        let (state, more) = (Data::clone(&state), Arc::clone(&more));
        async move {
            let rows = match part {
                None => return Ok(None),
                Some(Part::Rows(rows)) => rows,
                Some(Part::After(after)) => state.pool.run(move |store| more(store, after)).await?,
            };
            let bytes = match form {
                Form::Csv => csv(begins.then_some(R::COLUMNS), bom, rows.rows.iter().map(Row::cells))?,
                _ => ndjson(&rows.rows)?,
            };
            Ok(Some((bytes, (rows.next.map(Part::After), false))))
        }
    })
}

/// An answer that the client has.
pub(crate) fn not_modified(tag: &str) -> HttpResponse {
    HttpResponse::NotModified().insert_header((ETAG, tag)).insert_header((VARY, VARIES)).insert_header((CACHE_CONTROL, KEPT)).finish()
}

/// What an answer depends on besides its path.
pub(crate) const VARIES: &str = "accept, accept-language, authorization";
/// What somebody may see is nobody else's to keep.
pub(crate) const KEPT: &str = "private, no-cache";

/// The head of an answer about a moment.
pub(crate) fn fresh(tag: &str, moment: Moment) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((ETAG, tag)).insert_header((VARY, VARIES)).insert_header((CACHE_CONTROL, KEPT));
    response.insert_header((HeaderName::from_static("recoup-as-of"), moment.as_of.to_string()));
    response.insert_header((HeaderName::from_static("recoup-known-at"), moment.known_at));
    response
}

/// Makes the answer a file.
pub(crate) fn attach(response: &mut HttpResponseBuilder, form: Form, name: &str) {
    response.content_type(form.content_type());
    if form != Form::Ndjson {
        // Codes of ledgers are the operator's own; what could end the quotes is left out.
        let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
        response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{}\"", form.ending())));
    }
}

/// The same request, with a cursor, which holds the moment.
pub(crate) fn next_page(request: &HttpRequest, cursor: &str) -> String {
    let held = |p: &&str| ["cursor=", "as_of=", "known_at="].iter().any(|name| p.starts_with(name));
    let others = request.query_string().split('&').filter(|p| !p.is_empty() && !held(p));
    let query: Vec<String> = others.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
    format!("{}?{}", request.path(), query.join("&"))
}
