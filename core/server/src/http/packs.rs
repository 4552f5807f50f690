//! What policy packs say of themselves, for traces in sentences; a pack is loaded when it is first asked for.
//!
//! Components and the trust list are taken for what they were when the process began, so that one question has one answer:
//! jobs ask anew.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use recoup_host::{Host, Limits, RulesDescription};
use recoup_model::Digest;

use crate::component::{Component, Trust, of_digest, signature_file};

/// What a pack says of itself, once somebody has loaded it; none when it cannot be.
type Described = OnceLock<Option<Arc<RulesDescription>>>;

/// Descriptions of the packs in the plugins' folder.
pub(crate) struct Packs {
    directory: PathBuf,
    limits: Limits,
    trust: Trust,
    fingerprint: Digest,
    known: Mutex<HashMap<String, Arc<Described>>>,
}

impl Packs {
    pub(crate) fn new(directory: PathBuf, limits: Limits, trust: Trust) -> Arc<Self> {
        let fingerprint = fingerprint(&directory, &trust);
        Arc::new(Self { directory, limits, trust, fingerprint, known: Mutex::default() })
    }

    /// Changes when a plugin does, or who is trusted.
    pub(crate) const fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// A pack's description; none when its component is not here, or is refused: then messages are shown by their codes.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<RulesDescription>> {
        // One that takes long to compile holds up nobody who asks for another.
        let pack = Arc::clone(self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(id.to_owned()).or_default());
        pack.get_or_init(|| self.load(self.path(id)?)).clone()
    }

    /// The description of the component of a digest; likewise.
    pub(crate) fn of_component(&self, digest: Digest) -> Option<Arc<RulesDescription>> {
        // No id is written so.
        let known = format!("sha256:{digest}");
        let pack = Arc::clone(self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(known).or_default());
        pack.get_or_init(|| self.load(of_digest(&self.directory, digest)?)).clone()
    }

    /// Where a pack's component is.
    fn path(&self, id: &str) -> Option<PathBuf> {
        // The id comes from the ledger's log, and must not lead out of the folder.
        let is_plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        Some(self.directory.join(format!("{id}.wasm"))).filter(|path| is_plain && path.exists())
    }

    fn load(&self, path: PathBuf) -> Option<Arc<RulesDescription>> {
        let file = path.display().to_string();
        let loaded = Component::read(path).and_then(|component| component.load(&Host::new(self.limits.clone())?, &self.trust));
        match loaded {
            Ok(plugin) => Some(Arc::new(plugin.into_rules()?.description().clone())),
            Err(error) => {
                tracing::warn!(pack = file, code = error.code(), %error, "a pack cannot be loaded: its messages are shown by their codes");
                None
            }
        }
    }
}

/// Digest of the names and contents of the components in a folder and their signatures, and of who is trusted.
fn fingerprint(directory: &Path, trust: &Trust) -> Digest {
    let files = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|f| f.path());
    let mut files: Vec<PathBuf> = files.filter(|f| f.extension().is_some_and(|e| e == "wasm")).collect();
    files.sort();
    let digest = |path: &Path| Digest::of(&std::fs::read(path).unwrap_or_default());
    let digests = files.iter().map(|f| format!("{} {} {}\n", f.display(), digest(f), digest(&signature_file(f))));
    Digest::of(format!("{}{trust:?}", digests.collect::<String>()).as_bytes())
}
