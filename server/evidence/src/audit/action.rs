//! What is done in a campaign, as words that stay the same.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::borrow::Cow;

macro_rules! actions {
    ($($(#[doc = $meaning:literal])+ $name:ident = $word:literal,)+) => {
        /// What somebody did. Each has a word of its own, which never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word that stands for it in lines and answers.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

actions! {
    /// An account at the campaign's own sign-on signs a member in from now on, who linked it.
    AccountLinked = "account.linked",
    /// It signs nobody in any more.
    AccountUnlinked = "account.unlinked",
    /// A process goes on with the audit, or begins one.
    AuditBegan = "audit.began",
    /// It stopped in order: nothing is missing before this.
    AuditEnded = "audit.ended",
    /// So many entries before this one could not be written, and did not fit where they were held.
    AuditLapsed = "audit.lapsed",
    /// An account got more within an hour than it may; until the hour is over it reads no history.
    BudgetExceeded = "budget.exceeded",
    /// Two people agreed on a bulletin.
    BulletinApproved = "bulletin.approved",
    /// It was taken back before it went out.
    BulletinCancelled = "bulletin.cancelled",
    /// Its words were changed.
    BulletinEdited = "bulletin.edited",
    /// One person sent it where two have to agree.
    BulletinOverridden = "bulletin.overridden",
    /// It was not agreed on.
    BulletinRejected = "bulletin.rejected",
    /// It was handed in.
    BulletinSubmitted = "bulletin.submitted",
    /// It was taken back after it had gone out.
    BulletinWithdrawn = "bulletin.withdrawn",
    /// A member is on another device too.
    DeviceAdded = "device.added",
    /// One device was signed out.
    DeviceSignedOut = "device.signed_out",
    /// Two held secrets of one device, so it was signed out.
    DeviceStolen = "device.stolen",
    /// Records were given out of the service.
    ExportMade = "export.made",
    /// Where the chain ended was signed.
    HeadSigned = "head.signed",
    /// A list of people was imported.
    ImportDone = "import.done",
    /// Words were put into the record of an incident.
    IncidentNoted = "incident.noted",
    /// A link was made by which people come in.
    InviteCreated = "invite.created",
    /// It was withdrawn.
    InviteRevoked = "invite.revoked",
    /// What a member may, or how far they belong, was changed.
    MemberEdited = "member.edited",
    /// A member was erased.
    MemberErased = "member.erased",
    /// A member left by themselves.
    MemberLeft = "member.left",
    /// All devices of a member were signed out.
    MemberSignedOut = "member.signed_out",
    /// There may be a copy of a passkey: its counter went back, so it was refused.
    PasskeyCloned = "passkey.cloned",
    /// A member began anew by a code of another admin's: older passkeys are gone, and all devices signed out.
    PasskeyRecovered = "passkey.recovered",
    /// An admin made a code by which a member begins anew who lost their passkeys.
    PasskeyRecoveryMade = "passkey.recovery_made",
    /// A passkey was registered.
    PasskeyRegistered = "passkey.registered",
    /// A passkey was removed.
    PasskeyRemoved = "passkey.removed",
    /// An order was taken back: the nodes themselves decide.
    PostureCleared = "posture.cleared",
    /// A posture was ordered.
    PostureOrdered = "posture.ordered",
    /// Something that was older than it may be kept was removed, or the store forgot it.
    RetentionRemoved = "retention.removed",
    /// What the status page said was taken back.
    StatementCleared = "statement.cleared",
    /// Something was said to everybody on the status page.
    StatementSaid = "statement.said",
    /// A newer manifest of organisers' keys took the place of the one before.
    TrustChanged = "trust.changed",
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <Cow<'de, str>>::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|action| action.as_str() == word);
        known.copied().ok_or_else(|| D::Error::custom("no action has this word"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_action_has_a_word_of_its_own_that_reads_as_it() {
        let words: BTreeSet<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(words.len(), Action::ALL.len());
        for action in Action::ALL {
            let word = serde_json::to_string(action).unwrap();
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b"._\"".contains(&b)), "{word}");
            assert_eq!(serde_json::from_str::<Action>(&word).unwrap(), *action);
        }
        assert!(serde_json::from_str::<Action>("\"member.promoted\"").is_err());
    }
}
