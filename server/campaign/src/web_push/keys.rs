//! The keys of a device, under which what it is sent is sealed (RFC 8291): no push service reads it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt;
use web_push_native::Auth;
use web_push_native::p256::PublicKey;

/// A point of P-256, uncompressed.
const POINT_BYTES: usize = 65;
/// The secret that a device shares with whoever may send to it.
const AUTH_BYTES: usize = 16;

/// A device's keys.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PushKeysForm", into = "PushKeysForm")]
pub struct PushKeys {
    point: PublicKey,
    auth: [u8; AUTH_BYTES],
}

/// Keys as a browser says them: base64url, with padding or without.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushKeysForm {
    /// The device's public key (RFC 8291 §3.1): 65 bytes.
    pub p256dh: String,
    /// The secret that it shares (RFC 8291 §3.2): 16 bytes.
    pub auth: String,
}

/// What are no keys of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these are no keys of a push subscription")]
pub struct InvalidKeys;

/// It could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a notification cannot be sealed")]
pub struct NotSealed;

impl PushKeys {
    /// Seals a text for the device, with a fresh key and salt each time (RFC 8291, `aes128gcm`).
    pub fn seal(&self, text: Vec<u8>) -> Result<Vec<u8>, NotSealed> {
        web_push_native::encrypt(text, &self.point, &Auth::from(self.auth)).map_err(|_| NotSealed)
    }
}

impl TryFrom<PushKeysForm> for PushKeys {
    type Error = InvalidKeys;

    fn try_from(form: PushKeysForm) -> Result<Self, InvalidKeys> {
        let point = bytes::<POINT_BYTES>(&form.p256dh)?;
        let point = PublicKey::from_sec1_bytes(&point).map_err(|_| InvalidKeys)?;
        Ok(Self { point, auth: bytes(&form.auth)? })
    }
}

impl From<PushKeys> for PushKeysForm {
    fn from(keys: PushKeys) -> Self {
        use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
        let point = keys.point.to_encoded_point(false);
        Self {
            p256dh: BASE64_URL_SAFE_NO_PAD.encode(point.as_bytes()),
            auth: BASE64_URL_SAFE_NO_PAD.encode(keys.auth),
        }
    }
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], InvalidKeys> {
    // Longer than any text of so many bytes: not worth reading.
    if text.len() > 2 * N {
        return Err(InvalidKeys);
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| InvalidKeys)?;
    bytes.try_into().map_err(|_| InvalidKeys)
}

impl fmt::Debug for PushKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushKeys(…)")
    }
}

impl fmt::Debug for PushKeysForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushKeysForm(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8291, appendix A.
    const P256DH: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const PRIVATE: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";

    fn keys(p256dh: &str, auth: &str) -> Result<PushKeys, InvalidKeys> {
        PushKeysForm { p256dh: p256dh.to_owned(), auth: auth.to_owned() }.try_into()
    }

    #[test]
    fn what_is_sealed_is_read_by_the_device_alone() {
        let keys = keys(P256DH, AUTH).unwrap();
        let secret = BASE64_URL_SAFE_NO_PAD.decode(PRIVATE).unwrap();
        let secret = web_push_native::p256::SecretKey::from_slice(&secret).unwrap();
        let sealed = keys.seal(b"New bulletin".to_vec()).unwrap();
        assert_ne!(keys.seal(b"New bulletin".to_vec()).unwrap(), sealed, "a salt of its own each time");
        let auth = Auth::from(keys.auth);
        assert_eq!(web_push_native::decrypt(sealed.clone(), &secret, &auth).unwrap(), b"New bulletin");
        assert!(web_push_native::decrypt(sealed, &secret, &Auth::from([0; 16])).is_err());
    }

    #[test]
    fn keys_are_read_with_padding_or_without_and_kept_as_they_are() {
        let read = keys(&format!("{P256DH}="), &format!("{AUTH}==")).unwrap();
        let text = serde_json::to_string(&read).unwrap();
        assert!(text.contains(P256DH) && text.contains(AUTH));
        assert_eq!(serde_json::from_str::<PushKeys>(&text).unwrap(), read);
        assert_eq!(format!("{read:?}"), "PushKeys(…)");
    }

    #[test]
    fn what_are_no_keys_is_refused() {
        let off_curve = format!("B{}", "A".repeat(86));
        let long = "A".repeat(1_000);
        for (p256dh, auth) in [
            ("", AUTH),
            (P256DH, ""),
            (&P256DH[1..], AUTH),
            (P256DH, &AUTH[2..]),
            (&off_curve, AUTH),
            (&long, AUTH),
            ("é", AUTH),
            (&P256DH.replace('-', "+"), AUTH),
        ] {
            assert_eq!(keys(p256dh, auth), Err(InvalidKeys), "{p256dh:?} {auth:?}");
        }
    }
}
