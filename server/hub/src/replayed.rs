//! What the log answered readers who want the same of it.

use protocol::{ChannelName, EncodedFrame, Encoding, Offset, Publication, Push, Replay};
use std::sync::{Arc, OnceLock};

/// The frames of a page in one encoding, each made when it is first wanted.
type Frames = OnceLock<Box<[OnceLock<EncodedFrame>]>>;

/// An answer of the log, for one reader or many: of those who share a page one encodes it, and all give the same bytes.
#[derive(Debug)]
pub struct Replayed {
    replay: Replay,
    json: Frames,
    protobuf: Frames,
}

impl Replayed {
    /// What the log said.
    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// The push of the publication with this number in the page, counted from 0, and its offset; nothing beyond the last.
    /// Who has the page alone keeps no frames of it.
    pub fn push(
        self: &Arc<Self>,
        number: usize,
        channel: &ChannelName,
        encoding: Encoding,
    ) -> Option<(Offset, EncodedFrame)> {
        let publications = self.publications();
        let publication = publications.get(number)?;
        let encode = || encoding.encode_push(&Push::Publication(channel.clone(), Arc::clone(publication)));
        if Arc::strong_count(self) == 1 {
            return Some((publication.offset, encode()));
        }
        let frames = match encoding {
            Encoding::Json => &self.json,
            Encoding::Protobuf => &self.protobuf,
        };
        let frames = frames.get_or_init(|| publications.iter().map(|_| OnceLock::new()).collect());
        Some((publication.offset, frames.get(number)?.get_or_init(encode).clone()))
    }

    /// Those of the page; none of a gap.
    pub fn publications(&self) -> &[Arc<Publication>] {
        match &self.replay {
            Replay::Complete(page) => &page.publications,
            Replay::Gap { .. } => &[],
        }
    }
}

impl From<Replay> for Replayed {
    fn from(replay: Replay) -> Self {
        Self { replay, json: OnceLock::new(), protobuf: OnceLock::new() }
    }
}

/// Frames are made of the rest.
impl PartialEq for Replayed {
    fn eq(&self, other: &Self) -> bool {
        self.replay == other.replay
    }
}

impl Eq for Replayed {}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Epoch, Page, Payload, StreamPosition, Timestamp};

    fn replayed() -> Arc<Replayed> {
        let publication = Arc::new(Publication {
            data: Payload::parse(b"1").unwrap(),
            info: None,
            offset: Offset::new(7),
            time: Timestamp::default(),
            key: None,
        });
        let top = StreamPosition { epoch: Epoch::parse("a").unwrap(), offset: Offset::new(7) };
        Arc::new(Replay::Complete(Page { publications: vec![publication], top }).into())
    }

    fn push(replayed: &Arc<Replayed>, encoding: Encoding) -> EncodedFrame {
        let (offset, frame) = replayed.push(0, &ChannelName::bulletins_all(), encoding).unwrap();
        assert_eq!(offset, Offset::new(7));
        frame
    }

    #[test]
    fn those_who_share_a_page_give_the_same_bytes_and_one_alone_keeps_none() {
        let one = replayed();
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            let alone = push(&one, encoding);
            assert_ne!(alone.message().as_ptr(), push(&one, encoding).message().as_ptr());
            let other = Arc::clone(&one);
            let (first, second) = (push(&one, encoding), push(&other, encoding));
            assert_eq!(first.message().as_ptr(), second.message().as_ptr());
            assert_eq!(first.message(), alone.message());
        }
    }

    #[test]
    fn there_is_nothing_behind_the_last_nor_in_a_gap() {
        let channel = ChannelName::bulletins_all();
        assert!(replayed().push(1, &channel, Encoding::Json).is_none());
        let Replay::Complete(page) = replayed().replay().clone() else { panic!("a page") };
        let gap = Replay::Gap { reason: protocol::GapReason::Trimmed, top: page.top };
        assert!(Arc::new(Replayed::from(gap)).push(0, &channel, Encoding::Json).is_none());
    }
}
