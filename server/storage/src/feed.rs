//! What is new, from a store to the node. A hint only: whoever reads it fills holes from the log.

use protocol::{ChannelName, Epoch, Lane, Publication};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::{Notify, mpsc};

protocol::limits! {
    /// Most events that wait between a store and its node; at the bound events are dropped and the reader is told that it
    /// was interrupted.
    pub const FEED_MAX_EVENTS: usize = 4_096 => shown "holdfast_feed_interruptions";
}

/// One thing that a store says unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedEvent {
    /// Something may have been missed in any followed channel: compare them with the log.
    Interrupted,
    /// A publication was stored.
    Published {
        /// Where.
        channel: ChannelName,
        /// In which life of the history.
        epoch: Epoch,
        /// What.
        publication: Arc<Publication>,
        /// In which lane it went: a hint for how soon readers are to be told. What does not say it is normal.
        lane: Lane,
    },
}

/// The reading end.
#[derive(Debug)]
pub struct Feed {
    events: mpsc::Receiver<FeedEvent>,
    interruption: Arc<Interruption>,
}

/// The writing end; never waits for the reader.
#[derive(Debug, Clone)]
pub struct FeedSender {
    events: mpsc::Sender<FeedEvent>,
    interruption: Arc<Interruption>,
}

#[derive(Debug, Default)]
struct Interruption {
    happened: AtomicBool,
    wake: Notify,
}

/// A feed with room for `capacity` events.
pub fn channel(capacity: usize) -> (FeedSender, Feed) {
    let (sender, receiver) = mpsc::channel(capacity);
    let interruption = Arc::new(Interruption::default());
    (
        FeedSender { events: sender, interruption: Arc::clone(&interruption) },
        Feed { events: receiver, interruption },
    )
}

impl FeedSender {
    /// Offers an event. Without room it is dropped, and the reader will see [`FeedEvent::Interrupted`].
    pub fn offer(&self, event: FeedEvent) {
        if self.events.try_send(event).is_err() {
            self.interrupt();
        }
    }

    /// Says that something may have been missed. Said once however often it happens before it is read.
    pub fn interrupt(&self) {
        self.interruption.happened.store(true, Ordering::Release);
        self.interruption.wake.notify_one();
    }
}

impl Feed {
    /// The next event; nothing when the store is gone. An interruption overtakes waiting events, which costs one
    /// comparison with the log and loses nothing: events that the log already gave are recognised as old.
    pub async fn next(&mut self) -> Option<FeedEvent> {
        loop {
            if self.interruption.happened.swap(false, Ordering::AcqRel) {
                return Some(FeedEvent::Interrupted);
            }
            tokio::select! {
                event = self.events.recv() => return event,
                () = self.interruption.wake.notified() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Offset, Payload, Timestamp};

    fn event(offset: u64) -> FeedEvent {
        FeedEvent::Published {
            channel: ChannelName::bulletins_all(),
            epoch: Epoch::parse("e").unwrap(),
            publication: Arc::new(Publication {
                data: Payload::parse(b"1").unwrap(),
                info: None,
                offset: Offset::new(offset),
                time: Timestamp::default(),
                key: None,
            }),
            lane: Lane::Normal,
        }
    }

    #[tokio::test]
    async fn a_full_feed_tells_its_reader_that_it_missed_something() {
        let (sender, mut feed) = channel(1);
        sender.offer(event(1));
        sender.offer(event(2));
        sender.offer(event(3));
        assert_eq!(feed.next().await, Some(FeedEvent::Interrupted));
        assert_eq!(feed.next().await, Some(event(1)));
        drop(sender);
        assert_eq!(feed.next().await, None);
    }
}
