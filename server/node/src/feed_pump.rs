//! From the store's feed to the rings. The feed is a hint: holes are filled from the log, a new epoch is compared
//! with it, and after an interruption every ring is.

use crate::following::Following;
use hub::{Anchor, Delivery, Hub};
use protocol::{ChannelName, PageLimit, Replay, Since, StreamPosition};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use storage::{Feed, FeedEvent, History, Unavailable};
use tokio::sync::mpsc;

/// How often rings are compared with the log although nothing said that they should be.
const COMPARE_EVERY: Duration = Duration::from_secs(20);
/// How soon a comparison that the store did not allow is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How many events of the feed are taken before one channel that is behind is compared.
const NEWS_BEFORE_COMPARING: u32 = 256;
/// How often channels that nobody reads are let go.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// Most channels that wait to be compared because they were announced before they were anchored.
pub(crate) const COMPARISONS_MAX_WAITING: usize = 1_024;

/// The pump's parts.
#[derive(Debug)]
pub(crate) struct FeedPump {
    pub(crate) hub: Arc<Hub>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) following: Arc<Following>,
    /// Channels whose ring may be behind.
    pub(crate) comparisons: mpsc::Receiver<ChannelName>,
}

impl FeedPump {
    /// Runs until the store is gone.
    pub(crate) async fn run(mut self, mut feed: Feed) {
        let mut behind = BTreeSet::new();
        // After the store refused a comparison, the next waits for a tick.
        let mut store_is_away = false;
        let mut news_in_a_row = 0;
        let mut compare = tokio::time::interval(COMPARE_EVERY);
        let mut retry = tokio::time::interval(RETRY_AFTER);
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        loop {
            let may_compare = !behind.is_empty() && !store_is_away;
            tokio::select! {
                biased;
                // News first, so that comparing many channels does not let the feed overflow; but not for ever, so
                // that a flood does not keep a hole from being filled.
                event = feed.next(), if !may_compare || news_in_a_row < NEWS_BEFORE_COMPARING => {
                    let Some(event) = event else { return };
                    news_in_a_row = if may_compare { news_in_a_row + 1 } else { 0 };
                    self.take(event, &mut behind);
                }
                Some(channel) = self.comparisons.recv() => {
                    behind.insert(channel);
                }
                _ = compare.tick() => behind.extend(self.hub.anchored()),
                _ = retry.tick(), if store_is_away => store_is_away = false,
                _ = sweep.tick() => self.following.sweep().await,
                () = std::future::ready(()), if may_compare => {
                    news_in_a_row = 0;
                    store_is_away = !self.compare_next(&mut behind).await;
                    retry.reset();
                }
            }
        }
    }

    fn take(&self, event: FeedEvent, behind: &mut BTreeSet<ChannelName>) {
        match event {
            FeedEvent::Interrupted => behind.extend(self.hub.anchored()),
            FeedEvent::Published {
                channel,
                epoch,
                publication,
            } => match self.hub.deliver(&channel, &epoch, &publication) {
                Delivery::Appended | Delivery::NotAnchored | Delivery::Old => {}
                Delivery::Gap { .. } | Delivery::NewEpoch { .. } => {
                    behind.insert(channel);
                }
            },
        }
    }

    /// Compares one channel; what the store does not answer stays behind for the next try. Says whether the store
    /// answered.
    async fn compare_next(&self, behind: &mut BTreeSet<ChannelName>) -> bool {
        let Some(channel) = behind.pop_first() else {
            return true;
        };
        let answered = self.compare(&channel).await.is_ok();
        if !answered {
            behind.insert(channel);
        }
        answered
    }

    /// Brings one ring to where the log is.
    async fn compare(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        while let Some(top) = self.hub.channel(channel).and_then(|channel| channel.top()) {
            match self
                .history
                .replay(channel, &Since::Position(top.clone()), PageLimit::MAX)
                .await?
            {
                Replay::Gap { top, .. } => {
                    // The ring's end is not part of the log: its readers compare their own positions.
                    tracing::warn!(channel = ?channel, "a channel's history is not what this node had seen");
                    self.hub.anchor(channel, top);
                    return Ok(());
                }
                Replay::Complete(page) => {
                    if page.top.epoch != top.epoch {
                        tracing::info!(channel = ?channel, "a channel goes on in a new epoch");
                        let position = StreamPosition {
                            epoch: page.top.epoch.clone(),
                            offset: top.offset,
                        };
                        self.hub.anchor(channel, position);
                    }
                    for publication in &page.publications {
                        self.hub.deliver(channel, &page.top.epoch, publication);
                    }
                    let reached = page.publications.last().map_or(top.offset, |last| last.offset);
                    if page.publications.is_empty() || reached >= page.top.offset {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

/// Tells the pump that a channel's ring may be behind, if anchoring said so. With too many waiting the periodic
/// comparison finds it.
pub(crate) fn note_anchor(anchor: Anchor, channel: &ChannelName, comparisons: &mpsc::Sender<ChannelName>) {
    match anchor {
        Anchor::Current => {}
        Anchor::Behind => drop(comparisons.try_send(channel.clone())),
    }
}
