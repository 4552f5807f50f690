//! Signatures of components: whether a key that the installation trusts stands for the very bytes that are to be loaded.
//!
//! A signature is minisign's, in a file of its own beside the component. A key that is not in the trust list cannot be
//! tried: of a signature by it, nothing but its number is known.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minisign_verify::{Error, PublicKey, Signature as Signed};
use recoup_model::access::{KeyNumber, TrustedKey};
use serde::{Deserialize, Serialize};

/// What is done with components that no trusted key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsigned {
    /// They are loaded.
    Allow,
    /// They are refused.
    Refuse,
}

impl Unsigned {
    /// Its word in the configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Refuse => "refuse",
        }
    }
}

/// A key that is trusted and whose signature was found to be of the bytes: only [`Signature::of`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified(TrustedKey);

impl Verified {
    /// The key.
    #[must_use]
    pub const fn key(&self) -> &TrustedKey {
        &self.0
    }
}

/// What was found of a component's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// A trusted key signed these bytes.
    Signed(Verified),
    /// A known key signed other bytes.
    Modified(TrustedKey),
    /// A key that is not in the trust list is said to have signed.
    UnknownKey(KeyNumber),
    /// A key that is no longer trusted signed these bytes.
    Revoked(TrustedKey),
    /// The signature file holds no signature, for this reason.
    Invalid(&'static str),
    /// There is no signature file.
    Unsigned,
}

impl Signature {
    /// Looks at a component's bytes and its signature file, by the keys of the trust list, withdrawn ones among them.
    #[must_use]
    pub fn of(component: &[u8], signature: Option<&[u8]>, keys: &[TrustedKey]) -> Self {
        let Some(signature) = signature else { return Self::Unsigned };
        let Ok(text) = std::str::from_utf8(signature) else { return Self::Invalid("it is no text") };
        let (Ok(signed), Some(number)) = (Signed::decode(text), number(text)) else { return Self::Invalid("it is no signature of minisign") };
        // Nothing keeps two keys from having one number.
        let mut modified = None;
        for key in keys.iter().filter(|k| k.key.number() == number) {
            let Ok(public) = PublicKey::from_base64(&key.key.to_string()) else { continue };
            match public.verify(component, &signed, false) {
                Ok(()) if key.revoked => return Self::Revoked(key.clone()),
                Ok(()) => return Self::Signed(Verified(key.clone())),
                Err(Error::UnexpectedAlgorithm) => return Self::Invalid("it is of minisign's old form, which is made without a digest"),
                Err(_) => modified = Some(key),
            }
        }
        modified.map_or(Self::UnknownKey(number), |key| Self::Modified(key.clone()))
    }

    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Signed(_) => "signed",
            Self::Modified(_) => "modified",
            Self::UnknownKey(_) => "unknown-key",
            Self::Revoked(_) => "revoked",
            Self::Invalid(_) => "invalid",
            Self::Unsigned => "unsigned",
        }
    }

    /// The key that signed, or is said to have.
    #[must_use]
    pub const fn number(&self) -> Option<KeyNumber> {
        match self {
            Self::Signed(Verified(key)) | Self::Modified(key) | Self::Revoked(key) => Some(key.key.number()),
            Self::UnknownKey(number) => Some(*number),
            Self::Invalid(_) | Self::Unsigned => None,
        }
    }

    /// Whose key that is, where it is known.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Signed(Verified(key)) | Self::Modified(key) | Self::Revoked(key) => Some(&key.label),
            Self::UnknownKey(_) | Self::Invalid(_) | Self::Unsigned => None,
        }
    }

    /// Demands that a component with this signature may be loaded. What no signature stands for is the configuration's to
    /// allow; a signature that is wrong is refused whatever it says.
    ///
    /// # Errors
    /// A [`SignatureError`] that names the component.
    pub fn admit(self, component: &str, unsigned: Unsigned) -> Result<(), SignatureError> {
        let component = component.to_owned();
        match (self, unsigned) {
            (Self::Signed(_), _) | (Self::UnknownKey(_) | Self::Unsigned, Unsigned::Allow) => Ok(()),
            (Self::UnknownKey(number), Unsigned::Refuse) => Err(SignatureError::UnknownKey { component, number }),
            (Self::Unsigned, Unsigned::Refuse) => Err(SignatureError::Unsigned { component }),
            (Self::Modified(key), _) => Err(SignatureError::Modified { component, number: key.key.number(), label: key.label }),
            (Self::Revoked(key), _) => Err(SignatureError::Revoked { component, number: key.key.number(), label: key.label }),
            (Self::Invalid(why), _) => Err(SignatureError::Invalid { component, why }),
        }
    }
}

/// A component that is not loaded, because of its signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Nobody stands for it.
    #[error("{component} has no signature, and `plugins.unsigned` says refuse: put {component}.minisig of a trusted key beside it")]
    Unsigned {
        /// The component's file.
        component: String,
    },
    /// Somebody does who is not trusted.
    #[error(
        "{component} is signed with the key {number}, which is not trusted, and `plugins.unsigned` says refuse: two administrators trust a key, from `recoup trust add` on"
    )]
    UnknownKey {
        /// The component's file.
        component: String,
        /// The key's number.
        number: KeyNumber,
    },
    /// It is not what was signed.
    #[error(
        "{component} is not what the key {number} ({label}) signed: put the component there that belongs to the signature, or the signature that belongs to it"
    )]
    Modified {
        /// The component's file.
        component: String,
        /// The key's number.
        number: KeyNumber,
        /// Whose it is.
        label: String,
    },
    /// Who stands for it is no longer trusted.
    #[error("{component} is signed with the key {number} ({label}), which is no longer trusted: put one there that a trusted key signed")]
    Revoked {
        /// The component's file.
        component: String,
        /// The key's number.
        number: KeyNumber,
        /// Whose it is.
        label: String,
    },
    /// The signature file holds none.
    #[error("{component}.minisig holds no signature, for {why}: sign the component again with `minisign -Sm {component}`")]
    Invalid {
        /// The component's file.
        component: String,
        /// Why.
        why: &'static str,
    },
}

impl SignatureError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsigned { .. } => "plugin.unsigned",
            Self::UnknownKey { .. } => "plugin.unknown_key",
            Self::Modified { .. } => "plugin.modified",
            Self::Revoked { .. } => "plugin.revoked_key",
            Self::Invalid { .. } => "plugin.bad_signature",
        }
    }
}

/// The number of the key that a signature names, which the verifier keeps to itself: after two bytes, in the second line.
fn number(signature: &str) -> Option<KeyNumber> {
    let bytes = BASE64.decode(signature.lines().nth(1)?).ok()?;
    Some(KeyNumber(bytes.get(2..10)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signature of `test` in the documentation of minisign's verifier, and its key.
    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1633700835\tfile:test\tprehashed
wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==
";
    /// Of the same text, in the old form.
    const OLD: &str = "untrusted comment: signature from minisign secret key
RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=
trusted comment: timestamp:1555779966\tfile:test
QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==
";

    fn trusted() -> Vec<TrustedKey> {
        KEY.parse().map(|key| vec![TrustedKey::new(key, "vendor")]).unwrap_or_default()
    }

    fn word(component: &[u8], signature: Option<&[u8]>, keys: &[TrustedKey]) -> &'static str {
        Signature::of(component, signature, keys).word()
    }

    #[test]
    fn what_is_found_of_a_signature_is_told_apart() {
        let (keys, good) = (trusted(), Some(SIGNATURE.as_bytes()));
        assert_eq!(keys.len(), 1);
        assert_eq!(word(b"test", good, &keys), "signed");
        assert_eq!(word(b"Test", good, &keys), "modified");
        assert_eq!(word(b"test", good, &[]), "unknown-key");
        let withdrawn: Vec<_> = keys.iter().map(|k| TrustedKey { revoked: true, ..k.clone() }).collect();
        assert_eq!(word(b"test", good, &withdrawn), "revoked");
        assert_eq!(word(b"Test", good, &withdrawn), "modified");
        for none in [&b""[..], b"\xff\xff", b"untrusted comment: x\nRUQ\n", OLD.as_bytes()] {
            assert_eq!(word(b"test", Some(none), &keys), "invalid");
        }
        assert_eq!(word(b"test", None, &keys), "unsigned");
        assert_eq!(Signature::of(b"test", good, &[]).number().map(|n| n.to_string()).as_deref(), Some("E7620F1842B4E81F"));
    }

    #[test]
    fn another_key_with_the_same_number_changes_nothing() {
        // The numbers of two keys may be equal; whose signature it is, the key itself decides.
        let other = "RWQf6LRCGA9i5wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().map(|key| TrustedKey::new(key, "other"));
        let keys: Vec<_> = other.into_iter().chain(trusted()).collect();
        assert_eq!(keys.len(), 2);
        let found = Signature::of(b"test", Some(SIGNATURE.as_bytes()), &keys);
        assert_eq!((found.word(), found.label()), ("signed", Some("vendor")));
    }

    #[test]
    fn a_changed_byte_anywhere_in_the_signature_makes_it_worthless() {
        let keys = trusted();
        // The first line is not signed: minisign calls it the untrusted comment.
        let begin = SIGNATURE.find('\n').unwrap_or_default() + 1;
        for at in begin..SIGNATURE.len() - 1 {
            let mut bytes = SIGNATURE.as_bytes().to_vec();
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1;
            }
            assert_ne!(word(b"test", Some(&bytes), &keys), "signed", "byte {at}");
        }
    }

    #[test]
    fn a_wrong_signature_is_refused_whatever_the_configuration_says_and_none_as_it_says() {
        let (keys, good) = (trusted(), Some(SIGNATURE.as_bytes()));
        let withdrawn: Vec<_> = keys.iter().map(|k| TrustedKey { revoked: true, ..k.clone() }).collect();
        let code = |found: Signature, unsigned| found.admit("table.wasm", unsigned).err().map(|e| e.code());
        for unsigned in [Unsigned::Allow, Unsigned::Refuse] {
            assert_eq!(code(Signature::of(b"test", good, &keys), unsigned), None);
            assert_eq!(code(Signature::of(b"Test", good, &keys), unsigned), Some("plugin.modified"));
            assert_eq!(code(Signature::of(b"test", good, &withdrawn), unsigned), Some("plugin.revoked_key"));
            assert_eq!(code(Signature::of(b"test", Some(b""), &keys), unsigned), Some("plugin.bad_signature"));
            let refused = |code| (unsigned == Unsigned::Refuse).then_some(code);
            assert_eq!(code(Signature::of(b"test", good, &[]), unsigned), refused("plugin.unknown_key"));
            assert_eq!(code(Signature::of(b"test", None, &keys), unsigned), refused("plugin.unsigned"));
        }
    }
}
