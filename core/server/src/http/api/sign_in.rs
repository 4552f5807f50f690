//! Proving who one is by a password: signing in and out, and changing the password.
//!
//! None of these takes an `Idempotency-Key`: what it stands for would be a digest of a password, in the log for ever.

use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Duration, Utc};
use recoup_engine::access;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::State;
use crate::http::access::{Needs, Pass, bearer};
use crate::http::body;
use crate::http::export::cell::Moment;
use crate::http::problem::Problem;
use crate::http::query::Params;
use crate::http::route::{Route, plain_post};
use crate::http::write::Nothing;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The login.
    login: String,
    /// The password.
    password: String,
}

/// Somebody who signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// What is shown instead of the password from here on.
    token: String,
    /// From when on it is not accepted.
    expires_at: Moment,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// Whose.
    login: String,
    /// The password so far.
    old: String,
    /// The one from here on, of 12 characters or more.
    new: String,
}

/// The route of signing in.
pub(super) fn sign_in() -> Route {
    let summary = "Signs in: answers with a token for a short time. A password that somebody else gave has to be changed first.";
    plain_post::<Credentials, SignedIn>("/api/v1/sign-in", Needs::Password, summary, &["access.denied", "access.given_password", "access.crypto"], || {
        web::route().to(answer_sign_in)
    })
}

/// The route of signing out.
pub(super) fn sign_out() -> Route {
    let summary = "Signs out: the token that the request shows is accepted no longer.";
    plain_post::<Nothing, Nothing>("/api/v1/sign-out", Needs::Known, summary, &["access.nothing"], || web::route().to(answer_sign_out))
}

/// The route of the password.
pub(super) fn password() -> Route {
    let summary = "Changes one's own password. Whoever is signed in by the old one no longer is.";
    plain_post::<NewPassword, Nothing>(
        "/api/v1/password",
        Needs::Password,
        summary,
        &["access.denied", "access.nothing", "access.password", "access.crypto"],
        || web::route().to(answer_password),
    )
}

async fn answer_sign_in(request: HttpRequest, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    Params::of(request.query_string())?.end(std::iter::empty())?;
    let Credentials { login, password } = body::read(&request, &bytes)?;
    state.gate.guess(&login, &request)?;
    let lasts = Duration::minutes(i64::from(state.settings.session_minutes));
    let session = state.writers.run(move |store| Ok(access::sign_in(store, &login, &password, lasts, Utc::now())?)).await?;
    let body = SignedIn { token: session.secret.reveal().to_owned(), expires_at: Moment(session.expires_at) };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

async fn answer_sign_out(request: HttpRequest, pass: Pass, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    Params::of(request.query_string())?.end(std::iter::empty())?;
    let Nothing {} = body::read(&request, &bytes)?;
    let (secret, shared) = (bearer(&request)?.to_owned(), Data::clone(&state));
    let ended = state.writers.run(move |store| {
        access::sign_out(store, &pass.caller, &secret, Utc::now())?;
        shared.gate.forget();
        Ok(())
    });
    ended.await?;
    Ok(HttpResponse::Ok().json(Nothing {}))
}

async fn answer_password(request: HttpRequest, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    Params::of(request.query_string())?.end(std::iter::empty())?;
    let NewPassword { login, old, new } = body::read(&request, &bytes)?;
    state.gate.guess(&login, &request)?;
    let shared = Data::clone(&state);
    let changed = state.writers.run(move |store| {
        access::change_password(store, &login, &old, &new, Utc::now())?;
        shared.gate.forget();
        Ok(())
    });
    changed.await?;
    Ok(HttpResponse::Ok().json(Nothing {}))
}
