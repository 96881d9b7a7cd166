//! One socket: bytes in, bytes out, with or without TLS.

use crate::clock::Micros;
use crate::orders::TlsTrust;
use anyhow::Context;
use mio::net::TcpStream;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use socket2::{Domain, Socket, Type};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// What a slow reader's kernel holds: little, so that what it does not read waits at the server.
const SLOW_RECEIVE_BUFFER_BYTES: usize = 4 * 1_024;
/// Most bytes that wait for a server that does not read: four times what an outbox has under way. Beyond it the
/// connection is given up.
const UNSENT_MAX_BYTES: usize = 4 * 1_024 * 1_024;
/// So many processes have addresses of their own on the loopback net: those of attackers begin behind them.
const PROCESSES_MAX: u32 = 64;

/// A socket that is open or opening.
#[derive(Debug)]
pub(crate) struct Link {
    stream: TcpStream,
    tls: Option<Box<ClientConnection>>,
    /// Read, but no whole frame yet.
    pub(crate) kept: Vec<u8>,
    /// The fragments of a message that is not whole.
    pub(crate) whole: Vec<u8>,
    unsent: Vec<u8>,
    /// Which connection of its client this is.
    pub(crate) number: u32,
    /// When it is to be read again, if that is known.
    pub(crate) read_at: Option<Micros>,
    /// When something came, or it was opened.
    pub(crate) heard: Micros,
    throttle: Option<Throttle>,
}

/// How fast a slow reader reads.
#[derive(Debug)]
struct Throttle {
    bytes_per_second: u32,
    allowance: f64,
    since: Micros,
}

/// What came of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Got {
    Bytes(usize),
    /// Nothing more for now.
    Nothing,
    /// The other side is gone.
    End,
    /// The reader is slow: no more before this time.
    Later(Micros),
}

/// How sockets are made.
#[derive(Debug)]
pub(crate) struct Dialer {
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    process: u32,
    /// How many addresses the clients of a process have.
    addresses: u8,
}

impl Dialer {
    pub(crate) fn new(tls: Option<&TlsTrust>, process: u32, addresses: u8) -> anyhow::Result<Self> {
        let tls = tls.map(trust).transpose()?;
        Ok(Self { tls, process, addresses: addresses.max(1) })
    }

    /// Opens a socket; it stands when it becomes writable.
    pub(crate) fn dial(
        &self,
        to: SocketAddr,
        client: usize,
        number: u32,
        bytes_per_second: Option<u32>,
        now: Micros,
    ) -> io::Result<Link> {
        let socket = socket(to, address(self.process, client, self.addresses))?;
        if bytes_per_second.is_some() {
            socket.set_recv_buffer_size(SLOW_RECEIVE_BUFFER_BYTES)?;
        }
        let throttle = |bytes_per_second| Throttle { bytes_per_second, allowance: 0.0, since: now };
        let mut link = connect(socket, to, self.tls()?, now)?;
        (link.number, link.throttle) = (number, bytes_per_second.map(throttle));
        Ok(link)
    }

    /// The same for an attacker: from this address, with TLS or without, and its end is a reset, so that no port waits
    /// for a farewell.
    pub(crate) fn dial_from(
        &self,
        source: Ipv4Addr,
        way: Way,
        to: SocketAddr,
        now: Micros,
    ) -> io::Result<Link> {
        let socket = socket(to, source)?;
        socket.set_linger(Some(std::time::Duration::ZERO))?;
        let tls = match way {
            Way::Bare => None,
            Way::Deaf | Way::Usual => self.tls()?,
        };
        if way == Way::Deaf {
            socket.set_recv_buffer_size(SLOW_RECEIVE_BUFFER_BYTES)?;
        }
        connect(socket, to, tls, now)
    }

    /// What a client says first where TLS is spoken.
    pub(crate) fn hello(&self) -> io::Result<Option<Vec<u8>>> {
        let Some(mut tls) = self.tls()? else { return Ok(None) };
        let mut hello = Vec::new();
        tls.write_tls(&mut hello)?;
        Ok(Some(hello))
    }

    fn tls(&self) -> io::Result<Option<Box<ClientConnection>>> {
        let tls = self.tls.as_ref().map(|(config, name)| {
            ClientConnection::new(Arc::clone(config), name.clone()).map(Box::new).map_err(io::Error::other)
        });
        tls.transpose()
    }
}

/// The address of a client: its process has some, each with ports of its own.
pub(crate) fn address(process: u32, client: usize, addresses: u8) -> Ipv4Addr {
    let low = u8::try_from(client % usize::from(addresses.max(1))).unwrap_or(0);
    let process = u8::try_from(process % PROCESSES_MAX).unwrap_or(0);
    Ipv4Addr::new(127, 0, 1 + process, 1 + low)
}

/// How an attacker speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Without TLS, whatever the server expects.
    Bare,
    /// As the server expects, with room for little of what it says.
    Deaf,
    /// As the server expects.
    Usual,
}

fn socket(to: SocketAddr, source: Ipv4Addr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM.nonblocking().cloexec(), None)?;
    socket.set_tcp_nodelay(true)?;
    if let SocketAddr::V4(v4) = to
        && v4.ip().is_loopback()
    {
        socket.bind(&SocketAddr::from((source, 0)).into())?;
    }
    Ok(socket)
}

fn connect(
    socket: Socket,
    to: SocketAddr,
    tls: Option<Box<ClientConnection>>,
    now: Micros,
) -> io::Result<Link> {
    match socket.connect(&to.into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {}
        Err(error) => return Err(error),
    }
    Ok(Link {
        stream: TcpStream::from_std(socket.into()),
        tls,
        kept: Vec::new(),
        whole: Vec::new(),
        unsent: Vec::new(),
        number: 0,
        read_at: None,
        heard: now,
        throttle: None,
    })
}

fn trust(trust: &TlsTrust) -> anyhow::Result<(Arc<ClientConfig>, ServerName<'static>)> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(trust.roots.as_bytes()) {
        roots.add(certificate.context("a certificate of --ca")?)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    Ok((Arc::new(config), ServerName::try_from(trust.name.clone())?))
}

impl Link {
    /// The socket, to be watched.
    pub(crate) const fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Whether the socket stands; an error if it never will.
    pub(crate) fn stands(&self) -> io::Result<bool> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        match self.stream.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends what it can of what waits and these bytes behind it, and keeps the rest; an error if that is too much.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.unsent.extend_from_slice(bytes);
        let sent = match &mut self.tls {
            None => write_plain(&mut self.stream, &self.unsent)?,
            Some(tls) => write_tls(&mut self.stream, tls, &self.unsent)?,
        };
        if sent < self.unsent.len() {
            self.unsent.drain(..sent);
        } else {
            // An empty one gives its memory back.
            self.unsent = Vec::new();
        }
        if self.unsent.len() > UNSENT_MAX_BYTES { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// How many bytes wait for the server to take more.
    pub(crate) const fn waiting(&self) -> usize {
        self.unsent.len()
    }

    /// Reads once.
    pub(crate) fn read(&mut self, buffer: &mut [u8], now: Micros) -> io::Result<Got> {
        let most = match &mut self.throttle {
            None => buffer.len(),
            Some(throttle) => match throttle.allowed(now) {
                Ok(bytes) => bytes.min(buffer.len()),
                Err(later) => return Ok(Got::Later(later)),
            },
        };
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        let got = match &mut self.tls {
            None => read_plain(&mut self.stream, buffer)?,
            Some(tls) => read_tls(&mut self.stream, tls, buffer)?,
        };
        if let Got::Bytes(count) = got {
            self.heard = now;
            if let Some(throttle) = &mut self.throttle {
                throttle.took(count);
            }
        }
        Ok(got)
    }
}

/// Writes until the kernel takes no more; answers how much it took.
fn write_plain(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
        match stream.write(rest) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// The same through TLS, which takes a bounded amount ahead of the kernel.
fn write_tls(stream: &mut TcpStream, tls: &mut ClientConnection, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    loop {
        let taken = tls.writer().write(bytes.get(sent..).unwrap_or_default())?;
        sent += taken;
        if !flush_tls(stream, tls)? || taken == 0 {
            return Ok(sent);
        }
    }
}

/// Writes what TLS has ready; whether the kernel took all of it.
fn flush_tls(stream: &mut TcpStream, tls: &mut ClientConnection) -> io::Result<bool> {
    while tls.wants_write() {
        match tls.write_tls(stream) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn read_plain(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<Got> {
    loop {
        return match stream.read(buffer) {
            Ok(0) => Ok(Got::End),
            Ok(count) => Ok(Got::Bytes(count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Got::Nothing),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
    }
}

fn read_tls(stream: &mut TcpStream, tls: &mut ClientConnection, buffer: &mut [u8]) -> io::Result<Got> {
    loop {
        match tls.reader().read(buffer) {
            Ok(0) => return Ok(Got::End),
            Ok(count) => return Ok(Got::Bytes(count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Got::End),
            Err(error) => return Err(error),
        }
        match tls.read_tls(stream) {
            Ok(0) => return Ok(Got::End),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Got::Nothing),
            Err(error) => return Err(error),
        }
        tls.process_new_packets().map_err(io::Error::other)?;
        flush_tls(stream, tls)?;
    }
}

impl Throttle {
    /// How many bytes may be read now, or when some may be.
    fn allowed(&mut self, now: Micros) -> Result<usize, Micros> {
        let rate = f64::from(self.bytes_per_second);
        // No more than a second's worth is saved up.
        self.allowance = (self.allowance + now.seconds_since(self.since) * rate).min(rate.max(1.0));
        self.since = now;
        // A tenth of a second's worth at a time: reading byte by byte is not slower, only dearer.
        let piece = (rate / 10.0).max(1.0);
        if self.allowance < piece {
            let wait = std::time::Duration::from_secs_f64((piece - self.allowance) / rate);
            return Err(now.after(wait).after(std::time::Duration::from_micros(1)));
        }
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between one and the rate, which is a u32"
        )]
        let bytes = self.allowance as usize;
        Ok(bytes)
    }

    fn took(&mut self, count: usize) {
        self.allowance -= f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_waits_for_a_server_that_does_not_read_has_a_bound() {
        let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let dialer = Dialer::new(None, 0, 1).unwrap();
        let mut link = dialer.dial(deaf.local_addr().unwrap(), 0, 1, None, Micros(0)).unwrap();
        let piece = vec![0; 1_024 * 1_024];
        let refused = (0..64).find_map(|_| link.send(&piece).err()).unwrap();
        assert_eq!(refused.kind(), ErrorKind::StorageFull);
        assert!(link.unsent.len() <= UNSENT_MAX_BYTES + piece.len());
    }

    #[test]
    fn a_slow_reader_takes_no_more_than_its_rate() {
        let start = Micros(1_000_000);
        let mut throttle = Throttle { bytes_per_second: 1_000, allowance: 0.0, since: start };
        let (mut now, mut taken) = (start, 0);
        while now < start.after(Duration::from_secs(10)) {
            match throttle.allowed(now) {
                Ok(bytes) => {
                    taken += bytes;
                    throttle.took(bytes);
                }
                Err(later) => {
                    assert!(later > now);
                    now = later;
                }
            }
        }
        assert!((9_800..=10_100).contains(&taken), "{taken}");
        assert_eq!(throttle.allowed(now.after(Duration::from_hours(1))), Ok(1_000), "little is saved up");
    }
}
