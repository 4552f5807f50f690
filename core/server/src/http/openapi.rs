//! The API's description (OpenAPI 3.1), made from the routes, and a page that shows it without any other host.

use actix_web::HttpResponse;
use actix_web::http::header::HeaderName;
use utoipa::openapi::path::Paths;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, Info, License, OpenApi, OpenApiBuilder};

use super::problem::Problem;
use super::problems;
use super::route::{Route, problem};

const DESCRIPTION: &str = "Receivables, who answers for them, what is due, and the log that proves it.\n\n\
    Every read of a ledger's log is as of a day (`as_of`) and as known at a position of it (`known_at`), and says so in the headers \
    `recoup-as-of` and `recoup-known-at`. Records without a day (parties, people, sources, the log) take no `as_of`. Jobs are work and no \
    record of the log: they are as they are now, and so are their pages. Amounts are texts \
    with all digits of their currency; they are never numbers. Days are ISO 8601.\n\n\
    Lists come a page at a time as JSON: follow `next` (or the `Link`), and all pages are of one state whatever is recorded meanwhile. As \
    NDJSON, CSV or a spreadsheet they come whole. Answers of one log have an `ETag`; ask again with `If-None-Match`.\n\n\
    Every POST but those that show a password has an `Idempotency-Key`: the same request again, with the same key, is answered as the first one was and has no effect of \
    its own; the same key with another request is refused. A change of what is there names the version that it is of (`If-Match`, with the \
    `ETag` of a read).\n\n\
    Problems are RFC 9457 documents with a stable `code`. Each operation names those that it can be answered with, by status (`x-problems`); \
    `/api/v1/problems` lists them all.";

const TOKEN: &str = "A token that was issued, or that signing in answered.";

/// The document.
pub(crate) fn document(routes: &[Route]) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = Components::new();
    for (name, schema) in routes.iter().flat_map(|r| r.schemas.clone()).chain(problem()) {
        components.schemas.insert(name, schema);
    }
    for route in routes {
        let mut operation = route.operation.clone();
        operation.responses.responses.extend(problems::responses(route).into_iter().map(|(status, response)| (status, response.into())));
        paths.add_path_operation(&route.path, vec![route.method.clone()], operation);
    }
    let mut info = Info::new("Recoup", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    info.license = Some(License::new("MIT OR Apache-2.0"));
    components.add_security_scheme("token", SecurityScheme::Http(Http::builder().scheme(HttpAuthScheme::Bearer).description(Some(TOKEN)).build()));
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

/// Serves the document.
pub(crate) async fn json() -> Result<HttpResponse, Problem> {
    let text = document(&super::api::routes()).to_pretty_json().map_err(|e| Problem::internal(&e))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

/// Serves the page. It may load nothing but the document.
pub(crate) async fn page() -> HttpResponse {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let mut response = HttpResponse::Ok();
    response.insert_header((HeaderName::from_static("content-security-policy"), policy));
    response.content_type("text/html; charset=utf-8").body(include_str!("openapi.html"))
}
