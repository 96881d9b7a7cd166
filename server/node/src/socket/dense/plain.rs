//! A socket without blocking, whose bytes out are counted on its [`Wire`].

use crate::listener::options;
use crate::listener::wire::{Life, Wire};
use mio::event::Source;
use mio::{Interest, Registry, Token};
use std::io::{ErrorKind, Read, Result, Write};
use std::rc::Rc;

/// What reading came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Took {
    /// So many bytes; there may be more.
    Bytes(usize),
    /// The peer has closed its side, or the connection is broken.
    End,
    /// Nothing for now.
    Nothing,
}

/// A taken-over socket.
#[derive(Debug)]
pub(crate) struct PlainSocket {
    stream: mio::net::TcpStream,
    life: Life,
    /// The kernel may have bytes for it.
    is_readable: bool,
    /// The peer has closed its side: what is left is read to its end.
    is_read_closed: bool,
    /// A write failed: nobody is there.
    is_broken: bool,
}

impl PlainSocket {
    /// Takes a socket over; `life` ends when this does.
    pub(crate) fn new(stream: std::net::TcpStream, life: Life) -> Self {
        Self {
            stream: mio::net::TcpStream::from_std(stream),
            life,
            is_readable: true,
            is_read_closed: false,
            is_broken: false,
        }
    }

    pub(super) fn wire(&self) -> &Rc<Wire> {
        self.life.wire()
    }

    /// Has the worker told of the socket under this token, whenever it becomes ready for something.
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> Result<()> {
        self.stream.register(registry, token, Interest::READABLE | Interest::WRITABLE)
    }

    /// The kernel says what there is.
    pub(super) const fn told(&mut self, readable: bool, is_read_closed: bool) {
        self.is_readable |= readable;
        self.is_read_closed |= is_read_closed;
    }

    /// Whether reading may come to something.
    pub(super) const fn is_readable(&self) -> bool {
        self.is_readable
    }

    /// Whether nobody is there any more, or it was cut.
    pub(super) fn is_gone(&self) -> bool {
        self.is_broken || self.wire().is_cut()
    }

    /// There is nobody any more.
    pub(super) const fn is_lost(&mut self) {
        self.is_broken = true;
    }

    pub(super) fn read(&mut self, room: &mut [u8]) -> Took {
        let took = self.try_read(room);
        self.is_readable = match took {
            // Less than there was room for: all that was there. The kernel tells when there is more.
            Took::Bytes(some) => some == room.len() || self.is_read_closed,
            Took::Nothing | Took::End => false,
        };
        took
    }

    fn try_read(&mut self, room: &mut [u8]) -> Took {
        loop {
            match self.stream.read(room) {
                Ok(0) => return Took::End,
                Ok(bytes) => return Took::Bytes(bytes),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Took::Nothing,
                Err(_) => return Took::End,
            }
        }
    }

    /// Writes what the kernel takes; answers how much that was. Less than all means that it tells when it takes more. If nobody
    /// is there, all is as good as taken.
    pub(super) fn write(&mut self, bytes: &[u8]) -> usize {
        let taken = loop {
            match self.stream.write(bytes) {
                Ok(taken) => break taken,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break 0,
                Err(_) => {
                    self.is_broken = true;
                    return bytes.len();
                }
            }
        };
        let wire = self.life.wire();
        wire.count_written(Some(taken));
        if taken < bytes.len() {
            wire.count_written(None);
        }
        taken
    }
}

impl Drop for PlainSocket {
    fn drop(&mut self) {
        if self.wire().is_cut() {
            options::forget_unsent(&self.stream);
        }
    }
}
