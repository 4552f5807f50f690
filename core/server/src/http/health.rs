//! Whether the server lives, whether it can work, and its figures.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::State;
use super::problem::Problem;

/// It lives.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("live\n")
}

/// The database answers and has this release's schema.
pub(crate) async fn ready(state: Data<State>) -> Result<HttpResponse, Problem> {
    state.probe.run(|store| Ok(store.check()?)).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}

/// Figures for Prometheus.
pub(crate) async fn metrics(state: Data<State>) -> Result<HttpResponse, Problem> {
    let text = state.metrics.text().map_err(|e| Problem::internal(&e))?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
