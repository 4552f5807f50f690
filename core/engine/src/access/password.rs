//! Passwords: Argon2id with 19 MiB of memory, two passes and one lane (OWASP's first choice), a random salt each.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use super::AccessError;

/// Fewer characters are guessed too soon, however they are hashed.
const CHARS_MIN: usize = 12;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash of no password, computed with the parameters above: what a login that nobody has is checked against.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password into its PHC form.
pub(super) fn hash(password: &str) -> Result<String, AccessError> {
    if password.chars().count() < CHARS_MIN {
        return Err(AccessError::Password { min: CHARS_MIN });
    }
    let crypto = |e: &dyn std::fmt::Display| AccessError::Crypto(e.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| crypto(&e))?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(argon.hash_password(password.as_bytes()).map_err(|e| crypto(&e))?.to_string())
}

/// Whether a password belongs to a hash. Without one the same work is done for nothing, so that the time taken does not
/// tell which logins there are.
pub(super) fn verify(password: &str, hash: Option<&str>) -> bool {
    let known = hash.and_then(|h| PasswordHash::new(h).ok());
    let Some(against) = known.clone().or_else(|| PasswordHash::new(NOBODY).ok()) else { return false };
    // The parameters are those of the hash, so that older ones stay valid.
    let right = Argon2::default().verify_password(password.as_bytes(), &against).is_ok();
    right && known.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_and_no_other_is() {
        let hash = hash("correct horse battery").unwrap_or_default();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse battery", Some(&hash)));
        assert!(!verify("correct horse batterz", Some(&hash)));
        assert!(!verify("correct horse battery", Some("no hash")));
        assert!(!verify("correct horse battery", None));
        assert_ne!(super::hash("correct horse battery").unwrap_or_default(), hash, "salts differ");
    }

    #[test]
    fn the_hash_of_nobody_costs_what_a_hash_costs() {
        let params = |text: &str| PasswordHash::new(text).map(|h| (h.params.clone(), h.hash.map(|o| o.len()))).ok();
        assert!(params(NOBODY).is_some());
        assert_eq!(params(NOBODY), params(&hash("correct horse battery").unwrap_or_default()));
    }

    #[test]
    fn a_short_password_is_refused() {
        assert_eq!(hash("elevenchars").map_err(|e| e.code()), Err("access.password"));
    }
}
