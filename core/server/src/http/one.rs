//! Single resources, and reports: whole answers about one moment.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use recoup_model::access::Permission;
use recoup_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::Pass;
use super::export::Form;
use super::export::cell::Cell;
use super::export::csv::csv;
use super::export::xlsx::Workbook;
use super::list::{attach, fresh, not_modified};
use super::moment::{Answer, Asked, Read, Subject, has};
use super::problem::Problem;
use super::query::{Filter, InPath, Param, Params};
use super::write::tag as version_tag;
use super::{State, subject};

/// One resource of a ledger.
pub(crate) trait One: 'static {
    /// What it is called by.
    type Key: Param + Send + 'static;
    /// What is said of it.
    type Body: Serialize + ToSchema + Send + 'static;
    /// Where it is, under the ledger; `{key}` stands for its key.
    const PATH: &'static str;
    /// What it needs of whoever asks; one of the installation makes it a resource of the installation.
    const NEEDS: Permission;
    /// What it is, in a sentence.
    const SUMMARY: &'static str;
    /// What the day means for it.
    const AS_OF: &'static str;
    /// The resource, if the ledger has it.
    fn find(read: &mut Read<'_, '_>, key: Self::Key) -> Result<Option<Self::Body>, Problem>;
    /// The version of what can be changed: it is the entity tag then.
    fn version(_: &Self::Body) -> Option<i64> {
        None
    }
}

/// A report of a ledger.
pub(crate) trait Report: 'static {
    /// How it is asked for.
    type Filter: Filter;
    /// What it says.
    type Body: Serialize + ToSchema + Send + 'static;
    /// Where it is, under the ledger.
    const PATH: &'static str;
    /// What it needs of whoever asks; one of the installation makes it a resource of the installation.
    const NEEDS: Permission;
    /// What it is, in a sentence.
    const SUMMARY: &'static str;
    /// What the day means for it.
    const AS_OF: &'static str;
    /// Codes of problems that do not follow from what it is.
    const PROBLEMS: &'static [&'static str] = &[];
    /// The report.
    fn make(read: &mut Read<'_, '_>, filter: &Self::Filter, settings: &Settings) -> Result<Self::Body, Problem>;
    /// The report as a table: its columns, and its rows with the totals.
    fn table(body: &Self::Body) -> (Vec<String>, Vec<Vec<Cell>>);
}

/// What configuration says of answers.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Bounds of aging buckets.
    pub buckets: recoup_engine::report::aging::Buckets,
    /// Rates of provision of those buckets, if there are any.
    pub rates: Option<recoup_engine::report::provision::Rates>,
    /// For how long somebody is signed in.
    pub session_minutes: u32,
}

/// Parameters of every single resource, besides the moment.
const ONE: [&str; 1] = ["language"];
/// Parameters of every report, besides the moment and its own.
const REPORT: [&str; 3] = ["language", "format", "bom"];

/// Answers one resource.
pub(crate) async fn one<O: One>(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let subject = subject(&request, pass, &state, &mut params)?;
    let asked = Asked::read(&mut params)?;
    params.end(|| Asked::NAMES.into_iter().chain(ONE))?;
    let text = request.match_info().get("key").unwrap_or_default().to_owned();
    let missing = Problem::new("request.not_found").detail(format!("there is no {} as asked", request.path()));
    // A key that cannot be one is the key of nothing.
    let Some(key) = O::Key::read(&text).filter(|_| !text.contains('\0')) else { return Err(missing) };
    let now = subject.tag_now(&state.answers, asked).await;
    if let Some(kept) = kept(&state, &subject, now.as_deref()) {
        return Ok(kept);
    }
    let known = subject.if_none_match.clone().unwrap_or_default();
    let answer = state.pool.run(move |store| subject.read_if(store, asked, |read| O::find(read, key), Option::is_some)).await?;
    match answer {
        Answer::NotModified(tag) => Ok(not_modified(&tag)),
        Answer::Fresh(_, _, None) => Err(missing),
        Answer::Fresh(tag, moment, Some(body)) => match O::version(&body).map(version_tag) {
            // It has a tag of its own, by which it is changed.
            Some(version) if has(&known, &version) => Ok(not_modified(&version)),
            Some(version) => Ok(fresh(&version, moment).json(body)),
            None => Ok(keep(&state, now, tag.clone(), fresh(&tag, moment).json(body))),
        },
    }
}

/// The answer that is kept under a tag, if there is one.
pub(crate) fn kept(state: &State, subject: &Subject, now: Option<&str>) -> Option<HttpResponse> {
    let kept = subject.kept(&state.answers, now?)?;
    state.metrics.kept();
    Some(kept)
}

/// Keeps an answer for those who ask the same, if it is about the state that was looked for.
pub(crate) fn keep(state: &State, now: Option<String>, tag: String, response: HttpResponse) -> HttpResponse {
    if now.is_some_and(|now| now == tag) { state.answers.keep(tag, response) } else { response }
}

/// Answers a report.
pub(crate) async fn report<R: Report>(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let key = request.match_info().get("key").map(str::to_owned);
    let mut params = Params::of(request.query_string())?.and_key(key.as_deref());
    let subject = subject(&request, pass, &state, &mut params)?;
    let filter = R::Filter::read(&mut params)?;
    let asked = Asked::read(&mut params)?;
    let form = Form::asked(&request, &mut params)?;
    let bom = params.take("bom")?.unwrap_or(false);
    params.end(|| Asked::NAMES.into_iter().chain(REPORT).map(str::to_owned).chain(R::Filter::describe().into_iter().map(|p| p.name)))?;
    let now = subject.tag_now(&state.answers, asked).await;
    if let Some(kept) = kept(&state, &subject, now.as_deref()) {
        return Ok(kept);
    }
    // Of all who ask the same at once, one has it made.
    let _making = state.answers.making(now.as_deref()).await;
    if let Some(kept) = kept(&state, &subject, now.as_deref()) {
        return Ok(kept);
    }
    let (settings, books) = (state.settings.clone(), subject.books().to_owned());
    // It is also written on the blocking thread: a large report holds up no other request.
    let work = move |store: &mut Store| {
        Ok(match subject.read(store, asked, |read| R::make(read, &filter, &settings))? {
            Answer::NotModified(tag) => Answer::NotModified(tag),
            Answer::Fresh(tag, moment, body) => Answer::Fresh(tag, moment, written::<R>(&body, form, bom)?),
        })
    };
    let (tag, moment, body) = match state.pool.run(work).await? {
        Answer::NotModified(tag) => return Ok(not_modified(&tag)),
        Answer::Fresh(tag, moment, body) => (tag, moment, body),
    };
    let mut response = fresh(&tag, moment);
    if form == Form::Json {
        response.content_type(Form::Json.media());
    } else {
        let name = R::PATH.replace(InPath::NAME, &key.unwrap_or_default()).replace('/', "-");
        attach(&mut response, form, &format!("{books}{name}-{}", moment.as_of));
    }
    Ok(keep(&state, now, tag, response.body(body)))
}

/// A report in a form.
fn written<R: Report>(body: &R::Body, form: Form, bom: bool) -> Result<Bytes, Problem> {
    if form == Form::Json {
        return serde_json::to_vec(body).map(Bytes::from).map_err(|e| Problem::internal(&e));
    }
    let (columns, rows) = R::table(body);
    match form {
        Form::Xlsx => {
            let mut book = Workbook::of(&columns)?;
            book.rows(rows.into_iter())?;
            book.bytes()
        }
        Form::Csv => {
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            csv(Some(&columns), bom, rows.into_iter())
        }
        Form::Json | Form::Ndjson => Ok(Bytes::from(objects(&columns, rows))),
    }
}

/// Rows of a table as one JSON object a line.
fn objects(columns: &[String], rows: Vec<Vec<Cell>>) -> String {
    let value = |cell: Cell| match cell {
        Cell::Empty => serde_json::Value::Null,
        Cell::Text(text) | Cell::Plain(text) | Cell::Number(text) => text.into(),
    };
    let object = |row: Vec<Cell>| serde_json::Value::Object(columns.iter().cloned().zip(row.into_iter().map(value)).collect());
    rows.into_iter().map(|row| format!("{}\n", object(row))).collect()
}
