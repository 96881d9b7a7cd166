//! When readers are told of what is new: at once, or later if the posture makes its lane wait. It is in the ring at once
//! either way, and whoever reads meanwhile finds it there; what waits is the bell.

#[cfg(test)]
mod tests;

use crate::metrics::Metrics;
use admission::Posture;
use hub::{Deferral, Delivery, Due, Hub};
use protocol::{ChannelName, Epoch, Lane, Publication};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How soon readers are to be told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Haste {
    pub(super) lane: Lane,
    /// The longest that it may take; nothing if it is at once.
    pub(super) wait: Duration,
}

/// Gives publications to the hub, and sees that readers are told.
#[derive(Debug)]
pub(super) struct Teller {
    hub: Arc<Hub>,
    metrics: Arc<Metrics>,
    deferral: Deferral,
    /// For which what waits was looked at last.
    posture: Posture,
}

impl Teller {
    pub(super) fn new(hub: Arc<Hub>, metrics: Arc<Metrics>) -> Self {
        Self { hub, metrics, deferral: Deferral::default(), posture: Posture::Normal }
    }

    /// Whether any channel waits.
    pub(super) fn is_waiting(&self) -> bool {
        !self.deferral.is_empty()
    }

    /// When [`Teller::tell_due`] has something to do.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.deferral.next_due()
    }

    /// The feed announced it. What does not wait takes along all that waits in its channel.
    pub(super) fn published(
        &mut self,
        channel: &ChannelName,
        epoch: &Epoch,
        publication: &Arc<Publication>,
        haste: Haste,
        now: Instant,
    ) -> Delivery {
        let waits = !haste.wait.is_zero() && self.deferral.has_room_for(channel);
        let delivery = if waits {
            self.hub.deliver_quietly(channel, epoch, publication)
        } else {
            self.hub.deliver(channel, epoch, publication)
        };
        match delivery {
            Delivery::Appended if waits => self.deferral.note(channel, haste.lane, now, haste.wait),
            Delivery::Appended => {
                if let Some(due) = self.deferral.take(channel) {
                    self.count(&due, now);
                }
            }
            // Nobody is told of these here: a ring that is compared with the log, or gets its first place in it, tells.
            Delivery::Gap | Delivery::NewEpoch | Delivery::NotAnchored | Delivery::Old => return delivery,
        }
        self.metrics.deferred.waiting(self.deferral.len());
        delivery
    }

    /// Tells readers of what has waited for as long as it may in this posture.
    pub(super) fn tell_due(&mut self, posture: Posture, now: Instant) {
        if posture != self.posture {
            self.posture = posture;
            self.deferral.hasten(|lane| posture.delivery_wait(lane));
        }
        while let Some(due) = self.deferral.take_due(now) {
            self.hub.tell(&due.channel);
            self.count(&due, now);
            self.metrics.deferred.waiting(self.deferral.len());
        }
    }

    fn count(&self, due: &Due, now: Instant) {
        for (lane, since) in &due.since {
            self.metrics.deferred.waited(*lane, now.saturating_duration_since(*since));
        }
    }
}
