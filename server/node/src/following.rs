//! Which channels the store's feed carries for this node: those that somebody here reads, until a sweep finds
//! that nobody does.

use hub::{Anchor, Hub};
use parking_lot::Mutex;
use protocol::ChannelName;
use std::collections::HashMap;
use std::sync::Arc;
use storage::{History, Unavailable};

/// Follows channels when their first reader comes and lets go when a sweep finds none.
#[derive(Debug)]
pub(crate) struct Following {
    hub: Arc<Hub>,
    history: Arc<dyn History>,
    /// One lock a channel: whoever holds it decides whether the channel is followed.
    channels: Mutex<HashMap<ChannelName, Arc<tokio::sync::Mutex<bool>>>>,
}

impl Following {
    pub(crate) fn new(hub: Arc<Hub>, history: Arc<dyn History>) -> Self {
        Self { hub, history, channels: Mutex::default() }
    }

    /// Sees to it that a channel, which the caller has joined, is followed and anchored. Many callers at once cost
    /// one look at the store. Answers whether its ring may be behind the log.
    pub(crate) async fn ensure(&self, channel: &ChannelName) -> Result<Anchor, Unavailable> {
        let lock = Arc::clone(self.channels.lock().entry(channel.clone()).or_default());
        let mut followed = lock.lock().await;
        if *followed {
            return Ok(Anchor::Current);
        }
        // Followed first, then read: whatever is stored in between is announced.
        self.history.follow(channel).await?;
        let top = self.history.top(channel).await?;
        *followed = true;
        Ok(self.hub.anchor(channel, top))
    }

    /// Lets go of channels without readers. A reader that joins meanwhile either is seen, or finds the channel not
    /// followed and follows it again.
    pub(crate) async fn sweep(&self) {
        for channel in self.hub.deserted() {
            let lock = Arc::clone(self.channels.lock().entry(channel.clone()).or_default());
            let mut followed = lock.lock().await;
            if !self.hub.forget(&channel) {
                continue;
            }
            *followed = false;
            // Also after a try to follow that did not succeed: the store may carry the channel all the same.
            self.history.unfollow(&channel).await;
            drop(followed);
            let mut channels = self.channels.lock();
            // Two owners are the map and this function: nobody waits for the lock.
            if Arc::strong_count(&lock) == 2 {
                channels.remove(&channel);
            }
        }
    }
}
