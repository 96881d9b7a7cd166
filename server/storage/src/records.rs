//! Everything kept that is not a log: small records, found by kind and id, changed by compare-and-set.

pub mod answer;
pub mod deployment;
pub mod device;
pub mod external_account;
pub mod import;
pub mod invite;
pub mod member;
pub mod passkey;
pub mod posture;
pub mod redemption;
pub mod revocation;
pub mod told;
pub mod transfer;

use crate::history::Unavailable;
use async_trait::async_trait;
use protocol::Timestamp;
use std::fmt;

protocol::limits! {
    /// Most records that one commit changes; more are refused, and nothing changes.
    pub const COMMIT_MAX_WRITES: usize = 64 => shown "holdfast_store_operations";
    /// Most records that one scan answers; the rest is read by further ones.
    pub const SCAN_MAX_RECORDS: usize = 1_000 => unseen;
    /// Longest id of a record; a longer text is no id.
    pub const RECORD_ID_MAX_BYTES: usize = 128 => unseen;
}

/// The kinds of records; each has a file of its own beside this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// A file that is attached to bulletins, in parts.
    Attachment,
    /// The answer to a request that may come again.
    Answer,
    /// What organisers say to many, in whatever state.
    Bulletin,
    /// When time is to do something to a bulletin next; ids begin with the time.
    BulletinDue,
    /// What was signed of the newest signed bulletin in a channel; ids are channels.
    BulletinHead,
    /// What a member and the organisers write to each other, without the texts; ids begin with the member's.
    Conversation,
    /// A text of a conversation, sealed under its member's key; ids begin with the conversation's.
    ConversationText,
    /// What all nodes of a deployment share.
    Deployment,
    /// A device that a member signed in on.
    Device,
    /// Whose account at the campaign's own sign-on belongs to which member; ids are keyed hashes.
    ExternalAccount,
    /// A row of an imported list.
    ImportRow,
    /// Where a conversation stands in the organisers' inbox; ids begin with its state, and then the newest comes first.
    InboxEntry,
    /// An invitation.
    Invite,
    /// A member.
    Member,
    /// Which members became others lately, for nodes that know all of them; ids begin with the time.
    MemberChange,
    /// The key under which what is personal of a member is sealed.
    MemberKey,
    /// How many members an organiser's device was told of lately; ids are devices.
    MembersTold,
    /// A ceremony of a passkey that was begun, sealed, or a sign-in by one that ended; its id is the hash of what ends it.
    PasskeyCeremony,
    /// Whose passkeys are known to their keepers by this handle.
    PasskeyOwner,
    /// A code by which somebody who lost their passkeys begins anew; its id is the code's hash.
    PasskeyRecovery,
    /// A member's passkeys, sealed under their key.
    Passkeys,
    /// An invitation for one person alone.
    PersonalInvite,
    /// How hard pressed a node is, and what operators and admins say of the service.
    Posture,
    /// Where a push service takes what is for a device; ids begin with the number of the device's member.
    PushAddress,
    /// Which notifications are to be sent, and how far that is; ids begin with their order.
    PushRound,
    /// A notification that waits for a device; ids begin with the time at which it is due.
    PushWaiting,
    /// Who got a bulletin: chunks of sets of members' numbers, and how many when it is over.
    Receipts,
    /// A use of an invitation, so that a retry finds its member.
    Redemption,
    /// A device that was signed out, or a member who may do something else now, for as long as their tickets may live.
    Revocation,
    /// A code that moves a member to another device.
    Transfer,
    /// The manifest of organisers' keys: one.
    Trust,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 31] = [
        Self::Answer,
        Self::Attachment,
        Self::Bulletin,
        Self::BulletinDue,
        Self::BulletinHead,
        Self::Conversation,
        Self::ConversationText,
        Self::Deployment,
        Self::Device,
        Self::ExternalAccount,
        Self::ImportRow,
        Self::InboxEntry,
        Self::Invite,
        Self::Member,
        Self::MemberChange,
        Self::MemberKey,
        Self::MembersTold,
        Self::PasskeyCeremony,
        Self::PasskeyOwner,
        Self::PasskeyRecovery,
        Self::Passkeys,
        Self::PersonalInvite,
        Self::Posture,
        Self::PushAddress,
        Self::PushRound,
        Self::PushWaiting,
        Self::Receipts,
        Self::Redemption,
        Self::Revocation,
        Self::Transfer,
        Self::Trust,
    ];

    /// The kind's name in keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attachment => "attachment",
            Self::Answer => "answer",
            Self::Bulletin => "bulletin",
            Self::BulletinDue => "bulletin-due",
            Self::BulletinHead => "bulletin-head",
            Self::Conversation => "conversation",
            Self::ConversationText => "conversation-text",
            Self::Deployment => "deployment",
            Self::Device => "device",
            Self::ExternalAccount => "external-account",
            Self::ImportRow => "import-row",
            Self::InboxEntry => "inbox-entry",
            Self::Invite => "invite",
            Self::Member => "member",
            Self::MemberChange => "member-change",
            Self::MemberKey => "member-key",
            Self::MembersTold => "members-told",
            Self::PasskeyCeremony => "passkey-ceremony",
            Self::PasskeyOwner => "passkey-owner",
            Self::PasskeyRecovery => "passkey-recovery",
            Self::Passkeys => "passkeys",
            Self::PersonalInvite => "personal-invite",
            Self::Posture => "posture",
            Self::PushAddress => "push-address",
            Self::PushRound => "push-round",
            Self::PushWaiting => "push-waiting",
            Self::Receipts => "receipts",
            Self::Redemption => "redemption",
            Self::Revocation => "revocation",
            Self::Transfer => "transfer",
            Self::Trust => "trust",
        }
    }
}

/// A record's id within its kind: 1 to 128 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(String);

impl RecordId {
    /// Reads an id, or answers nothing if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= RECORD_ID_MAX_BYTES
            && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Ids may point at people.
impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordId(…)")
    }
}

/// Which record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    /// Its kind.
    pub kind: RecordKind,
    /// Its id.
    pub id: RecordId,
}

/// A record's bytes and the number of its version, which grows with each write.
#[derive(Clone, PartialEq, Eq)]
pub struct Versioned {
    /// Never 0.
    pub version: u64,
    /// What was put.
    pub data: Vec<u8>,
}

impl fmt::Debug for Versioned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Versioned(version {}, {} bytes)", self.version, self.data.len())
    }
}

/// What must be true of a record for a commit to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// There is none.
    Absent,
    /// Whatever.
    Any,
    /// It has this version.
    Version(u64),
}

/// What happens to a record.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// It goes.
    Delete,
    /// It becomes this.
    Put {
        /// The bytes.
        data: Vec<u8>,
        /// From when on it is as if it were not there.
        expires_at: Option<Timestamp>,
    },
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete => f.write_str("Delete"),
            Self::Put { data, .. } => write!(f, "Put({} bytes)", data.len()),
        }
    }
}

/// One change of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Which record.
    pub key: RecordKey,
    /// Only if.
    pub expect: Expect,
    /// What happens to it.
    pub change: Change,
}

/// Why a commit did not happen, or may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// An expectation was not met; nothing changed. Read again and decide again.
    #[error("a record changed meanwhile")]
    Conflict,
    /// More than [`COMMIT_MAX_WRITES`]; nothing changed.
    #[error("a commit changes more than {COMMIT_MAX_WRITES} records")]
    TooLarge,
    /// Nothing changed; try again later.
    #[error("the store cannot take a commit now")]
    Unavailable,
    /// All of it may have happened, or nothing.
    #[error("the store did not say whether it took the commit")]
    Unknown,
}

/// Small records with atomic commits.
#[async_trait]
pub trait Records: Send + Sync + fmt::Debug {
    /// The record, unless there is none or it has expired at `now`.
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Versioned>, Unavailable>;

    /// Makes all changes, or none.
    async fn commit(&self, writes: Vec<Write>, now: Timestamp) -> Result<(), CommitError>;

    /// Records of a kind with ids greater than `after`, in the order of ids, at most `limit` of them (and at most
    /// [`SCAN_MAX_RECORDS`]). An expired record may count towards the limit but is not answered; the second value
    /// is the id to go on after, if there may be more.
    async fn scan(
        &self,
        kind: RecordKind,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Unavailable>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_kinds_has_every_kind() {
        let names = include_str!("records.rs").lines().filter(|line| {
            let line = line.trim();
            line.starts_with("Self::") && line.contains("=> \"")
        });
        assert_eq!(names.count(), RecordKind::ALL.len());
    }
}
