//! Secrets of tokens: 256 random bits, which need no salt and no slow hash.

use recoup_model::Digest;

use super::AccessError;

/// Lets scanners of repositories find a token that was left in one.
const PREFIX: &str = "recoup_";

/// The secret of a token, which is shown once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new() -> Result<Self, AccessError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| AccessError::Crypto(e.to_string()))?;
        Ok(Self(format!("{PREFIX}{}", Digest(bytes))))
    }

    /// A first password, which nobody has to make up: 128 bits.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn password() -> Result<Self, AccessError> {
        let secret = Self::new()?;
        Ok(Self(secret.0.chars().skip(PREFIX.len()).take(32).collect()))
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}
