//! Who asks, and what they may see: the one place where a request becomes a caller, and a caller gets leave to be answered.
//!
//! Every route says what it [`Needs`], and [`guard`] stands before its handler: a handler runs only for whoever has it, and
//! finds in its [`Pass`] what of the ledger is in sight.

mod known;
mod limits;
mod origin;

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderName};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest};
use recoup_engine::access::{AccessError, Caller};
use recoup_model::access::{Permission, Sight};
use recoup_model::id::LedgerId;
use recoup_model::record::Ledger;

use self::known::{Found, Known};
use self::limits::Limits;
pub(crate) use self::origin::{Network, Origin};
use super::State;
use super::problem::Problem;
use crate::config::Server;

/// What somebody who reads wages says they read them for.
pub(crate) static PURPOSE: HeaderName = HeaderName::from_static("recoup-purpose");

/// What a route needs of whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing: it says nothing of what is recorded.
    Nothing,
    /// That figures are open to everybody by configuration, or to be known.
    Figures,
    /// A login and a password, which are in the body.
    Password,
    /// A token, which is looked at where it is ended: whoever repeats that shows one that is accepted no longer.
    Token,
    /// To be known; what is answered depends on who asks.
    Known,
    /// A permission: for the ledger that the path names, or for the installation where it is one of that.
    Leave(Permission),
}

/// Leave to be answered. Only the guard of a route gives it, and from it [`Pass::of_ledger`].
#[derive(Debug, Clone)]
pub(crate) struct Pass {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// What is in sight for what the route needs.
    pub sight: Sight,
    /// Whether names of natural persons in sight may be seen.
    pub personal: bool,
    /// Whether what is quoted of files may be seen: a bad row may name somebody.
    pub quotes: bool,
    /// Whether what is read is sensitive: each reading is recorded.
    pub sensitive: bool,
    /// What they say that they read for.
    pub purpose: Option<String>,
}

impl Pass {
    /// Leave for what a permission lets a caller see.
    fn to(caller: Arc<Caller>, permission: Permission, ledger: Option<LedgerId>, sight: Sight, purpose: Option<String>) -> Self {
        let personal = caller.may(Permission::ReadPersonal, ledger).is_some_and(|s| s.covers(&sight));
        // Whoever brings files in has to mend them, so they see what is quoted of them.
        let quotes = personal || caller.may(Permission::Import, ledger).is_some_and(|s| s.covers(&sight));
        Self { caller, sight, personal, quotes, sensitive: permission == Permission::ReadSensitive, purpose }
    }

    /// The same caller's leave to read a ledger, if they have it.
    pub(crate) fn of_ledger(&self, ledger: LedgerId) -> Option<Self> {
        let sight = self.caller.may(Permission::Read, Some(ledger))?;
        Some(Self::to(Arc::clone(&self.caller), Permission::Read, Some(ledger), sight, None))
    }
}

/// What decides about leave.
pub(crate) struct Gate {
    origin: Origin,
    known: Known,
    limits: Limits,
    figures_open: bool,
}

impl Gate {
    pub(crate) fn new(server: &Server, origin: Origin) -> Self {
        Self { origin, known: Known::new(server.rights_held_ms), limits: Limits::new(&server.limits), figures_open: server.metrics_open }
    }

    /// Rights have changed: nobody is known any more until they are looked up again.
    pub(crate) fn forget(&self) {
        self.known.forget();
    }

    /// Counts a token that nobody has, which is refused when there were too many.
    pub(crate) fn stranger(&self, request: &HttpRequest) -> Result<(), Problem> {
        self.limits.stranger(self.origin.peer(request))
    }

    /// Counts an attempt to prove who one is, which is refused when there were too many.
    pub(crate) fn guess(&self, login: &str, request: &HttpRequest) -> Result<(), Problem> {
        self.limits.guess(login, self.origin.peer(request))
    }
}

/// Stands before a route's handler.
pub(crate) async fn guard(needs: Needs, request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    match admit(needs, request.request()).await {
        Ok(pass) => {
            if let Some(pass) = pass {
                request.extensions_mut().insert(pass);
            }
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(problem) => Ok(request.error_response(problem).map_into_boxed_body()),
    }
}

/// Lets a request in, or says why not.
async fn admit(needs: Needs, request: &HttpRequest) -> Result<Option<Pass>, Problem> {
    let state = request.app_data::<Data<State>>().ok_or_else(|| Problem::new("server.internal"))?;
    let gate = &state.gate;
    let open = match needs {
        Needs::Nothing => true,
        Needs::Figures => gate.figures_open,
        Needs::Password | Needs::Token | Needs::Known | Needs::Leave(_) => false,
    };
    if !open {
        gate.origin.check(request)?;
    }
    if open || matches!(needs, Needs::Password | Needs::Token) {
        gate.limits.peer(gate.origin.peer(request))?;
        return Ok(None);
    }
    let caller = caller(state, request).await?;
    match needs {
        Needs::Leave(permission) => leave(caller, permission, request).map(Some),
        _ => Ok(Some(Pass { caller, sight: Sight::Units(std::collections::BTreeSet::new()), personal: false, quotes: false, sensitive: false, purpose: None })),
    }
}

/// Who a request's token acts for.
async fn caller(state: &State, request: &HttpRequest) -> Result<Arc<Caller>, Problem> {
    let Gate { origin, known, limits, .. } = &state.gate;
    let secret = bearer(request).or_else(|problem| limits.peer(origin.peer(request)).and(Err(problem)))?;
    match known.find(secret) {
        Found::Whose(caller) => return limits.token(secret).map(|()| caller),
        Found::Somebodys => limits.token(secret)?,
        Found::Nothing => limits.peer(origin.peer(request))?,
    }
    let found = known.look_up(&state.probe, secret).await;
    if found.as_ref().is_err_and(|p| p.code() == AccessError::Token.code()) {
        limits.stranger(origin.peer(request))?;
    }
    found
}

/// The token that a request shows.
pub(crate) fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let header = request.headers().get(AUTHORIZATION).ok_or_else(|| Problem::new("access.required"))?;
    let scheme = header.to_str().ok().and_then(|h| h.split_once(' '));
    let token = scheme.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    token.filter(|t| !t.is_empty()).ok_or_else(|| Problem::new("access.required").detail("`Authorization` is not `Bearer`, a space and a token"))
}

/// What a caller has leave for. A ledger that they may not see at all is answered like one that is not there.
fn leave(caller: Arc<Caller>, permission: Permission, request: &HttpRequest) -> Result<Pass, Problem> {
    let purpose = request.headers().get(&PURPOSE).and_then(|v| v.to_str().ok()).map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned);
    let code = request.match_info().get("ledger").filter(|_| !permission.is_of_installation());
    let ledger = code.map(Ledger::id_of);
    let Some(sight) = caller.may_for(permission, ledger, purpose.is_some()) else {
        return Err(match code {
            _ if caller.may_for(permission, ledger, true).is_some() => AccessError::Purpose.into(),
            Some(code) if caller.may(Permission::Read, ledger).is_none() => unknown_ledger(code),
            _ => Problem::new("access.forbidden"),
        });
    };
    Ok(Pass::to(caller, permission, ledger, sight, purpose))
}

/// There is no such ledger, for all that the caller may know.
pub(crate) fn unknown_ledger(code: &str) -> Problem {
    Problem::new("store.unknown_ledger").detail(format!("there is no ledger `{code}`"))
}

impl FromRequest for Pass {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(request.extensions().get::<Self>().cloned().ok_or_else(|| Problem::new("server.internal")))
    }
}
