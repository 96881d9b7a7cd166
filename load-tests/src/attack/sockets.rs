//! The sockets of all attacks.

use super::front::Front;
use super::script::{Cue, Leaves, Script};
use crate::clock::Micros;
use crate::link::{Dialer, Got, Link, Way, address};
use crate::orders::Assignment;
use mio::event::Event;
use mio::{Interest, Poll, Registry, Token};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};

/// What is read at once, and most reads of one socket before the others have their turn.
const READ_BYTES: usize = 64 * 1_024;
const READS_MAX: u32 = 4;
/// Addresses of attackers: 127.64.0.0/10, beside those of clients.
const SOURCES_FIRST: u32 = 0x7f40_0000;
const SOURCES_BITS: u32 = 22;
/// Neighbours among attackers are none among addresses: a botnet lives in many networks. Odd, so that no two share one.
const SOURCES_STRIDE: u32 = 1_040_189;

/// Which socket, of all that there have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    slot: usize,
    serial: u64,
}

#[derive(Debug)]
struct Socket {
    link: Link,
    script: Script,
    serial: u64,
    /// Of which attack, and which of its members.
    front: usize,
    member: Option<usize>,
    stands: bool,
    heard: bool,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Sockets {
    registry: Registry,
    dialer: Dialer,
    /// How many addresses members share.
    addresses: u8,
    targets: Vec<SocketAddr>,
    hosts: Vec<String>,
    hello: Option<Vec<u8>>,
    slots: Vec<Option<Socket>>,
    free: Vec<usize>,
    /// To be read on once the others had their turn.
    unread: VecDeque<Place>,
    serial: u64,
    random: fastrand::Rng,
    buffer: Box<[u8]>,
    out: Vec<u8>,
}

/// A connection that an attack wants.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) script: Script,
    pub(super) way: Way,
    pub(super) source: Source,
    pub(super) front: usize,
    pub(super) member: Option<usize>,
}

/// From where a connection comes, by turns.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// From an address of a member.
    Member(u32),
    /// From an address of its own, by its number among all of the run.
    Own(u32),
}

impl Source {
    const fn turn(self) -> u32 {
        match self {
            Self::Member(turn) | Self::Own(turn) => turn,
        }
    }
}

/// An address of an attacker.
fn own(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(SOURCES_FIRST | (number.wrapping_mul(SOURCES_STRIDE) & ((1 << SOURCES_BITS) - 1)))
}

impl Sockets {
    pub(super) fn new(poll: &Poll, assignment: &Assignment, addresses: u8) -> anyhow::Result<Self> {
        let dialer = Dialer::new(assignment.tls.as_ref(), assignment.process, addresses)?;
        Ok(Self {
            addresses,
            registry: poll.registry().try_clone()?,
            hello: dialer.hello()?,
            dialer,
            targets: assignment.targets.iter().map(|target| target.address).collect(),
            hosts: assignment.targets.iter().map(|target| target.host.clone()).collect(),
            slots: Vec::new(),
            free: Vec::new(),
            unread: VecDeque::new(),
            serial: 0,
            random: fastrand::Rng::with_seed(u64::from(assignment.run)),
            buffer: vec![0; READ_BYTES].into(),
            out: Vec::new(),
        })
    }

    pub(super) const fn random(&mut self) -> &mut fastrand::Rng {
        &mut self.random
    }

    /// What is said first where TLS is spoken.
    pub(super) fn hello(&self) -> Option<&[u8]> {
        self.hello.as_deref()
    }

    /// The name of a server, by turns.
    pub(super) fn host(&self, turn: u32) -> &str {
        by_turns(&self.hosts, turn).map_or("", String::as_str)
    }

    /// Begins a connection; nothing if this machine cannot.
    pub(super) fn open(&mut self, wanted: Wanted, now: Micros) -> Option<Place> {
        let turn = wanted.source.turn();
        let to = *by_turns(&self.targets, turn)?;
        let source = match wanted.source {
            Source::Member(turn) => address(0, usize::try_from(turn).unwrap_or(0), self.addresses),
            Source::Own(number) => own(number),
        };
        let mut link = self.dialer.dial_from(source, wanted.way, to, now).ok()?;
        let slot = self.free.pop().unwrap_or(self.slots.len());
        let interest = Interest::READABLE | Interest::WRITABLE;
        if self.registry.register(link.stream(), Token(slot), interest).is_err() {
            self.free.extend((slot < self.slots.len()).then_some(slot));
            return None;
        }
        self.serial += 1;
        let Wanted { script, front, member, .. } = wanted;
        link.number = turn;
        let socket = Socket { link, script, serial: self.serial, front, member, stands: false, heard: false };
        match self.slots.get_mut(slot) {
            Some(place) => *place = Some(socket),
            None => self.slots.push(Some(socket)),
        }
        Some(Place { slot, serial: self.serial })
    }

    /// Whether it is still there.
    pub(super) fn is_open(&self, place: Place) -> bool {
        self.slots
            .get(place.slot)
            .and_then(Option::as_ref)
            .is_some_and(|socket| socket.serial == place.serial)
    }

    /// Ends it, without a word.
    pub(super) fn close(&mut self, place: Place, front: &mut Front) {
        if self.is_open(place)
            && let Some(socket) = self.slots.get_mut(place.slot).and_then(Option::take)
        {
            self.free.push(place.slot);
            front.closed(socket.member);
        }
    }

    pub(super) fn close_all(&mut self, fronts: &mut [Front]) {
        for slot in 0..self.slots.len() {
            self.end(slot, fronts);
        }
    }

    fn end(&mut self, slot: usize, fronts: &mut [Front]) {
        let Some(socket) = self.slots.get(slot).and_then(Option::as_ref) else { return };
        let place = Place { slot, serial: socket.serial };
        if let Some(front) = fronts.get_mut(socket.front) {
            self.close(place, front);
        }
    }

    /// Something happened to a socket.
    pub(super) fn on_event(&mut self, event: &Event, fronts: &mut [Front]) {
        let slot = event.token().0;
        let Some(socket) = self.slots.get_mut(slot).and_then(Option::as_mut) else { return };
        let Some(front) = fronts.get_mut(socket.front) else { return };
        if !socket.stands {
            match socket.link.stands() {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) => {
                    front.counts.cut += 1;
                    return self.end(slot, fronts);
                }
            }
            socket.stands = true;
            front.counts.opened += 1;
            let place = Place { slot, serial: socket.serial };
            front.stands(place, Micros::now());
            if self.act(slot, fronts, |script, _, cue| script.begin(cue)).is_err() {
                return self.end(slot, fronts);
            }
        } else if event.is_writable() && socket.link.send(&[]).is_err() {
            return self.lost(slot, fronts);
        }
        let Some(socket) = self.slots.get(slot).and_then(Option::as_ref) else { return };
        if !socket.script.is_deaf() {
            self.read(slot, fronts);
        } else if event.is_read_closed() || event.is_error() {
            // What it did not read is in the way of the end of it.
            self.lost(slot, fronts);
        }
    }

    /// Reads those that had to wait for the others.
    pub(super) fn read_on(&mut self, fronts: &mut [Front]) {
        for _ in 0..self.unread.len() {
            if let Some(place) = self.unread.pop_front()
                && self.is_open(place)
            {
                self.read(place.slot, fronts);
            }
        }
    }

    fn read(&mut self, slot: usize, fronts: &mut [Front]) {
        for turn in 0.. {
            let Some(socket) = self.slots.get_mut(slot).and_then(Option::as_mut) else { return };
            if socket.script.is_deaf() {
                return;
            }
            if turn == READS_MAX {
                self.unread.push_back(Place { slot, serial: socket.serial });
                return;
            }
            let count = match socket.link.read(&mut self.buffer, Micros::now()) {
                Ok(Got::Bytes(count)) => count,
                Ok(Got::Nothing | Got::Later(_)) => return,
                Ok(Got::End) | Err(_) => return self.lost(slot, fronts),
            };
            socket.heard = true;
            let buffer = std::mem::take(&mut self.buffer);
            let read = buffer.get(..count).unwrap_or_default();
            let heard = self.act(slot, fronts, |script, link, cue| {
                let mut kept = std::mem::take(&mut link.kept);
                kept.extend_from_slice(read);
                let done = script.hear(&kept, &mut link.whole, cue)?;
                kept.drain(..done);
                link.kept = kept;
                Ok(())
            });
            self.buffer = buffer;
            if heard.is_err() {
                return self.end(slot, fronts);
            }
        }
    }

    /// The server ended it.
    fn lost(&mut self, slot: usize, fronts: &mut [Front]) {
        let Some(socket) = self.slots.get(slot).and_then(Option::as_ref) else { return };
        if let Some(front) = fronts.get_mut(socket.front) {
            if socket.heard {
                *front.counts.closed.entry(crate::tally::RESET).or_default() += 1;
            } else {
                front.counts.cut += 1;
            }
        }
        self.end(slot, fronts);
    }

    fn act(
        &mut self,
        slot: usize,
        fronts: &mut [Front],
        act: impl FnOnce(&mut Script, &mut Link, &mut Cue<'_>) -> Result<(), Leaves>,
    ) -> Result<(), Leaves> {
        let front = self.slots.get(slot).and_then(|socket| socket.as_ref()).map(|socket| socket.front);
        let Some(front) = front.and_then(|front| fronts.get_mut(front)) else { return Err(Leaves) };
        self.act_for(slot, front, act)
    }

    /// Lets a socket's script do something, and sends what it says.
    fn act_for(
        &mut self,
        slot: usize,
        front: &mut Front,
        act: impl FnOnce(&mut Script, &mut Link, &mut Cue<'_>) -> Result<(), Leaves>,
    ) -> Result<(), Leaves> {
        let Some(socket) = self.slots.get_mut(slot).and_then(Option::as_mut) else { return Err(Leaves) };
        self.out.clear();
        let host = by_turns(&self.hosts, socket.link.number).map_or("", String::as_str);
        let mut cue = Cue { host, counts: &mut front.counts, random: &mut self.random, out: &mut self.out };
        act(&mut socket.script, &mut socket.link, &mut cue)?;
        if self.out.is_empty() { Ok(()) } else { socket.link.send(&self.out).map_err(|_| Leaves) }
    }

    /// Says a byte more of what is never whole.
    pub(super) fn drip(&mut self, place: Place, front: &mut Front) {
        let drip = |script: &mut Script, _: &mut Link, cue: &mut Cue<'_>| {
            script.drip(cue.out);
            Ok(())
        };
        if self.is_open(place) && self.act_for(place.slot, front, drip).is_err() {
            self.close(place, front);
        }
    }

    /// Says what a member is there to say; whether it could.
    pub(super) fn speak(&mut self, place: Place, front: &mut Front, room: usize) -> bool {
        let Some(socket) = self.slots.get(place.slot).and_then(Option::as_ref) else { return false };
        if socket.serial != place.serial || socket.link.waiting() > room {
            return false;
        }
        let mut spoke = false;
        let strike = |script: &mut Script, _: &mut Link, cue: &mut Cue<'_>| {
            if let Script::Talk(talk) = script {
                spoke = talk.strike(cue);
            }
            Ok(())
        };
        if self.act_for(place.slot, front, strike).is_err() {
            self.close(place, front);
        }
        spoke
    }
}

fn by_turns<T>(of: &[T], turn: u32) -> Option<&T> {
    of.get(usize::try_from(turn).unwrap_or(0) % of.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn attackers_have_addresses_of_their_own_in_many_networks_on_this_machine() {
        let sources: BTreeSet<Ipv4Addr> = (0..100_000).map(own).collect();
        assert_eq!(sources.len(), 100_000);
        assert!(sources.iter().all(|source| source.is_loopback() && source.octets()[1] >= 64));
        let networks: BTreeSet<[u8; 3]> =
            sources.iter().map(Ipv4Addr::octets).map(|[a, b, c, _]| [a, b, c]).collect();
        assert!(networks.len() > 10_000, "{}", networks.len());
    }
}
