//! One socket: what its client sent that is no whole frame yet, and what it did not take.

use super::room::Seat;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

/// Most bytes that wait for a socket, among them the answers to what it asked at once; at it the connection ends.
const UNSENT_MAX_BYTES: usize = 4 * 1_024 * 1_024;

/// Where a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its request is awaited.
    Upgrading,
    /// It speaks frames.
    Open,
    /// Nothing more is to come of it.
    Over,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Link {
    socket: OwnedFd,
    pub(super) stage: Stage,
    pub(super) kept: Vec<u8>,
    unsent: Vec<u8>,
    /// Whether epoll is to say when the socket takes more.
    is_awaited: bool,
}

impl Link {
    /// Watches a socket under this number.
    pub(super) fn new(socket: OwnedFd, epoll: &OwnedFd, seat: Seat) -> rustix::io::Result<Self> {
        epoll::add(epoll, &socket, EventData::new_u64(seat.0.into()), EventFlags::IN)?;
        Ok(Self { socket, stage: Stage::Upgrading, kept: Vec::new(), unsent: Vec::new(), is_awaited: false })
    }

    /// Reads once: nothing if there is nothing for now; an empty slice is the end.
    pub(super) fn read<'a>(&self, buffer: &'a mut [u8]) -> rustix::io::Result<Option<&'a [u8]>> {
        match recv(&self.socket, &mut *buffer, RecvFlags::DONTWAIT) {
            Ok((_, count)) => Ok(buffer.get(..count)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets bytes wait for the next [`Self::flush`].
    pub(super) fn queue(&mut self, bytes: &[u8]) {
        if self.unsent.len() + bytes.len() > UNSENT_MAX_BYTES {
            self.stage = Stage::Over;
        } else {
            self.unsent.extend_from_slice(bytes);
        }
    }

    /// Sends bytes at once if nothing waits before them; whether the socket took all of them.
    pub(super) fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = if self.unsent.is_empty() { self.push(bytes) } else { 0 };
        if sent == bytes.len() {
            return true;
        }
        self.queue(bytes.get(sent..).unwrap_or_default());
        false
    }

    /// Sends what waits, as much as the socket takes; whether that was all.
    pub(super) fn flush(&mut self) -> bool {
        if !self.unsent.is_empty() {
            let waiting = std::mem::take(&mut self.unsent);
            let sent = self.push(&waiting);
            self.unsent.extend_from_slice(waiting.get(sent..).unwrap_or_default());
        }
        self.unsent.is_empty()
    }

    /// One `send`: a socket that takes a part of it takes no more now.
    fn push(&mut self, bytes: &[u8]) -> usize {
        match send(&self.socket, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Err(_) => {
                self.stage = Stage::Over;
                0
            }
        }
    }

    /// Whether epoll is to say when the socket takes more.
    pub(super) fn await_room(&mut self, wanted: bool, epoll: &OwnedFd, seat: Seat) {
        if wanted == self.is_awaited {
            return;
        }
        let flags = if wanted { EventFlags::IN | EventFlags::OUT } else { EventFlags::IN };
        match epoll::modify(epoll, &self.socket, EventData::new_u64(seat.0.into()), flags) {
            Ok(()) => self.is_awaited = wanted,
            Err(_) => self.stage = Stage::Over,
        }
    }
}
