//! Lists that are of no one ledger's log: long work, and what several ledgers know. They come like every list, a page at a time or
//! whole, in every form; they have no position of a log, so neither a `known_at` that is one nor an entity tag.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, LINK, VARY};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use recoup_store::Store;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::access::{Needs, Pass};
use super::cursor;
use super::export::Form;
use super::export::cell::Row;
use super::list::{KEPT, LIMIT_MAX, PARAMETERS, Rows, VARIES, attach, limit, named, next_page, parts, sheet};
use super::moment::Subject;
use super::problem::Problem;
use super::query::{Filter, Params};
use super::{State, subject};

/// A list of no one log.
pub(crate) trait Beside: 'static {
    /// Its rows.
    type Row: Row;
    /// Its filter.
    type Filter: Filter;
    /// What it can be sorted by.
    type Sort: Copy + Send + Sync + 'static;
    /// What a page stands after.
    type Place: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// What it needs of whoever asks.
    const NEEDS: Needs;
    /// What it is, in a sentence.
    const SUMMARY: &'static str;
    /// What it can be sorted by.
    const SORTS: &'static [(&'static str, Self::Sort)];
    /// How it is sorted when nothing is said.
    const SORT: &'static str;
    /// Where it is.
    fn path() -> String;
    /// A page of it.
    fn page(store: &mut Store, subject: &Subject, filter: &Self::Filter, page: Part<Self>) -> Result<Rows<Self::Row, Self::Place>, Problem>;
}

/// Which part of such a list.
pub(crate) struct Part<B: Beside + ?Sized> {
    /// What it is sorted by.
    pub sort: B::Sort,
    /// Whether the last comes first.
    pub descending: bool,
    /// What it stands after; from the beginning when absent.
    pub after: Option<B::Place>,
    /// How many rows at most.
    pub limit: u32,
}

/// A page on the wire.
#[derive(Serialize)]
struct Body<R> {
    items: Vec<R>,
    next: Option<String>,
}

/// Answers such a list.
pub(crate) async fn beside<B: Beside>(request: HttpRequest, pass: Pass, state: Data<State>) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(request.query_string())?;
    let subject = subject(&request, pass, &state, &mut params)?;
    let filter = B::Filter::read(&mut params)?;
    let sort: Option<String> = params.take("sort")?;
    let cursor: Option<String> = params.take("cursor")?;
    let limit = limit(&mut params)?;
    let form = Form::asked(&request, &mut params)?;
    let bom = params.take("bom")?.unwrap_or(false);
    params.end(|| PARAMETERS.into_iter().map(str::to_owned).chain(B::Filter::describe().into_iter().map(|p| p.name)))?;
    let list = format!("{:?} {} {filter:?} {sort:?}", subject.ledger, B::path());
    let after: Option<B::Place> = cursor.map(|text| cursor::read(&text, &list)).transpose()?;
    let (sort, descending) = named(B::SORTS, sort.as_deref().unwrap_or(B::SORT))?;

    let name = format!("{}-{}", subject.books(), B::path().rsplit('/').next().unwrap_or_default());
    let limit = if form == Form::Json { limit } else { LIMIT_MAX };
    let more = move |store: &mut Store, after: Option<B::Place>| B::page(store, &subject, &filter, Part { sort, descending, after, limit });
    let more = Arc::new(more);
    let first = Arc::clone(&more);
    let first = state.pool.run(move |store| first(store, after)).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((VARY, VARIES)).insert_header((CACHE_CONTROL, KEPT));
    if form == Form::Json {
        let next = first.next.map(|place| next_page(&request, &cursor::text(&list, place)));
        if let Some(next) = &next {
            response.insert_header((LINK, format!("<{next}>; rel=\"next\"")));
        }
        return Ok(response.json(Body { items: first.rows, next }));
    }
    attach(&mut response, form, &name);
    let more = Arc::new(move |store: &mut Store, after: B::Place| more(store, Some(after)));
    if form == Form::Xlsx {
        return Ok(response.body(sheet(&state, first, more).await?));
    }
    Ok(response.streaming(parts(state, form, bom, first, more)))
}
