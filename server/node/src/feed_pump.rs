//! From the store's feed to the rings. The feed is a hint: holes are filled from the log, a new epoch is compared
//! with it, and after an interruption every ring is. Taking news and comparing are two tasks, so that neither a slow
//! store nor one damaged channel holds up what is new in the others.
//!
//! Readers are told of it at once, or later if the posture says so: see [`teller`].

mod teller;

use crate::assembly::Node;
use crate::clock;

use crate::metrics::Metrics;
use crate::metrics::feed::Compared;
use admission::Posture;
use futures_util::{StreamExt, stream};
use hub::{Anchor, Delivery, Hub};
use parking_lot::Mutex;
use protocol::{ChannelName, Page, PageLimit, Replay, Since, StreamPosition};
use std::collections::BTreeSet;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::{Feed, FeedEvent, History, Repair, Unavailable};
use teller::{Haste, Teller};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep_until};

/// How often rings are compared with the log although nothing said that they should be.
const COMPARE_EVERY: Duration = Duration::from_secs(20);
/// How soon a comparison that the store did not allow is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(500);

protocol::limits! {
    /// Most channels whose ring is compared with the log at once; the others wait.
    const COMPARISONS_AT_ONCE_MAX: usize = 4 => shown "holdfast_feed_comparisons";
}

/// Channels whose ring may be behind the log; at most all channels of the hub.
#[derive(Debug, Default)]
pub(crate) struct Behind {
    channels: Mutex<BTreeSet<ChannelName>>,
    wake: Notify,
}

impl Behind {
    /// Notes channels to compare.
    pub(crate) fn note(&self, channels: impl IntoIterator<Item = ChannelName>) {
        self.channels.lock().extend(channels);
        self.wake.notify_one();
    }

    /// Notes a channel if anchoring it showed that something was announced meanwhile.
    pub(crate) fn note_anchor(&self, anchor: Anchor, channel: &ChannelName) {
        match anchor {
            Anchor::Behind => self.note([channel.clone()]),
            Anchor::Current => {}
        }
    }

    fn take(&self) -> BTreeSet<ChannelName> {
        std::mem::take(&mut *self.channels.lock())
    }
}

/// Gives what the feed says to the hub, until the store is gone.
pub(crate) async fn pump(mut feed: Feed, node: Arc<Node>) {
    let counters = &node.metrics.feed;
    let mut teller = Teller::new(Arc::clone(&node.hub), Arc::clone(&node.metrics));
    let mut changes = node.posture.changes();
    loop {
        let event = tokio::select! {
            event = feed.next() => match event {
                Some(event) => Some(event),
                None => break,
            },
            () = until(teller.next_due()) => None,
            // Also if it missed some: what counts is what holds now.
            _ = changes.recv(), if teller.is_waiting() => None,
        };
        let now = clock::now().instant;
        match event {
            Some(FeedEvent::Interrupted) => {
                counters.interruptions.inc();
                node.behind.note(node.hub.anchored());
            }
            Some(FeedEvent::Published { channel, epoch, publication, lane }) => {
                node.receipts.goes_by(&channel, &publication);
                let wait = node.posture.now().delivery_wait(lane);
                let delivery = teller.published(&channel, &epoch, &publication, Haste { lane, wait }, now);
                counters.announced(delivery);
                match delivery {
                    Delivery::Appended | Delivery::NotAnchored | Delivery::Old => {}
                    Delivery::Gap | Delivery::NewEpoch => node.behind.note([channel]),
                }
            }
            None => {}
        }
        teller.tell_due(node.posture.now(), now);
    }
    // Nothing is late because the store is gone.
    teller.tell_due(Posture::Normal, clock::now().instant);
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due.into()).await,
        None => pending().await,
    }
}

/// Brings rings to where the log is.
#[derive(Debug)]
pub(crate) struct Comparer {
    pub(crate) hub: Arc<Hub>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) behind: Arc<Behind>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Comparer {
    /// Compares what is behind as it is noted, what failed a little later, and everything now and then.
    pub(crate) async fn run(self) {
        let mut failed = BTreeSet::new();
        // Told once, until they answer again.
        let mut troubled = BTreeSet::new();
        let mut all = interval(COMPARE_EVERY);
        let mut retry = interval(RETRY_AFTER);
        all.set_missed_tick_behavior(MissedTickBehavior::Delay);
        retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.behind.wake.notified() => {}
                _ = all.tick() => self.behind.note(self.hub.anchored()),
                _ = retry.tick(), if !failed.is_empty() => self.behind.note(std::mem::take(&mut failed)),
            }
            let comparisons = stream::iter(self.behind.take()).map(async |channel| {
                let answered = self.compare(&channel).await.is_ok();
                (channel, answered)
            });
            let mut comparisons = pin!(comparisons.buffer_unordered(COMPARISONS_AT_ONCE_MAX));
            while let Some((channel, answered)) = comparisons.next().await {
                let counters = &self.metrics.feed;
                counters.compared(if answered { Compared::Done } else { Compared::Failed });
                if answered {
                    troubled.remove(&channel);
                    continue;
                }
                if troubled.insert(channel.clone()) {
                    tracing::warn!(channel = ?channel, "a channel cannot be compared with its history; trying on");
                }
                failed.insert(channel);
                retry.reset();
            }
        }
    }

    /// Brings one ring to where the log is, or the log to where the ring is, if it lost something.
    async fn compare(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        let mut is_offered = false;
        while let Some(end) = self.hub.channel(channel).and_then(|channel| channel.top()) {
            match self.history.replay(channel, &Since::Position(end.clone()), PageLimit::MAX).await? {
                Replay::Gap { top, .. } if is_offered || !self.offer(channel, &top).await? => {
                    // The ring's end is not part of the log: its readers compare their own positions.
                    tracing::warn!(channel = ?channel, "a channel's history is not what this node had seen");
                    self.hub.anchor_again(channel, top);
                    return Ok(());
                }
                // Where it stands now, the log says.
                Replay::Gap { .. } => is_offered = true,
                Replay::Complete(page) => {
                    if self.follow_page(channel, &end, &page)? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Gives a ring that ended there a page of the log; answers whether the page reached the log's end.
    fn follow_page(
        &self,
        channel: &ChannelName,
        end: &StreamPosition,
        page: &Page,
    ) -> Result<bool, Unavailable> {
        if page.top.epoch != end.epoch {
            tracing::info!(channel = ?channel, "a channel goes on in a new epoch");
            let position = StreamPosition { epoch: page.top.epoch.clone(), offset: end.offset };
            self.hub.anchor_again(channel, position);
        }
        for publication in &page.publications {
            if self.hub.deliver(channel, &page.top.epoch, publication) == Delivery::Appended {
                self.metrics.feed.filled.inc();
            }
        }
        let reached = page.publications.last().map_or(end.offset, |last| last.offset);
        if page.publications.is_empty() || reached >= page.top.offset {
            return Ok(true);
        }
        let now = self.hub.channel(channel).and_then(|channel| channel.top());
        if now.is_some_and(|now| now.offset == end.offset) {
            // A page that does not follow the ring would be read for ever.
            return Err(Unavailable);
        }
        Ok(false)
    }

    /// Offers the store what the ring has and the log, which ends at `top`, may have lost; answers whether that changed
    /// anything. What other nodes may still bring is waited for, as for a store that cannot be asked.
    async fn offer(&self, channel: &ChannelName, top: &StreamPosition) -> Result<bool, Unavailable> {
        let held = self.hub.channel(channel).and_then(|channel| channel.held());
        let Some((epoch, mut seen)) = held else { return Ok(false) };
        seen.retain(|publication| epoch != top.epoch || publication.offset > top.offset);
        let Repair { again, is_whole } = self.history.repair(channel, &epoch, &seen).await?;
        if again > 0 {
            self.metrics.feed.repaired.inc_by(again);
            tracing::warn!(channel = ?channel, again, "the store had lost messages that this node had seen; it has them again");
        }
        if is_whole { Ok(again > 0) } else { Err(Unavailable) }
    }
}
