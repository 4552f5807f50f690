//! Single resources, and reports: whole answers about one moment.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use recoup_model::access::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::Pass;
use super::export::Form;
use super::export::cell::Cell;
use super::export::csv::csv;
use super::export::xlsx::Sheet;
use super::list::{attach, fresh, not_modified};
use super::moment::{Answer, Asked, Read};
use super::problem::Problem;
use super::query::{Filter, Param, Params};
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
    /// For how long somebody is signed in.
    pub session_minutes: u32,
}

/// Parameters of every single resource.
const ONE: [&str; 3] = ["as_of", "known_at", "language"];
/// Parameters of every report, besides its own.
const REPORT: [&str; 5] = ["as_of", "known_at", "language", "format", "bom"];

/// Answers one resource.
pub(crate) async fn one<O: One>(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let subject = subject(&request, pass, &state, &mut params)?;
    let asked = Asked::read(&mut params)?;
    params.end(ONE.map(str::to_owned).into_iter())?;
    let text = request.match_info().get("key").unwrap_or_default().to_owned();
    let missing = Problem::new("request.not_found").detail(format!("there is no {} as asked", request.path()));
    // A key that cannot be one is the key of nothing.
    let Some(key) = O::Key::read(&text) else { return Err(missing) };
    let answer = state.pool.run(move |store| subject.read(store, asked, |read| O::find(read, key))).await?;
    match answer {
        Answer::NotModified(tag) => Ok(not_modified(&tag)),
        Answer::Fresh(_, _, None) => Err(missing),
        Answer::Fresh(tag, moment, Some(body)) => {
            let tag = O::version(&body).map_or(tag, version_tag);
            Ok(fresh(&tag, moment).json(body))
        }
    }
}

/// Answers a report.
pub(crate) async fn report<R: Report>(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let subject = subject(&request, pass, &state, &mut params)?;
    let filter = R::Filter::read(&mut params)?;
    let asked = Asked::read(&mut params)?;
    let form = match params.take("format")? {
        Some(form) => form,
        None => Form::accepted(&request)?,
    };
    let bom = params.take("bom")?.unwrap_or(false);
    params.end(REPORT.map(str::to_owned).into_iter().chain(R::Filter::describe().into_iter().map(|p| p.name)))?;
    let (settings, books) = (state.settings.clone(), subject.books().to_owned());
    let answer = state.pool.run(move |store| subject.read(store, asked, |read| R::make(read, &filter, &settings))).await?;
    let (mut response, moment, body) = match answer {
        Answer::NotModified(tag) => return Ok(not_modified(&tag)),
        Answer::Fresh(tag, moment, body) => (fresh(&tag, moment), moment, body),
    };
    if form == Form::Json {
        return Ok(response.json(body));
    }
    let (columns, rows) = R::table(&body);
    attach(&mut response, form, &format!("{books}{}-{}", R::PATH.replace('/', "-"), moment.as_of));
    Ok(match form {
        Form::Xlsx => {
            let mut sheet = Sheet::new(&columns)?;
            sheet.rows(rows.into_iter())?;
            response.body(sheet.finish()?)
        }
        Form::Csv => {
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            response.body(csv(Some(&columns), bom, rows.into_iter())?)
        }
        Form::Json | Form::Ndjson => response.body(objects(&columns, rows)),
    })
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
