//! What this process was told is stored, for a while: should Redis lose it, it is brought back, whether anybody reads it or
//! not.

use parking_lot::Mutex;
use protocol::{ChannelName, Epoch, Publication, StreamPosition};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use storage::Draft;

protocol::limits! {
    /// Most messages that are remembered; the oldest are forgotten first.
    const RECALLED_MAX_MESSAGES: usize = 8_192 => unseen;
    /// Most bytes of payload that are remembered.
    const RECALLED_MAX_BYTES: usize = 8 * 1024 * 1024 => unseen;
    /// How long a message is remembered after the last one that was stored: longer than a Redis takes to have it on its disk,
    /// or on a replica that may follow it.
    const RECALLED_MAX_AGE: Duration = Duration::from_mins(1) => unseen;
}

/// The latest messages of this process.
#[derive(Debug, Default)]
pub(crate) struct Recollection(Mutex<Recalled>);

#[derive(Debug, Default)]
struct Recalled {
    messages: VecDeque<Message>,
    bytes: usize,
}

#[derive(Debug)]
struct Message {
    channel: ChannelName,
    epoch: Epoch,
    publication: Arc<Publication>,
}

/// What was stored in a channel in an epoch, in its order.
#[derive(Debug)]
pub(crate) struct Remembered {
    pub(crate) channel: ChannelName,
    pub(crate) epoch: Epoch,
    pub(crate) publications: Vec<Arc<Publication>>,
}

impl Recollection {
    /// A message is stored there.
    pub(crate) fn stored(&self, draft: &Draft, position: &StreamPosition) {
        let publication = Arc::new(Publication {
            data: draft.data.clone(),
            info: draft.sender.clone(),
            offset: position.offset,
            time: draft.at,
            key: Some(draft.key.clone()),
        });
        let (channel, epoch) = (draft.channel.clone(), position.epoch.clone());
        self.0.lock().add(Message { channel, epoch, publication });
    }

    /// Everything that is remembered, the longest first.
    pub(crate) fn all(&self) -> Vec<Remembered> {
        let mut all: Vec<Remembered> = Vec::new();
        let mut places = HashMap::new();
        for Message { channel, epoch, publication } in &self.0.lock().messages {
            let place = *places.entry((channel.clone(), epoch.clone())).or_insert_with(|| {
                let (channel, epoch) = (channel.clone(), epoch.clone());
                all.push(Remembered { channel, epoch, publications: Vec::new() });
                all.len() - 1
            });
            if let Some(remembered) = all.get_mut(place) {
                remembered.publications.push(Arc::clone(publication));
            }
        }
        for remembered in &mut all {
            // Answers of several calls come in any order.
            remembered.publications.sort_by_key(|publication| publication.offset);
        }
        all
    }
}

impl Recalled {
    fn add(&mut self, message: Message) {
        let now = message.publication.time;
        self.bytes = self.bytes.saturating_add(message.bytes());
        self.messages.push_back(message);
        let oldest = now.before(RECALLED_MAX_AGE);
        while let Some(first) = self.messages.front()
            && (self.messages.len() > RECALLED_MAX_MESSAGES
                || self.bytes > RECALLED_MAX_BYTES
                || first.publication.time < oldest)
        {
            self.bytes = self.bytes.saturating_sub(first.bytes());
            self.messages.pop_front();
        }
    }
}

impl Message {
    fn bytes(&self) -> usize {
        self.publication.data.as_str().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{IdempotencyKey, Lane, Offset, Payload, Timestamp};

    fn draft(channel: &ChannelName, data: Payload, at: u64) -> Draft {
        Draft {
            channel: channel.clone(),
            data,
            sender: None,
            key: IdempotencyKey::parse("k").unwrap(),
            at: Timestamp::from_millis(at),
            lane: Lane::Normal,
        }
    }

    fn at(offset: u64) -> StreamPosition {
        StreamPosition { epoch: Epoch::parse("e").unwrap(), offset: Offset::new(offset) }
    }

    fn offsets(recollection: &Recollection) -> Vec<u64> {
        let all = recollection.all();
        all.iter().flat_map(|of| &of.publications).map(|publication| publication.offset.get()).collect()
    }

    #[test]
    fn messages_are_remembered_by_channel_in_their_order() {
        let (recollection, small) = (Recollection::default(), Payload::from_value(&1).unwrap());
        let (one, two) = (ChannelName::bulletins_all(), ChannelName::service_status());
        for (channel, offset) in [(&one, 2), (&two, 1), (&one, 1)] {
            recollection.stored(&draft(channel, small.clone(), 0), &at(offset));
        }
        let all = recollection.all();
        assert_eq!(all.len(), 2);
        assert_eq!(offsets(&recollection), [1, 2, 1]);
    }

    #[test]
    fn the_oldest_are_forgotten_by_number_by_size_and_by_age() {
        let channel = ChannelName::bulletins_all();
        let most = u64::try_from(RECALLED_MAX_MESSAGES).unwrap();
        let many = Recollection::default();
        for offset in 1..=most + 1 {
            many.stored(&draft(&channel, Payload::from_value(&1).unwrap(), 0), &at(offset));
        }
        assert_eq!(offsets(&many).first(), Some(&2));

        let large = Payload::from_value(&"x".repeat(32_000)).unwrap();
        let heavy = Recollection::default();
        for offset in 1..=300 {
            heavy.stored(&draft(&channel, large.clone(), 0), &at(offset));
        }
        assert_eq!(offsets(&heavy).len(), RECALLED_MAX_BYTES / 32_002);

        let old = Recollection::default();
        for (offset, time) in [(1, 0), (2, 59_000), (3, 61_000)] {
            old.stored(&draft(&channel, Payload::from_value(&1).unwrap(), time), &at(offset));
        }
        assert_eq!(offsets(&old), [2, 3]);
    }
}
