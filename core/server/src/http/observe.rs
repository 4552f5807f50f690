//! What is noted of every request: an id, a span and figures. Paths and queries may name somebody, so only the route's
//! template, the method, the status and the duration are written down.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpMessage as _, HttpRequest};
use futures_util::{Stream, StreamExt as _, stream};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use recoup_engine::trace::Language;
use tracing::Instrument as _;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use uuid::Uuid;

use super::State;
use super::problem::Problem;
use super::upload;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the client's, or a new one.
#[derive(Debug, Clone)]
struct RequestId(String);

impl RequestId {
    fn of(request: &ServiceRequest) -> Self {
        let given = request.headers().get(&REQUEST_ID).and_then(|v| v.to_str().ok());
        let plain = |id: &&str| (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        Self(given.filter(plain).map_or_else(Self::next, str::to_owned))
    }

    /// A new one: of this process, and counted, because a random one for each request would cost a system call.
    fn next() -> String {
        static PROCESS: LazyLock<Uuid> = LazyLock::new(Uuid::now_v7);
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let (_, process) = PROCESS.as_u64_pair();
        let (high, low) = (process.to_be_bytes(), COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let [[a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]] = [high, low];
        uuid::Builder::from_custom_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]).into_uuid().to_string()
    }
}

/// The path of the route that answers, with its parameters' names.
#[derive(Debug, Clone)]
pub(crate) struct Template(Rc<str>);

impl Template {
    pub(crate) fn of(path: &str) -> Self {
        Self(path.into())
    }
}

/// Methods that have a figure of their own.
const STANDARD: [Method; 7] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Wraps every request.
pub(crate) async fn observe(
    state: Data<State>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let _in_flight = state.metrics.in_flight();
    let id = RequestId::of(&request);
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        id = id.0,
        %method,
        otel.kind = "server",
        http.request.method = Empty,
        http.route = Empty,
        http.response.status_code = Empty
    );
    if !span.is_disabled() {
        // Without traces there is nothing that a parent could be set to.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Head(request.headers())));
    }
    request.extensions_mut().insert(id.clone());
    let response = async {
        let (code, max) = if upload::is_one(&request) {
            ("import.file_too_large", state.file_bytes_max)
        } else {
            ("request.too_large", u64::try_from(state.body_bytes_max).unwrap_or(u64::MAX))
        };
        if *request.method() != Method::GET {
            let patience = Duration::from_millis(state.context.config.server.request_timeout_ms);
            let body = request.take_payload();
            request.set_payload(in_time(body, patience, upload::is_one(&request)));
        }
        if is_too_large(&request, max) {
            let problem = Problem::new(code).detail(format!("a body may have {max} bytes"));
            return Ok(request.error_response(problem).map_into_boxed_body());
        }
        Ok::<_, Error>(next.call(request).await?.map_into_boxed_body())
    }
    .instrument(span.clone())
    .await?;
    let mut response = explained(response, &id);
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID.clone(), id);
    }
    // Where no route answered, its place is looked for once more: there may be others for other methods.
    let route = response.request().extensions().get::<Template>().map(|template| Rc::clone(&template.0));
    let route = route.or_else(|| response.request().match_pattern().map(Into::into)).unwrap_or_else(|| "none".into());
    let status = response.status();
    let took = begun.elapsed();
    // Anybody can make up a method; the figures grow with those that have one.
    let method = if STANDARD.contains(&method) { method.as_str() } else { "other" };
    state.metrics.answered(method, &route, status.as_str(), took);
    if !span.is_disabled() {
        // The layer takes a span's name when it begins; only then is the route known that it is to bear.
        span.context().span().update_name(format!("{method} {route}"));
    }
    span.record("http.request.method", method).record("http.route", &*route);
    span.record("http.response.status_code", status.as_u16());
    span.in_scope(|| tracing::info!(route = &*route, status = status.as_u16(), duration_us = took.as_micros(), "request answered"));
    Ok(response)
}

/// A body that arrives in time, or ends with an error: all of it, and of a file each piece. Nobody holds a request open by sending
/// slowly.
fn in_time(body: Payload, patience: Duration, is_file: bool) -> Payload {
    let end = Instant::now() + patience;
    let pieces = stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        let end = if is_file { Instant::now() + patience } else { end };
        match tokio::time::timeout_at(end.into(), body.next()).await {
            Ok(piece) => piece.map(|piece| (piece, Some(body))),
            Err(_) => Some((Err(PayloadError::Io(io::Error::new(io::ErrorKind::TimedOut, "it took too long to arrive"))), None)),
        }
    });
    Payload::from(Box::pin(pieces) as Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>)
}

/// The head of a request, as a trace's context is read from it.
struct Head<'a>(&'a HeaderMap);

impl Extractor for Head<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|v| v.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

fn is_too_large(request: &ServiceRequest, max: u64) -> bool {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    length.is_some_and(|length| length > max)
}

/// A failed request's answer, in the client's language and with the request's id.
fn explained(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else { return response };
    let problem = error.as_error::<Problem>().cloned().unwrap_or_else(|| match response.status().as_u16() {
        413 => Problem::new("request.too_large"),
        400..500 => Problem::new("request.malformed").detail(error.to_string()),
        _ => {
            tracing::error!(%error, "request failed");
            Problem::new("server.internal")
        }
    });
    let answer = problem.answer(language(response.request()), Some(&id.0));
    response.into_response(answer)
}

/// The language that a client prefers: Chinese when it comes before English.
pub(crate) fn language(request: &HttpRequest) -> Language {
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let first = accepted.split(',').map(str::trim).find(|l| l.starts_with("zh") || l.starts_with("en"));
    if first.is_some_and(|l| l.starts_with("zh")) { Language::Zh } else { Language::En }
}
