//! TLS from files in PEM.

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Server;
use crate::error::CliError;

/// The configuration that the files make, if they are named.
pub(crate) fn config(server: &Server) -> Result<Option<ServerConfig>, CliError> {
    let (certificate, key) = (&server.tls_certificate, &server.tls_key);
    if certificate.as_os_str().is_empty() && key.as_os_str().is_empty() {
        return Ok(None);
    }
    let certificates = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates.map_err(|e| CliError::file(certificate, e))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|e| CliError::file(key, e))?;
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let invalid = |e: rustls::Error| CliError::Config(format!("`server.tls_certificate`: {e}"));
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(invalid)?;
    config.with_no_client_auth().with_single_cert(certificates, key).map_err(invalid).map(Some)
}
