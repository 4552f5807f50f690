//! Proving who one is by a password: signing in and out, and changing the password.
//!
//! What shows a password takes no `Idempotency-Key`: what it stands for would be a digest of the password, in the log for ever.

use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Duration, Utc};
use recoup_engine::access::{self, AccessError};
use recoup_engine::facts::{By, Once};
use recoup_model::Digest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Ref;

use crate::http::State;
use crate::http::access::{Needs, bearer};
use crate::http::body;
use crate::http::export::cell::Moment;
use crate::http::problem::Problem;
use crate::http::query::Params;
use crate::http::route::{Posted, Route, plain_post, posted, schemas};
use crate::http::write::{Nothing, digest, idempotency_key};

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
    let what = Posted {
        path: "/api/v1/sign-out",
        needs: Needs::Token,
        summary,
        parameters: Vec::new(),
        body: Some(("application/json", Ref::from_schema_name("Nothing").into())),
        status: "200",
        answer: "Nothing",
        problems: &["access.nothing"],
    };
    Route { schemas: schemas::<Nothing>(), ..posted(what, || web::route().to(answer_sign_out)) }
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
    Params::of(request.query_string())?.end(std::iter::empty::<String>)?;
    let Credentials { login, password } = body::read(&request, &bytes)?;
    state.gate.guess(&login, &request)?;
    let lasts = Duration::minutes(i64::from(state.settings.session_minutes));
    let session = state.desk.run(move |store| Ok(access::sign_in(store, &login, &password, lasts, Utc::now())?)).await?;
    let body = SignedIn { token: session.secret.reveal().to_owned(), expires_at: Moment(session.expires_at) };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

async fn answer_sign_out(request: HttpRequest, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    let secret = bearer(&request)?.to_owned();
    let asked = asked_to_sign_out(&request, &bytes);
    let shared = Data::clone(&state);
    let ended = state.desk.run(move |store| {
        let at = Utc::now();
        let (key, input) = match asked {
            Ok(asked) => asked,
            // Whoever shows a token that is not accepted is told that first.
            Err(problem) => return Err(access::authenticate_token(store, &secret, at).map_or_else(Problem::from, |_| problem)),
        };
        // No login begins so: the key is of this session alone.
        let key = format!("/session {} {key}", Digest::of(secret.as_bytes()));
        access::sign_out(store, &secret, By { actor: "", at, once: Some(Once { key: &key, input }) })?;
        shared.gate.forget();
        Ok(())
    });
    if let Err(problem) = ended.await {
        if problem.code() == AccessError::Token.code() {
            state.gate.stranger(&request)?;
        }
        return Err(problem);
    }
    Ok(HttpResponse::Ok().json(Nothing {}))
}

/// The key of a request to sign out, and what it stands for.
fn asked_to_sign_out(request: &HttpRequest, bytes: &Bytes) -> Result<(String, Digest), Problem> {
    Params::of(request.query_string())?.end(std::iter::empty::<String>)?;
    let Nothing {} = body::read(request, bytes)?;
    Ok((idempotency_key(request, true)?.unwrap_or_default().to_owned(), digest(request, "", Digest::of(bytes))))
}

async fn answer_password(request: HttpRequest, state: Data<State>, bytes: Bytes) -> Result<HttpResponse, Problem> {
    Params::of(request.query_string())?.end(std::iter::empty::<String>)?;
    let NewPassword { login, old, new } = body::read(&request, &bytes)?;
    state.gate.guess(&login, &request)?;
    let shared = Data::clone(&state);
    let changed = state.desk.run(move |store| {
        access::change_password(store, &login, &old, &new, Utc::now())?;
        shared.gate.forget();
        Ok(())
    });
    changed.await?;
    Ok(HttpResponse::Ok().json(Nothing {}))
}
