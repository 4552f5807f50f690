//! The catalogue of problems, so that whoever meets one finds it.

use actix_web::web::{self, Path};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::Required;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Array, Ref};

use crate::http::access::Needs;
use crate::http::catalogue::{CATALOGUE, Entry};
use crate::http::export::cell::row;
use crate::http::list::table;
use crate::http::problem::Problem;
use crate::http::query::{Param as _, Params};
use crate::http::route::{Route, forms, plain, schemas, table_parameters};

row! {
    /// A problem that a request can be answered with.
    ProblemRow {
        /// Stable code.
        code: &'static str,
        /// HTTP status.
        status: u32,
        /// What kind of problem it is.
        title_en: &'static str,
        /// What to do about it.
        mend_en: &'static str,
        /// What kind of problem it is, in Chinese.
        title_zh: &'static str,
        /// What to do about it, in Chinese.
        mend_zh: &'static str,
    }
}

impl From<&'static Entry> for ProblemRow {
    fn from(e: &'static Entry) -> Self {
        Self { code: e.code, status: u32::from(e.status), title_en: e.en.title, mend_en: e.en.mend, title_zh: e.zh.title, mend_zh: e.zh.mend }
    }
}

/// The route of the catalogue.
pub(super) fn list() -> Route {
    let all = Array::new(Ref::from_schema_name("ProblemRow"));
    let summary = "Every problem that a request can be answered with, and what to do about it.";
    let forms = forms(all.into(), "ProblemRow");
    let route = plain("/api/v1/problems", Needs::Nothing, summary, table_parameters().into(), &forms, || web::route().to(answer));
    Route { problems: vec!["request.parameter"], schemas: schemas::<ProblemRow>(), ..route }
}

/// The route of one problem, which problems name as their type.
pub(super) fn one() -> Route {
    let code = ParameterBuilder::new().name("code").parameter_in(ParameterIn::Path).required(Required::True).schema(Some(String::schema()));
    let code = vec![code.description(Some("Code of the problem.")).build()];
    let body = [("application/json", Ref::from_schema_name("ProblemRow").into())];
    plain("/api/v1/problems/{code}", Needs::Nothing, "One problem of the catalogue.", code, &body, || web::route().to(answer_one))
}

async fn answer(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let rows: Vec<ProblemRow> = CATALOGUE.iter().copied().flatten().map(ProblemRow::from).collect();
    table(&request, Params::of(request.query_string())?, "problems", &rows)
}

async fn answer_one(code: Path<String>) -> Result<HttpResponse, Problem> {
    let found = CATALOGUE.iter().copied().flatten().find(|e| e.code == *code);
    let found = found.ok_or_else(|| Problem::new("request.not_found").detail(format!("the catalogue has no `{code}`")))?;
    Ok(HttpResponse::Ok().json(ProblemRow::from(found)))
}
