//! TLS from files in PEM.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Server;
use crate::error::CliError;

/// The configuration that the files make, if they are named.
pub(crate) fn config(server: &Server) -> Result<Option<ServerConfig>, CliError> {
    let (certificate, key) = (&server.tls_certificate, &server.tls_key);
    match (certificate.as_os_str().is_empty(), key.as_os_str().is_empty()) {
        (true, true) => return Ok(None),
        (false, false) => {}
        _ => return Err(CliError::Config("`server.tls_certificate` and `server.tls_key` belong together: set both, or neither".to_owned())),
    }
    let certificates = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates.map_err(|e| bad(certificate, "certificate", &e))?;
    if certificates.is_empty() {
        return Err(bad(certificate, "certificate", &pem::Error::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|e| bad(key, "private key", &e))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let invalid = |e: rustls::Error| CliError::Config(format!("`server.tls_certificate` with `server.tls_key`: {e}"));
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(invalid)?;
    config.with_no_client_auth().with_single_cert(certificates, key).map_err(invalid).map(Some)
}

/// A file that cannot be read, or has not in it what it should.
fn bad(path: &Path, what: &str, error: &pem::Error) -> CliError {
    match error {
        pem::Error::Io(e) => CliError::file(path, e),
        pem::Error::NoItemsFound => CliError::content(path, format!("there is no {what} in PEM in it")),
        other => CliError::content(path, format!("no {what} in PEM: {other:?}")),
    }
}
