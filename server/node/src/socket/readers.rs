//! The sockets of one worker by the channels that they read.

use crate::socket::walk::SocketId;
use protocol::ChannelName;
use std::collections::{BTreeSet, HashMap};

/// Who reads what.
#[derive(Debug, Default)]
pub(super) struct Readers(HashMap<ChannelName, Crowd>);

/// The readers of one channel. Most channels are inboxes, of which each has one.
#[derive(Debug)]
enum Crowd {
    One(SocketId),
    /// In the order of their numbers: neighbours there are neighbours in memory, the kernel's too, and a walk from one to the next
    /// finds much of what it needs in the processor's cache.
    Many(BTreeSet<SocketId>),
}

impl Readers {
    pub(super) fn add(&mut self, channel: &ChannelName, id: SocketId) {
        match self.0.get_mut(channel) {
            None => {
                self.0.insert(channel.clone(), Crowd::One(id));
            }
            Some(Crowd::Many(ids)) => {
                ids.insert(id);
            }
            Some(crowd @ Crowd::One(_)) => {
                if let Crowd::One(other) = *crowd {
                    *crowd = Crowd::Many(BTreeSet::from([other, id]));
                }
            }
        }
    }

    pub(super) fn remove(&mut self, channel: &ChannelName, id: SocketId) {
        let is_deserted = match self.0.get_mut(channel) {
            None => false,
            Some(Crowd::One(one)) => *one == id,
            Some(Crowd::Many(ids)) => {
                ids.remove(&id);
                ids.is_empty()
            }
        };
        if is_deserted {
            self.0.remove(channel);
        }
    }

    /// The readers of a channel now.
    pub(super) fn of(&self, channel: &ChannelName) -> Vec<SocketId> {
        match self.0.get(channel) {
            None => Vec::new(),
            Some(Crowd::One(id)) => vec![*id],
            Some(Crowd::Many(ids)) => ids.iter().copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(readers: &Readers) -> Vec<SocketId> {
        readers.of(&ChannelName::bulletins_all())
    }

    #[test]
    fn readers_come_in_order_and_go_one_by_one() {
        let channel = ChannelName::bulletins_all();
        let mut readers = Readers::default();
        for id in [3, 1, 2, 1] {
            readers.add(&channel, SocketId::Task(id));
        }
        assert_eq!(read(&readers), [1, 2, 3].map(SocketId::Task));
        for id in [2, 9, 1, 3] {
            readers.remove(&channel, SocketId::Task(id));
        }
        assert!(read(&readers).is_empty() && readers.0.is_empty());
    }

    #[test]
    fn a_channel_of_one_reader_is_deserted_when_that_one_goes_and_no_other() {
        let channel = ChannelName::bulletins_all();
        let mut readers = Readers::default();
        readers.add(&channel, SocketId::Task(1));
        readers.remove(&channel, SocketId::Task(2));
        assert_eq!(read(&readers), [SocketId::Task(1)]);
        readers.remove(&channel, SocketId::Task(1));
        assert!(readers.0.is_empty());
    }
}
