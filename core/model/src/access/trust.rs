//! Keys whose signatures on plugins are trusted: minisign's, which are Ed25519.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::id::KeyId;

/// What a public key begins with: the algorithm, before its number and the key itself.
const ALGORITHM: [u8; 2] = *b"Ed";

/// A public key, written as minisign writes it: 56 characters of Base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey([u8; 42]);

/// The number that minisign gives a key, and names in each signature. It is no proof of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyNumber(pub [u8; 8]);

/// A text that is no public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no public key of minisign: write the 56 characters of the second line of its .pub file")]
pub struct NotAKey(String);

/// A key whose signatures are trusted. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedKey {
    /// Its id, from the key.
    pub id: KeyId,
    /// The key.
    pub key: PublicKey,
    /// Whose it is: a publisher or a machine; no person's name, because it is never erased.
    pub label: String,
    /// Whether the trust was withdrawn.
    pub revoked: bool,
}

impl TrustedKey {
    /// A trusted key: equal keys have one id.
    #[must_use]
    pub fn new(key: PublicKey, label: &str) -> Self {
        Self { id: KeyId::from_parts(&[&key.0]), key, label: label.to_owned(), revoked: false }
    }
}

impl PublicKey {
    /// The number that it goes by.
    #[must_use]
    pub const fn number(&self) -> KeyNumber {
        let [_, _, a, b, c, d, e, f, g, h, ..] = self.0;
        KeyNumber([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Display for KeyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", u64::from_le_bytes(self.0))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let bytes = BASE64.decode(text).ok().and_then(|bytes| <[u8; 42]>::try_from(bytes).ok());
        bytes.filter(|b| b.starts_with(&ALGORITHM)).map(Self).ok_or_else(|| NotAKey(text.to_owned()))
    }
}

impl TryFrom<String> for PublicKey {
    type Error = NotAKey;
    fn try_from(text: String) -> Result<Self, NotAKey> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}
