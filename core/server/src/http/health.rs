//! Whether the server lives, whether it can work, and its figures.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::State;
use super::problem::Problem;

/// For how long figures wait for the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// It lives.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("live\n")
}

/// The database answers and has this release's schema; what is done with unsigned plugins is for whoever operates it to see.
pub(crate) async fn ready(state: Data<State>) -> Result<HttpResponse, Problem> {
    state.probe.run(|store| Ok(store.check()?)).await?;
    let unsigned = state.context.config.plugins.unsigned.word();
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(format!("ready\nplugins.unsigned = {unsigned}\n")))
}

/// Figures for Prometheus.
pub(crate) async fn metrics(state: Data<State>) -> Result<HttpResponse, Problem> {
    // What the process counts itself is told also while the database does not answer.
    let counted = state.probe.run(|store| Ok((store.jobs_by_state()?, store.undelivered()?)));
    state.metrics.work(tokio::time::timeout(PATIENCE, counted).await.ok().and_then(Result::ok));
    let text = state.metrics.text().map_err(|e| Problem::internal(&e))?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
