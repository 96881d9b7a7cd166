//! Which channels the store's feed carries for this node: those that somebody here reads, until a sweep finds
//! that nobody does.
//!
//! A channel that is anchored is followed: only [`Following::ensure`] anchors one that is not, after it follows it, and the
//! hub does not forget a channel as long as somebody is its reader.

use hub::{Anchor, Hub, Membership};
use parking_lot::Mutex;
use protocol::ChannelName;
use std::collections::HashMap;
use std::sync::Arc;
use storage::{History, Unavailable};

/// Whoever has it decides whether a channel is followed.
type Lock = Arc<tokio::sync::Mutex<()>>;

/// Follows channels when their first reader comes and lets go when a sweep finds none.
#[derive(Debug)]
pub(crate) struct Following {
    hub: Arc<Hub>,
    history: Arc<dyn History>,
    /// Of channels about which somebody decides now.
    locks: Mutex<HashMap<ChannelName, Lock>>,
}

impl Following {
    pub(crate) fn new(hub: Arc<Hub>, history: Arc<dyn History>) -> Self {
        Self { hub, history, locks: Mutex::default() }
    }

    /// Sees to it that the channel of a reader is followed and anchored. Many callers at once cost one look at the store.
    /// Answers whether its ring may be behind the log.
    pub(crate) async fn ensure(&self, reader: &Membership) -> Result<Anchor, Unavailable> {
        if reader.is_anchored() {
            return Ok(Anchor::Current);
        }
        self.decide(reader.name(), async |channel| {
            if reader.is_anchored() {
                return Ok(Anchor::Current);
            }
            // Followed first, then read: whatever is stored in between is announced.
            self.history.follow(channel).await?;
            let top = self.history.top(channel).await?;
            Ok(self.hub.anchor(channel, top))
        })
        .await
    }

    /// Lets go of channels without readers. A reader that joins meanwhile either is seen, or finds the channel not
    /// anchored and follows it again.
    pub(crate) async fn sweep(&self) {
        for channel in self.hub.deserted() {
            self.decide(&channel, async |channel| {
                if self.hub.forget(channel) {
                    // Also after a try to follow that did not succeed: the store may carry the channel all the same.
                    self.history.unfollow(channel).await;
                }
            })
            .await;
        }
    }

    /// Has one at a time decide about a channel.
    async fn decide<T>(&self, channel: &ChannelName, decision: impl AsyncFnOnce(&ChannelName) -> T) -> T {
        let turn = Turn { locks: &self.locks, channel, lock: self.lock(channel) };
        let _decides = turn.lock.lock().await;
        decision(channel).await
    }

    fn lock(&self, channel: &ChannelName) -> Lock {
        Arc::clone(self.locks.lock().entry(channel.clone()).or_default())
    }
}

/// Somebody's wish to decide about a channel; the last takes its lock away, however it ends.
struct Turn<'a> {
    locks: &'a Mutex<HashMap<ChannelName, Lock>>,
    channel: &'a ChannelName,
    lock: Lock,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut locks = self.locks.lock();
        // Two owners are the map and this: nobody else waits.
        if Arc::strong_count(&self.lock) == 2 {
            locks.remove(self.channel);
        }
    }
}
