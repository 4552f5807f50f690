//! Signatures of webhooks in the form of Standard Webhooks, by which the receiver knows who sent what and when.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Bytes that a key has at least and at most.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Keys of one host: while a key is replaced, both sign.
#[derive(Clone)]
pub(crate) struct Keys(Vec<Hmac<Sha256>>);

impl Keys {
    /// Keys from their texts, `whsec_` and Base64; the error says what is wrong and not what the key is.
    pub(crate) fn read(texts: &[String]) -> Result<Self, &'static str> {
        if texts.is_empty() {
            return Err("names no secret: receivers could not tell who sent an event");
        }
        texts.iter().map(|text| key(text)).collect::<Result<_, _>>().map(Self)
    }

    /// The header's value: one signature for each key.
    pub(crate) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let signature = |key: &Hmac<Sha256>| {
            let signed = key.clone().chain_update(format!("{id}.{timestamp}.{body}"));
            format!("v1,{}", STANDARD.encode(signed.finalize().into_bytes()))
        };
        self.0.iter().map(signature).collect::<Vec<_>>().join(" ")
    }
}

fn key(text: &str) -> Result<Hmac<Sha256>, &'static str> {
    let wrong = "has a secret that is not `whsec_` with 24 to 64 bytes in Base64";
    let bytes = text.trim().strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok()).filter(|b| KEY_BYTES.contains(&b.len()));
    Hmac::new_from_slice(&bytes.ok_or(wrong)?).map_err(|_| wrong)
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn the_published_example_of_standard_webhooks_is_signed_alike() {
        let keys = Keys::read(&["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()]).ok();
        let signed = keys.map(|k| k.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#));
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_key_that_anybody_could_guess_is_refused() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "whsec_not base64"] {
            assert!(Keys::read(&[text.to_owned()]).is_err(), "{text}");
        }
        assert!(Keys::read(&[]).is_err());
    }
}
