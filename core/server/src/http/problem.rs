//! What a request is answered with when it fails: RFC 9457 problem details, from the catalogue.

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use recoup_engine::EngineError;
use recoup_engine::access::AccessError;
use recoup_engine::trace::Language;
use recoup_model::MoneyError;
use recoup_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use super::catalogue::{self, Entry};
use crate::error::CliError;

/// A failed request.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    entry: &'static Entry,
    detail: Option<String>,
    /// After how many seconds to ask again.
    wait_s: Option<u64>,
    pointer: Option<String>,
    allow: Option<String>,
}

/// A problem on the wire (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Where the problem is described: the entry of its code in the catalogue.
    #[serde(rename = "type")]
    kind: String,
    /// What kind of problem it is.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The place in the request's body that is wrong, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    /// Stable code, such as `request.parameter`.
    code: &'a str,
    /// What to do about it.
    mend: &'a str,
    /// The request's id, under which the operator's log has more.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl Problem {
    /// A problem of the catalogue.
    pub(crate) fn new(code: &str) -> Self {
        Self { entry: catalogue::entry_of(code), detail: None, wait_s: None, pointer: None, allow: None }
    }

    /// What is wrong with this request in particular.
    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// How long to wait before asking again.
    pub(crate) fn wait(self, time: Duration) -> Self {
        Self { wait_s: Some(time.as_secs() + 1), ..self }
    }

    /// Which place of the body is wrong.
    pub(crate) fn pointer(self, pointer: String) -> Self {
        Self { pointer: Some(pointer), ..self }
    }

    /// Which methods the path takes.
    pub(crate) fn allow(self, methods: String) -> Self {
        Self { allow: Some(methods), ..self }
    }

    /// Something that should not happen: the log has it, the client is told nothing of it.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        Self::from_error("server.internal", error)
    }

    /// A failure that was logged where it happened: a server's fault is kept from the client, any other is told as it is.
    pub(crate) fn told(code: &str, detail: String) -> Self {
        let problem = Self::new(code);
        if problem.entry.status < 500 { problem.detail(detail) } else { problem }
    }

    /// As [`Problem::told`], logged with its causes where it is the server's fault.
    fn from_error(code: &str, error: &dyn std::error::Error) -> Self {
        let problem = Self::told(code, error.to_string());
        if problem.entry.status < 500 {
            return problem;
        }
        let mut causes = error.to_string();
        let mut cause = error.source();
        while let Some(c) = cause {
            causes = format!("{causes}: {c}");
            cause = c.source();
        }
        tracing::error!(code, error = causes, "request failed");
        problem
    }

    /// Its stable code.
    pub(crate) const fn code(&self) -> &'static str {
        self.entry.code
    }

    /// The answer, in a language, with the request's id.
    pub(crate) fn answer(&self, language: Language, request_id: Option<&str>) -> HttpResponse {
        let Entry { code, status, .. } = self.entry;
        let text = self.entry.text(language);
        let mut answer = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.wait_s.or((*status == 503).then_some(1)) {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        if *status == 401 {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"recoup\""));
        }
        if let Some(methods) = &self.allow {
            answer.insert_header((ALLOW, methods.as_str()));
        }
        let (title, mend) = (text.title, text.mend);
        let kind = format!("/api/v1/problems/{code}");
        let body = ProblemBody { kind, title, status: *status, detail: self.detail.as_deref(), pointer: self.pointer.as_deref(), code, mend, request_id };
        answer.content_type("application/problem+json").json(body)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail.as_deref().unwrap_or(self.entry.en.title))
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.answer(Language::En, None)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::from_error(error.code(), &error)
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        Self::from_error(error.code(), &error)
    }
}

impl From<CliError> for Problem {
    fn from(error: CliError) -> Self {
        match error {
            CliError::Engine(error) => error.into(),
            CliError::Store(error) => error.into(),
            other => Self::from_error(other.code(), &other),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        Self::from(EngineError::from(error))
    }
}

impl From<MoneyError> for Problem {
    fn from(error: MoneyError) -> Self {
        Self::from(EngineError::from(error))
    }
}
