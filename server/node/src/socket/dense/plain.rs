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
}

impl PlainSocket {
    /// Takes a socket over; `life` ends when this does.
    pub(crate) fn new(stream: std::net::TcpStream, life: Life) -> Self {
        Self { stream: mio::net::TcpStream::from_std(stream), life }
    }

    pub(super) fn wire(&self) -> &Rc<Wire> {
        self.life.wire()
    }

    /// Has the worker told of the socket under this token, whenever it becomes ready for something.
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> Result<()> {
        self.stream.register(registry, token, Interest::READABLE | Interest::WRITABLE)
    }

    pub(super) fn read(&mut self, room: &mut [u8]) -> Took {
        loop {
            return match self.stream.read(room) {
                Ok(0) => Took::End,
                Ok(bytes) => Took::Bytes(bytes),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock => Took::Nothing,
                    _ => Took::End,
                },
            };
        }
    }

    /// Writes what the kernel takes; answers how much that was. Less than all means that it tells when it takes more.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        loop {
            let taken = match self.stream.write(bytes) {
                Ok(taken) => taken,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(error) => return Err(error),
            };
            let wire = self.life.wire();
            wire.count_written(Some(taken));
            if taken < bytes.len() {
                wire.count_written(None);
            }
            return Ok(taken);
        }
    }
}

impl Drop for PlainSocket {
    fn drop(&mut self) {
        if self.wire().is_cut() {
            options::forget_unsent(&self.stream);
        }
    }
}
