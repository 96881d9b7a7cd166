//! Which keys are organisers', what each may sign, and for how long: a text that the root key signs.

use super::{Digest, KeySignature, PublicKey, Purpose, Signature, SigningKey};
use protocol::{ChannelKind, ChannelName, Role, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

protocol::limits! {
    /// Largest manifest of organisers' keys; a larger one is refused.
    pub const MANIFEST_MAX_BYTES: usize = 32 * 1024 => unseen;
    /// Most keys of a manifest, those that are revoked with them; more are refused.
    pub const MANIFEST_KEYS_MAX: usize = 150 => unseen;
    /// Longest name of a key's owner; a longer one is refused.
    pub const KEY_NAME_MAX_CHARS: usize = 80 => unseen;
    /// Most regions of a key that may not sign for all; more are refused.
    pub const KEY_REGIONS_MAX: usize = 64 => unseen;
}

/// The only form there is.
const VERSION: u32 = 1;

/// An organiser's key, and what it is good for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// The key.
    pub key: PublicKey,
    /// Whose it is, as members read it.
    pub name: String,
    /// `sender` signs what is said, `approver` agrees to what others say.
    pub roles: BTreeSet<Role>,
    /// The regions whose bulletins it signs; all and everything else too, if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<BTreeSet<String>>,
    /// From when.
    pub from: Timestamp,
    /// Until when, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Since when nothing that it signs counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// What a manifest says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    v: u32,
    /// The root key that signs it.
    pub root: PublicKey,
    /// Grows with each change; an older manifest never takes the place of a newer one.
    pub serial: u64,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// Whether what is urgent or for all is to be signed by two people.
    pub two_people: bool,
    /// All keys.
    pub keys: Vec<KeyEntry>,
}

/// A manifest whose signature was verified and whose text says what it may.
#[derive(Clone, PartialEq, Eq)]
pub struct Manifest(Draft);

/// A manifest as it travels and is kept: its text, and the root's signature under it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedManifest {
    /// The text.
    pub manifest: String,
    /// The root's signature.
    pub signature: Signature,
}

/// Why something is no manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidManifest {
    /// A key twice, or the root's among them: then it would not be offline.
    #[error("a manifest has each key once, at most {MANIFEST_KEYS_MAX}, and not the root's own")]
    Keys,
    /// Not the JSON of a manifest.
    #[error("it is not a manifest of keys, of version 1")]
    Malformed,
    /// A name that cannot be shown.
    #[error("the name of a key is one line of 1 to {KEY_NAME_MAX_CHARS} characters")]
    Name,
    /// The names of regions.
    #[error("the regions of a key are 1 to {KEY_REGIONS_MAX} names of A-Z a-z 0-9 . _ -")]
    Regions,
    /// What a key may do.
    #[error("a key has the role sender, approver, or both")]
    Roles,
    /// It cannot have a newer one after it, or is older than the first.
    #[error("the serial of a manifest is 1 or more")]
    Serial,
    /// Not signed by the root that it names.
    #[error("the manifest is not signed by the root key that it names")]
    Signature,
    /// Its times.
    #[error("a key is good until some time after it begins")]
    Times,
    /// Too long.
    #[error("a manifest has at most {MANIFEST_MAX_BYTES} bytes")]
    TooLarge,
}

/// Why a signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The key is not good yet, or not any more.
    #[error("the key is not good at the time of the signature")]
    ExpiredKey,
    /// The key was revoked.
    #[error("the key is revoked")]
    RevokedKey,
    /// Both signatures are one person's.
    #[error("both signatures are by one person")]
    SamePerson,
    /// Made with another key, or of another text.
    #[error("the signature is not of this text")]
    Signature,
    /// The manifest does not have the key.
    #[error("the manifest does not know the key")]
    UnknownKey,
    /// The key's regions do not include a channel.
    #[error("the key may not sign for these regions")]
    WrongRegion,
    /// The key may not do this.
    #[error("the key has another role")]
    WrongRole,
}

impl Refusal {
    /// One word, as vectors and screens have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExpiredKey => "expired_key",
            Self::RevokedKey => "revoked_key",
            Self::SamePerson => "same_person",
            Self::Signature => "signature",
            Self::UnknownKey => "unknown_key",
            Self::WrongRegion => "wrong_region",
            Self::WrongRole => "wrong_role",
        }
    }
}

impl Draft {
    /// The first manifest of a root, without keys.
    pub const fn first(root: PublicKey, two_people: bool, now: Timestamp) -> Self {
        Self { v: VERSION, root, serial: 1, issued_at: now, two_people, keys: Vec::new() }
    }

    /// Signs it, if it says what a manifest may.
    pub fn signed(self, root: &SigningKey) -> Result<SignedManifest, InvalidManifest> {
        if self.root != root.public() {
            return Err(InvalidManifest::Signature);
        }
        let manifest = serde_json::to_string(&self).map_err(|_| InvalidManifest::Malformed)?;
        let signature = root.sign(Purpose::Manifest, &manifest).signature;
        let signed = SignedManifest { manifest, signature };
        signed.verify().map(|_| signed)
    }

    fn check(&self) -> Result<(), InvalidManifest> {
        if self.serial == 0 {
            return Err(InvalidManifest::Serial);
        }
        let keys: BTreeSet<PublicKey> = self.keys.iter().map(|entry| entry.key).collect();
        let are_single = keys.len() == self.keys.len() && !keys.contains(&self.root);
        if !are_single || self.keys.len() > MANIFEST_KEYS_MAX {
            return Err(InvalidManifest::Keys);
        }
        self.keys.iter().try_for_each(KeyEntry::check)
    }
}

impl KeyEntry {
    fn check(&self) -> Result<(), InvalidManifest> {
        let is_line = self.name.trim() == self.name && self.name.chars().all(is_readable);
        if self.name.is_empty() || self.name.chars().count() > KEY_NAME_MAX_CHARS || !is_line {
            return Err(InvalidManifest::Name);
        }
        let signs = |role: &Role| matches!(role, Role::Sender | Role::Approver);
        if self.roles.is_empty() || !self.roles.iter().all(signs) {
            return Err(InvalidManifest::Roles);
        }
        if let Some(regions) = &self.regions {
            let is_region = |name: &String| {
                let channel = ChannelName::region(name).ok();
                channel.and_then(|channel| channel.kind()) == Some(ChannelKind::BulletinsRegion(name.clone()))
            };
            if regions.is_empty() || regions.len() > KEY_REGIONS_MAX || !regions.iter().all(is_region) {
                return Err(InvalidManifest::Regions);
            }
        }
        if self.until.is_some_and(|until| until <= self.from) { Err(InvalidManifest::Times) } else { Ok(()) }
    }

    /// Whether it may sign this in all of these channels at a time. A key that is for some regions signs for nothing else:
    /// not for everybody, not for teams, not for single members.
    pub fn may(&self, role: Role, channels: &[ChannelName], at: Timestamp) -> Result<(), Refusal> {
        self.was_good(at)?;
        if !self.roles.contains(&role) {
            return Err(Refusal::WrongRole);
        }
        let Some(regions) = &self.regions else { return Ok(()) };
        let is_in = |channel: &ChannelName| match channel.kind() {
            Some(ChannelKind::BulletinsRegion(region)) => regions.contains(&region),
            Some(
                ChannelKind::BulletinsAll
                | ChannelKind::Inbox(_)
                | ChannelKind::ServiceOrganisers
                | ChannelKind::ServiceStatus
                | ChannelKind::Team(_),
            )
            | None => false,
        };
        if !channels.is_empty() && channels.iter().all(is_in) { Ok(()) } else { Err(Refusal::WrongRegion) }
    }

    /// Whether it was good at a time.
    fn was_good(&self, at: Timestamp) -> Result<(), Refusal> {
        if self.revoked_at.is_some_and(|revoked| revoked <= at) {
            return Err(Refusal::RevokedKey);
        }
        let is_over = self.until.is_some_and(|until| until <= at);
        if at < self.from || is_over { Err(Refusal::ExpiredKey) } else { Ok(()) }
    }
}

/// Whether a screen shows a character as what it is: nothing that hides, or turns the line around.
fn is_readable(c: char) -> bool {
    let turns =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    !c.is_control() && !turns
}

impl SignedManifest {
    /// Reads the text after its signature was verified. The root is the one that the text itself names: whether it is the
    /// right one is for whoever knows a fingerprint.
    pub fn verify(&self) -> Result<Manifest, InvalidManifest> {
        if self.manifest.len() > MANIFEST_MAX_BYTES {
            return Err(InvalidManifest::TooLarge);
        }
        // The one thing that is read before: who is said to have signed.
        let Root { root } = serde_json::from_str(&self.manifest).map_err(|_| InvalidManifest::Malformed)?;
        if !root.has_signed(Purpose::Manifest, &self.manifest, &self.signature) {
            return Err(InvalidManifest::Signature);
        }
        let draft: Draft = serde_json::from_str(&self.manifest).map_err(|_| InvalidManifest::Malformed)?;
        if draft.v != VERSION {
            return Err(InvalidManifest::Malformed);
        }
        draft.check()?;
        Ok(Manifest(draft))
    }
}

#[derive(Deserialize)]
struct Root {
    root: PublicKey,
}

impl Manifest {
    /// By what members know the root.
    pub fn fingerprint(&self) -> Digest {
        self.0.root.fingerprint()
    }

    /// The how manieth of its root it is.
    pub const fn serial(&self) -> u64 {
        self.0.serial
    }

    /// What it says.
    pub const fn says(&self) -> &Draft {
        &self.0
    }

    /// What the next one says, to be changed and signed.
    pub fn next(self, now: Timestamp) -> Draft {
        Draft { serial: self.0.serial.saturating_add(1), issued_at: now, ..self.0 }
    }

    /// Whose signature this is under the statement of a bulletin, if the key is known and signed exactly this text. What
    /// the key may sign, and when, is for [`KeyEntry::may`], once the text was read.
    pub fn signer(&self, by: &KeySignature, statement: &str) -> Result<&KeyEntry, Refusal> {
        let entry = self.0.keys.iter().find(|entry| entry.key == by.key).ok_or(Refusal::UnknownKey)?;
        if by.key.has_signed(Purpose::Bulletin, statement, &by.signature) {
            Ok(entry)
        } else {
            Err(Refusal::Signature)
        }
    }
}

/// They name people.
macro_rules! hidden {
    ($($kind:ident),+) => {
        $(impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        })+
    };
}
hidden!(Draft, KeyEntry, Manifest, SignedManifest);
