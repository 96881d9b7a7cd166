//! What a device shows to stay signed in. It says which device, and the how manieth of its secrets this is, so that an old
//! one is recognised without keeping any. Only our own nodes make them; a store that is stolen opens no door.

use crate::key_set::KeySet;
use crate::secret::InvalidSecret;
use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::DeviceId;
use std::fmt;

const ID_BYTES: usize = 16;
const GENERATION_BYTES: usize = 4;
const NAMED_BYTES: usize = ID_BYTES + GENERATION_BYTES;

/// Makes and reads devices' secrets with one set of keys.
#[derive(Clone)]
pub struct DeviceKeys(hmac::Key);

/// A device's secret, read and found to be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSecret {
    /// Whose it is.
    pub device: DeviceId,
    /// The first is 0.
    pub generation: u32,
}

impl DeviceKeys {
    /// Secrets of this deployment's devices.
    pub fn new(keys: &KeySet) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, keys.derived("device").as_ref()))
    }

    /// A fresh device. Fails only if the system has no randomness to give.
    pub fn fresh_device() -> Result<DeviceId, InvalidSecret> {
        let mut bytes = [0; ID_BYTES];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| InvalidSecret)?;
        id(&bytes)
    }

    /// The text for the cookie: 70 characters. Always the same for the same device and generation.
    pub fn reveal(&self, secret: &DeviceSecret) -> Result<String, InvalidSecret> {
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(secret.device.as_str()).map_err(|_| InvalidSecret)?;
        if bytes.len() != ID_BYTES {
            return Err(InvalidSecret);
        }
        bytes.extend(secret.generation.to_be_bytes());
        let tag = hmac::sign(&self.0, &bytes);
        bytes.extend(tag.as_ref());
        Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a text, if one of our nodes made it.
    pub fn read(&self, text: &str) -> Result<DeviceSecret, InvalidSecret> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidSecret)?;
        let (named, tag) = bytes.split_at_checked(NAMED_BYTES).ok_or(InvalidSecret)?;
        hmac::verify(&self.0, named, tag).map_err(|_| InvalidSecret)?;
        let (device, generation) = named.split_at_checked(ID_BYTES).ok_or(InvalidSecret)?;
        let generation = generation.try_into().map_err(|_| InvalidSecret)?;
        Ok(DeviceSecret { device: id(device)?, generation: u32::from_be_bytes(generation) })
    }
}

fn id(bytes: &[u8]) -> Result<DeviceId, InvalidSecret> {
    DeviceId::parse(&BASE64_URL_SAFE_NO_PAD.encode(bytes)).map_err(|_| InvalidSecret)
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys() -> DeviceKeys {
        DeviceKeys::new(&KeySet::generate().unwrap())
    }

    #[test]
    fn a_secret_says_which_device_and_which_generation_and_is_the_same_each_time() {
        let keys = keys();
        let secret = DeviceSecret { device: DeviceKeys::fresh_device().unwrap(), generation: 7 };
        let text = keys.reveal(&secret).unwrap();
        assert_eq!((keys.read(&text).unwrap(), text.len()), (secret.clone(), 70));
        assert_eq!(keys.reveal(&secret).unwrap(), text);
        let next = DeviceSecret { generation: 8, ..secret };
        assert_ne!(keys.reveal(&next).unwrap(), text);
    }

    #[test]
    fn a_secret_of_another_deployment_or_purpose_is_none() {
        let set = KeySet::generate().unwrap();
        let secret = DeviceSecret { device: DeviceKeys::fresh_device().unwrap(), generation: 0 };
        let text = keys().reveal(&secret).unwrap();
        assert_eq!(DeviceKeys::new(&set).read(&text), Err(InvalidSecret));
        let other = hmac::Key::new(hmac::HMAC_SHA256, set.derived("other").as_ref());
        assert_eq!(
            DeviceKeys::new(&set).read(&DeviceKeys(other).reveal(&secret).unwrap()),
            Err(InvalidSecret)
        );
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_secret(text in ".{0,100}", place in 0_usize..69, by in 1_u8..26) {
            let keys = keys();
            prop_assert!(keys.read(&text).is_err());
            let secret = DeviceSecret { device: DeviceKeys::fresh_device().unwrap(), generation: 1 };
            let mut text = keys.reveal(&secret).unwrap().into_bytes();
            text[place] = if text[place] == b'A' { b'A' + by % 25 + 1 } else { b'A' };
            prop_assert!(keys.read(&String::from_utf8(text).unwrap()).is_err());
        }
    }
}
