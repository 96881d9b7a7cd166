//! What the kernel knows of a TCP connection or of a listener, asked by its addresses over netlink (`sock_diag(7)`): one
//! request, one answer, some microseconds. Asked about peers that are late, and ten times a second about the listener.

use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::InetResponseHeader;
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
use netlink_sys::{Socket, protocols::NETLINK_SOCK_DIAG};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};

/// Largest answer; one about a single socket has some hundred bytes.
const ANSWER_MAX_BYTES: usize = 8 * 1024;

/// The two ends of a connection, in the space that they need: every connection keeps them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ends {
    V4 {
        local: SocketAddrV4,
        peer: SocketAddrV4,
    },
    /// Also an IPv4 peer of a listener for both, as the kernel writes it.
    V6 {
        local: (Ipv6Addr, u16),
        peer: (Ipv6Addr, u16),
    },
}

impl Ends {
    /// Of one family; nothing of two.
    pub(crate) const fn new(local: SocketAddr, peer: SocketAddr) -> Option<Self> {
        match (local, peer) {
            (SocketAddr::V4(local), SocketAddr::V4(peer)) => Some(Self::V4 { local, peer }),
            (SocketAddr::V6(local), SocketAddr::V6(peer)) => {
                Some(Self::V6 { local: (*local.ip(), local.port()), peer: (*peer.ip(), peer.port()) })
            }
            (SocketAddr::V4(_), SocketAddr::V6(_)) | (SocketAddr::V6(_), SocketAddr::V4(_)) => None,
        }
    }

    fn local(&self) -> SocketAddr {
        match *self {
            Self::V4 { local, .. } => local.into(),
            Self::V6 { local, .. } => local.into(),
        }
    }

    pub(crate) fn peer(&self) -> SocketAddr {
        match *self {
            Self::V4 { peer, .. } => peer.into(),
            Self::V6 { peer, .. } => peer.into(),
        }
    }
}

/// A line to the kernel; one a worker. Without one, peers are judged by their pongs alone.
#[derive(Debug)]
pub(crate) struct Diagnostics {
    socket: Option<Socket>,
}

impl Diagnostics {
    /// Opens the line. Some containers forbid it.
    pub(crate) fn open() -> Self {
        let socket = connect().inspect_err(|error| {
            tracing::warn!(
                %error,
                "the kernel does not say what peers acknowledged: slow ones have a minute for a pong"
            );
        });
        Self { socket: socket.ok() }
    }

    /// Bytes that the kernel holds for the peer of a connection: sent and not acknowledged, or not sent yet.
    pub(crate) fn send_queue(&self, ends: Ends) -> Option<u32> {
        Some(self.ask(ends)?.send_queue)
    }

    /// Connections of a listener that wait to be accepted.
    pub(crate) fn backlog(&self, listener: SocketAddr) -> Option<u32> {
        let nobody = match listener {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        Some(self.ask(Ends::new(listener, SocketAddr::new(nobody, 0))?)?.recv_queue)
    }

    fn ask(&self, ends: Ends) -> Option<InetResponseHeader> {
        let socket = self.socket.as_ref()?;
        let request = encode(ends);
        socket.send(&request, 0).ok()?;
        let mut answer = Vec::with_capacity(ANSWER_MAX_BYTES);
        socket.recv(&mut answer, 0).ok()?;
        match NetlinkMessage::<SockDiagMessage>::deserialize(&answer).ok()?.payload {
            NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response)) => {
                let about = &response.header.socket_id;
                let is_ours =
                    (about.source_port, about.destination_port) == (ends.local().port(), ends.peer().port());
                is_ours.then_some(response.header)
            }
            // The first is the kernel's answer about a connection that is gone.
            NetlinkPayload::Error(_) | _ => None,
        }
    }
}

fn connect() -> std::io::Result<Socket> {
    let socket = Socket::new(NETLINK_SOCK_DIAG)?;
    socket.connect(&netlink_sys::SocketAddr::new(0, 0))?;
    // The kernel answers while it is asked; should it not, nobody waits.
    socket.set_non_blocking(true)?;
    Ok(socket)
}

/// The question for exactly one connection.
fn encode(ends: Ends) -> Vec<u8> {
    let (family, mut socket_id) = match ends.local() {
        SocketAddr::V4(_) => (AF_INET, SocketId::new_v4()),
        SocketAddr::V6(_) => (AF_INET6, SocketId::new_v6()),
    };
    socket_id.source_address = ends.local().ip();
    socket_id.source_port = ends.local().port();
    socket_id.destination_address = ends.peer().ip();
    socket_id.destination_port = ends.peer().port();
    // Whichever connection has these ends: this is how the kernel writes "no cookie".
    socket_id.cookie = [0xff; 8];
    let request = InetRequest {
        family,
        protocol: IPPROTO_TCP,
        extensions: ExtensionFlags::empty(),
        states: StateFlags::all(),
        socket_id,
    };
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST;
    let mut message = NetlinkMessage::new(header, SockDiagMessage::InetRequest(request).into());
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    /// What a fresh connection through `host` to a listener on `address` has unacknowledged while its peer does not read,
    /// and after it did.
    fn unacknowledged(address: &str, host: &str) -> (Option<u32>, Option<u32>) {
        let listener = TcpListener::bind(address).unwrap();
        let mut client = TcpStream::connect((host, listener.local_addr().unwrap().port())).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let ends = Ends::new(server.local_addr().unwrap(), server.peer_addr().unwrap()).unwrap();
        let diagnostics = Diagnostics::open();
        server.set_nonblocking(true).unwrap();
        let mut written = 0;
        while let Ok(bytes) = server.write(&vec![0; 65_536]) {
            written += bytes;
        }
        let full = diagnostics.send_queue(ends);
        let mut taken = vec![0; written];
        client.read_exact(&mut taken).unwrap();
        (full, diagnostics.send_queue(ends))
    }

    #[test]
    fn what_a_peer_does_not_take_is_counted_until_it_does() {
        // The last is an IPv4 peer of a listener for both.
        for (address, host) in [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1"), ("[::]:0", "127.0.0.1")] {
            let (full, read) = unacknowledged(address, host);
            assert!(full.is_some_and(|bytes| bytes > 65_536), "{address} {host}: {full:?}");
            assert_eq!(read, Some(0), "{address} {host}");
        }
    }

    #[test]
    fn connections_that_nobody_accepted_are_counted() {
        for (address, host) in [("127.0.0.1:0", "127.0.0.1"), ("0.0.0.0:0", "127.0.0.1"), ("[::]:0", "::1")] {
            let listener = TcpListener::bind(address).unwrap();
            let local = listener.local_addr().unwrap();
            let diagnostics = Diagnostics::open();
            assert_eq!(diagnostics.backlog(local), Some(0), "{address}");
            let waiting: Vec<TcpStream> =
                (0..3).map(|_| TcpStream::connect((host, local.port())).unwrap()).collect();
            assert_eq!(diagnostics.backlog(local), Some(3), "{address}");
            listener.accept().unwrap();
            assert_eq!(diagnostics.backlog(local), Some(2), "{address}");
            drop(waiting);
        }
    }

    #[test]
    fn of_a_connection_that_is_not_there_nothing_is_known() {
        let ends = Ends::new("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap()).unwrap();
        assert_eq!(Diagnostics::open().send_queue(ends), None);
    }
}
