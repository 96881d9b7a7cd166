//! The channels of a node that somebody reads.

use crate::budget::Budget;
use crate::channel::{Anchor, Bell, BellId, Channel, Delivery, Telling};
use parking_lot::Mutex;
use protocol::{ChannelName, Epoch, Publication, StreamPosition};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

/// All channels of a node, under one byte budget for their rings.
#[derive(Debug)]
pub struct Hub {
    channels: Mutex<HashMap<ChannelName, Arc<Channel>>>,
    budget: Mutex<Budget>,
}

/// What a hub holds at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupancy {
    /// Channels that somebody reads, or read until lately.
    pub channels: usize,
    /// Readers of all channels; a connection is one in each channel it reads.
    pub readers: usize,
    /// Publications that rings hold.
    pub entries: usize,
    /// Bytes that rings hold.
    pub ring_bytes: usize,
    /// Bytes that rings may hold.
    pub ring_max_bytes: usize,
    /// Publications that went since the start because that bound was reached.
    pub evicted: u64,
}

/// One reader's place in a channel; dropping it leaves the channel.
#[derive(Debug)]
pub struct Membership {
    channel: Arc<Channel>,
    bell: BellId,
}

impl Hub {
    /// A hub whose rings hold at most `ring_max_bytes` together.
    pub fn new(ring_max_bytes: usize) -> Self {
        Self { channels: Mutex::default(), budget: Mutex::new(Budget::new(ring_max_bytes)) }
    }

    /// Becomes a reader of a channel. The channel must be anchored before it can be read.
    pub fn join(&self, name: &ChannelName, bell: &Arc<dyn Bell>) -> Membership {
        let mut channels = self.channels.lock();
        let channel = channels.entry(name.clone()).or_insert_with(|| Arc::new(Channel::new(name.clone())));
        // Under the registry's lock, so that `forget` sees the reader.
        let bell = channel.add_reader(bell);
        Membership { channel: Arc::clone(channel), bell }
    }

    /// The channel, if it is known here.
    pub fn channel(&self, name: &ChannelName) -> Option<Arc<Channel>> {
        self.channels.lock().get(name).cloned()
    }

    /// Gives a channel its first ring, an empty one that goes on after `top`.
    pub fn anchor(&self, name: &ChannelName, top: StreamPosition) -> Anchor {
        let Some(channel) = self.channel(name) else {
            return Anchor::Current;
        };
        let mut budget = self.budget.lock();
        let (anchor, bytes, entries) = channel.anchor(top);
        budget.cleared(bytes, entries);
        anchor
    }

    /// Gives a channel that is anchored an empty ring elsewhere, as after an epoch ended. One that is not stays so: it is
    /// anchored by whoever sees to it that the feed carries it.
    pub fn anchor_again(&self, name: &ChannelName, top: StreamPosition) {
        let Some(channel) = self.channel(name) else { return };
        let mut budget = self.budget.lock();
        if let Some((bytes, entries)) = channel.anchor_again(top) {
            budget.cleared(bytes, entries);
        }
    }

    /// Takes what the feed announced, or a page of the log gave, and wakes the channel's readers.
    pub fn deliver(&self, name: &ChannelName, epoch: &Epoch, publication: &Arc<Publication>) -> Delivery {
        self.take(name, epoch, publication, Telling::AtOnce)
    }

    /// The same, but wakes nobody: whoever calls it sees that [`Hub::tell`] follows. Readers that read meanwhile, for
    /// whatever reason, find it in its place.
    pub fn deliver_quietly(
        &self,
        name: &ChannelName,
        epoch: &Epoch,
        publication: &Arc<Publication>,
    ) -> Delivery {
        self.take(name, epoch, publication, Telling::Later)
    }

    /// Wakes a channel's readers for what was delivered quietly.
    pub fn tell(&self, name: &ChannelName) {
        if let Some(channel) = self.channel(name) {
            channel.tell();
        }
    }

    fn take(
        &self,
        name: &ChannelName,
        epoch: &Epoch,
        publication: &Arc<Publication>,
        telling: Telling,
    ) -> Delivery {
        let Some(channel) = self.channel(name) else {
            return Delivery::NotAnchored;
        };
        let mut budget = self.budget.lock();
        let (delivery, cost) = channel.deliver(epoch, publication, telling);
        if let Some(cost) = cost {
            budget.pushed(&channel, publication.offset, cost);
        }
        delivery
    }

    /// Channels that are anchored.
    pub fn anchored(&self) -> Vec<ChannelName> {
        let channels = self.channels.lock();
        channels
            .values()
            .filter(|channel| channel.top().is_some())
            .map(|channel| channel.name().clone())
            .collect()
    }

    /// Channels without a reader.
    pub fn deserted(&self) -> Vec<ChannelName> {
        let channels = self.channels.lock();
        channels
            .values()
            .filter(|channel| channel.readers() == 0)
            .map(|channel| channel.name().clone())
            .collect()
    }

    /// Forgets a channel if it still has no reader, and says whether it did.
    pub fn forget(&self, name: &ChannelName) -> bool {
        let mut budget = self.budget.lock();
        let mut channels = self.channels.lock();
        let Some(channel) = channels.get(name).filter(|channel| channel.readers() == 0) else {
            return false;
        };
        let (bytes, entries) = channel.release();
        channels.remove(name);
        budget.cleared(bytes, entries);
        true
    }

    /// How many channels are known.
    pub fn len(&self) -> usize {
        self.channels.lock().len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How full the hub is. Readers are counted channel by channel, without holding up whoever joins.
    pub fn occupancy(&self) -> Occupancy {
        let channels: Vec<Arc<Channel>> = self.channels.lock().values().map(Arc::clone).collect();
        let readers = channels.iter().map(|channel| channel.readers()).sum();
        let budget = self.budget.lock();
        Occupancy {
            channels: channels.len(),
            readers,
            entries: budget.entries(),
            ring_bytes: budget.bytes(),
            ring_max_bytes: budget.max_bytes(),
            evicted: budget.evicted(),
        }
    }

    /// Bytes that rings hold now.
    pub fn ring_bytes(&self) -> usize {
        self.budget.lock().bytes()
    }
}

impl Deref for Membership {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        &self.channel
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.channel.remove_reader(self.bell);
    }
}

#[cfg(test)]
mod tests;
