//! The sockets of one worker by the channels that they read.

use crate::socket::socket_id::SocketId;
use protocol::ChannelName;
use roaring::RoaringBitmap;
use std::collections::HashMap;

/// Who reads what. A reader of a crowd takes two bytes at most, however many channels it reads.
#[derive(Debug, Default)]
pub(super) struct Readers(HashMap<ChannelName, Crowd>);

/// The readers of one channel. Most channels are inboxes, of which each has one.
#[derive(Debug)]
enum Crowd {
    One(SocketId),
    /// In the order of their numbers: neighbours there are neighbours in memory, the kernel's too, and a walk from one to the next
    /// finds much of what it needs in the processor's cache.
    Many(Box<RoaringBitmap>),
}

impl Readers {
    pub(super) fn add(&mut self, channel: &ChannelName, id: SocketId) {
        match self.0.get_mut(channel) {
            None => {
                self.0.insert(channel.clone(), Crowd::One(id));
            }
            Some(Crowd::Many(ids)) => {
                ids.insert(id.number());
            }
            Some(crowd @ Crowd::One(_)) => {
                if let Crowd::One(other) = *crowd {
                    *crowd = Crowd::Many(Box::new([other, id].map(SocketId::number).into()));
                }
            }
        }
    }

    pub(super) fn remove(&mut self, channel: &ChannelName, id: SocketId) {
        let is_deserted = match self.0.get_mut(channel) {
            None => false,
            Some(Crowd::One(one)) => *one == id,
            Some(Crowd::Many(ids)) => {
                ids.remove(id.number());
                ids.is_empty()
            }
        };
        if is_deserted {
            self.0.remove(channel);
        }
    }

    /// The readers of a channel now, in the order of their numbers.
    pub(super) fn of(&self, channel: &ChannelName) -> impl Iterator<Item = SocketId> + use<> {
        let ids = match self.0.get(channel) {
            None => RoaringBitmap::new(),
            Some(Crowd::One(id)) => [id.number()].into(),
            Some(Crowd::Many(ids)) => (**ids).clone(),
        };
        ids.into_iter().map(SocketId::of_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::socket_id::Place;

    fn task(number: u32) -> SocketId {
        SocketId::at(Place::Task(number))
    }

    fn read(readers: &Readers) -> Vec<SocketId> {
        readers.of(&ChannelName::bulletins_all()).collect()
    }

    #[test]
    fn readers_come_in_order_and_go_one_by_one() {
        let channel = ChannelName::bulletins_all();
        let mut readers = Readers::default();
        for id in [3, 1, 2, 1] {
            readers.add(&channel, task(id));
        }
        readers.add(&channel, SocketId::at(Place::Dense(2)));
        assert_eq!(read(&readers), [SocketId::at(Place::Dense(2)), task(1), task(2), task(3)]);
        readers.remove(&channel, SocketId::at(Place::Dense(2)));
        for id in [2, 9, 1, 3] {
            readers.remove(&channel, task(id));
        }
        assert!(read(&readers).is_empty() && readers.0.is_empty());
    }

    #[test]
    fn a_channel_of_one_reader_is_deserted_when_that_one_goes_and_no_other() {
        let channel = ChannelName::bulletins_all();
        let mut readers = Readers::default();
        readers.add(&channel, task(1));
        readers.remove(&channel, task(2));
        assert_eq!(read(&readers), [task(1)]);
        readers.remove(&channel, task(1));
        assert!(readers.0.is_empty());
    }

    #[test]
    fn a_channel_takes_little_in_the_table() {
        assert!(size_of::<(ChannelName, Crowd)>() <= 24, "{} bytes", size_of::<(ChannelName, Crowd)>());
    }
}
