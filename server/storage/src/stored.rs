//! A publication as stores keep it: protobuf, so that old and new versions read each other's logs.

use prost::Message;
use protocol::{
    ClientId, ClientInfo, IdempotencyKey, Lane, MemberId, Offset, Payload, Publication, Timestamp,
};

use crate::history::Draft;

/// What is kept of a publication besides its place. New fields get new numbers; none is ever reused.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct StoredPublication {
    /// The payload, JSON.
    #[prost(bytes = "vec", tag = "1")]
    pub data: Vec<u8>,
    /// Milliseconds since 1970.
    #[prost(uint64, tag = "2")]
    pub time_ms: u64,
    /// The sender's member id; empty if the server said it.
    #[prost(string, tag = "3")]
    pub user: String,
    /// The sender's connection.
    #[prost(string, tag = "4")]
    pub client: String,
    /// The sender's idempotency key.
    #[prost(string, tag = "5")]
    pub key: String,
}

/// What is said of a publication while it is announced, and not kept. Its bytes follow those of the
/// [`StoredPublication`]: protobuf reads two messages one after the other as one, and passes over what it does not know.
/// So a node that knows no hints reads the publication, and bytes without a hint are those of a normal one. Its numbers
/// are none of a stored publication's.
#[derive(Clone, PartialEq, Eq, Message)]
struct Hint {
    /// 1 for urgent, 2 for bulk; anything else is normal.
    #[prost(uint32, tag = "15")]
    lane: u32,
}

/// What a store holds is not a publication of ours: it was damaged or written by something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored publication cannot be read")]
pub struct Damaged;

impl StoredPublication {
    /// What to keep of a draft.
    pub fn of(draft: &Draft) -> Self {
        Self::made_of(&draft.data, draft.sender.as_ref(), draft.at, &draft.key)
    }

    /// What was kept of a publication; nothing if it is not known what its sender calls it.
    pub fn again(publication: &Publication) -> Option<Self> {
        let Publication { data, info, time, key, .. } = publication;
        key.as_ref().map(|key| Self::made_of(data, info.as_ref(), *time, key))
    }

    fn made_of(data: &Payload, sender: Option<&ClientInfo>, at: Timestamp, key: &IdempotencyKey) -> Self {
        let (user, client) = sender
            .map(|info| (info.user.as_str().to_owned(), info.client.as_str().to_owned()))
            .unwrap_or_default();
        Self {
            data: data.as_str().as_bytes().to_vec(),
            time_ms: at.as_millis(),
            user,
            client,
            key: key.as_str().to_owned(),
        }
    }

    /// The bytes to keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// Reads kept bytes back.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damaged> {
        Self::decode(bytes).map_err(|_| Damaged)
    }

    /// The publication at its place.
    pub fn at(&self, offset: Offset) -> Result<Publication, Damaged> {
        let info = if self.user.is_empty() {
            None
        } else {
            let user = MemberId::parse(&self.user).map_err(|_| Damaged)?;
            Some(ClientInfo { user, client: ClientId::new(&self.client) })
        };
        Ok(Publication {
            data: Payload::parse(&self.data).map_err(|_| Damaged)?,
            info,
            offset,
            time: Timestamp::from_millis(self.time_ms),
            key: IdempotencyKey::parse(&self.key).ok(),
        })
    }
}

/// What identifies a message to its sender: the scope of an idempotency key.
pub fn idempotency_scope(draft: &Draft) -> String {
    scope(draft.sender.as_ref(), &draft.key)
}

/// The same of a message that a store had; nothing if it is not known what its sender calls it.
pub fn idempotency_scope_of(publication: &Publication) -> Option<String> {
    publication.key.as_ref().map(|key| scope(publication.info.as_ref(), key))
}

fn scope(sender: Option<&ClientInfo>, key: &IdempotencyKey) -> String {
    let sender = sender.map_or("", |info| info.user.as_str());
    format!("{sender}/{key}")
}

/// The bytes that say a lane, to follow those of an announced publication; none for a normal one.
pub fn hint_of(lane: Lane) -> Vec<u8> {
    let lane = match lane {
        Lane::Urgent => 1,
        Lane::Normal => 0,
        Lane::Bulk => 2,
    };
    Hint { lane }.encode_to_vec()
}

/// The lane that the bytes of an announced publication say.
pub fn hinted(bytes: &[u8]) -> Lane {
    match Hint::decode(bytes) {
        Ok(Hint { lane: 1 }) => Lane::Urgent,
        Ok(Hint { lane: 2 }) => Lane::Bulk,
        Ok(_) | Err(_) => Lane::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_read_beside_the_publication_and_changes_nothing_of_it() {
        let publication = StoredPublication {
            data: br#"{"id":"a"}"#.to_vec(),
            time_ms: 7,
            user: "ada".to_owned(),
            client: "c".to_owned(),
            key: "k".to_owned(),
        };
        for lane in Lane::ALL {
            let announced = [publication.to_bytes(), hint_of(lane)].concat();
            // Who knows no hints reads it the same way.
            assert_eq!(StoredPublication::from_bytes(&announced), Ok(publication.clone()));
            assert_eq!(hinted(&announced), lane);
        }
    }

    #[test]
    fn what_says_no_lane_or_one_that_nobody_knows_is_normal() {
        let publication =
            StoredPublication { data: b"1".to_vec(), ..StoredPublication::default() }.to_bytes();
        let unknown = Hint { lane: 9 }.encode_to_vec();
        for bytes in
            [Vec::new(), publication.clone(), [publication, unknown].concat(), b"not protobuf".to_vec()]
        {
            assert_eq!(hinted(&bytes), Lane::Normal);
        }
    }
}
