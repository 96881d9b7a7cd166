//! The channels that a client reads, or is about to.

use crate::subscription::Subscription;
use protocol::ChannelName;

/// Subscriptions by the names of their channels, in the order of names. There are few: they lie side by side, with no room
/// for more.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(Vec<(ChannelName, Subscription)>);

impl Subscriptions {
    fn place(&self, channel: &ChannelName) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(channel))
    }

    pub(crate) fn get(&self, channel: &ChannelName) -> Option<&Subscription> {
        self.0.get(self.place(channel).ok()?).map(|(_, sub)| sub)
    }

    pub(crate) fn get_mut(&mut self, channel: &ChannelName) -> Option<&mut Subscription> {
        let place = self.place(channel).ok()?;
        self.0.get_mut(place).map(|(_, sub)| sub)
    }

    pub(crate) fn contains(&self, channel: &ChannelName) -> bool {
        self.place(channel).is_ok()
    }

    /// Adds a subscription, in the place of one of the same channel.
    pub(crate) fn insert(&mut self, channel: ChannelName, sub: Subscription) {
        match self.place(&channel) {
            Ok(place) => {
                if let Some(known) = self.0.get_mut(place) {
                    *known = (channel, sub);
                }
            }
            Err(place) => {
                self.0.reserve_exact(1);
                self.0.insert(place, (channel, sub));
            }
        }
    }

    pub(crate) fn remove(&mut self, channel: &ChannelName) -> Option<Subscription> {
        let place = self.place(channel).ok()?;
        Some(self.0.remove(place).1)
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn channels(&self) -> impl Iterator<Item = &ChannelName> {
        self.0.iter().map(|(channel, _)| channel)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ChannelName, &Subscription)> {
        self.0.iter().map(|(channel, sub)| (channel, sub))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Subscription> {
        self.0.iter().map(|(_, sub)| sub)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Subscription> {
        self.0.iter_mut().map(|(_, sub)| sub)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&ChannelName, &mut Subscription)> {
        self.0.iter_mut().map(|(channel, sub)| (&*channel, sub))
    }

    /// All of them, beginning at a channel, or at the first after it if it is gone.
    pub(crate) fn iter_mut_from(
        &mut self,
        channel: Option<&ChannelName>,
    ) -> impl Iterator<Item = (&ChannelName, &mut Subscription)> {
        let place = channel.map_or(0, |channel| self.place(channel).unwrap_or_else(|place| place));
        let (before, from) = self.0.split_at_mut_checked(place).unwrap_or_default();
        from.iter_mut().chain(before).map(|(channel, sub)| (&*channel, sub))
    }
}
