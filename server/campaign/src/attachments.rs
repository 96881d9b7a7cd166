//! What is attached to bulletins: pictures and PDF files. What is kept is made anew of what came, so that nothing is in it
//! that a camera or a word processor wrote into it unasked.

mod clean;

pub use clean::{Cleaned, InvalidAttachment, Media, clean};

use crate::Away;
use crate::kept::{self, Kept};
use identity::Secret;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use storage::{Change, CommitError, Expect, RecordKind, Records, Write};

protocol::limits! {
    /// Largest attachment, as it comes and as it is kept; a larger one is refused.
    pub const ATTACHMENT_MAX_BYTES: usize = 2 * 1024 * 1024 => unseen;
    /// Largest part of an attachment in one record.
    pub const ATTACHMENT_PART_MAX_BYTES: usize = 48 * 1024 => unseen;
    /// How long an attachment is kept, as long as messages are by default.
    pub const ATTACHMENT_KEPT_FOR: Duration = Duration::from_hours(24 * 90) => unseen;
}

pub(crate) use clean::LIMITS as CLEAN;

/// An attachment's id: nobody guesses it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttachmentId(String);

/// A text that is no such id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such attachment")]
pub struct InvalidAttachmentId;

const ID_CHARS: usize = 22;

impl AttachmentId {
    fn fresh() -> Result<Self, Away> {
        let mut text = Secret::random().map_err(|_| Away)?.reveal();
        text.truncate(ID_CHARS);
        Ok(Self(format!("a{text}")))
    }

    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, InvalidAttachmentId> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let is_one = text.len() == ID_CHARS + 1 && text.starts_with('a') && text.bytes().all(fits);
        if is_one { Ok(Self(text.to_owned())) } else { Err(InvalidAttachmentId) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AttachmentId {
    type Error = InvalidAttachmentId;

    fn try_from(text: String) -> Result<Self, InvalidAttachmentId> {
        Self::parse(&text)
    }
}

impl From<AttachmentId> for String {
    fn from(id: AttachmentId) -> Self {
        id.0
    }
}

impl fmt::Debug for AttachmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttachmentId(…)")
    }
}

/// What is known of an attachment beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is.
    pub media: Media,
    /// How large.
    pub bytes: usize,
    /// Who attached it.
    pub by: MemberId,
    /// When.
    pub at: Timestamp,
}

/// Keeps an attachment, all of it or nothing.
pub async fn keep(
    records: &dyn Records,
    cleaned: &Cleaned,
    by: &MemberId,
    now: Timestamp,
) -> Result<(AttachmentId, Attachment), Away> {
    let id = AttachmentId::fresh()?;
    let Cleaned { media, bytes } = cleaned;
    let attachment = Attachment { media: *media, bytes: bytes.len(), by: by.clone(), at: now };
    let expires_at = Some(now.after(ATTACHMENT_KEPT_FOR));
    let head = kept::key(RecordKind::Attachment, id.as_str())?;
    let mut writes = vec![kept::put(head, Expect::Absent, &attachment, expires_at)?];
    for (number, part) in bytes.chunks(ATTACHMENT_PART_MAX_BYTES).enumerate() {
        let key = kept::key(RecordKind::Attachment, &part_id(&id, number))?;
        let change = Change::Put { data: part.to_vec(), expires_at };
        writes.push(Write { key, expect: Expect::Absent, change });
    }
    match records.commit(writes, now).await {
        Ok(()) => Ok((id, attachment)),
        Err(
            error @ (CommitError::Conflict
            | CommitError::TooLarge
            | CommitError::Unavailable
            | CommitError::Unknown),
        ) => Err(error.into()),
    }
}

/// What is known of an attachment, if it is there.
pub async fn head(
    records: &dyn Records,
    id: &AttachmentId,
    now: Timestamp,
) -> Result<Option<Attachment>, Away> {
    let key = kept::key(RecordKind::Attachment, id.as_str())?;
    Ok(kept::get(records, &key, now).await?.map(|Kept { value, .. }| value))
}

/// An attachment, if it is there, whole.
pub async fn read(
    records: &dyn Records,
    id: &AttachmentId,
    now: Timestamp,
) -> Result<Option<(Attachment, Vec<u8>)>, Away> {
    let Some(attachment) = head(records, id, now).await? else { return Ok(None) };
    let mut bytes = Vec::with_capacity(attachment.bytes.min(ATTACHMENT_MAX_BYTES));
    for number in 0..attachment.bytes.div_ceil(ATTACHMENT_PART_MAX_BYTES) {
        let key = kept::key(RecordKind::Attachment, &part_id(id, number))?;
        // Its time may be over between two parts.
        let Some(part) = records.get(&key, now).await? else { return Ok(None) };
        bytes.extend_from_slice(&part.data);
    }
    if bytes.len() == attachment.bytes { Ok(Some((attachment, bytes))) } else { Err(Away) }
}

fn part_id(id: &AttachmentId, number: usize) -> String {
    format!("{}.{number:04}", id.as_str())
}

#[cfg(test)]
mod tests;
