//! Where the server sends to: hosts that the operator named, at addresses of the open network.
//!
//! A name is looked up once for each request, and the connection goes to the very address that was looked at: a name
//! that points inside the operator's network is refused whatever it pointed to before.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde::Deserialize;
use ureq::config::Config as AgentConfig;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::event::{CONTENT_TYPE, Event};
use super::sign::Keys;
use crate::cli::SecretRef;
use crate::config::Outbox;
use crate::error::CliError;

/// Bytes of an answer's head that are read.
const HEAD_BYTES: usize = 16 * 1024;

/// A host as the operator names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Egress {
    /// Where events are sent.
    pub url: String,
    /// Where the keys are: env:NAME or file:PATH; while one is replaced, both.
    pub secrets: Vec<SecretRef>,
}

/// A host that events can be sent to.
struct Host {
    uri: Uri,
    keys: Keys,
}

/// The hosts of the configuration, and the way to them.
pub(crate) struct Hosts {
    hosts: BTreeMap<String, Host>,
    agent: Agent,
}

impl Hosts {
    /// Reads every host and every key; what is wrong names itself.
    pub(crate) fn of(egress: &BTreeMap<String, Egress>, outbox: &Outbox) -> Result<Self, CliError> {
        let host = |(name, e): (&String, &Egress)| {
            let wrong = |what: &str| CliError::Config(format!("`egress.{name}` {what}"));
            let uri: Uri = e.url.parse().map_err(|_| wrong("has no URL"))?;
            let plain = uri.scheme_str() == Some("http") && outbox.plain_loopback;
            if uri.scheme_str() != Some("https") && !plain {
                return Err(wrong("must be an https URL"));
            }
            if uri.authority().is_none_or(|a| a.as_str().contains('@')) {
                return Err(wrong("must name a host, without user or password"));
            }
            let secrets = e.secrets.iter().map(SecretRef::read).collect::<Result<Vec<_>, _>>()?;
            Ok((name.clone(), Host { uri, keys: Keys::read(&secrets).map_err(wrong)? }))
        };
        let hosts = egress.iter().map(host).collect::<Result<_, _>>()?;
        Ok(Self { hosts, agent: agent(outbox, DefaultResolver::default()) })
    }

    /// Sends an event; the error is a sentence without anything of the answer.
    pub(crate) fn send(&self, host: &str, event: &Event, now: i64) -> Result<(), String> {
        let Some(Host { uri, keys }) = self.hosts.get(host) else { return Err(format!("no host `{host}` is configured")) };
        let request = self.agent.post(uri.clone()).header("content-type", CONTENT_TYPE).header("webhook-id", &event.id);
        let request = request.header("webhook-timestamp", now.to_string()).header("webhook-signature", keys.sign(&event.id, now, &event.body));
        // The answer's body is not read: its status says all.
        match request.send(event.body.as_str()).map(|answer| answer.status()) {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => Err(format!("answered {}", status.as_u16())),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What asks: no proxy, no redirect, no connection kept, and every address looked at.
fn agent(outbox: &Outbox, resolver: impl Resolver) -> Agent {
    let config = AgentConfig::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .save_redirect_history(false)
        .max_response_header_size(HEAD_BYTES)
        .max_idle_connections(0)
        .timeout_global(Some(Duration::from_millis(outbox.timeout_ms)))
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Guarded { inner: resolver })
}

/// Looks names up, and lets no address of an inner network through.
#[derive(Debug)]
struct Guarded<R> {
    inner: R,
}

impl<R: Resolver> Resolver for Guarded<R> {
    fn resolve(&self, uri: &Uri, config: &AgentConfig, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        // Without TLS, only to this machine itself; with it, only to the open network.
        let allowed = |ip: IpAddr| if uri.scheme_str() == Some("http") { ip.is_loopback() } else { is_open(ip) };
        match found.iter().find(|address| !allowed(address.ip())) {
            None => Ok(found),
            Some(address) => Err(Error::Other(format!("the host's address {} is not one that events may be sent to", address.ip()).into())),
        }
    }
}

/// Whether an address is of the open network.
fn is_open(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_open_v4(ip),
        IpAddr::V6(ip) => is_open_v6(ip),
    }
}

fn is_open_v4(ip: Ipv4Addr) -> bool {
    let inner = match ip.octets() {
        // This network, private, loopback, link-local (cloud metadata among it), shared by carriers, protocol assignments,
        // documentation, benchmarks, multicast and reserved.
        [0 | 10 | 127 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 168, ..]
        | [172, 16..=31, ..]
        | [100, 64..=127, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => true,
        _ => false,
    };
    !inner
}

fn is_open_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // Special assignments (Teredo among them), documentation, and 6to4, which hides an address of IPv4.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast; loopback, mapped and translated IPv4, unique local, link-local and multicast lie outside.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A name server that says something else each time.
    #[derive(Debug)]
    struct Rebinding {
        answers: Vec<SocketAddr>,
        asked: Arc<AtomicUsize>,
    }

    impl Resolver for Rebinding {
        fn resolve(&self, _: &Uri, _: &AgentConfig, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
            let mut found = self.empty();
            found.push(self.answers[self.asked.fetch_add(1, Ordering::SeqCst) % self.answers.len()]);
            Ok(found)
        }
    }

    fn outbox() -> Outbox {
        Outbox { poll_ms: 1, lease_ms: 1, timeout_ms: 5_000, retry_ms: 1, retry_ms_max: 1, dead_after_ms: 1, plain_loopback: true }
    }

    #[test]
    fn a_name_is_looked_up_once_and_the_address_that_was_looked_at_is_called() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (here, inside) = (listener.local_addr().unwrap(), "10.0.0.1:80".parse().unwrap());
        let receiver = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        });
        let asked = Arc::new(AtomicUsize::new(0));
        let agent = agent(&outbox(), Rebinding { answers: vec![here, inside], asked: Arc::clone(&asked) });
        assert_eq!(agent.post("http://hook.example/").send("{}").unwrap().status().as_u16(), 204);
        receiver.join().unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 1, "what it points to a moment later does not matter");
        let refused = agent.post("http://hook.example/").send("{}").unwrap_err().to_string();
        assert!(refused.contains("10.0.0.1 is not one that events may be sent to"), "{refused}");
        assert_eq!(asked.load(Ordering::SeqCst), 2, "each request looks anew");
    }

    #[test]
    fn addresses_of_inner_networks_are_refused_in_every_writing() {
        let inner = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in inner {
            assert!(address.parse().is_ok_and(|ip| !is_open(ip)), "{address}");
        }
        for address in
            ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "223.5.5.5", "2400:3200::1", "2606:4700::1111"]
        {
            assert!(address.parse().is_ok_and(is_open), "{address}");
        }
    }
}
