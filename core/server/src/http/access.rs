//! Who asks, and what they may see: the one place where a request becomes a [`Caller`].
//!
//! The server does not ask for tokens yet. It therefore answers on the loopback interface only, refuses a request
//! that came under another host's name (a web page that had its own name resolved to this machine), refuses a request
//! with credentials that nobody would check, and withholds what is personal or sensitive from everybody.

use std::net::{IpAddr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HOST};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::problem::Problem;

/// Who asks. Every handler receives one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Caller {
    /// Who, as the log names actors.
    pub actor: String,
    /// Which ledgers, by code.
    pub ledgers: Ledgers,
    /// Whether names of natural persons may be seen.
    pub personal: bool,
    /// Whether wages may be seen.
    pub sensitive: bool,
}

/// Ledgers that somebody may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Ledgers {
    /// Every one.
    All,
}

impl Caller {
    /// Whether a ledger may be seen. One that may not is answered like one that is not there.
    pub(crate) const fn sees(&self, _code: &str) -> bool {
        match self.ledgers {
            Ledgers::All => true,
        }
    }
}

/// Finds out who asks.
async fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    // The request's own word, not a forwarding header: a web page may set those.
    let named = request.headers().get(HOST).and_then(|v| v.to_str().ok());
    let host = named.or_else(|| request.uri().authority().map(|a| a.as_str())).unwrap_or_default();
    if !is_this_machine(host) {
        return Err(Problem::new("access.host").detail(format!("the request names the host `{host}`")));
    }
    if request.headers().contains_key(AUTHORIZATION) {
        return Err(Problem::new("access.credentials"));
    }
    Ok(Caller { actor: "loopback".to_owned(), ledgers: Ledgers::All, personal: false, sensitive: false })
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller(&request).await })
    }
}

/// Whether an address is reached from this machine alone.
pub(crate) const fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().is_loopback()
}

/// Whether a `Host` header names this machine by a name that only this machine has.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]:8080", "[::1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:8080", "localhost.evil.example", "192.168.0.7:8080", "127.0.0.1.evil.example", "[::2]:8080"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
