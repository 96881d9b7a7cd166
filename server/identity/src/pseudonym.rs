//! Numbers that stand for members where a set of them is compared: the same at every node of a deployment, another
//! for every purpose. Without the deployment's keys nobody can tell whose number it is or make one up.

use crate::key_set::KeySet;
use aws_lc_rs::hmac;
use protocol::MemberId;
use std::fmt;

/// The numbers of members for one purpose: the first 64 bits of an HMAC-SHA256. That two of a million members share
/// one has a chance of about 1 in 37 million.
#[derive(Clone)]
pub struct Pseudonyms(hmac::Key);

impl Pseudonyms {
    /// Numbers that say nothing about those of another purpose.
    pub fn new(keys: &KeySet, purpose: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, keys.derived(purpose).as_ref()))
    }

    /// A member's number.
    pub fn of(&self, member: &MemberId) -> u64 {
        self.of_bytes(member.as_str().as_bytes())
    }

    /// The number of whatever these bytes stand for.
    pub fn of_bytes(&self, bytes: &[u8]) -> u64 {
        let tag = hmac::sign(&self.0, bytes);
        tag.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str) -> MemberId {
        MemberId::parse(id).unwrap()
    }

    #[test]
    fn nodes_with_the_same_key_file_give_a_member_the_same_number() {
        let keys = KeySet::generate().unwrap();
        let read = KeySet::from_file_text(&keys.to_file_text()).unwrap();
        let number = Pseudonyms::new(&keys, "a").of(&member("m_1"));
        assert_eq!(Pseudonyms::new(&read, "a").of(&member("m_1")), number);
    }

    #[test]
    fn another_member_purpose_or_deployment_has_another_number() {
        let keys = KeySet::generate().unwrap();
        let number = Pseudonyms::new(&keys, "a").of(&member("m_1"));
        assert_ne!(Pseudonyms::new(&keys, "a").of(&member("m_2")), number);
        assert_ne!(Pseudonyms::new(&keys, "b").of(&member("m_1")), number);
        let other = KeySet::generate().unwrap();
        assert_ne!(Pseudonyms::new(&other, "a").of(&member("m_1")), number);
    }

    #[test]
    fn the_number_is_the_beginning_of_the_hmac() {
        let file = r#"{"version":1,"signing_key_pkcs8":"PKCS8","ticket_secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
        let own = KeySet::generate().unwrap().to_file_text();
        let pkcs8 = own.split('"').nth(5).unwrap();
        let keys = KeySet::from_file_text(&file.replace("PKCS8", pkcs8)).unwrap();
        // printf m_1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf 'holdfast derived 1 presence' |
        //   openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '00%.0s' {1..32}) -r | cut -c-64)
        assert_eq!(Pseudonyms::new(&keys, "presence").of(&member("m_1")), 0x21cc_f9cc_e672_db69);
    }
}
