//! Where a request comes from: by which name it asks for the server, whether a foreign page sent it, and whose it is.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName};
use serde::Deserialize;

use crate::config::Server;
use crate::error::CliError;
use crate::http::problem::Problem;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address, or a network such as 10.0.0.0/8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn has(&self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= self.bits,
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= self.bits,
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no address and no network such as 10.0.0.0/8");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |b| b.parse().map_err(|_| wrong()))?;
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What is known of where requests may come from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    hosts: Vec<String>,
    proxies: Vec<Network>,
    /// Whether connections are neither encrypted nor of this machine: then only proxies have them.
    proxied: bool,
}

impl Origin {
    /// What the configuration says, if it may be served on an address like that.
    pub(crate) fn new(server: &Server, bind: SocketAddr) -> Result<Self, CliError> {
        let encrypted = !server.tls_certificate.as_os_str().is_empty();
        let away = !bind.ip().is_loopback();
        let refuse = |why: &str| Err(CliError::Usage(format!("{bind} can be reached from other machines: {why}, or bind 127.0.0.1:{}", bind.port())));
        if away && !encrypted && server.proxies.is_empty() {
            return refuse("set `server.tls_certificate` and `server.tls_key`, or name in `server.proxies` the proxy that ends TLS");
        }
        if away && server.hosts.is_empty() {
            return refuse("name in `server.hosts` what it is called there");
        }
        Ok(Self { hosts: server.hosts.clone(), proxies: server.proxies.clone(), proxied: away && !encrypted })
    }

    /// Refuses what a web page could send in somebody's name, and what did not come through the proxy.
    pub(super) fn check(&self, request: &HttpRequest) -> Result<(), Problem> {
        // The request's own word, not a forwarding header: a web page may set those.
        let named = request.headers().get(HOST).and_then(|v| v.to_str().ok());
        let host = named.or_else(|| request.uri().authority().map(|a| a.as_str())).unwrap_or_default();
        if !is_this_machine(host) && !self.hosts.iter().any(|h| h.eq_ignore_ascii_case(name_of(host))) {
            return Err(Problem::new("access.host").detail(format!("the request names the host `{host}`")));
        }
        if request.headers().get(&SEC_FETCH_SITE).is_some_and(|site| site == "cross-site") {
            return Err(Problem::new("access.cross_site"));
        }
        let direct = direct(request);
        if self.proxied && !direct.is_loopback() && !self.is_proxy(direct) {
            return Err(Problem::new("access.proxy"));
        }
        Ok(())
    }

    /// Whose the request is: the other end of the connection, or whom a proxy says it asks for.
    pub(super) fn peer(&self, request: &HttpRequest) -> IpAddr {
        let direct = direct(request);
        if !self.is_proxy(direct) {
            return direct;
        }
        // The last one is what our proxy saw; those before it are what it was told.
        let last = request.headers().get_all(&FORWARDED_FOR).last().and_then(|v| v.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        last.unwrap_or(direct)
    }

    fn is_proxy(&self, ip: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.has(ip))
    }
}

/// The other end of the connection.
fn direct(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |a| a.ip().to_canonical())
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a `Host` header names this machine by a name that only this machine has.
fn is_this_machine(host: &str) -> bool {
    let name = name_of(host);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use actix_web::HttpRequest;
    use actix_web::test::TestRequest;

    use super::{Network, Origin, is_this_machine};

    fn from(peer: &str, headers: &[(&str, &str)]) -> HttpRequest {
        let request = headers.iter().fold(TestRequest::default(), |r, header| r.append_header(*header));
        peer.parse().map_or_else(|_| TestRequest::default(), |peer| request.peer_addr(peer)).to_http_request()
    }

    fn behind(proxies: &[&str]) -> Origin {
        Origin { hosts: vec!["recoup.example".to_owned()], proxies: proxies.iter().filter_map(|p| p.parse().ok()).collect(), proxied: true }
    }

    #[test]
    fn without_tls_only_proxies_and_this_machine_are_answered() {
        let origin = behind(&["10.0.0.0/8"]);
        let told = |peer: &str, host: &str| origin.check(&from(peer, &[("host", host)])).err().map(|p| p.code());
        assert_eq!(told("10.1.2.3:4711", "recoup.example"), None);
        assert_eq!(told("127.0.0.1:4711", "localhost:8080"), None);
        assert_eq!(told("192.0.2.1:4711", "recoup.example"), Some("access.proxy"));
        assert_eq!(told("10.1.2.3:4711", "RECOUP.example:443"), None);
        assert_eq!(told("10.1.2.3:4711", "evil.example"), Some("access.host"));
        assert_eq!(told("10.1.2.3:4711", "recoup.example.evil.example"), Some("access.host"));
    }

    #[test]
    fn a_proxy_is_believed_whom_it_asks_for_and_nobody_else_is() {
        let forwarded = [("x-forwarded-for", "198.51.100.9, 203.0.113.7")];
        let peer = |origin: &Origin, peer: &str, headers: &[(&str, &str)]| origin.peer(&from(peer, headers)).to_string();
        let origin = behind(&["10.0.0.0/8"]);
        assert_eq!(peer(&origin, "10.1.2.3:4711", &forwarded), "203.0.113.7", "the last is what the proxy saw");
        assert_eq!(peer(&origin, "10.1.2.3:4711", &[forwarded[0], ("x-forwarded-for", "203.0.113.8")]), "203.0.113.8");
        assert_eq!(peer(&origin, "10.1.2.3:4711", &[("x-forwarded-for", "nobody")]), "10.1.2.3");
        assert_eq!(peer(&origin, "192.0.2.1:4711", &forwarded), "192.0.2.1");
        assert_eq!(peer(&behind(&[]), "10.1.2.3:4711", &forwarded), "10.1.2.3");
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]:8080", "[::1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:8080", "localhost.evil.example", "192.168.0.7:8080", "127.0.0.1.evil.example", "[::2]:8080"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        let has = |network: &str, ip: &str| network.parse::<Network>().is_ok_and(|n| ip.parse().is_ok_and(|ip| n.has(ip)));
        for (network, ip) in
            [("10.0.0.0/8", "10.255.0.1"), ("10.1.2.3", "10.1.2.3"), ("0.0.0.0/0", "192.0.2.1"), ("fd00::/8", "fd12::1"), ("10.0.0.0/8", "::ffff:10.0.0.1")]
        {
            assert!(has(network, ip), "{network} {ip}");
        }
        for (network, ip) in [("10.0.0.0/8", "11.0.0.1"), ("10.1.2.3", "10.1.2.4"), ("0.0.0.0/0", "::1"), ("fd00::/8", "fe80::1")] {
            assert!(!has(network, ip), "{network} {ip}");
        }
        for wrong in ["", "ten", "10.0.0.0/33", "10.0.0.0/x", "::/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
