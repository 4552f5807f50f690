//! A route with what OpenAPI says of it: both are made from one description, so that neither can be without the other.

use actix_web::web;
use recoup_model::access::Permission;
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{Array, ObjectBuilder, Ref, Schema};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Object, RefOr, Required, Type};

use super::access::{Needs, PURPOSE};
use super::beside::{Beside, beside};
use super::export::Form;
use super::export::cell::Row;
use super::list::{LIMIT, LIMIT_MAX, List, list};
use super::moment::{Asked, Tongue};
use super::one::{One, Report, one, report};
use super::problem::ProblemBody;
use super::query::{Filter as _, InPath, Param, parameter};
use super::submit::{Accepted, Submit, submit};
use super::write::{Nothing, Verb, Write, write};

/// Where ledgers are.
pub(crate) const LEDGER: &str = "/api/v1/ledgers/{ledger}";

/// A route.
pub(crate) struct Route {
    /// Its path, with its parameters in braces.
    pub path: String,
    /// What it needs of whoever asks.
    pub needs: Needs,
    /// Its method; whoever may GET may HEAD.
    pub method: HttpMethod,
    /// What OpenAPI says of it, but for its problems.
    pub operation: Operation,
    /// Codes of problems that do not follow from what it is.
    pub problems: Vec<&'static str>,
    /// Schemas that it refers to.
    pub schemas: Vec<(String, RefOr<Schema>)>,
    /// What answers it.
    pub mount: fn() -> actix_web::Route,
}

/// Where the installation is.
const INSTALLATION: &str = "/api/v1/installation";

impl Route {
    /// Its method as clients write it.
    pub(crate) const fn method_names(&self) -> &'static str {
        match self.method {
            HttpMethod::Post => "POST",
            HttpMethod::Put => "PUT",
            _ => "GET, HEAD",
        }
    }
}

/// A list of a ledger.
pub(crate) fn of_list<L: List>() -> Route {
    let mut schemas = schemas::<L::Row>();
    let page = format!("{}Page", L::Row::name());
    schemas.push((page.clone(), page_of::<L::Row>().into()));
    let mut parameters = L::Filter::describe();
    parameters.extend(Asked::describe(L::AS_OF));
    parameters.extend(paging(L::SORTS, L::SORTS.first().map_or("", |(first, _)| first)));
    let response = tables(
        answer("A page, or the whole list.")
            .header("link", header("Path of the next page, of a page of JSON that has one."))
            .content("application/json", refer(&page)),
    );
    let response = response.content(Form::Ndjson.media(), refer(&L::Row::name()));
    let (path, needs, operation) = of(L::PATH, L::NEEDS, L::SUMMARY, parameters, response);
    Route { path, needs, method: HttpMethod::Get, operation, problems: Vec::new(), schemas, mount: || web::route().to(list::<L>) }
}

/// A list of no one log.
pub(crate) fn of_beside<B: Beside>() -> Route {
    let path = B::path();
    let mut schemas = schemas::<B::Row>();
    let part = format!("{}Part", B::Row::name());
    schemas.push((part.clone(), items_of::<B::Row>(Object::builder()).into()));
    let mut parameters = Vec::new();
    if path.starts_with(LEDGER) {
        parameters.push(in_path("ledger", "Code of the ledger.", <String as Param>::schema()));
    }
    parameters.extend(B::Filter::describe());
    parameters.extend(paging(B::SORTS, B::SORT));
    let response = tables(
        answer("A page, or the whole list.")
            .header("link", header("Path of the next page, of a page of JSON that has one."))
            .content("application/json", refer(&part)),
    );
    let response = response.content(Form::Ndjson.media(), refer(&B::Row::name())).build();
    let operation = described(&HttpMethod::Get, &path, B::NEEDS, B::SUMMARY, parameters).response("200", response).build();
    Route { path, needs: B::NEEDS, method: HttpMethod::Get, operation, problems: Vec::new(), schemas, mount: || web::route().to(beside::<B>) }
}

/// What to sort by, which page, and in which form.
fn paging<S>(sorts: &[(&'static str, S)], sort: &str) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    if !sorts.is_empty() {
        let words = sorts.iter().flat_map(|(name, _)| [(*name).to_owned(), format!("-{name}")]);
        let schema = Object::builder().schema_type(Type::String).enum_values(Some(words)).into();
        parameters.push(parameter("sort", &format!("What to sort by; a minus in front turns it around. `{sort}` when absent."), schema));
    }
    let limit = Object::builder().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(LIMIT_MAX)).default(Some(LIMIT.into())).into();
    parameters.push(parameter("limit", "Rows of a page. The other forms hold the whole list.", limit));
    let cursor = Object::builder().schema_type(Type::String).min_length(Some(1)).into();
    parameters.push(parameter("cursor", "Where a page begins, from `next` of the page before: all pages are of one state.", cursor));
    parameters.extend(table_parameters());
    parameters
}

/// One resource of a ledger.
pub(crate) fn of_one<O: One>() -> Route {
    let mut parameters = Vec::new();
    if O::PATH.contains("{key}") {
        parameters.push(in_path("key", "Which one.", O::Key::schema()));
    }
    parameters.extend(Asked::describe(O::AS_OF));
    parameters.push(tongue());
    let response = answer("What is known of it.").content("application/json", refer(&O::Body::name()));
    let (path, needs, operation) = of(O::PATH, O::NEEDS, O::SUMMARY, parameters, response);
    Route { path, needs, method: HttpMethod::Get, operation, problems: Vec::new(), schemas: schemas::<O::Body>(), mount: || web::route().to(one::<O>) }
}

/// A report of a ledger.
pub(crate) fn of_report<R: Report>() -> Route {
    let mut parameters = R::Filter::describe();
    if R::PATH.contains(InPath::NAME) {
        parameters.push(in_path("key", "Which one.", <String as Param>::schema()));
    }
    parameters.extend(Asked::describe(R::AS_OF));
    parameters.extend(table_parameters());
    let response = tables(answer("The report.").content("application/json", refer(&R::Body::name())));
    let response = response.content(Form::Ndjson.media(), ContentBuilder::new().schema(Some(Object::with_type(Type::Object))).build());
    let (path, needs, operation) = of(R::PATH, R::NEEDS, R::SUMMARY, parameters, response);
    let problems = R::PROBLEMS.to_vec();
    Route { path, needs, method: HttpMethod::Get, operation, problems, schemas: schemas::<R::Body>(), mount: || web::route().to(report::<R>) }
}

/// A write to a ledger, or to the installation.
pub(crate) fn of_write<W: Write>() -> Route {
    let mut parameters = Vec::new();
    if W::PATH.contains("{key}") {
        parameters.push(in_path("key", "Which one.", <String as Param>::schema()));
    }
    parameters.push(key_header(W::VERB != Verb::Put));
    if W::VERB != Verb::Post {
        let what = "The `ETag` of what is to be changed, or several, one of which it has; `*` for whichever it has.";
        parameters.push(in_header("If-Match", what, W::VERB == Verb::Put, r#"^(\*|"\d{1,18}"(, ?"\d{1,18}")*)$"#));
    }
    let method = if W::VERB == Verb::Put { HttpMethod::Put } else { HttpMethod::Post };
    parameters.push(tongue());
    let response = answer("It is done.").content("application/json", refer(&W::Answer::name()));
    let response = response.header("recoup-known-at", header("The position of the log that holds it."));
    let response = response.header("location", header("Where what was made is, if it has a place of its own."));
    let response = response.header("etag", header("The version of what was changed, for `If-Match`, if it has one.")).build();
    let (path, needs) = place(W::PATH, W::NEEDS, &mut parameters);
    let needed = if W::Body::name() == Nothing::name() { Required::False } else { Required::True };
    let body = RequestBodyBuilder::new().content("application/json", refer(&W::Body::name())).required(Some(needed)).build();
    let operation = described(&method, &path, needs, W::SUMMARY, parameters).response(W::STATUS.as_str(), response).request_body(Some(body)).build();
    let schemas = schemas::<W::Body>().into_iter().chain(schemas::<W::Answer>()).collect();
    Route { path, needs, method, operation, problems: [&[W::PROBLEMS], W::ALSO].concat().concat(), schemas, mount: || web::route().to(write::<W>) }
}

/// A route that takes a body and is of no ledger. It has no key: what it makes is a secret, which is kept nowhere.
pub(crate) fn plain_post<B: ToSchema, A: ToSchema>(
    path: &str,
    needs: Needs,
    summary: &str,
    problems: &'static [&'static str],
    mount: fn() -> actix_web::Route,
) -> Route {
    let response = answer("It is done.").content("application/json", refer(&A::name())).build();
    let body = RequestBodyBuilder::new().content("application/json", refer(&B::name())).required(Some(Required::True)).build();
    let operation = described(&HttpMethod::Post, path, needs, summary, Vec::new()).response("200", response).request_body(Some(body)).build();
    let schemas = schemas::<B>().into_iter().chain(schemas::<A>()).collect();
    Route { path: path.to_owned(), needs, method: HttpMethod::Post, operation, problems: problems.to_vec(), schemas, mount }
}

/// A request for long work.
pub(crate) fn of_submit<S: Submit>() -> Route {
    let mut parameters = Vec::new();
    let (path, needs) = place(S::PATH, S::NEEDS, &mut parameters);
    parameters.push(tongue());
    let body = Ref::from_schema_name(S::Body::name()).into();
    let what = Posted {
        path: &path,
        needs,
        summary: S::SUMMARY,
        parameters,
        body: Some(("application/json", body)),
        status: "202",
        answer: "Accepted",
        problems: &[],
    };
    let schemas = schemas::<S::Body>().into_iter().chain(schemas::<Accepted>()).collect();
    Route { schemas, ..posted(what, || web::route().to(submit::<S>)) }
}

/// What is posted besides commands of a ledger's log.
pub(crate) struct Posted<'a> {
    pub path: &'a str,
    pub needs: Needs,
    pub summary: &'a str,
    pub parameters: Vec<Parameter>,
    /// Media type and schema of the body.
    pub body: Option<(&'static str, RefOr<Schema>)>,
    /// The status of success, and the schema of its answer.
    pub status: &'static str,
    pub answer: &'static str,
    /// Codes of problems that do not follow from what it is.
    pub problems: &'static [&'static str],
}

/// A route of a POST that is no command of a ledger's log.
pub(crate) fn posted(what: Posted<'_>, mount: fn() -> actix_web::Route) -> Route {
    let Posted { path, needs, summary, mut parameters, body, status, answer: schema, problems } = what;
    parameters.push(key_header(true));
    let response = answer("It is taken on.").content("application/json", refer(schema)).header("location", header("Where its state is.")).build();
    let mut operation = described(&HttpMethod::Post, path, needs, summary, parameters).response(status, response);
    if let Some((media, schema)) = body {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        operation = operation.request_body(Some(RequestBodyBuilder::new().content(media, content).required(Some(Required::True)).build()));
    }
    Route { path: path.to_owned(), needs, method: HttpMethod::Post, operation: operation.build(), problems: problems.to_vec(), schemas: Vec::new(), mount }
}

fn key_header(is_needed: bool) -> Parameter {
    in_header("Idempotency-Key", "The request's own key: a repetition with the same key has no effect of its own.", is_needed, "^[!-~]{1,200}$")
}

/// A route that is of no ledger.
pub(crate) fn plain(
    path: &str,
    needs: Needs,
    summary: &str,
    parameters: Vec<Parameter>,
    answers: &[(&str, RefOr<Schema>)],
    mount: fn() -> actix_web::Route,
) -> Route {
    let mut response = answer("The answer.");
    for (media, schema) in answers {
        response = response.content(*media, ContentBuilder::new().schema(Some(schema.clone())).build());
    }
    let operation = described(&HttpMethod::Get, path, needs, summary, parameters).response("200", response.build()).build();
    Route { path: path.to_owned(), needs, method: HttpMethod::Get, operation, problems: Vec::new(), schemas: Vec::new(), mount }
}

/// The schema of a type with those that it refers to.
pub(crate) fn schemas<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    found
}

fn of(path: &str, permission: Permission, summary: &str, mut parameters: Vec<Parameter>, response: ResponseBuilder) -> (String, Needs, Operation) {
    let (path, needs) = place(path, permission, &mut parameters);
    if permission == Permission::ReadSensitive {
        parameters.push(purpose());
    }
    parameters.push(if_none_match());
    let response = response.header("etag", header(TAG));
    let response = response.header("recoup-as-of", header("The day that the answer is as of."));
    let response = response.header("recoup-known-at", header("The position of the log that it is as known at.")).build();
    let operation = described(&HttpMethod::Get, &path, needs, summary, parameters).response("200", response);
    (path, needs, operation.response("304", Response::new(HAS)).build())
}

/// A route whose answer has an entity tag, though it is of no log.
pub(crate) fn tagged(mut route: Route) -> Route {
    let Route { operation, .. } = &mut route;
    operation.parameters.get_or_insert_default().push(if_none_match().into());
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") {
        response.headers.insert("etag".to_owned(), header(TAG).into());
    }
    operation.responses.responses.insert("304".to_owned(), Response::new(HAS).into());
    route
}

/// What is said of entity tags.
const TAG: &str = "Changes when the answer does.";
/// What 304 says.
const HAS: &str = "The client has it already (`If-None-Match`).";

fn if_none_match() -> Parameter {
    let what = "Entity tags of answers that the client has: one of them is answered 304.";
    in_header("If-None-Match", what, false, r#"^(\*|"[!#-~]*"(, ?"[!#-~]*")*)$"#)
}

/// Where something is, under the ledger or the installation, and what it needs.
fn place(path: &str, permission: Permission, parameters: &mut Vec<Parameter>) -> (String, Needs) {
    let base = if permission.is_of_installation() { INSTALLATION } else { LEDGER };
    if base == LEDGER {
        parameters.insert(0, in_path("ledger", "Code of the ledger.", <String as Param>::schema()));
    }
    (format!("{base}{path}"), Needs::Leave(permission))
}

/// An operation without the answer of its success.
fn described(method: &HttpMethod, path: &str, needs: Needs, summary: &str, parameters: Vec<Parameter>) -> OperationBuilder {
    let words = path.split('/').filter(|w| !w.is_empty() && !matches!(*w, "api" | "v1"));
    let words: Vec<&str> = words.map(|w| w.trim_matches(['{', '}'])).collect();
    let tag = words.iter().copied().find(|w| !matches!(*w, "ledgers" | "ledger")).or(words.first().copied()).unwrap_or_default();
    let verb = match method {
        HttpMethod::Post => Some("post"),
        HttpMethod::Put => Some("put"),
        _ => None,
    };
    let id: Vec<&str> = verb.into_iter().chain(words.iter().copied()).collect();
    let mut operation = OperationBuilder::new().operation_id(Some(id.join("-"))).tag(tag).summary(Some(summary));
    for parameter in parameters {
        operation = operation.parameter(parameter);
    }
    if !matches!(needs, Needs::Nothing | Needs::Password) {
        operation = operation.security(SecurityRequirement::new("token", Vec::<String>::new())).description(Some(describe(needs)));
    }
    operation
}

pub(crate) fn in_path(name: &str, doc: &str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True).description(Some(doc)).schema(Some(schema)).build()
}

/// What wages are read for.
pub(crate) fn purpose() -> Parameter {
    in_header(PURPOSE.as_str(), "What an auditor reads it for. Each reading is recorded.", false, r"\S")
}

fn in_header(name: &str, doc: &str, is_needed: bool, pattern: &str) -> Parameter {
    let needed = if is_needed { Required::True } else { Required::False };
    let header = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(needed);
    let schema: RefOr<Schema> = Object::builder().schema_type(Type::String).pattern(Some(pattern)).into();
    header.description(Some(doc)).schema(Some(schema)).build()
}

/// What a route needs, for people.
fn describe(needs: Needs) -> String {
    match needs {
        Needs::Leave(permission) => format!("Needs the permission `{}`.", permission.word()),
        Needs::Figures => "Needs a token, unless `server.metrics_open`.".to_owned(),
        Needs::Known | Needs::Token => "Needs a token.".to_owned(),
        Needs::Nothing | Needs::Password => "Needs no token.".to_owned(),
    }
}

fn answer(description: &str) -> ResponseBuilder {
    ResponseBuilder::new().description(description)
}

pub(crate) fn header(description: &str) -> utoipa::openapi::header::Header {
    utoipa::openapi::header::HeaderBuilder::new().schema(Some(<String as Param>::schema())).description(Some(description)).build()
}

fn refer(name: &str) -> utoipa::openapi::content::Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(name))).build()
}

fn tables(response: ResponseBuilder) -> ResponseBuilder {
    let text = |s: Object| ContentBuilder::new().schema(Some(s)).build();
    let csv = response.content(Form::Csv.media(), text(Object::with_type(Type::String)));
    let binary = Object::builder().schema_type(Type::String).content_media_type(Form::Xlsx.media()).build();
    csv.content(Form::Xlsx.media(), text(binary))
}

/// The forms of a list that is no part of a ledger's log.
pub(crate) fn forms(json: RefOr<Schema>, row: &str) -> [(&'static str, RefOr<Schema>); 4] {
    let text = || -> RefOr<Schema> { Object::with_type(Type::String).into() };
    let binary: RefOr<Schema> = Object::builder().schema_type(Type::String).content_media_type(Form::Xlsx.media()).into();
    [(Form::Json.media(), json), (Form::Ndjson.media(), Ref::from_schema_name(row).into()), (Form::Csv.media(), text()), (Form::Xlsx.media(), binary)]
}

pub(crate) fn table_parameters() -> [Parameter; 3] {
    let form = "Form of the answer, for whoever cannot send an `Accept` header.";
    let bom = "Whether CSV begins with a byte order mark, by which Excel knows UTF-8.";
    [tongue(), parameter("format", form, Form::schema()), parameter("bom", bom, <bool as Param>::schema())]
}

fn tongue() -> Parameter {
    parameter("language", "Language of sentences; that of `Accept-Language` when absent.", Tongue::schema())
}

/// A page: its rows, and where the next one is.
fn page_of<R: Row>() -> Object {
    let moment = Object::builder().property("as_of", <chrono::NaiveDate as Param>::schema()).required("as_of");
    items_of::<R>(moment.property("known_at", <i64 as Param>::schema()).required("known_at"))
}

/// The rows of a page, and where the next one is, besides what else there is of it.
fn items_of<R: Row>(page: ObjectBuilder) -> Object {
    let next = Object::builder().schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null]));
    page.property("items", Array::new(Ref::from_schema_name(R::name())))
        .required("items")
        .property("next", next.description(Some("Path of the next page; null on the last.")).build())
        .required("next")
        .build()
}

/// The schema of problems.
pub(crate) fn problem() -> Vec<(String, RefOr<Schema>)> {
    schemas::<ProblemBody<'static>>()
}
