//! Identifiers: one newtype each, so that a receipt is never taken for a receivable.
//!
//! The id of a sourced record derives from its source key, so that the order of arrival
//! never matters. Other ids are version 7 UUIDs that the caller makes: the model has
//! neither clock nor randomness. No tie is ever broken by an id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A SHA-256 digest, written in lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The first eight characters, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whole, because digests are written for every record and every answer.
        let mut text = String::with_capacity(2 * self.0.len());
        for byte in self.0 {
            text.extend([byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or_default()));
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a SHA-256 digest of 64 hexadecimal characters")]
pub struct NotADigest(String);

impl FromStr for Digest {
    type Err = NotADigest;
    fn from_str(s: &str) -> Result<Self, NotADigest> {
        let bad = || NotADigest(s.to_owned());
        let mut out = [0; 32];
        if s.len() != 64 || !s.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad());
        }
        for (i, b) in out.iter_mut().enumerate() {
            *b = s.get(i * 2..i * 2 + 2).and_then(|h| u8::from_str_radix(h, 16).ok()).ok_or_else(bad)?;
        }
        Ok(Self(out))
    }
}

impl TryFrom<String> for Digest {
    type Error = NotADigest;
    fn try_from(s: String) -> Result<Self, NotADigest> {
        s.parse()
    }
}

impl From<Digest> for String {
    fn from(d: Digest) -> Self {
        d.to_string()
    }
}

/// What an id is derived from: parts that cannot run into each other.
fn derive(kind: &str, parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in std::iter::once(kind.as_bytes()).chain(parts.iter().copied()) {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let full: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(full.first_chunk::<16>().unwrap_or(&[0; 16]));
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Where a sourced record comes from, as far as its identity goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceKey<'a> {
    /// The ledger, or `None` for what is known once per installation (parties, persons).
    pub ledger: Option<LedgerId>,
    /// The source system, such as `u8`.
    pub system: &'a str,
    /// The key in that system.
    pub key: &'a str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id of a sourced record.
            #[must_use]
            pub fn of(source: &SourceKey<'_>) -> Self {
                let ledger = source.ledger.map(|l| *l.0.as_bytes()).unwrap_or_default();
                Self(derive($kind, &[&ledger, source.system.as_bytes(), source.key.as_bytes()]))
            }

            /// The id of something that other things determine wholly.
            #[must_use]
            pub fn from_parts(parts: &[&[u8]]) -> Self {
                Self(derive($kind, parts))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0, f) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, concat!($kind, ":{}"), self.0) }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, uuid::Error> { s.parse().map(Self) }
        }
    )*};
}

ids! {
    /// A set of books.
    LedgerId = "ledger";
    /// Who owes, or who else answers: known once per installation.
    PartyId = "party";
    /// A natural person who answers for debts: known once per installation.
    PersonId = "person";
    /// An organisational unit of the ledger's entity.
    UnitId = "unit";
    /// A contract or project.
    ContractId = "contract";
    /// A claim.
    ReceivableId = "receivable";
    /// Money in, or what counts as such.
    ReceiptId = "receipt";
    /// One movement of a receivable or of a receipt.
    EntryId = "entry";
    /// A responsibility letter.
    LetterId = "letter";
    /// An agreement about claims.
    AgreementId = "agreement";
    /// A dated fact about an agreement, a receipt or a claim.
    MilestoneId = "milestone";
    /// What is to be recovered in a span of days.
    TargetId = "target";
    /// A finding of a false report.
    FalseReportId = "false-report";
    /// What was imposed on somebody that is not money.
    SanctionId = "sanction";
    /// Days on which the clock of a claim stands.
    PauseId = "pause";
    /// Somebody's role for something.
    RoleId = "role";
    /// What a clause says is due for one basis.
    LineId = "line";
    /// What is settled together.
    AccountId = "account";
    /// A payout run.
    PayoutId = "payout";
    /// An objection against a payout run.
    ObjectionId = "objection";
    /// Where exports come from.
    SourceId = "source";
    /// An import batch.
    BatchId = "batch";
    /// A finding.
    FindingId = "finding";
    /// Somebody who may sign in.
    UserId = "user";
    /// A token that programs show.
    TokenId = "token";
    /// A right that somebody has.
    GrantId = "grant";
    /// A key whose signatures on plugins are trusted.
    KeyId = "key";
    /// A change of rights that waits for a second person.
    ProposalId = "proposal";
}
