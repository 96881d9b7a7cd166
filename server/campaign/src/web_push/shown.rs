//! The word by which a phone tells that it showed something, without a session: who and what is in it, under a tag that only
//! this deployment makes (HMAC-SHA256). It is inside of what is sealed for the device.

use crate::audience::MemberNumber;
use crate::bulletin::BulletinId;
use identity::{Derived, KeySet};
use protocol::Timestamp;

/// Characters of the tag: 132 bits.
const TAG_CHARS: usize = 22;
protocol::limits! {
    /// Longest word of a phone that showed something; a longer one is refused with 400.
    pub const SHOWN_TOKEN_MAX_BYTES: usize = 128 => unseen;
}

/// Makes such words, and reads them.
#[derive(Debug, Clone)]
pub struct ShownTokens(Derived);

impl ShownTokens {
    /// Those of a deployment.
    pub fn new(keys: &KeySet) -> Self {
        Self(Derived::new(keys, "shown notifications"))
    }

    /// The word of one member for one bulletin, which counts until then.
    pub fn mint(&self, bulletin: &BulletinId, member: MemberNumber, until: Timestamp) -> String {
        let said = format!("{}.{:x}.{:x}", bulletin.as_str(), member.0, until.as_secs());
        format!("{said}.{}", self.tag(&said))
    }

    /// What a word says; nothing, if it is not ours or its time is over.
    pub fn read(&self, token: &str, now: Timestamp) -> Option<(BulletinId, MemberNumber)> {
        let (said, tag) = token.rsplit_once('.')?;
        // Both are hashed first, so that the time of comparing tells nothing.
        if identity::derived::hashed(tag) != identity::derived::hashed(&self.tag(said)) {
            return None;
        }
        let mut parts = said.split('.');
        let bulletin = BulletinId::parse(parts.next()?).ok()?;
        let member = u32::from_str_radix(parts.next()?, 16).ok()?;
        let until = u64::from_str_radix(parts.next()?, 16).ok()?;
        (now.as_secs() <= until).then_some((bulletin, MemberNumber(member)))
    }

    fn tag(&self, said: &str) -> String {
        let mut tag = self.0.secret(&[said]).reveal();
        tag.truncate(TAG_CHARS);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_word_says_who_and_what_until_its_time_is_over_and_nobody_else_makes_one() {
        let keys = KeySet::generate().unwrap();
        let tokens = ShownTokens::new(&keys);
        let bulletin = BulletinId::new(NOW, [7; 10]);
        let until = NOW.after(Duration::from_mins(1));
        let token = tokens.mint(&bulletin, MemberNumber(31), until);
        assert!(token.len() <= SHOWN_TOKEN_MAX_BYTES);
        assert_eq!(tokens.read(&token, NOW), Some((bulletin, MemberNumber(31))));
        assert_eq!(tokens.read(&token, until.after(Duration::from_secs(1))), None);
        assert_eq!(ShownTokens::new(&KeySet::generate().unwrap()).read(&token, NOW), None);
        for other in ["", ".", "...", "é", &token[1..], &token.replace(".1f.", ".20."), &format!("{token}.")]
        {
            assert_eq!(tokens.read(other, NOW), None, "{other:?}");
        }
    }
}
