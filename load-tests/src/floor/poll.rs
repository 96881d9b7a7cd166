//! The loop: sockets that are ready, level-triggered, and what comes of them.

use super::link::{Link, Stage};
use super::room::{Room, Seat};
use super::wire::{self, Frame, NotTaken};
use crate::clock;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with, sockopt};
use socket2::Socket;
use std::os::unix::net::UnixStream;

/// Numbers of events that are no seats.
const LISTENER: u64 = u64::MAX;
const STOPPED: u64 = u64::MAX - 1;
/// Most events that are taken at a time; others come with the next.
const EVENTS_MAX: usize = 1_024;
/// Most bytes that are read of a socket at a time; others come with the next event.
const READ_MAX_BYTES: usize = 64 * 1_024;

/// All sockets.
#[derive(Debug)]
pub(super) struct Server {
    epoll: OwnedFd,
    listener: Socket,
    /// Readable once a signal came.
    _stopped: UnixStream,
    /// Whether there were descriptors for all who came.
    is_accepting: bool,
    room: Room,
    links: Vec<Option<Link>>,
    free: Vec<Seat>,
    /// Seats whose connection may be over.
    suspects: Vec<Seat>,
}

impl Server {
    pub(super) fn new(listener: Socket, stopped: UnixStream, room: Room) -> rustix::io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        epoll::add(&epoll, &stopped, EventData::new_u64(STOPPED), EventFlags::IN)?;
        Ok(Self {
            epoll,
            listener,
            _stopped: stopped,
            is_accepting: true,
            room,
            links: Vec::new(),
            free: Vec::new(),
            suspects: Vec::new(),
        })
    }

    /// Serves until a signal comes.
    pub(super) fn serve(mut self) -> anyhow::Result<()> {
        let mut events = Vec::with_capacity(EVENTS_MAX);
        let mut buffer = vec![0; READ_MAX_BYTES];
        loop {
            match epoll::wait(&self.epoll, spare_capacity(&mut events), None) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                match event.data.u64() {
                    STOPPED => return Ok(()),
                    LISTENER => self.accept()?,
                    seat => self.attend(Seat(u32::try_from(seat)?), &mut buffer)?,
                }
            }
        }
    }

    fn accept(&mut self) -> rustix::io::Result<()> {
        loop {
            let socket = match accept_with(&self.listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(socket) => socket,
                // No descriptor, or no memory: whoever waits, waits until a connection ends.
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => return self.listen(false),
                // Nobody, or somebody who is gone again; epoll says whether there are others.
                Err(_) => return Ok(()),
            };
            sockopt::set_tcp_nodelay(&socket, true)?;
            let seat = self.free.pop().unwrap_or(Seat(u32::try_from(self.links.len()).unwrap_or(u32::MAX)));
            let link = Some(Link::new(socket, &self.epoll, seat)?);
            match self.links.get_mut(index(seat)) {
                Some(place) => *place = link,
                None => self.links.push(link),
            }
        }
    }

    fn listen(&mut self, wanted: bool) -> rustix::io::Result<()> {
        self.is_accepting = wanted;
        let flags = if wanted { EventFlags::IN } else { EventFlags::empty() };
        epoll::modify(&self.epoll, &self.listener, EventData::new_u64(LISTENER), flags)
    }

    /// A socket has something, or takes something. An event may be older than the connection in its seat; then there
    /// is nothing to do, and nothing is done.
    fn attend(&mut self, seat: Seat, buffer: &mut [u8]) -> rustix::io::Result<()> {
        let Some(link) = self.link(seat) else { return Ok(()) };
        match link.read(buffer) {
            Ok(None) => {}
            Ok(Some(bytes)) if !bytes.is_empty() => {
                link.kept.extend_from_slice(bytes);
                if self.take(seat).is_err() {
                    self.end(seat);
                }
            }
            Ok(Some(_)) | Err(_) => self.end(seat),
        }
        self.settle(seat);
        while let Some(suspect) = self.suspects.pop() {
            self.close_if_over(suspect)?;
        }
        Ok(())
    }

    /// Takes what a client sent, as far as it is whole.
    fn take(&mut self, seat: Seat) -> Result<(), NotTaken> {
        let Some(link) = self.link(seat) else { return Ok(()) };
        let mut bytes = std::mem::take(&mut link.kept);
        let mut done = 0;
        if link.stage == Stage::Upgrading {
            let Some(upgrade) = wire::upgrade(&bytes)? else {
                link.kept = bytes;
                return Ok(());
            };
            link.send(upgrade.answer.as_bytes());
            link.stage = if upgrade.is_agreed { Stage::Open } else { Stage::Over };
            done = upgrade.end;
        }
        while self.link(seat).is_some_and(|link| link.stage == Stage::Open)
            && let Some((frame, length)) = wire::read(bytes.get_mut(done..).unwrap_or_default())?
        {
            match frame {
                Frame::Message(message) => self.hear(seat, message)?,
                Frame::Ping(payload) => self.queue(seat, &wire::pong(payload)),
                Frame::Pong => {}
                Frame::Close => self.end(seat),
            }
            done += length;
        }
        if let Some(link) = self.link(seat) {
            bytes.drain(..done);
            // A connection that has nothing to keep keeps no memory.
            link.kept = if bytes.is_empty() { Vec::new() } else { bytes };
        }
        Ok(())
    }

    /// Who asks gets its answers at the end, in one `send`; everyone else gets what is for them at once.
    fn hear(&mut self, from: Seat, message: &[u8]) -> Result<(), NotTaken> {
        let commands = protocol::Encoding::Json.decode_commands(message).map_err(|_| NotTaken)?;
        let Self { room, links, epoll, suspects, .. } = self;
        for command in commands {
            room.hear(from, command, clock::wall_timestamp(), &mut |to, bytes| {
                let Some(link) = links.get_mut(index(to)).and_then(Option::as_mut) else { return };
                if to == from {
                    link.queue(bytes);
                } else if link.stage != Stage::Over && !link.send(bytes) {
                    link.await_room(true, epoll, to);
                    if link.stage == Stage::Over {
                        suspects.push(to);
                    }
                }
            });
        }
        Ok(())
    }

    /// Sends what waits for a socket, and the next page of what its client missed when nothing does; a page at a time,
    /// so that who comes back from far does not keep others waiting.
    fn settle(&mut self, seat: Seat) {
        let Self { room, links, epoll, suspects, .. } = self;
        let Some(link) = links.get_mut(index(seat)).and_then(Option::as_mut) else { return };
        let mut is_empty = link.flush();
        if is_empty && room.is_behind(seat) {
            room.catch_up(seat, &mut |_, bytes| is_empty = link.send(bytes));
        }
        link.await_room(!is_empty || room.is_behind(seat), epoll, seat);
        suspects.push(seat);
    }

    fn close_if_over(&mut self, seat: Seat) -> rustix::io::Result<()> {
        if self.link(seat).is_none_or(|link| link.stage != Stage::Over) {
            return Ok(());
        }
        self.room.left(seat);
        if let Some(place) = self.links.get_mut(index(seat)) {
            *place = None;
            self.free.push(seat);
        }
        if self.is_accepting { Ok(()) } else { self.listen(true) }
    }

    fn end(&mut self, seat: Seat) {
        if let Some(link) = self.link(seat) {
            link.stage = Stage::Over;
        }
    }

    fn queue(&mut self, seat: Seat, bytes: &[u8]) {
        if let Some(link) = self.link(seat) {
            link.queue(bytes);
        }
    }

    fn link(&mut self, seat: Seat) -> Option<&mut Link> {
        self.links.get_mut(index(seat))?.as_mut()
    }
}

fn index(seat: Seat) -> usize {
    usize::try_from(seat.0).unwrap_or(usize::MAX)
}
