//! What organisers sign of a bulletin: exactly what it says, where it goes, when that was signed, and which signed
//! bulletins they knew before it. A reader who does not trust the server compares this with what the server shows.

use super::content::{Attached, EventTime, Link, Place, Text};
use super::publication::{Reference, Said};
use super::{Content, Kind, Language, Urgency};
use crate::audience::Routes;
use identity::trust::{Digest, KeyEntry, KeySignature, Manifest, Refusal};
use protocol::{ChannelName, Payload, Role, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

protocol::limits! {
    /// Longest statement that is signed of a bulletin; a longer one is refused.
    pub const STATEMENT_MAX_BYTES: usize = 16 * 1024 => unseen;
    /// How far the clock of whoever signs may be from the server's when they hand it in; then it is refused.
    pub const SIGNED_CLOCK_MAX_OFF: Duration = Duration::from_hours(1) => unseen;
}

/// The only form there is.
const VERSION: u32 = 1;

/// A statement as it is kept and shown: the text that was signed, and who signed it, its author first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The text.
    pub statement: String,
    /// At most two.
    pub signatures: Vec<KeySignature>,
}

/// Why a signed bulletin is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// What is signed is not what the bulletin says; the word is where.
    #[error("what was signed is not what the bulletin says: {0}")]
    Differs(&'static str),
    /// The campaign has keys, and nobody signed.
    #[error("this needs the signature of a key in the campaign's manifest")]
    Needed,
    /// A signature that does not count.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// With what is signed it is no publication any more.
    #[error(
        "a bulletin that is signed goes out twice, as it is shown and as it was signed: this one is too long for that; shorten it"
    )]
    TooLarge,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    v: u32,
    root: Digest,
    id: String,
    kind: Kind,
    urgency: Urgency,
    #[serde(default)]
    test: bool,
    channels: Vec<String>,
    at: Timestamp,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    texts: BTreeMap<Language, Text>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    attachments: Vec<Attached>,
    #[serde(default)]
    place: Option<Place>,
    #[serde(default)]
    event: Option<EventTime>,
    #[serde(default)]
    references: Vec<Reference>,
    previous: BTreeMap<String, Option<Digest>>,
}

/// Channels that a statement names; none for what goes to single members, which has no chain.
pub fn channels(content: &Content) -> Vec<ChannelName> {
    match content.form().audience.routes() {
        Routes::Channels(channels) => channels,
        Routes::Inboxes => Vec::new(),
    }
}

impl Signed {
    /// Takes an author's signature, if it is of exactly this, of now, and of a key that may sign it.
    pub(super) fn by_author(
        self,
        said: &Said<'_>,
        roles: &[Role],
        channels: &[ChannelName],
        manifest: &Manifest,
        now: Timestamp,
    ) -> Result<Self, NotSigned> {
        let [by] = self.signatures.as_slice() else { return Err(NotSigned::Needed) };
        if self.statement.len() > STATEMENT_MAX_BYTES {
            return Err(NotSigned::TooLarge);
        }
        let signer = manifest.signer(by, &self.statement)?;
        let statement = Statement::read(&self.statement)?;
        statement.says(said, channels, manifest)?;
        let off = statement.at.until(now).max(now.until(statement.at));
        if off > SIGNED_CLOCK_MAX_OFF {
            return Err(NotSigned::Differs("at"));
        }
        may(signer, roles, channels, statement.at, now)?;
        // With room for a second signature.
        let signatures = vec![*by, *by];
        said.signed(&Self { statement: self.statement.clone(), signatures })
            .map_err(|_| NotSigned::TooLarge)?;
        Ok(self)
    }

    /// Takes the signature of somebody else who agrees. Those before it have to count still.
    pub(super) fn by_approver(
        mut self,
        by: KeySignature,
        channels: &[ChannelName],
        manifest: &Manifest,
        now: Timestamp,
    ) -> Result<Self, NotSigned> {
        self.counts(channels, manifest, now)?;
        let author = self.signatures.first().ok_or(NotSigned::Needed)?;
        let (author, approver) =
            (manifest.signer(author, &self.statement)?, manifest.signer(&by, &self.statement)?);
        if author.key == approver.key || author.name == approver.name {
            return Err(Refusal::SamePerson.into());
        }
        approver.may(Role::Approver, channels, now)?;
        self.signatures.push(by);
        Ok(self)
    }

    /// Whether the author's signature counts still, with the keys that there are now.
    pub(super) fn counts(
        &self,
        channels: &[ChannelName],
        manifest: &Manifest,
        now: Timestamp,
    ) -> Result<(), NotSigned> {
        let [author] = self.signatures.as_slice() else { return Err(NotSigned::Needed) };
        let signer = manifest.signer(author, &self.statement)?;
        let statement = Statement::read(&self.statement)?;
        if statement.root != manifest.fingerprint() {
            return Err(NotSigned::Differs("root"));
        }
        may(signer, &[Role::Sender], channels, statement.at, now)?;
        Ok(())
    }
}

/// Whether a key may sign in one of these roles, when it says that it did and still now.
fn may(
    signer: &KeyEntry,
    roles: &[Role],
    channels: &[ChannelName],
    at: Timestamp,
    now: Timestamp,
) -> Result<(), Refusal> {
    let in_role = |role: Role| signer.may(role, channels, at).and_then(|()| signer.may(role, channels, now));
    let mut found = Err(Refusal::WrongRole);
    for role in roles {
        found = in_role(*role);
        if found.is_ok() {
            break;
        }
    }
    found
}

impl Statement {
    /// Reads a text that was verified: no name twice, nothing that has no meaning here.
    fn read(text: &str) -> Result<Self, NotSigned> {
        Payload::from_client(text.as_bytes()).map_err(|_| NotSigned::Differs("form"))?;
        let statement: Self = serde_json::from_str(text).map_err(|_| NotSigned::Differs("form"))?;
        if statement.v == VERSION { Ok(statement) } else { Err(NotSigned::Differs("v")) }
    }

    fn says(&self, said: &Said<'_>, channels: &[ChannelName], manifest: &Manifest) -> Result<(), NotSigned> {
        let texts = || self.texts.iter().eq(said.texts.iter().map(|(language, text)| (*language, text)));
        let expected = || channels.iter().map(ChannelName::as_str);
        let same = [
            ("root", self.root == manifest.fingerprint()),
            ("id", self.id == said.id),
            ("kind", self.kind == said.kind),
            ("urgency", self.urgency == said.urgency),
            ("test", self.test == said.test),
            ("channels", self.channels.iter().map(String::as_str).eq(expected())),
            ("expires_at", self.expires_at == said.expires_at),
            ("texts", texts()),
            ("links", self.links == said.links),
            ("attachments", self.attachments == said.attachments),
            ("place", self.place.as_ref() == said.place),
            ("event", self.event == said.event),
            ("references", self.references == said.references),
            (
                "previous",
                self.previous.len() == channels.len()
                    && expected().all(|name| self.previous.contains_key(name)),
            ),
        ];
        match same.into_iter().find(|(_, is_same)| !is_same) {
            None => Ok(()),
            Some((field, _)) => Err(NotSigned::Differs(field)),
        }
    }
}

/// They are somebody's words, and name people.
impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signed(…)")
    }
}

#[cfg(test)]
mod vectors;
