//! What can go wrong in the store, each with a stable code and a way to mend it.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};

/// Any failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no database that the store knows.
    #[error("`{0}` is no database: write `sqlite:PATH`, `sqlite::memory:` or `postgres://USER@HOST/DATABASE`")]
    Url(String),
    /// No connection.
    #[error("cannot open the database {url}: check that it exists, runs and may be reached")]
    Unreachable {
        /// Where, without a password.
        url: String,
        /// What the driver said.
        #[source]
        source: ConnectionError,
    },
    /// The connection was lost.
    #[error("the connection to the database was lost: try again once it is back")]
    Lost(#[source] DieselError),
    /// Tables are missing.
    #[error("the database lacks the migration {missing}: run `recoup migrate`")]
    SchemaOlder {
        /// The first one missing.
        missing: String,
    },
    /// A later release was here.
    #[error("the database has the migration {unknown}, which this release does not know: use the release that made it, or a later one")]
    SchemaNewer {
        /// The first one that is unknown.
        unknown: String,
    },
    /// A migration failed.
    #[error("the database could not be migrated; nothing was changed by the step that failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Another writer holds the ledger for too long.
    #[error("another writer holds the ledger: try again")]
    Busy(#[source] DieselError),
    /// The database worked on a statement for longer than it may.
    #[error("the database took too long: ask for less")]
    TooLong(#[source] DieselError),
    /// A key was used for something else.
    #[error("the idempotency key `{0}` was used with another input: send a new key with a new request")]
    IdempotencyConflict(String),
    /// A job that is another process's by now, or was called off.
    #[error("the job {0} is another process's by now, or was called off: nothing was written")]
    NotHeld(String),
    /// An upload that was given up, because it took too long.
    #[error("the upload {0} was given up because it took too long: send the file again")]
    UploadGone(uuid::Uuid),
    /// No such ledger.
    #[error("there is no ledger `{0}`: open it first")]
    UnknownLedger(String),
    /// The code is taken by other books.
    #[error("the ledger `{0}` exists with another name, currency or time zone: choose another code")]
    LedgerDiffers(String),
    /// Something is recorded that can be recorded only once.
    #[error("a record of the command is in the ledger already, and can be there only once")]
    Duplicate(#[source] DieselError),
    /// Something that balances are sums of cannot be erased.
    #[error("leaf {leaf} says what is due: it is an entry of the books and cannot be erased")]
    PartOfTheBooks {
        /// Its index.
        leaf: i64,
    },
    /// A fact of a soft-closed period that nobody approved.
    #[error(transparent)]
    SoftClosed(#[from] recoup_model::period::SoftClosed),
    /// A posting that would enter a closed period.
    #[error("nothing is posted into {0}, which is closed: post it in the open period")]
    PeriodClosed(recoup_model::Month),
    /// A date that the databases cannot order.
    #[error("{0} lies outside the years 1 to 9999: mend the date")]
    DateRange(chrono::NaiveDate),
    /// A sum does not fit.
    #[error("a sum of the ledger exceeds 64 bits of minor units")]
    Overflow,
    /// Stored bytes are not what was stored.
    #[error("stored data is damaged: {0}; run `recoup audit rebuild` to find out where, and restore a backup")]
    Corrupt(String),
    /// A record that has no canonical JSON.
    #[error("a record cannot be written as JSON")]
    Encode(#[source] serde_json::Error),
    /// No random numbers, or another refusal of the database.
    #[error("the database refused a statement")]
    Database(#[source] DieselError),
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Url(_) => "store.url",
            Self::Unreachable { .. } | Self::Lost(_) => "store.unreachable",
            Self::SchemaOlder { .. } => "store.schema_older",
            Self::SchemaNewer { .. } => "store.schema_newer",
            Self::Migration(_) => "store.migration",
            Self::Busy(_) => "store.busy",
            Self::TooLong(_) => "store.too_long",
            Self::IdempotencyConflict(_) => "store.idempotency_conflict",
            Self::NotHeld(_) => "store.not_held",
            Self::UploadGone(_) => "store.upload_gone",
            Self::UnknownLedger(_) => "store.unknown_ledger",
            Self::LedgerDiffers(_) => "store.ledger_differs",
            Self::Duplicate(_) => "store.duplicate",
            Self::PartOfTheBooks { .. } => "store.part_of_the_books",
            Self::SoftClosed(_) => "period.soft_closed",
            Self::PeriodClosed(_) => "store.period_closed",
            Self::DateRange(_) => "store.date_range",
            Self::Overflow => "store.overflow",
            Self::Corrupt(_) => "store.corrupt",
            Self::Encode(_) => "store.encode",
            Self::Database(_) => "store.database",
        }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        // Both drivers report these by message only.
        let says = |text: &str| matches!(&error, DieselError::DatabaseError(_, info) if info.message().contains(text));
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Duplicate(error),
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => Self::Lost(error),
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy(error),
            _ if says("statement timeout") => Self::TooLong(error),
            _ if says("database is locked") || says("lock timeout") => Self::Busy(error),
            _ if says("integer overflow") || says("bigint out of range") => Self::Overflow,
            DieselError::DeserializationError(cause) => Self::corrupt(cause.to_string()),
            _ => Self::Database(error),
        }
    }
}
