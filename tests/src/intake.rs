//! Imports through the engine, with the real adapter, in this process.

use std::path::{Path, PathBuf};

use recoup_engine::EngineError;
use recoup_engine::intake::{Imported, Request, import};
use recoup_host::AdapterPlugin;
use recoup_model::import::{BadRecords, Coverage};
use recoup_model::record::Ledger;
use recoup_model::{Currency, Digest};
use recoup_store::{CommandMeta, Store};
use serde_json::Value;
use tempfile::TempDir;

use crate::{ACTOR, now, plugins};

/// A new ledger in a store.
pub fn ledger(store: &mut Store, code: &str, currency: &str) -> Ledger {
    let currency: Currency = currency.parse().expect("a currency");
    let ledger = Ledger { id: Ledger::id_of(code), code: code.to_owned(), name: code.to_owned(), currency, time_zone: "Asia/Shanghai".to_owned() };
    let meta = CommandMeta { kind: "open-ledger".into(), input: Digest::of(code.as_bytes()), actor: ACTOR.into(), recorded_at: now() };
    store.open_ledger(&ledger, &meta).expect("a ledger opens");
    ledger
}

/// A way in: an adapter, a profile, and a folder for the files that go through it.
pub struct Intake {
    adapter: AdapterPlugin,
    profile: Value,
    folder: TempDir,
    /// What bad records do.
    pub bad_records: BadRecords,
    /// What missing records mean.
    pub coverage: Coverage,
    /// Whether a file may say again what later files corrected.
    pub again: bool,
}

impl Intake {
    /// A profile of config/profiles; quarantine, and files that hold a part.
    pub fn new(profile: &str) -> Self {
        let profile = plugins::profile(profile);
        let adapter = profile.get("adapter").and_then(Value::as_str).expect("a profile names its adapter");
        Self {
            adapter: plugins::adapter(adapter),
            profile,
            folder: tempfile::tempdir().expect("a folder"),
            bad_records: BadRecords::Quarantine,
            coverage: Coverage::Delta,
            again: false,
        }
    }

    fn name(&self) -> &str {
        self.profile.get("id").and_then(Value::as_str).expect("a profile has an id")
    }

    /// Imports a file; the source system is the profile's id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn file(&self, store: &mut Store, ledger: &Ledger, path: &Path) -> Result<Imported, EngineError> {
        let request = Request {
            path,
            system: self.name(),
            profile: self.name(),
            profile_json: &self.profile.to_string(),
            bad_records: self.bad_records,
            coverage: self.coverage,
            again: self.again,
            file_bytes_max: 1 << 31,
            batch_items: 10_000,
            actor: ACTOR,
            recorded_at: now(),
        };
        import(store, &self.adapter, ledger, &request, &mut |_, _| std::ops::ControlFlow::Continue(()))
    }

    /// Imports a text as a file named `export.csv`.
    ///
    /// # Errors
    /// What the engine says.
    pub fn text(&self, store: &mut Store, ledger: &Ledger, text: &str) -> Result<Imported, EngineError> {
        let path: PathBuf = self.folder.path().join("export.csv");
        std::fs::write(&path, text).expect("a file can be written");
        self.file(store, ledger, &path)
    }
}
