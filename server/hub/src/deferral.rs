//! Which channels' readers are told later, and when: at most one entry a channel, however much waits there. What is told
//! is the channel: its readers then read in the order of offsets, so nothing that waits can be overtaken in it.
//!
//! Nothing is kept here that could be lost: publications are in the ring and in the log.

#[cfg(test)]
mod tests;

use protocol::{ChannelName, Lane};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

protocol::limits! {
    /// Most channels whose readers are told later; those of further ones are told at once.
    pub const DEFERRED_MAX_CHANNELS: usize = 4_096 => shown "holdfast_deferred_channels";
}

/// The channels that wait.
#[derive(Debug)]
pub struct Deferral {
    waiting: HashMap<ChannelName, Waiting>,
    /// The same, by when they are due.
    order: BTreeSet<(Instant, ChannelName)>,
    channels_max: usize,
}

#[derive(Debug)]
struct Waiting {
    due: Instant,
    /// Since when the first of each lane waits; at most one entry a lane.
    since: Vec<(Lane, Instant)>,
}

/// A channel that waits no longer: its readers are to be told now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which one.
    pub channel: ChannelName,
    /// Since when the first publication of each lane waited, for the lanes of which one did.
    pub since: Vec<(Lane, Instant)>,
}

impl Default for Deferral {
    fn default() -> Self {
        Self::with_room_for(DEFERRED_MAX_CHANNELS)
    }
}

impl Deferral {
    /// With room for so many channels.
    pub fn with_room_for(channels_max: usize) -> Self {
        Self { waiting: HashMap::new(), order: BTreeSet::new(), channels_max }
    }

    /// How many channels wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a publication in the channel can wait.
    pub fn has_room_for(&self, channel: &ChannelName) -> bool {
        self.waiting.len() < self.channels_max || self.waiting.contains_key(channel)
    }

    /// A publication of that lane came at `now` and waits for at most `wait`. If its channel waits already, it is due at
    /// the earlier of the two times. Where [there is no room](Self::has_room_for) nothing is noted.
    pub fn note(&mut self, channel: &ChannelName, lane: Lane, now: Instant, wait: Duration) {
        let due = now + wait;
        if let Some(waiting) = self.waiting.get_mut(channel) {
            if !waiting.since.iter().any(|(known, _)| *known == lane) {
                waiting.since.push((lane, now));
            }
            self.move_up(channel, due);
        } else if self.waiting.len() < self.channels_max {
            self.waiting.insert(channel.clone(), Waiting { due, since: vec![(lane, now)] });
            self.order.insert((due, channel.clone()));
        }
    }

    /// Lanes may wait for so long from now on: what has waited longer is due at once, what was noted with a shorter wait
    /// keeps it.
    pub fn hasten(&mut self, wait: impl Fn(Lane) -> Duration) {
        let dues: Vec<(ChannelName, Instant)> = self
            .waiting
            .iter()
            .filter_map(|(channel, waiting)| {
                let due = waiting.since.iter().map(|(lane, since)| *since + wait(*lane)).min()?;
                (due < waiting.due).then(|| (channel.clone(), due))
            })
            .collect();
        for (channel, due) in dues {
            self.move_up(&channel, due);
        }
    }

    /// When the next channel is due.
    pub fn next_due(&self) -> Option<Instant> {
        self.order.first().map(|(due, _)| *due)
    }

    /// Takes out a channel that is due; asked again until there is none.
    pub fn take_due(&mut self, now: Instant) -> Option<Due> {
        let (due, channel) = self.order.first()?;
        if *due > now {
            return None;
        }
        let channel = channel.clone();
        self.take(&channel)
    }

    /// Takes out a channel whose readers are told now because of something that does not wait.
    pub fn take(&mut self, channel: &ChannelName) -> Option<Due> {
        let (channel, Waiting { due, since }) = self.waiting.remove_entry(channel)?;
        let key = (due, channel);
        self.order.remove(&key);
        Some(Due { channel: key.1, since })
    }

    fn move_up(&mut self, channel: &ChannelName, due: Instant) {
        if let Some(waiting) = self.waiting.get_mut(channel)
            && due < waiting.due
        {
            let mut key = (waiting.due, channel.clone());
            self.order.remove(&key);
            key.0 = due;
            waiting.due = due;
            self.order.insert(key);
        }
    }
}
