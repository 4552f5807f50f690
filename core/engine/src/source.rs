//! Sources: where exports come from, and how they are imported. Each change is a command; the log keeps every version.

use recoup_model::Digest;
use recoup_model::import::{BadRecords, Coverage, ImportSource};
use recoup_model::record::{Ledger, Record};
use recoup_store::{EVERYTHING as NOW, Store, Tx, View};

use crate::EngineError;
use crate::facts::{By, command, fault};

/// How files of a source are imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The source system that keys belong to.
    pub system: String,
    /// Profile name.
    pub profile: String,
    /// The adapter that the profile names.
    pub adapter: String,
    /// What is done about bad records.
    pub bad_records: BadRecords,
    /// Whether a file holds everything.
    pub coverage: Coverage,
}

/// Which versions of a source a change may be of, by their positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// Whichever it has.
    Any,
    /// One of these.
    These(Vec<i64>),
}

impl Versions {
    /// Demands that the version that a source has is one of them.
    fn demand(&self, name: &str, version: i64) -> Result<(), EngineError> {
        match self {
            Self::These(versions) if !versions.contains(&version) => {
                Err(fault("source.changed", format!("the source `{name}` was changed at position {version}"), "read it again, and change what is there now"))
            }
            Self::Any | Self::These(_) => Ok(()),
        }
    }
}

/// Characters of a name at most.
const NAME_MAX: usize = 64;

/// A source as known at a position, with the position of its last version.
///
/// # Errors
/// There is none with the name, or the store fails.
pub fn find(view: &mut View<'_>, name: &str, known_at: i64) -> Result<(i64, ImportSource), EngineError> {
    let found = view.sources(known_at)?.into_iter().find(|(_, s)| s.name == name);
    found.ok_or_else(|| fault("source.unknown", format!("there is no source `{name}`"), "create it, or name one of the ledger's sources"))
}

/// The source with a name, if files may still be imported from it.
///
/// # Errors
/// There is none with the name, it is retired, or the store fails.
pub fn in_use(view: &mut View<'_>, name: &str) -> Result<ImportSource, EngineError> {
    for_import(view, name, false)
}

/// Likewise, for a file that may have been asked for before: a repeated request is answered although the source is retired by now.
///
/// # Errors
/// Likewise.
pub fn for_import(view: &mut View<'_>, name: &str, asked_before: bool) -> Result<ImportSource, EngineError> {
    let (_, source) = find(view, name, NOW)?;
    if source.retired && !asked_before {
        return Err(fault("source.retired", format!("the source `{name}` is retired"), "import from another one, or create a new one"));
    }
    Ok(source)
}

/// Creates a source.
///
/// # Errors
/// The name is none or taken, or the store fails.
pub fn create(store: &mut Store, ledger: &Ledger, name: &str, terms: &Terms, by: By<'_>) -> Result<Option<i64>, EngineError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if !(1..=NAME_MAX).contains(&name.len()) || !name.bytes().all(plain) {
        let mend = format!("write 1 to {NAME_MAX} letters, digits, dots, hyphens or underscores");
        return Err(fault("source.name", format!("`{name}` is no name of a source"), mend));
    }
    command(store, ledger, by, "create-source", Digest::of(name.as_bytes()), |tx| {
        if tx.sources(NOW)?.iter().any(|(_, s)| s.name == name) {
            return Err(fault("source.taken", format!("there is a source `{name}`"), "change it, or choose another name"));
        }
        put(tx, source(ledger, name, terms))
    })
}

/// Changes how files of a source are imported, given the versions that the change may be of.
///
/// # Errors
/// There is none with the name, it was changed meanwhile, it is retired, or the store fails.
pub fn change(store: &mut Store, ledger: &Ledger, name: &str, terms: &Terms, versions: &Versions, by: By<'_>) -> Result<Option<i64>, EngineError> {
    command(store, ledger, by, "change-source", Digest::of(name.as_bytes()), |tx| {
        versions.demand(name, find(tx, name, NOW)?.0)?;
        in_use(tx, name)?;
        put(tx, source(ledger, name, terms))
    })
}

/// Retires a source, given the versions that this may be of: nothing more is imported from it. Retiring it again changes nothing.
///
/// # Errors
/// There is none with the name, it was changed meanwhile, or the store fails.
pub fn retire(store: &mut Store, ledger: &Ledger, name: &str, versions: &Versions, by: By<'_>) -> Result<Option<i64>, EngineError> {
    command(store, ledger, by, "retire-source", Digest::of(name.as_bytes()), |tx| {
        let (position, source) = find(tx, name, NOW)?;
        versions.demand(name, position)?;
        if source.retired { Ok(()) } else { put(tx, ImportSource { retired: true, ..source }) }
    })
}

fn source(ledger: &Ledger, name: &str, terms: &Terms) -> ImportSource {
    let Terms { system, profile, adapter, bad_records, coverage } = terms.clone();
    ImportSource { id: ImportSource::id_of(ledger.id, name), name: name.to_owned(), system, profile, adapter, bad_records, coverage, retired: false }
}

fn put(tx: &mut Tx<'_>, source: ImportSource) -> Result<(), EngineError> {
    Ok(tx.append(&[Record::ImportSource(source).into()])?)
}
