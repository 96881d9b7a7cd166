//! Names and secrets that are made of others with the deployment's keys: the same at every node and at every time, and
//! nothing to whoever has only the store.

use crate::key_set::KeySet;
use crate::secret::{Secret, SecretHash, hash_of};
use aws_lc_rs::hmac;
use std::fmt;

/// Makes them for one purpose.
#[derive(Clone)]
pub struct Derived(hmac::Key);

impl Derived {
    /// Those of one purpose say nothing about those of another.
    pub fn new(keys: &KeySet, purpose: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, keys.derived(purpose).as_ref()))
    }

    /// A name that stands for these parts, in this order.
    pub fn name(&self, parts: &[&str]) -> SecretHash {
        self.secret(parts).hash()
    }

    /// A name that stands for these parts, whatever bytes they are.
    pub fn name_of_bytes(&self, parts: &[&[u8]]) -> SecretHash {
        self.made_of(parts.iter().copied()).hash()
    }

    /// A secret that is made of these parts, in this order.
    pub fn secret(&self, parts: &[&str]) -> Secret {
        self.made_of(parts.iter().map(|part| part.as_bytes()))
    }

    fn made_of<'a>(&self, parts: impl Iterator<Item = &'a [u8]>) -> Secret {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            // By its hash, so that parts do not run into each other.
            context.update(hash_of(&[part]).as_str().as_bytes());
        }
        Secret::of_tag(&context.sign())
    }
}

/// The hash of a text, to be compared with another's: how long that takes says nothing about the texts.
pub fn hashed(text: &str) -> SecretHash {
    hash_of(&[text.as_bytes()])
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Derived(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_make_the_same_and_other_parts_keys_and_purposes_others() {
        let keys = KeySet::generate().unwrap();
        let read = KeySet::from_file_text(&keys.to_file_text()).unwrap();
        let one = Derived::new(&keys, "a").secret(&["ab", "c"]);
        assert_eq!(Derived::new(&read, "a").secret(&["ab", "c"]), one);
        assert_eq!(Derived::new(&read, "a").name_of_bytes(&[b"ab", b"c"]), one.hash());
        let others = [
            Derived::new(&keys, "a").secret(&["a", "bc"]),
            Derived::new(&keys, "a").secret(&["ab"]),
            Derived::new(&keys, "b").secret(&["ab", "c"]),
            Derived::new(&KeySet::generate().unwrap(), "a").secret(&["ab", "c"]),
        ];
        assert!(others.iter().all(|other| *other != one));
    }
}
