//! TLS without a proxy: a client that trusts the certificate is answered, whoever speaks plainly is not, and what cannot be
//! served is told before anybody is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use recoup_tests::{Run, Site};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A certificate of this machine's own, and its key.
struct Made {
    certificate: PathBuf,
    key: PathBuf,
    pem: String,
}

fn make(site: &Site, name: &str) -> Made {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    let pem = made.cert.pem();
    let key = site.write(&format!("{name}.key"), made.signing_key.serialize_pem());
    Made { certificate: site.write(&format!("{name}.pem"), &pem), key, pem }
}

/// A client that trusts one certificate and no other.
fn trusting(pem: &str) -> Agent {
    let root = Certificate::from_pem(pem.as_bytes()).unwrap();
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[root])).build();
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30))).tls_config(tls).build().into()
}

fn variables<'a>(certificate: &'a Path, key: &'a Path) -> [(&'static str, &'a str); 2] {
    [("RECOUP__SERVER__TLS_CERTIFICATE", certificate.to_str().unwrap()), ("RECOUP__SERVER__TLS_KEY", key.to_str().unwrap())]
}

#[test]
fn who_speaks_tls_is_answered_and_who_does_not_is_not() {
    for site in Site::both() {
        let (ours, others) = (make(&site, "ours"), make(&site, "others"));
        let server = site.serve_with(&variables(&ours.certificate, &ours.key));
        let address = server.address().to_owned();
        let host = address.strip_prefix("https://").unwrap_or_else(|| panic!("it listens on {address}"));

        let client = trusting(&ours.pem);
        assert_eq!(client.get(format!("{address}/readyz")).call().unwrap().status(), 200);
        let token = format!("Bearer {}", site.everything());
        assert_eq!(client.get(format!("{address}/api/v1/ledgers")).header("authorization", token).call().unwrap().status(), 200);
        assert_eq!(client.get(format!("{address}/api/v1/ledgers")).call().unwrap().status(), 401);

        let stranger = trusting(&others.pem).get(format!("{address}/readyz")).call().unwrap_err();
        assert!(stranger.to_string().contains("certificate"), "{stranger}");

        // In plain text the same port says nothing of HTTP.
        let mut plain = TcpStream::connect(host).unwrap();
        plain.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        plain.write_all(format!("GET /readyz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
        let mut said = Vec::new();
        // That it is cut off is as good as an end.
        let _ = plain.read_to_end(&mut said);
        assert!(!said.windows(4).any(|w| w == b"HTTP"), "{}", String::from_utf8_lossy(&said));
    }
}

#[test]
fn what_is_no_certificate_or_no_key_is_told_at_the_start() {
    let site = Site::sqlite();
    let (ours, others) = (make(&site, "ours"), make(&site, "others"));
    let serve = |certificate: &Path, key: &Path| -> Run {
        let mut command = site.command(["serve", "--bind", "127.0.0.1:0"]);
        Run::from(command.envs(variables(certificate, key)).output().unwrap()).exits(1)
    };
    let missing = site.folder().join("missing.pem");
    let _ = serve(&missing, &ours.key).says("error [file.unreadable]").says("missing.pem").says("No such file");
    let _ = serve(&ours.certificate, &missing).says("error [file.unreadable]").says("missing.pem");
    let _ = serve(&ours.key, &ours.key).says("error [file.invalid]").says("ours.key: there is no certificate in PEM in it");
    let _ = serve(&ours.certificate, &ours.certificate).says("error [file.invalid]").says("ours.pem: there is no private key in PEM in it");
    let torn = site.write("torn.pem", &ours.pem[..ours.pem.len() / 2]);
    let _ = serve(&torn, &ours.key).says("error [file.invalid]").says("torn.pem");
    let _ = serve(&ours.certificate, &others.key).says("error [config.invalid]").says("server.tls_key");
    for (certificate, key) in [(ours.certificate.as_path(), Path::new("")), (Path::new(""), ours.key.as_path())] {
        let _ = serve(certificate, key).says("error [config.invalid]").says("set both, or neither");
    }
}
