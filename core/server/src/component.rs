//! Components of the plugins' folder. What works on books is loaded here and nowhere else: the bytes are read once, and the
//! ones whose signature was looked at are the ones that are loaded.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use recoup_host::{Host, Plugin, Signature, Unsigned};
use recoup_model::Digest;
use recoup_model::access::TrustedKey;
use recoup_model::record::Ledger;
use recoup_store::{EVERYTHING, Store, StoreError};

use crate::error::CliError;

/// Whose components are loaded.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    keys: Vec<TrustedKey>,
    unsigned: Unsigned,
}

impl Trust {
    /// As an installation's log has it now.
    pub(crate) fn now(store: &mut Store, unsigned: Unsigned) -> Result<Self, StoreError> {
        Ok(Self { keys: trusted_keys(store)?, unsigned })
    }
}

/// The trust list of an installation, with the keys that are no longer trusted.
pub(crate) fn trusted_keys(store: &mut Store) -> Result<Vec<TrustedKey>, StoreError> {
    store.read(Ledger::installation(), |view| view.trusted_keys(None, EVERYTHING))
}

/// A component as it was read, with its signature file if there is one.
pub(crate) struct Component {
    path: PathBuf,
    bytes: Vec<u8>,
    signature: Option<Vec<u8>>,
}

impl Component {
    pub(crate) fn read(path: PathBuf) -> Result<Self, CliError> {
        let missing = |e| CliError::file(&path, format!("{e}: build the plugin with `recoup plugin build`, or set plugins.directory"));
        let bytes = std::fs::read(&path).map_err(missing)?;
        let beside = signature_file(&path);
        let signature = match std::fs::read(&beside) {
            Ok(signature) => Some(signature),
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(CliError::file(&beside, e)),
        };
        Ok(Self { path, bytes, signature })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether there is a signature to be looked at.
    pub(crate) const fn claims_a_signature(&self) -> bool {
        self.signature.is_some()
    }

    pub(crate) fn signature(&self, keys: &[TrustedKey]) -> Signature {
        Signature::of(&self.bytes, self.signature.as_deref(), keys)
    }

    /// Loads it for work on books, if it is trusted so far.
    pub(crate) fn load(&self, host: &Host, trust: &Trust) -> Result<Plugin, CliError> {
        // Its name alone, for the refusal of a job is told over HTTP.
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.signature(&trust.keys).admit(&name, trust.unsigned)?;
        self.try_out(host)
    }

    /// Loads it for a trial, whoever stands for it.
    pub(crate) fn try_out(&self, host: &Host) -> Result<Plugin, CliError> {
        Ok(host.load(&self.bytes)?)
    }
}

/// The component of a digest in a folder.
pub(crate) fn of_digest(folder: &Path, digest: Digest) -> Option<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).collect();
    files.sort();
    let is_it = |path: &PathBuf| path.extension().is_some_and(|e| e == "wasm") && std::fs::read(path).is_ok_and(|bytes| Digest::of(&bytes) == digest);
    files.into_iter().find(is_it)
}

/// Where a component's signature is.
pub(crate) fn signature_file(component: &Path) -> PathBuf {
    let mut name = component.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}
